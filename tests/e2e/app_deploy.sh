#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A whole app deployed onto the one that runs, and back: all of it, or none. Faults meanwhile: app_kill.sh, app_fault.sh.
. "$(dirname "$0")/lib.sh"
. "$here/shop.sh"

said() { # said ACTOR MESSAGE ANSWER
    run 0 call "$1" "$2"
    out_is "$3"
}

two_apps
up app-1
said ada add 1
said ben add 1

# ---------------------------------------------------------------- shown first

run 2 deploy app-2
out_has 'app shop: 1.0.0 -> 2.0.0'
out_has 'added actor dan'
out_has 'changed actor ada'
out_has 'component      1.0.0 -> 2.0.0; its state goes along'
out_has 'new grant      messaging.ask "ben"'
out_has 'changed actor ben'
out_has 'config         other settings'
out_has 'removed actor eve'
err_has 'say --yes, or --dry-run'
run 5 deploy app-2 --yes
err_has 'say --allow-grants'
run 0 deploy app-2 --dry-run
out_has 'rehearsed well; nothing has changed'
run 0 deploy app-2 --dry-run -o json
python3 -c 'import json
plan = json.load(open("out"))
assert [one["name"] for one in plan["changes"]] == ["dan", "ada", "ben", "eve"], plan
assert plan["changes"][1]["rank"] > plan["changes"][2]["rank"], "who is asked is first"
assert plan["rehearsal"]["ok"] is True and plan["rehearsal"]["number"] == 2, plan' || fail 'the difference, as JSON'

# What can't be is shown too, and what is rehearsed in vain says so.
cp -r app-2 app-9
sed -i 's|teller-2|stateless-1|' app-9/airssys.toml
run 4 deploy app-9 --dry-run -o json
err_has 'its state would be lost'
python3 -c 'import json
plan = json.load(open("out"))
assert "state would be lost" in plan["changes"][1]["refused"] and "rehearsal" not in plan, plan' || fail 'refused, as JSON'
sed -i 's|stateless-1|teller-load-error|' app-9/airssys.toml
run 6 deploy app-9 --dry-run -o json
err_has 'another format'
python3 -c 'import json
assert json.load(open("out"))["rehearsal"] == {"ok": False}' || fail 'a rehearsal that fails, as JSON'
run 6 deploy "$guests/teller-load-error.wasm" --name ada --dry-run -o json
python3 -c 'import json
plan = json.load(open("out"))
assert plan["carries_state"] and plan["rehearsal"] == {"ok": False}, plan' || fail 'the same of one actor'

# What is deployed is what was shown: somebody changes the manifest, or what runs, while it is asked about.
changed() {
    got=0
    timeout 60 python3 "$here/answer.py" "$1" "$airssys" deploy app-2 >out 2>err || got=$?
    [ "$got" -eq 1 ] || fail "refused, not $got"
    out_has 'shop: its files, or what runs of it, have changed since they were compared: look again'
}
changed "echo '# another line' >>app-2/airssys.toml"
changed "'$airssys' deploy '$guests/teller-2.wasm' --name eve --yes --probation 1ms"
run 0 rollback eve --dry-run
out_has 'eve: rehearsed well; nothing has changed'
run 0 rollback eve --probation 1ms
# Also what was removed, granted, revoked and exposed by hand: it would be undone, and was not shown.
changed "'$airssys' grant ben 'custom.horn loud'"
run 0 revoke ben 'custom.horn loud'
changed "'$airssys' expose eve"
run 0 hide eve
said ada get '1 1 fresh -'
said ben mood 'calm 0'
run 0 call eve add
run 3 call dan add

# ---------------------------------------------------------------- done, and back

run 0 deploy app-2 --yes --allow-grants
out_has 'deployed, as number'
run 0 events
out_has 'deployed: 1.0.0 -> 2.0.0, as number'
said ada get '2 1 upgraded 1.0.0'
said ben mood 'merry 1'
said ben get '1 1 fresh -'
said dan add 1
run 3 call eve add
run 0 grants ada
out_has 'messaging.ask "ben"'
run 0 deploy app-2 --yes
out_is 'nothing to change: the app shop is just so already'
run 0 history
out_has 'app shop  1.0.0 -> 2.0.0'
cp out history.before
# It has ended, for those who remove components too.
run 0 prune

# It is there again, and so is the history, with what was rehearsed and what has failed.
killed
up
run 0 history
cmp -s out history.before || fail "the history is another one: $(diff history.before out)"
! grep -qF 'the node ended' out || fail 'each deployment was ended before the node was'
said ada get '2 0 fresh -'
said ben mood 'merry 0'
said dan add 1
run 3 call eve add

run 0 rollback --app --yes
said ada get '1 0 upgraded 2.0.0'
said ben mood 'calm 1'
run 0 call eve add
run 3 call dan add
run 0 grants ada
! grep -F 'messaging.ask "ben"' out | grep -qF holds || fail 'a grant that is not in the manifest any more'
run 2 rollback
run 2 rollback ada --app

# ---------------------------------------------------------------- all of it, or none

version 3
actor ada teller-load-error
probation 1ms
actor ben teller-applies merry
grants '"ada"'
actor zoe teller-1
before=$(names_of)
[ "$before" = ' ada ben eve ' ] || fail "they are: $before"
run 6 deploy app-3 --yes --allow-grants
err_has 'another format'
[ "$(names_of)" = "$before" ] || fail "the old app is there: $(names_of), not $before"
said ben mood 'calm 1'
run 0 grants ben
! grep -F 'messaging.ask "ada"' out | grep -qF holds || fail 'what was granted meanwhile is revoked'
run 0 history
out_has 'not deployed: '

version 3
actor ada teller-2
probation 1ms
actor ben teller-applies bad
actor zoe teller-1
run 6 deploy app-3 --yes
err_has 'not in this mood'
said ada get '1 0 upgraded 2.0.0'

version 3
actor ada teller-1
actor ben teller-applies calm
probation 1ms
actor eve teller-1
actor bad trap-start-error
run 6 deploy app-3 --yes
err_has 'actor bad does not start'
[ "$(names_of)" = "$before" ] || fail "the old app is there: $(names_of), not $before"

# ---------------------------------------------------------------- what can't be

version 3
actor ada teller-1
grants '"eve"'
actor ben teller-applies calm
probation 1ms
run 4 deploy app-3 --yes --allow-grants
err_has '`ask` has "eve", but there is no such actor'
version 3
actor ada teller-1
sed -i 's/instances_max = 16/instances_max = 17/' "$manifest"
actor ben teller-applies calm
actor eve teller-1
run 4 deploy app-3 --yes
err_has '[node] (instances_max) takes a restart of the node, and so nothing is deployed: `airssys down`'
version 3
actor ada stateless-1
actor ben teller-applies calm
actor eve teller-1
run 4 deploy app-3 --yes
err_has 'its state would be lost'
# Unless that is meant; which is asked of each way back as well.
run 0 deploy app-3 --dry-run --on-no-state fresh
out_has 'no state goes along: it starts anew'
run 0 deploy "$guests/stateless-1.wasm" --name eve --yes --on-no-state fresh --probation 1ms
run 4 rollback eve --on-no-state refuse
err_has 'on_no_state is refuse'
run 0 rollback eve --probation 1ms
sed -i 's/name = "shop"/name = "other"/' "$manifest"
run 3 deploy app-3 --yes
err_has 'no node runs the app other'
run 1 deploy app-3 --yes -n shop
err_has 'is the app other, and this node runs shop'
printf 'nonsense\n' >>"$manifest"
run 4 deploy app-3 --yes -n shop
err_has 'app-3/airssys.toml:'
run 3 deploy nowhere.toml --yes
[ "$(names_of)" = "$before" ] || fail 'none of that has changed anything'

# ---------------------------------------------------------------- two at once

version 4
actor ada teller-2
printf '[actor.deploy]\nprobation = "20s"\n' >>"$manifest"
actor ben teller-applies calm
probation 1ms
actor eve teller-1
"$airssys" deploy app-4 --yes >first.out 2>first.err &
first=$!
wait_for sh -c "'$airssys' call ada get | grep -q '^2 '"
run 1 deploy app-2 --yes --allow-grants
err_has 'the app shop is being deployed to'
run 1 deploy "$guests/teller-2.wasm" --name eve --yes
err_has 'the app shop is being deployed to'
run 1 grant eve 'messaging.send ada'
err_has 'the app shop is being deployed to'
# It falls on probation.
"$airssys" call ada die >/dev/null 2>&1 || true
if wait "$first"; then fail 'it has fallen'; fi
said ben mood 'calm 1'
wait_for sh -c "'$airssys' call ada get | grep -q '^1 '"

# ---------------------------------------------------------------- what components spawn of their own templates

mkdir farm
cat >farm/airssys.toml <<END
node = { instances_max = 16, audit = "off" }
[app]
name = "farm"
[[supervisor.group]]
name = "pool"
strategy = "simple_one_for_one"
template = "kid"
[[template]]
name = "kid"
component = "$guests/teller-1.wasm"
[template.deploy]
probation = "1ms"
[[actor]]
name = "parent"
component = "$guests/family.wasm"
[actor.grants.spawn]
templates = ["kid"]
END
# kids COUNT VERSION: so many tellers, all of this version.
kids() {
    "$airssys" ps -n farm -o json | python3 -c 'import json, sys
kids = [one["version"] for one in json.load(sys.stdin)["actors"] if one["component"].startswith("teller")]
assert kids == [sys.argv[2]] * int(sys.argv[1]), kids' "$@" || fail "$1 of version $2"
}
start_farm() {
    "$airssys" up --state-dir farm-state "$@" >out 2>err || fail 'the farm starts'
    farm=$(cat farm-state/node.pid)
    started="$started $farm"
}
start_farm farm
run 0 scale pool 1 -n farm
run 0 call parent 'spawn kid' -n farm
kids 2 1.0.0
sed -i 's/teller-1/teller-2/' farm/airssys.toml
run 0 deploy farm --yes
out_has 'changed template kid'
kids 2 2.0.0
run 0 call parent 'spawn kid' -n farm
kids 3 2.0.0
run 0 rollback --app --yes -n farm
kids 3 1.0.0
run 0 call parent 'spawn kid' -n farm
kids 4 1.0.0
# Of a group alone, what components spawn of its template goes with it; also when the node has started anew.
run 0 deploy "$guests/teller-2.wasm" --name pool --yes -n farm
kids 4 2.0.0
kill -KILL "$farm"
wait_for gone "$farm"
start_farm
run 0 call parent 'spawn kid' -n farm
kids 2 2.0.0
run 0 rollback pool -n farm
kids 2 1.0.0
run 0 call parent 'spawn kid' -n farm
kids 3 1.0.0
# What a node reads when it starts is written down, said, and waits for that; nobody is swapped.
workers_of() { cat /proc/"$1"/task/*/comm | grep -c '^airs-worker'; }
before=$(workers_of "$farm")
sed -i 's/teller-2/teller-1/; s/^node = {/node = { workers = 3, audit_sync_ms = 50,/' farm/airssys.toml
run 0 deploy farm --yes
out_has 'at next start  node.workers'
out_has 'at next start  node.audit_sync_ms 100 -> 50'
kids 3 1.0.0
[ "$(workers_of "$farm")" -eq "$before" ] || fail 'as many workers as before'
run 0 deploy farm --yes
! grep -q 'next start' out || fail 'it is said once'
kill -KILL "$farm"
wait_for gone "$farm"
start_farm
[ "$(workers_of "$farm")" -eq 3 ] || fail 'the workers of the manifest'
run 0 down -n farm

run 0 down
