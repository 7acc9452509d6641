#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Help, versions, wrong usage, completions, a closed stdout.
. "$(dirname "$0")/lib.sh"

# Without a verb: the overview, as an error.
run 2
err_has 'Usage: airssys VERB'
run 0 help
out_has 'Exit codes'
run 0 --help
verbs=$("$airssys" help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p')
[ "$(echo "$verbs" | wc -w)" -ge 27 ] || fail 'help lists all verbs'
for verb in $verbs; do
    run 0 "$verb" --help
    out_has "Usage: airssys $verb"
    out_has '  2  wrong usage'
    cp out asked
    run 0 help "$verb"
    cmp -s out asked || fail "help $verb is $verb --help"
    # --help wins over whatever else stands there.
    run 0 "$verb" --nonsense --help
done
run 0 call --help
for code in '0  done' '3  no such' '4  an invalid' '5  denied' '6  the actor' '7  no answer'; do out_has "  $code"; done

# Did you mean.
run 2 cal
err_is 'airssys: unknown verb: cal: did you mean `airssys call`?'
run 2 xyzzy
err_is 'airssys: unknown verb: xyzzy: see `airssys help`'
run 2 help hlep
err_is 'airssys: unknown verb: hlep: did you mean `airssys help help`?'
run 2 ps --otuput json
err_is 'airssys: unknown flag --otuput of `ps`: did you mean --output?'
run 2 ps -z
err_is 'airssys: unknown flag -z of `ps`: see `airssys ps --help`'
run 2 ps -o xml
err_is 'airssys: --output xml: must be one of: text json'
run 2 ps -o
err_has '--output needs a value'
run 2 ps -o json -o text
err_has '--output is given twice'
run 2 ps extra
err_is 'airssys: `ps` takes no arguments: extra'
run 2 call
err_has '`call` needs more arguments'
run 2 call a b c
err_is 'airssys: `call` takes no more arguments: c'
run 2 call a --timeout 5
err_is 'airssys: --timeout 5: must be a duration such as 500ms, 5s or 2m'
run 2 call a --timeout=0s
run 2 version --output
run 2 completions csh
err_is 'airssys: csh: must be one of: bash zsh fish'
# What a terminal would obey is escaped.
run 2 "$(printf 'a\033[31mb')"
err_is 'airssys: unknown verb: a\x1b[31mb: see `airssys help`'

# Data as JSON.
run 0 version
out_has 'airssys 0.1.0'
run 0 --version
run 0 version -o json
python3 -c 'import json; v = json.load(open("out")); assert v["version"] == "0.1.0" and v["protocol"] == 1'
got=0
"$airssys" doctor -o json >out 2>err || got=$?
python3 - "$got" <<'END' || fail 'doctor -o json'
import json, sys
report = json.load(open("out"))
names = [check["name"] for check in report["checks"]]
assert report["ok"] == (sys.argv[1] == "0"), report
assert {"cores", "memory", "vm.max_map_count", "RLIMIT_NOFILE", "socket folder"} <= set(names), names
assert report["instances"] > 0 and report["first_limit"]
END
# One bad limit is a bad end.
got=0
(ulimit -n 64; "$airssys" doctor) >out 2>err || got=$?
[ "$got" -eq 1 ] || fail 'doctor with few descriptors ends with 1'
grep -q '^bad *RLIMIT_NOFILE' out || fail 'doctor names RLIMIT_NOFILE'

# Completions know every verb and every flag, and bash takes them.
for shell in bash zsh fish; do
    run 0 completions $shell
    for verb in $verbs; do out_has "$verb"; done
    out_has timeout
done
run 0 completions bash
cat >complete.bash <<'END'
source ./out
check() {
    local expected=$1; shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _airssys
    [ "${COMPREPLY[*]}" = "$expected" ] || { echo "$*: ${COMPREPLY[*]}, not $expected" >&2; exit 1; }
}
check 'call' airssys cal
check 'run' airssys ru
check '--timeout' airssys call --t
check 'json' airssys ps -o j
check 'json' airssys ps --output j
check 'bash' airssys completions ba
check 'version' airssys help ver
check 'json' airssys ps --output = j
check 'text json' airssys ps --output =
check 'json' airssys ps -o '"j'
mkdir 'a folder' && : >'a folder/b c.wasm'
IFS=$'\n'
check 'a folder' airssys up 'a f'
check 'a folder' airssys up --state-dir 'a f'
check 'a folder/b c.wasm' airssys add 'a folder/'
check 'a folder/b c.wasm' airssys call 'a folder/b'
END
bash complete.bash 2>err || fail 'completions in bash'
# In bash itself, which writes what it has found: blanks quoted, a slash behind a folder, a blank behind the rest.
cat >type.py <<'END'
import os, pty, sys
child, fd = pty.fork()
if child == 0:
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
os.write(fd, b"bind 'set enable-bracketed-paste off'; PS1='> '; airssys() { printf '<%s>' \"$@\"; echo; }; source ./out\n")
os.write(fd, sys.argv[1].encode() + b"\t\n exit\n")
said = b""
try:
    while part := os.read(fd, 4096):
        said += part
except OSError:
    pass
sys.exit(sys.argv[2] not in said.decode())
END
for typed in 'up a\ f|<up><a folder/>' 'add a\ folder/b|<add><a folder/b c.wasm>' 'ps --output=j|<ps><--output=json>'; do
    timeout 60 python3 type.py "airssys ${typed%%|*}" "${typed##*|}" || fail "in bash: $typed"
done

# A closed stdout, and one that is full, are errors and not the death of anything.
got=0
"$airssys" help >&- 2>err || got=$?
[ "$got" -eq 1 ] || fail "help with a closed stdout ended with $got"
got=0
"$airssys" help >/dev/full 2>err || got=$?
[ "$got" -eq 1 ] || fail "help with a full stdout ended with $got"
err_has 'cannot write: stdout'
