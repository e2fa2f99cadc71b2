/* SPDX-License-Identifier: Zlib
 * The whole system as the lower directory of an overlay in a user namespace: one by one what is in it. In the container's mount
 * namespace, before its root is entered. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/str.h"
#include "box/root.h"
#include "sys/kernel.h"
#include "sys/mount.h"
#include "sys/overlay.h"

enum { DEPTH = 8 }; /* of directories that are taken apart */

/* A directory that cannot be overlaid as it is, because in a user namespace what is mounted below it must stay so. */
struct part {
	const char *path;      /* on the host, "" for its root */
	int upper, work, root; /* where its changes go, and its place in the container */
	int depth;
	struct tally *tally;
};

struct tally {
	int overlays;   /* that there are by now */
	struct err why; /* there is not another */
};

static int take_apart(const struct part *p, unsigned attr, struct err *e);

/* What is made afresh for every container. */
static bool is_fresh(const struct part *p, const char *name)
{
	static const char *const fresh[] = { "dev", "proc", "run", "sys", "tmp" };

	for (size_t i = 0; !p->depth && i < sizeof(fresh) / sizeof(*fresh); i++)
		if (!strcmp(name, fresh[i]))
			return true;
	return false;
}

static int open_directory(int dir, const char *name)
{
	return openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int bind(const char *path, int root, const char *name, unsigned attr, struct err *e)
{
	auto_fd int source = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	auto_fd int fd = source < 0 ? err_sys(e, "open %s", path) :
				      mount_bind(source, path, true, attr | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY,
						 (struct place){ root, name, false }, e);

	return fd < 0 ? -1 : 0;
}

/* A link is copied. A file can be read: nothing that is written may arrive on the host. */
static int add_other(const struct part *p, const char *path, const char *name, mode_t type, struct err *e)
{
	char target[4096];
	ssize_t n;
	struct stat st;
	bool there = fstatat(p->upper, name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	/* An empty one is but what such a mount needed the last time. */
	if (type == S_IFREG && (!there || (S_ISREG(st.st_mode) && !st.st_size)))
		return bind(path, p->root, name, 0, e);
	n = type == S_IFLNK && !there ? readlink(path, target, sizeof(target) - 1) : -1;
	if (n < 0)
		return 0;
	target[n] = 0;
	return symlinkat(target, p->upper, name) < 0 ? err_sys(e, "copy the link %s", path) : 0;
}

static int overlay(const char *path, int upper, int work, struct place at, unsigned attr, struct err *e)
{
	struct overlay_dirs d = { .upper = str_format(e, "/proc/self/fd/%d", upper) };
	auto_fd int fd = -1;

	d.work = d.upper ? str_format(e, "/proc/self/fd/%d", work) : NULL;
	if (d.work && words_add(&d.lower, path, e) == 0)
		fd = overlay_mount(&d, true, attr, at, e);
	overlay_dirs_free(&d);
	return fd < 0 ? -1 : 0;
}

/* Whether the overlay has failed for mounts below path: they keep it from being bound alone, too. */
static bool has_mounts(const char *path)
{
	auto_fd int source = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct err why = { 0 };
	auto_fd int tree = mount_clone(source, path, false, 0, &why);

	return tree < 0 && why.num == EINVAL;
}

static int add_directory(const struct part *p, const char *path, const char *name, mode_t mode, unsigned attr, struct err *e)
{
	struct part next = { .path = path, .depth = p->depth + 1, .tally = p->tally };
	bool mounts;
	auto_fd int upper = -1, work = -1, root = -1;

	/* So that he can remove it, too. */
	if (mkdirat(p->upper, name, (mode & 07777) | 0700) < 0 && errno != EEXIST)
		return err_sys(e, "overlay: make upper%s", path);
	upper = open_directory(p->upper, name);
	/* Whoever was there before has put something else in its place. */
	if (upper < 0 && (errno == ENOTDIR || errno == ELOOP))
		return 0;
	/* What the caller cannot read is a directory of his own, as its root's home. */
	if (upper >= 0 && (is_fresh(p, name) || access(path, R_OK | X_OK) < 0))
		return 0;
	if (mkdirat(p->work, name, 0700) == 0 || errno == EEXIST)
		work = open_directory(p->work, name);
	if (upper < 0 || work < 0)
		return err_sys(e, "overlay: open upper and work of %s", path);
	if (overlay(path, upper, work, (struct place){ p->root, name, true }, MOUNT_ATTR_NODEV | attr, e) == 0) {
		p->tally->overlays++;
		return 0;
	}
	if (e->num != EINVAL)
		return -1;
	mounts = has_mounts(path);
	/* Not every file system can be the lower one; or none can be with this upper one. */
	if (!mounts)
		p->tally->why = *e;
	if (!mounts || next.depth > DEPTH)
		return bind(path, p->root, name, attr, e);
	root = open_directory(p->root, name);
	if (root < 0)
		return err_sys(e, "open %s in the container's root", path);
	next.upper = upper;
	next.work = work;
	next.root = root;
	return take_apart(&next, attr, e);
}

static int add(const struct part *p, const char *name, unsigned attr, struct err *e)
{
	auto_free char *path = str_format(e, "%s/%s", p->path, name);
	struct stat st;

	if (!path)
		return -1;
	if (lstat(path, &st) < 0 || !strcmp(name, ".") || !strcmp(name, ".."))
		return 0;
	return S_ISDIR(st.st_mode) ? add_directory(p, path, name, st.st_mode, attr, e) :
				     add_other(p, path, name, st.st_mode & S_IFMT, e);
}

static int take_apart(const struct part *p, unsigned attr, struct err *e)
{
	DIR *dir = opendir(*p->path ? p->path : "/");
	struct dirent *entry;
	int result = 0;

	if (!dir)
		return err_sys(e, "overlay: read %s", p->path);
	while (result == 0 && (entry = readdir(dir)))
		result = add(p, entry->d_name, attr, e);
	closedir(dir);
	return result;
}

int root_mount_system(const char *upper, const char *work, struct place at, unsigned attr, struct err *e)
{
	auto_fd int upper_fd = open(upper, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd int work_fd = open(work, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct tally tally = { .overlays = 0 };
	struct part whole = { .path = "", .upper = upper_fd, .work = work_fd, .tally = &tally };
	auto_fd int root = -1;

	if (upper_fd < 0 || work_fd < 0)
		return err_sys(e, "overlay: open %s", upper_fd < 0 ? upper : work);
	root = mount_bind(upper_fd, upper, false, MOUNT_ATTR_NODEV, at, e);
	whole.root = root;
	if (root < 0 || take_apart(&whole, attr, e) < 0)
		return -1;
	if (tally.overlays || !*tally.why.text)
		return take_fd(&root);
	*e = tally.why;
	return -1;
}
