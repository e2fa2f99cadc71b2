/* SPDX-License-Identifier: Zlib
 * The getters of the key table (core/spec/get.c): the text of each, which its setter takes back for the same. Prints TAP. */
#include "spec/keys.h"
#include "spec/spec.h"
#include "tap.h"

static const struct opt *row_of(const char *key)
{
	const struct opt *o = opt_find(spec_keys, spec_nkeys, key);

	if (!o)
		abort();
	return o;
}

/* Every value in brackets, or the error. */
static const char *get(const struct spec *s, const struct opt *o)
{
	static char text[2000];
	struct words values = { 0 };
	struct err e = { 0 };
	size_t used = 0;

	*text = 0;
	if (o->get(s, o, &values, &e) < 0)
		snprintf(text, sizeof(text), "error: %s", e.text);
	for (size_t i = 0; i < values.n && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "[%s]", values.v[i]);
	if (used >= sizeof(text))
		abort();
	words_free(&values);
	return text;
}

static int copy_row(struct spec *to, const struct spec *from, const struct opt *o, struct err *e)
{
	struct words values = { 0 };
	int result = o->get(from, o, &values, e);

	for (size_t i = 0; result == 0 && i < values.n; i++)
		result = o->set(to, o, values.v[i], e);
	words_free(&values);
	return result;
}

/* --- what each gives ----------------------------------------------------------------------------------------------------- */

/* The values are set one after the other in one spec. shown: what the getter gives; NULL: the values, one for one. */
static const struct {
	const char *key, *values[4], *shown;
} cases[] = {
	{ "name", { "web" }, NULL },
	{ "root", { "../a b:c\\" }, NULL },
	{ "lower", { "/a:/b", "/c" }, "[/a][/b][/c]" },
	{ "lower", { "/a\\:b:c\\d", "\\" }, "[/a\\:b][c\\d][\\]" },
	{ "overlay", { "tmpfs" }, NULL },
	{ "overlay", { "tmpfs:65536K" }, "[tmpfs:64M]" },
	{ "overlay", { "tmpfs:1000" }, NULL },
	{ "overlay", { "none" }, NULL },
	{ "overlay", { "./a:b c\\:" }, NULL },
	{ "overlay", { "persistent" }, NULL },
	{ "overlay", { "image:/a b" }, NULL },
	{ "overlay", { "image:/a\\:b:1K" }, "[image:/a\\:b:1K]" },
	{ "overlay", { "image:/a\\" }, NULL },
	{ "overlay", { "image:/a:1K", "tmpfs" }, "[tmpfs]" },
	{ "upper", { "/u'v" }, NULL },
	{ "work", { "/w\"x" }, NULL },
	{ "mountpoint", { "/m:n" }, NULL },
	{ "read_only", { "on" }, "[yes]" },
	{ "read_only", { "1", "0" }, "[no]" },
	{ "command", { "a  'b c' \"\" d\\'e 'f\"\\g'" }, "[a \"b c\" \"\" \"d'e\" \"f\\\"\\\\g\"]" },
	{ "command", { "@/bin/x:y=$z" }, NULL },
	{ "command", { "'a\nb' 'c\td'" }, "[\"a\nb\" \"c\td\"]" },
	{ "init", { "/sbin/my init" }, "" },
	{ "user", { "app:adm:5" }, NULL },
	{ "groups", { "0:adm" }, NULL },
	{ "env", { "A=1", "B=", "A= x:\\y'\"" }, "[A=1][B=][A= x:\\y'\"]" },
	{ "cwd", { "/a b\\:" }, NULL },
	{ "cwd_make", { "yes" }, "[yes]" },
	{ "umask", { "77" }, "[0077]" },
	{ "umask", { "0" }, "[0000]" },
	{ "tty", { "yes" }, NULL },
	{ "tty", { "no" }, NULL },
	{ "tty", { "no", "auto" }, "[auto]" },
	{ "stdin", { "yes" }, NULL },
	{ "namespaces", { "all" }, "[uphti]" },
	{ "namespaces", { "none" }, NULL },
	{ "namespaces", { "cintphu" }, "[uphtinc]" },
	{ "id_map_start", { "0100" }, "[100]" },
	{ "userns", { "self" }, NULL },
	{ "userns", { "auto", "none" }, "[none]" },
	{ "uid_map", { "0:0:10,10:100:1", "11:50" }, "[0:0:10][10:100:1][11:50]" },
	{ "gid_map", { "0:0:10" }, NULL },
	{ "mount", { "/a:/b:idmap", "/c:/d:idmap,dev" }, "[/a:/b:idmap][/c:/d:dev,idmap]" },
	{ "net", { "host" }, NULL },
	{ "net", { "none" }, NULL },
	{ "hostname", { "a.b" }, NULL },
	{ "mount", { "/a", "b:/c:rw", "/d:/e:optional" }, "[/a][b:/c][/d:/e:optional]" },
	{ "mount", { "/a:/a:optional", "/b:/b" }, "[/a:/a:optional][/b]" },
	{ "mount", { "/a\\:b c:/d\\:e\\f", "/g\\", "/h:/i\\" }, "[/a\\:b c:/d\\:e\\f][/g\\][/h:/i\\]" },
	{ "mount", { "/a:/b:ro" }, "" },
	{ "mount", { "/dev/a:/dev/b:dev", "/c:/d:optional,dev" }, "[/dev/a:/dev/b:dev][/c:/d:dev,optional]" },
	{ "mount_ro", { "/a:/b:optional", "/c" }, NULL },
	{ "mount_overlay", { "/a:/b:ro,optional", "/c:/d:ro", "/e" }, NULL },
	{ "tmpfs", { "/a", "/b:1M", "/c:mode=0755" }, "[/a][/b:1M][/c]" },
	{ "tmpfs",
	  { "/a:uid=1", "/b:9:gid=2,mode=1777", "/c=d" },
	  "[/a:mode=0755,uid=1,gid=0][/b:9:mode=1777,uid=0,gid=2][/c=d]" },
	{ "tmpfs", { "/a\\:b:mode=0", "/c\\" }, "[/a\\:b:mode=0000,uid=0,gid=0][/c\\]" },
	{ "device", { "/dev/a", "/x:/dev/y", "/dev/c\\:d" }, NULL },
	{ "device", { "/dev/a:/dev/a", "/dev/b\\" }, "[/dev/a][/dev/b\\]" },
	{ "gui", { "true" }, "[yes]" },
	{ "rlimit", { "nofile=5", "core=unlimited", "nofile=1:unlimited" }, "[core=unlimited:unlimited][nofile=1:unlimited]" },
	{ "oom_score_adj", { "0" }, NULL },
	{ "oom_score_adj", { "-01000" }, "[-1000]" },
	{ "max_physical_memory", { "1048576" }, "[1M]" },
	{ "max_physical_memory", { "1025" }, NULL },
	{ "max_memory", { "2048G" }, NULL },
	{ "memory_low", { "32768K" }, "[32M]" },
	{ "memory_low", { "4095" }, NULL },
	{ "cpu_share", { "512" }, NULL },
	{ "cpus", { "0.01" }, NULL },
	{ "cpus", { "0.5" }, NULL },
	{ "cpus", { "0.50" }, "[0.5]" },
	{ "cpus", { "1" }, NULL },
	{ "cpus", { "1.0" }, "[1]" },
	{ "cpus", { "0010.10" }, "[10.1]" },
	{ "cpus", { "1.25" }, NULL },
	{ "cpus", { "0.123456" }, "[0.12345]" },
	{ "cpus", { "100.00001" }, NULL },
	{ "cpus", { "8192" }, NULL },
	{ "cpuset", { "0-2,5" }, NULL },
	{ "cpuset_mems", { "0,2-3" }, NULL },
	{ "max_processes", { "4194304" }, NULL },
	{ "iops_limit", { "8:0 100", "/dev/a:b 5" }, NULL },
	{ "io_bw_limit", { "8:0 1M", "8:0 0100" }, NULL },
	{ "iops_limit", { "r:8:0 100", "w:/dev/a:b 5", "r:8:0 7" }, NULL },
	{ "io_bw_limit", { "w:8:0 1M", "r:/dev/r: 1" }, NULL },
	{ "hugetlb", { "2M 64M", "1G 1024M" }, NULL },
	{ "net_classid", { "0x100001" }, "[1048577]" },
	{ "device_allow", { "none" }, NULL },
	{ "device_allow", { "c 10:200 rw", "b 007:* m", "a *:* wr" }, NULL },
	{ "cgroup", { "yes" }, NULL },
	{ "cgroup", { "no" }, NULL },
	{ "cgroup", { "no", "auto" }, "[auto]" },
	{ "strict", { "on" }, "[yes]" },
	{ "cap_add", { "chown,CAP_KILL", "all" }, "[chown][CAP_KILL][all]" },
	{ "cap_drop", { "all" }, NULL },
	{ "cap_ambient", { "kill,CAP_CHOWN", "all" }, "[kill][CAP_CHOWN][all]" },
	{ "no_new_privs", { "off" }, "[no]" },
	{ "privileged", { "on" }, "[yes]" },
	{ "landlock", { "rx:/usr", "w:/a\\:b:optional", "tcp_bind:0080" }, NULL },
	{ "landlock_scope", { "yes" }, NULL },
	{ "landlock_scope", { "yes", "auto" }, "[auto]" },
	{ "seccomp", { "trace:a b" }, NULL },
	{ "init_script", { "a b" }, NULL },
	{ "hook_init", { "/a\\ b" }, NULL },
	{ "hook_shutdown", { "/a:b" }, NULL },
	{ "shutdown_hook", { "echo \"a  b\"; c\\ 'd'" }, NULL },
	{ "stop_signal", { "SIGHUP" }, "[HUP]" },
	{ "stop_signal", { "32" }, NULL },
	{ "stop_signal", { "RTMAX" }, "[RTMIN+30]" },
	{ "stop_timeout", { "0" }, "[0s]" },
	{ "stop_timeout", { "1500ms" }, NULL },
	{ "stop_timeout", { "2m" }, "[120s]" },
	{ "stop_timeout", { "24000h" }, "[86400000s]" },
	{ "log", { "none" }, NULL },
	{ "log", { "/a b" }, NULL },
	{ "log_size", { "16384" }, "[16K]" },
	{ "log_count", { "100" }, NULL },
	{ "pid_file", { "/p q" }, NULL },
	{ "keep", { "yes" }, NULL },
};

enum { CASES = sizeof(cases) / sizeof(*cases) };

static void test_cases(void)
{
	for (size_t i = 0; i < CASES; i++) {
		const struct opt *o = row_of(cases[i].key);
		char wanted[300] = "", title[100];
		struct spec s, other;
		struct err e = { 0 };
		int result = 0;

		spec_init(&s);
		spec_init(&other);
		for (size_t v = 0; result == 0 && v < 4 && cases[i].values[v]; v++) {
			result = o->set(&s, o, cases[i].values[v], &e);
			snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "[%s]", cases[i].values[v]);
		}
		if (cases[i].shown)
			snprintf(wanted, sizeof(wanted), "%s", cases[i].shown);
		snprintf(title, sizeof(title), "%s=%s", o->name, tap_quote(cases[i].values[0]));
		SAME(result < 0 ? e.text : get(&s, o), wanted, title);
		if (result == 0)
			result = copy_row(&other, &s, o, &e);
		SAME(result < 0 ? e.text : get(&other, o), wanted, "  the same again");
		spec_free(&other);
		spec_free(&s);
	}
}

static void test_covered(void)
{
	for (size_t k = 0; k < spec_nkeys; k++) {
		bool covered = false;

		for (size_t i = 0; i < CASES; i++)
			covered = covered || !strcmp(cases[i].key, spec_keys[k].name);
		tap_ok(covered, __LINE__, "%s has cases", spec_keys[k].name);
	}
}

/* A mount of one row is no other row's. */
static void test_rows_apart(void)
{
	static const char *const rows[] = { "mount", "mount_ro", "mount_overlay", "tmpfs" };
	struct spec s;
	struct err e;

	spec_init(&s);
	for (size_t i = 0; i < 4; i++) {
		const struct opt *o = row_of(rows[i]);
		char value[40];

		snprintf(value, sizeof(value), "/%s", rows[i]);
		o->set(&s, o, value, &e);
	}
	for (size_t i = 0; i < 4; i++) {
		char wanted[40], title[60];

		snprintf(wanted, sizeof(wanted), "[/%s]", rows[i]);
		snprintf(title, sizeof(title), "%s gives its own", rows[i]);
		SAME(get(&s, row_of(rows[i])), wanted, title);
	}
	spec_free(&s);
	spec_init(&s);
	row_of("init")->set(&s, row_of("init"), "/my init", &e);
	SAME(get(&s, row_of("command")), "[\"/my init\"]", "what init has set is command's to give");
	spec_free(&s);
}

/* --- defaults ------------------------------------------------------------------------------------------------------------ */

/* What getters give of a new spec, which the help names. */
static const struct {
	const char *key, *value, *help;
} defaults[] = {
	{ "read_only", "[no]", "" },
	{ "umask", "[0022]", "(default: 0022)" },
	{ "tty", "[auto]", "auto: " },
	{ "stdin", "[no]", "" },
	{ "namespaces", "[phic]", "besides mount and cgroup" },
	{ "gui", "[no]", "" },
	{ "no_new_privs", "[yes]", "(default: yes)" },
	{ "privileged", "[no]", "" },
	{ "landlock_scope", "[auto]", "(auto: " },
	{ "stop_signal", "[TERM]", "(default: TERM)" },
	{ "stop_timeout", "[10s]", "(default: 10s)" },
	{ "log_size", "[1M]", "(default: 1M)" },
	{ "log_count", "[2]", "(default: 2)" },
	{ "keep", "[no]", "" },
	{ "cwd_make", "[no]", "" },
	{ "cgroup", "[auto]", "auto: " },
	{ "strict", "[no]", "" },
};

static void test_defaults(void)
{
	struct spec s, zero = { 0 };

	spec_init(&s);
	for (size_t k = 0; k < spec_nkeys; k++) {
		const char *wanted = "", *help = "";
		char title[80];

		for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
			if (!strcmp(defaults[i].key, spec_keys[k].name)) {
				wanted = defaults[i].value;
				help = defaults[i].help;
			}
		snprintf(title, sizeof(title), "%s of a new spec", spec_keys[k].name);
		SAME(get(&s, &spec_keys[k]), wanted, title);
		if (*help)
			tap_ok(strstr(spec_keys[k].help, help), __LINE__, "  which the help names");
	}
	spec_free(&s);
	spec_free(&zero);
	OK(!s.command.v && !s.mounts && !s.devices && !s.log && !s.log_count, "nothing is left of one that was freed");
}

/* --- everything at once -------------------------------------------------------------------------------------------------- */

static bool same_rows(const struct spec *a, const struct spec *b)
{
	for (size_t k = 0; k < spec_nkeys; k++) {
		char *first = strdup(get(a, &spec_keys[k]));
		bool same = first && !strcmp(first, get(b, &spec_keys[k]));

		if (!same)
			printf("# %s: %s, %s\n", spec_keys[k].name, first, tap_quote(get(b, &spec_keys[k])));
		free(first);
		if (!same)
			return false;
	}
	return true;
}

static bool copy(struct spec *to, const struct spec *from)
{
	struct err e;

	for (size_t k = 0; k < spec_nkeys; k++)
		if (copy_row(to, from, &spec_keys[k], &e) < 0) {
			printf("# %s: %s\n", spec_keys[k].name, e.text);
			return false;
		}
	return true;
}

static void test_all_rows(void)
{
	struct spec s, other;
	struct err e;

	spec_init(&s);
	spec_init(&other);
	for (size_t i = 0; i < CASES; i++)
		for (size_t v = 0; v < 4 && cases[i].values[v]; v++)
			if (row_of(cases[i].key)->set(&s, row_of(cases[i].key), cases[i].values[v], &e) < 0)
				abort();
	OK(copy(&other, &s) && same_rows(&s, &other), "a spec with every row set, in a copy");
	spec_free(&other);
	spec_free(&s);
}

/* What spec_check has filled in is given like what was set, and passes the check of the copy without a change. */
static void test_checked(void)
{
	static const char *const specs[][4] = {
		{ NULL },
		{ "root=/r" },
		{ "root=/r", "overlay=image:/i:1M" },
		{ "root=/r", "overlay=/o" },
		{ "root=/r", "overlay=persistent", "name=x" },
		{ "lower=/a:/b", "overlay=none" },
		{ "lower=/a\\:b", "overlay=none", "net=none" },
		{ "upper=/u", "work=/w", "namespaces=un" },
	};

	for (size_t i = 0; i < sizeof(specs) / sizeof(*specs); i++) {
		const char *title = specs[i][0] ? specs[i][0] : "nothing set";
		struct spec s, other;
		struct err e = { 0 };

		spec_init(&s);
		spec_init(&other);
		for (const char *const *p = specs[i]; p < specs[i] + 4 && *p; p++) {
			char key[40];

			snprintf(key, sizeof(key), "%.*s", (int)strcspn(*p, "="), *p);
			if (row_of(key)->set(&s, row_of(key), strchr(*p, '=') + 1, &e) < 0)
				abort();
		}
		tap_ok(spec_check(&s, &e) == 0 && copy(&other, &s) && spec_check(&other, &e) == 0 && same_rows(&s, &other),
		       __LINE__, "checked, copied, checked: %s%s", title, specs[i][0] && specs[i][1] ? ", ..." : "");
		spec_free(&other);
		spec_free(&s);
	}
}

/* --- characters that mean something -------------------------------------------------------------------------------------- */

static bool same_words(const struct words *a, const struct words *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = !strcmp(a->v[i], b->v[i]);
	return same;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Compared by the fields and not by what getters say of them. */
static bool same_fields(const struct spec *a, const struct spec *b)
{
	bool same = same_words(&a->lower, &b->lower) && same_words(&a->command, &b->command) && same_words(&a->env, &b->env) &&
		    a->nmounts == b->nmounts && a->ndevices == b->ndevices && same_text(a->root, b->root) &&
		    same_text(a->overlay, b->overlay) && same_text(a->overlay_image, b->overlay_image) &&
		    a->overlay_size == b->overlay_size && a->overlay_tmpfs == b->overlay_tmpfs;

	for (size_t i = 0; same && i < a->nmounts; i++) {
		const struct spec_mount *m = &a->mounts[i], *n = &b->mounts[i];

		same = m->type == n->type && same_text(m->source, n->source) && same_text(m->target, n->target) &&
		       m->size == n->size && m->mode == n->mode && m->uid == n->uid && m->gid == n->gid &&
		       m->read_only == n->read_only && m->devices == n->devices && m->optional == n->optional;
	}
	for (size_t i = 0; same && i < a->ndevices; i++)
		same = same_text(a->devices[i].source, b->devices[i].source) &&
		       same_text(a->devices[i].target, b->devices[i].target);
	return same;
}

/* Whether value is refused, or comes back as it was set. row: who gives it. */
static bool comes_back(const struct opt *o, const struct opt *row, const char *value, unsigned *accepted)
{
	struct spec s, other;
	struct err e;
	bool same = true;

	spec_init(&s);
	spec_init(&other);
	if (o->set(&s, o, value, &e) == 0) {
		++*accepted;
		same = copy_row(&other, &s, row, &e) == 0 && same_fields(&s, &other);
	}
	if (!same)
		printf("# %s=%s: %s\n", o->name, value, get(&s, row));
	spec_free(&other);
	spec_free(&s);
	return same;
}

/* Every text of up to five of these characters. */
static void test_characters(void)
{
	static const struct {
		const char *key, *row, *before;
	} rows[] = {
		{ "root", "root", "" },          { "lower", "lower", "" },
		{ "overlay", "overlay", "" },    { "overlay", "overlay", "image:/" },
		{ "command", "command", "" },    { "init", "command", "" },
		{ "env", "env", "A=" },          { "mount", "mount", "/" },
		{ "mount_ro", "mount_ro", "/" }, { "mount_overlay", "mount_overlay", "/" },
		{ "tmpfs", "tmpfs", "/" },       { "tmpfs", "tmpfs", "/a:1K:uid=1" },
		{ "device", "device", "/dev/" },
	};
	static const char characters[] = ":\\/'\" 1";
	const unsigned base = sizeof(characters) - 1;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unsigned accepted = 0, limit = 1;
		bool same = true;

		for (unsigned len = 0; same && len <= 5; len++, limit *= base)
			for (unsigned number = 0; same && number < limit; number++) {
				char value[40];
				size_t used = (size_t)snprintf(value, sizeof(value), "%s", rows[i].before);

				for (unsigned rest = number, n = 0; n < len; n++, rest /= base)
					value[used++] = characters[rest % base];
				value[used] = 0;
				same = comes_back(row_of(rows[i].key), row_of(rows[i].row), value, &accepted);
			}
		tap_ok(same && accepted, __LINE__, "%s=%s and every mixture of %s", rows[i].key, rows[i].before,
		       tap_quote(characters));
	}
}

/* Words of a command line that no line was split into. */
static void test_words(void)
{
	struct spec s, other;
	struct err e;

	spec_init(&s);
	spec_init(&other);
	for (int c = 1; c < 256; c++) {
		words_add(&s.command, (char[]){ (char)c, 0 }, &e);
		words_add(&s.command, (char[]){ 'a', (char)c, 'b', 0 }, &e);
		words_add(&s.command, (char[]){ '\\', (char)c, '\\', 0 }, &e);
	}
	words_add(&s.command, "", &e);
	OK(copy_row(&other, &s, row_of("command"), &e) == 0 && same_words(&s.command, &other.command),
	   "a command of words with every character");
	spec_free(&other);
	spec_free(&s);
}

int main(void)
{
	test_cases();
	test_covered();
	test_rows_apart();
	test_defaults();
	test_all_rows();
	test_checked();
	test_characters();
	test_words();
	return tap_done();
}
