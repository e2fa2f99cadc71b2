/* SPDX-License-Identifier: Zlib
 * Writing a log (box/log.h): its format, its bound whatever happens, its lock, a full disk. Prints TAP. */
#include "box/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include "log_rig.h"
#include "sys/kernel.h"

static bool exists(unsigned n)
{
	struct stat st;

	return lstat(numbered(n), &st) == 0;
}

/* A file's content with its length; overwritten by the next call. */
static char *content(const char *name, size_t *len)
{
	static char *text;
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;

	free(text);
	if (fd < 0 || fstat(fd, &st) < 0 || !(text = calloc(1, (size_t)st.st_size + 1)) ||
	    read(fd, text, (size_t)st.st_size) != st.st_size) {
		printf("Bail out! cannot read %s\n", name);
		exit(1);
	}
	close(fd);
	*len = (size_t)st.st_size;
	return text;
}

/* The log's file with the times cut off, so that it can be compared; ? for every zero byte. */
static const char *plain(unsigned n)
{
	static char out[100000];
	size_t len, used = 0;
	const char *p = content(numbered(n), &len), *stop = p + len;

	for (; p < stop && used < sizeof(out) - 1; p++) {
		if (log_is_time(p, (size_t)(stop - p)))
			p += LOG_TIME + 1;
		out[used++] = *p ? *p : '?';
	}
	out[used] = 0;
	return out;
}

static size_t take(struct log *l, const char *text, bool all, bool strip_cr)
{
	return log_take(l, LOG_STDOUT, text, strlen(text), all, strip_cr);
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

static void test_format(void)
{
	struct log l, none = { .fd = -1 };
	struct stat st;
	char *text;
	size_t len;

	begin();
	l = opened(LEAST, 2);
	OK(stat(log_path, &st) == 0 && st.st_size == 0 && (st.st_mode & 07777) == 0640, "made empty, for its owner and group");
	OK(fcntl(l.fd, F_GETFD) == FD_CLOEXEC, "close-on-exec");
	OK(take(&l, "hello\n", false, false) == 6, "a line is taken");
	text = content(log_path, &len);
	OK(log_is_time(text, len) && !strcmp(text + LOG_TIME, " stdout F hello\n"), "TIME stdout F text");
	OK(l.size == len && len == 43, "its length is known");
	OK(log_take(&l, LOG_STDERR, "a\nb\n", 4, false, false) == 4 &&
		   log_take(&l, LOG_CAGEBOX, "began\n", 6, false, false) == 6,
	   "other streams");
	OK(take(&l, "abc\ndef", false, false) == 4 && take(&l, "def", false, false) == 0, "what has no end is left");
	OK(take(&l, "", true, false) == 0 && take(&l, "", false, false) == 0, "nothing of nothing");
	OK(take(&l, "\n\n", false, false) == 2, "empty lines");
	OK(take(&l, "one\npie", true, false) == 7 && take(&l, "ce\n", false, false) == 3, "a piece, and its end");
	OK(log_take(&l, LOG_STDOUT, "\0\033[1m\t\377\n", 8, false, false) == 8, "any byte");
	SAME(plain(0),
	     "stdout F hello\nstderr F a\nstderr F b\ncagebox F began\nstdout F abc\nstdout F \nstdout F \nstdout F one\n"
	     "stdout P pie\nstdout F ce\nstdout F ?\033[1m\t\377\n",
	     "all of it");
	log_close(&l);
	OK(l.fd == -1 && !l.path, "closed");
	l = opened(LEAST, 2);
	take(&l, "again\n", false, false);
	log_close(&l);
	SAME(strstr(plain(0), "377") ? "" : strrchr(plain(0), 'F'), "F again\n", "a log that is there is appended to");
	OK(take(&none, "x\ny", false, false) == 2 && take(&none, "x\ny", true, false) == 3,
	   "without a log it is taken as well");
	log_close(&none);
}

static void test_cr(void)
{
	struct log l;

	begin();
	l = opened(LEAST, 2);
	OK(take(&l, "a\r\nb\r\r\nc\rd\n\r\n", false, true) == 13, "lines as a pty has them");
	SAME(plain(0), "stdout F a\nstdout F b\r\nstdout F c\rd\nstdout F \n", "without the CR before LF, and only that");
	OK(take(&l, "e\r\n", false, false) == 3 && strstr(plain(0), "F e\r\n"), "it stays if not asked for");
	OK(take(&l, "piece\r", true, true) == 5, "a CR at the end of a piece waits for what comes");
	OK(take(&l, "\r", true, true) == 1 && take(&l, "\r", true, false) == 1, "unless it is all there is");
	OK(take(&l, "piece\r", true, false) == 6, "or stays anyway");
	SAME(strstr(plain(0), "stdout P"), "stdout P piece\nstdout P \r\nstdout P \r\nstdout P piece\r\n", "pieces");
	log_close(&l);
}

/* The lengths and kinds of the entries: "F3 P8192 ". */
static const char *lengths(void)
{
	static char out[4000];
	const char *p = plain(0);
	size_t used = 0;

	for (; *p && used < sizeof(out) - 40; p += strcspn(p, "\n") + 1)
		used += (size_t)sprintf(out + used, "%c%zu ", p[7], strcspn(p, "\n") - 9);
	out[used] = 0;
	return out;
}

static void test_long(void)
{
	static char text[40000];
	struct log l;

	memset(text, 'x', sizeof(text));
	begin();
	l = opened(64 * K, 2);
	OK(log_take(&l, LOG_STDOUT, text, 20000, false, false) == 0, "without an end a long line is not taken either");
	OK(log_take(&l, LOG_STDOUT, text, 20000, true, false) == 20000, "unless all is");
	SAME(lengths(), "P8192 P8192 P3616 ", "as pieces");
	log_close(&l);
	begin();
	l = opened(64 * K, 2);
	text[20000] = text[20003] = text[20005 + LOG_PIECE] = text[20007 + 2 * LOG_PIECE] = '\n';
	text[20004 + LOG_PIECE] = text[20006 + 2 * LOG_PIECE] = '\r';
	OK(log_take(&l, LOG_STDOUT, text, 20008 + 2 * LOG_PIECE, false, true) == 20008 + 2 * LOG_PIECE,
	   "lines of every length");
	SAME(lengths(), "P8192 P8192 F3616 F2 F8192 F8192 ", "the longest text has 8192 bytes");
	log_close(&l);
}

static void test_many(void)
{
	static char text[20000];
	char *p = text;
	struct log l;
	int i = 0;

	begin();
	l = opened(1024 * K, 2);
	for (int n = 0; n < 3000; n++)
		p += sprintf(p, "%d\r\n", n);
	OK(log_take(&l, LOG_STDERR, text, (size_t)(p - text), false, true) == (size_t)(p - text), "3000 lines in one call");
	for (const char *q = plain(0); *q; q += strcspn(q, "\n") + 1, i++)
		if (strncmp(q, "stderr F ", 9) != 0 || atoi(q + 9) != i)
			break;
	OK(i == 3000, "all are there, in order");
	log_close(&l);
}

static void test_time(void)
{
	static const struct {
		struct timespec t;
		const char *text;
	} times[] = {
		{ { 0, 0 }, "1970-01-01T00:00:00.000000Z" },
		{ { 0, 999999999 }, "1970-01-01T00:00:00.999999Z" },
		{ { 951782399, 1000 }, "2000-02-28T23:59:59.000001Z" },
		{ { 951782400, 0 }, "2000-02-29T00:00:00.000000Z" },
		{ { 1795333043, 123456789 }, "2026-11-22T07:37:23.123456Z" },
	};
	char text[LOG_TIME + 1];

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		log_time(&times[i].t, text);
		SAME(text, times[i].text, times[i].text);
	}
	OK(log_is_time(text, LOG_TIME) && !log_is_time(text, LOG_TIME - 1) && !log_is_time(text + 1, LOG_TIME), "is a time");
}

/* --- the bound ---------------------------------------------------------------------------------------------------- */

/* n lines of 100 bytes with a number each, from *number on. */
static void fill(struct log *l, int *number, int n)
{
	char line[101];

	for (int i = 0; i < n; i++) {
		sprintf(line, "%098d\n", (*number)++);
		log_take(l, LOG_STDOUT, line, 99, false, false);
	}
}

/* Whether what is shown are lines of fill without a gap up to the last one. Returns the first number, or -1. */
static int first_shown(int last)
{
	struct err e;
	size_t len = show((struct log_view){ .lines = LOG_ALL }, &e);
	int first = len ? atoi(shown_out) : -1;

	for (int i = first; i >= 0 && i < last; i++)
		if ((size_t)(i - first + 1) * 99 > len || atoi(shown_out + (size_t)(i - first) * 99) != i)
			return -1;
	return (size_t)(last - first) * 99 == len ? first : -1;
}

static void test_rotate(void)
{
	int number = 0, first;
	struct log l;

	begin();
	l = opened(LEAST, 3);
	fill(&l, &number, 120);
	OK(size_of(0) == 120L * 136 && !exists(1), "up to the bound there is one file");
	fill(&l, &number, 1);
	OK(size_of(0) == 136 && size_of(1) == 120L * 136 && !exists(2), "then it is put aside, and a new one begun");
	OK(l.size == 136 && fcntl(l.fd, F_GETFD) == FD_CLOEXEC, "whose length is known");
	fill(&l, &number, 240);
	OK(size_of(0) == 136 && size_of(2) == 120L * 136 && !exists(3), "no more files than asked for");
	first = first_shown(number);
	OK(first == 120, "the oldest lines are gone, no other");
	fill(&l, &number, 1000);
	OK(size_of_all() <= 3 * LEAST && first_shown(number) >= 0 && !exists(3), "and so on");
	log_close(&l);

	begin();
	number = 0;
	l = opened(LEAST, 1);
	fill(&l, &number, 1000);
	OK(size_of_all() <= LEAST && !exists(1) && first_shown(number) == 960, "a single file begins anew");
	log_close(&l);
}

static void test_limits_change(void)
{
	int number = 0, first;
	struct log l;

	begin();
	l = opened(64 * K, 4);
	fill(&l, &number, 1900);
	log_close(&l);
	OK(exists(3), "four files");
	write_file(numbered(9), "old");
	shell("cp %s.3 %s.4", log_path, log_path);
	l = opened(64 * K, 3);
	OK(exists(2) && !exists(3) && !exists(4) && !exists(9),
	   "fewer the next time: the others are removed, with all that is old");
	log_close(&l);
	l = opened(LEAST, 3);
	OK(size_of_all() <= 3 * LEAST, "smaller ones: what does not fit is removed");
	fill(&l, &number, 1);
	log_close(&l);
	first = first_shown(number);
	OK(first >= 0 && first < number, "what comes then is there");

	begin();
	number = 0;
	l = opened(LEAST * 2, 2);
	fill(&l, &number, 200);
	log_close(&l);
	l = opened(LEAST, 4);
	OK(size_of(0) == 0 && size_of(1) == 200L * 136, "a file that is too long is put aside whole if there is room for it");
	for (int i = 0; i < 20; i++) {
		fill(&l, &number, 60);
		if (size_of_all() > 4 * LEAST || first_shown(number) < 0)
			break;
	}
	OK(size_of_all() <= 4 * LEAST && number == 1400, "and goes in time");
	log_close(&l);
	l = opened(0, 0);
	OK(l.max == LEAST && l.count == 1, "limits that cannot be are not taken");
	log_close(&l);
}

static void test_gap(void)
{
	int number = 0;
	struct log l;

	begin();
	l = opened(LEAST, 5);
	fill(&l, &number, 400);
	shell("rm %s.2", log_path);
	fill(&l, &number, 120);
	OK(exists(1) && exists(2) && exists(3) && !exists(4), "a number that is free is filled first");
	shell("rm %s.1", log_path);
	OK(*shown((struct log_view){ .lines = LOG_ALL }) && atoi(shown_out) == 0, "a gap does not end the reading");
	shell("mv %s %s/moved", log_path, top);
	fill(&l, &number, 1);
	OK(!exists(0), "moved by somebody: it goes on there");
	fill(&l, &number, 120);
	OK(exists(0) && size_of(0) < LEAST, "until it is full");
	shell(": >%s", log_path);
	fill(&l, &number, 2);
	OK(size_of(0) == 2L * 136, "emptied by somebody: it goes on");
	log_close(&l);
}

static void test_lock(void)
{
	struct log l, other;
	struct err e = { 0 };
	char wanted[300];
	int number = 0, copy;

	begin();
	l = opened(LEAST, 2);
	OK(log_open(&other, log_path, LEAST, 2, &e) < 0 && other.fd == -1 && !other.path, "a log has one writer");
	snprintf(wanted, sizeof(wanted), "the log %s is in use by another container", log_path);
	SAME(e.text, wanted, "with its message");
	fill(&l, &number, 130);
	OK(exists(1) && log_open(&other, log_path, LEAST, 2, &e) < 0, "also when it was rotated");
	copy = fcntl(l.fd, F_DUPFD_CLOEXEC, 0);
	log_close(&l);
	OK(log_open(&other, log_path, LEAST, 2, &e) < 0, "and while somebody may go on with it");
	OK(log_adopt(&l, copy, log_path, LEAST, 2, &e) == 0 && l.size == 10 * 136, "who then does");
	fill(&l, &number, 130);
	OK(first_shown(number) == 120, "without a gap");
	log_close(&l);
	OK(log_open(&l, log_path, LEAST, 2, &e) == 0, "at the end it is free");
	log_close(&l);
	OK(log_adopt(&l, open("/dev/null", O_RDWR | O_CLOEXEC), log_path, LEAST, 2, &e) < 0 && l.fd == -1 && !l.path,
	   "only a file is gone on with");
}

/* num 0: not a regular file. */
static void refused(int num, const char *title)
{
	struct err e = { 0 };
	struct log l;
	char wanted[300];

	snprintf(wanted, sizeof(wanted), num ? "open the log %s: %s" : "the log %s is not a regular file", log_path,
		 strerror(num));
	OK(log_open(&l, log_path, LEAST, 2, &e) < 0 && l.fd == -1 && !l.path, title);
	SAME(e.text, wanted, "with its message");
}

static void test_refused(void)
{
	struct log l;
	struct err e;

	begin();
	write_file(numbered(5), "x");
	shell("ln -s x.log.5 %s", log_path);
	refused(ELOOP, "a link is not followed");
	OK(size_of(5) == 1, "nothing is removed for it");
	begin();
	shell("mkfifo %s", log_path);
	refused(0, "a FIFO is refused and does not block");
	begin();
	shell("mkdir %s", log_path);
	refused(EISDIR, "a directory");
	snprintf(log_path, sizeof(log_path), "/dev/null");
	refused(0, "a device");
	snprintf(log_path, sizeof(log_path), "%s/none/x.log", top);
	refused(ENOENT, "a directory that is missing");
	begin();
	shell("mkdir -p %s.2/in", log_path);
	OK(log_open(&l, log_path, LEAST, 2, &e) < 0 && strstr(e.text, "remove the old log "),
	   "what is in the way of its limits");
}

/* --- when writing fails ------------------------------------------------------------------------------------------- */

/* What was written and not lost, as the reader shows it, and what the remarks in the log say was lost. */
static long told_lost(const char *remarks)
{
	long sum = 0;

	for (const char *p = remarks; (p = strstr(p, "cagebox: ")); p++)
		sum += atol(p + 9);
	return sum;
}

static void test_rotation_fails(void)
{
	int number = 0, before;
	struct rlimit limit, none;
	struct log l;
	struct err e;

	begin();
	l = opened(LEAST, 2);
	shell("mkdir -p %s.1/in", log_path);
	fill(&l, &number, 200);
	OK(size_of(0) == 120L * 136 && l.lost == 80 * 99, "a rotation that fails: nothing grows beyond, the rest is lost");
	shell("rm -r %s.1", log_path);
	fill(&l, &number, 1);
	OK(size_of(1) == 120L * 136 && l.lost == 0, "tried again with the next line");
	snprintf(shown_out, sizeof(shown_out),
		 "cagebox F 7920 bytes of output were lost: put the log aside as %s.1: Is a directory\nstdout F %098d\n",
		 log_path, 200);
	SAME(plain(0), shown_out, "it says what was lost and why");
	log_close(&l);

	/* After the rename, before the new file: no descriptor is free. */
	begin();
	number = 0;
	l = opened(LEAST, 3);
	fill(&l, &number, 125);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = (struct rlimit){ 0, limit.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	fill(&l, &number, 120);
	setrlimit(RLIMIT_NOFILE, &limit);
	before = number;
	OK(l.lost == 5 * 99 && !exists(0) && size_of(1) == 120L * 136 && size_of(2) == 120L * 136,
	   "one that fails in the middle: nothing grows beyond");
	OK(first_shown(before - 5) == 0, "and all that was written can be read");
	fill(&l, &number, 1);
	OK(exists(0) && l.lost == 0 && size_of(2) == 120L * 136, "the next line finishes it");
	show((struct log_view){ .lines = LOG_ALL }, &e);
	OK(told_lost(shown_err) == 5 * 99, "with the remark");
	log_close(&l);
}

/* Fill the disk with a file until nothing more goes. */
static void fill_disk(void)
{
	static const char page[4096];
	char name[80];
	int fd;

	snprintf(name, sizeof(name), "%s/ballast", top);
	fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	while (write(fd, page, sizeof(page)) > 0)
		;
	close(fd);
}

static bool ends_whole(void)
{
	size_t len;
	const char *text = content(log_path, &len);

	return !len || text[len - 1] == '\n';
}

static void test_disk_full(void)
{
	static char text[8000];
	size_t given = 0, len;
	struct log l;
	struct err e;

	if (unshare(CLONE_NEWNS) < 0 || sys_mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    sys_mount("log", top, "tmpfs", 0, "size=128k") < 0) {
		tap_ok(true, __LINE__, "a full disk # SKIP mounting a tmpfs: %s", strerror(errno));
		return;
	}
	begin();
	l = opened(1024 * K, 2);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 80 == 79 ? '\n' : (char)('a' + i % 26);
	given += log_take(&l, LOG_STDOUT, text, 1600, false, false);
	fill_disk();
	for (int i = 0; i < 10; i++)
		given += log_take(&l, LOG_STDOUT, text, sizeof(text), false, false);
	OK(l.lost > 70000 && ends_whole(), "a full disk: what does not fit is lost, entries in the file are whole");
	OK(l.size == (uint64_t)size_of(0), "its length is known");
	len = show((struct log_view){ .lines = LOG_ALL }, &e);
	OK(len + l.lost == given && len > 1600, "what is not lost is there");
	shell("rm %s/ballast", top);
	given += log_take(&l, LOG_STDOUT, text, sizeof(text), false, false);
	OK(l.lost == 0, "with room again it goes on");
	len = show((struct log_view){ .lines = LOG_ALL }, &e);
	OK(told_lost(shown_err) + (long)len == (long)given, "and says how much was lost");
	OK(strstr(shown_err, ": No space left on device\n"), "and why");
	fill_disk();
	for (int i = 0; i < 3; i++)
		log_take(&l, LOG_STDOUT, text, sizeof(text), false, false);
	OK(l.lost > 0, "full again");
	shell("rm %s/ballast", top);
	given = (size_t)l.lost;
	log_close(&l);
	show((struct log_view){ .lines = LOG_ALL }, &e);
	OK(strrchr(shown_err, 'c') && told_lost(strstr(shown_err, "\n")) == (long)given, "told at the end at the latest");
	/* Every place to be cut at. */
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t most = 100; most < 500; most++) {
		struct rlimit limit = { most, RLIM_INFINITY };

		begin();
		l = opened(LEAST, 2);
		setrlimit(RLIMIT_FSIZE, &limit);
		given = log_take(&l, LOG_STDOUT, text, 800, false, false);
		limit.rlim_cur = RLIM_INFINITY;
		setrlimit(RLIMIT_FSIZE, &limit);
		len = show((struct log_view){ .lines = LOG_ALL }, &e);
		if (!ends_whole() || l.size != (uint64_t)size_of(0) || len + l.lost != given || len != most / 117 * 80) {
			printf("# cut at %ld\n", (long)most);
			break;
		}
		log_close(&l);
		if (most == 499)
			OK(true, "wherever a write is cut, only whole entries stay");
	}
	sys_umount2(top, MNT_DETACH);
}

static void test_torn(void)
{
	struct log l;

	begin();
	write_file(log_path, "2026-11-22T07:37:23.123456Z stdout F hal");
	l = opened(LEAST, 2);
	take(&l, "next\n", false, false);
	SAME(plain(0), "stdout F hal\nstdout F next\n", "a line that was cut by a crash is ended");
	log_close(&l);
}

int main(void)
{
	if (!rig_begin())
		return 1;
	test_format();
	test_cr();
	test_long();
	test_many();
	test_time();
	test_rotate();
	test_limits_change();
	test_gap();
	test_lock();
	test_refused();
	test_rotation_fails();
	test_disk_full();
	test_torn();
	return rig_done();
}
