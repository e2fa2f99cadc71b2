/* SPDX-License-Identifier: Zlib
 * The checks of a spec as a whole (spec_check): what excludes what, what follows from what. Then the limits that a spec keeps as
 * they were written (spec_parse_*). Prints TAP. */
#include "spec/keys.h"
#include "spec/spec.h"
#include "tap.h"

/* Set what words say (KEY=VALUE, up to ten), then check. */
static int set_and_check(struct spec *s, const char *const *words, struct err *e)
{
	spec_init(s);
	for (; *words; words++) {
		const char *equals = strchr(*words, '=');
		char key[64];
		const struct opt *o;

		snprintf(key, sizeof(key), "%.*s", (int)(equals - *words), *words);
		o = opt_find(spec_keys, spec_nkeys, key);
		if (!o || o->set(s, o, equals + 1, e) < 0)
			abort();
	}
	return spec_check(s, e);
}

/* What the checks have made of the root, the network and the namespaces. */
static const char *describe(const struct spec *s)
{
	static char text[512];
	int used = snprintf(text, sizeof(text), "root=%s lower=", s->root ? s->root : "");

	for (size_t i = 0; i < s->lower.n; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used, "[%s]", s->lower.v[i]);
	snprintf(text + used, sizeof(text) - (size_t)used, "%s%s%s%s%s%s%s net=%s ns=%u", s->upper ? " upper=" : "",
		 s->upper ? s->upper : "",
		 s->overlay       ? " dir=" :
		 s->overlay_tmpfs ? " tmpfs" :
				    "",
		 s->overlay ? s->overlay : "", s->overlay_image ? " image=" : "", s->overlay_image ? s->overlay_image : "",
		 s->read_only ? " ro" : "",
		 s->net == NET_HOST ? "host" :
		 s->net == NET_NONE ? "none" :
				      "unset",
		 s->namespaces);
	return text;
}

#define USUAL       " net=host ns=86"
#define NO_CHANGES  "mount_overlay: /m needs overlay=tmpfs or overlay=DIR"
#define BOTH_PLACES "overlay and upper exclude each other"
#define NO_OR_RULES "device_allow: none and rules exclude each other"
#define TOO_LOW     "memory_low is more than max_physical_memory"

static const struct {
	const char *settings[10], *wanted; /* what describe says, or the message */
	int result;
} cases[] = {
	{ { 0 }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "root=/r" }, "root=/r lower=" USUAL, 0 },
	{ { "root=/r", "read_only=yes" }, "root=/r lower= ro" USUAL, 0 },
	{ { "lower=/a:/b" }, "root= lower=[/a][/b] tmpfs" USUAL, 0 },
	{ { "lower=/a", "overlay=tmpfs:1M" }, "root= lower=[/a] tmpfs" USUAL, 0 },
	{ { "lower=/a", "overlay=/o" }, "root= lower=[/a] dir=/o" USUAL, 0 },
	{ { "lower=/a", "overlay=none" }, "root=/a lower= ro" USUAL, 0 },
	{ { "lower=/a:/b", "overlay=none" }, "root= lower=[/a][/b] ro" USUAL, 0 },
	{ { "overlay=none" }, "root=/ lower= ro" USUAL, 0 },
	{ { "overlay=/o" }, "root= lower=[/] dir=/o" USUAL, 0 },
	{ { "root=/r", "overlay=tmpfs" }, "root= lower=[/r] tmpfs" USUAL, 0 },
	{ { "root=/r", "overlay=/o" }, "root= lower=[/r] dir=/o" USUAL, 0 },
	{ { "root=/r", "overlay=none" }, "root=/r lower=" USUAL, 0 },
	{ { "root=/r", "upper=/u", "work=/w" }, "root= lower=[/r] upper=/u" USUAL, 0 },
	{ { "lower=/a", "upper=/u", "work=/w" }, "root= lower=[/a] upper=/u" USUAL, 0 },
	{ { "root=/r", "lower=/a" }, "root and lower exclude each other", -1 },
	{ { "upper=/u" }, "upper needs work, a directory on the same file system", -1 },
	{ { "work=/w" }, "work needs upper", -1 },
	{ { "upper=/u", "work=/w", "overlay=tmpfs" }, BOTH_PLACES, -1 },
	{ { "upper=/u", "overlay=none" }, BOTH_PLACES, -1 },
	{ { "work=/w", "overlay=/o" }, BOTH_PLACES, -1 },
	{ { "overlay=persistent", "name=x" }, "root= lower=[/] dir=" LIBDIR "/x" USUAL, 0 },
	{ { "root=/r", "name=a.b", "overlay=persistent" }, "root= lower=[/r] dir=" LIBDIR "/a.b" USUAL, 0 },
	{ { "lower=/a:/b", "overlay=persistent", "name=x" }, "root= lower=[/a][/b] dir=" LIBDIR "/x" USUAL, 0 },
	{ { "overlay=persistent" }, "overlay=persistent needs a name", -1 },
	{ { "overlay=persistent", "overlay=tmpfs" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "overlay=persistent", "name=x", "upper=/u", "work=/w" }, BOTH_PLACES, -1 },
	{ { "overlay=persistent", "name=x", "namespaces=u" }, "root= lower=[/] dir=" LIBDIR "/x net=host ns=1", 0 },
	{ { "overlay=image:/i" }, "root= lower=[/] image=/i" USUAL, 0 },
	{ { "root=/r", "overlay=image:/i:1M" }, "root= lower=[/r] image=/i" USUAL, 0 },
	{ { "root=/r", "overlay=image:/i", "read_only=yes" }, "root= lower=[/r] image=/i ro" USUAL, 0 },
	{ { "lower=/a", "overlay=image:/i" }, "root= lower=[/a] image=/i" USUAL, 0 },
	{ { "upper=/u", "work=/w", "overlay=image:/i" }, BOTH_PLACES, -1 },
	{ { "overlay=image:/i", "namespaces=pu" }, "overlay=image and the namespace u exclude each other", -1 },
	{ { "overlay=image:/i", "namespaces=all", "overlay=tmpfs" }, "root= lower=[/] tmpfs net=host ns=31", 0 },
	{ { "mount_overlay=/m" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "mount_overlay=/m", "lower=/a", "overlay=tmpfs:1M" }, "root= lower=[/a] tmpfs" USUAL, 0 },
	{ { "mount_overlay=/m", "root=/r", "overlay=/o" }, "root= lower=[/r] dir=/o" USUAL, 0 },
	{ { "mount_overlay=/m", "overlay=persistent", "name=x" }, "root= lower=[/] dir=" LIBDIR "/x" USUAL, 0 },
	{ { "mount_overlay=/m", "overlay=persistent" }, "overlay=persistent needs a name", -1 },
	{ { "mount_overlay=/m", "root=/r" }, NO_CHANGES, -1 },
	{ { "mount_overlay=/m", "overlay=none" }, NO_CHANGES, -1 },
	{ { "mount_overlay=/m", "lower=/a:/b", "overlay=none" }, NO_CHANGES, -1 },
	{ { "mount_overlay=/m", "upper=/u", "work=/w" }, NO_CHANGES, -1 },
	{ { "mount_overlay=/m", "overlay=image:/i" }, NO_CHANGES, -1 },
	{ { "mount=/a", "tmpfs=/b", "mount_overlay=/m:/n", "overlay=none" }, NO_CHANGES, -1 },
	{ { "mount=/a", "mount_ro=/b", "tmpfs=/c", "namespaces=u", "root=/r" }, "root=/r lower= net=host ns=1", 0 },
	{ { "mountpoint=/mnt" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "mountpoint=/" }, "mountpoint: '/' is the host's root", -1 },
	{ { "mountpoint=/.//../" }, "mountpoint: '/.//../' is the host's root", -1 },
	{ { "max_memory=64M", "max_physical_memory=64M" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "max_memory=1" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "max_physical_memory=1" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "max_memory=64M", "max_physical_memory=65M" },
	  "max_memory is less than max_physical_memory, which is a part of it",
	  -1 },
	{ { "max_memory=1K", "max_physical_memory=1025" },
	  "max_memory is less than max_physical_memory, which is a part of it",
	  -1 },
	{ { "memory_low=64M", "max_physical_memory=64M" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "memory_low=64M" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "memory_low=65M", "max_physical_memory=64M" }, TOO_LOW, -1 },
	{ { "memory_low=65M", "max_physical_memory=64M", "max_memory=1G" }, TOO_LOW, -1 },
	{ { "device_allow=none" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "device_allow=c 1:3 r", "device_allow=b *:* rwm" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "device_allow=none", "device_allow=c 1:3 r" }, NO_OR_RULES, -1 },
	{ { "device_allow=c 1:3 r", "device_allow=none" }, NO_OR_RULES, -1 },
	{ { "device_allow=none", "device=/dev/kvm" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "cgroup=no" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "cgroup=no", "strict=yes", "rlimit=nofile=5", "oom_score_adj=5" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "userns=none" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "userns=self" }, "root= lower=[/] tmpfs net=host ns=87", 0 },
	{ { "userns=auto", "namespaces=p" }, "root= lower=[/] tmpfs net=host ns=3", 0 },
	{ { "uid_map=0:1:5" }, "root= lower=[/] tmpfs net=host ns=87", 0 },
	{ { "uid_map=0:1:5", "gid_map=0:2:5", "userns=map" }, "root= lower=[/] tmpfs net=host ns=87", 0 },
	{ { "id_map_start=5" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "id_map_start=5", "userns=map" }, "root= lower=[/] tmpfs net=host ns=87", 0 },
	{ { "id_map_start=5", "namespaces=u" }, "root= lower=[/] tmpfs net=host ns=1", 0 },
	{ { "uid_map=0:1000:10,9:2000" }, "uid_map: '0:1000:10' and '9:2000' have ids in common", -1 },
	{ { "uid_map=5:2000:10", "uid_map=0:2009" }, "uid_map: '5:2000:10' and '0:2009' have ids in common", -1 },
	{ { "uid_map=0:1", "gid_map=0:5,0:6" }, "gid_map: '0:5' and '0:6' have ids in common", -1 },
	{ { "uid_map=0:1:5,5:6:5" }, "root= lower=[/] tmpfs net=host ns=87", 0 },
	{ { "gid_map=0:1" }, "gid_map needs uid_map", -1 },
	{ { "uid_map=0:1", "id_map_start=5" }, "uid_map and id_map_start exclude each other", -1 },
	{ { "uid_map=0:1", "userns=auto" }, "uid_map and userns=auto exclude each other", -1 },
	{ { "uid_map=0:1", "userns=none" }, "uid_map and userns=none exclude each other", -1 },
	{ { "userns=map" }, "userns=map needs uid_map", -1 },
	{ { "userns=none", "namespaces=pu" }, "userns=none and the namespace u exclude each other", -1 },
	{ { "mount=/a:/b:idmap", "namespaces=u" }, "root= lower=[/] tmpfs net=host ns=1", 0 },
	{ { "mount=/a:/b:idmap" }, "mount: /a: idmap needs the namespace u", -1 },
	{ { "mount=/a:/b:idmap,optional", "userns=auto" }, "mount: /a: idmap and optional exclude each other", -1 },
	{ { "net=host" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "net=none" }, "root= lower=[/] tmpfs net=none ns=118", 0 },
	{ { "namespaces=n" }, "root= lower=[/] tmpfs net=none ns=32", 0 },
	{ { "namespaces=none" }, "root= lower=[/] tmpfs net=host ns=0", 0 },
	{ { "namespaces=none", "net=none" }, "root= lower=[/] tmpfs net=none ns=32", 0 },
	{ { "namespaces=pn", "net=host" }, "net=host and an own network namespace (n) exclude each other", -1 },
	{ { "hostname=x" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "hostname=x", "namespaces=p" }, "hostname needs the namespace h", -1 },
	{ { "command=@/bin/x y" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "command=@x" }, "command: '@x' is not @ and an absolute path of the host", -1 },
	{ { "command=@" }, "command: '@' is not @ and an absolute path of the host", -1 },
	{ { "init=@../x" }, "command: '@../x' is not @ and an absolute path of the host", -1 },
	{ { "command=''" }, "command: the name of the program is empty", -1 },
	{ { "command='' x" }, "command: the name of the program is empty", -1 },
	{ { "user=a:b" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "user=a", "groups=b:c" }, "root= lower=[/] tmpfs" USUAL, 0 },
	{ { "user=a:b", "groups=c" }, "user 'a:b' names groups already: groups cannot be given as well", -1 },
};

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char title[200] = "", *p = title;
		struct err e;
		struct spec s;
		int result = set_and_check(&s, cases[i].settings, &e);

		for (size_t n = 0; cases[i].settings[n]; n++)
			p += sprintf(p, "%s%s", n ? ", " : "", cases[i].settings[n]);
		SAME(result < 0 ? e.text : describe(&s), cases[i].wanted, *title ? title : "nothing set");
		if (result != cases[i].result)
			OK(false, "with the other result");
		/* What a check has filled in passes the next one and stays the same. */
		if (result == 0 && (spec_check(&s, &e) < 0 || strcmp(describe(&s), cases[i].wanted) != 0))
			tap_ok(false, __LINE__, "the same when checked again: %s", title);
		spec_free(&s);
	}
}

/* --- limits -------------------------------------------------------------------------------------------------------------- */

/* Each by itself. */
static const char *const limits[] = {
	"max_physical_memory=1M", "max_memory=1M",   "memory_low=1M",    "cpu_share=2",       "cpus=0.01",     "cpuset=0",
	"cpuset_mems=0",          "max_processes=1", "iops_limit=8:0 1", "io_bw_limit=8:0 1", "hugetlb=2M 2M", "net_classid=1",
	"device_allow=none",
};

enum { LIMITS = sizeof(limits) / sizeof(*limits) };

static bool is_listed(const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < LIMITS; i++)
		if (!strncmp(limits[i], key, len) && limits[i][len] == '=')
			return true;
	return false;
}

static void test_limits(void)
{
	static const char *const others[] = { "cgroup=yes", "strict=yes", "rlimit=nofile=5", "oom_score_adj=5",
					      "device=/dev/kvm" };
	bool all = true;
	struct err e;
	struct spec s;

	for (size_t i = 0; i < LIMITS; i++) {
		OK(set_and_check(&s, (const char *const[]){ limits[i], NULL }, &e) == 0 && spec_has_limit(&s), limits[i]);
		spec_free(&s);
		OK(set_and_check(&s, (const char *const[]){ limits[i], "cgroup=yes", NULL }, &e) == 0,
		   "  with a cgroup of its own");
		spec_free(&s);
		SAME(set_and_check(&s, (const char *const[]){ limits[i], "cgroup=no", NULL }, &e) < 0 ? e.text : "accepted",
		     "cgroup=no and limits exclude each other", "  not without");
		spec_free(&s);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		tap_ok(set_and_check(&s, (const char *const[]){ others[i], NULL }, &e) == 0 && !spec_has_limit(&s), __LINE__,
		       "no limit: %s", others[i]);
		spec_free(&s);
	}
	spec_init(&s);
	OK(!spec_has_limit(&s), "nor has a new spec one");
	spec_free(&s);
	for (size_t k = 0; k < spec_nkeys; k++)
		all = all && (!(spec_keys[k].flags & OPT_LIVE) || is_listed(spec_keys[k].name));
	OK(all, "all that a running container takes are limits");
}

#define DEVICE_16  "/aaaaaaaaaaaaaaa"
#define DEVICE_128 DEVICE_16 DEVICE_16 DEVICE_16 DEVICE_16 DEVICE_16 DEVICE_16 DEVICE_16 DEVICE_16
#define DEVICE_255 DEVICE_128 DEVICE_16 DEVICE_16 DEVICE_16 DEVICE_16 DEVICE_16 DEVICE_16 DEVICE_16 "/aaaaaaaaaaaaaa"

static void test_io(void)
{
	static const struct {
		const char *text;
		bool bytes;
		const char *device; /* NULL: refused */
		uint64_t number;
		bool reads, writes;
	} ios[] = {
		{ "8:0 100", false, "8:0", 100, true, true },
		{ "r:8:0 100", false, "8:0", 100, true, false },
		{ "w:8:0 100", false, "8:0", 100, false, true },
		{ "w:259:10 4294967295", false, "259:10", 4294967295, false, true },
		{ "/dev/r:w: 1", false, "/dev/r:w:", 1, true, true },
		{ "r:/dev/sda 0001", false, "/dev/sda", 1, true, false },
		{ "0:0 2k", true, "0:0", 2048, true, true },
		{ "r:/dev/sda 4M", true, "/dev/sda", 4 << 20, true, false },
		{ "w:/d 17179869183G", true, "/d", 17179869183ULL << 30, false, true },
		{ "w:1:1 1", true, "1:1", 1, false, true },
		{ DEVICE_255 " 1", false, DEVICE_255, 1, true, true },
		{ "r:" DEVICE_255 " 1", true, DEVICE_255, 1, true, false },
		{ DEVICE_255 "a 1", false, NULL, 0, false, false },
		{ "w:" DEVICE_255 "a 1", true, NULL, 0, false, false },
		{ "8:0 2K", false, NULL, 0, false, false },
		{ "r: 1", false, NULL, 0, false, false },
		{ "r:w:8:0 1", true, NULL, 0, false, false },
		{ "w:8:0", true, NULL, 0, false, false },
		{ "w:8:0 ", true, NULL, 0, false, false },
		{ "", true, NULL, 0, false, false },
		{ " ", false, NULL, 0, false, false },
	};

	for (size_t i = 0; i < sizeof(ios) / sizeof(*ios); i++) {
		char *text = strdup(ios[i].text); /* memory that ends where it does */
		struct spec_io io;
		struct err e = { 0 };
		int result;

		memset(&io, 0xa5, sizeof(io));
		result = spec_parse_io(text, ios[i].bytes, &io, &e);
		if (ios[i].device)
			tap_ok(result == 0 && !strcmp(io.device, ios[i].device) && io.number == ios[i].number &&
				       io.reads == ios[i].reads && io.writes == ios[i].writes,
			       __LINE__, "%s of a device: %.40s", ios[i].bytes ? "bytes" : "operations", text);
		else
			tap_ok(result < 0 && e.text[0] == '\'', __LINE__, "nothing of a device: %.40s", text);
		free(text);
	}
}

static void test_hugetlb(void)
{
	static const struct {
		const char *text;
		uint64_t page, limit; /* no page: refused */
	} pages[] = {
		{ "2M 64M", 2 << 20, 64 << 20 },
		{ "1G 1G", 1 << 30, 1 << 30 },
		{ "64k 1", 64 << 10, 1 },
		{ "2097152 2097152", 2 << 20, 2 << 20 },
		{ "4096 17179869183G", 4096, 17179869183ULL << 30 },
		{ "16G 3G", 16ULL << 30, 3ULL << 30 },
		{ "2M", 0, 0 },
		{ " ", 0, 0 },
		{ "2M 4M 6M", 0, 0 },
		{ "5M 10M", 0, 0 },
		{ "2048 4M", 0, 0 },
		{ "17179869184G 1", 0, 0 },
	};

	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		char *text = strdup(pages[i].text);
		uint64_t page = 0, limit = 0;
		struct err e = { 0 };
		int result = spec_parse_hugetlb(text, &page, &limit, &e);

		tap_ok(pages[i].page ? result == 0 && page == pages[i].page && limit == pages[i].limit :
				       result < 0 && e.text[0] == '\'',
		       __LINE__, "huge pages%s: %s", pages[i].page ? "" : " are not", text);
		SAME(text, pages[i].text, "  the text is as it was");
		free(text);
	}
}

static void test_device_rules(void)
{
	static const struct {
		const char *text;
		char type; /* 0: refused */
		int32_t major, minor;
		const char *access;
	} rules[] = {
		{ "c 10:200 rwm", 'c', 10, 200, "rwm" },
		{ "b 8:0 r", 'b', 8, 0, "r--" },
		{ "a 1:3 w", 'a', 1, 3, "-w-" },
		{ "c 0:0 m", 'c', 0, 0, "--m" },
		{ "b 8:* mr", 'b', 8, -1, "r-m" },
		{ "c *:5 wr", 'c', -1, 5, "rw-" },
		{ "a *:* mwr", 'a', -1, -1, "rwm" },
		{ "c 007:1048575 wm", 'c', 7, 1048575, "-wm" },
		{ "none", 0, 0, 0, "" },
		{ "", 0, 0, 0, "" },
		{ "c", 0, 0, 0, "" },
		{ "c ", 0, 0, 0, "" },
		{ "c 1", 0, 0, 0, "" },
		{ "c 1:", 0, 0, 0, "" },
		{ "c *", 0, 0, 0, "" },
		{ "c *:*", 0, 0, 0, "" },
		{ "c *:* ", 0, 0, 0, "" },
		{ "c 1:2 rwx", 0, 0, 0, "" },
		{ "c 2147483648:0 r", 0, 0, 0, "" },
		{ "d 1:2 r", 0, 0, 0, "" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		char *text = strdup(rules[i].text), access[4];
		struct spec_device_rule r;
		struct err e = { 0 };
		int result;

		memset(&r, 0, sizeof(r));
		result = spec_parse_device_rule(text, &r, &e);
		snprintf(access, sizeof(access), "%c%c%c", r.read ? 'r' : '-', r.write ? 'w' : '-', r.make ? 'm' : '-');
		tap_ok(rules[i].type ? result == 0 && r.type == rules[i].type && r.major == rules[i].major &&
					       r.minor == rules[i].minor && !strcmp(access, rules[i].access) :
				       result < 0 && e.text[0] == '\'',
		       __LINE__, "%s rule: %s", rules[i].type ? "a" : "no", text);
		free(text);
	}
}

/* --- names --------------------------------------------------------------------------------------------------------------- */

static void test_names(void)
{
	char name[65] = "";
	struct err e;
	bool first = true, rest = true;

	for (int c = 1; c < 256; c++) {
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		first = first && (spec_check_name((char[]){ (char)c, 0 }, &e) == 0) == letter;
		rest = rest &&
		       (spec_check_name((char[]){ 'a', (char)c, 0 }, &e) == 0) == (letter || c == '_' || c == '.' || c == '-');
	}
	OK(first, "a name begins with a letter or digit");
	OK(rest, "and goes on with those and _ . -");
	memset(name, 'x', 63);
	OK(spec_check_name(name, &e) == 0, "63 characters are a name");
	name[63] = 'x';
	OK(spec_check_name(name, &e) < 0, "64 are none");
	OK(spec_check_name("", &e) < 0, "nor is nothing");
}

int main(void)
{
	test_cases();
	test_limits();
	test_io();
	test_hugetlb();
	test_device_rules();
	test_names();
	return tap_done();
}
