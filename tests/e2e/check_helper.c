/* SPDX-License-Identifier: Zlib
 * A kernel that lacks something: check_helper LACK[,LACK...] COMMAND [ARGUMENT...] runs a command for which, and for whose children, it
 * is so. LACK is mount=TYPE (ENODEV), ns=KIND (EINVAL), landlock=VERSION (of its interface; 0: none) or the name of a system call (ENOSYS). */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *name;
	int number;
} calls[] = {
	{ "memfd_create", SYS_memfd_create },
	{ "signalfd", SYS_signalfd4 },
	{ "seccomp", SYS_seccomp },
	{ "keyctl", SYS_keyctl },
	{ "bpf", SYS_bpf },
	{ "open_tree", 428 },
	{ "mount_setattr", 442 },
};

static const struct {
	const char *name;
	unsigned flag;
} kinds[] = {
	{ "mount", CLONE_NEWNS },      { "pid", CLONE_NEWPID }, { "uts", CLONE_NEWUTS },   { "ipc", CLONE_NEWIPC },
	{ "cgroup", CLONE_NEWCGROUP }, { "net", CLONE_NEWNET }, { "user", CLONE_NEWUSER }, { "time", 0x80 },
};

static struct sock_filter filter[256];
static unsigned short used;
static const char *types[8];
static int landlock = -1;

static void add(unsigned code, unsigned k, unsigned jt, unsigned jf)
{
	filter[used++] = (struct sock_filter){ (unsigned short)code, (unsigned char)jt, (unsigned char)jf, k };
}

static void answer(int number, unsigned action)
{
	add(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1);
	add(BPF_RET | BPF_K, action, 0, 0);
}

/* Its first argument has the flag. The call's number is in the accumulator on the way on. */
static void answer_flag(int number, unsigned flag)
{
	add(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 4);
	add(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args), 0, 0);
	add(BPF_JMP | BPF_JSET | BPF_K, flag, 0, 1);
	add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL, 0, 0);
	add(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
}

static int add_lack(const char *lack)
{
	if (!strncmp(lack, "mount=", 6)) {
		answer(SYS_mount, SECCOMP_RET_USER_NOTIF);
		for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
			if (!types[i]) {
				types[i] = lack + 6;
				return 0;
			}
	}
	if (!strncmp(lack, "landlock=", 9)) {
		landlock = atoi(lack + 9);
		answer(444, SECCOMP_RET_USER_NOTIF);
		return 0;
	}
	for (size_t i = 0; !strncmp(lack, "ns=", 3) && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, lack + 3)) {
			answer(435, SECCOMP_RET_ERRNO | ENOSYS); /* clone3 */
			answer_flag(SYS_unshare, kinds[i].flag);
			/* There the lowest byte is a signal. */
			if (kinds[i].flag & ~0xffu)
				answer_flag(SYS_clone, kinds[i].flag);
			return 0;
		}
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (!strcmp(calls[i].name, lack)) {
			answer(calls[i].number, SECCOMP_RET_ERRNO | ENOSYS);
			return 0;
		}
	fprintf(stderr, "check_helper: nothing is known as %s\n", lack);
	return -1;
}

static int is_lacking(pid_t pid, uint64_t address)
{
	char type[32] = "";
	struct iovec here = { type, 1 }, there = { (void *)(uintptr_t)address, 1 };

	for (; address && here.iov_base < (void *)(type + sizeof(type) - 1); there.iov_base = (char *)there.iov_base + 1) {
		if (process_vm_readv(pid, &here, 1, &there, 1, 0) != 1 || !*(char *)here.iov_base)
			break;
		here.iov_base = (char *)here.iov_base + 1;
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(*types) && types[i]; i++)
		if (!strcmp(types[i], type))
			return 1;
	return 0;
}

static void serve(int listener)
{
	struct seccomp_notif call = { 0 };
	struct seccomp_notif_resp reply = { 0 };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
		return;
	reply.id = call.id;
	if (call.data.nr == SYS_mount && is_lacking((pid_t)call.pid, call.data.args[2]))
		reply.error = -ENODEV;
	else if (call.data.nr == SYS_mount)
		reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (landlock)
		reply.val = landlock;
	else
		reply.error = -ENOSYS;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

int main(int argc, char **argv)
{
	struct sock_fprog program = { .filter = filter };
	volatile int *listener = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct pollfd p = { .events = POLLIN };
	pid_t child;
	int status;

	if (argc < 3 || listener == MAP_FAILED)
		return 99;
	add(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
	for (char *lack = strtok(argv[1], ","); lack; lack = strtok(NULL, ","))
		if (add_lack(lack) < 0)
			return 99;
	add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = used;
	*listener = -1;
	/* The child's descriptors are ours until it executes the command. */
	child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		*listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
		if (*listener < 0) {
			perror("check_helper: seccomp");
			_exit(99);
		}
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(99);
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		p.fd = *listener;
		if (poll(&p, 1, 5) == 1)
			serve(p.fd);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
