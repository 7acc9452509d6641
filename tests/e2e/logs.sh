#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# The log of a running node: all of it, of one actor, followed, and its level.
. "$(dirname "$0")/lib.sh"
run 3 logs
app shop echo=only-messages prints=prints trap=trap
start_node shop

run 0 call prints 'lines 2'
run 6 call trap trap
wait_for sh -c "'$airssys' logs trap | grep -q 'failed (trap)'"
run 0 logs
grep -Eq '^[0-9:.]+ info   prints       \| stdout line 0$' out || fail 'a line of a component'
grep -Eq '^[0-9:.]+ warn   trap         \* failed \(trap\): ' out || fail 'a line of the runtime'
run 0 logs prints
[ "$(wc -l <out)" -eq 4 ] || fail 'lines of one actor'
run 0 logs 'tr*'
out_has 'failed (trap)'
grep -q prints out && fail 'a pattern leaves out the others'
run 0 logs 'nobody-*'
[ ! -s out ] || fail 'a pattern that matches nothing'
run 3 logs print
err_is 'airssys: no actor is named print: did you mean prints?'
run 0 logs prints -o json
python3 - <<'END' || fail 'logs -o json'
import json
lines = [json.loads(line) for line in open("out")]
assert len(lines) == 4, lines
for line in lines:
    assert line["app"] == "shop" and line["actor"] == "prints" and line["version"] == "0.1.0", line
    assert line["level"] == "info" and line["source"] in ("stdout", "stderr") and line["time_ms"] > 0, line
    assert len(line["message_id"]) == 16 and line["message_id"] == lines[0]["message_id"], line
assert lines[0]["text"] == "stdout line 0", lines
END
# By id, as ps shows it.
id=$("$airssys" ps | awk '$2 == "prints" { print $1 }')
run 0 logs "$id"
[ "$(wc -l <out)" -eq 4 ] || fail 'lines of an id'

# Followed: what comes, of that actor alone.
"$airssys" logs -f --new prints >followed.out 2>followed.err </dev/null &
ears=$!
started="$started $ears"
heard() { "$airssys" call prints 'lines 1' >/dev/null; test -s followed.out; }
wait_for heard
kill -INT "$ears"
wait_for gone "$ears"
got=0
wait "$ears" || got=$?
[ "$got" -eq 0 ] && [ ! -s followed.err ] || fail "logs -f ended with $got"
grep -qv ' prints ' followed.out && fail 'logs -f NAME shows others'

# The level, of one, of some, of all.
count() { "$airssys" logs prints --level "$1" | wc -l; }
before=$(count warn)
run 0 call prints 'lines 5'
[ "$(count warn)" -eq "$before" ] || fail 'lines below the level are made'
run 0 logs 'pri*' -l info
run 0 call prints 'lines 5'
[ "$("$airssys" logs prints | wc -l)" -eq $((before + 10)) ] || fail 'lines of the level are made again'
run 0 logs --level error
run 0 call prints 'lines 1'
[ "$("$airssys" logs prints | wc -l)" -eq $((before + 12)) ] || fail 'an own level is lost to that of all'
run 0 logs prints --level default
run 0 call prints 'lines 1'
[ "$("$airssys" logs prints | wc -l)" -eq $((before + 12)) ] || fail 'default is not the level of all'
run 3 logs nobody --level warn
err_is 'airssys: no actor is named nobody: `airssys ps` lists those that run'
run 3 logs 'nobody-*' --level warn
err_is "airssys: no actor's name matches nobody-*"
run 2 logs --level default
run 2 logs --level loud
err_has 'must be one of: debug info warn error default'

# The lines of who has ended stay, and all of it ends with the node.
# What can't be written is an error, and goes to nobody else: neither to the node, nor into its files.
got=0
"$airssys" logs >&- 2>err || got=$?
[ "$got" -eq 1 ] || fail "logs with a closed stdout ended with $got"
err_has 'cannot write: stdout'
got=0
"$airssys" events >/dev/full 2>err || got=$?
[ "$got" -eq 1 ] || fail "events with a full stdout ended with $got"
err_has 'cannot write: stdout: No space left on device'
app quiet echo=only-messages
"$airssys" run quiet --state-dir kept >&- 2>err </dev/null &
quiet=$!
started="$started $quiet"
wait_for "$airssys" call quiet/echo x
kill -TERM "$quiet"
wait_for gone "$quiet"
run 0 audit verify kept/audit --key kept/node.key.pub

run 0 stop prints
run 0 logs prints
[ "$(wc -l <out)" -ge 4 ] || fail 'lines of who has ended'
rm -f followed.out
"$airssys" logs -f >followed.out 2>followed.err </dev/null &
ears=$!
started="$started $ears"
wait_for test -s followed.out
kill -TERM "$node"
node_ends 0
wait_for gone "$ears"
wait "$ears" || fail 'logs -f does not end with the node'
