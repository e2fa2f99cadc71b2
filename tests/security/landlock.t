#!/bin/sh
# SPDX-License-Identifier: Zlib
# Landlock: what rules do not name cannot be reached, by no program inside; and what no namespace keeps apart, the host's abstract
# sockets and processes, is out of reach without any rule.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside; lists of options
. "$(dirname "$0")/../lib.sh"

mkdir tools data
musl-gcc -static -O1 -D_GNU_SOURCE -o tools/reach "$top/tests/security/reach_helper.c" || bail_out "reach_helper does not build"
cp tools/reach tools/other
abi=$(tools/reach landlock version | sed 's/.*: //')
box="--lower $root_busybox -v $work/tools:/tools -v $work/data:/data"
denied='Permission denied'

# As run, without the warning of a kernel before 6.2.
quietly()
{
	run "$@"
	err=$(printf '%s\n' "$err" | grep -v 'warning: landlock: the kernel cannot keep files')
}

# answers ACT ARGUMENT WORDS: what reach says in $out of that act
answers()
{
	is "$1 $2: $3" "$(echo "$out" | sed -n "s|^$1 $2: ||p")" "$3"
}

# refused TITLE ERE OPTION...: an error before anything is touched
refused()
{
	title=$1 wanted=$2 before=$(ls /run/cagebox 2>/dev/null)
	shift 2
	run "$@" cagebox run $box --hook-init "$work/hook" $options -- true
	like "$title" "$status $err" "^125 cagebox: run: $wanted\$"
	is "  before anything is touched" "$(ls ran 2>/dev/null) $(ls /run/cagebox 2>/dev/null)" " $before"
}

printf '#!/bin/sh\ntouch %s/ran\n' "$work" >hook && chmod 755 hook

# --- what is wrong, and what the kernel cannot do ----------------------------------------------------------------------------

for rule in '' /etc r r: rq:/etc r,w:/etc tcp_bind tcp_listen:1 rw:/etc:rw r:etc r:/a/../b tcp_bind:65536 tcp_connect:-1 tcp_bind:http; do
	options="--landlock=$rule"
	refused "a rule that is none: '$rule'" "--landlock: '.*" env
done
kernel='strace -o /dev/null -e trace=landlock_create_ruleset -e inject=landlock_create_ruleset'
remedy='\(CONFIG_SECURITY_LANDLOCK, landlock in lsm= on its command line; all of it: Linux 6\.12\)'
options='--landlock tcp_connect:99 --landlock r:/'
refused "TCP where the kernel is too old" "landlock: tcp_connect:99 needs ABI 4 of Landlock, the kernel has 3 $remedy" $kernel:retval=3
options='--landlock r:/'
refused "files where the kernel has no Landlock" "landlock: r:/ needs ABI 1 of Landlock, the kernel has 0 $remedy" $kernel:error=ENOSYS
refused "or where it sleeps" "landlock: r:/ needs ABI 1 of Landlock, the kernel has 0 $remedy" $kernel:error=EOPNOTSUPP
options='--landlock_scope yes'
refused "a scope that is wanted where the kernel is too old" \
	"landlock_scope: yes needs ABI 6 of Landlock, the kernel has 5 $remedy" $kernel:retval=5
run $kernel:error=ENOSYS cagebox run $box -- true
is "else it does without" "$status$err" 0

[ "$abi" -gt 0 ] || { finish; }

options='--landlock r:/ --strict'
refused "strict: where files can be emptied all the same" \
	'landlock: the kernel cannot keep files that may not be written from being emptied \(Linux 6.2 can\)' $kernel:retval=2
run $kernel:retval=2 cagebox run $box --landlock rx:/ -- true
like "else that is a warning" "$status $err" '^0 cagebox: run: warning: landlock: the kernel cannot keep files'
quietly cagebox run $box --landlock rx:/ --landlock r:/nothing -- true
is "a path that is not there" "$status $err" "125 cagebox: run: landlock: r:/nothing: open /nothing: No such file or directory"
quietly cagebox run $box --landlock rx:/ --landlock r:/nothing:optional -- true
is "unless it need not be" "$status $err" "0 "

# --- files -------------------------------------------------------------------------------------------------------------------

rules='--landlock rx:/bin --landlock x:/tools --landlock r:/etc --landlock rw:/data --landlock r:/opt'
acts='read /etc/hostname read /home write /etc/hostname make /etc/new mkdir /etc/new link /etc/new fifo /etc/new remove /etc/hostname
	move /etc/hostname read /data write /tools/other make /data/new write /data/new empty /data/new move /data/new remove /data/new.moved
	mkdir /data/dir fifo /data/fifo link /data/link run /bin/true run /data/program run /opt/program read /dev/null read /proc/self/status make /tmp/new
	listen /data/socket listen /tmp/socket'
for who in "root" "app" "app without no_new_privs"; do
	rm -rf data && mkdir -m 777 data && cp tools/reach data/program && mkdir -p opt && cp tools/reach opt/program
	options="$box $rules -v $work/opt:/opt -u ${who%% *}"
	[ "$who" = "${who% without*}" ] || options="$options --no-new-privs=no"
	quietly cagebox run $options -- /tools/reach $acts
	wanted=$(printf '%s\n' "read /etc/hostname: ok" "read /home: $denied" "write /etc/hostname: $denied" "make /etc/new: $denied" \
		"mkdir /etc/new: $denied" "link /etc/new: $denied" "fifo /etc/new: $denied" "remove /etc/hostname: $denied" \
		"move /etc/hostname: $denied" "read /data: ok" "write /tools/other: $denied" "make /data/new: ok" "write /data/new: ok" \
		"empty /data/new: ok" "move /data/new: ok" "remove /data/new.moved: ok" "mkdir /data/dir: ok" "fifo /data/fifo: ok" \
		"link /data/link: ok" "run /bin/true: ok" "run /data/program: $denied" "run /opt/program: $denied" "read /dev/null: $denied" \
		"read /proc/self/status: $denied" "make /tmp/new: $denied" "listen /data/socket: ok" "listen /tmp/socket: $denied")
	is "what is not named is denied: $who" "$out$err" "$wanted"
done
if [ "$abi" -ge 3 ]; then
	rm -rf data && mkdir data && echo text >data/file
	quietly cagebox run --lower "$root_busybox" -v "$work/tools:/tools" -v "$work/data:/data" --landlock rx:/ -- /tools/reach empty /data/file
	answers empty /data/file "$denied"
	is "and it is not empty" "$(cat data/file)" text
fi
quietly cagebox run $box --landlock r:/ -- true
is "nothing can be run without x" "$status $err" \
	"126 cagebox: run: run true: Permission denied (landlock must allow x for it and for its interpreter or dynamic loader)"
quietly cagebox run --lower "$root_busybox" --landlock r:/etc --command "@$work/tools/reach read /etc/hostname read /bin/sh run /bin/sh"
is "a program of the host's can" "$status $(echo "$out" | tr '\n' ';')" \
	"0 read /etc/hostname: ok;read /bin/sh: $denied;run /bin/sh: $denied;"
printf '#!/bin/sh\ncat /etc/hostname; ls /home\n' >script && chmod 755 script
quietly cagebox run --lower "$root_busybox" --landlock rx:/bin --landlock r:/etc --command "@$work/script"
is "and a script, where its interpreter is allowed" "$out $err" "busybox ls: can't open '/home': $denied"
quietly cagebox run $box --landlock rx:/bin -t -- sh -c 'echo seen; echo no >/dev/tty'
like "what is open stays so, a terminal too" "$out" '^seen'
unlike "which cannot be opened" "$out" '^no'

# --- all that runs inside ------------------------------------------------------------------------------------------------------

rm -rf data && mkdir data hooks
act='/tools/reach read /etc/hostname read /data read /home'
printf '#!/bin/sh\n%s >/data/%s\n' "$act" image >hooks/10-image && chmod 755 hooks/10-image
printf '%s >/data/script\n' "$act" >init-script
cagebox run $box -v "$work/hooks:/etc/cagebox/shutdown.d" --landlock rx:/bin --landlock x:/tools --landlock rw:/data --landlock r:/etc/hostname \
	--landlock x:/etc/cagebox --init-script "$work/init-script" --shutdown-hook "$act >/data/hook" -d --name landlock-all -- \
	sh -c "$act >/data/command; exec sleep 1000" >/dev/null
run cagebox exec landlock-all sh -c "$act >/data/exec"
cagebox stop -t 5s landlock-all
for what in script command exec image hook; do
	is "the rules hold for: $what" "$(cat data/$what | tr '\n' ';')" "read /etc/hostname: ok;read /data: ok;read /home: $denied;"
done

# --- TCP -----------------------------------------------------------------------------------------------------------------------

if [ "$abi" -ge 4 ]; then
	acts='bind 80 bind 81 connect 82 connect 83 read /home'
	tcp()
	{
		run cagebox run $box --net none "$@" -- /tools/reach $acts
		echo "$out$err" | sed 's/.*: //; s/Connection refused/ok/' | tr '\n' ' '
	}
	is "rules for both" "$(tcp --landlock tcp_bind:80 --landlock tcp_connect:82)" "ok $denied ok $denied ok "
	is "to bind: connecting is free" "$(tcp --landlock tcp_bind:80 --landlock tcp_bind:81)" "ok ok ok ok ok "
	is "to connect: binding is free" "$(tcp --landlock tcp_connect:83)" "ok ok $denied ok ok "
	is "with files" "$(tcp --landlock x:/tools --landlock tcp_bind:1)" "$denied $denied ok ok $denied "
	cagebox run $box --net none --landlock tcp_bind:80 -d --name landlock-tcp -- sleep 1000 >/dev/null
	run cagebox exec landlock-tcp /tools/reach bind 80 bind 81
	is "by exec" "$(echo "$out" | sed 's/.*: //' | tr '\n' ' ')" "ok $denied "
	cagebox stop -t 0s landlock-tcp
else
	options='--landlock tcp_bind:80'
	refused "TCP is not to be had here" 'landlock: tcp_bind:80 needs ABI 4 .*' env
fi

# --- scope: abstract sockets ---------------------------------------------------------------------------------------------------

outside=@cagebox-test-outside-$$-$(date +%s%N)
inside=@cagebox-test-inside-$$-$(date +%s%N)
rm -rf data && mkdir -m 777 data
tools/reach listen $outside listen "$work/data/outside" wait x >listening &
wait_for grep -qs "listen $work/data/outside: ok" listening || fail "somebody listens"
leaks_begin
if [ "$abi" -lt 6 ]; then
	options='--landlock_scope yes'
	refused "a border is not to be had here" 'landlock_scope: yes needs ABI 6 .*' env
	run cagebox run $box -- /tools/reach stream $outside stream /data/outside
	is "abstract sockets are open to it, as the manual says" "$(echo "$out" | sed 's/.*: //' | tr '\n' ' ')" "ok ok "
	finish
fi
acts="stream $outside message $outside stream /data/outside message /data/outside"
for user in root app; do
	chmod 777 data/outside data/outside.messages
	run cagebox run $box -u $user -- /tools/reach $acts
	is "an abstract socket of the host's cannot be reached, a path can ($user)" "$(echo "$out" | sed 's/.*: //' | tr '\n' ' ')" \
		"Operation not permitted Operation not permitted ok ok "
done
run cagebox run $box -- sh -c '/tools/reach listen '$inside' wait x >/data/in & until grep -q ok /data/in; do sleep 0.02; done
	/tools/reach stream '$inside' message '$inside'; sh -c "/tools/reach stream '$inside'; exit"'
is "those inside can be, by others inside" "$(echo "$out" | sed 's/.*: //' | tr '\n' ' ')" "ok ok ok "
run cagebox run $box --landlock rx:/ --landlock rw:/data --init-script "$work/listen" -- true
printf '/tools/reach listen %s wait x >/data/script &\n' $inside >listen
run cagebox run $box --landlock rx:/ --landlock rw:/data --init-script "$work/listen" -- sh -c '
	until grep -q ok /data/script; do :; done; /tools/reach stream '$inside
answers stream $inside ok
run cagebox run $box --landlock_scope no -- /tools/reach stream $outside
answers stream $outside ok
run cagebox run $box --landlock_scope yes -N uphi -- /tools/reach stream $outside
answers stream $outside "Operation not permitted"
run cagebox run $box --net none -- sh -c '/tools/reach stream '$outside'; /tools/reach listen '$inside' stream '$inside
answers stream $outside "Connection refused"
answers stream $inside ok

rm -f data/in
cagebox run $box -d --name landlock-scope -- sh -c '/tools/reach listen '$inside' listen /data/inside wait x >/data/in' >/dev/null
wait_for grep -qs 'inside: ok' data/in || fail "somebody listens inside"
run cagebox exec landlock-scope /tools/reach stream $outside stream $inside stream /data/inside
answers stream $outside "Operation not permitted"
answers stream $inside "Operation not permitted"
answers stream /data/inside ok
run tools/reach stream $inside
answers stream $inside ok
run cagebox exec landlock-scope sh -c '/tools/reach listen '$inside.exec' wait x >/data/exec & until grep -q ok /data/exec; do :; done
	/tools/reach stream '$inside.exec'; kill $!'
answers stream $inside.exec ok
cagebox stop -t 1s landlock-scope

# What needs mounts is not hindered.
run cagebox run $box --cap-add sys_admin -- sh -c 'mount -t tmpfs none /mnt && umount /mnt && unshare -m mount -t tmpfs none /tmp && echo mounted'
is "mounts are not hindered" "$out$err" mounted

# --- scope: signals -------------------------------------------------------------------------------------------------------------

sleep 1000 &
victim=$!
leaks_begin
acts="signal $victim signal 1 child end"
run cagebox run $box -N hi -- /tools/reach $acts
is "without a pid namespace the host's processes are out of reach" "$(echo "$out" | sed 's/.*: //' | tr '\n' ' ')" \
	"Operation not permitted Operation not permitted ok "
run cagebox run $box -N hi -- sh -c 'sleep 1000 & kill $! && wait $!; echo $?'
is "their own are not" "$out" 143
run cagebox run $box -N hi --landlock_scope no -- /tools/reach signal $victim
answers signal $victim ok
cagebox run $box -N hi -d --name landlock-signals --stop-timeout 20s -- sh -c 'trap "echo bye >/data/bye; exit" TERM
	echo ready >/data/ready; while :; do sleep 0.05; done' >/dev/null
wait_for test -s data/ready
run cagebox exec landlock-signals /tools/reach signal $victim child end
is "by exec neither" "$(echo "$out" | sed 's/.*: //' | tr '\n' ' ')" "Operation not permitted ok "
run cagebox exec landlock-signals sh -c 'kill -TERM $$'
status_is "a signal to itself" 143
run cagebox kill -s CONT landlock-signals
status_is "the host can send signals" 0
cagebox exec landlock-signals sleep 2000 &
client=$!
wait_for pgrep -f '^sleep 2000$' >/dev/null
run cagebox stop landlock-signals
is "and it stops in order" "$status $(cat data/bye)" "0 bye"
wait $client 2>/dev/null
kill $victim
wait $victim 2>/dev/null
finish
