/* SPDX-License-Identifier: Zlib
 * Text helpers (base/str.h): lists, both ways to split, names, distances, "..". Prints TAP. */
#include "base/str.h"

#include "tap.h"

/* The words in brackets, in one string. */
static const char *show(const struct words *w)
{
	static char text[1024];
	size_t used = 0;

	text[0] = 0;
	for (size_t i = 0; i < w->n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "[%s]", w->v[i]);
	if (w->v && w->v[w->n])
		return "no NULL at the end";
	return text;
}

static void test_list(void)
{
	struct words w = { 0 };
	struct err e;

	OK(words_add(&w, "one", &e) == 0 && words_add(&w, "", &e) == 0 && words_add_n(&w, "three", 2, &e) == 0,
	   "words are added");
	OK(words_add_n(&w, "x", 10, &e) == 0, "a length beyond the text's end is its end");
	SAME(show(&w), "[one][][th][x]", "and are there, ended by NULL");
	for (int i = 0; i < 1000; i++)
		words_add(&w, "many", &e);
	OK(w.n == 1004 && !w.v[1004], "a thousand more");
	words_free(&w);
	OK(!w.v && !w.n, "after words_free the list is empty");
	words_free(&w);
	OK(true, "and can be freed again");
}

static void test_command(void)
{
	static const struct {
		const char *line, *words;
	} good[] = {
		{ "", "" },
		{ " \t\n ", "" },
		{ "a", "[a]" },
		{ "  a  b\tc\nd ", "[a][b][c][d]" },
		{ "'a b' \"c d\"", "[a b][c d]" },
		{ "''", "[]" },
		{ "a '' \"\" b", "[a][][][b]" },
		{ "a'b'\"c\"d", "[abcd]" },
		{ "a\\ b \\'c \\\"d", "[a b]['c][\"d]" },
		{ "'a\\b' '\\'", "[a\\b][\\]" },
		{ "\"a\\b\\\"c\\\\d\\$e\\`f\"", "[a\\b\"c\\d$e`f]" },
		{ "\"it's\" 'say \"x\"'", "[it's][say \"x\"]" },
		{ "a\\", "[a\\]" },
		{ "\\", "[\\]" },
		{ "$HOME `x` *", "[$HOME][`x`][*]" },
		{ "a\rb", "[a\rb]" },
		{ "\\\n", "[\n]" },
	};
	static const char *const bad[] = { "'", "\"", "a 'b", "a \"b'", "\"a\\\"", "x '' '" };

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct words w = { 0 };
		struct err e;
		char title[64];

		snprintf(title, sizeof(title), "a command line: %s", tap_quote(good[i].line));
		SAME(words_split_command(&w, good[i].line, &e) == 0 ? show(&w) : "refused", good[i].words, title);
		words_free(&w);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct words w = { 0 };
		char wanted[64];
		struct err e;

		snprintf(wanted, sizeof(wanted), "'%s' has an open quote", bad[i]);
		SAME(words_split_command(&w, bad[i], &e) < 0 ? e.text : "accepted", wanted, "an open quote is refused");
		words_free(&w);
	}
}

static void test_split(void)
{
	static const struct {
		const char *text, *words;
	} good[] = {
		{ "", "[]" },
		{ ":", "[][]" },
		{ "a", "[a]" },
		{ "a:b::c:", "[a][b][][c][]" },
		{ "a\\:b:c", "[a:b][c]" },
		{ "\\:", "[:]" },
		{ "a\\b:c\\", "[a\\b][c\\]" },
		{ "a\\\\:b", "[a\\:b]" }, /* the second backslash is before the colon */
		{ "a,b", "[a,b]" },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct words w = { 0 };
		struct err e;
		char title[64];

		snprintf(title, sizeof(title), "split at colons: %s", tap_quote(good[i].text));
		SAME(words_split(&w, good[i].text, ':', &e) == 0 ? show(&w) : "refused", good[i].words, title);
		words_free(&w);
	}
}

static void test_strings(void)
{
	char *slot = NULL, *made;
	struct err e;

	OK(str_replace(&slot, "a", &e) == 0 && !strcmp(slot, "a"), "str_replace sets");
	OK(str_replace(&slot, slot, &e) == 0 && !strcmp(slot, "a"), "to a copy of itself too");
	OK(str_replace(&slot, "", &e) == 0 && !*slot, "and to nothing");
	free(slot);
	made = str_format(&e, "%s-%d", "x", 7);
	SAME(made, "x-7", "str_format");
	free(made);
}

static void test_names(void)
{
	static const struct {
		const char *a, *b;
		bool same;
		unsigned distance;
	} pairs[] = {
		{ "", "", true, 0 },           { "read-only", "read_only", true, 1 },
		{ "a-b_c", "a_b-c", true, 2 }, { "name", "nam", false, 1 },
		{ "nam", "name", false, 1 },   { "name", "", false, 4 },
		{ "", "-", false, 1 },         { "Name", "name", false, 1 },
		{ "a-", "a", false, 1 },       { "kitten", "sitting", false, 3 },
		{ "abc", "cab", false, 2 },    { "hsotname", "hostname", false, 2 },
	};
	char longest[64], other[64], beyond[65];
	bool all = true;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		tap_ok(str_same_name(pairs[i].a, pairs[i].b) == pairs[i].same, __LINE__, "'%s' and '%s' are %sone name",
		       pairs[i].a, pairs[i].b, pairs[i].same ? "" : "not ");
		tap_ok(str_distance(pairs[i].a, pairs[i].b) == pairs[i].distance &&
			       str_distance(pairs[i].b, pairs[i].a) == pairs[i].distance,
		       __LINE__, "and %u letters apart", pairs[i].distance);
	}
	memset(longest, 'a', 63);
	memset(other, 'b', 63);
	memset(beyond, 'a', 64);
	longest[63] = other[63] = beyond[64] = 0;
	OK(str_distance(longest, longest) == 0 && str_distance(longest, other) == 63, "63 letters are compared");
	OK(str_distance(beyond, beyond) == 255 && str_distance("", beyond) == 255 && str_distance(beyond, "") == 255,
	   "64 are not");
	for (size_t n = 0; n < 64; n++)
		all = all && str_distance(longest + n, "") == 63 - n && str_distance("", longest + n) == 63 - n;
	OK(all, "from nothing it is the length");
}

static void test_dotdot(void)
{
	static const char *const with[] = { "..", "/..", "../a", "a/..", "/a/../b", "a/b/..", "..//", "a..b/../c", ".../.." };
	static const char *const without[] = { "",      ".",      "...",   "a..",  "..a",  "/a..b/c",
					       "/..a/", "/a./.b", "/.../", "....", "a...b" };

	for (size_t i = 0; i < sizeof(with) / sizeof(*with); i++)
		tap_ok(str_has_dotdot(with[i]), __LINE__, "'%s' has a '..'", with[i]);
	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
		tap_ok(!str_has_dotdot(without[i]), __LINE__, "'%s' has none", without[i]);
}

static void test_parts(void)
{
	static const struct {
		const char *path, *dir, *rest;
	} paths[] = {
		{ "/", "/", "" },         { "/a", "/", "/a" },  { "/a", "/a", "" },     { "/a/", "/a", "" },
		{ "/ab", "/a", NULL },    { "/", "/a", NULL },  { "/a/b", "/a", "/b" }, { "/a/b", "/a/b/c", NULL },
		{ "/a//b", "/a", "//b" }, { "/b", "/a", NULL },
	};
	static const struct {
		const char *list, *word;
		bool has;
	} lists[] = {
		{ "rw,ro", "ro", true },
		{ "ro", "ro", true },
		{ "ro,rw", "ro", true },
		{ "", "ro", false },
		{ "errors=remount-ro", "ro", false },
		{ "rro,rox", "ro", false },
		{ "a,,b", "b", true },
		{ "r", "ro", false },
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		SAME(str_below(paths[i].path, paths[i].dir), paths[i].rest, "what is below a directory");
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		tap_ok(str_has_word(lists[i].list, lists[i].word, strlen(lists[i].word)) == lists[i].has, __LINE__,
		       "'%s' has %s'%s'", lists[i].list, lists[i].has ? "" : "no ", lists[i].word);
	OK(str_has_word("a,ro", "roo", 2) && !str_has_word("a,ro", "ro,", 3), "of a word its length counts");
}

int main(void)
{
	test_list();
	test_command();
	test_split();
	test_strings();
	test_names();
	test_dotdot();
	test_parts();
	return tap_done();
}
