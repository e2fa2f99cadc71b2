/* SPDX-License-Identifier: Zlib
 * Run-time state: directory, record, lock, claim. Host side. */
#include "box/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "box/dirs.h"
#include "box/record.h"
#include "spec/spec.h"
#include "sys/cgroup.h"
#include "sys/fd.h"

enum { CLAIM_TRIES = 100, CLAIM_WAIT_MS = 20 };

const char *state_status_name(enum state_status status)
{
	static const char *const names[] = {
		[STATUS_STARTING] = "starting",
		[STATUS_RUNNING] = "running",
		[STATUS_UNMONITORED] = "unmonitored",
		[STATUS_EXITED] = "exited",
	};

	return names[status];
}

/* --- the directory ------------------------------------------------------------------------------------------------ */

/* A directory with this mode, whatever the caller's umask. One that is there keeps its own. Returns 0, -1 with errno. */
static int make_directory(int dir, const char *path, mode_t mode)
{
	return mkdirat(dir, path, mode) == 0 ? fchmodat(dir, path, mode, 0) : errno == EEXIST ? 0 : -1;
}

int state_path(const struct state *s, const char *file, char *path, size_t room, struct err *e)
{
	auto_free char *run = dirs_path(DIRS_RUN, e);

	if (!run)
		return -1;
	if ((size_t)snprintf(path, room, "%s/%s/%s", run, s->name, file) >= room)
		return err_set(e, "the run-time directory's path is too long");
	return 0;
}

int state_open_dir(struct err *e)
{
	auto_free char *path = dirs_path(DIRS_RUN, e);
	bool root = geteuid() == 0;
	struct stat st;
	auto_fd int fd = -1;

	if (!path)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && make_directory(AT_FDCWD, path, root ? 0711 : 0700) == 0)
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open the run-time directory %s", path);
	/* In /tmp anybody can have made it. */
	if (st.st_uid != geteuid() || st.st_mode & (root ? 022 : 077))
		return err_set(e, "the run-time directory %s must be ours and %s by nobody else", path,
			       root ? "writable" : "accessible");
	return take_fd(&fd);
}

void state_init(struct state *s)
{
	*s = (struct state){ .dir = -1, .lock = -1 };
}

static void free_texts(struct state *s)
{
	char **texts[] = { &s->command, &s->root, &s->hook_shutdown, &s->cgroup, &s->config, &s->pid_file, &s->log };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		free(*texts[i]);
}

void state_close(struct state *s)
{
	fd_close(&s->lock);
	fd_close(&s->dir);
	free_texts(s);
	state_init(s);
}

/* --- the record of what is known ---------------------------------------------------------------------------------- */

int state_save(const struct state *s, struct err *e)
{
	struct record r = { 0 };

	record_number(&r, "pid", s->init.pid);
	record_number(&r, "pid_start", (int64_t)s->init.start);
	record_number(&r, "monitor", s->monitor.pid);
	record_number(&r, "monitor_start", (int64_t)s->monitor.start);
	record_text(&r, "boot", s->monitor.boot);
	record_number(&r, "started", s->started);
	record_number(&r, "ended", s->ended);
	record_text(&r, "command", s->command);
	record_text(&r, "root", s->root);
	record_number(&r, "root_mounted", s->root_mounted);
	record_number(&r, "root_mount", s->root_mount);
	record_number(&r, "root_below", s->root_below);
	record_number(&r, "named", s->named);
	record_number(&r, "keep", s->keep);
	record_text(&r, "hook_shutdown", s->hook_shutdown);
	record_number(&r, "uid", s->uid);
	record_number(&r, "gid", s->gid);
	record_number(&r, "ids", s->ids);
	record_text(&r, "cgroup", s->cgroup);
	record_number(&r, "stop_timeout", (int64_t)s->stop_timeout_ms);
	record_text(&r, "config", s->config);
	record_text(&r, "pid_file", s->pid_file);
	record_text(&r, "log", s->log);
	record_number(&r, "log_size", (int64_t)s->log_size_bytes);
	record_number(&r, "log_count", s->log_count);
	record_number(&r, "log_passing", s->log_passing);
	record_number(&r, "reason", s->reason);
	record_number(&r, "code", s->code);
	return record_write(&r, s->dir, "state", e);
}

static void fill(struct state *s, struct record *r)
{
	free_texts(s);
	s->init.pid = (pid_t)record_get_number(r, "pid");
	s->init.start = (uint64_t)record_get_number(r, "pid_start");
	s->monitor.pid = (pid_t)record_get_number(r, "monitor");
	s->monitor.start = (uint64_t)record_get_number(r, "monitor_start");
	record_copy(r, "boot", s->monitor.boot, sizeof(s->monitor.boot));
	memcpy(s->init.boot, s->monitor.boot, sizeof(s->init.boot));
	s->started = record_get_number(r, "started");
	s->ended = record_get_number(r, "ended");
	s->command = record_get_text(r, "command");
	s->root = record_get_text(r, "root");
	s->root_mounted = record_get_number(r, "root_mounted");
	s->root_mount = (int)record_get_number(r, "root_mount");
	s->root_below = (int)record_get_number(r, "root_below");
	s->named = record_get_number(r, "named");
	s->keep = record_get_number(r, "keep");
	s->hook_shutdown = record_get_text(r, "hook_shutdown");
	s->uid = (uid_t)record_get_number(r, "uid");
	s->gid = (gid_t)record_get_number(r, "gid");
	s->ids = (uint32_t)record_get_number(r, "ids");
	s->cgroup = record_get_text(r, "cgroup");
	s->stop_timeout_ms = (uint64_t)record_get_number(r, "stop_timeout");
	s->config = record_get_text(r, "config");
	s->pid_file = record_get_text(r, "pid_file");
	s->log = record_get_text(r, "log");
	s->log_size_bytes = (uint64_t)record_get_number(r, "log_size");
	s->log_count = (unsigned)record_get_number(r, "log_count");
	s->log_passing = record_get_number(r, "log_passing");
	s->reason = (enum end_reason)record_get_number(r, "reason");
	s->code = (int)record_get_number(r, "code");
}

int state_read(struct state *s, struct err *e)
{
	struct record r = { 0 };
	int result = record_read(&r, s->dir, "state", e);

	if (result < 0 && e->num != ENOENT)
		return -1;
	fill(s, &r);
	result = r.failed ? err_memory(e) : 0;
	record_free(&r);
	return result;
}

int state_load(const char *name, struct state *s, struct err *e)
{
	auto_fd int all = -1;

	state_init(s);
	if (spec_check_name(name, e) < 0)
		return -1;
	all = state_open_dir(e);
	if (all < 0)
		return -1;
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->dir = openat(all, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->dir < 0) {
		int num = errno;

		err_set(e, num == ENOENT ? "no container is called %s" : "the state of %s cannot be read", name);
		e->num = (short)num;
		return -1;
	}
	return state_read(s, e);
}

int state_make_stage(const struct state *s, bool passable, struct err *e)
{
	if (make_directory(s->dir, "root", 0711) < 0 || (passable && fchmod(s->dir, 0711) < 0))
		return err_sys(e, "make the directory to mount the root on");
	return 0;
}

/* --- locking ------------------------------------------------------------------------------------------------------ */

int state_try_lock(struct state *s, bool make)
{
	auto_fd int fd = openat(s->dir, "lock", O_RDWR | (make ? O_CREAT : 0) | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat ours, there;

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? 0 : -1;
	if (fstat(fd, &ours) < 0 || fstatat(s->dir, "lock", &there, AT_SYMLINK_NOFOLLOW) < 0 || ours.st_ino != there.st_ino) {
		errno = ESTALE;
		return -1;
	}
	s->lock = take_fd(&fd);
	return 1;
}

static void pause_ms(int ms)
{
	const struct timespec t = { .tv_nsec = ms * 1000000L };

	nanosleep(&t, NULL);
}

static int claim_once(int all, struct state *s, struct err *e)
{
	int locked;

	if (make_directory(all, s->name, 0700) < 0)
		return err_sys(e, "make %s in the run-time directory", s->name);
	s->dir = openat(all, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->dir < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open %s in the run-time directory", s->name);
	locked = state_try_lock(s, true);
	if (locked < 0 && errno != ESTALE && errno != ENOENT) {
		err_sys(e, "lock the state of %s", s->name);
		unlinkat(all, s->name, AT_REMOVEDIR); /* made for nothing; it stays if anything is in it */
		return -1;
	}
	return locked > 0;
}

static int err_running(const char *name, const char *how, struct err *e)
{
	err_set(e, "the container %s is running already%s", name, how);
	e->num = EALREADY;
	return -1;
}

/* Claim s->name. Somebody who only looks takes the lock for a moment too, and the directory of one that ends goes
 * away: try again unless it is really running. */
static int claim(int all, struct state *s, struct err *e)
{
	for (int i = 0; i < CLAIM_TRIES; i++) {
		int result = claim_once(all, s, e);

		if (result)
			return result < 0 ? -1 : 0;
		if (s->dir >= 0 && state_read(s, e) == 0 && (proc_alive(&s->monitor) || (s->keep && proc_alive(&s->init))) &&
		    !s->ended)
			return err_running(s->name, "", e);
		fd_close(&s->dir);
		pause_ms(CLAIM_WAIT_MS);
	}
	return err_set(e, "the state of %s is locked by another cagebox", s->name);
}

static int make_name(char *name, size_t room, struct err *e)
{
	uint32_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return err_sys(e, "make up a name");
	snprintf(name, room, "c%08x", random);
	return 0;
}

int state_claim(const char *name, struct state *s, struct err *e)
{
	auto_fd int all = state_open_dir(e);
	char fixed[sizeof(s->name)];

	state_init(s);
	if (all < 0)
		return -1;
	if (name)
		snprintf(fixed, sizeof(fixed), "%s", name);
	else if (make_name(fixed, sizeof(fixed), e) < 0)
		return -1;
	memcpy(s->name, fixed, sizeof(fixed));
	if (claim(all, s, e) < 0)
		goto failed;
	if (state_read(s, e) < 0)
		goto failed;
	if (s->keep && proc_alive(&s->init)) {
		err_running(fixed, ", without its monitor", e);
		goto failed;
	}
	if (s->monitor.pid) {
		/* What was left behind is ours now: clean it up as if it had ended under our eyes, and begin anew. */
		s->named = false;
		s->reason = s->reason ? s->reason : END_LOST;
		if (state_finish(s, e) < 0)
			goto failed;
		state_close(s);
		memcpy(s->name, fixed, sizeof(fixed));
		if (claim(all, s, e) < 0)
			goto failed;
	}
	s->named = name != NULL;
	return 0;
failed:
	state_close(s);
	return -1;
}

int state_each(int (*visit)(const char *name, void *data), void *data, struct err *e)
{
	int fd = state_open_dir(e), result = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct words names = { 0 };
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0) {
			err_sys(e, "read the run-time directory");
			close(fd);
		}
		return -1;
	}
	while (result == 0 && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			result = words_add(&names, entry->d_name, e);
	closedir(dir);
	words_sort(&names);
	for (size_t i = 0; result == 0 && i < names.n; i++)
		result = visit(names.v[i], data);
	words_free(&names);
	return result;
}
