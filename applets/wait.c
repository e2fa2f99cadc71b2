/* SPDX-License-Identifier: Zlib
 * wait: until a container has ended. */
#include "applet.h"
#include "box/end.h"

static int wait_main(const struct applet *self, int argc, char **argv)
{
	int first = applet_parse(self, NULL, NULL, argc, argv), status = 0;
	struct ending ending;
	struct err e;

	if (first == argc)
		return applet_error(self, "the container's name is missing: wait %s", self->synopsis);
	for (int i = first; i < argc; i++)
		status = end_wait(argv[i], &ending, &e) < 0 ? applet_fail(self, &e) : ending.code;
	return status;
}

const struct applet applet_wait = {
	.name = "wait",
	.synopsis = "NAME...",
	.help = "wait until containers have ended; exits with the code of the last one",
	.main = wait_main,
};
