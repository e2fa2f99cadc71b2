/* SPDX-License-Identifier: Zlib
 * Descriptors: arranging, closing, reading and writing whole. Either side. */
#include "sys/fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "sys/kernel.h"

enum { PROC_ROOT = 1 }; /* the number of its root's inode, on every kernel */

/* By the list that proc keeps. Returns whether there was one. Closing what was read does not disturb the reading. */
static bool close_listed(int first)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!list)
		return false;
	if (!fd_is_on(dirfd(list), PROC_SUPER_MAGIC)) {
		closedir(list);
		return false;
	}
	while ((entry = readdir(list))) {
		int fd = *entry->d_name == '.' ? -1 : atoi(entry->d_name);

		if (fd >= first && fd != dirfd(list))
			close(fd);
	}
	closedir(list);
	return true;
}

void fd_close_from(int first)
{
	struct rlimit limit = { 0 };
	int end = 65536;

	if (sys_close_range((unsigned)first, UINT_MAX, 0) == 0 || close_listed(first))
		return;
	/* What was opened before the limit was lowered stays open; that is the best there is without proc. */
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)end)
		end = (int)limit.rlim_cur;
	for (int fd = first; fd < end; fd++)
		close(fd);
}

int fd_arrange(int *fds, int first, int n, struct err *e)
{
	/* First out of the way of the range, so that no dup2 below closes what a later one needs. */
	for (int i = 0; i < n; i++)
		if (fds[i] >= 0 && fds[i] < first + n) {
			fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, first + n);
			if (fds[i] < 0)
				return err_sys(e, "duplicate a descriptor");
		}
	for (int i = 0; i < n; i++) {
		if (fds[i] < 0)
			close(first + i);
		else if (dup2(fds[i], first + i) < 0)
			return err_sys(e, "duplicate a descriptor");
	}
	return 0;
}

int fd_write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

char *fd_read_all(int fd, size_t limit, const char *what, struct err *e)
{
	auto_free char *text = NULL;
	size_t used = 0, room = 0;

	for (;;) {
		ssize_t n;

		if (used + 1 >= room) {
			char *more = realloc(text, room = room ? room * 2 : 1024);

			if (!more) {
				err_memory(e);
				return NULL;
			}
			text = more;
		}
		n = read(fd, text + used, room - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_sys(e, "read %s", what);
			return NULL;
		}
		if (!n)
			break;
		used += (size_t)n;
		if (used > limit) {
			err_set(e, "read %s: longer than %zu bytes", what, limit);
			return NULL;
		}
	}
	text[used] = 0;
	if (strlen(text) == used)
		return take_ptr(&text);
	err_set(e, "read %s: it has a zero byte", what);
	return NULL;
}

bool fd_is_on(int fd, long magic)
{
	struct statfs st;

	return fstatfs(fd, &st) == 0 && (long)st.f_type == magic;
}

bool fd_is_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

int fd_open_null(const char *whose, int flags, struct err *e)
{
	auto_fd int fd = open("/dev/null", flags | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open %s /dev/null", whose);
	if (!fd_is_null(fd))
		return err_set(e, "%s /dev/null is not the null device", whose);
	return take_fd(&fd);
}

int fd_open_proc(struct err *e)
{
	auto_fd int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open /proc");
	/* A directory somewhere below it, or a process's, is on the same file system. */
	if (!fd_is_on(fd, PROC_SUPER_MAGIC) || st.st_ino != PROC_ROOT)
		return err_set(e, "/proc is not the kernel's: mount -t proc proc /proc");
	return take_fd(&fd);
}

int fd_write_proc(int proc, const char *path, const char *text)
{
	auto_fd int fd = sys_openat2(proc, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW, RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);

	/* What lies under a path of proc may have been mounted over: only the kernel's own file is written. Before 5.6 another file
	 * of proc cannot be told from it. */
	if (fd < 0 && errno == ENOSYS)
		fd = openat(proc, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	if (!fd_is_on(fd, PROC_SUPER_MAGIC)) {
		errno = ENOENT;
		return -1;
	}
	return fd_write_all(fd, text, strlen(text));
}
