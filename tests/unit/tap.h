/* SPDX-License-Identifier: Zlib
 * What unit tests print: TAP. Every test calls OK, SAME or tap_ok for each result and ends with `return tap_done();`. */
#ifndef CAGEBOX_TESTS_TAP_H
#define CAGEBOX_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failures;

/* One result: passed or not, under a title that is a printf format. Returns passed. */
__attribute__((unused, format(printf, 3, 4))) static bool tap_ok(bool passed, int line, const char *format, ...)
{
	va_list ap;

	printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	if (!passed) {
		printf("# line %d\n", line);
		tap_failures++;
	}
	fflush(stdout);
	return passed;
}

/* A text as a title or a diagnostic can show it; overwritten by the next call. */
__attribute__((unused)) static const char *tap_quote(const char *text)
{
	static char quoted[400];
	size_t used = 0;

	if (!text)
		return "(none)";
	for (const char *p = text; *p && used < sizeof(quoted) - 8; p++)
		if (*p >= ' ' && *p < 0x7f && *p != '#')
			quoted[used++] = *p;
		else
			used += (size_t)sprintf(quoted + used, "\\%03o", (unsigned)(unsigned char)*p);
	quoted[used] = 0;
	return quoted;
}

/* Passes if both texts are the same; NULL is a text of its own. */
__attribute__((unused)) static bool tap_same(const char *got, const char *wanted, int line, const char *title)
{
	bool same = got && wanted ? !strcmp(got, wanted) : got == wanted;

	tap_ok(same, line, "%s", title);
	if (!same) {
		printf("#    got: %s\n", tap_quote(got));
		printf("# wanted: %s\n", tap_quote(wanted));
	}
	return same;
}

#define OK(what, title)          tap_ok(what, __LINE__, "%s", title)
#define SAME(got, wanted, title) tap_same(got, wanted, __LINE__, title)

/* What main returns: prints the plan. */
__attribute__((unused)) static int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failures != 0;
}

#endif
