/* SPDX-License-Identifier: Zlib
 * One table says what can be set: an applet's options, or a container's settings. From it come the parser of the command
 * line, the keys of a configuration file, --help, the manual's tables and the shell completions. */
#ifndef CAGEBOX_BASE_OPT_H
#define CAGEBOX_BASE_OPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

struct opt;

/* Parse value and store it in the field of target that o names. value is never NULL: a switch is set with "yes".
 * Returns 0, or -1 with e saying what is wrong with the value (the caller adds the option's name). */
typedef int opt_set(void *target, const struct opt *o, const char *value, struct err *e);

/* The opposite: add to values what the field holds, as set would take it; nothing if it is not set. */
typedef int opt_get(const void *target, const struct opt *o, struct words *values, struct err *e);

enum opt_flag {
	OPT_REPEATS = 1, /* each use adds; otherwise the last wins on a command line and a second line in a file is an error */
	OPT_NO_RUN = 2,  /* not an option of run */
	OPT_NO_FILE = 4, /* not a key of a configuration file */
	OPT_ALIAS = 8,   /* another name of the row before it */
	OPT_LIVE = 32,   /* a running container takes it too */
	OPT_OPTIONAL = 16, /* the value may be left out ("yes") and follows only as --name=value; the letter takes none */
};

struct opt {
	const char *name; /* long name, with underscores; a dash is the same */
	const char *arg;  /* what the value is, for the help; NULL: a switch */
	const char *help; /* one line, no full stop */
	opt_set *set;
	opt_get *get;    /* NULL in an applet's own table */
	uint16_t offset; /* of the field in the target */
	uint8_t flags;   /* enum opt_flag */
	char letter;     /* short name, or 0 */
};

/* A table with the struct that it fills. */
struct opt_set_of {
	const struct opt *rows;
	size_t n;
	void *target;
};

/* Setters for the plain types of a field. */
opt_set opt_bool;     /* bool: yes/no, true/false, on/off, 1/0 */
opt_set opt_text;     /* const char *: borrowed from argv */
opt_set opt_int;      /* int: 0 to INT_MAX */
opt_set opt_duration; /* uint64_t: milliseconds */
opt_set opt_words;    /* struct words: a copy is added */

/* A row of an applet's table; the setter follows from the field's type. */
#define OPT(type, field, short_name, long_name, arg_name, text)                                   \
	{                                                                                         \
		.name = (long_name), .arg = (arg_name), .help = (text), .letter = (short_name), \
		.offset = offsetof(type, field),                                              \
		.set = _Generic(((type *)0)->field, _Bool: opt_bool, const char *: opt_text, int: opt_int, \
				uint64_t: opt_duration, struct words: opt_words), \
	}

/* Parse argv[1..] by the tables of sets (ended by rows == NULL) until the first word that is no option, or past "--".
 * Returns the index of the first word left over, or -1 with e naming the option. -h and --help in no table give OPT_HELP,
 * --version OPT_VERSION. */
enum { OPT_HELP = -2, OPT_VERSION = -3 };
int opt_parse(const struct opt_set_of *sets, int argc, char **argv, struct err *e);

/* The row called name (dash and underscore alike), or NULL. */
const struct opt *opt_find(const struct opt *rows, size_t n, const char *name);

/* Print the rows that lack all of the flags in hide, one line each. */
void opt_help(FILE *out, const struct opt *rows, size_t n, unsigned hide);

#endif
