/* SPDX-License-Identifier: Zlib
 * Which cgroup hierarchies the machine has, and where in them we are. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/cgroup.h"
#include "sys/fd.h"
#include "sys/feature.h"
#include "sys/kernel.h"
#include "sys/mount.h"

static const char mount_place[] = "/sys/fs/cgroup", leaf[] = "/cagebox.leaf", systemd[] = "/run/systemd/system";

static const struct {
	const char *v1, *v2; /* NULL: it is no controller there */
} names[CGROUP_CONTROLLERS] = {
	[CGROUP_CPU] = { "cpu", "cpu" },
	[CGROUP_CPUACCT] = { "cpuacct", NULL },
	[CGROUP_CPUSET] = { "cpuset", "cpuset" },
	[CGROUP_MEMORY] = { "memory", "memory" },
	[CGROUP_PIDS] = { "pids", "pids" },
	[CGROUP_IO] = { "blkio", "io" },
	[CGROUP_HUGETLB] = { "hugetlb", "hugetlb" },
	[CGROUP_DEVICES] = { "devices", NULL },
	[CGROUP_FREEZER] = { "freezer", NULL },
	[CGROUP_NET_CLS] = { "net_cls", NULL },
};

const char *cgroup_name(enum cgroup_controller controller, bool v2)
{
	return v2 && names[controller].v2 ? names[controller].v2 : names[controller].v1;
}

/* The controllers named in list, words divided by blanks or commas. */
static unsigned controllers(const char *list, bool v2)
{
	unsigned set = 0;

	for (const char *p = list; *p; p += strspn(p, ", \n")) {
		size_t len = strcspn(p, ", \n");

		for (unsigned i = 0; i < CGROUP_CONTROLLERS; i++) {
			const char *name = v2 ? names[i].v2 : names[i].v1;

			if (name && strlen(name) == len && !strncmp(name, p, len))
				set |= CGROUP_BIT(i);
		}
		p += len;
	}
	return set;
}

/* Whether all the words of list, divided by commas, are among options. */
static bool has_words(const char *options, const char *list, size_t len)
{
	for (const char *p = list, *end = list + len; p < end; p += strcspn(p, ",:") + 1) {
		if (!str_has_word(options, p, strcspn(p, ",:")))
			return false;
	}
	return true;
}

/* Our own cgroup's path in the hierarchy that is mounted with these options, or in v2, and its number in *id. The lines are
 * ID:CONTROLLERS:PATH. Owned by the caller; NULL without one (e->num 0) or with e set. */
static char *own_path(const char *text, const char *options, bool v2, int *id, struct err *e)
{
	e->num = 0;
	for (const char *line = text; *line; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] != 0)) {
		const char *list = strchr(line, ':'), *path = list ? strchr(++list, ':') : NULL;

		if (!path)
			break;
		if (v2 ? path == list : path > list && has_words(options, list, (size_t)(path - list))) {
			*id = atoi(line);
			return str_format(e, "%.*s", (int)strcspn(path + 1, "\n"), path + 1);
		}
	}
	return NULL;
}

static bool is_given(const char *dir)
{
	char value[2] = "";

	return (getxattr(dir, "trusted.delegate", value, 1) == 1 || getxattr(dir, "user.delegate", value, 1) == 1) &&
	       *value == '1';
}

/* Under systemd the tree is its own but for what it has given away: the nearest such cgroup above us. Without one we stay in
 * ours, where directories can be made, but no controllers added. */
static void find_delegated(struct cgroup_hierarchy *h, size_t mount_len)
{
	struct stat st;
	size_t len = strlen(h->base);

	if (lstat(systemd, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	for (size_t cut = len; cut > mount_len; cut--) {
		char rest = h->base[cut];

		if (rest && rest != '/')
			continue;
		h->base[cut] = 0;
		if (is_given(h->base))
			return;
		h->base[cut] = rest;
	}
	h->locked = true;
}

unsigned cgroup_controllers(int dir, const char *file)
{
	auto_fd int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	char text[256];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = 0;
	return controllers(text, true);
}

/* Add the hierarchy that is mounted so, unless it is known already or of no use. */
static int add(struct cgroup_machine *m, const struct mount_line *line, const char *own, struct err *e)
{
	bool v2 = !strcmp(line->type, "cgroup2");
	unsigned set = v2 ? 0 : controllers(line->options, false);
	struct cgroup_hierarchy *h = &m->v[m->n];
	auto_free char *path = NULL;
	auto_fd int fd = -1;
	const char *rest;
	size_t len;
	int id;

	/* Our lists of paths are divided by newlines. */
	if (m->n == CGROUP_HIERARCHIES || (!v2 && strcmp(line->type, "cgroup") != 0) || strchr(line->point, '\n'))
		return 0;
	path = own_path(own, line->options, v2, &id, e);
	if (!path)
		return e->num ? -1 : 0;
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].id == id)
			return 0;
	/* What is under a mount's root is reached by the rest of the path. */
	rest = str_has_dotdot(path) ? NULL : str_below(path, line->root);
	if (!rest)
		return 0;
	*h = (struct cgroup_hierarchy){ .controllers = set, .v2 = v2, .id = id };
	h->base = str_format(e, "%s%s", line->point, rest);
	if (!h->base)
		return -1;
	len = strlen(h->base);
	if (len >= sizeof(leaf) - 1 && !strcmp(h->base + len - (sizeof(leaf) - 1), leaf))
		h->base[len - (sizeof(leaf) - 1)] = 0;
	fd = open(h->base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
		err_sys(e, "open the cgroup %s", h->base);
		free(h->base);
		return -1;
	}
	/* Something else may be mounted over it. */
	if (fd < 0 || !fd_is_on(fd, v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC)) {
		free(h->base);
		return 0;
	}
	/* In a container of another engine it can often be read only; without root it is whoever's it was given to. In v2 nobody
	 * moves a process below it without the right to its list. */
	if (faccessat(fd, ".", W_OK, 0) < 0 || (v2 && faccessat(fd, "cgroup.procs", W_OK, 0) < 0)) {
		free(v2 ? m->foreign : h->base);
		m->foreign = v2 ? h->base : m->foreign;
		return 0;
	}
	if (v2) {
		find_delegated(h, strlen(line->point));
		h->controllers = cgroup_controllers(fd, h->locked ? "cgroup.subtree_control" : "cgroup.controllers");
	}
	m->n++;
	return 0;
}

static char *read_text(const char *path, struct err *e)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		err_sys(e, "open %s", path);
		return NULL;
	}
	return fd_read_all(fd, 1 << 16, path, e);
}

static int read_mounts(FILE *f, struct cgroup_machine *m, const char *own, struct err *e)
{
	auto_free char *line = NULL;
	size_t size = 0;
	int result = 0;

	while (result == 0 && getline(&line, &size, f) > 0) {
		struct mount_line parts;

		if (strstr(line, " - cgroup") && mount_parse(line, &parts))
			result = add(m, &parts, own, e);
	}
	return result == 0 && ferror(f) ? err_sys(e, "read /proc/self/mountinfo") : result;
}

int cgroup_find(struct cgroup_machine *m, struct err *e)
{
	auto_free char *own = NULL;
	struct stat st;
	int result;
	FILE *f;

	*m = (struct cgroup_machine){ .n = 0 };
	/* A kernel without cgroups. */
	if (stat("/proc/self/cgroup", &st) < 0 && errno == ENOENT)
		return 0;
	own = read_text("/proc/self/cgroup", e);
	if (!own)
		return -1;
	f = fopen("/proc/self/mountinfo", "re");
	if (!f)
		return err_sys(e, "open /proc/self/mountinfo");
	result = read_mounts(f, m, own, e);
	fclose(f);
	if (result < 0)
		cgroup_machine_free(m);
	return result;
}

void cgroup_machine_free(struct cgroup_machine *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].base);
	free(m->foreign);
	*m = (struct cgroup_machine){ .n = 0 };
}

/* --- as the machine's first process ------------------------------------------------------------------------------- */

/* Of /proc/cgroups, NAME HIERARCHY CGROUPS ENABLED: the enabled controllers. */
static unsigned in_kernel(void)
{
	FILE *f = fopen("/proc/cgroups", "re");
	char line[128];
	unsigned set = 0;

	while (f && fgets(line, sizeof(line), f)) {
		char *enabled = strrchr(line, '\t');

		line[strcspn(line, "\t")] = 0;
		if (enabled && atoi(enabled + 1))
			set |= controllers(line, false);
	}
	if (f)
		fclose(f);
	return set;
}

static int mount_v1(enum cgroup_controller controller, struct err *e)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "/sys/fs/cgroup/%s", names[controller].v1);
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return err_sys(e, "make %s", dir);
	/* One that the kernel has bound to v2, or does not do in v1, is no loss. */
	if (sys_mount("cgroup", dir, "cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, names[controller].v1) < 0)
		rmdir(dir);
	return 0;
}

int cgroup_mount(struct err *e)
{
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	auto_fd int place = open(mount_place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *v2 = mount_place;
	unsigned rest = in_kernel();
	struct cgroup_machine m;
	bool any;

	if (place < 0)
		return 0;
	if (cgroup_find(&m, e) < 0)
		return -1;
	any = m.n;
	cgroup_machine_free(&m);
	if (any)
		return 0;
	if (sys_mount("cgroup2", v2, "cgroup2", flags, NULL) == 0) {
		auto_fd int root = open(v2, O_PATH | O_DIRECTORY | O_CLOEXEC);

		rest &= ~cgroup_controllers(root, "cgroup.controllers") & ~CGROUP_BIT(CGROUP_CPUACCT) &
			~CGROUP_BIT(CGROUP_FREEZER) & ~CGROUP_BIT(CGROUP_DEVICES) & ~CGROUP_BIT(CGROUP_NET_CLS);
		if (!rest)
			return 0;
		/* v2 has no place for the mount points of others: it goes beside them. */
		if (sys_umount2(v2, MNT_DETACH) < 0)
			return err_sys(e, "unmount %s", v2);
		v2 = "/sys/fs/cgroup/unified";
	} else {
		v2 = NULL;
	}
	if (sys_mount("tmpfs", mount_place, "tmpfs", flags, "mode=755,size=64k") < 0)
		return err_sys(e, "mount a tmpfs on %s", mount_place);
	if (v2 && (mkdir(v2, 0755) < 0 || sys_mount("cgroup2", v2, "cgroup2", flags, NULL) < 0))
		return err_sys(e, "mount cgroup2 on %s", v2);
	for (unsigned i = 0; i < CGROUP_CONTROLLERS; i++)
		if (rest & CGROUP_BIT(i) && mount_v1(i, e) < 0)
			return -1;
	return 0;
}

/* --- why not ------------------------------------------------------------------------------------------------------ */

/* Whether g has the controller of that hierarchy: each hierarchy of v1 is a file system of its own, in v2 it is handed down. */
static bool is_in(const struct cgroup *g, const struct cgroup_hierarchy *h, enum cgroup_controller controller)
{
	struct stat base, ours;

	for (size_t i = 0; i < g->n; i++) {
		if (stat(h->base, &base) < 0 || fstat(g->v[i].outer, &ours) < 0 || base.st_dev != ours.st_dev)
			continue;
		return !h->v2 || cgroup_controllers(g->v[i].outer, "cgroup.controllers") & CGROUP_BIT(controller);
	}
	return false;
}

/* Without root there is what was given away. */
static const char *foreign_lack(const char *dir, const char *name, struct err *e)
{
	if (!dir) {
		err_set(e, "there is no cgroup v2 with a controller %s", name);
		return "the only kind that root can give away";
	}
	err_set(e, "the cgroup %s is not this user's", dir);
	if (access(systemd, F_OK) == 0)
		return "systemd-run --user --scope -p Delegate=yes";
	return "root can give one away: a directory in it, chown of that and of its cgroup.procs and cgroup.subtree_control, the "
	       "shell moved there";
}

const char *cgroup_lack(const struct cgroup_machine *m, enum cgroup_controller controller, struct err *e)
{
	const char *name = names[controller].v1;
	const struct cgroup_hierarchy *v2 = NULL;

	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].controllers & CGROUP_BIT(controller))
			return NULL;
		v2 = m->v[i].v2 ? &m->v[i] : v2;
	}
	if (!m->n && geteuid() != 0)
		return foreign_lack(m->foreign, name, e);
	if (!m->n) {
		err_set(e, "no cgroup file system with a controller %s is mounted to be written", name);
		return feature_remedy(FEATURE_CGROUP);
	}
	if (v2 && v2->locked && names[controller].v2) {
		err_set(e, "systemd has not given the controller %s to %s", names[controller].v2, v2->base);
		return feature_remedy(FEATURE_CGROUP_GIVEN);
	}
	if (!(in_kernel() & CGROUP_BIT(controller))) {
		err_set(e, "the kernel has no controller %s, or it is disabled", name);
		return feature_remedy(FEATURE_CGROUP_CPU + controller);
	}
	err_set(e, "the controller %s is not to be had: not mounted, not to be written, or not in %s/cgroup.controllers", name,
		v2 ? v2->base : mount_place);
	return v2 ? "enable it in the cgroup.subtree_control above" : "mount its hierarchy";
}

int cgroup_explain(const struct cgroup *g, enum cgroup_controller controller, const char *file, struct err *e)
{
	int num = g->why[controller];
	const char *name = names[controller].v1, *remedy;
	struct cgroup_machine m;
	const struct cgroup_hierarchy *there = NULL;

	if (cgroup_find(&m, e) < 0)
		return -1;
	remedy = cgroup_lack(&m, controller, e);
	for (size_t i = 0; i < m.n; i++)
		there = m.v[i].controllers & CGROUP_BIT(controller) ? &m.v[i] : there;
	if (!there) {
		err_hint(e, remedy);
	} else if (!g->n) {
		err_set(e, "no cgroup can be made in %s", there->base);
		err_hint(e, "see cgroup.max.descendants and who may write there");
	} else if (num) {
		errno = num;
		err_sys(e, "take the controller %s from %s", name, there->base);
		if (num == EBUSY || num == EOPNOTSUPP)
			err_hint(e, "processes in that cgroup are in the way");
	} else if (!is_in(g, there, controller)) {
		err_set(e, "the container was started without the controller %s", name);
		err_hint(e, "start it in the background, with --cgroup yes, or with such a limit");
	} else {
		err_set(e, "the kernel's controller %s has no %s", name, file);
		err_feature(e, FEATURE_CGROUP_CPU + controller);
	}
	cgroup_machine_free(&m);
	return -1;
}
