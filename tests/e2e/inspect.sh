#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# inspect: components, modules, files that are neither, and actors.
. "$(dirname "$0")/lib.sh"

run 0 inspect "$hello/counter/build/counter.wasm"
for text in 'counter 0.1.0' 'MIT OR Apache-2.0' 'batch, state' 'airssys:actor/state@0.1.0' 'save, load'; do
    out_has "$text"
done
[ "$(wc -l <out)" -le 24 ] || fail 'inspect fills more than a screen'
run 0 inspect -o json "$hello/counter/build/counter.wasm"
python3 - <<'END' || fail 'the JSON says what it should'
import json
said = json.load(open("out"))
assert said["kind"] == "component" and said["contract"] == ["batch", "state"], said
assert said["metadata"]["name"] == "counter" and said["metadata"]["version"] == "0.1.0", said
mailbox = [i for i in said["imports"] if i["name"].startswith("airssys:actor/mailbox")]
assert mailbox[0]["functions"] == ["take", "settle"] and mailbox[0]["offered"] is True, said
END

# For each import: whether it is offered, and at which version.
run 0 inspect "$guests/telepathy.wasm"
out_has 'test:telepathy/minds@1.2.0         not offered'
out_has 'wasi:clocks/monotonic-clock@0.9.0  not offered, nearest is 0.2.'
run 0 inspect "$guests/program.wasm"
out_has 'contract     main'
run 0 inspect "$guests/stranger.wasm"
out_has 'none that this runtime knows'

# Function by function: all of the contract is offered.
mkdir family
printf '[component]\nname = "family"\n[build]\nsources = ["family.c"]\n' >family/airssys.toml
cat >family/family.c <<'END'
#include <airssys/guest.h>
airs_result actor_handle(const airs_message *message)
{
    uint64_t id;
    (void)airs_spawn(message->payload, airs_text(""), (airs_settings){0}, &id);
    airs_link(airs_monitor(message->sender));
    (void)airs_subscribe(message->payload, airs_text(""), &id);
    (void)airs_send_every(1, message->sender, airs_text(""), NULL);
    airs_exit(airs_register(message->payload) == AIRS_OK ? airs_ok() : airs_error(airs_why()));
    return airs_ok();
}
END
run 0 build family
run 0 inspect -o json family/build/family.wasm
python3 - <<'END' || fail 'what is offered, function by function'
import json
said = {i["name"].split("@")[0].split("/")[1]: i for i in json.load(open("out"))["imports"] if "airssys" in i["name"]}
assert said["messaging"]["offered"] and said["timers"]["offered"], said
assert said["supervision"]["offered"] and not said["supervision"]["missing"], said
END

# What is no component.
run 4 inspect "$guests/core-module.wasm"
err_has 'a core module, not a component'
run 3 inspect gone.wasm
err_is 'airssys: no such file: gone.wasm'
run 1 inspect .
err_is 'airssys: a folder, not a file: .'
: >empty.wasm
run 4 inspect empty.wasm
err_is 'airssys: empty.wasm: the file is empty'
echo 'hello, I am a text' >text.wasm
run 4 inspect text.wasm
err_has 'not WebAssembly'
# What it quotes does not drive a terminal, also where it lands in a file.
python3 - <<'END'
name = b"evil\x1b[2J"
types = b"\x01\x40\x00\x01\x00"
imports = b"\x01\x00" + bytes([len(name)]) + name + b"\x01\x00"
with open("evil.wasm", "wb") as file:
    file.write(b"\0asm\x0d\0\x01\0\x07" + bytes([len(types)]) + types + b"\x0a" + bytes([len(imports)]) + imports)
END
run 4 inspect evil.wasm
err_has '`evil [2J`'
whole=$hello/greeter/build/greeter.wasm
size=$(wc -c <"$whole")
at=0
while [ "$at" -lt "$size" ]; do
    head -c "$at" "$whole" >cut.wasm
    got=0
    "$airssys" inspect cut.wasm >out 2>err || got=$?
    # A component may end after any whole section: what is left is one, of less.
    [ "$got" -eq 4 ] || { [ "$got" -eq 0 ] && grep -q component out; } || fail "cut at $at ends with $got"
    at=$((at + 64))
done

# An actor of a running node: without one, with one, and what is neither an actor nor a file.
run 3 inspect echo
err_is 'airssys: no node is running: start one with `airssys up APP`'
app shop echo=only-messages prints=prints
printf '[actor.limits]\nmax_memory = "16MiB"\nmailbox_max = 7\nlog_lines_per_second = 5\nmax_rate = 9\nmax_tables = 99\n' \
    >>shop/airssys.toml
start_node shop
run 0 call prints 'lines 50'
run 0 inspect prints
for text in 'name         prints' 'kind         component' 'component    prints 0.1.0' 'state        ready for' \
    'restarts     0' 'LIMIT ' ' 16 MiB' 'mailbox_max' 'max_execution' 'start_timeout'; do
    out_has "$text"
done
run 0 inspect echo
grep -q 'max_rate  *0  *no limit  *0$' out || fail 'one without a limit of its rate'
run 0 inspect prints -o json
python3 - <<'END' || fail 'inspect NAME -o json'
import json
said = json.load(open("out"))
assert said["name"] == "prints" and said["state"] == "ready" and said["kind"] == "component", said
limits = {limit["name"]: limit for limit in said["limits"]}
assert limits["max_memory"]["max"] == 16 << 20 and 0 < limits["max_memory"]["used"] <= 16 << 20, limits
assert limits["max_memory"]["unit"] == "bytes" and limits["max_memory"]["refused"] == 0, limits
assert limits["mailbox_max"] == {"name": "mailbox_max", "unit": "messages", "used": 0, "max": 7}, limits
assert limits["log_lines_per_second"]["refused"] > 0 and limits["log_lines_per_second"]["max"] == 5, limits
assert limits["max_rate"] == {"name": "max_rate", "unit": "messages/s", "used": 0, "max": 9, "refused": 0}, limits
assert limits["max_tables"]["max"] == 99 and 0 < limits["max_tables"]["used"] <= 99, limits
assert "max" not in limits["max_mailbox_age"] and limits["stop_timeout"]["max"] == 5000, limits
END
id=$("$airssys" ps | awk '$2 == "prints" { print $1 }')
run 0 inspect "$id"
out_has 'name         prints'
root=$("$airssys" ps | awk '$3 == "supervisor" { print $1; exit }')
run 0 inspect "$root"
out_has 'kind         supervisor'
run 3 inspect print
err_is 'airssys: no actor is named print: did you mean prints?'
# A file of an actor's name is meant before the actor.
cp "$guests/prints.wasm" prints
run 0 inspect prints
out_has 'contract'

kill -TERM "$node"
node_ends 0
