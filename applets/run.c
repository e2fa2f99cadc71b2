/* SPDX-License-Identifier: Zlib
 * run: start a container. */
#include "applet.h"
#include "box/box.h"
#include "box/config.h"

struct run_args {
	bool detach;
	const char *config;
};

static const struct opt run_opts[] = {
	OPT(struct run_args, config, 'c', "config", "FILE", "take settings from a configuration file; options override them"),
	OPT(struct run_args, detach, 'd', "detach", NULL, "return as soon as the command runs, and print the container's name"),
};

static int run_main(const struct applet *self, int argc, char **argv)
{
	struct run_args args = { 0 };
	struct box_options options = { .warn = applet_warn, .who = self };
	struct box_result result;
	struct spec spec;
	struct err e;
	int first, status;

	spec_init(&spec);
	first = applet_parse(self, &args, &spec, argc, argv);
	if (args.config) {
		/* Options go before the file wherever they stand: once more, on top of it. */
		spec_free(&spec);
		spec_init(&spec);
		if (config_read(args.config, &spec, NULL, &e) < 0)
			return applet_fail(self, &e);
		first = applet_parse(self, &args, &spec, argc, argv);
	}
	if (first < argc)
		words_free(&spec.command);
	for (int i = first; i < argc; i++)
		if (words_add(&spec.command, argv[i], &e) < 0)
			return applet_fail(self, &e);
	options.detach = args.detach;
	status = box_run(&spec, &options, &result, &e) < 0 ? applet_fail(self, &e) : result.code;
	if (args.detach && status == 0)
		printf("%s\n", result.name);
	spec_free(&spec);
	return status;
}

const struct applet applet_run = {
	.name = "run",
	.synopsis = "[OPTION...] [--] [COMMAND [ARGUMENT...]]",
	.help = "run a command in a container of its own",
	.details =
		"Without --root and --lower the container is a throw-away overlay of this system: it sees all of it, and what it\n"
		"changes is in memory and gone at the end. The exit code is the command's; 128+N when signal N ended it; 125 when\n"
		"the container could not be made, 126 and 127 when the command cannot be run or is not found.",
	.opts = run_opts,
	.nopts = sizeof(run_opts) / sizeof(*run_opts),
	.keys = "*",
	.main = run_main,
};
