#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Children that were asked for and have ended by themselves for good are forgotten: a job that is done is not done once
# more when the node is started anew. Those that were ended by others, or with their group, are there again.
. "$(dirname "$0")/lib.sh"

mkdir shop
cat >shop/airssys.toml <<END
node = { instances_max = 24, audit = "off" }
app = { name = "shop", version = "1" }
[[supervisor.group]]
name = "jobs"
strategy = "simple_one_for_one"
template = "job"
[[supervisor.group]]
name = "keen"
strategy = "simple_one_for_one"
template = "clerk"
max_restarts = 0
window = "5s"
[[template]]
name = "job"
component = "$guests/family.wasm"
restart = "temporary"
[[template]]
name = "clerk"
component = "$guests/family.wasm"
restart = "permanent"
[[actor]]
name = "ada"
component = "$guests/family.wasm"
END
# Those that are to be there when the node is, also when it is killed now.
kept() {
    python3 - "$state/node.db" <<'END'
import sqlite3, sys
rows = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT name FROM children")
print(*sorted(name for name, in rows))
END
}
are_kept() { [ "$(kept)" = "$1" ]; }
kept_are() { are_kept "$1" || fail "kept are: $(kept), not: $1"; }
# The same in at most a minute.
come_to() { wait_for are_kept "$1" || fail "kept are: $(kept), not: $1"; }
there() { "$airssys" ps | grep -q "$1"; }
not_there() { ! there "$1"; }

up shop
for who in bob cyd dan eve; do run 0 spawn jobs $who; done
run 0 spawn keen fay
kept_are 'bob cyd dan eve fay'

# ---------------------------------------------------------------- one is done, one fails, one traps, one goes on

run 0 call bob leave
run 0 call cyd 'leave oops'
run 6 call dan die
come_to 'eve fay'
again
names_are 'ada eve fay jobs keen'
run 0 call eve hello

# ---------------------------------------------------------------- just before the node ends

run 0 spawn jobs bob
run 0 call bob leave
wait_for not_there bob
run 0 down
kept_are 'eve fay'
up
names_are 'ada eve fay jobs keen'

# ---------------------------------------------------------------- another one of the same name

for _ in 1 2 3 4 5; do
    run 0 spawn jobs bob
    run 0 call bob leave
    wait_for not_there bob
done
run 0 spawn jobs bob
come_to 'bob eve fay'
again
names_are 'ada bob eve fay jobs keen'

# ---------------------------------------------------------------- many at once

python3 - "$XDG_RUNTIME_DIR/airssys/shop.sock" <<'END' || fail 'many at once'
import json, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.settimeout(30)
sock.connect(sys.argv[1])
lines = sock.makefile("r")
def ask(verb, **request):
    sock.sendall(json.dumps({"id": 1, "verb": verb, **request}).encode() + b"\n")
    answer = json.loads(lines.readline())
    assert answer["ok"], answer
ask("hello", protocol=1)
for number in range(12):
    ask("spawn", supervisor="jobs", name=f"many-{number}")
for number in range(12):
    ask("send", actor=f"many-{number}", payload="leave")
END
come_to 'bob eve fay'

# ---------------------------------------------------------------- not by themselves

# The group gives up for its child, and both are started again.
run 6 call fay die
wait_for "$airssys" call fay hello
has $state/node.log 'gives up'
run 0 stop jobs
kept_are 'bob eve fay'
again
names_are 'ada fay keen'
run 0 start jobs
names_are 'ada bob eve fay jobs keen'
# Done after the group was stopped and started.
run 0 call bob leave
come_to 'eve fay'
run 0 stop eve
run 0 stop fay
kept_are ''
run 0 down
