#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# An actor that a deployment adds is on probation, as one that is changed is: while it is, its end counts for nobody but
# the deployment, which goes back as a whole.
. "$(dirname "$0")/lib.sh"
. "$here/shop.sh"

there_are() { [ "$(names_of | xargs)" = "$1" ] || fail "there are $(names_of | xargs), not $1"; }
line() { printf '%s\n' "$@" >>"$manifest"; }
# restart_of NAME RESTART: how it is kept once it is no longer on probation.
restart_of() {
    run 0 inspect "$1" -o json
    python3 -c 'import json, sys
is_kept = json.load(open("out"))["restart"]
assert is_kept == sys.argv[1], is_kept' "$2" || fail "$1 is not $2"
}
version 1
actor ada teller-1
actor ben teller-1
up app-1

# ---------------------------------------------------------------- one actor more

run 6 deploy "$guests/program-fails.wasm" --name p --yes --probation 20s
err_has 'actor p fails on probation: '
err_has 'the old app is put back'
there_are 'ada ben'
run 0 history p
out_has 'not deployed: actor p fails on probation: '
# The supervisor has counted none of it: it still has all that it allows.
for name in a b c; do
    run 6 deploy "$guests/program-fails.wasm" --name "$name" --yes --probation 20s
done
there_are 'ada ben'
again
there_are 'ada ben'
# It is what it is said to be once that is over: always to be there.
run 0 deploy "$guests/teller-1.wasm" --name kim --yes --probation 200ms
restart_of kim permanent
run 0 kill kim
wait_for "$airssys" call kim get
# What ends well, and is to be there always, is not there.
run 6 deploy "$guests/program.wasm" --name p --yes --probation 20s
err_has 'actor p ends on probation, and is always to be there'
there_are 'ada ben kim'
# The node ends meanwhile: it was never there.
"$airssys" deploy "$guests/teller-1.wasm" --name lea --yes --probation 20s >first.out 2>first.err &
deploying=$!
started="$started $deploying"
wait_for "$airssys" call lea get
run 1 deploy "$guests/teller-1.wasm" --name zoe --yes
err_has 'the app shop is being deployed to'
killed
wait "$deploying" || true
up
there_are 'ada ben kim'

# ---------------------------------------------------------------- a whole app

version 2
actor ada teller-2
probation 200ms
actor ben teller-1
actor p program-fails
run 6 deploy app-2 --yes
err_has 'actor p fails on probation: '
there_are 'ada ben kim'
run 0 call ada get
# It ends at once: before ada is swapped, or when she has been, and then she came back.
case "$(cat out)" in
'1 0 fresh -' | '1 0 upgraded 2.0.0') ;;
*) fail 'ada is not the old one' ;;
esac

# It fails while another one is on a probation that takes long, and that ends at once too: nobody waits for it.
version 2
actor ada teller-2
probation 1h
actor ben teller-1
actor p teller-1
# dies NAME: so does this actor once ada has the new version; the deployment fails, and says so in first.err.
dies() {
    "$airssys" deploy app-2 --yes >first.out 2>first.err &
    deploying=$!
    started="$started $deploying"
    wait_for sh -c "\"$airssys\" call ada get | grep -q '^2 '"
    run 0 send "$1" die
    wait_for sh -c "! kill -0 $deploying"
    got=0
    wait "$deploying" || got=$?
    [ "$got" -eq 6 ] || fail "the deployment ends with $got"
    there_are 'ada ben kim'
}
dies p
has first.err 'actor p fails on probation: '
has first.err 'the old app is put back'
run 0 call ada get
out_is '1 0 upgraded 2.0.0'

# One that is changed fails, and what is added is well: that is what is said, and not that the added one was stopped.
dies ada
has first.err 'actor ada: failed (trap)'
! grep -qF 'actor p' first.err || fail 'p is blamed'

# A group that is new, and a program in it that is done. It counts for nobody that it fails.
version 3
actor ada teller-1
actor ben teller-1
line '[[supervisor.group]]' 'name = "desk"' 'max_restarts = 0' 'auto_shutdown = "any"'
actor p program-fails
line 'supervisor = "desk"' 'significant = true' 'restart = "transient"'
run 6 deploy app-3 --yes
err_has 'actor p fails on probation: '
there_are 'ada ben kim'
version 4
actor ada teller-1
actor ben teller-1
line '[[supervisor.group]]' 'name = "desk"'
actor p program
line 'supervisor = "desk"' 'restart = "transient"'
actor dan teller-1
line 'supervisor = "desk"' 'restart = "transient"'
probation 200ms
run 0 deploy app-4 --yes
there_are 'ada ben dan desk'
restart_of dan transient
again
wait_for "$airssys" call dan get
run 0 down
