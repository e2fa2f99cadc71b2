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
