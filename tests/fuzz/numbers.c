/* SPDX-License-Identifier: Zlib
 * Every parser of numbers: what is taken is within its limits and, written again, the same. */
#include <inttypes.h>

#include "base/num.h"
#include "fuzz.h"

/* A text without leading zeroes. */
static const char *bare(const char *text)
{
	while (*text == '0' && text[1] >= '0' && text[1] <= '9')
		text++;
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), again[32], buf[16];
	uint64_t number, min = size, max = size > 8 ? UINT64_MAX : 100000;
	int64_t with_sign;
	uint32_t mode;
	int signal;
	struct err e;

	if (num_parse(text, min, max, &number, &e) == 0) {
		snprintf(again, sizeof(again), "%" PRIu64, number);
		PROMISE(number >= min && number <= max && !strcmp(bare(text), again));
	}
	if (num_signed(text, INT64_MIN, INT64_MAX, &with_sign, &e) == 0) {
		snprintf(again, sizeof(again), "%" PRId64, with_sign);
		PROMISE(!strcmp(bare(text + (*text == '-')), again + (*again == '-')) &&
			(with_sign == 0 || (*text == '-') == (with_sign < 0)));
	}
	if (num_mode(text, &mode, &e) == 0)
		PROMISE(mode <= 07777 && !text[strspn(text, "01234567")]);
	if (num_size(text, &number, &e) == 0) {
		size_t digits = strspn(text, "0123456789");

		PROMISE(number && digits && strlen(text) - digits <= 1);
	}
	if (num_duration(text, &number, &e) == 0)
		PROMISE(number <= 86400000000 && *text >= '0' && *text <= '9');
	if (num_signal(text, &signal, &e) == 0) {
		int same = 0;

		PROMISE(signal >= 1 && signal <= 64);
		PROMISE(num_signal(num_signal_name(signal, buf), &same, &e) == 0 && same == signal);
	}
	if (size >= sizeof(signal)) {
		memcpy(&signal, data, sizeof(signal));
		PROMISE(strlen(num_signal_name(signal, buf)) < sizeof(buf));
	}
	free(text);
	return 0;
}
