/* SPDX-License-Identifier: Zlib
 * Whose ids a container has. Host side. */
#ifndef CAGEBOX_BOX_USERNS_H
#define CAGEBOX_BOX_USERNS_H

#include "box/state.h"
#include "spec/spec.h"
#include "sys/idmap.h"

struct userns {
	struct idmap uids, gids;
	enum idmap_writer by;
};

/* A caller without root has a user namespace, whether asked for or not; what nobody but root can do is refused. Before
 * spec_check. */
int userns_demand(struct spec *s, struct err *e);

/* The maps of s, which has NS_USER. For userns=auto root takes a range for container st and notes it there; it is written
 * down at once, and given back by userns_release. */
int userns_choose(const struct spec *s, struct state *st, struct userns *u, struct err *e);
void userns_release(const struct state *st);

#endif
