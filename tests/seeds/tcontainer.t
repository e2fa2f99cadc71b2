#!/bin/sh
# SPDX-License-Identifier: Zlib
# tcontainer: its command line in every spelling, and what its containers are. Numbers in brackets are rows of the checklist of the
# programs that cagebox replaces.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

musl-gcc -static -O1 -o pty "$top/tests/e2e/pty_helper.c" || bail_out "pty_helper does not build"
mkdir bin
cagebox --install -s bin || bail_out "no links"
PATH=$work/bin:$PATH
root=$(root_copy "$root_busybox")
host_name=$(uname -n)

tc()
{
	run tcontainer "$@"
}

# --- the command -----------------------------------------------------------------------------------------------------------

tc run fs "$root" 'echo one two'
is "[72] run, options, and the command as one word" "$status $out$err" "0 one two"
tc fs "$root" 'echo one two'
is "[72] run may be left out" "$status $out$err" "0 one two"
tc run fs "$root" 'sh -c "exit 7"'
is "[72] the exit code is the command's" "$status$err" 7
tc fs "$root" "sh -c 'kill -9 \$\$'"
status_is "[72] 128 and the signal for a killed one" 137
tc fs "$root" nonsense
is "[72] 127 for one that is not there" "$status $err" "127 cagebox: tcontainer: run nonsense: No such file or directory"
tc fs "$root" "echo   'a  b' c\"d\" 'e'"
is "[72] it is split at blanks, without the quotes" "$out" "a  b cd e"
tc fs "$root" "echo 'a b"
is "[72] an open quote is an error" "$status $err" "125 cagebox: tcontainer: 'echo 'a b' has an open quote"
tc run fs "$root" -- sh -c 'echo "$0:$1"' 'a  b' "c'd"
is "[72] what follows -- is taken as it is" "$out" "a  b:c'd"
tc fs "$root" -- run
is "[72] even a word that means something before it" "$status $err" "127 cagebox: tcontainer: run run: No such file or directory"
for command in run net; do
	printf '#!/bin/sh\necho "%s ran"\n' $command >"$root/bin/$command" && chmod 755 "$root/bin/$command"
done
tc run fs "$root" run
is "[72] the last word is the command whatever it is" "$out" "run ran"
tc run fs "$root" net
is "[72] also when an option is called so" "$out" "net ran"
tc fs "$root" tty true
is "[72] a switch does not take it for its value" "$status $out$err" "0 "
for words in '' run -- 'run --' 'name x --' '-tty' 'run -net=true'; do
	tc $words
	like "[72] no command: '$words'" "$status $err" '^125 cagebox: tcontainer: the command is missing: tcontainer \[run\]'
done
tc fs "$root" /
like "[72] a directory is none" "$status $err" '^126 cagebox: tcontainer: run /: '
tc fs "$root" ''
is "[72] nor is an empty word" "$status $err" "125 cagebox: tcontainer: the command is empty"
tc fs "$root" ' '
is "[72] nor a blank one" "$status $err" "125 cagebox: tcontainer: the command is empty"

# --- options ---------------------------------------------------------------------------------------------------------------

show='sh -c "hostname; ls /sys/class/net; test -t 0 && echo tty"'
host_links=$(ls /sys/class/net)
tc run name bare fs "$root" net tty false "$show"
is "[72 77 78 79] options as bare words" "$status $out" "1 bare
$host_links"
tc run -name dashed -fs "$root" -net true -tty false "$show"
is "[72 77 78 79] with a dash, as in the document" "$status $out" "1 dashed
$host_links"
tc --net=true --fs="$root" --tty=false --name=two "$show"
is "[72 77 78 79] with two, in any order, with =" "$status $out" "1 two
$host_links"
tc -name=one fs="$root" --net false "$show"
is "[72 77 78 79] all of it mixed" "$status $out" "1 one
lo"
tc name first name last fs "$root" hostname
is "[77] the last of several counts" "$out" last
tc fs "$root" echo hello
is "an unknown word is an error" "$status $err" \
	"125 cagebox: tcontainer: 'echo' is not an option (the command is the last word: quote it as one, or put -- before it)"
tc -colour red fs "$root" true
like "an unknown option too" "$status $err" "^125 cagebox: tcontainer: '-colour' is not an option"
tc fs "$root" --fss=/ true
like "and one with a value" "$status $err" "^125 cagebox: tcontainer: '--fss=/' is not an option"
tc fs "$root" name -- true
is "an option without its value is told" "$status $err" "125 cagebox: tcontainer: name needs a value, and after that comes the command: NAME"
for word in '-name ../x' '-name=' 'fs=' 'memlimit lots' 'cpuset x' 'cpushare 1' 'tty=perhaps' 'net=2' '--memlimit=-1'; do
	tc $word true
	key=$(echo "$word" | sed 's/^-*//; s/[ =].*//')
	like "a bad value is refused, and the option named: $word" "$status $err" "^125 cagebox: tcontainer: $key: "
done
tc memlimit 100m cpuset 0 cpushare 512 fs "$root" 'echo limited'
is "memlimit, cpuset and cpushare are taken, and in force" "$status $out$err" "0 limited"
tc -memlimit=64M --cpuset=0-0 -cpushare 1024 -fs "$root" 'echo limited'
is "in every spelling" "$status $out" "0 limited"

for word in -h -help --help; do
	tc $word
	like "[80] $word" "$status $out$err" '^0 usage: tcontainer \[run\]'
	is "[80] it names all options" "$(printf '%s\n' "$out" | grep -cE '^ *--(name|fs|memlimit|cpuset|cpushare|tty|net)[ =[]')" 7
done
tc run -name x -h
like "[80] wherever it stands before the command" "$status $out$err" '^0 usage: tcontainer \[run\]'
tc fs "$root" -- echo -h
is "[80] but not in the command" "$status $out" "0 -h"
tc --version
like "[80] --version too" "$status $out$err" '^0 tcontainer \(cagebox [0-9.]+\)$'
leaks_check "nothing is left of these"

# --- fs, and whose the image is --------------------------------------------------------------------------------------------

tc "touch $work/made"
is "[76] without fs the root is the host's, and changes stay" "$status$err $(ls "$work/made")" "0 $work/made"
tc 'ls -id /etc /usr /bin/sh'
is "[76] it is the same directory" "$out" "$(ls -id /etc /usr /bin/sh)"
tc fs "$root" 'touch /made'
is "[76] with fs it is that one" "$status$err $(ls "$root/made")" "0 $root/made"
tc fs "$work/missing" true
is "[76] which must exist" "$status $err" "125 cagebox: tcontainer: root: $work/missing: No such file or directory"
tc fs "${root#"$work"/}" 'ls /made'
is "[76] the path may be relative" "$status $out" "0 /made"

# The names, modes, owners and contents of everything in a tree.
tree()
{
	(cd "$1" && find . -printf '%p %M %U:%G %l\n' | sort && find . -type f -exec sha256sum {} + | sort)
}

rm "$root/made"
tar -C "$root" -cf image.tar .
mkdir image && tar -C image -xpf image.tar
tree image >before
tc fs image 'sh -c "cat /etc/hostname; ls -d /proc/1 /dev/null /sys/class"'
is "[87] a directory made of a tar archive is all an image needs" "$out" "busybox
/dev/null
/proc/1
/sys/class"
tree image >after
check "[87] nothing is added to it or taken away" cmp before after
check "[87] nothing is kept elsewhere" test ! -e /var/lib/cagebox -a -z "$(ls -A /var/log)"
rm -f image/etc/resolv.conf
tc net true fs "$work/image" 'test -e /etc/resolv.conf'
check "[87] a place for the host's name servers is not made in it either" test "$status" = 1 -a ! -e image/etc/resolv.conf
echo 'nameserver 192.0.2.1' >image/etc/resolv.conf
tc net true fs "$work/image" 'cat /etc/resolv.conf'
is "[87] its own name servers stay" "$out" "nameserver 192.0.2.1"
: >image/etc/resolv.conf
tc net true fs "$work/image" 'cat /etc/resolv.conf'
is "[87] where it has none the host's are shown" "$out" "$(cat /etc/resolv.conf)"
is "[87] and not written" "$(cat image/etc/resolv.conf)" ""
rm -r --one-file-system image
is "[87] it can go with no word to anybody" "$?" 0

# --- name, net, isolation --------------------------------------------------------------------------------------------------

tc name chosen fs "$root" hostname
is "[77] name is the host name" "$out" chosen
tc fs "$root" hostname
first=$out
tc fs "$root" hostname
isnt "[77] without one it is made up" "$first" "$out"
like "[77] of letters and digits" "$first" '^[A-Za-z0-9][A-Za-z0-9_.-]*$'
isnt "[77] not the host's" "$first" "$host_name"
tcontainer name known fs "$root" 'sleep 3000' &
known=$!
wait_for sh -c 'cagebox list -q | grep -qx known'
tc name known fs "$root" true
is "[77] a name that runs is taken" "$status $err" "125 cagebox: tcontainer: the container known is running already"
cagebox stop known
wait $known
tc fs "$root" 'sh -c "ls /sys/class/net; cat /sys/class/net/lo/flags"'
is "[78] by default there is nothing but lo, which is up" "$out" "lo
0x9"
tc net false fs "$root" 'ls /sys/class/net'
is "[78] net false is the same" "$out" lo
for words in net 'net true' -net=true --net; do
	tc $words fs "$root" 'readlink /proc/self/ns/net'
	is "[78] $words is the host's network" "$out" "$(readlink /proc/self/ns/net)"
done
tc fs "$root" 'sh -c "for l in pid uts net ipc mnt; do readlink /proc/self/ns/\$l; done; echo \$\$; ls -d /proc/[0-9]* | wc -l"'
is "[81] pid, host name, network, ipc and mounts are its own" \
	"$(for l in pid uts net ipc mnt; do printf '%s\n' "$out" | grep -Fx "$(readlink "/proc/self/ns/$l")"; done)" ""
is "[81] it sees no process but its own" "$(printf '%s\n' "$out" | tail -n 2)" "2
4"
sleep 3000 &
bystander=$!
tc fs "$root" -- kill -9 $bystander
is "[81] and can do nothing to others" "$status $(ps -o comm= -p $bystander)" "1 sleep"
kill $bystander
tc fs "$root" -- sh -c 'hostname changed 2>/dev/null; ip link add x type dummy 2>/dev/null; true'
is "[81] nor to the host's name and network" "$(uname -n) $(ls /sys/class/net)" "$host_name $host_links"

# --- streams, pty ----------------------------------------------------------------------------------------------------------

echo typed >input
tc fs "$root" 'sh -c "cat; echo complaint >&2"' <input
run sh -c "tcontainer fs '$root' \"sh -c 'cat; echo complaint >&2'\" <input >output 2>complaints"
is "[82] input, output and error are redirected" "$status $out$err $(cat output) $(cat complaints)" "0  typed complaint"
run sh -c "seq 1 100000 | tcontainer fs '$root' cat | tail -n 1"
is "[82] and piped, whole" "$out" 100000
tc fs "$root" 'sh -c "test -t 0 || test -t 1 || echo none"'
is "[79] with redirected streams there is no terminal" "$out" none

# at STEPS COMMAND...: at a terminal of 30 rows and 100 columns
at()
{
	printf '%s\n' "$1" >steps
	shift
	run sh -c './pty 30 100 "$@" <steps' sh "$@"
	out=$(printf '%s\n' "$out" | tr -d '\r')
}

at 'exit 0' tcontainer fs "$root" 'sh -c "tty; stty size"'
is "[79 83] at a terminal it has a pty of its own, with the caller's size" "$status $out" "0 /dev/pts/0
30 100"
for words in tty 'tty true' -tty=true --tty; do
	at 'exit 0' tcontainer $words fs "$root" 'tty'
	is "[79 83] with $words too" "$status $out" "0 /dev/pts/0"
	tc $words fs "$root" 'tty'
	is "[79] and with $words even when the caller has none" "$status $(printf '%s' "$out" | tr -d '\r')" "0 /dev/pts/0"
done
at 'exit 0' tcontainer tty false fs "$root" 'sh -c "test -t 0 || test -t 1 || echo none"'
is "[79] with tty false it has none there" "$status $out" "0 none"
at "send echo a-\$((1 + 1))\\n
expect a-2
send sh -c 'echo busy-\$((2 + 2)); exec sleep 1000'\\n
expect busy-4
send ^C
send exit 5\\n
exit 5
same" tcontainer fs "$root" 'sh -i'
status_is "[83] a shell on it has its keys, and the caller's terminal is as it was" 0
leaks_check "nothing is left of these"

# --- one small file --------------------------------------------------------------------------------------------------------

case $CAGEBOX in
*sanitize*) skip "[85] a single small file" "the build is not static" ;;
*)
	check "[85] the binary has less than 500 KB ($(stat -L -c %s "$CAGEBOX"))" test "$(stat -L -c %s "$CAGEBOX")" -lt 500000
	is "[85] without being packed" "$(grep -ac 'UPX!' "$CAGEBOX")" 0
	mkdir alone && cp "$CAGEBOX" alone/tcontainer
	run env -i "$work/alone/tcontainer" fs "$root" 'echo alone'
	is "[85] a copy of that one file is enough" "$status $out$err" "0 alone"
	mkdir empty empty/bin && cp "$CAGEBOX" empty/bin/tcontainer && mkdir empty/proc empty/sys empty/dev empty/tmp empty/run
	tc fs empty '/bin/tcontainer --version'
	like "[85] even where there is nothing else" "$status $out$err" '^0 tcontainer \(cagebox '
	;;
esac

finish
