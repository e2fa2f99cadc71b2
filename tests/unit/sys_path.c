/* SPDX-License-Identifier: Zlib
 * Resolving below a root (sys/path.h) in a real directory, by openat2 and then by the walk that replaces it. Prints TAP. */
#include "sys/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "no_call.h"
#include "sys/kernel.h"
#include "tap.h"

enum { LINKS = 45 };

static char top[] = "/tmp/cagebox-path-XXXXXX";
static int top_fd, root;

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void make_file(int dir, const char *path, const char *text)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	must(fd, path);
	must((int)write(fd, text, strlen(text)), path);
	close(fd);
}

/* A root with ways out of it, beside something that is to be reached by none. */
static void make_tree(void)
{
	static const char *const links[][2] = {
		{ "etc/link", "passwd" },
		{ "abs", "/etc/passwd" },
		{ "up", "../../../../../../../../etc/passwd" },
		{ "out", "../outside" },
		{ "out-abs", "/outside" },
		{ "host", NULL },
		{ "loop-a", "loop-b" },
		{ "loop-b", "loop-a" },
		{ "self", "self" },
		{ "dangling", "var/new/there" },
		{ "dangling-abs", "/var/new-abs" },
		{ "dangling-up", "../../made" },
		{ "dir-link", "etc" },
		{ "dir-link-abs", "/etc" },
		{ "root-link", "/" },
		{ "dots", "etc/../etc/./passwd" },
		{ "chain", "dir-link-abs/link" },
		{ "magic", "/proc/self/root" },
		{ "slashes", "///etc///passwd" },
	};
	char target[sizeof(top) + 16];

	must(mkdtemp(top) ? 0 : -1, "make a directory");
	must(top_fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC), top);
	make_file(top_fd, "outside", "outside");
	must(mkdirat(top_fd, "root", 0755), "root");
	must(root = openat(top_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC), "root");
	must(mkdirat(root, "etc", 0755), "etc");
	must(mkdirat(root, "var", 0755), "var");
	make_file(root, "etc/passwd", "inside");
	must(mknodat(root, "fifo", S_IFIFO | 0600, 0), "fifo");
	snprintf(target, sizeof(target), "%s/outside", top);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		must(symlinkat(links[i][1] ? links[i][1] : target, root, links[i][0]), links[i][0]);
	/* A chain of links, each leading to the one before. */
	for (int i = 0; i < LINKS; i++) {
		char name[16], before[16];

		snprintf(name, sizeof(name), "n%d", i);
		snprintf(before, sizeof(before), "n%d", i - 1);
		must(symlinkat(i ? before : "etc/passwd", root, name), name);
	}
}

/* What a file holds, or why it cannot be read. */
static const char *content(const char *path)
{
	static char text[64];
	int fd = path_open(root, path, O_RDONLY | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return strerror(errno);
	n = read(fd, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = 0;
	if (!(fcntl(fd, F_GETFD) & FD_CLOEXEC))
		strcpy(text, "inherited by exec");
	close(fd);
	return n < 0 ? strerror(errno) : text;
}

static void test_open(void)
{
	static const struct {
		const char *path, *wanted;
		int num; /* instead of wanted */
	} cases[] = {
		{ "etc/passwd", "inside", 0 },
		{ "/etc/passwd", "inside", 0 },
		{ "//etc/./passwd", "inside", 0 },
		{ "etc/../etc/passwd", "inside", 0 },
		{ "../etc/passwd", "inside", 0 },
		{ "/../../../etc/passwd", "inside", 0 },
		{ "etc/link", "inside", 0 },
		{ "abs", "inside", 0 },
		{ "up", "inside", 0 },
		{ "dots", "inside", 0 },
		{ "chain", "inside", 0 },
		{ "slashes", "inside", 0 },
		{ "dir-link/passwd", "inside", 0 },
		{ "dir-link-abs/../dir-link/passwd", "inside", 0 },
		{ "root-link/etc/passwd", "inside", 0 },
		{ "root-link/root-link/../etc/passwd", "inside", 0 },
		{ "n38", "inside", 0 },
		{ "out", NULL, ENOENT },
		{ "out-abs", NULL, ENOENT },
		{ "host", NULL, ENOENT },
		{ "../outside", NULL, ENOENT },
		{ "etc/../../outside", NULL, ENOENT },
		{ "dangling", NULL, ENOENT },
		{ "magic/etc", NULL, ENOENT },
		{ "loop-a", NULL, ELOOP },
		{ "self", NULL, ELOOP },
		{ "self/x", NULL, ELOOP },
		{ "n44", NULL, ELOOP },
		{ "nothing", NULL, ENOENT },
		{ "etc/passwd/x", NULL, ENOTDIR },
		{ "etc/passwd/..", NULL, ENOTDIR },
		{ "etc/passwd/.", NULL, ENOTDIR },
		{ "abs/..", NULL, ENOTDIR },
		{ "fifo", "", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char title[80];

		snprintf(title, sizeof(title), "open %s", cases[i].path);
		SAME(content(cases[i].path), cases[i].wanted ? cases[i].wanted : strerror(cases[i].num), title);
	}
}

static bool same_place(int fd, const char *path)
{
	struct stat a, b;

	return fd >= 0 && fstat(fd, &a) == 0 && fstatat(root, path, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static void test_flags(void)
{
	char name[300], path[PATH_MAX + 8];
	int fd;

	fd = path_open(root, "/", O_PATH);
	OK(same_place(fd, "."), "the root itself");
	close(fd);
	fd = path_open(root, "../..", O_PATH);
	OK(same_place(fd, "."), "nothing is above the root");
	close(fd);
	fd = path_open(root, "root-link", O_PATH);
	OK(same_place(fd, "."), "a link to / leads to the root");
	close(fd);
	fd = path_open(root, "abs", O_PATH | O_NOFOLLOW);
	OK(same_place(fd, "abs"), "O_PATH and O_NOFOLLOW: the link itself");
	close(fd);
	fd = path_open(root, "dir-link/link", O_PATH | O_NOFOLLOW);
	OK(same_place(fd, "etc/link"), "a link on the way is followed all the same");
	close(fd);
	OK(path_open(root, "abs", O_RDONLY | O_NOFOLLOW) < 0 && errno == ELOOP, "O_NOFOLLOW alone: ELOOP at a link");
	fd = path_open(root, "etc/passwd", O_RDONLY | O_NOFOLLOW);
	OK(same_place(fd, "etc/passwd"), "and no objection to a file");
	close(fd);
	OK(path_open(root, "etc/passwd", O_PATH | O_DIRECTORY) < 0 && errno == ENOTDIR, "O_DIRECTORY refuses a file");
	fd = path_open(root, "dir-link", O_RDONLY | O_DIRECTORY);
	OK(same_place(fd, "etc"), "and takes a link to a directory");
	close(fd);
	memset(name, 'n', sizeof(name));
	name[256] = 0;
	OK(path_open(root, name, O_PATH) < 0 && errno == ENAMETOOLONG, "a component of 256 bytes");
	name[255] = 0;
	OK(path_open(root, name, O_PATH) < 0 && errno == ENOENT, "one of 255 is only missing");
	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 2 ? '/' : '.';
	path[sizeof(path) - 1] = 0;
	OK(path_open(root, path, O_PATH) < 0 && errno == ENAMETOOLONG, "a path longer than PATH_MAX");
	path[PATH_MAX - 1] = 0;
	fd = path_open(root, path, O_PATH);
	OK(same_place(fd, "."), "one that is just short enough");
	close(fd);
}

/* Make path; it has to be at wanted then (below the root), with that mode. */
static void made(const char *path, bool file, const char *wanted, mode_t mode)
{
	struct err e = { 0 };
	int fd = path_make(root, path, file, &e);
	struct stat st;

	if (!tap_ok(same_place(fd, wanted) && fstat(fd, &st) == 0 && st.st_mode == mode, __LINE__, "make %s: there is %s", path,
		    wanted))
		printf("# %s\n", e.text);
	if (fd >= 0)
		close(fd);
}

static void not_made(const char *path, bool file, int num)
{
	struct err e = { 0 };
	int fd = path_make(root, path, file, &e);

	if (!tap_ok(fd < 0 && e.num == num && strstr(e.text, path), __LINE__, "make %s: %s", path, strerror(num)))
		printf("# %d %s\n", fd, e.text);
	if (fd >= 0)
		close(fd);
}

/* round: a name for everything that is made, so that it can be made again without openat2. */
static void test_make(const char *round)
{
	char deep[300] = "", path[400];
	struct stat st;

	must(mkdirat(root, round, 0755), round);
	umask(0);
#define AT(rest) (snprintf(path, sizeof(path), "%s/%s", round, rest), path)
	made(AT("a/b/c"), false, path, S_IFDIR | 0755);
	made(AT("a/b/c"), false, path, S_IFDIR | 0755);
	made(AT("f/file"), true, path, S_IFREG | 0644);
	made(AT("f/file"), true, path, S_IFREG | 0644);
	made("etc/passwd", true, "etc/passwd", S_IFREG | 0644);
	must(fstatat(root, AT("f"), &st, 0), path);
	OK(S_ISDIR(st.st_mode) && (st.st_mode & 07777) == 0755, "what is on the way is a directory with mode 0755");
	made("../../escaped", false, "escaped", S_IFDIR | 0755);
	OK(faccessat(top_fd, "escaped", F_OK, 0) < 0 && errno == ENOENT, "no '..' leads out");
	made("dangling", true, "var/new/there", S_IFREG | 0644);
	made("dangling-abs", false, "var/new-abs", S_IFDIR | 0755);
	made("dangling-up", false, "made", S_IFDIR | 0755);
	OK(faccessat(top_fd, "made", F_OK, 0) < 0, "a dangling link is made inside");
	made("out", true, "outside", S_IFREG | 0644);
	unlinkat(root, "outside", 0);
	made("dir-link-abs/new", true, "etc/new", S_IFREG | 0644);
	unlinkat(root, "etc/new", 0);
	made("", false, ".", S_IFDIR | 0755);
	not_made("loop-a", false, ELOOP);
	not_made("self/x", true, ELOOP);
	not_made("etc/passwd/x", true, ENOTDIR);
	for (int i = 0; i < 50; i++)
		strcat(deep, "d/");
	made(AT(deep), false, path, S_IFDIR | 0755);
	for (int i = 0; i < 20; i++)
		strcat(deep, "d/");
	not_made(AT(deep), false, ENAMETOOLONG);
	memset(deep, 'x', 256);
	deep[256] = 0;
	{
		struct err e;
		int fd = path_make(root, deep, false, &e);

		OK(fd < 0 && e.num == ENAMETOOLONG, "make a name of 256 bytes: refused");
	}
	for (const char *const *gone = (const char *const[]){ "var/new/there", NULL }; *gone; gone++)
		unlinkat(root, *gone, 0);
	for (const char *const *gone = (const char *const[]){ "var/new", "var/new-abs", "made", "escaped", NULL }; *gone;
	     gone++)
		unlinkat(root, *gone, AT_REMOVEDIR);
}

/* Every descriptor that was opened is closed again. */
static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_all(const char *round)
{
	int before = open_descriptors();

	printf("# %s\n", round);
	test_open();
	test_flags();
	test_make(round);
	OK(open_descriptors() == before, "no descriptor is left open");
}

int main(void)
{
	char command[sizeof(top) + 16];
	struct stat st;

	make_tree();
	if (sys_openat2(root, ".", O_PATH | O_CLOEXEC, RESOLVE_IN_ROOT) < 0)
		printf("# this kernel has no openat2: %s\n", strerror(errno));
	test_all("first");
	OK(no_call(SYS_openat2, ENOSYS) == 0 && sys_openat2(root, ".", O_PATH, 0) < 0 && errno == ENOSYS,
	   "openat2 is taken away");
	test_all("second");
	OK(fstatat(top_fd, "outside", &st, 0) == 0 && st.st_size == 7, "what is outside is as it was");
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command) != 0 || tap_done();
}
