/* SPDX-License-Identifier: Zlib
 * An older kernel: fallback_helper CALL[,CALL...] COMMAND [ARGUMENT...] runs a command for which, and for whose children, these system calls
 * do not exist (ENOSYS). The ioctl TIOCGPTPEER counts as a call, and gives ENOTTY, as a terminal answers to what it does not know; so does PR_SET_SECCOMP of prctl, which gives EINVAL. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

static const struct {
	const char *name;
	int number;
} calls[] = {
	/* By number where the C library is older than the call: the same on every architecture. */
	{ "seccomp", SYS_seccomp }, { "pidfd_send_signal", 424 }, { "open_tree", 428 }, { "move_mount", 429 },
	{ "fsopen", 430 },          { "fsmount", 432 },           { "fspick", 433 },    { "pidfd_open", 434 },
	{ "clone3", 435 },          { "close_range", 436 },       { "openat2", 437 },   { "faccessat2", 439 },
	{ "mount_setattr", 442 },
};

static struct sock_filter filter[128];
static unsigned short used;

static void add(struct sock_filter f)
{
	filter[used++] = f;
}

static void answer(int number, int error)
{
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1));
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error));
}

/* By the value of an argument. Leaves the call's number in the accumulator on the way on. */
static void answer_one(unsigned number, unsigned arg, unsigned value, int error)
{
	const unsigned low = offsetof(struct seccomp_data, args) + arg * 8 + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);

	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4));
	add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low));
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error));
	add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
}

static int add_call(const char *name)
{
	if (!strcmp(name, "TIOCGPTPEER")) {
		answer_one(SYS_ioctl, 1, TIOCGPTPEER, ENOTTY);
		return 0;
	}
	if (!strcmp(name, "PR_SET_SECCOMP")) {
		answer_one(SYS_prctl, 0, PR_SET_SECCOMP, EINVAL);
		return 0;
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (!strcmp(calls[i].name, name)) {
			answer(calls[i].number, ENOSYS);
			return 0;
		}
	fprintf(stderr, "fallback_helper: no call is known as %s\n", name);
	return -1;
}

int main(int argc, char **argv)
{
	struct sock_fprog program = { .filter = filter };

	if (argc < 3)
		return 99;
	add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
	for (char *name = strtok(argv[1], ","); name; name = strtok(NULL, ","))
		if (add_call(name) < 0)
			return 99;
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	program.len = used;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
		perror("fallback_helper: seccomp");
		return 99;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 99;
}
