/* SPDX-License-Identifier: Zlib
 * The checks of the C library: check ROOT, in a directory to write to. It prints a line for each, and exits 0. */
#include "check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *root;

void check(bool condition, const char *title, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = '/';
	if (condition)
		printf("ok %s\n", title);
	else
		printf("not ok %s: %s\n", title, text);
	fflush(stdout);
}

void check_error(int result, const struct cagebox_error *err, const char *part, int code, const char *title)
{
	check(result == -1 && strstr(err->text, part) && err->code == code, title, "result %d, code %d, '%s' instead of '%s'",
	      result, err->code, err->text, part);
}

void check_end(int result, const struct cagebox_end *end, const struct cagebox_error *err, const char *reason, int code,
	       const char *title)
{
	check(result == 0 && !strcmp(end->reason, reason) && end->code == code, title, "result %d (%s), %s %d instead of %s %d",
	      result, result < 0 ? err->text : "", end->reason, end->code, reason, code);
}

void must(int result, const struct cagebox_error *err)
{
	if (result == 0)
		return;
	printf("not ok what the checks need: %s\n", err->text);
	exit(1);
}

struct cagebox_spec *shell(const char *name, const char *script)
{
	const char *argv[] = { "sh", "-c", script, NULL };
	struct cagebox_spec *spec = cagebox_spec_new();
	struct cagebox_error err;

	if (!spec)
		exit(1);
	must(cagebox_set(spec, "lower", root, &err), &err);
	if (name)
		must(cagebox_set(spec, "name", name, &err), &err);
	must(cagebox_set_command(spec, argv, &err), &err);
	return spec;
}

int run_for_output(const struct cagebox_spec *spec, char *out, size_t room, struct cagebox_end *end, struct cagebox_error *err)
{
	int pair[2], result;
	ssize_t n;

	*out = 0;
	if (pipe(pair) < 0)
		return -1;
	result = cagebox_run(spec, (const int[]){ -1, pair[1], 2 }, end, err);
	close(pair[1]);
	n = read(pair[0], out, room - 1);
	close(pair[0]);
	out[n < 0 ? 0 : n] = 0;
	if (n > 0 && out[n - 1] == '\n')
		out[n - 1] = 0;
	return result;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 1;
	root = argv[1];
	check_settings();
	check_program();
	check_run();
	check_life();
	check_caller();
	check_threads();
	return 0;
}
