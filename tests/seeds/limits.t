#!/bin/sh
# SPDX-License-Identifier: Zlib
# The limits of minimal-containers and tcontainer, each by its effect on a program inside. Numbers in brackets are rows of the
# checklist of the programs that cagebox replaces.
. "$(dirname "$0")/../lib.sh"

mkdir bin containers containers/configs containers/logs containers/pids
cagebox --install -s bin || bail_out "no links"
PATH=$work/bin:$PATH
CAGEBOX_PATH=$work/containers
export CAGEBOX_PATH
root=$(root_copy "$root_busybox")
musl-gcc -static -O1 -std=gnu11 -D_GNU_SOURCE -idirafter "$top/build/uapi" -o "$root/bin/helper" "$top/tests/e2e/limits_helper.c" ||
	bail_out "limits_helper does not build"
mkdir "$root/share" share

# conf NAME COMMAND [LINE...]: a configuration whose command, a line for the shell, has $work/share as its /share
conf()
{
	name=$1 command=$2
	shift 2
	printf '#!/bin/sh\n%s\n' "$command" >"$root/bin/do-$name"
	chmod 755 "$root/bin/do-$name"
	printf '%s\n' "root=$root" "init=/bin/do-$name" namespaces=ph "mount=$work/share:/share" "$@" >"$CAGEBOX_PATH/configs/$name"
}

start()
{
	run minimal-containers start -d "$1"
}

between()	# LEAST NUMBER MOST
{
	test "$2" -ge "$1" -a "$2" -le "$3"
}

# both START START: run two such commands, which spin, at the same time on one processor; $ratio is a hundred times how much more the
# second had of it.
cpu=$("$root/bin/helper" affinity)
cpu=${cpu%%,*}
both()
{
	rm -f share/*
	sh -c "$1" >one 2>&1 &
	first=$!
	sh -c "$2" >two 2>&1 &
	wait_for test -e share/one -a -e share/two || diag "$(cat one two)"
	echo $(($("$root/bin/helper" clock) + 500)) >share/new
	mv share/new share/go
	wait $first $!
	ratio=$((100 * $(sed -n '$s/ .*//p' two) / ($(sed -n '$s/ .*//p' one) + 1)))
}

# --- minimal-containers ----------------------------------------------------------------------------------------------------

conf web 'helper alloc 64; echo after' max_physical_memory=32M
start web
is "[59] max_physical_memory: who takes more is ended" "$status $(echo "$out" | grep -c after)" "137 0"
like "[59] as it says" "$err" '^cagebox: minimal-containers: warning: .*out of memory'
check "[59] not before it has nearly all of it" between 16 "$(echo "$out" | tail -n 1)" 32
conf web 'helper alloc 16; echo after' max_physical_memory=32M
start web
is "[59] who takes less is not" "$status $(echo "$out" | tail -n 1) $err" "0 after "
conf web 'helper alloc 64; echo after' max_memory=32M
start web
is "[60] max_memory limits without the other too" "$status $(echo "$out" | grep -c after)" "137 0"
conf web 'helper alloc 64; echo after' max_memory=128M max_physical_memory=96M
start web
is "[60] both together, with enough for it" "$status $(echo "$out" | tail -n 1) $err" "0 after "
conf one "helper spin /share/one /share/go 2500 $cpu" cpu_share=512
conf two "helper spin /share/two /share/go 2500 $cpu" cpu_share=1536
both "minimal-containers start -d one" "minimal-containers start -d two"
check "[61] cpu_share: 512 and 1536 divide a processor as one to three ($ratio)" between 230 $ratio 380
conf one 'helper send' net_classid=0x10001
if "$root/bin/helper" base net_cls >/dev/null; then
	skip "[62] net_classid" "a machine without v1 net_cls: e2e/limits-devices has it"
else
	run "$root/bin/helper" packets 0x10001 minimal-containers start -d one
	like "[62] net_classid: all its packets carry the number" "$out" '^([2-9]) packets, \1 marked$'
fi
conf web 'helper forks 100' max_processes=20
start web
is "[71] max_processes: a fork bomb ends there; init and the shell are two of them" "$status $out" "0 17 EAGAIN"

truncate -s 16M disk
"$root/bin/helper" loop "$work/disk" >loop 2>loop.err &
wait_for sh -c "test -s loop || test -s loop.err"
disk=$(cat loop)
leaks_begin
if [ -z "$disk" ]; then
	skip "[65 66] iops_limit, io_bw_limit" "a loop device: $(cat loop.err)"
else
	number=$(cat "/sys/class/block/${disk#/dev/}/dev")
	# What is named twice is limited in both ways.
	conf one 'helper io r /dev/disk 4096 3000' "device=$disk:/dev/disk" "iops_limit=$number 100" "iops_limit=r:$disk 100"
	conf two 'helper io r /dev/disk 65536 3000' "device=$disk:/dev/disk" "io_bw_limit=$number 2M" "io_bw_limit=w:$disk 1M"
	minimal-containers start -d one >one 2>&1 &
	run minimal-containers start -d two
	wait $!
	rate=$(sed -n 's/^[0-9]* \([0-9]*\)\..*/\1/p' one)
	check "[65] iops_limit, several: reads a second are 100 ($rate)" between 80 "${rate:-0}" 120
	rate=${out%% *}
	check "[66] io_bw_limit, several: bytes a second are 2 M ($rate)" between 1677722 "${rate:-0}" 2516582
fi

# --- tcontainer ------------------------------------------------------------------------------------------------------------

last=$("$root/bin/helper" affinity)
last=${last##*,}
run tcontainer cpuset "$last" fs "$root" -- helper affinity
is "[73] cpuset: it can run nowhere else" "$status $out$err" "0 $last"
mount --bind share "$root/share"
both "tcontainer name one cpushare 512 fs $root -- helper spin /share/one /share/go 2500 $cpu" \
	"tcontainer name two cpushare 1536 fs $root -- helper spin /share/two /share/go 2500 $cpu"
umount "$root/share"
check "[74] cpushare: 512 and 1536 divide a processor as one to three ($ratio)" between 230 $ratio 380
run tcontainer memlimit 32m fs "$root" -- sh -c 'helper alloc 64; echo after'
is "[75] memlimit: who takes more is ended" "$status $(echo "$out" | grep -c after)" "137 0"
run tcontainer memlimit 32m fs "$root" -- sh -c 'helper alloc 16; echo after'
is "[75] who takes less is not" "$status $(echo "$out" | tail -n 1)" "0 after"
finish
