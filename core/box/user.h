/* SPDX-License-Identifier: Zlib
 * Who a program runs as: names and numbers resolved by the passwd and group files of the container. */
#ifndef CAGEBOX_BOX_USER_H
#define CAGEBOX_BOX_USER_H

#include <sys/types.h>

#include "base/err.h"

enum { USER_GROUPS = 64 };

struct user {
	uid_t uid;
	gid_t gid;
	gid_t groups[USER_GROUPS]; /* the supplementary ones; gid is not among them unless listed */
	size_t ngroups;
	char name[64], home[256], shell[256]; /* from passwd, else the number, "/" and "/bin/sh" */
};

/* Resolve USER[:GROUP...] (NULL: root) and GROUP[:GROUP...] (NULL: none) by etc/passwd and etc/group below root (a
 * descriptor). The first group is the primary one; without any it is passwd's, else the number of the user. A name
 * that is not there is an error, never 0. */
int user_resolve(int root, const char *user, const char *groups, struct user *out, struct err *e);

#endif
