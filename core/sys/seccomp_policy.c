/* SPDX-License-Identifier: Zlib
 * Parsing policies. No system calls. */
#include "sys/seccomp_policy.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/caps.h"

enum { INCLUDES = 8, ERRNO_MAX = 4095, RULES_MAX = 4096 };

/* Where the parser is. */
struct source {
	struct seccomp_policy *policy;
	const char *file;
	seccomp_read *read;
	unsigned depth;
};

/* --- words -------------------------------------------------------------------------------------------------------- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static const char *skip(const char *p)
{
	return p + strspn(p, " \t");
}

/* Step over token, with blanks before it. One that ends as a word must be all of it. */
static bool take(const char **p, const char *token)
{
	const char *at = skip(*p);
	size_t len = strlen(token);

	if (strncmp(at, token, len) != 0 || (is_word(token[len - 1]) && is_word(at[len])))
		return false;
	*p = at + len;
	return true;
}

/* Step over a word and copy it; empty if there is none or it is too long. */
static const char *take_word(const char **p, char word[40])
{
	size_t len = 0;

	*p = skip(*p);
	while (is_word((*p)[len]))
		len++;
	*word = 0;
	if (len < 40) {
		memcpy(word, *p, len);
		word[len] = 0;
	}
	*p += len;
	return word;
}

static int take_number(const char **p, uint64_t *value)
{
	const char *at = skip(*p);
	char *end;

	if (!isdigit((unsigned char)at[*at == '-']))
		return -1;
	errno = 0;
	*value = strtoull(at, &end, 0);
	*p = end;
	return errno || is_word(*end) ? -1 : 0;
}

/* --- actions ------------------------------------------------------------------------------------------------------ */

/* The errors that every machine counts alike, from 1 on. */
static const char errno_names[] =
	"EPERM\0ENOENT\0ESRCH\0EINTR\0EIO\0ENXIO\0E2BIG\0ENOEXEC\0EBADF\0ECHILD\0EAGAIN\0ENOMEM\0EACCES\0EFAULT\0ENOTBLK\0EBUSY\0"
	"EEXIST\0EXDEV\0ENODEV\0ENOTDIR\0EISDIR\0EINVAL\0ENFILE\0EMFILE\0ENOTTY\0ETXTBSY\0EFBIG\0ENOSPC\0ESPIPE\0EROFS\0EMLINK\0"
	"EPIPE\0EDOM\0ERANGE\0";

static const struct {
	const char *name;
	uint8_t number, mips;
} errnos[] = { { "ENOSYS", 38, 89 },           { "ELOOP", 40, 90 },       { "ENODATA", 61, 61 },
	       { "EPROTONOSUPPORT", 93, 120 }, { "EOPNOTSUPP", 95, 122 }, { "EAFNOSUPPORT", 97, 124 } };

/* 0 if name is none that is known. */
static unsigned errno_named(const char *name, bool mips)
{
	unsigned number = 1;

	for (size_t i = 0; i < sizeof(errnos) / sizeof(*errnos); i++)
		if (!strcmp(name, errnos[i].name))
			return mips ? errnos[i].mips : errnos[i].number;
	for (const char *p = errno_names; *p; p += strlen(p) + 1, number++)
		if (!strcmp(p, name))
			return number;
	return 0;
}

static int take_errno(const struct source *s, const char **p, uint32_t *action, struct err *e)
{
	const char *begin = skip(*p);
	uint64_t number;
	char word[40];

	if (take_number(p, &number) < 0) {
		*p = begin;
		number = errno_named(take_word(p, word), s->policy->table->mips);
	}
	if (!number || number > ERRNO_MAX)
		return err_set(e, "return '%.32s': that is not an error such as EPERM, nor its number", begin);
	*action = SECCOMP_RET_ERRNO | (uint32_t)number;
	return 0;
}

/* Returns 1, 0 if there is no action here, -1 with e set. */
static int take_action(const struct source *s, const char **p, uint32_t *action, struct err *e)
{
	static const struct {
		const char *name;
		uint32_t action;
	} actions[] = { { "allow", SECCOMP_RET_ALLOW },      { "kill-process", SECCOMP_RET_KILL_PROCESS },
			{ "kill-thread", SECCOMP_RET_KILL }, { "kill", SECCOMP_RET_KILL_PROCESS },
			{ "trap", SECCOMP_RET_TRAP },        { "log", SECCOMP_RET_LOG } };

	if (take(p, "return"))
		return take_errno(s, p, action, e) < 0 ? -1 : 1;
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (take(p, actions[i].name)) {
			*action = actions[i].action;
			return 1;
		}
	return 0;
}

/* --- expressions -------------------------------------------------------------------------------------------------- */

static int add_atom(struct seccomp_policy *p, struct seccomp_atom a, struct err *e)
{
	struct seccomp_atom *more = realloc(p->atoms, (p->natoms + 1) * sizeof(*more));

	if (!more)
		return err_memory(e);
	p->atoms = more;
	p->atoms[p->natoms++] = a;
	return 0;
}

/* NUMBER, ~NUMBER, several joined by | */
static int take_value(const char **p, uint64_t *value, struct err *e)
{
	*value = 0;
	do {
		const char *begin = skip(*p);
		bool inverted = take(p, "~");
		uint64_t number;

		if (take_number(p, &number) < 0)
			return err_set(e,
				       "'%.32s' is not a number (decimal, 0x hexadecimal or 0 octal; ~ and | are understood)",
				       begin);
		*value |= inverted ? ~number : number;
	} while (strncmp(skip(*p), "||", 2) != 0 && take(p, "|"));
	return 0;
}

static int take_comparison(const char **p, struct seccomp_atom *a, struct err *e)
{
	static const struct {
		const char *token;
		uint8_t op;
	} ops[] = { { "==", SECCOMP_EQ }, { "!=", SECCOMP_NE }, { "<=", SECCOMP_LE }, { ">=", SECCOMP_GE },
		    { "<", SECCOMP_LT },  { ">", SECCOMP_GT },  { "in", SECCOMP_IN }, { "&", SECCOMP_ANY } };
	const char *begin = *p = skip(*p);

	if (strncmp(begin, "arg", 3) != 0 || begin[3] < '0' || begin[3] > '5' || is_word(begin[4]))
		return err_set(e, "'%.32s' is none of 1, arg0 to arg5 with a comparison, cap NAME, native, return ERROR",
			       begin);
	a->arg = (uint8_t)(begin[3] - '0');
	*p += 4;
	if (strncmp(skip(*p), "&&", 2) != 0)
		for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
			if (take(p, ops[i].token)) {
				a->op = ops[i].op;
				return take_value(p, &a->value, e);
			}
	return err_set(e, "'%.32s': what follows arg%u is none of ==, !=, <, <=, >, >=, &, in", begin, a->arg);
}

static int take_atom(struct seccomp_policy *policy, const char **p, bool begins, struct err *e)
{
	struct seccomp_atom a = { .begins = begins, .op = SECCOMP_TRUE };
	char word[40];

	if (take(p, "cap")) {
		uint64_t bit;

		if (caps_of_name(take_word(p, word), &bit, e) < 0)
			return -1;
		policy->caps_asked |= bit;
		a.op = (policy->caps & bit) == bit ? SECCOMP_TRUE : SECCOMP_FALSE;
	} else if (take(p, "native")) {
		a.op = SECCOMP_IS_NATIVE;
	} else if (!take(p, "1") && take_comparison(p, &a, e) < 0) {
		return -1;
	}
	return add_atom(policy, a, e);
}

/* What follows the colon, as one more rule. Returns 0, or -1 with e set. */
static int take_rule(const struct source *s, const char *text, struct err *e)
{
	struct seccomp_policy *policy = s->policy;
	struct seccomp_rule *more = realloc(policy->rules, (policy->nrules + 1) * sizeof(*more));
	struct seccomp_rule r = { .otherwise = SECCOMP_UNSET, .atom = (uint32_t)policy->natoms };
	const char *p = text;
	int action;

	if (!more)
		return err_memory(e);
	policy->rules = more;
	if (policy->nrules == RULES_MAX)
		return err_set(e, "there are more than %d rules", RULES_MAX);
	action = take_action(s, &p, &r.otherwise, e);
	if (action < 0)
		return -1;
	for (bool begins = true; !action;) {
		if (take_atom(policy, &p, begins, e) < 0)
			return -1;
		begins = take(&p, "||");
		if (!begins && !take(&p, "&&"))
			break;
	}
	if (!action && take(&p, ";"))
		action = take_action(s, &p, &r.otherwise, e) - 1;
	if (action < 0)
		return action == -2 ? -1 : err_set(e, "after ';' something such as 'return EPERM' is missing");
	if (*skip(p))
		return err_set(e, "'%.32s' is too much (&&, || or ; and an action may follow)", skip(p));
	r.natoms = (uint32_t)policy->natoms - r.atom;
	policy->rules[policy->nrules++] = r;
	return 0;
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

int seccomp_find(const struct seccomp_table *t, const char *name)
{
	size_t low = 0, high = t->ncalls;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, t->names + t->calls[middle].name);

		if (!order)
			return (int)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

/* Where the kernel reads 32 bits, no more may be asked about. */
static int check_widths(const struct seccomp_policy *p, const char *name, size_t call, const struct seccomp_rule *r,
			struct err *e)
{
	for (uint32_t i = r->atom; i < r->atom + r->natoms; i++) {
		const struct seccomp_atom *a = &p->atoms[i];
		uint32_t high = (uint32_t)(a->value >> 32);

		if (a->op >= SECCOMP_EQ && p->table->calls[call].narrow >> a->arg & 1 && high && high != UINT32_MAX)
			return err_set(e, "arg%u of %s has 32 bits, and 0x%llx more", a->arg, name,
				       (unsigned long long)a->value);
	}
	return 0;
}

/* Give the last rule to the call of that name. */
static int give_rule(struct seccomp_policy *p, const char *name, struct err *e)
{
	int call = seccomp_find(p->table, name);

	if (call < 0)
		return err_set(e, "'%s' is not a system call of this machine", name);
	if (p->of[call] >= 0 && !p->rules[p->of[call]].built_in)
		return err_set(e, "%s has a rule already", name);
	p->of[call] = (int)p->nrules - 1;
	return check_widths(p, name, (size_t)call, &p->rules[p->nrules - 1], e);
}

static int parse_text(const struct source *s, const char *text, struct err *e);

/* A path is that of the including file's directory. */
static int include(const struct source *s, const char *name, struct err *e)
{
	const char *slash = strrchr(s->file, '/');
	int before = *name == '/' || !slash ? 0 : (int)(slash + 1 - s->file);
	struct source inner = { .policy = s->policy, .read = s->read, .depth = s->depth + 1 };
	auto_free char *path = NULL, *text = NULL;

	if (!strcmp(name, "default"))
		return seccomp_parse_built_in(s->policy, e);
	if (!*name)
		return err_set(e, "@include: which file? (default is the built-in profile)");
	if (s->depth == INCLUDES || !s->read)
		return err_set(e, "@include %s: files include each other too deeply", name);
	path = str_format(e, "%.*s%s", before, s->file, name);
	text = path ? s->read(path, e) : NULL;
	inner.file = path;
	return text ? parse_text(&inner, text, e) : -1;
}

static int parse_directive(const struct source *s, const char *p, struct err *e)
{
	int got;

	if (take(&p, "@include"))
		return include(s, skip(p), e);
	if (take(&p, "@frequency"))
		return 0;
	if (!take(&p, "@default"))
		return err_set(e, "'%.32s' is none of @include, @default, @frequency", p);
	got = take_action(s, &p, &s->policy->unlisted, e);
	if (got == 1 && !*skip(p))
		return 0;
	return got < 0 ? -1 : err_set(e, "@default: that is none of kill-process, kill-thread, trap, log, allow, return ERROR");
}

static int parse_line(const struct source *s, char *line, struct err *e)
{
	char *colon, *names = line, *name;
	bool named = false;

	line[strcspn(line, "#")] = 0;
	for (size_t len = strlen(line); len && strchr(" \t", line[len - 1]);)
		line[--len] = 0;
	if (!*skip(line))
		return 0;
	if (*skip(line) == '@')
		return parse_directive(s, skip(line), e);
	colon = strchr(line, ':');
	if (!colon)
		return err_set(e, "'%.32s' is not CALL: RULE", skip(line));
	*colon = 0;
	if (take_rule(s, colon + 1, e) < 0)
		return err_prefix(e, "%s", skip(line));
	while ((name = strsep(&names, " \t"))) {
		if (*name && give_rule(s->policy, name, e) < 0)
			return -1;
		named |= *name != 0;
	}
	return named ? 0 : err_set(e, "before the ':' the call's name is missing");
}

/* Up to the end of the line that text begins with; after a backslash it goes on. */
static size_t line_length(const char *text, unsigned *lines)
{
	size_t len = 0;

	for (*lines = 1;; len++) {
		len += strcspn(text + len, "\n");
		if (!text[len] || !len || text[len - 1] != '\\')
			return len;
		++*lines;
	}
}

static int parse_text(const struct source *s, const char *text, struct err *e)
{
	for (unsigned number = 1, lines; *text; number += lines) {
		size_t len = line_length(text, &lines);
		auto_free char *line = strndup(text, len);

		if (!line)
			return err_memory(e);
		for (size_t i = 0; i < len; i++)
			if (line[i] == '\n')
				line[i] = line[i - 1] = ' ';
		if (parse_line(s, line, e) < 0)
			return err_prefix(e, "%s:%u", s->file, number);
		text += len + (text[len] == '\n');
	}
	return 0;
}

/* --- the way in --------------------------------------------------------------------------------------------------- */

int seccomp_parse(struct seccomp_policy *p, const char *file, const char *text, seccomp_read *read, struct err *e)
{
	return parse_text(&(struct source){ .policy = p, .file = file, .read = read }, text, e);
}

int seccomp_parse_built_in(struct seccomp_policy *p, struct err *e)
{
	const struct seccomp_table *t = p->table;
	const struct source s = { .policy = p };
	size_t first = p->nrules;

	for (size_t i = 0; i < t->nrules; i++) {
		if (take_rule(&s, t->rules[i], e) < 0)
			return err_prefix(e, "the built-in profile");
		p->rules[first + i].built_in = true;
		if (p->rules[first + i].otherwise == SECCOMP_UNSET)
			p->rules[first + i].otherwise = SECCOMP_RET_ERRNO | EPERM;
	}
	for (size_t i = 0; i < t->ncalls; i++)
		if (p->of[i] < 0)
			p->of[i] = (int)(first + t->calls[i].rule);
	return 0;
}

int seccomp_policy_init(struct seccomp_policy *p, const struct seccomp_table *t, uint64_t caps, struct err *e)
{
	*p = (struct seccomp_policy){ .table = t, .caps = caps, .unlisted = SECCOMP_RET_KILL_PROCESS };
	p->of = malloc(t->ncalls * sizeof(*p->of));
	for (size_t i = 0; p->of && i < t->ncalls; i++)
		p->of[i] = -1;
	return p->of ? 0 : err_memory(e);
}

void seccomp_policy_free(struct seccomp_policy *p)
{
	free(p->atoms);
	free(p->rules);
	free(p->of);
	*p = (struct seccomp_policy){ 0 };
}
