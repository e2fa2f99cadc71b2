/* SPDX-License-Identifier: Zlib
 * Archives (base/cpio.h): each field, each padding, reproducible bytes, errors. Prints TAP. */
#include "base/cpio.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int count, failures;

#define OK(what, title) ok(what, title, __LINE__)
static void ok(bool passed, const char *title, int line)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++count, title);
	if (!passed) {
		printf("# line %d\n", line);
		failures++;
	}
}

/* What an archive is written to: memory, and a call after which writing fails. */
struct memory {
	unsigned char bytes[1 << 16];
	size_t used;
	int calls, fail_at;
};

static int memory_write(void *to, const void *data, size_t size, struct err *e)
{
	struct memory *m = to;

	if (++m->calls == m->fail_at)
		return err_set(e, "no room");
	if (size > sizeof(m->bytes) - m->used)
		abort();
	memcpy(m->bytes + m->used, data, size);
	m->used += size;
	return 0;
}

enum { INODE, MODE, UID, GID, NLINK, MTIME, SIZE, MAJOR, MINOR, RMAJOR, RMINOR, NAMESIZE, CHECK, FIELDS };

/* An entry as a reader of the format finds it. */
struct found {
	unsigned long field[FIELDS];
	char name[1100];
	const unsigned char *data;
};

/* Read the entry at *at and step over it. False if it is not as the format wants it. */
static bool next(const struct memory *m, size_t *at, struct found *f)
{
	const unsigned char *h = m->bytes + *at;

	if (*at % 4 || *at + 110 > m->used || memcmp(h, "070701", 6) != 0)
		return false;
	for (int i = 0; i < FIELDS; i++) {
		char text[9] = { 0 }, *end;

		memcpy(text, h + 6 + 8 * i, 8);
		f->field[i] = strtoul(text, &end, 16);
		if (end != text + 8)
			return false;
	}
	*at += 110;
	if (f->field[NAMESIZE] > sizeof(f->name) || *at + f->field[NAMESIZE] > m->used)
		return false;
	memcpy(f->name, m->bytes + *at, f->field[NAMESIZE]);
	if (strlen(f->name) + 1 != f->field[NAMESIZE])
		return false;
	for (*at += f->field[NAMESIZE]; *at % 4; ++*at)
		if (m->bytes[*at])
			return false;
	f->data = m->bytes + *at;
	if (*at + f->field[SIZE] > m->used)
		return false;
	for (*at += f->field[SIZE]; *at % 4; ++*at)
		if (m->bytes[*at])
			return false;
	return true;
}

static struct cpio begin(struct memory *m, uint32_t mtime)
{
	memset(m, 0, sizeof(*m));
	return (struct cpio){ .write = memory_write, .to = m, .mtime = mtime };
}

static void test_empty(void)
{
	static struct memory m;
	struct cpio c = begin(&m, 7);
	struct found f;
	struct err e;
	size_t at = 0;
	bool zero = true;

	OK(cpio_end(&c, &e) == 0 && m.used == 512, "an empty archive is one block");
	OK(next(&m, &at, &f) && !strcmp(f.name, "TRAILER!!!"), "it holds the trailer");
	OK(!f.field[INODE] && !f.field[MODE] && !f.field[MTIME] && !f.field[SIZE] && f.field[NLINK] == 1, "with empty fields");
	for (; at < m.used; at++)
		zero &= !m.bytes[at];
	OK(zero, "and is filled up with zeroes");
}

static const struct cpio_entry entries[] = {
	{ .path = "etc", .mode = S_IFDIR | 01777 },
	{ .path = "etc/file", .mode = S_IFREG | 0640, .data = "hello", .size = 5 },
	{ .path = "etc/empty", .mode = S_IFREG | 04755 },
	{ .path = "etc/link", .mode = S_IFLNK | 0777, .data = "file", .size = 4 },
	{ .path = "console", .mode = S_IFCHR | 0600, .major = 5, .minor = 300 },
};
enum { NENTRIES = sizeof(entries) / sizeof(*entries) };

static bool write_entries(struct memory *m, uint32_t mtime)
{
	struct cpio c = begin(m, mtime);
	struct err e;

	for (int i = 0; i < NENTRIES; i++)
		if (cpio_add(&c, &entries[i], &e) < 0)
			return false;
	return cpio_end(&c, &e) == 0;
}

static void test_fields(void)
{
	static struct memory m, again;
	struct found f;
	size_t at = 0;

	OK(write_entries(&m, 0xfedcba98), "every kind of entry is written");
	for (unsigned i = 0; i < NENTRIES; i++) {
		const struct cpio_entry *en = &entries[i];

		OK(next(&m, &at, &f) && !strcmp(f.name, en->path), en->path);
		OK(f.field[MODE] == en->mode && f.field[MTIME] == 0xfedcba98, "its mode and time");
		OK(f.field[INODE] == i + 1 && f.field[NLINK] == (S_ISDIR(en->mode) ? 2 : 1), "its inode is its own");
		OK(!f.field[UID] && !f.field[GID] && !f.field[CHECK] && !f.field[MAJOR] && !f.field[MINOR], "it is root's");
		OK(f.field[RMAJOR] == en->major && f.field[RMINOR] == en->minor, "its device number");
		OK(f.field[SIZE] == en->size && (!en->size || !memcmp(f.data, en->data, en->size)), "its content");
	}
	OK(next(&m, &at, &f) && !strcmp(f.name, "TRAILER!!!") && m.used % 512 == 0, "the trailer, and whole blocks");
	OK(write_entries(&again, 0xfedcba98) && again.used == m.used && !memcmp(again.bytes, m.bytes, m.used),
	   "the same again gives the same bytes");
	OK(write_entries(&again, 0) && memcmp(again.bytes, m.bytes, m.used) != 0, "another time gives others");
}

/* Every remainder of name and data by 4. */
static void test_padding(void)
{
	static struct memory m;
	static const char letters[] = "abcdefghij";
	struct cpio c = begin(&m, 0);
	struct found f;
	struct err e;
	bool good = true;
	size_t at = 0;

	for (size_t len = 1; len < 9; len++)
		for (size_t size = 0; size < 9; size++) {
			struct cpio_entry en = { .path = letters + 10 - len, .mode = S_IFREG, .data = letters, .size = size };

			good &= cpio_add(&c, &en, &e) == 0;
		}
	good &= cpio_end(&c, &e) == 0;
	for (size_t len = 1; len < 9; len++)
		for (size_t size = 0; size < 9; size++)
			good &= next(&m, &at, &f) && strlen(f.name) == len && f.field[SIZE] == size &&
				!memcmp(f.data, letters, size);
	OK(good, "names and data of every length are padded to 4");
	OK(c.offset == m.used, "the offset counts what was written");
}

static void test_refusals(void)
{
	static struct memory m;
	struct cpio c = begin(&m, 0);
	char path[1025];
	struct err e = { 0 };
	struct cpio_entry en = { .path = path, .mode = S_IFREG };

	memset(path, 'x', sizeof(path));
	path[1024] = 0;
	OK(cpio_add(&c, &en, &e) == -1 && !m.calls && strstr(e.text, "not 1024"), "a path too long is refused");
	path[1023] = 0;
	OK(cpio_add(&c, &en, &e) == 0, "one byte less is taken");
	c = begin(&m, 0);
	*path = 0;
	OK(cpio_add(&c, &en, &e) == -1 && !m.calls, "an empty path is refused");
#if SIZE_MAX > UINT32_MAX
	en = (struct cpio_entry){ .path = "big", .mode = S_IFREG, .size = (size_t)UINT32_MAX + 1 };
	OK(cpio_add(&c, &en, &e) == -1 && !m.calls && !strcmp(e.text, "cpio: big is larger than 4 GiB"),
	   "so is a file over 4 GiB");
#endif
}

/* An error of the callback comes back from each place, and nothing is written after it. */
static void test_write_errors(void)
{
	static struct memory m;
	const struct cpio_entry en = { .path = "file", .mode = S_IFREG, .data = "hello", .size = 5 };
	bool good = true;
	int at = 0, result;

	do {
		struct cpio c = begin(&m, 0);
		struct err e = { 0 };

		m.fail_at = ++at;
		result = cpio_add(&c, &en, &e) < 0 || cpio_end(&c, &e) < 0 ? -1 : 0;
		good &= result == 0 ? m.calls < at : m.calls == at && !strcmp(e.text, "no room");
	} while (result < 0);
	OK(good && at > 4, "an error while writing comes back from every place");
}

int main(void)
{
	test_empty();
	test_fields();
	test_padding();
	test_refusals();
	test_write_errors();
	printf("1..%d\n", count);
	return failures != 0;
}
