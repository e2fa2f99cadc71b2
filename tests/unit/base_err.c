/* SPDX-License-Identifier: Zlib
 * Errors as values (base/err.h): texts, numbers, exit codes, and what becomes of a text that is too long. Prints TAP. */
#include "base/err.h"

#include <errno.h>

#include "tap.h"

static void test_short(void)
{
	struct err e;

	memset(&e, 0x55, sizeof(e));
	OK(err_set(&e, "no %s in %d", "x", 3) == -1 && e.num == 0 && e.code == 0, "err_set gives -1 and no number");
	SAME(e.text, "no x in 3", "err_set formats");
	OK(err_code(&e) == EXIT_CAGEBOX, "an error without a code exits 125");
	e.code = EXIT_NOT_FOUND;
	OK(err_code(&e) == 127, "one with a code exits with it");
	errno = EACCES;
	OK(err_sys(&e, "bind %s on %s", "/a", "/b") == -1 && e.num == EACCES && e.code == 0, "err_sys gives -1 and errno");
	SAME(e.text, "bind /a on /b: Permission denied", "and adds errno's text");
	OK(err_prefix(&e, "--%s", "mount") == -1 && e.num == EACCES, "err_prefix keeps the number");
	SAME(e.text, "--mount: bind /a on /b: Permission denied", "and puts the prefix in front");
	OK(err_hint(&e, "be root") == -1 && e.num == EACCES, "err_hint keeps the number");
	SAME(e.text, "--mount: bind /a on /b: Permission denied (be root)", "and adds the hint in brackets");
	OK(err_memory(&e) == -1 && e.num == ENOMEM, "err_memory is ENOMEM");
	OK(!strncmp(e.text, "cagebox: ", 9) && strstr(e.text, "memory"), "and says so");
	OK(sizeof(e) == 256, "an error crosses a pipe in one write of 256 bytes");
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && !strcmp(text + len - n, end);
}

static bool begins_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static bool reasons_kept(const char *path)
{
	bool kept = true;

	for (int length = 0; length < 300; length++) {
		struct err e;

		memset(&e, 0x55, sizeof(e));
		errno = EACCES;
		err_sys(&e, "%.*s", length, path);
		kept = kept && memchr(e.text, 0, sizeof(e.text)) && ends_with(e.text, ": Permission denied");
		err_prefix(&e, "%.*s", length, path);
		kept = kept && memchr(e.text, 0, sizeof(e.text)) && ends_with(e.text, ": Permission denied");
		err_hint(&e, "hint");
		kept = kept && memchr(e.text, 0, sizeof(e.text)) && ends_with(e.text, " (hint)");
		if (!kept) {
			printf("# at length %d: %s\n", length, e.text);
			break;
		}
	}
	return kept;
}

static bool hints_kept(const char *path)
{
	for (int length = 0; length < 300; length++) {
		struct err e;

		memset(&e, 0x55, sizeof(e));
		err_set(&e, "why");
		err_hint(&e, path + 4095 - length);
		if (!memchr(e.text, 0, sizeof(e.text)) || !begins_with(e.text, "why (") || !ends_with(e.text, ")")) {
			printf("# at length %d\n", length);
			return false;
		}
	}
	return true;
}

/* Of a text that is too long the middle goes: its begin names the goal, its end the reason. */
static void test_long(void)
{
	char path[4096];
	struct err e;

	memset(path, 'p', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = 0;
	err_set(&e, "open %s", path);
	OK(strlen(e.text) == sizeof(e.text) - 1 && begins_with(e.text, "open /ppp"), "a text that is too long is cut");
	errno = EACCES;
	err_sys(&e, "open %s", path);
	OK(begins_with(e.text, "open /ppp") && ends_with(e.text, "ppp...: Permission denied"),
	   "errno's text survives a long path");
	OK(strlen(e.text) == sizeof(e.text) - 1, "the whole room is used");
	err_hint(&e, "is it mounted?");
	OK(begins_with(e.text, "open /ppp") && ends_with(e.text, "... (is it mounted?)"), "a hint survives a long text");
	errno = EACCES;
	err_sys(&e, "open %s", path);
	err_prefix(&e, "file:%d", 12);
	OK(begins_with(e.text, "file:12: open /ppp") && ends_with(e.text, "pp...: Permission denied"),
	   "a prefix leaves the reason of a long text");
	err_set(&e, "why");
	err_prefix(&e, "%s", path);
	OK(begins_with(e.text, "/ppp") && ends_with(e.text, "...: why"), "a long prefix leaves the reason too");
	OK(reasons_kept(path) && hints_kept(path), "the same at every length up to 300");
}

int main(void)
{
	test_short();
	test_long();
	return tap_done();
}
