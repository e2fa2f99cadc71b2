/* SPDX-License-Identifier: Zlib
 * Landlock: a process takes rights away from itself and all that it starts, for good. landlock(7), and
 * Documentation/userspace-api/landlock.rst. */
#ifndef CAGEBOX_SYS_LANDLOCK_H
#define CAGEBOX_SYS_LANDLOCK_H

#include <stdint.h>

#include "base/err.h"

/* What a domain denies where no rule allows it. The last two have no rules: they end at the domain's border. */
enum landlock_kind {
	LANDLOCK_FILES = 1,       /* opening, making, removing, executing ... */
	LANDLOCK_TCP_BIND = 2,    /* to a port */
	LANDLOCK_TCP_CONNECT = 4, /* to a port */
	LANDLOCK_SOCKETS = 8,     /* connecting to an abstract Unix socket of a process outside */
	LANDLOCK_SIGNALS = 16,    /* sending one to a process outside */
};

/* What a rule allows on a file, or on a directory and all below it. */
enum landlock_access {
	LANDLOCK_READ = 1,
	LANDLOCK_WRITE = 2,   /* and make, remove, rename, link, truncate, ioctl of devices */
	LANDLOCK_EXECUTE = 4, /* and read files, without which none can be executed */
};

/* The version of its interface (ABI) that the kernel has. 0 with errno if it has none: ENOSYS when it is not built in, EOPNOTSUPP
 * when it was not switched on at boot. */
int landlock_abi(void);

/* The least version that has all kinds. */
int landlock_needs(unsigned kinds);

/* The first version that can deny truncate(2) and O_TRUNC where writing is denied. */
enum { LANDLOCK_TRUNCATES = 3 };

/* A set of rules that denies kinds. Of the rights to files it has those that the kernel knows. Returns a descriptor, or -1
 * with e set. */
int landlock_begin(unsigned kinds, struct err *e);

/* Allow access (enum landlock_access) to the file or directory fd, or kind (one of the two of TCP) to port; path and port are
 * for the message. */
int landlock_allow_path(int rules, int fd, const char *path, unsigned access, struct err *e);
int landlock_allow_port(int rules, unsigned kind, uint16_t port, struct err *e);

/* Put this process under the rules. Needs no_new_privs or CAP_SYS_ADMIN. */
int landlock_enforce(int rules, struct err *e);

#endif
