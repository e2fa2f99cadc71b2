#!/bin/sh
# SPDX-License-Identifier: Zlib
# The C library: it installs, links into programs of both C libraries, and does what core/cagebox.h says (tests/embed/).
# timeout: 120
# shellcheck disable=SC2046 # pkg-config prints several words
. "$(dirname "$0")/../lib.sh"

prefix=$work/prefix

# The program under test is installed as it is: making it anew would change it under other tests' feet.
install_all()
{
	keep=
	[ ! -x "$top/build/cagebox" ] || keep='-o build/cagebox'
	make -s -C "$top" $keep "$@" install
}

# --- what is installed ---------------------------------------------------------------------------------------------------

check "make install with DESTDIR" install_all DESTDIR="$work/dest" PREFIX=/opt/box
is "puts program, header, library and pkg-config file below it" "$(cd dest && find . -type f -path '*cagebox*' ! -path '*/share/*' | sort)" \
	"./opt/box/bin/cagebox
./opt/box/include/cagebox.h
./opt/box/lib/libcagebox.a
./opt/box/lib/pkgconfig/cagebox.pc"
PKG_CONFIG_PATH=$work/dest/opt/box/lib/pkgconfig
export PKG_CONFIG_PATH
is "pkg-config has the place without it" "$(pkg-config --variable=prefix cagebox)" /opt/box
check "and with PREFIX alone" install_all PREFIX="$prefix"
PKG_CONFIG_PATH=$prefix/lib/pkgconfig
is "the version is cagebox's" "cagebox $(pkg-config --modversion cagebox)" "$(cagebox --version)"
is "the library shows what the header declares, and nothing else" "$(nm -g --defined-only "$prefix/lib/libcagebox.a" | sed -n 's/.* [A-Z] //p')" \
	"$(sed -n 's/^[a-z].*[ *]\(cagebox_[a-z_]*\)(.*/\1/p' "$prefix/include/cagebox.h" | sort)"
printf '#include <cagebox.h>\nint main(void)\n{\n\treturn !cagebox_version();\n}\n' >include.c
check "the header is C99" gcc -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags cagebox) include.c
check "and C++" clang -x c++ -pedantic -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags cagebox) include.c
[ "$CAGEBOX" = "$top/build/cagebox" ] || ln -sf "$CAGEBOX" "$prefix/bin/cagebox"

run cagebox embed run
is "what the library executes is for nobody else" "$status $out$err" "125 cagebox: embed: is for the C library to call"
unlike "and not listed" "$(cagebox)" embed

# --- both C libraries ----------------------------------------------------------------------------------------------------

flags='-std=gnu11 -O1 -D_GNU_SOURCE -Wall -Wextra -Werror -pthread'

build()
{
	libc=$1
	shift
	"$@" $flags -o "demo-$libc" "$top/tests/embed/demo.c" $(pkg-config --cflags --libs cagebox) &&
		"$@" $flags -o "check-$libc" "$top"/tests/embed/[!d]*.c $(pkg-config --cflags --libs cagebox)
}

# The lines of a program of checks.
report()
{
	while read -r line; do
		case $line in
		'ok '*) pass "$1: ${line#ok }" ;;
		*) fail "$1: ${line#not ok }" ;;
		esac
	done <checks
}

names()
{
	cagebox list -q
}

ended()
{
	[ "$(cagebox list -a --json | jq -r ".[] | select(.name == \"$1\") | .status")" = exited ]
}

ending()
{
	cagebox list -a --json | jq -r ".[] | select(.name == \"$1\") | .exit | \"\\(.reason) \\(.code)\""
}

try()
{
	libc=$1
	run "./check-$libc" "$root_busybox"
	printf '%s\n' "$out" >checks
	report "$libc"
	is "[86] $libc: all checks were made" "$status $(tail -n 1 checks)" "0 ok as the one that runs it is told"
	is "[86] $libc: it prints nothing of its own" "$err" ""

	# TinyContainer's demo.
	run "./demo-$libc" run -name "demo-$libc" -fs "$root_busybox" "sh -c 'hostname; ls /sys/class/net; tty; exit 3'"
	is "[86] $libc: the demo runs a command given as one string" "$status $err" "3 "
	is "[86] $libc: with a network of its own, and no terminal" "$out" "demo-$libc
lo
not a tty"
	run "./demo-$libc" run -fs "$root_busybox" -tty -net "sh -c 'tty; ls /sys/class/net | wc -l'"
	is "[86] $libc: with a terminal, and the host's network" "$status $(printf '%s\n' "$out" | tr -d '\r')" "0 /dev/pts/0
$(find /sys/class/net -mindepth 1 | wc -l)"
	run "./demo-$libc" run -fs /nonexistent true
	like "[86] $libc: a failure has cagebox's message and code" "$status $err" "^125 \\./demo-$libc: .*/nonexistent: No such file"
	run "./demo-$libc" run -fs "$root_busybox" -memory 20M -cpuset 0 -cpushare 512 "echo limited"
	is "[86] $libc: with limits" "$status $out" "0 limited"
	run "./demo-$libc" run -fs "$root_busybox" -memory lots true
	like "[86] $libc: a limit that is none" "$status $err" "^125 .*max_physical_memory: 'lots'"

	# What becomes of a container when the caller dies.
	"./demo-$libc" run -name "attached-$libc" -fs "$root_busybox" "sh -c 'trap \"exit 5\" TERM; while :; do sleep 0.1; done'" &
	caller=$!
	wait_for cagebox exec "attached-$libc" true 2>/dev/null
	kill -9 $caller
	check "[86] $libc: an attached one is stopped when the caller is killed" wait_for ended "attached-$libc"
	like "[86] $libc: gracefully" "$(ending "attached-$libc")" '^stop '
	run "./demo-$libc" run -detach -name "detached-$libc" -fs "$root_busybox" "sleep 1000"
	is "[86] $libc: a detached one outlives the caller" "$status $out $(names)" "0 detached-$libc detached-$libc"
	cagebox stop -t 0 "detached-$libc"
}

check "programs of musl, static" build musl musl-gcc -static
check "programs of glibc, dynamic and position-independent" build glibc gcc -fPIE -pie
like "that is what they are" "$(readelf -lhW check-glibc)" 'Type: +DYN'
unlike "and what they are not" "$(readelf -lW check-musl)" INTERP
try musl
leaks_check "musl: nothing is left over"
try glibc
finish
