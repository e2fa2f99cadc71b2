/* SPDX-License-Identifier: Zlib
 * Running the host's helper programs. Host side. */
#include "sys/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/fd.h"
#include "sys/sig.h"

static const char *const directories[] = { "/usr/sbin", "/sbin", "/usr/bin", "/bin" };

static _Noreturn void execute(const char *const *argv, int file)
{
	char *env[] = { NULL }, path[64];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fds[] = { null, null, fcntl(2, F_GETFD) < 0 ? null : 2, file };
	struct err e;

	if (null < 0 || fd_arrange(fds, 0, 4, &e) < 0)
		_exit(EXIT_CAGEBOX);
	fd_close_from(4);
	sig_set_dispositions(SIG_ALL, 0);
	sig_set_mask(0);
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		snprintf(path, sizeof(path), "%s/%s", directories[i], argv[0]);
		execve(path, (char *const *)(uintptr_t)argv, env);
	}
	_exit(EXIT_NOT_FOUND);
}

int helper_run(const char *const *argv, int file, int *status, struct err *e)
{
	pid_t pid = fork();

	if (pid == 0)
		execute(argv, file);
	while (pid < 0 || waitpid(pid, status, 0) < 0)
		if (pid < 0 || errno != EINTR)
			return err_sys(e, "run %s", argv[0]);
	return 0;
}

bool helper_find(const char *name, char path[64])
{
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		snprintf(path, 64, "%s/%s", directories[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}
