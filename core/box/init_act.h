/* SPDX-License-Identifier: Zlib
 * PID 1 while it runs, and the actions of its state table. Container side. */
#ifndef CAGEBOX_BOX_INIT_ACT_H
#define CAGEBOX_BOX_INIT_ACT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "box/init.h"
#include "box/init_reap.h"
#include "box/init_spawn.h"
#include "box/init_state.h"

enum { INIT_ERROR, INIT_WARNING, INIT_INFO, INIT_DEBUG }; /* init_options.verbosity */

struct init {
	const struct plan *plan; /* NULL when it was given back: PLAN_FD_PLAN has it still */
	const struct init_options *options;
	int wire, signals, report; /* report: the outcome of an exec */
	enum init_state state;
	pid_t command, helper;             /* helper: the init script, later the shutdown hook that runs. 0: none */
	pid_t left;                        /* the command after it has ended: its group may live on */
	int command_status, helper_status; /* as of wait(2), once they ended */
	bool command_ended, helper_ended;  /* and the state table was not told yet */
	bool first;                        /* PLAN_FIRST: a container's init */
	bool keep;                         /* PLAN_KEEP */
	bool pipes;                        /* PLAN_FD_STDOUT and PLAN_FD_STDERR are there */
	bool stopped;                      /* a stop was asked for */
	bool started;                      /* the command was forked, or could not be */
	bool failed;                       /* the start failed */
	bool hooks_read;                   /* the directory of hooks is through */
	bool last_hook;                    /* the plan has a shutdown_hook that did not run yet */
	uint8_t stop_signal;
	int status; /* the exit status of init */
	uint64_t stop_timeout_ms, hook_timeout_ms;
	uint64_t early;         /* signals that came before the command was there */
	uint64_t deadline;      /* of the state or the hook, 0: none; times are those of init_reap_now */
	uint64_t stop_deadline; /* after which everything is killed */
	uint64_t kill_again;
	struct init_reaper reaper;
	struct err err; /* why the start failed */
	char hook[INIT_HOOK_NAME];
};

/* A message on stderr, by one write. In a container there is nobody to read it but the command: nothing is written. */
void init_act_say(const struct init *i, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The time of init_reap_now that comes in ms milliseconds. */
uint64_t init_act_after(uint64_t ms);

/* Send signal to the command, or its group; to everything else that runs. */
void init_act_signal_command(const struct init *i, int signal);
void init_act_signal_all(const struct init *i, int signal);

/* Not being PID 1, KILL has to be repeated for what was just being forked. */
void init_act_kill_again(struct init *i);

/* Tell the state table what happened, and do what it says. */
void init_act_happen(struct init *i, enum init_event event);

#endif
