/* SPDX-License-Identifier: Zlib
 * Text helpers. No system calls. */
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int words_add_n(struct words *w, const char *text, size_t len, struct err *e)
{
	char **v = realloc(w->v, (w->n + 2) * sizeof(*v));
	char *copy;

	if (!v)
		return err_memory(e);
	w->v = v;
	v[w->n] = NULL;
	if (!(copy = strndup(text, len)))
		return err_memory(e);
	v[w->n++] = copy;
	v[w->n] = NULL;
	return 0;
}

int words_add(struct words *w, const char *text, struct err *e)
{
	return words_add_n(w, text, strlen(text), e);
}

bool words_has(const struct words *w, const char *text)
{
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->v[i], text))
			return true;
	return false;
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct words){ 0 };
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void words_sort(struct words *w)
{
	if (w->n)
		qsort(w->v, w->n, sizeof(*w->v), compare);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Copy one shell word from *line to out, which is large enough. Returns 0, or -1 at an open quote. */
static int one_word(const char **line, char *out)
{
	const char *p = *line;
	char quote = 0;

	for (; *p && (quote || !is_blank(*p)); p++) {
		if (quote && *p == quote)
			quote = 0;
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (*p == '\\' && quote != '\'' && p[1] && (!quote || strchr("\"\\$`", p[1])))
			*out++ = *++p;
		else
			*out++ = *p;
	}
	*out = 0;
	*line = p;
	return quote ? -1 : 0;
}

int words_split_command(struct words *w, const char *line, struct err *e)
{
	const char *p = line;
	char *word = malloc(strlen(line) + 1);
	int result = 0;

	if (!word)
		return err_memory(e);
	while (result == 0) {
		while (is_blank(*p))
			p++;
		if (!*p)
			break;
		if (one_word(&p, word) < 0)
			result = err_set(e, "'%s' has an open quote", line);
		else
			result = words_add(w, word, e);
	}
	free(word);
	return result;
}

int words_split(struct words *w, const char *text, char sep, struct err *e)
{
	char *part = malloc(strlen(text) + 1);
	size_t len = 0;
	int result = 0;

	if (!part)
		return err_memory(e);
	for (const char *p = text; result == 0; p++) {
		if (*p == '\\' && p[1] == sep) {
			part[len++] = *++p;
		} else if (!*p || *p == sep) {
			result = words_add_n(w, part, len, e);
			len = 0;
			if (!*p)
				break;
		} else {
			part[len++] = *p;
		}
	}
	free(part);
	return result;
}

int words_set_env(struct words *env, const char *text, struct err *e)
{
	size_t len = strcspn(text, "=") + 1;

	for (size_t i = 0; i < env->n; i++)
		if (!strncmp(env->v[i], text, len))
			return str_replace(&env->v[i], text, e);
	return words_add(env, text, e);
}

int str_replace(char **slot, const char *text, struct err *e)
{
	char *copy = strdup(text);

	if (!copy)
		return err_memory(e);
	free(*slot);
	*slot = copy;
	return 0;
}

char *str_format(struct err *e, const char *format, ...)
{
	va_list ap;
	char *text = NULL;
	int len;

	va_start(ap, format);
	len = vasprintf(&text, format, ap);
	va_end(ap);
	if (len >= 0)
		return text;
	err_memory(e);
	return NULL;
}

void str_clean(char *text)
{
	for (unsigned char *p = (unsigned char *)text; *p; p++)
		if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			*p = '?';
}

bool str_same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return *a == *b;
}

unsigned str_distance(const char *a, const char *b)
{
	uint8_t row[64];
	size_t len = strlen(b);

	if (len >= sizeof(row) || strlen(a) >= sizeof(row))
		return 255;
	for (size_t j = 0; j <= len; j++)
		row[j] = (uint8_t)j;
	for (size_t i = 0; a[i]; i++) {
		uint8_t diagonal = row[0];

		row[0] = (uint8_t)(i + 1);
		for (size_t j = 0; j < len; j++) {
			uint8_t best = (uint8_t)(diagonal + (a[i] != b[j]));

			if (row[j] + 1 < best)
				best = (uint8_t)(row[j] + 1);
			if (row[j + 1] + 1 < best)
				best = (uint8_t)(row[j + 1] + 1);
			diagonal = row[j + 1];
			row[j + 1] = best;
		}
	}
	return row[len];
}

bool str_has_word(const char *list, const char *word, size_t len)
{
	while (*list && (strcspn(list, ",") != len || strncmp(list, word, len) != 0))
		list += strcspn(list, ",") + (list[strcspn(list, ",")] != 0);
	return *list;
}

const char *str_below(const char *path, const char *dir)
{
	size_t len = dir[1] ? strlen(dir) : 0;

	if (strncmp(path, dir, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] && path[len + 1] ? path + len : "";
}

bool str_has_dotdot(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")); p++)
		if ((p == path || p[-1] == '/') && (!p[2] || p[2] == '/'))
			return true;
	return false;
}
