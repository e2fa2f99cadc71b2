/* SPDX-License-Identifier: Zlib
 * What the library does when the program that it executes is missing, another one, or dies. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char path[4096];

/* Make a script the program. */
static void use_script(const char *text)
{
	FILE *file;

	if (!getcwd(path, sizeof(path) - 16))
		exit(1);
	strcat(path, "/script");
	unlink(path);
	file = fopen(path, "w");
	if (!file)
		exit(1);
	fprintf(file, "#!/bin/sh\n%s\n", text);
	fclose(file);
	chmod(path, 0755);
	cagebox_use_program(path);
}

void check_program(void)
{
	struct cagebox_spec *spec = shell(NULL, "exit 0");
	struct cagebox_error err;
	struct cagebox_end end;

	cagebox_use_program("/nonexistent/cagebox");
	check_error(cagebox_run(spec, NULL, &end, &err), &err, "execute /nonexistent/cagebox: No such file", 125, "no program");
	check(err.num == 2 && !*end.reason && end.code == 0, "the errno tells; there is no end", "%d %s", err.num, end.reason);
	cagebox_use_program("/");
	check_error(cagebox_start(spec, NULL, &err), &err, "execute /: ", 125, "one that cannot be executed");
	cagebox_use_program("/bin/true");
	check_error(cagebox_stop("name", 0, NULL, &err), &err, "/bin/true is not the cagebox of this library", 125, "another one");
	use_script("exec >&3; printf 'cagebox\\0\\377\\0\\0\\0other version\\0 filled up '; cat <&3 >&2");
	check_error(cagebox_run(spec, NULL, &end, &err), &err, "is cagebox other version and speaks protocol 255, this library", 125,
		    "one of another version");
	use_script("printf 'no-cage\\0\\1\\0\\0\\0other version\\0 filled up ' >&3");
	check_error(cagebox_run(spec, NULL, &end, &err), &err, "is not the cagebox of this library", 125, "one that says something else");
	use_script("printf 'cagebox\\0\\1\\0\\0\\0same version\\0 filled up. ' >&3; kill -9 $$");
	check_error(cagebox_run(spec, NULL, &end, &err), &err, "was killed by signal 9 before it was done", 125, "one that is killed");
	use_script("printf 'cagebox\\0\\1\\0\\0\\0same version\\0 filled up. ' >&3; head -c 12 <&3 >/dev/null; exit 3");
	check_error(cagebox_list(NULL, NULL, &err), &err, "ended before it was done", 125, "one that gives up");
	cagebox_use_program(NULL);
	check_end(cagebox_run(spec, NULL, &end, &err), &end, &err, "exit", 0, "and back to the one that was installed");
	cagebox_spec_free(spec);
}
