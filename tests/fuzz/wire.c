/* SPDX-License-Identifier: Zlib
 * Packets from the container: any bytes, with none to three descriptors. */
#include "box/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int ends[2] = { -1, -1 }, next = -1;
	union {
		char room[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr align;
	} c = { 0 };
	struct iovec iov = { (void *)(uintptr_t)data, size };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	size_t n = size ? data[size - 1] % 4 : 0;
	struct wire w;
	int fd = 99, got;

	if (ends[0] < 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		abort();
	/* The lowest free number tells whether a descriptor was left open. */
	if (next < 0 && ((next = dup(0)) < 0 || close(next) < 0))
		abort();
	if (n) {
		m.msg_control = c.room;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c.align = (struct cmsghdr){ CMSG_LEN(n * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memset(CMSG_DATA(&c.align), 0, n * sizeof(int));
	}
	if (sendmsg(ends[0], &m, MSG_NOSIGNAL) < 0)
		return 0;
	got = wire_recv(ends[1], &w, size & 1 ? &fd : NULL, MSG_DONTWAIT);
	PROMISE(got == (size == sizeof(w) ? 1 : size ? -1 : 0));
	PROMISE(got != 1 || memchr(w.err.text, 0, sizeof(w.err.text)));
	if (got == 1)
		wire_reason_name(w.reason);
	if (size & 1 && fd >= 0)
		close(fd);
	fd = dup(0);
	PROMISE(fd == next);
	close(fd);
	return 0;
}
