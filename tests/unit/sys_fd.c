/* SPDX-License-Identifier: Zlib
 * Descriptors (sys/fd.h): every overlapping arrangement, closing without close_range and without proc, reading whole. Prints TAP. */
#include "sys/fd.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "no_call.h"
#include "sys/kernel.h"
#include "tap.h"

/* --- arranging --------------------------------------------------------------------------------------------------- */

enum { FIRST = 20, N = 4, LOW = FIRST - 2, COUNT = N + 4, STORE = 100 };

static ino_t inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

/* Descriptors LOW to LOW + COUNT - 1 are files of their own, everything between them and the store is closed. */
static void lay_out(void)
{
	for (int fd = LOW; fd < STORE; fd++)
		close(fd);
	for (int i = 0; i < COUNT; i++)
		if (dup3(STORE + i, LOW + i, O_CLOEXEC) < 0)
			abort();
}

/* Each of the N places is to get one of the files, or nothing: choice counts through all ways. */
static bool arrange(int choice)
{
	int fds[N], wanted[N];
	struct err e;

	lay_out();
	for (int i = 0, rest = choice; i < N; i++, rest /= COUNT + 1) {
		wanted[i] = rest % (COUNT + 1) - 1;
		fds[i] = wanted[i] < 0 ? -1 : LOW + wanted[i];
	}
	if (fd_arrange(fds, FIRST, N, &e) < 0)
		return false;
	for (int i = 0; i < N; i++)
		if (wanted[i] < 0 ? fcntl(FIRST + i, F_GETFD) >= 0 :
				    inode(FIRST + i) != inode(STORE + wanted[i]) || fcntl(FIRST + i, F_GETFD) != 0)
			return false;
	/* What lies outside of the places is untouched. */
	for (int i = 0; i < COUNT; i++)
		if ((LOW + i < FIRST || LOW + i >= FIRST + N) && inode(LOW + i) != inode(STORE + i))
			return false;
	/* And what had to be moved is not inherited. */
	for (int fd = LOW + COUNT; fd < STORE; fd++)
		if (fcntl(fd, F_GETFD) == 0)
			return false;
	return true;
}

static void test_arrange(void)
{
	int ways = 1, bad = 0;
	int fds[2] = { 0, 999 };
	struct err e;

	for (int i = 0; i < COUNT; i++) {
		int fd = memfd_create("file", MFD_CLOEXEC);

		if (fd < 0 || dup3(fd, STORE + i, O_CLOEXEC) < 0)
			abort();
		close(fd);
	}
	for (int i = 0; i < N; i++)
		ways *= COUNT + 1;
	for (int choice = 0; choice < ways; choice++)
		if (!arrange(choice) && bad++ < 5)
			printf("# arrangement %d\n", choice);
	tap_ok(bad == 0, __LINE__, "each of %d arrangements of %d descriptors in %d places", ways, COUNT, N);
	OK(fd_arrange(fds, 30, 2, &e) < 0 && e.num == EBADF, "a descriptor that is not open is an error");
	SAME(e.text, "duplicate a descriptor: Bad file descriptor", "with its message");
	for (int fd = LOW; fd < STORE + COUNT; fd++)
		close(fd);
}

/* --- closing ----------------------------------------------------------------------------------------------------- */

enum how { BY_RANGE, BY_PROC, ONE_BY_ONE, FALSE_PROC };

/* In a child: open some, close from 40 on, tell what is left. 0: as it should be. */
static int close_in_child(enum how how, int highest, rlim_t limit)
{
	const int opened[] = { 39, 40, 41, 63, 64, 300, 1000, highest };
	struct rlimit most = { (rlim_t)highest + 1, (rlim_t)highest + 1 };
	char dir[] = "/tmp/cagebox-fd-XXXXXX", inside[64];
	int null = open("/dev/null", O_RDONLY);
	pid_t pid = fork();
	int status;

	if (pid) {
		close(null);
		return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 99;
	}
	if (setrlimit(RLIMIT_NOFILE, &most) < 0)
		_exit(98);
	for (size_t i = 0; i < sizeof(opened) / sizeof(*opened); i++)
		if (dup2(null, opened[i]) < 0)
			_exit(97);
	most.rlim_cur = limit ? limit : most.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &most) < 0)
		_exit(96);
	if (how != BY_RANGE && no_call(SYS_close_range, ENOSYS) < 0)
		_exit(95);
	if (how == ONE_BY_ONE || how == FALSE_PROC) {
		if (!mkdtemp(dir) || chdir(dir) < 0)
			_exit(94);
		if (how == FALSE_PROC &&
		    (mkdir("proc", 0755) < 0 || mkdir("proc/self", 0755) < 0 || mkdir("proc/self/fd", 0755) < 0))
			_exit(93);
		snprintf(inside, sizeof(inside), "rm -rf %s", dir);
		/* The directory is emptied by a process that still sees it. */
		pid = fork();
		if (pid == 0) {
			int code = 0;

			if (chroot(".") < 0)
				_exit(92);
			fd_close_from(40);
			code = fcntl(39, F_GETFD) < 0;
			for (size_t i = 1; i < sizeof(opened) / sizeof(*opened); i++)
				code += fcntl(opened[i], F_GETFD) >= 0 ? 2 : 0;
			_exit(code);
		}
		waitpid(pid, &status, 0);
		_exit(system(inside) != 0 ? 91 : WEXITSTATUS(status));
	}
	fd_close_from(40);
	status = fcntl(39, F_GETFD) < 0;
	for (size_t i = 1; i < sizeof(opened) / sizeof(*opened); i++)
		status += fcntl(opened[i], F_GETFD) >= 0 ? 2 : 0;
	_exit(status);
}

static void test_close(void)
{
	struct rlimit hard = { 0 };
	int highest = getrlimit(RLIMIT_NOFILE, &hard) == 0 && hard.rlim_max <= 70000 ? (int)hard.rlim_max - 1 : 70000;

	OK(close_in_child(BY_RANGE, 2000, 0) == 0, "close_range closes from 40 on and leaves 39");
	OK(close_in_child(BY_PROC, 2000, 0) == 0, "without it proc's list does");
	OK(close_in_child(BY_PROC, 2000, 100) == 0, "those above a limit that was lowered too");
	OK(close_in_child(BY_PROC, highest, 0) == 0, "and the highest, above 65535 where the hard limit is");
	OK(close_in_child(ONE_BY_ONE, 2000, 0) == 0, "without proc every number is tried");
	OK(close_in_child(FALSE_PROC, 2000, 0) == 0, "a directory in proc's place is not believed");
}

/* --- reading and writing ----------------------------------------------------------------------------------------- */

static int memory(const char *data, size_t size)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, data, size) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		abort();
	return fd;
}

static void reads(const char *data, size_t size, size_t limit, const char *wanted, const char *title)
{
	auto_fd int fd = memory(data, size);
	struct err e = { 0 };
	auto_free char *text = fd_read_all(fd, limit, "the file", &e);

	SAME(text ? text : e.text, wanted, title);
}

static void test_read(void)
{
	static char big[100001];
	auto_fd int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err e;

	memset(big, 'x', sizeof(big) - 1);
	reads("", 0, 10, "", "an empty file");
	reads("abc\n", 4, 4, "abc\n", "a file of exactly the limit");
	reads("abcde", 5, 4, "read the file: longer than 4 bytes", "one that is longer");
	reads("a\0b", 3, 10, "read the file: it has a zero byte", "a zero byte");
	reads("a\0", 2, 10, "read the file: it has a zero byte", "a zero byte at the end");
	reads(big, sizeof(big) - 1, sizeof(big), big, "100,000 bytes");
	OK(!fd_read_all(dir, 10, "x", &e) && e.num == EISDIR, "a directory cannot be read");
	SAME(e.text, "read x: Is a directory", "with its message");
}

static void test_write(void)
{
	auto_fd int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	OK(fd_write_all(full, "x", 1) < 0 && errno == ENOSPC, "a full disk is an error");
	OK(fd_write_all(full, "", 0) == 0, "nothing is written with success");
	OK(fd_write_all(-1, "x", 1) < 0 && errno == EBADF, "nor can a closed descriptor be written to");
}

static void test_proc(void)
{
	struct err e;
	auto_fd int proc = fd_open_proc(&e), other = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[64], text[32] = "";
	auto_fd int fd = -1;

	OK(proc >= 0 && fd_is_on(proc, PROC_SUPER_MAGIC) && fcntl(proc, F_GETFD) == FD_CLOEXEC, "proc is opened and is proc");
	OK(!fd_is_on(other, PROC_SUPER_MAGIC) && !fd_is_on(-1, PROC_SUPER_MAGIC), "/tmp is not, nor is no descriptor");
	OK(fd_write_proc(proc, "self/comm", "tested") == 0, "a file of proc is written");
	fd = openat(proc, "self/comm", O_RDONLY | O_CLOEXEC);
	OK(read(fd, text, sizeof(text) - 1) == 7 && !strcmp(text, "tested\n"), "and has the text");
	snprintf(name, sizeof(name), "cagebox-fd-test-%d", (int)getpid());
	fd_close(&fd);
	fd = openat(other, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	OK(fd >= 0 && fd_write_proc(other, name, "x") < 0 && errno == ENOENT, "a file that is not proc's is not written");
	OK(lseek(fd, 0, SEEK_END) == 0, "it is as empty as before");
	unlinkat(other, name, 0);
	if (unshare(CLONE_NEWNS) == 0 && sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    sys_mount("/proc/self/oom_score_adj", "/proc/self/comm", NULL, MS_BIND, NULL) == 0) {
		auto_fd int here = fd_open_proc(&e);

		OK(fd_write_proc(here, "self/comm", "7") < 0 && errno == EXDEV, "nor one of proc that is mounted over another");
		sys_umount2("/proc/self/comm", 0);
		OK(sys_mount("/proc/self", "/proc", NULL, MS_BIND, NULL) == 0 && fd_open_proc(&e) < 0,
		   "a directory of proc is not its root");
		sys_umount2("/proc", 0);
	}
	OK(fd_write_proc(proc, "self/exe", "x") < 0 && errno == ELOOP, "links are not followed");
	OK(fd_write_proc(proc, "self/nothing", "x") < 0 && errno == ENOENT, "nor is anything made");
}

int main(void)
{
	test_arrange();
	test_close();
	test_read();
	test_write();
	test_proc();
	return tap_done();
}
