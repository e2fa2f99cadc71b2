/* SPDX-License-Identifier: Zlib
 * A container's life as its front ends see it. */
#ifndef CAGEBOX_BOX_BOX_H
#define CAGEBOX_BOX_BOX_H

#include <stdbool.h>

#include "base/err.h"
#include "box/wire.h"
#include "spec/spec.h"

struct box_options {
	bool detach;                    /* return once it runs; its monitor is a process of its own */
	void (*warn)(const char *text); /* told what was asked for and could not be had, but did not stop the start */
};

struct box_result {
	char name[64];
	enum end_reason reason;
	int code; /* for the caller to exit with */
};

/* Start the container that s describes and, unless detached, stay until it has ended. s is checked and completed.
 * Every signal is blocked meanwhile; they are forwarded. Returns 0 with *r filled; -1 with e set when it could not
 * be started (err_code(e) is the exit code), with nothing left over. The caller must have one thread. */
int box_run(struct spec *s, const struct box_options *o, struct box_result *r, struct err *e);

/* For the process that box_run executes as the monitor of a detached container. Returns its exit code. */
int box_monitor(const char *name);

#endif
