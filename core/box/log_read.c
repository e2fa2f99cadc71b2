/* SPDX-License-Identifier: Zlib
 * Reading a container's log. Host side. */
#include "box/log_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fd.h"

enum {
	CHUNK = 65536,
	OUTPUT = 16384,
	COLLECT_TRIES = 20,
	LOOK_MS = 200, /* without inotify */
};

/* --- output ------------------------------------------------------------------------------------------------------- */

static int flush(struct log_reader *r, struct err *e)
{
	size_t used = r->used;

	r->used = 0;
	if (used && fd_write_all(r->to, r->output, used) < 0)
		return err_sys(e, "write to standard %s", r->to == r->view.err ? "error" : "output");
	return 0;
}

static int emit(struct log_reader *r, int fd, const char *data, size_t n, struct err *e)
{
	/* What goes to two descriptors keeps its order. */
	if ((fd != r->to || r->used + n > OUTPUT) && flush(r, e) < 0)
		return -1;
	r->to = fd;
	for (; n > OUTPUT; data += OUTPUT, n -= OUTPUT) {
		memcpy(r->output, data, OUTPUT);
		r->used = OUTPUT;
		if (flush(r, e) < 0)
			return -1;
	}
	memcpy(r->output + r->used, data, n);
	r->used += n;
	return 0;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

struct entry {
	int kind;         /* enum log_stream or LOG_FOREIGN */
	const char *text; /* behind the head */
	bool whole;
};

bool log_is_time(const char *text, size_t len)
{
	static const char form[] = "0000-00-00T00:00:00.000000Z";

	for (size_t i = 0; i < LOG_TIME; i++)
		if (i >= len || (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]))
			return false;
	return true;
}

static struct entry parse(const char *line, size_t len)
{
	for (int kind = 0; len > LOG_TIME && kind < LOG_STREAMS; kind++) {
		size_t name = strlen(log_stream_names[kind]), head = LOG_TIME + 1 + name + 3;
		const char *tag = line + head - 2;

		if (len >= head && line[LOG_TIME] == ' ' && !memcmp(line + LOG_TIME + 1, log_stream_names[kind], name) &&
		    tag[-1] == ' ' && (*tag == 'F' || *tag == 'P') && tag[1] == ' ' && log_is_time(line, len))
			return (struct entry){ kind, line + head, *tag == 'F' };
	}
	return (struct entry){ LOG_FOREIGN, line, true };
}

/* One line of the file; len is without its newline, if it has one. */
static int take_line(struct log_reader *r, const char *line, size_t len, bool newline, struct err *e)
{
	const struct entry en = parse(line, len);
	const char *since = r->view.since;
	bool begins = !r->open[en.kind];
	int fd = en.kind == LOG_STDOUT || en.kind == LOG_FOREIGN ? r->view.out : r->view.err;

	if (en.kind != LOG_FOREIGN)
		r->recent = !since || memcmp(line, since, LOG_TIME) >= 0;
	if (begins)
		r->show[en.kind] = r->recent && r->begun++ >= r->first;
	r->open[en.kind] = en.kind == LOG_FOREIGN ? !newline : !en.whole;
	if (r->counting || !r->show[en.kind])
		return 0;
	if (begins && r->view.stamps && en.text > line && emit(r, fd, line, (size_t)(en.text - line) - 2, e) < 0)
		return -1;
	if (begins && !r->view.stamps && en.kind == LOG_CAGEBOX && emit(r, fd, "cagebox: ", 9, e) < 0)
		return -1;
	return emit(r, fd, en.text, (size_t)(line + len - en.text) + (newline && en.whole), e);
}

/* The whole lines of the n bytes in the chunk. Returns how many bytes they are. */
static ssize_t take_lines(struct log_reader *r, size_t n, struct err *e)
{
	const char *p = r->chunk, *stop = p + n, *lf;

	while ((lf = memchr(p, '\n', (size_t)(stop - p)))) {
		if (take_line(r, p, (size_t)(lf - p), true, e) < 0)
			return -1;
		p = lf + 1;
	}
	/* Longer than anything that we write. */
	if (p == r->chunk && n == CHUNK)
		return take_line(r, p, n, false, e) < 0 ? -1 : CHUNK;
	return p - r->chunk;
}

/* Read what the file has now; a line without its end is left to be read again, since the writer cuts it off if it
 * could not write the whole of it. With rest it is taken as well. */
static int pump(struct log_reader *r, bool rest, struct err *e)
{
	for (;;) {
		ssize_t n = pread(r->fd, r->chunk, CHUNK, (off_t)r->offset), taken = 0;

		if (n < 0)
			return err_sys(e, "read the log %s", r->view.path);
		if (n)
			taken = take_lines(r, (size_t)n, e);
		if (taken == 0 && n && rest)
			taken = take_line(r, r->chunk, (size_t)n, false, e) < 0 ? -1 : n;
		if (taken <= 0)
			return (int)taken;
		r->offset += (uint64_t)taken;
	}
}

/* --- files -------------------------------------------------------------------------------------------------------- */

/* Open files of the log, the newest first. */
struct files {
	int *fd;
	size_t n;
};

static void files_close(struct files *f)
{
	while (f->n)
		close(f->fd[--f->n]);
	free(f->fd);
	f->fd = NULL;
}

static bool is_same(int a, int b)
{
	struct stat sa, sb;

	return a >= 0 && b >= 0 && fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && sa.st_ino == sb.st_ino && sa.st_dev == sb.st_dev;
}

/* The regular file of that number. Returns a descriptor, -1 if there is none, -2 with e set. */
static int open_number(const struct log_reader *r, unsigned n, struct err *e)
{
	char name[PATH_MAX];
	struct stat st;
	int fd;

	if ((size_t)snprintf(name, sizeof(name), n ? "%s.%u" : "%s", r->view.path, n) >= sizeof(name))
		return -1;
	fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOENT || (n && errno == ELOOP))
			return -1;
		err_sys(e, "open the log %s", name);
		return -2;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -1;
}

/* All files that are newer than the one being read. From the newest on, since they move the other way meanwhile: so
 * none is missed, and at worst one is met twice. */
static int collect_once(const struct log_reader *r, struct files *f, struct err *e)
{
	for (unsigned n = 0, missing = 0; missing < LOG_GAP; n++) {
		int fd = open_number(r, n, e), *more;

		if (fd == -2)
			return -1;
		missing = fd < 0 ? missing + 1 : 0;
		if (fd < 0)
			continue;
		if (is_same(fd, r->fd) || (f->n && is_same(fd, f->fd[f->n - 1]))) {
			bool known = is_same(fd, r->fd);

			close(fd);
			if (known)
				return 0;
			continue;
		}
		more = realloc(f->fd, (f->n + 1) * sizeof(*more));
		if (!more) {
			close(fd);
			return err_memory(e);
		}
		f->fd = more;
		f->fd[f->n++] = fd;
	}
	return 0;
}

/* The same at one moment: what was put together while the log was rotated is not believed. */
static int collect(const struct log_reader *r, struct files *f, struct err *e)
{
	for (int i = 0;; i++) {
		if (collect_once(r, f, e) < 0)
			return -1;
		if (i == COLLECT_TRIES || log_is_current(r->view.path, f->n ? f->fd[0] : r->fd))
			return 0;
		files_close(f);
	}
}

static void watch(struct log_reader *r)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", r->fd);
	if (r->events >= 0 && r->fd >= 0 && inotify_add_watch(r->events, name, IN_MODIFY) < 0)
		fd_close(&r->events);
}

/* Go on with another file, from its beginning. */
static void turn_to(struct log_reader *r, int fd)
{
	fd_close(&r->fd);
	r->fd = fd;
	r->offset = 0;
	watch(r);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* How many lines there are, so that the last ones can be told from the others. */
static int count_lines(struct log_reader *r, const struct files *f, struct err *e)
{
	const struct log_reader before = *r;
	int result = 0;

	r->counting = true;
	for (size_t i = f->n; i-- && result == 0;) {
		r->fd = f->fd[i];
		r->offset = 0;
		result = pump(r, true, e);
	}
	if (result == 0 && r->begun > r->view.lines)
		r->first = r->begun - r->view.lines;
	memcpy(r->open, before.open, sizeof(r->open));
	r->fd = before.fd;
	r->recent = before.recent;
	r->counting = false;
	r->begun = 0;
	return result;
}

static int catch_up(struct log_reader *r, struct err *e)
{
	bool first = r->fd < 0;
	struct files f = { 0 };
	int result = first ? 0 : pump(r, false, e);

	if (result == 0)
		result = collect(r, &f, e);
	if (result == 0 && first && !f.n) {
		errno = ENOENT;
		result = err_sys(e, "open the log %s", r->view.path);
	}
	if (result == 0 && first && r->view.lines != LOG_ALL)
		result = count_lines(r, &f, e);
	while (result == 0 && f.n) {
		/* The one before was put aside: nothing more comes in it. */
		if (r->fd >= 0)
			result = pump(r, true, e);
		if (result == 0) {
			turn_to(r, f.fd[--f.n]);
			result = pump(r, false, e);
		}
	}
	files_close(&f);
	return result < 0 ? result : flush(r, e);
}

/* Be told of new files in the log's directory, and of what is added to the present one. */
static void begin_events(struct log_reader *r)
{
	const char *slash = strrchr(r->view.path, '/');
	char dir[PATH_MAX];

	if (r->events >= 0)
		return;
	snprintf(dir, sizeof(dir), "%.*s/", slash ? (int)(slash - r->view.path) : 1, slash ? r->view.path : ".");
	r->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (r->events >= 0 && inotify_add_watch(r->events, dir, IN_CREATE | IN_MOVED_TO) < 0)
		fd_close(&r->events);
	watch(r);
}

/* Until there may be more to read. Returns 1 when until is readable, 0, or -1 with e set when nobody reads any more. */
static int wait_for_more(struct log_reader *r, int until, struct err *e)
{
	struct pollfd p[] = { { until, POLLIN }, { r->events, POLLIN }, { r->view.out } };
	char events[4096];

	if (poll(p, 3, r->events < 0 ? LOOK_MS : -1) <= 0)
		return 0;
	if (p[1].revents)
		while (read(r->events, events, sizeof(events)) > 0)
			;
	if (p[2].revents) {
		errno = EPIPE;
		return err_sys(e, "write to standard output");
	}
	return p[0].revents != 0;
}

int log_read_open(struct log_reader *r, const struct log_view *view, struct err *e)
{
	*r = (struct log_reader){ .view = *view, .to = -1, .fd = -1, .events = -1, .recent = !view->since };
	r->chunk = malloc(CHUNK + OUTPUT);
	if (!r->chunk)
		return err_memory(e);
	r->output = r->chunk + CHUNK;
	return 0;
}

int log_read(struct log_reader *r, int until, struct err *e)
{
	int ended = until < 0;

	/* Events first: what happens between reading and waiting is waited for in vain otherwise. */
	if (!ended)
		begin_events(r);
	for (;;) {
		if (catch_up(r, e) < 0)
			return -1;
		if (ended)
			return 0;
		ended = wait_for_more(r, until, e);
		if (ended < 0)
			return -1;
	}
}

int log_read_rest(struct log_reader *r, struct err *e)
{
	return r->fd >= 0 && (pump(r, true, e) < 0 || flush(r, e) < 0) ? -1 : 0;
}

void log_read_close(struct log_reader *r)
{
	fd_close(&r->fd);
	fd_close(&r->events);
	free(r->chunk);
	r->chunk = NULL;
}
