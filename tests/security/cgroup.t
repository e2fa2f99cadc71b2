#!/bin/sh
# SPDX-License-Identifier: Zlib
# CVE-2022-0492, 2023-25809: always a cgroup namespace; no cgroup file system inside that can be written; release_agent is out of reach even for root
# with CAP_SYS_ADMIN.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside; $caps is several words
. "$(dirname "$0")/../lib.sh"

agents()
{
	for file in /sys/fs/cgroup/*/release_agent; do
		[ ! -e "$file" ] || echo "$file $(cat "$file") $(cat "${file%release_agent}notify_on_release")"
	done
}
agents >before

# Should one of them get through, it does not stay.
put_back()
{
	while read -r file agent _; do
		case $agent in
		[01]) echo >"$file" ;;
		*) echo "$agent" >"$file" ;;
		esac
	done <before
}
ours=$(stat -L -c %i /proc/self/ns/cgroup)
for namespaces in none p uphic hi; do
	run cagebox run -N $namespaces --lower "$root_busybox" -- sh -c 'stat -L -c %i /proc/self/ns/cgroup; grep -v ":/$" /proc/self/cgroup; ls -A /sys/fs/cgroup | wc -l'
	unlike "-N $namespaces has a cgroup namespace of its own" "$out" "^$ours\$"
	is "-N $namespaces is at the top of what it sees, and there is no cgroup file system" "$(echo "$out" | tail -n +2)" 0
done
cagebox run --lower "$root_busybox" -d --name cgroup-box -- sleep 1000 >/dev/null
run cagebox exec cgroup-box sh -c 'cut -d: -f 3 /proc/self/cgroup | sort -u; stat -L -c %i /proc/self/ns/cgroup'
is "exec sees no more" "$(echo "$out" | head -n 1)" /
is "and is in the container's" "$(echo "$out" | tail -n 1)" "$(stat -L -c %i "/proc/$(cagebox list --json | jq '.[0].pid')/ns/cgroup")"
cagebox stop -t 0s cgroup-box
# The host's own root: its sysfs, with the cgroups in it, comes along, but not to be written.
run cagebox run --root / --cap-add dac_read_search -- sh -c 'for f in $(find /sys/fs/cgroup -maxdepth 2 -name "release_agent" -o -maxdepth 2 -name "cgroup.procs"); do (echo 1 >$f) 2>/dev/null && echo "wrote $f"; done; mkdir /sys/fs/cgroup/*/cgroup-evil /sys/fs/cgroup/cgroup-evil 2>/dev/null && echo made; true'
is "in the host's own root they cannot be written" "$status $out" "0 "

# With CAP_SYS_ADMIN every hierarchy can be mounted: what is seen is the container's own cgroup, in which there is no release_agent.
cat >attack <<'EOT'
#!/bin/sh
mkdir -p /tmp/c
for c in $(sed -n 's/^[0-9]*:\([^:]*\):.*/\1/p' /proc/self/cgroup); do
	mount -t cgroup -o "$c" none /tmp/c || continue
	echo mounted
	find /tmp/c -name release_agent | sed "s/^/release_agent of $c: /"
	(echo /evil >/tmp/c/release_agent) 2>/dev/null && echo "set in $c"
	(echo 1 >/tmp/c/../release_agent) 2>/dev/null && rm /tmp/c/../release_agent
	mount -o "remount,$c,release_agent=/evil" /tmp/c && echo "remounted $c"
	umount /tmp/c
	mount -t cgroup -o "$c,release_agent=/evil" none /tmp/c && umount /tmp/c
done
mount -t cgroup -o none,name=evil none /tmp/c && echo 'a hierarchy of its own'
mount -t cgroup -o none,name=evil,release_agent=/evil none /tmp/c && echo 'and with an agent'
mount -t cgroup2 none /tmp/c && { ls /tmp/c/cgroup.procs; find /tmp/c -name release_agent; umount /tmp/c; }
mount -t cgroup -o hugetlb none /tmp/c && find /tmp/c -name release_agent
exit 0
EOT
chmod 755 attack
for caps in '--cap-add sys_admin' '--cap-add sys_admin --seccomp off' '--cap-add all --cap-drop sys_resource' '-N uphic --seccomp off'; do
	run cagebox run --lower "$root_busybox" $caps -v "$work/attack:/bin/attack:ro" -- attack
	status_is "every way to an agent is tried with $caps" 0
	unlike "and leads nowhere" "$out" 'release_agent|set in|remounted|of its own|agent'
	agents >after
	check "the host's are as they were" diff before after
	cmp -s before after || put_back
done
run cagebox run --lower "$root_busybox" --cap-add sys_admin -v "$work/attack:/bin/attack:ro" -- attack
if grep -qE ' - cgroup ' /proc/self/mountinfo; then
	like "the attack did mount some" "$out" '^mounted$'
else
	skip "the attack did mount some" "this machine has no hierarchy of cgroup v1"
fi
finish
