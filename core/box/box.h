/* SPDX-License-Identifier: Zlib
 * A container's life as its front ends see it. */
#ifndef CAGEBOX_BOX_BOX_H
#define CAGEBOX_BOX_BOX_H

#include <stdbool.h>

#include "base/err.h"
#include "box/wire.h"
#include "spec/spec.h"

/* What to do when the container is running already. */
enum box_again {
	AGAIN_REFUSE,  /* an error with e->num EALREADY */
	AGAIN_JOIN,    /* run the command in it */
	AGAIN_REPLACE, /* stop it first, once it is sure that the new one can be tried */
};

struct box_options {
	bool detach; /* return once it runs; its monitor is a process of its own */
	/* Told what was asked for and could not be had, but did not stop the start. who is passed on. */
	void (*warn)(const void *who, const char *text);
	const void *who;
	enum box_again again;
	char *const *argv;     /* AGAIN_JOIN: of this process, which may have to execute itself once more */
	const char *join_note; /* AGAIN_JOIN: what to warn of when it is joined, or NULL */
	const char *config;    /* the file that the settings come from, or NULL */
};

struct box_result {
	char name[64];
	bool joined; /* it ran already; reason is not known */
	enum end_reason reason;
	int code; /* for the caller to exit with; of a container that was joined, its command's there */
};

/* Start the container that s describes and, unless detached, stay until it has ended. s is checked and completed.
 * Every signal is blocked meanwhile; they are forwarded. Returns 0 with *r filled; -1 with e set when it could not
 * be started (err_code(e) is the exit code), with nothing left over. The caller must have one thread. */
int box_run(struct spec *s, const struct box_options *o, struct box_result *r, struct err *e);

/* Check what box_run would, and touch nothing. Returns 0, or -1 with e set. s is completed. */
int box_check(struct spec *s, struct err *e);

/* For the process that box_run executes as the monitor of a detached container. Returns its exit code. */
int box_monitor(const char *name);

#endif
