/* SPDX-License-Identifier: Zlib
 * manual: the manual page and the shell completions, made of the tables that the parsers use. */
#include <string.h>

#include "applet.h"
#include "spec/keys.h"

/* Text for roff: a backslash, a dash or a leading dot or quote would mean something there. */
static void roff(const char *text)
{
	for (const char *p = text; *p; p++) {
		if ((p == text || p[-1] == '\n') && (*p == '.' || *p == '\''))
			printf("\\&");
		if (*p == '-' || *p == '\\')
			putchar('\\');
		putchar(*p == '\\' ? 'e' : *p);
	}
}

/* The name as it is written on a command line. */
static void option_name(const struct opt *o)
{
	printf("--");
	for (const char *p = o->name; *p; p++)
		putchar(*p == '_' ? '-' : *p);
}

static void man_rows(const struct opt *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct opt *o = &rows[i];

		if (o->flags & OPT_NO_RUN)
			continue;
		printf(".TP\n\\fB");
		if (o->letter)
			printf("\\-%c%s", o->letter, o->name ? ", " : "");
		if (o->name) {
			printf("\\-\\-");
			for (const char *p = o->name; *p; p++)
				printf(*p == '_' ? "\\-" : "%c", *p);
		}
		printf("\\fR");
		if (o->arg) {
			printf(o->flags & OPT_OPTIONAL ? "[=\\fI" : " \\fI");
			roff(o->arg);
			printf(o->flags & OPT_OPTIONAL ? "\\fR]" : "\\fR");
		}
		printf("\n");
		roff(o->help);
		printf("%s.\n", o->flags & OPT_REPEATS ? "; may be given several times" : "");
	}
}

static void man_page(void)
{
	printf(".TH CAGEBOX 1 \"\" \"cagebox %s\"\n.SH NAME\ncagebox \\- isolates programs, in one file\n", VERSION);
	printf(".SH SYNOPSIS\n\\fBcagebox\\fR \\fIAPPLET\\fR [\\fIARGUMENT\\fR...]\n.SH APPLETS\n");
	for (size_t i = 0; applets[i]; i++) {
		const struct applet *a = applets[i];

		if (a->hidden)
			continue;
		printf(".SS \"");
		roff(a->name);
		printf(" ");
		roff(a->synopsis);
		printf("\"\n");
		roff(a->help);
		printf(".\n");
		if (a->details) {
			printf(".PP\n");
			roff(a->details);
			printf("\n");
		}
		man_rows(a->opts, a->nopts);
		if (a->keys && *a->keys != '*') {
			size_t n;
			const struct opt *keys = applet_keys(a, &n);

			man_rows(keys, n);
		}
	}
	printf(".SH SETTINGS\nThe settings of a container: options of \\fBrun\\fR, and with underscores for dashes the keys of a\n"
	       "configuration file.\n");
	man_rows(spec_keys, spec_nkeys);
	printf(".SH EXIT STATUS\nThe command's own; 128+N when signal N ended it; 125 when cagebox failed or was called wrongly; 126 when\n"
	       "the command cannot be run; 127 when it is not found.\n"
	       ".SH SEE ALSO\n\\fBcagebox\\-capabilities\\fR(7), \\fBcagebox\\-compat\\fR(7)\n");
}

static void option_words(const struct opt *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].flags & OPT_NO_RUN || !rows[i].name)
			continue;
		option_name(&rows[i]);
		putchar(' ');
	}
}

static void bash_completion(void)
{
	printf("# bash completion for cagebox\n_cagebox()\n{\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} options=\n"
	       "\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\toptions='");
	for (size_t i = 0; applets[i]; i++)
		if (!applets[i]->hidden)
			printf("%s ", applets[i]->name);
	printf("--install --help --version'\n\telse\n\t\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; applets[i]; i++) {
		size_t n;
		const struct opt *keys = applet_keys(applets[i], &n);

		if (applets[i]->hidden)
			continue;
		printf("\t\t%s) options='", applets[i]->name);
		option_words(applets[i]->opts, applets[i]->nopts);
		option_words(keys, n);
		printf("--help' ;;\n");
	}
	printf("\t\tesac\n"
	       "\t\tcase ${COMP_WORDS[1]} in stop | kill | wait | exec | inspect | attach) options=\"$options $(cagebox list -q 2>/dev/null)\" ;; esac\n"
	       "\tfi\n"
	       "\tmapfile -t COMPREPLY < <(compgen -o default -W \"$options\" -- \"$word\")\n}\n"
	       "complete -o default -F _cagebox cagebox\n");
}

static int manual_main(const struct applet *self, int argc, char **argv)
{
	int first = applet_parse(self, NULL, NULL, argc, argv);

	if (first + 1 == argc && !strcmp(argv[first], "man"))
		man_page();
	else if (first + 1 == argc && !strcmp(argv[first], "bash"))
		bash_completion();
	else
		return applet_error(self, "usage: manual %s", self->synopsis);
	return 0;
}

const struct applet applet_manual = {
	.name = "manual",
	.synopsis = "man|bash",
	.help = "print the manual page, or the completions for bash",
	.details = "For example: cagebox manual man | man -l -",
	.main = manual_main,
};
