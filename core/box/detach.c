/* SPDX-License-Identifier: Zlib
 * Starting a container in the background, and being its monitor there. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "box/launch.h"
#include "sys/fd.h"
#include "sys/kernel.h"
#include "sys/sig.h"

/* Where the detached monitor, which is executed anew, finds what it goes on with. */
enum {
	HANDOVER_LOCK = 3,
	HANDOVER_WIRE,
	HANDOVER_CONTROL,
	HANDOVER_REPORT,
	/* Not every container has these. */
	HANDOVER_MASTER,
	HANDOVER_RING,
	HANDOVER_STDIN,
	HANDOVER_STDOUT,
	HANDOVER_STDERR,
	HANDOVER_LOG,
	HANDOVER_PID_FILE,
	HANDOVER_END,
};

enum { DESCRIPTORS = 65536 };

/* What the process that becomes the monitor tells the one that returns to the user. */
struct report {
	int result;
	char name[64];
	struct err err;
};

static int leave_caller(struct err *e)
{
	auto_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			return err_sys(e, "start the monitor: open /dev/null");
	return chdir("/") < 0 ? err_sys(e, "start the monitor: change into /") : 0;
}

/* Become the monitor, executed anew: nothing of what the launcher had in memory stays. It is the new one that tells
 * the launcher that the container runs, this one that it does not: init sees it go and ends. */
static _Noreturn void hand_over(struct launch *l, int to_launcher)
{
	const struct container *c = &l->c;
	int fds[] = { c->state.lock, c->wire,     c->control,  to_launcher, c->master,  c->ring,
		      c->pipes[0],   c->pipes[1], c->pipes[2], c->log.fd,   c->pid_file };
	const char *argv[] = { "cagebox-monitor", l->c.state.name, NULL };
	struct report report = { .result = -1 };

	if (leave_caller(&report.err) == 0 && fd_arrange(fds, HANDOVER_LOCK, HANDOVER_END - HANDOVER_LOCK, &report.err) == 0) {
		to_launcher = HANDOVER_REPORT;
		fd_close_from(HANDOVER_END);
		execve("/proc/self/exe", (char *const *)(uintptr_t)argv, environ);
		err_sys(&report.err, "start the monitor: execute it");
	} else {
		to_launcher = fds[HANDOVER_REPORT - HANDOVER_LOCK];
	}
	launch_kill(&l->c);
	fd_write_all(to_launcher, &report, sizeof(report));
	_exit(EXIT_CAGEBOX);
}

static _Noreturn void run_detached(struct launch *l, int to_launcher)
{
	struct report report = { 0 };
	struct monitor m = { 0 };

	setsid();
	report.result = monitor_init(&m, &l->c, &report.err) < 0 ? -1 : launch_start(l, &report.err);
	if (report.result == 0) {
		m.launcher = to_launcher;
		report.result = monitor_run(&m, UNTIL_READY, &report.err);
		memcpy(report.name, l->c.state.name, sizeof(report.name));
		if (report.result < 0 || m.ended) {
			struct container *c = &l->c;

			if (!m.ended)
				launch_kill(c);
			launch_finish(&m, report.result < 0);
		}
	}
	monitor_flush(&m);
	/* Who has asked for the end waits for the answer of this process. */
	if (report.result == 0 && !m.ended && !m.stopping)
		hand_over(l, to_launcher);
	fd_write_all(to_launcher, &report, sizeof(report));
	close(to_launcher);
	if (report.result == 0 && !m.ended) {
		m.launcher = -1;
		monitor_run(&m, UNTIL_END, &report.err);
		launch_finish(&m, false);
	}
	_exit(0);
}

int launch_detached(struct launch *l, struct box_result *r, struct err *e)
{
	struct report report;
	int pair[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		/* A child of a child: the caller need not reap it. */
		pid = fork();
		if (pid == 0)
			run_detached(l, pair[1]);
		_exit(pid < 0);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return err_sys(e, "fork the monitor");
	}
	waitpid(pid, &status, 0);
	/* While this process only waits it can be ended like any other; the monitor sees that and ends the container. */
	sig_set_mask(l->signal_mask);
	do
		n = read(pair[0], &report, sizeof(report));
	while (n < 0 && errno == EINTR);
	close(pair[0]);
	launch_close(l);
	if (n != (ssize_t)sizeof(report))
		return err_set(e, "the monitor died before the container ran");
	*e = report.err;
	memcpy(r->name, report.name, sizeof(r->name));
	return report.result;
}

/* The descriptor, if it was handed over. */
static int handed(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fd : -1;
}

static int take_over(struct container *c, const char *name, struct err *e)
{
	int log;

	container_init(c);
	/* All of them before anything is opened, which would get the number of one that is not there. */
	c->wire = handed(HANDOVER_WIRE);
	c->control = handed(HANDOVER_CONTROL);
	c->master = handed(HANDOVER_MASTER);
	c->ring = handed(HANDOVER_RING);
	c->pipes[0] = handed(HANDOVER_STDIN);
	c->pipes[1] = handed(HANDOVER_STDOUT);
	c->pipes[2] = handed(HANDOVER_STDERR);
	c->pid_file = handed(HANDOVER_PID_FILE);
	log = handed(HANDOVER_LOG);
	if (state_load(name, &c->state, e) < 0)
		return -1;
	c->state.lock = handed(HANDOVER_LOCK);
	c->detached = true;
	c->init = c->state.init.pid;
	if (log < 0)
		return 0;
	return log_adopt(&c->log, log, c->state.log, c->state.log_size_bytes, c->state.log_count, e);
}

/* Many may wait for its end at the same time. Nothing that it starts needs the caller's limit. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int box_monitor(const char *name)
{
	struct report report = { 0 };
	struct container c;
	struct monitor m;
	struct err e;

	if (handed(HANDOVER_REPORT) < 0)
		return EXIT_CAGEBOX;
	report.result = take_over(&c, name, &report.err);
	if (report.result < 0) {
		fd_write_all(HANDOVER_REPORT, &report, sizeof(report));
		return EXIT_CAGEBOX;
	}
	memcpy(report.name, c.state.name, sizeof(report.name));
	raise_descriptors();
	report.result = monitor_init(&m, &c, &report.err) < 0 ? -1 : monitor_prepare(&m, &report.err);
	m.ready = true;
	/* Nobody waits for it any more: then nobody wants it. */
	if (fd_write_all(HANDOVER_REPORT, &report, sizeof(report)) < 0)
		report.result = -1;
	close(HANDOVER_REPORT);
	if (report.result < 0 || (monitor_run(&m, UNTIL_END, &e) < 0 && !m.ended))
		launch_kill(&c);
	launch_finish(&m, false);
	state_close(&c.state);
	return 0;
}
