#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# new, build, wit: a project from its first file to a component, and what can be wrong with one.
. "$(dirname "$0")/lib.sh"

# manifest NAME BUILD-LINES…: a project `p` with one source that answers.
project() {
    mkdir -p p
    printf '[component]\nname = "p"\nversion = "2.3.4"\ndescription = "d"\nlicense = "MIT"\n[build]\n' >p/airssys.toml
    printf '%s\n' "$@" >>p/airssys.toml
    cat >p/p.c <<'END'
#include <airssys/guest.h>
airs_result actor_handle(const airs_message *message) { return airs_answer(message->payload); }
END
}
# exports WORD…: the contract of what was built last is exactly this.
exports() {
    "$airssys" inspect -o json p/build/p.wasm >json
    got=$(tr -d ' \n\t' <json | sed 's/.*"contract":\[\([^]]*\)\].*/\1/; s/"//g; s/,/ /g')
    [ "$got" = "$*" ] || fail "exports $got, not $*"
}

# A fresh project builds, answers, and runs.
run 0 new hello --lang c
out_has 'airssys build hello'
[ "$(wc -l <hello/hello.c)" -le 40 ] || fail 'the template is longer than 40 lines'
! grep -q SPDX hello/hello.c hello/airssys.toml || fail 'the template puts a licence on its author'
run 0 build hello
out_has 'hello/build/hello.wasm: '
out_has 'airssys:actor/child@0.1.0  start, stop'
out_has 'airssys:actor/batch@0.1.0  run'
run 0 call hello/build/hello.wasm you
out_is 'Hello, you! Call number 1.'
has hello/build/world.wit 'export airssys:actor/batch@0.1.0;'
(cd hello && "$airssys" build >/dev/null) || fail 'build in the folder'
run 0 build hello -o json
out_has '"hello/build/hello.wasm"'
out_has '"milliseconds"'

# What new refuses.
run 1 new hello
err_is 'airssys: hello is there already, and not empty'
for name in Hello 1st a_b '' 'a b' . ..; do run 2 new "$name"; done
run 2 new x --lang rust
mkdir empty
run 0 new empty/
out_has 'airssys call empty/build/empty.wasm'
[ -f empty/empty.c ] || fail 'a slash behind the name is no part of it'

# Exactly what is defined is exported.
project 'sources = ["p.c"]'
run 0 build p
exports batch
project 'sources = ["p.c"]' 'contract = "actor"'
run 0 build p
exports actor
cat >>p/p.c <<'END'
airs_result actor_handle_down(const airs_down *down) { return down->monitor ? airs_ok() : airs_ok(); }
airs_health actor_health(void) { return (airs_health){AIRS_HEALTHY, airs_text("")}; }
airs_result actor_save(void) { return airs_answer(airs_text("s")); }
airs_result actor_load(airs_bytes version, airs_bytes state) { return version.len + state.len ? airs_ok() : airs_ok(); }
END
run 0 build p
exports actor signals health state
sed -i '/contract/d' p/airssys.toml
run 0 build p
exports batch health state
printf '%s\n' '#include <airssys/guest.h>' 'void actor_stop(airs_stop_reason why) { (void)why; }' >p/p.c
run 0 build p
exports child
run 0 inspect p/build/p.wasm
for text in 'p 2.3.4' 'description  d' 'licenses     MIT'; do out_has "$text"; done

# What makes no component.
echo 'int helper(void);int helper(void) { return 1; }' >p/p.c
run 4 build p
err_has 'define none of the functions of airssys/guest.h'
echo 'int main(void) { return 0; }' >p/p.c
run 4 build p
err_has 'a program needs `libc = "wasi"`'
project 'sources = ["p.c"]'
echo 'airs_result actor_save(void) { return airs_ok(); }' >>p/p.c
run 4 build p
err_has 'define actor_save and not actor_load'
project 'sources = ["p.c"]'
echo 'airs_result actor_hanlde(void);airs_result actor_hanlde(void) { return airs_ok(); }' >>p/p.c
run 0 build p
err_has 'did you mean actor_handle?'

# The compiler's errors as they are, and the linker's.
project 'sources = ["p.c"]'
echo 'this is no C' >>p/p.c
run 1 build p
err_has 'p/p.c:3:1: error: '
project 'sources = ["p.c"]'
echo 'int nowhere(void); airs_result actor_start(const airs_start_info *i) { return nowhere() + i->id ? airs_ok() : airs_ok(); }' >>p/p.c
run 1 build p
err_has 'undefined symbol: nowhere'
got=0
AIRSSYS_CLANG=no-such-clang "$airssys" build p >out 2>err || got=$?
[ "$got" -eq 3 ] || fail "a compiler that is not there ends with $got"
err_has 'no such program: no-such-clang (named by AIRSSYS_CLANG)'
got=0
PATH=/nowhere "$airssys" build p >out 2>err || got=$?
[ "$got" -eq 3 ] || fail "no compiler ends with $got"
err_has 'clang is not installed: `apt install clang`'

# The manifest, with its place.
refused() {
    wanted=$1
    shift
    project "$@"
    run 4 build p
    err_is "airssys: p/airssys.toml:$wanted"
}
refused '7:12: `sources` names gone.c: there is no such file' 'sources = ["gone.c"]'
refused '7:19: `sources` names .: a folder, not a file' 'sources = ["p.c", "."]'
refused '7:11: `sources` is empty: name at least one C file' 'sources = []'
refused '6:1: `sources` is missing in [build]'
refused '8:1: unknown key `flag` in [build]: did you mean `flags`?' 'sources = ["p.c"]' 'flag = ["-g"]'
refused '8:8: `libc` is "musl": must be one of: none wasi' 'sources = ["p.c"]' 'libc = "musl"'
refused '8:9: `flags` must be a list of strings, not a string: flags = ["…"]' 'sources = ["p.c"]' 'flags = "-g"'
refused '8:8: `wit` without `world`: say which world of it, as in "my:package/world"' 'sources = ["p.c"]' 'wit = ["p.c"]'
project 'sources = ["p.c"]'
sed -i 's/name = "p"/name = "P p"/' p/airssys.toml
run 4 build p
err_has 'p/airssys.toml:2:8: `name` is "P p"'
project 'sources = ["p.c"]'
sed -i 's/license = "MIT"/license = "as you like"/' p/airssys.toml
run 4 build p
err_has "'as you like' is no SPDX licence expression"
run 3 build nowhere
err_has 'nowhere'

# The contract for other toolchains.
run 0 wit out-wit
out_is 'out-wit/actor.wit'
has out-wit/actor.wit 'package airssys:actor@0.1.0;'
run 0 wit out-wit
echo changed >>out-wit/actor.wit
run 1 wit out-wit
err_is 'airssys: out-wit/actor.wit is there already and differs: --force overwrites it'
has out-wit/actor.wit changed
run 0 wit out-wit --force
! grep -q changed out-wit/actor.wit || fail '--force overwrites'
run 0 wit
out_is 'wit/airssys-actor/actor.wit'
