#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A disk that fails with EIO at each write of a deployment in turn, and a kill -9 after that: the node says that it could
# not be written down and the old version is there, or it was, and the new one is; it comes back with what it has
# acknowledged, with the old or the new.
#   disk_fault.sh AIRSSYS GUESTS HELLO DISK_FAULT.so
. "$(dirname "$0")/lib.sh"
fault=$4
state=state/airssys/node
export DISK_FAULT="$work/left"

version_of() {
    "$airssys" ps -o json 2>/dev/null | awk -v name="$1" '
        { value = $2; gsub(/[",]/, "", value) }
        $1 == "\"name\":" { here = value == name }
        here && $1 == "\"version\":" { print value; exit }'
}

app shop ada=teller-1 ben=stateless-1
run 0 add "$guests/teller-2.wasm"
up shop
version=1.0.0
writes=0
while [ $writes -lt 100 ]; do
    case $version in 1.*) new=2 ;; *) new=1 ;; esac
    echo "$writes" >"$DISK_FAULT"
    if "$airssys" deploy "$guests/teller-$new.wasm" --name ada --yes --probation 1ms >out 2>err; then
        said=$new.0.0
    else
        said=$version
        err_has 'node.db'
    fi
    left=$(cat "$DISK_FAULT")
    [ "$(version_of ada)" = "$said" ] || fail "write $writes: $said was said, and $(version_of ada) is there"
    run 0 call ada add
    kill -KILL "$node"
    wait_for gone "$node"
    rm "$DISK_FAULT"
    up
    now=$(version_of ada)
    case $now in
    "$said" | $new.0.0) ;;
    *) fail "write $writes: $said was said, and $now came back" ;;
    esac
    version=$now
    # The last one was one more than there are.
    if [ "$left" -gt 0 ]; then break; fi
    writes=$((writes + 1))
done
echo "$writes writes failed in turn"
[ $writes -ge 4 ] || fail 'the disk never failed'
[ $writes -lt 100 ] || fail 'it does not end'

# ---------------------------------------------------------------- back, also to one that does not take the state

# No write fails before it is swapped, at the least.
writes=1
deployed() {
    echo "$writes" >"$DISK_FAULT"
    "$airssys" deploy "$guests/teller-2.wasm" --name ben --yes --probation 1ms >out 2>err
}
until deployed; do
    rm "$DISK_FAULT"
    ! grep -q "can't be put back" err || fail "write $writes: $(cat err)"
    [ "$(version_of ben)" = 1.0.0 ] || fail "write $writes: $(version_of ben) is there"
    if grep -qF 'the old version is put back' err; then back=yes; fi
    writes=$((writes + 1))
    [ $writes -lt 100 ] || fail 'it does not end'
done
rm "$DISK_FAULT"
[ "$back" = yes ] || fail 'it was never put back'
run 0 history ben
out_has 'rolled back'

# ---------------------------------------------------------------- what is revoked holds, and is written down later

clock_is() {
    [ "$("$airssys" grants ada | awk '/clock/ { print $NF }')" = "$1" ] || fail "the clock is not $1"
}
clock=$("$airssys" grants ada | awk '/clock/ { print $1 }')
clock_is holds
echo 0 >"$DISK_FAULT"
for attempt in 1 2; do
    run 1 revoke ada "$clock"
    err_has 'it is revoked, but would be granted again after the next start of the node'
    clock_is revoked
done
rm "$DISK_FAULT"
run 0 revoke ada "$clock"
kill -KILL "$node"
wait_for gone "$node"
up
clock_is revoked
run 0 down
