/* SPDX-License-Identifier: Zlib
 * Landlock (sys/landlock.h): what each kind of rule denies and allows to a child that is under it. Prints TAP. */
#include "sys/landlock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char dir[] = "/tmp/landlock.XXXXXX";

/* Run act in a child for which access to path is all that is left of kinds; its result, an errno. */
static int act_under(unsigned kinds, const char *path, unsigned access, int (*act)(void))
{
	pid_t pid = fork();
	int status = -1, rules, fd;
	struct err e;

	if (pid) {
		waitpid(pid, &status, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}
	rules = landlock_begin(kinds, &e);
	fd = path ? open(path, O_PATH | O_CLOEXEC) : -1;
	if (rules < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || chdir(dir) < 0 ||
	    (path && (fd < 0 || landlock_allow_path(rules, fd, path, access, &e) < 0)) || landlock_enforce(rules, &e) < 0) {
		printf("# %s\n", e.text);
		_exit(200);
	}
	_exit(act() < 0 ? errno : 0);
}

static int act_read(void)
{
	return open("file", O_RDONLY);
}

static int act_list(void)
{
	return open(".", O_RDONLY | O_DIRECTORY);
}

static int act_write(void)
{
	return open("file", O_WRONLY);
}

static int act_make(void)
{
	return mknod("new", S_IFREG | 0600, 0) < 0 ? -1 : unlink("new");
}

static int act_truncate(void)
{
	return truncate("file", 0);
}

static int act_move(void)
{
	if (mkdir("a", 0700) < 0 || mkdir("b", 0700) < 0 || mkdir("a/c", 0700) < 0 || rename("a/c", "b/c") < 0)
		return -1;
	return rmdir("b/c") < 0 || rmdir("b") < 0 || rmdir("a") < 0 ? -1 : 0;
}

/* It is none that could run: what matters is whether that is found out. */
static int act_execute(void)
{
	execl("program", "program", NULL);
	return errno == ENOEXEC ? 0 : -1;
}

static void test_files(int abi)
{
	static const struct {
		const char *title;
		int (*act)(void);
		unsigned access;
	} acts[] = {
		{ "read", act_read, LANDLOCK_READ },          { "list", act_list, LANDLOCK_READ },
		{ "write", act_write, LANDLOCK_WRITE },       { "make and remove", act_make, LANDLOCK_WRITE },
		{ "truncate", act_truncate, LANDLOCK_WRITE }, { "move between directories", act_move, LANDLOCK_WRITE },
		{ "execute", act_execute, LANDLOCK_EXECUTE },
	};
	char file[sizeof(dir) + 8];

	for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++) {
		unsigned others = (LANDLOCK_READ | LANDLOCK_WRITE | LANDLOCK_EXECUTE) & ~acts[i].access;
		bool missing =
			(acts[i].act == act_truncate && abi < LANDLOCK_TRUNCATES) || (acts[i].act == act_move && abi < 2);

		/* Who may execute a file may read it. */
		if (acts[i].act == act_read)
			others = LANDLOCK_WRITE;
		if (missing)
			continue;
		tap_ok(act_under(LANDLOCK_FILES, dir, acts[i].access, acts[i].act) == 0, __LINE__, "%s: allowed",
		       acts[i].title);
		tap_ok(act_under(LANDLOCK_FILES, dir, others, acts[i].act) == EACCES, __LINE__, "%s: denied", acts[i].title);
		tap_ok(act_under(LANDLOCK_FILES, NULL, 0, acts[i].act) == EACCES, __LINE__, "%s: denied without rules",
		       acts[i].title);
		tap_ok(act_under(LANDLOCK_FILES, "/proc", acts[i].access, acts[i].act) == EACCES, __LINE__,
		       "%s: denied by a rule for elsewhere", acts[i].title);
	}
	snprintf(file, sizeof(file), "%s/file", dir);
	OK(act_under(LANDLOCK_FILES, file, 7, act_write) == 0, "a rule can be for one file");
	OK(act_under(LANDLOCK_FILES, file, 7, act_list) == EACCES, "which is none for where it is");
}

static int act_bind(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -1 : bind(fd, (struct sockaddr *)&at, sizeof(at));
}

/* What becomes of a socket that is to be bound to no certain port where this one is allowed; -1: none is. */
static int bind_under(int allowed)
{
	pid_t pid = fork();
	int status = -1, rules;
	struct err e;

	if (pid) {
		waitpid(pid, &status, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}
	rules = landlock_begin(LANDLOCK_TCP_BIND, &e);
	if (rules < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    (allowed >= 0 && landlock_allow_port(rules, LANDLOCK_TCP_BIND, (uint16_t)allowed, &e) < 0) ||
	    landlock_enforce(rules, &e) < 0)
		_exit(200);
	_exit(act_bind() < 0 ? errno : 0);
}

static const struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0cagebox-unit-landlock" };

static int act_connect(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return connect(fd, (const struct sockaddr *)&name, sizeof(name));
}

static int act_signal(void)
{
	return kill(getppid(), 0);
}

static void test_scope(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 1) < 0)
		abort();
	OK(act_under(LANDLOCK_SIGNALS, NULL, 0, act_connect) == 0, "an abstract socket can be reached");
	OK(act_under(LANDLOCK_SOCKETS, NULL, 0, act_connect) == EPERM, "but not from another domain");
	OK(act_under(LANDLOCK_SOCKETS, NULL, 0, act_signal) == 0, "a process outside can be sent a signal");
	OK(act_under(LANDLOCK_SIGNALS, NULL, 0, act_signal) == EPERM, "but not from another domain");
	OK(act_under(LANDLOCK_SIGNALS | LANDLOCK_SOCKETS, NULL, 0, act_make) == 0, "files are left alone");
	close(fd);
}

static void make_files(void)
{
	if (!mkdtemp(dir) || chdir(dir) < 0 || system("echo x >file && echo x >program && chmod 755 program") != 0)
		abort();
}

int main(void)
{
	int abi = landlock_abi();

	OK(landlock_needs(0) == 0 && landlock_needs(LANDLOCK_FILES) == 1, "files need version 1");
	OK(landlock_needs(LANDLOCK_FILES | LANDLOCK_TCP_BIND) == 4 && landlock_needs(LANDLOCK_TCP_CONNECT) == 4, "TCP 4");
	OK(landlock_needs(31) == 6 && landlock_needs(LANDLOCK_SIGNALS) == 6 && landlock_needs(LANDLOCK_SOCKETS) == 6,
	   "scopes 6");
	if (!abi) {
		OK(errno == ENOSYS || errno == EOPNOTSUPP, "no Landlock here, and why");
		return tap_done();
	}
	make_files();
	test_files(abi);
	if (abi >= 4) {
		OK(bind_under(-1) == EACCES && bind_under(5) == EACCES, "a port without a rule");
		OK(bind_under(0) == 0, "one with");
	}
	if (abi >= 6)
		test_scope();
	OK(unlink("file") == 0 && unlink("program") == 0 && rmdir(dir) == 0, "nothing else has been made");
	return tap_done();
}
