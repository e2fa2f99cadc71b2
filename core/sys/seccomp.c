/* SPDX-License-Identifier: Zlib
 * Putting filters in force. */
#include "sys/seccomp.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seccomp_machine.h"
#include "sys/feature.h"

enum { HANDOVER = 9 }; /* instructions */

static int call(unsigned operation, unsigned flags, const void *argument)
{
	return (int)syscall(SYS_seccomp, operation, flags, argument);
}

bool seccomp_available(void)
{
	/* A kernel that has them looks at the filter, which is not there. */
	return (call(SECCOMP_SET_MODE_FILTER, 0, NULL) < 0 && errno == EFAULT) ||
	       (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) < 0 && errno == EFAULT);
}

bool seccomp_can_report(void)
{
	const uint32_t action = SECCOMP_RET_USER_NOTIF;

	return call(SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* A copy in which what was allowed is reported, but for the message that hands the listener over. Returns its size. */
static size_t make_reporting(struct sock_filter *copy, const struct sock_filter *code, size_t n)
{
	const unsigned low = seccomp_table.big_endian ? sizeof(uint32_t) : 0;
	const unsigned fd = offsetof(struct seccomp_data, args) + low, flags = fd + 2 * sizeof(uint64_t);
	const struct sock_filter handover[HANDOVER] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_table.abi[SECCOMP_NATIVE].arch, 0, 7),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, fd),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_HANDOVER_FD, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_HANDOVER_FLAGS, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	memcpy(copy, handover, sizeof(handover));
	memcpy(copy + HANDOVER, code, n * sizeof(*code));
	for (size_t i = HANDOVER; i < HANDOVER + n; i++)
		if (copy[i].code == (BPF_RET | BPF_K) && copy[i].k == SECCOMP_RET_ALLOW)
			copy[i].k = SECCOMP_RET_USER_NOTIF;
	return HANDOVER + n;
}

int seccomp_install(const struct sock_filter *code, size_t n, bool report, struct err *e)
{
	/* Not to be freed: that would be a call that waits for the listener. */
	struct sock_filter copy[SECCOMP_CODE_MAX + HANDOVER];
	struct sock_fprog program = { .len = (unsigned short)n, .filter = (struct sock_filter *)(uintptr_t)code };
	int result;

	if (report) {
		program.len = (unsigned short)make_reporting(copy, code, n);
		program.filter = copy;
	}
	result = call(SECCOMP_SET_MODE_FILTER, report ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0, &program);
	if (result < 0 && errno == ENOSYS && !report)
		result = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
	if (result >= 0)
		return result;
	err_sys(e, "filter the system calls");
	if (e->num == ENOSYS || e->num == EINVAL)
		return err_feature(e, report ? FEATURE_SECCOMP_NOTIFY : FEATURE_SECCOMP);
	return -1;
}
