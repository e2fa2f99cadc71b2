/* SPDX-License-Identifier: Zlib
 * The state table of PID 1 (box/init_state.h): no cell forgotten, no way without an end. Prints TAP. */
#include "box/init_state.h"

#include <stdbool.h>
#include <stdio.h>

static int count, failures;

#define OK(what, title) ok(what, title, __LINE__)
static void ok(bool passed, const char *title, int line)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++count, title);
	if (!passed) {
		printf("# line %d\n", line);
		failures++;
	}
}

static struct init_step step(int state, int event)
{
	return init_state_step((enum init_state)state, (enum init_event)event);
}

static bool is(int state, int event, int next, int action)
{
	struct init_step s = step(state, event);

	if (s.next == next && s.action == action)
		return true;
	printf("# state %d event %d: state %d action %d, expected %d %d\n", state, event, s.next, s.action, next, action);
	return false;
}

static void test_every_cell(void)
{
	int forgotten = 0, wild = 0, back = 0;

	for (int state = 0; state < ST_COUNT; state++)
		for (int event = 0; event < EV_COUNT; event++) {
			struct init_step s = step(state, event);

			forgotten += s.action == 0;
			wild += s.action >= ACT_COUNT || s.next >= ST_COUNT;
			/* Phases only ever go forward. */
			back += s.next < state;
		}
	OK(!forgotten, "every cell has an action");
	OK(!wild, "every cell has a state and an action that exist");
	OK(!back, "no way leads back");
}

/* Whether event, repeated, leads from every state into one that only awaits the end of all processes. */
static bool ends_by(int event, int most)
{
	for (int state = 0; state < ST_COUNT; state++) {
		int now = state, steps = 0;

		while (now != ST_KILL && now != ST_END && steps++ < most)
			now = step(now, event).next;
		if (now != ST_KILL && now != ST_END) {
			printf("# from state %d\n", state);
			return false;
		}
	}
	return true;
}

static void test_ends(void)
{
	bool hangup = true, killed = true, absorbed = true;

	/* START_STOP waits for the outcome of the exec, a second stop is needed there. */
	OK(ends_by(EV_STOP, 4), "repeated stops end it from every state");
	for (int state = 0; state < ST_KILL; state++)
		hangup = hangup && is(state, EV_HANGUP, ST_KILL, ACT_KILL);
	OK(hangup, "a monitor that is gone kills at once, in every state");
	for (int event = 0; event < EV_COUNT; event++) {
		absorbed = absorbed && is(ST_END, event, ST_END, ACT_NOTHING);
		killed = killed && step(ST_KILL, event).next >= ST_KILL;
	}
	OK(absorbed, "nothing happens after the end");
	OK(killed, "nothing undoes the kill");
	OK(is(ST_KILL, EV_EMPTY, ST_END, ACT_NOTHING) && is(ST_KILL, EV_DEADLINE, ST_END, ACT_NOTHING) &&
		   is(ST_DRAIN, EV_EMPTY, ST_END, ACT_NOTHING),
	   "it ends when no child is left");
}

static void test_starts(void)
{
	OK(is(ST_SCRIPT, EV_SCRIPT_DONE, ST_START, ACT_START_COMMAND) && is(ST_START, EV_EXEC_DONE, ST_RUN, ACT_READY),
	   "script, command, ready");
	OK(is(ST_SCRIPT, EV_SCRIPT_FAILED, ST_KILL, ACT_FAIL) && is(ST_SCRIPT, EV_EXEC_FAILED, ST_KILL, ACT_FAIL) &&
		   is(ST_START, EV_EXEC_FAILED, ST_KILL, ACT_FAIL) && is(ST_START_STOP, EV_EXEC_FAILED, ST_KILL, ACT_FAIL),
	   "a start that fails is told");
	OK(is(ST_START, EV_STOP, ST_START_STOP, ACT_NOTHING) && is(ST_START_STOP, EV_EXEC_DONE, ST_STOP_HOOKS, ACT_READY_HOOKS),
	   "a stop between fork and exec is not lost");
}

static void test_stops(void)
{
	OK(is(ST_RUN, EV_STOP, ST_STOP_HOOKS, ACT_NEXT_HOOK) &&
		   is(ST_STOP_HOOKS, EV_HOOK_ENDED, ST_STOP_HOOKS, ACT_NEXT_HOOK) &&
		   is(ST_STOP_HOOKS, EV_HOOKS_DONE, ST_STOP, ACT_STOP_COMMAND) &&
		   is(ST_STOP, EV_COMMAND_ENDED, ST_DRAIN, ACT_DRAIN),
	   "stop: hooks, the stop signal, the rest");
	OK(is(ST_STOP_HOOKS, EV_DEADLINE, ST_STOP_HOOKS, ACT_NEXT_HOOK) && is(ST_STOP, EV_DEADLINE, ST_KILL, ACT_KILL) &&
		   is(ST_DRAIN, EV_DEADLINE, ST_KILL, ACT_KILL),
	   "every phase has its deadline");
	OK(is(ST_STOP_HOOKS, EV_STOP, ST_STOP, ACT_STOP_COMMAND) && is(ST_STOP, EV_STOP, ST_DRAIN, ACT_DRAIN) &&
		   is(ST_DRAIN, EV_STOP, ST_KILL, ACT_KILL),
	   "each further stop goes on to the next phase");
	OK(is(ST_RUN, EV_COMMAND_ENDED, ST_END_HOOKS, ACT_NEXT_HOOK) && is(ST_END_HOOKS, EV_HOOKS_DONE, ST_DRAIN, ACT_DRAIN) &&
		   is(ST_END_HOOKS, EV_STOP, ST_DRAIN, ACT_DRAIN),
	   "the command ends by itself: hooks, the rest");
	OK(is(ST_STOP_HOOKS, EV_COMMAND_ENDED, ST_END_HOOKS, ACT_NOTHING), "hooks go on when the command ends meanwhile");
	OK(is(ST_RUN, EV_LEFT, ST_END, ACT_LEAVE), "in tini's place it leaves with the command");
}

int main(void)
{
	test_every_cell();
	test_ends();
	test_starts();
	test_stops();
	printf("1..%d\n", count);
	return failures != 0;
}
