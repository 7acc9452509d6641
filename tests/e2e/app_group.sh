#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A deployment of a whole app in which the children of a group are of another template: those that live are swapped, with
# their state, and those that come are of it; all of it, or none; there again when the node is, and back.
. "$(dirname "$0")/lib.sh"

# version NUMBER TEMPLATE: the app shop, whose group is of this template, as app-NUMBER/airssys.toml. $four is the
# component of the template four.
four=teller-load-error
version() {
    mkdir -p "app-$1"
    cat >"app-$1/airssys.toml" <<END
node = { instances_max = 16, audit = "off" }
[app]
name = "shop"
version = "$1.0.0"
[[supervisor.group]]
name = "crowd"
strategy = "simple_one_for_one"
template = "$2"
[[supervisor.group]]
name = "others"
strategy = "simple_one_for_one"
template = "one"
[[template]]
name = "one"
component = "$guests/equipped.wasm"
env = { WHO = "one" }
limits = { max_memory = "16MiB", mailbox_max = 7 }
[template.deploy]
probation = "1ms"
[[template]]
name = "two"
component = "$guests/equipped.wasm"
env = { WHO = "two" }
limits = { max_memory = "24MiB", mailbox_max = 9 }
grants.messaging = { ask = ["ben"] }
[template.deploy]
probation = "1ms"
[[template]]
name = "four"
component = "$guests/$four.wasm"
[template.deploy]
probation = "1ms"
[[actor]]
name = "ben"
component = "$guests/teller-1.wasm"
END
}
said() { # said ACTOR MESSAGE ANSWER
    run 0 call "$1" "$2"
    out_is "$3"
}
# is NAME TEMPLATE: a child has what that says, and no more.
is() {
    said "$1" 'env WHO' "$2"
    case $2 in two) wanted='24 9 asks' ;; *) wanted='16 7 ' ;; esac
    run 0 grants "$1"
    if grep -F 'messaging.ask "ben"' out | grep -qF holds; then asks=asks; else asks=''; fi
    run 0 inspect "$1" -o json
    has=$(python3 -c 'import json
limits = {limit["name"]: limit.get("max") for limit in json.load(open("out"))["limits"]}
print(limits["max_memory"] >> 20, limits["mailbox_max"])')
    [ "$has $asks" = "$wanted" ] || fail "$1 of $2 has $has $asks, not $wanted"
}

version 1 one
version 2 two
up app-1
run 0 spawn crowd tom
run 0 spawn others ann
said tom 'keep 10' '10 fresh'

# ---------------------------------------------------------------- shown, done, and back

run 5 deploy app-2 --yes
out_has 'changed group crowd'
out_has 'live           template one -> two'
out_has 'by swap        limits.max_memory 16 MiB -> 24 MiB'
out_has 'new grant      messaging.ask "ben"'
run 0 deploy app-2 --dry-run
is tom one
run 0 deploy app-2 --yes --allow-grants
is tom two
said tom kept '10 upgraded'
is ann one
run 0 spawn crowd kim
is kim two
run 0 deploy app-2 --yes
out_is 'nothing to change: the app shop is just so already'
# Its template is the new one in all that is asked of it.
run 0 deploy "$guests/stateless-1.wasm" --name others --yes --on-no-state fresh --probation 1ms
is tom two
run 0 rollback others --on-no-state fresh --probation 1ms
again
is tom two
is kim two
run 0 rollback --app --yes
is tom one
is kim one
run 0 spawn crowd una
is una one

# ---------------------------------------------------------------- all of it, or none

said tom 'keep 10' '10 upgraded'
four=stateless-1
version 4 four
run 4 deploy app-4 --yes
err_has 'crowd: its child '
err_has 'its state would be lost'
four=teller-load-error
version 4 four
run 6 deploy app-4 --yes
err_has 'another format'
is tom one
said tom kept '10 upgraded'
run 0 spawn crowd vic
is vic one
# A program has no place between two events, and other mounts come with a start of the node.
four=program-sleeps
version 4 four
run 4 deploy app-4 --yes
err_has 'a program (wasi:cli/run) has no place between two events'
sed -i 's/^four = .*//; s/^name = "four"/&\ngrants.files = { mounts = { "\/data" = "\/tmp" } }/' app-4/airssys.toml
run 4 deploy app-4 --yes
err_has 'crowd: grants.files.mounts can'"'"'t change while it runs'
is tom one

# ---------------------------------------------------------------- killed at any moment

now=one
for round in $(seq 5); do
    if [ $now = one ]; then next=2; name=two; else next=1; name=one; fi
    "$airssys" deploy "app-$next" --yes --allow-grants >deploy.out 2>&1 &
    deploy=$!
    sleep "$(awk -v seed="$round" 'BEGIN { srand(seed); printf "%.3f", rand() * rand() * 0.3 }')"
    killed
    if wait "$deploy"; then said=$name; else said=nothing; fi
    up
    before=$now
    now=$("$airssys" call tom 'env WHO')
    case $now in
    "$name" | "$before") is tom "$now"; is kim "$now"; is ann one ;;
    *) fail "round $round: neither the old app nor the new one: $now"; break ;;
    esac
    [ "$said" = nothing ] || [ "$now" = "$said" ] || fail "round $round: what was acknowledged is not there"
done

run 0 down
