/* SPDX-License-Identifier: Zlib
 * Finding and reading configuration files. Host side. */
#include "box/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "box/dirs.h"
#include "sys/fd.h"

enum { CONFIG_MAX = 1 << 20 };

int config_read(const char *path, struct spec *s, struct spec_origins *origins, struct err *e)
{
	auto_fd int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, CONFIG_MAX, path, e);

	if (fd < 0)
		return err_sys(e, "open the configuration %s", path);
	return text ? spec_parse_file(s, path, text, origins, e) : -1;
}

char *config_path(const char *dir, const char *name, const char *suffix, struct err *e)
{
	auto_free char *own = dir ? NULL : dirs_path(DIRS_CONF, e);

	if ((!dir && !own) || spec_check_name(name, e) < 0)
		return NULL;
	return str_format(e, "%s/%s%s", dir ? dir : own, name, suffix);
}

int config_start(const char *name, struct box_options *o, struct box_result *r, struct err *e)
{
	auto_free char *path = config_path(NULL, name, CONFIG_SUFFIX, e);
	struct spec s;
	int result = -1;

	spec_init(&s);
	o->config = path;
	if (path && str_replace(&s.name, name, e) == 0 && config_read(path, &s, NULL, e) == 0)
		result = box_run(&s, o, r, e);
	o->config = NULL;
	spec_free(&s);
	return result;
}

/* Add the container that a directory entry is the configuration of, if it is one. */
static int add_name(const char *entry, const char *suffix, struct words *names, struct err *e)
{
	size_t len = strlen(entry), cut = strlen(suffix);

	if (*entry == '.' || len <= cut || strcmp(entry + len - cut, suffix) != 0)
		return 0;
	return words_add_n(names, entry, len - cut, e);
}

int config_names(const char *dir, const char *suffix, struct words *names, struct err *e)
{
	auto_free char *own = dir ? NULL : dirs_path(DIRS_CONF, e);
	DIR *d = dir || own ? opendir(dir ? dir : own) : NULL;
	struct dirent *entry;
	int result = 0;

	if (!dir && !own)
		return -1;
	if (!d)
		return err_sys(e, "read the directory %s of configurations", dir ? dir : own);
	while (result == 0 && (entry = readdir(d)))
		result = add_name(entry->d_name, suffix, names, e);
	closedir(d);
	words_sort(names);
	return result;
}
