/* SPDX-License-Identifier: Zlib
 * KEY=VALUE records on disk. Host side. */
#include "box/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "sys/fd.h"

enum { RECORD_MAX = 65536 };

static void put(struct record *r, const char *data, size_t len)
{
	if (r->used + len + 1 > r->room) {
		size_t room = (r->room ? r->room * 2 : 1024) + len;
		char *text = realloc(r->text, room);

		if (!text) {
			r->failed = 1;
			return;
		}
		r->text = text;
		r->room = room;
	}
	memcpy(r->text + r->used, data, len);
	r->used += len;
	r->text[r->used] = 0;
}

void record_text(struct record *r, const char *key, const char *value)
{
	if (!value)
		return;
	put(r, key, strlen(key));
	put(r, "=", 1);
	for (const char *p = value; *p; p++) {
		char octal[5];

		if ((unsigned char)*p >= 0x20 && *p != 0x7f && *p != '\\') {
			put(r, p, 1);
		} else {
			snprintf(octal, sizeof(octal), "\\%03o", (unsigned)(unsigned char)*p);
			put(r, octal, 4);
		}
	}
	put(r, "\n", 1);
}

void record_number(struct record *r, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	if (value)
		record_text(r, key, text);
}

void record_free(struct record *r)
{
	free(r->text);
	*r = (struct record){ 0 };
}

static int write_new(const struct record *r, int dir, const char *fresh, const char *name, struct err *e)
{
	auto_fd int fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (r->failed)
		return err_memory(e);
	if (r->used > RECORD_MAX)
		return err_set(e, "the container's %s file would be longer than %d bytes", name, RECORD_MAX);
	if (fd < 0 || fd_write_all(fd, r->text, r->used) < 0 || renameat(dir, fresh, dir, name) < 0)
		return err_sys(e, "write the container's %s file", name);
	return 0;
}

int record_write(struct record *r, int dir, const char *name, struct err *e)
{
	char fresh[64];
	int result;

	snprintf(fresh, sizeof(fresh), "%s.new", name);
	result = write_new(r, dir, fresh, name, e);
	if (result < 0)
		unlinkat(dir, fresh, 0);
	record_free(r);
	return result;
}

int record_read(struct record *r, int dir, const char *name, struct err *e)
{
	auto_fd int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	*r = (struct record){ 0 };
	if (fd < 0)
		return err_sys(e, "open the container's %s file", name);
	r->text = fd_read_all(fd, RECORD_MAX, "the container's state", e);
	return r->text ? 0 : -1;
}

/* Where the value of key begins, NULL without one. */
static const char *find(const struct record *r, const char *key)
{
	size_t len = strlen(key);

	for (const char *p = r->text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (!strncmp(p, key, len) && p[len] == '=')
			return p + len + 1;
	return NULL;
}

char *record_get_text(struct record *r, const char *key)
{
	const char *p = find(r, key);
	size_t len = p ? strcspn(p, "\n") : 0;
	char *text = p ? malloc(len + 1) : NULL;

	if (text)
		record_copy(r, key, text, len + 1);
	else if (p)
		r->failed = 1;
	return text;
}

/* The byte that \ooo at p stands for, or -1. */
static int escaped(const char *p)
{
	if (*p != '\\' || p[1] < '0' || p[1] > '3' || p[2] < '0' || p[2] > '7' || p[3] < '0' || p[3] > '7')
		return -1;
	return (p[1] - '0') * 64 + (p[2] - '0') * 8 + p[3] - '0';
}

void record_copy(const struct record *r, const char *key, char *out, size_t room)
{
	const char *p = find(r, key);

	for (; p && *p && *p != '\n' && room > 1; room--) {
		int byte = escaped(p);

		*out++ = (char)(byte < 0 ? *p : byte);
		p += byte < 0 ? 1 : 4;
	}
	*out = 0;
}

int64_t record_get_number(const struct record *r, const char *key)
{
	const char *p = find(r, key);
	char text[24];
	struct err ignored;
	int64_t value;

	if (!p || strcspn(p, "\n") >= sizeof(text))
		return 0;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(p, "\n"), p);
	return num_signed(text, INT64_MIN, INT64_MAX, &value, &ignored) == 0 ? value : 0;
}
