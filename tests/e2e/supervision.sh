#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Supervision as an operator sees it: strategies, backoff, escalation, health, what may be done to an actor, why it failed,
# what happened.
. "$(dirname "$0")/lib.sh"

# field NAME KEY: what `ps -o json` says of an actor; a key stands on a line of its own.
field() {
    "$airssys" ps -o json 2>/dev/null | awk -v name="$1" -v key="\"$2\":" '
        { value = $2; gsub(/[",]/, "", value) }
        $1 == "\"name\":" { here = value == name }
        here && $1 == key { print value; exit }'
}
field_is() { [ "$(field "$1" "$2")" = "$3" ]; }
# restarts NAME=N…: as many restarts, of which all are ready.
restarts() {
    for pair in "$@"; do
        field_is "${pair%%=*}" restarts "${pair#*=}" && field_is "${pair%%=*}" state ready || return 1
    done
}
stop_node() {
    kill -TERM "$node"
    node_ends 0
}

# three STRATEGY: an app of three actors below a group of this strategy, and one beside it.
three() {
    app three a=mood b=mood c=mood beside=mood
    sed -i 's/^name = "[abc]"/&\nsupervisor = "group"/' three/airssys.toml
    printf '[[supervisor.group]]\nname = "group"\nstrategy = "%s"\nmax_restarts = 10\n' "$1" >>three/airssys.toml
    start_node three
    run 0 kill b
}
three one_for_one
wait_for restarts a=0 b=1 c=0 beside=0 group=0
field_is group children 3 || fail 'a supervisor says how many children it has'
field_is b children 0 || fail 'an actor has none'
stop_node
three one_for_all
wait_for restarts a=1 b=1 c=1 beside=0 group=0
stop_node
three rest_for_one
wait_for restarts a=0 b=1 c=1 beside=0 group=0
# The order is that of the file: the last one has nobody behind it.
run 0 kill c
wait_for restarts a=0 b=1 c=2 beside=0 group=0
stop_node

# The root has a strategy too.
app whole a=mood b=mood c=mood
printf '[supervisor]\nstrategy = "rest_for_one"\n' >>whole/airssys.toml
start_node whole
has node.out 'whole  rest_for_one, at most 3 restarts in 5 s'
run 0 kill b
wait_for restarts a=0 b=1 c=1
stop_node

# Children of a template come and go.
app simple main=mood
cat >>simple/airssys.toml <<END
[[supervisor.group]]
name = "rooms"
strategy = "simple_one_for_one"
template = "room"
max_children = 2
[[template]]
name = "room"
component = "$guests/mood.wasm"
END
start_node simple
run 0 spawn rooms red
id=$(cat out)
run 1 spawn rooms red
err_is 'airssys: the name "red" is taken: rooms'
run 0 call red count
out_is 1
run 0 call "$id" count
out_is 2
run 0 spawn rooms colour=blue -o json
python3 -c 'import json; assert int(json.load(open("out"))["id"]) > 0' || fail 'spawn -o json'
run 8 spawn rooms green
err_is 'airssys: "rooms" has children_max children, 2'
run 3 spawn room
err_is 'airssys: no actor is named room: did you mean rooms?'
run 4 spawn main other
run 2 spawn rooms blue colour
err_is 'airssys: colour: must be a setting, KEY=VALUE'
run 2 spawn rooms a=1 a=2
run 0 kill red
wait_for restarts red=1
run 0 tree rooms
out_has 'red'
run 0 stop red
run 1 spawn rooms main
err_is 'airssys: main is an actor or a group of the manifest: take another name: rooms'
run 0 spawn rooms green
stop_node

# A group that gives up is started again by the root; a root that gives up ends the app.
app weak a=mood b=mood
sed -i 's/^name = "a"/&\nsupervisor = "group"/' weak/airssys.toml
printf '[supervisor]\nmax_restarts = 1\nwindow = "1m"\n[[supervisor.group]]\nname = "group"\nmax_restarts = 0\n' \
    >>weak/airssys.toml
start_node weak
run 6 call a trap
wait_for restarts group=1 a=1 b=0
run 0 call b count
run 6 call a trap
node_ends 6
has node.out 'gives up'
has node.err 'the app has failed: weak: '

# A transient actor that is done is done, and so is the app when it is significant.
app ends a=mood b=mood
printf 'restart = "transient"\nsignificant = true\n' >>ends/airssys.toml
start_node ends
run 0 call b 'fail as it was told'
wait_for restarts b=1
run 0 why b
out_has 'failed: as it was told'
run 0 send b done
node_ends 0
has node.out 'done after'

# Backoff: it says when, and what waits in the mailbox is there afterwards. An operator need not wait.
mkdir shop
cat >shop/airssys.toml <<END
node = { instances_max = 16 }
[app]
name = "shop"
[[actor]]
name = "flaky"
component = "$guests/mood.wasm"
[actor.health]
interval = "50ms"
failures = 1
[[actor]]
name = "stock"
component = "$guests/mood.wasm"
[actor.backoff]
kind = "delay"
delay = "20s"
[actor.checkpoint]
every_messages = 1
END
start_node shop
has node.out 'ready after'
run 0 tree
out_has 'shop  ready'
run 0 call stock count
out_is 1
run 6 call stock trap
wait_for field_is stock hold backoff
run 0 tree
out_has 'shop  not ready, 1 of 2 actors is not'
grep -Eq 'stock +backoff +mood 0.1.0, starts in 1?[0-9](\.[0-9])? s, failed: .*unreachable' out || fail 'tree shows the backoff'
run 0 ps
grep -Eq 'stock +mood 0.1.0 +backoff' out || fail 'ps shows the backoff'
run 0 send stock count
wait_for grep -q 'the app is not ready' node.out
run 0 restart stock
# The state that was saved, and the message that waited.
run 0 call stock x
out_is 2
run 0 why stock
out_has 'stock  ready for '
out_has 'It has failed once:'
out_has '  trap: wasm trap: '
out_has ' in hand'
out_has '-> restart after 20 s'
run 0 why stock -o json
python3 - <<'END' || fail 'why -o json'
import json
why = json.load(open("out"))
assert why["count"] == 1 and why["actor"]["name"] == "stock", why
failure = why["failures"][0]
assert failure["number"] == 1 and failure["reason"] == "trap" and failure["action"] == "restarted", failure
assert failure["delay_ms"] == 20000 and failure["attempt"] == 1 and len(failure["message_id"]) == 16, failure
assert failure["time_ms"] > 1600000000000, failure
END
run 0 why flaky
out_has 'It has not failed.'
wait_for grep -q 'the app is ready again' node.out

# Health: degraded is shown, unhealthy is restarted.
run 0 call flaky 'degraded the cache is cold'
wait_for field_is flaky health degraded
run 0 tree
grep -Eq 'flaky +degraded +mood 0.1.0, the cache is cold' out || fail 'tree shows the health'
# Its line comes after what is seen of it.
wait_for grep -qF 'is degraded: the cache is cold' node.out
run 0 call flaky 'unhealthy no disk'
wait_for restarts flaky=1
run 0 why flaky
out_has 'no disk'

# Pause and resume, quarantine and release.
run 0 pause flaky
field_is flaky hold paused || fail 'it is paused'
run 7 call flaky count -t 200ms
run 0 resume flaky
run 0 call flaky x
run 0 quarantine flaky
run 0 tree
grep -Eq 'flaky +quarantined' out || fail 'tree shows the quarantine'
run 0 send flaky count
run 0 release flaky
run 0 call flaky x
out_is 1
run 1 release flaky
err_is 'airssys: it is not quarantined: flaky'
for verb in why restart kill pause resume quarantine release; do
    run 3 "$verb" flakey
    err_is 'airssys: no actor is named flakey: did you mean flaky?'
    run 2 "$verb"
done
root=$("$airssys" ps | awk '$3 == "supervisor" { print $1; exit }')
run 1 restart "$root"
err_is "airssys: \`restart\` is not for the root: end the node instead: $root"

# What happened, as lines and as JSON.
run 0 events
for text in 'stock        failed (trap): ' 'stock        starts again in 20 s' 'stock        ready again after ' \
    'flaky        is degraded: the cache is cold' 'flaky        paused' 'flaky        resumed' \
    'flaky        quarantined' 'flaky        released'; do
    out_has "$text"
done
run 0 events -o json
python3 - <<'END' || fail 'events -o json'
import json
lines = [json.loads(line) for line in open("out")]
assert [line["number"] for line in lines] == list(range(1, len(lines) + 1)), lines
assert lines[0]["event"]["kind"] == "started", lines[0]
kinds = {line["event"]["kind"] for line in lines}
assert kinds >= {"started", "failed", "backoff", "restarted", "health", "paused", "resumed", "quarantined", "released"}, kinds
END
run 0 events --new
[ ! -s out ] || fail 'nothing is newer than all'

# follow FLAGS…: `airssys events -f` in the background; its id is $follower.
follow() {
    # What one before has written would be taken for this one's.
    rm -f events.out
    "$airssys" events -f "$@" >events.out 2>events.err </dev/null &
    follower=$!
    started="$started $follower"
}
follower_ends() {
    wait_for sh -c "! kill -0 $follower" || return 0
    got=0
    wait "$follower" || got=$?
    [ "$got" -eq 0 ] && [ ! -s events.err ] || { cat events.err >&2; fail "events -f ended with $got"; }
}
# Interrupted, and with the node: both are a good end.
for signal in INT TERM; do
    follow
    wait_for grep -q 'flaky' events.out
    kill -$signal "$follower"
    follower_ends
done
follow -o json
wait_for grep -q '"released"' events.out
before=$(wc -l <events.out)
run 0 kill flaky
wait_for sh -c "[ \$(wc -l <events.out) -ge $((before + 2)) ]"
stop_node
follower_ends
grep -q '"kind":"stopped"' events.out || fail 'the end of the actors is told too'
run 3 events
