/* SPDX-License-Identifier: Zlib
 * list: the containers and how they are. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "applet.h"
#include "base/json.h"
#include "box/limits.h"
#include "box/resource.h"
#include "box/state.h"

struct list_args {
	bool all, quiet, json;
};

static const struct opt list_opts[] = {
	OPT(struct list_args, all, 'a', "all", NULL, "also those that have ended, with the reason"),
	OPT(struct list_args, quiet, 'q', "quiet", NULL, "names only"),
	OPT(struct list_args, json, 'j', "json", NULL, "as a JSON array, for programs"),
};

struct listing {
	const struct list_args *args;
	size_t count;
	struct err e;
	bool failed;
};

/* "3d4h", "2h5m", "12s": the two largest units. */
static const char *age(int64_t seconds, char buf[48])
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };

	if (seconds < 0)
		seconds = 0;
	for (size_t i = 0; i < 3; i++)
		if (seconds >= units[i].seconds) {
			snprintf(buf, 48, "%lld%c%lld%c", (long long)(seconds / units[i].seconds), units[i].unit,
				 (long long)(seconds % units[i].seconds / units[i + 1].seconds), units[i + 1].unit);
			return buf;
		}
	snprintf(buf, 48, "%llds", (long long)seconds);
	return buf;
}

/* How it ended, for people: "exit 3", "signal 9", "stop". */
static const char *ending(const struct state *s, char buf[48])
{
	if (s->reason == END_SIGNAL)
		snprintf(buf, 48, "%s %d", wire_reason_name(s->reason), s->code - EXIT_SIGNAL);
	else
		snprintf(buf, 48, "%s %d", wire_reason_name(s->reason), s->code);
	return buf;
}

static void print_limits(const struct state *s)
{
	struct err ignored;
	struct spec limits;

	resource_limits(s, &limits);
	limits_json(stdout, &limits, &ignored);
	spec_free(&limits);
}

static void print_json(const struct state *s, int status, bool first)
{
	bool ended = status == STATUS_EXITED;

	printf("%s\n  {\"name\": ", first ? "[" : ",");
	json_string(stdout, s->name);
	printf(", \"status\": \"%s\", \"pid\": %d, \"monitor\": %d, \"started\": %lld, \"ended\": %lld, \"command\": ",
	       resource_status_name(s, status), ended ? 0 : s->init.pid, ended ? 0 : s->monitor.pid, (long long)s->started,
	       (long long)s->ended);
	json_string(stdout, s->command ? s->command : "");
	printf(", \"limits\": ");
	if (ended)
		printf("{}");
	else
		print_limits(s);
	if (ended)
		printf(", \"exit\": {\"reason\": \"%s\", \"code\": %d}}", wire_reason_name(s->reason), s->code);
	else
		printf(", \"exit\": null}");
}

/* Names of the container's user and the command's words go to a terminal: control characters do not. */
static void print_plain(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
	putchar('\n');
}

static void print_row(const struct state *s, int status, bool first)
{
	char since[48], how[48];
	bool ended = status == STATUS_EXITED;

	if (first)
		printf("%-20s %-12s %8s %10s  %s\n", "NAME", "STATUS", "PID", "UPTIME", "COMMAND");
	printf("%-20s %-12s ", s->name, ended ? ending(s, how) : resource_status_name(s, status));
	if (ended || !s->init.pid)
		printf("%8s %10s  ", "-", "-");
	else
		printf("%8d %10s  ", s->init.pid, age((int64_t)time(NULL) - s->started, since));
	print_plain(s->command ? s->command : "");
}

static int visit(const char *name, void *data)
{
	struct listing *l = data;
	struct state s;
	int status = -1;

	if (state_load(name, &s, &l->e) < 0) {
		/* Gone since the directory was read, or no container of ours at all. */
		state_close(&s);
		return 0;
	}
	status = state_check(&s, &l->e);
	if (status < 0 && l->e.num)
		l->failed = true;
	if (status >= 0 && (status != STATUS_EXITED || l->args->all)) {
		if (l->args->json)
			print_json(&s, status, !l->count);
		else if (l->args->quiet)
			printf("%s\n", s.name);
		else
			print_row(&s, status, !l->count);
		l->count++;
	}
	state_close(&s);
	return 0;
}

static int list_main(const struct applet *self, int argc, char **argv)
{
	struct list_args args = { 0 };
	struct listing l = { .args = &args };

	if (applet_parse(self, &args, NULL, argc, argv) < argc)
		return applet_error(self, "takes no arguments");
	if (state_each(visit, &l, &l.e) < 0)
		return applet_fail(self, &l.e);
	if (args.json)
		printf("%s]\n", l.count ? "\n" : "[");
	return l.failed ? applet_fail(self, &l.e) : 0;
}

const struct applet applet_list = {
	.name = "list",
	.aliases = "ps",
	.synopsis = "[-a] [-q | --json]",
	.help = "list the containers",
	.opts = list_opts,
	.nopts = sizeof(list_opts) / sizeof(*list_opts),
	.main = list_main,
};
