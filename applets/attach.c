/* SPDX-License-Identifier: Zlib
 * attach: see what a container in the background prints, and type into it. */
#include <unistd.h>

#include "applet.h"
#include "box/attach.h"

struct attach_args {
	bool read_only;
	const char *keys;
};

static const struct opt attach_opts[] = {
	OPT(struct attach_args, read_only, 'r', "read-only", NULL, "only look on: nothing that is typed arrives"),
	OPT(struct attach_args, keys, 0, "detach-keys", "KEYS",
	    "what leaves it, such as ctrl-x,a, or none (default: ctrl-p,ctrl-q)"),
};

static int attach_main(const struct applet *self, int argc, char **argv)
{
	struct attach_args args = { .keys = "ctrl-p,ctrl-q" };
	int first = applet_parse(self, &args, NULL, argc, argv), code;
	struct attach_options options = { .read_only = args.read_only };
	struct err e;
	bool left;

	if (first + 1 != argc)
		return applet_error(self, "takes one container's name: attach %s", self->synopsis);
	if (chord_parse(args.keys, &options.keys, &e) < 0) {
		err_prefix(&e, "--detach-keys");
		return applet_fail(self, &e);
	}
	if (attach_run(argv[first], &options, &code, &left, &e) < 0)
		return applet_fail(self, &e);
	if (left && isatty(2))
		fprintf(stderr, "\ncagebox: attach: left %s, which runs on\n", argv[first]);
	return code;
}

const struct applet applet_attach = {
	.name = "attach",
	.synopsis = "[-r] [--detach-keys KEYS] NAME",
	.help = "see what a container in the background prints and type into it",
	.details =
		"With a terminal (--tty) it begins with the last of what was printed, and the terminal has the size of the client that "
		"typed last. Without one standard output and error come apart, and what is typed arrives with --stdin, up to the end "
		"of the input. Who does not read misses what was printed meanwhile and is told so; nobody else waits. It exits with "
		"the container's exit code; left by the keys, with 0.",
	.opts = attach_opts,
	.nopts = sizeof(attach_opts) / sizeof(*attach_opts),
	.main = attach_main,
};
