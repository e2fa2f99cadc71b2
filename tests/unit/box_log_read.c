/* SPDX-License-Identifier: Zlib
 * Reading a log (box/log_read.h): what is shown of it, random input there and back, following it while it is written.
 * Prints TAP. */
#include "box/log_read.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "log_rig.h"

/* --- showing ------------------------------------------------------------------------------------------------------ */

#define AT(second) "2026-11-22T07:37:" second ".000000Z "

static void test_read(void)
{
	const struct log_view all = { .lines = LOG_ALL };

	begin();
	OK(strstr(shown(all), "x.log: No such file or directory"), "no log is an error");
	write_file(log_path, "");
	SAME(shown(all), "", "an empty one is not");
	write_file(numbered(1), AT("10") "stdout F one\n" AT("11") "stderr F two\n" AT("12") "stdout P thr");
	write_file(log_path, AT("13") "stdout P e\n" AT("14") "stderr F four\n" AT("15") "stdout F e\n" AT(
				     "16") "cagebox F 5 bytes\n" AT("17") "stdout F \n" AT("18") "stdout P end");
	SAME(shown(all), "one\nthree\n\nend", "what stdout had: pieces together, the oldest file first");
	SAME(shown_err, "two\nfour\ncagebox: 5 bytes\n", "what stderr had, and a remark of ours");
	SAME(shown((struct log_view){ .lines = LOG_ALL, .stamps = true }),
	     AT("10") "stdout one\n" AT("12") "stdout three\n" AT("17") "stdout \n" AT("18") "stdout end",
	     "with time and stream");
	SAME(shown_err, AT("11") "stderr two\n" AT("14") "stderr four\n" AT("16") "cagebox 5 bytes\n", "each");
	SAME(shown((struct log_view){ .lines = LOG_ALL, .since = AT("12") }), "three\n\nend", "since a time");
	SAME(shown((struct log_view){ .lines = LOG_ALL, .since = AT("13") }), "\nend", "a line counts from its beginning");
	SAME(shown((struct log_view){ .lines = LOG_ALL, .since = AT("19") }), "", "none");
	SAME(shown((struct log_view){ .lines = 3 }), "\nend", "the last lines");
	SAME(shown_err, "cagebox: 5 bytes\n", "of all streams together");
	SAME(shown((struct log_view){ .lines = 5 }), "three\n\nend", "a line of pieces is one");
	SAME(shown_err, "four\ncagebox: 5 bytes\n", "over two files");
	SAME(shown((struct log_view){ .lines = 0 }), "", "no line");
	SAME(shown((struct log_view){ .lines = 100 }), "one\nthree\n\nend", "more than there are");
	SAME(shown((struct log_view){ .lines = 1, .since = AT("18") }), "end", "both");
	write_file(log_path, "somebody was here\n" AT("13") "stdout F a\n\n" AT("14") "stdnot F b\n" AT("15") "stdout X c\n" AT(
				     "16") "s");
	shell("rm %s.1", log_path);
	SAME(shown(all), "somebody was here\na\n\n" AT("14") "stdnot F b\n" AT("15") "stdout X c\n" AT("16") "s",
	     "what is no entry is shown as it is");
	SAME(shown((struct log_view){ .lines = 1 }), AT("16") "s", "and counts as a line");
}

static void test_read_odd(void)
{
	static char big[200001];
	const struct log_view all = { .lines = LOG_ALL };
	struct log_reader r;
	struct log_view view = { .path = log_path, .lines = LOG_ALL };
	struct err e = { 0 };
	int ends[2];

	begin();
	memset(big, 'x', sizeof(big) - 1);
	write_file(log_path, big);
	SAME(shown(all), big, "a line longer than any buffer");
	OK(*shown((struct log_view){ .lines = 1 }) == 'x' && strlen(shown_out) == sizeof(big) - 1, "is one line");
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(ends, O_CLOEXEC) < 0)
		abort();
	close(ends[0]);
	view.out = view.err = ends[1];
	OK(log_read_open(&r, &view, &e) == 0 && log_read(&r, -1, &e) < 0 && e.num == EPIPE,
	   "nobody reads what is shown: EPIPE");
	log_read_close(&r);
	write_file(log_path, "");
	e.num = 0;
	OK(log_read_open(&r, &view, &e) == 0 && log_read(&r, 0, &e) < 0 && e.num == EPIPE, "which is seen while waiting, too");
	log_read_close(&r);
	close(ends[1]);
	begin();
	shell("ln -s /etc/passwd %s", log_path);
	OK(strstr(shown(all), strerror(ELOOP)), "a link is not followed");
	begin();
	shell("mkdir %s", log_path);
	OK(strstr(shown(all), "No such file or directory"), "a directory is no log");
}

/* --- following ---------------------------------------------------------------------------------------------------- */

static unsigned seed;

static unsigned any(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % below;
}

/* A writer as the monitor is one: pieces of random length, and what is not taken comes again. */
static void write_all(struct log *l, const char *data, size_t n, bool strip_cr)
{
	size_t from = 0, to = 0;

	while (from < n) {
		size_t taken;

		to += any(any(8) ? 300 : 9000) + 1;
		to = to > n ? n : to;
		taken = log_take(l, LOG_STDOUT, data + from, to - from, false, strip_cr);
		if (!taken && (to == n || to - from > 4000))
			taken = log_take(l, LOG_STDOUT, data + from, to - from, true, strip_cr);
		from += taken;
	}
}

static size_t make_input(char *data, size_t room)
{
	size_t used = 0;

	for (unsigned line = 0; used + 9000 < room; line++) {
		size_t len = any(100) ? any(120) : any(9000);

		used += (size_t)sprintf(data + used, "%u:", line);
		while (len--)
			data[used++] = (char)(any(20) ? 'a' + any(26) : any(2) ? '\r' : 'z');
		if (any(3) == 0)
			data[used++] = '\r';
		data[used++] = '\n';
	}
	return used;
}

/* Leave out each CR that a LF follows. */
static size_t without_cr(char *data, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		if (data[i] != '\r' || i + 1 == n || data[i + 1] != '\n')
			data[used++] = data[i];
	return used;
}

static void test_random(void)
{
	static char data[300000];
	int bad = 0;

	for (unsigned round = 0; round < 60; round++) {
		bool strip = round % 2;
		size_t n, len, done = 0;
		struct err e;

		seed = round;
		begin();
		n = make_input(data, 20000 + any(250000));
		while (done < n) {
			uint64_t max = LEAST + any(LEAST * 2);
			unsigned count = 1 + any(5);
			struct log l = opened(max, count);
			size_t piece = any(60000) + 1;

			piece = piece > n - done ? n - done : piece;
			/* Between two writers no CR is parted from its LF. */
			while (done + piece < n && data[done + piece - 1] == '\r')
				piece++;
			write_all(&l, data + done, piece, strip);
			done += piece;
			bad += size_of_all() > (long)(max * count) || l.lost;
			log_close(&l);
		}
		n = strip ? without_cr(data, n) : n;
		len = show((struct log_view){ .lines = LOG_ALL }, &e);
		if (bad || !len || len > n || memcmp(shown_out, data + n - len, len) != 0) {
			printf("# round %u: bad %d, %zu of %zu\n", round, bad, len, n);
			bad++;
			break;
		}
	}
	OK(!bad, "random input: within the limits at any time, and the end of it is shown as it was");
}

/* Follow while another process writes. */
static size_t follow(char *data, size_t n, unsigned count)
{
	struct log_view view = { .path = log_path, .lines = LOG_ALL, .out = memfd_create("out", MFD_CLOEXEC), .err = 2 };
	struct log l = opened(LEAST, count);
	struct log_reader r;
	struct err e = { 0 };
	int until[2], status;
	pid_t pid;

	if (pipe2(until, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		write_all(&l, data, n, false);
		log_close(&l);
		_exit(0);
	}
	log_close(&l);
	close(until[1]);
	if (log_read_open(&r, &view, &e) < 0 || log_read(&r, until[0], &e) < 0 || log_read_rest(&r, &e) < 0)
		printf("# %s\n", e.text);
	log_read_close(&r);
	close(until[0]);
	waitpid(pid, &status, 0);
	return read_shown(view.out, shown_out, sizeof(shown_out));
}

static void test_follow(void)
{
	static char data[1000000];
	int bad = 0, last = -1, lines = 0;
	size_t n, len;

	for (seed = 1000; seed < 1005 && !bad; seed++) {
		begin();
		n = make_input(data, sizeof(data));
		len = follow(data, n, 150);
		bad = len != n || memcmp(shown_out, data, n) != 0;
		if (bad)
			printf("# %zu of %zu\n", len, n);
	}
	OK(!bad, "following a writer over rotations: nothing is missing, nothing is doubled");
	/* Too fast for the reader: files vanish before they are read. */
	begin();
	n = 0;
	for (int i = 0; i < 60000; i++)
		n += (size_t)sprintf(data + n, "%09d\n", i);
	len = follow(data, n, 2);
	for (size_t i = 0; i + 10 <= len && !bad; i += 10, lines++) {
		bad = shown_out[i + 9] != '\n' || atoi(shown_out + i) <= last;
		last = atoi(shown_out + i);
	}
	printf("# %d of 60000 lines, the last one %d\n", lines, last);
	OK(!bad && last == 59999, "one that is too fast: in order up to the last line, nothing is doubled");
}

int main(void)
{
	if (!rig_begin())
		return 1;
	test_read();
	test_read_odd();
	test_random();
	test_follow();
	return rig_done();
}
