/* SPDX-License-Identifier: Zlib
 * check: what of all that cagebox can use is there, and what to do about the rest. */
#include <signal.h>
#include <unistd.h>

#include "applet.h"
#include "base/json.h"
#include "sys/feature_probe.h"

struct check_args {
	bool verbose, json;
};

static const struct opt check_opts[] = {
	OPT(struct check_args, verbose, 'v', "verbose", NULL, "what each is good for, not only what is missing"),
	OPT(struct check_args, json, 'j', "json", NULL, "as a JSON array, for programs"),
};

/* Each from its first feature to that of the next. */
static const struct {
	enum feature first;
	const char *name;
} subjects[] = {
	{ FEATURE_NS_MOUNT, "namespaces" },
	{ FEATURE_OVERLAY, "file systems" },
	{ FEATURE_LINUX, "system calls" },
	{ FEATURE_CGROUP, "cgroups" },
	{ FEATURE_SECCOMP, "security" },
	{ FEATURE_CAPABILITIES, "caller and machine" },
	{ FEATURES, NULL },
};

static const char *const states[] = { "ok", "limited", "missing" };
static const char *const weights[] = { "info", "optional", "recommended", "needed" };

/* For this caller. */
static enum feature_weight weight_of(enum feature f)
{
	enum feature_weight weight = feature_weight(f);

	return weight != WEIGHT_USER ? weight : geteuid() == 0 ? WEIGHT_OPTIONAL : WEIGHT_NEEDED;
}

static void print_json(enum feature f, const char *subject, const struct feature_found *found)
{
	const struct {
		const char *key, *value;
	} texts[] = {
		{ "subject", subject },
		{ "name", feature_name(f) },
		{ "state", states[found->state] },
		{ "weight", weights[weight_of(f)] },
		{ "found", found->text },
		{ "lost", feature_lost(f) },
		{ "remedy", found->remedy },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		printf("%s\"%s\": ", i ? ", " : f ? ",\n  {" : "[\n  {", texts[i].key);
		json_string(stdout, texts[i].value);
	}
	printf(f + 1 < FEATURES ? "}" : "}\n]\n");
}

static void print_row(enum feature f, const char *subject, const struct feature_found *found, bool verbose)
{
	if (subject)
		printf("%s%s\n", f ? "\n" : "", subject);
	printf("  %-7s  %s%s%s\n", states[found->state], feature_name(f), *found->text ? ": " : "", found->text);
	if (found->state != FEATURE_OK || verbose)
		printf("           lost (%s): %s\n           remedy: %s\n", weights[weight_of(f)], feature_lost(f),
		       found->remedy);
}

static int check_main(const struct applet *self, int argc, char **argv)
{
	struct check_args args = { .verbose = false };
	int count[WEIGHT_NEEDED + 1] = { 0 }, subject = -1;

	if (applet_parse(self, &args, NULL, argc, argv) < argc)
		return applet_error(self, "it takes no words");
	/* The probes wait for children of theirs. */
	signal(SIGCHLD, SIG_DFL);
	for (enum feature f = 0; f < FEATURES; f++) {
		bool begins = f == subjects[subject + 1].first;
		struct feature_found found;

		subject += begins;
		feature_probe(f, &found);
		count[weight_of(f)] += found.state == FEATURE_MISSING;
		if (args.json)
			print_json(f, subjects[subject].name, &found);
		else
			print_row(f, begins ? subjects[subject].name : NULL, &found, args.verbose);
	}
	if (!args.json)
		printf("\nmissing: %d needed, %d recommended, %d optional\n", count[WEIGHT_NEEDED], count[WEIGHT_RECOMMENDED],
		       count[WEIGHT_OPTIONAL]);
	return count[WEIGHT_NEEDED] ? 1 : 0;
}

const struct applet applet_check = {
	.name = "check",
	.synopsis = "[-v] [--json]",
	.help = "find out what this machine lacks, and what to do about it",
	.details =
		"Looks for everything of the kernel and the machine that cagebox can use, as the caller who runs it, and changes\n"
		"nothing. limited: there, but not all of it. Returns 1 if something is missing that a plain run needs.",
	.opts = check_opts,
	.nopts = sizeof(check_opts) / sizeof(*check_opts),
	.main = check_main,
};
