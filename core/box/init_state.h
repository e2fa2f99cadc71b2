/* SPDX-License-Identifier: Zlib
 * The state table of PID 1: what init does next, as a pure function of where it is and what happened. No system calls. */
#ifndef CAGEBOX_BOX_INIT_STATE_H
#define CAGEBOX_BOX_INIT_STATE_H

enum init_state {
	ST_SCRIPT,     /* the init script runs, the command does not yet */
	ST_START,      /* the command was forked; whether its exec succeeds is not known yet */
	ST_START_STOP, /* the same, and a stop was asked for: nothing is lost, it begins when the exec is through */
	ST_RUN,        /* the command runs */
	ST_STOP_HOOKS, /* a stop: the shutdown hooks run, the command too */
	ST_STOP,       /* a stop: the command got the stop signal */
	ST_END_HOOKS,  /* the command has ended: the shutdown hooks run */
	ST_DRAIN,      /* TERM and CONT went to everything that is left */
	ST_KILL,       /* KILL went to everything that is left */
	ST_END,        /* init may exit */
	ST_COUNT,
};

enum init_event {
	EV_SCRIPT_DONE,   /* the init script exited with 0 */
	EV_SCRIPT_FAILED, /* ... with anything else */
	EV_EXEC_DONE,     /* the command's exec succeeded */
	EV_EXEC_FAILED,   /* it did not, or there was nothing to fork */
	EV_COMMAND_ENDED, /* the command exited or was killed */
	EV_LEFT,          /* the same where init is to exit along with it */
	EV_STOP,          /* somebody wants the container stopped */
	EV_HANGUP,        /* the monitor has died and init is not to outlive it */
	EV_HOOK_ENDED,    /* the shutdown hook that ran has exited */
	EV_HOOKS_DONE,    /* there is no further hook */
	EV_DEADLINE,      /* the time of this state, or of the hook that runs, is over */
	EV_EMPTY,         /* no child is left */
	EV_COUNT,
	EV_NONE = EV_COUNT, /* for whoever passes events on */
};

/* There is no zero, so that a cell that was forgotten shows. */
enum init_action {
	ACT_NOTHING = 1,
	ACT_START_COMMAND, /* fork it */
	ACT_FAIL,          /* tell why the start failed, then as ACT_KILL */
	ACT_READY,         /* tell that the command runs, give back what only the start needed */
	ACT_READY_HOOKS,   /* the same, then as ACT_NEXT_HOOK */
	ACT_NEXT_HOOK,     /* end the hook that runs, if any; start the next one, or EV_HOOKS_DONE */
	ACT_STOP_COMMAND,  /* end the hook that runs; stop signal to the command; the time to stop begins */
	ACT_DRAIN,         /* end the hook that runs; TERM and CONT to all; the time to stop begins unless it runs already */
	ACT_KILL,          /* KILL to all */
	ACT_LEAVE,         /* a last signal to the command's group where that is the custom */
	ACT_COUNT,
};

struct init_step {
	unsigned char next;   /* enum init_state */
	unsigned char action; /* enum init_action */
};

/* What to do about event in state. */
struct init_step init_state_step(enum init_state state, enum init_event event);

#endif
