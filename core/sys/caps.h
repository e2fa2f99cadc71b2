/* SPDX-License-Identifier: Zlib
 * Capabilities, through libcap. A set is a bit mask: bit N stands for capability N. capabilities(7). */
#ifndef CAGEBOX_SYS_CAPS_H
#define CAGEBOX_SYS_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* What root in a container has unless told otherwise: enough to install packages, change owners and run servers
 * below port 1024, nothing that reaches the kernel or the host. */
uint64_t caps_default(void);

/* The set that results from adding and dropping names ("sys_boot", "CAP_SYS_BOOT", "all", "none") to and from set. Dropping
 * wins. An unknown name is an error. */
int caps_change(uint64_t *set, const struct words *add, const struct words *drop, struct err *e);

/* Add the names of the capabilities in set, without their prefix, in order of number. One that has no name is its number. */
int caps_names(uint64_t set, struct words *names, struct err *e);

/* The set of those names, each of which must be in set; "all" is all of set that the caller has. */
int caps_ambient(uint64_t *ambient, const struct words *names, uint64_t set, struct err *e);
/* The set of one name, or of "all". */
int caps_of_name(const char *name, uint64_t *set, struct err *e);

/* What init needs besides the command's set: to give the command its terminal or pipes, to become its user and to limit it,
 * to end it. */
uint64_t caps_init(void);

/* Limit this process to set, for good: bounding set (of which before was left, UINT64_MAX when nobody knows), and
 * nothing inheritable or ambient. Needs CAP_SETPCAP. What it has at present stays until it executes a program or
 * changes its user. */
int caps_limit(uint64_t before, uint64_t set, struct err *e);

/* As caps_limit, and at once: what this process is permitted it is still only of set. */
int caps_lower(uint64_t set, struct err *e);

/* Fix, for this process and all that it starts, how the kernel computes capabilities: that root has them, that who stops
 * being root loses them, that none becomes ambient. Needs CAP_SETPCAP. securebits in capabilities(7). */
int caps_lock(struct err *e);

/* Two steps that let a process have a set as another user, around the change: keep what it has, then give up all but
 * ambient, which becomes inheritable and ambient, so that a program keeps it, and once, which stays permitted until then. With lock as caps_lock. Needs CAP_SETPCAP before. */
int caps_keep(struct err *e);
int caps_give(uint64_t ambient, uint64_t once, bool lock, struct err *e);

/* Have set in force, out of what this process is permitted. */
int caps_raise(uint64_t set, struct err *e);

/* Be without any capability. Returns 0, or -1 with errno. */
int caps_drop(void);

#endif
