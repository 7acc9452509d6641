#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# airssys dev: a project is built, run, and renewed whenever something is saved.
. "$(dirname "$0")/lib.sh"
run 3 dev nowhere
mkdir empty
run 3 dev empty

# answers TEXT: a source that answers so, saved at once as editors do.
answers() {
    printf '#include <airssys/guest.h>\nairs_result actor_handle(const airs_message *message)\n{\n    (void)message;\n    %s\n}\n' \
        "$1" >p/.p.c.new
    mv p/.p.c.new p/p.c
}
mkdir p
printf '[component]\nname = "p"\nversion = "1.0.0"\n[build]\nsources = ["p.c"]\n' >p/airssys.toml
answers 'return airs_answer(airs_text("one"));'
"$airssys" dev p >dev.out 2>dev.err </dev/null &
dev=$!
started="$started $dev"
# A build takes its time, under a sanitizer more of it.
eventually() {
    for _ in $(seq 600); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    cat dev.out dev.err >&2
    fail "waited in vain for: $*"
    return 1
}
eventually grep -q '^listening at ' dev.out
socket=$(sed -n 's/^listening at //p' dev.out)
says() { [ "$("$airssys" call p x --socket "$socket")" = "$1" ]; }
eventually says one

# What does not build leaves the one that runs.
answers 'return airs_answer(airs_text("two");'
eventually grep -q 'it does not build: the version before goes on' dev.out
grep -q 'p.c:5' dev.err || fail 'what the compiler says'
says one || fail 'the version before answers'
# So does one that fails; the trap is told with its line.
printf '%s\n' '#include <airssys/guest.h>' \
    'airs_result actor_start(const airs_start_info *info) { (void)info; __builtin_trap(); }' \
    'airs_result actor_handle(const airs_message *message) { return airs_answer(message->payload); }' >p/.p.c.new
mv p/.p.c.new p/p.c
eventually grep -q '^dev: the version before goes on' dev.out
eventually grep -q 'p.c:2' dev.out
says one || fail 'the version before answers'
answers 'return airs_answer(airs_text("three"));'
eventually says three

kill -TERM "$dev"
eventually gone "$dev"
got=0
wait "$dev" || got=$?
[ "$got" -eq 0 ] || fail "dev ended with $got"
[ ! -e "$socket" ] || fail 'the socket is left'
[ ! -e "$(dirname "$socket")" ] || fail 'its folder is left'
