/* SPDX-License-Identifier: Zlib
 * The configuration file (spec_parse_file): its lines, every mistake with file and line, where each setting is. Prints TAP. */
#include "spec/keys.h"
#include "spec/spec.h"
#include "tap.h"

static const struct {
	const char *text, *message; /* message NULL: it is read, and then root, hostname, env and mounts are */
	const char *root, *hostname, *env;
	size_t mounts;
} cases[] = {
	{ "", NULL, NULL, NULL, NULL, 0 },
	{ "\n", NULL, NULL, NULL, NULL, 0 },
	{ "\n\n \n\t\n", NULL, NULL, NULL, NULL, 0 },
	{ "# nothing", NULL, NULL, NULL, NULL, 0 },
	{ "#\n#=#\n##\n", NULL, NULL, NULL, NULL, 0 },
	{ "root=/r", NULL, "/r", NULL, NULL, 0 },
	{ "root=/r\n", NULL, "/r", NULL, NULL, 0 },
	{ "# x\n\nroot=/r\nhostname=h\n", NULL, "/r", "h", NULL, 0 },
	{ "env=A=b=c \nroot= /r \n", NULL, " /r ", NULL, "A=b=c ", 0 },
	{ "mount=/a\nmount=/b\nmount-ro=/c\nmount_ro=/a\n", NULL, NULL, NULL, NULL, 4 },
	{ "stop-timeout=5s\nroot=/r", NULL, "/r", NULL, NULL, 0 },
	{ "colour=red", "f.conf:1: unknown key 'colour'", NULL, NULL, NULL, 0 },
	{ "root=/r\nhost=x\n", "f.conf:2: unknown key 'host'", NULL, NULL, NULL, 0 },
	{ "name=x", "f.conf:1: unknown key 'name'", NULL, NULL, NULL, 0 },
	{ "Root=/r", "f.conf:1: unknown key 'Root'", NULL, NULL, NULL, 0 },
	{ " root=/r", "f.conf:1: unknown key ' root'", NULL, NULL, NULL, 0 },
	{ "root =/r", "f.conf:1: unknown key 'root '", NULL, NULL, NULL, 0 },
	{ "=x", "f.conf:1: unknown key ''", NULL, NULL, NULL, 0 },
	{ "=", "f.conf:1: unknown key ''", NULL, NULL, NULL, 0 },
	{ "--root=/r", "f.conf:1: unknown key '--root'", NULL, NULL, NULL, 0 },
	{ "\n\nroot", "f.conf:3: 'root' is not KEY=VALUE", NULL, NULL, NULL, 0 },
	{ "root /r\n", "f.conf:1: 'root /r' is not KEY=VALUE", NULL, NULL, NULL, 0 },
	{ " # x", "f.conf:1: ' # x' is not KEY=VALUE", NULL, NULL, NULL, 0 },
	{ "root=/r\nroot=/r\n", "f.conf:2: root is set a second time", NULL, NULL, NULL, 0 },
	{ "stop_timeout=1\n#\nstop-timeout=1\n", "f.conf:3: stop-timeout is set a second time", NULL, NULL, NULL, 0 },
	{ "command=/a\ninit=/b", "f.conf:2: init is set a second time", NULL, NULL, NULL, 0 },
	{ "init=/a\ncommand=/b", "f.conf:2: command is set a second time", NULL, NULL, NULL, 0 },
	{ "init=/a\ninit=/b", "f.conf:2: init is set a second time", NULL, NULL, NULL, 0 },
	{ "root=/r\r\n", "f.conf:1: the line ends as on Windows (CR LF): convert the file", NULL, NULL, NULL, 0 },
	{ "\r\n", "f.conf:1: the line ends as on Windows (CR LF): convert the file", NULL, NULL, NULL, 0 },
	{ "root=/r\nhostname=a\rb", "f.conf:2: the line ends as on Windows (CR LF): convert the file", NULL, NULL, NULL, 0 },
	{ "root=/r # mine", "f.conf:1: root: a '#' in a value: a comment needs a line of its own", NULL, NULL, NULL, 0 },
	{ "root=#", "f.conf:1: root: a '#' in a value: a comment needs a line of its own", NULL, NULL, NULL, 0 },
	{ "umask=9\n", "f.conf:1: umask: '9' is not an octal mode such as 0755", NULL, NULL, NULL, 0 },
	{ "\nkeep\n", "f.conf:2: 'keep' is not KEY=VALUE", NULL, NULL, NULL, 0 },
	{ "read-only=\n", "f.conf:1: read-only: '' is neither yes nor no", NULL, NULL, NULL, 0 },
	{ "root=\n", "f.conf:1: root: the value is empty", NULL, NULL, NULL, 0 },
	{ "mount-overlay=/a\ntmpfs=/b:uid=1\nmount_overlay=/c:/d", NULL, NULL, NULL, NULL, 3 },
	{ "id-map-start=5\nid_map_start=5", "f.conf:2: id_map_start is set a second time", NULL, NULL, NULL, 0 },
	{ "net_classid=0x0", "f.conf:1: net_classid: '0x0' is not a number from 1 to 4294967295", NULL, NULL, NULL, 0 },
	{ "memory-low=1M\ncpuset-mems=0\ncpus=0.5\nhugetlb=2M 4M\ndevice-allow=c 1:3 r\ncgroup=yes\nstrict=no\nroot=/r", NULL,
	  "/r", NULL, NULL, 0 },
	{ "cpus=1\ncpus=1", "f.conf:2: cpus is set a second time", NULL, NULL, NULL, 0 },
	{ "cpuset_mems=0\ncpuset-mems=1", "f.conf:2: cpuset-mems is set a second time", NULL, NULL, NULL, 0 },
	{ "hugetlb=2M", "f.conf:1: hugetlb: '2M' is not PAGESIZE SIZE, such as 2M 64M", NULL, NULL, NULL, 0 },
	{ "\niops-limit=w:sda 5", "f.conf:2: iops-limit: 'w:sda 5' is not [r:|w:]DEVICE N", NULL, NULL, NULL, 0 },
};

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char title[128];
		struct spec s;
		struct err e;
		int result;

		spec_init(&s);
		snprintf(title, sizeof(title), "a file of: %s", tap_quote(cases[i].text));
		result = spec_parse_file(&s, "f.conf", cases[i].text, NULL, &e);
		SAME(result < 0 ? e.text : NULL, cases[i].message, title);
		if (result == 0) {
			SAME(s.root, cases[i].root, "  its root");
			SAME(s.hostname, cases[i].hostname, "  its host name");
			SAME(s.env.n ? s.env.v[0] : NULL, cases[i].env, "  its environment");
			OK(s.nmounts == cases[i].mounts, "  its mounts");
		}
		spec_free(&s);
	}
}

/* A key given twice is an error unless it repeats; the line number is right far down too. */
static void test_every_key(void)
{
	for (size_t k = 0; k < spec_nkeys; k++) {
		const char *value = spec_keys[k].set == opt_bool ? "yes" : NULL;
		char text[200], wanted[200];
		bool taken = false;
		struct spec s;
		struct err e;

		if (spec_keys[k].flags & OPT_NO_FILE)
			continue;
		/* A value that some type takes; those that refuse it do so before the second line is looked at. */
		for (const char *const *v =
			     (const char *const[]){ value ? value : "/a", "1", "a=1", "/dev/a", "core=1", "all", "none", "no",
						    "a", "2", "TERM", "64K", "8:0 1", "2M 2M", "0:1", "r:/a", NULL };
		     *v && !taken; v++) {
			spec_init(&s);
			snprintf(text, sizeof(text), "%s=%s\n%s=%s\n", spec_keys[k].name, *v, spec_keys[k].name, *v);
			snprintf(wanted, sizeof(wanted), "f:2: %s is set a second time", spec_keys[k].name);
			if (spec_parse_file(&s, "f", text, NULL, &e) == 0) {
				tap_ok(spec_keys[k].flags & OPT_REPEATS, __LINE__, "%s repeats", spec_keys[k].name);
				taken = true;
			} else if (!strncmp(e.text, "f:2:", 4)) {
				SAME(e.text, wanted, spec_keys[k].name);
				taken = true;
			}
			spec_free(&s);
		}
		if (!taken)
			tap_ok(false, __LINE__, "%s takes one of the values", spec_keys[k].name);
	}
}

/* Each as KEY:LINE; with a message, those before the error. */
static const struct {
	const char *text, *origins, *message;
} with_origins[] = {
	{ "", "", NULL },
	{ "# x\n\n \n", "", NULL },
	{ "root=/r", " root:1", NULL },
	{ "# x\n\nroot=/r\n \nhostname=h\n", " root:3 hostname:5", NULL },
	{ "hostname=h\nroot=/r\n", " hostname:1 root:2", NULL },
	{ "mount=/a\ntmpfs=/t\nmount=/b\nmount_ro=/c\nmount_overlay=/d", " mount:1 tmpfs:2 mount:3 mount_ro:4 mount_overlay:5",
	  NULL },
	{ "env=A=1\nenv=A=1\n", " env:1 env:2", NULL },
	{ "lower=/a:/b\ncap_add=kill,chown\n", " lower:1 cap_add:2", NULL },
	{ "pid-file=/p\nid-map_start=5\n", " pid_file:1 id_map_start:2", NULL },
	{ "command=/a b", " command:1", NULL },
	{ "memory-low=1\nhugetlb=2M 4M\nhugetlb=1G 1G\nstrict=yes\ndevice-allow=none",
	  " memory_low:1 hugetlb:2 hugetlb:3 strict:4 device_allow:5", NULL },
	{ "keep=yes\ninit=/a b", " keep:1 command:2", NULL },
	{ "root=/r\nenv=A=1\nhost=x\nkeep=yes", " root:1 env:2", "f:3: unknown key 'host'" },
	{ "env=A=1\nroot=/a\nroot=/b", " env:1 root:2", "f:3: root is set a second time" },
	{ "lower=/a\nlower=/b:\nlower=/c", " lower:1", "f:2: lower: '/b:' has an empty directory" },
	{ "tmpfs=/a\ntmpfs=/b:uid=x", " tmpfs:1", "f:2: tmpfs: 'x' is not a number from 0 to 4294967294" },
	{ "mount=/a\nmount=/b:/c:x", " mount:1", "f:2: mount: 'x' is not an option of a mount (ro, rw, dev, idmap, optional)" },
	{ "umask=9", "", "f:1: umask: '9' is not an octal mode such as 0755" },
};

static void test_origins(void)
{
	for (size_t i = 0; i < sizeof(with_origins) / sizeof(*with_origins); i++) {
		struct spec_origins o = { 0 };
		char title[128], got[200] = "";
		size_t used = 0;
		struct spec s;
		struct err e;
		int result;

		spec_init(&s);
		result = spec_parse_file(&s, "f", with_origins[i].text, &o, &e);
		for (size_t n = 0; n < o.n && used < sizeof(got); n++)
			used += (size_t)snprintf(got + used, sizeof(got) - used, " %s:%u", spec_keys[o.v[n].row].name,
						 o.v[n].line);
		snprintf(title, sizeof(title), "the origins of: %s", tap_quote(with_origins[i].text));
		SAME(got, with_origins[i].origins, title);
		SAME(result < 0 ? e.text : NULL, with_origins[i].message, "  its message");
		spec_origins_free(&o);
		OK(!o.v && !o.n, "  freed");
		spec_free(&s);
	}
}

/* A second file goes on where the first has ended; nothing noted is nothing to free. */
static void test_two_files(void)
{
	struct spec_origins o = { 0 };
	struct spec s;
	struct err e;

	spec_origins_free(&o);
	spec_init(&s);
	OK(spec_parse_file(&s, "f", "\nroot=/a", &o, &e) == 0 && spec_parse_file(&s, "g", "keep=yes\nroot=/b", &o, &e) == 0,
	   "two files with the same key");
	SAME(s.root, "/b", "  the last wins");
	OK(o.n == 3 && o.v[0].line == 2 && o.v[0].row == o.v[2].row && o.v[1].line == 1 && o.v[2].line == 2,
	   "  the origins of both are there");
	spec_origins_free(&o);
	spec_origins_free(&o);
	spec_free(&s);
}

static void test_line_numbers(void)
{
	static char text[100000];
	struct spec s;
	struct err e;

	memset(text, '\n', 69999);
	strcpy(text + 69999, "x=1\n");
	spec_init(&s);
	SAME(spec_parse_file(&s, "f", text, NULL, &e) < 0 ? e.text : "read", "f:70000: unknown key 'x'", "a line far down");
	spec_free(&s);
}

int main(void)
{
	test_cases();
	test_every_key();
	test_origins();
	test_two_files();
	test_line_numbers();
	return tap_done();
}
