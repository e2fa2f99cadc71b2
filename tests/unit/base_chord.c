/* SPDX-License-Identifier: Zlib
 * Sequences of keys (base/chord.h): what they are written as, and where they are found. Prints TAP. */
#include "base/chord.h"

#include <stdint.h>

#include "tap.h"

static void parses(const char *text, const char *keys, size_t n)
{
	struct chord c;
	struct err e;

	tap_ok(chord_parse(text, &c, &e) == 0 && c.n == n && !memcmp(c.keys, keys, n) && !c.typed, __LINE__, "'%s' is %zu keys",
	       text, n);
}

static void refuses(const char *text)
{
	struct chord c;
	struct err e = { 0 };

	tap_ok(chord_parse(text, &c, &e) < 0 && strstr(e.text, "ctrl-p,ctrl-q"), __LINE__, "'%s' is refused", text);
}

/* With these keys, of what is typed this arrives; left says how many bytes came after the keys were found, -1: never. */
static void types(const char *keys, const char *typed, const char *arrives, int left)
{
	char got[256] = "", out[CHORD_KEYS + 1];
	size_t used = 0, n = 0;
	struct chord c;
	struct err e;
	bool found = false;
	const char *p = typed;

	if (chord_parse(keys, &c, &e) < 0)
		abort();
	for (; *p && !found; p++) {
		found = chord_type(&c, *p, out, &n);
		memcpy(got + used, out, n);
		used += n;
	}
	got[used] = 0;
	tap_ok(!strcmp(got, arrives) && (found ? (int)strlen(p) : -1) == left, __LINE__, "%s: of '%s' arrives '%s'", keys,
	       tap_quote(typed), arrives);
}

/* Against the plain way to look: everything up to the first place where the keys are, but for what may become them. */
static void random_keys(void)
{
	uint32_t seed = 7;
	bool same = true;

	for (int round = 0; round < 20000; round++) {
		char keys[12] = "", plain[6] = "", typed[24] = "", got[32] = "", wanted[32] = "", out[CHORD_KEYS + 1], *at;
		size_t n, used = 0;
		struct chord c;
		struct err e;
		bool found = false;

		seed = seed * 1664525 + 1013904223;
		for (unsigned i = 0; i <= seed >> 30; i++) {
			plain[i] = "ab"[seed >> (20 + i) & 1];
			sprintf(keys + strlen(keys), "%s%c", i ? "," : "", plain[i]);
		}
		for (unsigned i = 0; i < 16; i++)
			typed[i] = "ab"[seed >> (2 + i) & 1];
		if (chord_parse(keys, &c, &e) < 0)
			abort();
		for (const char *p = typed; *p && !found; p++) {
			found = chord_type(&c, *p, out, &n);
			memcpy(got + used, out, n);
			used += n;
		}
		strcpy(wanted, typed);
		at = strstr(wanted, plain);
		if (at)
			*at = 0;
		else
			for (size_t keep = strlen(plain) - 1; keep; keep--)
				if (!memcmp(typed + 16 - keep, plain, keep)) {
					wanted[16 - keep] = 0;
					break;
				}
		same &= found == (at != NULL) && !strcmp(got, wanted);
	}
	OK(same, "random keys in random words");
}

int main(void)
{
	parses("ctrl-p,ctrl-q", "\x10\x11", 2);
	parses("ctrl-x,a",
	       "\x18"
	       "a",
	       2);
	parses("ctrl-X", "\x18", 1);
	parses("ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", "\0\x1b\x1c\x1d\x1e\x1f", 6);
	parses("~,.", "~.", 2);
	parses("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p", "abcdefghijklmnop", CHORD_KEYS);
	parses("none", "", 0);
	refuses("");
	refuses(",");
	refuses("a,");
	refuses(",a");
	refuses("a,,b");
	refuses("ab");
	refuses("ctrl-");
	refuses("ctrl-ab");
	refuses("ctrl-1");
	refuses("ctrl-p,none");
	refuses("alt-x");
	refuses(" ");
	refuses("\x80");
	refuses("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q");
	types("ctrl-p,ctrl-q", "ls\n\x10\x11more", "ls\n", 4);
	types("ctrl-p,ctrl-q", "\x10x\x11", "\x10x\x11", -1);
	types("ctrl-p,ctrl-q", "a\x10", "a", -1);
	types("ctrl-p,ctrl-q", "\x10\x10\x11", "\x10", 0);
	types("a,a,b", "aaab!", "a", 1);
	types("a,b,a,c", "ababac", "ab", 0);
	types("x", "x", "", 0);
	types("none", "\x10\x11", "\x10\x11", -1);
	random_keys();
	return tap_done();
}
