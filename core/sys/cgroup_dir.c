/* SPDX-License-Identifier: Zlib
 * Directories of cgroup file systems. What is below a container's own may have been made by the container: any names, any depth.
 * Host side. */
#include "sys/cgroup_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/fd.h"

enum {
	DEPTH = 32,    /* that is walked with a descriptor a level */
	STEPS = 50000, /* that a removal takes before it is left to the next try */
};

int cgroup_dir_write(int dir, const char *file, const char *text)
{
	auto_fd int fd = openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -1 : fd_write_all(fd, text, strlen(text));
}

bool cgroup_dir_read(int dir, const char *file, char *text, size_t room)
{
	auto_fd int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);

	text[n < 0 ? 0 : n] = 0;
	return n >= 0;
}

static DIR *open_list(int dir)
{
	auto_fd int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (list)
		take_fd(&fd);
	return list;
}

/* The next directory of the list, NULL at the end. */
static const char *next_dir(DIR *list)
{
	struct dirent *entry;

	while ((entry = readdir(list)))
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return entry->d_name;
	return NULL;
}

static void each(int dir, void (*visit)(int dir), int depth)
{
	DIR *list = depth ? open_list(dir) : NULL;
	const char *name;

	visit(dir);
	while (list && (name = next_dir(list))) {
		auto_fd int next = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (next >= 0)
			each(next, visit, depth - 1);
	}
	if (list)
		closedir(list);
}

void cgroup_dir_each(int dir, void (*visit)(int dir))
{
	each(dir, visit, DEPTH);
}

void cgroup_dir_thaw(int dir)
{
	if (cgroup_dir_write(dir, "cgroup.freeze", "0") < 0)
		cgroup_dir_write(dir, "freezer.state", "THAWED");
}

void cgroup_dir_kill(int dir)
{
	auto_fd int procs = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *f = procs < 0 ? NULL : fdopen(procs, "re");
	char line[32];

	if (!f)
		return;
	take_fd(&procs);
	while (fgets(line, sizeof(line), f)) {
		int pid = atoi(line);

		if (pid > 0)
			kill(pid, SIGKILL);
	}
	fclose(f);
}

/* Remove the directories in dir that can be. *found tells how many there were. Returns whether some are left; name is one of
 * them then. */
static bool remove_children(int dir, char name[NAME_MAX + 1], int *found)
{
	DIR *list = open_list(dir);
	const char *child;
	bool left = false;

	for (*found = 0; list && (child = next_dir(list)); ++*found)
		if (unlinkat(dir, child, AT_REMOVEDIR) < 0 && errno != ENOENT) {
			snprintf(name, NAME_MAX + 1, "%s", child);
			left = true;
		}
	if (list)
		closedir(list);
	return left;
}

/* Down to where nothing is below, and up again to go on, with one descriptor however deep it is. */
int cgroup_dir_remove(int at, const char *name, bool kill)
{
	char child[NAME_MAX + 1];
	auto_fd int here = -1;
	int depth = 0, found, next;

	if (unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	here = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	for (int steps = 0; here >= 0 && steps < STEPS; steps++) {
		if (remove_children(here, child, &found)) {
			next = openat(here, child, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			depth++;
		} else if (found && depth) {
			next = openat(here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
			depth--;
		} else {
			/* It cannot be removed though nothing is below it: processes. */
			if (kill) {
				cgroup_dir_thaw(here);
				cgroup_dir_kill(here);
			}
			break;
		}
		fd_close(&here);
		here = next;
	}
	return unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
}

char *cgroup_dir_next(const char **list, struct err *e)
{
	size_t len = *list ? strcspn(*list, "\n") : 0;
	char *path;

	e->num = 0;
	if (!len)
		return NULL;
	path = str_format(e, "%.*s", (int)len, *list);
	*list += len + ((*list)[len] != 0);
	return path;
}
