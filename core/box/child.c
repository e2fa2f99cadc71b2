/* SPDX-License-Identifier: Zlib
 * Becoming the program: terminal, limits, identity, capabilities, directory, signals, exec. Container side. */
#include "box/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>

#include "base/auto.h"
#include "base/str.h"
#include "box/access.h"
#include "box/user.h"
#include "box/wire.h"
#include "sys/caps.h"
#include "sys/fd.h"
#include "sys/kernel.h"
#include "sys/landlock.h"
#include "sys/seccomp.h"
#include "sys/sig.h"

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* A session with the pty as its controlling terminal and as the three standard streams. */
static int take_terminal(int tty, struct err *e)
{
	setsid();
	if (ioctl(tty, TIOCSCTTY, 0) < 0)
		return err_sys(e, "make the pty the controlling terminal");
	for (int fd = 0; fd < 3; fd++)
		if (dup2(tty, fd) < 0)
			return err_sys(e, "make the pty the standard streams");
	return 0;
}

/* A process group of its own that a terminal, if there is one, reads from. The signal TTOU, which a background group
 * gets for that, is blocked still. */
static void take_foreground(void)
{
	setpgid(0, 0);
	if (isatty(0))
		tcsetpgrp(0, getpid());
}

static int set_limits(const struct plan *p, struct err *e)
{
	for (int i = 0; i < PLAN_NRLIMITS; i++) {
		const struct plan_rlimit *limit = &p->rlimits[i];

		/* prlimit(2) takes 64 bits on every architecture, as the plan has them. */
		if (p->rlimits_set & 1u << i && syscall(SYS_prlimit64, 0, i, limit, NULL) < 0) {
			err_sys(e, "set resource limit %d to %llu:%llu", i, (unsigned long long)limit->soft,
				(unsigned long long)limit->hard);
			return e->num == EPERM ? err_hint(e, "raising a hard limit needs CAP_SYS_RESOURCE") : -1;
		}
	}
	return 0;
}

int child_set_oom_score(const struct plan *p, struct err *e)
{
	auto_fd int proc = p->flags & PLAN_OOM ? fd_open_proc(e) : -1;
	char text[16];

	if (!(p->flags & PLAN_OOM))
		return 0;
	snprintf(text, sizeof(text), "%d", p->oom_score_adj);
	if (proc < 0)
		return -1;
	if (fd_write_proc(proc, "self/oom_score_adj", text) < 0) {
		err_sys(e, "set oom_score_adj to %s", text);
		return e->num == EACCES ? err_hint(e, "lowering it needs CAP_SYS_RESOURCE") : -1;
	}
	return 0;
}

static const char more_ids[] = "its user namespace has no such id; without root more of them take a line in /etc/subuid and "
			       "/etc/subgid each, and newuidmap of the package uidmap";

static int set_groups(const struct user *u, bool own, struct err *e)
{
	if (own && (!u->ngroups || (u->ngroups == 1 && u->groups[0] == u->gid)))
		return 0;
	if (own) {
		err_set(e, "set the groups of user %s: a container with one id cannot", u->name);
		return err_hint(e, more_ids);
	}
	if (setgroups(u->ngroups, u->groups) < 0) {
		err_sys(e, "set the groups of user %s", u->name);
		return e->num == EINVAL ? err_hint(e, more_ids) : -1;
	}
	/* None of the caller's may be left, whatever the call said. */
	return getgroups(0, NULL) == (int)u->ngroups ? 0 : err_set(e, "set the groups of user %s: others are left", u->name);
}

static int set_identity(const struct plan *p, const struct user *u, struct err *e)
{
	if (set_groups(u, p->flags & PLAN_OWN_GROUPS, e) < 0)
		return -1;
	if (setresgid(u->gid, u->gid, u->gid) < 0 || setresuid(u->uid, u->uid, u->uid) < 0) {
		err_sys(e, "become user %s (%u:%u)", u->name, u->uid, u->gid);
		return e->num == EINVAL ? err_hint(e, more_ids) : -1;
	}
	/* Never run on with more than was asked for, whatever the calls said. */
	if (getuid() != u->uid || geteuid() != u->uid || getgid() != u->gid || getegid() != u->gid)
		return err_set(e, "become user %s: the kernel did not do it", u->name);
	return 0;
}

static int enter_directory(const char *cwd, struct err *e)
{
	char here[4096];

	if (chdir(cwd) < 0)
		return err_sys(e, "change into the directory %s", cwd);
	/* A directory that is not below the root has no absolute path. */
	if (!getcwd(here, sizeof(here)) || *here != '/')
		return err_set(e, "the directory %s is outside the container", cwd);
	return 0;
}

/* One component of the working directory, made if it is missing, for u if that is not NULL. Returns a descriptor, or -1
 * with errno. */
static int make_one(int dir, const char *name, const struct user *u)
{
	auto_fd int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT)
		return take_fd(&fd);
	if (mkdirat(dir, name, 0755) < 0)
		return -1;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 && u && fchown(fd, u->uid, u->gid) < 0 ? -1 : take_fd(&fd);
}

/* By root, who must not be led astray by a link of somebody else's: where something has to be made there are none. */
static int make_directory(const char *cwd, const struct user *u, struct err *e)
{
	auto_fd int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_free char *copy = strdup(cwd);
	char *rest = copy, *name;
	struct stat st;

	if (!copy)
		return err_memory(e);
	if (stat(cwd, &st) == 0)
		return 0;
	while (dir >= 0 && (name = strsep(&rest, "/"))) {
		bool last = !rest || !rest[strspn(rest, "/")];
		int next = *name ? make_one(dir, name, last ? u : NULL) : take_fd(&dir);

		fd_close(&dir);
		dir = next;
	}
	if (dir >= 0)
		return 0;
	err_sys(e, "make the directory %s", cwd);
	return e->num == ENOTDIR || e->num == ELOOP ? err_hint(e, "there may be no link in it") : -1;
}

static bool env_has(char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (; *env; env++)
		if (!strncmp(*env, name, len) && (*env)[len] == '=')
			return true;
	return false;
}

/* The environment: what the plan names, and a login's variables where it does not name them. */
static char **make_env(char *const *given, const struct user *u, struct err *e)
{
	const struct {
		const char *name, *value;
	} base[] = { { "PATH", default_path }, { "HOME", u->home },   { "USER", u->name },
		     { "LOGNAME", u->name },   { "SHELL", u->shell }, { "container", "cagebox" } };
	struct words env = { 0 };

	for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++) {
		auto_free char *text = NULL;

		if (env_has(given, base[i].name))
			continue;
		text = str_format(e, "%s=%s", base[i].name, base[i].value);
		if (!text || words_add(&env, text, e) < 0)
			return NULL;
	}
	for (; *given; given++)
		if (words_add(&env, *given, e) < 0)
			return NULL;
	return env.v;
}

/* The program could not be executed: which code, and why. */
static int explain(const struct child *c, const char *name, int num, struct err *e)
{
	struct stat st;

	errno = num;
	err_sys(e, "run %s", name);
	e->code = num == ENOENT || num == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
	if (num == ENOENT && (c->exec_fd >= 0 || (strchr(name, '/') && stat(name, &st) == 0)))
		return err_hint(e, "its interpreter or dynamic loader is not in the container");
	if (num == ENOEXEC)
		return err_hint(e, "built for another machine, or a script without a #! line");
	if (num == EACCES && c->plan->access & LANDLOCK_FILES)
		return err_hint(e, "landlock must allow x for it and for its interpreter or dynamic loader");
	return -1;
}

/* execvpe(3) by the PATH of env. Returns errno. */
static int exec_search(const char *name, char *const *argv, char *const *env)
{
	const char *path = default_path;
	int denied = 0;

	if (strchr(name, '/')) {
		execve(name, argv, env);
		return errno;
	}
	for (char *const *v = env; *v; v++)
		if (!strncmp(*v, "PATH=", 5))
			path = *v + 5;
	for (const char *p = path; *name; p++) {
		size_t len = strcspn(p, ":");
		char full[4096];

		if ((size_t)snprintf(full, sizeof(full), "%.*s%s%s", (int)len, p, len ? "/" : "", name) < sizeof(full))
			execve(full, argv, env);
		if (errno == EACCES)
			denied = errno;
		else if (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG)
			return errno;
		p += len;
		if (!*p)
			break;
	}
	return denied ? denied : ENOENT;
}

/* Execute, by descriptor or name; without a command, the user's login shell. Returns only on failure. */
static int execute(const struct child *c, const struct user *u, char *const *env, struct err *e)
{
	const char *base = strrchr(u->shell, '/');
	char login[258];
	char *shell[] = { login, NULL };

	if (c->exec_fd >= 0) {
		sys_execveat(c->exec_fd, c->argv, env);
		/* The interpreter of a script opens the script by this descriptor: it has to survive the exec. */
		if (errno == ENOENT && fcntl(c->exec_fd, F_SETFD, 0) == 0)
			sys_execveat(c->exec_fd, c->argv, env);
		return explain(c, c->argv[0], errno, e);
	}
	if (c->argv && c->argv[0])
		return explain(c, c->argv[0], exec_search(c->argv[0], c->argv, env), e);
	snprintf(login, sizeof(login), "-%s", base ? base + 1 : u->shell);
	return explain(c, u->shell, exec_search(u->shell, shell, env), e);
}

/* Without no_new_privs only this capability lets it put itself under a filter. It is gone with the exec: the bounding set lacks it. */
static bool needs_admin(const struct plan *p)
{
	return p->flags & PLAN_FILTER && !(p->flags & PLAN_NO_NEW_PRIVS);
}

/* The user, and how the kernel is to compute capabilities from now on: what sets either ends the right to do so. */
static int become_user(const struct plan *p, const struct user *u, struct err *e)
{
	uint64_t once = needs_admin(p) ? 1ULL << CAP_SYS_ADMIN : 0;
	bool lock = p->flags & PLAN_LOCK_CAPS;

	if (!u->uid || !(p->ambient | once))
		return (lock && caps_lock(e) < 0) || set_identity(p, u, e) < 0 ? -1 : 0;
	return caps_keep(e) < 0 || set_identity(p, u, e) < 0 || caps_give(p->ambient, once, lock, e) < 0 ? -1 : 0;
}

/* The last step, so that a policy need not allow what comes before it. A listener goes to the monitor, which answers from then on:
 * the filter lets that message through by its flags. */
static int filter_calls(const struct plan *p, struct err *e)
{
	const struct sock_filter *code =
		p->filter ? plan_block(p, p->filter, p->filter_size * sizeof(*code)) : seccomp_built_in;
	const struct wire w = { .kind = WIRE_LISTENER };
	bool report = p->flags & PLAN_FILTER_REPORTS;
	int listener;

	if (!code)
		return err_set(e, "filter the system calls: the filter that was handed over is not whole");
	if (needs_admin(p) && caps_raise(1ULL << CAP_SYS_ADMIN, e) < 0)
		return err_prefix(e, "filter the system calls");
	listener = seccomp_install(code, p->filter ? p->filter_size : seccomp_built_in_size, report, e);
	if (listener < 0)
		return -1;
	return report && wire_send_with(PLAN_FD_WIRE, &w, listener, SECCOMP_HANDOVER_FLAGS) < 0 ?
		       err_sys(e, "hand the reports of system calls to the monitor") :
		       0;
}

/* Everything about who it is and what it may do. The order matters: limits and bounding set while still privileged, Landlock
 * too, which without no_new_privs takes a capability, the directory with the rights of the user. */
static int restrict_child(const struct child *c, const struct user *u, struct err *e)
{
	const struct plan *p = c->plan;
	const char *cwd = plan_text(p, p->cwd);

	if (!c->as_root && (set_limits(p, e) < 0 || child_set_oom_score(p, e) < 0))
		return -1;
	if (p->flags & PLAN_MAKE_CWD && cwd && !c->as_root && make_directory(cwd, u, e) < 0)
		return -1;
	if (p->flags & PLAN_CAPS && caps_limit(p->caps_before, p->caps, e) < 0)
		return -1;
	if (p->flags & PLAN_NO_NEW_PRIVS && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "set no_new_privs");
	if (access_restrict(p, c->exec_fd, e) < 0)
		return -1;
	if (p->flags & PLAN_IDENTITY && become_user(p, u, e) < 0)
		return -1;
	if (p->flags & PLAN_IDENTITY)
		umask(c->as_root ? 022 : p->umask);
	if (p->flags & PLAN_FIRST && enter_directory(cwd && !c->as_root ? cwd : "/", e) < 0)
		return -1;
	/* A change of identity clears the parent death signal: set it after. */
	if (c->parent_signal && prctl(PR_SET_PDEATHSIG, c->parent_signal) < 0)
		return err_sys(e, "set the parent death signal");
	if (c->parent_signal && c->parent && poll(&(struct pollfd){ .fd = c->parent }, 1, 0) > 0)
		return err_set(e, "who started it has died");
	return 0;
}

int child_exec(const struct child *c, struct err *e)
{
	const struct plan *p = c->plan;
	auto_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct user u = { .home = "/", .shell = "/bin/sh", .name = "root" };
	char *const *env = c->env;

	if (c->tty >= 0 && take_terminal(c->tty, e) < 0)
		return -1;
	if (c->tty < 0 && c->group)
		take_foreground();
	if (p->flags & PLAN_IDENTITY) {
		if (root < 0)
			return err_sys(e, "open the container's root");
		if (user_resolve(root, c->as_root ? NULL : plan_text(p, p->user), c->as_root ? NULL : plan_text(p, p->groups),
				 &u, e) < 0)
			return -1;
		env = make_env(c->env, &u, e);
		if (!env)
			return -1;
		/* Else a program could write to its terminal, but not open /dev/stderr. */
		if (c->tty >= 0 && fchown(0, u.uid, (gid_t)-1) < 0)
			return err_sys(e, "give the terminal to user %s", u.name);
		for (int fd = 1; fd < 3 && p->flags & PLAN_OWN_PIPES && !c->as_root; fd++)
			if (fchown(fd, u.uid, (gid_t)-1) < 0)
				return err_sys(e, "give the standard streams to user %s", u.name);
	}
	if (restrict_child(c, &u, e) < 0)
		return -1;
	sig_set_dispositions(0, p->signal_ignored);
	sig_set_mask(p->signal_mask);
	if (p->flags & PLAN_FILTER && filter_calls(p, e) < 0)
		return -1;
	execute(c, &u, env, e);
	/* The codes for what cannot be run are the command's alone. */
	if (c->as_root)
		e->code = 0;
	return -1;
}
