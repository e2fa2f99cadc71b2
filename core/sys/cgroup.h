/* SPDX-License-Identifier: Zlib
 * The cgroups of a container: by them its processes can be found, killed and frozen, its use of the machine limited and
 * counted. cgroups(7); Documentation/admin-guide/cgroup-v1/ and cgroup-v2.rst of the kernel.
 *
 * A machine has the hierarchies of v1, each with some controllers, or the one of v2, or both, each controller being in one of
 * them. Of every hierarchy that is needed a container has two directories below the caller's own cgroup: the outer one,
 * cagebox-NAME, has the limits; the inner one, "box", has the processes, and is all that a container can ever see. */
#ifndef CAGEBOX_SYS_CGROUP_H
#define CAGEBOX_SYS_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

enum cgroup_controller {
	CGROUP_CPU,
	CGROUP_CPUACCT, /* v1; v2 counts without it */
	CGROUP_CPUSET,
	CGROUP_MEMORY,
	CGROUP_PIDS,
	CGROUP_IO, /* blkio in v1 */
	CGROUP_HUGETLB,
	CGROUP_DEVICES, /* v1; v2 has programs for it (sys/bpf.h) */
	CGROUP_FREEZER, /* v1; v2 freezes without it */
	CGROUP_NET_CLS, /* v1; v2 has programs for it */
	CGROUP_CONTROLLERS,
};

#define CGROUP_BIT(controller) (1u << (controller))

enum { CGROUP_HIERARCHIES = 16 };

/* A hierarchy of this machine. */
struct cgroup_hierarchy {
	char *base;           /* the directory below which ours are made, owned */
	unsigned controllers; /* bits: those that can be had there */
	bool v2;
	int id;      /* the kernel's number of it, 0 for v2 */
	bool locked; /* v2: whoever manages this machine has not given base to us; no controller can be added there */
};

struct cgroup_machine {
	struct cgroup_hierarchy v[CGROUP_HIERARCHIES];
	size_t n;
	char *foreign; /* our own cgroup in v2, if it cannot be written; owned */
};

/* What the machine has, from /proc/self/mountinfo and /proc/self/cgroup; nothing is no error. cgroup_machine_free frees. */
int cgroup_find(struct cgroup_machine *m, struct err *e);
void cgroup_machine_free(struct cgroup_machine *m);

/* Why no hierarchy of m has the controller: e gets the cause, and the remedy is returned. NULL: one has it. */
const char *cgroup_lack(const struct cgroup_machine *m, enum cgroup_controller controller, struct err *e);

/* For the first process of a machine: mount cgroup2 on /sys/fs/cgroup, and beside it the v1
 * hierarchies of what the kernel has in v1 only. Does nothing where there is a cgroup file system already, or no
 * /sys/fs/cgroup. */
int cgroup_mount(struct err *e);

/* The controllers (bits) named in a file of the v2 directory. */
unsigned cgroup_controllers(int dir, const char *file);

/* The name that the kernel has for it in v1, or in v2. */
const char *cgroup_name(enum cgroup_controller controller, bool v2);

/* Among wanted controllers (bits): all hierarchies, whatever is in them. Among needed ones: what holds the processes together. */
#define CGROUP_ALL   CGROUP_BIT(30)
#define CGROUP_TRACK CGROUP_BIT(31)

struct cgroup_dir {
	int outer, inner; /* O_PATH */
	bool v2;
	bool needed; /* after cgroup_make: not only to count, or to be changed later */
};

struct cgroup {
	struct cgroup_dir v[CGROUP_HIERARCHIES];
	size_t n;
	struct words *before;          /* if not NULL: what limits were before they are set (sys/cgroup_limit.h) */
	short why[CGROUP_CONTROLLERS]; /* after cgroup_make: the errno for which v2 did not give us the controller */
};

/* Say why g has no such file of the controller, and what to do about it: "CAUSE (REMEDY)". Returns -1. */
int cgroup_explain(const struct cgroup *g, enum cgroup_controller controller, const char *file, struct err *e);

/* The outer directories that a container called name is to have for the wanted controllers (bits), and in any case for being
 * found and frozen: paths separated by newlines, owned by the caller; *dirs gets NULL where no hierarchy is of use. They can
 * be written down before they are made. What a dead one has left there is removed; a process in it is an error. */
int cgroup_plan(const char *name, unsigned wanted, char **dirs, struct err *e);

/* Make them, with the controllers that can be had. v2 demands that a cgroup with controllers for others has no processes of its own:
 * for the sake of needed controllers those that are there, ours among them, go into a leaf "cagebox.leaf" below it, for others
 * nobody is moved. Then *g is open. */
int cgroup_make(const char *dirs, unsigned wanted, unsigned needed, struct cgroup *g, struct err *e);

/* Open what is there. NULL opens nothing. Returns whether that is all of it. cgroup_close closes. */
bool cgroup_open(const char *dirs, struct cgroup *g);
void cgroup_close(struct cgroup *g);

/* Open a file of the outer directories (first of v2, then of v1), or of the inner ones. NULL names are skipped. Returns it,
 * or -1 with errno, ENOENT when no hierarchy has it. *v2 tells which it was, if not NULL. */
int cgroup_file(const struct cgroup *g, const char *v2_name, const char *v1_name, int flags, bool *v2);
int cgroup_inner_file(const struct cgroup *g, const char *name, int flags);

/* The v2 directory, where there is one: it belongs to g. -1 otherwise. */
int cgroup_v2(const struct cgroup *g, bool inner);

/* Move process pid in (0: this one); into those of v1 only, if it was born in the one of v2. */
int cgroup_enter(const struct cgroup *g, pid_t pid, bool v1_only, struct err *e);

/* Have all processes stop running soon; num ENOENT: the machine cannot. Or let all run again. Then wait until it is so. */
int cgroup_ask_freeze(const struct cgroup *g, struct err *e);
void cgroup_thaw(const struct cgroup *g);
int cgroup_wait_frozen(const struct cgroup *g, bool on, struct err *e);
bool cgroup_is_frozen(const struct cgroup *g);

/* SIGKILL every process in the cgroups of dirs, those that are being forked at the moment too. */
void cgroup_kill(const char *dirs);

/* Kill what is left, wait for it to go, remove the directories. NULL and what is gone already are no error. */
int cgroup_remove(const char *dirs, struct err *e);

#endif
