/* SPDX-License-Identifier: Zlib
 * Making /dev. */
#include "box/dev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/auto.h"
#include "sys/kernel.h"
#include "sys/mount.h"
#include "sys/path.h"
#include "sys/pty.h"

enum { NO_EXEC = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };

static const struct node {
	const char *name;
	unsigned char major, minor;
} nodes[] = {
	{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const struct link {
	const char *name, *to;
} links[] = {
	{ "ptmx", "pts/ptmx" },          { "fd", "/proc/self/fd" },       { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
};

int dev_check(const struct spec *s, struct err *e)
{
	for (size_t i = 0; i < s->ndevices; i++) {
		struct stat st;

		if (stat(s->devices[i].source, &st) < 0)
			return err_sys(e, "device: %s", s->devices[i].source);
		if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
			return err_set(e, "device: %s is no device", s->devices[i].source);
		/* What has no stream of its own gets this one, which is proven to be it. */
		if (!strcmp(s->devices[i].target, "/dev/null") && st.st_rdev != makedev(1, 3))
			return err_set(e, "device: %s cannot take the place of /dev/null", s->devices[i].source);
	}
	return 0;
}

/* Show the host's node where we may not make one of our own (in a user namespace). What is opened is checked: it
 * must be the device that was meant, whatever the path leads to. */
static int bind_node(int dev, const char *host, const char *name, mode_t type, dev_t device, struct err *e)
{
	auto_fd int source = open(host, O_PATH | O_CLOEXEC);
	auto_fd int fd = -1;
	struct stat st;

	if (source < 0 || fstat(source, &st) < 0)
		return err_sys(e, "open the host's %s", host);
	if ((st.st_mode & S_IFMT) != type || st.st_rdev != device)
		return err_set(e, "the host's %s is not device %u:%u", host, major(device), minor(device));
	fd = mount_bind(source, host, false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, (struct place){ dev, name, false }, e);
	return fd < 0 ? -1 : 0;
}

static int make_node(int dev, const char *host, const char *name, mode_t mode, dev_t device, struct err *e)
{
	if (mknodat(dev, name, mode, device) == 0)
		return 0;
	if (errno == EPERM)
		return bind_node(dev, host, name, mode & S_IFMT, device, e);
	return err_sys(e, "make the device /dev/%s", name);
}

static int make_nodes(int dev, struct err *e)
{
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		char host[16];

		snprintf(host, sizeof(host), "/dev/%s", nodes[i].name);
		if (make_node(dev, host, nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor), e) < 0)
			return -1;
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (symlinkat(links[i].to, dev, links[i].name) < 0)
			return err_sys(e, "make the link /dev/%s", links[i].name);
	return 0;
}

static int make_device(int dev, const struct spec_device *d, struct err *e)
{
	const char *name = d->target + strlen("/dev/"), *slash = strrchr(name, '/');
	char parent[4096];
	auto_fd int dir = -1;
	struct stat st;

	if (stat(d->source, &st) < 0)
		return err_sys(e, "device: %s", d->source);
	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - name) : 1, slash ? name : "/");
	dir = path_make(dev, parent, false, e);
	if (dir < 0)
		return -1;
	name = slash ? slash + 1 : name;
	/* The user's choice goes before what is there by default. */
	unlinkat(dir, name, 0);
	return make_node(dir, d->source, name, st.st_mode, st.st_rdev, e);
}

static int mount_part(int dev, const char *type, const char *name, const char *options, unsigned attr, struct err *e)
{
	auto_fd int fd = mount_new(type, options, attr, (struct place){ dev, name, true }, e);

	if (fd >= 0)
		return 0;
	return err_prefix(e, "/dev");
}

/* In a user namespace without group 5 (tty) the terminals are root's. */
static int mount_pts(int dev, struct err *e)
{
	static const char options[] = "newinstance,ptmxmode=0666,mode=0620,gid=5",
			  no_group[] = "newinstance,ptmxmode=0666,mode=0620";
	const unsigned attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;

	if (mount_part(dev, "devpts", "pts", options, attr, e) == 0)
		return 0;
	return e->num == EINVAL ? mount_part(dev, "devpts", "pts", no_group, attr, e) : -1;
}

int dev_mount(const struct spec *s, int root, struct err *e)
{
	auto_fd int dev = mount_new("tmpfs", "mode=755,size=1m", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
				    (struct place){ root, "dev", true }, e);

	if (dev < 0 || make_nodes(dev, e) < 0)
		return -1;
	if (mount_pts(dev, e) < 0 || mount_part(dev, "tmpfs", "shm", "mode=1777", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, e) < 0)
		return -1;
	/* Not every kernel for a device has POSIX message queues, and few programs want them. */
	if (mount_part(dev, "mqueue", "mqueue", NULL, NO_EXEC, e) < 0 && e->num != ENODEV && e->num != EPERM)
		return -1;
	for (size_t i = 0; i < s->ndevices; i++)
		if (make_device(dev, &s->devices[i], e) < 0)
			return -1;
	return take_fd(&dev);
}

int dev_open_console(int dev, int *master, int *slave, struct err *e)
{
	auto_fd int pts = openat(dev, "pts", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd int file = -1, bound = -1;

	if (pts < 0)
		return err_sys(e, "open /dev/pts");
	if (pty_open(pts, master, slave, e) < 0)
		return -1;
	file = openat(dev, "console", O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return err_sys(e, "make /dev/console");
	bound = mount_bind(*slave, "the pty", false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
			   (struct place){ dev, "console", false }, e);
	return bound < 0 ? -1 : 0;
}
