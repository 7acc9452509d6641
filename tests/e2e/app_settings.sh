#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A deployment of a whole app that changes anything: limits, variables, restart, health, mailbox, groups, templates,
# what it exposes. By another instance, or without one; all of it, or none; there again when the node is, and back.
. "$(dirname "$0")/lib.sh"

# version NUMBER [MORE]: begins the manifest of the app shop, as APP-NUMBER/airssys.toml.
version() {
    mkdir -p "app-$1"
    manifest=app-$1/airssys.toml
    printf 'node = { instances_max = 16, audit = "off" }\n[app]\nname = "shop"\nversion = "%s.0.0"\n' "$1" >"$manifest"
}
line() { printf '%s\n' "$@" >>"$manifest"; }
# actor NAME GUEST LINE…
actor() {
    line '[[actor]]' "name = \"$1\"" "component = \"$guests/$2.wasm\""
    shift 2
    [ $# -eq 0 ] || line "$@"
    line '[actor.deploy]' 'probation = "1ms"'
}
said() { # said ACTOR MESSAGE ANSWER
    run 0 call "$1" "$2"
    out_is "$3"
}
id_of() { "$airssys" inspect "$1" -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])'; }
# shown ACTOR EXPRESSION: of what `inspect` says, with the limits by name as `limits`.
shown() {
    run 0 inspect "$1" -o json
    python3 - "$2" <<'END' || fail "inspect $1: not $2"
import json, sys
said = json.load(open("out"))
limits = {limit["name"]: limit.get("max") for limit in said["limits"]}
assert eval(sys.argv[1]), said
END
}

version 1
line 'expose = ["ada"]' '[[supervisor.group]]' 'name = "crew"' 'max_restarts = 2'
line '[[supervisor.group]]' 'name = "crowd"' 'strategy = "simple_one_for_one"' 'template = "one"'
line '[[template]]' 'name = "one"' "component = \"$guests/equipped.wasm\"" 'env = { WHO = "old" }' 'restart = "transient"' \
    '[template.deploy]' 'probation = "1ms"'
actor ada equipped 'env = { A = "1" }' 'limits = { max_memory = "16MiB", mailbox_max = 7 }'
actor ben teller-1 'supervisor = "crew"'

# Everything of it is another, but for the components.
version 2
line 'expose = ["ada", "ben"]' '[supervisor]' 'max_restarts = 7'
line '[[supervisor.group]]' 'name = "crew"' 'max_restarts = 9' 'strategy = "rest_for_one"'
line '[[supervisor.group]]' 'name = "crowd"' 'strategy = "simple_one_for_one"' 'template = "one"' 'max_children = 9'
line '[[template]]' 'name = "one"' "component = \"$guests/equipped.wasm\"" 'env = { WHO = "new" }' \
    'limits = { max_memory = "24MiB" }' '[template.deploy]' 'probation = "1ms"'
actor ada equipped 'env = { A = "2", B = "both" }' 'limits = { max_memory = "32MiB", mailbox_max = 9 }'
actor ben teller-1 'supervisor = "crew"' 'restart = "transient"' 'health = { interval = "1s" }' \
    'backoff = { kind = "delay", delay = "1s" }' 'on_failure = { retries = 2 }'

up app-1
run 0 spawn crowd tom
said ada 'keep 1000' '1000 fresh'
said tom 'keep 10' '10 fresh'
said ben add 1
ada=$(id_of ada)

# ---------------------------------------------------------------- shown first

run 0 deploy app-2 --dry-run
out_has 'by swap        limits.max_memory 16 MiB -> 32 MiB'
out_has 'by swap        env'
out_has 'live           limits.mailbox_max 7 -> 9'
out_has 'live           restart permanent -> transient'
out_has 'live           health.interval default -> 1 s'
out_has 'live           max_restarts 2 -> 9'
out_has 'live           strategy one_for_one -> rest_for_one'
out_has 'live           supervisor.max_restarts 3 -> 7'
out_has 'live           expose'
said ada env\ A 1
said ada kept '1000 fresh'

# ---------------------------------------------------------------- done

is_new() {
    said ada 'env A' 2
    said ada 'env B' both
    shown ada 'limits["max_memory"] == 32 << 20 and limits["mailbox_max"] == 9'
    shown ben 'said["restart"] == "transient"'
    run 0 expose -n shop
    out_has ben
}
is_old() {
    said ada 'env A' 1
    said ada 'env B' none
    shown ada 'limits["max_memory"] == 16 << 20 and limits["mailbox_max"] == 7'
    shown ben 'said["restart"] == "permanent"'
}
run 0 deploy app-2 --yes
is_new
said ada kept '1000 upgraded'
said tom 'env WHO' new
said tom kept '10 upgraded'
shown tom 'said["restart"] == "permanent" and limits["max_memory"] == 24 << 20'
[ "$(id_of ada)" = "$ada" ] || fail 'it is the same actor'
# What comes without another instance has not begun anew.
said ben get '1 1 fresh -'
run 0 spawn crowd kim
said kim 'env WHO' new
shown kim 'limits["max_memory"] == 24 << 20'
run 0 deploy app-2 --yes
out_is 'nothing to change: the app shop is just so already'

# Its backoff counts, and it keeps its message: it is tried again.
"$airssys" call ben die >/dev/null 2>&1 || true
wait_for sh -c "'$airssys' call ben get | grep -q restarted"

# It is there again.
killed
up
is_new
run 0 rollback --app --yes
is_old
said ada 'keep 4000000' '4000000 upgraded'

# ---------------------------------------------------------------- all of it, or none

# The state is too large for the new limits: those of the group and of the others are as before.
version 3
line '[[supervisor.group]]' 'name = "crew"' 'max_restarts = 9' 'strategy = "rest_for_one"'
line '[[supervisor.group]]' 'name = "crowd"' 'strategy = "simple_one_for_one"' 'template = "one"'
line '[[template]]' 'name = "one"' "component = \"$guests/equipped.wasm\"" 'env = { WHO = "third" }' \
    '[template.deploy]' 'probation = "1ms"'
actor ada equipped 'env = { A = "3" }' 'limits = { max_memory = "2MiB", mailbox_max = 9 }'
actor ben teller-1 'supervisor = "crew"' 'restart = "transient"'
run 6 deploy app-3 --yes
err_has 'actor ada:'
is_old
said ada kept '4000000 upgraded'
run 0 spawn crowd una
said una 'env WHO' old
run 0 tree
out_has 'one_for_one'
! grep -q rest_for_one out || fail 'the group is as before'

# A state over max_state.
sed -i 's/max_memory = "2MiB", mailbox_max = 9 }/max_memory = "16MiB" }\ncheckpoint = { on_stop = true, max_state = "1MiB" }/' \
    app-3/airssys.toml
run 6 deploy app-3 --yes
err_has 'its state is over max_state'
is_old

# One that fails on probation.
sed -i 's/max_state = "1MiB"/max_state = "8MiB"/; s/probation = "1ms"/probation = "20s"/' app-3/airssys.toml
"$airssys" deploy app-3 --yes >first.out 2>first.err &
first=$!
wait_for sh -c "'$airssys' call ada 'env A' | grep -q 3"
"$airssys" call ada die >/dev/null 2>&1 || true
if wait "$first"; then fail 'it has fallen'; fi
is_old

# A group that is restarting its children for longer than it is waited for.
version 5
line '[[supervisor.group]]' 'name = "crew"' 'max_restarts = 2' 'strategy = "one_for_all"' \
    'backoff = { kind = "delay", delay = "10m", max = "10m" }'
line '[[supervisor.group]]' 'name = "crowd"' 'strategy = "simple_one_for_one"' 'template = "one"'
line '[[template]]' 'name = "one"' "component = \"$guests/equipped.wasm\"" 'env = { WHO = "old" }' 'restart = "transient"'
actor ada equipped 'env = { A = "1" }' 'limits = { max_memory = "16MiB", mailbox_max = 7 }'
actor ben teller-1 'supervisor = "crew"'
run 0 deploy app-5 --yes
"$airssys" call ben die >/dev/null 2>&1 || true
wait_for sh -c "'$airssys' inspect ben | grep -q backoff"
sed -e 's/max_restarts = 2/max_restarts = 9/' -e 's/A = "1"/A = "5"/' -e 's/WHO = "old"/WHO = "fifth"/' app-5/airssys.toml \
    >app-6.toml
"$airssys" deploy app-6.toml --yes >first.out 2>first.err &
first=$!
swapped=no
until gone "$first"; do
    if "$airssys" call ada 'env A' 2>/dev/null | grep -q 5; then swapped=yes; fi
    sleep 0.1
done
if wait "$first"; then fail 'it is refused'; fi
has first.err '"crew" does not take its settings'
[ $swapped = no ] || fail 'the group is asked first: nobody is swapped for what it refuses'
is_old
said una 'env WHO' old
run 0 spawn crowd vic
said vic 'env WHO' old

# ---------------------------------------------------------------- killed at any moment

# What comes by a swap, what comes live, and what is exposed: of one app, or of the other.
run 0 restart ben
run 0 deploy app-1 --yes
for round in $(seq 4); do
    if [ "$("$airssys" call ada 'env A')" = 2 ]; then next=1; else next=2; fi
    "$airssys" deploy "app-$next" --yes >deploy.out 2>&1 &
    deploy=$!
    sleep "$(awk -v seed="$round" 'BEGIN { srand(seed); printf "%.3f", rand() * rand() * 0.2 }')"
    killed
    if wait "$deploy"; then said=$next; else said=nothing; fi
    up
    case "$("$airssys" call ada 'env A') $("$airssys" expose -n shop | tr '\n' ' ')" in
    "1 ada ") now=1; is_old ;;
    "2 ada ben ") now=2; is_new ;;
    *) fail "round $round: neither the old app nor the new one"; now=0 ;;
    esac
    [ "$said" = nothing ] || [ "$now" -eq "$said" ] || fail "round $round: what was acknowledged is not there"
done

# ---------------------------------------------------------------- what can't be

version 4
line '[[supervisor.group]]' 'name = "crew"' 'max_restarts = 2'
line '[[supervisor.group]]' 'name = "crowd"' 'strategy = "simple_one_for_one"' 'template = "one"'
line '[[template]]' 'name = "one"' "component = \"$guests/equipped.wasm\""
actor ada equipped 'supervisor = "crew"'
actor ben teller-1 'supervisor = "crew"'
run 4 deploy app-4 --yes
err_has 'ada: supervisor can'"'"'t change while it runs: `airssys rm ada` ends it'
# As it says.
run 0 rm ada
run 0 deploy app-4 --yes
out_has 'added actor ada'
"$airssys" ps -o json | python3 -c 'import json, sys
them = {one["name"]: one for one in json.load(sys.stdin)["actors"]}
assert them["ada"]["supervisor"] == them["crew"]["id"], them' || fail 'ada belongs to crew'
run 0 rm ada
version 4
line '[[supervisor.group]]' 'name = "crew"' 'max_restarts = 2'
line '[[supervisor.group]]' 'name = "crowd"' 'strategy = "simple_one_for_one"' 'template = "one"'
line '[[template]]' 'name = "one"' "component = \"$guests/equipped.wasm\""
actor ada equipped
actor ben teller-2 'supervisor = "crew"'
line 'canary = "10%"'
run 4 deploy app-4 --yes --canary 5%
err_has 'canary 5%: a whole app is deployed to all of it at once'
run 0 deploy app-4 --dry-run --canary none
! grep -q canary out || fail 'one that was called off needs no word'
run 0 deploy app-4 --yes
out_has 'canary         10% is for single deployments: deployed to all at once'
run 0 inspect ben
! grep -q canary out || fail 'no canary runs'
run 0 call ben get
out_has '2 '
out_has 'upgraded 1.0.0'

# ---------------------------------------------------------------- a checkpoint that comes

# Its state may be larger than that of one without.
version 7
line '[[supervisor.group]]' 'name = "crew"' 'max_restarts = 2'
line '[[supervisor.group]]' 'name = "crowd"' 'strategy = "simple_one_for_one"' 'template = "one"'
line '[[template]]' 'name = "one"' "component = \"$guests/equipped.wasm\""
actor ada equipped 'limits = { max_memory = "128MiB" }' 'checkpoint = { every_messages = 1, max_state = "32MiB" }'
actor ben teller-2 'supervisor = "crew"'
actor nap program-sleeps
run 0 deploy app-7 --yes
said ada 'keep 20000000' '20000000 upgraded'
said ada kept '20000000 upgraded'
"$airssys" call ada die >/dev/null 2>&1 || true
wait_for sh -c "'$airssys' call ada kept | grep -q '20000000 restarted'"

# ---------------------------------------------------------------- what loading a component may take

mkdir app-11
sed 's/audit = "off"/&, compile_time = "1ms"/' app-7/airssys.toml >app-11/airssys.toml
run 0 deploy app-11 --yes
out_has 'live           node.compile_time default -> 1 ms'
! "$airssys" deploy "$guests/teller-applies.wasm" --name ben --dry-run >out 2>err || fail 'it takes longer'
err_has 'compile_time, 1 ms'
run 0 rollback --app --yes
run 0 deploy "$guests/teller-applies.wasm" --name ben --dry-run

# ---------------------------------------------------------------- a program

# There is no place in it for another instance; that is shown before.
mkdir app-8
sed 's/^name = "nap"/&\nargs = ["long"]/' app-7/airssys.toml >app-8/airssys.toml
run 4 deploy app-8 --dry-run
err_has 'nap: a program (wasi:cli/run) has no place between two events'
run 4 deploy app-8 --yes
run 0 stop nap
run 0 deploy app-8 --yes
run 0 start nap

# Nor in one that was made of a template.
mkdir app-9
cp app-8/airssys.toml app-9/airssys.toml
manifest=app-9/airssys.toml
line '[[supervisor.group]]' 'name = "naps"' 'strategy = "simple_one_for_one"' 'template = "short"'
line '[[template]]' 'name = "short"' "component = \"$guests/program-sleeps.wasm\"" 'restart = "temporary"'
run 0 deploy app-9 --yes
run 0 spawn naps doze
cp -r app-9 app-10
sed -i 's/^name = "short"/&\nargs = ["long"]/' app-10/airssys.toml
run 4 deploy app-10 --dry-run
err_has 'short: its child doze: a program (wasi:cli/run) has no place between two events'
run 0 stop doze
run 0 deploy app-10 --yes
out_has 'changed template short'

run 0 down
