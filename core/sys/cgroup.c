/* SPDX-License-Identifier: Zlib
 * Finding and using the cgroup file systems. Host side. */
#include "sys/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/fd.h"

enum { REMOVE_TRIES = 500, REMOVE_WAIT_MS = 10 };

/* The n-th field (from 0) of a line, cut off in place; NULL when there are fewer. */
static char *field(char *line, int n)
{
	char *word = NULL;

	while (line && n-- >= 0)
		word = strsep(&line, " \n");
	return word && *word ? word : NULL;
}

/* Whether the comma-separated list has word. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (strcspn(p, ",") == len && !strncmp(p, word, len))
			return true;
	return false;
}

/* Where a hierarchy is mounted: its v1 controller's name, or NULL for v2. Returns whether it is. */
static bool find_mount(const char *controller, char *point, size_t room)
{
	const char *wanted = controller ? "cgroup" : "cgroup2";
	FILE *f = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (f && !found && getline(&line, &size, f) > 0) {
		/* ID PARENT DEVICE ROOT POINT OPTIONS ... - TYPE SOURCE OPTIONS: proc_pid_mountinfo(5) */
		char *dash = strstr(line, " - "), *type, *options, *path;

		if (!dash)
			continue;
		*dash = 0;
		options = strdupa(dash + 3);
		type = field(dash + 3, 0);
		options = field(options, 2);
		path = field(line, 4);
		found = type && path && !strcmp(type, wanted) && strlen(path) < room &&
			(!controller || (options && has_word(options, controller)));
		if (found)
			strcpy(point, path);
	}
	if (f)
		fclose(f);
	return found;
}

/* Our own cgroup's path in that hierarchy. */
static bool find_own(const char *controller, char *own, size_t room)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	auto_free char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (f && !found && getline(&line, &size, f) > 0) {
		char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = 0;
		path[strcspn(path, "\n")] = 0;
		found = !strcmp(list + 1, controller ? controller : "") && strlen(path) < room;
		if (found)
			strcpy(own, path);
	}
	if (f)
		fclose(f);
	return found;
}

enum { HIERARCHIES = 2 };

/* The directory for name in the n-th hierarchy that can be used: v2, v1's freezer. Owned by the caller; NULL where there is
 * none, or without memory, which e tells then. */
static char *directory(int n, const char *name, struct err *e)
{
	const char *controller = n ? "freezer" : NULL;
	char point[PATH_MAX], own[PATH_MAX];

	e->num = 0;
	if (!find_mount(controller, point, sizeof(point)) || !find_own(controller, own, sizeof(own)))
		return NULL;
	return str_format(e, "%s%s/cagebox-%s", point, own[1] ? own : "", name);
}

int cgroup_make(const char *name, char **path, struct err *e)
{
	*path = NULL;
	for (int n = 0; n < HIERARCHIES; n++) {
		auto_free char *dir = directory(n, name, e);

		if (!dir && e->num)
			return -1;
		if (!dir)
			continue;
		/* One that is there and empty was left behind; one with processes is not ours to take. */
		if (mkdir(dir, 0755) < 0 && (errno != EEXIST || rmdir(dir) < 0 || mkdir(dir, 0755) < 0)) {
			if (errno == EBUSY)
				return err_sys(e, "make the cgroup %s", dir);
			continue;
		}
		*path = take_ptr(&dir);
		return 0;
	}
	return 0;
}

int cgroup_remove_empty(const char *name, struct err *e)
{
	for (int n = 0; n < HIERARCHIES; n++) {
		auto_free char *dir = directory(n, name, e);

		if (!dir && e->num)
			return -1;
		if (dir)
			rmdir(dir);
	}
	return 0;
}

/* Write text to a file of the cgroup. Returns 0, or -1 with errno. */
static int write_file(const char *path, const char *file, const char *text)
{
	auto_fd int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd int fd = dir < 0 ? -1 : openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -1 : fd_write_all(fd, text, strlen(text));
}

int cgroup_enter(const char *path, pid_t pid, struct err *e)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	if (write_file(path, "cgroup.procs", text) < 0)
		return err_sys(e, "enter the cgroup %s", path);
	return 0;
}

static void freeze(const char *path, bool on)
{
	if (write_file(path, "cgroup.freeze", on ? "1" : "0") < 0)
		write_file(path, "freezer.state", on ? "FROZEN" : "THAWED");
}

int cgroup_kill(const char *path, struct err *e)
{
	auto_free char *file = NULL;
	char line[32];
	FILE *f;

	if (write_file(path, "cgroup.kill", "1") == 0)
		return 0;
	file = str_format(e, "%s/cgroup.procs", path);
	if (!file)
		return -1;
	/* Frozen, nothing forks while the list is read; the signal takes effect when they thaw. */
	freeze(path, true);
	f = fopen(file, "re");
	while (f && fgets(line, sizeof(line), f)) {
		int pid = atoi(line);

		if (pid > 0)
			kill(pid, SIGKILL);
	}
	if (f)
		fclose(f);
	freeze(path, false);
	return 0;
}

int cgroup_remove(const char *path, struct err *e)
{
	const struct timespec tick = { .tv_nsec = REMOVE_WAIT_MS * 1000000L };

	for (int i = 0; path && i < REMOVE_TRIES; i++) {
		if (rmdir(path) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return err_sys(e, "remove the cgroup %s", path);
		if (cgroup_kill(path, e) < 0)
			return -1;
		nanosleep(&tick, NULL);
	}
	return path ? err_set(e, "remove the cgroup %s: its processes do not die", path) : 0;
}
