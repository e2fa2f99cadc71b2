/* SPDX-License-Identifier: Zlib
 * Capability sets. */
#include "sys/caps.h"

#include <ctype.h>
#include <errno.h>
#include <linux/securebits.h>
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

	if (!strcasecmp(name, "all") || !strcasecmp(name, "none")) {
		*set = tolower(*name) == 'a' ? UINT64_MAX : 0;
		return 0;
	}
	snprintf(full, sizeof(full), "%s%s", strncasecmp(name, "cap_", 4) ? "cap_" : "", name);
	/* libcap reads a name as far as it is one and takes no offence at what follows. */
	if (name[strspn(name, letters)] || cap_from_name(full, &cap) < 0 || cap > CAP_LAST_CAP)
		return err_set(e, "'%s' is not a capability", name);
	*set = BIT(cap);
	return 0;
}

/* The set that has all of names, which are the value of key. */
static int from_names(const char *key, const struct words *names, uint64_t *set, struct err *e)
{
	uint64_t bits = 0;

	*set = 0;
	for (size_t i = 0; i < names->n; i++) {
		if (caps_of_name(names->v[i], &bits, e) < 0)
			return err_prefix(e, "%s", key);
		*set |= bits;
	}
	return 0;
}

int caps_change(uint64_t *set, const struct words *add, const struct words *drop, struct err *e)
{
	uint64_t added, dropped;

	if (from_names("cap_add", add, &added, e) < 0 || from_names("cap_drop", drop, &dropped, e) < 0)
		return -1;
	*set = (*set | added) & ~dropped;
	return 0;
}

/* What the caller can give at all. */
static uint64_t bounding_set(void)
{
	uint64_t set = 0;

	for (cap_value_t cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (cap_get_bound(cap) > 0)
			set |= BIT(cap);
	return set;
}

int caps_ambient(uint64_t *ambient, const struct words *names, uint64_t set, struct err *e)
{
	if (from_names("cap_ambient", names, ambient, e) < 0)
		return -1;
	if (*ambient == UINT64_MAX)
		*ambient = set & bounding_set();
	for (cap_value_t cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (*ambient & ~set & BIT(cap)) {
			char *name = cap_to_name(cap);

			err_set(e, "cap_ambient: %s is not in the command's set", name ? name : "one");
			cap_free(name);
			return err_hint(e, "cap_add adds to it");
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

/* Let this process have permitted and inheritable, and of the first for now what effective says. */
static int set_process(uint64_t permitted, uint64_t effective, uint64_t inheritable)
{
	const uint64_t sets[] = { [CAP_EFFECTIVE] = effective, [CAP_PERMITTED] = permitted, [CAP_INHERITABLE] = inheritable };
	cap_t caps = cap_init();
	int result = caps ? 0 : -1;

	for (cap_flag_t flag = CAP_EFFECTIVE; flag <= CAP_INHERITABLE; flag++)
		for (cap_value_t cap = 0; result == 0 && cap <= CAP_LAST_CAP; cap++)
			if (sets[flag] & BIT(cap))
				result = cap_set_flag(caps, flag, 1, &cap, CAP_SET);
	if (result == 0)
		result = cap_set_proc(caps);
	cap_free(caps);
	return result;
}

int caps_lock(struct err *e)
{
	/* Whatever of it is set already stays so. Servers that become a user keep capabilities for a moment: that stays free. */
	int bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
	int wanted = (bits | SECBIT_NO_CAP_AMBIENT_RAISE | (SECURE_ALL_LOCKS & ~SECBIT_KEEP_CAPS_LOCKED)) & ~SECBIT_KEEP_CAPS;

	if (bits != wanted && prctl(PR_SET_SECUREBITS, wanted, 0, 0, 0) < 0)
		return err_sys(e, "lock how capabilities come about");
	return 0;
}

int caps_keep(struct err *e)
{
	return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ? err_sys(e, "keep capabilities for a user") : 0;
}

int caps_give(uint64_t ambient, uint64_t once, bool lock, struct err *e)
{
	if (set_process(ambient | once | BIT(CAP_SETPCAP), ambient | BIT(CAP_SETPCAP), ambient) < 0)
		return err_sys(e, "make capabilities inheritable");
	for (cap_value_t cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (ambient & BIT(cap) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return err_sys(e, "make a capability ambient");
	if (lock && caps_lock(e) < 0)
		return -1;
	/* The one for the lock has been lent. */
	return set_process(ambient | once, ambient, ambient) < 0 ? err_sys(e, "give back a capability") : 0;
}

int caps_lower(uint64_t set, struct err *e)
{
	const cap_flag_t kinds[] = { CAP_EFFECTIVE, CAP_PERMITTED };
	cap_t caps;
	int failed;

	if (caps_limit(UINT64_MAX, set, e) < 0)
		return -1;
	caps = cap_get_proc();
	failed = !caps;
	for (cap_value_t cap = 0; !failed && cap < 64; cap++)
		for (size_t i = 0; i < 2 && !(set & BIT(cap)); i++)
			failed |= cap_set_flag(caps, kinds[i], 1, &cap, CAP_CLEAR) < 0;
	failed = failed || cap_set_proc(caps) < 0;
	cap_free(caps);
	return failed ? err_sys(e, "give up capabilities") : 0;
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

int caps_drop(void)
{
	return set_process(0, 0, 0);
}
