#!/bin/sh
# SPDX-License-Identifier: Zlib
# The life of a container's cgroups: what it makes of its own, what others make of the names, who may enter, who asks for a pause when.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

mkdir share
musl-gcc -static -O1 -D_GNU_SOURCE -o share/helper "$top/tests/e2e/cgroups_helper.c" || bail_out "cgroups_helper does not build"

box()
{
	cagebox run -d --lower "$root_busybox" -v "$work/share:/mnt" "$@" >/dev/null || bail_out "no container: $*"
}

of()	# NAME FILTER
{
	cagebox list -a --json | jq -r ".[] | select(.name == \"$1\") | $2"
}

# The cgroups of a container as the state has them, a line for each.
cgroups_of()	# NAME
{
	sed -n 's/^cgroup=//; T; s/\\012/\n/g; p' "/run/cagebox/$1/state"
}

# A hierarchy by which processes are held together, as the helper names it: v2, else v1's freezer.
box --name cgroups-look -- sleep 1000
first=$(cgroups_of cgroups-look | grep -v cpuset | head -n 1)
if [ -z "$first" ]; then
	cagebox kill -a cgroups-look
	skip_all "a cgroup file system"
fi
hierarchy=freezer
for dir in $(cgroups_of cgroups-look | tr '\n' ' '); do
	[ ! -e "$dir/cgroup.events" ] || hierarchy=cgroup2
done
check "a container in the background has cgroups, its processes in the inner ones" \
	grep -q "/cagebox-cgroups-look/box$" "/proc/$(of cgroups-look .pid)/cgroup"
cagebox kill -a cgroups-look

# --- vandals -----------------------------------------------------------------------------------------------------------------

# vandal TITLE COMMAND: the container does that in its own cgroup, to which the filter would not let it, then goes on; it must go down quickly, with
# all that it made.
vandal()
{
	rm -f share/done
	box --name cgroups-vandal --seccomp off --stop-timeout 1s -- /mnt/helper "$hierarchy" /tmp sh -c "cd /tmp && { $2; }; touch /mnt/done; exec sleep 1000"
	check "$1: it can do that" wait_for test -e share/done
	run timeout 20 cagebox kill -a cgroups-vandal
	status_is "$1: it ends all the same" 0
	is "$1: nothing of its cgroups is left" "$(find /sys/fs/cgroup -name 'cagebox-cgroups-vandal' 2>/dev/null)" ""
}
vandal "directories that are hidden" 'mkdir .x .x/.y ..z && echo $$ >.x/.y/cgroup.procs'
vandal "very deep ones" 'd=. && for i in $(seq 60); do d=$d/d && mkdir $d; done && echo $$ >$d/cgroup.procs'
vandal "many" 'for i in $(seq 300); do mkdir d$i d$i/e; done'
case $hierarchy in
cgroup2) frozen='mkdir f && sh -c "echo \$\$ >f/cgroup.procs; exec sleep 1000" & until grep -q . f/cgroup.procs; do :; done; echo 1 >f/cgroup.freeze' ;;
*) frozen='mkdir f && sh -c "echo \$\$ >f/tasks; exec sleep 1000" & until grep -q . f/tasks; do :; done; echo FROZEN >f/freezer.state' ;;
esac
vandal "a part of it frozen by itself" "$frozen"
leaks_check "nothing is left of vandals"

# --- names -------------------------------------------------------------------------------------------------------------------

box --name cgroups-name -- true
cagebox wait cgroups-name
is "the record of an end names no cgroups: they are gone" "$(cgroups_of cgroups-name)" ""
mkdir "$first" 2>/dev/null
taken=${first%look}name
mkdir "$taken" && sh -c 'echo $$ >"$1/cgroup.procs"; exec sleep 1000' - "$taken" &
stranger=$!
wait_for grep -qx "$stranger" "$taken/cgroup.procs"
run cagebox run -d --name cgroups-name --lower "$root_busybox" -- true
like "somebody else's process in a cgroup of that name is an error that names it" "$status $err" "^125 cagebox: run: .*$taken"
check "and it lives" kill -0 "$stranger"
kill "$stranger"
wait "$stranger" 2>/dev/null
wait_for rmdir "$taken" 2>/dev/null
rmdir "$first"

# --- who may mount -----------------------------------------------------------------------------------------------------------

box --name cgroups-mounter --cap-add sys_admin -- sleep 1000
is "who may mount is below a cgroup of its own in every hierarchy" "$(grep -v '/cagebox-cgroups-mounter/box$' "/proc/$(of cgroups-mounter .pid)/cgroup" |
	while IFS=: read -r _ list _; do ! grep -q " - cgroup.*${list:-cgroup2}" /proc/self/mountinfo || echo "$list"; done)" ""
cagebox kill -a cgroups-mounter

# --- joining -----------------------------------------------------------------------------------------------------------------

box --name cgroups-join --max-processes 5 -- sleep 1000
run unshare -m sh -c 'umount -R -l /sys/fs/cgroup && cagebox exec cgroups-join echo in'
like "who cannot reach its cgroups cannot join: it would be without limits" "$status $out$err" '^125 cagebox: exec: the cgroups of cgroups-join cannot be reached'
run cagebox exec cgroups-join echo in
is "others can" "$status $out" "0 in"
cagebox kill -a cgroups-join

# --- pause and stop ----------------------------------------------------------------------------------------------------------

rm -f share/asked
box --name cgroups-stop --stop-timeout 60s -- sh -c 'trap "touch /mnt/asked" TERM; while [ ! -e /mnt/go ]; do sleep 0.05; done'
cagebox stop cgroups-stop &
stopper=$!
wait_for test -e share/asked
run cagebox pause cgroups-stop
like "what is being stopped cannot be paused" "$status $err" '^125 cagebox: pause: .*cgroups-stop.* being stopped'
touch share/go
code=0 && wait "$stopper" || code=$?
is "and stops" "$code" 0

# --- events ------------------------------------------------------------------------------------------------------------------

printf '{"time":"2026' >>/run/cagebox/.events
cagebox run --lower "$root_busybox" --name cgroups-events -- true
is "a line that was cut off spoils no other" "$(cagebox events cgroups-events | jq -r .event | tr '\n' ' ')" "start stop "
check "all that is printed is JSON" sh -c 'cagebox events | jq -e .time >/dev/null'
finish
