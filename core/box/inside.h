/* SPDX-License-Identifier: Zlib
 * Between the fork into new namespaces and the exec of init: the container is put together. This is the one piece of
 * code that crosses the border: it begins with the host's files in view and ends without. */
#ifndef CAGEBOX_BOX_INSIDE_H
#define CAGEBOX_BOX_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "spec/spec.h"

/* Paths of every container that show nothing, and those that cannot be written: from its root, without the slash; ended by
 * NULL. */
extern const char *const inside_masked[], *const inside_read_only[];

/* What the launcher has ready. Descriptors are -1 where there is none. */
struct inside {
	const struct spec *spec;
	const char *name;
	uint64_t caps;     /* init's bounding set */
	unsigned scope;    /* enum landlock_kind: the domain of all that runs inside */
	bool lock_caps;    /* how capabilities come about is fixed in init already */
	const char *stage; /* the directory that the root is mounted on */
	bool root_mounted; /* it is there already */
	bool userns;       /* the container's user namespace is not the host's */
	bool own_groups;   /* in which nobody may change groups: the caller's stay */
	int wire;          /* to the launcher */
	int exe;           /* our own binary, safe (sys/exe.h) */
	int plan;          /* sealed */
	int command, script;
	bool tty;       /* open a pty and send its master over the wire */
	int streams[3]; /* the command's, when it has no pty */
	int pipes[3];   /* the reading ends of those that init keeps for a time without a monitor */
};

/* Runs in the child. Never returns. */
_Noreturn void inside_run(const struct inside *in);

#endif
