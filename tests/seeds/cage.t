#!/bin/sh
# SPDX-License-Identifier: Zlib
# The command line of cage: every option, joining, the end, the caller's display, installed as its document says.
# The numbers in brackets are rows of the table of what the older programs do.
# timeout: 600
# shellcheck disable=SC2016,SC2154 # commands in single quotes are for the shell inside; lib.sh sets the rest
. "$(dirname "$0")/../lib.sh"

mkdir bin mnt && chmod 755 bin mnt && cagebox --install -s bin && PATH=$work/bin:$PATH
unset DISPLAY WAYLAND_DISPLAY XAUTHORITY PULSE_COOKIE PIPEWIRE_REMOTE SUDO_UID SUDO_GID
# The default directory is one of the host's.
mount -t tmpfs -o mode=755 lib /var/lib
apps=/var/lib/microcontainer
pids=/run/microcontainer
leaks_begin

box()
{
	run cage -l "$root_busybox" "$@"
}

# refused TITLE MESSAGE ARGUMENT...
refused()
{
	title=$1 message=$2
	shift 2
	run cage "$@"
	status_is "$title" 125
	like "$title: and the message says so" "$err" "^cagebox: cage: $message"
}

# Start an instance whose command waits for TERM, and wait until it runs.
background()
{
	rm -f mnt/ready mnt/term
	cage -l "$root_busybox" -v "$work/mnt:/mnt" "$@" -- \
		sh -c 'trap "echo term >>/mnt/term; exit 3" TERM; echo >/mnt/ready; while :; do sleep 0.1; done' &
	launcher=$!
	wait_for test -e mnt/ready || bail_out "no container: $*"
}

# Wait for it; its status is in $code.
ended()
{
	code=0
	wait "$launcher" || code=$?
}

# --- help, words ---------------------------------------------------------------------------------------------------------------

run cage -h
is "[28] -h succeeds" "$status $err" "0 "
is "[28] with every option on standard output" "$(echo "$out" | grep -cE '^  -[aceGgiklnpUuVvw]( |$)')" 15
run cage -V
like "[36] -V prints the version, and succeeds" "$status $out$err" '^0 cage \(cagebox [0-9.]+\)$'
refused "[28] an unknown option" 'unknown option -x' -x
refused "[28] and a long one" 'unknown option --name' --name x
refused "[32] a value is missing" '-n needs a value' -n
box -n a -- printf '%s.' -n x -- -
is "[39] after -- all is the command" "$status $out$err" "0 -n.x.--.-."
box -n a printf '%s.' -n x -- -
is "[39] so is all from the first word on" "$status $out$err" "0 -n.x.--.-."
box -nfirst -n=second -n third -- hostname
is "[32] the last value counts, written in one word or two" "$out" third
run sh -c "echo 'echo \"read \$1 \$0\"; exit 4' | cage -l '$root_busybox' -- /bin/sh -s argument"
is "[39] the command's script comes from standard input" "$status $err $out" "4  read argument /bin/sh"
box -- sh -c 'kill -9 $$'
status_is "[39] a signal is 128 and its number" 137
box -- nonsense
status_is "[39] a command that is not there is 127" 127

# --- host-based ----------------------------------------------------------------------------------------------------------------

run sh -c 'echo "echo \$0; ls -d /etc/hostname; echo inside >/cagebox-test-$$; ls /cagebox-test-* | wc -l" | cage'
is "[17 42] without arguments it is a login shell in an overlay of this system" "$status $err $(echo "$out" | tr '\n' ' ')" \
	"0  -$(basename "$(getent passwd root | cut -d: -f 7)") /etc/hostname 1 "
check "[17] what it writes is not written to the system" sh -c '! ls /cagebox-test-* 2>/dev/null'
is "[17 20] but to upper in the default directory" "$(cat $apps/default/upper/cagebox-test-*)" inside
run sh -c 'echo "ls /cagebox-test-*" | cage'
like "[17] where the next call finds it" "$out" '^/cagebox-test-'
run sh -c 'echo "ls /cagebox-test-*; uname -n" | cage -n other'
is "[17 32] another name is another instance" "$out" other
run sh -c "echo 'echo \$0 \$HOME' | cage -l '$root_busybox' -u app"
is "[42] the shell is the user's" "$out$err" "-sh /home/app"
is "[16] there is no daemon" "$(pgrep -c cagebox)" 0

# --- directories ----------------------------------------------------------------------------------------------------------------

check "[20] the default directory has upper and work" test -d $apps/default/upper -a -d $apps/default/work
box -n named -- sh -c 'echo x >/x'
is "[20] with a name another" "$status$err $(cat $apps/app-named/upper/x)" "0 x"
box -n named -a "$work/app/dir" -- sh -c 'echo y >/y'
is "[20] or the one that is given, made with what is missing above it" "$status$err $(cat app/dir/upper/y; ls app/dir)" "0 y
upper
work"
box -a rel/app -- sh -c 'echo y >/y'
is "[20] relative paths are taken from here" "$status$err $(cat rel/app/upper/y)" "0 y"

box -- pwd
is "[21] the command runs in /" "$out" /
box -c /etc -- pwd
is "[21] or elsewhere" "$status $out$err" "0 /etc"
box -u app -c /new/deep -- sh -c 'pwd; stat -c %u:%g /new /new/deep; touch /new/deep/x'
is "[21] a directory that is missing is made, for the user" "$status $err $(echo "$out" | tr '\n' ' ')" "0  /new/deep 0:0 1000:1000 "
refused "[21] a relative one is none of the container's" "-c: 'etc' is not an absolute path" -c etc -- true

run cage -- cat /etc/passwd
is "[31] the default lower directory is the host's /" "$out" "$(cat /etc/passwd)"
box -- cat /etc/hostname
is "[31] or the one that is given" "$out" busybox
box -n lower -- sh -c 'echo new >/etc/hostname; rm -r /home; cat /etc/hostname; ls -d /home'
is "[31] it is seen and not written" "$out $(cat "$root_busybox/etc/hostname"; ls -d "$root_busybox/home")" "new busybox
$root_busybox/home"
refused "[31] one that is missing" "lower: $work/missing: No such file" -l "$work/missing" -- true

mkdir up wk
box -U "$work/up" -w "$work/wk" -- sh -c 'echo x >/x'
is "[34 38] upper and work" "$status$err $(cat up/x)" "0 x"
box -U "$work/up" -w "$work/wk" -- cat /x
is "[34] the changes stay" "$out" x
box -U up2 -a "$work/app2" -- sh -c 'echo x >/x'
is "[34] upper alone, work is in the -a directory" "$status$err $(cat up2/x) $(ls app2)" "0 x work"
box -w wk2 -a "$work/app3" -- sh -c 'echo x >/x'
is "[38] work alone" "$status$err $(cat app3/upper/x) $(ls wk2)" "0 x work"
mount -t tmpfs elsewhere wk
leaks_begin
refused "[38] work on another file system" "work: $work/wk is not on the file system of upper $work/up" \
	-l "$root_busybox" -U "$work/up" -w "$work/wk" -- true
umount wk
leaks_begin
copy=$(root_copy "$root_busybox")
run cage -l "$copy" -a "$copy/app" -- sh -c 'echo in >/inside; cat /inside'
is "[34] upper can be inside lower" "$status $out$err $(cat "$copy/app/upper/inside")" "0 in in"
run cage -a "$work/app4" -- sh -c 'echo in >/inside; cat /inside'
is "[34] also inside the host's own /" "$status $out$err $(cat app4/upper/inside)" "0 in in"
check "[34] no file system is made for that" sh -c '! ls ./*.img "$1"/*.img' sh "$copy"

mkdir no no/lower no/upper no/work no/mnt
mount -t overlay -o "lowerdir=$work/no/lower,upperdir=$work/no/upper,workdir=$work/no/work" none no/mnt
leaks_begin
box -a "$work/no/mnt/app" -- sh -c 'echo kept >/x; cat /x; stat -f -c %t /'
is "[34] where upper cannot be, there is a loop above its parent" "$status $(echo "$out" | tr '\n' ' ')" "0 kept 794c7630 "
like "[34] and that is said" "$err" "^cagebox: cage: warning: changes go to the file system in $work/no/mnt/app.img: .*upper"
is "[34] it is of 10 GiB, and holds next to nothing" "$(stat -c %s no/mnt/app.img) $(($(stat -c '%b * %B' no/mnt/app.img) < 1 << 29))" "10737418240 1"
box -a "$work/no/mnt/app" -- cat /x
is "[34] the changes stay" "$status $out$err" "0 kept"
leaks_check "[34] nothing is left of the loop"
umount no/mnt
leaks_begin

# --- environment ----------------------------------------------------------------------------------------------------------------

run env -i PATH="$PATH" SECRET=1 cage -l "$root_busybox" -n env -- env
is "[22] the environment is built afresh" "$(printf '%s\n' "$out" | sort)" "$(
	cat <<-'EOT'
		HOME=/root
		LANG=C
		LOGNAME=root
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
		SHELL=/bin/sh
		TERM=vt100
		USER=root
		container=cagebox
	EOT
)"
run env TERM=xterm LANG=de_DE.UTF-8 cage -l "$root_busybox" -n env -u app -e A=1 -e B= -eC=2 -e A=x=y -e=TERM=dumb -- \
	sh -c 'echo $TERM $LANG $HOME $USER $A $B $C; env | grep -c ^A='
is "[22] with the caller's TERM and LANG, the user's HOME, then -e, the last of a name" "$(echo "$out" | tr '\n' ' ')" \
	"dumb de_DE.UTF-8 /home/app app x=y 2 1 "
refused "[22] what is no variable" "-e: 'A' is not NAME=VALUE" -e A -- true

# --- user -------------------------------------------------------------------------------------------------------------------------

show='echo $(id -u):$(id -g):$(id -G)'
box -- sh -c "$show; umask"
is "[35] root by default" "$(echo "$out" | tr '\n' ' ')" "0:0:0 0022 "
box -u app -- sh -c "$show"
is "[35] a name, with its group" "$out" 1000:1000:1000
box -u app:audio:users -- sh -c "$show"
is "[35] groups behind it: the first is the primary one" "$out" "1000:29:29 100"
box -u 5:6:7 -- sh -c "$show"
is "[35] numbers" "$out" "5:6:6 7"
box -u 77 -- sh -c "$show"
is "[35] a number that nobody has is its group too" "$out" 77:77:77
box -u app -g audio:44:users -- sh -c "$show"
is "[27] groups with -g" "$out" "1000:29:29 44 100"
box -g users -- sh -c "$show"
is "[27] without a user they are root's" "$out" 0:100:100
box -u "$(id -u)" -g "$(id -g):$(id -G | tr ' ' ':')" -- sh -c "$show"
is "[27 35] the document's own way to be who one is" "$out" "$(id -u):$(id -g):$(id -G)"
box -u 1 -u app -g 5 -g users -- sh -c "$show"
is "[27 35] the last one counts" "$out" 1000:100:100
for id in 1x '' -1 4294967295 '0 ' 5: :5 5::6 0x0; do
	box -u "$id" -- id
	is "[35] -u '$id' is nobody, and least of all root" "$status$out" 125
	box -g "$id" -- id
	is "[27] -g '$id' is no group" "$status$out" 125
done
box -u nosuch -- id
like "[35] nor is a name that the container does not know" "$status$out $err" "^125 .*no user 'nosuch'"
box -g audio:nosuch -- id
like "[27] or a group" "$status$out $err" "^125 .*no group 'nosuch'"

# A program with the set-user-ID bit, as sudo is one.
printf '#include <unistd.h>\nint main(int c, char **v)\n{\n\treturn c < 2 || setuid(0) || execvp(v[1], v + 1);\n}\n' >up.c
musl-gcc -static -Os -o up.bin up.c && copy=$(root_copy "$root_busybox") && cp up.bin "$copy/bin/sudo" && chmod 4755 "$copy/bin/sudo"
run cage -l "$copy" -u app -- sudo id -u
is "[35] sudo works inside" "$status $out$err" "0 0"

# --- volumes ------------------------------------------------------------------------------------------------------------------------

mkdir vol vol/sub && echo one >vol/file && mount -t tmpfs sub vol/sub && echo sub >vol/sub/file
leaks_begin
box -v "$work/vol:/one" -v "$work/vol/file:/etc/hostname" -v "$work/vol" -- \
	sh -c "cat /one/file /one/sub/file /etc/hostname $work/vol/file; echo new >/one/new; echo new >/one/sub/new"
is "[37] volumes: directories with what is mounted below, and files; in two parts or one" "$status $err $(echo "$out" | tr '\n' ' ')" \
	"0  one sub one one "
is "[37] which can be written" "$(cat vol/new vol/sub/new | tr '\n' ' ')" "new new "
umount vol/sub
leaks_begin
box -v "$work/made/here:/there" -- sh -c 'echo x >/there/x'
is "[37] one that is missing is made, as a directory" "$status$err $(cat made/here/x) $(stat -c '%F %u' made/here)" "0 x directory 0"
box -v rel/vol:/there -- sh -c 'echo x >/there/x'
is "[37] relative paths are taken from here" "$status$err $(cat rel/vol/x)" "0 x"
box -v "$work/vol:/var/tmp/deep" -v "$work/vol:/run/deep" -- cat /var/tmp/deep/file /run/deep/file
is "[37] also below what is fresh" "$(echo "$out" | tr '\n' ' ')" "one one "
refused "[37] what is no volume" "-v: ':/x' is not SOURCE" -v :/x -- true
refused "[37] a relative path inside" "-v: 'x' is not an absolute path" -v /etc:x -- true
box -- sh -c 'for d in /tmp /var/tmp /run /run/lock /dev/shm; do stat -c "%n %a" $d; touch $d/x; done
	readlink /run/shm; ls -d /run/user; wc -c </etc/resolv.conf; grep -c "^proc /proc \|^sysfs /sys " /proc/mounts'
is "[31] the file systems of its own" "$(echo "$out" | tr '\n' ' ')" \
	"/tmp 1777 /var/tmp 1777 /run 755 /run/lock 1777 /dev/shm 1777 /dev/shm /run/user $(wc -c </etc/resolv.conf) 2 "
leaks_check "[16] after all these nothing is left over"

# --- the script before the command -----------------------------------------------------------------------------------------------------

cat >script <<'EOT'
echo "script $(id -u) $(ls -d /etc/hostname)" >>/etc/script
echo late:x:1234:1235::/:/bin/sh >>/etc/passwd
EOT
box -n script -i script -u late -- sh -c 'cat /etc/script; id -u; id -g'
is "[29] the script runs inside, as root, before the command, whose user it can make" "$status $err $(echo "$out" | tr '\n' ' ')" \
	"0  script 0 /etc/hostname 1234 1235 "
run cage -l "$root_busybox" -n fd -i /proc/self/fd/3 -- cat /etc/made 3<<EOT
echo made by $work >/etc/made
EOT
is "[29] from a descriptor, as a here document" "$status $out$err" "0 made by $work"
run sh -c "echo 'echo piped >/etc/piped' | cage -l '$root_busybox' -n fd -i /proc/self/fd/0 -- cat /etc/piped"
is "[29] or from a pipe" "$status $out$err" "0 piped"
echo 'exit 9' >script
box -n script -i script -v "$work:/mnt" -- touch /mnt/ran
status_is "[29] one that fails ends it all" 125
check "[29] before the command" test ! -e ran
refused "[29] one that is missing" 'init_script: missing: No such file' -l "$root_busybox" -i missing -- true

# --- pid files, the end ------------------------------------------------------------------------------------------------------------------

# shellcheck disable=SC2086 # several words
for arguments in '' '-n one' "-p $work/pid" "-n one -p $work/pid" '-n cage'; do
	case $arguments in
	*-p*) pid_file=$work/pid ;;
	'') pid_file=$pids/pid ;;
	*) pid_file=$pids/${arguments#-n }.pid ;;
	esac
	background $arguments
	pid=$(cat "$pid_file")
	like "[33] the pid file is $pid_file: $arguments" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" '^cagebox-init '
	run cage $arguments -l "$root_busybox" -- sh -c 'exit 6'
	is "[33 41] by which the next call joins: $arguments" "$status$err" "6cagebox: cage: warning: it is running already, and not changed by -l"
	run cage -k $arguments
	is "[30] -k stops it: $arguments" "$status $out$err $(cagebox list -q)" "0  "
	ended
	is "[30] by TERM, which its command may answer" "$code $(cat mnt/term)" "3 term"
	check "[33] afterwards there is no pid file" test ! -e "$pid_file"
	run cage -k $arguments
	is "[30] with nothing running -k succeeds" "$status $out$err" "0 "
done
mkdir same && ln -s same alias
background -n one -p same/pid
first=$launcher
background -n one -p same/other
second=$launcher
background -n one
is "[32 33] the same name with different pid files is three instances" "$(cagebox list -q | wc -l)" 3
run cage -n one -p "$work/alias/pid" -- true
is "[33] a pid file is the same by whatever path" "$status$err $(cagebox list -q | wc -l)" "0 3"
cage -k -n one -p alias/pid && wait $first
cage -k -n one && ended
is "[30] of these one is stopped at a time" "$(cagebox list -q | wc -l) $(ls same)" "1 other"
cage -k -n one -p same/other && wait $second
sleep 4004 &
other=$!
leaks_begin
echo $other >same/pid
run cage -k -p same/pid
is "[30] a pid file that was left behind goes, and harms nobody" "$status $out$err $(ls same) $(kill -0 $other && echo lives)" "0   lives"
echo $other >same/pid
box -p same/pid -- sh -c 'exit 5'
is "[33] nor does it keep anything from starting" "$status $out$err $(ls same) $(kill -0 $other && echo lives)" "5   lives"
echo text >same/pid
refused "[33] a file that holds something else is nobody's" "pid_file: $work/same/pid is there already" \
	-l "$root_busybox" -p same/pid -- true
cage -k -p same/pid
is "[30 33] and stays" "$(cat same/pid)" text
kill $other
leaks_begin
cage -l "$root_busybox" -v "$work/mnt:/mnt" -n stubborn -- \
	sh -c 'trap "" TERM INT; (setsid sleep 4005 &); rm /mnt/ready; while :; do sleep 0.1; done' &
launcher=$!
wait_for test ! -e mnt/ready
start=$(date +%s%N)
run cage -k -n stubborn
took=$((($(date +%s%N) - start) / 1000000))
is "[30] one that does not listen is killed, with all that runs in it" "$status $(pgrep -fc '^sleep 4005')" "0 0"
check "[30] after 5 s ($took ms)" test $took -ge 4900 -a $took -lt 9000
ended
refused "[32] a name that is none" "-n: '../x' is not a name" -n ../x -- true
refused "[30 32] nor is it one for -k" "-n: '../x' is not a name" -k -n ../x

cagebox run -d -n foreign --lower "$root_busybox" -- sleep 1000 >started
run cage -k -n foreign
is "[30] what is not an instance of cage is not for -k" "$status $err $(cagebox list -q)" \
	"125 cagebox: cage: -k: the container foreign has another pid file than $pids/foreign.pid foreign"
run cage -n foreign -- true
like "[41] nor can it be joined" "$status $err" "^125 cagebox: cage: the container foreign is running already, with no pid file"
cagebox kill -a foreign
run cage -n node -l "$root_busybox" -v /dev/zero:/dev/other -v /dev/null:/null -- sh -c 'head -c 3 /dev/other | wc -c; echo x >/null'
is "[37] a device of the host can be used where it was asked for" "$status $out$err" "0 3"
mknod node c 1 5
run cage -n node -l "$root_busybox" -v "$work/node:/node" -- head -c 1 /node
like "[37] one outside of /dev cannot" "$status $err" "^1 .*Permission denied"
rm node

# --- joining -----------------------------------------------------------------------------------------------------------------------------

background -n join -e FIRST=1
for ns in pid mnt ipc uts cgroup net; do
	is "[41] the same $ns namespace" "$(cage -n join -- readlink /proc/self/ns/$ns)" "$(readlink "/proc/$(cat $pids/join.pid)/ns/$ns")"
done
run cage -n join -e MINE=2 -u app -c /made -- sh -c 'echo $(id -u) $(pwd) $MINE $HOME; exit 8'
is "[41] user, directory and variables are the joiner's, and the status" "$status $out$err" "8 1000 /made 2 /home/app"
run cage -n join -- sh -c 'echo "<$FIRST>"'
is "[41] not those of the first call" "$out" "<>"
run cage -n join -- sh -c 'echo $(id -u) $(pwd)'
is "[41] or the defaults" "$out" "0 /"
run sh -c 'echo "echo \$0" | cage -n join'
is "[41 42] the default command is a login shell here too" "$out" -sh
run cage -n join -a a -i missing -l / -U u -v /etc:/x -v nowhere:/y -w w -- ls /x
like "[41] what applies to the start only is named" "$err" '^cagebox: cage: warning: it is running already, and not changed by -a -i -l -U -v -w$'
check "[41] and nothing comes of it" test "$status" = 1 -a ! -e nowhere -a ! -e a -a ! -e u
cage -n join -- sh -c 'trap "" TERM; echo >/mnt/joined; while :; do sleep 0.1; done' &
joined=$!
wait_for test -e mnt/joined
kill -TERM $launcher
ended
code=0
wait $joined || code=$?
is "[41] when the first one ends, so does who has joined" "$code $(cagebox list -q)" "137 "
box -n join -- sh -c 'exit 6'
status_is "[41] then it starts afresh" 6
background -n join
kill -9 $launcher
box -n join -- sh -c 'exit 7'
status_is "[41] also after a sudden death" 7
racers=
for _ in 1 2 3 4 5; do
	cage -l "$root_busybox" -v "$work/mnt:/mnt" -n race -- \
		sh -c 'echo >>/mnt/race; while [ "$(wc -l </mnt/race)" -lt 5 ]; do sleep 0.05; done' 2>/dev/null &
	racers="$racers $!"
done
check "[41] of five at once one starts and four join" wait_for sh -c '[ "$(wc -l <mnt/race)" = 5 ]'
# shellcheck disable=SC2086 # several words
wait $racers
leaks_check "[41] after all these nothing is left over"

# --- the caller's display ----------------------------------------------------------------------------------------------------------------

# X11's sockets have a fixed place in /tmp: one of the test's own, with what it needs of the host's.
mkdir /run/host_tmp
mount --bind /tmp /run/host_tmp
mount -t tmpfs -o mode=1777 tmp /tmp || bail_out "no /tmp"
for needed in "$top" "$work_parent" "$(dirname "$CAGEBOX")"; do
	case $needed in
	/tmp/*) mkdir -p "$needed" && mount --bind "/run/host_tmp/${needed#/tmp/}" "$needed" ;;
	esac
done
umount /run/host_tmp
cd "$work" || exit 1
session=/run/user/0
mkdir -p $session/pulse home/.config/pulse
chmod 700 $session
mkdir -m 1777 /tmp/.X11-unix
export HOME="$work/home" XDG_RUNTIME_DIR=$session
echo secret >home/.config/pulse/cookie
refused "[23 24] without a display -G is an error" 'gui: no display: neither DISPLAY with /tmp/.X11-unix nor a Wayland socket' -G -- true

Xvfb :7 -ac -displayfd 3 -nolisten tcp -nolisten local 3>ready >x11.log 2>&1 &
servers=$!
wait_for test -s ready || bail_out "Xvfb does not start: $(cat x11.log)"
leaks_begin
# The display has no abstract socket: what reaches it does so by the one that -G shows.
run env DISPLAY=:7 cage -G -- xdpyinfo
like "[23] X11" "$status $(echo "$out" | head -n 1)" '^0 name of display: *:7$'
whoami='xdpyinfo | grep -c "name of display"; echo $DISPLAY; stat -c "%n %a %u" $XDG_RUNTIME_DIR'
run env DISPLAY=:7 cage -G -u "$(id -u)" -g "$(id -g):$(id -G | tr ' ' ':')" -- sh -c "$whoami"
is "[23 35] as the document has it" "$status $err $(echo "$out" | tr '\n' ' ')" "0  1 :7 /run/user/0 700 0 "
run env DISPLAY=:7 cage -G -n user -u 1000 -- sh -c "$whoami"
is "[23] for another user" "$status $err $(echo "$out" | tr '\n' ' ')" "0  1 :7 /run/user/1000 700 1000 "
run env DISPLAY=:7 cage -n without -e DISPLAY=:7 -- xdpyinfo
isnt "[23] without -G there is no display" "$status" 0
cage -n gui -v "$work/mnt:/mnt" -- sh -c 'echo >/mnt/gui; while [ -e /mnt/gui ]; do sleep 0.1; done' &
launcher=$!
wait_for test -e mnt/gui
run env DISPLAY=:7 cage -n gui -- xdpyinfo -display :7
isnt "[26] a running one without -G has none" "$status" 0
run env DISPLAY=:7 cage -n gui -G -- sh -c "$whoami"
is "[26] -G gives it to who joins" "$status $err $(echo "$out" | tr '\n' ' ')" "0  1 :7 /run/user/0 700 0 "
run env DISPLAY=:7 cage -n gui -G -u 1000 -- sh -c "$whoami"
is "[26] for another user too, again and again" "$status $err $(echo "$out" | tr '\n' ' ')" "0  1 :7 /run/user/1000 700 1000 "
rm mnt/gui
ended

# Listening sockets that answer with their name.
listen()
{
	perl -MIO::Socket::UNIX -e '
		my $l = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die;
		open(my $f, ">", $ARGV[1]) and close($f);
		while (my $c = $l->accept) { print $c "this is $ARGV[0]\n"; close $c }' "$1" "$work/listening" &
	servers="$servers $!"
	wait_for test -e listening || bail_out "nothing listens on $1"
	rm listening
}
listen $session/wayland-0
listen $session/pulse/native
listen $session/pipewire-0
leaks_begin
talk='perl -MIO::Socket::UNIX -e "print readline(IO::Socket::UNIX->new(Peer => \$ARGV[0]))"'
run cage -G -- sh -c "$talk \$XDG_RUNTIME_DIR/\$WAYLAND_DISPLAY; env | grep -E 'WAYLAND|_TYPE|BACKEND|DRIVER|PLATF|AWT|XDG_R' | sort"
is "[24] Wayland: its socket, and the variables for all kinds of programs" "$status $err $out" "0  this is $session/wayland-0
CLUTTER_BACKEND=wayland
GDK_BACKEND=wayland
MOZ_ENABLE_WAYLAND=1
QT_QPA_PLATFORM=wayland
SDL_VIDEODRIVER=wayland
WAYLAND_DISPLAY=wayland-0
XDG_RUNTIME_DIR=/run/user/0
XDG_SESSION_TYPE=wayland
_JAVA_AWT_WM_NONREPARENTING=1"
run cage -G -u 1000 -n user -- sh -c 'ls $XDG_RUNTIME_DIR | tr "\n" " "; stat -c %u $XDG_RUNTIME_DIR; cat $PULSE_COOKIE; echo $PULSE_SERVER'
is "[24 25] for another user in his directory" "$status $err $out" "0  pipewire-0 pulse pulse-cookie wayland-0 1000
secret
unix:/run/user/1000/pulse/native"
run cage -G -- sh -c "$talk \$XDG_RUNTIME_DIR/pulse/native; $talk \$XDG_RUNTIME_DIR/pipewire-0; cat \$PULSE_COOKIE"
is "[25] PulseAudio and PipeWire: their sockets and the key" "$status $err $out" "0  this is $session/pulse/native
this is $session/pipewire-0
secret"
background -n gui -l /
run cage -n gui -G -- sh -c "$talk \$XDG_RUNTIME_DIR/wayland-0; $talk \$XDG_RUNTIME_DIR/pulse/native; echo \$QT_QPA_PLATFORM"
is "[26] all of that for who joins, too" "$status $err $out" "0  this is $session/wayland-0
this is $session/pulse/native
wayland"
cage -k -n gui && ended
# shellcheck disable=SC2086 # several words
{
	kill $servers
	wait $servers
}
unset XDG_RUNTIME_DIR
leaks_begin

# --- installed ---------------------------------------------------------------------------------------------------------------------------

mkdir -m 755 local
install -o 0 -g 0 -m 04755 /dev/stdin local/cage <"$CAGEBOX"
is "[44] one file is the whole installation" "$(ls local; stat -c '%a %u' local/cage)" "cage
4755 0"
run env -i PATH=/nonexistent "$work/local/cage" -l "$root_busybox" -n single -- hostname
is "[44] which needs nothing else" "$status $out$err" "0 single"
mkdir -p jail/bin && cp local/cage jail/bin
run chroot jail /bin/cage -V
like "[44] not even a library" "$status $out" '^0 cage '

# With the bit set a user gets nothing by it: of what the original gave away, each.
mkdir -p user/bin user/pulse && chown -R 1000:1000 user
printf '#!/bin/sh\nid -u >%s/user/mke2fs\n' "$work" | tee user/bin/mke2fs >user/bin/mkfs.ext4
chmod 755 user/bin/*
as_cage()
{
	run as_user env HOME="$work/user" XDG_RUNTIME_DIR="$work/user" PATH="$work/user/bin:$PATH" DISPLAY=:7 SUDO_UID=0 "$work/local/cage" "$@"
}
nothing()
{
	unlike "[43] $1 gives nothing" "$status $out" '^0|uid=0|root'
	like "[43] $1: it is said why" "$err" '^cagebox: cage: '
}
# shellcheck disable=SC2086 # several words
for arguments in '' '-n x' '-u 0' '-G' '-l /' "-l $work -U /etc -w /etc" "-a $work/user/app" '-a /etc/app' '-v /etc:/etc' \
	"-v $work/new:/x" '-i /etc/shadow' "-p $work/user/new.pid" '-p /etc/cage.pid' '-c /etc/dir' '-e LD_PRELOAD=/x'; do
	as_cage $arguments -- sh -c 'id; cat /etc/shadow'
	nothing "cage $arguments"
done
check "[43] nothing was made" test ! -e /etc/app -a ! -e /etc/cage.pid -a ! -e "$work/new" -a ! -e $pids/x.pid -a ! -e /etc/dir -a ! -e $apps/app-x
is "[43] no program of his PATH ran" "$(cat user/mke2fs 2>/dev/null)" ""
sleep 4006 &
other=$!
leaks_begin
echo $other >user/pid && chmod 666 user/pid
as_cage -k -p "$work/user/pid"
check "[43] no process is killed by a number in a file" kill -0 $other
as_cage -p "$work/user/pid" -- id
nothing "joining one by such a number"
kill $other
leaks_begin
echo 1 >pid && chmod 600 pid
as_cage -k -p "$work/pid"
is "[43] no file of root's is removed" "$(cat pid)" 1
background -n victim
victim=$(cat $pids/victim.pid)
as_cage -n victim -- id
nothing "joining root's container"
as_cage -k -n victim
is "[43] stopping it neither" "$(cagebox list -q) $(cat $pids/victim.pid)" "victim $victim"
cage -k -n victim && ended
ln -s cage local/mkroot
run as_user "$work/local/mkroot" /root/made
unlike "[43] by another name it gives nothing either" "$status" '^0'
check "[43] and makes nothing" test ! -e /root/made
as_cage -- true
like "[19] what a user may not do is said, with the remedy" "$err" 'containers need root here \(try sudo, or cagebox run, which works without\)'
is "[19] the bit is not needed: without it all of the above works" "$(stat -c %a "$CAGEBOX")" 755
finish
