/* SPDX-License-Identifier: Zlib
 * exec: run a further command in a container. */
#include <string.h>

#include "applet.h"
#include "box/enter.h"

static int exec_main(const struct applet *self, int argc, char **argv)
{
	struct enter_options options = { 0 };
	struct spec spec;
	struct err e;
	int first, code;

	spec_init(&spec);
	first = applet_parse(self, NULL, &spec, argc, argv);
	if (first == argc)
		return applet_error(self, "the container's name is missing: exec %s", self->synopsis);
	if (spec_check_name(argv[first], &e) < 0 || (!enter_is_safe() && enter_again(argv, &e) < 0))
		return applet_fail(self, &e);
	for (int i = first + 1 + (first + 1 < argc && !strcmp(argv[first + 1], "--")); i < argc; i++)
		if (words_add(&options.command, argv[i], &e) < 0)
			return applet_fail(self, &e);
	options.env = spec.env;
	options.user = spec.user;
	options.groups = spec.groups;
	options.cwd = spec.cwd;
	options.cwd_make = spec.cwd_make;
	options.cap_add = spec.cap_add;
	options.cap_drop = spec.cap_drop;
	options.tty = spec.tty;
	if (enter_run(argv[first], &options, &code, &e) < 0)
		code = applet_fail(self, &e);
	words_free(&options.command);
	spec_free(&spec);
	return code;
}

const struct applet applet_exec = {
	.name = "exec",
	.synopsis = "[OPTION...] NAME [--] [COMMAND [ARGUMENT...]]",
	.help = "run a further command in a running container",
	.details = "It joins all namespaces and the cgroup of the container. Without a command it is a login shell.",
	.keys = "tty user groups env cwd cwd_make cap_add cap_drop",
	.main = exec_main,
};
