#!/bin/sh
# SPDX-License-Identifier: Zlib
# The multicall binary: how an applet is found, what --help and --version print, --install, standard streams that are closed.
# shellcheck disable=SC2016 # commands in single quotes are for the shell inside
. "$(dirname "$0")/../lib.sh"

applets=$(cagebox | sed -n '/^Applets:/,$s/^  \([a-z-]*\) .*/\1/p')

# --- finding an applet -----------------------------------------------------------------------------------------------------

run cagebox
status_is "cagebox alone" 0
like "lists the applets, each with what it does" "$out" '^  run +[a-z]'
for name in run init list kill stop exec wait mkroot; do
	like "$name is among them" "$applets" "^$name\$"
done
unlike "the monitor, which nobody calls, is not" "$applets" monitor
list=$out
for option in --help -h; do
	run cagebox $option
	is "$option lists them too" "$status $out$err" "0 $list"
done
for option in --version -V; do
	run cagebox $option
	like "$option is one line" "$status $out$err" '^0 cagebox [0-9]+\.[0-9]+\.[0-9]+$'
done

unknown()
{
	run cagebox "$1"
	is "an unknown applet, $1" "$status $out" "127 "
	is "and what may have been meant" "$err" "cagebox: no applet is called '$1'$2"
}

unknown rnu ": did you mean 'run'?"
unknown lists ": did you mean 'list'?"
unknown stoop ": did you mean 'stop'?"
unknown mkrooot ": did you mean 'mkroot'?"
unknown completely-else "; 'cagebox' alone lists them"
unknown "$(printf '%0300d' 0)" "; 'cagebox' alone lists them"
unknown --nonsense "; 'cagebox' alone lists them"
unknown '' "; 'cagebox' alone lists them"
run cagebox -x
status_is "an option that is none" 127

# --- by name ---------------------------------------------------------------------------------------------------------------

mkdir bin
for name in list cagebox-list ps -list cagebox-ps cagebox cagebox-1.2 rnu cagebox-rnu cagebox-cagebox-list; do
	ln -s "$CAGEBOX" "bin/$name"
done
for name in list cagebox-list ps cagebox-ps -list; do
	run "bin/$name" --version
	like "called as $name it is list" "$status $out" '^0 list \(cagebox [0-9.]+\)$'
done
run cagebox ps --version
like "by its alias as first argument" "$out" '^list '
run bin/cagebox list --version
like "a link called cagebox takes the first argument" "$out" '^list '
run bin/cagebox-1.2 list --version
like "and one whose name begins so" "$out" '^list '
run bin/rnu
is "a link of an unknown name" "$status $err" "127 cagebox: no applet is called 'rnu': did you mean 'run'?"
for name in tini dumb-init; do
	ln -s "$CAGEBOX" "bin/$name"
	run "bin/$name" -- sh -c 'exit 5'
	status_is "as $name it is init" 5
done
# --- help and version of every applet -------------------------------------------------------------------------------------------

for applet in $applets; do
	for option in --help -h; do
		run cagebox "$applet" $option
		is "$applet $option: on standard output, nothing on the other, 0" "$status ${out%%:*} $err" "0 usage "
	done
	usage=$out
	like "its first line is how it is called" "$usage" "^usage: $applet( .|\$)"
	is "no line of it is cut off or without text" "$(printf '%s\n' "$usage" | grep -cE '^ +(-[a-zA-Z], )?--[a-z-]+ *$')" 0
	run cagebox "$applet" --version
	like "$applet --version" "$status $out$err" "^0 $applet \(cagebox [0-9.]+\)\$"
	# tcontainer takes its last argument for the command.
	run cagebox "$applet" --no-such-option x
	is "$applet refuses an unknown option" "$status" 125
	like "and names it" "$err" "^cagebox: $applet: (unknown option --no-such-option|'--no-such-option' is not an option)"
	run cagebox "$applet" -Z x
	like "also a letter" "$status $err" "^125 cagebox: $applet: (unknown option -Z\$|'-Z' is not an option)"
	run sh -c "cagebox $applet --help >/dev/full"
	status_is "help that cannot be written is an error" 125
	# Every long option that the text has is one that the parser knows: it is not unknown, whatever else is wrong with it.
	bad=
	for option in $(printf '%s\n' "$usage" | sed -n 's/^ *\(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p'); do
		run cagebox "$applet" "$option="
		case $err in
		*'unknown option'*) bad="$bad $option" ;;
		esac
	done
	is "every option of its help is known" "$bad" ""
done
cagebox run --help >help
grep -o '^	KEY("[a-z_]*"' "$top/core/spec/keys.c" | cut -d'"' -f 2 | tr _ - | grep -vx init >keys
check "there are keys" test "$(wc -l <keys)" -gt 30
is "run's help mentions every key" "$(while read -r key; do grep -q -e "--$key\b" help || echo "$key"; done <keys)" ""
is "each once" "$(grep -o '^ .* --[a-z-]*' help | grep -o -e '--[a-z-]*$' | sort | uniq -d)" ""
is "no letter stands for two options" "$(grep -oE '^  -[a-zA-Z],' help | sort | uniq -d)" ""
run cagebox run --nam x
like "an option's misspelling is told the right one" "$err" '^cagebox: run: unknown option --nam \(did you mean --name\?\)$'
run cagebox run --reed-only
like "with a dash, as it is written" "$err" 'did you mean --read-only\?'
run cagebox run --oom_score_adj=x
like "underscores are dashes" "$err" '^cagebox: run: --oom_score_adj: '

# --- --install ------------------------------------------------------------------------------------------------------------------

links()
{
	# shellcheck disable=SC2086
	for applet in $applets; do
		case $applet in
		tini) ;;
		cage | container | micro-container | minimal-containers | tcontainer) echo "$applet" ;;
		*) echo "cagebox-$applet" ;;
		esac
	done | sort
}

mkdir symbolic hard
run cagebox --install -s symbolic
is "--install -s says nothing" "$status $out$err" "0 "
is "it links every applet" "$(cd symbolic && find . -type l | sed 's|^\./||' | sort)" "$(links)"
is "and makes nothing else" "$(find symbolic ! -type l)" symbolic
is "to the binary" "$(readlink symbolic/* | sort -u)" "$(readlink -f "$CAGEBOX")"
run symbolic/cagebox-list --version
like "the links work" "$out" '^list '
run cagebox --install -s symbolic
status_is "a second time changes nothing" 0
is "to what they were" "$(readlink symbolic/* | sort -u)" "$(readlink -f "$CAGEBOX")"
ln -sfn /elsewhere symbolic/cagebox-run
run cagebox --install -s symbolic
is "an old link is replaced" "$status $(readlink symbolic/cagebox-run)" "0 $(readlink -f "$CAGEBOX")"
rm symbolic/cagebox-run && echo mine >symbolic/cagebox-run
run cagebox --install -s symbolic
is "a file is not" "$status $(cat symbolic/cagebox-run)" "125 mine"
like "it is named" "$err" '^cagebox: --install: link symbolic/cagebox-run to .*: File exists$'
cp "$CAGEBOX" hard/cagebox
run hard/cagebox --install hard
status_is "--install makes hard links" 0
is "of the same file" "$(stat -c %i hard/* | sort -u | wc -l)" 1
is "of every applet" "$(cd hard && find . -type f ! -name cagebox | sed 's|^\./||' | sort)" "$(links)"
run hard/cagebox --install hard
status_is "also a second time" 0
for arguments in '' '-s' '-x hard' 'hard more' '-s hard more'; do
	# shellcheck disable=SC2086
	run cagebox --install $arguments
	is "--install $arguments is refused with the usage" "$status $err" "125 cagebox: usage: cagebox --install [-s] DIR"
done
run cagebox --install -s missing
is "a directory that is missing is named" "$status $err" "125 cagebox: --install: open missing: No such file or directory"
run cagebox --install -s help
status_is "so is a file" 125
mkdir closed
run as_user cagebox --install -s closed
is "a directory that cannot be written" "$status $(ls closed)" "125 "
like "is named" "$err" 'Permission denied$'

# --- closed standard streams --------------------------------------------------------------------------------------------------------

run sh -c "cagebox list <&-"
status_is "list without standard input" 0
run sh -c "cagebox list --json >&-"
status_is "without standard output it fails" 125
like "and says so" "$err" '^cagebox: list: write .*standard output: Bad file descriptor$'
run sh -c "cagebox list --json >/dev/full"
status_is "to a full one too" 125
run sh -c "cagebox list -x 2>&-"
status_is "without standard error the exit code tells" 125
for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
	rm -f seen
	run sh -c "cagebox run --lower $root_busybox -v $work:/mnt -- sh -c 'ls /proc/self/fd | cat >/mnt/seen; echo out; echo err >&2; cat; exit 6' $closed </dev/null"
	status_is "run with $closed" 6
done
rm -f seen
run sh -c "cagebox run --lower $root_busybox -v $work:/mnt -- sh -c 'ls -l /proc/\$\$/fd >/mnt/seen; cat; exit 6' <&- >&- 2>&-"
isnt "reading a closed stream does not hang" "$(cat seen)" ""
is "the command has its three streams and no other" "$(sed -n 's|.* \([0-9]*\) -> .*|\1|p' seen | sort -n | tr '\n' ' ' | sed 's/10 //')" "0 1 2 "
unlike "none of them is something of ours" "$(cat seen)" 'socket|memfd|pipe|lock|state'
run sh -c "cagebox run --lower $root_busybox -d --name closed -- sleep 1000 <&- >&- 2>&-"
check "run -d without streams starts nothing unseen" sh -c 'cagebox list -q | grep -qx closed || ! pgrep -f "^sleep 1000"'
cagebox stop closed 2>/dev/null
run sh -c "cagebox run --lower $root_busybox --name gone -d -- true >&-"
run sh -c "cagebox mkroot --cpio - <&- 2>&- | wc -c"
isnt "mkroot without the other two" "$out" 0
# --- the manual and the completions ---------------------------------------------------------------------------------------------
run cagebox manual bash
status_is "the completions can be had" 0
printf '%s\n' "$out" >completions
check "and are a script" bash -n completions
# shellcheck disable=SC2016
is "which completes" "$(bash -c '. ./completions; COMP_WORDS=(cagebox run --stop-t); COMP_CWORD=2; _cagebox; echo "${COMPREPLY[@]}"')" --stop-timeout
run cagebox manual man
status_is "the manual page too" 0
for word in SETTINGS 'EXIT STATUS' 'stop\\-timeout' 'namespaces' 'mkroot'; do
	like "it has $word" "$out" "$word"
done
run cagebox manual
status_is "manual of nothing is refused" 125

# --- a configuration file ---------------------------------------------------------------------------------------------------------
cat >box.conf <<END
# settings
lower=$root_busybox
hostname=from-file
env=A=1
command=sh -c 'echo \$(hostname) \$A'
END
run cagebox run --config box.conf
is "a container by its configuration file" "$status $out" "0 from-file 1"
run cagebox run --hostname from-option -c box.conf -- hostname
is "options go before it, wherever they stand" "$status $out" "0 from-option"
echo 'nonsense=1' >>box.conf
run cagebox run -c box.conf
is "a mistake is shown with its place" "$status $err" "125 cagebox: run: box.conf:6: unknown key 'nonsense'"
run cagebox run -c /nonexistent
is "and a missing file" "$status $err" "125 cagebox: run: open the configuration /nonexistent: No such file or directory"
finish
