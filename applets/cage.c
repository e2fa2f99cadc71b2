/* SPDX-License-Identifier: Zlib
 * cage: the command line of the program of that name. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "applet.h"
#include "base/auto.h"
#include "box/box.h"
#include "box/end.h"
#include "box/pidfile.h"
#include "box/root.h"
#include "box/state.h"
#include "spec/set.h"
#include "sys/path.h"

#define RUN  "/run/microcontainer"
#define APPS "/var/lib/microcontainer"

enum { STOP_TIMEOUT_MS = 5000 };

struct cage {
	struct spec spec; /* first: the setters of its keys take this for a struct spec */
	const char *appdir, *lower, *name, *pid_file, *upper, *work;
	bool kill, version;
};

/* An option that is a setting of the container. */
#define SETTING(option, field, setter, arg_name, text)                                                               \
	{                                                                                                            \
		.letter = (option), .set = (setter), .offset = offsetof(struct cage, spec.field), .arg = (arg_name), \
		.help = (text),                                                                                      \
	}

static const struct opt cage_opts[] = {
	OPT(struct cage, appdir, 'a', NULL, "DIR", "holds upper and work (default: " APPS "/default, or .../app-NAME)"),
	SETTING('c', cwd, spec_set_inside_path, "DIR", "directory to run in, made if it is missing (default: /)"),
	SETTING('e', env, spec_set_env, "NAME=VALUE", "set a variable; may be given several times"),
	SETTING('G', gui, opt_bool, NULL, "the caller's display (X11, Wayland) and sound (PulseAudio, PipeWire)"),
	SETTING('g', groups, spec_set_ids, "GROUP[:GROUP...]", "the command's groups, the first is its primary one"),
	SETTING('i', init_script, spec_set_text, "FILE", "a script that root's shell runs inside before the command"),
	OPT(struct cage, kill, 'k', NULL, NULL, "stop the instance: SIGTERM, after at most 5 s SIGKILL"),
	OPT(struct cage, lower, 'l', NULL, "DIR", "lower directory of the overlay (default: /)"),
	OPT(struct cage, name, 'n', NULL, "NAME", "name of the instance"),
	OPT(struct cage, pid_file, 'p', NULL, "FILE", "pid file (default: " RUN "/pid, or .../NAME.pid)"),
	OPT(struct cage, upper, 'U', NULL, "DIR",
	    "upper directory, which takes the changes (default: upper in the -a directory)"),
	SETTING('u', user, spec_set_ids, "USER[:GROUP...]", "who runs the command (default: 0)"),
	OPT(struct cage, version, 'V', NULL, NULL, "print the version"),
	SETTING('v', mounts, spec_set_mount, "SOURCE[:DEST]",
		"make a path of the host visible inside; may be given several times"),
	OPT(struct cage, work, 'w', NULL, "DIR", "work directory of the overlay (default: work in the -a directory)"),
};

/* --- which instance ----------------------------------------------------------------------------------------------- */

/* FNV-1a */
static uint32_t hash(const char *text)
{
	uint32_t value = 2166136261U;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 16777619U;
	return value;
}

/* The one path that a file has which may be missing, owned by the caller. */
static char *resolve_file(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	auto_free char *dir = slash ? str_format(e, "%.*s", (int)(base - path), path) : str_format(e, ".");
	auto_free char *real = dir ? realpath(dir, NULL) : NULL;

	if (dir && !real)
		err_sys(e, "-p: %s", path);
	return real ? str_format(e, "%s/%s", real[1] ? real : "", base) : NULL;
}

/* The name by which cagebox knows the instance, and its pid file. The same name with another pid file is another
 * instance; so is one that has the name of those without. */
static int find_instance(struct cage *c, struct err *e)
{
	const char *name = c->name ? c->name : "cage";
	auto_free char *usual = c->name ? str_format(e, RUN "/%s.pid", name) : str_format(e, RUN "/pid");
	bool other = usual && c->pid_file && strcmp(c->pid_file, usual) != 0;
	char **file = &c->spec.pid_file;

	if (spec_check_name(name, e) < 0)
		return err_prefix(e, "-n");
	*file = other ? resolve_file(c->pid_file, e) : usual ? strdup(usual) : NULL;
	if (!*file)
		return -1;
	other = strcmp(*file, usual) != 0 || (c->name && !strcmp(name, "cage"));
	c->spec.name = other ? str_format(e, "%s-%08" PRIx32, name, hash(*file)) : str_format(e, "%s", name);
	return c->spec.name ? spec_check_name(c->spec.name, e) : -1;
}

/* --- what it needs on the host ------------------------------------------------------------------------------------ */

/* Where upper cannot hold an overlay's changes, a file system in a file above its parent does, from then on. */
static int choose_overlay(const struct applet *self, struct spec *s, struct err *e)
{
	auto_free char *above = str_format(e, "%s/..", s->upper), *real = NULL, *image = NULL;
	struct err reason;

	if (!above || root_check(s, e) < 0 || root_make(s, e) < 0)
		return -1;
	real = realpath(above, NULL);
	if (!real)
		return err_sys(e, "-U: %s", above);
	image = str_format(e, "%s.img", real);
	if (!image)
		return -1;
	if (access(image, F_OK) < 0) {
		if (root_try_overlay(s, &reason) == 0)
			return 0;
		err_prefix(&reason, "changes go to the file system in %s", image);
		applet_warn(self, reason.text);
	}
	s->overlay_image = take_ptr(&image);
	s->overlay_set = true;
	free(s->upper);
	free(s->work);
	s->upper = s->work = NULL;
	return 0;
}

static int make_ready(const struct applet *self, const struct cage *c, const char *appdir, struct spec *s, struct err *e)
{
	if (!strncmp(s->pid_file, RUN "/", sizeof(RUN)) && path_make_host(RUN, e) < 0)
		return err_prefix(e, "-p");
	if ((!c->upper || !c->work) && path_make_host(appdir, e) < 0)
		return err_prefix(e, "-a");
	for (size_t i = 0; i < s->nmounts; i++)
		if (s->mounts[i].type == MOUNT_BIND && !s->mounts[i].optional && path_make_host(s->mounts[i].source, e) < 0)
			return err_prefix(e, "-v");
	return choose_overlay(self, s, e);
}

/* --- the container ------------------------------------------------------------------------------------------------ */

/* What holds for all of them, before the options. */
static int set_defaults(struct spec *s, struct err *e)
{
	const char *names[] = { "TERM", "LANG" }, *defaults[] = { "vt100", "C" };
	const struct opt none = { 0 };

	spec_init(s);
	s->no_new_privs = false;
	s->cwd_make = true;
	for (size_t i = 0; i < 2; i++) {
		const char *value = getenv(names[i]);
		auto_free char *text = str_format(e, "%s=%s", names[i], value && *value ? value : defaults[i]);

		if (!text || words_add(&s->env, text, e) < 0)
			return -1;
	}
	if (str_replace(&s->user, "0", e) < 0 || str_replace(&s->cwd, "/", e) < 0)
		return -1;
	return spec_set_tmpfs(s, &none, "/var/tmp:mode=1777", e);
}

/* What a command line says about a container that runs already, and is in vain. */
static const char *list_vain(const struct cage *c, char text[80])
{
	const char *given[] = { c->appdir, c->spec.init_script, c->lower, c->upper, c->spec.nmounts > 1 ? "" : NULL, c->work };
	int begin = snprintf(text, 80, "it is running already, and not changed by"), used = begin;

	for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
		if (given[i])
			used += snprintf(text + used, 80 - (size_t)used, " -%c", "ailUvw"[i]);
	return used > begin ? text : NULL;
}

static int start(const struct applet *self, struct cage *c, char **argv, struct box_result *r, struct err *e)
{
	struct spec *s = &c->spec;
	const struct opt lower = { .offset = offsetof(struct spec, lower) };
	auto_free char *appdir = c->appdir ? path_absolute(c->appdir, e) :
				 c->name   ? str_format(e, APPS "/app-%s", c->name) :
					     str_format(e, APPS "/default");
	struct box_options o = { .warn = applet_warn, .who = self, .again = AGAIN_JOIN, .argv = argv };
	char note[80];

	if (!appdir)
		return -1;
	s->upper = c->upper ? path_absolute(c->upper, e) : str_format(e, "%s/upper", appdir);
	s->work = c->work ? path_absolute(c->work, e) : str_format(e, "%s/work", appdir);
	if (!s->upper || !s->work)
		return -1;
	if (spec_set_lower(s, &lower, c->lower ? c->lower : "/", e) < 0)
		return err_prefix(e, "-l");
	/* The name of X11's key is the host's. */
	if (!s->gui && str_replace(&s->hostname, c->name ? c->name : "cage", e) < 0)
		return -1;
	spec_open_devices(s);
	o.join_note = list_vain(c, note);
	/* Its places are root's. */
	if (geteuid() != 0) {
		err_set(e, "containers need root here");
		return err_hint(e, "try sudo, or cagebox run, which works without");
	}
	if (state_runs(s->name, e) <= 0 && make_ready(self, c, appdir, s, e) < 0)
		return -1;
	return box_run(s, &o, r, e);
}

static int stop(const struct spec *s, struct err *e)
{
	struct ending ending;
	struct state st;
	bool other = state_load(s->name, &st, e) == 0 && !st.ended && (!st.pid_file || strcmp(st.pid_file, s->pid_file) != 0);

	state_close(&st);
	if (other)
		return err_set(e, "-k: the container %s has another pid file than %s", s->name, s->pid_file);
	if (end_stop(s->name, STOP_TIMEOUT_MS, &ending, e) < 0 && e->num != ENOENT)
		return -1;
	pidfile_remove(s->pid_file);
	return 0;
}

static int cage_main(const struct applet *self, int argc, char **argv)
{
	struct cage c = { .appdir = NULL };
	struct box_result r = { .code = 0 };
	struct err e;
	int first, result = set_defaults(&c.spec, &e);

	if (result < 0)
		return applet_fail(self, &e);
	first = applet_parse(self, &c, NULL, argc, argv);
	if (c.version) {
		printf("%s (cagebox %s)\n", self->name, VERSION);
		goto end;
	}
	result = find_instance(&c, &e);
	for (int i = first; result == 0 && i < argc; i++)
		result = words_add(&c.spec.command, argv[i], &e);
	if (result == 0)
		result = c.kill ? stop(&c.spec, &e) : start(self, &c, argv, &r, &e);
end:
	spec_free(&c.spec);
	return result < 0 ? applet_fail(self, &e) : r.code;
}

const struct applet applet_cage = {
	.name = "cage",
	.synopsis = "[OPTION...] [--] [COMMAND [ARGUMENT...]]",
	.help = "run a command in an overlay that keeps its changes (cage's command line)",
	.details =
		"Without a command it is a login shell. While the instance runs, a second call runs its command in it; then\n"
		"-a, -i, -l, -U, -v and -w change nothing. Where the upper directory cannot hold changes they go to an image:\n"
		"the directory that holds upper, and .img.",
	.opts = cage_opts,
	.nopts = sizeof(cage_opts) / sizeof(*cage_opts),
	.bare = true,
	.main = cage_main,
};
