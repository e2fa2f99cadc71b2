/* SPDX-License-Identifier: Zlib
 * inspect: what is in force for a container, and what weakens it. */
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

/* What is told is walked through once, in one of two syntaxes: JSON; or for people lines "KEY: VALUE", what belongs to a key
 * indented below it, and what is one of many in a line of its own. */
struct printer {
	bool json;
	bool line;  /* inside such a line */
	bool first; /* nothing was printed in this object or list yet */
	int depth;
};

/* Words of others do not reach a terminal, or a reader of JSON, as they are. */
static void put_text(const struct printer *p, const char *text)
{
	auto_free char *copy = p->json ? NULL : strdup(text);

	if (p->json) {
		json_string(stdout, text);
		return;
	}
	if (copy)
		str_clean(copy);
	fputs(copy ? copy : "?", stdout);
}

/* What comes before a value. */
static void put_key(struct printer *p, const char *key)
{
	if (p->json)
		printf(p->first ? "" : p->depth ? ", " : ",\n ");
	else if (p->line)
		printf(p->first ? "" : ", ");
	else
		printf("%s%*s", p->depth || !p->first ? "\n" : "", 2 * p->depth, "");
	p->first = false;
	if (key)
		printf(p->json ? "\"%s\": " : p->line ? "%s " : "%s: ", key);
}

static void begin(struct printer *p, const char *key, char bracket, bool line)
{
	put_key(p, NULL);
	if (key)
		printf(p->json ? "\"%s\": " : line ? "%s: " : "%s:", key);
	if (p->json)
		putchar(bracket);
	p->line = line;
	p->first = true;
	p->depth++;
}

static void end(struct printer *p, char bracket)
{
	if (p->json)
		putchar(bracket);
	p->line = p->first = false;
	p->depth--;
}

static void put(struct printer *p, const char *key, const char *text)
{
	if (!text && !p->json)
		return;
	put_key(p, key);
	if (text)
		put_text(p, text);
	else
		printf("null");
}

static void put_number(struct printer *p, const char *key, int64_t number)
{
	put_key(p, key);
	printf("%lld", (long long)number);
}

static void put_time(struct printer *p, const char *key, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (p->json || !gmtime_r(&t, &tm)) {
		put_number(p, key, seconds);
		return;
	}
	put_key(p, key);
	printf("%04d-%02d-%02d %02d:%02d:%02d UTC", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	       tm.tm_sec);
}

/* In a line, a word that is there or not. */
static void put_flag(struct printer *p, const char *key, bool is)
{
	if (p->line && !p->json) {
		if (!is)
			return;
		put_key(p, NULL);
		fputs(key, stdout);
		return;
	}
	put_key(p, key);
	printf(is ? "true" : "false");
}

/* Those that are not among except, which may be NULL. */
static void put_words(struct printer *p, const char *key, const struct words *w, const struct words *except)
{
	bool any = false;

	put_key(p, key);
	printf(p->json ? "[" : "");
	for (size_t i = 0; i < w->n; i++) {
		if (except && words_has(except, w->v[i]))
			continue;
		printf(!any ? "" : p->json ? ", " : " ");
		put_text(p, w->v[i]);
		any = true;
	}
	printf(p->json ? "]" : any ? "" : "-");
}

static void put_ids(struct printer *p, const char *key, const uint32_t id[4])
{
	put_key(p, key);
	printf(p->json ? "[%u, %u, %u, %u]" : "%u %u %u %u", id[0], id[1], id[2], id[3]);
}

/* --- what there is to tell ---------------------------------------------------------------------------------------- */

/* Whoever reads is told which numbers the kernel does not tell by -1. */
static int put_process(struct printer *p, const struct inspect *in, bool init, struct err *e)
{
	const struct inspect_process *q = init ? &in->init : &in->command;
	const char *key = init ? "init" : "command";
	static const char *const sets[CAPS_SETS] = { "inheritable", "permitted", "effective", "bounding", "ambient" };
	char mask[8];

	if (!q->id.pid) {
		put(p, key, NULL);
		return 0;
	}
	begin(p, key, '{', false);
	put_number(p, "pid", q->id.pid);
	put_words(p, "argv", &q->argv, NULL);
	put_ids(p, "uids", q->uids);
	put_ids(p, "gids", q->gids);
	put_words(p, "groups", &q->groups, NULL);
	snprintf(mask, sizeof(mask), "%04o", (unsigned)q->umask & 07777);
	put(p, "umask", q->umask < 0 ? NULL : mask);
	for (int i = 0; i < CAPS_SETS; i++) {
		struct words names = { 0 };

		if (caps_names(q->caps[i], &names, e) < 0)
			return -1;
		put_words(p, sets[i], &names, NULL);
		words_free(&names);
	}
	put_number(p, "no_new_privs", q->no_new_privs);
	put_number(p, "seccomp", q->seccomp);
	put_number(p, "seccomp_filters", q->filters);
	put(p, "label", q->label);
	/* What is not dumpable belongs to root, which init is. */
	put(p, "dumpable", q->owner != q->uids[1] ? "no" : q->uids[1] != in->init.uids[1] ? "yes" : NULL);
	put_number(p, "oom_score_adj", q->oom_score_adj);
	/* For people those that init does not have. */
	if (p->json || !init)
		put_words(p, "rlimits", &q->limits, p->json ? NULL : &in->init.limits);
	end(p, '}');
	return 0;
}

static void put_namespaces(struct printer *p, const struct inspect *in)
{
	begin(p, "namespaces", '{', false);
	for (size_t i = 0; i < JOIN_KINDS; i++) {
		char name[16];

		/* Of "time_for_children" the first word. */
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(join_kinds[i].file, "_"), join_kinds[i].file);
		if (!in->ns[i].inode)
			continue;
		begin(p, name, '{', true);
		put_flag(p, in->ns[i].own || p->json ? "own" : "the host's", in->ns[i].own || !p->json);
		put_number(p, "inode", (int64_t)in->ns[i].inode);
		end(p, '}');
	}
	end(p, '}');
	put_words(p, "uid_map", &in->uid_map, NULL);
	put_words(p, "gid_map", &in->gid_map, NULL);
	put(p, "setgroups", in->setgroups);
}

/* For people without what hides or protects parts of /proc and /sys: where it lacks, that weakens. */
static void put_mounts(struct printer *p, const struct inspect *in)
{
	begin(p, "mounts", '[', false);
	for (size_t i = 0; i < in->nmounts; i++) {
		const struct inspect_mount *m = &in->mounts[i];
		const char *point = m->m.point, *rest = str_below(point, "/proc");

		rest = rest ? rest : str_below(point, "/sys");
		if (!p->json && (m->covered || (rest && *rest)))
			continue;
		begin(p, NULL, '{', true);
		put(p, p->json ? "target" : NULL, point);
		put(p, "type", m->m.type);
		put(p, "host", m->host);
		put(p, "attributes", m->m.attributes);
		put_flag(p, "read_only", m->read_only);
		put_flag(p, "covered", m->covered);
		end(p, '}');
	}
	end(p, ']');
	begin(p, "devices", '[', false);
	for (size_t i = 0; i < in->ndevices; i++) {
		const struct inspect_device *d = &in->devices[i];

		begin(p, NULL, '{', true);
		put(p, p->json ? "path" : NULL, d->path);
		put(p, "type", d->block ? "block" : "char");
		put_number(p, "major", d->major);
		put_number(p, "minor", d->minor);
		end(p, '}');
	}
	end(p, ']');
}

static void put_weak(struct printer *p, const struct inspect *in, bool note)
{
	begin(p, note ? "notes" : p->json ? "warnings" : "weak", '[', false);
	for (size_t i = 0; i < in->nweak; i++) {
		const struct inspect_weakness *w = &in->weak[i];

		if (w->note != note)
			continue;
		begin(p, NULL, '{', true);
		put(p, p->json ? "what" : NULL, w->what);
		if (p->json) {
			put(p, "why", w->why);
			put(p, "remedy", w->remedy);
		} else {
			printf(": %s (%s)", w->why, w->remedy);
		}
		end(p, '}');
	}
	end(p, ']');
}

static int put_live(struct printer *p, const struct inspect *in, struct err *e)
{
	put_number(p, "monitor", in->state.monitor.pid);
	if (put_process(p, in, true, e) < 0 || put_process(p, in, false, e) < 0)
		return -1;
	put_namespaces(p, in);
	put_words(p, "landlock", &in->landlock, NULL);
	put_words(p, "landlock_scope", &in->scope, NULL);
	put_mounts(p, in);
	put_words(p, "cgroups", &in->cgroups, NULL);
	put_key(p, "limits");
	if (limits_json(stdout, &in->limits, e) < 0)
		return -1;
	put_weak(p, in, false);
	put_weak(p, in, true);
	return 0;
}

static int put_all(struct printer *p, const struct inspect *in, struct err *e)
{
	const struct state *s = &in->state;

	printf(p->json ? "{" : "");
	put(p, "name", s->name);
	put(p, "status", resource_status_name(s, in->status));
	put(p, "command_line", s->command);
	put_time(p, "started", s->started);
	if (in->status == STATUS_EXITED) {
		put_time(p, "ended", s->ended);
		begin(p, "exit", '{', true);
		put(p, "reason", wire_reason_name(s->reason));
		put_number(p, "code", s->code);
		end(p, '}');
	}
	if (in->init.id.pid && put_live(p, in, e) < 0)
		return -1;
	printf(p->json ? "}\n" : "\n");
	return 0;
}

static int inspect_main(const struct applet *self, int argc, char **argv)
{
	struct inspect_args args = { 0 };
	int first = applet_parse(self, &args, NULL, argc, argv), code = 0;
	struct printer p = { .json = args.json, .first = true };
	struct inspect in;
	struct err e;

	if (first + 1 != argc)
		return applet_error(self, "takes the name of one container: inspect %s", self->synopsis);
	if (inspect_read(argv[first], &in, &e) < 0 || ((args.json || !args.weak) && put_all(&p, &in, &e) < 0)) {
		code = applet_fail(self, &e);
	} else if (args.weak && in.nwarnings) {
		code = 1;
		if (!args.json) {
			put_weak(&p, &in, false);
			putchar('\n');
		}
	}
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
