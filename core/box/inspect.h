/* SPDX-License-Identifier: Zlib
 * What is in force for a container, as the kernel tells: from /proc, never from what was asked for, and from outside:
 * nothing here joins a namespace. What its processes can choose (names, paths, command lines) is data of theirs. Host side. */
#ifndef CAGEBOX_BOX_INSPECT_H
#define CAGEBOX_BOX_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "box/join.h"
#include "box/state.h"
#include "spec/spec.h"
#include "sys/mount.h"
#include "sys/proc.h"

enum inspect_caps { CAPS_INHERITABLE, CAPS_PERMITTED, CAPS_EFFECTIVE, CAPS_BOUNDING, CAPS_AMBIENT, CAPS_SETS };

/* Ids are those of the caller's user namespace. */
struct inspect_process {
	struct proc_id id;         /* pid 0: there is none */
	struct words argv;         /* what it shows as its command line */
	uint32_t uids[4], gids[4]; /* real, effective, saved, of files */
	struct words groups;       /* supplementary ones, as numbers */
	uint64_t caps[CAPS_SETS];
	int umask, no_new_privs, seccomp, filters; /* -1: the kernel does not tell */
	int oom_score_adj;
	uint32_t owner;      /* of /proc/PID: not the effective user where it is not dumpable */
	char *label;         /* of a security module, NULL: none */
	struct words limits; /* as the setting rlimit takes them */
};

struct inspect_ns {
	uint64_t inode; /* 0: the kernel has none of this kind */
	bool own;       /* not the caller's */
};

struct inspect_mount {
	char *line, *host;   /* owned; host: what is shown there, on the host, NULL where that has no path */
	struct mount_line m; /* within line */
	bool read_only, covered;
};

struct inspect_device {
	char *path;
	bool block;
	unsigned major, minor;
};

/* Something that weakens the container, or only a note. */
struct inspect_weakness {
	char *what;
	const char *why, *remedy;
	bool note;
};

/* The fields after status are there for one that runs. */
struct inspect {
	struct state state;
	int status; /* enum state_status */
	struct inspect_process init, command;
	struct inspect_ns ns[JOIN_KINDS]; /* in the order of join_kinds */
	struct words uid_map, gid_map;    /* INSIDE OUTSIDE COUNT */
	char *setgroups;                  /* "allow" or "deny", NULL: the kernel has none */
	struct inspect_mount *mounts;     /* in the order of their making */
	size_t nmounts;
	struct inspect_device *devices; /* in /dev, beyond those that every container has */
	size_t ndevices;
	struct words landlock; /* rules, as the setting takes them */
	struct words scope;    /* "sockets", "signals": what ends at the container's border by Landlock */
	struct words cgroups;  /* ID:CONTROLLERS:PATH */
	struct spec limits;
	struct inspect_weakness *weak;
	size_t nweak, nwarnings; /* without the notes */
	bool failed;             /* while judging: memory was short */
};

/* At most: how many there are is up to the container, and each is looked for among all the others, level by level. */
enum { INSPECT_MOUNTS = 1024 };

/* Look at the container of that name. Returns 0, or -1 with e set, e->num ENOENT when there is none. inspect_free frees in
 * any case. */
int inspect_read(const char *name, struct inspect *in, struct err *e);
void inspect_free(struct inspect *in);

/* --- parts of it -------------------------------------------------------------------------------------------------- */

/* A file of a process as a string owned by the caller, at most its first MiB; *size (unless NULL) gets its length: there may
 * be zero bytes in it. NULL with errno. */
char *inspect_file(pid_t pid, const char *file, size_t *size);

/* The mounts as init sees them, and the devices in its /dev. */
int inspect_mounts(struct inspect *in, struct err *e);

/* The mount that a path inside leads to, as far as there are no links in it. NULL: none. */
const struct inspect_mount *inspect_mount_at(const struct inspect *in, const char *path);

/* Whether a namespace of that name in /proc/PID/ns is the caller's. */
bool inspect_shares(const struct inspect *in, const char *file);

/* Judge what was read. */
int inspect_judge(struct inspect *in, struct err *e);

#endif
