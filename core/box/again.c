/* SPDX-License-Identifier: Zlib
 * Starting a container that may be running already: refuse, join, or replace it. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "box/end.h"
#include "box/enter.h"
#include "box/gui.h"
#include "box/launch.h"

enum { TRIES = 1000, TRY_MS = 10 };

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
	/* It begins at this very moment, and has not said yet which it is. */
	if (status == STATUS_STARTING && !st->monitor.pid) {
		e->num = EAGAIN;
		return -1;
	}
	if (same_pid_file(st->pid_file, s->pid_file))
		return 1;
	return err_set(e, "the container %s is running already, with %s%s", s->name,
		       st->pid_file ? "the pid file " : "no pid file", st->pid_file ? st->pid_file : "");
}

/* The caller's display, for a container that runs without it: its mounts go to gui, its variables to s. */
static int add_gui(struct spec *s, struct state *st, struct spec *gui, struct err *e)
{
	char path[32];
	auto_fd int root = -1;
	int result;

	if (!s->gui)
		return 0;
	/* Who is to see it is looked up in there, once it is put together. */
	if (end_wait_ready(s->name, e) < 0 || state_read(st, e) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/root", st->init.pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!proc_alive(&st->init)) {
		err_set(e, "the container %s has just ended", s->name);
		e->num = ESRCH;
		return -1;
	}
	/* Nothing but what it looks at; user and env are lent. */
	*gui = (struct spec){ .gui = true, .user = s->user, .env = s->env };
	result = gui_expand(gui, &root, 1, e);
	s->env = gui->env;
	gui->user = NULL;
	gui->env = (struct words){ 0 };
	return result;
}

/* What of s applies to a further command. */
static int enter(struct spec *s, struct state *st, int *code, struct err *e)
{
	struct enter_options in = { .command = s->command, .user = s->user, .groups = s->groups, .cwd = s->cwd, .tty = s->tty };
	struct spec gui = { 0 };
	int result;

	result = add_gui(s, st, &gui, e);
	in.mounts = gui.mounts;
	in.nmounts = gui.nmounts;
	in.cwd_make = s->cwd_make;
	in.env = s->env;
	in.own_env = true;
	in.cap_add = s->cap_add;
	in.cap_drop = s->cap_drop;
	if (result == 0)
		result = enter_run(s->name, &in, code, e);
	spec_free(&gui);
	return result;
}

/* Returns 1 when it was joined, 0 when there is nothing to join, -1 with e set; e->num EAGAIN or ESRCH when that may be
 * another in a moment. */
static int join(struct spec *s, const struct box_options *o, bool first, struct box_result *r, struct err *e)
{
	struct state st;
	int result = find_running(s, &st, e);

	if (result > 0 && !enter_is_safe())
		result = o->argv ? enter_again(o->argv, e) : err_set(e, "cagebox cannot be executed again");
	if (result > 0) {
		*r = (struct box_result){ .joined = true };
		snprintf(r->name, sizeof(r->name), "%s", s->name);
		if (first && o->join_note && o->warn)
			o->warn(o->who, o->join_note);
		result = enter(s, &st, &r->code, e) < 0 ? -1 : 1;
	}
	state_close(&st);
	return result;
}

int box_run(struct spec *s, const struct box_options *o, struct box_result *r, struct err *e)
{
	const struct timespec moment = { .tv_nsec = TRY_MS * 1000000L };
	bool joins = o->again == AGAIN_JOIN && geteuid() == 0;
	int result;

	if (o->again == AGAIN_REFUSE || !s->name)
		return launch_run(s, o, r, e);
	/* Between a look and what follows from it somebody else may have started it, or it may have ended. */
	for (int i = 0; i < TRIES; i++) {
		result = joins ? join(s, o, i == 0, r, e) : 0;
		if (result > 0 || (result < 0 && e->num != EAGAIN && e->num != ESRCH))
			return result > 0 ? 0 : -1;
		if (result == 0)
			result = launch_run(s, o, r, e);
		if (result == 0 || (e->num != EALREADY && e->num != EAGAIN && e->num != ESRCH))
			return result;
		nanosleep(&moment, NULL);
	}
	return -1;
}
