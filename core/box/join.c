/* SPDX-License-Identifier: Zlib
 * Going into a running container, and becoming a program there. From the host side to the container side. */
#include "box/join.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "box/child.h"
#include "box/wire.h"
#include "sys/caps.h"
#include "sys/fd.h"
#include "sys/kernel.h"
#include "sys/mount.h"
#include "sys/path.h"
#include "sys/pty.h"

/* The order matters. The user namespace, to which the others belong, gives the rights to join them; the mount namespace takes
 * the host's /proc out of sight. */
const struct join_kind join_kinds[JOIN_KINDS] = {
	{ "user", CLONE_NEWUSER }, { "time", CLONE_NEWTIME }, { "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC },
	{ "uts", CLONE_NEWUTS },   { "net", CLONE_NEWNET },   { "pid", CLONE_NEWPID },       { "mnt", CLONE_NEWNS },
};

static void tell_error(int wire, const struct err *e)
{
	struct wire w = { .kind = WIRE_ERROR, .err = *e };

	wire_send(wire, &w, -1);
}

static int open_terminal(const struct visit *v, int wire, struct err *e)
{
	auto_fd int pts = open("/dev/pts", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct wire w = { .kind = WIRE_TTY };
	auto_fd int master = -1;
	int slave;

	if (pts < 0)
		return err_sys(e, "open the container's /dev/pts");
	if (pty_open(pts, &master, &slave, e) < 0)
		return -1;
	if (v->size.ws_col)
		ioctl(master, TIOCSWINSZ, &v->size);
	if (wire_send(wire, &w, master) < 0)
		return err_sys(e, "hand out the pty");
	return slave;
}

/* The program's process, inside everything but not yet who it is to be. */
static _Noreturn void become_program(struct visit *v, int wire)
{
	struct child c = { .plan = v->plan, .exec_fd = -1, .tty = -1, .parent_signal = SIGKILL };
	int fds[] = { v->streams[0], v->streams[1], v->streams[2], wire, -1 };
	struct wire go;
	struct err e;
	int null;

	/* Held here until the host side knows this process and has moved it where it belongs. */
	if (wire_recv(wire, &go, NULL, 0) != 1)
		_exit(EXIT_CAGEBOX);
	setsid();
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	null = fd_open_null("the container's", O_RDWR, &e);
	if (null < 0)
		goto failed;
	for (int fd = 0; fd < 3; fd++)
		if (fds[fd] < 0)
			fds[fd] = null;
	if (v->tty) {
		c.tty = open_terminal(v, wire, &e);
		if (c.tty < 0)
			goto failed;
		fds[0] = fds[1] = fds[2] = fds[4] = c.tty;
	}
	if (fd_arrange(fds, 0, 5, &e) < 0)
		goto failed;
	wire = 3;
	fcntl(wire, F_SETFD, FD_CLOEXEC);
	c.tty = v->tty ? 4 : -1;
	c.parent = wire;
	if (v->tty)
		fcntl(4, F_SETFD, FD_CLOEXEC);
	fd_close_from(5);
	c.argv = plan_list(v->plan, v->plan->argv, v->plan->argc);
	c.env = plan_list(v->plan, v->plan->env, v->plan->envc);
	if (!c.argv || !c.env)
		err_memory(&e);
	else
		child_exec(&c, &e);
failed:
	tell_error(wire, &e);
	_exit(err_code(&e));
}

/* Whether fd is the root of a mount: what it is lies on another file system than its parent. */
static bool is_mounted(int root, const char *target)
{
	char above[4096];
	auto_fd int fd = path_open(root, target, O_PATH), parent = -1;
	struct stat here, there;

	snprintf(above, sizeof(above), "%s/..", target);
	parent = path_open(root, above, O_PATH);
	return fd >= 0 && parent >= 0 && fstat(fd, &here) == 0 && fstat(parent, &there) == 0 && here.st_dev != there.st_dev;
}

static bool is_same(int root, const char *target, int tree)
{
	auto_fd int fd = path_open(root, target, O_PATH);
	struct stat here, there;

	return fd >= 0 && fstat(fd, &here) == 0 && fstat(tree, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

/* What another call has mounted already stays as it is. */
static int add_mount(const struct spec_mount *m, int tree, int root, struct err *e)
{
	struct place at = { root, m->target, false };
	char options[96];
	auto_fd int fd = -1;

	if (tree >= 0)
		return is_same(root, m->target, tree) ? 0 : mount_attach(tree, m->source, at, e);
	if (is_mounted(root, m->target))
		return 0;
	snprintf(options, sizeof(options), "mode=%o,uid=%u,gid=%u", m->mode, m->uid, m->gid);
	fd = path_make(root, m->target, false, e);
	if (fd < 0)
		return -1;
	/* By the working directory: this process is in none of the container's /proc. */
	if (fchdir(fd) < 0 || sys_mount("tmpfs", ".", "tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, options) < 0 ||
	    fchdir(root) < 0)
		return err_sys(e, "mount tmpfs on %s", m->target);
	return 0;
}

/* In the container's mount namespace. */
static int add_mounts(struct visit *v, struct err *e)
{
	const struct enter_options *o = v->options;
	auto_fd int root = o->nmounts ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	if (o->nmounts && root < 0)
		return err_sys(e, "open the container's root");
	for (size_t i = 0; i < o->nmounts; i++) {
		if (add_mount(&o->mounts[i], v->trees[i], root, e) < 0)
			return -1;
		fd_close(&v->trees[i]);
	}
	return 0;
}

_Noreturn void join_container(struct visit *v, int wire)
{
	int fds[] = { v->streams[0], v->streams[1], v->streams[2], wire };
	struct wire w = { .kind = WIRE_READY };
	struct err e;
	long pid;

	/* While its files in /proc are its own still. */
	if (child_set_oom_score(v->plan, &e) < 0)
		goto failed;
	v->plan->flags &= ~(uint32_t)PLAN_OOM;
	/* Before the first namespace: nobody inside may trace or open this process. */
	if (prctl(PR_SET_DUMPABLE, 0) < 0) {
		err_sys(&e, "become undumpable");
		goto failed;
	}
	for (size_t i = 0; i < JOIN_KINDS; i++)
		if (v->ns[i] >= 0 && setns(v->ns[i], join_kinds[i].type) < 0) {
			err_sys(&e, "join the %s namespace of %s", join_kinds[i].file, v->state.name);
			goto failed;
		}
	if (add_mounts(v, &e) < 0)
		goto failed;
	/* Whoever inside may trace gets hold of that process before it is the program: with no more than what init has. */
	if (v->plan->flags & PLAN_CAPS && caps_lower(v->plan->caps_before, &e) < 0)
		goto failed;
	/* Nothing of the host's is open any more when the program's process comes to be: not what the caller left open, nor its
	 * terminal. */
	if (v->tty)
		ioctl(0, TIOCGWINSZ, &v->size);
	if (fd_arrange(fds, 0, 4, &e) < 0)
		goto failed;
	wire = 3;
	fcntl(wire, F_SETFD, FD_CLOEXEC);
	fd_close_from(4);
	for (int fd = 0; fd < 3; fd++)
		v->streams[fd] = v->streams[fd] < 0 ? -1 : fd;
	pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		become_program(v, wire);
	if (pid < 0) {
		err_sys(&e, "fork in the container");
		goto failed;
	}
	/* Its pid here is that of the pid namespace this process forks into as seen from where it still is: the
	 * host's. */
	w.number = (int)pid;
	wire_send(wire, &w, -1);
	_exit(0);
failed:
	tell_error(wire, &e);
	_exit(EXIT_CAGEBOX);
}
