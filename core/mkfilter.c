/* SPDX-License-Identifier: Zlib
 * A tool of the build: mkfilter MACHINE SYSCALLS.TBL DEFAULT.POLICY [CAP...] prints what sys/seccomp.c includes, the table of a
 * machine and its built-in profile, compiled for a container with these capabilities. Runs where cagebox is built. */
#include <ctype.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "sys/caps.h"
#include "sys/seccomp_compile.h"

enum { CALLS = 1024, RULES = 64, COLUMNS = 5, NAMES = 1 << 15, CELL = 64 };

static const struct machine {
	const char *name; /* as a compiler says it, or how that begins */
	uint32_t arch[SECCOMP_ABIS];
	int column[SECCOMP_ABIS]; /* of the table */
	bool wide, big_endian, mips;
} machines[] = {
	{ "x86_64", { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386 }, { 0, 1 }, .wide = true },
	{ "i", { AUDIT_ARCH_I386 }, { 1, -1 } },
	{ "aarch64", { AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM }, { 3, 2 }, .wide = true },
	{ "arm", { AUDIT_ARCH_ARM }, { 2, -1 } },
	{ "riscv64", { AUDIT_ARCH_RISCV64 }, { 3, -1 }, .wide = true },
	{ "mipsel", { AUDIT_ARCH_MIPSEL }, { 4, -1 }, .mips = true },
	{ "mips", { AUDIT_ARCH_MIPS }, { 4, -1 }, .mips = true, .big_endian = true },
};

static struct seccomp_call calls[CALLS];
static const char *rules[RULES];
static bool judged[CALLS], known_to_machine[CALLS];
static char names[NAMES];
static size_t ncalls, nrules, used;

static __attribute__((noreturn)) void fail(const char *what, const char *which)
{
	fprintf(stderr, "mkfilter: %s %s\n", which, what);
	exit(1);
}

/* libcap is made for the target: here are the names that the profile has. */
int caps_of_name(const char *name, uint64_t *set, struct err *e)
{
	static const struct {
		const char *name;
		int cap;
	} caps[] = { { "dac_read_search", CAP_DAC_READ_SEARCH },
		     { "sys_module", CAP_SYS_MODULE },
		     { "sys_rawio", CAP_SYS_RAWIO },
		     { "sys_chroot", CAP_SYS_CHROOT },
		     { "sys_ptrace", CAP_SYS_PTRACE },
		     { "sys_pacct", CAP_SYS_PACCT },
		     { "sys_admin", CAP_SYS_ADMIN },
		     { "sys_boot", CAP_SYS_BOOT },
		     { "sys_nice", CAP_SYS_NICE },
		     { "sys_time", CAP_SYS_TIME },
		     { "sys_tty_config", CAP_SYS_TTY_CONFIG },
		     { "syslog", CAP_SYSLOG },
		     { "perfmon", 38 },
		     { "bpf", 39 } };

	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++)
		if (!strcmp(name, caps[i].name)) {
			*set = 1ULL << caps[i].cap;
			return 0;
		}
	return err_set(e, "mkfilter does not know the capability '%s'", name);
}

static const struct machine *find_machine(const char *name)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (!strncmp(name, machines[i].name, strlen(machines[i].name)))
			return &machines[i];
	fail("is a machine that has no table", name);
}

static FILE *open_file(const char *path)
{
	FILE *f = fopen(path, "r");

	if (!f)
		fail("cannot be read", path);
	return f;
}

static void read_table(const struct machine *m, const char *path)
{
	char line[256], name[CELL], cell[COLUMNS + 1][CELL];
	FILE *f = open_file(path);

	while (fgets(line, sizeof(line), f)) {
		struct seccomp_call *c = &calls[ncalls];

		if (*line == '#')
			continue;
		if (sscanf(line, "%63s %63s %63s %63s %63s %63s %63s", name, cell[0], cell[1], cell[2], cell[3], cell[4],
			   cell[5]) != 7)
			fail("is not a line of the table", line);
		if (ncalls && strcmp(names + calls[ncalls - 1].name, name) >= 0)
			fail("is not in order", name);
		*c = (struct seccomp_call){ .name = (uint16_t)used };
		for (int i = 0; i < SECCOMP_ABIS; i++) {
			bool lacks = m->column[i] < 0 || !m->arch[i] || *cell[m->column[i]] == '-';

			c->number[i] = lacks ? -1 : atoi(cell[m->column[i]]);
			known_to_machine[ncalls] |= !lacks;
		}
		for (const char *p = cell[COLUMNS]; isdigit((unsigned char)*p); p++)
			c->narrow |= (uint8_t)(1 << (*p - '0'));
		used += (size_t)sprintf(names + used, "%s", name) + 1;
		ncalls++;
	}
	fclose(f);
}

static uint8_t rule_number(const char *text)
{
	for (size_t i = 0; i < nrules; i++)
		if (!strcmp(rules[i], text))
			return (uint8_t)i;
	if (nrules == RULES)
		fail("is one rule too many", text);
	if (!(rules[nrules] = strdup(text)))
		fail("does not fit into memory", text);
	return (uint8_t)nrules++;
}

static void judge_line(const struct seccomp_table *all, char *line)
{
	char *text = strchr(line, ':'), *name;
	uint8_t rule;

	if (!text)
		fail("is not CALL: RULE", line);
	*text = 0;
	text += 1 + strspn(text + 1, " ");
	rule = rule_number(text);
	while ((name = strsep(&line, " "))) {
		int call = seccomp_find(all, name);

		if (call < 0 || judged[call])
			fail(call < 0 ? "is not in the table" : "is judged twice", name);
		judged[call] = true;
		calls[call].rule = rule;
	}
}

static void read_profile(const char *path)
{
	const struct seccomp_table all = { .names = names, .calls = calls, .ncalls = ncalls };
	char line[512];
	FILE *f = open_file(path);

	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "#\n")] = 0;
		if (*line == '@' && strcmp(line, "@default return EPERM") != 0)
			fail("is what cagebox does not expect there", line);
		if (*line && *line != '@')
			judge_line(&all, line);
	}
	fclose(f);
	for (size_t i = 0; i < ncalls; i++)
		if (!judged[i])
			fail("is not judged by the profile", names + calls[i].name);
}

/* Leave out what this machine does not have. */
static void shorten(void)
{
	size_t n = 0, at = 0;

	for (size_t i = 0; i < ncalls; i++) {
		size_t len = strlen(names + calls[i].name) + 1;

		if (!known_to_machine[i])
			continue;
		memmove(names + at, names + calls[i].name, len);
		calls[n] = calls[i];
		calls[n++].name = (uint16_t)at;
		at += len;
	}
	ncalls = n;
	used = at;
}

static void print_table(const struct machine *m)
{
	printf("/* Made by mkfilter. */\nstatic const char names[] =");
	for (const char *p = names; p < names + used; p += strlen(p) + 1)
		printf("\n\t\"%s\\0\"", p);
	printf(";\n\nstatic const struct seccomp_call calls[] = {\n");
	for (size_t i = 0; i < ncalls; i++)
		printf("\t{ %u, 0x%x, %u, { %d, %d } },\n", calls[i].name, calls[i].narrow, calls[i].rule, calls[i].number[0],
		       calls[i].number[1]);
	printf("};\n\nstatic const char *const rules[] = {\n");
	for (size_t i = 0; i < nrules; i++)
		printf("\t\"%s\",\n", rules[i]);
	printf("};\n\nconst struct seccomp_table seccomp_table = {\n\t.abi = { { 0x%xU, %d }, { 0x%xU, 0 } },\n", m->arch[0],
	       m->wide, m->arch[1]);
	printf("\t.big_endian = %d,\n\t.mips = %d,\n\t.names = names,\n\t.calls = calls,\n\t.ncalls = %zu,\n", m->big_endian,
	       m->mips, ncalls);
	printf("\t.rules = rules,\n\t.nrules = %zu,\n};\n\n", nrules);
}

static void print_filter(const struct seccomp_table *t, uint64_t caps)
{
	auto_free struct sock_filter *code = NULL;
	struct seccomp_policy p;
	struct err e;
	size_t n = 0;

	if (seccomp_policy_init(&p, t, caps, &e) < 0 || seccomp_parse_built_in(&p, &e) < 0 ||
	    !(code = seccomp_compile(&p, &n, &e)))
		fail("", e.text);
	printf("const uint64_t seccomp_built_in_asked = 0x%llx, seccomp_built_in_caps = 0x%llx;\n",
	       (unsigned long long)p.caps_asked, (unsigned long long)caps);
	printf("const size_t seccomp_built_in_size = %zu;\nconst struct sock_filter seccomp_built_in[] = {\n", n);
	for (size_t i = 0; i < n; i++)
		printf("\t{ 0x%x, %u, %u, 0x%x },\n", code[i].code, code[i].jt, code[i].jf, code[i].k);
	printf("};\n");
	seccomp_policy_free(&p);
}

int main(int argc, char **argv)
{
	struct seccomp_table t = { .names = names, .calls = calls, .rules = rules };
	const struct machine *m = find_machine(argc > 3 ? argv[1] : "");
	uint64_t caps = 0, one;
	struct err e;

	for (int i = 4; i < argc; i++) {
		if (caps_of_name(argv[i], &one, &e) < 0)
			fail("", e.text);
		caps |= one;
	}
	read_table(m, argv[2]);
	read_profile(argv[3]);
	shorten();
	for (int i = 0; i < SECCOMP_ABIS; i++)
		t.abi[i] = (struct seccomp_abi){ m->arch[i], i == SECCOMP_NATIVE && m->wide };
	t.big_endian = m->big_endian;
	t.mips = m->mips;
	t.ncalls = ncalls;
	t.nrules = nrules;
	print_table(m);
	print_filter(&t, caps);
	return 0;
}
