#!/bin/sh
# SPDX-License-Identifier: Zlib
# Bad input: every option of every applet with every kind of value that is wrong is refused with 125, one line that names the option
# and says what is wrong, and nothing done.
. "$(dirname "$0")/../lib.sh"

# refused MESSAGE APPLET ARGUMENT...: MESSAGE is an extended regular expression.
refused()
{
	message=$1 applet=$2
	shift
	run cagebox "$@"
	title=$(echo "$*" | tr '\n' ' ' | cut -c 1-60)
	if [ "$status" != 125 ] || [ -n "$out" ]; then
		fail "refused: $title" "status $status" "stdout: $out" "stderr: $err"
	elif [ "$(printf '%s\n' "$err" | wc -l)" != 1 ] || ! printf '%s\n' "$err" | grep -Eq "^cagebox: $applet: $message"; then
		fail "refused: $title" "     got: $err" "expected: cagebox: $applet: $message"
	else
		pass "refused: $title"
	fi
}

# wrong OPTION MESSAGE VALUE...: none of the values is taken, by the option's long form and with an equals sign.
wrong()
{
	option=$1 reason=$2
	shift 2
	for value; do
		refused "$option: $reason" run "$option" "$value" -- true
		refused "$option: $reason" run "$option=$value" -- true
	done
	refused "$option needs a value" run "$option"
}

long=$(printf '%064d' 0)
wrong --name '.* is not a name' '' . .. ../x x/y /x -x _x .x 'a b' 'a
b' ä "$long" 'x;y' "x\\y" '*'
wrong --root 'the value is empty' ''
wrong --lower '.*empty directory' '' : '/:' ':/' '/::/tmp'
wrong --overlay '' '' tmpfs: tmpfs:0 tmpfs:x tmpfs:1x tmpfs:-1 tmpfs:1.5M tmpfs:99999999999999999999 tmpfs:18446744073709551615K nonsense
wrong --upper 'the value is empty' ''
wrong --work 'the value is empty' ''
wrong --command '.*(empty|open quote)' '' ' ' "'x" '"x'
wrong --init 'the value is empty' ''
wrong --env '.* is not NAME=VALUE' '' A =x =
wrong --cwd '' '' tmp ./tmp /../etc /tmp/.. /a/../b
wrong --umask '.* octal mode|.* not a umask' '' 8 0x1 22x -1 7777 1000 99999999999999
wrong --namespaces '' '' x p,h P all,p
wrong --net '.* is none of host, none' '' yes Host hostx bridge
wrong --hostname '.* is not a host name' '' 'a b' a_b a/b ä "${long}0" 'a
b'
wrong --mount '' '' : :/x /x: /a:/b:/c:/d /a:b /a:/b:noexec /a:/b:ro,x /a:/b: /a:/../b /a:/b/.. /a:/ /a:/. /a://
wrong --mount-ro '' '' :/x /a:b /a:/b:x /a:/..
wrong --tmpfs '' '' tmp / // /. /.. /a/../b /x: /x:0 /x:1x /x:-1 /x:M /x:1MM /x:1T :1M
wrong --device '' '' null /dev/null:null /dev/null:/null /dev/null:/dev /dev/null:/dev/ /dev/null:/dev/../x /dev/null:/dev/a:rw : /etc/passwd
wrong --rlimit '' '' nofile nofile= nofile=x nofile=1:2:3 nofile=2:1 nofile=-1 nofile=1: =1 NOFILE=1 nofiles=1 nosuch=1 nofile=unlimited:1 \
	nofile=18446744073709551615 nofile=1x
wrong --oom-score-adj '.* is not a number from -1000 to 1000' '' x 1001 -1001 1.5 +1 1x 0x1 99999999999999999999
wrong --init-script 'the value is empty' ''
wrong --hook-init '.* is not an absolute path' '' hook ./hook
wrong --hook-shutdown '.* is not an absolute path' '' hook
wrong --shutdown-hook 'the value is empty' ''
wrong --stop-signal '.* is not a signal' '' 0 65 -1 x SIGX TERMX 15x RTMIN+31 RTMIN- RTMAX+1 RTMAX-31 SIG 1.5
wrong --stop-timeout '.* is not a duration' '' x -1 1.5 1d 10ss s ms 1S 99999999999999999999 1001h0 1000000000000
for option in --tty --read-only --no-new-privs --keep --detach; do
	reason='.* is neither yes nor no'
	[ $option != --tty ] || reason='.* is none of auto, yes, no'
	for value in '' maybe 2 yesno; do
		refused "$option: $reason" run "$option=$value" -- true
	done
done

# Capabilities are known by name; what is not known is never skipped.
for option in --cap-add --cap-drop; do
	for value in nosuch cap_nosuch 7 cap_7 all,nosuch 'sys_admin ' cap_cap_chown -all 'chown,' ',chown' '' cap_; do
		refused '.*is not (a|the name of a) capability' run "$option" "$value" -- true
		refused '.*is not (a|the name of a) capability|no container is called' exec "$option" "$value" nosuch -- true
	done
done

# What is wrong together.
refused 'root and lower exclude' run --root / --lower / -- true
refused 'net=host and an own network namespace' run --net host -N pn -- true
refused 'hostname needs the namespace h' run --hostname x -N p -- true
refused "command: '@true' is not @ and an absolute path" run -- @true
refused "command: '@' is not @ and an absolute path" run -- @
refused 'command: the name of the program is empty' run -- ''
refused 'unknown option --nonsense' run --nonsense
refused 'unknown option -Z' run -Z
refused 'unknown option -Z' run -RZ
refused '-n needs a value' run -n
refused '-n: ' run -n../x -- true
refused '-n: ' run -Rn ../x -- true

# Files that are not what they should be.
printf '#!/bin/sh\n' >plain
mkdir dir
refused "hook_init: $work/missing: No such file" run --hook-init "$work/missing" -- true
refused "hook_init: $work/plain: Permission denied" run --hook-init "$work/plain" -- true
refused "hook_shutdown: $work/missing: No such file" run --hook-shutdown "$work/missing" -- true
refused ".*$work/dir.*" run --hook-init "$work/dir" -- true
refused "init_script: $work/missing: No such file" run --init-script "$work/missing" -- true
refused "init_script: .*$work/dir.* directory" run --init-script "$work/dir" -- true
refused "mount: $work/missing: No such file" run -v "$work/missing:/x" -- true
refused "device: $work/plain is no device" run --device "$work/plain:/dev/x" -- true
refused "root: .*[Nn]ame too long" run --root "/$(printf '%0300d' 0)" -- true

# The other applets.
for applet in kill stop exec wait; do
	refused "the container's name is missing: $applet " "$applet"
	for name in ../x . .. '' a/b -- "$long" 'a b'; do
		[ "$name" != -- ] || continue
		refused "'$name' is not a name" "$applet" -- "$name"
	done
	refused 'no container is called nosuch' "$applet" nosuch
	refused 'unknown option' "$applet" --nonsense x
done
refused 'takes no arguments' list x
refused 'unknown option' list -x
for signal in 0 65 x '' -1 SIG 9x; do
	refused ".* is not a signal" kill -s "$signal" nosuch
done
refused '--all is always SIGKILL' kill -a -s TERM nosuch
for time in x '' -1 1.5 10y 99999999999999999999; do
	refused ".* is not a duration" stop -t "$time" nosuch
done
for user in 1x -1 4294967295 '' a:1x; do
	refused '(-u|--user): ' exec -u "$user" nosuch true
	refused '(-g|--groups): ' exec -g "$user" nosuch true
done
refused '-e: .* is not NAME=VALUE' exec -e A nosuch true
refused '-w: ' exec -w tmp nosuch true
refused '--tty: .* is none of auto, yes, no' exec --tty=x nosuch true

# What the option says is what it was called with.
run cagebox run -u 1x -- true
is "a letter is named as it was written" "$err" "cagebox: run: -u: '1x' is neither a name nor a number"
run cagebox run --user=1x -- true
is "so is a word" "$err" "cagebox: run: --user: '1x' is neither a name nor a number"
escape=$(printf '\033[31m')
for arguments in "--$escape" "--name $escape" "--user $escape" "-- $escape"; do
	# shellcheck disable=SC2086
	run cagebox run --lower "$root_busybox" $arguments
	is "a control character does not reach the terminal: run ${arguments%"$escape"}" "$(printf '%s' "$err" | tr -d '\n' | tr -dc '\000-\037' | wc -c)" 0
done
run cagebox run --name "$(printf '%05000d' 0)" -- true
status_is "a value longer than a message" 125
is "is cut, and still one line" "$(printf '%s\n' "$err" | wc -l)" 1
finish
