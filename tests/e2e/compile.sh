#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Components that are hard to compile: limits by name, and a node that can be ended meanwhile, with its compiler.
. "$(dirname "$0")/lib.sh"

# A component of one module with one function of a million blocks in blocks.
python3 - <<'END'
def number(value):
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7f
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)
def sized(content):
    return number(len(content)) + content
def section(kind, content):
    return bytes([kind]) + sized(content)
depth = 1000000
body = b"\0" + b"\x02\x40" * depth + b"\x0b" * (depth + 1)
module = (b"\0asm\1\0\0\0" + section(1, b"\1\x60\0\0") + section(3, b"\1\0") + section(10, b"\1" + sized(body)))
open("bomb.wasm", "wb").write(b"\0asm\x0d\0\1\0" + section(1, module))
END

limits() {
    printf 'node = { instances_max = 16, %s }\n[app]\nname = "shop"\n[[actor]]\nname = "bomb"\ncomponent = "bomb.wasm"\n' \
        "$1" >airssys.toml
}

limits 'compile_time = "500ms"'
run 8 run .
err_is 'airssys: ./airssys.toml:6:13: ./bomb.wasm: compiling it takes longer than compile_time, 500 ms'
limits 'component_max = "1MiB"'
run 8 run .
err_has 'larger than 1048576 bytes: ./bomb.wasm'
limits 'compile_memory = "48MiB"'
run 8 run .
err_is 'airssys: ./airssys.toml:6:13: ./bomb.wasm: compiling it takes more than compile_memory, 50331648 bytes'
limits 'compile_memory = "1MiB"'
run 4 run .
err_has 'compile_memory'

# The child of $node; nothing when there is none.
child() {
    compiler=$(cat /proc/"$node"/task/*/children | tr -d ' ')
    [ -n "$compiler" ]
}

# Ctrl-C at a node that waits for its compiler ends both, at once.
limits 'compile_time = "1000s", compile_memory = "16GiB"'
for signal in INT KILL; do
    "$airssys" run . >node.out 2>node.err </dev/null &
    node=$!
    started="$started $node"
    wait_for child
    kill -"$signal" "$node"
    got=0
    wait "$node" || got=$?
    [ "$got" -ge 128 ] || fail "a node that is ended while it compiles ends with $got"
    wait_for sh -c "! kill -0 $compiler"
    rm -f "$XDG_RUNTIME_DIR"/airssys/shop.sock
done
