/* SPDX-License-Identifier: Zlib
 * Setters: limits of resources. No system calls. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "spec/set.h"
#include "spec/spec.h"

int spec_set_size(void *target, const struct opt *o, const char *value, struct err *e)
{
	return num_size(value, SPEC_FIELD(uint64_t, target, o), e);
}

/* The range that the kernel takes for cpu.shares (sched_group_set_shares). */
int spec_set_cpu_share(void *target, const struct opt *o, const char *value, struct err *e)
{
	uint64_t number;

	if (num_parse(value, 2, 1 << 18, &number, e) < 0)
		return -1;
	*SPEC_FIELD(uint32_t, target, o) = (uint32_t)number;
	return 0;
}

/* N, N-M, separated by commas: the list format of cpuset(7). */
int spec_set_cpuset(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words parts = { 0 }, ends = { 0 };
	int result = words_split(&parts, value, ',', e);

	for (size_t i = 0; result == 0 && i < parts.n; i++) {
		uint64_t first = 0, last = 0;

		words_free(&ends);
		if (words_split(&ends, parts.v[i], '-', e) < 0 || ends.n > 2 || num_parse(ends.v[0], 0, 8191, &first, e) < 0 ||
		    num_parse(ends.v[ends.n - 1], 0, 8191, &last, e) < 0 || first > last)
			result = err_set(e, "'%s' is not a list of processors such as 0-2,5", value);
	}
	words_free(&ends);
	words_free(&parts);
	return result == 0 ? str_replace(SPEC_FIELD(char *, target, o), value, e) : -1;
}

int spec_set_processes(void *target, const struct opt *o, const char *value, struct err *e)
{
	return num_parse(value, 1, 1 << 22, SPEC_FIELD(uint64_t, target, o), e);
}

/* A number, or 0x and the hexadecimal one that tc(8) calls MAJOR:MINOR. */
int spec_set_classid(void *target, const struct opt *o, const char *value, struct err *e)
{
	size_t len = strlen(value);
	uint64_t number = 0;

	if (!strncmp(value, "0x", 2) && len <= 10 && !value[2 + strspn(value + 2, "0123456789abcdefABCDEF")])
		number = strtoull(value + 2, NULL, 16);
	if (!number && num_parse(value, 1, UINT32_MAX, &number, e) < 0)
		return -1;
	*SPEC_FIELD(uint32_t, target, o) = (uint32_t)number;
	return 0;
}

/* MAJOR:MINOR or a path. */
static bool is_device(const char *text, size_t len)
{
	size_t major = strspn(text, "0123456789"), minor = major < len ? strspn(text + major + 1, "0123456789") : 0;

	return (*text == '/' && len > 1) || (major && text[major] == ':' && minor && major + 1 + minor == len);
}

static int add_io(void *target, const struct opt *o, const char *value, int (*parse)(const char *, uint64_t *, struct err *),
		  struct err *e)
{
	size_t len = strcspn(value, " ");
	uint64_t number;

	if (!value[len] || !is_device(value, len))
		return err_set(e, "'%s' is not %s", value, o->arg);
	if (parse(value + len + 1, &number, e) < 0)
		return -1;
	return words_add(SPEC_FIELD(struct words, target, o), value, e);
}

static int parse_iops(const char *text, uint64_t *out, struct err *e)
{
	return num_parse(text, 1, UINT32_MAX, out, e);
}

int spec_set_iops(void *target, const struct opt *o, const char *value, struct err *e)
{
	return add_io(target, o, value, parse_iops, e);
}

int spec_set_io_bw(void *target, const struct opt *o, const char *value, struct err *e)
{
	return add_io(target, o, value, num_size, e);
}
