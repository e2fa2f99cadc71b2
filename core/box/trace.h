/* SPDX-License-Identifier: Zlib
 * seccomp=trace: hearing of every system call that a container's programs make, and writing the policy that they need. Host side.
 * The built-in profile is in force meanwhile: only what it allows is heard of. Linux 5.5, seccomp_unotify(2). */
#ifndef CAGEBOX_BOX_TRACE_H
#define CAGEBOX_BOX_TRACE_H

#include <stdint.h>

#include "base/err.h"

struct trace;

/* A trace that begins, owned by the caller; NULL with e set. */
struct trace *trace_new(struct err *e);
void trace_free(struct trace *t);

/* What to poll for. */
int trace_fd(const struct trace *t);

/* Hear of one more program; takes listener over. */
void trace_add(struct trace *t, int listener);

/* Note what programs wait for, and let them go on. */
void trace_hear(struct trace *t);

/* Write the policy for a container with these capabilities, called name, in place of file. Returns 0, or -1 with e set. */
int trace_write(const struct trace *t, uint64_t caps, const char *name, const char *file, struct err *e);

#endif
