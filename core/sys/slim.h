/* SPDX-License-Identifier: Zlib
 * Waiting with next to nothing in memory, for processes that do little else. */
#ifndef CAGEBOX_SYS_SLIM_H
#define CAGEBOX_SYS_SLIM_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/* As ppoll(2) without a mask; ns below 0: no time-out. Once it has waited for a moment in vain, the pages of the program
 * and of its unused stack are given back to the kernel, which keeps the file's in its cache: those that are needed after
 * the wait come back one by one. unused (NULL: none): memory of whole anonymous pages whose content is lost then. */
int slim_poll(struct pollfd *polls, nfds_t n, int64_t ns, void *unused, size_t size);

#endif
