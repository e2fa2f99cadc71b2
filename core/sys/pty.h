/* SPDX-License-Identifier: Zlib
 * Pseudo-terminals and the caller's terminal. pty(7), ioctl_tty(2). */
#ifndef CAGEBOX_SYS_PTY_H
#define CAGEBOX_SYS_PTY_H

#include <termios.h>

#include "base/err.h"

/* A new pair in the devpts whose root directory devpts is. The slave comes from the master itself (TIOCGPTPEER),
 * never from a path that somebody could have replaced. Both close-on-exec. */
int pty_open(int devpts, int *master, int *slave, struct err *e);

/* The terminal that fd is, by an open file of our own with these flags: O_NONBLOCK on the caller's would be on its shell's as
 * well. -1 if fd is no terminal or it cannot be done. */
int pty_open_again(int fd, int flags);

/* Give to the window size of from. Does nothing where from is no terminal. */
void pty_copy_size(int from, int to);

/* Put terminal fd into raw mode, its settings saved first; and back. */
int pty_raw(int fd, struct termios *saved, struct err *e);
void pty_restore(int fd, const struct termios *saved);

#endif
