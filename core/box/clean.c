/* SPDX-License-Identifier: Zlib
 * Cleaning up after containers, by their own monitor or by whoever comes after it. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/auto.h"
#include "box/event.h"
#include "box/hooks.h"
#include "box/pidfile.h"
#include "box/resource.h"
#include "box/state.h"
#include "box/userns.h"
#include "sys/cgroup.h"
#include "sys/mount.h"

enum { DEATH_WAIT_MS = 10000, LOOK_TRIES = 500, LOOK_WAIT_MS = 10 };

/* A dead monitor's container must not live on: init dies with it, but perhaps it has not got so far. */
static int end_processes(struct state *s, struct err *e)
{
	if (!s->init.pid)
		return 0;
	/* What is frozen cannot die: this lets it run as well. */
	cgroup_kill(s->cgroup);
	proc_kill(&s->init, SIGKILL);
	if (proc_wait_gone(&s->init, DEATH_WAIT_MS))
		return 0;
	err_set(e, "the container %s does not die: its process %d hangs in the kernel", s->name, s->init.pid);
	e->num = EBUSY;
	return -1;
}

static int unmount_root(struct state *s, struct err *e)
{
	if (!s->root_mounted || !s->root)
		return 0;
	if (s->root_mount ? mount_remove_id(s->root_mount, e) < 0 || mount_remove_id(s->root_below, e) < 0 :
			    mount_remove(s->root, e) < 0)
		return -1;
	s->root_mounted = false;
	return 0;
}

/* The hook is owed once, whether it works or not. Returns 0, or 1 with e set when it failed. */
static int run_hook(struct state *s, struct err *e)
{
	struct err ignored;
	int result;

	if (!s->hook_shutdown)
		return 0;
	result = hooks_run(s->hook_shutdown, "shutdown", s->root, s->uid, s->gid, e) < 0;
	free(s->hook_shutdown);
	s->hook_shutdown = NULL;
	/* Written down at once: should what follows fail, the next call does the rest, and not this again. */
	state_save(s, &ignored);
	return result;
}

/* What belongs to a container that lives; with all, its record too, and the lock last: without it the directory may belong
 * to another at any moment, and nobody would come back for the rest. */
static int remove_files(struct state *s, bool all, struct err *e)
{
	static const struct {
		const char *name;
		int flags;
	} files[] = { { "root", AT_REMOVEDIR }, { "control", 0 }, { "state.new", 0 }, { "state", 0 }, { "lock", 0 } };

	for (size_t i = 0; i < (all ? 5 : 3); i++)
		if (unlinkat(s->dir, files[i].name, files[i].flags) < 0 && errno != ENOENT)
			return err_sys(e, "remove %s of %s from the run-time directory", files[i].name, s->name);
	return 0;
}

/* LOG, LOG.1 ... */
static void remove_log(const struct state *s)
{
	char path[4096];

	for (unsigned i = 0; s->log && s->log_passing && i < s->log_count; i++)
		if ((size_t)snprintf(path, sizeof(path), i ? "%s.%u" : "%s", s->log, i) < sizeof(path))
			unlink(path);
}

/* An empty directory that a start has left: without a lock it belongs to nobody. */
static int remove_empty(const struct state *s, struct err *e)
{
	auto_fd int all = state_open_dir(e);

	if (all < 0)
		return -1;
	/* Not empty: whoever starts one of this name has made a lock of his own in there by now. */
	if (unlinkat(all, s->name, AT_REMOVEDIR) == 0 || errno == ENOENT || errno == ENOTEMPTY)
		return 0;
	return err_sys(e, "remove %s from the run-time directory", s->name);
}

static int remove_directory(struct state *s, struct err *e)
{
	remove_log(s);
	return remove_files(s, true, e) < 0 ? -1 : remove_empty(s, e);
}

int state_finish(struct state *s, struct err *e)
{
	struct err next;
	int result;

	if (end_processes(s, e) < 0 || cgroup_remove(s->cgroup, e) < 0)
		return -1;
	/* What is there under these names later is somebody else's. */
	free(s->cgroup);
	s->cgroup = NULL;
	result = run_hook(s, e);
	if (unmount_root(s, &next) < 0)
		goto failed;
	userns_release(s);
	s->ids = 0;
	if (s->pid_file)
		pidfile_remove(s->pid_file);
	if (s->reason && !s->ended)
		event_write_stop(s);
	if (!s->named) {
		if (remove_directory(s, &next) < 0)
			goto failed;
		return result;
	}
	s->ended = s->ended ? s->ended : (int64_t)time(NULL);
	if (remove_files(s, false, &next) == 0 && state_save(s, &next) == 0)
		return result;
failed:
	*e = next;
	return -1;
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
	if (!s->reason) {
		s->reason = resource_oom_kills(s) ? END_OOM : END_LOST;
		s->code = EXIT_SIGNAL + SIGKILL;
	}
	if (state_finish(s, e) < 0)
		return -1;
	if (s->named)
		return STATUS_EXITED;
	e->num = 0;
	return -1;
}

/* Somebody else has the lock: its monitor, or for a moment another who looks at what a dead one has left. Returns as
 * state_try_lock. */
static int lock_or_monitored(struct state *s)
{
	const struct timespec moment = { .tv_nsec = LOOK_WAIT_MS * 1000000L };
	int locked = state_try_lock(s, false);

	for (int i = 0; locked == 0 && i < LOOK_TRIES && s->monitor.pid && !proc_alive(&s->monitor); i++) {
		nanosleep(&moment, NULL);
		locked = state_try_lock(s, false);
	}
	return locked;
}

int state_check(struct state *s, struct err *e)
{
	int locked = lock_or_monitored(s), status;

	e->num = 0;
	if (locked == 0)
		return s->init.pid ? STATUS_RUNNING : STATUS_STARTING;
	if (locked < 0) {
		if (errno == ESTALE || errno == ENOENT)
			return remove_empty(s, e) < 0 ? -1 : (e->num = 0, -1);
		return err_sys(e, "lock the state of %s", s->name);
	}
	status = judge_dead(s, e);
	fd_close(&s->lock);
	return status;
}

int state_runs(const char *name, struct err *e)
{
	struct state s;
	int result, status;

	if (state_load(name, &s, e) < 0) {
		result = e->num == ENOENT ? 0 : -1;
	} else {
		status = state_check(&s, e);
		result = status < 0 ? -(e->num != 0) : status != STATUS_EXITED;
	}
	state_close(&s);
	return result;
}
