#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# What several ask for at once of the same actor or group: the last word is one of theirs, also after a kill -9.
. "$(dirname "$0")/lib.sh"

# is NAME STATE: an actor, as `ps` shows it.
is() {
    "$airssys" ps -o json | python3 -c 'import json, sys
sys.exit(not [one for one in json.load(sys.stdin)["actors"] if [one["name"], one["state"]] == sys.argv[1:]])' "$@"
}
# behind FILE ARGUMENTS…: runs airssys in the background, as $last.
behind() {
    to=$1
    shift
    "$airssys" "$@" >"$to" 2>&1 &
    last=$!
    started="$started $last"
}

mkdir shop
cat >shop/airssys.toml <<END
node = { instances_max = 24, audit = "off" }
app = { name = "shop", version = "1" }
[[supervisor.group]]
name = "desk"
[[supervisor.group]]
name = "pool"
strategy = "simple_one_for_one"
template = "worker"
max_children = 8
[[supervisor.group]]
name = "spare"
strategy = "simple_one_for_one"
template = "worker"
[[supervisor.group]]
name = "hall"
[[supervisor.group]]
name = "stalls"
parent = "hall"
strategy = "simple_one_for_one"
template = "worker"
[[template]]
name = "worker"
component = "$guests/teller-1.wasm"
[[actor]]
name = "ada"
component = "$guests/sleeps.wasm"
limits = { stop_timeout = "1m", max_execution = "1m" }
[[actor]]
name = "ben"
component = "$guests/teller-1.wasm"
[[actor]]
name = "desk-1"
supervisor = "desk"
component = "$guests/teller-1.wasm"
[[actor]]
name = "desk-2"
supervisor = "desk"
component = "$guests/teller-1.wasm"
END
up shop
all='ada ben desk desk-1 desk-2 hall pool spare stalls'
names_are "$all"

# ---------------------------------------------------------------- what is there

# A group that runs is left alone, and so is what of it was stopped.
run 0 stop desk-1
run 0 start desk
out_is 'it runs already: desk'
again
names_are 'ada ben desk desk-2 hall pool spare stalls'
run 0 start desk-1
again
names_are "$all"

# Its end is waited for: until then it neither runs nor is it not there, and it is to be there no more.
run 0 send ada 50000
wait_for is ada ready
behind stop.out stop ada
wait_for is ada stopping
run 1 start ada
err_has 'ada is being stopped: try again when that has ended'
again
names_are 'ben desk desk-1 desk-2 hall pool spare stalls'
run 0 start ada
again
names_are "$all"

# A child has a name of its own.
run 0 stop ben
run 1 spawn pool ben
err_has 'ben is an actor or a group of the manifest: take another name'
run 0 start ben
again
names_are "$all"

# ---------------------------------------------------------------- with a deployment

# Of the whole app: what it brings back, or starts as another version, it says itself.
run 0 rm ben
run 0 stop desk-1
sed 's/version = "1"/version = "2"/; /^name = "desk-2"/,/component/s/teller-1/teller-2/' shop/airssys.toml >shop-2.toml
mkdir shop-2
mv shop-2.toml shop-2/airssys.toml
behind deploy.out deploy shop-2 --yes --probation 20s
deploy=$last
wait_for is ben ready
run 1 stop ben
err_has 'the app shop is being deployed to'
run 1 start desk-1
err_has 'the app shop is being deployed to'
kill -KILL "$node"
wait_for gone "$node"
wait "$deploy" && fail 'it was killed'
up
names_are 'ada desk desk-2 hall pool spare stalls'
run 3 start ben
err_has 'ben was removed'
run 0 start desk-1
run 0 deploy shop --yes
names_are "$all"

# Of what a group is made of.
run 0 scale spare 1
run 0 stop pool
behind deploy.out deploy "$guests/teller-2.wasm" --name spare --yes --probation 20s
deploy=$last
wait_for sh -c "'$airssys' ps | grep -q teller-2"
run 1 start pool
err_has 'template "worker" is being deployed to'
run 0 start ben
kill -KILL "$node"
wait_for gone "$node"
wait "$deploy" && fail 'it was killed'
up
run 0 start pool
names_are "$all"

# What is new in a group that was stopped comes with it.
run 0 stop desk
run 0 rm desk-1
run 0 deploy shop --yes
names_are 'ada ben hall pool spare stalls'
run 0 start desk
names_are "$all"
again
names_are "$all"

# ---------------------------------------------------------------- a start that takes long

cat >>shop/airssys.toml <<END
[[actor]]
name = "late"
supervisor = "hall"
component = "$guests/loop-start.wasm"
limits = { max_execution = "10m", start_timeout = "10m" }
END
run 0 stop hall
run 0 deploy shop --yes
names_are 'ada ben desk desk-1 desk-2 pool spare'
behind start.out start hall
start=$last
wait_for is late starting
# Meanwhile nothing of it is changed, all else is.
run 1 scale stalls 2
err_has 'hall is being started: try again when that has ended'
run 1 spawn stalls
run 1 start hall
err_has 'hall is being started'
run 0 scale pool 2
# It can be stopped; then all of it is away again, and stays so.
run 0 stop late
wait "$start" && fail 'it was stopped'
names_are 'ada ben desk desk-1 desk-2 pool spare'
again
names_are 'ada ben desk desk-1 desk-2 pool spare'
behind start.out start hall
start=$last
wait_for is late starting
run 0 rm late
wait "$start" && fail 'it was removed'
run 0 start hall
names_are "$all"
again
names_are "$all"
