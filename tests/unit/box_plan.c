/* SPDX-License-Identifier: Zlib
 * The plan (box/plan.h): there and back through a sealed memfd, and blocks that are cut, altered or lie. Prints TAP. */
#include "box/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

/* A plan with something in every place. Owned by the caller. */
static struct plan *make(void)
{
	char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, (char[]){ "" }, (char[]){ "echo a b" }, NULL };
	char *env[] = { (char[]){ "A=1" }, (char[]){ "B=" }, NULL };
	struct plan_builder b = { .head = {
					  .flags = PLAN_CAPS | PLAN_KEEP, .caps = 5, .stop_signal = 15, .oom_score_adj = -7 } };
	struct err e;

	b.head.rlimits[15] = (struct plan_rlimit){ 1, UINT64_MAX };
	b.head.filter = plan_add_block(&b, "\0\1\2\3\4\5\6\7", 8);
	b.head.filter_size = 1;
	b.head.cwd = plan_add(&b, "/srv");
	b.head.argv = plan_add_list(&b, argv, &b.head.argc);
	b.head.env = plan_add_list(&b, env, &b.head.envc);
	b.head.user = plan_add(&b, "");
	b.head.groups = plan_add(&b, NULL);
	return plan_finish(&b, &e);
}

/* A list as text: [a][b], "none" where there is no list. */
static const char *show(const struct plan *p, uint32_t offset, uint32_t n)
{
	static char text[400];
	char **list = plan_list(p, offset, n);
	size_t used = 0;

	text[0] = 0;
	for (uint32_t i = 0; list && list[i]; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "[%s]", list[i]);
	free(list);
	return list ? text : "none";
}

static void check(const struct plan *p, const char *title)
{
	printf("# %s\n", title);
	OK(p->flags == (PLAN_CAPS | PLAN_KEEP) && p->caps == 5 && p->stop_signal == 15 && p->oom_score_adj == -7 &&
		   p->rlimits[15].soft == 1 && p->rlimits[15].hard == UINT64_MAX,
	   "the numbers are there");
	SAME(plan_text(p, p->cwd), "/srv", "a string");
	SAME(plan_text(p, p->user), "", "an empty string");
	SAME(plan_text(p, p->groups), NULL, "none");
	SAME(plan_text(p, p->shutdown_hook), NULL, "none that was never set");
	OK(p->argc == 4 && p->envc == 2, "the lengths of the lists");
	SAME(show(p, p->argv, p->argc), "[/bin/sh][-c][][echo a b]", "a list");
	SAME(show(p, p->env, p->envc), "[A=1][B=]", "another");
	SAME(show(p, 0, 0), "", "a list of nothing");
	OK(p->filter % 8 == 0 && plan_block(p, p->filter, 8) && !memcmp(plan_block(p, p->filter, 8), "\0\1\2\3\4\5\6\7", 8),
	   "a block of bytes, where machines like it");
	OK(!plan_block(p, 0, 0) && !plan_block(p, p->filter, p->size) && !plan_block(p, p->size, 0) &&
		   !plan_block(p, p->filter, SIZE_MAX) && !plan_block(p, 8, 8),
	   "none that is not within");
}

static void test_round_trip(void)
{
	struct plan *p = make();
	const struct plan *back;
	struct err e = { 0 };
	int fd = plan_seal(p, &e);
	char byte;

	check(p, "as it was made");
	OK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "sealed in a descriptor that is close-on-exec");
	OK(pwrite(fd, "x", 1, 0) < 0 && errno == EPERM && ftruncate(fd, 0) < 0 && errno == EPERM &&
		   ftruncate(fd, 1 << 20) < 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) < 0,
	   "which nobody can write to, cut, lengthen or unseal");
	OK(pread(fd, &byte, 1, 0) == 1, "but read");
	back = plan_map(fd, &e);
	OK(back && back->size == p->size && !memcmp(back, p, p->size), "read back whole");
	if (back) {
		check(back, "as it was read back");
		plan_unmap(back);
	}
	close(fd);
	free(p);
}

/* What plan_map says of the bytes; "taken" if it takes them. */
static const char *map(const void *bytes, size_t size)
{
	static struct err e;
	int fd = memfd_create("plan", MFD_CLOEXEC);
	const struct plan *p;

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	e = (struct err){ 0 };
	p = plan_map(fd, &e);
	if (p)
		plan_unmap(p);
	close(fd);
	return p ? "taken" : e.text;
}

#define NOT_WHOLE "the settings that were handed over are not whole"
#define NONE      "no settings were handed over: this is started by cagebox itself"

static void test_bad_blocks(void)
{
	struct plan *p = make(), *other;
	size_t size = p->size;
	struct err e;
	bool cut = true;

	SAME(map(p, size), "taken", "the whole block is taken");
	for (size_t n = 0; n < size; n++)
		cut = cut && !strcmp(map(p, n), n < sizeof(*p) ? NONE : NOT_WHOLE);
	OK(cut, "cut at any length it is refused");
	other = calloc(1, size + 100);
	memcpy(other, p, size);
	SAME(map(other, size + 1), NOT_WHOLE, "one byte more");
	other->size++;
	SAME(map(other, size), NOT_WHOLE, "a size that is one too large");
	other->size -= 2;
	SAME(map(other, size), NOT_WHOLE, "one too small");
	other->size = 0;
	SAME(map(other, size), NOT_WHOLE, "none");
	other->size = UINT32_MAX;
	SAME(map(other, size), NOT_WHOLE, "the largest");
	other->size = (uint32_t)size;
	((char *)other)[size - 1] = 'x';
	SAME(map(other, size), NOT_WHOLE, "a last string without an end");
	OK(!plan_map(-1, &e) && !strcmp(e.text, NONE), "no descriptor");
	OK(!plan_map(open("/dev/null", O_RDONLY | O_CLOEXEC), &e) && !strcmp(e.text, NONE), "/dev/null");
	OK(!plan_map(open("/", O_RDONLY | O_CLOEXEC), &e), "a directory");
	free(other);
	free(p);
}

/* Offsets and lengths of a block that was made up: nothing outside of it is ever given. */
static void test_lies(void)
{
	struct plan *p = make();
	const char *begin = (const char *)p, *end = begin + p->size;
	bool inside = true;
	static const uint32_t lengths[] = { 0, 1, 2, 5, 1000, 0x7fffffff, UINT32_MAX - 1, UINT32_MAX };

	SAME(plan_text(p, p->size), NULL, "no string begins at the end");
	SAME(plan_text(p, UINT32_MAX), NULL, "nor far behind it");
	SAME(plan_text(p, 1), NULL, "nor among the numbers");
	SAME(plan_text(p, p->size - 1), "", "the last byte is one");
	for (uint32_t offset = 0; offset < p->size + 10; offset++) {
		const char *text = plan_text(p, offset);

		inside = inside && (!text || (text >= begin + sizeof(*p) && text + strlen(text) < end));
		for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
			char **list = plan_list(p, offset, lengths[i]);
			uint32_t n = 0;

			inside = inside && (list || lengths[i] >= p->size);
			for (; list && list[n]; n++)
				inside = inside && list[n] >= begin + sizeof(*p) && list[n] + strlen(list[n]) < end;
			inside = inside && n <= lengths[i];
			free(list);
		}
	}
	OK(inside, "every offset with every length gives what is in the block, or less");
	SAME(show(p, p->argv, 100), "[/bin/sh][-c][][echo a b][A=1][B=][][]",
	     "a list longer than what is there ends with the block");
	SAME(show(p, p->argv, p->size), "none", "one of as many strings as the block has bytes is refused");
	SAME(show(p, p->argv, UINT32_MAX), "none", "one that cannot be there is refused");
	SAME(show(p, p->size, 3), "", "one that begins behind the block is empty");
	free(p);
}

static void test_builder(void)
{
	struct plan_builder b = { 0 };
	char *none[] = { NULL }, *big = malloc(1 << 20);
	uint32_t n = 9, at;
	struct plan *p;
	struct err e;

	OK(plan_add_list(&b, none, &n) == 0 && n == 0, "an empty list has no place and no length");
	n = 9;
	OK(plan_add_list(&b, NULL, &n) == 0 && n == 0, "nor has one that is not there");
	memset(big, 'x', (1 << 20) - 1);
	big[(1 << 20) - 1] = 0;
	at = plan_add(&b, big);
	p = plan_finish(&b, &e);
	OK(p && at == sizeof(*p) && p->size == sizeof(*p) + (1 << 20) + 1 && !strcmp(plan_text(p, at), big),
	   "a string of a megabyte");
	free(p);
	b = (struct plan_builder){ 0 };
	p = plan_finish(&b, &e);
	OK(p && p->size == sizeof(*p) + 1 && !strcmp(map(p, p->size), "taken"), "a plan without a string");
	free(p);
	free(big);
}

int main(void)
{
	test_round_trip();
	test_bad_blocks();
	test_lies();
	test_builder();
	return tap_done();
}
