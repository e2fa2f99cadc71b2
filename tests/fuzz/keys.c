/* SPDX-License-Identifier: Zlib
 * Every setter of the key table: the first byte chooses the row, the rest are values, one a line. */
#include "spec/keys.h"
#include "fuzz.h"
#include "spec/spec.h"

static bool inside(const char *path)
{
	return *path == '/' && !str_has_dotdot(path) && path[strspn(path, "/.")];
}

static void check(const struct spec *s)
{
	PROMISE(!s->cwd || (*s->cwd == '/' && !str_has_dotdot(s->cwd)));
	for (size_t i = 0; i < s->nmounts; i++) {
		PROMISE(inside(s->mounts[i].target));
		PROMISE(strcmp(s->mounts[i].type, "bind") != 0 || (s->mounts[i].source && *s->mounts[i].source));
	}
	for (size_t i = 0; i < s->ndevices; i++)
		PROMISE(inside(s->devices[i].target) && !strncmp(s->devices[i].target, "/dev/", 5) &&
			*s->devices[i].source == '/');
	for (int i = 0; i < 16; i++)
		if (s->rlimits_set & 1u << i)
			PROMISE(s->rlimits[i].resource == i && s->rlimits[i].soft <= s->rlimits[i].hard);
	PROMISE(!s->name || (strlen(s->name) < 64 && !strchr(s->name, '/') && *s->name != '.'));
	PROMISE(!s->user || (*s->user && !strpbrk(s->user, "/ \n+")));
	PROMISE(!(s->namespaces & ~127u));
	for (size_t i = 0; i < s->env.n; i++)
		PROMISE(strchr(s->env.v[i], '=') && *s->env.v[i] != '=');
	for (size_t i = 0; i < s->lower.n; i++)
		PROMISE(*s->lower.v[i]);
	for (size_t i = 0; i < s->cap_add.n; i++)
		PROMISE(*s->cap_add.v[i] && !strpbrk(s->cap_add.v[i], "0123456789=+-,; "));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct opt *row = size ? &spec_keys[*data % spec_nkeys] : spec_keys;
	char *text = size ? fuzz_text(data + 1, size - 1) : fuzz_text(data, 0), *rest = text, *value;
	struct spec s;

	spec_init(&s);
	while ((value = strsep(&rest, "\n"))) {
		struct err e = { 0 };
		char *own = strdup(value);
		int result = row->set(&s, row, own, &e);

		free(own);
		PROMISE(result == 0 || (result == -1 && *e.text && memchr(e.text, 0, sizeof(e.text))));
		if (result < 0)
			break;
		check(&s);
	}
	spec_free(&s);
	free(text);
	return 0;
}
