/* SPDX-License-Identifier: Zlib
 * From a policy to a filter in classic BPF, as seccomp(2) takes it. No system calls: the build has a tool of the same source.
 *
 * The kernel runs a new filter once for each number to learn which calls it always allows: a search tree over ranges of
 * numbers makes that, and every call, cheap where a list would add 0.6 ms to each start. */
#ifndef CAGEBOX_SYS_SECCOMP_COMPILE_H
#define CAGEBOX_SYS_SECCOMP_COMPILE_H

#include <linux/filter.h>

#include "sys/seccomp_policy.h"

/* What the kernel takes, but for what seccomp_install may put before it. */
enum { SECCOMP_CODE_MAX = BPF_MAXINSNS - 16 };

/* The filter of a policy, owned by the caller, *n instructions; NULL with e set. An unknown architecture kills the process, numbers
 * that no call of the table has give ENOSYS. */
struct sock_filter *seccomp_compile(const struct seccomp_policy *p, size_t *n, struct err *e);

/* What a policy makes of a call, whatever its arguments: 1 allowed, 0 not, -1: it depends on them. */
int seccomp_judge(const struct seccomp_policy *p, size_t call, unsigned abi);

#endif
