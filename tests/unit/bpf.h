/* SPDX-License-Identifier: Zlib
 * What the tests of filters share: the kernel's part in it (its checks of a program, and running it), and what a policy says of a
 * call, read from its rules one by one. */
#ifndef CAGEBOX_TESTS_BPF_H
#define CAGEBOX_TESTS_BPF_H

#include <string.h>

#include "sys/seccomp_compile.h"

enum { BPF_BROKEN = 0x6b6b6b6b }; /* no action */

/* Whether the kernel would take it: every jump leads to an instruction, the last one returns. */
static inline bool bpf_check(const struct sock_filter *code, size_t n)
{
	if (!n || n > BPF_MAXINSNS || code[n - 1].code != (BPF_RET | BPF_K))
		return false;
	for (size_t i = 0; i < n; i++)
		switch (code[i].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (code[i].k % 4 || code[i].k >= sizeof(struct seccomp_data))
				return false;
			break;
		case BPF_JMP | BPF_JA:
			if (code[i].k >= n - i - 1)
				return false;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			if (code[i].jt >= n - i - 1 || code[i].jf >= n - i - 1)
				return false;
			break;
		case BPF_RET | BPF_K:
			break;
		default:
			return false;
		}
	return true;
}

/* What a checked program says. */
static inline uint32_t bpf_run(const struct sock_filter *code, size_t n, const struct seccomp_data *d, unsigned *steps)
{
	uint32_t a = 0;
	bool yes;

	for (size_t i = 0; i < n; i++) {
		const struct sock_filter *f = &code[i];

		++*steps;
		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
			memcpy(&a, (const char *)d + f->k, sizeof(a));
			break;
		case BPF_RET:
			return f->k;
		default:
			if (BPF_OP(f->code) == BPF_JA) {
				i += f->k;
				break;
			}
			yes = BPF_OP(f->code) == BPF_JEQ ? a == f->k :
			      BPF_OP(f->code) == BPF_JGT ? a > f->k :
			      BPF_OP(f->code) == BPF_JGE ? a >= f->k :
							   (a & f->k) != 0;
			i += yes ? f->jt : f->jf;
		}
	}
	return BPF_BROKEN;
}

/* Whether a comparison holds for an argument as the kernel reads it. */
static inline bool naive_atom(const struct seccomp_policy *p, const struct seccomp_atom *a, const struct seccomp_call *c,
			      unsigned abi, const uint64_t *args)
{
	bool narrow = !p->table->abi[abi].wide || c->narrow >> a->arg & 1;
	uint64_t value = a->value, arg = narrow ? (uint32_t)args[a->arg] : args[a->arg];

	/* A negative number of 32 bits. */
	if (narrow && (value >> 32 == UINT32_MAX || (a->op == SECCOMP_IN || a->op == SECCOMP_ANY)))
		value = (uint32_t)value;
	switch ((enum seccomp_op)a->op) {
	case SECCOMP_FALSE:
		return false;
	case SECCOMP_TRUE:
		return true;
	case SECCOMP_IS_NATIVE:
		return abi == SECCOMP_NATIVE;
	case SECCOMP_EQ:
		return arg == value;
	case SECCOMP_NE:
		return arg != value;
	case SECCOMP_LT:
		return arg < value;
	case SECCOMP_LE:
		return arg <= value;
	case SECCOMP_GT:
		return arg > value;
	case SECCOMP_GE:
		return arg >= value;
	case SECCOMP_ANY:
		return (arg & value) != 0;
	case SECCOMP_IN:
		return (arg & ~value) == 0;
	}
	return false;
}

static inline uint32_t naive_rule(const struct seccomp_policy *p, size_t call, unsigned abi, const uint64_t *args)
{
	const struct seccomp_rule *r = p->of[call] < 0 ? NULL : &p->rules[p->of[call]];
	bool all = false;

	if (!r)
		return p->unlisted;
	for (uint32_t i = r->atom; i < r->atom + r->natoms; i++) {
		if (p->atoms[i].begins && all)
			break;
		all = (all || p->atoms[i].begins) && naive_atom(p, &p->atoms[i], &p->table->calls[call], abi, args);
		/* The rest of an alternative that has failed. */
		while (!all && i + 1 < r->atom + r->natoms && !p->atoms[i + 1].begins)
			i++;
	}
	return all ? SECCOMP_RET_ALLOW : r->otherwise == SECCOMP_UNSET ? p->unlisted : r->otherwise;
}

/* What a policy makes of a call. */
static inline uint32_t naive_run(const struct seccomp_policy *p, const struct seccomp_data *d)
{
	for (unsigned abi = 0; abi < SECCOMP_ABIS; abi++) {
		if (!p->table->abi[abi].arch || d->arch != p->table->abi[abi].arch)
			continue;
		for (size_t i = 0; i < p->table->ncalls; i++)
			if (p->table->calls[i].number[abi] >= 0 && p->table->calls[i].number[abi] == d->nr) {
				uint64_t args[6];

				memcpy(args, d->args, sizeof(args));
				return naive_rule(p, i, abi, args);
			}
		return SECCOMP_RET_ERRNO | (p->table->mips ? 89 : 38);
	}
	return SECCOMP_RET_KILL_PROCESS;
}

#endif
