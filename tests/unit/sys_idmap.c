/* SPDX-License-Identifier: Zlib
 * Maps of ids (sys/idmap.h) and what subuid(5) grants: lines that are none grant nothing. Prints TAP. */
#include "sys/idmap.h"

#include <sys/mman.h>
#include <unistd.h>

#include "sys/fd.h"
#include "tap.h"

static void test_maps(void)
{
	struct idmap m = { .n = 0 };
	uint32_t id = 7;

	OK(idmap_is_identity(&m) && !idmap_find(&m, 0, &id) && id == 7, "an empty map has nobody");
	idmap_add(&m, 0, 1000, 1);
	idmap_add(&m, 1, 100000, 10);
	idmap_add(&m, 20, 20, 0);
	OK(m.n == 2, "a range of none is none");
	OK(idmap_find(&m, 0, &id) && id == 1000, "the first id");
	OK(idmap_find(&m, 1, &id) && id == 100000 && idmap_find(&m, 10, &id) && id == 100009, "both ends of a range");
	OK(!idmap_find(&m, 11, &id) && !idmap_find(&m, UINT32_MAX, &id), "what is beyond");
	OK(!idmap_is_identity(&m), "it is not the host's");
	m = (struct idmap){ .n = 0 };
	idmap_add(&m, 5, 5, UINT32_MAX - 5);
	OK(idmap_is_identity(&m) && idmap_find(&m, UINT32_MAX - 1, &id) && id == UINT32_MAX - 1, "one that is");
	for (int i = 0; i < IDMAP_RANGES + 1; i++)
		idmap_add(&m, 0, 0, 1);
	OK(m.n == IDMAP_RANGES, "there is an end to ranges");
}

static const struct {
	const char *text;
	uint32_t start, count; /* 0: nothing */
} files[] = {
	{ "", 0, 0 },
	{ "app:100000:65536\n", 100000, 65536 },
	{ "app:100000:65536", 100000, 65536 },
	{ "1000:100000:1\n", 100000, 1 },
	{ "other:1:1\n\napp:5:6\napp:7:8\n", 5, 6 },
	{ "app2:100000:65536\nap:1:1\n10:2:2\n10000:3:3\n", 0, 0 },
	{ "app:0:65536\n", 0, 0 },
	{ "app:100000:0\n", 0, 0 },
	{ "app:100000:4294967295\n", 0, 0 },
	{ "app:4294967294:1\n", 4294967294, 1 },
	{ "app:4294967294:2\n", 0, 0 },
	{ "app:100000\n", 0, 0 },
	{ "app:100000:65536:1\n", 0, 0 },
	{ "app: 100000:65536\n", 0, 0 },
	{ "app:100000x:65536\napp:-1:5\n", 0, 0 },
	{ "#app:1:1\n", 0, 0 },
	{ "app:x:1\napp:9:2\n", 9, 2 },
};

static void test_files(void)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		int fd = memfd_create("subuid", MFD_CLOEXEC);
		uint32_t start = 0, count = 0;
		char path[40];
		bool granted;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (fd < 0 || fd_write_all(fd, files[i].text, strlen(files[i].text)) < 0)
			abort();
		granted = idmap_subordinate(path, 1000, "app", &start, &count);
		tap_ok(granted == (files[i].start != 0) && (!granted || (start == files[i].start && count == files[i].count)),
		       __LINE__, "a file of: %s", tap_quote(files[i].text));
		close(fd);
	}
	OK(!idmap_subordinate("/nonexistent", 1000, "app", &(uint32_t){ 0 }, &(uint32_t){ 0 }), "no file");
}

int main(void)
{
	test_maps();
	test_files();
	return tap_done();
}
