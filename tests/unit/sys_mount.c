/* SPDX-License-Identifier: Zlib
 * Lines of mountinfo (mount_parse of sys/mount.h): as kernels write them, cut off or broken, and those of mounts made here.
 * Prints TAP. */
#include "sys/mount.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "sys/kernel.h"
#include "tap.h"

/* What is found in line, NULL if it is none. In a copy, so that the sanitizer sees what reads beyond its end. */
static const char *parse(const char *line)
{
	static char text[1000];
	auto_free char *copy = strdup(line);
	struct mount_line m;
	size_t used;

	if (!copy)
		abort();
	memset(&m, 0xa5, sizeof(m));
	if (!mount_parse(copy, &m))
		return NULL;
	used = (size_t)snprintf(text, sizeof(text), "%d %d [%s] [%s] [%s] [%s]", m.id, m.parent, m.root ? m.root : "", m.point,
				m.type, m.options);
	if (used >= sizeof(text))
		abort();
	return text;
}

static const struct {
	const char *line, *parts; /* ID PARENT [ROOT] [POINT] [TYPE] [OPTIONS], NULL: it is no line */
} cases[] = {
	/* from proc_pid_mountinfo(5) and from systems */
	{ "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n",
	  "36 35 [/mnt1] [/mnt2] [ext3] [rw,errors=continue]" },
	{ "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
	  "36 35 [/mnt1] [/mnt2] [ext3] [rw,errors=continue]" },
	{ "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n", "22 1 [/] [/] [ext4] [rw]" },
	{ "1 1 0:2 / / rw - rootfs rootfs rw\n", "1 1 [/] [/] [rootfs] [rw]" },
	{ "29 1 8:1 / / rw,relatime shared:1 master:7 propagate_from:2 unbindable - xfs /dev/sda1 rw,seclabel,attr2\n",
	  "29 1 [/] [/] [xfs] [rw,seclabel,attr2]" },
	{ "30 29 0:26 /../../.. /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n",
	  "30 29 [/../../..] [/sys/fs/cgroup] [cgroup2] [rw,nsdelegate]" },
	{ "402 38 0:4 net:[4026532281] /run/netns/a rw shared:213 - nsfs nsfs rw\n",
	  "402 38 [net:[4026532281]] [/run/netns/a] [nsfs] [rw]" },
	{ "90 29 8:1 /old//deleted /mnt rw - ext4 /dev/sda1 rw\n", "90 29 [/old//deleted] [/mnt] [ext4] [rw]" },
	{ "91 29 0:50 / /home/u/far rw,nosuid - fuse.sshfs u@host:/a\\040b rw,user_id=0\n",
	  "91 29 [/] [/home/u/far] [fuse.sshfs] [rw,user_id=0]" },
	{ "2147483647 2147483646 0:5 / /dev rw - devtmpfs none rw\n", "2147483647 2147483646 [/] [/dev] [devtmpfs] [rw]" },
	{ "92 29 0:51 / /m rw - overlay o rw,lowerdir=/a\\040-\\040b:/c,upperdir=/u,workdir=/w\n",
	  "92 29 [/] [/m] [overlay] [rw,lowerdir=/a - b:/c,upperdir=/u,workdir=/w]" },
	/* a source can be nothing at all, or look like the dash */
	{ "93 29 0:52 / /m rw - tmpfs  rw,size=64k\n", "93 29 [/] [/m] [tmpfs] [rw,size=64k]" },
	{ "93 29 0:52 / /m rw - tmpfs - rw\n", "93 29 [/] [/m] [tmpfs] [rw]" },
	{ "93 29 0:52 / /- rw shared:1 - tmpfs a\\040-\\040b rw\n", "93 29 [/] [/-] [tmpfs] [rw]" },
	/* what would divide a line comes as \ooo, and so does the backslash itself */
	{ "94 29 0:53 /a\\040b /c\\011d\\012e\\134f\\043g rw - tmpfs t rw\n", "94 29 [/a b] [/c\td\ne\\f#g] [tmpfs] [rw]" },
	{ "94 29 0:53 / /\\040 rw - tmpfs t rw\n", "94 29 [/] [/ ] [tmpfs] [rw]" },
	{ "94 29 0:53 / /\\134040 rw - tmpfs t rw\n", "94 29 [/] [/\\040] [tmpfs] [rw]" },
	{ "94 29 0:53 / /\\040-\\040tmpfs\\040t\\040rw rw - tmpfs t rw\n", "94 29 [/] [/ - tmpfs t rw] [tmpfs] [rw]" },
	{ "94 29 0:53 / /\\040\\040\\040\\040 rw - tmpfs t rw\n", "94 29 [/] [/    ] [tmpfs] [rw]" },
	{ "94 29 0:53 / /\303\251\\377 rw - tmpfs t rw\n", "94 29 [/] [/\303\251\377] [tmpfs] [rw]" },
	/* no whole \ooo: it stays */
	{ "95 29 0:54 / /a\\ rw - tmpfs t rw\n", "95 29 [/] [/a\\] [tmpfs] [rw]" },
	{ "95 29 0:54 / /a\\0 rw - tmpfs t rw\n", "95 29 [/] [/a\\0] [tmpfs] [rw]" },
	{ "95 29 0:54 / /a\\04 rw - tmpfs t rw\\", "95 29 [/] [/a\\04] [tmpfs] [rw\\]" },
	/* what is missing */
	{ "", NULL },
	{ "\n", NULL },
	{ " ", NULL },
	{ " - ", NULL },
	{ " - \n", NULL },
	{ " - a b c", NULL },
	{ "-", NULL },
	{ "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 ext3 /dev/root rw\n", NULL },
	{ "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 -\n", NULL },
	{ "36 35 98:0 /mnt1 /mnt2 rw,noatime -ext3 /dev/root rw\n", NULL },
	{ "36 35 98:0 /mnt1 /mnt2 rw,noatime- ext3 /dev/root rw\n", NULL },
	{ "36 35 98:0 /mnt1 /mnt2 rw,noatime\\040-\\040ext3 /dev/root rw\n", NULL },
	{ "36 35 98:0 /mnt1 - ext3 /dev/root rw\n", NULL },
	{ "36 35 - ext3 /dev/root rw\n", NULL },
	{ "36 - ext3 /dev/root rw\n", NULL },
	{ "36 35 98:0 / /m rw - ext3 /dev/root\n", NULL },
	{ "36 35 98:0 / /m rw - ext3 /dev/root \n", NULL },
	{ "36 35 98:0 / /m rw - ext3\n", NULL },
	{ "36 35 98:0 / /m rw -  /dev/root rw\n", NULL },
	{ "36 35 98:0 /  rw - ext3 /dev/root rw\n", NULL },
};

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char title[200];

		snprintf(title, sizeof(title), "%s: %s", cases[i].parts ? "a line" : "no line", tap_quote(cases[i].line));
		SAME(parse(cases[i].line), cases[i].parts, title);
	}
}

/* Of every length: it is one as soon as its last part has begun. */
static void test_cut(void)
{
	const char *line = "36 35 98:0 /mnt\\0401 /mnt2\\134 rw,noatime master:1 - ext3 /dev\\011root rw,errors=continue\n";
	size_t whole = (size_t)(strstr(line, "rw,errors") - line) + 1;
	bool right = true;

	for (size_t len = 0; right && len <= strlen(line); len++) {
		char cut[200];

		snprintf(cut, sizeof(cut), "%.*s", (int)len, line);
		right = !parse(cut) == (len < whole);
		if (!right)
			printf("# %s\n", cut);
	}
	OK(right, "a line that is cut off anywhere");
}

static void test_parts(void)
{
	char line[] = "36 35 98:0 /mnt1 /mnt2 ro,noatime master:1 - ext3 /dev/root rw,errors=continue\n";
	struct mount_line m;

	OK(mount_parse(line, &m), "a line has");
	SAME(m.device, "98:0", "  a device");
	SAME(m.attributes, "ro,noatime", "  attributes of the mount");
	SAME(m.options, "rw,errors=continue", "  and options of the file system");
}

/* --- mounts of this system ----------------------------------------------------------------------------------------------- */

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void test_lines_here(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	bool right = true;
	size_t room = 0, n = 0;

	must(f ? 0 : -1, "open /proc/self/mountinfo");
	for (; right && getline(&line, &room, f) > 0; n++) {
		struct mount_line m;

		right = mount_parse(line, &m) && m.id > 0 && m.parent > 0 && m.root && *m.point == '/' && *m.type && *m.options;
	}
	OK(right && n, "every mount here has a line");
	fclose(f);
}

/* The line of the mount on point, without its ids. The last: mounts can be stacked. */
static const char *find(const char *point, struct mount_line *m)
{
	static char text[1000];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	size_t room = 0;

	must(f ? 0 : -1, "open /proc/self/mountinfo");
	*text = 0;
	while (getline(&line, &room, f) > 0) {
		struct mount_line found;

		if (!mount_parse(line, &found) || strcmp(found.point, point) != 0)
			continue;
		*m = found;
		snprintf(text, sizeof(text), "[%s] [%s] [%.11s]", found.root, found.type, found.options);
	}
	fclose(f);
	return text;
}

static int id_of(const char *path)
{
	auto_fd int fd = open(path, O_PATH | O_CLOEXEC);

	must(fd, path);
	return mount_id(fd);
}

/* In a namespace and on a tmpfs of its own, so that nothing is left of it. */
static void test_mounts(void)
{
	static const char *const names[] = { "plain", " ", "a b\tc\nd", "\\040", "\\", "- x", "#\\134#", "\303\251" };
	struct mount_line m = { 0 };
	struct err e;

	must(unshare(CLONE_NEWNS), "make a mount namespace");
	must(mount_make_private(&e), e.text);
	must(sys_mount("tmp", "/tmp", "tmpfs", 0, "size=1m"), "mount on /tmp");
	must(mkdir("/tmp/bound", 0755), "make a directory");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char point[100], source[200], wanted[200];

		snprintf(point, sizeof(point), "/tmp/%s", names[i]);
		must(mkdir(point, 0755), point);
		/* Its own name is its source, and for the first there is none. */
		must(sys_mount(i ? names[i] : "", point, "tmpfs", 0, "size=64k"), point);
		tap_ok(!strcmp(find(point, &m), "[/] [tmpfs] [rw,size=64k]"), __LINE__, "a mount on '%s'", tap_quote(point));
		OK(m.id == id_of(point) && m.parent == id_of("/tmp") && m.id != m.parent,
		   "  with the ids that descriptors have");
		snprintf(source, sizeof(source), "%s/%s", point, names[i]);
		must(mkdir(source, 0755), source);
		must(sys_mount(source, "/tmp/bound", NULL, MS_BIND, NULL), source);
		snprintf(wanted, sizeof(wanted), "[/%s] [tmpfs] [rw,size=64k]", names[i]);
		SAME(find("/tmp/bound", &m), wanted, "  a directory of it elsewhere");
	}
}

int main(void)
{
	test_cases();
	test_cut();
	test_parts();
	test_lines_here();
	test_mounts();
	return tap_done();
}
