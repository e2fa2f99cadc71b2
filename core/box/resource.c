/* SPDX-License-Identifier: Zlib
 * Changing what a running container may use. Host side. */
#include "box/resource.h"

#include <errno.h>

#include "box/end.h"
#include "box/event.h"
#include "box/limits.h"
#include "sys/cgroup_limit.h"
#include "sys/cgroup_stat.h"

uint64_t resource_oom_kills(const struct state *s)
{
	struct cgroup g;
	uint64_t kills;

	cgroup_open(s->cgroup, &g);
	kills = cgroup_oom_kills(&g);
	cgroup_close(&g);
	return kills;
}

bool resource_is_paused(const struct state *s)
{
	struct cgroup g;
	bool paused;

	cgroup_open(s->cgroup, &g);
	paused = cgroup_is_frozen(&g);
	cgroup_close(&g);
	return paused;
}

const char *resource_status_name(const struct state *s, int status)
{
	return status != STATUS_EXITED && resource_is_paused(s) ? "paused" : state_status_name((enum state_status)status);
}

void resource_limits(const struct state *s, struct spec *limits)
{
	struct err ignored;
	struct cgroup g;

	spec_init(limits);
	cgroup_open(s->cgroup, &g);
	limits_read(&g, limits, &ignored);
	cgroup_close(&g);
}

int resource_freeze(const struct state *s, bool on, struct err *e)
{
	struct cgroup g;
	int result = 0;

	cgroup_open(s->cgroup, &g);
	if (on)
		result = cgroup_ask_freeze(&g, e);
	else
		cgroup_thaw(&g);
	cgroup_close(&g);
	return result;
}

static int no_cgroup(const char *name, struct err *e)
{
	const struct cgroup none = { .n = 0 };
	struct cgroup_machine m;
	bool any;

	if (cgroup_find(&m, e) < 0)
		return -1;
	any = m.n;
	cgroup_machine_free(&m);
	if (!any) {
		cgroup_explain(&none, CGROUP_MEMORY, "", e);
		return err_prefix(e, "the container %s has no cgroup", name);
	}
	err_set(e, "the container %s has no cgroup", name);
	return err_hint(e, "start it with --cgroup yes, in the background, or with a limit");
}

int resource_open(const char *name, struct cgroup *g, struct err *e)
{
	struct state s;
	int status = -1, result = state_load(name, &s, e);

	if (result == 0)
		status = state_check(&s, e);
	if (result < 0 || (status < 0 && e->num)) {
		result = -1;
	} else if (status != STATUS_RUNNING && status != STATUS_UNMONITORED && status != STATUS_STARTING) {
		result = err_set(e, "the container %s is not running", name);
	} else {
		bool all = cgroup_open(s.cgroup, g);

		if (!g->n && all)
			result = no_cgroup(name, e);
		if (!all) {
			cgroup_close(g);
			result = err_set(e, "the cgroups of %s cannot be reached from here", name);
		}
	}
	state_close(&s);
	return result;
}

int resource_pause(const char *name, bool on, struct err *e)
{
	struct cgroup g;
	int result;

	if (resource_open(name, &g, e) < 0)
		return -1;
	if (cgroup_is_frozen(&g) == on) {
		cgroup_close(&g);
		return 0;
	}
	result = end_freeze(name, on, e);
	if (result == 0)
		result = cgroup_wait_frozen(&g, on, e);
	/* Half frozen it would be neither. */
	if (result < 0 && on)
		end_freeze(name, false, &(struct err){ 0 });
	cgroup_close(&g);
	if (result < 0)
		return err_prefix(e, "%s %s", on ? "pause" : "resume", name);
	event_write(name, on ? "pause" : "resume");
	return 0;
}

int resource_update(const char *name, const struct spec *s, struct err *e)
{
	struct cgroup g;
	struct words before = { 0 };
	int result;

	if (limits_check(s, e) < 0 || resource_open(name, &g, e) < 0)
		return -1;
	g.before = &before;
	result = limits_apply(s, &g, NULL, NULL, e);
	if (result < 0)
		cgroup_restore(&g);
	words_free(&before);
	cgroup_close(&g);
	if (result == 0)
		event_write(name, "update");
	return result;
}
