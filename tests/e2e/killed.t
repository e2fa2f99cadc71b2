#!/bin/sh
# SPDX-License-Identifier: Zlib
# SIGKILL to launcher, monitor and init at random moments of a start, a run and a stop: the next call leaves nothing over, and nothing
# runs unseen. SEED=N repeats the moments of a failure, CASES=N is how many there are of each kind (20).
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

cc -O1 -o killed_helper "$top/tests/e2e/killed_helper.c" || bail_out "killed_helper does not build"
seed=${SEED:-20251122}
cases=${CASES:-20}
diag "SEED=$seed"
cat >hook <<'EOT'
#!/bin/sh
echo "$1" >>"$(dirname "$0")/hooks"
EOT
chmod 755 hook
echo 'exit 0' >script
box="--lower $root_busybox"
hooked="--hook_init $work/hook --hook_shutdown $work/hook"
# A process that has left its session and its parent, and one that does not die of TERM.
crowd="(setsid sh -c 'trap \"\" TERM; sleep 1000; sleep 1000' &); sleep 1000"

# Random numbers below N, the same for the same seed.
random=$seed
draw()	# N: leaves it in $drawn
{
	random=$(((random * 1103515245 + 12345) % 2147483648))
	drawn=$((random / 8 % $1))
}

hook_count()
{
	grep -cx "$1" hooks 2>/dev/null || [ -e hooks ] || echo 0
}

complain()
{
	wrong="$wrong
case $case: $who killed after $moment us of $span, then $next: $1"
}

# Whether it is listed as alive with its monitor dead or alive.
listed()
{
	cagebox list --json | jq -r '.[0].status // empty'
}

unlisted()
{
	[ -z "$(cagebox list -q)" ]
}

unmonitored()
{
	[ "$(listed)" = unmonitored ]
}

state_of()	# KEY
{
	sed -n "s/^$1=//p" /run/cagebox/victim/state 2>/dev/null
}

# After the kill: the next call, every second time one that uses the name again. What lives on by right is listed, and is ended.
next_call()
{
	case $next in
	list)
		run cagebox list --json
		[ "$status" = 0 ] || complain "list: $status $err"
		;;
	run)
		run cagebox run -n victim $box -- true
		case $status:$err in
		0:) ;;
		125:*' is running already'*) ;;
		*) complain "run: $status $err" ;;
		esac
		;;
	esac
	alive=$(listed)
	case $alive in
	'') return ;;
	unmonitored) [ "$kind" = keep ] || complain "listed as unmonitored" ;;
	*) [ "$background" = yes ] || complain "listed as $alive" ;;
	esac
	run cagebox kill -a victim
	case $status:$err in
	0:*) ;;
	125:*'no container is called victim') ;; # just ended by itself
	*) complain "kill -a: $status $err" ;;
	esac
}

check_left()
{
	wait_for leaks_none || complain "left over: $leaks"
	[ -z "$leaks" ] || {
		cagebox kill -a victim >/dev/null 2>&1
		leaks_begin
	}
	case $kind in
	*hooks*)
		[ "$(hook_count init)" = 0 ] || [ "$(hook_count shutdown)" -ge 1 ] || complain "the shutdown hook did not run"
		[ "$(hook_count shutdown)" -le 2 ] || complain "the shutdown hook ran $(hook_count shutdown) times"
		;;
	esac
	rm -f hooks
}

# How long the command takes by itself: moments are drawn from that, and a little more.
measure()
{
	[ -z "$prepare" ] || $prepare
	span=$(./killed_helper none 0 "$@" 2>/dev/null | tail -n 1 | cut -d' ' -f 2)
	cagebox kill -a victim >/dev/null 2>&1
	rm -f hooks
	[ "${span:-0}" -gt 0 ] || bail_out "$kind cannot be measured"
	[ "$span" -lt 30000 ] || span=30000
}

# kill_at KIND VICTIMS COMMAND...: $cases times, at moments of the command. $prepare makes what it needs.
kill_at()
{
	kind=$1 victims=$2 wrong='' hit=0
	shift 2
	measure "$@"
	case=0
	while [ "$case" -lt "$cases" ]; do
		case=$((case + 1))
		[ -z "$prepare" ] || $prepare
		draw "$(echo "$victims" | wc -w)"
		who=$(echo "$victims" | cut -d' ' -f $((drawn + 1)))
		draw $((span * 5 / 4))
		moment=$drawn
		draw 2
		next=list
		[ "$drawn" = 0 ] || next=run
		target=$who
		[ "$who" != monitor-pid ] || target=$(state_of monitor)
		[ "$who" != init-pid ] || target=$(state_of pid)
		./killed_helper "${target:-none}" "$moment" "$@" >outcome 2>outcome.err
		grep -q nobody outcome || hit=$((hit + 1))
		next_call
		check_left
	done
	is "$kind: nothing is left over $cases times" "$wrong" ""
	check "$kind: most of them hit somebody ($hit)" [ "$hit" -gt $((cases / 3)) ]
	killed=$((killed + hit))
}

killed=0
prepare='' background=no
kill_at run "launcher init" cagebox run -n victim $box -- true
kill_at 'run a command that takes its time' "launcher init" cagebox run -n victim $box -- sh -c 'sleep 0.02'
kill_at 'run all options' "launcher init" cagebox run -n victim $box -o "$work/overlay" --net none -N uphtinc --tmpfs /opt --mount_ro /etc/hostname \
	--init_script "$work/script" -- true
kill_at 'run with limits' "launcher init" cagebox run -n victim $box --max_processes 50 --max_physical_memory 64M --device_allow none -- true
kill_at 'run with hooks' "launcher pid1" cagebox run -n victim $box $hooked -- true
kill_at 'run without a pid namespace' "launcher init" cagebox run -n victim $box -N none -- true
background=yes
kill_at 'detach' "launcher monitor init monitor" cagebox run -d -n victim $box -- sh -c "$crowd"
kill_at 'detach without a pid namespace' "launcher monitor init monitor" cagebox run -d -n victim $box -N none -- sh -c "$crowd"
kill_at 'detach with hooks' "launcher monitor pid1 monitor" cagebox run -d -n victim $box $hooked -- sh -c "$crowd"

start_one()
{
	cagebox run -d -n victim $box $start_options -- sh -c "$crowd" >/dev/null || bail_out "no container to stop"
}
prepare=start_one
for start_options in '' '-N none' "$hooked"; do
	kill_at "stop $start_options" "launcher monitor-pid init-pid" cagebox stop -t 5ms victim
done
prepare=''
check "two hundred were killed ($killed)" [ "$killed" -ge $((cases * 10 * 2 / 3)) ]

# --- one by one --------------------------------------------------------------------------------------------------------------

# A container that is up, with its monitor or its init killed: the hook runs once, by the next call or by the monitor.
gone()
{
	[ ! -d "/proc/$1" ] || grep -q '^State:	Z' "/proc/$1/status"
}
for who in monitor pid; do
	for start_options in "$hooked" "$hooked -N none"; do
		title="$who of a container ($start_options) killed"
		title=$(echo "$title" | sed "s|$work/||g")
		start_one
		victim=$(state_of $who)
		kill -KILL "$victim"
		wait_for gone "$victim"
		[ $who = pid ] || is "$title: the hook is left to the next call" "$(cat hooks)" init
		[ $who = monitor ] || wait_for unlisted
		run cagebox list -q
		is "$title: it is not listed" "$status $out$err" "0 "
		wait_for grep -q shutdown hooks
		cagebox list >/dev/null
		is "$title: the hook runs once" "$(cat hooks)" "init
shutdown"
		rm -f hooks
		leaks_check "$title: nothing is left over"
	done
done

# keep: it outlives its monitor, seen and stoppable, with and without a pid namespace.
for start_options in "--keep $hooked" "--keep -N none $hooked"; do
	for end in "stop -t 10ms" "kill -a"; do
		title=$(echo "$start_options, $end" | sed "s|$work/||g")
		start_one
		kill -KILL "$(state_of monitor)"
		wait_for unmonitored
		is "$title: it lives on, unmonitored" "$(listed)" unmonitored
		run cagebox run -n victim $box -- true
		is "$title: its name is taken" "$status $err" "125 cagebox: run: the container victim is running already, without its monitor"
		run cagebox exec victim -- echo inside
		is "$title: it can be entered" "$status $out$err" "0 inside"
		is "$title: no hook yet" "$(cat hooks)" init
		run cagebox $end victim
		is "$title: it can be ended" "$status $err" "0 "
		is "$title: the hook runs once" "$(cat hooks)" "init
shutdown"
		run cagebox list -q
		is "$title: it is gone" "$out" ""
		rm -f hooks
		leaks_check "$title: nothing is left over"
	done
done
prepare=start_one kind=keep start_options=--keep
cases=$((cases / 2))
kill_at keep "monitor-pid init-pid launcher" cagebox stop -t 5ms victim

# --- cgroups that are not as they were written down --------------------------------------------------------------------------------

groups_there()
{
	for group in $groups; do
		[ ! -e "$group" ] || echo "$group"
	done
}

cagebox run -d -n victim $box -- sleep 1000 >/dev/null
groups=$(state_of cgroup | sed 's/\\012/\n/g')
isnt "a container in the background has cgroups" "$groups" ""
is "all that are written down" "$(groups_there)" "$groups"
victim=$(state_of pid)
kill -KILL "$(state_of monitor)"
wait_for gone "$victim"
first=$(echo "$groups" | head -n 1) last=$(echo "$groups" | grep -v cpuset | tail -n 1)
rmdir "$first/box" "$first"
[ "$first" = "$last" ] || rmdir "$last/box"
run cagebox list
is "killed before all of them were made: none is left after the next call" "$status $err$(groups_there)" "0 "

mkdir "$last" "$last/box" "$last/box/below"
run cagebox run -n victim $box --cgroup yes -- true
is "what somebody has left under the name is taken over" "$status $err$(groups_there)" "0 "
for name in victim other; do
	group=${last%victim}$name
	mkdir "$group" "$group/box"
	sleep 1000 &
	echo $! >"$group/box/cgroup.procs"
	run cagebox run -n $name $box --cgroup yes -- true
	like "$name: not with somebody in it" "$status $err" "^125 cagebox: run: take over the cgroup $group: .*busy"
	check "$name: who lives on" kill -0 $!
	kill $!
	wait $! 2>/dev/null
	rmdir "$group/box" "$group"
done
finish
