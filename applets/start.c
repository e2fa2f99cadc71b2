/* SPDX-License-Identifier: Zlib
 * start: start containers by their configurations. */
#include "applet.h"
#include "box/config.h"
#include "box/dirs.h"

struct start_args {
	bool foreground, replace;
};

static const struct opt start_opts[] = {
	OPT(struct start_args, replace, 'r', "replace", NULL, "stop it first if it is running"),
	OPT(struct start_args, foreground, 'f', "foreground", NULL,
	    "stay until it has ended, with the standard streams of the caller"),
};

static int start_main(const struct applet *self, int argc, char **argv)
{
	struct start_args args = { 0 };
	int first = applet_parse(self, &args, NULL, argc, argv), status = 0;
	struct box_options o = { .detach = !args.foreground,
				 .warn = applet_warn,
				 .who = self,
				 .again = args.replace ? AGAIN_REPLACE : AGAIN_REFUSE };
	struct box_result r;
	struct err e;

	if (first == argc)
		return applet_error(self, "the container's name is missing: start %s", self->synopsis);
	if (args.foreground && argc > first + 1)
		return applet_error(self, "only one container can be in the foreground");
	for (int i = first; i < argc; i++) {
		if (config_start(argv[i], &o, &r, &e) < 0)
			status = applet_fail(self, &e);
		else if (args.foreground)
			status = r.code;
	}
	return status;
}

const struct applet applet_start = {
	.name = "start",
	.synopsis = "[-r] [-f] NAME...",
	.help = "start containers by their configurations, " CONFDIR "/NAME" CONFIG_SUFFIX,
	.details =
		"It returns as soon as the command of each runs. What they print goes to their logs. Users without root have their\n"
		"configurations in " DIRS_USER_CONF ".",
	.opts = start_opts,
	.nopts = sizeof(start_opts) / sizeof(*start_opts),
	.main = start_main,
};
