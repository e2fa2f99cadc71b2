/* SPDX-License-Identifier: Zlib
 * The children that PID 1 starts itself: the command, the init script, the shutdown hooks. Allocates in the children
 * only. Container side. */
#ifndef CAGEBOX_BOX_INIT_SPAWN_H
#define CAGEBOX_BOX_INIT_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "box/init.h"
#include "box/plan.h"

#define INIT_HOOK_DIR "/etc/cagebox/shutdown.d"

enum { INIT_HOOK_NAME = 256 };

/* Fork the command, or the init script. *report (non-blocking, close-on-exec) will give one struct err if the exec
 * fails, the end of the file if it succeeds. Returns the pid, or -1 with e set. */
pid_t init_spawn_command(const struct plan *p, const struct init_options *o, int *report, struct err *e);
pid_t init_spawn_script(const struct plan *p, int *report, struct err *e);

/* Fork a shutdown hook, the leader of a process group of its own: the executable called name in INIT_HOOK_DIR, or
 * the plan's shutdown_hook with NULL. p is NULL if the plan is to be mapped again from PLAN_FD_PLAN. Returns the pid
 * or -1. */
pid_t init_spawn_hook(const struct plan *p, const char *name);

/* Put the executable of INIT_HOOK_DIR that follows name (first: "") in order of names in its place. Returns whether
 * there is one. */
bool init_spawn_next_hook(char name[INIT_HOOK_NAME]);

#endif
