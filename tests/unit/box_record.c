/* SPDX-License-Identifier: Zlib
 * State files (box/record.h): there and back with every byte, and files that somebody has damaged. Prints TAP. */
#include "box/record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static char top[] = "/tmp/cagebox-record-XXXXXX";
static int dir;

static void test_round_trip(void)
{
	struct record r = { 0 };
	char bytes[256], copy[300];
	struct err e = { 0 };
	struct stat st;
	char *text;

	for (int i = 0; i < 255; i++)
		bytes[i] = (char)(i + 1);
	bytes[255] = 0;
	record_text(&r, "plain", "a b=c");
	record_text(&r, "bytes", bytes);
	record_text(&r, "empty", "");
	record_text(&r, "none", NULL);
	record_number(&r, "zero", 0);
	record_number(&r, "one", 1);
	record_number(&r, "least", INT64_MIN);
	record_number(&r, "most", INT64_MAX);
	OK(record_write(&r, dir, "state", &e) == 0 && !r.text && !r.used, "written and freed");
	OK(fstatat(dir, "state", &st, 0) == 0 && (st.st_mode & 07777) == 0600, "only for its owner");
	OK(faccessat(dir, "state.new", F_OK, 0) < 0, "nothing else is left");
	OK(record_read(&r, dir, "state", &e) == 0, "read");
	text = record_get_text(&r, "plain");
	SAME(text, "a b=c", "a text");
	free(text);
	text = record_get_text(&r, "bytes");
	SAME(text, bytes, "every byte but zero");
	free(text);
	text = record_get_text(&r, "empty");
	SAME(text, "", "an empty text");
	free(text);
	SAME(record_get_text(&r, "none"), NULL, "none");
	SAME(record_get_text(&r, "plai"), NULL, "none by less than the name");
	SAME(record_get_text(&r, "c"), NULL, "none from within a value");
	OK(record_get_number(&r, "zero") == 0 && record_get_number(&r, "none") == 0 && record_get_number(&r, "one") == 1,
	   "numbers");
	OK(record_get_number(&r, "least") == INT64_MIN && record_get_number(&r, "most") == INT64_MAX,
	   "the least and the greatest");
	record_copy(&r, "bytes", copy, sizeof(copy));
	SAME(copy, bytes, "copied");
	memset(copy, 'x', sizeof(copy));
	record_copy(&r, "plain", copy, 4);
	OK(!memcmp(copy, "a b\0x", 5), "copied as far as there is room");
	record_copy(&r, "none", copy, 4);
	SAME(copy, "", "nothing copied");
	record_copy(&r, "plain", copy, 1);
	SAME(copy, "", "no room but for the end");
	record_free(&r);
	OK(!r.text, "freed");
	for (int i = 0; i < 1000; i++)
		record_number(&r, "many", i);
	OK(record_write(&r, dir, "state", &e) == 0 && record_read(&r, dir, "state", &e) == 0 &&
		   record_get_number(&r, "many") == 1,
	   "replaced; of a doubled key the first counts");
	record_free(&r);
}

static void put_file(const char *name, const void *data, size_t size)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

/* The text of key a in a file. */
static const char *value(const char *file)
{
	static char copy[200];
	struct record r = { 0 };
	struct err e;

	put_file("damaged", file, strlen(file));
	if (record_read(&r, dir, "damaged", &e) < 0)
		return memcpy(copy, e.text, sizeof(copy));
	record_copy(&r, "a", copy, sizeof(copy));
	record_free(&r);
	return copy;
}

static int64_t number(const char *file)
{
	struct record r = { 0 };
	struct err e;
	int64_t result;

	put_file("damaged", file, strlen(file));
	if (record_read(&r, dir, "damaged", &e) < 0)
		return -99;
	result = record_get_number(&r, "a");
	record_free(&r);
	return result;
}

static void test_damaged(void)
{
	static const struct {
		const char *file, *value;
	} texts[] = {
		{ "", "" },
		{ "\n", "" },
		{ "a", "" },
		{ "a=", "" },
		{ "a=x", "x" },
		{ "\n\na=x\n", "x" },
		{ "=\na=x", "x" },
		{ "b=a=y\na=x", "x" },
		{ "a=x\na=y", "x" },
		{ "a=\\101b", "Ab" },
		{ "a=\\377", "\377" },
		{ "a=\\", "\\" },
		{ "a=\\1", "\\1" },
		{ "a=\\10", "\\10" },
		{ "a=\\\nb=12", "\\" },
		{ "a=\\1\n23", "\\1" },
		{ "a=\\12\n3", "\\12" },
		{ "a=\\xyz", "\\xyz" },
		{ "a=\\189", "\\189" },
		{ "a=\\400", "\\400" },
		{ "a=\\777", "\\777" },
		{ "a=\\///", "\\///" },
		{ "a=\\\\101", "\\A" },
		{ "a=x\\000y", "x" },
	};
	static const struct {
		const char *file;
		int64_t value;
	} numbers[] = {
		{ "a=5", 5 },
		{ "a=-5\n", -5 },
		{ "a=\n", 0 },
		{ "a=5x\n", 0 },
		{ "a= 5\n", 0 },
		{ "a=+5\n", 0 },
		{ "a=5 \n", 0 },
		{ "a=0x5\n", 0 },
		{ "a=9223372036854775808\n", 0 },
		{ "a=99999999999999999999999\n", 0 },
		{ "a=00000000000000000000000000000000000005", 0 },
		{ "a=five", 0 },
		{ "b=5", 0 },
		{ "a=5\na=6\n", 5 },
	};
	struct record r;
	struct err e;
	static char big[70000];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char title[100];

		snprintf(title, sizeof(title), "the text in %s", tap_quote(texts[i].file));
		SAME(value(texts[i].file), texts[i].value, title);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		tap_ok(number(numbers[i].file) == numbers[i].value, __LINE__, "the number in %s", tap_quote(numbers[i].file));
	put_file("damaged", "a=x\0y", 5);
	OK(record_read(&r, dir, "damaged", &e) < 0 && !r.text, "a file with a zero byte is refused");
	memset(big, 'x', sizeof(big));
	put_file("damaged", big, sizeof(big));
	OK(record_read(&r, dir, "damaged", &e) < 0 && !r.text, "and one that is too long");
	SAME(e.text, "read the container's state: longer than 65536 bytes", "with its message");
	OK(record_read(&r, dir, "missing", &e) < 0 && e.num == ENOENT && !r.text, "a missing file is ENOENT");
	symlinkat("state", dir, "link");
	OK(record_read(&r, dir, "link", &e) < 0 && e.num == ELOOP, "a link is not followed");
	r = (struct record){ 0 };
	record_text(&r, "a", "new");
	symlinkat("state", dir, "over.new");
	OK(record_write(&r, dir, "over", &e) < 0 && e.num == ELOOP && faccessat(dir, "over", F_OK, 0) < 0 && !r.text,
	   "nor written through");
	r = (struct record){ 0 };
	record_text(&r, "a", "new");
	r.failed = 1;
	OK(record_write(&r, dir, "short", &e) < 0 && e.num == ENOMEM && faccessat(dir, "short", F_OK, 0) < 0 &&
		   faccessat(dir, "short.new", F_OK, 0) < 0,
	   "without the memory nothing is written");
}

int main(void)
{
	char command[sizeof(top) + 16];

	if (!mkdtemp(top) || (dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		printf("Bail out! cannot make a directory\n");
		return 1;
	}
	test_round_trip();
	test_damaged();
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command) != 0 || tap_done();
}
