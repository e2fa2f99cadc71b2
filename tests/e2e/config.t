#!/bin/sh
# SPDX-License-Identifier: Zlib
# Configurations: start, start-all, stop-all and config; and what mostly stands in them: pid_file, log=none, mountpoint.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

conf_dir=/etc/cagebox
made=
[ -d $conf_dir ] || { mkdir -p $conf_dir && made=1; }
mount -t tmpfs conf $conf_dir || bail_out "no tmpfs on $conf_dir"
leaks_begin
mkdir out

# conf NAME COMMAND [LINE...]: in an overlay of the busybox root; what it writes to /out is in out
conf()
{
	conf_name=$1 conf_command=$2
	shift 2
	printf '%s\n' "lower=$root_busybox" "command=$conf_command" "mount=$work/out:/out" "$@" >"$conf_dir/$conf_name.conf"
}

running()
{
	cagebox list -q | tr '\n' ' '
}

json()
{
	cagebox list -a --json | jq -r ".[] | select(.name == \"$1\") | $2"
}

ended()
{
	[ "$(json "$1" .status)" = exited ]
}

# kill_all NAME: monitor and init die at once, with nobody to clean up
kill_all()
{
	victims=$(json "$1" 'select(.pid > 1 and .monitor > 1) | "\(.monitor) \(.pid)"')
	[ -n "$victims" ] || return
	kill -STOP $victims
	kill -9 $victims
	wait_for sh -c "! kill -0 $victims 2>/dev/null"
}

forever='sleep 1000'
polite='sh -c "trap \"hostname >>/out/term; exit 3\" TERM; hostname >>/out/up; while :; do sleep 0.05; done"'
stubborn='sh -c "trap \"\" TERM; hostname >>/out/up; while :; do sleep 0.05; done"'

# --- start -----------------------------------------------------------------------------------------------------------------

conf web "$polite"
run cagebox start web
is "start returns when the command runs, and says nothing" "$status $out$err" "0 "
is "it is the container of that name" "$(running)" "web "
wait_for test -s out/up
is "which is its host name" "$(cat out/up)" web
check "its log is in the usual place" test -e /var/log/cagebox/web.log
run cagebox start web
is "one that runs is not started again" "$status $err" "125 cagebox: start: the container web is running already"
first=$(json web .pid)
run cagebox start -r web
is "start -r stops it first" "$status $out$err $(cat out/term)" "0  web"
check "and then there is another" test "$(json web .pid)" != "$first" -a "$(running)" = "web "
conf web "$polite" "mount=$work/missing"
first=$(json web .pid)
run cagebox start -r web
is "but not when the new one cannot work" "$status $err" "125 cagebox: start: mount: $work/missing: No such file or directory"
is "then the old one stays" "$(json web .pid)" "$first"
echo 'colour=red' >>$conf_dir/web.conf
run cagebox start -r web
is "nor when its configuration is wrong" "$status $err" "125 cagebox: start: $conf_dir/web.conf:5: unknown key 'colour'"
is "then it stays too" "$(json web .pid)" "$first"
cagebox stop web
conf web "$stubborn" stop_timeout=300ms
rm -f out/*
run cagebox start --replace web
is "start -r starts one that does not run, too" "$status$err $(running)" "0 web "
wait_for test -s out/up
first=$(json web .pid)
run cagebox start -r web
check "one that does not go when asked is replaced after its stop_timeout" test "$status" = 0 -a "$(json web .pid)" != "$first"
conf web nonsense
run cagebox start -r web
is "if the new one fails after that, there is none" "$status $err $(running)" "127 cagebox: start: run nonsense: No such file or directory "
leaks_check "nothing is left of these"

conf one "$forever"
conf two "$forever"
run cagebox start one nobody two
is "several are started, whatever becomes of some" "$status $(running)" "125 one two "
is "the one that failed is named" "$err" "cagebox: start: open the configuration $conf_dir/nobody.conf: No such file or directory"
cagebox stop one two
for name in ../one .one /etc/passwd '' "$(printf 'a\nb')"; do
	run cagebox start "$name"
	like "no name: '$name'" "$status $err" "^125 cagebox: start: '.* is not a name"
done
run cagebox start
like "without a name it tells how to call it" "$status $err" '^125 cagebox: start: .*start \[-r\] \[-f\] NAME'

conf front 'sh -c "cat; echo error >&2; exit 7"'
run sh -c 'echo typed | cagebox start -f front'
is "start -f stays, with the caller's streams and the command's exit code" "$status $out $err" "7 typed error"
check "then there is no log" test ! -s /var/log/cagebox/front.log
run cagebox start -f one two
is "only one can be in the foreground" "$status $err $(running)" "125 cagebox: start: only one container can be in the foreground "
conf front "$polite"
rm -f out/*
cagebox start front
wait_for test -s out/up
rm out/up
cagebox start -r -f front &
attached=$!
wait_for test -s out/up
is "start -r -f replaces, too" "$(cat out/term)" front
cagebox stop front
code=0
wait $attached || code=$?
is "its exit code is the new one's" $code 3
leaks_check "nothing is left of these"

# --- start-all, stop-all ---------------------------------------------------------------------------------------------------

rm -f $conf_dir/* out/*
run cagebox start-all
is "start-all without a configuration" "$status $out$err" "0 "
printf '#!/bin/sh\nhead -c 100 "$2/etc/name" >>"%s/order"\n' "$work/out" >hook && chmod 755 hook
for name in zeta beta-2 alpha beta.1; do
	mkdir -p "name/$name/etc" && echo $name >"name/$name/etc/name"
	printf '%s\n' "lower=$work/name/$name:$root_busybox" "command=$forever" "hook_init=$work/hook" >$conf_dir/$name.conf
done
run cagebox start-all
is "start-all starts all" "$status $out$err $(running)" "0  alpha beta-2 beta.1 zeta "
is "in order of their names" "$(tr '\n' ' ' <out/order)" "alpha beta-2 beta.1 zeta "
first=$(json zeta .pid)
cagebox stop alpha
conf alpha nonsense
conf eta "$forever"
printf 'no\n' >$conf_dir/bad.conf
printf 'no\n' >"$conf_dir/no name.conf"
for other in .hidden.conf .conf readme other.conf.bak; do
	printf 'no\n' >"$conf_dir/$other"
done
mkdir $conf_dir/boot.d
run cagebox start-all
is "one that fails does not hold up the others" "$(running)" "beta-2 beta.1 eta zeta "
is "the exit code tells of it" "$status" 125
is "each is told, and nothing else in the directory" "$(echo "$err" | sed 's/ (.*//')" "cagebox: start-all: run nonsense: No such file or directory
cagebox: start-all: $conf_dir/bad.conf:1: 'no' is not KEY=VALUE
cagebox: start-all: 'no name' is not a name"
is "those that run are left alone" "$(json zeta .pid)" "$first"
run cagebox start-all zeta
is "it takes no names" "$status $err" "125 cagebox: start-all: takes no arguments"

cagebox run -d --lower "$root_busybox" --name by-hand -- $forever >/dev/null
run cagebox stop-all
is "stop-all stops those that configurations have started" "$status $out$err" "0 "
is "and nothing else" "$(running)" "by-hand "
run cagebox stop-all
is "a second time there is nothing to stop" "$status $out$err" "0 "
run cagebox stop-all by-hand
is "it takes no names either" "$status $err" "125 cagebox: stop-all: takes no arguments"
cagebox stop by-hand
rm -rf ${conf_dir:?}/* ${conf_dir:?}/.hidden.conf ${conf_dir:?}/.conf
for name in slow1 slow2 slow3; do
	conf $name "$stubborn" stop_timeout=2s
done
rm -f out/*
cagebox start-all
wait_for sh -c '[ "$(grep -c slow out/up)" = 3 ]'
start=$(date +%s%N)
run cagebox stop-all
took=$((($(date +%s%N) - start) / 1000000))
check "stop-all stops them side by side ($took ms)" test "$status" = 0 -a $took -ge 1900 -a $took -lt 5000
leaks_check "nothing is left of these"

# --- config ----------------------------------------------------------------------------------------------------------------

rm -f $conf_dir/* out/*
mkdir src
cat >$conf_dir/web.conf <<EOF
# a comment
lower=$root_busybox

init=/bin/a program
env=A=1
env=B=x = y
net=none
overlay=persistent
max_memory=64M
mount=$work/src:/data:rw,optional
hook_init=$work/hook
EOF
run cagebox config web
status_is "config shows what a configuration comes to" 0
# origin KEY: the last comment above it
origin()
{
	printf '%s\n' "$out" | awk -v "key=$1=" '/^#/ { last = $0 } index($0, key) == 1 { print last; exit }'
}
value()
{
	printf '%s\n' "$out" | sed -n "s/^$1=//p"
}
is "each setting with file and line" "$(origin lower) $(origin net)" "# $conf_dir/web.conf:2 # $conf_dir/web.conf:7"
is "one that repeats with all its lines" "$(origin env) $(value env)" "# $conf_dir/web.conf:5,6 A=1
B=x = y"
is "one set by its other name" "$(origin command) $(value command)" "# $conf_dir/web.conf:4 \"/bin/a program\""
is "what follows from others is told" "$(origin namespaces) $(value namespaces)" "# follows from other settings phinc"
is "and what is a default" "$(origin stop_timeout) $(value stop_timeout) $(origin keep) $(value keep)" "# default 10s # default no"
is "sizes, as they are written" "$(value max_memory)" 64M
isnt "a default that was written is not one" "$(printf 'stop_timeout=10s\n' >"$work/default.conf" && cagebox config "$work/default.conf" | grep -c "^# $work/default.conf:1\$")" 0
run cagebox config ./missing.conf
is "a FILE has a slash in it" "$status $err" "125 cagebox: config: open the configuration ./missing.conf: No such file or directory"
run cagebox config missing
is "a NAME has none" "$status $err" "125 cagebox: config: open the configuration $conf_dir/missing.conf: No such file or directory"
run cagebox config ''
like "an empty one is neither" "$status $err" "^125 cagebox: config: '' is not a name"
run cagebox config
like "without any it tells how to call it" "$status $err" '^125 cagebox: config: .*config \[-q\] NAME\|FILE'
run cagebox config -q web
is "-q checks only" "$status $out$err" "0 "
check "nothing was made, run or started" test ! -e /var/lib/cagebox/web -a ! -e out/order -a ! -e /var/log/cagebox/web.log -a -z "$(running)"

printf 'lower=%s\nuser=app\nmax_memory=lots\n' "$root_busybox" >bad.conf
run cagebox config ./bad.conf
is "a bad setting is named with file and line" "$status $out $err" \
	"125  cagebox: config: ./bad.conf:3: max_memory: 'lots' is not a size such as 64M (bytes, or K, M, G)"
printf 'root=/\nlower=/\n' >bad.conf
run cagebox config ./bad.conf
is "settings that exclude each other too" "$status $out $err" "125  cagebox: config: root and lower exclude each other"
printf 'root=%s/missing\n' "$work" >bad.conf
run cagebox config ./bad.conf
like "what the host has not is told after what it comes to" "$status $out" "^root=$work/missing$"
is "with the reason" "$status $err" "125 cagebox: config: root: $work/missing: No such file or directory"
printf 'root=/\nio_bw_limit=%s/missing 1M\n' "$work" >bad.conf
run cagebox config ./bad.conf
is "a disk of a limit is one of these" "$status $err" "125 cagebox: config: io_bw_limit: $work/missing: No such file or directory"
printf 'root=/\niops_limit=r:/dev/null 5\n' >bad.conf
run cagebox config ./bad.conf
is "and has to be one" "$status $err" "125 cagebox: config: iops_limit: /dev/null is not a block device"
printf 'root=/\ncpus=1\ncgroup=no\n' >bad.conf
run cagebox config ./bad.conf
is "limits need a cgroup" "$status $out $err" "125  cagebox: config: cgroup=no and limits exclude each other"
run cagebox config -q ./bad.conf web ./default.conf
is "several are checked, whatever is wrong with some" "$status $(echo "$err" | wc -l)" "125 1"

# round_trip TITLE FILE: what config prints is a configuration, and says the same. Settings are not in the same order, as there is
# no default among them any more.
round_trip()
{
	cagebox config "$2" >printed.conf
	run cagebox config ./printed.conf
	is "what is printed is a configuration with the same result: $1" "$status $(echo "$out" | grep -v '^#' | sort)" \
		"0 $(grep -v '^#' printed.conf | sort)"
}

keys()
{
	sed -n 's/^\([a-z_]*\)=.*/\1/p' "$1" | sort -u
}

echo '#!/bin/sh' >script && chmod 755 script
mknod disk b 8 0
cat >full.conf <<EOF
lower=$root_busybox:$root_debian
overlay=tmpfs:16M
mountpoint=$work/src
read_only=yes
command=sh -c 'echo "a  b" \$X' '' a\\ b "it's"
user=app:audio:100
env=X=a b
env=Y=
env=Z="'\\
cwd=/home/app
umask=027
tty=no
namespaces=phitc
id_map_start=300000
net=none
hostname=host.example
mount=$work/src:/a\\:b
mount=$work/src:/c:optional
mount_ro=$work/src:/ro
mount_overlay=$work/src:/over
tmpfs=/mem:1M:mode=1770,uid=5,gid=6
device=/dev/zero:/dev/extra
rlimit=nofile=10:20
rlimit=core=unlimited
oom_score_adj=-5
max_physical_memory=1000
max_memory=1536K
memory_low=500
cpu_share=512
cpus=01.50
cpuset=0,0-0
cpuset_mems=0
max_processes=10
iops_limit=8:0 10
iops_limit=r:8:16 20
io_bw_limit=w:$work/disk 1M
hugetlb=2M 64M
hugetlb=1G 2G
net_classid=0x100001
device_allow=c 10:200 rw
device_allow=b *:* m
cgroup=yes
strict=yes
cap_add=net_raw,sys_time
cap_drop=all
cap_ambient=none
no_new_privs=no
privileged=yes
landlock_scope=no
init_script=$work/script
hook_init=$work/script
hook_shutdown=$work/script
shutdown_hook=echo bye; true
stop_signal=RTMIN+3
stop_timeout=1500ms
log=/var/log/other
log_size=64K
log_count=9
pid_file=$work/pid
keep=yes
EOF
round_trip "all settings" ./full.conf
keys full.conf >full.keys
keys printed.conf >printed.keys
is "none of them is left out" "$(comm -23 full.keys printed.keys)" ""
round_trip "none" ./default.conf
printf 'root=/\noverlay=none\ninit=@/bin/sh\n' >small.conf
round_trip "a root as it is" ./small.conf
printf 'upper=%s/src\nwork=%s/out\nuser=1000\ngroups=5:6\n' "$work" "$work" >small.conf
round_trip "upper and work" ./small.conf
printf 'overlay=image:%s/image:5M\nlog=none\n' "$work" >small.conf
round_trip "an image" ./small.conf
printf 'lower=/\noverlay=none\nnamespaces=none\n' >small.conf
round_trip "no overlay" ./small.conf
echo below >src/file
printf '%s\n' "lower=$root_busybox" tmpfs=/data "mount=$work/src:/data/sub" 'command=cat /data/sub/file' >small.conf
run cagebox run --config ./small.conf
is "mounts come in the order of the file" "$status $out" "0 below"
cagebox config ./small.conf >printed.conf
run cagebox run --config ./printed.conf
is "which stays when it is printed" "$status $out" "0 below"
printf '%s\n' "mount=$work/src:/data:ro" >small.conf
run cagebox config ./small.conf
is "a mount that is read-only by its option has its line" "$(origin mount_ro)" "# ./small.conf:1"
leaks_check "nothing is left of these"

# --- pid_file --------------------------------------------------------------------------------------------------------------

rm -f $conf_dir/* out/*
conf one "$forever" "pid_file=$work/pid"
conf two "$forever" "pid_file=$work/pid"
cagebox start one
is "pid_file holds the pid of init" "$(cat pid)" "$(json one .pid)"
is "for everybody to read" "$(stat -c '%a %U' pid)" "644 root"
run cagebox start two
is "it belongs to one container" "$status $err" "125 cagebox: start: pid_file: $work/pid belongs to a container that is running"
is "whose it stays" "$(running)$(cat pid)" "one $(json one .pid)"
cagebox stop one
check "it goes with a stop" test ! -e pid
cagebox start one && cagebox kill -a one
check "with a kill" test ! -e pid
cagebox run --lower "$root_busybox" --pid-file "$work/pid" -v "$work:/mnt" -- sh -c 'cp /mnt/pid /mnt/copy'
check "in the foreground it is there, too, and goes with the end" test -s copy -a ! -e pid
conf one nonsense "pid_file=$work/pid"
run cagebox start one
check "a start that failed leaves none" test "$status" = 127 -a ! -e pid
conf one "$forever" "pid_file=$work/pid"
for stale in 1 999999 ' 17 ' ''; do
	printf '%s\n' "$stale" >pid
	run cagebox start one
	is "a stale number is taken over: '$stale'" "$status$err $(cat pid)" "0 $(json one .pid)"
	cagebox stop one
done
for text in 'not a number' '12 monkeys' 12345678901234567890123456789012345; do
	printf '%s\n' "$text" >pid
	run cagebox start one
	is "something else is refused: '$text'" "$status $err" "125 cagebox: start: pid_file: $work/pid is there already and holds something else than a number"
	is "and left as it is" "$(cat pid)" "$text"
done
rm pid && echo 1 >target && ln -s target pid
run cagebox start one
like "a link is refused" "$status $err" "^125 cagebox: start: pid_file: open $work/pid: "
is "what it leads to is left alone" "$(cat target) $(readlink pid)" "1 target"
rm pid && mkfifo pid
run cagebox start one
is "so is what is no file" "$status $err" "125 cagebox: start: pid_file: $work/pid is not a file"
rm pid && mkdir pid
run cagebox start one
like "a directory" "$status $err" "^125 cagebox: start: pid_file: .*$work/pid"
rmdir pid
conf one "$forever" "pid_file=$work/missing/pid"
run cagebox start one
is "its directory must exist" "$status $err" "125 cagebox: start: pid_file: open $work/missing/pid: No such file or directory"
conf one "$forever" pid_file=pid
run cagebox start one
is "and its path be absolute" "$status $err" "125 cagebox: start: $conf_dir/one.conf:4: pid_file: 'pid' is not an absolute path"
is "none of them runs" "$(running)" ""
conf one "$forever" "pid_file=$work/pid"
cagebox start one
kill_all one
check "when everybody dies at once the file stays behind" test -e pid
cagebox list >listed
check "until the next call" test ! -e pid
cagebox start one
kill_all one
run cagebox start two
is "another container can take it over at once" "$status$err $(cat pid)" "0 $(json two .pid)"
cagebox list -a >listed
is "and what is cleaned up after the dead one is not taken from it" "$(cat pid) $(running)" "$(json two .pid) two "
cagebox stop two
leaks_check "nothing is left of these"

# --- log -------------------------------------------------------------------------------------------------------------------

rm -rf /var/log/cagebox
conf quiet 'sh -c "echo said; exit 3"' log=none
run cagebox start quiet
wait_for ended quiet
is "log=none: what it says is kept nowhere" "$status$err $(ls -A /var/log)" "0 "
conf quiet 'sh -c "echo said; exit 3"' "log=$work/missing/log"
run cagebox start quiet
like "a log in a directory that is missing is an error" "$status $err" "^125 cagebox: start: .*$work/missing/log: No such file or directory$"
is "nothing is started" "$(running)" ""
conf quiet 'sh -c "echo said; exit 3"' log=log
run cagebox start quiet
is "so is one by a relative path" "$status $err" "125 cagebox: start: $conf_dir/quiet.conf:4: log: 'log' is neither none nor an absolute path"

# --- mountpoint ------------------------------------------------------------------------------------------------------------

is_mounted()
{
	grep -q " $work/seen " /proc/self/mountinfo
}

mkdir seen
conf one 'sh -c "echo inside >/made; echo up >/out/up; exec sleep 1000"' "mountpoint=$work/seen"
cagebox start one
wait_for test -s out/up
is "at mountpoint the host sees the root while the container lives" "$(cat seen/made) $(cat seen/etc/hostname)" "inside busybox"
echo outside >seen/from-host
is "both ways" "$(cagebox exec one cat /from-host)" outside
conf two "$forever" "mountpoint=$work/seen"
run cagebox start two
is "nothing else can be there meanwhile" "$status $err" "125 cagebox: start: mountpoint: something is mounted on $work/seen already"
is "which does it no harm" "$(cat seen/made) $(running)" "inside one "
cagebox stop one
check "afterwards it is gone" not is_mounted
is "and the directory as it was" "$(ls -A seen)" ""
cagebox start one && kill_all one
check "when everybody dies at once it stays behind" is_mounted
cagebox list >listed
check "until the next call" not is_mounted
is "then the directory is as it was" "$(ls -A seen)" ""
root=$(root_copy "$root_busybox")
run cagebox run --root "$root" --mountpoint "$work/seen" -v "$work:/mnt" -- sh -c 'ls /mnt/seen/bin/busybox; touch /made'
is "a root as it is can be seen there, too" "$status$err $(ls "$root/made")" "0 $root/made"
check "and goes as well" not is_mounted
run cagebox run --lower "$root_busybox" --mountpoint "$work/seen" -- nonsense
status_is "when the start fails" 127
check "nothing is left there either" not is_mounted
for bad in missing hook; do
	run cagebox run --lower "$root_busybox" --mountpoint "$work/$bad" -- true
	like "no place for it: $bad" "$status $err" "^125 cagebox: run: mountpoint: $work/$bad"
done
run cagebox run --lower "$root_busybox" --mountpoint / -- true
is "nor is the host's root" "$status $err" "125 cagebox: run: mountpoint: '/' is the host's root"
run cagebox run --lower "$root_busybox" --mountpoint seen -- true
is "nor a relative path" "$status $err" "125 cagebox: run: --mountpoint: 'seen' is not an absolute path"

leaks_check "nothing is left of these"
umount $conf_dir
[ -z "$made" ] || rmdir $conf_dir
leaks_begin
finish
