#!/bin/sh
# SPDX-License-Identifier: Zlib
# Limits of memory, processes and processors, proved by programs inside that want more than they may have; what is refused before the
# start and what --strict adds; what becomes of the cgroups. Devices and packets are in limits-devices.t, what can be done to a running
# container in limits-live.t. A machine that has not all controllers is tested for saying so instead.
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

json()
{
	cagebox list -a --json | jq -r "$@"
}

# of NAME FILTER: what list --json has about it
of()
{
	json ".[] | select(.name == \"$1\") | $2"
}

ended()
{
	[ "$(of "$1" .status)" = exited ]
}

last_line()
{
	printf '%s\n' "$out" | tail -n 1
}

between()	# LEAST NUMBER MOST
{
	test "$2" -ge "$1" -a "$2" -le "$3"
}

cgroups_of()	# NAME
{
	find /sys/fs/cgroup -type d -name "cagebox-$1" 2>/dev/null
}

option()	# KEY
{
	echo "--$(echo "$1" | tr _ -)"
}

# unenforced KEY VALUE WORD: a limit that cannot be enforced here is a warning that says why, with a remedy, and with --strict an error
# before anything has run. WORD is part of the reason: what is missing.
unenforced()
{
	box "$(option "$1")" "$2" -- echo ran
	is "$1 without $3: the container runs all the same" "$status $out" "0 ran"
	like "$1 without $3: a warning says so, with a remedy" "$err" "^cagebox: run: warning: $1 is not enforced: .*$3.*\(.+\)$"
	box --strict "$(option "$1")" "$2" -- touch /mnt/ran
	like "$1 without $3 and with --strict: an error" "$status $err" "^125 cagebox: run: .*$1.*$3"
	check "$1 without $3 and with --strict: nothing has run" not test -e share/ran
	rm -f share/ran
}

# --- the arrangement ---------------------------------------------------------------------------------------------------------

# What follows tests little where it finds no controllers: where they are known to be there, they must be found.
versions=
for controller in memory pids cpu cpuset blkio freezer devices net_cls hugetlb any; do
	have $controller || version=-
	versions="$versions$controller:$version "
done
diag "$versions"
case ${CAGEBOX_TEST_CGROUP:-} in
v2) is "cgroup v2 is all there is" "$versions" \
	"memory:v2 pids:v2 cpu:v2 cpuset:v2 blkio:v2 freezer:- devices:- net_cls:- hugetlb:v2 any:v2 " ;;
v1) like "cgroup v1 is all there is" "$versions" \
	'^memory:v1 pids:v1 cpu:v1 cpuset:v1 blkio:v1 freezer:v1 devices:v1 net_cls:v1 hugetlb:v1 any:- $' ;;
hybrid) is "some controllers are v1's, the others v2's" "$versions" \
	"memory:v1 pids:v2 cpu:v1 cpuset:v2 blkio:v2 freezer:v1 devices:- net_cls:v1 hugetlb:v2 any:v2 " ;;
none) is "there are no cgroups" "$versions" "memory:- pids:- cpu:- cpuset:- blkio:- freezer:- devices:- net_cls:- hugetlb:- any:- " ;;
esac

# --- what is refused -----------------------------------------------------------------------------------------------------------

wrong=
while IFS='|' read -r key value; do
	box "$(option "$key")" "$value" -- touch /mnt/ran
	case $status:$err in
	"125:cagebox: run: $(option "$key"): "*) ;;
	*) wrong="$wrong
$key '$value': $status $err" ;;
	esac
done <<'EOT'
max_physical_memory|0
max_physical_memory|-1
max_physical_memory|12Q
max_physical_memory|16M 
max_physical_memory|
max_memory|0
max_memory|much
memory_low|x
memory_low|-5M
cpu_share|0
cpu_share|1
cpu_share|262145
cpu_share|1024.5
cpus|0
cpus|0.001
cpus|-1
cpus|1,5
cpus|1e1
cpus|.
cpuset|x
cpuset|0-
cpuset|2-1
cpuset|,
cpuset|0,,1
cpuset_mems|x
cpuset_mems|-1
max_processes|0
max_processes|-1
max_processes|ten
max_processes|5000000
iops_limit|1:0
iops_limit|1:0 0
iops_limit|disk 5
iops_limit|q:1:0 5
iops_limit|r:w:1:0 5
iops_limit|1:0 5 5
iops_limit|1: 5
io_bw_limit|1:0
io_bw_limit|1:0 0
io_bw_limit|1:0 12Q
io_bw_limit|r: 5
net_classid|0
net_classid|0x
net_classid|0x1ffffffff
net_classid|4294967296
net_classid|1:1
hugetlb|2M
hugetlb|3M 6M
hugetlb|2M x
hugetlb|x 2M
device_allow|x 1:3 r
device_allow|c 1 r
device_allow|c 1:3 q
device_allow|c 1:3:5 r
device_allow|c -1:3 r
device_allow|all
cgroup|maybe
EOT
is "values that make no sense are refused, by the name of the setting" "$wrong" ""
while read -r names values; do
	# shellcheck disable=SC2086
	box $values -- touch /mnt/ran
	like "$values exclude each other" "$status $err" "^125 cagebox: run: .*$names"
done <<'EOT'
max_memory.*max_physical_memory --max-physical-memory 64M --max-memory 32M
memory_low --max-physical-memory 32M --memory-low 64M
cgroup.*limit --cgroup no --max-processes 20
EOT
check "after all these nothing has run" not test -e share/ran
leaks_check "and nothing is left over"

# --- what cannot be enforced ---------------------------------------------------------------------------------------------------

have memory || for key in max_physical_memory max_memory memory_low; do
	unenforced $key 64M memory
done
have cpu || unenforced cpu_share 512 cpu
have cpu || unenforced cpus 0.5 cpu
have cpuset || unenforced cpuset 0 cpuset
have cpuset || unenforced cpuset_mems 0 cpuset
have pids || unenforced max_processes 20 pids
have blkio || unenforced iops_limit '7:0 100' '(blkio|io)'
have blkio || unenforced io_bw_limit 'r:7:0 1M' '(blkio|io)'
have hugetlb || unenforced hugetlb '2M 4M' hugetlb
have net_cls || have any || unenforced net_classid 0x10001 net_cls
have devices || have any || unenforced device_allow none devices

# Whatever the arrangement, there is something that this machine does not have.
! have blkio || unenforced iops_limit '1:0 5' 1:0
while read -r size kilobytes; do
	[ -e "/sys/kernel/mm/hugepages/hugepages-${kilobytes}kB" ] || break
done <<'EOT'
16M 16384
64K 64
512M 524288
EOT
unenforced hugetlb "$size $size" hugetlb
if have cpuset; then
	unenforced cpuset 4095 4095
	unenforced cpuset_mems 63 63
fi
leaks_check "what could not be enforced has left nothing over"

# One that holds and one that does not: the first is no reason to run, and is gone with it.
if have pids; then
	box --strict --max-processes 20 -- echo ran
	is "--strict does not mind what is enforced" "$status $out$err" "0 ran"
	box --name limits-strict --strict --max-processes 20 --iops-limit '1:0 5' -- touch /mnt/ran
	like "one of two that is not enforced is an error with --strict" "$status $err" '^125 cagebox: run: .*iops_limit'
	is "then there is no container, and no cgroup" "$(cagebox list -q; cgroups_of limits-strict; ls share/ran 2>/dev/null)" ""
	printf 'lower=%s\nmax_processes=20\niops_limit=1:0 5\nstrict=yes\ncommand=true\n' "$root_busybox" >strict.conf
	run cagebox run -c strict.conf
	like "it is a key of a configuration too" "$status $err" '^125 cagebox: run: .*iops_limit'
fi

# Of a root in memory only from Linux 6.3 on.
box -N uphic -- true
case $status:$err in
0:) user_namespace=1 ;;
*'idmapped mounts'*) user_namespace='' ;;
*) bail_out "$err" ;;
esac

# --- memory --------------------------------------------------------------------------------------------------------------------

# out_of_memory TITLE MIB OPTION...: it gets about so much, not more, and the end says why.
out_of_memory()
{
	title=$1 limit=$2
	shift 2
	box "$@" -- /mnt/helper alloc 400
	status_is "$title: what wants more dies" 137
	check "$title: it has had what the limit allows ($(last_line) of $limit MiB)" between $((limit - 8)) "$(last_line)" "$limit"
	like "$title: stderr says why" "$err" '^cagebox: run: .*out of memory'
}

go_on='/mnt/helper alloc 400 >/mnt/reached; usleep 300000; echo after >/mnt/after; exec sleep 1000'
if have memory; then
	box --max-physical-memory 48M -- /mnt/helper alloc 24
	is "within max_physical_memory it lives, and nothing is said" "$status $(last_line)$err" "0 24"
	out_of_memory max_physical_memory 48 --max-physical-memory 48M
	box --max-memory 48M -- /mnt/helper alloc 24
	is "within max_memory it lives, and nothing is said" "$status $(last_line)$err" "0 24"
	out_of_memory "max_memory alone" 48 --max-memory 48M
	out_of_memory "both" 32 --max-physical-memory 32M --max-memory 64M
	out_of_memory "without a pid namespace" 48 --max-physical-memory 48M -N hic
	if [ -n "$user_namespace" ]; then
		out_of_memory "with a user namespace" 48 --max-physical-memory 48M -N uphic
	else
		skip "memory with a user namespace" "idmapped mounts of this root"
	fi
	leaks_check "who died of it has left nothing over"

	box --name limits-shell --max-physical-memory 32M -- sh -c "$go_on"
	status_is "a shell does not outlive the child that was killed" 137
	check "not even for a moment" not test -e share/after
	like "stderr says why" "$err" '^cagebox: run: .*out of memory'
	is "so does the record" "$(of limits-shell '.exit | "\(.reason) \(.code)"')" "out of memory 137"
	like "and the table" "$(cagebox list -a)" '^limits-shell +out of memory'
	box --name limits-shell -d --max-physical-memory 32M -- sh -c "$go_on"
	check "one in the background ends as one too" wait_for ended limits-shell
	is "the record says why" "$(of limits-shell '.exit | "\(.reason) \(.code)"')" "out of memory 137"
	check "the shell has not gone on" not test -e share/after
	box --name limits-crowd -d -N hic --max-physical-memory 32M -- sh -c '(setsid sleep 4001 &); (setsid sleep 4002 &); /mnt/helper alloc 400; exec sleep 4003'
	check "without a pid namespace too" wait_for ended limits-crowd
	is "with all that has left the session" "$(pgrep -fc '^sleep 400[123]')" 0

	# The kernel kills whom it likes best. That a command was killed by somebody else is another matter.
	rm -f share/go
	box --name limits-victim -d --max-physical-memory 32M -- sh -c 'until test -e /mnt/go; do usleep 20000; done; exec /mnt/helper alloc 400'
	echo 1000 >"/proc/$(of limits-victim .pid)/oom_score_adj"
	touch share/go
	check "when init itself is the victim it ends as well" wait_for ended limits-victim
	is "with the same reason" "$(of limits-victim '.exit | "\(.reason) \(.code)"')" "out of memory 137"
	box --name limits-other --max-physical-memory 32M -- sh -c '/mnt/helper alloc 8; kill -9 $$'
	is "a command that kills itself is not out of memory" "$status $(of limits-other .exit.reason)" "137 signal"
	unlike "and nothing says so" "$err" 'out of memory'
	leaks_check "nothing is left over of them"

	# Only in a machine of our own: a swap area is everybody's. It is made of memory that is not the container's: a loop device puts what it
	# needs on the account of who writes.
	if [ -n "${CAGEBOX_TEST_CGROUP:-}" ] && [ -e /proc/swaps ]; then
		dd if=/dev/zero of=swap bs=1M count=64 2>/dev/null
		"$helper" loop "$work/swap" >loop 2>loop.err &
		holder=$!
		wait_for sh -c 'test -s loop || test -s loop.err'
		mkswap "$(cat loop)" >/dev/null 2>&1
		swapon "$(cat loop)" 2>>loop.err || rm loop
		leaks_begin
	fi
	if [ -s loop ]; then
		box --max-physical-memory 24M -- /mnt/helper alloc 40
		is "what is more than max_physical_memory is swapped out" "$status $(last_line)" "0 40"
		box --max-physical-memory 24M --max-memory 56M -- /mnt/helper alloc 40
		is "up to max_memory" "$status $(last_line)" "0 40"
		out_of_memory "memory and swap" 56 --max-physical-memory 24M --max-memory 56M
		out_of_memory "max_memory alone, with swap" 40 --max-memory 40M
		swapoff "$(cat loop)"
	else
		skip "memory and swap together" "a swap area of our own"
	fi
	[ -z "${holder:-}" ] || kill "$holder" 2>/dev/null
	[ -z "${holder:-}" ] || wait "$holder" 2>/dev/null
fi

# --- processes -----------------------------------------------------------------------------------------------------------------

# Besides init and the first of those that fork: 18 of 20.
if have pids; then
	box --max-processes 20 -- /mnt/helper forks 100
	is "a fork bomb stops at max_processes" "$status $out" "0 18 EAGAIN"
	box --max-processes 20 -- /mnt/helper threads 100
	is "threads count" "$status $out" "0 18 EAGAIN"
	box --max-processes 20 -- /mnt/helper forks 18
	is "no more are counted than there are" "$status $out" "0 18 ok"
	box --max-processes 20 -N hic -- /mnt/helper forks 100
	is "without a pid namespace it is the same" "$status $out" "0 18 EAGAIN"
	if [ -n "$user_namespace" ]; then
		box --max-processes 20 -N uphic -- /mnt/helper forks 100
		is "with a user namespace too" "$status $out" "0 18 EAGAIN"
	else
		skip "processes with a user namespace" "idmapped mounts of this root"
	fi
	box --max-processes 20 -u app -- /mnt/helper forks 100
	is "and for a user" "$status $out" "0 18 EAGAIN"
	box --max-processes 2 -- /mnt/helper forks 5
	is "two are init and the command" "$status $out" "0 0 EAGAIN"
	box --max-processes 1 -- true
	like "one is too few" "$status $err" '^12[56] cagebox: run: .*(Resource temporarily unavailable|max_processes)'
	printf 'lower=%s\nmount=%s:/mnt\nmax_processes=12\ncommand=/mnt/helper forks 100\n' "$root_busybox" "$work/share" >processes.conf
	run cagebox run -c processes.conf
	is "from a configuration too" "$status $out" "0 10 EAGAIN"
	box --name limits-counted -d --max-processes 20 -- sleep 1000
	run cagebox exec limits-counted /mnt/helper forks 100
	is "what enters counts as well" "$status $out" "0 17 EAGAIN"
	cagebox kill -a limits-counted
	leaks_check "no bomb has left anything over"
fi

# --- processors ----------------------------------------------------------------------------------------------------------------

cpu=$("$helper" affinity)
cpu=${cpu%%,*}

# spin NAME OPTION...: start a container that spins as soon as `measure` says so; it writes share/NAME.spun.
spinning=
spin()
{
	spinner=$1
	shift
	rm -f share/go "share/$spinner.ready"
	cagebox run --lower "$root_busybox" -v "$work/share:/mnt" "$@" -- \
		/mnt/helper spin "/mnt/$spinner.ready" /mnt/go 2500 "$cpu" >"share/$spinner.spun" 2>&1 &
	spinning="$spinning $!"
	wait_for test -e "share/$spinner.ready" || diag "$spinner: $(cat "share/$spinner.spun")"
}

# All of them begin at the same time, half a second from now.
measure()
{
	echo $(($("$helper" clock) + 500)) >share/go.new
	mv share/go.new share/go
	for pid in $spinning; do
		wait "$pid"
	done
	spinning=
}

used()	# NAME: milliseconds of processor time
{
	cut -d' ' -f 1 "share/$1.spun"
}

if have cpu; then
	# The processor is the same one for both. They choose it inside: entering a cgroup with cpuset undoes what was chosen before.
	spin a --cpu-share 1024
	spin b --cpu-share 3072
	measure
	ratio=$((100 * $(used b) / ($(used a) + 1)))
	check "two share a processor as 1024 to 3072 ($(used a) ms, $(used b) ms)" between 230 $ratio 380
	spin a --cpu-share 256
	spin b --cpu-share 4096
	measure
	ratio=$((100 * $(used b) / ($(used a) + 1)))
	check "or as 256 to 4096 ($(used a) ms, $(used b) ms)" between 1200 $ratio 2000
	# Where others keep the machine busy it may be less; in an emulated one, whose time they steal, more.
	for try in 1 2 3; do
		spin a --cpus 0.25
		measure
		! between 500 "$(used a)" 750 || break
	done
	check "cpus 0.25 is a quarter of the time ($(used a) ms of 2500)" between 500 "$(used a)" 750
fi

if have cpuset; then
	last=$("$helper" affinity)
	last=${last##*,}
	for list in "$cpu" "$last" "$cpu,$last"; do
		box --cpuset "$list" -- /mnt/helper affinity
		is "cpuset $list" "$status $out$err" "0 $(echo "$list" | tr , '\n' | uniq | paste -sd,)"
	done
	box --cpuset "$cpu" -- taskset -p "$((1 << last))" 1
	[ "$cpu" = "$last" ] || isnt "from inside it cannot be left" "$status" 0
	box --cpuset-mems 0 -- grep Mems_allowed_list /proc/self/status
	is "cpuset_mems" "$status $out$err" "0 Mems_allowed_list:	0"
fi

# --- what list says --------------------------------------------------------------------------------------------------------------

# Sizes in bytes, as the kernel has them; only what is in force.
box --name limits-all -d --max-physical-memory 32M --max-memory 48M --memory-low 8M --cpu-share 512 --cpus 0.5 --cpuset "$cpu" --cpuset-mems 0 --max-processes 50 \
	-- sleep 1000
plain='with_entries(.value = (.value | tonumber? // .))'
limits='{}'
expect()	# CONTROLLER JSON
{
	! have "$1" || limits=$(jq -cn "$limits + $2")
}
expect memory '{max_physical_memory: 33554432, max_memory: 50331648, memory_low: 8388608}'
expect cpu '{cpu_share: 512, cpus: 0.5}'
# Where there is one node only it is no limit, and v1 has it in every cgroup.
if have cpuset && [ "$version" = v1 ] && [ "$(cat /sys/devices/system/node/has_memory 2>/dev/null || echo 0)" = 0 ]; then
	expect cpuset "{cpuset: \"$cpu\"}"
else
	expect cpuset "{cpuset: \"$cpu\", cpuset_mems: \"0\"}"
fi
expect pids '{max_processes: 50}'
is "list --json has the limits that are in force" \
	"$(json -S -c ".[] | select(.name == \"limits-all\") | .limits | $plain")" "$(jq -Scn "$limits | $plain")"
cagebox kill -a limits-all
box --name limits-none -d -- sleep 1000
is "of one without limits there are none" "$(json -c '.[] | select(.name == "limits-none") | .limits')" "{}"
cagebox kill -a limits-none

# Where the kernel has a protection, memory_low is it. That it spares somebody shows only when memory runs short above us, which is
# for the machine's own tests; here it must be accepted as the kernel's own.
if have memory; then
	box --strict --memory-low 8M -- echo ran
	is "memory_low is enforced" "$status $out$err" "0 ran"
fi

# --- cgroups -------------------------------------------------------------------------------------------------------------------

# kill_all NAME: monitor and init die at once, with nobody to clean up
kill_all()
{
	victims=$(of "$1" 'select(.pid > 1 and .monitor > 1) | "\(.monitor) \(.pid)"')
	[ -n "$victims" ] || return
	# shellcheck disable=SC2086
	kill -STOP $victims
	# shellcheck disable=SC2086
	kill -9 $victims
	wait_for sh -c "! kill -0 $victims 2>/dev/null"
}

running_cgroups()	# OPTION...: how many cgroups a container with these options has
{
	box --name limits-counts "$@" -d -- sleep 1000
	cgroups_of limits-counts | wc -l
	cagebox kill -a limits-counts
}

if have freezer || have any; then
	check "in the background it has cgroups" [ "$(running_cgroups)" -ge 1 ]
	is "unless told otherwise" "$(running_cgroups --cgroup no)" 0
	cagebox run --name limits-front --lower "$root_busybox" --cgroup yes -- sleep 1000 &
	launcher=$!
	wait_for sh -c 'cagebox list -q | grep -qx limits-front'
	check "in the foreground if told so" [ "$(cgroups_of limits-front | wc -l)" -ge 1 ]
	cagebox kill -a limits-front
	wait $launcher
	box --name limits-counted -d --max-processes 20 -- sleep 1000
	for controller in pids any freezer; do
		! have $controller || break
	done
	check "it is called BASE/cagebox-NAME" test -d "$group/cagebox-limits-counted"
	check "init is in the box in it" grep -qx "$(of limits-counted .pid)" "$group/cagebox-limits-counted/box/cgroup.procs"
	check "and the command" [ "$(wc -l <"$group/cagebox-limits-counted/box/cgroup.procs")" = 2 ]
	is "nothing else is there, not the monitor" "$(cat "$group/cagebox-limits-counted/cgroup.procs" 2>/dev/null)" ""
	kill_all limits-counted
	run cagebox list -q
	is "killed with its monitor it is gone for the next call" "$status $out$err" "0 "
	is "which removes its cgroups" "$(cgroups_of limits-counted)" ""
	leaks_check "and all else"

	mkdir "$group/cagebox-limits-foreign" || bail_out "no cgroup in $group"
	sleep 5000 &
	foreigner=$!
	echo $foreigner >"$group/cagebox-limits-foreign/cgroup.procs"
	leaks_begin
	box --name limits-foreign --max-processes 20 -- touch /mnt/ran
	like "a cgroup of that name with a process in it is an error that names it" "$status $err" "^125 cagebox: run: .*$group/cagebox-limits-foreign"
	is "nothing runs, and nothing is touched" "$(ls share/ran 2>/dev/null; cat "$group/cagebox-limits-foreign/cgroup.procs")" "$foreigner"
	is "nor made" "$(cgroups_of limits-foreign)" "$group/cagebox-limits-foreign"
	check "the process lives" kill -0 $foreigner
	kill $foreigner
	wait $foreigner 2>/dev/null
	mkdir "$group/cagebox-limits-foreign/box"
	box --name limits-foreign --max-processes 20 -- echo ran
	is "an empty one is taken over" "$status $out$err" "0 ran"
	is "and removed" "$(cgroups_of limits-foreign)" ""
fi
leaks_check "of the cgroups nothing is left over"

# Its own cgroup is where the caller is, so that what holds for the caller holds for it: of 10 there are the caller, who is the monitor as
# well, init and the first of those that fork.
if have pids; then
	caller=$group/cagebox-limits-caller
	[ "$version" = v1 ] || echo +pids >"$group/cgroup.subtree_control"
	mkdir "$caller" || bail_out "no cgroup in $group"
	echo 10 >"$caller/pids.max"
	leaks_begin
	run sh -c 'echo $$ >"$0/cgroup.procs" && exec cagebox run --lower "$1" -v "$2:/mnt" --max-processes 20 -- /mnt/helper forks 100' \
		"$caller" "$root_busybox" "$work/share"
	is "a limit of the caller's holds for its containers" "$status $out" "0 7 EAGAIN"
	[ ! -e "$caller/cagebox.leaf" ] || rmdir "$caller/cagebox.leaf"
	check "whose cgroups are below the caller's, and are gone" rmdir "$caller"
fi

# --- from inside ---------------------------------------------------------------------------------------------------------------

# Root with the capability to mount: every hierarchy that it is in, then every file that looks like a limit, and a cgroup below that
# has none. It ends with the command in $@.
lift='mkdir /tmp/c
while IFS=: read -r id list path; do
	mkdir "/tmp/c/$id"
	case $list in
	"") mount -t cgroup2 none "/tmp/c/$id" ;;
	name=*) ;;
	*) mount -t cgroup -o "$list" none "/tmp/c/$id" ;;
	esac
done </proc/self/cgroup
find /tmp/c -type f \( -name "*.max" -o -name "*limit_in_bytes" -o -name "*quota_us" -o -name "*.high" \) >/tmp/files
while read -r file; do
	echo max >"$file"
	echo -1 >"$file"
done </tmp/files 2>/dev/null
for dir in /tmp/c/*; do
	[ ! -e "$dir/cgroup.procs" ] || echo "$dir $(ls "$dir" | wc -l)" >>/mnt/mounted
	mkdir "$dir/sub" && cat "$dir/cpuset.cpus" >"$dir/sub/cpuset.cpus" && cat "$dir/cpuset.mems" >"$dir/sub/cpuset.mems"
	echo $$ >"$dir/sub/cgroup.procs"
done 2>/dev/null
exec "$@"'
box --max-processes 20 -- sh -c 'cut -d: -f 3 /proc/self/cgroup | grep -vx /; mount -t cgroup2 none /tmp || mount -t cgroup -o pids none /tmp; ls -A /sys/fs/cgroup | wc -l'
is "inside, its cgroup is the root, nothing can be mounted, and nothing is in sight" "$out" 0
if have pids; then
	box --cap-add sys_admin --max-processes 20 -- sh -c "$lift" sh /mnt/helper forks 100
	check "with sys_admin, the hierarchies can be mounted" test -s share/mounted
	is "what can be written there lifts no limit of processes" "$status $out" "0 18 EAGAIN"
fi
if have memory; then
	box --cap-add sys_admin --max-physical-memory 48M -- sh -c "$lift" sh /mnt/helper alloc 400
	check "nor one of memory ($(last_line) of 48 MiB)" test "$status" = 137 -a "$(last_line)" -le 48
fi
if have cpu; then
	spin_lifted='/mnt/helper spin /mnt/a.ready /mnt/go 2500'
	rm -f share/go share/a.ready
	cagebox run --lower "$root_busybox" -v "$work/share:/mnt" --cap-add sys_admin --cpus 0.25 -- sh -c "$lift" sh $spin_lifted >share/a.spun 2>&1 &
	spinning=$!
	wait_for test -e share/a.ready
	measure
	check "nor one of processors ($(used a) ms of 2500)" between 1 "$(used a)" 750
fi
finish
