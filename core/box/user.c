/* SPDX-License-Identifier: Zlib
 * Looking up users and groups. Reads the container's files by descriptor, as data. */
#include "box/user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/num.h"
#include "sys/path.h"

enum { MAX_FILE = 16 << 20 };

/* passwd and group have lines of fields, name first, number third. */
struct record {
	char *fields[7];
	size_t n;
};

static void split(char *line, struct record *r)
{
	line[strcspn(line, "\n")] = 0;
	r->n = 0;
	do
		r->fields[r->n++] = strsep(&line, ":");
	while (line && r->n < 7);
}

/* Whether word is wholly a number of an id. */
static bool is_id(const char *word, uint32_t *id)
{
	struct err ignored;
	uint64_t value;

	if (num_parse(word, 0, UINT32_MAX - 1, &value, &ignored) < 0)
		return false;
	*id = (uint32_t)value;
	return true;
}

/* Open a file that the container may have put there: a regular one of bearable size. Opening a device would do something
 * to it already, so what it is comes first. Returns -1 with errno, ENOENT for what is no such file. */
static int open_file(int root, const char *file)
{
	auto_fd int place = path_open(root, file, O_PATH), fd = -1;
	struct stat st;

	if (place < 0 || fstat(place, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = ENOENT;
		return -1;
	}
	fd = path_open(root, file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (S_ISREG(st.st_mode) && st.st_size <= MAX_FILE)
		return take_fd(&fd);
	errno = ENOENT;
	return -1;
}

/* Go through f for word: a number by the number, anything else by the name. */
static bool search(FILE *f, const char *word, struct record *r, char **line)
{
	uint32_t wanted, id;
	bool number = is_id(word, &wanted);
	size_t room = 0;

	while (*word && getline(line, &room, f) > 0) {
		split(*line, r);
		if (r->n >= 3 && (number ? is_id(r->fields[2], &id) && id == wanted : !strcmp(r->fields[0], word)))
			return true;
	}
	return false;
}

/* Find the record of word. The record points into *line, owned by the caller. Returns 1, 0 when it is not there, -1 with e
 * set when that cannot be told. */
static int find(int root, const char *file, const char *word, struct record *r, char **line, struct err *e)
{
	int fd = open_file(root, file), result;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return 0;
	if (!f) {
		fd_close(&fd);
		return err_sys(e, "open the container's /%s", file);
	}
	result = search(f, word, r, line);
	if (!result && ferror(f))
		result = err_sys(e, "read the container's /%s", file);
	fclose(f);
	return result;
}

static int add_group(int root, const char *word, struct user *out, bool primary, struct err *e)
{
	auto_free char *line = NULL;
	struct record r = { .n = 0 };
	uint32_t id;
	int found = is_id(word, &id) ? 1 : find(root, "etc/group", word, &r, &line, e);

	if (found < 0)
		return -1;
	if (!found || (line && !is_id(r.fields[2], &id)))
		return err_set(e, "no group '%s' in the container's /etc/group", word);
	if (out->ngroups == USER_GROUPS)
		return err_set(e, "more than %d groups", USER_GROUPS);
	if (primary)
		out->gid = id;
	out->groups[out->ngroups++] = id;
	return 0;
}

static int add_groups(int root, const char *list, struct user *out, struct err *e)
{
	auto_free char *copy = strdup(list);
	char *rest = copy, *word;
	bool primary = true;

	if (!copy)
		return err_memory(e);
	for (; (word = strsep(&rest, ":")); primary = false)
		if (add_group(root, word, out, primary, e) < 0)
			return -1;
	return 0;
}

/* Fill in what passwd knows of word. */
static int find_user(int root, const char *word, struct user *out, struct err *e)
{
	auto_free char *line = NULL;
	struct record r = { .n = 0 };
	bool number = is_id(word, &out->uid);
	int found = find(root, "etc/passwd", word, &r, &line, e);

	if (found < 0)
		return -1;
	if (!number && !(found && is_id(r.fields[2], &out->uid)))
		return err_set(e, "no user '%s' in the container's /etc/passwd", word);
	out->gid = (gid_t)out->uid;
	snprintf(out->name, sizeof(out->name), "%s", found ? r.fields[0] : word);
	strcpy(out->home, "/");
	strcpy(out->shell, "/bin/sh");
	if (found && r.n >= 4 && !is_id(r.fields[3], &out->gid))
		return err_set(e, "user '%s' has no group number in the container's /etc/passwd", word);
	if (found && r.n >= 6 && *r.fields[5] == '/')
		snprintf(out->home, sizeof(out->home), "%s", r.fields[5]);
	if (found && r.n >= 7 && *r.fields[6] == '/')
		snprintf(out->shell, sizeof(out->shell), "%s", r.fields[6]);
	return 0;
}

int user_resolve(int root, const char *user, const char *groups, struct user *out, struct err *e)
{
	const char *list = user ? strchr(user, ':') : NULL;
	auto_free char *word = user ? strndup(user, strcspn(user, ":")) : strdup("0");

	*out = (struct user){ 0 };
	if (!word)
		return err_memory(e);
	if (find_user(root, word, out, e) < 0)
		return -1;
	if (list)
		return add_groups(root, list + 1, out, e);
	return groups ? add_groups(root, groups, out, e) : 0;
}
