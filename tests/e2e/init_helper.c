/* SPDX-License-Identifier: Zlib
 * What tests/e2e/init.t needs beyond a shell: commands that take signals, make orphans in numbers, and a monitor for an init in
 * a container. Usage: init_helper WHAT [ARGUMENT...]; the comment of each function says of what. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "box/plan.h"
#include "box/wire.h"
#include "sys/sig.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static void nap(void)
{
	const struct timespec t = { 0, 1000000 };

	nanosleep(&t, NULL);
}

/* catch FILE: block everything, make FILE, print each signal that arrives; USR1 twice ends it with 0. */
static int catch (char **argv)
{
	int last = 0, n;

	sig_block_all(NULL);
	close(open(argv[0], O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	while ((n = sig_take(SIG_ALL & ~sig_bit(SIGCHLD), NULL, 20000)) > 0 || errno == EINTR) {
		if (n < 0)
			continue; /* it was stopped and continued */
		if (n == SIGUSR1 && last == SIGUSR1)
			return 0;
		printf("%d\n", n);
		fflush(stdout);
		last = n;
	}
	return 1;
}

/* with BLOCKED IGNORED COMMAND...: execute it with this mask and these ignored signals, both in hexadecimal. */
static int with(char **argv)
{
	sig_set_dispositions(~strtoull(argv[1], NULL, 16), strtoull(argv[1], NULL, 16));
	sig_set_mask(strtoull(argv[0], NULL, 16));
	execvp(argv[2], argv + 2);
	return 125;
}

/* window COUNT COMMAND...: start it COUNT times, each time send TERM after a slightly longer time, from nothing to 4 ms, and
 * wait for its end. Print how many did not end by TERM, and how many were alive after two seconds. */
static int window(char **argv)
{
	int runs = atoi(argv[0]), odd = 0, lost = 0;

	for (int run = 0; run < runs; run++) {
		double until = now() + 4.0 * run / runs;
		int status = 0, ended = 0;
		pid_t pid = fork();

		if (!pid) {
			setpgid(0, 0);
			execvp(argv[1], argv + 1);
			_exit(125);
		}
		while (now() < until)
			;
		kill(pid, SIGTERM);
		for (until = now() + 2000; !ended && now() < until; nap())
			ended = waitpid(pid, &status, WNOHANG) == pid;
		lost += !ended;
		if (!ended) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
		}
		odd += ended && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) &&
		       !(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGTERM);
	}
	printf("odd %d lost %d\n", odd, lost);
	return 0;
}

static pid_t orphan_pid(int from)
{
	pid_t pid = 0;

	return read(from, &pid, sizeof(pid)) == sizeof(pid) ? pid : -1;
}

/* Make a child of init that ends when the other end of pipe hold is closed, or never with hold == -1. */
static pid_t make_orphan(int hold, int hold_other)
{
	int told[2];
	pid_t child, pid;
	char c;

	if (pipe2(told, O_CLOEXEC) < 0)
		exit(125);
	child = fork();
	if (child == 0) {
		pid = fork();
		if (pid) {
			if (write(told[1], &pid, sizeof(pid)) < 0)
				_exit(125);
			_exit(0);
		}
		close(hold_other);
		close(told[0]);
		close(told[1]);
		if (hold >= 0 && read(hold, &c, 1) == 0)
			_exit(0);
		for (;;)
			pause();
	}
	close(told[1]);
	pid = orphan_pid(told[0]);
	close(told[0]);
	waitpid(child, NULL, 0);
	return pid;
}

/* orphans LIVING DYING EXIT: LIVING orphans that stay, then DYING ones that end all at once. Print the milliseconds until all
 * of these are reaped ("never" after 60 s), and exit with EXIT. */
static int orphans(char **argv)
{
	int living = atoi(argv[0]), dying = atoi(argv[1]), hold[2], left = 0;
	pid_t *pids = calloc((size_t)dying + 1, sizeof(*pids));
	double start;

	if (!pids || pipe2(hold, O_CLOEXEC) < 0)
		return 125;
	for (int i = 0; i < living; i++)
		if (make_orphan(-1, hold[1]) < 0)
			return 125;
	for (int i = 0; i < dying; i++) {
		pids[i] = make_orphan(hold[0], hold[1]);
		if (pids[i] < 0)
			return 125;
	}
	start = now();
	close(hold[1]);
	for (left = dying; left && now() < start + 60000;) {
		while (left && kill(pids[left - 1], 0) < 0)
			left--;
		nap();
	}
	if (left)
		printf("never\n");
	else
		printf("%.0f\n", now() - start);
	free(pids);
	return atoi(argv[2]);
}

/* --- a monitor ----------------------------------------------------------------------------------------------------- */

struct monitor {
	int wire;
	pid_t init;
	bool ready;
};

static void show_packet(struct monitor *m, const struct wire *w)
{
	switch (w->kind) {
	case WIRE_READY:
		printf("READY\n");
		break;
	case WIRE_EXIT:
		printf("EXIT %d %s\n", w->number, wire_reason_name(w->reason));
		break;
	case WIRE_ERROR:
		printf("ERROR %s %s\n", wire_reason_name(w->reason), w->err.text);
		break;
	default:
		printf("PACKET %d\n", w->kind);
		break;
	}
	m->ready = m->ready || w->kind == WIRE_READY;
	fflush(stdout);
}

/* Take what init says, for at most timeout_ms. Returns false when it has closed its end. */
static bool listen_wire(struct monitor *m, int timeout_ms)
{
	struct pollfd p = { m->wire, POLLIN, 0 };
	struct wire w;
	int got;

	if (m->wire < 0 || poll(&p, 1, timeout_ms) <= 0)
		return m->wire >= 0;
	got = wire_recv(m->wire, &w, NULL, MSG_DONTWAIT);
	if (got > 0)
		show_packet(m, &w);
	return got > 0;
}

/* One line of the script on standard input: ready, await FILE, touch FILE, stop, signal N, hangup, kill N (from outside). */
static void order(struct monitor *m, char *line)
{
	struct wire w = { 0 };
	char what[32] = "", arg[256] = "";

	sscanf(line, "%31s %255s", what, arg);
	if (!strcmp(what, "ready"))
		while (!m->ready && listen_wire(m, 10000))
			;
	if (!strcmp(what, "await"))
		for (double until = now() + 10000; access(arg, F_OK) < 0 && now() < until; nap())
			;
	if (!strcmp(what, "touch"))
		close(open(arg, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	if (!strcmp(what, "kill"))
		kill(m->init, atoi(arg));
	if (!strcmp(what, "hangup")) {
		close(m->wire);
		m->wire = -1;
	}
	w.kind = !strcmp(what, "stop") ? WIRE_STOP : !strcmp(what, "signal") ? WIRE_SIGNAL : 0;
	w.number = w.kind == WIRE_STOP ? -1 : atoi(arg);
	if (w.kind && m->wire >= 0)
		wire_send(m->wire, &w, -1);
}

static int start_init(struct monitor *m, const struct plan *p, const char *script)
{
	int pair[2], plan, file = script ? open(script, O_RDONLY) : -1;
	char *const argv[] = { (char *)(uintptr_t) "cagebox-init", (char *)(uintptr_t) "--container",
			       (char *)(uintptr_t) "test", NULL };
	struct err e;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	plan = plan_seal(p, &e);
	m->wire = pair[0];
	m->init = fork();
	if (m->init)
		return close(pair[1]);
	/* High first, then to their places: none may be closed by another's arrival. */
	pair[1] = fcntl(pair[1], F_DUPFD, 20);
	plan = fcntl(plan, F_DUPFD, 20);
	file = file < 0 ? -1 : fcntl(file, F_DUPFD, 20);
	dup2(pair[1], PLAN_FD_WIRE);
	dup2(plan, PLAN_FD_PLAN);
	if (file >= 0)
		dup2(file, PLAN_FD_SCRIPT);
	for (int fd = PLAN_FD_END; fd < 40; fd++)
		close(fd);
	close(STDIN_FILENO);
	open("/dev/null", O_RDONLY);
	sig_block_all(NULL);
	execv(getenv("CAGEBOX"), argv);
	_exit(125);
}

/* monitor [-n] [-k] [-S SCRIPT] [-H HOOK] [-t STOP_MS] [-T HOOK_MS] [-s SIGNAL] [-b BLOCKED] COMMAND...: run it under an init
 * in a pid namespace (-n: not in one), as the engine would, by the orders of standard input; print what init says and how it
 * ends. */
static int monitor(int argc, char **argv)
{
	struct plan_builder b = {
		.head = { .flags = PLAN_FIRST, .stop_signal = SIGTERM, .stop_timeout_ms = 10000, .hook_timeout_ms = 10000 }
	};
	struct monitor m = { .wire = -1 };
	const char *script = NULL, *hook = NULL;
	bool same_namespace = false;
	char line[512], here[4096];
	struct plan *p;
	struct err e;
	int c, status = 0;
	double until;

	while ((c = getopt(argc, argv, "+nkS:H:t:T:s:b:")) > 0)
		switch (c) {
		case 'n':
			same_namespace = true;
			break;
		case 'k':
			b.head.flags |= PLAN_KEEP;
			break;
		case 'S':
			script = optarg;
			b.head.flags |= PLAN_SCRIPT_FD;
			break;
		case 'H':
			hook = optarg;
			break;
		case 't':
			b.head.stop_timeout_ms = (uint64_t)atoi(optarg);
			break;
		case 'T':
			b.head.hook_timeout_ms = (uint64_t)atoi(optarg);
			break;
		case 's':
			b.head.stop_signal = atoi(optarg);
			break;
		case 'b':
			b.head.signal_mask = strtoull(optarg, NULL, 16);
			break;
		default:
			return 125;
		}
	b.head.argv = plan_add_list(&b, argv + optind, &b.head.argc);
	b.head.env = plan_add_list(&b, environ, &b.head.envc);
	b.head.cwd = plan_add(&b, getcwd(here, sizeof(here)));
	b.head.shutdown_hook = plan_add(&b, hook);
	p = plan_finish(&b, &e);
	if (!p || (!same_namespace && unshare(CLONE_NEWPID) < 0) || start_init(&m, p, script) < 0)
		return 125;
	setvbuf(stdin, NULL, _IONBF, 0);
	while (fgets(line, sizeof(line), stdin))
		order(&m, line);
	until = now() + 20000;
	while (listen_wire(&m, 100) && now() < until)
		;
	for (; waitpid(m.init, &status, WNOHANG) != m.init; nap())
		if (now() >= until)
			kill(m.init, SIGKILL);
	printf(WIFSIGNALED(status) ? "killed %d\n" : "exited %d\n",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	free(p);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "catch") && argc == 3)
		return catch (argv + 2);
	if (!strcmp(what, "with") && argc > 4)
		return with(argv + 2);
	if (!strcmp(what, "window") && argc > 3)
		return window(argv + 2);
	if (!strcmp(what, "orphans") && argc == 5)
		return orphans(argv + 2);
	if (!strcmp(what, "monitor") && argc > 2)
		return monitor(argc - 1, argv + 1);
	fprintf(stderr, "init_helper: bad usage\n");
	return 125;
}
