/* SPDX-License-Identifier: Zlib
 * Limits of a container's cgroups, in whichever hierarchy the controller is. Every setter reads back what it wrote: 0 means
 * that the limit is in force, -1 that it is not, with e saying why and what would help. Sources: see sys/cgroup.h. */
#ifndef CAGEBOX_SYS_CGROUP_LIMIT_H
#define CAGEBOX_SYS_CGROUP_LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "sys/bpf.h"
#include "sys/cgroup.h"

#define CGROUP_NONE UINT64_MAX /* no limit */

/* Set what was written down in g->before again, the last first. */
void cgroup_restore(const struct cgroup *g);

enum cgroup_number {
	CGROUP_CPU_SHARES, /* weight of 1024; v2's weight of 100 by the kernel's own mapping (sched_weight_from_cgroup) */
	CGROUP_CPU_QUOTA,  /* microseconds of each CGROUP_PERIOD_US */
	CGROUP_PIDS_MAX,
	CGROUP_MEMORY_LOW, /* bytes that are spared as long as there are others to take from; v1: the soft limit */
	CGROUP_NET_CLASS,  /* of packets: v1 net_cls, else the mark of the sockets */
	CGROUP_NUMBERS,
};

enum { CGROUP_PERIOD_US = 100000 };

int cgroup_set_number(const struct cgroup *g, enum cgroup_number which, uint64_t value, struct err *e);

/* What is in force: CGROUP_NONE when nothing is. */
uint64_t cgroup_get_number(const struct cgroup *g, enum cgroup_number which);

/* Bytes of memory, and of memory and swap together; CGROUP_NONE leaves one as it is. The second alone limits memory too. */
int cgroup_set_memory(const struct cgroup *g, uint64_t memory, uint64_t total, struct err *e);
void cgroup_get_memory(const struct cgroup *g, uint64_t *memory, uint64_t *total);

/* Processors, or with mems memory nodes: a list such as 0-2,5. The second writes the list in force to list; whether there is
 * one. */
int cgroup_set_cpuset(const struct cgroup *g, bool mems, const char *list, struct err *e);
bool cgroup_get_cpuset(const struct cgroup *g, bool mems, char *list, size_t room);

enum cgroup_io { CGROUP_READ_BPS, CGROUP_WRITE_BPS, CGROUP_READ_IOPS, CGROUP_WRITE_IOPS, CGROUP_IOS };

/* Bytes or operations a second on a block device (a whole disk). The getter adds "[r:|w:]MAJOR:MINOR N" to out for bytes, or
 * for operations. */
int cgroup_set_io(const struct cgroup *g, enum cgroup_io which, dev_t device, uint64_t value, struct err *e);
int cgroup_get_io(const struct cgroup *g, bool bytes, struct words *out, struct err *e);

/* Bytes in huge pages of this size. The getter: CGROUP_NONE for none. */
int cgroup_set_hugetlb(const struct cgroup *g, uint64_t page_bytes, uint64_t limit, struct err *e);
uint64_t cgroup_get_hugetlb(const struct cgroup *g, uint64_t page_bytes);

/* Devices: what the rules allow, and nothing else. */
int cgroup_set_devices(const struct cgroup *g, const struct device_rule *rules, size_t n, struct err *e);
bool cgroup_has_devices(const struct cgroup *g);

/* When memory runs out, end all of it: v2 does that by itself when told so. Nothing happens where the kernel cannot. */
void cgroup_oom_as_one(const struct cgroup *g);

#endif
