/* SPDX-License-Identifier: Zlib
 * Starting a container: the fork, the hand-over to the monitor, the end. Host side. */
#include "box/launch.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "box/end.h"
#include "box/machine.h"
#include "box/pidfile.h"
#include "box/root.h"
#include "box/serve.h"
#include "sys/cgroup.h"
#include "sys/fd.h"
#include "sys/idmap.h"
#include "sys/ns.h"
#include "sys/sig.h"

/* --- the fork ----------------------------------------------------------------------------------------------------- */

static uint64_t clone_flags(unsigned namespaces)
{
	static const struct {
		unsigned ns;
		uint64_t flag;
	} map[] = { { NS_USER, CLONE_NEWUSER },
		    { NS_PID, CLONE_NEWPID },
		    { NS_UTS, CLONE_NEWUTS },
		    { NS_IPC, CLONE_NEWIPC },
		    { NS_NET, CLONE_NEWNET } };
	uint64_t flags = CLONE_NEWNS;

	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++)
		if (namespaces & map[i].ns)
			flags |= map[i].flag;
	return flags;
}

static int fork_inside(struct launch *l, struct err *e)
{
	auto_fd int pidfd = -1;
	int pair[2], v2 = cgroup_v2(&l->cgroup, true);
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make the socket to the container");
	l->c.wire = pair[0];
	l->in.wire = pair[1];
	pid = ns_fork(clone_flags(l->spec->namespaces), &v2, &pidfd, e);
	if (pid == 0) {
		close(pair[0]);
		/* Should the monitor die now, the lock must say so at once. */
		fd_close(&l->c.state.lock);
		inside_run(&l->in);
	}
	fd_close(&l->in.wire);
	l->c.init = pid;
	l->born_in_cgroup = v2 >= 0;
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
	if (idmap_write(l->proc, l->c.init, &l->userns.uids, &l->userns.gids, l->userns.by, e) < 0)
		return -1;
	/* Nobody but the host's root may have mounts mapped. */
	if (l->userns.by != IDMAP_DIRECTLY)
		return 0;
	if (!idmap_is_identity(&l->userns.uids) || !idmap_is_identity(&l->userns.gids)) {
		ns = idmap_open_ns(l->proc, l->c.init, e);
		if (ns < 0)
			return -1;
	}
	result = root_map_layers(l->spec, ns, &layers, e);
	for (int i = 0; result == 0 && i < layers.n + layers.mapped; i++) {
		w.number = i >= layers.n;
		if (wire_send(l->c.wire, &w, layers.fds[i]) < 0)
			result = err_sys(e, "hand the root to the container");
	}
	root_close_layers(&layers);
	return result;
}

/* Write down who init is before it may do anything, then let it go. */
static int release(struct launch *l, struct err *e)
{
	struct wire go = { .kind = WIRE_GO };
	struct state *st = &l->c.state;

	if (l->c.pid_file >= 0 && pidfile_write(l->c.pid_file, st->pid_file, l->c.init, e) < 0)
		return -1;
	if (proc_identify(l->c.init, &st->init, e) < 0 || cgroup_enter(&l->cgroup, l->c.init, l->born_in_cgroup, e) < 0 ||
	    map_ids(l, e) < 0 || state_save(st, e) < 0)
		return -1;
	if (wire_send(l->c.wire, &go, -1) < 0)
		return err_sys(e, "start the container");
	return 0;
}

void launch_close(struct launch *l)
{
	/* Not in.exe: when the last descriptor of a detached mount is closed the kernel waits for all processors to
	 * notice, which at this moment would hold up init's exec. */
	int *fds[] = { &l->proc, &l->in.plan, &l->in.command, &l->in.script, &l->in.wire };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		fd_close(fds[i]);
	cgroup_close(&l->cgroup);
	/* The container's ends of the pipes, so that their other ends see its end. */
	for (int fd = 0; fd < 3; fd++)
		if (l->c.pipes[fd] >= 0)
			fd_close(&l->in.streams[fd]);
}

void launch_kill(struct container *c)
{
	if (c->init <= 0)
		return;
	cgroup_kill(c->state.cgroup);
	kill(c->init, SIGKILL);
	while (waitpid(c->init, NULL, 0) < 0 && errno == EINTR)
		;
	c->init = -1;
}

/* Give up the pid file's lock and the log, which is not left behind empty by a start that failed. */
static void leave_files(struct container *c, bool failed)
{
	fd_close(&c->pid_file);
	if (failed && c->log.fd >= 0 && !c->log.size)
		unlink(c->log.path);
	log_close(&c->log);
}

/* Take back everything that a start has done. e keeps what made it fail. */
static int give_up(struct launch *l)
{
	struct err ignored;

	launch_kill(&l->c);
	launch_close(l);
	fd_close(&l->c.wire);
	fd_close(&l->c.control);
	leave_files(&l->c, true);
	if (l->c.state.lock >= 0) {
		l->c.state.named = false;
		state_finish(&l->c.state, &ignored);
	}
	state_close(&l->c.state);
	return -1;
}

/* From the claim to the point at which init is on its own. */
int launch_start(struct launch *l, struct err *e)
{
	if (state_claim(l->spec->name, &l->c.state, e) < 0)
		return give_up(l);
	l->in.name = l->c.state.name;
	l->in.stage = l->stage;
	if (launch_prepare(l, e) < 0 || fork_inside(l, e) < 0 || release(l, e) < 0)
		return give_up(l);
	launch_close(l);
	return 0;
}

/* --- after the end ------------------------------------------------------------------------------------------------ */

/* The container has ended: clean up, then tell who waits. */
void launch_finish(struct monitor *m, bool failed)
{
	struct state *st = &m->c->state;
	struct err cleaning;
	int result;

	if (failed)
		st->named = false;
	leave_files(m->c, failed);
	/* Reaped already. */
	st->init = (struct proc_id){ 0 };
	result = state_finish(st, &cleaning);
	if (result != 0)
		container_warn(m->c, cleaning.text);
	/* The lock goes before the answers: who was told that it has ended may start it again. */
	fd_close(&st->lock);
	serve_goodbye(m);
	fd_close(&m->c->wire);
	fd_close(&m->c->master);
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

	if (monitor_init(&m, &l->c, e) < 0)
		return -1;
	if (l->filter.trace)
		m.trace = trace_new(e);
	if ((l->filter.trace && !m.trace) || launch_start(l, e) < 0) {
		fd_close(&m.signals);
		trace_free(m.trace);
		return -1;
	}
	result = monitor_run(&m, UNTIL_END, e);
	if (result < 0 && !m.ended) {
		trace_free(m.trace);
		give_up(l);
		return -1;
	}
	fill_result(&l->c.state, r);
	if (result == 0 && m.trace)
		result = trace_write(m.trace, l->caps, l->c.state.name, l->filter.trace_file, e);
	trace_free(m.trace);
	launch_finish(&m, result < 0);
	state_close(&l->c.state);
	return result;
}

void launch_init(struct launch *l, struct spec *s, const struct box_options *o)
{
	*l = (struct launch){
		.spec = s,
		.options = o,
		.in = { .spec = s,
			.wire = -1,
			.exe = -1,
			.plan = -1,
			.command = -1,
			.script = -1,
			.streams = { -1, -1, -1 },
			.pipes = { -1, -1, -1 } },
		.proc = -1,
	};
	container_init(&l->c);
	l->c.options = o;
	l->c.detached = o->detach;
}

/* Stop the one of this name that runs, if there is one. */
static int replace(const char *name, struct err *e)
{
	return end_stop(name, -1, NULL, e) < 0 && e->num != ENOENT ? -1 : 0;
}

/* The monitor of a container in the background is executed anew, and would have forgotten. */
static int check_trace(const struct launch *l, struct err *e)
{
	return l->filter.trace && l->options->detach ? err_set(e, "seccomp=trace needs a container in the foreground") : 0;
}

int launch_run(struct spec *s, const struct box_options *o, struct box_result *r, struct err *e)
{
	struct launch l;
	int result;

	*r = (struct box_result){ 0 };
	launch_init(&l, s, o);
	if (machine_mount(e) < 0 || launch_check(&l, e) < 0 || check_trace(&l, e) < 0 ||
	    (o->again == AGAIN_REPLACE && s->name && replace(s->name, e) < 0)) {
		launch_close(&l);
		filter_free(&l.filter);
		fd_close(&l.in.exe);
		return -1;
	}
	l.signal_ignored = sig_ignored();
	sig_block_all(&l.signal_mask);
	/* With SIGCHLD ignored the kernel would reap init, and how it ended would be lost. */
	sig_set_dispositions(l.signal_ignored, l.signal_ignored & ~sig_bit(SIGCHLD));
	result = o->detach ? launch_detached(&l, r, e) : run_foreground(&l, r, e);
	fd_close(&l.in.exe);
	filter_free(&l.filter);
	sig_set_dispositions(l.signal_ignored & ~sig_bit(SIGCHLD), l.signal_ignored);
	sig_set_mask(l.signal_mask);
	return result;
}
