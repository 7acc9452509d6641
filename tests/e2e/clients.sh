#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Clients that are slow, broken, many or gone: the node serves the others all the same.
. "$(dirname "$0")/lib.sh"
app shop echo=only-messages sleeps=sleeps
start_node shop
python3 "$here/clients.py" "$XDG_RUNTIME_DIR/airssys/shop.sock" >out 2>err || fail 'clients.py'
run 0 call echo still-there
kill -0 "$node" || fail 'the node is alive'
# Clients that wait when the node ends are told so.
"$airssys" call sleeps 20000 -t 20s >late.out 2>late.err &
late=$!
started="$started $late"
sleep 0.5
kill -TERM "$node"
node_ends 0
got=0
wait "$late" || got=$?
[ "$got" -ne 0 ] && [ -s late.err ] || fail "a client that waits for a node that ends: $got"
