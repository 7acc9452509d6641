# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reads a node's metrics at its socket and its port, checks them by the rules of the format, and misbehaves."""
import re
import socket
import sys

PATH = sys.argv[1]
HOST, PORT = sys.argv[2].rsplit(":", 1)
NAME = re.compile(r"[a-z][a-z0-9_]*$")
SAMPLE = re.compile(r'([a-z0-9_]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')


def connect(port):
    sock = socket.create_connection((HOST, int(PORT))) if port else socket.socket(socket.AF_UNIX)
    sock.settimeout(30)
    if not port:
        sock.connect(PATH)
    return sock


def exchange(data, port, half_close=False):
    with connect(port) as sock:
        sock.sendall(data)
        if half_close:
            sock.shutdown(socket.SHUT_WR)
        answer = b""
        while True:
            part = sock.recv(65536)
            if not part:
                return answer
            answer += part


def get(target, port, method="GET", version="HTTP/1.1", extra=""):
    answer = exchange(f"{method} {target} {version}\r\nHost: node\r\n{extra}\r\n".encode(), port)
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:])
    assert lines[0].startswith("HTTP/1.1 "), lines
    assert fields["Connection"] == "close", fields
    if method != "HEAD":
        assert int(fields["Content-Length"]) == len(body), (fields, len(body))
    return int(lines[0].split()[1]), fields, body.decode()


def is_of(name, family, kind):
    """Whether a sample of this name belongs to a family of this kind, by the rules of the format."""
    if kind == "histogram":
        return name in (family + "_bucket", family + "_sum", family + "_count")
    if kind == "summary":
        return name in (family, family + "_sum", family + "_count")
    return name == family


def check_histogram(samples, family):
    """Of each set of labels: bounds that grow to +Inf, counts that grow with them to the count, and a sum."""
    sets = {}
    for (name, labels), number in samples.items():
        if name == family + "_bucket":
            bound = [v for k, v in labels if k == "le"]
            assert len(bound) == 1, (name, labels)
            sets.setdefault(tuple(l for l in labels if l[0] != "le"), []).append((float(bound[0]), number))
    assert sets, family
    for labels, buckets in sets.items():
        assert all(a[0] < b[0] and a[1] <= b[1] for a, b in zip(buckets, buckets[1:])), (family, labels, buckets)
        assert buckets[-1][0] == float("inf"), (family, labels)
        count, total = samples[family + "_count", labels], samples[family + "_sum", labels]
        assert count == buckets[-1][1], (family, labels)
        assert (total > 0) == (count > 0), (family, labels, total, count)


def check_summary(samples, family):
    """Of each set of labels quantiles from 0 to 1, a sum and a count."""
    sets = set()
    for (name, labels), _ in samples.items():
        if name == family:
            assert 0 <= float(dict(labels)["quantile"]) <= 1, (name, labels)
        if name.startswith(family):
            sets.add(tuple(l for l in labels if l[0] != "quantile"))
    for labels in sets:
        assert (family + "_sum", labels) in samples and (family + "_count", labels) in samples, (family, labels)


def parse(text):
    """The samples by name and labels; each family has its HELP and TYPE in front of it, once, and all that its kind
    asks for."""
    assert text.endswith("\n")
    types, helped, samples, current = {}, set(), {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, words = line[7:].split(" ", 1)
            assert NAME.match(name) and words.endswith(".") and name not in helped, line
            helped.add(name)
        elif line.startswith("# TYPE "):
            current, kind = line[7:].split(" ")
            assert current in helped and current not in types, line
            assert kind in ("counter", "gauge", "summary", "histogram"), line
            assert (kind == "counter") == current.endswith("_total"), line
            types[current] = kind
        else:
            match = SAMPLE.match(line)
            assert match and is_of(match[1], current, types[current]), line
            labels = match[2] or ""
            assert "".join(m.group(0) for m in LABEL.finditer(labels)) == labels, line
            key = (match[1], tuple(sorted((m[1], m[2]) for m in LABEL.finditer(labels))))
            assert key not in samples, line
            samples[key] = float(match[3])
            assert types[current] == "gauge" or samples[key] >= 0, line
    assert helped == set(types)
    for family, kind in types.items():
        assert kind != "histogram" or check_histogram(samples, family) is None
        assert kind != "summary" or check_summary(samples, family) is None
        assert kind in ("histogram", "summary") or any(name == family for name, _ in samples), (family, "is empty")
    return samples


def value(samples, name, **labels):
    found = [v for (n, l), v in samples.items() if n == name and labels.items() <= dict(l).items()]
    assert len(found) == 1, (name, labels, found)
    return found[0]


def well_behaved():
    for port in (False, True):
        status, fields, text = get("/metrics", port)
        assert status == 200 and fields["Content-Type"].startswith("text/plain; version=0.0.4"), fields
        samples = parse(text)
        assert value(samples, "airssys_build_info", app="shop", version="0.1.0") == 1
        assert value(samples, "airssys_messages_failed_total", app="shop") >= 1
        assert value(samples, "airssys_requests_total", app="shop") >= 2
        assert value(samples, "airssys_actor_restarts_total", actor="trap", component="trap") == 1
        assert value(samples, "airssys_actor_messages_handled_total", actor="echo") >= 1
        assert value(samples, "airssys_actor_memory_bytes", actor="echo") > 0
        assert value(samples, "airssys_routed_messages_total", route="outside", outcome="poison") == 1
        answered = value(samples, "airssys_request_duration_seconds_count", app="shop")
        assert 0 < answered <= value(samples, "airssys_requests_total", app="shop")
        assert value(samples, "airssys_request_duration_seconds_sum", app="shop") < 60 * answered
        # What is no rule of the format, or breaks one, is found: the test of the test.
        for bad in (text.replace('le="+Inf"', 'le="99"'), text.replace("_duration_seconds_sum", "_duration_seconds_all"),
                    text.replace("_duration_seconds histogram", "_duration_seconds summary"),
                    text.replace("# TYPE airssys_ready gauge\n", ""), text.replace("_total counter", "_total gauge"),
                    text.rstrip("\n"), text + "airssys_ready 1\n",
                    re.sub(r"(?m)^airssys_request_duration_seconds_count.*\n", "", text),
                    re.sub(r"(?m)^(airssys_request_duration_seconds_count\S* ).*", r"\g<1>0", text)):
            assert bad != text
            try:
                parse(bad)
            except (AssertionError, KeyError):
                continue
            raise AssertionError("bad text is taken for good")
        assert value(samples, "process_resident_memory_bytes") > 1 << 20
        assert get("/healthz", port)[::2] == (200, "ok\n")
        assert get("/healthz", port, method="HEAD")[::2] == (200, "")
        assert get("/readyz?verbose", port)[::2] == (200, "ready\n")
        assert get("/metrics", port, version="HTTP/1.0")[0] == 200
        assert get("/", port)[0] == 404
        assert get("/metrics/", port)[0] == 404
        status, fields, _ = get("/metrics", port, method="POST", extra="Content-Length: 0\r\n")
        assert status == 405 and fields["Allow"].startswith("GET, HEAD")


def status_of(answer):
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else None


def hostile():
    for port in (False, True):
        assert status_of(exchange(b"GET /metrics HTTP/1.1\r\n\r\n", port)) == 400
        assert status_of(exchange(b"GET /metrics HTTP/3\r\nHost: x\r\n\r\n", port)) == 505
        assert status_of(exchange(b"GET /" + b"x" * 8192, port)) == 431
        assert status_of(exchange(b"GET /metrics HTTP/1.1\r\nHo", port, half_close=True)) == 400
        # Who reads nothing, and who says nothing, holds up nobody.
        silent = [connect(port) for _ in range(4)]
        deaf = connect(port)
        deaf.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert get("/healthz", port)[0] == 200
        for sock in silent + [deaf]:
            sock.close()
    # Nothing of the protocol is spoken at the port.
    hello = b'{"id":0,"verb":"hello","protocol":1}\n{"id":1,"verb":"stop","actor":"echo"}\n\n'
    assert status_of(exchange(hello, True)) == 400
    assert status_of(exchange(b"POST /v1/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\n", True)) == 405
    assert status_of(exchange(b'POST /v1/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\n{"actor":"echo"}',
                              True)) == 405
    # More clients than the port takes at once: the others wait until some of them are told to go.
    crowd = [connect(True) for _ in range(12)]
    with connect(False) as sock:
        sock.sendall(b'{"id":0,"verb":"hello","protocol":1}\n')
        assert b'"ok":true' in sock.recv(4096)
    for sock in crowd:
        sock.close()
    assert get("/healthz", True)[0] == 200


well_behaved()
hostile()
