/* SPDX-License-Identifier: Zlib
 * The configuration file: KEY=VALUE lines for the rows of the key table. No system calls. */
#include <stdlib.h>
#include <string.h>

#include "spec/keys.h"
#include "spec/spec.h"

enum { MAX_KEYS = 128 }; /* far more than the table has rows */

/* The row of a key; the first of the rows that are one setting under several names goes to *first. */
static const struct opt *find_key(const char *key, size_t *first)
{
	const struct opt *row = opt_find(spec_keys, spec_nkeys, key);

	if (!row || row->flags & OPT_NO_FILE)
		return NULL;
	*first = (size_t)(row - spec_keys);
	while (*first && spec_keys[*first].flags & OPT_ALIAS)
		--*first;
	return row;
}

void spec_origins_free(struct spec_origins *o)
{
	free(o->v);
	*o = (struct spec_origins){ 0 };
}

static int note(struct spec_origins *o, size_t row, unsigned line, struct err *e)
{
	struct spec_origin *v = o ? realloc(o->v, (o->n + 1) * sizeof(*v)) : NULL;

	if (!o)
		return 0;
	if (!v)
		return err_memory(e);
	o->v = v;
	v[o->n++] = (struct spec_origin){ row, line };
	return 0;
}

/* Returns the row that was set, or -1. */
static int parse_line(struct spec *s, char *line, bool *seen, struct err *e)
{
	char *equals = strchr(line, '=');
	const struct opt *row;
	size_t first;

	if (strchr(line, '\r'))
		return err_set(e, "the line ends as on Windows (CR LF): convert the file");
	if (!equals)
		return err_set(e, "'%s' is not KEY=VALUE", line);
	*equals = 0;
	row = find_key(line, &first);
	if (!row)
		return err_set(e, "unknown key '%s'", line);
	if (seen[first] && !(row->flags & OPT_REPEATS))
		return err_set(e, "%s is set a second time", line);
	seen[first] = true;
	if (strchr(equals + 1, '#'))
		return err_set(e, "%s: a '#' in a value: a comment needs a line of its own", line);
	if (row->set(s, row, equals + 1, e) < 0)
		return err_prefix(e, "%s", line);
	return (int)first;
}

int spec_parse_file(struct spec *s, const char *file, const char *text, struct spec_origins *origins, struct err *e)
{
	bool seen[MAX_KEYS] = { 0 };
	int result = 0;

	for (unsigned number = 1; result >= 0 && *text; number++) {
		size_t len = strcspn(text, "\n");
		bool blank = *text == '#' || strspn(text, " \t") == len;
		char *line = blank ? NULL : strndup(text, len);

		if (line) {
			result = parse_line(s, line, seen, e);
			if (result >= 0)
				result = note(origins, (size_t)result, number, e);
		} else if (!blank) {
			return err_memory(e);
		}
		free(line);
		if (result < 0)
			err_prefix(e, "%s:%u", file, number);
		text += len + (text[len] == '\n');
	}
	return result < 0 ? -1 : 0;
}
