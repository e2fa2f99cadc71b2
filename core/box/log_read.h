/* SPDX-License-Identifier: Zlib
 * Showing a container's log (box/log.h): the lines of all its files in order, as its programs printed them. Host
 * side. */
#ifndef CAGEBOX_BOX_LOG_READ_H
#define CAGEBOX_BOX_LOG_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "box/log.h"

/* What to show of it. All is borrowed. */
struct log_view {
	const char *path;
	const char *since; /* leave out lines that began before (as log_time gives it), or NULL */
	uint64_t lines;    /* the last ones only; LOG_ALL */
	bool stamps;       /* time and stream before each line */
	int out, err;      /* where the lines of stdout and stderr go; our own remarks go to err */
};

#define LOG_ALL UINT64_MAX

/* One more than the streams of the log: lines that are not in its format, shown as they are. */
enum { LOG_FOREIGN = LOG_STREAMS, LOG_KINDS };

struct log_reader {
	struct log_view view;
	char *chunk, *output;  /* buffers; the first is owned and holds both */
	size_t used;           /* of output */
	int to;                /* where output goes */
	int fd;                /* the file that is being read, -1: none yet */
	uint64_t offset;       /* up to which it was read */
	int events;            /* inotify, or -1 */
	bool recent;           /* the entry before was not older than view.since */
	bool open[LOG_KINDS];  /* the line of this stream goes on */
	bool show[LOG_KINDS];  /* that line is shown */
	uint64_t begun, first; /* lines that have begun; the first one to show */
	bool counting;         /* nothing is shown yet */
};

/* Begin. To be closed in any case. */
int log_read_open(struct log_reader *r, const struct log_view *view, struct err *e);

/* Show what there is and was not shown yet. With until >= 0 go on with what is added, over rotations, until that
 * descriptor is readable, and then once more; until -1 returns at once. A line without its end stays for the next call.
 * Returns 0, or -1 with e set: e->num is EPIPE when nobody reads view.out or view.err any more. */
int log_read(struct log_reader *r, int until, struct err *e);

/* Show a last line without an end, if there is one. */
int log_read_rest(struct log_reader *r, struct err *e);

void log_read_close(struct log_reader *r);

/* Whether text begins with a time as entries have it. */
bool log_is_time(const char *text, size_t len);

#endif
