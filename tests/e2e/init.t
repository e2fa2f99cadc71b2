#!/bin/sh
# SPDX-License-Identifier: Zlib
# What PID 1 promises: every signal forwarded, every child reaped, an orderly end; alone, as tini and dumb-init, and under a monitor.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

helper=$work/init_helper
cc -O1 -std=gnu11 -D_GNU_SOURCE -I"$top/core" -o "$helper" "$top/tests/e2e/init_helper.c" "$top/core/box/plan.c" \
	"$top/core/box/wire.c" "$top/core/base/err.c" "$top/core/base/str.c" "$top/core/sys/feature.c" "$top/core/sys/sig.c" || bail_out "init_helper does not build"
mkdir bin
for name in init tini dumb-init; do
	ln -s "$CAGEBOX" "bin/$name"
done
init=$work/bin/init
tini=$work/bin/tini
dumb=$work/bin/dumb-init
real_tini=$(command -v tini)
real_dumb=$(command -v dumb-init)
export TINI_VERBOSITY=0
pid1='unshare --pid --fork --kill-child --mount-proc'

state_is()	# PID LETTER
{
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	stat=${stat##*) }
	[ "${stat%% *}" = "$2" ]
}

lines_are()	# FILE N
{
	[ "$(wc -l <"$1")" -ge "$2" ]
}

child_of()	# PID: leaves it in $child
{
	read -r child <"/proc/$1/task/$1/children" && child=${child%% *} && [ -n "$child" ]
}

# --- forwarding ---------------------------------------------------------------------------------------------------------
forwardable=$(seq 1 64 | grep -vx -e 9 -e 17 -e 19)

# Send them all to process $1, whose command writes what it gets to the file $2; $got is what arrived. One after the other: the kernel
# takes a CONT that is pending back when a TSTP comes, and the other way round.
send_all()
{
	patience=2
	for n in $forwardable 10; do
		sent=$(wc -l <"$2")
		kill -"$n" "$1"
		wait_for lines_are "$2" $((sent + 1))
	done
	patience=20
	kill -10 "$1"
	got=$(sed '$d' "$2")
}

"$init" -s -- "$helper" catch ready >got &
init_pid=$!
wait_for [ -e ready ]
send_all "$init_pid" got
wait "$init_pid"
is "all signals of 1 to 64 but CHLD, KILL and STOP are forwarded" "$got" "$forwardable"
is "each of them once" "$(wc -l <got)" 62

rm -f ready
$pid1 "$init" -g -- "$helper" catch ready >got &
wait_for [ -e ready ]
child_of $!
send_all "$child" got
wait $!
is "from PID 1 to the command's group too" "$got" "$forwardable"

for run in "$init" "$init -g" "$tini" "$tini -g" "$dumb" "$dumb -c"; do
	# shellcheck disable=SC2086
	run "$helper" window 200 $run sleep 1000
	is "no TERM is lost in 200 starts of ${run#"$work/bin/"}" "$out" "odd 0 lost 0"
done

# The orphan's SIGCHLD waits while init is stopped, that of the command is merged into it.
"$init" -s -- sh -c '(sleep 1000 & echo $! >orphan); echo $$ >main; exec sleep 1001' &
init_pid=$!
wait_for [ -s main ]
read -r orphan <orphan
read -r main <main
kill -STOP "$init_pid"
wait_for state_is "$init_pid" T
kill -KILL "$orphan"
wait_for state_is "$orphan" Z
kill -KILL "$main"
wait_for state_is "$main" Z
kill -CONT "$init_pid"
wait_for state_is "$init_pid" Z || kill -KILL "$init_pid" "$orphan"
wait "$init_pid"
status=$?
is "the command's end is seen although its SIGCHLD was merged" $status 137

# --- what the command gets ----------------------------------------------------------------------------------------------
for given in "0 0" "fffffffe7ffbfeff 0" "0 fffffffe7ffefaff" "0000000380004001 8000000400001002"; do
	# shellcheck disable=SC2086
	wanted=$("$helper" with $given grep -E 'SigBlk|SigIgn' /proc/self/status)
	# shellcheck disable=SC2086
	run "$helper" with $given "$init" -- grep -E 'SigBlk|SigIgn' /proc/self/status
	is "the command has init's mask and dispositions: $given" "$out" "$wanted"
done
run "$helper" with 0 10000 "$init" sh -c 'exit 4'
status_is "an ignored SIGCHLD does not hide the command's end" 4

run env -i A=1 "B=two words" "$init" -- env
is "the environment is passed on" "$out" "A=1
B=two words"
run "$init" /nonexistent
status_is "not found is 127" 127
like "and says so" "$err" '^init: run /nonexistent: No such file or directory'
run "$init" -- no-such-command
status_is "not found in the PATH is 127" 127
run "$init" /etc/passwd
status_is "not executable is 126" 126
run "$init"
status_is "no command is 125" 125
run $pid1 "$init"
status_is "no command as PID 1 is 125" 125
like "and says so" "$err" 'needs a command'
run sh -c 'ls /proc/self/fd'
wanted=$out
run "$init" sh -c 'ls /proc/self/fd'
is "the command inherits no descriptor of init" "$out" "$wanted"

# --- options ------------------------------------------------------------------------------------------------------------
run "$init" -e 7 -- sh -c 'exit 7'
status_is "-e remaps" 0
run "$init" -e 1:7 -e 9 -- sh -c 'exit 9'
status_is "-e repeats" 0
run "$init" -e 1:143 -- sh -c 'kill -TERM $$'
status_is "-e takes several codes and those of signals" 0
run "$init" -e 7 -- sh -c 'exit 8'
status_is "-e leaves others alone" 8
for bad in 256 -1 x 7: ''; do
	run "$init" -e "$bad" true
	status_is "-e refuses '$bad'" 125
done

group_of()	# OPTIONS: USR2 to init; which of the command and its child in the same group got it
{
	rm -f a b got-a got-b
	# shellcheck disable=SC2086
	env $environment "$init" -s $1 -- sh -c '"$1" catch a >got-a & exec "$1" catch b >got-b' sh "$helper" &
	init_pid=$!
	wait_for [ -e a ] && wait_for [ -e b ]
	kill -12 "$init_pid"
	wait_for [ -s got-b ]
	child_of "$init_pid"
	[ -z "$2" ] || wait_for [ -s got-a ]
	got="$(cat got-a) $(cat got-b)"
	kill -KILL "-$child"
	wait "$init_pid"
}
environment=''
group_of '' ''
is "without -g the command alone gets a signal" "$got" " 12"
group_of -g both
is "-g: its group" "$got" "12 12"
environment=TINI_KILL_PROCESS_GROUP=1
group_of '' both
is "TINI_KILL_PROCESS_GROUP" "$got" "12 12"

adopts()
{
	"$@" sh -c '(sh -c "echo \$\$ >orphan; while [ -e hold ]; do sleep 0.01; done; ps -o ppid= -p \$\$ >parent; mv parent father" &)
		until [ -s orphan ]; do sleep 0.01; done; rm hold; until [ -e father ]; do sleep 0.01; done' &
	adopter=$!
	wait "$adopter"
	parent=$(tr -d ' ' <father)
	rm -f orphan father
	[ "$parent" = "$adopter" ]
}
: >hold
check "-s: orphans become init's" adopts "$init" -s
: >hold
check "without -s they do not" not adopts "$init"
: >hold
check "TINI_SUBREAPER" adopts env TINI_SUBREAPER= "$init"

rm -f ready
sh -c '"$1" -s -p USR2 -- "$2" catch ready >got & echo $! >pid; until [ -e ready ]; do sleep 0.01; done' sh "$init" "$helper"
read -r init_pid <pid
wait_for [ -s got ]
is "-p: the signal comes when the parent dies" "$(cat got)" 12
kill -KILL "$init_pid"
run "$init" -p SIGFOO true
status_is "-p refuses what is no signal" 125

run env -u TINI_VERBOSITY "$init" true
like "it warns when it cannot reap orphans" "$err" 'neither PID 1 nor a subreaper'
run "$init" true
is "TINI_VERBOSITY=0: silence" "$err" ""
run env TINI_VERBOSITY=2 "$init" -s true
like "TINI_VERBOSITY=2 tells more" "$err" 'the command runs'
run env -u TINI_VERBOSITY "$init" -s -v true
like "-v tells more" "$err" 'the command ended with status 0'
unlike "once, not everything" "$err" 'signal'
run env -u TINI_VERBOSITY "$init" -s -vvv true
like "-vvv: everything" "$err" 'sending signal 15'
run env -u TINI_VERBOSITY "$init" -s -w -- "$helper" orphans 0 1 0
like "-w: a warning for an orphan" "$err" 'reaped orphan process'
run env -u TINI_VERBOSITY "$init" -s -- "$helper" orphans 0 1 0
is "no warning without" "$err" ""

# --- reaping ------------------------------------------------------------------------------------------------------------
for load in "0 10000" "1000 2000" "10000 2000"; do
	# shellcheck disable=SC2086
	run $pid1 "$init" --stop-timeout 20 -- "$helper" orphans $load 6
	status_is "exits with the command's status after orphans, $load living and dying" 6
	like "all of the dying are reaped" "$out" '^[0-9]+$'
	ours=$out
	# shellcheck disable=SC2086
	run $pid1 "$real_tini" -- "$helper" orphans $load 6
	diag "orphans, $load living and dying: reaped in $ours ms, by tini in $out ms"
	check "not quadratic" [ "$ours" -lt $((5000 + 2 * ${out:-0})) ]
done
started=$(date +%s)
run "$init" -s -- "$helper" orphans 1000 0 5
status_is "exit while 1,000 children live, not being PID 1" 5
check "at once" [ $(($(date +%s) - started)) -lt 8 ]
leaks_check "and none is left"

# --- the end, not being PID 1 -------------------------------------------------------------------------------------------
sleep 1000 &
bystander=$!
wait_for grep -q sleep "/proc/$bystander/comm"
leaks_begin
run strace -f -qq -e trace=kill,tgkill,pidfd_send_signal -e signal=none -o calls "$init" -s --stop-timeout 1 -- sh -c '
	(setsid sh -c "trap : TERM; sleep 1002 & sleep 1003; sleep 1004" & echo) >/dev/null
	setsid setsid sh -c "trap \"\" TERM; echo >ignoring; sleep 1005; sleep 1006" &
	until [ -e ignoring ]; do sleep 0.01; done; exit 3'
status_is "descendants in other sessions are ended" 3
check "kill(-1) is never called by anyone but PID 1" not grep -E 'kill\(-1,' calls
check "something was signalled, so that this says something" grep -q SIGKILL calls
check "a process that is none of init's lives on" kill -0 "$bystander"
leaks_check "no descendant is left"
kill "$bystander"
wait "$bystander"
leaks_begin

# --- under a monitor ----------------------------------------------------------------------------------------------------
# READY is put first: the command may be faster than the monitor is in reading it.
monitor()	# ORDERS ARGUMENT...
{
	orders=$1
	shift
	echo "$orders" | run_stdin "$helper" monitor "$@"
	out=$(grep -x READY "$work/out"; grep -vx READY "$work/out")
	err=$(cat "$work/err")
}
run_stdin()
{
	"$@" >"$work/out" 2>"$work/err"
}

monitor '' sh -c 'exit 5'
is "ready, exit" "$(cat "$work/out")" "READY
EXIT 5 exit
exited 5"
monitor '' sh -c 'kill -SEGV $$'
is "the end by a signal" "$out" "READY
EXIT 139 signal
exited 139"
monitor '' /nonexistent
is "an exec that fails is told, nothing follows" "$out" "ERROR  run /nonexistent: No such file or directory
exited 127"
is "in a container nothing is written but by the command" "$err" ""
monitor 'await up
signal 12' sh -c 'trap "exit 6" USR2; >up; while :; do sleep 0.01; done'
is "a signal for the command" "$out" "READY
EXIT 6 exit
exited 6"
monitor 'ready
signal 0
signal 65
signal -9
signal 9' sleep 1000
is "KILL too; bad numbers are not passed on" "$out" "READY
EXIT 137 signal
exited 137"
rm -f up
monitor 'await up
stop' sh -c 'trap "exit 4" TERM; >up; while :; do sleep 0.01; done'
is "stop" "$out" "READY
EXIT 4 stop
exited 4"
for _ in 1 2 3 4 5 6 7 8 9 10; do
	monitor stop sleep 1000
	echo "$out"
done | sort | uniq -c >stops
is "a stop before the command is there is not lost" "$(sed 's/^ *//' stops)" "10 EXIT 143 stop
10 READY
10 exited 143"
rm -f up
monitor 'await up
stop' -s 12 sh -c 'trap "exit 8" USR2; >up; while :; do sleep 0.01; done'
like "the stop signal is the plan's" "$out" "^EXIT 8 stop"
rm -f up
monitor 'await up
stop' -t 100 sh -c 'trap "" TERM; >up; while :; do sleep 0.01; done'
like "a command that ignores it is killed when the time is up" "$out" "^EXIT 137 stop"
rm -f up
monitor 'await up
stop
stop
stop
stop' sh -c 'trap "" TERM; >up; while :; do sleep 0.01; done'
like "further stops skip ahead to the kill" "$out" "^EXIT 137 stop"
rm -f up
monitor 'await up
hangup' sh -c 'echo $$; trap "" TERM; >up; while :; do sleep 0.01; done'
like "a monitor that is gone: everything is killed" "$out" "^exited 137"
rm -f up log
monitor 'await up
stop' sh -c '(sh -c "trap \"echo orphan >>log; exit\" TERM; >orphan-up; kill -STOP \$\$; while :; do sleep 0.01; done" &)
	trap "echo command >>log; exit" TERM; until [ -e orphan-up ]; do sleep 0.01; done; >up; while :; do sleep 0.01; done'
is "orphans get TERM after the command, those that are stopped too" "$(cat log)" "command
orphan"
rm -f up orphan-up
monitor 'await up
hangup' -n sh -c '(setsid sh -c "trap \"\" TERM; sleep 1007; sleep 1008" &); >up; sleep 1009'
like "without a pid namespace of its own" "$out" "^exited 137"
leaks_check "it kills its descendants in every session"
rm -f up
sleep 1000 &
bystander=$!
monitor 'await up
stop' -n -t 100 sh -c 'trap "" TERM; >up; while :; do sleep 0.01; done'
check "and nobody else" kill -0 "$bystander"
kill "$bystander"
wait "$bystander"

rm -f up
monitor 'ready
await up
hangup
kill 15' -k -H 'echo hook' sh -c 'trap "exit 9" TERM; >up; while :; do sleep 0.01; done'
is "kept: it outlives the monitor; TERM from outside stops it in order" "$out" "READY
hook
exited 9"
rm -f up
monitor 'ready
hangup
touch hung
await up
kill 12' -k -H 'echo hook' sh -c 'trap "echo term; >up" TERM; trap "exit 9" USR2; until [ -e hung ]; do sleep 0.01; done
	kill -TERM 1; while :; do sleep 0.01; done'
is "kept: TERM from inside is only forwarded" "$(echo "$out" | sort)" "READY
exited 9
hook
term"

run "$helper" with fffffffe7ffbfeff 0 grep SigBlk /proc/self/status
wanted=$out
monitor '' -b fffffffe7ffbfeff grep SigBlk /proc/self/status
like "the plan's mask" "$out" "$wanted"

# --- init script --------------------------------------------------------------------------------------------------------
echo 'echo script; (sleep 0.1; echo orphan) & exit 0' >script
monitor '' -S script echo command
is "the script comes first" "$(echo "$out" | grep -v orphan)" "READY
script
command
EXIT 0 exit
exited 0"
echo 'exit 3' >script
monitor '' -S script echo command
is "a script that fails" "$out" "ERROR script init script: exited with 3
exited 125"
echo 'kill -KILL $$' >script
monitor '' -S script echo command
is "a script that is killed" "$out" "ERROR script init script: killed by signal 9
exited 125"
rm -f up
echo 'trap "" TERM; echo >'"$work"'/up; sleep 1000; sleep 1001' >script
monitor 'await up
stop' -S script echo command
is "stop ends the script" "$out" "EXIT 143 stop
exited 143"
rm -f up
monitor 'await up
hangup' -S script echo command
is "so does a monitor that is gone" "$out" "exited 143"
rm -f up
echo "echo >$work/up; until [ -e $work/go ]; do sleep 0.01; done" >script
monitor 'await up
kill 12
touch go' -S script sh -c 'exit 1'
like "a signal that comes during the script reaches the command" "$out" "^EXIT 140 signal"

# --- shutdown hooks -----------------------------------------------------------------------------------------------------
mount -t tmpfs etc /etc
mkdir -p /etc/cagebox/shutdown.d/15-directory
hook()	# NAME TEXT
{
	printf '#!/bin/sh\n%s\n' "$2" >"/etc/cagebox/shutdown.d/$1"
	chmod 755 "/etc/cagebox/shutdown.d/$1"
}
hook 30-c 'echo c'
hook 10-a 'echo a; exit 1'
hook 20-b 'echo b'
hook 25-no 'echo no'
chmod 644 /etc/cagebox/shutdown.d/25-no
printf 'not a program' >/etc/cagebox/shutdown.d/26-bad
chmod 755 /etc/cagebox/shutdown.d/26-bad
rm -f up
monitor 'await up
stop' -H 'echo last' sh -c 'trap "echo command; exit 2" TERM; >up; while :; do sleep 0.01; done'
is "hooks in order of names, then the configured one, then the stop signal" "$out" "READY
a
b
c
last
command
EXIT 2 stop
exited 2"
monitor '' -H 'echo last' sh -c 'echo command; exit 2'
is "also when the command ends by itself" "$(echo "$out" | grep -v READY)" "command
a
b
c
last
EXIT 2 exit
exited 2"
run $pid1 "$init" --shutdown-hook 'echo last' -- sh -c 'echo command; exit 2'
is "also as an image's PID 1" "$out" "command
a
b
c
last"
run "$init" -s -- true
is "not when somebody runs a command under init" "$out" ""
run $pid1 "$tini" -- true
is "nor in tini's place" "$out" ""
hook 20-b 'trap "" TERM; (sleep 1001; sleep 1002) & sleep 1003; sleep 1004'
rm -f up
monitor 'await up
stop' -T 200 -t 60000 sh -c 'trap "echo command; exit 2" TERM; >up; while :; do sleep 0.01; done'
is "a hook over its deadline is killed, the rest goes on" "$out" "READY
a
c
command
EXIT 2 stop
exited 2"
rm -f up hooked
hook 20-b ">$work/hooked; sleep 1003; sleep 1004"
monitor 'await up
stop
await hooked
stop' sh -c 'trap "echo command; exit 2" TERM; >up; while :; do sleep 0.01; done'
is "a second stop skips the hooks" "$out" "READY
a
command
EXIT 2 stop
exited 2"
rm -f hooked
run $pid1 sh -c '(until [ -e hooked ]; do sleep 0.01; done; kill -TERM 1) & exec "$@"' sh "$init" -- sh -c 'exit 2'
status_is "as an image's PID 1 TERM skips them when the command is gone" 2
rm -rf /etc/cagebox
umount /etc

# --- tini and dumb-init side by side with the real ones -------------------------------------------------------------------
same()	# TITLE REAL OURS ARGUMENT...
{
	same_title=$1 same_real=$2 same_ours=$3
	shift 3
	run "$same_real" "$@"
	real_result="$status: $out"
	run "$same_ours" "$@"
	is "as ${same_real##*/}: $same_title" "$status: $out" "$real_result"
}
# What it is in: the group and session of its own, or of the test; whether it is in the foreground of a terminal.
place='set -- $$ $(ps -o pgid=,sid=,tpgid=,ppid= -p $$)
	[ $2 = $1 ] && echo own group; [ $3 = $1 ] && echo own session; [ $4 = $1 ] && echo foreground; exit 0'
on_terminal="script -qec"
for arguments in "" "-s" "-g" "-w" "-v" "-p SIGTERM" "-e 143" "-e 7" "-sgw -e 3"; do
	# shellcheck disable=SC2086
	{
		same "$arguments: exit 7" "$real_tini" "$tini" $arguments -- sh -c 'exit 7'
		same "$arguments: killed by TERM" "$real_tini" "$tini" $arguments -- sh -c 'kill -TERM $$'
		same "$arguments: place" "$real_tini" "$tini" $arguments -- sh -c "$place"
	}
done
for arguments in "/nonexistent" "/etc/passwd" "-- sh -c exit" "true --" "-- true -- -x"; do
	# shellcheck disable=SC2086
	same "$arguments" "$real_tini" "$tini" $arguments
done
for arguments in -h --version -l; do
	run "$tini" $arguments
	status_is "tini $arguments succeeds" 0
	isnt "and prints" "$out" ""
done
for arguments in "" "-c" "-v" "-r 15:2"; do
	# shellcheck disable=SC2086
	{
		same "$arguments: exit 7" "$real_dumb" "$dumb" $arguments -- sh -c 'exit 7'
		same "$arguments: killed by TERM" "$real_dumb" "$dumb" $arguments sh -c 'kill -TERM $$'
		same "$arguments: place" "$real_dumb" "$dumb" $arguments sh -c "$place"
	}
done
DUMB_INIT_SETSID=0
export DUMB_INIT_SETSID
same "DUMB_INIT_SETSID=0: place" "$real_dumb" "$dumb" sh -c "$place"
unset DUMB_INIT_SETSID
run env DUMB_INIT_DEBUG=1 "$dumb" true
like "DUMB_INIT_DEBUG" "$err" 'ended with status 0'
for arguments in -h --help -V --version; do
	run "$dumb" $arguments
	status_is "dumb-init $arguments succeeds" 0
done
for pair in 15 0:2 65:2 15:65 15:2:3 ''; do
	run "$dumb" -r "$pair" true
	status_is "dumb-init refuses -r '$pair'" 125
done
on_a_terminal()
{
	$on_terminal "$1 -- sh -c 'ps -o pgid=,sid=,tpgid=,pid= -p \$\$'" /dev/null </dev/null | tr -d '\r' | awk '{
		print ($1 == $4 ? "own" : "other") " group, " ($2 == $4 ? "own" : "other") " session, " \
			($3 == $4 ? "foreground" : "background") }'
}
is "as tini on a terminal: group and foreground" "$(on_a_terminal "$tini -s")" "$(on_a_terminal "$real_tini -s")"
is "which is" "$(on_a_terminal "$tini -s")" "own group, other session, foreground"
is "as dumb-init on a terminal: session and foreground" "$(on_a_terminal "$dumb")" "$(on_a_terminal "$real_dumb")"
is "init: as tini" "$(on_a_terminal "$init -s")" "own group, other session, foreground"

# The background process of the session gets TERM when the command ends, where dumb-init is not told otherwise; nothing in
# tini's place. What is left is ended by the test.
leaves()	# COMMAND...
{
	rm -f left left-up
	"$@" sh -c 'sh -c "trap \"echo term >left; exit\" TERM; >left-up; while [ ! -e over ]; do sleep 0.01; done; echo over >left" &
		until [ -e left-up ]; do sleep 0.01; done; exit 3'
	leaves_status=$?
	# In a session it has the signal already if it gets one.
	[ "$1" != "$dumb" ] && [ "$1" != "$real_dumb" ] || [ -n "${2:-}" ] || wait_for [ -s left ]
	: >over
	wait_for [ -s left ]
	got="$leaves_status $(cat left)"
	rm -f over
}
leaves "$real_dumb"
wanted=$got
leaves "$dumb"
is "as dumb-init: the session gets TERM with the command's end" "$got" "$wanted"
is "which is" "$got" "3 term"
leaves "$dumb" -c
is "dumb-init -c: it does not" "$got" "3 over"
leaves "$tini"
is "tini leaves the others alone" "$got" "3 over"

rewrites()	# WANTED ARGUMENT...: what the command gets for USR2 and TERM
{
	wanted=$1
	shift
	rm -f ready got
	"$@" "$helper" catch ready >got &
	init_pid=$!
	wait_for [ -e ready ]
	kill -12 "$init_pid"
	kill -10 "$init_pid"
	wait_for lines_are got "$(echo "$wanted" | wc -w)"
	child_of "$init_pid"
	got=$(sort -n got | tr '\n' ' ')
	kill -KILL "$child"
	wait "$init_pid"
}
rewrites "10 12 " "$dumb"
is "dumb-init forwards" "$got" "10 12 "
rewrites "1 10 " "$dumb" -r 12:1
is "-r rewrites" "$got" "1 10 "
rewrites "10 " "$dumb" -r 12:0
is "-r N:0 drops" "$got" "10 "
rewrites "2 34 " "$dumb" -c --rewrite 12:34 -r USR1:INT
is "real-time signals and names too" "$got" "2 34 "

suspends()	# COMMAND...
{
	rm -f ready
	"$@" "$helper" catch ready >got &
	init_pid=$!
	wait_for [ -e ready ]
	child_of "$init_pid"
	kill -TSTP "$init_pid"
	wait_for state_is "$init_pid" T || return 1
	wait_for state_is "$child" T || return 1
	kill -CONT "$init_pid"
	wait_for state_is "$child" S || return 1
	wait_for state_is "$init_pid" S
}
for name in "$real_dumb" "$dumb"; do
	check "TSTP stops the command and init, CONT continues both: $name" suspends "$name"
	kill -KILL "$child"
	wait "$init_pid"
done
rewrites_tstp()
{
	rm -f ready
	"$dumb" -c "$helper" catch ready >got &
	init_pid=$!
	wait_for [ -e ready ]
	child_of "$init_pid"
	kill -TSTP "$init_pid"
	wait_for [ -s got ]
	is "dumb-init -c forwards TSTP as it is" "$(cat got)" 20
	check "and is not stopped" state_is "$init_pid" S
	kill -KILL "$child"
	wait "$init_pid"
}
rewrites_tstp

finish
