#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2022-0185 and its like: what a namespace of the container's own making gives it, with no filter of system calls in the way: nothing of the
# host's, no mask lifted; and nobody joins but what is proven to be the container.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside; $options is several words
. "$(dirname "$0")/../lib.sh"

cat >nest.c <<'EOT'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return;
	printf("wrote %s\n", file);
}
static void try(const char *what, int result)
{
	if (result >= 0)
		printf("could %s\n", what);
}
int main(void)
{
	char map[32];
	unsigned uid = getuid(), gid = getgid();
	if (unshare(CLONE_NEWUSER) == 0) {
		snprintf(map, sizeof(map), "0 %u 1", uid);
		int fd = open("/proc/self/uid_map", O_WRONLY);
		printf("nested %d\n", fd >= 0 && write(fd, map, strlen(map)) > 0);
		fd = open("/proc/self/setgroups", O_WRONLY);
		(void)!write(fd, "deny", 4);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		fd = open("/proc/self/gid_map", O_WRONLY);
		(void)!write(fd, map, strlen(map));
		unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS);
	} else {
		printf("nested 0\n");
	}
	mkdir("/tmp/m", 0777);
	try("mount proc", mount("proc", "/tmp/m", "proc", 0, NULL));
	try("mount sysfs", mount("sysfs", "/tmp/m", "sysfs", 0, NULL));
	try("make /proc/sys writable", mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
	try("make /sys writable", mount(NULL, "/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
	try("lift /proc/sys", umount2("/proc/sys", MNT_DETACH));
	try("lift /proc/timer_list", umount2("/proc/timer_list", MNT_DETACH));
	try("lift /sys/firmware", umount2("/sys/firmware", MNT_DETACH));
	try("bind a bare /proc/sys", mount("/proc", "/tmp/m", NULL, MS_BIND, NULL) < 0 ? -1 : open("/tmp/m/sys/kernel/core_pattern", O_WRONLY));
	try("make a device", mknod("/tmp/null", S_IFCHR | 0666, 0x103));
	try("join init's mounts", setns(open("/proc/1/ns/mnt", O_RDONLY), 0));
	try("join init's user namespace", setns(open("/proc/1/ns/user", O_RDONLY), 0));
	try("open init's root", open("/proc/1/root/etc", O_RDONLY));
	try("open init's memory", open("/proc/1/mem", O_RDWR));
	try("load a module", (int)syscall(SYS_init_module, "", 0, ""));
	try("open by handle", (int)syscall(SYS_open_by_handle_at, open("/", O_RDONLY), "\10\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0", O_RDONLY));
	put("/proc/sys/kernel/core_pattern", "|/evil");
	put("/proc/sys/kernel/modprobe", "/evil");
	put("/proc/sys/vm/overcommit_memory", "0");
	put("/proc/sys/fs/binfmt_misc/register", ":x:M::x::/x:");
	put("/sys/kernel/uevent_helper", "/evil");
	return 0;
}
EOT
musl-gcc -static -w -o nest nest.c || bail_out "nest does not build"
before=$(cat /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe 2>/dev/null)
off='--seccomp off'
for options in '' "$off" "$off -u app" "$off -N uphic" "$off -N uphic -u app" "$off -N p" "$off --cap-add net_admin"; do
	run cagebox run --lower "$root_busybox" $options -v "$work/nest:/bin/nest:ro" -- nest
	diag "${options:-default}: $(echo "$out" | head -n 1)"
	is "nothing is gained with ${options:-the default}" "$status $(echo "$out" | grep -v '^nested')" "0 "
	is "nothing of the host's was set" "$(cat /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe 2>/dev/null)" "$before"
done
cagebox run --lower "$root_busybox" -d --name namespaces-box $off -v "$work/nest:/bin/nest:ro" -- sleep 1000 >/dev/null
run cagebox exec namespaces-box nest
is "nor by exec" "$(echo "$out" | grep -v '^nested')" ""
for ns in mnt pid ipc uts cgroup net user; do
	run cagebox exec namespaces-box stat -L -c %i /proc/self/ns/$ns
	is "exec is in init's own $ns namespace" "$out" "$(stat -L -c %i "/proc/$(cagebox list --json | jq '.[0].pid')/ns/$ns")"
done
cagebox stop -t 0s namespaces-box
finish
