/* SPDX-License-Identifier: Zlib
 * stop-all: the opposite of start-all. */
#include <stdlib.h>
#include <string.h>

#include "applet.h"
#include "box/dirs.h"
#include "box/state.h"

struct search {
	struct words names;
	char *dir; /* of our configurations */
};

/* Those that run now and were started by one. */
static int visit(const char *name, void *data)
{
	struct search *search = data;
	size_t len = strlen(search->dir);
	struct state s;
	struct err e;
	int status = state_load(name, &s, &e) < 0 ? -1 : state_check(&s, &e);
	bool wanted = status >= 0 && status != STATUS_EXITED && s.config && !strncmp(s.config, search->dir, len) &&
		      s.config[len] == '/';

	state_close(&s);
	return wanted ? words_add(&search->names, name, &e) : 0;
}

static int stop_all_main(const struct applet *self, int argc, char **argv)
{
	struct search search = { .dir = NULL };
	struct err e;
	int status = 0;

	if (applet_parse(self, NULL, NULL, argc, argv) < argc)
		return applet_error(self, "takes no arguments");
	search.dir = dirs_path(DIRS_CONF, &e);
	if (!search.dir || state_each(visit, &search, &e) < 0)
		return applet_fail(self, &e);
	if (search.names.n)
		status = applet_stop_names(self, search.names.v, -1);
	words_free(&search.names);
	free(search.dir);
	return status;
}

const struct applet applet_stop_all = {
	.name = "stop-all",
	.synopsis = "",
	.help = "stop all containers that were started by a configuration, and wait until they are gone",
	.main = stop_all_main,
};
