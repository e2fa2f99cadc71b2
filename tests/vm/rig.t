#!/bin/sh
# SPDX-License-Identifier: Zlib
# The virtual machines that tests run in: each arrangement of cgroups is what it is called, and a test that fails there, or a machine that
# ends by itself, is never taken for a pass.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

rig=$top/tests/vm/rig
CAGEBOX_TEST_WORK=$work/machines
export CAGEBOX_TEST_WORK

for cgroup in v2 hybrid v1 none bare; do
	run "$rig" -c $cgroup "$top/tests/vm/guest-check.sh"
	status_is "$cgroup: what is to be seen there" 0
	unlike "$cgroup: no failure" "$out" '^(not ok|Bail out)'
	like "$cgroup: to the end" "$out" '^1\.\.[1-9]'
done

# inside COMMANDS OPTION...: run them in a machine
inside()
{
	printf '%s\n' "$1" >inside.t
	shift
	run "$rig" "$@" inside.t
}

echo disk >disk
truncate -s 1M disk
inside 'echo ok 1; echo not ok 2; echo 1..2; head -n 1 /dev/vda; stat -f -c %T .; ls README.md; ls /sys/module | grep veth
	tr " " "\n" </proc/cmdline | grep some; echo wrong >&2; exit 3' -d disk -e -m veth -M 384 -f README.md -a some=word
status_is 'a status of its own' 3
is 'what it printed' "$out" "$(printf '%s\n' 'ok 1' 'not ok 2' 1..2 disk ext2/ext3 README.md veth some=word)"
is 'and its complaint' "$err" wrong

# A kernel that panics has been seen to hang on its way to the reboot: the rig says so, too.
inside 'echo ok 1; echo 1..1; echo c >/proc/sysrq-trigger; sleep 1000' -t 40
status_is 'a panic' 1
like 'has what came before' "$out" '^ok 1$'
like 'and its reason' "$out" '^Bail out! .*: (it rebooted|no end after 40) .*; its console: .*Kernel panic .* sysrq triggered crash'

inside 'echo ok 1; echo 1..1; busybox poweroff -f; sleep 1000'
status_is 'switched off' 1
like 'is no end' "$out" '^Bail out! .* switched off'

inside 'echo ok 1; exec sleep 1000' -t 8
status_is 'a hang' 1
like 'is one' "$out" '^Bail out! .*: no end after 8 seconds'

run "$rig" -c v3 inside.t
is 'what is no arrangement' "$status $out" '1 Bail out! -c v3 is none of v1, v2, hybrid, none and bare'
run "$rig" missing.t
is 'what is no test' "$status $out" '1 Bail out! missing.t is no test'

machine_runs()
{
	pgrep qemu-system >/dev/null
}

for signal in TERM KILL; do
	"$rig" inside.t >ended 2>&1 &
	rig_pid=$!
	check "$signal: a machine runs" wait_for machine_runs
	kill -s $signal $rig_pid
	wait $rig_pid
	check "$signal: and ends with the rig" wait_for not machine_runs
	[ $signal = KILL ] || is "$signal: its files are gone" "$(ls machines)" ''
done
finish
