/* SPDX-License-Identifier: Zlib
 * Writing a container's log. Host side. */
#include "box/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "base/auto.h"

enum {
	VECTORS = 256,
	ENTRY_VECTORS = 3, /* most of one entry: its head, its text, a newline */
	HEAD = 40,
	NUMBER = 12, /* room for ".N" */
};

const char *const log_stream_names[LOG_STREAMS] = { "stdout", "stderr", "cagebox" };

/* --- the files ---------------------------------------------------------------------------------------------------- */

/* The name of rotated file n; slot is 0 or 1. Number 0 is the log itself. */
static char *numbered(const struct log *l, int slot, unsigned n)
{
	size_t room = strlen(l->path) + 1 + NUMBER;
	char *name = l->path + room * (size_t)(slot + 1);

	snprintf(name, room, n ? "%s.%u" : "%s", l->path, n);
	return name;
}

bool log_is_current(const char *path, int fd)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/* Write to fd from here on. */
static int use(struct log *l, int fd, struct err *e)
{
	struct stat st;
	char last;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "open the log %s", l->path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "the log %s is not a regular file", l->path);
	l->size = (uint64_t)st.st_size;
	/* Whoever wrote last may have died at it. */
	l->torn = l->size && pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
	return 0;
}

/* Open the log's file, or make it, with its lock. On success the one that was open before is closed. */
static int open_file(struct log *l, struct err *e)
{
	/* O_NONBLOCK: a FIFO must not hold up the start before it is refused. */
	const int flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	auto_fd int fd = open(l->path, flags, 0640);
	int locked;

	if (fd < 0)
		return err_sys(e, "open the log %s", l->path);
	locked = flock(fd, LOCK_EX | LOCK_NB);
	if (locked < 0 && errno != EWOULDBLOCK)
		return err_sys(e, "lock the log %s", l->path);
	/* The lock of a file that its owner put aside a moment ago is worth nothing. */
	if (locked < 0 || !log_is_current(l->path, fd))
		return err_set(e, "the log %s is in use by another container", l->path);
	if (use(l, fd, e) < 0)
		return -1;
	fd_close(&l->fd);
	l->fd = take_fd(&fd);
	return 0;
}

/* Remove what the limits have no room for, from the newest to the oldest of the rotated files: the limits may have been
 * lowered since they were written. */
static int trim(struct log *l, struct err *e)
{
	uint64_t left = l->max * (l->count - 1);

	for (unsigned n = 1, missing = 0; missing < LOG_GAP; n++) {
		const char *name = numbered(l, 0, n);
		struct stat st;

		if (lstat(name, &st) < 0) {
			missing++;
			continue;
		}
		missing = 0;
		if (n < l->count && (uint64_t)st.st_size <= left) {
			left -= (uint64_t)st.st_size;
			continue;
		}
		left = 0;
		if (unlink(name) < 0 && errno != ENOENT)
			return err_sys(e, "remove the old log %s", name);
	}
	return 0;
}

/* Put the full file aside: each file gets the next number, up to the first number that is free or has to go. */
static int shift(struct log *l, struct err *e)
{
	unsigned n = 1;
	struct stat st;

	while (n + 1 < l->count && lstat(numbered(l, 0, n), &st) == 0)
		n++;
	for (; n; n--) {
		const char *from = numbered(l, 0, n - 1), *to = numbered(l, 1, n);

		if (rename(from, to) < 0)
			return err_sys(e, "put the log aside as %s", to);
	}
	return 0;
}

/* Begin a new file. Should that fail half-way, the next call does the rest; meanwhile l->fd is a full file. */
static int rotate(struct log *l, struct err *e)
{
	if (log_is_current(l->path, l->fd) && shift(l, e) < 0)
		return -1;
	return trim(l, e) < 0 || open_file(l, e) < 0 ? -1 : 0;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void digits(char *out, unsigned value, int n)
{
	while (n--) {
		out[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

void log_time(const struct timespec *t, char text[LOG_TIME + 1])
{
	struct tm tm = { 0 };

	gmtime_r(&t->tv_sec, &tm);
	memcpy(text, "0000-00-00T00:00:00.000000Z", LOG_TIME + 1);
	digits(text, (unsigned)tm.tm_year + 1900, 4);
	digits(text + 5, (unsigned)tm.tm_mon + 1, 2);
	digits(text + 8, (unsigned)tm.tm_mday, 2);
	digits(text + 11, (unsigned)tm.tm_hour, 2);
	digits(text + 14, (unsigned)tm.tm_min, 2);
	digits(text + 17, (unsigned)tm.tm_sec, 2);
	digits(text + 20, (unsigned)(t->tv_nsec / 1000), 6);
}

static void stamp(struct log *l)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (*l->stamp && t.tv_sec == l->second)
		digits(l->stamp + 20, (unsigned)(t.tv_nsec / 1000), 6);
	else
		log_time(&t, l->stamp);
	l->second = t.tv_sec;
}

/* Write the entries of v. Returns how many vectors are in the file, which are whole entries: n, or fewer with l->reason
 * set. Every entry ends with a vector that ends with a newline, and no other vector does. */
static size_t put(struct log *l, const struct iovec *v, size_t n)
{
	size_t whole = 0, bytes = 0, sum = 0;
	ssize_t wrote;

	do
		wrote = writev(l->fd, v, (int)n);
	while (wrote < 0 && errno == EINTR);
	if (wrote < 0) {
		err_sys(&l->reason, "write to %s", l->path);
		return 0;
	}
	for (size_t i = 0; i < n && sum + v[i].iov_len <= (size_t)wrote; i++) {
		sum += v[i].iov_len;
		if (v[i].iov_len && ((const char *)v[i].iov_base)[v[i].iov_len - 1] == '\n') {
			whole = i + 1;
			bytes = sum;
		}
	}
	l->size += bytes;
	if (whole == n)
		return n;
	/* There was no room for all. What is in the file of the next entry is cut off again, by the place where the write
	 * ended: somebody may have emptied the file meanwhile. */
	errno = ENOSPC;
	err_sys(&l->reason, "write to %s", l->path);
	sum = (size_t)wrote - bytes;
	if (sum && ftruncate(l->fd, lseek(l->fd, 0, SEEK_CUR) - (off_t)sum) < 0) {
		l->size += sum;
		l->torn = true;
	}
	return whole;
}

static int make_room(struct log *l, size_t bytes)
{
	while (l->size + bytes > l->max)
		if (rotate(l, &l->reason) < 0)
			return -1;
	return 0;
}

/* Before anything else is written: end a line that was cut short, tell what was lost. */
static int remark(struct log *l)
{
	char text[HEAD + sizeof(l->reason.text) + 64];
	size_t n = 0;

	if (!l->torn && !l->lost)
		return 0;
	if (make_room(l, sizeof(text)) < 0)
		return -1;
	if (l->torn)
		text[n++] = '\n';
	if (l->lost)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s F %llu bytes of output were lost: %s\n", l->stamp,
				      log_stream_names[LOG_CAGEBOX], (unsigned long long)l->lost, l->reason.text);
	if (n && !put(l, &(struct iovec){ text, n }, 1))
		return -1;
	l->torn = false;
	l->lost = 0;
	return 0;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

struct batch {
	struct iovec v[VECTORS];
	size_t n, bytes;
};

struct entry {
	const char *text, *next;
	size_t len;
	bool whole;
};

static void add(struct batch *b, const char *data, size_t len)
{
	b->v[b->n++] = (struct iovec){ (void *)(uintptr_t)data, len };
	b->bytes += len;
}

/* Returns whether everything was written. If not, it is lost and everything up to stop with it: no further attempt is
 * made for data that came at the same moment. */
static bool flush(struct log *l, struct batch *b, const char *stop)
{
	size_t out = 0;

	if (remark(l) == 0 && make_room(l, b->bytes) == 0)
		out = put(l, b->v, b->n);
	if (out < b->n) {
		const char *text = b->v[out + 1].iov_base;

		l->lost += (uint64_t)(stop - text);
		return false;
	}
	b->n = b->bytes = 0;
	return true;
}

static struct entry next_entry(const char *p, const char *stop, bool strip_cr)
{
	size_t left = (size_t)(stop - p), most = LOG_PIECE + 2; /* with CR LF */
	const char *lf = memchr(p, '\n', left < most ? left : most);
	struct entry en = { p, lf ? lf + 1 : stop, lf ? (size_t)(lf - p) : left, lf != NULL };

	if (lf && strip_cr && en.len && p[en.len - 1] == '\r')
		en.len--;
	if (en.len > LOG_PIECE)
		en = (struct entry){ p, p + LOG_PIECE, LOG_PIECE, false };
	return en;
}

static void write_entries(struct log *l, enum log_stream stream, const char *p, const char *stop, bool strip_cr)
{
	char heads[2][HEAD];
	size_t head = 0;
	struct batch b;

	stamp(l);
	for (int whole = 0; whole < 2; whole++)
		head = (size_t)snprintf(heads[whole], HEAD, "%s %s %c ", l->stamp, log_stream_names[stream], "PF"[whole]);
	b.n = b.bytes = 0;
	while (p < stop) {
		struct entry en = next_entry(p, stop, strip_cr);
		bool newline = en.whole && en.text[en.len] == '\n';

		if ((b.n + ENTRY_VECTORS > VECTORS || l->size + b.bytes + head + en.len + 1 > l->max) && b.n &&
		    !flush(l, &b, stop))
			return;
		add(&b, heads[en.whole], head);
		add(&b, en.text, en.len + newline);
		if (!newline)
			add(&b, "\n", 1);
		p = en.next;
	}
	flush(l, &b, stop);
}

size_t log_take(struct log *l, enum log_stream stream, const char *data, size_t n, bool all, bool strip_cr)
{
	const char *last = all || !n ? NULL : memrchr(data, '\n', n);

	if (!all)
		n = last ? (size_t)(last - data) + 1 : 0;
	else if (strip_cr && n > 1 && data[n - 1] == '\r')
		n--;
	if (n && l->fd >= 0)
		write_entries(l, stream, data, data + n, strip_cr);
	return n;
}

/* --- open and close ----------------------------------------------------------------------------------------------- */

static int init(struct log *l, const char *path, uint64_t max, unsigned count, struct err *e)
{
	size_t len = strlen(path) + 1;

	/* An entry and a remark must fit in a file, or rotating would never come to an end. */
	*l = (struct log){ .fd = -1, .max = max < LOG_LEAST ? LOG_LEAST : max, .count = count ? count : 1 };
	l->path = malloc(3 * (len + NUMBER));
	if (!l->path)
		return err_memory(e);
	memcpy(l->path, path, len);
	return 0;
}

int log_open(struct log *l, const char *path, uint64_t max, unsigned count, struct err *e)
{
	if (init(l, path, max, count, e) == 0 && open_file(l, e) == 0 && trim(l, e) == 0 &&
	    (l->size <= l->max || rotate(l, e) == 0))
		return 0;
	log_close(l);
	return -1;
}

int log_adopt(struct log *l, int fd, const char *path, uint64_t max, unsigned count, struct err *e)
{
	int result = init(l, path, max, count, e);

	l->fd = fd;
	if (result == 0 && use(l, fd, e) == 0)
		return 0;
	log_close(l);
	return -1;
}

void log_close(struct log *l)
{
	if (l->fd >= 0 && l->lost) {
		stamp(l);
		remark(l);
	}
	fd_close(&l->fd);
	free(l->path);
	l->path = NULL;
}
