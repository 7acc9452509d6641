#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# airssys run: what is an app and what not, its end, signals.
. "$(dirname "$0")/lib.sh"

# What is no app.
run 3 run missing
err_is 'airssys: no such file: missing'
mkdir empty
run 3 run empty
err_is 'airssys: no airssys.toml in the folder: empty'
run 3 run missing.wasm
err_has 'missing.wasm'
run 4 run "$guests/core-module.wasm"
err_has 'core module'
app bad ok=only-messages
echo 'colour = "red"' >>bad/airssys.toml
run 4 run bad
err_is 'airssys: bad/airssys.toml:7:1: unknown key `colour` in [actor]: known are name, component, restart, significant, config, env, args, stdin, limits, grants, backoff, health, on_failure, checkpoint, deploy, supervisor'
app gone ok=only-messages lost=lost
run 4 run gone
err_is "airssys: gone/airssys.toml:9:13: no such component file: $guests/lost.wasm: build it, or correct the path"
app core ok=only-messages core=core-module
run 4 run core
err_has 'core/airssys.toml:9:13: '
err_has 'core module'
[ ! -s out ] || fail 'what is wrong with a component is said before another one has started'
app keeps ok=only-messages stateless=only-messages
printf '[actor.checkpoint]\non_stop = true\n' >>keeps/airssys.toml
run 4 run keeps
err_is "airssys: keeps/airssys.toml:10:1: a checkpoint of $guests/only-messages.wasm, which does not export \`state\`"
[ ! -s out ] || fail 'a checkpoint that cannot be is refused before anything has started'
# One that does not start ends all of it.
app starts ok=only-messages wrong=trap-start-error
run 6 run starts
err_has 'starts/airssys.toml:9:13: actor wrong does not start'
[ -z "$(ls "$XDG_RUNTIME_DIR"/airssys/*.sock 2>/dev/null)" ] || fail 'no socket is left'

# A program is an app that ends, well or not.
run 0 run "$guests/program.wasm"
out_has 'done after'
run 6 run "$guests/program-fails.wasm"
err_has 'the app has failed: program-fails'
out_has 'failed after'

# What it is given: arguments behind its name, and standard input.
printf 'one\ntwo\n' >input
run 0 run "$guests/program-reads.wasm" --stdin input -- -x 'a b' --help ''
for line in 'argument 0: program-reads' 'argument 1: -x' 'argument 2: a b' 'argument 3: --help' 'argument 4: ' \
    'read: one' 'read: two' '8 bytes, to the end'; do
    out_has "$line"
done
"$airssys" run "$guests/program-reads.wasm" --stdin - <input >out 2>err || fail 'input from stdin'
out_has '8 bytes, to the end'
head -c 300000 /dev/zero | tr '\0' 'x' >large
run 0 run "$guests/program-reads.wasm" --stdin large
out_has '300000 bytes, to the end'
run 0 run "$guests/program-reads.wasm" <input
out_has '0 bytes, to the end'
run 3 run "$guests/program-reads.wasm" --stdin missing
err_is 'airssys: no such file: missing'
run 2 run "$guests/program-reads.wasm" other -- more
app reads r=program-reads
printf 'restart = "temporary"\nsignificant = true\nargs = ["from the manifest", ""]\nstdin = "text"\n' >>reads/airssys.toml
printf '[actor.grants]\nstdio = ["in", "out"]\n' >>reads/airssys.toml
printf 'of the app' >reads/text
run 0 run reads
for line in 'argument 0: r' 'argument 1: from the manifest' 'argument 2: ' 'read: of the app' '10 bytes, to the end'; do
    out_has "$line"
done
run 2 run reads -- more
err_is 'airssys: arguments and input are a component'\''s, and this is an app: give them in its manifest, as `args` and `stdin` of an actor: reads/airssys.toml'
rm reads/text
run 4 run reads
err_is 'airssys: reads/airssys.toml:10:9: `stdin`: no such file: reads/text'

# An app that gives up: more restarts than it may have.
app weak t=trap
printf '[supervisor]\nmax_restarts = 1\nwindow = "1m"\n' >>weak/airssys.toml
start_node weak
"$airssys" call t trap >out 2>err || true
"$airssys" call t trap >out 2>err || true
node_ends 6
has node.out 'failed (trap)'
has node.out 'restarting, 1 of 1'
has node.err 'the app has failed: weak'

# Interrupted: a clean end.
app calm a=only-messages b=only-messages
for signal in INT TERM; do
    start_node calm
    has node.out 'a '
    kill -$signal "$node"
    node_ends 0
    has node.out 'stopped after'
    [ ! -e "$XDG_RUNTIME_DIR/airssys/calm.sock" ] || fail 'the socket is removed'
done

# A second signal does not wait for an actor that does not end.
app busy s=sleeps
printf '[actor.limits]\nstop_timeout = "1m"\nmax_park = "1m"\n' >>busy/airssys.toml
start_node busy
"$airssys" send s 50000
sleep 0.3
kill -INT "$node"
sleep 0.5
kill -0 "$node" || fail 'the first signal waits for the actor'
kill -INT "$node"
node_ends 130
[ ! -e "$XDG_RUNTIME_DIR/airssys/busy.sock" ] || fail 'the socket is removed, also at once'

# A stdout that nobody reads any more does not end a node.
"$airssys" run calm 2>node.err </dev/null | head -1 >/dev/null &
wait_for "$airssys" call a x -t 1s || true
id=$("$airssys" doctor >/dev/null 2>&1; python3 - "$XDG_RUNTIME_DIR/airssys/calm.sock" <<'END'
import json, socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
s.sendall(b'{"id":1,"verb":"hello","protocol":1}\n')
print(json.loads(s.makefile().readline())["result"]["pid"])
END
)
started="$started $id"
run 0 ps
kill -TERM "$id"
wait_for sh -c "! kill -0 $id"

# While an app starts, the first signal ends it at once.
app slow s=loop-start
printf '[actor.limits]\nstart_timeout = "1m"\nmax_execution = "1m"\n' >>slow/airssys.toml
"$airssys" run slow >node.out 2>node.err </dev/null &
node=$!
started="$started $node"
wait_for test -S "$XDG_RUNTIME_DIR/airssys/slow.sock"
sleep 0.3
kill -INT "$node"
node_ends 130
[ ! -e "$XDG_RUNTIME_DIR/airssys/slow.sock" ] || fail 'the socket is removed when the start is interrupted'

# The project of a component is an app of its own. A group is stopped with its children; stopping a significant
# actor from outside is no reason for the app to end.
start_node "$hello/greeter"
run 0 call greeter you
out_is 'Hello, you!'
kill -TERM "$node"
node_ends 0

# The tree is drawn as one, in whatever order its parts have started.
app apart first=only-messages second=only-messages third=only-messages
sed -i 's/^name = "\(first\|third\)"/&\nsupervisor = "group"/' apart/airssys.toml
printf '[[supervisor.group]]\nname = "group"\n' >>apart/airssys.toml
start_node apart
drawn=$(awk '{ for (i = 2; i <= NF; i++) if ($i == "ready") printf "%s ", $(i - 1) }' node.out)
[ "$drawn" = 'group first third second ' ] || fail 'the children of a group stand together'
kill -TERM "$node"
node_ends 0
app tree one=only-messages two=only-messages main=only-messages
cat >>tree/airssys.toml <<'END'
significant = true
restart = "transient"
[[supervisor.group]]
name = "group"
END
sed -i 's/^name = "one"/&\nsupervisor = "group"/' tree/airssys.toml
start_node tree
has node.out 'group'
run 0 stop group
run 3 call one x
run 0 call two x
run 0 stop main
run 0 call two x
kill -TERM "$node"
node_ends 0
has node.out 'stopped after'
