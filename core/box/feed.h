/* SPDX-License-Identifier: Zlib
 * What attached clients see of a container in the background, and what they type: the monitor's side of an attached
 * connection (box/control.h). Nobody who looks on holds up the container or another one: what a client does not take waits
 * in a ring, and is left out for it when the ring has gone round. Host side. */
#ifndef CAGEBOX_BOX_FEED_H
#define CAGEBOX_BOX_FEED_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "box/control.h"
#include "box/ring.h"

enum { FEED_VIEWERS = 16, FEED_POLLS = FEED_VIEWERS + 1, FEED_INPUT = 2 * ATTACH_PIECE };

struct viewer {
	int fd; /* -1: free */
	bool read_only;
	bool typed; /* its end is the end of the input */
	bool lost;  /* something was left out */
	bool deaf;  /* it is gone, but what it typed may not have been read */
	int32_t size;
	uint64_t at[ATTACH_STREAMS]; /* what it is sent next */
	int64_t since;               /* in ms: when it began not to take everything, 0: it has everything */
};

struct feed {
	struct feed_memory {
		struct ring rings[ATTACH_STREAMS];
		char input[FEED_INPUT];
	} * memory;     /* mapped; NULL: there is nothing to be attached to */
	bool tty;       /* its output is kept for those who come later */
	int input;      /* the pty's master, or a pipe which is closed after the last of the input; or -1 */
	bool input_end; /* nothing comes after what is in the buffer */
	size_t start, used;
	int sized; /* who the terminal's size is from */
	struct viewer viewers[FEED_VIEWERS];
	size_t n;
};

/* Memory that the monitor which is executed after this one goes on with, for the output of a terminal. Returns a descriptor,
 * or -1 with e set. */
int feed_share(struct err *e);

/* Begin. shared: from feed_share, for a terminal, or -1. input: where what is typed goes, non-blocking, or -1. Returns 0, or
 * -1 with e set. All that follows does nothing with a feed of zeroes. */
int feed_open(struct feed *f, int shared, int input, struct err *e);

/* Let fd in, which was answered already; it is f's from here on. */
void feed_admit(struct feed *f, int fd, bool read_only);

/* The stream (0 or 1) has brought n bytes, at most RING_SIZE. */
void feed_put(struct feed *f, size_t stream, const char *data, size_t n);

/* Whether the streams are to be read a moment later: somebody who has taken everything so far is about to take the rest. */
bool feed_holds(const struct feed *f);

/* In how many ms feed_holds may have another answer, or -1. */
int feed_timeout(const struct feed *f);

/* Wait while it holds. */
void feed_wait(struct feed *f);

/* What to poll for; returns how many entries were filled in. Then, after poll, do what can be done. */
size_t feed_polls(const struct feed *f, struct pollfd polls[FEED_POLLS]);
void feed_serve(struct feed *f, const struct pollfd *polls, size_t n);

/* The container has ended: bring out what it wrote, for a while; tell the exit code; free what f owns. */
void feed_end(struct feed *f, int code);

#endif
