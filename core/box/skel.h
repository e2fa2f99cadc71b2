/* SPDX-License-Identifier: Zlib
 * Making a root out of nothing but this binary: the skeleton (rootfs-skel/, packed into the binary), the binary
 * itself and its links, as a directory or as an initramfs archive. Host side. */
#ifndef CAGEBOX_BOX_SKEL_H
#define CAGEBOX_BOX_SKEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* The binary lies in /sbin: the kernel looks for /sbin/init, so that the links beside it need no path, and nothing
 * but the root file system has to be mounted for them. */
#define SKEL_BINARY "sbin/cagebox"

/* Make the root in the directory at path, which is made if it is missing (its parent is not). What is there already
 * is kept and its path added to kept; with force, files and links of it are replaced, each in one step. Symbolic
 * links below path are not followed. links are the names in /sbin for the binary; "init" among them also gets /init.
 * Returns 0, or -1 with e set; then all that was made is gone again (what force has replaced by then stays
 * replaced). */
int skel_to_dir(const char *path, const struct words *links, bool force, struct words *kept, struct err *e);

/* The same as an archive (cpio, newc) on fd, with the device nodes that a kernel needs to start /init. name stands
 * for fd in messages; every entry is dated mtime. */
int skel_to_fd(int fd, const char *name, const struct words *links, uint32_t mtime, struct err *e);

/* The same as a file: it appears whole, or not at all. An existing one is replaced only with force, and only if it
 * is a regular file. */
int skel_to_file(const char *path, const struct words *links, uint32_t mtime, bool force, struct err *e);

#endif
