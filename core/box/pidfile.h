/* SPDX-License-Identifier: Zlib
 * The pid file of a container. It is locked (flock(2)) by whoever looks after the container, so that a number left in it
 * from another time means nothing. Host side. */
#ifndef CAGEBOX_BOX_PIDFILE_H
#define CAGEBOX_BOX_PIDFILE_H

#include <sys/types.h>

#include "base/err.h"

/* Make the file, or take over one that nobody has locked. A file that holds anything but a number is refused and stays
 * as it is. *left gets the number that was in it, 0 without one. Returns a descriptor that holds the lock, or -1 with e
 * set. */
int pidfile_claim(const char *path, pid_t *left, struct err *e);

/* Write pid into it. Returns 0, or -1 with e set. */
int pidfile_write(int fd, const char *path, pid_t pid, struct err *e);

/* Remove it, unless somebody else has it locked by now or it is no pid file any more. */
void pidfile_remove(const char *path);

#endif
