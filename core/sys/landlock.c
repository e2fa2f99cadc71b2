/* SPDX-License-Identifier: Zlib
 * Landlock. */
#include "sys/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "sys/kernel.h"

/* What the kernel's headers may be too old for. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

enum {
	NET_BIND = 1,
	NET_CONNECT = 2,
	SCOPE_SOCKETS = 1,
	SCOPE_SIGNALS = 2,
	RULE_NET_PORT = 2,
};

#define ONLY_FILES                                                                                   \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | \
	 LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_IOCTL_DEV)
#define EXECUTE (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE)
#define READ    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* As the kernel has them; one that is older takes what is too long for it as long as the rest is zero. */
struct ruleset {
	uint64_t files, net, scoped;
};

struct port_rule {
	uint64_t access, port;
};

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

int landlock_needs(unsigned kinds)
{
	if (kinds & (LANDLOCK_SOCKETS | LANDLOCK_SIGNALS))
		return 6;
	return kinds & (LANDLOCK_TCP_BIND | LANDLOCK_TCP_CONNECT) ? 4 : kinds != 0;
}

/* The rights to files that version abi knows: those up to a bit. */
static uint64_t known(int abi)
{
	uint64_t last = abi < 2 ? LANDLOCK_ACCESS_FS_MAKE_SYM :
			abi < 3 ? LANDLOCK_ACCESS_FS_REFER :
			abi < 5 ? LANDLOCK_ACCESS_FS_TRUNCATE :
				  LANDLOCK_ACCESS_FS_IOCTL_DEV;

	return 2 * last - 1;
}

int landlock_begin(unsigned kinds, struct err *e)
{
	struct ruleset r = {
		.files = kinds & LANDLOCK_FILES ? known(landlock_abi()) : 0,
		.net = (kinds & LANDLOCK_TCP_BIND ? NET_BIND : 0) | (kinds & LANDLOCK_TCP_CONNECT ? NET_CONNECT : 0),
		.scoped = (kinds & LANDLOCK_SOCKETS ? SCOPE_SOCKETS : 0) | (kinds & LANDLOCK_SIGNALS ? SCOPE_SIGNALS : 0),
	};
	int fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0);

	return fd < 0 ? err_sys(e, "make Landlock rules") : fd;
}

int landlock_allow_path(int rules, int fd, const char *path, unsigned access, struct err *e)
{
	uint64_t all = known(landlock_abi());
	struct landlock_path_beneath_attr rule = { .parent_fd = fd };
	struct stat st;

	rule.allowed_access = (access & LANDLOCK_READ ? READ : 0) |
			      (access & LANDLOCK_WRITE ? all & ~(READ | LANDLOCK_ACCESS_FS_EXECUTE) : 0) |
			      (access & LANDLOCK_EXECUTE ? EXECUTE : 0);
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= ONLY_FILES;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return err_sys(e, "allow %s", path);
	return 0;
}

int landlock_allow_port(int rules, unsigned kind, uint16_t port, struct err *e)
{
	struct port_rule rule = { kind == LANDLOCK_TCP_BIND ? NET_BIND : NET_CONNECT, port };

	if (syscall(SYS_landlock_add_rule, rules, RULE_NET_PORT, &rule, 0) < 0)
		return err_sys(e, "allow port %u", port);
	return 0;
}

int landlock_enforce(int rules, struct err *e)
{
	if (syscall(SYS_landlock_restrict_self, rules, 0) == 0)
		return 0;
	err_sys(e, "enforce Landlock rules");
	return e->num == E2BIG ? err_hint(e, "no more than 16 domains can be nested") : -1;
}
