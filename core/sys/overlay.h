/* SPDX-License-Identifier: Zlib
 * overlayfs. Documentation/filesystems/overlayfs.rst of the kernel. */
#ifndef CAGEBOX_SYS_OVERLAY_H
#define CAGEBOX_SYS_OVERLAY_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "sys/mount.h"

/* The directories of one, by paths that lead there at the time of mounting. */
struct overlay_dirs {
	struct words lower; /* the first on top */
	char *upper, *work; /* owned; both or neither */
};
void overlay_dirs_free(struct overlay_dirs *d);

/* Mount it with mount_new's attributes. own_namespace: this process's user namespace is not the host's, where attributes called
 * trusted.* are for the host's root alone. Returns an O_PATH descriptor of its root, or -1 with e set. */
int overlay_mount(const struct overlay_dirs *d, bool own_namespace, unsigned attr, struct place at, struct err *e);

#endif
