/* SPDX-License-Identifier: Zlib
 * Relaying streams. Host side. */
#include "box/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "sys/clock.h"
#include "sys/pty.h"

enum {
	DRAIN_MS = 1000,
	PAUSE_MS = 100,
	HOLD_MS = 200,    /* a piece of a line, for the log */
	END_OF_INPUT = 4, /* ^D, as every pty has it in the beginning */
};

static struct relay *make(struct err *e)
{
	/* Fresh pages, which take no memory until something is in them. */
	struct relay *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (r == MAP_FAILED) {
		err_sys(e, "make the buffers of the streams");
		return NULL;
	}
	for (size_t i = 0; i < RELAY_CHANNELS; i++) {
		r->channels[i].from = r->channels[i].to = -1;
		r->channels[i].data = r->data[i];
	}
	r->own_in = r->own_out = -1;
	return r;
}

static void use_terminal(struct relay *r)
{
	r->own_in = pty_open_again(0, O_RDONLY);
	r->own_out = pty_open_again(1, O_WRONLY);
}

static void set_nonblocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

struct relay *relay_pty(int master, struct err *e)
{
	struct relay *r = make(e);

	if (!r)
		return NULL;
	use_terminal(r);
	set_nonblocking(master);
	r->channels[0].from = r->own_in >= 0 ? r->own_in : 0;
	r->channels[0].to = master;
	r->channels[0].end_by_key = r->own_in < 0;
	r->channels[1].from = master;
	r->channels[1].to = r->own_out >= 0 ? r->own_out : 1;
	return r;
}

struct relay *relay_pipes(const int pipes[3], struct err *e)
{
	struct relay *r = make(e);

	if (!r)
		return NULL;
	use_terminal(r);
	for (int i = 0; i < 3; i++) {
		struct channel *c = &r->channels[i];

		if (pipes[i] < 0)
			continue;
		set_nonblocking(pipes[i]);
		c->from = i ? pipes[i] : r->own_in >= 0 ? r->own_in : 0;
		c->to = !i ? pipes[i] : i == 1 && r->own_out >= 0 ? r->own_out : i;
		c->close_to = !i;
	}
	return r;
}

void relay_log_pty(struct relay *r, int master)
{
	set_nonblocking(master);
	r->cooked = true;
	r->channels[1].from = master;
}

struct relay *relay_log(const int pipes[3], int master, struct log *log, struct feed *feed, struct err *e)
{
	struct relay *r = make(e);

	if (!r)
		return NULL;
	r->log = log;
	r->feed = feed;
	r->cooked = master >= 0;
	for (int i = 1; i < 3; i++) {
		struct channel *c = &r->channels[i];

		c->from = master < 0 ? pipes[i] : i == 1 ? master : -1;
		c->logged = true;
		c->stream = i == 1 ? LOG_STDOUT : LOG_STDERR;
		if (c->from >= 0)
			set_nonblocking(c->from);
	}
	return r;
}

int relay_raw(struct relay *r, struct err *e)
{
	if (!isatty(0) || r->raw)
		return 0;
	if (pty_raw(0, &r->saved, e) < 0)
		return -1;
	r->raw = true;
	return 0;
}

void relay_cooked(struct relay *r)
{
	if (r->raw)
		pty_restore(0, &r->saved);
	r->raw = false;
}

size_t relay_polls(const struct relay *r, struct pollfd polls[RELAY_POLLS])
{
	bool held = r->feed && feed_holds(r->feed);
	size_t n = 0;

	for (size_t i = 0; i < RELAY_CHANNELS; i++) {
		const struct channel *c = &r->channels[i];

		/* Nothing more is read than the other side takes: whoever writes too fast is stopped by its own pipe. */
		if (c->from >= 0 && (c->logged ? !held : !c->used))
			polls[n++] = (struct pollfd){ .fd = c->from, .events = POLLIN };
		if (c->to >= 0 && c->used)
			polls[n++] = (struct pollfd){ .fd = c->to, .events = POLLOUT };
	}
	return n;
}

/* Give the log what it takes: whole lines, or everything. */
static void feed_log(struct relay *r, struct channel *c, bool all)
{
	size_t taken;

	/* Nobody wants it, but it has to be read. */
	if (r->log->fd < 0) {
		c->used = 0;
		return;
	}
	taken = log_take(r->log, c->stream, c->data, c->used, all, r->cooked);
	/* One long line: it goes there in pieces. */
	if (!taken && c->used == (size_t)RELAY_BUFFER)
		taken = log_take(r->log, c->stream, c->data, c->used, true, r->cooked);
	if (taken)
		c->since = now_ms();
	c->used -= taken;
	memmove(c->data, c->data + taken, c->used);
}

static void fill_log(struct relay *r, struct channel *c)
{
	ssize_t n = read(c->from, c->data + c->used, (size_t)RELAY_BUFFER - c->used);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		c->from = -1;
	else if (!c->used)
		c->since = now_ms();
	if (n > 0) {
		feed_put(r->feed, c->stream, c->data + c->used, (size_t)n);
		c->used += (size_t)n;
	}
	feed_log(r, c, n <= 0);
}

int relay_timeout(const struct relay *r)
{
	int64_t least = -1;

	for (size_t i = 0; i < RELAY_CHANNELS; i++) {
		const struct channel *c = &r->channels[i];
		int64_t left;

		if (!c->logged || !c->used)
			continue;
		left = c->since + HOLD_MS - now_ms();
		left = left < 0 ? 0 : left;
		least = least < 0 || left < least ? left : least;
	}
	return (int)least;
}

void relay_flush(struct relay *r)
{
	for (size_t i = 0; i < RELAY_CHANNELS; i++)
		if (r->channels[i].logged && r->channels[i].used)
			feed_log(r, &r->channels[i], true);
}

static void finish(struct channel *c)
{
	c->from = -1;
	if (c->used)
		return;
	if (c->close_to && c->to >= 0)
		close(c->to);
	c->to = -1;
}

static void fill(struct channel *c)
{
	ssize_t n = read(c->from, c->data, (size_t)RELAY_BUFFER);

	if (n > 0) {
		c->start = 0;
		c->used = (size_t)n;
	} else if (n == 0 && c->end_by_key) {
		/* A pty has no other end: the line discipline makes one of it for whoever reads. */
		c->data[0] = END_OF_INPUT;
		c->start = 0;
		c->used = 1;
		c->from = -1;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		finish(c);
	}
}

static void flush(struct channel *c)
{
	ssize_t n = write(c->to, c->data + c->start, c->used);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		/* Nobody takes it any more. What comes is read and dropped, or the container's program would hang. */
		c->used = 0;
		if (c->close_to)
			finish(c);
		return;
	}
	c->start += (size_t)n;
	c->used -= (size_t)n;
	if (!c->used && c->from < 0)
		finish(c);
}

void relay_copy(struct relay *r, const struct pollfd *polls, size_t n)
{
	if (relay_timeout(r) == 0)
		relay_flush(r);
	for (size_t p = 0; p < n; p++)
		for (size_t i = 0; polls[p].revents && i < RELAY_CHANNELS; i++) {
			struct channel *c = &r->channels[i];

			if (c->from == polls[p].fd && c->logged) {
				fill_log(r, c);
				break;
			}
			if (c->from == polls[p].fd && polls[p].events == POLLIN && !c->used) {
				fill(c);
				break;
			}
			if (c->to == polls[p].fd && polls[p].events == POLLOUT && c->used) {
				flush(c);
				break;
			}
		}
}

/* Bring out what is in the pipe or pty. When all who could write are dead that comes to an end of itself; when
 * somebody still writes, which a program in the background may, it ends with a pause or with the time. */
static void drain_log(struct relay *r, struct channel *c)
{
	int64_t deadline = now_ms() + DRAIN_MS;

	while (c->from >= 0 && now_ms() < deadline &&
	       poll(&(struct pollfd){ .fd = c->from, .events = POLLIN }, 1, PAUSE_MS) > 0) {
		feed_wait(r->feed);
		fill_log(r, c);
	}
}

static void drain(struct channel *c)
{
	int64_t deadline = now_ms() + DRAIN_MS;

	while ((c->from >= 0 && now_ms() < deadline) || c->used) {
		struct pollfd p = c->used ? (struct pollfd){ .fd = c->to, .events = POLLOUT } :
					    (struct pollfd){ .fd = c->from, .events = POLLIN };

		if (poll(&p, 1, c->used ? DRAIN_MS : PAUSE_MS) <= 0)
			return;
		(c->used ? flush : fill)(c);
	}
}

void *relay_unused(struct relay *r, size_t *size)
{
	for (size_t i = 0; i < RELAY_CHANNELS; i++)
		if (r->channels[i].used)
			return NULL;
	*size = sizeof(r->data);
	return r->data;
}

void relay_end(struct relay *r)
{
	for (size_t i = 0; i < RELAY_CHANNELS; i++) {
		struct channel *c = &r->channels[i];

		if (c->logged)
			drain_log(r, c);
		else if (c->from > 2 && c->from != r->own_in)
			drain(c);
	}
	relay_flush(r);
	/* A CR at the very end. */
	relay_flush(r);
	relay_cooked(r);
	fd_close(&r->own_in);
	fd_close(&r->own_out);
	munmap(r, sizeof(*r));
}
