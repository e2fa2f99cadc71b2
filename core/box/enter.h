/* SPDX-License-Identifier: Zlib
 * Running a further program in a container that runs. Host side, until the new process has joined. */
#ifndef CAGEBOX_BOX_ENTER_H
#define CAGEBOX_BOX_ENTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "box/plan.h"
#include "box/state.h"
#include "spec/spec.h"

struct enter_options {
	struct words command; /* empty: a login shell */
	struct words env;     /* NAME=VALUE */
	bool own_env;         /* nothing of the environment that the container's command has */
	const char *user, *groups, *cwd;
	bool cwd_make;
	struct words cap_add, cap_drop;
	enum spec_switch tty;
	const struct spec_mount *mounts; /* to be added, where they are not there yet */
	size_t nmounts;
};

/* Whether this process runs from a file that a container could write to; then it must execute itself again by
 * enter_again before it may join one. Returns only on failure. */
bool enter_is_safe(void);
int enter_again(char *const *argv, struct err *e);

/* The plan that the command of the container s runs by, from the descriptor that init keeps. It is sealed: what is read is what
 * the launcher wrote. plan_unmap when done. NULL with e set. */
const struct plan *enter_plan(const struct state *s, struct err *e);

/* Run o in container name and wait for it. *code gets its exit code. -1 with e set (err_code(e)) when it could not
 * be run, e->num ESRCH when the container does not run (any more). */
int enter_run(const char *name, const struct enter_options *o, int *code, struct err *e);

#endif
