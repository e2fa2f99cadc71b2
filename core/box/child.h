/* SPDX-License-Identifier: Zlib
 * The last steps of every program that runs inside: from a fresh child of init, or of exec's joiner, to the program
 * itself. Container side. */
#ifndef CAGEBOX_BOX_CHILD_H
#define CAGEBOX_BOX_CHILD_H

#include "base/err.h"
#include "box/plan.h"

/* What a child is to become. All is borrowed. */
struct child {
	const struct plan *plan; /* identity, limits, cwd, umask, capabilities, signal mask and dispositions */
	char *const *argv;
	char *const *env;
	int exec_fd;       /* execute this descriptor in place of argv[0], or -1 */
	int tty;           /* make this the controlling terminal and standard streams (a new session), or -1 */
	bool group;        /* without tty: a process group of its own, in the foreground of a terminal if there is one */
	bool as_root;      /* hooks and scripts: root, without the command's identity, limits and cwd */
	int parent_signal; /* PR_SET_PDEATHSIG, or 0 */
	int parent;        /* with it: a socket whose other side is the parent's, or 0: it may have died before that was set */
};

/* Become c, in the process that calls: sets everything up and executes. On failure it returns -1 with e set, e->code
 * being EXIT_NOT_FOUND, EXIT_CANNOT_RUN or 0; the caller reports it and leaves with _exit. Allocates freely: never
 * call it in init itself. argv[0] without a slash is searched in env's PATH. */
int child_exec(const struct child *c, struct err *e);

/* The part of that which takes a look at one's own files in /proc: of PLAN_OOM. */
int child_set_oom_score(const struct plan *p, struct err *e);

#endif
