/* SPDX-License-Identifier: Zlib
 * Numbers from text (base/num.h): limits, overflows, everything that is not wholly a number. Prints TAP. */
#include "base/num.h"

#include <inttypes.h>
#include <signal.h>

#include "tap.h"

/* What is no number to anybody. */
static const char *const garbage[] = { "",   " ",   "-",  "+",   "+1", " 1", "1 ",    "1\n", "0x1", "1e3",   "1.0", "1,0", "a",
				       "1a", "--1", "1-", "\t1", "١",  "½",  "1_000", "0b1", "'1'", "1\x80", "NaN", "inf" };
enum { GARBAGE = sizeof(garbage) / sizeof(*garbage) };

static void test_parse(void)
{
	static const struct {
		const char *text;
		uint64_t min, max, value;
	} good[] = {
		{ "0", 0, 0, 0 },
		{ "00", 0, 10, 0 },
		{ "010", 0, 10, 10 },
		{ "7", 7, 7, 7 },
		{ "18446744073709551615", 0, UINT64_MAX, UINT64_MAX },
		{ "000000000000000000000000000000000000000018446744073709551615", 0, UINT64_MAX, UINT64_MAX },
		{ "4294967294", 0, UINT32_MAX - 1, UINT32_MAX - 1 },
	};
	static const struct {
		const char *text;
		uint64_t min, max;
	} bad[] = {
		{ "18446744073709551616", 0, UINT64_MAX },
		{ "18446744073709551620", 0, UINT64_MAX },
		{ "28446744073709551615", 0, UINT64_MAX },
		{ "99999999999999999999999999", 0, UINT64_MAX },
		{ "4294967296", 0, UINT32_MAX },
		{ "6", 7, 8 },
		{ "9", 7, 8 },
		{ "-1", 0, UINT64_MAX },
		{ "-0", 0, UINT64_MAX },
	};
	uint64_t value;
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		value = 99;
		tap_ok(num_parse(good[i].text, good[i].min, good[i].max, &value, &e) == 0 && value == good[i].value, __LINE__,
		       "num_parse %s is %" PRIu64, good[i].text, good[i].value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad) + GARBAGE; i++) {
		bool own = i < sizeof(bad) / sizeof(*bad);
		const char *text = own ? bad[i].text : garbage[i - sizeof(bad) / sizeof(*bad)];

		value = 99;
		tap_ok(num_parse(text, own ? bad[i].min : 0, own ? bad[i].max : 1000, &value, &e) < 0 && value == 99, __LINE__,
		       "num_parse refuses '%s'", tap_quote(text));
	}
	num_parse("9", 7, 8, &value, &e);
	SAME(e.text, "'9' is not a number from 7 to 8", "the message names text and range");
	OK(e.num == 0, "no system call is at fault");
}

static void test_signed(void)
{
	static const struct {
		const char *text;
		int64_t min, max, value;
	} good[] = {
		{ "0", -1, 1, 0 },
		{ "-0", -1, 1, 0 },
		{ "-1000", -1000, 1000, -1000 },
		{ "1000", -1000, 1000, 1000 },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX },
		{ "-9223372036854775807", INT64_MIN, INT64_MAX, -INT64_MAX },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN },
	};
	static const char *const bad[] = { "9223372036854775808",
					   "-9223372036854775809",
					   "18446744073709551615",
					   "-18446744073709551616",
					   "99999999999999999999",
					   "- 1",
					   "-+1",
					   "-a" };
	int64_t value;
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		value = 99;
		tap_ok(num_signed(good[i].text, good[i].min, good[i].max, &value, &e) == 0 && value == good[i].value, __LINE__,
		       "num_signed %s", good[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(num_signed(bad[i], INT64_MIN, INT64_MAX, &value, &e) < 0, __LINE__, "num_signed refuses %s", bad[i]);
	for (size_t i = 0; i < GARBAGE; i++)
		tap_ok(num_signed(garbage[i], INT64_MIN, INT64_MAX, &value, &e) < 0, __LINE__, "num_signed refuses '%s'",
		       tap_quote(garbage[i]));
	value = 99;
	OK(num_signed("-1001", -1000, 1000, &value, &e) < 0 && value == 99, "out of its range nothing is stored");
	SAME(e.text, "'-1001' is not a number from -1000 to 1000", "the message names text and range");
}

static void test_mode(void)
{
	static const char *const bad[] = {
		"",     "8",     "08",   "10000", "010000", "7778",        "-1",
		"+7",   "0o755", "755 ", " 755",  "u+x",    "37777777777", "777777777777777777777777777777",
		"0x1ff"
	};
	static const struct {
		const char *text;
		uint32_t value;
	} good[] = { { "0", 0 }, { "22", 022 }, { "0755", 0755 }, { "7777", 07777 }, { "0007777", 07777 }, { "01777", 01777 } };
	uint32_t value;
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		tap_ok(num_mode(good[i].text, &value, &e) == 0 && value == good[i].value, __LINE__, "num_mode %s",
		       good[i].text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		value = 99;
		tap_ok(num_mode(bad[i], &value, &e) < 0 && value == 99, __LINE__, "num_mode refuses '%s'", bad[i]);
	}
	num_mode("8", &value, &e);
	SAME(e.text, "'8' is not an octal mode such as 0755", "its message");
}

static void test_size(void)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{ "1", 1 },
		{ "4096", 4096 },
		{ "1K", 1024 },
		{ "1k", 1024 },
		{ "64M", 64ULL << 20 },
		{ "2g", 2ULL << 30 },
		{ "18446744073709551615", UINT64_MAX },
		{ "18014398509481983K", 18014398509481983ULL << 10 },
		{ "17179869183G", 17179869183ULL << 30 },
	};
	static const char *const bad[] = { "0",
					   "0K",
					   "K",
					   "1KB",
					   "1KK",
					   "1T",
					   "1 K",
					   "-1K",
					   "1.5G",
					   "17179869184G",
					   "17592186044416M",
					   "18014398509481984K",
					   "18446744073709551616",
					   "1b",
					   "1Ki",
					   "1K " };
	uint64_t value;
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		tap_ok(num_size(good[i].text, &value, &e) == 0 && value == good[i].value, __LINE__, "num_size %s",
		       good[i].text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad) + GARBAGE; i++) {
		const char *text = i < GARBAGE ? garbage[i] : bad[i - GARBAGE];

		value = 99;
		tap_ok(num_size(text, &value, &e) < 0 && value == 99, __LINE__, "num_size refuses '%s'", tap_quote(text));
	}
	num_size("0", &value, &e);
	SAME(e.text, "'0' is not a size such as 64M (bytes, or K, M, G)", "its message");
}

static void test_duration(void)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{ "0", 0 },
		{ "1", 1000 },
		{ "10s", 10000 },
		{ "500ms", 500 },
		{ "3m", 180000 },
		{ "2h", 7200000 },
		{ "24000h", 86400000000 },
		{ "86400000", 86400000000 },
		{ "86400000000ms", 86400000000 },
		{ "1440000m", 86400000000 },
	};
	static const char *const bad[] = { "24001h",
					   "86400001",
					   "86400000001ms",
					   "1440001m",
					   "18446744073709551615h",
					   "18446744073709551616",
					   "1d",
					   "1S",
					   "1sec",
					   "1 s",
					   "s",
					   "ms",
					   "-1s",
					   "1.5s",
					   "1mss" };
	uint64_t value;
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		tap_ok(num_duration(good[i].text, &value, &e) == 0 && value == good[i].value, __LINE__, "num_duration %s",
		       good[i].text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad) + GARBAGE; i++) {
		const char *text = i < GARBAGE ? garbage[i] : bad[i - GARBAGE];

		value = 99;
		tap_ok(num_duration(text, &value, &e) < 0 && value == 99, __LINE__, "num_duration refuses '%s'",
		       tap_quote(text));
	}
	num_duration("1d", &value, &e);
	SAME(e.text, "'1d' is not a duration such as 10s (ms, s, m, h; at most 1000 days)", "its message");
}

static void test_signal(void)
{
	static const struct {
		const char *text;
		int value;
	} good[] = {
		{ "1", 1 },          { "015", 15 },         { "64", 64 },           { "32", 32 },
		{ "TERM", SIGTERM }, { "term", SIGTERM },   { "SIGTERM", SIGTERM }, { "sigKill", SIGKILL },
		{ "CLD", SIGCHLD },  { "SIGPOLL", SIGIO },  { "RTMIN", 34 },        { "SIGRTMIN", 34 },
		{ "RTMIN+0", 34 },   { "RTMIN+3", 37 },     { "rtmin+30", 64 },     { "RTMAX", 64 },
		{ "RTMAX-1", 63 },   { "SIGRTMAX-30", 34 }, { "WINCH", SIGWINCH },  { "PWR", SIGPWR },
		{ "SYS", SIGSYS },
	};
	static const char *const bad[] = { "0",         "65",      "-9",       "SIG",      "SIG15",   "SIGSIGTERM",
					   "TERM ",     "TER",     "RTMIN+31", "RTMIN-1",  "RTMAX+1", "RTMAX-31",
					   "RTMIN+",    "RTMIN+x", "RTMINX",   "RTMIN+-1", "EXIT",    "18446744073709551631",
					   "4294967311" };
	int value, round = 0;
	char buf[16];
	struct err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		tap_ok(num_signal(good[i].text, &value, &e) == 0 && value == good[i].value, __LINE__, "num_signal %s",
		       good[i].text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad) + GARBAGE; i++) {
		const char *text = i < GARBAGE ? garbage[i] : bad[i - GARBAGE];

		value = 99;
		tap_ok(num_signal(text, &value, &e) < 0 && value == 99, __LINE__, "num_signal refuses '%s'", tap_quote(text));
	}
	num_signal("FOO", &value, &e);
	SAME(e.text, "'FOO' is not a signal (1 to 64, or a name such as TERM or RTMIN+3)", "its message");
	for (int n = 1; n <= 64; n++)
		round += num_signal(num_signal_name(n, buf), &value, &e) == 0 && value == n;
	OK(round == 64, "the name of each signal from 1 to 64 is read back as that signal");
	SAME(num_signal_name(SIGTERM, buf), "TERM", "the name of 15");
	SAME(num_signal_name(37, buf), "RTMIN+3", "the name of 37");
	SAME(num_signal_name(32, buf), "32", "the name of 32, which the C library hides");
	SAME(num_signal_name(0, buf), "0", "0 has no name");
	SAME(num_signal_name(INT32_MIN, buf), "-2147483648", "nor has a negative number");
}

int main(void)
{
	test_parse();
	test_signed();
	test_mode();
	test_size();
	test_duration();
	test_signal();
	return tap_done();
}
