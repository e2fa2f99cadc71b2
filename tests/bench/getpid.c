/* SPDX-License-Identifier: Zlib
 * What a system call costs: prints the nanoseconds that one getpid(2) takes, the least of some runs. */
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 20, CALLS = 100000 };

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void)
{
	long long least = 0;

	for (int run = 0; run < RUNS; run++) {
		long long begin = now_ns(), took;

		for (int i = 0; i < CALLS; i++)
			syscall(SYS_getpid);
		took = now_ns() - begin;
		if (!run || took < least)
			least = took;
	}
	printf("%lld.%lld\n", least / CALLS, least * 10 / CALLS % 10);
	return 0;
}
