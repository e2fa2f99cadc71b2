/* SPDX-License-Identifier: Zlib
 * Process identity. Host side. */
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sys/fd.h"
#include "sys/kernel.h"

/* The first bytes of a file of /proc. Returns 0, or -1 with errno. */
static int read_start(const char *path, char *text, size_t room)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);

	if (n < 0)
		return -1;
	text[n] = 0;
	return 0;
}

int proc_stat(pid_t pid, struct proc_stat *s)
{
	enum { STATE = 3, PARENT, GROUP, SESSION, TERMINAL, START = 22 };
	char path[32], text[1024], *p;
	uint64_t fields[START + 1];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_start(path, text, sizeof(text)) < 0)
		return -1;
	/* The second field is the program's name in brackets and may hold anything: go by the last bracket. */
	p = strrchr(text, ')');
	if (!p || p[1] != ' ' || !p[2]) {
		errno = EPROTO;
		return -1;
	}
	s->state = p[2];
	p += 3;
	for (int i = PARENT; i <= START; i++) {
		if (*p != ' ') {
			errno = EPROTO;
			return -1;
		}
		fields[i] = strtoull(p, &p, 10);
	}
	s->parent = (pid_t)fields[PARENT];
	s->group = (pid_t)fields[GROUP];
	s->session = (pid_t)fields[SESSION];
	s->terminal = (int)fields[TERMINAL];
	s->start = fields[START];
	return 0;
}

static int read_boot(char boot[PROC_BOOT_ID + 1])
{
	return read_start("/proc/sys/kernel/random/boot_id", boot, PROC_BOOT_ID + 1);
}

int proc_identify(pid_t pid, struct proc_id *id, struct err *e)
{
	struct proc_stat s;

	id->pid = pid;
	if (proc_stat(pid, &s) < 0 || read_boot(id->boot) < 0)
		return err_sys(e, "identify process %d in /proc", pid);
	id->start = s.start;
	return 0;
}

/* Whether id's pid is still that process, and not a zombie. */
static bool same(const struct proc_id *id)
{
	char boot[PROC_BOOT_ID + 1];
	struct proc_stat s;

	return id->pid > 0 && read_boot(boot) == 0 && !strcmp(boot, id->boot) && proc_stat(id->pid, &s) == 0 &&
	       s.start == id->start && s.state != 'Z' && s.state != 'X';
}

int proc_open(const struct proc_id *id)
{
	/* First the descriptor, then the check: what was checked is what the descriptor holds. */
	auto_fd int fd = id->pid > 0 ? sys_pidfd_open(id->pid) : -1;
	int num = fd < 0 && id->pid > 0 ? errno : 0;

	if (!same(id)) {
		errno = ESRCH;
		return -1;
	}
	errno = num;
	return take_fd(&fd);
}

bool proc_alive(const struct proc_id *id)
{
	return same(id);
}

int proc_kill(const struct proc_id *id, int signal)
{
	auto_fd int fd = proc_open(id);

	if (fd >= 0)
		return sys_pidfd_send_signal(fd, signal);
	/* Without pidfds the moment between check and kill remains. */
	return errno == ESRCH ? -1 : kill(id->pid, signal);
}

bool proc_wait_gone(const struct proc_id *id, int timeout_ms)
{
	auto_fd int fd = proc_open(id);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	const struct timespec tick = { .tv_nsec = 5000000 };

	if (fd >= 0)
		return poll(&p, 1, timeout_ms) == 1 || !same(id);
	for (; same(id); timeout_ms -= timeout_ms < 0 ? 0 : 5) {
		if (timeout_ms >= 0 && timeout_ms < 5)
			return false;
		nanosleep(&tick, NULL);
	}
	return true;
}
