/* SPDX-License-Identifier: Zlib
 * Writing JSON. */
#ifndef CAGEBOX_BASE_JSON_H
#define CAGEBOX_BASE_JSON_H

#include <stdio.h>

/* text as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD, so that every reader takes it. RFC
 * 8259. */
void json_string(FILE *out, const char *text);

#endif
