#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2021-30465, 2019-19921, 2023-27561, 2024-45310: somebody who can write to the directory that becomes the root moves its directories while it
# is being put together. The start may fail, but nothing is made outside of its mounts, and no proc or sysfs is inside without its masks.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

cat >race.c <<'EOT'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
/* Exchange each two that are named, all the time. */
int main(int argc, char **argv)
{
	for (int i = 1;; i = i + 2 < argc - 1 ? i + 2 : 1)
		if (argc < 3 || syscall(SYS_renameat2, AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], 2 /* RENAME_EXCHANGE */))
			return 1;
}
EOT
cat >probe.c <<'EOT'
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>
/* In a container whose directories are exchanged: find proc and sysfs under any of the names, and tell what is open in them. */
static int find(char **names, long magic)
{
	struct statfs st;
	for (int i = 0; i < 100000; i++) {
		int fd = open(names[i % 6], O_RDONLY | O_DIRECTORY);
		if (fd >= 0 && fstatfs(fd, &st) == 0 && st.f_type == magic)
			return fd;
		close(fd);
	}
	return -1;
}
int main(void)
{
	char *names[] = { "/proc", "/xproc", "/sys", "/xsys", "/dev", "/xdev" };
	int proc = find(names, PROC_SUPER_MAGIC), sys = find(names, SYSFS_MAGIC);
	struct statvfs v;
	struct stat st;
	if (proc >= 0) {
		printf("proc\n");
		if (fstatat(proc, "kcore", &st, 0) == 0 && st.st_rdev != makedev(1, 3))
			printf("kcore is bare\n");
		if (fstatat(proc, "timer_list", &st, 0) == 0 && st.st_rdev != makedev(1, 3))
			printf("timer_list is bare\n");
		if (openat(proc, "sys/kernel/core_pattern", O_WRONLY) >= 0 || errno != EROFS)
			printf("core_pattern: %s\n", strerror(errno));
		if (openat(proc, "sysrq-trigger", O_WRONLY) >= 0 && (fstatat(proc, "sysrq-trigger", &st, 0) || st.st_rdev != makedev(1, 3)))
			printf("sysrq is open\n");
	}
	if (sys >= 0) {
		printf("sys\n");
		if (fstatvfs(sys, &v) || !(v.f_flag & ST_RDONLY))
			printf("sys is writable\n");
		if (faccessat(sys, "firmware/memmap", F_OK, 0) == 0 || faccessat(sys, "firmware/acpi", F_OK, 0) == 0)
			printf("firmware is bare\n");
	}
	return 0;
}
EOT
musl-gcc -static -o race race.c || bail_out "race does not build"
musl-gcc -static -idirafter "$top/build/uapi" -o probe probe.c || bail_out "probe does not build"

copy=$(root_copy "$root_busybox")
cp probe "$copy/bin/probe"
mkdir -p "$copy/proc" "$copy/sys" "$copy/dev" "$copy/xproc/sys/kernel" "$copy/xsys/firmware" "$copy/xdev/pts" outside
# Whichever of the two has which name at the end.
tree()
{
	find "$copy" outside -not -path "$copy/bin/*" -printf '%f %y %m %U %s %l\n' | sed -E 's/^x(proc|sys|dev|tmp|run) /\1 /' | sort
}
run cagebox run --root "$copy" -- probe
is "undisturbed, proc and sysfs are there and closed" "$(echo "$out" | tr '\n' ' ')$err" "proc sys "
tree >before

# 250 starts; what is seen inside goes to seen.
starts()
{
	rounds=0
	while [ $rounds -lt 250 ]; do
		rounds=$((rounds + 1))
		cagebox run "$@" -- probe
	done >seen 2>failed
}
for names in proc sys dev 'proc sys dev' 'tmp run'; do
	set --
	for name in $names; do
		mkdir -p "$copy/$name" "$copy/x$name"
		set -- "$@" "$copy/$name" "$copy/x$name"
	done
	tree >before
	./race "$@" &
	racer=$!
	starts --root "$copy"
	check "a race of $names was on to the end" kill $racer
	wait $racer 2>/dev/null
	is "$names: what is there is closed" "$(grep -vx -e proc -e sys seen | sort | uniq -c)" ""
	tree >after
	check "$names: nothing was made in the directories themselves" diff before after
	diag "$names: $(grep -c '^proc' seen) times proc was found; $(grep -c 'moved' failed) starts told the reason of their failure"
done
# An exchange with a link that leads out.
cd "$copy" && rm -rf dev proc xdev xproc && mkdir dev proc && cd "$work" && ln -s "$work/outside" "$copy/xdev" && ln -s "$work/outside" "$copy/xproc"
tree >before
./race "$copy/dev" "$copy/xdev" "$copy/proc" "$copy/xproc" &
racer=$!
starts --root "$copy"
check "a race with links was on to the end" kill $racer
wait $racer 2>/dev/null
is "with links: what is there is closed" "$(grep -vx -e proc -e sys seen | sort | uniq -c)" ""
tree >after
check "with links: nothing was made where they lead" diff before after

# A chain of links, each of which is fine.
copy=$(root_copy "$root_busybox")
rmdir "$copy/dev" && ln -s one "$copy/dev" && ln -s two "$copy/one" && ln -s three/../../../.. "$copy/two" && mkdir "$copy/three"
find "$copy" >before
run cagebox run --root "$copy" -- true
is "a chain of links is no /dev" "$status $(find "$copy" | diff before -)" "125 "

# What is mounted by name, on a link into proc: the link is followed inside, and covers what it leads to at most.
copy=$(root_copy "$root_busybox")
echo decoy >decoy
for to in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/1/oom_score_adj /proc/self/attr/current; do
	rm -f "$copy/data"
	ln -s $to "$copy/data"
	before=$(cat /proc/sys/kernel/core_pattern)
	run cagebox run --root "$copy" -v "$work/decoy:/data" --oom-score-adj 500 -- true
	is "a mount on a link to $to" "$(cat decoy) $(cat /proc/sys/kernel/core_pattern)" "decoy $before"
done
finish
