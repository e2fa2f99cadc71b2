/* SPDX-License-Identifier: Zlib
 * Namespaces. ns_fork runs on the host side, ns_loopback_up inside. */
#include "sys/ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/auto.h"
#include "sys/fd.h"
#include "sys/feature.h"
#include "sys/idmap.h"
#include "sys/kernel.h"

/* --- trying ------------------------------------------------------------------------------------------------------- */

/* In a new user namespace be its root: only so what is made there can have an owner. */
static int map_self(unsigned uid, unsigned gid)
{
	struct idmap uids = { .n = 0 }, gids = { .n = 0 };
	struct err e;
	auto_fd int proc = fd_open_proc(&e);

	idmap_add(&uids, 0, uid, 1);
	idmap_add(&gids, 0, gid, 1);
	return proc < 0 || idmap_write(proc, getpid(), &uids, &gids, IDMAP_OWN, &e) < 0 ? e.num : 0;
}

static int try_here(int flags, int (*act)(bool own, const void *data), const void *data)
{
	unsigned uid = geteuid(), gid = getegid();
	bool own = flags & CLONE_NEWUSER;
	int num = 0;

	if (unshare(flags) < 0) {
		if (errno != EPERM || own)
			return errno;
		own = true;
		if (unshare(flags | CLONE_NEWUSER) < 0)
			return errno;
	}
	if (!act)
		return 0;
	if (own)
		num = map_self(uid, gid);
	return num ? num : act(own, data);
}

int ns_try(int flags, int (*act)(bool own, const void *data), const void *data)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(try_here(flags, act, data));
	while (pid < 0 || waitpid(pid, &status, 0) < 0)
		if (pid < 0 || errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* --- the fork ----------------------------------------------------------------------------------------------------- */

/* Which of them the kernel does not know: it tells only that there is one. */
static const struct {
	int flag;
	enum feature feature;
} kinds[] = {
	{ CLONE_NEWPID, FEATURE_NS_PID }, { CLONE_NEWUTS, FEATURE_NS_UTS },   { CLONE_NEWIPC, FEATURE_NS_IPC },
	{ CLONE_NEWNET, FEATURE_NS_NET }, { CLONE_NEWUSER, FEATURE_NS_USER },
};

int ns_explain_user(struct err *e)
{
	static const struct {
		const char *file;
		char value;
		enum feature feature;
	} switches[] = {
		{ "/proc/sys/kernel/unprivileged_userns_clone", '0', FEATURE_USERNS_CLONE },
		{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1', FEATURE_APPARMOR_USERNS },
	};

	for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++) {
		auto_fd int fd = open(switches[i].file, O_RDONLY | O_CLOEXEC);
		char value;

		if (fd >= 0 && read(fd, &value, 1) == 1 && value == switches[i].value)
			return err_feature(e, switches[i].feature);
	}
	return err_hint(e, "user namespaces are denied here: by a seccomp filter, as in a container, or a chroot");
}

static int explain(uint64_t flags, struct err *e)
{
	err_sys(e, "make the container's namespaces");
	if (e->num == EPERM && flags & CLONE_NEWUSER)
		return ns_explain_user(e);
	if (e->num == EPERM)
		return err_hint(e, "needs root");
	if (e->num == ENOSPC)
		return err_feature(e, FEATURE_NS_LIMITS);
	for (size_t i = 0; e->num == EINVAL && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (flags & (unsigned)kinds[i].flag && ns_try(kinds[i].flag, NULL, NULL) == EINVAL)
			return err_feature(e, kinds[i].feature);
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

int ns_time_enter(struct err *e)
{
	auto_fd int proc = fd_open_proc(e);
	auto_fd int ns = -1;
	struct timespec monotonic, boottime;
	char offsets[96];

	if (proc < 0)
		return -1;
	if (unshare(CLONE_NEWTIME) < 0) {
		err_sys(e, "make a time namespace");
		return e->num == EINVAL ? err_feature(e, FEATURE_NS_TIME) : -1;
	}
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_BOOTTIME, &boottime);
	snprintf(offsets, sizeof(offsets), "monotonic -%lld 0\nboottime -%lld 0\n", (long long)monotonic.tv_sec,
		 (long long)boottime.tv_sec);
	if (fd_write_proc(proc, "self/timens_offsets", offsets) < 0)
		return err_sys(e, "set the clocks of the time namespace");
	/* Made for children only, as a rule. */
	ns = openat(proc, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	return ns < 0 || setns(ns, CLONE_NEWTIME) < 0 ? err_sys(e, "enter the time namespace") : 0;
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
