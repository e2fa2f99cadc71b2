/* SPDX-License-Identifier: Zlib
 * A start on its way, as the files that carry it out share it: prepare.c (checks, plan, what the host makes ready),
 * streams.c (its streams and log), launch.c (the fork and the foreground), detach.c (the background). Host side. */
#ifndef CAGEBOX_BOX_LAUNCH_H
#define CAGEBOX_BOX_LAUNCH_H

#include "box/box.h"
#include "box/container.h"
#include "box/filter.h"
#include "box/inside.h"
#include "box/userns.h"
#include "sys/cgroup.h"

struct launch {
	struct spec *spec;
	const struct box_options *options;
	struct container c;
	struct inside in;
	struct userns userns; /* with in.userns */
	struct cgroup cgroup; /* with its descriptors until init is on its own */
	bool born_in_cgroup;  /* in the one of v2 */
	char stage[4096];     /* where the root is put together */
	int proc;
	uint64_t caps, ambient;
	unsigned access; /* of the plan */
	struct filter filter;
	uint64_t signal_mask, signal_ignored; /* the caller's */
};

/* Begin with this. */
void launch_init(struct launch *l, struct spec *s, const struct box_options *o);

/* Refuse what cannot work and open what the container needs of the host, before anything is touched. */
int launch_check(struct launch *l, struct err *e);

/* With the state claimed: streams, plan, cgroup, the root if hooks are to see it, the init hook, the control socket. */
int launch_prepare(struct launch *l, struct err *e);

/* Of that: the log of a container in the background; then its streams, which may lead there. */
int launch_open_log(struct launch *l, struct err *e);
int launch_make_streams(struct launch *l, struct err *e);

/* From the claim to the point at which init is on its own. On failure everything is taken back. */
int launch_start(struct launch *l, struct err *e);

/* Close what only the start needed; then, when init has been executed or never will, the rest. */
void launch_close(struct launch *l);

/* The container has ended, or its start has failed: clean up, then tell who waits. */
void launch_finish(struct monitor *m, bool failed);

/* Kill and reap an init whose start is given up. */
void launch_kill(struct container *c);

/* One start, or its refusal (box_run). */
int launch_run(struct spec *s, const struct box_options *o, struct box_result *r, struct err *e);

/* Start it with a monitor in a process of its own, and return when the command runs. */
int launch_detached(struct launch *l, struct box_result *r, struct err *e);

#endif
