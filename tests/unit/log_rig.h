/* SPDX-License-Identifier: Zlib
 * What the tests of the log share: a directory for it, writing one, showing one. */
#ifndef CAGEBOX_TESTS_LOG_RIG_H
#define CAGEBOX_TESTS_LOG_RIG_H

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box/log_read.h"
#include "tap.h"

enum { K = 1024, LEAST = LOG_LEAST };

static char top[] = "/tmp/cagebox-log-XXXXXX";
static char log_path[64];

__attribute__((format(printf, 1, 2))) static void shell(const char *format, ...)
{
	char command[400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	if (system(command) != 0) {
		printf("Bail out! %s\n", command);
		exit(1);
	}
}

/* Every test begins with an empty directory. */
static void begin(void)
{
	shell("rm -rf %s/*", top);
	snprintf(log_path, sizeof(log_path), "%s/x.log", top);
}

__attribute__((unused)) static const char *numbered(unsigned n)
{
	static char name[80];

	snprintf(name, sizeof(name), n ? "%s.%u" : "%s", log_path, n);
	return name;
}

__attribute__((unused)) static long size_of(unsigned n)
{
	struct stat st;

	return lstat(numbered(n), &st) == 0 ? (long)st.st_size : 0;
}

__attribute__((unused)) static long size_of_all(void)
{
	long sum = 0;

	for (unsigned n = 0; n < 200; n++)
		sum += size_of(n);
	return sum;
}

__attribute__((unused)) static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "we");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

__attribute__((unused)) static struct log opened(uint64_t max, unsigned count)
{
	struct err e = { 0 };
	struct log l;

	if (log_open(&l, log_path, max, count, &e) < 0) {
		printf("Bail out! %s\n", e.text);
		exit(1);
	}
	return l;
}

/* What the reader shows: of stdout in shown_out, of stderr in shown_err. */
static char shown_out[1 << 21], shown_err[1 << 16];

__attribute__((unused)) static size_t read_shown(int fd, char *out, size_t room)
{
	ssize_t n = pread(fd, out, room - 1, 0);

	out[n < 0 ? 0 : n] = 0;
	close(fd);
	return n < 0 ? 0 : (size_t)n;
}

__attribute__((unused)) static size_t show(struct log_view view, struct err *e)
{
	struct log_reader r;
	int result;

	view.path = log_path;
	view.out = memfd_create("out", MFD_CLOEXEC);
	view.err = memfd_create("err", MFD_CLOEXEC);
	e->text[0] = 0;
	result = log_read_open(&r, &view, e);
	if (result == 0)
		result = log_read(&r, -1, e);
	if (result == 0)
		log_read_rest(&r, e);
	log_read_close(&r);
	read_shown(view.err, shown_err, sizeof(shown_err));
	return read_shown(view.out, shown_out, sizeof(shown_out));
}

__attribute__((unused)) static const char *shown(struct log_view view)
{
	struct err e;

	show(view, &e);
	return *e.text ? strcpy(shown_out, e.text) : shown_out;
}

/* The directory; false if there can be none. */
static bool rig_begin(void)
{
	umask(022);
	if (mkdtemp(top))
		return true;
	printf("Bail out! cannot make a directory\n");
	return false;
}

/* What main returns. */
static int rig_done(void)
{
	begin();
	rmdir(top);
	return tap_done();
}

#endif
