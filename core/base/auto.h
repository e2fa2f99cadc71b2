/* SPDX-License-Identifier: Zlib
 * Resources that end with their scope: `auto_fd int fd = open(...)`, `auto_free char *s = ...`.
 * To keep one beyond its scope: `return take_fd(&fd)`, `return take_ptr(&s)`. */
#ifndef CAGEBOX_BASE_AUTO_H
#define CAGEBOX_BASE_AUTO_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Close *fd unless it is -1, keep errno, and leave -1. */
static inline void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void free_ptr(void *pointer)
{
	free(*(void **)pointer);
}

static inline void *take_ptr_(void **pointer)
{
	void *taken = *pointer;

	*pointer = NULL;
	return taken;
}
#define take_ptr(pointer) ((__typeof__(*(pointer)))take_ptr_((void **)(pointer)))

#define auto_fd   __attribute__((cleanup(fd_close)))
#define auto_free __attribute__((cleanup(free_ptr)))

#endif
