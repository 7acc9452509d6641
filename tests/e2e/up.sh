#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# airssys up and down: a node in the background, and what of it is there again after a kill.
. "$(dirname "$0")/lib.sh"

version_is() {
    "$airssys" ps -n "$1" -o json 2>/dev/null | awk -v name="$2" -v version="$3" '
        { value = $2; gsub(/[",]/, "", value) }
        $1 == "\"name\":" { here = value == name }
        here && $1 == "\"version\":" { found = value == version; exit }
        END { exit !found }'
}

# ---------------------------------------------------------------- what can't be

run 3 up
err_has "the node has no app yet: name one: \`airssys up APP\`: $work/state/airssys/node"
err_has "the node did not start; its log: $work/state/airssys/node/node.log"
run 3 up missing
err_is 'airssys: no such file: missing'
run 3 down
err_has "no node is running with the state folder $work/state/airssys/node"
run 2 up --log-size 1
err_has '--log-size 1: must be a size such as 10MiB'
run 2 up --log-count 0
run 2 up --max-memory 1
err_has '--max-memory 1: must be a size such as 2GiB'
run 2 up --instances-max 0
run 2 down --node shop --state-dir .
err_has 'three ways to name one node'
HOME='' XDG_STATE_HOME='' run 1 up
err_has 'say --state-dir'

# ---------------------------------------------------------------- a node and its app

# What all apps may have together, and what one of them asks for.
app large ada=mood
sed -i 's/^node = { /&max_memory = "1MiB", /' large/airssys.toml
run 8 up --state-dir limits --max-memory 512KiB large
err_has '--max-memory is less than what the [node] tables of the apps ask for: 1048576'
app small eve=mood
sed -i 's/^node = .*//' small/airssys.toml
run 8 up --state-dir limits --instances-max 16 large small
err_has '--instances-max leaves too little for those that ask for nothing, 1 of the apps'
run 0 up --state-dir limits --max-memory 3MiB --instances-max 24 large small
started="$started $(cat limits/node.pid)"
run 0 inspect large/ada
grep -q '^node.max_memory .* 1 MiB ' out || fail "what large may have: $(cat out)"
run 0 inspect small/eve
grep -q '^node.max_memory .* 2 MiB ' out || fail "what small may have: $(cat out)"
grep -q '^node.instances_max *1 *8 ' out || fail "its instances: $(cat out)"
run 0 down --state-dir limits

app shop ada=teller-1 ben=mood
up shop
out_has "the node, process $node, is ready after"
out_has "its log: $work/state/airssys/node/node.log"
has $state/node.log 'ready after'
[ "$(stat -c %a $state $state/node.db $state/components)" = "700
600
700" ] || fail 'the state is for its owner alone'
run 1 up
err_has "another node, process $node, uses the state folder $work/state/airssys/node"
run 1 up shop
err_has "process $node"
run 0 call ada add
out_is 1
run 0 deploy "$guests/teller-2.wasm" --name ada --yes --probation 10ms
run 0 grant ada 'messaging.send ben'
run 0 revoke ben 'random.secure,insecure'
run 6 deploy "$guests/teller-load-error.wasm" --name ada -y
"$airssys" history >before
# What is stopped and started again is what it was, also without a new node.
run 0 stop ada
run 0 start ada
version_is shop ada 2.0.0 || fail 'the version that was deployed is started'
run 0 grants ada
out_has 'messaging.send "ben"'
run 0 stop ben
run 0 start ben
run 0 grants ben
grep -q 'random.secure,insecure.* revoked' out || fail 'what was revoked is revoked when it is started again'

# What was there is there again, whatever becomes of the app's own files.
killed
mv shop gone
up
version_is shop ada 2.0.0 || fail 'the version that was deployed'
version_is shop ben 0.1.0 || fail 'the version that was given'
run 0 grants ada
out_has 'messaging.send "ben"'
run 0 grants ben
grep -q 'random.secure,insecure.* revoked' out || fail 'what was revoked is revoked'
"$airssys" history >out
cmp -s before out || fail 'the history is what it was'
run 0 call ada add
out_is 1

# Back to what was before, also across a start; and on from there.
killed
up
run 0 rollback ada --probation 10ms
version_is shop ada 1.0.0 || fail 'rolled back'
run 0 history ada
out_has '3  '
out_has 'rolled back'
killed
up
version_is shop ada 1.0.0 || fail 'it stays rolled back'

# The same app given again is the same; another one of its name is not.
run 0 down
out_has "the node, process $node, has ended after"
[ ! -e $state/node.pid ] || fail 'the process file goes at a clean end'
mv gone shop
up shop
run 0 grants ada
out_has 'messaging.send "ben"'
run 0 down
echo '# changed' >>shop/airssys.toml
up shop
run 0 grants ada
! grep -q 'messaging.send "ben"' out || fail 'given anew, it begins anew'
version_is shop ada 1.0.0 || fail 'as the manifest says'
run 0 history
out_has '3  '
run 0 down

# ---------------------------------------------------------------- grants by their text, and where none are

mkdir bare
cat >bare/airssys.toml <<END
node = { instances_max = 16 }
app = { name = "bare" }
[[actor]]
name = "quiet"
component = "$guests/mood.wasm"
grants = { config = [], clock = [], random = [], stdio = [] }
[[actor]]
name = "odd"
component = "$guests/mood.wasm"
[actor.grants.custom]
sql = ['select "a"*']
END
at=bare-state
up bare --state-dir $at
run 0 grants quiet
! grep -q holds out || fail 'it has no grant'
run 0 grant quiet 'messaging.send x'
run 0 grant odd 'custom.sql a"b'
run 0 grants odd
number=$(awk '/select/ { print $1 }' out)
run 0 revoke odd "$number"
run 0 stop quiet
run 0 start quiet
run 0 grants quiet
out_has 'messaging.send "x"'
"$airssys" grants odd >before
killed
up --state-dir $at
run 0 grants quiet
out_has 'messaging.send "x"'
run 0 grants odd
cmp -s before out || { cat before >&2; fail 'a quote in a pattern is part of it'; }
grep -q 'select.* revoked' out || fail 'what was revoked by its number is revoked'
run 0 down --state-dir $at
at=''

# ---------------------------------------------------------------- several apps, and their names

app tally ada=teller-2
up tally
run 2 call ada add
err_has 'several apps have an actor of this name: say which: shop/ada, tally/ada'
run 0 call ada add -n shop
run 0 call ada add -n tally
run 0 call tally/ada add
out_is 2
run 0 call shop/ada add
out_is 2
run 0 inspect tally/ada
out_has 'teller-2'
run 3 call shop/nobody add
run 3 call nowhere/ada add
err_has 'no actor is named nowhere/ada in any of the apps that run (shop, tally)'
version_is shop ada 1.0.0 || fail 'ada of shop'
version_is tally ada 2.0.0 || fail 'ada of tally: two apps may use one name'
killed
up
version_is shop ada 1.0.0 || fail 'both are there again'
version_is tally ada 2.0.0 || fail 'both are there again'
run 1 up shop/airssys.toml shop --state-dir other
err_has 'two apps have the name shop'
run 0 down
[ -z "$(ls "$XDG_RUNTIME_DIR"/airssys/*.sock 2>/dev/null)" ] || fail 'no socket is left'

# An app is forgotten by name, when no node runs.
run 3 up --forget nobody
err_has 'the node has no app nobody'
run 0 up --forget tally
out_has 'the app tally is forgotten'
node=$(cat $state/node.pid)
started="$started $node"
version_is shop ada 1.0.0 || fail 'the other one runs'
run 1 up --forget shop
err_has "process $node"
run 0 down
run 0 up --forget shop
out_is 'the app shop is forgotten'
run 3 up

# ---------------------------------------------------------------- the same node in the foreground

start_node shop
run 0 deploy "$guests/teller-2.wasm" --name ada --yes --probation 10ms
run 0 grant ada 'messaging.send ben'
killed
wait "$node" 2>/dev/null || true
start_node shop
version_is shop ada 2.0.0 || fail 'run comes back with what was deployed'
run 0 grants ada
out_has 'messaging.send "ben"'
run 0 history
out_has '1.0.0 -> 2.0.0'
run 1 up shop --state-dir state/airssys/shop
err_has "process $node"
kill -TERM "$node"
node_ends 0
at=state/airssys/shop
up --state-dir $at
version_is shop ada 2.0.0 || fail 'and so does up with its state folder'
run 0 down --state-dir $at

# ---------------------------------------------------------------- components by content

at=here
run 0 add "$guests/teller-2.wasm" --state-dir here
hash=$(cut -d ' ' -f 1 out)
[ "${#hash}" -eq 64 ] || fail 'a hash of 64 digits'
out_has 'teller-2 2.0.0'
cmp -s "here/components/$hash.wasm" "$guests/teller-2.wasm" || fail 'kept by content'
run 0 add "$guests/teller-2.wasm" --state-dir here
out_has 'was there already'
run 0 add "$guests/teller-2.wasm" --state-dir here -o json
grep -q '"known":[[:space:]]*true' out || fail 'known'
[ "$(ls here/components | wc -l)" -eq 1 ] || fail 'once'
run 4 add "$guests/core-module.wasm" --state-dir here
err_has 'a core module, not a component'
run 4 add shop/airssys.toml --state-dir here
run 3 add nothing.wasm --state-dir here

# ---------------------------------------------------------------- what nothing needs

old() {
    python3 -c 'import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("UPDATE components SET added_ms = 1")
base.commit()' "$1/node.db"
}
kept() { [ "$(ls "$1/components" | wc -l)" -eq "$2" ] || fail "$2 components, and there are: $(ls "$1/components")"; }
at=pruned
up --state-dir pruned shop
for guest in teller-2 stateless-1 program; do run 0 add "$guests/$guest.wasm" --state-dir pruned; done
run 0 prune --state-dir pruned
out_is '0 components removed, 0 B'
kept pruned 5
run 0 deploy "$guests/teller-2.wasm" --name ada --yes --probation 1ms
old pruned
run 0 prune --keep 1 --state-dir pruned -o json
grep -q '"removed":[[:space:]]*1' out || fail 'one of two'
run 0 prune --state-dir pruned
out_has '1 components removed, '
kept pruned 3
# What runs, and what it can be rolled back to, is there.
killed
up --state-dir pruned
version_is shop ada 2.0.0 || fail 'what runs'
run 0 rollback ada --probation 1ms
version_is shop ada 1.0.0 || fail 'the way back'
# A node does the same by itself, and keeps some to be deployed by their hash.
for i in $(seq 34); do
    cp "$guests/program.wasm" one.wasm
    # A custom section with a number in it.
    { head -c 1 /dev/zero; printf '\004\001n%02d' "$i"; } >>one.wasm
    run 0 add one.wasm --state-dir pruned
done
old pruned
run 0 deploy "$guests/teller-2.wasm" --name ada --yes --probation 1ms
kept pruned 35
run 0 down --state-dir pruned
run 3 prune --state-dir nowhere
err_has 'no state of a node: nowhere'
[ ! -e nowhere ] || fail 'none is made'
run 2 prune --keep x --state-dir pruned
at=here

# ---------------------------------------------------------------- formats, damage

up --state-dir here shop
beginning=$(printf '%.10s' "$hash")
run 0 deploy "$beginning" --name ada --yes --probation 10ms
version_is shop ada 2.0.0 || fail 'deployed by its hash'
run 0 rollback ada --probation 10ms
run 3 deploy 0123456789 --name ada --yes
err_has 'the node has no component 0123456789'
run 0 down --node shop
sql() { python3 -c 'import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
for statement in sys.argv[2:]: base.execute(statement)
base.commit()' "$@"; }
sql here/node.db 'PRAGMA user_version = 99'
run 4 up --state-dir here
err_has "the state folder $work/here has format 99, this airssys (0.1.0) knows format 3"
sql here/node.db 'PRAGMA user_version = 2'
up --state-dir here
run 0 down --state-dir here
sql here/node.db 'PRAGMA application_id = 5'
run 1 up --state-dir here
err_has 'is a database of something else'
sql here/node.db 'PRAGMA application_id = 1634300531'

# A component that is not what its name says is named.
one=$(ls here/components | head -n 1)
for file in here/components/*; do cp "$file" "$file.whole"; printf 'x' >>"$file"; done
run 1 up --state-dir here
err_has 'the component is damaged'
err_has "$work/here/components/"
for file in here/components/*.whole; do mv "$file" "${file%.whole}"; done
up --state-dir here
run 0 down --state-dir here
[ -e "here/components/$one" ] || fail 'nothing is deleted'

cp here/node.db whole.db
dd if=/dev/urandom of=here/node.db bs=512 count=8 conv=notrunc 2>/dev/null
cp here/node.db damaged.db
run 1 up --state-dir here
err_has 'the database is damaged, and was left as it is'
err_has "$work/here/node.db"
cmp -s here/node.db damaged.db || fail 'a damaged database is left as it is'
cp whole.db here/node.db
up --state-dir here
version_is shop ada 1.0.0 || fail 'a copy that is put back is as good'
run 0 down --state-dir here

# ---------------------------------------------------------------- what does not become ready, what does not end

at=slow
app late a=only-messages s=sleeps
printf '[actor.limits]\nstop_timeout = "1m"\nmax_park = "1m"\n' >>late/airssys.toml
up --state-dir slow late
"$airssys" send s 50000
# It is in the mailbox once it is sent, and out of it when its handler has begun.
busy() {
    "$airssys" ps -o json 2>/dev/null | python3 -c 'import json, sys
sys.exit(not any(one["name"] == "s" and one["mailbox"] == 0 for one in json.load(sys.stdin)["actors"]))'
}
wait_for busy
run 7 down --state-dir slow --timeout 500ms
err_has "the node, process $node, has not ended within 500 ms"
err_has 'left: s of the app late'
run 0 down --state-dir slow --timeout 200ms --kill
out_has 'was killed'
wait_for gone "$node"

# A start that hangs keeps nobody from ending the node for longer than a stop would.
at=stuck
cat >stuck.toml <<END
[app]
name = "stuck"
[[actor]]
name = "well"
component = "$guests/mood.wasm"
[[supervisor.group]]
name = "pool"
strategy = "simple_one_for_one"
template = "one"
[[template]]
name = "one"
component = "$guests/loop-start.wasm"
[template.limits]
start_timeout = "10m"
max_execution = "10m"
stop_timeout = "200ms"
END
up --state-dir stuck stuck.toml
"$airssys" scale pool 1 >scale.out 2>&1 &
scaling=$!
starting() { "$airssys" tree | grep -q ' starting '; }
wait_for starting
run 0 down --state-dir stuck --timeout 20s
out_has 'has ended after'
if wait "$scaling"; then fail 'it has not started'; fi
has stuck/node.log 'told to end, it was still starting after 200 ms'

app broken ok=only-messages wrong=trap-start-error
run 6 up --state-dir broken-state broken
err_has 'actor wrong does not start'
err_has "the node did not start; its log: $work/broken-state/node.log"
run 3 down --state-dir broken-state

# ---------------------------------------------------------------- the log

at=logs
app chatty p=prints
up --state-dir logs --log-size 4KiB --log-count 3 chatty
rotated() { "$airssys" call p 'lines 20' && [ -e logs/node.log.2 ]; }
wait_for rotated
[ ! -e logs/node.log.3 ] || fail 'three parts are kept'
grep -qE '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+ ' logs/node.log.1 || fail 'lines have their date'
run 0 down --state-dir logs

# ---------------------------------------------------------------- systemd

at='a "b" 100%'
run 0 up --print-unit --state-dir "$at" shop
out_has 'Type=notify'
out_has 'WatchdogSec=10'
out_has "up --foreground --state-dir \"$work/a \\\"b\\\" 100%%\" \"$work/shop\""
[ ! -e "$at" ] || fail 'a unit is only printed'
python3 - "$airssys" <<'END' || fail 'sd_notify'
import os, signal, socket, subprocess, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind("notify")
listener.settimeout(60)
env = dict(os.environ, NOTIFY_SOCKET=os.path.abspath("notify"), WATCHDOG_USEC="600000")
node = subprocess.Popen([sys.argv[1], "up", "--foreground", "--state-dir", "notified", "shop"], env=env,
                        stdout=subprocess.DEVNULL)
try:
    got = [listener.recv(200) for _ in range(4)]
    assert got == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1", b"WATCHDOG=1"], got
    node.send_signal(signal.SIGTERM)
    while got[-1] != b"STOPPING=1":
        got.append(listener.recv(200))
    assert node.wait(60) == 0
finally:
    node.kill()
END
