/* SPDX-License-Identifier: Zlib
 * The process that uses the library stays as it is, whatever it is like: signals, descriptors, children. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* All that a call could change: mask, dispositions, open descriptors, umask, working directory. */
struct self {
	sigset_t mask;
	struct sigaction actions[65];
	int fds[256];
	mode_t umask;
	char cwd[4096];
};

static void look_at_self(struct self *s)
{
	memset(s, 0, sizeof(*s));
	sigprocmask(SIG_SETMASK, NULL, &s->mask);
	for (int n = 1; n <= 64; n++)
		sigaction(n, NULL, &s->actions[n]);
	for (int fd = 0; fd < 256; fd++)
		s->fds[fd] = fcntl(fd, F_GETFD);
	s->umask = umask(0);
	umask(s->umask);
	if (!getcwd(s->cwd, sizeof(s->cwd)))
		exit(1);
}

static bool is_same(const struct self *a, const struct self *b)
{
	for (int n = 1; n <= 64; n++)
		if (a->actions[n].sa_handler != b->actions[n].sa_handler || a->actions[n].sa_flags != b->actions[n].sa_flags ||
		    sigismember(&a->mask, n) != sigismember(&b->mask, n))
			return false;
	return !memcmp(a->fds, b->fds, sizeof(a->fds)) && a->umask == b->umask && !strcmp(a->cwd, b->cwd);
}

static bool has_child(void)
{
	return waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD;
}

static int visit(const struct cagebox_status *s, void *data)
{
	(void)s;
	(void)data;
	return 0;
}

/* Every kind of call once, also one that fails. */
static void call_all(void)
{
	struct cagebox_spec *spec = shell("called", "sleep 1000; :"), *quick = shell(NULL, "exit 0");
	struct cagebox_error err;

	must(cagebox_run(quick, NULL, NULL, &err), &err);
	must(cagebox_run(quick, (const int[]){ -1, -1, 2 }, NULL, &err), &err);
	must(cagebox_start(spec, NULL, &err), &err);
	must(cagebox_list(visit, NULL, &err), &err);
	must(cagebox_signal("called", SIGWINCH, &err), &err);
	cagebox_set_command(quick, (const char *const[]){ "true", NULL }, NULL);
	must(cagebox_stop("called", 0, NULL, &err), &err);
	must(cagebox_wait("called", NULL, &err), &err);
	cagebox_kill("nosuch", NULL, NULL);
	must(cagebox_set(spec, "command", "/nonexistent", &err), &err);
	cagebox_run(spec, NULL, NULL, NULL);
	cagebox_spec_free(spec);
	cagebox_spec_free(quick);
}

static void check_unchanged(void)
{
	static struct self before, after;
	sigset_t some;

	sigemptyset(&some);
	sigaddset(&some, SIGUSR2);
	sigaddset(&some, SIGTERM);
	sigprocmask(SIG_BLOCK, &some, NULL);
	signal(SIGHUP, SIG_IGN);
	look_at_self(&before);
	call_all();
	look_at_self(&after);
	check(is_same(&before, &after), "signals, descriptors, umask and directory of the caller are as before", "%s",
	      "they are not");
	check(!has_child(), "and there is no child", "%s", "there is");
	sigprocmask(SIG_UNBLOCK, &some, NULL);
	signal(SIGHUP, SIG_DFL);
}

/* Neither the caller's descriptors nor what it blocks and ignores gets inside. */
static void check_inside(void)
{
	struct cagebox_spec *spec =
		shell(NULL, "cd /proc/self/fd; echo *; grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status | sort");
	struct cagebox_error err;
	struct cagebox_end end;
	sigset_t all, old;
	char out[512];
	int fds[] = { dup2(2, 3), dup2(2, 7), dup2(2, 77) };

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	check_end(run_for_output(spec, out, sizeof(out), &end, &err), &end, &err, "exit", 0, "with all signals blocked");
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	check(!strncmp(out, "0 1 2", 5) && !strstr(out, "77"), "the command has its three descriptors", "%s", out);
	check(strstr(out, "SigBlk:\t0000000000000000") && strstr(out, "SigIgn:\t0000000000000000"),
	      "and no signal blocked or ignored", "%s", out);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	cagebox_spec_free(spec);
}

static void reap_all(int signal)
{
	int saved = errno;

	(void)signal;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	errno = saved;
}

static void tick(int signal)
{
	(void)signal;
}

/* A caller that ignores SIGCHLD, one that reaps everything, one whose calls are interrupted all the time. */
static void check_handlers(void)
{
	struct cagebox_spec *spec = shell(NULL, "sleep 0.2; exit 6");
	struct sigaction reaper = { .sa_handler = reap_all }, ticker = { .sa_handler = tick };
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct cagebox_error err;
	struct cagebox_end end;

	signal(SIGCHLD, SIG_IGN);
	check_end(cagebox_run(spec, NULL, &end, &err), &end, &err, "exit", 6, "SIGCHLD is ignored");
	sigaction(SIGCHLD, &reaper, NULL);
	check_end(cagebox_run(spec, NULL, &end, &err), &end, &err, "exit", 6, "its handler reaps everything");
	signal(SIGCHLD, SIG_DFL);
	sigaction(SIGALRM, &ticker, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	check_end(cagebox_run(spec, NULL, &end, &err), &end, &err, "exit", 6, "a timer interrupts every system call");
	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_DFL);
	check(!has_child(), "no child is left", "%s", "one is");
	cagebox_spec_free(spec);
}

/* In a process of its own: without standard streams; short of descriptors. */
static void check_poor(void)
{
	struct cagebox_spec *spec = shell(NULL, "read x; echo lost; exit 4");
	struct cagebox_error err = { 0 };
	struct cagebox_end end = { "", "", 0 };
	struct rlimit few = { 12, 12 };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		for (int fd = 0; fd < 3; fd++)
			close(fd);
		_exit(cagebox_run(spec, NULL, &end, &err) < 0 ? 99 : fcntl(0, F_GETFD) != -1 ? 98 : end.code);
	}
	waitpid(pid, &status, 0);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 4, "a caller without standard streams", "status %x",
	      (unsigned)status);
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_NOFILE, &few);
		while (dup(2) >= 0)
			;
		_exit(cagebox_run(spec, NULL, &end, &err) == -1 && err.num == EMFILE && err.code == 125 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	check(status == 0, "one that can open no more", "status %x", (unsigned)status);
	cagebox_spec_free(spec);
}

void check_caller(void)
{
	check_unchanged();
	check_inside();
	check_handlers();
	check_poor();
}
