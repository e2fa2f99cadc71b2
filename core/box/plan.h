/* SPDX-License-Identifier: Zlib
 * The plan: all that PID 1 has to know about its container, as one flat block without pointers, so that it crosses
 * exec in a sealed memfd and is read back by mapping it. Made on the host side, read on the container side. An init
 * that stands alone (an image's entry point) makes the same block for itself from its command line. */
#ifndef CAGEBOX_BOX_PLAN_H
#define CAGEBOX_BOX_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Descriptors that init finds at fixed numbers after exec. Each is absent where it is not used. */
enum plan_fd {
	PLAN_FD_WIRE = 3,    /* SOCK_SEQPACKET to the monitor: box/wire.h */
	PLAN_FD_PLAN = 4,    /* the sealed memfd that holds the plan */
	PLAN_FD_TTY = 5,     /* the pty's slave, the command's three standard streams */
	PLAN_FD_COMMAND = 6, /* the command's executable, opened on the host ("@") */
	PLAN_FD_SCRIPT = 7,  /* the init script, opened on the host */
	PLAN_FD_STDOUT = 8,  /* with PLAN_KEEP and PLAN_OWN_PIPES: the reading ends, for when the monitor is gone */
	PLAN_FD_STDERR = 9,
	PLAN_FD_END = 10, /* close everything from here on */
};

enum plan_flag {
	PLAN_TTY = 1,            /* PLAN_FD_TTY is there: the command gets a session and controlling terminal on it */
	PLAN_COMMAND_FD = 2,     /* execute PLAN_FD_COMMAND */
	PLAN_SCRIPT_FD = 4,      /* run PLAN_FD_SCRIPT as root with the container's shell before the command */
	PLAN_KEEP = 8,           /* live on when the monitor dies */
	PLAN_NO_NEW_PRIVS = 16,  /* for the command */
	PLAN_CAPS = 32,          /* limit the command to the capabilities in caps */
	PLAN_FIRST = 64,         /* a container's init, not one that stands alone: the wire and memfd are there */
	PLAN_OOM = 256,          /* oom_score_adj is to be set for the command */
	PLAN_OWN_PIPES = 512,    /* standard output and error are pipes of the monitor's: the command's user may open them */
	PLAN_MAKE_CWD = 1024,    /* if it is missing */
	PLAN_LOCK_CAPS = 2048,   /* nothing inside may change how capabilities come about */
	PLAN_OWN_GROUPS = 32768, /* nobody may change groups in this user namespace: they stay the caller's */
	PLAN_IDENTITY = 128,     /* user and groups are to be set (else the command stays who init is) */
	/* Whatever is executed gets a filter of system calls: filter_size instructions, or if those are none the built-in profile
	 * as it was compiled when cagebox was built. Built in is also what was compiled for other capabilities. With the last one
	 * calls are reported to the monitor. */
	PLAN_FILTER = 4096,
	PLAN_FILTER_BUILT_IN = 8192,
	PLAN_FILTER_REPORTS = 16384,
};

enum { PLAN_NRLIMITS = 16 };

struct plan_rlimit {
	uint64_t soft, hard; /* UINT64_MAX: unlimited */
};

/* Strings are named by their offset from the start of the block, 0 where there is none. A list of strings is n of
 * them one after the other. */
struct plan {
	uint32_t size;            /* of the whole block, in bytes */
	uint32_t flags;           /* enum plan_flag */
	uint64_t signal_mask;     /* the command's; bit N-1 for signal N */
	uint64_t signal_ignored;  /* dispositions of the command: ignored where the bit is set, else default */
	uint64_t caps;            /* bit N: capability N */
	uint64_t caps_before;     /* what the bounding set holds when the command is started */
	uint64_t ambient;         /* of caps, what a command that is not root's has */
	uint64_t stop_timeout_ms; /* from the stop signal to SIGKILL */
	uint64_t hook_timeout_ms; /* for each shutdown hook */
	int32_t stop_signal;
	int32_t oom_score_adj;
	uint32_t umask;
	uint32_t argv, argc;
	uint32_t env, envc;
	uint32_t user, groups; /* as written; names are looked up in the container when the command starts */
	uint32_t cwd;
	uint32_t access;        /* enum landlock_kind: what programs are denied but for the rules (box/access.h) */
	uint32_t scope;         /* those of all that descends from init; what is executed from outside has them for itself */
	uint32_t rules, nrules; /* a list, as spec_parse_landlock takes them */
	uint32_t shutdown_hook; /* a command line for /bin/sh -c, inside */
	uint32_t rlimits_set;   /* bit N: rlimits[N] is to be set */
	struct plan_rlimit rlimits[PLAN_NRLIMITS];
	uint32_t filter, filter_size; /* struct sock_filter */
};

/* A plan while it is being made. Begin with zeroes; head is a struct plan of the caller's to fill. */
struct plan_builder {
	struct plan head;
	char *block;
	size_t used;
	bool failed; /* memory was short */
};

/* Append a string or a list (argv-like, ended by NULL; *n gets its length) and return its offset. NULL text gives 0. */
uint32_t plan_add(struct plan_builder *b, const char *text);
uint32_t plan_add_list(struct plan_builder *b, char *const *list, uint32_t *n);

/* Append bytes, at an offset that is a multiple of 8. */
uint32_t plan_add_block(struct plan_builder *b, const void *data, size_t size);

/* The finished block, owned by the caller (free), or NULL with e set. */
struct plan *plan_finish(struct plan_builder *b, struct err *e);

/* Put the block into a sealed memfd. Returns the descriptor (close-on-exec), or -1 with e set. memfd_create(2). */
int plan_seal(const struct plan *p, struct err *e);

/* Map the plan of a memfd read-only, having checked that it is whole. NULL with e set. plan_unmap when done. */
const struct plan *plan_map(int fd, struct err *e);
void plan_unmap(const struct plan *p);

/* The string at offset, NULL for 0 and for what is no string's place. */
const char *plan_text(const struct plan *p, uint32_t offset);

/* The size bytes at offset, NULL for 0 and for what is no place of theirs. */
const void *plan_block(const struct plan *p, uint32_t offset, size_t size);

/* The list at offset as an argv (pointers into the plan, the array owned by the caller); it ends early where the
 * block does. NULL without memory, or when n strings cannot be in the block. */
char **plan_list(const struct plan *p, uint32_t offset, uint32_t n);

#endif
