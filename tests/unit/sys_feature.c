/* SPDX-License-Identifier: Zlib
 * The table of what can be lacking, and the probes as far as every machine has the same to say. */
#include "sys/feature.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/feature_probe.h"
#include "tap.h"

static void test_rows(void)
{
	for (enum feature f = 0; f < FEATURES; f++) {
		bool whole = *feature_name(f) && *feature_lost(f) && *feature_remedy(f);
		bool first = true;

		for (enum feature g = 0; g < f; g++)
			first &= strcmp(feature_name(f), feature_name(g)) != 0;
		tap_ok(whole && first && feature_weight(f) <= WEIGHT_USER, __LINE__, "%s: all texts, the only one of that name",
		       feature_name(f));
		/* An error of 252 bytes has room for its cause, too. */
		tap_ok(strlen(feature_remedy(f)) < 110, __LINE__, "%s: a short remedy", feature_name(f));
	}
}

static void test_errors(void)
{
	struct err e;

	errno = ENODEV;
	err_sys(&e, "mount overlay");
	OK(err_feature(&e, FEATURE_OVERLAY) == -1, "a remedy is added");
	SAME(e.text, "mount overlay: No such device (CONFIG_OVERLAY_FS, or: modprobe overlay)", "in brackets");
	err_set(&e, "x");
	OK(err_feature_fs(&e, "squashfs") == -1, "the same for a file system");
	SAME(e.text, "x (CONFIG_SQUASHFS, or: modprobe squashfs)", "by its type");
	err_set(&e, "x");
	err_feature_fs(&e, "nfs");
	SAME(e.text, "x", "of a strange one nothing is said");
	err_feature_fs(&e, "pid");
	SAME(e.text, "x", "nor of what is none");
}

static void test_versions(void)
{
	OK(feature_since(3, 0), "this kernel is newer than 3.0");
	OK(feature_since(2, 99), "and than 2.99");
	OK(!feature_since(99, 0), "and older than 99");
}

static void test_probes(void)
{
	struct feature_found found;
	int fds = dup(0);

	close(fds);
	for (enum feature f = 0; f < FEATURES; f++) {
		feature_probe(f, &found);
		tap_ok(*found.remedy && (found.state == FEATURE_OK || *found.text || f == FEATURE_NEW_PRIVS ||
					 f == FEATURE_OOM_GROUP || f == FEATURE_CGROUP_KILL),
		       __LINE__, "%s: it is told why not", feature_name(f));
	}
	OK(dup(0) == fds, "no descriptor is left open");
	OK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no child is left");
	feature_probe(FEATURE_PROC_MOUNTED, &found);
	OK(found.state == FEATURE_OK, "/proc is there");
	feature_probe(FEATURE_SIGNALFD, &found);
	OK(found.state == FEATURE_OK, "a call that every kernel has");
}

int main(void)
{
	signal(SIGCHLD, SIG_DFL);
	test_rows();
	test_errors();
	test_versions();
	test_probes();
	return tap_done();
}
