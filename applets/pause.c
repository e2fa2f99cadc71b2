/* SPDX-License-Identifier: Zlib
 * pause: freeze containers. */
#include "applet.h"
#include "box/resource.h"

static int pause_main(const struct applet *self, int argc, char **argv)
{
	int first = applet_parse(self, NULL, NULL, argc, argv), code = 0;
	struct err e;

	if (first == argc)
		return applet_error(self, "the container's name is missing: pause %s", self->synopsis);
	for (int i = first; i < argc; i++)
		if (resource_pause(argv[i], true, &e) < 0)
			code = applet_fail(self, &e);
	return code;
}

const struct applet applet_pause = {
	.name = "pause",
	.synopsis = "NAME...",
	.help = "freeze all processes of containers",
	.details = "They keep their memory and files and do nothing until `resume`. stop and kill end them all the same.",
	.main = pause_main,
};
