#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Holds the grants against a second, simple implementation, written from docs/reference/capabilities.md.

    oracle.py DECIDE [--pairs N] [--seed S] [--jobs J]

Random policies and questions, most of them made from each other so that about half of the answers are yes, go to
DECIDE (decide.c) and to the functions here; the answers must be the same, down to the number of the grant. Prints how
many pairs agreed; on a difference, the lines that lead to it, and ends with 1.
"""
import argparse
import ipaddress
import random
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

FILES = {"read": 0, "write": 1, "create": 2, "delete": 3, "list": 4}
CONNECT, BIND, LOOKUP = 5, 6, 7
SEND, ASK, PUBLISH, SUBSCRIBE, REGISTER = 8, 9, 10, 11, 12
START, ENV, CONFIG, USE = 13, 14, 15, 23
# How often each kind is asked about: the harder ones more often.
WEIGHTS = [0] * 8 + [1] * 10 + [2] * 4 + [3, 3, 4, 5, 6, 7, 8, 9, 9]
KINDS = [range(0, 5), range(5, 8), range(8, 13), [13], [14], [15], range(16, 18), range(18, 20), range(20, 23), [23]]
PLAIN = set(range(16, 23))


class Wrong(Exception):
    """What is malformed; with `denied` what leads out of its folder."""

    def __init__(self, denied=False):
        super().__init__()
        self.denied = denied


# ------------------------------------------------------------------------------------------------ paths and globs


def normal_path(base, raw):
    if raw == b"" or len(raw) > 4 * 4096 or b"\0" in raw:
        raise Wrong
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Wrong from None
    if text.startswith("/") != (base is None):
        raise Wrong
    fixed = [] if base in (None, "/") else base[1:].split("/")
    names = list(fixed)
    folder = False
    parts = text.split("/")
    for i, part in enumerate(parts):
        last = i == len(parts) - 1
        if part == "..":
            if len(names) == len(fixed):
                raise Wrong(denied=True)
            names.pop()
        elif part not in ("", "."):
            names.append(part)
            if len(part.encode()) > 255 or sum(len(n.encode()) + 1 for n in names) > 4096:
                raise Wrong
        if last:
            folder = part in ("", ".", "..")
    return "/" + "/".join(names), folder or not names


def class_at(name, at):
    """The end of the class that opens at `at`, whether it is negated, its members."""
    first = at + 1
    if name[first:first + 1] == "^":
        raise Wrong
    negated = name[first:first + 1] == "!"
    first += negated
    end = name.find("]", first + (name[first:first + 1] == "]"))
    if end < 0:
        raise Wrong
    return end, negated, name[first:end]


def class_ranges(members):
    ranges = []
    i = 0
    while i < len(members):
        low = high = members[i]
        i += 1
        if members[i:i + 1] == "-" and i + 1 < len(members):
            high = members[i + 1]
            i += 2
        if low > high:
            raise Wrong
        ranges.append((low, high))
    return ranges


def name_regex(name):
    out = ""
    i = 0
    while i < len(name):
        c = name[i]
        if c == "*":
            if name[i + 1:i + 2] == "*":
                raise Wrong
            out += "[^/]*"
        elif c == "?":
            out += "[^/]"
        elif c == "\\":
            raise Wrong
        elif c == "[":
            end, negated, members = class_at(name, i)
            ranges = class_ranges(members)
            out += "[%s%s]" % ("^/" if negated else "", "".join(re.escape(a) + "-" + re.escape(b) for a, b in ranges))
            i = end
        else:
            out += re.escape(c)
        i += 1
    return re.compile(out, re.DOTALL)


def compile_glob(raw):
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Wrong from None
    if not text.startswith("/") or len(raw) > 1024:
        raise Wrong
    names = [] if text == "/" else text[1:].split("/")
    for name in names:
        if name in ("", ".", ".."):
            raise Wrong
    return [None if name == "**" else name_regex(name) for name in names]


def glob_matches(parts, names):
    if not parts:
        return not names
    if parts[0] is None:
        return any(glob_matches(parts[1:], names[i:]) for i in range(len(names) + 1))
    return bool(names) and parts[0].fullmatch(names[0]) is not None and glob_matches(parts[1:], names[1:])


def split_path(path):
    return [] if path == "/" else path[1:].split("/")


def is_below(path, folder):
    return split_path(path)[:len(split_path(folder))] == split_path(folder)


def reachable(glob, mounts):
    fixed = []
    for name in split_path(glob):
        if set("*?[") & set(name):
            break
        fixed.append(name)
    fixed = "/" + "/".join(fixed)
    return any(is_below(fixed, guest) or is_below(guest, fixed) for guest, _ in mounts)


# ------------------------------------------------------------------------------------------------ names and topics


def star_regex(raw):
    return re.compile(b".*".join(re.escape(part) for part in raw.split(b"*")), re.DOTALL)


def check_names(raw):
    if not re.fullmatch(rb"[A-Za-z0-9_.:/*-]{1,128}", raw):
        raise Wrong


def check_keys(raw):
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise Wrong from None
    if not 1 <= len(raw) <= 256 or any(b < 32 or b == 127 for b in raw):
        raise Wrong


def topic_levels(raw, pattern):
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise Wrong from None
    levels = raw.split(b".")
    if not 1 <= len(raw) <= 256 or len(levels) > 16:
        raise Wrong
    for i, level in enumerate(levels):
        if pattern and (level == b"*" or (level == b">" and i == len(levels) - 1)):
            continue
        if not level or any(b <= 32 or b == 127 or b in b"*>" for b in level):
            raise Wrong
    return levels


def topic_covers(granted, wanted):
    if granted and granted[0] == b">":
        return bool(wanted)
    if not granted or not wanted:
        return not granted and not wanted
    if wanted[0] == b">" or granted[0] not in (b"*", wanted[0]):
        return False
    return topic_covers(granted[1:], wanted[1:])


# ------------------------------------------------------------------------------------------------ network

# Zone, then its ranges, as in the reference.
ZONES = {
    1: "0.0.0.0/8 ::/128",
    2: "127.0.0.0/8 ::1/128",
    4: "169.254.0.0/16 fe80::/10",
    8: "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 fec0::/10",
    16: "169.254.169.254 169.254.170.2 100.100.100.200 168.63.129.16 192.0.0.192 fd00:ec2::254 fd20:ce::254",
    32: "224.0.0.0/4 255.255.255.255 ff00::/8",
    64: "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
        "::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16",
}
ZONE_LIST = [(zone, ipaddress.ip_network(text)) for zone, texts in ZONES.items() for text in texts.split()]
ADDRESS = re.compile(r"[0-9a-fA-F:.]+")


def address(raw):
    try:
        text = raw.decode("ascii")
        if not ADDRESS.fullmatch(text):
            raise ValueError
        found = ipaddress.ip_address(text)
    except ValueError:
        raise Wrong from None
    return getattr(found, "ipv4_mapped", None) or found


def address_range(raw):
    text, slash, bits = raw.decode("latin1").partition("/")
    base = address(text.encode("latin1"))
    wide = 128 if ":" in text else 32
    if slash and not re.fullmatch("0|[1-9][0-9]{0,2}", bits):
        raise Wrong
    count = int(bits) if slash else wide
    if count > wide or (wide == 128 and base.version == 4 and count < 96):
        raise Wrong
    if wide == 128 and base.version == 4:
        count -= 96
    try:
        return ipaddress.ip_network("%s/%d" % (base, count))
    except ValueError:
        raise Wrong from None


def zone_of(ip):
    """The narrowest listed range that it is in."""
    found = [(net.prefixlen, zone, net) for zone, net in ZONE_LIST if net.version == ip.version and ip in net]
    return max(found, key=lambda each: each[0])[1:] if found else (0, None)


def host_name(raw):
    text = raw.decode("latin1")
    text = text[:-1] if text.endswith(".") else text
    text = "".join(c.lower() if c.isascii() else c for c in text)
    labels = text.split(".")
    if len(text) > 253 or any(not re.fullmatch("[a-z0-9_-]{1,63}", label) for label in labels):
        raise Wrong
    if re.fullmatch("[0-9]+|0x[0-9a-f]*", labels[-1]):
        raise Wrong
    return text


SCHEMES = {"*": None, "tcp": 1, "udp": 2, "http": 3, "https": 4}


def endpoint(raw, with_port):
    """(scheme or None, kind, what, low, high)"""
    text = raw.decode("latin1")
    scheme = "*"
    if "://" in text:
        scheme, text = text.split("://", 1)
        if scheme not in SCHEMES or not with_port:
            raise Wrong
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or (port and not port.startswith(":")) or ":" not in host:
            raise Wrong
        port = port[1:] if port else None
        kind, what = "range", address_range(host.encode("latin1"))
    else:
        host, colon, port = text.partition(":")
        if ":" in port:
            raise Wrong
        port = port if colon else None
        kind, what = host_pattern(host)
    if not with_port:
        if port is not None:
            raise Wrong
        return SCHEMES[scheme], kind, what, 1, 0
    if port is None:
        if scheme not in ("http", "https"):
            raise Wrong
        port = "80" if scheme == "http" else "443"
    if port == "*":
        return SCHEMES[scheme], kind, what, 0, 65535
    match = re.fullmatch("(0|[1-9][0-9]{0,4})(?:-(0|[1-9][0-9]{0,4}))?", port)
    if not match:
        raise Wrong
    low = int(match[1])
    high = int(match[2] or match[1])
    if low > high or high > 65535:
        raise Wrong
    return SCHEMES[scheme], kind, what, low, high


def host_pattern(host):
    if host == "*":
        return "any", None
    if "/" in host or re.fullmatch(r"[0-9]+(\.[0-9]+){3}", host):
        # Four numbers that are no address end in a number, so they are no name either.
        return "range", address_range(host.encode("latin1"))
    if host.startswith("*.") and len(host) > 2:
        return "suffix", host_name(host[2:].encode("latin1"))
    return "name", host_name(host.encode("latin1"))


def host_matches(kind, what, host):
    return kind == "any" or (kind == "name" and host == what) or (kind == "suffix" and host.endswith("." + what))


# ------------------------------------------------------------------------------------------------ policies


class Policy:
    def __init__(self, mounts, grants):
        self.mounts = mounts
        self.grants = []
        for i, (guest, _) in enumerate(mounts):
            try:
                normal = normal_path(None, guest.encode())[0] == guest
            except Wrong:
                normal = False
            if not normal or guest in [g for g, _ in mounts[:i]]:
                raise WrongAt(len(grants) + i)
        for i, grant in enumerate(grants):
            try:
                self.grants.append(self.compile(grant))
            except Wrong:
                raise WrongAt(i) from None

    def compile(self, grant):
        rights = {r for r in range(32) if grant["rights"] >> r & 1}
        kind = next((k for k in range(len(KINDS)) if rights and rights <= set(KINDS[k])), None)
        if kind is None:
            raise Wrong
        pattern, custom = grant["pattern"], grant["custom"]
        if (kind in (6, 7, 8)) != (pattern is None) or (kind == 9) != (custom is not None):
            raise Wrong
        if (kind != 1 and grant["zones"]) or (kind != 3 and grant["count"]) or (kind == 3 and not grant["count"]):
            raise Wrong
        made = {"rights": rights, "kind": kind, "zones": grant["zones"], "count": grant["count"], "raw": pattern}
        if kind == 0:
            made["glob"] = compile_glob(pattern)
            if not reachable(pattern.decode(), self.mounts):
                raise Wrong
        elif kind == 1:
            self.compile_network(made)
        elif kind == 2 and rights & {PUBLISH, SUBSCRIBE}:
            if rights & {SEND, ASK, REGISTER}:
                raise Wrong
            made["levels"] = topic_levels(pattern, True)
        elif pattern is not None:
            (check_names if kind in (2, 3) else check_keys)(pattern)
            made["regex"] = star_regex(pattern)
        if kind == 3:
            for other in self.grants:
                if other["kind"] == 3 and other["raw"] == pattern and other["count"] != grant["count"]:
                    raise Wrong
        if custom is not None:
            check_names(custom)
            if b"*" in custom:
                raise Wrong
            made["custom"] = custom
        return made

    @staticmethod
    def compile_network(made):
        rights = made["rights"]
        made["endpoint"] = endpoint(made["raw"], bool(rights & {CONNECT, BIND}))
        kind, what = made["endpoint"][1:3]
        if (LOOKUP in rights and kind == "range") or (BIND in rights and kind in ("name", "suffix")):
            raise Wrong
        if made["zones"] > 127:
            raise Wrong
        if kind == "name" and what == "localhost":
            made["zones"] |= 2

    def first(self, right, allows):
        return next((i for i, g in enumerate(self.grants) if right in g["rights"] and allows(g)), None)

    def file(self, right, path):
        mounts = [guest for guest, _ in self.mounts if is_below(path, guest)]
        if not mounts:
            return None
        if max(mounts, key=lambda guest: len(split_path(guest))) == path and right not in (0, 4):
            return None
        return self.first(right, lambda g: glob_matches(g["glob"], split_path(path)))

    def name(self, right, name):
        return self.first(right, lambda g: g["regex"].fullmatch(name))

    def topic(self, right, raw):
        try:
            levels = topic_levels(raw, right == SUBSCRIBE)
        except Wrong:
            return None
        return self.first(right, lambda g: topic_covers(g["levels"], levels))

    def spawn(self, name, alive):
        for i, grant in enumerate(self.grants):
            if START in grant["rights"] and grant["regex"].fullmatch(name):
                if (alive[i] if i < len(alive) else 0) < grant["count"]:
                    return i
        return None

    def custom(self, name, what):
        return self.first(USE, lambda g: g["custom"] == name and g["regex"].fullmatch(what))

    def lookup(self, host):
        return self.first(LOOKUP, lambda g: host_matches(*g["endpoint"][1:3], host))

    def target(self, right, scheme, host, ip, port, resolved, now):
        def allows(grant):
            wanted, kind, what, low, high = grant["endpoint"]
            if wanted not in (None, scheme) or not low <= port <= high:
                return False
            by_name = host is not None and host_matches(kind, what, host)
            if ip is None:
                return by_name
            inside = kind == "range" and ip.version == what.version and ip in what
            known = any(ip in ips and now < until and host_matches(kind, what, name)
                        for name, (ips, until) in resolved.items())
            if not (by_name or inside or kind == "any" or (kind != "range" and known)):
                return False
            zone, listed = zone_of(ip)
            return zone == 0 or bool(zone & grant["zones"]) or (
                kind == "range" and what.version == listed.version and what.subnet_of(listed))

        return self.first(right, allows)


class WrongAt(Exception):
    pass


# ------------------------------------------------------------------------------------------------ chance

LETTERS = ["a", "b", "c", "-", ".", "ä", "]", "x"]
NAMES = ["a", "b", "ab", "abc", "ä", ".a", "a.b", "a-b", "x]", "data", "in", "log.txt"]
TOKENS = ["*", "?", "[ab]", "[!a]", "[a-c]", "[]x]", "[a-]", "[!a-c.]", "a", "b", "ä", ".", "x", "[*]", "[ä-ü]"]
MALFORMED = ["", ".", "..", "a**", "[", "[a", "[]", "[c-a]", "\\*", "[^a]", "***"]
HOSTS = ["example.org", "a.example.org", "b.a.example.org", "xexample.org", "localhost", "db", "org", "a-b.c_d"]
BAD_HOSTS = ["", ".", "a..b", "127.1", "0x7f", "1", "a b", "*", "*.a", "a.0x1", "x" * 64, "é.org"]
IPS = ["8.8.8.8", "8.8.4.4", "127.0.0.1", "10.1.2.3", "10.255.0.1", "192.168.0.1", "172.16.5.5", "172.32.0.1",
       "169.254.169.254", "169.254.1.1", "100.100.100.200", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
       "240.1.1.1", "192.0.0.192", "192.0.0.1", "203.0.113.7", "::1", "::", "fe80::1", "fd00::1", "fd00:ec2::254",
       "2a00:1450::1", "64:ff9b::a01:203", "2002:7f00:1::", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
       "::ffff:a01:203", "::7f00:1", "2001:db8::1", "2001:0:1::1", "fec0::1"]
BAD_IPS = ["1.2.3", "01.2.3.4", "1.2.3.4.5", "::1%lo", "1.2.3.256", "12345::", ":::", "x"]
WORDS = ["a", "b", "ab", "stock", "stock:1", "card", "APP_HOME", "worker", "red/1"]
LEVELS = ["a", "b", "orders", "new", "ä", "x"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        # Makes nothing malformed on purpose.
        self.careful = False

    def chance(self, percent):
        return self.random.randrange(100) < percent and not (self.careful and percent < 4)

    def pick(self, values):
        return self.random.choice(values)

    def several(self, values, most):
        return [self.pick(values) for _ in range(self.random.randrange(most + 1))]

    def glob_name(self):
        if self.chance(1):
            return self.pick(MALFORMED)
        if self.chance(25):
            return "**"
        if self.chance(30):
            return self.pick(NAMES)
        if self.chance(30):
            return self.pick(TOKENS).replace(".", "a")
        return "".join([self.pick(TOKENS)] + self.several(TOKENS, 3)).replace("**", "*") or "a"

    def glob(self, mounts):
        start = self.pick(mounts)[0] if mounts and self.chance(70) else "/"
        names = [self.glob_name() for _ in range(self.random.randrange(4))]
        text = start.rstrip("/") + "".join("/" + name for name in names)
        return (text or "/").encode()

    def from_token(self, match):
        token = match[0]
        if token == "*":
            return "".join(self.several(LETTERS, 3))
        if token == "?":
            return self.pick(LETTERS)
        members = token[1:-1].lstrip("!") or "a"
        return self.pick(LETTERS) if token[1] == "!" else self.pick(members)

    def path_like(self, glob):
        """A path that `glob` matches, often; then bent."""
        names = []
        for name in split_path(glob.decode(errors="replace")):
            if name == "**":
                names += self.several(NAMES, 2)
            else:
                names.append(re.sub(r"\*|\?|\[!?\]?[^]]*\]", self.from_token, name))
        if self.chance(20) and names:
            names[self.random.randrange(len(names))] = self.pick(NAMES)
        if self.chance(10):
            bent = self.pick(["..", ".", "", "a/..", "..", "\0", "y" * 256])
            names.insert(self.random.randrange(len(names) + 1), bent)
        text = "/" + "/".join(names) + ("/" if self.chance(5) else "")
        raw = text.encode()
        return raw + b"\xff" if self.chance(1) else raw

    def name_pattern(self, words=WORDS):
        if self.chance(2):
            return self.pick([b"", b"a b", b"\xff", b"x" * 300, b"a\nb"])
        word = self.pick(words)
        if self.chance(50):
            at = self.random.randrange(len(word) + 1)
            word = word[:at] + "*" + word[min(len(word), at + self.random.randrange(3)):]
        return ("*" + word if self.chance(10) else word).encode()

    def name(self, pattern):
        if pattern and self.chance(60):
            text = pattern.decode(errors="replace").replace("*", self.pick(["", "a", "*", "1/x"]))
            return text.encode() + (b"\0" if self.chance(2) else b"")
        return self.pick(WORDS).encode()

    def topic(self, pattern):
        levels = [self.pick(LEVELS) for _ in range(self.random.randrange(1, 5))]
        if pattern and self.chance(40):
            levels[self.random.randrange(len(levels))] = "*"
        if pattern and self.chance(30):
            levels[-1] = ">"
        if self.chance(3):
            levels.insert(0, self.pick(["", ">", "a*", " ", "x" * 260, "\x7f"]))
        return ".".join(levels).encode()

    def ip(self):
        return self.pick(BAD_IPS) if self.chance(2) else self.pick(IPS)

    def cidr(self):
        text = self.pick(IPS)
        ip = ipaddress.ip_address(text)
        bits = self.pick([8, 10, 12, 16, 24, 32, 128, self.random.randrange(ip.max_prefixlen + 1)])
        if self.chance(3):
            return "%s/%s" % (text, self.pick(["", "08", "-1", "129", "33", "x", "8/8"]))
        if bits > ip.max_prefixlen or self.chance(20):
            return text
        net = ipaddress.ip_network("%s/%d" % (text, bits), strict=False)
        return str(net) if not self.chance(3) else "%s/%d" % (text, bits)

    def host_pattern(self):
        if self.chance(1):
            return self.pick(BAD_HOSTS)
        if self.chance(10):
            return "*"
        if self.chance(45):
            cidr = self.cidr()
            return "[%s]" % cidr if ":" in cidr and not self.chance(2) else cidr
        host = self.pick(HOSTS)
        return "*." + host if self.chance(40) else host.upper() if self.chance(10) else host

    def port(self):
        if self.chance(1):
            return self.pick(["", "080", "65536", "9-8", "-1", "1-", "0x50"])
        low = self.pick([0, 79, 80, 443, 8000, 65535])
        return self.pick(["*", "80", "%d" % low, "%d-%d" % (low, min(65535, low + self.random.randrange(20)))])

    def endpoint(self, with_port):
        host = self.host_pattern()
        if not with_port and not self.chance(3):
            return host.encode("latin1")
        scheme = self.pick(["", "", "tcp://", "udp://", "http://", "https://", "*://"])
        scheme = "ftp://" if self.chance(1) else scheme
        port = "" if scheme.startswith("http") and self.chance(50) or self.chance(1) else ":" + self.port()
        return (scheme + host + port).encode("latin1")

    def grant(self, mounts, kind):
        grant = {"rights": 0, "pattern": None, "custom": None, "zones": 0, "count": 0}
        for right in KINDS[kind]:
            grant["rights"] |= (1 << right) if self.chance(50) else 0
        grant["rights"] = grant["rights"] or 1 << self.pick(list(KINDS[kind]))
        if self.chance(1):
            grant["rights"] = self.pick([0, 1 << 24, 1 << 31, 1 | 1 << 14, 1 << 20 | 1 << 22])
        if kind == 0:
            grant["pattern"] = self.glob(mounts)
        elif kind == 1:
            grant["rights"] = 1 << LOOKUP if self.chance(15) else 1 << self.pick([CONNECT, CONNECT, BIND])
            grant["rights"] |= 1 << LOOKUP if self.chance(5) else 0
            grant["pattern"] = self.endpoint(grant["rights"] != 1 << LOOKUP)
            grant["zones"] = self.random.randrange(128) if self.chance(30) else 200 if self.chance(1) else 0
        elif kind == 2:
            topics = self.chance(50)
            grant["rights"] &= 1 << PUBLISH | 1 << SUBSCRIBE if topics else 1 << SEND | 1 << ASK | 1 << REGISTER
            grant["rights"] = grant["rights"] or 1 << (PUBLISH if topics else SEND)
            grant["rights"] |= 1 << SEND if self.chance(1) else 0
            grant["pattern"] = self.topic(True) if topics else self.name_pattern()
        elif kind in (3, 4, 5, 9):
            grant["pattern"] = self.name_pattern()
        if kind == 3:
            grant["count"] = self.random.randrange(0 if self.chance(2) else 1, 4)
        if kind == 9:
            grant["custom"] = self.pick([b"led", b"relay", b"le*" if self.chance(3) else b"led"])
        if self.chance(1):
            grant["pattern"] = None
        return {**grant, "pattern": grant["pattern"] or None}

    def mounts(self):
        guests = {self.pick(["/data", "/data/in", "/", "/a", "/a/b", "/x", "/data/in/a"]) for _ in range(3)}
        mounts = [(guest, "/srv" + guest) for guest in sorted(guests)]
        self.random.shuffle(mounts)
        if self.chance(1):
            mounts.append(self.pick([("/a/", "/s"), mounts[0], ("a", "/s"), ("/a//b", "/s")]))
        return mounts

    def policy(self):
        mounts = self.mounts()
        focus = self.pick(WEIGHTS) if self.chance(80) else None
        return mounts, [self.grant(mounts, self.pick(WEIGHTS) if focus is None else focus)
                        for _ in range(self.random.randrange(1, 7))]


# ------------------------------------------------------------------------------------------------ questions


def encode(field):
    if field is None:
        return ""
    raw = field if isinstance(field, bytes) else str(field).encode()
    return "".join(chr(b) if 33 <= b < 127 and b != 37 else "%%%02X" % b for b in raw)


def line(*fields):
    return "\t".join(encode(field) for field in fields)


def policy_lines(mounts, grants):
    lines = ["P"]
    lines += [line("m", guest, host) for guest, host in mounts]
    lines += [line("g", g["rights"], g["pattern"], g["custom"], g["zones"], g["count"]) for g in grants]
    return lines + ["."]


def number(found):
    return "-" if found is None else str(found)


class Asker:
    """Makes a question for a policy, and the answers to it."""

    def __init__(self, maker, grants, mounts):
        self.maker = maker
        self.grants = grants
        self.mounts = mounts
        self.resolved = {}

    def resolve_line(self):
        maker = self.maker
        raw = (maker.pick(BAD_HOSTS) if maker.chance(2) else maker.pick(HOSTS)).encode("latin1")
        ips = [maker.ip() for _ in range(maker.random.randrange(1, 4))]
        until = maker.random.randrange(20)
        try:
            parsed = [address(ip.encode()) for ip in ips]
            self.resolved[host_name(raw)] = (parsed, until)
            expected = "ok"
        except Wrong:
            expected = "no"
        return line("r", raw, until, *ips), lambda policy: expected

    def question(self):
        grant = self.maker.pick(self.grants)
        rights = [r for r in range(24) if grant["rights"] >> r & 1] or [0]
        right = self.maker.pick(rights) if self.maker.chance(90) else self.maker.random.randrange(24)
        kind = next(k for k, of in enumerate(KINDS) if right in of)
        pattern = grant["pattern"]
        return [self.file, self.network, self.messaging, self.spawn, self.name, self.name, self.plain, self.plain,
                self.plain, self.custom][kind](right, pattern)

    def file(self, right, pattern):
        maker = self.maker
        raw = maker.path_like(pattern if pattern and pattern.startswith(b"/") else b"/data/*")
        base = None
        if maker.chance(30):
            base = maker.pick(["/", "/data", "/a/b"])
            raw = raw[1:]
            if raw.startswith(base[1:].encode() + b"/") and maker.chance(90):
                raw = raw[len(base):]
        def answer(policy):
            try:
                path, folder = normal_path(base, raw)
            except Wrong as wrong:
                return "!denied" if wrong.denied else "!"
            return "%s\t%s%s" % (number(policy.file(right, path)), path.encode().hex(), "/" if folder else "")
        return line("f", right, base, raw), answer

    def network(self, right, pattern):
        maker = self.maker
        if right == LOOKUP:
            raw = self.host(pattern)
            def answer(policy):
                try:
                    return number(policy.lookup(host_name(raw)))
                except Wrong:
                    return "!"
            return line("l", raw), answer
        raw = self.host(pattern) if maker.chance(40) else b""
        ip = self.near(pattern) if not raw or maker.chance(60) else b""
        scheme, port, now = maker.random.randrange(1, 5), self.near_port(pattern), maker.random.randrange(15)
        resolved = dict(self.resolved)
        if resolved and maker.chance(50):
            ips, now = maker.pick(list(resolved.values()))
            raw, ip, now = b"", str(maker.pick(ips)).encode(), max(0, now + maker.pick([-1, 0, 1]))
        def answer(policy):
            try:
                host = host_name(raw) if raw else None
                parsed = address(ip) if ip else None
            except Wrong:
                return "!"
            return number(policy.target(right, scheme, host, parsed, port, resolved, now))
        return line("a", right, scheme, raw, ip, port, now), answer

    def host(self, pattern):
        maker = self.maker
        text = (pattern or b"").decode("latin1").split("://")[-1].split(":")[0]
        if text.startswith("*.") and maker.chance(70):
            text = maker.pick(["a" + text[1:], "b.a" + text[1:], "A" + text[1:], text[2:], "x" + text[2:]])
            return text.encode("latin1")
        if text and maker.chance(40):
            return maker.pick([text, text.upper(), "a." + text, text + "."]).encode("latin1")
        if maker.chance(3):
            return maker.pick(BAD_HOSTS).encode("latin1") or b"."
        host = maker.pick(HOSTS)
        return (host + "." if maker.chance(10) else host).encode()

    def near(self, pattern):
        """An address in the pattern's range, often, or at its edge."""
        maker = self.maker
        text = (pattern or b"").decode("latin1").split("://")[-1]
        text = text[1:].split("]")[0] if text.startswith("[") else text.split(":")[0]
        try:
            net = address_range(text.encode("latin1"))
        except Wrong:
            return maker.ip().encode()
        if maker.chance(25):
            return maker.ip().encode()
        low, high = int(net.network_address), int(net.broadcast_address)
        value = maker.pick([low, high, low - 1, high + 1, maker.random.randint(low, high)])
        made = type(net.network_address)(min(max(value, 0), 2 ** net.max_prefixlen - 1))
        return ("::ffff:%s" % made if made.version == 4 and maker.chance(15) else str(made)).encode()

    def near_port(self, pattern):
        ports = re.findall(rb"[0-9]+", (pattern or b"").rsplit(b":", 1)[-1])
        port = int(self.maker.pick(ports)) if ports and self.maker.chance(60) else self.maker.pick([80, 443, 8000])
        return min(max(port + self.maker.pick([0, 0, 0, 1, -1, 5]), 0), 65535)

    def messaging(self, right, pattern):
        if right in (PUBLISH, SUBSCRIBE):
            raw = self.maker.topic(right == SUBSCRIBE or self.maker.chance(5))
            if pattern and self.maker.chance(50):
                raw = pattern.replace(b"*", self.maker.pick([b"a", b"*", b"new"])).replace(
                    b">", self.maker.pick([b"a", b"a.b", b">", b"*"]))
            return line("t", right, raw), lambda policy: number(policy.topic(right, raw))
        return self.name(right, pattern)

    def name(self, right, pattern):
        raw = self.maker.name(pattern)
        return line("s", right, raw), lambda policy: number(policy.name(right, raw))

    def spawn(self, _, pattern):
        raw = self.maker.name(pattern)
        alive = [self.maker.random.randrange(4) for _ in self.grants]
        return line("w", raw, *alive), lambda policy: number(policy.spawn(raw, alive))

    def plain(self, right, _):
        return line("p", right), lambda policy: number(policy.first(right, lambda g: True))

    def custom(self, _, pattern):
        name, raw = self.maker.pick([b"led", b"relay", b"le"]), self.maker.name(pattern)
        return line("c", name, raw), lambda policy: number(policy.custom(name, raw))


# ------------------------------------------------------------------------------------------------ comparing

QUESTIONS = 40


class Batch:
    """Lines for DECIDE, and what each that has an answer must be answered."""

    def __init__(self, seed):
        self.maker = Maker(seed)
        self.lines = []
        self.checks = []
        self.pairs = 0
        self.yes = 0

    def ask(self, text, check):
        self.lines.append(text)
        self.checks.append((len(self.lines), check))

    def compile(self, mounts, grants):
        """The policy; None when it is refused."""
        lines = policy_lines(mounts, grants)
        self.lines += lines[:-1]
        try:
            policy = Policy(mounts, grants)
            self.ask(".", lambda got: got == "ok" or "ok")
        except WrongAt as wrong:
            at = wrong.args[0]
            policy = None
            self.ask(".", lambda got: got.split("\t")[:2] == ["no", str(at)] or "no %d" % at)
        self.pairs += 1
        return policy

    def plain_world(self):
        mounts, grants = self.maker.policy()
        policy = self.compile(mounts, grants)
        if policy is None:
            return
        asker = Asker(self.maker, grants, mounts)
        for _ in range(QUESTIONS):
            resolves = self.maker.chance(10) and any(g["rights"] >> CONNECT & 7 for g in grants)
            text, answer = asker.resolve_line() if resolves else asker.question()
            expected = answer(policy)
            self.pairs += 1
            self.yes += expected[:1].isdigit()
            self.ask(text, lambda got, expected=expected: got == expected or expected)

    def family_world(self):
        """What a child gets is allowed to its parent, and was wanted; of a parent that has all, it is all."""
        self.maker.careful = True
        try:
            self.family()
        finally:
            self.maker.careful = False

    def family(self):
        mounts, grants = self.maker.policy()
        wanted = list(grants)
        above = grants + [self.maker.grant(mounts, self.maker.pick(range(10))) for _ in range(3)]
        full = self.maker.chance(40)
        if not full:
            above = [self.related(grant) for grant in grants + grants if self.maker.chance(70)]
        try:
            parent, child = Policy(mounts, above), Policy(mounts, wanted)
        except WrongAt:
            return
        self.compile(mounts, above)
        self.lines.append("S")
        self.compile(mounts, wanted)
        self.ask("A", lambda got: got == "ok" or "ok")
        asker = Asker(self.maker, wanted + above, mounts)
        for _ in range(QUESTIONS):
            text, answer = asker.question()
            if text[0] == "w":
                continue
            by_parent, by_child = answer(parent), answer(child)
            self.pairs += 1
            def check(got, by_parent=by_parent, by_child=by_child):
                if full and (got[:1] == "-") != (by_child[:1] == "-"):
                    return "as the child wanted: " + by_child
                if got[:1].isdigit() and not (by_parent[:1].isdigit() and by_child[:1].isdigit()):
                    return "no: parent %s, wanted %s" % (by_parent, by_child)
                return True
            self.ask(text, check)

    def related(self, grant):
        """A grant much like it: a little more, a little less, or beside it."""
        maker = self.maker
        made = dict(grant)
        pattern = (grant["pattern"] or b"").decode("latin1")
        if grant["rights"] < 1 << CONNECT and pattern.startswith("/"):
            names = pattern.split("/")
            at = maker.random.randrange(1, len(names))
            tokens = re.findall(r"\*+|\[!?\]?[^]]*\]|.", names[at]) or ["a"]
            one = maker.random.randrange(len(tokens))
            flipped = {"[ab]": "[!ab]", "[a-c]": "[!a-c]", "[!a]": "[a]", "*": "?", "?": "*"}.get(tokens[one], "?")
            tokens[one] = maker.pick(["*", "?", "[!ab]", "[!a]"] + 4 * [flipped])
            names[at] = maker.pick(["*", "**"] + 6 * ["".join(tokens)])
            made["pattern"] = "/".join(names).encode("latin1")
        elif grant["rights"] < 1 << SEND:
            scheme, mark, rest = pattern.rpartition("://")
            host, colon, port = rest.rpartition(":") if "]:" in rest or "[" not in rest else (rest, "", "")
            host, port = (host, port) if colon else (rest, "")
            scheme = maker.pick([scheme, scheme, "tcp", "http", "*"]) if mark else maker.pick(["", "", "tcp"])
            host = maker.pick([host, host, host, "*", "*." + host.lstrip("*."), maker.host_pattern()])
            port = maker.pick([port, port, "*", maker.port()]) if port else port
            text = (scheme + "://" if scheme else "") + host + (":" + port if port else "")
            made["pattern"] = text.encode("latin1")
            made["zones"] = maker.pick([grant["zones"], 0, grant["zones"] & maker.random.randrange(128), 127])
        elif grant["rights"] & (1 << PUBLISH | 1 << SUBSCRIBE):
            levels = pattern.split(".")
            at = maker.random.randrange(len(levels))
            levels = levels[:at] + maker.pick([["*"], [">"], [levels[at]]]) + levels[at + 1:]
            made["pattern"] = ".".join(levels[:levels.index(">") + 1] if ">" in levels else levels).encode("latin1")
        elif pattern:
            at = maker.random.randrange(len(pattern) + 1)
            made["pattern"] = maker.pick([pattern, pattern[:at] + "*", "*" + pattern[at:], pattern.replace("*", "a"),
                                          pattern[:at] + "*" + pattern[at:]]).encode("latin1")
        if grant["count"]:
            made["count"] = max(1, grant["count"] + maker.pick([-1, 0, 1]))
        return made

    def run(self, decide, pairs):
        while self.pairs < pairs:
            if self.maker.chance(30):
                self.family_world()
            else:
                self.plain_world()
        done = subprocess.run([decide], input="\n".join(self.lines) + "\n", capture_output=True, text=True, check=False)
        got = done.stdout.split("\n")[:-1]
        for (at, check), answer in zip(self.checks, got):
            verdict = check(answer)
            if verdict is not True:
                begin = max(i for i in range(at) if self.lines[i] == "P")
                if "S" in self.lines[begin - 1:begin + 1]:
                    begin = max(i for i in range(begin) if self.lines[i] == "P")
                return "expected %s, got %s:\n%s" % (verdict, answer, "\n".join(self.lines[begin:at]))
        if done.returncode != 0 or len(got) != len(self.checks):
            return "DECIDE ended with %d after %d of %d answers: %s" % (
                done.returncode, len(got), len(self.checks), done.stderr[-500:])
        return None


def run_batch(task):
    decide, seed, pairs = task
    batch = Batch(seed)
    return seed, batch.run(decide, pairs), batch.pairs, batch.yes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("decide")
    parser.add_argument("--pairs", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    size = 10000
    count = (options.pairs + size - 1) // size
    tasks = [(options.decide, options.seed + i, min(size, options.pairs)) for i in range(count)]
    pairs = yes = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for seed, wrong, asked, allowed in pool.map(run_batch, tasks):
            pairs += asked
            yes += allowed
            if wrong:
                print("seed %d: %s" % (seed, wrong))
                return 1
    print("%d pairs agree, %d of them allowed" % (pairs, yes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
