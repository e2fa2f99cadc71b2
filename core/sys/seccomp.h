/* SPDX-License-Identifier: Zlib
 * Filters of system calls in force. Either side; the table and the built-in profile are of the machine that cagebox was built for. */
#ifndef CAGEBOX_SYS_SECCOMP_H
#define CAGEBOX_SYS_SECCOMP_H

#include <sys/socket.h>

#include "sys/seccomp_compile.h"

/* How a filter that reports lets the one message through by which its listener is handed over: sendmsg(2) on this descriptor with
 * just these flags, of which the last two mean nothing where the message goes. */
enum { SECCOMP_HANDOVER_FD = 3, SECCOMP_HANDOVER_FLAGS = MSG_NOSIGNAL | MSG_EOR | MSG_CONFIRM };

extern const struct seccomp_table seccomp_table;

/* The built-in profile as it is for what of seccomp_built_in_asked is in seccomp_built_in_caps. */
extern const struct sock_filter seccomp_built_in[];
extern const size_t seccomp_built_in_size;
extern const uint64_t seccomp_built_in_asked, seccomp_built_in_caps;

/* Whether this kernel has filters at all, and those that report (Linux 5.0; letting a call go on then takes 5.5). */
bool seccomp_available(void);
bool seccomp_can_report(void);

/* Put this process, and what it will execute, under a filter, for good. Needs no_new_privs or CAP_SYS_ADMIN. With report every call
 * that is allowed waits for the word of a listener, whose descriptor is returned; else 0. -1 with e set. seccomp(2), else prctl(2). */
int seccomp_install(const struct sock_filter *code, size_t n, bool report, struct err *e);

#endif
