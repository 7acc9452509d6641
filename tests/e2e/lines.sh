#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A component that is built with -g keeps its lines, by the names of the manifest; others have none.
. "$(dirname "$0")/lib.sh"

mkdir -p div/src
cat >div/src/div.c <<'END'
#include <airssys/guest.h>
airs_result actor_handle(const airs_message *message)
{
    return airs_answer(airs_unsigned(1 / (message->payload.len - 1)));
}
END

# build_with FLAGS: the flags as a TOML list.
build_with() {
    printf '[component]\nname = "div"\n[build]\nsources = ["src/div.c"]\nflags = %s\n' "$1" >div/airssys.toml
    run 0 build div
}

# has_lines WASM: whether a component has a line table.
has_lines() {
    grep -q '\.debug_line' "$1"
}

build_with '[]'
! has_lines div/build/div.wasm || fail 'lines that nobody asked for'
build_with '["-g", "-g0"]'
! has_lines div/build/div.wasm || fail 'the last flag decides'
for flag in -g -gdwarf-5 -gline-tables-only; do
    build_with "[\"$flag\"]"
    has_lines div/build/div.wasm || fail "no lines with $flag"
    grep -q 'div\.c' div/build/div.wasm || fail "no name of the file with $flag"
    ! grep -q "$PWD" div/build/div.wasm || fail "the machine's folder is in the component with $flag"
done
