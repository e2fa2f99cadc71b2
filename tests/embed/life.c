/* SPDX-License-Identifier: Zlib
 * The life of a detached container: list, signal, enter, stop, kill, wait. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

/* What cagebox_list shows of one container. */
struct seen {
	const char *name; /* which */
	bool found;
	char status[16], reason[16], command[256];
	int64_t started, ended;
	pid_t pid;
	int code, visits, stop_after;
};

static int visit(const struct cagebox_status *s, void *data)
{
	struct seen *seen = data;

	seen->visits++;
	if (!strcmp(s->name, seen->name)) {
		seen->found = true;
		snprintf(seen->status, sizeof(seen->status), "%s", s->status);
		snprintf(seen->reason, sizeof(seen->reason), "%s", s->reason);
		snprintf(seen->command, sizeof(seen->command), "%s", s->command);
		seen->started = s->started;
		seen->ended = s->ended;
		seen->pid = s->pid;
		seen->code = s->code;
	}
	return seen->visits == seen->stop_after;
}

static struct seen look(const char *name)
{
	struct seen seen = { .name = name };
	struct cagebox_error err;

	must(cagebox_list(visit, &seen, &err), &err);
	return seen;
}

/* Wait until the container has made a file in what it shares with us, and remove that. */
static bool wait_for(const char *file)
{
	for (int i = 0; i < 1000; i++) {
		if (unlink(file) == 0)
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return false;
}

/* A spec with the current directory as its /shared. */
static struct cagebox_spec *sharing_shell(const char *name, const char *script)
{
	struct cagebox_spec *spec = shell(name, script);
	struct cagebox_error err;
	char mount[4200], here[4096];

	if (!getcwd(here, sizeof(here)))
		exit(1);
	snprintf(mount, sizeof(mount), "%s:/shared", here);
	must(cagebox_set(spec, "mount", mount, &err), &err);
	return spec;
}

static void check_signals(void)
{
	struct cagebox_spec *spec = sharing_shell("hears", "trap 'exit 7' USR1; trap '' TERM; echo >/shared/ready; "
							   "while :; do sleep 0.05; done");
	struct cagebox_error err;
	struct cagebox_end end;
	char name[64];
	struct seen s;

	must(cagebox_start(spec, name, &err), &err);
	check(!strcmp(name, "hears"), "a detached one tells its name", "%s", name);
	check_error(cagebox_start(spec, name, &err), &err, "the container hears is running already", 125,
		    "a name that is taken");
	check(!*name, "then there is none to tell", "%s", name);
	s = look("hears");
	check(s.found && !strcmp(s.status, "running") && s.pid > 0 && !s.ended && !*s.reason &&
		      llabs(s.started - time(NULL)) < 60 && !strncmp(s.command, "sh -c trap", 10),
	      "list shows it", "%d %s %d %s %s", s.found, s.status, s.pid, s.reason, s.command);
	wait_for("ready");
	check(cagebox_signal("hears", 10, &err) == 0, "a signal", "%s", err.text);
	check_end(cagebox_wait("hears", &end, &err), &end, &err, "exit", 7, "it arrives; the end is told to who waits");
	check(!strcmp(end.name, "hears"), "with the name", "%s", end.name);
	s = look("hears");
	check(!strcmp(s.status, "exited") && s.pid == 0 && s.ended >= s.started && !strcmp(s.reason, "exit") && s.code == 7,
	      "list shows that, too", "%s %d %s %d", s.status, s.pid, s.reason, s.code);
	check_end(cagebox_wait("hears", &end, &err), &end, &err, "exit", 7, "it is remembered");
	check_end(cagebox_stop("hears", 0, &end, &err), &end, &err, "exit", 7, "one that has ended can be stopped");
	check_error(cagebox_signal("hears", 10, &err), &err, "the container hears is not running", 125, "but hears no signal");
	check_error(cagebox_enter("hears", NULL, NULL, NULL, &err), &err, "the container hears is not running", 125,
		    "and cannot be entered");
	must(cagebox_start(spec, NULL, &err), &err);
	wait_for("ready");
	check_end(cagebox_stop("hears", 0, &end, &err), &end, &err, "stop", 137,
		  "one that ignores its stop signal, with no time to wait");
	must(cagebox_start(spec, NULL, &err), &err);
	check_end(cagebox_kill("hears", &end, &err), &end, &err, "stop", 137, "kill");
	cagebox_spec_free(spec);
}

static void check_bad_names(void)
{
	struct cagebox_error err;

	check_error(cagebox_wait("nosuch", NULL, &err), &err, "no container is called nosuch", 125, "one that does not exist");
	check(err.num == 2, "with the errno", "%d", err.num);
	check_error(cagebox_stop("../nosuch", -1, NULL, &err), &err, "'../nosuch' is not a name", 125, "one that cannot exist");
	check_error(cagebox_signal("", 15, &err), &err, "'' is not a name", 125, "none");
	check_error(cagebox_signal("inside", 65, &err), &err, "65 is not a signal", 125, "a signal that is none");
	check_error(cagebox_signal("inside", 0, &err), &err, "0 is not a signal", 125, "nor is this one");
}

/* Enter with a script; its output goes to out. */
static int enter(struct cagebox_spec *how, const char *script, char *out, size_t room, int *code, struct cagebox_error *err)
{
	const char *argv[] = { "sh", "-c", script, NULL };
	int pair[2], result;
	ssize_t n;

	must(cagebox_set_command(how, argv, err), err);
	if (pipe(pair) < 0)
		exit(1);
	result = cagebox_enter("inside", how, (const int[]){ -1, pair[1], 2 }, code, err);
	close(pair[1]);
	n = read(pair[0], out, room - 1);
	out[n < 0 ? 0 : n] = 0;
	close(pair[0]);
	return result;
}

/* A process of its own that enters is killed. */
static void check_orphan(void)
{
	const char *argv[] = { "sh", "-c",
			       "trap 'echo >/shared/heard; exit' TERM; echo >/shared/ready; while :; do sleep 0.05; done",
			       NULL };
	struct cagebox_spec *how = cagebox_spec_new();
	struct cagebox_error err;
	pid_t pid;

	must(cagebox_set_command(how, argv, &err), &err);
	unlink("ready");
	pid = fork();
	if (pid == 0)
		_exit(cagebox_enter("inside", how, (const int[]){ -1, -1, -1 }, NULL, &err) < 0);
	wait_for("ready");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	check(wait_for("heard"), "a command that was entered gets TERM when the caller dies", "%s", "it does not");
	cagebox_spec_free(how);
}

static void check_enter(void)
{
	struct cagebox_spec *spec = sharing_shell("inside", "sleep 1000; :"), *how = cagebox_spec_new();
	struct cagebox_error err;
	char out[256];
	int code = -1;

	must(cagebox_set(spec, "env", "GIVEN=1", &err), &err);
	must(cagebox_start(spec, NULL, &err), &err);
	check(enter(how, "echo $GIVEN; hostname; exit 5", out, sizeof(out), &code, &err) == 0 && code == 5, "a further command",
	      "%d %s", code, err.text);
	check(!strcmp(out, "1\ninside\n"), "sees what the first one does", "%s", out);
	check_orphan();
	must(cagebox_set(how, "env", "MORE=2", &err), &err);
	must(cagebox_set(how, "user", "app", &err), &err);
	must(cagebox_set(how, "cwd", "/etc", &err), &err);
	must(cagebox_set(how, "cap_drop", "all", &err), &err);
	check(enter(how, "echo $GIVEN$MORE; pwd; id -u; kill -INT $$", out, sizeof(out), &code, &err) == 0 && code == 130,
	      "by a signal", "%d %s", code, err.text);
	check(!strcmp(out, "12\n/etc\n1000\n"), "with settings of its own", "%s", out);
	must(cagebox_set(how, "command", "/nonexistent", &err), &err);
	check_error(cagebox_enter("inside", how, NULL, &code, &err), &err, "/nonexistent", 127, "one that is not found");
	must(cagebox_set(how, "hostname", "x", &err), &err);
	check_error(cagebox_enter("inside", how, NULL, &code, &err), &err, "hostname: this setting has no effect", 125,
		    "settings that would be ignored are refused");
	check(cagebox_stop("inside", -1, NULL, NULL) == 0, "stop, and nobody wants to know more", "%s", "an error");
	cagebox_spec_free(spec);
	cagebox_spec_free(how);
}

void check_life(void)
{
	struct seen s = { .name = "", .stop_after = 1 };
	struct cagebox_error err;

	check_signals();
	check_bad_names();
	check_enter();
	check(cagebox_list(visit, &s, &err) == 0 && s.visits == 1, "a list can be left early", "%d %s", s.visits, err.text);
}
