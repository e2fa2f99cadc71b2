/* SPDX-License-Identifier: Zlib
 * What a kernel, a machine or a caller can lack: what is lost without it, and the remedy. The applet check shows all of it; a call
 * that fails for the want of one says the remedy in the same words. Either side of the border. */
#ifndef CAGEBOX_SYS_FEATURE_H
#define CAGEBOX_SYS_FEATURE_H

#include <stdbool.h>

#include "base/err.h"

/* In the order in which they are shown. */
enum feature {
	/* namespaces(7) */
	FEATURE_NS_MOUNT,
	FEATURE_NS_PID,
	FEATURE_NS_UTS,
	FEATURE_NS_IPC,
	FEATURE_NS_CGROUP,
	FEATURE_NS_NET,
	FEATURE_NS_USER,
	FEATURE_NS_TIME,
	FEATURE_NS_LIMITS,
	FEATURE_USERNS_CLONE,
	FEATURE_APPARMOR_USERNS,
	/* file systems; those that are mounted by a type have its name */
	FEATURE_OVERLAY,
	FEATURE_OVERLAY_USER,
	FEATURE_TMPFS,
	FEATURE_DEVPTS,
	FEATURE_SYSFS,
	FEATURE_MQUEUE,
	FEATURE_EXT4,
	FEATURE_LOOP,
	FEATURE_MKE2FS,
	FEATURE_SQUASHFS,
	FEATURE_EROFS,
	FEATURE_FUSE,
	FEATURE_PROC_MOUNTED,
	FEATURE_SYS_MOUNTED,
	FEATURE_PIVOT_ROOT,
	/* system calls */
	FEATURE_LINUX,
	FEATURE_OPEN_TREE,
	FEATURE_MOVE_MOUNT,
	FEATURE_FSOPEN,
	FEATURE_MOUNT_SETATTR,
	FEATURE_IDMAP,
	FEATURE_OPENAT2,
	FEATURE_CLONE3,
	FEATURE_INTO_CGROUP,
	FEATURE_PIDFD_OPEN,
	FEATURE_PIDFD_SEND_SIGNAL,
	FEATURE_CLOSE_RANGE,
	FEATURE_MEMFD,
	FEATURE_SIGNALFD,
	/* cgroups(7); the controllers in the order of enum cgroup_controller */
	FEATURE_CGROUP,
	FEATURE_CGROUP_GIVEN,
	FEATURE_CGROUP_CPU,
	FEATURE_CGROUP_CPUACCT,
	FEATURE_CGROUP_CPUSET,
	FEATURE_CGROUP_MEMORY,
	FEATURE_CGROUP_PIDS,
	FEATURE_CGROUP_IO,
	FEATURE_CGROUP_HUGETLB,
	FEATURE_CGROUP_DEVICES,
	FEATURE_CGROUP_FREEZER,
	FEATURE_CGROUP_NET_CLS,
	FEATURE_OOM_GROUP,
	FEATURE_CGROUP_KILL,
	FEATURE_PSI,
	/* security */
	FEATURE_SECCOMP,
	FEATURE_SECCOMP_NOTIFY,
	FEATURE_BPF_JIT,
	FEATURE_LANDLOCK,
	FEATURE_KEYRINGS,
	FEATURE_LSM,
	FEATURE_PTRACE_SCOPE,
	/* the caller and its machine */
	FEATURE_CAPABILITIES,
	FEATURE_NEW_PRIVS,
	FEATURE_RLIMITS,
	FEATURE_NEWUIDMAP,
	FEATURE_NEWGIDMAP,
	FEATURE_SUBUID,
	FEATURE_SUBGID,
	FEATURE_HIDEPID,
	FEATURE_PID_MAX,
	FEATURE_OVERCOMMIT,
	FEATURE_CONTAINED,
	FEATURES
};

/* For whom it matters. */
enum feature_weight {
	WEIGHT_INFO,
	WEIGHT_OPTIONAL,
	WEIGHT_RECOMMENDED,
	WEIGHT_NEEDED,
	WEIGHT_USER, /* needed by a caller without root, optional for root */
};

enum feature_weight feature_weight(enum feature f);
const char *feature_name(enum feature f);
const char *feature_lost(enum feature f); /* without it */
const char *
feature_remedy(enum feature f); /* an option of the kernel's configuration, its first version, a sysctl, a package */

/* Add the remedy to the text, in brackets. Returns -1. */
int err_feature(struct err *e, enum feature f);

/* The same for a file system that the kernel does not know; of other types nothing is said. */
int err_feature_fs(struct err *e, const char *type);

/* Whether the kernel's version is at least that one. */
bool feature_since(long major, long minor);

#endif
