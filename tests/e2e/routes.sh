#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Topics, names and dead letters from the command line.
. "$(dirname "$0")/lib.sh"
for verb in names 'publish a.b' 'subscribe a.b' dead-letters; do run 3 $verb; done
app shop echo=only-messages trap=trap sleeps=sleeps mute=only-lifecycle
printf '[[supervisor.group]]\nname = "pool"\nstrategy = "one_for_one"\n' >>shop/airssys.toml
start_node shop

# Names.
run 0 names
out_has 'NAME'
for name in echo trap sleeps; do grep -Eq "^$name +[0-9]+\$" out || fail "names lists $name"; done
run 0 names 'e*'
[ "$(wc -l <out)" -eq 2 ] || fail 'a pattern leaves out the others'
run 0 names 'nobody*' -o json
python3 -c 'import json; assert json.load(open("out")) == {"names": []}' || fail 'names -o json'
run 1 names 'a b'
err_has '`pattern` is "a b"'

# Topics. Nobody listens, then somebody does.
run 0 publish orders.new x
out_is 'reached 0 actors'
run 0 publish orders.new x -o json
python3 -c 'import json; assert json.load(open("out")) == {"reached": 0}' || fail 'publish -o json'
run 1 publish 'orders.*' x
err_has '`topic` is "orders.*": '
run 2 subscribe
run 2 subscribe 'a..b'
err_has '`topic` is "a..b"'
run 2 subscribe a -c 0
err_is 'airssys: --count 0: must be a whole number from 1'

# hear COUNT FLAGS…: `airssys subscribe` in the background; its id is $ears.
hear() {
    # What one before has heard would be taken for this one's.
    rm -f heard.out
    "$airssys" subscribe 'orders.>' "$@" >heard.out 2>heard.err </dev/null &
    ears=$!
    started="$started $ears"
    wait_for heard
}
heard() { "$airssys" publish orders.first hello | grep -q 'reached 1 actor$'; }
ears_end() {
    wait_for sh -c "! kill -0 $ears" || return 0
    got=0
    wait "$ears" || got=$?
    [ "$got" -eq 0 ] && [ ! -s heard.err ] || { cat heard.err >&2; fail "subscribe ended with $got"; }
}
hear --count 3
printf 'two\033[2J\nlines' | "$airssys" publish orders.new - >out 2>err || fail 'publish from stdin'
head -c 100 /dev/urandom | "$airssys" publish orders.deep.down - >out 2>err || fail 'publish bytes'
ears_end
[ "$(wc -l <heard.out)" -eq 3 ] || fail 'a message a line, three of them'
grep -Eq '^[0-9:.]+  orders.first  hello$' heard.out || fail 'the first message'
has heard.out 'orders.new  two\x1b[2J\nlines'
has heard.out 'orders.deep.down  '
# The actor that listened is gone with it.
wait_for sh -c "[ \"\$($airssys publish orders.new x)\" = 'reached 0 actors' ]"
for signal in INT TERM; do
    hear -o json
    wait_for test -s heard.out
    kill -$signal "$ears"
    ears_end
    python3 - <<'END' || fail 'subscribe -o json'
import json
line = json.loads(open("heard.out").readline())
assert line["number"] == 1 and line["message"]["topic"] == "orders.first", line
assert line["message"]["payload"] == "hello" and line["message"]["sender"] == "0", line
END
done
# A reader that goes away takes nothing with it.
("$airssys" subscribe 'orders.>' || true) 2>/dev/null | head -1 >one.out &
pipe=$!
wait_for heard
wait_for sh -c "'$airssys' publish orders.new x >/dev/null; ! kill -0 $pipe"
wait_for sh -c "[ \"\$($airssys publish orders.new x)\" = 'reached 0 actors' ]"

# Dead letters.
run 0 dead-letters
[ "$(wc -l <out)" -eq 1 ] || fail 'there is none at first'
run 6 call trap trap
# Who asked is told before the letter is put down.
wait_for sh -c "'$airssys' dead-letters list | grep -q poison"
run 0 dead-letters list
grep -Eq '^ +1  [0-9:.]+  poison +-  trap +- +trap$' out || fail 'the letter that trap failed on'
run 0 dead-letters -o json
python3 - <<'END' || fail 'dead-letters -o json'
import json
said = json.load(open("out"))
assert said["count"] == 1 and len(said["letters"]) == 1, said
letter = said["letters"][0]
assert letter["number"] == 1 and letter["reason"] == "poison" and letter["receiver_name"] == "trap", letter
assert letter["payload"] == "trap" and letter["payload_size"] == 4, letter
END
# Again to who failed on it, which fails again; and to somebody else, who does not.
run 0 dead-letters resend 1
wait_for sh -c "'$airssys' dead-letters | grep -Eq '^ +2  .*poison'"
run 0 dead-letters resend 2 echo
run 3 dead-letters resend 77
err_is 'airssys: no dead letter 77 is kept'
run 3 dead-letters resend 1 ehco
err_is 'airssys: no actor is named ehco: did you mean echo?'
run 4 dead-letters resend 1 pool
err_is 'airssys: a supervisor takes no messages: send to one of its actors'
run 4 send pool x
err_is 'airssys: a supervisor takes no messages: send to one of its actors: pool'
run 4 send mute x
err_is 'airssys: this component takes no messages: mute'
run 2 dead-letters resend
run 2 dead-letters resend one
run 2 dead-letters list 1
run 2 dead-letters lst
err_is 'airssys: lst: must be one of: list show resend drop'

# One of them, with all that is in it.
run 0 dead-letters show 1
grep -Eq '^reason +poison$' out && grep -Eq '^receiver +trap \([0-9]+\)$' out || fail 'show'
grep -Eq '^trap$' out || fail 'show has the payload'
run 0 dead-letters show 1 -o json
python3 - <<'END' || fail 'dead-letters show -o json'
import json
letter = json.load(open("out"))
assert letter["number"] == 1 and letter["payload"] == "trap" and letter["payload_size"] == 4, letter
END
run 3 dead-letters show 77
err_is 'airssys: no dead letter 77 is kept'
for bad in show 'show one' 'show 0' 'show 1 2' drop 'drop one' 'drop 1 x' 'drop all 1' 'resend 1 echo x'; do
    run 2 dead-letters $bad
done
run 2 dead-letters drop
err_is 'airssys: `dead-letters drop` needs the number of a dead letter: airssys dead-letters drop NUMBER...|all'
run 0 dead-letters drop 1
out_is 'dropped 1 dead letter'
run 3 dead-letters drop 1
err_is 'airssys: no dead letter 1 is kept'
run 3 dead-letters show 1
run 0 dead-letters
grep -Eq '^ +1  ' out && fail 'a letter that was dropped is listed'
out_has 'in all.'
run 0 dead-letters drop all -o json
python3 -c 'import json; assert json.load(open("out"))["dropped"] >= 1' || fail 'drop all -o json'
run 0 dead-letters -o json
python3 -c 'import json; s = json.load(open("out")); assert not s["letters"] and s["count"] >= 2, s' || fail 'none is left'

# All of it ends with the node.
hear
kill -TERM "$node"
node_ends 0
ears_end
