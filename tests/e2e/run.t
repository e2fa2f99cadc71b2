#!/bin/sh
# SPDX-License-Identifier: Zlib
# What a container is by default and what each setting of run does to it: streams, exit codes, environment, /dev, namespaces,
# mounts, limits, commands of the host.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

# In an overlay of the busybox root, so that nothing is written there.
box()
{
	run cagebox run --lower "$root_busybox" "$@"
}

one_line()
{
	is "$1, in one line" "$(printf '%s\n' "$err" | wc -l)" 1
}

# --- exit codes and errors -----------------------------------------------------------------------------------------------

box -- true
status_is "a command that succeeds" 0
is "nothing is said" "$out$err" ""
box -- sh -c 'exit 7'
status_is "its exit code is ours" 7
box -- sh -c 'kill -9 $$'
status_is "a killed one gives 128 and the signal" 137
box -- sh -c 'kill -USR2 $$'
status_is "whatever the signal" 140
box -- nonsense
status_is "a command that is not there is 127" 127
like "it is named" "$err" '^cagebox: run: run nonsense: No such file or directory$'
one_line "it is named"
box -- /bin/nonsense
status_is "a path that is not there too" 127
like "it is named too" "$err" '^cagebox: run: run /bin/nonsense: No such file or directory$'
box -- /etc/passwd/x
status_is "and one below a file" 127
box -- /etc/passwd
status_is "what is not executable is 126" 126
like "with the reason" "$err" '^cagebox: run: run /etc/passwd: Permission denied'
box -- /etc
status_is "a directory is 126" 126
mkdir files
printf 'no program\n' >files/text
printf '#!/missing/interpreter\n' >files/orphan
printf '#!/bin/sh\necho "script $0 $*"\n' >files/script
chmod 755 files/*
box -v "$work/files:/mnt" -- /mnt/text
status_is "what no kernel executes is 126" 126
like "with the likely reason" "$err" 'run /mnt/text: Exec format error \(.*script without a #! line\)$'
box -v "$work/files:/mnt" -- /mnt/orphan
status_is "an interpreter that is not there is 127" 127
like "with a hint" "$err" '^cagebox: run: run /mnt/orphan: No such file or directory \(.*interpreter.* not in the container\)$'
box --cwd /missing -- true
status_is "a directory that is not there is an error of ours" 125
like "that names it" "$err" '^cagebox: run: .*/missing: No such file or directory$'
run cagebox run --root "$work/missing" -- true
status_is "so is a root that does not exist" 125
is "it is named by its key" "$err" "cagebox: run: root: $work/missing: No such file or directory"
run cagebox run --root "$work/files/text" -- true
status_is "and one that is a file" 125
is "with the reason" "$err" "cagebox: run: root: $work/files/text is not a directory"
run cagebox run --lower "$work/missing" -- true
is "a lower directory that is missing is named" "$status $err" "125 cagebox: run: lower: $work/missing: No such file or directory"
leaks_check "after all these errors nothing is left over"

# --- streams -------------------------------------------------------------------------------------------------------------

run sh -c "echo through | cagebox run --lower '$root_busybox' -- cat"
is "standard input arrives" "$out" through
box -- sh -c 'echo out; echo err >&2'
is "standard output and error stay apart" "$out:$err" out:err
run sh -c "cagebox run --lower '$root_busybox' -- seq 1 200000 | tail -n 1"
is "all output comes through" "$out" 200000
run sh -c "cagebox run --lower '$root_busybox' -- sh -c 'trap \"\" PIPE; yes 2>/dev/null; echo yes: \$? >&2' | head -n 1"
is "a reader that has enough ends the writer" "$out:$err" "y:yes: 1"
box -- sh -c 'test -t 0 || test -t 1 || test -t 2 || echo none'
is "no terminal unless one was asked for" "$out" none
box -- ls /dev/pts
is "none is in its /dev/pts" "$out" ptmx

# --- the environment -----------------------------------------------------------------------------------------------------

SECRET=1 TERM=xterm LD_PRELOAD='' box -- env
is "the environment is built afresh" "$(printf '%s\n' "$out" | sort)" "$(
	cat <<-'EOT'
		HOME=/root
		LOGNAME=root
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
		SHELL=/bin/sh
		USER=root
		container=cagebox
	EOT
)"
box -e A=1 -e B= -e A=2 -e 'C=x=y z' -e "D=one
two" -e PATH=/elsewhere:/bin -- env
is "variables are set, the last of a name wins" "$(printf '%s\n' "$out" | sed -n '/^[A-D]=/p; /^two/p; /^PATH/p' | sort)" "A=2
B=
C=x=y z
D=one
PATH=/elsewhere:/bin
two"
is "each is there once" "$(printf '%s\n' "$out" | grep -c '^PATH=')" 1
box -e PATH=/mnt -v "$work/files:/mnt" -- script a 'b c'
is "the command is looked for in the PATH it gets" "$out" "script /mnt/script a b c"
box -e PATH=/mnt -- true
status_is "and nowhere else" 127

# --- where and how it runs -----------------------------------------------------------------------------------------------

box -- sh -c 'pwd; umask'
is "it runs in / with umask 022" "$out" "/
0022"
box -w /etc --umask 077 -- sh -c 'pwd; umask'
is "or as asked for" "$out" "/etc
0077"
box --rlimit nofile=100:200 --rlimit core=0 --rlimit stack=1048576 -- sh -c 'ulimit -n; ulimit -Hn; ulimit -c; ulimit -Hc; ulimit -s'
is "resource limits" "$out" "100
200
0
0
1024"
box --rlimit nofile=100 -- sh -c 'ulimit -n 101'
isnt "one number is the hard limit too" "$status" 0
box --oom-score-adj 321 -- cat /proc/self/oom_score_adj
is "oom_score_adj" "$out" 321
box -- sh -c 'tr "\0" " " </proc/1/cmdline; echo $$; ls -d /proc/[0-9]* | wc -l'
like "our init is PID 1" "$out" '^cagebox-init '
is "the command is its only child" "$(printf '%s\n' "$out" | sed 's/.* //')" "2
4"
host_name=$(uname -n)
box --name quoted -- hostname
is "the host name is the container's name" "$out" quoted
box --hostname my-host.example -- hostname
is "or another" "$out" my-host.example
box --cap-add sys_admin -- hostname changed
is "the host's own stays" "$(uname -n)" "$host_name"
box -- sh -c 'trap "" USR1; sleep 100 & kill -STOP $!; exit 4'
status_is "a stopped child does not hold up the end" 4
(
	trap '' USR1 PIPE
	grep -E 'SigIgn|SigBlk' /proc/self/status >given
	cagebox run --lower "$root_busybox" -- grep -E 'SigIgn|SigBlk' /proc/self/status
) >ignored
like "the caller ignores signals" "$(cat given)" 'SigIgn.*12[0-9a-f][0-9a-f]$'
is "the caller's signal dispositions and mask are the command's" "$(cat ignored)" "$(cat given)"
box --command 'echo "two  blanks" and\ one'
is "--command is split as a shell does" "$out" "two  blanks and one"
box --init /bin/hostname
is "--init is one path" "$status" 0
box --command 'echo no' -- echo yes
is "words on the command line go first" "$out" yes
run sh -c "echo 'echo \$0 \$-' | cagebox run --lower '$root_busybox'"
like "without a command it is a login shell" "$out" '^-sh'
box -- echo -n -- --help
is "the command's own options are its own" "$out" "-- --help"
box echo -e 'a\tb'
is "also without --" "$out" "$(printf 'a\tb')"

# --- /dev and what else is mounted -----------------------------------------------------------------------------------------

box -- sh -c 'ls /dev; for l in ptmx fd stdin stdout stderr; do readlink /dev/$l; done'
is "what is in /dev" "$(echo "$out" | tr '\n' ' ')" "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero \
pts/ptmx /proc/self/fd /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 "
box -- stat -c '%n %t:%T %a %u:%g' /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/pts/ptmx
is "the devices" "$out" "/dev/null 1:3 666 0:0
/dev/zero 1:5 666 0:0
/dev/full 1:7 666 0:0
/dev/random 1:8 666 0:0
/dev/urandom 1:9 666 0:0
/dev/tty 5:0 666 0:0
/dev/pts/ptmx 5:2 666 0:0"
box -u app -- sh -c 'echo x >/dev/null && head -c 3 /dev/zero | wc -c && head -c 5 /dev/urandom | wc -c && echo f >/dev/shm/f && cat /dev/shm/f &&
	echo t >/tmp/f && cat /dev/fd/0 </tmp/f; echo x >/dev/full'
is "they work for everybody" "$(echo "$out" | tr '\n' ' ')" "3 5 f t "
like "full is full" "$err" 'No space left on device'
box -- sh -c 'stat -c "%a" /tmp /run /dev/shm /dev/mqueue; ls -A /tmp /run | grep -v :'
is "fresh memory with the usual modes" "$(echo "$out" | tr '\n' ' ')" "1777 755 1777 1777 lock shm user "
box -- cat /proc/self/mounts
for mount in '/proc proc rw,nosuid,nodev,noexec' '/sys sysfs ro,nosuid,nodev,noexec' '/dev tmpfs rw,nosuid,noexec' \
	'/tmp tmpfs rw,nosuid,nodev' '/run tmpfs rw,nosuid,nodev' '/dev/pts devpts rw,nosuid,noexec' '/dev/shm tmpfs rw,nosuid,nodev' \
	'/dev/mqueue mqueue rw,nosuid,nodev,noexec'; do
	like "mounted: $mount" "$out" "^[a-z]+ ${mount}[, ]"
done
is "nothing of the host's mounts is left in sight" "$(echo "$out" | cut -d' ' -f 2 | grep -Ev '^/(proc|sys|dev|tmp|run|etc/resolv.conf)?(/.*)?$')" ""
is "the root is there once" "$(echo "$out" | cut -d' ' -f 2 | grep -cx /)" 1
box -- sh -c 'echo 1 >/proc/sys/kernel/domainname; mkdir /sys/x; echo 1 >/sys/kernel/uevent_seqnum'
is "/proc/sys and /sys are read-only" "$(echo "$err" | grep -c 'Read-only file system')" 3
box -- cat /etc/resolv.conf
is "the host's name servers come with its network" "$out" "$(cat /etc/resolv.conf)"
box -- sh -c 'echo x >/etc/resolv.conf'
like "they cannot be changed" "$err" 'Read-only file system'
box --net none -- cat /proc/self/mounts
unlike "they are not there without it" "$out" resolv.conf

# --- namespaces ------------------------------------------------------------------------------------------------------------

namespace_of()
{
	case $1 in
	p) echo pid ;;
	h) echo uts ;;
	t) echo time ;;
	i) echo ipc ;;
	n) echo net ;;
	c) echo cgroup ;;
	esac
}

# The letters whose namespace inside is another than outside.
own_namespaces()
{
	own=
	for letter in p h t i n c; do
		file=$(namespace_of $letter)
		[ "$(echo "$out" | grep "^$file:" | uniq)" = "$(readlink "/proc/self/ns/$file")" ] || own=$own$letter
	done
	[ "$(echo "$out" | grep '^mnt:')" != "$(readlink /proc/self/ns/mnt)" ] || own="$own (and no mount namespace)"
	echo "$own"
}

# A cgroup namespace is always there (RULES-SECURITY.md), whether it is named or not.
links='for l in /proc/self/ns/*; do readlink $l; done'
for letters in phi none p h t i n htin ptin phin phtn phti phtin phtinc; do
	box -N $letters -- sh -c "$links"
	wanted=${letters%c}
	[ $letters != none ] || wanted=
	is "namespaces: $letters" "$(own_namespaces)" "${wanted}c"
done
box -- sh -c "$links"
is "by default these" "$(own_namespaces)" phic
box -N ph -N i -- sh -c "$links"
is "the last setting counts" "$(own_namespaces)" ic
box -N none -- sh -c 'echo $$; cat /proc/$$/comm'
isnt "without a pid namespace pids are the host's" "$(echo "$out" | head -n 1)" 2
box -N none -- hostname
is "without a host name of its own it is the host's" "$out" "$host_name"
box -N none -- sh -c '(setsid sleep 1000 >/dev/null 2>&1 &) ; exit 5'
status_is "without a pid namespace the exit code is the command's" 5
leaks_check "and what it has left behind ends with it"

box --net none -- sh -c 'ls /sys/class/net; cat /sys/class/net/lo/flags; ifconfig lo | grep -o "inet addr:[0-9.]*"'
is "net none: nothing but lo, and it is up" "$(echo "$out" | tr '\n' ' ')" "lo 0x9 inet addr:127.0.0.1 "
box --net none -- sh -c 'nc -l -p 77 -e echo over & n=0; until nc 127.0.0.1 77 2>/dev/null || [ $((n += 1)) = 1000 ]; do :; done'
is "it can be used" "$out" over
box -- ls /sys/class/net
is "net host: the host's devices" "$out" "$(ls /sys/class/net)"

# --- mounts ----------------------------------------------------------------------------------------------------------------

mkdir -p src/sub && echo file >src/file
mount -t tmpfs sub src/sub
leaks_begin
box -v "$work/src:/data" -- sh -c 'cat /data/file && echo new >/data/new && echo new >/data/sub/new'
is "a directory of the host's, to be written" "$out $(cat src/new src/sub/new)" "file new
new"
for option in "--mount-ro $work/src:/data" "-v $work/src:/data:ro" "-v $work/src:/data:rw,ro"; do
	# shellcheck disable=SC2086
	box $option -- sh -c 'cat /data/file; echo no >/data/no; echo no >/data/sub/no; rm /data/file'
	is "read-only, with what is mounted in it: ${option%% *}" "$out $(echo "$err" | grep -c 'Read-only file system') $(cat src/file) $(ls src/no src/sub/no 2>/dev/null)" \
		"file 3 file "
	# shellcheck disable=SC2086
	box --cap-add sys_admin $option -- mount -o remount,rw,bind /data
done
box -v "$work/src/file:/some/new/file" -- cat /some/new/file
is "a file, where nothing was" "$out" file
check "nothing was made in the root for it" test ! -e "$root_busybox/some"
box -v "$work/src" -- cat "$work/src/file"
is "without a destination it is the same path" "$out" file
box -v "$work/src:/tmp/deep/er" -v "$work/src/file:/dev/extra" -- cat /tmp/deep/er/file /dev/extra
is "also below what is fresh" "$out" "file
file"
mkdir other && echo other >other/file
box -v "$work/src:/data" -v "$work/other:/data" -- cat /data/file
is "the last one is on top" "$out" other
box -v "$work/missing:/data" -- true
is "a source that is missing is an error" "$status $err" "125 cagebox: run: mount: $work/missing: No such file or directory"
box -v "$work/missing:/data:optional" -- echo ran
is "unless it is optional" "$status $out" "0 ran"
box -v "$work/src:/etc/passwd" -- true
status_is "a directory on a file is an error" 125
like "that names both" "$err" "^cagebox: run: .*$work/src.*/etc/passwd"
mkdir 'odd: ,\x' && echo odd >'odd: ,\x/file'
odd=$(printf 'new\nline') && mkdir "$odd" && echo line >"$odd/file"
box -v "$work/odd\: ,\x:/odd\: dir" -- cat '/odd: dir/file'
is "paths with blanks, colons, commas, backslashes" "$out$err" odd
box -v "$work/$odd:/$odd" -- cat "/$odd/file"
is "paths with newlines" "$out" line
box -v "$work/src:/data" -- sh -c 'grep " /data " /proc/self/mounts; grep " /data/sub " /proc/self/mounts'
is "a mount has neither set-user-ID nor devices" "$(echo "$out" | grep -c 'nosuid,nodev')" 2
box -v "$work/src:/data" --cap-add sys_admin -- sh -c 'mount -t tmpfs inner /data/sub; touch /data/sub/inner'
is "what is mounted inside stays inside" "$(ls src/sub)" new
umount src/sub
leaks_begin

box --tmpfs /mem:1M -- sh -c 'dd if=/dev/zero of=/mem/file bs=64k count=64 2>/dev/null || stat -c %s /mem/file; stat -f -c %T /mem'
is "a tmpfs with a size" "$out" "1048576
tmpfs"
box --tmpfs /etc --tmpfs /a/b -- sh -c 'ls -A /etc; stat -f -c %T /a/b'
is "on what was there, and where nothing was" "$out" tmpfs
box --tmpfs '/with\:colon' -- stat -f -c %T '/with:colon'
is "a tmpfs whose path has a colon" "$out" tmpfs

box --device /dev/zero --device /dev/null:/dev/deep/null --device /dev/full:/dev/random -- stat -c '%n %t:%T' /dev/zero /dev/deep/null /dev/random
is "devices of the host's" "$out" "/dev/zero 1:5
/dev/deep/null 1:3
/dev/random 1:7"
box --device /dev/full:/dev/null -- true
is "nothing takes the place of the null device" "$status $err" "125 cagebox: run: device: /dev/full cannot take the place of /dev/null"
box --device "$work/files/text:/dev/text" -- true
is "no device is refused" "$status $err" "125 cagebox: run: device: $work/files/text is no device"
box --device /dev/missing -- true
is "a missing one too" "$status $err" "125 cagebox: run: device: /dev/missing: No such file or directory"

# --- a command of the host's ---------------------------------------------------------------------------------------------------

cat >hello.c <<'EOT'
#include <stdio.h>
int main(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		puts(argv[i]);
	return 3;
}
EOT
musl-gcc -static -o hello hello.c
cc -o dynamic hello.c
box -- "@$work/hello" a b
is "an ELF program" "$status $(echo "$out" | tail -n 2)" "3 a
b"
box -- "@$work/files/script" a 'b c'
like "a script" "$out" '^script .* a b c$'
box --command "@$work/hello c"
is "by --command" "$status $(echo "$out" | tail -n 1)" "3 c"
box --init "@$work/hello"
status_is "by --init" 3
box -u app -- "@$work/hello"
status_is "by a user who could not read it there" 3
box -- "@$work/missing"
is "one that is missing" "$status" 127
like "is named" "$err" "^cagebox: run: command: .*$work/missing.*: No such file or directory"
box -- "@$work/files"
status_is "a directory is none" 126
chmod 644 hello
box -- "@$work/hello"
status_is "nor is what cannot be executed" 126
box -- "@$work/dynamic"
status_is "one whose loader the root lacks" 127
like "is told from one that is missing" "$err" '^cagebox: run: run .*: No such file or directory \(.*loader.* not in the container\)$'
box -- "@$work/files/orphan"
status_is "a script whose interpreter the root lacks" 127
like "is told too" "$err" 'No such file or directory \(.*interpreter.* not in the container\)$'
run cagebox run --lower "$root_debian" -- "@$work/dynamic" x
status_is "in a root that has it, it runs" 3

finish
