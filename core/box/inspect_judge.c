/* SPDX-License-Identifier: Zlib
 * What weakens a container, judged by what was read of it. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "box/inside.h"
#include "box/inspect.h"
#include "sys/caps.h"
#include "sys/path.h"

#define BIT(cap) (1ULL << (cap))

/* The remedy is a setting, as run and a configuration take it, where there is one. */
static void __attribute__((format(printf, 5, 6)))
tell(struct inspect *in, bool note, const char *why, const char *remedy, const char *format, ...)
{
	struct inspect_weakness *more = realloc(in->weak, (in->nweak + 1) * sizeof(*more));
	va_list ap;
	char *what = NULL;
	int len;

	in->weak = more ? more : in->weak;
	va_start(ap, format);
	len = vasprintf(&what, format, ap);
	va_end(ap);
	if (!more || len < 0) {
		if (len >= 0)
			free(what);
		in->failed = true;
		return;
	}
	in->weak[in->nweak++] = (struct inspect_weakness){ what, why, remedy, note };
	in->nwarnings += !note;
}

#define weak(in, why, remedy, ...) tell(in, false, why, remedy, __VA_ARGS__)
#define note(in, why, remedy, ...) tell(in, true, why, remedy, __VA_ARGS__)

static void judge_namespaces(struct inspect *in)
{
	static const struct {
		const char *file, *what, *why, *remedy;
	} kinds[] = {
		{ "pid", "processes", "it sees them, and its root can signal and trace them", "namespaces with p" },
		{ "net", "network", "services on the host's own addresses are in its reach", "net=none" },
		{ "ipc", "System V IPC", "shared memory and message queues of others are in its reach", "namespaces with i" },
		{ "uts", "host name", "with the capability sys_admin it can be changed", "namespaces with h" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (inspect_shares(in, kinds[i].file))
			weak(in, kinds[i].why, kinds[i].remedy, "the host's %s", kinds[i].what);
	if (inspect_shares(in, "net") && !words_has(&in->scope, "sockets"))
		weak(in, "it connects to them whoever may open files", "landlock_scope=yes, or net=none",
		     "the host's abstract sockets");
}

/* --- what the command may ------------------------------------------------------------------------------------------ */

static void judge_caps(struct inspect *in, uint64_t caps, bool host)
{
	static const struct {
		const char *name, *why;
		unsigned char cap;
		bool anywhere; /* also where it counts for the container's user namespace only */
	} dangerous[] = {
		{ "sys_admin", "it mounts, and opens much of the kernel to attack", CAP_SYS_ADMIN, true },
		{ "sys_module", "it loads code into the kernel", CAP_SYS_MODULE, false },
		{ "sys_ptrace", "it reads and changes every process that it sees", CAP_SYS_PTRACE, false },
		{ "sys_rawio", "it reaches memory and ports of the machine", CAP_SYS_RAWIO, false },
		{ "dac_read_search", "it opens any file of a file system by its handle", CAP_DAC_READ_SEARCH, false },
		{ "sys_boot", "it can load another kernel", CAP_SYS_BOOT, false },
		{ "mknod", "it makes any device, which only nodev and rules for devices keep closed", CAP_MKNOD, false },
		{ "bpf", "it loads programs into the kernel", CAP_BPF, false },
		{ "perfmon", "it watches the whole machine", CAP_PERFMON, false },
		{ "sys_time", "it sets the machine's clock", CAP_SYS_TIME, false },
		{ "syslog", "it reads the kernel's messages and addresses", CAP_SYSLOG, false },
	};

	if (host && caps & ~caps_default())
		weak(in, "it has capabilities beyond the default set, and they count for the host", "namespaces with u",
		     "no user namespace");
	for (size_t i = 0; i < sizeof(dangerous) / sizeof(*dangerous); i++)
		if (caps & BIT(dangerous[i].cap) && (host || dangerous[i].anywhere))
			weak(in, dangerous[i].why, "cap_add without it", "the capability %s", dangerous[i].name);
	if (caps & BIT(CAP_NET_ADMIN) && host && inspect_shares(in, "net"))
		weak(in, "it changes the host's network", "cap_add without it, or net=none", "the capability net_admin");
}

static bool is_mapped(const struct words *map, uint32_t id)
{
	for (size_t i = 0; i < map->n; i++) {
		char *p = map->v[i];
		uint64_t outside, count;

		strtoul(p, &p, 10);
		outside = strtoul(p, &p, 10);
		count = strtoul(p, &p, 10);
		if (id >= outside && id - outside < count)
			return true;
	}
	return false;
}

/* Init has none but what is left of the caller's; the command has those that were asked for, which are the container's. */
static void judge_groups(struct inspect *in)
{
	const struct words *all[] = { &in->init.groups, &in->command.groups };

	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < all[i]->n; j++)
			if (i == 0 || !is_mapped(&in->gid_map, (uint32_t)strtoul(all[i]->v[j], NULL, 10)))
				weak(in, "files that this group of the caller's may use are in its reach",
				     "start it without that group", "the host's group %s", all[i]->v[j]);
}

static void judge_command(struct inspect *in)
{
	const struct inspect_process *p = &in->command;

	judge_groups(in);
	if (!p->id.pid)
		return;
	/* Without new privileges there are never more than these; else a program can bring what the bounding set has. */
	judge_caps(in, p->caps[CAPS_PERMITTED] | (p->no_new_privs == 1 ? 0 : p->caps[CAPS_BOUNDING]),
		   inspect_shares(in, "user"));
	if (p->seccomp <= 0)
		weak(in, "all system calls of the kernel are open to attack", "seccomp=default", "no filter of system calls");
	if (p->no_new_privs == 0)
		weak(in, "set-user-ID programs inside give their owner's rights", "no_new_privs=yes", "no_new_privs is off");
}

/* --- what it can reach ---------------------------------------------------------------------------------------------- */

/* Whether the file of a kernel's file system that is shown on point has something over it, of that name below its root. */
static void judge_mask(struct inspect *in, const struct inspect_mount *m, const char *file, bool only_read)
{
	auto_free char *path = NULL;
	const struct inspect_mount *at;
	struct err ignored;
	char host[64];

	/* What this kernel does not have needs none. */
	snprintf(host, sizeof(host), "/%s", file);
	if (strncmp(file, m->m.type, strcspn(file, "/")) != 0 || access(host, F_OK) < 0)
		return;
	path = str_format(&ignored, "%s%s", m->m.point, strchr(file, '/'));
	at = path ? inspect_mount_at(in, path) : NULL;
	in->failed |= !path;
	if (at && (only_read ? !at->read_only : at == m))
		weak(in, "it tells about the host or reaches into it", "no mounts over /proc and /sys",
		     only_read ? "%s can be written" : "%s is not masked", path);
}

static void judge_kernel(struct inspect *in, const struct inspect_mount *m)
{
	static const char *const types[] = { "sysfs",      "cgroup",   "cgroup2", "debugfs",  "tracefs",
					     "securityfs", "configfs", "bpf",     "efivarfs", "pstore" };
	bool whole = !m->m.root[1];

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(m->m.type, types[i]) && !m->read_only)
			weak(in, "the kernel's own files there change the host, or what it is limited to",
			     "mount it read-only, or not at all", "%s on %s can be written", types[i], m->m.point);
	if (!strcmp(m->m.type, "proc") && !whole && !m->read_only)
		weak(in, "it reaches into the host", "mount it read-only, or not at all", "%s of proc on %s can be written",
		     m->m.root, m->m.point);
	if (!whole || (strcmp(m->m.type, "proc") != 0 && strcmp(m->m.type, "sysfs") != 0))
		return;
	for (size_t i = 0; inside_masked[i]; i++)
		judge_mask(in, m, inside_masked[i], false);
	for (size_t i = 0; inside_read_only[i]; i++)
		judge_mask(in, m, inside_read_only[i], true);
}

/* The sockets by which others are made to run what one likes, in a directory of the host that is shown inside. */
static void judge_sockets(struct inspect *in, const struct inspect_mount *m)
{
	static const char *const names[] = { "docker.sock",   "containerd.sock",    "containerd/containerd.sock",
					     "podman.sock",   "podman/podman.sock", "crio.sock",
					     "crio/crio.sock" };
	static const char why[] = "whoever answers there acts for it on the host";
	auto_fd int dir = open(m->host, O_PATH | O_CLOEXEC);
	struct stat top, st;

	if (dir < 0 || fstat(dir, &top) < 0)
		return;
	if (S_ISSOCK(top.st_mode))
		weak(in, why, "no such mount", "the host's socket %s on %s", m->host, m->m.point);
	for (size_t i = 0; S_ISDIR(top.st_mode) && i < 2 * sizeof(names) / sizeof(*names); i++) {
		char path[48];
		auto_fd int fd = -1;

		snprintf(path, sizeof(path), "%s%s", i % 2 ? "run/" : "", names[i / 2]);
		fd = path_open(dir, path, O_PATH | O_NOFOLLOW);
		/* On another file system it is no part of this mount. */
		if (fd >= 0 && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_dev == top.st_dev)
			weak(in, why, "no such mount", "the host's socket %s in %s", path, m->m.point);
	}
}

/* Where the states of containers are, with the sockets to stop them, unless something is mounted over that. */
static void judge_run_dir(struct inspect *in, const struct inspect_mount *m)
{
	auto_free char *inside = NULL;
	struct stat here, there;
	struct err ignored;
	const char *rest;
	char path[4096];

	if (!m->m.point[1] || state_path(&in->state, "", path, sizeof(path), &ignored) < 0)
		return;
	path[strlen(path) - strlen(in->state.name) - 2] = 0;
	rest = str_below(path, m->host);
	inside = str_format(&ignored, "%s%s", m->m.point, rest ? rest : "");
	in->failed |= !inside;
	if (!inside || inspect_mount_at(in, inside) != m)
		return;
	if (str_below(m->host, path) ||
	    (rest && stat(path, &here) == 0 && stat(m->host, &there) == 0 && here.st_dev == there.st_dev))
		weak(in, "it holds the states of containers and the sockets to stop them", "no such mount",
		     "cagebox's run-time directory in %s", m->m.point);
}

static void judge_host(struct inspect *in, const struct inspect_mount *m)
{
	static const char *const paths[] = { "/", "/dev", "/proc", "/sys", "/etc", "/root", "/boot" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		/* Where there may be no sysfs of its own, the host's is shown: read-only, as judge_kernel sees. */
		if (!strcmp(m->host, paths[i]) && (strcmp(m->m.type, "sysfs") != 0 || strcmp(m->m.point, "/sys") != 0))
			weak(in, "it is not made for a container to see", "mount less of it", "the host's %s on %s", m->host,
			     m->m.point);
	judge_sockets(in, m);
	judge_run_dir(in, m);
}

static bool is_device(const char *path)
{
	struct stat st;

	return path && stat(path, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode));
}

static void judge_mount(struct inspect *in, const struct inspect_mount *m)
{
	judge_kernel(in, m);
	if (m->host)
		judge_host(in, m);
	if (m->m.point[1] && !str_has_word(m->m.attributes, "nosuid", 6))
		weak(in, "set-user-ID programs count there", "no_new_privs=yes", "%s is without nosuid", m->m.point);
	/* A device alone is among in->devices, if it is unusual. */
	if (!str_has_word(m->m.attributes, "nodev", 5) && strcmp(m->m.point, "/dev") != 0 && strcmp(m->m.type, "devpts") != 0 &&
	    !is_device(m->host))
		weak(in, "whatever device is there can be opened", "mount without dev", "%s is without nodev", m->m.point);
}

static void judge_devices(struct inspect *in)
{
	for (size_t i = 0; i < in->ndevices; i++) {
		const struct inspect_device *d = &in->devices[i];

		if (d->block)
			weak(in, "it reads and writes what is on it, past all files' rights", "device without it",
			     "the block device %s", d->path);
		else if (d->major == 1 && (d->minor == 1 || d->minor == 2 || d->minor == 4 || d->minor == 11))
			weak(in, "it is the machine's memory, ports or log", "device without it", "the device %s", d->path);
	}
}

/* --- notes ------------------------------------------------------------------------------------------------------------ */

static void judge_limits(struct inspect *in)
{
	static const char why[] = "it can take all that the machine has";
	auto_fd int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY | O_CLOEXEC);
	char first = 0;

	if (!in->state.cgroup)
		note(in, "what it uses is neither limited nor counted", "cgroup=yes", "no cgroup of its own");
	if (!in->limits.memory_bytes && !in->limits.memory_swap_bytes)
		note(in, why, "max_memory", "no limit of memory");
	if (!in->limits.max_processes)
		note(in, why, "max_processes", "no limit of processes");
	if (fd >= 0 && read(fd, &first, 1) == 1 && first == '|')
		note(in, "when a process dumps core, a program of the host reads what it leaves", "rlimit core=0",
		     "core dumps go to a program of the host");
}

int inspect_judge(struct inspect *in, struct err *e)
{
	judge_namespaces(in);
	judge_command(in);
	for (size_t i = 0; i < in->nmounts; i++)
		if (!in->mounts[i].covered)
			judge_mount(in, &in->mounts[i]);
	if (in->nmounts == INSPECT_MOUNTS)
		weak(in, "what the others are was not looked at", "fewer mounts", "%d mounts or more", INSPECT_MOUNTS);
	judge_devices(in);
	judge_limits(in);
	return in->failed ? err_memory(e) : 0;
}
