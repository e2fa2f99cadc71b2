/* SPDX-License-Identifier: Zlib
 * Executing a host's file inside a container so that nothing in there can write to it, not even through /proc/PID/exe. */
#ifndef CAGEBOX_SYS_EXE_H
#define CAGEBOX_SYS_EXE_H

#include <stdbool.h>

#include "base/err.h"

/* Open the program at path for execveat(2) by descriptor: through a detached read-only copy of its mount (which
 * shares the page cache), else as a sealed copy in memory. Must be called in the mount namespace of path. Returns a
 * close-on-exec descriptor, or -1 with e set and e->code EXIT_NOT_FOUND or EXIT_CANNOT_RUN. */
int exe_open(const char *path, struct err *e);

/* The content of a script at path as a sealed copy in memory, to be read by a shell inside, which may be the
 * container's own and must not get hold of the file. A pipe is read to its end. Returns a close-on-exec descriptor,
 * or -1 with e set. */
int exe_copy_script(const char *path, struct err *e);

/* Whether this process runs from such a file already (or from a file system that nobody can write to). */
bool exe_is_safe(void);

#endif
