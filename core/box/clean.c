/* SPDX-License-Identifier: Zlib
 * Cleaning up after containers, by their own monitor or by whoever comes after it. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/auto.h"
#include "box/hooks.h"
#include "box/state.h"
#include "sys/cgroup.h"
#include "sys/mount.h"

enum { DEATH_WAIT_MS = 10000 };

/* A dead monitor's container must not live on: init dies with it, but perhaps it has not got so far. */
static int end_processes(struct state *s, struct err *e)
{
	if (!s->init.pid)
		return 0;
	proc_kill(&s->init, SIGKILL);
	if (!proc_wait_gone(&s->init, DEATH_WAIT_MS))
		return err_set(e, "the container %s does not die: its process %d hangs in the kernel", s->name, s->init.pid);
	return 0;
}

/* Undo what was done to the host. Goes on after a failure; the first one is told. */
static int undo(struct state *s, struct err *e)
{
	struct err next;
	char path[4096];
	int result = end_processes(s, e);

	if (cgroup_remove(s->cgroup, &next) < 0 && result == 0) {
		*e = next;
		result = -1;
	}
	if (s->hook_shutdown && hooks_run(s->hook_shutdown, "shutdown", s->root, s->uid, s->gid, &next) < 0 && result == 0) {
		*e = next;
		result = -1;
	}
	free(s->hook_shutdown);
	s->hook_shutdown = NULL;
	if (!s->root_mounted)
		return result;
	s->root_mounted = false;
	if (state_path(s, "root", path, sizeof(path), &next) < 0 || mount_remove(path, &next) < 0) {
		*e = next;
		result = -1;
	}
	return result;
}

static void remove_files(struct state *s, bool all)
{
	static const char *const files[] = { "control", "state.new", "state", "lock" };

	for (size_t i = 0; i < (all ? 4 : 2); i++)
		unlinkat(s->dir, files[i], 0);
	unlinkat(s->dir, "root", AT_REMOVEDIR);
}

int state_finish(struct state *s, struct err *e)
{
	int result = undo(s, e);
	struct err next;

	if (s->named) {
		s->ended = s->ended ? s->ended : (int64_t)time(NULL);
		remove_files(s, false);
		return state_save(s, result < 0 ? &next : e) < 0 ? -1 : result;
	}
	remove_files(s, true);
	auto_fd int dir = state_open_dir(result < 0 ? &next : e);
	if (dir < 0)
		return -1;
	if (unlinkat(dir, s->name, AT_REMOVEDIR) < 0 && errno != ENOENT && result == 0)
		return err_sys(e, "remove %s from the run-time directory", s->name);
	return result;
}

/* With the lock of a container whose monitor is dead: is it worth anything still? */
static int judge_dead(struct state *s, struct err *e)
{
	if (state_read(s, e) < 0)
		return -1;
	if (s->keep && !s->ended && proc_alive(&s->init))
		return STATUS_UNMONITORED;
	if (s->ended && s->named)
		return STATUS_EXITED;
	if (!s->reason)
		s->reason = END_LOST;
	if (state_finish(s, e) < 0)
		return -1;
	if (s->named)
		return STATUS_EXITED;
	e->num = 0;
	return -1;
}

int state_check(struct state *s, struct err *e)
{
	int locked = state_try_lock(s), status;

	e->num = 0;
	if (locked == 0)
		return s->init.pid ? STATUS_RUNNING : STATUS_STARTING;
	if (locked < 0) {
		if (errno == ESTALE || errno == ENOENT)
			return -1;
		return err_sys(e, "lock the state of %s", s->name);
	}
	status = judge_dead(s, e);
	fd_close(&s->lock);
	return status;
}
