#!/bin/sh
# SPDX-License-Identifier: Zlib
# privileged keeps nothing from root inside that the caller has; with a user namespace it is still nobody outside.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside; lists of options
. "$(dirname "$0")/../lib.sh"

mkdir tools
musl-gcc -static -O1 -D_GNU_SOURCE -o tools/reach "$top/tests/security/reach_helper.c" || bail_out "reach_helper does not build"
box="--lower $root_busybox -v $work/tools:/tools"
sets='sed -n "s/^Cap\(Inh\|Prm\|Eff\|Bnd\|Amb\):.//p" /proc/self/status | tr "\n" " "'
bound=$(sed -n 's/^CapBnd:.//p' /proc/self/status)
zero=0000000000000000
below='sed -n "s|^[^ ]* [^ ]* [^ ]* [^ ]* \(/\(proc\|sys\)/[^ ]*\) .*|\1|p" /proc/self/mountinfo'

run cagebox run $box --privileged -- sh -c "$sets"
is "root has all capabilities that the caller has" "$out$err" "$zero $bound $bound $bound $zero "
run setpriv --bounding-set=-sys_boot,-mknod cagebox run $box --privileged -- sh -c "$sets"
less=$(setpriv --bounding-set=-sys_boot,-mknod sed -n 's/^CapBnd:.//p' /proc/self/status)
is "and no others" "$out$err" "$zero $less $less $less $zero "
run cagebox run $box --privileged --cap-drop all --cap-add chown -- sh -c "$sets"
is "unless they are dropped" "$out$err" "$zero $zero $zero $zero $zero "
run cagebox run $box --privileged -u app -- sh -c "$sets"
is "a user has none" "$out$err" "$zero $zero $zero $bound $zero "
run cagebox run $box --privileged -u app --cap-ambient all -- sh -c "$sets"
is "unless it is given all" "$out$err" "$bound $bound $bound $bound $bound "
run cagebox run $box -- sh -c "$below"
isnt "without it, things are mounted over parts of /proc" "$out" ""
run cagebox run $box --privileged -- sh -c "$below"
is "with it nothing is" "$out$err" ""

host=$(hostname)
acts='hostname a; echo b >/proc/sys/kernel/hostname && hostname; touch -c /sys/kernel/mm && echo sys; mknod /dev/own c 1 5 && head -c 1 /dev/own | wc -c
	mount -t tmpfs none /mnt && echo mounted; cat /proc/timer_list | wc -l | grep -v "^0" >/dev/null && echo timers'
run cagebox run $box --privileged -- sh -c "$acts"
is "the kernel's settings, /sys, devices, mounts, what tells of the host" "$(echo "$out$err" | tr '\n' ' ')" "b sys 1 mounted timers "
run cagebox run $box -- sh -c "$acts"
is "without it there is none of that" "$out" ""
is "the host name inside is its own" "$(hostname)" "$host"
run cagebox run $box --privileged -- /tools/reach keepcaps 1 raise 5 bits x
is "how capabilities come about is not fixed" "$(echo "$out" | sed 's/.*: //' | tr '\n' ' ')" "ok Operation not permitted 10 "

if [ "$(tools/reach landlock version | sed 's/.*: //')" -ge 6 ]; then
	socket=@cagebox-test-privileged-$$-$(date +%s%N)
	tools/reach listen $socket wait x >listening &
	listener=$!
	wait_for grep -qs ': ok' listening || fail "somebody listens"
	run cagebox run $box --privileged -- /tools/reach stream $socket
	is "the host's abstract sockets are within reach" "$out" "stream $socket: ok"
	run cagebox run $box --privileged --landlock_scope yes -- /tools/reach stream $socket
	is "unless they are not to be" "$out" "stream $socket: Operation not permitted"
	kill $listener
	wait $listener 2>/dev/null
fi

cagebox run $box --privileged -d --name privileged -- sleep 1000 >/dev/null
run cagebox exec privileged sh -c "$sets"
is "exec has them too" "$out$err" "$zero $bound $bound $bound $zero "
run cagebox exec privileged /tools/reach bits x
is "  and nothing is locked" "$out" "bits x: 0"
cagebox stop -t 0s privileged

# --- with a user namespace -------------------------------------------------------------------------------------------------------

echo secret >secret && chmod 600 secret
run cagebox run $box --privileged -N uphi -v "$work/secret:/etc/secret" -- sh -c "$sets
	mount -t tmpfs none /mnt && echo mounted; mknod /dev/own c 1 5 || cat /etc/secret || echo 5 >/proc/sys/kernel/printk || ls /sys/fs/cgroup/*"
like "it has all capabilities there" "$out" "^$zero 0*1[f]* 0*1[f]* 0*1[f]* $zero mounted\$"
is "but none that count outside" "$(echo "$err" | sed 's/.*: //' | tr '\n' ' ')" \
	"Operation not permitted Permission denied Permission denied No such file or directory "
for value in maybe ''; do
	run cagebox run $box "--privileged=$value" -- true
	like "refused: privileged=$value" "$status $err" "^125 cagebox: run: --privileged: '$value' is neither yes nor no"
done
run cagebox run --help
like "the help says what it means" "$(echo "$out" | grep -A 1 -e --privileged)" 'root inside is root outside'
finish
