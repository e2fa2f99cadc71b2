/* SPDX-License-Identifier: Zlib
 * logs: what a detached container has printed. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "applet.h"
#include "base/auto.h"
#include "base/num.h"
#include "box/control.h"
#include "box/dirs.h"
#include "box/log_read.h"
#include "box/state.h"

enum { ASK_TRIES = 200, ASK_WAIT_MS = 50 };

struct logs_args {
	bool follow, stamps;
	int lines; /* -1: all */
	const char *since;
};

static const struct opt logs_opts[] = {
	OPT(struct logs_args, follow, 'f', "follow", NULL, "go on with what is added, until the container has ended"),
	OPT(struct logs_args, lines, 'n', "lines", "N", "the last N lines only"),
	OPT(struct logs_args, since, 0, "since", "TIME", "lines since 2026-11-22T07:37:23Z, 2026-11-22, or so long ago (10m)"),
	OPT(struct logs_args, stamps, 't', "timestamps", NULL, "time and stream before each line"),
};

/* --- since -------------------------------------------------------------------------------------------------------- */

/* A time (UTC) as entries have it, of one with fewer digits. */
static bool complete_time(const char *text, char time[LOG_TIME + 1])
{
	static const struct {
		unsigned char at;
		char least[3], most[3];
	} parts[] = { { 5, "01", "12" }, { 8, "01", "31" }, { 11, "00", "23" }, { 14, "00", "59" }, { 17, "00", "60" } };
	size_t len = strlen(text);

	if (len > 10 && (len < 20 || len == 21 || len > LOG_TIME || text[--len] != 'Z'))
		return false;
	memcpy(time, "0000-00-00T00:00:00.000000Z", LOG_TIME + 1);
	memcpy(time, text, len);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (memcmp(time + parts[i].at, parts[i].least, 2) < 0 || memcmp(time + parts[i].at, parts[i].most, 2) > 0)
			return false;
	return len >= 10 && log_is_time(time, LOG_TIME);
}

static int parse_since(const char *text, char time[LOG_TIME + 1], struct err *e)
{
	struct timespec t;
	uint64_t ms;

	if (num_duration(text, &ms, e) < 0)
		return complete_time(text, time) ?
			       0 :
			       err_set(e,
				       "--since: '%s' is neither a time such as 2026-11-22T07:37:23Z nor a duration such as 10m",
				       text);
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec -= (time_t)(ms / 1000);
	t.tv_nsec -= (long)(ms % 1000) * 1000000;
	if (t.tv_nsec < 0) {
		t.tv_nsec += 1000000000;
		t.tv_sec--;
	}
	log_time(&t, time);
	return 0;
}

/* --- the container ------------------------------------------------------------------------------------------------ */

/* The log of the container of that name, also of one that is not known any more. */
static int find_log(const char *name, struct state *s, char path[PATH_MAX], struct err *e)
{
	int result = state_load(name, s, e);
	auto_free char *dir = NULL;

	if (result < 0 && e->num != ENOENT)
		return -1;
	if (s->log && (size_t)snprintf(path, PATH_MAX, "%s", s->log) < PATH_MAX)
		return 0;
	if (s->monitor.pid)
		return err_set(e, "the container %s has no log: it was not started in the background, or with --log none",
			       name);
	dir = dirs_path(DIRS_LOG, e);
	if (!dir)
		return -1;
	snprintf(path, PATH_MAX, "%s/%s.log", dir, name);
	return access(path, F_OK) == 0 ? 0 : err_set(e, "there is no container and no log of the name %s", name);
}

/* Ask the monitor for the container's end, also while it does not listen yet. Returns a descriptor that is readable then,
 * or -1 once the monitor is gone. */
static int await_end(const struct state *s)
{
	struct err ignored;

	for (int i = 0; i < ASK_TRIES; i++) {
		int fd = control_send(s, &(struct control_request){ .kind = CONTROL_WAIT }, &ignored);

		if (fd >= 0 || proc_wait_gone(&s->monitor, ASK_WAIT_MS))
			return fd;
	}
	return -1;
}

/* Whether what made fd readable is the answer, and not a monitor that is executed anew after the start. */
static bool has_answered(int fd)
{
	struct control_answer a;
	ssize_t n = recv(fd, &a, sizeof(a), MSG_DONTWAIT);

	/* It may have answered without having read the question, which is reported first. */
	if (n < 0 && errno == ECONNRESET)
		n = recv(fd, &a, sizeof(a), MSG_DONTWAIT);
	return n == (ssize_t)sizeof(a);
}

static int show(const struct log_view *view, const struct state *s, bool follow, struct err *e)
{
	struct log_reader r;
	int result = log_read_open(&r, view, e);
	bool ended = false;

	while (result == 0 && !ended) {
		auto_fd int until = follow ? await_end(s) : -1;

		result = log_read(&r, until, e);
		ended = until < 0 || has_answered(until);
	}
	if (result == 0)
		result = log_read_rest(&r, e);
	log_read_close(&r);
	return result;
}

static int logs_main(const struct applet *self, int argc, char **argv)
{
	struct logs_args args = { .lines = -1 };
	int first = applet_parse(self, &args, NULL, argc, argv), result;
	char since[LOG_TIME + 1], path[PATH_MAX];
	struct log_view view = { .path = path, .out = 1, .err = 2 };
	struct state s;
	struct err e;

	if (first + 1 != argc)
		return applet_error(self, "takes one container's name: logs %s", self->synopsis);
	if (args.since && parse_since(args.since, since, &e) < 0)
		return applet_fail(self, &e);
	view.since = args.since ? since : NULL;
	view.lines = args.lines < 0 ? LOG_ALL : (uint64_t)args.lines;
	view.stamps = args.stamps;
	result = find_log(argv[first], &s, path, &e);
	if (result == 0)
		result = show(&view, &s, args.follow, &e);
	state_close(&s);
	/* Whoever read it has seen enough. */
	return result < 0 && e.num != EPIPE ? applet_fail(self, &e) : 0;
}

const struct applet applet_logs = {
	.name = "logs",
	.synopsis = "[-f] [-n N] [--since TIME] [-t] NAME",
	.help = "show what a container in the background has printed",
	.details = "What it printed on its standard error comes on standard error. Times are UTC.",
	.opts = logs_opts,
	.nopts = sizeof(logs_opts) / sizeof(*logs_opts),
	.main = logs_main,
};
