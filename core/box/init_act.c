/* SPDX-License-Identifier: Zlib
 * What PID 1 does when its state table says so. Container side. */
#include "box/init_act.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "box/wire.h"
#include "sys/sig.h"

enum {
	KILL_MS = 5000, /* for what does not die of SIGKILL */
	KILL_AGAIN_MS = 20,
	TELL_TRIES = 5,
};

void init_act_say(const struct init *i, int level, const char *format, ...)
{
	char line[400];
	va_list ap;
	int n, used;

	if (i->first || level > i->options->verbosity)
		return;
	used = snprintf(line, 64, "%s: ", i->options->name);
	if (used > 63)
		used = 63;
	va_start(ap, format);
	n = vsnprintf(line + used, sizeof(line) - (size_t)used - 1, format, ap);
	va_end(ap);
	used += n < (int)sizeof(line) - used - 1 ? n : (int)sizeof(line) - used - 2;
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)used) < 0)
		return; /* nobody reads it */
}

/* The kernel may be short of memory for a moment. Returns whether the monitor will hear it. */
static bool tell(const struct init *i, struct wire w)
{
	for (int n = 0; i->wire >= 0 && n < TELL_TRIES; n++)
		if (wire_send(i->wire, &w, -1) == 0)
			return true;
	return i->wire < 0;
}

uint64_t init_act_after(uint64_t ms)
{
	const uint64_t most = UINT64_C(1000) * 24 * 3600 * 1000;

	return init_reap_now() + (ms < most ? ms : most) * 1000000;
}

void init_act_signal_command(const struct init *i, int signal)
{
	bool group = i->options->group || i->options->session;

	if (i->command <= 0)
		return;
	/* A command with a session of its own has no group yet right after the fork. */
	if (!group || (kill(-i->command, signal) < 0 && errno == ESRCH))
		kill(i->command, signal);
	init_act_say(i, INIT_DEBUG, "sent signal %d to %s %d", signal, group ? "group" : "process", i->command);
}

void init_act_signal_all(const struct init *i, int signal)
{
	init_act_say(i, INIT_DEBUG, "sending signal %d to all processes", signal);
	if (init_reap_signal_all(signal) < 0)
		init_act_signal_command(i, signal);
}

/* End a hook that runs still, with all that belongs to its group. It is reaped like an orphan later. */
static void end_hook(struct init *i)
{
	if (i->helper > 0 && !i->helper_ended)
		kill(-i->helper, SIGKILL);
	i->helper = 0;
	i->helper_ended = false;
	i->deadline = 0;
}

/* What only the command and the script needed. */
static void close_descriptors(const struct plan *p)
{
	if (p->flags & PLAN_TTY)
		close(PLAN_FD_TTY);
	if (p->flags & PLAN_COMMAND_FD)
		close(PLAN_FD_COMMAND);
	if (p->flags & PLAN_SCRIPT_FD)
		close(PLAN_FD_SCRIPT);
}

static enum init_event start_command(struct init *i)
{
	fd_close(&i->report);
	i->started = true;
	i->command = init_spawn_command(i->plan, i->options, &i->report, &i->err);
	close_descriptors(i->plan);
	if (i->command < 0) {
		i->command = 0;
		return EV_EXEC_FAILED;
	}
	for (int n = 1; n <= SIG_LAST; n++)
		if (i->early & sig_bit(n))
			init_act_signal_command(i, n);
	return EV_NONE;
}

static void fail(struct init *i)
{
	i->failed = true;
	i->status = err_code(&i->err);
	init_act_say(i, INIT_ERROR, "%s", i->err.text);
	tell(i, (struct wire){ .kind = WIRE_ERROR, .reason = i->started ? END_NONE : END_SCRIPT, .err = i->err });
}

/* The command runs. From here on init must neither end nor block: it allocates nothing, and every error of a call has its
 * answer in these files. If it ended, the kernel would kill everything in its pid namespace. */
static void ready(struct init *i)
{
	init_act_say(i, INIT_INFO, "the command runs as process %d", i->command);
	/* A monitor that will never know leaves its user waiting: better it sees the end of all. */
	if (!tell(i, (struct wire){ .kind = WIRE_READY }))
		shutdown(i->wire, SHUT_RDWR);
	if (!i->first)
		return;
	plan_unmap(i->plan);
	i->plan = NULL;
}

static enum init_event next_hook(struct init *i)
{
	end_hook(i);
	while (!i->hooks_read || i->last_hook) {
		bool listed = !i->hooks_read && init_spawn_next_hook(i->hook);
		pid_t pid;

		i->hooks_read = !listed;
		if (!listed && !i->last_hook)
			break;
		i->last_hook = listed && i->last_hook;
		init_act_say(i, INIT_INFO, "running shutdown hook %s", listed ? i->hook : "of the configuration");
		pid = init_spawn_hook(i->plan, listed ? i->hook : NULL);
		if (pid < 0)
			continue;
		i->helper = pid;
		i->deadline = init_act_after(i->hook_timeout_ms);
		return EV_NONE;
	}
	return EV_HOOKS_DONE;
}

static void begin_stop_time(struct init *i)
{
	if (!i->stop_deadline)
		i->stop_deadline = init_act_after(i->stop_timeout_ms);
	i->deadline = i->stop_deadline;
}

/* A process that is stopped gets the signal only when it goes on. */
static void stop_command(struct init *i)
{
	end_hook(i);
	init_act_signal_command(i, i->stop_signal);
	init_act_signal_command(i, SIGCONT);
	begin_stop_time(i);
}

static void drain(struct init *i)
{
	end_hook(i);
	init_act_signal_all(i, SIGTERM);
	init_act_signal_all(i, SIGCONT);
	begin_stop_time(i);
	i->reaper = (struct init_reaper){ .due = true };
}

static void kill_everything(struct init *i)
{
	end_hook(i);
	init_act_signal_all(i, SIGKILL);
	i->deadline = init_act_after(KILL_MS);
	i->kill_again = getpid() == 1 ? 0 : init_act_after(KILL_AGAIN_MS);
	i->reaper = (struct init_reaper){ .due = true };
}

void init_act_kill_again(struct init *i)
{
	init_reap_signal_all(SIGKILL);
	i->kill_again = init_act_after(KILL_AGAIN_MS);
}

/* dumb-init's custom: the rest of the session gets TERM, and init does not wait for it. */
static void leave(const struct init *i)
{
	if (i->options->session)
		kill(-i->left, SIGTERM);
}

static enum init_event act(struct init *i, enum init_action action)
{
	switch (action) {
	case ACT_START_COMMAND:
		return start_command(i);
	case ACT_FAIL:
		fail(i);
		kill_everything(i);
		break;
	case ACT_READY:
		ready(i);
		break;
	case ACT_READY_HOOKS:
		ready(i);
		return next_hook(i);
	case ACT_NEXT_HOOK:
		return next_hook(i);
	case ACT_STOP_COMMAND:
		stop_command(i);
		break;
	case ACT_DRAIN:
		drain(i);
		break;
	case ACT_KILL:
		kill_everything(i);
		break;
	case ACT_LEAVE:
		leave(i);
		break;
	case ACT_NOTHING:
	case ACT_COUNT:
		break;
	}
	return EV_NONE;
}

void init_act_happen(struct init *i, enum init_event event)
{
	while (event != EV_NONE) {
		struct init_step step = init_state_step(i->state, event);

		i->stopped = i->stopped || event == EV_STOP;
		i->state = step.next;
		event = act(i, step.action);
	}
}
