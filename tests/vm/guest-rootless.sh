#!/bin/sh
# SPDX-License-Identifier: Zlib
# Containers of a user without root on a machine with cgroup v2: limits in a cgroup that root has given away, or systemd; the switches of
# the kernel that are in the way. Run in a virtual machine, see tests/vm/tests.
# shellcheck disable=SC2016,SC1091,SC2154,SC2086,SC2116 # commands in single quotes are for the shell inside; lib.sh sets variables
. "$(dirname "$0")/../lib.sh"

cc -o xattr "$top/tests/vm/xattr_helper.c" || bail_out "xattr_helper does not build"
root=/sys/fs/cgroup
given=$root/given
chmod 755 "$work"
echo "+pids +memory +cpu" >$root/cgroup.subtree_control

box()
{
	run as_user cagebox run --lower "$root_busybox" "$@"
}

of()	# NAME FILTER
{
	as_user cagebox list --json | jq -r ".[] | select(.name == \"$1\") | $2"
}

here()
{
	mkdir -p "$1"
	echo $$ >"$1/cgroup.procs"
}

# --- the root: this machine's is the kernel's first file system ------------------------------------------------------------------

run as_user cagebox run -- sh -c 'id -u; touch /new /usr/new && ls -d /usr/bin /new; ls -A /tmp /root | wc -w; command -v awk'
is "an overlay of the whole system" "$status $(echo $out) $err" "0 0 /new /usr/bin 2 $(command -v awk) "
check "which stays as it was" test ! -e /new -a ! -e /usr/new
run as_user cagebox run --root "$root_busybox" -- sh -c 'id -u; ls -d /proc/1 /../../rig/run /usr/lib 2>/dev/null; mkdir /tmp/in && chroot /tmp/in /bin/sh -c "ls -d ../../../rig" 2>/dev/null; ls -d /bin/sh'
is "a directory as root, and no way back" "$status $(echo $out)" "0 0 /proc/1 /bin/sh"

# --- limits ------------------------------------------------------------------------------------------------------------------------

limits='--max-processes 10 --max-memory 64M'
forks='for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done; echo all'
box $limits -- echo ran
is "what root has not given away is left alone: it runs" "$status $out" "0 ran"
like "with warnings" "$(echo "$err" | wc -l) $err" '^2 cagebox: run: warning: max_memory is not enforced: the cgroup /sys/fs/cgroup is not this user.s \(root can give one away: '
like "for each limit" "$err" 'warning: max_processes is not enforced: the cgroup'
box --strict $limits -- echo ran
like "--strict: an error" "$status $out$err" '^125 cagebox: run: max_memory is not enforced'
box -d -n rootless-plain -- sleep 1000
is "without limits there is nothing to warn of" "$status $err" "0 "
as_user cagebox stop -t 0 rootless-plain

here $given
chown 1000 $given $given/cgroup.procs $given/cgroup.subtree_control
box --strict $limits -- sh -c "$forks"
like "in one that was given away limits are in force" "$status $out $err" "^2 .*fork"
is "nothing is left of it" "$(ls -d $given/cagebox-* 2>/dev/null)" ""
box --strict -d -n rootless-given $limits --cpus 0.5 -- sleep 1000
is "in the background too" "$status $err $(of rootless-given '.limits | "\(.max_processes) \(.max_memory)"')" "0  10 67108864"
run as_user cagebox exec rootless-given cat /proc/self/cgroup
is "exec is in it" "$status $out" "0 0::/"
run as_user cagebox stats --json rootless-given
is "it is counted" "$(echo "$out" | jq .[0].pids.current)" 2
as_user cagebox pause rootless-given
is "frozen" "$(of rootless-given .status)" paused
as_user cagebox resume rootless-given
as_user cagebox update rootless-given max_processes=20
is "changed" "$(cat $given/cagebox-rootless-given/pids.max)" 20
here $root
run as_user cagebox exec rootless-given true
like "from elsewhere nobody but root enters it" "$status $err" '^125 cagebox: exec: enter the container.s cgroup: Permission denied \(without root only from within'
run as_user cagebox stop -t 0 rootless-given
is "it is stopped from there, and gone" "$status $(ls -d $given/cagebox-* 2>/dev/null)" "0 "
# Those who were in it are in a leaf below.
here $given/cagebox.leaf
box --strict --max-memory 20M -- sh -c 'dd if=/dev/zero of=/dev/shm/file bs=1M count=60; echo through'
is "out of memory it is killed" "$status $out" "137 "
box --device-allow none -- echo ran
like "a limit that takes root is said to" "$status $out $err" '^0 ran .*warning: device_allow is not enforced: '
here $root
rmdir $given/cagebox.leaf $given

mkdir -p /run/systemd/system
here $root/user
chown 1000 $root/user $root/user/cgroup.procs $root/user/cgroup.subtree_control
box --max-processes 10 -- echo ran
like "what systemd keeps is left alone" "$status $out $err" '^0 ran .*systemd has not given the controller pids .*Delegate=yes'
./xattr $root/user user.delegate 1
box --strict --max-processes 10 -- sh -c "$forks"
like "what it has given away is used" "$status $out $err" "^2 .*fork"
here $root
chown 0 $root/user $root/user/cgroup.procs $root/user/cgroup.subtree_control
here $root/user
box --max-processes 10 -- echo ran
like "its remedy" "$err" 'systemd-run --user --scope -p Delegate=yes'
here $root
rmdir $root/user/cagebox.leaf $root/user 2>/dev/null || rmdir $root/user
rmdir /run/systemd/system /run/systemd

# --- what is in the way -----------------------------------------------------------------------------------------------------------

echo 0 >/proc/sys/kernel/unprivileged_userns_clone
box -- true
is "user namespaces for root only" "$status $err" "125 cagebox: run: make the container's namespaces: Operation not permitted \
(sysctl kernel.unprivileged_userns_clone=1)"
echo 1 >/proc/sys/kernel/unprivileged_userns_clone
had=$(cat /proc/sys/user/max_user_namespaces)
echo 0 >/proc/sys/user/max_user_namespaces
box -- true
is "none at all" "$status $err" "125 cagebox: run: make the container's namespaces: No space left on device \
(sysctl user.max_user_namespaces=10000, or another of /proc/sys/user that is too low, or nest less deep)"
echo "$had" >/proc/sys/user/max_user_namespaces
busybox rmmod overlay || bail_out "the module overlay is in use"
run as_user cagebox run -- true
like "no overlays" "$status $err" '^125 cagebox: run: mount overlay on .*: No such device \(.*modprobe overlay'
run as_user cagebox run --root "$root_busybox" -- echo ran
is "a directory does without" "$status $out" "0 ran"
is "nothing is left of all that" "$(find "$user_run/cagebox" -mindepth 1 ! -name '.events*' ! -path '*/rootless-*')" ""
finish
