#!/bin/sh
# SPDX-License-Identifier: Zlib
# Where changes go: an image with a file system, a directory that is made with what is missing above it, overlays of single directories
# of the host. And what is fresh in /run.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

lower="--lower $root_busybox"

refused()	# TITLE MESSAGE OPTION...
{
	title=$1 message=$2
	shift 2
	run cagebox run "$@" -- true
	is "$title" "$status" 125
	like "$title: and the message says so" "$err" "^cagebox: run: $message"
}

# --- /run ----------------------------------------------------------------------------------------------------------------------

run cagebox run $lower -- sh -c 'stat -c "%a %U" /run/lock /run/user; readlink /run/shm; echo x >/run/shm/f && cat /dev/shm/f'
is "/run has what programs take for granted" "$status $out$err" "0 1777 root
755 root
/dev/shm
x"
run cagebox run $lower -u app -- sh -c 'touch /run/lock/mine && touch /run/shm/f && ls /run/lock; touch /run/user/x'
is "with these rights for a user" "$out $(echo "$err" | grep -c 'Permission denied')" "mine 1"

# --- a directory -----------------------------------------------------------------------------------------------------------------

(umask 077 && exec cagebox run $lower --overlay "$work/a/deep/b" -- sh -c 'echo x >/y')
is "a directory is made with all above it" "$(cat a/deep/b/upper/y)" x
is "whatever the caller's umask" "$(stat -c %a a a/deep a/deep/b a/deep/b/upper a/deep/b/work | uniq)" 755
run cagebox run $lower --overlay ./rel/b -- sh -c 'echo x >/y'
is "also by a relative path" "$status $err $(cat rel/b/upper/y)" "0  x"
run cagebox run $lower --upper "$work/u" --work "$work/w" -- sh -c 'echo x >/y'
is "upper and work are made" "$status $err $(cat u/y) $(stat -c %a u w | uniq)" "0  x 755"
refused "not what is above upper" "upper: $work/no: No such file" $lower --upper "$work/no/u" --work "$work/w"
: >file
refused "a file in the way" "overlay: $work/file/x: Not a directory" $lower --overlay "$work/file/x"
mkdir other && mount -t tmpfs other other
leaks_begin
refused "upper and work that would be on different file systems" "work: $work/other/w is not on the file system of upper $work/u2" $lower \
	--upper "$work/u2" --work "$work/other/w"
check "nothing is made for it" test ! -e u2 -a ! -e other/w
umount other
leaks_begin
mount -t tmpfs lib /var/lib
leaks_begin
for i in 1 2; do
	run cagebox run -n kept $lower --overlay persistent -- sh -c 'echo x >>/y; cat /y | tr -d "\n"'
done
is "persistent is a directory of its own, which stays" "$status $out $err $(find /var/lib/cagebox/kept -name y)" "0 xx  /var/lib/cagebox/kept/upper/y"
umount /var/lib
leaks_begin
cagebox run -d -n busy $lower -- sleep 1000 >/dev/null
refused "a second start of the same name" '.*busy' -n busy $lower --overlay "$work/not/made" --mount_overlay "$work/a"
check "makes no directory" test ! -e not
cagebox stop -t 0 busy >/dev/null
run cagebox run --overlay "$work/in/host" -- sh -c "echo x >/cagebox-test-y; ls $work/in/host/upper 2>&1"
is "one inside of the lower / is not to be seen from inside" "$(cat in/host/upper/cagebox-test-y) $(echo "$out" | grep -cE 'symbolic links|No such')" "x 1"
leaks_check "after directories nothing is left over"

# --- overlays of single directories ------------------------------------------------------------------------------------------------

root=$(root_copy "$root_busybox")
mount -t tmpfs part "$root/mnt" && echo part >"$root/mnt/file" && mkdir "$root/mnt/dir" && chmod 2751 "$root/mnt" && chown 5:6 "$root/mnt"
leaks_begin
lower="--lower $root"
part="--mount_overlay $root/mnt:/mnt"
run cagebox run $lower -- ls /mnt
is "an overlay does not show what is mounted in its lower" "$out" ""
run cagebox run $lower $part -- sh -c 'cat /mnt/file; stat -c "%a %u:%g" /mnt; echo new >/mnt/new; rm /mnt/file; ls /mnt | tr "\n" " "; chmod 700 /mnt'
is "one of its own does, with owner and mode, and can be written" "$status $err$out" "0 part
2751 5:6
dir new "
is "what is below is as it was" "$(find "$root/mnt" -mindepth 1 -printf '%f\n' | sort | tr '\n' ' ')$(stat -c %a "$root/mnt")" "dir file 2751"
run cagebox run $lower $part -- ls /mnt
is "what was written to memory is gone" "$out" "dir
file"
run cagebox run $lower $part --overlay "$work/parts" -- sh -c 'echo kept >/mnt/new; rm /mnt/file; echo x >/y; chmod 700 /mnt'
is "with a directory it goes there" "$status $err $(cat parts/mounts/mnt/upper/new parts/upper/y | tr '\n' ' ')" "0  kept x "
run cagebox run $lower --overlay "$work/parts" -v "$work" --mount_overlay "$work/a" $part -- sh -c 'cat /mnt/new; ls /mnt; stat -c %a /mnt'
is "and is found by the next, whatever else is mounted" "$status $err$out" "0 kept
dir
new
700"
run cagebox run $lower --overlay "$work/parts" --mount_overlay "$work/a:/opt//x%y/./z\\" --mount_overlay "$work/a:/opt/x/y" -- \
	sh -c 'ls /opt/x/y && echo x >"/opt/x%y/z\\/new"'
is "names with a special meaning" "$status $err$out $(find parts/mounts -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | tr '\n' ' ')" \
	"0 deep $(printf '%s\n' mnt 'opt%x%y' "opt%x\\%y%z\\\\" "$work/a" | sed 's|^/||; s|/|%|g' | sort | tr '\n' ' ')"
is "are kept apart" "$(find parts/mounts -name new | sort)" "parts/mounts/mnt/upper/new
parts/mounts/opt%x\\%y%z\\\\/upper/new"
run cagebox run $lower $part:ro -- sh -c 'cat /mnt/file; touch /mnt/new'
is "read-only" "$out $(echo "$err" | grep -c 'Read-only')" "part 1"
run cagebox run $lower --read_only $part -- sh -c 'touch /mnt/new && echo ok; touch /new'
is "in a read-only root" "$out $(echo "$err" | grep -c 'Read-only')" "ok 1"
run cagebox run $lower --overlay tmpfs:256K $part -- sh -c 'dd if=/dev/zero of=/mnt/fill bs=4096; ls -d /mnt/fill; df -k /mnt | tail -n 1'
like "its memory has the size of the root's" "$out$err" 'No space left'
refused "one of nothing" "mount: $work/nothing: No such" $lower --mount_overlay "$work/nothing:/mnt"
refused "one of a file" "mount_overlay: $work/file is not a directory" $lower --mount_overlay "$work/file:/mnt"
for over in tmpfs "$work/optional"; do
	run cagebox run $lower --overlay "$over" --mount_overlay "$work/nothing:/opt/a:optional" --mount_overlay "$work/file:/opt/b:optional" \
		-- sh -c 'ls /opt; grep -c " /opt" /proc/self/mounts'
	is "optional ones are left out ($over)" "$status $out $(echo "$err" | grep -c '^cagebox: run: warning: mount_overlay: ')" "1 0 2"
done
mkdir -p stacked/lower stacked/upper stacked/work stacked/over && mount -t overlay overlay -o "lowerdir=stacked/lower,upperdir=stacked/upper,workdir=stacked/work" stacked/over
leaks_begin
run cagebox run --lower "$root" --overlay "$work/stacked/over/x" -- true
is "an overlay whose upper would be on an overlay" "$status $(echo "$err" | grep -c 'on one file system that can hold an upper layer')" "125 1"
run cagebox run --lower "$root" --mount_overlay "$work/stacked/over:/opt/x" -- touch /opt/x/new
is "one whose lower is" "$status $err $(ls stacked/upper)" "0  x"
umount stacked/over "$root/mnt"
leaks_begin
lower="--lower $root_busybox"

# --- an image ----------------------------------------------------------------------------------------------------------------------

if [ ! -e /dev/loop-control ]; then
	skip "an image" "no loop devices here"
	finish
fi

attached()
{
	grep -lxF "$1" /sys/block/loop*/loop/backing_file 2>/dev/null
}

image=$work/image.img
run cagebox run $lower --overlay "image:$image:16M" -- sh -c 'echo kept >/new; rm /etc/hostname; chown 5:6 /var; cat /new'
is "changes go to an image, which is made" "$status $out$err" "0 kept"
is "of that size, for its owner alone, with a file system" "$(stat -c '%s %a' "$image") $(blkid -p -s TYPE -o value "$image")" "16777216 600 ext4"
is "which is sparse" "$(($(stat -c %b "$image") / 2048 < 8))" 1
is "the loop device is gone" "$(attached "$image")" ""
check "and so is what making it needed" test ! -e "$image.new"
run cagebox run $lower --overlay "image:$image" -- sh -c 'cat /new; ls /etc/hostname; stat -c %u:%g /var'
is "the next finds them" "$out" "kept
5:6"
is "and the lower is as it was" "$(cat "$root_busybox/etc/hostname")$(ls "$root_busybox/new" 2>/dev/null)" busybox
run cagebox run $lower --overlay "image:$image:1G" -- sh -c 'dd if=/dev/zero of=/fill bs=65536; rm /fill; echo room >/y; cat /y'
is "its size is the limit" "$out $(echo "$err" | grep -c 'No space left on device') $(stat -c %s "$image")" "room 1 16777216"
run cagebox run $lower --overlay "image:$image" --read_only -- sh -c 'cat /new; touch /y'
is "a read-only root" "$out $(echo "$err" | grep -c 'Read-only file system')" "kept 1"
run cagebox run --root "$root_busybox" --overlay "image:$work/default" -- sh -c 'df -k / | tail -n 1 | { read -r fs size rest; echo $((size / 1000000)); }'
is "without a size it is one of 10 GiB" "$status $err $(stat -c %s default) $((out > 9))" "0  10737418240 1"
rm -f default
cat >hook <<EOT
#!/bin/sh
cat "\$2/new" >>$work/calls
echo "\$1" >"\$2/by-\$1"
EOT
chmod 755 hook
run cagebox run $lower --overlay "image:$image" --hook_init "$work/hook" --hook_shutdown "$work/hook" -- cat /by-init
is "with hooks, which see it" "$status $out $err $(tr '\n' ' ' <calls)" "0 init  kept kept "
leaks_check "then nothing is left over either"
run cagebox run $lower --overlay "image:$image" -- ls /by-init /by-shutdown
is "what they wrote is in it" "$status $err" "0 "

cagebox run -d -n holder $lower --overlay "image:$image" -- sleep 1000 >/dev/null
isnt "while a container runs it has a loop device" "$(attached "$image")" ""
refused "a second container on the image" "the image $image is in use" $lower --overlay "image:$image"
is "which the first does not notice" "$(cagebox exec holder cat /new)" kept
kill -9 "$(cagebox list --json | jq '.[0].monitor')"
wait_for sh -c '[ -z "$(cagebox list -q)" ]'
run cagebox run $lower --overlay "image:$image" -- cat /new
is "after a sudden death it can be used again at once" "$status $out $err" "0 kept "
leaks_check "and nothing is left over"

# --- its making ---------------------------------------------------------------------------------------------------------------------

mkdir bin && printf '#!/bin/sh\ntouch %s/fake\nexit 1\n' "$work" >bin/mke2fs && chmod 755 bin/mke2fs
run env PATH="$work/bin:$PATH" cagebox run $lower --overlay "image:$work/made:8M" -- true
is "no mke2fs of the caller's PATH is run" "$status $err $(ls fake 2>/dev/null)" "0  "
run cagebox run $lower --overlay "image:$work/small:32K" -- true
is "one that is too small cannot be made" "$status $(echo "$err" | tail -n 1)" "125 cagebox: run: make the image $work/small: mke2fs failed"
check "and leaves nothing" test ! -e small -a ! -e small.new
refused "one in a directory that is not there" "overlay: $work/no: No such file" $lower --overlay "image:$work/no/image"
refused "a file that is no image" "$work/file is no image of an ext4 file system" $lower --overlay "image:$work/file"
refused "a directory" "$work is no image of an ext4 file system" $lower --overlay "image:$work"
refused "a device" "/dev/null is no image of an ext4 file system" $lower --overlay "image:/dev/null"
dd if=/dev/zero of=made bs=1k count=1 seek=1 conv=notrunc 2>/dev/null && printf '\123\357' | dd of=made bs=1 seek=1080 conv=notrunc 2>/dev/null
refused "a damaged image" "mount the image $work/made: .*dmesg" $lower --overlay "image:$work/made"
run cagebox run $lower --overlay "image:$work/link:8M" -- true
mkdir mounted && mount -o loop link mounted && rmdir mounted/upper && ln -s "$work" mounted/upper && umount mounted
leaks_check "the test's own mount is gone"
run cagebox run $lower --overlay "image:$work/link" -- touch /escaped
is "a link in an image leads nowhere" "$status $(ls escaped 2>/dev/null)" "125 "
like "and is refused" "$err" '^cagebox: run: overlay: open upper: Not a directory'

mke2fs=$(readlink -f "$(command -v mke2fs)")
mount --bind /dev/null "$mke2fs"
leaks_begin
refused "without mke2fs" "make the image $work/none: mke2fs failed .install e2fsprogs" $lower --overlay "image:$work/none"
check "nothing is made" test ! -e none -a ! -e none.new
umount "$mke2fs"
cat >slow <<EOT
#!/bin/sh
echo "\$*" >$work/arguments
export -p >$work/environment
ls -l /proc/self/fd >$work/fds
touch $work/started
exec sleep 1000
EOT
chmod 755 slow
mount --bind slow "$mke2fs"
leaks_begin
for killed in 1 2; do
	rm -f started
	cagebox run $lower --overlay "image:$work/late:8M" -- true &
	launcher=$!
	check "an image is being made" wait_for test -e started
	refused "by one at a time" "make the image $work/late.new: .*another makes it" $lower --overlay "image:$work/late:8M"
	kill -9 "$launcher"
	wait "$launcher" 2>/dev/null
	cagebox list -aq >/dev/null
	leaks_check "a launcher that is killed takes it along"
	check "what is half made has not got its name" test ! -e late -a -e late.new
done
is "how it was called" "$(cat arguments)" "-q -F -t ext4 -m 0 /proc/self/fd/3"
unlike "without the caller's environment" "$(cat environment)" 'PATH=|HOME=|CAGEBOX|LC_ALL='
is "and with no other descriptor" "$(grep -c ' [0-9][0-9]* -> ' fds) $(grep -c late.new fds)" "5 1"
umount "$mke2fs"
leaks_begin
run cagebox run $lower --overlay "image:$work/late:8M" -- true
is "the next start makes it" "$status $err $(ls late.new 2>/dev/null)" "0  "
for i in 1 2 3 4; do
	cagebox run $lower --overlay "image:$work/race:8M" -- sh -c 'echo x >>/count' 2>"race.$i" &
done
wait
run cagebox run $lower --overlay "image:$work/race:8M" -- sh -c 'wc -l </count'
is "of some that start at once, those that cannot have it say so" "$status $((out + $(cat race.? | grep -cE '^cagebox: run: .*(is in use|another makes it)')))" "0 4"

# Kernels before 5.8 take two calls in place of LOOP_CONFIGURE.
cc -x c -o old - <<'EOT' || bail_out "the helper does not build"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x4c0a, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	if (argc < 2 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return 99;
	execvp(argv[1], argv + 1);
	return 98;
}
EOT
run ./old cagebox run $lower --overlay "image:$image" -- cat /new
is "an older kernel's way to attach it" "$status $out $err" "0 kept "
leaks_check "leaves nothing over either"
mount -t tmpfs empty /dev && mknod -m 666 /dev/null c 1 3
leaks_begin
refused "without loop devices" "$image: open /dev/loop-control: No such file or directory .CONFIG_BLK_DEV_LOOP, or: modprobe loop" $lower --overlay "image:$image"
mknod /dev/loop-control c 10 237
refused "without the node of a loop device" "$image: open the free loop device /dev/loop[0-9]*: No such file or directory .mknod" $lower --overlay "image:$image"
umount /dev
leaks_begin
finish
