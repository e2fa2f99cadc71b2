/* SPDX-License-Identifier: Zlib
 * The container's /dev, always fresh. Runs inside, before the root is entered: the host's /dev is in view. */
#ifndef CAGEBOX_BOX_DEV_H
#define CAGEBOX_BOX_DEV_H

#include "base/err.h"
#include "spec/spec.h"

/* Refuse devices that are none. Host side. */
int dev_check(const struct spec *s, struct err *e);

/* Make /dev below root: nodes, pts, shm, mqueue, links, the devices of s. Returns an O_PATH descriptor of it. */
int dev_mount(const struct spec *s, int root, struct err *e);

/* Open a pty in dev's pts and show its slave as dev's console. */
int dev_open_console(int dev, int *master, int *slave, struct err *e);

#endif
