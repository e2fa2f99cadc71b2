#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2025-31133, CVE-2025-52881, CVE-2022-0492: what tells about the host or reaches into it is masked or read-only, by what was proven to be
# the null device, and a container cannot make cgroups release.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

run cagebox run --lower "$root_busybox" --cap-add all --cap-drop sys_resource -- sh -c '
for f in kcore keys latency_stats timer_list timer_stats sched_debug sysrq-trigger; do
	[ ! -e /proc/$f ] || echo "$f $(stat -c %t:%T /proc/$f) $(head -c 9 /proc/$f | wc -c)"
done
for d in /proc/acpi /proc/scsi /sys/firmware /sys/devices/virtual/powercap; do
	[ ! -e $d ] || { echo "$d $(ls -A $d | wc -l)"; touch $d/x; }
done'
like "some are there" "$out" '^(kcore|keys|timer_list) '
is "files are the null device" "$(echo "$out" | grep -v '^/' | cut -d' ' -f 2- | sort -u)" "1:3 0"
is "directories are empty" "$(echo "$out" | grep '^/' | cut -d' ' -f 2 | sort -u)" 0
is "and read-only" "$(echo "$err" | grep -c 'touch: ')" "$(echo "$out" | grep -c '^/')"
before=$(cat /proc/sys/kernel/core_pattern)
run cagebox run --lower "$root_busybox" -- sh -c 'for f in sys/kernel/core_pattern sys/vm/drop_caches sys/kernel/modprobe irq/default_smp_affinity; do
	echo 1 >/proc/$f || echo refused; done; echo 1 >/sys/kernel/uevent_helper || echo refused'
is "nothing of the host's can be set" "$(echo "$out" | grep -c refused)" 5
run cagebox run --lower "$root_busybox" -- sh -c 'mount -t cgroup -o memory none /mnt; mount -t cgroup2 none /mnt; mount -t proc proc /mnt; umount /proc/keys; mount -o remount,rw /proc/sys; find / -name release_agent 2>/dev/null'
is "nothing can be mounted, unmounted or seen of cgroups" "$(echo "$err" | grep -cE 'ermission|permitted') $out" "5 "
is "the host's core pattern is as it was" "$(cat /proc/sys/kernel/core_pattern)" "$before"

# The image's own /dev/null plays no part.
copy=$(root_copy "$root_busybox")
mkdir -p "$copy/dev" && ln -s /proc/sys/kernel/core_pattern "$copy/dev/null"
run cagebox run --root "$copy" -- sh -c 'stat -c %t:%T /dev/null /proc/timer_list; echo x >/dev/null'
is "an image's null that is a link is not used" "$out$err" "1:3
1:3"
# A host whose own is not the null device.
printf 'fake' >fake
mount --bind fake /dev/null
leaks_begin
status=0
message=$(cagebox run --lower "$root_busybox" -- cat /proc/keys 2>&1) || status=$?
umount /dev/null
is "nor is a host's that is none" "$status $message" "125 cagebox: run: the host's /dev/null is not the null device"
leaks_begin
finish
