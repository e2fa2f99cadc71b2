/* SPDX-License-Identifier: Zlib
 * What is mounted, by /proc/self/mountinfo, and taking it down. Host side, and inside before its root is entered. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/kernel.h"
#include "sys/mount.h"

/* The next field of *line, cut off in place, with \ooo for special bytes undone. NULL at the end. */
static char *next_field(char **line)
{
	char *start = strsep(line, " \n"), *out = start;

	if (!start || !*start)
		return NULL;
	for (char *p = start; *p; p++) {
		if (*p == '\\' && p[1] && p[2] && p[3]) {
			*out++ = (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + p[3] - '0');
			p += 3;
		} else {
			*out++ = *p;
		}
	}
	*out = 0;
	return start;
}

/* ID PARENT DEVICE ROOT POINT ATTRIBUTES [OPTIONAL...] - TYPE SOURCE OPTIONS */
bool mount_parse(char *line, struct mount_line *m)
{
	char *dash = strstr(line, " - "), *rest = line, *text;

	*m = (struct mount_line){ 0 };
	if (!dash)
		return false;
	*dash = 0;
	dash += 3;
	text = next_field(&rest);
	m->id = text ? (int)strtol(text, NULL, 10) : 0;
	text = next_field(&rest);
	m->parent = text ? (int)strtol(text, NULL, 10) : 0;
	m->device = next_field(&rest);
	m->root = next_field(&rest);
	m->point = next_field(&rest);
	m->attributes = next_field(&rest);
	m->type = next_field(&dash);
	next_field(&dash);
	m->options = next_field(&dash);
	return m->point && m->type && m->options;
}

int mount_list(const char *path, bool under, struct words *points, struct err *e)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	size_t room = 0, len = strlen(path);
	int result = 0;

	if (!f)
		return err_sys(e, "open /proc/self/mountinfo");
	while (result == 0 && getline(&line, &room, f) > 0) {
		struct mount_line m;

		if (mount_parse(line, &m) && m.point[1] &&
		    under == (!strncmp(m.point, path, len) && (!m.point[len] || m.point[len] == '/')))
			result = words_add(points, m.point, e);
	}
	fclose(f);
	return result;
}

int mount_id(int fd)
{
	char path[48], text[256], *at;
	auto_fd int info = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	n = info < 0 ? -1 : read(info, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = 0;
	at = strstr(text, "mnt_id:");
	return at ? (int)strtol(at + 7, NULL, 10) : 0;
}

/* Where the mount of that id is (owned by the caller), and what it is mounted on. NULL: it is gone, or e is set. */
static char *find_id(int id, int *parent, struct err *e)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	struct mount_line m;
	char *point = NULL;
	size_t room = 0;

	e->num = 0;
	if (!f) {
		err_sys(e, "open /proc/self/mountinfo");
		return NULL;
	}
	while (!point && getline(&line, &room, f) > 0) {
		if (strtol(line, NULL, 10) != id || !mount_parse(line, &m))
			continue;
		*parent = m.parent;
		point = str_format(e, "%s", m.point);
	}
	if (!point && ferror(f))
		err_sys(e, "read /proc/self/mountinfo");
	fclose(f);
	return point;
}

static int remove_one(int id, const char *point, struct err *e)
{
	auto_fd int fd = open(point, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || mount_id(fd) != id)
		return err_set(e, "something else has been mounted on %s: unmount that first", point);
	return sys_umount2(path, MNT_DETACH) < 0 ? err_sys(e, "unmount %s", point) : 0;
}

int mount_below(int id, struct err *e)
{
	int below = 0, ignored;
	auto_free char *point = find_id(id, &below, e);
	auto_free char *other = point ? find_id(below, &ignored, e) : NULL;

	if (e->num)
		return -1;
	return point && other && !strcmp(point, other) ? below : 0;
}

bool mount_is_attached(int id)
{
	struct err ignored;
	int parent;
	auto_free char *point = id ? find_id(id, &parent, &ignored) : NULL;

	return point;
}

int mount_remove_id(int id, struct err *e)
{
	int parent;
	auto_free char *point = id ? find_id(id, &parent, e) : NULL;

	if (point)
		return remove_one(id, point, e);
	return id && e->num ? -1 : 0;
}

int mount_remove(const char *path, struct err *e)
{
	while (sys_umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	if (errno == EINVAL || errno == ENOENT)
		return 0;
	return err_sys(e, "unmount %s", path);
}
