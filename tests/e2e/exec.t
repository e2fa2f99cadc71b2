#!/bin/sh
# SPDX-License-Identifier: Zlib
# exec: a further command in a running container, with its namespaces, its cgroup, and an end that is passed on both ways.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

links='for l in mnt pid uts ipc net cgroup time user; do readlink /proc/self/ns/$l; done'
box()
{
	cagebox run --lower "$root_busybox" -d "$@" >/dev/null || bail_out "no container: $*"
}

box --name box -N phtinc -v "$work:/mnt" -- sh -c "($links) >/mnt/links; ln /mnt/links /mnt/ready; exec sleep 1000"
wait_for test -e ready
run cagebox exec box -- sh -c "$links"
is "it joins all namespaces" "$out$err" "$(cat links)"
run cagebox exec box sh -c 'exit 7'
status_is "its exit status is ours" 7
run cagebox exec box sh -c 'kill -9 $$'
status_is "a signal is 128 and its number" 137
run cagebox exec box nonsense
is "a command that is not there" "$status $err" "127 cagebox: exec: run nonsense: No such file or directory"
run cagebox exec box /etc/passwd
status_is "one that is none" 126
run sh -c 'echo in | cagebox exec box sh -c "cat; echo err >&2"'
is "streams are ours" "$out:$err" in:err
run cagebox exec box env
is "the environment is built afresh" "$(echo "$out" | cut -d= -f 1 | sort | tr '\n' ' ')" "HOME LOGNAME PATH SHELL USER container "
run cagebox exec -u app:audio -e 'A=b c' -w /etc box sh -c 'id -u; id -g; echo $A; pwd; umask; echo $HOME'
is "user, environment, directory" "$(echo "$out" | tr '\n' ' ')" "1000 29 b c /etc 0022 /home/app "
run cagebox exec box sh -c 'sed -n "s/^Cap\(Eff\|Bnd\|Inh\|Amb\).//p" /proc/self/status; grep NoNewPrivs /proc/self/status | cut -f 2'
inside=$(cagebox run --lower "$root_busybox" -- sh -c 'sed -n "s/^Cap\(Eff\|Bnd\|Inh\|Amb\).//p" /proc/self/status; grep NoNewPrivs /proc/self/status | cut -f 2')
is "capabilities are those of the container" "$out" "$inside"
run cagebox exec --cap-drop all box sh -c 'grep CapBnd /proc/self/status | cut -f 2'
is "or fewer" "$out" 0000000000000000
run cagebox exec -w /missing box true
like "a directory that is missing" "$status $err" '^125 cagebox: exec: .*/missing: No such file'
run cagebox exec -u nosuch box true
like "a user who is missing" "$status $err" "^125 cagebox: exec: no user 'nosuch'"
run cagebox exec nosuch true
is "a container that is missing" "$status $err" "125 cagebox: exec: no container is called nosuch"
run cagebox exec -- box echo -n -- -x
is "options of the command are its own" "$out" "-- -x"
run sh -c "echo 'echo \$0' | cagebox exec box"
like "without a command it is a login shell" "$out" '^-sh$'
run cagebox exec --tty=yes box sh -c 'tty; ps -o pid,tty | grep "^ *$$ "; exit 4'
status_is "with a terminal" 4
like "which is in the container's /dev/pts" "$out" '^/dev/pts/[0-9]+'
run cagebox exec box ls /dev/pts
is "and is gone after" "$out" ptmx
run cagebox exec box sh -c 'ls /proc/$$/fd; :'
is "no descriptor comes along" "$(echo "$out" | tr '\n' ' ')" "0 1 2 "

# --- ends ------------------------------------------------------------------------------------------------------------------

cagebox exec box sh -c 'echo $$ >/mnt/visitor; exec sleep 2000' &
client=$!
wait_for test -s visitor
kill -9 $client
wait $client 2>/dev/null
check "a killed client takes its process along" wait_for sh -c '! cagebox exec box ps | grep -q "[s]leep 2000"'
cagebox exec box sh -c 'trap "exit 9" TERM; echo ready >/mnt/visitor2; while :; do sleep 0.1; done' &
client=$!
wait_for test -s visitor2
kill -TERM $client
client_status=0
wait $client || client_status=$?
is "signals are passed on" "$client_status" 9
cagebox exec box sh -c 'echo ready >/mnt/visitor3; exec sleep 3000' &
client=$!
wait_for test -s visitor3
run cagebox stop -t 1s box
client_status=0
wait $client || client_status=$?
is "the end of the container ends the session" "$status $client_status" "0 143"
run cagebox exec box true
like "afterwards nobody gets in" "$status $err" '^125 cagebox: exec: the container box is not running'

# --- without a pid namespace: the cgroup is what holds it together ----------------------------------------------------------

box --name open -N hic -v "$work:/mnt" -- sh -c 'cat /proc/self/cgroup >/mnt/cgroup; sleep 1000; :'
wait_for test -s cgroup
cagebox exec open sh -c 'cat /proc/self/cgroup >/mnt/cgroup2; exec sleep 4000' &
client=$!
wait_for sh -c 'test -s cgroup2 && pgrep -f "^sleep 4000" >/dev/null'
is "it joins the cgroup" "$(cat cgroup2)" "$(cat cgroup)"
visitor=$(pgrep -f '^sleep 4000')
is "as the host sees it too" "$(grep -o 'cagebox[^/]*' "/proc/$visitor/cgroup" | sort -u | wc -l)" 1
cagebox kill -a open
client_status=0
wait $client || client_status=$?
is "and ends with the container" "$client_status" 137
finish
