# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a kill takes of an audit log, seen from outside.

    audit_loss.py load SOCKET OUT      calls `sayer` until the node is gone; each call is one allowed send of its own
    audit_loss.py check OUT COUNT MS   COUNT of the sends are in the log: what is missing is within MS

A call is one send, decided between the call and its answer. Those that are missing are the last ones, since one worker
decides them one after the other; so the oldest that is missing was decided before its answer came, the newest after it
was asked for, and no more than MS may be between the two.
"""
import json
import socket
import sys
import time


def load(path, out):
    link = socket.socket(socket.AF_UNIX)
    link.connect(path)
    lines = link.makefile("rb")
    link.sendall(b'{"id": 0, "verb": "hello", "protocol": 1}\n')
    assert json.loads(lines.readline())["ok"]
    times = []
    try:
        for number in range(1000000):
            begun = time.monotonic()
            request = {"id": number, "verb": "call", "actor": "sayer", "payload": "send peer"}
            link.sendall(json.dumps(request).encode() + b"\n")
            answer = lines.readline()
            if not answer or not json.loads(answer)["ok"]:
                break
            times.append((begun, time.monotonic()))
            if number % 50 == 0:
                print(number, flush=True)
    except OSError:
        pass
    with open(out, "w") as file:
        json.dump(times, file)


def check(out, count, ms):
    times = json.load(open(out))
    if not times:
        sys.exit("no call was answered")
    lost = times[count:]
    if lost:
        late_ms = (lost[-1][0] - lost[0][1]) * 1000
        print(f"{len(times)} sends, {len(lost)} missing, over at most {max(late_ms, 0):.1f} ms")
        if late_ms > ms:
            sys.exit(f"more than {ms} ms are missing: {late_ms:.1f} ms, {len(lost)} of {len(times)}")
    else:
        print(f"{len(times)} sends, none missing")


if sys.argv[1] == "load":
    load(*sys.argv[2:])
else:
    check(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
