/* SPDX-License-Identifier: Zlib
 * Feeding attached clients (box/feed.h): those who read everything, those who read nothing for a while, what is typed. Prints TAP. */
#include "box/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/clock.h"
#include "tap.h"

enum { STREAM = 4 << 20 };

/* A client and what it has seen. */
struct seen {
	int fd;
	uint64_t next, missing;
	int gaps;
	bool same, ended;
	int code;
};

static char stream[STREAM];
static uint32_t seed = 1;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * below >> 32);
}

static struct seen join(struct feed *f, bool read_only)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		abort();
	feed_admit(f, pair[0], read_only);
	return (struct seen){ .fd = pair[1], .same = true };
}

/* Read all that is there. */
static void look(struct seen *s)
{
	struct attach_packet p;
	ssize_t n;

	while ((n = recv(s->fd, &p, sizeof(p), 0)) > 0 || (n < 0 && errno == ECONNRESET)) {
		size_t size = (size_t)n - sizeof(p.head);

		if (n < 0)
			continue;
		if (p.head.kind == ATTACH_EXIT) {
			s->ended = true;
			s->code = p.head.number;
			continue;
		}
		s->gaps += p.head.offset != s->next;
		s->missing += p.head.offset - s->next;
		s->same &= p.head.kind == ATTACH_OUTPUT && p.head.offset >= s->next &&
			   !memcmp(p.data, stream + p.head.offset, size);
		s->next = p.head.offset + size;
	}
}

static void serve(struct feed *f)
{
	struct pollfd polls[FEED_POLLS];
	size_t n = feed_polls(f, polls);

	if (poll(polls, (nfds_t)n, 0) > 0)
		feed_serve(f, polls, n);
}

static void type(struct seen *s, enum attach_kind kind, const char *text)
{
	struct attach_packet p = { .head = { .kind = kind } };

	memcpy(p.data, text, strlen(text));
	if (send(s->fd, &p, sizeof(p.head) + strlen(text), 0) < 0)
		abort();
}

static size_t used_slots(const struct feed *f)
{
	size_t n = 0;

	for (size_t i = 0; i < FEED_VIEWERS; i++)
		n += f->viewers[i].fd >= 0;
	return n;
}

static void output(void)
{
	struct seen quick, slow, late;
	uint64_t put = 0;
	struct feed f;
	struct err e;
	int64_t began, held = 0;

	OK(feed_open(&f, -1, -1, &e) == 0 && feed_timeout(&f) == -1, "a feed of two streams");
	feed_put(&f, 0, "nobody", 6);
	quick = join(&f, false);
	slow = join(&f, true);
	look(&quick);
	OK(quick.next == 0, "what came before is not kept");
	while (put < STREAM) {
		size_t n = draw(RING_SIZE) + 1;

		n = n < STREAM - put ? n : (size_t)(STREAM - put);
		for (began = now_ms(); feed_holds(&f); serve(&f))
			look(&quick);
		held += now_ms() - began;
		feed_put(&f, 0, stream + put, n);
		put += n;
	}
	for (int i = 0; i < 100; i++) {
		look(&quick);
		serve(&f);
	}
	OK(quick.next == STREAM && quick.same && !quick.gaps, "who reads sees everything");
	tap_ok(held >= 150 && held < 1500, __LINE__, "who does not holds it up once (%d ms)", (int)held);
	late = join(&f, true);
	for (int i = 0; i < 100; i++) {
		look(&slow);
		serve(&f);
	}
	OK(slow.next == STREAM && slow.same && slow.gaps == 1, "once it reads it sees the end, after one gap");
	OK(slow.missing > 0 && slow.missing + RING_SIZE < STREAM, "of what was left out");
	close(late.fd);
	serve(&f);
	OK(used_slots(&f) == 2, "who has gone has left");
	feed_put(&f, 0, "", 0);
	feed_end(&f, 77);
	look(&quick);
	look(&slow);
	OK(quick.ended && quick.code == 77 && slow.ended && slow.code == 77, "both are told the exit code");
	close(quick.fd);
	close(slow.fd);
}

static void terminal(void)
{
	struct feed f, next;
	struct err e;
	struct seen s;
	int fd = feed_share(&e);

	OK(fd >= 0 && feed_open(&f, fd, -1, &e) == 0, "a feed of a terminal");
	feed_put(&f, 0, stream, 10000);
	feed_put(&f, 0, stream + 10000, 10000);
	OK(feed_open(&next, fd, -1, &e) == 0, "the monitor after it");
	s = join(&next, false);
	look(&s);
	OK(s.next == 20000 && s.same && s.missing == 20000 - RING_SIZE, "goes on with the last of what there was");
	feed_put(&next, 0, stream + 20000, 100);
	look(&s);
	OK(s.next == 20100 && s.same && s.gaps == 1, "and follows");
	feed_end(&f, 0);
	feed_end(&next, 3);
	look(&s);
	OK(s.ended && s.code == 3, "to the end");
	close(s.fd);
	close(fd);
}

static void input(void)
{
	static char text[ATTACH_PIECE];
	struct seen one, two, other;
	size_t blocked = 0, got = 0;
	char data[65536];
	struct feed f;
	struct err e;
	int pair[2];
	ssize_t n;

	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) < 0 || feed_open(&f, -1, pair[1], &e) < 0)
		abort();
	one = join(&f, false);
	two = join(&f, false);
	other = join(&f, true);
	memset(text, 'x', sizeof(text) - 1);
	for (; blocked < 200; blocked++) {
		type(&other, ATTACH_INPUT, "not to be heard");
		if (send(one.fd, &(struct attach_head){ .kind = ATTACH_INPUT }, sizeof(struct attach_head), 0) < 0)
			break;
		type(&one, ATTACH_INPUT, text);
		serve(&f);
		serve(&f);
		if (FEED_INPUT - f.used < ATTACH_PIECE)
			break;
	}
	OK(blocked && blocked < 200 && f.used, "a command that does not read: what is typed waits");
	feed_put(&f, 1, stream, 1000);
	look(&two);
	OK(two.next == 1000 && two.same, "what it prints comes all the same");
	type(&one, ATTACH_END, "");
	close(one.fd);
	type(&two, ATTACH_END, "");
	for (int i = 0; i < 1000; i++) {
		serve(&f);
		n = read(pair[0], data, sizeof(data));
		for (ssize_t k = 0; k < n; k++)
			got += data[k] == 'x';
		if (n == 0)
			break;
	}
	tap_ok(n == 0 && got == (blocked + 1) * (ATTACH_PIECE - 1), __LINE__,
	       "every byte arrives, then the end, after its client has gone (%zu)", got);
	serve(&f);
	OK(f.input == -1 && used_slots(&f) == 2, "the pipe is closed");
	type(&two, ATTACH_INPUT, "too late");
	serve(&f);
	OK(!f.used && used_slots(&f) == 2, "input after that is dropped");
	type(&two, ATTACH_OUTPUT, "");
	serve(&f);
	OK(used_slots(&f) == 1, "who says what only a monitor says has to go");
	feed_end(&f, 0);
	close(two.fd);
	close(other.fd);
	close(pair[0]);
}

static void nothing(void)
{
	struct feed f = { 0 };
	struct pollfd polls[FEED_POLLS];

	feed_put(&f, 0, "x", 1);
	feed_wait(&f);
	OK(!feed_holds(&f) && feed_timeout(&f) == -1 && feed_polls(&f, polls) == 0, "one that was never opened does nothing");
	feed_end(&f, 0);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(stream); i++)
		stream[i] = (char)draw(256);
	nothing();
	output();
	terminal();
	input();
	return tap_done();
}
