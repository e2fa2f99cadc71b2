/* SPDX-License-Identifier: Zlib
 * Mounts. Runs on the host side of a container's life, and inside before its root is entered. */
#include "sys/mount.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/feature.h"
#include "sys/kernel.h"
#include "sys/path.h"

/* mount(2) knows only paths. A descriptor's own entry in proc leads to exactly what it holds, never elsewhere. */
struct fd_path {
	char text[32];
};

static struct fd_path fd_path(int fd)
{
	struct fd_path p;

	snprintf(p.text, sizeof(p.text), "/proc/self/fd/%d", fd);
	return p;
}

int mount_make_private(struct err *e)
{
	if (sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(e, "make the mounts private");
	return 0;
}

static int open_real(struct place at)
{
	return openat(at.root, at.path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* What is to be mounted on, made if it is missing. */
static int open_target(struct place at, bool file, struct err *e)
{
	int fd;

	if (!at.real)
		return path_make(at.root, at.path, file, e);
	fd = open_real(at);
	if (fd < 0 && errno == ENOENT && (mkdirat(at.root, at.path, 0755) == 0 || errno == EEXIST))
		fd = open_real(at);
	if (fd >= 0)
		return fd;
	err_sys(e, "open the mount point /%s in the container's root", at.path);
	if (e->num == ENOTDIR)
		err_hint(e, "a symbolic link or file stands in its place");
	else if (e->num == EROFS)
		err_hint(e, "it must be there in a read-only root; an overlay takes what is missing");
	return -1;
}

/* The root of the mount that now covers a place. Looking the path up again crosses into it, or leads elsewhere when somebody
 * has just put another directory in that place: like is what must be found (what was bound), unlike a file system on which it
 * cannot be (that of the place before); the other one is -1. */
static int open_covering(struct place at, int like, int unlike, struct err *e)
{
	auto_fd int fd = at.real ? open_real(at) : path_open(at.root, at.path, O_PATH);
	struct stat here, there;

	if (fd < 0 || fstat(fd, &here) < 0 || fstat(like < 0 ? unlike : like, &there) < 0)
		return err_sys(e, "open the mount on %s", at.path);
	if (like < 0 ? here.st_dev == there.st_dev : here.st_dev != there.st_dev || here.st_ino != there.st_ino)
		return err_set(e, "open the mount on %s: somebody has moved that directory meanwhile", at.path);
	return take_fd(&fd);
}

static void hint_mount(const char *type, struct err *e)
{
	static const struct {
		const char *type;
		short num;
		const char *hint;
	} hints[] = {
		{ "overlay", EINVAL,
		  "upper and work must be on one file system that can hold an upper layer; dmesg says more" },
		{ "overlay", ESTALE, "the upper directory was used with other lower directories" },
		{ "overlay", EBUSY, "upper or work is in use by another mount" },
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (hints[i].num == e->num && !strcmp(hints[i].type, type)) {
			err_hint(e, hints[i].hint);
			return;
		}
	if (e->num == ENODEV)
		err_feature_fs(e, type);
	else if (e->num == EPERM && !strcmp(type, "overlay"))
		err_feature(e, FEATURE_OVERLAY_USER);
	else if (e->num == EPERM)
		err_hint(e, "needs CAP_SYS_ADMIN");
}

int mount_new(const char *type, const char *options, unsigned attr, struct place at, struct err *e)
{
	auto_fd int target = open_target(at, false, e);

	if (target < 0)
		return -1;
	if (sys_mount(type, fd_path(target).text, type, attr, options) < 0) {
		err_sys(e, "mount %s on %s", type, at.path);
		hint_mount(type, e);
		return -1;
	}
	return open_covering(at, -1, target, e);
}

/* A remount sets all flags anew; in a user namespace those that a mount has from outside must stay. */
static unsigned long all_flags(int fd, unsigned attr)
{
	struct statvfs st;

	return attr | (fstatvfs(fd, &st) == 0 ? st.f_flag & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC) : 0);
}

/* All that is mounted at and below fd. */
static int restrict_all(int fd, unsigned attr, const char *name, struct err *e)
{
	struct words points = { 0 };
	char path[4096];
	ssize_t n = readlink(fd_path(fd).text, path, sizeof(path) - 1);
	int result;

	if (n < 0)
		return err_sys(e, "find the mount on %s", name);
	path[n] = 0;
	result = mount_list(path, true, &points, e);
	for (size_t i = 0; result == 0 && i < points.n; i++) {
		auto_fd int below = open(points.v[i], O_PATH | O_CLOEXEC);

		if (sys_mount(NULL, fd_path(below).text, NULL, MS_REMOUNT | MS_BIND | all_flags(below, attr), NULL) < 0)
			result = err_sys(e, "restrict the mount on %s", points.v[i]);
	}
	words_free(&points);
	return result;
}

/* For kernels before 5.12. Between the two calls a read-only bind can be written: nothing of the container's runs yet. In a user
 * namespace mounts below cannot be left out. */
static int bind_by_path(int source, int target, bool recursive, unsigned attr, struct place at, struct err *e)
{
	unsigned long rec = recursive && !(attr & MOUNT_ATTR_RDONLY) ? MS_REC : 0;
	bool all = false;
	int fd;

	if (sys_mount(fd_path(source).text, fd_path(target).text, NULL, MS_BIND | rec, NULL) < 0) {
		all = recursive && !rec && errno == EINVAL;
		if (!all || sys_mount(fd_path(source).text, fd_path(target).text, NULL, MS_BIND | MS_REC, NULL) < 0)
			return err_sys(e, "bind on %s", at.path);
	}
	fd = open_covering(at, source, -1, e);
	if (fd >= 0 && all && restrict_all(fd, attr, at.path, e) < 0)
		fd_close(&fd);
	if (fd >= 0 && attr && !all &&
	    sys_mount(NULL, fd_path(fd).text, NULL, MS_REMOUNT | MS_BIND | all_flags(fd, attr), NULL) < 0) {
		err_sys(e, "restrict the mount on %s", at.path);
		fd_close(&fd);
	}
	return fd;
}

/* A detached copy of source's mount with attr set, or -1: ENOSYS means to go by paths. */
static int clone_tree(int source, bool recursive, unsigned attr)
{
	unsigned rec = recursive ? AT_RECURSIVE : 0;
	struct mount_attr a = { .attr_set = attr };
	auto_fd int tree = sys_open_tree(source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | rec);

	if (tree < 0 || (attr && sys_mount_setattr(tree, "", AT_EMPTY_PATH | rec, &a) < 0))
		return -1;
	return take_fd(&tree);
}

int mount_clone(int source, const char *name, bool recursive, unsigned attr, struct err *e)
{
	int tree = clone_tree(source, recursive, attr);

	if (tree >= 0)
		return tree;
	err_sys(e, "clone the mount of %s", name);
	return e->num == ENOSYS ? err_feature(e, FEATURE_MOUNT_SETATTR) : -1;
}

int mount_bind(int source, const char *source_name, bool recursive, unsigned attr, struct place at, struct err *e)
{
	struct stat st, there;
	auto_fd int target = -1, tree = -1;

	if (fstat(source, &st) < 0)
		return err_sys(e, "bind %s", source_name);
	target = open_target(at, !S_ISDIR(st.st_mode), e);
	if (target < 0)
		return -1;
	tree = clone_tree(source, recursive, attr);
	if (tree >= 0 && sys_move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
		return take_fd(&tree);
	if (errno == ENOSYS) {
		int fd = bind_by_path(source, target, recursive, attr, at, e);

		return fd >= 0 ? fd : err_prefix(e, "%s", source_name);
	}
	err_sys(e, "bind %s on %s", source_name, at.path);
	if (e->num == ENOTDIR ||
	    (e->num == EINVAL && fstat(target, &there) == 0 && S_ISDIR(st.st_mode) != S_ISDIR(there.st_mode)))
		err_hint(e, "one is a directory, the other is not");
	return -1;
}

int mount_attach(int tree, const char *name, struct place at, struct err *e)
{
	struct stat st;
	auto_fd int target = -1;

	if (fstat(tree, &st) < 0)
		return err_sys(e, "mount %s", name);
	target = open_target(at, !S_ISDIR(st.st_mode), e);
	if (target < 0)
		return -1;
	if (sys_move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(e, "mount %s on %s", name, at.path);
	return 0;
}

int mount_restrict(int fd, unsigned attr, const char *name, struct err *e)
{
	struct mount_attr a = { .attr_set = attr };

	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH, &a) == 0)
		return 0;
	if (errno == ENOSYS && sys_mount(NULL, fd_path(fd).text, NULL, MS_REMOUNT | MS_BIND | all_flags(fd, attr), NULL) == 0)
		return 0;
	return err_sys(e, "restrict the mount on %s", name);
}

/* The present root is the kernel's first one (rootfs), which cannot be pivoted away from. Put the new root over it,
 * and leave no other mount by which the old files could be reached. This process still has rootfs itself as its root
 * after the move, so that the old mounts' paths lead to them and not to what is mounted in the new root; once it has
 * entered, rootfs has no path any more. */
static int move_onto_rootfs(int root, struct err *e)
{
	struct words points = { 0 };
	char here[4096];
	int result;

	if (!getcwd(here, sizeof(here)))
		return err_sys(e, "find the new root's path");
	result = mount_list(here, false, &points, e);
	if (result == 0 && (fchdir(root) < 0 || sys_mount(".", "/", NULL, MS_MOVE, NULL) < 0))
		result = err_sys(e, "move the new root onto the initramfs");
	/* The latest first; one that has gone with its parent is no error. */
	for (size_t i = points.n; result == 0 && i-- > 0;)
		if (sys_umount2(points.v[i], MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT)
			result = err_sys(e, "take the mount on %s down", points.v[i]);
	if (result == 0 && chroot(".") < 0)
		result = err_sys(e, "change the root");
	words_free(&points);
	return result;
}

int mount_enter_root(int root, struct err *e)
{
	if (fchdir(root) < 0)
		return err_sys(e, "change into the new root");
	/* Both arguments the same: the old root ends up stacked on the new one and is taken off. pivot_root(2), NOTES. */
	if (sys_pivot_root(".", ".") == 0) {
		if (sys_umount2(".", MNT_DETACH) < 0)
			return err_sys(e, "detach the old root");
	} else if (errno != EINVAL) {
		return err_sys(e, "pivot into the new root");
	} else if (move_onto_rootfs(root, e) < 0) {
		return -1;
	}
	if (chdir("/") < 0)
		return err_sys(e, "change into the new root");
	return 0;
}
