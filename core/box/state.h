/* SPDX-License-Identifier: Zlib
 * What is known of a container while it lives: a directory per container below the run-time directory, with a lock
 * that its monitor holds, a state file, its control socket and the place where its root is put together. Host side.
 *
 *   RUNDIR/NAME/lock     flock(2)ed by the monitor for as long as it lives
 *   RUNDIR/NAME/state    KEY=VALUE lines, replaced as a whole
 *   RUNDIR/NAME/control  the monitor's socket (box/control.h)
 *   RUNDIR/NAME/root     where the root is mounted
 *
 * Once a container that was given a name has ended, lock and state alone remain and tell how it ended. Everything is
 * put on a file system that does not survive a power cut. */
#ifndef CAGEBOX_BOX_STATE_H
#define CAGEBOX_BOX_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "box/wire.h"
#include "sys/proc.h"

struct state {
	char name[64];
	int dir;  /* RUNDIR/NAME, -1: none */
	int lock; /* held, or -1 */

	/* What the state file holds. Strings are owned. */
	struct proc_id init;
	struct proc_id monitor;
	int64_t started, ended; /* seconds since the epoch, 0: not yet */
	char *command;          /* for people to read */
	char *root;             /* ROOTDIR of the hooks: the root as the host sees it */
	bool root_mounted;      /* the root is mounted there on the host, or is about to be */
	int root_mount;         /* the id of that mount, 0: not known */
	int root_below;         /* of the one that it covers, where its changes are in memory; 0: none */
	bool named;             /* by its user: the record of its end is kept */
	bool keep;
	char *hook_shutdown; /* to be run when it has ended, NULL once that was done */
	uid_t uid;           /* for the hooks */
	gid_t gid;
	uint32_t ids; /* the range of ids that is the container's alone begins there (box/userns.h), 0: none */
	char *cgroup; /* directories of our own, to be removed (sys/cgroup.h) */
	uint64_t stop_timeout_ms;
	char *config;   /* the configuration file that it was started from, NULL: none */
	char *pid_file; /* to be removed with the container */
	char *log;      /* of a detached container, NULL: none */
	uint64_t log_size_bytes;
	unsigned log_count;
	bool log_passing;       /* the log goes with the record: nobody knows the name */
	enum end_reason reason; /* of the end */
	int code;
};

enum state_status {
	STATUS_STARTING,
	STATUS_RUNNING,
	STATUS_UNMONITORED, /* it lives, its monitor does not (keep) */
	STATUS_EXITED,
};

/* "starting", "running" ... */
const char *state_status_name(enum state_status status);

/* The run-time directory (box/dirs.h), made if it is missing. Returns a descriptor. */
int state_open_dir(struct err *e);

/* The path of a file of s. */
int state_path(const struct state *s, const char *file, char *path, size_t room, struct err *e);

/* Begin with this; then state_close frees what is owned and gives the lock back. */
void state_init(struct state *s);
void state_close(struct state *s);

/* Make name ours (NULL: make one up): its directory, its lock. What a dead predecessor left is cleaned up first. An
 * error with e->num EALREADY when it is running. */
int state_claim(const char *name, struct state *s, struct err *e);

/* Make RUNDIR/NAME/root. Only root gets there, or, when passable, also the root of a user namespace. */
int state_make_stage(const struct state *s, bool passable, struct err *e);

/* Write the state file. */
int state_save(const struct state *s, struct err *e);

/* Read what is known of a container without its lock. Returns 0; -1 with e set, e->num ENOENT when there is none. */
int state_load(const char *name, struct state *s, struct err *e);

/* Take the lock without waiting; make its file if make is true. Returns 1 when it is ours, 0 when another has it, -1 with errno. A lock file that
 * was removed while we waited for it locks nothing: ESTALE. */
int state_try_lock(struct state *s, bool make);

/* Read the state file of s->dir. A container that has not come so far has none: everything stays zero. */
int state_read(struct state *s, struct err *e);

/* How it stands; one whose processes are all dead is cleaned up (then *s is read anew). Returns enum state_status,
 * or -1 when there is nothing left to tell, or with e->num set on an error. */
int state_check(struct state *s, struct err *e);

/* Whether the container of that name runs, or is about to: 1, 0, or -1 with e set. */
int state_runs(const char *name, struct err *e);

/* After the end, with the lock held: undo everything that a container leaves on the host (processes, mounts, cgroup,
 * the shutdown hook), then remove the directory, or keep the record of the end if it was named. Returns 0; 1 when
 * all is clean but the hook failed, as e tells; -1 with e set when something could not be undone: the state stays,
 * for the next call to try again. */
int state_finish(struct state *s, struct err *e);

/* Call visit for every name that is there, in order of name, until it returns non-zero. */
int state_each(int (*visit)(const char *name, void *data), void *data, struct err *e);

#endif
