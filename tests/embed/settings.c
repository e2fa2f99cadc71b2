/* SPDX-License-Identifier: Zlib
 * Setting what a container is to be, and what is wrong with it. No container is made. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Names of the library's inside, which must not clash with the caller's. */
int err_set(void);
int spec_free(void);
int words_add(void);
int embed_send(void);

int err_set(void)
{
	return 1;
}

int spec_free(void)
{
	return 2;
}

int words_add(void)
{
	return 3;
}

int embed_send(void)
{
	return 4;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file)
		exit(1);
	fputs(text, file);
	fclose(file);
}

static void check_set(struct cagebox_spec *spec)
{
	struct cagebox_error err;

	check_error(cagebox_set(spec, "rooot", "/", &err), &err, "unknown setting 'rooot' (did you mean root?)", 125,
		    "an unknown setting, and what may be meant");
	check_error(cagebox_set(spec, "completely else", "/", &err), &err, "unknown setting 'completely else'", 125,
		    "one that is like none");
	check_error(cagebox_set(spec, "stop_timeout=1", "1", &err), &err, "unknown setting", 125, "a name is taken whole");
	check_error(cagebox_set(spec, "stop_timeout", "soon", &err), &err, "stop_timeout: 'soon'", 125,
		    "a bad value: the setting's name and the value");
	check_error(cagebox_set(spec, "name", "../x", &err), &err, "name: '../x' is not a name", 125, "a bad name");
	check_error(cagebox_set(spec, "root", NULL, &err), &err, "root needs a value: DIR", 125, "a value that is missing");
	check_error(cagebox_set(spec, "command", "sh -c 'open", &err), &err, "command: ", 125, "an open quote");
	check(cagebox_set(spec, "rooot", "/", NULL) == -1, "nobody has to want to know why", "no error");
	check(cagebox_set(spec, "read-only", NULL, &err) == 0, "a switch without a value, dash for underscore", "%s", err.text);
	check(cagebox_set(spec, "env", "A==b c", &err) == 0 && cagebox_set(spec, "env", "B=", &err) == 0, "a repeated setting",
	      "%s", err.text);
	check(err.num == 0 && err.code == 0 && !*err.text, "without an error there is none", "%s", err.text);
	check(cagebox_check(spec, &err) == 0, "after all these errors nothing of them is left", "%s", err.text);
}

static void check_files(struct cagebox_spec *spec)
{
	struct cagebox_error err;

	write_file("good.conf", "# comment\nstop_timeout=2s\nenv=C=3\n");
	write_file("bad.conf", "stop_timeout=2s\n\nnonsense=1\n");
	check(cagebox_load(spec, "good.conf", &err) == 0, "a configuration file", "%s", err.text);
	check_error(cagebox_load(spec, "bad.conf", &err), &err, "bad.conf:3: unknown key 'nonsense'", 125,
		    "an error in one, with file and line");
	check_error(cagebox_load(spec, "missing.conf", &err), &err, "open missing.conf: No such file", 125,
		    "one that is not there");
	check(err.num == 2, "with the errno", "%d", err.num);
}

static void check_whole(void)
{
	struct cagebox_spec *spec = cagebox_spec_new();
	struct cagebox_error err;
	char *huge = malloc(9 << 20);

	check(cagebox_check(spec, &err) == 0, "nothing set is a container too", "%s", err.text);
	must(cagebox_set(spec, "root", "/srv", &err), &err);
	must(cagebox_set(spec, "lower", "/srv", &err), &err);
	check_error(cagebox_check(spec, &err), &err, "root and lower exclude each other", 125,
		    "settings that do not go together");
	check_error(cagebox_start(spec, NULL, &err), &err, "root and lower exclude each other", 125, "nor at the start");
	if (!huge)
		exit(1);
	memset(huge, 'x', 9 << 20);
	huge[1] = '=';
	huge[(9 << 20) - 1] = 0;
	check_error(cagebox_set(spec, "env", huge, &err), &err, "the settings are longer than", 125, "there is a limit");
	free(huge);
	cagebox_spec_free(spec);
	cagebox_spec_free(NULL);
}

void check_settings(void)
{
	struct cagebox_spec *spec = cagebox_spec_new();

	check(strspn(cagebox_version(), "0123456789.") == strlen(cagebox_version()), "the version", "%s", cagebox_version());
	check_set(spec);
	check_files(spec);
	cagebox_spec_free(spec);
	check_whole();
	check(err_set() + spec_free() + words_add() + embed_send() == 10, "names of the inside are the caller's to use", " ");
}
