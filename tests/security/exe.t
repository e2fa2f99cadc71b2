#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2019-5736: the host's binary cannot be written through /proc/PID/exe of any process inside, nor is one of them open to ptrace.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

cp "$CAGEBOX" cagebox-own && sum=$(sha256sum <cagebox-own)
box="./cagebox-own run --lower $root_busybox"
caps='--cap-add all --cap-drop sys_resource'
cat >overwrite.c <<'EOT'
/* Try every way to write to the binary that process argv[1] runs. Prints what worked. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	static const int flags[] = { O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC, O_WRONLY | O_APPEND };
	char exe[64], again[64];
	int fd, tries = 0;
	if (argc < 2)
		return 2;
	snprintf(exe, sizeof(exe), "/proc/%s/exe", argv[1]);
	for (unsigned i = 0; i < 4; i++, tries++)
		if ((fd = open(exe, flags[i])) >= 0)
			printf("open %d\n", flags[i]);
	fd = open(exe, O_PATH);
	if (fd < 0)
		fd = open(exe, O_RDONLY);
	snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	for (unsigned i = 0; fd >= 0 && i < 4; i++, tries++)
		if (open(again, flags[i]) >= 0)
			printf("open again %d\n", flags[i]);
	if (fd >= 0 && mount(NULL, again, NULL, MS_REMOUNT | MS_BIND, NULL) == 0)
		printf("remounted\n");
	if (fd >= 0 && open(again, O_WRONLY) >= 0)
		printf("open after a remount\n");
	if (truncate(exe, 0) == 0)
		printf("truncated\n");
	printf("%d tries\n", tries);
	return 0;
}
EOT
musl-gcc -static -o overwrite overwrite.c
cp overwrite writable && run ./overwrite self
like "the helper knows what it does: its own file is busy, not forbidden" "$out" '^[48] tries$'
run $box $caps -v "$work:/mnt:ro" -- /mnt/overwrite 1
is "init's executable cannot be written by root with every capability" "$status $out" "0 8 tries"
run $box -v "$work:/mnt:ro" -- /mnt/overwrite 1
unlike "nor with the usual ones" "$out" 'open|remounted|truncated'
run $box $caps -N hic -v "$work:/mnt:ro" -- sh -c 'for p in $(pgrep cagebox); do /mnt/overwrite $p; done' 2>/dev/null
is "the binary is the same" "$(sha256sum <cagebox-own)" "$sum"

# A container without pid namespace sees the launcher itself; that is the host's root, so only one with less is asked.
run $box -N hic -u app -v "$work:/mnt:ro" -- sh -c 'for p in $(ps -o pid,comm | sed -n "s/^ *\([0-9]*\) cagebox.*/\1/p"); do /mnt/overwrite $p; done'
unlike "a user in the host's pid namespace cannot either" "$out" 'open|remounted|truncated'

# The file of a running program is busy. Who holds it until it has ended can try again: here the host's root itself does.
$box -d --name exe-held $caps -- sleep 1000 >/dev/null
exec 5<"/proc/$(./cagebox-own list --json | jq '.[0].pid')/exe"
./cagebox-own exec exe-held sleep 1000 &
visit=$!
wait_for pgrep -P $visit -x sleep >/dev/null
exec 6<"/proc/$visit/exe"
./cagebox-own stop -t 0s exe-held
wait $visit
for fd in 5 6; do
	run sh -c ": >>/proc/self/fd/$fd"
	like "what was held cannot be written after its end: $fd" "$status $err" '^[12] .*(Read-only file system|Operation not permitted)'
done
exec 5<&- 6<&-
leaks_begin

# exec: the joiner and what becomes the command, from the first moment they are in sight. Whoever waits inside opens every new
# process's executable, /proc/PID/exe, and mem.
cat >watch.c <<'EOT'
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* argv[1]: size of the binary. Writes to /tmp/found what could be opened of a process that runs it. */
int main(int argc, char **argv)
{
	long size = argc > 1 ? atol(argv[1]) : 0, seen = 0;
	int ready = creat("/mnt2/ready", 0666);
	close(ready);
	while (access("/mnt2/end", F_OK)) {
		DIR *d = opendir("/proc");
		struct dirent *e;
		while ((e = readdir(d))) {
			char path[300];
			struct stat st;
			int fd;
			if (atoi(e->d_name) < 2 || atoi(e->d_name) == getpid())
				continue;
			snprintf(path, sizeof(path), "/proc/%s/exe", e->d_name);
			if (stat(path, &st) || st.st_size != size)
				continue;
			seen++;
			if ((fd = open(path, O_WRONLY)) >= 0)
				puts("wrote exe");
			for (int n = 0; n < 20; n++) {
				snprintf(path, sizeof(path), "/proc/%s/fd/%d", e->d_name, n);
				if (n > 2 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
					printf("directory %d\n", n);
			}
			snprintf(path, sizeof(path), "/proc/%s/mem", e->d_name);
			if ((fd = open(path, O_RDWR)) >= 0)
				puts("opened mem");
		}
		closedir(d);
	}
	printf("end %ld\n", seen > 0);
	return 0;
}
EOT
musl-gcc -static -o watch watch.c
mkdir shared
$box -d --name box -v "$work:/mnt:ro" -v "$work/shared:/mnt2" -- sh -c "/mnt/watch $(stat -c %s cagebox-own) >/mnt2/found" >/dev/null
wait_for test -e shared/ready
rounds=0
while [ $rounds -lt 50 ]; do
	rounds=$((rounds + 1))
	./cagebox-own exec box true
done
touch shared/end
./cagebox-own wait box
is "a watcher inside gets hold of nothing of $rounds visitors" "$(sort -u shared/found | grep -v '^end')" ""
$box -d --name box -v "$work:/mnt:ro" $caps -- sleep 1000 >/dev/null
./cagebox-own exec --cap-add all --cap-drop sys_resource box /mnt/overwrite self >/dev/null
is "the binary is the same after all" "$(sha256sum <cagebox-own)" "$sum"
./cagebox-own stop -t 1s box

# A file system that is read-only today may be written tomorrow: a visitor by exec does not run from it either.
mkdir ro && mount -t tmpfs ro ro && cp "$CAGEBOX" ro/cagebox && mount -o remount,ro ro
leaks_begin
ro/cagebox run --lower "$root_busybox" -d --name exe-ro -- sleep 1000 >/dev/null
ro/cagebox exec exe-ro sleep 1000 &
visit=$!
wait_for pgrep -P $visit -x sleep >/dev/null
inode=$(stat -c %d:%i ro/cagebox)
mount=$(sed -n 's/^mnt_id:.//p' /proc/self/fdinfo/3 3<"/proc/$visit/exe")
like "who brings the visitor has a program" "$mount" '^[0-9]+$'
check "which is on a mount that is nowhere" not grep -q "^$mount " "/proc/$visit/mountinfo"
is "which shows the same file" "$(stat -L -c %d:%i /proc/$visit/exe)" "$inode"
ro/cagebox stop -t 0s exe-ro
wait $visit
umount ro
leaks_begin

# A script whose interpreter is the process that executes it.
copy=$(root_copy "$root_busybox")
printf '#!/proc/self/exe\n' >"$copy/bin/self" && chmod 755 "$copy/bin/self"
cp overwrite "$copy/bin/overwrite"
./cagebox-own run --lower "$copy" -d --name exe-self $caps -- sh -c 'while :; do for p in /proc/[0-9]*; do p=${p#/proc/}; [ $p = $$ ] || [ $p = 1 ] || overwrite $p; done; done' >/dev/null
for i in $(seq 50); do
	./cagebox-own exec exe-self /bin/self >/dev/null 2>&1
	./cagebox-own run --lower "$copy" -- /bin/self >/dev/null 2>&1
done
./cagebox-own stop -t 0s exe-self
is "the binary is the same after 100 scripts that ran it" "$(sha256sum <cagebox-own)" "$sum"
finish
