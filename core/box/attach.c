/* SPDX-License-Identifier: Zlib
 * Being attached to a container. Host side. */
#include "box/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "box/control.h"
#include "box/end.h"
#include "sys/pty.h"
#include "sys/sig.h"

enum { MARK = 80 }; /* room for what tells of a gap */

struct session {
	const struct attach_options *options;
	struct state state;
	struct chord keys;
	int socket, signals;
	bool tty;                         /* the container has one */
	int in;                           /* the caller's input, -1: not read (any more) */
	int own_in, own[ATTACH_STREAMS];  /* the caller's terminals opened again, or -1 */
	bool at_terminal;                 /* the input is the caller's terminal */
	bool raw, size_changed, in_ended; /* and the last two are to be told */
	struct termios saved;
	struct attach_packet typed; /* waits to be sent */
	size_t ntyped;              /* bytes of its data */
	char shown[MARK + ATTACH_PIECE];
	size_t start, used; /* of shown, which waits to be written */
	int to;
	uint64_t next[ATTACH_STREAMS]; /* offset of what is to come */
	bool begun[ATTACH_STREAMS];
	bool ended, left;
	int code;
};

/* --- the caller's terminal ---------------------------------------------------------------------------------------- */

static int make_raw(struct session *s, struct err *e)
{
	/* Without keys to leave by and nothing to type, the terminal's own keys are what ends it. */
	if (!s->tty || !s->at_terminal || s->raw || (s->options->read_only && !s->keys.n))
		return 0;
	if (pty_raw(0, &s->saved, e) < 0)
		return -1;
	s->raw = true;
	return 0;
}

static void make_cooked(struct session *s)
{
	if (s->raw)
		pty_restore(0, &s->saved);
	s->raw = false;
}

/* The job control of the caller's shell. */
static void suspend(struct session *s)
{
	struct err ignored;

	make_cooked(s);
	raise(SIGSTOP);
	make_raw(s, &ignored);
	s->size_changed = true;
}

static void leave_by(struct session *s, int signal)
{
	s->left = true;
	s->code = EXIT_SIGNAL + signal;
}

static void hear_signals(struct session *s)
{
	struct signalfd_siginfo info;

	while (!s->left && read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		int signal = (int)info.ssi_signo;

		if (signal == SIGWINCH)
			s->size_changed = true;
		else if (signal == SIGTSTP)
			suspend(s);
		else if (signal != SIGCHLD && signal != SIGCONT && signal != SIGPIPE && signal != SIGURG)
			leave_by(s, signal);
	}
}

/* --- to the monitor ----------------------------------------------------------------------------------------------- */

/* Returns whether it was sent. */
static bool tell(struct session *s, enum attach_kind kind, int32_t number, size_t size)
{
	s->typed.head = (struct attach_head){ .kind = kind, .number = number };
	return send(s->socket, &s->typed, sizeof(s->typed.head) + size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static void speak(struct session *s)
{
	struct winsize size;

	if (s->ntyped && tell(s, ATTACH_INPUT, 0, s->ntyped))
		s->ntyped = 0;
	if (s->ntyped)
		return;
	if (s->size_changed && (!s->tty || s->options->read_only || ioctl(s->at_terminal ? 0 : 1, TIOCGWINSZ, &size) < 0 ||
				tell(s, ATTACH_SIZE, size.ws_row << 16 | size.ws_col, 0)))
		s->size_changed = false;
	if (s->in_ended && tell(s, ATTACH_END, 0, 0))
		s->in_ended = false;
}

/* Look for the keys in what was typed. Returns how many bytes of out are for the container. */
static size_t filter(struct session *s, const char *data, size_t n, char *out)
{
	size_t used = 0, more;

	for (; n && !s->left; n--, data++) {
		s->left = chord_type(&s->keys, *data, out + used, &more);
		used += more;
	}
	return used;
}

static void take_typed(struct session *s, bool hung_up)
{
	/* What is held back of the keys may come on top. */
	char data[ATTACH_PIECE - CHORD_KEYS - 1], spare[ATTACH_PIECE];
	ssize_t n = read(s->in, data, sizeof(data));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		s->in = -1;
		s->in_ended = n == 0 && !hung_up && !s->tty && !s->options->read_only;
		if (hung_up)
			leave_by(s, SIGHUP);
	} else if (s->ntyped || s->options->read_only) {
		/* The container takes nothing, but it can be left. */
		if (s->at_terminal)
			filter(s, data, (size_t)n, spare);
	} else if (s->at_terminal) {
		s->ntyped = filter(s, data, (size_t)n, s->typed.data);
	} else {
		memcpy(s->typed.data, data, (size_t)n);
		s->ntyped = (size_t)n;
	}
}

/* --- from the monitor --------------------------------------------------------------------------------------------- */

/* Tell of bytes that were left out: on the terminal, or where it does not come among what was printed. */
static void mark(struct session *s, uint64_t missing)
{
	const char *newline = s->tty ? "\r\n" : "\n";
	char text[MARK];
	int n = snprintf(text, sizeof(text), "%s[cagebox: %llu bytes left out]%s", s->tty ? newline : "",
			 (unsigned long long)missing, newline);

	if (!s->tty) {
		dprintf(2, "%s", text);
		return;
	}
	memcpy(s->shown, text, (size_t)n);
	s->used = (size_t)n;
}

static void show(struct session *s, const struct attach_packet *p, size_t size)
{
	size_t stream = p->head.number != 0;

	s->start = s->used = 0;
	if (s->begun[stream] && p->head.offset > s->next[stream])
		mark(s, p->head.offset - s->next[stream]);
	s->begun[stream] = true;
	s->next[stream] = p->head.offset + size;
	memcpy(s->shown + s->used, p->data, size);
	s->used += size;
	s->to = s->own[stream] >= 0 ? s->own[stream] : (int)stream + 1;
}

/* Returns 0, or -1 with e set when there is nobody any more. */
static int listen_to(struct session *s, struct err *e)
{
	struct attach_packet p;
	ssize_t n = recv(s->socket, &p, sizeof(p), MSG_DONTWAIT);

	/* Reset: the monitor has not read everything, what it has sent comes next. */
	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNRESET))
		return 0;
	if (n < (ssize_t)sizeof(p.head))
		return err_set(e, "the monitor of %s is gone", s->state.name);
	if (p.head.kind == ATTACH_EXIT) {
		s->ended = true;
		s->code = p.head.number;
	} else if (p.head.kind == ATTACH_OUTPUT) {
		show(s, &p, (size_t)n - sizeof(p.head));
	}
	return 0;
}

static void print(struct session *s)
{
	ssize_t n = write(s->to, s->shown + s->start, s->used);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		/* Whoever read it has seen enough. */
		s->left = true;
		return;
	}
	s->start += (size_t)n;
	s->used -= (size_t)n;
}

/* --- the session -------------------------------------------------------------------------------------------------- */

static int step(struct session *s, struct err *e)
{
	bool sends = s->ntyped || s->size_changed || s->in_ended;
	struct pollfd polls[] = {
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->socket, .events = (short)((s->used ? 0 : POLLIN) | (sends ? POLLOUT : 0)) },
		{ .fd = s->ntyped && !s->at_terminal ? -1 : s->in, .events = POLLIN },
		{ .fd = s->used ? s->to : -1, .events = POLLOUT },
	};

	/* That the monitor has hung up would be told all the time. */
	if (!polls[1].events)
		polls[1].fd = -1;
	if (poll(polls, sizeof(polls) / sizeof(*polls), -1) < 0)
		return 0;
	if (polls[0].revents)
		hear_signals(s);
	if (polls[3].revents)
		print(s);
	if (polls[2].revents && !s->left)
		take_typed(s, s->at_terminal && polls[2].revents & POLLHUP);
	if (polls[1].revents && sends)
		speak(s);
	if (polls[1].revents & ~POLLOUT && !s->used)
		return listen_to(s, e);
	return 0;
}

static int look_on(struct session *s, struct err *e)
{
	uint64_t heard = SIG_ALL & ~(sig_bit(SIGTTIN) | sig_bit(SIGTTOU)), ignored = sig_ignored(), mask;
	int result = -1;

	sig_block_all(&mask);
	sig_set_mask(heard);
	s->signals = sig_fd(heard & ~ignored, e);
	if (s->signals >= 0 && make_raw(s, e) == 0)
		result = 0;
	while (result == 0 && !s->ended && !s->left)
		result = step(s, e);
	/* What was typed before the keys is meant to arrive. */
	if (result == 0 && s->left && s->ntyped)
		speak(s);
	make_cooked(s);
	fd_close(&s->signals);
	/* One of our own writing may be pending. */
	sig_set_mask(mask | sig_bit(SIGPIPE));
	return result;
}

/* It may have ended without its monitor having told us, which does not wait for ever: its record tells. */
static int recall(struct session *s)
{
	struct err ignored;

	if (state_check(&s->state, &ignored) != STATUS_EXITED || s->state.reason == END_LOST)
		return -1;
	s->code = s->state.code;
	return 0;
}

static int connect_to(struct session *s, const char *name, struct err *e)
{
	const struct control_request request = { CONTROL_ATTACH, s->options->read_only };
	struct control_answer answer;
	int status = end_find(name, &s->state, e);
	bool gone;

	if (status < 0)
		return -1;
	if (status)
		return err_set(e, "the monitor of %s is gone: what it prints cannot be seen any more", name);
	s->socket = control_ask(&s->state, &request, &answer, &gone, e);
	if (s->socket < 0)
		return -1;
	/* The answer to whoever comes late. */
	if (answer.reason)
		return err_set(e, "the container %s has just ended", name);
	s->tty = answer.code & ATTACHED_TTY;
	s->in = answer.code & ATTACHED_INPUT ? 0 : -1;
	return 0;
}

int attach_run(const char *name, const struct attach_options *o, int *code, bool *left, struct err *e)
{
	struct session s = {
		.options = o, .keys = o->keys, .socket = -1, .size_changed = true, .own_in = -1, .own = { -1, -1 }
	};
	int result = connect_to(&s, name, e);

	if (result == 0) {
		s.own_in = pty_open_again(0, O_RDONLY);
		for (int i = 0; i < ATTACH_STREAMS; i++)
			s.own[i] = pty_open_again(i + 1, O_WRONLY);
		s.at_terminal = isatty(0);
		if (s.own_in >= 0 && s.in >= 0)
			s.in = s.own_in;
		if (o->read_only && !s.at_terminal)
			s.in = -1;
		result = look_on(&s, e);
		if (result < 0)
			result = recall(&s);
	}
	*code = s.code;
	*left = s.left;
	for (int i = 0; i < ATTACH_STREAMS; i++)
		fd_close(&s.own[i]);
	fd_close(&s.own_in);
	fd_close(&s.socket);
	state_close(&s.state);
	return result;
}
