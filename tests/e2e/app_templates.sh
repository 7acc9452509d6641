#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A deployment of a whole app that changes anything of templates that components spawn of by themselves: their settings,
# limits and grants. Those that live have it, and those that come, whoever spawns them; all of it, or none.
. "$(dirname "$0")/lib.sh"

# version NUMBER: begins the manifest of the app farm, as app-NUMBER/airssys.toml.
version() {
    mkdir -p "app-$1"
    manifest=app-$1/airssys.toml
    printf 'node = { instances_max = 24, audit = "off" }\n[app]\nname = "farm"\nversion = "%s.0.0"\n' "$1" >"$manifest"
}
line() { printf '%s\n' "$@" >>"$manifest"; }
# kid MOOD MEMORY MAILBOX ASKED: what the template of all children says.
kid() {
    line '[[template]]' 'name = "kid"' "component = \"$guests/teller-applies.wasm\"" "config = { mood = \"$1\" }" \
        "limits = { max_memory = \"$2\", mailbox_max = $3 }" "grants.messaging = { ask = [$4] }" \
        '[template.deploy]' 'probation = "1ms"'
}
# Two that may spawn of it, one of whom may ask ben; and one that may spawn who may spawn of it.
rest() {
    line '[[template]]' 'name = "nanny"' "component = \"$guests/family.wasm\"" 'grants.spawn = { templates = ["kid"] }' \
        'grants.messaging = { register = ["*"], ask = ["ben"] }'
    line '[[actor]]' 'name = "ann"' "component = \"$guests/family.wasm\"" \
        'grants.spawn = { templates = ["kid", "nanny"] }' 'grants.messaging = { register = ["*"], ask = ["ben"] }'
    line '[[actor]]' 'name = "bea"' "component = \"$guests/family.wasm\"" \
        'grants.spawn = { templates = ["kid"] }' 'grants.messaging = { register = ["*"] }'
    line '[[actor]]' 'name = "ben"' "component = \"$guests/teller-1.wasm\""
}
said() { # said ACTOR MESSAGE ANSWER
    run 0 call "$1" "$2"
    out_is "$3"
}
spawned() { # spawned PARENT TEMPLATE NAME
    run 0 call "$1" "spawn $2 $3"
    ! grep -q not: out || fail "$1 spawns $3"
}
# is NAME MOOD MEMORY MAILBOX [ASKS]: what a child has; ASKS is what it is granted by its template, and its parent has.
is() {
    run 0 call "$1" mood
    out_has "$2 "
    run 0 inspect "$1" -o json
    python3 - "$3" "$4" <<'END' || fail "$1 has not $3 and $4"
import json, sys
said = json.load(open("out"))
limits = {limit["name"]: limit.get("max") for limit in said["limits"]}
assert [limits["max_memory"] >> 20, limits["mailbox_max"]] == [int(word) for word in sys.argv[1:]], limits
END
    run 0 grants "$1"
    grep -F 'messaging.ask "ben"' out | grep -qF holds && asks=asks || asks=''
    [ "$asks" = "${5:-}" ] || fail "$1: may ask ben: ${asks:-no}, not ${5:-no}"
}

version 1
kid calm 16MiB 7 ''
rest
version 2
kid merry 24MiB 9 '"ben"'
rest

up app-1
spawned ann kid tom
spawned bea kid tim
spawned ann nanny nan
spawned nan kid bob
said tom add 1

# ---------------------------------------------------------------- done

run 0 deploy app-2 --dry-run
out_has 'changed template kid'
out_has 'by swap        limits.max_memory 16 MiB -> 24 MiB'
is tom calm 16 7
run 0 deploy app-2 --yes --allow-grants
said tom get '1 1 upgraded 1.0.0'
is tom merry 24 9 asks
# It has no more than who has spawned it.
is tim merry 24 9
is bob merry 24 9 asks
# Those that come: of one that was there, of one that was spawned before, and of one that comes itself.
spawned ann kid kim
is kim merry 24 9 asks
spawned nan kid una
is una merry 24 9 asks
spawned ann nanny nell
spawned nell kid vic
is vic merry 24 9 asks
spawned bea kid wil
is wil merry 24 9
run 0 deploy app-2 --yes
out_is 'nothing to change: the app farm is just so already'

# ---------------------------------------------------------------- and back

run 0 rollback --app --yes
is tom calm 16 7
is bob calm 16 7
is wil calm 16 7
spawned nell kid xen
is xen calm 16 7
# Another component for the template alone leaves all else of it as it was deployed last.
run 0 deploy app-2 --yes --allow-grants
sed 's/teller-applies/teller-2/' app-2/airssys.toml >app-3.toml
run 0 deploy app-3.toml --yes --allow-grants
spawned ann kid yan
run 0 call yan get
out_has '2 0 fresh'
run 0 inspect yan -o json
grep -q "$((24 << 20))" out || fail 'its limits are those of the template'
run 0 rollback --app --yes
is yan merry 24 9 asks

# ---------------------------------------------------------------- who may spawn of what

refused() { # refused PARENT TEMPLATE WHY
    run 0 call "$1" "spawn $2"
    out_has "not: "
    out_has "$3"
}
# spawning: the app 5, in which who may spawn of what is another than in 2.
spawning() {
    version 5
    kid merry 24MiB 9 '"ben"'
    line '[[template]]' 'name = "elf"' "component = \"$guests/teller-1.wasm\""
    line '[[template]]' 'name = "nanny"' "component = \"$guests/family.wasm\"" \
        'grants.spawn = { templates = ["kid", "elf"] }' 'grants.messaging = { register = ["*"], ask = ["ben"] }'
    line '[[actor]]' 'name = "ann"' "component = \"$guests/family.wasm\"" \
        'grants.spawn = { templates = ["nanny"] }' 'grants.messaging = { register = ["*"], ask = ["ben"] }'
    line '[[actor]]' 'name = "bea"' "component = \"$guests/family.wasm\"" \
        'grants.spawn = { templates = ["kid", "elf"], max_children = 4 }' 'grants.messaging = { register = ["*"] }'
    line '[[actor]]' 'name = "ben"' "component = \"$guests/teller-1.wasm\""
}
# What ann, bea, and nan, a nanny, may spawn of: as in 2, or as in 5.
may_as_2() {
    spawned ann kid "${1}a"
    refused bea elf 'no template "elf" for this actor'
    spawned nan kid "${1}b"
    refused nan elf 'no template "elf" for this actor'
}
may_as_5() {
    refused ann kid 'no template "kid" for this actor'
    spawned bea elf "${1}c"
    spawned nan elf "${1}d"
}
spawning
may_as_2 p
run 5 deploy app-5 --yes
err_has 'say --allow-grants'
run 0 deploy app-5 --yes --allow-grants
out_has 'new grant      spawn.start "elf" max='
out_has 'live           grants.spawn'
may_as_5 q
# No child has ended for it, and nobody was started again.
said tom get '1 1 upgraded 2.0.0'
# There are tim, wil and one elf: it may have four.
spawned bea kid rex
refused bea kid 'it has children_max children, 4'
# A nanny that comes may what those may that were there.
spawned ann nanny ned
spawned ned elf elfin
run 0 deploy app-5 --yes
out_is 'nothing to change: the app farm is just so already'
run 0 rollback --app --yes --allow-grants
may_as_2 r
spawned bea kid sam

# It goes back with all the rest where a component does not load its state.
spawning
sed -i 's/teller-applies/teller-load-error/' "$manifest"
run 6 deploy app-5 --yes --allow-grants
may_as_2 s

# A template that comes again after it was gone is what the manifest says then.
again
spawning
run 0 deploy app-5 --yes --allow-grants
sed 's/teller-1.wasm/teller-2.wasm/' app-5/airssys.toml >app-6.toml
run 0 deploy app-6.toml --yes
spawned bea elf two
run 0 call two get
out_has '2 0 fresh'
run 0 deploy app-2 --yes --allow-grants
run 0 deploy app-5 --yes --allow-grants
spawned bea elf three
run 0 call three get
out_has '1 0 fresh'
again
spawned ann nanny nan
may_as_5 t
run 0 deploy app-2 --yes --allow-grants
again
spawned ann kid tom
spawned ann nanny nan
may_as_2 u

# ---------------------------------------------------------------- all of it, or none

version 4
kid bad 32MiB 11 ''
rest
sed -i 's/teller-applies/teller-load-error/' "$manifest"
run 6 deploy app-4 --yes
err_has 'another format'
is tom merry 24 9 asks
spawned ann kid zoe
is zoe merry 24 9 asks
said tom get '1 0 fresh -'

# ---------------------------------------------------------------- killed at any moment

spawning
now=2
for round in $(seq 6); do
    # 1, 2 and 5 in turn.
    case $now$round in 1*) next=2 ;; 5*) next=2 ;; *[135]) next=5 ;; *) next=1 ;; esac
    "$airssys" deploy "app-$next" --yes --allow-grants >deploy.out 2>&1 &
    deploy=$!
    sleep "$(awk -v seed="$round" 'BEGIN { srand(seed); printf "%.3f", rand() * rand() * 0.3 }')"
    killed
    if wait "$deploy"; then said=$next; else said=nothing; fi
    up
    before=$now
    spawned bea kid "one-$round"
    spawned ann nanny nan
    case $("$airssys" call "one-$round" mood | cut -d ' ' -f 1) in
    calm) now=1; is "one-$round" calm 16 7 ;;
    merry)
        is "one-$round" merry 24 9
        now=2
        if "$airssys" call bea 'spawn elf' | grep -qv not; then now=5; fi
        may_as_$now "$round"
        ;;
    *) fail "round $round: neither the old app nor the new one" ;;
    esac
    [ "$said" = nothing ] || [ "$now" -eq "$said" ] || fail "round $round: what was acknowledged is not there"
    [ "$now" -eq "$before" ] || [ "$now" -eq "$next" ] || fail "round $round: something else is there"
done

run 0 down
