/* SPDX-License-Identifier: Zlib
 * Setters: limits of resources. No system calls. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
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

/* A decimal fraction; the kernel's least is a hundredth of a processor. */
int spec_set_cpus(void *target, const struct opt *o, const char *value, struct err *e)
{
	static const char digits[] = "0123456789";
	size_t whole = strspn(value, digits), part = value[whole] == '.' ? strspn(value + whole + 1, digits) : 0;
	uint64_t quota = 0, unit = SPEC_CPU / 10;

	if (!whole || whole > 4 || value[whole + (part ? part + 1 : 0)])
		goto refused;
	quota = strtoull(value, NULL, 10) * SPEC_CPU;
	for (size_t i = 0; i < part; i++, unit /= 10)
		quota += (uint64_t)(value[whole + 1 + i] - '0') * unit;
	if (quota < SPEC_CPU / 100 || quota > (uint64_t)8192 * SPEC_CPU)
		goto refused;
	*SPEC_FIELD(uint32_t, target, o) = (uint32_t)quota;
	return 0;
refused:
	return err_set(e, "'%s' is not a number of processors from 0.01 to 8192, such as 0.5", value);
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
			result = err_set(e, "'%s' is not a list of numbers such as 0-2,5", value);
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

enum { MAJOR_MAX = 4095, MINOR_MAX = (1 << 20) - 1 }; /* the kernel's own: linux/kdev_t.h, MINORBITS */

/* A number up to end, or with star "*", which is -1; *p is moved on past end. */
static bool parse_device_number(const char **p, char end, int32_t max, bool star, int32_t *out)
{
	size_t len = star && **p == '*' ? 1 : strspn(*p, "0123456789");
	long number = star && **p == '*' ? -1 : strtol(*p, NULL, 10);

	if (!len || len > 7 || (*p)[len] != end || number > max)
		return false;
	*out = (int32_t)number;
	*p += len + (end != 0);
	return true;
}

bool spec_parse_device(const char *text, int32_t *major, int32_t *minor)
{
	return parse_device_number(&text, ':', MAJOR_MAX, false, major) &&
	       parse_device_number(&text, 0, MINOR_MAX, false, minor);
}

int spec_parse_io(const char *text, bool bytes, struct spec_io *io, struct err *e)
{
	bool reads = !strncmp(text, "r:", 2), writes = !strncmp(text, "w:", 2);
	const char *device = text + (reads || writes ? 2 : 0);
	size_t len = strcspn(device, " ");
	int32_t ignored;

	io->reads = !writes;
	io->writes = !reads;
	snprintf(io->device, sizeof(io->device), "%.*s", (int)len, device);
	if (!device[len] || len >= sizeof(io->device) ||
	    (*device == '/' ? len == 1 : !spec_parse_device(io->device, &ignored, &ignored)))
		return err_set(e, "'%s' is not %s", text, bytes ? "[r:|w:]DEVICE SIZE" : "[r:|w:]DEVICE N");
	return bytes ? num_size(device + len + 1, &io->number, e) : num_parse(device + len + 1, 1, UINT32_MAX, &io->number, e);
}

static int add_io(void *target, const struct opt *o, const char *value, bool bytes, struct err *e)
{
	struct spec_io io;

	return spec_parse_io(value, bytes, &io, e) < 0 ? -1 : words_add(SPEC_FIELD(struct words, target, o), value, e);
}

int spec_set_iops(void *target, const struct opt *o, const char *value, struct err *e)
{
	return add_io(target, o, value, false, e);
}

int spec_set_io_bw(void *target, const struct opt *o, const char *value, struct err *e)
{
	return add_io(target, o, value, true, e);
}

int spec_parse_hugetlb(const char *text, uint64_t *page_bytes, uint64_t *limit_bytes, struct err *e)
{
	auto_free char *size = strdup(text);
	char *limit = size ? strchr(size, ' ') : NULL;

	if (!size)
		return err_memory(e);
	if (!limit)
		return err_set(e, "'%s' is not PAGESIZE SIZE, such as 2M 64M", text);
	*limit++ = 0;
	if (num_size(size, page_bytes, e) < 0 || num_size(limit, limit_bytes, e) < 0)
		return -1;
	if (*page_bytes < 4096 || *page_bytes & (*page_bytes - 1))
		return err_set(e, "'%s' is not the size of a page", size);
	return 0;
}

int spec_set_hugetlb(void *target, const struct opt *o, const char *value, struct err *e)
{
	uint64_t page, limit;

	return spec_parse_hugetlb(value, &page, &limit, e) < 0 ? -1 : words_add(SPEC_FIELD(struct words, target, o), value, e);
}

int spec_parse_device_rule(const char *text, struct spec_device_rule *r, struct err *e)
{
	const char *p = text + (*text && text[1] == ' ' ? 2 : 0);

	*r = (struct spec_device_rule){ .type = *text };
	if (p == text || !strchr("abc", *text) || !parse_device_number(&p, ':', MAJOR_MAX, true, &r->major) ||
	    !parse_device_number(&p, ' ', MINOR_MAX, true, &r->minor) || !*p || p[strspn(p, "rwm")] || strlen(p) > 3)
		return err_set(e, "'%s' is not none or {a|b|c} MAJOR:MINOR rwm, such as c 10:200 rw (* stands for any number)",
			       text);
	r->read = strchr(p, 'r');
	r->write = strchr(p, 'w');
	r->make = strchr(p, 'm');
	return 0;
}

int spec_set_device_allow(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct spec_device_rule r;

	if (strcmp(value, "none") != 0 && spec_parse_device_rule(value, &r, e) < 0)
		return -1;
	return words_add(SPEC_FIELD(struct words, target, o), value, e);
}

static int parse_landlock(struct words *parts, struct spec_landlock *r, struct err *e)
{
	const char *what = parts->v[0];
	uint64_t port;

	r->connect = !strcmp(what, "tcp_connect");
	if (parts->n == 2 && (r->connect || !strcmp(what, "tcp_bind"))) {
		if (num_parse(parts->v[1], 0, UINT16_MAX, &port, e) < 0)
			return -1;
		r->port = (uint16_t)port;
		return 0;
	}
	r->optional = parts->n == 3 && !strcmp(parts->v[2], "optional");
	if (parts->n != 2 + (size_t)r->optional || !*what || what[strspn(what, "rwx")] || strlen(what) > 3)
		return err_set(
			e, "this is not ACCESS:PATH[:optional] (ACCESS being some of rwx), tcp_bind:PORT or tcp_connect:PORT");
	r->read = strchr(what, 'r');
	r->write = strchr(what, 'w');
	r->execute = strchr(what, 'x');
	if (spec_check_inside_path(parts->v[1], e) < 0)
		return -1;
	r->path = parts->v[1];
	parts->v[1] = NULL;
	return 0;
}

int spec_parse_landlock(const char *text, struct spec_landlock *r, struct err *e)
{
	struct words parts = { 0 };
	int result = words_split(&parts, text, ':', e);

	*r = (struct spec_landlock){ 0 };
	if (result == 0)
		result = parse_landlock(&parts, r, e);
	words_free(&parts);
	return result < 0 ? err_prefix(e, "'%s'", text) : 0;
}

int spec_set_landlock(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct spec_landlock r;

	if (spec_parse_landlock(value, &r, e) < 0)
		return -1;
	free(r.path);
	return words_add(SPEC_FIELD(struct words, target, o), value, e);
}
