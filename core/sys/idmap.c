/* SPDX-License-Identifier: Zlib
 * Id maps. Host side. */
#include "sys/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/auto.h"
#include "sys/fd.h"
#include "sys/kernel.h"

static int write_map(int proc, pid_t pid, const char *file, const char *text, struct err *e)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/%s", pid, file);
	if (fd_write_proc(proc, path, text) < 0)
		return err_sys(e, "write '%s' to the container's %s", text, file);
	return 0;
}

int idmap_write(int proc, pid_t pid, unsigned base, unsigned count, struct err *e)
{
	char text[40];

	snprintf(text, sizeof(text), "0 %u %u", base, count);
	if (write_map(proc, pid, "uid_map", text, e) < 0)
		return -1;
	return write_map(proc, pid, "gid_map", text, e);
}

int idmap_open_ns(int proc, pid_t pid, struct err *e)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "%d/ns/user", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : err_sys(e, "open the container's user namespace");
}

int idmap_clone(const char *path, int ns, unsigned attr, struct err *e)
{
	struct mount_attr a = { .attr_set = attr | MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)ns };
	auto_fd int fd = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "clone the mount of %s", path);
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH, &a) < 0) {
		err_sys(e, "map the owners of %s", path);
		return err_hint(
			e,
			"not every file system and kernel has idmapped mounts: Linux 5.12; without namespace u it is not needed");
	}
	return take_fd(&fd);
}
