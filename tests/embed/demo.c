/* SPDX-License-Identifier: Zlib
 * TinyContainer's demo, by the C library: settings in a struct, Run, and no entry point for a child.
 *
 *	demo run [-name NAME] [-fs DIR] [-tty] [-net] [-memory SIZE] [-cpuset LIST] [-cpushare N] [-detach] COMMAND */
#include <cagebox.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct container {
	const char *name, *fs_dir, *command;
	bool enable_tty, enable_network, detach;
	const char *memory_limit, *cpu_set, *cpu_share;
};

static bool fill(struct cagebox_spec *spec, const struct container *c, struct cagebox_error *err)
{
	const struct {
		const char *name, *value;
	} settings[] = {
		{ "name", c->name },
		{ "root", c->fs_dir },
		{ "command", c->command },
		{ "tty", c->enable_tty ? "yes" : "no" },
		{ "net", c->enable_network ? "host" : "none" },
		{ "max_physical_memory", c->memory_limit },
		{ "cpuset", c->cpu_set },
		{ "cpu_share", c->cpu_share },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (settings[i].value && cagebox_set(spec, settings[i].name, settings[i].value, err) < 0)
			return false;
	return true;
}

static void warn(const char *text, void *data)
{
	fprintf(stderr, "%s: warning: %s\n", (const char *)data, text);
}

/* Returns the exit code. */
static int run(const struct container *c, char *self)
{
	struct cagebox_spec *spec = cagebox_spec_new();
	struct cagebox_error err = { 0, 125, "memory is short" };
	struct cagebox_end end;
	int result = -1;

	if (spec && fill(spec, c, &err)) {
		cagebox_set_warn(spec, warn, self);
		result = c->detach ? cagebox_start(spec, end.name, &err) : cagebox_run(spec, NULL, &end, &err);
	}
	cagebox_spec_free(spec);
	if (result < 0) {
		fprintf(stderr, "%s: %s\n", self, err.text);
		return err.code;
	}
	if (c->detach)
		puts(end.name);
	return c->detach ? 0 : end.code;
}

int main(int argc, char **argv)
{
	struct container c = { 0 };
	int i = 2;

	if (argc < 3 || strcmp(argv[1], "run") != 0) {
		fprintf(stderr, "usage: demo run [OPTION...] COMMAND\n");
		return 125;
	}
	for (; i < argc && argv[i][0] == '-'; i++) {
		const char *option = argv[i] + 1, **value = NULL;

		if (!strcmp(option, "tty"))
			c.enable_tty = true;
		else if (!strcmp(option, "net"))
			c.enable_network = true;
		else if (!strcmp(option, "detach"))
			c.detach = true;
		else
			value = !strcmp(option, "name")     ? &c.name :
				!strcmp(option, "fs")       ? &c.fs_dir :
				!strcmp(option, "memory")   ? &c.memory_limit :
				!strcmp(option, "cpuset")   ? &c.cpu_set :
				!strcmp(option, "cpushare") ? &c.cpu_share :
							      NULL;
		if (value && i + 1 < argc)
			*value = argv[++i];
	}
	c.command = i < argc ? argv[i] : NULL;
	return run(&c, argv[0]);
}
