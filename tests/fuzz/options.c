/* SPDX-License-Identifier: Zlib
 * Command lines, one argument a line, by the key table and a small table beside it. */
#include "base/opt.h"
#include "fuzz.h"
#include "spec/keys.h"
#include "spec/spec.h"

struct own {
	bool detach;
	const char *text;
	int number;
	uint64_t time;
	struct words words;
};

static const struct opt rows[] = {
	OPT(struct own, detach, 'd', "detach", NULL, "a switch"), OPT(struct own, text, 'c', "config", "FILE", "a text"),
	OPT(struct own, number, 0, "number", "N", "a number"),    OPT(struct own, time, 'T', "time", "TIME", "a time"),
	OPT(struct own, words, 'W', "word", "WORD", "words"),
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *word, *argv[66] = { (char[]){ "run" } };
	struct err e = { 0 };
	struct own own = { 0 };
	struct spec s;
	int argc = 1, at;
	const struct opt_set_of sets[] = { { rows, sizeof(rows) / sizeof(*rows), &own }, { spec_keys, spec_nkeys, &s }, { 0 } };

	/* Each argument in memory of its own, so that reading over its end is seen. */
	while (argc < 64 && (word = strsep(&rest, "\n")))
		argv[argc++] = strdup(word);
	spec_init(&s);
	at = opt_parse(sets, argc, argv, &e);
	PROMISE((at >= 1 && at <= argc) || at == OPT_HELP || at == OPT_VERSION || (at == -1 && *e.text));
	PROMISE(memchr(e.text, 0, sizeof(e.text)));
	PROMISE(own.number >= 0);
	spec_free(&s);
	words_free(&own.words);
	while (argc > 1)
		free(argv[--argc]);
	free(text);
	return 0;
}
