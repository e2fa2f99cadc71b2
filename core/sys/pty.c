/* SPDX-License-Identifier: Zlib
 * Terminals. pty_open runs inside, the rest on the host side. */
#include "sys/pty.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/fd.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* Before 4.13 the slave has to be opened by name, in the same devpts. */
static int open_by_number(int devpts, int master)
{
	unsigned number;
	char name[16];

	/* ioctl(2)'s request is an int in one C library and unsigned in the other. */
	if (syscall(SYS_ioctl, master, TIOCGPTN, &number) < 0)
		return -1;
	snprintf(name, sizeof(name), "%u", number);
	return openat(devpts, name, O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
}

int pty_open(int devpts, int *master, int *slave, struct err *e)
{
	auto_fd int m = -1;
	int unlock = 0, s;

	if (!fd_is_on(devpts, DEVPTS_SUPER_MAGIC))
		return err_set(e, "open a pty: the container's /dev/pts is no devpts");
	m = openat(devpts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (m < 0 || ioctl(m, TIOCSPTLCK, &unlock) < 0)
		return err_sys(e, "open a pty in the container's /dev/pts");
	s = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s < 0 && (errno == ENOTTY || errno == EINVAL))
		s = open_by_number(devpts, m);
	if (s < 0)
		return err_sys(e, "open the pty's other side");
	*master = take_fd(&m);
	*slave = s;
	return 0;
}

int pty_open_again(int fd, int flags)
{
	char path[32];

	if (!isatty(fd))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

void pty_copy_size(int from, int to)
{
	struct winsize size;

	if (ioctl(from, TIOCGWINSZ, &size) == 0)
		ioctl(to, TIOCSWINSZ, &size);
}

int pty_raw(int fd, struct termios *saved, struct err *e)
{
	struct termios raw;

	if (tcgetattr(fd, saved) < 0)
		return err_sys(e, "read the terminal's settings");
	raw = *saved;
	cfmakeraw(&raw);
	if (tcsetattr(fd, TCSADRAIN, &raw) < 0)
		return err_sys(e, "make the terminal raw");
	return 0;
}

void pty_restore(int fd, const struct termios *saved)
{
	tcsetattr(fd, TCSADRAIN, saved);
}
