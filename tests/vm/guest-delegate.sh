#!/bin/sh
# SPDX-License-Identifier: Zlib
# Cgroup v2 below its root: a cgroup that has processes cannot hand controllers on, and under systemd only what was delegated is ours.
# Run in a virtual machine by tests/vm/cgroups.t.
# shellcheck disable=SC2016,SC1091,SC2154 # commands in single quotes are for the shell inside; lib.sh sets variables
. "$(dirname "$0")/../lib.sh"

cc -o xattr "$top/tests/vm/xattr_helper.c" || bail_out "xattr_helper does not build"
root=/sys/fs/cgroup
outer=$root/outer

of()	# NAME FILTER
{
	cagebox list --json | jq -r ".[] | select(.name == \"$1\") | $2"
}

box()
{
	run cagebox run --lower "$root_busybox" "$@"
}

# here DIRECTORY: go into that cgroup.
here()
{
	mkdir -p "$1"
	echo $$ >"$1/cgroup.procs"
}

own_cgroup()
{
	sed -n 's/^0:://p' /proc/self/cgroup
}

isnt "controllers are to be had" "$(cat $root/cgroup.controllers)" ""

# --- a cgroup with processes ---------------------------------------------------------------------------------------------------

echo "+pids +memory +cpu +io" >$root/cgroup.subtree_control
here $outer
echo 200 >$outer/pids.max
box --strict --max-processes 10 --max-memory 64M -- sh -c 'cat /proc/self/cgroup; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done; echo all'
like "limits are in force below a cgroup that has processes" "$status $out $err" "^2 0::/.*fork"
is "whoever was in it is in a leaf below it now" "$(own_cgroup)" /outer/cagebox.leaf
is "nobody else is in it" "$(cat $outer/cgroup.procs)" ""
is "its own limit is as it was" "$(cat $outer/pids.max)" 200
box --strict -d -n below --max-processes 10 -- sleep 1000
is "from the leaf a container goes beside it, not into it" "$status $(ls -d $outer/cagebox-*)" "0 $outer/cagebox-below"
is "its limit is in force" "$(of below .limits.max_processes)" 10
is "its processes are counted" "$(cagebox stats --json below | jq .[0].pids.current)" 2
run cagebox stop -t 0 below
check "in the end it is removed" not test -e $outer/cagebox-below
check "the leaf remains: there are processes in it" test -d $outer/cagebox.leaf
here $root
rmdir $outer/cagebox.leaf $outer

# --- systemd ---------------------------------------------------------------------------------------------------------------------

# That it is there is told by this directory; the attribute is how it says that a cgroup is given away.
mkdir -p /run/systemd/system
scope=$root/user.slice/one.scope
here $scope
box --max-processes 10 -- echo ran
is "what systemd has not given away is left alone: the container runs" "$status $out" "0 ran"
like "and the warning says what helps" "$err" \
	'^cagebox: run: warning: max_processes is not enforced: systemd has not given the controller pids .*Delegate=yes'
is "nothing was moved" "$(own_cgroup)" /user.slice/one.scope
is "no controller was added" "$(cat $scope/cgroup.subtree_control $root/user.slice/cgroup.subtree_control)" ""
box --strict --max-processes 10 -- echo ran
like "with --strict it is an error" "$status $out$err" '^125 cagebox: run: max_processes is not enforced: systemd'
box -d -n plain -- sh -c 'trap "" TERM; while :; do sleep 0.1; done'
is "without limits a container has a cgroup all the same" "$status $(ls -d $scope/cagebox-*)" "0 $scope/cagebox-plain"
cagebox pause plain
is "by which it can be paused" "$(of plain .status)" paused
cagebox kill -a plain
check "and killed" not test -e $scope/cagebox-plain

here $root
echo "+pids +memory +cpu +io" >$root/user.slice/cgroup.subtree_control
here $scope
./xattr $scope trusted.delegate 1
box --strict -d -n given --max-processes 10 --max-memory 64M -- sleep 1000
is "what it has given away is used" "$status $err" "0 "
is "there, and nowhere else" "$(find $root -name 'cagebox-*')" $scope/cagebox-given
is "the limits are in force" "$(of given '.limits | "\(.max_processes) \(.max_memory)"')" "10 67108864"
cagebox stop -t 0 given
here $scope/further
box --strict --max-processes 10 -- cat /proc/self/cgroup
is "from further down the way leads up to it" "$status $out" "0 0::/"
here $root
find $root/user.slice -mindepth 1 -depth -type d -exec rmdir {} +
rmdir $root/user.slice
finish
