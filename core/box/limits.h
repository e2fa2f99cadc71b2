/* SPDX-License-Identifier: Zlib
 * The limits of a container: from its settings into its cgroups and back. Host side. */
#ifndef CAGEBOX_BOX_LIMITS_H
#define CAGEBOX_BOX_LIMITS_H

#include <stdio.h>

#include "base/err.h"
#include "spec/spec.h"
#include "sys/cgroup.h"

/* Refuse what names a device that does not exist, before anything is touched. */
int limits_check(const struct spec *s, struct err *e);

/* The controllers (bits) that the limits of s need, and with all those that count what a container uses or whose limits can be
 * changed while it runs. */
unsigned limits_controllers(const struct spec *s, bool all);

/* Put the limits of s in force. What cannot be is told to lack, by the setting's name and the reason, with who passed on;
 * without lack, or with s->strict, it is an error. Returns 0, or -1 with e set. */
int limits_apply(const struct spec *s, const struct cgroup *g, void (*lack)(const void *who, const char *text), const void *who,
		 struct err *e);

/* Fill the limits of s, which is fresh from spec_init, with those that the kernel says are in force. Of device_allow it tells only
 * whether there are rules: one that says so. */
int limits_read(const struct cgroup *g, struct spec *s, struct err *e);

/* Write the limits of s as a JSON object: numbers where they are numbers, sizes in bytes. */
int limits_json(FILE *out, const struct spec *s, struct err *e);

#endif
