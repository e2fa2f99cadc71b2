/* SPDX-License-Identifier: Zlib
 * Policies: which system calls programs may make. Text in the syntax of minijail0(5) with a few words of our own
 * (cagebox-seccomp(7)) becomes a list of rules. No system calls: the build has a tool of the same source. */
#ifndef CAGEBOX_SYS_SECCOMP_POLICY_H
#define CAGEBOX_SYS_SECCOMP_POLICY_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A machine's own way to call, and the one of the 32-bit programs that it runs too. */
enum { SECCOMP_NATIVE, SECCOMP_FOREIGN, SECCOMP_ABIS };

struct seccomp_abi {
	uint32_t arch; /* AUDIT_ARCH_*, 0: there is none */
	bool wide;     /* arguments of 64 bits */
};

struct seccomp_call {
	uint16_t name;                /* where it is in the table's names */
	uint8_t narrow;               /* bit N: of argument N the kernel reads 32 bits */
	uint8_t rule;                 /* of the built-in profile */
	int32_t number[SECCOMP_ABIS]; /* -1: that ABI lacks it */
};

/* What is to be known of a machine; made from syscalls.tbl and default.policy when cagebox is built. */
struct seccomp_table {
	struct seccomp_abi abi[SECCOMP_ABIS];
	bool big_endian, mips; /* mips has numbers of its own for some errors */
	const char *names;
	const struct seccomp_call *calls; /* in order of their names */
	size_t ncalls;
	const char *const *rules; /* the built-in profile's, as text */
	size_t nrules;
};

enum seccomp_op {
	SECCOMP_FALSE,
	SECCOMP_TRUE,
	SECCOMP_IS_NATIVE,
	SECCOMP_EQ,
	SECCOMP_NE,
	SECCOMP_LT,
	SECCOMP_LE,
	SECCOMP_GT,
	SECCOMP_GE,
	SECCOMP_ANY,
	SECCOMP_IN
};

/* One comparison of argument arg with value. Those between two that begin an alternative must all be true. */
struct seccomp_atom {
	uint64_t value;
	uint8_t op; /* enum seccomp_op */
	uint8_t arg;
	bool begins;
};

/* Calls for which an alternative is true are allowed. */
struct seccomp_rule {
	uint32_t otherwise; /* SECCOMP_RET_*; SECCOMP_UNSET: what happens to calls without a rule */
	uint32_t atom, natoms;
	bool built_in;
};

enum { SECCOMP_UNSET = 0x12345678 }; /* no action */

/* Begin with seccomp_policy_init, end with seccomp_policy_free. */
struct seccomp_policy {
	const struct seccomp_table *table;
	uint64_t caps;       /* what "cap NAME" looks at */
	uint64_t caps_asked; /* of them */
	uint32_t unlisted;   /* what happens to calls without a rule */
	struct seccomp_atom *atoms;
	struct seccomp_rule *rules;
	int *of; /* for each call of the table its rule, or -1 */
	size_t natoms, nrules;
};

/* Give the text of a file that a policy includes, owned by the caller; NULL with e set. */
typedef char *seccomp_read(const char *path, struct err *e);

int seccomp_policy_init(struct seccomp_policy *p, const struct seccomp_table *t, uint64_t caps, struct err *e);
void seccomp_policy_free(struct seccomp_policy *p);

/* Add the rules of a text; file is its name for messages ("FILE:LINE: ...") and the begin of the path of those that it
 * includes. Returns 0, or -1 with e set. */
int seccomp_parse(struct seccomp_policy *p, const char *file, const char *text, seccomp_read *read, struct err *e);

/* Add the built-in profile for the calls that have no rule yet. */
int seccomp_parse_built_in(struct seccomp_policy *p, struct err *e);

/* The place of a call in the table, or -1. */
int seccomp_find(const struct seccomp_table *t, const char *name);

#endif
