/* SPDX-License-Identifier: Zlib
 * Writing a cpio archive in the format "newc", as the kernel reads it for an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst). No system calls: what is made goes through a callback. */
#ifndef CAGEBOX_BASE_CPIO_H
#define CAGEBOX_BASE_CPIO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* One entry, owned by root. All is borrowed. */
struct cpio_entry {
	const char *path; /* relative; "." is the directory that it is unpacked in */
	uint32_t mode;    /* type and permissions, as st_mode */
	const void *data; /* of a file; the target of a symbolic link */
	size_t size;
	uint32_t major, minor; /* of a device */
};

/* Write size bytes to whatever to stands for. Returns 0, or -1 with e set. */
typedef int cpio_write(void *to, const void *data, size_t size, struct err *e);

/* An archive while it is being written. Begin with write, to and mtime set and the rest zero. Equal entries in equal
 * order give equal bytes. */
struct cpio {
	cpio_write *write;
	void *to;
	uint32_t mtime; /* of every entry, seconds since 1970 */
	uint32_t inode; /* of the last entry */
	size_t offset;  /* bytes written */
};

/* Append an entry. Parents come before what is in them. Returns 0, or -1 with e set (by write, or a path or size
 * that the format cannot hold). */
int cpio_add(struct cpio *c, const struct cpio_entry *en, struct err *e);

/* End the archive and fill it up to a multiple of 512 bytes. */
int cpio_end(struct cpio *c, struct err *e);

#endif
