/* SPDX-License-Identifier: Zlib
 * Directories of root and of users. Host side. */
#include "box/dirs.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/path.h"

static const struct {
	const char *root, *variable, *below_home;
} places[] = {
	[DIRS_RUN] = { RUNDIR, "XDG_RUNTIME_DIR", NULL },
	[DIRS_CONF] = { CONFDIR, "XDG_CONFIG_HOME", ".config" },
	[DIRS_LOG] = { LOGDIR, "XDG_STATE_HOME", ".local/state" },
	[DIRS_LIB] = { LIBDIR, "XDG_DATA_HOME", ".local/share" },
};

/* Where nothing tells. What others could have put into /tmp is refused by who opens it. */
static char *runtime_path(struct err *e)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/run/user/%u", geteuid());
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid())
		return str_format(e, "%s/cagebox", path);
	return str_format(e, "/tmp/cagebox-%u", geteuid());
}

char *dirs_path(enum dirs which, struct err *e)
{
	const char *base = getenv(places[which].variable), *home = getenv("HOME");

	if (geteuid() == 0)
		return str_format(e, "%s", places[which].root);
	/* One that is not absolute does not count, says the specification. */
	if (base && *base == '/')
		return str_format(e, "%s/cagebox", base);
	if (which == DIRS_RUN)
		return runtime_path(e);
	if (home && *home == '/')
		return str_format(e, "%s/%s/cagebox", home, places[which].below_home);
	err_set(e, "neither HOME nor %s is set", places[which].variable);
	return NULL;
}

int dirs_make(const char *path, struct err *e)
{
	mode_t mask = umask(geteuid() == 0 ? 027 : 077);
	int result = path_make_host(path, e);

	umask(mask);
	return result;
}
