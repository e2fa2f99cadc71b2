#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2021-30465, 2019-19921, 2023-27561, 2024-45310, 2026-41579, 2026-47766, 2025-24965: whatever is a link in an image, nothing
# is mounted, made or written outside of the root.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

mkdir outside outside/sub && echo secret >outside/passwd && echo outside >outside/resolv.conf && mkdir src && echo src >src/file
tree()
{
	find outside -printf '%P %y %s %m %T@\n' | sort
	sed 's/^[0-9]* [0-9]* //' /proc/self/mountinfo
}
tree >before

# attack TITLE COMMAND OPTION...: with the root changed by COMMAND, in the directory $copy; as it is and as the lower of an overlay. The start
# may fail or go on, but outside nothing may change, and it may not be seen.
attack()
{
	title=$1 change=$2
	shift 2
	copy=$(root_copy "$root_busybox")
	(cd "$copy" && eval "$change") || fail "the attack could be prepared: $title"
	for kind in --root --lower; do
		run cagebox run $kind "$copy" "$@" -- sh -c 'cat /etc/passwd /dev/passwd /proc/passwd /sys/passwd; ls -l /dev; cat /proc/self/mountinfo; echo in >/etc/resolv.conf; echo in >/etc/in'
		tree >after
		if cmp -s before after && ! printf '%s' "$out" | grep -q secret; then
			pass "$title, with $kind: $status"
		else
			fail "$title, with $kind: nothing outside is touched or seen" "$(diff before after)" "$out"
		fi
	done
	rm -rf "$copy"
}

for dir in dev proc sys tmp run etc; do
	attack "/$dir is a link out of the root" "rm -rf $dir; ln -s $work/outside $dir"
	case $dir in
	dev | proc | sys)
		copy=$(root_copy "$root_busybox")
		rmdir "$copy/$dir" && ln -s "$work/outside" "$copy/$dir"
		run cagebox run --root "$copy" -- true
		like "/$dir that is a link is refused" "$status $err" '^125 .*open the mount point /'
		;;
	esac
	attack "/$dir is a relative link out of it" "rm -rf $dir; ln -s ../../../../../../../../../../../../../$work/outside $dir"
	attack "/$dir is a file" "rm -rf $dir; echo file >$dir"
	attack "/$dir is a link to itself" "rm -rf $dir; ln -s $dir $dir"
	attack "/$dir is missing" "rm -rf $dir"
done
attack "/dev is a link to /proc" 'rmdir dev; ln -s proc dev'
attack "/proc is a link to /sys" 'rmdir proc; ln -s sys proc'
attack "/etc/resolv.conf is a link out of the root" "rm -f etc/resolv.conf; ln -s $work/outside/resolv.conf etc/resolv.conf"
attack "/etc/resolv.conf is a link to what is not there" "rm -f etc/resolv.conf; ln -s $work/outside/new etc/resolv.conf"
attack "/etc/resolv.conf is a directory" "rm -f etc/resolv.conf; mkdir etc/resolv.conf"
attack "/etc/resolv.conf is a pipe" "rm -f etc/resolv.conf; mkfifo etc/resolv.conf"
attack "/etc/resolv.conf leads through /proc" "rm -f etc/resolv.conf; ln -s /proc/1/root$work/outside/resolv.conf etc/resolv.conf"
attack "/etc/passwd is a link out of the root" "rm etc/passwd; ln -s $work/outside/passwd etc/passwd" -u root
attack "what is in /dev of the image" 'mkdir -p dev/pts dev/shm; ln -s /etc/passwd dev/null; ln -s / dev/fd; ln -s /etc dev/console' --tty=yes
attack "a mount's destination is a link out of the root" "ln -s $work/outside data" -v "$work/src:/data"
attack "its parent is one" "ln -s $work/outside data" -v "$work/src:/data/sub"
attack "what is to be made below one" "ln -s $work/outside data" -v "$work/src:/data/new/deep"
attack "a file's destination is one" "ln -s $work/outside/passwd data" -v "$work/src/file:/data"
attack "a file's destination is to be made behind one" "ln -s $work/outside/new data" -v "$work/src/file:/data"
attack "a tmpfs's destination is one" "ln -s $work/outside/sub data" --tmpfs /data
attack "a destination leads through /proc" "ln -s /proc/1/root/$work/outside data" -v "$work/src:/data/x"
attack "a destination leads through a descriptor" "ln -s /proc/self/fd/3 data" -v "$work/src:/data/x"
mkdir links && ln -s "$work/outside" links/out
attack "a mount before has the next one's destination as a link" "true" -v "$work/links:/data" -v "$work/src:/data/out"
attack "a device's directory is in an image's link" "rmdir dev; ln -s $work/outside dev" --device /dev/zero:/dev/sub/zero
attack "the working directory is a link out of the root" "ln -s $work/outside data" --cwd /data
attack "it leads through /proc/1" "ln -s /proc/1/root/$work/outside data" --cwd /data

# The same links, where what they lead to is there inside: they are followed there.
copy=$(root_copy "$root_busybox")
mkdir -p "$copy$work/outside" && ln -s "$work/outside" "$copy/data"
run cagebox run --root "$copy" -v "$work/src:/data" -- cat "$work/outside/file"
is "a link is followed inside the root" "$status $out" "0 src"
run cagebox run --root "$copy" -v "$work/src:$work/outside" -- cat "$work/outside/file"
is "a destination that the host has too is the root's" "$status $out" "0 src"
rm "$copy/etc/resolv.conf" 2>/dev/null
mkdir -p "$copy/run/systemd" && ln -s ../run/systemd/resolv.conf "$copy/etc/resolv.conf"
run cagebox run --root "$copy" -- cat /proc/self/mountinfo
status_is "resolv.conf may be a link into /run, as on many systems" 0

# A race: somebody who may write there exchanges a directory and a link all the time.
cat >race.c <<'EOT'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	for (;;)
		if (argc < 3 || syscall(SYS_renameat2, AT_FDCWD, argv[1], AT_FDCWD, argv[2], 2))
			return 1;
}
EOT
musl-gcc -static -o race race.c
rm -rf "$copy/data" && mkdir -p "$copy/data/sub" && ln -s "$work/outside" "$copy/link"
./race "$copy/data" "$copy/link" &
racer=$!
rounds=0
while [ $rounds -lt 60 ]; do
	rounds=$((rounds + 1))
	cagebox run --root "$copy" -v "$work/src:/data/sub" -v "$work/src:/data/new$rounds" -- true 2>/dev/null
done
check "the race was on to the end" kill $racer
wait $racer 2>/dev/null
tree >after
check "in $rounds starts with a race nothing got out" cmp before after
finish
