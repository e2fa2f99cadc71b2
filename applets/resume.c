/* SPDX-License-Identifier: Zlib
 * resume: let paused containers run again. */
#include "applet.h"
#include "box/resource.h"

static int resume_main(const struct applet *self, int argc, char **argv)
{
	int first = applet_parse(self, NULL, NULL, argc, argv), code = 0;
	struct err e;

	if (first == argc)
		return applet_error(self, "the container's name is missing: resume %s", self->synopsis);
	for (int i = first; i < argc; i++)
		if (resource_pause(argv[i], false, &e) < 0)
			code = applet_fail(self, &e);
	return code;
}

const struct applet applet_resume = {
	.name = "resume",
	.synopsis = "NAME...",
	.help = "let paused containers run again",
	.main = resume_main,
};
