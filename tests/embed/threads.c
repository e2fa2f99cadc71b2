/* SPDX-License-Identifier: Zlib
 * Several threads at once. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { THREADS = 6, ROUNDS = 3 };

struct worker {
	pthread_t thread;
	int number, wrong;
};

static void count(bool right, struct worker *w)
{
	w->wrong += !right;
}

/* One after the other: run with output and a code of its own, a detached one, an error. */
static void *work(void *data)
{
	struct worker *w = data;
	char script[64], name[64], out[64], wanted[64];
	struct cagebox_error err;
	struct cagebox_end end;

	for (int i = 0; i < ROUNDS; i++) {
		int code = 10 * w->number + i;
		struct cagebox_spec *spec;

		snprintf(script, sizeof(script), "echo out %d; exit %d", code, code);
		snprintf(wanted, sizeof(wanted), "out %d", code);
		spec = shell(NULL, script);
		count(run_for_output(spec, out, sizeof(out), &end, &err) == 0 && end.code == code && !strcmp(out, wanted), w);
		cagebox_spec_free(spec);
		snprintf(name, sizeof(name), "worker-%d", w->number);
		spec = shell(name, "sleep 1000; :");
		count(cagebox_start(spec, name, &err) == 0, w);
		count(cagebox_start(spec, NULL, &err) == -1 && strstr(err.text, name) && strstr(err.text, "running already"),
		      w);
		count(cagebox_stop(name, 2000, &end, &err) == 0 && !strcmp(end.reason, "stop") && !strcmp(end.name, name), w);
		cagebox_spec_free(spec);
	}
	return NULL;
}

static void check_many(void)
{
	struct worker workers[THREADS] = { 0 };
	int wrong = 0;

	for (int i = 0; i < THREADS; i++) {
		workers[i].number = i + 1;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			exit(1);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		wrong += workers[i].wrong;
	}
	check(!wrong, "six threads start, run and stop containers at the same time", "%d results are wrong", wrong);
}

struct runner {
	struct cagebox_spec *spec;
	struct cagebox_end end;
	struct cagebox_error err;
	int result;
};

static void *run(void *data)
{
	struct runner *r = data;

	r->result = cagebox_run(r->spec, NULL, &r->end, &r->err);
	return NULL;
}

/* Whether any process has text among the words of its command line. */
static bool shows(const char *text)
{
	char command[256];

	snprintf(command, sizeof(command), "grep -sqa '%s' /proc/[0-9]*/cmdline", text);
	return system(command) == 0;
}

/* One thread runs a container; another sees it, looks for what must not show, and stops it. */
static void check_other(void)
{
	struct runner r = { .spec = shell("attached", "sleep 1000; :") };
	struct cagebox_error err;
	struct cagebox_end end;
	pthread_t thread;
	int result = -1;

	must(cagebox_set(r.spec, "env", "KEY=sesame-42", &err), &err);
	if (pthread_create(&thread, NULL, run, &r) != 0)
		exit(1);
	for (int i = 0; i < 500 && result < 0; i++) {
		result = cagebox_enter("attached", NULL, (const int[]){ -1, -1, -1 }, NULL, &err);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	check(result == 0, "another thread enters the container that one runs", "%s", err.text);
	/* As patterns, which do not match themselves. */
	check(shows("cagebox-[e]mbed") && !shows("sesame-[4]2"), "the environment is not in a list of processes", "%s",
	      "it is");
	check_end(cagebox_stop("attached", 1000, &end, &err), &end, &err, "stop", 143, "and stops it");
	pthread_join(thread, NULL);
	check_end(r.result, &r.end, &r.err, "stop", 143, "as the one that runs it is told");
	cagebox_spec_free(r.spec);
}

void check_threads(void)
{
	check_many();
	check_other();
}
