/* SPDX-License-Identifier: Zlib
 * config: what a configuration comes to, and whether it can work. */
#include <string.h>

#include "applet.h"
#include "base/auto.h"
#include "box/box.h"
#include "box/config.h"
#include "box/dirs.h"
#include "spec/keys.h"

struct config_args {
	bool quiet;
};

static const struct opt config_opts[] = {
	OPT(struct config_args, quiet, 'q', "quiet", NULL, "check only, print nothing but what is wrong"),
};

/* A configuration with what is known of it. */
struct reading {
	const char *path;
	struct spec spec, usual; /* complete; as without a file */
	struct spec_origins origins;
};

/* The kinds of mounts are one list, in which the order matters. */
static bool is_mount(const struct opt *o)
{
	return o->offset == offsetof(struct spec, mounts);
}

/* Whether the i-th origin is one of row. */
static bool is_origin(const struct reading *r, size_t i, size_t row)
{
	size_t at = r->origins.v[i].row;

	return at == row || (is_mount(&spec_keys[at]) && is_mount(&spec_keys[row]));
}

/* Where row was set, as a comment, unless the row printed before says the same. Those without a line were not written
 * by the user: either the default, or what another setting makes of it. */
static void print_origin(const struct reading *r, size_t row, bool is_default, char last[4200])
{
	char text[4200] = "";
	size_t used = 0;

	for (size_t i = 0; i < r->origins.n && used < sizeof(text) - 16; i++)
		if (is_origin(r, i, row))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%c%u", used ? "" : r->path,
						 used ? ',' : ':', r->origins.v[i].line);
	if (!used)
		strcpy(text, is_default ? "default" : "follows from other settings");
	if (strcmp(text, last) != 0)
		printf("# %s\n", text);
	strcpy(last, text);
}

static bool same_words(const struct words *a, const struct words *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = !strcmp(a->v[i], b->v[i]);
	return same;
}

/* Print the row if it is set; those of the file and what follows from them first, the defaults in a second round. */
static int print_row(const struct reading *r, size_t row, bool defaults, char last[4200], struct err *e)
{
	const struct opt *o = &spec_keys[row];
	struct words values = { 0 }, usual = { 0 };
	int result = o->get(&r->spec, o, &values, e);
	bool written = false, is_default;

	if (result == 0)
		result = o->get(&r->usual, o, &usual, e);
	for (size_t i = 0; i < r->origins.n; i++)
		written |= is_origin(r, i, row);
	is_default = !written && same_words(&values, &usual);
	if (result == 0 && values.n && is_default == defaults)
		print_origin(r, row, is_default, last);
	for (size_t i = 0; result == 0 && i < values.n && is_default == defaults; i++)
		printf("%s=%s\n", o->name, values.v[i]);
	words_free(&values);
	words_free(&usual);
	return result;
}

/* Each by the row that gives text to it alone. */
static int print_mounts(const struct reading *r, char last[4200], struct err *e)
{
	int result = 0;

	for (size_t m = 0; result == 0 && m < r->spec.nmounts; m++) {
		struct reading one = { .path = r->path,
				       .spec = { .mounts = r->spec.mounts + m, .nmounts = 1 },
				       .origins = r->origins };

		for (size_t i = 0; result == 0 && i < spec_nkeys; i++)
			if (is_mount(&spec_keys[i]))
				result = print_row(&one, i, false, last, e);
	}
	return result;
}

static int print_all(const struct reading *r, struct err *e)
{
	char last[4200] = "";

	if (print_mounts(r, last, e) < 0)
		return -1;
	for (int defaults = 0; defaults < 2; defaults++)
		for (size_t i = 0; i < spec_nkeys; i++)
			if (!(spec_keys[i].flags & (OPT_ALIAS | OPT_NO_FILE)) && !is_mount(&spec_keys[i]) &&
			    print_row(r, i, defaults, last, e) < 0)
				return -1;
	return 0;
}

/* The settings are shown even if the host cannot carry them out, but only those that make sense together. */
static int show(struct reading *r, const char *name, bool quiet, struct err *e)
{
	if (!strchr(name, '/') && str_replace(&r->spec.name, name, e) < 0)
		return -1;
	if (config_read(r->path, &r->spec, &r->origins, e) < 0 || spec_check(&r->spec, e) < 0 || spec_check(&r->usual, e) < 0)
		return -1;
	if (!quiet && print_all(r, e) < 0)
		return -1;
	return box_check(&r->spec, e);
}

static int config_main(const struct applet *self, int argc, char **argv)
{
	struct config_args args = { 0 };
	int first = applet_parse(self, &args, NULL, argc, argv), status = 0;
	struct err e;

	if (first == argc)
		return applet_error(self, "the container's name is missing: config %s", self->synopsis);
	for (int i = first; i < argc; i++) {
		auto_free char *path =
			strchr(argv[i], '/') ? str_format(&e, "%s", argv[i]) : config_path(NULL, argv[i], CONFIG_SUFFIX, &e);
		struct reading r = { .path = path };

		spec_init(&r.spec);
		spec_init(&r.usual);
		if (!path || show(&r, argv[i], args.quiet, &e) < 0)
			status = applet_fail(self, &e);
		spec_origins_free(&r.origins);
		spec_free(&r.spec);
		spec_free(&r.usual);
	}
	return status;
}

const struct applet applet_config = {
	.name = "config",
	.synopsis = "[-q] NAME|FILE...",
	.help = "show what a configuration comes to, and check it without starting anything",
	.details =
		"Every setting with the file and line that it comes from, or that it is a default or follows from another one. What is\n"
		"printed is a configuration itself. A FILE has a slash in it; the configuration of NAME is " CONFDIR
		"/NAME" CONFIG_SUFFIX ",\nof users without root " DIRS_USER_CONF "/NAME" CONFIG_SUFFIX ".",
	.opts = config_opts,
	.nopts = sizeof(config_opts) / sizeof(*config_opts),
	.main = config_main,
};
