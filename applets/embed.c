/* SPDX-License-Identifier: Zlib
 * embed: carries out a call of the C library. Started by it only. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "applet.h"
#include "base/auto.h"
#include "box/box.h"
#include "box/embed.h"
#include "box/end.h"
#include "box/enter.h"
#include "box/state.h"
#include "sys/fd.h"
#include "sys/sig.h"

static void warn(const void *who, const char *text)
{
	struct embed_answer a = { .kind = EMBED_WARNING };

	snprintf(a.err.text, sizeof(a.err.text), "%s", text);
	(void)who;
	embed_send(EMBED_FD, &a, sizeof(a));
}

static void fill_end(struct embed_answer *a, const char *name, enum end_reason reason, int code)
{
	snprintf(a->name, sizeof(a->name), "%s", name);
	snprintf(a->reason, sizeof(a->reason), "%s", wire_reason_name(reason));
	a->code = code;
}

static int run(struct spec *s, bool detach, struct embed_answer *a)
{
	struct box_options options = { .detach = detach, .warn = warn };
	struct box_result r;

	if (box_run(s, &options, &r, &a->err) < 0)
		return -1;
	fill_end(a, r.name, r.reason, r.code);
	return 0;
}

static int enter(const struct spec *s, struct embed_answer *a)
{
	struct enter_options o = {
		.command = s->command,
		.env = s->env,
		.user = s->user,
		.groups = s->groups,
		.cwd = s->cwd,
		.cwd_make = s->cwd_make,
		.cap_add = s->cap_add,
		.cap_drop = s->cap_drop,
		.tty = s->tty,
	};
	int code, result = enter_run(s->name, &o, &code, &a->err);

	a->code = result < 0 ? 0 : code;
	return result;
}

static int end(enum embed_verb verb, const char *name, int number, struct embed_answer *a)
{
	struct ending ending = { 0 };
	int result = verb == EMBED_SIGNAL ? end_signal(name, number, &a->err) :
		     verb == EMBED_STOP   ? end_stop(name, number, &ending, &a->err) :
		     verb == EMBED_KILL   ? end_kill(name, &ending, &a->err) :
					    end_wait(name, &ending, &a->err);

	if (result == 0)
		fill_end(a, name, ending.reason, ending.code);
	return result;
}

static int show(const char *name, void *data)
{
	struct embed_answer *outcome = data, a = { .kind = EMBED_STATUS };
	int status = -1, result = 0;
	struct state s;
	struct err e;

	/* One that cannot be loaded is gone since the directory was read, or no container of ours at all. */
	if (state_load(name, &s, &e) == 0) {
		status = state_check(&s, &e);
		if (status < 0 && e.num) {
			outcome->err = e;
			outcome->result = -1;
		}
	}
	if (status >= 0) {
		bool ended = status == STATUS_EXITED;
		const char *command = s.command ? s.command : "";

		fill_end(&a, s.name, ended ? s.reason : END_NONE, ended ? s.code : 0);
		snprintf(a.status, sizeof(a.status), "%s", state_status_name((enum state_status)status));
		a.started = s.started;
		a.ended = s.ended;
		a.pid = ended ? 0 : s.init.pid;
		a.size = (uint32_t)strlen(command);
		result = embed_send(EMBED_FD, &a, sizeof(a)) < 0 || embed_send(EMBED_FD, command, a.size) < 0;
	}
	state_close(&s);
	return result;
}

static int act(enum embed_verb verb, struct spec *s, int number, struct embed_answer *a)
{
	switch (verb) {
	case EMBED_RUN:
	case EMBED_START:
		return run(s, verb == EMBED_START, a);
	case EMBED_LIST:
		return state_each(show, a, &a->err) < 0 ? -1 : a->result;
	case EMBED_EXEC:
		return enter(s, a);
	case EMBED_SIGNAL:
	case EMBED_STOP:
	case EMBED_KILL:
	case EMBED_WAIT:
		return end(verb, s->name, number, a);
	case EMBED_VERBS:
	default:
		return err_set(&a->err, "another version's call");
	}
}

/* Hear what is to be done. Returns 0 with s filled, -1 with e set, or 1 when the caller has gone. */
static int hear(struct spec *s, int *number, struct err *e)
{
	const struct embed_hello hello = { EMBED_MAGIC, EMBED_VERSION, VERSION };
	struct embed_request r;
	auto_free char *items = NULL;

	if (embed_send(EMBED_FD, &hello, sizeof(hello)) < 0 || embed_recv(EMBED_FD, &r, sizeof(r)) < 0)
		return 1;
	if (r.version != EMBED_VERSION || r.size > EMBED_MAX)
		return err_set(e, "the library speaks protocol %u, cagebox %s protocol %d", r.version, VERSION, EMBED_VERSION);
	items = malloc(r.size + 1);
	if (!items)
		return err_memory(e);
	if (embed_recv(EMBED_FD, items, r.size) < 0)
		return 1;
	*number = r.number;
	return embed_apply(s, items, r.size, e);
}

/* The caller may have threads and handlers, and what it ignores, blocks or has open is its own affair. When the thread
 * that waits for us ends we are asked to end, as by anybody else. */
static void leave_caller(void)
{
	fcntl(EMBED_FD, F_SETFD, FD_CLOEXEC);
	fd_close_from(EMBED_FD + 1);
	sig_set_dispositions(sig_ignored(), 0);
	sig_set_mask(0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static int embed_main(const struct applet *self, int argc, char **argv)
{
	struct embed_answer a = { .kind = EMBED_DONE };
	int number = 0, safe = 0;
	unsigned verb = 0;
	struct spec s;
	struct err e = { 0 };

	while (verb < EMBED_VERBS && (argc != 2 || strcmp(argv[1], embed_verbs[verb]) != 0))
		verb++;
	if (verb == EMBED_VERBS || fcntl(EMBED_FD, F_GETFD) < 0)
		return applet_error(self, "is for the C library to call");
	spec_init(&s);
	/* Before anything is read, which would be lost. */
	if (verb == EMBED_EXEC && !enter_is_safe())
		safe = enter_again(argv, &e);
	leave_caller();
	a.result = hear(&s, &number, &a.err);
	if (a.result == 0 && safe < 0) {
		a.result = -1;
		a.err = e;
	} else if (a.result == 0) {
		a.result = act((enum embed_verb)verb, &s, number, &a);
	}
	spec_free(&s);
	embed_send(EMBED_FD, &a, sizeof(a));
	return 0;
}

const struct applet applet_embed = {
	.name = "embed",
	.synopsis = "CALL",
	.help = "carry out a call of the C library",
	.hidden = true,
	.main = embed_main,
};
