#!/bin/sh
# SPDX-License-Identifier: Zlib
# Who runs the command: users and groups by name and number, looked up in the container's own files.
# shellcheck disable=SC2016,SC2046,SC2086,SC2116 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

copy=$(root_copy "$root_busybox")
cat >>"$copy/etc/passwd" <<'EOT'
# a comment
broken
short:x:77
nohome:x:78:79
svc-user.x:x:80:80::relative:relative
machine$:x:81:81::/mnt:/bin/false
numeric:x:abc:82::/:/bin/sh
big:x:4294967295:4294967295::/:/bin/sh
toor:x:0:0::/root:/bin/sh
last:x:83:84::/home/last:/bin/ash
EOT
printf 'g1:x:501:\ng2:x:502:last\nbad:x:1x:' >>"$copy/etc/group"

ids='while read -r key one rest; do case $key in Uid:|Gid:) echo $one;; Groups:) echo $one $rest;; esac; done </proc/self/status'

# as TITLE WANTED OPTION...: uid gid groups
as()
{
	title=$1 wanted=$2
	shift 2
	run cagebox run --lower "$copy" "$@" -- sh -c "$ids"
	is "$title" "$status $(echo "$out" | tr '\n' ' ' | sed 's/ *$//')$err" "0 $wanted"
}

as "root by default" "0 0"
as "a user by name" "1000 1000" -u app
as "by number, with what passwd knows of it" "1000 1000" -u 1000
as "a number that passwd does not know" "1234 1234" -u 1234
as "the highest" "4294967294 4294967294" -u 4294967294
as "zeroes in front are no octal number" "10 10" -u 0010
as "a user with another group" "83 84" -u last
as "a group with it" "1000 29 29" -u app:audio
as "groups with it, the first being the primary one" "1000 29 29 44 100" -u app:audio:video:users
as "a number for a group" "1000 4711 4711" -u 1000:4711
as "--groups says the same" "1000 29 29 44" -u app --groups audio:video
as "for root too" "0 44 44" -g video
as "a dash and a dot in a name" "80 80" -u svc-user.x
as "a dollar at its end" "81 81" -u 'machine$'
as "a name whose line is short" "77 77" -u short
as "one without a home" "78 79" -u nohome
as "the last line without its end" "1000 502 502" -u app:g2
as "another name for root is root" "0 0" -u toor

run cagebox run --lower "$copy" -u last -- env
is "the environment is the user's" "$(echo "$out" | grep -E '^(HOME|USER|LOGNAME|SHELL)=' | sort | tr '\n' ' ')" \
	"HOME=/home/last LOGNAME=last SHELL=/bin/ash USER=last "
run cagebox run --lower "$copy" -u 1234 -- env
is "of one who is unknown there is little to tell" "$(echo "$out" | grep -E '^(HOME|USER|LOGNAME|SHELL)=' | sort | tr '\n' ' ')" \
	"HOME=/ LOGNAME=1234 SHELL=/bin/sh USER=1234 "
run cagebox run --lower "$copy" -u svc-user.x -- env
is "a relative home or shell counts as none" "$(echo "$out" | grep -E '^(HOME|SHELL)=' | sort | tr '\n' ' ')" "HOME=/ SHELL=/bin/sh "
run cagebox run --lower "$copy" -u last -e HOME=/tmp -- sh -c 'echo $HOME'
is "what is set goes first" "$out" /tmp
run sh -c "echo 'echo \$0 \$(id -u)' | cagebox run --lower '$copy' -u last"
is "the login shell is the user's" "$out" "-ash 83"
run sh -c "cagebox run --lower '$copy' -u 'machine\$'"
status_is "also if it does nothing" 1
run cagebox run --lower "$root_debian" -u www-data:audio -- id
is "in a Debian root" "$out" "uid=33(www-data) gid=29(audio) groups=29(audio)"
run cagebox run -u nobody -- id -u
is "in the host's own" "$out" "$(id -u nobody)"

# --- all of it changes ---------------------------------------------------------------------------------------------------

run cagebox run --lower "$copy" -u app:audio -- sh -c 'grep -E "^(Uid|Gid|CapPrm|CapEff|CapAmb)" /proc/self/status; cat /proc/1/environ; kill -0 1'
is "real, effective, saved and of files" "$(echo "$out" | grep id: | tr '\t' ' ')" "Uid: 1000 1000 1000 1000
Gid: 29 29 29 29"
is "no capability is left" "$(echo "$out" | grep Cap | cut -f 2 | sort -u)" 0000000000000000
is "init cannot be read or reached" "$(echo "$err" | grep -cE "can't open|Permission denied|permitted")" 2
run cagebox run --lower "$copy" -u app -- sh -c 'cat /etc/shadow-test || touch /x; echo home >/home/app/x && cat /home/app/x'
is "files are the user's" "$out" home
run setpriv --groups 27,29,1001 cagebox run --lower "$copy" -- sh -c "$ids"
is "no group of the caller's survives" "$(echo $out)" "0 0"
run setpriv --groups 27,29,1001 cagebox run --lower "$copy" -u app -- sh -c "$ids"
is "not for another user either" "$(echo $out)" "1000 1000"
run setpriv --regid 1001 --clear-groups cagebox run --lower "$copy" -- sh -c "$ids"
is "nor the caller's own group" "$(echo $out)" "0 0"

# --- refused: nothing runs, least of all as root ---------------------------------------------------------------------------

refused()
{
	title=$1 message=$2
	shift 2
	run cagebox run --lower "$copy" -v "$work:/mnt" "$@" -- touch /mnt/ran
	status_is "$title is refused" 125
	like "the message says why" "$err" "$message"
	check "nothing has run" test ! -e ran
	rm -f ran
}

for id in 1x x1: 1000: :29 -1 +1 0x10 ' 1' '1 ' 1.5 4294967295 4294967296 18446744073709551616 99999999999999999999 '' 1e3 -root .root 'ro ot' 'root
' 'rööt' 'a/b' '../root' '$(id)' root:: root:1x root:-1 root:4294967295 root:: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; do
	shown=$(printf '%s' "$id" | tr -c '[:print:]' '?')
	refused "user '$shown'" '^cagebox: run: -u: ' -u "$id"
	refused "groups '$shown'" '^cagebox: run: -g: ' -g "$id"
done
refused "a user who is not there" "no user 'nosuch' in the container's /etc/passwd" -u nosuch
refused "a group that is not there" "no group 'nosuch' in the container's /etc/group" -u app:nosuch
refused "one whose number is none" "no user 'numeric'" -u numeric
refused "one whose number means nobody" "no user 'big'" -u big
refused "a group whose number is none" "no group 'bad'" -u app:bad
refused "a line without a number" "no user 'broken'" -u broken
refused "groups given twice" "names groups already" -u app:audio -g video
refused "more groups than there may be" "more than" -u "app$(for i in $(seq 1 2000); do printf :%d "$i"; done)"
rm "$copy/etc/passwd" && mkfifo "$copy/etc/passwd"
refused "a user where passwd is a pipe" "no user 'app'" -u app
run timeout 10 cagebox run --lower "$copy" -u 1000 -- stat-true
status_is "but a number runs" 0
rm "$copy/etc/passwd"
refused "a user where there is no passwd" "no user 'app'" -u app
as "but a number there" "1000 29 29" -u 1000:29
finish
