#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Two apps of one node that use the same names: what crosses by grant, what does not, and how they are told apart.
. "$(dirname "$0")/lib.sh"
apps=$(dirname "$hello")/several-apps

# shop GRANTS…: an app whose till asks billing/ledger, with these lines of grants; it has a ledger of its own.
shop() {
    mkdir -p shop
    printf 'node = { instances_max = 16 }\n[app]\nname = "shop"\n' >shop/airssys.toml
    for name in ledger till; do
        printf '[[actor]]\nname = "%s"\ncomponent = "%s/%s/build/%s.wasm"\n' $name "$apps" $name $name
    done >>shop/airssys.toml
    printf '%s\n' '[actor.grants.messaging]' "$@" >>shop/airssys.toml
}
# billing EXPOSE: the app that it asks.
billing() {
    mkdir -p billing
    printf 'node = { instances_max = 16 }\n[app]\nname = "billing"\n%s\n' "$1" >billing/airssys.toml
    printf '[[actor]]\nname = "ledger"\ncomponent = "%s/ledger/build/ledger.wasm"\n' "$apps" >>billing/airssys.toml
}
up() {
    run 0 up --state-dir state "$@"
    node=$(cat state/node.pid)
    started="$started $node"
}
# recorded FLAG WORD: the audit log of the shop has it; records are on the disk a moment after they are made.
recorded() { "$airssys" audit query -n shop "$1" | grep -q "$2  till  messaging.ask  billing/ledger"; }
# How many uses of the ledger were refused so far, of all times that this state folder has seen.
refusals() { "$airssys" audit query -n shop --refused | grep -c 'till  messaging.ask  billing/ledger' || true; }
recorded_again() { [ "$(refusals)" -gt "$1" ]; }
down() { run 0 down --state-dir state; }

# ---------------------------------------------------------------- by grant

shop 'ask = ["billing/ledger"]'
billing 'expose = ["ledger"]'
up billing shop
run 0 call till 12
out_is 'booked for shop/till, in total 12'
run 0 call till 30
out_is 'booked for shop/till, in total 42'
run 0 call billing/ledger total
out_is 42
run 0 call shop/ledger total
out_is 0
run 6 call till none
err_has 'neither `book NUMBER` nor `total`'

# ---------------------------------------------------------------- which one is meant

run 2 call ledger total
err_is 'airssys: several apps have an actor of this name: say which: billing/ledger, shop/ledger'
run 2 inspect ledger
err_has 'say which: billing/ledger, shop/ledger'
run 3 call nobody total
err_has 'no actor is named nobody in any of the apps that run (billing, shop)'
run 3 call billing/till total
run 2 stop 'ledg*'
err_has 'several nodes are running: say which with --node'
run 0 inspect till
out_has 'till'
run 0 inspect billing/ledger
run 0 grants till
out_has 'messaging.ask "billing/ledger"'
run 0 ps
grep -Eq '^APP +ID +NAME ' out || fail 'the app is in front'
grep -Eq '^billing +[0-9]+ +ledger ' out || fail 'the ledger of billing'
grep -Eq '^shop +[0-9]+ +ledger ' out || fail 'the ledger of the shop'
grep -Eq '^shop +[0-9]+ +till ' out || fail 'the till'
run 0 ps -n shop
grep -Eq '^ +ID +NAME ' out || fail 'one app is as before'
run 0 ps -o json
[ "$(grep -c '"app":' out)" -eq 2 ] || fail 'JSON has the apps'
out_has '"apps":'
id=$("$airssys" ps -n billing | awk '$2 == "ledger" { print $1 }')
run 0 call "$id" total
out_is 42
run 0 tree
[ "$(grep -c '  ready$' out)" -eq 2 ] || fail 'a tree of each app'
run 0 tree -o json
out_has '"apps":'
run 0 top --once -i 100ms
grep -q '^billing ' out || fail 'a frame of billing'
grep -q '^shop ' out || fail 'a frame of the shop'
# One after the other: a Tab goes on to the next.
cat >tabs.py <<'END'
import os, pty, select, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "top", "-i", "100ms"])
seen = b""
def wait_for(text):
    global seen
    end = time.monotonic() + 60
    while text not in seen:
        assert time.monotonic() < end, (text, seen)
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 65536)
    seen = seen[seen.index(text) + len(text):]
wait_for(b"billing  ")
os.write(terminal, b"\t")
wait_for(b"shop  ")
wait_for(b"till")
os.write(terminal, b"a")
wait_for(b"billing  ")
os.write(terminal, b"q")
assert os.waitpid(pid, 0)[1] == 0
END
TERM=xterm python3 tabs.py "$airssys" || fail 'Tab shows the next app'
run 0 top --once -i 100ms -n shop
grep -q '^billing ' out && fail 'and of one alone'
run 0 names 'led*'
grep -Eq '^billing +ledger ' out || fail 'names of billing'
grep -Eq '^shop +ledger ' out || fail 'names of the shop'
run 0 names -o json
out_has '"app":'
"$airssys" __complete actors shop/ >out || fail 'what a shell asks'
[ "$(sort out)" = 'shop/ledger
shop/till' ] || fail 'app/name completes'
"$airssys" __complete actors ti >out
out_is 'till'

# A pattern says which app it is about.
run 0 stop 'shop/led*'
run 3 call shop/ledger total
run 0 call ledger total
out_is 42
run 0 start shop/ledger
run 2 call ledger total

# ---------------------------------------------------------------- taken back while both run

run 0 revoke till 'messaging.ask "billing/ledger"'
run 6 call till 1
err_has 'no grant: messaging.ask does not match "billing/ledger"'
wait_for recorded --refused refused
wait_for recorded --allowed allowed
run 0 grant till 'messaging.ask "billing/*"'
run 0 call till 1
out_is 'booked for shop/till, in total 43'

# The other side takes it back, too; and both outlive the node.
run 0 expose -n billing
out_is ledger
run 0 hide -n billing ledger
run 6 call till 1
err_has 'the app billing does not expose "ledger"'
run 0 expose -n billing
out_is ''
run 3 hide -n billing ledger
err_has '"ledger" is not exposed'
run 1 expose -n billing 'a b'
err_has 'expose: "a b" is no pattern of names'
run 2 expose ledger
err_has 'several nodes are running: say which with --node'
run 2 hide
down
up
run 6 call till 1
err_has 'does not expose'
run 0 expose -n billing 'led*' other
run 0 expose -n billing 'led*'
run 0 call till 43
out_is 'booked for shop/till, in total 43'
down
up
run 0 expose -n billing -o json
[ "$(tr -d ' \n\t' <out)" = '{"exposed":["led*","other"]}' ] || fail 'what is exposed is kept, once'
run 0 call till 43
recorded_command() { "$airssys" audit query -n billing | grep -q "$1"; }
wait_for recorded_command 'hide pattern=ledger'
wait_for recorded_command 'expose pattern=led\* pattern=other'

# An actor that is not there is gone, and found again when it is back.
run 0 stop billing/ledger
run 6 call till 1
err_has 'gone'
run 0 start billing/ledger
run 0 call till 1
out_is 'booked for shop/till, in total 1'
down

# ---------------------------------------------------------------- what does not cross

shop 'ask = ["*"]' 'send = ["*", "bill*/ledger"]'
up billing shop
before=$(refusals)
run 6 call till 1
err_has 'has to name the app of "billing/ledger", a "*" takes no other one'
wait_for recorded_again "$before"
down

shop 'ask = ["billing/ledger"]'
billing ''
up billing shop
before=$(refusals)
run 6 call till 1
err_has 'the app billing does not expose "ledger"'
wait_for recorded_again "$before"
down

# The app is there later, or not at all.
billing 'expose = ["*"]'
up --forget billing shop
run 6 call till 1
err_has 'gone'
run 0 ps
grep -Eq '^APP ' out && fail 'of one app there is no column'
down
up shop billing
run 0 call till 5
out_is 'booked for shop/till, in total 5'
down

# ---------------------------------------------------------------- what is wrong with a manifest

billing 'expose = ["legder"]'
run 4 up --state-dir other billing
err_has '`expose` has "legder", but there is no such actor, and none may register the name: did you mean "ledger"?'
