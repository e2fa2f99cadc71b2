/* SPDX-License-Identifier: Zlib
 * A ring of bytes. Host side. */
#include "box/ring.h"

#include <string.h>

void ring_put(struct ring *r, const char *data, size_t n)
{
	size_t to, first;

	if (n > RING_SIZE) {
		data += n - RING_SIZE;
		r->end += n - RING_SIZE;
		n = RING_SIZE;
	}
	to = r->end % RING_SIZE;
	first = n < RING_SIZE - to ? n : RING_SIZE - to;
	memcpy(r->data + to, data, first);
	memcpy(r->data, data + first, n - first);
	r->end += n;
}

uint64_t ring_oldest(const struct ring *r)
{
	return r->end < RING_SIZE ? 0 : r->end - RING_SIZE;
}

size_t ring_get(const struct ring *r, uint64_t *at, const char **data)
{
	uint64_t oldest = ring_oldest(r), n;
	size_t from;

	if (*at < oldest)
		*at = oldest;
	from = *at % RING_SIZE;
	n = r->end - *at;
	*data = r->data + from;
	return n < RING_SIZE - from ? (size_t)n : RING_SIZE - from;
}
