#!/bin/sh
# SPDX-License-Identifier: Zlib
# Older kernels: without one of the newer system calls, and without all of them, everything works as it does with them.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

cc -O1 -D_GNU_SOURCE -o old "$top/tests/e2e/fallback_helper.c" || bail_out "fallback_helper does not build"
musl-gcc -static -O1 -o pty "$top/tests/e2e/pty_helper.c" || bail_out "pty_helper does not build"
old=$work/old
mkdir shared upper
echo shared >shared/file
root=$(root_copy "$root_busybox")
mounts="clone3,open_tree,move_mount,mount_setattr,fsopen,fsmount,fspick"

# What a container sees of itself; the same for every kernel. Random names and numbers of devices are not in it.
look='
	echo "pid $$, host $(hostname | sed "s/^c[0-9a-f]*$/random/"), user $(id -u):$(id -g)"
	cat /mnt/file /ro/file
	echo x >/mnt/new && rm /mnt/new && echo "mnt can be written"
	echo x 2>/dev/null >/ro/new || echo "ro cannot"
	echo x 2>/dev/null >/new && echo "the root can be written" || echo "the root cannot"
	rm -f /new
	ls /dev /dev/pts /dev/fd/ | tr "\n" " "; echo
	cut -d" " -f 2,3,4 /proc/self/mounts | sed "s/,[a-z]*dir=.*//; s/,size=[0-9a-z]*//; s/,inode64//; s/,nr_inodes=[0-9]*//" | sort
	for f in /proc/kcore /proc/keys /proc/sysrq-trigger; do [ ! -e $f ] || head -c 10 $f 2>&1 | wc -c; done
	ls /sys/firmware | wc -l
	ls -A /proc/acpi 2>/dev/null | wc -l
	cat /proc/net/dev | sed 1,2d | cut -d: -f 1 | sort
	grep -E "^(Cap(Inh|Prm|Bnd|Amb)|NoNewPrivs)" /proc/self/status'

at_terminal()	# CODE COMMAND...
{
	echo "exit $1" >steps
	shift
	$old "$calls" ./pty 30 100 "$@" <steps | tr -d '\r'
}

# see KIND OPTION...: what it is like with $calls missing, in $out.
see()
{
	see_kind=$1
	shift
	case $see_kind in
	tty)
		run at_terminal 0 cagebox run "$@" -t -- sh -c 'tty; stty size; ls -l /dev/console | cut -c 1; echo through'
		;;
	*) run $old "$calls" cagebox run "$@" -- sh -c "$look" ;;
	esac
}

# Each kind of root, then a life in the background.
kinds()
{
	for kind in "directory --root $root" "read-only --root $root --read_only" "overlay --lower $root_busybox" \
		"upper --lower $root_busybox --overlay $work/upper" "read-only-overlay --lower $root_busybox --read_only" \
		"none --lower $root --overlay none" "net --lower $root_busybox --net none" \
		"few-namespaces --lower $root_busybox -N pi" "tty --lower $root_busybox"; do
		what=${kind%% *}
		see $what ${kind#* } -v $work/shared:/mnt --mount_ro $work/shared:/ro
		[ "$1" != wanted ] || printf '%s\n' "$out" >"wanted.$what"
		is "$title: $what" "$status $err" "0 "
		is "$title: $what: as with them" "$out" "$(cat "wanted.$what")"
	done
}

mkdir -p $root/mnt $root/ro
calls=fsopen title="all calls there"
kinds wanted
like "that shows something" "$(cat wanted.directory)" '^/ro [a-z0-9]* ro,'
like "and a terminal" "$(cat wanted.tty)" '^/dev/pts/0'

life()
{
	run $old "$calls" cagebox run -d -n old --lower "$root_busybox" "$@" -- sleep 1000
	is "$title: in the background" "$status $out $err" "0 old "
	run $old "$calls" cagebox list -q
	is "$title: listed" "$out" old
	run $old "$calls" cagebox exec old -- sh -c 'echo "$container $(pwd)"; exit 5'
	is "$title: entered" "$status $out $err" "5 cagebox / "
	run at_terminal 6 cagebox exec -t old -- sh -c 'tty; exit 6'
	is "$title: entered at a terminal" "$out" /dev/pts/0
	run $old "$calls" cagebox kill -s TERM old
	status_is "$title: a signal" 0
	run $old "$calls" cagebox wait old
	is "$title: waited for" "$status" 143
	$old "$calls" cagebox run -d -n old --lower "$root_busybox" "$@" -- sh -c 'trap "exit 7" TERM; while :; do sleep 0.01; done' >/dev/null
	run $old "$calls" cagebox stop -t 5s old
	status_is "$title: stopped" 0
	$old "$calls" cagebox run -d -n old --lower "$root_busybox" "$@" -- sh -c 'trap "" TERM; setsid sleep 1000 & sleep 1000' >/dev/null
	run $old "$calls" cagebox kill -a old
	status_is "$title: killed" 0
	run $old "$calls" cagebox list -q
	is "$title: none is left" "$status $out$err" "0 "
	leaks_check "$title: nothing is left over"
}

for calls in clone3 "$mounts" openat2 close_range pidfd_open,pidfd_send_signal pidfd_send_signal mount_setattr TIOCGPTPEER \
	"$mounts,openat2,close_range,pidfd_open,pidfd_send_signal,faccessat2,TIOCGPTPEER"; do
	title="without $calls"
	[ "$calls" != "$mounts" ] || title="without the new mount calls"
	[ ${#calls} -lt 100 ] || title="without any of them"
	kinds
	life
done
title="$title, nor a pid namespace"
life -N none
# The calls are really gone: what needs one and has no fallback says so.
run $old "$mounts" cagebox run -N uphic --lower "$root_busybox" -- true
status_is "a user namespace needs the new mount calls" 125
like "which is said" "$err" '^cagebox: run: clone the mount of .*: Function not implemented'

# Filters of system calls: by prctl, and none at all.
run $old seccomp cagebox run --lower "$root_busybox" -- sh -c 'grep Seccomp_filters /proc/self/status; unshare -U true'
is "without seccomp: filtered by prctl" "$status $out $err" "1 Seccomp_filters:	2 unshare: unshare(0x10000000): Operation not permitted"
run $old seccomp,PR_SET_SECCOMP cagebox run --lower "$root_busybox" -- grep Seccomp_filters /proc/self/status
is "without filters: it runs" "$status $out" "0 Seccomp_filters:	1"
is "with a warning" "$err" \
	"cagebox: run: warning: seccomp: this kernel has no filters of system calls (CONFIG_SECCOMP_FILTER)"
for wanted in '--seccomp default' '--seccomp trace' --strict; do
	run $old seccomp,PR_SET_SECCOMP cagebox run $wanted --lower "$root_busybox" -- true
	status_is "but not with $wanted" 125
	like "$wanted: which is said" "$err" '^cagebox: run: seccomp: this kernel has no filters of system calls.* \(CONFIG_SECCOMP_FILTER\)$'
done
run $old seccomp,PR_SET_SECCOMP cagebox run --seccomp off --lower "$root_busybox" -- true
is "seccomp=off says nothing" "$status $err" "0 "

# A keeper whose monitor is gone is looked after by pid and start time.
calls=pidfd_open,pidfd_send_signal
$old $calls cagebox run -d -n old --keep --lower "$root_busybox" -- sleep 1000 >/dev/null
kill -KILL "$(cagebox list --json | jq '.[0].monitor')"
unmonitored()
{
	cagebox list --json | jq -e '.[0].status == "unmonitored"' >/dev/null
}
check "without pidfds: it is kept" wait_for unmonitored
run $old $calls cagebox stop -t 1s old
status_is "and stopped" 0
finish
