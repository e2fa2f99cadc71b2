#!/bin/sh
# SPDX-License-Identifier: Zlib
# minimal-containers, also called container: commands, configurations, what its containers have. Numbers in brackets are
# rows of the checklist of the programs that cagebox replaces.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

musl-gcc -static -O1 -o pty "$top/tests/e2e/pty_helper.c" || bail_out "pty_helper does not build"
mkdir bin containers containers/configs containers/logs containers/pids out
cagebox --install -s bin || bail_out "no links"
PATH=$work/bin:$PATH
CAGEBOX_PATH=$work/containers
SHELL=/bin/sh
export CAGEBOX_PATH SHELL
root=$(root_copy "$root_busybox")
host_name=$(uname -n)

# program NAME TEXT: a shell script in the container's /bin
program()
{
	printf '#!/bin/sh\n%s\n' "$2" >"$root/bin/$1"
	chmod 755 "$root/bin/$1"
}

# conf NAME NAMESPACES INIT [LINE...]: a configuration with what is required, and these lines
conf()
{
	conf_name=$1 conf_namespaces=$2 conf_init=$3
	shift 3
	printf '%s\n' "root=$root" "init=$conf_init" "namespaces=$conf_namespaces" "$@" >"$CAGEBOX_PATH/configs/$conf_name"
}

# What runs, and what is in a configuration, without the names of the others.
running()
{
	minimal-containers list -r | tr -s ' ' | tr '\n' ' '
}

is_over()
{
	minimal-containers list | grep -q "^$1  *stopped$"
}

json()
{
	cagebox list -a --json | jq -r ".[] | select(.name == \"$1\") | $2"
}

program serve 'trap "echo \$(hostname) term >>/out/ended; exit 0" TERM; echo up >>/out/up; while :; do sleep 0.05; done'
program deaf 'trap "echo heard >/out/heard" TERM INT HUP; (setsid sh -c "trap \"\" TERM; sleep 3001; :" &); (sleep 3002; :) & echo up >>/out/up; while :; do sleep 0.05; done'
program idle 'exec sleep 3000'
program say 'echo said; echo complained >&2; exit 7'
program look 'for l in /proc/self/ns/*; do readlink $l; done; echo "name $(hostname)"; echo "uptime $(cut -d. -f 1 /proc/uptime)"; echo "pid $$"; echo "ids $(cat /proc/self/uid_map | tr -s " ")"; echo "devices $(ls /dev | tr "\n" " ")"'

# --- the directories -------------------------------------------------------------------------------------------------------

for missing in configs logs pids; do
	mv "containers/$missing" aside
	run minimal-containers list
	is "[51] without the directory $missing it says so" "$status $err" \
		"125 cagebox: minimal-containers: open the directory $work/containers/$missing: No such file or directory"
	mv aside "containers/$missing"
done
run env CAGEBOX_PATH="$work/nowhere" minimal-containers start-all
like "[51] and without all of them" "$status $err" "^125 cagebox: minimal-containers: find the directory $work/nowhere .*: No such file or directory$"
run minimal-containers list
is "[50 51] no configuration, no container" "$status $out$err" "0 "

made=
[ -d /containers ] || { mkdir /containers && made=1; }
mount -t tmpfs containers /containers || bail_out "no tmpfs on /containers"
mkdir /containers/configs /containers/logs /containers/pids
printf '%s\n' "root=$root" init=/bin/say namespaces=all >/containers/configs/usual
run env -u CAGEBOX_PATH minimal-containers start usual
status_is "[51] the usual place is /containers" 0
wait_for grep -q complained /containers/logs/usual
like "[51] with its logs" "$(cat /containers/logs/usual)" ' stdout .* said$'
is "[51] its configurations" "$(env -u CAGEBOX_PATH minimal-containers list)" "usual stopped"
printf '%s\n' "root=$root" init=/bin/look namespaces=p "mount=$work/out:/out" >/containers/configs/usual
run env -u CAGEBOX_PATH minimal-containers start -d usual
is "[51] and its pids" "$status $(ls -A /containers/pids)" "0 "
umount /containers
[ -z "$made" ] || rmdir /containers
conf relative all /bin/say
run sh -c 'cd containers && CAGEBOX_PATH=. exec minimal-containers start relative'
is "[51] CAGEBOX_PATH may be relative" "$status$err" 0
wait_for grep -q complained containers/logs/relative
rm containers/configs/relative containers/logs/relative
leaks_check "nothing is left of these"

# --- start -----------------------------------------------------------------------------------------------------------------

conf web ph /bin/serve "mount=$work/out:/out"
run minimal-containers start web
is "[45] start returns 0 once it is up, and says nothing" "$status $out$err" "0 "
is "[45 50] it runs" "$(running)" "web running "
is "[45 51] its pid is in pids" "$(cat containers/pids/web)" "$(json web .pid)"
like "[45] it is its init" "$(tr '\0' ' ' <"/proc/$(json web .pid)/cmdline")" '^cagebox-init'
wait_for grep -qs up out/up
pass "[45] init runs in it"
check "[51] its log is in logs" test -e containers/logs/web
run minimal-containers start web
is "[45] starting it again is an error that tells what to do" "$status $err" \
	"125 cagebox: minimal-containers: the container web is running already (start -r replaces it)"
first=$(json web .pid)
is "[45] which does it no harm" "$(cat containers/pids/web)" "$first"
run minimal-containers start -r web
is "[45] start -r replaces it" "$status$err $(cat out/ended)" "0 web term"
isnt "[45] by another" "$(json web .pid)" "$first"
is "[45] which runs" "$(running)" "web running "
run minimal-containers kill web
status_is "[49] kill ends it" 0
run minimal-containers start -r web
is "[45] -r is no error when there is nothing to replace" "$status $(running)" "0 web running "
minimal-containers kill web
check "[51] at the end the pid is gone" test ! -e containers/pids/web

run container start web
is "[45] as container start, the command of the document" "$status $out$err $(running)" "0  web running "
run container start web
is "[45] messages name what was called" "$status $err" "125 cagebox: container: the container web is running already (start -r replaces it)"
run container list
is "[50] as container list" "$status $out" "0 web running"
run container start-all
is "[48] as container start-all" "$status $out$err" "0 "
run container kill web
is "[49] as container kill" "$status $out$err $(running)" "0  "
run container --help
is "container --help tells of both who have the name" "$status$err $(echo "$out" | grep -c '^usage: container ')" "0 2"

run minimal-containers start nobody
is "[45] without a configuration it cannot be started" "$status $err" \
	"125 cagebox: minimal-containers: open the configuration $work/containers/configs/nobody: No such file or directory"
conf broken all /bin/missing
run minimal-containers start broken
is "[45] what is not up at the end is told by the exit code" "$status $err" "127 cagebox: minimal-containers: run /bin/missing: No such file or directory"
is "[45 50] it does not run" "$(running)" ""
for words in start 'start a b' 'start-all x' 'start-all -r' 'kill' 'kill -r web' 'list web' 'list -d' 'list -s' 'restart web' '' '-r'; do
	run minimal-containers $words
	like "usage: $words" "$status $err" '^125 .*usage: minimal-containers start \[-r\] \[-d\|-s\] NAME \| start-all \| kill NAME\.\.\. \| list \[-r\]$'
done
for words in --help -h 'start --help' 'list -h'; do
	run minimal-containers $words
	like "help: $words" "$status $out$err" '^0 usage: minimal-containers start'
done
run minimal-containers --version
like "its version" "$status $out$err" '^0 minimal-containers \(cagebox [0-9.]+\)$'
leaks_check "nothing is left of these"

# --- start -s --------------------------------------------------------------------------------------------------------------

# shell LINES [VARIABLE...]: what the shell of start -s makes of them
shell()
{
	printf '%s\n' "$1" >lines
	shift
	run env "$@" sh -c 'minimal-containers start -s web <lines'
}

shell 'echo "$0 $(hostname)"; ls -d /out; exit 4' SHELL=/bin/ash
is "[46] start -s runs SHELL in place of init, in the foreground" "$status $out" "4 /bin/ash web
/out"
program bash 'echo default; exec sh'
shell 'echo here' -u SHELL
is "[46] without SHELL it is /bin/bash" "$out" "default
here"
shell 'echo here' SHELL=
is "[46] also with an empty one" "$out" "default
here"
printf '#!/bin/sh\necho "from the host"\nexec sh\n' >host-shell && chmod 755 host-shell
shell 'hostname; ls -d /out' SHELL="@$work/host-shell"
is "[46] after an @ the path is on the host" "$status $out" "0 from the host
web
/out"
shell 'true' SHELL="@$work/missing"
is "[46] where it must be" "$status" 127
like "[46] or is named" "$err" "^cagebox: minimal-containers: .*$work/missing.*: No such file or directory$"
shell 'true' SHELL=/bin/missing
is "[46] as must one in the container" "$status $err" "127 cagebox: minimal-containers: run /bin/missing: No such file or directory"
cat >steps <<'EOF'
expect #
send echo to-$((40 + 2)); tty\n
expect to-42
expect /dev/pts/0
send sh -c 'echo busy-$((40 + 3)); exec sleep 1000'\n
expect busy-43
send ^C
send hostname\n
expect web
send exit 5\n
exit 5
EOF
run sh -c './pty 30 100 minimal-containers start -s web <steps'
status_is "[46] at a terminal it is interactive, with one of its own" 0
is "[46] it is not init" "$(grep -c . out/up)" 4
leaks_check "nothing is left of these"

# --- start -d --------------------------------------------------------------------------------------------------------------

conf say all /bin/say
run minimal-containers start -d say
is "[47] start -d stays, with the caller's streams and init's exit code" "$status $out $err" "7 said complained"
check "[47] nothing of it is in the log" test ! -s containers/logs/say
rm -f out/*
minimal-containers start -d web &
attached=$!
wait_for grep -qs up out/up
is "[47] meanwhile it is a container like the others" "$(running) $(cat containers/pids/web)" "web running  $(json web .pid)"
minimal-containers kill web
code=0
wait $attached || code=$?
is "[47] and ends with it" "$code" 137
run sh -c 'echo typed | minimal-containers start -r -d say'
status_is "[47] options can be combined" 7

# --- start-all, list -------------------------------------------------------------------------------------------------------

rm -f containers/configs/* out/*
for name in alpha beta gamma delta; do
	conf $name ph /bin/serve "mount=$work/out:/out"
done
minimal-containers start gamma
first=$(json gamma .pid)
conf beta ph /bin/missing
printf 'no key\n' >containers/configs/broken
run minimal-containers start-all
is "[48] start-all starts all, whatever becomes of some" "$(running)" "alpha running delta running gamma running "
status_is "[48] its exit code tells of those that failed" 125
is "[48] and it says why" "$err" "cagebox: minimal-containers: run /bin/missing: No such file or directory
cagebox: minimal-containers: $work/containers/configs/broken:1: 'no key' is not KEY=VALUE"
is "[48] one that ran is left alone" "$(json gamma .pid)" "$first"
run minimal-containers list
is "[50] list shows all and whether they run" "$status $out$err" "0 alpha  running
beta   stopped
broken stopped
delta  running
gamma  running"
run minimal-containers list -r
is "[50] list -r those that run" "$status $out$err" "0 alpha  running
delta  running
gamma  running"
rm containers/configs/broken
conf beta ph /bin/serve "mount=$work/out:/out"
run minimal-containers start-all
is "[48] then the rest" "$status $out$err$(running)" "0 alpha running beta running delta running gamma running "
run minimal-containers start-all
is "[48] when all run there is nothing to do" "$status $out$err" "0 "

# --- kill ------------------------------------------------------------------------------------------------------------------

run minimal-containers kill alpha nobody beta ../configs/gamma delta
is "[49] several are killed, whatever becomes of some" "$status $(running)" "125 gamma running "
is "[49] what does not run is named, and what is no name" "$(echo "$err" | sed 's/ (.*//')" "cagebox: minimal-containers: the container nobody is not running
cagebox: minimal-containers: '../configs/gamma' is not a name"
check "[49] a path harms nothing" test -e containers/configs/gamma
minimal-containers kill gamma
check "[49] nobody was asked to end" test ! -e out/ended
run minimal-containers kill gamma
is "[49] a second time there is nothing to kill" "$status $err" "125 cagebox: minimal-containers: the container gamma is not running"
sleep 1000 &
bystander=$!
echo $bystander >containers/pids/gamma
run minimal-containers kill gamma
is "[49] a stale pid file kills nobody" "$status $(ps -o comm= -p $bystander)" "125 sleep"
run minimal-containers start gamma
is "[51] and does not hold up a start" "$status $(cat containers/pids/gamma)" "0 $(json gamma .pid)"
minimal-containers kill gamma
is "[49] which kills nobody either" "$(ps -o comm= -p $bystander)" sleep
kill $bystander
for letters in phti h hti u; do
	rm -f out/*
	conf deaf $letters /bin/deaf "mount=$work/out:/out"
	chmod 777 out
	minimal-containers start deaf
	wait_for sh -c '[ "$(pgrep -fc "^sleep 300[12]")" = 2 ]'
	run minimal-containers kill deaf
	is "[49] every process dies, with namespaces=$letters" "$status$err $(pgrep -fc '^sleep 300[12]') $(running)" "0 0 "
	check "[49] at once, with namespaces=$letters" test ! -e out/heard
done
conf kept p /bin/serve "mount=$work/out:/out" keep=yes
minimal-containers start kept
monitor=$(json kept .monitor)
[ "${monitor:-0}" -le 1 ] || kill -9 "$monitor"
run minimal-containers kill kept
is "[49] also one whose monitor is dead" "$status$err $(running)" "0 "
leaks_check "nothing is left of these"

# --- the configuration -----------------------------------------------------------------------------------------------------

rm -f containers/configs/*
file=$CAGEBOX_PATH/configs/web
printf '# a comment\n\n   \nroot=%s\n#init=/bin/no\ninit=/bin/say\nnamespaces=all\n' "$root" >"$file"
run minimal-containers start -d web
is "[52] comments and blank lines are passed over" "$status $out" "7 said"
printf 'root=%s\ninit=/bin/say\nnamespaces=all' "$root" >"$file"
run minimal-containers start -d web
status_is "[52] the last line needs no end" 7
mkdir "$root/with=sign" && cp "$root/bin/say" "$root/with=sign/a program"
conf web all '/with=sign/a program'
run minimal-containers start -d web
status_is "[52] the value is all that follows the first =" 7

# bad TITLE LINE MESSAGE: the fourth line is an error
bad()
{
	conf web all /bin/say "$2"
	run minimal-containers start -d web
	is "$1" "$status $(echo "$err" | sed 's/ (.*//')" "125 cagebox: minimal-containers: $file:4: $3"
}

bad "[52] an unknown key" color=red "unknown key 'color'"
bad "[52] a doubled key" namespaces=p "namespaces is set a second time"
bad "[52] a line without =" memory "'memory' is not KEY=VALUE"
bad "[52] a comment behind a value" 'max_memory=1M # much' "max_memory: a '#' in a value: a comment needs a line of its own"
bad "[52] the end of a line as on Windows" "$(printf 'max_memory=1M\r')" "the line ends as on Windows"
for key in root init namespaces; do
	conf web all /bin/say
	sed -i "/^$key=/d" "$file"
	run minimal-containers start -d web
	is "[53 54 55] $key is required" "$status $err" "125 cagebox: minimal-containers: $file: the key $key is missing"
done
bad "max_physical_memory wants a size" max_physical_memory=much "max_physical_memory: 'much' is not a size such as 64M"
bad "max_memory too" max_memory=0 "max_memory: '0' is not a size such as 64M"
bad "cpu_share a number" cpu_share=1/2 "cpu_share: '1/2' is not a number from 2 to 262144"
bad "net_classid one" net_classid=x "net_classid: 'x' is not a number from 1 to 4294967295"
bad "iops_limit a device and a number" iops_limit=8:0 "iops_limit: '8:0' is not [r:|w:]DEVICE N"
bad "io_bw_limit too" 'io_bw_limit=sda 100' "io_bw_limit: 'sda 100' is not [r:|w:]DEVICE SIZE"
bad "max_processes a number" max_processes=-1 "max_processes: '-1' is not a number from 1 to 4194304"
bad "id_map_start one" id_map_start=0 "id_map_start: '0' is not a number from 1 to 4294901759"

# --- root, init ------------------------------------------------------------------------------------------------------------

program mark 'echo made >/made; ls -d /home/app; pwd'
conf web ph /bin/mark
run minimal-containers start -d web
is "[53] root is the container's root as it is: changes stay" "$status $out $(cat "$root/made")" "0 /home/app
/ made"
sed -i "s|^root=.*|root=$work/missing|" "$file"
run minimal-containers start -d web
is "[53] it must exist" "$status $err" "125 cagebox: minimal-containers: root: $work/missing: No such file or directory"
sed -i "s|^root=.*|root=$file|" "$file"
run minimal-containers start -d web
is "[53] and be a directory" "$status $err" "125 cagebox: minimal-containers: root: $file is not a directory"

cat >host-init.c <<'EOF'
#include <stdio.h>
#include <unistd.h>
int main(void)
{
	char name[64];

	gethostname(name, sizeof(name));
	printf("the host's program in %s\n", name);
	return access("/made", F_OK) ? 1 : 9;
}
EOF
musl-gcc -static -o host-init host-init.c
printf '#!/bin/sh\necho "the script in $(hostname)"\nexit 8\n' >host-script && chmod 755 host-script
conf web all "@$work/host-init"
run minimal-containers start -d web
is "[54] after an @ init is a program of the host's" "$status $out" "9 the host's program in web"
conf web all "@$work/host-script"
run minimal-containers start -d web
is "[54] or a script" "$status $out" "8 the script in web"
check "[54] which the container cannot see" test ! -e "$root$work"
conf web all @/bin/missing
run minimal-containers start web
is "[54] it must be there" "$status" 127
like "[54] or is named" "$err" '^cagebox: minimal-containers: .*/bin/missing.*: No such file or directory$'
conf web all @bin/missing
run minimal-containers start web
like "[54] by an absolute path" "$status $err" '^125 .*@bin/missing'
conf web all /bin/../bin/say
run minimal-containers start -d web
status_is "[54] without an @ the path is the container's" 7

# --- namespaces ------------------------------------------------------------------------------------------------------------

# The letters whose namespace inside is another than outside.
own_namespaces()
{
	own=
	for pair in u:user p:pid h:uts t:time i:ipc n:net c:cgroup; do
		link=$(readlink "/proc/self/ns/${pair#*:}")
		printf '%s\n' "$out" | grep -Fqx "$link" || own=$own${pair%:*}
	done
	printf '%s\n' "$out" | grep -Fqx "$(readlink /proc/self/ns/mnt)" || own="$own and mount"
	echo "$own"
}

line()
{
	printf '%s\n' "$out" | sed -n "s/^$1  *//p"
}

look()
{
	conf web "$@"
	run minimal-containers start -d web
}

host_uptime=$(cut -d. -f 1 /proc/uptime)
for letters in all u p h t i up ht uphti ithpu; do
	look $letters /bin/look
	wanted=$(echo $letters | sed 's/all\|ithpu/uphti/')
	is "[55] namespaces=$letters" "$status $(own_namespaces)" "0 ${wanted}c and mount"
	# What follows holds whatever the other letters are.
	case $letters in
	*h* | all) is "[56] with h the host name is the container's ($letters)" "$(line name)" web ;;
	*) is "[56] without h it is the host's ($letters)" "$(line name)" "$host_name" ;;
	esac
	case $letters in
	*t* | all) check "[57] with t uptime starts anew ($letters)" test "$(line uptime)" -lt $((host_uptime < 30 ? host_uptime : 30)) ;;
	*) check "[57] without t it goes on ($letters)" test "$(line uptime)" -ge "$host_uptime" ;;
	esac
	case $letters in
	*u* | all) is "[55] with u its ids are not the host's ($letters)" "$(line ids)" "0 1073741824 65536" ;;
	*) is "[55] without u they are ($letters)" "$(line ids)" "0 0 4294967295" ;;
	esac
	case $letters in
	*p* | all) is "[55] with p its pids are its own ($letters)" "$(line pid)" 2 ;;
	*) isnt "[55] without p they are the host's ($letters)" "$(line pid)" 2 ;;
	esac
done
is "[56] the host's own name stays" "$(uname -n)" "$host_name"
look none /bin/look
is "[71] namespaces=none" "$status $(own_namespaces) $(line name)" "0 c and mount $host_name"
look c /bin/look
is "[71] namespaces=c: an own cgroup namespace" "$status $(own_namespaces)" "0 c and mount"
look phc /bin/look
is "[71] together with others" "$status $(own_namespaces)" "0 phc and mount"
look upx /bin/look
like "[55] a letter that is none is refused" "$status $err" "^125 cagebox: minimal-containers: $file:3: namespaces: 'upx': 'x' is none of"
look pin /bin/look
is "[55] the network, too, can be its own" "$(own_namespaces)" "pinc and mount"

# A root of the container's that is not the host's.
mkdir -m 700 secret && echo secret >secret/file
program steal 'id -u; cat /secret/file; echo x >/secret/x'
look all /bin/steal "mount=$work/secret:/secret"
is "[55] with u its root is not the host's root" "$out $(cd secret && echo *)" "0 file"
look phti /bin/steal "mount=$work/secret:/secret"
is "[55] without u it is" "$out $(cd secret && echo *)" "0
secret file x"
conf web u /bin/idle
minimal-containers start web
is "[55] nor does the host take its processes for root's" "$(stat -c %u "/proc/$(json web .pid)")" 1073741824
minimal-containers kill web
rm "$root/made"
conf web u /bin/mark id_map_start=200000
run minimal-containers start -d web
is "[71] its files in root are its root's" "$(stat -c %u "$root/made")" 0
conf web u /bin/idle id_map_start=200000
minimal-containers start web
is "[71] id_map_start: the first of its ids on the host" "$(tr -s ' ' <"/proc/$(json web .pid)/uid_map") $(stat -c %u:%g "/proc/$(json web .pid)")" \
	" 0 200000 65536 200000:200000"
minimal-containers kill web

# --- /dev ------------------------------------------------------------------------------------------------------------------

# with_devices "NAME:MAJOR:MINOR..." COMMAND...: on a host that has just these, and the usual ones
with_devices()
{
	unshare --mount --propagation private sh -c 'mount -t tmpfs -o mode=755 dev /dev && mkdir /dev/pts || exit
		for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 $1; do
			numbers=${device#*:}
			mknod -m 666 "/dev/${device%%:*}" c "${numbers%:*}" "${numbers#*:}" || exit
		done
		shift
		exec "$@"' sh "$@"
}

devices='fuse:10:229 ppp:108:0 rtc0:250:0 hpet:10:228 cuse:10:203 vcs:7:0 userfaultfd:10:126 loop-control:10:237'
usual='fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'
program numbers 'stat -c "%n %t:%T" /dev/kvm /dev/fuse'
conf web phti /bin/look
run with_devices "$devices kvm:10:232" minimal-containers start -d web
is "[58] without u there is /dev/kvm, and what else such containers have" "$(line devices)" \
	"$(printf '%s\n' $usual fuse ppp rtc0 hpet cuse vcs userfaultfd kvm | sort | tr '\n' ' ')"
conf web uphti /bin/look
run with_devices "$devices kvm:10:232" minimal-containers start -d web
is "[58] with u there is no /dev/kvm" "$(line devices)" "$(printf '%s\n' $usual fuse ppp rtc0 hpet cuse vcs userfaultfd | sort | tr '\n' ' ')"
conf web phti /bin/look
run with_devices '' minimal-containers start -d web
is "[58] what the host has not is not missed" "$status$err $(line devices)" "0 $usual "
conf web phti /bin/numbers device=/dev/zero:/dev/fuse
run with_devices "$devices kvm:10:232" minimal-containers start -d web
is "[58] they are the host's, unless the file says otherwise" "$out" "/dev/kvm a:e8
/dev/fuse 1:5"
mkdir target && touch target/precious
rmdir "$root/dev" && ln -s "$work/target" "$root/dev"
conf web ph /bin/say
run minimal-containers start -d web
is "[58] a /dev that is a link of the container's leads nowhere" "$(ls target)" precious
rm "$root/dev" && mkdir "$root/dev"

# --- mounts ----------------------------------------------------------------------------------------------------------------

mkdir src && echo seen >src/file
program touch-all 'cat /b/file; echo new >/b/new; echo "wrote $?"; ls /a'
conf web ph /bin/touch-all "mount=$work/src:/b" "mount=$work/missing:/a"
run minimal-containers start -d web
is "[63] mount: a directory of the host's, to be written" "$(echo "$out" | tr '\n' ' ')$(cat src/new)" "seen wrote 0 new"
like "[63] one that fails is warned of" "$err" "^cagebox: minimal-containers: warning: mount: $work/missing: No such file or directory$"
conf web ph /bin/say "mount=$work/missing:/a" "mount=$work/src:/etc/passwd"
run minimal-containers start web
is "[63] in the background too, and it goes on nevertheless" "$status $(echo "$err" | grep -c ': warning: .*\(/missing\|/etc/passwd\): ')" "0 2"
rm src/new
conf web ph /bin/touch-all "mount_ro=$work/src:/b"
run minimal-containers start -d web
is "[64] mount_ro: the same, read-only" "$(echo "$out" | tr '\n' ' ')$(ls src)" "seen wrote 1 file"
conf web ph /bin/say "mount_ro=$work/missing:/a"
run minimal-containers start web
is "[64] when it fails there is no start" "$status $err" "125 cagebox: minimal-containers: mount: $work/missing: No such file or directory"
conf web ph /bin/say "mount_ro=$work/src:/etc/passwd"
run minimal-containers start web
like "[64] whatever the reason is" "$status $err" '^125 cagebox: minimal-containers: .*/etc/passwd'
is "[64] it does not run" "$(running)" ""

# --- every key -------------------------------------------------------------------------------------------------------------

device=$(cat /sys/block/*/dev 2>/dev/null | head -n 1)
conf full all /bin/idle "mount=$work/src:/b" "mount_ro=$work/src:/src" max_physical_memory=512M max_memory=1G cpu_share=512 \
	net_classid=0x100001 "iops_limit=${device:-8:0} 1000" "io_bw_limit=${device:-8:0} 10M" max_processes=100 cpuset=0
run minimal-containers start full
is "a configuration with all keys of the document starts" "$status $err $(running)" "0  full running "
minimal-containers kill full
conf full p /bin/env env=COLOUR=red user=app cwd=/home/app
run minimal-containers start -d full
like "keys of cagebox's own are allowed too" "$out" '^COLOUR=red$'
like "all of them" "$out" '^USER=app$'
leaks_check "nothing is left of these"

# --- abstract sockets ------------------------------------------------------------------------------------------------------

cat >abstract.c <<'EOF'
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0" NAME };
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + sizeof(NAME);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)argv;
	if (argc == 1)
		return connect(fd, (struct sockaddr *)&a, len) ? (perror("connect"), 1) : puts("reached") < 0;
	if (bind(fd, (struct sockaddr *)&a, len) || listen(fd, 8))
		return 1;
	pause();
	return 0;
}
EOF
musl-gcc -static -DNAME="\"cagebox-test.$$.$(date +%s%N)\"" -o abstract abstract.c
./abstract listen &
listener=$!
wait_for ./abstract >connected 2>&1
conf web phi "@$work/abstract" landlock_scope=no
run minimal-containers start -d web
is "[67] abstract sockets belong to a network: those of the host's are shared with it" "$out" reached
conf web phi "@$work/abstract" landlock_scope=yes
run minimal-containers start -d web
like "[67] the kernel can close that, or is too old and it is said" "$status $out$err" \
	'^1 connect: Operation not permitted$|^125 .*landlock_scope: yes needs ABI 6'
conf web phin "@$work/abstract"
run minimal-containers start -d web
is "[67] a network namespace closes that" "$status $out$err" "1 connect: Connection refused"
conf web phi "@$work/abstract" net=none
run minimal-containers start -d web
is "[67] by whatever key it comes" "$status $out$err" "1 connect: Connection refused"
kill $listener

# --- what is promised ------------------------------------------------------------------------------------------------------

check "[68] the manual knows that apt calls telinit" grep -q telinit "$top/applets/compat.7"
check "[68] why two xfce4-sessions get in each other's way" grep -q xfce4-session "$top/applets/compat.7"
check "[68] and whose abstract sockets are" grep -qi 'abstract.*socket' "$top/applets/compat.7"
conf web all /bin/idle
minimal-containers start web
monitor=$(json web .monitor)
# It lets go of what it does not need once it has nothing to do.
is_small()
{
	rss=$(sed -n 's/^Rss: *\([0-9]*\) kB/\1/p' "/proc/$monitor/smaps_rollup")
	[ "$rss" -le 44 ]
}
check "[69] what stays on the host for a container has at most 44 KiB in memory" wait_for is_small
minimal-containers kill web
case $CAGEBOX in
*sanitize*) skip "[70] the binary is static" "the build is not static" ;;
*)
	unlike "[70] the binary is static" "$(readelf -lW "$CAGEBOX")" INTERP
	is "[70] with a small C library" "$(grep -acE 'GLIBC_|GNU C Library' "$CAGEBOX")" 0
	;;
esac

finish
