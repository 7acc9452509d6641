#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# An actor that an app does not have, added to it while it runs: `airssys deploy COMPONENT --name NEW`. And what was shown
# of a deployment to one actor is what is done.
. "$(dirname "$0")/lib.sh"
. "$here/shop.sh"

said() { # said ACTOR MESSAGE ANSWER
    run 0 call "$1" "$2"
    out_is "$3"
}
there_are() { [ "$(names_of | xargs)" = "$1" ] || fail "there are $(names_of | xargs), not $1"; }
holds() { # holds ACTOR GRANT
    run 0 grants "$1"
    grep -F "$2" out | grep -qF holds || fail "$1 has not: $2"
}

two_apps
up app-1
teller=$guests/teller-1.wasm

# ---------------------------------------------------------------- shown first

run 2 deploy "$teller" --name kim --config mood=calm
out_has 'added actor kim'
out_has 'component      teller-1 1.0.0'
out_has 'setting        mood = calm'
err_has 'say --yes, or --dry-run'
run 5 deploy "$teller" --name kim --grant 'messaging.send,ask ada' --yes
out_has 'new grant      messaging.send,ask "ada"'
err_has 'say --allow-grants'
run 0 deploy "$teller" --name kim --dry-run
out_has 'rehearsed well; nothing has changed'
run 0 deploy "$teller" --name kim --dry-run --config mood=calm --grant 'messaging.send,ask ada' -o json
python3 -c 'import json
plan = json.load(open("out"))
one, = plan["changes"]
assert (one["what"], one["kind"], one["name"]) == ("added", "actor", "kim"), plan
assert one["component_name"] == "teller-1" and one["version"] == "1.0.0", plan
assert one["config_values"] == {"mood": "calm"} and one["grants_gained"] == ["messaging.send,ask \"ada\""], plan
assert plan["actor"] == "kim" and plan["near"] == "" and plan["rehearsal"]["ok"] is True, plan' || fail 'as JSON'
there_are 'ada ben eve'

# ---------------------------------------------------------------- done

run 0 deploy "$teller" --name kim --config mood=calm --grant 'messaging.send,ask ada' --grant 'custom.led red' \
    --yes --allow-grants --probation 1ms
out_has 'kim: added as a new actor of shop, as number 3'
said kim add 1
holds kim 'messaging.send,ask "ada"'
holds kim 'custom.led "red"'
run 0 history kim
out_has 'deployed, as a new actor'
run 0 events
out_has 'deployed: 1.0.0, as number 3: as a new actor'
# The same again is there.
run 0 deploy "$teller" --name kim --yes --probation 1ms
out_is 'kim has this very component already'
run 0 deploy "$teller" --name kim --config mood=calm --grant 'custom.led red' --yes --probation 1ms
out_is 'nothing to change: kim is just so already'
# A name that is near to another one may have been mistyped. Scripts are told too.
run 0 deploy "$teller" --name shop/kin --yes --probation 1ms
out_has 'kin: added as a new actor of shop, as number 4; there is also "kim"'
run 0 deploy "$teller" --name adda --yes --probation 1ms -o json
grep -q '"added":[[:space:]]*true' out || fail 'it is said to be added'
run 0 rm adda
run 0 rm kin

# What was added and removed is no part of the app any more when another one is added: it takes no place of it.
for i in $(seq 20); do
    run 0 deploy "$teller" --name "one-$i" --yes --probation 1ms
    run 0 rm "one-$i"
done

# By the hash of a component that the node keeps.
run 0 add "$guests/teller-2.wasm"
hash=$(grep -oE '[0-9a-f]{16,}' out | head -n 1)
run 0 deploy "$(echo "$hash" | cut -c 1-12)" --name lea --yes --probation 1ms
said lea get '2 0 fresh -'

# ---------------------------------------------------------------- it is as any other

again
there_are 'ada ben eve kim lea'
said kim add 1
holds kim 'custom.led "red"'
# Its component was kept: the file is not needed. And the app as it was given is the app with it.
killed
up app-1
there_are 'ada ben eve kim lea'
run 0 restart kim
said kim add 1
run 0 deploy "$guests/teller-2.wasm" --name kim --yes --probation 1ms
said kim get '2 1 upgraded 1.0.0'
run 0 rollback kim --probation 1ms
said kim get '1 1 upgraded 2.0.0'
run 0 grant kim 'clock.wall' 'custom.led blue'
run 0 stop kim
again
there_are 'ada ben eve lea'
run 4 deploy "$teller" --name ada --yes --grant clock.wall
err_has 'ada is an actor of the app'"'"'s manifest'
# One that is stopped stays so, which is said each time.
run 0 deploy "$teller" --name kim --config mood=calm --dry-run
out_has 'kim is stopped, and stays so: `airssys start shop/kim` starts it'
run 0 deploy "$guests/teller-2.wasm" --name kim --yes --probation 1ms
out_has 'kim is stopped, and stays so: `airssys start shop/kim` starts it'
there_are 'ada ben eve lea'
run 0 deploy "$guests/teller-2.wasm" --name kim --dry-run -o json
python3 -c 'import json; assert json.load(open("out"))["stopped"] is True' || fail 'as JSON'
run 0 deploy "$teller" --name kim --yes --probation 1ms
run 0 start kim
run 0 deploy "$guests/teller-2.wasm" --name kim --config mood=calm --dry-run
! grep -q 'is stopped' out || fail 'kim runs, and is said to be stopped'
holds kim 'custom.led "blue"'

# What it is, is changed by the same flags: what it has stays, but for what is said anew.
run 0 deploy "$guests/teller-2.wasm" --name kim --config colour=red --config mood=merry --probation 1ms --yes
out_has 'changed actor kim'
out_has 'component      1.0.0 -> 2.0.0; its state goes along'
out_has 'setting        colour = red'
out_has 'setting        mood = merry'
run 5 deploy "$guests/teller-2.wasm" --name kim --grant 'messaging.publish news' --yes
run 0 deploy "$guests/teller-2.wasm" --name kim --grant 'messaging.publish news' --yes --probation 1ms --allow-grants
holds kim 'messaging.publish "news"'
holds kim 'messaging.send,ask "ada"'
holds kim 'custom.led "blue"'
again
said kim get '2 0 fresh -'
holds kim 'messaging.publish "news"'
holds kim 'custom.led "blue"'

# ---------------------------------------------------------------- with grants given and taken by hand

held() { # held ACTOR GRANT TIMES
    run 0 grants "$1"
    times=$(grep -F "$2" out | grep -cF holds) || true
    [ "$times" = "$3" ] || fail "$1 holds $2 $times times, not $3"
}
run 0 revoke kim 'custom.led red'
held kim 'custom.led "red"' 0
run 5 deploy "$guests/teller-2.wasm" --name kim --grant 'custom.led red' --yes
out_has 'new grant      custom.led "red"'
held kim 'custom.led "red"' 0
run 0 deploy "$guests/teller-2.wasm" --name kim --grant 'custom.led red' --yes --probation 1ms --allow-grants
held kim 'custom.led "red"' 1
run 0 grant kim 'custom.led green'
run 0 deploy "$guests/teller-2.wasm" --name kim --grant 'custom.led green' --yes --probation 1ms
out_is 'nothing to change: kim is just so already'
run 0 deploy "$guests/teller-2.wasm" --name kim --grant 'custom.led green' --config colour=blue --yes --probation 1ms
held kim 'custom.led "green"' 1
again
held kim 'custom.led "red"' 1
held kim 'custom.led "green"' 1
# One that is held twice is taken back whole.
run 0 grant kim 'custom.led green'
held kim 'custom.led "green"' 2
run 0 revoke kim 'custom.led green'
held kim 'custom.led "green"' 0
run 0 revoke kim 'custom.led green'
again
held kim 'custom.led "green"' 0
held kim 'custom.led "red"' 1

# ---------------------------------------------------------------- removed, and back

# What others were given, and had taken from them, is not touched.
run 0 rm eve
run 0 grant ben 'custom.horn loud'
run 0 rm kim
# How it comes back is not as it is for what the app's manifest has.
run 3 start kim
err_is 'airssys: kim was removed: it is there again when it is added again, `airssys deploy COMPONENT --name kim`'
run 0 deploy "$teller" --name kim --yes --probation 1ms
said kim get '1 0 fresh -'
run 0 grants kim
if grep -qF 'custom' out; then fail 'it has nothing of the one that was removed'; fi
there_are 'ada ben kim lea'
holds ben 'custom.horn "loud"'
again
there_are 'ada ben kim lea'
holds ben 'custom.horn "loud"'
run 3 start eve
run 1 deploy "$teller" --name eve --yes
err_has 'eve was removed, and is one of the app'"'"'s manifest'
# The app as it was given has no such actors.
run 2 deploy app-1
out_has 'removed actor kim'
out_has 'removed actor lea'
run 0 rollback --app --dry-run
out_has 'removed actor kim'
run 0 rollback --app --yes
run 3 call kim get
run 0 rollback --app --yes
said kim get '1 0 fresh -'
run 0 deploy app-1 --yes
there_are 'ada ben eve'

# One that a grant of another one names is removed: others are added all the same, and the way back is there.
run 0 deploy "$teller" --name dot --yes --probation 1ms
run 0 deploy "$teller" --name eli --grant 'messaging.send dot' --yes --probation 1ms --allow-grants
run 0 rm dot
run 0 deploy "$teller" --name fay --yes --probation 1ms
run 3 call dot get
run 0 rollback --app --dry-run
out_has 'removed actor fay'
run 0 deploy "$guests/teller-2.wasm" --name eli --config mood=x --yes --probation 1ms
run 0 deploy "$teller" --name dot --yes --probation 1ms
said dot get '1 0 fresh -'
holds eli 'messaging.send "dot"'
again
there_are 'ada ben dot eli eve fay'
run 4 rollback --app --dry-run
err_has 'dot is removed, and eli may send to it: take that grant away, or remove it too'
for name in eli dot fay; do run 0 rm "$name"; done
run 4 deploy "$teller" --name gus --grant 'messaging.send dot' --yes --allow-grants
err_has 'gus can'"'"'t be added: `send` has "dot", but there is no such actor'
run 0 deploy "$teller" --name gus --yes --probation 1ms
again
there_are 'ada ben eve gus'
run 0 deploy app-1 --yes
there_are 'ada ben eve'

# The way back of an addition is of that actor alone, however often, and after the next start of the node.
run 0 rm eve
run 0 grant ben 'custom.horn loud'
run 0 deploy "$guests/teller-2.wasm" --name ada --yes --probation 1ms
run 0 deploy "$teller" --name kim --config mood=calm --yes --probation 1ms
run 0 rollback --app --dry-run
out_is 'app shop
removed actor kim
rehearsed well; nothing has changed'
run 0 rollback --app --yes
there_are 'ada ben'
holds ben 'custom.horn "loud"'
said ada get '2 0 upgraded 1.0.0'
again
there_are 'ada ben'
run 3 start eve
holds ben 'custom.horn "loud"'
run 0 rollback --app --yes
there_are 'ada ben kim'
holds ben 'custom.horn "loud"'
run 0 deploy "$guests/teller-2.wasm" --name kim --config mood=merry --yes --probation 1ms
run 0 grant kim 'custom.led red'
run 0 stop ben
run 0 rollback --app --yes
said kim get '1 0 upgraded 2.0.0'
said kim mood 'calm 0'
holds kim 'custom.led "red"'
there_are 'ada kim'
again
there_are 'ada kim'
said kim mood 'calm 0'
holds kim 'custom.led "red"'
run 0 start ben
holds ben 'custom.horn "loud"'
# Where another one names it, it is in the manifest, removed.
run 0 deploy "$teller" --name eli --grant 'messaging.send kim' --yes --probation 1ms --allow-grants
run 0 rm kim
run 0 deploy "$teller" --name kim --yes --probation 1ms
run 4 rollback --app --yes
err_has 'kim is removed, and eli may send to it'
run 0 rm eli
run 0 rollback --app --yes
out_is "app shop
removed actor kim
$(tail -n 1 out)"
there_are 'ada ben'
run 3 start kim
again
there_are 'ada ben'
run 0 rollback --app --yes
there_are 'ada ben kim'
run 0 deploy app-1 --yes
there_are 'ada ben eve'

# ---------------------------------------------------------------- what can't be

run 3 deploy "$teller" --name other/kim --yes
err_has 'there is no app other here: `airssys up APP` starts one'
run 2 deploy "$teller" --name 'k m' --yes
err_has '--name k m: a name is'
run 1 deploy "$teller" --name 12345 --yes
err_has 'would be taken for an id'
run 2 deploy "$teller" --name kim --config mood --yes
err_has '--config mood: must be a setting, KEY=VALUE'
run 2 deploy "$teller" --name kim --config a=1 --config a=2 --yes
err_has 'the setting a is given twice'
run 2 deploy "$teller" --name kim --grant 'messaging.sned ada' --yes
err_has '--grant messaging.sned ada: '
run 2 deploy "$teller" --name kim --grant 'files.read /data' --yes
err_has '--grant files.read /data: folders are mounted by a manifest only'
run 4 deploy "$teller" --name kim --grant 'messaging.send nobody' --yes
err_has 'kim can'"'"'t be added: `send` has "nobody", but there is no such actor'
run 4 deploy "$teller" --name kim --canary 5% --yes
err_has 'canary 5%: a canary tries another component'
run 4 deploy "$here/lib.sh" --name kim --yes
err_has 'no WebAssembly'
run 3 deploy 0123456789abcdef --name kim --yes
err_has 'the node has no component 0123456789abcdef'
run 6 deploy "$guests/trap-start-error.wasm" --name kim --yes
err_has 'actor kim does not start'
! grep -qF 'airssys.toml' err || fail 'it is in no file'
run 0 history kim
out_has 'not deployed: actor kim does not start'
run 3 call kim get
there_are 'ada ben eve'
again
there_are 'ada ben eve'

# ---------------------------------------------------------------- what was shown is what is done

cp "$guests/teller-2.wasm" next.wasm
# while_asked CHANGE NAME: something changes between the question and the answer.
while_asked() {
    got=0
    timeout 60 python3 "$here/answer.py" "$1" "$airssys" deploy next.wasm --name "$2" --probation 1ms >out 2>err || got=$?
}
while_asked "cp '$guests/stateless-1.wasm' next.wasm" ada
[ "$got" -eq 1 ] || fail "refused, not $got"
out_has 'ada: its files, or what runs of it, have changed since they were compared: look again'
cp "$guests/teller-2.wasm" next.wasm
while_asked "'$airssys' deploy '$guests/teller-applies.wasm' --name ada --on-no-state fresh --yes --probation 1ms" ada
out_has 'ada: its files, or what runs of it, have changed since they were compared: look again'
run 0 rollback ada --probation 1ms
while_asked "cp '$guests/stateless-1.wasm' next.wasm" kim
out_has 'kim is not there: add it as a new actor?'
out_has 'have changed since they were compared: look again'
run 3 call kim get
cp "$guests/teller-2.wasm" next.wasm
while_asked true kim
[ "$got" -eq 0 ] || fail "added, not $got"
out_has 'kim: added as a new actor of shop'
while_asked true ada
[ "$got" -eq 0 ] || fail "deployed, not $got"
said ada get '2 0 upgraded 1.0.0'
# It would be another one, anew.
got=0
timeout 60 python3 "$here/answer.py" "'$airssys' rm kim" "$airssys" deploy next.wasm --name kim --config q=1 \
    >out 2>err || got=$?
[ "$got" -eq 1 ] || fail "refused, not $got"
out_has 'have changed since they were compared: look again'
run 3 call kim get
# What is removed meanwhile is not brought back, unseen.
version 6
actor ada teller-2
actor ben teller-1
actor eve teller-1
actor dan teller-1
probation 1ms
got=0
timeout 60 python3 "$here/answer.py" "'$airssys' rm eve" "$airssys" deploy app-6 >out 2>err || got=$?
[ "$got" -eq 1 ] || fail "refused, not $got"
out_has 'have changed since they were compared: look again'
there_are 'ada ben'
run 0 down

# ---------------------------------------------------------------- with children of a template

version 3
actor ada teller-1
printf '[[template]]\nname = "kid"\ncomponent = "%s"\n' "$teller" >>"$manifest"
up app-3
run 0 deploy "$teller" --name kim --grant 'spawn.start kid' --yes --probation 1ms --allow-grants
run 0 deploy "$teller" --name kim --grant 'spawn.start kid max=7' --yes --probation 1ms --allow-grants
out_has 'new grant      spawn.start "kid" max=7'
run 0 grants kim
held kim 'spawn.start "kid"' 1
holds kim 'spawn.start "kid" max=7'
again
held kim 'spawn.start "kid"' 1
holds kim 'spawn.start "kid" max=7'
run 4 deploy "$teller" --name kim --grant 'spawn.start nobody' --yes --allow-grants
err_has 'kim can'"'"'t be changed: '
run 0 down

# ---------------------------------------------------------------- where nothing is kept, or nothing is an app

start_node "$teller" --state-dir bare
run 4 deploy "$teller" --name kim --yes
err_has 'is a component alone, to which nothing is added'
# Of several apps that run it is said which one is meant.
bare=$node
version 5
actor ada teller-1
start_node app-5
run 3 deploy "$teller" --name kim --yes
err_has 'a new one, is APP/kim'
kill -TERM "$bare"
wait_for gone "$bare"
run 4 deploy "$teller" --name kim --yes
err_has 'the node keeps no state'
