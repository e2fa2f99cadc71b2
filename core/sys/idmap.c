/* SPDX-License-Identifier: Zlib
 * Id maps. Host side. */
#include "sys/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "base/str.h"
#include "sys/fd.h"
#include "sys/feature.h"
#include "sys/helper.h"
#include "sys/kernel.h"

enum { SUBORDINATE_MAX = 1 << 20 };

void idmap_add(struct idmap *m, uint32_t inside, uint32_t outside, uint32_t count)
{
	if (m->n < IDMAP_RANGES && count)
		m->v[m->n++] = (struct idmap_range){ inside, outside, count };
}

bool idmap_is_identity(const struct idmap *m)
{
	for (int i = 0; i < m->n; i++)
		if (m->v[i].inside != m->v[i].outside)
			return false;
	return true;
}

bool idmap_find(const struct idmap *m, uint32_t inside, uint32_t *outside)
{
	for (int i = 0; i < m->n; i++) {
		if (inside < m->v[i].inside || inside - m->v[i].inside >= m->v[i].count)
			continue;
		*outside = m->v[i].outside + (inside - m->v[i].inside);
		return true;
	}
	return false;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static int write_file(int proc, pid_t pid, const char *file, const char *text, struct err *e)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/%s", pid, file);
	if (fd_write_proc(proc, path, text) < 0)
		return err_sys(e, "write '%.100s' to the container's %s", text, file);
	return 0;
}

static int write_map(int proc, pid_t pid, const char *file, const struct idmap *m, struct err *e)
{
	char text[IDMAP_RANGES * 36];
	int used = 0;

	for (int i = 0; i < m->n; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used, "%u %u %u\n", m->v[i].inside, m->v[i].outside,
				 m->v[i].count);
	return write_file(proc, pid, file, text, e);
}

static const char newuidmap[] = "newuidmap", newgidmap[] = "newgidmap";

static int run_helper(const char *program, pid_t pid, const struct idmap *m, struct err *e)
{
	char texts[1 + 3 * IDMAP_RANGES][12];
	const char *argv[3 + 3 * IDMAP_RANGES] = { program, texts[0] };
	int n = 1, status;

	snprintf(texts[0], sizeof(*texts), "%d", pid);
	for (int i = 0; i < m->n; i++) {
		const uint32_t numbers[] = { m->v[i].inside, m->v[i].outside, m->v[i].count };

		for (int k = 0; k < 3; k++, n++) {
			snprintf(texts[n], sizeof(*texts), "%u", numbers[k]);
			argv[n + 1] = texts[n];
		}
	}
	if (helper_run(argv, -1, &status, e) < 0)
		return -1;
	if (!status)
		return 0;
	err_set(e, "%s does not map the container's ids", program);
	return err_hint(
		e,
		"it must be set-user-ID root, and /etc/subuid and /etc/subgid must grant the range; --userns self does without");
}

int idmap_write(int proc, pid_t pid, const struct idmap *uids, const struct idmap *gids, enum idmap_writer by, struct err *e)
{
	if (by == IDMAP_HELPER)
		return run_helper(newuidmap, pid, uids, e) < 0 ? -1 : run_helper(newgidmap, pid, gids, e);
	/* A group that takes rights away must not be left behind (CVE-2014-8989): the kernel wants this written first. */
	if (by == IDMAP_OWN && write_file(proc, pid, "setgroups", "deny", e) < 0)
		return -1;
	return write_map(proc, pid, "uid_map", uids, e) < 0 ? -1 : write_map(proc, pid, "gid_map", gids, e);
}

bool idmap_has_helpers(void)
{
	char path[64];

	return helper_find(newuidmap, path) && helper_find(newgidmap, path);
}

/* NAME:START:COUNT or UID:START:COUNT. */
static bool parse_line(const char *line, uid_t uid, const char *name, uint32_t *start, uint32_t *count)
{
	struct words parts = { 0 };
	struct err ignored;
	uint64_t id = UINT64_MAX, from = 0, n = 0;
	bool good = words_split(&parts, line, ':', &ignored) == 0 && parts.n == 3;

	if (good && strcmp(parts.v[0], name) != 0)
		good = num_parse(parts.v[0], 0, UINT32_MAX, &id, &ignored) == 0 && id == uid;
	good = good && num_parse(parts.v[1], 1, UINT32_MAX - 1, &from, &ignored) == 0 &&
	       num_parse(parts.v[2], 1, UINT32_MAX - from, &n, &ignored) == 0;
	words_free(&parts);
	*start = (uint32_t)from;
	*count = (uint32_t)n;
	return good;
}

bool idmap_subordinate(const char *file, uid_t uid, const char *name, uint32_t *start, uint32_t *count)
{
	auto_fd int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct err ignored;
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, SUBORDINATE_MAX, file, &ignored);
	char *rest = text, *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (parse_line(line, uid, name, start, count))
			return true;
	return false;
}

/* --- using -------------------------------------------------------------------------------------------------------- */

int idmap_open_ns(int proc, pid_t pid, struct err *e)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "%d/ns/user", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : err_sys(e, "open the container's user namespace");
}

int idmap_clone(const char *path, int ns, unsigned attr, struct err *e)
{
	struct mount_attr a = { .attr_set = attr | (ns < 0 ? 0 : MOUNT_ATTR_IDMAP), .userns_fd = ns < 0 ? 0 : (unsigned)ns };
	auto_fd int fd = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "clone the mount of %s", path);
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH, &a) < 0) {
		err_sys(e, "map the owners of %s", path);
		return err_feature(e, FEATURE_IDMAP);
	}
	return take_fd(&fd);
}
