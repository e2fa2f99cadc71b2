#!/bin/sh
# SPDX-License-Identifier: Zlib
# An error at every system call of a start with all options, in a user namespace, at a terminal: see faults.t.
# timeout: 900
. "$(dirname "$0")/faults.t"
