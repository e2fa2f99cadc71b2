/* SPDX-License-Identifier: Zlib
 * Looking after a running container from outside. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "box/container.h"
#include "box/event.h"
#include "box/relay.h"
#include "box/resource.h"
#include "box/serve.h"
#include "sys/cgroup_stat.h"
#include "sys/clock.h"
#include "sys/pty.h"
#include "sys/sig.h"
#include "sys/slim.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

enum {
	FIXED_POLLS = MONITOR_POLLS - RELAY_POLLS - FEED_POLLS,
	OOM_MS = 1000, /* from being told that memory is short to a kill */
	OOM_TICK_MS = 1,
};

/* --- what comes from inside --------------------------------------------------------------------------------------- */

/* Without any slave open the pty hangs up, and its end cannot be told from a moment between two sessions. */
static void hold_terminal(struct monitor *m)
{
	if (m->slave < 0)
		m->slave = ioctl(m->c->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static int take_terminal(struct monitor *m, int master)
{
	struct container *c = m->c;
	struct err ignored;

	if (c->master >= 0)
		return -1;
	c->master = master;
	if (c->detached) {
		relay_log_pty(m->relay, master);
		m->feed.input = master;
		hold_terminal(m);
	}
	if (!c->interactive)
		return 0;
	m->relay = relay_pty(master, &m->start);
	m->start_failed = !m->relay;
	if (m->relay)
		relay_raw(m->relay, &ignored);
	else
		serve_kill(m);
	return 0;
}

static void hear_init(struct monitor *m)
{
	struct wire w;
	int fd, got = wire_recv(m->c->wire, &w, &fd, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == ENOMEM || errno == ENOBUFS))
		return;
	if (got <= 0) {
		/* Init is gone or does not speak: its death will be seen by SIGCHLD. */
		fd_close(&m->c->wire);
		return;
	}
	if (w.kind == WIRE_TTY && fd >= 0 && take_terminal(m, fd) == 0)
		fd = -1;
	if (w.kind == WIRE_LISTENER && fd >= 0)
		trace_add(m->trace, take_fd(&fd));
	fd_close(&fd);
	if (w.kind == WIRE_READY) {
		m->ready = true;
		event_write(m->c->state.name, "start");
		serve_ready(m);
	}
	if (w.kind == WIRE_WARNING)
		container_warn(m->c, w.err.text);
	if (w.kind == WIRE_ERROR && !m->ready) {
		m->start = w.err;
		m->start_failed = true;
	}
	if (w.kind == WIRE_EXIT && w.reason > END_NONE && w.reason < END_REBOOT) {
		m->c->state.reason = (enum end_reason)w.reason;
		m->c->state.code = w.number & 0xff;
	}
}

/* --- out of memory ------------------------------------------------------------------------------------------------ */

/* The kernel has killed one process. What is left would go on without it, as nobody has planned: all of it ends. v1 tells before it
 * kills, and also when it is another cgroup's memory that is short: what counts is whether it will have been one of ours. */
static void judge_oom(struct monitor *m)
{
	if (resource_oom_kills(&m->c->state)) {
		m->out_of_memory = true;
		m->oom_until = 0;
		fd_close(&m->oom);
		serve_kill(m);
	} else if (m->oom_until && now_ms() >= m->oom_until) {
		m->oom_until = 0;
	}
}

static void hear_oom(struct monitor *m)
{
	char text[512];

	/* So that it tells only of what is new. */
	if (m->oom_events & POLLPRI)
		lseek(m->oom, 0, SEEK_SET);
	if (read(m->oom, text, sizeof(text)) < 0 && errno != EAGAIN)
		fd_close(&m->oom);
	m->oom_until = now_ms() + OOM_MS;
	judge_oom(m);
}

static void watch_oom(struct monitor *m)
{
	struct cgroup g;

	if (m->oom >= 0)
		return;
	cgroup_open(m->c->state.cgroup, &g);
	m->oom = cgroup_watch_oom(&g, &m->oom_events);
	cgroup_close(&g);
	/* It may have happened while nobody was told. */
	if (m->oom >= 0)
		judge_oom(m);
}

/* --- signals ------------------------------------------------------------------------------------------------------ */

/* How init ended says what it could not say itself: killed from outside, or by reboot(2), which the kernel turns
 * into HUP for a restart and INT for a halt. */
static void judge_end(struct monitor *m, int status)
{
	struct state *s = &m->c->state;

	m->ended = true;
	/* Without a pid namespace init's end is not the end of the others. */
	cgroup_kill(s->cgroup);
	if (m->out_of_memory || (s->cgroup && resource_oom_kills(s))) {
		s->reason = END_OOM;
		event_write(s->name, "oom");
		s->code = EXIT_SIGNAL + SIGKILL;
		if (m->ready || m->start_failed)
			container_warn(m->c, "the container ran out of memory: all of it was ended");
		else
			err_set(&m->start, "the container ran out of memory before its command ran: its limit is too low");
		m->start_failed |= !m->ready;
		return;
	}
	if (WIFEXITED(status)) {
		s->code = WEXITSTATUS(status);
		if (!s->reason && !m->stopping && !m->ready && !m->start_failed) {
			err_set(&m->start, "the container's init ended with exit code %d before the command ran", s->code);
			m->start_failed = true;
		}
		if (!s->reason)
			s->reason = m->stopping ? END_STOP : END_EXIT;
		return;
	}
	s->reason = m->stopping                ? END_STOP :
		    WTERMSIG(status) == SIGHUP ? END_REBOOT :
		    WTERMSIG(status) == SIGINT ? END_POWEROFF :
						 END_KILLED;
	s->code = s->reason == END_REBOOT || s->reason == END_POWEROFF ? 0 : EXIT_SIGNAL + WTERMSIG(status);
}

static void reap(struct monitor *m)
{
	int status;

	if (waitpid(m->c->init, &status, WNOHANG) != m->c->init)
		return;
	/* Its last words may be in the socket still. */
	while (m->c->wire >= 0) {
		struct pollfd p = { .fd = m->c->wire, .events = POLLIN };

		if (poll(&p, 1, 0) != 1)
			break;
		hear_init(m);
	}
	judge_end(m, status);
}

/* The job control of the caller's shell: stop what we stand for, then ourselves. */
static void suspend(struct monitor *m)
{
	struct err ignored;
	bool raw = m->relay && m->relay->raw;

	if (raw)
		relay_cooked(m->relay);
	else
		wire_send(m->c->wire, &(struct wire){ .kind = WIRE_SIGNAL, .number = SIGTSTP, .reason = 1 }, -1);
	raise(SIGSTOP);
	if (raw) {
		relay_raw(m->relay, &ignored);
		pty_copy_size(0, m->c->master);
	} else {
		wire_send(m->c->wire, &(struct wire){ .kind = WIRE_SIGNAL, .number = SIGCONT, .reason = 1 }, -1);
	}
}

/* What the terminal sends is meant for all that runs in the foreground, as it would be without a container. */
static void forward(struct monitor *m, const struct signalfd_siginfo *info)
{
	struct wire w = { .kind = WIRE_SIGNAL, .number = (int)info->ssi_signo, .reason = info->ssi_code == SI_KERNEL };

	wire_send(m->c->wire, &w, -1);
}

static void take_signal(struct monitor *m, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	switch (signal) {
	case SIGCHLD:
		reap(m);
		break;
	case SIGTERM:
		serve_stop(m, -1);
		break;
	case SIGWINCH:
		if (m->c->interactive && m->c->master >= 0)
			pty_copy_size(0, m->c->master);
		else
			serve_tell_init(m->c, WIRE_SIGNAL, signal);
		break;
	case SIGTSTP:
		suspend(m);
		break;
	case SIGCONT: /* suspend has told already */
		break;
	case SIGPIPE: /* of our own writing */
		break;
	default:
		forward(m, info);
	}
}

static void hear_signals(struct monitor *m)
{
	struct signalfd_siginfo info;

	while (!m->ended && read(m->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		take_signal(m, &info);
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

static int timeout(const struct monitor *m)
{
	int held = m->relay ? relay_timeout(m->relay) : -1, fed = feed_timeout(&m->feed);
	int64_t left;

	if (fed >= 0 && (held < 0 || fed < held))
		held = fed;
	if (m->oom_until)
		return OOM_TICK_MS;
	if (!m->deadline)
		return held;
	left = m->deadline - now_ms();
	left = left < 0 ? 0 : left > 1000000 ? 1000000 : left;
	return held >= 0 && held < left ? held : (int)left;
}

static void step(struct monitor *m)
{
	struct pollfd few[MONITOR_POLLS], *polls = m->nclients ? m->polls : few;
	size_t n = FIXED_POLLS, nclients = m->nclients, relayed, fed;
	size_t size = 0;
	void *unused;
	int wait_ms;

	polls[0] = (struct pollfd){ .fd = m->signals, .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = m->c->wire, .events = POLLIN };
	polls[2] = (struct pollfd){ .fd = m->c->control, .events = POLLIN };
	polls[3] = (struct pollfd){ .fd = m->launcher };
	polls[4] = (struct pollfd){ .fd = m->oom, .events = m->oom_events };
	polls[5] = (struct pollfd){ .fd = trace_fd(m->trace), .events = POLLIN };
	for (size_t i = 0; i < nclients; i++)
		polls[n++] = (struct pollfd){ .fd = m->clients[i].fd, .events = m->clients[i].waiting ? 0 : POLLIN };
	relayed = m->relay ? relay_polls(m->relay, polls + n) : 0;
	fed = feed_polls(&m->feed, polls + n + relayed);
	wait_ms = timeout(m);
	unused = m->relay ? relay_unused(m->relay, &size) : NULL;
	if (slim_poll(polls, (nfds_t)(n + relayed + fed), wait_ms < 0 ? -1 : (int64_t)wait_ms * 1000000, unused, size) < 0)
		return;
	if (m->deadline && now_ms() >= m->deadline) {
		m->deadline = 0;
		serve_kill(m);
	}
	if (polls[3].revents) {
		/* Whoever asked for the container has gone before it ran. */
		m->launcher = -1;
		serve_kill(m);
	}
	if (polls[4].revents)
		hear_oom(m);
	else if (m->oom_until)
		judge_oom(m);
	if (polls[1].revents)
		hear_init(m);
	if (polls[5].revents)
		trace_hear(m->trace);
	if (m->relay)
		relay_copy(m->relay, polls + n, relayed);
	feed_serve(&m->feed, polls + n + relayed, fed);
	if (polls[0].revents)
		hear_signals(m);
	for (size_t i = 0; i < nclients; i++) {
		struct client *cl = &m->clients[i];

		if (cl->fd < 0 || cl->fd != polls[FIXED_POLLS + i].fd || !polls[FIXED_POLLS + i].revents)
			continue;
		if (cl->waiting)
			fd_close(&cl->fd);
		else
			serve_client(m, cl);
	}
	if (polls[2].revents)
		serve_welcome(m);
}

/* Stopped by the terminal like any program that reads it from the background: those two keep their effect. */
static uint64_t heard(void)
{
	return SIG_ALL & ~(sig_bit(SIGTTIN) | sig_bit(SIGTTOU));
}

int monitor_init(struct monitor *m, struct container *c, struct err *e)
{
	*m = (struct monitor){ .c = c, .signals = sig_fd(heard(), e), .slave = -1, .launcher = -1, .oom = -1 };
	return m->signals < 0 ? -1 : 0;
}

int monitor_prepare(struct monitor *m, struct err *e)
{
	const struct container *c = m->c;

	sig_set_mask(heard());
	watch_oom(m);
	if (m->signals < 0)
		m->signals = sig_fd(heard(), e);
	if (m->signals < 0)
		return -1;
	if (m->relay)
		return 0;
	if (c->detached) {
		if (feed_open(&m->feed, c->ring, c->master >= 0 ? c->master : c->pipes[0], e) < 0)
			return -1;
		m->relay = relay_log(c->pipes, c->master, &m->c->log, &m->feed, e);
		/* Without a reader a pty fills up and what writes to it hangs. */
		if (m->relay && c->master >= 0)
			hold_terminal(m);
		return m->relay ? 0 : -1;
	}
	if (c->pipes[0] < 0 && c->pipes[1] < 0 && c->pipes[2] < 0)
		return 0;
	m->relay = relay_pipes(c->pipes, e);
	return m->relay ? 0 : -1;
}

void monitor_flush(struct monitor *m)
{
	if (m->relay)
		relay_flush(m->relay);
}

int monitor_run(struct monitor *m, enum monitor_until until, struct err *e)
{
	if (monitor_prepare(m, e) < 0)
		return -1;
	/* From here on nothing may fail for good: whatever happens, the container is looked after until it has ended. */
	while (!m->ended && !(until == UNTIL_READY && m->ready))
		step(m);
	if (m->relay && m->ended)
		fd_close(&m->slave);
	if (m->relay && m->ended) {
		relay_end(m->relay);
		m->relay = NULL;
	}
	fd_close(&m->signals);
	fd_close(&m->oom);
	if (m->start_failed) {
		*e = m->start;
		return -1;
	}
	if (until == UNTIL_END || m->ready)
		return 0;
	err_set(e, "the container was ended before its command ran");
	e->code = (short)m->c->state.code;
	return -1;
}
