/* SPDX-License-Identifier: Zlib
 * micro-container: the command line of the older `container`, that of options alone. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "applet.h"
#include "base/auto.h"
#include "base/num.h"
#include "box/box.h"
#include "box/end.h"
#include "box/state.h"
#include "box/user.h"
#include "spec/set.h"
#include "sys/path.h"

#define LIBRARY "/var/lib/micro-container"

struct micro {
	struct spec spec; /* first: the setters of its keys take this for a struct spec */
	const char *library, *base, *lower, *name;
	bool unload;
};

/* The hook runs later and elsewhere. */
static int set_script(void *target, const struct opt *o, const char *value, struct err *e)
{
	auto_free char *real = realpath(value, NULL);

	return real ? str_replace(SPEC_FIELD(char *, target, o), real, e) : err_sys(e, "%s", value);
}

/* A volume whose source is missing is left out. */
static int set_volume(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct spec *s = target;

	if (spec_set_mount(s, o, value, e) < 0)
		return -1;
	s->mounts[s->nmounts - 1].optional = true;
	return 0;
}

/* An option that is a setting of the container. */
#define SETTING(option, field, setter, arg_name, text)                                                                \
	{                                                                                                             \
		.letter = (option), .set = (setter), .offset = offsetof(struct micro, spec.field), .arg = (arg_name), \
		.help = (text),                                                                                       \
	}

static const struct opt micro_opts[] = {
	OPT(struct micro, library, 'd', NULL, "DIR",
	    "library directory, root's own: the root is seen there (default: " LIBRARY ")"),
	OPT(struct micro, base, 'b', NULL, "DIR", "base directory, the caller's: changes are kept there (default: $HOME/.app)"),
	OPT(struct micro, lower, 'l', NULL, "DIR[:DIR...]",
	    "the root, then directories in it that are mounts (default: root-NAME in the library, or /)"),
	OPT(struct micro, name, 'n', NULL, "NAME", "name of the instance (default: the first word)"),
	SETTING('w', cwd, spec_set_inside_path, "DIR", "directory to run in (default: /)"),
	SETTING('u', user, spec_set_ids, "USER[:GROUP]", "who runs the command (default: the caller)"),
	SETTING('v', mounts, set_volume, "SOURCE:DEST", "make a path of the host visible inside; may be given several times"),
	SETTING('i', hook_init, set_script, "FILE", "run on the host before the start: FILE init ROOTDIR UID GID"),
	SETTING('s', hook_shutdown, set_script, "FILE", "run on the host after the end: FILE shutdown ROOTDIR UID GID"),
};

/* --- the caller --------------------------------------------------------------------------------------------------- */

/* As the host knows it; under sudo whoever called that. */
static int find_caller(struct user *u, struct err *e)
{
	const char *uid = getuid() ? NULL : getenv("SUDO_UID"), *gid = uid ? getenv("SUDO_GID") : NULL;
	auto_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char own_uid[12], own_gid[12];
	uint64_t id;

	if (root < 0)
		return err_sys(e, "open /");
	if (uid && num_parse(uid, 0, UINT32_MAX - 1, &id, e) < 0)
		return err_prefix(e, "SUDO_UID");
	if (gid && num_parse(gid, 0, UINT32_MAX - 1, &id, e) < 0)
		return err_prefix(e, "SUDO_GID");
	snprintf(own_uid, sizeof(own_uid), "%u", getuid());
	snprintf(own_gid, sizeof(own_gid), "%u", getgid());
	return user_resolve(root, uid ? uid : own_uid, uid ? gid : own_gid, u, e);
}

/* The variable counts if what it names is the caller's own: sudo may leave it or not. */
static const char *find_home(const struct user *u)
{
	const char *home = getenv("HOME");
	struct stat st;

	return home && *home == '/' && stat(home, &st) == 0 && st.st_uid == u->uid ? home : u->home;
}

/* --- directories -------------------------------------------------------------------------------------------------- */

/* With the caller's rights: so it is the caller's, and root makes nothing where the caller could not. setfsuid(2) takes
 * the capabilities over files from this thread and gives them back. */
static int make_base(const char *path, const struct user *u, struct err *e)
{
	gid_t groups[USER_GROUPS];
	int n = getgroups(USER_GROUPS, groups), result;

	if (n < 0 || setgroups(0, NULL) < 0)
		return err_sys(e, "leave the groups");
	setfsgid(u->gid);
	setfsuid(u->uid);
	result = path_make_host(path, e);
	setfsuid(geteuid());
	setfsgid(getegid());
	if (setgroups((size_t)n, groups) < 0)
		return err_sys(e, "take the groups back");
	return result < 0 ? err_prefix(e, "-b: as user %s", u->name) : 0;
}

static int make_library(const char *path, struct err *e)
{
	auto_free char *copy = str_format(e, "%s", path);

	if (!copy || path_make_host(dirname(copy), e) < 0)
		return -1;
	return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : err_sys(e, "-d: make the directory %s", path);
}

/* --- the container ------------------------------------------------------------------------------------------------ */

/* An overlay of its own for path, which is in the tree of root, as mount number at: what was asked for may lie below. */
static int add_part(struct spec *s, const char *root, const char *path, size_t at, struct err *e)
{
	size_t len = root[1] ? strlen(root) : 0;
	struct spec_mount *v;

	if (strncmp(path, root, len) != 0 || path[len] != '/' || !path[len + 1])
		return err_set(e, "-l: %s is not below %s: all that follow the first must be in its tree", path, root);
	v = realloc(s->mounts, (s->nmounts + 1) * sizeof(*v));
	if (!v)
		return err_memory(e);
	s->mounts = v;
	memmove(v + at + 1, v + at, (s->nmounts++ - at) * sizeof(*v));
	v[at] = (struct spec_mount){ .type = MOUNT_OVERLAY };
	return str_replace(&v[at].source, path, e) < 0 ? -1 : str_replace(&v[at].target, path + len, e);
}

static int add_lower(struct spec *s, const struct words *parts, struct err *e)
{
	for (size_t i = 0; i < parts->n; i++) {
		auto_free char *real = realpath(parts->v[i], NULL);

		if (!real)
			return err_sys(e, "-l: %s", parts->v[i]);
		if ((i ? add_part(s, s->lower.v[0], real, i - 1, e) : words_add(&s->lower, real, e)) < 0)
			return -1;
	}
	return 0;
}

static int choose_lower(struct micro *m, const char *library, struct err *e)
{
	auto_free char *own = str_format(e, "%s/root-%s", library, m->name ? m->name : "");
	struct words parts = { 0 };
	struct stat st;
	int result;

	if (!own)
		return -1;
	if (m->lower)
		result = words_split(&parts, m->lower, ':', e);
	else
		result = words_add(&parts, m->name && stat(own, &st) == 0 && S_ISDIR(st.st_mode) ? own : "/", e);
	if (result == 0)
		result = add_lower(&m->spec, &parts, e);
	words_free(&parts);
	return result;
}

/* What a command line says about a container that runs already, and is in vain. */
static const char *list_vain(const struct micro *m, char text[80])
{
	const struct spec *s = &m->spec;
	const char *given[] = { m->base, m->library, s->hook_init, m->lower, s->hook_shutdown, s->nmounts ? "" : NULL };
	int begin = snprintf(text, 80, "it is running already, and not changed by"), used = begin;

	for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
		if (given[i])
			used += snprintf(text + used, 80 - (size_t)used, " -%c", "bdilsv"[i]);
	return used > begin ? text : NULL;
}

static int start(struct micro *m, struct box_options *o, struct box_result *r, struct err *e)
{
	struct spec *s = &m->spec;
	auto_free char *library = path_absolute(m->library ? m->library : LIBRARY, e), *base = NULL;
	struct user caller = { .home = "/" };
	char note[80];

	spec_open_devices(s);
	o->join_note = list_vain(m, note);
	if (!library || choose_lower(m, library, e) < 0 || find_caller(&caller, e) < 0)
		return -1;
	base = m->base ? path_absolute(m->base, e) : str_format(e, "%s/.app", find_home(&caller));
	if (!base || !(s->overlay = str_format(e, "%s/%s", base, s->name)) ||
	    !(s->mountpoint = str_format(e, "%s/%s/root", library, s->name)))
		return -1;
	s->overlay_set = true;
	if (!s->user && !(s->user = str_format(e, "%u:%u", caller.uid, caller.gid)))
		return -1;
	if ((m->name && str_replace(&s->hostname, m->name, e) < 0) || (!s->cwd && str_replace(&s->cwd, "/", e) < 0))
		return -1;
	/* Should the two be one directory it is the caller's. Who may not start a container is told so by the engine. */
	if (geteuid() == 0 &&
	    (make_base(base, &caller, e) < 0 || make_library(library, e) < 0 || path_make_host(s->mountpoint, e) < 0))
		return -1;
	return box_run(s, o, r, e);
}

/* Its root is seen below a directory of the container's own name. */
static bool is_ours(const struct state *st)
{
	size_t len = st->root ? strlen(st->root) : 0, end = strlen(st->name) + strlen("/root");

	return len > end && !strncmp(st->root + len - end, st->name, strlen(st->name)) && !strcmp(st->root + len - 5, "/root");
}

/* The script that is run is the one that was given at the start. */
static int unload(const struct spec *s, const struct box_options *o, struct err *e)
{
	struct state st;
	bool runs = state_load(s->name, &st, e) == 0, forgotten = runs && s->hook_shutdown && !st.hook_shutdown;
	bool other = runs && !st.ended && !is_ours(&st);

	state_close(&st);
	if (!runs)
		return e->num == ENOENT ? 0 : -1;
	if (other)
		return err_set(e, "the container %s was not started by this program", s->name);
	if (forgotten)
		o->warn(o->who, "it was started without -s: the script is not run");
	return end_stop(s->name, -1, NULL, e) < 0 && e->num != ENOENT ? -1 : 0;
}

/* --- the command line --------------------------------------------------------------------------------------------- */

/* A lone dash may be anywhere among the options, and behind the name. Returns the index of the command. */
static int parse(const struct applet *self, struct micro *m, int argc, char **argv)
{
	int first = 0;

	do {
		m->unload = first > 0;
		first += applet_parse(self, m, NULL, argc - first, argv + first);
	} while (first < argc && !strcmp(argv[first], "-") && strcmp(argv[first - 1], "--") != 0);
	if (m->name || first == argc || !strcmp(argv[first - 1], "--"))
		return first;
	m->name = argv[first++];
	if (first + 1 == argc && !strcmp(argv[first], "-")) {
		m->unload = true;
		first++;
	}
	return first + (first < argc && !strcmp(argv[first], "--"));
}

/* Its directories are called as the container is. */
static int name_instance(struct micro *m, struct err *e)
{
	if (m->name && spec_check_name(m->name, e) < 0)
		return -1;
	m->spec.name = m->name ? str_format(e, "app-%s", m->name) : str_format(e, "app");
	return m->spec.name ? spec_check_name(m->spec.name, e) : -1;
}

static int micro_main(const struct applet *self, int argc, char **argv)
{
	struct micro m = { .name = NULL };
	struct box_options o = { .warn = applet_warn, .who = self, .again = AGAIN_JOIN, .argv = argv };
	struct box_result r = { .code = 0 };
	struct spec *s = &m.spec;
	struct err e;
	int first, result;

	spec_init(s);
	first = parse(self, &m, argc, argv);
	result = name_instance(&m, &e);
	if (result == 0 && m.unload && first < argc)
		result = err_set(&e, "- stops the container: there is no command with it");
	for (int i = first; result == 0 && i < argc; i++)
		result = words_add(&s->command, argv[i], &e);
	if (result == 0)
		result = m.unload ? unload(s, &o, &e) : start(&m, &o, &r, &e);
	spec_free(s);
	return result < 0 ? applet_fail(self, &e) : r.code;
}

const struct applet applet_micro_container = {
	.name = "micro-container",
	.synopsis = "[-] [OPTION...] [NAME] [[--] COMMAND [ARGUMENT...]]",
	.help = "run a command in an overlay that keeps its changes (micro-container's command line)",
	.details =
		"A dash alone stops the instance. Without -n the first word is its name; all words after -- are the command, a login\n"
		"shell if there is none. While the instance runs, a second call runs its command in it.",
	.opts = micro_opts,
	.nopts = sizeof(micro_opts) / sizeof(*micro_opts),
	.bare = true,
	.main = micro_main,
};
