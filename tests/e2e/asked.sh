#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# What operators ask to be there, or not to be there, is so again after a kill -9: stop, start, rm, scale, spawn.
. "$(dirname "$0")/lib.sh"

# Children of a group that are alive.
children_are() {
    got=$("$airssys" ps -o json | python3 -c 'import json, sys
actors = json.load(sys.stdin)["actors"]
group = [one["id"] for one in actors if one["name"] == sys.argv[1]]
print(len([one for one in actors if one["supervisor"] in group]))' "$1")
    [ "$got" -eq "$2" ] || fail "$1 has $got children, not $2"
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
[[template]]
name = "worker"
component = "$guests/teller-1.wasm"
env = { SHOP = "berlin" }
[template.grants.messaging]
send = ["ada"]
[[actor]]
name = "ada"
component = "$guests/teller-1.wasm"
[[actor]]
name = "ben"
component = "$guests/teller-1.wasm"
env = { SHOP = "berlin" }
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
names_are 'ada ben desk desk-1 desk-2 pool'

# ---------------------------------------------------------------- stopped until it is started

run 0 stop ada
run 0 stop desk
again
names_are 'ben pool'
has $state/node.log 'ada was stopped: `airssys start` starts it'
run 3 start desk-1
err_has 'its group desk is not there'
run 0 start ada
run 0 start desk
again
names_are 'ada ben desk desk-1 desk-2 pool'
# What ends otherwise is not stopped.
run 0 kill ada
run 0 stop desk-1
run 0 stop desk
run 0 start desk
again
names_are 'ada ben desk desk-1 desk-2 pool'

# ---------------------------------------------------------------- children of a group

run 0 scale pool 3
again
children_are pool 3
run 0 spawn pool eve mood=merry 'b="c"'
again
children_are pool 4
run 0 call eve add
names_are 'ada ben desk desk-1 desk-2 eve pool'
# With the group, and not without it.
run 0 stop pool
again
names_are 'ada ben desk desk-1 desk-2'
run 0 start pool
children_are pool 4
again
children_are pool 4
# One that is stopped, or removed, is there no more.
run 0 stop eve
again
children_are pool 3
run 0 spawn pool eve
run 0 rm eve
again
children_are pool 3
run 0 scale pool 1
again
children_are pool 1
run 8 scale pool 9
err_has 'it has 8 of 9'
again
children_are pool 8
run 0 scale pool 0
again
children_are pool 0
# They are of the version that was deployed, and go back with the others.
run 0 scale pool 2
run 0 deploy "$guests/teller-2.wasm" --name pool --yes --probation 1ms
run 0 scale pool 3
again
[ "$("$airssys" ps | grep -c 'teller-2')" -eq 3 ] || fail 'three of the second version'
run 0 rollback pool --probation 1ms
[ "$("$airssys" ps | grep -c 'teller-2')" -eq 0 ] || fail 'none of the second version'

# ---------------------------------------------------------------- what a child is granted, and made of

# grants_are WHO GRANT…: those of messages that hold, in their order.
grants_are() {
    who=$1
    shift
    got=$("$airssys" grants "$who" -o json | python3 -c 'import json, sys
print(*[one["grant"] for one in json.load(sys.stdin)["grants"] if not one["revoked"] and "messaging" in one["grant"]])')
    [ "$got" = "$*" ] || fail "$who has $got, not $*"
}
nameless() {
    "$airssys" ps -o json | python3 -c 'import json, sys
actors = json.load(sys.stdin)["actors"]
group = [one["id"] for one in actors if one["name"] == "pool"]
print([one["id"] for one in actors if one["supervisor"] in group and not one["name"]][-1])'
}
run 0 spawn pool eve
grants_are eve 'messaging.send,ask "ada"'
run 0 revoke eve 'messaging.send,ask ada'
run 0 grant eve 'messaging.send desk-1' 'messaging.ask ben'
run 0 revoke eve 'messaging.ask ben'
run 0 grant "$(nameless)" 'messaging.ask desk-2'
again
grants_are eve 'messaging.send "desk-1"'
grants_are "$(nameless)" 'messaging.send,ask "ada"' 'messaging.ask "desk-2"'
# Its own variables, which nobody granted by name.
variable_is() {
    [ "$("$airssys" grants "$1" | awk '$2 == "env.read" { print $NF }')" = "$2" ] || fail "the variable of $1 is not $2"
}
for who in ben eve; do
    variable_is $who holds
    run 0 revoke $who 'env.read SHOP'
done
again
for who in ben eve; do variable_is $who revoked; done
run 0 grant ben 'env.read SHOP'
again
[ "$("$airssys" grants ben | grep -c 'env.read.*holds')" -eq 1 ] || fail 'what was granted again is there'
run 0 revoke ben 'env.read SHOP'
again
[ "$("$airssys" grants ben | grep -c 'env.read.*holds')" -eq 0 ] || fail 'what was revoked again is not there'
# As the manifest has it is more than there is.
run 5 deploy shop --yes
[ "$(grep -c 'new grant.*env.read "SHOP"' out)" -eq 1 ] || fail 'that it may read SHOP again is said, once'
run 0 deploy shop --yes --allow-grants
[ "$("$airssys" grants ben | grep -c 'env.read.*holds')" -eq 1 ] || fail 'as the manifest has it'
again
variable_is ben holds
# With the group too; another one of the name is another one.
run 0 stop pool
run 0 start pool
grants_are eve 'messaging.send "desk-1"'
run 0 stop eve
run 0 spawn pool eve
again
grants_are eve 'messaging.send,ask "ada"'
# A version of its own would be gone with the node.
for how in '--yes' '--dry-run'; do
    run 4 deploy "$guests/teller-2.wasm" --name eve $how
    err_has 'it is a child of the group pool, whose children are of one version: deploy to pool'
done
run 4 rollback eve
err_has 'deploy to pool'
run 0 stop eve

# ---------------------------------------------------------------- removed until it is deployed again

run 0 rm ben
run 0 rm desk
again
names_are 'ada pool'
has $state/node.log 'ben was removed, and is not started'
run 3 start ben
err_has 'ben was removed: it is there again when the app is deployed as a whole, with it'
run 3 start desk-1
run 3 rm nobody
# Another manifest without them is another manifest; the same one has them.
run 0 stop ada
run 0 deploy shop --dry-run
out_has 'added actor ben'
out_has 'added group desk'
out_has 'added actor desk-1'
run 0 deploy shop --yes
names_are 'ben desk desk-1 desk-2 pool'
again
names_are 'ben desk desk-1 desk-2 pool'
children_are pool 3
run 0 start ada
run 0 deploy shop --yes
out_is 'nothing to change: the app shop is just so already'
# One that is stopped, or removed, before its `spawn` has been answered is not there either.
python3 - "$XDG_RUNTIME_DIR/airssys/shop.sock" "$state/node.db" <<'END' || fail 'stopped while it is spawned'
import json, socket, sqlite3, sys, threading

class Client:
    def __init__(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(sys.argv[1])
        self.lines = self.sock.makefile("r")
        assert self.ask("hello", protocol=1)["ok"]

    def ask(self, verb, **request):
        self.sock.sendall(json.dumps({"id": 1, "verb": verb, **request}).encode() + b"\n")
        return json.loads(self.lines.readline())

spawns, stops = Client(), Client()
kept = sqlite3.connect(f"file:{sys.argv[2]}?mode=ro", uri=True)
for number in range(20):
    name, verb = f"brief-{number}", ("stop", "rm")[number % 2]
    told = []
    spawning = threading.Thread(target=lambda: told.append(spawns.ask("spawn", supervisor="pool", name=name)))
    spawning.start()
    # From the moment on that it runs: it is just being written down.
    while not any(it["name"] == name and it["state"] == "ready" for it in stops.ask("ps")["result"]["actors"]):
        pass
    stopped = stops.ask(verb, actor=name)
    assert stopped["ok"] or stopped["error"]["status"] == "E_TAKEN", stopped
    spawning.join()
    assert stopped["ok"] or stops.ask(verb, actor=name)["ok"]
    rows = kept.execute("SELECT count(*) FROM children").fetchone()
    assert rows == (3,), (number, rows)
END
children_are pool 3
again
children_are pool 3
# One that goes and comes again begins anew.
run 0 stop ben
cp shop/airssys.toml whole.toml
python3 - <<'END'
text = open("whole.toml").read().split("[[actor]]")
open("shop/airssys.toml", "w").write("[[actor]]".join(part for part in text if '"ben"' not in part))
END
run 0 deploy shop --yes
cp whole.toml shop/airssys.toml
run 0 deploy shop --yes
again
names_are 'ada ben desk desk-1 desk-2 pool'
run 0 rm ben
run 0 down
# Given anew, the app begins as it is given.
echo '# changed' >>shop/airssys.toml
up shop
names_are 'ada ben desk desk-1 desk-2 pool'
children_are pool 0
run 0 down
