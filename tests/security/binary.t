#!/bin/sh
# SPDX-License-Identifier: Zlib
# What the program itself is made of: nothing to load, nothing both writable and executable, guarded stacks, no privileges of its own.
# shellcheck disable=SC2016 # commands in single quotes are for another shell
. "$(dirname "$0")/../lib.sh"

run readelf -lW "$CAGEBOX"
segments=$out
unlike "it is static: no dynamic loader" "$segments" 'INTERP'
is "no segment is both writable and executable" "$(echo "$segments" | awk '$1 ~ /^(LOAD|GNU_RELRO|TLS)$/ && / [R ]WE /')" ""
like "the stack is not executable" "$segments" '^ *GNU_STACK .* RW +0'
like "what is only relocated is read-only afterwards" "$segments" 'GNU_RELRO'
like "some segment can be executed, so that these lines were read" "$segments" '^ *LOAD .* R E '
run readelf -dW "$CAGEBOX"
unlike "nothing is needed, no path to libraries, no text relocations" "$out" 'NEEDED|RPATH|RUNPATH|TEXTREL'
file=$top/build/release/cagebox
run sh -c 'nm "$0" 2>/dev/null' "$file"
like "functions with arrays guard their stacks" "$out" '__stack_chk_fail'
unlike "nothing of the C library that cannot be used safely is in it" "$out" ' [TtWi] (gets|system|popen|tmpnam|mktemp|tempnam)$'
# The guard is compared where arrays are: the offset of the canary in the thread's block, all over the text.
run sh -c 'objdump -d "$0" | grep -c "call.*<__stack_chk_fail>"' "$file"
check "in many of them" test "$out" -gt 100
mkdir installed
run make -s -C "$top" install DESTDIR="$work/installed" PREFIX=/usr BUILD=release
status_is "it is installed" 0
is "without any bit that gives privileges" "$(stat -c '%a %u' installed/usr/bin/cagebox) $(find installed -perm /6000 -o -perm -o+w -not -type l)" "755 0 "
run getcap installed/usr/bin/cagebox
is "nor capabilities of the file" "$status $out" "0 "
finish
