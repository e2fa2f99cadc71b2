#!/bin/sh
# SPDX-License-Identifier: Zlib
# User namespaces: maps are those that were asked for, no two containers share ids unless told to, files keep their owners, and no group of the
# caller's comes along (CVE-2014-8989, CVE-2018-7169). Callers without root: e2e/rootless.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

maps='echo $(cat /proc/self/uid_map) : $(cat /proc/self/gid_map)'

# maps_are TITLE WANTED OPTION...
maps_are()
{
	title=$1 wanted=$2
	shift 2
	run cagebox run --lower "$root_busybox" "$@" -- sh -c "$maps"
	is "$title" "$status $out$err" "0 $wanted"
}

maps_are "none: the host's" "0 0 4294967295 : 0 0 4294967295" --userns none
maps_are "by default too" "0 0 4294967295 : 0 0 4294967295"
maps_are "self: one id, which is the caller's" "0 0 1 : 0 0 1" --userns self
maps_are "a map" "0 100000 65536 : 0 100000 65536" --uid-map 0:100000:65536
maps_are "with another for groups" "0 1000 1 1 200000 500 : 0 5 1" --userns map --uid-map 0:1000,1:200000:500 --gid-map 0:5
maps_are "id_map_start" "0 300000 65536 : 0 300000 65536" --userns map --id-map-start 300000

# --- ranges that nobody else has --------------------------------------------------------------------------------------------
cagebox run -d --name userns-a --root "$root_busybox" --userns auto -- sleep 1000
cagebox run -d --name userns-b --lower "$root_busybox" -N u -- sleep 1000
cagebox run -d --name userns-c --lower "$root_busybox" -N uphic -- sleep 1000

start_of()
{
	awk '{ print $2, $3 }' "/proc/$(cagebox list --json | jq -r ".[] | select(.name == \"$1\") | .pid")/uid_map"
}

for name in a b c; do
	start_of userns-$name
done >starts
is "three containers have three ranges" "$(sort -u starts | wc -l) $(cut -d ' ' -f 2 starts | sort -u)" "3 65536"
check "none of which is anybody's" awk '$1 < 1879048192 || $1 % 65536 || $1 + $2 > 2147483648 { exit 1 }' starts
is "they are written down" "$(find /run/cagebox -name ".ids-*" -printf "%l\n" | sort | tr "\n" " ")" "userns-a userns-b userns-c "
is "the process belongs to it" "$(stat -c %u "/proc/$(cagebox list --json | jq -r '.[] | select(.name == "userns-a") | .pid')")" \
	"$(head -n 1 starts | cut -d ' ' -f 1)"
taken=$(head -n 1 starts | cut -d ' ' -f 1)
cagebox stop -t 1s userns-a userns-b userns-c
is "and given back" "$(find /run/cagebox -name ".ids-*")" ""

# A range that another has is passed over; one whose owner is gone is not.
mkdir -p /run/cagebox/other && ln -s other "/run/cagebox/.ids-$taken"
cagebox run -d --name userns-a --root "$root_busybox" --userns auto -- sleep 1000
is "a range in use is passed over" "$(start_of userns-a)" "$((taken + 65536)) 65536"
cagebox stop -t 1s userns-a
[ ! -d /run/cagebox/other ] || rmdir /run/cagebox/other
cagebox run -d --name userns-a --root "$root_busybox" --userns auto -- sleep 1000
is "what a dead one has left is taken" "$(start_of userns-a)" "$taken 65536"
kill -KILL "$(cagebox list --json | jq -r '.[] | select(.name == "userns-a") | .monitor')"
gone()
{
	cagebox list -a --json | jq -e '.[] | select(.name == "userns-a" and .status == "exited")' >/dev/null
}
check "also by SIGKILL of its monitor" wait_for gone
is "nothing is left of it" "$(find /run/cagebox -name ".ids-*")" ""
# Many at once: each of them its own.
for i in 1 2 3 4 5 6 7 8; do
	cagebox run --root "$root_busybox" --userns auto -- sh -c 'cut -c 12-21 /proc/self/uid_map; sleep 1' >"many.$i" 2>&1 &
done
wait
is "eight at once have eight" "$(cat many.* | sort -u | wc -l)" 8

# --- files ------------------------------------------------------------------------------------------------------------------------
mkdir data && chown 5:6 data && chmod 700 data
: >data/root && chown 0:0 data/root && chmod 600 data/root
: >data/app && chown 1000:1000 data/app
owners='stat -c %u:%g /mnt/root /mnt/app'
for root in "--root $root_busybox" "--lower $root_busybox"; do
	for map in '--userns auto' '--userns self' '--uid-map 0:100000:70000'; do
		# shellcheck disable=SC2086
		run cagebox run $root $map -- sh -c 'stat -c %u:%g /bin/busybox; [ -w / ] && : >/made-inside; echo $?'
		is "$root $map: root's files are root's, who can write" "$out$err" "0:0
0"
	done
done
rm -f "$root_busybox/made-inside"
run cagebox run --root "$root_busybox" --userns auto -v "$work/data:/mnt" -- sh -c "$owners; ls /mnt"
isnt "a mount without idmap is somebody else's" "$status" 0
run cagebox run --root "$root_busybox" --userns auto -v "$work/data:/mnt:idmap" -- sh -c "$owners; : >/mnt/new; stat -c %u:%g /mnt/new"
is "with idmap its owners are the same inside" "$out$err" "0:0
1000:1000
0:0"
is "and outside" "$(stat -c %u:%g data/new data/root)" "0:0
0:0"
run cagebox run --root "$root_busybox" --userns auto -v "$work/data/root:/etc/one:idmap" --mount-ro "$work/data:/mnt:idmap" -- \
	sh -c 'stat -c %u /etc/one; echo more >/etc/one; echo no >/mnt/root; ls /mnt | wc -l'
is "a file, and read-only" "$out $(cat data/root)" "0
3 more"
like "which says so" "$err" 'Read-only file system'
run cagebox run --lower "$root_busybox" --uid-map 0:1000 -v "$work/data/app:/etc/one:idmap" -- stat -c %u:%g /etc/one
is "what the map does not have belongs to nobody" "$out" 65534:65534

# --- rights -----------------------------------------------------------------------------------------------------------------------
run setpriv --groups 4,27,998 cagebox run --lower "$root_busybox" --userns auto -- sh -c 'grep Groups /proc/1/status /proc/self/status'
is "no group of the caller's is left" "$(echo "$out" | tr -d '[:blank:]')" "/proc/1/status:Groups:
/proc/self/status:Groups:"
run setpriv --groups 4,27,998 cagebox run --lower "$root_busybox" --userns self -- sh -c 'grep Groups /proc/1/status'
is "with one id neither" "$(echo "$out" | tr -d '[:blank:]')" "Groups:"
cagebox run -d --name userns-x --lower "$root_busybox" --userns auto -- sleep 1000
run cagebox exec userns-x sh -c "$maps; id -u; grep Groups /proc/self/status | tr -d '[:blank:]'"
is "exec is the root of the same" "$(echo "$out" | tail -n 2 | tr '\n' ' ')$(echo "$out" | head -n 1 | cut -d ' ' -f 2)" "0 Groups: $(start_of userns-x | cut -d ' ' -f 1)"
cagebox stop -t 1s userns-x
run cagebox run --root "$root_busybox" --userns auto -v "$work:/mnt" -- sh -c 'chown 0 /mnt/data; mknod /mnt/sda b 8 0; cat /mnt/data/root; hostname x; mount -o remount,rw /sys'
is "the host's files stay the host's" "$(stat -c %u data) $(ls sda 2>/dev/null)" "5 "
unlike "and unread" "$out" more

# --- what is refused --------------------------------------------------------------------------------------------------------------
refused()	# MESSAGE OPTION...
{
	message=$1
	shift
	run cagebox run --lower "$root_busybox" -v "$work:/mnt" "$@" -- touch /mnt/ran
	is "refused: $*" "$status $err $(ls ran 2>/dev/null)" "125 cagebox: run: $message "
}
refused "uid_map and gid_map must have an id for 0, the container's root" --uid-map 1:1000:5
refused "uid_map and gid_map must have an id for 0, the container's root" --uid-map 0:1000:5 --gid-map 5:1000
refused "mount: $work: idmap needs the namespace u" -v "$work:/opt:idmap"
refused "mount_overlay: $work/data needs a container without the namespace u" --userns auto --mount-overlay "$work/data:/opt"
refused "userns=none and the namespace u exclude each other" --userns none -N u
refused "uid_map: '0:5:10' and '3:100' have ids in common" --uid-map 0:5:10 --uid-map 3:100
run cagebox run --lower "$root_busybox" --userns self -u app -- id -u
isnt "a user that the map does not have is refused" "$status" 0
like "by name" "$err" '^cagebox: run: .*user app'
finish
