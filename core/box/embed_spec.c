/* SPDX-License-Identifier: Zlib
 * The C library, settings: each is checked when it is set, and kept as the program will be told it. Host side. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "box/embed.h"
#include "cagebox.h"
#include "spec/keys.h"
#include "sys/fd.h"

enum { CONFIG_MAX = 1 << 20 };

int embed_finish(int result, const struct err *e, struct cagebox_error *out)
{
	if (out)
		*out = (struct cagebox_error){ 0 };
	if (!out || result >= 0)
		return result;
	out->num = e->num;
	out->code = err_code(e);
	memcpy(out->text, e->text, sizeof(out->text));
	str_clean(out->text);
	return result;
}

static void put(struct cagebox_spec *s, const char *text, size_t size)
{
	memcpy(s->items + s->used, text, size);
	s->used += size;
}

/* Make room for more bytes. */
static int reserve(struct cagebox_spec *s, size_t more, struct err *e)
{
	size_t room = 2 * (s->used + more);
	char *items;

	if (s->used + more > EMBED_MAX)
		return err_set(e, "the settings are longer than %d bytes together", EMBED_MAX);
	if (s->used + more <= s->room)
		return 0;
	items = realloc(s->items, room);
	if (!items)
		return err_memory(e);
	s->items = items;
	s->room = room;
	return 0;
}

static int add(struct cagebox_spec *s, char kind, const char *name, const char *value, struct err *e)
{
	size_t name_size = strlen(name) + 1, value_size = strlen(value) + 1;

	if (reserve(s, 1 + name_size + value_size, e) < 0)
		return -1;
	put(s, &kind, 1);
	put(s, name, name_size);
	put(s, value, value_size);
	return 0;
}

int embed_append(struct cagebox_spec *s, const struct cagebox_spec *more, struct err *e)
{
	if (!more->used)
		return 0;
	if (reserve(s, more->used, e) < 0)
		return -1;
	put(s, more->items, more->used);
	return 0;
}

/* Whether what was added after the first `before` bytes can be set. If not it is taken back. */
static int check_added(struct cagebox_spec *s, size_t before, struct err *e)
{
	struct spec alone;
	int result;

	spec_init(&alone);
	result = embed_apply(&alone, s->items + before, s->used - before, e);
	spec_free(&alone);
	if (result < 0)
		s->used = before;
	return result;
}

static int unknown(const char *name, struct err *e)
{
	const char *best = NULL;
	unsigned least = 3;

	for (size_t i = 0; i < spec_nkeys; i++) {
		unsigned d = str_distance(name, spec_keys[i].name);

		if (d < least) {
			least = d;
			best = spec_keys[i].name;
		}
	}
	return err_set(e, best ? "unknown setting '%s' (did you mean %s?)" : "unknown setting '%s'", name, best);
}

int embed_set(struct cagebox_spec *s, const char *name, const char *value, struct err *e)
{
	const struct opt *row = opt_find(spec_keys, spec_nkeys, name);
	size_t before = s->used;

	if (!row)
		return unknown(name, e);
	if (!value && row->arg && !(row->flags & OPT_OPTIONAL))
		return err_set(e, "%s needs a value: %s", row->name, row->arg);
	return add(s, EMBED_SET, row->name, value ? value : "yes", e) < 0 ? -1 : check_added(s, before, e);
}

static int set_command(struct cagebox_spec *s, const char *const *argv, struct err *e)
{
	size_t before = s->used;
	int result = add(s, EMBED_COMMAND, "", "", e);

	for (; result == 0 && *argv; argv++)
		result = add(s, EMBED_WORD, "", *argv, e);
	if (result < 0)
		s->used = before;
	return result;
}

static int load(struct cagebox_spec *s, const char *file, struct err *e)
{
	auto_fd int fd = open(file, O_RDONLY | O_CLOEXEC);
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, CONFIG_MAX, file, e);
	size_t before = s->used;

	if (fd < 0)
		return err_sys(e, "open %s", file);
	return !text || add(s, EMBED_FILE, file, text, e) < 0 ? -1 : check_added(s, before, e);
}

struct cagebox_spec *cagebox_spec_new(void)
{
	return calloc(1, sizeof(struct cagebox_spec));
}

void cagebox_spec_free(struct cagebox_spec *s)
{
	if (s)
		free(s->items);
	free(s);
}

int cagebox_set(struct cagebox_spec *s, const char *name, const char *value, struct cagebox_error *err)
{
	struct err e;

	return embed_finish(embed_set(s, name, value, &e), &e, err);
}

int cagebox_set_command(struct cagebox_spec *s, const char *const argv[], struct cagebox_error *err)
{
	struct err e;

	return embed_finish(set_command(s, argv, &e), &e, err);
}

int cagebox_load(struct cagebox_spec *s, const char *file, struct cagebox_error *err)
{
	struct err e;

	return embed_finish(load(s, file, &e), &e, err);
}

void cagebox_set_warn(struct cagebox_spec *s, void (*warn)(const char *text, void *data), void *data)
{
	s->warn = warn;
	s->warn_data = data;
}

int cagebox_check(const struct cagebox_spec *s, struct cagebox_error *err)
{
	struct spec whole;
	struct err e;
	int result;

	spec_init(&whole);
	result = s->used ? embed_apply(&whole, s->items, s->used, &e) : 0;
	if (result == 0)
		result = spec_check(&whole, &e);
	spec_free(&whole);
	return embed_finish(result, &e, err);
}
