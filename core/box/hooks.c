/* SPDX-License-Identifier: Zlib
 * Running a hook on the host, with a deadline. Host side. */
#include "box/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "base/num.h"
#include "sys/fd.h"
#include "sys/kernel.h"
#include "sys/sig.h"

/* In the child: nothing of ours but the standard streams goes along. */
static _Noreturn void execute(char *const *argv)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setpgid(0, 0);
	if (null < 0 || dup2(null, 0) < 0)
		_exit(EXIT_CANNOT_RUN);
	fd_close_from(3);
	sig_set_dispositions(SIG_ALL, 0);
	sig_set_mask(0);
	execv(argv[0], argv);
	_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

/* Whether it ended in time. */
static bool wait_ended(pid_t pid)
{
	auto_fd int pidfd = sys_pidfd_open(pid);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int ready = pidfd >= 0 ? poll(&p, 1, HOOKS_TIMEOUT_MS) : -1;

	if (ready >= 0)
		return ready == 1;
	for (int waited = 0; waited < HOOKS_TIMEOUT_MS; waited += 10) {
		siginfo_t info = { 0 };

		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid)
			return true;
		poll(NULL, 0, 10);
	}
	return false;
}

int hooks_run(const char *file, const char *action, const char *root, uid_t uid, gid_t gid, struct err *e)
{
	char uid_text[12], gid_text[12], buf[16];
	const char *argv[] = { file, action, root, uid_text, gid_text, NULL };
	bool in_time;
	int status;
	pid_t pid;

	snprintf(uid_text, sizeof(uid_text), "%u", uid);
	snprintf(gid_text, sizeof(gid_text), "%u", gid);
	pid = fork();
	if (pid < 0)
		return err_sys(e, "run the hook %s", file);
	if (pid == 0)
		execute((char *const *)(uintptr_t)argv);
	setpgid(pid, pid);
	in_time = wait_ended(pid);
	if (!in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, "wait for the hook %s", file);
	if (!in_time)
		return err_set(e, "the hook %s %s did not end within %d s and was killed", file, action,
			       HOOKS_TIMEOUT_MS / 1000);
	if (WIFSIGNALED(status))
		return err_set(e, "the hook %s %s was killed by signal %s", file, action,
			       num_signal_name(WTERMSIG(status), buf));
	if (WEXITSTATUS(status))
		return err_set(e, "the hook %s %s failed with exit code %d", file, action, WEXITSTATUS(status));
	return 0;
}
