/* SPDX-License-Identifier: Zlib
 * What the C library and the applet embed have in common. Host side. */
#include "box/embed.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "spec/keys.h"

const char *const embed_verbs[EMBED_VERBS] = {
	[EMBED_RUN] = "run",   [EMBED_START] = "start", [EMBED_EXEC] = "exec", [EMBED_SIGNAL] = "signal",
	[EMBED_STOP] = "stop", [EMBED_KILL] = "kill",   [EMBED_WAIT] = "wait", [EMBED_LIST] = "list",
};

int embed_send(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = send(fd, p, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int embed_recv(int fd, void *data, size_t size)
{
	char *p = data;

	while (size) {
		ssize_t n = recv(fd, p, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

bool embed_next(const char **at, const char *end, struct embed_item *item)
{
	const char *name = *at, *value = name < end ? memchr(name, 0, (size_t)(end - name)) : NULL;
	const char *last = value ? memchr(value + 1, 0, (size_t)(end - value - 1)) : NULL;

	if (!last || name == value)
		return false;
	*item = (struct embed_item){ *name, name + 1, value + 1 };
	*at = last + 1;
	return true;
}

static int apply(struct spec *s, const struct embed_item *item, struct err *e)
{
	const struct opt *row;

	switch (item->kind) {
	case EMBED_SET:
		row = opt_find(spec_keys, spec_nkeys, item->name);
		if (!row)
			return err_set(e, "unknown setting '%s'", item->name);
		return row->set(s, row, item->value, e) < 0 ? err_prefix(e, "%s", row->name) : 0;
	case EMBED_FILE:
		return spec_parse_file(s, item->name, item->value, NULL, e);
	case EMBED_COMMAND:
		words_free(&s->command);
		return 0;
	case EMBED_WORD:
		return words_add(&s->command, item->value, e);
	default:
		return err_set(e, "the settings are damaged");
	}
}

int embed_apply(struct spec *s, const char *items, size_t size, struct err *e)
{
	const char *at = items, *end = items + size;
	struct embed_item item;

	while (embed_next(&at, end, &item))
		if (apply(s, &item, e) < 0)
			return -1;
	return at == end ? 0 : err_set(e, "the settings are damaged");
}
