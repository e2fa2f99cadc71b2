/* SPDX-License-Identifier: Zlib
 * The last of what a stream has brought. A byte is known by how many came before it. No system calls. */
#ifndef CAGEBOX_BOX_RING_H
#define CAGEBOX_BOX_RING_H

#include <stddef.h>
#include <stdint.h>

enum { RING_SIZE = 16384 };

/* All zero: nothing came yet. */
struct ring {
	uint64_t end; /* of the byte that comes next */
	char data[RING_SIZE];
};

/* Add what came. */
void ring_put(struct ring *r, const char *data, size_t n);

/* The oldest byte that is there. */
uint64_t ring_oldest(const struct ring *r);

/* What there is from *at on, as far as it lies in one piece; *at moves up to the oldest byte. Returns how many bytes *data
 * points at, 0 at the end. */
size_t ring_get(const struct ring *r, uint64_t *at, const char **data);

#endif
