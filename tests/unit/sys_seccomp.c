/* SPDX-License-Identifier: Zlib
 * The table of system calls, the built-in profile and its compiled form (sys/seccomp.h): every call of every ABI is judged as it is
 * meant to be. Prints TAP. */
#include "sys/seccomp.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf.h"
#include "sys/caps.h"
#include "tap.h"

#define ALLOW   SECCOMP_RET_ALLOW
#define FAIL(e) (SECCOMP_RET_ERRNO | (e))
#define CAP(c)  (1ULL << (CAP_##c))

static struct seccomp_policy policy;
static const struct seccomp_table *const table = &seccomp_table;

static struct sock_filter *code;
static size_t size;

/* The built-in profile for a container with these capabilities. */
static void use(uint64_t caps)
{
	struct err e = { 0 };

	seccomp_policy_free(&policy);
	free(code);
	code = NULL;
	if (seccomp_policy_init(&policy, table, caps, &e) < 0 || seccomp_parse_built_in(&policy, &e) < 0 ||
	    !(code = seccomp_compile(&policy, &size, &e))) {
		printf("Bail out! %s\n", e.text);
		exit(1);
	}
}

static uint32_t ask_number(unsigned abi, long number, uint64_t a0, uint64_t a1)
{
	struct seccomp_data d = { .nr = (int)number, .arch = table->abi[abi].arch, .args = { a0, a1, 3, 4, 5, 6 } };
	unsigned steps = 0;

	return bpf_run(code, size, &d, &steps);
}

static uint32_t ask(unsigned abi, const char *name, uint64_t a0, uint64_t a1)
{
	int call = seccomp_find(table, name);

	return call < 0 || table->calls[call].number[abi] < 0 ? BPF_BROKEN :
								ask_number(abi, table->calls[call].number[abi], a0, a1);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* Every call that a header of this machine knows is in the table with its number. */
static void check_header(const char *path, unsigned abi)
{
	FILE *f = fopen(path, "r");
	char line[256], name[64];
	unsigned found = 0, wrong = 0;
	int number;

	while (f && fgets(line, sizeof(line), f)) {
		int call;

		if (sscanf(line, "#define __NR_%63s %d", name, &number) != 2)
			continue;
		call = seccomp_find(table, name);
		if (call < 0 || table->calls[call].number[abi] != number) {
			printf("# %s is %d in %s\n", name, number, path);
			wrong++;
		}
		found++;
	}
	if (f)
		fclose(f);
	tap_ok(found > 300 && !wrong, __LINE__, "the numbers of %s: %u", path, found);
}

static void check_table(void)
{
	bool ordered = true, apart = true;

	for (size_t i = 1; i < table->ncalls; i++)
		ordered &= strcmp(table->names + table->calls[i - 1].name, table->names + table->calls[i].name) < 0;
	OK(ordered, "names are in order");
	for (size_t i = 0; i < table->ncalls; i++)
		for (size_t j = 0; j < i; j++)
			for (unsigned abi = 0; abi < SECCOMP_ABIS; abi++)
				apart &= table->calls[i].number[abi] < 0 ||
					 table->calls[i].number[abi] != table->calls[j].number[abi];
	OK(apart, "no number belongs to two calls");
	OK(table->calls[seccomp_find(table, "read")].number[0] == SYS_read &&
		   table->calls[seccomp_find(table, "mseal")].number[0] == 462 + (table->mips ? 4000 : 0),
	   "an old and a new one");
	OK(seccomp_find(table, "reed") < 0 && seccomp_find(table, "") < 0 && seccomp_find(table, "zzz") < 0, "what is none");
#ifdef __x86_64__
	check_header("build/uapi/asm/unistd_64.h", SECCOMP_NATIVE);
	check_header("build/uapi/asm/unistd_32.h", SECCOMP_FOREIGN);
#else
	(void)check_header;
#endif
}

/* --- the compiled profile ----------------------------------------------------------------------------------------- */

/* Every number of both ABIs, and some that nobody has, with arguments that rules look for. */
static void check_all(const char *title)
{
	static const uint64_t values[] = { 0,
					   1,
					   2,
					   5,
					   8,
					   16,
					   17,
					   38,
					   40,
					   0x5401,
					   0x5412,
					   0x541c,
					   0x20000,
					   0x10000000,
					   0x7e020000,
					   0x80,
					   0x1000000000005412,
					   0xffffffff,
					   UINT64_MAX };
	unsigned wrong = 0, most = 0;

	for (unsigned abi = 0; abi < SECCOMP_ABIS; abi++)
		for (int nr = table->mips ? 3990 : -2, end = nr + 500; nr < end && table->abi[abi].arch; nr++)
			for (size_t i = 0; i < 2 * 19; i++) {
				struct seccomp_data d = { .nr = nr,
							  .arch = table->abi[abi].arch,
							  .args = { values[i % 19], values[i < 19 ? 3 : i % 19] } };
				unsigned steps = 0;

				wrong += bpf_run(code, size, &d, &steps) != naive_run(&policy, &d);
				most = steps > most ? steps : most;
			}
	tap_ok(bpf_check(code, size) && !wrong, __LINE__, "%s: every call as the rules say", title);
	tap_ok(most < 40, __LINE__, "%s: in at most %u steps", title, most);
}

static void check_built_in(void)
{
	OK((caps_default() & seccomp_built_in_asked) == seccomp_built_in_caps,
	   "what the build took for the default capabilities");
	use(caps_default());
	OK(policy.caps_asked == seccomp_built_in_asked, "which capabilities count");
	OK(size == seccomp_built_in_size && !memcmp(code, seccomp_built_in, size * sizeof(*code)),
	   "the text gives what was compiled when this was built");
	for (size_t i = 0; i < table->ncalls; i++)
		if (policy.of[i] < 0 || table->calls[i].rule >= table->nrules)
			tap_ok(false, __LINE__, "%s is not judged", table->names + table->calls[i].name);
	check_all("the default set");
}

static void check_default(void)
{
	static const char *const mounts[] = {
		"mount",  "umount2",    "pivot_root", "fsopen", "fsconfig",       "fsmount",
		"fspick", "move_mount", "open_tree",  "setns",  "open_tree_attr", "mount_setattr"
	};
	static const char *const denied[] = { "keyctl",         "bpf",        "perf_event_open",   "userfaultfd",
					      "io_uring_setup", "kexec_load", "init_module",       "reboot",
					      "swapon",         "acct",       "open_by_handle_at", "quotactl",
					      "syslog",         "add_key",    "settimeofday",      "mbind",
					      "fanotify_init",  "sethostname" };
	static const char *const allowed[] = {
		"read", "execve", "ptrace", "seccomp", "chroot", "rt_sigreturn", "futex", "statx"
	};
	const uint64_t high = 0xabcd00000000;

	use(caps_default());
	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++)
		tap_ok(ask(0, mounts[i], 0, 0) == FAIL(EPERM), __LINE__, "%s is denied", mounts[i]);
	for (size_t i = 0; i < sizeof(denied) / sizeof(*denied); i++)
		tap_ok(ask(0, denied[i], 0, 0) == FAIL(EPERM), __LINE__, "%s is denied", denied[i]);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		tap_ok(ask(0, allowed[i], 0, 0) == ALLOW, __LINE__, "%s is allowed", allowed[i]);
	OK(ask(0, "clone3", 0, 0) == FAIL(ENOSYS), "clone3 is not there");
	OK(ask(0, "statmount", 0, 0) == FAIL(ENOSYS), "nor statmount");
	OK(ask(0, "clone", 0x3d0f00, 0) == ALLOW && ask(0, "clone", 17, 0) == ALLOW, "threads and processes are made");
	for (unsigned bit = 0; bit < 32; bit++) {
		bool ns = 0x7e020000U >> bit & 1, time = bit == 7;

		if (ask(0, "clone", 1U << bit | high, 0) != (ns ? FAIL(EPERM) : ALLOW) ||
		    ask(0, "unshare", 1U << bit | high, 0) != (ns || time ? FAIL(EPERM) : ALLOW))
			tap_ok(false, __LINE__, "clone and unshare with the flag %#x", 1U << bit);
	}
	OK(ask(0, "ioctl", 0, 0x5401) == ALLOW, "a terminal is looked at");
	OK(ask(0, "ioctl", 0, 0x5412) == FAIL(EPERM) && ask(0, "ioctl", 0, 0x541c) == FAIL(EPERM), "but not typed into");
	OK(ask(0, "ioctl", 0, high | 0x5412) == FAIL(EPERM), "whatever is above the 32 bits that the kernel reads");
	for (uint64_t family = 0; family < 50; family++) {
		bool known = family == 1 || family == 2 || family == 10 || family == 16 || family == 17;

		if (ask(0, "socket", family, 1) != (known ? ALLOW : FAIL(EAFNOSUPPORT)) ||
		    ask(0, "socketpair", high | family, 1) != (known ? ALLOW : FAIL(EAFNOSUPPORT)))
			tap_ok(false, __LINE__, "sockets of the family %u", (unsigned)family);
	}
	OK(ask(0, "personality", 0xffffffff, 0) == ALLOW && ask(0, "personality", high | 8, 0) == ALLOW, "personalities");
	OK(ask(0, "personality", 0x40000, 0) == FAIL(EPERM) && ask(0, "personality", 0x400000, 0) == FAIL(EPERM),
	   "but not all");
	OK(ask_number(0, 0x3fffffff, 0, 0) == FAIL(ENOSYS) && ask_number(0, -1, 0, 0) == FAIL(ENOSYS), "numbers of no call");
#ifdef __x86_64__
	OK(ask_number(0, 0x40000000 | SYS_read, 0, 0) == FAIL(ENOSYS) &&
		   ask_number(0, 0x40000000 | 520, 0, 0) == FAIL(ENOSYS) && ask_number(0, 520, 0, 0) == FAIL(ENOSYS),
	   "x32's are none");
	OK(ask(1, "socketcall", 1, 0) == FAIL(ENOSYS), "i386: socketcall hides what it does");
	OK(ask(1, "socket", 40, 0) == FAIL(EAFNOSUPPORT) && ask(1, "socket", 2, 0) == ALLOW, "i386: sockets");
	OK(ask(1, "mount", 0, 0) == FAIL(EPERM) && ask(1, "umount", 0, 0) == FAIL(EPERM) &&
		   ask(1, "clone3", 0, 0) == FAIL(ENOSYS),
	   "i386: what is denied");
	OK(ask(1, "ioctl", 0, 0x5412) == FAIL(EPERM) && ask(1, "stat64", 0, 0) == ALLOW && ask(1, "vm86", 0, 0) == FAIL(EPERM),
	   "i386: and its own");
#endif
	OK(bpf_run(code, size, &(struct seccomp_data){ .arch = 12345 }, &(unsigned){ 0 }) == SECCOMP_RET_KILL_PROCESS,
	   "an unknown architecture is the end");
}

static void check_caps(void)
{
	static const struct {
		uint64_t caps;
		const char *call;
	} opens[] = { { CAP(SYS_ADMIN), "mount" }, { CAP(SYS_ADMIN), "setns" },
		      { CAP(SYS_BOOT), "reboot" }, { CAP(SYS_TIME), "clock_settime" },
		      { CAP(SYSLOG), "syslog" },   { CAP(SYS_MODULE), "init_module" },
		      { CAP(SYS_NICE), "mbind" },  { CAP(DAC_READ_SEARCH), "open_by_handle_at" } };

	for (size_t i = 0; i < sizeof(opens) / sizeof(*opens); i++) {
		use(opens[i].caps);
		tap_ok(ask(0, opens[i].call, 0, 0) == ALLOW, __LINE__, "%s with its capability", opens[i].call);
	}
	use(0);
	OK(ask(0, "chroot", 0, 0) == FAIL(EPERM), "chroot without");
	check_all("no capability");
	use(UINT64_MAX);
	OK(ask(0, "clone", 0x10000000, 0) == ALLOW && ask(0, "unshare", 0x10000000, 0) == ALLOW,
	   "namespaces with all capabilities");
	OK(ask(0, "clone3", 0, 0) == FAIL(ENOSYS) && ask(0, "ioctl", 0, 0x5412) == FAIL(EPERM) &&
		   ask(0, "keyctl", 0, 0) == FAIL(EPERM),
	   "what none of them opens");
	check_all("all capabilities");
}

/* --- in force ----------------------------------------------------------------------------------------------------- */

/* A child under the built-in profile: its exit code. */
static int child(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct err e;

		if (seccomp_install(seccomp_built_in, seccomp_built_in_size, false, &e) < 0)
			_exit(100);
		_exit(syscall(SYS_keyctl, 0) < 0 && errno == EPERM && getpid() > 0 ? 7 : 101);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
	check_table();
	check_built_in();
	check_default();
	check_caps();
	if (!seccomp_available()) {
		printf("ok %d - in force # SKIP a kernel with filters\n", ++tap_count);
		return tap_done();
	}
	seccomp_policy_free(&policy);
	free(code);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	OK(child() == 7, "the kernel takes it");
	return tap_done();
}
