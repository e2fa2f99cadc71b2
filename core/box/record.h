/* SPDX-License-Identifier: Zlib
 * A small file of KEY=VALUE lines, written as a whole and read as a whole. Bytes of a value that are not plain are
 * written \ooo. */
#ifndef CAGEBOX_BOX_RECORD_H
#define CAGEBOX_BOX_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Begin with zeroes. */
struct record {
	char *text;
	size_t used, room;
	int failed; /* memory was short */
};

/* Add a line. A NULL text or a zero adds nothing: that is what a missing key means. */
void record_text(struct record *r, const char *key, const char *value);
void record_number(struct record *r, const char *key, int64_t value);

/* Replace the file name in directory dir by r, and free r. Returns 0, or -1 with e set. */
int record_write(struct record *r, int dir, const char *name, struct err *e);

/* Read the file. -1 with e set; e->num ENOENT if there is none. */
int record_read(struct record *r, int dir, const char *name, struct err *e);
void record_free(struct record *r);

/* The value of key: a new string owned by the caller (NULL if there is none, or with r->failed set), copied into room, or
 * as a number (0, also for what is not wholly a number). */
char *record_get_text(struct record *r, const char *key);
void record_copy(const struct record *r, const char *key, char *out, size_t room);
int64_t record_get_number(const struct record *r, const char *key);

#endif
