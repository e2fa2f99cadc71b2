/* SPDX-License-Identifier: Zlib
 * Every setter of the key table: the first byte chooses the row, the rest are values, one a line. What it has taken comes back
 * from the getter, to be taken again for the same. */
#include "spec/keys.h"
#include "fuzz.h"
#include "spec/spec.h"

static bool inside(const char *path)
{
	return *path == '/' && !str_has_dotdot(path) && path[strspn(path, "/.")];
}

/* Limits are kept as they were written: what a setter has taken can be parsed, again and again. */
static void check_limits(const struct spec *s)
{
	struct err e;

	for (int bytes = 0; bytes < 2; bytes++) {
		const struct words *w = bytes ? &s->io_bw_limit : &s->iops_limit;
		struct spec_io io;

		for (size_t i = 0; i < w->n; i++) {
			PROMISE(spec_parse_io(w->v[i], bytes, &io, &e) == 0);
			PROMISE(io.number && (io.reads || io.writes) && memchr(io.device, 0, sizeof(io.device)));
			PROMISE(*io.device == '/' ? io.device[1] : strspn(io.device, "0123456789:") == strlen(io.device));
			PROMISE(bytes || io.number <= UINT32_MAX);
		}
	}
	for (size_t i = 0; i < s->hugetlb.n; i++) {
		uint64_t page, limit;

		PROMISE(spec_parse_hugetlb(s->hugetlb.v[i], &page, &limit, &e) == 0);
		PROMISE(page >= 4096 && !(page & (page - 1)) && limit);
	}
	for (size_t i = 0; i < s->device_allow.n; i++) {
		struct spec_device_rule r;

		if (!strcmp(s->device_allow.v[i], "none"))
			continue;
		PROMISE(spec_parse_device_rule(s->device_allow.v[i], &r, &e) == 0);
		PROMISE(r.type && strchr("abc", r.type) && r.major >= -1 && r.minor >= -1 && (r.read || r.write || r.make));
	}
	for (size_t i = 0; i < s->landlock.n; i++) {
		struct spec_landlock r;

		PROMISE(spec_parse_landlock(s->landlock.v[i], &r, &e) == 0);
		PROMISE(r.path ? *r.path == '/' && !str_has_dotdot(r.path) && (r.read || r.write || r.execute) : !r.optional);
		free(r.path);
	}
	PROMISE(!s->cpu_quota || (s->cpu_quota >= SPEC_CPU / 100 && s->cpu_quota <= 8192u * SPEC_CPU));
	PROMISE(!s->cpuset_mems || (*s->cpuset_mems && !s->cpuset_mems[strspn(s->cpuset_mems, "0123456789-,")]));
	PROMISE(s->cgroup == SWITCH_AUTO || s->cgroup == SWITCH_YES || s->cgroup == SWITCH_NO);
}

static void check(const struct spec *s)
{
	PROMISE(!s->cwd || (*s->cwd == '/' && !str_has_dotdot(s->cwd)));
	for (size_t i = 0; i < s->nmounts; i++) {
		PROMISE(inside(s->mounts[i].target));
		PROMISE(s->mounts[i].type == MOUNT_TMPFS ? !s->mounts[i].source : s->mounts[i].source && *s->mounts[i].source);
		PROMISE(s->mounts[i].mode <= 07777 && s->mounts[i].uid != UINT32_MAX && s->mounts[i].gid != UINT32_MAX);
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
	PROMISE(s->id_map_start <= UINT32_MAX - 65536);
	PROMISE(s->uid_map.n <= SPEC_IDMAPS && s->gid_map.n <= SPEC_IDMAPS);
	PROMISE(!s->overlay + !s->overlay_image + !s->overlay_tmpfs + !s->overlay_persistent >= 3);
	PROMISE(!s->overlay_image || *s->overlay_image == '/');
	PROMISE(!s->mountpoint || *s->mountpoint == '/');
	PROMISE(!s->pid_file || *s->pid_file == '/');
	PROMISE(!s->log || *s->log == '/' || !strcmp(s->log, "none"));
	PROMISE(s->log_size_bytes && s->log_count);
	PROMISE(!s->cpuset || (*s->cpuset && !s->cpuset[strspn(s->cpuset, "0123456789-,")]));
	PROMISE(!s->cpu_share || (s->cpu_share >= 2 && s->cpu_share <= 262144));
	check_limits(s);
	for (size_t i = 0; i < s->env.n; i++)
		PROMISE(strchr(s->env.v[i], '=') && *s->env.v[i] != '=');
	for (size_t i = 0; i < s->lower.n; i++)
		PROMISE(*s->lower.v[i]);
	for (size_t i = 0; i < s->cap_add.n; i++)
		PROMISE(*s->cap_add.v[i] && !strpbrk(s->cap_add.v[i], "0123456789=+-,; "));
	for (size_t i = 0; i < s->cap_ambient.n; i++)
		PROMISE(*s->cap_ambient.v[i] && !strpbrk(s->cap_ambient.v[i], "0123456789=+-,; "));
}

/* All that the table's rows give, a setting a line. Owned by the caller. */
static char *show(const struct spec *s)
{
	size_t len;
	char *text;
	FILE *out = open_memstream(&text, &len);

	for (size_t k = 0; k < spec_nkeys; k++) {
		struct words values = { 0 };
		struct err e;

		PROMISE(spec_keys[k].get(s, &spec_keys[k], &values, &e) == 0);
		for (size_t v = 0; v < values.n; v++)
			fprintf(out, "%s=%s\n", spec_keys[k].name, values.v[v]);
		words_free(&values);
	}
	fclose(out);
	return text;
}

static bool same_mounts(const struct spec *a, const struct spec *b)
{
	bool same = a->nmounts == b->nmounts && a->ndevices == b->ndevices;

	/* Rows apart, since each gives its own: the order among them is lost. */
	for (size_t i = 0, j; same && i < a->nmounts; i++) {
		const struct spec_mount *m = &a->mounts[i];

		for (j = 0, same = false; !same && j < b->nmounts; j++) {
			const struct spec_mount *n = &b->mounts[j];

			same = m->type == n->type && !strcmp(m->target, n->target) && m->size == n->size &&
			       m->mode == n->mode && m->uid == n->uid && m->gid == n->gid && m->read_only == n->read_only &&
			       m->devices == n->devices && m->optional == n->optional && !m->source == !n->source &&
			       (!m->source || !strcmp(m->source, n->source));
		}
	}
	for (size_t i = 0; same && i < a->ndevices; i++)
		same = !strcmp(a->devices[i].source, b->devices[i].source) &&
		       !strcmp(a->devices[i].target, b->devices[i].target);
	return same;
}

static bool same_words(const struct words *a, const struct words *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = !strcmp(a->v[i], b->v[i]);
	return same;
}

/* Whatever a setter accepts, its getter's text is accepted, means the same and gives the same text. */
static void round_trip(const struct spec *s)
{
	struct spec copy;
	char *first, *second;

	spec_init(&copy);
	for (size_t k = 0; k < spec_nkeys; k++) {
		struct words values = { 0 };
		struct err e = { 0 };

		PROMISE(spec_keys[k].get(s, &spec_keys[k], &values, &e) == 0);
		for (size_t v = 0; v < values.n; v++)
			PROMISE(spec_keys[k].set(&copy, &spec_keys[k], values.v[v], &e) == 0);
		words_free(&values);
	}
	first = show(s);
	second = show(&copy);
	PROMISE(!strcmp(first, second));
	PROMISE(same_mounts(s, &copy) && same_words(&s->command, &copy.command) && same_words(&s->lower, &copy.lower));
	PROMISE(s->namespaces == copy.namespaces && s->net == copy.net && s->umask == copy.umask && s->tty == copy.tty);
	PROMISE(s->rlimits_set == copy.rlimits_set && s->oom_score_adj_set == copy.oom_score_adj_set);
	PROMISE(s->net_classid == copy.net_classid && s->stop_timeout_ms == copy.stop_timeout_ms);
	PROMISE(s->cpu_quota == copy.cpu_quota && s->memory_low_bytes == copy.memory_low_bytes && s->strict == copy.strict);
	PROMISE(s->overlay_set == copy.overlay_set && s->overlay_size == copy.overlay_size);
	free(first);
	free(second);
	spec_free(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct opt *row = size ? &spec_keys[*data % spec_nkeys] : spec_keys;
	char *text = size ? fuzz_text(data + 1, size - 1) : fuzz_text(data, 0), *rest = text, *value;
	bool taken = true;
	struct spec s;

	spec_init(&s);
	while ((value = strsep(&rest, "\n"))) {
		struct err e = { 0 };
		char *own = strdup(value);
		int result = row->set(&s, row, own, &e);

		free(own);
		PROMISE(result == 0 || (result == -1 && *e.text && memchr(e.text, 0, sizeof(e.text))));
		if (!(taken = result == 0))
			break;
		check(&s);
	}
	/* A refused value may have left half of itself. */
	if (taken)
		round_trip(&s);
	spec_free(&s);
	free(text);
	return 0;
}
