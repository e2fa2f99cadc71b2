/* SPDX-License-Identifier: Zlib
 * Mounting by descriptor. A place is a descriptor of a root and a path below it that is resolved inside that root
 * (sys/path.h); mount points that are missing are made. Attributes are MOUNT_ATTR_RDONLY, NOSUID, NODEV and NOEXEC
 * of linux/mount.h, whose values are those of MS_RDONLY and so on. Every function returns -1 with e naming what was
 * mounted and where. */
#ifndef CAGEBOX_SYS_MOUNT_H
#define CAGEBOX_SYS_MOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct place {
	int root;
	const char *path;
	bool real; /* a directory directly in root; a symbolic link there is refused */
};

/* Make every mount of this namespace private, so that nothing done here shows elsewhere. mount_namespaces(7). */
int mount_make_private(struct err *e);

/* Mount a new file system. options as for mount(8) -o, or NULL. Returns an O_PATH descriptor of its root. mount(2). */
int mount_new(const char *type, const char *options, unsigned attr, struct place at, struct err *e);

/* Bind what source (a descriptor) is to at, which is made as a file if source is one. recursive takes the mounts
 * below along. attr holds for all of them, from the first moment that they can be seen; on a kernel without
 * mount_setattr(2) a bind with MOUNT_ATTR_RDONLY leaves the mounts below out instead of leaving them writable.
 * Returns an O_PATH descriptor of the new mount's root. */
int mount_bind(int source, const char *source_name, bool recursive, unsigned attr, struct place at, struct err *e);

/* A detached mount of what source is, for mount_attach in this mount namespace or another. open_tree(2). Returns a
 * descriptor. */
int mount_clone(int source, const char *name, bool recursive, unsigned attr, struct err *e);

/* Attach tree, a detached mount, at a place. name is for the error. move_mount(2). */
int mount_attach(int tree, const char *name, struct place at, struct err *e);

/* Set attr on the one mount whose root fd is, in addition to what it has. name is for the error. */
int mount_restrict(int fd, unsigned attr, const char *name, struct err *e);

/* Make root, a mount's root of this namespace, the root and working directory of this process and drop all other
 * mounts from the namespace. Where pivot_root(2) cannot (the present root is an initramfs) the mounts are taken down
 * and root is moved on top. */
int mount_enter_root(int root, struct err *e);

/* A line of /proc/PID/mountinfo. proc_pid_mountinfo(5). */
struct mount_line {
	int id, parent;
	/* within the line; the attributes are those of the mount, the options those of the file system */
	char *device, *root, *point, *attributes, *type, *options;
};

/* Cut line into its parts, in place. Returns whether it is one. */
bool mount_parse(char *line, struct mount_line *m);

/* The mount points of this namespace that lie at or under path, or (under false) all others but for the root. */
int mount_list(const char *path, bool under, struct words *points, struct err *e);

/* The id of the mount that fd is on, as in mountinfo, or 0. */
int mount_id(int fd);

/* Whether the mount of that id is somewhere in this namespace. */
bool mount_is_attached(int id);

/* The id of the mount that this one covers wholly, 0: there is none, -1 with e set. */
int mount_below(int id, struct err *e);

/* Unmount the mount of that id (0: none), wherever it is by now. Returns 0 also when it is gone; -1 when somebody has
 * mounted something over it. */
int mount_remove_id(int id, struct err *e);

/* Unmount everything at path, however many are stacked there. Returns 0 also when there was nothing. */
int mount_remove(const char *path, struct err *e);

#endif
