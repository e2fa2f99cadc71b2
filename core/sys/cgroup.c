/* SPDX-License-Identifier: Zlib
 * A container's cgroups from their making to their removal. Host side. */
#include "sys/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/fd.h"

enum {
	TRIES = 500, /* of TICK_MS each */
	TICK_MS = 10,
	MOVE_TRIES = 100,
	DEPTH = 32, /* of cgroups that a container made below its own */
};

static const char inner_name[] = "box";

/* --- files -------------------------------------------------------------------------------------------------------- */

static int write_at(int dir, const char *file, const char *text)
{
	auto_fd int fd = openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -1 : fd_write_all(fd, text, strlen(text));
}

/* The beginning of a file. Returns whether it could be read. */
static bool read_at(int dir, const char *file, char *text, size_t room)
{
	auto_fd int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);

	text[n < 0 ? 0 : n] = 0;
	return n >= 0;
}

int cgroup_file(const struct cgroup *g, const char *v2_name, const char *v1_name, int flags, bool *v2)
{
	for (int pass = 0; pass < 2; pass++) {
		const char *name = pass ? v1_name : v2_name;

		for (size_t i = 0; name && i < g->n; i++) {
			int fd = g->v[i].v2 == !pass ? openat(g->v[i].outer, name, flags | O_CLOEXEC | O_NOFOLLOW) : -1;

			if (fd < 0)
				continue;
			if (v2)
				*v2 = !pass;
			return fd;
		}
	}
	errno = ENOENT;
	return -1;
}

int cgroup_inner_file(const struct cgroup *g, const char *name, int flags)
{
	for (size_t i = 0; i < g->n; i++) {
		int fd = openat(g->v[i].inner, name, flags | O_CLOEXEC | O_NOFOLLOW);

		if (fd >= 0)
			return fd;
	}
	errno = ENOENT;
	return -1;
}

int cgroup_v2(const struct cgroup *g, bool inner)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->v[i].v2)
			return inner ? g->v[i].inner : g->v[i].outer;
	return -1;
}

/* --- making ------------------------------------------------------------------------------------------------------- */

/* Remove a cgroup and what is below it. Returns 0, or -1 with errno. */
static int remove_tree(int at, const char *name, int depth)
{
	auto_fd int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *entry;
	DIR *dir;

	if (unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	dir = fd < 0 || depth <= 0 ? NULL : fdopendir(fd);
	if (!dir)
		return -1;
	fd = -1;
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.')
			remove_tree(dirfd(dir), entry->d_name, depth - 1);
	closedir(dir);
	return unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
}

/* The v2 of before 5.2 cannot freeze. */
static bool v2_freezes(void)
{
	struct utsname u;
	char *rest;
	long major, minor;

	if (uname(&u) < 0)
		return false;
	major = strtol(u.release, &rest, 10);
	minor = *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;
	return major > 5 || (major == 5 && minor >= 2);
}

static int add_path(const char *base, const char *name, char **dirs, struct err *e)
{
	auto_free char *path = str_format(e, "%s/cagebox-%s", base, name), *before = *dirs;

	*dirs = NULL;
	if (!path)
		return -1;
	/* With a process in it, it is not ours to take. */
	if (remove_tree(AT_FDCWD, path, DEPTH) < 0)
		return err_sys(e, "take over the cgroup %s", path);
	*dirs = str_format(e, "%s%s%s", before ? before : "", before ? "\n" : "", path);
	return *dirs ? 0 : -1;
}

int cgroup_plan(const char *name, unsigned wanted, char **dirs, struct err *e)
{
	struct cgroup_machine m;
	bool v2 = false;
	int result = 0;

	*dirs = NULL;
	if (cgroup_find(&m, e) < 0)
		return -1;
	for (size_t i = 0; i < m.n; i++)
		v2 |= m.v[i].v2;
	if (!v2 || !v2_freezes())
		wanted |= CGROUP_BIT(CGROUP_FREEZER);
	for (size_t i = 0; result == 0 && i < m.n; i++) {
		const struct cgroup_hierarchy *h = &m.v[i];

		if (h->v2 || h->controllers & wanted)
			result = add_path(h->base, name, dirs, e);
	}
	cgroup_machine_free(&m);
	return result;
}

/* v2: a cgroup that has processes cannot hand controllers on, or would do it in a way that shuts others out ("threaded"); only the
 * root can. Ours and those beside us go one level down, where the limits of base hold for them as before. */
static void clear_base(int base)
{
	char list[4096];

	if (faccessat(base, "cgroup.type", F_OK, 0) < 0)
		return;
	for (int i = 0; i < MOVE_TRIES && read_at(base, "cgroup.procs", list, sizeof(list)) && *list; i++) {
		if (mkdirat(base, "cagebox.leaf", 0755) < 0 && errno != EEXIST)
			return;
		for (char *p = list, *end; (end = strchr(p, '\n')); p = end + 1) {
			*end = 0;
			write_at(base, "cagebox.leaf/cgroup.procs", p);
		}
	}
}

/* Let base hand the wanted controllers on to what is below it, as far as it has them; why[i] gets the errno of the one that it
 * could not. */
static void add_controllers(const struct cgroup_hierarchy *h, int base, unsigned wanted, short *why)
{
	char text[32];

	wanted &= h->locked ? 0 : h->controllers & ~cgroup_controllers(base, "cgroup.subtree_control");
	if (wanted)
		clear_base(base);
	for (unsigned i = 0; i < CGROUP_CONTROLLERS; i++) {
		if (!(wanted & CGROUP_BIT(i)))
			continue;
		snprintf(text, sizeof(text), "+%s", cgroup_name(i, true));
		why[i] = write_at(base, "cgroup.subtree_control", text) < 0 ? (short)errno : 0;
	}
}

/* v1's cpusets begin empty, and nothing can enter them then. */
static void fill_cpuset(int outer, int above)
{
	static const char *const files[][2] = { { "cpuset.effective_cpus", "cpuset.cpus" },
						{ "cpuset.effective_mems", "cpuset.mems" } };
	char text[1024];

	if (faccessat(outer, "cpuset.cpus", F_OK, 0) < 0)
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (read_at(above, files[i][0], text, sizeof(text)))
			write_at(outer, files[i][1], text);
	write_at(outer, "cgroup.clone_children", "1");
}

static int open_dir(const char *path, struct cgroup_dir *d)
{
	d->outer = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d->inner = d->outer < 0 ? -1 : openat(d->outer, inner_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d->v2 = d->outer >= 0 && fd_is_on(d->outer, CGROUP2_SUPER_MAGIC);
	if (d->inner < 0)
		fd_close(&d->outer);
	return d->inner;
}

static int fill_dir(int base, const char *name, bool v2, unsigned wanted)
{
	auto_fd int made = openat(base, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (made < 0)
		return -1;
	if (!v2) {
		fill_cpuset(made, base);
		/* What is below counts too; before 5.11 this was a choice. */
		write_at(made, "memory.use_hierarchy", "1");
		/* All devices can only be denied to what has none below it. */
		if (wanted & CGROUP_BIT(CGROUP_DEVICES))
			write_at(made, "devices.deny", "a");
	}
	return mkdirat(made, inner_name, 0755);
}

static int make_dir(const char *path, const struct cgroup_hierarchy *h, unsigned wanted, struct cgroup *g, struct err *e)
{
	auto_fd int base = open(h->base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *name = strrchr(path, '/') + 1;

	if (base < 0)
		return err_sys(e, "open the cgroup %s", h->base);
	if (h->v2)
		add_controllers(h, base, wanted, g->why);
	if (mkdirat(base, name, 0755) < 0)
		return err_sys(e, "make the cgroup %s", path);
	if (fill_dir(base, name, h->v2, wanted) < 0 || open_dir(path, &g->v[g->n]) < 0) {
		err_sys(e, "make the cgroup %s/%s", path, inner_name);
		remove_tree(base, name, DEPTH);
		return -1;
	}
	g->n++;
	return 0;
}

/* The next of the paths in *list, which are divided by newlines: a copy, NULL at the end or with e set. */
static char *next_path(const char **list, struct err *e)
{
	size_t len = *list ? strcspn(*list, "\n") : 0;
	char *path;

	e->num = 0;
	if (!len)
		return NULL;
	path = str_format(e, "%.*s", (int)len, *list);
	*list += len + ((*list)[len] != 0);
	return path;
}

/* Take back the first n of dirs. */
static void unmake(const char *dirs, size_t n)
{
	struct err ignored;
	char *path;

	while (n-- && (path = next_path(&dirs, &ignored))) {
		remove_tree(AT_FDCWD, path, DEPTH);
		free(path);
	}
}

int cgroup_make(const char *dirs, unsigned wanted, struct cgroup *g, struct err *e)
{
	const char *list = dirs;
	struct cgroup_machine m;
	char *path;
	int result = cgroup_find(&m, e);

	*g = (struct cgroup){ .n = 0 };
	if (result < 0)
		return -1;
	while (result == 0 && g->n < CGROUP_HIERARCHIES && (path = next_path(&list, e))) {
		size_t base = (size_t)(strrchr(path, '/') - path), i = 0;

		while (i < m.n && (strlen(m.v[i].base) != base || strncmp(m.v[i].base, path, base) != 0))
			i++;
		result = i < m.n ? make_dir(path, &m.v[i], wanted, g, e) : err_set(e, "the cgroups above %s have gone", path);
		free(path);
	}
	cgroup_machine_free(&m);
	if (result < 0) {
		unmake(dirs, g->n);
		cgroup_close(g);
	}
	return result;
}

void cgroup_open(const char *dirs, struct cgroup *g)
{
	struct err ignored;
	char *path;

	*g = (struct cgroup){ .n = 0 };
	while (g->n < CGROUP_HIERARCHIES && (path = next_path(&dirs, &ignored))) {
		g->n += open_dir(path, &g->v[g->n]) >= 0;
		free(path);
	}
}

void cgroup_close(struct cgroup *g)
{
	for (size_t i = 0; i < g->n; i++) {
		fd_close(&g->v[i].outer);
		fd_close(&g->v[i].inner);
	}
	g->n = 0;
}

int cgroup_enter(const struct cgroup *g, pid_t pid, bool v1_only, struct err *e)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	for (size_t i = 0; i < g->n; i++)
		if (!(v1_only && g->v[i].v2) && write_at(g->v[i].inner, "cgroup.procs", text) < 0) {
			err_sys(e, "enter the container's cgroup");
			return e->num == EINVAL ?
				       err_hint(e, "a real-time process cannot, where CONFIG_RT_GROUP_SCHED is set") :
				       -1;
		}
	return 0;
}

/* --- freezing ----------------------------------------------------------------------------------------------------- */

static void tick(void)
{
	const struct timespec t = { .tv_nsec = TICK_MS * 1000000L };

	nanosleep(&t, NULL);
}

static bool has_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	return at && (at == text || at[-1] == '\n') && (!at[strlen(line)] || at[strlen(line)] == '\n');
}

static bool is_frozen(const struct cgroup_dir *d)
{
	char text[256];

	return d->v2 ? read_at(d->outer, "cgroup.events", text, sizeof(text)) && has_line(text, "frozen 1") :
		       read_at(d->outer, "freezer.state", text, sizeof(text)) && has_line(text, "FROZEN");
}

bool cgroup_is_frozen(const struct cgroup *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (is_frozen(&g->v[i]))
			return true;
	return false;
}

/* Ask for it; it takes effect soon. Returns whether d has a freezer. */
static bool ask_freezer(const struct cgroup_dir *d, bool on)
{
	return d->v2 ? write_at(d->outer, "cgroup.freeze", on ? "1" : "0") == 0 :
		       write_at(d->outer, "freezer.state", on ? "FROZEN" : "THAWED") == 0;
}

int cgroup_freeze(const struct cgroup *g, bool on, struct err *e)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct cgroup_dir *d = &g->v[i];

		if (!ask_freezer(d, on))
			continue;
		for (int tries = 0; tries < TRIES && is_frozen(d) != on; tries++) {
			tick();
			/* v1's may be stuck half-way by a process that was about to be frozen; asked again it goes on. */
			if (on && !d->v2)
				ask_freezer(d, on);
		}
		return is_frozen(d) == on ? 0 : err_set(e, "its processes cannot be %s", on ? "frozen" : "thawed");
	}
	errno = ENOENT;
	return err_sys(e, "find a cgroup that can be frozen");
}

/* --- killing, removing -------------------------------------------------------------------------------------------- */

/* Every process of the tree. */
static void kill_tree(int dir, int depth)
{
	auto_fd int procs = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC), list = -1;
	FILE *f = procs < 0 ? NULL : fdopen(procs, "re");
	struct dirent *entry;
	char line[32];
	DIR *d;

	if (f)
		procs = -1;
	while (f && fgets(line, sizeof(line), f)) {
		int pid = atoi(line);

		if (pid > 0)
			kill(pid, SIGKILL);
	}
	if (f)
		fclose(f);
	list = depth ? openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	d = list < 0 ? NULL : fdopendir(list);
	if (!d)
		return;
	list = -1;
	while ((entry = readdir(d)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.') {
			auto_fd int next = openat(dirfd(d), entry->d_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			if (next >= 0)
				kill_tree(next, depth - 1);
		}
	closedir(d);
}

static void kill_all(const struct cgroup *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->v[i].v2 && write_at(g->v[i].outer, "cgroup.kill", "1") == 0)
			return;
	/* Frozen, nothing forks while the list is read; the signal takes effect when they thaw. */
	for (size_t i = 0; i < g->n; i++)
		ask_freezer(&g->v[i], true);
	for (size_t i = 0; i < g->n; i++)
		kill_tree(g->v[i].outer, DEPTH);
	for (size_t i = 0; i < g->n; i++)
		ask_freezer(&g->v[i], false);
}

void cgroup_kill(const char *dirs)
{
	struct cgroup g;

	cgroup_open(dirs, &g);
	kill_all(&g);
	cgroup_close(&g);
}

static int remove_one(const char *path, const char *dirs, struct err *e)
{
	for (int i = 0; i < TRIES; i++) {
		if (remove_tree(AT_FDCWD, path, DEPTH) == 0)
			return 0;
		if (errno != EBUSY)
			return err_sys(e, "remove the cgroup %s", path);
		cgroup_kill(dirs);
		tick();
	}
	errno = EBUSY;
	return err_sys(e, "remove the cgroup %s, whose processes do not die", path);
}

int cgroup_remove(const char *dirs, struct err *e)
{
	const char *list = dirs;
	char *path;
	int result = 0;

	while (result == 0 && (path = next_path(&list, e))) {
		result = remove_one(path, dirs, e);
		free(path);
	}
	return result;
}
