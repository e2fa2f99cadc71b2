#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2024-21626, CVE-2016-9962: no descriptor of the host's and no directory outside the root in any process of a container.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

mkdir outside && echo secret >outside/file
# Descriptors 0 to 2 are the test's; 3 to 9, 100, 1000: directories, files, a socket's pair and a pipe of the caller's, none close-on-exec.
cat >leaky.c <<'EOT'
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	int pair[2];
	int dir = open("outside", O_RDONLY), file = open("outside/file", O_RDWR);
	int fds[] = { 10, 63, 64, 100, 255, 1000 };
	for (unsigned i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (dup2(i % 2 ? dir : file, fds[i]) < 0)
			return 2;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || pipe(pair))
		return 2;
	return argc < 2 || execvp(argv[1], argv + 1);
}
EOT
musl-gcc -static -o leaky leaky.c
check "the caller has leaks" ./leaky sh -c 'test -e /proc/self/fd/100 && test -e /proc/self/fd/1000'

show='for p in self 1; do echo "$p: $(ls /proc/$p/fd | tr "\n" " ")"; done; ls -l /proc/1/fd; ls /proc/self/fd/100/.. /proc/1/cwd/..; readlink /proc/1/cwd; pwd'
run ./leaky cagebox run --lower "$root_busybox" --cap-add all --cap-drop sys_resource -- sh -c "$show; :"
like "the command sees three, and that of the listing" "$out" '^self: 0 1 2 3 $'
like "init has its streams, the wire, a signal descriptor and no other" "$out" '^1: 0 1 2( [3-9]){1,3} $'
unlike "none is a file or directory of the host's" "$(echo "$out" | sed -n 's/.* [0-9]* -> //p' | grep -v "$library")" '^/[^dm]|outside'
like "its directory is inside" "$out" '^/$'
unlike "nothing of the caller's is in sight" "$out$err" secret

run cagebox run --lower "$root_busybox" -d --name box -v "$work:/mnt" -- sleep 1000
run ./leaky cagebox exec box sh -c 'ls /proc/$$/fd; :'
is "nor with exec" "$(echo "$out" | tr '\n' ' ')" "0 1 2 "
init=$(cagebox list --json | jq '.[0].pid')
run ls -l "/proc/$init/fd"
unlike "as the host sees init" "$out" "outside|/run/cagebox|$root_busybox"
cagebox stop -t 1s box
run ./leaky cagebox run -d --lower "$root_busybox" --name box -- sleep 1000
monitor=$(cagebox list --json | jq '.[0].monitor')
run ls -l "/proc/$monitor/fd"
unlike "the monitor of a detached one keeps nothing of the caller's either" "$out" outside
is "not even its directory" "$(readlink "/proc/$monitor/cwd")" /
cagebox stop -t 1s box

# A here document for the init script is the one descriptor that is asked for: init's, not the command's.
run sh -c "cagebox run --lower $root_busybox -i /proc/self/fd/3 -- sh -c 'ls /proc/\$\$/fd; ls -l /proc/1/fd; :' 3<<'END'
true
END"
is "the init script is closed when it has run" "$(echo "$out" | head -n 3 | tr '\n' ' ')$(echo "$out" | grep -c '/tmp/\|pipe:.*9')" "0 1 2 0"

# The command's directory cannot be one outside of the root.
for dir in /proc/self/fd/3 /proc/self/fd/100 /proc/1/fd/3 /proc/self/fd/7; do
	run ./leaky cagebox run --lower "$root_busybox" --cwd $dir -- sh -c 'cat ../file file; ls ..; pwd'
	unlike "cwd $dir leads nowhere" "$status $out" 'secret|^0 '
done
# Without a pid namespace there is a way out of the root in proc.
for dir in /proc/$$/cwd /proc/$$/root/tmp; do
	run cagebox run --lower "$root_busybox" -N hic --cap-add all --cap-drop sys_resource --cwd $dir -- pwd
	like "nor does $dir of a process of the host's" "$status $err" '^125 .*(outside the container|change into)'
done
ln -s /proc/self/fd/100 link
run ./leaky cagebox run --lower "$root_busybox" -v "$work:/mnt" --cwd /mnt/link -- pwd
status_is "nor a link to one" 125
(cd outside && cagebox run --lower "$root_busybox" -- sh -c 'pwd; ls -d ../file file 2>/dev/null; readlink /proc/self/cwd') >where
is "the caller's own directory does not come along" "$(tr '\n' ' ' <where)" "/ / "
finish
