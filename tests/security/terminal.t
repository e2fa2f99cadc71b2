#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2017-5226, CVE-2019-7303, CVE-2025-52565, CVE-2026-88264: a container never holds the caller's terminal, and what it types into its own
# (TIOCSTI, TIOCLINUX) does not reach the caller's.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside; $box is several words
. "$(dirname "$0")/../lib.sh"

musl-gcc -static -O1 -o pty "$top/tests/e2e/pty_helper.c" || bail_out "pty_helper does not build"
cat >type.c <<'EOT'
/* Type a command into every terminal that can be reached. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
int main(void)
{
	static const char *const names[] = { "/dev/tty", "/dev/console", "/dev/stdin", "/dev/stdout", "/dev/pts/0", "/proc/1/fd/0", "/proc/1/fd/1" };
	int done = 0;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names) + 10; i++) {
		int fd = i < 10 ? (int)i : open(names[i - 10], O_RDWR | O_NOCTTY);
		char paste = 3;
		if (fd < 0)
			continue;
		ioctl(fd, TIOCSCTTY, 1);
		for (const char *p = "touch injected\n"; *p; p++)
			if (ioctl(fd, TIOCSTI, p) == 0)
				done++;
			else
				ioctl((int)(0x100000000ull | (unsigned)fd), TIOCSTI | 0x100000000ull, p);
		ioctl(fd, TIOCLINUX, &paste);
	}
	printf("typed %d\n", done);
	return 0;
}
EOT
musl-gcc -static -w -o type type.c
# The kernel may refuse TIOCSTI of itself: then it proves nothing, and what follows rests on which terminals there are.
old=$(cat /proc/sys/dev/tty/legacy_tiocsti 2>/dev/null)
diag "legacy_tiocsti: ${old:-not known to this kernel}"

box="cagebox run --lower $root_busybox --cap-add sys_admin --cap-add sys_tty_config -v $work:/mnt:ro"

# In a shell at a terminal, run the attack, then see what the shell was given to read.
for option in '' --tty=yes --tty=no; do
	printf '%s\n' 'expect $ ' "send $box $option -- /mnt/type\\n" 'expect typed' 'expect $ ' 'send echo all''done; exit 0\n' 'expect alldone' 'exit 0' >steps
	run env PS1='$ ' ./pty 24 200 sh -i <steps
	status_is "a container that types into its terminals, ${option:-by default}" 0
	check "gives the caller's shell nothing to do" test ! -e injected
	rm -f injected
done

# Device and inode of whatever is a descriptor of the command's or of init's, compared with the caller's terminal.
cat >descriptors <<'EOT'
for f in 0 1 2; do
	stat -L -c %d:%i /proc/$$/fd/$f /proc/1/fd/$f
done
stat -L -c %d:%i /proc/1/fd/* /dev/tty /dev/console
true </dev/tty && echo terminal
EOT
for option in '' --tty=no --tty=yes; do
	for streams in '' '</dev/null' '>/dev/null' '2>/dev/null' '</dev/null >/dev/null' '</dev/null 2>/dev/null' '>/dev/null 2>&1'; do
		printf 'exit 0\n' >steps
		rm -f got/seen outer && mkdir -p got
		run ./pty 24 80 sh -c "stat -L -c %d:%i /proc/self/fd/0 >outer; $box -v $work/got:/got $option -- sh -c 'sh /mnt/descriptors >/got/seen 2>&1; true' $streams" <steps
		check "the caller is at a terminal" test -s outer
		check "there was something to compare" test "$(wc -l <got/seen)" -gt 6
		check "with ${option:-no option} $streams it is nowhere inside" not grep -qxF -f outer got/seen
	done
done
printf 'exit 0\n' >steps
run ./pty 24 80 sh -c "$box --tty=yes -- sh -c 'stat -c %i:%d /dev/pts/0 /dev/console' && stat -c %i:%d \$(tty)" <steps
is "the pty is another device than the caller's" "$(echo "$out" | tr -d '\r' | sort -u | wc -l)" 2

# exec.
cagebox run --lower "$root_busybox" -d --name box --cap-add sys_admin -v "$work:/mnt:ro" -- sleep 1000 >/dev/null
leaks_begin
for option in '' --tty=yes --tty=no; do
	printf '%s\n' 'expect $ ' "send cagebox exec --cap-add sys_admin $option box /mnt/type\\n" 'expect typed' 'expect $ ' 'send echo all''done; exit 0\n' 'expect alldone' 'exit 0' >steps
	run env PS1='$ ' ./pty 24 200 sh -i <steps
	status_is "exec of what types, ${option:-by default}" 0
	check "gives the caller's shell nothing to do either" test ! -e injected
	rm -f injected
done

# The console file is made anew, whatever the image has in its place.
copy=$(root_copy "$root_busybox")
mkdir -p "$copy/dev" && echo precious >precious && ln -s "$work/precious" "$copy/dev/console"
printf 'exit 0\n' >steps
run ./pty 24 80 cagebox run --root "$copy" --tty=yes -- sh -c 'stat -c %F:%t:%T /dev/console' <steps
like "the console is the pty" "$out" 'character special file:88:0'
is "what the image's link leads to is as it was" "$(cat precious) $(readlink "$copy/dev/console")" "precious $work/precious"
cagebox stop -t 1s box
leaks_begin
wait_for sh -c '[ -z "$(cagebox list -q)" ]'
finish
