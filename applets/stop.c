/* SPDX-License-Identifier: Zlib
 * stop: end containers gracefully, several at once. */
#include <limits.h>

#include "applet.h"
#include "base/num.h"

struct stop_args {
	const char *time;
};

static const struct opt stop_opts[] = {
	OPT(struct stop_args, time, 't', "time", "TIME", "how long it may take before SIGKILL (default: its stop_timeout)"),
};

static int stop_main(const struct applet *self, int argc, char **argv)
{
	struct stop_args args = { 0 };
	int first = applet_parse(self, &args, NULL, argc, argv);
	uint64_t ms = 0;
	struct err e;

	if (first == argc)
		return applet_error(self, "the container's name is missing: stop %s", self->synopsis);
	if (args.time && num_duration(args.time, &ms, &e) < 0)
		return applet_fail(self, &e);
	if (ms > INT_MAX)
		ms = INT_MAX;
	return applet_stop_names(self, argv + first, args.time ? (int)ms : -1);
}

const struct applet applet_stop = {
	.name = "stop",
	.synopsis = "[-t TIME] NAME...",
	.help = "stop containers gracefully and wait until they are gone",
	.details =
		"Each runs its shutdown hooks, gets its stop signal, and is killed when the time is up. One that has ended is no error.\n"
		"A further stop meanwhile does not wait for the present step but goes on to the next.",
	.opts = stop_opts,
	.nopts = sizeof(stop_opts) / sizeof(*stop_opts),
	.main = stop_main,
};
