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

up() {
    LD_PRELOAD=$fault "$airssys" up "$@" >out 2>err </dev/null || fail "the node does not come up"
    node=$(cat "$state/node.pid")
    started="$started $node"
}
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
