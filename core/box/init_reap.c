/* SPDX-License-Identifier: Zlib
 * Reaping and signalling everything. Allocates nothing. Container side.
 *
 * waitpid(-1) walks the list of children up to the first that has ended: with 10,000 that live at its head each call
 * costs half a millisecond, and reaping 10,000 others by it takes seconds. waitpid of one pid costs a fifth of a
 * microsecond always. So a sweep turns to the list of children in /proc when waitpid(-1) is slow, and tries each of
 * them by pid. And since the look that finds nothing is wasted, the next sweep waits until nine times its cost has
 * passed. */
#include "box/init_reap.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "sys/kernel.h"

enum {
	SWEEP_MAX = 256,     /* then signals and the command have their turn again */
	SLOW_NS = 50 * 1000, /* for one waitpid(-1) */
	SLOW_MAX = 8,        /* slow ones in a sweep, then all children are looked at */
	BACKOFF = 9,         /* times the cost of what was wasted: a tenth of the time at most */
	DEPTH_MAX = 1000,    /* of a process tree */
};

uint64_t init_reap_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

bool init_reap_one(pid_t pid, init_reaped *reaped, void *arg)
{
	int status;

	if (pid <= 0 || waitpid(pid, &status, WNOHANG) != pid)
		return false;
	reaped(arg, pid, status);
	return true;
}

/* Try every child that /proc lists. The list is read in pieces and shifts while its members are reaped, so some are
 * missed: it takes a few passes. Returns how many were reaped, -1 without such a list (CONFIG_PROC_CHILDREN). */
static __attribute__((noinline)) int reap_listed(init_reaped *reaped, void *arg)
{
	auto_fd int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	char piece[4096];
	int count = 0;
	pid_t pid = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (isdigit((unsigned char)piece[i])) {
				pid = pid * 10 + (piece[i] - '0');
				continue;
			}
			count += init_reap_one(pid, reaped, arg);
			pid = 0;
		}
	return count;
}

bool init_reap_sweep(struct init_reaper *r, init_reaped *reaped, void *arg)
{
	uint64_t now = init_reap_now(), before = now;
	int slow = 0;

	if (!r->due || now < r->next)
		return false;
	for (int i = 0; i < SWEEP_MAX; i++) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);

		now = init_reap_now();
		if (pid <= 0) {
			r->due = false;
			r->next = now + BACKOFF * (now - before);
			return pid < 0 && errno == ECHILD;
		}
		reaped(arg, pid, status);
		slow += now - before > SLOW_NS;
		before = now;
		if (slow < SLOW_MAX)
			continue;
		if (reap_listed(reaped, arg) == 0)
			r->next = now + BACKOFF * (init_reap_now() - now);
		break;
	}
	return false;
}

/* The parent of pid by proc_pid_stat(5), or -1. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[160], *p;
	auto_fd int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -1;
	text[n] = 0;
	p = strrchr(text, ')'); /* the name in brackets may hold anything, brackets too */
	return p && p[1] == ' ' && p[2] && p[3] == ' ' ? (pid_t)strtol(p + 4, NULL, 10) : -1;
}

static bool is_descendant(pid_t pid, pid_t of)
{
	for (int depth = 0; depth < DEPTH_MAX && pid > 1; depth++) {
		pid = parent_of(pid);
		if (pid == of)
			return true;
	}
	return false;
}

/* Between a look at its parents and the kill a process may end, be reaped by its own parent, and its number be given to a
 * stranger: take hold of it first where the kernel has pidfds. */
static void signal_descendant(pid_t pid, pid_t of, int signal)
{
	auto_fd int pidfd = sys_pidfd_open(pid);

	if (!is_descendant(pid, of))
		return;
	if (pidfd < 0 || (sys_pidfd_send_signal(pidfd, signal) < 0 && errno == ENOSYS))
		kill(pid, signal);
}

/* An entry of a directory as getdents64(2) gives it: opendir would allocate. */
struct entry {
	uint64_t inode, offset;
	uint16_t size;
	uint8_t type;
	char name[];
};

static __attribute__((noinline)) int signal_descendants(int signal)
{
	auto_fd int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char piece[1024] __attribute__((aligned(8)));
	pid_t self = getpid();
	long n;

	if (proc < 0 || parent_of(self) < 0)
		return -1;
	while ((n = syscall(SYS_getdents64, proc, piece, sizeof(piece))) > 0)
		for (long at = 0; at < n;) {
			const struct entry *d = (const struct entry *)(const void *)(piece + at);

			at += d->size;
			if (isdigit((unsigned char)d->name[0]))
				signal_descendant((pid_t)strtol(d->name, NULL, 10), self, signal);
		}
	return n < 0 ? -1 : 0;
}

int init_reap_signal_all(int signal)
{
	/* Anywhere but in PID 1 this would reach every process of the machine. */
	if (getpid() != 1)
		return signal_descendants(signal);
	kill(-1, signal);
	return 0;
}
