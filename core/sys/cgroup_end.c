/* SPDX-License-Identifier: Zlib
 * Freezing what is in a container's cgroups, killing it, and removing them. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "sys/cgroup.h"
#include "sys/cgroup_dir.h"

enum {
	TRIES = 500, /* of TICK_MS each */
	TICK_MS = 10,
};

static void tick(void)
{
	const struct timespec t = { .tv_nsec = TICK_MS * 1000000L };

	nanosleep(&t, NULL);
}

/* --- freezing ----------------------------------------------------------------------------------------------------- */

static bool has_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	return at && (at == text || at[-1] == '\n') && (!at[strlen(line)] || at[strlen(line)] == '\n');
}

static bool is_frozen(const struct cgroup_dir *d)
{
	char text[256];

	return d->v2 ? cgroup_dir_read(d->outer, "cgroup.events", text, sizeof(text)) && has_line(text, "frozen 1") :
		       cgroup_dir_read(d->outer, "freezer.state", text, sizeof(text)) && has_line(text, "FROZEN");
}

bool cgroup_is_frozen(const struct cgroup *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (is_frozen(&g->v[i]))
			return true;
	return false;
}

static bool ask_freezer(const struct cgroup_dir *d)
{
	return d->v2 ? cgroup_dir_write(d->outer, "cgroup.freeze", "1") == 0 :
		       cgroup_dir_write(d->outer, "freezer.state", "FROZEN") == 0;
}

int cgroup_ask_freeze(const struct cgroup *g, struct err *e)
{
	for (size_t i = 0; i < g->n; i++)
		if (ask_freezer(&g->v[i]))
			return 0;
	errno = ENOENT;
	return err_sys(e, "find a cgroup that can be frozen");
}

/* A container may have frozen what it has made below, too. */
void cgroup_thaw(const struct cgroup *g)
{
	for (size_t i = 0; i < g->n; i++)
		cgroup_dir_each(g->v[i].outer, cgroup_dir_thaw);
}

int cgroup_wait_frozen(const struct cgroup *g, bool on, struct err *e)
{
	for (int tries = 0; tries < TRIES; tries++) {
		if (cgroup_is_frozen(g) == on)
			return 0;
		tick();
	}
	return err_set(e, "not all of its processes can be %s", on ? "frozen" : "thawed");
}

/* --- killing, removing -------------------------------------------------------------------------------------------- */

void cgroup_kill(const char *dirs)
{
	struct cgroup g;
	bool killed = false;

	cgroup_open(dirs, &g);
	for (size_t i = 0; i < g.n; i++)
		killed |= g.v[i].v2 && cgroup_dir_write(g.v[i].outer, "cgroup.kill", "1") == 0;
	/* Frozen, nothing forks while the lists are read; the signal takes effect when they thaw. */
	for (size_t i = 0; !killed && i < g.n; i++)
		ask_freezer(&g.v[i]);
	for (size_t i = 0; !killed && i < g.n; i++)
		cgroup_dir_each(g.v[i].outer, cgroup_dir_kill);
	cgroup_thaw(&g);
	cgroup_close(&g);
}

/* Where somebody had to make room for us and has gone since, nobody is in the leaf any more. */
static void remove_leaf(char *path)
{
	auto_fd int base = -1;

	*strrchr(path, '/') = 0;
	base = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base >= 0)
		unlinkat(base, "cagebox.leaf", AT_REMOVEDIR);
}

static int remove_one(char *path, const char *dirs, struct err *e)
{
	for (int i = 0; i < TRIES; i++) {
		if (cgroup_dir_remove(AT_FDCWD, path, true) == 0) {
			remove_leaf(path);
			return 0;
		}
		if (errno != EBUSY)
			return err_sys(e, "remove the cgroup %s", path);
		cgroup_kill(dirs);
		tick();
	}
	errno = EBUSY;
	return err_sys(e, "remove the cgroup %s", path);
}

int cgroup_remove(const char *dirs, struct err *e)
{
	const char *list = dirs;
	char *path;
	int result = 0;

	while (result == 0 && (path = cgroup_dir_next(&list, e))) {
		result = remove_one(path, dirs, e);
		free(path);
	}
	return result;
}
