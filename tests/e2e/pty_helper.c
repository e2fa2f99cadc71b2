/* SPDX-License-Identifier: Zlib
 * A terminal for tests: run a command on a pty of its own and do what the script on standard input says, a step a line:
 *
 *	expect TEXT	wait until TEXT is in what came since the last match
 *	never TEXT	fail if TEXT came at all, up to now
 *	send TEXT	type TEXT; \n \r \t \\ \xHH, ^X for control characters
 *	size ROWS COLS	change the window
 *	same		wait until the terminal's settings are what they were before the command was started
 *	raw, cooked	wait until they are so
 *	signal N	send it to the command
 *	stopped		wait until the command has stopped
 *	hangup		close the terminal
 *	exit CODE	wait until the command has ended with CODE (128+N for signal N), having read everything
 *
 * Usage: pty_helper ROWS COLS COMMAND...; everything that the terminal showed goes to standard output. A step that fails says so on
 * standard error and ends all with 1. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, MOST = 8 << 20 };

static char *seen;
static size_t used, matched;
static int master, slave;
static pid_t child;
static bool ended, stopped;
static int status;
static struct termios saved;

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void look_at_child(void)
{
	int s;

	if (ended || waitpid(child, &s, WNOHANG | WUNTRACED | WCONTINUED) != child)
		return;
	if (WIFSTOPPED(s))
		stopped = true;
	else if (WIFCONTINUED(s))
		stopped = false;
	else {
		ended = true;
		status = WIFSIGNALED(s) ? 128 + WTERMSIG(s) : WEXITSTATUS(s);
	}
}

/* Take what the terminal shows, for at most ms. Returns whether anything came. */
static bool listen_for(int ms)
{
	struct pollfd p = { .fd = master, .events = POLLIN };
	ssize_t n;

	look_at_child();
	if (poll(&p, 1, ms) != 1 || used == MOST)
		return false;
	n = read(master, seen + used, MOST - used);
	if (n <= 0)
		return false;
	if (write(1, seen + used, (size_t)n) != n)
		exit(1);
	used += (size_t)n;
	return true;
}

static bool is_raw(void)
{
	struct termios t = { 0 };

	return tcgetattr(slave, &t) == 0 && !(t.c_lflag & (ICANON | ECHO));
}

static bool is_cooked(void)
{
	struct termios t = { 0 };

	return tcgetattr(slave, &t) == 0 && t.c_lflag & ICANON && t.c_lflag & ECHO;
}

static bool is_same(void)
{
	struct termios t = { 0 };

	return tcgetattr(slave, &t) == 0 && t.c_iflag == saved.c_iflag && t.c_oflag == saved.c_oflag &&
	       t.c_cflag == saved.c_cflag && t.c_lflag == saved.c_lflag && !memcmp(t.c_cc, saved.c_cc, sizeof(t.c_cc));
}

static bool has_ended(void)
{
	return ended;
}

static bool has_stopped(void)
{
	return stopped;
}

static const char *wanted;

static bool is_seen(void)
{
	char *at = memmem(seen + matched, used - matched, wanted, strlen(wanted));

	if (at)
		matched = (size_t)(at - seen) + strlen(wanted);
	return at != NULL;
}

static bool wait_until(bool (*is)(void))
{
	long until = now_ms() + PATIENCE_MS;

	while (!is()) {
		if (now_ms() >= until)
			return false;
		listen_for(20);
	}
	return true;
}

/* TEXT as it is typed. Returns its length. */
static size_t unescape(const char *text, char *out)
{
	char *start = out;

	for (; *text; text++) {
		unsigned value;

		if (*text == '^' && text[1])
			*out++ = (char)(*++text & 0x1f);
		else if (*text == '\\' && text[1] == 'x' && sscanf(text + 2, "%2x", &value) == 1) {
			*out++ = (char)value;
			text += 3;
		} else if (*text == '\\' && text[1]) {
			text++;
			*out++ = *text == 'n' ? '\n' : *text == 'r' ? '\r' : *text == 't' ? '\t' : *text;
		} else
			*out++ = *text;
	}
	return (size_t)(out - start);
}

static bool type(const char *text)
{
	char keys[4096];
	size_t n = unescape(text, keys), done = 0;

	while (done < n) {
		ssize_t wrote = write(master, keys + done, n - done);

		if (wrote < 0)
			return false;
		done += (size_t)wrote;
	}
	return true;
}

static bool step(const char *word, const char *rest)
{
	struct winsize size = { 0 };

	wanted = rest;
	if (!strcmp(word, "expect"))
		return wait_until(is_seen);
	if (!strcmp(word, "never")) {
		while (listen_for(0))
			;
		return !memmem(seen, used, rest, strlen(rest));
	}
	if (!strcmp(word, "send"))
		return type(rest);
	if (!strcmp(word, "size") && sscanf(rest, "%hu %hu", &size.ws_row, &size.ws_col) == 2)
		return ioctl(master, TIOCSWINSZ, &size) == 0;
	if (!strcmp(word, "same"))
		return wait_until(is_same);
	if (!strcmp(word, "raw"))
		return wait_until(is_raw);
	if (!strcmp(word, "cooked"))
		return wait_until(is_cooked);
	if (!strcmp(word, "signal")) {
		stopped = false;
		return kill(child, atoi(rest)) == 0;
	}
	if (!strcmp(word, "stopped"))
		return wait_until(has_stopped);
	if (!strcmp(word, "hangup")) {
		close(slave);
		close(master);
		master = slave = -1;
		return true;
	}
	if (!strcmp(word, "exit")) {
		bool in_time = wait_until(has_ended);

		while (master >= 0 && listen_for(0))
			;
		if (in_time && status != atoi(rest))
			fprintf(stderr, "exit: it was %d\n", status);
		return in_time && status == atoi(rest);
	}
	fprintf(stderr, "no such step: %s\n", word);
	return false;
}

static void start(char **argv, const struct winsize *size)
{
	const char *name;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || !(name = ptsname(master)))
		exit(2);
	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || ioctl(master, TIOCSWINSZ, size) < 0 || tcgetattr(slave, &saved) < 0)
		exit(2);
	child = fork();
	if (child == 0) {
		setsid();
		/* A shell without job control has what it starts in the background ignore these. */
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		ioctl(slave, TIOCSCTTY, 0);
		for (int fd = 0; fd < 3; fd++)
			dup2(slave, fd);
		execvp(*argv, argv);
		_exit(127);
	}
}

int main(int argc, char **argv)
{
	struct winsize size = { 0 };
	char line[4096];

	if (argc < 4)
		return 2;
	size.ws_row = (unsigned short)atoi(argv[1]);
	size.ws_col = (unsigned short)atoi(argv[2]);
	seen = malloc(MOST);
	if (!seen)
		return 2;
	start(argv + 3, &size);
	while (fgets(line, sizeof(line), stdin)) {
		char *word = line + strspn(line, "\t "), *rest;

		word[strcspn(word, "\n")] = 0;
		if (!*word || *word == '#')
			continue;
		rest = word + strcspn(word, " ");
		if (*rest)
			*rest++ = 0;
		if (!step(word, rest)) {
			fprintf(stderr, "failed: %s %s\n", word, rest);
			kill(child, SIGKILL);
			return 1;
		}
	}
	if (!ended)
		kill(child, SIGKILL);
	return 0;
}
