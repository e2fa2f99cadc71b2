/* SPDX-License-Identifier: Zlib
 * Probes. Host side. */
#include "sys/feature_probe.h"

#include <errno.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "sys/bpf.h"
#include "sys/cgroup.h"
#include "sys/fd.h"
#include "sys/helper.h"
#include "sys/idmap.h"
#include "sys/kernel.h"
#include "sys/landlock.h"
#include "sys/mount.h"
#include "sys/ns.h"

/* What a probe returns besides 0, found, and the errno of what is missing: its text says more. */
enum { LIMITED = -1, LACKING = -2 };

/* --- text --------------------------------------------------------------------------------------------------------- */

static void add(struct feature_found *r, const char *text)
{
	size_t used = strlen(r->text);

	snprintf(r->text + used, sizeof(r->text) - used, "%s%s", used ? ", " : "", text);
}

/* The first line of a file. Returns 0 or the errno. */
static int first_line(const char *path, char *text, size_t room)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);

	if (n < 0)
		return errno;
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	return 0;
}

/* Whether a line of the file has the text. */
static bool has_line(const char *path, const char *text)
{
	FILE *file = fopen(path, "re");
	auto_free char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (file && !found && getline(&line, &size, file) > 0)
		found = strstr(line, text) != NULL;
	if (file)
		fclose(file);
	return found;
}

/* --- namespaces, mounts ------------------------------------------------------------------------------------------- */

static int probe_ns(enum feature f, int flag, struct feature_found *r)
{
	(void)f, (void)r;
	return ns_try(flag, NULL, NULL);
}

static int probe_ns_limits(enum feature f, int arg, struct feature_found *r)
{
	static const char *const kinds[] = { "user", "mnt", "pid", "uts", "ipc", "net", "cgroup", "time" };
	char path[48], value[24];

	(void)f, (void)arg;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", kinds[i]);
		if (first_line(path, value, sizeof(value)) == 0 && !strcmp(value, "0"))
			add(r, kinds[i]);
	}
	return *r->text ? LIMITED : 0;
}

/* In the child's own mounts any directory will do. */
static const char place[] = "/dev";

static int try_mount(bool own, const void *type)
{
	struct err e;

	(void)own;
	return mount_make_private(&e) < 0 ? e.num : sys_mount(type, place, type, 0, NULL) < 0 ? errno : 0;
}

static int try_overlay(bool own, const void *data)
{
	int num = try_mount(own, "tmpfs");

	(void)data;
	if (num)
		return num;
	if (chdir(place) < 0 || mkdir("lower", 0755) < 0 || mkdir("upper", 0755) < 0 || mkdir("work", 0755) < 0)
		return errno;
	return sys_mount("overlay", "lower", "overlay", 0,
			 own ? "lowerdir=lower,upperdir=upper,workdir=work,userxattr" :
			       "lowerdir=lower,upperdir=upper,workdir=work") < 0 ?
		       errno :
		       0;
}

/* One that is not loaded is when it is needed, and by the kernel. */
static bool is_module(const char *name, struct feature_found *r)
{
	struct utsname u;
	char path[sizeof(u.release) + 32], file[32];

	if (uname(&u) < 0)
		return false;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", u.release);
	snprintf(file, sizeof(file), "/%s.ko", name);
	if (!has_line(path, file))
		return false;
	add(r, "a module, not loaded yet");
	return true;
}

/* To be asked before a mount is tried: that would load a module. */
static bool in_kernel(const char *type)
{
	char line[32];

	snprintf(line, sizeof(line), "\t%s\n", type);
	return has_line("/proc/filesystems", line);
}

static int probe_fs(enum feature f, int arg, struct feature_found *r)
{
	const char *type = feature_name(f);

	(void)arg;
	return in_kernel(type) || is_module(type, r) ? 0 : ENODEV;
}

static int probe_mount(enum feature f, int flags, struct feature_found *r)
{
	(void)r;
	return ns_try(CLONE_NEWNS | flags, try_mount, feature_name(f));
}

static int probe_overlay(enum feature f, int flags, struct feature_found *r)
{
	(void)f;
	if (!in_kernel("overlay") && is_module("overlay", r))
		return 0;
	return ns_try(CLONE_NEWNS | flags, try_overlay, NULL);
}

/* What a driver needs a node for. */
static int probe_device(const char *path, struct feature_found *r)
{
	return access(path, R_OK | W_OK) < 0 ? (add(r, path), errno) : 0;
}

static int probe_loop(enum feature f, int arg, struct feature_found *r)
{
	(void)f, (void)arg;
	if (!has_line("/proc/misc", " loop-control\n") && !is_module("loop", r))
		return ENODEV;
	return probe_device("/dev/loop-control", r);
}

static int probe_fuse(enum feature f, int arg, struct feature_found *r)
{
	int num = probe_fs(f, arg, r);

	return num ? num : probe_device("/dev/fuse", r);
}

static int probe_proc(enum feature f, int arg, struct feature_found *r)
{
	struct err e;
	auto_fd int fd = fd_open_proc(&e);

	(void)f, (void)arg;
	return fd < 0 ? (add(r, e.text), LACKING) : 0;
}

static int probe_sys(enum feature f, int arg, struct feature_found *r)
{
	(void)f, (void)arg, (void)r;
	return access("/sys/kernel", F_OK) < 0 ? errno : 0;
}

/* A root that is mounted over the first one hides it. */
static int probe_root(enum feature f, int arg, struct feature_found *r)
{
	(void)f, (void)arg;
	return has_line("/proc/self/mountinfo", " - rootfs ") ? (add(r, "initramfs"), LIMITED) : 0;
}

/* --- system calls ------------------------------------------------------------------------------------------------- */

static int probe_linux(enum feature f, int arg, struct feature_found *r)
{
	struct utsname u;

	(void)f, (void)arg;
	if (uname(&u) < 0)
		return errno;
	add(r, u.release);
	add(r, u.machine);
	return feature_since(4, 9) ? 0 : LIMITED;
}

/* With arguments that no kernel takes. */
static int probe_call(enum feature f, int number, struct feature_found *r)
{
	(void)f, (void)r;
	return syscall(number, -1, 0, 0, 0, 0) < 0 && errno == ENOSYS ? ENOSYS : 0;
}

static int probe_idmap(enum feature f, int arg, struct feature_found *r)
{
	struct err e;
	struct idmap map = { .n = 0 };
	int cgroup = -1;
	auto_fd int proc = fd_open_proc(&e);
	auto_fd int pidfd = -1, ns = -1, tree = -1;
	pid_t pid = proc < 0 ? -1 : ns_fork(CLONE_NEWUSER, &cgroup, &pidfd, &e);

	(void)f, (void)arg;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	if (pid < 0)
		return e.num;
	idmap_add(&map, 0, 100000, IDMAP_RANGE);
	ns = idmap_write(proc, pid, &map, &map, IDMAP_DIRECTLY, &e) < 0 ? -1 : idmap_open_ns(proc, pid, &e);
	tree = ns < 0 ? -1 : idmap_clone("/", ns, 0, &e);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (tree < 0 && e.num == EINVAL && feature_since(5, 12))
		return add(r, "not of the file system of /"), LIMITED;
	return tree < 0 ? e.num : 0;
}

/* A descriptor that is none is looked at only by a kernel that knows the flag. */
static int probe_into_cgroup(enum feature f, int arg, struct feature_found *r)
{
	struct clone_args args = { .flags = (uint64_t)CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = INT_MAX };

	(void)f, (void)arg, (void)r;
	return syscall(SYS_clone3, &args, sizeof(args)) < 0 && errno == EBADF ? 0 : errno;
}

static int probe_memfd(enum feature f, int arg, struct feature_found *r)
{
	auto_fd int fd = memfd_create("check", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	(void)f, (void)arg, (void)r;
	return fd < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_WRITE) < 0 ? errno : 0;
}

/* --- cgroups ------------------------------------------------------------------------------------------------------ */

/* What is no controller in v2: -1 if it is one. */
static int look_beside_controllers(enum cgroup_controller c)
{
	if (c == CGROUP_DEVICES || c == CGROUP_NET_CLS)
		return bpf_try(c == CGROUP_DEVICES);
	if (c == CGROUP_FREEZER)
		return feature_since(5, 2) ? 0 : ENOENT;
	return c == CGROUP_CPUACCT ? 0 : -1;
}

static int look_at_controller(enum cgroup_controller c, const struct cgroup_machine *m, bool v2, struct feature_found *r)
{
	struct err e;
	const char *remedy = cgroup_lack(m, c, &e);
	int num = remedy && v2 ? look_beside_controllers(c) : -1;

	if (!remedy || num >= 0)
		return remedy ? num : 0;
	r->remedy = remedy;
	return add(r, e.text), LACKING;
}

/* The files of v2 that are asked for by version are not in the root of its tree, where we may be. */
static int look_at_cgroups(enum feature f, const struct cgroup_machine *m, struct feature_found *r)
{
	const struct cgroup_hierarchy *v2 = NULL;

	for (size_t i = 0; i < m->n; i++)
		v2 = m->v[i].v2 ? &m->v[i] : v2;
	if (f >= FEATURE_CGROUP_CPU && f <= FEATURE_CGROUP_NET_CLS)
		return look_at_controller((enum cgroup_controller)(f - FEATURE_CGROUP_CPU), m, v2, r);
	if (f == FEATURE_CGROUP_GIVEN)
		return v2 && v2->locked ? (add(r, v2->base), LIMITED) : 0;
	if (f == FEATURE_CGROUP && m->n)
		return add(r, !v2 ? "v1" : m->n > 1 ? "v1 and v2" : "v2"), 0;
	if (f == FEATURE_CGROUP)
		return look_at_controller(CGROUP_MEMORY, m, v2, r);
	if (!v2 || (f == FEATURE_OOM_GROUP && !(v2->controllers & CGROUP_BIT(CGROUP_MEMORY))))
		return LACKING;
	return feature_since(f == FEATURE_OOM_GROUP ? 4 : 5, f == FEATURE_OOM_GROUP ? 19 : 14) ? 0 : LACKING;
}

static int probe_cgroup(enum feature f, int arg, struct feature_found *r)
{
	struct cgroup_machine m;
	struct err e;
	int result;

	(void)arg;
	if (cgroup_find(&m, &e) < 0)
		return e.num;
	result = look_at_cgroups(f, &m, r);
	cgroup_machine_free(&m);
	return result;
}

static int probe_psi(enum feature f, int arg, struct feature_found *r)
{
	(void)f, (void)arg, (void)r;
	return access("/proc/pressure/memory", R_OK) < 0 ? errno : 0;
}

/* --- security ----------------------------------------------------------------------------------------------------- */

/* Without a filter to read it is only asked for. */
static int probe_seccomp(enum feature f, int arg, struct feature_found *r)
{
	(void)f, (void)arg, (void)r;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) < 0 && errno == EFAULT ? 0 : errno;
}

static int probe_notify(enum feature f, int arg, struct feature_found *r)
{
	uint32_t action = SECCOMP_RET_USER_NOTIF;

	(void)f, (void)arg, (void)r;
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0 ? errno : 0;
}

static int probe_landlock(enum feature f, int arg, struct feature_found *r)
{
	static const char *const gains[] = { "files", "moves", "truncation", "TCP", "ioctl", "abstract sockets and signals" };
	const size_t all = sizeof(gains) / sizeof(*gains);
	int abi = landlock_abi();

	(void)f, (void)arg;
	if (!abi)
		return errno;
	snprintf(r->text, sizeof(r->text), "ABI %d", abi);
	for (size_t i = 0; i < (size_t)abi && i < all; i++)
		add(r, gains[i]);
	return (size_t)abi < all ? LIMITED : 0;
}

static int probe_lsm(enum feature f, int arg, struct feature_found *r)
{
	(void)f, (void)arg;
	if (first_line("/sys/kernel/security/lsm", r->text, sizeof(r->text)))
		add(r, "not to be seen: no securityfs");
	return 0;
}

/* Its value has to be at least bound, or with ~bound at most that. One that is not there is no hindrance. */
static int probe_sysctl(enum feature f, int bound, struct feature_found *r)
{
	char path[80];
	long value;

	snprintf(path, sizeof(path), "/proc/sys/%s", feature_name(f));
	for (char *p = path; *p; p++)
		*p = *p == '.' ? '/' : *p;
	if (first_line(path, r->text, sizeof(r->text)))
		return add(r, "not there"), 0;
	value = strtol(r->text, NULL, 10);
	return (bound < 0 ? value <= ~bound : value >= bound) ? 0 : LIMITED;
}

/* --- the caller --------------------------------------------------------------------------------------------------- */

static int probe_capabilities(enum feature f, int arg, struct feature_found *r)
{
	int missing = 0, all = cap_max_bits();

	(void)f, (void)arg;
	for (cap_value_t cap = 0; cap < all; cap++) {
		char *name = cap_get_bound(cap) == 0 ? cap_to_name(cap) : NULL;

		if (!name)
			continue;
		add(r, name);
		missing++;
		cap_free(name);
	}
	if (missing > 6)
		snprintf(r->text, sizeof(r->text), "%d of %d are missing", missing, all);
	else if (missing)
		add(r, "missing");
	return missing ? LIMITED : 0;
}

static int probe_new_privs(enum feature f, int arg, struct feature_found *r)
{
	(void)f, (void)arg, (void)r;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? LACKING : 0;
}

static int probe_rlimits(enum feature f, int arg, struct feature_found *r)
{
	static const struct {
		int resource;
		const char *name;
		rlim_t least;
	} limits[] = {
		{ RLIMIT_NOFILE, "nofile", 256 },
		{ RLIMIT_NPROC, "nproc", 64 },
		{ RLIMIT_FSIZE, "fsize", 1 << 20 },
		{ RLIMIT_AS, "as", 64 << 20 },
	};

	(void)f, (void)arg;
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct rlimit l;
		char text[40];

		if (getrlimit(limits[i].resource, &l) < 0 || l.rlim_cur >= limits[i].least)
			continue;
		snprintf(text, sizeof(text), "%s %llu", limits[i].name, (unsigned long long)l.rlim_cur);
		add(r, text);
	}
	return *r->text ? LIMITED : 0;
}

static int probe_program(enum feature f, int privileged, struct feature_found *r)
{
	char path[64];
	struct stat st;

	if (!helper_find(feature_name(f), path))
		return ENOENT;
	add(r, path);
	if (!privileged || (stat(path, &st) == 0 && st.st_mode & S_ISUID) || getxattr(path, "security.capability", NULL, 0) > 0)
		return 0;
	return add(r, "which is neither set-user-ID nor has capabilities"), LIMITED;
}

/* In the file that the feature is named like. */
static int probe_subid(enum feature f, int arg, struct feature_found *r)
{
	FILE *file = fopen("/etc/passwd", "re");
	auto_free char *line = NULL;
	uint32_t start, count;
	size_t size = 0;
	char number[16];
	bool found;

	(void)arg;
	snprintf(number, sizeof(number), "%u:", geteuid());
	found = idmap_subordinate(feature_name(f), geteuid(), "", &start, &count);
	while (file && !found && getline(&line, &size, file) > 0) {
		char *colon = strchr(line, ':'), *id = colon ? strchr(colon + 1, ':') : NULL;

		if (!id || strncmp(id + 1, number, strlen(number)) != 0)
			continue;
		*colon = 0;
		found = idmap_subordinate(feature_name(f), geteuid(), line, &start, &count);
	}
	if (file)
		fclose(file);
	return found ? 0 : (add(r, "no line for the caller"), LACKING);
}

/* The option of /proc that hides them, by its effect. */
static int probe_hidepid(enum feature f, int arg, struct feature_found *r)
{
	(void)f, (void)arg;
	return access("/proc/1/status", R_OK) < 0 ? (add(r, "hidepid"), LIMITED) : 0;
}

/* The inodes of the first namespaces are constants of the kernel. */
static int probe_contained(enum feature f, int arg, struct feature_found *r)
{
	struct stat st;

	(void)f, (void)arg;
	if (getpid() == 1)
		add(r, "process 1");
	if (stat("/proc/self/ns/user", &st) == 0 && st.st_ino != 0xeffffffd)
		add(r, "in a user namespace");
	if (stat("/proc/self/ns/pid", &st) == 0 && st.st_ino != 0xeffffffc)
		add(r, "in a pid namespace");
	if (access("/run/.containerenv", F_OK) == 0 || access("/.dockerenv", F_OK) == 0 || getenv("container"))
		add(r, "in a container");
	return *r->text ? LIMITED : 0;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static const struct {
	int (*probe)(enum feature f, int arg, struct feature_found *r);
	int arg;
} probes[FEATURES] = {
	[FEATURE_NS_MOUNT] = { probe_ns, CLONE_NEWNS },
	[FEATURE_NS_PID] = { probe_ns, CLONE_NEWPID },
	[FEATURE_NS_UTS] = { probe_ns, CLONE_NEWUTS },
	[FEATURE_NS_IPC] = { probe_ns, CLONE_NEWIPC },
	[FEATURE_NS_CGROUP] = { probe_ns, CLONE_NEWCGROUP },
	[FEATURE_NS_NET] = { probe_ns, CLONE_NEWNET },
	[FEATURE_NS_USER] = { probe_ns, CLONE_NEWUSER },
	[FEATURE_NS_TIME] = { probe_ns, CLONE_NEWTIME },
	[FEATURE_NS_LIMITS] = { probe_ns_limits, 0 },
	[FEATURE_USERNS_CLONE] = { probe_sysctl, 1 },
	[FEATURE_APPARMOR_USERNS] = { probe_sysctl, ~0 },
	[FEATURE_OVERLAY] = { probe_overlay, 0 },
	[FEATURE_OVERLAY_USER] = { probe_overlay, CLONE_NEWUSER },
	[FEATURE_TMPFS] = { probe_mount, 0 },
	[FEATURE_DEVPTS] = { probe_mount, 0 },
	[FEATURE_SYSFS] = { probe_fs, 0 },
	[FEATURE_MQUEUE] = { probe_mount, CLONE_NEWIPC },
	[FEATURE_EXT4] = { probe_fs, 0 },
	[FEATURE_LOOP] = { probe_loop, 0 },
	[FEATURE_MKE2FS] = { probe_program, false },
	[FEATURE_SQUASHFS] = { probe_fs, 0 },
	[FEATURE_EROFS] = { probe_fs, 0 },
	[FEATURE_FUSE] = { probe_fuse, 0 },
	[FEATURE_PROC_MOUNTED] = { probe_proc, 0 },
	[FEATURE_SYS_MOUNTED] = { probe_sys, 0 },
	[FEATURE_PIVOT_ROOT] = { probe_root, 0 },
	[FEATURE_LINUX] = { probe_linux, 0 },
	[FEATURE_OPEN_TREE] = { probe_call, SYS_open_tree },
	[FEATURE_MOVE_MOUNT] = { probe_call, SYS_move_mount },
	[FEATURE_FSOPEN] = { probe_call, SYS_fsopen },
	[FEATURE_MOUNT_SETATTR] = { probe_call, SYS_mount_setattr },
	[FEATURE_IDMAP] = { probe_idmap, 0 },
	[FEATURE_OPENAT2] = { probe_call, SYS_openat2 },
	[FEATURE_CLONE3] = { probe_call, SYS_clone3 },
	[FEATURE_INTO_CGROUP] = { probe_into_cgroup, 0 },
	[FEATURE_PIDFD_OPEN] = { probe_call, SYS_pidfd_open },
	[FEATURE_PIDFD_SEND_SIGNAL] = { probe_call, SYS_pidfd_send_signal },
	[FEATURE_CLOSE_RANGE] = { probe_call, SYS_close_range },
	[FEATURE_MEMFD] = { probe_memfd, 0 },
	[FEATURE_SIGNALFD] = { probe_call, SYS_signalfd4 },
	[FEATURE_CGROUP... FEATURE_CGROUP_KILL] = { probe_cgroup, 0 },
	[FEATURE_PSI] = { probe_psi, 0 },
	[FEATURE_SECCOMP] = { probe_seccomp, 0 },
	[FEATURE_SECCOMP_NOTIFY] = { probe_notify, 0 },
	[FEATURE_BPF_JIT] = { probe_sysctl, 1 },
	[FEATURE_LANDLOCK] = { probe_landlock, 0 },
	[FEATURE_KEYRINGS] = { probe_call, SYS_keyctl },
	[FEATURE_LSM] = { probe_lsm, 0 },
	[FEATURE_PTRACE_SCOPE] = { probe_sysctl, ~1 },
	[FEATURE_CAPABILITIES] = { probe_capabilities, 0 },
	[FEATURE_NEW_PRIVS] = { probe_new_privs, 0 },
	[FEATURE_RLIMITS] = { probe_rlimits, 0 },
	[FEATURE_NEWUIDMAP] = { probe_program, true },
	[FEATURE_NEWGIDMAP] = { probe_program, true },
	[FEATURE_SUBUID] = { probe_subid, 0 },
	[FEATURE_SUBGID] = { probe_subid, 0 },
	[FEATURE_HIDEPID] = { probe_hidepid, 0 },
	[FEATURE_PID_MAX] = { probe_sysctl, 4096 },
	[FEATURE_OVERCOMMIT] = { probe_sysctl, ~1 },
	[FEATURE_CONTAINED] = { probe_contained, 0 },
};

void feature_probe(enum feature f, struct feature_found *found)
{
	int result;

	*found = (struct feature_found){ .remedy = feature_remedy(f) };
	result = probes[f].probe(f, probes[f].arg, found);
	found->state = result == 0 ? FEATURE_OK : result == LIMITED ? FEATURE_LIMITED : FEATURE_MISSING;
	if (result > 0)
		add(found, strerror(result));
	if ((result == EPERM || result == EACCES) && geteuid() != 0)
		found->remedy = "root";
}
