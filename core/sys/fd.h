/* SPDX-License-Identifier: Zlib
 * Descriptors. Every one is close-on-exec at birth; -1 means none. */
#ifndef CAGEBOX_SYS_FD_H
#define CAGEBOX_SYS_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/auto.h"
#include "base/err.h"

/* Close every descriptor from first on. close_range(2), else by /proc/self/fd, else one by one. */
void fd_close_from(int first);

/* Make fds[i] appear as descriptor first + i, inheritable across exec, for all i < n (-1 entries are left out: their
 * number ends up closed). Any descriptors may be given, also ones inside the range. Returns 0, or -1 with e set.
 * dup(2). */
int fd_arrange(int *fds, int first, int n, struct err *e);

/* Write all of data. Returns 0, or -1 with errno. */
int fd_write_all(int fd, const void *data, size_t size);

/* Read to the end of the file, at most limit bytes, as a string owned by the caller; NULL with e naming what. */
char *fd_read_all(int fd, size_t limit, const char *what, struct err *e);

/* Whether fd lies on a file system of this type (statfs(2)'s f_type). */
bool fd_is_on(int fd, long magic);

/* Whether fd is the null device. */
bool fd_is_null(int fd);

/* Open /dev/null with these flags of open(2), proven to be the null device; whose ("the host's") is for the message. Returns a
 * descriptor, or -1 with e set. */
int fd_open_null(const char *whose, int flags, struct err *e);

/* A new descriptor of the root of proc, at /proc, that was checked to be it; -1 with e set. */
int fd_open_proc(struct err *e);

/* Write text to a file of that proc, and to nothing that may have been mounted over it. One write(2). Returns 0, or -1 with
 * errno. */
int fd_write_proc(int proc, const char *path, const char *text);

#endif
