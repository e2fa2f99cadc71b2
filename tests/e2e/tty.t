#!/bin/sh
# SPDX-License-Identifier: Zlib
# Terminals: a pty of the container's own, its size, its keys, job control on both sides, and the caller's terminal as it was after
# every way out.
# shellcheck disable=SC2016,SC2034,SC2086 # commands in single quotes are for the shell inside; $box is several words; lib.sh reads $status
. "$(dirname "$0")/../lib.sh"

musl-gcc -static -O1 -o pty "$top/tests/e2e/pty_helper.c" || bail_out "pty_helper does not build"

# at_begin STEPS COMMAND...: at a terminal of 30 rows and 100 columns, do the steps; goes on meanwhile. at_end TITLE passes if all
# of them could be done; $out is what the terminal showed.
at_begin()
{
	printf '%s\n' "$1" >steps
	shift
	: >shown
	./pty 30 100 "$@" <steps >shown 2>failures &
	driver=$!
}

at_end()
{
	status=0
	wait $driver || status=$?
	out=$(tr -d '\r' <shown)
	err=$(cat failures)
	status_is "$1" 0
}

# at TITLE STEPS COMMAND...
at()
{
	at_title=$1
	shift
	at_begin "$@"
	at_end "$at_title"
}

box="cagebox run --lower $root_busybox"

# What runs in front of the shell says what becomes of it, in words that were not typed.
cat >job.c <<'EOT'
#include <signal.h>
#include <unistd.h>
static void hear(int signal)
{
	if (signal == SIGCONT && write(1, "job goes on\n", 12))
		return;
	if (write(1, "job is done\n", 12))
		_exit(0);
}
int main(void)
{
	signal(SIGCONT, hear);
	signal(SIGINT, hear);
	if (write(1, "job runs\n", 9))
		for (;;)
			pause();
}
EOT
musl-gcc -static -o job job.c

# --- what the command finds ----------------------------------------------------------------------------------------------

at "at a terminal the command gets one of its own" 'exit 0' $box -- sh -c 'tty; stty size; ls -d /dev/console; ls /dev/pts | cat; stat -c %t:%T /dev/console /dev/pts/0'
is "with the caller's size, before it starts" "$out" "/dev/pts/0
30 100
/dev/console
0
ptmx
88:0
88:0"
at "it is the controlling terminal of a session of its own" 'exit 0' $box -- sh -c 'echo tty >/dev/tty; read -r stat </proc/$$/stat; echo $stat | cut -d" " -f 1,2,4-8'
is "with the command in front" "$out" "tty
2 (sh) 1 2 2 34816 2"
TERM=screen at "TERM is the caller's" 'exit 0' $box -- sh -c 'echo $TERM'
is "as it was" "$out" screen
TERM=screen at "unless it is set" 'exit 0' $box -e TERM=other -- sh -c 'echo $TERM'
is "then it is that" "$out" other
at "with --tty=no there is none" 'exit 0' $box --tty=no -- sh -c 'test -t 0 || test -t 1 || ls /dev/pts; test -e /dev/console || echo "no console, TERM=$TERM"'
is "none was made" "$out" "ptmx
no console, TERM="
at "output into a pipe" 'exit 0' sh -c "$box -- sh -c 'test -t 1 || ls /dev/pts; seq 1 3' | tac"
is "is not turned into a terminal's" "$out" "3
2
1
ptmx"
at "input from a pipe" 'exit 0' sh -c "echo in | $box -- sh -c 'test -t 0 || cat'"
is "neither" "$out" in
run $box --tty=yes -- sh -c 'tty; stty size; echo err >&2'
status_is "a terminal without the caller having one" 0
like "is there" "$out" '^/dev/pts/0'
run $box -t -- sh -c 'exit 9'
status_is "with the command's exit code" 9
at "a user owns what one is asked for" 'exit 0' $box -u app -- sh -c 'echo hello >/dev/tty; echo more >/dev/pts/0; cat </dev/null >/dev/stdout; stty -echo'
is "and can open it" "$out" "hello
more"

# --- size, keys -------------------------------------------------------------------------------------------------------------

at "a new size arrives" 'expect ready
size 41 123
expect 41 123
send q\n
exit 0' $box -- sh -c 'trap "stty size" WINCH; echo ready; while ! read -r x; do :; done'
at "^C interrupts" 'expect ready
send ^C
expect caught
exit 7' $box -- sh -c 'trap "echo caught; exit 7" INT; echo ready; while :; do sleep 1; done'
at "^C of a plain command" 'raw
expect ready
send ^C
exit 130' $box -- sh -c 'echo ready; exec sleep 1000'
# busybox's shell can miss a QUIT on its way to exec: none here.
at '^\ quits' 'expect job runs
send \x1c
exit 131' $box --rlimit core=0 -v "$work:/mnt" -- /mnt/job
at "^D ends the input" 'expect ready
send one\n^D
expect one:end
exit 0' $box -- sh -c 'echo ready; x=$(cat); echo "$x:end"'
at "every byte passes" 'expect ready
send \x01\x03\x04\x11\x13\x1a\x1c\x7f\x80\xffq
expect 01 03 04 11 13 1a 1c 7f 80 ff 71
exit 0' $box -- sh -c 'stty raw -echo; echo ready; dd bs=1 count=11 2>/dev/null | hexdump -e "16/1 \"%02x \""'
at "all output is there at the end" 'exit 0' $box -- seq 1 100000
is "to the last line" "$(echo "$out" | wc -l) $(echo "$out" | tail -n 1)" "100000 100000"
at "also what a killed one wrote last" 'exit 137' $box -- sh -c 'seq 1 20000; kill -9 $$'
is "not a line is lost" "$(echo "$out" | wc -l)" 20000
at "and if the size of it is a pipe's" 'exit 0' sh -c "$box -- seq 1 100000 | tail -n 1"
is "all of it comes through" "$out" 100000

# --- job control in the container -----------------------------------------------------------------------------------------------

job_steps="expect # 
send /mnt/job\n
expect job runs
send ^Z
expect Stopped
expect # 
send jobs\n
expect Stopped
expect # 
send fg\n
expect job goes on
send ^C
expect job is done
expect # 
send /mnt/job &\n
expect job runs
send \n
expect # 
send jobs\n
expect Running
expect # 
send kill -STOP %1; until jobs >/tmp/j; grep -q Stopped /tmp/j; do :; done; echo is''stopped\n
expect isstopped
expect # 
send bg\n
expect job goes on
send kill -INT %1\n
expect job is done
send exit 5\n
exit 5"
at "job control in a shell inside" "$job_steps" $box -v "$work:/mnt" -e PS1='# ' -- sh -i
unlike "without a complaint" "$out" "can't access tty|job control"
at "job control in bash, in a Debian root" "$job_steps" cagebox run --lower "$root_debian" -v "$work:/mnt" -e 'PS1=# ' -- bash --norc -i
unlike "without a complaint there" "$out" 'no job control|cannot set terminal'
at "a login shell is at the terminal" 'expect # 
send echo $0; exit\n
expect -sh
exit 0' $box -e 'PS1=# '

# --- the caller's terminal ------------------------------------------------------------------------------------------------------

for way in 'a normal end|send q\n|0' 'TERM to the launcher|signal 15|143' 'a quick end|send q\n|0'; do
	rest=${way#*|}
	at "the caller's terminal is raw meanwhile and restored after ${way%%|*}" "raw
expect ready
${rest%|*}
exit ${rest##*|}
same" $box -- sh -c 'echo ready; read -r x'
done
at "also after settings of the caller's own" 'expect ready
send \n
exit 0' sh -c "stty -ixon intr ^B cols 77; stty -a >before; $box -- sh -c 'stty raw; echo ready; read -r x'; stty -a >after"
check "which come back to the letter" cmp before after
like "they were its own" "$(cat after)" 'intr = \^B'
at "after a failure to start" 'exit 127
same' $box -- nonsense
at_begin 'raw
expect ready
expect stopping
exit 143
same' $box --name tty-stop -- sh -c 'trap "echo stopping; trap - TERM; kill -TERM $$" TERM; echo ready; while :; do sleep 0.1; done'
wait_for grep -q ready shown
cagebox stop tty-stop
at_end "after stop"
at_begin 'raw
expect ready
exit 137
same' $box --name tty-kill -- sh -c 'echo ready; exec sleep 1000'
wait_for grep -q ready shown
cagebox kill -a tty-kill
at_end "after a kill of everything"
at "the launcher of a container without terminal leaves the caller's alone" 'expect ready
same
cooked
send in\n
expect got in
exit 0' $box --tty=no -- sh -c 'echo ready; read -r x; echo "got $x"'

# --- job control of the caller's shell ------------------------------------------------------------------------------------------

at "TSTP of the launcher stops it, with the terminal as it was" 'raw
expect ready
signal 20
stopped
same
signal 18
raw
send q\n
expect read q
exit 0
same' $box -- sh -c 'echo ready; read -r x; echo "read $x"'
at "a size changed meanwhile arrives" 'raw
expect ready
signal 20
stopped
size 25 90
signal 18
raw
send q\n
expect 25 90
exit 0' $box -- sh -c 'echo ready; read -r x; stty size'
at "fg and bg in the caller's shell" "expect \$ 
send $box --name jobs -- sh -c 'echo rea''dy; read -r x; echo got-\$x; read -r y'\\n
expect ready
raw
send one\\n
expect got-one
send pkill is not needed
send \\n
cooked
expect \$ 
send exit 3\\n
exit 3" env PS1='$ ' sh -i
at "TSTP in the caller's shell" "expect \$ 
send $box --name jobs -- sh -c 'echo rea''dy; read -r x; echo got-\$x'\\n
expect ready
raw
send one
expect one
size 31 99
send \\n
expect got-one
expect \$ 
cooked
send exit 3\\n
exit 3" env PS1='$ ' sh -i
at "the whole container without terminal stops with the launcher" 'expect ready
signal 20
stopped
signal 18
expect continued
exit 0' $box --tty=no -- sh -c 'trap "echo continued; exit 0" CONT; echo ready; while :; do sleep 0.1; done'

# --- hang-up -----------------------------------------------------------------------------------------------------------------------

# By HUP; by the stop signal if init has not said yet that the command runs.
at "when the caller's terminal goes away the container is told" 'raw
expect ready
hangup
exit 7' $box -- sh -c 'trap "exit 7" HUP TERM; echo ready; while :; do sleep 0.1; done'
finish
