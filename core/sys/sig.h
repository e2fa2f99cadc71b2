/* SPDX-License-Identifier: Zlib
 * Signals as the kernel counts them: 1 to 64, masks of 64 bits, bit N-1 for signal N. The C library's sets hide 32
 * to 34 from its callers, so that sigfillset does not block them and sigaction refuses them: everything here uses
 * the raw calls. */
#ifndef CAGEBOX_SYS_SIG_H
#define CAGEBOX_SYS_SIG_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { SIG_LAST = 64 };

#define SIG_ALL UINT64_MAX

/* The mask of one signal, 1 to 64. */
static inline uint64_t sig_bit(int signal)
{
	return UINT64_C(1) << (signal - 1);
}

/* A signal that was taken from the queue. */
struct sig_info {
	int signal;
	int code;  /* SI_USER, SI_KERNEL, CLD_EXITED ...: sigaction(2) */
	pid_t pid; /* the sender, or the child of a SIGCHLD; 0: somebody outside of this pid namespace, or the kernel */
};

/* Block every signal. *old (may be NULL) gets the mask as it was. Returns 0, or -1 with errno. sigprocmask(2). */
int sig_block_all(uint64_t *old);

/* Set the mask of blocked signals. Returns 0, or -1 with errno. */
int sig_set_mask(uint64_t mask);

/* A descriptor that is readable while one of mask's signals, which must be blocked, is pending. Close-on-exec and
 * non-blocking. Returns it, or -1 with e set. signalfd(2). Take the signals by reading struct signalfd_siginfo from it,
 * or by sig_take. */
int sig_fd(uint64_t mask, struct err *e);

/* Take one of mask's signals, which must be blocked, from the queue; wait timeout_ms for one (0: do not wait, -1:
 * for ever). Returns the signal's number with *info (may be NULL) filled, or -1 with errno EAGAIN or EINTR.
 * sigtimedwait(2). */
int sig_take(uint64_t mask, struct sig_info *info, int64_t timeout_ms);

/* The signals that are ignored at present. sigaction(2). */
uint64_t sig_ignored(void);

/* Ignore the signals of ignored, give all others their default action, where the signals of before are ignored now
 * (nobody here has handlers): only those that differ cost a call, and ~ignored for before sets all. KILL and STOP
 * cannot be changed and are skipped. */
void sig_set_dispositions(uint64_t before, uint64_t ignored);

#endif
