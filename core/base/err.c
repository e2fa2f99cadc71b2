/* SPDX-License-Identifier: Zlib
 * Errors as values. Either side of the border. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void append(struct err *e, const char *text)
{
	size_t used = strlen(e->text);

	snprintf(e->text + used, sizeof(e->text) - used, "%s", text);
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
	append(e, ": ");
	append(e, strerror(num));
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
	append(e, ": ");
	append(e, old);
	return -1;
}

int err_hint(struct err *e, const char *hint)
{
	append(e, " (");
	append(e, hint);
	append(e, ")");
	return -1;
}

int err_code(const struct err *e)
{
	return e->code ? e->code : EXIT_CAGEBOX;
}
