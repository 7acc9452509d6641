#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# start, rm and scale on a running node, and patterns in the place of a name.
. "$(dirname "$0")/lib.sh"
for verb in 'start a' 'rm a' 'scale a 1'; do run 3 $verb; done
mkdir shop
cat >shop/airssys.toml <<END
node = { instances_max = 16 }
app = { name = "shop" }
[[supervisor.group]]
name = "desk"
[[supervisor.group]]
name = "pool"
strategy = "simple_one_for_one"
template = "worker"
max_children = 4
[[template]]
name = "worker"
component = "$guests/only-messages.wasm"
[[actor]]
name = "echo"
component = "$guests/only-messages.wasm"
[[actor]]
name = "desk-1"
supervisor = "desk"
component = "$guests/only-messages.wasm"
[[actor]]
name = "desk-2"
supervisor = "desk"
component = "$guests/only-messages.wasm"
END
start_node shop
ids() { "$airssys" ps | awk '{ print $2 }' | sort | tr '\n' ' '; }

# One that runs is left alone; one that was stopped is made anew.
run 0 start echo
out_is 'it runs already: echo'
run 0 stop echo
run 3 call echo x
run 0 start echo
[ ! -s out ] || fail 'start says nothing when it went well'
run 0 call echo x
run 0 quarantine echo
run 0 start echo
run 0 call echo x
run 0 pause echo
run 1 start echo
err_is 'airssys: it is paused, not stopped: `airssys resume` lets it go on: echo'
run 0 resume echo
run 3 start ehco
err_is 'airssys: no actor is named ehco: did you mean echo?'

# A group, with all that belongs to it.
run 0 stop desk
run 3 call desk-1 x
run 3 start desk-1
err_has 'its group desk is not there: start desk, which starts all of it'
run 0 start desk
for name in desk-1 desk-2; do run 0 call $name x; done

# Patterns: all that match, and what belongs to a group goes with it.
run 0 stop 'desk*'
for name in desk-1 desk-2; do run 3 call $name x; done
run 0 call echo x
run 0 start desk
run 0 stop 'desk-*'
run 0 start desk-1
run 0 call desk-1 x
run 3 call desk-2 x
run 3 stop 'nobody*'
err_is "airssys: no actor's name matches nobody*: \`airssys ps\` lists them"

# What is removed is not started again.
run 0 rm desk-1
run 3 call desk-1 x
run 3 start desk-1
err_is 'airssys: desk-1 was removed: it is there again when the app is deployed as a whole, with it'
run 0 start desk-2
run 0 rm desk
run 3 start desk-2
run 3 start desk
# Also when it has ended already.
run 0 stop echo
run 0 rm echo
run 3 start echo
err_has 'echo was removed'
run 3 rm nobody
err_is 'airssys: no actor is named nobody: `airssys ps` lists those that run'
run 1 rm "$("$airssys" ps | awk 'NR == 2 { print $1 }')"
err_has '`rm` is not for the root'

# Children of a template.
workers() { "$airssys" ps | grep -c 'only-messages' || true; }
run 0 scale pool 3
out_is '0 -> 3 instances: pool'
[ "$(workers)" -eq 3 ] || fail 'three workers'
oldest=$("$airssys" ps | awk '/only-messages/ { print $1; exit }')
run 0 scale pool 1 -o json
python3 -c 'import json; assert json.load(open("out")) == {"before": 3, "instances": 1}' || fail 'scale -o json'
[ "$("$airssys" ps | awk '/only-messages/ { print $1 }')" = "$oldest" ] || fail 'the oldest stays'
run 8 scale pool 6
err_has 'it has 4 of 6'
[ "$(workers)" -eq 4 ] || fail 'those before stay'
run 0 scale pool 0
[ "$(workers)" -eq 0 ] || fail 'none is left'
run 2 scale pool x
run 2 scale pool -1
run 2 scale pool
run 3 scale poll 1
err_is 'airssys: no actor is named poll: did you mean pool?'
run 4 scale "$("$airssys" ps | awk 'NR == 2 { print $1 }')" 1
err_has 'only a simple_one_for_one group'

kill -TERM "$node"
node_ends 0

# Starts that do not end leave threads for the others, and say when there are too many of them.
mkdir slow
cat >slow/airssys.toml <<END
node = { instances_max = 16 }
app = { name = "slow" }
[[template]]
name = "late"
component = "$guests/loop-start.wasm"
limits = { max_execution = "10m", start_timeout = "10m" }
[[actor]]
name = "echo"
component = "$guests/only-messages.wasm"
END
for count in 1 2 3 4 5 6 7; do
    cat >>slow/airssys.toml <<END
[[supervisor.group]]
name = "jam-$count"
strategy = "simple_one_for_one"
template = "late"
END
done
start_node slow
late() { [ "$("$airssys" ps | grep -c 'loop-start')" -eq "$1" ]; }
for count in 1 2 3 4 5 6; do
    "$airssys" scale jam-$count 1 >/dev/null 2>&1 &
    started="$started $!"
    wait_for late $count
done
# Nothing that is granted to one of them, or revoked, could be written down yet.
child=$("$airssys" ps | awk '/loop-start/ { print $1; exit }')
for what in "grant $child random.insecure" "revoke $child 0"; do
    run 1 $what
    err_has 'that is just being started or stopped: try again when that is done'
done
run 0 grants "$child"
! grep -qF ' random.insecure' out || fail 'it was granted nothing'
run 8 scale jam-7 1
err_has '6 deployments, starts and scalings are under way'
run 0 restart echo
