/* SPDX-License-Identifier: Zlib
 * monitor: what stays outside of a detached container. Started by run -d only. */
#include "applet.h"
#include "box/box.h"

static int monitor_main(const struct applet *self, int argc, char **argv)
{
	(void)self;
	return argc == 2 ? box_monitor(argv[1]) : EXIT_CAGEBOX;
}

const struct applet applet_monitor = {
	.name = "monitor",
	.synopsis = "NAME",
	.help = "look after a detached container",
	.hidden = true,
	.main = monitor_main,
};
