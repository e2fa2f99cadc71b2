#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2026-30892 (`-u 1` ran as 0) and names: an identity or a name that is not wholly one is refused, by every applet that takes it, and
# nothing runs.
# shellcheck disable=SC2016 # a name that a shell would expand
. "$(dirname "$0")/../lib.sh"

cagebox run --lower "$root_busybox" -d --name box -v "$work:/mnt" -- sleep 1000 >/dev/null
shown()
{
	printf '%s' "$1" | tr -c '[:print:]' '?'
}

for id in 1x 1000x x1: -1 +0 0x0 ' 0' '0 ' 0.0 4294967295 4294967296 8589934592 18446744073709551616 18446744073709551615 '' ':' '0:' ':0' 0:1x 0:-1 0:4294967295 '0
1'; do
	for option in -u --user -g --groups; do
		run cagebox run --lower "$root_busybox" -v "$work:/mnt" "$option" "$id" -- touch /mnt/ran
		is "run $option '$(shown "$id")'" "$status $(ls ran 2>/dev/null)" "125 "
		run cagebox exec "$option" "$id" box touch /mnt/ran
		is "exec $option '$(shown "$id")'" "$status $(ls ran 2>/dev/null)" "125 "
		rm -f ran
	done
done
for id in 0 1 1000 65534 65536 4294967294; do
	run cagebox run --lower "$root_busybox" -u "$id:$id" -- sed -n 's/^[UG]id:.//p' /proc/self/status
	is "$id is $id, four times, and its group" "$(echo "$out" | tr '\t' '\n' | sort -u)" "$id"
	run cagebox exec -u "$id:$id" box sed -n 's/^[UG]id:.//p' /proc/self/status
	is "in exec too" "$(echo "$out" | tr '\t' '\n' | sort -u)" "$id"
done

# A passwd that says that somebody is who he should not be, or what no kernel takes.
copy=$(root_copy "$root_busybox")
printf '%s\n' 'minus:x:-1:-1::/:/bin/sh' 'plus:x:+0:+0::/:/bin/sh' 'hex:x:0x0:0::/:/bin/sh' 'empty:x:::/:/bin/sh' 'blank:x: 0: 0::/:/bin/sh' \
	'wrap:x:4294967296:4294967296::/:/bin/sh' 'octal:x:0b:0::/:/bin/sh' 'top:x:4294967295:0::/:/bin/sh' 'group:x:1000:4294967295::/:/bin/sh' >>"$copy/etc/passwd"
for name in minus plus hex empty blank wrap octal top; do
	run cagebox run --lower "$copy" -v "$work:/mnt" -u $name -- touch /mnt/ran
	is "the user $name, whose number is none, does not run" "$status $(ls ran 2>/dev/null)" "125 "
	rm -f ran
done
run cagebox run --lower "$copy" -u group -- sh -c 'sed -n "s/^Gid:.//p" /proc/self/status'
unlike "a group that is none is not taken for root's" "$status $out" '^0 0'

# Names, before any path is made of them.
mkdir -p /run/cagebox && find /run -mindepth 1 | sort >before
long=$(printf '%064d' 0)
for name in ../x ../../run/x x/../y /x x/y . .. .x -x _x '' 'a b' 'a
b' "a$(printf '\001')b" ä '*' '$(id)' "$long"; do
	for applet in run list kill stop exec wait; do
		case $applet in
		run) run cagebox run --lower "$root_busybox" -v "$work:/mnt" --name "$name" -- touch /mnt/ran ;;
		list) continue ;;
		*) run cagebox $applet -- "$name" ;;
		esac
		is "$applet refuses the name '$(shown "$name")'" "$status $(ls ran 2>/dev/null)" "125 "
	done
done
find /run -mindepth 1 | sort >after
check "nothing was made anywhere" diff before after
for name in a A 0 a.b a-b a_b 0.. "$(printf '%063d' 0)"; do
	run cagebox run --lower "$root_busybox" --name "$name" -- true
	is "a good name: $name" "$status $err" "0 "
done
ln -s "$work" /run/cagebox/link && mkdir control && : >state
run cagebox stop link
status_is "a link in the run-time directory is no container" 125
run cagebox run --lower "$root_busybox" --name link -- true
status_is "nor does one begin in it" 125
is "nothing was written behind it" "$(find "$work" -newer /run/cagebox/link -maxdepth 1 -type f -name lock)" ""
rm /run/cagebox/link
chmod 777 /run/cagebox
run cagebox list
like "a run-time directory that others can write to is not trusted" "$status $err" '^125 cagebox: list: .*writable by nobody else'
chmod 700 /run/cagebox
cagebox stop -t 1s box
finish
