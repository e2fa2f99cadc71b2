/* SPDX-License-Identifier: Zlib
 * Capability sets. */
#include "sys/caps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#define BIT(cap) (1ULL << (cap))

uint64_t caps_default(void)
{
	return BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FSETID) | BIT(CAP_FOWNER) | BIT(CAP_SETGID) | BIT(CAP_SETUID) |
	       BIT(CAP_SETPCAP) | BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SYS_CHROOT) | BIT(CAP_KILL) | BIT(CAP_AUDIT_WRITE) |
	       BIT(CAP_SETFCAP);
}

uint64_t caps_init(void)
{
	return BIT(CAP_KILL) | BIT(CAP_SETUID) | BIT(CAP_SETGID) | BIT(CAP_SETPCAP) | BIT(CAP_SYS_RESOURCE) |
	       BIT(CAP_DAC_OVERRIDE) | BIT(CAP_CHOWN);
}

int caps_of_name(const char *name, uint64_t *set, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	char full[40];
	cap_value_t cap;

	if (!strcasecmp(name, "all")) {
		*set = UINT64_MAX;
		return 0;
	}
	snprintf(full, sizeof(full), "%s%s", strncasecmp(name, "cap_", 4) ? "cap_" : "", name);
	/* libcap reads a name as far as it is one and takes no offence at what follows. */
	if (name[strspn(name, letters)] || cap_from_name(full, &cap) < 0 || cap > CAP_LAST_CAP)
		return err_set(e, "'%s' is not a capability", name);
	*set = BIT(cap);
	return 0;
}

int caps_change(uint64_t *set, const struct words *add, const struct words *drop, struct err *e)
{
	uint64_t bits;

	for (size_t i = 0; i < add->n; i++) {
		if (caps_of_name(add->v[i], &bits, e) < 0)
			return err_prefix(e, "cap_add");
		*set |= bits;
	}
	for (size_t i = 0; i < drop->n; i++) {
		if (caps_of_name(drop->v[i], &bits, e) < 0)
			return err_prefix(e, "cap_drop");
		*set &= ~bits;
	}
	return 0;
}

int caps_names(uint64_t set, struct words *names, struct err *e)
{
	for (cap_value_t cap = 0; cap < 64; cap++) {
		char *name = set & BIT(cap) ? cap_to_name(cap) : NULL;
		int result;

		if (!(set & BIT(cap)))
			continue;
		if (!name)
			return err_memory(e);
		result = words_add(names, name + (strncmp(name, "cap_", 4) ? 0 : 4), e);
		cap_free(name);
		if (result < 0)
			return -1;
	}
	return 0;
}

int caps_limit(uint64_t before, uint64_t set, struct err *e)
{
	cap_t caps;
	int failed;

	for (cap_value_t cap = 0; cap < cap_max_bits() && cap < 64; cap++)
		if (before & ~set & BIT(cap) && cap_drop_bound(cap) < 0)
			return err_sys(e, "drop a capability from the bounding set");
	/* At once; libcap would ask for each of them. Before 4.3 there are none. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return err_sys(e, "empty the ambient capabilities");
	caps = cap_get_proc();
	failed = !caps || cap_clear_flag(caps, CAP_INHERITABLE) < 0 || cap_set_proc(caps) < 0;
	if (caps)
		cap_free(caps);
	return failed ? err_sys(e, "empty the inheritable capabilities") : 0;
}

int caps_raise(uint64_t set, struct err *e)
{
	cap_t caps = cap_get_proc();
	int failed = !caps;

	for (cap_value_t cap = 0; !failed && cap < 64; cap++)
		if (set & BIT(cap))
			failed = cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, CAP_SET) < 0;
	failed = failed || cap_set_proc(caps) < 0;
	if (caps)
		cap_free(caps);
	return failed ? err_sys(e, "use a capability") : 0;
}
