/* SPDX-License-Identifier: Zlib
 * Limits by cgroups. Host side. */
#include "box/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/auto.h"
#include "base/json.h"
#include "spec/keys.h"
#include "spec/set.h"
#include "sys/cgroup_limit.h"

enum { USUAL_DEVICES = 9, LIST = 4096 };

unsigned limits_controllers(const struct spec *s, bool all)
{
	const struct {
		bool on;
		unsigned controllers;
	} needs[] = {
		{ s->memory_bytes || s->memory_swap_bytes || s->memory_low_bytes, CGROUP_BIT(CGROUP_MEMORY) },
		{ s->cpu_share || s->cpu_quota, CGROUP_BIT(CGROUP_CPU) },
		{ s->cpuset || s->cpuset_mems, CGROUP_BIT(CGROUP_CPUSET) },
		{ s->max_processes, CGROUP_BIT(CGROUP_PIDS) },
		{ s->iops_limit.n || s->io_bw_limit.n, CGROUP_BIT(CGROUP_IO) },
		{ s->hugetlb.n, CGROUP_BIT(CGROUP_HUGETLB) },
		{ s->net_classid, CGROUP_BIT(CGROUP_NET_CLS) },
		{ s->device_allow.n, CGROUP_BIT(CGROUP_DEVICES) },
		/* Not the one of huge pages: where others use none, nothing is to be switched on for it. */
		{ all, CGROUP_BIT(CGROUP_MEMORY) | CGROUP_BIT(CGROUP_CPU) | CGROUP_BIT(CGROUP_CPUACCT) |
			       CGROUP_BIT(CGROUP_CPUSET) | CGROUP_BIT(CGROUP_PIDS) | CGROUP_BIT(CGROUP_IO) },
	};
	unsigned set = 0;

	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++)
		set |= needs[i].on ? needs[i].controllers : 0;
	return set;
}

/* --- devices ------------------------------------------------------------------------------------------------------ */

static bool parse_device(const char *text, dev_t *device)
{
	int32_t major_number, minor_number;

	if (!spec_parse_device(text, &major_number, &minor_number))
		return false;
	*device = makedev((unsigned)major_number, (unsigned)minor_number);
	return true;
}

/* The disk of a partition: limits are counted there only. */
static void find_disk(dev_t *device)
{
	char path[64], text[32];
	auto_fd int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/partition", major(*device), minor(*device));
	if (access(path, F_OK) < 0)
		return;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/../dev", major(*device), minor(*device));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = 0;
	text[strcspn(text, "\n")] = 0;
	parse_device(text, device);
}

static int find_device(const struct spec_io *io, dev_t *device, struct err *e)
{
	struct stat st;

	if (*io->device != '/') {
		if (!parse_device(io->device, device))
			return err_set(e, "'%s' is not a device", io->device);
	} else {
		if (stat(io->device, &st) < 0)
			return err_sys(e, "%s", io->device);
		if (!S_ISBLK(st.st_mode))
			return err_set(e, "%s is not a block device", io->device);
		*device = st.st_rdev;
	}
	find_disk(device);
	return 0;
}

int limits_check(const struct spec *s, struct err *e)
{
	const struct {
		const char *name;
		const struct words *words;
		bool bytes;
	} lists[] = { { "iops_limit", &s->iops_limit, false }, { "io_bw_limit", &s->io_bw_limit, true } };

	for (size_t l = 0; l < sizeof(lists) / sizeof(*lists); l++)
		for (size_t i = 0; i < lists[l].words->n; i++) {
			struct spec_io io;
			dev_t device;

			if (spec_parse_io(lists[l].words->v[i], lists[l].bytes, &io, e) < 0 || find_device(&io, &device, e) < 0)
				return err_prefix(e, "%s", lists[l].name);
		}
	return 0;
}

/* --- putting in force --------------------------------------------------------------------------------------------- */

/* Both at once: which of them may be changed first depends on what is there. */
static int apply_memory(const struct spec *s, const struct cgroup *g, struct err *e)
{
	uint64_t memory, total;

	if (cgroup_set_memory(g, s->memory_bytes, s->memory_swap_bytes ? s->memory_swap_bytes : CGROUP_NONE, e) == 0)
		return 0;
	cgroup_get_memory(g, &memory, &total);
	return memory != CGROUP_NONE && memory <= s->memory_bytes ? 0 : -1;
}

static int apply_memory_swap(const struct spec *s, const struct cgroup *g, struct err *e)
{
	return cgroup_set_memory(g, CGROUP_NONE, s->memory_swap_bytes, e);
}

static int apply_memory_low(const struct spec *s, const struct cgroup *g, struct err *e)
{
	return cgroup_set_number(g, CGROUP_MEMORY_LOW, s->memory_low_bytes, e);
}

static int apply_cpu_share(const struct spec *s, const struct cgroup *g, struct err *e)
{
	return cgroup_set_number(g, CGROUP_CPU_SHARES, s->cpu_share, e);
}

static int apply_cpus(const struct spec *s, const struct cgroup *g, struct err *e)
{
	return cgroup_set_number(g, CGROUP_CPU_QUOTA, (uint64_t)s->cpu_quota * CGROUP_PERIOD_US / SPEC_CPU, e);
}

static int apply_cpuset(const struct spec *s, const struct cgroup *g, struct err *e)
{
	return cgroup_set_cpuset(g, false, s->cpuset, e);
}

static int apply_cpuset_mems(const struct spec *s, const struct cgroup *g, struct err *e)
{
	return cgroup_set_cpuset(g, true, s->cpuset_mems, e);
}

static int apply_processes(const struct spec *s, const struct cgroup *g, struct err *e)
{
	return cgroup_set_number(g, CGROUP_PIDS_MAX, s->max_processes, e);
}

static int apply_io_list(const struct words *list, bool bytes, const struct cgroup *g, struct err *e)
{
	for (size_t i = 0; i < list->n; i++) {
		struct spec_io io = { .number = 0 };
		dev_t device = 0;

		if (spec_parse_io(list->v[i], bytes, &io, e) < 0 || find_device(&io, &device, e) < 0)
			return -1;
		if (io.reads && cgroup_set_io(g, bytes ? CGROUP_READ_BPS : CGROUP_READ_IOPS, device, io.number, e) < 0)
			return -1;
		if (io.writes && cgroup_set_io(g, bytes ? CGROUP_WRITE_BPS : CGROUP_WRITE_IOPS, device, io.number, e) < 0)
			return -1;
	}
	return 0;
}

static int apply_iops(const struct spec *s, const struct cgroup *g, struct err *e)
{
	return apply_io_list(&s->iops_limit, false, g, e);
}

static int apply_io_bw(const struct spec *s, const struct cgroup *g, struct err *e)
{
	return apply_io_list(&s->io_bw_limit, true, g, e);
}

static int apply_hugetlb(const struct spec *s, const struct cgroup *g, struct err *e)
{
	for (size_t i = 0; i < s->hugetlb.n; i++) {
		uint64_t page, limit;

		if (spec_parse_hugetlb(s->hugetlb.v[i], &page, &limit, e) < 0 || cgroup_set_hugetlb(g, page, limit, e) < 0)
			return -1;
	}
	return 0;
}

static int apply_class(const struct spec *s, const struct cgroup *g, struct err *e)
{
	return cgroup_set_number(g, CGROUP_NET_CLASS, s->net_classid, e);
}

/* What every container has in /dev: to be made there, and to be used. */
static size_t usual_devices(struct device_rule *rules)
{
	static const struct device_rule usual[USUAL_DEVICES] = {
		{ 'c', 1, 3, 7 },   /* null */
		{ 'c', 1, 5, 7 },   /* zero */
		{ 'c', 1, 7, 7 },   /* full */
		{ 'c', 1, 8, 7 },   /* random */
		{ 'c', 1, 9, 7 },   /* urandom */
		{ 'c', 5, 0, 7 },   /* tty */
		{ 'c', 5, 1, 3 },   /* console */
		{ 'c', 5, 2, 3 },   /* ptmx */
		{ 'c', 136, -1, 3 } /* terminals */
	};

	memcpy(rules, usual, sizeof(usual));
	return USUAL_DEVICES;
}

static int apply_devices(const struct spec *s, const struct cgroup *g, struct err *e)
{
	auto_free struct device_rule *rules = calloc(USUAL_DEVICES + s->ndevices + s->device_allow.n + 1, sizeof(*rules));
	size_t n = rules ? usual_devices(rules) : 0;

	if (!rules)
		return err_memory(e);
	for (size_t i = 0; i < s->ndevices; i++) {
		struct stat st;

		if (stat(s->devices[i].source, &st) < 0)
			return err_sys(e, "%s", s->devices[i].source);
		rules[n++] = (struct device_rule){ S_ISBLK(st.st_mode) ? 'b' : 'c', (int32_t)major(st.st_rdev),
						   (int32_t)minor(st.st_rdev), DEVICE_READ | DEVICE_WRITE | DEVICE_MAKE };
	}
	/* It is mounted from a loop device by the container's own first process. */
	if (s->overlay_image)
		rules[n++] = (struct device_rule){ 'b', 7, -1, DEVICE_READ | DEVICE_WRITE };
	for (size_t i = 0; i < s->device_allow.n; i++) {
		struct spec_device_rule r;

		if (!strcmp(s->device_allow.v[i], "none"))
			continue;
		if (spec_parse_device_rule(s->device_allow.v[i], &r, e) < 0)
			return -1;
		rules[n++] = (struct device_rule){ r.type, r.major, r.minor,
						   (r.read ? DEVICE_READ : 0u) | (r.write ? DEVICE_WRITE : 0u) |
							   (r.make ? DEVICE_MAKE : 0u) };
	}
	return cgroup_set_devices(g, rules, n, e);
}

int limits_apply(const struct spec *s, const struct cgroup *g, void (*lack)(const void *who, const char *text), const void *who,
		 struct err *e)
{
	const struct {
		const char *name;
		bool set;
		int (*apply)(const struct spec *s, const struct cgroup *g, struct err *e);
	} limits[] = {
		{ "max_physical_memory", s->memory_bytes, apply_memory },
		{ "max_memory", s->memory_swap_bytes, apply_memory_swap },
		{ "memory_low", s->memory_low_bytes, apply_memory_low },
		{ "cpu_share", s->cpu_share, apply_cpu_share },
		{ "cpus", s->cpu_quota, apply_cpus },
		{ "cpuset_mems", s->cpuset_mems, apply_cpuset_mems },
		{ "cpuset", s->cpuset, apply_cpuset },
		{ "max_processes", s->max_processes, apply_processes },
		{ "iops_limit", s->iops_limit.n, apply_iops },
		{ "io_bw_limit", s->io_bw_limit.n, apply_io_bw },
		{ "hugetlb", s->hugetlb.n, apply_hugetlb },
		{ "net_classid", s->net_classid, apply_class },
		{ "device_allow", s->device_allow.n, apply_devices },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		if (!limits[i].set || limits[i].apply(s, g, e) == 0)
			continue;
		err_prefix(e, "%s is not enforced", limits[i].name);
		if (!lack || s->strict)
			return -1;
		lack(who, e->text);
	}
	return 0;
}

/* --- reading back ------------------------------------------------------------------------------------------------- */

static uint64_t or_zero(uint64_t value)
{
	return value == CGROUP_NONE ? 0 : value;
}

/* The sizes of huge pages that the machine has are directories hugepages-NkB. */
static int read_hugetlb(const struct cgroup *g, struct words *out, struct err *e)
{
	DIR *dir = opendir("/sys/kernel/mm/hugepages");
	struct dirent *entry;
	int result = 0;

	while (dir && result == 0 && (entry = readdir(dir))) {
		static const char prefix[] = "hugepages-";
		unsigned long long kib = strncmp(entry->d_name, prefix, sizeof(prefix) - 1) != 0 ?
						 0 :
						 strtoull(entry->d_name + sizeof(prefix) - 1, NULL, 10);
		uint64_t limit = kib ? cgroup_get_hugetlb(g, kib << 10) : CGROUP_NONE;
		auto_free char *word = NULL;

		if (limit == CGROUP_NONE)
			continue;
		word = str_format(e, "%lluK %llu", kib, (unsigned long long)limit);
		result = word ? words_add(out, word, e) : -1;
	}
	if (dir)
		closedir(dir);
	return result;
}

int limits_read(const struct cgroup *g, struct spec *s, struct err *e)
{
	char list[LIST];

	cgroup_get_memory(g, &s->memory_bytes, &s->memory_swap_bytes);
	s->memory_bytes = or_zero(s->memory_bytes);
	s->memory_swap_bytes = or_zero(s->memory_swap_bytes);
	s->memory_low_bytes = or_zero(cgroup_get_number(g, CGROUP_MEMORY_LOW));
	s->cpu_share = (uint32_t)or_zero(cgroup_get_number(g, CGROUP_CPU_SHARES));
	s->cpu_quota = (uint32_t)(or_zero(cgroup_get_number(g, CGROUP_CPU_QUOTA)) * SPEC_CPU / CGROUP_PERIOD_US);
	s->max_processes = or_zero(cgroup_get_number(g, CGROUP_PIDS_MAX));
	s->net_classid = (uint32_t)or_zero(cgroup_get_number(g, CGROUP_NET_CLASS));
	if (cgroup_get_cpuset(g, false, list, sizeof(list)) && str_replace(&s->cpuset, list, e) < 0)
		return -1;
	if (cgroup_get_cpuset(g, true, list, sizeof(list)) && str_replace(&s->cpuset_mems, list, e) < 0)
		return -1;
	if (cgroup_get_io(g, false, &s->iops_limit, e) < 0 || cgroup_get_io(g, true, &s->io_bw_limit, e) < 0)
		return -1;
	if (cgroup_has_devices(g) && words_add(&s->device_allow, "in force", e) < 0)
		return -1;
	return read_hugetlb(g, &s->hugetlb, e);
}

/* A number where it is one. */
static void print_value(FILE *out, const struct opt *o, const struct spec *s, const char *text)
{
	if (o->set == spec_set_size)
		fprintf(out, "%llu", (unsigned long long)*(const uint64_t *)(const void *)((const char *)s + o->offset));
	else if (o->set == spec_set_cpuset || o->flags & OPT_REPEATS)
		json_string(out, text);
	else
		fputs(text, out);
}

static int print_row(FILE *out, const struct opt *o, const struct spec *s, bool first, struct err *e)
{
	struct words values = { 0 };
	int result = o->get(s, o, &values, e);

	if (result < 0 || !values.n)
		return result;
	fprintf(out, "%s\"%s\":%s", first ? "" : ",", o->name, o->flags & OPT_REPEATS ? "[" : "");
	for (size_t i = 0; i < values.n; i++) {
		fputs(i ? "," : "", out);
		print_value(out, o, s, values.v[i]);
	}
	fputs(o->flags & OPT_REPEATS ? "]" : "", out);
	words_free(&values);
	return 1;
}

int limits_json(FILE *out, const struct spec *s, struct err *e)
{
	bool first = true;
	int row = 0;

	fputc('{', out);
	for (size_t i = 0; row >= 0 && i < spec_nkeys; i++) {
		const struct opt *o = &spec_keys[i];

		/* The others are not a cgroup's. */
		if (o->flags & OPT_LIVE || o->set == spec_set_classid || o->set == spec_set_device_allow) {
			row = print_row(out, o, s, first, e);
			first &= row <= 0;
		}
	}
	fputc('}', out);
	return row < 0 ? -1 : 0;
}
