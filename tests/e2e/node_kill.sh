#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A node that is killed while something is deployed, or whose disk is full: it comes back with the old or the new.
#   node_kill.sh AIRSSYS GUESTS HELLO [ROUNDS [SEED]]    `make node-kill` does 500
. "$(dirname "$0")/lib.sh"

# The version of an actor; nothing when it can't be told.
version_of() {
    "$airssys" ps -o json 2>/dev/null | awk -v name="$1" '
        { value = $2; gsub(/[",]/, "", value) }
        $1 == "\"name\":" { here = value == name }
        here && $1 == "\"version\":" { print value; exit }'
}
other_of() { [ "$1" = 1.0.0 ] && echo 2.0.0 || echo 1.0.0; }
deploy() { "$airssys" deploy "$guests/teller-${1%%.*}.wasm" --name ada --yes --probation 1ms; }

# ---------------------------------------------------------------- killed at any moment of a deployment

app shop ada=teller-1
up shop
version=1.0.0
acknowledged=0
for round in $(seq "${4:-10}"); do
    new=$(other_of "$version")
    deploy "$new" >deploy.out 2>&1 &
    deploy=$!
    # Anywhere from before it begins until after its end; what comes of it must be right wherever it is.
    sleep "$(awk -v seed="$((round + 1000 * ${5:-1}))" 'BEGIN { srand(seed); printf "%.3f", rand() * rand() * 0.1 }')"
    killed
    if wait "$deploy"; then said=new; else said=nothing; fi
    up
    now=$(version_of ada)
    case $now in
    "$new") ;;
    "$version") [ "$said" = nothing ] || fail "round $round: $new was acknowledged, and $version is there" ;;
    *) fail "round $round: neither $version nor $new is there: $now" ;;
    esac
    [ "$said" = nothing ] || acknowledged=$((acknowledged + 1))
    version=$now
    # What is there works, and has a history.
    run 0 call ada add
    run 0 history
done
[ "$(ls $state/components/*.wasm | wc -l)" -le 2 ] || fail 'each component once'
run 0 history -o json
python3 -c 'import json
numbers = [one["number"] for one in json.load(open("out"))["deployments"]]
assert numbers == sorted(set(numbers)), numbers' || fail 'each deployment has its number'
deploy "$(other_of "$version")" >out 2>err || fail 'it is deployed to as before'
run 0 down

# ---------------------------------------------------------------- killed while components are removed

needed=$(ls $state/components)
up
for round in $(seq 10); do
    for i in 1 2 3; do
        cp "$guests/program.wasm" one.wasm
        # A custom section with a number in it.
        { head -c 1 /dev/zero; printf '\005\001n%02d%d' "$round" "$i"; } >>one.wasm
        run 0 add one.wasm
    done
    # Given long ago.
    python3 -c 'import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("UPDATE components SET added_ms = 1")
base.commit()' $state/node.db
    "$airssys" prune >/dev/null 2>&1 &
    prune=$!
    sleep "$(awk -v seed="$round" 'BEGIN { srand(seed); printf "%.4f", rand() * 0.01 }')"
    kill -KILL "$prune" 2>/dev/null || true
    wait "$prune" || true
    killed
    up
    run 0 call ada add
    for file in $needed; do [ -e "$state/components/$file" ] || fail "round $round: $file is needed"; done
done
run 0 prune
[ "$(ls $state/components)" = "$needed" ] || fail 'what nothing needs is removed'
run 0 down

# ---------------------------------------------------------------- a disk that is full

# The limit on a file's size stands in for it. Each limit is reached at another write.
printf '[node]\naudit = "off"\ninstances_max = 16\n[app]\nname = "shop"\n[[actor]]\nname = "ada"\n' >shop/airssys.toml
printf 'component = "%s/teller-1.wasm"\n' "$guests" >>shop/airssys.toml
run 0 add "$guests/teller-2.wasm"
for limit in 160 176; do
    up shop
    version=$(version_of ada)
    run 0 down
    (
        ulimit -f $limit
        "$airssys" up >out 2>err </dev/null
    ) || fail 'it comes up where little is left'
    node=$(cat "$state/node.pid")
    started="$started $node"
    full=no
    for _ in $(seq 60); do
        new=$(other_of "$version")
        if ! deploy "$new" >deploy.out 2>deploy.err; then
            full=yes
            break
        fi
        version=$new
    done
    [ $full = yes ] || fail 'the disk was never full'
    has deploy.err 'node.db'
    [ "$(version_of ada)" = "$version" ] || fail 'what could not be written down did not happen'
    run 0 call ada add
    # A smaller change may find room still; then the next ones do not.
    for _ in $(seq 60); do "$airssys" grant ada 'messaging.send nobody' >out 2>err || break; done
    err_has 'node.db'
    "$airssys" grants ada | grep -v USES | awk '{ print $1, $2, $3, $5 }' >before
    killed
    up
    [ "$(version_of ada)" = "$version" ] || fail 'it comes back with what was acknowledged'
    "$airssys" grants ada | grep -c 'messaging.send "nobody".*holds' >after || true
    [ "$(cat after)" -eq "$(grep -c 'messaging.send "nobody" holds' before)" ] || fail 'the same grants'
    deploy "$(other_of "$version")" >out 2>err || fail 'with room again it is deployed to'
    run 0 down
done
