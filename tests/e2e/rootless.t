#!/bin/sh
# SPDX-License-Identifier: Zlib
# Containers of a user without root: all that root's do, with one id or with those that /etc/subuid grants; and where it does not work, why
# and what helps.
# shellcheck disable=SC2016,SC2086,SC2116 # commands in single quotes are for the shell inside; lists of options are meant to be split
. "$(dirname "$0")/../lib.sh"

command -v newuidmap >/dev/null || bail_out "newuidmap is not installed: make deps-test"
musl-gcc -static -O1 -o pty "$top/tests/e2e/pty_helper.c" || bail_out "pty_helper does not build"
cc -O1 -D_GNU_SOURCE -o old "$top/tests/e2e/fallback_helper.c" || bail_out "fallback_helper does not build"
chmod 755 "$work"
# What a user without a run-time directory leaves in /tmp stays in here.
mount -t tmpfs -o mode=1777 tmp /tmp
mkdir theirs
mkdir own && echo mine >own/file && chown -R 1000:1000 own
echo 'nobody-else:100000:65536' >none
echo '1000:200000:65536' >granted
for file in subuid subgid; do
	[ -e /etc/$file ] || bail_out "no /etc/$file"
	mount --bind none /etc/$file
done
leaks_begin

# A user's run-time directory is none of those that leaks_check looks at.
nothing_left()
{
	is "$1: nothing is left in the run-time directory" "$(find "$user_run/cagebox" -mindepth 1 ! -name '.events*')" ""
	leaks_check "$1: nor anywhere else"
}

# user COMMAND...: as as_user does, but with the bounding set and no_new_privs of everybody, so that newuidmap works; in two groups.
user()
{
	as_user true
	env XDG_RUNTIME_DIR="$user_run" HOME="$user_home" setpriv --reuid 1000 --regid 1000 --groups 1000,27 --inh-caps=-all "$@"
}

box()
{
	run $who cagebox run --lower "$root_busybox" "$@"
}

maps='echo $(cat /proc/self/uid_map) : $(cat /proc/self/gid_map)'

# --- with either map -----------------------------------------------------------------------------------------------------------

forms='
	echo "$(id -u):$(id -g) pid $$ $(hostname)"
	mount | cut -d " " -f 3,5 | grep -E "^/(proc|sys|dev|dev/pts|dev/shm|dev/mqueue|tmp|run) " | sort -u | tr "\n" ","; echo
	for f in null zero full random urandom tty; do [ -c /dev/$f ] || echo "no $f"; done
	echo x >/dev/null; head -c 3 /dev/zero | wc -c
	touch /tmp/x /run/x /made && stat -c %u:%g /made
	ls -A /sys/fs/cgroup | wc -l; ls -A /sys/firmware | wc -l
	head -c 10 /proc/keys | wc -c
	grep -E "^(CapInh|CapBnd|CapAmb|NoNewPrivs|Groups)" /proc/self/status | tr "\t" " "'

life()
{
	box -H tub -- sh -c "$forms"
	is "$title: it runs" "$status $err" "0 "
	is "$title: as root of what is usual" "$out" "0:0 pid 2 tub
/dev tmpfs,/dev/mqueue mqueue,/dev/pts devpts,/dev/shm tmpfs,/proc proc,/run tmpfs,/sys sysfs,/tmp tmpfs,
3
0:0
0
0
0
Groups: $groups
CapInh: 0000000000000000
CapBnd: 00000000a00405fb
CapAmb: 0000000000000000
NoNewPrivs: 1"
	box -- sh -c "$maps"
	is "$title: with these ids" "$out" "$map"
	box --net none -N uphit -- sh -c 'ifconfig lo | grep -c UP; ip link | grep -c "^[0-9]"; [ "$(cut -d. -f 1 /proc/uptime)" -lt 100 ] && echo new; ls /sys/class/net'
	is "$title: a network and clocks of its own" "$status $out" "0 1
1
new
lo"
	for namespaces in uphi none phit; do
		box -N $namespaces -- sh -c "readlink /proc/self/ns/user; ls -d /proc/self/task"
		isnt "$title: -N $namespaces: a user namespace in any case" "$(echo "$out" | head -n 1)" "$(readlink /proc/self/ns/user)"
		like "$title: -N $namespaces: and /proc" "$status $(echo $out)" '^0 .*/proc/self/task'
	done
	run $who cagebox run --root "$root_busybox" -R -v "$work/own:/mnt" -v "$work/theirs:/opt:ro" --tmpfs /home:1M -- \
		sh -c 'echo more >>/mnt/file; echo no >/opt/no; touch /no; touch /home/yes && stat -c "%u %a" /mnt/file /home'
	is "$title: a root as it is, with mounts" "$(echo $out) $(cat own/file)" "0 644 0 755 mine
more"
	echo mine >own/file
	box --mount-overlay "$work/own:/mnt" -- sh -c 'echo new >/mnt/file; cat /mnt/file'
	is "$title: an overlay of a directory" "$status $out $(cat own/file)" "0 new mine"
	box --device /dev/zero:/dev/nought --init-script "$work/script" --shutdown-hook 'echo down' --rlimit nofile=99 --oom-score-adj 500 -- \
		sh -c 'head -c 4 /dev/nought | wc -c; ulimit -n; cat /proc/self/oom_score_adj /scripted'
	is "$title: device, script, hook, limits" "$status $(echo $out)" "0 4 99 500 yes down"
	box -- sh -c 'exit 7'
	status_is "$title: its exit code" 7
	box -- sh -c 'kill -KILL $$'
	status_is "$title: a signal" 137
	box -- /bin/nothing
	status_is "$title: what is not there" 127
	out=$(printf 'expect done\nsend exit 3\\n\nexit 3\n' | $who ./pty 30 100 cagebox run --lower "$root_busybox" -t -- \
		sh -c 'stty -echo; tty; stty size; ls -l /dev/console | cut -c 1; echo done; read x; $x' | tr -d '\r')
	is "$title: a terminal" "$out" "$(printf '%s\n' /dev/pts/0 '30 100' c 'done')"
	nothing_left "$title"
}

background()
{
	box -d -n rootless-a --oom-score-adj 300 -N uphitn -- sh -c 'echo hello; echo world >&2; exec sleep 1000'
	is "$title: in the background, no warning" "$status $out $err" "0 rootless-a "
	run $who cagebox list -q
	is "$title: listed" "$out" rootless-a
	run cagebox list -q
	is "$title: not for root, who has others" "$out" ""
	check "$title: the log has it" wait_for logged rootless-a hello
	run $who cagebox logs -t rootless-a
	like "$title: with its streams" "$out" '^[0-9T:.-]*Z (out|stdout).*hello|hello'
	is "$title: in the user's directory" "$(stat -c '%U %a' "$user_home/.local/state/cagebox")" "$(stat -c %U own) 700"
	run $who cagebox exec rootless-a sh -c 'id -u; cat /proc/self/oom_score_adj; hostname'
	is "$title: entered" "$status $(echo $out)" "0 0 300 rootless-a"
	run $who cagebox exec rootless-a sh -c "$(namespaces_of self)"
	is "$title: in all namespaces" "$out" "$(eval "$(namespaces_of "$($who cagebox list --json | jq '.[0].pid')")")"
	is "$title: none is the host's" "$(eval "$(namespaces_of self)" | grep -c -F "$out")" 0
	out=$(printf 'expect 100\nsend exit 4\\n\nexit 4\n' | $who ./pty 30 100 cagebox exec -t rootless-a -- sh -c 'stty -echo; tty; stty size; read x; $x' | tr -d '\r')
	is "$title: entered at a terminal" "$(echo $out)" '/dev/pts/0 30 100'
	run $who cagebox exec rootless-a sh -c 'exit 9'
	status_is "$title: exec's exit code" 9
	run $who cagebox kill -s TERM rootless-a
	run $who cagebox wait rootless-a
	is "$title: a signal ends it" "$status" 143
	box -d -n rootless-a -- sh -c 'trap "exit 4" TERM; echo ready; while :; do sleep 0.01; done'
	wait_for logged rootless-a ready
	run $who cagebox stop -t 10s rootless-a
	status_is "$title: stopped" 0
	run $who cagebox list -a --json
	is "$title: the record" "$(echo "$out" | jq -r '.[] | "\(.name) \(.status) \(.exit.reason) \(.exit.code)"')" "rootless-a exited stop 4"
	run $who cagebox events rootless-a
	is "$title: the events" "$(echo "$out" | jq -r .event | tr '\n' ' ')" "start stop start stop "
	box -d -n rootless-a -- sh -c 'trap "" TERM; setsid sleep 1000 & sleep 1000'
	run $who cagebox kill -a rootless-a
	status_is "$title: killed" 0
	# Root has /run/cagebox; another user's containers are not to be seen.
	box -d -n rootless-a -- sleep 1000
	monitor=$($who cagebox list --json | jq '.[0].monitor')
	run env XDG_RUNTIME_DIR="$work/run-2000" setpriv --reuid 2000 --regid 2000 --clear-groups cagebox list -q
	is "$title: nor for another user" "$status $out" "0 "
	run env XDG_RUNTIME_DIR="$user_run" setpriv --reuid 2000 --regid 2000 --clear-groups cagebox list -q
	is "$title: who may not look either" "$status $out" "125 "
	kill -KILL "$monitor"
	check "$title: SIGKILL of the monitor ends it" wait_for gone
	rm -r "$user_run/cagebox/rootless-a" "$user_run"/cagebox/.events "$user_home"/.local
	nothing_left "$title"
}

namespaces_of()
{
	echo "for n in user pid mnt uts ipc net time cgroup; do readlink /proc/$1/ns/\$n; done"
}

logged()
{
	$who cagebox logs "$1" 2>&1 | grep -q "$2"
}

gone()
{
	[ "$($who cagebox list -a --json | jq -r '.[0].status')" = exited ]
}

echo 'echo yes >/scripted' >script
install -d -o 2000 -g 2000 -m 700 run-2000
who=as_user title="one id" map='0 1000 1 : 0 1000 1' groups=' '
life
background
box -u app -- id
is "one id: another user is refused" "$status $err" "125 cagebox: run: become user app (1000:1000): Invalid argument (its user namespace has no such id; \
without root more of them take a line in /etc/subuid and /etc/subgid each, and newuidmap of the package uidmap)"
box -u 0:audio -- id
like "so is a group" "$status $err" '^125 .*/etc/subuid and /etc/subgid each'
box -g root -- id -G
is "root's is there" "$status $out" "0 0"
box -u 0:0:29 -- id
like "a second one cannot be had" "$status $err" '^125 .*set the groups of user root: a container with one id cannot .*/etc/subuid'
# Nobody may change groups, or a group that takes rights away could be shed (CVE-2014-8989).
who=user
box -- cat /proc/self/setgroups
is "groups cannot be changed" "$out" deny

mount --bind granted /etc/subuid
mount --bind granted /etc/subgid
leaks_begin
title="a range" map='0 1000 1 1 200000 65535 : 0 1000 1 1 200000 65535' groups=' '
life
background
box -u app -g audio:video -- sh -c 'id -u; id -G; touch /tmp/x; stat -c %u:%g /tmp/x; cat /proc/self/setgroups'
is "another user, with groups" "$status $(echo $out)" "0 1000 29 44 1000:29 allow"
box -d -n rootless-u -u app -- sleep 1000
run user cagebox exec rootless-u sh -c 'id -u; id -G'
is "exec is that user, without a group of the caller's" "$status $(echo $out)" "0 1000 1000"
run user cagebox exec -u 33:44 rootless-u sh -c 'id -u; id -G'
is "or another" "$status $(echo $out)" "0 33 44"
run user cagebox stop -t 1s rootless-u
box --userns self -- sh -c "$maps"
is "one id when asked for" "$status $out" "0 0 1000 1 : 0 1000 1"
box --userns map --uid-map 0:1000,1:200000:10 --gid-map 0:1000,1:200005:5 -- sh -c "$maps"
is "or a map of what is granted" "$status $out" "0 0 1000 1 1 200000 10 : 0 1000 1 1 200005 5"
box --uid-map 0:1000,1:300000:10 -- sh -c "$maps"
like "not of what is not" "$status $err" '^125 (.*: uid range .* not allowed|cagebox: run: newuidmap does not map .*/etc/subuid)'
run as_user cagebox run --lower "$root_busybox" -- true
like "where newuidmap has no rights" "$status $err" '^cagebox: run: newuidmap does not map the container.s ids \(it must be set-user-ID root.*--userns self'
umount /etc/subuid /etc/subuid /etc/subgid /etc/subgid
rm -rf "${user_run:?}"/cagebox
who=as_user
leaks_begin

# --- the root ----------------------------------------------------------------------------------------------------------------------

mount -t tmpfs -o mode=755 tmpfs /home
mkdir /home/own && echo precious >/home/own/file && chown -R 1000:1000 /home/own
# Something mounted below a directory, and below that.
mount -t tmpfs -o mode=755 tmpfs /media
mkdir -p /media/one/two /media/three && echo host >/media/one/file && ln -s one /media/link
chown -R 1000:1000 /media/one /media/three
mount -t tmpfs -o mode=755 tmpfs /media/one/two
echo deep >/media/one/two/file
# An overlay of an overlay cannot be the lower one of a third.
mkdir -p /media/first /media/second /media/u1 /media/w1 /media/u2 /media/w2
mount -t overlay -o lowerdir=/media/one,upperdir=/media/u1,workdir=/media/w1 overlay /media/first
mount -t overlay -o lowerdir=/media/first,upperdir=/media/u2,workdir=/media/w2 overlay /media/second
leaks_begin
run as_user cagebox run -- sh -c 'cat /home/own/file; echo changed >/home/own/file; cat /home/own/file; touch /etc/new /usr/new /new; ls -d /etc/new /usr/new /new
	readlink /bin; ls -A /root; ls -A /tmp; [ -d /proc/1 ] && id -u; command -v sed'
is "an overlay of the whole system" "$status $(echo $out) $err" "0 precious changed /etc/new /new /usr/new $(readlink /bin) 0 $(command -v sed) "
run as_user cagebox run -- sh -c 'cd /media; cat link/file one/two/file; ls one three; : >three/new; : >one/new && : >one/two/new; echo no >one/file'
is "with what is mounted below its directories" "$(echo $out)" "host deep one: file two three:"
like "single files of such a directory can only be read" "$status $err" '^2 .*Read-only file system'
run as_user cagebox run -- sh -c 'cat /media/second/file; : >/media/second/new'
like "what cannot be overlaid can be read" "$status $out $err" '^2 host .*Read-only file system'
is "the host stays as it was" "$(cat /home/own/file; find /etc/new /usr/new /new /media -name new 2>/dev/null)" precious
run as_user cagebox run -- sh -c 'echo "$(ls -A "$1")"; ls -A /run /tmp | grep -c cagebox; ls -A "$1/cagebox"' sh "$user_run"
is "the run-time directory is there, with nothing in it" "$status $out" "0 cagebox
0"
run as_user cagebox run -d -n rootless-other -- sleep 1000
run as_user cagebox run -v /usr/bin/socat:/opt/socat:optional -- sh -c 'ls "$1/cagebox/rootless-other"; XDG_RUNTIME_DIR="$1" '"$CAGEBOX"' stop -t 0 rootless-other' sh "$user_run"
isnt "another container cannot be reached from inside" "$status" 0
run as_user cagebox run -v "$user_run:/mnt" -- sh -c 'ls -A /mnt/cagebox; mkdir /mnt/cagebox/new'
like "nor where the directory above it is shown" "$status $out $err" '^1  mkdir: .*Read-only file system'
is "it runs on" "$(as_user cagebox list -q)" rootless-other
run as_user cagebox run -d -n rootless-masked --lower "$root_busybox" -v "$user_run:/mnt" -- sleep 1000
is "which inspect knows" "$(as_user cagebox inspect --json rootless-masked | jq -r '.warnings[].what' | grep run-time)" ""
as_user cagebox stop -t 0 rootless-masked
rm -r "$user_run/cagebox/rootless-masked"
as_user cagebox stop -t 0 rootless-other
rm -r "$user_run/cagebox/rootless-other"
mkdir keep && chown 1000 keep
run as_user cagebox run -o "$work/keep" -- sh -c 'echo kept >/usr/kept; rm /etc/hostname; echo home >/root/kept; echo top >/kept'
is "changes are kept" "$status $out$err" "0 "
run as_user cagebox run -o "$work/keep" -- sh -c 'cat /usr/kept /root/kept /kept; ls /etc/hostname'
is "and seen again" "$status $(echo $out)" "2 kept home top"
is "by their owner" "$(stat -c %u keep/upper/usr/kept keep/upper/root)" "1000
1000"
run as_user cagebox run -R -- sh -c 'touch /new; touch /usr/new; touch /root/new; touch /tmp/new && echo tmp; ls -d /new /usr/new /root/new'
is "it can be for reading only" "$(echo $out)" tmp
run as_user cagebox run --overlay none -- sh -c 'touch /new /usr/new; ls /etc/hostname; [ -w /usr ] || echo reading'
is "or no overlay at all" "$status $(echo $out)" "0 /etc/hostname reading"
box -n rootless-p --overlay persistent -- sh -c 'echo kept >/kept'
box -n rootless-p --overlay persistent -- cat /kept
is "a persistent overlay is the user's" "$status $out $(cat "$user_home/.local/share/cagebox/rootless-p/upper/kept")" "0 kept kept"
run as_user env XDG_DATA_HOME="$user_home/data" cagebox run -n rootless-p --lower "$root_busybox" -o persistent -- true
check "where XDG_DATA_HOME says" test -d "$user_home/data/cagebox/rootless-p/upper"
rm -r "$user_run/cagebox/rootless-p"

# --- configurations, hooks, directories --------------------------------------------------------------------------------------------

as_user sh -c 'mkdir -p "$HOME/.config/cagebox" && printf "%s\n" "lower=$1" "command=sleep 1000" >"$HOME/.config/cagebox/rootless-c.conf"' sh "$root_busybox"
run as_user cagebox start rootless-c
is "a configuration of the user's is started" "$status $err $(as_user cagebox list -q)" "0  rootless-c"
run as_user cagebox config -q rootless-c
status_is "and checked" 0
run as_user cagebox stop-all
is "and stopped with all others" "$status $(as_user cagebox list -q)" "0 "
run as_user cagebox start-all
is "all of them" "$status $(as_user cagebox list -q)" "0 rootless-c"
as_user cagebox stop -t 0 rootless-c
rm -r "$user_run/cagebox/rootless-c"
printf '#!/bin/sh\necho "$1 $(id -u) $2" >>"%s/own/hooked"\n' "$work" >hook && chmod 755 hook
run as_user cagebox run --root "$root_busybox" --hook-init "$work/hook" --hook-shutdown "$work/hook" -- true
is "hooks of a directory are run as the user" "$status $(cat own/hooked)" "0 init 1000 $root_busybox
shutdown 1000 $root_busybox"
run as_user env -u XDG_RUNTIME_DIR cagebox run -d -n rootless-t --lower "$root_busybox" -- sleep 1000
is "without a run-time directory it is in /tmp" "$status $(stat -c '%u %a' /tmp/cagebox-1000)" "0 1000 700"
run as_user env -u XDG_RUNTIME_DIR cagebox stop -t 0 rootless-t
status_is "found there" 0
for at in /tmp /mnt; do
	run as_user env -u XDG_RUNTIME_DIR cagebox run --lower "$root_busybox" -v "/tmp:$at" -- ls -A "$at" "$at/cagebox-1000"
	is "and by nobody to whom /tmp is shown on $at" "$status $(echo $out)" "0 $at: cagebox-1000 $at/cagebox-1000:"
done
rm -r /tmp/cagebox-1000
mkdir /tmp/cagebox-1000
run as_user env -u XDG_RUNTIME_DIR cagebox list
like "one that is somebody else's is refused" "$status $err" '^125 cagebox: list: the run-time directory /tmp/cagebox-1000 must be ours'
chown 1000 /tmp/cagebox-1000 && chmod 755 /tmp/cagebox-1000
run as_user env -u XDG_RUNTIME_DIR cagebox list
like "and one that others can enter" "$status $err" '^125 cagebox: list: the run-time directory /tmp/cagebox-1000 must be ours and accessible by nobody'
rmdir /tmp/cagebox-1000 && ln -s "$work/own" /tmp/cagebox-1000
run as_user env -u XDG_RUNTIME_DIR cagebox list
isnt "and a link" "$status" 0
rm /tmp/cagebox-1000
nothing_left "all that"

# --- what only root can do ---------------------------------------------------------------------------------------------------------

refused()	# MESSAGE OPTION...
{
	message=$1
	shift
	box -v "$work/own:/mnt" "$@" -- touch /mnt/ran
	is "refused: $*" "$status $err $(ls own/ran 2>/dev/null)" "125 cagebox: run: $message "
}
mkdir own/place
refused "mountpoint: needs root (without it the root is made inside, where the host does not see it)" --mountpoint "$work/own/place"
refused "overlay=image: needs root (overlay=DIR keeps changes without root)" -o "image:$work/own/image"
refused "hook_init and hook_shutdown of an overlay: needs root (they are to see the root, which is made inside; with root=DIR they work)" \
	--hook-shutdown "$work/hook"
refused "userns=none needs root (without root a container has a user namespace)" --userns none
refused "mount: $work/own: idmap needs root" -v "$work/own:/opt:idmap"
check "before anything is made" not test -e own/image
nothing_left "what is refused"

# --- limits -----------------------------------------------------------------------------------------------------------------------

# Of v1 nothing can be given away, and v2 has not been.
box --max-memory 64M -- echo ran
is "without a cgroup: it runs" "$status $out" "0 ran"
like "with one line of warning" "$(echo "$err" | wc -l) $err" '^1 cagebox: run: warning: max_memory is not enforced: .*(root can give one away|the only kind that root)'
box --strict --max-processes 5 --max-memory 64M -- echo ran
like "--strict: an error" "$status $out$err" '^125 cagebox: run: max_memory is not enforced'
mkdir -p /run/systemd/system
box --max-memory 64M -- true
like "with systemd its remedy" "$err" 'systemd-run --user --scope -p Delegate=yes|the only kind'
rmdir /run/systemd/system /run/systemd
box -d -n rootless-s -- sleep 1000
run as_user cagebox stats rootless-s
like "stats say why there are none" "$status $err" '^125 cagebox: stats: the container rootless-s has no cgroup: '
as_user cagebox stop -t 0 rootless-s
rm -r "$user_run/cagebox/rootless-s"

# --- what is in the way ---------------------------------------------------------------------------------------------------------------

run as_user unshare --user --map-user=1000 --map-group=1000 --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
	exec setpriv --inh-caps=-all --ambient-caps=-all cagebox run --lower "$1" -- true' sh "$root_busybox"
like "no user namespaces" "$status $err" '^125 cagebox: run: make the container.s namespaces: No space left on device \(sysctl user.max_user_namespaces=10000'
# The other two switches are not on every kernel: a /proc/sys/kernel that has them, and calls that fail.
# The other two switches are not on every kernel: a /proc/sys/kernel that has them, in a chroot, from which there is no way into one either.
mkdir kernel kernel/random jail
cp /proc/sys/kernel/random/boot_id kernel/random
switch()	# NAME VALUE
{
	echo "$2" >"kernel/$1"
	run unshare -m sh -c 'mount --rbind / jail && mount --bind kernel jail/proc/sys/kernel && XDG_RUNTIME_DIR=$1 exec chroot jail \
		setpriv --reuid 1000 --regid 1000 --clear-groups "$2" run --lower "$3" -- true' sh "$user_run" "$CAGEBOX" "$root_busybox"
	rm "kernel/$1"
}
switch unprivileged_userns_clone 0
like "for root only" "$status $err" '^125 .*Operation not permitted \(sysctl kernel.unprivileged_userns_clone=1\)'
switch apparmor_restrict_unprivileged_userns 1
like "AppArmor" "$status $err" '^125 .*Operation not permitted \(sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a profile'
switch nothing 0
like "something else" "$status $err" '^125 .*Operation not permitted \(user namespaces are denied here: by a seccomp filter'
mount --bind /dev/null /proc/keys
run as_user cagebox run --lower "$root_busybox" -- true
like "a masked /proc" "$status $err" '^125 cagebox: run: mount proc: something is mounted over parts of /proc here, as in a container \(.*systempaths=unconfined .*-N hi\)'
run as_user cagebox run --lower "$root_busybox" -N hi -- cat /proc/self/comm
is "which that helps against" "$status $out" "0 cat"
umount /proc/keys
run as_user cagebox run --lower /media -- true
like "an overlay over mounts" "$status $err" '^125 cagebox: run: mount overlay on .*: Invalid argument \(.*nothing may be mounted below'
umount /media/second /media/first /media/one/two /media /home
leaks_begin
for calls in clone3 openat2,close_range,pidfd_open,pidfd_send_signal,faccessat2,clone3; do
	run as_user setpriv --no-new-privs ./old $calls cagebox run --lower "$root_busybox" -- id -u
	is "without $calls" "$status $out" "0 0"
done
run as_user setpriv --no-new-privs ./old mount_setattr cagebox run --root "$root_busybox" -v "$work/own:/mnt" --mount-ro "$work/own:/opt" -- \
	sh -c 'cat /mnt/file; touch /opt/x 2>/dev/null || echo reading'
is "without mount_setattr" "$status $(echo $out)$err" "0 mine reading"
nothing_left "failures"
finish
