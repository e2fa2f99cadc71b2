/* SPDX-License-Identifier: Zlib
 * The parser of command lines (base/opt.h): every form of an option, every mistake, the help. Prints TAP. */
#include "base/opt.h"

#include <limits.h>

#include "tap.h"

struct target {
	bool all, quiet, maybe;
	const char *text;
	int number;
	uint64_t wait;
	struct words words;
};

static int set_maybe(void *target, const struct opt *o, const char *value, struct err *e)
{
	return opt_bool(target, o, value, e);
}

static const struct opt rows[] = {
	OPT(struct target, all, 'a', "all", NULL, "everything"),
	OPT(struct target, quiet, 'q', "be_quiet", NULL, "say nothing"),
	OPT(struct target, text, 't', "some_text", "TEXT", "a text"),
	OPT(struct target, number, 'n', NULL, "N", "a number without a long name"),
	OPT(struct target, wait, 0, "wait", "TIME", "a time without a letter"),
	OPT(struct target, words, 'w', "word", "WORD", "words"),
	{ .name = "maybe",
	  .letter = 'm',
	  .arg = "yes|no",
	  .flags = OPT_OPTIONAL,
	  .set = set_maybe,
	  .help = "a value or none",
	  .offset = offsetof(struct target, maybe) },
	{ .name = "file_only",
	  .letter = 'f',
	  .arg = "X",
	  .flags = OPT_NO_RUN,
	  .set = opt_text,
	  .help = "not an option",
	  .offset = offsetof(struct target, text) },
	{ .name = "alias",
	  .arg = "X",
	  .flags = OPT_ALIAS,
	  .set = opt_text,
	  .help = "another name",
	  .offset = offsetof(struct target, text) },
};
enum { ROWS = sizeof(rows) / sizeof(*rows) };

/* A second table with a target of its own. */
struct second {
	int level;
	bool all;
};
static const struct opt more[] = {
	OPT(struct second, level, 'l', "level", "N", "a level"),
	OPT(struct second, all, 'a', "all", NULL, "hidden by the first table"),
};

static struct target t;
static struct second s;

/* Parse a line cut at blanks; returns what opt_parse does. */
static int parse(const char *line, struct err *e)
{
	const struct opt_set_of sets[] = { { rows, ROWS, &t }, { more, 2, &s }, { 0 } };
	static char copy[400];
	static struct words w;
	char *rest = copy, *word;

	words_free(&w);
	words_free(&t.words);
	t = (struct target){ .number = -1 };
	s = (struct second){ 0 };
	*e = (struct err){ 0 };
	snprintf(copy, sizeof(copy), "program %s", line);
	while ((word = strsep(&rest, " ")))
		words_add(&w, word, e);
	if (!*line)
		return opt_parse(sets, 1, w.v, e);
	return opt_parse(sets, (int)w.n, w.v, e);
}

/* What a line has set, as text. */
static const char *got(const char *line)
{
	static char text[512];
	struct err e;
	int at = parse(line, &e), used;

	if (at == -1)
		return memcpy(text, e.text, sizeof(e.text));
	used = snprintf(text, sizeof(text), "%d%s%s%s%s%s", at, t.all ? " all" : "", t.quiet ? " quiet" : "",
			t.maybe ? " maybe" : "", t.text ? " text=" : "", t.text ? t.text : "");
	if (t.number >= 0)
		used += snprintf(text + used, sizeof(text) - (size_t)used, " number=%d", t.number);
	if (t.wait)
		used += snprintf(text + used, sizeof(text) - (size_t)used, " wait=%llu", (unsigned long long)t.wait);
	for (size_t i = 0; i < t.words.n; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used, " [%s]", t.words.v[i]);
	if (s.level || s.all)
		snprintf(text + used, sizeof(text) - (size_t)used, " level=%d%s", s.level, s.all ? " second-all" : "");
	return text;
}

static void test_forms(void)
{
	static const struct {
		const char *line, *wanted;
	} cases[] = {
		{ "", "1" },
		{ "word", "1" },
		{ "-", "1" },
		{ "--", "2" },
		{ "-- -a", "2" },
		{ "--all word -q", "2 all" },
		{ "-a -- -q", "3 all" },
		{ "-a - -q", "2 all" },
		{ "-aq", "2 all quiet" },
		{ "-a -q", "3 all quiet" },
		{ "--be-quiet", "2 quiet" },
		{ "--be_quiet", "2 quiet" },
		{ "--all=no", "2" },
		{ "--all --all=off", "3" },
		{ "--all=1 --be-quiet=TRUE", "3 all quiet" },
		{ "--some-text value", "3 text=value" },
		{ "--some-text=value", "2 text=value" },
		{ "--some-text=a=b", "2 text=a=b" },
		{ "--some-text=", "2 text=" },
		{ "--some-text -a", "3 text=-a" },
		{ "--some-text --", "3 text=--" },
		{ "-t value", "3 text=value" },
		{ "-tvalue", "2 text=value" },
		{ "-t=value", "2 text=value" },
		{ "-t=", "2 text=" },
		{ "-t==x", "2 text==x" },
		{ "-t -a", "3 text=-a" },
		{ "-aqtvalue", "2 all quiet text=value" },
		{ "-aqt value", "3 all quiet text=value" },
		{ "-ta", "2 text=a" },
		{ "-n 0", "3 number=0" },
		{ "-n2147483647", "2 number=2147483647" },
		{ "-n 1 -n 2", "5 number=2" },
		{ "--wait 3", "3 wait=3000" },
		{ "--wait=5ms", "2 wait=5" },
		{ "-w a -wb --word=c --word d", "7 [a] [b] [c] [d]" },
		{ "--maybe word", "2 maybe" },
		{ "--maybe=no", "2" },
		{ "--maybe=yes", "2 maybe" },
		{ "-m word", "2 maybe" },
		{ "-ma", "2 all maybe" },
		{ "--alias x", "3 text=x" },
		{ "-l3", "2 level=3" },
		{ "--level 4 -a", "4 all level=4" },
		{ "-h", "-2" },
		{ "--help", "-2" },
		{ "-ah", "-2 all" },
		{ "--version", "-3" },
		{ "-x -h", "unknown option -x" },
		{ "-V", "unknown option -V" },
		{ "-f x", "unknown option -f" },
		{ "-a=no", "unknown option -=" },
		{ "--help=x", "unknown option --help" },
		{ "--file-only x", "unknown option --file-only" },
		{ "--n 1", "unknown option --n" },
		{ "--wurd=x", "unknown option --wurd (did you mean --word?)" },
		{ "--be-quit", "unknown option --be-quit (did you mean --be-quiet?)" },
		{ "--ALL", "unknown option --ALL" },
		{ "--=x", "unknown option --" },
		{ "--file-onl", "unknown option --file-onl" },
		{ "---all", "unknown option ---all (did you mean --all?)" },
		{ "--some-text", "--some-text needs a value: TEXT" },
		{ "-t", "-t needs a value: TEXT" },
		{ "-at", "-t needs a value: TEXT" },
		{ "-n x", "-n: 'x' is not a number from 0 to 2147483647" },
		{ "-n 2147483648", "-n: '2147483648' is not a number from 0 to 2147483647" },
		{ "-n -1", "-n: '-1' is not a number from 0 to 2147483647" },
		{ "-n=", "-n: '' is not a number from 0 to 2147483647" },
		{ "--all=maybe", "--all: 'maybe' is neither yes nor no" },
		{ "--maybe=", "--maybe: '' is neither yes nor no" },
		{ "--wait 1d", "--wait: '1d' is not a duration such as 10s (ms, s, m, h; at most 1000 days)" },
		{ "--level=x", "--level: 'x' is not a number from 0 to 2147483647" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char title[128];

		snprintf(title, sizeof(title), "%s", *cases[i].line ? tap_quote(cases[i].line) : "no argument");
		SAME(got(cases[i].line), cases[i].wanted, title);
	}
}

/* A name longer than any option has. */
static void test_long_names(void)
{
	char line[300];
	struct err e;
	bool refused = true;

	for (int n = 1; n < 250; n++) {
		memset(line, 'x', sizeof(line));
		memcpy(line, "--", 2);
		line[2 + n] = 0;
		refused = refused && parse(line, &e) == -1 && !strncmp(e.text, "unknown option --x", 18) && !t.text;
		memcpy(line + 2 + n, "=v", 3);
		refused = refused && parse(line, &e) == -1 && !strncmp(e.text, "unknown option --x", 18) && !t.text;
	}
	OK(refused, "an unknown option of any length is refused");
}

static void test_plain(void)
{
	static const char *const yes[] = { "yes", "true", "on", "1", "YES", "True" };
	static const char *const no[] = { "no", "false", "off", "0", "NO", "Off" };
	static const char *const neither[] = { "", "y", "n", "2", "00", "yes ", "enabled", "-1" };
	const struct opt *o = &rows[0];
	struct target mine = { 0 };
	struct err e;

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		mine.all = false;
		tap_ok(opt_bool(&mine, o, yes[i], &e) == 0 && mine.all, __LINE__, "%s is yes", yes[i]);
		mine.all = true;
		tap_ok(opt_bool(&mine, o, no[i], &e) == 0 && !mine.all, __LINE__, "%s is no", no[i]);
	}
	for (size_t i = 0; i < sizeof(neither) / sizeof(*neither); i++)
		tap_ok(opt_bool(&mine, o, neither[i], &e) < 0, __LINE__, "'%s' is neither", neither[i]);
	OK(opt_find(rows, ROWS, "some-text") == &rows[2] && opt_find(rows, ROWS, "some_text") == &rows[2], "opt_find by name");
	OK(!opt_find(rows, ROWS, "") && !opt_find(rows, ROWS, "n") && !opt_find(rows, ROWS, "some"),
	   "not by less than the name");
}

static void test_help(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	opt_help(f, rows, ROWS, OPT_NO_RUN);
	fclose(f);
	SAME(text,
	     "  -a, --all                      everything\n"
	     "  -q, --be-quiet                 say nothing\n"
	     "  -t, --some-text TEXT           a text\n"
	     "  -n N                           a number without a long name\n"
	     "      --wait TIME                a time without a letter\n"
	     "  -w, --word WORD                words\n"
	     "  -m, --maybe[=yes|no]           a value or none\n",
	     "the help: one line a row, without aliases and what is hidden");
	free(text);
}

int main(void)
{
	struct err e;

	test_forms();
	test_long_names();
	test_plain();
	test_help();
	parse("", &e);
	return tap_done();
}
