#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# deploy, rollback and history of a running node.
. "$(dirname "$0")/lib.sh"

app shop ada=teller-1 ben=mood
start_node shop
version_is() {
    "$airssys" ps -o json 2>/dev/null | awk -v name="$1" -v version="$2" '
        { value = $2; gsub(/[",]/, "", value) }
        $1 == "\"name\":" { here = value == name }
        here && $1 == "\"version\":" { found = value == version; exit }
        END { exit !found }'
}
run 0 call ada add
run 0 call ada add
out_is 2

# What would change is shown; nobody is there to be asked.
run 2 deploy "$guests/teller-2.wasm" --name ada
out_has 'ada: teller-1 1.0.0 -> teller-2 2.0.0'
out_has 'state    goes along'
err_has 'say --yes, or --dry-run'
version_is ada 1.0.0 || fail 'nothing was to change'

run 0 deploy "$guests/teller-2.wasm" --name ada --dry-run
out_has 'ada: rehearsed well; nothing has changed'
version_is ada 1.0.0 || fail 'a dry run changes nothing'

run 0 deploy "$guests/teller-2.wasm" --name ada --yes --probation 10ms
out_has 'ada: deployed, as number 2'
version_is ada 2.0.0 || fail 'it has the new version'
run 0 call ada add
out_is 3

# What is there already is no error.
run 0 deploy "$guests/teller-2.wasm" --name ada --yes
out_is 'ada has this very component already'

# What can't be leaves what is there.
run 6 deploy "$guests/teller-load-error.wasm" --name ada -y
err_has 'actor ada: loading the state: another format'
run 4 deploy "$guests/stateless-1.wasm" --name ada -y
err_has 'ada: the new version does not export `state`: its state would be lost'
run 4 deploy "$guests/program.wasm" --name ada -y
err_has 'a program (wasi:cli/run) has no place between two events'
run 0 call ada add
out_is 4

run 0 rollback ada --probation 10ms
out_has 'ada: deployed, as number 4'
version_is ada 1.0.0 || fail 'it has the old version again'
run 0 call ada add
out_is 5

# Who did what.
run 0 history ada
[ "$(wc -l <out)" -eq 4 ] || fail 'there were four'
out_has '1.0.0 -> 2.0.0'
out_has 'dry run'
out_has 'not deployed: actor ada: loading the state: another format'
out_has 'rolled back'
run 0 history ben
out_is 'nothing has been deployed to ben'
run 0 history shop/ben
run 3 history bne
err_is 'airssys: no actor is named bne: did you mean ben?'
out_is ''
run 0 history -o json
grep -q '"count":[[:space:]]*4' out || fail 'it counts them'

# What is lost when a state of before comes back is listed.
run 0 deploy "$guests/teller-2.wasm" --name ada --yes --probation 10ms --rollback-state snapshot
run 0 call ada add
out_is 6
run 0 rollback ada --probation 10ms --rollback-state snapshot
run 0 call ada add
out_is 6
run 0 history ada
out_has 'handled since are not in the state'
run 0 history --lost 6
grep -q '^TIME.*ACTOR.*PAYLOAD' out || fail 'a table'
grep -q ' ada .* add$' out || fail 'the message that was lost'
run 0 history --lost 5
grep -q ' ada ' out && fail 'that one has lost nothing'
run 0 history --lost 6 -o json
grep -q '"messages"' out || fail 'the list'
run 3 history --lost 7
err_has 'there is no deployment 7, the last is 6'
run 2 history --lost six
err_has '--lost needs the number of a deployment'

# Bad input.
run 2 deploy "$guests/teller-2.wasm"
err_has 'which actor? --name NAME'
run 3 deploy nowhere --yes
err_has 'no such app or component: nowhere'
run 3 deploy nothing.wasm --name ada -y
err_has 'nothing.wasm: no such file'
# A name that is mistyped is a new one (deploy_new.sh): that is said before it is asked about.
run 2 deploy "$guests/teller-2.wasm" --name ads
out_has 'added actor ads'
out_has 'there is also "ada"'
run 4 deploy shop/airssys.toml --name ada -y
run 2 deploy "$guests/teller-2.wasm" --name ada --on-no-state maybe
run 3 rollback ben
err_has 'actor "ben" has had no other version'
run 3 rollback nobody
kill -TERM "$node"
node_ends 0

# A group of a template: its children, and what further ones are made of; also after the node has started anew.
mkdir flock
cat >flock/airssys.toml <<EOF
node = { instances_max = 16 }
[app]
name = "flock"
[[supervisor.group]]
name = "pool"
strategy = "simple_one_for_one"
template = "sheep"
[[actor]]
name = "dog"
component = "$guests/mood.wasm"
[[template]]
name = "sheep"
component = "$guests/teller-1.wasm"
[template.deploy]
probation = "10ms"
on_no_state = "refuse"
EOF
# versions COUNT VERSION: so many children, all of this version.
versions() {
    "$airssys" ps -o json 2>/dev/null | awk -v count="$1" -v version="$2" '
        { value = $2; gsub(/[",]/, "", value) }
        $1 == "\"version\":" && value ~ /^[123]/ { all++; right += value == version }
        END { exit !(all == count && right == count) }'
}
start_node flock --state-dir kept
run 0 scale pool 2
versions 2 1.0.0 || fail 'two of the first version'
# The template says how; a flag says otherwise.
run 4 deploy "$guests/stateless-1.wasm" --name pool --yes
err_has 'the new version does not export `state`, and on_no_state is refuse'
run 0 deploy "$guests/stateless-1.wasm" --name pool --dry-run --on-no-state fresh
# What one of its children does is the group's.
run 6 deploy "$guests/teller-start-trap.wasm" --name pool --yes --on-no-state fresh
run 0 history pool
out_has 'not deployed: actor 0'
grep -qE 'not deployed: actor [0-9a-f]{16}: .*trap' out || fail 'which child, and why'
versions 2 1.0.0 || fail 'both have the first version again'
run 0 deploy "$guests/teller-2.wasm" --name pool --yes
out_has 'pool: teller-1 1.0.0 -> teller-2 2.0.0'
out_has 'pool: deployed, as number 3'
versions 2 2.0.0 || fail 'both have the new version'
run 0 scale pool 3
versions 3 2.0.0 || fail 'so has one that came later'
kill -TERM "$node"
node_ends 0
start_node flock --state-dir kept
versions 3 2.0.0 || fail 'all three are there again'
run 0 scale pool 1
versions 1 2.0.0 || fail 'it is kept'
run 0 rollback pool
versions 1 1.0.0 || fail 'it is back'
kill -TERM "$node"
node_ends 0
