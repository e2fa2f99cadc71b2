/* SPDX-License-Identifier: Zlib
 * Which process is which (sys/proc.h): names that look like fields, zombies, a pid that is another's by now. Each with pidfds
 * and without. Prints TAP. */
#include "sys/proc.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "no_call.h"
#include "sys/fd.h"
#include "sys/kernel.h"
#include "tap.h"

/* A child that waits to be killed and calls itself name; has it, the pipe says, done so by now. */
static pid_t start(const char *name)
{
	int pipefd[2];
	char byte;
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		if (write(pipefd[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(pipefd[0], &byte, 1) != 1)
		abort();
	close(pipefd[0]);
	close(pipefd[1]);
	return pid;
}

static int end_of(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

/* Wait until pid is a zombie without reaping it. */
static void await_zombie(pid_t pid)
{
	siginfo_t info;

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0)
		abort();
}

static void test_names(void)
{
	static const char *const names[] = { "plain", "a b", ") S 1 (x", "))) Z 9 9 9", "(", " ", "\n)", ") Z 0 0 0 0 " };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		pid_t pid = start(names[i]);
		struct proc_id id = { 0 }, self;
		struct proc_stat s;
		struct err e;

		tap_ok(proc_identify(pid, &id, &e) == 0 && id.pid == pid && proc_alive(&id), __LINE__,
		       "a process called '%s' lives", tap_quote(names[i]));
		OK(proc_stat(pid, &s) == 0 && s.start == id.start && s.parent == getpid() && s.group == getpgrp() &&
			   s.session == getsid(0) && strchr("SR", s.state),
		   "its parent, group and session are ours");
		OK(proc_identify(getpid(), &self, &e) == 0 && id.start >= self.start && id.start - self.start < 100000,
		   "it began after this one");
		OK(proc_kill(&id, SIGTERM) == 0 && end_of(pid) == SIGTERM, "it gets the signal");
		OK(!proc_alive(&id) && proc_kill(&id, SIGTERM) < 0 && errno == ESRCH, "then it is gone");
	}
}

/* Identities that are nobody's although a process has the pid. */
static void test_reuse(void)
{
	pid_t pid = start("victim");
	struct proc_id id = { 0 }, other;
	struct err e;

	OK(proc_identify(pid, &id, &e) == 0 && strlen(id.boot) == PROC_BOOT_ID, "the identity has a boot id");
	for (int i = 0; i < 4; i++) {
		other = id;
		if (i == 0)
			other.start++;
		else if (i == 1)
			other.start = 0;
		else if (i == 2)
			other.boot[0] = other.boot[0] == 'a' ? 'b' : 'a';
		else
			other.boot[0] = 0;
		errno = 0;
		tap_ok(!proc_alive(&other) && proc_open(&other) < 0 && errno == ESRCH, __LINE__,
		       "another identity (%d) is gone", i);
		OK(proc_kill(&other, SIGKILL) < 0 && errno == ESRCH, "it cannot be killed");
		OK(proc_wait_gone(&other, 0), "nor waited for");
	}
	OK(proc_alive(&id), "the process that has the pid lives");
	OK(!proc_wait_gone(&id, 0) && !proc_wait_gone(&id, 20), "waiting for it ends with the time");
	for (int i = 0; i < 3; i++) {
		other = id;
		other.pid = i == 0 ? 0 : i == 1 ? -1 : -pid;
		tap_ok(!proc_alive(&other) && proc_open(&other) < 0 && errno == ESRCH && proc_kill(&other, 0) < 0 &&
			       errno == ESRCH,
		       __LINE__, "pid %d is nobody", i);
	}
	kill(pid, SIGKILL);
	await_zombie(pid);
	OK(!proc_alive(&id) && proc_open(&id) < 0 && errno == ESRCH && proc_wait_gone(&id, 0), "a zombie is gone");
	OK(proc_identify(pid, &other, &e) == 0 && other.start == id.start, "but has its identity");
	end_of(pid);
	OK(proc_identify(pid, &other, &e) < 0 && e.num == ENOENT && strstr(e.text, "identify process"),
	   "when reaped it has none");
}

static void test_wait(bool pidfds)
{
	pid_t pid = start("waited"), killer;
	struct proc_id id = { 0 };
	struct err e;
	int fd;

	proc_identify(pid, &id, &e);
	fd = proc_open(&id);
	if (pidfds)
		OK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "a pidfd is close-on-exec");
	else
		OK(fd < 0 && errno == ENOSYS, "without pidfds a living process is ENOSYS");
	fd_close(&fd);
	killer = fork();
	if (killer == 0) {
		const struct timespec moment = { .tv_nsec = 20000000 };

		nanosleep(&moment, NULL);
		kill(pid, SIGKILL);
		_exit(0);
	}
	OK(proc_wait_gone(&id, -1), "waiting ends with the process");
	OK(end_of(pid) == SIGKILL, "which was killed");
	waitpid(killer, NULL, 0);
	OK(proc_wait_gone(&id, -1) && proc_wait_gone(&id, 1000), "and at once when it is gone already");
}

static void test_all(bool pidfds)
{
	printf("# %s pidfds\n", pidfds ? "with" : "without");
	test_names();
	test_reuse();
	test_wait(pidfds);
}

int main(void)
{
	struct proc_id id = { 0 };
	struct err e;

	OK(proc_identify(0x7fffffff, &id, &e) < 0 && e.num == ENOENT, "a pid that nobody has");
	SAME(e.text, "identify process 2147483647 in /proc: No such file or directory", "with its message");
	OK(!proc_alive(&(struct proc_id){ 0 }), "no process is not alive");
	test_all(true);
	OK(no_call(SYS_pidfd_open, ENOSYS) == 0, "pidfd_open is taken away");
	test_all(false);
	return tap_done();
}
