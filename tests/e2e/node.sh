#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# ps, call, send and stop on a running node.
. "$(dirname "$0")/lib.sh"

# Without a node.
run 3 ps
err_is 'airssys: no node is running: start one with `airssys up APP`'
run 3 call greeter x

app shop echo=only-messages trap=trap sleeps=sleeps loop=loop-handle
start_node shop
run 0 ps
out_has 'NAME'
for name in echo trap sleeps loop; do out_has "$name"; done
run 0 ps -o json
python3 - <<'END' || fail 'ps -o json'
import json
actors = {a["name"]: a for a in json.load(open("out"))["actors"]}
assert actors["trap"]["state"] == "ready" and actors["trap"]["component"] == "trap", actors
assert actors["trap"]["version"] == "0.1.0" and actors["trap"]["memory"] > 0, actors
END

run 0 call echo hello
[ -s out ] || fail 'echo answers'
printf 'from stdin' | "$airssys" call echo - >out 2>err || fail 'payload from stdin'
# Bytes that are no text travel too.
head -c 3000 /dev/urandom >bytes
"$airssys" call echo - <bytes >out 2>err || fail 'bytes'
run 0 call echo hello -o json
python3 -c 'import json; assert "payload" in json.load(open("out"))'
run 0 send echo hello
[ ! -s out ] || fail 'send prints nothing'
# By id, as ps shows it.
id=$("$airssys" ps | awk '$2 == "echo" { print $1 }')
run 0 call "$id" hello

run 3 call ehco hello
err_is 'airssys: no actor is named ehco: did you mean echo?'
run 3 send nobody x
err_is 'airssys: no actor is named nobody: `airssys ps` lists those that run'
run 3 stop nobody
run 6 call trap trap
err_has 'trap'
run 6 call loop loop -t 10s
run 7 call sleeps 5000 -t 200ms
err_is 'airssys: no answer within the time limit: sleeps'
head -c 9000000 /dev/zero >large
! "$airssys" call echo - <large >out 2>err || fail 'a payload over the limit is refused'
err_has 'larger than 8388608 bytes: stdin'
head -c 2000000 /dev/zero >large
got=0
"$airssys" call echo - <large >out 2>err || got=$?
[ "$got" -eq 8 ] || fail "a payload over max_message ends with $got"
err_has 'over max_message'

# The siblings of what has failed are the same as before, and ps tells of it.
run 0 ps -o json
python3 - <<'END' || fail 'ps after failures'
import json
actors = {a["name"]: a for a in json.load(open("out"))["actors"]}
assert actors["trap"]["restarts"] == 1 and actors["trap"]["last_exit"] == "trap", actors["trap"]
assert actors["echo"]["restarts"] == 0, actors["echo"]
END

# A name may be any bytes.
run 1 call "$(printf 'ech\377')" hello
err_is 'airssys: `actor` is not UTF-8: "ech\xff"'
run 1 publish "$(printf '\303')" hello
err_has '`topic` is not UTF-8'

run 0 stop echo
run 3 call echo hello
err_has 'no actor is named echo'
run 3 stop echo

# Completions of names ask the node, and say nothing when there is none.
# It waits for the node no longer than a second: on a machine that is busy it may take another try.
complete() { "$airssys" __complete "$@" >out 2>err </dev/null || fail "__complete $*"; [ ! -s err ] || fail 'it is silent'; }
completes_to() { expected=$1; shift; complete "$@"; [ "$(cat out)" = "$expected" ]; }
completes_all() { complete actors ''; for name in trap sleeps loop; do grep -qx "$name" out || return 1; done; }
wait_for completes_all
wait_for completes_to sleeps actors sl
wait_for completes_to loop actors '*oo*'
complete actors x
[ ! -s out ] || fail 'nothing begins so'
complete actors tr stop --node nobody tr
[ ! -s out ] || fail '--node of the line counts'
wait_for completes_to trap actors tr stop --socket "$XDG_RUNTIME_DIR/airssys/shop.sock" tr
complete nodes s
out_is 'shop'
complete nothing ''
complete
run 0 completions bash
cat >complete.bash <<'END'
source ./out
airssys() { "$AIRSSYS" "$@"; }
check() {
    local expected=$1; shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        _airssys
        [ "${COMPREPLY[*]}" != "$expected" ] || break
    done
    [ "${COMPREPLY[*]}" = "$expected" ] || { echo "$*: ${COMPREPLY[*]}, not $expected" >&2; exit 1; }
}
check 'trap' airssys stop tr
check 'trap' airssys stop '"tr'
check 'loop' airssys restart 'lo*'
check 'shop' airssys ps --node s
check '' airssys stop --node nobody tr
END
AIRSSYS="$airssys" bash complete.bash 2>err || fail 'names complete in bash'
# Fish completes without a terminal, where it is installed.
if command -v fish >/dev/null; then
    run 0 completions fish
    cp out complete.fish
    cat >ask.fish <<'END'
function airssys; $AIRSSYS $argv; end
source complete.fish
complete -C $argv[1]
END
    completes_in_fish() { AIRSSYS="$airssys" fish --no-config ask.fish "$2" 2>err | cut -f1 >out; [ "$(cat out)" = "$1" ]; }
    wait_for completes_in_fish trap 'airssys stop tr'
    wait_for completes_in_fish trap 'airssys stop "tr'
    wait_for completes_in_fish --node=shop 'airssys stop --node=s'
fi
# A flag of zsh takes its value in the same word, too.
run 0 completions zsh
out_has '(-n --node)'
out_has '--node=}'

# A second node: which one has to be said.
app other one=only-messages
mv node.out shop.out
shop=$node
start_node other
run 2 publish topic x
err_has 'several nodes are running: say which with --node: '
run 0 ps
grep -q '^APP ' out || fail 'the app is in front'
grep -q '^other  *[0-9]*  one ' out || fail 'what runs in one app'
grep -q '^shop  ' out || fail 'and in the other'
run 0 ps --node other
out_has 'one'
run 0 call one x -n other
run 0 call --socket "$XDG_RUNTIME_DIR/airssys/other.sock" one x
AIRSSYS_SOCKET="$XDG_RUNTIME_DIR/airssys/other.sock" "$airssys" call one x >out 2>err || fail 'AIRSSYS_SOCKET'
run 3 ps --node third
err_has 'no node runs the app third: running: '
kill -TERM "$shop"
wait_for sh -c "! kill -0 $shop"
run 0 call one x
kill -TERM "$node"
node_ends 0
