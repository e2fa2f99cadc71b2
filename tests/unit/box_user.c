/* SPDX-License-Identifier: Zlib
 * Users and groups (box/user.h) by files that a container has written: nothing is taken for 0 that is not, nothing hangs,
 * nothing outside is read. Prints TAP. */
#include "box/user.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tap.h"

static char top[] = "/tmp/cagebox-user-XXXXXX";
static int root;

static void put_file(const char *name, const char *text)
{
	int fd;

	unlinkat(root, name, 0);
	if (!text)
		return;
	fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

/* The user as text, or the message. */
static const char *resolve(const char *user, const char *groups)
{
	static char text[1024];
	struct user u;
	struct err e = { 0 };
	int used;

	if (user_resolve(root, user, groups, &u, &e) < 0)
		return memcpy(text, e.text, sizeof(e.text));
	used = snprintf(text, sizeof(text), "%u:%u %s %s %s", u.uid, u.gid, u.name, u.home, u.shell);
	for (size_t i = 0; i < u.ngroups; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used, " +%u", u.groups[i]);
	return text;
}

static const char passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
			     "\n"
			     "# a comment\n"
			     "app:x:1000:1001:App,,,:/home/app:/bin/ash\n"
			     "short:x:1002:1003\n"
			     "nogid:x:1004\n"
			     "two:x\n"
			     "one\n"
			     ":x:1005:1005::/:/bin/sh\n"
			     "neg:x:-1:0::/:/bin/sh\n"
			     "rest:x:0x:0::/:/bin/sh\n"
			     "space:x: 0:0::/:/bin/sh\n"
			     "huge:x:4294967296:0::/:/bin/sh\n"
			     "minus:x:4294967295:0::/:/bin/sh\n"
			     "empty:x::0::/:/bin/sh\n"
			     "badgid:x:1006:0x::/:/bin/sh\n"
			     "negid:x:1007:-1::/:/bin/sh\n"
			     "nohome:x:1008:1008:::\n"
			     "rel:x:1009:1009::home:bin/sh\n"
			     "2000:x:0:0::/evil:/evil\n"
			     "2001x:x:0:0::/:/bin/sh\n"
			     "real:x:2000:2002::/real:/bin/real\n"
			     "twice:x:3000:3000::/:/bin/sh\n"
			     "twice:x:0:0::/:/bin/sh\n"
			     "more:x:1010:1010:g:/home/more:/bin/sh:extra:fields\n"
			     "last:x:1011:1012::/home/last:/bin/last";

static const char group[] =
	"root:x:0:\nadm:x:4:app\nneg:x:-1:\nrest:x:0x:\nhuge:x:4294967296:\n\nshort:x\n50:x:0:\nlast:x:77:a,b,c";

#define NO_USER(x)  "no user '" x "' in the container's /etc/passwd"
#define NO_GROUP(x) "no group '" x "' in the container's /etc/group"

static void test_crafted(void)
{
	static const struct {
		const char *user, *groups, *wanted;
	} cases[] = {
		{ NULL, NULL, "0:0 root /root /bin/bash" },
		{ "root", NULL, "0:0 root /root /bin/bash" },
		{ "0", NULL, "0:0 root /root /bin/bash" },
		{ "00", NULL, "0:0 root /root /bin/bash" },
		{ "app", NULL, "1000:1001 app /home/app /bin/ash" },
		{ "1000", NULL, "1000:1001 app /home/app /bin/ash" },
		{ "short", NULL, "1002:1003 short / /bin/sh" },
		{ "nogid", NULL, "1004:1004 nogid / /bin/sh" },
		{ "nohome", NULL, "1008:1008 nohome / /bin/sh" },
		{ "rel", NULL, "1009:1009 rel / /bin/sh" },
		{ "more", NULL, "1010:1010 more /home/more /bin/sh" },
		{ "last", NULL, "1011:1012 last /home/last /bin/last" },
		{ "twice", NULL, "3000:3000 twice / /bin/sh" },
		{ "5555", NULL, "5555:5555 5555 / /bin/sh" },
		{ "4294967294", NULL, "4294967294:4294967294 4294967294 / /bin/sh" },
		/* A name that looks like a number is no name. */
		{ "2000", NULL, "2000:2002 real /real /bin/real" },
		{ "two", NULL, NO_USER("two") },
		{ "one", NULL, NO_USER("one") },
		{ "nobody", NULL, NO_USER("nobody") },
		{ "", NULL, NO_USER("") },
		{ "neg", NULL, NO_USER("neg") },
		{ "rest", NULL, NO_USER("rest") },
		{ "space", NULL, NO_USER("space") },
		{ "huge", NULL, NO_USER("huge") },
		{ "minus", NULL, NO_USER("minus") },
		{ "empty", NULL, NO_USER("empty") },
		{ "-1", NULL, NO_USER("-1") },
		{ "+0", NULL, NO_USER("+0") },
		{ "0x0", NULL, NO_USER("0x0") },
		{ "4294967295", NULL, NO_USER("4294967295") },
		{ "4294967296", NULL, NO_USER("4294967296") },
		{ "18446744073709551616", NULL, NO_USER("18446744073709551616") },
		{ "badgid", NULL, "user 'badgid' has no group number in the container's /etc/passwd" },
		{ "negid", NULL, "user 'negid' has no group number in the container's /etc/passwd" },
		{ "app:4", NULL, "1000:4 app /home/app /bin/ash +4" },
		{ "app:adm:5:last", NULL, "1000:4 app /home/app /bin/ash +4 +5 +77" },
		{ "7:50", NULL, "7:50 7 / /bin/sh +50" },
		{ "app", "adm:0", "1000:4 app /home/app /bin/ash +4 +0" },
		{ NULL, "4294967294", "0:4294967294 root /root /bin/bash +4294967294" },
		{ "app", "none", NO_GROUP("none") },
		{ "app", "neg", NO_GROUP("neg") },
		{ "app", "rest", NO_GROUP("rest") },
		{ "app", "huge", NO_GROUP("huge") },
		{ "app", "short", NO_GROUP("short") },
		{ "app", "4294967295", NO_GROUP("4294967295") },
		{ "app", "", NO_GROUP("") },
		{ "app:", NULL, NO_GROUP("") },
		{ "app:adm:", NULL, NO_GROUP("") },
		{ "app:adm:-1", NULL, NO_GROUP("-1") },
	};
	char many[400] = "";

	put_file("etc/passwd", passwd);
	put_file("etc/group", group);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char title[100];

		snprintf(title, sizeof(title), "user %s groups %s", cases[i].user ? cases[i].user : "(none)",
			 cases[i].groups ? cases[i].groups : "(none)");
		SAME(resolve(cases[i].user, cases[i].groups), cases[i].wanted, title);
	}
	for (int i = 0; i < USER_GROUPS; i++)
		sprintf(many + strlen(many), "%s%d", i ? ":" : "", i);
	OK(strstr(resolve("app", many), " +63"), "64 groups");
	strcat(many, ":9");
	SAME(resolve("app", many), "more than 64 groups", "65 are refused");
}

/* Long fields are cut, never written over. */
static void test_long(void)
{
	static char text[200000];
	struct user u;
	struct err e;

	memset(text, 'l', 100000);
	strcpy(text + 100000, ":x:5:6::/");
	memset(text + strlen(text), 'h', 50000);
	strcat(text, ":/bin/sh\nafter:x:7:8::/:/bin/sh\n");
	put_file("etc/passwd", text);
	SAME(resolve("after", NULL), "7:8 after / /bin/sh", "a line after a very long one");
	OK(user_resolve(root, "5", NULL, &u, &e) == 0 && strlen(u.name) < sizeof(u.name) && strlen(u.home) < sizeof(u.home) &&
		   u.gid == 6,
	   "a very long name and home are cut");
	memset(text, ':', 150000);
	text[150000] = 0;
	put_file("etc/passwd", text);
	SAME(resolve("x", NULL), NO_USER("x"), "nothing but colons");
}

/* What lies where passwd should. */
static void test_in_its_place(void)
{
	static const char by_number[] = "0:0 0 / /bin/sh";
	char outside[sizeof(top) + 16];
	int fd;

	put_file("etc/passwd", NULL);
	put_file("etc/group", NULL);
	SAME(resolve(NULL, NULL), by_number, "without files there are numbers");
	SAME(resolve("root", NULL), NO_USER("root"), "but no names");
	SAME(resolve("0", "root"), NO_GROUP("root"), "nor names of groups");
	if (mknodat(root, "etc/passwd", S_IFIFO | 0666, 0) < 0)
		abort();
	SAME(resolve("root", NULL), NO_USER("root"), "a FIFO that nobody writes to");
	fd = openat(root, "etc/passwd", O_RDWR | O_CLOEXEC);
	SAME(resolve("root", NULL), NO_USER("root"), "one that somebody holds open");
	if (write(fd, passwd, sizeof(passwd) - 1) < 0)
		abort();
	SAME(resolve("root", NULL), NO_USER("root"), "one with lines in it");
	close(fd);
	put_file("etc/passwd", NULL);
	if (mkdirat(root, "etc/passwd", 0755) < 0)
		abort();
	SAME(resolve("root", NULL), NO_USER("root"), "a directory");
	unlinkat(root, "etc/passwd", AT_REMOVEDIR);
	if (mknodat(root, "etc/passwd", S_IFCHR | 0666, makedev(1, 5)) == 0)
		SAME(resolve("root", NULL), NO_USER("root"), "a device without an end");
	else
		OK(errno == EPERM, "a device without an end cannot be made here");
	put_file("etc/passwd", "");
	fd = openat(root, "etc/passwd", O_RDWR | O_CLOEXEC);
	if (ftruncate(fd, (off_t)1 << 36) < 0)
		abort();
	SAME(resolve("root", NULL), NO_USER("root"), "64 GiB of nothing");
	close(fd);
	/* Links lead inside only. */
	snprintf(outside, sizeof(outside), "%s/outside", top);
	fd = open(outside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, "spy:x:9:9::/:/bin/sh\n", 21) != 21)
		abort();
	close(fd);
	for (int i = 0; i < 2; i++) {
		unlinkat(root, "etc/passwd", 0);
		if (symlinkat(i ? outside : "../../outside", root, "etc/passwd") < 0)
			abort();
		SAME(resolve("spy", NULL), NO_USER("spy"), "a link out of the root");
	}
	unlinkat(root, "etc/passwd", 0);
	put_file("users", "in:x:8:8::/:/bin/sh\n");
	symlinkat("/users", root, "etc/passwd");
	SAME(resolve("in", NULL), "8:8 in / /bin/sh", "a link inside it is followed");
	unlinkat(root, "etc/passwd", 0);
	symlinkat("passwd", root, "etc/passwd");
	SAME(resolve("in", NULL), NO_USER("in"), "a link to itself is not");
}

int main(void)
{
	char command[sizeof(top) + 16], path[sizeof(top) + 16];

	alarm(60);
	umask(022);
	if (!mkdtemp(top))
		abort();
	snprintf(path, sizeof(path), "%s/root", top);
	if (mkdir(path, 0755) < 0 || (root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0 ||
	    mkdirat(root, "etc", 0755) < 0)
		abort();
	test_crafted();
	test_long();
	test_in_its_place();
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command) != 0 || tap_done();
}
