/* SPDX-License-Identifier: Zlib
 * The way into a running container: what enter.c, on the host, and join.c, which goes inside, share. */
#ifndef CAGEBOX_BOX_JOIN_H
#define CAGEBOX_BOX_JOIN_H

#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/types.h>

#include "box/enter.h"
#include "box/plan.h"
#include "box/state.h"

/* The namespaces to join, in this order. */
enum { JOIN_KINDS = 8 };
extern const struct join_kind {
	const char *file; /* in /proc/PID/ns */
	int type;         /* for setns(2) */
} join_kinds[JOIN_KINDS];

/* A visit on its way. */
struct visit {
	const struct enter_options *options;
	struct state state;
	struct plan *plan;
	int *trees;         /* a detached mount for each of options->mounts that is a bind; owned */
	int ns[JOIN_KINDS]; /* the namespaces to join, in order; -1: the same as ours */
	int wire;           /* this side of the socket to the joiner and its child */
	int streams[3];
	int pipes[3];
	bool tty;
	struct winsize size; /* of the caller's terminal, when there is to be one */
	pid_t pid;           /* the program's */
};

/* In the joiner: enter everything, make the program's process, tell its pid over wire, be gone. */
_Noreturn void join_container(struct visit *v, int wire);

#endif
