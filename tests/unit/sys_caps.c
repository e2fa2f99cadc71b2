/* SPDX-License-Identifier: Zlib
 * Capability sets (sys/caps.h): names, adding and dropping, limiting a process for good. Prints TAP. */
#include "sys/caps.h"

#include <inttypes.h>
#include <linux/securebits.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define BIT(cap) (UINT64_C(1) << (cap))

/* The set that adding and dropping one word each makes of set; what the message says in e. */
static int change(uint64_t *set, const char *add, const char *drop, struct err *e)
{
	struct words a = { 0 }, d = { 0 };
	int result;

	if ((add && words_add(&a, add, e) < 0) || (drop && words_add(&d, drop, e) < 0))
		abort();
	result = caps_change(set, &a, &d, e);
	words_free(&a);
	words_free(&d);
	return result;
}

static void test_change(void)
{
	static const struct {
		uint64_t from;
		const char *add, *drop;
		uint64_t to;
	} good[] = {
		{ 0, NULL, NULL, 0 },
		{ 0, "chown", NULL, BIT(CAP_CHOWN) },
		{ 0, "CAP_CHOWN", NULL, BIT(CAP_CHOWN) },
		{ 0, "Cap_Sys_Admin", NULL, BIT(CAP_SYS_ADMIN) },
		{ 0, "checkpoint_restore", NULL, BIT(CAP_LAST_CAP) },
		{ 0, "all", NULL, UINT64_MAX },
		{ UINT64_MAX, NULL, "ALL", 0 },
		{ BIT(CAP_CHOWN) | BIT(CAP_KILL), NULL, "kill", BIT(CAP_CHOWN) },
		{ 0, "kill", "kill", 0 },
		{ 0, "all", "sys_boot", ~BIT(CAP_SYS_BOOT) },
		{ 5, "sys_boot", "all", 0 },
		{ 5, "none", NULL, 5 },
		{ 5, NULL, "None", 5 },
		{ 5, "none", "all", 0 },
		{ 0, "all", "none", UINT64_MAX },
	};
	static const char *const bad[] = { "",
					   "cap_",
					   "chowns",
					   "chow",
					   "chown ",
					   " chown",
					   "chown,kill",
					   "chown=ep",
					   "chown+ep",
					   "chown-x",
					   "sys_admin1",
					   "0",
					   "5",
					   "cap_5",
					   "63",
					   "-1",
					   "cap_cap_chown",
					   "cap_none",
					   "nones",
					   "al",
					   "all,",
					   "all ",
					   "a very long name that is no capability at all",
					   "cap_all" };

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		uint64_t set = good[i].from;
		struct err e = { 0 };

		if (!tap_ok(change(&set, good[i].add, good[i].drop, &e) == 0 && set == good[i].to, __LINE__,
			    "%" PRIx64 " +%s -%s = %" PRIx64, good[i].from, good[i].add ? good[i].add : "",
			    good[i].drop ? good[i].drop : "", good[i].to))
			printf("# %" PRIx64 " %s\n", set, e.text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char wanted[100], title[100];
		uint64_t set = 0;
		struct err e;

		snprintf(wanted, sizeof(wanted), "cap_add: '%s' is not a capability", bad[i]);
		snprintf(title, sizeof(title), "'%s' is not added", bad[i]);
		SAME(change(&set, bad[i], NULL, &e) < 0 ? e.text : "accepted", wanted, title);
		snprintf(wanted, sizeof(wanted), "cap_drop: '%s' is not a capability", bad[i]);
		snprintf(title, sizeof(title), "'%s' is not dropped", bad[i]);
		SAME(change(&set, NULL, bad[i], &e) < 0 ? e.text : "accepted", wanted, title);
	}
}

static void test_default(void)
{
	static const int never[] = { CAP_SYS_ADMIN, CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_PTRACE, CAP_SYS_BOOT,
				     CAP_SYS_TIME,  CAP_MKNOD,      CAP_NET_ADMIN, CAP_NET_RAW,    CAP_DAC_READ_SEARCH,
				     CAP_SYSLOG,    CAP_BPF,        CAP_PERFMON,   CAP_MAC_ADMIN };
	uint64_t set = caps_default();

	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		tap_ok(!(set & BIT(never[i])), __LINE__, "capability %d is not in the default set", never[i]);
	OK(set & BIT(CAP_CHOWN) && set & BIT(CAP_SETUID) && set & BIT(CAP_KILL) && set & BIT(CAP_NET_BIND_SERVICE),
	   "what root needs is");
	OK(!(set >> (CAP_LAST_CAP + 1)), "and nothing that is no capability");
}

/* A set of this process as the kernel tells it. */
static uint64_t kernel_set(const char *name)
{
	FILE *f = fopen("/proc/self/status", "re");
	uint64_t set = UINT64_MAX;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			sscanf(line + strlen(name), ": %" SCNx64, &set);
	if (f)
		fclose(f);
	return set;
}

/* In a child: limit it; 0 when the kernel says so too. */
static int limit_in_child(uint64_t set, bool privileged)
{
	pid_t pid = fork();
	struct err e = { 0 };
	int status = -1;

	if (pid) {
		waitpid(pid, &status, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}
	if (!privileged && setuid(65534) < 0)
		_exit(9);
	status = kernel_set("CapBnd") == UINT64_MAX ? 8 : 0;
	set &= kernel_set("CapBnd");
	if (caps_limit(UINT64_MAX, set, &e) < 0)
		_exit(strcmp(e.text, "drop a capability from the bounding set: Operation not permitted") ? 7 : 6);
	status |= (kernel_set("CapBnd") != set) | (kernel_set("CapInh") ? 2 : 0) | (kernel_set("CapAmb") ? 4 : 0);
	_exit(status);
}

/* In a child: lower it; 0 when the kernel says so of what it has at once as well. */
static int lower_in_child(uint64_t set)
{
	static const char *const sets[] = { "CapBnd", "CapPrm", "CapEff" };
	pid_t pid = fork();
	struct err e = { 0 };
	int status = -1;

	if (pid) {
		waitpid(pid, &status, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}
	set &= kernel_set("CapPrm");
	status = caps_lower(set, &e) < 0 ? 8 : 0;
	for (int i = 0; i < 3; i++)
		status |= kernel_set(sets[i]) != set ? 1 << i : 0;
	_exit(status);
}

/* Names, and back. */
static void test_show(void)
{
	static const uint64_t sets[] = { 0, 1, 0xa00405fb, 1ULL << CAP_LAST_CAP, (1ULL << (CAP_LAST_CAP + 1)) - 1 };
	struct words none = { 0 };

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		struct words names = { 0 };
		uint64_t set = 0;
		struct err e = { 0 };

		tap_ok(caps_names(sets[i], &names, &e) == 0 && caps_change(&set, &names, &none, &e) == 0 && set == sets[i],
		       __LINE__, "%" PRIx64 " has %zu names", sets[i], names.n);
		OK(!names.n || strncmp(names.v[0], "cap_", 4) != 0, "  without their prefix");
		words_free(&names);
	}
}

static void test_ambient(void)
{
	static const struct {
		const char *name;
		uint64_t set, ambient;
		const char *error;
	} cases[] = {
		{ NULL, UINT64_MAX, 0, NULL },
		{ "none", 0, 0, NULL },
		{ "all", BIT(CAP_KILL) | 1, BIT(CAP_KILL) | 1, NULL },
		{ "all", 0, 0, NULL },
		{ "CAP_KILL", BIT(CAP_KILL) | 1, BIT(CAP_KILL), NULL },
		{ "kill", UINT64_MAX, BIT(CAP_KILL), NULL },
		{ "kill", ~BIT(CAP_KILL), 0, "cap_ambient: cap_kill is not in the command's set (cap_add adds to it)" },
		{ "checkpoint_restore", 1, 0,
		  "cap_ambient: cap_checkpoint_restore is not in the command's set (cap_add adds to it)" },
		{ "killer", UINT64_MAX, 0, "cap_ambient: 'killer' is not a capability" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t ambient = 12345;
		struct words names = { 0 };
		struct err e = { 0 };
		int result;

		if (cases[i].name && words_add(&names, cases[i].name, &e) < 0)
			abort();
		result = caps_ambient(&ambient, &names, cases[i].set, &e);
		SAME(result < 0 ? e.text : "", cases[i].error ? cases[i].error : "",
		     cases[i].name ? cases[i].name : "without names");
		OK(result < 0 || ambient == cases[i].ambient, "  that set");
		words_free(&names);
	}
}

/* In a child: become somebody with capabilities; how that ends in bits. */
static int give_in_child(uint64_t set, bool lock, int *bits)
{
	int report[2], status = -1;
	struct err e = { 0 };
	pid_t pid;

	if (pipe(report) < 0)
		abort();
	pid = fork();
	if (pid == 0) {
		status = caps_keep(&e) < 0 || setuid(65534) < 0 || caps_give(set, 0, lock, &e) < 0 ? 64 : 0;
		for (const char *const *name = (const char *const[]){ "CapInh", "CapPrm", "CapEff", "CapAmb", NULL }; *name;
		     name++)
			status |= kernel_set(*name) != set;
		status |= prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0) == 0 ? 2 : 0;
		status |= prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 ? 4 : 0;
		*bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) & ~SECBIT_KEEP_CAPS;
		if (write(report[1], bits, sizeof(*bits)) != sizeof(*bits))
			_exit(99);
		_exit(status);
	}
	close(report[1]);
	if (read(report[0], bits, sizeof(*bits)) != sizeof(*bits))
		*bits = -1;
	close(report[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_give(void)
{
	int bits;

	OK(give_in_child(BIT(CAP_KILL) | BIT(CAP_NET_BIND_SERVICE), true, &bits) == 4,
	   "a user is given two; no further one becomes ambient");
	OK(bits == ((SECURE_ALL_LOCKS & ~SECBIT_KEEP_CAPS_LOCKED) | SECBIT_NO_CAP_AMBIENT_RAISE), "all of that is locked");
	OK(give_in_child(BIT(CAP_KILL), false, &bits) == (2 | 4), "without the lock, what it has it can still make ambient");
	OK(!(bits & (SECURE_ALL_LOCKS | SECBIT_NO_CAP_AMBIENT_RAISE)), "and nothing is locked");
}

/* In a child, which has nothing in force: what it is permitted can be, nothing else. */
static int raise_in_child(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct err e;
		cap_t caps = cap_get_proc();

		if (!caps || cap_clear_flag(caps, CAP_EFFECTIVE) < 0 || cap_set_proc(caps) < 0)
			_exit(1);
		if (caps_raise(BIT(CAP_KILL) | BIT(CAP_CHOWN), &e) < 0)
			_exit(2);
		cap_free(caps);
		caps = cap_get_proc();
		for (cap_value_t cap = 0; cap <= CAP_LAST_CAP; cap++) {
			cap_flag_value_t on = CAP_CLEAR;

			cap_get_flag(caps, cap, CAP_EFFECTIVE, &on);
			if ((on == CAP_SET) != (cap == CAP_KILL || cap == CAP_CHOWN))
				_exit(3);
		}
		if (cap_clear(caps) < 0 || cap_set_proc(caps) < 0)
			_exit(4);
		_exit(caps_raise(BIT(CAP_KILL), &e) < 0 && !strcmp(e.text, "use a capability: Operation not permitted") ? 0 :
															  5);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_name(void)
{
	uint64_t set = 0;
	struct err e;

	OK(caps_of_name("sys_admin", &set, &e) == 0 && set == BIT(CAP_SYS_ADMIN), "the set of a name");
	OK(caps_of_name("all", &set, &e) == 0 && set == UINT64_MAX, "of all");
	OK(caps_of_name("sysadmin", &set, &e) < 0, "of none");
	SAME(e.text, "'sysadmin' is not a capability", "which is said");
}

int main(void)
{
	test_ambient();
	test_give();
	test_change();
	test_name();
	test_default();
	test_show();
	OK(limit_in_child(caps_default(), true) == 0, "a process is limited to the default set");
	OK(limit_in_child(0, true) == 0, "to nothing");
	OK(limit_in_child(UINT64_MAX, true) == 0, "or not at all");
	OK(limit_in_child(0, false) == 6, "without the privilege it says so");
	OK(lower_in_child(caps_default()) == 0, "a process is left with the default set");
	OK(lower_in_child(BIT(CAP_SETPCAP)) == 0, "with one");
	OK(lower_in_child(UINT64_MAX) == 0, "or with all");
	OK(raise_in_child() == 0, "what is permitted is put in force");
	return tap_done();
}
