/* SPDX-License-Identifier: Zlib
 * A running container as its launcher and its monitor hold it. Host side. */
#ifndef CAGEBOX_BOX_CONTAINER_H
#define CAGEBOX_BOX_CONTAINER_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "box/box.h"
#include "box/feed.h"
#include "box/log.h"
#include "box/relay.h"
#include "box/state.h"
#include "box/trace.h"

struct container {
	struct state state;                /* with the lock held */
	pid_t init;                        /* our child */
	int wire;                          /* to init */
	int control;                       /* the listening control socket */
	int master;                        /* the pty's, or -1 */
	int pipes[3];                      /* our ends of streams that are relayed without a pty, or -1 (box/relay.h) */
	int ring;                          /* memory for the pty's output, or -1 (box/feed.h) */
	int pid_file;                      /* holds the lock, or -1 */
	struct log log;                    /* of a detached container */
	bool interactive;                  /* the caller's terminal belongs to the pty */
	bool detached;                     /* no stream of the caller's belongs to it */
	const struct box_options *options; /* for warnings; NULL: nobody hears them */
};

enum { MONITOR_POLLS = 6 + RELAY_POLLS + FEED_POLLS }; /* of the monitor's own, besides a client's each */

struct client {
	int fd;       /* -1: free */
	bool waiting; /* asked, to be answered at the end */
	bool only;    /* and asked for nothing else: it can be made to ask again, where a second stop would be another */
	bool ready;   /* or already when the command runs */
};

struct monitor {
	struct container *c;
	struct relay *relay;    /* owned, or NULL */
	struct feed feed;       /* of a container in the background */
	struct trace *trace;    /* owned by who has begun it, or NULL */
	struct client *clients; /* owned; grows with who asks */
	size_t nclients;
	struct pollfd *polls; /* owned; as many as one round may need */
	int signals;
	int oom; /* tells when memory runs out (sys/cgroup_stat.h), or -1 */
	short oom_events;
	bool out_of_memory;
	int64_t oom_until; /* in ms as deadline: until then look for a kill; 0: no need */
	int slave;         /* keeps the pty from hanging up while a session inside comes and goes */
	int launcher;      /* becomes ready when the process that waits for the start is gone, or -1 */
	bool ready, ended, stopping, start_failed;
	int64_t deadline; /* in ms of the monotonic clock, when init is killed whatever it says; 0: none */
	struct err start; /* why the start failed */
};

enum monitor_until { UNTIL_READY, UNTIL_END };

/* A container with no descriptor yet. */
void container_init(struct container *c);

/* Warn whoever started it. */
void container_warn(const struct container *c, const char *text);

/* Begin with this, before there is anything to look after: it opens what signals come by. Returns 0, or -1 with e set.
 * monitor_run closes it. */
int monitor_init(struct monitor *m, struct container *c, struct err *e);

/* Get all that monitor_run needs: whoever wants to know beforehand that it can go on. Otherwise monitor_run does it. */
int monitor_prepare(struct monitor *m, struct err *e);

/* Look after m->c: forward signals, relay streams, serve the control socket, until the command runs or until init
 * has ended. Returns 0 when that point is reached (or the container has ended before), -1 with e set when the start
 * failed; m->ended tells whether there is still a container, m->c->state's reason and code tell of the end. All
 * signals must be blocked. */
int monitor_run(struct monitor *m, enum monitor_until until, struct err *e);

/* Before another process goes on as the monitor: what is held of the output goes to where it belongs. */
void monitor_flush(struct monitor *m);

#endif
