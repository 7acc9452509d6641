#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Metrics and health of a node as HTTP, at its socket and at a loopback port; and who does no good there.
. "$(dirname "$0")/lib.sh"
app shop echo=only-messages trap=trap
printf '[app]\nname = "shop"\n[node]\ninstances_max = 16\nmetrics = "127.0.0.1:0"\n' >head.toml
tail -n +4 shop/airssys.toml >>head.toml
mv head.toml shop/airssys.toml
start_node shop
out=$(sed -n 's|^metrics at http://\(.*\)/metrics$|\1|p' node.out)
[ -n "$out" ] || fail 'run says where metrics are'
run 0 call echo hello
run 6 call trap trap
wait_for sh -c "'$airssys' events | grep -q 'ready again'"
timeout 120 python3 "$here/metrics.py" "$XDG_RUNTIME_DIR/airssys/shop.sock" "$out" 2>err || fail 'metrics.py'
# The node is as it was.
run 0 call echo hello

# The port is taken; addresses that others reach are refused before anything starts.
mkdir -p second wide
sed "s|127.0.0.1:0|$out|; s|\"shop\"|\"second\"|" shop/airssys.toml >second/airssys.toml
run 1 run second
err_has "airssys: metrics can't be told at $out: "
sed 's|127.0.0.1:0|0.0.0.0:0|; s|"shop"|"wide"|' shop/airssys.toml >wide/airssys.toml
run 4 run wide
err_has 'wide/airssys.toml:5:11: `metrics`: "0.0.0.0:0" is no loopback address'

kill -TERM "$node"
node_ends 0
