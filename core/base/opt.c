/* SPDX-License-Identifier: Zlib
 * The one parser of command lines, driven by tables. */
#include "base/opt.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"

int opt_bool(void *target, const struct opt *o, const char *value, struct err *e)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(value, words[i])) {
			*(bool *)((char *)target + o->offset) = i & 1;
			return 0;
		}
	return err_set(e, "'%s' is neither yes nor no", value);
}

int opt_text(void *target, const struct opt *o, const char *value, struct err *e)
{
	(void)e;
	*(const char **)((char *)target + o->offset) = value;
	return 0;
}

int opt_int(void *target, const struct opt *o, const char *value, struct err *e)
{
	uint64_t number;

	if (num_parse(value, 0, INT_MAX, &number, e) < 0)
		return -1;
	*(int *)((char *)target + o->offset) = (int)number;
	return 0;
}

int opt_duration(void *target, const struct opt *o, const char *value, struct err *e)
{
	return num_duration(value, (uint64_t *)((char *)target + o->offset), e);
}

int opt_words(void *target, const struct opt *o, const char *value, struct err *e)
{
	return words_add((struct words *)((char *)target + o->offset), value, e);
}

const struct opt *opt_find(const struct opt *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].name && str_same_name(rows[i].name, name))
			return &rows[i];
	return NULL;
}

/* One option as it was met on the command line. */
struct met {
	const struct opt *o;
	void *target;
};

static struct met find(const struct opt_set_of *sets, const char *name, char letter)
{
	for (; sets->rows; sets++)
		for (size_t i = 0; i < sets->n; i++) {
			const struct opt *o = &sets->rows[i];

			if (o->flags & OPT_NO_RUN)
				continue;
			if (name ? o->name && str_same_name(o->name, name) : letter && o->letter == letter)
				return (struct met){ o, sets->target };
		}
	return (struct met){ 0 };
}

static int unknown_long(const struct opt_set_of *sets, const char *name, struct err *e)
{
	const char *best = NULL;
	unsigned least = 3;

	for (; sets->rows; sets++)
		for (size_t i = 0; i < sets->n; i++) {
			unsigned d = sets->rows[i].name ? str_distance(name, sets->rows[i].name) : least;

			if (d < least && !(sets->rows[i].flags & OPT_NO_RUN)) {
				least = d;
				best = sets->rows[i].name;
			}
		}
	err_set(e, "unknown option --%s", name);
	if (best) {
		char hint[96];

		snprintf(hint, sizeof(hint), "did you mean --%s?", best);
		for (char *p = hint; *p; p++)
			if (*p == '_')
				*p = '-';
		err_hint(e, hint);
	}
	return -1;
}

/* --name, --name=value, --name value. Returns 0, -1, OPT_HELP or OPT_VERSION, and may take argv[*i + 1]. */
static int parse_long(const struct opt_set_of *sets, int argc, char **argv, int *i, struct err *e)
{
	const char *word = argv[*i] + 2, *equals = strchr(word, '='), *value = equals ? equals + 1 : NULL;
	char name[64];
	struct met m;

	snprintf(name, sizeof(name), "%.*s", equals ? (int)(equals - word) : (int)strlen(word), word);
	m = find(sets, name, 0);
	if (!m.o && !strcmp(word, "help"))
		return OPT_HELP;
	if (!m.o && !strcmp(word, "version"))
		return OPT_VERSION;
	if (!m.o)
		return unknown_long(sets, name, e);
	if (!value && (!m.o->arg || m.o->flags & OPT_OPTIONAL))
		value = "yes";
	if (!value && *i + 1 >= argc)
		return err_set(e, "--%s needs a value: %s", name, m.o->arg);
	if (!value)
		value = argv[++*i];
	if (m.o->set(m.target, m.o, value, e) < 0)
		return err_prefix(e, "--%s", name);
	return 0;
}

/* -x, -xyz, -xVALUE, -x VALUE, -x=VALUE. As parse_long. */
static int parse_short(const struct opt_set_of *sets, int argc, char **argv, int *i, struct err *e)
{
	for (const char *p = argv[*i] + 1; *p; p++) {
		struct met m = find(sets, NULL, *p);
		bool takes = m.o && m.o->arg && !(m.o->flags & OPT_OPTIONAL);
		const char *value = "yes";

		if (!m.o && *p == 'h')
			return OPT_HELP;
		if (!m.o)
			return err_set(e, "unknown option -%c", *p);
		if (takes) {
			if (!p[1] && *i + 1 >= argc)
				return err_set(e, "-%c needs a value: %s", *p, m.o->arg);
			value = !p[1] ? argv[++*i] : p[1] == '=' ? p + 2 : p + 1;
		}
		if (m.o->set(m.target, m.o, value, e) < 0)
			return err_prefix(e, "-%c", *p);
		if (takes)
			break;
	}
	return 0;
}

int opt_parse(const struct opt_set_of *sets, int argc, char **argv, struct err *e)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		int result;

		if (!strcmp(argv[i], "--"))
			return i + 1;
		result = (argv[i][1] == '-' ? parse_long : parse_short)(sets, argc, argv, &i, e);
		if (result < 0)
			return result;
	}
	return i;
}

void opt_help(FILE *out, const struct opt *rows, size_t n, unsigned hide)
{
	for (size_t i = 0; i < n; i++) {
		const struct opt *o = &rows[i];
		char left[64];
		int used;

		if (o->flags & (hide | OPT_ALIAS))
			continue;
		used = o->letter ? snprintf(left, sizeof(left), "-%c%s", o->letter, o->name ? ", " : "") :
				   snprintf(left, sizeof(left), "    ");
		if (o->name)
			used += snprintf(left + used, sizeof(left) - (size_t)used, "--%s", o->name);
		for (char *p = left; *p; p++)
			if (*p == '_')
				*p = '-';
		if (o->arg)
			snprintf(left + used, sizeof(left) - (size_t)used, o->flags & OPT_OPTIONAL ? "[=%s]" : " %s", o->arg);
		fprintf(out, "  %-30s %s\n", left, o->help);
	}
}
