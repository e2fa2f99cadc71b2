/* SPDX-License-Identifier: Zlib
 * The log of a detached container, written by its monitor. Host side.
 *
 * A line of the file is an entry, in the format of Kubernetes' container runtime interface:
 *
 *   2026-11-22T07:37:23.123456Z stdout F text
 *
 * UTC with microseconds; stdout or stderr, or cagebox for a remark of our own; F: the line is whole with this entry,
 * P: a piece of a line that goes on in the next entry of its stream.
 *
 * PATH is written to; PATH.1 to PATH.(count - 1) are what was before, the highest number the oldest. No file is ever
 * longer than max and all together no longer than max * count, whatever happens: what cannot be written is dropped and
 * counted. Only whole entries are ever in the file for good, and it is never cut below the end of one. The lock of
 * flock(2) is held on PATH. */
#ifndef CAGEBOX_BOX_LOG_H
#define CAGEBOX_BOX_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

enum log_stream { LOG_STDOUT, LOG_STDERR, LOG_CAGEBOX, LOG_STREAMS };

/* As the file names them. */
extern const char *const log_stream_names[LOG_STREAMS];

enum {
	LOG_TIME = 27,     /* letters of a time */
	LOG_PIECE = 8192,  /* longest text of an entry */
	LOG_LEAST = 16384, /* least limit of a file */
	LOG_GAP = 8,       /* so many numbers in a row without a file: there is no higher one */
};

/* fd -1: no log. */
struct log {
	int fd;
	char *path; /* owned; room for two names of rotated files behind it */
	uint64_t size, max;
	unsigned count;
	bool torn;         /* the file does not end with a newline */
	uint64_t lost;     /* bytes of output that could not be written and were not yet told of */
	struct err reason; /* of that */
	time_t second;     /* that stamp tells */
	char stamp[LOG_TIME + 1];
};

/* Open path (absolute) or make it, mode 0640; its directory must exist. It is rotated at once if it is full, and what
 * the limits no longer have room for is removed, the oldest first. max: bytes of one file, at least LOG_LEAST; count:
 * files in all, at least 1. Returns 0, or -1 with e set (not a regular file, a link, locked by another) and no log. */
int log_open(struct log *l, const char *path, uint64_t max, unsigned count, struct err *e);

/* Go on with what another process opened: fd was inherited, its lock with it. It is l's from here on, and closed if
 * this fails. */
int log_adopt(struct log *l, int fd, const char *path, uint64_t max, unsigned count, struct err *e);

/* Write the whole lines of data; with `all` also what follows the last newline, as a piece. strip_cr: lines end with
 * CR LF, as a pty makes them, and the CR is left out. Returns how many bytes were taken: the caller keeps the rest and
 * adds to it. With `all` that is everything, but for a CR at the end that may belong to a LF to come, unless it is all
 * there is. Never fails: what cannot be written is lost, and as soon as writing works again an entry of ours says how
 * much. Does nothing without a log. Does not allocate. */
size_t log_take(struct log *l, enum log_stream stream, const char *data, size_t n, bool all, bool strip_cr);

/* Close it and free what it owns; l has no log then. */
void log_close(struct log *l);

/* A time as entries have it. Compared as text, the earlier one is less. */
void log_time(const struct timespec *t, char text[LOG_TIME + 1]);

/* Whether path still names the file that is open as fd. */
bool log_is_current(const char *path, int fd);

#endif
