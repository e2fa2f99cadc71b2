/* SPDX-License-Identifier: Zlib
 * Ending containers and waiting for their end: through the monitor, or without it where it is gone. Host side. */
#ifndef CAGEBOX_BOX_END_H
#define CAGEBOX_BOX_END_H

#include <stdbool.h>

#include "base/err.h"
#include "box/state.h"
#include "box/wire.h"

/* How a container ended. */
struct ending {
	enum end_reason reason;
	int code;
};

/* Send a signal to the command of container name. */
int end_signal(const char *name, int signal, struct err *e);

/* Have all processes of name stand still, or run again: asked for, not waited for. */
int end_freeze(const char *name, bool on, struct err *e);

/* Stop name gracefully: hooks, its stop signal, and SIGKILL after timeout_ms (-1: its own setting). Returns when it
 * is gone and cleaned up. It is no error if it had ended already. */
int end_stop(const char *name, int timeout_ms, struct ending *out, struct err *e);

/* SIGKILL everything in name at once. */
int end_kill(const char *name, struct ending *out, struct err *e);

/* Wait until its command runs. -1 with e set when it never will, e->num ESRCH when it is gone. */
int end_wait_ready(const char *name, struct err *e);

/* Wait for its end; returns at once for one that has ended and is remembered. */
int end_wait(const char *name, struct ending *out, struct err *e);

/* Load the running container of that name, once its command runs; the caller closes s whatever comes. Returns 0, 1 when its
 * monitor is gone; -1 with e set, e->num ESRCH when it does not run. */
int end_find(const char *name, struct state *s, struct err *e);

#endif
