#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# The node's socket against docs/reference/openapi.json.
. "$(dirname "$0")/lib.sh"
mkdir shop
cat >shop/airssys.toml <<END
node = { instances_max = 16 }
app = { name = "shop" }
[supervisor]
max_restarts = 100
[[supervisor.group]]
name = "pool"
strategy = "simple_one_for_one"
template = "worker"
[[template]]
name = "worker"
component = "$guests/only-messages.wasm"
END
for pair in echo=only-messages trap=trap sleeps=sleeps nap=sleeps stateless=stateless-1; do
    printf '[[actor]]\nname = "%s"\ncomponent = "%s/%s.wasm"\n' \
        "${pair%%=*}" "$guests" "${pair#*=}" >>shop/airssys.toml
done
start_node shop
document=$here/../../docs/reference/openapi.json
timeout 250 python3 "$here/openapi.py" "$XDG_RUNTIME_DIR/airssys/shop.sock" "$document" "$guests" 2>err ||
    fail 'openapi.py'
kill -TERM "$node"
node_ends 0
