#!/bin/sh
# SPDX-License-Identifier: Zlib
# What can be done to a container while it runs, and what it tells of itself: update, pause and resume, stats, events. Without cgroups, that
# each of them says that it cannot.
# timeout: 900
# shellcheck disable=SC2016,SC2046 # commands in single quotes are for the shell inside; some options are there or not
. "$(dirname "$0")/../lib.sh"

mkdir share
helper=$work/share/helper
musl-gcc -static -O1 -std=gnu11 -D_GNU_SOURCE -idirafter "$top/build/uapi" -o "$helper" "$top/tests/e2e/limits_helper.c" ||
	bail_out "limits_helper does not build"

# In the background, in an overlay of the busybox root, the helper and what is passed in and out in /mnt. Names are such as no other test
# has: /run is each test's own, but the cgroups are the machine's.
box()	# NAME OPTION...
{
	box_name=live-$1
	shift
	cagebox run --lower "$root_busybox" -v "$work/share:/mnt" -d --name "$box_name" "$@" >/dev/null || bail_out "no container: $*"
}

# have CONTROLLER: whether something can enforce what needs it, found without cagebox. $version is v1 or v2, $group our own cgroup.
have()
{
	group=$("$helper" base "$1")
	version=${group%% *} group=${group#* }
	[ -n "$group" ]
}

# of NAME FILTER: what list --json has about it
of()
{
	cagebox list -a --json | jq -r ".[] | select(.name == \"live-$1\") | $2"
}

# figure NAME FILTER: what stats --json has about it
figure()
{
	cagebox stats --json "live-$1" | jq -r ".[0] | $2"
}

ended()
{
	[ "$(of "$1" .status)" = exited ]
}

between()	# LEAST NUMBER MOST
{
	test "$2" -ge "$1" -a "$2" -le "$3"
}

last_line()
{
	tail -n 1 "$1" 2>/dev/null
}

forever='sleep 1000'
cpu=$("$helper" affinity)
cpu=${cpu%%,*}
began=$(date -u +%Y-%m-%dT%H:%M:%S)

# --- update --------------------------------------------------------------------------------------------------------------------

# What enters counts: init, the command, and the first of those that fork are there already.
forks()
{
	cagebox exec "live-$1" /mnt/helper forks 100
}

# Hundredths of the time for which something in live-update gets a processor.
spun()
{
	rm -f share/go share/ready
	cagebox exec live-update /mnt/helper spin /mnt/ready /mnt/go 2000 >spun &
	spinner=$!
	wait_for test -e share/ready
	echo $(($("$helper" clock) + 200)) >share/go.new
	mv share/go.new share/go
	wait $spinner
	echo $(($(cut -d' ' -f 1 spun) / 20))
}

# gets LEAST MOST: whether that is what it gets, which is in $percent. Where others keep the machine busy it may be less; in an emulated
# one, whose time they steal, more.
gets()
{
	for try in 1 2 3; do
		percent=$(spun)
		! between "$1" "$percent" "$2" || break
	done
}

box update $(! have pids || echo --max-processes 20) $(! have cpu || echo --cpus 0.5) -- $forever
before=$(of update '.limits | tojson')
run cagebox update live-update
isnt "update of nothing is wrong usage" "$status" 0
run cagebox update live-nosuch max_processes=10
is "so is one of a container that is not there" "$status $err" "125 cagebox: update: no container is called live-nosuch"
for word in nonsense=1 max_processes=ten max_processes=0 max_processes= max_processes 'cpus=1,5' =5; do
	run cagebox update live-update $word
	like "update $word is an error that names it" "$status $err" "^125 cagebox: update: .*${word%=*}"
done
for word in hostname=other device_allow=none net_classid=5 tty=yes name=x strict=yes; do
	run cagebox update live-update $word
	like "what cannot be changed while it runs is named: ${word%=*}" "$status $err" "^125 cagebox: update: .*${word%=*}"
done
run cagebox update live-update max_processes=10 cpu_share=7x
like "if one of several is wrong" "$status $err" '^125 cagebox: update: .*cpu_share'
run cagebox update live-update max_processes=10 hostname=other
like "or cannot be changed" "$status $err" '^125 cagebox: update: .*hostname'
is "nothing is changed by all that" "$(of update '.limits | tojson')" "$before"
for setting in 'pids max_processes=10' 'cpu cpus=1' 'memory max_physical_memory=64M' "cpuset cpuset=$cpu"; do
	have "${setting%% *}" && continue
	run cagebox update live-update "${setting#* }"
	like "without the controller ${setting%% *} it is an error" "$status $err" "^125 cagebox: update: .*($(echo "${setting#* }" | cut -d= -f 1)|no cgroup)"
done
if have pids; then
	is "of 20 processes" "$(forks update)" "17 EAGAIN"
	run cagebox update live-update max_processes=10
	is "update says nothing" "$status $out$err" "0 "
	is "with 10 there are fewer" "$(forks update)" "7 EAGAIN"
	is "list knows" "$(of update .limits.max_processes)" 10
	cagebox update live-update max-processes=30
	is "with 30 there are more" "$(forks update)" "27 EAGAIN"
fi
if have cpu; then
	gets 40 60
	check "of half a processor ($percent %)" between 40 "$percent" 60
	run cagebox update live-update cpus=0.2 cpu_share=2048
	is "two settings at once" "$status $out$err" "0 "
	gets 15 25
	check "with a fifth it is less ($percent %)" between 15 "$percent" 25
	is "list knows both" "$(of update '.limits | "\(.cpus) \(.cpu_share)"')" "0.2 2048"
fi
if have cpuset; then
	all=$("$helper" affinity)
	last=${all##*,}
	run cagebox update live-update "cpuset=$last"
	is "processors" "$status $(cagebox exec live-update /mnt/helper affinity)" "0 $last"
	run cagebox update live-update "cpuset=$cpu"
	is "and others" "$status $(cagebox exec live-update /mnt/helper affinity)" "0 $cpu"
	before=$(of update '.limits | tojson')
	run cagebox update live-update cpu_share=999 cpuset=4095
	like "what the kernel does not take is an error" "$status $err" "^125 cagebox: update: .*cpuset"
	is "then all is as before" "$(of update '.limits | tojson')" "$before"
	is "also in effect" "$(cagebox exec live-update /mnt/helper affinity)" "$cpu"
fi
cagebox kill -a live-update

# What had no limit may get one: then it is in force, or it is an error.
if have pids; then
	box later -- $forever
	run cagebox update live-later max_processes=20
	if [ "$status" = 0 ]; then
		is "a limit can come later" "$(forks later)" "17 EAGAIN"
	else
		like "a limit that comes too late is an error" "$status $err" '^125 cagebox: update: .*max_processes'
	fi
	cagebox kill -a live-later
fi
if have memory; then
	rm -f share/go
	box memory --max-physical-memory 32M -- sh -c 'until test -e /mnt/go; do usleep 20000; done; exec /mnt/helper alloc 64 hold >/mnt/reached'
	run cagebox update live-memory max_physical_memory=96M
	is "memory" "$status $out$err" "0 "
	touch share/go
	check "what would have died of it lives" wait_for grep -qsx 64 share/reached
	is "in its new limit" "$(of memory .limits.max_physical_memory)" 100663296
	before=$(of memory '.limits | tojson')
	run cagebox update live-memory cpu_share=333 max_physical_memory=16M
	like "a limit below what is in use is an error" "$status $err" '^125 cagebox: update: .*max_physical_memory'
	is "the old ones are in force" "$(of memory '.limits | tojson')" "$before"
	is "it lives" "$(of memory .status)" running
	cagebox kill -a live-memory
fi
leaks_check "of the updates nothing is left over"

# --- pause and resume ------------------------------------------------------------------------------------------------------------

# It counts, and writes the number over the one before.
counter='trap "echo term >/mnt/NAME.term; exit 9" TERM
n=0
while :; do
	n=$((n + 1))
	echo $n >/mnt/NAME.new
	mv /mnt/NAME.new /mnt/NAME.count
	usleep 2000
done'
counting()	# NAME
{
	counting=$1
	rm -f "share/$counting".*
	shift
	box "$counting" "$@" -- sh -c "$(echo "$counter" | sed "s/NAME/$counting/g")"
	wait_for test -s "share/$counting.count"
}

count()
{
	cat "share/$1.count"
}

counts_on()	# NAME: whether it goes on from what it is now
{
	from=$(count "$1")
	wait_for sh -c "[ \"\$(cat share/$1.count)\" -gt $from ]"
}

# A third of a second, in which one that runs gets on by dozens.
stands_still()
{
	from=$(count "$1")
	sleep 0.3
	[ "$(count "$1")" = "$from" ]
}

status_of()
{
	of "$1" .status
}

if have freezer || have any; then
	counting one
	counting two -N hic
	run cagebox pause live-one live-two
	is "pause" "$status $out$err" "0 "
	check "nothing goes on" stands_still one
	check "in both" stands_still two
	is "list says so" "$(status_of one) $(status_of two)" "paused paused"
	like "the table too" "$(cagebox list)" '^live-one +paused +[0-9]+'
	run cagebox pause live-one
	is "a second pause is no error" "$status $err" "0 "
	run cagebox exec live-one true
	like "nobody can enter" "$status $err" '^125 cagebox: exec: .*live-one.*paused'
	is "stats are there" "$(figure one .name)" live-one
	run cagebox resume live-one
	is "resume" "$status $out$err" "0 "
	check "it goes on" counts_on one
	is "list says that it runs" "$(status_of one)" running
	check "the other does not" stands_still two
	run cagebox resume live-one
	is "a second resume is no error" "$status $err" "0 "
	cagebox resume live-two
	check "one without a pid namespace goes on too" counts_on two
	run cagebox exec live-one echo inside
	is "one can enter again" "$status $out" "0 inside"

	cagebox pause live-one live-two
	run cagebox stop live-one
	is "a paused one can be stopped" "$status $out$err" "0 "
	is "it hears the signal" "$(cat share/one.term)" term
	is "and ends as it likes" "$(of one '.exit | "\(.reason) \(.code)"')" "stop 9"
	run cagebox kill -a live-two
	is "a paused one can be killed" "$status $err$(of two .exit.code)" "0 137"
	counting one
	cagebox pause live-one
	run cagebox kill -s TERM live-one
	status_is "a signal to a paused one is no error" 0
	cagebox resume live-one
	check "it gets it, at the latest when it goes on" wait_for ended one
	is "and does as it likes" "$(cat share/one.term) $(of one .exit.code)" "term 9"

	# Who is frozen cannot even die, with v1.
	counting one
	cagebox pause live-one
	victims=$(of one '"\(.monitor) \(.pid)"')
	# shellcheck disable=SC2086
	kill -9 $victims
	wait_for sh -c "! kill -0 ${victims%% *} 2>/dev/null"
	check "killed with its monitor while paused, it is gone after the next call" wait_for sh -c 'cagebox list -q >listed && ! grep -q . listed'
	leaks_check "and nothing is left over"
	# Should it be otherwise, the frozen ones would hold up the end of this test for ever.
	find /sys/fs/cgroup -path '*/cagebox-live-one/freezer.state' -exec sh -c 'echo THAWED >"$0"' {} \;

	# In the foreground the terminal's ^C comes as a signal to the monitor.
	rm -f share/front.*
	cagebox run --lower "$root_busybox" -v "$work/share:/mnt" --name live-front --cgroup yes -- sh -c "$(echo "$counter" | sed s/NAME/front/g)" &
	front=$!
	wait_for test -s share/front.count
	run cagebox pause live-front
	is "one in the foreground can be paused" "$status $err" "0 "
	check "it stands still" stands_still front
	cagebox stop live-front
	code=0
	wait $front || code=$?
	is "and be stopped" "$code $(cat share/front.term)" "9 term"
fi
box without --cgroup no -- $forever
for applet in pause resume; do
	run cagebox $applet live-without
	like "$applet of one without a cgroup is an error that says so" "$status $err" "^125 cagebox: $applet: .*live-without.*cgroup"
	run cagebox $applet live-nosuch
	is "$applet of one that is not there too" "$status $err" "125 cagebox: $applet: no container is called live-nosuch"
	run cagebox $applet
	isnt "$applet of none is wrong usage" "$status" 0
done
is "which has done it no harm" "$(status_of without)" running

# --- stats -----------------------------------------------------------------------------------------------------------------------

run cagebox stats live-nosuch
is "stats of a container that is not there" "$status $err" "125 cagebox: stats: no container is called live-nosuch"
run cagebox stats live-without
like "one without a cgroup says so" "$status $out $err" "live-without.*no cgroup"
run cagebox update live-without max_processes=20
like "it can have no limits either" "$status $err" '^125 cagebox: update: .*(max_processes|cgroup)'
cagebox kill -a live-without
is "of nobody there are none" "$(cagebox stats --json | jq -c .)" "[]"

if have freezer || have any; then
	box stats -- sh -c 'sleep 1000 & sleep 1000 & exec sleep 1000'
	box busy $(! have cpu || echo --cpus 0.5) -- sh -c 'while :; do :; done'
	cagebox stats --json >stats
	is "stats --json is JSON, of all that run" "$(jq -c 'map(.name) | sort' stats)" '["live-busy","live-stats"]'
	is "with at least these figures" "$(jq -c '["cpu.usage_usec", "cpu.percent", "cpu.periods", "cpu.throttled_periods", "cpu.throttled_usec", "memory.bytes",
		"memory.peak", "memory.limit", "memory.swap", "memory.oom_kills", "pids.current", "pids.limit", "io.read_bytes", "io.write_bytes",
		"io.read_ops", "io.write_ops"] - [.[0] | paths | join(".")]' stats)" "[]"
	is "pressure is null, or has all three" "$(jq -c '.[0].pressure | . == null or keys == ["cpu", "io", "memory"]' stats)" true
	is "all are numbers, or null" "$(jq -c '[.[] | (.cpu, .memory, .pids, .io, .pressure) | .. | scalars | type] | unique - ["null", "number"]' stats)" "[]"
	run cagebox stats
	like "the table has a head" "$out" '^NAME '
	is "and a line each" "$(echo "$out" | grep -c '^live-\(busy\|stats\) ')" 2
	run cagebox stats live-stats
	is "or only of those that are named" "$status $(echo "$out" | grep -c '^live-')" "0 1"
	if have pids; then
		check "processes: init and three" wait_for sh -c '[ "$(cagebox stats --json live-stats | jq ".[0].pids.current")" = 4 ]'
		is "without a limit it is null" "$(figure stats .pids.limit)" null
	fi
fi
if have cpu; then
	# The process's own count is the measure: how much it gets depends on what else the machine has to do.
	burner=$(pgrep -P "$(of busy .pid)")
	burnt()	# hundredths of a second
	{
		sed 's/.*) //' "/proc/$burner/stat" | awk '{ print $12 + $13 }'
	}
	first=$(figure busy .cpu.usage_usec)
	first_burnt=$(burnt)
	wait_for sh -c "[ \$(sed 's/.*) //' /proc/$burner/stat | awk '{ print \$12 + \$13 }') -ge $((first_burnt + 50)) ]"
	# It goes on while it is looked at: what it had before and after are the bounds.
	least=$(($(burnt) - first_burnt))
	rise=$((($(figure busy .cpu.usage_usec) - first) / 10000))
	most=$(($(burnt) - first_burnt))
	check "usage_usec of a busy one rises by what it uses ($rise, $least to $most hundredths of a second)" between $((least * 60 / 100)) "$rise" $((most * 120 / 100))
	check "a quota shows: periods, those that were cut short, and for how long" \
		test "$(figure busy '.cpu | .periods > 0 and .throttled_periods > 0 and .throttled_usec > 0')" = true
	check "percent is about the quota" wait_for sh -c 'cagebox stats --json live-busy | jq -e ".[0].cpu.percent | . > 35 and . < 65"'
	check "an idle one uses next to nothing" test "$(figure stats '.cpu.usage_usec')" -lt "$(figure busy '.cpu.usage_usec')"
fi
if have memory; then
	before=$(figure stats .memory.bytes)
	rm -f share/reached
	cagebox exec live-stats sh -c 'exec /mnt/helper alloc 32 hold >/mnt/reached' &
	client=$!
	wait_for grep -qsx 32 share/reached
	now=$(figure stats .memory.bytes)
	check "memory of 32 MiB is counted ($before, $now)" between 33554432 "$now" 50331648
	check "the peak is no less" test "$(figure stats .memory.peak)" -ge "$now"
	is "without a limit it is null" "$(figure stats .memory.limit)" null
	is "nobody was killed" "$(figure stats .memory.oom_kills)" 0
	cagebox kill -a live-stats
	wait $client
	box limited --max-physical-memory 64M $(! have pids || echo --max-processes 33) -- $forever
	is "the limit" "$(figure limited .memory.limit)" 67108864
	! have pids || is "that of processes" "$(figure limited .pids.limit)" 33
	cagebox kill -a live-limited
else
	cagebox kill -a live-stats 2>/dev/null
fi
cagebox kill -a live-busy 2>/dev/null
leaks_check "of the stats nothing is left over"

truncate -s 16M disk
"$helper" loop "$work/disk" >loop 2>loop.err &
holder=$!
wait_for sh -c "test -s loop || test -s loop.err"
disk=$(cat loop)
leaks_begin
if [ -z "$disk" ]; then
	skip "what is read and written" "a loop device: $(cat loop.err)"
elif ! have blkio; then
	skip "what is read and written" "a controller of block devices: blkio or io"
else
	# v1 does not count before it has something to throttle.
	box io --device "$disk:/dev/disk" --iops-limit "$disk 100000" -- $forever
	before=$(figure io .io.read_ops)
	cagebox exec live-io /mnt/helper read /dev/disk 65536 64
	is "what is read of a disk is counted" "$(figure io '.io | .read_bytes >= 4194304')" true
	check "in operations too ($before, $(figure io .io.read_ops))" test $(($(figure io .io.read_ops) - before)) -ge 64
	before=$(figure io .io.write_bytes)
	cagebox exec live-io dd if=/dev/zero of=/dev/disk bs=64k count=16 conv=fsync 2>/dev/null
	check "what is written as well" test $(($(figure io .io.write_bytes) - before)) -ge 1048576
	# The number may be another one while it runs: it is at once the one that holds.
	box update-io --device "$disk:/dev/disk" --io-bw-limit "r:$disk 8M" -- $forever
	run cagebox update live-update-io "io_bw_limit=r:$disk 1M"
	is "limits of disks can be changed" "$status $out$err" "0 "
	for try in 1 2 3; do
		rate=$(cagebox exec live-update-io /mnt/helper io r /dev/disk 65536 2000)
		[ "${rate%% *}" -lt 838861 ] || break
	done
	check "then they are those ($rate a second)" between 838861 "${rate%% *}" 1258291
	number=$(cat "/sys/class/block/${disk#/dev/}/dev")
	is "list knows" "$(of update-io '.limits.io_bw_limit[]')" "r:$number 1048576"
	run cagebox update live-update-io io_bw_limit=/dev/null
	like "nonsense is an error" "$status $err" '^125 cagebox: update: .*io_bw_limit'
	run cagebox update live-update-io 'io_bw_limit=1:0 1M'
	like "a disk that is not there too" "$status $err" '^125 cagebox: update: .*io_bw_limit'
	is "which leaves all as it was" "$(of update-io '.limits.io_bw_limit[]')" "r:$number 1048576"
	cagebox kill -a live-io live-update-io
fi
[ -z "$disk" ] || kill $holder
wait $holder 2>/dev/null

# --- events ----------------------------------------------------------------------------------------------------------------------

# Followed from before the first of them.
cagebox events -f >followed 2>&1 &
follower=$!
leaks_begin
seen()	# NAME: its events, in order
{
	jq -r "select(.name == \"live-$1\") | .event" followed 2>/dev/null | tr '\n' ' '
}
has_seen()	# NAME EVENTS
{
	[ "$(seen "$1")" = "$2 " ]
}

cagebox run --lower "$root_busybox" --name live-first -- true
check "whoever follows sees it" wait_for has_seen first "start stop"
box story -- sh -c 'trap "exit 7" TERM; touch /mnt/story; while :; do usleep 10000; done'
wait_for test -e share/story
story=start
if have freezer || have any; then
	cagebox pause live-story
	cagebox resume live-story
	story="$story pause resume"
fi
if have cpu; then
	cagebox update live-story cpu_share=512
	story="$story update"
fi
cagebox stop live-story
story="$story stop"
check "what happens to one comes in order: $story" wait_for has_seen story "$story"
[ "$(seen story)" = "$story " ] || diag "$(cat followed)"
is "each is an object of at least three" "$(jq -c 'has("time") and has("event") and has("name")' followed | uniq)" true
is "stop has reason and code" "$(jq -r 'select(.name == "live-story" and .event == "stop") | "\(.reason) \(.code)"' followed)" "stop 7"
is "no other has" "$(jq -c 'select(.event != "stop") | has("reason") or has("code")' followed | uniq)" false
is "time is now, in UTC" "$(jq -s "map(.time[:19]) | min >= \"$began\" and max <= \"$(date -u +%Y-%m-%dT%H:%M:%S)\"" followed)" true
is "and does not go backwards" "$(jq -sc 'map(.time) | . == sort' followed)" true
box signal -- sh -c 'kill -SEGV $$'
wait_for has_seen signal "start stop"
is "one that a signal ends" "$(jq -r 'select(.name == "live-signal" and .event == "stop") | "\(.reason) \(.code)"' followed)" "signal 139"
if have memory; then
	box oom --max-physical-memory 32M -- /mnt/helper alloc 400
	check "out of memory comes before the end" wait_for has_seen oom "start oom stop"
	is "which has it as reason" "$(jq -r 'select(.name == "live-oom" and .event == "stop") | "\(.reason) \(.code)"' followed)" "out of memory 137"
fi
cagebox events -f live-other >narrow 2>&1 &
narrow=$!
leaks_begin
cagebox run --lower "$root_busybox" --name live-story -- true
cagebox run --lower "$root_busybox" --name live-other -- true
wait_for grep -qs '"stop"' narrow
is "names narrow it down" "$(jq -r .name narrow | sort -u)" live-other
for pid in $follower $narrow; do
	kill -0 "$pid" || fail "events -f goes on until it is killed" "$(cat followed narrow)"
	kill "$pid"
	wait "$pid" 2>/dev/null
done
pass "who follows ends when killed"
run cagebox events live-other
is "what has been can be had afterwards" "$status $(printf '%s\n' "$out" | jq -r .event | tail -n 2 | tr '\n' ' ')" "0 start stop "
finish
