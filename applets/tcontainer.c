/* SPDX-License-Identifier: Zlib
 * tcontainer: the command line of TinyContainer, whose options are bare words or have one dash or two. */
#include <string.h>

#include "applet.h"
#include "box/box.h"
#include "spec/set.h"

extern const struct applet applet_tcontainer;

static int set_tty(void *target, const struct opt *o, const char *value, struct err *e)
{
	const struct opt whole = { .name = o->name };
	bool yes;

	if (opt_bool(&yes, &whole, value, e) < 0)
		return -1;
	*SPEC_FIELD(enum spec_switch, target, o) = yes ? SWITCH_YES : SWITCH_NO;
	return 0;
}

static int set_net(void *target, const struct opt *o, const char *value, struct err *e)
{
	const struct opt whole = { .name = o->name };
	bool yes;

	if (opt_bool(&yes, &whole, value, e) < 0)
		return -1;
	*SPEC_FIELD(enum spec_net, target, o) = yes ? NET_HOST : NET_NONE;
	return 0;
}

#define ROW(field, option, setter, arg_name, bits, text)                                               \
	{                                                                                              \
		.name = (option), .set = (setter), .arg = (arg_name), .flags = (bits), .help = (text), \
		.offset = offsetof(struct spec, field),                                                \
	}

static const struct opt tcontainer_opts[] = {
	ROW(name, "name", spec_set_name, "NAME", 0, "its name (default: made up)"),
	ROW(root, "fs", spec_set_text, "DIR", 0, "its root, used as it is: changes stay (default: /)"),
	ROW(memory_bytes, "memlimit", spec_set_size, "SIZE", 0, "memory that it may use"),
	ROW(cpuset, "cpuset", spec_set_cpuset, "LIST", 0, "processors that it may run on, such as 0-2,5"),
	ROW(cpu_share, "cpushare", spec_set_cpu_share, "N", 0, "its weight when processors are short, of 1024"),
	ROW(tty, "tty", set_tty, "true|false", OPT_OPTIONAL, "a terminal of its own (default: when the caller is at one)"),
	ROW(net, "net", set_net, "true|false", OPT_OPTIONAL, "the host's network (default: false, nothing but lo)"),
};

enum { NOPTS = sizeof(tcontainer_opts) / sizeof(*tcontainer_opts) };

static const char *skip_dashes(const char *word)
{
	return word + (*word == '-') + (word[0] == '-' && word[1] == '-');
}

/* The options are in words[*i] up to words[end]. NAME=VALUE, NAME VALUE, and for a switch NAME alone. */
static int parse_option(struct spec *s, char **words, int *i, int end, struct err *e)
{
	const char *word = skip_dashes(words[*i]), *equals = strchr(word, '='), *value = equals ? equals + 1 : NULL;
	const char *next;
	char name[16];
	const struct opt *o;

	snprintf(name, sizeof(name), "%.*s", equals ? (int)(equals - word) : (int)strlen(word), word);
	o = opt_find(tcontainer_opts, NOPTS, name);
	if (!o) {
		err_set(e, "'%s' is not an option", words[*i]);
		return err_hint(e, "the command is the last word: quote it as one, or put -- before it");
	}
	next = *i + 1 < end ? words[*i + 1] : NULL;
	if (!value && next && (!(o->flags & OPT_OPTIONAL) || !strcmp(next, "true") || !strcmp(next, "false"))) {
		value = next;
		++*i;
	}
	if (!value && o->flags & OPT_OPTIONAL)
		value = "yes";
	if (!value)
		return err_set(e, "%s needs a value, and after that comes the command: %s", name, o->arg);
	return o->set(s, o, value, e) < 0 ? err_prefix(e, "%s", name) : 0;
}

/* Without "--" the command is the last word, and that is split. */
static int parse(struct spec *s, int argc, char **argv, struct err *e)
{
	int i = 1 + (argc > 1 && !strcmp(argv[1], "run")), dashes = i, end;

	while (dashes < argc && strcmp(argv[dashes], "--") != 0)
		dashes++;
	end = dashes == argc ? argc - 1 : dashes;
	for (; i < end; i++)
		if (parse_option(s, argv, &i, end, e) < 0)
			return -1;
	if (end < i || dashes == argc - 1 || (dashes == argc && *argv[end] == '-'))
		return err_set(e, "the command is missing: tcontainer %s", applet_tcontainer.synopsis);
	if (dashes == argc && words_split_command(&s->command, argv[end], e) < 0)
		return -1;
	for (i = dashes + 1; i < argc; i++)
		if (words_add(&s->command, argv[i], e) < 0)
			return -1;
	if (!s->command.n)
		return err_set(e, "the command is empty");
	return s->root ? 0 : str_replace(&s->root, "/", e);
}

/* Whether one of the words before the command is one of two. */
static bool asks_for(int argc, char **argv, const char *name, const char *other)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (*argv[i] == '-' && (!strcmp(skip_dashes(argv[i]), name) || !strcmp(skip_dashes(argv[i]), other)))
			return true;
	return false;
}

static int tcontainer_main(const struct applet *self, int argc, char **argv)
{
	const struct box_options options = { .warn = applet_warn, .who = self };
	struct box_result r;
	struct spec s;
	struct err e;
	int status;

	if (asks_for(argc, argv, "h", "help")) {
		applet_help(self, stdout);
		return 0;
	}
	if (asks_for(argc, argv, "version", "version"))
		return printf("%s (cagebox %s)\n", self->name, VERSION) < 0 ? EXIT_CAGEBOX : 0;
	spec_init(&s);
	s.no_new_privs = false;
	s.net = NET_NONE;
	status = parse(&s, argc, argv, &e) < 0 || box_run(&s, &options, &r, &e) < 0 ? applet_fail(self, &e) : r.code;
	spec_free(&s);
	return status;
}

const struct applet applet_tcontainer = {
	.name = "tcontainer",
	.synopsis = "[run] [OPTION...] COMMAND | [run] [OPTION...] -- COMMAND [ARGUMENT...]",
	.help = "run a command in a container of its own, with the command line of TinyContainer",
	.details =
		"Options are written with two dashes, one or none. The last word is the command, which is split at blanks unless they\n"
		"are in quotes; what follows -- is taken as it is. The exit code is the command's.",
	.opts = tcontainer_opts,
	.nopts = NOPTS,
	.bare = true,
	.main = tcontainer_main,
};
