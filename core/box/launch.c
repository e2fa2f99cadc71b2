/* SPDX-License-Identifier: Zlib
 * Starting a container: checks, claims, prepares, forks, hands over to the monitor. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/auto.h"
#include "box/box.h"
#include "box/container.h"
#include "box/control.h"
#include "box/dev.h"
#include "box/hooks.h"
#include "box/inside.h"
#include "box/plan.h"
#include "box/root.h"
#include "box/user.h"
#include "sys/caps.h"
#include "sys/cgroup.h"
#include "sys/exe.h"
#include "sys/fd.h"
#include "sys/idmap.h"
#include "sys/kernel.h"
#include "sys/ns.h"
#include "sys/sig.h"

enum {
	HOOK_TIMEOUT_MS = 10000,
	/* The ids of a container with a user namespace: 65,536 from here on, where no distribution puts accounts. */
	USERNS_BASE = 1 << 30,
	USERNS_COUNT = 65536,
};

/* Where the detached monitor, which is executed anew, finds what it goes on with. */
enum { HANDOVER_LOCK = 3, HANDOVER_WIRE, HANDOVER_CONTROL, HANDOVER_MASTER, HANDOVER_END };

/* A start on its way. */
struct launch {
	const struct spec *spec;
	const struct box_options *options;
	struct container c;
	struct inside in;
	char stage[4096];
	int proc;
	uint64_t caps;
	uint64_t signal_mask, signal_ignored; /* the caller's */
};

/* --- before anything is touched ------------------------------------------------------------------------------------------ */

static int check_hook(const char *key, const char *file, struct err *e)
{
	if (file && access(file, X_OK) < 0)
		return err_sys(e, "%s: %s", key, file);
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
	if (l->in.exe < 0)
		return -1;
	if (s->command.n && *s->command.v[0] == '@') {
		l->in.command = exe_open(s->command.v[0] + 1, e);
		if (l->in.command < 0)
			return err_prefix(e, "command");
	}
	if (s->init_script) {
		l->in.script = open(s->init_script, O_RDONLY | O_CLOEXEC);
		if (l->in.script < 0)
			return err_sys(e, "init_script: %s", s->init_script);
	}
	return 0;
}

static int check(struct launch *l, struct err *e)
{
	const struct spec *s = l->spec;

	if (geteuid() != 0) {
		err_set(e, "containers need root here");
		return err_hint(e, "try sudo");
	}
	l->caps = caps_default();
	if (caps_change(&l->caps, &s->cap_add, &s->cap_drop, e) < 0)
		return -1;
	if (check_mounts(s, e) < 0 || dev_check(s, e) < 0 || check_hook("hook_init", s->hook_init, e) < 0 ||
	    check_hook("hook_shutdown", s->hook_shutdown, e) < 0)
		return -1;
	return open_files(l, e) < 0 ? -1 : root_check(s, e);
}

/* --- streams -------------------------------------------------------------------------------------------------------------- */

static bool wants_tty(const struct launch *l)
{
	if (l->spec->tty != SWITCH_AUTO)
		return l->spec->tty == SWITCH_YES;
	return !l->options->detach && isatty(0) && isatty(1);
}

/* A stream that is the caller's terminal is relayed through a pipe: whoever holds a terminal can type into it. */
static int make_stream(struct launch *l, int fd, struct err *e)
{
	int pair[2];

	if (l->options->detach || l->in.tty)
		return 0;
	if (!isatty(fd)) {
		l->in.streams[fd] = fd;
		return 0;
	}
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	l->in.streams[fd] = pair[fd ? 1 : 0];
	l->c.pipes[fd] = pair[fd ? 0 : 1];
	return 0;
}

static int make_streams(struct launch *l, struct err *e)
{
	l->in.tty = wants_tty(l);
	l->c.interactive = l->in.tty && !l->options->detach;
	for (int fd = 0; fd < 3; fd++)
		if (make_stream(l, fd, e) < 0)
			return -1;
	return 0;
}

/* --- the plan -------------------------------------------------------------------------------------------------------------- */

static uint32_t add_environment(struct plan_builder *b, const struct spec *s, bool tty, uint32_t *n, struct err *e)
{
	const char *term = getenv("TERM");
	struct words env = { 0 };
	bool given = false;
	uint32_t at = 0;

	for (size_t i = 0; i < s->env.n; i++)
		given |= !strncmp(s->env.v[i], "TERM=", 5);
	if (tty && !given) {
		auto_free char *text = str_format(e, "TERM=%s", term && *term ? term : "vt100");

		if (!text || words_add(&env, text, e) < 0)
			b->failed = true;
	}
	for (size_t i = 0; i < s->env.n; i++) {
		size_t len = strcspn(s->env.v[i], "=") + 1, later = i + 1;

		/* The last one of a name wins. */
		while (later < s->env.n && strncmp(s->env.v[i], s->env.v[later], len) != 0)
			later++;
		if (later == s->env.n && words_add(&env, s->env.v[i], e) < 0)
			b->failed = true;
	}
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
		   (s->no_new_privs ? PLAN_NO_NEW_PRIVS : 0) | (s->oom_score_adj_set ? PLAN_OOM : 0);
	h->signal_mask = l->signal_mask;
	h->signal_ignored = l->signal_ignored;
	h->caps = l->caps;
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
	h->shutdown_hook = plan_add(&b, s->shutdown_hook);
	p = plan_finish(&b, e);
	l->in.plan = p ? plan_seal(p, e) : -1;
	return l->in.plan < 0 ? -1 : 0;
}

/* --- the host's side ------------------------------------------------------------------------------------------------------- */

static int describe(struct launch *l, struct err *e)
{
	const struct spec *s = l->spec;
	struct state *st = &l->c.state;
	size_t used = 0, room = 1;

	for (size_t i = 0; i < s->command.n; i++)
		room += strlen(s->command.v[i]) + 1;
	st->command = calloc(1, room);
	if (!st->command)
		return err_memory(e);
	for (size_t i = 0; i < s->command.n; i++)
		used += (size_t)snprintf(st->command + used, room - used, "%s%s", i ? " " : "", s->command.v[i]);
	st->started = (int64_t)time(NULL);
	st->keep = s->keep;
	st->stop_timeout_ms = s->stop_timeout_ms;
	return proc_identify(getpid(), &st->monitor, e);
}

/* The hooks see the root: it is mounted on the host. Who they are told the container runs as is looked up before it starts. */
static int run_init_hook(struct launch *l, struct err *e)
{
	const struct spec *s = l->spec;
	struct state *st = &l->c.state;
	struct user u;
	auto_fd int root = -1;

	if (!s->hook_init && !s->hook_shutdown)
		return 0;
	if (l->in.userns && !s->root)
		return err_set(e, "hook_init and hook_shutdown with namespace u need root=DIR: the overlay is made inside");
	st->root = s->root ? realpath(s->root, NULL) : strdup(l->stage);
	st->root_mounted = !s->root;
	l->in.root_mounted = st->root_mounted;
	if (!st->root)
		return err_sys(e, "root: %s", s->root);
	if (state_save(st, e) < 0)
		return -1;
	root = s->root ? open(s->root, O_PATH | O_DIRECTORY | O_CLOEXEC) : root_mount(s, l->stage, &(struct root_layers){ .n = 0 }, e);
	if (root < 0)
		return s->root ? err_sys(e, "root: %s", s->root) : -1;
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

/* Without a pid namespace a cgroup is what tells the container's processes from others. */
static int make_cgroup(struct launch *l, struct err *e)
{
	struct state *st = &l->c.state;

	if (l->spec->namespaces & NS_PID)
		return 0;
	if (cgroup_make(st->name, &st->cgroup, e) < 0)
		return -1;
	if (!st->cgroup && l->options->warn)
		l->options->warn("no cgroup can be made here: without a pid namespace, processes that leave init may outlive the container");
	return 0;
}

static int prepare(struct launch *l, struct err *e)
{
	struct state *st = &l->c.state;

	if (describe(l, e) < 0 || make_streams(l, e) < 0 || make_plan(l, e) < 0)
		return -1;
	if (state_make_stage(st, e) < 0 || state_path(st, "root", l->stage, sizeof(l->stage), e) < 0 || make_cgroup(l, e) < 0 || run_init_hook(l, e) < 0)
		return -1;
	l->c.control = control_listen(st, e);
	return l->c.control < 0 ? -1 : 0;
}

/* --- the fork -------------------------------------------------------------------------------------------------------------- */

static uint64_t clone_flags(unsigned namespaces)
{
	static const struct {
		unsigned ns;
		uint64_t flag;
	} map[] = { { NS_USER, CLONE_NEWUSER }, { NS_PID, CLONE_NEWPID }, { NS_UTS, CLONE_NEWUTS },
		    { NS_IPC, CLONE_NEWIPC },   { NS_NET, CLONE_NEWNET }, { NS_CGROUP, CLONE_NEWCGROUP } };
	uint64_t flags = CLONE_NEWNS;

	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++)
		if (namespaces & map[i].ns)
			flags |= map[i].flag;
	return flags;
}

static int fork_inside(struct launch *l, struct err *e)
{
	unsigned namespaces = l->spec->namespaces;
	auto_fd int old_time = -1, pidfd = -1;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make the socket to the container");
	l->c.wire = pair[0];
	l->in.wire = pair[1];
	if (namespaces & NS_TIME) {
		old_time = ns_time_begin(l->proc, e);
		if (old_time < 0)
			return -1;
	}
	pid = ns_fork(clone_flags(namespaces), &pidfd, e);
	if (pid == 0) {
		close(pair[0]);
		inside_run(&l->in);
	}
	if (old_time >= 0 && pid > 0 && ns_time_end(old_time, e) < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return -1;
	}
	fd_close(&l->in.wire);
	l->c.init = pid;
	return pid < 0 ? -1 : 0;
}

/* Give the user namespace its ids, and send the root in by mounts that show the files with their owners mapped. */
static int map_ids(struct launch *l, struct err *e)
{
	struct wire w = { .kind = WIRE_LAYER };
	struct root_layers layers;
	auto_fd int ns = -1;
	int result;

	if (!l->in.userns)
		return 0;
	if (idmap_write(l->proc, l->c.init, USERNS_BASE, USERNS_COUNT, e) < 0)
		return -1;
	ns = idmap_open_ns(l->proc, l->c.init, e);
	if (ns < 0)
		return -1;
	result = root_map_layers(l->spec, ns, &layers, e);
	for (int i = 0; result == 0 && i < layers.n; i++)
		if (wire_send(l->c.wire, &w, layers.fds[i]) < 0)
			result = err_sys(e, "hand the root to the container");
	root_close_layers(&layers);
	return result;
}

/* Write down who init is before it may do anything, then let it go. */
static int release(struct launch *l, struct err *e)
{
	struct wire go = { .kind = WIRE_GO };
	struct state *st = &l->c.state;

	if (proc_identify(l->c.init, &st->init, e) < 0 || (st->cgroup && cgroup_enter(st->cgroup, l->c.init, e) < 0) ||
	    map_ids(l, e) < 0 || state_save(st, e) < 0)
		return -1;
	if (wire_send(l->c.wire, &go, -1) < 0)
		return err_sys(e, "start the container");
	return 0;
}

static void close_launch(struct launch *l)
{
	int *fds[] = { &l->proc, &l->in.exe, &l->in.plan, &l->in.command, &l->in.script, &l->in.wire };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		fd_close(fds[i]);
	/* The container's ends of the pipes, so that their other ends see its end. */
	for (int fd = 0; fd < 3; fd++)
		if (l->c.pipes[fd] >= 0)
			fd_close(&l->in.streams[fd]);
}

/* Take back everything that a start has done. e keeps what made it fail. */
static int give_up(struct launch *l)
{
	struct err ignored;

	if (l->c.init > 0) {
		kill(l->c.init, SIGKILL);
		waitpid(l->c.init, NULL, 0);
	}
	close_launch(l);
	fd_close(&l->c.wire);
	fd_close(&l->c.control);
	if (l->c.state.lock >= 0) {
		l->c.state.named = false;
		state_finish(&l->c.state, &ignored);
	}
	state_close(&l->c.state);
	return -1;
}

/* From the claim to the point at which init is on its own. */
static int start(struct launch *l, struct err *e)
{
	if (state_claim(l->spec->name, &l->c.state, e) < 0)
		return give_up(l);
	l->in.name = l->c.state.name;
	l->in.stage = l->stage;
	if (prepare(l, e) < 0 || fork_inside(l, e) < 0 || release(l, e) < 0)
		return give_up(l);
	close_launch(l);
	return 0;
}

/* --- after the end ---------------------------------------------------------------------------------------------------------- */

/* The container has ended: clean up, then tell who waits. */
static int finish(struct monitor *m, bool failed)
{
	struct state *st = &m->c->state;
	struct err cleaning;
	int result;

	if (failed)
		st->named = false;
	/* Reaped already. */
	st->init = (struct proc_id){ 0 };
	result = state_finish(st, &cleaning);
	if (result < 0 && m->c->warn)
		m->c->warn(cleaning.text);
	/* The lock goes before the answers: who was told that it has ended may start it again. */
	fd_close(&st->lock);
	monitor_goodbye(m);
	fd_close(&m->c->wire);
	fd_close(&m->c->master);
	return failed ? -1 : 0;
}

static void fill_result(const struct state *st, struct box_result *r)
{
	memcpy(r->name, st->name, sizeof(r->name));
	r->reason = st->reason;
	r->code = st->code;
}

static int run_foreground(struct launch *l, struct box_result *r, struct err *e)
{
	struct monitor m;
	int result;

	if (start(l, e) < 0)
		return -1;
	monitor_init(&m, &l->c);
	result = monitor_run(&m, UNTIL_END, e);
	if (result < 0 && !m.ended) {
		give_up(l);
		return -1;
	}
	fill_result(&l->c.state, r);
	result = finish(&m, result < 0);
	state_close(&l->c.state);
	return result;
}

/* --- detached --------------------------------------------------------------------------------------------------------------- */

/* What the process that becomes the monitor tells the one that returns to the user. */
struct report {
	int result;
	char name[64];
	struct err err;
};

/* Become the monitor, executed anew: nothing of what the launcher had in memory stays. */
static _Noreturn void hand_over(struct launch *l)
{
	int fds[] = { l->c.state.lock, l->c.wire, l->c.control, l->c.master };
	const char *argv[] = { "cagebox-monitor", l->c.state.name, NULL };
	struct err e;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (fd_arrange(fds, HANDOVER_LOCK, HANDOVER_END - HANDOVER_LOCK, &e) == 0) {
		fd_close_from(HANDOVER_END);
		execve("/proc/self/exe", (char *const *)(uintptr_t)argv, environ);
	}
	/* Should that fail, init sees this process go and ends. */
	_exit(EXIT_CAGEBOX);
}

static _Noreturn void run_detached(struct launch *l, int to_launcher)
{
	struct report report = { 0 };
	struct monitor m;

	setsid();
	report.result = start(l, &report.err);
	if (report.result == 0) {
		monitor_init(&m, &l->c);
		report.result = monitor_run(&m, UNTIL_READY, &report.err);
		memcpy(report.name, l->c.state.name, sizeof(report.name));
		if (report.result < 0 || m.ended) {
			struct container *c = &l->c;

			if (!m.ended) {
				kill(c->init, SIGKILL);
				waitpid(c->init, NULL, 0);
			}
			finish(&m, report.result < 0);
		}
	}
	fd_write_all(to_launcher, &report, sizeof(report));
	close(to_launcher);
	if (report.result < 0 || m.ended || chdir("/") < 0)
		_exit(0);
	hand_over(l);
}

static int run_in_background(struct launch *l, struct box_result *r, struct err *e)
{
	struct report report;
	int pair[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		/* A child of a child: the caller need not reap it. */
		pid = fork();
		if (pid == 0)
			run_detached(l, pair[1]);
		_exit(pid < 0);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return err_sys(e, "fork the monitor");
	}
	waitpid(pid, &status, 0);
	do
		n = read(pair[0], &report, sizeof(report));
	while (n < 0 && errno == EINTR);
	close(pair[0]);
	close_launch(l);
	if (n != (ssize_t)sizeof(report))
		return err_set(e, "the monitor died before the container ran");
	*e = report.err;
	memcpy(r->name, report.name, sizeof(r->name));
	return report.result;
}

int box_run(struct spec *s, const struct box_options *o, struct box_result *r, struct err *e)
{
	struct launch l = {
		.spec = s,
		.options = o,
		.c = { .init = -1, .wire = -1, .control = -1, .master = -1, .pipes = { -1, -1, -1 }, .warn = o->warn },
		.in = { .spec = s, .wire = -1, .exe = -1, .plan = -1, .command = -1, .script = -1, .streams = { -1, -1, -1 } },
		.proc = -1,
	};
	int result;

	*r = (struct box_result){ 0 };
	state_init(&l.c.state);
	if (spec_check(s, e) < 0)
		return -1;
	l.in.userns = (s->namespaces & NS_USER) != 0;
	if (check(&l, e) < 0) {
		close_launch(&l);
		return -1;
	}
	l.signal_ignored = sig_ignored();
	sig_block_all(&l.signal_mask);
	/* With SIGCHLD ignored the kernel would reap init, and how it ended would be lost. */
	sig_set_dispositions(l.signal_ignored & ~sig_bit(SIGCHLD));
	result = o->detach ? run_in_background(&l, r, e) : run_foreground(&l, r, e);
	sig_set_dispositions(l.signal_ignored);
	sig_set_mask(l.signal_mask);
	return result;
}

int box_monitor(const char *name)
{
	struct container c = { .wire = HANDOVER_WIRE, .control = HANDOVER_CONTROL, .master = -1, .pipes = { -1, -1, -1 } };
	struct monitor m;
	struct err e;

	for (int fd = HANDOVER_LOCK; fd < HANDOVER_END; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 && fd != HANDOVER_MASTER)
			return EXIT_CAGEBOX;
	if (state_load(name, &c.state, &e) < 0)
		return EXIT_CAGEBOX;
	if (isatty(HANDOVER_MASTER))
		c.master = HANDOVER_MASTER;
	c.state.lock = HANDOVER_LOCK;
	c.init = c.state.init.pid;
	monitor_init(&m, &c);
	monitor_run(&m, UNTIL_END, &e);
	finish(&m, false);
	state_close(&c.state);
	return 0;
}
