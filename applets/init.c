/* SPDX-License-Identifier: Zlib
 * init: the PID 1 of a container or of an image, also in the place of tini and dumb-init. Container side. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "applet.h"
#include "base/num.h"
#include "base/str.h"
#include "box/init.h"
#include "box/machine.h"
#include "box/plan.h"
#include "box/wire.h"
#include "sys/sig.h"

enum { DEFAULT_TIMEOUT_MS = 10000, VERBOSITY_WARNINGS = 1, VERBOSITY_DEBUG = 3 };

struct settings {
	struct init_options o;
	uint64_t stop_timeout_ms, hook_timeout_ms;
	const char *shutdown_hook;
	bool license, version, single;
};

static int set_more(void *target, const struct opt *o, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	++*(int *)((char *)target + o->offset);
	return 0;
}

static int set_debug(void *target, const struct opt *o, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	*(int *)((char *)target + o->offset) = VERBOSITY_DEBUG;
	return 0;
}

static int set_signal(void *target, const struct opt *o, const char *value, struct err *e)
{
	return num_signal(value, (int *)((char *)target + o->offset), e);
}

/* CODE[:CODE...] */
static int set_remap(void *target, const struct opt *o, const char *value, struct err *e)
{
	uint8_t *bits = (uint8_t *)target + o->offset;
	struct words codes = { 0 };
	int result = words_split(&codes, value, ':', e);

	for (size_t i = 0; !result && i < codes.n; i++) {
		uint64_t code;

		result = num_parse(codes.v[i], 0, 255, &code, e);
		if (!result)
			bits[code / 8] |= (uint8_t)(1 << code % 8);
	}
	words_free(&codes);
	return result;
}

/* SIGNAL:SIGNAL, the second one may be 0 */
static int set_rewrite(void *target, const struct opt *o, const char *value, struct err *e)
{
	uint8_t *rewrite = (uint8_t *)target + o->offset;
	struct words pair = { 0 };
	int from = 0, to = 0, result = words_split(&pair, value, ':', e);

	if (!result && pair.n != 2)
		result = err_set(e, "'%s' is not SIGNAL:SIGNAL", value);
	if (!result)
		result = num_signal(pair.v[0], &from, e);
	if (!result && strcmp(pair.v[1], "0") != 0)
		result = num_signal(pair.v[1], &to, e);
	if (!result)
		rewrite[from] = (uint8_t)to;
	words_free(&pair);
	return result;
}

#define OPT_SET(setter, field, short_name, long_name, arg_name, more, text)                                      \
	{                                                                                                        \
		.name = (long_name), .arg = (arg_name), .help = (text), .set = (setter), .letter = (short_name), \
		.flags = (more), .offset = offsetof(struct settings, field)                                      \
	}

static const struct opt options[] = {
	OPT(struct settings, o.group, 'g', "group", NULL, "send signals to the command's process group"),
	OPT(struct settings, o.subreaper, 's', "subreaper", NULL, "reap orphans also when not PID 1"),
	OPT_SET(set_signal, o.parent_signal, 'p', "parent_signal", "SIGNAL", 0, "get this signal when the parent dies"),
	OPT_SET(set_remap, o.remap, 'e', "expect", "CODE[:CODE]", OPT_REPEATS, "exit with 0 in place of this exit code"),
	OPT(struct settings, o.warn_reap, 'w', "warn_reap", NULL, "a warning for every orphan that is reaped"),
	OPT_SET(set_more, o.verbosity, 'v', "verbose", NULL, OPT_REPEATS, "say more; up to two times"),
	OPT(struct settings, stop_timeout_ms, 0, "stop_timeout", "TIME",
	    "how long other processes may live on after the command (10s)"),
	OPT(struct settings, hook_timeout_ms, 0, "hook_timeout", "TIME", "how long each shutdown hook may take (10s)"),
	OPT(struct settings, shutdown_hook, 0, "shutdown_hook", "COMMAND", "run this by /bin/sh after the command has ended"),
	OPT(struct settings, license, 'l', "license", NULL, "show the licence"),
};

static const struct opt dumb_options[] = {
	OPT(struct settings, single, 'c', "single_child", NULL, "signals go to the command only, not to its session"),
	OPT_SET(set_rewrite, o.rewrite, 'r', "rewrite", "S:R", OPT_REPEATS, "forward signal R in place of S; 0: nothing"),
	OPT_SET(set_debug, o.verbosity, 'v', "verbose", NULL, 0, "say everything"),
	OPT(struct settings, version, 'V', NULL, NULL, "show the version"),
};

static int show_license(void)
{
	puts("cagebox is free software under the zlib license: anybody may use it for any purpose, change it and pass it on, as\n"
	     "long as its origin is not misrepresented, changed versions are marked as such, and this notice stays with the\n"
	     "source. It comes as it is, without any warranty.");
	return 0;
}

/* The plan of an init that stands alone: the command as it is here, nothing changed about it. */
static struct plan *make_plan(const struct settings *s, char **argv, uint64_t mask, struct err *e)
{
	struct plan_builder b = { .head = {
					  .signal_mask = mask,
					  .signal_ignored = sig_ignored(),
					  .stop_signal = SIGTERM,
					  .stop_timeout_ms = s->stop_timeout_ms,
					  .hook_timeout_ms = s->hook_timeout_ms,
				  } };

	b.head.argv = plan_add_list(&b, argv, &b.head.argc);
	b.head.env = plan_add_list(&b, environ, &b.head.envc);
	b.head.shutdown_hook = plan_add(&b, s->shutdown_hook);
	return plan_finish(&b, e);
}

static void use_rewrite_default(uint8_t rewrite[65], int signal)
{
	if (rewrite[signal] == signal)
		rewrite[signal] = SIGSTOP;
}

/* dumb-init: a session for the command unless it is told otherwise; stopping it is done by the one signal that a process
 * group without a shell obeys. */
static void set_dumb_init(struct settings *s)
{
	const char *setsid = getenv("DUMB_INIT_SETSID");

	s->o.leave = true;
	s->o.session = !s->single && !(setsid && !strcmp(setsid, "0"));
	s->o.same_group = !s->o.session;
	if (!s->o.session)
		return;
	use_rewrite_default(s->o.rewrite, SIGTSTP);
	use_rewrite_default(s->o.rewrite, SIGTTIN);
	use_rewrite_default(s->o.rewrite, SIGTTOU);
}

/* tini's variables: that they are set is what counts, but for the verbosity. */
static void set_by_environment(struct settings *s, bool dumb)
{
	const char *verbosity = getenv("TINI_VERBOSITY"), *debug = getenv("DUMB_INIT_DEBUG");
	uint64_t level;
	struct err e;

	if (dumb) {
		s->o.verbosity = debug && !strcmp(debug, "1") ? VERBOSITY_DEBUG : 0;
		return;
	}
	s->o.subreaper = getenv("TINI_SUBREAPER");
	s->o.group = getenv("TINI_KILL_PROCESS_GROUP");
	s->o.verbosity = VERBOSITY_WARNINGS;
	if (verbosity && num_parse(verbosity, 0, 9, &level, &e) == 0)
		s->o.verbosity = (int)level;
}

/* A container's init: everything comes in the plan. */
static int run_container(const struct applet *self)
{
	struct init_options o = { .name = self->name };
	struct wire failed = { .kind = WIRE_ERROR };
	const struct plan *p;

	prctl(PR_SET_DUMPABLE, 0);
	for (int n = 1; n <= SIG_LAST; n++)
		o.rewrite[n] = (uint8_t)n;
	p = plan_map(PLAN_FD_PLAN, &failed.err);
	if (!p)
		return wire_send(PLAN_FD_WIRE, &failed, -1) == 0 ? EXIT_CAGEBOX : applet_fail(self, &failed.err);
	return init_run(p, &o, PLAN_FD_WIRE);
}

static int run_alone(const struct applet *self, int argc, char **argv, const struct opt *opts, size_t nopts)
{
	bool dumb = opts == dumb_options;
	struct settings s = { .o.name = self->name,
			      .stop_timeout_ms = DEFAULT_TIMEOUT_MS,
			      .hook_timeout_ms = DEFAULT_TIMEOUT_MS };
	struct applet me = *self;
	struct plan *p;
	uint64_t mask;
	struct err e;
	int first;

	me.opts = opts;
	me.nopts = nopts;
	for (int n = 1; n <= SIG_LAST; n++)
		s.o.rewrite[n] = (uint8_t)n;
	set_by_environment(&s, dumb);
	first = applet_parse(&me, &s, NULL, argc, argv);
	if (s.license)
		return show_license();
	if (s.version)
		return printf("%s (cagebox %s)\n", me.name, VERSION) < 0 ? EXIT_CAGEBOX : 0;
	if (first >= argc && getpid() == 1)
		return applet_error(&me, "as PID 1 it needs a command to run: %s -- COMMAND [ARGUMENT...]", me.name);
	if (first >= argc)
		return applet_error(&me, "no command given (see --help)");
	if (dumb)
		set_dumb_init(&s);
	else
		s.o.leave = !strcmp(me.name, "tini");
	if (machine_mount(&e) < 0)
		applet_warn(&me, e.text);
	sig_block_all(&mask);
	p = make_plan(&s, argv + first, mask, &e);
	return p ? init_run(p, &s.o, -1) : applet_fail(&me, &e);
}

static int run(const struct applet *self, int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	struct applet me = *self;

	if (argc == 3 && !strcmp(argv[1], "--container"))
		return run_container(self);
	name += *name == '-';
	if (!strncmp(name, "cagebox-", 8))
		name += 8;
	if (!strcmp(name, "dumb-init")) {
		me.name = name;
		return run_alone(&me, argc, argv, dumb_options, sizeof(dumb_options) / sizeof(*dumb_options));
	}
	if (!strcmp(name, "tini"))
		me.name = name;
	return run_alone(&me, argc, argv, options, sizeof(options) / sizeof(*options));
}

const struct applet applet_init = {
	.name = "init",
	.aliases = "tini dumb-init",
	.synopsis = "[OPTION...] [--] COMMAND [ARGUMENT...]",
	.help = "Run a command as PID 1: forward signals to it and reap its orphans",
	.details = "Called as tini or dumb-init it takes these programs' places, their options and variables included.\n"
		   "As PID 1 it runs the executables of /etc/cagebox/shutdown.d when the command has ended, then ends all\n"
		   "other processes: TERM, and KILL after the time-out.",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.main = run,
};
