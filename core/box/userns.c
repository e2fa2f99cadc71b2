/* SPDX-License-Identifier: Zlib
 * Whose ids a container has: maps, and ranges of ids that no two containers share. Host side. */
#include "box/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "box/user.h"

/* Ranges for root's containers: above those that systemd-nspawn takes its own from, below the sign bit. Who has one is
 * written down as a link RUNDIR/.ids-START to the container's name. */
enum { FIRST_RANGE = 0x70000000, RANGE_COUNT = 4094 };

/* What only the host's root can do, and what helps. */
static int refuse_privileged(const struct spec *s, struct err *e)
{
	const struct {
		const char *what;
		bool wanted;
		const char *hint;
	} privileged[] = {
		{ "mountpoint", s->mountpoint, "without it the root is made inside, where the host does not see it" },
		{ "overlay=image", s->overlay_image, "overlay=DIR keeps changes without root" },
		{ "hook_init and hook_shutdown of an overlay", (s->hook_init || s->hook_shutdown) && !s->root,
		  "they are to see the root, which is made inside; with root=DIR they work" },
	};

	for (size_t i = 0; i < sizeof(privileged) / sizeof(*privileged); i++)
		if (privileged[i].wanted) {
			err_set(e, "%s: needs root", privileged[i].what);
			return err_hint(e, privileged[i].hint);
		}
	return 0;
}

int userns_demand(struct spec *s, struct err *e)
{
	if (geteuid() == 0)
		return 0;
	if (refuse_privileged(s, e) < 0)
		return -1;
	if (s->userns == USERNS_NONE) {
		err_set(e, "userns=none needs root");
		return err_hint(e, "without root a container has a user namespace");
	}
	for (size_t i = 0; i < s->nmounts; i++)
		if (s->mounts[i].idmap)
			return err_set(e, "mount: %s: idmap needs root", s->mounts[i].source);
	s->namespaces |= NS_USER;
	return 0;
}

/* --- ranges of root's --------------------------------------------------------------------------------------------- */

/* The directory of the links, locked for as long as it is open. */
static int open_ranges(struct err *e)
{
	auto_fd int all = state_open_dir(e);

	if (all >= 0 && flock(all, LOCK_EX) < 0)
		return err_sys(e, "lock the run-time directory");
	return take_fd(&all);
}

/* Whether the range is free, or whoever had it is gone without giving it back. */
static bool is_free(int dir, const char *link)
{
	char name[64] = "";
	ssize_t n = readlinkat(dir, link, name, sizeof(name) - 1);
	struct stat st;

	if (n < 0)
		return errno == ENOENT;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
		return false;
	return unlinkat(dir, link, 0) == 0;
}

static void name_range(char link[24], uint32_t start)
{
	snprintf(link, 24, ".ids-%u", start);
}

/* The search begins where the name leads to: most find their place at once, and the same one every time. */
static int take_range(struct state *st, struct err *e)
{
	auto_fd int dir = open_ranges(e);
	uint32_t hash = 5381;
	char link[24];

	if (dir < 0)
		return -1;
	for (const char *p = st->name; *p; p++)
		hash = hash * 33 + (unsigned char)*p;
	for (uint32_t i = 0; i < RANGE_COUNT; i++) {
		st->ids = FIRST_RANGE + (hash + i) % RANGE_COUNT * IDMAP_RANGE;
		name_range(link, st->ids);
		if (!is_free(dir, link))
			continue;
		/* Whoever comes after a sudden death has to know of it. */
		if (state_save(st, e) < 0)
			return -1;
		return symlinkat(st->name, dir, link) < 0 ? err_sys(e, "take the ids from %u on", st->ids) : 0;
	}
	st->ids = 0;
	return err_set(e, "userns: all %d ranges of ids are in use", RANGE_COUNT);
}

void userns_release(const struct state *st)
{
	struct err ignored;
	auto_fd int dir = st->ids ? open_ranges(&ignored) : -1;
	char link[24], name[64] = "";

	if (dir < 0)
		return;
	name_range(link, st->ids);
	if (readlinkat(dir, link, name, sizeof(name) - 1) > 0 && !strcmp(name, st->name))
		unlinkat(dir, link, 0);
}

/* --- the maps ----------------------------------------------------------------------------------------------------- */

static int add_words(const struct words *w, struct idmap *m, struct err *e)
{
	struct spec_idmap range;

	for (size_t i = 0; i < w->n; i++) {
		if (spec_parse_idmap(w->v[i], &range, e) < 0)
			return -1;
		idmap_add(m, range.inside, range.outside, range.count);
	}
	return 0;
}

/* Root inside is the caller; the others are what was granted to it, if anything was. */
static void add_granted(struct userns *u)
{
	auto_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint32_t uid, gid, uids, gids;
	struct user caller;
	struct err ignored;
	char id[12];

	snprintf(id, sizeof(id), "%u", getuid());
	if (root < 0 || user_resolve(root, id, NULL, &caller, &ignored) < 0 || !idmap_has_helpers() ||
	    !idmap_subordinate("/etc/subuid", getuid(), caller.name, &uid, &uids) ||
	    !idmap_subordinate("/etc/subgid", getuid(), caller.name, &gid, &gids))
		return;
	idmap_add(&u->uids, 1, uid, uids < IDMAP_RANGE - 1 ? uids : IDMAP_RANGE - 1);
	idmap_add(&u->gids, 1, gid, gids < IDMAP_RANGE - 1 ? gids : IDMAP_RANGE - 1);
	u->by = IDMAP_HELPER;
}

static bool is_own(const struct idmap *m, uint32_t id)
{
	return m->n == 1 && m->v[0].count == 1 && m->v[0].outside == id;
}

int userns_choose(const struct spec *s, struct state *st, struct userns *u, struct err *e)
{
	bool root = geteuid() == 0, self = s->userns == USERNS_SELF || (s->userns == USERNS_AUTO && !root);
	uint32_t start = s->id_map_start;

	*u = (struct userns){ .by = IDMAP_DIRECTLY };
	if (self) {
		idmap_add(&u->uids, 0, geteuid(), 1);
		idmap_add(&u->gids, 0, getegid(), 1);
	} else if (s->userns == USERNS_MAP && !start) {
		if (add_words(&s->uid_map, &u->uids, e) < 0 ||
		    add_words(s->gid_map.n ? &s->gid_map : &s->uid_map, &u->gids, e) < 0)
			return -1;
	} else {
		if (!start && take_range(st, e) < 0)
			return -1;
		start = start ? start : st->ids;
		idmap_add(&u->uids, 0, start, IDMAP_RANGE);
		idmap_add(&u->gids, 0, start, IDMAP_RANGE);
	}
	if (!idmap_find(&u->uids, 0, &(uint32_t){ 0 }) || !idmap_find(&u->gids, 0, &(uint32_t){ 0 }))
		return err_set(e, "uid_map and gid_map must have an id for 0, the container's root");
	if (root)
		return 0;
	u->by = is_own(&u->uids, geteuid()) && is_own(&u->gids, getegid()) ? IDMAP_OWN : IDMAP_HELPER;
	if (s->userns == USERNS_AUTO)
		add_granted(u);
	return 0;
}
