#!/bin/sh
# SPDX-License-Identifier: Zlib
# What of the host passes a container's border on purpose, scripts, streams, settings, must not be a way back.
. "$(dirname "$0")/../lib.sh"

# --- the init script is the host's, the shell that reads it is the image's --------------------------------------------------
evil=$(root_copy "$root_busybox")
cat >"$evil/bin/evil" <<'END'
#!/bin/sh
echo OWNED >>"$1"
echo OWNED >>/proc/self/fd/7
exec /bin/sh "$@"
END
chmod 755 "$evil/bin/evil"
sed -i 's|^\(root:.*\):[^:]*$|\1:/bin/evil|' "$evil/etc/passwd"
echo 'echo from the script' >script
before=$(cat script)
run cagebox run --root "$evil" --init-script "$work/script" -- true
status_is "a script whose shell tries to change it still runs" 0
is "it is what it was" "$(cat script)" "$before"

# --- the null device of the caller ---------------------------------------------------------------------------------------------
mknod null c 1 3
chmod 666 null
run sh -c 'cagebox run --root "$0" -- sh -c "chmod 600 /proc/self/fd/0 /proc/self/fd/1; chown 12345 /proc/self/fd/0" \
	<"$1" >"$1"' "$root_busybox" "$work/null"
is "a null device given as a stream cannot be changed from inside" "$(stat -c '%a %u' null)" "666 0"
cagebox run -d --name host-null --root "$root_busybox" -- sleep 1000 >/dev/null
run sh -c 'cagebox exec host-null sh -c "chmod 600 /proc/self/fd/0" <"$0"' "$work/null"
is "nor by exec" "$(stat -c '%a %u' null)" "666 0"
cagebox stop host-null

# --- the caller's keys ------------------------------------------------------------------------------------------------------------
cat >keys.c <<'END'
#define _GNU_SOURCE
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	char secret[64] = "";
	if (argc > 2) { /* keys RUN COMMAND...: with a key in a session keyring of our own */
		syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
		if (syscall(SYS_add_key, "user", "cagebox-test", "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0)
			return perror("add_key"), 3;
		execv(argv[2], argv + 2);
		return 4;
	}
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "cagebox-test", 0);
	if (key < 0)
		return puts("no key"), 0;
	syscall(SYS_keyctl, KEYCTL_READ, key, secret, sizeof(secret) - 1);
	return printf("key: %s\n", secret), 1;
}
END
musl-gcc -static -idirafter "$top/build/uapi" -o keys keys.c || bail_out "keys.c does not build"
run ./keys run "$work/keys"
if [ "$status" = 1 ]; then
	is "a key is there to be found" "$out" "key: secret"
	run ./keys run "$CAGEBOX" run --lower "$root_busybox" --mount-ro "$work/keys:/bin/keys" -- keys
	is "not in a container" "$out" "no key"
	cagebox run -d --name host-keys --lower "$root_busybox" --mount-ro "$work/keys:/bin/keys" -- sleep 1000 >/dev/null
	run ./keys run "$CAGEBOX" exec host-keys keys
	is "nor in what goes into one" "$out" "no key"
	cagebox stop -t 0s host-keys
else
	skip "the caller's keys stay outside" "the kernel has no keyrings"
fi

# --- what exec gives ----------------------------------------------------------------------------------------------------------------
cagebox run -d --name host-exec --lower "$root_busybox" --user app --cap-drop all --rlimit nofile=64 --env KEPT=yes --cwd /home \
	-- sleep 1000 >/dev/null
# shellcheck disable=SC2016
run cagebox exec host-exec sh -c 'id -u; ulimit -n; echo $KEPT; pwd; sed -n "s/CapBnd:.//p" /proc/self/status'
is "exec gives no more than the command has" "$out" "1000
64
yes
/home
0000000000000000"
run cagebox exec --user root host-exec id -u
is "unless it is asked to" "$out" 0
cagebox stop host-exec

# --- hooks of the image -------------------------------------------------------------------------------------------------------------
mkdir -p hooked/etc/cagebox/shutdown.d
printf '#!/bin/sh\nid -u >&2\n' >hooked/etc/cagebox/shutdown.d/10-id
chmod 755 hooked/etc/cagebox/shutdown.d/10-id
run cagebox run --lower "$work/hooked:$root_busybox" --user app -- true
is "a hook that comes with the image runs as the command's user" "$err" 1000
run cagebox run --lower "$root_busybox" --user app --shutdown-hook 'id -u >&2' -- true
is "one that was configured as root" "$err" 0

# --- many who wait ---------------------------------------------------------------------------------------------------------------------
cagebox run -d --name host-wait --root "$root_busybox" -- sh -c 'trap "exit 3" TERM; while :; do sleep 0.01; done' >/dev/null
for i in $(seq 100); do
	(cagebox wait host-wait; echo $? >"waited.$i") &
done
# Each holds a connection to the monitor.
connected()
{
	set -- "/proc/$(monitor_of host-wait)/fd/"*
	[ $# -ge 100 ]
}
monitor_of()
{
	cagebox list --json | jq -r ".[] | select(.name == \"$1\") | .monitor"
}
wait_for connected
run cagebox stop host-wait
status_is "a stop is heard although a hundred wait" 0
wait
is "and it was graceful, for all of them" "$(cat waited.* | sort | uniq -c | tr -s ' ')" " 100 3"

# --- the place where a root is put together --------------------------------------------------------------------------------------------
printf '#!/bin/sh\n' >hook
chmod 755 hook
cagebox run -d --name host-root --lower "$root_busybox" --hook-init "$work/hook" -- sleep 1000 >/dev/null
check "a root mounted on the host is for root alone" not as_user ls /run/cagebox/host-root/root
check "the place is there" ls /run/cagebox/host-root/root/bin
cagebox stop host-root
finish
