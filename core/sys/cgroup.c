/* SPDX-License-Identifier: Zlib
 * A container's cgroups from their making to their removal. Host side. */
#include "sys/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/cgroup_dir.h"
#include "sys/fd.h"
#include "sys/feature.h"

enum { MOVE_TRIES = 100 };

static const char inner_name[] = "box";

/* --- files -------------------------------------------------------------------------------------------------------- */

int cgroup_file(const struct cgroup *g, const char *v2_name, const char *v1_name, int flags, bool *v2)
{
	int why = ENOENT;

	for (int pass = 0; pass < 2; pass++) {
		const char *name = pass ? v1_name : v2_name;

		for (size_t i = 0; name && i < g->n; i++) {
			int fd;

			if (g->v[i].v2 != !pass)
				continue;
			fd = openat(g->v[i].outer, name, flags | O_CLOEXEC | O_NOFOLLOW);
			if (fd < 0) {
				why = errno == ENOENT ? why : errno;
				continue;
			}
			if (v2)
				*v2 = !pass;
			return fd;
		}
	}
	errno = why;
	return -1;
}

int cgroup_inner_file(const struct cgroup *g, const char *name, int flags)
{
	int why = ENOENT;

	for (size_t i = 0; i < g->n; i++) {
		int fd = openat(g->v[i].inner, name, flags | O_CLOEXEC | O_NOFOLLOW);

		if (fd >= 0)
			return fd;
		why = errno == ENOENT ? why : errno;
	}
	errno = why;
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

static int add_path(const char *base, const char *name, char **dirs, struct err *e)
{
	auto_free char *path = str_format(e, "%s/cagebox-%s", base, name), *before = *dirs;

	*dirs = NULL;
	if (!path)
		return -1;
	/* With a process in it, it is not ours to take. */
	if (cgroup_dir_remove(AT_FDCWD, path, false) < 0)
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
	if (!v2 || !feature_since(5, 2))
		wanted |= CGROUP_BIT(CGROUP_FREEZER);
	for (size_t i = 0; result == 0 && i < m.n; i++) {
		const struct cgroup_hierarchy *h = &m.v[i];

		if (h->v2 || wanted & CGROUP_ALL || h->controllers & wanted)
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

	for (int i = 0; i < MOVE_TRIES && cgroup_dir_read(base, "cgroup.procs", list, sizeof(list)) && *list; i++) {
		if (mkdirat(base, "cagebox.leaf", 0755) < 0 && errno != EEXIST)
			return;
		for (char *p = list, *end; (end = strchr(p, '\n')); p = end + 1) {
			*end = 0;
			cgroup_dir_write(base, "cagebox.leaf/cgroup.procs", p);
		}
	}
}

/* Only the root may have processes and hand controllers on; it has no type. */
static bool has_processes(int base)
{
	char first[2];

	return faccessat(base, "cgroup.type", F_OK, 0) == 0 && cgroup_dir_read(base, "cgroup.procs", first, sizeof(first)) &&
	       *first;
}

/* Let base hand the wanted controllers on to what is below it, as far as it has them; why[i] gets the errno of the one that it
 * could not. */
static void add_controllers(const struct cgroup_hierarchy *h, int base, unsigned wanted, unsigned needed, short *why)
{
	char text[32];

	wanted &= h->locked ? 0 : h->controllers & ~cgroup_controllers(base, "cgroup.subtree_control");
	if (wanted && has_processes(base)) {
		wanted &= needed;
		if (wanted)
			clear_base(base);
	}
	for (unsigned i = 0; i < CGROUP_CONTROLLERS; i++) {
		if (!(wanted & CGROUP_BIT(i)))
			continue;
		snprintf(text, sizeof(text), "+%s", cgroup_name(i, true));
		why[i] = cgroup_dir_write(base, "cgroup.subtree_control", text) < 0 ? (short)errno : 0;
	}
}

/* v1's cpusets begin empty, and nothing can enter them then. */
static void fill_cpuset(int outer, int above)
{
	static const char *const files[][2] = { { "cpuset.effective_cpus", "cpuset.cpus" },
						{ "cpuset.effective_mems", "cpuset.mems" } };
	char text[4096];

	if (faccessat(outer, "cpuset.cpus", F_OK, 0) < 0)
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (cgroup_dir_read(above, files[i][0], text, sizeof(text)))
			cgroup_dir_write(outer, files[i][1], text);
	cgroup_dir_write(outer, "cgroup.clone_children", "1");
}

static int open_dir(const char *path, struct cgroup_dir *d)
{
	d->needed = true;
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
		cgroup_dir_write(made, "memory.use_hierarchy", "1");
		/* All devices can only be denied to what has none below it. */
		if (wanted & CGROUP_BIT(CGROUP_DEVICES))
			cgroup_dir_write(made, "devices.deny", "a");
	}
	return mkdirat(made, inner_name, 0755);
}

static int make_dir(const char *path, const struct cgroup_hierarchy *h, unsigned wanted, unsigned needed, struct cgroup *g,
		    struct err *e)
{
	auto_fd int base = open(h->base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *name = strrchr(path, '/') + 1;

	if (base < 0)
		return err_sys(e, "open the cgroup %s", h->base);
	if (h->v2)
		add_controllers(h, base, wanted, needed, g->why);
	if (mkdirat(base, name, 0755) < 0)
		return err_sys(e, "make the cgroup %s", path);
	if (fill_dir(base, name, h->v2, wanted) < 0 || open_dir(path, &g->v[g->n]) < 0) {
		err_sys(e, "make the cgroup %s/%s", path, inner_name);
		cgroup_dir_remove(base, name, false);
		return -1;
	}
	if (needed & CGROUP_TRACK)
		needed |= CGROUP_BIT(CGROUP_FREEZER);
	g->v[g->n++].needed = h->controllers & needed || (h->v2 && needed & CGROUP_TRACK);
	return 0;
}

/* Take back the first n of dirs. */
static void unmake(const char *dirs, size_t n)
{
	struct err ignored;
	char *path;

	while (n-- && (path = cgroup_dir_next(&dirs, &ignored))) {
		cgroup_dir_remove(AT_FDCWD, path, false);
		free(path);
	}
}

int cgroup_make(const char *dirs, unsigned wanted, unsigned needed, struct cgroup *g, struct err *e)
{
	const char *list = dirs;
	struct cgroup_machine m;
	char *path;
	int result = cgroup_find(&m, e);

	*g = (struct cgroup){ .n = 0 };
	if (result < 0)
		return -1;
	while (result == 0 && g->n < CGROUP_HIERARCHIES && (path = cgroup_dir_next(&list, e))) {
		size_t base = (size_t)(strrchr(path, '/') - path), i = 0;

		while (i < m.n && (strlen(m.v[i].base) != base || strncmp(m.v[i].base, path, base) != 0))
			i++;
		result = i < m.n ? make_dir(path, &m.v[i], wanted, needed, g, e) :
				   err_set(e, "the cgroups above %s have gone", path);
		free(path);
	}
	cgroup_machine_free(&m);
	if (result < 0) {
		unmake(dirs, g->n);
		cgroup_close(g);
	}
	return result;
}

bool cgroup_open(const char *dirs, struct cgroup *g)
{
	struct err ignored;
	bool all = true;
	char *path;

	*g = (struct cgroup){ .n = 0 };
	while (g->n < CGROUP_HIERARCHIES && (path = cgroup_dir_next(&dirs, &ignored))) {
		if (open_dir(path, &g->v[g->n]) >= 0)
			g->n++;
		else
			all = false;
		free(path);
	}
	return all;
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
		if (!(v1_only && g->v[i].v2) && cgroup_dir_write(g->v[i].inner, "cgroup.procs", text) < 0 &&
		    (g->v[i].needed || (errno != EINVAL && errno != EOPNOTSUPP))) {
			err_sys(e, "enter the container's cgroup");
			if (e->num == EACCES)
				err_hint(
					e,
					"without root only from within what was given away, such as the same scope of systemd");
			return e->num == EINVAL ?
				       err_hint(e, "a real-time process cannot, where CONFIG_RT_GROUP_SCHED is set") :
				       -1;
		}
	return 0;
}
