/* SPDX-License-Identifier: Zlib
 * Ending containers from outside. Host side. */
#include "box/end.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "box/control.h"
#include "box/resource.h"
#include "box/state.h"
#include "sys/cgroup.h"

enum {
	KILL_WAIT_MS = 10000,
	HOOKS_WAIT_MS = 60000,
};

/* A container whose monitor is gone (keep): init takes TERM from outside for a request to stop. */
static int end_unmonitored(struct state *s, const struct control_request *r, struct err *e)
{
	uint64_t grace = r->number >= 0 ? (uint64_t)r->number : s->stop_timeout_ms;
	int wait_ms = grace + HOOKS_WAIT_MS > INT_MAX ? INT_MAX : (int)(grace + HOOKS_WAIT_MS);

	if (r->kind == CONTROL_SIGNAL) {
		err_set(e, "the monitor of %s is gone: only stop and kill -a work", s->name);
		return -1;
	}
	if (r->kind == CONTROL_READY)
		return 0;
	if (r->kind == CONTROL_FREEZE)
		return resource_freeze(s, r->number, e);
	if (r->kind == CONTROL_WAIT)
		proc_wait_gone(&s->init, -1);
	if (r->kind == CONTROL_STOP) {
		resource_freeze(s, false, e);
		proc_kill(&s->init, SIGTERM);
		proc_wait_gone(&s->init, wait_ms);
	}
	if (r->kind != CONTROL_WAIT)
		cgroup_kill(s->cgroup);
	proc_kill(&s->init, SIGKILL);
	proc_wait_gone(&s->init, KILL_WAIT_MS);
	return state_check(s, e) < 0 && e->num ? -1 : 0;
}

/* It has ended, and what is known of that is in its record. */
static int recall(const struct state *s, struct control_answer *a)
{
	a->reason = s->reason;
	a->code = s->code;
	return 0;
}

static int not_running(const struct state *s, struct err *e)
{
	err_set(e, "the container %s is not running", s->name);
	e->num = ESRCH;
	return -1;
}

static bool needs_running(const struct control_request *r)
{
	return r->kind == CONTROL_SIGNAL || r->kind == CONTROL_READY || r->kind == CONTROL_FREEZE;
}

static int ask(struct state *s, const struct control_request *r, struct control_answer *a, struct err *e)
{
	int status = state_check(s, e);
	auto_fd int fd = -1;
	bool gone;

	if (status < 0 && e->num)
		return -1;
	if (status < 0 || status == STATUS_EXITED)
		return needs_running(r) ? not_running(s, e) : recall(s, a);
	if (status == STATUS_UNMONITORED)
		return end_unmonitored(s, r, e) < 0 ? -1 : recall(s, a);
	fd = control_ask(s, r, a, &gone, e);
	if (fd >= 0 || !gone)
		return fd < 0 ? -1 : 0;
	status = state_check(s, e);
	if (status < 0 && e->num)
		return -1;
	if (status == STATUS_UNMONITORED)
		return end_unmonitored(s, r, e) < 0 ? -1 : recall(s, a);
	if (needs_running(r))
		return not_running(s, e);
	return recall(s, a);
}

static int request(const char *name, struct control_request r, struct ending *out, struct err *e)
{
	struct control_answer a = { 0 };
	struct state s;
	int result = state_load(name, &s, e);

	if (result == 0)
		result = ask(&s, &r, &a, e);
	if (result == 0 && out)
		*out = (struct ending){ (enum end_reason)a.reason, a.code };
	state_close(&s);
	return result;
}

int end_signal(const char *name, int signal, struct err *e)
{
	return request(name, (struct control_request){ CONTROL_SIGNAL, signal }, NULL, e);
}

int end_freeze(const char *name, bool on, struct err *e)
{
	return request(name, (struct control_request){ CONTROL_FREEZE, on }, NULL, e);
}

int end_stop(const char *name, int timeout_ms, struct ending *out, struct err *e)
{
	return request(name, (struct control_request){ CONTROL_STOP, timeout_ms }, out, e);
}

int end_kill(const char *name, struct ending *out, struct err *e)
{
	return request(name, (struct control_request){ CONTROL_KILL, 0 }, out, e);
}

int end_wait_ready(const char *name, struct err *e)
{
	int result = request(name, (struct control_request){ CONTROL_READY, 0 }, NULL, e);

	if (result < 0 && e->num == ENOENT)
		e->num = ESRCH;
	return result;
}

int end_wait(const char *name, struct ending *out, struct err *e)
{
	return request(name, (struct control_request){ CONTROL_WAIT, 0 }, out, e);
}

int end_find(const char *name, struct state *s, struct err *e)
{
	int status;

	if (state_load(name, s, e) < 0)
		return -1;
	status = state_check(s, e);
	if (status < 0 && e->num)
		return -1;
	/* Before its command runs it is not put together yet. */
	if ((status == STATUS_STARTING || status == STATUS_RUNNING) && (end_wait_ready(name, e) < 0 || state_read(s, e) < 0))
		return -1;
	/* Its record may be gone by now. */
	if (!s->init.pid || (status != STATUS_STARTING && status != STATUS_RUNNING && status != STATUS_UNMONITORED))
		return not_running(s, e);
	return status == STATUS_UNMONITORED;
}
