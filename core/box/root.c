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
#include "sys/idmap.h"
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

/* Append text to options, with a backslash before what overlayfs would take for its own. Comma separates options,
 * colon separates lower directories. Returns 0, or -1 when it does not fit. */
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

/* The directories of an overlay. */
struct dirs {
	struct words lower;
	char *upper, *work; /* both or neither */
};

static void dirs_free(struct dirs *d)
{
	words_free(&d->lower);
	free(d->upper);
	free(d->work);
}

static int overlay_options(const struct dirs *d, bool own_namespace, char *options, size_t room, struct err *e)
{
	int failed = 0;

	*options = 0;
	for (size_t i = 0; i < d->lower.n; i++)
		failed |= add(options, room, i ? ":" : "lowerdir=") | add_escaped(options, room, d->lower.v[i]);
	if (d->upper)
		failed |= add(options, room, ",upperdir=") | add_escaped(options, room, d->upper) |
			  add(options, room, ",workdir=") | add_escaped(options, room, d->work);
	/* trusted.* attributes are not for the root of a user namespace. */
	if (own_namespace)
		failed |= add(options, room, ",userxattr");
	return failed ? err_set(e, "the paths of the overlay's directories are longer than a page together") : 0;
}

/* The host's directories, by absolute paths, which make sense in mountinfo and in the kernel's messages. */
static int host_dirs(const struct spec *s, struct dirs *d, struct err *e)
{
	auto_free char *upper = NULL, *work = NULL;

	for (size_t i = 0; i < s->lower.n; i++) {
		auto_free char *path = realpath(s->lower.v[i], NULL);

		if (!path)
			return err_sys(e, "lower: %s", s->lower.v[i]);
		if (words_add(&d->lower, path, e) < 0)
			return -1;
	}
	if (upper_work(s, &upper, &work, e) < 0)
		return -1;
	if (!upper)
		return 0;
	d->upper = realpath(upper, NULL);
	d->work = realpath(work, NULL);
	return d->upper && d->work ? 0 : err_sys(e, "upper: %s", upper);
}

/* A tmpfs on stage itself, which the overlay will cover. */
static int mount_scratch(const struct spec *s, struct place stage, struct err *e)
{
	char options[64] = "mode=755";
	int fd;

	if (s->overlay_size)
		snprintf(options, sizeof(options), "mode=755,size=%llu", (unsigned long long)s->overlay_size);
	fd = mount_new("tmpfs", options, MOUNT_ATTR_NODEV, stage, e);
	return fd >= 0 ? fd : err_prefix(e, "overlay");
}

static int scratch_changes(int scratch, const char *stage, struct dirs *d, struct err *e)
{
	d->upper = str_format(e, "%s/upper", stage);
	d->work = str_format(e, "%s/work", stage);
	if (!d->upper || !d->work)
		return -1;
	if (mkdirat(scratch, "upper", 0755) < 0 || mkdirat(scratch, "work", 0755) < 0)
		return err_sys(e, "overlay: make upper and work in the tmpfs");
	return 0;
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
	int fd = layers->n == ROOT_LAYERS ? err_set(e, "lower: more than %d directories", ROOT_LAYERS - 1) :
					    idmap_clone(path, ns, attr, e);

	if (fd < 0)
		return -1;
	layers->fds[layers->n++] = fd;
	return 0;
}

int root_map_layers(const struct spec *s, int ns, struct root_layers *layers, struct err *e)
{
	struct dirs d = { 0 };
	auto_free char *parent = NULL;
	int result = 0;

	layers->n = 0;
	if (s->root)
		return map_layer(s->root, ns, MOUNT_ATTR_NODEV | (s->read_only ? MOUNT_ATTR_RDONLY : 0), layers, e);
	result = host_dirs(s, &d, e);
	for (size_t i = 0; result == 0 && i < d.lower.n; i++)
		result = map_layer(d.lower.v[i], ns, MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY, layers, e);
	if (result == 0 && d.upper) {
		parent = parent_of_both(d.upper, d.work, e);
		result = parent ? map_layer(parent, ns, MOUNT_ATTR_NODEV, layers, e) : -1;
	}
	dirs_free(&d);
	return result;
}

void root_close_layers(struct root_layers *layers)
{
	while (layers->n > 0)
		fd_close(&layers->fds[--layers->n]);
}

/* Attach each layer in the scratch directory and name it from there. */
static int layer_dirs(const struct spec *s, const struct root_layers *layers, int scratch, const char *stage, struct dirs *d,
		      struct err *e)
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

static int mount_overlay(const struct spec *s, struct place stage, const struct root_layers *layers, struct err *e)
{
	auto_free char *options = malloc(4096);
	auto_fd int scratch = -1;
	struct dirs d = { 0 };
	int result = -1;

	if (!options)
		return err_memory(e);
	if (s->overlay_tmpfs || layers->n) {
		scratch = mount_scratch(s, stage, e);
		if (scratch < 0)
			return -1;
	}
	if ((layers->n ? layer_dirs(s, layers, scratch, stage.path, &d, e) : host_dirs(s, &d, e)) < 0)
		goto end;
	if (s->overlay_tmpfs && scratch_changes(scratch, stage.path, &d, e) < 0)
		goto end;
	if (overlay_options(&d, layers->n > 0, options, 4096, e) == 0)
		result = mount_new("overlay", options, MOUNT_ATTR_NODEV, stage, e);
end:
	dirs_free(&d);
	return result;
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
	return s->root ? mount_directory(s, place, layers, e) : mount_overlay(s, place, layers, e);
}

int root_finish(const struct spec *s, int root, struct err *e)
{
	if (s->root || !s->read_only)
		return 0;
	/* Where only a remount can do it, that sets all flags anew. */
	return mount_restrict(root, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, "/", e);
}
