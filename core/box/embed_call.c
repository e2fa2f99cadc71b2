/* SPDX-License-Identifier: Zlib
 * The C library, containers: executes the program for every call, and hands on what it answers. It runs in a process
 * that is not ours: no state but the program's path, no handler, no descriptor left behind. It may be linked with
 * another C library than it was compiled for: no struct whose layout could differ is used, and no function that only
 * one of them has. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "box/embed.h"
#include "cagebox.h"

/* From here on lie descriptors that are in nobody's way in the child. */
enum { SPAWN_FDS = 10 };

/* --- the program -------------------------------------------------------------------------------------------------- */

/* One call of the program. */
struct call {
	enum embed_verb verb;
	const struct cagebox_spec *spec;
	const int *streams; /* three, or NULL: the caller's own */
	int number;
	int (*visit)(const struct cagebox_status *status, void *data);
	void *visit_data;

	const char *program;
	int socket;
	pid_t pid;
};

static const char *program_path = PROGRAM;

/* Make the child's descriptors. Each is copied out of the way first: the caller's may be any, also 0 to EMBED_FD. */
static int arrange(posix_spawn_file_actions_t *actions, const int *from, int *copies, struct err *e)
{
	int num = 0;

	for (int fd = 0; fd <= EMBED_FD; fd++) {
		copies[fd] = from[fd] < 0 ? -1 : fcntl(from[fd], F_DUPFD_CLOEXEC, SPAWN_FDS);
		if (from[fd] >= 0 && copies[fd] < 0)
			return err_sys(e, "duplicate descriptor %d", from[fd]);
		if (copies[fd] >= 0)
			num |= posix_spawn_file_actions_adddup2(actions, copies[fd], fd);
		else if (from[fd] == -1)
			num |= posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
	}
	return num ? err_memory(e) : 0;
}

/* Execute the program with its end of the socket. */
static int spawn(struct call *c, int socket, struct err *e)
{
	/* -2: the child's is the caller's. */
	int from[EMBED_FD + 1] = { -2, -2, -2, socket }, copies[EMBED_FD + 1] = { -1, -1, -1, -1 }, num;
	const char *argv[] = { "cagebox-embed", embed_verbs[c->verb], NULL };
	posix_spawn_file_actions_t actions;
	int result;

	for (int fd = 0; c->streams && fd < EMBED_FD; fd++)
		from[fd] = c->streams[fd] < 0 ? -1 : c->streams[fd];
	if (posix_spawn_file_actions_init(&actions) != 0)
		return err_memory(e);
	result = arrange(&actions, from, copies, e);
	if (result == 0) {
		num = posix_spawn(&c->pid, c->program, &actions, NULL, (char *const *)(uintptr_t)argv, environ);
		errno = num;
		if (num)
			result = err_sys(e, "execute %s", c->program);
	}
	posix_spawn_file_actions_destroy(&actions);
	for (int fd = 0; fd <= EMBED_FD; fd++)
		fd_close(&copies[fd]);
	return result;
}

/* Reap the child, unless somebody did. Returns how it ended, -1 if that is not known. */
static int reap(struct call *c)
{
	pid_t pid;
	int status = -1;

	/* Not close alone: a child that another thread forks in between may hold copies, and no end would be seen. */
	shutdown(c->socket, SHUT_RDWR);
	do
		pid = waitpid(c->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	return pid < 0 ? -1 : status;
}

/* The program has gone without a word. */
static int silent(struct call *c, struct err *e)
{
	int status = reap(c);

	c->pid = -1;
	if (status >= 0 && WIFSIGNALED(status))
		return err_set(e, "%s was killed by signal %d before it was done", c->program, WTERMSIG(status));
	return err_set(e, "%s ended before it was done", c->program);
}

/* Before anything is told to it, make sure that it is the right program. */
static int greet(struct call *c, struct err *e)
{
	struct embed_hello hello;

	if (embed_recv(c->socket, &hello, sizeof(hello)) < 0 || memcmp(hello.magic, EMBED_MAGIC, sizeof(hello.magic)) != 0)
		return err_set(e, "%s is not the cagebox of this library: it is another program, or too old", c->program);
	hello.program[sizeof(hello.program) - 1] = 0;
	if (hello.version != EMBED_VERSION)
		return err_set(e, "%s is cagebox %s and speaks protocol %u, this library %s protocol %d", c->program,
			       hello.program, hello.version, VERSION, EMBED_VERSION);
	return 0;
}

/* Hand on one container. Returns what the visitor says, or -1 when the program has gone. */
static int show(struct call *c, const struct embed_answer *a)
{
	struct cagebox_status status = { .name = a->name,
					 .status = a->status,
					 .reason = a->reason,
					 .started = a->started,
					 .ended = a->ended,
					 .pid = a->pid,
					 .code = a->code };
	auto_free char *command = a->size > EMBED_MAX ? NULL : calloc(1, a->size + 1);

	if (!command || embed_recv(c->socket, command, a->size) < 0)
		return -1;
	status.command = command;
	return c->visit(&status, c->visit_data) ? 1 : 0;
}

/* What the program answers, up to its last word. */
static int listen_to(struct call *c, struct embed_answer *a, struct err *e)
{
	for (;;) {
		if (embed_recv(c->socket, a, sizeof(*a)) < 0)
			return silent(c, e);
		a->name[sizeof(a->name) - 1] = a->status[sizeof(a->status) - 1] = a->reason[sizeof(a->reason) - 1] = 0;
		a->err.text[sizeof(a->err.text) - 1] = 0;
		if (a->kind == EMBED_WARNING && c->spec && c->spec->warn) {
			str_clean(a->err.text);
			c->spec->warn(a->err.text, c->spec->warn_data);
		} else if (a->kind == EMBED_STATUS) {
			int shown = show(c, a);

			if (shown)
				return shown < 0 ? silent(c, e) : 0;
		} else if (a->kind == EMBED_DONE) {
			*e = a->err;
			return a->result < 0 ? -1 : 0;
		}
	}
}

static int ask(struct call *c, struct embed_answer *a, struct err *e)
{
	struct embed_request request = { EMBED_VERSION, c->spec ? (uint32_t)c->spec->used : 0, c->number };

	if (greet(c, e) < 0)
		return -1;
	if (embed_send(c->socket, &request, sizeof(request)) < 0 ||
	    (request.size && embed_send(c->socket, c->spec->items, request.size) < 0))
		return silent(c, e);
	return listen_to(c, a, e);
}

/* Returns 0 with *a the program's last answer, or -1 with e set. */
static int call(struct call *c, struct embed_answer *a, struct err *e)
{
	int pair[2], result;

	*a = (struct embed_answer){ 0 };
	c->program = program_path;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket");
	c->socket = pair[0];
	result = spawn(c, pair[1], e);
	close(pair[1]);
	if (result == 0) {
		result = ask(c, a, e);
		if (c->pid > 0)
			reap(c);
	}
	close(pair[0]);
	return result;
}

const char *cagebox_version(void)
{
	return VERSION;
}

void cagebox_use_program(const char *path)
{
	program_path = path ? path : PROGRAM;
}

/* --- containers --------------------------------------------------------------------------------------------------- */

/* A call that ends with what a container has come to. */
static int conclude(struct call *c, struct cagebox_end *end, struct cagebox_error *err)
{
	struct embed_answer a;
	struct err e;
	int result = call(c, &a, &e);

	if (end)
		*end = (struct cagebox_end){ 0 };
	if (end && result == 0) {
		memcpy(end->name, a.name, sizeof(end->name));
		memcpy(end->reason, a.reason, sizeof(end->reason));
		end->code = a.code;
	}
	return embed_finish(result, &e, err);
}

int cagebox_start(const struct cagebox_spec *s, char name[64], struct cagebox_error *err)
{
	struct call c = { .verb = EMBED_START, .spec = s };
	struct cagebox_end end;
	int result = conclude(&c, &end, err);

	if (name)
		memcpy(name, end.name, sizeof(end.name));
	return result;
}

int cagebox_run(const struct cagebox_spec *s, const int streams[3], struct cagebox_end *end, struct cagebox_error *err)
{
	struct call c = { .verb = EMBED_RUN, .spec = s, .streams = streams };

	return conclude(&c, end, err);
}

/* Refuse what would be ignored. */
static int check_enter(const struct cagebox_spec *s, struct err *e)
{
	static const char *const usable[] = { "command", "init", "tty",      "user",    "groups",
					      "env",     "cwd",  "cwd_make", "cap_add", "cap_drop" };
	const char *at = s->items;
	struct embed_item item;

	while (s->used && embed_next(&at, s->items + s->used, &item)) {
		bool found = item.kind == EMBED_COMMAND || item.kind == EMBED_WORD;

		if (item.kind == EMBED_FILE)
			return err_set(e, "%s: a configuration file has no effect on a container that runs", item.name);
		for (size_t i = 0; i < sizeof(usable) / sizeof(*usable); i++)
			found |= !strcmp(usable[i], item.name);
		if (!found)
			return err_set(e, "%s: this setting has no effect on a container that runs", item.name);
	}
	return 0;
}

static int enter(const char *name, const struct cagebox_spec *s, const int *streams, int *code, struct err *e)
{
	struct cagebox_spec all = { 0 };
	struct call c = { .verb = EMBED_EXEC, .spec = &all, .streams = streams };
	struct embed_answer a;
	int result = s ? check_enter(s, e) : 0;

	if (result == 0)
		result = embed_set(&all, "name", name, e);
	if (result == 0 && s)
		result = embed_append(&all, s, e);
	if (result == 0)
		result = call(&c, &a, e);
	if (result == 0 && code)
		*code = a.code;
	free(all.items);
	return result;
}

int cagebox_enter(const char *name, const struct cagebox_spec *s, const int streams[3], int *code, struct cagebox_error *err)
{
	struct err e;

	return embed_finish(enter(name, s, streams, code, &e), &e, err);
}

/* A call that is about the container of that name. */
static int about(const char *name, enum embed_verb verb, int number, struct cagebox_end *end, struct cagebox_error *err)
{
	struct cagebox_spec s = { 0 };
	struct call c = { .verb = verb, .spec = &s, .number = number };
	struct err e;
	int result;

	if (end)
		*end = (struct cagebox_end){ 0 };
	result = embed_set(&s, "name", name, &e) < 0 ? embed_finish(-1, &e, err) : conclude(&c, end, err);
	free(s.items);
	return result;
}

int cagebox_signal(const char *name, int signal, struct cagebox_error *err)
{
	struct err e;

	if (signal < 1 || signal > 64)
		return embed_finish(err_set(&e, "%d is not a signal", signal), &e, err);
	return about(name, EMBED_SIGNAL, signal, NULL, err);
}

int cagebox_stop(const char *name, int timeout_ms, struct cagebox_end *end, struct cagebox_error *err)
{
	return about(name, EMBED_STOP, timeout_ms < 0 ? -1 : timeout_ms, end, err);
}

int cagebox_kill(const char *name, struct cagebox_end *end, struct cagebox_error *err)
{
	return about(name, EMBED_KILL, 0, end, err);
}

int cagebox_wait(const char *name, struct cagebox_end *end, struct cagebox_error *err)
{
	return about(name, EMBED_WAIT, 0, end, err);
}

int cagebox_list(int (*visit)(const struct cagebox_status *status, void *data), void *data, struct cagebox_error *err)
{
	struct call c = { .verb = EMBED_LIST, .visit = visit, .visit_data = data };
	struct embed_answer a;
	struct err e;

	return embed_finish(call(&c, &a, &e), &e, err);
}
