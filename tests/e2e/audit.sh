#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# `airssys audit` on a folder: what it shows, what it finds, what it refuses.   audit.sh AIRSSYS GUESTS HELLO AUDIT_MAKE
. "$(dirname "$0")/lib.sh"
make=$4
esc=$(printf '\033')

"$make" log 900 >key
key=$(cat key)

# Whole.
run 0 audit verify log
out_has 'whole: 900 records (0 to 899)'
out_has ', closed'
out_has "key              $key"
out_has 'whose it is, --key would check'
anchor=$(sed -n 's/^anchor  *//p' out)
run 0 audit verify log --key "$key" --anchor "$anchor"
! grep -q 'whose it is' out || fail 'the key was checked'
run 0 audit verify log --key key -o json
python3 - "$key" "$anchor" <<'END' || fail 'verify -o json'
import json, sys
report = json.load(open("out"))
assert report["whole"] and report["damage"] == "whole" and "where" not in report, report
assert report["records"] == 900 and report["closed"] and report["key_checked"], report
assert report["key"] == sys.argv[1] and report["anchor"] == sys.argv[2], report
END

# Each record once, in order; and the flags that choose.
run 0 audit export log
python3 - <<'END' || fail 'export'
import json
records = [json.loads(line) for line in open("out", encoding="utf-8")]
assert [r["record"] for r in records] == list(range(900))
assert records[0]["name"] == "basket" and records[0]["what"] == "files.read" and records[0]["on"] == "/data/0"
assert records[0]["allowed"] and records[0]["grant"] == 0 and records[0]["message"] == "1"
assert not records[2]["allowed"] and records[2]["grant"] is None
assert records[899]["name"] == "evil\x1b[2J\nforged"
END
cp out exported
run 0 audit query log -o json
cmp -s out exported || fail 'query -o json is export'
# chosen COUNT FLAGS…
chosen() {
    count=$1
    shift
    run 0 audit query log "$@"
    [ "$(wc -l <out)" -eq "$count" ] || fail "audit query $*: $(wc -l <out) lines, not $count"
}
chosen 900
chosen 300 --actor basket
chosen 300 --actor 'bask*'
chosen 300 --actor 2
chosen 0 --actor nobody
chosen 300 --right files.read
chosen 300 --right read
chosen 300 --kind network
chosen 300 --kind messaging --right send
chosen 300 --refused
chosen 600 --allowed
chosen 1 --message 17
chosen 110 --object '/data/8*' --since 1h --until 2999-01-01
chosen 0 --until 2001-01-01T00:00:00Z
chosen 0 --since 2999-01-01
chosen 1 --object '/data/10' --allowed --actor card

# Nothing that a guest wrote drives a terminal or forges a line.
run 0 audit query log
[ "$(wc -l <out)" -eq 900 ] || fail 'a line a record'
! grep -q "$esc" out || fail 'an escape sequence'
! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177\233]')" out || fail 'a control character'
tail -1 out | grep -qF 'evil\x1b[2J\nforged  network.connect  /a\x0d\n2026-01-01 allowed \xff\x9b' || fail 'escaped'
run 0 audit export log
! grep -q "$esc" out || fail 'an escape sequence in JSON'

# Damage: what and where, and an exit code of its own.
# damaged KIND SEGMENT: expects it of the copy.
damaged() {
    run 9 audit verify copy --key "$key"
    err_has ": $1: "
    err_has "copy: $2"
    run 9 audit verify copy -o json
    python3 -c "import json; r = json.load(open('out')); assert r['damage'] == '$1' and not r['whole'], r" ||
        fail "verify -o json of a log that is $1"
    run 9 audit query copy
    err_has "$1"
    rm -rf copy
}
copy() { rm -rf copy && cp -r log copy; }
second=audit-00000002.log
copy && python3 -c "
data = bytearray(open('copy/$second', 'rb').read())
data[data.index(b'/data/')] = ord('x')
open('copy/$second', 'wb').write(data)"
damaged changed 'segment 2, byte '
copy && rm "copy/$second"
damaged removed 'segment 2'
copy && mv "copy/$second" copy/x && mv copy/audit-00000001.log "copy/$second" && mv copy/x copy/audit-00000001.log
damaged reordered 'segment 1'
last=$(ls log | grep 'audit-.*log' | tail -1)
copy && truncate -s -100 "copy/$last"
damaged truncated "segment $(echo "$last" | sed 's/audit-0*//; s/.log//')"
copy && rm copy/audit.head
damaged removed 'audit.head'
# Another key, another anchor.
"$make" other 10 >other.key
run 9 audit verify log --key other.key
err_has 'another key'
run 9 audit verify log --anchor "$(printf '%064d' 0)"
err_has 'kept elsewhere'
# What comes before the damage is still shown.
copy && truncate -s -100 "copy/$last"
run 9 audit export copy
[ "$(wc -l <out)" -ge 500 ] || fail 'records before the damage'

# Bad input.
run 2 audit
run 3 audit verify
err_has 'no node is running'
run 2 audit nonsense log
err_has 'must be one of: query verify export'
run 2 audit query log --allowed --refused
err_has 'exclude each other'
run 2 audit query log --kind fils
run 2 audit query log --right files.raed
err_has 'right "files.raed"'
run 2 audit query log --kind network --right files.read
run 2 audit query log --since yesterday
err_has '--since yesterday: must be a time'
run 2 audit query log --since 1m --until 1h
err_has 'is not before'
run 2 audit query log --message 0
run 2 audit query log --message x1
run 2 audit verify log --key 12ab
err_has '--key 12ab'
run 2 audit verify log --key log
run 2 audit verify log --anchor 12ab
run 2 audit verify log --refused
err_has 'takes no --refused'
run 3 audit verify nowhere
err_has 'nowhere'
mkdir empty
run 3 audit verify empty
err_is 'airssys: empty: there is no audit log'
run 1 audit query key
