/* SPDX-License-Identifier: Zlib
 * The listener's side of seccomp=trace. Host side. */
#include "box/trace.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/fd.h"
#include "sys/seccomp.h"

enum { VALUES = 16, LISTENERS = 8 };

/* The calls whose meaning is in one argument: which, and what they give where it has another value. */
static const struct {
	const char *name, *otherwise;
	unsigned arg;
} looked_into[] = {
	{ "ioctl", "EPERM", 1 }, { "socket", "EAFNOSUPPORT", 0 }, { "prctl", "EPERM", 0 },
	{ "clone", "EPERM", 0 }, { "personality", "EPERM", 0 },
};

enum { LOOKED_INTO = sizeof(looked_into) / sizeof(*looked_into) };

struct trace {
	int epoll;  /* listeners are in it, and closed when they hang up */
	bool *seen; /* for each call of the table */
	struct values {
		int call; /* -1: none of this machine's */
		unsigned n;
		bool many;
		uint32_t v[VALUES];
	} values[LOOKED_INTO];
};

struct trace *trace_new(struct err *e)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (t)
		t->seen = calloc(seccomp_table.ncalls, sizeof(*t->seen));
	if (!t || !t->seen) {
		free(t);
		err_memory(e);
		return NULL;
	}
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < LOOKED_INTO; i++)
		t->values[i].call = seccomp_find(&seccomp_table, looked_into[i].name);
	if (t->epoll >= 0)
		return t;
	err_sys(e, "seccomp: prepare the trace");
	trace_free(t);
	return NULL;
}

void trace_free(struct trace *t)
{
	if (!t)
		return;
	fd_close(&t->epoll);
	free(t->seen);
	free(t);
}

int trace_fd(const struct trace *t)
{
	return t ? t->epoll : -1;
}

void trace_add(struct trace *t, int listener)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };

	/* Without anybody to hear of them, its calls fail. */
	if (!t || epoll_ctl(t->epoll, EPOLL_CTL_ADD, listener, &event) < 0)
		close(listener);
}

/* --- hearing ------------------------------------------------------------------------------------------------------ */

static void note_value(struct values *v, uint32_t value)
{
	for (unsigned i = 0; i < v->n; i++)
		if (v->v[i] == value)
			return;
	if (v->n == VALUES)
		v->many = true;
	else
		v->v[v->n++] = value;
}

static void note(struct trace *t, const struct seccomp_data *d)
{
	unsigned abi = d->arch == seccomp_table.abi[SECCOMP_NATIVE].arch ? SECCOMP_NATIVE : SECCOMP_FOREIGN;
	size_t call = 0;

	while (call < seccomp_table.ncalls && seccomp_table.calls[call].number[abi] != d->nr)
		call++;
	if (call == seccomp_table.ncalls)
		return;
	t->seen[call] = true;
	for (size_t i = 0; i < LOOKED_INTO; i++)
		if (t->values[i].call == (int)call)
			note_value(&t->values[i], (uint32_t)d->args[looked_into[i].arg]);
}

/* ioctl(2), whose second argument C libraries do not agree about. */
static int request(int listener, unsigned long number, void *argument)
{
	return (int)syscall(SYS_ioctl, listener, number, argument);
}

/* What it had to say may be gone: its process was killed. */
static void hear_one(struct trace *t, int listener)
{
	struct seccomp_notif asked = { 0 };
	struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	if (request(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0) {
		/* It is no listener at all. */
		if (errno != ENOENT && errno != EINTR)
			close(listener);
		return;
	}
	answer.id = asked.id;
	note(t, &asked.data);
	if (request(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0 || errno != EINVAL)
		return;
	/* Linux before 5.5. */
	answer.flags = 0;
	answer.error = -ENOSYS;
	request(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

void trace_hear(struct trace *t)
{
	struct epoll_event events[LISTENERS];
	int n = epoll_wait(t->epoll, events, LISTENERS, 0);

	for (int i = 0; i < n; i++)
		if (events[i].events & EPOLLIN)
			hear_one(t, events[i].data.fd);
		else
			close(events[i].data.fd);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static const char *call_name(size_t call)
{
	return seccomp_table.names + seccomp_table.calls[call].name;
}

/* What is known of a call that was seen. Where there were too many values the built-in profile's own rule stands. */
static void write_seen(const struct trace *t, FILE *f, size_t call)
{
	size_t i = 0;

	while (i < LOOKED_INTO && t->values[i].call != (int)call)
		i++;
	fprintf(f, "%s:", call_name(call));
	if (i == LOOKED_INTO || t->values[i].many) {
		fprintf(f, " %s\n", seccomp_table.rules[seccomp_table.calls[call].rule]);
		return;
	}
	for (unsigned v = 0; v < t->values[i].n; v++)
		fprintf(f, "%s arg%u == 0x%x", v ? " ||" : "", looked_into[i].arg, t->values[i].v[v]);
	fprintf(f, "; return %s\n", looked_into[i].otherwise);
}

/* What the built-in profile denies goes on to fail as it did, and is no reason to kill. */
static void write_denied(const struct trace *t, FILE *f, const struct seccomp_policy *p, uint32_t error, const char *name)
{
	bool any = false;

	for (size_t i = 0; i < seccomp_table.ncalls; i++) {
		bool other = seccomp_table.abi[SECCOMP_FOREIGN].arch && seccomp_judge(p, i, SECCOMP_FOREIGN);

		if (t->seen[i] || other || seccomp_judge(p, i, SECCOMP_NATIVE) || p->rules[p->of[i]].otherwise != error)
			continue;
		fprintf(f, "%s%s", any ? " " : "", call_name(i));
		any = true;
	}
	if (any)
		fprintf(f, ": return %s\n", name);
}

static int write_policy(const struct trace *t, FILE *f, uint64_t caps, const char *name, struct err *e)
{
	struct seccomp_policy p;
	int result;

	if (seccomp_policy_init(&p, &seccomp_table, caps, e) < 0)
		return -1;
	result = seccomp_parse_built_in(&p, e);
	if (result == 0) {
		fprintf(f, "# The system calls that %s made. Another one ends the program.\n", name);
		for (size_t i = 0; i < seccomp_table.ncalls; i++)
			if (t->seen[i])
				write_seen(t, f, i);
		fprintf(f, "\n# What is denied to everybody.\n");
		write_denied(t, f, &p, SECCOMP_RET_ERRNO | EPERM, "EPERM");
		write_denied(t, f, &p, SECCOMP_RET_ERRNO | ENOSYS, "ENOSYS");
	}
	seccomp_policy_free(&p);
	return result;
}

int trace_write(const struct trace *t, uint64_t caps, const char *name, const char *file, struct err *e)
{
	auto_free char *path = file ? str_format(e, "%s", file) : str_format(e, "%s.policy", name);
	auto_free char *new = path ? str_format(e, "%s.XXXXXX", path) : NULL;
	int fd = new ? mkstemp(new) : -1;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	int failed;

	if (!new)
		return -1;
	if (!f) {
		fd_close(&fd);
		return err_sys(e, "seccomp: write the policy %s", path);
	}
	failed = write_policy(t, f, caps, name, e) < 0;
	if (!failed && (fflush(f) != 0 || fchmod(fd, 0644) < 0 || fsync(fd) < 0 || rename(new, path) < 0)) {
		err_sys(e, "seccomp: write the policy %s", path);
		failed = 1;
	}
	fclose(f);
	if (failed)
		unlink(new);
	return failed ? -1 : 0;
}
