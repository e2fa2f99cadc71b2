/* SPDX-License-Identifier: Zlib
 * Talking to a container's monitor: RUNDIR/NAME/control, a SOCK_SEQPACKET socket that its owner alone can open. One
 * request a connection, one answer. Host side. */
#ifndef CAGEBOX_BOX_CONTROL_H
#define CAGEBOX_BOX_CONTROL_H

#include <stdint.h>

#include "base/err.h"
#include "box/state.h"

enum control_kind {
	CONTROL_SIGNAL = 1, /* number to the command; answered at once */
	CONTROL_STOP,       /* stop gracefully; number: time-out in ms, -1 for the container's own; answered at the end */
	CONTROL_KILL,       /* SIGKILL everything; answered at the end */
	CONTROL_WAIT,       /* answered at the end */
	CONTROL_FREEZE,     /* number 1: have all stop running, 0: let them run; answered at once, it takes effect soon */
	CONTROL_READY,      /* answered once the command runs, or at the end if it never does */
};

struct control_request {
	uint32_t kind;
	int32_t number;
};

struct control_answer {
	int32_t result; /* 0, or -1: err tells */
	int32_t code;   /* of a container that ended */
	uint32_t reason;
	struct err err;
};

/* The listening socket of s. Returns it, or -1 with e set. */
int control_listen(const struct state *s, struct err *e);

/* Accept a connection on it and check that its other side may ask. Returns a non-blocking descriptor, or -1. */
int control_accept(int listener);

/* Send the monitor of s a request. Returns a descriptor that becomes readable with the answer, or -1 with e as in
 * control_ask. */
int control_send(const struct state *s, const struct control_request *request, struct err *e);

/* Ask the monitor of s and wait for the answer. Returns 0; -1 with e set, e->num ECONNREFUSED or ENOENT when there
 * is no monitor. */
int control_ask(const struct state *s, const struct control_request *request, struct control_answer *answer, struct err *e);

#endif
