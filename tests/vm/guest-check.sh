#!/bin/sh
# SPDX-License-Identifier: Zlib
# What tests/vm/rig.t runs inside a virtual machine: cgroups are arranged as promised, and cagebox works there.
# shellcheck disable=SC1091,SC2154 # what lib.sh sets

# Of the whole machine, before the namespaces of lib.sh hide it.
: "${machine_init=$(unshare --mount sh -c 'mount -t proc proc /mnt && readlink /mnt/1/exe')}"
export machine_init
. "$(dirname "$0")/../lib.sh"

# Of each controller the number of its hierarchy, 0 for version 2 and for none.
on_v1()
{
	awk -v name="$1" '$1 == name { exit !$2 }' /proc/cgroups
}

mounted=$(awk '$3 == "cgroup" || $3 == "cgroup2" { print $3, $2 }' /proc/self/mounts | sort)
case $CAGEBOX_TEST_CGROUP in
v2)
	is 'one hierarchy of version 2' "$mounted" 'cgroup2 /sys/fs/cgroup'
	for name in cpu cpuset hugetlb io memory pids; do
		like "which has $name" " $(cat /sys/fs/cgroup/cgroup.controllers) " " $name "
	done
	;;
hybrid)
	is 'some hierarchies of version 1, and one of version 2' "$mounted" "$(
		printf 'cgroup /sys/fs/cgroup/%s\n' cpu,cpuacct freezer memory net_cls
		echo cgroup2 /sys/fs/cgroup/unified
	)"
	for name in cpuset hugetlb io pids; do
		like "the second has $name" " $(cat /sys/fs/cgroup/unified/cgroup.controllers) " " $name "
	done
	check 'cpu is found by its name alone' test -e /sys/fs/cgroup/cpu/cpu.shares
	;;
v1)
	like 'hierarchies of version 1' "$mounted" '^cgroup /sys/fs/cgroup/memory$'
	unlike 'and none of version 2' "$mounted" '^cgroup2 '
	for name in blkio cpu cpuacct cpuset devices freezer hugetlb memory net_cls pids; do
		check "$name is in one of them" on_v1 "$name"
	done
	;;
none)
	is 'no cgroups' "$mounted" ''
	;;
bare)
	is 'cagebox is PID 1 of the machine' "$machine_init" "$CAGEBOX"
	;;
*)
	fail 'an arrangement' "$CAGEBOX_TEST_CGROUP"
	;;
esac
is 'two processors' "$(nproc)" 2

run cagebox run --root "$root_busybox" -- echo hello
is 'a directory as root' "$status $out $err" '0 hello '
run cagebox run --lower "$root_busybox" -- sh -c 'echo new >/new && cat /new'
is 'an overlay' "$status $out $err" '0 new '
run cagebox run --strict --max-processes 10 --root "$root_busybox" -- echo limited
case $CAGEBOX_TEST_CGROUP in
none) like 'no limit is to be had' "$status $err" '^125 .*max_processes is not enforced: no cgroup file system' ;;
*) is 'a limit' "$status $out $err" '0 limited ' ;;
esac
check 'of which nothing stays' not test -e "$root_busybox/new"
finish
