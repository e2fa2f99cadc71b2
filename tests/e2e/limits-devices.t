#!/bin/sh
# SPDX-License-Identifier: Zlib
# Limits of devices, disks, huge pages and packets, observed where they take effect: what an open returns, how fast a disk delivers, how many
# pages there are, what number a packet carries. What this machine cannot enforce is in limits.t.
# timeout: 900
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

mkdir share
helper=$work/share/helper
musl-gcc -static -O1 -std=gnu11 -D_GNU_SOURCE -idirafter "$top/build/uapi" -o "$helper" "$top/tests/e2e/limits_helper.c" ||
	bail_out "limits_helper does not build"

# In an overlay of the busybox root, the helper and what is passed in and out in /mnt. Names are such as no other test has: /run is each
# test's own, but the cgroups are the machine's.
box()
{
	run cagebox run --lower "$root_busybox" -v "$work/share:/mnt" "$@"
}

# have CONTROLLER: whether something can enforce what needs it, found without cagebox. $version is v1 or v2, $group our own cgroup.
have()
{
	group=$("$helper" base "$1")
	version=${group%% *} group=${group#* }
	[ -n "$group" ]
}

limits_of()	# NAME
{
	cagebox list --json | jq -c ".[] | select(.name == \"$1\") | .limits"
}

between()	# LEAST NUMBER MOST
{
	test "$2" -ge "$1" -a "$2" -le "$3"
}

one_line()
{
	printf '%s\n' "$out" | tr '\n' ' ' | sed 's/ $//'
}

# --- disks ---------------------------------------------------------------------------------------------------------------------

# They all run at the same time, each in a container that is held by its own limit: rate NAME r|w BYTES OPTION... It reads or writes
# $device.
measured=
rate()
{
	measure=$1 direction=$2 bytes=$3
	shift 3
	cagebox run --lower "$root_busybox" -v "$work/share:/mnt" --device "$device:/dev/disk" "$@" -- \
		/mnt/helper io "$direction" /dev/disk "$bytes" 3000 >"$measure.rate" 2>&1 &
	measured="$measured $!"
}

measures()
{
	for pid in $measured; do
		wait "$pid"
	done
	measured=
}

bytes_of()	# NAME: bytes a second
{
	cut -d' ' -f 1 "$1.rate" | grep -x '[0-9]*' || sed 's/^/# /' "$1.rate" >&2
}

ops_of()	# NAME: operations a second
{
	sed -n 's/^[0-9]* \([0-9]*\)\.[0-9]*$/\1/p' "$1.rate"
}

truncate -s 32M disk
"$helper" loop "$work/disk" part >loop 2>loop.err &
holder=$!
wait_for sh -c "test -s loop || test -s loop.err"
disk=$(cat loop)
if [ -z "$disk" ]; then
	skip "limits of disks" "a loop device: $(cat loop.err)"
elif ! have blkio; then
	skip "limits of disks" "a controller of block devices: blkio or io"
fi
leaks_begin
if [ -n "$disk" ] && have blkio; then
	number=$(cat "/sys/class/block/${disk#/dev/}/dev")
	# What else the machine has to do may leave less than the limit, now and then.
	for try in 1 2 3; do
		device=$disk
		rate read r 65536 --io-bw-limit "r:$disk 2M"
		rate write w 65536 --io-bw-limit "w:$number 1M"
		rate both r 65536 --io-bw-limit "$number 1M"
		rate iops r 4096 --iops-limit "r:$number 100"
		rate write-iops w 4096 --iops-limit "$disk 50"
		device=${disk}p1
		rate partition r 65536 --io-bw-limit "r:${disk}p1 1M"
		measures
		[ "$(bytes_of read)" -lt 1677722 ] || [ "$(bytes_of write)" -lt 838861 ] || [ "$(bytes_of both)" -lt 838861 ] ||
			[ "$(ops_of iops)" -lt 80 ] || [ "$(ops_of write-iops)" -lt 40 ] || [ "$(bytes_of partition)" -lt 838861 ] || break
	done
	check "bytes read of a disk, named by its path ($(bytes_of read) a second)" between 1677722 "$(bytes_of read)" 2516582
	check "bytes written, named by its number ($(bytes_of write) a second)" between 838861 "$(bytes_of write)" 1258291
	check "without r: and w: it is both ($(bytes_of both) a second)" between 838861 "$(bytes_of both)" 1258291
	check "operations of reading ($(ops_of iops) a second)" between 80 "$(ops_of iops)" 120
	check "operations of writing, when it is both ($(ops_of write-iops) a second)" between 40 "$(ops_of write-iops)" 60
	check "a partition is held by the limit of its disk ($(bytes_of partition) a second)" between 838861 "$(bytes_of partition)" 1258291
	# Not at the same time: it keeps the disk busy.
	device=$disk
	rate unlimited w 65536 --io-bw-limit "r:$disk 128K" --iops-limit "r:$number 2"
	measures
	check "what is for reading leaves writing alone ($(bytes_of unlimited) a second)" test "$(bytes_of unlimited)" -gt 800000

	box --name devices-io -d --io-bw-limit "r:$disk 2M" --iops-limit "$number 50" -- sleep 1000
	is "list says so" "$(limits_of devices-io | jq -r '[.io_bw_limit[], .iops_limit[]] | sort | .[]' | tr '\n' ' ')" \
		"r:$number 2097152 r:$number 50 w:$number 50 "
	cagebox kill -a devices-io

	part=$(cat "/sys/class/block/${disk#/dev/}p1/dev")
	box --name devices-part -d --iops-limit "r:$part 50" -- sleep 1000
	is "a limit of a partition is its disk's" "$(limits_of devices-part | jq -r '.iops_limit[]')" "r:$number 50"
	cagebox kill -a devices-part
	for path in /dev/null /nonexistent /etc/passwd /etc; do
		box --io-bw-limit "$path 1M" -- touch /mnt/ran
		like "no disk: $path" "$status $err" "^125 cagebox: run: .*io_bw_limit.*$path"
	done
	check "that is known before anything runs" not test -e share/ran

	# In v1 what holds is the innermost cgroup's number alone: root with the capability to mount can change that, or leave for a cgroup
	# below, and nothing prevents it. In v2 it holds for all that is below.
	capability=
	[ "$version" = v1 ] || capability='--cap-add sys_admin'
	box $capability --device "$disk:/dev/disk" --io-bw-limit "r:$number 1M" -- sh -c '
		mkdir /tmp/c
		mount -t cgroup -o blkio none /tmp/c || mount -t cgroup2 none /tmp/c
		for file in /tmp/c/blkio.throttle.*_device; do
			[ ! -e "$file" ] || echo "$0 0" >"$file"
		done
		[ ! -e /tmp/c/io.max ] || echo "$0 rbps=max" >/tmp/c/io.max
		mkdir /tmp/c/sub && echo $$ >/tmp/c/sub/cgroup.procs
		exec /mnt/helper io r /dev/disk 65536 2000' "$number" 2>/dev/null
	check "from inside it cannot be lifted, with v2 not even with sys_admin ($(one_line) a second)" between 1 "${out%% *}" 1258291
fi
[ -z "$disk" ] || kill $holder
wait $holder 2>/dev/null
leaks_check "of the disks nothing is left over"

# --- devices -------------------------------------------------------------------------------------------------------------------

# The kernel's log is a device that everybody has, and that root may read and write; with the capability it takes no more.
mknod kmsg c 1 11
kmsg="--cap-add syslog -v $work/kmsg:/opt/kmsg:dev"
opens='/mnt/helper open r /opt/kmsg; /mnt/helper open w /opt/kmsg'
node='/mnt/helper node /dev/x c 1 11; /mnt/helper open r /dev/x'
usual='/dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/ptmx /dev/pts/ptmx'
if have devices || have any; then
	box $kmsg -- sh -c "$opens"
	is "without device_allow a device that is there can be used" "$(one_line)" "ok ok"
	box $kmsg --device-allow none -- sh -c "$opens"
	is "with none it cannot" "$(one_line)$err" "EPERM EPERM"
	box $kmsg --device-allow 'c 1:11 r' -- sh -c "$opens"
	is "what may be read may not be written" "$(one_line)$err" "ok EPERM"
	box $kmsg --device-allow 'c 1:11 w' -- sh -c "$opens"
	is "nor the other way round" "$(one_line)$err" "EPERM ok"
	box $kmsg --device-allow 'c 1:* rw' -- sh -c "$opens"
	is "all of a major number" "$(one_line)$err" "ok ok"
	box $kmsg --device-allow 'c *:11 rw' -- sh -c "$opens"
	is "all of a minor number" "$(one_line)$err" "ok ok"
	box $kmsg --device-allow 'b *:* rwm' -- sh -c "$opens"
	is "block devices are others" "$(one_line)$err" "EPERM EPERM"
	box $kmsg --device-allow 'a *:* rwm' -- sh -c "$opens"
	is "all there are" "$(one_line)$err" "ok ok"
	box $kmsg --device-allow 'c 1:10 rwm' --device-allow 'c 1:11 r' --device-allow 'c 1:11 w' -- sh -c "$opens"
	is "of several rules each allows something" "$(one_line)$err" "ok ok"
	box $kmsg -N hic --device-allow none -- sh -c "$opens"
	is "without a pid namespace it is the same" "$(one_line)$err" "EPERM EPERM"
	box --device "$work/kmsg:/dev/kmsg" --cap-add syslog --device-allow none -- /mnt/helper open r /dev/kmsg
	is "what is given by device is allowed" "$out$err" ok
	box --device "$work/kmsg:/dev/kmsg" --cap-add syslog --device-allow 'c 10:200 rw' -- /mnt/helper open r /dev/kmsg
	is "beside rules too" "$out$err" ok

	box --cap-add mknod,syslog -- sh -c "$node"
	is "without device_allow, the capability makes any device" "$(one_line)" "ok ok"
	box --cap-add mknod,syslog --device-allow none -- sh -c "$node"
	is "with none it does not" "$(one_line)$err" "EPERM ENOENT"
	box --cap-add mknod,syslog --device-allow 'c 1:11 m' -- sh -c "$node"
	is "what may be made may not be opened" "$(one_line)$err" "ok EPERM"
	box --cap-add mknod,syslog --device-allow 'c 1:11 rm' -- sh -c "$node"
	is "if that is not said as well" "$(one_line)$err" "ok ok"

	# shellcheck disable=SC2086
	box --device-allow none -- /mnt/helper open rw $usual /dev/tty
	is "the usual devices can be used" "$(one_line)$err" "ok ok ok ok ok ok ok ENXIO"
	box --device-allow none -- /mnt/helper pty
	is "pseudoterminals too" "$out$err" ok
	run cagebox run --lower "$root_busybox" --tty=yes --device-allow none -- sh -c 'echo tty >/dev/tty; echo console >/dev/console; tty'
	is "and one's own terminal" "$(printf '%s\n' "$out" | tr -d '\r' | tr '\n' ' ')" "tty console /dev/pts/0 "
	box -u app --device-allow none -- sh -c 'echo x >/dev/null && head -c 3 /dev/zero | wc -c'
	is "by a user as well" "$out$err" 3

	box --name devices-rules -d --device-allow 'c 1:11 r' $kmsg -- sleep 1000
	isnt "list says that there are rules" "$(limits_of devices-rules | jq -r '.device_allow // false')" false
	run cagebox exec --cap-add syslog devices-rules /mnt/helper open w /opt/kmsg
	is "who enters is held by them" "$out$err" EPERM
	cagebox kill -a devices-rules

	box $kmsg --cap-add sys_admin --device-allow none -- sh -c '
		mkdir /tmp/c
		mount -t cgroup -o devices none /tmp/c || mount -t cgroup2 none /tmp/c
		echo a >/tmp/c/devices.allow
		mkdir /tmp/c/sub && echo $$ >/tmp/c/sub/cgroup.procs && echo a >/tmp/c/sub/devices.allow
		/mnt/helper open r /opt/kmsg' 2>/dev/null
	is "with sys_admin it cannot be lifted from inside" "$(one_line)" EPERM
else
	skip "rules for devices" "a controller of devices: devices or BPF on cgroup v2"
fi
leaks_check "of the devices nothing is left over"

# --- packets -------------------------------------------------------------------------------------------------------------------

# In a network that the test has to itself, seen by a socket that gets every packet. packets MARK OPTION...: how many there are, and how
# many of them carry that mark.
packets()
{
	mark=$1
	shift
	run "$helper" packets "$mark" cagebox run --lower "$root_busybox" -v "$work/share:/mnt" --net host "$@" -- /mnt/helper send
}

# The class is no field of the packet, but one of its socket: nftables counts by it.
cat >rules <<'EOT'
table inet classes {
	chain output {
		type filter hook output priority 0
		meta l4proto { tcp, udp } th dport 9999 counter
		meta l4proto { tcp, udp } th dport 9999 meta cgroup 0x10001 counter
	}
}
EOT
cat >classes <<'EOT'
nft -f rules || exit 77
cagebox run --lower "$root_busybox" -v "$work/share:/mnt" --net host "$@" -- /mnt/helper send
nft -j list table inet classes | jq -r '[.nftables[].rule.expr[]?.counter.packets? // empty] | join(" ")'
EOT
classes()
{
	run env root_busybox="$root_busybox" work="$work" "$helper" packets 0 sh "$work/classes" "$@"
	out=$(printf '%s\n' "$out" | head -n 1)
}

marked='^([2-9]) packets, \1 marked$'
if have net_cls; then
	classes
	if [ "$status" = 77 ]; then
		skip "classes of packets" "nftables"
	else
		like "without a class packets have none" "$status $out" '^0 [2-9] 0$'
		classes --net-classid 0x10001
		like "with one all packets have it" "$status $out" '^0 ([2-9]) \1$'
		classes --net-classid 65537
		like "also if it is given as a decimal number" "$status $out" '^0 ([2-9]) \1$'
		classes --net-classid 0x10002
		like "another is another" "$status $out" '^0 [2-9] 0$'
	fi
elif have any; then
	packets 0x10001
	like "without a class packets have no mark" "$status $out" '^0 [2-9] packets, 0 marked$'
	packets 0x10001 --net-classid 0x10001
	is "with one they can be sent" "$status$err" 0
	like "all carry it" "$out" "$marked"
	packets 0x10001 --net-classid 65537
	like "also if it is given as a decimal number" "$out" "$marked"
	packets 0x10001 --net-classid 0x10002
	like "another is another" "$out" '^[2-9] packets, 0 marked$'
	packets 0xfffffffe --net-classid 4294967294 -N hic
	like "it has 32 bits, and needs no pid namespace" "$out" "$marked"
	# The default is not to have the capability by which a program could choose a mark itself.
	run "$helper" packets 0x10001 sh -c "cagebox run --name devices-net -d --lower '$root_busybox' -v '$work/share:/mnt' --net-classid 0x10001 -- sleep 1000 &&
		cagebox exec devices-net /mnt/helper send; cagebox list --json >net.json; cagebox kill -a devices-net"
	like "packets of who enters carry it" "$out" "$marked"
	is "list says so" "$(jq -r '.[0].limits.net_classid' net.json)" 65537
else
	skip "classes of packets" "a controller of packets: net_cls or BPF on cgroup v2"
fi

# --- huge pages ----------------------------------------------------------------------------------------------------------------

bytes=$(($(sed -n 's/^Hugepagesize: *\([0-9]*\) kB$/\1/p' /proc/meminfo) * 1024))
page=$((bytes / 1024))K
[ $bytes -lt 1048576 ] || page=$((bytes / 1048576))M
# huge OPTION...: how many pages of six there are for a container on a machine that has eight more than before.
huge()
{
	run "$helper" pages 8 $bytes cagebox run --lower "$root_busybox" -v "$work/share:/mnt" "$@" -- /mnt/helper huge 6 $bytes
}

if [ "$bytes" = 0 ] || ! have hugetlb; then
	skip "limits of huge pages" "a controller of huge pages: hugetlb"
else
	huge
	if [ "$status" = 77 ]; then
		skip "limits of huge pages" "free memory in one piece for 8 pages of $page"
	else
		is "without a limit huge pages are for all" "$status $out" "0 6 all"
		huge --hugetlb "$page $((bytes * 2))"
		like "with one of two there are two" "$status $out" '^0 2 (ENOMEM|SIGBUS)$'
		huge --hugetlb "$page $((bytes * 6))"
		is "with one of six there are six" "$status $out" "0 6 all"
		box --name devices-huge -d --hugetlb "$page $((bytes * 2))" -- sleep 1000
		like "list says so" "$(limits_of devices-huge | jq -r '.hugetlb[]')" "^($page|$((bytes / 1024))K|$bytes) $((bytes * 2))$"
		cagebox kill -a devices-huge
	fi
fi
finish
