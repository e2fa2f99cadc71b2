/* SPDX-License-Identifier: Zlib
 * File systems in files: making one, and mounting it by a loop device. Host side of a start. */
#ifndef CAGEBOX_SYS_LOOP_H
#define CAGEBOX_SYS_LOOP_H

#include <stdint.h>

#include "base/err.h"
#include "sys/mount.h"

/* Whether path is a regular file that holds an ext2, ext3 or ext4 file system, by its magic number. Returns 0, or -1
 * with e naming path; e->num is ENOENT where there is none. */
int loop_check(const char *path, struct err *e);

/* Make path, which is not there, a sparse file of that many bytes with an empty ext4 file system in it, for its owner
 * alone. It gets its name when it is whole; what a maker who was killed has left is cleaned up. Whoever comes second
 * at the same time is refused. mke2fs(8), by absolute path: its standard error is the caller's. */
int loop_make(const char *path, uint64_t bytes, struct err *e);

/* Mount the file system in path at a place that is there, with attr. The loop device goes with its last user. As long
 * as it lives, path is locked by flock(2): a second mount of it is refused after a second. Returns an O_PATH
 * descriptor of the file system's root, or -1 with e naming path. loop(4). */
int loop_mount(const char *path, unsigned attr, struct place at, struct err *e);

#endif
