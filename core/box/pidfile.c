/* SPDX-License-Identifier: Zlib
 * Pid files. Host side. */
#include "box/pidfile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "sys/fd.h"

enum { CLAIM_TRIES = 100, NUMBER_MAX = 32 };

/* Nothing, or a number with blanks around it, which goes to *pid. */
static bool is_pid_file(int fd, pid_t *pid)
{
	char text[NUMBER_MAX];
	ssize_t n = pread(fd, text, sizeof(text), 0);

	if (n < 0 || n == NUMBER_MAX)
		return false;
	for (ssize_t i = 0; i < n; i++)
		if (!isdigit((unsigned char)text[i]) && !isspace((unsigned char)text[i]))
			return false;
	text[n] = 0;
	*pid = (pid_t)strtoul(text, NULL, 10);
	return true;
}

/* Whether path still leads to what fd is. */
static bool is_there(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* Returns a locked descriptor; -1 with e set; -2 when the file was removed meanwhile. */
static int claim_once(const char *path, int flags, pid_t *left, struct err *e)
{
	auto_fd int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, 0644);
	struct stat st;

	if (fd < 0)
		return err_sys(e, "pid_file: open %s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, "pid_file: %s is not a file", path);
	if (st.st_nlink > 1)
		return err_set(e, "pid_file: %s has another name as well", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return err_sys(e, "pid_file: lock %s", path);
		return err_set(e, "pid_file: %s belongs to a container that is running", path);
	}
	if (!is_there(fd, path))
		return -2;
	if (!is_pid_file(fd, left))
		return err_set(e, "pid_file: %s is there already and holds something else than a number", path);
	return take_fd(&fd);
}

int pidfile_claim(const char *path, pid_t *left, struct err *e)
{
	for (int i = 0; i < CLAIM_TRIES; i++) {
		int fd = claim_once(path, O_CREAT, left, e);

		if (fd != -2)
			return fd;
	}
	return err_set(e, "pid_file: %s is being removed again and again", path);
}

int pidfile_write(int fd, const char *path, pid_t pid, struct err *e)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", pid);

	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0 || fd_write_all(fd, text, (size_t)len) < 0)
		return err_sys(e, "pid_file: write %s", path);
	return 0;
}

void pidfile_remove(const char *path)
{
	struct err ignored;
	pid_t left;
	auto_fd int fd = claim_once(path, 0, &left, &ignored);

	if (fd >= 0)
		unlink(path);
}
