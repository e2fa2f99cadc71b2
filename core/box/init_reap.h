/* SPDX-License-Identifier: Zlib
 * What PID 1 does to all processes that are not its command: reap them, and signal them. Allocates nothing.
 * Container side. */
#ifndef CAGEBOX_BOX_INIT_REAP_H
#define CAGEBOX_BOX_INIT_REAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A child was reaped; status as of wait(2). */
typedef void init_reaped(void *arg, pid_t pid, int status);

/* When to look for children of whose end no SIGCHLD told: the kernel keeps one SIGCHLD at most. */
struct init_reaper {
	bool due;      /* a child may have ended unseen */
	uint64_t next; /* not before this time, in nanoseconds of init_reap_now */
};

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t init_reap_now(void);

/* Reap pid if it has ended. Returns whether it had. */
bool init_reap_one(pid_t pid, init_reaped *reaped, void *arg);

/* Reap what has ended, a limited number at a time, if it is due and its time has come. Returns true when no child is
 * left. */
bool init_reap_sweep(struct init_reaper *r, init_reaped *reaped, void *arg);

/* Send signal to every other process: all of the pid namespace for its PID 1, else all descendants of the caller, of
 * which some may be missed that are just being forked. Returns 0, or -1 where /proc would be needed and cannot be
 * read. */
int init_reap_signal_all(int signal);

#endif
