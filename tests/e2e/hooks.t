#!/bin/sh
# SPDX-License-Identifier: Zlib
# Hooks on the host, the init script and the shutdown hook inside: what they are given, in which order, and what their failure does.
# shellcheck disable=SC2016,SC2086 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

cat >hook <<EOT
#!/bin/sh
echo "\$1 \$2 \$3 \$4 \$#" >>$work/calls
if [ "\$1" = init ]; then
	cat "\$2/etc/hostname" >>$work/calls
	[ ! -e $work/fail-init ] || exit 3
else
	[ ! -e $work/fail-shutdown ] || exit 4
fi
EOT
chmod 755 hook
hooks="--hook-init $work/hook --hook-shutdown $work/hook"
copy=$(root_copy "$root_busybox")

# --- hooks on the host ---------------------------------------------------------------------------------------------------

run cagebox run --root "$copy" $hooks -u app -- sh -c 'exit 6'
status_is "with hooks the exit code is the command's" 6
is "they run before and after, with the root and who runs in it" "$(cat calls)" "init $copy 1000 1000 4
busybox
shutdown $copy 1000 1000 4"
rm calls
run cagebox run --lower "$root_busybox" --name hooked $hooks -v "$work:/mnt" -- sh -c 'echo command >>/mnt/calls'
is "with an overlay too, and the root is there to see" "$(cat calls)" "init /run/cagebox/hooked/root 0 0 4
busybox
command
shutdown /run/cagebox/hooked/root 0 0 4"
leaks_check "after them nothing is left over"
printf '#!/bin/sh\n[ "$1" = shutdown ] || echo changed >"$2/etc/hostname"\n' >change
chmod 755 change
run cagebox run --lower "$root_busybox" --hook-init "$work/change" -- cat /etc/hostname
is "what the hook does to the root the container sees" "$out" changed
is "and nothing else does" "$(cat "$root_busybox/etc/hostname")" busybox
printf '#!/bin/sh\nls -l /proc/self/fd >%s/fds; id -u; readlink /proc/self/ns/mnt\n' "$work" >look
chmod 755 look
run cagebox run --lower "$root_busybox" --hook-init "$work/look" -- true
is "a hook runs on the host" "$(echo "$out" | tail -n 1)" "$(readlink /proc/self/ns/mnt)"
unlike "without a descriptor of ours" "$(cat fds)" 'memfd|socket|/run/cagebox'

touch fail-init
rm -f calls
run cagebox run --lower "$root_busybox" --name failing $hooks -v "$work:/mnt" -- sh -c 'echo command >>/mnt/calls'
status_is "an init hook that fails aborts the start" 125
is "it is named, with its exit code" "$err" "cagebox: run: the hook $work/hook init failed with exit code 3"
is "the command does not run, the shutdown hook does, once" "$(cut -d' ' -f 1 calls | tr '\n' ' ')" "init busybox shutdown "
leaks_check "and nothing is left over"
rm -f fail-init calls
touch fail-shutdown
run cagebox run --lower "$root_busybox" $hooks -- sh -c 'exit 7'
status_is "a shutdown hook that fails changes no exit code" 7
like "but is told" "$err" "^cagebox: run: warning: .*$work/hook shutdown failed with exit code 4"
rm -f fail-shutdown calls
run cagebox run --lower "$root_busybox" $hooks -- nonsense
is "the shutdown hook runs for a command that is not found" "$status $(grep -c ^shutdown calls)" "127 1"
rm -f calls
run cagebox run --lower "$root_busybox" $hooks -- sh -c 'kill -9 $$'
is "and for one that is killed" "$status $(grep -c ^shutdown calls)" "137 1"
printf '#!/bin/sh\nkill -9 $$\n' >killed
chmod 755 killed
run cagebox run --lower "$root_busybox" --hook-init "$work/killed" -- true
is "a hook that is killed is a failure" "$status $err" "125 cagebox: run: the hook $work/killed init was killed by signal KILL"
rm -f calls
cagebox run --lower "$root_busybox" -d --name dies $hooks -- sleep 1000
kill -9 "$(cagebox list --json | jq '.[0].monitor')"
wait_for sh -c '[ -z "$(cagebox list -q)" ]'
is "if the monitor is killed the next call makes up for the shutdown hook" "$(grep -c ^shutdown calls)" 1
cagebox list -a >/dev/null
is "once" "$(grep -c ^shutdown calls)" 1

# --- the init script -----------------------------------------------------------------------------------------------------

cat >script <<'EOT'
echo "script $(id -u) $$ $(cat /etc/hostname)"
echo "fred:x:2000:2001::/home/fred:/bin/sh" >>/etc/passwd
EOT
run cagebox run --lower "$root_busybox" -i "$work/script" -u fred -- sh -c 'echo "command $(id -u) $(id -g)"'
is "it runs inside, as root, before the command, which may be who it adds" "$(echo "$out" | cut -d' ' -f 1,2,4)" "script 0 busybox
command 2000"
is "without being in the container" "$(grep -c fred "$root_busybox/etc/passwd")" 0
run sh -c "cagebox run --lower $root_busybox --init-script /proc/self/fd/3 -- cat /made 3<<'END'
echo here >/made
END"
is "it may be a here document" "$out$err" here
echo 'exit 9' >bad
run cagebox run --lower "$root_busybox" --name scripted -i "$work/bad" -v "$work:/mnt" $hooks -- touch /mnt/ran
is "one that fails aborts the start" "$status $(ls ran 2>/dev/null)" "125 "
like "and is told with its exit code" "$err" '^cagebox: run: init script: .*9$'
leaks_check "nothing is left over"
mkdir -p empty/lib
run cagebox run --lower "$work/empty" -i "$work/script" -- "@$root_busybox/bin/stat-true"
status_is "without a shell inside there is no init script" 125
like "which is said" "$err" '^cagebox: run: init script: .*/bin/sh'
run cagebox run --lower "$root_busybox" -i "$work/script" -u nosuch -- true
like "a user that it does not add is missing" "$status $err" "^125 .*no user 'nosuch'"

# --- on the way down -------------------------------------------------------------------------------------------------------

run cagebox run --lower "$root_busybox" --shutdown-hook 'echo "down $(id -u)"; ps | grep -c "[s]leep 4711"' -u app -- sh -c 'sleep 4711 & echo up; exit 3'
is "the shutdown hook runs inside, as root, while the others still live" "$status $(echo "$out" | tr '\n' ' ')" "3 up down 0 1 "
run cagebox run --lower "$root_busybox" --shutdown-hook 'exit 5' -- sh -c 'exit 3'
status_is "its failure changes no exit code" 3
cagebox run --lower "$root_busybox" -d --name down -v "$work:/mnt" --shutdown-hook 'echo hook >>/mnt/order' -- \
	sh -c 'trap "echo signal >>/mnt/order; exit 0" TERM; echo ready >/mnt/order; while :; do sleep 0.1; done'
wait_for test -s order
run cagebox stop down
is "at a stop it goes before the signal" "$status $(tr '\n' ' ' <order)" "0 ready hook signal "
cagebox run --lower "$root_busybox" -d --name down -v "$work:/mnt" --stop-signal USR1 -- \
	sh -c 'trap "echo usr1 >/mnt/order; exit 0" USR1; trap "echo term >/mnt/order" TERM; echo ready >/mnt/order2; while :; do sleep 0.1; done'
wait_for test -s order2
run cagebox stop down
is "the stop signal is the one that was set" "$(cat order)" usr1
finish
