#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2022-27650, 2022-29162: capabilities are those that were asked for, in every set; inheritable and ambient ones none; nothing of the
# caller's, and no supplementary group (CVE-2014-8989), comes along.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

sets='sed -n "s/^Cap\(Inh\|Prm\|Eff\|Bnd\|Amb\):.//p" /proc/self/status; sed -n "s/^NoNewPrivs:.//p" /proc/self/status'
zero=0000000000000000

# has TITLE INH PRM EFF BND AMB NNP OPTION...
has()
{
	title=$1 wanted="$2 $3 $4 $5 $6 $7"
	shift 7
	run cagebox run --lower "$root_busybox" "$@" -- sh -c "$sets"
	is "$title" "$(echo "$out" | tr '\n' ' ')$err" "$wanted "
}

# chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service sys_chroot audit_write setfcap
default=00000000a00405fb
has "root has the default set, which is the bounding set too" $zero $default $default $default $zero 1
has "a user has none but the bounding set" $zero $zero $zero $default $zero 1 -u app
has "one more" $zero 00000000a00405ff 00000000a00405ff 00000000a00405ff $zero 1 --cap-add cap_dac_read_search
has "without the prefix, in capitals" $zero 00000000a00405ff 00000000a00405ff 00000000a00405ff $zero 1 --cap-add DAC_READ_SEARCH
has "several less" $zero 00000000a00405fa 00000000a00405fa 00000000a00405fa $zero 1 --cap-drop chown
has "none" $zero $zero $zero $zero $zero 1 --cap-drop all
has "none but one does not come of dropping all last" $zero $zero $zero $zero $zero 1 --cap-add chown --cap-drop all
has "none that are named none" $zero $default $default $default $zero 1 --cap-add none --cap-drop NONE
has "without no_new_privs" $zero $default $default $default $zero 0 --no-new-privs=no
has "a user whose bounding set is empty" $zero $zero $zero $zero $zero 1 --cap-drop all -u app
bound=$(sed -n 's/^CapBnd:.//p' /proc/self/status)
run cagebox run --lower "$root_busybox" --cap-add all -- sh -c "$sets"
if [ "$status" = 0 ]; then
	is "all are those that the caller has" "$(echo "$out" | sed -n 4p)" "$bound"
else
	like "all is refused where the caller does not have them all" "$status $err" '^125 cagebox: run: '
fi

# --- a user's ----------------------------------------------------------------------------------------------------------------

two=0000000000000420
has "a user has those that are ambient" $two $two $two $default $two 1 -u app --cap-ambient kill,CAP_NET_BIND_SERVICE
has "although nothing may set them" $two $two $two 00000000a00404fb $two 1 -u app --cap-ambient kill,net_bind_service --cap-drop setpcap
has "or none" $zero $zero $zero $default $zero 1 -u app --cap-ambient none
has "all of the set" $default $default $default $default $default 1 -u app --cap-ambient all
has "root has what it has" $zero $default $default $default $zero 1 --cap-ambient kill
has "without no_new_privs too" $two $two $two $default $two 0 -u app --cap-ambient kill,net_bind_service --no-new-privs=no
for option in '--cap-ambient net_raw' '--cap-ambient kill --cap-drop kill' '--cap-ambient all,nosuch' '--cap-ambient 5'; do
	run cagebox run --lower "$root_busybox" -v "$work:/mnt" -u app $option -- touch /mnt/ran
	is "refused: $option" "$status $(ls ran 2>/dev/null)" "125 "
done
run cagebox run --lower "$root_busybox" -u app --cap-ambient net_raw -- true
is "with the reason" "$err" "cagebox: run: cap_ambient: cap_net_raw is not in the command's set (cap_add adds to it)"

mkdir tools
musl-gcc -static -O1 -D_GNU_SOURCE -o tools/reach "$top/tests/security/reach_helper.c" || bail_out "reach_helper does not build"
box="--lower $root_busybox -v $work/tools:/tools"
# reach's answers, on one line
reach()
{
	echo "$out$err" | sed 's/.*: //' | tr '\n' ' '
}

acts="bind 80 raise 10 raise 5 keepcaps 1 lock 0 bits x"
# It may keep what it has as another user (keepcaps, which is the bit 10): many servers do.
locked="Operation not permitted Operation not permitted ok Operation not permitted da "
run cagebox run $box --net none -u app --cap-ambient net_bind_service -- /tools/reach $acts
is "a user's server has a port below 1024; no more becomes ambient" "$(reach)" "ok $locked"
run cagebox run $box --net none -u app -- /tools/reach $acts
is "without it has none" "$(reach)" "Permission denied $locked"
run cagebox run $box --net none -- /tools/reach $acts
is "root cannot make any ambient either" "$(reach)" "ok $locked"
run cagebox run $box --net none --cap-drop setpcap -- /tools/reach $acts
is "with fewer capabilities too" "$(reach)" "ok $locked"
run cagebox run $box --net none --cap-drop all -u app -- /tools/reach $acts
is "with none" "$(reach)" "Permission denied $locked"
run cagebox run $box --net none -N uphin -- /tools/reach $acts
is "in a user namespace" "$(reach)" "ok $locked"
run cagebox run $box --net none -N uphin -u app --cap-ambient net_bind_service -- /tools/reach $acts
is "where a user can have one as well" "$(reach)" "ok $locked"
echo "/tools/reach bits x >/tools/bits" >init-script
run cagebox run $box --init-script "$work/init-script" --shutdown-hook '/tools/reach bits x >>/tools/bits' -- true
is "the init script, hooks" "$(tr '\n' ' ' <tools/bits)" "bits x: ca bits x: ca "
cagebox run $box --net none -d --name caps-user -u app --cap-ambient net_bind_service -- sleep 1000 >/dev/null
run cagebox exec caps-user /tools/reach $acts
is "exec likewise" "$(reach)" "ok $locked"
run cagebox exec -u 1001 caps-user /tools/reach $acts
is "as another user" "$(reach)" "ok $locked"
run cagebox exec --cap-drop net_bind_service caps-user /tools/reach $acts
is "but not what it is to be without" "$(reach)" "Permission denied $locked"
run cagebox exec -u root caps-user sh -c "$sets"
is "root is not given any" "$(echo "$out" | tr '\n' ' ')" "$zero $default $default $default $zero 1 "
cagebox stop -t 0s caps-user

# --- nothing of the caller's, and exec -----------------------------------------------------------------------------------------

# What the caller has in its sets.
run setpriv --inh-caps=+chown,+net_raw,+sys_admin --ambient-caps=+chown,+net_raw,+sys_admin cagebox run --lower "$root_busybox" -- sh -c "$sets"
is "the caller's inheritable and ambient sets stay with it" "$(echo "$out" | tr '\n' ' ')" "$zero $default $default $default $zero 1 "
run setpriv --inh-caps=+net_raw --ambient-caps=+net_raw cagebox run --lower "$root_busybox" -u app -- sh -c "$sets"
is "for another user too" "$(echo "$out" | tr '\n' ' ')" "$zero $zero $zero $default $zero 1 "
run setpriv --groups 4,27,998 cagebox run --lower "$root_busybox" -u app -- grep Groups /proc/self/status
is "no group of the caller's" "$(echo "$out" | tr -s '[:blank:]' ' ')" "Groups: "
run setpriv --groups 4,27,998 cagebox run --lower "$root_busybox" -- grep Groups /proc/1/status
is "not in init either" "$(echo "$out" | tr -s '[:blank:]' ' ')" "Groups: "

# exec is no way round it.
cagebox run --lower "$root_busybox" -d --name less --cap-drop all -- sleep 1000 >/dev/null
cagebox run --lower "$root_busybox" -d --name box -- sleep 1000 >/dev/null
run setpriv --groups 4,27 --inh-caps=+net_raw --ambient-caps=+net_raw cagebox exec box sh -c "$sets; grep Groups /proc/self/status"
is "exec has the default set, and nothing of the caller's" "$(echo "$out" | tr '\n\t' '  ' | tr -s ' ')" "$zero $default $default $default $zero 1 Groups: "
run cagebox exec less sh -c "$sets"
is "exec has no more than the container it goes into" "$(echo "$out" | tr '\n' ' ')" "$zero $zero $zero $zero $zero 1 "
cagebox stop -t 1s less box

# A set-user-ID program gives nothing.
copy=$(root_copy "$root_busybox")
printf '#include <stdio.h>\n#include <unistd.h>\nint main(void) { printf("%%d\\n", geteuid()); }\n' | musl-gcc -static -x c -o "$copy/bin/whom" -
chmod 4755 "$copy/bin/whom"
run cagebox run --lower "$copy" -u app -- whom
is "a set-user-ID program runs as its caller" "$out" 1000
run cagebox run --lower "$copy" -u app --no-new-privs=no -- whom
is "unless that was allowed" "$out" 0
mkdir from && cp "$copy/bin/whom" from && chmod 4755 from/whom
run cagebox run --lower "$copy" -u app --no-new-privs=no -v "$work/from:/mnt" -- /mnt/whom
is "in a mount from the host it never is" "$out" 1000
for option in --cap-add --cap-drop; do
	for name in nosuch cap_nosuch 7 41 63 64 all,nosuch; do
		run cagebox run --lower "$root_busybox" -v "$work:/mnt" $option $name -- touch /mnt/ran
		is "an unknown capability is refused: $option $name" "$status $(ls ran 2>/dev/null)" "125 "
	done
done
finish
