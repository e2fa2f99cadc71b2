/* SPDX-License-Identifier: Zlib
 * Copying between the caller's terminal and the container: to and from its pty, or to and from pipes when the
 * container has no pty but the caller's stream is a terminal, which it must never get hold of. In the background, from
 * the pty or the pipes into the log. Host side. */
#ifndef CAGEBOX_BOX_RELAY_H
#define CAGEBOX_BOX_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "base/err.h"
#include "box/feed.h"
#include "box/log.h"

enum { RELAY_CHANNELS = 3, RELAY_BUFFER = 16384, RELAY_POLLS = 2 * RELAY_CHANNELS };

struct channel {
	int from, to;    /* -1: not in use; from -1 alone: at its end, what is buffered still goes out */
	bool close_to;   /* at the end of from, close to: a pipe's reader sees the end as well */
	bool end_by_key; /* at the end of from, send ^D */
	bool logged;     /* goes to the log in place of to */
	enum log_stream stream;
	int64_t since; /* when the oldest piece of a line that is held for the log came */
	size_t start, used;
	char *data; /* RELAY_BUFFER bytes */
};

struct relay {
	struct channel channels[RELAY_CHANNELS];
	struct log *log;     /* borrowed; where what is logged goes */
	struct feed *feed;   /* borrowed; who else sees that */
	bool cooked;         /* what is logged comes from a pty, which ends lines with CR LF */
	int own_in, own_out; /* the caller's terminal opened again, so that O_NONBLOCK is ours alone; or -1 */
	bool raw;            /* the caller's terminal is in raw mode */
	struct termios saved;
	char data[RELAY_CHANNELS][RELAY_BUFFER] __attribute__((aligned(4096)));
};

/* Relay between the caller's standard streams and a pty. Owned by the caller: relay_end. NULL with e set. */
struct relay *relay_pty(int master, struct err *e);

/* Relay between the caller's standard streams and pipes[i], where that is not -1. */
struct relay *relay_pipes(const int pipes[3], struct err *e);

/* Relay pipes[1] and pipes[2], or a pty (master not -1), into a log and to attached clients. Lines go to the log
 * whole; a piece of one is held for a moment, since the rest may be on its way. */
struct relay *relay_log(const int pipes[3], int master, struct log *log, struct feed *feed, struct err *e);

/* The container's pty has come to be: from here on it is what is relayed into the log. */
void relay_log_pty(struct relay *r, int master);

/* In how many ms relay_copy is to be called although nothing is ready, or -1. */
int relay_timeout(const struct relay *r);

/* Write out the pieces that are held. */
void relay_flush(struct relay *r);

/* The caller's terminal into raw mode, and back as it was. */
int relay_raw(struct relay *r, struct err *e);
void relay_cooked(struct relay *r);

/* What to poll for; returns how many entries were filled in. Then, after poll, copy what can be copied. */
size_t relay_polls(const struct relay *r, struct pollfd polls[RELAY_POLLS]);
void relay_copy(struct relay *r, const struct pollfd *polls, size_t n);

/* The buffers, if nothing is in them: their content may be lost while nobody writes. NULL otherwise. */
void *relay_unused(struct relay *r, size_t *size);

/* The container has ended: bring out what it wrote at the end, put the terminal back, free r. */
void relay_end(struct relay *r);

#endif
