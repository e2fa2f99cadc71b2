/* SPDX-License-Identifier: Zlib
 * User namespaces' id maps, and mounts that show files by them. user_namespaces(7), mount_setattr(2). */
#ifndef CAGEBOX_SYS_IDMAP_H
#define CAGEBOX_SYS_IDMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { IDMAP_RANGES = 32, IDMAP_RANGE = 65536 /* ids that a container usually has */ };

/* count ids from inside on are those from outside on. */
struct idmap {
	struct idmap_range {
		uint32_t inside, outside, count;
	} v[IDMAP_RANGES];
	int n;
};

void idmap_add(struct idmap *m, uint32_t inside, uint32_t outside, uint32_t count);

/* Whether every id is the same inside and outside. */
bool idmap_is_identity(const struct idmap *m);

/* What id inside is outside. Returns false if it is none. */
bool idmap_find(const struct idmap *m, uint32_t inside, uint32_t *outside);

enum idmap_writer {
	IDMAP_DIRECTLY, /* with CAP_SETUID and CAP_SETGID, any map */
	IDMAP_OWN,      /* without: one's own id alone, and no change of groups any more */
	IDMAP_HELPER,   /* by newuidmap(1) and newgidmap(1), what /etc/subuid and /etc/subgid grant */
};

/* Give the user namespace of process pid its maps. proc is fd_open_proc's. */
int idmap_write(int proc, pid_t pid, const struct idmap *uids, const struct idmap *gids, enum idmap_writer by, struct err *e);

/* Whether both helpers are there. */
bool idmap_has_helpers(void);

/* The first range that file (/etc/subuid, /etc/subgid) grants to user uid, who is called name. subuid(5). Returns false
 * without one. */
bool idmap_subordinate(const char *file, uid_t uid, const char *name, uint32_t *start, uint32_t *count);

/* The user namespace of pid. Returns a descriptor. */
int idmap_open_ns(int proc, pid_t pid, struct err *e);

/* A detached copy of the mount that path is on, with path as its root, and with attributes attr. If ns is not -1 its
 * files' owners go through the map of that user namespace. Returns a descriptor, -1 with e set; e->num is EINVAL or
 * ENOSYS where file system or kernel cannot do it. */
int idmap_clone(const char *path, int ns, unsigned attr, struct err *e);

#endif
