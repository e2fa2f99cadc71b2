/* SPDX-License-Identifier: Zlib
 * Finding a sequence of keys in what is typed. */
#include "base/chord.h"

#include <string.h>

/* Returns the length of the key that text begins with, or 0. */
static size_t parse_key(const char *text, char *key)
{
	static const char ctrl[] = "ctrl-";
	const size_t n = sizeof(ctrl) - 1;

	if (*text > ' ' && *text < 0x7f && *text != ',' && (!text[1] || text[1] == ',')) {
		*key = *text;
		return 1;
	}
	if (strncmp(text, ctrl, n) != 0 || !text[n] || (text[n + 1] && text[n + 1] != ','))
		return 0;
	if ((text[n] < '@' || text[n] > '_') && (text[n] < 'a' || text[n] > 'z'))
		return 0;
	*key = (char)(text[n] & 0x1f);
	return n + 1;
}

int chord_parse(const char *text, struct chord *c, struct err *e)
{
	const char *p = text;

	*c = (struct chord){ .n = 0 };
	if (!strcmp(text, "none"))
		return 0;
	for (;;) {
		size_t len = c->n < CHORD_KEYS ? parse_key(p, &c->keys[c->n]) : 0;

		if (!len)
			return err_set(e,
				       "'%s' is not a list of at most %d keys such as ctrl-p,ctrl-q or ctrl-x,a, and not none",
				       text, CHORD_KEYS);
		c->n++;
		p += len;
		if (!*p++)
			return 0;
	}
}

bool chord_type(struct chord *c, char byte, char *out, size_t *n)
{
	size_t all = c->typed + 1, kept = c->n ? all : 0;

	*n = 0;
	memcpy(out, c->keys, c->typed);
	out[c->typed] = byte;
	/* The longest end of what was typed that the keys begin with. */
	while (kept && memcmp(out + all - kept, c->keys, kept) != 0)
		kept--;
	c->typed = kept == c->n ? 0 : kept;
	if (c->n && kept == c->n)
		return true;
	*n = all - kept;
	return false;
}
