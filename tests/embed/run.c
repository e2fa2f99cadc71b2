/* SPDX-License-Identifier: Zlib
 * Running containers and waiting for them: what comes in, what comes out, how they end. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static void check_ends(void)
{
	static const struct {
		const char *script, *reason;
		int code;
	} cases[] = { { "exit 0", "exit", 0 },
		      { "exit 3", "exit", 3 },
		      { "kill -TERM $$", "signal", 143 },
		      { "kill -SEGV $$", "signal", 139 } };
	struct cagebox_error err;
	struct cagebox_end end;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct cagebox_spec *spec = shell(NULL, cases[i].script);

		check_end(cagebox_run(spec, NULL, &end, &err), &end, &err, cases[i].reason, cases[i].code, cases[i].script);
		check(*end.name, "its name is told", "none");
		cagebox_spec_free(spec);
	}
}

static void check_failures(void)
{
	struct cagebox_spec *spec = cagebox_spec_new();
	struct cagebox_error err;
	struct cagebox_end end;

	must(cagebox_set(spec, "root", "/nonexistent/root", &err), &err);
	check_error(cagebox_run(spec, NULL, &end, &err), &err, "/nonexistent/root", 125, "a root that is missing is named");
	check(err.num == 2, "with the errno", "%d", err.num);
	must(cagebox_set(spec, "root", root, &err), &err);
	must(cagebox_set(spec, "command", "/nonexistent/program", &err), &err);
	check_error(cagebox_run(spec, NULL, &end, &err), &err, "/nonexistent/program", 127, "a command that is not found");
	must(cagebox_set(spec, "command", "/etc/passwd", &err), &err);
	check_error(cagebox_run(spec, NULL, &end, &err), &err, "/etc/passwd", 126, "one that cannot be run");
	check_error(cagebox_start(spec, NULL, &err), &err, "/etc/passwd", 126, "nor detached");
	must(cagebox_set(spec, "command", "true", &err), &err);
	check_error(cagebox_run(spec, (const int[]){ 0, 1, 999 }, &end, &err), &err, "duplicate descriptor 999", 125,
		    "a stream that is not open");
	cagebox_spec_free(spec);
}

static void check_values(void)
{
	const char *argv[] = { "sh",  "-c", "echo \"$#:$0:$1:$2:$3:$A:$B:$C:$PWD\"; id -u", "odd \n\1\xff=", "", "$(id)",
			       "x=y", NULL };
	struct cagebox_spec *spec = shell(NULL, "exit 9");
	struct cagebox_error err;
	struct cagebox_end end;
	char out[512];

	must(cagebox_set_command(spec, argv, &err), &err);
	must(cagebox_set(spec, "env", "A=first", &err), &err);
	must(cagebox_set(spec, "env", "A=one two\n=", &err), &err);
	must(cagebox_set(spec, "env", "B=", &err), &err);
	must(cagebox_set(spec, "cwd", "/etc", &err), &err);
	must(cagebox_load(spec, "good.conf", &err), &err);
	must(cagebox_set(spec, "user", "app", &err), &err);
	check_end(run_for_output(spec, out, sizeof(out), &end, &err), &end, &err, "exit", 0, "a container with many settings");
	check(!strcmp(out, "3:odd \n\1\xff=::$(id):x=y:one two\n=::3:/etc\n1000"), "every byte arrives as it was set", "%s",
	      out);
	must(cagebox_set(spec, "command", "sh -c 'echo again'", &err), &err);
	check_end(run_for_output(spec, out, sizeof(out), &end, &err), &end, &err, "exit", 0, "a spec can be used again");
	check(!strcmp(out, "again"), "with another command, as one string", "%s", out);
	cagebox_spec_free(spec);
}

/* More than fits into a socket at once. */
static void check_much(void)
{
	enum { COUNT = 12, SIZE = 100000 };
	struct cagebox_spec *spec = shell(NULL, "echo ${#V0} ${#V11}");
	struct cagebox_error err;
	struct cagebox_end end;
	char text[SIZE + 8], out[64];

	for (int i = 0; i < COUNT; i++) {
		int len = snprintf(text, sizeof(text), "V%d=", i);

		memset(text + len, 'v', SIZE);
		text[len + SIZE] = 0;
		must(cagebox_set(spec, "env", text, &err), &err);
	}
	check_end(run_for_output(spec, out, sizeof(out), &end, &err), &end, &err, "exit", 0, "a megabyte of settings");
	check(!strcmp(out, "100000 100000"), "arrives", "%s", out);
	cagebox_spec_free(spec);
}

/* The caller's descriptors in any order. */
static void check_streams(void)
{
	struct cagebox_spec *spec = shell(NULL, "read x; echo out $x; echo err >&2; readlink /proc/self/fd/0 | cut -c 1-5");
	struct cagebox_error err;
	struct cagebox_end end;
	int in[2], out[2], kept[3];
	char text[64] = "";

	if (pipe(in) < 0 || pipe(out) < 0 || write(in[1], "line\n", 5) != 5)
		exit(1);
	for (int fd = 0; fd < 3; fd++)
		kept[fd] = dup(fd);
	/* What the container is to have as 0, 1 and 2 the caller has as 2, 0 and 1. */
	dup2(in[0], 2);
	dup2(out[1], 0);
	dup2(out[1], 1);
	int result = cagebox_run(spec, (const int[]){ 2, 0, 1 }, &end, &err);
	for (int fd = 0; fd < 3; fd++) {
		dup2(kept[fd], fd);
		close(kept[fd]);
	}
	check_end(result, &end, &err, "exit", 0, "streams that are each other's numbers");
	close(out[1]);
	if (read(out[0], text, sizeof(text) - 1) < 0)
		exit(1);
	check(!strcmp(text, "out line\nerr\npipe:\n"), "each is where it belongs", "%s", text);
	close(in[0]), close(in[1]), close(out[0]);
	cagebox_spec_free(spec);
}

static void remember(const char *text, void *data)
{
	snprintf(data, 256, "%s", text);
}

static void check_warning(void)
{
	struct cagebox_spec *spec = shell(NULL, "exit 0");
	struct cagebox_error err;
	struct cagebox_end end;
	char text[256] = "";

	must(cagebox_set(spec, "mount", "/nonexistent/source:/mnt:optional", &err), &err);
	check_end(cagebox_run(spec, NULL, &end, &err), &end, &err, "exit", 0, "what is optional may be missing");
	cagebox_set_warn(spec, remember, text);
	must(cagebox_run(spec, NULL, &end, &err), &err);
	check(strstr(text, "/nonexistent/source"), "who wants to is told", "%s", text);
	*text = 0;
	must(cagebox_start(spec, NULL, &err), &err);
	check(strstr(text, "/nonexistent/source"), "of a detached one too", "%s", text);
	cagebox_spec_free(spec);
}

void check_run(void)
{
	check_ends();
	check_failures();
	check_values();
	check_much();
	check_streams();
	check_warning();
}
