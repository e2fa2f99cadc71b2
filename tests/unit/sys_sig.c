/* SPDX-License-Identifier: Zlib
 * Raw signals (sys/sig.h): all 64 of them, those that the C library hides too. Prints TAP. */
#include "sys/sig.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int count, failures;

#define OK(what, title) ok(what, title, __LINE__)
static void ok(bool passed, const char *title, int line)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++count, title);
	if (!passed) {
		printf("# line %d\n", line);
		failures++;
	}
}

/* A mask of this process as the kernel tells it. */
static uint64_t kernel_mask(const char *name)
{
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long long mask = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			sscanf(line + strlen(name), ": %llx", &mask);
	if (f)
		fclose(f);
	return mask;
}

static const uint64_t unblockable = UINT64_C(1) << 8 | UINT64_C(1) << 18;

static void test_masks(void)
{
	uint64_t old = 0, odd = sig_bit(1) | sig_bit(32) | sig_bit(33) | sig_bit(34) | sig_bit(64);

	OK(sig_set_mask(odd) == 0 && kernel_mask("SigBlk") == odd, "a mask is set whole, 32 to 34 and 64 included");
	OK(sig_block_all(&old) == 0 && old == odd, "block all gives the mask before");
	OK(kernel_mask("SigBlk") == (SIG_ALL & ~unblockable), "everything is blocked that can be");
}

static void test_dispositions(void)
{
	uint64_t ignored = sig_bit(SIGINT) | sig_bit(SIGCHLD) | sig_bit(33) | sig_bit(64);

	sig_set_dispositions(~(ignored | unblockable), ignored | unblockable);
	OK(sig_ignored() == ignored && kernel_mask("SigIgn") == ignored, "dispositions are set and read");
	sig_set_dispositions(SIG_ALL, 0);
	OK(sig_ignored() == 0 && kernel_mask("SigIgn") == 0, "and set back");
}

static void test_take(void)
{
	struct sig_info info;
	int taken = 0;

	OK(sig_take(SIG_ALL, &info, 0) < 0 && errno == EAGAIN, "nothing is pending");
	OK(sig_take(SIG_ALL, NULL, 20) < 0 && errno == EAGAIN, "nothing comes in a short time");
	for (int n = 1; n <= SIG_LAST; n++) {
		if (sig_bit(n) & unblockable)
			continue;
		kill(getpid(), n);
		taken += sig_take(SIG_ALL, &info, -1) == n && info.signal == n && info.pid == getpid() && info.code == SI_USER;
	}
	OK(taken == 62, "every signal is taken, with its sender");
	kill(getpid(), SIGTERM);
	OK(sig_take(~sig_bit(SIGTERM), NULL, 0) < 0 && sig_take(sig_bit(SIGTERM), NULL, 0) == SIGTERM,
	   "only one of the mask is taken");
}

static void test_fd(void)
{
	struct signalfd_siginfo got = { 0 };
	struct err e;
	int fd = sig_fd(sig_bit(33), &e);

	OK(fd >= 0 && read(fd, &got, sizeof(got)) < 0 && errno == EAGAIN, "the descriptor does not block");
	kill(getpid(), 33);
	OK(read(fd, &got, sizeof(got)) == sizeof(got) && got.ssi_signo == 33, "it gives a signal that the C library hides");
}

int main(void)
{
	test_masks();
	test_dispositions();
	test_take();
	test_fd();
	printf("1..%d\n", count);
	return failures != 0;
}
