/* SPDX-License-Identifier: Zlib
 * What the library does when the program that it executes is missing, another one, or dies. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

/* Speak with the program as the library would. Returns whether it answers with text. */
static bool talk(unsigned version, const char *items, unsigned size, const char *text)
{
	const unsigned request[3] = { version, size, 0 };
	char answer[4096] = "";
	size_t used = 0;
	int pair[2];
	ssize_t n;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || (pid = fork()) < 0)
		exit(1);
	if (pid == 0) {
		dup2(pair[1], 9);
		dup2(9, 3);
		execlp("cagebox", "cagebox-embed", "list", NULL);
		_exit(1);
	}
	close(pair[1]);
	if (recv(pair[0], answer, 32, MSG_WAITALL) != 32 || write(pair[0], request, sizeof(request)) != sizeof(request))
		exit(1);
	/* By then it may have refused the request. */
	send(pair[0], items, size, MSG_NOSIGNAL);
	while ((n = read(pair[0], answer + used, sizeof(answer) - used)) > 0)
		used += (size_t)n;
	close(pair[0]);
	waitpid(pid, NULL, 0);
	return memmem(answer, used, text, strlen(text));
}

static void check_talk(void)
{
	check(talk(1, "=name\0x", 8, ""), "the program hears a request", "%s", "no answer");
	check(!talk(1, "=name\0x", 8, "damaged") && talk(1, "=name\0x", 7, "the settings are damaged"), "one that is cut off",
	      "%s", "not refused");
	check(talk(1, "?name\0x", 8, "the settings are damaged"), "one that it does not know", "%s", "not refused");
	check(talk(1, "=nosuch\0x", 10, "unknown setting 'nosuch'"), "a setting of a library that knows more", "%s",
	      "not refused");
	check(talk(2, "", 0, "the library speaks protocol 2, cagebox "), "a library of another version", "%s", "not refused");
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
	check_error(cagebox_stop("name", 0, NULL, &err), &err, "/bin/true is not the cagebox of this library", 125,
		    "another one");
	use_script("exec >&3; printf 'cagebox\\0\\377\\0\\0\\0other version\\0 filled up '; cat <&3 >&2");
	check_error(cagebox_run(spec, NULL, &end, &err), &err, "is cagebox other version and speaks protocol 255, this library",
		    125, "one of another version");
	use_script("printf 'no-cage\\0\\1\\0\\0\\0other version\\0 filled up ' >&3");
	check_error(cagebox_run(spec, NULL, &end, &err), &err, "is not the cagebox of this library", 125,
		    "one that says something else");
	use_script("printf 'cagebox\\0\\1\\0\\0\\0same version\\0 filled up. ' >&3; kill -9 $$");
	check_error(cagebox_run(spec, NULL, &end, &err), &err, "was killed by signal 9 before it was done", 125,
		    "one that is killed");
	use_script("printf 'cagebox\\0\\1\\0\\0\\0same version\\0 filled up. ' >&3; head -c 12 <&3 >/dev/null; exit 3");
	check_error(cagebox_list(NULL, NULL, &err), &err, "ended before it was done", 125, "one that gives up");
	cagebox_use_program(NULL);
	check_end(cagebox_run(spec, NULL, &end, &err), &end, &err, "exit", 0, "and back to the one that was installed");
	cagebox_spec_free(spec);
	check_talk();
}
