#!/bin/sh
# SPDX-License-Identifier: Zlib
# Starting a name that runs: joined, replaced or refused, also by several at once; waiting until it is ready; mounts that are added by
# joining; the hand-over to the monitor of a container in the background; its log; pid files and mount points that are not what they seem.
# timeout: 400
# shellcheck disable=SC2005,SC2016,SC2046,SC2086,SC2116 # commands in single quotes are for the shell inside; lists are several words, and
# echo makes one line of many
. "$(dirname "$0")/../lib.sh"

conf_dir=/etc/cagebox
made=
[ -d $conf_dir ] || { mkdir $conf_dir && made=1; }
mount -t tmpfs -o mode=755 conf $conf_dir || bail_out "no tmpfs on $conf_dir"
mkdir bin seen other out && chmod 777 out
cagebox --install -s bin && PATH=$work/bin:$PATH
mount -t tmpfs -o mode=755 lib /var/lib
logs=/var/log/cagebox
leaks_begin

box()
{
	cagebox run --lower "$root_busybox" -v "$work/out:/out" "$@"
}

conf()
{
	printf '%s\n' "lower=$root_busybox" "mount=$work/out:/out" "$@" >$conf_dir/one.conf
}

json()
{
	cagebox list -a --json | jq -r ".[] | select(.name == \"$1\") | $2"
}

running()
{
	cagebox list -q | tr '\n' ' '
}

# Init and monitor die at one moment.
kill_all()
{
	all="$(json "$1" .monitor) $(json "$1" .pid)"
	kill -KILL $all
	for process in $all; do
		wait_for not test -e "/proc/$process" || bail_out "$process does not die"
	done
}

is_mounted()
{
	grep -q " $1 " /proc/self/mountinfo
}

# Whatever is mounted there goes, so that one failure is not the cause of others.
clear()
{
	for place; do
		while is_mounted "$work/$place" && umount "$work/$place"; do :; done
	done
}

# Processor time in ticks.
ticks()
{
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

descriptors()
{
	find "/proc/$1/fd" -type l -printf '%l\n' | sed 's/:.*//; s|.*/||' | sort | tr '\n' ' '
}

# An init script that holds up the start until out/go is there, and then fails if that says so.
cat >gate <<'END'
echo >/out/begun
until [ -e /out/go ]; do sleep 0.02; done
exit $(cat /out/go)
END

# --- joining ---------------------------------------------------------------------------------------------------------------

cage -n a -l "$root_busybox" -v "$work/out:/out" -i "$work/gate" -- sh -c 'echo >/out/command; while [ ! -e /out/end ]; do sleep 0.02; done; exit 3' &
first=$!
wait_for test -e out/begun
cage -n a -- sh -c 'ls /out/command; exit 4' >joined 2>&1 &
second=$!
check "who joins waits" not timeout 0.3 tail --pid=$second -f /dev/null
echo 0 >out/go
code=0 && wait $second || code=$?
is "until the first one's command runs" "$code $(cat joined)" "4 /out/command"
run cage -n a -p "$work/pid" -- echo other
is "another pid file is another instance" "$status $out" "0 other"
run cage -n a -l "$root_busybox" -U "$work/x" -- echo here
is "what cannot be changed is named" "$status $out $err" "0 here cagebox: cage: warning: it is running already, and not changed by -l -U"
run env -i PATH="$PATH" cage -n a -u 1000 -g 1000:5 -c /tmp/new/dir -e A=b -- sh -c 'id -u; id -G; pwd; stat -c %u . ..; echo $A; exec ls /proc/self/fd'
is "what can be is" "$status $(echo $out)" "0 1000 1000 5 /tmp/new/dir 1000 0 b 0 1 2 3"
run sh -c 'exec cage -n a -- sh -c "readlink /proc/self/fd/0; exec ls /proc/self/fd" <&- 9<gate'
is "no descriptor comes along, nor is one missing" "$(echo $out)" "/dev/null 0 1 2 3"
run sh -c 'trap "" CHLD; cage -n a -- sh -c "exit 6"'
status_is "with SIGCHLD ignored" 6
run cage -n a -- sh -c 'kill -KILL $$'
status_is "killed" 137
cage -n a -- sleep 3101 &
third=$!
wait_for pgrep -f '^sleep 3101' >found
kill -KILL $third
check "who joined dies with the one who stays outside" wait_for not pgrep -f '^sleep 3101'
wait $third
touch out/end
code=0 && wait $first || code=$?
is "the first one's code is its own" $code 3
rm -f out/*

cage -n a -l "$root_busybox" -v "$work/out:/out" -i "$work/gate" -- true 2>first.err &
first=$!
wait_for test -e out/begun
cage -n a -l "$root_busybox" -- echo begun anew >joined 2>joined.err &
second=$!
check "it waits" not timeout 0.3 tail --pid=$second -f /dev/null
echo 5 >out/go
code=0 && wait $first || code=$?
is "when the start fails that is said" "$code $(cat first.err)" "125 cagebox: cage: init script: exited with 5"
code=0 && wait $second || code=$?
unlike "who waited is not told of namespaces" "$(cat joined.err)" 'open the namespaces'
is "but starts it himself" "$code $(cat joined)" "0 begun anew"
rm -f out/*

box -d -n slow --init-script "$work/gate" -- sleep 1000 >started &
first=$!
wait_for test -e out/begun
for signal in INT TERM; do
	# An asynchronous command of a shell ignores INT.
	setsid env --default-signal=INT cagebox exec slow true 2>joined.err &
	second=$!
	wait_for sh -c "grep -qs exec /proc/$second/cmdline"
	check "waiting until it is ready" not timeout 0.3 tail --pid=$second -f /dev/null
	kill -$signal $second
	check "can be ended by $signal" timeout 3 tail --pid=$second -f /dev/null
	kill -KILL $second 2>joined.err
	wait $second
done
cagebox exec slow true 2>joined.err &
second=$!
check "it waits" not timeout 0.3 tail --pid=$second -f /dev/null
kill -KILL $(json slow .monitor)
code=0 && wait $second || code=$?
like "when everything is killed the waiting ends" "$code $(cat joined.err)" "^125 cagebox: exec: the container slow (is not running|has just ended)$"
wait $first
rm -f out/*

# Several that come and go: each call is either the start or joins, whatever the others do; one that has joined may be ended with
# the first one's command.
cages()
{
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		code=0
		"$@" -n a -l "$root_busybox" -- true 2>"several.$worker" || code=$?
		case $code in
		0 | 129 | 137 | 143) ;;
		*) grep -v warning "several.$worker" ;;
		esac
	done
}
for call in cage "micro-container -b $work/base"; do
	pids=
	for worker in 1 2 3 4 5; do
		cages $call >"failures.$worker" &
		pids="$pids $!"
	done
	wait $pids
	is "several at once, ${call%% *}: none fails" "$(sort failures.* | uniq -c)" ""
done
leaks_check "nothing is left of these"

# --- mounts that are added by joining ------------------------------------------------------------------------------------------

mount -t tmpfs -o mode=1777 tmp /tmp
mkdir -m 1777 /tmp/.X11-unix
touch /tmp/.X11-unix/X7
leaks_begin
cage -n a -l "$root_busybox" -v "$work/out:/out" -i "$work/gate" -- sleep 1000 &
first=$!
wait_for test -e out/begun
# The host knows no such user.
DISPLAY=:7 cage -n a -G -u app -- sh -c 'id -u; ls /tmp/.X11-unix; stat -c %u $XDG_RUNTIME_DIR; echo $XDG_RUNTIME_DIR' >joined 2>&1 &
second=$!
check "-G waits, too" not timeout 0.3 tail --pid=$second -f /dev/null
echo 0 >out/go
code=0 && wait $second || code=$?
is "mounts are made for the container's user, not for the host's" "$code $(echo $(cat joined))" "0 1000 X7 1000 /run/user/1000"
before=$(cagebox exec a cat /proc/1/mountinfo | wc -l)
run env DISPLAY=:7 cage -n a -G -u app -- ls /tmp/.X11-unix
is "a second time nothing is mounted over them" "$status $out $(cagebox exec a cat /proc/1/mountinfo | wc -l)" "0 X7 $before"
run env DISPLAY=:7 cage -n a -G -- sh -c 'echo x >/tmp/.X11-unix/X7; ls -A /run/user'
is "they cannot be written to" "$(wc -c </tmp/.X11-unix/X7)" 0
cagebox exec a sh -c 'umount /tmp/.X11-unix; rmdir /tmp/.X11-unix; mkdir /etc/mine; ln -s /etc/mine /tmp/.X11-unix' 2>joined.err
check "the container's own links lead nowhere on the host" test -e /tmp/.X11-unix/X7 -a ! -e /etc/mine
check "nothing of all this is mounted on the host" not is_mounted /run/user/1000
cagebox stop a
wait $first
rm -f out/*
leaks_check "nothing is left of these"
umount /tmp
leaks_begin

# --- the directory to run in ---------------------------------------------------------------------------------------------------

box -d -n dir -- sleep 1000 >started
cagebox exec -u app dir ln -s /etc/mine /tmp/dir
run cagebox exec -u app --cwd /tmp/dir --cwd-make dir pwd
is "cwd_make makes nothing where a user's link leads" "$(cagebox exec dir sh -c 'ls -d /etc/mine 2>&1')" "ls: /etc/mine: No such file or directory"
cagebox exec -u app dir sh -c 'mkdir /tmp/mine && chmod 700 /tmp/mine'
run cagebox exec -u app --cwd /tmp/mine/a/b --cwd-make dir sh -c 'pwd; stat -c %u . ..'
is "it makes what is missing, for the user" "$status $(echo $out)" "0 /tmp/mine/a/b 1000 0"
run cagebox exec -u app --cwd /etc --cwd-make dir stat -c %u .
is "what is there keeps its owner" "$status $out" "0 0"
cagebox stop dir

# --- replacing -----------------------------------------------------------------------------------------------------------------

conf 'command=sh -c "echo \$\$ >>/out/starts; exec sleep 1000"' "pid_file=$work/pid"
cagebox start one
before=$(cat pid)
run cagebox start one
is "without -r it is refused" "$status $err" "125 cagebox: start: the container one is running already"
run cagebox start -r one
is "with -r it is replaced" "$status $err $(cat pid)" "0  $(json one .pid)"
isnt "by another" "$(cat pid)" "$before"
conf 'command=sleep 1000' "mount=$work/nosuch:/mnt"
run cagebox start -r one
is "but not if the new one cannot be tried" "$status $(running)" "125 one "
conf "mountpoint=$work/seen" 'command=sleep 1000'
run cagebox start -r one
is "also by one with a mountpoint" "$status $err" "0 "
run cagebox config -q one
is "its configuration can be checked while it runs" "$status $err" "0 "
run cagebox start -r one
is "and that by itself" "$status $err" "0 "
cagebox stop one
clear seen
conf "mountpoint=$work/seen" 'command=sleep 1000'
cagebox start one && kill_all one
run cagebox start one
is "after a sudden death it can be started again at once" "$status $err" "0 "
cagebox stop one
cagebox list -a >listed
clear seen

conf 'command=sleep 1000'
replace()
{
	for n in 1 2 3 4 5 6; do
		cagebox start -r one 2>&1
	done
}
pids=
for worker in 1 2 3; do
	replace >"failures.$worker" &
	pids="$pids $!"
done
wait $pids
# One that was replaced by another at once has not run, and may say so.
is "several at once: none is refused" "$(grep -hv 'was ended before its command ran' failures.[123] | sort | uniq -c)" ""
is "one remains" "$(running)" "one "
cagebox stop one
leaks_check "nothing is left of these"

# --- mountpoint ------------------------------------------------------------------------------------------------------------

echo mine >other/file
mount --bind other seen
run box --mountpoint "$work/seen" -- true
is "a bind mount of the same file system is something, too" "$status $err" "125 cagebox: run: mountpoint: something is mounted on $work/seen already"
is "and stays" "$(cat seen/file 2>&1)" mine
clear seen
box -d -n over --mountpoint "$work/seen" -- sleep 1000 >started
mount -t tmpfs mine seen && echo mine >seen/file
cagebox stop over
is "what somebody has mounted on it meanwhile is not ours to take" "$(cat seen/file 2>&1)" mine
umount seen
cagebox list
check "once it is gone the next call takes ours" not is_mounted "$work/seen"
clear seen
mkdir real && ln -s real link
run box --mountpoint "$work/link" -- true
check "by a link nothing is left mounted" not is_mounted "$work/real"
clear real
mkdir -p above/seen
box -d -n moved --mountpoint "$work/above/seen" -- sleep 1000 >started
mv above away
cagebox stop moved 2>stop.err
check "nor when the directory has moved" not is_mounted "$work/away/seen"
clear away/seen
mkdir -p above/seen victim/seen
box -d -n swapped --mountpoint "$work/above/seen" -- sleep 1000 >started
mount -t tmpfs mine victim/seen
mv above gone && ln -s victim above
cagebox stop swapped 2>stop.err
check "another's mount is not taken down for it" is_mounted "$work/victim/seen"
clear victim/seen gone/seen
leaks_check "nothing is left of these"

# --- pid_file --------------------------------------------------------------------------------------------------------------

rm -f pid
echo 12 >target && ln target pid
run box -d -n linked --pid-file "$work/pid" -- sleep 1000
like "a pid file with another name is refused" "$status $err" "^125 cagebox: run: pid_file: $work/pid "
is "and left as it is" "$(cat target)" 12
cagebox kill -a linked 2>kill.err
rm -f pid target
box -d -n kept --keep --pid-file "$work/pid" -- sleep 1000 >started
kill -KILL $(json kept .monitor)
wait_for sh -c 'cagebox list | grep -q "^kept *unmonitored"'
run box -n taker --pid-file "$work/pid" -- true
is "keep: the pid file of one that lives is not taken from it" "$status $(cat pid 2>&1)" "125 $(json kept .pid)"
cagebox kill -a kept
check "it goes with it" test ! -e pid
rm -f pid

# --- streams in the background ------------------------------------------------------------------------------------------------

for options in '' '-t'; do
	for who in '--cap-drop all' '--cap-drop chown' '-N uphic' '-N uphic --cap-drop all' '-N none'; do
		run box -d -n user $options $who -u app -- sh -c 'echo one; echo two >/dev/stderr; exit 4'
		cagebox wait user 2>wait.err
		is "as a user: $options $who" "$status $err $(cagebox logs user 2>&1 | sort | tr '\n' ' ')" "0  one two "
		rm -f $logs/user.log
	done
done
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
	eval "cagebox run --lower '$root_busybox' -d -n closed -- sh -c 'echo one; echo two >&2; cat; exit 4' $closed" >started 2>&1
	code=0 && cagebox wait closed || code=$?
	is "started with $closed" "$code $(cagebox logs closed 2>&1 | sort | tr '\n' ' ')" "4 one two "
	rm -f $logs/closed.log
done
sh -c 'trap "" CHLD HUP PIPE TERM; exec cagebox run --lower "$1" -d -n ignored -- sh -c "echo up; exit 5"' - "$root_busybox" >started
code=0 && cagebox wait ignored || code=$?
is "started with signals ignored" "$code $(cagebox logs ignored)" "5 up"

box -d -n fds --pid-file "$work/pid" -- sleep 1000 >started 9<gate
# v1's controller of memory tells of its end by an event.
event=$(sed -n 's/^cgroup=//; T; s/\\012/\n/g; p' /run/cagebox/fds/state | while read -r dir; do
	[ ! -e "$dir/memory.oom_control" ] || echo 'anon_inode '
done)
is "the monitor has what it needs and nothing else" \
	"$(descriptors "$(json fds .monitor)")" \
	"${event}anon_inode fds fds.log lock null null null pid pipe pipe socket socket "
is "so has init" "$(descriptors "$(json fds .pid)")" "anon_inode memfd null pipe pipe socket "
cagebox stop fds

lost=
for n in 1 2 3 4 5 6 7 8 9 10; do
	box -d -n quick -- sh -c 'seq 5000; echo end >&2' >started
	cagebox wait quick
	cagebox logs quick >quick.out 2>quick.err
	seq 5000 | cmp -s - quick.out && [ "$(cat quick.err)" = end ] || lost="$lost $n"
	rm -f $logs/quick.log
done
is "all of a short life is in the log, once" "$lost" ""
# Its end comes together with the news that its command runs.
for options in '' '-t'; do
	run strace -f -qq -o trace -e trace=ppoll -e inject=ppoll:delay_enter=300000 cagebox run --lower "$root_busybox" -d $options -n quick -- echo said
	cagebox wait quick
	is "also before there is a monitor: $options" "$status $(cagebox logs quick 2>&1)" "0 said"
	rm -f $logs/quick.log
done

box -d -n flood --log-size 64K -- sh -c 'yes & yes >&2 & cat /dev/zero & sleep 1000' >started
monitor=$(json flood .monitor)
wait_for test -e $logs/flood.log.1
check "in a flood others are heard" timeout 5 cagebox exec flood true
check "the monitor does not grow" test "$(awk '/VmRSS/ { print $2 }' /proc/$monitor/status)" -lt 1024
check "and it can be stopped" timeout 10 cagebox stop flood
for options in '' '-t'; do
	rm -f out/closed
	box -d $options -n silent -- sh -c 'exec <&- >&- 2>&-; echo >/out/closed; exec sleep 1000' >started
	wait_for test -e out/closed
	monitor=$(json silent .monitor)
	before=$(ticks "$monitor")
	sleep 0.5
	check "who closes the streams does not keep the monitor busy: $options" test $(($(ticks "$monitor") - before)) -lt 5
	cagebox stop silent
done

rm -f out/*
box -d -n kept --keep -- sh -c 'while :; do echo line; echo >>/out/beat; sleep 0.05; done' >started
kill -KILL $(json kept .monitor)
wait_for sh -c 'cagebox list -a | grep -qE "^kept *(unmonitored|lost)"'
: >out/beat
check "keep: what it prints does not end it when its monitor is gone" wait_for test -s out/beat
is "it is there" "$(json kept .status)" unmonitored
cagebox kill -a kept 2>kill.err
rm -f out/*

# --- the control socket ------------------------------------------------------------------------------------------------------

prlimit --nofile=40 cagebox run --lower "$root_busybox" -d -n few -- sleep 1000 >started
monitor=$(json few .monitor)
waiting=
for n in $(seq 50); do
	cagebox wait few >waited 2>&1 &
	waiting="$waiting $!"
done
full()
{
	[ "$(find "/proc/$monitor/fd" -type l | wc -l)" -ge 40 ] || [ "$(pgrep -fc '^cagebox wait few')" = 50 ]
}
wait_for full
before=$(ticks "$monitor")
sleep 0.5
check "more who wait than there are descriptors do not keep the monitor busy" test $(($(ticks "$monitor") - before)) -lt 10
check "nor out who wants it stopped" timeout 5 cagebox stop few
kill -KILL $monitor $waiting 2>kill.err
wait $waiting
cagebox list >listed

# A stop that comes while the command is being executed: the monitor hands over between the question and the answer.
rm -f out/*
strace -f -qq -o trace -e trace=execve -e inject=execve:delay_enter=500000 cagebox run --lower "$root_busybox" -v "$work/out:/out" -d -n early \
	--shutdown-hook 'sleep 0.3; echo >/out/hook' -- /bin/sh -c 'exec sleep 1000' >started 2>&1 &
first=$!
wait_for sh -c 'pgrep -f "^cagebox-init --container [e]arly" | grep -q .'
sleep 0.2
run cagebox stop early
wait $first
is "a stop during the hand-over is one stop, not two: the shutdown hook may end" "$status $(ls out)" "0 hook"
rm -f out/*

leaks_check "nothing is left of these"
umount $conf_dir
[ -z "$made" ] || rmdir $conf_dir
leaks_begin
finish
