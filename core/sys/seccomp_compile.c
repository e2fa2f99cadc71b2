/* SPDX-License-Identifier: Zlib
 * Compiling policies. No system calls.
 *
 * BPF jumps forward only, and by at most 255 instructions where it decides. So code is made from its end: what is jumped to is
 * there already, and its distance known. A place is counted from the end, 0 being the last instruction. */
#include "sys/seccomp_compile.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

enum {
	NEAR = 250, /* what every jump reaches, with room for the jump that another needs */
	BLOCKS = 256,
	NO_RULE = -1,
};

/* What happens to a call: an action, or if rule is not NO_RULE what that says of the arguments. */
struct leaf {
	int rule;
	uint32_t action;
	uint8_t narrow; /* as in struct seccomp_call */
};

/* Calls from a number up to where the next range begins. */
struct range {
	uint32_t first;
	struct leaf leaf;
};

struct build {
	const struct seccomp_policy *policy;
	unsigned abi;
	struct sock_filter *code; /* in reverse */
	size_t n;
	bool full;
	struct block {
		struct leaf leaf;
		size_t at;
	} blocks[BLOCKS]; /* of this ABI */
	size_t nblocks;
};

/* --- what is known beforehand ------------------------------------------------------------------------------------- */

/* Whether the comparison is of 64 bits. */
static bool is_wide(const struct seccomp_policy *p, const struct seccomp_atom *a, uint8_t narrow, unsigned abi)
{
	return p->table->abi[abi].wide && !(narrow >> a->arg & 1);
}

/* Of one comparison: 1 true, 0 false, -1 it depends. */
static int judge_atom(const struct seccomp_policy *p, const struct seccomp_atom *a, uint8_t narrow, unsigned abi)
{
	uint32_t high = (uint32_t)(a->value >> 32);

	if (a->op == SECCOMP_IS_NATIVE)
		return abi == SECCOMP_NATIVE;
	if (a->op <= SECCOMP_TRUE)
		return a->op;
	/* No 32 bits are as much as that; all ones above are those of a negative number. */
	if (is_wide(p, a, narrow, abi) || !high || high == UINT32_MAX || a->op >= SECCOMP_ANY)
		return -1;
	return a->op == SECCOMP_NE || a->op == SECCOMP_LT || a->op == SECCOMP_LE;
}

/* The alternative that ends before the atom end: where it begins, and in *result what is known of it. */
static size_t judge_alternative(const struct seccomp_policy *p, size_t end, uint8_t narrow, unsigned abi, int *result)
{
	*result = 1;
	for (size_t i = end;;) {
		int one = judge_atom(p, &p->atoms[--i], narrow, abi);

		if (one == 0 || *result == 0)
			*result = 0;
		else if (one < 0)
			*result = -1;
		if (p->atoms[i].begins)
			return i;
	}
}

static int judge(const struct seccomp_policy *p, const struct seccomp_rule *r, uint8_t narrow, unsigned abi)
{
	int result = 0, one;

	for (size_t end = r->atom + r->natoms; end > r->atom && result != 1;) {
		end = judge_alternative(p, end, narrow, abi, &one);
		if (one)
			result = one;
	}
	return result;
}

int seccomp_judge(const struct seccomp_policy *p, size_t call, unsigned abi)
{
	return p->of[call] < 0 ? 0 : judge(p, &p->rules[p->of[call]], p->table->calls[call].narrow, abi);
}

static uint32_t otherwise(const struct seccomp_policy *p, const struct seccomp_rule *r)
{
	return r->otherwise == SECCOMP_UNSET ? p->unlisted : r->otherwise;
}

static struct leaf leaf_of(const struct seccomp_policy *p, size_t call, unsigned abi)
{
	const struct seccomp_rule *r = p->of[call] < 0 ? NULL : &p->rules[p->of[call]];
	int known = seccomp_judge(p, call, abi);

	if (known < 0)
		return (struct leaf){ .rule = p->of[call], .narrow = p->table->calls[call].narrow };
	return (struct leaf){ .rule = NO_RULE, .action = known ? SECCOMP_RET_ALLOW : r ? otherwise(p, r) : p->unlisted };
}

/* --- instructions ------------------------------------------------------------------------------------------------- */

/* Put an instruction before all others. Returns its place. */
static size_t emit(struct build *b, struct sock_filter f)
{
	if (b->n == SECCOMP_CODE_MAX) {
		b->full = true;
		return b->n - 1;
	}
	b->code[b->n] = f;
	return b->n++;
}

/* What goes on at to, as the next instruction. */
static size_t go(struct build *b, size_t to)
{
	if (to + 1 == b->n)
		return to;
	return emit(b, (struct sock_filter){ .code = BPF_JMP | BPF_JA, .k = (uint32_t)(b->n - 1 - to) });
}

static size_t within_reach(struct build *b, size_t to)
{
	return b->n - to > NEAR ? go(b, to) : to;
}

/* Compare what was loaded with k: to yes if it is so, to no if not. */
static size_t branch(struct build *b, uint16_t op, uint32_t k, size_t yes, size_t no)
{
	yes = within_reach(b, yes);
	no = within_reach(b, no);
	return emit(b, (struct sock_filter){ .code = (uint16_t)(BPF_JMP | op | BPF_K),
					     .jt = (uint8_t)(b->n - 1 - yes),
					     .jf = (uint8_t)(b->n - 1 - no),
					     .k = k });
}

static size_t load(struct build *b, size_t offset)
{
	return emit(b, (struct sock_filter){ .code = BPF_LD | BPF_W | BPF_ABS, .k = (uint32_t)offset });
}

static size_t load_arg(struct build *b, unsigned arg, bool high)
{
	bool second = high != b->policy->table->big_endian;

	return load(b, offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t) + (second ? sizeof(uint32_t) : 0));
}

/* Compare an argument: to yes if it is so, to no if not. */
static size_t compare(struct build *b, const struct seccomp_atom *a, uint8_t narrow, size_t yes, size_t no)
{
	static const struct {
		uint16_t jump;
		bool inverted;
	} ops[] = { [SECCOMP_EQ] = { BPF_JEQ, false },   [SECCOMP_NE] = { BPF_JEQ, true },  [SECCOMP_LT] = { BPF_JGE, true },
		    [SECCOMP_LE] = { BPF_JGT, true },    [SECCOMP_GT] = { BPF_JGT, false }, [SECCOMP_GE] = { BPF_JGE, false },
		    [SECCOMP_ANY] = { BPF_JSET, false }, [SECCOMP_IN] = { BPF_JSET, true } };
	uint64_t value = a->op == SECCOMP_IN ? ~a->value : a->value;
	uint16_t jump = ops[a->op].jump;
	size_t t = ops[a->op].inverted ? no : yes, f = ops[a->op].inverted ? yes : no, low;

	branch(b, jump, (uint32_t)value, t, f);
	low = load_arg(b, a->arg, false);
	if (!is_wide(b->policy, a, narrow, b->abi))
		return low;
	if (jump == BPF_JSET) {
		branch(b, BPF_JSET, (uint32_t)(value >> 32), t, low);
	} else {
		size_t equal = branch(b, BPF_JEQ, (uint32_t)(value >> 32), low, f);

		if (jump != BPF_JEQ)
			branch(b, BPF_JGT, (uint32_t)(value >> 32), t, equal);
	}
	return load_arg(b, a->arg, true);
}

/* --- the tree ----------------------------------------------------------------------------------------------------- */

static size_t leaf(struct build *b, struct leaf l);

/* All alternatives of a rule, the first one first. */
static size_t alternatives(struct build *b, struct leaf l)
{
	const struct seccomp_policy *p = b->policy;
	const struct seccomp_rule *r = &p->rules[l.rule];
	size_t yes = leaf(b, (struct leaf){ .rule = NO_RULE, .action = SECCOMP_RET_ALLOW });
	size_t no = leaf(b, (struct leaf){ .rule = NO_RULE, .action = otherwise(p, r) });

	for (size_t end = r->atom + r->natoms, begin; end > r->atom; end = begin) {
		size_t next = yes;
		int known;

		begin = judge_alternative(p, end, l.narrow, b->abi, &known);
		if (!known)
			continue;
		for (size_t i = end; i-- > begin;)
			if (judge_atom(p, &p->atoms[i], l.narrow, b->abi) < 0)
				next = compare(b, &p->atoms[i], l.narrow, next, no);
		no = next;
	}
	return no;
}

static struct block *find_block(struct build *b, const struct leaf *l)
{
	for (struct block *block = b->blocks; block < b->blocks + b->nblocks; block++)
		if (block->leaf.rule == l->rule && block->leaf.action == l->action && block->leaf.narrow == l->narrow)
			return block;
	return NULL;
}

/* What is to be done at a leaf: made once, and actions again where no jump reaches them. */
static size_t leaf(struct build *b, struct leaf l)
{
	struct block *block = find_block(b, &l);
	size_t at;

	if (block && (l.rule != NO_RULE || b->n - block->at < NEAR))
		return block->at;
	at = l.rule == NO_RULE ? emit(b, (struct sock_filter){ .code = BPF_RET | BPF_K, .k = l.action }) : alternatives(b, l);
	if (!block && b->nblocks < BLOCKS)
		block = &b->blocks[b->nblocks++];
	if (block)
		*block = (struct block){ l, at };
	return at;
}

/* Divided in the middle of the numbers, not of the ranges: what has many numbers is found soon. */
static size_t tree(struct build *b, const struct range *ranges, size_t n)
{
	uint32_t middle = ranges[0].first + (ranges[n - 1].first - ranges[0].first) / 2;
	size_t at = 1, right, left;

	if (n == 1)
		return leaf(b, ranges->leaf);
	while (at + 1 < n && ranges[at].first < middle)
		at++;
	if (at > 1 && ranges[at].first - middle > middle - ranges[at - 1].first)
		at--;
	right = tree(b, ranges + at, n - at);
	left = tree(b, ranges, at);
	return branch(b, BPF_JGE, ranges[at].first, right, left);
}

static int in_order(const void *a, const void *b)
{
	uint32_t x = ((const struct range *)a)->first, y = ((const struct range *)b)->first;

	return (x > y) - (x < y);
}

/* Add a range unless it goes on with what the last one does; one that begins where the last did takes its place. */
static size_t add_range(struct range *ranges, size_t n, struct range r)
{
	const struct leaf *last = n ? &ranges[n - 1].leaf : NULL;

	if (n && ranges[n - 1].first == r.first)
		return add_range(ranges, n - 1, r);
	if (n && last->rule == r.leaf.rule && last->action == r.leaf.action && last->narrow == r.leaf.narrow)
		return n;
	ranges[n] = r;
	return n + 1;
}

/* The calls of an ABI, whose numbers begin the ranges, with what nobody has between them. Returns the place of its code. */
static size_t abi_code(struct build *b, struct range *calls, struct range *ranges)
{
	const struct seccomp_table *t = b->policy->table;
	const struct leaf unknown = { .rule = NO_RULE, .action = SECCOMP_RET_ERRNO | (t->mips ? 89 : 38) }; /* ENOSYS */
	size_t n = 0, used = add_range(ranges, 0, (struct range){ 0, unknown });

	for (size_t i = 0; i < t->ncalls; i++)
		if (t->calls[i].number[b->abi] >= 0)
			calls[n++] = (struct range){ (uint32_t)t->calls[i].number[b->abi], leaf_of(b->policy, i, b->abi) };
	qsort(calls, n, sizeof(*calls), in_order);
	for (size_t i = 0; i < n; i++) {
		used = add_range(ranges, used, calls[i]);
		used = add_range(ranges, used, (struct range){ calls[i].first + 1, unknown });
	}
	b->nblocks = 0;
	go(b, tree(b, ranges, used));
	return load(b, offsetof(struct seccomp_data, nr));
}

struct sock_filter *seccomp_compile(const struct seccomp_policy *p, size_t *n, struct err *e)
{
	const struct seccomp_table *t = p->table;
	auto_free struct range *ranges = malloc(3 * (t->ncalls + 1) * sizeof(*ranges));
	auto_free struct sock_filter *code = malloc(SECCOMP_CODE_MAX * sizeof(*code));
	auto_free struct build *b = calloc(1, sizeof(*b));
	size_t next;

	if (!ranges || !code || !b) {
		err_memory(e);
		return NULL;
	}
	*b = (struct build){ .policy = p, .code = code };
	next = emit(b, (struct sock_filter){ .code = BPF_RET | BPF_K, .k = SECCOMP_RET_KILL_PROCESS });
	/* The native one last, so that it is asked for first. */
	for (unsigned i = SECCOMP_ABIS; i-- > 0;)
		if (t->abi[i].arch) {
			size_t own;

			b->abi = i;
			own = abi_code(b, ranges, ranges + t->ncalls);
			next = branch(b, BPF_JEQ, t->abi[i].arch, own, next);
		}
	load(b, offsetof(struct seccomp_data, arch));
	if (b->full) {
		err_set(e, "the policy is too long: its filter has more than %d instructions", SECCOMP_CODE_MAX);
		return NULL;
	}
	for (size_t i = 0; i < b->n / 2; i++) {
		struct sock_filter other = code[i];

		code[i] = code[b->n - 1 - i];
		code[b->n - 1 - i] = other;
	}
	*n = b->n;
	return take_ptr(&code);
}
