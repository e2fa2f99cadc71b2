/* SPDX-License-Identifier: Zlib
 * Mounting the container's root. */
#include "box/root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/fd.h"
#include "sys/idmap.h"
#include "sys/kernel.h"
#include "sys/loop.h"
#include "sys/mount.h"
#include "sys/overlay.h"

/* The host's directories, by absolute paths, which make sense in mountinfo and in the kernel's messages. */
static int host_dirs(const struct spec *s, struct overlay_dirs *d, struct err *e)
{
	auto_free char *upper = NULL, *work = NULL;

	for (size_t i = 0; i < s->lower.n; i++) {
		auto_free char *path = realpath(s->lower.v[i], NULL);

		if (!path)
			return err_sys(e, "lower: %s", s->lower.v[i]);
		if (words_add(&d->lower, path, e) < 0)
			return -1;
	}
	if (root_upper_work(s, &upper, &work, e) < 0)
		return -1;
	if (!upper)
		return 0;
	d->upper = realpath(upper, NULL);
	d->work = realpath(work, NULL);
	return d->upper && d->work ? 0 : err_sys(e, "upper: %s", upper);
}

/* A file system for upper and work at the place itself, which the overlay will cover. */
static int mount_scratch(const struct spec *s, struct place at, struct err *e)
{
	char options[64] = "mode=755";
	int fd;

	if (s->overlay_image)
		return loop_mount(s->overlay_image, MOUNT_ATTR_NODEV, at, e);
	if (s->overlay_size)
		snprintf(options, sizeof(options), "mode=755,size=%llu", (unsigned long long)s->overlay_size);
	fd = mount_new("tmpfs", options, MOUNT_ATTR_NODEV, at, e);
	return fd >= 0 ? fd : err_prefix(e, "overlay");
}

/* Name upper and work in the directory scratch, whose path is path, and make what is missing. The root that the overlay
 * shows has the owner and mode of upper: a new one takes those of like, if that is not NULL. In a file system that came
 * from elsewhere they might be links that lead out of it. */
static int scratch_changes(int scratch, const char *path, const struct stat *like, struct overlay_dirs *d, struct err *e)
{
	static const char *const names[] = { "work", "upper" };
	auto_fd int fd = -1;
	bool made = false;

	for (size_t i = 0; i < 2; i++) {
		made = mkdirat(scratch, names[i], 0755) == 0;
		if (!made && errno != EEXIST)
			return err_sys(e, "overlay: make %s", names[i]);
		fd_close(&fd);
		fd = openat(scratch, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return err_sys(e, "overlay: open %s", names[i]);
	}
	/* An owner that a user namespace does not have stays behind. */
	if (made && like &&
	    ((fchown(fd, like->st_uid, like->st_gid) < 0 && errno != EINVAL) || fchmod(fd, like->st_mode & 07777) < 0))
		return err_sys(e, "overlay: set the owner and mode of upper");
	d->upper = str_format(e, "%s/upper", path);
	d->work = str_format(e, "%s/work", path);
	return d->upper && d->work ? 0 : -1;
}

/* --- mapped layers ------------------------------------------------------------------------------------------------ */

/* The directory that holds both upper and work: one mount must hold them. */
static char *parent_of_both(const char *upper, const char *work, struct err *e)
{
	const char *u = strrchr(upper, '/'), *w = strrchr(work, '/');

	if (u && w && u - upper == w - work && !strncmp(upper, work, (size_t)(u - upper)))
		return str_format(e, "%.*s/", (int)(u - upper), upper);
	err_set(e, "with an own user namespace upper and work must be in one directory");
	return NULL;
}

static int map_layer(const char *path, int ns, unsigned attr, struct root_layers *layers, struct err *e)
{
	int n = layers->n + layers->mapped;
	int fd = n == ROOT_LAYERS ? err_set(e, "%s: more than %d lower directories and mapped mounts", path, ROOT_LAYERS) :
				    idmap_clone(path, ns, attr, e);

	if (fd < 0)
		return -1;
	layers->fds[n] = fd;
	return 0;
}

static int map_root_layer(const char *path, int ns, unsigned attr, struct root_layers *layers, struct err *e)
{
	int result = map_layer(path, ns, attr, layers, e);

	layers->n += result == 0;
	return result;
}

static int map_overlay(const struct spec *s, int ns, struct root_layers *layers, struct err *e)
{
	struct overlay_dirs d = { 0 };
	auto_free char *parent = NULL;
	int result = root_make(s, e) < 0 ? -1 : host_dirs(s, &d, e);

	for (size_t i = 0; result == 0 && i < d.lower.n; i++)
		result = map_root_layer(d.lower.v[i], ns, MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY, layers, e);
	if (result == 0 && d.upper) {
		parent = parent_of_both(d.upper, d.work, e);
		result = parent ? map_root_layer(parent, ns, MOUNT_ATTR_NODEV, layers, e) : -1;
	}
	overlay_dirs_free(&d);
	return result;
}

int root_map_layers(const struct spec *s, int ns, struct root_layers *layers, struct err *e)
{
	int result;

	*layers = (struct root_layers){ .n = 0 };
	if (s->root)
		result = map_root_layer(s->root, ns, MOUNT_ATTR_NODEV | (s->read_only ? MOUNT_ATTR_RDONLY : 0), layers, e);
	else
		result = map_overlay(s, ns, layers, e);
	for (size_t i = 0; result == 0 && i < s->nmounts; i++) {
		const struct spec_mount *m = &s->mounts[i];
		unsigned attr =
			MOUNT_ATTR_NOSUID | (m->devices ? 0 : MOUNT_ATTR_NODEV) | (m->read_only ? MOUNT_ATTR_RDONLY : 0);

		if (!m->idmap)
			continue;
		result = map_layer(m->source, ns, attr, layers, e);
		layers->mapped += result == 0;
	}
	return result;
}

void root_close_layers(struct root_layers *layers)
{
	for (int i = 0; i < layers->n + layers->mapped; i++)
		fd_close(&layers->fds[i]);
	layers->n = layers->mapped = 0;
}

/* Attach each layer in the scratch directory and name it from there. */
static int layer_dirs(const struct spec *s, const struct root_layers *layers, int scratch, const char *stage,
		      struct overlay_dirs *d, struct err *e)
{
	for (int i = 0; i < layers->n; i++) {
		auto_free char *path = NULL;
		char name[24];

		snprintf(name, sizeof(name), "layer%d", i);
		path = str_format(e, "%s/%s", stage, name);
		if (!path || mount_attach(layers->fds[i], path, (struct place){ scratch, name, true }, e) < 0)
			return -1;
		if (i < (int)s->lower.n) {
			if (words_add(&d->lower, path, e) < 0)
				return -1;
			continue;
		}
		d->upper = str_format(e, "%s/%s", path, s->upper ? strrchr(s->upper, '/') + 1 : "upper");
		d->work = str_format(e, "%s/%s", path, s->work ? strrchr(s->work, '/') + 1 : "work");
		if (!d->upper || !d->work)
			return -1;
	}
	return 0;
}

/* --- mounting ----------------------------------------------------------------------------------------------------- */

static int mount_layers(const struct spec *s, struct place stage, const struct root_layers *layers, struct err *e)
{
	bool own = s->overlay_tmpfs || s->overlay_image, userns = s->namespaces & NS_USER;
	bool system = userns && !layers->n && s->lower.n == 1 && !strcmp(s->lower.v[0], "/");
	auto_fd int scratch = -1;
	struct overlay_dirs d = { 0 };
	int result = -1;

	if (own || layers->n) {
		scratch = mount_scratch(s, stage, e);
		if (scratch < 0)
			return -1;
	}
	if ((layers->n ? layer_dirs(s, layers, scratch, stage.path, &d, e) : host_dirs(s, &d, e)) == 0 &&
	    (!own || scratch_changes(scratch, stage.path, NULL, &d, e) == 0))
		result = system ? root_mount_system(d.upper, d.work, stage, s->read_only ? MOUNT_ATTR_RDONLY : 0, e) :
				  overlay_mount(&d, userns, MOUNT_ATTR_NODEV, stage, e);
	overlay_dirs_free(&d);
	return result;
}

/* OVERLAY/mounts/NAME, made if it is missing. NAME tells where the mount is: a slash is written as '%', before '%' and
 * '\\' themselves stands a '\\'. */
static int open_changes(const struct spec *s, const char *target, struct err *e)
{
	auto_free char *name = malloc(2 * strlen(target) + 1), *path = NULL;
	char *out = name;
	size_t len;
	int fd;

	if (!name)
		return err_memory(e);
	for (const char *p = target; *p; p += len) {
		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (!len || (len == 1 && *p == '.'))
			continue;
		if (out != name)
			*out++ = '%';
		for (size_t i = 0; i < len; i++) {
			if (strchr("%\\", p[i]))
				*out++ = '\\';
			*out++ = p[i];
		}
	}
	*out = 0;
	path = str_format(e, "%s/mounts/%s", s->overlay, name);
	if (!path || root_make_directory("mount_overlay", path, e) < 0)
		return -1;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : err_sys(e, "mount_overlay: open %s", path);
}

int root_mount_part(const struct spec *s, const struct spec_mount *m, int root, struct err *e)
{
	struct place at = { root, m->target, false };
	auto_free char *lower = realpath(m->source, NULL);
	auto_fd int scratch = -1, fd = -1;
	struct overlay_dirs d = { 0 };
	struct stat st;
	char path[32];

	if (!lower || stat(lower, &st) < 0)
		return err_sys(e, "mount_overlay: %s", m->source);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, "mount_overlay: %s is not a directory", m->source);
	scratch = s->overlay ? open_changes(s, m->target, e) : mount_scratch(s, at, e);
	if (scratch < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", scratch);
	if (words_add(&d.lower, lower, e) == 0 && scratch_changes(scratch, path, &st, &d, e) == 0)
		fd = overlay_mount(&d, s->namespaces & NS_USER, MOUNT_ATTR_NODEV | (m->read_only ? MOUNT_ATTR_RDONLY : 0), at,
				   e);
	/* Should it be optional, nothing may stay in its place. */
	if (fd < 0 && !s->overlay)
		sys_umount2(path, MNT_DETACH);
	overlay_dirs_free(&d);
	return fd < 0 ? -1 : 0;
}

static int mount_directory(const struct spec *s, struct place stage, const struct root_layers *layers, struct err *e)
{
	auto_fd int source = -1;

	if (layers->n && mount_attach(layers->fds[0], s->root, stage, e) < 0)
		return -1;
	if (layers->n) {
		int fd = fcntl(layers->fds[0], F_DUPFD_CLOEXEC, 3);

		return fd >= 0 ? fd : err_sys(e, "root: %s", s->root);
	}
	source = open(s->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (source < 0)
		return err_sys(e, "root: %s", s->root);
	return mount_bind(source, s->root, true, MOUNT_ATTR_NODEV | (s->read_only ? MOUNT_ATTR_RDONLY : 0), stage, e);
}

int root_mount(const struct spec *s, const char *stage, const struct root_layers *layers, struct err *e)
{
	auto_fd int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct place place = { host, stage, false };

	if (host < 0)
		return err_sys(e, "open /");
	/* Layers were made from what is there. */
	if (!layers->n && root_make(s, e) < 0)
		return -1;
	return s->root ? mount_directory(s, place, layers, e) : mount_layers(s, place, layers, e);
}

int root_finish(const struct spec *s, int root, struct err *e)
{
	if (s->root || !s->read_only)
		return 0;
	/* Where only a remount can do it, that sets all flags anew. */
	return mount_restrict(root, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, "/", e);
}

/* --- trying it ---------------------------------------------------------------------------------------------------- */

/* Some file systems take an overlay's upper directory only for reading, which shows afterwards. */
static int try_overlay(const struct spec *s, struct err *e)
{
	auto_fd int root = -1;

	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(e, "make a mount namespace");
	if (mount_make_private(e) < 0)
		return -1;
	root = root_mount(s, s->upper, &(struct root_layers){ .n = 0 }, e);
	if (root < 0)
		return -1;
	return faccessat(root, ".", W_OK, 0) < 0 ? err_sys(e, "write to the overlay") : 0;
}

static int fork_try(const struct spec *s, struct err *e)
{
	auto_fd int from = -1, to = -1;
	struct err result;
	int pair[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	from = pair[0];
	to = pair[1];
	pid = fork();
	if (pid < 0)
		return err_sys(e, "try the overlay");
	if (pid == 0) {
		if (try_overlay(s, &result) == 0)
			*result.text = 0;
		_exit(fd_write_all(to, &result, sizeof(result)) < 0);
	}
	fd_close(&to);
	do
		n = read(from, &result, sizeof(result));
	while (n < 0 && errno == EINTR);
	/* With SIGCHLD ignored there is nothing to reap, but this waits for its end all the same. */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (n != (ssize_t)sizeof(result))
		return err_set(e, "the process that tries the overlay died");
	if (!*result.text)
		return 0;
	*e = result;
	return -1;
}

int root_try_overlay(const struct spec *s, struct err *e)
{
	/* A mount makes its work directory anew. Should somebody start a container with these directories at this moment, both would
	 * fail if they had the same one. */
	auto_free char *work = str_format(e, "%s/try-%d", s->work, getpid());
	auto_free char *inner = work ? str_format(e, "%s/work", work) : NULL;
	struct spec own = *s;
	int result;

	own.work = work;
	if (!inner)
		return -1;
	if (mkdir(work, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "make %s", work);
	result = fork_try(&own, e);
	rmdir(inner);
	rmdir(work);
	return result;
}
