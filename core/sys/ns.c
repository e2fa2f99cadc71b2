/* SPDX-License-Identifier: Zlib
 * Namespaces. ns_fork runs on the host side, ns_loopback_up inside. */
#include "sys/ns.h"

#include <errno.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "base/auto.h"
#include "sys/fd.h"
#include "sys/kernel.h"

/* The kernel options behind the flags, to tell which one is missing. */
static const struct {
	uint64_t flag;
	const char *what, *file;
} kinds[] = {
	{ CLONE_NEWNS, "mount", "mnt" },   { CLONE_NEWPID, "pid", "pid" },          { CLONE_NEWUTS, "uts", "uts" },
	{ CLONE_NEWIPC, "ipc", "ipc" },    { CLONE_NEWCGROUP, "cgroup", "cgroup" }, { CLONE_NEWNET, "network", "net" },
	{ CLONE_NEWUSER, "user", "user" },
};

static int explain(uint64_t flags, struct err *e)
{
	err_sys(e, "make the container's namespaces");
	if (e->num == EPERM)
		return err_hint(e, "needs root");
	if (e->num == ENOSPC)
		return err_hint(e, "a limit in /proc/sys/user/max_*_namespaces, or nested too deep");
	for (size_t i = 0; e->num == EINVAL && i < sizeof(kinds) / sizeof(*kinds); i++) {
		char path[32], hint[64];

		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i].file);
		if (!(flags & kinds[i].flag) || access(path, F_OK) == 0)
			continue;
		snprintf(hint, sizeof(hint), "the kernel has no %s namespaces", kinds[i].what);
		return err_hint(e, hint);
	}
	return -1;
}

pid_t ns_fork(uint64_t flags, int *cgroup, int *pidfd, struct err *e)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	long pid = -1;

	if (*cgroup >= 0) {
		args.flags |= (uint64_t)CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)*cgroup;
		pid = syscall(SYS_clone3, &args, sizeof(args));
		args.flags = flags | CLONE_PIDFD;
		args.cgroup = 0;
	}
	if (pid < 0) {
		*cgroup = -1;
		pid = syscall(SYS_clone3, &args, CLONE_ARGS_SIZE_VER0);
	}

	/* Before 5.3 there is no clone3, and container engines answer ENOSYS for it. Neither has clone the argument
	 * for the pidfd in the same place on every architecture; it is opened afterwards. */
	if (pid < 0 && errno == ENOSYS) {
#if defined(__s390__) || defined(__cris__)
		pid = syscall(SYS_clone, 0, flags | SIGCHLD, 0, 0, 0);
#else
		pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
#endif
		*pidfd = pid > 0 ? sys_pidfd_open((pid_t)pid) : -1;
	}
	if (pid < 0)
		return explain(flags, e);
	if (pid == 0)
		*pidfd = -1;
	return (pid_t)pid;
}

int ns_time_begin(int proc, struct err *e)
{
	auto_fd int old = openat(proc, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	struct timespec monotonic, boottime;
	char offsets[96];

	if (old < 0) {
		err_sys(e, "make a time namespace");
		return err_hint(e, "the kernel has none: CONFIG_TIME_NS, Linux 5.6");
	}
	if (unshare(CLONE_NEWTIME) < 0)
		return err_sys(e, "make a time namespace");
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_BOOTTIME, &boottime);
	snprintf(offsets, sizeof(offsets), "monotonic -%lld 0\nboottime -%lld 0\n", (long long)monotonic.tv_sec,
		 (long long)boottime.tv_sec);
	if (fd_write_proc(proc, "self/timens_offsets", offsets) < 0)
		return err_sys(e, "set the clocks of the time namespace");
	return take_fd(&old);
}

int ns_time_end(int old, struct err *e)
{
	if (setns(old, CLONE_NEWTIME) < 0)
		return err_sys(e, "return to the time namespace");
	return 0;
}

int ns_loopback_up(struct err *e)
{
	auto_fd int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

	/* A kernel without IPv4 has nothing to bring up. */
	if (s < 0 && errno == EAFNOSUPPORT)
		return 0;
	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &request) < 0)
		return err_sys(e, "bring up lo");
	return 0;
}
