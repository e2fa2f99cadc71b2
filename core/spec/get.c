/* SPDX-License-Identifier: Zlib
 * The setters' way back: what a spec holds, as its setters would take it. No system calls. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "spec/set.h"
#include "spec/spec.h"

#define FIELD(type, target, o) (*(type const *)(const void *)((const char *)(target) + (o)->offset))

__attribute__((format(printf, 3, 4))) static int add(struct words *values, struct err *e, const char *format, ...)
{
	char *text;
	va_list ap;
	int result, len;

	va_start(ap, format);
	len = vasprintf(&text, format, ap);
	va_end(ap);
	if (len < 0)
		return err_memory(e);
	result = words_add(values, text, e);
	free(text);
	return result;
}

/* text with a backslash before each of the characters in special. Owned by the caller, NULL without memory. */
static char *escape(const char *text, const char *special)
{
	char *out = malloc(2 * strlen(text) + 1), *p = out;

	for (; p && *text; text++) {
		if (strchr(special, *text))
			*p++ = '\\';
		*p++ = *text;
	}
	if (p)
		*p = 0;
	return out;
}

/* --- plain types -------------------------------------------------------------------------------------------------- */

int spec_get_text(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	const char *text = FIELD(char *, target, o);

	return text ? words_add(values, text, e) : 0;
}

int spec_get_bool(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	return words_add(values, FIELD(bool, target, o) ? "yes" : "no", e);
}

int spec_get_words(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	const struct words *w = &FIELD(struct words, target, o);

	for (size_t i = 0; i < w->n; i++)
		if (words_add(values, w->v[i], e) < 0)
			return -1;
	return 0;
}

int spec_get_umask(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	return add(values, e, "%04o", FIELD(uint32_t, target, o));
}

int spec_get_signal(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	char buf[16];

	return words_add(values, num_signal_name(FIELD(int, target, o), buf), e);
}

int spec_get_duration(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	uint64_t ms = FIELD(uint64_t, target, o);

	return add(values, e, "%llu%s", (unsigned long long)(ms % 1000 ? ms : ms / 1000), ms % 1000 ? "ms" : "s");
}

/* before and the size, in the largest unit that divides it; nothing at all for 0. */
static const char *size_text(const char *before, uint64_t bytes, char buf[40])
{
	static const char units[][2] = { "", "K", "M", "G" };
	unsigned unit = 0;

	*buf = 0;
	if (!bytes)
		return buf;
	for (; unit < 3 && bytes % 1024 == 0; unit++)
		bytes /= 1024;
	snprintf(buf, 40, "%s%llu%s", before, (unsigned long long)bytes, units[unit]);
	return buf;
}

int spec_get_size(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	uint64_t bytes = FIELD(uint64_t, target, o);
	char buf[40];

	return bytes ? words_add(values, size_text("", bytes, buf), e) : 0;
}

int spec_get_number(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	uint32_t number = FIELD(uint32_t, target, o);

	return number ? add(values, e, "%u", number) : 0;
}

/* At least one digit, and no zeroes at the end of a fraction. */
int spec_get_cpus(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	uint32_t quota = FIELD(uint32_t, target, o);
	char text[24];
	size_t len;

	if (!quota)
		return 0;
	len = (size_t)snprintf(text, sizeof(text), "%u.%05u", quota / SPEC_CPU, quota % SPEC_CPU);
	while (text[len - 1] == '0')
		len--;
	text[len - (text[len - 1] == '.')] = 0;
	return words_add(values, text, e);
}

int spec_get_count(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	uint64_t number = FIELD(uint64_t, target, o);

	return number ? add(values, e, "%llu", (unsigned long long)number) : 0;
}

/* --- the command, identity, limits -------------------------------------------------------------------------------- */

/* In quotes where blanks and the like would divide it. */
static int join(char **line, const char *word, struct err *e)
{
	bool plain = *word && !word[strcspn(word, " \t\n'\"\\")];
	char *escaped = escape(word, plain ? "" : "\"\\"), *longer = NULL;

	if (escaped)
		longer = str_format(e, plain ? "%s%s%s" : "%s%s\"%s\"", *line ? *line : "", *line ? " " : "", escaped);
	else
		err_memory(e);
	free(escaped);
	free(*line);
	*line = longer;
	return longer ? 0 : -1;
}

int spec_get_command(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	const struct words *w = &FIELD(struct words, target, o);
	char *line = NULL;
	int result = 0;

	/* The same words would be set twice. */
	if (o->flags & OPT_ALIAS)
		return 0;
	for (size_t i = 0; result == 0 && i < w->n; i++)
		result = join(&line, w->v[i], e);
	if (result == 0 && line)
		result = words_add(values, line, e);
	free(line);
	return result;
}

int spec_get_oom(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	return ((const struct spec *)target)->oom_score_adj_set ? add(values, e, "%d", FIELD(int, target, o)) : 0;
}

static const char *rlimit_text(uint64_t value, char buf[24])
{
	if (value == UINT64_MAX)
		return "unlimited";
	snprintf(buf, 24, "%llu", (unsigned long long)value);
	return buf;
}

int spec_get_rlimit(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	const struct spec *s = target;
	char soft[24], hard[24];

	(void)o;
	for (int i = 0; i < SPEC_NRLIMITS; i++)
		if (s->rlimits_set & 1u << i &&
		    add(values, e, "%s=%s:%s", spec_rlimit_names[i], rlimit_text(s->rlimits[i].soft, soft),
			rlimit_text(s->rlimits[i].hard, hard)) < 0)
			return -1;
	return 0;
}

int spec_get_switch(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	return words_add(values, spec_switch_names[FIELD(enum spec_switch, target, o)], e);
}

int spec_get_net(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	const char *name = spec_net_names[FIELD(enum spec_net, target, o)];

	return *name ? words_add(values, name, e) : 0;
}

int spec_get_userns(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	const char *name = spec_userns_names[FIELD(enum spec_userns, target, o)];

	return *name ? words_add(values, name, e) : 0;
}

int spec_get_namespaces(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	unsigned set = FIELD(unsigned, target, o);
	char letters[16], *p = letters;

	for (unsigned i = 0; spec_ns_letters[i]; i++)
		if (set & 1u << i)
			*p++ = spec_ns_letters[i];
	*p = 0;
	return words_add(values, *letters ? letters : "none", e);
}

/* --- the file system ---------------------------------------------------------------------------------------------- */

int spec_get_lower(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	const struct words *w = &FIELD(struct words, target, o);
	int result = 0;

	for (size_t i = 0; result == 0 && i < w->n; i++) {
		char *escaped = escape(w->v[i], ":");

		result = escaped ? words_add(values, escaped, e) : err_memory(e);
		free(escaped);
	}
	return result;
}

int spec_get_overlay(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	const struct spec *s = target;
	char size[40], *escaped;
	int result;

	(void)o;
	if (s->overlay_persistent)
		return words_add(values, "persistent", e);
	if (s->overlay)
		return words_add(values, s->overlay, e);
	if (s->overlay_tmpfs)
		return add(values, e, "tmpfs%s", size_text(":", s->overlay_size, size));
	if (!s->overlay_image)
		return s->overlay_set ? words_add(values, "none", e) : 0;
	escaped = escape(s->overlay_image, ":");
	if (!escaped)
		return err_memory(e);
	result = add(values, e, "image:%s%s", escaped, size_text(":", s->overlay_size, size));
	free(escaped);
	return result;
}

/* SOURCE[:DEST[OPTIONS]], the shortest: before a colon no name can end with a backslash. */
static int add_pair(struct words *values, const char *source, const char *to, const char *options, struct err *e)
{
	char *first = escape(source, ":"), *second = escape(to, ":");
	bool one = !*options && !strcmp(source, to);
	int result;

	if (!first || !second)
		result = err_memory(e);
	else
		result = one ? words_add(values, first, e) : add(values, e, "%s:%s%s", first, second, options);
	free(first);
	free(second);
	return result;
}

static const char *bind_options(const struct spec_mount *m, char text[32])
{
	snprintf(text, 32, "%s%s%s", m->devices ? ",dev" : "", m->idmap ? ",idmap" : "", m->optional ? ",optional" : "");
	if (*text)
		*text = ':';
	return text;
}

/* Read-only binds are those of mount_ro. */
static int get_binds(const struct spec *s, bool read_only, struct words *values, struct err *e)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < s->nmounts; i++) {
		const struct spec_mount *m = &s->mounts[i];
		char options[32];

		if (m->type == MOUNT_BIND && m->read_only == read_only)
			result = add_pair(values, m->source, m->target, bind_options(m, options), e);
	}
	return result;
}

int spec_get_mount(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	(void)o;
	return get_binds(target, false, values, e);
}

int spec_get_mount_ro(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	(void)o;
	return get_binds(target, true, values, e);
}

int spec_get_mount_overlay(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	static const char *const options[2][2] = { { "", ":optional" }, { ":ro", ":ro,optional" } };
	const struct spec *s = target;
	int result = 0;

	(void)o;
	for (size_t i = 0; result == 0 && i < s->nmounts; i++) {
		const struct spec_mount *m = &s->mounts[i];

		if (m->type == MOUNT_OVERLAY)
			result = add_pair(values, m->source, m->target, options[m->read_only][m->optional], e);
	}
	return result;
}

/* Options only where they differ: before a colon no name can end with a backslash. */
static int add_tmpfs(struct words *values, const struct spec_mount *m, struct err *e)
{
	char size[40], options[64] = "", *escaped = escape(m->target, ":");
	int result;

	if (m->mode != 0755 || m->uid || m->gid)
		snprintf(options, sizeof(options), ":mode=%04o,uid=%u,gid=%u", m->mode, m->uid, m->gid);
	result = escaped ? add(values, e, "%s%s%s", escaped, size_text(":", m->size, size), options) : err_memory(e);
	free(escaped);
	return result;
}

int spec_get_tmpfs(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	const struct spec *s = target;
	int result = 0;

	(void)o;
	for (size_t i = 0; result == 0 && i < s->nmounts; i++)
		if (s->mounts[i].type == MOUNT_TMPFS)
			result = add_tmpfs(values, &s->mounts[i], e);
	return result;
}

int spec_get_device(const void *target, const struct opt *o, struct words *values, struct err *e)
{
	const struct spec *s = target;
	int result = 0;

	(void)o;
	for (size_t i = 0; result == 0 && i < s->ndevices; i++)
		result = add_pair(values, s->devices[i].source, s->devices[i].target, "", e);
	return result;
}
