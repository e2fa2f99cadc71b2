# SPDX-License-Identifier: Zlib
# shellcheck shell=sh disable=SC2034 # its variables are for the tests
# What end-to-end tests share. A test file tests/e2e/X.t looks like this:
#
#	#!/bin/sh
#	# SPDX-License-Identifier: Zlib
#	# What X promises, in a line.
#	# timeout: 60			(only when 300 seconds are not right)
#	. "$(dirname "$0")/../lib.sh"
#
#	run cagebox run --root "$root_busybox" -- echo hello
#	status_is "echo runs" 0
#	is "its output arrives" "$out" hello
#	finish
#
# It needs root and is run by `tests/run e2e/X` or by its own name. Sourcing this file starts it anew in a mount and a pid
# namespace of its own, under a reaping PID 1, with empty tmpfs on /run and /var/log and nothing on stdin. /sys/fs/cgroup and the
# network are the host's. The test begins in the empty directory $work, which is removed at the end (KEEP=1 keeps it), and everything
# still running then is killed.
#
#	run COMMAND...		run it, whatever it returns; leaves $out, $err (without the last newlines) and $status
#	check TITLE COMMAND...	passes if COMMAND returns 0; `check TITLE not COMMAND...` if it does not
#	is TITLE GOT WANTED	passes if both are the same text
#	isnt TITLE GOT OTHER	passes if they are not
#	like TITLE TEXT ERE	passes if a line of TEXT matches the extended regular expression
#	unlike TITLE TEXT ERE	passes if none does
#	status_is TITLE WANTED	passes if $status of the last `run` is WANTED; shows $out and $err if not
#	pass TITLE, fail TITLE [DETAIL...]
#	skip TITLE REASON	counts as skipped; REASON names what is missing
#	skip_all REASON		the same for the whole file, as its first and only result
#	diag TEXT...		a remark in the output
#	wait_for COMMAND...	returns 0 as soon as COMMAND does, 1 after $patience seconds (20). For events that nothing else
#				announces; never sleep for a fixed time
#	root_copy DIR		prints the path of a new private copy of a root, to be written to
#	as_user COMMAND...	runs it as user and group 1000 with no other group and no capability; it has an XDG_RUNTIME_DIR and a
#				HOME, $user_run and $user_home
#	leaks_begin		take what exists now as the state to come back to; done once before the test begins. Call it again
#				after starting a helper that is to outlive the next leaks_check
#	leaks_check [TITLE [SECONDS]]
#				passes if nothing is left over since: processes, mounts, cgroups named cagebox*, files under
#				/run/cagebox (but for the record that a named container leaves), loop devices, network links.
#				It waits up to SECONDS (2; 0: none) for them to go
#	finish			the last line of every test: checks for leaks, prints the plan, exits
#
# Variables: $top (the checkout), $CAGEBOX (the binary; as `cagebox` it is first in the PATH), $work, $root_busybox and
# $root_debian (read-only for tests: several may use them; both know a user app, 1000).

top=$(cd "$(dirname "$0")/../.." && pwd)
CAGEBOX=${CAGEBOX:-$top/build/cagebox}
root_busybox=$top/build/tests/roots/busybox
root_debian=$top/build/tests/roots/debian
work_parent=${CAGEBOX_TEST_WORK:-$top/build/tests/work}

bail_out()
{
	echo "Bail out! $*"
	exit 1
}

# Everything that comes after the test is undone by the kernel when the two namespaces end, whatever way that comes.
enter_namespaces()
{
	[ "$(id -u)" = 0 ] || bail_out "$0 needs root"
	[ -x "$CAGEBOX" ] || bail_out "$CAGEBOX is missing: make"
	"$top/tests/roots" >&2 || bail_out "tests/roots failed"
	mkdir -p "$work_parent"
	name=${0##*/}
	CAGEBOX_TEST=$(mktemp -d "$work_parent/${name%.t}.XXXXXX") || bail_out "no directory to work in"
	PATH=$(dirname "$CAGEBOX"):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	LC_ALL=C
	export CAGEBOX_TEST CAGEBOX PATH LC_ALL
	unset XDG_RUNTIME_DIR
	exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc tini -g -- /bin/sh "$0" "$@" </dev/null
}

[ -n "${CAGEBOX_TEST:-}" ] || enter_namespaces "$@"

# On some systems the host's resolv.conf is a link into the /run that is about to be hidden.
keep_resolv_conf()
{
	resolv_conf=$(readlink -f /etc/resolv.conf)
	case $resolv_conf in
	/run/*)
		cp "$resolv_conf" "$library/resolv.conf" || return 0
		mount -t tmpfs -o mode=755 run /run
		mkdir -p "${resolv_conf%/*}" && cp "$library/resolv.conf" "$resolv_conf"
		;;
	*)
		mount -t tmpfs -o mode=755 run /run
		;;
	esac
}

library=$CAGEBOX_TEST/lib
work=$CAGEBOX_TEST/work
unset CAGEBOX_TEST
umask 022
chmod 755 "${work%/*}"
mkdir "$library" "$work"
cd "$work" || exit 1
trap '[ -n "${KEEP:-}" ] || { cd / && rm -rf --one-file-system "${work%/*}"; }' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
keep_resolv_conf || bail_out "no tmpfs on /run"
mount -t tmpfs -o mode=755 log /var/log || bail_out "no tmpfs on /var/log"

user_run=$library/user-run user_home=$library/user-home
test_count=0
test_failed=0
patience=20
out='' err='' status=0

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass()
{
	test_count=$((test_count + 1))
	echo "ok $test_count - $1"
}

fail()
{
	test_count=$((test_count + 1))
	test_failed=$((test_failed + 1))
	echo "not ok $test_count - $1"
	shift
	while [ $# -gt 0 ]; do
		diag "$1"
		shift
	done
	return 0
}

skip()
{
	test_count=$((test_count + 1))
	echo "ok $test_count - $1 # SKIP $2"
}

skip_all()
{
	[ "$test_count" = 0 ] || bail_out "skip_all after the first result"
	echo "1..0 # SKIP $1"
	exit 0
}

# Files instead of a pipe: what a container leaves running must not hold up the test.
run()
{
	status=0
	"$@" >"$library/out" 2>"$library/err" || status=$?
	out=$(cat "$library/out")
	err=$(cat "$library/err")
}

not()
{
	! "$@"
}

check()
{
	check_title=$1
	shift
	check_status=0
	"$@" >"$library/check" 2>&1 || check_status=$?
	if [ "$check_status" = 0 ]; then
		pass "$check_title"
	else
		fail "$check_title" "$* returned $check_status" "$(tail -n 40 "$library/check")"
	fi
}

is()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "     got: $2" "expected: $3"
	fi
}

isnt()
{
	if [ "$2" != "$3" ]; then
		pass "$1"
	else
		fail "$1" "got what must not be: $2"
	fi
}

like()
{
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then
		pass "$1"
	else
		fail "$1" "     got: $2" "expected: /$3/"
	fi
}

unlike()
{
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then
		fail "$1" "         got: $2" "not expected: /$3/"
	else
		pass "$1"
	fi
}

status_is()
{
	if [ "$status" = "$2" ]; then
		pass "$1"
	else
		fail "$1" "     got: status $status" "expected: status $2" "stdout: $out" "stderr: $err"
	fi
}

wait_for()
{
	give_up=$(($(date +%s) + patience))
	until "$@"; do
		[ "$(date +%s)" -lt "$give_up" ] || return 1
		sleep 0.02
	done
}

root_copy()
{
	# On failure a path that nothing can be written to: an empty one would make the host's / of the copy.
	copy=$(mktemp -d "$work/root.XXXXXX") && chmod 755 "$copy" && cp -a --reflink=auto "$1/." "$copy" || copy=/nonexistent/root
	echo "$copy"
}

as_user()
{
	[ -d "$user_run" ] || install -d -m 700 -o 1000 -g 1000 "$user_run" "$user_home"
	env XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$user_run}" HOME="$user_home" setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

# The processes there are; without starting one, since that would be listed too.
snapshot_processes()
{
	for process in /proc/[0-9]*; do
		{ read -r stat <"$process/stat"; } 2>/dev/null || continue
		comm=${stat#*(}
		comm=${comm%)*}
		case ${stat##*) } in
		[ZX]*) ;;
		*) echo "process ${process#/proc/} ($comm)" ;;
		esac
	done
}

# What remains of a container that its user gave a name is the record of its end: lock and state.
snapshot_run()
{
	[ ! -e /run/cagebox ] || find /run/cagebox -mindepth 1 -printf '%P\n' | while read -r file; do
		record=/run/cagebox/${file%%/*}/state
		case $file in
		*/lock | */state) ;;
		.events | .events.old) continue ;;
		*/*) record=/dev/null ;;
		esac
		[ "$(grep -cE '^(named=1|ended=.*)$' "$record" 2>/dev/null)" = 2 ] || echo "file /run/cagebox/$file"
	done
}

snapshot()
{
	snapshot_processes
	sed 's/^[0-9]* [0-9]* /mount /' /proc/self/mountinfo
	find /sys/fs/cgroup -type d -path '*/cagebox*' -printf 'cgroup %p\n' 2>/dev/null
	snapshot_run
	grep -s . /sys/block/loop*/loop/backing_file | sed 's/^/loop /'
	for link in /sys/class/net/*; do
		echo "link ${link##*/}"
	done
}

leaks_begin()
{
	snapshot >"$library/now"
	sort "$library/now" >"$library/before"
}

# Returns 0 if there are none; else $leaks has a line for each.
leaks_none()
{
	snapshot >"$library/now"
	leaks=$(sort "$library/now" | comm -3 "$library/before" - | sed -n '/^	/{s///p;d;}; s/^mount /lost mount /p')
	[ -z "$leaks" ]
}

# Others may use cgroups of these names at the same time: one that can be removed was left behind; one in use is either not
# ours, or the process in it is reported.
leaks_sift()
{
	sort -r | while read -r kind what; do
		[ "$kind" != cgroup ] || rmdir "$what" 2>/dev/null || continue
		echo "$kind $what"
	done
}

leaks_check()
{
	leaks_title=${1:-nothing is left over}
	leaks_until=$(($(date +%s) + ${2:-2}))
	until leaks_none || [ "$(date +%s)" -ge "$leaks_until" ]; do
		sleep 0.02
	done
	[ -z "$leaks" ] || leaks=$(echo "$leaks" | leaks_sift)
	if [ -z "$leaks" ]; then
		pass "$leaks_title"
	else
		fail "$leaks_title" "$leaks"
		leaks_begin
	fi
}

finish()
{
	leaks_check 'nothing is left over'
	echo "1..$test_count"
	[ "$test_failed" = 0 ]
	exit
}

leaks_begin
