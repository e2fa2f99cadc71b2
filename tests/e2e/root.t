#!/bin/sh
# SPDX-License-Identifier: Zlib
# Every kind of root, on two real systems and on the host's own: as it is, read-only, as lower directory of an overlay in memory, in a
# directory, in upper and work. What is below is never written; what is above stays where it was asked for.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

# Everything that a write would change in a tree; not the times of reading.
tree()
{
	find "$1" -xdev -printf '%P %y %m %U:%G %s %T@ %l\n' | sort
}

# writes OPTION...: the container writes in the ways that there are, and sees what it wrote. $out is "ok" then.
writes()
{
	run cagebox run "$@" -- /bin/sh -c 'set -e
		echo new >/new; echo more:x:7:7::/:/bin/sh >>/etc/passwd; mkdir -p /etc/dir/sub; rm -r /home/app; mv /etc/hostname /etc/moved
		chmod 600 /etc/group; ln -s target /var/link; chown 5:6 /var/log
		[ "$(cat /new)" = new ] && [ "$(tail -n 1 /etc/passwd | cut -c 1-5)" = more: ] && [ ! -e /home/app ] && [ ! -e /etc/hostname ] && echo ok'
}

for system in busybox debian; do
	eval "root=\$root_$system"
	tree "$root" >before

	writes --lower "$root"
	is "$system: an overlay in memory can be written" "$status $out$err" "0 ok"
	writes --lower "$root" --overlay tmpfs:1M
	is "$system: also one of a given size" "$status $out$err" "0 ok"
	run cagebox run --lower "$root" --overlay tmpfs:1M -- sh -c 'dd if=/dev/zero of=/big bs=65536 count=64; echo $?; ls /big'
	is "$system: which is its limit" "$out $(echo "$err" | grep -c 'No space left on device')" "1
/big 1"
	run cagebox run --lower "$root" -- sh -c 'ls /new; tail -n 1 /etc/passwd'
	is "$system: the next one sees nothing of it" "$out" "$(tail -n 1 "$root/etc/passwd")"
	writes --lower "$root" --overlay "$work/over-$system"
	is "$system: an overlay in a directory" "$status $out$err" "0 ok"
	is "$system: its changes are there" "$(cat "over-$system/upper/new") $(readlink "over-$system/upper/var/link") $(stat -c '%u:%g' "over-$system/upper/var/log")" \
		"new target 5:6"
	run cagebox run --lower "$root" --overlay "$work/over-$system" -- sh -c 'cat /new /etc/moved; ls /home /etc/hostname'
	is "$system: and are found by the next" "$(echo "$out" | head -n 1) $(echo "$out" | grep -c app)" "new 0"
	mkdir "up-$system" "work-$system"
	writes --root "$root" --upper "$work/up-$system" --work "$work/work-$system"
	is "$system: upper and work, with root as the lower" "$status $out$err" "0 ok"
	is "$system: the changes are in upper" "$(cat "up-$system/new")" new
	run cagebox run --lower "$root" --upper "up-$system" --work "work-$system" -- cat /new
	is "$system: relative paths are taken from where the caller is" "$status $out" "0 new"
	run cagebox run --lower "$root" --overlay none -- sh -c 'id -u; echo x >/new; rm /etc/passwd'
	is "$system: without an overlay the lower is read-only" "$out $(echo "$err" | grep -c 'Read-only file system')" "0 2"
	run cagebox run --root "$root" --read-only -- sh -c 'id -u; echo x >/new; rm /etc/passwd; echo tmp >/tmp/x; cat /tmp/x'
	is "$system: a read-only root" "$out $(echo "$err" | grep -c 'Read-only file system')" "0
tmp 2"
	run cagebox run --lower "$root" --read-only -- sh -c 'id -u; echo x >/new; echo run >/run/x; cat /run/x'
	is "$system: a read-only overlay" "$out $(echo "$err" | grep -c 'Read-only file system')" "0
run 1"
	tree "$root" >after
	check "$system: the lower was never written" diff before after

	copy=$(root_copy "$root")
	writes --root "$copy"
	is "$system: a directory as it is can be written" "$status $out$err" "0 ok"
	is "$system: and keeps what was written" "$(cat "$copy/new" "$copy/etc/moved") $(stat -c %a "$copy/etc/group")" "new
$(cat "$root/etc/hostname") 600"
	is "$system: nothing of /dev, /proc, /sys, /tmp, /run is left in it" "$(find "$copy/dev" "$copy/proc" "$copy/sys" "$copy/tmp" "$copy/run" -mindepth 1 -newer before)" ""
	run cagebox run --root "$copy" -u app -- sh -c 'id -un; touch /tmp/x && touch /new'
	is "$system: a user's rights are those of the files" "$out $(echo "$err" | grep -c 'Permission denied')" "app 1"
	rm -rf "$copy"
done

# --- the host's own / ----------------------------------------------------------------------------------------------------------

marker=/cagebox-test-$$
run cagebox run -- sh -c "echo x >$marker; echo x >/etc/cagebox-test-$$; rm -f /etc/passwd; cat $marker; head -n 1 /etc/group"
is "by default it is an overlay of the host's /" "$status $out" "0 x
$(head -n 1 /etc/group)"
check "nothing of it reached the host" test ! -e "$marker" -a ! -e "/etc/cagebox-test-$$" -a -s /etc/passwd
run cagebox run -- sh -c 'cat /etc/hostname; ls -A /run /tmp; ls /proc/1/root >/dev/null; findmnt -no FSTYPE /'
is "with a /run and /tmp of its own" "$(echo "$out" | sed -n '/:$/,$p' | grep -cE '^[a-z]' )" 4
run cagebox run --read-only -- touch "$marker"
is "the host's / read-only" "$status $(ls $marker 2>/dev/null)" "1 "
run cagebox run --root / --read-only -- touch "$marker"
is "the host's / as it is, read-only" "$status $(ls $marker 2>/dev/null)" "1 "
run cagebox run --overlay tmpfs:64K -- sh -c "dd if=/dev/zero of=$marker bs=4096 count=64"
isnt "of a limited size" "$status" 0

copy=$(root_copy "$root_busybox")
mount -t proc proc "$copy/proc" && mount -t sysfs sys "$copy/sys" && mount --bind /dev "$copy/dev" && mount -t tmpfs data "$copy/mnt" && echo data >"$copy/mnt/data"
leaks_begin
run cagebox run --root "$copy" -- sh -c 'echo $$; cat /mnt/data; ls -d /sys/class; ls /dev/sda /dev/vda /dev/mem /dev/loop0 2>/dev/null; grep -c "^sysfs /sys sysfs ro" /proc/mounts'
is "a root with mounts of its own, as for chroot(8): those of a container go on top" "$status $(echo "$out" | tr '\n' ' ')$err" "0 2 data /sys/class 1 "
run cagebox run --root "$copy" -N none -- cat /mnt/data
is "also with the host's pid namespace" "$status $out$err" "0 data"
umount "$copy/mnt" "$copy/dev" "$copy/sys" "$copy/proc"
leaks_begin

# --- upper and work -----------------------------------------------------------------------------------------------------------------

copy=$(root_copy "$root_busybox")
mkdir "$copy/changes"
before=$(tree "$copy" | grep -v changes)
run cagebox run --lower "$copy" --overlay "$copy/changes" -- sh -c 'echo in >/inside; cat /inside'
is "an upper directory inside the lower tree" "$status $out$err" "0 in"
is "has the changes" "$(cat "$copy/changes/upper/inside")" in
is "and the rest is as it was" "$(tree "$copy" | grep -v changes | sed 's/^ d .*//')" "$(echo "$before" | sed 's/^ d .*//')"
run cagebox run --overlay "$work/over-host" -- sh -c "echo x >$marker; cat $marker"
is "so has one inside the host's own /" "$status $out $(cat "over-host/upper$marker")" "0 x x"
mkdir two three && echo two >two/which && echo three >three/which && echo two >two/only
run cagebox run --lower "$work/three:$work/two:$root_busybox" -- cat /which /only
is "several lower directories, the first on top" "$out$err" "three
two"
run cagebox run --lower "$work/two" --lower "$work/three" --lower "$root_busybox" -- cat /which
is "also given one by one" "$out$err" two
run cagebox run --lower "$work/two:$root_busybox" --overlay none -- sh -c 'cat /which; touch /x'
is "several without an overlay are read-only" "$out $(echo "$err" | grep -c 'Read-only')" "two 1"

# Names that the shell, mount(8) and overlayfs give a meaning to.
newline=$(printf 'new\nline')
for name in 'with blank' 'with,comma' 'with\:colon' 'back\slash' '#hash' '-dash' 'ü"'"'" "$newline"; do
	plain=$(printf '%s\n' "$name" | sed 's/\\:/:/')
	mkdir "./$plain" "./$plain/lower" "./$plain/over" && cp -a "$root_busybox/." "./$plain/lower"
	run cagebox run --lower "$work/$name/lower" --overlay "$work/$plain/over" -- sh -c 'echo x >/y; cat /y'
	is "lower and overlay in a directory '$plain'" "$status $out$err $(cat "$work/$plain/over/upper/y")" "0 x x"
	run cagebox run --root "$work/$plain/lower" -- cat /etc/hostname
	is "a root there" "$status $out$err" "0 busybox"
	run cagebox run --lower "$work/$name/lower" --upper "$work/$plain/over/upper" --work "$work/$plain/over/work" -- cat /y
	is "upper and work there" "$status $out$err" "0 x"
done
long=$(printf '%0200d' 0)
mkdir "$long" "$long/$long" && cp -a "$root_busybox/." "$long/$long"
run cagebox run --lower "$work/$long/$long" --overlay "$work/$long" -- echo ran
is "long paths" "$status $out$err" "0 ran"
many=$root_busybox
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	mkdir "$long/$i" && many=$work/$long/$i:$many
done
run cagebox run --lower "$many" -- echo ran
case $status in
0) is "paths longer than a page together" "$out" ran ;;
*) like "paths longer than a page together are refused with the reason" "$status $err" '^125 cagebox: run: .*longer than a page' ;;
esac

refused()
{
	title=$1 message=$2
	shift 2
	run cagebox run "$@" -- true
	is "$title" "$status" 125
	like "and the message says so" "$err" "^cagebox: run: $message"
}

mkdir up wk
refused "upper without work" 'upper needs work' --lower / --upper "$work/up"
refused "work without upper" 'work needs upper' --lower / --work "$work/wk"
refused "root and lower" 'root and lower exclude each other' --lower / --root /
refused "overlay and upper" 'overlay and upper exclude each other' --overlay tmpfs --upper "$work/up" --work "$work/wk"
refused "an overlay on a file" "overlay: $work/two/which is not a directory" --overlay "$work/two/which"
refused "an upper on a file" "upper: $work/two/which is not a directory" --upper "$work/two/which" --work "$work/wk"
mount -t tmpfs -o size=256k small "$work/wk"
leaks_begin
refused "upper and work on different file systems" "work: $work/wk is not on the file system of upper $work/up" --upper "$work/up" --work "$work/wk"
refused "an upper in /proc" 'upper: make the directory /proc/cagebox' --upper /proc/cagebox --work /proc/cagebox
is "a work directory is not made when it is in vain" "$(ls /proc/cagebox 2>/dev/null)" ""
leaks_check "after the refusals nothing is left over"

# --- a full disk -------------------------------------------------------------------------------------------------------------------------

mkdir wk/up wk/work
run cagebox run --lower "$root_busybox" --upper "$work/wk/up" --work "$work/wk/work" -- sh -c 'dd if=/dev/zero of=/fill bs=4096; echo $?; rm /fill; echo room >/y && cat /y'
is "a full disk under upper is the program's to handle" "$out" "1
room"
like "by the kernel's own error" "$err" 'No space left on device'
run cagebox run --lower "$root_busybox" --upper "$work/wk/up" --work "$work/wk/work" -- dd if=/dev/zero of=/fill bs=4096
status_is "which leaves it full" 1
run cagebox run --lower "$root_busybox" --upper "$work/wk/up" --work "$work/wk/work" -- sh -c 'rm /fill && echo room'
is "the next start works on the full disk" "$status $out$err" "0 room"
dd if=/dev/zero of=wk/fill bs=1k 2>/dev/null
run cagebox run --lower "$root_busybox" --overlay "$work/wk/new" -- true
case $status in
0) pass "a full disk before the start is no obstacle, or an error that names the path" ;;
*) like "a full disk before the start is no obstacle, or an error that names the path" "$status $err" "^125 cagebox: run: .*$work/wk.*No space" ;;
esac
umount wk
leaks_begin
finish
