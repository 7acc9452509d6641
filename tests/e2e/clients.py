# SPDX-License-Identifier: MIT OR Apache-2.0
"""Drives the socket of a node as no good client would. Its actors are `echo` and `sleeps`."""
import json
import random
import resource
import socket
import sys
import time

PATH = sys.argv[1]
HELLO = b'{"id":0,"verb":"hello","protocol":1}\n'


class Client:
    def __init__(self, hello=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(PATH)
        self.lines = self.socket.makefile("rb")
        if hello:
            self.send(HELLO)
            assert self.read()["ok"]

    def send(self, data):
        self.socket.sendall(data)

    def read(self):
        line = self.lines.readline()
        return json.loads(line) if line else None

    def ask(self, **request):
        self.send(json.dumps(request).encode() + b"\n")
        return self.read()

    def close(self):
        self.lines.close()
        self.socket.close()


def error_of(reply):
    assert reply and reply["ok"] is False, reply
    return reply["error"]["status"], reply["error"]["text"]


def greeting():
    client = Client(hello=False)
    assert error_of(client.ask(id=1, verb="ps")) == ("E_INVALID", "the first request must be `hello`, with `protocol`")
    assert client.read() is None
    client = Client(hello=False)
    status, text = error_of(client.ask(id=1, verb="hello", protocol=2))
    assert status == "E_UNSUPPORTED" and "protocol 1 (airssys 0.1.0), the client 2" in text, text
    assert client.read() is None
    client = Client(hello=False)
    reply = client.ask(id=1, verb="hello", protocol=1)
    assert reply["id"] == 1 and reply["result"]["app"] == "shop" and reply["result"]["protocol"] == 1, reply


def garbage():
    random.seed(3)
    for data in [b"\n", b"\0\n", b"\xff\xfe\n", b"{\n", b"[]\n", b"1\n", b"{}\n", b'{"id":-1}\n', b'{"id":1.5}\n',
                 b'{"id":1}\n', b'{"id":1,"verb":2}\n', b'{"id":1,"verb":"hello"} {}\n',
                 b'{"id":1,"verb":"\\u0000"}\n', b"[" * 100000 + b"\n", random.randbytes(50000) + b"\n"]:
        client = Client(hello=False)
        client.send(data)
        reply = client.read()
        assert reply["ok"] is False, (data[:60], reply)
        client.close()
    # Who has said hello may err and go on.
    client = Client()
    for request, status in [(b'{"id":5,"verb":"sned"}', "E_NOT_FOUND"), (b'{"id":5,"verb":"call"}', "E_INVALID"),
                            (b'{"id":5,"verb":"call","actor":7}', "E_INVALID"),
                            (b'{"id":5,"verb":"call","actor":"echo","timeout_ms":0}', "E_INVALID"),
                            (b'{"id":5,"verb":"call","actor":"echo","payload":5}', "E_INVALID"),
                            (b'{"id":5,"verb":"call","actor":"echo","payload":"","payload_base64":""}', "E_INVALID"),
                            (b'{"id":5,"verb":"call","actor":"echo","payload_base64":"?"}', "E_INVALID"),
                            (b'{"id":5,"verb":"info","actor":"18446744073709551616"}', "E_NOT_FOUND"),
                            (b'{"id":5,"verb":"info","actor":"12345678901"}', "E_NOT_FOUND"), (b"nonsense", "E_INVALID")]:
        client.send(request + b"\n")
        assert error_of(client.read())[0] == status, request
    assert client.ask(id=6, verb="info", actor="echo")["result"]["name"] == "echo"
    assert error_of(client.ask(id=7, verb="inof"))[1] == "unknown verb inof: did you mean info?"


def pieces():
    """A line may come in any pieces, several in one."""
    client = Client(hello=False)
    for byte in HELLO:
        client.send(bytes([byte]))
    assert client.read()["ok"]
    client.send(b"".join(b'{"id":%d,"verb":"info","actor":"echo"}\r\n' % i for i in range(500)))
    assert [client.read()["id"] for _ in range(500)] == list(range(500))


def disconnects():
    whole = HELLO + b'{"id":1,"verb":"call","actor":"sleeps","payload":"300"}\n{"id":2,"verb":"stop","actor":"nobody"}\n'
    for cut in range(0, len(whole), 7):
        client = Client(hello=False)
        client.send(whole[:cut])
        client.close()
    # Half-closed: what was asked is still answered.
    client = Client()
    client.send(b'{"id":1,"verb":"call","actor":"sleeps","payload":"100"}\n')
    client.socket.shutdown(socket.SHUT_WR)
    assert client.read()["id"] == 1
    assert client.read() is None


def long_lines():
    client = Client()
    try:
        for _ in range(14):
            client.send(b"x" * (1 << 20))
        client.send(b"\n")
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert error_of(client.read())[0] == "E_TOO_LARGE"
    assert client.read() is None


def deaf():
    """A client that asks and never reads is not read any more; the others do not notice."""
    client = Client()
    client.socket.setblocking(False)
    sent = 0
    request = b'{"id":1,"verb":"ps"}\n' * 100
    try:
        for _ in range(100000):
            sent += client.socket.send(request)
    except BlockingIOError:
        pass
    assert sent < 50 << 20, sent
    other = Client()
    start = time.monotonic()
    assert other.ask(id=1, verb="ps")["ok"]
    assert time.monotonic() - start < 5
    client.close()


def overlap():
    """Requests of one client overlap: the quick one is answered first."""
    client = Client()
    client.send(b'{"id":1,"verb":"call","actor":"sleeps","payload":"300"}\n{"id":2,"verb":"info","actor":"echo"}\n')
    assert [client.read()["id"], client.read()["id"]] == [2, 1]
    # More than wait at once: all are answered in the end.
    for i in range(200):
        client.send(b'{"id":%d,"verb":"call","actor":"echo","payload":"x"}\n' % i)
    assert sorted(client.read()["id"] for _ in range(200)) == list(range(200))


def crowd():
    """Past its limit the node says so; when some leave there is room again."""
    clients = [Client() for _ in range(64)]
    late = Client(hello=False)
    status, text = error_of(late.read())
    assert (status, text) == ("E_LIMIT", "the node has 64 clients already")
    for client in clients:
        client.close()
    for _ in range(100):
        try:
            Client().close()
            return
        except (AssertionError, ConnectionError):
            time.sleep(0.05)
    raise AssertionError("no room after all have left")


def many():
    for _ in range(300):
        client = Client()
        assert client.ask(id=1, verb="call", actor="echo", payload="x")["ok"]
        client.close()


resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
for test in (greeting, garbage, pieces, disconnects, long_lines, deaf, overlap, crowd, many):
    print(test.__name__, flush=True)
    test()
