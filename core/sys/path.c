/* SPDX-License-Identifier: Zlib
 * Resolving below a root by descriptor. Works on paths of the container's from the host side. */
#include "sys/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/kernel.h"

enum { MAX_DEPTH = 64, MAX_LINKS = 40 };

/* A walk: the directories from the root to where it stands, and what is left to resolve. */
struct walk {
	int dirs[MAX_DEPTH];
	int depth; /* dirs[0 .. depth] are open; dirs[0] is the root and not ours to close */
	int links;
	int flags; /* open(2)'s: O_NOFOLLOW and O_DIRECTORY count */
	char rest[PATH_MAX];
};

static void walk_up(struct walk *w)
{
	if (w->depth)
		close(w->dirs[w->depth--]);
}

static void walk_to_root(struct walk *w)
{
	while (w->depth)
		walk_up(w);
}

static int walk_push(struct walk *w, int fd)
{
	if (w->depth + 1 == MAX_DEPTH) {
		close(fd);
		errno = ENAMETOOLONG;
		return -1;
	}
	w->dirs[++w->depth] = fd;
	return 0;
}

/* Put a link's text in front of what is left. */
static int walk_link(struct walk *w, int link)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof(text) - 1);
	size_t left = strlen(w->rest);

	if (n < 0)
		return -1;
	if (++w->links > MAX_LINKS || (size_t)n + left + 2 > sizeof(w->rest)) {
		errno = ELOOP;
		return -1;
	}
	memmove(w->rest + n + 1, w->rest, left + 1);
	memcpy(w->rest, text, (size_t)n);
	w->rest[n] = '/';
	if (*text == '/')
		walk_to_root(w);
	return 0;
}

/* Cut the first component off rest into name. Returns whether there was one; *last tells whether it was the last. */
static bool walk_next(struct walk *w, char name[NAME_MAX + 1], bool *last)
{
	char *p = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(p, "/");

	if (!len || len > NAME_MAX)
		return false;
	memcpy(name, p, len);
	name[len] = 0;
	p += len;
	p += strspn(p, "/");
	*last = !*p;
	memmove(w->rest, p, strlen(p) + 1);
	return true;
}

/* How a walk treats what is missing. */
enum make { MAKE_NOTHING, MAKE_DIRECTORY, MAKE_FILE };

static int make_entry(int dir, const char *name, bool file)
{
	if (!file)
		return mkdirat(dir, name, 0755);
	return mknodat(dir, name, S_IFREG | 0644, 0);
}

/* Go through one component. Returns 0, or -1 with errno. */
static int walk_step(struct walk *w, const char *name, bool last, enum make make)
{
	int here = w->dirs[w->depth], fd;
	struct stat st;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		walk_up(w);
		return 0;
	}
	fd = openat(here, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && make != MAKE_NOTHING) {
		if (make_entry(here, name, last && make == MAKE_FILE) < 0 && errno != EEXIST)
			return -1;
		fd = openat(here, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0) {
		fd_close(&fd);
		return -1;
	}
	if (S_ISLNK(st.st_mode) && !(last && w->flags & O_NOFOLLOW)) {
		int result = walk_link(w, fd);

		fd_close(&fd);
		return result;
	}
	if ((!last || w->flags & O_DIRECTORY) && !S_ISDIR(st.st_mode)) {
		close(fd);
		errno = ENOTDIR;
		return -1;
	}
	if (S_ISLNK(st.st_mode) && !(w->flags & O_PATH)) {
		close(fd);
		errno = ELOOP;
		return -1;
	}
	return walk_push(w, fd);
}

/* Walk path below root. Returns an O_PATH descriptor of where it ends, or -1 with errno. */
static int walk(int root, const char *path, int flags, enum make make)
{
	struct walk w = { .dirs = { root }, .flags = flags };
	char name[NAME_MAX + 1];
	bool last;
	int fd = -1;

	if (strlen(path) >= sizeof(w.rest)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(w.rest, path);
	while (walk_next(&w, name, &last))
		if (walk_step(&w, name, last, make) < 0)
			goto end;
	if (w.rest[strspn(w.rest, "/")])
		errno = ENAMETOOLONG;
	else
		fd = fcntl(w.dirs[w.depth], F_DUPFD_CLOEXEC, 3);
end:
	while (w.depth) {
		int dir = w.dirs[w.depth--];

		fd_close(&dir);
	}
	return fd;
}

int path_open(int root, const char *path, int flags)
{
	int fd = sys_openat2(root, path, (unsigned)flags | O_CLOEXEC, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	char self[32];
	int opened;

	if (fd >= 0 || (errno != ENOSYS && errno != EAGAIN))
		return fd;
	fd = walk(root, path, flags, MAKE_NOTHING);
	if (fd < 0 || flags & O_PATH)
		return fd;
	/* What was reached by O_PATH is opened for good through its own entry in proc, which names it and nothing
	 * else. */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	opened = open(self, (flags & ~O_NOFOLLOW) | O_CLOEXEC);
	fd_close(&fd);
	return opened;
}

int path_make(int root, const char *path, bool file, struct err *e)
{
	int fd = sys_openat2(root, path, O_PATH | O_CLOEXEC, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);

	if (fd < 0)
		fd = walk(root, path, O_PATH, file ? MAKE_FILE : MAKE_DIRECTORY);
	if (fd >= 0)
		return fd;
	err_sys(e, "make the mount point %s in the container's root", path);
	if (e->num == EROFS)
		err_hint(e, "it must be there in a read-only root; an overlay takes what is missing");
	return -1;
}

char *path_absolute(const char *path, struct err *e)
{
	auto_free char *here = *path == '/' ? NULL : getcwd(NULL, 0);

	return str_format(e, "%s%s%s", here ? here : "", here ? "/" : "", path);
}

int path_make_host(const char *path, struct err *e)
{
	auto_free char *copy = str_format(e, "%s", path);
	struct stat st;

	if (!copy)
		return -1;
	if (stat(path, &st) == 0)
		return 0;
	for (char *slash = copy; slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = 0;
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return err_sys(e, "make the directory %s", copy);
		if (slash)
			*slash = '/';
	}
	return 0;
}
