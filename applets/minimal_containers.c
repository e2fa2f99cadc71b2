/* SPDX-License-Identifier: Zlib
 * minimal-containers: the command line and the configurations of the program of that name. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "applet.h"
#include "base/auto.h"
#include "box/config.h"
#include "box/end.h"
#include "box/state.h"
#include "spec/keys.h"
#include "spec/set.h"

/* By their letters: what -r means depends on the command. */
struct minimal_args {
	bool r, d, s;
};

static const struct opt minimal_opts[] = {
	OPT(struct minimal_args, r, 'r', NULL, NULL, "start: stop it first if it is running; list: only those that run"),
	OPT(struct minimal_args, d, 'd', NULL, NULL, "start: stay until it has ended, with the standard streams of the caller"),
	OPT(struct minimal_args, s, 's', NULL, NULL, "start: run a shell in place of init, $SHELL or /bin/bash, and stay"),
};

/* What was called, with the directory that all paths begin with. */
struct call {
	const struct applet *self;
	struct minimal_args args;
	char home[PATH_MAX];
};

static int find_home(char home[PATH_MAX], struct err *e)
{
	static const char *const parts[] = { "configs", "logs", "pids" };
	const char *given = getenv("CAGEBOX_PATH");

	if (!given || !*given)
		given = CONTAINERS;
	if (!realpath(given, home))
		return err_sys(e, "find the directory %s of configs, logs and pids", given);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		auto_free char *path = str_format(e, "%s/%s", home, parts[i]);
		auto_fd int fd = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

		if (fd < 0)
			return path ? err_sys(e, "open the directory %s", path) : -1;
	}
	return 0;
}

/* --- a container's settings --------------------------------------------------------------------------------------- */

static int check_required(const char *path, const struct spec_origins *origins, struct err *e)
{
	static const char *const required[] = { "root", "init", "namespaces" };

	for (size_t i = 0; i < sizeof(required) / sizeof(*required); i++) {
		const struct opt *row = opt_find(spec_keys, spec_nkeys, required[i]);
		bool found = false;

		/* Whatever it is called, it is noted by its first name. */
		while (row->flags & OPT_ALIAS)
			row--;
		for (size_t j = 0; j < origins->n; j++)
			found |= origins->v[j].row == (size_t)(row - spec_keys);
		if (!found)
			return err_set(e, "%s: the key %s is missing", path, required[i]);
	}
	return 0;
}

/* What such containers have in /dev beyond the usual, unless the file says otherwise. The last one hands out the
 * processor: not together with the user namespace. */
static int add_devices(struct spec *s, struct err *e)
{
	static const char *const devices[] = { "/dev/fuse", "/dev/ppp", "/dev/rtc0",        "/dev/hpet",
					       "/dev/cuse", "/dev/vcs", "/dev/userfaultfd", "/dev/kvm" };
	size_t n = sizeof(devices) / sizeof(*devices) - (s->namespaces & NS_USER ? 1 : 0);

	for (size_t i = 0; i < n; i++) {
		struct stat st;
		bool wanted = stat(devices[i], &st) == 0 && S_ISCHR(st.st_mode);

		for (size_t j = 0; j < s->ndevices; j++)
			wanted &= strcmp(s->devices[j].target, devices[i]) != 0;
		if (wanted && spec_set_device(s, NULL, devices[i], e) < 0)
			return -1;
	}
	return 0;
}

static int use_shell(struct spec *s, struct err *e)
{
	const char *shell = getenv("SHELL");

	words_free(&s->command);
	return words_add(&s->command, shell && *shell ? shell : "/bin/bash", e);
}

static int read_settings(const struct call *c, const char *path, struct spec *s, struct err *e)
{
	struct spec_origins origins = { 0 };
	int result;

	s->no_new_privs = false;
	result = config_read(path, s, &origins, e) < 0 ? -1 : check_required(path, &origins, e);
	spec_origins_free(&origins);
	/* All of them have the same ids unless told otherwise, so that what one has made is another's too. */
	if (s->userns == USERNS_UNSET && !s->uid_map.n && !s->id_map_start)
		s->id_map_start = 1 << 30;
	if (result < 0 || add_devices(s, e) < 0 || (c->args.s && use_shell(s, e) < 0))
		return -1;
	for (size_t i = 0; i < s->nmounts; i++)
		s->mounts[i].optional |= s->mounts[i].type == MOUNT_BIND && !s->mounts[i].read_only;
	spec_open_devices(s);
	if (!s->log)
		s->log = str_format(e, "%s/logs/%s", c->home, s->name);
	if (!s->pid_file)
		s->pid_file = str_format(e, "%s/pids/%s", c->home, s->name);
	return s->log && s->pid_file ? 0 : -1;
}

static int start_one(const struct call *c, const char *name, struct box_result *r, struct err *e)
{
	auto_free char *path = spec_check_name(name, e) < 0 ? NULL : str_format(e, "%s/configs/%s", c->home, name);
	const struct box_options o = {
		.detach = !c->args.d && !c->args.s,
		.warn = applet_warn,
		.who = c->self,
		.again = c->args.r ? AGAIN_REPLACE : AGAIN_REFUSE,
		.config = path,
	};
	struct spec s;
	int result = -1;

	spec_init(&s);
	if (path && str_replace(&s.name, name, e) == 0 && read_settings(c, path, &s, e) == 0)
		result = box_run(&s, &o, r, e);
	spec_free(&s);
	return result;
}

/* --- the commands ------------------------------------------------------------------------------------------------- */

static int start(const struct call *c, char **names)
{
	struct box_result r;
	struct err e;

	if (start_one(c, *names, &r, &e) == 0)
		return c->args.d || c->args.s ? r.code : 0;
	if (e.num == EALREADY)
		err_hint(&e, "start -r replaces it");
	return applet_fail(c->self, &e);
}

static int start_all(const struct call *c, char **names)
{
	struct box_result r;
	struct err e;
	int status = 0;

	for (; *names; names++)
		if (start_one(c, *names, &r, &e) < 0 && e.num != EALREADY)
			status = applet_fail(c->self, &e);
	return status;
}

static int kill_named(const struct call *c, char **names)
{
	int status = 0;

	for (; *names; names++) {
		struct err e;
		int running = state_runs(*names, &e);

		if (running == 0)
			status = applet_error(c->self, "the container %s is not running", *names);
		else if (running < 0 || end_kill(*names, NULL, &e) < 0)
			status = applet_fail(c->self, &e);
	}
	return status;
}

static int list(const struct call *c, char **names)
{
	int status = 0, width = 0;

	for (char **name = names; *name; name++)
		width = (int)strlen(*name) > width ? (int)strlen(*name) : width;
	for (; *names; names++) {
		struct err e;
		int running = state_runs(*names, &e);

		if (running < 0)
			status = applet_fail(c->self, &e);
		else if (running || !c->args.r)
			printf("%-*s %s\n", width, *names, running ? "running" : "stopped");
	}
	return status;
}

static const struct command {
	const char *name;
	int (*run)(const struct call *c, char **names);
	bool all;   /* it is about all that have a configuration */
	bool r, ds; /* which options it takes */
} commands[] = {
	{ "start", start, false, true, true },
	{ "start-all", start_all, true, false, false },
	{ "kill", kill_named, false, false, false },
	{ "list", list, true, true, false },
};

/* names are the words left over. */
static int run_command(const struct command *command, const struct call *c, char **names)
{
	auto_free char *configs = NULL;
	struct words all = { 0 };
	struct err e;
	int status;

	if (!command->all)
		return command->run(c, names);
	configs = str_format(&e, "%s/configs", c->home);
	if (!configs || config_names(configs, "", &all, &e) < 0)
		return applet_fail(c->self, &e);
	status = all.n ? command->run(c, all.v) : 0;
	words_free(&all);
	return status;
}

static int minimal_main(const struct applet *self, int argc, char **argv)
{
	const struct command *command = NULL;
	struct call c = { .self = self };
	struct err e;
	int first, n;

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			command = &commands[i];
	first = applet_parse(self, &c.args, NULL, argc - (command != NULL), argv + (command != NULL)) + (command != NULL);
	n = argc - first;
	if (!command || (c.args.r && !command->r) || ((c.args.d || c.args.s) && !command->ds) ||
	    (command->all ? n != 0 : n < 1) || (command->run == start && n > 1))
		return applet_error(self, "usage: %s %s", self->name, self->synopsis);
	if (find_home(c.home, &e) < 0)
		return applet_fail(self, &e);
	return run_command(command, &c, argv + first);
}

const struct applet applet_minimal_containers = {
	.name = "minimal-containers",
	.synopsis = "start [-r] [-d|-s] NAME | start-all | kill NAME... | list [-r]",
	.help = "start, kill and list containers by the configurations in " CONTAINERS "/configs",
	.details =
		"The directory " CONTAINERS
		", or that which the variable CAGEBOX_PATH names, has three in it: configs/NAME is the configuration,\n"
		"with the keys root, init and namespaces at least; logs/NAME gets what the container prints, pids/NAME the pid of its init.\n"
		"A path of init or SHELL that begins with @ is on the host. start returns once the container is up. kill is sudden: its\n"
		"processes have no chance to clean something up.",
	.opts = minimal_opts,
	.nopts = sizeof(minimal_opts) / sizeof(*minimal_opts),
	.bare = true,
	.main = minimal_main,
};
