/* SPDX-License-Identifier: Zlib
 * Limits by cgroups: two sets of files with one meaning. Host side. */
#include "sys/cgroup_limit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/auto.h"
#include "sys/fd.h"

enum {
	TEXT = 16384,
	CPUS = 8192,        /* that a list may name */
	WEIGHT_MAX = 10000, /* of v2 */
};

/* --- one file ----------------------------------------------------------------------------------------------------- */

/* A setting with its file in v2 and in v1, where there may be none. */
struct file {
	enum cgroup_controller controller;
	const char *v2, *v1;
	bool flat; /* v1: what the outer directory has does not count for the inner one */
};

/* Of a flat one what counts is what the inner directory has, which a container that can mount is able to change. */
static bool read_file(const struct cgroup *g, const struct file *f, char *text, bool *v2)
{
	bool is_v2 = false;
	auto_fd int outer = cgroup_file(g, f->v2, f->v1, O_RDONLY, &is_v2);
	auto_fd int inner = f->flat && outer >= 0 && !is_v2 ? cgroup_inner_file(g, f->v1, O_RDONLY) : -1;
	int fd = f->flat && !is_v2 ? inner : outer;
	ssize_t n = fd < 0 ? -1 : read(fd, text, TEXT - 1);

	if (v2)
		*v2 = is_v2;

	text[n < 0 ? 0 : n] = 0;
	return n >= 0;
}

static const char *file_name(const struct file *f, bool v2)
{
	return v2 && f->v2 ? f->v2 : f->v1;
}

static int lacking(const struct cgroup *g, const struct file *f, struct err *e)
{
	if (errno != ENOENT)
		return err_sys(e, "open %s", file_name(f, cgroup_v2(g, false) >= 0));
	return cgroup_explain(g, f->controller, file_name(f, cgroup_v2(g, false) >= 0), e);
}

static const char *find_line(const char *text, const char *start, size_t len)
{
	for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (!strncmp(p, start, len))
			return p;
	return NULL;
}

/* Write down what to write to f to undo that text will have been written. A file of block devices has a line for each: of v1
 * "DEVICE N", 0 for no limit, of v2 "DEVICE KEY=N ...", max for none, where each KEY can be set alone. */
static int remember(const struct cgroup *g, const struct file *f, const char *text, struct err *e)
{
	char old[TEXT], number[24] = "0", name[16];
	size_t device = strcspn(text, " ") + 1, key = strcspn(text, "=") + 1;
	auto_free char *word = NULL;
	const char *at;
	bool v2;

	if (!read_file(g, f, old, &v2))
		return 0;
	if (f->controller != CGROUP_IO) {
		word = str_format(e, "%c%s\n%.*s", v2 ? '2' : '1', file_name(f, v2), (int)strcspn(old, "\n"), old);
	} else {
		at = find_line(old, text, device);
		snprintf(name, sizeof(name), "%.*s", v2 ? (int)(key - device) : 0, text + device);
		at = at ? strstr(at, name) : NULL;
		at = at ? at + (v2 ? key - device : device) : v2 ? "max" : "0";
		snprintf(number, sizeof(number), "%.*s", (int)strcspn(at, " \n"), at);
		word = str_format(e, "%c%s\n%.*s%s", v2 ? '2' : '1', file_name(f, v2), (int)(v2 ? key : device), text, number);
	}
	return word ? words_add(g->before, word, e) : -1;
}

static const struct file cpusets[][2] = {
	{ { CGROUP_CPUSET, "cpuset.cpus", "cpuset.cpus", true },
	  { CGROUP_CPUSET, "cpuset.cpus.effective", "cpuset.effective_cpus" } },
	{ { CGROUP_CPUSET, "cpuset.mems", "cpuset.mems", true },
	  { CGROUP_CPUSET, "cpuset.mems.effective", "cpuset.effective_mems" } },
};

/* What the cgroup above has, which is the most that ours can have. */
static bool read_above(const struct cgroup *g, const struct file *f, char text[TEXT])
{
	char v2[48], v1[48];
	const struct file above = { f->controller, v2, v1 };

	snprintf(v2, sizeof(v2), "../%s", f[1].v2);
	snprintf(v1, sizeof(v1), "../%s", f[1].v1);
	if (!read_file(g, &above, text, NULL))
		return false;
	text[strcspn(text, "\n")] = 0;
	return true;
}

/* v1: the inner one has to be within the outer one at every moment, whatever either was before. */
static void widen(const struct cgroup *g, const struct file *f)
{
	auto_fd int fd = cgroup_file(g, NULL, f->v1, O_WRONLY, NULL);
	char all[TEXT];

	if (fd >= 0 && read_above(g, f, all))
		fd_write_all(fd, all, strlen(all));
}

void cgroup_restore(const struct cgroup *g)
{
	char newline[] = "\n";

	for (int mems = 0; g->before->n && mems < 2; mems++)
		widen(g, cpusets[mems]);
	for (size_t i = g->before->n; i-- > 0;) {
		char *word = g->before->v[i], *text = strchr(word, '\n');
		bool v2 = *word == '2';
		auto_fd int fd = -1, inner = -1;

		*text++ = 0;
		/* Writing nothing would change nothing. */
		text = *text ? text : newline;
		fd = cgroup_file(g, v2 ? word + 1 : NULL, v2 ? NULL : word + 1, O_WRONLY, NULL);
		inner = v2 ? -1 : cgroup_inner_file(g, word + 1, O_WRONLY);
		/* Inner ones of v1 have limits of their own where they are flat; elsewhere the outer one's is as good. */
		for (int tries = 0; tries < 2; tries++) {
			if (fd >= 0)
				fd_write_all(fd, text, strlen(text));
			if (inner >= 0 && (!strncmp(word + 1, "cpuset", 6) || !strncmp(word + 1, "blkio", 5)))
				fd_write_all(inner, text, strlen(text));
		}
	}
}

/* Write text to the file of whichever hierarchy has it. */
static int write_file(const struct cgroup *g, const struct file *f, const char *text, struct err *e)
{
	bool v2 = false;
	auto_fd int fd = cgroup_file(g, f->v2, f->v1, O_WRONLY, &v2);
	auto_fd int inner = fd >= 0 && !v2 && f->flat ? cgroup_inner_file(g, f->v1, O_WRONLY) : -1;
	int before;

	if (fd < 0)
		return lacking(g, f, e);
	if (inner < 0 && f->flat && !v2)
		return err_sys(e, "open %s", f->v1);
	if (g->before && remember(g, f, text, e) < 0)
		return -1;
	/* Where the one has to be within the other it depends on the old values which of them has to go first. */
	before = inner < 0 ? 0 : fd_write_all(inner, text, strlen(text));
	if (fd_write_all(fd, text, strlen(text)) < 0 || (before < 0 && fd_write_all(inner, text, strlen(text)) < 0))
		return err_sys(e, "write %s to %s", text, file_name(f, v2));
	return 0;
}

static int not_so(const struct file *f, bool v2, const char *wanted, const char *got, struct err *e)
{
	return err_set(e, "%s is %.*s after %s was written to it", file_name(f, v2), (int)strcspn(got, "\n"), got, wanted);
}

/* A number at the beginning of text; "max", -1 and v1's largest are no limit. */
static uint64_t parse(const char *text)
{
	unsigned long long number = *text >= '0' && *text <= '9' ? strtoull(text, NULL, 10) : UINT64_MAX;

	return number >= 1ULL << 62 ? CGROUP_NONE : number;
}

/* Write number and find it there, rounded down to multiples of unit. */
static int set_rounded(const struct cgroup *g, const struct file *f, uint64_t number, uint64_t unit, struct err *e)
{
	char text[32], got[TEXT];
	bool v2;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	if (write_file(g, f, text, e) < 0)
		return -1;
	if (!read_file(g, f, got, &v2))
		return err_sys(e, "read %s", f->v1);
	return parse(got) == number - number % unit ? 0 : not_so(f, v2, text, got, e);
}

static uint64_t get(const struct cgroup *g, const struct file *f)
{
	char text[TEXT];

	return read_file(g, f, text, NULL) ? parse(text) : CGROUP_NONE;
}

/* The same for whoever goes by it: what is there and cannot be read is an error. */
static int get_sure(const struct cgroup *g, const struct file *f, uint64_t *value, struct err *e)
{
	char text[TEXT];

	errno = 0;
	*value = CGROUP_NONE;
	if (!read_file(g, f, text, NULL))
		return errno == ENOENT ? 0 : err_sys(e, "read %s", file_name(f, cgroup_v2(g, false) >= 0));
	*value = parse(text);
	return 0;
}

static uint64_t page(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static const struct file numbers[CGROUP_NUMBERS] = {
	[CGROUP_CPU_SHARES] = { CGROUP_CPU, "cpu.weight", "cpu.shares" },
	[CGROUP_CPU_QUOTA] = { CGROUP_CPU, "cpu.max", "cpu.cfs_quota_us" },
	[CGROUP_PIDS_MAX] = { CGROUP_PIDS, "pids.max", "pids.max" },
	[CGROUP_MEMORY_LOW] = { CGROUP_MEMORY, "memory.low", "memory.soft_limit_in_bytes" },
	[CGROUP_NET_CLASS] = { CGROUP_NET_CLS, NULL, "net_cls.classid", true },
};

static uint64_t weight_of(uint64_t shares)
{
	uint64_t weight = (shares * 100 + 512) / 1024;

	return weight < 1 ? 1 : weight > WEIGHT_MAX ? WEIGHT_MAX : weight;
}

static int set_shares(const struct cgroup *g, uint64_t shares, struct err *e)
{
	const struct file *f = &numbers[CGROUP_CPU_SHARES];
	bool v2 = false;
	auto_fd int fd = cgroup_file(g, f->v2, f->v1, O_RDONLY, &v2);

	if (fd < 0)
		return lacking(g, f, e);
	if (set_rounded(g, f, v2 ? weight_of(shares) : shares, 1, e) < 0)
		return -1;
	if (v2 && shares > WEIGHT_MAX * 1024 / 100)
		return err_set(e, "%llu is more than cgroup v2 has (the weight 10000 is %d)", (unsigned long long)shares,
			       WEIGHT_MAX * 1024 / 100);
	return 0;
}

static int set_class(const struct cgroup *g, uint64_t class, struct err *e)
{
	auto_fd int fd = cgroup_file(g, NULL, numbers[CGROUP_NET_CLASS].v1, O_RDONLY, NULL);
	int v2 = cgroup_v2(g, false);

	if (fd < 0 && v2 >= 0)
		return bpf_mark_sockets(v2, (uint32_t) class, e);
	return set_rounded(g, &numbers[CGROUP_NET_CLASS], class, 1, e);
}

int cgroup_set_number(const struct cgroup *g, enum cgroup_number which, uint64_t value, struct err *e)
{
	if (which == CGROUP_CPU_SHARES)
		return set_shares(g, value, e);
	if (which == CGROUP_NET_CLASS)
		return set_class(g, value, e);
	return set_rounded(g, &numbers[which], value, which == CGROUP_MEMORY_LOW ? page() : 1, e);
}

uint64_t cgroup_get_number(const struct cgroup *g, enum cgroup_number which)
{
	char text[TEXT];
	bool v2;
	uint64_t value;

	if (!read_file(g, &numbers[which], text, &v2)) {
		int64_t mark = which == CGROUP_NET_CLASS && cgroup_v2(g, false) >= 0 ? bpf_get_mark(cgroup_v2(g, false)) : -1;

		return mark < 0 ? CGROUP_NONE : (uint64_t)mark;
	}
	value = parse(text);
	if (value == CGROUP_NONE || (value == 0 && (which == CGROUP_MEMORY_LOW || which == CGROUP_NET_CLASS)))
		return CGROUP_NONE;
	if (which == CGROUP_CPU_SHARES)
		return value == (v2 ? 100 : 1024) ? CGROUP_NONE : v2 ? (value * 1024 + 50) / 100 : value;
	return value;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static const struct file memory_max = { CGROUP_MEMORY, "memory.max", "memory.limit_in_bytes" };
static const struct file swap_max = { CGROUP_MEMORY, "memory.swap.max", "memory.memsw.limit_in_bytes" };

/* Of a kernel that cannot swap there is nothing to limit. */
static int lacking_swap(struct err *e)
{
	if (access("/proc/swaps", F_OK) < 0)
		return 0;
	err_set(e, "the kernel does not count swap");
	return err_hint(e, "swapaccount=1 on its command line");
}

/* A limit below what is in use would end the container. The kernel takes back what it can at once when the softer limit is set. */
static int make_room(const struct cgroup *g, uint64_t memory, struct err *e)
{
	static const struct file current = { CGROUP_MEMORY, "memory.current", NULL },
				 high = { CGROUP_MEMORY, "memory.high", NULL };
	char before[TEXT];
	uint64_t used = get(g, &current);

	if (used == CGROUP_NONE || used <= memory || !read_file(g, &high, before, NULL))
		return 0;
	set_rounded(g, &high, memory, page(), e);
	used = get(g, &current);
	write_file(g, &high, before, e);
	if (used <= memory)
		return 0;
	errno = EBUSY;
	err_sys(e, "set memory.max to %llu", (unsigned long long)memory);
	snprintf(before, sizeof(before), "%llu bytes are in use", (unsigned long long)used);
	return err_hint(e, before);
}

static int set_memory_v2(const struct cgroup *g, uint64_t memory, uint64_t total, struct err *e)
{
	auto_fd int swap = cgroup_file(g, swap_max.v2, NULL, O_RDONLY, NULL);
	uint64_t old, old_swap;

	if ((swap < 0 && errno != ENOENT) || get_sure(g, &memory_max, &old, e) < 0 || get_sure(g, &swap_max, &old_swap, e) < 0)
		return swap < 0 ? err_sys(e, "read memory.swap.max") : -1;
	if (total == CGROUP_NONE && old_swap != CGROUP_NONE && old != CGROUP_NONE)
		total = old + old_swap;
	if (memory == CGROUP_NONE)
		memory = old > total ? total : old;
	if (total < memory)
		return err_set(e, "it would be more than memory and swap together may be");
	if (make_room(g, memory, e) < 0)
		return -1;
	if (set_rounded(g, &memory_max, memory, page(), e) < 0)
		return -1;
	if (total == CGROUP_NONE)
		return 0;
	return swap < 0 ? lacking_swap(e) : set_rounded(g, &swap_max, total - memory, page(), e);
}

/* v1 has them in one another: memory may never be more than the total. */
static int set_memory_v1(const struct cgroup *g, uint64_t memory, uint64_t total, struct err *e)
{
	auto_fd int swap = cgroup_file(g, NULL, swap_max.v1, O_RDONLY, NULL);
	uint64_t old, old_total;
	bool up;

	if ((swap < 0 && errno != ENOENT) || get_sure(g, &memory_max, &old, e) < 0 || get_sure(g, &swap_max, &old_total, e) < 0)
		return swap < 0 ? err_sys(e, "read memory.memsw.limit_in_bytes") : -1;
	up = total != CGROUP_NONE && total > old_total;
	if (memory == CGROUP_NONE)
		memory = old > total ? total : old;
	if (total == CGROUP_NONE && swap >= 0 && memory > old_total)
		return err_set(e, "it would be more than memory and swap together may be");
	if (up && swap >= 0 && set_rounded(g, &swap_max, total, page(), e) < 0)
		return -1;
	if (memory != old && set_rounded(g, &memory_max, memory, page(), e) < 0)
		return -1;
	if (total == CGROUP_NONE || up)
		return 0;
	return swap < 0 ? lacking_swap(e) : set_rounded(g, &swap_max, total, page(), e);
}

int cgroup_set_memory(const struct cgroup *g, uint64_t memory, uint64_t total, struct err *e)
{
	bool v2 = false;
	auto_fd int fd = cgroup_file(g, memory_max.v2, memory_max.v1, O_RDONLY, &v2);

	if (fd < 0)
		return lacking(g, &memory_max, e);
	return v2 ? set_memory_v2(g, memory, total, e) : set_memory_v1(g, memory, total, e);
}

void cgroup_get_memory(const struct cgroup *g, uint64_t *memory, uint64_t *total)
{
	char text[TEXT];
	bool v2 = false;

	*memory = get(g, &memory_max);
	*total = read_file(g, &swap_max, text, &v2) ? parse(text) : CGROUP_NONE;
	if (v2 && *total != CGROUP_NONE)
		*total = *memory == CGROUP_NONE ? CGROUP_NONE : *total + *memory;
}

/* --- processors --------------------------------------------------------------------------------------------------- */

/* The bits of a list: N, N-M, divided by commas. */
static void parse_list(const char *p, uint8_t set[CPUS / 8])
{
	memset(set, 0, CPUS / 8);
	while (*p >= '0' && *p <= '9') {
		char *end;
		unsigned long first = strtoul(p, &end, 10), last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

		for (unsigned long i = first; i <= last && i < CPUS; i++)
			set[i / 8] |= (uint8_t)(1 << i % 8);
		p = *end == ',' ? end + 1 : end;
	}
}

int cgroup_set_cpuset(const struct cgroup *g, bool mems, const char *list, struct err *e)
{
	const struct file *f = cpusets[mems];
	uint8_t wanted[CPUS / 8], there[CPUS / 8];
	char got[TEXT], all[TEXT];

	if (g->before && remember(g, &f[0], list, e) < 0)
		return -1;
	widen(g, f);
	if (write_file(g, &f[0], list, e) < 0) {
		if ((e->num != ERANGE && e->num != EINVAL && e->num != EACCES) || !read_above(g, f, all))
			return -1;
		err_set(e, "not all of %s is there", list);
		return err_hint(e, all);
	}
	/* The kernel takes what the machine does not have, and goes on with what it has. */
	if (!read_file(g, &f[1], got, NULL))
		return err_sys(e, "read %s", f[1].v1);
	got[strcspn(got, "\n")] = 0;
	parse_list(list, wanted);
	parse_list(got, there);
	if (!memcmp(wanted, there, sizeof(wanted)))
		return 0;
	err_set(e, "not all of %s is there", list);
	return err_hint(e, got);
}

bool cgroup_get_cpuset(const struct cgroup *g, bool mems, char *list, size_t room)
{
	char text[TEXT], all[TEXT];
	bool v2;

	if (!read_file(g, &cpusets[mems][0], text, &v2) || *text == '\n' || !*text)
		return false;
	text[strcspn(text, "\n")] = 0;
	/* In v1 all of them is what it has to have where nothing was asked for. */
	if (!v2 && read_above(g, cpusets[mems], all) && !strcmp(all, text))
		return false;
	snprintf(list, room, "%s", text);
	return true;
}

/* --- block devices ------------------------------------------------------------------------------------------------ */

static const struct {
	const char *key; /* of a line of v2's io.max */
	struct file file;
} ios[CGROUP_IOS] = {
	[CGROUP_READ_BPS] = { "rbps=", { CGROUP_IO, "io.max", "blkio.throttle.read_bps_device", true } },
	[CGROUP_WRITE_BPS] = { "wbps=", { CGROUP_IO, "io.max", "blkio.throttle.write_bps_device", true } },
	[CGROUP_READ_IOPS] = { "riops=", { CGROUP_IO, "io.max", "blkio.throttle.read_iops_device", true } },
	[CGROUP_WRITE_IOPS] = { "wiops=", { CGROUP_IO, "io.max", "blkio.throttle.write_iops_device", true } },
};

/* The value in a line "MAJOR:MINOR NUMBER", or "MAJOR:MINOR KEY=NUMBER ..." in v2; CGROUP_NONE without one. */
static uint64_t io_value(const char *line, const char *key)
{
	const char *blank = strchr(line, ' '), *at = blank ? blank + 1 : NULL, *end = line + strcspn(line, "\n");

	if (key && at)
		at = strstr(blank, key);
	if (!at || at >= end)
		return CGROUP_NONE;
	/* rbps= must not be found in the end of another word. */
	return key && at[-1] != ' ' ? CGROUP_NONE : parse(key ? at + strlen(key) : at);
}

int cgroup_set_io(const struct cgroup *g, enum cgroup_io which, dev_t device, uint64_t value, struct err *e)
{
	const struct file *f = &ios[which].file;
	char text[64], number[32], got[TEXT];
	const char *line;
	bool v2 = false;
	auto_fd int fd = cgroup_file(g, f->v2, f->v1, O_RDONLY, &v2);

	if (fd < 0)
		return lacking(g, f, e);
	snprintf(number, sizeof(number), "%u:%u ", major(device), minor(device));
	snprintf(text, sizeof(text), "%s%s%llu", number, v2 ? ios[which].key : "", (unsigned long long)value);
	if (write_file(g, f, text, e) < 0)
		return e->num == ENODEV ? err_hint(e, "it must be a whole disk that is there") : -1;
	if (!read_file(g, f, got, &v2))
		return err_sys(e, "read %s", file_name(f, v2));
	line = find_line(got, number, strlen(number));
	if (line && io_value(line, v2 ? ios[which].key : NULL) == value)
		return 0;
	return not_so(f, v2, text, line ? line : "without it", e);
}

int cgroup_get_io(const struct cgroup *g, bool bytes, struct words *out, struct err *e)
{
	enum cgroup_io first = bytes ? CGROUP_READ_BPS : CGROUP_READ_IOPS;

	for (enum cgroup_io which = first; which <= first + 1; which++) {
		char text[TEXT];
		bool v2;

		if (!read_file(g, &ios[which].file, text, &v2))
			continue;
		for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
			uint64_t value = io_value(p, v2 ? ios[which].key : NULL);
			auto_free char *word = NULL;

			if (value == CGROUP_NONE)
				continue;
			word = str_format(e, "%c:%.*s %llu", which == first ? 'r' : 'w', (int)strcspn(p, " "), p,
					  (unsigned long long)value);
			if (!word || words_add(out, word, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* --- huge pages --------------------------------------------------------------------------------------------------- */

/* The names are those of the kernel's hugetlb_cgroup_file_init. */
static struct file huge_file(uint64_t page_bytes, bool reserved, char names[2][48])
{
	bool giga = page_bytes >= 1 << 30, mega = page_bytes >= 1 << 20;
	unsigned long long size = page_bytes >> (giga ? 30 : mega ? 20 : 10);
	const char *unit = giga ? "GB" : mega ? "MB" : "KB";

	snprintf(names[0], 48, "hugetlb.%llu%s.%smax", size, unit, reserved ? "rsvd." : "");
	snprintf(names[1], 48, "hugetlb.%llu%s.%slimit_in_bytes", size, unit, reserved ? "rsvd." : "");
	return (struct file){ CGROUP_HUGETLB, names[0], names[1], false };
}

/* The limit on what is reserved makes mmap fail; the other one alone would be a SIGBUS later. Linux 5.7. */
int cgroup_set_hugetlb(const struct cgroup *g, uint64_t page_bytes, uint64_t limit, struct err *e)
{
	char names[2][48];
	struct file f = huge_file(page_bytes, true, names);
	auto_fd int fd = cgroup_file(g, f.v2, f.v1, O_RDONLY, NULL);

	if (fd < 0 && errno != ENOENT)
		return err_sys(e, "open %s", names[1]);
	if (fd >= 0 && set_rounded(g, &f, limit, page_bytes, e) < 0)
		return -1;
	f = huge_file(page_bytes, false, names);
	return set_rounded(g, &f, limit, page_bytes, e);
}

uint64_t cgroup_get_hugetlb(const struct cgroup *g, uint64_t page_bytes)
{
	char names[2][48];
	struct file f = huge_file(page_bytes, false, names);

	return get(g, &f);
}

/* --- devices ------------------------------------------------------------------------------------------------------ */

static const struct file devices_allow = { CGROUP_DEVICES, NULL, "devices.allow", true };
static const struct file devices_list = { CGROUP_DEVICES, NULL, "devices.list" };

static void number_or_all(int32_t number, char text[16])
{
	if (number < 0)
		strcpy(text, "*");
	else
		snprintf(text, 16, "%d", number);
}

/* That all others are denied was said when the cgroup was made. */
static int set_devices_v1(const struct cgroup *g, const struct device_rule *rules, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct device_rule *r = &rules[i];
		char text[64], major_text[16], minor_text[16];

		number_or_all(r->major, major_text);
		number_or_all(r->minor, minor_text);
		for (const char *type = r->type == 'a' ? "bc" : &r->type; *type == 'b' || *type == 'c'; type++) {
			snprintf(text, sizeof(text), "%c %s:%s %s%s%s", *type, major_text, minor_text,
				 r->access & DEVICE_READ ? "r" : "", r->access & DEVICE_WRITE ? "w" : "",
				 r->access & DEVICE_MAKE ? "m" : "");
			if (write_file(g, &devices_allow, text, e) < 0)
				return -1;
			if (r->type != 'a')
				break;
		}
	}
	return cgroup_has_devices(g) ? 0 : err_set(e, "devices.list still has all of them");
}

int cgroup_set_devices(const struct cgroup *g, const struct device_rule *rules, size_t n, struct err *e)
{
	auto_fd int fd = cgroup_file(g, NULL, devices_allow.v1, O_WRONLY, NULL);
	int v2 = cgroup_v2(g, false);

	if (fd >= 0)
		return set_devices_v1(g, rules, n, e);
	if (v2 < 0)
		return lacking(g, &devices_allow, e);
	if (bpf_allow_devices(v2, rules, n, e) < 0)
		return -1;
	return bpf_has_devices(v2) ? 0 : err_set(e, "the rules are not there after they were set");
}

bool cgroup_has_devices(const struct cgroup *g)
{
	char text[TEXT];

	if (read_file(g, &devices_list, text, NULL))
		return *text != 'a';
	return cgroup_v2(g, false) >= 0 && bpf_has_devices(cgroup_v2(g, false));
}

/* --- out of memory ------------------------------------------------------------------------------------------------ */

void cgroup_oom_as_one(const struct cgroup *g)
{
	auto_fd int fd = cgroup_file(g, "memory.oom.group", NULL, O_WRONLY, NULL);

	if (fd >= 0)
		fd_write_all(fd, "1", 1);
}
