/* SPDX-License-Identifier: Zlib
 * Starting a container that may be running already: refuse, join, or replace it. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "box/enter.h"
#include "box/gui.h"
#include "box/launch.h"

enum { JOIN_TRIES = 100 };

/* Whether two pid files are one; none is as good as another none. */
static bool same_pid_file(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Whether the container of that name runs, or will in a moment. An error when it does but is not the one that is meant. */
static int find_running(const struct spec *s, struct state *st, struct err *e)
{
	int status = state_load(s->name, st, e);

	if (status < 0)
		return e->num == ENOENT ? 0 : -1;
	status = state_check(st, e);
	if (status < 0 && e->num)
		return -1;
	if (status < 0 || status == STATUS_EXITED)
		return 0;
	if (same_pid_file(st->pid_file, s->pid_file))
		return 1;
	return err_set(e, "the container %s is running already, with %s%s", s->name,
		       st->pid_file ? "the pid file " : "no pid file", st->pid_file ? st->pid_file : "");
}

/* The caller's display, for a container that runs without it: its mounts go to gui, its variables to s. */
static int add_gui(struct spec *s, const struct state *st, struct spec *gui, struct err *e)
{
	char path[32];
	auto_fd int root = -1;
	int result;

	if (!s->gui)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/root", st->init.pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Nothing but what it looks at; user and env are lent. */
	*gui = (struct spec){ .gui = true, .user = s->user, .env = s->env };
	result = gui_expand(gui, &root, 1, e);
	s->env = gui->env;
	gui->user = NULL;
	gui->env = (struct words){ 0 };
	return result;
}

/* What of s applies to a further command. */
static int enter(struct spec *s, const struct box_options *o, const struct state *st, int *code, struct err *e)
{
	struct enter_options in = { .command = s->command, .user = s->user, .groups = s->groups, .cwd = s->cwd, .tty = s->tty };
	struct spec gui = { 0 };
	int result;

	if (!enter_is_safe() && (!o->argv || enter_again(o->argv, e) < 0))
		return o->argv ? -1 : err_set(e, "cagebox cannot be executed again");
	if (o->join_note && o->warn)
		o->warn(o->who, o->join_note);
	result = add_gui(s, st, &gui, e);
	in.mounts = gui.mounts;
	in.nmounts = gui.nmounts;
	in.cwd_make = s->cwd_make;
	in.env = s->env;
	in.cap_add = s->cap_add;
	in.cap_drop = s->cap_drop;
	if (result == 0)
		result = enter_run(s->name, &in, code, e);
	spec_free(&gui);
	return result;
}

/* Returns 1 when it was joined, 0 when there is nothing to join. */
static int join(struct spec *s, const struct box_options *o, struct box_result *r, struct err *e)
{
	struct state st;
	int result = find_running(s, &st, e);

	if (result > 0) {
		*r = (struct box_result){ .joined = true };
		snprintf(r->name, sizeof(r->name), "%s", s->name);
		result = enter(s, o, &st, &r->code, e) < 0 ? -1 : 1;
	}
	state_close(&st);
	return result;
}

int box_run(struct spec *s, const struct box_options *o, struct box_result *r, struct err *e)
{
	int result;

	if (o->again != AGAIN_JOIN || !s->name || geteuid() != 0)
		return launch_run(s, o, r, e);
	/* Between the look and the start somebody else may have started it. */
	for (int i = 0; i < JOIN_TRIES; i++) {
		result = join(s, o, r, e);
		if (result)
			return result < 0 ? -1 : 0;
		result = launch_run(s, o, r, e);
		if (result == 0 || e->num != EALREADY)
			return result;
	}
	return -1;
}
