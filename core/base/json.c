/* SPDX-License-Identifier: Zlib
 * Writing JSON. */
#include "base/json.h"

#include <string.h>

/* The length of the UTF-8 sequence at p, 0 if it is none (or too long, a surrogate, or beyond U+10FFFF). */
static int sequence(const unsigned char *p)
{
	int len = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2 : *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xf0 && *p < 0xf5 ? 4 : 0;

	for (int i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) ||
	    (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

void json_string(FILE *out, const char *text)
{
	putc('"', out);
	for (const unsigned char *p = (const unsigned char *)text; *p;) {
		int len = sequence(p);

		if (!len)
			fputs("\\ufffd", out);
		else if (*p < 0x20 || *p == 0x7f)
			fprintf(out, "\\u%04x", *p);
		else if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else
			fwrite(p, 1, (size_t)len, out);
		p += len ? len : 1;
	}
	putc('"', out);
}
