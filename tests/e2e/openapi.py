# SPDX-License-Identifier: MIT OR Apache-2.0
"""Holds the node's socket against docs/reference/openapi.json: each verb that the node has is there, each that is there
the node has; each example is asked for, and each answer, good or bad, is what the document says, to the last key."""
import http.client
import json
import os
import re
import socket
import sys

PATH, DOCUMENT, COMPONENTS = sys.argv[1:4]
with open(DOCUMENT, encoding="utf-8") as file:
    DOC = json.load(file)
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}


def resolve(schema):
    while "$ref" in schema:
        at = DOC
        for part in schema["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        schema = at
    return schema


def check(value, schema, where):
    schema = resolve(schema)
    known = {"type", "enum", "description", "pattern", "minimum", "maximum", "default", "properties", "required",
             "additionalProperties", "items", "minItems", "maxItems", "maxProperties"}
    assert set(schema) <= known, (where, set(schema) - known)
    if "enum" in schema:
        assert value in schema["enum"], (where, value, schema["enum"])
        return
    kind = TYPES[schema["type"]]
    assert isinstance(value, kind) and (kind is bool or not isinstance(value, bool)), (where, value, schema["type"])
    if kind is str and "pattern" in schema:
        assert re.search(schema["pattern"], value), (where, value)
    if kind is int:
        assert schema.get("minimum", value) <= value <= schema.get("maximum", value), (where, value)
    if kind is list:
        assert schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)), (where, len(value))
        for item in value:
            check(item, schema["items"], where + "[]")
    if kind is dict:
        check_object(value, schema, where)


def check_object(value, schema, where):
    for key in schema.get("required", []):
        assert key in value, (where, "lacks", key)
    for key, item in value.items():
        inner = schema.get("properties", {}).get(key, schema.get("additionalProperties", False))
        assert inner is not False, (where, "has also", key)
        check(item, inner, f"{where}.{key}")


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(PATH)


def request(method, target, body=None):
    connection = Connection("node")
    connection.request(method, target, body)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, response.headers["Content-Type"], answer


def check_answer(operation, where, status, kind, answer):
    responses = operation["responses"]
    described = responses.get(str(status), responses.get("default"))
    assert described, (where, status)
    assert list(described["content"]) == [kind], (where, status, kind)
    schema = described["content"][kind]["schema"]
    if kind.startswith("text/"):
        assert resolve(schema)["type"] == "string"
    elif kind == "application/x-ndjson":
        lines = [json.loads(line) for line in answer.splitlines()]
        assert lines[0].get("open") is True and lines[-1].get("ok") is True, (where, lines)
        for line in lines:
            check(line, schema, where)
    else:
        check(json.loads(answer), schema, where)


def body_of(operation):
    content = operation["requestBody"]["content"]["application/json"]
    text = json.dumps(content.get("example"))
    text = text.replace('"@app"', json.dumps(os.path.abspath("shop")))
    for name in ("stateless",):
        text = text.replace(f'"@{name}"', json.dumps(f"{COMPONENTS}/{name}-1.wasm"))
    return content["schema"], json.loads(text)


def ask(operation, where, body):
    status, kind, answer = request("POST", where, json.dumps(body))
    check_answer(operation, where, status, kind, answer)
    return status, answer


def walk():
    verbs = json.loads(request("POST", "/v1/verbs")[2])["verbs"]
    documented = [path.removeprefix("/v1/") for path in DOC["paths"] if path.startswith("/v1/")]
    assert sorted(verbs) == sorted(documented), set(verbs) ^ set(documented)
    assert len(set(o["operationId"] for item in DOC["paths"].values() for o in item.values())) == len(DOC["paths"])
    for path, item in DOC["paths"].items():
        for method, operation in item.items():
            if method == "get":
                status, kind, answer = request("GET", path)
                assert status == 200, (path, status)
                check_answer(operation, path, status, kind, answer)
                assert request("POST", path, "{}")[0] == 405, path
                continue
            schema, example = body_of(operation)
            assert request("GET", path)[0] == 405, path
            if example is not None:
                check(example, schema, path)
                status, answer = ask(operation, path, example)
                assert status == 200, (path, status, answer)
            # What is required is: without it the request is refused, as the document says.
            for key in schema.get("required", []) if example is not None else []:
                status, answer = ask(operation, path, {k: v for k, v in example.items() if k != key})
                assert status in (400, 422), (path, key, status, answer)


def refused():
    info = DOC["paths"]["/v1/info"]["post"]
    assert ask(info, "/v1/info", {"actor": "nobody"})[0] == 404
    assert ask(info, "/v1/info", {"actor": 7})[0] == 400
    for bad in ("[]", "{", '{"actor":"echo"} x', "\xff"):
        status, kind, answer = request("POST", "/v1/info", bad.encode("latin-1"))
        assert status == 400, (bad, status)
        check_answer(info, "/v1/info", status, kind, answer)
    assert request("POST", "/v1/inof", "{}")[0] == 404
    assert request("POST", "/v1/", "{}")[0] in (404, 405)
    # The id and the verb are the path's, whatever the body says.
    status, _, answer = request("POST", "/v1/info", '{"verb":"stop","id":-1,"actor":"echo"}')
    assert status == 200 and json.loads(answer)["name"] == "echo", answer
    # What is no boolean is not taken for false, and a word that is none of them is told which there are.
    app = os.path.abspath("shop")
    new = {"actor": "fresh", "component": f"{COMPONENTS}/stateless-1.wasm"}
    for verb, body in (("compare_app", {}), ("deploy_app", {"actor": "fresh"}), ("compare_app", {"component": "/x"}),
                       ("compare_app", {**new, "back": True}), ("deploy_app", {**new, "path": app}),
                       ("compare_app", {**new, "component": "x"}), ("compare_app", {**new, "actor": 7}),
                       ("deploy_app", {**new, "grants": "clock.wall"}), ("deploy_app", {**new, "grants": [7]}),
                       ("compare_app", {**new, "grants": ["clock.wahl"]}), ("compare_app", {**new, "config": []}),
                       ("compare_app", {**new, "config": {"a": 1}}), ("compare_app", {**new, "actor": "a b"}),
                       ("deploy_app", {"path": app, "dry_run": "yes"}), ("deploy_app", {"path": app, "back": 1}),
                       ("compare_app", {"back": "true"}), ("deploy_app", {"path": app, "allow_grants": None}),
                       ("deploy_app", {"path": app, "digest": 7}), ("compare_app", {"path": app, "canary": 5}), ("events", {"follow": "yes"}),
                       ("logs", {"follow": 1}), ("drop", {"all": "yes"}), ("rollback", {"actor": "echo", "by": 7})):
        status, answer = ask(DOC["paths"][f"/v1/{verb}"]["post"], f"/v1/{verb}", body)
        assert status == 400, (verb, body, status, answer)
    compare = DOC["paths"]["/v1/compare"]["post"]
    status, answer = ask(compare, "/v1/compare", {"actor": "echo", "component": "/x", "canary_by": "colour"})
    assert status == 400 and b"must be one of auto, instance, sender, message" in answer, answer
    # What was compared is not what there is.
    deploy = DOC["paths"]["/v1/deploy_app"]["post"]
    status, answer = ask(deploy, "/v1/deploy_app", {"path": app, "dry_run": True, "digest": "0" * 64})
    assert status == 409 and b"have changed since they were compared: look again" in answer, (status, answer)
    deploy_one = DOC["paths"]["/v1/deploy"]["post"]
    status, answer = ask(deploy_one, "/v1/deploy", {"actor": "stateless", "component": new["component"], "digest": "0"})
    assert status == 409 and b"stateless: its files, or what runs of it, have changed" in answer, (status, answer)
    assert ask(deploy_one, "/v1/deploy", {**new, "actor": "stateless", "digest": 7})[0] == 400
    # A node that is a process of its own ends with that.
    status, answer = ask(DOC["paths"]["/v1/down"]["post"], "/v1/down", {})
    assert status == 422 and b"by SIGTERM" in answer, (status, answer)
    # An actor that answers with an error, one that takes too long, and one that is not there any more.
    call = DOC["paths"]["/v1/call"]["post"]
    assert ask(call, "/v1/call", {"actor": "trap", "payload": "trap"})[0] == 502
    assert ask(call, "/v1/call", {"actor": "nap", "payload": "2000", "timeout_ms": 50})[0] == 504


def added():
    """An actor that the app does not have is an app with it."""
    compare, deploy = (DOC["paths"][f"/v1/{verb}"]["post"] for verb in ("compare_app", "deploy_app"))
    new = {"actor": "shop/ecko", "component": f"{COMPONENTS}/only-messages.wasm", "config": {"a": "1"},
           "grants": ["messaging.send echo"]}
    check(new, compare["requestBody"]["content"]["application/json"]["schema"], "compare_app")
    status, answer = ask(compare, "/v1/compare_app", new)
    plan = json.loads(answer)
    assert status == 200 and plan["actor"] == "ecko" and plan["near"] == "echo", plan
    assert plan["changes"][0]["config_values"] == {"a": "1"}, plan
    status, answer = ask(deploy, "/v1/deploy_app", {**new, "digest": plan["digest"]})
    assert status == 403 and b"ecko would be granted more: messaging.send" in answer, (status, answer)
    status, answer = ask(deploy, "/v1/deploy_app", {**new, "digest": plan["digest"], "allow_grants": True, "probation_ms": 1})
    assert status == 200 and json.loads(answer)["added"] is True, answer
    status, answer = ask(compare, "/v1/compare_app", new)
    assert status == 200 and json.loads(answer)["same"] is True, answer
    assert "near" not in json.loads(answer), answer


def raw(data):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(PATH)
        sock.sendall(data)
        answer = b""
        while part := sock.recv(65536):
            answer += part
        return answer


def bodies():
    head = b"POST /v1/info HTTP/1.1\r\nHost: node\r\n"
    for fields, status in ((b"", 411), (b"Transfer-Encoding: chunked\r\n", 411), (b"Content-Length: x\r\n", 400),
                           (b"Content-Length: -1\r\n", 400), (b"Content-Length: 1\r\nContent-Length: 1\r\n", 400),
                           (b"Content-Length: 99999999999999999999999\r\n", 413), (b"Content-Length:\r\n", 400),
                           (b"Content-Length: 12582913\r\n", 413)):
        answer = raw(head + fields + b"\r\n")
        assert int(answer.split()[1]) == status, (fields, answer)
    # A body that comes in pieces, and a client that wants to be told to send it.
    body = b'{"actor":"echo"}'
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(PATH)
        sock.sendall(head + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(body))
        assert sock.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        for at in range(len(body)):
            sock.sendall(body[at:at + 1])
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
    # What is behind the body is no other request.
    answer = raw(head + b"Content-Length: %d\r\n\r\n" % len(body) + body + head + b"\r\n" + b"x" * 100000)
    assert answer.count(b"HTTP/1.1 ") == 1 and b"200 OK" in answer, answer[:200]


# Something for the verbs to show: a failure, and a dead letter.
request("POST", "/v1/call", '{"actor":"trap","payload":"trap"}')
while json.loads(request("POST", "/v1/dead_letters")[2])["count"] == 0:
    pass
refused()
bodies()
walk()
ask(DOC["paths"]["/v1/history"]["post"], "/v1/history", {"lost": 1})
added()
