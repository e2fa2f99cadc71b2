/* SPDX-License-Identifier: Zlib
 * Forking the command, the init script and the shutdown hooks. Container side.
 *
 * Every signal is blocked in the parent, so a child begins with all of them blocked too: one that is forwarded to it
 * before its exec stays pending until child_exec restores the command's own mask. */
#include "box/init_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "box/child.h"
#include "box/user.h"

#define FD_PATH_(fd) "/proc/self/fd/" #fd
#define SCRIPT_PATH  FD_PATH_(7)
_Static_assert(PLAN_FD_SCRIPT == 7, "SCRIPT_PATH");

/* In a child: become c with plan p's environment; tell report (unless it is -1) if that fails. */
static _Noreturn void become(struct child *c, const struct plan *p, int report)
{
	struct err e = { 0 };

	c->plan = p;
	c->env = plan_list(p, p->env, p->envc);
	if (!c->argv || !c->env)
		err_memory(&e);
	else
		child_exec(c, &e);
	if (report >= 0 && write(report, &e, sizeof(e)) < 0)
		_exit(EXIT_CAGEBOX);
	_exit(err_code(&e));
}

/* Fork with a pipe for the outcome of the child's exec. Returns as fork; *report is the end of the pipe that is the
 * caller's, parent or child. */
static pid_t fork_reporting(int *report, const char *what, struct err *e)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "start %s: pipe", what);
	pid = fork();
	*report = ends[pid == 0];
	close(ends[pid != 0]);
	if (pid < 0) {
		err_sys(e, "start %s: fork", what);
		fd_close(report);
	} else if (pid > 0) {
		fcntl(*report, F_SETFL, O_NONBLOCK);
	}
	return pid;
}

/* A session of the command's own, in which it owns the terminal that init has given up. */
static void begin_session(void)
{
	setsid();
	ioctl(STDIN_FILENO, TIOCSCTTY, 0);
}

pid_t init_spawn_command(const struct plan *p, const struct init_options *o, int *report, struct err *e)
{
	bool tty = p->flags & PLAN_TTY, group = !tty && !o->session && !o->same_group;
	struct child c = {
		.exec_fd = p->flags & PLAN_COMMAND_FD ? PLAN_FD_COMMAND : -1,
		.tty = tty ? PLAN_FD_TTY : -1,
		.group = group,
		/* PID 1 takes everything along when it dies; without a pid namespace at least the command must not
		 * outlive init. */
		.parent_signal = p->flags & PLAN_FIRST && !(p->flags & PLAN_KEEP) && getpid() != 1 ? SIGKILL : 0,
	};
	pid_t pid;

	/* The leader of a session with a terminal must give it up before another session can have it. */
	if (o->session && getsid(0) == getpid())
		ioctl(STDIN_FILENO, TIOCNOTTY);
	pid = fork_reporting(report, "the command", e);
	if (pid == 0) {
		if (o->session)
			begin_session();
		c.argv = plan_list(p, p->argv, p->argc);
		become(&c, p, *report);
	}
	/* In the child, too: whoever comes first, the group is there before a signal is sent to it. */
	if (pid > 0 && group)
		setpgid(pid, pid);
	return pid;
}

/* The shell of the container's root, if it can be run. */
static void root_shell(char shell[256])
{
	auto_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct user u;
	struct err e;

	if (root < 0 || user_resolve(root, NULL, NULL, &u, &e) < 0 || access(u.shell, X_OK) < 0)
		snprintf(shell, 256, "/bin/sh");
	else
		snprintf(shell, 256, "%s", u.shell);
}

pid_t init_spawn_script(const struct plan *p, int *report, struct err *e)
{
	pid_t pid = fork_reporting(report, "the init script", e);

	if (pid == 0) {
		char shell[256], path[] = SCRIPT_PATH, *argv[] = { shell, path, NULL };
		struct child c = { .argv = argv, .exec_fd = -1, .tty = -1, .as_root = true };

		root_shell(shell);
		setpgid(0, 0);
		fcntl(PLAN_FD_SCRIPT, F_SETFD, 0);
		become(&c, p, *report);
	}
	if (pid > 0)
		setpgid(pid, pid);
	return pid;
}

static _Noreturn void become_hook(const struct plan *p, const char *name)
{
	char shell[] = "/bin/sh", dash_c[] = "-c", path[sizeof(INIT_HOOK_DIR) + INIT_HOOK_NAME], *argv[4] = { path };
	/* A hook that comes with the image gets no more than the command has; the one that was configured is root's. */
	struct child c = { .argv = argv, .exec_fd = -1, .tty = -1, .as_root = !name };
	struct err e;

	setpgid(0, 0);
	if (!p)
		p = plan_map(PLAN_FD_PLAN, &e);
	if (!p)
		_exit(EXIT_CAGEBOX);
	if (name) {
		snprintf(path, sizeof(path), "%s/%s", INIT_HOOK_DIR, name);
	} else {
		argv[0] = shell;
		argv[1] = dash_c;
		argv[2] = (char *)(uintptr_t)plan_text(p, p->shutdown_hook);
	}
	become(&c, p, -1);
}

pid_t init_spawn_hook(const struct plan *p, const char *name)
{
	pid_t pid = fork();

	if (pid == 0)
		become_hook(p, name);
	if (pid > 0)
		setpgid(pid, pid);
	return pid;
}

/* An entry of a directory as getdents64(2) gives it: opendir would allocate. */
struct entry {
	uint64_t inode, offset;
	uint16_t size;
	uint8_t type;
	char name[];
};

static bool is_hook(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, 0) == 0 && S_ISREG(st.st_mode) && faccessat(dir, name, X_OK, 0) == 0;
}

bool init_spawn_next_hook(char name[INIT_HOOK_NAME])
{
	auto_fd int dir = open(INIT_HOOK_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char piece[1024] __attribute__((aligned(8))), best[INIT_HOOK_NAME] = "";
	long n;

	if (dir < 0)
		return false;
	/* The directory is gone through once for each hook: that needs no memory, and they are few. */
	while ((n = syscall(SYS_getdents64, dir, piece, sizeof(piece))) > 0)
		for (long at = 0; at < n;) {
			const struct entry *d = (const struct entry *)(const void *)(piece + at);

			at += d->size;
			if (strcmp(d->name, name) > 0 && (!*best || strcmp(d->name, best) < 0) && is_hook(dir, d->name))
				snprintf(best, sizeof(best), "%s", d->name);
		}
	if (!*best)
		return false;
	memcpy(name, best, sizeof(best));
	return true;
}
