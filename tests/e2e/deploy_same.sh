#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A manifest that changes nothing is taken: the next start with it is one of the very same app, of which all stays that was
# asked of it. So an actor that was added becomes one of the manifest's.
. "$(dirname "$0")/lib.sh"
. "$here/shop.sh"

line() { printf '%s\n' "$@" >>"$manifest"; }
there_are() { [ "$(names_of | xargs)" = "$1" ] || fail "there are $(names_of | xargs), not $1"; }
children() {
    "$airssys" ps -o json | python3 -c 'import json, sys
there = json.load(sys.stdin)["actors"]
pool, = (one["id"] for one in there if one["name"] == "workers")
print(sum(one["supervisor"] == pool for one in there))'
}
is_as_asked() {
    there_are 'ben kim workers'
    [ "$(children)" = 2 ] || fail "there are $(children) workers"
    run 0 grants ben
    grep -F 'custom.horn "loud"' out | grep -qF holds || fail 'ben has what it was granted'
    [ "$(grep -cF 'custom.horn "loud"' out)" -eq 1 ] || fail 'once'
}

version 1
line '[[template]]' 'name = "kid"' "component = \"$guests/teller-1.wasm\""
line '[[supervisor.group]]' 'name = "workers"' 'strategy = "simple_one_for_one"' 'template = "kid"'
actor ada teller-1
actor ben teller-1
up app-1
run 0 deploy "$guests/teller-1.wasm" --name kim --yes --probation 1ms
run 0 scale workers 2
run 0 stop ada
run 0 grant ben 'custom.horn loud'

# As the guide says: what it was given by hand is written into the manifest.
line '[actor.grants.custom]' 'horn = ["loud"]'
actor kim teller-1
run 0 deploy app-1 --dry-run
out_has 'nothing to change'
run 0 deploy app-1 --dry-run -o json
python3 -c 'import json
plan = json.load(open("out"))
assert plan["same"] is True and plan["takes"] is True, plan' || fail 'it would be taken'
run 0 deploy app-1
out_is 'nothing to change: the app shop is the same; the manifest was taken'
run 0 deploy app-1
out_is 'nothing to change: the app shop is just so already'
is_as_asked
killed
up app-1
is_as_asked
# What can be changed of one that was added is the manifest's now.
run 4 deploy "$guests/teller-1.wasm" --name kim --yes --config a=1
err_has 'kim is an actor of the app'"'"'s manifest'
run 0 start ada
there_are 'ada ben kim workers'
# Whether the disk had it is known to the node alone: by itself it comes back the same.
run 0 revoke ben 'custom.horn loud'
again
run 0 grants ben
if grep -F 'custom.horn "loud"' out | grep -qF holds; then fail 'what was revoked is revoked'; fi
run 0 down
