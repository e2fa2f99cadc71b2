/* SPDX-License-Identifier: Zlib
 * Programs of the host that do something for us: mke2fs, newuidmap. */
#ifndef CAGEBOX_SYS_HELPER_H
#define CAGEBOX_SYS_HELPER_H

#include <stdbool.h>

#include "base/err.h"

/* Run argv[0], a plain name, from the system's own directories of programs, whatever the PATH. It gets nothing of ours but
 * standard error and, if it is not -1, file as descriptor 3. Returns 0 with *status as wait(2) has it (127 exited: it is
 * not there), -1 with e set. */
int helper_run(const char *const *argv, int file, int *status, struct err *e);

/* Where the program is. Returns false if it is nowhere. */
bool helper_find(const char *name, char path[64]);

#endif
