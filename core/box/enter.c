/* SPDX-License-Identifier: Zlib
 * Joining a container. Three processes: this one stays on the host, relays the terminal and reaps; a joiner enters
 * the namespaces and is gone; its child, which is ours by CLONE_PARENT, becomes the program. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "box/end.h"
#include "box/filter.h"
#include "box/join.h"
#include "box/plan.h"
#include "box/relay.h"
#include "box/resource.h"
#include "box/state.h"
#include "box/wire.h"
#include "sys/caps.h"
#include "sys/cgroup.h"
#include "sys/exe.h"
#include "sys/fd.h"
#include "sys/kernel.h"
#include "sys/mount.h"
#include "sys/pty.h"
#include "sys/sig.h"

enum { ENDING_MS = 2000 };

bool enter_is_safe(void)
{
	return exe_is_safe();
}

int enter_again(char *const *argv, struct err *e)
{
	auto_fd int exe = exe_open("/proc/self/exe", e);

	if (exe < 0)
		return -1;
	sys_execveat(exe, argv, environ);
	return err_sys(e, "execute a safe copy of cagebox");
}

/* --- finding the container ---------------------------------------------------------------------------------------- */

static bool same_namespace(int fd, const char *file)
{
	char path[48];
	struct stat ours, theirs;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", file);
	return stat(path, &ours) == 0 && fstat(fd, &theirs) == 0 && ours.st_ino == theirs.st_ino;
}

/* Open init's namespaces. The identity of init is checked again after: what was opened is what belongs to it. */
static int open_namespaces(struct visit *v, struct err *e)
{
	char path[32];
	auto_fd int dir = -1;

	snprintf(path, sizeof(path), "/proc/%d/ns", v->state.init.pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_sys(e, "open the namespaces of %s", v->state.name);
	for (size_t i = 0; i < JOIN_KINDS; i++) {
		v->ns[i] = openat(dir, join_kinds[i].file, O_RDONLY | O_CLOEXEC);
		if (v->ns[i] < 0 && errno != ENOENT)
			return err_sys(e, "open the %s namespace of %s", join_kinds[i].file, v->state.name);
		if (v->ns[i] >= 0 && same_namespace(v->ns[i], join_kinds[i].file))
			fd_close(&v->ns[i]);
	}
	if (proc_alive(&v->state.init))
		return 0;
	errno = ESRCH;
	return err_sys(e, "open the namespaces of %s", v->state.name);
}

static int enter_cgroup(const struct state *s, pid_t pid, struct err *e)
{
	struct cgroup g;
	int result;

	if (!cgroup_open(s->cgroup, &g))
		result = err_set(e, "the cgroups of %s cannot be reached from here", s->name);
	else
		result = cgroup_enter(&g, pid, false, e);
	cgroup_close(&g);
	return result;
}

static int find_container(const char *name, struct visit *v, struct err *e)
{
	if (end_find(name, &v->state, e) < 0)
		return -1;
	/* Whoever enters a frozen cgroup stands still. */
	if (resource_is_paused(&v->state))
		return err_set(e, "the container %s is paused: resume it first", name);
	return open_namespaces(v, e);
}

/* --- what the program will be ------------------------------------------------------------------------------------- */

const struct plan *enter_plan(const struct state *s, struct err *e)
{
	auto_fd int fd = -1;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", s->init.pid, PLAN_FD_PLAN);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* It may be another's, who has got that pid by now. */
	if (fd >= 0 && !proc_alive(&s->init)) {
		fd_close(&fd);
		errno = ESRCH;
	}
	if (fd < 0) {
		err_sys(e, "read the settings of %s", s->name);
		return NULL;
	}
	return plan_map(fd, e);
}

/* The container's environment, then the terminal's type, then what was asked for; the last one of a name counts. */
static uint32_t add_environment(struct visit *v, struct plan_builder *b, const struct plan *base, uint32_t *n, struct err *e)
{
	const char *term = getenv("TERM");
	char **given = plan_list(base, base->env, base->envc);
	struct words env = { 0 };
	char text[64];
	uint32_t at;
	int failed = !given;

	for (char **p = given; p && *p && !v->options->own_env; p++)
		failed |= words_set_env(&env, *p, e) < 0;
	snprintf(text, sizeof(text), "TERM=%s", term && *term ? term : "vt100");
	failed |= v->tty && words_set_env(&env, text, e) < 0;
	for (size_t i = 0; i < v->options->env.n; i++)
		failed |= words_set_env(&env, v->options->env.v[i], e) < 0;
	b->failed |= failed;
	at = plan_add_list(b, env.v, n);
	words_free(&env);
	free(given);
	return at;
}

static uint32_t copy_list(struct plan_builder *b, const struct plan *base, uint32_t offset, uint32_t *n)
{
	char **list = plan_list(base, offset, *n);
	uint32_t at = plan_add_list(b, list, n);

	b->failed |= !list;
	free(list);
	return at;
}

/* The container's filter; the built-in profile for the capabilities that this program has. Nobody is told of its calls. */
static int add_filter(struct plan_builder *b, const struct plan *base, struct err *e)
{
	size_t size = base->filter_size * sizeof(struct sock_filter);
	const void *code = base->filter ? plan_block(base, base->filter, size) : NULL;
	struct filter f = { 0 };
	int result = 0;

	if (base->flags & PLAN_FILTER_BUILT_IN)
		result = filter_built_in(b->head.caps, &f, e);
	if (base->flags & PLAN_FILTER_BUILT_IN)
		filter_plan(&f, b);
	else
		b->head.filter = code ? plan_add_block(b, code, size) : 0;
	filter_free(&f);
	return result;
}

/* It runs as the container's command does, unless told otherwise. */
static int make_plan(struct visit *v, uint64_t mask, uint64_t ignored, struct err *e)
{
	const struct enter_options *o = v->options;
	const struct plan *base = enter_plan(&v->state, e);
	struct plan_builder b = { 0 };
	bool failed;

	if (!base)
		return -1;
	b.head = *base;
	b.head.flags &= PLAN_FIRST | PLAN_IDENTITY | PLAN_CAPS | PLAN_NO_NEW_PRIVS | PLAN_LOCK_CAPS | PLAN_OOM | PLAN_FILTER |
			PLAN_OWN_GROUPS;
	b.head.flags |= o->cwd_make ? PLAN_MAKE_CWD : 0;
	b.head.signal_mask = mask;
	b.head.signal_ignored = ignored;
	b.head.argv = plan_add_list(&b, o->command.v, &b.head.argc);
	b.head.env = add_environment(v, &b, base, &b.head.envc, e);
	b.head.user = plan_add(&b, o->user ? o->user : plan_text(base, base->user));
	b.head.groups = plan_add(&b, o->groups || o->user ? o->groups : plan_text(base, base->groups));
	b.head.cwd = plan_add(&b, o->cwd ? o->cwd : plan_text(base, base->cwd));
	b.head.shutdown_hook = 0;
	b.head.access |= base->scope;
	b.head.rules = copy_list(&b, base, base->rules, &b.head.nrules);
	failed = caps_change(&b.head.caps, &o->cap_add, &o->cap_drop, e) < 0 || add_filter(&b, base, e) < 0;
	/* As init has, out of which the command came. */
	b.head.caps_before = base->caps_before | b.head.caps;
	if (b.head.access && !(b.head.flags & PLAN_NO_NEW_PRIVS))
		b.head.caps_before |= 1ULL << CAP_SYS_ADMIN;
	plan_unmap(base);
	if (failed) {
		free(b.block);
		return -1;
	}
	b.head.ambient &= b.head.caps;
	v->plan = plan_finish(&b, e);
	return v->plan ? 0 : -1;
}

/* As in launch: never the caller's terminal itself, nor the host's null device. */
static int make_streams(struct visit *v, struct err *e)
{
	for (int fd = 0; fd < 3; fd++) {
		int pair[2];

		v->streams[fd] = v->pipes[fd] = -1;
		if (v->tty || fd_is_null(fd))
			continue;
		if (!isatty(fd)) {
			v->streams[fd] = fd;
			continue;
		}
		if (pipe2(pair, O_CLOEXEC) < 0)
			return err_sys(e, "make a pipe");
		v->streams[fd] = pair[fd ? 1 : 0];
		v->pipes[fd] = pair[fd ? 0 : 1];
	}
	return 0;
}

/* What is to be mounted is cloned here: from inside, the host's mounts are another namespace's. */
static int clone_mounts(struct visit *v, struct err *e)
{
	const struct enter_options *o = v->options;

	v->trees = o->nmounts ? malloc(o->nmounts * sizeof(*v->trees)) : NULL;
	if (o->nmounts && !v->trees)
		return err_memory(e);
	for (size_t i = 0; i < o->nmounts; i++)
		v->trees[i] = -1;
	for (size_t i = 0; i < o->nmounts; i++) {
		const struct spec_mount *m = &o->mounts[i];
		auto_fd int source = -1;

		if (m->type != MOUNT_BIND)
			continue;
		source = open(m->source, O_PATH | O_CLOEXEC);
		if (source < 0)
			return err_sys(e, "mount: %s", m->source);
		v->trees[i] = mount_clone(source, m->source, true,
					  MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (m->read_only ? MOUNT_ATTR_RDONLY : 0), e);
		if (v->trees[i] < 0)
			return -1;
	}
	return 0;
}

/* --- on the host -------------------------------------------------------------------------------------------------- */

static int start(struct visit *v, struct err *e)
{
	struct wire w;
	int pair[2], status;
	pid_t joiner;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket");
	v->wire = pair[0];
	joiner = fork();
	if (joiner == 0) {
		close(pair[0]);
		join_container(v, pair[1]);
	}
	close(pair[1]);
	for (int fd = 0; fd < 3; fd++)
		if (v->pipes[fd] >= 0)
			fd_close(&v->streams[fd]);
	if (joiner < 0)
		return err_sys(e, "fork");
	if (wire_recv(v->wire, &w, NULL, 0) != 1)
		err_set(&w.err, "the joining process died");
	else if (w.kind == WIRE_READY)
		v->pid = w.number;
	while (waitpid(joiner, &status, 0) < 0 && errno == EINTR)
		;
	if (v->pid <= 0) {
		*e = w.err;
		return -1;
	}
	if (enter_cgroup(&v->state, v->pid, e) < 0)
		return -1;
	w = (struct wire){ .kind = WIRE_GO };
	return wire_send(v->wire, &w, -1) < 0 ? err_sys(e, "start the program") : 0;
}

/* The program's process has ended: its code. */
static bool reaped(struct visit *v, int *code)
{
	int status;

	if (waitpid(v->pid, &status, WNOHANG) != v->pid)
		return false;
	*code = WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}

static void forward(struct visit *v, struct relay *relay, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;
	/* From the terminal: for all that runs in the foreground. The program leads a session. */
	pid_t to = info->ssi_code == SI_KERNEL || signal == SIGTSTP ? -v->pid : v->pid;
	struct err ignored;
	bool raw = relay && relay->raw;

	if (signal == SIGCHLD || signal == SIGPIPE || signal == SIGCONT || (raw && signal == SIGWINCH))
		return;
	if (signal != SIGTSTP) {
		kill(to, signal);
		return;
	}
	if (raw)
		relay_cooked(relay);
	else
		kill(to, SIGTSTP);
	raise(SIGSTOP);
	if (raw)
		relay_raw(relay, &ignored);
	else
		kill(to, SIGCONT);
}

/* One wait of the loop. Returns whether the program has ended. */
static bool step(struct visit *v, struct relay **relay, int *master, int signals, int *code, struct err *e)
{
	struct pollfd polls[2 + RELAY_POLLS] = { { .fd = signals, .events = POLLIN }, { .fd = v->wire, .events = POLLIN } };
	size_t n = *relay ? relay_polls(*relay, polls + 2) : 0;
	struct signalfd_siginfo info;
	struct wire w;
	int fd;

	if (poll(polls, (nfds_t)(2 + n), -1) < 0)
		return false;
	if (n)
		relay_copy(*relay, polls + 2, n);
	if (polls[1].revents) {
		if (wire_recv(v->wire, &w, &fd, MSG_DONTWAIT) <= 0)
			fd_close(&v->wire);
		else if (w.kind == WIRE_TTY && fd >= 0 && *master < 0) {
			*master = fd;
			*relay = relay_pty(fd, e);
			if (*relay)
				relay_raw(*relay, e);
		} else if (w.kind == WIRE_ERROR)
			*e = w.err;
	}
	while (polls[0].revents && read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if ((int)info.ssi_signo == SIGWINCH && *master >= 0)
			pty_copy_size(0, *master);
		forward(v, *relay, &info);
	}
	return reaped(v, code);
}

static int look_after(struct visit *v, int *code, struct err *e)
{
	uint64_t mask = SIG_ALL & ~(sig_bit(SIGTTIN) | sig_bit(SIGTTOU));
	auto_fd int signals = -1, master = -1;
	struct relay *relay = NULL;
	struct wire w;
	int result = 0;

	sig_set_mask(mask);
	signals = sig_fd(mask, e);
	if (signals < 0)
		return -1;
	if (!v->tty && (v->pipes[0] >= 0 || v->pipes[1] >= 0 || v->pipes[2] >= 0))
		relay = relay_pipes(v->pipes, e);
	*e = (struct err){ 0 };
	while (!step(v, &relay, &master, signals, code, e))
		;
	/* Its last words. */
	while (v->wire >= 0 && wire_recv(v->wire, &w, NULL, MSG_DONTWAIT) == 1)
		if (w.kind == WIRE_ERROR)
			*e = w.err;
	if (*e->text)
		result = -1;
	if (relay)
		relay_end(relay);
	return result;
}

/* The program does not run. When the container is about to end, that is why: its namespaces take no more processes, its
 * files in /proc go before it does. */
static void give_up(struct visit *v, struct err *e)
{
	bool ending = e->num == ENOENT || e->num == ESRCH || e->num == ENOMEM || e->num == EPIPE || e->num == EINVAL;

	if (v->pid > 0) {
		kill(v->pid, SIGKILL);
		waitpid(v->pid, NULL, 0);
	}
	if (!v->state.init.pid || !proc_wait_gone(&v->state.init, ending ? ENDING_MS : 0))
		return;
	err_set(e, "the container %s has just ended", v->state.name);
	e->num = ESRCH;
}

int enter_run(const char *name, const struct enter_options *o, int *code, struct err *e)
{
	struct visit v = { .options = o, .wire = -1, .ns = { -1, -1, -1, -1, -1, -1, -1, -1 } };
	uint64_t mask, ignored = sig_ignored();
	int result = -1;

	state_init(&v.state);
	v.tty = o->tty == SWITCH_YES || (o->tty == SWITCH_AUTO && isatty(0) && isatty(1));
	/* That may take its time: whoever waits for it can be ended like any other program. */
	if (find_container(name, &v, e) < 0) {
		give_up(&v, e);
		state_close(&v.state);
		return -1;
	}
	sig_block_all(&mask);
	sig_set_dispositions(ignored, ignored & ~sig_bit(SIGCHLD));
	if (make_plan(&v, mask, ignored, e) == 0 && clone_mounts(&v, e) == 0 && make_streams(&v, e) == 0 && start(&v, e) == 0)
		result = look_after(&v, code, e);
	else
		give_up(&v, e);
	fd_close(&v.wire);
	for (size_t i = 0; i < JOIN_KINDS; i++)
		fd_close(&v.ns[i]);
	for (size_t i = 0; v.trees && i < o->nmounts; i++)
		fd_close(&v.trees[i]);
	free(v.trees);
	free(v.plan);
	state_close(&v.state);
	sig_set_dispositions(ignored & ~sig_bit(SIGCHLD), ignored);
	sig_set_mask(mask);
	return result;
}
