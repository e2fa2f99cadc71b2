#!/bin/sh
. "$(dirname "$0")/../lib.sh"
patience=6
mkdir -p bin seen other out conf_dir mnt
cagebox --install -s bin; PATH=$work/bin:$PATH
mount -t tmpfs -o mode=755 lib /var/lib
mount -t tmpfs conf /etc/cagebox
leaks_begin
box() { cagebox run --lower "$root_busybox" "$@"; }
mon() { cagebox list --json | jq -r ".[]|select(.name==\"$1\").monitor"; }
diag "1: parallel cage true, 5 x 40"
worker() { n=0; while [ $n -lt 40 ]; do n=$((n+1)); cage -l "$root_busybox" -n a -- true 2>err.$1 || { s=$?; echo "$s: $(grep -v warning err.$1)"; }; done; }
for w in 1 2 3 4 5; do worker $w >res.$w & p="$p $!"; done; wait $p; p=
sort res.* | uniq -c | sort -rn | head -20
diag "1b: parallel micro-container true, 5 x 30"
worker() { n=0; while [ $n -lt 30 ]; do n=$((n+1)); micro-container -l "$root_busybox" -b $work/b -n a -- true 2>err.$1 || { s=$?; echo "$s: $(grep -v warning err.$1)"; }; done; }
for w in 1 2 3 4 5; do worker $w >res.$w & p="$p $!"; done; wait $p; p=
sort res.* | uniq -c | sort -rn | head -20
diag "2: parallel start -r"
printf '%s\n' "lower=$root_busybox" "command=sleep 1000" >/etc/cagebox/one.conf
worker() { n=0; while [ $n -lt 15 ]; do n=$((n+1)); cagebox start -r one 2>err.$1 || { s=$?; echo "$s: $(cat err.$1)"; }; done; }
for w in 1 2 3; do worker $w >res.$w & p="$p $!"; done; wait $p; p=
sort res.[123] | uniq -c | sort -rn | head -20
cagebox stop one
diag "3: quick detached: is all output in the log?"
bad=0; for i in $(seq 150); do cagebox run --lower $root_busybox -d -n q$i -- sh -c 'echo hi; echo err >&2' >/dev/null; cagebox wait q$i; case "$(cagebox logs q$i 2>&1|sort|tr '\n' ' ')" in "err hi ") ;; *) bad=$((bad+1)); cagebox logs q$i;; esac; done; diag "bad $bad"
bad=0; for i in $(seq 150); do cagebox run --lower $root_busybox -d -t -n r$i -- sh -c 'echo hi; echo err >&2' >/dev/null; cagebox wait r$i; case "$(cagebox logs r$i 2>&1|sort|tr '\n' ' ')" in "err hi ") ;; *) bad=$((bad+1)); cagebox logs r$i;; esac; done; diag "tty bad $bad"
diag "3b: big tty output across hand-over"
bad=0; for i in $(seq 20); do cagebox run --lower $root_busybox -d -t -n s$i -- sh -c 'seq 20000' >/dev/null; cagebox wait s$i; n=$(cagebox logs s$i | wc -l) ; [ $n = 20000 ] || { bad=$((bad+1)); diag $n; }; done; diag "tty big bad $bad"
bad=0; for i in $(seq 20); do cagebox run --lower $root_busybox -d -n t$i -- sh -c 'seq 20000' >/dev/null; cagebox wait t$i;  cagebox logs t$i >shown; seq 20000 | cmp - shown || bad=$((bad+1)); done; diag "pipe big bad $bad"
finish
