#!/bin/sh
# SPDX-License-Identifier: Zlib
# logs, and the log of what runs in the background: streams, times, following, the bound, what becomes of it.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

logs=/var/log/cagebox

box()
{
	cagebox run --lower "$root_busybox" -d "$@" >/dev/null || bail_out "no container: $*"
}

# A container that has ended.
done_box()
{
	box "$@"
	while [ "$1" != --name ]; do shift; done
	cagebox wait "$2"
	return 0
}

shows()
{
	cagebox logs "$1" 2>&1 | grep -q "$2"
}

total()
{
	cat "$@" | wc -c
}

error_is()
{
	is "$1" "$status $out$err" "125 cagebox: $2"
}

# --- what is shown --------------------------------------------------------------------------------------------------------

done_box --name talk -- sh -c 'echo one; sleep 0.1; echo two >&2; sleep 0.1; echo; printf "no end"; exit 3'
run cagebox logs talk
status_is "logs exits 0" 0
is "what was printed on standard output" "$out" "one

no end"
is "and on standard error" "$err" two
is "the last line has no end either" "$(cagebox logs talk 2>/dev/null | tail -c 1)" d
is "the file has an entry for each line" \
	"$(sed -E 's/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z //' "$logs/talk.log")" \
	"stdout F one
stderr F two
stdout F 
stdout P no end"
is "for root and its group" "$(stat -c %a "$logs" "$logs/talk.log" | tr '\n' ' ')" "750 640 "
like "the time is now, UTC" "$(cut -c 1-14 "$logs/talk.log")" "^$(date -u +%Y-%m-%dT%H:)|$(date -u -d -1min +%Y-%m-%dT%H:)"

run cagebox logs -t talk
is "-t: time and stream before each line" "$out" "$(sed -n 's/ stdout [FP] / stdout /p' "$logs/talk.log")"
is "of both" "$err" "$(sed -n 's/ stderr F / stderr /p' "$logs/talk.log")"
run cagebox logs --timestamps -n 2 talk
is "-n: the last lines" "$out" "$(tail -n 2 "$logs/talk.log" | sed 's/ [FP] / /')"
run cagebox logs -n 3 talk
is "of both streams together" "$out/$err" "
no end/two"
run cagebox logs --lines 0 talk
is "-n 0: none" "$status $out$err" "0 "
run cagebox logs -n 100 talk
is "-n with more than there are: all" "$out" "one

no end"
second=$(sed -n 2p "$logs/talk.log" | cut -d ' ' -f 1)
run cagebox logs --since "$second" talk
is "--since a time" "$out/$err" "
no end/two"
for since in 10h 2000-01-01 2000-01-01T00:00:00Z 2000-01-01T00:00:00.5Z "$(date -u -d -1hour +%Y-%m-%dT%H:%M:%SZ)"; do
	run cagebox logs --since "$since" talk
	is "--since $since" "$status $err $(echo "$out" | head -n 1)" "0 two one"
done
for since in 0s 2999-12-31 "$(date -u -d +1hour +%Y-%m-%dT%H:%M:%SZ)"; do
	run cagebox logs --since "$since" talk
	is "--since $since: nothing" "$status $out$err" "0 "
done
for since in yesterday 2026 2026-11 2026-13-01 2026-11-22T07:37:23 2026-11-22T07:37Z 2026-11-22T24:00:00Z 2026-11-22T07:37:23.Z \
	2026-11-22T07:37:23.1234567Z 2026-11-22Z 2026-11-22T07-37-23Z ''; do
	run cagebox logs --since "$since" talk
	[ "$since" != 2026 ] || continue # seconds
	error_is "--since '$since' is refused" \
		"logs: --since: '$since' is neither a time such as 2026-11-22T07:37:23Z nor a duration such as 10m"
done

done_box --name talk -- sh -c 'echo; echo again'
run cagebox logs talk
is "a name that is used again: its log goes on" "$out" "one

no end
again"

# --- names and options ----------------------------------------------------------------------------------------------------

run cagebox logs nosuch
error_is "an unknown name" "logs: there is no container and no log of the name nosuch"
run cagebox logs ../talk
like "what is no name" "$status $err" "^125 cagebox: logs: '../talk' is not a name"
run cagebox logs
like "no name" "$status $err" "^125 cagebox: logs: takes one container's name: logs "
run cagebox logs talk talk
like "two" "$status $err" "^125 cagebox: logs: takes one container's name: logs "
run cagebox logs -n many talk
like "a number that is none" "$status $err" "^125 cagebox: logs: .*many"
run cagebox logs --tail 3 talk
like "an unknown option" "$status $err" "^125 cagebox: logs: .*--tail"
run cagebox logs --help
is "--help" "$status" 0
rm -r /run/cagebox/talk
run cagebox logs -f talk
like "the log of one that is not remembered any more" "$status $out" '^0 one$'

done_box --name mute --log none -- echo hello
run cagebox logs mute
error_is "--log none" "logs: the container mute has no log: it was not started in the background, or with --log none"
check "makes no file" test ! -e "$logs/mute.log"
run cagebox run --lower "$root_busybox" --name front -- echo hello
run cagebox logs front
error_is "one in the foreground has none" \
	"logs: the container front has no log: it was not started in the background, or with --log none"

# --- where it goes ----------------------------------------------------------------------------------------------------------

done_box --name else --log "$work/else.txt" -- echo hello
is "--log FILE" "$(cagebox logs else)" hello
like "is written" "$(cat else.txt)" '^[^ ]* stdout F hello$'
rm -r /run/cagebox/else
run cagebox logs else
status_is "without its record nobody knows of it" 125
mkfifo fifo
mkdir dir
ln -s else.txt link
for what in fifo dir link none/x; do
	run cagebox run --lower "$root_busybox" -d --log "$work/$what" -- true
	like "--log $what is refused" "$status $err" "^125 cagebox: run: .*$work/$what"
done
box --name first --log "$work/shared.log" -- sleep 1000
run cagebox run --lower "$root_busybox" -d --name second --log "$work/shared.log" -- true
like "two cannot write to one log" "$status $err" "^125 cagebox: run: the log $work/shared.log is in use by another container"
cagebox stop -t 0 first
run cagebox run --lower "$root_busybox" -d -- sh -c 'echo made up; sleep 1000'
name=$out
check "a container without a name has a log" wait_for shows "$name" 'made up'
cagebox logs -f "$name" >followed &
follower=$!
check "which can be followed" wait_for grep -q made followed
cagebox stop -t 0 "$name"
check "to its end" wait $follower
is "it goes away with the container" "$(find "$logs" -name "$name*")" ""
run cagebox logs "$name"
error_is "which is not known then" "logs: there is no container and no log of the name $name"

# --- a terminal -------------------------------------------------------------------------------------------------------------

done_box --name pty --tty=yes -- sh -c 'tty; echo two >&2; printf "progress\rdone\n"'
is "what comes from a pty has no CR before the end of a line" "$(cagebox logs pty | od -c | tr -d ' \n')" \
	"$(printf '/dev/pts/0\ntwo\nprogress\rdone\n' | od -c | tr -d ' \n')"

# --- following --------------------------------------------------------------------------------------------------------------

counts='echo before; echo begin
until [ -e /mnt/go ]; do sleep 0.02; done
i=0; while [ $i -lt 5000 ]; do echo "line $i"; i=$((i + 1)); done
echo end >&2; printf rest; exit 4'
box --name count -v "$work:/mnt" --log-size 16K --log-count 100 -- sh -c "$counts"
cagebox logs -f count >followed 2>followed.err &
follower=$!
cagebox logs -f -n 1 count >later 2>/dev/null &
later=$!
check "-f shows what there is" wait_for grep -q begin followed
check "-f -n 1 the last line of it" wait_for grep -q begin later
touch go
code=0
wait $follower || code=$?
is "it ends with the container" "$code" 0
{ echo before; echo begin; seq -f 'line %.0f' 0 4999; printf rest; } >expected
check "and has shown everything, over rotations" cmp followed expected
is "of both streams" "$(cat followed.err)" end
check "there were some" test -e "$logs/count.log.10"
wait $later
check "the other from there on" sh -c 'tail -n +2 expected | cmp later -'
cagebox logs count >shown 2>/dev/null
check "so does logs afterwards" cmp shown expected
cagebox logs -n 4000 count >shown 2>/dev/null
check "-n goes back over several files" sh -c 'tail -n 3999 expected | cmp shown -'
run cagebox logs -f count
status_is "one that has ended is not waited for" 0

box --name idle -- sh -c 'echo up; sleep 1000'
wait_for shows idle up
run timeout 10 sh -c 'cagebox logs -f idle | head -n 1'
is "when nobody reads any more it ends" "$status $out$err" "0 up"
run timeout 10 sh -c 'cagebox logs -f idle 2>err | true; cat err'
is "quietly" "$status $out$err" "0 "
cagebox logs -f idle >followed &
follower=$!
wait_for grep -q up followed
kill -9 "$(cagebox list --json | jq -r '.[] | select(.name == "idle") | .monitor')"
check "when the monitor is killed it ends, too" wait $follower
cagebox list >/dev/null
is "what was written can be read" "$(cagebox logs idle)" up

# --- the bound --------------------------------------------------------------------------------------------------------------

done_box --name flood --log-size 16K --log-count 3 -- sh -c 'yes 0123456789 | head -n 250000; echo last'
check "a log has so many files" test -e "$logs/flood.log.2" -a ! -e "$logs/flood.log.3"
check "all together not longer than asked for ($(total "$logs"/flood.log*))" test "$(total "$logs"/flood.log*)" -le 49152
is "the end is there" "$(cagebox logs -n 1 flood)" last
done_box --name flood --log-size 16K --log-count 1 -- echo more
check "with fewer the next time the others go" test ! -e "$logs/flood.log.1" -a "$(total "$logs"/flood.log*)" -le 16384
is "what was added is there" "$(cagebox logs -n 1 flood)" more
mkdir small
mount -t tmpfs -o size=32k small small
box --name full --log "$work/small/full.log" -- sh -c 'yes 0123456789 | head -c 300000; exit 7'
code=0
cagebox wait full || code=$?
is "a full disk holds up nobody" "$code" 7
check "entries are whole" sh -c '! grep -vE "^[-0-9T:.]*Z stdout [FP] [0-9]*$" small/full.log'
umount small
run cagebox run --lower "$root_busybox" -d --log-size 1K -- true
like "a size that is too small" "$status $err" '^125 cagebox: run: .*1K'
run cagebox run --lower "$root_busybox" -d --log-count 0 -- true
like "no file at all" "$status $err" '^125 cagebox: run: .*0'
finish
