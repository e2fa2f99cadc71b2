/* SPDX-License-Identifier: Zlib
 * Compiling policies (sys/seccomp_compile.h): random ones, on machines of either byte order and width, run as the kernel would run
 * them and compared with their rules read one by one; and the largest. Prints TAP. */
#include "sys/seccomp_compile.h"

#include <linux/audit.h>

#include "bpf.h"
#include "tap.h"

enum { CALLS = 300, POLICIES = 300, QUESTIONS = 3000 };

static struct seccomp_call calls[CALLS];
static char names[CALLS * 8];
static uint64_t state = 88172645463325252ULL;

/* xorshift64 */
static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t below(uint64_t n)
{
	return any() % n;
}

/* Numbers near the edges of what is compared. */
static uint64_t value(void)
{
	static const uint64_t edges[] = { 0,
					  1,
					  2,
					  0x5412,
					  0x7fffffff,
					  0x80000000,
					  0xffffffff,
					  0x100000000,
					  0x100000001,
					  0x7fffffff00000000,
					  0xffffffff00000000,
					  0xffffffff80000000,
					  UINT64_MAX };
	uint64_t v = edges[below(sizeof(edges) / sizeof(*edges))];

	return below(4) ? v + below(3) - 1 : any() >> below(60);
}

static void make_table(struct seccomp_table *t)
{
	*t = (struct seccomp_table){
		.names = names, .calls = calls, .ncalls = CALLS, .big_endian = below(2), .mips = below(2)
	};
	t->abi[0] = (struct seccomp_abi){ AUDIT_ARCH_X86_64, below(4) != 0 };
	t->abi[1] = (struct seccomp_abi){ below(3) ? AUDIT_ARCH_I386 : 0, false };
	for (int i = 0; i < CALLS; i++) {
		int base = t->mips ? 4000 : 0;

		sprintf(names + i * 8, "c%03d", i);
		calls[i] = (struct seccomp_call){ .name = (uint16_t)(i * 8), .narrow = (uint8_t)below(64) };
		calls[i].number[0] = below(9) ? base + i + i / 20 : -1;
		calls[i].number[1] = below(9) ? base + (CALLS - i) * 2 : below(20) ? -1 : 0xf0000 + i;
	}
}

/* A rule as its text. */
static void add_rule(char *text, int call)
{
	static const char *const ops[] = { "==", "!=", "<", "<=", ">", ">=", "&", "in" };
	static const char *const simple[] = { "1", "native", "return EPERM", "kill-thread", "1", "return 77", "cap kill" };
	size_t used = (size_t)sprintf(text, "c%03d: ", call);

	if (below(2)) {
		sprintf(text + used, "%s\n", simple[below(7)]);
		return;
	}
	for (uint64_t n = 1 + below(5), i = 0; i < n; i++) {
		unsigned arg = (unsigned)below(6);
		uint64_t v = value(), high = v >> 32;

		if (calls[call].narrow >> arg & 1 && high && high != UINT32_MAX)
			v = (uint32_t)v;
		used += (size_t)sprintf(text + used, "%s", !i ? "" : below(2) ? " && " : " || ");
		if (!below(8))
			used += (size_t)sprintf(text + used, below(2) ? "native" : "cap chown");
		else
			used += (size_t)sprintf(text + used, "arg%u %s %#llx", arg, ops[below(8)], (unsigned long long)v);
	}
	sprintf(text + used, below(2) ? "\n" : "; return %u\n", (unsigned)(1 + below(100)));
}

static void ask(const struct seccomp_policy *p, struct seccomp_data *d)
{
	const struct seccomp_rule *r;
	size_t call = below(CALLS);
	unsigned abi = below(8) < 4;

	if (!p->table->abi[abi].arch)
		abi = 0;
	d->arch = below(50) ? p->table->abi[abi].arch : 17;
	d->nr = below(20) ? calls[call].number[abi] : (int)any();
	for (int i = 0; i < 6; i++)
		d->args[i] = value();
	r = p->of[call] < 0 ? NULL : &p->rules[p->of[call]];
	/* What it looks for, or nearly. */
	for (uint32_t i = r ? r->atom : 0; r && i < r->atom + r->natoms; i++)
		if (below(2))
			d->args[p->atoms[i].arg] = p->atoms[i].value + (below(3) ? 0 : below(3) - 1);
	/* 32-bit programs have no more. */
	for (int i = 0; i < 6 && !p->table->abi[abi].wide; i++)
		d->args[i] = (uint32_t)d->args[i];
}

/* As the filter of a machine of the other byte order sees it. */
static struct seccomp_data seen_by(const struct seccomp_table *t, const struct seccomp_data *d)
{
	struct seccomp_data seen = *d;

	for (int i = 0; i < 6 && t->big_endian; i++)
		seen.args[i] = d->args[i] << 32 | d->args[i] >> 32;
	return seen;
}

static unsigned compare(const struct seccomp_policy *p, const struct sock_filter *code, size_t n)
{
	unsigned wrong = 0;

	for (int i = 0; i < QUESTIONS; i++) {
		struct seccomp_data d = { 0 }, seen;
		unsigned steps = 0;

		ask(p, &d);
		seen = seen_by(p->table, &d);
		wrong += bpf_run(code, n, &seen, &steps) != naive_run(p, &d);
	}
	return wrong;
}

static void test_random(void)
{
	static char text[CALLS * 300];
	unsigned wrong = 0, failed = 0, broken = 0;
	size_t largest = 0;

	for (int i = 0; i < POLICIES; i++) {
		struct sock_filter *code = NULL;
		struct seccomp_table t;
		struct seccomp_policy p;
		struct err e = { 0 };
		uint64_t some = below(12) + 1;
		size_t n = 0;

		make_table(&t);
		strcpy(text, below(3) ? "" : "@default return EACCES\n");
		for (int call = 0; call < CALLS; call++)
			if (below(12) < some)
				add_rule(text + strlen(text), call);
		if (seccomp_policy_init(&p, &t, 1 << below(6), &e) < 0 || seccomp_parse(&p, "p", text, NULL, &e) < 0 ||
		    !(code = seccomp_compile(&p, &n, &e))) {
			/* Some are too long. */
			if (!strstr(e.text, "too long"))
				printf("# %s\n", e.text);
			failed += !strstr(e.text, "too long");
		} else {
			broken += !bpf_check(code, n);
			wrong += compare(&p, code, n);
			largest = n > largest ? n : largest;
		}
		free(code);
		seccomp_policy_free(&p);
	}
	OK(!failed, "random policies are understood");
	OK(!broken, "what the kernel would take is made of them");
	tap_ok(!wrong, __LINE__, "it says what the rules say: %u questions", POLICIES * QUESTIONS);
	tap_ok(largest > 1000, __LINE__, "the largest has %zu instructions: jumps of every length", largest);
}

static void test_too_long(void)
{
	static char text[CALLS * 400];
	struct seccomp_table t;
	struct seccomp_policy p;
	struct err e = { 0 };
	size_t n, used = 0;

	make_table(&t);
	t.abi[0].wide = true;
	t.abi[1].arch = 0;
	for (int call = 0; call < CALLS; call++) {
		calls[call].narrow = 0;
		calls[call].number[0] = call;
		used += (size_t)sprintf(text + used, "c%03d: arg0 == %d || arg1 == %d || arg2 > %d || arg3 > %d || arg4 == 1\n",
					call, call, call, call, call);
	}
	OK(seccomp_policy_init(&p, &t, 0, &e) == 0 && seccomp_parse(&p, "p", text, NULL, &e) == 0,
	   "a policy with much to look at");
	OK(!seccomp_compile(&p, &n, &e), "is more than the kernel takes");
	SAME(e.text, "the policy is too long: its filter has more than 4080 instructions", "which is said");
	seccomp_policy_free(&p);
}

int main(void)
{
	test_random();
	test_too_long();
	return tap_done();
}
