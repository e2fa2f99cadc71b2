#!/bin/sh
# SPDX-License-Identifier: Zlib
# No setuid mode: a copy of the binary with the bit set drops to its caller for good before it reads anything. And nothing inside an image
# is configuration of the container's privileges (nspawn CVE-2026-40226).
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

mkdir bin && cp "$CAGEBOX" bin/cagebox && chmod 6755 bin/cagebox
chmod 755 "$work"
run as_user bin/cagebox run -- id -u
is "run with the bit set is run without it" "$status $out" "$(as_user cagebox run -- id -u 2>/dev/null; echo "$? ")"
ln -s cagebox bin/init
run as_user bin/init -s -- sh -c 'id -u; id -g; grep -E "^[UG]id" /proc/self/status'
is "what it runs is the caller, in every id" "$(echo "$out" | tr '\t' ' ' | sort -u)" "1000
Gid: 1000 1000 1000 1000
Uid: 1000 1000 1000 1000"
mkdir own theirs && chown 1000:1000 own
run as_user bin/cagebox mkroot own/root
is "what it makes belongs to the caller" "$(find own/root -printf '%U:%G\n' | sort -u)" 1000:1000
run as_user bin/cagebox mkroot theirs/root
is "where the caller may not write it does not either" "$status $(ls theirs)" "125 "
run as_user bin/cagebox --install -s theirs
is "nor with --install" "$status $(ls theirs)" "125 "
cagebox run --lower "$root_busybox" -d --name box -- sleep 1000 >/dev/null
for command in 'list' 'stop box' 'kill -a box' 'kill box' 'exec box id' 'wait box'; do
	# shellcheck disable=SC2086
	run as_user env XDG_RUNTIME_DIR="$work/own" bin/cagebox $command
	unlike "$command does not reach root's containers" "$status $out" 'uid=0|box'
done
is "which run on" "$(cagebox list -q)" box
cagebox stop -t 1s box
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
