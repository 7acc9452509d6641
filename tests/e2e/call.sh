#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# airssys call COMPONENT.wasm: every kind of component and of file.
. "$(dirname "$0")/lib.sh"
greeter=$hello/greeter/build/greeter.wasm

run 0 call "$greeter" World
out_is 'Hello, World!'
[ "$(wc -c <out)" -eq 13 ] || fail 'no newline is added for a pipe'
"$airssys" call "$greeter" World >out 2>&1 || fail 'call into one file'
[ "$(wc -c <out)" -eq 14 ] || fail 'the reply is a line where the log goes there too'
printf 'from stdin' | "$airssys" call "$greeter" - >out 2>err || fail 'payload from stdin'
out_is 'Hello, from stdin!'
run 0 call "$greeter" World -o json
python3 -c 'import json; assert json.load(open("out")) == {"payload": "Hello, World!"}' || fail 'call -o json'
run 0 call -t 2s -- "$greeter" --help
out_is 'Hello, --help!'
# The payload is empty: the greeter refuses.
run 6 call "$greeter"
err_has 'whom shall I greet?'
[ ! -s out ] || fail 'a failed call prints nothing to stdout'

# Failures, limits, time.
run 6 call "$guests/trap.wasm" trap
err_has 'trap'
run 6 call "$guests/trap-start-error.wasm" x
run 6 call "$guests/loop-handle.wasm" loop
run 7 call "$guests/sleeps.wasm" 3000 --timeout 300ms
err_is "airssys: no answer within the time limit: $guests/sleeps.wasm"
run 7 call "$guests/loop-start.wasm" x --timeout 400ms

# What can't be asked is not run; what ends before it is asked has failed.
run 6 call "$guests/program.wasm"
err_is "airssys: this program takes no messages: \`airssys run\` runs it: $guests/program.wasm"
[ ! -s out ] || fail 'a program is not run by call'
run 6 call "$guests/only-lifecycle.wasm"
err_is "airssys: this component takes no messages: \`airssys run\` runs it: $guests/only-lifecycle.wasm"

# Files that are no components.
run 3 call missing.wasm
err_has 'no such file: missing.wasm'
mkdir folder.wasm
run 1 call folder.wasm
err_has 'folder.wasm'
: >empty.wasm
run 4 call empty.wasm
err_has 'empty.wasm'
echo 'not WebAssembly at all' >text.wasm
run 4 call text.wasm
err_has 'text.wasm'
run 4 call "$guests/core-module.wasm"
err_has 'core module'
run 4 call "$guests/stranger.wasm"
run 4 call "$guests/telepathy.wasm"
err_has 'telepathy'
size=$(wc -c <"$greeter")
for part in 1 2 3 5 8; do
    head -c $((size * part / 10)) "$greeter" >cut.wasm
    run 4 call cut.wasm World
    err_has 'cut.wasm'
done
if [ "$(id -u)" -ne 0 ]; then
    cp "$greeter" secret.wasm
    chmod 000 secret.wasm
    run 1 call secret.wasm
fi
# A file without the ending is a file all the same.
cp "$greeter" plain
run 0 call plain World
out_is 'Hello, World!'

# A reply that drives terminals reaches a pipe as it is.
run 0 call "$guests/prints.wasm" binary
! grep -q "$(printf '\033')" err || fail 'what a component writes is escaped'
# Without a home there is no cache, and it works.
env -u XDG_CACHE_HOME -u HOME "$airssys" call "$greeter" World >out 2>err || fail 'call without a home'
out_is 'Hello, World!'
# A damaged cache is no reason to fail.
for file in "$XDG_CACHE_HOME"/airssys/*; do [ ! -f "$file" ] || echo damaged >"$file"; done
run 0 call "$greeter" World
out_is 'Hello, World!'
