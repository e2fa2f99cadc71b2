/* SPDX-License-Identifier: Zlib
 * What a container is to be. Every front end fills in one struct spec through the key table (spec/keys.h), the
 * engine carries it out. No system calls here: whether a path exists or a kernel can do it is the engine's to find
 * out. */
#ifndef CAGEBOX_SPEC_SPEC_H
#define CAGEBOX_SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* The namespaces that a container may have for itself; the mount namespace it always has. */
enum spec_ns {
	NS_USER = 1,                                           /* u */
	NS_PID = 2,                                            /* p */
	NS_UTS = 4,                                            /* h, the host name */
	NS_TIME = 8,                                           /* t */
	NS_IPC = 16,                                           /* i */
	NS_NET = 32,                                           /* n */
	NS_CGROUP = 64,                                        /* c */
	NS_ALL = NS_USER | NS_PID | NS_UTS | NS_TIME | NS_IPC, /* what `all` means */
	NS_DEFAULT = NS_PID | NS_UTS | NS_IPC | NS_CGROUP,
};

enum { SPEC_CPU = 100000 }; /* what of a quota is one processor */

/* A limit of a block device. */
struct spec_io {
	char device[256]; /* MAJOR:MINOR or a path */
	uint64_t number;  /* a second */
	bool reads, writes;
};

/* Devices that a container may use. */
struct spec_device_rule {
	char type;            /* 'b', 'c' or 'a' for both */
	int32_t major, minor; /* -1: all */
	bool read, write, make;
};

enum spec_userns {
	USERNS_UNSET,
	USERNS_NONE, /* the caller's */
	USERNS_SELF, /* one id: the caller is its root */
	USERNS_AUTO, /* 65536 ids that nobody else has */
	USERNS_MAP,  /* uid_map and gid_map, or id_map_start */
};

enum { SPEC_IDMAPS = 32 }; /* ranges of a map */

/* count ids from inside on are those from outside on. */
struct spec_idmap {
	uint32_t inside, outside, count;
};

/* What a container's programs may do; who has a rule for files, or for one of the two of TCP, may do nothing else of that kind. */
struct spec_landlock {
	char *path;                /* in the container, owned by whoever had it parsed; NULL: for TCP */
	bool read, write, execute; /* what is there and below */
	bool optional;             /* it need not be there */
	bool connect;              /* else bind, to port */
	uint16_t port;
};

enum spec_switch { SWITCH_AUTO, SWITCH_YES, SWITCH_NO };
enum spec_net { NET_UNSET, NET_HOST, NET_NONE };

enum spec_mount_type {
	MOUNT_BIND,
	MOUNT_TMPFS,
	MOUNT_OVERLAY, /* source is seen, changes go where the root's go */
};

struct spec_mount {
	enum spec_mount_type type;
	char *source;      /* on the host; NULL for a tmpfs */
	char *target;      /* in the container, absolute, without ".." */
	uint64_t size;     /* tmpfs: bytes, 0 for the kernel's default */
	uint32_t mode;     /* tmpfs: of its root directory */
	uint32_t uid, gid; /* tmpfs: its owner, ids of the container */
	bool read_only;
	bool devices;  /* those in it can be opened */
	bool idmap;    /* bind: the host's owners are those of the same number inside */
	bool optional; /* a failure is a warning */
};

struct spec_device {
	char *source; /* on the host */
	char *target; /* below /dev in the container */
};

struct spec_rlimit {
	int resource;
	uint64_t soft, hard; /* UINT64_MAX: unlimited */
};

struct spec {
	char *name;         /* NULL: one is made up */
	char *root;         /* a directory used as it is */
	struct words lower; /* the lower directories of an overlay, the first on top */
	char *upper, *work;
	char *overlay;       /* directory that holds upper and work; NULL: see overlay_tmpfs */
	char *overlay_image; /* a file with a file system that holds upper and work; made if it is missing */
	bool overlay_set, overlay_tmpfs;
	bool overlay_persistent; /* overlay is to be LIBDIR/NAME */
	uint64_t overlay_size;   /* bytes of the tmpfs or of a new image, 0 for the default */
	char *mountpoint;        /* on the host: the root is seen there while the container lives */
	bool read_only;

	struct words command; /* its first word may begin with "@": opened on the host, executed by descriptor */
	struct words env;     /* NAME=VALUE */
	char *user;           /* USER[:GROUP...] as written, NULL for root */
	char *groups;         /* GROUP[:GROUP...] */
	char *cwd;
	bool cwd_make; /* if it is missing; it belongs to the user then */
	uint32_t umask;
	int oom_score_adj;
	bool oom_score_adj_set;
	struct spec_rlimit rlimits[16];
	unsigned rlimits_set; /* bit N: rlimits[N] holds resource N */
	enum spec_switch tty;
	bool input;                     /* in the background: it reads what attached clients type */
	struct words cap_add, cap_drop; /* names, "all", "none" */
	struct words cap_ambient;       /* what a command that is not root's has of them */
	bool no_new_privs;
	bool privileged;       /* nothing is kept from its root that the caller has */
	struct words landlock; /* for spec_parse_landlock */
	enum spec_switch landlock_scope;
	char *seccomp; /* default, off, trace, trace:FILE, or a policy's FILE; NULL: default where the kernel can */

	unsigned namespaces; /* enum spec_ns */
	bool namespaces_set;
	enum spec_net net;
	char *hostname;

	struct spec_mount *mounts;
	size_t nmounts;
	struct spec_device *devices;
	size_t ndevices;
	bool gui; /* the caller's display and sound */
	enum spec_userns userns;
	struct words uid_map, gid_map; /* for spec_parse_idmap; without gid_map both are uid_map */
	uint32_t id_map_start;         /* with NS_USER: the host's id that is the container's 0; 0: not set */

	uint64_t memory_bytes, memory_swap_bytes; /* limits; 0: none. The second is both together */
	uint64_t memory_low_bytes;                /* spared as long as there is other memory to take, 0: not set */
	uint32_t cpu_share;                       /* of 1024, 0: not set */
	uint32_t cpu_quota;                       /* of SPEC_CPU, 0: none */
	char *cpuset, *cpuset_mems;
	uint64_t max_processes;
	uint32_t net_classid;
	struct words iops_limit, io_bw_limit; /* for spec_parse_io */
	struct words hugetlb;                 /* for spec_parse_hugetlb */
	struct words device_allow;            /* for spec_parse_device_rule, or "none" */
	enum spec_switch cgroup;
	bool strict; /* a limit that cannot be enforced is an error */

	char *hook_init, *hook_shutdown; /* on the host */
	char *init_script;               /* read on the host, run inside */
	char *shutdown_hook;             /* inside */
	int stop_signal;
	uint64_t stop_timeout_ms;
	bool keep;

	char *log; /* of a detached container: a path, "none", NULL for the usual place */
	uint64_t log_size_bytes;
	unsigned log_count;
	char *pid_file;
};

/* Where the settings of a file are in it. Begin with zeroes; spec_origins_free frees. */
struct spec_origins {
	struct spec_origin {
		size_t row; /* of the key table */
		unsigned line;
	} * v;
	size_t n;
};
void spec_origins_free(struct spec_origins *o);

/* A spec with every default. spec_free frees what it owns. */
void spec_init(struct spec *s);
void spec_free(struct spec *s);

/* Refuse what cannot work and fill in what follows from other settings (the namespaces from net, lower from nothing ...).
 * Returns 0, or -1 with e naming the setting. */
int spec_check(struct spec *s, struct err *e);

/* Whether it has any that a cgroup enforces. */
bool spec_has_limit(const struct spec *s);

/* What was bound from the host's /dev is to be of use: its devices can be opened. For command lines that always had it so. */
void spec_open_devices(struct spec *s);

/* The parts of the settings that are kept as they were written. Returns 0, or -1 with e set. */
bool spec_parse_device(const char *text, int32_t *major, int32_t *minor); /* MAJOR:MINOR */
int spec_parse_io(const char *text, bool bytes, struct spec_io *io, struct err *e);
int spec_parse_hugetlb(const char *text, uint64_t *page_bytes, uint64_t *limit_bytes, struct err *e);
int spec_parse_idmap(const char *text, struct spec_idmap *m, struct err *e); /* INSIDE:OUTSIDE[:COUNT] */
int spec_parse_device_rule(const char *text, struct spec_device_rule *r, struct err *e);
int spec_parse_landlock(const char *text, struct spec_landlock *r, struct err *e);

/* Whether name may name a container: [A-Za-z0-9][A-Za-z0-9_.-]{0,62}. */
int spec_check_name(const char *name, struct err *e);

/* Read settings from the text of a configuration file; file is its name for messages ("FILE:LINE: ..."). A line is
 * KEY=VALUE, a comment (#) or blank. Unknown and doubled keys and CR are errors. origins, if not NULL, gets a line for
 * each setting. */
int spec_parse_file(struct spec *s, const char *file, const char *text, struct spec_origins *origins, struct err *e);

#endif
