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
	return err_set(e, "the container %s is running already, with %s%s", s->name, st->pid_file ? "the pid file " : "no pid file",
		       st->pid_file ? st->pid_file : "");
}

/* What of s applies to a further command. */
static int enter(struct spec *s, const struct box_options *o, const struct state *st, int *code, struct err *e)
{
	struct enter_options in = { .command = s->command, .user = s->user, .groups = s->groups, .cwd = s->cwd, .tty = s->tty };
	size_t first = s->nmounts;
	char path[32];
	auto_fd int root = -1;

	if (!enter_is_safe() && (!o->argv || enter_again(o->argv, e) < 0))
		return o->argv ? -1 : err_set(e, "cagebox cannot be executed again");
	if (o->join_note && o->warn)
		o->warn(o->join_note);
	snprintf(path, sizeof(path), "/proc/%d/root", st->init.pid);
	root = s->gui ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (s->gui && gui_expand(s, &root, 1, e) < 0)
		return -1;
	in.mounts = s->mounts + first;
	in.nmounts = s->nmounts - first;
	in.cwd_make = s->cwd_make;
	in.env = s->env;
	in.cap_add = s->cap_add;
	in.cap_drop = s->cap_drop;
	return enter_run(s->name, &in, code, e);
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

	if (o->again != AGAIN_JOIN || !s->name)
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
