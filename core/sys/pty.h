/* SPDX-License-Identifier: Zlib
 * Pseudo-terminals and the caller's terminal. pty(7), ioctl_tty(2). */
#ifndef CAGEBOX_SYS_PTY_H
#define CAGEBOX_SYS_PTY_H

#include <termios.h>

#include "base/err.h"

/* A new pair in the devpts whose root directory devpts is. The slave comes from the master itself (TIOCGPTPEER),
 * never from a path that somebody could have replaced. Both close-on-exec. */
int pty_open(int devpts, int *master, int *slave, struct err *e);

/* Give to the window size of from. Does nothing where from is no terminal. */
void pty_copy_size(int from, int to);

/* Put terminal fd into raw mode, its settings saved first; and back. */
int pty_raw(int fd, struct termios *saved, struct err *e);
void pty_restore(int fd, const struct termios *saved);

#endif
