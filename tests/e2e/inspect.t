#!/bin/sh
# SPDX-License-Identifier: Zlib
# inspect: what it says of a container is what /proc says, read by the test itself; every weakness is named where it is, and only there.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside and for jq
. "$(dirname "$0")/../lib.sh"

# box NAME OPTION... [-- COMMAND...]: a container in the background.
box()
{
	box_name=$1
	shift
	case " $* " in
	*' -- '*) ;;
	*) set -- "$@" -- sleep 1000 ;;
	esac
	cagebox run -d --name "inspect-$box_name" "$@" >/dev/null || bail_out "no container inspect-$box_name"
}

busybox()
{
	busybox_name=$1
	shift
	box "$busybox_name" --lower "$root_busybox" "$@"
}

# look NAME: what inspect says, in the file json.
look()
{
	cagebox inspect --json "inspect-$1" >json || bail_out "inspect-$1 cannot be inspected"
}

get()
{
	jq -r "$@" json
}

# weak ERE: whether there is a warning of that kind.
weak()
{
	get '.warnings[].what' | grep -Exq -e "$1"
}

# The warnings that every container has here, by what the kernel says and not by inspect.
usual()
{
	if [ "$(readlink "/proc/$1/ns/net")" = "$(readlink /proc/self/ns/net)" ]; then
		echo "the host's network"
		[ "$can_scope" = yes ] || echo "the host's abstract sockets"
	fi
	[ "$(of "$2" Seccomp)" != 0 ] || echo "no filter of system calls"
}

# of PID FIELD: a field of its status.
of()
{
	sed -n "s/^$2:[[:blank:]]*//p" "/proc/$1/status" | tr '\t' ' ' | sed 's/ *$//'
}

# The names of a set of capabilities, by capsh's way of counting: bit N is capability N.
decode()
{
	set -- $((0x$1))
	for cap in chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast \
		net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice \
		sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm \
		block_suspend audit_read perfmon bpf checkpoint_restore; do
		[ $(($1 & 1)) = 0 ] || echo "$cap"
		set -- $(($1 >> 1))
	done
}

# matches TITLE PATH PID: a process of the JSON in the file is what /proc says of pid.
matches()
{
	is "$1: pid" "$(get "$2.pid")" "$3"
	is "$1: ids" "$(get "($2.uids, $2.gids) | map(tostring) | join(\" \")")" "$(of "$3" Uid)
$(of "$3" Gid)"
	is "$1: groups" "$(get "$2.groups | join(\" \")")" "$(of "$3" Groups)"
	is "$1: umask, no_new_privs, seccomp" "$(get "$2 | \"\\(.umask) \\(.no_new_privs) \\(.seccomp) \\(.seccomp_filters)\"")" \
		"$(of "$3" Umask) $(of "$3" NoNewPrivs) $(of "$3" Seccomp) $(of "$3" Seccomp_filters)"
	for set in inheritable:CapInh permitted:CapPrm effective:CapEff bounding:CapBnd ambient:CapAmb; do
		is "$1: ${set%:*} capabilities" "$(get "$2.${set%:*}[]")" "$(decode "$(of "$3" "${set#*:}")")"
	done
	is "$1: oom_score_adj" "$(get "$2.oom_score_adj")" "$(cat "/proc/$3/oom_score_adj")"
	is "$1: command line" "$(get "$2.argv[]")" "$(tr '\0' '\n' <"/proc/$3/cmdline")"
	is "$1: open files" "$(get "$2.rlimits[] | select(startswith(\"nofile=\"))")" \
		"$(awk '/^Max open files/ { print "nofile=" $4 ":" $5 }' "/proc/$3/limits")"
	is "$1: all limits" "$(get "$2.rlimits | length")" 16
}

# agrees NAME: all that is said of inspect-NAME is so.
agrees()
{
	look "$1"
	init=$(cagebox list --json | jq -r ".[] | select(.name == \"inspect-$1\") | .pid")
	child=$(cut -d' ' -f 1 "/proc/$init/task/$init/children")
	is "$1: name and monitor" "$(get .name) $(get .monitor)" "inspect-$1 $(cut -d' ' -f 4 "/proc/$init/stat")"
	matches "$1: init" .init "$init"
	matches "$1: command" .command "$child"
	for ns in mnt pid uts ipc net user cgroup time; do
		[ -e "/proc/self/ns/$ns" ] || continue
		ours=$(readlink "/proc/self/ns/$ns") theirs=$(readlink "/proc/$init/ns/$ns")
		own=$([ "$ours" = "$theirs" ] && echo false || echo true)
		is "$1: namespace $ns" "$(get ".namespaces.$ns | \"\\(.own) $ns:[\\(.inode)]\"")" "$own $theirs"
	done
	is "$1: maps" "$(get '.uid_map[], .gid_map[], .setgroups')" "$(cat "/proc/$init/uid_map" "/proc/$init/gid_map" "/proc/$init/setgroups" |
		awk '{ $1 = $1; print }')"
	is "$1: mounts" "$(get '.mounts[] | "\(.target) \(.attributes) \(.type)"')" \
		"$(sed 's/^\([^ ]* \)\{4\}\([^ ]*\) \([^ ]*\) .*- \([^ ]*\) .*/\2 \3 \4/' "/proc/$init/mountinfo")"
	is "$1: cgroups" "$(get '.cgroups[]')" "$(cat "/proc/$init/cgroup")"
}

# --- what it says is so --------------------------------------------------------------------------------------------------------

cagebox run --lower "$root_busybox" --landlock-scope yes -- true 2>/dev/null && can_scope=yes || can_scope=no

busybox default
agrees default
is "status" "$(get .status)" running
is "the usual container has the usual warnings" "$(get '.warnings[].what')" "$(usual "$init" "$child")"
is "and these notes" "$(get '.notes[].what' | grep -v 'core dumps')" "no limit of memory
no limit of processes"
pattern=$(head -c 1 /proc/sys/kernel/core_pattern)
is "one of core dumps if they go to a program" "$(get '.notes[].what' | grep -c 'core dumps')" "$([ "$pattern" = '|' ] && echo 1 || echo 0)"
is "no device is unusual" "$(get '.devices | length')" 0
is "the root can be written" "$(get '.mounts[] | select(.target == "/") | .read_only')" false
is "each has a reason and a remedy" "$(get '[.warnings[], .notes[] | select((.why | length) > 5 and (.remedy | length) > 3)] | length')" \
	"$(get '(.warnings + .notes) | length')"

busybox scoped --landlock-scope no --seccomp off
look scoped
check "without Landlock's scope" weak "the host's abstract sockets"
is "there is none, nor rules" "$(get '(.landlock + .landlock_scope) | length')" 0
if [ $can_scope = yes ]; then
	busybox rules --landlock rx:/ --landlock tcp_bind:80
	look rules
	is "Landlock: rules and scope" "$(get '(.landlock + .landlock_scope) | join(" ")')" "rx:/ tcp_bind:80 sockets"
	busybox signals -N hi --landlock-scope yes
	look signals
	is "without a pid namespace signals end there, too" "$(get '.landlock_scope | join(" ")')" "sockets signals"
else
	skip "Landlock: rules and scope" "the scope of Landlock (Linux 6.12)"
fi

busybox user -N uphic --net none -u app --groups audio:video --umask 027 --rlimit nofile=64:128 --oom-score-adj 7
agrees user
is "in a user namespace, without the host's network" "$(get '.warnings[].what')" "$(usual "$init" "$child")"
is "the ids are the host's" "$(get '.command.uids[0]')" "$(($(get '.uid_map[0]' | cut -d' ' -f 2) + 1000))"
is "the command is dumpable, init perhaps" "$(get '"\(.command.dumpable) \(.init.dumpable)"')" "yes null"

busybox shared -N u
agrees shared
for what in "the host's processes" "the host's System V IPC" "the host's host name" "the host's network"; do
	check "-N u: $what" weak "$what"
done
busybox caps --cap-add sys_ptrace,mknod,net_admin,sys_admin --cap-drop chown --no-new-privs=no
agrees caps
for what in "no user namespace" "the capability sys_ptrace" "the capability mknod" "the capability net_admin" "the capability sys_admin" \
	"no_new_privs is off"; do
	check "$what" weak "$what"
done
check "none that it does not have" not weak "the capability sys_module"
busybox less --cap-add sys_ptrace,mknod,net_admin,sys_admin -u app --net none
agrees less
check "what a user without privileges can never get is no weakness" not weak 'the capability .*'
busybox inner --cap-add sys_ptrace,mknod,net_admin,sys_admin -N uphic
agrees inner
is "in a user namespace only one of them is" "$(get '.warnings[].what' | grep capab)" "the capability sys_admin"
busybox limits --max-memory 64M --max-processes 30 --rlimit core=0
look limits
is "limits as the kernel has them" "$(get .limits)" "$(cagebox list --json | jq '.[] | select(.name == "inspect-limits") | .limits')"
is "processes" "$(get .limits.max_processes)" "$(cat /sys/fs/cgroup/pids*"$(sed -n 's/.*:pids:\(.*\)\/box$/\1/p' "/proc/$(get .init.pid)/cgroup")"/pids.max 2>/dev/null ||
	echo 30)"
check "with limits there is no note of them" not sh -c "jq -r '.notes[].what' json | grep 'no limit'"
busybox alone --cgroup no
look alone
check "without a cgroup a note says so" sh -c "jq -r '.notes[].what' json | grep -x 'no cgroup of its own'"

# --- mounts and devices --------------------------------------------------------------------------------------------------------

box root --root "$root_busybox" --read-only --tmpfs /mnt
look root
is "a read-only root, and where it is on the host" "$(get '.mounts[] | select(.target == "/") | "\(.read_only) \(.host)"')" "true $root_busybox"
is "and a tmpfs" "$(get '.mounts[] | select(.target == "/mnt") | "\(.type) \(.read_only) \(.host)"')" "tmpfs false null"
mkdir data
busybox mounts -v "$work/data:/mnt/a" -v /etc:/mnt/etc -v /:/mnt/all --mount-ro /boot:/mnt/boot -v "/dev:/mnt/dev:dev" -v /proc:/mnt/proc -v /sys:/mnt/sys
look mounts
is "where a mount comes from" "$(get '.mounts[] | select(.target == "/mnt/a") | .host')" "$work/data"
check "that is no weakness" not weak '.*/mnt/a'
for what in "the host's /etc on /mnt/etc" "the host's / on /mnt/all" "the host's /boot on /mnt/boot" "the host's /dev on /mnt/dev" \
	"the host's /proc on /mnt/proc" "the host's /sys on /mnt/sys" "/mnt/dev is without nodev" "/mnt/proc/sys can be written" \
	"sysfs on /mnt/sys can be written" "/mnt/sys/firmware is not masked" "cgroup2? on /mnt/sys/fs/cgroup.* can be written" \
	"cagebox's run-time directory in /mnt/all/run"; do
	check "$what" weak "$what"
done
perl -MSocket -e 'for (@ARGV) { socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, sockaddr_un($_)) or die "$_: $!" }' data/docker.sock data/x
busybox sockets -v "$work/data:/mnt/a" -v "$work/data/x:/mnt/x" -v /run/cagebox:/mnt/b
look sockets
check "a socket that commands the host, in a directory" weak "the host's socket docker.sock in /mnt/a"
check "any socket that was bound" weak "the host's socket $work/data/x on /mnt/x"
check "the run-time directory" weak "cagebox's run-time directory in /mnt/b"
mknod disk b 7 250
mknod memory c 1 1
mknod other c 10 250
busybox devices --device "$work/disk:/dev/disks/one" --device "$work/memory:/dev/memory" --device "$work/other:/dev/other"
look devices
is "devices beyond the usual ones" "$(get '.devices[] | "\(.path) \(.type) \(.major):\(.minor)"' | sort)" "/dev/disks/one block 7:250
/dev/memory char 1:1
/dev/other char 10:250"
check "a block device" weak "the block device /dev/disks/one"
check "the memory" weak "the device /dev/memory"
check "not the other" not weak ".*/dev/other"

# A host that gives what no setting can: the mask is taken off, a mount may set user ids, a group stays.
look default
init=$(get .init.pid)
inside()
{
	nsenter -t "$init" -m -p -r -- "$@" || bail_out "$* inside failed"
}
inside /bin/umount /proc/keys
inside /bin/mount -o remount,rw,bind /proc/sys
inside /bin/mount -t tmpfs none /mnt
look default
check "a mask that is gone" weak "/proc/keys is not masked"
check "a protection that is gone" weak "/proc/sys can be written"
check "set-user-ID programs" weak "/mnt is without nosuid"
check "devices" weak "/mnt is without nodev"
inside /bin/sh -c 'n=$(printf "/mnt/a\nb \033[31m\"\\134,"); mkdir "$n" && mount -t tmpfs -o nosuid,nodev none "$n"'
look default
odd=$(printf '/mnt/a\nb \033[31m"\134,')
is "a name is data" "$(get '.mounts[-1].target')" "$odd"
run cagebox inspect inspect-default
is "of which nothing reaches a terminal" "$(printf '%s' "$out" | tr -d '\n' | tr -dc '\000-\037\177' | wc -c) $(echo "$out" | grep -c '^b ')" "0 0"
like "what it shows instead" "$out" '^  /mnt/a\?b \?\[31m"\\,, type tmpfs'
# Each on the one before: looking for one goes through all that are below it.
inside /bin/sh -c 'i=0; while [ $i -lt 1100 ]; do mount -t tmpfs -o nosuid,nodev none /mnt || exit 1; i=$((i + 1)); done'
run timeout 60 cagebox inspect --json inspect-default
status_is "more mounts than are worth a look" 0
printf '%s' "$out" >json
check "are said to be" weak "1024 mounts or more"

# --- names, hooks, scripts, ends -------------------------------------------------------------------------------------------------

cat >script <<'END'
#!/bin/sh
sleep 2000 &
(setsid sleep 2001 &)
END
busybox script --init-script "$work/script" -- sh -c 'sleep 2002 & exec sleep 2003'
look script
is "the command is no daemon of the init script, nor a child of its own" "$(get '.command.argv | join(" ")')" "sleep 2003"
busybox tty -t -- sh -c 'sleep 2004; :'
look tty
is "nor is it missed at a terminal" "$(get '.command.argv[0]')" sh
busybox words -- sh -c 'sleep 1000; :' "$odd"
look words
is "a command line is data" "$(get '.command.argv[3]')" "$odd"
run cagebox inspect inspect-words
is "in the text too" "$(printf '%s' "$out" | tr -d '\n' | tr -dc '\000-\037\177' | wc -c)" 0
cagebox pause inspect-words
look words
is "paused" "$(get '"\(.status) \(.command.argv[0])"')" "paused sh"
cagebox resume inspect-words
busybox keep --keep
look keep
kill -9 "$(get .monitor)"
wait_for sh -c 'cagebox list | grep -q "^inspect-keep *unmonitored"'
look keep
is "one without its monitor" "$(get '"\(.status) \(.command.argv[0])"')" "unmonitored sleep"

# No container keeps a group of the caller's: another process in the place of its init. With the pid alone it is not its init.
setpriv --groups 27 sleep 2005 &
other=$!
start=$(sed 's/.*) //' /proc/$other/stat | cut -d' ' -f 20)
cp /run/cagebox/inspect-keep/state good
sed "s/^pid=.*/pid=$other/; s/^pid_start=.*/pid_start=$start/" good >/run/cagebox/inspect-keep/state
look keep
check "a group that stayed" weak "the host's group 27"
check "no namespace of its own" weak "the host's processes"
is "and no command" "$(get .command)" null
kill $other
wait $other 2>/dev/null
cp good /run/cagebox/inspect-keep/state
box stale --lower "$root_busybox"
sleep 2006 &
other=$!
sed "s/^pid=.*/pid=$other/" "/run/cagebox/inspect-stale/state" >forged
cp /run/cagebox/inspect-stale/state good
cp forged /run/cagebox/inspect-stale/state
run cagebox inspect inspect-stale
is "a process that has but the pid is not described" "$status $out$err" "125 cagebox: inspect: the container inspect-stale has just ended"
cp good /run/cagebox/inspect-stale/state
kill $other

for option in '' -w; do
	run cagebox inspect $option inspect-default
	is "inspect $option: the exit code" "$status" "$([ -z "$option" ] && echo 0 || echo 1)"
	like "inspect $option names the weaknesses" "$out" "^  the host's network: .* \\(net=none\\)$"
done
look user
run cagebox inspect -w inspect-user
is "it tells whether there are any" "$status" "$([ -z "$(usual "$(get .init.pid)" "$(get .command.pid)")" ] && echo 0 || echo 1)"
run cagebox inspect -w inspect-default
unlike "-w shows nothing else" "$out" '^[a-z]+:.'
run cagebox inspect -w --json inspect-default
is "with -w JSON is whole" "$status $(printf '%s' "$out" | jq -r .name)" "1 inspect-default"

for name in $(cagebox list -q); do
	cagebox kill -a "$name" || cagebox stop -t 0s "$name"
done
wait_for sh -c '[ -z "$(cagebox list -q)" ]'
cagebox run --lower "$root_busybox" --name inspect-ended -- sh -c 'exit 7'
look ended
is "of one that has ended, how" "$(get '"\(.status) \(.exit.reason) \(.exit.code) \(.init)"')" "exited exit 7 null"
check "and when" test "$(get .ended)" -ge "$(get .started)"
like "in the text" "$(cagebox inspect inspect-ended)" '^exit: reason exit, code 7$'
run cagebox inspect inspect-none
is "one that is not there" "$status $out$err" "125 cagebox: inspect: no container is called inspect-none"
run cagebox inspect ../x
is "no name at all" "$status $out" "125 "
like "is told" "$err" '^cagebox: inspect: '
run cagebox inspect
status_is "without a name" 125
run cagebox inspect inspect-ended inspect-none
status_is "with two" 125
finish
