# SPDX-License-Identifier: MIT OR Apache-2.0
# What each test of this folder begins with: . "$(dirname "$0")/lib.sh"
# Everything a test makes is in a folder of its own; what it starts is ended with it, by its id.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
airssys=$1
guests=$2
hello=$3
work=$(mktemp -d /tmp/airssys-e2e-XXXXXX)
started=''
failures=0

end() {
    code=$?
    for id in $started; do kill -KILL "$id" 2>/dev/null || true; done
    rm -rf "$work"
    [ "$code" -eq 0 ] || exit "$code"
    [ "$failures" -eq 0 ] || { echo "$failures checks failed" >&2; exit 1; }
}
trap end EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# No node, socket, cache or colour of whoever runs the test.
export XDG_RUNTIME_DIR="$work/run" XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state" NO_COLOR=1
unset AIRSSYS_SOCKET
mkdir -m 700 "$XDG_RUNTIME_DIR"
cd "$work"

fail() {
    echo "FAILED: $*" >&2
    echo "--- stdout" >&2; cat out >&2 || true
    echo "--- stderr" >&2; cat err >&2 || true
    failures=$((failures + 1))
}

# run CODE ARGUMENTS…: runs airssys, stdin empty; its output goes to the files out and err.
run() {
    expected=$1
    shift
    got=0
    timeout 30 "$airssys" "$@" >out 2>err </dev/null || got=$?
    [ "$got" -eq "$expected" ] || fail "airssys $*: exit code $got, not $expected"
}

# What the last run printed: exactly, or somewhere.
out_is() { [ "$(cat out)" = "$1" ] || fail "stdout is not: $1"; }
err_is() { [ "$(cat err)" = "$1" ] || fail "stderr is not: $1"; }
out_has() { grep -qF -- "$1" out || fail "stdout has not: $1"; }
err_has() { grep -qF -- "$1" err || fail "stderr has not: $1"; }
# A file with a text, somewhere.
has() { grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "$1 has not: $2"; }; }

# wait_for COMMAND…: until it succeeds, at most a minute.
wait_for() {
    for _ in $(seq 1200); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.05
    done
    fail "waited in vain for: $*"
    return 1
}

# Whether a process has ended: also one that nobody has waited for yet. Its first thread may have, and another one still
# hold its files.
gone() { ! grep -hs '^State:' /proc/"$1"/task/*/status | grep -qv '[[:space:]]Z'; }

# start_node APP FLAGS…: a node in the background; its id is $node, its output node.out and node.err.
start_node() {
    # The output of a node before would be taken for this one's.
    rm -f node.out
    "$airssys" run "$@" >node.out 2>node.err </dev/null &
    node=$!
    started="$started $node"
    wait_for grep -q '^listening at ' node.out || { cat node.err >&2; exit 1; }
}

# up FLAGS…: a node in the background, as `airssys up` starts it; its id is $node. Its state folder is $state, or $at
# where a test has another one. With $fault, a library that is loaded into it.
state=state/airssys/node
at=''
fault=''
up() {
    if [ -n "$fault" ]; then
        LD_PRELOAD=$fault "$airssys" up "$@" >out 2>err </dev/null || fail "the node does not come up"
    else
        run 0 up "$@"
    fi
    node=$(cat "${at:-$state}/node.pid")
    started="$started $node"
}

# That node is killed.
killed() {
    kill -KILL "$node"
    wait_for gone "$node"
}

# Killed, and started anew.
again() {
    killed
    up
}

# The names of all actors, sorted; and whether they are these.
names_of() {
    "$airssys" ps -o json | python3 -c 'import json, sys
print(*sorted(one["name"] for one in json.load(sys.stdin)["actors"] if one["name"]))'
}
names_are() { [ "$(names_of)" = "$1" ] || fail "there are: $(names_of), not: $1"; }

# node_ends CODE: the node ends by itself within 10 seconds, with this code.
node_ends() {
    wait_for sh -c "! kill -0 $node" || return 0
    got=0
    wait "$node" || got=$?
    [ "$got" -eq "$1" ] || { cat node.out node.err >&2; fail "the node ended with $got, not $1"; }
}

# app FOLDER ACTOR=GUEST…: a manifest with permanent actors of these guests.
app() {
    mkdir -p "$1"
    # Few instances, so that it fits beside what a sanitizer needs of the address space.
    printf 'node = { instances_max = 16 }\n[app]\nname = "%s"\n' "$(basename "$1")" >"$1/airssys.toml"
    folder=$1
    shift
    for pair in "$@"; do
        printf '[[actor]]\nname = "%s"\ncomponent = "%s/%s.wasm"\n' "${pair%%=*}" "$guests" "${pair#*=}" \
            >>"$folder/airssys.toml"
    done
}
