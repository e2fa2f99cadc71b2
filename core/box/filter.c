/* SPDX-License-Identifier: Zlib
 * Choosing and compiling a container's filter of system calls. Host side. */
#include "box/filter.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "sys/fd.h"
#include "sys/feature.h"

enum { POLICY_MAX = 1 << 20 };

static char *read_policy(const char *path, struct err *e)
{
	auto_fd int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		return fd_read_all(fd, POLICY_MAX, path, e);
	err_sys(e, "open the policy %s", path);
	return NULL;
}

/* file NULL: the built-in profile. */
static int compile(const char *file, uint64_t caps, struct filter *f, struct err *e)
{
	auto_free char *text = file ? read_policy(file, e) : NULL;
	struct seccomp_policy p;
	int result;

	if (file && !text)
		return -1;
	if (seccomp_policy_init(&p, &seccomp_table, caps, e) < 0)
		return -1;
	result = file ? seccomp_parse(&p, file, text, read_policy, e) : seccomp_parse_built_in(&p, e);
	f->code = result < 0 ? NULL : seccomp_compile(&p, &f->n, e);
	seccomp_policy_free(&p);
	return f->code ? 0 : -1;
}

int filter_built_in(uint64_t caps, struct filter *f, struct err *e)
{
	f->on = f->built_in = true;
	return (caps & seccomp_built_in_asked) == seccomp_built_in_caps ? 0 : compile(NULL, caps, f, e);
}

int filter_choose(const struct spec *s, uint64_t caps, struct filter *f, struct err *missing, struct err *e)
{
	const char *wanted = s->seccomp ? s->seccomp : s->privileged ? "off" : "default";

	*missing = (struct err){ 0 };
	if (!strcmp(wanted, "off"))
		return 0;
	f->trace = !strcmp(wanted, "trace") || !strncmp(wanted, "trace:", 6);
	if (f->trace && wanted[5] && str_replace(&f->trace_file, wanted + 6, e) < 0)
		return -1;
	if (!seccomp_available() || (f->trace && !seccomp_can_report())) {
		err_set(e, "seccomp: this kernel has no filters of system calls%s", f->trace ? " that report" : "");
		err_feature(e, seccomp_available() ? FEATURE_SECCOMP_NOTIFY : FEATURE_SECCOMP);
		*missing = *e;
		return s->seccomp || s->strict ? -1 : 0;
	}
	if (f->trace || !strcmp(wanted, "default"))
		return filter_built_in(caps, f, e) < 0 ? err_prefix(e, "seccomp") : 0;
	f->on = true;
	if (compile(wanted, caps, f, e) == 0)
		return 0;
	err_prefix(e, "seccomp");
	return e->num == ENOENT ? err_hint(e, "or is default, off or trace meant?") : -1;
}

void filter_free(struct filter *f)
{
	free(f->code);
	free(f->trace_file);
	*f = (struct filter){ 0 };
}

void filter_plan(const struct filter *f, struct plan_builder *b)
{
	if (!f->on)
		return;
	b->head.flags |= PLAN_FILTER | (f->built_in ? PLAN_FILTER_BUILT_IN : 0) | (f->trace ? PLAN_FILTER_REPORTS : 0);
	b->head.filter = f->code ? plan_add_block(b, f->code, f->n * sizeof(*f->code)) : 0;
	b->head.filter_size = f->code ? (uint32_t)f->n : 0;
}
