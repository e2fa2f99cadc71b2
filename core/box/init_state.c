/* SPDX-License-Identifier: Zlib
 * The state table of PID 1. Container side.
 *
 *   SCRIPT -> START -> RUN -(stop)-> STOP_HOOKS -> STOP -\
 *                       \--(the command ended)-> END_HOOKS -> DRAIN -> KILL -> END
 *
 * A second stop goes on to the next state at once; a monitor that is gone leads to KILL from everywhere. */
#include "box/init_state.h"

#define STAY(state)                     \
	{                               \
		ST_##state, ACT_NOTHING \
	}
#define GO(state, action)                \
	{                                \
		ST_##state, ACT_##action \
	}

static const struct init_step table[ST_COUNT][EV_COUNT] = {
	[ST_SCRIPT] = {
		[EV_SCRIPT_DONE] = GO(START, START_COMMAND),
		[EV_SCRIPT_FAILED] = GO(KILL, FAIL),
		[EV_EXEC_DONE] = STAY(SCRIPT), /* of the shell that reads the script */
		[EV_EXEC_FAILED] = GO(KILL, FAIL),
		[EV_COMMAND_ENDED] = STAY(SCRIPT),
		[EV_LEFT] = STAY(SCRIPT),
		[EV_STOP] = GO(KILL, KILL),
		[EV_HANGUP] = GO(KILL, KILL),
		[EV_HOOK_ENDED] = STAY(SCRIPT),
		[EV_HOOKS_DONE] = STAY(SCRIPT),
		[EV_DEADLINE] = STAY(SCRIPT),
		[EV_EMPTY] = STAY(SCRIPT),
	},
	[ST_START] = {
		[EV_SCRIPT_DONE] = STAY(START),
		[EV_SCRIPT_FAILED] = STAY(START),
		[EV_EXEC_DONE] = GO(RUN, READY),
		[EV_EXEC_FAILED] = GO(KILL, FAIL),
		[EV_COMMAND_ENDED] = GO(KILL, FAIL), /* cannot be: the exec's outcome is always read first */
		[EV_LEFT] = GO(KILL, FAIL),
		[EV_STOP] = STAY(START_STOP),
		[EV_HANGUP] = GO(KILL, KILL),
		[EV_HOOK_ENDED] = STAY(START),
		[EV_HOOKS_DONE] = STAY(START),
		[EV_DEADLINE] = STAY(START),
		[EV_EMPTY] = STAY(START),
	},
	[ST_START_STOP] = {
		[EV_SCRIPT_DONE] = STAY(START_STOP),
		[EV_SCRIPT_FAILED] = STAY(START_STOP),
		[EV_EXEC_DONE] = GO(STOP_HOOKS, READY_HOOKS),
		[EV_EXEC_FAILED] = GO(KILL, FAIL),
		[EV_COMMAND_ENDED] = GO(KILL, FAIL),
		[EV_LEFT] = GO(KILL, FAIL),
		[EV_STOP] = GO(KILL, KILL), /* the exec hangs, on a dead network file system perhaps */
		[EV_HANGUP] = GO(KILL, KILL),
		[EV_HOOK_ENDED] = STAY(START_STOP),
		[EV_HOOKS_DONE] = STAY(START_STOP),
		[EV_DEADLINE] = STAY(START_STOP),
		[EV_EMPTY] = STAY(START_STOP),
	},
	[ST_RUN] = {
		[EV_SCRIPT_DONE] = STAY(RUN),
		[EV_SCRIPT_FAILED] = STAY(RUN),
		[EV_EXEC_DONE] = STAY(RUN),
		[EV_EXEC_FAILED] = STAY(RUN),
		[EV_COMMAND_ENDED] = GO(END_HOOKS, NEXT_HOOK),
		[EV_LEFT] = GO(END, LEAVE),
		[EV_STOP] = GO(STOP_HOOKS, NEXT_HOOK),
		[EV_HANGUP] = GO(KILL, KILL),
		[EV_HOOK_ENDED] = STAY(RUN),
		[EV_HOOKS_DONE] = STAY(RUN),
		[EV_DEADLINE] = STAY(RUN),
		[EV_EMPTY] = STAY(RUN),
	},
	[ST_STOP_HOOKS] = {
		[EV_SCRIPT_DONE] = STAY(STOP_HOOKS),
		[EV_SCRIPT_FAILED] = STAY(STOP_HOOKS),
		[EV_EXEC_DONE] = STAY(STOP_HOOKS),
		[EV_EXEC_FAILED] = STAY(STOP_HOOKS),
		[EV_COMMAND_ENDED] = STAY(END_HOOKS), /* the hook that runs goes on */
		[EV_LEFT] = GO(END, LEAVE),
		[EV_STOP] = GO(STOP, STOP_COMMAND),
		[EV_HANGUP] = GO(KILL, KILL),
		[EV_HOOK_ENDED] = GO(STOP_HOOKS, NEXT_HOOK),
		[EV_HOOKS_DONE] = GO(STOP, STOP_COMMAND),
		[EV_DEADLINE] = GO(STOP_HOOKS, NEXT_HOOK),
		[EV_EMPTY] = STAY(STOP_HOOKS),
	},
	[ST_STOP] = {
		[EV_SCRIPT_DONE] = STAY(STOP),
		[EV_SCRIPT_FAILED] = STAY(STOP),
		[EV_EXEC_DONE] = STAY(STOP),
		[EV_EXEC_FAILED] = STAY(STOP),
		[EV_COMMAND_ENDED] = GO(DRAIN, DRAIN),
		[EV_LEFT] = GO(END, LEAVE),
		[EV_STOP] = GO(DRAIN, DRAIN),
		[EV_HANGUP] = GO(KILL, KILL),
		[EV_HOOK_ENDED] = STAY(STOP),
		[EV_HOOKS_DONE] = STAY(STOP),
		[EV_DEADLINE] = GO(KILL, KILL),
		[EV_EMPTY] = STAY(STOP),
	},
	[ST_END_HOOKS] = {
		[EV_SCRIPT_DONE] = STAY(END_HOOKS),
		[EV_SCRIPT_FAILED] = STAY(END_HOOKS),
		[EV_EXEC_DONE] = STAY(END_HOOKS),
		[EV_EXEC_FAILED] = STAY(END_HOOKS),
		[EV_COMMAND_ENDED] = STAY(END_HOOKS),
		[EV_LEFT] = STAY(END_HOOKS),
		[EV_STOP] = GO(DRAIN, DRAIN),
		[EV_HANGUP] = GO(KILL, KILL),
		[EV_HOOK_ENDED] = GO(END_HOOKS, NEXT_HOOK),
		[EV_HOOKS_DONE] = GO(DRAIN, DRAIN),
		[EV_DEADLINE] = GO(END_HOOKS, NEXT_HOOK),
		[EV_EMPTY] = STAY(END_HOOKS),
	},
	[ST_DRAIN] = {
		[EV_SCRIPT_DONE] = STAY(DRAIN),
		[EV_SCRIPT_FAILED] = STAY(DRAIN),
		[EV_EXEC_DONE] = STAY(DRAIN),
		[EV_EXEC_FAILED] = STAY(DRAIN),
		[EV_COMMAND_ENDED] = STAY(DRAIN),
		[EV_LEFT] = STAY(DRAIN),
		[EV_STOP] = GO(KILL, KILL),
		[EV_HANGUP] = GO(KILL, KILL),
		[EV_HOOK_ENDED] = STAY(DRAIN),
		[EV_HOOKS_DONE] = STAY(DRAIN),
		[EV_DEADLINE] = GO(KILL, KILL),
		[EV_EMPTY] = STAY(END),
	},
	[ST_KILL] = {
		[EV_SCRIPT_DONE] = STAY(KILL),
		[EV_SCRIPT_FAILED] = STAY(KILL),
		[EV_EXEC_DONE] = STAY(KILL),
		[EV_EXEC_FAILED] = STAY(KILL),
		[EV_COMMAND_ENDED] = STAY(KILL),
		[EV_LEFT] = STAY(KILL),
		[EV_STOP] = STAY(KILL),
		[EV_HANGUP] = STAY(KILL),
		[EV_HOOK_ENDED] = STAY(KILL),
		[EV_HOOKS_DONE] = STAY(KILL),
		[EV_DEADLINE] = STAY(END), /* something sits in the kernel and cannot die: the rest is the kernel's */
		[EV_EMPTY] = STAY(END),
	},
	[ST_END] = {
		[EV_SCRIPT_DONE] = STAY(END),
		[EV_SCRIPT_FAILED] = STAY(END),
		[EV_EXEC_DONE] = STAY(END),
		[EV_EXEC_FAILED] = STAY(END),
		[EV_COMMAND_ENDED] = STAY(END),
		[EV_LEFT] = STAY(END),
		[EV_STOP] = STAY(END),
		[EV_HANGUP] = STAY(END),
		[EV_HOOK_ENDED] = STAY(END),
		[EV_HOOKS_DONE] = STAY(END),
		[EV_DEADLINE] = STAY(END),
		[EV_EMPTY] = STAY(END),
	},
};

struct init_step init_state_step(enum init_state state, enum init_event event)
{
	return table[state][event];
}
