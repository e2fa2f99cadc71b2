#!/bin/sh
# SPDX-License-Identifier: Zlib
# check finds what is there, reports what is not, and says of it what a start says that fails for the want of it.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

cc -O1 -D_GNU_SOURCE -o lacking "$top/tests/e2e/check_helper.c" || bail_out "check_helper does not build"
cc -O1 -D_GNU_SOURCE -o old "$top/tests/e2e/fallback_helper.c" || bail_out "fallback_helper does not build"
lacking=$work/lacking
release=$(uname -r)

# look COMMAND...: by that command, what check finds; a line NAME|STATE|WEIGHT|REMEDY|FOUND each, after an empty one. Without jq, which
# is slow in a virtual machine: there is one object to a line, and no quote in any text.
look()
{
	run "$@" cagebox check --json
	rows="
$(printf '%s\n' "$out" | awk -F'"' 'NF > 1 { print $8 "|" $12 "|" $16 "|" $28 "|" $20 }')"
}

column()	# NAME N
{
	row=${rows#*"
$1|"}
	row=${row%%"
"*}
	n=$2
	while [ "$n" -gt 2 ]; do
		row=${row#*|}
		n=$((n - 1))
	done
	echo "${row%%|*}"
}

state()
{
	column "$1" 2
}

# there NAME COMMAND...: it is found if, and only if, the command succeeds.
there()
{
	name=$1 wanted=ok
	shift
	"$@" >/dev/null 2>&1 || wanted=missing
	is "$title: $name is $wanted" "$(state "$name")" $wanted
}

# What is not as in $before: NAME STATE, in order.
changes()
{
	printf '%s\n' "${rows#?}" | cut -d'|' -f 1,2 >now
	diff before now | sed -n 's/^> //p' | tr '|\n' ' ,'
}

# --- the form ----------------------------------------------------------------------------------------------------------------

look env
status_is "here is all that a start needs" 0
is "nothing on stderr" "$err" ''
printf '%s\n' "${rows#?}" | cut -d'|' -f 1,2 >before
json=$out
is "each has a subject, a name, what is lost and the remedy; states and weights are known" "$(printf '%s\n' "$json" | jq -r '
	(map(keys_unsorted | join(" ")) | unique | join(";")), (map(map_values(type) | [.[]]) | add | unique | join(" ")),
	(map([.subject, .name, .lost, .remedy]) | add | map(select(. == "")) | length),
	(map(.state) - ["ok", "limited", "missing"] | length), (map(.weight) | unique | join(" ")),
	(map(.name + "|" + .state) | join("\n"))')" "subject name state weight found lost remedy
string
0
0
info needed optional recommended
$(cat before)"
is "no name twice" "$(cut -d'|' -f 1 before | sort | uniq -d)" ''
if [ -e "$top/core/sys/feature.h" ]; then
	is "all of them" "$(wc -l <before)" "$(grep -cE '^	FEATURE_[A-Z0-9_]*,$' "$top/core/sys/feature.h")"
fi
run cagebox check
is "the table has the same" "$(printf '%s\n' "$out" | sed -nE 's/^  (ok|limited|missing) +([^:]*).*/\2|\1/p')" "$(cat before)"
is "grouped" "$(printf '%s\n' "$out" | grep -E '^[a-z][^:]*$')" "$(printf '%s\n' "$json" | awk -F'"' 'NF > 1 { print $4 }' | uniq)"
is "what is lost and the remedy: of what is not there" "$(printf '%s\n' "$out" | grep -cE '^           (lost|remedy)')" "$(($(grep -cv '|ok$' before) * 2))"
run cagebox check -v
is "with -v of everything" "$(printf '%s\n' "$out" | sed -n 's/^           remedy: //p')" "$(printf '%s\n' "$json" | awk -F'"' 'NF > 1 { print $28 }')"
for wrong in word --wrong '-v word'; do
	run cagebox check $wrong
	is "check $wrong: wrong usage" "$status$out" 125
done

# --- what is there -----------------------------------------------------------------------------------------------------------

namespaces()	# COMMAND...
{
	there mount "$@" unshare "$user" -m true
	there pid "$@" unshare "$user" --fork -p true
	there uts "$@" unshare "$user" -u true
	there ipc "$@" unshare "$user" -i true
	there cgroup "$@" unshare "$user" -C true
	there net "$@" unshare "$user" -n true
	there user "$@" unshare -U true
	there time "$@" unshare "$user" -T true
}

title=root user=-f
namespaces env
for type in overlay tmpfs devpts sysfs mqueue ext4 squashfs erofs; do
	there $type sh -c "awk '\$NF == \"$type\" { found = 1 } END { exit !found }' /proc/filesystems || grep -q /$type.ko /lib/modules/$release/modules.dep"
done
there fuse sh -c '[ -c /dev/fuse ] && : <>/dev/fuse'
there loop sh -c '[ -c /dev/loop-control ] && : <>/dev/loop-control'
there mke2fs command -v mke2fs
there newuidmap command -v newuidmap
mkdir lower upper over work
there 'overlay with userxattr' unshare -Urm sh -c 'mount -t tmpfs t upper && mkdir upper/u upper/w &&
	mount -t overlay -o lowerdir=lower,upperdir=upper/u,workdir=upper/w,userxattr o over'
there PSI cat /proc/pressure/memory
for kind in cgroup cgroup2; do
	[ -z "$(awk -v type=$kind '$3 == type' /proc/self/mounts)" ] || kinds="${kinds:+$kinds and }v${kind#cgroup}"
done
kinds=$(echo "${kinds:-}" | sed 's/v and/v1 and/; s/^v$/v1/')
there 'cgroup file system' [ -n "$kinds" ]
[ -z "$kinds" ] || is "namely" "$(column 'cgroup file system' 5)" "$kinds"
v2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
given=" $(cat "$v2/cgroup.controllers" 2>/dev/null) "
for name in cpu cpuset memory pids io hugetlb; do
	v1=$name
	[ $name != io ] || v1=blkio
	there $name sh -c "case '$given' in *' $name '*) ;; *) awk '\$3 == \"cgroup\" { print \",\" \$4 \",\" }' /proc/self/mounts | grep -q ,$v1, ;; esac"
done
there freezer [ -n "$kinds" ]
there devices [ -n "$kinds" ]
there cgroup.kill [ -n "$v2" ]
there memory.oom.group sh -c "case '$given' in *' memory '*) ;; *) exit 1 ;; esac"
is "the kernel" "$(column Linux 5)" "$release, $(uname -m)"
is "a sysctl" "$(column kernel.pid_max 5)" "$(cat /proc/sys/kernel/pid_max)"

title='a user' user=-U
look as_user
[ "$status" = 0 ] && answer=yes || answer=no
is "a user can start if user namespaces are there" $answer "$(as_user unshare -Ur true 2>/dev/null && echo yes || echo no)"
namespaces as_user
there 'overlay' unshare -Urm sh -c 'mount -t tmpfs t upper && mkdir upper/u upper/w &&
	mount -t overlay -o lowerdir=lower,upperdir=upper/u,workdir=upper/w,userxattr o over'
is "cgroups are not the user's" "$(state memory)" missing
is "what only root may has that remedy" "$(column 'idmapped mounts' 4)" root
is "user: weighs more than for root" "$(column user 3)" needed
like "no capabilities" "$(column capabilities 5)" ' are missing$'

# --- the caller --------------------------------------------------------------------------------------------------------------

in_etc()
{
	unshare -m sh -c 'mount -t tmpfs etc /etc && cp passwd subuid subgid /etc && exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"' sh "$@"
}

callers()
{
	look setpriv --bounding-set -sys_boot,-net_raw --inh-caps -all
	is "a smaller bounding set" "$(state capabilities)" limited
	like "has names" "$(column capabilities 5)" 'cap_net_raw, .*cap_sys_boot'
	look setpriv --no-new-privs
	is "no new privileges" "$(changes)" 'new privileges missing,'
	look sh -c 'ulimit -n 20; exec "$@"' sh
	is "few descriptors" "$(changes)$(column 'resource limits' 5)" 'resource limits limited,nofile 20'
	look sh -c 'trap "" CHLD; exec "$@"' sh
	is "children that are ignored" "$status$(changes)" 0
	look unshare -pf --kill-child
	like "as PID 1" "$(column machine 5)" '^process 1, '
	look unshare -Ur
	like "in a user namespace" "$(column machine 5)" 'in a user namespace'
	look unshare -pm --fork --kill-child --mount-proc=/proc sh -c 'mount -o remount,hidepid=2 /proc; setpriv --reuid 1000 --regid 1000 --clear-groups "$@"' sh
	is "hidden processes" "$(state 'processes of others')" limited
	echo 'somebody:x:1000:1000::/:/bin/sh' >passwd
	: >subuid
	: >subgid
	look in_etc
	is "no ids of one's own" "$(state /etc/subuid) $(state /etc/subgid)" 'missing missing'
	echo 1000:100000:65536 >subuid
	echo somebody:100000:65536 >subgid
	look in_etc
	is "ids of one's own, by number and by name" "$(state /etc/subuid) $(state /etc/subgid)" 'ok ok'
}

# --- older kernels -----------------------------------------------------------------------------------------------------------

# lacks NAME LACK STATUS OPTION...: without it check says so and returns the status, and a run with those options fails with the remedy.
lacks()
{
	title="without $1" lack=$2 wanted=$3
	look $lacking "$lack"
	is "$title: found out" "$status $(state "$1")" "$wanted missing"
	remedy=$(column "$1" 4)
	shift 3
	run $lacking "$lack" cagebox run "$@" -- true
	case $status$err in
	125*"($remedy)") pass "$title: a start fails, and says the same" ;;
	*) fail "$title: a start fails, and says the same" "got: $status $err" "expected the remedy: $remedy" ;;
	esac
}

# What a start finds out only from the kernel, and check from the list of file systems.
in_view()
{
	unshare -m sh -c 'mount --bind filesystems /proc/filesystems && [ ! -d modules ] || mount --bind modules /lib/modules && exec "$@"' sh "$@"
}

kernels()
{
	look ./old clone3,open_tree,move_mount,fsopen,mount_setattr,openat2,close_range,pidfd_open,pidfd_send_signal
	is "a kernel without the newer calls" "$(changes)" "$(for name in open_tree move_mount fsopen mount_setattr 'idmapped mounts' openat2 clone3 \
		CLONE_INTO_CGROUP pidfd_open pidfd_send_signal close_range; do printf '%s missing,' "$name"; done)"
	status_is "will do" 0
	look $lacking landlock=3
	is "a first Landlock" "$(column Landlock 2)$(column Landlock 5)" 'limitedABI 3, files, moves, truncation'
	look $lacking landlock=0,seccomp,keyctl
	is "no Landlock, no seccomp, no keyrings" "$(state Landlock) $(state 'seccomp filter') $(state 'seccomp notification') $(state keyrings)" \
		'missing missing missing missing'
	status_is "will do, too" 0

	lacks overlay mount=overlay 1
	lacks tmpfs mount=tmpfs 1 --root "$root_busybox"
	lacks devpts mount=devpts 1 --root "$root_busybox"
	lacks pid ns=pid 1
	lacks uts ns=uts 1
	lacks ipc ns=ipc 1
	lacks cgroup ns=cgroup 1
	lacks net ns=net 0 --net none
	lacks user ns=user 0 -N uphi
	lacks time ns=time 0 -N phit
	lacks 'idmapped mounts' mount_setattr 0 -N uphi --lower "$root_busybox"
	lacks 'sealed memfd' memfd_create 1
	lacks signalfd signalfd 1
	look $lacking mount=mqueue
	is "without mqueue" "$status $(changes)" '0 mqueue missing,'
	run $lacking mount=mqueue cagebox run --lower "$root_busybox" -- true
	is "a start does not mind" "$status$err" 0
	[ "$kinds" != v2 ] || lacks devices bpf 0 --strict --device-allow none

	grep -v ext4 /proc/filesystems >filesystems
	lacking="in_view $lacking"
	mkdir modules
	[ -d /lib/modules ] || rmdir modules
	[ ! -e /dev/loop-control ] || lacks ext4 mount=ext4 0 --lower "$root_busybox" --overlay "image:$work/image:8M"
	printf 'nodev\ttmpfs\nnodev\tsysfs\n' >filesystems
	look in_view
	is "no images" "$(state squashfs) $(state erofs) $(state ext4) $(state fuse)" "missing missing missing missing"
	is "the others are tried" "$status $(state overlay) $(state devpts)" '0 ok ok'
	if [ -d modules ]; then
		mkdir "modules/$release"
		echo 'kernel/fs/squashfs/squashfs.ko.xz: kernel/lib/zstd.ko.xz' >"modules/$release/modules.dep"
		look in_view
		is "a module will do" "$(state squashfs) $(column squashfs 5) $(state erofs)" 'ok a module, not loaded yet missing'
	fi
}

# --- limits and mounts of others ---------------------------------------------------------------------------------------------

no_cgroups='umount -l /sys/fs/cgroup 2>/dev/null; exec "$@"'
look unshare -m sh -c "$no_cgroups" sh
is "no cgroups" "$status $(state 'cgroup file system') $(state memory) $(state pids)" '0 missing missing missing'
remedy=$(column memory 4)
run unshare -m sh -c "$no_cgroups" sh cagebox run --strict --max-memory 20M --lower "$root_busybox" -- true
is "no limits, in the same words" "$status ${err##*: }" "125 $(column memory 5) ($remedy)"
look unshare -m sh -c 'while umount -l /proc; do :; done 2>/dev/null; exec "$@"' sh
is "no /proc" "$status $(state /proc)" '1 missing'
none='echo 0 >/proc/sys/user/max_pid_namespaces; exec "$@"'
look unshare -Ur sh -c "$none" sh
is "none of a namespace is allowed" "$status $(state pid) $(column 'user.max_*_namespaces' 5)" '1 missing pid'
remedy=$(column 'user.max_*_namespaces' 4)
run unshare -Ur sh -c "$none" sh cagebox run --lower "$root_busybox" -- true
is "which a start says, too" "$status ${err#*: run: }" "125 make the container's namespaces: No space left on device ($remedy)"

# --- nothing is touched ------------------------------------------------------------------------------------------------------

nothing_is_touched()
{
	cat /proc/modules >modules.before 2>/dev/null
	strace -f -o trace cagebox check >/dev/null
	is "nothing is written but maps of ids" "$(sed -nE '/O_WRONLY|O_RDWR|O_CREAT/s/.*open(at2?)?\([^"]*"([^"]*)".*/\2/p' trace | sed 's/^[0-9]*\//N\//' | sort -u | tr '\n' ' ')" \
		'N/gid_map N/setgroups N/uid_map '
	is "nothing is made but in the tmpfs of a child" "$(grep -E '(mkdir|mknod|symlink|link|rename|unlink|rmdir|chmod|chown)(at)?\(' trace | sed -nE 's/.*"(.*)".*/\1/p' |
		sort -u | tr '\n' ' ')" 'lower upper work '
	is "no module is loaded" "$(cat /proc/modules 2>/dev/null)" "$(cat modules.before)"
}

# What does not depend on how cgroups are arranged is tested once.
case ${CAGEBOX_TEST_CGROUP:-v2} in
v2)
	callers
	kernels
	nothing_is_touched
	;;
esac
finish
