#!/bin/sh
# SPDX-License-Identifier: Zlib
# mkroot makes a root or an initramfs out of the binary, whole or not at all, and keeps what was there.
. "$(dirname "$0")/../lib.sh"

skel=$top/rootfs-skel

# Everything below a directory: type, mode, owner, path, target.
tree()
{
	(cd "$1" && find . -mindepth 1 -printf '%M %u:%g %P %l\n' | LC_ALL=C sort -k 3)
}

nothing_in()
{
	[ -z "$(ls -A "$1")" ]
}

# --- a directory ---------------------------------------------------------------------------------------------------------

# Neither the umask nor the group of the directory above gets into it.
mkdir shared && chgrp 1000 shared && chmod 2775 shared
umask 077
run cagebox mkroot shared/root
umask 022
status_is "a directory is made" 0
is "nothing is said about it" "$out$err" ""
mv shared/root root && rmdir shared
is "its own mode" "$(stat -c '%a %u %g' root)" "755 0 0"
is "modes and owners" "$(tree root | grep -v '^l')" "$(
	sed 's/$/ /' <<-EOF
		drwxr-xr-x root:root bin
		drwxr-xr-x root:root dev
		drwxr-xr-x root:root etc
		drwxr-xr-x root:root etc/cagebox
		drwxr-xr-x root:root etc/cagebox/boot.d
		-rw-r--r-- root:root etc/cagebox/boot.d/README
		-rw-r--r-- root:root etc/cagebox/example.conf.sample
		drwxr-xr-x root:root etc/cagebox/shutdown.d
		-rw-r--r-- root:root etc/cagebox/shutdown.d/README
		-rw-r--r-- root:root etc/group
		-rw-r--r-- root:root etc/hostname
		-rw-r--r-- root:root etc/hosts
		-rw-r--r-- root:root etc/passwd
		-rw-r--r-- root:root etc/resolv.conf
		drwxr-xr-x root:root home
		drwxr-xr-x root:root mnt
		dr-xr-xr-x root:root proc
		drwx------ root:root root
		drwxr-xr-x root:root run
		drwxr-xr-x root:root sbin
		-rwxr-xr-x root:root sbin/cagebox
		dr-xr-xr-x root:root sys
		drwxrwxrwt root:root tmp
		drwxr-xr-x root:root var
		drwxr-xr-x root:root var/log
		drwxrwxrwt root:root var/tmp
	EOF
)"
check "the files are the skeleton's" diff -r "$skel/etc" root/etc
check "the binary is the one that runs" cmp "$CAGEBOX" root/sbin/cagebox
mkdir links && cagebox --install -s links
is "its links are those that --install makes, and init" "$(cd root/sbin && find . -type l | LC_ALL=C sort)" \
	"$( (cd links && find . -type l && echo ./init) | LC_ALL=C sort -u)"
is "and /init" "$(find root -type l ! -path '*/sbin/*' -printf '%P %l\n')" "init sbin/cagebox"
is "all of them lead to it" "$(find root -type l -exec readlink -f {} + | sort -u)" "$work/root/sbin/cagebox"
is "root's password is locked" "$(grep '^root:' root/etc/passwd)" 'root:*:0:0:root:/root:/bin/sh'
is "no file of the skeleton counts as a hook" "$(find root/etc -type f -perm /111)" ""

case $CAGEBOX in
*sanitize*) skip "the binary runs in it" "the build is not static" ;;
*) check "the binary runs in it" chroot root /sbin/cagebox --version ;;
esac
mkdir given && chgrp 1000 given && chmod 2770 given
cagebox mkroot given
is "in a directory that was there, nothing is its group's" "$(tree given)" "$(tree root)"
is "and its own mode stays" "$(stat -c '%a %g' given)" "2770 1000"
run cagebox mkroot -a "mkroot" few
is "--applets names the links" "$(cd few/sbin && echo *)" "cagebox cagebox-mkroot init"
run cagebox mkroot --applets= none
is "none but init is possible" "$(cd none/sbin && echo *)" "cagebox init"

# --- a second time -------------------------------------------------------------------------------------------------------

change_root()
{
	echo mine >root/etc/passwd
	rm -f root/etc/hosts root/etc/hostname
	echo outside >outside
	ln -s "$work/outside" root/etc/hostname
	ln -sfn elsewhere root/init
	chmod 700 root/home
}

change_root
run cagebox mkroot root
status_is "a directory is completed" 0
like "what was there is named" "$out" '^kept etc/passwd$'
unlike "what is new is not" "$out" 'etc/hosts'
is "a changed file is kept" "$(cat root/etc/passwd)" mine
is "a link is kept" "$(readlink root/init) $(readlink root/etc/hostname)" "elsewhere $work/outside"
is "a directory keeps its mode" "$(stat -c %a root/home)" 700
check "what was missing is back" cmp "$skel/etc/hosts" root/etc/hosts

change_root
run cagebox mkroot --force root
status_is "--force replaces" 0
is "and keeps nothing" "$out" ""
check "a changed file is as new" diff -r "$skel/etc" root/etc
is "a link too" "$(readlink root/init)" sbin/cagebox
is "a link is replaced, not followed" "$(cat outside) $(find root/etc -type l)" "outside "
is "no other file is left beside them" "$(find root -name '*.new*')" ""
chmod 755 root/home

# --- ways out of the directory -------------------------------------------------------------------------------------------

mkdir target linked && ln -s "$work/target" linked/etc
before=$(tree linked)
for option in '' --force; do
	# shellcheck disable=SC2086
	run cagebox mkroot $option linked
	status_is "a directory that is a symbolic link is refused $option" 125
	like "the message names it" "$err" '^cagebox: mkroot: linked/etc is in the way: not a directory$'
	check "nothing was written through it" nothing_in target
	is "and all that was made is gone" "$(tree linked)" "$before"
done
rm linked/etc && mkdir -p linked/etc && ln -s "$work/target" linked/etc/cagebox
run cagebox mkroot linked
status_is "nor is one deeper down followed" 125
check "nothing was written through it either" nothing_in target
mkdir -p blocked/home/own && echo file >blocked/var
before=$(tree blocked)
run cagebox mkroot blocked
status_is "a file in a directory's place is refused" 125
like "and named" "$err" 'blocked/var is in the way: not a directory'
is "what was there before is all there is" "$(tree blocked)" "$before"
rm blocked/var && mkdir -p blocked/etc/passwd
before=$(tree blocked)
run cagebox mkroot --force blocked
status_is "no directory is replaced by a file" 125
like "it is named" "$err" 'replace blocked/etc/passwd: Is a directory'
is "what was there before is still all there is" "$(tree blocked)" "$before"

# --- an archive ----------------------------------------------------------------------------------------------------------

run cagebox mkroot --cpio image
status_is "an archive is made" 0
is "with the usual mode, alone" "$(stat -c %a image) $(echo image*)" "644 image"
cagebox mkroot --cpio - >stream
check "standard output gets the same, to the byte" cmp image stream
is "it is made of whole blocks" "$(($(stat -c %s image) % 512))" 0
check "cpio lists it" sh -c 'cpio -t <image >list 2>/dev/null'
is "a path comes once" "$(sort list | uniq -d)" ""
is "parents come first" "$(awk -F/ 'NF > 1 { p = $0; sub("/[^/]*$", "", p); if (!(p in seen)) print } { seen[$0] = 1 }' list)" ""
mkdir unpacked && (cd unpacked && umask 0 && cpio -id --quiet <../image)
is "the two device nodes" "$(cd unpacked/dev && stat -c '%n %F %a %t:%T %u:%g' ./*)" \
	"$(printf '%s\n' './console character special file 600 5:1 0:0' './null character special file 666 1:3 0:0')"
like "the root's own mode" "$(cpio -tv --quiet <image)" '^drwxr-xr-x .* root *root .* \.$'
rm -f unpacked/dev/console unpacked/dev/null
check "the rest is the directory" diff -r --no-dereference root unpacked
is "with the same modes, owners and links" "$(tree unpacked)" "$(tree root)"
is "the time is 1970's" "$(TZ=UTC cpio -tv --quiet <image | grep -vc ' Jan  1  1970 ')" 0
SOURCE_DATE_EPOCH=86400 cagebox mkroot --cpio dated
is "or that of SOURCE_DATE_EPOCH" "$(TZ=UTC cpio -tv --quiet <dated | grep -vc ' Jan  2  1970 ')" 0

echo old >image
run cagebox mkroot --cpio image
status_is "an existing file is refused" 125
is "by name" "$err" "cagebox: mkroot: image exists (--force replaces it)"
is "and left alone" "$(cat image)" old
run cagebox mkroot --cpio --force image
status_is "--force replaces it" 0
check "by the whole archive" cmp image stream
ln -s image link && mkdir directory && mknod null c 1 3
for name in link directory null; do
	before=$(stat -c '%F %i' "$name")
	run cagebox mkroot --cpio --force $name
	status_is "--force leaves a $name alone" 125
	is "it is still there" "$(stat -c '%F %i' "$name")" "$before"
done

# --- wrong calls: refused before anything is touched ---------------------------------------------------------------------

refused()
{
	title=$1 message=$2
	shift 2
	before=$(ls -A)
	run "$@"
	status_is "$title is refused" 125
	like "the message says why" "$err" "^cagebox: mkroot: $message"
	is "nothing was made" "$(ls -A)" "$before"
}

refused "no argument" 'usage: mkroot ' cagebox mkroot
refused "an empty argument" 'usage: mkroot ' cagebox mkroot ''
refused "a second argument" 'usage: mkroot ' cagebox mkroot new more
refused "an unknown option" 'unknown option --cpoi' cagebox mkroot --cpoi new
refused "an unknown applet" "--applets: no applet is called 'nonsense'" cagebox mkroot -a 'mkroot nonsense' new
refused "an unknown applet for an archive" '--applets: no applet' cagebox mkroot -a nonsense --cpio new
refused "an open quote" '--applets: ' cagebox mkroot -a "'mkroot" new
refused "a directory on standard output" 'standard output takes an archive only' cagebox mkroot -
refused "a bad SOURCE_DATE_EPOCH" "SOURCE_DATE_EPOCH: 'soon'" env SOURCE_DATE_EPOCH=soon cagebox mkroot --cpio new
refused "a directory whose parent is missing" 'make missing/new: No such file' cagebox mkroot missing/new
refused "an archive whose directory is missing" 'make missing/new.*: No such file' cagebox mkroot --cpio missing/new
refused "a file for a directory" 'open image: Not a directory' cagebox mkroot image
run script -qec 'cagebox mkroot --cpio -' /dev/null
like "a terminal gets no archive" "$out" 'standard output is a terminal'
unlike "not even a part" "$out" 070701
run sh -c 'cagebox mkroot --cpio - >&-'
status_is "a closed standard output is an error" 125
like "which is named" "$err" 'write standard output: Bad file descriptor'
run sh -c 'cagebox mkroot --cpio - >/dev/full'
status_is "so is a full one" 125
run sh -c 'cagebox mkroot root >&-'
status_is "also where it would get the names of what was kept" 125

# --- without root --------------------------------------------------------------------------------------------------------

mkdir own && chown 1000:1000 own
refused "a directory that cannot be written" 'make directory/.*: Permission denied' as_user cagebox mkroot directory
check "it is still empty" nothing_in directory
refused "a new one there" 'make directory/new: Permission denied' as_user cagebox mkroot directory/new
refused "an archive there" 'make directory/new.*: Permission denied' as_user cagebox mkroot --cpio directory/new
run as_user cagebox mkroot own/root
status_is "everybody makes a root of one's own" 0
is "all of it belongs to its maker" "$(find own/root -printf '%U:%G\n' | sort -u)" 1000:1000
is "modes are the same" "$(tree own/root | cut -d' ' -f 1,3-)" "$(tree root | cut -d' ' -f 1,3-)"
as_user cagebox mkroot --cpio own/image
check "the archive is the same to the byte" cmp own/image stream

# --- a full disk ---------------------------------------------------------------------------------------------------------

mkdir disk
for full in size=64k nr_inodes=20; do
	mount -t tmpfs -o $full disk disk
	mkdir disk/etc && echo mine >disk/etc/passwd
	before=$(tree disk)
	run cagebox mkroot disk
	status_is "a full disk ($full) is an error" 125
	like "that names the file" "$err" '^cagebox: mkroot: make disk/.*: No space left on device'
	is "what was made is gone" "$(tree disk)" "$before"
	run cagebox mkroot disk/new
	status_is "in a new directory too" 125
	is "and that one is gone" "$(tree disk)" "$before"
	umount disk
done
mount -t tmpfs -o size=64k disk disk
echo old >disk/image
mkdir disk/sbin && echo old >disk/sbin/cagebox
run cagebox mkroot --cpio disk/new
status_is "an archive on a full disk is an error" 125
like "that names it" "$err" '^cagebox: mkroot: write disk/new: No space left on device'
run cagebox mkroot --cpio --force disk/image
status_is "also one that replaces another" 125
run cagebox mkroot --force disk
status_is "and a binary that replaces another" 125
is "the old ones are whole, and alone" "$(cat disk/image disk/sbin/cagebox) $(cd disk && echo *) $(cd disk/sbin && echo *)" \
	"$(printf 'old\nold image sbin cagebox')"
umount disk

# --- an error at every single call ---------------------------------------------------------------------------------------

# The sanitizers' own calls would be counted and hit as well.
case $CAGEBOX in
*sanitize*)
	skip "an error at every call" "the sanitizers do not work under strace"
	finish
	;;
esac

# Somebody who may write there puts a link in the place of a directory in the middle of it all.
mkdir -p try target/cagebox
strace -o trace -e trace=mkdirat cagebox mkroot counted
strace -o trace -e trace=mkdirat -e inject=mkdirat:signal=STOP:when="$(sed -n '/"cagebox"/=' trace)" cagebox mkroot try 2>message &
wait_for grep -q 'stopped by SIGSTOP' trace
mv try/etc try/moved && ln -s "$work/target" try/etc
pkill -CONT -P $!
check "a link that appears meanwhile is refused" not wait $!
like "and named" "$(cat message)" 'open the directory of try/etc/cagebox/[a-z.]*: Not a directory'
is "nothing was made or removed behind it" "$(tree target)" 'drwxr-xr-x root:root cagebox '

# A file that appears after the check, and file systems that cannot refuse to replace it.
run strace -o trace -e inject=renameat2:error=EEXIST cagebox mkroot --cpio late
status_is "a file that appears meanwhile is not replaced" 125
is "the archive is gone again" "$(find . -maxdepth 1 -name 'late*')" ""
run strace -o trace -e inject=renameat2:error=EINVAL cagebox mkroot --cpio late
status_is "a file system without that renaming does" 0
check "the archive is whole there" cmp late stream

# inject CALLS ERROR COMMAND...: the first call fails, then the second, until the command gets by. After each failure
# nothing may be left in the directory try.
inject()
{
	calls=$1 error=$2 nth=0 bad=
	shift 2
	while :; do
		nth=$((nth + 1))
		rm -rf try && mkdir try && mkdir try/etc && echo mine >try/etc/group
		run strace -o trace -e trace="$calls" -e inject="$calls:error=$error:when=$nth" "$@"
		grep -q INJECTED trace || break
		[ "$status" = 125 ] || bad="$bad $nth:status=$status"
		[ "$(find try -mindepth 1 | sort | tr '\n' ' ')" = 'try/etc try/etc/group ' ] || bad="$bad $nth:left"
		case $err in
		*'cagebox: mkroot: '?*': '?*) ;;
		*) bad="$bad $nth:message=$err" ;;
		esac
	done
	is "$* survives $error at each of $((nth - 1)) $calls" "$bad $status" ' 0'
	isnt "there were some" "$nth" 1
}

inject mkdirat ENOSPC cagebox mkroot try
inject openat EACCES cagebox mkroot try
inject write EIO cagebox mkroot try/root
inject fchmod,fchown,fchownat EPERM cagebox mkroot try
inject symlinkat EOPNOTSUPP cagebox mkroot try/root
inject '?open' EMFILE cagebox mkroot try/root
inject write ENOSPC cagebox mkroot --cpio try/image
inject '?open,fsync,?rename' EIO cagebox mkroot --force --cpio try/image
run strace -o trace -e inject=mkdirat:signal=TERM:when=2 cagebox mkroot interrupted
is "an interrupt has to wait until all is there" "$(tree interrupted)" "$(tree root)"

# --- what is made can be used --------------------------------------------------------------------------------------------

if cagebox run --help >help 2>/dev/null; then
	sed -n '/^The container:/,$s/^ .*--\([a-z-]*\).*/\1/p' help | tr - _ | grep -vx name | sort >keys
	sed -n 's/^#\([a-z_]*\)=.*/\1/p' root/etc/cagebox/example.conf.sample | grep -vx init | sort >example
	check "the example shows every key, each once" diff keys example
	sed -n 's/^#\([a-z_]*=.*\)/\1/p' root/etc/cagebox/example.conf.sample | grep -v '^init=' >all.conf
	run cagebox run --config all.conf
	like "each with a value that is one" "$err" '^cagebox: run: root and lower exclude each other'
	run cagebox run --root root -- /sbin/cagebox --version
	status_is "a container runs in it" 0
	is "what runs is the binary" "$out" "$(cagebox --version)"
else
	skip "the example shows every key, each once" "the applet run is not built"
	skip "each with a value that is one" "the applet run is not built"
	skip "a container runs in it" "the applet run is not built"
fi

finish
