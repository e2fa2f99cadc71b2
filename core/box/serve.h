/* SPDX-License-Identifier: Zlib
 * The monitor's side of the control socket (box/control.h). Host side. */
#ifndef CAGEBOX_BOX_SERVE_H
#define CAGEBOX_BOX_SERVE_H

#include "box/container.h"
#include "box/wire.h"

/* Say something to init. */
void serve_tell_init(struct container *c, enum wire_kind kind, int number);

/* Begin the stop sequence (timeout_ms -1: the container's own); end everything at once. */
void serve_stop(struct monitor *m, int timeout_ms);
void serve_kill(struct monitor *m);

/* Let in who has connected; hear one who is in. */
void serve_welcome(struct monitor *m);
void serve_client(struct monitor *m, struct client *cl);

/* Tell those who wait for the command to run. */
void serve_ready(struct monitor *m);

/* Tell everybody who waits, once everything is cleaned up, close the control socket, free what m owns. */
void serve_goodbye(struct monitor *m);

#endif
