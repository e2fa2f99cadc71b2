/* SPDX-License-Identifier: Zlib
 * Errors as values. Either side of the border. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Add before, text and after at the end. Where they do not fit, what was there is cut, and of a long text its middle: the
 * begin names the goal, the end the reason. */
static void append(struct err *e, const char *before, const char *text, const char *after)
{
	size_t room = sizeof(e->text) - 1, used = strlen(e->text), len = strlen(text), around = strlen(before) + strlen(after);
	size_t tail = len < 64 ? len : 64, most = room / 2;
	int head = (int)(len - tail);

	if (used + around + len > room && used > most) {
		used = around + len < most ? room - around - len : most;
		memcpy(e->text + used - 3, "...", 3);
	}
	if (used + around + len > room)
		head = (int)(room - used - around - tail - 3);
	snprintf(e->text + used, sizeof(e->text) - used, "%s%.*s%s%s%s", before, head, text,
		 used + around + len > room ? "..." : "", text + len - tail, after);
}

int err_set(struct err *e, const char *format, ...)
{
	va_list ap;

	e->num = 0;
	e->code = 0;
	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *e, const char *format, ...)
{
	int num = errno;
	va_list ap;

	e->num = (short)num;
	e->code = 0;
	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	append(e, ": ", strerror(num), "");
	return -1;
}

int err_memory(struct err *e)
{
	errno = ENOMEM;
	return err_sys(e, "cagebox");
}

int err_prefix(struct err *e, const char *format, ...)
{
	char old[sizeof(e->text)];
	va_list ap;

	memcpy(old, e->text, sizeof(old));
	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	append(e, ": ", old, "");
	return -1;
}

int err_hint(struct err *e, const char *hint)
{
	append(e, " (", hint, ")");
	return -1;
}

int err_code(const struct err *e)
{
	return e->code ? e->code : EXIT_CAGEBOX;
}
