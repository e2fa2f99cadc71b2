/* SPDX-License-Identifier: Zlib
 * What happened to containers, for programs to follow: RUNDIR/.events, a JSON object a line; when it has grown to EVENT_FILE
 * bytes it becomes .events.old and a new one begins. Host side.
 *
 *   {"time":"2026-11-22T11:22:33.123456Z","event":"stop","name":"web","reason":"exit","code":0}
 *
 * event is start (the command runs), stop, oom (memory ran out; a stop follows), pause, resume or update. */
#ifndef CAGEBOX_BOX_EVENT_H
#define CAGEBOX_BOX_EVENT_H

#include <stdbool.h>

#include "base/err.h"
#include "box/state.h"

enum { EVENT_FILE = 64 << 10 };

/* Write that event down. Nothing is lost by an error but the event. */
void event_write(const char *name, const char *event);

/* A stop, with how s ended. */
void event_write_stop(const struct state *s);

/* Print the events of the containers called names (ended by NULL; none: of all) that are known, and with follow those to come,
 * until writing fails or a signal ends the process. Returns 0, or -1 with e set. */
int event_print(char *const *names, bool follow, struct err *e);

#endif
