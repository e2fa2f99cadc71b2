/* SPDX-License-Identifier: Zlib
 * The container's root: a directory, or an overlay. Runs in the container's mount namespace, or on the host when hooks are to see the
 * root. */
#ifndef CAGEBOX_BOX_ROOT_H
#define CAGEBOX_BOX_ROOT_H

#include "base/err.h"
#include "spec/spec.h"

/* Refuse directories that are not there, before anything is touched. Makes the upper and work directories. Host side. */
int root_check(const struct spec *s, struct err *e);

/* Mount the root of s on directory stage. Returns an O_PATH descriptor of the root, or -1 with e set. An overlay is writable still: it
 * takes the mount points; root_finish makes it what it is to be. */
int root_mount(const struct spec *s, const char *stage, struct err *e);
int root_finish(const struct spec *s, int root, struct err *e);

#endif
