/* SPDX-License-Identifier: Zlib
 * Numbers as people write them. A number is parsed whole or refused: no sign, no space, no rest. */
#ifndef CAGEBOX_BASE_NUM_H
#define CAGEBOX_BASE_NUM_H

#include <stdint.h>

#include "base/err.h"

/* A decimal number from min to max. Returns 0, or -1 with e naming text and the range. */
int num_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out, struct err *e);

/* The same with an optional minus sign. */
int num_signed(const char *text, int64_t min, int64_t max, int64_t *out, struct err *e);

/* Octal permission bits, 0 to 07777, with or without a leading zero. */
int num_mode(const char *text, uint32_t *out, struct err *e);

/* Bytes: a number and K, M or G (powers of 1024), or none. At least 1. */
int num_size(const char *text, uint64_t *bytes, struct err *e);

/* A duration in milliseconds: a number and ms, s, m or h; a bare number is seconds. At most 1000 days. */
int num_duration(const char *text, uint64_t *ms, struct err *e);

/* A signal from 1 to 64 by number or name: 15, TERM, SIGTERM, RTMIN+3 (RTMIN is 34, as the kernel counts), RTMAX-1. */
int num_signal(const char *text, int *signal, struct err *e);

/* The short name of a signal ("TERM", "RTMIN+3"), written to buf where it has no name of its own. */
const char *num_signal_name(int signal, char buf[16]);

#endif
