/* SPDX-License-Identifier: Zlib
 * The setting seccomp: which filter of system calls a container's programs get. Host side. */
#ifndef CAGEBOX_BOX_FILTER_H
#define CAGEBOX_BOX_FILTER_H

#include <stdbool.h>

#include "box/plan.h"
#include "spec/spec.h"
#include "sys/seccomp.h"

struct filter {
	bool on;                  /* there is one at all */
	bool built_in;            /* it is the built-in profile */
	struct sock_filter *code; /* owned; NULL with built_in: as it was compiled when cagebox was built */
	size_t n;
	bool trace;       /* the calls are reported */
	char *trace_file; /* where they are written down, NULL: NAME.policy */
};

/* The built-in profile for a container with these capabilities. Returns 0, or -1 with e set. filter_free frees. */
int filter_built_in(uint64_t caps, struct filter *f, struct err *e);

/* What s asks for, read and compiled. A kernel without filters is an error only if one was asked for; else it is in missing, which
 * is empty otherwise. */
int filter_choose(const struct spec *s, uint64_t caps, struct filter *f, struct err *missing, struct err *e);

void filter_free(struct filter *f);

/* Put f into a plan that is being made. */
void filter_plan(const struct filter *f, struct plan_builder *b);

#endif
