#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A whole app is deployed, with one more, one less, other settings and a grant; and the disk fails with EIO at each write
# of that in turn, or the node is killed at each thing that it writes, to whatever file. All of the old app is there, or
# all of the new one: what was said, also after the next start.
#   app_fault.sh AIRSSYS GUESTS HELLO DISK_FAULT.so
. "$(dirname "$0")/lib.sh"
. "$here/shop.sh"
fault=$4
export DISK_FAULT="$work/left"

deploy() { "$airssys" deploy "app-$1" --yes --allow-grants; }

two_apps
up app-1
# What both need is kept and compiled.
run 0 add "$guests/teller-2.wasm"
now=1

# ---------------------------------------------------------------- the disk fails

writes=0
while [ $writes -lt 100 ]; do
    next=$((3 - now))
    echo "$writes" >"$DISK_FAULT"
    if deploy $next >out 2>err; then
        said=$next
    else
        said=$now
        err_has 'node.db'
    fi
    left=$(cat "$DISK_FAULT")
    is=$(app_is)
    [ "$is" = "$said" ] || fail "write $writes: app $said was said, and there is $is"
    killed
    rm "$DISK_FAULT"
    up
    now=$(app_is)
    case $now in
    "$said" | $next) ;;
    *)
        fail "write $writes: app $said was said, and there came back $now"
        break
        ;;
    esac
    # The last one was one more than there are.
    if [ "$left" -gt 0 ]; then break; fi
    writes=$((writes + 1))
done
echo "$writes writes failed in turn"
[ $writes -ge 4 ] || fail 'the disk never failed'
[ $writes -lt 100 ] || fail 'it does not end'

# ---------------------------------------------------------------- it is killed

writes=0
came_back=0
while [ $writes -lt 400 ]; do
    next=$((3 - now))
    echo "kill $writes" >"$DISK_FAULT"
    if deploy $next >out 2>err; then said=$next; else said=nothing; fi
    left=$(cut -d ' ' -f 2 "$DISK_FAULT")
    kill -KILL "$node" 2>/dev/null || true
    wait_for gone "$node"
    rm "$DISK_FAULT"
    up
    before=$now
    now=$(app_is)
    case $now in
    "$next") came_back=$((came_back + 1)) ;;
    "$before") [ "$said" = nothing ] || fail "killed at $writes: app $next was said, and there came back $now" ;;
    *)
        fail "killed at $writes: neither app $before nor app $next came back: $now"
        break
        ;;
    esac
    if [ "$left" -gt 0 ]; then break; fi
    writes=$((writes + 1))
done
echo "killed at $writes things that it writes; $came_back times the new app came back"
[ $writes -ge 10 ] || fail 'it was never killed'
[ $writes -lt 400 ] || fail 'it does not end'
run 0 down

# ---------------------------------------------------------------- what can't come back as an ordinary deployment

# One gets a state, and is saved from then on; one could not load what the other has saved; children of a template have
# other variables; and one ends for good while all of it is on probation. The disk fails at each write of that in turn.
third_and_fourth() {
    version 3
    actor kit stateless-1
    printf '[actor.deploy]\non_no_state = "fresh"\n' >>"$manifest"
    actor odd teller-load-error
    crowd old
    actor tmp equipped
    printf 'restart = "temporary"\nenv = { A = "1" }\n' >>"$manifest"
    probation 1ms
    version 4
    actor kit equipped
    printf 'checkpoint = { every_messages = 1 }\n' >>"$manifest"
    grants '"odd"'
    probation 500ms
    actor odd teller-2
    probation 1ms
    crowd new
    actor tmp equipped
    printf 'restart = "temporary"\nenv = { A = "2" }\n' >>"$manifest"
    probation 1ms
}
crowd() { # crowd WHO
    printf '[[supervisor.group]]\nname = "crowd"\nstrategy = "simple_one_for_one"\ntemplate = "one"\n' >>"$manifest"
    printf '[[template]]\nname = "one"\ncomponent = "%s/equipped.wasm"\nenv = { WHO = "%s" }\n' "$guests" "$1" \
        >>"$manifest"
    printf '[template.deploy]\nprobation = "1ms"\n' >>"$manifest"
}
third_and_fourth
rm -rf "$state"
up app-3
run 0 spawn crowd tom
writes=0
late=0
while [ $writes -lt 100 ]; do
    echo "$writes" >"$DISK_FAULT"
    "$airssys" deploy app-4 --yes --allow-grants >out 2>err &
    deploying=$!
    ended=no
    until gone "$deploying"; do
        [ $ended = no ] || { sleep 0.05; continue; }
        if "$airssys" call tmp 'env A' 2>/dev/null | grep -q 2; then
            "$airssys" kill tmp >/dev/null 2>&1 || true
            ended=yes
        fi
    done
    if wait "$deploying"; then break; fi
    err_has 'node.db'
    if [ $ended = yes ]; then
        err_has 'the old app is put back'
        late=$((late + 1))
    fi
    rm "$DISK_FAULT"
    run 0 call kit get
    out_has '1 '
    run 0 call odd get
    out_has '3 '
    run 0 call tom 'env WHO'
    out_is old
    run 0 grants kit
    ! grep -F 'messaging.ask "odd"' out | grep -qF holds || fail "write $writes: what was granted is revoked"
    killed
    up
    writes=$((writes + 1))
done
echo "$writes writes failed in turn, $late after the swap"
[ $late -ge 2 ] || fail 'the disk never failed after the swap'
[ $writes -lt 100 ] || fail 'it does not end'
rm "$DISK_FAULT"
run 0 call kit 'keep 3'
run 0 call tom 'env WHO'
out_is new

# It can go back all the same where its state may be lost: it is not saved any more then.
mkdir app-5
sed 's/teller-load-error/teller-2/' app-3/airssys.toml >app-5/airssys.toml
run 0 deploy app-5 --yes
run 0 call kit get
out_has '1 '
run 0 down

# ---------------------------------------------------------------- what was exchanged

# A group is of another template, and who may spawn of what is another: the disk fails at each write of that in turn.
exchanged() { # exchanged VERSION TEMPLATE SPAWNED
    version "$1"
    printf '[[supervisor.group]]\nname = "crowd"\nstrategy = "simple_one_for_one"\ntemplate = "%s"\n' "$2" >>"$manifest"
    for name in one two; do
        printf '[[template]]\nname = "%s"\ncomponent = "%s/equipped.wasm"\nenv = { WHO = "%s" }\n' "$name" "$guests" "$name"
        printf '[template.deploy]\nprobation = "1ms"\n'
    done >>"$manifest"
    actor ann family
    printf 'grants.spawn = { templates = ["%s"] }\n' "$3" >>"$manifest"
}
exchanged 6 one two
exchanged 7 two one
# is WHO SPAWNED: of which template the group is, and of which ann may spawn.
is() {
    run 0 call tom 'env WHO'
    out_is "$1"
    run 0 spawn crowd one-more
    run 0 call one-more 'env WHO'
    out_is "$1"
    run 0 rm one-more
    for name in one two; do
        run 0 call ann "spawn $name"
        if [ "$name" = "$2" ]; then ! grep -q not: out || fail "ann spawns of $name"; else out_has "no template \"$name\""; fi
    done
}
rm -rf "$state"
up app-6
run 0 spawn crowd tom
writes=0
while [ $writes -lt 100 ]; do
    echo "$writes" >"$DISK_FAULT"
    if "$airssys" deploy app-7 --yes --allow-grants >out 2>err; then break; fi
    err_has 'node.db'
    rm "$DISK_FAULT"
    is one two
    again
    is one two
    writes=$((writes + 1))
done
echo "$writes writes failed in turn"
[ $writes -ge 2 ] || fail 'the disk never failed'
[ $writes -lt 100 ] || fail 'it does not end'
rm "$DISK_FAULT"
is two one
run 0 down
