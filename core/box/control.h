/* SPDX-License-Identifier: Zlib
 * Talking to a container's monitor: RUNDIR/NAME/control, a SOCK_SEQPACKET socket that its owner alone can open. One
 * request a connection, one answer; an attached client's goes on from there. Host side. */
#ifndef CAGEBOX_BOX_CONTROL_H
#define CAGEBOX_BOX_CONTROL_H

#include <stdbool.h>
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
	CONTROL_ATTACH,     /* number 1: only to look on; answered at once, and the connection goes on (struct attach_packet) */
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

/* The answer to CONTROL_ATTACH has these for code. */
enum {
	ATTACHED_TTY = 1,   /* there is one stream, of a terminal */
	ATTACHED_INPUT = 2, /* what is typed arrives */
};

enum attach_kind {
	/* to the client */
	ATTACH_OUTPUT =
		1, /* number: 0 standard output or the terminal, 1 standard error; offset: of the first byte. Where that is not
			    * the end of the packet before, something was left out */
	ATTACH_EXIT, /* number: the container's exit code; the last packet */
	/* to the monitor */
	ATTACH_INPUT,
	ATTACH_END,  /* there will be no more input, from anybody; nothing if there was none from this client */
	ATTACH_SIZE, /* number: rows << 16 | columns of the client's terminal */
};

enum { ATTACH_PIECE = 4096, ATTACH_STREAMS = 2 };

/* What an attached client and the monitor send each other, cut off where the data ends. */
struct attach_packet {
	struct attach_head {
		uint32_t kind;
		int32_t number;
		uint64_t offset;
	} head;
	char data[ATTACH_PIECE];
};

/* The listening socket of s. Returns it, or -1 with e set. */
int control_listen(const struct state *s, struct err *e);

/* Accept a connection on it and check that its other side may ask. Returns a non-blocking descriptor, or -1. */
int control_accept(int listener);

/* Send the monitor of s a request. Returns a descriptor that becomes readable with the answer, or -1 with e set. */
int control_send(const struct state *s, const struct control_request *request, struct err *e);

/* Ask the monitor of s and wait for the answer, also while the monitor has not come so far yet, is being executed anew after
 * the start, or is on its way out. Returns the connection; -1 with e set, *gone set when there is no monitor (any more). */
int control_ask(const struct state *s, const struct control_request *request, struct control_answer *answer, bool *gone,
		struct err *e);

#endif
