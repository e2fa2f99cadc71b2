/* SPDX-License-Identifier: Zlib
 * Raw signal calls. Either side of the border. */
#include "sys/sig.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/feature.h"

/* The kernel's sigset_t: words of a long each, the lowest signals first, whatever the byte order. MIPS has 128
 * signals, of which the upper half belongs to nobody. */
enum {
	WORD_BITS = CHAR_BIT * sizeof(long),
#ifdef __mips__
	SET_BITS = 128,
	HANDLER = 1, /* struct sigaction of the kernel begins with the flags there, with the handler everywhere else */
#else
	SET_BITS = 64,
	HANDLER = 0,
#endif
};

struct set {
	unsigned long word[SET_BITS / WORD_BITS];
};

/* Room for the kernel's struct sigaction of any architecture: handler, flags, restorer, mask. All but the handler is
 * zero. */
struct action {
	unsigned long word[4 + SET_BITS / WORD_BITS];
};

static struct set set_of(uint64_t mask)
{
	struct set s = { { 0 } };

	for (unsigned i = 0; i < 64 / WORD_BITS; i++)
		s.word[i] = (unsigned long)(mask >> (i * WORD_BITS % 64));
	return s;
}

static uint64_t mask_of(const struct set *s)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < 64 / WORD_BITS; i++)
		mask |= (uint64_t)s->word[i] << (i * WORD_BITS % 64);
	return mask;
}

static int change_mask(uint64_t mask, uint64_t *old)
{
	struct set new = set_of(mask), before = { { 0 } };

	if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &new, &before, sizeof(new)) < 0)
		return -1;
	if (old)
		*old = mask_of(&before);
	return 0;
}

int sig_block_all(uint64_t *old)
{
	return change_mask(SIG_ALL, old);
}

int sig_set_mask(uint64_t mask)
{
	return change_mask(mask, NULL);
}

int sig_fd(uint64_t mask, struct err *e)
{
	struct set s = set_of(mask);
	int fd = (int)syscall(SYS_signalfd4, -1, &s, sizeof(s), SFD_CLOEXEC | SFD_NONBLOCK);

	if (fd >= 0)
		return fd;
	err_sys(e, "open a descriptor for signals");
	return e->num == ENOSYS ? err_feature(e, FEATURE_SIGNALFD) : -1;
}

int sig_take(uint64_t mask, struct sig_info *info, int64_t timeout_ms)
{
	struct set s = set_of(mask);
	siginfo_t got = { 0 };
	int signal;
#ifdef SYS_rt_sigtimedwait_time64
	const int64_t t[2] = { timeout_ms / 1000, timeout_ms % 1000 * 1000000 };

	signal = (int)syscall(SYS_rt_sigtimedwait_time64, &s, &got, timeout_ms < 0 ? NULL : t, sizeof(s));
	if (signal < 0 && errno == ENOSYS) /* before Linux 5.1 */
#endif
	{
		const long old[2] = { (long)(timeout_ms / 1000), (long)(timeout_ms % 1000 * 1000000) };

		signal = (int)syscall(SYS_rt_sigtimedwait, &s, &got, timeout_ms < 0 ? NULL : old, sizeof(s));
	}
	if (signal > 0 && info)
		*info = (struct sig_info){ signal, got.si_code, got.si_pid };
	return signal;
}

uint64_t sig_ignored(void)
{
	uint64_t ignored = 0;

	for (int n = 1; n <= SIG_LAST; n++) {
		struct action a = { { 0 } };

		if (syscall(SYS_rt_sigaction, n, NULL, &a, sizeof(struct set)) == 0 &&
		    a.word[HANDLER] == (unsigned long)(uintptr_t)SIG_IGN)
			ignored |= sig_bit(n);
	}
	return ignored;
}

void sig_set_dispositions(uint64_t before, uint64_t ignored)
{
	for (int n = 1; n <= SIG_LAST; n++) {
		bool ignore = ignored & sig_bit(n);
		struct action a = { { 0 } };

		a.word[HANDLER] = (unsigned long)(uintptr_t)(ignore ? SIG_IGN : SIG_DFL);
		if ((before ^ ignored) & sig_bit(n) && n != SIGKILL && n != SIGSTOP)
			syscall(SYS_rt_sigaction, n, &a, NULL, sizeof(struct set));
	}
}
