/* SPDX-License-Identifier: Zlib
 * Packets between monitor and init. Runs on both sides. */
#include "box/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"

union control {
	char room[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

const char *wire_reason_name(unsigned reason)
{
	static const char *const names[END_REASONS] = {
		[END_NONE] = "",         [END_EXIT] = "exit",         [END_SIGNAL] = "signal",     [END_STOP] = "stop",
		[END_SCRIPT] = "script", [END_REBOOT] = "reboot",     [END_POWEROFF] = "poweroff", [END_KILLED] = "killed",
		[END_LOST] = "lost",     [END_OOM] = "out of memory",
	};

	return reason < END_REASONS ? names[reason] : "";
}

int wire_send_with(int socket, const struct wire *w, int fd, int flags)
{
	union control c = { 0 };
	struct iovec iov = { (void *)(uintptr_t)w, sizeof(*w) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (fd >= 0) {
		m.msg_control = c.room;
		m.msg_controllen = sizeof(c.room);
		c.align.cmsg_level = SOL_SOCKET;
		c.align.cmsg_type = SCM_RIGHTS;
		c.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&c.align), &fd, sizeof(fd));
	}
	do
		n = sendmsg(socket, &m, flags);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*w) ? 0 : -1;
}

int wire_send(int socket, const struct wire *w, int fd)
{
	return wire_send_with(socket, w, fd, MSG_NOSIGNAL);
}

/* The descriptor that came along; of several, which the room for one has place for on some machines, none. */
static int received(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fds[sizeof(union control) / sizeof(int)];
	size_t n = 0;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (n)
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
	if (n == 1)
		return fds[0];
	while (n)
		close(fds[--n]);
	return -1;
}

int wire_recv(int socket, struct wire *w, int *fd, int flags)
{
	union control c = { 0 };
	struct iovec iov = { w, sizeof(*w) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.room, .msg_controllen = sizeof(c.room) };
	int got = -1;
	ssize_t n;

	if (fd)
		*fd = -1;
	do
		n = recvmsg(socket, &m, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	got = received(&m);
	if (fd && n == (ssize_t)sizeof(*w) && !(m.msg_flags & MSG_TRUNC))
		*fd = got;
	else if (got >= 0)
		close(got);
	if (!n)
		return 0;
	if (n != (ssize_t)sizeof(*w) || m.msg_flags & MSG_TRUNC) {
		errno = EPROTO;
		return -1;
	}
	w->err.text[sizeof(w->err.text) - 1] = 0;
	str_clean(w->err.text); /* it ends up on a terminal */
	return 1;
}
