#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A node whose disk is really full: a small file system in memory, in a mount namespace of the test's own. What can't be
# written down is refused and not done, nothing that was written down is lost, and with room it goes on.
# Without such namespaces it is skipped: then limits on files (audit_node.sh) and injected errors (disk_fault.sh, the
# tests of the store and of the log) stand in for it.
if [ -z "${AIRS_OWN_MOUNTS:-}" ]; then
    unshare -Urm sh -c 'mount -t tmpfs none /mnt' 2>/dev/null || { echo 'no mounts of its own here'; exit 77; }
    AIRS_OWN_MOUNTS=yes exec unshare -Urm "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"
mkdir disk
mount -t tmpfs -o size=4m none disk
leave() { cd / && umount "$work/disk" || true; }

fill() { dd if=/dev/zero of=disk/fill bs=1k 2>/dev/null || true; }
empty() { rm -f disk/fill; }
version_is() { "$airssys" ps -n shop -o json | grep -q "\"version\":[[:space:]]*\"$1\""; }
# refused TEXT VERB…: the verb fails with such a text; what was reserved before the disk was full may still take it once.
refused() {
    wanted=$1
    shift
    for _ in $(seq 200); do
        if ! timeout 30 "$airssys" "$@" >out 2>err </dev/null; then break; fi
    done
    err_has "$wanted"
}
up() {
    run 0 up --state-dir disk/state "$@"
    node=$(cat disk/state/node.pid)
    started="$started $node"
}
whole() { run 0 audit verify disk/state/shop/audit --key disk/state/shop/node.key.pub; }

app shop ada=teller-1
up shop
run 0 call ada 5
run 0 deploy "$guests/teller-2.wasm" --name ada --yes
version_is 2.0.0 || fail 'the new version is there'

# ---------------------------------------------------------------- full

fill
refused "can't be written" restart ada
run 0 ps
run 0 call ada 1
cp out before
for verb in "deploy $guests/teller-1.wasm --name ada --yes" 'rollback ada' 'grant ada clock.wall'; do
    got=0
    # shellcheck disable=SC2086
    timeout 60 "$airssys" $verb >out 2>err </dev/null || got=$?
    [ "$got" -ne 0 ] || fail "done on a full disk: $verb"
    [ -s err ] || fail "no word of why: $verb"
    version_is 2.0.0 || fail "changed on a full disk: $verb"
done
kill -KILL "$node"
wait_for gone "$node"
run 1 up --state-dir disk/state
[ -s err ] || fail 'no word of why it does not start'

# ---------------------------------------------------------------- room again

empty
up
version_is 2.0.0 || fail 'the version that was written down'
run 0 restart ada
run 0 rollback ada
version_is 1.0.0 || fail 'back'
whole
run 0 down --state-dir disk/state
leave
