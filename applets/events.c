/* SPDX-License-Identifier: Zlib
 * events: what happened to containers. */
#include "applet.h"
#include "box/event.h"
#include "spec/spec.h"

struct events_args {
	bool follow;
};

static const struct opt events_opts[] = {
	OPT(struct events_args, follow, 'f', "follow", NULL, "go on with those to come"),
};

static int events_main(const struct applet *self, int argc, char **argv)
{
	struct events_args args = { 0 };
	int first = applet_parse(self, &args, NULL, argc, argv);
	struct err e;

	for (int i = first; i < argc; i++)
		if (spec_check_name(argv[i], &e) < 0)
			return applet_fail(self, &e);
	return event_print(argv + first, args.follow, &e) < 0 ? applet_fail(self, &e) : 0;
}

const struct applet applet_events = {
	.name = "events",
	.synopsis = "[-f] [NAME...]",
	.help = "print what happened to containers, a JSON object a line",
	.details = "start: its command runs; oom: it ran out of memory; stop, with reason and code; pause, resume, update.",
	.opts = events_opts,
	.nopts = sizeof(events_opts) / sizeof(*events_opts),
	.main = events_main,
};
