/* SPDX-License-Identifier: Zlib
 * Whose directories are where (box/dirs.h): root's do not depend on the environment, others' do. Prints TAP; needs root. */
#include "box/dirs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "tap.h"

enum { USER = 54321 };

static const struct {
	enum dirs which;
	const char *variable, *value, *home, *path;
} users[] = {
	{ DIRS_RUN, "XDG_RUNTIME_DIR", "/r", NULL, "/r/cagebox" },
	{ DIRS_RUN, "XDG_RUNTIME_DIR", "", "/h", "/tmp/cagebox-54321" },
	{ DIRS_RUN, "XDG_RUNTIME_DIR", "r", "/h", "/tmp/cagebox-54321" },
	{ DIRS_RUN, "XDG_RUNTIME_DIR", NULL, NULL, "/tmp/cagebox-54321" },
	{ DIRS_CONF, "XDG_CONFIG_HOME", "/c", "/h", "/c/cagebox" },
	{ DIRS_CONF, "XDG_CONFIG_HOME", NULL, "/h", "/h/.config/cagebox" },
	{ DIRS_LOG, "XDG_STATE_HOME", "/s", "/h", "/s/cagebox" },
	{ DIRS_LOG, "XDG_STATE_HOME", "s", "/h", "/h/.local/state/cagebox" },
	{ DIRS_LIB, "XDG_DATA_HOME", "/d", NULL, "/d/cagebox" },
	{ DIRS_LIB, "XDG_DATA_HOME", NULL, "/h", "/h/.local/share/cagebox" },
	{ DIRS_LIB, "XDG_DATA_HOME", NULL, "h", NULL },
	{ DIRS_LOG, "XDG_STATE_HOME", NULL, NULL, NULL },
};

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void test_path(const char *who, size_t i, const char *wanted)
{
	struct err e = { .text = "" };
	auto_free char *path = NULL;

	set(users[i].variable, users[i].value);
	set("HOME", users[i].home);
	path = dirs_path(users[i].which, &e);
	tap_ok(wanted ? path && !strcmp(path, wanted) : !path && strstr(e.text, "neither HOME nor"), __LINE__,
	       "%s: %s=%s HOME=%s: %s", who, users[i].variable, users[i].value ? users[i].value : "-",
	       users[i].home ? users[i].home : "-", path ? path : e.text);
}

static void test_make(const char *who, mode_t mode)
{
	char top[] = "/tmp/box_dirs.XXXXXX", above[40] = "", path[48] = "";
	struct err e = { .text = "" };
	struct stat st;
	bool made;

	if (mkdtemp(top)) {
		snprintf(above, sizeof(above), "%s/a", top);
		snprintf(path, sizeof(path), "%s/b", above);
	}
	made = dirs_make(path, &e) == 0 && stat(path, &st) == 0;
	tap_ok(made && (st.st_mode & 0777) == mode && stat(above, &st) == 0 && (st.st_mode & 0777) == mode, __LINE__,
	       "%s: it is made: %s", who, e.text);
	tap_ok(dirs_make(path, &e) == 0, __LINE__, "%s: it may be there", who);
	rmdir(path);
	rmdir(above);
	rmdir(top);
}

int main(void)
{
	static const char *const roots[] = {
		[DIRS_RUN] = RUNDIR, [DIRS_CONF] = CONFDIR, [DIRS_LOG] = LOGDIR, [DIRS_LIB] = LIBDIR
	};

	umask(0);
	for (size_t i = 0; i < sizeof(users) / sizeof(*users); i++)
		test_path("root", i, roots[users[i].which]);
	test_make("root", 0750);
	if (seteuid(USER) < 0)
		return 1;
	for (size_t i = 0; i < sizeof(users) / sizeof(*users); i++)
		test_path("user", i, users[i].path);
	test_make("user", 0700);
	return tap_done();
}
