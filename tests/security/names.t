#!/bin/sh
# SPDX-License-Identifier: Zlib
# A name is checked before any path is made of it, by every applet that takes one, in options, arguments and configurations; `..` is refused where a
# path is joined to a prefix; and nothing is made on disk.
# timeout: 120
. "$(dirname "$0")/../lib.sh"

shown()
{
	printf '%s' "$1" | tr -c '[:print:]' '?'
}
mkdir -p /run/cagebox outside && echo 'command=true' >outside/x.conf && echo log >outside/x.log && echo 'init=/bin/true' >outside/x
mkdir -p base/configs base/logs base/pids rundir
CAGEBOX_PATH=$work/base
export CAGEBOX_PATH
tree()
{
	find "$work/outside" "$work/base" /run /var/log /etc/cagebox /var/lib/cagebox /var/lib/micro-container /var/lib/microcontainer \
		-printf '%p %y %s %T@\n' 2>/dev/null | grep -v '/run/cagebox/\.events' | sort
}
leaks_begin
tree >before
long=$(printf '%064d' 0)
for name in ../x ../../run/x ../outside/x "$work/outside/x" x/../y /x x/y x/ . .. .x -x _x '' ' x' 'x ' 'a b' 'a
b' "a$(printf '\001')b" "a$(printf '\177')" ä '*' "$long" "$long$long"; do
	for applet in exec stop kill wait logs events stats pause resume update start config 'start -r' 'start -f' 'logs -f' 'kill -s KILL' 'stop -t 0s' 'run -n' 'run -d -n' \
		'cage -n' 'cage -k -n' 'micro-container -n' 'micro-container - -n' 'minimal-containers start' 'minimal-containers start -d' \
		'minimal-containers kill' 'tcontainer name'; do
		# With a slash it is a file.
		case $applet:$name in config:*/*) continue ;; esac
		set -- $applet
		case $applet in
		update) set -- update "$name" cpus=1 ;;
		exec) set -- exec -- "$name" touch "$work/ran" ;;
		run* | cage* | micro* | tcontainer*) set -- "$@" "$name" ;;
		*) set -- "$@" -- "$name" ;;
		esac
		case $1 in
		minimal-containers) [ "$3" != -- ] || set -- "$1" "$2" "$name" ;;
		tcontainer) set -- "$@" "touch $work/ran" ;;
		run) set -- "$@" --lower "$root_busybox" -v "$work:$work" -- touch "$work/ran" ;;
		cage | micro-container) case $* in *' -k '* | *' - '*) ;; *) set -- "$@" -- touch "$work/ran" ;; esac ;;
		esac
		run timeout 20 cagebox "$@" </dev/null
		tree >after
		if [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && [ ! -e ran ] && cmp -s before after &&
			printf '%s' "$err" | grep -qE "is not a name|unknown option -x"; then
			pass "$applet refuses '$(shown "$name")'"
		else
			fail "$applet refuses '$(shown "$name")' and makes nothing" "status $status: $out $err" "$(diff before after)"
			rm -rf ran
			tree >before
		fi
	done
done

# A configuration that names another container, and names that are files where directories are expected.
mkdir conf && printf 'name=../x\ncommand=true\n' >conf/evil.conf
run cagebox start --config "$work/conf/evil.conf" evil
isnt "a configuration cannot give a bad name either" "$status" 0
tree >after
check "nothing was made anywhere" diff before after
finish
