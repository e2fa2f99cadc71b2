#!/bin/sh
# SPDX-License-Identifier: Zlib
# An error at every system call of a start, one by one, in each of its processes: a message that names the goal, exit code 125, nothing left
# over, and no hang; for run with default options, with all of them, detached, and with limits. Then that process killed at every call.
# timeout: 600
# shellcheck disable=SC2016 # the words in single quotes are for the shell of the hooks
. "$(dirname "$0")/../lib.sh"

case $CAGEBOX in
*sanitize*) skip_all "the sanitizers' own calls would be hit" ;;
esac
cc -E -dM -include asm/unistd.h - </dev/null | sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/	[__NR_\1] = "\1",/p' | grep -v '\[__NR_syscalls\]' >names.h
cc -O1 -D_GNU_SOURCE -I. -o faults_helper "$top/tests/e2e/faults_helper.c" || bail_out "faults_helper does not build"

# What may fail without harm: an extended regular expression for "VERDICT PASS PROCESS LABEL", and the reason. Process 0 is the launcher, and
# the monitor unless detached; 0.0 (0.1 after a hook, 0.0.0.0 detached) becomes init, its child the command.
cat >allowed <<'EOT'
survived .* (close|munmap)$	they undo; what they undo is gone with the process
survived .* brk$	the C library takes mmap instead
survived .* mmap$	what it was for can do without: a guard page of the C library, the buffer of a file that need not be there
survived .* fcntl:10(24|30|33)$	a seal or copy that has another way
survived .* rt_sig(action:[0-9]*|procmask)$	they cannot fail with what they are given
survived .* prctl:(23|24|47)$	asking for a capability that the kernel may not know
survived .* prctl:(1|4|36)$	in init: the wire tells what the death signal would; the other cannot fail
survived .* capget$	libcap asks for the version
survived .* set(sid|pgid)$	fails only where there is a session or group already; the parent does it too
survived .* ioctl:(21505|21506|21519|21520|21523|21524|21569)$	whether it is a terminal, its size and group
survived .* (openat2|open_tree|mount_setattr|move_mount|close_range|pidfd_open|pidfd_send_signal|signalfd4|memfd_create|clone3)(:.*)?$	there is a way without
survived .* (open:/etc/resolv.conf|(openat|mknodat):(etc|resolv.conf)|fstat|mount_setattr)$	no name servers, with a warning
survived .* (poll|ppoll|nanosleep|recvmsg|rt_sigtimedwait|wait4:[0-9]|waitid)$	tried again
survived .* newfstatat:lock$	tried again
survived .* (flock|readlinkat:\.ids-[0-9]+)$	a range of ids: another is taken; one that is not given back is taken over
survived .* newfstatat:(fault[0-9]|NAME)$	whether another has left its directory
survived .* (open|openat):(/etc/cagebox/shutdown.d|/etc/passwd|/etc/group)$	it need not be there
survived .* (kill|accept4|lseek|sendmsg)$	at the end: nobody is there to be told or killed
survived .* unlinkat:	at the end: the next call removes it
survived .* (rmdir|umount2|umount):	at the end: a warning, and the next call undoes it
survived .* 0(\.[0-9.]*)? (geteuid|fstat|open:/run/cagebox|openat:state.new|renameat:state.new|write|fchmodat:.*|unlinkat:.*)$	at the end: a warning
survived .* (fork|dup2|setpgid|open:/dev/null|execve:.*/hook)$	the shutdown hook: a warning
survived .* pread64$	whether the last line of the events is whole
survived .* execve:	looked for in the next directory of the PATH
survived .* read$	the outcome of an exec whose file is closed counts as good
survived .* readlink:	the path stays as it was given
survived .* keyctl$	a kernel without keyrings
survived .* landlock_create_ruleset$	a kernel without Landlock: nobody has asked for its scope
survived .* 0 seccomp$	whether there are filters of system calls: prctl(2) tells as well
survived all 0.1.0 open:/$	the shell of the init script is then /bin/sh
survived .* access:/bin/sh$	then it is /bin/sh
survived all 0.1.2 .*$	in the child of init that is to become the shutdown hook inside: it does not run, the end goes on
survived .* 0(.0)*\.0 (open:/proc(/[0-9]+/stat)?|getdents64)$	init looks for its descendants once more
survived .* openat:\.events$	the event is not written down
survived .* (openat|faccessat):/sys/fs/cgroup/.*\?$	it is not there, so that it fails anyway
survived .* (stat:/proc/self/cgroup|lstat:/run/systemd/system|uname)$	what kind of machine it is: a limit that does not go with it is refused
survived .* (fstatfs:/sys/fs/cgroup.*|faccessat:/sys/fs/cgroup.*/(\.|cgroup\.type|cgroup\.procs))$	a hierarchy less: it does not count there, a limit is refused
survived .* (openat|read|write):/sys/fs/cgroup/(.*/)?cgroup\.(controllers|subtree_control)$	a controller less: the same
survived (detached|few-namespaces).* mkdirat:/sys/fs/cgroup/(.*/)?cagebox-.*\?$	no cgroup, with a warning
survived .* open(:/sys/fs/cgroup.*|at:/sys/fs/cgroup/(.*/)?cagebox-[a-z0-9]*(/box)?)$	once it is made: no watch for the end of its memory; at the end it is tried again
survived .* (eventfd2|(openat|read|write):/sys/fs/cgroup/.*/(memory\.(events|oom_control|oom\.group)|cgroup\.event_control))$	the same
survived .* ((openat|write):/sys/fs/cgroup/.*/(\.|cgroup\.(kill|freeze)|freezer\.state)|openat:/sys/fs/cgroup/(.*/)?cagebox-[a-z0-9]*/cgroup\.procs)$	at the end: there is another way, or it is tried again
survived .* (getdents64:/sys/fs/cgroup/.*|read:/sys/fs/cgroup/.*/cgroup\.procs|fstat:/sys/fs/cgroup/(.*/)?cagebox-[a-z0-9]*(/box)?)$	the same
survived .* (openat|write):/sys/fs/cgroup/.*/memory\.use_hierarchy$	since 5.11 it is always so
survived limits .* (openat|read|write):/sys/fs/cgroup/.*/(memory\.((memsw\.)?limit_in_bytes|(swap\.)?max)|cpuset\.(effective_)?cpus|box/(devices\.allow|blkio\..*))$	once more, then it is in force: the container has seen it
survived limits .* access:/sys/dev/block/.*$	whether it is a partition, which is refused anyway
survived detached.* (flock|l?stat:/var/log/.*|mkdir:/var/log/cagebox|open:/var/log/cagebox/.*|writev|rename:/var/log/.*)$	the usual log: it is not kept, with a warning
survived .* access:.*img$	whether an image is there: then it is made
survived .* open:.*img.new$	tried again
survived .* stat:.*/(upper|work|mounts/.*)$	whether it is there: then it is made
survived detached.* prlimit64:7$	the monitor has as many descriptors as its caller then
survived all .* open:/proc/self/(fdinfo/[0-9]+|mountinfo)$	what is mounted stays, with a warning, until the next call
survived all .* open:/run/cagebox/[a-z0-9]+/root$	the same
wrong terminal 0 (read|write)$	the command's own output on its way through the pty
wrong detached.* 0 writev$	the container runs and is listed: only its name could not be printed
survived .* madvise$	memory is not given back
wrong .* rt_sigprocmask$	it cannot fail with what it is given; a hook would run with every signal blocked
missed .* (open:/run/cagebox|mkdir:/var(/log(/cagebox)?)?)$	that directory was made when the calls were recorded
missed .* (rt_sigprocmask|madvise|munmap|poll|ppoll|recvmsg|rt_sigtimedwait|wait4:[0-9]|read|nanosleep|kill|close|accept4|(open|openat|read):/sys/fs/cgroup/.*)$	how often it is called depends on what comes first
EOT

# Containers are called so with a number: /run is this test's own, but the cgroups are the machine's.
called=${work%/work}
called=fault${called##*.}

# every_call TITLE FLAGS COMMAND...: a result for each kind of call.
every_call()
{
	pass=$1 flags=$2 what='an error'
	[ "$flags" = "${flags#*k}" ] || what='a kill'
	shift 2
	./faults_helper record "$flags" "$@" >calls 2>record.err
	check "$pass: runs while its calls are recorded" [ $? = 0 ]
	./faults_helper try "$(nproc | sed 's/^[0-9][0-9]$/9/')$flags" "$@" <calls >results 2>results.err
	is "$pass: nothing went wrong with the rig" "$? $(cat results.err)" "0 "
	diag "$pass: $(wc -l <results) cases, $(grep -c ^refused results) refused, $(grep -c ^survived results) survived"
	check "$pass: most calls of all processes are there" [ "$(wc -l <results)" -gt 300 ]
	sed "s/ | .*//; s/c[0-9a-f]\{8\}/NAME/g; s/$called\([0-9]\)/fault\1/g" results >cases
	awk -v pass="$pass" -F '\t' '
		FILENAME == "allowed" { allowed[++n] = $1; next }
		FILENAME == "cases" { split($0, c, " "); label[FNR] = c[4]; what[FNR] = c[1] " " pass " " c[2] " " c[4]; verdict[FNR] = c[1]; next }
		{
			name = label[FNR]
			sub(/:.*/, "", name)
			count[name]++
			good = verdict[FNR] ~ /^(refused|killed)$/
			for (i = 1; i <= n && !good; i++)
				good = what[FNR] ~ "^" allowed[i]
			if (!good)
				bad[name] = bad[name] "\n# " $0
		}
		END {
			for (name in count)
				print (name in bad ? "bad" : "good") " " name " " count[name] bad[name]
		}' allowed cases results >verdicts
	sed -n 's/^good //p' verdicts | sort >good
	while read -r name n; do
		pass "$pass: $what at every $name ($n)"
	done <good
	sed -n 's/^bad //p' verdicts | sort >bad
	while read -r name n; do
		fail "$pass: $what at every $name ($n)" "$(awk -v name="$name" '/^bad / { on = $2 == name } on && /^#/' verdicts | cut -c 1-400)"
	done <bad
	leaks_check "$pass: nothing is left over"
}

mkdir shared
: >shared/file
printf 'exit 0\n' >script
for w in 0 1 2 3 4 5 6 7 8; do
	printf '#!/bin/sh\necho "$1" >>"%s/hooks.%s"\n' "$work" $w >hook.$w
	chmod 755 hook.$w
done

# --- limits ---------------------------------------------------------------------------------------------------------------------

# Inside: whether the limits of the container $1 are in force, by what is seen in the host's cgroups.
cat >look <<'EOT'
dirs=$(find /mnt -type d -name "cagebox-$1" 2>/dev/null)
want()	# VALUE FILE...: one of them has it, a regular expression
{
	value=$1
	shift
	for file; do
		for dir in $dirs; do
			! grep -qsxE "$value" "$dir/$file" || return 0
		done
	done
	echo "$file is not $value"
}
for dir in $dirs; do
	read -r _ <"$dir/box/cgroup.procs" || echo "nobody is in $dir"
	[ ! -e "$dir/devices.list" ] || cmp "$dir/devices.list" "$dir/box/devices.list" 2>&1
done
. /opt/wanted
echo ran
EOT

# limit SETTING WANT...: it is added to limits.conf if it is to be had here and found in force so.
limit()
{
	echo "$1" >>limits.conf
	shift
	echo "$*" >>shared/wanted
	run cagebox run --name "${called}0" --config "$work/limits.conf" -- sh /opt/look "${called}0"
	[ "$status $out" != '0 ran' ] || return 0
	diag "not here: $(tail -n 1 limits.conf) $out $err"
	sed -i '$d' limits.conf shared/wanted
}

find_limits()
{
	cp look shared
	: >shared/wanted
	printf '%s\n' strict=yes "lower=$root_busybox" cap_add=mknod mount=/sys/fs/cgroup:/mnt "mount=$work/shared:/opt" >limits.conf
	limit device_allow=none '! mknod /kmsg c 1 11 2>/error || echo any device'
	limit max_processes=50 'want 50 pids.max'
	limit max_physical_memory=64M 'want 67108864 memory.max memory.limit_in_bytes'
	limit max_memory=128M 'want "67108864|134217728" memory.swap.max memory.memsw.limit_in_bytes'
	limit cpus=1.5 'want "150000( 100000)?" cpu.max cpu.cfs_quota_us'
	limit cpu_share=512 'want "50|512" cpu.weight cpu.shares'
	limit cpuset=0 'want 0 cpuset.cpus.effective box/cpuset.cpus'
	limit 'hugetlb=2M 4M' 'want 4194304 hugetlb.2MB.rsvd.max hugetlb.2MB.rsvd.limit_in_bytes'
	limit "io_bw_limit=r:$(cat /sys/block/*/dev | head -n 1) 1M" 'want ".* (rbps=)?1048576( .*)?" io.max box/blkio.throttle.read_bps_device'
	[ -s shared/wanted ] || skip "limits" "this machine has none"
}

# With cgroup v2 the first one hands controllers on, for good.
cagebox run --cgroup yes --lower "$root_busybox" -- true

# What takes longest is a test of its own: faults-all.slow.t.
case $0 in
*faults.t)
	every_call default - cagebox run -- echo ran
	every_call detached dn cagebox run -d -n "$called%W" --lower "$root_busybox" -- sleep 1000
	;;
*)
	every_call all hn cagebox run --name "$called%W" --lower "$root_busybox" --overlay "$work/scratch.%W/overlay" -v "$work/shared:/mnt" \
		--mount_ro /etc/hostname:/etc/host --tmpfs /opt:1m --device /dev/zero:/dev/x/y --hook_init "$work/hook.%W" --hook_shutdown "$work/hook.%W" \
		--init_script "$work/script" --shutdown_hook true --rlimit nofile=100 --oom_score_adj 100 --net none -N phtinc --user app --groups app:0 \
		--cwd /tmp --umask 077 --env A=1 --hostname host --cap_add net_admin --cap_drop chown --stop_signal INT --stop_timeout 1s --keep -- echo ran
	every_call user-namespace - cagebox run -N all --root "$root_busybox" --read_only -- echo ran
	every_call few-namespaces n cagebox run --name "$called%W" --lower "$root_busybox" -N none -- echo ran
	every_call terminal - cagebox run --lower "$root_busybox" --tty=yes -- echo ran
	every_call host-command - cagebox run --lower "$root_busybox" --read_only -- @"$root_busybox/bin/busybox" echo ran
	every_call detached-terminal dn cagebox run -d -n "$called%W" --lower "$root_busybox" --tty=yes -N none -- sleep 1000
	find_limits
	every_call limits n cagebox run --name "$called%W" --config "$work/limits.conf" -- sh /opt/look "$called%W"
	every_call killed nk cagebox run --name "$called%W" --config "$work/limits.conf" -- sh /opt/look "$called%W"
	every_call killed-detached dnk cagebox run -d -n "$called%W" --config "$work/limits.conf" -- sleep 1000
	finish
	;;
esac

# --- full disks -----------------------------------------------------------------------------------------------------------------

mkdir disk
full_for()	# TITLE DIR COMMAND...: with room for one file more each time, until it works
{
	title=$1 dir=$2 wrong='' inodes=1
	shift 2
	while :; do
		inodes=$((inodes + 1))
		mount -t tmpfs -o "mode=755,nr_inodes=$inodes" disk "$dir"
		run "$@"
		[ "$status" != 0 ] || break
		case $status:$err in
		"125:cagebox: run: "*": No space left on device"*) ;;
		*) wrong="$wrong
room for $inodes: $status $err" ;;
		esac
		[ "$dir" != /run ] || [ -z "$(ls /run/cagebox 2>/dev/null)" ] || wrong="$wrong
room for $inodes: left $(ls -AR /run/cagebox)"
		umount "$dir"
		[ "$inodes" -lt 50 ] || break
	done
	is "$title: an error that says so, as long as it is too full" "$wrong" ""
	is "$title: then it works" "$status $err" "0 "
	check "$title: it was too full at first ($inodes)" [ "$inodes" -gt 2 ]
}

full_for "upper directory" disk cagebox run --lower "$root_busybox" --overlay "$work/disk/overlay" -- true
umount disk
full_for "/run" /run cagebox run --lower "$root_busybox" -- true
umount /run
full_for "/run, detached" /run cagebox run -d -n full --lower "$root_busybox" -- sleep 1000
run cagebox stop -t 1s full
status_is "what was started with little room is stopped" 0
umount /run
leaks_check "nothing is left over"

mount -t tmpfs -o mode=755,size=64k disk disk
run cagebox run --lower "$root_busybox" --overlay "$work/disk/overlay" -- sh -c 'cat /dev/zero >/zero; echo "cat: $?"; echo x >/more || exit 9'
is "a disk that is full meanwhile is the command's matter" "$status $out" "9 cat: 1"
like "which is told" "$err" 'No space left on device'
run cagebox run --lower "$root_busybox" --overlay "$work/disk/overlay" -- sh -c 'rm /zero && echo x >/more'
is "the next one can make room" "$status $err" "0 "
umount disk

# Not even a byte for the state: neither at a start, nor at an end.
mount -t tmpfs -o mode=755,size=64k disk /run
mkdir -m 711 /run/cagebox
cagebox run -d -n running --lower "$root_busybox" -- sleep 1000 >/dev/null
cat /dev/zero >/run/fill 2>/dev/null
run cagebox run --lower "$root_busybox" -- true
is "no room for the state" "$status $err" "125 cagebox: run: write the container's state file: No space left on device"
run cagebox list -q
is "the others are listed as before" "$status $out$err" "0 running"
run cagebox stop -t 1s running
status_is "and stopped" 0
rm /run/fill
run cagebox list -q
is "nothing runs any more" "$status $out" "0 "
rm -rf /run/cagebox/running
is "nothing is left" "$(ls /run/cagebox)" ""
# The monitor answers just before it is gone itself.
wait_for umount /run 2>umount.err || diag "$(tail -n 1 umount.err)"
finish
