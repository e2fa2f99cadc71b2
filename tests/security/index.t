#!/bin/sh
# SPDX-License-Identifier: Zlib
# The manual's table of security rules names the tests: each that it names is there, and each that is there is named.
. "$(dirname "$0")/../lib.sh"

named=$(sed -n 's/^\([a-z_]*\.t\)$/\1/p' "$top/applets/security.7" | sort -u)
there=$(cd "$top/tests/security" && for file in *.t; do echo "$file"; done | sort)
check "there are some" test "$(echo "$named" | wc -l)" -gt 15
is "every test that the manual names is there" "$(printf '%s\n' "$named" | grep -vxF -e "$there")" ""
is "every test is named in it" "$(printf '%s\n' "$there" | grep -vxF -e "$named")" ""
is "every row has a test" "$(awk '/^T}\|T{$/ { column++ } /^T}$/ { if (column != 2 || !tests) print NR; column = tests = 0 } /^[a-z_]*\.t$/ { tests++ }' "$top/applets/security.7")" ""
run sh -c 'tbl "$0" 2>&1 >/dev/null || true' "$top/applets/security.7"
unlike "the table can be set" "$out" 'error|warning'
check "it is installed" grep -q 'cagebox-security\.7' "$top/Makefile"
finish
