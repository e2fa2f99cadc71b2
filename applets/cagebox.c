/* SPDX-License-Identifier: Zlib
 * The multicall command itself: finds the applet by name, lists and installs them. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applet.h"
#include "base/str.h"
#include "box/end.h"
#include "spec/keys.h"
#include "sys/caps.h"

int applet_fail(const struct applet *self, const struct err *e)
{
	struct err clean = *e;

	str_clean(clean.text);
	fprintf(stderr, "cagebox: %s: %s\n", self->name, clean.text);
	return err_code(e);
}

int applet_error(const struct applet *self, const char *format, ...)
{
	struct err e = { 0 };
	va_list ap;

	va_start(ap, format);
	vsnprintf(e.text, sizeof(e.text), format, ap);
	va_end(ap);
	return applet_fail(self, &e);
}

void applet_warn(const void *self, const char *text)
{
	const struct applet *a = self;

	fprintf(stderr, "cagebox: %s: warning: %s\n", a->name, text);
}

static int stop_one(const struct applet *self, const char *name, int timeout_ms)
{
	struct ending ending;
	struct err e;

	return end_stop(name, timeout_ms, &ending, &e) < 0 ? applet_fail(self, &e) : 0;
}

/* Each waits for its own container in a process of its own, so that they go down together. */
int applet_stop_names(const struct applet *self, char *const *names, int timeout_ms)
{
	int status = 0, one;

	if (*names && !names[1])
		return stop_one(self, *names, timeout_ms);
	for (; *names; names++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(stop_one(self, *names, timeout_ms));
		if (pid < 0)
			status = applet_error(self, "stop %s: cannot fork", *names);
	}
	while (wait(&one) > 0)
		if (!WIFEXITED(one) || WEXITSTATUS(one))
			status = WIFEXITED(one) ? WEXITSTATUS(one) : EXIT_CAGEBOX;
	return status;
}

/* Whether word is one of the blank-separated words of list. */
static bool is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; p && *p; p += strcspn(p, " "), p += *p == ' ')
		if (strcspn(p, " ") == len && !strncmp(p, word, len))
			return true;
	return false;
}

const struct opt *applet_keys(const struct applet *self, size_t *n)
{
	struct opt *rows;

	*n = self->keys ? spec_nkeys : 0;
	if (!self->keys || *self->keys == '*')
		return spec_keys;
	rows = calloc(spec_nkeys, sizeof(*rows));
	*n = 0;
	for (size_t i = 0; rows && i < spec_nkeys; i++)
		if (is_listed(self->keys, spec_keys[i].name))
			rows[(*n)++] = spec_keys[i];
	return rows;
}

void applet_help(const struct applet *self, FILE *out)
{
	size_t n;
	const struct opt *keys = applet_keys(self, &n);

	fprintf(out, "usage: %s%s%s\n\n%s.\n", self->name, *self->synopsis ? " " : "", self->synopsis, self->help);
	if (self->details)
		fprintf(out, "\n%s\n", self->details);
	if (self->nopts)
		fprintf(out, "\nOptions:\n");
	opt_help(out, self->opts, self->nopts, OPT_NO_RUN);
	if (n)
		fprintf(out, "\n%s:\n", *self->keys == '*' ? "The container" : "Options");
	opt_help(out, keys, n, OPT_NO_RUN);
}

/* status, unless what was printed could not be written. */
static int output_status(const char *name, int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "cagebox: %s: write to standard output: %s\n", name, strerror(errno));
	return status ? status : EXIT_CAGEBOX;
}

int applet_parse(const struct applet *self, void *target, void *spec, int argc, char **argv)
{
	size_t n;
	const struct opt *keys = applet_keys(self, &n);
	const struct opt_set_of sets[] = { { self->opts, self->nopts, target }, { keys, n, spec }, { 0 } };
	struct err e;
	int first = opt_parse(self->nopts ? sets : sets + 1, argc, argv, &e);

	if (first >= 0)
		return first;
	if (first == OPT_HELP)
		applet_help(self, stdout);
	else if (first == OPT_VERSION)
		printf("%s (cagebox %s)\n", self->name, VERSION);
	else
		exit(applet_fail(self, &e));
	exit(output_status(self->name, 0));
}

static const struct applet *applet_find(const char *name)
{
	for (size_t i = 0; applets[i]; i++)
		if (!strcmp(applets[i]->name, name) || is_listed(applets[i]->aliases, name))
			return applets[i];
	return NULL;
}

static int list_applets(FILE *out)
{
	fprintf(out, "cagebox %s: isolates programs, in one file. Every applet tells more with --help.\n\n", VERSION);
	fprintf(out, "usage: cagebox APPLET [ARGUMENT...]\n"
		     "       cagebox --install [-s] DIR      link every applet into DIR (-s: symbolic links)\n\nApplets:\n");
	for (size_t i = 0; applets[i]; i++)
		if (!applets[i]->hidden)
			fprintf(out, "  %-12s %s%s%s%s\n", applets[i]->name, applets[i]->help,
				applets[i]->aliases ? " (also: " : "", applets[i]->aliases ? applets[i]->aliases : "",
				applets[i]->aliases ? ")" : "");
	return 0;
}

static int unknown(const char *name)
{
	const char *best = NULL;
	unsigned least = 4;
	char *shown = strdup(name);

	for (size_t i = 0; applets[i]; i++) {
		unsigned d = str_distance(name, applets[i]->name);

		if (d < least && d < strlen(name) && !applets[i]->hidden) {
			least = d;
			best = applets[i]->name;
		}
	}
	if (shown)
		str_clean(shown);
	fprintf(stderr, "cagebox: no applet is called '%s'", shown ? shown : "?");
	free(shown);
	fprintf(stderr, best ? ": did you mean '%s'?\n" : "; 'cagebox' alone lists them\n", best);
	return EXIT_NOT_FOUND;
}

/* Link dir/name to the binary at self. A link that is there already is replaced, anything else is left alone. */
static int link_one(int dir, const char *dir_name, const char *self, const char *name, bool symbolic)
{
	struct stat there, mine;

	if (fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && stat(self, &mine) == 0 &&
	    (S_ISLNK(there.st_mode) || (there.st_dev == mine.st_dev && there.st_ino == mine.st_ino)) &&
	    unlinkat(dir, name, 0) < 0)
		goto failed;
	if (symbolic ? symlinkat(self, dir, name) == 0 : linkat(AT_FDCWD, self, dir, name, 0) == 0)
		return 0;
failed:
	fprintf(stderr, "cagebox: --install: link %s/%s to %s: %s\n", dir_name, name, self, strerror(errno));
	return EXIT_CAGEBOX;
}

/* Native applets are linked as cagebox-NAME, since kill, ps, wait and others belong to the system. */
static int link_all(int dir, const char *dir_name, const char *self, bool symbolic)
{
	int status = 0;

	for (size_t i = 0; applets[i]; i++) {
		char name[64];

		if (applets[i]->hidden)
			continue;
		snprintf(name, sizeof(name), "%s%s", applets[i]->bare ? "" : "cagebox-", applets[i]->name);
		status |= link_one(dir, dir_name, self, name, symbolic);
	}
	return status;
}

/* --install [-s] DIR */
static int install(int argc, char **argv)
{
	bool symbolic = argc == 4 && !strcmp(argv[2], "-s");
	char self[4096];
	int dir, status;

	if (argc != 3 + symbolic || argv[argc - 1][0] == '-') {
		fprintf(stderr, "cagebox: usage: cagebox --install [-s] DIR\n");
		return EXIT_CAGEBOX;
	}
	if (!realpath("/proc/self/exe", self)) {
		fprintf(stderr, "cagebox: --install: find the binary by /proc/self/exe: %s\n", strerror(errno));
		return EXIT_CAGEBOX;
	}
	dir = open(argv[argc - 1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		fprintf(stderr, "cagebox: --install: open %s: %s\n", argv[argc - 1], strerror(errno));
		return EXIT_CAGEBOX;
	}
	status = link_all(dir, argv[argc - 1], self, symbolic);
	close(dir);
	return status;
}

/* The program may have been started with any of 0, 1 and 2 closed. Fill the gaps with descriptors that fail like a closed
 * one, so that nothing opened later becomes a standard stream and a lost output is still an error. */
static void fill_standard_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
			_exit(EXIT_CAGEBOX);
}

/* No applet needs the setuid bit or capabilities of the file, and none honours them. */
static void drop_setuid(void)
{
	if (!getauxval(AT_SECURE))
		return;
	if (setresgid(getgid(), getgid(), getgid()) || setresuid(getuid(), getuid(), getuid()))
		_exit(EXIT_CAGEBOX);
	/* Nor capabilities of the file. */
	if (getuid() && caps_drop() < 0)
		_exit(EXIT_CAGEBOX);
	/* Nothing but its caller's now, whose files in /proc it must be able to open. */
	prctl(PR_SET_DUMPABLE, 1);
}

static int run_applet(const struct applet *a, int argc, char **argv)
{
	return output_status(a->name, a->main(a, argc, argv));
}

int main(int argc, char **argv)
{
	const char *name = argc ? strrchr(argv[0], '/') : "cagebox";
	const struct applet *a;

	drop_setuid();
	fill_standard_streams();
	name = !name ? argv[0] : *name == '/' ? name + 1 : name;
	name += *name == '-'; /* a login shell's argv[0] */
	a = applet_find(strncmp(name, "cagebox-", 8) ? name : name + 8);
	if (a)
		return run_applet(a, argc, argv);
	if (strncmp(name, "cagebox", 7) != 0)
		return unknown(name);
	if (argc < 2)
		return list_applets(stdout);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return list_applets(stdout);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return printf("cagebox %s\n", VERSION) < 0 ? EXIT_CAGEBOX : 0;
	if (!strcmp(argv[1], "--install"))
		return install(argc, argv);
	a = applet_find(argv[1]);
	return a ? run_applet(a, argc - 1, argv + 1) : unknown(argv[1]);
}
