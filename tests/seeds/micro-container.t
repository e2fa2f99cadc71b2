#!/bin/sh
# SPDX-License-Identifier: Zlib
# The command line of the older `container`, under the name micro-container: directories, names, users, volumes, scripts, the end.
# The numbers in brackets are rows of the table of what the older programs do.
# timeout: 600
# shellcheck disable=SC2016,SC2154 # commands in single quotes are for the shell inside; lib.sh sets the rest
. "$(dirname "$0")/../lib.sh"

mkdir bin home mnt && cagebox --install -s bin && PATH=$work/bin:$PATH
chmod 755 bin home mnt
unset SUDO_UID SUDO_GID
export HOME="$work/home"
# The default directory is one of the host's.
mount -t tmpfs -o mode=755 lib /var/lib
default=/var/lib/micro-container
leaks_begin

cagebox run -d -n app-foreign --lower "$root_busybox" -- sleep 1000 >started
run micro-container - -n foreign
is "[1] a lone dash stops its own only" "$status $err $(cagebox list -q)" \
	"125 cagebox: micro-container: the container app-foreign was not started by this program app-foreign"
cagebox kill -a app-foreign
for name in start list kill start-all; do
	run container -n $name -l "$root_busybox" -- hostname
	is "[6] a container may be called $name" "$status $out" "0 $name"
	run micro-container $name -- hostname
	is "[6] micro-container knows no commands: $name" "$status $out" "0 $name"
done

# In a root of its own, and without touching the default library.
box()
{
	run micro-container -d "$work/lib" -l "$root_busybox" "$@"
}

# refused TITLE MESSAGE ARGUMENT...
refused()
{
	title=$1 message=$2
	shift 2
	run micro-container -d "$work/lib" "$@"
	status_is "$title" 125
	like "$title: and the message says so" "$err" "^cagebox: micro-container: $message"
}

# Start an instance whose command waits for TERM, and wait until it runs.
background()
{
	rm -f mnt/ready mnt/term
	micro-container -d "$work/lib" -l "$root_busybox" -v "$work/mnt:/mnt" "$@" -- sh -c 'trap "echo term >>/mnt/term; exit 3" TERM; echo >/mnt/ready; while :; do sleep 0.1; done' &
	launcher=$!
	wait_for test -e mnt/ready || bail_out "no container: $*"
}

# --- help ----------------------------------------------------------------------------------------------------------------------

run micro-container --help
is "[14] --help succeeds" "$status $err" "0 "
is "[14] with every option on standard output" "$(echo "$out" | grep -cE '^  -[dblnwuvis] [A-Z]')" 9
run micro-container --version
like "[14] --version too" "$status $out" '^0 micro-container \(cagebox [0-9.]+\)$'
run container --help
like "[14] container --help has it too" "$status $out" '^0 usage: container \[-\] \[OPTION'
run container --version
like "[14] and container --version" "$status $out" '^0 container '

# --- host-based ----------------------------------------------------------------------------------------------------------------

run sh -c 'echo "id -u; ls -d /etc/hostname; echo inside >/cagebox-test-$$; ls /cagebox-test-*; echo \$\$" | container'
is "[17] without arguments it is a shell in an overlay of this system" "$status $err $(echo "$out" | grep -v cagebox-test- | tr '\n' ' ')" \
	"0  0 /etc/hostname 2 "
check "[17] what it writes is not written to the system" sh -c '! ls /cagebox-test-* 2>/dev/null'
is "[13 17] but to upper in the directory app" "$(cat home/.app/app/upper/cagebox-test-*)" inside
run sh -c 'echo "ls /cagebox-test-*" | container'
like "[17] where the next call finds it" "$out" '^/cagebox-test-'
run sh -c 'echo "ls /cagebox-test-*; uname -n" | container -n other'
is "[17] another name is another instance" "$out" other
run container -- sh -c 'exit 7'
status_is "[12] the exit status is the command's" 7

# --- directories ------------------------------------------------------------------------------------------------------------------

is "[2] the library is made, for root alone" "$(stat -c '%a %u' $default)" "700 0"
mkdir -m 755 kept
run micro-container -d kept -l "$root_busybox" -- true
is "[2] one that is there stays as it is" "$status$err $(stat -c %a kept)" "0 755"
(umask 027 && micro-container -d "$work/deep/er/lib" -l "$root_busybox" -- true)
is "[2] what is missing above it is made too" "$(stat -c '%a %u' deep/er/lib)" "700 0"
check "[13] rootdir is app/root in it" test -d "$default/app/root" -a -d "$work/deep/er/lib/app/root"
check "[13] or app-NAME/root" test -d $default/app-other/root

background -n seen
is "[13] while it runs the root is seen there" "$(cat lib/app-seen/root/etc/hostname; stat -f -c %T lib/app-seen/root)" "busybox
overlayfs"
check "[13] appdir is in the base directory, with upper and work" test -d home/.app/app-seen/upper -a -d home/.app/app-seen/work
is "[13] the mount is one of these" "$(grep -c " $work/lib/app-seen/root .*upperdir=$work/home/.app/app-seen/upper,workdir=$work/home/.app/app-seen/work" /proc/mounts)" 1
micro-container -n seen -
is "[13] afterwards there is nothing" "$(ls lib/app-seen/root)" ""

is "[3] the base directory is made, in \$HOME" "$(stat -c '%a %u:%g' home/.app)" "755 0:0"
mkdir -m 755 own && chown 1000:1000 own
run env SUDO_UID=1000 SUDO_GID=1000 HOME="$work/own" micro-container -d "$work/lib" -l "$root_busybox" -- true
is "[3] it belongs to the caller" "$status$err $(stat -c '%a %u:%g' own/.app)" "0 755 1000:1000"
run env SUDO_UID=1000 SUDO_GID=1000 micro-container -d "$work/lib" -b "$work/own/a/b/c" -l "$root_busybox" -- true
is "[3] with what is missing above it" "$status$err $(stat -c '%u:%g' own/a own/a/b own/a/b/c | uniq)" "0 1000:1000"
run env SUDO_UID=1000 SUDO_GID=1000 micro-container -d own/both -b own/both -l "$root_busybox" -- sh -c 'echo x >/x'
is "[3] it can be the library as well" "$status $err" "1 sh: can't create /x: Permission denied"
is "[3] then it is the caller's" "$(stat -c '%a %u:%g' own/both; ls own/both/app)" "755 1000:1000
root
upper
work"
mkdir -m 755 roots
run env SUDO_UID=1000 SUDO_GID=1000 micro-container -d "$work/lib" -b "$work/roots/base" -l "$root_busybox" -- true
like "[3] root does not make it where the caller could not" "$status $err" \
	"^125 cagebox: micro-container: -b: as user [^ ]*: make the directory $work/roots/base: Permission denied"
is "[3] and has not" "$(ls roots)" ""
install -d -o 0 -g 0 -m 775 roots/group
run env SUDO_UID=1000 SUDO_GID=1000 micro-container -d "$work/lib" -b "$work/roots/group/base" -l "$root_busybox" -- true
is "[3] not by root's groups either" "$status $(ls roots/group)" "125 "
run env SUDO_UID=54321 SUDO_GID=54321 HOME="$work/roots" micro-container -d "$work/lib" -l "$root_busybox" -- true
is "[3] a HOME that is not the caller's does not count" "$status $(ls -A roots)" "125 group"
run micro-container -d "$work/lib" -b rel/base -l "$root_busybox" -- sh -c 'echo x >/x'
is "[3] a relative path is taken from here" "$status$err $(cat rel/base/app/upper/x)" "0 x"

mkdir -p split/app-split/work && mount -t tmpfs work split/app-split/work
leaks_begin
refused "[13] upper and work on two file systems" "work: $work/split/app-split/work is not on the file system of upper $work/split/app-split/upper" \
	-b "$work/split" -l "$root_busybox" -n split -- true
umount split/app-split/work
leaks_begin

# --- lower ------------------------------------------------------------------------------------------------------------------------

run micro-container -- cat /etc/passwd
is "[4] the default is the host's /" "$out" "$(cat /etc/passwd)"
mkdir $default/root-alpine && cp -a "$root_busybox/." $default/root-alpine
for arguments in 'alpine' '-n alpine' '-n=alpine --'; do
	# shellcheck disable=SC2086 # several words
	run micro-container $arguments cat /etc/hostname
	is "[4] unless the library has a root of that name: $arguments" "$status $out$err" "0 busybox"
done
: >$default/root-file
run micro-container file cat /etc/passwd
is "[4] a directory, that is" "$out" "$(cat /etc/passwd)"
run micro-container -l / -n alpine cat /etc/passwd
is "[4] and unless another is given" "$out" "$(cat /etc/passwd)"
run micro-container -d "$work/lib" alpine cat /etc/passwd
is "[4] the library is the one that was named" "$out" "$(cat /etc/passwd)"
refused "[4] one that is missing" "-l: $work/missing: No such file or directory" -l "$work/missing" -- true

tree=$(root_copy "$root_busybox")
mkdir "$tree/data" "$tree/more" "$tree-sibling"
mount -t tmpfs data "$tree/data" && echo data >"$tree/data/file"
mount -t tmpfs more "$tree/more" && echo more >"$tree/more/file"
leaks_begin
run micro-container -d "$work/lib" -l "$tree" -n parts -- ls /data
is "[5] a mount in the root is not in its overlay" "$status $out$err" "0 "
run micro-container -d "$work/lib" -l "$tree:$tree/data:$tree/more" -n parts -- \
	sh -c 'cat /data/file /more/file; echo new >/data/file; rm /more/file; cat /data/file; ls /more'
is "[5] unless it is named: then it has one of its own" "$status $err $(echo "$out" | tr '\n' ' ')" "0  data more new "
is "[5] it is not written itself" "$(cat "$tree/data/file" "$tree/more/file")" "data
more"
run micro-container -d "$work/lib" -l "$tree:$tree/data:$tree/more" -n parts -- sh -c 'cat /data/file; ls /more'
is "[5] its changes stay with the others" "$out" new
is "[5] in the base directory" "$(cat home/.app/app-parts/mounts/data/upper/file)" new
ln -s "$tree/data" link
run micro-container -d "$work/lib" -l "$tree/../${tree##*/}:$work/link" -n parts -- cat /data/file
is "[5] paths count as what they lead to" "$status $out$err" "0 new"
run micro-container -d "$work/lib" -v "$work/bin:/data/bin" -l "$tree:$tree/data" -n parts -- ls /data
is "[5] a volume can be below one" "$(echo "$out" | tr '\n' ' ')" "bin file "
same='all that follow the first must be in its tree'
refused "[5] a directory of another tree" "-l: $work/bin is not below $tree: $same" -l "$tree:$work/bin" -- true
refused "[5] one whose path only begins alike" "-l: $tree-sibling is not below $tree: $same" -l "$tree:$tree-sibling" -- true
refused "[5] one by way of .." "-l: $work/bin is not below $tree: $same" -l "$tree:$tree/../bin" -- true
refused "[5] the root itself" "-l: $tree is not below $tree: $same" -l "$tree:$tree/." -- true
refused "[5] an empty one" "-l: : No such file" -l "$tree::$tree/data" -- true
mount -t tmpfs host "$work/mnt" && echo host >mnt/file
leaks_begin
run micro-container -d "$work/lib" -l "/:$work/mnt" -n host -- sh -c "cat $work/mnt/file; echo new >$work/mnt/file"
is "[5] in the host's / every path is" "$status $out$err $(cat mnt/file)" "0 host host"
umount mnt "$tree/data" "$tree/more"
leaks_begin

# --- name, command ------------------------------------------------------------------------------------------------------------------

box one hostname
is "[6] the first word is the name, the rest the command" "$status $out$err" "0 one"
box one -- hostname
is "[6] a -- may be between them" "$status $out$err" "0 one"
box -n two hostname
is "[6] with -n all words are the command" "$status $out$err" "0 two"
box -n two -n three -- hostname
is "[9] the last one counts" "$out" three
box -n=four hostname
is "[9] written -n=X" "$out" four
box -nfive hostname
is "[9] written -nX" "$out" five
for name in '../x' 'a/b' '.x' '-' '' 'a b'; do
	run micro-container -d "$work/lib" -n "$name" -- true
	is "[6] '$name' is no name" "$status$out" 125
done
refused "[6] nor is an unknown option" 'unknown option -x' -x
refused "[6] wherever it stands" 'unknown option --nonsense' -n a --nonsense
refused "[6] nor a word that is no name" "'a/b' is not a name" a/b true
refused "[6] a value is missing" '-n needs a value' -n
box -- printf '%s.' a 'b c' -n x -- -
is "[12] after -- all words are the command, as they are" "$status $out" "0 a.b c.-n.x.--.-."
box -- hostname
is "[12] none of them is a name" "$out" app
box -n two printf '%s.' -w /etc
is "[12] after the first word there are no options" "$out" "-w./etc."
box -n two -- nonsense
status_is "[12] a command that is not there is 127" 127
box -n two -- /etc/passwd
status_is "[12] one that cannot run is 126" 126
run sh -c "echo 'echo \$0; pwd' | micro-container -d '$work/lib' -l '$root_busybox' two"
is "[12] none is a login shell" "$status $(echo "$out" | tr '\n' ' ')$err" "0 -sh / "

box -n two -w /etc -- pwd
is "[7] the directory to run in" "$status $out$err" "0 /etc"
box -n two -w /etc -w=/var -- pwd
is "[7 9] the last one counts" "$out" /var
box -n two -- pwd
is "[7] by default it is /" "$out" /
box -n two -w /missing -- pwd
like "[7] one that is missing is an error" "$status $err" '^125 cagebox: micro-container: .*/missing: No such file'
refused "[7] so is a relative one" "-w: 'etc' is not an absolute path" -n two -w etc -- pwd

# --- user -------------------------------------------------------------------------------------------------------------------------

show='echo $(id -u):$(id -g):$(id -G)'
box -- sh -c "$show"
is "[8] root's container runs as root" "$out" 0:0:0
run env SUDO_UID=1000 SUDO_GID=1000 HOME="$work/own" micro-container -d "$work/lib" -l "$root_busybox" -- sh -c "$show; echo \$USER"
is "[8] under sudo it is the one who called that" "$status $err $(echo "$out" | tr '\n' ' ')" "0  1000:1000:1000 app "
run env SUDO_UID=1000 SUDO_GID=100 HOME="$work/own" micro-container -d "$work/lib" -l "$root_busybox" -- sh -c "$show"
is "[8] with the group" "$out" 1000:100:100
run env SUDO_UID=1000 SUDO_GID=1000 HOME="$work/own" micro-container -d "$work/lib" -l "$root_busybox" -u root -- sh -c "$show"
is "[8] unless another is named" "$out" 0:0:0
box -u app -- sh -c "$show"
is "[8] a name of the container's, with its group" "$out" 1000:1000:1000
box -u app:audio -- sh -c "$show"
is "[8] with another group" "$out" 1000:29:29
box -u 5:6 -- sh -c "$show"
is "[8] numbers" "$out" 5:6:6
box -u 0 -u=app:users -- sh -c "$show"
is "[8 9] the last one counts" "$out" 1000:100:100
for id in 1x '' -1 4294967295 '0 ' 5: :5 5:6x 99999999999 0x0; do
	run micro-container -d "$work/lib" -l "$root_busybox" -u "$id" -- id
	is "[8] '$id' is nobody, and least of all root" "$status$out" 125
done
box -u nosuch -- id
like "[8] nor is a name that the container does not know" "$status$out $err" "^125 .*no user 'nosuch'"
for id in 1x '' -1 '0 ' 4294967295; do
	run env SUDO_UID="$id" SUDO_GID=1000 micro-container -d "$work/lib" -l "$root_busybox" -- id
	like "[8] SUDO_UID='$id' is nobody either" "$status$out $err" '^125 cagebox: micro-container: SUDO_UID: '
	run env SUDO_UID=1000 SUDO_GID="$id" micro-container -d "$work/lib" -l "$root_busybox" -- id
	like "[8] nor SUDO_GID='$id' a group" "$status$out $err" '^125 cagebox: micro-container: SUDO_GID: '
done

# --- volumes ------------------------------------------------------------------------------------------------------------------------

mkdir vol vol2 && echo one >vol/file && echo two >vol2/file
box -v "$work/vol:/one" -v="$work/vol2:/two/deep" -v"$work/vol/file:/etc/hostname" -- sh -c 'cat /one/file /two/deep/file /etc/hostname; echo new >/one/new'
is "[9] several volumes, directories and files" "$status $err $(echo "$out" | tr '\n' ' ')" "0  one two one "
is "[9] which can be written" "$(cat vol/new)" new
box -v "$work/missing:/one" -v "$work/vol2:/two" -- sh -c 'cat /two/file; ls /one'
is "[9] one that is missing is left out" "$out" two
like "[9] with a warning" "$err" "^cagebox: micro-container: warning: .*$work/missing: No such file or directory"
check "[9] and not made" test ! -e missing
run container -d "$work/lib" -l "$root_busybox" -v "$work/missing:/one" -- true
like "[9] the warning names what was called" "$status $err" "^0 cagebox: container: warning: .*$work/missing"
refused "[9] what is no volume" "-v: ':/x' is not SOURCE" -v :/x -- true
leaks_check "[16] after all these nothing is left over"

# --- scripts -------------------------------------------------------------------------------------------------------------------------

cat >script <<'EOT'
#!/bin/sh
echo "$#|$1|$2|$3|$4|$(cat "$2/etc/hostname" 2>&1)" >>"${0%/*}/called"
exit "$(cat "${0%/*}/answer" 2>/dev/null || echo 0)"
EOT
chmod 755 script
box -n hooks -i script -s "$work/script" -u app:audio -v "$work:/mnt" -- sh -c 'echo command >>/mnt/called'
is "[10 11] the command runs between the scripts" "$status $err $(cut -d'|' -f 2 called | tr '\n' ' ')" "1 sh: can't create /mnt/called: Permission denied init shutdown "
is "[10] init has four words, and sees the root" "$(sed -n 1p called)" "4|init|$work/lib/app-hooks/root|1000|29|busybox"
is "[11] shutdown too" "$(sed -n 2p called)" "4|shutdown|$work/lib/app-hooks/root|1000|29|busybox"
rm called
run env SUDO_UID=1000 SUDO_GID=100 HOME="$work/own" micro-container -d "$work/lib" -l "$root_busybox" -i script -s script -- true
is "[10 11] without -u they are told the caller" "$(cut -d'|' -f 1-5 called | tr '\n' ' ')" \
	"4|init|$work/lib/app/root|1000|100 4|shutdown|$work/lib/app/root|1000|100 "
rm called
echo 9 >answer
box -n hooks -i script -s script -v "$work:/mnt" -- touch /mnt/ran
like "[10] an init that fails is an error" "$status $err" "^125 cagebox: micro-container: the hook $work/script init failed with exit code 9"
check "[10] nothing runs then" test ! -e ran
is "[11] but shutdown does" "$(cut -d'|' -f 2 called | tr '\n' ' ')" "init shutdown "
rm called answer
chmod 644 script
refused "[10] a script that cannot be executed" "hook_init: $work/script: Permission denied" -l "$root_busybox" -i script -- true
refused "[11] likewise" "hook_shutdown: $work/script: Permission denied" -l "$root_busybox" -s script -- true
chmod 755 script
refused "[10] one that is missing" '-i: missing: No such file' -i missing -- true
refused "[11] or" '-s: missing: No such file' -s missing -- true
box -n hooks -i missing -i script -- true
status_is "[9 10] the last one counts, the others must be there all the same" 125
box -n hooks -i /bin/true -i script -- true
is "[9 10] the last one counts" "$status $(cut -d'|' -f 2 called)" "0 init"
rm -f called

# --- the end, joining -------------------------------------------------------------------------------------------------------------------

for name in box box2; do
	run micro-container -d "$work/lib" -n $name -
	is "[1] nothing runs: - has nothing to do" "$status $out$err" "0 "
done
run micro-container -
is "[1] nor without a name" "$status $out$err" "0 "
background -n box -s script
init=$(cagebox list --json | jq '.[] | select(.name == "app-box") | .pid')
is "[16] there is no daemon: the caller's process looks after it" "$(cagebox list --json | jq '.[] | select(.name == "app-box") | .monitor')" "$launcher"
is "[16] init is its child" "$(cut -d' ' -f 4 "/proc/$init/stat")" "$launcher"
micro-container -n box -- sh -c '(trap "" TERM HUP; setsid sleep 4004 &) ; exit 5'
is "[6] a second start joins: its status is its command's" "$?" 5
check "[1] something else runs in it by now" pgrep -f '^sleep 4004'
box -n box -v "$work/vol:/one" -s script -- sh -c 'ls /one; tr "\0" " " </proc/1/cmdline | cut -d" " -f 1'
is "[6] what it says about the container is in vain" "$out" cagebox-init
is "[6] it is told so" "$(echo "$err" | grep warning)" "cagebox: micro-container: warning: it is running already, and not changed by -d -l -s -v"
run micro-container -n box -
is "[1] - stops it" "$status $out$err" "0 "
code=0
wait $launcher || code=$?
is "[1] first by TERM, which its command may answer" "$code $(cat mnt/term)" "3 term"
is "[1] then all that runs in it" "$(pgrep -fc '^sleep 4004')" 0
is "[1 11] its shutdown script ran, once" "$(cut -d'|' -f 2 called)" shutdown
is "[1] nothing is mounted any more" "$(grep -c "$work/lib" /proc/mounts)" 0
is "[16] and nothing runs" "$(pgrep -c cagebox)" 0
rm called
for arguments in '- -n box' '-n box -' '-u 5 - -n box' '- box' 'box -' '-n box - -v /etc:/x'; do
	background -n box
	# shellcheck disable=SC2086 # several words
	run micro-container $arguments
	is "[1] - may be anywhere: $arguments" "$status $out$err $(cagebox list -q)" "0  "
	wait $launcher
done
background
run container -
is "[1] also without a name, and by the name container" "$status $out$err $(cagebox list -q)" "0  "
wait $launcher
background -n box
run micro-container -n box2 -
is "[1] another one runs on" "$status $(cagebox list -q)" "0 app-box"
run micro-container -n box -s script -
is "[1 11] the script is that of the start" "$status $err $(ls called 2>/dev/null)" "0 cagebox: micro-container: warning: it was started without -s: the script is not run "
wait $launcher
refused "[1] a command makes no sense with it" '- stops the container' - -n box -- true
refused "[1] nor here" '- stops the container' - box true
background -n box -s script
kill -9 $launcher
wait_for sh -c '! pgrep -f "while :; do sleep"'
run micro-container -n box -
is "[1] what a sudden death has left goes by it" "$status $out$err $(cut -d'|' -f 2 called) $(grep -c "$work/lib" /proc/mounts)" "0  shutdown 0"
rm called

# --- the warning -------------------------------------------------------------------------------------------------------------------------

cp "$CAGEBOX" copy && ln copy bin/copied && mode=$(stat -c %a copy)
(cd bin && ln -sf "$work/copy" micro-container && micro-container -d "$work/lib" -l "$root_busybox" -- true)
is "[19] it does not make itself set-user-ID root" "$(stat -c %a copy)" "$mode"
chmod 4755 copy && mkdir -m 777 open
for arguments in '-- id -u' "-d $work/open/lib -b $work/open/base -- id -u" '-u 0 -l / -- id -u' "-i $work/script -- id -u" "-v /etc:/etc -n x -- id -u" '- -n x'; do
	# shellcheck disable=SC2086 # several words
	run as_user env HOME="$work/open" XDG_RUNTIME_DIR="$work/open" SUDO_UID=0 SUDO_GID=0 "$work/bin/micro-container" $arguments
	unlike "[19] with that bit a user is still no root: $arguments" "$status $out" '^0 .*0'
done
is "[19] and makes nothing that is not his" "$(find open -mindepth 1 ! -uid 1000; ls called 2>/dev/null)" ""
background -n root
run as_user env XDG_RUNTIME_DIR="$work/open" "$work/bin/micro-container" -n root -- id -u
unlike "[19] he does not get into root's" "$status $out" '^0 '
run as_user env XDG_RUNTIME_DIR="$work/open" "$work/bin/micro-container" -n root -
is "[19] nor stops it" "$(cagebox list -q)" app-root
cagebox stop app-root
wait $launcher

# --- make, make install ----------------------------------------------------------------------------------------------------------------------

mkdir source source/build
cp -a "$top/Makefile" "$top"/*.in "$top/applets" "$top/core" "$top/rootfs-skel" source
cp -a "$top/build/libcap-source" source/build
run env -u CI make -C source -j 2
status_is "[15] make builds it" 0
like "[15] one static binary" "$(file -b source/build/cagebox 2>/dev/null || readelf -lW source/build/cagebox)" 'static|no program headers|LOAD'
is "[15] which needs no loader" "$(readelf -lW source/build/cagebox | grep -c INTERP)" 0
run env -u CI make -C source -j 2 install DESTDIR="$work/dest" PREFIX=/opt/box
status_is "[15] make install puts it where it is told" 0
is "[15] and nowhere else" "$(ls dest dest/opt)" "dest:
opt

dest/opt:
box"
run dest/opt/box/bin/container -d "$work/lib" -l "$root_busybox" -- hostname
is "[15] it works from there" "$status $out$err" "0 app"
finish
