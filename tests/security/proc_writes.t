#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2025-52881: what is written to proc goes to the kernel's own file or nowhere, whatever an image has in its place or was mounted over it.
# (tests/unit/sys_fd.c has a mount of another file of proc over the one that is written.)
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

copy=$(root_copy "$root_busybox")
for dir in self 1 2 thread-self; do
	mkdir -p "$copy/proc/$dir"
	for file in oom_score_adj uid_map gid_map setgroups timens_offsets; do
		echo fake >"$copy/proc/$dir/$file"
	done
done
run cagebox run --root "$copy" --oom-score-adj 321 -N uphicT -- cat /proc/self/oom_score_adj
[ "$status" = 0 ] || run cagebox run --root "$copy" --oom-score-adj 321 -N uphic -- cat /proc/self/oom_score_adj
is "an image's own proc plays no part" "$status $out" "0 321"
is "and is not written to" "$(cat "$copy"/proc/*/* | sort -u)" fake

# The caller's wish to have something else on /proc: then nothing is written, and the start fails.
mkdir -p fake/self && echo fake >fake/self/oom_score_adj
sleep 1000 & # whose files others try to have written
bystander=$!
for source in "$work/fake" /proc/$bystander /proc/sys/kernel; do
	run cagebox run --lower "$root_busybox" -v "$source:/proc" --oom-score-adj 321 -- true
	like "mounted on /proc: ${source##*/}" "$status $err" "^125 .*/proc is not the kernel's"
done
run cagebox run --lower "$root_busybox" --cap-add sys_admin --cap-add sys_resource -v "/proc/$bystander/oom_score_adj:/proc/self/oom_score_adj" --oom-score-adj 321 -- true
is "what was mounted over a file of proc is not written" "$(cat fake/self/oom_score_adj) $(cat /proc/$bystander/oom_score_adj)" "fake $(cat /proc/self/oom_score_adj)"

# The host's own is checked, too.
for source in "$work/fake" /proc/$bystander /proc/self; do
	mount --bind "$source" /proc 2>/dev/null || continue
	status=0
	message=$("$CAGEBOX" run --lower "$root_busybox" -N uphic -- true 2>&1) || status=$?
	umount /proc
	is "a host whose /proc is ${source##*/}" "$status" 125
	unlike "and it says so" "$message" 'Segmentation|Aborted'
done
is "nothing was written there" "$(cat fake/self/oom_score_adj) $(ls fake)" "fake self"
kill $bystander
wait $bystander 2>/dev/null
finish
