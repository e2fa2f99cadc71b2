/* SPDX-License-Identifier: Zlib
 * What a running container may use and does use of the machine, by its cgroups. Host side. */
#ifndef CAGEBOX_BOX_RESOURCE_H
#define CAGEBOX_BOX_RESOURCE_H

#include <stdbool.h>

#include "base/err.h"
#include "box/state.h"
#include "spec/spec.h"
#include "sys/cgroup.h"

/* How many of its processes the kernel killed for want of memory, as far as it is known. */
uint64_t resource_oom_kills(const struct state *s);

/* Whether its processes are frozen. */
bool resource_is_paused(const struct state *s);

/* state_status_name's, or "paused". status is of enum state_status. */
const char *resource_status_name(const struct state *s, int status);

/* Read the limits that are in force into *limits, which is the caller's to free. */
void resource_limits(const struct state *s, struct spec *limits);

/* For whoever looks after it: have all processes stand still soon, or run again. */
int resource_freeze(const struct state *s, bool on, struct err *e);

/* Open the cgroups of the running container of that name. Returns 0, or -1 with e set, also when it has none. */
int resource_open(const char *name, struct cgroup *g, struct err *e);

/* Freeze all processes of the container of that name, or let them run again; done already is no error. */
int resource_pause(const char *name, bool on, struct err *e);

/* Change the limits of a running container to those that are set in s. Either all are in force then (0), or those of before
 * (-1, with e naming the setting). */
int resource_update(const char *name, const struct spec *s, struct err *e);

#endif
