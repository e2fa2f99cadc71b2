/* SPDX-License-Identifier: Zlib
 * stop: end containers gracefully, several at once. */
#include <limits.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applet.h"
#include "base/num.h"
#include "box/end.h"

struct stop_args {
	const char *time;
};

static const struct opt stop_opts[] = {
	OPT(struct stop_args, time, 't', "time", "TIME", "how long it may take before SIGKILL (default: its stop_timeout)"),
};

static int stop_one(const struct applet *self, const char *name, int timeout_ms)
{
	struct ending ending;
	struct err e;

	return end_stop(name, timeout_ms, &ending, &e) < 0 ? applet_fail(self, &e) : 0;
}

/* Each waits for its own container in a process of its own, so that they go down together. */
static int stop_all(const struct applet *self, char **names, int timeout_ms)
{
	int status = 0, one;

	for (; *names; names++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(stop_one(self, *names, timeout_ms));
		if (pid < 0)
			status = applet_error(self, "stop %s: cannot fork", *names);
	}
	while (wait(&one) > 0)
		if (!WIFEXITED(one) || WEXITSTATUS(one))
			status = WIFEXITED(one) ? WEXITSTATUS(one) : EXIT_CAGEBOX;
	return status;
}

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
	if (first + 1 == argc)
		return stop_one(self, argv[first], args.time ? (int)ms : -1);
	return stop_all(self, argv + first, args.time ? (int)ms : -1);
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
