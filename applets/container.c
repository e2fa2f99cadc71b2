/* SPDX-License-Identifier: Zlib
 * container: a name that two programs had. The first word tells which of them is meant. */
#include <string.h>

#include "applet.h"

extern const struct applet applet_micro_container, applet_minimal_containers;

/* The applet, but for its messages, which name what the user called. */
static struct applet renamed(const struct applet *applet, const struct applet *self)
{
	struct applet a = *applet;

	a.name = self->name;
	return a;
}

static int container_main(const struct applet *self, int argc, char **argv)
{
	static const char *const commands[] = { "start", "start-all", "kill", "list" };
	const struct applet micro = renamed(&applet_micro_container, self), minimal = renamed(&applet_minimal_containers, self);

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i]))
			return minimal.main(&minimal, argc, argv);
	if (argc != 2 || (strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0))
		return micro.main(&micro, argc, argv);
	applet_help(&micro, stdout);
	printf("\nor\n\n");
	applet_help(&minimal, stdout);
	return 0;
}

const struct applet applet_container = {
	.name = "container",
	.synopsis = "start|start-all|kill|list ... | [OPTION...] [NAME] [COMMAND [ARGUMENT...]]",
	.help = "minimal-containers if its first word is start, start-all, kill or list, otherwise micro-container",
	.bare = true,
	.main = container_main,
};
