/* SPDX-License-Identifier: Zlib
 * The configuration file and where its settings are, then the checks of what it has set. */
#include "fuzz.h"
#include "spec/keys.h"
#include "spec/spec.h"

/* Lines rise and are those of settings; a row that does not repeat comes once. */
static void check_origins(const struct spec_origins *o, const char *text)
{
	const char *line = text;
	unsigned number = 1;

	for (size_t i = 0; i < o->n; i++) {
		const struct opt *row = &spec_keys[o->v[i].row];

		PROMISE(o->v[i].row < spec_nkeys && !(row->flags & (OPT_ALIAS | OPT_NO_FILE)));
		PROMISE(o->v[i].line >= 1 && (!i || o->v[i].line > o->v[i - 1].line));
		for (size_t before = 0; before < i && !(row->flags & OPT_REPEATS); before++)
			PROMISE(o->v[before].row != o->v[i].row);
		for (; number < o->v[i].line; number++) {
			line = strchr(line, '\n');
			PROMISE(line++);
		}
		PROMISE(strcspn(line, "=") < strcspn(line, "\n") && *line != '#');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct spec_origins origins = { 0 };
	struct err e = { 0 };
	struct spec s;

	spec_init(&s);
	if (spec_parse_file(&s, "file", text, &origins, &e) < 0) {
		PROMISE(!strncmp(e.text, "file:", 5) && memchr(e.text, 0, sizeof(e.text)));
	} else if (spec_check(&s, &e) == 0) {
		PROMISE(!s.name && !(s.root && s.lower.n) && (s.root || s.lower.n) && s.umask <= 0777 && s.net != NET_UNSET);
		PROMISE(s.stop_signal >= 1 && s.stop_signal <= 64 && s.oom_score_adj >= -1000 && s.oom_score_adj <= 1000);
		PROMISE(s.cgroup != SWITCH_NO || !spec_has_limit(&s));
		PROMISE(!s.memory_bytes || s.memory_low_bytes <= s.memory_bytes);
		PROMISE(!s.memory_swap_bytes || s.memory_swap_bytes >= s.memory_bytes);
		for (size_t i = 0; i < s.device_allow.n; i++)
			PROMISE(s.device_allow.n == 1 || strcmp(s.device_allow.v[i], "none") != 0);
		/* What passed once passes again. */
		PROMISE(spec_check(&s, &e) == 0);
	} else {
		PROMISE(*e.text);
	}
	check_origins(&origins, text);
	spec_origins_free(&origins);
	spec_free(&s);
	free(text);
	return 0;
}
