/* SPDX-License-Identifier: Zlib
 * Feeding attached clients. Host side. */
#include "box/feed.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/auto.h"
#include "sys/clock.h"

enum {
	WAIT_MS = 200,    /* the most that somebody who stops reading holds up the container, once */
	LINGER_MS = 2000, /* for the last of the output, with nothing else left to do */
	SOCKET = 32768,   /* what waits in a socket, as setsockopt(2) counts */
};

int feed_share(struct err *e)
{
	auto_fd int fd = memfd_create("terminal", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, sizeof(struct feed_memory)) < 0)
		return err_sys(e, "make the memory of the terminal");
	return take_fd(&fd);
}

int feed_open(struct feed *f, int shared, int input, struct err *e)
{
	/* Fresh pages, which take no memory until something is in them. */
	void *memory = mmap(NULL, sizeof(*f->memory), PROT_READ | PROT_WRITE,
			    shared < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, shared, 0);

	if (memory == MAP_FAILED)
		return err_sys(e, "make the buffers of attached clients");
	*f = (struct feed){ .memory = memory, .tty = shared >= 0, .input = input, .sized = -1 };
	for (size_t i = 0; i < FEED_VIEWERS; i++)
		f->viewers[i].fd = -1;
	return 0;
}

static void leave(struct feed *f, struct viewer *v)
{
	if (f->sized == v->fd)
		f->sized = -1;
	fd_close(&v->fd);
	f->n--;
	/* What is kept of a terminal's output is not lost by this, a pipe's is not kept. */
	if (!f->n && !f->used && !f->tty)
		madvise(f->memory, sizeof(*f->memory), MADV_DONTNEED);
}

/* --- the terminal's size ------------------------------------------------------------------------------------------ */

/* The size is that of whoever did something last. */
static void resize(struct feed *f, const struct viewer *v)
{
	struct winsize size = { .ws_row = (unsigned short)(v->size >> 16), .ws_col = (unsigned short)v->size };

	f->sized = v->fd;
	if (f->tty && v->size)
		ioctl(f->input, TIOCSWINSZ, &size);
}

/* Have the program draw everything anew, which it does when it is told that the size has changed. */
static void redraw(const struct feed *f)
{
	struct winsize size;

	if (!f->tty || ioctl(f->input, TIOCGWINSZ, &size) < 0)
		return;
	size.ws_row++;
	ioctl(f->input, TIOCSWINSZ, &size);
	size.ws_row--;
	ioctl(f->input, TIOCSWINSZ, &size);
}

/* --- output ------------------------------------------------------------------------------------------------------- */

/* Returns whether v has taken it. */
static bool tell(struct viewer *v, const struct attach_head *head, const char *data, size_t n)
{
	struct iovec parts[] = { { (void *)(uintptr_t)head, sizeof(*head) }, { (void *)(uintptr_t)data, n } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	if (sendmsg(v->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	if (errno != EAGAIN && errno != EINTR)
		v->deaf = true;
	else if (!v->since)
		v->since = now_ms();
	return false;
}

/* Send what v has not got yet, as far as it takes it. Returns whether it has everything. */
static bool catch_up(struct feed *f, struct viewer *v)
{
	for (size_t s = 0; s < ATTACH_STREAMS && !v->deaf; s++) {
		const struct ring *r = &f->memory->rings[s];
		const char *data;
		size_t n;

		v->lost |= v->at[s] < ring_oldest(r);
		while ((n = ring_get(r, &v->at[s], &data))) {
			struct attach_head head = { ATTACH_OUTPUT, (int32_t)s, v->at[s] };

			n = n < ATTACH_PIECE ? n : ATTACH_PIECE;
			if (!tell(v, &head, data, n))
				break;
			v->at[s] += n;
		}
		if (n && !v->deaf)
			return false;
	}
	v->since = 0;
	if (v->lost && !v->deaf)
		redraw(f);
	v->lost = false;
	return true;
}

void feed_admit(struct feed *f, int fd, bool read_only)
{
	struct viewer *v = f->viewers;
	const int size = SOCKET;

	while (v->fd >= 0)
		v++;
	*v = (struct viewer){ .fd = fd, .read_only = read_only };
	for (size_t s = 0; s < ATTACH_STREAMS; s++)
		v->at[s] = f->tty ? ring_oldest(&f->memory->rings[s]) : f->memory->rings[s].end;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	f->n++;
	catch_up(f, v);
}

void feed_put(struct feed *f, size_t stream, const char *data, size_t n)
{
	if (!f->memory || (!f->n && !f->tty))
		return;
	ring_put(&f->memory->rings[stream], data, n);
	for (size_t i = 0; f->n && i < FEED_VIEWERS; i++)
		if (f->viewers[i].fd >= 0)
			catch_up(f, &f->viewers[i]);
}

int feed_timeout(const struct feed *f)
{
	int64_t least = -1;

	for (size_t i = 0; f->n && i < FEED_VIEWERS; i++) {
		const struct viewer *v = &f->viewers[i];
		int64_t left = v->fd >= 0 && v->since ? v->since + WAIT_MS - now_ms() : 0;

		if (left > 0 && (least < 0 || left < least))
			least = left;
	}
	return (int)least;
}

bool feed_holds(const struct feed *f)
{
	return feed_timeout(f) > 0;
}

void feed_wait(struct feed *f)
{
	while (feed_holds(f)) {
		struct pollfd polls[FEED_POLLS];
		size_t n = feed_polls(f, polls);

		if (poll(polls, (nfds_t)n, feed_timeout(f)) > 0)
			feed_serve(f, polls, n);
	}
}

/* --- input -------------------------------------------------------------------------------------------------------- */

static void end_input(struct feed *f)
{
	/* A terminal has no end. */
	if (!f->tty)
		fd_close(&f->input);
	f->used = 0;
}

static void flush_input(struct feed *f)
{
	ssize_t n = write(f->input, f->memory->input + f->start, f->used);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		end_input(f);
		return;
	}
	f->start += (size_t)n;
	f->used -= (size_t)n;
	if (!f->used && f->input_end)
		end_input(f);
}

static void take_input(struct feed *f, const char *data, size_t n)
{
	if (f->input < 0 || f->input_end)
		return;
	memmove(f->memory->input, f->memory->input + f->start, f->used);
	memcpy(f->memory->input + f->used, data, n);
	f->start = 0;
	f->used += n;
	flush_input(f);
}

/* Whether v is heard: not while the command has yet to read what was typed before. */
static bool may_speak(const struct feed *f, const struct viewer *v)
{
	return v->read_only || FEED_INPUT - f->used >= ATTACH_PIECE;
}

/* Take one packet. Returns false if there is nobody, or somebody who does not speak as we do. */
static bool hear(struct feed *f, struct viewer *v)
{
	struct attach_packet p;
	ssize_t n = recv(v->fd, &p, sizeof(p), MSG_DONTWAIT | MSG_TRUNC);
	size_t size = (size_t)n - sizeof(p.head);

	/* Reset: it went away without having read everything, and what it has typed comes next. */
	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNRESET))
		return true;
	if (n < (ssize_t)sizeof(p.head) || n > (ssize_t)sizeof(p) || p.head.kind < ATTACH_INPUT || p.head.kind > ATTACH_SIZE)
		return false;
	if (v->read_only)
		return true;
	if (p.head.kind == ATTACH_SIZE)
		v->size = p.head.number;
	if (p.head.kind == ATTACH_SIZE || f->sized != v->fd)
		resize(f, v);
	if (p.head.kind == ATTACH_INPUT) {
		v->typed |= size > 0;
		take_input(f, p.data, size);
	}
	if (p.head.kind == ATTACH_END && v->typed && !f->tty) {
		f->input_end = true;
		if (!f->used)
			end_input(f);
	}
	return true;
}

size_t feed_polls(const struct feed *f, struct pollfd polls[FEED_POLLS])
{
	size_t n = 0;

	if (f->used)
		polls[n++] = (struct pollfd){ .fd = f->input, .events = POLLOUT };
	for (size_t i = 0; f->n && i < FEED_VIEWERS; i++) {
		const struct viewer *v = &f->viewers[i];
		short events = (short)((may_speak(f, v) ? POLLIN : 0) | (v->since ? POLLOUT : 0));

		/* That somebody has hung up would be told all the time. */
		if (v->fd >= 0 && events)
			polls[n++] = (struct pollfd){ .fd = v->fd, .events = events };
	}
	return n;
}

void feed_serve(struct feed *f, const struct pollfd *polls, size_t n)
{
	for (; n; n--, polls++) {
		if (polls->revents && f->used && polls->fd == f->input)
			flush_input(f);
		for (size_t i = 0; polls->revents && i < FEED_VIEWERS; i++) {
			struct viewer *v = &f->viewers[i];

			if (v->fd != polls->fd)
				continue;
			if (v->since && !v->deaf)
				catch_up(f, v);
			if (polls->revents & ~POLLOUT && may_speak(f, v) && !hear(f, v))
				leave(f, v);
			break;
		}
	}
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

void feed_end(struct feed *f, int code)
{
	const struct attach_head exit = { ATTACH_EXIT, code, 0 };
	int64_t deadline = now_ms() + LINGER_MS, left;

	f->used = 0;
	while (f->n) {
		struct pollfd polls[FEED_VIEWERS];
		nfds_t n = 0;

		for (size_t i = 0; i < FEED_VIEWERS; i++) {
			struct viewer *v = &f->viewers[i];

			polls[n++] = (struct pollfd){ .fd = v->fd, .events = POLLOUT };
			if (v->fd >= 0 && catch_up(f, v) && (v->deaf || tell(v, &exit, NULL, 0) || v->deaf)) {
				leave(f, v);
				n--;
			}
		}
		left = deadline - now_ms();
		if (left <= 0 || (f->n && poll(polls, n, (int)left) < 0))
			break;
	}
	if (f->memory)
		munmap(f->memory, sizeof(*f->memory));
	*f = (struct feed){ 0 };
}
