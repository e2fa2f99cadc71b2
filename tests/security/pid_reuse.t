#!/bin/sh
# SPDX-License-Identifier: Zlib
# A process is known by pid, start time and boot together: a state file that names another process by a number that was used again never makes an
# applet touch it.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

sleep 4242 &
bystander=$!
start=$(sed 's/.*) //' /proc/$bystander/stat | cut -d' ' -f 20)
# Times of a start are counted in ticks: whatever comes from here on has another one.
until [ "$(cut -d' ' -f 22 /proc/self/stat)" != "$start" ]; do
	:
done
leaks_begin
alive()
{
	kill -0 $bystander 2>/dev/null
}

# A container whose monitor was killed, so that its state is all that is known. $1: more options. The bystander is put in init's place.
forge()
{
	cagebox run --lower "$root_busybox" -d --name box "$@" -- sh -c 'sleep 4243; :' >/dev/null
	state=/run/cagebox/box/state
	cp "$state" good
	monitor=$(sed -n 's/^monitor=//p' good)
	init=$(sed -n 's/^pid=//p' good)
	kill -9 "$monitor" "$init"
	wait_for sh -c "! kill -0 $monitor 2>/dev/null && ! kill -0 $init 2>/dev/null"
}

for keep in --keep=no --keep; do
	for command in 'list -a' 'stop -t 0s box' 'kill -a box' 'kill box' 'kill -s KILL box' 'exec box true' 'run --name box --lower '"$root_busybox"' -- true'; do
		forge $keep
		sed "s/^pid=.*/pid=$bystander/; s/^monitor=.*/monitor=$bystander/" good >"$state"
		# shellcheck disable=SC2086
		run timeout 20 cagebox $command
		check "$keep: the pid of another, with the start time of ours: $command" alive
		isnt "it did not wait for it" "$status" 124
		forge $keep
		sed "s/^pid=.*/pid=$bystander/; s/^pid_start=.*/pid_start=$start/; s/^boot=.*/boot=00000000-0000-0000-0000-000000000000/" good >"$state"
		# shellcheck disable=SC2086
		run timeout 20 cagebox $command
		check "$keep: pid and start time of another, from another boot: $command" alive
		for line in 'pid=1' 'pid=0' 'pid=-1' 'pid=99999999999' 'pid=x'; do
			forge $keep
			sed "s/^pid=.*/$line/" good >"$state"
			# shellcheck disable=SC2086
			run timeout 20 cagebox $command
			check "$keep: $line: $command" alive
		done
	done
done
check "the reaper of this test is alive as well" kill -0 1

# A monitor that runs, whose state file was changed under it: it goes by what it knows.
cagebox run --lower "$root_busybox" -d --name box -- sh -c 'sleep 4243; :' >/dev/null
cp /run/cagebox/box/state good
sed "s/^pid=.*/pid=$bystander/; s/^pid_start=.*/pid_start=1/" good >/run/cagebox/box/state
run cagebox kill -s KILL box
run cagebox stop -t 0s box
check "a running monitor does not read it" alive
is "and stops its own" "$status $(pgrep -fc '^sleep 4243')" "0 0"
finish
