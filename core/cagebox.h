/* SPDX-License-Identifier: Zlib
 * The C library of cagebox: make containers, and look after them, from a program of one's own.
 *
 *	struct cagebox_spec *spec = cagebox_spec_new();
 *	struct cagebox_error err;
 *	struct cagebox_end end;
 *
 *	if (cagebox_set(spec, "root", "/srv/app", &err) < 0 || cagebox_set(spec, "command", "/bin/app --serve", &err) < 0 ||
 *	    cagebox_run(spec, NULL, &end, &err) < 0)
 *		fprintf(stderr, "%s\n", err.text);
 *	else
 *		printf("%s %d\n", end.reason, end.code);
 *	cagebox_spec_free(spec);
 *
 * Compile with `pkg-config --cflags --libs cagebox`. The library is static and needs nothing but a C library: musl or
 * glibc.
 *
 * How it works. Every call that has to do with containers executes the installed program cagebox (see
 * cagebox_use_program), hands it its task through a socket and waits for the answer. The caller is not forked and has
 * no entry point to provide; nothing of its memory gets into a container, and no setting, the variables of an
 * environment among them, shows in a list of processes. Rights are the program's: making containers needs root.
 *
 * Threads. All functions may be called by several threads at once, and block only the one that calls. A spec must not
 * be changed or freed while another thread uses it; several may start containers from one. The library keeps nothing
 * between calls but the path that cagebox_use_program sets. Like any call that executes a program they must not run at
 * the same time as setenv. They are not for signal handlers, and a thread must not be cancelled in one.
 *
 * Signals. The caller's mask and handlers stay as they are, and no call is interrupted by a handler: to end cagebox_run
 * early call cagebox_stop from another thread. The command in a container starts with no signal blocked or ignored,
 * whatever the caller does. Each call has one child process for as long as it lasts, so that the caller gets a SIGCHLD.
 * It is reaped by its pid before the call returns; a caller that ignores SIGCHLD or reaps every child does no harm. In
 * the terminal's foreground ^C reaches that child as well, which hands it on to the container.
 *
 * Descriptors. What the library opens is close-on-exec and closed when the call returns. Of the caller's descriptors,
 * those without close-on-exec among them, none but the three standard streams gets into a container.
 *
 * Life and death. A container from cagebox_start has a monitor process of its own and outlives the caller. One from
 * cagebox_run belongs to the thread that runs it: when that ends, because the caller exits, crashes or is killed, the
 * container is stopped as by cagebox_stop. A command from cagebox_enter gets SIGTERM then. As of any child the working
 * directory, limits, priority and environment of the program (not of the container's command) are the caller's at the
 * time of the call.
 *
 * Errors. A function that can fail returns 0, or -1 with *err filled. Every err and end may be NULL. All text is
 * borrowed from the caller for the time of the call unless it says otherwise. */
#ifndef CAGEBOX_H
#define CAGEBOX_H

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why a call failed.
 * num: the errno, 0 when no system call was at fault.
 * code: the exit code that it calls for: 125 cagebox failed or was used wrongly, 126 the command cannot be run, 127 it
 * was not found.
 * text: one line without its end: what was to be done, and the reason. */
struct cagebox_error {
	int num;
	int code;
	char text[252];
};

/* How a container ended.
 * reason: "exit", the command exited; "signal", it was killed by one; "stop", on request; "script", the init script
 * failed; "reboot" or "poweroff" from inside; "killed" from outside; "lost", its monitor was; "out of memory"; later versions may know
 * more.
 * code: the command's exit code, or 128 and the number of the signal. */
struct cagebox_end {
	char name[64];
	char reason[16];
	int code;
};

/* A container as cagebox_list shows it.
 * status: "starting", "running", "exited", or "unmonitored": it lives on without its monitor (keep).
 * pid: of its PID 1 as the caller sees it; 0 when there is none (yet, or any more).
 * started, ended: seconds since the epoch, 0: not yet.
 * reason, code: as in struct cagebox_end if it has exited, else "" and 0. */
struct cagebox_status {
	const char *name;
	const char *status;
	const char *command; /* for people to read */
	const char *reason;
	int64_t started, ended;
	pid_t pid;
	int code;
};

/* What a container is to be. */
struct cagebox_spec;

/* The version of this library, such as "0.1.0". It works with a program of the same protocol only; if that is another
 * one, every call that needs the program says so. */
const char *cagebox_version(void);

/* Execute this program from now on, NULL: the one that was installed with the library. path must be absolute and stay
 * valid. It applies to all threads; call it before there are several. */
void cagebox_use_program(const char *path);

/* A spec with every default: without root and lower a throw-away overlay of this system, without a command a login
 * shell. To be freed by cagebox_spec_free. NULL when memory is short. */
struct cagebox_spec *cagebox_spec_new(void);
void cagebox_spec_free(struct cagebox_spec *spec);

/* Set what `cagebox run --help` lists, under the same names (dash and underscore are the same): cagebox_set(spec,
 * "stop_timeout", "5s", &err). What a repeated setting adds, others replace. For a switch NULL is "yes". The value is
 * copied, and checked by itself here; err names the setting and what would have been right. After an error the spec is
 * as it was before. */
int cagebox_set(struct cagebox_spec *spec, const char *name, const char *value, struct cagebox_error *err);

/* The command and its arguments, up to NULL, in place of what was set before. They are taken as they are. The first may
 * begin with "@": a program of the host. Without any it is a login shell. */
int cagebox_set_command(struct cagebox_spec *spec, const char *const argv[], struct cagebox_error *err);

/* Take the settings of a configuration file, on top of those before. It is read here and now. err names file and line. */
int cagebox_load(struct cagebox_spec *spec, const char *file, struct cagebox_error *err);

/* Whether the settings go together, as far as that can be told without starting. Needs no program and no rights. */
int cagebox_check(const struct cagebox_spec *spec, struct cagebox_error *err);

/* Be told while a container of this spec is started what was asked for and could not be had but did not stop the start:
 * text is one line, valid during the call. It is called by the thread that starts, and must return. Without it such
 * warnings are dropped. */
void cagebox_set_warn(struct cagebox_spec *spec, void (*warn)(const char *text, void *data), void *data);

/* Start a container that goes on by itself, and return when its command runs. name, which may be NULL, gets its name,
 * at most 63 characters: that of the spec or one that was made up. Its standard streams are not the caller's. */
int cagebox_start(const struct cagebox_spec *spec, char name[64], struct cagebox_error *err);

/* Run a container and wait for its end. streams are the descriptors of its standard input, output and error, each -1
 * for the null device; NULL: the caller's own. They stay open in the caller, who must, if they are pipes, serve them
 * from elsewhere meanwhile. A terminal is never handed in: it is relayed, and with tty=auto makes a terminal of its
 * own. Returns 0 when the command ran, however it ended; -1 when it did not. */
int cagebox_run(const struct cagebox_spec *spec, const int streams[3], struct cagebox_end *end, struct cagebox_error *err);

/* Run a further command in a running container, and wait for it. Of the spec, which may be NULL, these count: command,
 * tty, user, groups, env, cwd, cwd_make, cap_add and cap_drop; any other setting is an error. streams as for
 * cagebox_run. code, which may be NULL, gets the exit code, 128 and more for a signal. */
int cagebox_enter(const char *name, const struct cagebox_spec *spec, const int streams[3], int *code,
		  struct cagebox_error *err);

/* Send a signal, 1 to 64, to a container's command. */
int cagebox_signal(const char *name, int signal, struct cagebox_error *err);

/* Stop a container gracefully: its shutdown hooks, its stop signal, SIGKILL after timeout_ms (-1: its own
 * stop_timeout). Returns when it is gone and cleaned up. If it has ended already, that is what *end tells. */
int cagebox_stop(const char *name, int timeout_ms, struct cagebox_end *end, struct cagebox_error *err);

/* The same at once, with SIGKILL. */
int cagebox_kill(const char *name, struct cagebox_end *end, struct cagebox_error *err);

/* Wait for a container's end. Only of one that was given a name the end is remembered, until the name is used again. */
int cagebox_wait(const char *name, struct cagebox_end *end, struct cagebox_error *err);

/* Call visit for every container, also those that have ended and are remembered, in order of name, until it returns
 * anything but 0. *status is valid during the call. visit may call this library, and must return. -1 also when the
 * state of one of them could not be read: the others were shown. */
int cagebox_list(int (*visit)(const struct cagebox_status *status, void *data), void *data, struct cagebox_error *err);

#ifdef __cplusplus
}
#endif

#endif
