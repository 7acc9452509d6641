#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# What a component may do: in the manifest, and changed while it runs.
. "$(dirname "$0")/lib.sh"
for verb in 'grants a' 'grant a clock.wall' 'revoke a 0'; do run 3 $verb; done

mkdir app app/data
for guest in holds only-messages; do cp "$guests/$guest.wasm" app/; done
manifest() {
    cat >app/airssys.toml <<END
[app]
name = "grants"

[[actor]]
name = "basket"
component = "holds.wasm"
env = { SHOP = "berlin" }

$1

[[actor]]
name = "stock"
component = "only-messages.wasm"
END
}

# Refused before anything starts, with its place.
refused() {
    manifest "$1"
    run 4 run app
    err_is "airssys: app/airssys.toml:$2"
}
refused '[actor.grants.messaging]
send = ["stok"]' '10:9: `send` has "stok", but there is no such actor, and none may register the name: did you mean "stock"?'
refused '[actor.grants.files]
mounts = { "/data" = "dta" }' '10:22: no such folder: app/dta: make it, or correct the path, which begins at the folder of the manifest'
refused '[actor.grants.files]
mounts = { "/data" = "data" }
read = ["/data/[z-a]*"]' '11:9: `read` has "/data/[z-a]*": byte 8: a range upside down: a path of the guest, such as "/data/**"'
refused '[actor.grants]
clock = ["walls"]' '10:10: `clock` is "walls": did you mean "wall"? It is one of: wall monotonic'

manifest '[actor.grants]
stdio = []

[actor.grants.files]
mounts = { "/data" = "data" }
read = ["/data/**"]
list = ["/data/**"]

[actor.grants.messaging]
send = ["stock"]
subscribe = ["news.*"]'
start_node app

run 0 grants basket
python3 - <<'END' || fail 'grants'
lines = [line.split() for line in open("out")]
assert lines[0] == ["NUMBER", "GRANT", "USES", "STATE"], lines
assert ["0", "env.read", '"SHOP"', "0", "holds"] in lines, lines
assert ["1", "files.read,list", '"/data/**"', "0", "holds"] in lines, lines
assert ["2", "messaging.send,ask", '"stock"', "0", "holds"] in lines, lines
assert not any("stdio" in " ".join(line) for line in lines), lines
assert lines[-1] == ["refused:", "0"], lines
END
run 0 call basket 'ask stock hello'
run 0 call basket 'subscribe news.today'
run 0 publish news.today x
out_is 'reached 1 actor'
run 0 call basket 'publish orders.new'
out_is 'not: no grant: messaging.publish does not match "orders.new"'

# More, and less.
run 0 grant basket 'messaging.publish orders.*' clock.wall
[ ! -s out ] || fail 'grant is silent'
run 0 call basket 'publish orders.new'
out_is ok
run 0 revoke basket 'messaging.send,ask "stock"' 3
[ ! -s out ] || fail 'revoke is silent'
run 0 call basket 'ask stock hello'
out_is 'not: no grant: messaging.ask does not match "stock"'
run 0 publish news.today x
out_is 'reached 0 actors'
run 0 grants basket -o json
python3 - <<'END' || fail 'grants -o json'
import json
told = json.load(open("out"))
grants = {one["grant"]: one for one in told["grants"]}
assert grants['messaging.send,ask "stock"'] == {
    "number": 2, "grant": 'messaging.send,ask "stock"', "revoked": True, "uses": 1}, told
assert grants['messaging.subscribe "news.*"']["revoked"], told
assert grants['messaging.publish "orders.*"']["uses"] == 1, told
assert "clock.wall" in grants and not grants["clock.wall"]["revoked"], told
assert [one["number"] for one in told["grants"]] == list(range(len(told["grants"]))), told
assert told["refused"] == 2, told
END
# It is the actor's, not the incarnation's.
run 0 restart basket
run 0 call basket 'publish orders.new'
out_is ok
run 0 call basket 'ask stock hello'
out_is 'not: no grant: messaging.ask does not match "stock"'

# What can't be.
run 2 grant basket
run 2 grant basket 'file.read /x'
err_is 'airssys: there is no kind "file": did you mean files?: file.read /x'
run 2 grant basket 'files.reed /x'
err_is 'airssys: files has no right "reed": did you mean read?: files.reed /x'
run 1 grant basket 'files.read /elsewhere/**'
err_is 'airssys: files.read "/elsewhere/**": nothing is mounted where it could match: basket'
run 1 grant basket 'network.connect db:9-8'
err_has 'upside down'
run 3 revoke basket 99
err_is 'airssys: there is no grant 99'
run 3 revoke basket 'env.read HOME'
err_is 'airssys: it has no grant env.read "HOME": see `airssys grants`'
run 3 grants baskte
err_is 'airssys: no actor is named baskte: did you mean basket?'
root=$("$airssys" ps | awk '$3 == "supervisor" { print $1; exit }')
run 4 grants "$root"
err_is "airssys: it is no component, and so is asked for no grant: $root"
kill -TERM "$node"
node_ends 0
