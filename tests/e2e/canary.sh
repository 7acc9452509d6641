#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A canary of a running node: seen, promoted, rolled back, ended by a condition, and by the end of the node.
. "$(dirname "$0")/lib.sh"

app shop ada=twin-1 ben=mood
start_node shop --state-dir kept
run 0 call ada who
out_is '1 0'

# What GET /metrics says, in the file out.
metrics() {
    python3 -c 'import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
sock.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
while part := sock.recv(65536): sys.stdout.buffer.write(part)' "$XDG_RUNTIME_DIR/airssys/shop.sock" >out
}

# Conditions and shares that are none are refused before anything is done; the error says where.
bad() {
    code=$1
    text=$2
    shift 2
    run "$code" deploy "$guests/twin-2.wasm" --name ada --yes "$@"
    err_has "$text"
}
bad 2 '--canary: column 2: a share needs a %' --canary 5
bad 2 'a share is at most 100%' --canary 101%
bad 2 '--promote-when: column 8: a number is expected' --canary 5% --promote-when 'errors<'
bad 2 '--rollback-when: column 1: `error` is no metric' --canary 5% --rollback-when 'error>1%'
bad 1 'promote_when is of a canary, and there is none' --promote-when 'errors<1%'
bad 1 'canary_by instance is for a group' --canary 5% --canary-by instance
run 2 deploy "$guests/twin-2.wasm" --name ada --yes --canary 5% --canary-by colour
run 3 promote ada
err_has 'no canary runs there'
run 3 promote nobody

# Blue and green: the new one stands beside the old one, and handles nothing.
run 0 deploy "$guests/twin-2.wasm" --name ada --yes --canary 0% --probation 10ms
out_has 'canary   0% at first'
out_has 'ada: a canary runs, by sender'
run 0 call ada who
out_is '1 0'
run 0 inspect ada
out_has '0% by sender, 1 of 1 actors'
out_has '1.0.0: '
out_has '2.0.0: 0 handled'
run 0 ps -o json
grep -q '"new_version"' out || fail 'the canary is listed'
run 0 ps
grep -Eq '^ *ID .* MEMORY  CANARY$' out || fail 'a column more'
grep -Eq ' ada .* 0% of 2\.0\.0 by sender for [0-9]' out || fail 'ps says what runs'
grep -Eq ' ben .*  -$' out || fail 'and on whom nothing does'
run 0 tree
grep -Eq ' ada +ready .* 1\.0\.0, canary 0% of 2\.0\.0 by sender for [0-9]' out || fail 'so does tree'
run 0 top --once -i 100ms
grep -Eq '^  ada +canary 0% ' out || fail 'and top'
run 0 events
out_has 'a canary runs: 0% of 2.0.0 by sender'
run 0 logs ada
out_has 'a canary runs: 0% of 2.0.0 by sender'
metrics
out_has 'airssys_canaries{app="shop"} 1'
out_has 'airssys_canary_share{app="shop",actor="ada",old_version="1.0.0",new_version="2.0.0"} 0'
out_has 'airssys_canary_new_handled_total{app="shop",actor="ada",old_version="1.0.0",new_version="2.0.0"} 0'
run 1 rollback ada --dry-run
err_has 'a canary runs: to end it is nothing that could be rehearsed'
run 1 deploy "$guests/twin-1-actor.wasm" --name ada --yes
err_is 'airssys: a canary runs on actor "ada": promote it, or roll it back'
run 0 promote ada
out_has 'ada: deployed, as number 1'
run 0 call ada who
out_is '2 0'
run 0 history ada
out_has 'deployed, promoted by hand'
run 0 events
out_has 'deployed: 1.0.0 -> 2.0.0, as number 1: promoted by hand'
run 0 ps
! grep -q CANARY out || fail 'no canary, no column'
metrics
out_has 'airssys_canaries{app="shop"} 0'
out_has 'airssys_deployments_total{app="shop"} 1'
! grep -q airssys_canary_share out || fail 'no canary, no series'

# All of it, and back by hand.
run 0 rollback ada --probation 10ms
run 0 deploy "$guests/twin-2.wasm" --name ada --yes --canary 100% --probation 10ms
run 0 call ada 'pass x'
out_is 2
run 0 rollback ada
out_has 'ada: the old version stays: the canary was rolled back by hand'
run 0 events -o json
grep -q '"kind":"rolled_back".*2.0.0 -> 1.0.0, as number 3: the canary was rolled back by hand' out ||
    fail 'that it was rolled back is an event, with the reason'
run 0 logs ada
out_has 'rolled back: 2.0.0 -> 1.0.0, as number 3: the canary was rolled back by hand'
metrics
out_has 'airssys_deployments_failed_total{app="shop"} 1'
run 0 call ada who
out_is '1 0'
run 0 history ada
out_has '1 handled since are not in the state'
run 0 history --lost 3
grep -q ' ada .* pass x$' out || fail 'what the canary has handled is listed'

# It ends by conditions.
run 0 deploy "$guests/twin-2.wasm" --name ada --yes --canary 100% --rollback-when 'errors>50%'
run 6 call ada err
wait_for sh -c "'$airssys' history ada | grep -q 'rollback_when: errors 100% (>50%)'"
run 0 call ada who
out_is '1 0'
run 0 deploy "$guests/twin-2.wasm" --name ada --yes --canary 100% --probation 10ms \
    --promote-when 'errors<1% messages>=1 for 100ms'
promoted() { "$airssys" call ada who >/dev/null && "$airssys" history ada | grep -q 'deployed, promote_when: errors 0%'; }
wait_for promoted
run 0 call ada who
out_is '2 0'
run 0 rollback ada --probation 10ms

# A failure ends it.
run 0 deploy "$guests/twin-2.wasm" --name ada --yes --canary 100%
run 0 send ada die
wait_for sh -c "'$airssys' history ada | grep -q 'not deployed: actor ada: failed (trap)'"
run 0 call ada who
out_is '1 0'

# A node that is killed while a canary runs comes back with the old version, and the history says so.
run 0 deploy "$guests/twin-2.wasm" --name ada --yes --canary 100%
run 0 call ada who
out_is '2 0'
kill -KILL "$node"
node_ends 137
start_node shop --state-dir kept
run 0 call ada who
out_is '1 0'
run 0 history ada
out_has 'the node ended while its canary ran: the old version stays'
run 3 promote ada
# One that is told to end is not kept by a canary either.
run 0 deploy "$guests/twin-2.wasm" --name ada --yes --canary 100%
kill -TERM "$node"
node_ends 0
start_node shop --state-dir kept
run 0 call ada who
out_is '1 0'
kill -TERM "$node"
node_ends 0

# What the manifest says; a flag says otherwise.
mkdir herd
cat >herd/airssys.toml <<EOF2
[app]
name = "herd"
[[supervisor.group]]
name = "pool"
strategy = "simple_one_for_one"
template = "sheep"
[[actor]]
name = "dog"
component = "$guests/mood.wasm"
[[template]]
name = "sheep"
component = "$guests/twin-1.wasm"
[template.deploy]
probation = "10ms"
canary = "50%"
rollback_when = "errors>1%"
EOF2
start_node herd --state-dir herds
run 0 scale pool 4
run 0 deploy "$guests/twin-2.wasm" --name pool --yes
out_has 'canary   50% at first'
out_has 'pool: a canary runs, by instance'
run 0 inspect pool
out_has '50% by instance, 2 of 4 actors'
out_has 'errors>1%'
run 0 promote pool
out_has 'pool: deployed, as number 1'
run 0 rollback pool
out_has 'pool: deployed, as number 2'
run 0 deploy "$guests/twin-2.wasm" --name pool --yes --canary none
out_has 'pool: deployed, as number 3'
kill -TERM "$node"
node_ends 0
