/* SPDX-License-Identifier: Zlib
 * What is checked and made ready on the host before a container is forked. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/auto.h"
#include "box/access.h"
#include "box/control.h"
#include "box/dev.h"
#include "box/dirs.h"
#include "box/gui.h"
#include "box/hooks.h"
#include "box/launch.h"
#include "box/limits.h"
#include "box/pidfile.h"
#include "box/plan.h"
#include "box/root.h"
#include "box/user.h"
#include "sys/caps.h"
#include "sys/cgroup_limit.h"
#include "sys/exe.h"
#include "sys/fd.h"
#include "sys/kernel.h"
#include "sys/mount.h"

enum { HOOK_TIMEOUT_MS = 10000, ROOTS = 8 };

/* --- before anything is touched ----------------------------------------------------------------------------------- */

static int check_hook(const char *key, const char *file, struct err *e)
{
	struct stat st;

	if (file && (stat(file, &st) < 0 || access(file, X_OK) < 0))
		return err_sys(e, "%s: %s", key, file);
	if (file && !S_ISREG(st.st_mode))
		return err_set(e, "%s: %s is not a file", key, file);
	return 0;
}

static int check_mountpoint(const char *path, struct err *e)
{
	struct stat st;

	if (path && stat(path, &st) < 0)
		return err_sys(e, "mountpoint: %s", path);
	return path && !S_ISDIR(st.st_mode) ? err_set(e, "mountpoint: %s is not a directory", path) : 0;
}

/* Its real path goes to l->stage: a place where nothing is mounted yet. */
static int take_mountpoint(struct launch *l, struct err *e)
{
	auto_free char *path = realpath(l->spec->mountpoint, NULL);
	auto_fd int here = path ? open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	auto_fd int above = here < 0 ? -1 : openat(here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (above < 0)
		return err_sys(e, "mountpoint: %s", l->spec->mountpoint);
	if (strlen(path) >= sizeof(l->stage))
		return err_set(e, "mountpoint: the path is too long");
	strcpy(l->stage, path);
	if (mount_id(here) != mount_id(above))
		return err_set(e, "mountpoint: something is mounted on %s already", path);
	return 0;
}

static int check_mounts(const struct spec *s, struct err *e)
{
	for (size_t i = 0; i < s->nmounts; i++)
		if (s->mounts[i].source && !s->mounts[i].optional && access(s->mounts[i].source, F_OK) < 0)
			return err_sys(e, "mount: %s", s->mounts[i].source);
	return 0;
}

/* What must be opened on the host for the container, and can be missing. */
static int open_files(struct launch *l, struct err *e)
{
	const struct spec *s = l->spec;

	l->proc = fd_open_proc(e);
	if (l->proc < 0)
		return -1;
	l->in.exe = exe_open("/proc/self/exe", e);
	if (l->in.exe < 0) {
		e->code = 0; /* it is not the command */
		return -1;
	}
	if (s->command.n && *s->command.v[0] == '@') {
		l->in.command = exe_open(s->command.v[0] + 1, e);
		if (l->in.command < 0)
			return err_prefix(e, "command");
	}
	if (s->init_script) {
		l->in.script = exe_copy_script(s->init_script, e);
		if (l->in.script < 0)
			return err_prefix(e, "init_script");
	}
	return 0;
}

/* A passwd that the container has, or will have once it is put together. */
static void open_roots(const struct spec *s, int *roots, size_t *n)
{
	if (s->upper)
		roots[(*n)++] = open(s->upper, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->overlay) {
		auto_fd int dir = open(s->overlay, O_PATH | O_DIRECTORY | O_CLOEXEC);

		roots[(*n)++] = dir < 0 ? -1 : openat(dir, "upper", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (s->root)
		roots[(*n)++] = open(s->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < s->lower.n && *n < ROOTS; i++)
		roots[(*n)++] = open(s->lower.v[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int add_gui(struct spec *s, struct err *e)
{
	int roots[ROOTS], result;
	size_t n = 0;

	open_roots(s, roots, &n);
	result = gui_expand(s, roots, n, e);
	while (n)
		fd_close(&roots[--n]);
	return result;
}

/* A kernel without any is a warning where none was asked for. */
static int choose_filter(struct launch *l, struct err *e)
{
	struct err missing;

	if (filter_choose(l->spec, l->caps, &l->filter, &missing, e) < 0)
		return -1;
	if (*missing.text)
		container_warn(&l->c, missing.text);
	return 0;
}

/* Whether init must have what puts the programs that it starts under a filter or Landlock rules. */
static bool needs_admin(const struct launch *l)
{
	return (l->access || l->filter.on) && !l->spec->no_new_privs;
}

/* Whether somebody inside could get hold of that, by tracing init, who was not given it. */
static bool lends_admin(const struct launch *l)
{
	return needs_admin(l) && !l->in.userns && l->caps & 1ULL << CAP_SYS_PTRACE && !(l->caps & 1ULL << CAP_SYS_ADMIN);
}

/* LIBDIR, which spec_check has taken it to be in, is root's. */
static int own_library(struct spec *s, struct err *e)
{
	auto_free char *dir = dirs_path(DIRS_LIB, e);
	auto_free char *path = dir ? str_format(e, "%s/%s", dir, s->name) : NULL;

	return path ? str_replace(&s->overlay, path, e) : -1;
}

int launch_check(struct launch *l, struct err *e)
{
	const struct spec *s = l->spec;

	if (userns_demand(l->spec, e) < 0 || spec_check(l->spec, e) < 0)
		return -1;
	if (s->overlay_persistent && own_library(l->spec, e) < 0)
		return -1;
	l->in.userns = (s->namespaces & NS_USER) != 0;
	l->caps = s->privileged ? UINT64_MAX : caps_default();
	if (caps_change(&l->caps, &s->cap_add, &s->cap_drop, e) < 0 ||
	    caps_ambient(&l->ambient, &s->cap_ambient, l->caps, e) < 0 || access_check(s, &l->access, &l->in.scope, e) < 0)
		return -1;
	if (access_gap(l->access))
		container_warn(&l->c, access_gap(l->access));
	if (choose_filter(l, e) < 0)
		return -1;
	if (lends_admin(l))
		container_warn(&l->c, "cap_add: with sys_ptrace and without no_new_privs it can make use of init's sys_admin");
	if (s->gui && add_gui(l->spec, e) < 0)
		return -1;
	if (check_mounts(s, e) < 0 || check_mountpoint(s->mountpoint, e) < 0 || dev_check(s, e) < 0 ||
	    check_hook("hook_init", s->hook_init, e) < 0 || check_hook("hook_shutdown", s->hook_shutdown, e) < 0 ||
	    limits_check(s, e) < 0)
		return -1;
	return open_files(l, e) < 0 ? -1 : root_check(s, e);
}

int box_check(struct spec *s, struct err *e)
{
	const struct box_options none = { .detach = true };
	struct launch l;
	int result;

	launch_init(&l, s, &none);
	result = launch_check(&l, e);
	launch_close(&l);
	filter_free(&l.filter);
	fd_close(&l.in.exe);
	return result;
}

/* --- the plan ----------------------------------------------------------------------------------------------------- */

/* What was asked for, and the terminal's type. The last one of a name counts. */
static uint32_t add_environment(struct plan_builder *b, const struct spec *s, bool tty, uint32_t *n, struct err *e)
{
	const char *term = getenv("TERM");
	struct words env = { 0 };
	char text[64];
	uint32_t at;

	snprintf(text, sizeof(text), "TERM=%s", term && *term ? term : "vt100");
	b->failed |= tty && words_set_env(&env, text, e) < 0;
	for (size_t i = 0; i < s->env.n; i++)
		b->failed |= words_set_env(&env, s->env.v[i], e) < 0;
	at = plan_add_list(b, env.v, n);
	words_free(&env);
	return at;
}

static int make_plan(struct launch *l, struct err *e)
{
	const struct spec *s = l->spec;
	struct plan_builder b = { 0 };
	struct plan *h = &b.head;
	auto_free struct plan *p = NULL;

	h->flags = PLAN_FIRST | PLAN_IDENTITY | PLAN_CAPS | (l->in.tty ? PLAN_TTY : 0) | (s->keep ? PLAN_KEEP : 0) |
		   (l->in.command >= 0 ? PLAN_COMMAND_FD : 0) | (l->in.script >= 0 ? PLAN_SCRIPT_FD : 0) |
		   (l->c.pipes[1] >= 0 && l->options->detach ? PLAN_OWN_PIPES : 0) | (s->no_new_privs ? PLAN_NO_NEW_PRIVS : 0) |
		   (s->cwd_make ? PLAN_MAKE_CWD : 0) | (s->oom_score_adj_set ? PLAN_OOM : 0) |
		   (s->privileged ? 0 : PLAN_LOCK_CAPS) | (l->in.own_groups ? PLAN_OWN_GROUPS : 0);
	h->signal_mask = l->signal_mask;
	h->signal_ignored = l->signal_ignored;
	h->caps = l->caps;
	h->caps_before = l->in.caps = l->caps | caps_init() | (needs_admin(l) ? 1ULL << CAP_SYS_ADMIN : 0);
	h->ambient = l->ambient;
	h->access = l->access;
	h->scope = l->in.scope;
	l->in.lock_caps = h->flags & PLAN_LOCK_CAPS && !l->ambient;
	h->stop_timeout_ms = s->stop_timeout_ms;
	h->hook_timeout_ms = HOOK_TIMEOUT_MS;
	h->stop_signal = s->stop_signal;
	h->oom_score_adj = s->oom_score_adj;
	h->umask = s->umask;
	h->rlimits_set = s->rlimits_set;
	for (int i = 0; i < PLAN_NRLIMITS; i++)
		h->rlimits[i] = (struct plan_rlimit){ s->rlimits[i].soft, s->rlimits[i].hard };
	/* Without the '@'. */
	if (l->in.command >= 0)
		memmove(s->command.v[0], s->command.v[0] + 1, strlen(s->command.v[0]));
	h->argv = plan_add_list(&b, s->command.v, &h->argc);
	h->env = add_environment(&b, s, l->in.tty, &h->envc, e);
	h->user = plan_add(&b, s->user);
	h->groups = plan_add(&b, s->groups);
	h->cwd = plan_add(&b, s->cwd);
	h->rules = plan_add_list(&b, s->landlock.v, &h->nrules);
	h->shutdown_hook = plan_add(&b, s->shutdown_hook);
	filter_plan(&l->filter, &b);
	p = plan_finish(&b, e);
	l->in.plan = p ? plan_seal(p, e) : -1;
	return l->in.plan < 0 ? -1 : 0;
}

/* --- the host's side ---------------------------------------------------------------------------------------------- */

static int describe(struct launch *l, struct err *e)
{
	const struct spec *s = l->spec;
	struct state *st = &l->c.state;
	const size_t room = 1024; /* for people to recognise it; the rest is cut */
	size_t used = 0;

	st->command = calloc(1, room);
	if (!st->command)
		return err_memory(e);
	for (size_t i = 0; i < s->command.n && used < room; i++)
		used += (size_t)snprintf(st->command + used, room - used, "%s%s", i ? " " : "", s->command.v[i]);
	if (l->options->config && str_replace(&st->config, l->options->config, e) < 0)
		return -1;
	st->started = (int64_t)time(NULL);
	st->keep = s->keep;
	st->stop_timeout_ms = s->stop_timeout_ms;
	return proc_identify(getpid(), &st->monitor, e);
}

/* The hooks see the root: it is mounted on the host. Who they are told the container runs as is looked up before it
 * starts. */
static int run_init_hook(struct launch *l, struct err *e)
{
	const struct spec *s = l->spec;
	struct state *st = &l->c.state;
	bool mounted = !s->root || s->mountpoint;
	struct user u;
	auto_fd int root = -1;

	if (!s->hook_init && !s->hook_shutdown && !s->mountpoint)
		return 0;
	if (l->in.userns && mounted)
		return err_set(e, "hooks and mountpoint with the namespace u need root=DIR: the overlay is made inside");
	st->root = mounted ? strdup(l->stage) : realpath(s->root, NULL);
	st->root_mounted = l->in.root_mounted = mounted;
	if (!st->root)
		return err_sys(e, "root: %s", s->root);
	if (state_save(st, e) < 0)
		return -1;
	root = mounted ? root_mount(s, l->stage, &(struct root_layers){ .n = 0 }, e) :
			 open(s->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return mounted ? -1 : err_sys(e, "root: %s", s->root);
	if (mounted)
		st->root_mount = mount_id(root);
	st->root_below = st->root_mount ? mount_below(st->root_mount, e) : 0;
	if (st->root_below < 0)
		return -1;
	if (user_resolve(root, s->user, s->groups, &u, e) < 0)
		return -1;
	st->uid = u.uid;
	st->gid = u.gid;
	/* From here on the shutdown hook is owed, however the start goes on. */
	if (s->hook_shutdown && str_replace(&st->hook_shutdown, s->hook_shutdown, e) < 0)
		return -1;
	if (state_save(st, e) < 0)
		return -1;
	return s->hook_init ? hooks_run(s->hook_init, "init", st->root, u.uid, u.gid, e) : 0;
}

/* Whether the container name, whose monitor and with it the lock is gone (keep), has this pid file. */
static int owns_pid_file(const char *name, void *path)
{
	struct state s;
	struct err ignored;
	bool owns =
		state_load(name, &s, &ignored) == 0 && s.keep && s.pid_file && !strcmp(s.pid_file, path) && proc_alive(&s.init);

	state_close(&s);
	return owns;
}

static int claim_pid_file(struct launch *l, struct err *e)
{
	struct state *st = &l->c.state;
	char *path = l->spec->pid_file;
	pid_t left = 0;
	int owned;

	if (!path)
		return 0;
	l->c.pid_file = pidfile_claim(path, &left, e);
	if (l->c.pid_file < 0)
		return -1;
	owned = left ? state_each(owns_pid_file, path, e) : 0;
	if (owned)
		return owned < 0 ? -1 : err_set(e, "pid_file: %s belongs to a container that is running", path);
	if (str_replace(&st->pid_file, path, e) < 0)
		return -1;
	/* Whoever comes after a sudden death has to know of it. */
	return state_save(st, e);
}

static void lack(const void *c, const char *text)
{
	container_warn(c, text);
}

/* Whether its root may mount as the host's does. */
static bool can_mount(const struct launch *l)
{
	return l->caps & 1ULL << CAP_SYS_ADMIN && !l->in.userns;
}

/* Whether the container is to have a cgroup: what limits, counts, freezes it, and without a pid namespace tells its processes
 * from others. In the foreground, where it is but started and ended, it costs more than it gives. */
static bool wants_cgroup(const struct launch *l)
{
	const struct spec *s = l->spec;

	return s->cgroup == SWITCH_YES || (s->cgroup == SWITCH_AUTO && (l->options->detach || spec_has_limit(s) ||
									!(s->namespaces & NS_PID) || can_mount(l)));
}

/* Whoever manages this machine's cgroups does not want any of ours. */
static bool may_not(int num)
{
	return num == EACCES || num == EPERM || num == EROFS || num == ENOSPC || num == EAGAIN;
}

static int make_cgroup(struct launch *l, struct err *e)
{
	const struct spec *s = l->spec;
	unsigned needed = limits_controllers(s, false) | (s->namespaces & NS_PID ? 0 : CGROUP_TRACK);
	unsigned wanted = limits_controllers(s, l->options->detach || s->cgroup == SWITCH_YES) | needed;
	struct state *st = &l->c.state;

	if (!wants_cgroup(l))
		return 0;
	/* Who can mount sees every hierarchy from where it is down: that must not be where we are. */
	if (can_mount(l))
		wanted |= CGROUP_ALL;
	/* Whoever comes after a sudden death has to know of it: it is written down before it is made. */
	if (cgroup_plan(st->name, wanted, &st->cgroup, e) < 0)
		return -1;
	if (st->cgroup && state_save(st, e) < 0)
		return -1;
	if (st->cgroup && cgroup_make(st->cgroup, wanted, needed, &l->cgroup, e) < 0) {
		free(st->cgroup);
		st->cgroup = NULL;
		if (!may_not(e->num))
			return -1;
		lack(&l->c, e->text);
	}
	cgroup_oom_as_one(&l->cgroup);
	if (!st->cgroup && !(s->namespaces & NS_PID))
		lack(&l->c,
		     "no cgroup can be made here: without a pid namespace, processes that leave init may outlive the container");
	if (!st->cgroup && s->cgroup == SWITCH_YES) {
		cgroup_explain(&l->cgroup, CGROUP_MEMORY, "", e);
		if (err_prefix(e, "cgroup=yes") < 0 && s->strict)
			return -1;
		lack(&l->c, e->text);
	}
	return limits_apply(s, &l->cgroup, lack, &l->c, e);
}

int launch_prepare(struct launch *l, struct err *e)
{
	struct state *st = &l->c.state;

	if (describe(l, e) < 0 || (l->in.userns && userns_choose(l->spec, st, &l->userns, e) < 0))
		return -1;
	l->in.own_groups = l->in.userns && l->userns.by == IDMAP_OWN;
	if (launch_open_log(l, e) < 0 || claim_pid_file(l, e) < 0 || launch_make_streams(l, e) < 0 || make_plan(l, e) < 0)
		return -1;
	if (l->spec->mountpoint && take_mountpoint(l, e) < 0)
		return -1;
	if (!l->spec->mountpoint && state_path(st, "root", l->stage, sizeof(l->stage), e) < 0)
		return -1;
	l->c.control = control_listen(st, e);
	if (l->c.control < 0 || state_make_stage(st, l->in.userns && geteuid() == 0, e) < 0 || make_cgroup(l, e) < 0 ||
	    run_init_hook(l, e) < 0)
		return -1;
	return 0;
}
