/* SPDX-License-Identifier: Zlib
 * What the checks of the C library share: a line "ok TITLE" or "not ok TITLE" each, then what there was instead. */
#ifndef CHECK_H
#define CHECK_H

#include <cagebox.h>
#include <stdbool.h>
#include <stdio.h>

extern const char *root; /* a directory that can be a root */

/* Print whether condition holds; if not, with the format's text as the reason. */
void check(bool condition, const char *title, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Whether a call failed with a text that has part in it, and this exit code. */
void check_error(int result, const struct cagebox_error *err, const char *part, int code, const char *title);

/* Whether a call succeeded with that end. */
void check_end(int result, const struct cagebox_end *end, const struct cagebox_error *err, const char *reason, int code,
	       const char *title);

/* A spec for the root with a shell that runs script, and name unless that is NULL. Ends the program on an error. */
struct cagebox_spec *shell(const char *name, const char *script);

void must(int result, const struct cagebox_error *err);

/* Run it; what it writes on its standard output, if not too much, goes to out, without the last newline. */
int run_for_output(const struct cagebox_spec *spec, char *out, size_t room, struct cagebox_end *end, struct cagebox_error *err);

/* The parts; each is a file. */
void check_settings(void);
void check_program(void);
void check_run(void);
void check_life(void);
void check_caller(void);
void check_threads(void);

#endif
