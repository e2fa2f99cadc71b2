/* SPDX-License-Identifier: Zlib
 * A machine whose first process we are: nobody else will make it fit to run anything. Host side. */
#ifndef CAGEBOX_BOX_MACHINE_H
#define CAGEBOX_BOX_MACHINE_H

#include <stdbool.h>

#include "base/err.h"

/* If this process is the machine's first one (not that of a pid namespace), mount what nobody has: /proc, /sys, and the cgroup
 * file systems. Otherwise do nothing. Returns 0, or -1 with e set. */
int machine_mount(struct err *e);

#endif
