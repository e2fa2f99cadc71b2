/* SPDX-License-Identifier: Zlib
 * Splitting and comparing: what is taken apart is not longer than it was, distances are symmetric, texts of errors end. */
#include <errno.h>

#include "base/str.h"
#include "fuzz.h"

static void check(const struct words *w, const char *text)
{
	size_t sum = 0;

	for (size_t i = 0; i < w->n; i++)
		sum += strlen(w->v[i]);
	PROMISE(sum <= strlen(text) && (!w->v || !w->v[w->n]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *half = fuzz_text(data, size / 2);
	struct words w = { 0 };
	struct err e;

	if (words_split_command(&w, text, &e) == 0)
		check(&w, text);
	words_free(&w);
	PROMISE(words_split(&w, text, ':', &e) == 0 && w.n >= 1);
	check(&w, text);
	words_free(&w);
	PROMISE(str_distance(text, half) == str_distance(half, text));
	PROMISE(str_distance(text, text) == (strlen(text) < 64 ? 0 : 255));
	PROMISE(str_same_name(text, half) == str_same_name(half, text) && str_same_name(text, text));
	PROMISE(!str_has_dotdot(text) || strstr(text, ".."));
	errno = EACCES;
	err_sys(&e, "%s", text);
	PROMISE(memchr(e.text, 0, sizeof(e.text)) && strstr(e.text, "Permission denied"));
	err_prefix(&e, "%s", half);
	err_hint(&e, text);
	PROMISE(memchr(e.text, 0, sizeof(e.text)));
	free(half);
	free(text);
	return 0;
}
