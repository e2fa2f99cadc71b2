/* SPDX-License-Identifier: Zlib
 * stats: what containers use of the machine. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "applet.h"
#include "base/json.h"
#include "box/limits.h"
#include "box/resource.h"
#include "sys/cgroup_limit.h"
#include "sys/cgroup_stat.h"

enum { SAMPLE_MS = 250, INTERVAL_MS = 1000, SHORTEST_MS = 10 };

struct stats_args {
	bool follow, json;
	uint64_t interval_ms;
};

static const struct opt stats_opts[] = {
	OPT(struct stats_args, follow, 'f', "follow", NULL, "again and again, as a table that stays"),
	OPT(struct stats_args, interval_ms, 'i', "interval", "TIME", "from one to the next (default: 1s)"),
	OPT(struct stats_args, json, 'j', "json", NULL, "as a JSON array; with -f one a line"),
};

/* A container that is watched. */
struct watched {
	char name[64];
	uint64_t cpu_us, at_us; /* of the last look, CGROUP_UNKNOWN: none */
	struct cgroup_usage now;
	double percent; /* of one processor, -1: not known */
	bool gone, counted;
};

struct watch {
	const struct stats_args *args;
	struct watched *v; /* owned, in order of name */
	size_t n, room;
	struct err e;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

static void look(struct watched *w, const struct cgroup *g)
{
	uint64_t at = now_us(), before = w->cpu_us;

	cgroup_usage(g, &w->now);
	w->cpu_us = w->now.cpu_us;
	w->percent = before == CGROUP_UNKNOWN || w->cpu_us == CGROUP_UNKNOWN || at <= w->at_us || w->cpu_us < before ?
			     -1 :
			     100.0 * (double)(w->cpu_us - before) / (double)(at - w->at_us);
	w->at_us = at;
	w->counted = true;
}

static struct watched *watched(struct watch *all, const char *name)
{
	struct watched *more;

	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->v[i].name, name))
			return &all->v[i];
	if (all->n == all->room) {
		more = realloc(all->v, (all->room * 2 + 16) * sizeof(*more));
		if (!more)
			return NULL;
		all->v = more;
		all->room = all->room * 2 + 16;
	}
	all->v[all->n] = (struct watched){ .cpu_us = CGROUP_UNKNOWN };
	snprintf(all->v[all->n].name, sizeof(all->v[all->n].name), "%s", name);
	return &all->v[all->n++];
}

/* One that was named: it has to run, and to be counted. */
static int look_at(struct watch *all, const char *name)
{
	struct watched *w = watched(all, name);
	struct cgroup g;

	if (!w)
		return err_memory(&all->e);
	if (resource_open(name, &g, &all->e) < 0)
		return -1;
	look(w, &g);
	cgroup_close(&g);
	w->gone = false;
	return 0;
}

/* One of those that run: what is not known of it is left open. */
static int visit(const char *name, void *data)
{
	struct watch *all = data;
	struct watched *w;
	struct cgroup g;
	struct state s;
	int status = -1;

	if (state_load(name, &s, &all->e) == 0)
		status = state_check(&s, &all->e);
	if (status >= 0 && status != STATUS_EXITED) {
		w = watched(all, name);
		if (w) {
			cgroup_open(s.cgroup, &g);
			w->gone = false;
			if (g.n)
				look(w, &g);
			cgroup_close(&g);
		}
	}
	state_close(&s);
	return 0;
}

static int look_at_all(struct watch *all, char *const *names)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].gone)
			all->v[kept++] = all->v[i];
	all->n = kept;
	for (size_t i = 0; i < all->n; i++)
		all->v[i].gone = true;
	if (!*names)
		return state_each(visit, all, &all->e);
	for (; *names; names++)
		if (look_at(all, *names) < 0)
			return -1;
	return 0;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* "1.5G", three digits at the most before the unit. */
static const char *size(uint64_t bytes, char buf[16])
{
	static const char units[] = "BKMGTPE";
	size_t unit = 0;
	uint64_t tenths = bytes > UINT64_MAX / 10 ? bytes : bytes * 10;

	if (bytes == CGROUP_UNKNOWN)
		return "-";
	for (; tenths >= 10000 && unit < sizeof(units) - 2; unit++)
		tenths /= 1024;
	if (tenths < 100 && unit)
		snprintf(buf, 16, "%u.%u%c", (unsigned)(tenths / 10), (unsigned)(tenths % 10), units[unit]);
	else
		snprintf(buf, 16, "%u%c", (unsigned)(tenths / 10), units[unit]);
	return buf;
}

static const char *count(uint64_t n, char buf[24])
{
	if (n == CGROUP_UNKNOWN)
		return "-";
	snprintf(buf, 24, "%llu", (unsigned long long)n);
	return buf;
}

/* A percentage in hundredths. */
static const char *percent(uint64_t hundredths, char buf[24])
{
	if (hundredths == CGROUP_UNKNOWN)
		return "-";
	snprintf(buf, 24, "%u.%u", (unsigned)(hundredths / 100), (unsigned)(hundredths / 10 % 10));
	return buf;
}

static void limits_of(const char *name, struct spec *s)
{
	struct cgroup g;
	struct err ignored;

	spec_init(s);
	if (resource_open(name, &g, &ignored) == 0) {
		limits_read(&g, s, &ignored);
		cgroup_close(&g);
	}
}

static void print_row(const struct watched *w)
{
	const struct cgroup_usage *u = &w->now;
	char cpu[24], memory[16], limit[16], peak[16], pids[24], max[24], in[16], out[16], waited[24], kills[24], p[3][24];
	struct spec s;

	if (!w->counted) {
		printf("%-20s %6s\n", w->name, "-");
		return;
	}
	limits_of(w->name, &s);
	printf("%-20s %6s %6s/%-6s %6s %5s/%-5s %6s %6s %6s %4s  %s %s %s\n", w->name,
	       percent(w->percent < 0 ? CGROUP_UNKNOWN : (uint64_t)(w->percent * 100), cpu), size(u->memory, memory),
	       s.memory_bytes ? size(s.memory_bytes, limit) : "-", size(u->memory_peak, peak), count(u->pids, pids),
	       s.max_processes ? count(s.max_processes, max) : "-", size(u->read_bytes, in), size(u->written_bytes, out),
	       percent(u->periods && u->periods != CGROUP_UNKNOWN ? u->throttled_periods * 10000 / u->periods : CGROUP_UNKNOWN,
		       waited),
	       count(u->oom_kills, kills), percent(u->pressure[0], p[0]), percent(u->pressure[1], p[1]),
	       percent(u->pressure[2], p[2]));
	spec_free(&s);
}

static void print_table(const struct watch *all)
{
	printf("%-20s %6s %6s/%-6s %6s %5s/%-5s %6s %6s %6s %4s  %s\n", "NAME", "CPU%", "MEMORY", "LIMIT", "PEAK", "PIDS",
	       "LIMIT", "READ", "WRITE", "THROT%", "OOM", "PRESSURE% CPU MEMORY IO");
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].gone)
			print_row(&all->v[i]);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void print_number(const char *key, uint64_t n, const char *before)
{
	char buf[24];

	printf("%s\"%s\":%s", before, key, n == CGROUP_UNKNOWN ? "null" : count(n, buf));
}

static void print_percent(const char *key, uint64_t hundredths, const char *before)
{
	if (hundredths == CGROUP_UNKNOWN)
		printf("%s\"%s\":null", before, key);
	else
		printf("%s\"%s\":%u.%02u", before, key, (unsigned)(hundredths / 100), (unsigned)(hundredths % 100));
}

static void print_usage(const struct watched *w, const struct spec *limits)
{
	const struct cgroup_usage *u = &w->now;

	printf(",\"cpu\":{");
	print_number("usage_usec", u->cpu_us, "");
	print_percent("percent", w->percent < 0 ? CGROUP_UNKNOWN : (uint64_t)(w->percent * 100), ",");
	print_number("periods", u->periods, ",");
	print_number("throttled_periods", u->throttled_periods, ",");
	print_number("throttled_usec", u->throttled_us, ",");
	printf("},\"memory\":{");
	print_number("bytes", u->memory, "");
	print_number("peak", u->memory_peak, ",");
	print_number("limit", limits->memory_bytes ? limits->memory_bytes : CGROUP_UNKNOWN, ",");
	print_number("cache", u->memory_cache, ",");
	print_number("swap", u->swap, ",");
	print_number("oom_kills", u->oom_kills, ",");
	printf("},\"pids\":{");
	print_number("current", u->pids, "");
	print_number("limit", limits->max_processes ? limits->max_processes : CGROUP_UNKNOWN, ",");
	printf("},\"io\":{");
	print_number("read_bytes", u->read_bytes, "");
	print_number("write_bytes", u->written_bytes, ",");
	print_number("read_ops", u->reads, ",");
	print_number("write_ops", u->writes, ",");
	printf("},\"pressure\":");
	if (u->pressure[0] == CGROUP_UNKNOWN && u->pressure[1] == CGROUP_UNKNOWN && u->pressure[2] == CGROUP_UNKNOWN) {
		printf("null");
		return;
	}
	print_percent("cpu", u->pressure[0], "{");
	print_percent("memory", u->pressure[1], ",");
	print_percent("io", u->pressure[2], ",");
	printf("}");
}

static void print_json(const struct watch *all)
{
	bool first = true;

	printf("[");
	for (size_t i = 0; i < all->n; i++) {
		const struct watched *w = &all->v[i];
		struct err ignored;
		struct spec limits;

		if (w->gone)
			continue;
		printf("%s{\"name\":\"%s\"", first ? "" : ",", w->name);
		limits_of(w->name, &limits);
		if (w->counted)
			print_usage(w, &limits);
		printf(",\"limits\":");
		limits_json(stdout, &limits, &ignored);
		printf("}");
		spec_free(&limits);
		first = false;
	}
	printf("]\n");
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct watched *)a)->name, ((const struct watched *)b)->name);
}

static void pause_ms(uint64_t ms)
{
	const struct timespec t = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

static void print(const struct watch *all)
{
	if (all->args->follow && !all->args->json && isatty(1))
		printf("\033[H\033[J");
	if (all->args->json)
		print_json(all);
	else
		print_table(all);
	fflush(stdout);
}

static int stats_main(const struct applet *self, int argc, char **argv)
{
	struct stats_args args = { .interval_ms = 0 };
	struct watch all = { .args = &args };
	int first = applet_parse(self, &args, NULL, argc, argv), result;
	bool seen = false;

	if (args.interval_ms && args.interval_ms < SHORTEST_MS)
		return applet_error(self, "an interval is at least %d ms", SHORTEST_MS);
	result = look_at_all(&all, argv + first);
	/* How busy it is can only be seen over a time. */
	pause_ms(args.interval_ms ? args.interval_ms : SAMPLE_MS);
	while (result == 0) {
		result = look_at_all(&all, argv + first);
		if (result < 0)
			break;
		if (all.n)
			qsort(all.v, all.n, sizeof(*all.v), by_name);
		print(&all);
		seen = true;
		if (!args.follow || ferror(stdout))
			break;
		pause_ms(args.interval_ms ? args.interval_ms : INTERVAL_MS);
	}
	free(all.v);
	/* One that was watched until its end is no error. */
	return result < 0 && !(args.follow && seen) ? applet_fail(self, &all.e) : 0;
}

const struct applet applet_stats = {
	.name = "stats",
	.synopsis = "[-f] [-i TIME] [--json] [NAME...]",
	.help = "show what containers use: processors, memory, processes, disks",
	.details =
		"CPU%: of one processor. MEMORY: now, with the page cache. THROT%: periods in which the quota (cpus) was used up.\n"
		"PRESSURE%: of the last 10 seconds, how much some process had to wait for processors, memory, disks.\n"
		"A container has figures if it has a cgroup: in the background, with a limit, or with --cgroup yes.",
	.opts = stats_opts,
	.nopts = sizeof(stats_opts) / sizeof(*stats_opts),
	.main = stats_main,
};
