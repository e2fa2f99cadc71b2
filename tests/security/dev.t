#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2026-41579, 2026-47766, 2025-31133, 2025-52565, 2026-88264, 2026-88265: /dev is always our own, its null device is proven to be it, also when
# the container has put something else there since; the console and the streams are never opened or given away by a path.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

musl-gcc -static -O1 -o pty "$top/tests/e2e/pty_helper.c" || bail_out "pty_helper does not build"
nodes='cd /dev && for f in $(find . -not -type d | sort); do echo "$f $(stat -c "%F %t:%T %a %u" $f)"; done | sed "s/character special file/char/; s/symbolic link 0:0/link/"; stat -f -c %T /dev'
wanted='./fd link 777 0
./full char 1:7 666 0
./null char 1:3 666 0
./ptmx link 777 0
./pts/ptmx char 5:2 666 0
./random char 1:8 666 0
./stderr link 777 0
./stdin link 777 0
./stdout link 777 0
./tty char 5:0 666 0
./urandom char 1:9 666 0
./zero char 1:5 666 0
tmpfs'
copy=$(root_copy "$root_busybox")
mkdir -p "$copy/dev/pts" && echo mine >"$copy/dev/sda" && ln -s /etc/passwd "$copy/dev/null" && mkfifo "$copy/dev/zero"
for kind in --root --lower; do
	run cagebox run $kind "$copy" -- sh -c "$nodes"
	is "/dev has what we made and nothing else, $kind" "$out" "$wanted"
done
run cagebox run -N uphic --lower "$root_busybox" -- sh -c "$nodes"
is "so with a user namespace" "$(echo "$out" | grep -c char)" 7
mount --bind /dev/full /dev/zero
run cagebox run -N uphic --lower "$root_busybox" -- true
umount /dev/zero
like "a host's node that is another device is not shown in its place" "$status $err" '^125 .*/dev/zero is not device 1:5'

# The container's root changes its null device; whoever comes by exec does not take it.
echo precious >precious
for change in 'ln -s /proc/self/exe' 'ln -s /mnt/precious' mkfifo touch 'ln -s /dev/zero' 'ln -s /dev/pts/ptmx' mkdir; do
	cagebox run --lower "$root_busybox" -d --name dev-null -v "$work:/mnt" -- sh -c "rm /dev/null && $change /dev/null && touch /mnt/changed; exec sleep 1000" >/dev/null
	wait_for test -e changed
	for tty in no yes; do
		run timeout 20 cagebox exec --tty=$tty dev-null touch /mnt/ran </dev/null
		is "exec, tty=$tty, is refused after: $change /dev/null" "$status $(ls ran 2>/dev/null)" "125 "
	done
	cagebox stop -t 0s dev-null
	rm -f changed ran
done
is "and what it led to is as it was" "$(cat precious)" precious

# The terminal of exec is a new pty of the container's own devpts, whatever the names in /dev have become.
cagebox run --lower "$root_busybox" -d --name dev-pty -v "$work:/mnt" -- sh -c 'rm /dev/ptmx /dev/tty; ln -s /mnt/precious /dev/ptmx; ln -s /mnt/precious /dev/console; ln -s /mnt/precious /dev/tty; touch /mnt/changed; exec sleep 1000' >/dev/null
wait_for test -e changed
printf 'exit 0\n' >steps
run ./pty 24 80 cagebox exec --tty=yes dev-pty sh -c 'stat -L -c %F:%t /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2; tty' <steps
is "exec has a pty of its own" "$(echo "$out" | tr -d '\r' | sort -u | tr '\n' ' ')" "/dev/pts/0 character special file:88 "
is "and did not open what the links lead to" "$(cat precious) $(stat -c %u:%a precious)" "precious 0:644"
cagebox stop -t 0s dev-pty

# Nobody can be in the new /dev before us: that the console would not follow a link is seen in the call.
printf 'exit 0\n' >steps
run ./pty 24 80 strace -f -qq -o calls -e trace=openat cagebox run --tty=yes --lower "$root_busybox" -- true <steps
like "the console's file is made, not opened" "$(cat calls)" '"console", .*O_CREAT\|O_EXCL\|.*O_NOFOLLOW'

# Streams that are the caller's files stay the caller's.
echo text >file && chmod 640 file
before=$(stat -c '%u %g %a' file)
cagebox run --lower "$root_busybox" -u app -- true <file >>file 2>>file
is "a file that is a stream keeps its owner and mode, with run" "$(stat -c '%u %g %a' file)" "$before"
cagebox run --lower "$root_busybox" -d --name dev-file -- sleep 1000 >/dev/null
cagebox exec -u app dev-file true <file >>file 2>>file
is "with exec" "$(stat -c '%u %g %a' file)" "$before"
cagebox stop -t 0s dev-file
finish
