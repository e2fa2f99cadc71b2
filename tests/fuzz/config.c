/* SPDX-License-Identifier: Zlib
 * The configuration file, then the checks of what it has set. */
#include "fuzz.h"
#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct err e = { 0 };
	struct spec s;

	spec_init(&s);
	if (spec_parse_file(&s, "file", text, &e) < 0) {
		PROMISE(!strncmp(e.text, "file:", 5) && memchr(e.text, 0, sizeof(e.text)));
	} else if (spec_check(&s, &e) == 0) {
		PROMISE(!s.name && !(s.root && s.lower.n) && (s.root || s.lower.n) && s.umask <= 0777 && s.net != NET_UNSET);
		PROMISE(s.stop_signal >= 1 && s.stop_signal <= 64 && s.oom_score_adj >= -1000 && s.oom_score_adj <= 1000);
		/* What passed once passes again. */
		PROMISE(spec_check(&s, &e) == 0);
	} else {
		PROMISE(*e.text);
	}
	spec_free(&s);
	free(text);
	return 0;
}
