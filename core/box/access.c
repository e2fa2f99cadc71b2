/* SPDX-License-Identifier: Zlib
 * Landlock as the settings have it: checked on the host, carried out inside. */
#include "box/access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "sys/feature.h"
#include "sys/landlock.h"

/* --- on the host -------------------------------------------------------------------------------------------------- */

static unsigned kind_of(const struct spec_landlock *r)
{
	return r->path ? LANDLOCK_FILES : r->connect ? LANDLOCK_TCP_CONNECT : LANDLOCK_TCP_BIND;
}

/* Whether the kernel can deny kinds, which key=value is about. */
static int demand(const char *key, const char *value, unsigned kinds, struct err *e)
{
	int abi = landlock_abi(), needed = landlock_needs(kinds);

	if (abi >= needed)
		return 0;
	err_set(e, "%s: %s needs ABI %d of Landlock, the kernel has %d", key, value, needed, abi);
	return err_feature(e, FEATURE_LANDLOCK);
}

/* What no namespace keeps apart. A display may be reached by an abstract socket only. */
static unsigned open_borders(const struct spec *s)
{
	return (s->net == NET_HOST && (!s->gui || s->landlock_scope == SWITCH_YES) ? LANDLOCK_SOCKETS : 0) |
	       (s->namespaces & NS_PID ? 0 : LANDLOCK_SIGNALS);
}

const char *access_gap(unsigned access)
{
	if (!(access & LANDLOCK_FILES) || landlock_abi() >= LANDLOCK_TRUNCATES)
		return NULL;
	return "landlock: the kernel cannot keep files that may not be written from being emptied (Linux 6.2 can)";
}

int access_check(const struct spec *s, unsigned *access, unsigned *scope, struct err *e)
{
	struct err ignored;

	*access = *scope = 0;
	for (size_t i = 0; i < s->landlock.n; i++) {
		struct spec_landlock r;
		unsigned kind;

		if (spec_parse_landlock(s->landlock.v[i], &r, e) < 0)
			return -1;
		kind = kind_of(&r);
		free(r.path);
		if (demand("landlock", s->landlock.v[i], kind, e) < 0)
			return -1;
		*access |= kind;
	}
	if (s->strict && access_gap(*access))
		return err_set(e, "%s", access_gap(*access));
	if (s->landlock_scope == SWITCH_NO || (s->landlock_scope == SWITCH_AUTO && s->privileged))
		return 0;
	*scope = open_borders(s);
	if (s->landlock_scope == SWITCH_YES)
		return demand("landlock_scope", "yes", *scope, e);
	if (demand("", "", *scope, &ignored) < 0)
		*scope = 0;
	return 0;
}

/* --- inside ------------------------------------------------------------------------------------------------------- */

static int allow(int rules, const struct spec_landlock *r, struct err *e)
{
	unsigned access = (r->read ? LANDLOCK_READ : 0) | (r->write ? LANDLOCK_WRITE : 0) | (r->execute ? LANDLOCK_EXECUTE : 0);
	auto_fd int fd = -1;

	if (!r->path)
		return landlock_allow_port(rules, kind_of(r), r->port, e);
	fd = open(r->path, O_PATH | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && r->optional)
		return 0;
	return fd < 0 ? err_sys(e, "open %s", r->path) : landlock_allow_path(rules, fd, r->path, access, e);
}

int access_restrict(const struct plan *p, int exec_fd, struct err *e)
{
	uint32_t offset = p->rules;
	auto_fd int rules = -1;

	if (!p->access)
		return 0;
	rules = landlock_begin(p->access, e);
	if (rules < 0)
		return -1;
	for (uint32_t i = 0; i < p->nrules; i++) {
		const char *text = plan_text(p, offset);
		struct spec_landlock r;
		int result;

		if (!text || spec_parse_landlock(text, &r, e) < 0)
			return err_set(e, "the container's Landlock rules cannot be read");
		result = allow(rules, &r, e);
		free(r.path);
		if (result < 0)
			return err_prefix(e, "landlock: %s", text);
		offset += (uint32_t)strlen(text) + 1;
	}
	/* A program of the host's that was opened there is below no path of the container's. */
	if (exec_fd >= 0 && p->access & LANDLOCK_FILES &&
	    landlock_allow_path(rules, exec_fd, "the command", LANDLOCK_EXECUTE, e) < 0)
		return -1;
	return landlock_enforce(rules, e);
}
