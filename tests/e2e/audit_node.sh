#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# The audit log of a node: what it records, and what becomes of the node when it can't.
#   audit_node.sh AIRSSYS GUESTS HELLO [KILLS]    `make audit-kill` does 200
. "$(dirname "$0")/lib.sh"
log=state/airssys/app/audit
pub=state/airssys/app/node.key.pub

# `send NAME [TIMES]`, `publish TOPIC`, `register NAME`: done, and said how it went.
mkdir -p sayer/src app
cat >sayer/src/sayer.c <<'END'
#include <airssys/guest.h>
airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    airs_bytes what = airs_cut(rest, ' ', &rest);
    airs_status status = AIRS_OK;
    uint64_t times = 1;
    if (rest.len > 0)
        (void)airs_parse_unsigned(rest, &times);
    if (airs_equal(verb, airs_text("publish")))
        status = airs_publish(what, verb, NULL);
    else if (airs_equal(verb, airs_text("register")))
        status = airs_register(what);
    else if (airs_equal(verb, airs_text("send"))) {
        airs_actor to = airs_lookup(what);
        for (uint64_t i = 0; i < times && status == AIRS_OK; i++)
            status = airs_send(to, airs_text("x"));
    }
    return status == AIRS_OK ? airs_answer(airs_text("ok")) : airs_error(airs_why());
}
END
printf '[component]\nname = "sayer"\n[build]\nsources = ["src/sayer.c"]\n' >sayer/airssys.toml
run 0 build sayer

# manifest NODE-KEYS…: an app that may send to peers.
manifest() {
    {
        echo 'app = { name = "app" }'
        echo '[node]'
        echo 'instances_max = 16'
        for key in "$@"; do echo "$key"; done
        printf '[[actor]]\nname = "sayer"\ncomponent = "../sayer/build/sayer.wasm"\n'
        printf 'limits = { max_execution = "60s" }\n'
        printf 'grants = { messaging = { send = ["peer*"], publish = ["news.*"] } }\n'
        for name in peer peer2 other; do
            printf '[[actor]]\nname = "%s"\ncomponent = "../sayer/build/sayer.wasm"\n' "$name"
            printf 'limits = { mailbox_policy = "drop_oldest" }\n'
        done
    } >app/airssys.toml
}
# records COUNT FLAGS…: so many records come into the log that fit the flags.
count() { "$airssys" audit export $log "$@" 2>err | wc -l; }
records() {
    wanted=$1
    shift
    for _ in $(seq 100); do
        [ "$(count "$@")" -eq "$wanted" ] && return 0
        sleep 0.1
    done
    "$airssys" audit query $log 2>err | tail -20 >out || true
    fail "$(count "$@") records that fit $*, not $wanted"
}
whole() { run 0 audit verify $log --key $pub; }
stop_node() { kill -TERM "$node"; node_ends 0; }

# ---------------------------------------------------------------- first uses and refusals

manifest
start_node app
[ "$(stat -c %a state/airssys/app/node.key)" = 600 ] || fail 'the key is for its owner alone'
[ "$(stat -c %a $log)" = 700 ] || fail 'the log is for its owner alone'
for _ in 1 2 3; do run 0 call sayer 'send peer'; done
run 0 call sayer 'send peer2'
for _ in 1 2; do run 6 call sayer 'send other'; done
run 6 call sayer 'register king'
run 0 call sayer 'publish news.today'
run 6 call sayer 'publish secrets.today'
run 0 restart peer2
records 1 --actor sayer --right messaging.send --allowed --object 'peer*'
records 2 --actor sayer --right messaging.send --refused --object other
records 1 --right register --refused --object king
records 1 --right publish --allowed --object news.today
records 1 --right publish --refused --object secrets.today
records 1 --kind operator --object 'restart *peer2*'
records 1 --kind node --right start --object app
run 0 grant other 'messaging.send peer'
run 0 revoke other 'messaging.send peer'
records 1 --right operator.grant --object 'grant actor=other grant=messaging.send *peer*'
records 1 --right operator.revoke --object 'revoke actor=other *'
# Of the node that runs, without a folder; its key is checked.
run 0 audit query --refused --object king
out_has '  refused  sayer  messaging.register  king  '
run 0 audit verify
! grep -q 'whose it is' out || fail 'the key of the node was checked'
run 0 audit verify --node app -o json
python3 -c 'import json; assert json.load(open("out"))["key_checked"]' || fail 'key_checked'
python3 - "$log" "$airssys" <<'END' || fail 'what stands in a record'
import json, subprocess, sys
lines = subprocess.run([sys.argv[2], "audit", "export", sys.argv[1], "--kind", "messaging"], capture_output=True).stdout
for record in map(json.loads, lines.splitlines()):
    assert record["name"] == "sayer" and record["actor"] != "0" and record["epoch"] >= 1, record
    assert int(record["message"]) > 0, record
    assert (record["grant"] is not None) == record["allowed"], record
END
# One node a log.
run 1 run app --socket "$work/other.sock"
err_has 'uses the state folder'
stop_node
records 1 --kind node --right stop
run 0 audit verify $log --key $pub
out_has ', closed'

# ---------------------------------------------------------------- it goes on, also after a kill under load

manifest 'audit = "all"'
first=$(count)
start_node app
records 2 --right start --kind node
run 0 call sayer 'send peer 1000'
# Each, and the first use before.
records 1001 --right send --allowed --object peer
stop_node
whole
[ "$(count)" -ge "$((first + 1000))" ] || fail 'each decision is in the log of audit = "all"'
size() { cat $log/audit-*.log | wc -c; }
grown() { [ "$(size)" -gt "$((before + 200000))" ]; }
for round in $(seq "${4:-3}"); do
    start_node app
    before=$(size)
    "$airssys" call sayer 'send peer 100000000' --timeout 30s >load.out 2>&1 &
    load=$!
    started="$started $load"
    wait_for grown
    kill -KILL "$node"
    wait "$node" 2>/dev/null || true
    wait "$load" 2>/dev/null || true
    whole
done
start_node app
stop_node
whole
out_has ', closed'

# ---------------------------------------------------------------- what is missing is within audit_sync_ms

sends() { "$airssys" audit export $log --right messaging.send --allowed --object peer 2>err | wc -l; }
# lose MS: kills a node while it answers, and holds what was answered against its log.
lose() {
    manifest 'audit = "all"' 'workers = 1' "audit_sync_ms = $1"
    start_node app
    before=$(sends)
    rm -f load.out times
    python3 "$here/audit_loss.py" load "$XDG_RUNTIME_DIR/airssys/app.sock" times >load.out 2>load.err &
    load=$!
    started="$started $load"
    # It goes on for a while: each round is killed somewhere else.
    wait_for grep -qx "$((100 + 50 * (round % 5)))" load.out
    kill -KILL "$node"
    wait "$node" 2>/dev/null || true
    wait "$load" || true
    whole
    python3 "$here/audit_loss.py" check times "$(($(sends) - before))" "$1" >out 2>err || fail "audit_sync_ms = $1"
    cat out
}
for round in $(seq "${4:-3}"); do
    lose 20
    lose 0
    out_has 'none missing'
done

# ---------------------------------------------------------------- on the disk before it is done

manifest 'audit = "all"' 'audit_sync_ms = 0'
start_node app
run 0 call sayer 'send peer2'
kill -KILL "$node"
wait "$node" 2>/dev/null || true
[ "$(count --object peer2 --allowed --since 30s)" -ge 1 ] || fail 'audit_sync_ms = 0: what was done is in the log'
whole

# ---------------------------------------------------------------- a log that can't be written

# full_node KEYS…: a node whose log may not grow past some 100 KiB, for which the limit on files stands in.
full_node() {
    rm -rf state node.out
    manifest 'audit = "all"' "$@"
    (
        ulimit -f 200
        trap '' XFSZ
        exec "$airssys" run app >node.out 2>node.err </dev/null
    ) &
    node=$!
    started="$started $node"
    wait_for grep -q '^listening at ' node.out
}
full_node
run 6 call sayer 'send peer 1000000' --timeout 30s
err_has "the audit log can't be written"
run 6 call sayer 'send peer'
err_has "the audit log can't be written"
# An operator is refused too; looking needs no record.
run 1 restart peer2
err_has "the audit log can't be written"
run 0 ps
grep -q 'what can.t be recorded is refused' node.out || { cat node.out; fail 'the log of the node says so'; }
kill -TERM "$node"
wait_for sh -c "! kill -0 $node"
whole
start_node app
run 0 call sayer 'send peer'
stop_node
whole

full_node 'audit_on_failure = "stop"'
timeout 60 "$airssys" call sayer 'send peer 1000000' --timeout 30s >out 2>err || true
node_ends 6
has node.err 'the audit log'
whole

# ---------------------------------------------------------------- bad keys, bad manifests

rm -rf state
manifest
start_node app
stop_node
chmod 644 state/airssys/app/node.key
run 5 run app
err_has 'node.key: its mode is 644'
chmod 600 state/airssys/app/node.key
printf 'x' >>state/airssys/app/node.key
run 1 run app
err_has 'node.key: it is damaged'
rm state/airssys/app/node.key
run 6 run app
err_has 'audit.head is damaged, or signed with another key'
rm -rf state
mkdir -p state/airssys/app/node.key
run 1 run app
err_has 'node.key: not a file'
rm -rf state
: >state
run 1 run app
err_has "the folder of the node's state"
rm state
bad() {
    manifest "$1"
    run 4 run app
    err_has "app/airssys.toml:4:"
    err_has "$2"
}
bad 'audit = "sometimes"' 'must be one of: first_use refused all off'
bad 'audit_on_failure = "ignore"' 'must be one of: refuse stop'
bad 'audit_sync_ms = -1' 'audit_sync_ms'
bad 'audit_sync_ms = "1s"' 'audit_sync_ms'
bad 'audit_segment = "1KiB"' 'audit_segment'
bad 'audit_segments = 1' 'audit_segments'
bad 'audit_dir = 5' 'audit_dir'

# ---------------------------------------------------------------- other places, and none

manifest 'audit_dir = "journal"' 'audit_segment = "64KiB"' 'audit_segments = 2' 'audit = "all"'
start_node app --state-dir here
run 0 call sayer 'send peer 5000'
run 0 audit verify --key here/node.key.pub
stop_node
run 0 audit verify app/journal --key here/node.key.pub
[ "$(ls app/journal/audit-*.log | wc -l)" -le 3 ] || fail 'old segments go'
[ ! -e state ] || fail 'nothing elsewhere'
manifest 'audit = "off"'
start_node app
run 3 audit query
err_has 'writes no audit log'
stop_node
[ ! -e state ] || fail 'no log, no state'
manifest
HOME='' XDG_STATE_HOME='' run 1 run app
err_has 'say --state-dir'
