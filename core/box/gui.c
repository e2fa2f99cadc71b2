/* SPDX-License-Identifier: Zlib
 * The caller's display and sound as mounts and environment of a spec. Host side: looks, changes nothing. */
#include "box/gui.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/num.h"
#include "base/str.h"
#include "box/user.h"
#include "sys/path.h"

static const char x11_sockets[] = "/tmp/.X11-unix";

struct gui {
	struct spec *s;
	uid_t caller;
	char *run;       /* the caller's runtime directory, owned */
	char inside[32]; /* the container's */
	char home[256];  /* the caller's, where HOME is not */
	size_t at;       /* where in the spec's mounts the next one goes */
	bool refused;    /* something was there but is not what it should be */
};

/* What is shown in the container's runtime directory if the caller has it. */
struct thing {
	const char *variable; /* the caller's name for it; NULL: always the usual one */
	const char *usual;    /* below the runtime directory, or home */
	bool home;
	mode_t type;
	bool writable;
	const char *name;        /* inside */
	const char *tell, *rest; /* the variable that leads there, put around the path; NULL: none is needed */
};

static const struct thing authority = { "XAUTHORITY", ".Xauthority", true, S_IFREG, false, "Xauthority", "XAUTHORITY=", "" };

/* PulseAudio's own search finds the socket too, but only in a directory that belongs to whoever searches. Its key must be
 * one that can be written: it is opened so, and a read-only file system is taken for a failure. */
static const struct thing sound[] = {
	{ NULL, "pulse", false, S_IFDIR, false, "pulse", "PULSE_SERVER=unix:", "/native" },
	{ "PULSE_COOKIE", ".config/pulse/cookie", true, S_IFREG, true, "pulse-cookie", "PULSE_COOKIE=", "" },
	{ "PIPEWIRE_REMOTE", "pipewire-0", false, S_IFSOCK, false, "pipewire-0", NULL, NULL },
};

static const char *const wayland_env[] = {
	"XDG_SESSION_TYPE=wayland", "GDK_BACKEND=wayland",  "SDL_VIDEODRIVER=wayland",       "CLUTTER_BACKEND=wayland",
	"QT_QPA_PLATFORM=wayland",  "MOZ_ENABLE_WAYLAND=1", "_JAVA_AWT_WM_NONREPARENTING=1",
};

/* --- the spec ----------------------------------------------------------------------------------------------------- */

/* The value that s gives a variable; name may be NAME=VALUE. */
static const char *env_value(const struct spec *s, const char *name)
{
	size_t len = strcspn(name, "=");
	const char *value = NULL;

	for (size_t i = 0; i < s->env.n; i++)
		if (!strncmp(s->env.v[i], name, len) && s->env.v[i][len] == '=')
			value = s->env.v[i] + len + 1;
	return value;
}

static const char *env_or_caller(const struct spec *s, const char *name)
{
	const char *value = env_value(s, name);

	return value ? value : getenv(name);
}

static int add_env(struct spec *s, const char *name, const char *value, const char *rest, struct err *e)
{
	auto_free char *text = str_format(e, "%s%s%s", name, value, rest);

	if (!text)
		return -1;
	return env_value(s, text) ? 0 : words_add(&s->env, text, e);
}

static bool is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return !strncmp(path, directory, len) && path[len] == '/';
}

/* Add m with these two, unless something else is to be there. */
static int add_mount(struct gui *g, struct spec_mount m, const char *source, const char *target, struct err *e)
{
	struct spec *s = g->s;
	struct spec_mount *v;

	for (size_t i = 0; i < s->nmounts; i++)
		if (!strcmp(s->mounts[i].target, target))
			return 0;
	v = realloc(s->mounts, (s->nmounts + 1) * sizeof(*v));
	if (!v)
		return err_memory(e);
	s->mounts = v;
	if (str_replace(&m.target, target, e) < 0 || (source && str_replace(&m.source, source, e) < 0)) {
		free(m.target);
		return -1;
	}
	memmove(v + g->at + 1, v + g->at, (s->nmounts++ - g->at) * sizeof(*v));
	v[g->at++] = m;
	return 0;
}

static int add_bind(struct gui *g, bool writable, const char *source, const char *target, struct err *e)
{
	return add_mount(g, (struct spec_mount){ .type = MOUNT_BIND, .read_only = !writable }, source, target, e);
}

/* --- the caller's session ----------------------------------------------------------------------------------------- */

static uid_t find_caller(void)
{
	const char *sudo = getuid() ? NULL : getenv("SUDO_UID");
	struct err ignored;
	uint64_t id;

	return sudo && num_parse(sudo, 0, UINT32_MAX - 1, &id, &ignored) == 0 ? (uid_t)id : getuid();
}

/* Whether path is of this type itself and nobody but root, the caller, or who was given the directory for himself can have
 * put it there. */
static bool is_genuine(struct gui *g, const char *path, mode_t type)
{
	char parent[PATH_MAX];
	struct stat st, above;

	if (*path != '/' || str_has_dotdot(path) || lstat(path, &st) < 0)
		return false;
	snprintf(parent, sizeof(parent), "%.*s", (int)(strrchr(path, '/') - path), path);
	if ((st.st_mode & S_IFMT) == type &&
	    (st.st_uid == 0 || st.st_uid == g->caller || (stat(parent, &above) == 0 && !(above.st_mode & (S_IWGRP | S_IWOTH)))))
		return true;
	g->refused = true;
	return false;
}

static int find_runtime(struct gui *g, struct err *e)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	size_t len = dir ? strlen(dir) : 0;

	/* A slash at the end would hide that it is a link. */
	while (len && dir[len - 1] == '/')
		len--;
	g->run = len && *dir == '/' ? str_format(e, "%.*s", (int)len, dir) : str_format(e, "/run/user/%u", g->caller);
	return g->run ? 0 : -1;
}

/* HOME; under sudo, which may leave it root's, only if it is the caller's, else what the host's passwd says. */
static const char *find_home(struct gui *g)
{
	auto_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *home = getenv("HOME");
	char number[12];
	struct user u;
	struct stat st;
	struct err ignored;

	if (g->caller == getuid() || (home && stat(home, &st) == 0 && st.st_uid == g->caller))
		return home;
	snprintf(number, sizeof(number), "%u", g->caller);
	if (root < 0 || user_resolve(root, number, NULL, &u, &ignored) < 0)
		return home;
	snprintf(g->home, sizeof(g->home), "%s", u.home);
	return g->home;
}

/* What the caller calls word (NULL: usual) as a path, owned; empty when there is no such directory. */
static char *find_path(struct gui *g, bool home, const char *word, const char *usual, struct err *e)
{
	const char *dir = home ? find_home(g) : is_genuine(g, g->run, S_IFDIR) ? g->run : NULL;

	if (word && *word == '/')
		return str_format(e, "%s", word);
	return str_format(e, "%s%s%s", dir ? dir : "", dir ? "/" : "", !dir ? "" : word ? word : usual);
}

/* --- what the container gets -------------------------------------------------------------------------------------- */

/* The user's runtime directory. What goes below it, or X11's, was meant to be on top. */
static int add_runtime(struct gui *g, const int *roots, size_t nroots, struct err *e)
{
	struct spec *s = g->s;
	const char *user = s->user ? s->user : "0";
	auto_free char *name = strndup(user, strcspn(user, ":"));
	struct spec_mount m = { .type = MOUNT_TMPFS, .mode = 0700 };
	struct user u;
	int root = -1;

	if (!name)
		return err_memory(e);
	for (size_t i = 0; i < nroots; i++) {
		auto_fd int passwd = roots[i] < 0 ? -1 : path_open(roots[i], "etc/passwd", O_PATH | O_NOFOLLOW);

		if (root < 0 || passwd >= 0)
			root = roots[i];
		if (passwd >= 0)
			break;
	}
	if (root < 0)
		return err_set(e, "no directory of the container's root can be opened");
	if (user_resolve(root, name, NULL, &u, e) < 0)
		return e->num ? -1 : err_hint(e, "one who is made at the start must be given as a number");
	m.uid = u.uid;
	m.gid = u.gid;
	snprintf(g->inside, sizeof(g->inside), "/run/user/%u", u.uid);
	while (g->at < s->nmounts && !is_below(s->mounts[g->at].target, g->inside) &&
	       !is_below(s->mounts[g->at].target, x11_sockets))
		g->at++;
	if (add_mount(g, m, NULL, g->inside, e) < 0)
		return -1;
	return add_env(s, "XDG_RUNTIME_DIR=", g->inside, "", e);
}

/* Returns 1 if it is there, 0 if not. */
static int add_thing(struct gui *g, const struct thing *t, struct err *e)
{
	auto_free char *source = find_path(g, t->home, t->variable ? getenv(t->variable) : NULL, t->usual, e);
	auto_free char *target = str_format(e, "%s/%s", g->inside, t->name);

	if (!source || !target)
		return -1;
	if (!is_genuine(g, source, t->type))
		return 0;
	if (add_bind(g, t->writable, source, target, e) < 0 || (t->tell && add_env(g->s, t->tell, target, t->rest, e) < 0))
		return -1;
	return 1;
}

/* Whether the container's root has the caller's files: a user is root in his own user namespaces. */
static bool is_reachable(const struct spec *s)
{
	return !(s->namespaces & NS_USER) || getuid() != 0;
}

/* Returns 1 if there is an X11 display, 0 if not. */
static int add_x11(struct gui *g, struct err *e)
{
	struct spec *s = g->s;
	const char *display = env_or_caller(s, "DISPLAY");
	const char *colon = display ? strrchr(display, ':') : NULL;
	bool local = colon && (colon == display || !strncmp(display, "unix:", 5));
	char name[HOST_NAME_MAX + 1];
	int key = 0;

	if (!colon || (local && !is_genuine(g, x11_sockets, S_IFDIR)))
		return 0;
	if ((local && add_bind(g, false, x11_sockets, x11_sockets, e) < 0) || add_env(s, "DISPLAY=", display, "", e) < 0)
		return -1;
	if (is_reachable(s))
		key = add_thing(g, &authority, e);
	if (key > 0 && s->namespaces & NS_UTS && !s->hostname && gethostname(name, sizeof(name)) == 0)
		key = str_replace(&s->hostname, name, e);
	return key < 0 ? -1 : 1;
}

/* Returns 1 if path is a Wayland display, 0 if not. */
static int add_wayland(struct gui *g, const char *path, struct err *e)
{
	const char *name = strrchr(path, '/');
	auto_free char *target = name ? str_format(e, "%s%s", g->inside, name) : NULL;

	if (!name || !is_genuine(g, path, S_IFSOCK))
		return 0;
	if (!target || add_bind(g, false, path, target, e) < 0 || add_env(g->s, "WAYLAND_DISPLAY=", name + 1, "", e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(wayland_env) / sizeof(*wayland_env); i++)
		if (add_env(g->s, wayland_env[i], "", "", e) < 0)
			return -1;
	return 1;
}

static int add_all(struct gui *g, const int *roots, size_t nroots, struct err *e)
{
	const char *display = env_or_caller(g->s, "WAYLAND_DISPLAY");
	bool reachable = is_reachable(g->s);
	auto_free char *path = NULL;
	int x11, wayland = 0;

	if (find_runtime(g, e) < 0 || add_runtime(g, roots, nroots, e) < 0)
		return -1;
	path = find_path(g, false, display, "wayland-0", e);
	x11 = path ? add_x11(g, e) : -1;
	if (x11 >= 0 && reachable)
		wayland = add_wayland(g, path, e);
	if (x11 < 0 || wayland < 0)
		return -1;
	if (!x11 && !wayland) {
		err_set(e, "no display: neither DISPLAY with %s nor a Wayland socket at %s", x11_sockets,
			*path ? path : g->run);
		if (!reachable)
			return err_hint(e, "with the namespace u only X11 can be reached");
		return g->refused ? err_hint(e, "what is there is a link, of another kind, or not the caller's") : -1;
	}
	for (size_t i = 0; reachable && i < sizeof(sound) / sizeof(*sound); i++)
		if (add_thing(g, &sound[i], e) < 0)
			return -1;
	return 0;
}

int gui_expand(struct spec *s, const int *roots, size_t nroots, struct err *e)
{
	struct gui g = { .s = s, .caller = find_caller() };
	int result = add_all(&g, roots, nroots, e);

	free(g.run);
	return result < 0 ? err_prefix(e, "gui") : 0;
}
