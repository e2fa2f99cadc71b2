#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2016-9962: who waits inside for those that come in by exec cannot trace one, nor open anything of it, before it is the command; and
# even with the right to trace, there is nothing of the host's in it, no capability either.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside; $caps is several words
. "$(dirname "$0")/../lib.sh"

cat >watch.c <<'EOT'
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
/* A visitor that has become the command is called true; everything else that appears is one on its way. */
static int on_its_way(int pid)
{
	char path[64], name[32] = "";
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, name, sizeof(name) - 1);
	close(fd);
	return n > 0 && strcmp(name, "true\n") && strcmp(name, "look-out\n");
}
/* The sets that it could bring into force, by executing a program too. */
static int may(int pid, int cap)
{
	char path[64], text[4096] = "";
	static const char *const sets[] = { "CapPrm:", "CapBnd:" };
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	int fd = open(path, O_RDONLY), found = 0;
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
		for (int i = 0; i < 2; i++) {
			char *at = strstr(text, sets[i]);
			found |= at && strtoull(at + 7, NULL, 16) >> cap & 1;
		}
	close(fd);
	return found;
}
/* argv[1]: outside, only what is the host's counts, since this one may trace. */
int main(int argc, char **argv)
{
	static const char *const files[] = { "mem", "exe", "cwd", "root", "environ", "maps", "fd/0", "fd/3", "fd/4", "fd/5", "ns/mnt", "auxv" };
	int outside = argc > 1;
	long seen = 0;
	struct stat st, root;
	stat("/", &root);
	if (!freopen("/shared/found", "w", stdout))
		return 2;
	setbuf(stdout, NULL);
	close(creat("/shared/ready", 0666));
	while (access("/shared/end", F_OK)) {
		DIR *d = opendir("/proc");
		struct dirent *e;
		while ((e = readdir(d))) {
			int pid = atoi(e->d_name);
			char path[300], to[300];
			if (pid < 2 || pid == getpid() || !on_its_way(pid))
				continue;
			seen++;
			for (unsigned i = 0; !outside && i < sizeof(files) / sizeof(*files); i++) {
				snprintf(path, sizeof(path), "/proc/%d/%s", pid, files[i]);
				int fd = open(path, i ? O_RDONLY : O_RDWR);
				if (fd >= 0 && on_its_way(pid))
					printf("opened %s\n", files[i]);
				close(fd);
			}
			int pidfd = outside ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
			for (int n = 0; pidfd >= 0 && n < 4; n++)
				if (syscall(438, pidfd, n, 0) >= 0 && on_its_way(pid))
					printf("got descriptor %d\n", n);
			close(pidfd);
			if (!outside && ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
				if (on_its_way(pid))
					printf("traced\n");
				ptrace(PTRACE_INTERRUPT, pid, 0, 0);
				waitpid(pid, NULL, __WALL);
				ptrace(PTRACE_DETACH, pid, 0, 0);
			}
			for (int n = 0; outside && n < 105; n++) {
				ssize_t len;
				snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, n);
				if ((len = readlink(path, to, sizeof(to) - 1)) < 0)
					continue;
				to[len] = 0;
				if (stat(path, &st) == 0 && st.st_dev == root.st_dev)
					continue;
				if (on_its_way(pid) && strncmp(to, "pipe:", 5) && strncmp(to, "socket:", 7) && strcmp(to, "/dev/null") && strcmp(to, "/etc/passwd"))
					printf("holds %s\n", to);
			}
			if (outside && may(pid, 21) && on_its_way(pid))
				printf("may use sys_admin\n");
			snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
			if (outside && stat(path, &st) == 0 && on_its_way(pid) && (st.st_dev != root.st_dev || st.st_ino != root.st_ino))
				printf("stands outside\n");
		}
		closedir(d);
	}
	printf("end, seen: %s\n", seen ? "yes" : "no");
	pause();
	return 0;
}
EOT
cat >leaky.c <<'EOT'
#include <fcntl.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	int dir = open(".", O_RDONLY);
	for (int fd = 3; fd <= 100; fd++)
		if (dup2(dir, fd) < 0)
			return 2;
	return argc < 2 || execvp(argv[1], argv + 1);
}
EOT
musl-gcc -static -w -o watch watch.c || bail_out "watch does not build"
musl-gcc -static -o leaky leaky.c || bail_out "leaky does not build"
mkdir -m 777 shared

# watched ARGUMENT OPTION...: 200 visits. What the watcher got hold of is in shared/found.
watched()
{
	argument=$1
	shift
	rm -f shared/*
	cagebox run --lower "$root_busybox" -d --name ptrace-box --seccomp off -v "$work/watch:/bin/look-out:ro" -v "$work/shared:/shared" "$@" -- \
		look-out $argument >/dev/null
	wait_for test -e shared/ready
	rounds=0
	while [ $rounds -lt 200 ]; do
		rounds=$((rounds + 1))
		./leaky cagebox exec ptrace-box true </dev/null >/dev/null 2>&1
	done
	touch shared/end
	wait_for grep -q '^end' shared/found
	cagebox stop -t 0s ptrace-box
}
watched ''
is "the watcher saw some of 200 before they were the command" "$(grep '^end' shared/found)" "end, seen: yes"
is "and could open or trace none" "$(grep -v '^end' shared/found | sort | uniq -c)" ""
watched '' -u app
is "another user sees them too" "$(grep '^end' shared/found)" "end, seen: yes"
is "and could not either" "$(grep -v '^end' shared/found | sort | uniq -c)" ""
# In a user namespace of its own that one has every right that the visitor has there: only what the visitor was before protects it.
watched '' -N uphic --cap-add all
is "root of a user namespace sees them" "$(grep '^end' shared/found)" "end, seen: yes"
is "and could not either, with every capability" "$(grep -v '^end' shared/found | sort | uniq -c)" ""
watched outside --cap-add sys_ptrace
is "one that may trace sees them" "$(grep '^end' shared/found)" "end, seen: yes"
is "and finds nothing of the host's in them, nor a capability beyond init's" "$(grep -v '^end' shared/found | sort | uniq -c)" ""
finish
