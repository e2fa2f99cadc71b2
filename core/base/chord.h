/* SPDX-License-Identifier: Zlib
 * A few keys that mean something when they are typed one after the other. No system calls. */
#ifndef CAGEBOX_BASE_CHORD_H
#define CAGEBOX_BASE_CHORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { CHORD_KEYS = 16 };

struct chord {
	char keys[CHORD_KEYS];
	size_t n;     /* 0: none, which never comes */
	size_t typed; /* so many of them were typed, and are held back */
};

/* Keys separated by commas: each a character, or ctrl- and a letter or one of @[\]^_ ; "none": no keys. Returns 0, or -1 with e
 * set. */
int chord_parse(const char *text, struct chord *c, struct err *e);

/* One more byte was typed. out (CHORD_KEYS + 1 bytes) gets what is certain not to belong to c's keys, *n bytes. Returns whether
 * all keys were typed. */
bool chord_type(struct chord *c, char byte, char *out, size_t *n);

#endif
