/* SPDX-License-Identifier: Zlib
 * The list of what happened. Host side. */
#include "box/event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>

#include "base/auto.h"
#include "base/str.h"
#include "box/log.h"
#include "sys/fd.h"

static const char file[] = ".events", old[] = ".events.old";

/* --- writing ------------------------------------------------------------------------------------------------------ */

static bool is_current(int dir, int fd)
{
	struct stat there, ours;

	return fstatat(dir, file, &there, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &ours) == 0 && there.st_ino == ours.st_ino;
}

/* Only one of several writers puts a full file aside: the lock is on the file, which is looked for again then. */
static int open_file(int dir)
{
	auto_fd int fd = openat(dir, file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < EVENT_FILE)
		return take_fd(&fd);
	if (flock(fd, LOCK_EX) == 0 && is_current(dir, fd))
		renameat(dir, file, dir, old);
	return openat(dir, file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* Nothing in a line needs escapes: names have none, the other words are ours. One write appends it whole. */
static void write_line(const char *name, const char *event, const char *more)
{
	struct err ignored;
	auto_fd int dir = state_open_dir(&ignored);
	auto_fd int fd = dir < 0 ? -1 : open_file(dir);
	char stamp[LOG_TIME + 1], start[256] = "", *line = start + 1, last;
	const char *text;
	struct timespec now;
	struct stat st;

	if (fd < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	log_time(&now, stamp);
	snprintf(line, sizeof(start) - 1, "{\"time\":\"%s\",\"event\":\"%s\",\"name\":\"%s\"%s}\n", stamp, event, name, more);
	/* After one that a full disk has cut off. At once or not at all. */
	if (fstat(fd, &st) == 0 && st.st_size && (pread(fd, &last, 1, st.st_size - 1) != 1 || last != '\n'))
		*start = '\n';
	text = *start ? start : line;
	if (write(fd, text, strlen(text)) < 0)
		return;
}

void event_write(const char *name, const char *event)
{
	write_line(name, event, "");
}

void event_write_stop(const struct state *s)
{
	char more[96];

	snprintf(more, sizeof(more), ",\"reason\":\"%s\",\"code\":%d", wire_reason_name(s->reason), s->code);
	write_line(s->name, "stop", more);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool is_wanted(const char *line, char *const *names)
{
	static const char key[] = "\"name\":\"";
	const char *at = strstr(line, key);

	/* One of two parts is none. */
	if (*line != '{' || line[strlen(line) - 2] != '}')
		return false;
	if (!*names)
		return true;
	for (; at && *names; names++) {
		size_t len = strlen(*names);

		if (!strncmp(at + sizeof(key) - 1, *names, len) && at[sizeof(key) - 1 + len] == '"')
			return true;
	}
	return false;
}

/* Print the lines that are whole. Returns 0, or -1 with errno when nobody reads them. */
static int print_lines(FILE *f, char *const *names)
{
	auto_free char *line = NULL;
	size_t room = 0;
	ssize_t n;

	clearerr(f);
	while ((n = getline(&line, &room, f)) > 0) {
		/* The rest of it is about to come. */
		if (line[n - 1] != '\n')
			return fseek(f, -n, SEEK_CUR);
		if (is_wanted(line, names) && fd_write_all(1, line, (size_t)n) < 0)
			return -1;
	}
	return 0;
}

/* A file of the events, NULL where there is none. */
static FILE *open_to_read(int dir, const char *name)
{
	auto_fd int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "re");

	if (f)
		take_fd(&fd);
	return f;
}

static int failed(struct err *e)
{
	err_sys(e, "write the events");
	return e->num == EPIPE ? 0 : -1;
}

/* Print what is appended, and go over to the next file when this one was put aside. */
static int follow_file(int dir, FILE *f, char *const *names, struct err *e)
{
	auto_fd int watch = inotify_init1(IN_CLOEXEC);
	char path[32], events[4096];
	int result = 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	if (watch < 0 || inotify_add_watch(watch, path, IN_MODIFY | IN_MOVED_FROM | IN_CREATE) < 0) {
		if (f)
			fclose(f);
		return err_sys(e, "watch the events");
	}
	for (;;) {
		if (f && print_lines(f, names) < 0) {
			result = failed(e);
			break;
		}
		if (!f || !is_current(dir, fileno(f))) {
			/* What came between the last look and its being put aside. */
			if (f) {
				print_lines(f, names);
				fclose(f);
			}
			f = open_to_read(dir, file);
			if (f)
				continue;
		}
		if (read(watch, events, sizeof(events)) < 0 && errno != EINTR) {
			result = err_sys(e, "watch the events");
			break;
		}
	}
	if (f)
		fclose(f);
	return result;
}

int event_print(char *const *names, bool follow, struct err *e)
{
	auto_fd int dir = state_open_dir(e);
	FILE *f;
	int result = 0;

	if (dir < 0)
		return -1;
	f = open_to_read(dir, old);
	if (f) {
		result = print_lines(f, names);
		fclose(f);
	}
	if (result < 0)
		return failed(e);
	f = open_to_read(dir, file);
	if (follow)
		return follow_file(dir, f, names, e);
	if (f) {
		result = print_lines(f, names);
		fclose(f);
	}
	return result < 0 ? failed(e) : 0;
}
