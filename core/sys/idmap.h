/* SPDX-License-Identifier: Zlib
 * User namespaces' id maps, and mounts that show files by them. user_namespaces(7), mount_setattr(2). */
#ifndef CAGEBOX_SYS_IDMAP_H
#define CAGEBOX_SYS_IDMAP_H

#include <sys/types.h>

#include "base/err.h"

/* Map ids 0 to count-1 of the user namespace of process pid to base and so on of ours, for users and groups. proc is
 * fd_open_proc's. */
int idmap_write(int proc, pid_t pid, unsigned base, unsigned count, struct err *e);

/* The user namespace of pid. Returns a descriptor. */
int idmap_open_ns(int proc, pid_t pid, struct err *e);

/* A detached copy of the mount that path is on, with path as its root, whose files' owners go through the map of
 * user namespace ns, and with attributes attr. Returns a descriptor, -1 with e set; e->num is EINVAL or ENOSYS where
 * file system or kernel cannot do it. */
int idmap_clone(const char *path, int ns, unsigned attr, struct err *e);

#endif
