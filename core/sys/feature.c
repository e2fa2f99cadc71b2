/* SPDX-License-Identifier: Zlib
 * The table of what can be lacking. Either side of the border. */
#include "sys/feature.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* Each row one string, its parts one after the other: pointers to them would be half of the table. */
#define ROW(weight, name, lost, remedy) weight name "\0" lost "\0" remedy

/* enum feature_weight as the first character */
#define INFO     "0"
#define OPTIONAL "1"
#define WISE     "2"
#define NEEDED   "3"
#define USER     "4"

static const char *const rows[FEATURES] = {
	[FEATURE_NS_MOUNT] = ROW(NEEDED, "mount", "containers", "root, or user namespaces"),
	[FEATURE_NS_PID] = ROW(NEEDED, "pid", "processes of its own", "CONFIG_PID_NS"),
	[FEATURE_NS_UTS] = ROW(NEEDED, "uts", "a host name of its own", "CONFIG_UTS_NS"),
	[FEATURE_NS_IPC] = ROW(NEEDED, "ipc", "System V IPC and message queues of its own", "CONFIG_IPC_NS"),
	[FEATURE_NS_CGROUP] = ROW(NEEDED, "cgroup", "containers", "CONFIG_CGROUPS, Linux 4.6"),
	[FEATURE_NS_NET] = ROW(WISE, "net", "networks of its own (--net none)", "CONFIG_NET_NS"),
	[FEATURE_NS_USER] = ROW(USER, "user", "containers without root; -N u", "CONFIG_USER_NS"),
	[FEATURE_NS_TIME] = ROW(OPTIONAL, "time", "an uptime of its own (-N t)", "CONFIG_TIME_NS, Linux 5.6"),
	[FEATURE_NS_LIMITS] =
		ROW(NEEDED, "user.max_*_namespaces", "containers",
		    "sysctl user.max_user_namespaces=10000, or another of /proc/sys/user that is too low, or nest less deep"),
	[FEATURE_USERNS_CLONE] = ROW(USER, "kernel.unprivileged_userns_clone", "containers without root",
				     "sysctl kernel.unprivileged_userns_clone=1"),
	[FEATURE_APPARMOR_USERNS] = ROW(USER, "kernel.apparmor_restrict_unprivileged_userns", "containers without root",
					"sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a profile with userns"),

	[FEATURE_OVERLAY] =
		ROW(NEEDED, "overlay", "throw-away roots; --root still works", "CONFIG_OVERLAY_FS, or: modprobe overlay"),
	[FEATURE_OVERLAY_USER] = ROW(WISE, "overlay with userxattr", "overlays without root, and with -N u",
				     "Linux 5.11; --root and --overlay none do without"),
	[FEATURE_TMPFS] = ROW(NEEDED, "tmpfs", "containers", "CONFIG_TMPFS"),
	[FEATURE_DEVPTS] = ROW(NEEDED, "devpts", "containers: /dev/pts", "CONFIG_UNIX98_PTYS"),
	[FEATURE_SYSFS] = ROW(NEEDED, "sysfs", "containers: /sys", "CONFIG_SYSFS"),
	[FEATURE_MQUEUE] = ROW(OPTIONAL, "mqueue", "/dev/mqueue", "CONFIG_POSIX_MQUEUE"),
	[FEATURE_EXT4] = ROW(OPTIONAL, "ext4", "--overlay image:FILE", "CONFIG_EXT4_FS, or: modprobe ext4"),
	[FEATURE_LOOP] = ROW(OPTIONAL, "loop", "--overlay image:FILE", "CONFIG_BLK_DEV_LOOP, or: modprobe loop"),
	[FEATURE_MKE2FS] = ROW(OPTIONAL, "mke2fs", "new images for --overlay image:FILE", "install e2fsprogs"),
	[FEATURE_SQUASHFS] = ROW(OPTIONAL, "squashfs", "its images", "CONFIG_SQUASHFS, or: modprobe squashfs"),
	[FEATURE_EROFS] = ROW(OPTIONAL, "erofs", "its images", "CONFIG_EROFS_FS, or: modprobe erofs"),
	[FEATURE_FUSE] = ROW(OPTIONAL, "fuse", "file systems of programs", "CONFIG_FUSE_FS, or: modprobe fuse"),
	[FEATURE_PROC_MOUNTED] = ROW(NEEDED, "/proc", "containers", "mount -t proc proc /proc"),
	[FEATURE_SYS_MOUNTED] = ROW(WISE, "/sys", "cgroups, and what is said of them", "mount -t sysfs sysfs /sys"),
	[FEATURE_PIVOT_ROOT] = ROW(INFO, "pivot_root", "nothing: on an initramfs the root is moved over it", "any other root"),

	[FEATURE_LINUX] = ROW(WISE, "Linux", "no older one is supported", "Linux 4.9"),
	[FEATURE_OPEN_TREE] = ROW(WISE, "open_tree", "mounts go by paths; -N u", "Linux 5.2"),
	[FEATURE_MOVE_MOUNT] = ROW(WISE, "move_mount", "mounts go by paths; -N u", "Linux 5.2"),
	[FEATURE_FSOPEN] = ROW(OPTIONAL, "fsopen", "nothing yet: mount(2) serves", "Linux 5.2"),
	[FEATURE_MOUNT_SETATTR] =
		ROW(WISE, "mount_setattr", "read-only mounts with all below; -N u; init runs from a copy", "Linux 5.12"),
	[FEATURE_IDMAP] = ROW(OPTIONAL, "idmapped mounts", "-N u as root",
			      "Linux 5.12, and a file system that has idmapped mounts; not needed without namespace u"),
	[FEATURE_OPENAT2] = ROW(OPTIONAL, "openat2", "speed", "Linux 5.6"),
	[FEATURE_CLONE3] = ROW(OPTIONAL, "clone3", "speed", "Linux 5.3; engines for containers deny it"),
	[FEATURE_INTO_CGROUP] = ROW(OPTIONAL, "CLONE_INTO_CGROUP", "speed", "Linux 5.7"),
	[FEATURE_PIDFD_OPEN] = ROW(WISE, "pidfd_open", "certainty of signalling the right process", "Linux 5.3"),
	[FEATURE_PIDFD_SEND_SIGNAL] = ROW(WISE, "pidfd_send_signal", "certainty of signalling the right process", "Linux 5.1"),
	[FEATURE_CLOSE_RANGE] = ROW(OPTIONAL, "close_range", "speed", "Linux 5.9"),
	[FEATURE_MEMFD] = ROW(NEEDED, "sealed memfd", "containers", "CONFIG_MEMFD_CREATE, Linux 3.17"),
	[FEATURE_SIGNALFD] = ROW(NEEDED, "signalfd", "containers", "CONFIG_SIGNALFD"),

	[FEATURE_CGROUP] = ROW(WISE, "cgroup file system", "limits, counts, freezing", "mount -t cgroup2 none /sys/fs/cgroup"),
	[FEATURE_CGROUP_GIVEN] =
		ROW(OPTIONAL, "delegation", "limits", "systemd-run --scope -p Delegate=yes, or a service with Delegate=yes"),
	[FEATURE_CGROUP_CPU] = ROW(WISE, "cpu", "cpus, cpu_share", "CONFIG_CGROUP_SCHED and CONFIG_CFS_BANDWIDTH"),
	[FEATURE_CGROUP_CPUACCT] = ROW(OPTIONAL, "cpuacct", "time of processors in stats", "CONFIG_CGROUP_CPUACCT"),
	[FEATURE_CGROUP_CPUSET] = ROW(OPTIONAL, "cpuset", "which processors", "CONFIG_CPUSETS"),
	[FEATURE_CGROUP_MEMORY] = ROW(WISE, "memory", "max_memory", "CONFIG_MEMCG, on some boards cgroup_enable=memory"),
	[FEATURE_CGROUP_PIDS] = ROW(WISE, "pids", "max_processes", "CONFIG_CGROUP_PIDS"),
	[FEATURE_CGROUP_IO] = ROW(OPTIONAL, "io", "limits of disks", "CONFIG_BLK_CGROUP and CONFIG_BLK_DEV_THROTTLING"),
	[FEATURE_CGROUP_HUGETLB] = ROW(OPTIONAL, "hugetlb", "limits of huge pages", "CONFIG_CGROUP_HUGETLB"),
	[FEATURE_CGROUP_DEVICES] =
		ROW(OPTIONAL, "devices", "device_allow", "CONFIG_CGROUP_BPF, Linux 4.15; for v1 CONFIG_CGROUP_DEVICE"),
	[FEATURE_CGROUP_FREEZER] = ROW(OPTIONAL, "freezer", "pause", "Linux 5.2; for v1 CONFIG_CGROUP_FREEZER"),
	[FEATURE_CGROUP_NET_CLS] = ROW(OPTIONAL, "net_cls", "classes of packets",
				       "CONFIG_CGROUP_BPF, Linux 4.14; for v1 CONFIG_CGROUP_NET_CLASSID"),
	[FEATURE_OOM_GROUP] =
		ROW(OPTIONAL, "memory.oom.group", "the kernel ends all of a container at once", "cgroup v2, Linux 4.19"),
	[FEATURE_CGROUP_KILL] =
		ROW(OPTIONAL, "cgroup.kill", "the kernel kills all of a container at once", "cgroup v2, Linux 5.14"),
	[FEATURE_PSI] = ROW(OPTIONAL, "PSI", "PRESSURE% in stats", "CONFIG_PSI, psi=1 on its command line"),

	[FEATURE_SECCOMP] = ROW(WISE, "seccomp filter", "the filter of system calls", "CONFIG_SECCOMP_FILTER"),
	[FEATURE_SECCOMP_NOTIFY] = ROW(OPTIONAL, "seccomp notification", "decisions about single calls", "Linux 5.0"),
	[FEATURE_BPF_JIT] = ROW(WISE, "net.core.bpf_jit_enable", "speed: filters are interpreted",
				"CONFIG_BPF_JIT, sysctl net.core.bpf_jit_enable=1"),
	[FEATURE_LANDLOCK] = ROW(WISE, "Landlock", "a second wall around files",
				 "CONFIG_SECURITY_LANDLOCK, landlock in lsm= on its command line; all of it: Linux 6.12"),
	[FEATURE_KEYRINGS] = ROW(INFO, "keyrings", "nothing: there are no keys to be kept outside", "CONFIG_KEYS"),
	[FEATURE_LSM] = ROW(INFO, "LSMs", "nothing that is relied on", "lsm= on its command line"),
	[FEATURE_PTRACE_SCOPE] = ROW(INFO, "kernel.yama.ptrace_scope", "debuggers inside", "sysctl kernel.yama.ptrace_scope=1"),

	[FEATURE_CAPABILITIES] =
		ROW(OPTIONAL, "capabilities", "these, for containers too", "whoever started the caller took them"),
	[FEATURE_NEW_PRIVS] = ROW(OPTIONAL, "new privileges", "newuidmap, sudo", "the caller was started with no_new_privs"),
	[FEATURE_RLIMITS] =
		ROW(OPTIONAL, "resource limits", "starts may fail with what is left", "ulimit, /etc/security/limits.conf"),
	[FEATURE_NEWUIDMAP] = ROW(OPTIONAL, "newuidmap", "without root, all ids but one", "install uidmap"),
	[FEATURE_NEWGIDMAP] = ROW(OPTIONAL, "newgidmap", "without root, all ids but one", "install uidmap"),
	[FEATURE_SUBUID] =
		ROW(OPTIONAL, "/etc/subuid", "without root, all ids but one", "usermod --add-subuids 100000-165535 USER"),
	[FEATURE_SUBGID] =
		ROW(OPTIONAL, "/etc/subgid", "without root, all ids but one", "usermod --add-subgids 100000-165535 USER"),
	[FEATURE_HIDEPID] = ROW(OPTIONAL, "processes of others", "which container runs", "mount -o remount,hidepid=0 /proc"),
	[FEATURE_PID_MAX] = ROW(INFO, "kernel.pid_max", "many processes", "sysctl kernel.pid_max=32768"),
	[FEATURE_OVERCOMMIT] = ROW(INFO, "vm.overcommit_memory", "starts from large programs", "sysctl vm.overcommit_memory=0"),
	[FEATURE_CONTAINED] = ROW(INFO, "machine", "what whoever made this container keeps", "start it outside"),
};

enum { NAME, LOST, REMEDY };

static const char *part(enum feature f, int which)
{
	const char *p = rows[f] + 1;

	while (which--)
		p += strlen(p) + 1;
	return p;
}

enum feature_weight feature_weight(enum feature f)
{
	return (enum feature_weight)(*rows[f] - '0');
}

const char *feature_name(enum feature f)
{
	return part(f, NAME);
}

const char *feature_lost(enum feature f)
{
	return part(f, LOST);
}

const char *feature_remedy(enum feature f)
{
	return part(f, REMEDY);
}

int err_feature(struct err *e, enum feature f)
{
	return err_hint(e, feature_remedy(f));
}

int err_feature_fs(struct err *e, const char *type)
{
	for (enum feature f = FEATURE_OVERLAY; f <= FEATURE_FUSE; f++)
		if (!strcmp(feature_name(f), type))
			return err_feature(e, f);
	return -1;
}

bool feature_since(long major, long minor)
{
	struct utsname u;
	char *rest;
	long its;

	if (uname(&u) < 0)
		return false;
	its = strtol(u.release, &rest, 10);
	return its > major || (its == major && *rest == '.' && strtol(rest + 1, NULL, 10) >= minor);
}
