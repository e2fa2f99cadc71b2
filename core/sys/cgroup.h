/* SPDX-License-Identifier: Zlib
 * A cgroup of a container's own, by which all its processes can be found and killed when no pid namespace holds them
 * together. v2 where there is one, else v1's freezer. cgroups(7). */
#ifndef CAGEBOX_SYS_CGROUP_H
#define CAGEBOX_SYS_CGROUP_H

#include <sys/types.h>

#include "base/err.h"

/* Make a cgroup called cagebox-NAME below our own. *path gets its directory, owned by the caller, or NULL on a
 * machine that has no cgroups to be used. Returns 0, or -1 with e set. */
int cgroup_make(const char *name, char **path, struct err *e);

/* Remove what cgroup_make has made for name, if nothing has entered it. For after somebody who could not tell any more. */
int cgroup_remove_empty(const char *name, struct err *e);

/* Move process pid (0: this one) in. */
int cgroup_enter(const char *path, pid_t pid, struct err *e);

/* SIGKILL every process in it, those that are being forked at the moment too. */
int cgroup_kill(const char *path, struct err *e);

/* Kill what is left, wait for it to go, remove the directory. NULL and what is gone already are no error. */
int cgroup_remove(const char *path, struct err *e);

#endif
