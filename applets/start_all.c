/* SPDX-License-Identifier: Zlib
 * start-all: start every configured container. */
#include <errno.h>

#include "applet.h"
#include "box/config.h"

static int start_all_main(const struct applet *self, int argc, char **argv)
{
	struct box_options o = { .detach = true, .warn = applet_warn, .who = self };
	struct words names = { 0 };
	struct box_result r;
	struct err e;
	int status = 0;

	if (applet_parse(self, NULL, NULL, argc, argv) < argc)
		return applet_error(self, "takes no arguments");
	if (config_names(NULL, CONFIG_SUFFIX, &names, &e) < 0)
		return applet_fail(self, &e);
	for (size_t i = 0; i < names.n; i++)
		if (config_start(names.v[i], &o, &r, &e) < 0 && e.num != EALREADY)
			status = applet_fail(self, &e);
	words_free(&names);
	return status;
}

const struct applet applet_start_all = {
	.name = "start-all",
	.synopsis = "",
	.help = "start all containers that have a configuration (start --help tells where) and are not running",
	.details =
		"In order of their names. One that cannot be started does not hold up the others; the exit code tells of it.",
	.main = start_all_main,
};
