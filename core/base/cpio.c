/* SPDX-License-Identifier: Zlib
 * Writing a cpio archive (newc). Either side. No system calls. */
#include "base/cpio.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { HEADER_SIZE = 110, PATH_SIZE = 1024, BLOCK = 512 };

static int put(struct cpio *c, const void *data, size_t size, struct err *e)
{
	if (!size)
		return 0;
	c->offset += size;
	return c->write(c->to, data, size, e);
}

static int pad(struct cpio *c, size_t unit, struct err *e)
{
	char zeroes[BLOCK] = { 0 };

	return put(c, zeroes, -c->offset & (unit - 1), e);
}

/* Header, name and data each end on a multiple of 4. The kernel takes entries of one inode and several links for
 * hard links of each other, so that only a directory may have more than one. */
static int put_entry(struct cpio *c, const struct cpio_entry *en, uint32_t inode, uint32_t mtime, struct err *e)
{
	char header[HEADER_SIZE + PATH_SIZE];
	size_t len = strlen(en->path);

	if (!len || len >= PATH_SIZE)
		return err_set(e, "cpio: a path has 1 to %d bytes, not %zu", PATH_SIZE - 1, len);
	if ((uint64_t)en->size > UINT32_MAX)
		return err_set(e, "cpio: %s is larger than 4 GiB", en->path);
	snprintf(header, sizeof(header), "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s", inode, en->mode, 0, 0,
		 S_ISDIR(en->mode) ? 2 : 1, mtime, (uint32_t)en->size, 0, 0, en->major, en->minor, (uint32_t)len + 1, 0,
		 en->path);
	if (put(c, header, HEADER_SIZE + len + 1, e) < 0 || pad(c, 4, e) < 0 || put(c, en->data, en->size, e) < 0)
		return -1;
	return pad(c, 4, e);
}

int cpio_add(struct cpio *c, const struct cpio_entry *en, struct err *e)
{
	return put_entry(c, en, ++c->inode, c->mtime, e);
}

int cpio_end(struct cpio *c, struct err *e)
{
	static const struct cpio_entry trailer = { .path = "TRAILER!!!" };

	if (put_entry(c, &trailer, 0, 0, e) < 0)
		return -1;
	return pad(c, BLOCK, e);
}
