/* SPDX-License-Identifier: Zlib
 * What the monitor (host) and init (container) say to each other: one struct a packet on a SOCK_SEQPACKET socketpair. The
 * monitor trusts nothing that comes from inside: every field is checked, text is cleaned before it is shown. */
#ifndef CAGEBOX_BOX_WIRE_H
#define CAGEBOX_BOX_WIRE_H

#include <stdint.h>

#include "base/err.h"

enum wire_kind {
	/* to the container side */
	WIRE_GO = 1, /* everything that the host prepares for the container is ready */
	WIRE_LAYER, /* before WIRE_GO: a directory of the root (number 0) or a mapped mount (1), detached, comes with it (box/root.h) */
	WIRE_SIGNAL, /* number: send this signal to the command; reason not 0: to its process group */
	WIRE_STOP,   /* begin the stop sequence; a second one skips ahead. number: time-out in ms, -1 for the plan's */
	/* to the host side */
	WIRE_TTY,     /* the pty's master comes with it (SCM_RIGHTS) */
	WIRE_WARNING, /* err.text: something optional failed */
	WIRE_ERROR,   /* err: the start failed; the last packet */
	WIRE_READY,   /* the command is running (its exec succeeded) */
	WIRE_EXIT,    /* number: how init will exit; reason: why */
	/* What tells of a program's system calls comes with it (box/trace.h). */
	WIRE_LISTENER,
};

/* Why a container ended. The names are those of the state file and of list. */
enum end_reason {
	END_NONE,     /* it runs, or nobody knows */
	END_EXIT,     /* the command exited; code is its own */
	END_SIGNAL,   /* the command was killed by a signal */
	END_STOP,     /* stopped on request, gracefully or not */
	END_SCRIPT,   /* the init script failed */
	END_REBOOT,   /* reboot(2) inside asked for a restart */
	END_POWEROFF, /* reboot(2) inside asked for halt or power off */
	END_KILLED,   /* init itself was killed */
	END_LOST,     /* the monitor died and took the container along */
	END_OOM,      /* its memory ran out, and the kernel killed in it */
	END_REASONS,
};

struct wire {
	uint16_t kind;   /* enum wire_kind */
	uint16_t reason; /* enum end_reason, with WIRE_EXIT */
	int32_t number;  /* a signal, or an exit code */
	struct err err;
};

/* "exit", "signal", "stop" ...; "" for END_NONE and anything unknown. */
const char *wire_reason_name(unsigned reason);

/* Send one packet, with descriptor fd if it is not -1. Never raises SIGPIPE. Returns 0, or -1 with errno. */
int wire_send(int socket, const struct wire *w, int fd);

/* The same with flags of sendmsg(2). */
int wire_send_with(int socket, const struct wire *w, int fd, int flags);

/* Receive one packet; *fd gets a descriptor that came along, close-on-exec, else -1 (NULL: any is closed).
 * Returns 1, 0 when the other side is gone, -1 with errno (EAGAIN with MSG_DONTWAIT in flags, EPROTO on a bad packet). */
int wire_recv(int socket, struct wire *w, int *fd, int flags);

#endif
