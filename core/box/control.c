/* SPDX-License-Identifier: Zlib
 * The control socket, both of its sides. Host side. */
#include "box/control.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"

enum { ASK_TRIES = 200, ASK_WAIT_MS = 50 };

/* A socket's path is short and the run-time directory's may not be: go through the descriptor of the container's
 * directory. */
static struct sockaddr_un address(const struct state *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/control", s->dir);
	return a;
}

int control_listen(const struct state *s, struct err *e)
{
	struct sockaddr_un a = address(s);
	auto_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	unlinkat(s->dir, "control", 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 64) < 0)
		return err_sys(e, "make the control socket of %s", s->name);
	return take_fd(&fd);
}

int control_accept(int listener)
{
	auto_fd int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -1;
	if (peer.uid != 0 && peer.uid != geteuid())
		return -1;
	return take_fd(&fd);
}

int control_send(const struct state *s, const struct control_request *request, struct err *e)
{
	struct sockaddr_un a = address(s);
	auto_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return err_sys(e, "reach the monitor of %s", s->name);
	if (send(fd, request, sizeof(*request), MSG_NOSIGNAL) != (ssize_t)sizeof(*request))
		return err_sys(e, "ask the monitor of %s", s->name);
	return take_fd(&fd);
}

/* Returns 1; 0 if there was nobody who would answer; -1 with e set if that is the answer. */
static int receive(int fd, struct control_answer *answer, struct err *e)
{
	bool reset = false;
	ssize_t n;

	do {
		n = recv(fd, answer, sizeof(*answer), 0);
		/* A monitor on its way out answers without having read the question, which the kernel reports before
		 * the answer. */
		reset = n < 0 && errno == ECONNRESET && !reset;
	} while (n < 0 && (errno == EINTR || reset));
	if (n != (ssize_t)sizeof(*answer))
		return 0;
	if (answer->result == 0)
		return 1;
	answer->err.text[sizeof(answer->err.text) - 1] = 0;
	*e = answer->err;
	return -1;
}

int control_ask(const struct state *s, const struct control_request *request, struct control_answer *answer, bool *gone,
		struct err *e)
{
	*gone = false;
	for (int i = 0; i < ASK_TRIES; i++) {
		auto_fd int fd = control_send(s, request, e);
		int got;

		if (fd < 0 && e->num != ECONNREFUSED && e->num != ENOENT && e->num != ECONNRESET && e->num != EPIPE)
			return -1;
		got = fd < 0 ? 0 : receive(fd, answer, e);
		if (got)
			return got < 0 ? -1 : take_fd(&fd);
		if (proc_wait_gone(&s->monitor, ASK_WAIT_MS))
			break;
	}
	*gone = !proc_alive(&s->monitor);
	return err_set(e, *gone ? "the monitor of %s is gone" : "the monitor of %s does not answer", s->name);
}
