/* SPDX-License-Identifier: Zlib
 * What the container's root is made of: whether it is there, and making what may be missing. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"
#include "box/root.h"
#include "sys/loop.h"
#include "sys/path.h"

#define IMAGE_SIZE (UINT64_C(10) << 30) /* of a new one */

static int check_directory(const char *key, const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		err_sys(e, "%s: %s", key, path);
		return -1;
	}
	return S_ISDIR(st.st_mode) ? 0 : err_set(e, "%s: %s is not a directory", key, path);
}

/* What is missing will be made: it is where the user said that changes go. above is how many directories may be missing
 * above path. *device gets the file system that path is on or will be. */
static int check_makeable(const char *key, const char *path, unsigned above, dev_t *device, struct err *e)
{
	auto_free char *copy = str_format(e, "%s", path);
	char *at = copy;
	struct stat st;

	if (!copy)
		return -1;
	for (unsigned missing = 0; stat(at, &st) < 0; missing++) {
		if (errno != ENOENT || missing > above || !strcmp(at, "."))
			return err_sys(e, "%s: %s", key, at);
		at = dirname(at);
	}
	*device = st.st_dev;
	return S_ISDIR(st.st_mode) ? 0 : err_set(e, "%s: %s is not a directory", key, at);
}

/* With what is missing above it. */
int root_make_directory(const char *key, const char *path, struct err *e)
{
	return path_make_host(path, e) < 0 ? err_prefix(e, "%s", key) : 0;
}

/* The two directories of the overlay, owned by the caller. Both NULL where it has none on disk. */
int root_upper_work(const struct spec *s, char **upper, char **work, struct err *e)
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

static int check_changes(const struct spec *s, struct err *e)
{
	auto_free char *upper = NULL, *work = NULL;
	unsigned above = s->overlay ? UINT_MAX : 0;
	dev_t device = 0, other = 0;

	if (s->overlay_image) {
		if (loop_check(s->overlay_image, e) == 0)
			return 0;
		return e->num == ENOENT ? check_makeable("overlay", s->overlay_image, 0, &device, e) : -1;
	}
	if (s->overlay && check_makeable("overlay", s->overlay, above, &device, e) < 0)
		return -1;
	if (root_upper_work(s, &upper, &work, e) < 0)
		return -1;
	if (!upper)
		return 0;
	if (check_makeable("upper", upper, above, &device, e) < 0 || check_makeable("work", work, above, &other, e) < 0)
		return -1;
	if (device == other)
		return 0;
	return err_set(e, "work: %s is not on the file system of upper %s, as overlayfs demands", work, upper);
}

/* Root's files are somebody else's in a user namespace, unless mapped, which is for the root alone; a user's are his. */
static int check_part(const struct spec *s, const struct spec_mount *m, struct err *e)
{
	if (s->namespaces & NS_USER && geteuid() == 0)
		return err_set(e, "mount_overlay: %s needs a container without the namespace u", m->source);
	return m->optional ? 0 : check_directory("mount_overlay", m->source, e);
}

int root_check(const struct spec *s, struct err *e)
{
	for (size_t i = 0; i < s->nmounts; i++)
		if (s->mounts[i].type == MOUNT_OVERLAY && check_part(s, &s->mounts[i], e) < 0)
			return -1;
	if (s->root)
		return check_directory("root", s->root, e);
	for (size_t i = 0; i < s->lower.n; i++)
		if (check_directory("lower", s->lower.v[i], e) < 0)
			return -1;
	return check_changes(s, e);
}

int root_make(const struct spec *s, struct err *e)
{
	auto_free char *upper = NULL, *work = NULL;
	mode_t mask;
	int result;

	if (s->overlay_image && access(s->overlay_image, F_OK) < 0 && errno == ENOENT)
		return loop_make(s->overlay_image, s->overlay_size ? s->overlay_size : IMAGE_SIZE, e);
	if (root_upper_work(s, &upper, &work, e) < 0)
		return -1;
	if (!upper)
		return 0;
	mask = umask(022);
	result = root_make_directory("upper", upper, e) < 0 ? -1 : root_make_directory("work", work, e);
	umask(mask);
	return result;
}
