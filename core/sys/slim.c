/* SPDX-License-Identifier: Zlib
 * Waiting with next to nothing in memory.
 *
 * When a page of a program's file is touched the kernel maps the 64 KiB around it too ("fault-around", mm/memory.c), so
 * that a process which only ever runs one small loop has most of its program resident. MADV_DONTNEED takes those pages
 * out of the process again; of a read-only mapping of a file nothing is lost by it. The function that does so and then
 * waits must not touch them any more: it lies within one page, which is spared, and makes its system calls by itself,
 * without the C library. */
#include "sys/slim.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	PAGE = 4096, /* where pages are larger, less is given back */
	RANGES = 8,
	STACK = 128 << 10, /* more than was ever in use */
	FRAME = 512,       /* more than wait_slim uses below its frame address */
	SIZE = 512,        /* bytes that wait_slim may have, so that its alignment keeps it within one page */
	IDLE_MS = 100,
};

#if defined(__x86_64__)
static inline long call(long number, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
static inline long call(long number, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d, x4 __asm__("x4") = e;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}
#elif defined(__riscv) && __riscv_xlen == 64
static inline long call(long number, long a, long b, long c, long d, long e)
{
	register long a7 __asm__("a7") = number, a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d, a4 __asm__("a4") = e;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4) : "memory");
	return a0;
}
#else
#define NO_CALL
#endif

#ifndef NO_CALL
struct range {
	uintptr_t start, end;
};

static inline uintptr_t page_of(uintptr_t address)
{
	return address & ~(uintptr_t)(PAGE - 1);
}

/* Give the ranges back, then wait. Returns as the system call. */
__attribute__((noinline, aligned(SIZE))) static long wait_slim(const struct range *r, struct pollfd *polls, nfds_t n,
							       struct timespec *t)
{
	/* The stack that this function does not use: what called it is above its frame. */
	uintptr_t here = page_of((uintptr_t)__builtin_frame_address(0) - FRAME);

	call(SYS_madvise, (long)(here - STACK), STACK, MADV_DONTNEED, 0, 0);
	for (; r->start; r++)
		call(SYS_madvise, (long)r->start, (long)(r->end - r->start), MADV_DONTNEED, 0, 0);
	return call(SYS_ppoll, (long)polls, (long)n, (long)t, 0, 0);
}

static struct range *add(struct range *r, uintptr_t start, uintptr_t end)
{
	if (start < end)
		*r++ = (struct range){ start, end };
	return r;
}

/* The parts of the program that nobody writes to, but for the page of wait_slim; and what the caller says. */
static void find_ranges(struct range r[RANGES + 1], uintptr_t unused, size_t size)
{
	const ElfW(Phdr) *h = (const ElfW(Phdr) *)getauxval(AT_PHDR);
	unsigned long n = getauxval(AT_PHNUM);
	uintptr_t spared = page_of((uintptr_t)wait_slim);
	const struct range *end = r + RANGES - 2;

	for (; n && r < end; n--, h++) {
		uintptr_t first = page_of(h->p_vaddr), last = page_of(h->p_vaddr + h->p_memsz + PAGE - 1);

		if (h->p_type != PT_LOAD || h->p_flags & PF_W)
			continue;
		r = add(r, first, spared > first && spared < last ? spared : last);
		if (spared >= first && spared < last)
			r = add(r, spared + PAGE, last);
	}
	r = add(r, unused, unused + size);
	*r = (struct range){ 0 };
}
#endif

int slim_poll(struct pollfd *polls, nfds_t n, int64_t ns, void *unused, size_t size)
{
	const int64_t idle = IDLE_MS * 1000000L;
	int64_t first = ns < 0 || ns > idle ? idle : ns;
	struct timespec t = { 0, (long)first };
	int ready = ppoll(polls, n, &t, NULL);

	if (ready || first == ns)
		return ready;
	ns -= ns < 0 ? 0 : first;
	t = (struct timespec){ ns / 1000000000, ns % 1000000000 };
#ifndef NO_CALL
	struct range ranges[RANGES + 1];
	long result;

	find_ranges(ranges, (uintptr_t)unused, size);
	result = wait_slim(ranges, polls, n, ns < 0 ? NULL : &t);
	if (result >= 0)
		return (int)result;
	errno = (int)-result;
	return -1;
#else
	(void)unused;
	(void)size;
	return ppoll(polls, n, ns < 0 ? NULL : &t, NULL);
#endif
}
