/* SPDX-License-Identifier: Zlib
 * The monitor's side of the control socket: who asks, what for, and the answers. Host side. */
#include "box/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "box/control.h"
#include "box/resource.h"
#include "sys/cgroup.h"
#include "sys/clock.h"
#include "sys/sig.h"

enum {
	BACKSTOP_MS = 60000,
	MORE_CLIENTS = 16,
};

void serve_tell_init(struct container *c, enum wire_kind kind, int number)
{
	struct wire w = { .kind = (uint16_t)kind, .number = number };

	wire_send(c->wire, &w, -1);
}

/* Init has its own deadlines; should it hang all the same, it is killed some time after the last of them. */
void serve_stop(struct monitor *m, int timeout_ms)
{
	uint64_t grace = timeout_ms < 0 ? m->c->state.stop_timeout_ms : (uint64_t)timeout_ms;

	resource_freeze(&m->c->state, false, &(struct err){ 0 });
	serve_tell_init(m->c, WIRE_STOP, timeout_ms);
	m->stopping = true;
	m->deadline = now_ms() + (int64_t)grace + BACKSTOP_MS;
}

void serve_kill(struct monitor *m)
{
	m->stopping = true;
	cgroup_kill(m->c->state.cgroup);
	kill(m->c->init, SIGKILL);
}

static void answer(struct client *cl, const struct control_answer *a)
{
	send(cl->fd, a, sizeof(*a), MSG_NOSIGNAL | MSG_DONTWAIT);
	fd_close(&cl->fd);
}

/* Tell those who wait for the command to run. */
void serve_ready(struct monitor *m)
{
	struct control_answer a = { 0 };

	for (size_t i = 0; i < m->nclients; i++)
		if (m->clients[i].fd >= 0 && m->clients[i].ready)
			answer(&m->clients[i], &a);
}

/* Only what runs, and is to go on running, can stand still. */
static int freeze(const struct monitor *m, bool on, struct err *e)
{
	const struct state *s = &m->c->state;

	if (on && (m->stopping || !m->ready))
		return err_set(e, "the container %s is %s", s->name, m->stopping ? "being stopped" : "not running yet");
	return resource_freeze(s, on, e);
}

static int may_attach(const struct monitor *m, struct err *e)
{
	const struct container *c = m->c;

	if (!c->detached)
		return err_set(e, "the container %s runs in the foreground: it is where it was started", c->state.name);
	if (!m->feed.tty && m->feed.input < 0 && c->pipes[1] < 0 && c->pipes[2] < 0)
		return err_set(e, "the container %s has no terminal and no streams: it was started with --log none",
			       c->state.name);
	if (m->feed.n == FEED_VIEWERS)
		return err_set(e, "%d are attached to the container %s already: there is no room for more", FEED_VIEWERS,
			       c->state.name);
	return 0;
}

/* From here on it is the feed's. */
static void attach(struct monitor *m, struct client *cl, int number)
{
	struct control_answer a = { 0 };

	/* Before this monitor is executed anew: who gets no answer asks again. */
	if (m->launcher >= 0) {
		fd_close(&cl->fd);
		return;
	}
	a.result = may_attach(m, &a.err);
	if (a.result < 0) {
		answer(cl, &a);
		return;
	}
	a.code = (m->feed.tty ? ATTACHED_TTY : 0) | (m->feed.input >= 0 ? ATTACHED_INPUT : 0);
	send(cl->fd, &a, sizeof(a), MSG_NOSIGNAL | MSG_DONTWAIT);
	feed_admit(&m->feed, take_fd(&cl->fd), number != 0);
}

void serve_client(struct monitor *m, struct client *cl)
{
	struct control_request r;
	struct control_answer a = { 0 };
	ssize_t n = recv(cl->fd, &r, sizeof(r), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n != (ssize_t)sizeof(r)) {
		fd_close(&cl->fd);
		return;
	}
	cl->waiting = true;
	cl->only = r.kind == CONTROL_WAIT || r.kind == CONTROL_READY;
	if (r.kind == CONTROL_STOP)
		serve_stop(m, r.number);
	else if (r.kind == CONTROL_KILL)
		serve_kill(m);
	else if (r.kind == CONTROL_SIGNAL && r.number >= 1 && r.number <= SIG_LAST) {
		serve_tell_init(m->c, WIRE_SIGNAL, r.number);
		answer(cl, &a);
	} else if (r.kind == CONTROL_FREEZE) {
		a.result = freeze(m, r.number, &a.err);
		answer(cl, &a);
	} else if (r.kind == CONTROL_ATTACH) {
		attach(m, cl, r.number);
	} else if (r.kind == CONTROL_READY) {
		cl->ready = true;
		if (m->ready)
			serve_ready(m);
	} else if (r.kind != CONTROL_WAIT) {
		a.result = err_set(&a.err, "the monitor does not know this request: another version?");
		answer(cl, &a);
	}
}

static struct client *free_client(struct monitor *m)
{
	size_t n = m->nclients;
	struct client *clients;
	struct pollfd *polls;

	for (size_t i = 0; i < n; i++)
		if (m->clients[i].fd < 0)
			return &m->clients[i];
	clients = realloc(m->clients, (n + MORE_CLIENTS) * sizeof(*clients));
	if (!clients)
		return NULL;
	m->clients = clients;
	polls = realloc(m->polls, (MONITOR_POLLS + n + MORE_CLIENTS) * sizeof(*polls));
	if (!polls)
		return NULL;
	m->polls = polls;
	for (; m->nclients < n + MORE_CLIENTS; m->nclients++)
		clients[m->nclients] = (struct client){ .fd = -1 };
	return &clients[n];
}

static bool drop_waiting(struct monitor *m)
{
	for (size_t i = 0; i < m->nclients; i++)
		if (m->clients[i].fd >= 0 && m->clients[i].only) {
			fd_close(&m->clients[i].fd);
			return true;
		}
	return false;
}

/* Everybody is let in: who asks for the end must never stand behind those who wait for it. */
void serve_welcome(struct monitor *m)
{
	int fd = control_accept(m->c->control);
	struct client *cl;

	/* Who only waits asks again. */
	if (fd < 0 && (errno == EMFILE || errno == ENFILE) && drop_waiting(m))
		fd = control_accept(m->c->control);
	cl = fd < 0 ? NULL : free_client(m);
	if (cl)
		*cl = (struct client){ .fd = fd };
	else
		fd_close(&fd);
}

void serve_goodbye(struct monitor *m)
{
	struct control_answer a = { .code = m->c->state.code, .reason = m->c->state.reason }, never = { 0 };
	struct client late = { .fd = -1 };

	never.result = err_set(&never.err, "the container %s ended before its command ran", m->c->state.name);
	never.err.num = ESRCH;
	for (size_t i = 0; i < m->nclients; i++)
		if (m->clients[i].fd >= 0)
			answer(&m->clients[i], m->clients[i].ready ? &never : &a);
	while ((late.fd = control_accept(m->c->control)) >= 0)
		answer(&late, &a);
	fd_close(&m->c->control);
	free(m->clients);
	free(m->polls);
	m->clients = NULL;
	m->polls = NULL;
	m->nclients = 0;
	/* Nobody but this process waits for those who read slowly. */
	feed_end(&m->feed, a.code);
}
