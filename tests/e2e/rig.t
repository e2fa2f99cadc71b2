#!/bin/sh
# SPDX-License-Identifier: Zlib
# The rig itself: leaks are found, and the runner takes nothing that is not a pass for one.
. "$(dirname "$0")/../lib.sh"

# Not in a subshell, which would count as a process left over.
finds_leak()
{
	count_before=$test_count failed_before=$test_failed
	leaks_check leak 0 >"$library/found"
	test_count=$count_before test_failed=$failed_before
	like "$1 is found" "$(cat "$library/found")" "$2"
}

sleep 1000 &
finds_leak 'a process' "^# process $! \((sh|sleep)\)$"
kill $! && wait $!
mount -t tmpfs rig "$work"
finds_leak 'a mount' "^# mount .* $work "
umount "$work"
finds_leak 'a lost mount' "^# lost mount .* $work "
mkdir -p /run/cagebox/rig
finds_leak 'a file' '^# file /run/cagebox/rig$'
printf 'named=1\nstarted=1\n' >/run/cagebox/rig/state
finds_leak 'the state of one that runs' '^# file /run/cagebox/rig/state$'
printf 'named=1\nended=1\n' >/run/cagebox/rig/state
: >/run/cagebox/rig/lock
mkdir /run/cagebox/rig/root
finds_leak 'a file beside the record of an end' '^# file /run/cagebox/rig/root$'
rmdir /run/cagebox/rig/root
leaks_check 'the record of an end is none'
rm -r /run/cagebox
leaks_begin
hierarchy=$(find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d -name pids)
if mkdir "${hierarchy:-/sys/fs/cgroup}/cagebox-rig" 2>/dev/null; then
	finds_leak 'a cgroup' '^# cgroup .*/cagebox-rig$'
	check 'a cgroup left over is removed' not test -e "${hierarchy:-/sys/fs/cgroup}/cagebox-rig"
else
	skip 'a cgroup is found' 'cgroup file system to write to'
fi
leaks_begin

# A tree of tests of its own.
copy=$work/copy
mkdir -p "$copy/tests/e2e" "$copy/build/tests"
cp "$top/tests/run" "$top/tests/roots" "$top/tests/lib.sh" "$copy/tests"
ln -s "$top/build/tests/roots" "$copy/build/tests/roots"
printf 'no camera # with a reason\n' >"$copy/tests/skips"

# judges TITLE LAST-LINE BODY...: the runner ends with that line for a test of that body
judges()
{
	title=$1 wanted=$2
	shift 2
	printf '%s\n' "$@" >"$copy/tests/e2e/x.t"
	run "$copy/tests/run"
	is "$title: the last line" "$(printf '%s\n' "$out" | tail -n 1)" "$wanted"
	case $wanted in
	*' 0 failed,'*) is "$title: the status" "$status" 0 ;;
	*) is "$title: the status" "$status" 1 ;;
	esac
}

# shellcheck disable=SC2016
lib='. "$(dirname "$0")/../lib.sh"'
unset CI CAGEBOX_TEST_WORK
judges 'a pass' '1 passed, 0 failed, 0 skipped' 'echo ok 1' 'echo 1..1'
judges 'a failure' '1 passed, 1 failed, 0 skipped' 'echo ok 1' 'echo not ok 2' 'echo 1..2'
judges 'no plan' '1 passed, 1 failed, 0 skipped' 'echo ok 1'
judges 'a plan that is not kept' '1 passed, 1 failed, 0 skipped' 'echo ok 1' 'echo 1..2'
judges 'an exit status' '1 passed, 1 failed, 0 skipped' 'echo ok 1' 'echo 1..1' 'exit 3'
judges 'no test at all' '0 passed, 1 failed, 0 skipped' 'true'
judges 'a hang' '1 passed, 1 failed, 0 skipped' '# timeout: 1' 'echo ok 1' 'sleep 1000'
judges 'a skip' '1 passed, 0 failed, 1 skipped' 'echo ok 1' 'echo ok 2 - picture \# SKIP no microphone' 'echo 1..2'
judges 'a skip without a reason' '1 passed, 1 failed, 0 skipped' 'echo ok 1' 'echo ok 2 - picture \# SKIP' 'echo 1..2'
judges 'a leak' '1 passed, 1 failed, 0 skipped' "$lib" 'pass one' 'sleep 1000 &' finish
export CI=true
judges 'a skip that is listed' '1 passed, 0 failed, 1 skipped' 'echo ok 1' 'echo ok 2 - picture \# SKIP no camera' 'echo 1..2'
judges 'a skip that is not listed' '1 passed, 1 failed, 0 skipped' 'echo ok 1' 'echo ok 2 - x \# SKIP no microphone' 'echo 1..2'
finish
