/* SPDX-License-Identifier: Zlib
 * Clients of a container's control socket that nobody would write on purpose: attach_helper MODE SOCKET [N]
 *
 *	many		attach N times, print how many of them were let in, and keep all until standard input ends
 *	type		attach only to look on and type a line and a size and the end of the input all the same
 *	silent		attach N times, type, and go away without having read anything
 *	hostile		say all kinds of nonsense, before and after being attached
 *
 * Exits 0 once everything was said. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "box/control.h"

static const char *path;

static int reach(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void say(int fd, const void *data, size_t n)
{
	/* Who was thrown out already is not heard any more. */
	send(fd, data, n, MSG_NOSIGNAL);
}

static int attach(int32_t number, struct control_answer *answer)
{
	const struct control_request request = { CONTROL_ATTACH, number };
	int fd = reach();

	say(fd, &request, sizeof(request));
	if (recv(fd, answer, sizeof(*answer), 0) != (ssize_t)sizeof(*answer)) {
		fprintf(stderr, "no answer\n");
		exit(1);
	}
	return fd;
}

static void tell(int fd, uint32_t kind, int32_t number, const char *text)
{
	struct attach_packet p = { .head = { .kind = kind, .number = number } };
	size_t n = strlen(text);

	memcpy(p.data, text, n);
	say(fd, &p, sizeof(p.head) + n);
}

static void many(int n)
{
	struct control_answer answer;
	int in = 0;
	char c;

	for (int i = 0; i < n; i++) {
		attach(1, &answer);
		in += answer.result == 0;
	}
	printf("%d in, then: %s\n", in, answer.err.text);
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
}

static void silent(int n)
{
	struct control_answer answer;

	for (int i = 0; i < n; i++) {
		int fd = attach(0, &answer);

		tell(fd, ATTACH_INPUT, 0, "x\n");
		close(fd);
	}
}

static void type(void)
{
	struct control_answer answer;
	int fd = attach(1, &answer);

	tell(fd, ATTACH_SIZE, 7 << 16 | 7, "");
	tell(fd, ATTACH_INPUT, 0, "typed by nobody\n");
	tell(fd, ATTACH_END, 0, "");
}

/* With three descriptors. */
static void say_with_descriptors(int fd)
{
	union {
		char room[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr align;
	} c = { .align = { .cmsg_len = CMSG_LEN(3 * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct attach_packet p = { .head = { .kind = ATTACH_INPUT } };
	struct iovec iov = { &p, sizeof(p.head) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c) };

	memcpy(CMSG_DATA(&c.align), (int[]){ 0, 1, 2 }, 3 * sizeof(int));
	sendmsg(fd, &m, MSG_NOSIGNAL);
}

static void hostile(void)
{
	static char large[60000];
	static const uint32_t kinds[] = { 0, ATTACH_OUTPUT, ATTACH_EXIT, ATTACH_SIZE + 1, 0x7fffffff, UINT32_MAX };
	static const int32_t numbers[] = { 0, 1, -1, 0x7fffffff, -0x7fffffff - 1 };
	struct control_request r = { CONTROL_ATTACH, 0 };
	struct control_answer answer;
	int fd;

	memset(large, 0x7f, sizeof(large));
	/* Instead of a request. */
	for (size_t n = 0; n < 40; n++) {
		fd = reach();
		say(fd, large, n == sizeof(r) ? n + 1 : n);
		close(fd);
	}
	say(reach(), large, sizeof(large));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		fd = reach();
		r.kind = (uint32_t)numbers[i] & 0xffffff00u;
		say(fd, &r, sizeof(r));
		close(fd);
		/* Any number asks to be attached. */
		fd = attach(numbers[i], &answer);
		say(fd, &r, sizeof(r));
		close(fd);
	}
	/* Once attached. */
	for (size_t n = 0; n < sizeof(struct attach_head); n++) {
		fd = attach(0, &answer);
		say(fd, large, n);
		close(fd);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		fd = attach(0, &answer);
		tell(fd, kinds[i], -1, "nonsense");
		tell(fd, ATTACH_INPUT, 0, "not heard\n");
		close(fd);
	}
	fd = attach(0, &answer);
	((struct attach_head *)(void *)large)->kind = ATTACH_INPUT;
	say(fd, large, sizeof(struct attach_packet) + 1);
	close(fd);
	fd = attach(0, &answer);
	say(fd, large, sizeof(large));
	close(fd);
	fd = attach(0, &answer);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		tell(fd, ATTACH_SIZE, numbers[i], "what is not asked for");
	for (int i = 0; i < 100; i++)
		tell(fd, ATTACH_INPUT, -1, "");
	say_with_descriptors(fd);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	path = argv[2];
	if (!strcmp(argv[1], "many") && argc == 4)
		many(atoi(argv[3]));
	else if (!strcmp(argv[1], "silent") && argc == 4)
		silent(atoi(argv[3]));
	else if (!strcmp(argv[1], "type"))
		type();
	else if (!strcmp(argv[1], "hostile"))
		hostile();
	else
		return 2;
	return 0;
}
