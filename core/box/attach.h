/* SPDX-License-Identifier: Zlib
 * Looking at a container in the background and typing into it: the client's side. Host side. */
#ifndef CAGEBOX_BOX_ATTACH_H
#define CAGEBOX_BOX_ATTACH_H

#include <stdbool.h>

#include "base/chord.h"
#include "base/err.h"

struct attach_options {
	bool read_only;
	struct chord keys; /* that detach, when they are typed at a terminal */
};

/* Attach to the container of that name until it ends, or until it is left: by the keys, by a signal, or since nobody reads what
 * it prints. The caller's terminal is raw meanwhile, if the container has one. Returns 0 with *code for the caller to exit with
 * and *left set if the container runs on; -1 with e set. Every signal is blocked meanwhile. The caller must have one thread. */
int attach_run(const char *name, const struct attach_options *o, int *code, bool *left, struct err *e);

#endif
