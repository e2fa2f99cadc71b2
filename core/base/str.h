/* SPDX-License-Identifier: Zlib
 * Text: lists of words, splitting, joining, comparing. */
#ifndef CAGEBOX_BASE_STR_H
#define CAGEBOX_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* A growing list of owned strings; v[n] is always NULL once a word was added, so v serves as argv. */
struct words {
	char **v;
	size_t n;
};

/* Add a copy of text (of its first len bytes). Returns 0, or -1 with e set. */
int words_add(struct words *w, const char *text, struct err *e);
int words_add_n(struct words *w, const char *text, size_t len, struct err *e);
void words_free(struct words *w);

bool words_has(const struct words *w, const char *text);

/* Into the order of strcmp(3). */
void words_sort(struct words *w);

/* Split a command line as a shell does without expanding anything: blanks separate, '...' and "..." hold together,
 * a backslash takes the next character as it is. An open quote is an error. */
int words_split_command(struct words *w, const char *line, struct err *e);

/* Split at each sep that has no backslash before it; "\" and sep becomes sep. Empty parts are kept. */
int words_split(struct words *w, const char *text, char sep, struct err *e);

/* Add NAME=VALUE to an environment, in place of the entry of that name if there is one. */
int words_set_env(struct words *env, const char *text, struct err *e);

/* Replace *slot by a copy of text. Returns 0, or -1 with e set. */
int str_replace(char **slot, const char *text, struct err *e);

/* A new string from a format, owned by the caller; NULL with e set when memory is short. */
char *str_format(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Replace what would steer a terminal by question marks: control characters, U+0080 to U+009F among them. For text
 * with words of others in it that is about to be shown. */
void str_clean(char *text);

/* Whether a and b are the same name when dash and underscore are one. */
bool str_same_name(const char *a, const char *b);

/* How many single letters must change to make b of a, at most 255. For "did you mean". */
unsigned str_distance(const char *a, const char *b);

/* Whether word, of that length, is one of those in list, which commas divide. */
bool str_has_word(const char *list, const char *word, size_t len);

/* What follows of path after the directory dir: "" for dir itself, else from a slash on; NULL when path does not lie there. */
const char *str_below(const char *path, const char *dir);

/* Whether one of path's components is "..". */
bool str_has_dotdot(const char *path);

#endif
