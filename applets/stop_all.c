/* SPDX-License-Identifier: Zlib
 * stop-all: the opposite of start-all. */
#include <string.h>

#include "applet.h"
#include "box/state.h"

/* Those that run now and were started by a configuration of ours. */
static int visit(const char *name, void *data)
{
	struct state s;
	struct err e;
	int status = state_load(name, &s, &e) < 0 ? -1 : state_check(&s, &e);
	bool wanted = status >= 0 && status != STATUS_EXITED && s.config && !strncmp(s.config, CONFDIR "/", sizeof(CONFDIR));

	state_close(&s);
	return wanted ? words_add(data, name, &e) : 0;
}

static int stop_all_main(const struct applet *self, int argc, char **argv)
{
	struct words names = { 0 };
	struct err e;
	int status = 0;

	if (applet_parse(self, NULL, NULL, argc, argv) < argc)
		return applet_error(self, "takes no arguments");
	if (state_each(visit, &names, &e) < 0)
		return applet_fail(self, &e);
	if (names.n)
		status = applet_stop_names(self, names.v, -1);
	words_free(&names);
	return status;
}

const struct applet applet_stop_all = {
	.name = "stop-all",
	.synopsis = "",
	.help = "stop all containers that were started by a configuration, and wait until they are gone",
	.main = stop_all_main,
};
