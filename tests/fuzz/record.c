/* SPDX-License-Identifier: Zlib
 * State files: any text is read; what is written is read back the same. */
#include "box/record.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = { "pid", "pid_start", "boot", "command", "root", "a", "" };
	struct record r = { .text = fuzz_text(data, size) }, written = { 0 };
	char copy[37], *text;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		text = record_get_text(&r, keys[i]);
		memset(copy, 'x', sizeof(copy));
		record_copy(&r, keys[i], copy, sizeof(copy));
		PROMISE(memchr(copy, 0, sizeof(copy)));
		PROMISE(text ? !strncmp(text, copy, sizeof(copy) - 1) : !*copy);
		record_get_number(&r, keys[i]);
		free(text);
	}
	record_number(&written, "n", (int64_t)size - 50);
	record_text(&written, "text", r.text);
	record_text(&written, "after", "x");
	text = record_get_text(&written, "text");
	PROMISE(text && !strcmp(text, r.text));
	PROMISE(record_get_number(&written, "n") == (int64_t)size - 50);
	free(text);
	text = record_get_text(&written, "after");
	PROMISE(text && !strcmp(text, "x"));
	free(text);
	record_free(&written);
	record_free(&r);
	return 0;
}
