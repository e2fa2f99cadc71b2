/* SPDX-License-Identifier: Zlib
 * Namespaces: making a process in new ones, a time namespace with its clocks, the network's loopback. */
#ifndef CAGEBOX_SYS_NS_H
#define CAGEBOX_SYS_NS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Fork into new namespaces (CLONE_NEW* of clone(2), without CLONE_NEWTIME). *pidfd gets a close-on-exec descriptor of the
 * child, -1 on kernels that have none. If *cgroup is not -1 the child begins in that v2 cgroup; *cgroup is -1 afterwards
 * where the kernel cannot do that (before 5.7). Returns the child's pid, 0 in the child, -1 with e naming what the kernel lacks.
 * clone3(2), else clone(2). The process must have one thread. */
pid_t ns_fork(uint64_t flags, int *cgroup, int *pidfd, struct err *e);

/* Try in a child what a process in new namespaces (flags as for unshare(2)) can do. A caller who may not make them has a user
 * namespace around them, as a container of its own would. act, if not NULL, gets to know whether there is one. Returns the errno
 * of making them, else what act returns: 0 or an errno. Nothing is left of it. SIGCHLD must not be ignored. */
int ns_try(int flags, int (*act)(bool own, const void *data), const void *data);

/* e tells of what was not permitted in a user namespace, or to make one: add what on this machine forbids it, or how to allow
 * it. Returns -1. */
int ns_explain_user(struct err *e);

/* Go into a new time namespace whose uptime begins at zero. Before this process is made undumpable: the clocks are set by a file
 * of its own in /proc. It must have one thread. time_namespaces(7). */
int ns_time_enter(struct err *e);

/* Bring up lo in this network namespace. netdevice(7). */
int ns_loopback_up(struct err *e);

#endif
