/* SPDX-License-Identifier: Zlib
 * The key table: every setting of a container, once. */
#ifndef CAGEBOX_SPEC_KEYS_H
#define CAGEBOX_SPEC_KEYS_H

#include "base/opt.h"

/* The target of every row is a struct spec. */
extern const struct opt spec_keys[];
extern const size_t spec_nkeys;

#endif
