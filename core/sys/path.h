/* SPDX-License-Identifier: Zlib
 * Paths of the container's, resolved by descriptor below its root: no component, link or ".." of the container's
 * leads out. openat2(2) with RESOLVE_IN_ROOT, or a walk of our own where the kernel lacks it. */
#ifndef CAGEBOX_SYS_PATH_H
#define CAGEBOX_SYS_PATH_H

#include <stdbool.h>

#include "base/err.h"

/* Open what path names below root, following links inside it, with open(2)'s flags (no O_CREAT; O_CLOEXEC is added).
 * Returns a descriptor, or -1 with errno. */
int path_open(int root, const char *path, int flags);

/* The same as an O_PATH descriptor, making what is missing: the directories on the way with mode 0755, and at the end a
 * directory, or an empty file (0644) when file is true. Returns a descriptor, or -1 with e naming path. */
int path_make(int root, const char *path, bool file, struct err *e);

/* On the host: path from the root on, owned by the caller; the directory at path made with those above it that are missing
 * (0755, less the umask). */
char *path_absolute(const char *path, struct err *e);
int path_make_host(const char *path, struct err *e);

#endif
