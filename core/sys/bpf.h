/* SPDX-License-Identifier: Zlib
 * Programs for the kernel that do on cgroup v2 what controllers of v1 did: which devices may be opened, and a number on what
 * is sent. bpf(2); linux/bpf.h; Documentation/bpf/ of the kernel. Needs CONFIG_CGROUP_BPF; devices Linux 4.15, marks 4.14. */
#ifndef CAGEBOX_SYS_BPF_H
#define CAGEBOX_SYS_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { DEVICE_READ = 1, DEVICE_WRITE = 2, DEVICE_MAKE = 4 };

struct device_rule {
	char type;            /* 'b', 'c' or 'a' for both */
	int32_t major, minor; /* -1: all */
	unsigned access;      /* bits: what is allowed */
};

/* The errno with which the kernel refuses this caller programs about devices, or else about sockets; 0: none. */
int bpf_try(bool devices);

/* Allow in the v2 cgroup that is open as dir what one of the rules allows, and nothing else. It lasts as long as the cgroup. */
int bpf_allow_devices(int dir, const struct device_rule *rules, size_t n, struct err *e);

/* Mark every socket of IPv4 and IPv6 that is made in that cgroup, and so its packets (SO_MARK of socket(7)). */
int bpf_mark_sockets(int dir, uint32_t mark, struct err *e);

/* Whether the cgroup itself has such a program; the mark, or -1. */
bool bpf_has_devices(int dir);
int64_t bpf_get_mark(int dir);

#endif
