/* SPDX-License-Identifier: Zlib
 * The hooks of a container that run on the host. Host side. */
#ifndef CAGEBOX_BOX_HOOKS_H
#define CAGEBOX_BOX_HOOKS_H

#include <sys/types.h>

#include "base/err.h"

/* Run FILE init|shutdown ROOTDIR UID GID and wait for it, HOOKS_TIMEOUT_MS at most; then it is killed with its
 * process group. Signals are unblocked in it, its input is /dev/null. Returns 0, or -1 with e telling how it failed. */
enum { HOOKS_TIMEOUT_MS = 60000 };
int hooks_run(const char *file, const char *action, const char *root, uid_t uid, gid_t gid, struct err *e);

#endif
