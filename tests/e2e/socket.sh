#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# The socket: its mode, live, stale and foreign ones, other versions.
. "$(dirname "$0")/lib.sh"
app calm a=only-messages
socket=$XDG_RUNTIME_DIR/airssys/calm.sock

start_node calm
[ "$(stat -c %a "$socket")" = 600 ] || fail 'the mode of the socket is 600'
[ "$(stat -c %a "$XDG_RUNTIME_DIR/airssys")" = 700 ] || fail 'the mode of its folder is 700'
# A live one is refused, and the owner goes on.
run 1 run calm
err_is "airssys: a node of process $node is running there: $socket"
run 0 call a x
# A stale one is taken over.
kill -KILL "$node"
wait_for sh -c "! kill -0 $node"
[ -S "$socket" ] || fail 'a killed node leaves its socket'
run 3 ps
err_has 'no node is running'
start_node calm
run 0 call a x
# Another one's new socket is not removed.
rm "$socket"
python3 -c 'import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1])' "$socket"
kill -TERM "$node"
node_ends 0
[ -S "$socket" ] || fail 'the socket of somebody else is left alone'
rm "$socket"

# Somewhere else, by flag and by variable; the flag wins.
start_node calm --socket here.sock
run 0 ps --socket here.sock
AIRSSYS_SOCKET=none.sock "$airssys" ps --socket here.sock >out 2>err || fail 'the flag wins'
kill -TERM "$node"
node_ends 0
[ ! -e here.sock ] || fail 'the socket is removed'
run 3 ps --socket here.sock
err_is 'airssys: no node is running: no socket at here.sock'
echo precious >file.sock
run 1 run calm --socket file.sock
err_is 'airssys: there is something that is no socket: file.sock'
[ "$(cat file.sock)" = precious ] || fail 'the file is left alone'
run 1 run calm --socket "$(printf 'x%.0s' $(seq 200)).sock"
err_has 'longer than 107 bytes'
run 1 run calm --socket nowhere/x.sock
# A folder that others may write to is no place for sockets.
chmod 777 "$XDG_RUNTIME_DIR/airssys"
run 5 run calm
err_has 'others may write to it'
chmod 700 "$XDG_RUNTIME_DIR/airssys"
# Without XDG_RUNTIME_DIR there is a folder of this user's own.
(unset XDG_RUNTIME_DIR; "$airssys" doctor) >out 2>err || true
out_has "/tmp/airssys-$(id -u)"

# Who listens there is no node, or one of another version.
serve() {
    python3 - "$1" "$2" <<'END' &
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind("foreign.sock")
listener.listen()
for _ in range(int(sys.argv[1])):
    client, _ = listener.accept()
    client.recv(65536)
    client.sendall(sys.argv[2].encode().decode("unicode_escape").encode("latin-1"))
    client.close()
END
    server=$!
    started="$started $server"
    wait_for test -S foreign.sock
    sleep 0.1
}
for answer in '' 'HTTP/1.1 400 Bad Request\r\n\r\n' '{"id":1,"ok":true}\n' '\x00\xff\n' '{"id":7,"ok":true,"result":{"protocol":1}}\n' \
    '{"id":1,"ok":true,"result":{"protocol":2}}\n'; do
    serve 1 "$answer"
    run 1 ps --socket foreign.sock
    err_has 'cannot talk to the node at foreign.sock'
    wait "$server" || true
    rm -f foreign.sock
done
serve 1 '{"id":1,"ok":false,"error":{"status":"E_UNSUPPORTED","text":"the node speaks protocol 9 (airssys 9.0.0), the client 1"}}\n'
run 1 ps --socket foreign.sock
err_has 'the node speaks protocol 9 (airssys 9.0.0)'
