/* SPDX-License-Identifier: Zlib
 * The time that waiting is measured by. */
#ifndef CAGEBOX_SYS_CLOCK_H
#define CAGEBOX_SYS_CLOCK_H

#include <stdint.h>
#include <time.h>

/* In ms, of the clock that nobody sets. clock_gettime(2). */
static inline int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif
