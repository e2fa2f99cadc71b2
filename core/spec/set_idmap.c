/* SPDX-License-Identifier: Zlib
 * Setters: the map of a user namespace. No system calls. */
#include <stdbool.h>

#include "base/num.h"
#include "spec/set.h"
#include "spec/spec.h"

int spec_parse_idmap(const char *text, struct spec_idmap *m, struct err *e)
{
	uint64_t numbers[3] = { 0, 0, 1 };
	struct words parts = { 0 };
	struct err ignored;
	bool good = words_split(&parts, text, ':', e) == 0 && (parts.n == 2 || parts.n == 3);

	for (size_t i = 0; good && i < parts.n; i++)
		good = num_parse(parts.v[i], i == 2, UINT32_MAX - 1, &numbers[i], &ignored) == 0;
	words_free(&parts);
	/* The last id is the kernel's for none. */
	if (!good || numbers[0] + numbers[2] > UINT32_MAX || numbers[1] + numbers[2] > UINT32_MAX)
		return err_set(e, "'%s' is not INSIDE:OUTSIDE[:COUNT] with ids from 0 to 4294967294", text);
	*m = (struct spec_idmap){ (uint32_t)numbers[0], (uint32_t)numbers[1], (uint32_t)numbers[2] };
	return 0;
}

static bool overlap(uint32_t a, uint32_t na, uint32_t b, uint32_t nb)
{
	return a < b ? b - a < na : a - b < nb;
}

int spec_check_idmap(const char *key, const struct words *w, struct err *e)
{
	struct spec_idmap m, other;

	if (w->n > SPEC_IDMAPS)
		return err_set(e, "%s: more than %d ranges", key, SPEC_IDMAPS);
	for (size_t i = 0; i < w->n; i++)
		for (size_t j = 0; j < i; j++) {
			if (spec_parse_idmap(w->v[i], &m, e) < 0 || spec_parse_idmap(w->v[j], &other, e) < 0)
				return -1;
			if (overlap(m.inside, m.count, other.inside, other.count) ||
			    overlap(m.outside, m.count, other.outside, other.count))
				return err_set(e, "%s: '%s' and '%s' have ids in common", key, w->v[j], w->v[i]);
		}
	return 0;
}

/* Ranges, separated by commas. */
int spec_set_idmap(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words *w = SPEC_FIELD(struct words, target, o);
	size_t before = w->n;
	struct spec_idmap m;

	if (words_split(w, value, ',', e) < 0)
		return -1;
	for (size_t i = before; i < w->n; i++)
		if (spec_parse_idmap(w->v[i], &m, e) < 0)
			return -1;
	return 0;
}
