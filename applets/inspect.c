/* SPDX-License-Identifier: Zlib
 * inspect: what is in force for a container, and what weakens it. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "applet.h"
#include "base/auto.h"
#include "base/json.h"
#include "box/inspect.h"
#include "box/limits.h"
#include "box/resource.h"
#include "sys/caps.h"

struct inspect_args {
	bool json, weak;
};

static const struct opt inspect_opts[] = {
	OPT(struct inspect_args, json, 'j', "json", NULL, "as a JSON object, for programs"),
	OPT(struct inspect_args, weak, 'w', "weak", NULL, "only what weakens it; exit with 1 if anything does"),
};

static const char *const sets[CAPS_SETS] = { "inheritable", "permitted", "effective", "bounding", "ambient" };

/* The name of a namespace: of "time_for_children" the first word. */
static int ns_length(size_t i)
{
	return (int)strcspn(join_kinds[i].file, "_");
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void json_pair(const char *before, const char *key, const char *text)
{
	printf("%s\"%s\": ", before, key);
	if (text)
		json_string(stdout, text);
	else
		printf("null");
}

static void json_words(const char *before, const char *key, const struct words *w)
{
	printf("%s\"%s\": [", before, key);
	for (size_t i = 0; i < w->n; i++) {
		printf("%s", i ? ", " : "");
		json_string(stdout, w->v[i]);
	}
	putchar(']');
}

static void json_ids(const char *key, const uint32_t id[4])
{
	printf(", \"%s\": [%u, %u, %u, %u]", key, id[0], id[1], id[2], id[3]);
}

/* A number that the kernel may not tell. */
static void json_number(const char *key, int number)
{
	printf(number < 0 ? ", \"%s\": null" : ", \"%s\": %d", key, number);
}

static const char *truth(bool is)
{
	return is ? "true" : "false";
}

static int json_process(const char *key, const struct inspect_process *p, struct err *e)
{
	printf(",\n  \"%s\": ", key);
	if (!p->id.pid) {
		printf("null");
		return 0;
	}
	printf("{\"pid\": %d", p->id.pid);
	json_words(", ", "argv", &p->argv);
	json_ids("uids", p->uids);
	json_ids("gids", p->gids);
	json_words(", ", "groups", &p->groups);
	printf(p->umask < 0 ? ", \"umask\": null" : ", \"umask\": \"%04o\"", (unsigned)p->umask);
	for (int i = 0; i < CAPS_SETS; i++) {
		struct words names = { 0 };

		if (caps_names(p->caps[i], &names, e) < 0)
			return -1;
		json_words(i ? ", " : ", \"capabilities\": {", sets[i], &names);
		words_free(&names);
	}
	printf("}, \"no_new_privs\": %s", p->no_new_privs < 0 ? "null" : truth(p->no_new_privs));
	json_number("seccomp", p->seccomp);
	json_number("seccomp_filters", p->filters);
	json_pair(", ", "label", p->label);
	printf(", \"owner\": %u, \"oom_score_adj\": %d", p->owner, p->oom_score_adj);
	json_words(", ", "rlimits", &p->limits);
	putchar('}');
	return 0;
}

static void json_mounts(const struct inspect *in)
{
	printf(",\n  \"mounts\": [");
	for (size_t i = 0; i < in->nmounts; i++) {
		const struct inspect_mount *m = &in->mounts[i];

		json_pair(i ? ",\n    {" : "\n    {", "target", m->m.point);
		json_pair(", ", "host", m->host);
		json_pair(", ", "root", m->m.root);
		json_pair(", ", "type", m->m.type);
		printf(", \"read_only\": %s, \"nosuid\": %s, \"nodev\": %s, \"noexec\": %s, \"covered\": %s}",
		       truth(m->read_only), truth(str_has_word(m->m.attributes, "nosuid", 6)),
		       truth(str_has_word(m->m.attributes, "nodev", 5)), truth(str_has_word(m->m.attributes, "noexec", 6)),
		       truth(m->covered));
	}
	printf("],\n  \"devices\": [");
	for (size_t i = 0; i < in->ndevices; i++) {
		const struct inspect_device *d = &in->devices[i];

		json_pair(i ? ", {" : "{", "path", d->path);
		printf(", \"type\": \"%s\", \"major\": %u, \"minor\": %u}", d->block ? "block" : "char", d->major, d->minor);
	}
	putchar(']');
}

static void json_weak(const struct inspect *in, bool note)
{
	const char *before = "";

	printf(",\n  \"%s\": [", note ? "notes" : "warnings");
	for (size_t i = 0; i < in->nweak; i++) {
		const struct inspect_weakness *w = &in->weak[i];

		if (w->note != note)
			continue;
		printf("%s\n    {", before);
		json_pair("", "what", w->what);
		json_pair(", ", "why", w->why);
		json_pair(", ", "remedy", w->remedy);
		putchar('}');
		before = ",";
	}
	putchar(']');
}

static int json_live(const struct inspect *in, struct err *e)
{
	const char *before = "";

	printf(", \"monitor\": %d,\n  \"namespaces\": {", in->state.monitor.pid);
	for (size_t i = 0; i < JOIN_KINDS; i++) {
		if (!in->ns[i].inode)
			continue;
		printf("%s\"%.*s\": {\"own\": %s, \"inode\": %llu}", before, ns_length(i), join_kinds[i].file,
		       truth(in->ns[i].own), (unsigned long long)in->ns[i].inode);
		before = ", ";
	}
	json_pair("},\n  ", "setgroups", in->setgroups);
	json_words(", ", "uid_map", &in->uid_map);
	json_words(", ", "gid_map", &in->gid_map);
	if (json_process("init", &in->init, e) < 0 || json_process("command", &in->command, e) < 0)
		return -1;
	json_mounts(in);
	printf(",\n  \"paused\": %s", truth(resource_is_paused(&in->state)));
	json_words(", ", "cgroups", &in->cgroups);
	printf(", \"limits\": ");
	if (limits_json(stdout, &in->limits, e) < 0)
		return -1;
	json_weak(in, false);
	json_weak(in, true);
	return 0;
}

static int print_json(const struct inspect *in, struct err *e)
{
	const struct state *s = &in->state;

	json_pair("{", "name", s->name);
	json_pair(", ", "status", resource_status_name(s, in->status));
	printf(", \"started\": %lld, \"ended\": %lld, \"exit\": ", (long long)s->started, (long long)s->ended);
	if (in->status == STATUS_EXITED)
		printf("{\"reason\": \"%s\", \"code\": %d}", wire_reason_name(s->reason), s->code);
	else
		printf("null");
	json_pair(", ", "config", s->config);
	if (in->init.id.pid && json_live(in, e) < 0)
		return -1;
	printf("}\n");
	return 0;
}

/* --- for people --------------------------------------------------------------------------------------------------- */

/* Words of others do not reach the terminal as they are. */
static void put_clean(const char *text)
{
	auto_free char *copy = strdup(text);

	if (copy)
		str_clean(copy);
	fputs(copy ? copy : "?", stdout);
}

static void __attribute__((format(printf, 2, 3))) row(const char *key, const char *format, ...)
{
	auto_free char *text = NULL;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	va_end(ap);
	printf("%-11s ", key);
	put_clean(text ? text : "?");
	putchar('\n');
}

/* The words but for those that are among except, too; nothing without any, unless always. */
static void row_words(const char *key, const struct words *w, const struct words *except, bool always)
{
	bool any = false;

	for (size_t i = 0; i < w->n; i++) {
		bool skip = false;

		for (size_t j = 0; except && j < except->n; j++)
			skip |= !strcmp(w->v[i], except->v[j]);
		if (skip)
			continue;
		printf(any ? " " : "%-11s ", key);
		put_clean(w->v[i]);
		any = true;
	}
	if (!any && always)
		printf("%-11s -", key);
	if (any || always)
		putchar('\n');
}

static void row_time(const char *key, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (seconds && gmtime_r(&t, &tm))
		row(key, "%04d-%02d-%02d %02d:%02d:%02d UTC", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		    tm.tm_min, tm.tm_sec);
}

/* The sets that are the same share a line. */
static int show_caps(const struct inspect_process *p, struct err *e)
{
	for (int i = 0; i < CAPS_SETS; i++) {
		struct words names = { 0 };
		bool shown = false;

		for (int j = 0; j < i; j++)
			shown |= p->caps[j] == p->caps[i];
		if (shown)
			continue;
		if (caps_names(p->caps[i], &names, e) < 0)
			return -1;
		for (int j = i; j < CAPS_SETS; j++)
			if (p->caps[j] == p->caps[i])
				printf("  %s", sets[j]);
		row_words(":", &names, NULL, true);
		words_free(&names);
	}
	return 0;
}

static int show_process(const char *key, const struct inspect *in, const struct inspect_process *p, struct err *e)
{
	if (!p->id.pid) {
		row(key, "-");
		return 0;
	}
	row(key, "%d: uid %u %u %u %u, gid %u %u %u %u, umask %04o, oom_score_adj %d", p->id.pid, p->uids[0], p->uids[1],
	    p->uids[2], p->uids[3], p->gids[0], p->gids[1], p->gids[2], p->gids[3], (unsigned)p->umask & 07777,
	    p->oom_score_adj);
	row_words("  argv", &p->argv, NULL, true);
	row_words("  groups", &p->groups, NULL, false);
	row("  seccomp", "mode %d, %d filters, no_new_privs %d%s%s", p->seccomp, p->filters, p->no_new_privs,
	    p->label && *p->label ? ", label " : "", p->label ? p->label : "");
	/* Those that it does not have from init, or init not from us. */
	row_words("  rlimits", &p->limits, p == &in->command ? &in->init.limits : NULL, false);
	return show_caps(p, e);
}

static void show_namespaces(const struct inspect *in)
{
	for (size_t i = 0; i < JOIN_KINDS; i++)
		if (in->ns[i].inode)
			row("namespace", "%-6.*s %s %llu", ns_length(i), join_kinds[i].file,
			    in->ns[i].own ? "own   " : "host's", (unsigned long long)in->ns[i].inode);
	row_words("uid_map", &in->uid_map, NULL, false);
	row_words("gid_map", &in->gid_map, NULL, false);
	if (in->setgroups)
		row("setgroups", "%s", in->setgroups);
}

/* What hides or protects parts of /proc and /sys goes without saying: where it lacks, that weakens. */
static void show_mounts(const struct inspect *in)
{
	for (size_t i = 0; i < in->nmounts; i++) {
		const struct inspect_mount *m = &in->mounts[i];
		const char *point = m->m.point;

		if (!m->covered && (str_below(point, "/proc") ? !point[5] : !str_below(point, "/sys") || !point[4]))
			row("mount", "%s %s %s%s%s", point, m->m.type, m->m.attributes, m->host ? " of " : "",
			    m->host ? m->host : "");
	}
	for (size_t i = 0; i < in->ndevices; i++)
		row("device", "%s %c %u:%u", in->devices[i].path, in->devices[i].block ? 'b' : 'c', in->devices[i].major,
		    in->devices[i].minor);
}

static int show_live(const struct inspect *in, struct err *e)
{
	row("monitor", "%d", in->state.monitor.pid);
	if (show_process("init", in, &in->init, e) < 0 || show_process("command", in, &in->command, e) < 0)
		return -1;
	show_namespaces(in);
	show_mounts(in);
	row_words("cgroups", &in->cgroups, NULL, false);
	printf("%-11s ", "limits");
	if (limits_json(stdout, &in->limits, e) < 0)
		return -1;
	putchar('\n');
	return 0;
}

static int show(const struct inspect *in, struct err *e)
{
	const struct state *s = &in->state;

	row("name", "%s", s->name);
	row("status", "%s", resource_status_name(s, in->status));
	row_time("started", s->started);
	if (in->status == STATUS_EXITED) {
		row_time("ended", s->ended);
		row("exit", "%s %d", wire_reason_name(s->reason), s->code);
	}
	return in->init.id.pid ? show_live(in, e) : 0;
}

static void show_weak(const struct inspect *in, bool notes)
{
	for (size_t i = 0; i < in->nweak; i++)
		if (notes || !in->weak[i].note)
			row(in->weak[i].note ? "note" : "weak", "%s: %s (%s)", in->weak[i].what, in->weak[i].why,
			    in->weak[i].remedy);
}

static int inspect_main(const struct applet *self, int argc, char **argv)
{
	struct inspect_args args = { 0 };
	int first = applet_parse(self, &args, NULL, argc, argv), code = 0;
	struct inspect in;
	struct err e;

	if (first + 1 != argc)
		return applet_error(self, "takes the name of one container: inspect %s", self->synopsis);
	if (inspect_read(argv[first], &in, &e) < 0 || (args.json ? print_json(&in, &e) : args.weak ? 0 : show(&in, &e)) < 0)
		code = applet_fail(self, &e);
	else if (!args.json)
		show_weak(&in, !args.weak);
	if (!code && args.weak && in.nwarnings)
		code = 1;
	inspect_free(&in);
	return code;
}

const struct applet applet_inspect = {
	.name = "inspect",
	.synopsis = "[-w] [--json] NAME",
	.help = "what is in force for a container, and what weakens it",
	.details =
		"It tells what the kernel says of a container that runs, not what was asked for: its processes with their ids,\n"
		"capabilities, filters and limits, its namespaces, mounts, devices and cgroups. A line `weak` names what makes it\n"
		"easier to leave or to harm the host, why, and in brackets the setting that helps; a `note` is no weakness by\n"
		"itself. Of one that has ended it tells how.",
	.opts = inspect_opts,
	.nopts = sizeof(inspect_opts) / sizeof(*inspect_opts),
	.main = inspect_main,
};
