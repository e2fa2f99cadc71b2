/* SPDX-License-Identifier: Zlib
 * Policies: any text is parsed or refused with its line, and what is compiled of it says of any call what the rules say. */
#include "../unit/bpf.h"
#include "fuzz.h"
#include "sys/caps.h"
#include "sys/seccomp.h"

/* libcap is made for another C library. */
int caps_of_name(const char *name, uint64_t *set, struct err *e)
{
	*set = 1ULL << (strlen(name) % 40);
	return *name == 's' ? 0 : err_set(e, "'%s' is not a capability", name);
}

static char *read_file(const char *path, struct err *e)
{
	(void)e;
	return strdup(strlen(path) > 8 ? "close: 1\n" : "@include 123456789\n");
}

static void check(const struct seccomp_policy *p)
{
	static const int numbers[] = { 0, 1, 2, 3, 16, 41, 56, 59, 435, 500, -1 };
	struct err e = { 0 };
	size_t n = 0;
	struct sock_filter *code = seccomp_compile(p, &n, &e);

	PROMISE(code ? bpf_check(code, n) : *e.text);
	for (size_t i = 0; code && i < 11 * 8; i++) {
		uint64_t value = p->natoms ? p->atoms[i % p->natoms].value : i;
		struct seccomp_data d = { .nr = numbers[i % 11],
					  .arch = p->table->abi[i / 11 % 2].arch,
					  .args = { value, value + 1, i, value, UINT64_MAX, 0 } };
		unsigned steps = 0;

		for (int arg = 0; arg < 6 && i / 11 % 2; arg++)
			d.args[arg] = (uint32_t)d.args[arg];
		PROMISE(bpf_run(code, n, &d, &steps) == naive_run(p, &d));
	}
	free(code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct seccomp_policy p;
	struct err e = { 0 };

	if (seccomp_policy_init(&p, &seccomp_table, size % 2 ? 1ULL << 21 : 0, &e) < 0)
		abort();
	if (seccomp_parse(&p, "/p", text, read_file, &e) < 0)
		PROMISE(!strncmp(e.text, "/p:", 3) && memchr(e.text, 0, sizeof(e.text)));
	else
		check(&p);
	seccomp_policy_free(&p);
	free(text);
	return 0;
}
