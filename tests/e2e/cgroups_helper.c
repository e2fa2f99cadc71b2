/* SPDX-License-Identifier: Zlib
 * What root of a container can do to cgroups without any capability: a user namespace of its own, in which it may mount what its
 * cgroup namespace shows. Usage: cgroups_helper cgroup2|CONTROLLER DIR COMMAND...: run it with that hierarchy on DIR. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY), result = fd < 0 || write(fd, text, strlen(text)) < 0;

	close(fd);
	return result;
}

static int broken(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	int v2 = argc > 1 && !strcmp(argv[1], "cgroup2");

	if (argc < 4)
		return 1;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP) < 0)
		return broken("unshare");
	put("/proc/self/setgroups", "deny");
	if (put("/proc/self/uid_map", "0 0 1") || put("/proc/self/gid_map", "0 0 1"))
		return broken("map");
	if (mount("none", argv[2], v2 ? "cgroup2" : "cgroup", 0, v2 ? NULL : argv[1]) < 0)
		return broken("mount");
	execvp(argv[3], argv + 3);
	return broken(argv[3]);
}
