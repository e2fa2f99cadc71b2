#!/bin/sh
# SPDX-License-Identifier: Zlib
# attach: what is shown of a container in the background, to several at once, to those who read slowly or not at all; what is typed; how
# it is left, and how it ends.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

musl-gcc -static -O1 -o pty "$top/tests/e2e/pty_helper.c" || bail_out "pty_helper does not build"
cc -O1 -I"$top/core" -o client "$top/tests/e2e/attach_helper.c" || bail_out "attach_helper does not build"

box()
{
	cagebox run --lower "$root_busybox" -d -v "$work:/mnt" "$@" >/dev/null || bail_out "no container: $*"
}

# monitor_of NAME; attached NAME N: whether so many clients are.
monitor_of()
{
	cagebox list --json | jq -r ".[] | select(.name == \"$1\") | .monitor"
}

attached()
{
	[ "$(find "/proc/$(monitor_of "$1")/fd" -lname 'socket:*' | wc -l)" = $(($2 + 2)) ]
}

stopped()
{
	grep -q '^State:	T' "/proc/$1/status"
}

# begin N STEPS COMMAND...: at terminal number N, of 30 rows and 100 columns; goes on meanwhile. end N TITLE passes if all steps could
# be done; $out is what was shown.
begin()
{
	printf '%s\n' "$2" >"steps$1"
	: >"shown$1"
	begun=$1
	shift 2
	./pty 30 100 sh -c 'echo $$ >pid$0; exec "$@"' "$begun" "$@" <"steps$begun" >"shown$begun" 2>"failures$begun" &
	eval "driver$begun=\$!"
}

end()
{
	status=0
	eval "wait \$driver$1" || status=$?
	out=$(tr -d '\r' <"shown$1")
	err=$(cat "failures$1")
	status_is "$2" 0
}

# at TITLE STEPS COMMAND...
at()
{
	at_title=$1
	shift
	begin 0 "$@"
	end 0 "$at_title"
}

error_is()
{
	is "$1" "$status $out$err" "125 cagebox: $2"
}

# type LINE: have a new file `line` that it can be read from, and that does not end.
type_line()
{
	rm -f line
	mkfifo line
	exec 8<>line
	echo "$1" >&8
}

shell='echo first; PS1="# " exec sh -i'

# --- a terminal -----------------------------------------------------------------------------------------------------------

box --name at-tty --tty=yes -- sh -c "$shell"
at "what was printed before is shown, what is typed arrives, the keys leave it" 'raw
expect first
expect # 
send echo sec$((0))nd\n
expect sec0nd
send ^P^Q
expect runs on
exit 0
same' cagebox attach at-tty
is "it runs on" "$(cagebox list --json | jq -r '.[0].status')" running
at "the next one sees all of it" 'expect first
expect sec0nd
send echo $((40+2))\n
expect 42
send ^P
send ^Q
expect runs on
exit 0
same' cagebox attach at-tty
like "the log has it, too" "$(cagebox logs at-tty)" '^sec0nd$'
at "other keys" 'expect first
send ^P^Qecho a+\n
expect a+
send ^Xa
expect runs on
exit 0
same' cagebox attach --detach-keys ctrl-x,a at-tty
at "what only begins like them arrives" 'expect first
send echo bbx | tr b d\n
expect ddx
send bba
expect runs on
exit 0' cagebox attach --detach-keys b,b,a at-tty
at "the terminal has the size of the client's" 'expect first
send stty size\n
expect 30 100
size 41 123
send echo now:$(stty size)\n
expect now:41 123
send ^P^Q
exit 0' cagebox attach at-tty

begin 1 'expect first
expect tw0 clients
send echo from-$((1))\n
expect from-1
expect from-2
size 21 91
expect hidden?
send stty size\n
expect 21 91
expect 31 101
send echo old:$(stty size)\n
expect old:21 91
expect ov3r
send ^P^Q
exit 0' cagebox attach at-tty
begin 2 'expect first
expect tw0 clients
expect from-1
send echo from-$((2))\n
expect from-2
send echo hidden?\n
expect 21 91
size 31 101
send stty size\n
expect 31 101
expect old:21 91
send echo ov$((3))r\n
expect ov3r
send ^P^Q
exit 0' cagebox attach at-tty
begin 3 'raw
expect first
expect tw0 clients
send echo not typed\n
size 11 33
expect ov3r
send ^P^Q
expect runs on
exit 0
same' cagebox attach -r at-tty
wait_for grep -q first shown1
wait_for grep -q first shown2
wait_for grep -q first shown3
at "a fourth one begins" 'expect first
send echo tw$((0)) clients\n
expect tw0 clients
send ^P^Q
exit 0' cagebox attach at-tty
end 1 "two see and type the same, the size is that of the last who typed"
end 2 "in the other as well"
end 3 "who only looks on sees it"
unlike "and cannot type" "$(cat shown1 shown2)" 'not typed'
unlike "nor set the size" "$(cat shown1 shown2)" '11 33'

at "the input of one that ends does not end the terminal" 'exit 0' \
	sh -c 'echo "echo p$((6 * 7))" | cagebox attach at-tty | { grep -m 1 p42; }'
begin 1 'raw
expect first
exit 143
same' cagebox attach at-tty
wait_for grep -q first shown1
kill -TERM "$(cat pid1)"
end 1 "a signal leaves it, the terminal is as it was"
for signal in 1 2 3 10; do
	begin 1 "raw
expect first
signal $signal
exit $((128 + signal))
same" cagebox attach at-tty
	end 1 "signal $signal, too"
done
at "TSTP stops it, with the terminal as it was" 'raw
expect first
signal 20
stopped
same
size 25 90
signal 18
raw
send stty size\n
expect 25 90
send ^P^Q
exit 0
same' cagebox attach at-tty
begin 1 'raw
expect first
signal 9
exit 137' cagebox attach at-tty
end 1 "KILL ends it"
at "others see nothing of that; it exits with the container's code" 'raw
expect first
send exit 7\n
exit 7
same' cagebox attach at-tty
run timeout 20 cagebox attach at-tty
error_is "which has ended" "attach: the container at-tty is not running"

box --name at-keys --tty=yes -- sh -c 'stty raw -echo; echo first; dd bs=1 count=4 2>/dev/null | hexdump -e "4/1 \"%02x \""'
at "the keys can be none" 'expect first
send ^P^Q^Cx
expect 10 11 03 78
exit 0
same' cagebox attach --detach-keys none at-keys

box --name at-hangup --tty=yes -- sh -c "$shell"
at "when the client's terminal goes away" 'raw
expect first
hangup
exit 129' cagebox attach at-hangup
is "the container runs on" "$(cagebox list --json | jq -r '.[] | select(.name == "at-hangup") | .status')" running
begin 1 'raw
expect first
exit 137
same' cagebox attach at-hangup
wait_for grep -q first shown1
cagebox kill -a at-hangup
end 1 "kill -a of the container"
box --name at-stop --tty=yes -- sh -c 'trap "echo stopping; exit 9" TERM; echo first; while :; do sleep 0.05; done'
begin 1 'raw
expect first
expect stopping
exit 9
same' cagebox attach at-stop
wait_for grep -q first shown1
cagebox stop at-stop
end 1 "stop of the container: all that it says is shown"

# --- the end of the output --------------------------------------------------------------------------------------------------

# Most is written before the container can be attached to: it begins once somebody has typed.
flood='stty raw -echo 2>/dev/null; echo ready; read -r x; i=0; while [ $i -lt 20 ]; do cat /mnt/50k; i=$((i + 1)); done; printf "the last byte:."; exit 5'
seq -f '%08.0f' 1 5556 | head -c 50000 >50k
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do cat 50k; done >1m
box --name at-flood --tty=yes -- sh -c "$flood"
begin 1 'expect ready
send \n
exit 5
same' cagebox attach at-flood
end 1 "a program that writes a megabyte and exits: its exit code"
{ printf 'ready\n'; cat 1m; printf 'the last byte:.'; } >expected
tr -d '\r' <shown1 >shown
check "all of it came before" cmp expected shown
like "over its terminal" "$(tail -c 20 shown)" 'the last byte:\.$'

box --name at-pipe --stdin -- sh -c "$flood"
code=0
type_line ''
cagebox attach at-pipe <line >shown 2>shown.err || code=$?
is "without a terminal: the exit code" "$code" 5
{ cat 1m; printf 'the last byte:.'; } >expected
tail -c "$(wc -c <expected)" shown >last
check "all of it, too" cmp expected last
is "and nothing else" "$(cat shown.err)" ""

# --- those who do not read --------------------------------------------------------------------------------------------------

# Twenty megabytes, with one client that was stopped before and one that reads on.
box --name at-load --stdin -- sh -c 'echo ready; read -r x; i=0; while [ $i -lt 20 ]; do cat /mnt/1m; i=$((i + 1)); done
	echo "the end" >&2; echo "the end"; touch /mnt/all; while [ ! -e /mnt/go ]; do sleep 0.02; done; exit 6'
cagebox attach -r at-load >slow 2>slow.err &
slow=$!
wait_for attached at-load 1
kill -STOP $slow
wait_for stopped $slow
type_line ''
cagebox attach at-load <line >quick 2>quick.err &
quick=$!
check "a client that has stopped does not hold up the program" wait_for test -e all
check "nor another client" wait_for grep -q 'the end' quick
is "which sees every byte" "$(tail -c 20000008 quick | wc -c) $(cat quick.err)" "20000008 the end"
i=0
while [ $i -lt 20 ]; do cat 1m; i=$((i + 1)); done >20m
echo 'the end' >>20m
check "as it was written" sh -c 'tail -c 20000008 quick | cmp 20m -'
check "the first one has seen next to nothing meanwhile" test "$(wc -c <slow)" -lt 200000
kill -CONT "$slow"
check "when it goes on it is told of the gap, and sees the end" wait_for grep -q 'the end' slow
like "with the number of bytes" "$(cat slow.err)" '^\[cagebox: [0-9]+ bytes left out\]$'
missing=$(sed -n 's/^\[cagebox: \([0-9]*\) bytes left out\]$/\1/p' slow.err | awk '{ n += $1 } END { print n }')
seen=$(($(wc -c <slow) - $(grep -c '^ready$' slow) * 6))
is "that are missing" "$((seen + missing))" 20000008
tail -c 10000 20m >expected
check "the last piece is the end of what was written" sh -c 'tail -c 10000 slow | cmp expected -'
touch go
code=0
wait $slow || code=$?
is "it ends as the other one" "$code" 6
code=0
wait $quick || code=$?
is "which ends so, too" "$code" 6
rm -f go all 20m

# One that is still stopped when the container ends.
box --name at-late --stdin -- sh -c 'read -r x; cat /mnt/1m; exit 3'
cagebox attach -r at-late >slow 2>slow.err &
slow=$!
wait_for attached at-late 1
kill -STOP $slow
wait_for stopped $slow
code=0
type_line ''
cagebox attach at-late <line >shown || code=$?
is "the end is told to those who read" "$code" 3
check "wait does not wait for the other one" test "$(cagebox wait at-late; echo $?)" = 3
kill -CONT $slow
code=0
wait $slow || code=$?
is "which learns of it a little later" "$code" 3
tail -c 10000 1m >expected
check "and sees the last of the output" sh -c 'tail -c 10000 slow | cmp expected -'

# A terminal: the program draws everything anew.
box --name at-gap --tty=yes -- sh -c 'trap "echo drawn" WINCH; echo first; while [ ! -e /mnt/go ]; do sleep 0.02; done
	cat /mnt/1m; touch /mnt/all; while [ ! -e /mnt/gone ]; do sleep 0.02; done; echo last; exit 4'
begin 1 'expect first
signal 19
stopped
expect bytes left out]
expect drawn
expect last
exit 4
same' cagebox attach at-gap
wait_for grep -q first shown1
wait_for stopped "$(cat pid1)"
touch go
check "a terminal that stands still does not hold up the program" wait_for test -e all
kill -CONT "$(cat pid1)"
wait_for grep -q 'drawn' shown1
touch gone
end 1 "when it goes on it has a gap, and what is drawn anew"
check "of the megabyte it has seen a part" test "$(wc -c <shown1)" -lt 500000
rm -f go gone all

# --- what it costs ----------------------------------------------------------------------------------------------------------

slim()
{
	[ "$(sed -n 's/^Rss: *\([0-9]*\) kB$/\1/p' "/proc/$1/smaps_rollup")" -le 44 ]
}
box --name at-slim --stdin -- sh -c 'read -r x; cat /mnt/1m; read -r x; exit 2'
type_line ''
cagebox attach at-slim <line >shown 2>&1 &
client=$!
check "a client that sees a megabyte" wait_for sh -c '[ "$(wc -c <shown)" = 1000000 ]'
kill $client
wait $client || true
check "costs the monitor nothing once it has left" wait_for slim "$(monitor_of at-slim)"
cagebox kill -a at-slim

# --- standard input ---------------------------------------------------------------------------------------------------------

box --name at-cat --stdin -- sh -c 'cat; echo done >&2; exit 8'
cagebox attach -r at-cat >looked 2>looked.err &
looker=$!
seq 1 200000 >numbers
code=0
cagebox attach at-cat <numbers >shown 2>shown.err || code=$?
is "with --stdin the input is the client's, to its end" "$code $(cat shown.err)" "8 done"
check "every byte of it" cmp numbers shown
code=0
wait $looker || code=$?
is "who looks on gets both streams apart" "$code $(cat looked.err)" "8 done"
box --name at-keep-in --stdin -- sh -c 'read -r x; echo "one $x"; read -r x; echo "two $x"; read -r x || echo "no more"; exit 2'
begin 1 'cooked
send a\n
expect one a
signal 15
exit 143
same' cagebox attach at-keep-in
end 1 "a client without a terminal to attach to: the caller's stays as it is"
begin 1 'cooked
send b\n
expect two b
send ^D
expect no more
exit 2
same' cagebox attach at-keep-in
end 1 "a signal did not end the input, the end of the input does"
box --name at-deaf --stdin -- sh -c 'echo up; while [ ! -e /mnt/go ]; do sleep 0.02; echo tick; done; wc -c; exit 1'
head -c 3000000 /dev/zero | tr '\0' x >3m
cagebox attach at-deaf <3m >shown 2>&1 &
writer=$!
wait_for grep -q tick shown
cagebox attach at-deaf </dev/null >looked 2>&1 & # which has typed nothing: its end is not that of the input
looker=$!
check "a command that does not read its input holds up nobody's output" wait_for sh -c 'tail -n 1 looked | grep tick'
before=$(wc -l <shown)
check "not even of who has typed it" wait_for sh -c "[ \$(wc -l <shown) -gt $((before + 5)) ]"
touch go
code=0
wait $writer || code=$?
is "and gets all of it once it reads" "$code $(tail -n 1 shown)" "1 3000000"
wait $looker
rm -f go
box --name at-null -- sh -c 'cat; echo "no input"; while [ ! -e /mnt/go ]; do sleep 0.02; done; exit 3'
echo nothing | cagebox attach at-null >shown 2>&1 &
writer=$!
wait_for sh -c 'cagebox logs at-null | grep -q "no input"'
touch go
code=0
wait $writer || code=$?
like "without --stdin there is none" "$code $(cat shown)" '^3 (no input)?$'
rm -f go

# --- names, numbers, users --------------------------------------------------------------------------------------------------

run cagebox attach nosuch
error_is "an unknown name" "attach: no container is called nosuch"
run cagebox attach ../x
like "what is no name" "$status $err" "^125 cagebox: attach: '../x' is not a name"
run cagebox attach
like "no name" "$status $err" "^125 cagebox: attach: takes one container's name: attach "
run cagebox attach --detach-keys ctrl-1 x
like "keys that are none" "$status $err" "^125 cagebox: attach: --detach-keys: 'ctrl-1' is not a list of at most 16 keys such as"
box --name at-none --log none -- sleep 1000
run cagebox attach at-none
error_is "one without anything to attach to" \
	"attach: the container at-none has no terminal and no streams: it was started with --log none"
cagebox kill -a at-none
cagebox run --lower "$root_busybox" --name at-front -- sh -c 'echo up; sleep 1000' >front &
front=$!
wait_for grep -q up front
run cagebox attach at-front
error_is "one in the foreground" "attach: the container at-front runs in the foreground: it is where it was started"
cagebox kill -a at-front
wait $front

box --name at-keep --keep -- sh -c 'echo first; sleep 1000'
cagebox attach at-keep >shown 2>&1 &
looker=$!
wait_for attached at-keep 1
kill -KILL "$(monitor_of at-keep)"
code=0
wait $looker || code=$?
is "when the monitor is killed it says so" "$code $(cat shown)" "125 cagebox: attach: the monitor of at-keep is gone"
run cagebox attach at-keep
error_is "one without a monitor" "attach: the monitor of at-keep is gone: what it prints cannot be seen any more"
cagebox kill -a at-keep
box --name at-lost --tty=yes -- sh -c "$shell"
begin 1 'raw
expect first
exit 125
same' cagebox attach at-lost
wait_for grep -q first shown1
kill -KILL "$(monitor_of at-lost)"
end 1 "also when the container goes with it, and the terminal is as it was"
like "with the same words" "$out" 'cagebox: attach: the monitor of at-lost is gone'
cagebox list >/dev/null

box --name at-pause --tty=yes -- sh -c 'echo first; while :; do echo tick; sleep 0.05; done'
wait_for sh -c 'cagebox logs at-pause | grep -q tick'
if cagebox pause at-pause 2>pause.err; then
	wait_for sh -c 'cagebox list --json | jq -r ".[] | select(.name == \"at-pause\") | .status" | grep -q paused'
	begin 1 'expect first
send ^P^Q
expect runs on
exit 0' cagebox attach at-pause
	end 1 "a paused one can be attached to"
	ticks=$(cagebox logs at-pause | wc -l)
	begin 1 'expect first
never resumed
expect tick
send ^P^Q
exit 0' cagebox attach at-pause
	wait_for grep -q first shown1
	is "it prints nothing" "$(cagebox logs at-pause | wc -l)" "$ticks"
	cagebox resume at-pause
	end 1 "and goes on when it is resumed"
else
	skip "a paused container" "a freezer: $(cat pause.err)"
fi
cagebox kill -a at-pause

box --name at-many --stdin -- sh -c 'while read -r x; do echo "got $x"; done; exit 3'
socket=/run/cagebox/at-many/control
mkfifo held
./client many $socket 20 <held >many &
many=$!
exec 9>held
wait_for grep -q in many
is "sixteen are let in, the next one is told" "$(cat many)" \
	"16 in, then: 16 are attached to the container at-many already: there is no room for more"
run cagebox attach at-many
error_is "by attach as well" "attach: 16 are attached to the container at-many already: there is no room for more"
exec 9>&-
wait $many
./client silent $socket 100 || fail "nobody is let in any more"
check "who goes away without having read has still typed" wait_for sh -c '[ "$(cagebox logs at-many | grep -c "^got x$")" = 100 ]'
./client type $socket
echo 'after that' | cagebox attach at-many >shown
is "looking on means no typing, whatever the client says" "$(cagebox logs at-many | tail -n 1)" "got after that"
unlike "none of it" "$(cagebox logs at-many)" nobody

for tty in yes no; do
	box --name at-hostile --tty=$tty --stdin -- sh -c 'echo first; while read -r x; do echo "heard $x"; [ "$x" != bye ] || exit 4; done'
	monitor=$(monitor_of at-hostile)
	fds=$(find "/proc/$monitor/fd" | wc -l)
	check "nonsense on the control socket (tty=$tty)" ./client hostile /run/cagebox/at-hostile/control
	check "leaves no descriptor in the monitor" wait_for sh -c "[ \$(find /proc/$monitor/fd | wc -l) -le $fds ]"
	unlike "nothing of it is heard" "$(cagebox logs at-hostile)" 'not heard|nonsense'
	code=0
	type_line bye
	cagebox attach at-hostile <line >shown || code=$?
	is "and harms nobody" "$code $(tr -d '\r' <shown | tail -n 1)" "4 heard bye"
done

box --name at-other --stdin -- sh -c 'echo first; read -r x'
run as_user cagebox attach at-other
like "another user cannot attach" "$status" 125
chmod 755 /run/cagebox /run/cagebox/at-other
chmod 666 /run/cagebox/at-other/control
run as_user "$work/client" type /run/cagebox/at-other/control
like "not even if the socket can be reached" "$status $err" '^1 no answer$'
chmod 700 /run/cagebox /run/cagebox/at-other
cagebox kill -a at-other

# What it prints at its very beginning is there, over and over.
wrong=
for i in 1 2 3 4 5 6 7 8; do
	box --name at-early --tty=yes -- sh -c 'echo early; read -r x; exit 2'
	run sh -c 'echo | cagebox attach at-early'
	[ "$status $(printf '%s\n' "$out" | tr -d '\r' | grep -cx early)" = "2 1" ] || wrong="$wrong $status $out"
done
is "the first line of a terminal's output is shown" "$wrong" ""
finish
