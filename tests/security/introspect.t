#!/bin/sh
# SPDX-License-Identifier: Zlib
# What a program finds out about a container with the default settings, as root: everything it could hold on to, listed and compared.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

cat >look.c <<'EOT'
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
extern char **environ;
static void status(const char *what)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, what, strlen(what)))
			printf("%s", line);
	if (f)
		fclose(f);
}
/* Every file below that is made to be written to and can be opened for it: without a write bit there is nothing behind it, though root may
 * open it. What belongs to processes is left to the kernel's own checks. */
static void walk(const char *dir, int depth)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	while (d && (e = readdir(d))) {
		char path[4096];
		struct stat st;
		int fd;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (*e->d_name == '.' || lstat(path, &st) || (depth == 0 && (atoi(e->d_name) || strstr(e->d_name, "self"))))
			continue;
		if (S_ISDIR(st.st_mode) && depth < 12)
			walk(path, depth + 1);
		if (S_ISREG(st.st_mode) && st.st_mode & 0222 && (fd = open(path, O_WRONLY | O_NONBLOCK)) >= 0) {
			printf("writable %s\n", path);
			close(fd);
		}
	}
	if (d)
		closedir(d);
}
int main(void)
{
	static const char *const caps[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Groups", "Seccomp:" };
	for (unsigned i = 0; i < sizeof(caps) / sizeof(*caps); i++)
		status(caps[i]);
	printf("securebits %d dumpable %d pdeathsig-of-init %d\n", prctl(PR_GET_SECUREBITS), prctl(PR_GET_DUMPABLE), kill(1, 0));
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("descriptor %d\n", fd);
	for (char **v = environ; *v; v++)
		printf("environment %s\n", *v);
	printf("process %d of session %d, umask %03o\n", getpid(), getsid(0), umask(0));
	for (int pid = 1; pid < 70000; pid++)
		if (kill(pid, 0) == 0 && pid != getpid())
			printf("reaches %d\n", pid);
	for (int major = 1; major < 256; major++)
		for (int minor = 0; minor < 16; minor++)
			if (mknod("/tmp/node", S_IFCHR | 0600, makedev(major, minor)) == 0 || mknod("/tmp/node", S_IFBLK | 0600, makedev(major, minor)) == 0)
				return printf("made device %d:%d\n", major, minor);
	long ring = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	char text[256] = "";
	if (ring >= 0 && syscall(SYS_keyctl, KEYCTL_DESCRIBE, ring, text, sizeof(text) - 1) > 0)
		printf("session keyring %s\n", strrchr(text, ';') + 1);
	char keys[64];
	printf("keys in it: %ld\n", ring < 0 ? 0 : syscall(SYS_keyctl, KEYCTL_READ, ring, keys, sizeof(keys)) / 4);
	walk("/proc", 0);
	walk("/sys", 0);
	return 0;
}
EOT
musl-gcc -static -w -idirafter "$top/build/uapi" -o look look.c || bail_out "look does not build"

run env -i SECRET=1 PATH="$PATH" cagebox run --lower "$root_busybox" -v "$work/look:/bin/look-round:ro" -- look-round
status_is "it can look round" 0
seen=$out
report()
{
	echo "$seen" | grep -E "$1" | tr '\t' ' ' | tr '\n' ';'
}
is "its capabilities" "$(report '^Cap')" "CapInh: 0000000000000000;CapPrm: 00000000a00405fb;CapEff: 00000000a00405fb;CapBnd: 00000000a00405fb;CapAmb: 0000000000000000;"
is "no new privileges, no groups, a filter, bits that are locked" "$(report '^(NoNew|Groups|Seccomp|securebits)' | tr -s ' ')" "NoNewPrivs: 1;Groups: ;Seccomp: 2;securebits 202 dumpable 1 pdeathsig-of-init 0;"
is "its descriptors" "$(report '^descriptor')" "descriptor 0;descriptor 1;descriptor 2;"
is "its environment" "$(echo "$seen" | grep '^environment' | sort | tr '\n' ';')" "environment HOME=/root;environment LOGNAME=root;environment PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin;environment SHELL=/bin/sh;environment USER=root;environment container=cagebox;"
is "its session and umask" "$(report '^process')" "process 2 of session 1, umask 022;"
is "the processes it reaches: init" "$(report '^reaches')" "reaches 1;"
is "it can make no device" "$(report '^made')" ""
is "it has no keys of the caller's" "$(report '^keys')" "keys in it: 0;"
is "the files of proc and sysfs that it can write to, but for the watching of pressure" "$(report '^writable' | sed 's|writable /proc/pressure/[a-z]*;||g')" ""

# The same from the outside.
run cagebox run --lower "$root_busybox" -- sh -c 'for f in mnt pid uts ipc cgroup user net; do echo $f $(stat -L -c %i /proc/self/ns/$f); done'
shared=
for ns in mnt pid uts ipc cgroup user net; do
	[ "$(echo "$out" | sed -n "s/^$ns //p")" != "$(stat -L -c %i /proc/self/ns/$ns)" ] || shared="$shared $ns"
done
is "the namespaces it shares with the host" "$shared" " user net"
run cagebox run --lower "$root_busybox" -- sh -c 'cut -d" " -f 5,6 /proc/self/mountinfo | sed "s/,relatime//" | sort'
is "its mounts" "$(echo "$out" | grep -vE '^/proc/(acpi|scsi|keys|timer_list|timer_stats|latency_stats|sched_debug|kcore|sysrq-trigger|fs|bus|irq) |^/sys/devices/virtual/powercap |^/etc/resolv.conf ')" '/ rw,nodev
/dev rw,nosuid,noexec
/dev/mqueue rw,nosuid,nodev,noexec
/dev/pts rw,nosuid,noexec
/dev/shm rw,nosuid,nodev
/proc rw,nosuid,nodev,noexec
/proc/sys ro,nosuid,nodev,noexec
/run rw,nosuid,nodev
/sys ro,nosuid,nodev,noexec
/sys/firmware ro,nosuid,nodev,noexec
/tmp rw,nosuid,nodev'
finish
