/* SPDX-License-Identifier: Zlib
 * The checks of a spec as a whole (spec_check): what excludes what, what follows from what. Prints TAP. */
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
#define NO_USER     "mount_overlay: /m needs a container without the namespace u"
#define BOTH_PLACES "overlay and upper exclude each other"

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
	{ { "mount_overlay=/m", "namespaces=u" }, NO_USER, -1 },
	{ { "mount_overlay=/m", "overlay=/o", "namespaces=all" }, NO_USER, -1 },
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
	test_names();
	return tap_done();
}
