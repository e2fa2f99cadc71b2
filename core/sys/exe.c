/* SPDX-License-Identifier: Zlib
 * Safe executables. Host side. */
#include "sys/exe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/auto.h"
#include "sys/fd.h"
#include "sys/kernel.h"
#include "sys/mount.h"

enum { SCRIPT_MAX = 1 << 20 };
enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static int open_read_only_mount(const char *path)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_fd int fd = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 || sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr) < 0)
		return -1;
	return take_fd(&fd);
}

static int copy_sealed(int file, off_t size)
{
	auto_fd int fd = memfd_create("cagebox", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	while (size > 0) {
		ssize_t n = sendfile(fd, file, NULL, (size_t)size);

		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return -1;
		size -= n;
	}
	if (fchmod(fd, 0555) < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -1;
	return take_fd(&fd);
}

int exe_copy_script(const char *path, struct err *e)
{
	auto_fd int file = open(path, O_RDONLY | O_CLOEXEC);
	auto_free char *text = file < 0 ? NULL : fd_read_all(file, SCRIPT_MAX, path, e);
	auto_fd int fd = -1;

	if (file < 0)
		return err_sys(e, "%s", path);
	if (!text)
		return -1;
	fd = memfd_create("script", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return err_sys(e, "copy %s", path);
	return take_fd(&fd);
}

int exe_open(const char *path, struct err *e)
{
	auto_fd int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int fd;

	if (file < 0 || fstat(file, &st) < 0) {
		err_sys(e, "open %s on the host", path);
		e->code = e->num == ENOENT || e->num == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
		return -1;
	}
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111)) {
		err_set(e, "%s on the host is not an executable file", path);
		e->code = EXIT_CANNOT_RUN;
		return -1;
	}
	fd = open_read_only_mount(path);
	if (fd < 0)
		fd = copy_sealed(file, st.st_size);
	return fd >= 0 ? fd : err_sys(e, "make a safe copy of %s", path);
}

bool exe_is_safe(void)
{
	auto_fd int fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	auto_fd int readable = -1;
	struct statvfs st;

	if (fd < 0)
		return false;
	/* A mount that is read-only today can be made writable tomorrow, unless it is that clone, which is nowhere. */
	if (fstatvfs(fd, &st) == 0 && st.f_flag & ST_RDONLY && !mount_is_attached(mount_id(fd)))
		return true;
	readable = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	return readable >= 0 && fcntl(readable, F_GET_SEALS) == SEALS;
}
