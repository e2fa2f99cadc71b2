/* SPDX-License-Identifier: Zlib
 * Kills a part of cagebox at a given moment: killed_helper WHO MICROSECONDS COMMAND [ARGUMENT...] starts the command, waits so long, sends
 * SIGKILL, waits for the command's end and prints "EXITCODE MICROSECONDS", the time that it took in all, and who was killed.
 *
 * WHO is launcher, the command itself; monitor, the one that it leaves in the background; init, the youngest child of either; pid1, the same
 * if it is PID 1 of a namespace, and not a hook; none; or a pid, which need not be a child. One that is not there (any more) is not killed. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The child of pid that was born last, 0 without any, but not the one given. */
static pid_t child_of(pid_t pid, pid_t but)
{
	char path[64], text[512] = "";
	pid_t last = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		*text = 0;
	close(fd);
	for (char *p = strtok(text, " "); p; p = strtok(NULL, " "))
		if (atoi(p) != but)
			last = atoi(p);
	return last;
}

/* In the background it is first a grandchild of the launcher, then a child of ours, since this process takes orphans. */
static pid_t find_monitor(pid_t launcher)
{
	pid_t between = child_of(launcher, 0), monitor = child_of(getpid(), launcher);

	return monitor ? monitor : between ? child_of(between, 0) : 0;
}

static int is_pid1(pid_t pid)
{
	char path[64], text[4096] = "", *p;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		*text = 0;
	close(fd);
	p = strstr(text, "\nNSpid:");
	p = p ? strchr(p + 1, '\n') : NULL;
	return p && p[-1] == '1' && p[-2] == '\t';
}

static pid_t find(const char *who, pid_t launcher)
{
	pid_t monitor, init;

	if (!strcmp(who, "launcher"))
		return launcher;
	if (!strcmp(who, "monitor"))
		return find_monitor(launcher);
	if (strcmp(who, "init") != 0 && strcmp(who, "pid1") != 0)
		return atoi(who);
	monitor = find_monitor(launcher);
	init = monitor ? child_of(monitor, 0) : child_of(launcher, 0);
	return !strcmp(who, "init") || is_pid1(init) ? init : 0;
}

int main(int argc, char **argv)
{
	long begin = now_us();
	const struct timespec grace = { .tv_nsec = 500000 };
	int status = 0;
	pid_t pid, victim;

	if (argc < 4)
		return 99;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid == 0) {
		execvp(argv[3], argv + 3);
		_exit(99);
	}
	while (now_us() - begin < atol(argv[2]))
		;
	victim = find(argv[1], pid);
	if (victim > 0)
		kill(victim, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	printf("%d %ld %s\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), now_us() - begin,
	       victim > 0 ? argv[1] : "nobody");
	/* A monitor that was killed is a zombie until it is waited for, here or by whoever inherits it. */
	nanosleep(&grace, NULL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return 0;
}
