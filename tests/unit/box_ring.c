/* SPDX-License-Identifier: Zlib
 * The ring of a stream's last bytes (box/ring.h): random pieces and readers against the whole stream. Prints TAP. */
#include "box/ring.h"

#include <stdint.h>

#include "tap.h"

enum { MOST = 3 * RING_SIZE, STREAM = 64 * RING_SIZE, READERS = 4, ROUNDS = 20000 };

static char stream[STREAM + MOST];
static uint32_t seed = 20261122;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * below >> 32);
}

/* Whether reading on from at gives what the stream has there, to its end. */
static bool reads_on(const struct ring *r, uint64_t at)
{
	uint64_t from = at < ring_oldest(r) ? ring_oldest(r) : at;
	const char *data;
	size_t n;

	for (int pieces = 0; (n = ring_get(r, &at, &data)); pieces++) {
		if (pieces > 1 || at != from || data < r->data || data + n > r->data + RING_SIZE ||
		    memcmp(data, stream + at, n) != 0)
			return false;
		at += n;
		from = at;
	}
	return at == r->end;
}

static void one(size_t n, const char *title)
{
	struct ring r = { 0 };

	ring_put(&r, stream, n);
	OK(r.end == n && ring_oldest(&r) == (n < RING_SIZE ? 0 : n - RING_SIZE) && reads_on(&r, 0), title);
}

static void random_operations(void)
{
	static struct ring r;
	uint64_t readers[READERS] = { 0 };
	bool same = true, ends = true, oldest = true, lost = false, wrapped = false;

	for (int round = 0; round < ROUNDS && r.end < STREAM; round++) {
		size_t n = draw(8) ? draw(200) : draw(MOST);
		uint64_t before = r.end, *reader = &readers[draw(READERS)];
		const char *data;

		ring_put(&r, stream + before, n);
		ends &= r.end == before + n;
		oldest &= r.end - ring_oldest(&r) == (r.end < RING_SIZE ? r.end : RING_SIZE);
		lost |= *reader < ring_oldest(&r);
		same &= reads_on(&r, *reader);
		n = ring_get(&r, reader, &data);
		same &= *reader >= ring_oldest(&r) && !memcmp(data, stream + *reader, n);
		wrapped |= n && *reader + n < r.end;
		*reader += n ? 1 + draw((uint32_t)n) : 0;
	}
	OK(ends, "the end moves by what was put");
	OK(oldest, "there is as much as there is room for");
	OK(same, "every reader sees the stream, from where it is or from the oldest byte on");
	OK(lost && wrapped, "some were too late, some read in two pieces");
}

int main(void)
{
	static struct ring empty;
	uint64_t at = 0;
	const char *data;

	for (size_t i = 0; i < sizeof(stream); i++)
		stream[i] = (char)draw(256);
	OK(ring_get(&empty, &at, &data) == 0 && at == 0 && ring_oldest(&empty) == 0, "in the beginning there is nothing");
	one(1, "one byte");
	one(RING_SIZE - 1, "one less than there is room for");
	one(RING_SIZE, "all that there is room for");
	one(RING_SIZE + 1, "one more: the first is gone");
	one(MOST, "much more at once: the last is there");
	random_operations();
	return tap_done();
}
