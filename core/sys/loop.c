/* SPDX-License-Identifier: Zlib
 * File systems in files. Host side of a start. */
#include "sys/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/fd.h"
#include "sys/feature.h"
#include "sys/helper.h"
#include "sys/kernel.h"
#include "sys/path.h"

enum {
	MAGIC = 0xef53, /* little endian, at MAGIC_AT */
	MAGIC_AT = 1024 + 56,
	LOCK_TRIES = 50,
	LOCK_WAIT_MS = 20,
	ATTACH_TRIES = 100,
};

int loop_check(const char *path, struct err *e)
{
	auto_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	unsigned char magic[2];
	struct stat st;
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open the image %s", path);
	if (S_ISREG(st.st_mode))
		n = pread(fd, magic, 2, MAGIC_AT);
	if (n < 0)
		return err_sys(e, "read the image %s", path);
	if (n != 2 || (magic[0] | magic[1] << 8) != MAGIC)
		return err_set(e, "%s is no image of an ext4 file system", path);
	return 0;
}

/* --- making one --------------------------------------------------------------------------------------------------- */

/* The file goes by its descriptor: a name could lead elsewhere by then. */
static int run_mke2fs(int file, const char *path, struct err *e)
{
	const char *argv[] = { "mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "/proc/self/fd/3", NULL };
	int status;

	if (helper_run(argv, file, &status, e) < 0)
		return -1;
	if (!status)
		return 0;
	err_set(e, "make the image %s: mke2fs failed", path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND)
		return err_feature(e, FEATURE_MKE2FS);
	return -1;
}

/* A new file of that name, locked: so its maker is seen to live. One that is not locked was left by a maker who is
 * dead; if the name is no longer ours once we have the lock, another has taken ours for such a one. */
static int open_new(const char *path, struct err *e)
{
	auto_fd int old = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_fd int fd = -1;
	struct stat st, named;

	if (old >= 0 && flock(old, LOCK_EX | LOCK_NB) == 0)
		unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && lstat(path, &named) == 0) {
		if (st.st_ino == named.st_ino && st.st_dev == named.st_dev)
			return take_fd(&fd);
		errno = EEXIST;
	}
	err_sys(e, "make the image %s", path);
	return e->num == EEXIST || e->num == EWOULDBLOCK ? err_hint(e, "another makes it at this moment") : -1;
}

int loop_make(const char *path, uint64_t bytes, struct err *e)
{
	auto_free char *name = str_format(e, "%s.new", path);
	auto_fd int fd = name ? open_new(name, e) : -1;
	int result = 0;

	if (fd < 0)
		return -1;
	/* Another may have been faster, and would now lose what is in it. */
	if (access(path, F_OK) == 0)
		goto end;
	if (errno != ENOENT || ftruncate(fd, (off_t)bytes) < 0)
		result = err_sys(e, "make the image %s", path);
	else
		result = run_mke2fs(fd, path, e);
	if (result == 0 && rename(name, path) == 0)
		return 0;
	if (result == 0)
		result = err_sys(e, "make the image %s", path);
end:
	unlink(name);
	return result;
}

/* --- mounting it -------------------------------------------------------------------------------------------------- */

/* The lock belongs to the open file, which the loop device keeps: it ends with the device, not with this process. */
static int open_locked(const char *path, struct err *e)
{
	const struct timespec moment = { .tv_nsec = LOCK_WAIT_MS * 1000000L };
	auto_fd int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open the image %s", path);
	/* Who had it last may be about to unmount it. */
	for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; tries++) {
		if (errno != EWOULDBLOCK)
			return err_sys(e, "lock the image %s", path);
		if (tries == LOCK_TRIES)
			return err_set(e, "the image %s is in use", path);
		nanosleep(&moment, NULL);
	}
	return take_fd(&fd);
}

/* One call from Linux 5.8 on. Returns 0, or -1 with errno, EBUSY where another was faster. */
static int configure(int device, int file)
{
	struct loop_config c = { .fd = (unsigned)file, .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int result = ioctl(device, LOOP_CONFIGURE, &c);

	if (result == 0 || (errno != EINVAL && errno != ENOTTY))
		return result;
	result = ioctl(device, LOOP_SET_FD, file);
	if (result < 0)
		return -1;
	/* EAGAIN: not all of what was cached of the device is written yet. */
	do
		result = ioctl(device, LOOP_SET_STATUS64, &c.info);
	while (result < 0 && errno == EAGAIN);
	if (result < 0) {
		int saved = errno;

		ioctl(device, LOOP_CLR_FD);
		errno = saved;
	}
	return result;
}

/* Find a free device, whose path goes to path, and tie it to file. Between the two another may take it. */
static int attach(int file, char path[24], struct err *e)
{
	auto_fd int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (control < 0) {
		err_sys(e, "open /dev/loop-control");
		return err_feature(e, FEATURE_LOOP);
	}
	for (int tries = 0;; tries++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		auto_fd int device = -1;

		if (number < 0)
			return err_sys(e, "find a free loop device");
		snprintf(path, 24, "/dev/loop%d", number);
		device = open(path, O_RDWR | O_CLOEXEC);
		if (device < 0) {
			err_sys(e, "open the free loop device %s", path);
			return e->num == ENOENT ? err_hint(e, "mknod -m 660 it as block device 7:N") : -1;
		}
		if (configure(device, file) == 0)
			return take_fd(&device);
		if (errno != EBUSY || tries == ATTACH_TRIES)
			return err_sys(e, "configure %s", path);
	}
}

int loop_mount(const char *path, unsigned attr, struct place at, struct err *e)
{
	auto_fd int file = open_locked(path, e);
	auto_fd int device = -1, target = -1;
	char source[24], to[32];
	int root;

	if (file < 0)
		return -1;
	device = attach(file, source, e);
	if (device < 0)
		return err_prefix(e, "%s", path);
	target = path_open(at.root, at.path, O_PATH | O_DIRECTORY);
	snprintf(to, sizeof(to), "/proc/self/fd/%d", target);
	if (target < 0 || sys_mount(source, to, "ext4", attr, NULL) < 0) {
		err_sys(e, "mount the image %s", path);
		return e->num == ENODEV ? err_feature(e, FEATURE_EXT4) : err_hint(e, "dmesg says more");
	}
	root = path_open(at.root, at.path, O_PATH);
	return root >= 0 ? root : err_sys(e, "open the mount of %s", path);
}
