/* SPDX-License-Identifier: Zlib
 * kill: send a signal to a container's command, or end everything in it at once. */
#include <signal.h>

#include "applet.h"
#include "base/num.h"
#include "box/end.h"

struct kill_args {
	bool all;
	const char *signal;
};

static const struct opt kill_opts[] = {
	OPT(struct kill_args, signal, 's', "signal", "SIGNAL", "the signal (default: TERM)"),
	OPT(struct kill_args, all, 'a', "all", NULL, "SIGKILL every process in it; nothing gets a chance to clean up"),
};

static int kill_main(const struct applet *self, int argc, char **argv)
{
	struct kill_args args = { 0 };
	int first = applet_parse(self, &args, NULL, argc, argv), signal = SIGTERM, status = 0;
	struct err e;

	if (first == argc)
		return applet_error(self, "the container's name is missing: kill %s", self->synopsis);
	if (args.signal && num_signal(args.signal, &signal, &e) < 0)
		return applet_fail(self, &e);
	if (args.all && args.signal)
		return applet_error(self, "--all is always SIGKILL: --signal does not go with it");
	for (int i = first; i < argc; i++)
		if ((args.all ? end_kill(argv[i], NULL, &e) : end_signal(argv[i], signal, &e)) < 0)
			status = applet_fail(self, &e);
	return status;
}

const struct applet applet_kill = {
	.name = "kill",
	.synopsis = "[-s SIGNAL | -a] NAME...",
	.help = "send a signal to a container's command, or kill it whole",
	.opts = kill_opts,
	.nopts = sizeof(kill_opts) / sizeof(*kill_opts),
	.main = kill_main,
};
