/* SPDX-License-Identifier: Zlib
 * A container's mounts, where they come from, and its devices. Host side. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/auto.h"
#include "box/inspect.h"
#include "sys/fd.h"
#include "sys/path.h"

enum { DEPTH = 4, DEVICES = 256, ENTRIES = 10000 };

/* Append the lines of a mountinfo. */
static int read_mounts(const char *path, struct inspect_mount **mounts, size_t *n, struct err *e)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0, allocated = 0;
	int result = 0;

	if (!f)
		return err_sys(e, "open %s", path);
	while (result == 0 && *n < INSPECT_MOUNTS && getline(&line, &room, f) > 0) {
		struct inspect_mount m = { .line = line };

		if (!mount_parse(line, &m.m))
			continue;
		if (*n == allocated) {
			struct inspect_mount *more = realloc(*mounts, (allocated = allocated * 2 + 32) * sizeof(m));

			result = more ? 0 : err_memory(e);
			if (!more)
				break;
			*mounts = more;
		}
		m.read_only = str_has_word(m.m.attributes, "ro", 2) || str_has_word(m.m.options, "ro", 2);
		(*mounts)[(*n)++] = m;
		line = NULL;
	}
	free(line);
	fclose(f);
	return result;
}

const struct inspect_mount *inspect_mount_at(const struct inspect *in, const char *path)
{
	const struct inspect_mount *at = NULL, *next;

	for (size_t i = 0; i < in->nmounts; i++)
		if (!in->mounts[i].m.point[1])
			at = &in->mounts[i];
	/* On the way down from a mount's root the one that is met first is that with the shortest path. */
	for (; at; at = next) {
		next = NULL;
		for (size_t i = 0; i < in->nmounts; i++) {
			const struct inspect_mount *m = &in->mounts[i];

			if (m->m.parent == at->m.id && m != at && str_below(path, m->m.point) &&
			    (!next || strlen(m->m.point) < strlen(next->m.point)))
				next = m;
		}
		if (!next)
			break;
	}
	return at;
}

/* What a mount shows is on the host where a mount there shows the same file system from further up. The first one is where
 * it was mounted to be used. */
static int find_host(struct inspect_mount *m, const struct inspect_mount *ours, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const char *rest = strcmp(ours[i].m.device, m->m.device) ? NULL : str_below(m->m.root, ours[i].m.root);
		const char *point = ours[i].m.point;

		if (!rest)
			continue;
		m->host = str_format(e, "%s%s", point[1] || !*rest ? point : "", rest);
		return m->host ? 0 : -1;
	}
	return 0;
}

/* --- devices ------------------------------------------------------------------------------------------------------ */

/* Those of box/dev.c, and terminals, which are the container's own. */
static bool is_usual(const struct stat *st)
{
	unsigned number = minor(st->st_rdev);

	if (!S_ISCHR(st->st_mode))
		return false;
	if (major(st->st_rdev) == 1)
		return number == 3 || number == 5 || (number >= 7 && number <= 9);
	return (major(st->st_rdev) == 5 && number == 0) || (major(st->st_rdev) >= 136 && major(st->st_rdev) <= 143);
}

static int add_device(struct inspect *in, const char *path, const struct stat *st, struct err *e)
{
	struct inspect_device *d;

	if (in->ndevices == DEVICES)
		return 0;
	if (!in->devices)
		in->devices = malloc(DEVICES * sizeof(*in->devices));
	if (!in->devices)
		return err_memory(e);
	d = &in->devices[in->ndevices];
	*d = (struct inspect_device){ NULL, S_ISBLK(st->st_mode), major(st->st_rdev), minor(st->st_rdev) };
	d->path = str_format(e, "%s", path);
	if (!d->path)
		return -1;
	in->ndevices++;
	return 0;
}

/* Look through a directory of the container's, which is closed, and those below it on the same file system. It is the
 * container's to fill: there are bounds. */
static int walk(struct inspect *in, int fd, const char *path, int depth, int *entries, struct err *e)
{
	struct stat top, st;
	DIR *dir = fstat(fd, &top) < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (!dir) {
		result = err_sys(e, "read %s", path);
		close(fd);
		return result;
	}
	while (result == 0 && --*entries > 0 && (entry = readdir(dir))) {
		auto_free char *full = NULL;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		full = str_format(e, "%s/%s", path, entry->d_name);
		if (!full) {
			result = -1;
		} else if (S_ISDIR(st.st_mode) && st.st_dev == top.st_dev && depth) {
			int below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			result = below < 0 ? 0 : walk(in, below, full, depth - 1, entries, e);
		} else if ((S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) && !is_usual(&st)) {
			result = add_device(in, full, &st, e);
		}
	}
	closedir(dir);
	return result;
}

static int read_devices(struct inspect *in, struct err *e)
{
	const struct inspect_mount *m = inspect_mount_at(in, "/dev");
	auto_fd int root = -1;
	char path[32];
	int dev, entries = ENTRIES;

	/* Nothing is opened of a file system that somebody inside may be answering for. */
	if (!m || (strcmp(m->m.type, "tmpfs") != 0 && strcmp(m->m.type, "devtmpfs") != 0))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/root", in->state.init.pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	dev = root < 0 ? -1 : path_open(root, "dev", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (dev < 0)
		return err_sys(e, "open the /dev of %s", in->state.name);
	return fd_is_on(dev, TMPFS_MAGIC) ? walk(in, dev, "/dev", DEPTH, &entries, e) : (close(dev), 0);
}

int inspect_mounts(struct inspect *in, struct err *e)
{
	struct inspect_mount *ours = NULL;
	size_t n = 0;
	char path[32];
	int result;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", in->state.init.pid);
	result = read_mounts("/proc/self/mountinfo", &ours, &n, e);
	if (result == 0)
		result = read_mounts(path, &in->mounts, &in->nmounts, e);
	for (size_t i = 0; result == 0 && i < in->nmounts; i++) {
		in->mounts[i].covered = inspect_mount_at(in, in->mounts[i].m.point) != &in->mounts[i];
		result = find_host(&in->mounts[i], ours, n, e);
	}
	for (size_t i = 0; i < n; i++)
		free(ours[i].line);
	free(ours);
	return result < 0 ? -1 : read_devices(in, e);
}
