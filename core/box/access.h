/* SPDX-License-Identifier: Zlib
 * What a container's programs are allowed by Landlock. */
#ifndef CAGEBOX_BOX_ACCESS_H
#define CAGEBOX_BOX_ACCESS_H

#include "base/err.h"
#include "box/plan.h"
#include "spec/spec.h"

/* On the host, before anything is touched: the kinds (enum landlock_kind) that the rules of s are about, and those that init and
 * all that descends from it are to be one domain for. -1 with e set for what the kernel cannot do; if s is strict, for a gap too. */
int access_check(const struct spec *s, unsigned *access, unsigned *scope, struct err *e);

/* What rules of these kinds leave open because the kernel is too old to deny it, for people; NULL: nothing. */
const char *access_gap(unsigned access);

/* Inside, in the process that is to become a program: put it under the rules of p. exec_fd, unless it is -1, is the program, which is
 * allowed. */
int access_restrict(const struct plan *p, int exec_fd, struct err *e);

#endif
