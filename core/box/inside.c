/* SPDX-License-Identifier: Zlib
 * Putting the container together, then becoming its init. From the host side to the container side. */
#include "box/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/auto.h"
#include "box/dev.h"
#include "box/plan.h"
#include "box/root.h"
#include "box/wire.h"
#include "sys/caps.h"
#include "sys/fd.h"
#include "sys/feature.h"
#include "sys/kernel.h"
#include "sys/landlock.h"
#include "sys/mount.h"
#include "sys/ns.h"
#include "sys/path.h"
#include "sys/pty.h"

enum { QUIET = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };

static void warn(const struct inside *in, const struct err *e)
{
	struct wire w = { .kind = WIRE_WARNING, .err = *e };

	wire_send(in->wire, &w, -1);
}

/* --- what hides the host ------------------------------------------------------------------------------------------ */

/* Files of proc and sysfs that tell about the host or reach into it; the last one how much power it takes, from which its keys can be
 * guessed (CVE-2020-8694). A name that is not there needs no mask. */
const char *const inside_masked[] = {
	"proc/kcore",       "proc/keys",        "proc/latency_stats",           "proc/timer_list",
	"proc/timer_stats", "proc/sched_debug", "proc/sysrq-trigger",           "proc/acpi",
	"proc/scsi",        "sys/firmware",     "sys/devices/virtual/powercap", NULL,
};

const char *const inside_read_only[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys", NULL };

/* Where a name of these lists is: below one of the two mounts themselves, since whoever can write to the root's directory may have
 * moved what lies there. */
static struct place place_of(int proc, int sys, const char *path)
{
	return (struct place){ *path == 's' ? sys : proc, strchr(path, '/') + 1, false };
}

static int mask_one(struct place at, int null, struct err *e)
{
	auto_fd int target = path_open(at.root, at.path, O_PATH | O_NOFOLLOW);
	auto_fd int mount = -1;
	struct stat st;

	if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (target < 0 || fstat(target, &st) < 0)
		return err_sys(e, "mask %s", at.path);
	mount = S_ISDIR(st.st_mode) ? mount_new("tmpfs", "size=4k,nr_inodes=1,mode=555", QUIET | MOUNT_ATTR_RDONLY, at, e) :
				      mount_bind(null, "/dev/null", false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, at, e);
	return mount < 0 ? err_prefix(e, "mask %s", at.path) : 0;
}

/* Mask the host's directory run in what is shown of source on target. What was asked for by its own name stays. */
static int mask_shown(const char *run, const char *source, const char *target, int root, struct err *e)
{
	auto_free char *real = source ? realpath(source, NULL) : NULL, *path = NULL;
	const char *rest = real ? str_below(run, real) : NULL;

	if (!rest || !*rest)
		return 0;
	path = str_format(e, "%s%s", target, rest);
	if (!path)
		return -1;
	/* Where this root may not go nobody inside can. */
	return mask_one((struct place){ root, path, false }, -1, e) < 0 && e->num != EACCES ? -1 : 0;
}

/* Whoever gets at the control sockets and records of a user's other containers is taken for that user. Where his own files are shown
 * the run-time directory, in which this one's stage is NAME/root, may be among them. */
static int mask_state(const struct inside *in, int root, struct err *e)
{
	const struct spec *s = in->spec;
	auto_free char *run = realpath(in->stage, NULL);
	int result;

	if (!run)
		return err_sys(e, "find the run-time directory");
	*strrchr(run, '/') = 0;
	*strrchr(run, '/') = 0;
	result = mask_shown(run, s->root, "", root, e);
	for (size_t i = 0; result == 0 && i < s->lower.n; i++)
		result = mask_shown(run, s->lower.v[i], "", root, e);
	for (size_t i = 0; result == 0 && i < s->nmounts; i++)
		result = mask_shown(run, s->mounts[i].source, s->mounts[i].target, root, e);
	return result;
}

static int protect(int proc, int sys, struct err *e)
{
	auto_fd int null = fd_open_null("the host's", O_PATH, e);

	if (null < 0)
		return -1;
	for (size_t i = 0; inside_masked[i]; i++)
		if (mask_one(place_of(proc, sys, inside_masked[i]), null, e) < 0)
			return -1;
	for (size_t i = 0; inside_read_only[i]; i++) {
		struct place at = place_of(proc, sys, inside_read_only[i]);
		auto_fd int source = path_open(at.root, at.path, O_PATH | O_NOFOLLOW);
		auto_fd int mount = -1;

		if (source < 0 && errno == ENOENT)
			continue;
		mount = source < 0 ? err_sys(e, "open /%s", inside_read_only[i]) :
				     mount_bind(source, inside_read_only[i], false, QUIET | MOUNT_ATTR_RDONLY, at, e);
		if (mount < 0)
			return -1;
	}
	return 0;
}

/* --- what the container gets -------------------------------------------------------------------------------------- */

static int mount_memory(const char *path, const char *options, int root, struct err *e)
{
	auto_fd int fd =
		mount_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, (struct place){ root, path, false }, e);

	return fd < 0 ? -1 : 0;
}

/* A file system that shows a namespace's things can only be mounted by who owns that namespace, and not where it is
 * mounted already. Where a user namespace shares the host's, or the root has it, the host's own mount is shown. */
static int mount_or_bind(const char *type, unsigned attr, const char *name, const char *host_path, int root, struct err *e)
{
	auto_fd int host = -1, fd = mount_new(type, NULL, attr, (struct place){ root, name, true }, e);

	if (fd >= 0 || (e->num != EPERM && e->num != EBUSY))
		return take_fd(&fd);
	host = open(host_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (host < 0)
		return err_sys(e, "open %s", host_path);
	return mount_bind(host, host_path, true, attr, (struct place){ root, name, true }, e);
}

/* The host's proc does not show the processes of another pid namespace. */
static int mount_proc(const struct spec *s, int root, struct err *e)
{
	int fd;

	if (!(s->namespaces & NS_PID))
		return mount_or_bind("proc", QUIET, "proc", "/proc", root, e);
	fd = mount_new("proc", NULL, QUIET, (struct place){ root, "proc", true }, e);
	if (fd >= 0)
		return fd;
	if (e->num != EPERM || !(s->namespaces & NS_USER))
		return -1;
	err_set(e, "mount proc: something is mounted over parts of /proc here, as in a container");
	return err_hint(
		e,
		"start that one with --security-opt systempaths=unconfined (podman: unmask=ALL), or use no pid namespace: -N hi");
}

/* With what programs take for granted there. */
static int mount_run(int root, struct err *e)
{
	auto_fd int run =
		mount_new("tmpfs", "mode=755", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, (struct place){ root, "run", false }, e);

	if (run < 0)
		return -1;
	if (mkdirat(run, "lock", 01777) < 0 || mkdirat(run, "user", 0755) < 0 || symlinkat("/dev/shm", run, "shm") < 0)
		return err_sys(e, "make /run/lock, user and shm");
	return 0;
}

/* Whether a directory that is used as it is has name servers of its own, or no place for the host's: none is made there. */
static bool keeps_resolv_conf(int root)
{
	auto_fd int link = path_open(root, "etc/resolv.conf", O_PATH | O_NOFOLLOW);
	auto_fd int file = link < 0 ? -1 : path_open(root, "etc/resolv.conf", O_PATH);
	struct stat st;

	return link < 0 || (file >= 0 && fstat(file, &st) == 0 && st.st_size > 0);
}

/* With the host's network the host's name servers are the right ones. Neither side needs to have the file. */
static void mount_resolv_conf(const struct inside *in, int root)
{
	auto_fd int host = in->spec->net == NET_HOST ? open("/etc/resolv.conf", O_PATH | O_CLOEXEC) : -1;
	auto_fd int fd = -1;
	struct err e;

	if (host < 0 || (in->spec->root && keeps_resolv_conf(root)))
		return;
	fd = mount_bind(host, "/etc/resolv.conf", false, QUIET | MOUNT_ATTR_RDONLY,
			(struct place){ root, "etc/resolv.conf", false }, &e);
	if (fd < 0 && e.num != EROFS && e.num != ENOENT) {
		err_prefix(&e, "no name servers");
		warn(in, &e);
	}
}

/* mapped is the mount with the option idmap, made on the host. */
static int mount_one(const struct spec *s, const struct spec_mount *m, int mapped, int root, struct err *e)
{
	struct place at = { root, m->target, false };
	auto_fd int source = -1, fd = -1;

	if (m->type == MOUNT_TMPFS) {
		char options[96];
		int used = snprintf(options, sizeof(options), "mode=%o,uid=%u,gid=%u", m->mode, m->uid, m->gid);

		if (m->size)
			snprintf(options + used, sizeof(options) - (size_t)used, ",size=%llu", (unsigned long long)m->size);
		return mount_memory(m->target, options, root, e);
	}
	if (m->type == MOUNT_OVERLAY)
		return root_mount_part(s, m, root, e);
	if (m->idmap)
		return mount_attach(mapped, m->source, at, e);
	source = open(m->source, O_PATH | O_CLOEXEC);
	if (source < 0)
		return err_sys(e, "mount: %s", m->source);
	fd = mount_bind(source, m->source, true,
			MOUNT_ATTR_NOSUID | (m->devices ? 0 : MOUNT_ATTR_NODEV) | (m->read_only ? MOUNT_ATTR_RDONLY : 0), at,
			e);
	return fd < 0 ? -1 : 0;
}

static int mount_wanted(const struct inside *in, const struct root_layers *layers, int root, struct err *e)
{
	int mapped = layers->n;

	for (size_t i = 0; i < in->spec->nmounts; i++) {
		const struct spec_mount *m = &in->spec->mounts[i];

		if (mount_one(in->spec, m, m->idmap ? layers->fds[mapped++] : -1, root, e) == 0)
			continue;
		if (!m->optional)
			return -1;
		warn(in, e);
	}
	return 0;
}

/* Everything below the root. Returns a descriptor of its /dev. */
static int fill_root(const struct inside *in, const struct root_layers *layers, int root, struct err *e)
{
	auto_fd int proc = mount_proc(in->spec, root, e);
	auto_fd int sys = proc < 0 ? -1 :
				     mount_or_bind("sysfs", QUIET | (in->spec->privileged ? 0 : MOUNT_ATTR_RDONLY), "sys",
						   "/sys", root, e);
	auto_fd int dev = sys < 0 ? -1 : dev_mount(in->spec, root, e);

	if (dev < 0 || mount_memory("tmp", "mode=1777", root, e) < 0 || mount_run(root, e) < 0)
		return -1;
	mount_resolv_conf(in, root);
	if ((!in->spec->privileged && protect(proc, sys, e) < 0) ||
	    (in->userns && mask_one((struct place){ sys, "fs/cgroup", false }, -1, e) < 0) ||
	    mount_wanted(in, layers, root, e) < 0 || (in->userns && mask_state(in, root, e) < 0) ||
	    root_finish(in->spec, root, e) < 0)
		return -1;
	return take_fd(&dev);
}

/* --- the way in --------------------------------------------------------------------------------------------------- */

/* Wait until the host side is ready, and be gone if it never will be. Layers of the root come first. */
static int wait_go(const struct inside *in, struct root_layers *layers)
{
	struct wire w;
	int fd;

	while (wire_recv(in->wire, &w, &fd, 0) == 1 && w.kind == WIRE_LAYER && fd >= 0 &&
	       layers->n + layers->mapped < ROOT_LAYERS) {
		layers->fds[layers->n + layers->mapped] = fd;
		*(w.number ? &layers->mapped : &layers->n) += 1;
	}
	return w.kind == WIRE_GO ? 0 : -1;
}

/* Nothing of the caller's identity comes along, nobody who joins these namespaces may look into this process, and it
 * does not outlive its monitor. In this order: a change of identity undoes the other two. */
static int shed(const struct inside *in, struct err *e)
{
	setsid();
	umask(0);
	if (in->userns && (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
		return err_sys(e, "become the container's root");
	if (!in->own_groups && (setgroups(0, NULL) < 0 || getgroups(0, NULL) != 0))
		return err_sys(e, "leave the caller's groups");
	/* The caller's keys stay outside. A kernel without keyrings has none to leave. */
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_sys(e, "become undumpable");
	if (!in->spec->keep && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_sys(e, "tie the container to its monitor");
	return 0;
}

static int set_names(const struct inside *in, struct err *e)
{
	const struct spec *s = in->spec;
	const char *name = s->hostname ? s->hostname : in->name;

	if (s->namespaces & NS_UTS && sethostname(name, strlen(name)) < 0)
		return err_sys(e, "set the host name %s", name);
	return s->namespaces & NS_NET ? ns_loopback_up(e) : 0;
}

/* Open the pty, give it the caller's window size before anything can ask for it, and hand its master out. */
static int open_terminal(const struct inside *in, int dev, int *slave, struct err *e)
{
	struct wire w = { .kind = WIRE_TTY };
	auto_fd int master = -1;

	if (dev_open_console(dev, &master, slave, e) < 0)
		return -1;
	pty_copy_size(0, master);
	if (wire_send(in->wire, &w, master) < 0)
		return err_sys(e, "hand the pty to the monitor");
	return 0;
}

static int enter_scope(unsigned scope, struct err *e)
{
	auto_fd int rules = landlock_begin(scope, e);

	return rules < 0 ? -1 : landlock_enforce(rules, e);
}

static int build(const struct inside *in, int *slave, struct err *e)
{
	struct root_layers layers = { .n = 0 };
	auto_fd int root = -1, dev = -1;

	if (wait_go(in, &layers) < 0)
		_exit(EXIT_CAGEBOX);
	/* Only now, so that its cgroup is the root of what it can see: never the host's, from which the way leads to the files by
	 * which it is limited. */
	if (unshare(CLONE_NEWCGROUP) < 0) {
		err_sys(e, "make the container's cgroup namespace");
		if (e->num == EINVAL)
			return err_feature(e, FEATURE_NS_CGROUP);
		return e->num == EPERM && in->userns ? ns_explain_user(e) : -1;
	}
	if (in->spec->namespaces & NS_TIME && ns_time_enter(e) < 0)
		return -1;
	if (shed(in, e) < 0 || mount_make_private(e) < 0)
		return -1;
	root = in->root_mounted ? open(in->stage, O_PATH | O_DIRECTORY | O_CLOEXEC) :
				  root_mount(in->spec, in->stage, &layers, e);
	if (root < 0)
		return in->root_mounted ? err_sys(e, "open the root at %s", in->stage) : -1;
	dev = fill_root(in, &layers, root, e);
	root_close_layers(&layers);
	if (dev < 0 || set_names(in, e) < 0)
		return -1;
	if (in->tty && open_terminal(in, dev, slave, e) < 0)
		return -1;
	if (mount_enter_root(root, e) < 0)
		return -1;
	/* In init, so that it is one domain for all that come from it. */
	if (in->scope && enter_scope(in->scope, e) < 0)
		return -1;
	if (caps_limit(UINT64_MAX, in->caps, e) < 0)
		return -1;
	return in->lock_caps ? caps_lock(e) : 0;
}

/* Descriptors to where init looks for them, all others closed, then init itself. Returns only on failure. */
static int become_init(const struct inside *in, int slave, struct err *e)
{
	int fds[] = { in->streams[0], in->streams[1], in->streams[2], in->wire,     in->plan, slave,
		      in->command,    in->script,     in->pipes[1],   in->pipes[2], in->exe };
	const char *argv[] = { "cagebox-init", "--container", in->name, NULL };
	char *env[] = { NULL };
	auto_fd int null = fd_open_null("the container's", O_RDWR, e);

	if (null < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		if (fds[i] < 0)
			fds[i] = null;
	if (fd_arrange(fds, 0, PLAN_FD_END + 1, e) < 0)
		return -1;
	/* What is left is the caller's: it may have been inherited without close-on-exec. */
	fd_close_from(PLAN_FD_END + 1);
	fcntl(PLAN_FD_END, F_SETFD, FD_CLOEXEC);
	sys_execveat(PLAN_FD_END, (char *const *)(uintptr_t)argv, env);
	return err_sys(e, "execute init");
}

_Noreturn void inside_run(const struct inside *in)
{
	struct wire w = { .kind = WIRE_ERROR };
	struct inside mine = *in;
	int slave = -1;

	if (build(&mine, &slave, &w.err) == 0)
		become_init(&mine, slave, &w.err);
	/* The wire may have been moved to its place already. */
	if (wire_send(mine.wire, &w, -1) < 0)
		wire_send(PLAN_FD_WIRE, &w, -1);
	_exit(err_code(&w.err));
}
