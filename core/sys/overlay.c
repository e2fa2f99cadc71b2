/* SPDX-License-Identifier: Zlib
 * Mounting overlays. Runs where sys/mount.c does. */
#include "sys/overlay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

void overlay_dirs_free(struct overlay_dirs *d)
{
	words_free(&d->lower);
	free(d->upper);
	free(d->work);
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

static int overlay_options(const struct overlay_dirs *d, bool own_namespace, char *options, size_t room, struct err *e)
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

int overlay_mount(const struct overlay_dirs *d, bool own_namespace, unsigned attr, struct place at, struct err *e)
{
	auto_free char *options = malloc(4096);
	int fd;

	if (!options)
		return err_memory(e);
	if (overlay_options(d, own_namespace, options, 4096, e) < 0)
		return -1;
	fd = mount_new("overlay", options, attr, at, e);
	if (fd < 0 && own_namespace && e->num == EINVAL)
		err_hint(e, "in a user namespace nothing may be mounted below lower");
	return fd;
}
