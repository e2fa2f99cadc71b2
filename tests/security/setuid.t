#!/bin/sh
# SPDX-License-Identifier: Zlib
# No setuid mode: a copy of the binary with the bit set drops to its caller for good before it reads anything. And nothing inside an image
# is configuration of the container's privileges (nspawn CVE-2026-40226).
# shellcheck disable=SC2016,SC2116 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

mkdir bin && cp "$CAGEBOX" bin/cagebox && chmod 6755 bin/cagebox
chmod 755 "$work"
run as_user bin/cagebox run --root "$root_busybox" -- sh -c 'id -u; echo $(cat /proc/self/uid_map); echo x >/etc/setuid || echo no'
is "run with the bit set is run without it: its root is the caller" "$status $(echo $out)" "0 0 0 1000 1 no"
is "who cannot have what is root's" "$(as_user bin/cagebox run --userns none -- id -u 2>&1)" \
	"cagebox: run: userns=none needs root (without root a container has a user namespace)"
ln -s cagebox bin/init
run as_user bin/init -s -- sh -c 'id -u; id -g; grep -E "^[UG]id" /proc/self/status'
is "what it runs is the caller, in every id" "$(echo "$out" | tr '\t' ' ' | sort -u)" "1000
Gid: 1000 1000 1000 1000
Uid: 1000 1000 1000 1000"
# Capabilities of the file are the same thing in another form. The bounding set is everybody's, or they would be gone before.
mkdir capped && cp "$CAGEBOX" capped/cagebox && ln -s cagebox capped/init && setcap cap_dac_override,cap_setuid+ep capped/cagebox
run setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all capped/init -s -- sh -c 'grep Cap[PE] /proc/$PPID/status'
is "nor with capabilities" "$(echo "$out" | cut -f 2)" "0000000000000000
0000000000000000"
mkdir own theirs && chown 1000:1000 own
run as_user bin/cagebox mkroot own/root
is "what it makes belongs to the caller" "$(find own/root -printf '%U:%G\n' | sort -u)" 1000:1000
run as_user bin/cagebox mkroot theirs/root
is "where the caller may not write it does not either" "$status $(ls theirs)" "125 "
run as_user bin/cagebox --install -s theirs
is "nor with --install" "$status $(ls theirs)" "125 "
cagebox run --lower "$root_busybox" -d --name setuid-box -- sleep 1000 >/dev/null
for command in 'list' 'stop setuid-box' 'kill -a setuid-box' 'kill setuid-box' 'exec setuid-box id' 'wait setuid-box'; do
	# shellcheck disable=SC2086
	run as_user env XDG_RUNTIME_DIR="$work/own" bin/cagebox $command
	unlike "$command does not reach root's containers" "$status $out" 'uid=0|setuid-box'
done
is "which run on" "$(cagebox list -q)" setuid-box
cagebox stop -t 1s setuid-box
mkdir trap && ln -s /run trap/cagebox
run as_user env XDG_RUNTIME_DIR="$work/trap" bin/cagebox list
isnt "nor does a link as run-time directory help" "$status" 0

# Capabilities of the file are the same in another dress.
cp "$CAGEBOX" bin/capable && setcap cap_setuid,cap_dac_override,cap_sys_admin=ep bin/capable && ln -s capable bin/cagebox-init
run setpriv --reuid 1000 --regid 1000 --clear-groups bin/cagebox-init -s -- sh -c 'sed -n "/^CapPrm/s/.*://p" /proc/$PPID/status'
is "nor do capabilities of the file" "$(echo "$out" | tr -d '[:blank:]')" 0000000000000000

# What the older programs gave to every local user, when the bit was set: each by the name of that program.
for name in cage container micro-container minimal-containers tcontainer; do
	ln -s cagebox bin/$name
done
mkdir -m 700 root-only && echo secret >root-only/secret && mkdir -m 777 shared home path
printf '#!/bin/sh\nid -u >>%s\nexit 1\n' "$work/shared/ran" >path/mke2fs
for tool in mount umount losetup sh newuidmap; do
	ln -s mke2fs path/$tool
done
chmod 755 path/mke2fs
sleep 1000 &
victim=$!
echo $victim >shared/victim.pid && chmod 666 shared/victim.pid
mkdir -p shared/configs shared/logs shared/pids && chmod -R a+rwX shared
echo $victim >shared/pids/victim && printf 'root=/\ninit=/bin/true\n' >shared/configs/victim
mkdir -p shared/evil/dev && ln -s "$work/root-only" shared/evil/link && rmdir shared/evil/dev && ln -s "$work/root-only" shared/evil/dev && chown -R 1000:1000 shared/evil
printf '#!/bin/sh\nid -u >>%s\n' "$work/shared/ran" >shared/script && chmod 755 shared/script
find root-only -printf '%p %y %m %U %T@\n' >only.before
attack()
{
	run as_user env PATH="$work/path:$PATH" HOME="$work/home" SUDO_UID=0 SUDO_GID=0 XDG_RUNTIME_DIR="$work/own" CAGEBOX_PATH="$work/shared" timeout 20 "$@" </dev/null
	find root-only -printf '%p %y %m %U %T@\n' >only.after
	tried=$*
	unlike "$tried shows nothing of root's" "$out" 'secret'
	check "$tried changes nothing of root's" cmp only.before only.after
	check "$tried kills nobody" kill -0 $victim
}
only=$work/root-only
attack bin/cage -v "$only:/mnt" -- cat /mnt/secret
attack bin/cage -l "$only" -- cat /secret
attack bin/cage -U "$only/upper" -l / -- true
attack bin/cage -a "$only" -n x -- true
attack bin/cage -k -p "$work/shared/victim.pid" -n victim
attack bin/cage -p "$work/shared/victim.pid" -n victim -- cat "$only/secret"
attack bin/cage -i "$work/shared/script" -n x -- true
attack bin/container -d "$only/lib" -b "$only/base" -n x -- true
attack bin/micro-container -d "$work/own/lib" -b "$work/home/../root-only" -n x -i "$work/shared/script" -s "$work/shared/script" -- true
attack bin/micro-container -l "$work/shared:$only" -v "$only:/mnt" -n x -- cat /mnt/secret
attack bin/micro-container -u 0:0 -n x -- cat "$only/secret"
attack bin/micro-container - -n victim
attack bin/minimal-containers start victim
attack bin/minimal-containers kill victim
attack bin/minimal-containers kill ../pids/victim
attack bin/minimal-containers start -s victim
attack bin/tcontainer fs "$work/shared/evil" name x true
attack bin/tcontainer fs "$only" name x 'cat /secret'
attack bin/cagebox run --root "$work/shared/evil" -- true
attack bin/cagebox run --pid-file "$only/pid" -- true
attack bin/cagebox start-all
attack bin/cagebox stop-all
unlike "no script or program of the caller's ran as root" "$(cat shared/ran 2>/dev/null)" '^0$'
kill $victim
wait $victim 2>/dev/null

# An image full of wishes.
copy=$(root_copy "$root_busybox")
for file in etc/cagebox/container.conf etc/cagebox/run.conf etc/cagebox/default.conf etc/cagebox.conf cagebox.conf config.json .cagebox etc/cagebox/example.conf root/.cagebox.conf; do
	mkdir -p "$copy/${file%/*}" 2>/dev/null || mkdir -p "$copy"
	printf '%s\n' 'cap_add=all' 'no_new_privs=no' 'namespaces=none' "mount=$work:/wish" 'device=/dev/mem' 'hook_init=/bin/hook' 'user=0' >"$copy/$file"
done
run cagebox run --lower "$copy" -u app -- sh -c 'grep -E "CapBnd|NoNewPrivs" /proc/self/status | cut -f 2; echo $$; ls -d /wish /dev/mem; id -u'
is "none of them is granted" "$(echo "$out" | tr '\n' ' ')" "00000000a00405fb 1 2 1000 "
is "nor is it an error" "$status" 0
finish
