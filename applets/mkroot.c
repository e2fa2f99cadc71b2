/* SPDX-License-Identifier: Zlib
 * mkroot: a root or an initramfs out of nothing but this binary. Host side. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "applet.h"
#include "base/num.h"
#include "box/skel.h"

struct options {
	bool cpio, force;
	const char *applets;
};

static const struct opt opts[] = {
	OPT(struct options, cpio, 0, "cpio", NULL, "write an initramfs archive (newc) to FILE, or to standard output (-)"),
	OPT(struct options, force, 'f', "force", NULL, "replace files that are there already"),
	OPT(struct options, applets, 'a', "applets", "APPLETS", "link only these, a list in one word (init is always linked)"),
};

static const struct applet *find(const char *name)
{
	for (size_t i = 0; applets[i]; i++)
		if (!applets[i]->hidden && !strcmp(applets[i]->name, name))
			return applets[i];
	return NULL;
}

static bool has(const struct words *w, const char *name)
{
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->v[i], name))
			return true;
	return false;
}

/* Named as `cagebox --install` does it. */
static int add_link(struct words *links, const struct applet *a, struct err *e)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", a->bare ? "" : "cagebox-", a->name);
	return has(links, name) ? 0 : words_add(links, name, e);
}

/* The names in /sbin for the binary: init, and those of the applets in list (NULL: all of this build). */
static int choose_links(struct words *links, const char *list, struct err *e)
{
	struct words wanted = { 0 };
	int result = find("init") ? words_add(links, "init", e) : 0;

	if (result == 0 && list && words_split_command(&wanted, list, e) < 0)
		result = err_prefix(e, "--applets");
	for (size_t i = 0; result == 0 && i < wanted.n; i++)
		if (!find(wanted.v[i]))
			result = err_set(e, "--applets: no applet is called '%s'", wanted.v[i]);
	for (size_t i = 0; result == 0 && applets[i]; i++)
		if (list ? has(&wanted, applets[i]->name) : !applets[i]->hidden)
			result = add_link(links, applets[i], e);
	words_free(&wanted);
	return result;
}

/* https://reproducible-builds.org/specs/source-date-epoch/; newc has 32 bits for it. */
static int choose_mtime(uint32_t *mtime, struct err *e)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds = 0;

	if (text && num_parse(text, 0, UINT32_MAX, &seconds, e) < 0)
		return err_prefix(e, "SOURCE_DATE_EPOCH");
	*mtime = (uint32_t)seconds;
	return 0;
}

static int write_archive(const struct options *o, const char *file, const struct words *links, struct err *e)
{
	uint32_t mtime = 0;

	if (choose_mtime(&mtime, e) < 0)
		return -1;
	if (strcmp(file, "-") != 0)
		return skel_to_file(file, links, mtime, o->force, e);
	if (isatty(STDOUT_FILENO))
		return err_set(e, "standard output is a terminal: the archive goes to a file or a pipe");
	return skel_to_fd(STDOUT_FILENO, "standard output", links, mtime, e);
}

static int write_tree(const struct options *o, const char *dir, const struct words *links, struct err *e)
{
	struct words kept = { 0 };
	int result = strcmp(dir, "-") ? skel_to_dir(dir, links, o->force, &kept, e) :
					err_set(e, "standard output takes an archive only: --cpio");

	for (size_t i = 0; result == 0 && i < kept.n; i++)
		printf("kept %s\n", kept.v[i]);
	words_free(&kept);
	return result;
}

/* An interrupt half way would leave a part, which the next call would take for files to be kept: it has to wait the short
 * time until all is there. Standard output can block for long and leaves nothing behind. */
static void hold_signals(void)
{
	static const int held[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(held) / sizeof(*held); i++)
		sigaddset(&set, held[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static int mkroot_main(const struct applet *self, int argc, char **argv)
{
	struct options o = { 0 };
	struct words links = { 0 };
	int first = applet_parse(self, &o, NULL, argc, argv), result;
	struct err e;

	if (argc - first != 1 || !*argv[first])
		return applet_error(self, "usage: mkroot %s", self->synopsis);
	result = choose_links(&links, o.applets, &e);
	if (strcmp(argv[first], "-") != 0)
		hold_signals();
	if (result == 0)
		result = (o.cpio ? write_archive : write_tree)(&o, argv[first], &links, &e);
	words_free(&links);
	return result < 0 ? applet_fail(self, &e) : 0;
}

const struct applet applet_mkroot = {
	.name = "mkroot",
	.synopsis = "[-f] [-a APPLETS] DIR | --cpio [-f] [-a APPLETS] FILE|-",
	.help = "make the root of a container or of a machine out of this binary",
	.details =
		"DIR gets a skeleton (/etc, mount points, hook directories), this binary as /sbin/cagebox and its links, /init among\n"
		"them. What is there already is kept and named on standard output. An archive with the same and /dev/console and\n"
		"/dev/null boots as a kernel's initramfs; it is the same to the byte each time, dated SOURCE_DATE_EPOCH or 1970.",
	.opts = opts,
	.nopts = sizeof(opts) / sizeof(*opts),
	.main = mkroot_main,
};
