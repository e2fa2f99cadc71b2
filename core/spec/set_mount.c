/* SPDX-License-Identifier: Zlib
 * Setters of what the container's file system is made of. No system calls. */
#include "spec/set.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "spec/spec.h"

int spec_set_lower(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words *w = SPEC_FIELD(struct words, target, o);
	size_t before = w->n;

	if (words_split(w, value, ':', e) < 0)
		return -1;
	for (size_t i = before; i < w->n; i++)
		if (!*w->v[i])
			return err_set(e, "'%s' has an empty directory", value);
	return 0;
}

static void forget_overlay(struct spec *s)
{
	free(s->overlay);
	free(s->overlay_image);
	s->overlay = s->overlay_image = NULL;
	s->overlay_set = true;
	s->overlay_tmpfs = s->overlay_persistent = false;
	s->overlay_size = 0;
}

/* FILE[:SIZE] */
static int set_image(struct spec *s, const char *value, struct err *e)
{
	struct words parts = { 0 };
	int result = words_split(&parts, value, ':', e);

	forget_overlay(s);
	if (result == 0 && (parts.n > 2 || *parts.v[0] != '/'))
		result = err_set(e, "'image:%s' is not image:FILE[:SIZE] with an absolute path", value);
	if (result == 0 && parts.n == 2)
		result = num_size(parts.v[1], &s->overlay_size, e);
	if (result == 0)
		result = str_replace(&s->overlay_image, parts.v[0], e);
	words_free(&parts);
	return result;
}

int spec_set_overlay(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct spec *s = target;
	uint64_t size = 0;

	(void)o;
	if (!strncmp(value, "image:", 6))
		return set_image(s, value + 6, e);
	if (!strcmp(value, "persistent")) {
		forget_overlay(s);
		s->overlay_persistent = true;
		return 0;
	}
	if (!strncmp(value, "tmpfs:", 6)) {
		if (num_size(value + 6, &size, e) < 0)
			return -1;
	} else if (strcmp(value, "tmpfs") != 0 && strcmp(value, "none") != 0) {
		if (!strchr(value, '/'))
			return err_set(
				e,
				"'%s' is neither tmpfs[:SIZE], persistent, image:FILE[:SIZE], none nor a directory with a slash",
				value);
		forget_overlay(s);
		return str_replace(&s->overlay, value, e);
	}
	forget_overlay(s);
	s->overlay_tmpfs = *value == 't';
	s->overlay_size = size;
	return 0;
}

static int add_mount(struct spec *s, struct spec_mount m, struct err *e)
{
	struct spec_mount *mounts = realloc(s->mounts, (s->nmounts + 1) * sizeof(*mounts));

	if (!mounts) {
		free(m.source);
		free(m.target);
		return err_memory(e);
	}
	s->mounts = mounts;
	mounts[s->nmounts++] = m;
	return 0;
}

static int mount_option(struct spec_mount *m, const char *option, struct err *e)
{
	if (!strcmp(option, "ro"))
		m->read_only = true;
	else if (!strcmp(option, "dev"))
		m->devices = true;
	else if (!strcmp(option, "idmap") && m->type == MOUNT_BIND)
		m->idmap = true;
	else if (!strcmp(option, "optional"))
		m->optional = true;
	else if (strcmp(option, "rw") != 0)
		return err_set(e, "'%s' is not an option of a mount (ro, rw, dev, idmap, optional)", option);
	return 0;
}

static int mount_options(struct spec_mount *m, const char *list, struct err *e)
{
	struct words options = { 0 };
	int result = words_split(&options, list, ',', e);

	for (size_t i = 0; result == 0 && i < options.n; i++)
		result = mount_option(m, options.v[i], e);
	words_free(&options);
	return result;
}

/* Begin with what m says already. */
static int parse_bind(struct spec *s, const struct words *parts, const char *value, struct spec_mount m, struct err *e)
{
	const char *target = parts->v[parts->n > 1];

	if (parts->n > 3 || !*parts->v[0] || !*target)
		return err_set(e, "'%s' is not SOURCE[:DEST[:OPTIONS]]", value);
	if (spec_check_inside_path(target, e) < 0)
		return -1;
	if (!target[strspn(target, "/.")])
		return err_set(e, "nothing can be mounted on the container's root: use root or lower");
	if (parts->n == 3 && mount_options(&m, parts->v[2], e) < 0)
		return -1;
	if (str_replace(&m.source, parts->v[0], e) < 0)
		return -1;
	if (str_replace(&m.target, target, e) < 0) {
		free(m.source);
		return -1;
	}
	return add_mount(s, m, e);
}

static int set_bind(void *target, const char *value, struct spec_mount m, struct err *e)
{
	struct words parts = { 0 };
	int result = words_split(&parts, value, ':', e);

	if (result == 0)
		result = parse_bind(target, &parts, value, m, e);
	words_free(&parts);
	return result;
}

int spec_set_mount(void *target, const struct opt *o, const char *value, struct err *e)
{
	(void)o;
	return set_bind(target, value, (struct spec_mount){ .type = MOUNT_BIND }, e);
}

int spec_set_mount_ro(void *target, const struct opt *o, const char *value, struct err *e)
{
	(void)o;
	return set_bind(target, value, (struct spec_mount){ .type = MOUNT_BIND, .read_only = true }, e);
}

int spec_set_mount_overlay(void *target, const struct opt *o, const char *value, struct err *e)
{
	(void)o;
	return set_bind(target, value, (struct spec_mount){ .type = MOUNT_OVERLAY }, e);
}

/* mode=MODE, uid=ID, gid=ID */
static int tmpfs_option(struct spec_mount *m, const char *option, struct err *e)
{
	bool uid = !strncmp(option, "uid=", 4);
	uint64_t id;

	if (!strncmp(option, "mode=", 5))
		return num_mode(option + 5, &m->mode, e);
	if (!uid && strncmp(option, "gid=", 4) != 0)
		return err_set(e, "'%s' is not an option of a tmpfs (mode=, uid=, gid=)", option);
	if (num_parse(option + 4, 0, UINT32_MAX - 1, &id, e) < 0)
		return -1;
	*(uid ? &m->uid : &m->gid) = (uint32_t)id;
	return 0;
}

static int tmpfs_options(struct spec_mount *m, const char *list, struct err *e)
{
	struct words options = { 0 };
	int result = words_split(&options, list, ',', e);

	for (size_t i = 0; result == 0 && i < options.n; i++)
		result = tmpfs_option(m, options.v[i], e);
	words_free(&options);
	return result;
}

static int parse_tmpfs(struct spec *s, const struct words *parts, const char *value, struct err *e)
{
	struct spec_mount m = { .type = MOUNT_TMPFS, .mode = 0755 };
	const char *target = parts->v[0], *last = parts->n > 1 ? parts->v[parts->n - 1] : "";
	bool options = strchr(last, '=') != NULL;

	if (parts->n > 2 + (size_t)options)
		return err_set(e, "'%s' is not DEST[:SIZE][:OPTIONS]", value);
	if (parts->n - options == 2 && num_size(parts->v[1], &m.size, e) < 0)
		return -1;
	if (options && tmpfs_options(&m, last, e) < 0)
		return -1;
	if (*target == '/' && !target[strspn(target, "/.")])
		return err_set(e, "'%s' is the container's root", value);
	if (spec_check_inside_path(target, e) < 0 || str_replace(&m.target, target, e) < 0)
		return -1;
	return add_mount(s, m, e);
}

int spec_set_tmpfs(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words parts = { 0 };
	int result = words_split(&parts, value, ':', e);

	(void)o;
	if (result == 0)
		result = parse_tmpfs(target, &parts, value, e);
	words_free(&parts);
	return result;
}

static int add_device(struct spec *s, const char *source, const char *target, struct err *e)
{
	struct spec_device *devices = realloc(s->devices, (s->ndevices + 1) * sizeof(*devices));
	struct spec_device d = { 0 };

	if (!devices)
		return err_memory(e);
	s->devices = devices;
	if (str_replace(&d.source, source, e) < 0 || str_replace(&d.target, target, e) < 0) {
		free(d.source);
		return -1;
	}
	devices[s->ndevices++] = d;
	return 0;
}

int spec_set_device(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words parts = { 0 };
	const char *inside;
	int result = -1;

	(void)o;
	if (words_split(&parts, value, ':', e) < 0)
		goto end;
	inside = parts.v[parts.n > 1];
	if (parts.n > 2 || *parts.v[0] != '/')
		err_set(e, "'%s' is not DEVICE[:DEST] with absolute paths", value);
	else if (spec_check_inside_path(inside, e) == 0 &&
		 (strncmp(inside, "/dev/", 5) != 0 || !inside[5 + strspn(inside + 5, "/.")]))
		err_set(e, "'%s' is not below /dev, the one place for devices in a container", inside);
	else if (spec_check_inside_path(inside, e) == 0)
		result = add_device(target, parts.v[0], inside, e);
end:
	words_free(&parts);
	return result;
}
