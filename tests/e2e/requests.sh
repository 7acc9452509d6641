#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# What a component asks to be granted: built into it, shown, held against an actor's grants.
. "$(dirname "$0")/lib.sh"

mkdir asker data
printf '#include <airssys/guest.h>\nairs_result actor_handle(const airs_message *m)\n{\n    return airs_answer(m->payload);\n}\n' \
    >asker/asker.c
cat >asker/airssys.toml <<'END'
[component]
name = "asker"

[component.requests]
clock = ["wall"]
config = ["db.*"]

[component.requests.files]
read = ["/data/**"]
list = ["/data/**"]

[[component.requests.network]]
connect = ["tcp://db.example.org:5432"]
zones = ["private"]

[component.requests.messaging]
send = ["stock"]
publish = ["orders.*"]

[component.requests.custom]
led = ["red/*"]

[build]
sources = ["asker.c"]
END
run 0 build asker
run 0 inspect asker/build/asker.wasm
for text in Requests '  files.read,list "/data/**"' '  network.connect "tcp://db.example.org:5432" zones=private' \
    '  messaging.send,ask "stock"' '  messaging.publish "orders.*"' '  config.read "db.*"' '  clock.wall' \
    '  custom.led "red/*"'; do
    out_has "$text"
done
run 0 inspect -o json asker/build/asker.wasm
python3 - <<'END' || fail 'the requests in JSON'
import json
said = json.load(open("out"))
assert len(said["requests"]) == 7 and "clock.wall" in said["requests"], said
END
# A component without them says so, in JSON.
run 0 inspect -o json "$guests/prints.wasm"
grep -q '"requests":[[:space:]]*\[\]' out || fail 'no requests are an empty list'

# The operator's policy decides; requests give nothing.
cat >airssys.toml <<'END'
node = { instances_max = 16 }
[app]
name = "held"
[[actor]]
name = "asker"
component = "asker/build/asker.wasm"
[actor.grants]
clock = []
config = ["db.host"]
[actor.grants.files]
mounts = { "/data" = "data" }
read = ["/data/**"]
[actor.grants.messaging]
publish = ["orders.*"]
[actor.grants.custom]
led = ["red/*"]
[[actor]]
name = "plain"
component = "asker/build/asker.wasm"
END
start_node .
run 0 inspect asker
# told REQUEST VERDICT: a row of the table.
told() {
    sed 's/  */ /g; s/ $//' out | grep -qxF -- "$1 $2" || fail "not in the table: $1 $2"
}
told 'files.read,list "/data/**"' partly
told 'network.connect "tcp://db.example.org:5432" zones=private' refused
told 'messaging.send,ask "stock"' refused
told 'messaging.publish "orders.*"' yes
told 'config.read "db.*"' partly
told clock.wall refused
told 'custom.led "red/*"' yes
run 0 inspect -o json asker
python3 - <<'END' || fail 'the verdicts in JSON'
import json
said = {r["request"]: r["verdict"] for r in json.load(open("out"))["requests"]}
assert said['custom.led "red/*"'] == "granted" and said["clock.wall"] == "refused", said
assert said['files.read,list "/data/**"'] == "partly", said
END
# What changes while it runs is seen.
run 0 grant asker 'messaging.send,ask "stock"'
run 0 revoke asker 'custom.led "red/*"'
run 0 inspect asker
told 'messaging.send,ask "stock"' yes
told 'custom.led "red/*"' refused
kill -TERM "$node"
node_ends 0

# What means nothing is refused where it stands.
refused() {
    mkdir -p bad
    cp asker/asker.c bad/
    printf '[component]\nname = "bad"\n%s\n[build]\nsources = ["asker.c"]\n' "$1" >bad/airssys.toml
    run 4 build bad
    err_has "bad/airssys.toml:$2"
}
refused '[component.requests]
clock = ["tower"]' 4:10
refused '[component.requests.files]
read = ["data"]' 4:9
refused '[component.requests.files]
mounts = { "/data" = "." }' 4:12
err_has 'the operator'
refused '[component.requests.files]
read = ["/a\"b c"]' 4:9
refused '[component.requests.flies]
read = ["/a"]' '3:'

# Hostile sections: bounded, and refused with a sentence.
cat >forge.py <<'END'
import sys
kind, whole, to = sys.argv[1:]
def section(data):
    body = bytes([16]) + b"airssys-requests" + data
    size, n = b"", len(body)
    while True:
        size += bytes([(n & 127) | (128 if n > 127 else 0)])
        n >>= 7
        if not n:
            return b"\0" + size + body
texts = {"twice": section(b"") + section(b"clock.wall\n"), "long": section(b"x" * 70000), "binary": section(b"\xff\xfe"),
         "many": section(b"clock.wall\n" * 300), "nonsense": section(b"clock.wall\nfiles.eat \x1b[2J\n")}
open(to, "wb").write(open(whole, "rb").read() + texts[kind])
END
for kind in twice long binary many nonsense; do
    python3 forge.py $kind "$guests/prints.wasm" forged.wasm
    run 4 inspect forged.wasm
    err_has 'forged.wasm: '
    err_has "requests"
    ! grep -q "$(printf '\033')" err || fail "$kind drives the terminal"
done
