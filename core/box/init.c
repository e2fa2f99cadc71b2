/* SPDX-License-Identifier: Zlib
 * PID 1: takes what happens (signals, packets, exits, deadlines) to the state table of init_state.c. Container side. */
#include "box/init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "box/init_act.h"
#include "box/wire.h"
#include "sys/sig.h"
#include "sys/slim.h"

enum {
	JOINED_NS = 10000000, /* between two looks at processes that are not our children */
	SIGNALS_MAX = 256,    /* taken at a time, before children have their turn */
	DRAIN_MAX = 64,       /* reads at a time */
	TICK_MS = 100,        /* where the kernel lacks signalfd */
	TICK_NS = TICK_MS * 1000000,
};

/* The monitor of a container that is kept has died: nobody reads what it prints, and it must not hang for that. */
static void drain_pipes(const struct init *i)
{
	char piece[2048];

	for (int fd = PLAN_FD_STDOUT; i->pipes && i->wire < 0 && fd <= PLAN_FD_STDERR; fd++)
		for (int n = 0; n < DRAIN_MAX && read(fd, piece, sizeof(piece)) > 0;)
			n++;
}

/* The outcome of an exec: a struct err if it failed, nothing but the end if not. */
static void read_report(struct init *i)
{
	ssize_t n;

	if (i->report < 0)
		return;
	n = read(i->report, &i->err, sizeof(i->err));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	fd_close(&i->report);
	i->err.text[sizeof(i->err.text) - 1] = 0;
	if (n == (ssize_t)sizeof(i->err) && i->state == ST_SCRIPT)
		err_prefix(&i->err, "init script");
	init_act_happen(i, n == (ssize_t)sizeof(i->err) ? EV_EXEC_FAILED : EV_EXEC_DONE);
}

static void reaped(void *arg, pid_t pid, int status)
{
	struct init *i = arg;

	if (pid == i->command && !i->command_ended) {
		i->command_status = status;
		i->command_ended = true;
	} else if (pid == i->helper && !i->helper_ended) {
		i->helper_status = status;
		i->helper_ended = true;
	} else {
		init_act_say(i, i->options->warn_reap ? INIT_WARNING : INIT_DEBUG, "reaped orphan process %d", pid);
	}
}

static int exit_code(int status)
{
	return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static void command_ended(struct init *i)
{
	int code = exit_code(i->command_status);

	/* Whether the exec succeeded comes first, always. */
	read_report(i);
	i->command_ended = false;
	if (i->options->remap[code / 8 % 32] >> code % 8 & 1)
		code = 0;
	if (!i->failed)
		i->status = code;
	init_act_say(i, INIT_INFO, "the command ended with status %d", code);
	i->left = i->command;
	i->command = 0; /* the number may be another's from now on */
	init_act_happen(i, i->options->leave ? EV_LEFT : EV_COMMAND_ENDED);
}

static void helper_ended(struct init *i)
{
	int status = i->helper_status;

	i->helper = 0;
	i->helper_ended = false;
	if (i->state != ST_SCRIPT) {
		init_act_happen(i, EV_HOOK_ENDED);
		return;
	}
	read_report(i);
	if (i->state != ST_SCRIPT) /* its shell could not be run */
		return;
	if (WIFSIGNALED(status))
		err_set(&i->err, "init script: killed by signal %d", WTERMSIG(status));
	else if (status)
		err_set(&i->err, "init script: exited with %d", WEXITSTATUS(status));
	init_act_happen(i, status ? EV_SCRIPT_FAILED : EV_SCRIPT_DONE);
}

static void reap(struct init *i)
{
	bool empty;

	/* By number, and on every wake: the SIGCHLD of the command may have been merged into another's. */
	if (!i->command_ended)
		init_reap_one(i->command, reaped, i);
	if (!i->helper_ended)
		init_reap_one(i->helper, reaped, i);
	empty = init_reap_sweep(&i->reaper, reaped, i);
	if (i->command_ended)
		command_ended(i);
	if (i->helper_ended)
		helper_ended(i);
	if (!empty)
		return;
	/* What has joined from outside (exec) is another's child: nothing tells of its end, and it is given the time
	 * to end well, too. */
	if (i->state == ST_DRAIN && getpid() == 1 && kill(-1, 0) == 0) {
		i->reaper.due = true;
		i->reaper.next = init_reap_now() + JOINED_NS;
		return;
	}
	init_act_happen(i, EV_EMPTY);
}

static void forward(struct init *i, int signal)
{
	if (i->command)
		init_act_signal_command(i, signal);
	else if (i->state == ST_SCRIPT)
		i->early |= sig_bit(signal);
}

/* Whether a signal asks init itself to stop. Nobody inside a container can, as far as that can be told. */
static bool is_stop(const struct init *i, const struct sig_info *s)
{
	bool outside = !i->first || s->pid == 0 || getpid() != 1;

	if (i->keep && i->wire < 0 && s->signal == SIGTERM && outside)
		return true;
	/* The command is gone, there is nobody to forward it to. */
	return outside && !i->command && i->state != ST_SCRIPT &&
	       (s->signal == SIGTERM || s->signal == SIGINT || s->signal == SIGQUIT || s->signal == i->stop_signal);
}

static void take_signal(struct init *i, const struct sig_info *s)
{
	int as = i->options->rewrite[s->signal];

	if (s->signal == SIGCHLD) {
		i->reaper.due = true;
		if (s->code == CLD_EXITED || s->code == CLD_KILLED || s->code == CLD_DUMPED)
			init_reap_one(s->pid, reaped, i);
		return;
	}
	init_act_say(i, INIT_DEBUG, "got signal %d", s->signal);
	if (is_stop(i, s)) {
		init_act_happen(i, EV_STOP);
		return;
	}
	/* HUP and CONT come with giving up the terminal. */
	if (i->options->session && s->pid == getpid() && (s->signal == SIGHUP || s->signal == SIGCONT))
		return;
	if (as)
		forward(i, as);
	/* A session of its own cannot be stopped by its shell's job control: init stands for it. */
	if (i->options->session && (s->signal == SIGTSTP || s->signal == SIGTTIN || s->signal == SIGTTOU))
		kill(getpid(), SIGSTOP);
}

static void take_signals(struct init *i)
{
	struct sig_info s;

	for (int n = 0; n < SIGNALS_MAX && i->state != ST_END && sig_take(SIG_ALL, &s, 0) > 0; n++)
		take_signal(i, &s);
}

/* What a user sends to a start that does not come to its end. */
static bool is_deadly(int signal)
{
	return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

static void read_wire(struct init *i)
{
	struct wire w;
	int got;

	while (i->wire >= 0) {
		got = wire_recv(i->wire, &w, NULL, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EPROTO || errno == ENOMEM || errno == ENOBUFS))
			return;
		if (got <= 0) {
			fd_close(&i->wire);
			if (!i->keep)
				init_act_happen(i, EV_HANGUP);
		} else if (w.kind == WIRE_STOP) {
			if (w.number >= 0)
				i->stop_timeout_ms = (uint64_t)w.number;
			init_act_happen(i, EV_STOP);
		} else if (w.kind == WIRE_SIGNAL && w.number >= 1 && w.number <= SIG_LAST) {
			if (i->state == ST_SCRIPT && is_deadly(w.number)) {
				init_act_happen(i, EV_STOP);
				continue;
			}
			if (w.reason && i->command > 0 && kill(-i->command, w.number) == 0)
				continue;
			forward(i, w.number);
		}
	}
}

/* How long nothing has to be done: nanoseconds, or -1 for ever. */
static int64_t time_to_wait(const struct init *i)
{
	uint64_t now = init_reap_now(), until = i->deadline;

	if (i->reaper.due && (!until || i->reaper.next < until))
		until = i->reaper.next;
	if (i->state == ST_KILL && i->kill_again && i->kill_again < until)
		until = i->kill_again;
	if (!until && !i->reaper.due)
		return i->signals < 0 ? TICK_NS : -1;
	if (until <= now)
		return 0;
	if (i->signals < 0 && until - now > TICK_NS)
		return TICK_NS;
	return (int64_t)(until - now);
}

/* Every descriptor is non-blocking and every source is looked at after each wake, so what poll says about them does not
 * matter, nor whether it works: without it, or without signalfd, a signal or a short time ends the wait. */
static void wait_for_something(struct init *i)
{
	bool alone = i->pipes && i->wire < 0;
	struct pollfd fds[] = { { i->signals, POLLIN, 0 },
				{ i->wire, POLLIN, 0 },
				{ i->report, POLLIN, 0 },
				{ alone ? PLAN_FD_STDOUT : -1, POLLIN, 0 },
				{ alone ? PLAN_FD_STDERR : -1, POLLIN, 0 } };
	int64_t ns = time_to_wait(i);
	struct sig_info s;

	if (slim_poll(fds, sizeof(fds) / sizeof(*fds), ns, NULL, 0) >= 0 || errno == EINTR)
		return;
	if (sig_take(SIG_ALL, &s, ns < 0 || ns > TICK_NS ? TICK_MS : ns / 1000000) > 0)
		take_signal(i, &s);
}

static void check_time(struct init *i)
{
	uint64_t now = init_reap_now();

	if (i->deadline && now >= i->deadline) {
		i->deadline = 0;
		init_act_happen(i, EV_DEADLINE);
	}
	if (i->state == ST_KILL && i->kill_again && now >= i->kill_again)
		init_act_kill_again(i);
}

static void prepare(struct init *i, const struct plan *p)
{
	bool first = getpid() == 1;
	struct err e;

	sig_block_all(NULL);
	sig_set_dispositions(p->signal_ignored, 0); /* an ignored SIGCHLD would reap by itself */
	i->signals = sig_fd(SIG_ALL, &e);
	if (i->options->parent_signal)
		prctl(PR_SET_PDEATHSIG, i->options->parent_signal);
	if (i->first && !i->keep)
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* if the monitor is gone already, the wire says so */
	if (!first && (i->options->subreaper || i->first) && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		init_act_say(i, INIT_WARNING, "cannot become a subreaper: orphans will not be reaped");
	else if (!first && !i->options->subreaper)
		init_act_say(i, INIT_WARNING, "neither PID 1 nor a subreaper (-s): orphans will not be reaped");
	for (int fd = PLAN_FD_WIRE; i->first && fd < PLAN_FD_END; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	/* Hooks belong to a container's or an image's PID 1, not to whoever runs a command under init. */
	i->hooks_read = !(first || i->first);
	i->last_hook = p->shutdown_hook;
}

/* The plan is the caller's if init stands alone, and is given back by init_act.c in a container. */
static void begin(struct init *i, const struct plan *p)
{
	i->state = ST_SCRIPT;
	if (!(p->flags & PLAN_SCRIPT_FD)) {
		init_act_happen(i, EV_SCRIPT_DONE);
		return;
	}
	i->helper = init_spawn_script(p, &i->report, &i->err);
	if (i->helper < 0) {
		i->helper = 0;
		init_act_happen(i, EV_EXEC_FAILED);
	}
}

static void report_end(const struct init *i)
{
	struct wire w = { .kind = WIRE_EXIT, .number = i->status, .reason = END_EXIT };

	if (WIFSIGNALED(i->command_status))
		w.reason = END_SIGNAL;
	if (i->stopped)
		w.reason = END_STOP;
	/* A start that failed has said so; that was the last packet. */
	if (i->wire >= 0 && !i->failed)
		wire_send(i->wire, &w, -1);
}

int init_run(const struct plan *p, const struct init_options *o, int wire)
{
	struct init i = {
		.plan = p,
		.options = o,
		.wire = wire,
		.report = -1,
		.first = p->flags & PLAN_FIRST,
		.keep = p->flags & PLAN_KEEP,
		.pipes = p->flags & PLAN_KEEP && p->flags & PLAN_OWN_PIPES,
		.stop_signal = (uint8_t)p->stop_signal,
		.status = EXIT_SIGNAL + p->stop_signal, /* unless the command gives one */
		.stop_timeout_ms = p->stop_timeout_ms,
		.hook_timeout_ms = p->hook_timeout_ms,
	};

	prepare(&i, p);
	begin(&i, p);
	while (i.state != ST_END) {
		wait_for_something(&i);
		read_wire(&i);
		drain_pipes(&i);
		read_report(&i);
		take_signals(&i);
		reap(&i);
		check_time(&i);
	}
	report_end(&i);
	return i.status;
}
