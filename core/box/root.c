/* SPDX-License-Identifier: Zlib
 * Mounting the container's root. */
#include "box/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/kernel.h"
#include "sys/mount.h"

static int check_directory(const char *key, const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		err_sys(e, "%s: %s", key, path);
		return -1;
	}
	return S_ISDIR(st.st_mode) ? 0 : err_set(e, "%s: %s is not a directory", key, path);
}

/* upper and work, and the directory that holds both, are made: it is where the user said that changes go. */
static int make_directory(const char *key, const char *path, struct err *e)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return err_sys(e, "%s: make %s", key, path);
	return check_directory(key, path, e);
}

static int check_same_file_system(const char *upper, const char *work, struct err *e)
{
	struct stat a, b;

	if (stat(upper, &a) < 0 || stat(work, &b) < 0)
		return err_sys(e, "upper and work");
	if (a.st_dev == b.st_dev)
		return 0;
	return err_set(e, "work: %s is not on the file system of upper %s, as overlayfs demands", work, upper);
}

/* The two directories of the overlay, owned by the caller. Both NULL where it has none on disk. */
static int upper_work(const struct spec *s, char **upper, char **work, struct err *e)
{
	*upper = *work = NULL;
	if (s->upper) {
		*upper = str_format(e, "%s", s->upper);
		*work = str_format(e, "%s", s->work);
	} else if (s->overlay) {
		*upper = str_format(e, "%s/upper", s->overlay);
		*work = str_format(e, "%s/work", s->overlay);
	} else {
		return 0;
	}
	return *upper && *work ? 0 : -1;
}

int root_check(const struct spec *s, struct err *e)
{
	auto_free char *upper = NULL, *work = NULL;

	if (s->root)
		return check_directory("root", s->root, e);
	for (size_t i = 0; i < s->lower.n; i++)
		if (check_directory("lower", s->lower.v[i], e) < 0)
			return -1;
	if (s->overlay && make_directory("overlay", s->overlay, e) < 0)
		return -1;
	if (upper_work(s, &upper, &work, e) < 0)
		return -1;
	if (!upper)
		return 0;
	if (make_directory("upper", upper, e) < 0 || make_directory("work", work, e) < 0)
		return -1;
	return check_same_file_system(upper, work, e);
}

/* Append text to options, with a backslash before what overlayfs would take for its own. Comma separates options, colon separates
 * lower directories. Returns 0, or -1 when it does not fit. */
static int add_escaped(char *options, size_t room, const char *text)
{
	size_t used = strlen(options);

	for (; *text; text++) {
		if (used + 3 > room)
			return -1;
		if (strchr(",:\\", *text))
			options[used++] = '\\';
		options[used++] = *text;
	}
	options[used] = 0;
	return 0;
}

static int add(char *options, size_t room, const char *text)
{
	if (strlen(options) + strlen(text) + 1 > room)
		return -1;
	strcat(options, text);
	return 0;
}

static int overlay_options(const struct spec *s, const char *upper, const char *work, char *options, size_t room, struct err *e)
{
	int failed = 0;

	*options = 0;
	for (size_t i = 0; i < s->lower.n; i++) {
		/* Absolute, for a message of the kernel's and mountinfo to make sense. */
		auto_free char *path = realpath(s->lower.v[i], NULL);

		if (!path)
			return err_sys(e, "lower: %s", s->lower.v[i]);
		failed |= add(options, room, i ? ":" : "lowerdir=") | add_escaped(options, room, path);
	}
	if (upper) {
		auto_free char *real_upper = realpath(upper, NULL), *real_work = realpath(work, NULL);

		if (!real_upper || !real_work)
			return err_sys(e, "upper: %s", upper);
		failed |= add(options, room, ",upperdir=") | add_escaped(options, room, real_upper) |
			  add(options, room, ",workdir=") | add_escaped(options, room, real_work);
	}
	return failed ? err_set(e, "the paths of the overlay's directories are longer than a page together") : 0;
}

/* A tmpfs for the changes, on stage itself: the overlay will cover it. */
static int mount_changes(const struct spec *s, struct place stage, char **upper, char **work, struct err *e)
{
	char options[64] = "mode=755";
	auto_fd int fd = -1;

	if (s->overlay_size)
		snprintf(options, sizeof(options), "mode=755,size=%llu", (unsigned long long)s->overlay_size);
	fd = mount_new("tmpfs", options, MOUNT_ATTR_NODEV, stage, e);
	if (fd < 0)
		return err_prefix(e, "overlay");
	*upper = str_format(e, "%s/upper", stage.path);
	*work = str_format(e, "%s/work", stage.path);
	if (!*upper || !*work)
		return -1;
	if (mkdirat(fd, "upper", 0755) < 0 || mkdirat(fd, "work", 0755) < 0)
		return err_sys(e, "overlay: make upper and work in the tmpfs");
	return 0;
}

static int mount_overlay(const struct spec *s, struct place stage, struct err *e)
{
	auto_free char *upper = NULL, *work = NULL, *options = malloc(4096);

	if (!options)
		return err_memory(e);
	if (s->overlay_tmpfs ? mount_changes(s, stage, &upper, &work, e) < 0 : upper_work(s, &upper, &work, e) < 0)
		return -1;
	if (overlay_options(s, upper, work, options, 4096, e) < 0)
		return -1;
	return mount_new("overlay", options, MOUNT_ATTR_NODEV, stage, e);
}

static int mount_directory(const struct spec *s, struct place stage, struct err *e)
{
	auto_fd int source = open(s->root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (source < 0)
		return err_sys(e, "root: %s", s->root);
	return mount_bind(source, s->root, true, MOUNT_ATTR_NODEV | (s->read_only ? MOUNT_ATTR_RDONLY : 0), stage, e);
}

int root_mount(const struct spec *s, const char *stage, struct err *e)
{
	auto_fd int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct place place = { host, stage };

	if (host < 0)
		return err_sys(e, "open /");
	return s->root ? mount_directory(s, place, e) : mount_overlay(s, place, e);
}

int root_finish(const struct spec *s, int root, struct err *e)
{
	if (s->root || !s->read_only)
		return 0;
	return mount_restrict(root, MOUNT_ATTR_RDONLY, "/", e);
}
