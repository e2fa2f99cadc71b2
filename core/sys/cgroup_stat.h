/* SPDX-License-Identifier: Zlib
 * What the processes of a container's cgroups use, and when their memory runs out. Sources: see sys/cgroup.h;
 * Documentation/accounting/psi.rst of the kernel for pressure. */
#ifndef CAGEBOX_SYS_CGROUP_STAT_H
#define CAGEBOX_SYS_CGROUP_STAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sys/cgroup.h"

#define CGROUP_UNKNOWN UINT64_MAX

/* CGROUP_UNKNOWN where nothing counts it. */
struct cgroup_usage {
	uint64_t cpu_us;                     /* time that processors worked for it */
	uint64_t periods, throttled_periods; /* of the quota: all, and those in which it was used up */
	uint64_t throttled_us;               /* waited for the next one */
	uint64_t memory, memory_peak;        /* bytes, with the page cache */
	uint64_t memory_cache;               /* of them, those that the kernel can take back at once */
	uint64_t swap;                       /* bytes */
	uint64_t oom_kills;                  /* processes that the kernel killed for want of memory */
	uint64_t pids;                       /* processes and threads */
	uint64_t read_bytes, written_bytes;  /* of block devices */
	uint64_t reads, writes;              /* operations */
	uint64_t pressure[3]; /* cpu, memory, io: hundredths of a per cent of the last 10 s in which some waited */
};

void cgroup_usage(const struct cgroup *g, struct cgroup_usage *u);

/* oom_kills alone; 0 where nothing counts it. */
uint64_t cgroup_oom_kills(const struct cgroup *g);

/* A descriptor that tells when memory runs out: *events (poll(2)) gets what to wait for. v1 tells before it kills, v2 after, and
 * of other events too. -1 where nobody has to be told: it is done by itself, or cannot be known. */
int cgroup_watch_oom(const struct cgroup *g, short *events);

#endif
