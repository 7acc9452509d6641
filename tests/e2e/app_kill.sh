#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A node that is killed while a whole app is deployed onto the one that runs, and back: it comes back with the one or the
# other, with all that belongs to it.
#   app_kill.sh AIRSSYS GUESTS HELLO [ROUNDS [SEED]]    `make node-kill` does 500
. "$(dirname "$0")/lib.sh"
. "$here/shop.sh"

now_ms() { echo $(($(date +%s%N) / 1000000)); }

two_apps
up app-1
now=1
run 0 deploy app-2 --yes --allow-grants
begin=$(now_ms)
run 0 deploy app-1 --yes --allow-grants
took=$(($(now_ms) - begin))
changed=0
acknowledged=0
for round in $(seq "${4:-25}"); do
    next=$((3 - now))
    "$airssys" deploy "app-$next" --yes --allow-grants >deploy.out 2>&1 &
    deploy=$!
    # Anywhere from before it begins until after its end, if it takes as long as the one before.
    sleep "$(awk -v seed="$((round + 1000 * ${5:-1}))" 'BEGIN { srand(seed); printf "%.3f", rand() * '"$took"' / 800 }')"
    killed
    if wait "$deploy"; then said=$next; else said=nothing; fi
    up
    before=$now
    now=$(app_is)
    case $now in
    "$next") changed=$((changed + 1)) ;;
    "$before") [ "$said" = nothing ] || fail "round $round: $next was acknowledged, and $now is there" ;;
    *)
        fail "round $round: neither app $before nor app $next: $now"
        break
        ;;
    esac
    [ "$said" = nothing ] || acknowledged=$((acknowledged + 1))
done
echo "$round rounds: $changed came back with the next app, $acknowledged of them had been acknowledged"
run 0 history
run 0 deploy "app-$((3 - now))" --yes --allow-grants
[ "$(app_is)" = $((3 - now)) ] || fail 'it is deployed to as before'
run 0 down
