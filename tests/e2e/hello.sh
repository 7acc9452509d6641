#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# examples/hello: the tree, the answers, the crash, the summary, within one screen.
. "$(dirname "$0")/lib.sh"
export LC_ALL=C.UTF-8
run 0 run "$hello"
out_has '├─ greeter       ready      greeter 0.1.0'
out_has '└─ tour          ready      tour 0.1.0'
out_has 'greeter("World") -> Hello, World!'
out_has 'counter("") -> 1'
out_has 'counter("40") -> 41'
# The count goes on where it stood: nobody else was restarted.
out_has 'counter("") -> 42'
out_has '* failed (trap): '
out_has '* restarting, 1 of 3 within 5000 ms'
out_has '* ready again after '
out_has 'flaky("hello") -> fine, 1 handled since my start'
grep -Eq '^done after .*: messages [0-9]+ \(failed 1\), restarts 1, requests 8 \(p50 .*, p99 .*\)$' out ||
    fail 'the summary'
[ "$(wc -l <out)" -le 40 ] || fail 'it fits one screen'
[ ! -s err ] || fail 'nothing on stderr'
# In ASCII where that is all there is.
export LC_ALL=C
run 0 run "$hello"
out_has '|- greeter '
! LC_ALL=C grep -q '[^ -~]' out || fail 'ASCII only'

