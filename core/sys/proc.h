/* SPDX-License-Identifier: Zlib
 * Which process is which. A pid alone is reused; pid, start time and boot id together name one process for ever. */
#ifndef CAGEBOX_SYS_PROC_H
#define CAGEBOX_SYS_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { PROC_BOOT_ID = 36 };

/* pid 0: no process. */
struct proc_id {
	pid_t pid;
	uint64_t start;              /* clock ticks after boot, field 22 of proc_pid_stat(5) */
	char boot[PROC_BOOT_ID + 1]; /* /proc/sys/kernel/random/boot_id */
};

/* What /proc/PID/stat tells: numbers as proc_pid_stat(5) has them. */
struct proc_stat {
	char state;
	pid_t parent, group, session;
	int terminal; /* 0: none */
	uint64_t start;
};

/* Returns 0, or -1 with errno. */
int proc_stat(pid_t pid, struct proc_stat *s);

/* The identity of a process that is there (it may be a zombie). Returns 0, or -1 with e set. */
int proc_identify(pid_t pid, struct proc_id *id, struct err *e);

/* A pidfd of the process id names, close-on-exec, or -1 with errno ESRCH when it is gone (or the pid is another's by
 * now), ENOSYS on a kernel without pidfds although it lives. */
int proc_open(const struct proc_id *id);

/* Whether it lives (a zombie does not), and sending it a signal without ever hitting another. */
bool proc_alive(const struct proc_id *id);
int proc_kill(const struct proc_id *id, int signal);

/* Wait at most timeout_ms (-1: for ever) until it is gone. Returns whether it is. */
bool proc_wait_gone(const struct proc_id *id, int timeout_ms);

#endif
