/* SPDX-License-Identifier: Zlib
 * PID 1: starts the command, reaps, forwards signals, stops in order. Container side. See the state table in init.c. */
#ifndef CAGEBOX_BOX_INIT_H
#define CAGEBOX_BOX_INIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "box/plan.h"

struct init_options {
	const char *name;    /* before every message on stderr: "init", "tini", "dumb-init" */
	uint8_t remap[32];   /* bit set of exit codes that become 0 */
	uint8_t rewrite[65]; /* rewrite[n]: the signal to forward in place of n, 0: drop it; identity by default */
	int verbosity;       /* 0: errors only; 1 warnings; 2 info; 3 debug */
	bool group;          /* signals go to the command's process group */
	bool subreaper;      /* become one when not PID 1 */
	bool warn_reap;      /* a warning for each orphan reaped */
	bool leave;          /* exit as soon as the command has exited (tini): no hooks, no TERM to the others */
	bool session;        /* the command gets a session of its own (dumb-init) */
	bool same_group;     /* the command stays in init's process group (dumb-init -c) */
	int parent_signal;   /* PR_SET_PDEATHSIG for init itself, or 0 */
};

/* Run plan p as PID 1 (or as a subreaper) until everything has ended. wire is the socket to the monitor, -1 when
 * init stands alone. Returns the exit status for init's process; does not return early for any error once the
 * command runs. */
int init_run(const struct plan *p, const struct init_options *o, int wire);

#endif
