/* SPDX-License-Identifier: Zlib
 * Packets between monitor and init (box/wire.h), and what a hostile other side can send. Prints TAP. */
#include "box/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

static int ends[2];

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void pair(void)
{
	close(ends[0]);
	close(ends[1]);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		abort();
}

/* Send size bytes with n copies of standard input. */
static void send_raw(const void *data, size_t size, unsigned n)
{
	union {
		char room[CMSG_SPACE(16 * sizeof(int))];
		struct cmsghdr align;
	} c = { 0 };
	struct iovec iov = { (void *)(uintptr_t)data, size };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		m.msg_control = c.room;
		m.msg_controllen = (socklen_t)CMSG_SPACE(n * sizeof(int));
		c.align.cmsg_level = SOL_SOCKET;
		c.align.cmsg_type = SCM_RIGHTS;
		c.align.cmsg_len = (socklen_t)CMSG_LEN(n * sizeof(int));
		memset(CMSG_DATA(&c.align), 0, n * sizeof(int));
	}
	if (sendmsg(ends[0], &m, MSG_NOSIGNAL) != (ssize_t)size)
		abort();
}

static void test_round_trip(void)
{
	struct wire w = { .kind = WIRE_EXIT, .reason = END_SIGNAL, .number = -5, .err = { .num = 2, .code = 127 } }, got;
	int fd = 99, pipefd[2], before = open_descriptors();
	char byte = 0;

	pair();
	strcpy(w.err.text, "no such thing");
	OK(wire_send(ends[0], &w, -1) == 0 && wire_recv(ends[1], &got, &fd, 0) == 1 && !memcmp(&w, &got, sizeof(w)),
	   "a packet arrives whole");
	OK(fd == -1, "and without a descriptor there is none");
	if (pipe2(pipefd, O_CLOEXEC) < 0)
		abort();
	fcntl(pipefd[1], F_SETFD, 0);
	OK(wire_send(ends[0], &w, pipefd[1]) == 0 && wire_recv(ends[1], &got, &fd, 0) == 1 && fd >= 0,
	   "a descriptor comes along");
	OK(fcntl(fd, F_GETFD) == FD_CLOEXEC, "close-on-exec");
	OK(write(fd, "x", 1) == 1 && read(pipefd[0], &byte, 1) == 1 && byte == 'x', "and is the one that was sent");
	close(fd);
	OK(wire_send(ends[0], &w, pipefd[1]) == 0 && wire_recv(ends[1], &got, NULL, 0) == 1, "one that nobody wants is taken");
	close(pipefd[0]);
	close(pipefd[1]);
	OK(open_descriptors() == before, "and closed");
	OK(wire_send(ends[0], &w, 200) < 0 && errno == EBADF, "one that is not open cannot be sent");
	OK(wire_recv(ends[1], &got, &fd, MSG_DONTWAIT) == -1 && errno == EAGAIN && fd == -1, "nothing there: EAGAIN");
	for (int i = 0; i < 3; i++) {
		w.number = i;
		wire_send(ends[0], &w, -1);
	}
	for (int i = 0; i < 3; i++)
		OK(wire_recv(ends[1], &got, &fd, 0) == 1 && got.number == i, "packets keep their order and their borders");
}

static void test_hostile(void)
{
	char packet[2 * sizeof(struct wire)];
	int before = open_descriptors(), fd;
	struct wire got;
	bool all = true, closed = true;

	memset(packet, 'x', sizeof(packet));
	for (size_t size = 1; size <= sizeof(packet); size++) {
		unsigned n = (unsigned)size % 3;

		if (size == sizeof(got))
			continue;
		send_raw(packet, size, n);
		fd = 99;
		all = all && wire_recv(ends[1], &got, &fd, 0) == -1 && errno == EPROTO && fd == -1;
		closed = closed && open_descriptors() == before;
	}
	OK(all, "a packet that is shorter or longer is EPROTO");
	OK(closed, "and what came with it is closed");
	send_raw(packet, sizeof(got), 0);
	OK(wire_recv(ends[1], &got, &fd, 0) == 1 && strlen(got.err.text) == sizeof(got.err.text) - 1,
	   "a text without an end gets one");
	for (unsigned n = 2; n <= 16; n++) {
		send_raw(packet, sizeof(got), n);
		if (wire_recv(ends[1], &got, &fd, 0) != 1)
			OK(false, "a packet with several descriptors is read");
		/* As many as there is room for come along: one may be given, the others must not stay. */
		if (fd >= 0)
			close(fd);
		closed = closed && open_descriptors() == before;
	}
	OK(closed, "of several descriptors none is left open");
	send_raw(packet, sizeof(got), 2);
	OK(wire_recv(ends[1], &got, NULL, 0) == 1 && open_descriptors() == before, "nor when none is wanted");
	send_raw("", 0, 1);
	fd = 99;
	OK(wire_recv(ends[1], &got, &fd, 0) == 0 && fd == -1 && open_descriptors() == before,
	   "nor with an empty packet, which is the end");
}

static void test_gone(void)
{
	struct wire w = { .kind = WIRE_STOP }, got;
	int fd = 99;

	pair();
	wire_send(ends[0], &w, -1);
	close(ends[0]);
	ends[0] = -1;
	OK(wire_recv(ends[1], &got, &fd, 0) == 1 && got.kind == WIRE_STOP, "what was sent before the other side went arrives");
	OK(wire_recv(ends[1], &got, &fd, 0) == 0 && fd == -1, "then it is gone");
	OK(wire_send(ends[1], &w, -1) < 0 && errno == EPIPE, "sending fails without a signal");
	OK(wire_recv(-1, &got, &fd, 0) == -1 && errno == EBADF, "no socket at all");
}

static void test_reasons(void)
{
	static const char *const names[] = { "",       "exit",     "signal", "stop", "script",
					     "reboot", "poweroff", "killed", "lost", "out of memory" };
	bool all = sizeof(names) / sizeof(*names) == END_REASONS;

	for (unsigned i = 0; all && i < END_REASONS; i++)
		all = !strcmp(wire_reason_name(i), names[i]);
	OK(all, "the reasons have the names of the state file");
	SAME(wire_reason_name(END_REASONS), "", "none beyond the last");
	SAME(wire_reason_name(UINT32_MAX), "", "nor far beyond");
}

int main(void)
{
	ends[0] = ends[1] = -1;
	pair();
	test_round_trip();
	test_hostile();
	test_gone();
	test_reasons();
	return tap_done();
}
