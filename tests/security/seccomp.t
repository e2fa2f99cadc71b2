#!/bin/sh
# SPDX-License-Identifier: Zlib
# The filter of system calls: what it keeps from happening whichever way it is tried, for all that runs inside, what it opens with
# capabilities and policies, and that ordinary programs do not notice it.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

root=$(root_copy "$root_busybox")
gcc -static -no-pie -O1 -D_GNU_SOURCE -Wl,-Ttext-segment=0x10000 -o "$root/bin/try" "$top/tests/security/seccomp_helper.c" -pthread \
	2>/dev/null || bail_out "seccomp_helper does not build"
mkdir -p "$root/mnt"

one_line()
{
	printf '%s\n' "$out" | paste -sd " "
}

# gives TITLE WANTED OPTION... -- ARGUMENT...: what a program's call gives in a container.
gives()
{
	gives_title=$1 gives_wanted=$2
	shift 2
	run cagebox run --root "$root" "$@"
	is "$gives_title" "$status $out" "0 $gives_wanted"
}

run cagebox run --root "$root" -- grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
is "the command is filtered" "$out" "NoNewPrivs:	1
Seccomp:	2"
run cagebox run --root "$root" -- grep Seccomp: /proc/1/status
is "init is not" "$out" "Seccomp:	0"
run cagebox run --root "$root" --seccomp off -- grep Seccomp: /proc/self/status
is "seccomp=off" "$out" "Seccomp:	0"

# --- what is kept from happening ------------------------------------------------------------------------------------------------------
run cagebox run --root "$root" --cap-add all --cap-drop sys_admin -- sh -c 'unshare -U true; mount -t tmpfs x /mnt'
isnt "neither a user namespace nor a mount" "$status" 0
run cagebox run --root "$root" -- sh -c 'unshare -r id -u'
like "not even with a map" "$err" 'unshare\(0x10000000\): Operation not permitted'
run cagebox run --root "$root" -- sh -c 'mount -t cgroup -o memory none /mnt; mount -t cgroup2 none /mnt; grep -c /mnt /proc/self/mounts'
is "no hierarchy of cgroups" "$out" 0
run cagebox run --root "$root" -- try threads
status_is "threads, processes and system(3) work" 0

case $(uname -m) in
x86_64)
	for call in 'mount 165 /a /b /c 0 0' 'umount2 166 /mnt 0' 'pivot_root 155 /mnt /mnt' 'setns 308 0 0' 'open_tree 428 -100 /mnt 1' \
		'move_mount 429 0 0 0 0 4' 'fsopen 430 /x 0' 'fsconfig 431 0 0' 'fsmount 432 0' 'fspick 433 -100 /mnt' \
		'mount_setattr 442 -100 /mnt 0 0 0' 'open_tree_attr 467 -100 /mnt' 'keyctl 250 0 -3 0' 'add_key 248' 'request_key 249' \
		'bpf 321 0 0 0' 'perf_event_open 298 0' 'userfaultfd 323 0' 'io_uring_setup 425 1 0' 'kexec_load 246' 'init_module 175' \
		'finit_module 313' 'delete_module 176 /x' 'reboot 169' 'swapon 167 /x' 'quotactl 179' 'acct 163 0' 'iopl 172 3' \
		'ioperm 173 1 1 1' 'syslog 103 10' 'settimeofday 164 0 0' 'clock_settime 227 0 0' 'open_by_handle_at 304' 'mbind 237' \
		'modify_ldt 154 0 0 0' 'personality 135 0x400000' 'sethostname 170 /x 1' 'fanotify_init 300 0'; do
		gives "${call%% *} is denied" EPERM --cap-add all --cap-drop \
			sys_admin,bpf,perfmon,sys_ptrace,sys_boot,sys_module,sys_time,sys_pacct,sys_rawio,syslog,dac_read_search,sys_nice \
			-- try call ${call#* }
	done
	for flag in 0x20000 0x2000000 0x4000000 0x8000000 0x10000000 0x20000000 0x40000000; do
		gives "clone with $flag" EPERM -- try call 56 $flag
		gives "and with more above it" EPERM -- try call 56 "$(printf '0xff%08x' $((flag | 17)))"
		gives "unshare with $flag" EPERM -- try call 272 $flag
	done
	gives "unshare of the time namespace" EPERM -- try call 272 0x80
	gives "unshare of what is one's own" 0 -- try call 272 0x200
	gives "clone3 is not there" ENOSYS -- try call 435 0 0
	for number in 0x5412 0x541c 0x100005412 0xffffffff0000541c; do
		gives "ioctl $number" EPERM --cap-add sys_admin -- try call 16 0 $number /x
	done
	gives "another ioctl reaches the kernel" ENOTTY -- try call 16 0 0x5401 /x
	for family in 3 4 5 9 15 21 23 29 30 31 36 38 39 40 44; do
		gives "no socket of the family $family" EAFNOSUPPORT -- try call 41 $family 1 0
	done
	gives "nor with more above it" EAFNOSUPPORT -- try call 41 0x100000028 1 0
	gives "a socket of unix" 3 -- try call 41 1 1 0
	gives "of inet" 3 -- try call 41 2 1 0
	gives "of netlink" 3 -- try call 41 16 3 0
	gives "a call that no kernel has" ENOSYS -- try call 500
	gives "x32's open" ENOSYS -- try call 0x40000002 /etc/passwd 0
	gives "x32's execve without its mark" ENOSYS -- try call 520
	run cagebox run --root "$root" --seccomp off -- try call32 20
	case $out in
	[0-9]*)
		gives "32-bit: getpid" 2 -- try call32 20
		gives "32-bit: mount" EPERM -- try call32 21 /a /b /c 0 0
		gives "32-bit: umount" EPERM -- try call32 22 /a
		gives "32-bit: clone with a user namespace" EPERM -- try call32 120 0x10000011 0
		gives "32-bit: socketcall" ENOSYS -- try call32 102 1 /x
		gives "32-bit: socket of vsock" EAFNOSUPPORT -- try call32 359 40 1 0
		gives "32-bit: keyctl" EPERM -- try call32 288 0 -3 0
		gives "32-bit: ioctl" EPERM -- try call32 54 0 0x5412 /x
		gives "32-bit: clone3" ENOSYS -- try call32 435
		gives "32-bit: a call that no kernel has" ENOSYS -- try call32 500
		;;
	*) skip "calls by the way of 32-bit programs" "a kernel that has it" ;;
	esac
	gives "64 bits of a flag" EPERM -- try call 272 0xff00000010000000
	printf '@include default\ngetpid: arg0 == 1; return EIO\n' >wide
	gives "a policy compares 64 bits where the kernel reads them" EIO --seccomp wide -- try call 39 0x100000001
	gives "and takes what is equal" 2 --seccomp wide -- try call 39 1
	for call in 'mknod:2 133 /x 0x11a4' 'bind:2 49 -1 /x' 'sendto:5 44 -1 /x 0 0 0' 'shmget:0 29' 'getdents64:2 217 -1 /x'; do
		printf '@include default\n%s: arg%s != 0; return EIO\n' "${call%%:*}" "$(echo "$call" | sed 's/.*:\([0-9]\).*/\1/')" >narrow
		gives "and 32 bits of ${call%% *} where it reads those" EIO --seccomp narrow -- try call ${call#* } 0x100000000
	done
	;;
*) skip "calls by their numbers" "an x86_64" ;;
esac

# --- what else runs inside ----------------------------------------------------------------------------------------------------------
mkdir -p "$root/etc/cagebox/shutdown.d"
printf '#!/bin/sh\ngrep Seccomp: /proc/self/status >>/said\n' >"$root/etc/cagebox/shutdown.d/hook"
chmod 755 "$root/etc/cagebox/shutdown.d/hook"
printf 'grep Seccomp: /proc/self/status >>/said\n' >script
for privs in yes no; do
	: >"$root/said"
	chmod 666 "$root/said"
	run cagebox run --root "$root" --init-script script --shutdown-hook 'grep Seccomp: /proc/self/status >>/said' \
		--no-new-privs=$privs -u 1000 -- sh -c 'grep Seccomp: /proc/self/status; grep CapPrm /proc/self/status'
	is "no_new_privs=$privs: a command of another user" "$status $out" "0 Seccomp:	2
CapPrm:	0000000000000000"
	is "no_new_privs=$privs: script and hooks" "$(cat "$root/said")" "Seccomp:	2
Seccomp:	2
Seccomp:	2"
done
rm "$root/etc/cagebox/shutdown.d/hook"
for options in '' --no-new-privs=no; do
	cagebox run -d -n seccomp-exec --root "$root" $options -- sleep 1000 >/dev/null
	run cagebox exec seccomp-exec sh -c 'grep Seccomp: /proc/self/status; unshare -U true || mount -t tmpfs x /mnt || echo denied'
	is "${options:-default}: exec'ed programs" "$out" "Seccomp:	2
denied"
	run cagebox exec -u 1000 seccomp-exec grep Seccomp: /proc/self/status
	is "${options:-default}: of another user" "$out" "Seccomp:	2"
	run cagebox exec --cap-add sys_admin seccomp-exec sh -c 'mount -t tmpfs x /mnt && umount /mnt && echo mounted'
	is "${options:-default}: with a capability of their own" "$out" mounted
	cagebox kill -a seccomp-exec
done
run cagebox run --root "$root" --no-new-privs=no -- sh -c 'grep CapBnd /proc/self/status'
is "the capability that the filter takes is gone" "$out" "CapBnd:	00000000a00405fb"
run cagebox run --root "$root" --no-new-privs=no --cap-add sys_ptrace -- true
is "but for those who may trace init, which is said" "$status $err" \
	"0 cagebox: run: warning: cap_add: with sys_ptrace and without no_new_privs it can make use of init's sys_admin"
for options in '' '--no-new-privs=no --seccomp off' '--no-new-privs=no -N uphic' '--no-new-privs=no --cap-add sys_admin'; do
	run cagebox run --root "$root" --cap-add sys_ptrace $options -- true
	is "not with ${options:-no_new_privs}" "$status $err" "0 "
done

for options in '-N uphic' '-N none' '--cap-drop all -u 1000' '--tty=yes'; do
	for privs in yes no; do
		run cagebox run --root "$root" --no-new-privs=$privs $options -- grep Seccomp: /proc/self/status
		is "$options, no_new_privs=$privs" "$status $(printf %s "$out" | tr -d '\r')" "0 Seccomp:	2"
	done
done

# --- capabilities -------------------------------------------------------------------------------------------------------------------
run cagebox run --root "$root" --cap-add sys_admin -- sh -c 'mount -t tmpfs x /mnt && unshare -u hostname inner && echo mounted'
is "cap_add=sys_admin opens mount and namespaces" "$status $out" "0 mounted"
run cagebox run --root "$root" -- chroot /bin ./busybox true
status_is "chroot is in the default set" 0
run cagebox run --root "$root" --cap-drop sys_chroot -- chroot /bin ./busybox true
isnt "and gone with its capability" "$status" 0

# --- policies -----------------------------------------------------------------------------------------------------------------------
printf '@include default\nmkdir: return 28\nchroot: kill\n' >policy
run cagebox run --root "$root" --seccomp policy -- sh -c 'mkdir /x; echo on'
is "a policy's errors" "$status $out $err" "0 on mkdir: can't create directory '/x': No space left on device"
run cagebox run --root "$root" --seccomp policy -- chroot / true
status_is "its end of a program" 159
run cagebox run --root "$root" --seccomp policy -- sh -c 'chroot / true; echo on'
like "which is that program's only" "$out" on
echo 'read write: 1' >policy
run cagebox run --root "$root" --seccomp policy -- true
status_is "what has no rule is the end" 159
run cagebox run -d -n seccomp-policy --root "$root" --seccomp policy -- true
status_is "in the background, too" 0
cagebox wait seccomp-policy
is "and known of" "$?" 159
printf 'execve: 1\n@include more\n' >policy
printf 'reed: 1\n' >"$work/more"
run cagebox run --root "$root" --seccomp policy -- true
is "an error names its line" "$status $err" "125 cagebox: run: seccomp: policy:2: more:1: 'reed' is not a system call of this machine"
run cagebox run --root "$root" --seccomp nothing -- true
is "or the file" "$status $err" \
	"125 cagebox: run: seccomp: open the policy nothing: No such file or directory (or is default, off or trace meant?)"
run cagebox run --root "$root" --seccomp trace: -- true
status_is "and what is no setting" 125

# --- traces -------------------------------------------------------------------------------------------------------------------------
job='ls / >/dev/null; cat /etc/passwd | wc -l; sh -c "echo sub"'
run timeout 60 cagebox run -n seccomp-trace --root "$root" --seccomp trace -- sh -c "$job"
is "a traced program does what it does" "$status $out" "0 2
sub"
check "its policy is in the current directory" test -s seccomp-trace.policy
is "that of its user, for all to read" "$(stat -c '%u %a' seccomp-trace.policy)" "$(id -u) 644"
run cagebox run --root "$root" --seccomp seccomp-trace.policy -- sh -c "$job"
is "by which it does the same" "$status $out" "0 2
sub"
run cagebox run --root "$root" --seccomp seccomp-trace.policy -- mkdir /y
status_is "and nothing else" 159
run timeout 60 cagebox run --lower "$root_debian" --seccomp "trace:$PWD/debian.policy" -- bash -c 'perl -e "print 6 * 7, qq(\n)"; tar cf - /etc/apt | wc -c >/dev/null; dpkg -l | grep -c bash'
is "larger programs" "$status $(one_line)" "0 42 1"
run cagebox run --lower "$root_debian" --seccomp debian.policy -- bash -c 'perl -e "print 6 * 7, qq(\n)"; tar cf - /etc/apt | wc -c >/dev/null; dpkg -l | grep -c bash'
is "by their policy" "$status $(one_line)" "0 42 1"
run timeout 60 cagebox run --root "$root" --seccomp trace:ended -- sh -c 'kill -KILL $$'
is "a program that is killed" "$status $(grep -c '^kill: 1' ended)" "137 1"
run cagebox run -d --root "$root" --seccomp trace -- true
is "not in the background" "$status $err" "125 cagebox: run: seccomp=trace needs a container in the foreground"
run timeout 60 cagebox run --root "$root" --seccomp trace:/nowhere/x -- true
is "a policy that cannot be written" "$status $err" "125 cagebox: run: seccomp: write the policy /nowhere/x: No such file or directory"

# --- ordinary programs ----------------------------------------------------------------------------------------------------------------
run cagebox run --lower "$root_debian" -- bash -c 'set -e; cd /tmp; tar cf a.tar /etc/apt 2>/dev/null; mkdir x; tar xf a.tar -C x; useradd -m tester; su tester -c "id -un"; perl -MSocket -e "socket(S,PF_INET,SOCK_STREAM,0) or die; print qq(socket\n)"; setpriv --reuid 1000 --clear-groups id -u; chown -R tester x; sleep 0.01 & wait; dpkg -s bash | grep -c ^Status; echo done'
is "tar, users, sockets, dpkg in a Debian" "$status $(one_line)" "0 tester socket 1000 1 done"
run cagebox run --lower "$root_debian" --net none -- bash -c 'apt-get check -qq && dpkg-query -W bash >/dev/null && echo fine'
is "apt-get" "$status $out" "0 fine"
finish
