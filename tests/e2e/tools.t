#!/bin/sh
# SPDX-License-Identifier: Zlib
# list, kill, stop, wait, and names: detached containers from the start to the record of their end; a killed monitor, with keep and without.
# shellcheck disable=SC2016,SC2046,SC2086 # commands in single quotes are for the shell inside; $forever is several words
. "$(dirname "$0")/../lib.sh"

forever='sleep 1000'
box()
{
	cagebox run --lower "$root_busybox" -d "$@" >/dev/null || bail_out "no container: $*"
}

json()
{
	cagebox list -a --json | jq -r "$@"
}

ended()
{
	[ "$(json ".[] | select(.name == \"$1\") | .status")" = exited ]
}

listed()
{
	cagebox list -q | grep -qx "$1"
}

# How it ended: reason and code.
ending()
{
	json ".[] | select(.name == \"$1\") | .exit | \"\\(.reason) \\(.code)\""
}

# --- names, list -----------------------------------------------------------------------------------------------------------

run cagebox list
is "no container, no output" "$status $out$err" "0 "
run cagebox list --json
is "as JSON an empty array" "$(printf '%s\n' "$out" | jq -c .)" "[]"
run cagebox run --lower "$root_busybox" -d -- $forever
like "a detached one without a name prints the one that was made up" "$status $out" '^0 [A-Za-z0-9][A-Za-z0-9_.-]*$'
made_up=$out
is "it is listed under it" "$(cagebox list -q)" "$made_up"
before=$(date +%s)
odd=$(printf '\033[31m"quoted"\134')
box --name one -- sh -c 'sleep 1000; :' 'two
lines' "$odd"
run cagebox list --json
is "list --json is JSON" "$(printf '%s\n' "$out" | jq -r 'type, length')" "array
2"
is "with at least these fields" "$(printf '%s\n' "$out" | jq -r '.[1] | keys | .[]' | grep -cxE 'name|status|pid|monitor|started|command|exit')" 7
one() { printf '%s\n' "$out" | jq -r ".[] | select(.name == \"one\") | $1"; }
is "name and status" "$(one '.name, .status, .exit')" "one
running
null"
is "pid is init's, as the host sees it" "$(tr '\0' ' ' <"/proc/$(one .pid)/cmdline" | cut -d' ' -f 1)" cagebox-init
is "monitor is its parent" "$(one .monitor)" "$(cut -d' ' -f 4 "/proc/$(one .pid)/stat")"
check "started is the time" test "$(one .started)" -ge $((before - 1)) -a "$(one .started)" -le "$(date +%s)"
is "the command comes whole, whatever is in it" "$(one .command)" "sh -c sleep 1000; : two
lines $odd"
run cagebox list
like "the table has a head" "$out" '^NAME +STATUS +PID +UPTIME +COMMAND$'
is "and one line each" "$(echo "$out" | wc -l)" 3
like "with these columns" "$out" '^one +running +[0-9]+ +[0-9]+s +sh -c sleep 1000'
is "control characters do not reach the terminal" "$(printf '%s' "$out" | tr -d '\n' | tr -dc '\000-\037' | wc -c)" 0
is "list -q has names only, in order" "$(cagebox list -q)" "$(printf '%s\n' "$made_up" one | sort)"
run cagebox run --lower "$root_busybox" --name one -- true
is "a running one's name is taken" "$status $err" "125 cagebox: run: the container one is running already"
is "which does it no harm" "$(cagebox list -q | grep -c one)" 1

# --- stop, wait, kill --------------------------------------------------------------------------------------------------------

cagebox wait one >waited 2>&1 &
first=$!
cagebox wait "$made_up" one &
second=$!
run cagebox stop one "$made_up"
is "several are stopped" "$status $out$err" "0 "
codes=
for waiter in $first $second; do
	code=0
	wait $waiter || code=$?
	codes="$codes$code "
done
is "all who waited have the code of the last one" "$codes" "143 143 "
is "list shows what runs" "$(cagebox list -q)" ""
is "list -a also what has ended, if it had a name" "$(cagebox list -aq)" one
like "with the reason" "$(cagebox list -a)" '^one +stop 143 +- +- +sh'
is "as JSON too" "$(json '.[0] | .status, .pid, .exit.reason, .exit.code')" "exited
0
stop
143"
run cagebox stop one
status_is "a second stop is no error" 0
run cagebox wait one
status_is "waiting for one that has ended gives its code" 143
run cagebox kill one
is "there is nothing to send a signal to" "$status $err" "125 cagebox: kill: the container one is not running"
run cagebox run --lower "$root_busybox" --name one -- sh -c 'exit 3'
status_is "the name can be used again" 3
is "its end replaces the other" "$(ending one)" "exit 3"
box --name signal -- sh -c 'kill -SEGV $$'
wait_for ended signal
is "a signal" "$(ending signal)" "signal 139"
like "in the table" "$(cagebox list -a)" '^signal +signal 11 '
box --name hears -v "$work:/mnt" -- sh -c 'trap "echo usr1 >/mnt/heard" USR1; trap "echo rt >/mnt/heard; exit 8" 37; echo ready >/mnt/ready; while :; do sleep 0.1; done'
wait_for test -s ready
run cagebox kill -s USR1 hears
status_is "kill -s by name" 0
wait_for grep -qs usr1 heard
pass "the command gets it"
run cagebox kill -s RTMIN+3 hears
wait_for ended hears
is "real-time ones too" "$(cat heard) $(ending hears)" "rt exit 8"
box --name plain -- $forever
run cagebox kill plain
wait_for ended plain
is "TERM by default" "$(ending plain)" "signal 143"
box --name stubborn -- sh -c 'trap "" TERM INT HUP; (setsid sh -c "trap \"\" TERM; sleep 2001; :" &); sleep 2002; :'
run cagebox kill -a stubborn
is "kill -a ends one that ignores all else" "$status $(pgrep -fc '^sleep 200[12]')" "0 0"
is "for that reason" "$(ending stubborn)" "stop 137"
box --name cgroup -N hic -- sh -c 'trap "" TERM; (setsid sh -c "trap \"\" TERM; sleep 2001; :" &); sleep 2002; :'
wait_for sh -c '[ "$(pgrep -fc "^sleep 200[12]")" = 2 ]'
run cagebox kill -a cgroup
is "also without a pid namespace, with what has left it" "$status $(pgrep -fc '^sleep 200[12]')" "0 0"
leaks_check "after all these nothing is left over"

stubborn='trap "" TERM; echo ready >/mnt/ready; while :; do sleep 0.1; done'
for name in slow1 slow2 slow3; do
	rm -f ready
	box --name $name -v "$work:/mnt" --stop-timeout 2s -- sh -c "$stubborn"
	wait_for test -s ready
done
start=$(date +%s%N)
run cagebox stop slow1 slow2 slow3
took=$((($(date +%s%N) - start) / 1000000))
status_is "three that ignore TERM are stopped" 0
check "side by side ($took ms)" test $took -ge 1900 -a $took -lt 4000
is "by force" "$(ending slow3)" "stop 137"
rm -f ready
box --name slow -v "$work:/mnt" --stop-timeout 100s -- sh -c "$stubborn"
wait_for test -s ready
start=$(date +%s%N)
run cagebox stop -t 300ms slow
took=$((($(date +%s%N) - start) / 1000000))
check "stop -t is the time it has ($took ms)" test $took -ge 290 -a $took -lt 3000
rm -f ready
box --name thrice -v "$work:/mnt" --stop-timeout 100s -- sh -c 'trap "echo stopping >>/mnt/stopping" TERM; echo ready >/mnt/ready; while :; do sleep 0.1; done'
wait_for test -s ready
cagebox stop thrice &
stopper=$!
wait_for test -s stopping
cagebox stop thrice &
second=$!
check "a second stop skips ahead: TERM to all" wait_for sh -c '[ "$(wc -l <stopping)" -ge 2 ]'
start=$(date +%s%N)
run cagebox stop thrice
took=$((($(date +%s%N) - start) / 1000000))
check "and a third: KILL ($took ms)" test $took -lt 5000
check "the second is content" wait $second
check "and the first" wait $stopper
run cagebox stop nosuch one
is "one that does not exist is an error" "$status $err" "125 cagebox: stop: no container is called nosuch"

# The default set has no CAP_SYS_BOOT.
box --name off --cap-add sys_boot -- poweroff -f
wait_for ended off
is "poweroff inside" "$(ending off)" "poweroff 0"
box --name again --cap-add sys_boot -- reboot -f
wait_for ended again
is "reboot inside" "$(ending again)" "reboot 0"
run cagebox run --lower "$root_busybox" --name may-not -- reboot -f
isnt "without the capability it is not for the container to say" "$status" 0
is "and changes nothing" "$(ending may-not | cut -d' ' -f 1)" exit
box --name crash -- $forever
kill -9 "$(json '.[] | select(.name == "crash") | .pid')"
wait_for ended crash
is "init killed from outside" "$(ending crash)" "killed 137"

# --- a foreground one ---------------------------------------------------------------------------------------------------------

cagebox run --lower "$root_busybox" --name front -v "$work:/mnt" -- sh -c 'trap "echo int >/mnt/int" INT; trap "echo term >/mnt/term; exit 5" TERM; echo r >/mnt/front; while :; do sleep 0.1; done' &
launcher=$!
wait_for test -s front
is "the caller's process is the monitor" "$(json '.[] | select(.name == "front") | .monitor')" "$launcher"
kill -TERM $launcher
code=0
wait $launcher || code=$?
is "TERM to it stops the container" "$code $(cat term)" "5 term"
cagebox run --lower "$root_busybox" --name front -- sh -c 'sleep 3003; :' &
launcher=$!
wait_for listed front
kill -9 $launcher
check "KILL to it takes the container along" wait_for sh -c '! pgrep -f "^sleep 3003"'
is "which the next call finds out" "$(cagebox list -q; ending front | cut -d' ' -f 1)" lost
leaks_check "and cleans up"

# --- keep -----------------------------------------------------------------------------------------------------------------------

box --name kept --keep -- sh -c 'sleep 3001; :'
box --name not-kept -- sh -c 'sleep 3002; :'
kill -9 $(json '.[] | select(.name == "kept" or .name == "not-kept") | .monitor')
check "without keep it dies with its monitor" wait_for sh -c '! pgrep -f "^sleep 3002"'
is "with keep it lives" "$(pgrep -fc '^sleep 3001')" 1
is "unmonitored" "$(json '.[] | select(.name == "kept") | .status')" unmonitored
like "in the table" "$(cagebox list)" '^kept +unmonitored +[0-9]+'
is "the other is lost" "$(ending not-kept | cut -d' ' -f 1)" lost
run cagebox run --lower "$root_busybox" --name kept -- true
like "its name is taken" "$status $err" '^125 cagebox: run: the container kept is running already'
run cagebox exec kept echo inside
is "one can enter" "$status $out" "0 inside"
run cagebox kill -s USR1 kept
like "no signal gets through" "$status $err" '^125 cagebox: kill: the monitor of kept is gone'
cagebox wait kept &
waiter=$!
run cagebox stop -t 1s kept
is "it can be stopped" "$status $(pgrep -fc '^sleep 3001')" "0 0"
wait $waiter
pass "who waits is told"
is "then it has ended" "$(cagebox list -q)" ""
box --name kept --keep -N hic -- sh -c '(setsid sleep 3004 &); sleep 3005; :'
kill -9 "$(json '.[] | select(.name == "kept") | .monitor')"
wait_for sh -c 'cagebox list | grep -q unmonitored'
run cagebox kill -a kept
is "kill -a ends one without a pid namespace too" "$status $(pgrep -fc '^sleep 300[45]')" "0 0"

# --- the state that remains ---------------------------------------------------------------------------------------------------------

is "of an end with a name its record remains" "$(ls /run/cagebox/kept)" "lock
state"
like "the run-time directory is root's own, for nobody else to read or write" "$(stat -c '%a %u' /run/cagebox)" '^7[01][01] 0$'
mkdir /run/cagebox/empty /run/cagebox/damaged && echo nonsense >/run/cagebox/damaged/state
run cagebox list -a
check "a damaged state stops nobody from seeing the others" sh -c 'cagebox list -aq | grep -qx kept'
rm -rf /run/cagebox/damaged /run/cagebox/empty
finish
