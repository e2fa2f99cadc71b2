/* SPDX-License-Identifier: Zlib
 * Making a root out of nothing but this binary: what it consists of, and the two ways to write it. Host side. */
#include "box/skel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/cpio.h"
#include "sys/fd.h"

/* --- what a root consists of -------------------------------------------------------------------------------------- */

/* rootfs-skel/, made by the Makefile: for each path a line "TYPE SIZE PATH" (d directory, f file, x executable),
 * then the content. A NUL ends it. */
__asm__(".pushsection .rodata.skel_pack, \"a\"\n"
	"skel_pack: .incbin \"" SKEL_PACK "\"\n"
	"skel_pack_end: .byte 0\n"
	".popsection");
extern const char skel_pack[], skel_pack_end[];

/* Where entries go: a directory or an archive. add returns 0, or -1 with e set. */
struct sink {
	int (*add)(struct sink *to, const struct cpio_entry *en, struct err *e);
};

struct dir {
	const char *path;
	uint16_t mode;
};

/* The directories that git cannot keep, or whose modes it cannot: mount points of every container, bin for a shell
 * and other programs, mnt for the disk of a machine that boots, and what programs take for granted. */
static const struct dir dirs[] = {
	{ "bin", 0755 },  { "dev", 0755 },     { "home", 0755 },     { "mnt", 0755 }, { "proc", 0555 },
	{ "root", 0700 }, { "run", 0755 },     { "sbin", 0755 },     { "sys", 0555 }, { "tmp", 01777 },
	{ "var", 0755 },  { "var/log", 0755 }, { "var/tmp", 01777 },
};

/* What an initramfs needs besides. A kernel may unpack it into a tmpfs, whose root everybody can write to unless the
 * archive says otherwise; and it opens the console before it starts /init, which would have no standard streams
 * without it. */
static const struct cpio_entry boot[] = {
	{ .path = ".", .mode = S_IFDIR | 0755 },
	{ .path = "dev/console", .mode = S_IFCHR | 0600, .major = 5, .minor = 1 },
	{ .path = "dev/null", .mode = S_IFCHR | 0666, .major = 1, .minor = 3 },
};

/* Read the entry at *at and step over it; its path goes to path. Returns 1, 0 at the end, or -1 with e set. */
static int pack_next(const char **at, struct cpio_entry *en, char path[100], struct err *e)
{
	const char *start = *at, *path_at;
	char *end;
	size_t len;

	if (start == skel_pack_end)
		return 0;
	*en = (struct cpio_entry){ .path = path, .size = strtoul(start + 2, &end, 10) };
	path_at = end + 1;
	len = strcspn(path_at, "\n");
	if (start[1] != ' ' || *end != ' ' || !len || len >= 100 || path_at[len] != '\n')
		goto damaged;
	memcpy(path, path_at, len);
	path[len] = 0;
	en->data = path_at + len + 1;
	if (!strchr("dfx", *start) || en->size > (size_t)(skel_pack_end - path_at) - len - 1)
		goto damaged;
	en->mode = *start == 'd' ? S_IFDIR | 0755 : *start == 'x' ? S_IFREG | 0755 : S_IFREG | 0644;
	*at = path_at + len + 1 + en->size;
	return 1;
damaged:
	return err_set(e, "the packed skeleton is damaged at byte %zd", start - skel_pack);
}

static int add_pack(struct sink *to, struct err *e)
{
	const char *at = skel_pack;
	struct cpio_entry en;
	char path[100];
	int more;

	while ((more = pack_next(&at, &en, path, e)) > 0)
		if (to->add(to, &en, e) < 0)
			return -1;
	return more;
}

static int add_link(struct sink *to, const char *path, const char *target, struct err *e)
{
	return to->add(to, &(struct cpio_entry){ path, S_IFLNK | 0777, target, strlen(target), 0, 0 }, e);
}

/* Relative targets, so that the links lead to the right file from outside as well. */
static int add_links(struct sink *to, const struct words *links, struct err *e)
{
	for (size_t i = 0; i < links->n; i++) {
		char path[128];

		if ((size_t)snprintf(path, sizeof(path), "sbin/%s", links->v[i]) >= sizeof(path))
			return err_set(e, "link '%s': the name is too long", links->v[i]);
		if (add_link(to, path, "cagebox", e) < 0)
			return -1;
		if (!strcmp(links->v[i], "init") && add_link(to, "init", SKEL_BINARY, e) < 0)
			return -1;
	}
	return 0;
}

/* The running binary, not what lies at its path by now. */
static int add_self(struct sink *to, struct err *e)
{
	auto_fd int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct cpio_entry en = { .path = SKEL_BINARY, .mode = S_IFREG | 0755 };
	struct stat st;
	void *map;
	int result;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open the binary by /proc/self/exe");
	en.size = (size_t)st.st_size;
	map = mmap(NULL, en.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return err_sys(e, "map the binary");
	en.data = map;
	result = to->add(to, &en, e);
	munmap(map, en.size);
	return result;
}

/* Everything, parents first. */
static int add_all(struct sink *to, const struct words *links, struct err *e)
{
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		if (to->add(to, &(struct cpio_entry){ .path = dirs[i].path, .mode = S_IFDIR | dirs[i].mode }, e) < 0)
			return -1;
	if (add_pack(to, e) < 0 || add_self(to, e) < 0)
		return -1;
	return add_links(to, links, e);
}

/* --- into a directory --------------------------------------------------------------------------------------------- */

struct tree {
	struct sink sink;
	const char *name; /* of the directory, for messages */
	int root;
	bool force;
	struct words made, *kept;
};

/* The directory that holds path, and path's last component in *last. Whoever may write below root cannot lead us out
 * of it by a symbolic link. Returns a descriptor, or -1 with errno. */
static int open_parent(int root, const char *path, const char **last)
{
	auto_fd int dir = openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char part[NAME_MAX + 1];

	for (size_t len; dir >= 0 && path[len = strcspn(path, "/")]; path += len + 1) {
		int next;

		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		next = openat(dir, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		fd_close(&dir);
		dir = next;
	}
	*last = path;
	return take_fd(&dir);
}

/* Neither the umask nor a parent's set-group-ID bit has a say. */
static int set_owner_and_mode(int fd, uint32_t mode)
{
	if (geteuid() == 0 && fchown(fd, 0, 0) < 0)
		return -1;
	return fchmod(fd, mode & 07777);
}

/* Make one new entry called name in dir. Returns 0, or -1 with errno and nothing made; EEXIST when the name is taken. */
static int make_entry(int dir, const char *name, const struct cpio_entry *en)
{
	auto_fd int fd = -1;
	int flags = O_RDONLY | O_DIRECTORY, saved;

	if (S_ISLNK(en->mode)) {
		if (symlinkat(en->data, dir, name) < 0)
			return -1;
		if (geteuid() != 0 || fchownat(dir, name, 0, 0, AT_SYMLINK_NOFOLLOW) == 0)
			return 0;
		goto failed;
	}
	if (S_ISREG(en->mode))
		flags = O_WRONLY | O_CREAT | O_EXCL;
	else if (mkdirat(dir, name, 0700) < 0)
		return -1;
	fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 && S_ISREG(en->mode))
		return -1;
	if (fd >= 0 && fd_write_all(fd, en->data, en->size) == 0 && set_owner_and_mode(fd, en->mode) == 0)
		return 0;
failed:
	saved = errno;
	unlinkat(dir, name, S_ISDIR(en->mode) ? AT_REMOVEDIR : 0);
	errno = saved;
	return -1;
}

/* A whole new file or link takes the place of the old one in one step. */
static int replace_entry(int dir, const char *name, const struct cpio_entry *en)
{
	char fresh[NAME_MAX + 1];
	int saved;

	snprintf(fresh, sizeof(fresh), ".%.200s.new.%d", name, (int)getpid());
	if (make_entry(dir, fresh, en) < 0)
		return -1;
	if (renameat(dir, fresh, dir, name) == 0)
		return 0;
	saved = errno;
	unlinkat(dir, fresh, 0);
	errno = saved;
	return -1;
}

/* What to do where something has the name already: a directory serves, a file is kept or replaced. */
static int meet_entry(struct tree *t, int dir, const char *name, const struct cpio_entry *en, struct err *e)
{
	struct stat st;

	if (S_ISDIR(en->mode)) {
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return err_sys(e, "stat %s/%s", t->name, en->path);
		return S_ISDIR(st.st_mode) ? 0 : err_set(e, "%s/%s is in the way: not a directory", t->name, en->path);
	}
	if (!t->force)
		return words_add(t->kept, en->path, e);
	if (replace_entry(dir, name, en) < 0)
		return err_sys(e, "replace %s/%s", t->name, en->path);
	return 0;
}

static int tree_add(struct sink *to, const struct cpio_entry *en, struct err *e)
{
	struct tree *t = (struct tree *)to;
	const char *name;
	auto_fd int dir = open_parent(t->root, en->path, &name);

	if (dir < 0)
		return err_sys(e, "open the directory of %s/%s", t->name, en->path);
	if (make_entry(dir, name, en) < 0) {
		if (errno == EEXIST)
			return meet_entry(t, dir, name, en, e);
		return err_sys(e, "make %s/%s", t->name, en->path);
	}
	if (words_add(&t->made, en->path, e) < 0) {
		unlinkat(dir, name, S_ISDIR(en->mode) ? AT_REMOVEDIR : 0);
		return -1;
	}
	return 0;
}

/* Remove what was made, the last first. What others have put into a new directory meanwhile keeps it. */
static void tree_undo(struct tree *t)
{
	for (size_t i = t->made.n; i-- > 0;) {
		const char *name;
		auto_fd int dir = open_parent(t->root, t->made.v[i], &name);

		if (dir >= 0 && unlinkat(dir, name, 0) < 0)
			unlinkat(dir, name, AT_REMOVEDIR);
	}
}

int skel_to_dir(const char *path, const struct words *links, bool force, struct words *kept, struct err *e)
{
	struct tree t = { .sink = { tree_add }, .name = path, .force = force, .kept = kept };
	bool is_new = mkdir(path, 0755) == 0;
	auto_fd int root = -1;
	int result = -1;

	if (!is_new && errno != EEXIST)
		return err_sys(e, "make %s", path);
	root = t.root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || (is_new && set_owner_and_mode(root, 0755) < 0)) {
		err_sys(e, "open %s", path);
		goto out;
	}
	result = add_all(&t.sink, links, e);
	if (result < 0)
		tree_undo(&t);
out:
	if (result < 0 && is_new)
		rmdir(path);
	words_free(&t.made);
	return result;
}

/* --- into an archive ---------------------------------------------------------------------------------------------- */

struct archive {
	struct sink sink;
	struct cpio cpio;
	const char *name;
	int fd;
};

static int archive_write(void *to, const void *data, size_t size, struct err *e)
{
	const struct archive *a = to;

	if (fd_write_all(a->fd, data, size) < 0)
		return err_sys(e, "write %s", a->name);
	return 0;
}

static int archive_add(struct sink *to, const struct cpio_entry *en, struct err *e)
{
	return cpio_add(&((struct archive *)to)->cpio, en, e);
}

int skel_to_fd(int fd, const char *name, const struct words *links, uint32_t mtime, struct err *e)
{
	struct archive a = { { archive_add }, { .write = archive_write, .to = &a, .mtime = mtime }, name, fd };

	if (add_all(&a.sink, links, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(boot) / sizeof(*boot); i++)
		if (cpio_add(&a.cpio, &boot[i], e) < 0)
			return -1;
	return cpio_end(&a.cpio, e);
}

/* Give the file its name. Not every file system can refuse to replace another one while renaming. */
static int rename_new(const char *from, const char *to, bool force)
{
	enum { NOREPLACE = 1 }; /* RENAME_NOREPLACE, renameat2(2) */

	if (!force && syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, NOREPLACE) == 0)
		return 0;
	if (!force && errno != EINVAL)
		return -1;
	return rename(from, to);
}

int skel_to_file(const char *path, const struct words *links, uint32_t mtime, bool force, struct err *e)
{
	auto_free char *fresh = str_format(e, "%s.new.%d", path, (int)getpid());
	auto_fd int fd = -1;
	struct stat st;

	if (!fresh)
		return -1;
	if (lstat(path, &st) == 0 && (!force || !S_ISREG(st.st_mode)))
		return err_set(e, "%s %s", path,
			       S_ISREG(st.st_mode) ? "exists (--force replaces it)" : "is not a regular file");
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_sys(e, "make %s", fresh);
	if (skel_to_fd(fd, path, links, mtime, e) < 0)
		goto failed;
	if (fsync(fd) < 0) {
		err_sys(e, "write %s to disk", path);
		goto failed;
	}
	if (rename_new(fresh, path, force) == 0)
		return 0;
	err_sys(e, "rename %s to %s", fresh, path);
failed:
	unlink(fresh);
	return -1;
}
