#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# An actor is added to an app that runs, and the disk fails with EIO at each write of that in turn, or the node is killed
# at each thing that it writes, to whatever file. It is there with all that belongs to it, or nothing of it is: what was
# said, also after the next start. The others are as they were.
#   deploy_new_fault.sh AIRSSYS GUESTS HELLO DISK_FAULT.so
. "$(dirname "$0")/lib.sh"
. "$here/shop.sh"
fault=$4
export DISK_FAULT="$work/left"

add() {
    "$airssys" deploy "$guests/teller-2.wasm" --name kim --config mood=calm --grant 'messaging.ask ada' --yes \
        --allow-grants --probation 1ms
}
# Whether it is there, all of it: yes, no, or what it is a mix of.
is_there() {
    tells=$("$airssys" call kim get 2>&1 | cut -c 1-3)
    holds=no
    if "$airssys" grants kim 2>&1 | grep -F 'messaging.ask "ada"' | grep -qF holds; then holds=yes; fi
    others="$("$airssys" call ada get | cut -c 1) $("$airssys" call ben mood | cut -d ' ' -f 1)"
    case "$others $tells $holds $(names_of | xargs)" in
    "1 calm 2 0 yes ada ben eve kim") echo yes ;;
    "1 calm air no ada ben eve") echo no ;;
    *) echo "a mix: $others $tells $holds $(names_of | xargs)" ;;
    esac
}
# It is taken out again.
take_out() {
    rm -f "$DISK_FAULT"
    [ "$(is_there)" = no ] || run 0 rm kim
}
# came_back WRITE: all of it, or nothing; and what was said to be there is there again. What has failed where it was to be
# made durable may be on the disk all the same.
came_back() {
    rm -f "$DISK_FAULT"
    up
    now=$(is_there)
    case $now in
    yes | no) [ "$said" != yes ] || [ "$now" = yes ] || fail "$1: $said was said, and there came back $now" ;;
    *) fail "$1: neither came back: $now" ;;
    esac
}

two_apps
up app-1
run 0 add "$guests/teller-2.wasm"

writes=0
while [ $writes -lt 100 ]; do
    echo "$writes" >"$DISK_FAULT"
    said=yes
    if ! add >out 2>err; then
        said=no
        err_has 'node.db'
    fi
    left=$(cat "$DISK_FAULT")
    is=$(is_there)
    [ "$is" = "$said" ] || fail "write $writes: $said was said, and it is $is"
    killed
    came_back "write $writes"
    take_out
    # The last one was one more than there are.
    if [ "$left" -gt 0 ]; then break; fi
    writes=$((writes + 1))
done
echo "$writes writes failed in turn"
[ $writes -ge 3 ] || fail 'the disk never failed'
[ $writes -lt 100 ] || fail 'it does not end'

writes=0
came=0
while [ $writes -lt 400 ]; do
    echo "kill $writes" >"$DISK_FAULT"
    said=nothing
    if add >out 2>err; then said=yes; fi
    left=$(cut -d ' ' -f 2 "$DISK_FAULT")
    kill -KILL "$node" 2>/dev/null || true
    wait_for gone "$node"
    came_back "killed at $writes"
    [ "$now" != yes ] || came=$((came + 1))
    take_out
    if [ "$left" -gt 0 ]; then break; fi
    writes=$((writes + 1))
done
echo "killed at $writes things that it writes; $came times it came back with the actor"
[ $writes -ge 5 ] || fail 'it was never killed'
[ $writes -lt 400 ] || fail 'it does not end'
[ $came -ge 1 ] || fail 'it never came back with it'
add >out 2>err || fail 'it is added as before'
run 0 down
