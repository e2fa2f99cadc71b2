/* SPDX-License-Identifier: Zlib
 * Finding out what of sys/feature.h this machine has for this caller. Host side. */
#ifndef CAGEBOX_SYS_FEATURE_PROBE_H
#define CAGEBOX_SYS_FEATURE_PROBE_H

#include <stddef.h>

#include "sys/feature.h"

enum feature_state { FEATURE_OK, FEATURE_LIMITED, FEATURE_MISSING };

struct feature_found {
	enum feature_state state;
	const char *remedy;                            /* the one of the table, or a better one */
	char text[sizeof(((struct err *)NULL)->text)]; /* what was found, or why not; may be empty */
};

/* Look for it, and leave nothing behind: no file, mount, cgroup, module, nor process. SIGCHLD must not be ignored. */
void feature_probe(enum feature f, struct feature_found *found);

#endif
