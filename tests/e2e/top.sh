#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# airssys top: one frame as text, and live on a terminal of 80 columns and 24 lines.
. "$(dirname "$0")/lib.sh"
run 3 top --once
app shop echo=only-messages trap=trap
start_node shop
run 2 top
err_is 'airssys: `top` fills a terminal, and there is none: --once prints one frame'
run 6 call trap trap
wait_for sh -c "'$airssys' events | grep -q 'ready again'"
run 0 top --once -i 100ms
head -1 out | grep -Eq '^shop  (not )?ready  3 actors  [0-9]+ msg/s  0 waiting  .* 1 restart$' || fail 'the heading'
grep -Eq '^NAME +STATE +MAILBOX +MSG/S +CPU% +MEMORY RESTARTS UPTIME$' out || fail 'the titles'
grep -Eq '^\(root\) +ready' out || fail 'the root'
grep -Eq '^  echo +ready +0 +[0-9]+ +[0-9]+ +128 KiB +0 +[0-9a-z]+$' out || fail 'an actor'
[ "$(wc -l <out)" -eq 5 ] || fail 'a line an actor'
run 0 top --once -i 100ms --sort restarts --filter 'tr*'
[ "$(wc -l <out)" -eq 3 ] && grep -q '^trap ' out || fail 'one that is filtered'
run 2 top --once --sort size
err_has 'must be one of: tree mailbox rate cpu memory restarts name'
run 2 top --once -i 5ms
err_has '--interval 5ms: must be from 100ms to 1h'

timeout 200 python3 "$here/top.py" "$airssys" 2>err || fail 'top.py'
run 3 call echo x
kill -TERM "$node"
node_ends 0
