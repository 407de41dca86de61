#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes proto/vectors: signed example messages, good and bad, and the index that says what is to come of each.

Owns what stands in that folder; every byte is made from names and fixed times, so that two runs agree.
`make.py` writes, `make.py --check` compares what is there with what it would write. It must never judge.
"""
import hashlib
import json
import os
import re
import sys
import zlib

import contract as c

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.normpath(os.path.join(HERE, "..", "..", "proto", "vectors"))

T = 1767225600  # 2026-01-01T00:00:00Z
COUNCIL = "cannock-chase"
DEVICE = "d1"
DAY = 86400
NAMES = (
    "root-1 root-2 root-3 root-4 root-5 controller-main controller-spare comms-1 comms-1-second comms-2 monitoring-1 "
    "elections-1 it-1 leaver-1 stranger-1 device-d1 device-d2 side-a-1 side-b-1"
).split()
K = {name: c.Key.from_name(name) for name in NAMES}
REASONS = (
    "size json type base64 shape key signature council device controller epoch unsigned stranger role too-few rule "
    "mismatch other-lockdown pending void rollback fork log-fork"
).split()


class Vectors:
    """What will be written: files by name, and the rows of the index."""

    def __init__(self):
        self.files = {}
        self.digests = {}
        self.documents = {}
        self.rows = []

    def put(self, name, data):
        """Keep a file; data is bytes, or an envelope as a value. Returns its name."""
        data = data if isinstance(data, bytes) else c.compact(data)
        if self.files.setdefault(name, data) != data:
            raise ValueError(f"{name} is made twice with other content")
        return name

    def proven(self, name, value, signers, proof):
        """The same of an assignment with a proof beside its signatures."""
        name = f"good/{name}.json"
        self.digests[name] = c.digest("assignment", c.compact(value))
        self.documents[name] = "assignment"
        return self.put(name, {**c.envelope("assignment", value, [K[s] for s in signers.split()]), "proof": proof})

    def good(self, name, document, value, signers):
        """A message that is right in itself; its digest goes into the index."""
        name = f"good/{name}.json"
        payload = value if isinstance(value, bytes) else c.compact(value)
        self.digests[name] = c.digest(document, payload)
        self.documents[name] = document
        return self.put(name, c.message(document, payload, [K[s] for s in signers.split()]))

    def order(self, name, value, signers):
        return self.good(name, "order", value, signers)

    def bad(self, name, data):
        return self.put(f"bad/{name}.json", data)

    def digest(self, name):
        return self.digests[name]

    def envelope(self, name):
        """The envelope in a file, as a value, to stand in a state."""
        return json.loads(self.files[name])

    def row(self, name, clause, about, file, **more):
        """One row of the index: what comes of a file that is heard when the files of `known` are."""
        row = c.changed({
            "name": name,
            "clause": clause,
            "about": about,
            "file": file,
            "expect": "ok",
            "known": (),
            "device": DEVICE,
            "topic": None,
            "refused": None,
            "after": None,
            "brokers": None,
        }, more)
        row["known"] = list(row["known"])
        self.rows.append({k: w for k, w in row.items() if w is not None})

    def refuse(self, name, clause, about, data, **more):
        """A bad file and its one row."""
        self.row(name, clause, about, self.bad(name, data), **more)

    def index(self):
        keys = {}
        for name, key in K.items():
            keys[name] = {"seed": c.seed_of(name).hex(), "public": key.public}
        publics = {name: key.raw for name, key in K.items()}
        signers = {name: c.signers(self.files[name], publics) for name in sorted(self.digests)}
        return {
            "about": "Made by tests/vectors/make.py; see proto/README.md, section Vectors. The keys are for examples alone.",
            "keys": keys,
            "digests": dict(sorted(self.digests.items())),
            "signers": signers,
            "rows": self.rows,
            "halves": halves(),
        }

    def all_files(self):
        text = json.dumps(self.index(), ensure_ascii=False, indent=1) + "\n"
        text = re.sub(r'\[\n *("[^\]]*")\n *\]', lambda names: "[" + re.sub(r",\n *", ", ", names[1]) + "]", text)  # a list of names is a line
        return {"index.json": text.encode(), **self.files}


def after(local, *lockdowns, level=None):
    """What is in force once heard: (digest, phase, rev) of every lockdown; level: of the device's tools, for comms-2."""
    rows = [{"id": i, "phase": p, "rev": r} for i, p, r in sorted(lockdowns)]
    value = {"local": local, "lockdowns": rows}
    if level:
        value["level"] = level
    return value


# Documents that are right


def people(*more):
    """Those of the first trust."""
    return [
        c.person("comms-1", ["comms", "accounts"], [K["comms-1"].public, K["comms-1-second"].public]),
        c.person("comms-2", ["comms", "accounts"], [K["comms-2"].public]),
        c.person("monitoring-1", ["monitoring"], [K["monitoring-1"].public]),
        c.person("elections-1", ["elections"], [K["elections-1"].public]),
        c.person("it-1", ["it"], [K["it-1"].public]),
    ] + list(more)


def leaver():
    return c.person("leaver-1", ["comms", "accounts"], [K["leaver-1"].public])


def publics(*names):
    return [K[n].public for n in names]


def trust_value(epoch=1, **changes):
    """Epoch 1 has the leaver and two controllers, epoch 2 and later have neither the leaver nor the spare controller."""
    first = epoch == 1
    value = c.trust(
        COUNCIL,
        epoch,
        T + epoch,
        roots=publics("root-1", "root-2", "root-3"),
        controllers={n: K["controller-" + n].public for n in (("main", "spare") if first else ("main",))},
        people=people(leaver()) if first else people(),
    )
    return c.changed(value, changes)


def register_value(version=1, **changes):
    accounts = [
        c.account("x:CannockChaseDC", "corporate", {"comms-1": 0, "comms-2": 0}),
        c.account("facebook:cannockchasedc", "corporate", {"comms-1": 0}),
        c.account("x:ccdc_sbc", "departmental", {"it-1": T + 30 * DAY}),
        c.account("instagram:visitcannockchase", "campaign", {"comms-2": T + 300 * DAY}),
    ]
    tools = [
        c.tool("x-web", "X in the browser", ["x"], ["x.com", "twitter.com"]),
        c.tool("facebook-web", "Facebook in the browser", ["facebook", "instagram"], ["facebook.com", "instagram.com"]),
        c.tool("toot", "toot, a Mastodon client", ["mastodon"], [], ["/usr/bin/toot"]),
    ]
    value = c.register(COUNCIL, version, T + 10 + version, accounts, tools)
    value.update(changes)
    return value


def assignment_value(version=1, **changes):
    value = c.assignment(
        COUNCIL, DEVICE, version, T + 20 + version, public=K["device-d1"].public, people={"comms-2": "sam"}, groups=["communications"]
    )
    value.update(changes)
    return value


def emergency(at=T + 100, mode="live", **changes):
    changes.setdefault("start", at)
    changes.setdefault(
        "holding", [c.holding("x:CannockChaseDC", "We are dealing with an incident.\nMore soon.", "comms-2", 15)]
    )
    return c.raise_order(COUNCIL, "emergency", mode, at, **changes)


PURDAH = {"level": "guard", "reason": "Pre-election period", "instructions": "Nothing party political.", "holding": []}


def purdah(at=T + 100, mode="live", **changes):
    value = {**PURDAH, "start": T + 10 * DAY, "until": T + 40 * DAY, **changes}
    return c.raise_order(COUNCIL, "purdah", mode, at, **value)


def amend(of, rev, **changes):
    """An amendment that repeats emergency() or purdah() but for its changes."""
    at, kind, mode = (changes.pop(k, usual) for k, usual in (("at", T + 200), ("kind", "emergency"), ("mode", "live")))
    base = emergency() if kind == "emergency" else purdah()
    base = {k: base[k] for k in (*c.body(), "timetable") if k in base}
    base.update(changes)
    base["from"] = base.pop("start", base["from"])
    return c.amend_order(COUNCIL, kind, mode, at, of=of, rev=rev, **base)


def release(of, at=T + 300, kind="emergency", mode="live", **changes):
    of = of if isinstance(of, list) else [of]
    return c.release_order(COUNCIL, kind, mode, at, of=of, **changes)


class Basics:
    """The good messages that most rows begin with."""

    def __init__(self, v):
        self.trust_1 = v.good("trust-1", "trust", trust_value(), "root-1 root-2")
        self.register_1 = v.good("register-1", "register", register_value(), "comms-1 comms-2")
        self.assignment_1 = v.good("assignment-1", "assignment", assignment_value(), "it-1 comms-1")
        self.raise_e = v.order("raise-emergency", emergency(), "comms-1")
        self.raise_e2 = v.order("raise-emergency-second", emergency(T + 150, reason="Second incident"), "comms-2")
        self.raise_p = v.order("raise-purdah", purdah(), "elections-1")
        self.raise_x = v.order("raise-exercise", emergency(T + 120, "exercise"), "elections-1")
        self.raise_leaver = v.order("raise-by-leaver", emergency(T + 110, reason="Flood"), "leaver-1")
        self.e = v.digest(self.raise_e)
        self.e2 = v.digest(self.raise_e2)
        self.p = v.digest(self.raise_p)
        self.x = v.digest(self.raise_x)
        self.release_e = v.order("release-emergency", release(self.e), "comms-1 monitoring-1")
        self.one = [self.trust_1]
        self.device = [self.trust_1, self.register_1, self.assignment_1]
        self.trust_2 = v.good(
            "trust-2",
            "trust",
            trust_value(2, roots=publics("root-2", "root-3", "root-4"), affirmed=[v.digest(self.raise_leaver)]),
            "root-2 root-3",
        )
        self.two = [self.trust_1, self.trust_2]

    def state(self, v, seq, orders, **changes):
        """A state's value; orders are names of files, or envelopes as values."""
        inside = [v.envelope(o) if isinstance(o, str) else o for o in orders]
        controller, issued = changes.pop("controller", "main"), changes.pop("issued", T + 1000 + seq)
        return c.state(COUNCIL, controller, seq, issued, **{
            "valid_until": T + 2000 + seq,
            "trust": (1, v.digest(self.trust_1)),
            "register": (1, v.digest(self.register_1)),
            "orders": inside,
            "log": (seq, "ab" * 32),
            **changes,
        })


class Refusals:
    """Messages of one document that are refused. What a row does not say is that of all: clause, who signs, what is known."""

    def __init__(self, v, document, **usual):
        self.v, self.document, self.usual = v, document, usual

    def __call__(self, name, about, value, expect, **more):
        more = {**self.usual, **more}
        data = c.message(self.document, value, [K[w] for w in more.pop("who").split()])
        self.v.refuse(name, more.pop("clause"), about, data, expect=expect, **more)


# Rows


def good_documents(v, b):
    v.row("trust-first", "Trust", "the first trust, signed by a threshold of its own roots", b.trust_1)
    v.row("trust-again", "Trust", "the very same trust once more", b.trust_1, known=b.one)
    v.row("trust-next", "Trust", "epoch 2, signed by a threshold of the roots of both", b.trust_2, known=b.one)
    v.row("register", "D2.1", "approved by two of the accounts role", b.register_1, known=b.one)
    v.row("register-again", "Register", "the same register once more", b.register_1, known=[b.trust_1, b.register_1])
    two = v.good("register-2", "register", register_value(2), "comms-2 comms-1")
    v.row("register-next", "Register", "a higher version wins", two, known=[b.trust_1, b.register_1])
    v.row("assignment", "Assignment", "approved by one of it and one of accounts", b.assignment_1, known=b.one)
    two = v.good("assignment-2", "assignment", assignment_value(2, groups=[]), "it-1")
    v.row("assignment-next", "Assignment", "a higher version, approved by one: it counts beside the first", two,
          known=b.device)
    v.row("raise-emergency", "D9.1", "one of comms raises alone; every tool is blocked", b.raise_e, known=b.device,
          after=after(T + 400, (b.e, "in force", 0), level="block"))
    v.row("raise-purdah", "D10", "planned: not begun yet", b.raise_p, known=b.device,
          after=after(T + 400, (b.p, "scheduled", 0), level="open"))
    v.row("raise-purdah-begun", "D10", "an offline device starts it by its own clock", b.raise_p, known=b.device,
          after=after(T + 10 * DAY, (b.p, "in force", 0), level="guard"))
    v.row("raise-purdah-past-its-end", "Time", "the local clock alone ends nothing", b.raise_p, known=b.device,
          after=after(T + 400 * DAY, (b.p, "in force", 0), level="guard"))
    v.row("raise-exercise", "Approval", "an exercise by elections alone; it blocks nothing", b.raise_x, known=b.device,
          after=after(T + 400, (b.x, "in force", 0), level="open"))
    v.row("release-emergency", "D9.3", "comms and monitoring release together", b.release_e,
          known=b.device + [b.raise_e], after=after(T + 400, (b.e, "released", 0), level="open"))
    block = v.order("raise-purdah-block", purdah(level="block", start=T + 100), "elections-1")
    v.row("purdah-under-emergency", "D9.1, D10", "an emergency inside purdah: when it is released purdah holds again",
          b.release_e, known=b.device + [block, b.raise_e],
          after=after(T + 400, (b.e, "released", 0), (v.digest(block), "in force", 0), level="block"))
    both = v.order("release-two-at-once", release([b.e, b.e2]), "comms-2 monitoring-1")
    v.row("release-two-at-once", "D9.3", "one release names two lockdowns", both,
          known=b.device + [b.raise_e, b.raise_e2],
          after=after(T + 400, (b.e, "released", 0), (b.e2, "released", 0), level="open"))
    over = v.order("release-purdah", release(b.p, kind="purdah"), "elections-1 monitoring-1")
    v.row("release-purdah", "D10", "before its end it needs two", over, known=b.device + [b.raise_p],
          after=after(T + 11 * DAY, (b.p, "released", 0)))
    over = v.order("release-exercise", release(b.x, mode="exercise"), "comms-2")
    v.row("release-exercise", "Approval", "an exercise is ended by one", over, known=b.device + [b.raise_x],
          after=after(T + 400, (b.x, "released", 0)))


def clock_vectors(v, b):
    """Time alone never unlocks, and no clock opens what is in force."""
    for name, local in (("1970", 0), ("2000", 946684800), ("2038", 2**31), ("9999", 253402300799)):
        v.row("emergency-in-" + name, "D9.2, Time", "the device's clock says " + name, b.raise_e, known=b.device,
              after=after(local, (b.e, "in force", 0), level="block"))
    last = T + 40 * DAY
    for name, local, phase in (("last-second", last, "in force"), ("second-after", last + 1, "over")):
        file = v.good("state-at-the-end", "state", b.state(v, 30, [], issued=last + 1), "controller-main")
        v.row("purdah-at-its-" + name, "D10, Time", "the controller's time is past the end", file,
              known=b.device + [b.raise_p], refused=[], after=after(local, (b.p, phase, 0)))
    for name, local, phase in (("second-before", T + 10 * DAY - 1, "scheduled"), ("first-second", T + 10 * DAY, "in force")):
        v.row("purdah-at-its-" + name, "D10, Time", "by the device's own clock", b.raise_p, known=b.device,
              after=after(local, (b.p, phase, 0)))


def text_vectors(v, b):
    """Bytes that are no message: the envelope itself."""
    good = v.files[b.raise_e]
    value = v.envelope(b.raise_e)
    say = lambda name, about, data, expect: v.refuse("envelope-" + name, "JSON, Envelope", about, data, expect=expect, known=b.one)
    say("empty", "no byte at all", b"", "json")
    say("not-json", "plain text", b"release everything", "json")
    say("too-large", "one byte more than 65,536", good + b" " * (65537 - len(good)), "size")
    largest = v.put("good/envelope-largest.json", good + b" " * (65536 - len(good)))
    v.digests[largest] = b.e
    v.row("envelope-largest", "Envelope", "exactly 65,536 bytes, white space behind", largest, known=b.one)
    say("duplicate-member", "payloadType stands twice", good[:-1] + b',"payloadType":"x"}', "json")
    say("trailing-bytes", "something follows the object", good + b"{}", "json")
    say("trailing-zero", "a zero byte follows the object", good + b"\0", "json")
    say("truncated", "cut in the middle", good[: len(good) // 2], "json")
    say("array", "a list at the top", b"[" + good + b"]", "json")
    say("text-at-top", "a string at the top", b'"release"', "json")
    say("byte-order-mark", "a byte order mark before it", b"\xef\xbb\xbf" + good, "json")
    say("too-deep", "13 levels", good[:-1] + b',"x":' + b"[" * 12 + b"]" * 12 + b"}", "json")
    say("deep-enough-to-crash", "30,000 levels", b'{"x":' + b"[" * 30000 + b"]" * 30000 + b"}", "json")
    say("real-number", "a number that is not whole", good[:-1] + b',"x":1.5}', "json")
    say("exponent", "a whole number written as a real one", good[:-1] + b',"x":1e3}', "json")
    say("huge-number", "a number beyond 64 bits", good[:-1] + b',"x":99999999999999999999}', "json")
    say("not-utf8", "a byte that is no UTF-8", good[:-1] + b',"x":"\xff"}', "json")
    say("bidi-in-member-name", "an override in a name", good[:-1] + ',"\u202ex":1}'.encode(), "json")
    say("extra-member", "a member that nobody knows", {**value, "note": "x"}, "shape")
    for member in ("payload", "payloadType", "signatures"):
        say("without-" + member.lower(), f"{member} is missing", {k: w for k, w in value.items() if k != member}, "shape")
    say("payload-number", "payload is a number", {**value, "payload": 1}, "shape")
    say("payloadtype-number", "payloadType is a number", {**value, "payloadType": 1}, "shape")
    say("signatures-object", "signatures is no list", {**value, "signatures": {}}, "shape")
    say("signature-text", "a signature is a string", {**value, "signatures": ["x"]}, "shape")
    say("signature-extra-member", "a signature with a member too many",
        {**value, "signatures": [{**value["signatures"][0], "cert": "x"}]}, "shape")
    say("signature-without-sig", "a signature without its bytes", {**value, "signatures": [{"keyid": "00"}]}, "shape")
    say("signature-without-keyid", "a signature without its hint",
        {**value, "signatures": [{"sig": value["signatures"][0]["sig"]}]}, "shape")
    raw = c.base64.b64decode(value["signatures"][0]["sig"])
    for name, sig, expect in (("63", raw[:63], "base64"), ("65", raw + b"x", "base64"), ("0", b"", "shape")):
        say(f"signature-of-{name}-bytes", "a signature has 64 bytes",
            {**value, "signatures": [{**value["signatures"][0], "sig": c.b64(sig)}]}, expect)
    say("seventeen-signatures", "more than 16", {**value, "signatures": value["signatures"] * 17}, "size")
    type_vectors(v, b, say, value)
    base64_vectors(say, value)


def type_vectors(v, b, say, value):
    uri = value["payloadType"]
    say("type-unknown", "a type that nobody knows", {**value, "payloadType": c.type_uri("wish")}, "type")
    say("type-other-version", "v2", {**value, "payloadType": uri.replace("v1", "v2")}, "type")
    say("type-upper-case", "the type in capitals", {**value, "payloadType": uri.upper()}, "type")
    say("type-with-tail", "the type with something behind it", {**value, "payloadType": uri + ";x"}, "type")
    say("type-empty", "no type", {**value, "payloadType": ""}, "type")
    v.row("order-on-the-topic-of-states", "Bus", "a right message under a wrong name", b.raise_e, expect="type", known=b.one,
          topic="state")
    v.row("report-heard-as-news", "Envelope", "agents hear no reports", report_1(v, b), expect="type", known=b.device)


def base64_vectors(say, value):
    payload, sig = value["payload"], value["signatures"][0]["sig"]
    with_sig = lambda s: {**value, "signatures": [{**value["signatures"][0], "sig": s}]}
    say("base64-left-over-bits", "QR==: bits behind the last byte", {**value, "payload": payload + "QR=="}, "base64")
    say("base64-no-padding", "padding left out", {**value, "payload": c.b64(b"{}").rstrip("=")}, "base64")
    say("base64-padding-inside", "QQ=A", {**value, "payload": "QQ=A" + payload}, "base64")
    say("base64-too-much-padding", "Q===", {**value, "payload": "Q==="}, "base64")
    say("base64-space", "a space in front", {**value, "payload": " " + payload}, "base64")
    say("base64-newline", "a newline in the middle", {**value, "payload": payload[:8] + "\n" + payload[8:]}, "base64")
    say("base64-url", "the letters of base64url", {**value, "payload": "-_-_" + payload}, "base64")
    say("base64-signature-left-over-bits", "the signature's last letter changed where it does not count",
        with_sig(sig[:-3] + chr(ord(sig[-3]) + 1) + "=="), "base64")


def payload_vectors(v, b):
    """Messages with a right signature over a payload that is no right document."""
    value = emergency()
    good = c.compact(value)

    def say(name, about, payload, expect, who="comms-1"):
        payload = payload if isinstance(payload, bytes) else c.compact(payload)
        v.refuse("order-" + name, "JSON, Order", about, c.message("order", payload, [K[who]]), expect=expect, known=b.one)

    say("duplicate-member", "level stands twice: guard and block", good[:-1] + b',"level":"guard"}', "json")
    say("trailing-bytes", "something follows the object", good + b"x", "json")
    say("too-deep", "13 levels", good[:-1] + b',"x":' + b"[" * 12 + b"]" * 12 + b"}", "json")
    say("real-number", "a time that is not whole", good.replace(b'"until":0', b'"until":0.0'), "json")
    say("array", "a list at the top", b"[" + good + b"]", "json")
    for name, char in (("bidi-override", "\u202e"), ("bidi-isolate", "\u2066"), ("arabic-letter-mark", "\u061c"),
                       ("right-to-left-mark", "\u200f"), ("non-character", "\uffff"), ("escape", "\x1b"),
                       ("delete", "\x7f"), ("carriage-return", "\r"), ("c1-control", "\x9b")):
        say(name + "-in-reason", "text that would not look as it reads", {**value, "reason": f"Flood{char}doolF"}, "json")
    escaped = good.replace(b"Emergency procedures", b"Emergency\\u202eprocedures")
    say("bidi-escaped-in-reason", "the same, written as an escape", escaped, "json")
    say("zero-escaped-in-reason", "a zero byte as an escape", good.replace(b"Emergency pro", b"E\\u0000pro"), "json")
    say("lone-surrogate-in-reason", "half a character", good.replace(b"Emergency pro", b"E\\ud800pro"), "json")
    say("extra-member", "a member that nobody knows", {**value, "silent": "yes"}, "shape")
    for member in value:
        say("without-" + member, f"{member} is missing", {k: w for k, w in value.items() if k != member}, "shape")
    for name, about, changes in SHAPE_ROWS:
        say(name, about, {**value, **changes}, "shape")
    for name, about, changes in SIZE_ROWS:
        say(name, about, {**value, **changes}, "size")
    fits = {**value, "reason": "r" * 500, "contact": "c" * 200, "holding": [
        {**HOLDING, "text": "t" * 3000}, {**{k: HOLDING[k] for k in ("poster", "minutes")}, "account": "x:ccdc_sbc",
                                         "text_of": "x:CannockChaseDC"}]}
    v.row("order-longest-texts", "Order", "texts as long as they may be",
          v.order("order-longest-texts", fits, "comms-1"), known=b.one)
    purdah_vectors(v, b, say)
    release_shape_vectors(v, b, say)


HOLDING = c.holding("x:CannockChaseDC", "text", "comms-2", 15)
SHAPE_ROWS = (
    ("unknown-act", "an act that nobody knows", {"act": "suspend"}),
    ("unknown-kind", "a kind that nobody knows", {"kind": "drought"}),
    ("unknown-mode", "a mode that nobody knows", {"mode": "test"}),
    ("unknown-level", "a level that nobody knows", {"level": "lock"}),
    ("level-open", "open is no order", {"level": "open"}),
    ("emergency-guard", "an emergency is block", {"level": "guard"}),
    ("emergency-with-end", "an emergency has no end but its release", {"until": T + DAY}),
    ("emergency-planned", "an emergency begins at once", {"from": T + 101}),
    ("at-negative", "a time before 1970", {"at": -1}),
    ("at-after-9999", "a time after 9999", {"at": 253402300800, "from": 0}),
    ("at-text", "a time as text", {"at": "2026-01-01T00:00:00Z"}),
    ("until-true", "true is no number", {"until": True}),
    ("until-null", "null is no number", {"until": None}),
    ("council-upper-case", "no id", {"council": "Cannock-Chase"}),
    ("council-empty", "no id", {"council": ""}),
    ("council-newline", "no id, though its first line is one", {"council": COUNCIL + "\n"}),
    ("account-newline", "no account, though its first line is one", {"accounts": ["x:ccdc_sbc\n"]}),
    ("account-two-colons", "no account", {"accounts": ["x:y:z"]}),
    ("poster-star", "one person is named to post (D9.3)", {"holding": [{**HOLDING, "poster": "*"}]}),
    ("raise-with-of", "a raise is of nothing", {"of": "ab" * 32}),
    ("council-too-long", "an id of 65 characters", {"council": "c" * 65}),
    ("account-without-platform", "no account", {"accounts": ["CannockChaseDC"]}),
    ("account-space", "no account", {"accounts": ["x:Cannock Chase"]}),
    ("account-twice", "the same account twice", {"accounts": ["x:ccdc_sbc", "x:ccdc_sbc"]}),
    ("account-star-and-more", "the star is not alone", {"accounts": ["*", "x:ccdc_sbc"]}),
    ("groups-text", "a list is expected", {"groups": "*"}),
    ("groups-number", "a list of texts is expected", {"groups": [1]}),
    ("exempt-star", "nobody may exempt everybody with one star", {"exempt": ["*"]}),
    ("exempt-twice", "the same person twice", {"exempt": ["comms-2", "comms-2"]}),
    ("reason-empty", "a reason is needed", {"reason": ""}),
    ("contact-two-lines", "the contact is one line", {"contact": "Ring\nme"}),
    ("contact-empty", "whom to ring is needed", {"contact": ""}),
    ("instructions-null", "null is no text", {"instructions": None}),
    ("holding-object", "a list is expected", {"holding": {}}),
    ("holding-twice-for-one-account", "one message an account (D9.3)", {"holding": [HOLDING, {**HOLDING, "text": "b"}]}),
    ("holding-for-every-account", "a message is for one account", {"holding": [{**HOLDING, "account": "*"}]}),
    ("holding-extra-member", "a member that nobody knows", {"holding": [{**HOLDING, "image": "x"}]}),
    ("holding-without-poster", "somebody must be named", {"holding": [{k: HOLDING[k] for k in ("account", "text", "minutes")}]}),
    ("holding-no-text", "a message without words", {"holding": [{**HOLDING, "text": ""}]}),
    ("holding-text-of-none", "the text of an account that has none before it",
     {"holding": [{**{k: HOLDING[k] for k in ("account", "poster", "minutes")}, "text_of": "x:ccdc_sbc"}]}),
    ("holding-neither-text", "a text, or that of another",
     {"holding": [{k: HOLDING[k] for k in ("account", "poster", "minutes")}]}),
    ("holding-both-texts", "a text, or that of another", {"holding": [HOLDING, {**HOLDING, "account": "x:ccdc_sbc",
                                                                               "text_of": "x:CannockChaseDC"}]}),
    ("holding-no-minutes", "a window of no length", {"holding": [{**HOLDING, "minutes": 0}]}),
    ("holding-241-minutes", "a window too long", {"holding": [{**HOLDING, "minutes": 241}]}),
    ("raise-with-rev", "a raise has no revision", {"rev": 1}),
)
SIZE_ROWS = (
    ("reason-too-long", "501 bytes", {"reason": "r" * 501}),
    ("reason-too-long-in-bytes", "251 characters of two bytes", {"reason": "\u00e9" * 251}),
    ("contact-too-long", "201 bytes", {"contact": "c" * 201}),
    ("instructions-too-long", "16,385 bytes", {"instructions": "i" * 16385}),
    ("holding-text-too-long", "3,001 bytes", {"holding": [{**HOLDING, "text": "t" * 3001}]}),
    ("holding-texts-too-long", "six of 3,000 bytes", {"holding": [
        {**HOLDING, "account": f"x:a{i}", "text": f"{i}" * 3000} for i in range(6)]}),
    ("exempt-too-many", "65 people", {"exempt": [f"p-{i}" for i in range(65)]}),
    ("payload-too-large", "an order of more than 32,768 bytes",
     {"holding": [{**HOLDING, "account": f"x:a{i}", "text": "t" * 1000} for i in range(33)]}),
)


def purdah_vectors(v, b, say):
    for name, about, changes in (
        ("purdah-without-end", "a purdah has an end", {"until": 0}),
        ("purdah-without-instructions", "staff follow the instructions issued (D10)", {"instructions": ""}),
        ("purdah-ends-before-it-begins", "from is after until", {"until": T + 9 * DAY}),
    ):
        say(name, about, {**purdah(), **changes}, "shape", "elections-1")


CALENDAR = "ca" * 32  # any version of a calendar
POLLS = c.timetable(("principal", "2026-05-07"), ("parish-by", "2026-05-14"), calendar=CALENDAR)


def timetable_vectors(v, b):
    """D10: how a period was computed is kept with its order, and nothing is computed from it again."""
    file = v.order("raise-purdah-with-timetable", purdah(timetable=POLLS), "elections-1")
    v.row("raise-purdah-with-timetable", "D10", "two polls and the calendar they were counted by", file, known=b.device,
          after=after(T + 400, (v.digest(file), "scheduled", 0), level="open"))
    rev = v.order("amend-purdah-timetable", amend(v.digest(file), 1, kind="purdah", until=T + 50 * DAY, timetable=c.timetable(
        *[("principal-by", f"2026-05-{day:02}") for day in range(1, 9)])), "elections-1")
    v.row("amend-purdah-timetable", "D10", "restated: eight polls, no calendar needed", rev, known=b.device + [file],
          after=after(T + 400, (v.digest(file), "scheduled", 1), level="open"))
    rev = v.order("amend-purdah-without-timetable", amend(v.digest(file), 1, kind="purdah"), "elections-1")
    v.row("amend-purdah-without-timetable", "D10", "a timetable loosens nothing: left out by one", rev, known=b.device + [file],
          after=after(T + 400, (v.digest(file), "scheduled", 1), level="open"))

    def say(name, about, timetable, expect="shape", order=purdah):
        v.refuse("order-timetable-" + name, "D10", about,
                 c.message("order", {**order(), "timetable": timetable}, [K["elections-1" if order == purdah else "comms-1"]]), expect=expect,
                 known=b.one)

    say("of-an-emergency", "no poll brings an emergency", POLLS, order=emergency)
    say("of-no-poll", "it names at least one", c.timetable())
    say("of-nine-polls", "at most eight", c.timetable(*[("parish", "2026-05-07")] * 9), "size")
    for name, day in (("february-30", "2026-02-30"), ("month-13", "2026-13-01"), ("short", "2026-5-7"), ("british", "07/05/2026"),
                      ("slashes", "2026/05/07"), ("time", "2026-05-07T07:00"), ("space", "2026-05-07 "), ("1969", "1969-12-31"),
                      ("29-february-2027", "2027-02-29")):
        say("day-" + name, "no polling day", c.timetable(("principal", day)))
    for name, kind in (("capitals", "Principal"), ("space", "principal by"), ("digit", "np2"), ("underscore", "principal_by")):
        say("kind-" + name, "no kind of poll", c.timetable((kind, "2026-05-07")))
    say("kind-empty", "no kind of poll", c.timetable(("", "2026-05-07")), "shape")
    say("kind-too-long", "33 letters", c.timetable(("k" * 33, "2026-05-07")), "size")
    say("calendar-short", "no digest", c.timetable(("principal", "2026-05-07"), calendar="ca"), "base64")
    say("without-calendar", "which calendar", {"polls": POLLS["polls"]})
    say("without-polls", "which polls", {"calendar": CALENDAR})
    say("extra-member", "a member that nobody knows", {**POLLS, "notice_by": "2026-03-30"})
    say("poll-extra-member", "a member that nobody knows", {**POLLS, "polls": [{**POLLS["polls"][0], "days": 25}]})
    say("list", "a list", [POLLS])
    say("null", "absent is not null", None)


def release_shape_vectors(v, b, say):
    value = release(b.e)
    both = "comms-1"
    say("release-nothing", "a release that names no lockdown", {**value, "of": []}, "shape", both)
    say("release-twice", "the same lockdown twice", {**value, "of": [b.e, b.e]}, "shape", both)
    say("release-star", "a release of everything", {**value, "of": ["*"]}, "base64", both)
    say("release-upper-case-digest", "a digest in capitals", {**value, "of": [b.e.upper()]}, "base64", both)
    say("release-short-digest", "a digest of 63 characters", {**value, "of": [b.e[:63]]}, "base64", both)
    say("release-sixty-five", "more than 64 lockdowns", {**value, "of": [f"{i:064x}" for i in range(65)]}, "size", both)
    person = {"person": "comms-1", "before": T + 400}
    say("release-person-twice", "the same person twice", {**value, "of": [person, {**person, "before": T}]}, "shape", both)
    say("release-person-without-time", "no before", {**value, "of": [{"person": "comms-1"}]}, "shape", both)
    say("release-person-with-more", "a member that is not of it", {**value, "of": [{**person, "x": 1}]}, "shape", both)
    say("release-person-no-id", "no id of a person", {**value, "of": [{**person, "person": "Comms 1"}]}, "shape", both)
    say("release-person-before-nothing", "a time that is none", {**value, "of": [{**person, "before": -1}]}, "shape", both)
    say("release-number", "neither a digest nor a person", {**value, "of": [7]}, "shape", both)
    say("release-with-level", "a release has no level", {**value, "level": "guard"}, "shape", both)
    say("release-no-message", "staff must be told", {**value, "message": ""}, "shape", both)
    amended = amend(b.e, 1)
    say("amend-rev-0", "revisions begin at 1", {**amended, "rev": 0}, "shape", both)
    say("amend-of-list", "an amendment is of one raise", {**amended, "of": [b.e]}, "shape", both)
    say("amend-without-of", "an amendment of nothing", {k: w for k, w in amended.items() if k != "of"}, "shape", both)


def signature_vectors(v, b):
    """Right documents whose approvals are not."""
    value = v.envelope(b.raise_e)
    sig = value["signatures"][0]
    other = c.compact(emergency(reason="Emergency procedures revoked"))
    known = b.device

    def say(name, about, data, expect, clause="Approval"):
        v.refuse(name, clause, about, data, expect=expect, known=known)

    say("altered-payload", "one word changed after it was approved", {**value, "payload": c.b64(other)}, "signature")
    state_type = {**value, "payloadType": c.type_uri("register")}
    say("altered-type", "an order and its signature under another type", state_type, "signature")
    raw = bytearray(c.base64.b64decode(sig["sig"]))
    raw[0] ^= 1
    say("altered-signature", "one bit of the signature changed",
        {**value, "signatures": [{**sig, "sig": c.b64(bytes(raw))}]}, "signature")
    raw[0] ^= 1
    say("malleated-signature", "the second half raised by the group order",
        {**value, "signatures": [{**sig, "sig": c.b64(c.malleated(bytes(raw)))}]}, "signature")
    say("zero-signature", "64 zero bytes", {**value, "signatures": [{**sig, "sig": c.b64(bytes(64))}]}, "signature")
    say("borrowed-keyid", "a stranger's signature under an officer's keyid",
        {**value, "signatures": [{**c.signature(K["stranger-1"], value["payloadType"], c.compact(emergency())),
                                  "keyid": K["comms-1"].keyid}]}, "signature")
    unsigned = {**value, "signatures": []}
    say("raise-unsigned", "nobody approved", unsigned, "unsigned")
    say("raise-by-stranger", "a key of nobody", c.message("order", emergency(), [K["stranger-1"]]), "stranger")
    say("raise-by-monitoring", "monitoring may release, not raise",
        c.message("order", emergency(), [K["monitoring-1"]]), "role", "Approval, D9.1")
    say("raise-emergency-by-elections", "elections raises purdah alone",
        c.message("order", emergency(), [K["elections-1"]]), "role", "Approval, D9.1")
    say("raise-purdah-by-comms", "comms raises emergencies alone",
        c.message("order", purdah(), [K["comms-1"]]), "role", "Approval, D10")
    say("raise-by-controller", "the server's key approves nothing",
        c.message("order", emergency(), [K["controller-main"]]), "stranger")
    say("raise-by-root", "roots name people, they raise nothing", c.message("order", emergency(), [K["root-1"]]), "stranger")
    say("raise-by-device", "a device speaks for itself alone", c.message("order", emergency(), [K["device-d1"]]), "stranger")
    say("raise-for-another-council", "a right order of a neighbour", c.message(
        "order", {**emergency(), "council": "south-staffordshire"}, [K["comms-1"]]), "council", "Order")
    hint = {**value, "signatures": [{**sig, "keyid": ""}]}
    good = v.put("good/raise-without-hint.json", hint)
    v.digests[good] = b.e
    v.row("raise-without-hint", "Envelope", "keyid is a hint: an empty one changes nothing", good, known=known,
          after=after(T + 400, (b.e, "in force", 0)))
    lie = {**value, "signatures": [{**sig, "keyid": K["monitoring-1"].keyid}]}
    good = v.put("good/raise-with-wrong-hint.json", lie)
    v.digests[good] = b.e
    v.row("raise-with-wrong-hint", "Envelope", "another officer's keyid: the bytes decide", good, known=known,
          after=after(T + 400, (b.e, "in force", 0)))
    mixed = v.put("good/raise-with-stranger-too.json", c.add_signature(
        c.envelope("order", emergency(), [K["stranger-1"]]), K["comms-1"]))
    v.digests[mixed] = b.e
    v.row("raise-with-stranger-too", "Approval", "a stranger's name beside a right one does no harm", mixed, known=known,
          after=after(T + 400, (b.e, "in force", 0)))


def crowd_vectors(v, b):
    """Of one envelope's signatures 128 are verified: first with the key that each names, then in the order of the trust."""
    crowd = [[c.Key.from_name(f"crowd-{i}-{k}") for k in range(4)] for i in range(33)]  # 6 keys come before them
    large = v.good("trust-2-large", "trust", trust_value(2, people=people(*(
        c.person(f"crowd-{i}", ["comms"], [k.public for k in keys]) for i, keys in enumerate(crowd)))), "root-1 root-2")
    known = [b.trust_1, large, b.register_1, b.assignment_1]
    locked = after(T + 400, (b.e, "in force", 0))

    def signed(value, *keys, hint=False):
        made = c.envelope("order", value, keys)
        return {**made, "signatures": [s if hint else {**s, "keyid": ""} for s in made["signatures"]]}

    def say(name, about, data, expect, **more):
        file = v.put(f"{'good' if expect == 'ok' else 'bad'}/{name}.json", data)
        if expect == "ok":
            v.digests[file] = c.digest(*c.open_envelope(data))
        v.row(name, "Envelope", about, file, expect=expect, **{"known": known, **more})

    nobody = [c.Key.from_name(f"nobody-{i}") for i in range(16)]
    say("signatures-of-nobody", "16 that name no key, of nobody: not each is tried with each of 138 keys",
        signed(emergency(), *nobody), "size")
    full = signed(emergency(), *nobody[:15])
    full["signatures"].append(v.envelope(b.raise_e)["signatures"][0])
    say("raise-among-signatures-of-nobody", "15 of nobody beside one that names its key: what is enough stays enough", full, "ok",
        after=locked)
    say("raise-without-hint-by-128th-key", "the last key that is tried", signed(emergency(), crowd[30][1]), "ok", after=locked)
    say("raise-without-hint-by-129th-key", "one key further", signed(emergency(), crowd[30][2]), "size")
    say("raise-with-hint-by-last-key", "whoever names their key is found", signed(emergency(), crowd[32][3], hint=True), "ok",
        after=locked)
    half = signed(release(b.e), *nobody[:15])
    half["signatures"].append(c.envelope("order", release(b.e), [K["comms-1"]])["signatures"][0])
    say("release-by-one-among-signatures-of-nobody", "one approval and 15 of nobody", half, "size", known=[*known, b.raise_e], after=locked)


def release_vectors(v, b):
    """D9.3: nothing but a proven all-clear opens."""
    known = b.device + [b.raise_e]
    locked = after(T + 400, (b.e, "in force", 0), level="block")
    value = release(b.e)

    def say(name, about, who, expect, order=value):
        data = c.envelope("order", order, [K[w] for w in who.split()])
        v.row(name, "D9.3", about, v.bad(name, data), expect=expect, known=known, after=locked)

    say("release-unsigned", "the server releases by itself", "", "unsigned")
    say("release-by-one", "one of comms alone", "comms-1", "too-few")
    say("release-by-two-keys-of-one", "two keys, one person", "comms-1 comms-1-second", "too-few")
    say("release-by-one-signing-twice", "the same signature twice", "comms-1 comms-1", "too-few")
    say("release-by-one-and-stranger", "one officer and a key of nobody", "comms-1 stranger-1", "too-few")
    say("release-by-one-and-controller", "one officer and the server", "comms-1 controller-main", "too-few")
    say("release-by-one-and-wrong-role", "comms and it: it may not", "comms-1 it-1", "role")
    say("release-by-wrong-roles", "it and elections", "it-1 elections-1", "role")
    say("release-by-strangers", "two keys of nobody", "stranger-1 device-d2", "stranger")
    say("release-for-another-council", "a neighbour's all-clear", "comms-1 monitoring-1", "council",
        {**value, "council": "south-staffordshire"})
    two = c.envelope("order", value, [K["comms-1"], K["monitoring-1"]])
    altered = {**two, "payload": c.b64(c.compact({**value, "message": "Post what you like."}))}
    v.row("release-altered", "D9.3", "another message after both approved", v.bad("release-altered", altered),
          expect="signature", known=known, after=locked)
    half = c.envelope("order", value, [K["comms-1"], K["monitoring-1"]])
    half["signatures"][1]["sig"] = half["signatures"][0]["sig"]
    v.row("release-second-signature-copied", "D9.3", "the second approval is a copy of the first",
          v.bad("release-second-signature-copied", half), expect="too-few", known=known, after=locked)
    other = v.order("release-of-other-lockdown", release("cd" * 32), "comms-1 monitoring-1")
    v.row("release-of-other-lockdown", "D9.3", "heard by itself it is kept, and counted", other, known=known,
          refused=["other-lockdown"], after=locked)
    part = v.order("release-known-and-unknown", release([b.e, "cd" * 32]), "comms-1 monitoring-1")
    v.row("release-known-and-unknown", "D9.3", "one of the two lockdowns that it names is known", part, known=known,
          after=after(T + 400, (b.e, "released", 0), level="open"))
    part = v.order("release-of-two-kinds", release([b.e, b.p]), "comms-1 monitoring-1")
    v.row("release-of-two-kinds", "D9.3, D10", "the end of an emergency names a purdah too: that one stays", part,
          known=known + [b.raise_p], after=after(T + 11 * DAY, (b.e, "released", 0), (b.p, "in force", 0), level="guard"))
    v.row("release-approvals-come-one-by-one", "The join", "the second approval comes later",
          b.release_e, known=known, after=after(T + 400, (b.e, "released", 0), level="open"))
    v.row("raise-after-its-release", "The join", "the release came first; the raise is released when it comes",
          b.raise_e, known=b.device + [state_with_early_release(v, b)],
          after=after(T + 400, (b.e, "released", 0), level="open"))
    v.row("raise-replayed-after-release", "The join", "a raise heard again does not lock again",
          b.raise_e, known=known + [b.release_e], after=after(T + 400, (b.e, "released", 0), level="open"))


SHARE = 64


def flood(v, b, n=SHARE + 1):
    """Raises of one person for a group that the device is not of, in states; and what is in force of them."""
    values = [emergency(T + 200 + i, groups=["depot"]) for i in range(n)]
    files = []
    for i in range(0, n, 32):
        inside = [c.envelope("order", value, [K["comms-1"]]) for value in values[i:i + 32]]
        files.append(v.good(f"state-share-{n}-{i}", "state", b.state(v, 200 + i, inside), "controller-main"))
    return files, [c.digest("order", c.compact(value)) for value in values]


def share_vectors(v, b):
    """Nobody's orders crowd out anybody else's, and what is beyond a share shuts all."""
    files, ids = flood(v, b, SHARE)
    v.row("share-is-full", "Shares", "64 raises of one person fit; none bears on the device", files[-1],
          known=b.device + files[:-1], refused=[], after=after(T + 400, *held(ids), level="open"))
    files, ids = flood(v, b)
    known = b.device + files
    v.row("share-over", "Shares", "one beyond: everything is shut", files[-1], known=known[:-1], refused=[],
          after=after(T + 400, *held(ids), level="block"))
    older = v.order("share-older", emergency(T + 199, groups=["depot"]), "comms-1")
    v.row("share-has-no-room", "Shares", "an older one is not kept: all is shut already", older, expect="size", known=known,
          after=after(T + 400, *held(ids), level="block"))
    newer = v.order("share-newer", emergency(T + 300, groups=["depot"]), "comms-1")
    v.row("share-keeps-the-newest", "Shares", "a newer one is, in place of the oldest", newer, known=known,
          after=after(T + 400, *held(ids[1:] + [v.digest(newer)]), level="block"))
    v.row("share-of-another-key", "Shares", "another key of the same person has its own share",
          v.order("share-second-key", emergency(T + 198, groups=["depot"]), "comms-1-second"), known=known,
          after=after(T + 400, *held(ids), (c.digest("order", c.compact(emergency(T + 198, groups=["depot"]))), "in force", 0),
                      level="block"))
    v.row("share-of-another-person", "Shares", "another officer's raise is kept and holds", b.raise_e2, known=known,
          after=after(T + 400, *held(ids), (b.e2, "in force", 0), level="block"))
    both = v.order("share-older-by-two", emergency(T + 197, groups=["depot"]), "comms-1 comms-2")
    v.row("share-of-one-approver", "Shares", "within the share of one of its approvers", both, known=known,
          after=after(T + 400, *held(ids), (v.digest(both), "in force", 0), level="block"))
    person_vectors(v, b, known, ids, both)
    exercise_vectors(v, b)


def held(ids, phase="in force"):
    return [(i, phase, 0) for i in ids]


def person_vectors(v, b, known, ids, both):
    """A release may name a person in place of lockdowns."""
    of = lambda before, person="comms-1": release([{"person": person, "before": before}], at=T + 350)
    over = v.order("release-person", of(T + 300), "comms-2 monitoring-1")
    v.row("release-person", "Shares", "two release what one person raised: it opens", over, known=known,
          after=after(T + 400, *held(ids, "released"), level="open"))
    v.row("release-person-first", "Shares", "heard before what it releases", known[-1],
          known=b.device + [over] + known[len(b.device):-1],
          refused=[], after=after(T + 400, *held(ids, "released"), level="open"))
    v.row("release-person-by-one", "Shares", "one of comms alone", v.order("release-person-by-one", of(T + 301), "comms-2"),
          expect="too-few", known=known, after=after(T + 400, *held(ids), level="block"))
    part = v.order("release-person-in-part", of(T + 210), "comms-2 monitoring-1")
    v.row("release-person-in-part", "Shares", "only what is older than it says", part, known=known,
          after=after(T + 400, *held(ids[:10], "released"), *held(ids[10:]), level="open"))
    v.row("release-person-of-others", "Shares", "it ends no raise of another person", over,
          known=b.device + [b.raise_e, b.raise_e2], after=after(T + 400, (b.e, "released", 0), (b.e2, "in force", 0), level="block"))
    v.row("release-person-of-two", "Shares", "a raise that two approved is not that of one", over, known=b.device + [both],
          after=after(T + 400, (v.digest(both), "in force", 0), level="open"))
    v.row("release-both-persons", "Shares", "but both may be named",
          v.order("release-both-persons", release([{"person": p, "before": T + 300} for p in ("comms-1", "comms-2")]),
                  "comms-2 monitoring-1"), known=b.device + [both],
          after=after(T + 400, (v.digest(both), "released", 0), level="open"))
    v.row("release-person-at-that-time", "Shares", "a raise of that very second stays", v.order(
        "release-person-at-that-time", of(T + 100), "comms-2 monitoring-1"), known=b.device + [b.raise_e],
        after=after(T + 400, (b.e, "in force", 0), level="block"))
    v.row("release-person-and-lockdown", "Order", "a person and a lockdown in one", v.order(
        "release-person-and-lockdown", release([b.e2, {"person": "comms-1", "before": T + 300}]), "comms-2 monitoring-1"),
        known=b.device + [b.raise_e, b.raise_e2],
        after=after(T + 400, (b.e, "released", 0), (b.e2, "released", 0), level="open"))
    v.row("release-person-of-another-kind", "Shares", "the end of emergencies ends no purdah of that person", v.order(
        "release-person-elections", of(T + 300, "elections-1"), "comms-2 monitoring-1"), known=b.device + [b.raise_p],
        after=after(T + 11 * DAY, (b.p, "in force", 0), level="guard"))
    last = v.order("raise-in-the-last-second", emergency(253402300799, start=T + 100, groups=["depot"]), "comms-1")
    v.row("release-person-of-the-last-second", "Shares", "nothing comes after it, so it is meant too", v.order(
        "release-person-of-the-last-second", of(253402300799), "comms-2 monitoring-1"), known=b.device + [last],
        after=after(T + 400, (v.digest(last), "released", 0), level="open"))


def exercise_vectors(v, b):
    drills = [v.order(f"drill-{i}", emergency(T + 120 + i, "exercise", reason=f"Drill {i}"), "comms-2") for i in range(3)]
    by = sorted(v.digest(d) for d in drills)
    v.row("exercises-of-one-person", "What is in force", "two go on, those with the lowest digests", drills[2],
          known=b.device + drills[:2],
          after=after(T + 400, (by[0], "in force", 0), (by[1], "in force", 0), (by[2], "over", 0), level="open"))
    v.row("exercises-of-two-people", "What is in force", "another's are their own", b.raise_x, known=b.device + drills[:2],
          after=after(T + 400, *held([v.digest(d) for d in drills[:2]]), (b.x, "in force", 0), level="open"))
    week = v.good("state-after-a-week", "state", b.state(v, 300, [], issued=T + 121 + 7 * DAY), "controller-main")
    v.row("exercise-ends-after-a-week", "What is in force", "when both clocks are past it", week,
          known=b.device + [b.raise_x], after=after(T + 121 + 7 * DAY, (b.x, "over", 0), level="open"))
    v.row("exercise-ends-by-both-clocks", "What is in force", "the local clock has not come there", week,
          known=b.device + [b.raise_x], after=after(T + 120 + 7 * DAY, (b.x, "in force", 0), level="open"))


def state_with_early_release(v, b):
    return v.good("state-release-before-raise", "state", b.state(v, 3, [b.release_e]), "controller-main")


def amend_vectors(v, b):
    """Judged inside a state, so that what is kept but does not count is seen in its list."""
    known = b.device + [b.raise_e]

    def order(name, value, who):
        return v.put(f"parts/{name}.json", c.envelope("order", value, [K[w] for w in who.split()]))

    def say(name, clause, about, value, **more):
        how = c.changed({"who": "comms-1", "refused": [], "level": "block", "of": b.raise_e}, more)
        part = order(name, value, how["who"])
        seq = 1000 + zlib.crc32(name.encode()) % 100000  # adding a row changes no other
        file = v.good("state-" + name, "state", b.state(v, seq, [part]), "controller-main")
        v.row(name, clause, about, file, known=b.device + [how["of"]], refused=how["refused"],
              after=after(T + 400, (v.digest(how["of"]), "in force", 0 if how["refused"] else 1), level=how["level"]))

    say("amend-tightening-by-one", "Approval", "other words: as a raise", amend(b.e, 1, reason="Worse"), who="comms-2")
    say("amend-poster-by-one", "D9.3", "the poster is for the raising officer to name", amend(
        b.e, 1, holding=[c.holding("x:CannockChaseDC", "New text", "comms-1", 20)]))
    say("amend-loosening-by-one", "D9.3", "fewer accounts, one approval", amend(b.e, 1, accounts=["x:ccdc_sbc"]), refused=["too-few"])
    say("amend-loosening-by-two", "Approval", "fewer accounts, two approvals", amend(b.e, 1, accounts=["x:CannockChaseDC"]),
        who="comms-1 monitoring-1")
    say("amend-other-device-group-by-two", "Approval", "other groups, two approvals: this device is open",
        amend(b.e, 1, groups=["planning"]), who="comms-1 monitoring-1", level="open")
    say("amend-fewer-groups-by-one", "D9.2", "another device group, one approval", amend(b.e, 1, groups=["planning"]), refused=["too-few"])
    say("amend-later-start-by-one", "D9.2", "begins later, one approval", amend(b.e, 1, start=T + 150, at=T + 200), refused=["too-few"])
    say("amend-exempt-by-comms", "D9.1", "one exempts a colleague alone", amend(b.e, 1, exempt=["comms-2"]),
        refused=["too-few"])
    say("amend-exempt-by-release-roles", "D9.1", "two, but one is not of accounts",
        amend(b.e, 1, exempt=["comms-2"]), who="comms-1 monitoring-1", refused=["role"])
    say("amend-exempt-by-two-accounts", "D9.1", "two of the accounts role exempt a person", amend(b.e, 1, exempt=["comms-2"]),
        who="comms-1 comms-2", level="open")
    say("amend-exempt-and-loosen", "Approval", "two of accounts who are of comms too meet both rules",
        amend(b.e, 1, exempt=["comms-2"], accounts=["x:CannockChaseDC"]), who="comms-1 comms-2", level="open")
    say("amend-pending", "What is in force", "revision 2 before revision 1 is known", amend(b.e, 2),
        refused=["pending"])
    say("amend-of-other-kind", "What is in force", "an amendment of purdah for an emergency",
        amend(b.e, 1, kind="purdah", start=T + 100), who="elections-1", refused=["mismatch"])
    say("amend-of-other-mode", "What is in force", "an exercise's amendment for a live lockdown",
        amend(b.e, 1, mode="exercise", groups=["planning"]), refused=["mismatch"])
    say("amend-by-monitoring", "Approval", "monitoring may not raise", amend(b.e, 1, reason="x"), who="monitoring-1",
        refused=["role"])
    say("amend-by-stranger", "Approval", "a key of nobody", amend(b.e, 1, reason="x"), who="stranger-1", refused=["stranger"])
    say("amend-exercise-loosening-by-one", "Approval", "a drill needs one, whatever changes", amend(
        b.x, 1, mode="exercise", groups=["planning"]), who="comms-2", level="open", of=b.raise_x)
    amend_purdah_vectors(v, b, say)
    amend_share_vectors(v, b)
    chain_vectors(v, b, order, known)


def amend_purdah_vectors(v, b, say):
    begun = v.order("raise-purdah-begun", purdah(start=T + 100), "elections-1")
    say("amend-purdah-earlier-end-by-one", "D10", "ends earlier, one approval",
        amend(v.digest(begun), 1, kind="purdah", start=T + 100, until=T + 20 * DAY), who="elections-1", refused=["too-few"],
        level="guard", of=begun)
    say("amend-purdah-later-end-by-one", "D10", "ends later: as a raise",
        amend(v.digest(begun), 1, kind="purdah", start=T + 100, until=T + 50 * DAY), who="elections-1",
        level="guard", of=begun)
    say("amend-purdah-to-block-by-one", "D10", "stronger: as a raise",
        amend(v.digest(begun), 1, kind="purdah", start=T + 100, level="block"), who="elections-1", of=begun)
    blocked = v.order("raise-purdah-block", purdah(level="block", start=T + 100), "elections-1")
    say("amend-purdah-to-guard-by-one", "D10", "weaker, one approval",
        amend(v.digest(blocked), 1, kind="purdah", start=T + 100), who="elections-1", refused=["too-few"], of=blocked)


AMENDS = 128


def amend_share_vectors(v, b):
    """What somebody amended alone does not count while their share is full (What is in force, 2)."""
    values = [amend(b.e2, i + 1, at=T + 200 + i, reason=f"{i}") for i in range(AMENDS + 1)]
    parts = [c.envelope("order", value, [K["comms-1"]]) for value in values]
    files = [v.good(f"state-amends-{i}", "state", b.state(v, 210 + i, parts[i:i + 32]), "controller-main")
             for i in range(0, AMENDS, 32)]
    over = v.good("state-amends-over-share", "state", b.state(v, 400, parts[-1:]), "controller-main")
    another = c.envelope("order", amend(b.e2, AMENDS + 2, reason="True"), [K["comms-2"]])
    upon = v.good("state-amend-upon-flood", "state", b.state(v, 401, [another]), "controller-main")
    more = [c.envelope("order", amend(b.e2, AMENDS + 2 + i, at=T + 400 + i, reason=f"{i}"), [K["comms-1"]]) for i in range(32)]
    pushed = v.good("state-amends-pushed-out", "state", b.state(v, 403, more), "controller-main")
    late = c.envelope("order", amend(b.e2, AMENDS + 34, reason="Late"), [K["comms-2"]])
    above = v.good("state-amend-above-pushed-out", "state", b.state(v, 404, [late]), "controller-main")
    ends = c.envelope("order", release([{"person": "comms-1", "before": T + 900}]), [K["comms-2"], K["monitoring-1"]])
    ended = v.good("state-amends-ended", "state", b.state(v, 402, [ends]), "controller-main")
    known = b.device + [b.raise_e2] + files
    for name, about, file, known, rev in (
        ("amends-fill-share", "128 revisions of one person count", files[-1], known[:-1], AMENDS),
        ("amends-over-share", "one more: none of that person alone counts", over, known, 0),
        ("amend-upon-flood", "another's does, upon them", upon, known + [over], AMENDS + 2),
        ("amends-pushed-out", "many more, which push out the first revisions", pushed, known + [over], 0),
        ("amend-above-pushed-out", "and above revisions that are gone", above, known + [over, pushed], AMENDS + 34),
        ("amend-above-a-gap", "a revision that is missing while no share is over is not passed over", upon, known, AMENDS),
        ("amends-ended", "a release that names the person ends them", ended, known, 0),
    ):
        refused = {"amends-over-share": ["void"], "amends-pushed-out": ["void"] * len(more), "amend-above-a-gap": ["pending"]}
        v.row(name, "What is in force", about, file, known=known, refused=refused.get(name, []),
              after=after(T + 400, (b.e2, "in force", rev), level="block"))


def chain_vectors(v, b, order, known):
    first = order("amend-first", amend(b.e, 1, reason="One"), "comms-1")
    second = order("amend-second", amend(b.e, 2, at=T + 210, reason="Two"), "comms-2")
    rival = order("amend-first-rival", amend(b.e, 1, groups=["planning"], reason="Rival"), "comms-1 monitoring-1")
    file = v.good("state-amend-chain-backwards", "state", b.state(v, 41, [second, first, b.raise_e]), "controller-main")
    v.row("amend-chain-backwards", "The join", "revision 2, revision 1 and their raise, in that order", file,
          known=b.device, refused=[], after=after(T + 400, (b.e, "in force", 2), level="block"))
    file = v.good("state-amend-rivals", "state", b.state(v, 42, [rival, first]), "controller-main")
    v.row("amend-rivals", "What is in force", "two of one revision both hold; the stronger wins", file, known=known,
          refused=[], after=after(T + 400, (b.e, "in force", 1), level="block"))
    over_rival = order("amend-over-rivals", amend(b.e, 2, at=T + 220, groups=["planning"], reason="After"), "comms-1")
    file = v.good("state-amend-over-rivals", "state", b.state(v, 43, [rival, first, over_rival]), "controller-main")
    v.row("amend-over-rivals", "What is in force", "loosens one of two rivals, one approval", file, known=known,
          refused=["too-few"], after=after(T + 400, (b.e, "in force", 1), level="block"))


def trust_vectors(v, b):
    first = Refusals(v, "trust", clause="Trust", who="root-1 root-2", known=[])
    later = Refusals(v, "trust", clause="Trust", known=b.one)
    for i, raw in enumerate(c.small_order_encodings()):
        for office, value in (
            ("officer", trust_value(people=people(c.person("it-2", ["it"], [c.b64(raw)])))),
            ("root", trust_value(roots=publics("root-1", "root-2") + [c.b64(raw)])),
            ("controller", trust_value(controllers=[{"id": "main", "public": c.b64(raw)}])),
        ):
            if office == "officer" or i in (0, 2, 4, 12):
                first(f"trust-small-order-{office}-{raw.hex()[:4]}-{raw.hex()[-2:]}",
                      "a key for which anybody can sign", value, "key", clause="Envelope")
    for name, raw in (("no-point", c.no_point()), ("unreduced", c.unreduced_point())):
        first("trust-key-" + name, "bytes that are no key", trust_value(people=people(
            c.person("it-2", ["it"], [c.b64(raw)]))), "key", clause="Envelope")
    shared = K["comms-1"].public
    for name, value in (
        ("two-people", trust_value(people=people(c.person("it-2", ["it"], [shared])))),
        ("officer-and-root", trust_value(people=people(c.person("it-2", ["it"], [K["root-3"].public])))),
        ("officer-and-controller", trust_value(people=people(c.person("it-2", ["it"], [K["controller-main"].public])))),
        ("one-person-twice", trust_value(people=people(c.person("it-2", ["it"], publics("device-d2", "device-d2"))))),
        ("two-roots", trust_value(roots=publics("root-1", "root-2", "root-2"))),
        ("root-and-controller", trust_value(controllers=[{"id": "main", "public": K["root-1"].public}])),
    ):
        first("trust-key-shared-by-" + name, "no key stands twice, whatever its office", value, "key")
    for kind, act in (("emergency", "release"), ("purdah", "release"), ("register", "approve"), ("exempt", "approve")):
        roles = next(r for k, a, r, n in c.DEFAULT_RULES if (k, a) == (kind, act))
        first(f"trust-{kind}-{act}-by-one", "two must loosen", trust_value(
            rules=c.rules({(kind, act): (roles, 1)})), "rule", clause="Trust, D9.3")
    first("trust-rule-missing", "no rule for release", trust_value(rules=c.rules()[:1] + c.rules()[2:]), "rule")
    first("trust-rule-twice", "a second rule for release", trust_value(rules=c.rules() + c.rules()[1:2]), "rule")
    first("trust-threshold-above-roots", "nobody could ever sign", trust_value(threshold=4), "rule")
    trust_shape_vectors(first)
    trust_name_vectors(v, first)
    later("trust-threshold-lowered", "two roots would let one loosen", trust_value(2, threshold=1), "rule", who="root-1 root-2")
    later("trust-gap", "epoch 3 follows 1", trust_value(3), "epoch", who="root-1 root-2")
    v.row("trust-rollback", "Trust", "the leaver's trust again", b.trust_1, expect="rollback", known=b.two)
    later("trust-fork", "epoch 2 with other content, rightly signed", trust_value(2, issued=T + 9), "fork",
          who="root-2 root-3", known=b.two)
    later("trust-fork-unsigned", "anybody can write that: no alarm", trust_value(2, issued=T + 9), "signature", who="", known=b.two)
    later("trust-fork-by-usurpers", "epoch 2 by roots of their own", trust_value(2, roots=publics("root-5", "stranger-1")),
          "signature", who="root-5 stranger-1", known=b.two)
    later("trust-first-fork", "another epoch 1", trust_value(issued=T + 9), "fork", who="root-1 root-2")
    later("trust-too-few-roots", "one of two", trust_value(2), "signature", who="root-1")
    later("trust-one-root-twice", "one root signs twice", trust_value(2), "signature", who="root-1 root-1")
    later("trust-unsigned", "nobody signed", trust_value(2), "signature", who="")
    new = trust_value(2, roots=publics("root-4", "root-5"))
    later("trust-signed-by-new-roots-only", "usurpers", new, "signature", who="root-4 root-5")
    later("trust-signed-by-old-roots-only", "the new ones have not agreed", new, "signature", who="root-1 root-2")
    later("trust-signed-by-officers", "officers are no roots", trust_value(2), "signature", who="comms-1 comms-2")
    later("trust-signed-by-controller", "the server is no root", trust_value(2), "signature", who="controller-main root-1")
    later("trust-of-another-council", "right roots, other council", trust_value(2, council="south-staffordshire"),
          "council", who="root-1 root-2")
    v.refuse("trust-first-too-few-roots", "Trust", "one of two", c.message("trust", trust_value(), [K["root-1"]]),
             expect="signature", known=[])


def trust_shape_vectors(first):
    for name, about, value in (
        ("epoch-0", "epochs begin at 1", trust_value(epoch=0)),
        ("threshold-0", "nobody need sign", trust_value(threshold=0)),
        ("no-roots", "nobody could sign", trust_value(roots=[])),
        ("person-twice", "one id, two people", trust_value(people=people(c.person("it-1", ["it"], publics("device-d2"))))),
        ("person-without-key", "nobody to approve", trust_value(people=people(c.person("it-2", ["it"], [])))),
        ("person-star", "a person of every name", trust_value(people=people(c.person("*", ["it"], publics("device-d2"))))),
        ("role-star", "a person of every role", trust_value(people=people(c.person("it-2", ["*"], publics("device-d2"))))),
        ("role-twice", "a role twice", trust_value(people=people(c.person("it-2", ["it", "it"], publics("device-d2"))))),
        ("rule-star", "a rule for every role", trust_value(rules=c.rules({("emergency", "raise"): (["*"], 1)}))),
        ("rule-need-0", "nobody need approve", trust_value(rules=c.rules({("emergency", "raise"): (["comms"], 0)}))),
        ("rule-of-unknown-kind", "a kind that nobody knows",
         trust_value(rules=c.rules() + [{"kind": "drought", "act": "raise", "roles": ["comms"], "need": 1}])),
        ("rule-of-unknown-act", "an act that nobody knows",
         trust_value(rules=c.rules() + [{"kind": "emergency", "act": "amend", "roles": ["comms"], "need": 1}])),
        ("controller-twice", "one id, two controllers",
         trust_value(controllers=[{"id": "main", "public": K["controller-main"].public},
                                  {"id": "main", "public": K["controller-spare"].public}])),
        ("extra-member", "a member that nobody knows", {**trust_value(), "note": "x"}),
        ("without-void-before", "void_before is missing", {k: w for k, w in trust_value().items() if k != "void_before"}),
    ):
        first("trust-" + name, about, value, "shape")
    first("trust-too-many-roots", "nine", trust_value(roots=[K[n].public for n in NAMES[5:14]]), "size")
    first("trust-key-of-31-bytes", "too short", trust_value(people=people(
        c.person("it-2", ["it"], [c.b64(bytes(31))]))), "base64")
    first("trust-key-not-canonical", "left-over bits", trust_value(people=people(
        c.person("it-2", ["it"], [K["device-d2"].public[:-2] + chr(ord(K["device-d2"].public[-2]) + 1) + "="]))), "base64")
    first("trust-affirmed-not-hex", "no digest", trust_value(affirmed=["z" * 64]), "base64")


def trust_name_vectors(v, first):
    good = v.good("trust-with-names", "trust", trust_value(people=people(
        {**c.person("it-2", ["it"], publics("device-d2")), "name": "Zoë O'Neill"},
        {**c.person("it-3", ["it"], publics("device-d1")), "name": "n" * 100})), "root-1 root-2")
    v.row("trust-with-names", "Trust", "what screens call people", good)
    good = v.good("trust-with-root-names", "trust", {**trust_value(), "root_names": ["Chief Executive", "Monitoring Officer", "Head of IT"]},
                  "root-1 root-2")
    v.row("trust-with-root-names", "Trust", "whose the roots are", good)
    named = lambda text: trust_value(people=people({**c.person("it-2", ["it"], publics("device-d2")), "name": text}))
    whose = lambda *names: {**trust_value(), "root_names": list(names)}
    first("trust-root-names-too-few", "whose is the third?", whose("Chief Executive", "Monitoring Officer"), "shape")
    first("trust-root-names-empty", "leaving it out is the one way to say none", whose(), "shape")
    first("trust-root-name-empty", "a name is a line", whose("Chief Executive", "", "Head of IT"), "shape")
    first("trust-root-name-of-101-bytes", "too long", whose("Chief Executive", "n" * 101, "Head of IT"), "size")
    first("trust-name-empty", "leaving it out is the one way to say none", named(""), "shape")
    first("trust-name-of-two-lines", "a name is a line", named("Ann\nApproved by comms-1"), "shape")
    first("trust-name-that-turns", "no name reads otherwise than it is written", named("Ann \u202e1-smmoc"), "json")
    first("trust-name-of-101-bytes", "too long", named("ö" * 50 + "n"), "size")


def people_change_vectors(v, b):
    left = v.digest(b.raise_leaver)
    v.row("raise-by-leaver-affirmed", "When people change", "the roots affirmed it: it holds", b.raise_leaver,
          known=b.two, after=after(T + 400, (left, "in force", 0)))
    v.row("raise-by-leaver-in-their-day", "When people change", "still of comms by this trust", b.raise_leaver,
          known=b.one, after=after(T + 400, (left, "in force", 0)))
    v.row("trust-next-keeps-affirmed", "When people change", "heard before the leaver went", b.trust_2,
          known=[b.trust_1, b.raise_leaver], after=after(T + 400, (left, "in force", 0)))
    backdated = v.order("raise-backdated-by-leaver", emergency(T + 50), "leaver-1")
    v.row("raise-backdated-by-leaver", "When people change", "written after leaving, dated before", backdated, expect="stranger",
          known=b.two, after=after(T + 400))
    v.row("trust-next-drops-leaver", "When people change", "not affirmed: it counts no longer", b.trust_2,
          known=[b.trust_1, backdated], after=after(T + 400))
    value = trust_value(2, void_before=T + 105, affirmed=[b.p])
    voids = v.good("trust-2-voids", "trust", value, "root-1 root-2")
    v.row("raise-void", "When people change", "older than void_before", b.raise_e, expect="void", known=[b.trust_1, voids],
          after=after(T + 400))
    v.row("raise-void-but-affirmed", "When people change", "older, but affirmed", b.raise_p, known=[b.trust_1, voids],
          after=after(T + 400, (b.p, "scheduled", 0)))
    v.row("raise-younger-than-void-before", "When people change", "younger", b.raise_x, known=[b.trust_1, voids],
          after=after(T + 400, (b.x, "in force", 0)))
    v.row("trust-next-voids", "When people change", "an old order is dropped when the trust comes", voids,
          known=[b.trust_1, b.raise_e, b.raise_p], after=after(T + 400, (b.p, "scheduled", 0)))


def register_vectors(v, b):
    known = [b.trust_1, b.register_1]

    say = Refusals(v, "register", clause="Register", who="comms-1 comms-2", known=b.one)
    say("register-fork", "version 1 with other content", register_value(issued=T + 99), "fork", known=known)
    two = v.good("register-2", "register", register_value(2), "comms-2 comms-1")
    v.row("register-rollback", "Register", "an older register", b.register_1, expect="rollback", known=[b.trust_1, two])
    say("register-by-one", "one approval", register_value(), "too-few", who="comms-1", clause="D2.1")
    say("register-by-two-keys-of-one", "two keys, one person", register_value(), "too-few", who="comms-1 comms-1-second")
    say("register-by-it", "it has no say in accounts", register_value(), "role", who="it-1 monitoring-1", clause="D2.1")
    say("register-by-strangers", "keys of nobody", register_value(), "stranger", who="stranger-1 device-d2")
    say("register-unsigned", "nobody approved", register_value(), "unsigned", who="")
    say("register-of-another-council", "a neighbour's", register_value(council="south-staffordshire"), "council")
    good = c.envelope("register", register_value(), [K["comms-1"], K["comms-2"]])
    more = c.compact(register_value(tools=[]))
    v.refuse("register-altered", "D2.1", "tools struck out after approval", {**good, "payload": c.b64(more)}, expect="signature",
             known=b.one)
    tool = lambda **ch: register_value(tools=[{**c.tool("t", "T", ["x"], ["x.com"], ["/usr/bin/t"]), **ch}])
    for name, address in (("scheme", "https://x.com"), ("path", "x.com/home"), ("star", "*.x.com"), ("port", "x.com:443"),
                          ("capitals", "X.com"), ("one-label", "localhost"), ("empty", ""), ("space", "x.com "),
                          ("double-dot", "x..com"), ("last-dot", "x.com."), ("first-dot", ".x.com"), ("number", "123.456"), ("hex", "x.0x1f")):
        say("register-address-" + name, "no bare host name", tool(addresses=[address]), "shape")
    for name, program in (("relative", "toot"), ("dots", "/usr/../bin/toot"), ("double-slash", "//usr/bin/toot"),
                          ("folder", "/usr/bin/"), ("root", "/"), ("empty", "")):
        say("register-program-" + name, "no absolute normal path", tool(programs=[program]), "shape")
    for name, about, value in (
        ("tool-of-nothing", "neither address nor program", tool(addresses=[], programs=[])),
        ("tool-for-star", "platforms are named", tool(platforms=["*"])),
        ("tool-twice", "one id, two tools", register_value(tools=register_value()["tools"][:1] * 2)),
        ("account-twice", "one account, two rows", register_value(accounts=register_value()["accounts"][:1] * 2)),
        ("account-of-unknown-kind", "a kind that nobody knows", register_value(accounts=[c.account("x:a", "private", {})])),
        ("account-star", "accounts are named", register_value(accounts=[c.account("*", "corporate", {})])),
        ("version-0", "versions begin at 1", register_value(version=0)),
        ("extra-member", "a member that nobody knows", {**register_value(), "note": "x"}),
        ("without-tools", "tools is missing", {k: w for k, w in register_value().items() if k != "tools"}),
    ):
        say("register-" + name, about, value, "shape")
    many = [c.account(f"x:a{i}", "corporate", {}) for i in range(501)]
    say("register-too-many-accounts", "501", register_value(accounts=many), "size")


def part_value(part, parts=2, version=2, rest=None, **changes):
    """One part of a register that has no tools: where it is in force, nothing is left to be shut."""
    half = register_value()["accounts"][2 * part - 2:2 * part]
    value = {**register_value(version, **{"accounts": half, "tools": [], **changes}), "part": part, "parts": parts}
    return value if rest is None else {**value, "rest": rest}


def parts_vectors(v, b):
    """A register in parts counts when it is whole, and until then the one before stays in force."""
    shut, opened = after(T + 400, (b.e, "in force", 0), level="block"), after(T + 400, (b.e, "in force", 0), level="open")
    before = b.device + [b.raise_e]

    def edition(name, who="comms-1 comms-2", **changes):
        second = v.good(f"register-{name}-2", "register", part_value(2, **changes), who)
        return v.good(f"register-{name}-1", "register", part_value(1, rest=[v.digest(second)], **changes), who), second

    part = Refusals(v, "register", clause="Register", who="comms-1 comms-2", known=b.one)
    one, two = edition("part")
    other_one, other_two = edition("part-other", issued=T + 99)
    for name, about, file, know, then in (
        ("first", "the other is not here yet: what was stays in force", one, [], shut),
        ("second-first", "nor is the one that binds them", two, [], shut),
        ("whole", "both are here", two, [one], opened),
        ("whole-other-order", "whichever came first", one, [two], opened),
        ("mixed", "attack: parts of two editions of one version", other_two, [one], shut),
        ("mixed-other-order", "attack: whichever came first", other_one, [two], shut),
    ):
        v.row("register-parts-" + name, "Register", about, file, known=before + know, after=then)
    low, high = sorted(((one, two), (other_one, other_two)), key=lambda pair: v.digest(pair[0]))
    v.row("register-parts-fork", "Register", "two editions are whole: the one with the higher digest changes nothing",
          high[0], expect="fork", known=[b.trust_1, high[1], *low])
    v.row("register-parts-fork-lower", "Register", "and the one with the lower digest is in force", low[0], expect="fork",
          known=[b.trust_1, low[1], *high])
    part("register-part-by-one", "each part takes two", part_value(2), "too-few", who="comms-1", known=[b.trust_1, one], clause="D2.1")
    later = v.good("register-part-of-3", "register", part_value(2, version=3), "comms-1 comms-2")
    part("register-parts-of-two-versions", "attack: part 1 names a part of another version", part_value(1, rest=[v.digest(later)]),
         "mismatch", known=[b.trust_1, b.register_1, later])
    again = v.good("register-part-again", "register", part_value(2, accounts=register_value()["accounts"][:2]), "comms-1 comms-2")
    part("register-parts-account-twice", "one account in two parts", part_value(1, rest=[v.digest(again)]), "shape", known=[b.trust_1, again])
    aside = v.good("trust-2-sets-parts-aside", "trust",
                   {**trust_value(2), "void": [{"digest": v.digest(one), "from_version": 1}]}, "root-1 root-2")
    v.row("register-parts-set-aside", "When people change", "the roots name part 1: it is the register's digest", one, expect="void",
          known=[b.trust_1, b.register_1, two, aside])
    v.row("register-parts-set-aside-held", "When people change", "it stays until a successor is heard", aside,
          known=before + [one, two], after=opened)
    v.row("register-parts-set-aside-followed", "When people change", "version 1 may follow, as the roots say", b.register_1,
          known=before + [one, two, aside], after=shut)
    digest = "ab" * 32
    for name, about, value, expect in (
        ("beyond", "part 3 of 2", part_value(3), "shape"),
        ("of-none", "part 0", part_value(0), "shape"),
        ("of-one", "left out is the one way to say the whole", part_value(1, 1), "shape"),
        ("of-nine", "more than 8", part_value(2, 9), "shape"),
        ("without-parts", "of how many?", {k: w for k, w in part_value(2).items() if k != "parts"}, "shape"),
        ("without-rest", "part 1 names the others", part_value(1), "shape"),
        ("with-short-rest", "each of the others", part_value(1, 3, rest=[digest]), "shape"),
        ("with-rest-twice", "none twice", part_value(1, 3, rest=[digest, digest]), "shape"),
        ("2-with-rest", "the others name none", part_value(2, rest=[digest]), "shape"),
        ("rest-of-whole", "a whole one has no others", register_value(2) | {"rest": [digest]}, "shape"),
    ):
        part("register-part-" + name, about, value, expect)


def dedicated_vectors(v, b):
    """Of the addresses those whose network addresses serve nothing else: only what the approved register says so."""
    def value(dedicated):
        return register_value(tools=[{**c.tool("t", "T", ["facebook"], ["facebook.com", "fb.com"]), "dedicated": dedicated}])

    file = v.good("register-with-dedicated", "register", value(["facebook.com"]), "comms-1 comms-2")
    v.row("register-with-dedicated", "Register", "one of two addresses", file, known=b.one)
    for name, about, dedicated in (
        ("of-no-address", "a host that is not among the addresses", ["instagram.com"]),
        ("subdomain", "the address itself is meant", ["www.facebook.com"]),
        ("twice", "each once", ["fb.com", "fb.com"]),
        ("empty", "none is said by leaving it out", []),
        ("text", "a list", "facebook.com"),
        ("star", "hosts are named", ["*"]),
    ):
        v.refuse("register-dedicated-" + name, "Register", about,
                 c.message("register", value(dedicated), [K["comms-1"], K["comms-2"]]), expect="shape", known=b.one)


WORDS = (("Jane Example", "member"), ("Norton Canes", "ward"), ("Zoë O\u2019Brien", "candidate"), ("Example Party", "party"),
         ("#VoteExample", "hashtag"), ("Jane Example", "candidate"))


def words_vectors(v, b):
    """D10: what the draft check marks comes from the approved register alone."""
    value = register_value(words=c.words(WORDS))
    file = v.good("register-with-words", "register", value, "comms-1 comms-2")
    v.row("register-with-words", "D10", "one of each kind; a Member may be a candidate", file, known=b.one)
    word = {"text": "Jane Example", "kind": "member"}

    def say(name, about, words, expect="shape"):
        v.refuse("register-" + name, "D10", about,
                 c.message("register", register_value(words=words), [K["comms-1"], K["comms-2"]]), expect=expect, known=b.one)

    say("word-of-unknown-kind", "a kind that nobody knows", [{**word, "kind": "mayor"}])
    say("word-twice", "text and kind the same", [word, word])
    say("word-empty", "no text", [{**word, "text": ""}])
    say("word-of-two-lines", "a line", [{**word, "text": "Jane\nExample"}])
    say("word-turned-round", "a direction character", [{**word, "text": "Jane\u202eExample"}], "json")
    say("word-too-long", "101 bytes", [{**word, "text": "w" * 101}], "size")
    say("word-without-kind", "kind is missing", [{"text": "Jane Example"}])
    say("word-extra-member", "a member that nobody knows", [{**word, "ward": "Norton Canes"}])
    say("word-text-alone", "an element is an object", ["Jane Example"])
    say("words-empty", "none is said by leaving it out", [])
    say("words-object", "a list", {"0": word})
    say("words-too-many", "1,001", [{"text": f"w{i}", "kind": "ward"} for i in range(1001)], "size")


def assignment_vectors(v, b):
    say = Refusals(v, "assignment", clause="Assignment", who="it-1", known=b.one)
    for raw in (c.small_order_encodings()[i] for i in (0, 2, 5, 8, 12)):
        say(f"assignment-small-order-key-{raw.hex()[:4]}-{raw.hex()[-2:]}", "anybody could sign its reports",
            assignment_value(public=c.b64(raw)), "key")
    say("assignment-key-no-point", "bytes that are no key", assignment_value(public=c.b64(c.no_point())), "key")
    say("assignment-of-another-device", "d2's", assignment_value(device="d2"), "device")
    say("assignment-of-another-council", "a neighbour's", assignment_value(council="south-staffordshire"), "council")
    say("assignment-by-comms", "the it role assigns devices", assignment_value(), "role", who="comms-1")
    say("assignment-by-stranger", "a key of nobody", assignment_value(), "stranger", who="stranger-1")
    say("assignment-unsigned", "nobody approved", assignment_value(), "unsigned", who="")
    say("assignment-fork", "version 1 with other content", assignment_value(groups=["planning"]), "fork", who="it-1 comms-1", known=b.device)
    two = v.good("assignment-2-by-two", "assignment", assignment_value(2, groups=["planning"]), "it-1 comms-1")
    v.row("assignment-rollback", "Assignment", "an older one than two approved", b.assignment_1, expect="rollback",
          known=[b.trust_1, two])
    for name, about, value in (
        ("group-star", "a device of every group", assignment_value(groups=["*"])),
        ("person-twice", "one person, two rows", assignment_value(people=assignment_value()["people"] * 2)),
        ("version-0", "versions begin at 1", assignment_value(version=0)),
        ("without-people", "people is missing", {k: w for k, w in assignment_value().items() if k != "people"}),
        ("extra-member", "a member that nobody knows", {**assignment_value(), "note": "x"}),
    ):
        say("assignment-" + name, about, value, "shape")
    many = {f"p-{i}": f"u{i}" for i in range(33)}
    say("assignment-too-many-people", "33", c.assignment(COUNCIL, DEVICE, 1, T + 21, public=K["device-d1"].public, people=many, groups=[]),
        "size")


def state_vectors(v, b):
    device = b.device
    plain = v.good("state-1", "state", b.state(v, 1, []), "controller-main")
    v.row("state-empty", "State", "nothing is in force", plain, known=device, refused=[],
          after=after(T + 400, level="open"))
    full = v.good("state-5", "state", b.state(v, 5, [b.raise_e, b.raise_p]), "controller-main")
    both = ((b.e, "in force", 0), (b.p, "scheduled", 0))
    v.row("state", "State", "an emergency and a planned purdah", full, known=device, refused=[],
          after=after(T + 400, *both, level="block"))
    v.row("state-again", "State", "the same state once more", full, known=device + [full], refused=[],
          after=after(T + 400, *both, level="block"))
    v.row("state-before-anything-else", "State", "no register, no assignment: heard all the same", full, known=b.one,
          refused=[], after=after(T + 400, *both))
    spare = v.good("state-spare", "state", b.state(v, 1, [b.raise_e], controller="spare"), "controller-spare")
    v.row("state-of-second-controller", "State", "each controller counts for itself", spare, known=device + [full],
          refused=[], after=after(T + 400, *both, level="block"))
    ends = v.good("state-after-purdah", "state", b.state(v, 6, [b.raise_p], issued=T + 41 * DAY), "controller-main")
    v.row("purdah-over", "D10, Time", "both clocks are past its end", ends, known=device + [b.raise_p], refused=[],
          after=after(T + 41 * DAY, (b.p, "over", 0), level="open"))
    v.row("purdah-local-clock-behind", "Time", "only the controller says that it is past", ends,
          known=device + [b.raise_p], refused=[], after=after(T + 12 * DAY, (b.p, "in force", 0), level="guard"))
    v.row("purdah-started-by-controllers-time", "Time", "the local clock stands at 1970", v.good(
        "state-within-purdah", "state", b.state(v, 7, [], issued=T + 12 * DAY), "controller-main"),
        known=device + [b.raise_p], refused=[], after=after(0, (b.p, "in force", 0), level="guard"))
    state_refused_vectors(v, b)
    state_order_vectors(v, b)
    state_replay_vectors(v, b, plain, full)
    state_page_vectors(v, b)
    state_log_vectors(v, b)
    state_heard_vectors(v, b)


def state_refused_vectors(v, b):
    say = Refusals(v, "state", clause="State", who="controller-main", known=b.device)
    value = b.state(v, 9, [b.raise_e])
    say("state-unsigned", "nobody signed", value, "controller", who="")
    say("state-by-officer", "an officer is no controller", value, "controller", who="comms-1")
    say("state-by-stranger", "a key of nobody", value, "controller", who="stranger-1")
    say("state-by-device", "a device is no controller", value, "controller", who="device-d1")
    say("state-in-anothers-name", "the spare controller signs as main", value, "controller", who="controller-spare")
    say("state-of-unknown-controller", "a name that the trust has not", {**value, "controller": "third"}, "controller")
    say("state-by-controller-of-older-trust", "the spare one has gone", {**value, "controller": "spare"}, "controller",
        who="controller-spare", known=b.two)
    say("state-of-another-council", "a neighbour's", {**value, "council": "south-staffordshire"}, "council")
    good = c.envelope("state", value, [K["controller-main"]])
    empty = c.compact(b.state(v, 9, []))
    v.refuse("state-altered", "State", "the order taken out after signing", {**good, "payload": c.b64(empty)}, expect="controller",
             known=b.device)
    for name, about, changes in (
        ("seq-0", "seq begins at 1", {"seq": 0}),
        ("page-beyond-pages", "page 1 of 1", {"page": 1}),
        ("no-pages", "of 0 pages", {"pages": 0}),
        ("sixty-five-pages", "more than 64", {"page": 64, "pages": 65}),
        ("trust-text", "trust is an object", {"trust": "x"}),
        ("trust-extra-member", "a member that nobody knows", {"trust": {**value["trust"], "x": 1}}),
        ("orders-object", "orders is a list", {"orders": {}}),
        ("extra-member", "a member that nobody knows", {"note": "x"}),
    ):
        say("state-" + name, about, {**value, **changes}, "shape")
    for member in value:
        say("state-without-" + member.replace("_", "-"), f"{member} is missing",
            {k: w for k, w in value.items() if k != member}, "shape")
    refused_growth_vectors(v, b, say)
    say("state-log-root-not-hex", "no digest", {**value, "log": {"size": 1, "root": "x" * 64}}, "base64")
    tiny = {"payload": "e30=", "payloadType": c.type_uri("order"), "signatures": []}
    say("state-too-many-orders", "65 on one page", {**value, "orders": [tiny] * 65}, "size")


def state_order_vectors(v, b):
    """One bad order hides no good one."""
    good = v.envelope(b.raise_e2)
    order = lambda value, who="": c.envelope("order", value, [K[w] for w in who.split()])
    e = b.e
    known = b.device + [b.raise_e]
    kept = ((b.e, "in force", 0), (b.e2, "in force", 0))
    altered = {**v.envelope(b.release_e), "payload": c.b64(c.compact(release(e, reason="x")))}
    rows = (
        ("unsigned-release", "D9.3", "the server's own all-clear", order(release(e)), "unsigned"),
        ("release-by-one", "D9.3", "one approval", order(release(e), "comms-1"), "too-few"),
        ("release-by-two-keys-of-one", "D9.3", "two keys, one person", order(release(e), "comms-1 comms-1-second"), "too-few"),
        ("release-by-wrong-role", "D9.3", "comms and it", order(release(e), "comms-1 it-1"), "role"),
        ("release-by-strangers", "D9.3", "nobody's keys", order(release(e), "stranger-1 device-d2"), "stranger"),
        ("release-altered", "D9.3", "changed after approval", altered, "signature"),
        ("release-of-other-lockdown", "D9.3", "a lockdown that nobody knows", order(
            release("cd" * 32), "comms-1 monitoring-1"), "other-lockdown"),
        ("release-of-other-kind", "D9.3", "approved as the end of a purdah", order(
            release(e, kind="purdah"), "elections-1 monitoring-1"), "mismatch"),
        ("exercise-release-of-live-lockdown", "D9.3", "the end of a drill, approved by one, names the live lockdown", order(
            release(e, mode="exercise"), "comms-1"), "mismatch"),
        ("other-councils-raise", "State", "a neighbour's order", order(
            {**emergency(), "council": "south-staffordshire"}, "comms-1"), "council"),
        ("raise-by-stranger", "State", "a key of nobody", order(emergency(T + 170), "stranger-1"), "stranger"),
        ("order-of-wrong-shape", "State", "a member too many", order({**emergency(), "x": 1}, "comms-1"), "shape"),
        ("no-envelope", "State", "an entry that is no envelope", {"payload": "e30="}, "shape"),
        ("number", "State", "an entry that is a number", 7, "shape"),
        ("not-canonical", "State", "base64 that is not canonical", {**good, "payload": "QR=="}, "base64"),
        ("register-inside", "State", "an entry that is no order", v.envelope(b.register_1), "type"),
        ("payload-not-json", "State", "signed bytes that are no JSON", c.envelope(
            "order", b"release", [K["comms-1"], K["monitoring-1"]]), "json"),
    )
    for i, (name, clause, about, bad, reason) in enumerate(rows):
        file = v.good("state-with-" + name, "state", b.state(v, 60 + i, [bad, good]), "controller-main")
        v.row("state-with-" + name, clause, about + "; the good order behind it is heard", file, known=known,
              refused=[] if reason == "other-lockdown" else [reason], after=after(T + 400, *kept, level="block"))
    bad = [row[3] for row in rows]
    file = v.good("state-with-many-bad", "state", b.state(v, 90, [*bad[:4], good, *bad[4:8]]), "controller-main")
    v.row("state-with-many-bad", "State", "eight bad ones around a good one", file, known=known,
          refused=[row[4] for row in rows[:8] if row[4] != "other-lockdown"], after=after(T + 400, *kept, level="block"))
    v.row("release-alone", "State", "what is long done is said in short: the release without raise and amendments",
          state_with_early_release(v, b), known=known + [b.raise_e], refused=[],
          after=after(T + 400, (b.e, "released", 0), level="open"))
    v.row("release-before-raise", "The join", "its raise is not known yet: kept; in a state it is not counted",
          state_with_early_release(v, b), known=b.device, refused=[], after=after(T + 400, level="open"))
    v.row("release-before-raise-again", "The join", "nor the second time", v.good(
        "state-release-before-raise-again", "state", b.state(v, 4, [b.release_e]), "controller-main"),
        known=b.device + [state_with_early_release(v, b)], refused=[], after=after(T + 400, level="open"))
    drill = order(release(e, mode="exercise"), "comms-1")
    early = v.good("state-exercise-release-first", "state", b.state(v, 92, [drill]), "controller-main")
    v.row("exercise-release-comes-first", "D9.3", "a drill's end that was waiting does not release the live raise",
          b.raise_e, known=b.device + [early], after=after(T + 400, (e, "in force", 0), level="block"))
    part = v.put("parts/release-half.json", order(release(e), "monitoring-1"))
    file = v.good("state-approvals-apart", "state", b.state(v, 93, [part, b.raise_e, b.release_e]), "controller-main")
    v.row("state-approvals-apart", "The join", "the same release with one approval and with two", file, known=b.device,
          refused=["too-few"], after=after(T + 400, (e, "released", 0), level="open"))


def state_replay_vectors(v, b, plain, full):
    done = v.good("state-released", "state", b.state(v, 8, [b.raise_e, b.release_e]), "controller-main")
    v.row("state-replayed-after-release", "State", "the older state with the raise alone: nothing locks again", full,
          expect="rollback", known=b.device + [done],
          after=after(T + 400, (b.e, "released", 0), (b.p, "scheduled", 0), level="open"))
    v.row("state-replayed-before-raise", "State", "the older empty state: nothing opens", plain, expect="rollback",
          known=b.device + [full], after=after(T + 400, (b.e, "in force", 0), (b.p, "scheduled", 0), level="block"))
    forked = v.good("state-5-forked", "state", b.state(v, 5, [b.raise_e2]), "controller-main")
    v.row("state-forked", "State", "one number, two contents; its order stands on its own approval", forked, expect="fork",
          known=b.device + [full],
          after=after(T + 400, (b.e, "in force", 0), (b.e2, "in force", 0), (b.p, "scheduled", 0), level="block"))
    newer = b.state(v, 10, [b.raise_e], trust=(2, v.digest(b.trust_2)), register=(2, "12" * 32))
    v.row("state-of-newer-trust", "State", "it names what is not known here: heard, and asked for",
          v.good("state-of-newer-trust", "state", newer, "controller-main"), known=b.device, refused=[],
          after=after(T + 400, (b.e, "in force", 0), level="block"))


def state_log_vectors(v, b):
    """What states of one key say of its journal, judged in order of seq; orders are never held back by it."""
    def said(seq, size, root, orders=(), who="main"):
        file = v.good(f"state-{who}-{seq}-log-{size}-{root}", "state",
                      b.state(v, seq, list(orders), log=(size, root * 32), controller=who), f"controller-{who}")
        return file

    whole = said(70, 40, "ab")
    held = after(T + 400, (b.e, "in force", 0), level="block")
    for name, about, file, expect in (
            ("shorter", "a higher seq with fewer records: its order is joined all the same", said(71, 39, "cd", [b.raise_e]), "log-fork"),
            ("emptied", "a journal begun anew", said(71, 0, "ab", [b.raise_e]), "log-fork"),
            ("other-root", "as many records, and another head: the chain was computed anew", said(71, 40, "cd", [b.raise_e]), "log-fork"),
            ("same", "nothing was recorded since", said(71, 40, "ab", [b.raise_e]), "ok"),
            ("longer", "it grew", said(71, 41, "cd", [b.raise_e]), "ok"),
            ("of-the-spare", "another controller has a journal of its own", said(71, 3, "ef", [b.raise_e], "spare"), "ok")):
        v.row("state-log-" + name, "State", about, file, expect=expect, known=b.device + [whole], after=held)
    grown_log_vectors(v, b, held)
    v.row("state-log-replayed", "State", "an older state with an older log, sent again: a rollback, and no fork", said(60, 30, "12"),
          expect="rollback", known=b.device + [whole], after=after(T + 400, level="open"))
    v.row("state-log-larger-in-an-older", "State", "an older state with a larger log says nothing: it is not the newest",
          said(61, 90, "12"), expect="rollback", known=b.device + [whole], after=after(T + 400, level="open"))


def grown_log_vectors(v, b, held):
    """A larger log is proved to go on from the smaller one, on a last page of its own."""
    mine = c.Tree([hashlib.sha256(b"record %d" % i).digest() for i in range(60)])
    other = c.Tree([hashlib.sha256(b"other record %d" % i).digest() for i in range(60)])

    def page(name, seq, log, grown=None):
        file = v.good("state-grown-" + name, "state",
                      b.state(v, seq, [] if grown else [b.raise_e], log=log, grown=grown, page=1 if grown else 0, pages=2),
                      "controller-main")
        return file

    first = v.good("state-grown-first", "state", b.state(v, 200, [b.raise_e], log=(40, mine.root(40))), "controller-main")
    said = page("said", 201, (53, mine.root(53)))
    proved = page("proved", 201, (53, mine.root(53)), [(40, mine.growth(40, 53)), (7, mine.growth(7, 53))])
    v.row("state-grown-said", "State", "it grew, and the page with the proof is still to come", said, known=b.device + [first], refused=[], after=held)
    v.row("state-grown-proved", "State", "and is proved to go on from what was held", proved, known=b.device + [first, said], refused=[], after=held)
    v.row("state-grown-proved-first", "State", "the page of the proof before the other", said, known=b.device + [first, proved], refused=[], after=held)
    v.row("state-grown-again", "State", "the next proof goes on from there", page("again", 202, (60, mine.root(60)), [(53, mine.growth(53, 60))]),
          known=b.device + [first, said, proved], refused=[], after=held)
    for name, about, log, grown in (
            ("of-another", "a journal made anew with as many records and more: its proof does not fit", (53, other.root(53)),
             [(40, other.growth(40, 53))]),
            ("of-nothing", "a proof that is none", (53, mine.root(53)), [(40, ["ab" * 32])])):
        v.row("state-grown-" + name, "State", about, page(name, 203, log, grown), expect="log-fork", known=b.device + [first], after=held)
    for name, about, grown in (
            ("of-others", "others are answered: it goes on waiting", [(7, mine.growth(7, 53))]),
            ("asked", "without a proof: who holds a state of that size is asked for it", [(40, [])])):
        v.row("state-grown-" + name, "State", about, page(name, 204, (53, mine.root(53)), grown), known=b.device + [first], refused=[], after=held)
    v.row("state-grown-two-logs", "State", "two pages of one number with two logs",
          page("two-logs", 201, (54, mine.root(54)), [(7, mine.growth(7, 54))]), expect="log-fork", known=b.device + [first, said], after=held)


def refused_growth_vectors(v, b, say):
    proof = ["ab" * 32]
    value = b.state(v, 9, [], grown=[(4, proof)], log=(9, "ab" * 32), page=1, pages=2)

    def log(grown):
        return {**value["log"], "from": grown}

    row = {"size": 4, "proof": proof}
    for name, about, changes in (
            ("empty", "none is said by leaving it out", {"log": log([])}),
            ("of-0", "every log goes on from none", {"log": log([{**row, "size": 0}])}),
            ("of-now", "as large as the log is", {"log": log([{**row, "size": 9}])}),
            ("twice", "one size twice", {"log": log([row, row])}),
            ("extra-member", "a member that nobody knows", {"log": log([{**row, "x": 1}])}),
            ("without-size", "of which size", {"log": log([{"proof": proof}])}),
            ("without-proof", "the list is missing", {"log": log([{"size": 4}])}),
            ("beside-an-order", "on a page of its own", {"orders": [v.envelope(b.raise_e)]}),
            ("on-page-0", "on the last page", {"page": 0})):
        say("state-grown-" + name, about, {**value, **changes}, "shape")
    say("state-grown-not-hex", "no digest", {**value, "log": log([{**row, "proof": ["x" * 64]}])}, "base64")
    say("state-grown-nine", "nine sizes", {**value, "log": log([{**row, "size": i + 1} for i in range(9)])}, "size")
    say("state-grown-long", "a proof of 65 nodes", {**value, "log": log([{**row, "proof": ["%064x" % i for i in range(65)]}])}, "size")


def state_heard_vectors(v, b):
    """To one device alone: its last word was taken."""
    report = v.digest("good/report-1.json")
    later = v.good("state-before-heard", "state", b.state(v, 211, [b.raise_e]), "controller-main")
    value = {**b.state(v, 210, []), "heard": report}
    held = after(T + 3600, (v.digest(b.raise_e), "in force", 0))
    v.row("state-heard", "State, D9.2", "nothing is learned of its number, which is older than what was heard", v.good("state-heard", "state", value, "controller-main"),
          known=b.device + [later], refused=[], after=held)
    v.refuse("state-heard-by-no-controller", "State, D9.2", "a device that leaves must not take a stranger's word for the council's",
             c.message("state", value, [K["device-d2"]]), expect="controller", known=b.device)
    claim = {"lockdown": v.digest(b.raise_e), "account": "x:CannockChaseDC", "person": "comms-2", "state": "claimed", "at": T, "post": "", "device": DEVICE}
    for name, changes in (("beside-an-order", {"orders": [v.envelope(b.raise_e)]}), ("of-two-pages", {"pages": 2}), ("beside-claims", {"claims": [claim]}),
                          ("beside-a-proof", {"log": {**value["log"], "from": [{"size": 1, "proof": []}]}})):
        v.refuse("state-heard-" + name, "State", "it says nothing else", c.message("state", {**value, **changes}, [K["controller-main"]]), expect="shape",
                 known=b.device)


def state_page_vectors(v, b):
    first = v.good("state-page-0", "state", b.state(v, 20, [b.raise_e], page=0, pages=2), "controller-main")
    second = v.good("state-page-1", "state", b.state(v, 20, [b.raise_p], page=1, pages=2), "controller-main")
    one = (b.e, "in force", 0)
    two = (b.p, "scheduled", 0)
    v.row("state-page-0-of-2", "State", "the first of two pages alone", first, known=b.device, refused=[],
          after=after(T + 400, one, level="block"))
    v.row("state-page-1-of-2", "State", "the second behind the first", second, known=b.device + [first], refused=[],
          after=after(T + 400, one, two, level="block"))
    v.row("state-pages-backwards", "State", "the first behind the second", first, known=b.device + [second], refused=[],
          after=after(T + 400, one, two, level="block"))
    other = v.good("state-page-1-forked", "state", b.state(v, 20, [b.raise_e2], page=1, pages=2), "controller-main")
    v.row("state-page-forked", "State", "one page, two contents", other, expect="fork", known=b.device + [first, second],
          after=after(T + 400, one, two, (b.e2, "in force", 0), level="block"))


def report_value(v, b, counter=1, **changes):
    value = c.report(
        COUNCIL, DEVICE, counter, T + 500, controller="main", state_seq=5, state=v.digests.get("good/state-5.json", "ef" * 32), trust_epoch=1, register_version=1,
        layers=[("browser", "verified", "https://x.com was refused"), ("programs", "armed", "")],
        lockdowns=[(b.e, "emergency", "live", 0, "enforced-verified")], refused={"too-few": 2, "rollback": 1},
    )
    value.update(changes)
    return value


def report_1(v, b):
    value = report_value(v, b, state="ef" * 32)
    return v.good("report-1", "report", value, "device-d1")


def report_vectors(v, b):
    say = Refusals(v, "report", clause="Report", who="device-d1", known=b.device, topic="report")
    one = report_1(v, b)
    first = c.report(COUNCIL, DEVICE, 1, T + 500, unknown=True)
    v.row("report", "Report", "enforced and verified", one, known=b.device, topic="report")
    v.row("report-of-nothing-known", "Report", "locked because what was known is lost",
          v.good("report-unknown", "report", first, "device-d1"), known=b.device, topic="report")
    two = v.good("report-2", "report", report_value(v, b, 2), "device-d1")
    v.row("report-next", "Report", "the next one", two, known=b.device + [one], topic="report")
    v.row("report-replayed", "Report", "an older one again", one, expect="rollback", known=b.device + [one, two], topic="report")
    v.row("report-repeated", "Report", "the same one again", one, expect="rollback", known=b.device + [one], topic="report")
    over = report_value(v, b, over=[{"person": "comms-1", "kind": "emergency"}])
    v.row("report-over", "Shares", "somebody's share is full here", v.good("report-over", "report", over, "device-d1"),
          known=b.device, topic="report")
    say("report-over-nobody", "the list is there and empty", report_value(v, b, over=[]), "shape")
    say("report-over-twice", "the same person and kind twice", report_value(v, b, over=over["over"] * 2), "shape")
    say("report-over-no-kind", "a kind that is none", report_value(v, b, over=[{"person": "comms-1", "kind": "drill"}]), "shape")
    say("report-over-seventeen", "more than 16", report_value(
        v, b, over=[{"person": f"p-{i}", "kind": "purdah"} for i in range(17)]), "size")
    say("report-by-another-device", "d2 speaks for d1", report_value(v, b), "signature", who="device-d2")
    say("report-by-controller", "the server speaks for d1", report_value(v, b), "signature", who="controller-main")
    say("report-unsigned", "nobody signed", report_value(v, b), "signature", who="")
    say("report-in-anothers-name", "d1 speaks for d2", report_value(v, b, device="d2"), "device")
    say("report-of-another-council", "a neighbour's", report_value(v, b, council="south-staffordshire"), "council")
    good = c.envelope("report", report_value(v, b), [K["device-d1"]])
    better = c.compact(report_value(v, b, refused=[]))
    v.refuse("report-altered", "Report", "the attacks struck out", {**good, "payload": c.b64(better)}, expect="signature", known=b.device,
             topic="report")
    lockdown = report_value(v, b)["lockdowns"][0]
    for name, about, changes in (
        ("unknown-number", "unknown is true or false", {"unknown": 0}),
        ("standing-unreached", "only the controller can say that", {"lockdowns": [{**lockdown, "standing": "unreached"}]}),
        ("lockdown-extra-member", "a member that nobody knows", {"lockdowns": [{**lockdown, "x": 1}]}),
        ("layer-of-unknown-state", "a state that nobody knows", {"layers": [{"name": "browser", "state": "fine", "saw": ""}]}),
        ("refused-for-unknown-reason", "a reason that nobody knows", {"refused": [{"reason": "mood", "count": 1}]}),
        ("extra-member", "a member that nobody knows", {"note": "x"}),
    ):
        say("report-" + name, about, {**report_value(v, b), **changes}, "shape")
    for member in report_value(v, b):
        say("report-without-" + member.replace("_", "-"), f"{member} is missing",
            {k: w for k, w in report_value(v, b).items() if k != member}, "shape")
    layers = [{"name": f"l{i}", "state": "idle", "saw": ""} for i in range(9)]
    say("report-too-many-layers", "nine", report_value(v, b, layers=layers), "size")
    say("report-saw-too-long", "201 bytes", report_value(v, b, layers=[{"name": "l", "state": "idle", "saw": "s" * 201}]),
        "size")


def acknowledged_vectors(v, b):
    """D10: who has acknowledged which text of which lockdown."""
    text = c.instructions_digest(PURDAH["instructions"])
    ack = {"lockdown": b.p, "text": text, "person": "comms-2", "at": T + 450}
    others = [ack, {**ack, "person": "comms-1"}, {**ack, "text": "cd" * 32, "at": T + 460}, {**ack, "lockdown": b.x}]
    file = v.good("report-acknowledged", "report", report_value(v, b, acknowledged=others), "device-d1")
    v.row("report-acknowledged", "D10", "two persons, a text after an amendment, another lockdown", file, known=b.device,
          topic="report")

    def say(name, about, acknowledged, expect="shape"):
        v.refuse("report-" + name, "D10", about,
                 c.message("report", report_value(v, b, acknowledged=acknowledged), [K["device-d1"]]), expect=expect, known=b.device,
                 topic="report")

    say("acknowledged-twice", "one person, one text, two times of day", [ack, {**ack, "at": T + 470}])
    say("acknowledged-twice-alike", "the same once more", [ack, ack])
    say("acknowledged-by-anybody", "a person is named", [{**ack, "person": "*"}])
    say("acknowledged-nothing", "no digest of a text", [{**ack, "text": ""}], "base64")
    say("acknowledged-no-lockdown", "no digest of a lockdown", [{**ack, "lockdown": "purdah"}], "base64")
    say("acknowledged-before-time", "before 1970", [{**ack, "at": -1}])
    say("acknowledged-without-time", "at is missing", [{k: w for k, w in ack.items() if k != "at"}])
    say("acknowledged-extra-member", "a member that nobody knows", [{**ack, "rev": 0}])
    say("acknowledged-empty", "none is said by leaving it out", [])
    say("acknowledged-too-many", "65", [{**ack, "person": f"p-{i}"} for i in range(65)], "size")


def posting_vectors(v, b):
    """D9.3: who has claimed the posting window of which message, and what came of it."""
    row = {"lockdown": b.e, "account": "x:CannockChaseDC", "person": "comms-2", "state": "claimed", "at": T + 450, "post": ""}
    said, claim = {**row, "why": ""}, {**row, "device": "d1"}
    posted = {"state": "posted", "post": "https://x.com/CannockChaseDC/status/1?s=20#top"}
    good = [said, {**said, "person": "comms-1", **posted}, {**said, "account": "x:CCDCYourVoice", "state": "open"},
            {**said, "lockdown": b.x, "state": "cannot", "why": "On leave; ring comms-1."}, {**said, "lockdown": b.p, "state": "ended"}]
    file = v.good("report-postings", "report", report_value(v, b, postings=good), "device-d1")
    v.row("report-postings", "D9.3", "each state, two persons, two accounts, three lockdowns", file, known=b.device, topic="report")
    claims = [{**claim, **{k: w for k, w in g.items() if k != "why"}} for g in good]
    file = v.good("state-claims", "state", b.state(v, 60, [b.raise_e], claims=claims), "controller-main")
    v.row("state-claims", "D9.3", "a claim opens nothing: what is blocked stays so", file, known=b.device, refused=[],
          after=after(T + 400, (b.e, "in force", 0), level="block"))

    def say(name, about, change, expect="shape"):
        for kind, base in (("postings", said), ("claims", claim)):
            value = [{k: w for k, w in {**base, **change}.items() if w is not None}]
            say_list(kind, name, about, value, expect)

    def say_list(kind, name, about, value, expect="shape"):
        document = {"postings": "report", "claims": "state"}[kind]
        made = report_value(v, b, postings=value) if document == "report" else b.state(v, 61, [b.raise_e], claims=value)
        key = K["device-d1"] if document == "report" else K["controller-main"]
        v.refuse(f"{document}-{kind}-{name}", "D9.3", about, c.message(document, made, [key]), expect=expect, known=b.device,
                 **({"topic": "report"} if document == "report" else {}))

    say("of-unknown-state", "a state that nobody knows", {"state": "asked"})
    say("of-star", "accounts are named", {"account": "*"})
    say("of-no-account", "an account has a platform", {"account": "CannockChaseDC"})
    say("by-anybody", "a person is named", {"person": "*"})
    say("no-lockdown", "no digest of a lockdown", {"lockdown": "emergency"}, "base64")
    say("before-time", "before 1970", {"at": -1})
    say("without-time", "at is missing", {"at": None})
    say("without-post", "post is missing", {"post": None})
    say("extra-member", "a member that nobody knows", {"minutes": 15})
    say("text-of-zeros", "none is said by leaving it out", {"text": c.ZERO_DIGEST})
    say("text-no-digest", "a digest", {"text": "It is over."}, "base64")
    say("post-too-early", "what is not posted has no address", {"post": posted["post"]})
    for name, post in (("script", "javascript:alert(1)"), ("no-scheme", "x.com/1"), ("space", "https://x.com/a b"),
                       ("quote", "https://x.com/\""), ("no-host", "https:///1"), ("port-alone", "https://:80/1"),
                       ("user", "https://council@example.com/"), ("accent", "https://x.com/é")):
        say("post-" + name, "an address of http or https, of plain characters", {**posted, "post": post})
    say("post-two-lines", "one line", {**posted, "post": "https://x.com/\nb"})
    say("post-too-long", "300 bytes", {**posted, "post": "https://x.com/" + "p" * 286}, "size")
    say_list("postings", "with-device", "a device speaks for itself", [{**said, "device": "d1"}])
    say_list("postings", "why-two-lines", "one line", [{**said, "why": "a\nb"}])
    say_list("postings", "why-too-long", "256 bytes", [{**said, "why": "w" * 256}], "size")
    say_list("claims", "without-device", "which device is the point", [row])
    say_list("claims", "with-why", "why not is for the council", [{**claim, "why": ""}])
    for kind, base, most in (("postings", said, 16), ("claims", claim, 64)):
        say_list(kind, "twice", "one window, two states", [base, {**base, "state": "open"}])
        say_list(kind, "empty", "none is said by leaving it out", [])
        say_list(kind, "object", "a list", {"0": base})
        many = [{**base, "person": f"p-{i}"} for i in range(most + 1)]
        say_list(kind, "too-many", f"{most + 1}", many, "size")


def report_log_vectors(v, b):
    """What a device says of the journals that states told it of."""
    row = {"controller": "main", "key": K["controller-main"].keyid, "seq": 71, "size": 39, "root": "cd" * 32}
    fork = {"was_seq": 70, "was_size": 40, "was_root": "ab" * 32, "seq": 71, "at": T + 1071}

    def value(logs):
        return {**report_value(v, b), "logs": logs}

    for name, about, logs in (("logs", "of two controllers", [row, {**row, "controller": "spare"}]),
                              ("logs-forked", "one contradicted itself", [{**row, "fork": fork}])):
        v.row("report-" + name, "Report", about, v.good("report-" + name, "report", value(logs), "device-d1"), known=b.device, topic="report")
    for name, about, logs, expect in (
            ("twice", "one controller, two rows", [row, {**row, "seq": 72}], "shape"),
            ("empty", "none is said by leaving it out", [], "shape"),
            ("object", "a list", {"main": row}, "shape"),
            ("without-root", "the head is the point", [{k: w for k, w in row.items() if k != "root"}], "shape"),
            ("seq-0", "states begin at 1", [{**row, "seq": 0}], "shape"),
            ("fork-without-at", "when", [{**row, "fork": {k: w for k, w in fork.items() if k != "at"}}], "shape"),
            ("fork-seq-0", "states begin at 1", [{**row, "fork": {**fork, "seq": 0}}], "shape"),
            ("root-not-hex", "no digest", [{**row, "root": "x" * 64}], "base64"),
            ("too-many", "nine", [{**row, "controller": f"c{i}"} for i in range(9)], "size")):
        v.refuse("report-logs-" + name, "Report", about, c.message("report", value(logs), [K["device-d1"]]), expect=expect, known=b.device, topic="report")


def report_machine_vectors(v, b):
    """What tells two laptops of one image apart: the boot, and digests of three things of the machine."""
    parts = {"installation": "a1" * 32, "board": "b2" * 32, "disk": "c3" * 32}

    def value(**more):
        return {**report_value(v, b), **more}

    for name, about, more in (("machine", "all of it", {"boot": "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "machine": parts}),
                              ("machine-one-part", "what could be read", {"machine": {"board": parts["board"]}}),
                              ("boot-alone", "nothing of the machine can be read", {"boot": "life-1"})):
        v.row("report-" + name, "Report", about, v.good("report-" + name, "report", value(**more), "device-d1"), known=b.device,
              topic="report")
    for name, about, more, expect in (
            ("machine-empty", "none is said by leaving it out", {"machine": {}}, "shape"),
            ("machine-text", "an object", {"machine": "a1"}, "shape"),
            ("machine-more", "a serial number never leaves a device", {"machine": {**parts, "serial": "S1"}}, "shape"),
            ("machine-not-hex", "no digest", {"machine": {"installation": "x" * 64}}, "base64"),
            ("boot-empty", "none is said by leaving it out", {"boot": ""}, "shape"),
            ("boot-two-lines", "one line", {"boot": "a\nb"}, "shape"),
            ("boot-too-long", "65 bytes", {"boot": "b" * 65}, "size")):
        v.refuse("report-" + name, "Report", about, c.message("report", value(**more), [K["device-d1"]]), expect=expect, known=b.device, topic="report")


def posting_text_vectors(v, b):
    """D9.3: a message that is new is claimed and confirmed apart."""
    row = {"lockdown": b.e, "account": "x:CannockChaseDC", "person": "comms-2", "state": "claimed", "at": T + 450, "post": ""}
    said, claim = {**row, "why": ""}, {**row, "device": "d1"}
    posted = {"state": "posted", "post": "https://x.com/CannockChaseDC/status/1"}
    texts = [hashlib.sha256(text).hexdigest() for text in (b"We are dealing with an incident.\nMore soon.", b"It is over.")]
    file = v.good("report-postings-of-texts", "report", report_value(v, b, postings=[
        {**said, **posted, "text": texts[0]}, {**said, "text": texts[1]}, {**said, "account": "x:CCDCYourVoice"}]), "device-d1")
    v.row("report-postings-of-texts", "D9.3", "two messages of one account, each confirmed apart, and one of before", file,
          known=b.device, topic="report")
    file = v.good("state-claims-of-texts", "state", b.state(v, 62, [b.raise_e], claims=[
        {**claim, "text": texts[0]}, {**claim, "state": "open", "text": texts[1]}]), "controller-main")
    v.row("state-claims-of-texts", "D9.3", "two messages of one account", file, known=b.device, refused=[])


def assumed_rule_vectors(v, _):
    """A row that the first trusts did not have is assumed where it is missing."""
    loosen = {"kind": "assignment", "act": "loosen", "roles": ["it", "accounts"], "need": 2}
    good = v.good("trust-with-loosen-row", "trust", trust_value(rules=c.rules() + [loosen]), "root-1 root-2")
    v.row("trust-with-loosen-row", "Trust", "the row that is assumed where it is missing", good)
    for name, about, rows in (("by-one", "two must loosen", [{**loosen, "need": 1}]), ("twice", "a rule twice", [loosen, loosen])):
        v.refuse("trust-assignment-loosen-" + name, "Trust", about, c.message(
            "trust", trust_value(rules=c.rules() + rows), [K["root-1"], K["root-2"]]), expect="rule", known=[])


def loosening_vectors(v, b):
    """What one person alone approves of a device can only shut."""
    raise_g = v.order("raise-for-a-group", emergency(groups=["communications"]), "comms-1")
    raise_p = v.order("raise-for-planning", emergency(T + 101, groups=["planning"]), "comms-1")
    raise_x = v.order("raise-exempting", emergency(T + 102, exempt=["comms-2"]), "comms-1")
    in_force = {f: after(T + 400, (v.digest(f), "in force", 0)) for f in (raise_g, raise_p, raise_x)}

    def say(name, about, file, known, **then):
        raised = then.pop("raised")
        v.row("assignment-" + name, "Assignment, D9.2", about, file, known=[b.trust_1, b.register_1, *known, raised],
              after={**in_force[raised], "level": then.pop("level")}, **then)

    def one(name, value, who="it-1"):
        return v.good("assignment-" + name, "assignment", value, who)

    moved = one("moved-by-one", assignment_value(2, groups=["planning"]))
    moved_two = one("moved-by-two", assignment_value(2, issued=T + 23, groups=["planning"]), "it-1 comms-2")
    say("moved-by-one", "attack: it alone moves a device out of an emergency", moved, [b.assignment_1], raised=raise_g, level="block")
    say("moved-by-one-heard-first", "in whatever order they come", b.assignment_1, [moved], raised=raise_g, level="block")
    say("moved-into-by-one", "one may tighten: the new group counts too", moved, [b.assignment_1], raised=raise_p, level="block")
    say("moved-by-two", "two have loosened", moved_two, [b.assignment_1], raised=raise_g, level="open")
    say("moved-by-two-fork", "another of that version, by two: both count", one(
        "moved-by-two-back", assignment_value(2, issued=T + 24), "it-1 comms-2"), [b.assignment_1, moved_two], raised=raise_g, level="block", expect="fork")
    back = one("moved-by-one-back", assignment_value(2, issued=T + 24))
    say("moved-by-two-one-beside", "another of that version, by one: two take its place", back, [b.assignment_1, moved_two], raised=raise_g,
        level="open", expect="rollback")
    say("moved-by-two-one-before", "in whatever order they come", moved_two, [b.assignment_1, back], raised=raise_g, level="open")
    say("moved-by-two-then-one", "a later one by one counts beside it", one(
        "back-by-one", assignment_value(3)), [b.assignment_1, moved_two], raised=raise_g, level="block")
    say("older-than-two", "and does not come back", b.assignment_1, [moved_two], raised=raise_g, level="open", expect="rollback")
    first_one = one("first-by-one", assignment_value(issued=T + 22))
    say("exempt-by-one", "attack: it alone gives a login to an exempt person", first_one, [], raised=raise_x, level="block")
    say("exempt-by-two", "two have given it", b.assignment_1, [], raised=raise_x, level="open")
    given = one("login-given-by-one", assignment_value(2, people=[{"person": "comms-2", "user": "pat"}]))
    say("login-given-by-one", "the login that two gave stays exempt", given, [b.assignment_1], raised=raise_x, level="open")
    shared = one("login-shared-by-one", assignment_value(2, people=[{"person": "it-1", "user": "sam"}]))
    say("login-shared-by-one", "a login is shut if any of its persons is", shared, [b.assignment_1], raised=raise_x, level="block")
    other = one("first-of-another-login", assignment_value(people=[{"person": "it-1", "user": "pat"}]), "it-1 comms-1")
    say("login-added-by-one", "attack: a second login for an exempt person", one(
        "login-added-by-one", assignment_value(2, people=[{"person": "it-1", "user": "pat"},
                                                          {"person": "comms-2", "user": "sam"}])), [other], raised=raise_x, level="block")


def rank_vectors(v, b):
    """Without the council's server a posting window opens on a person's first device alone."""
    person = assignment_value()["people"][0]

    def ranked(version=2, **more):
        return assignment_value(version, people=[{**person, **more}])

    file = v.good("assignment-ranked", "assignment", ranked(rank=2), "it-1")
    v.row("assignment-ranked", "D9.3", "it is their second device", file, known=b.device)
    for name, about, rank in (("0", "ranks begin at 1", 0), ("1", "the first is said by leaving it out", 1),
                              ("text", "a number", "2"), ("below-0", "a number from 2", -2), ("list", "one number", [2]), ("1001", "1 to 1,000", 1001)):
        v.refuse("assignment-rank-" + name, "D9.3", about, c.message("assignment", ranked(rank=rank), [K["it-1"]]), expect="shape",
                 known=b.device)


YEAR_9999 = 253402300799 - 3600
NUMBER_MAX = 2**53 - 1  # the highest version or seq


def controllers(**keys):
    return [{"id": n, "public": K["controller-" + k].public} for n, k in sorted(keys.items())]


def key_vectors(v, b):
    """What a thief said of numbers and times goes with their key (TUF calls it fast-forward recovery)."""
    held = b.device + [b.raise_p]
    ahead = v.good("state-of-year-9999", "state", b.state(v, NUMBER_MAX, [], issued=YEAR_9999, valid_until=YEAR_9999 + 3600),
                   "controller-main")
    v.row("state-of-year-9999", "Time", "a stolen key says that the period has begun, while it is in the trust", ahead,
          known=held, refused=[], after=after(T + 400, (b.p, "in force", 0), level="guard"))
    rekeyed = v.good("trust-2-rekeyed", "trust", trust_value(2, controllers=controllers(main="spare")), "root-1 root-2")
    v.row("trust-without-the-key-of-year-9999", "Time", "its words have gone with it: the period has not begun", rekeyed,
          known=held + [ahead], after=after(T + 400, (b.p, "scheduled", 0), level="open"))
    v.row("trust-without-the-key-and-local-clock", "Time", "the local clock has reached it: it has begun", rekeyed,
          known=held + [ahead], after=after(T + 11 * DAY, (b.p, "in force", 0), level="guard"))
    fresh = b.state(v, 1, [b.raise_e], trust=(2, v.digest(rekeyed)))
    v.row("state-of-same-id-with-new-key", "Time", "a new key begins at 1: no rollback behind the old key's last number",
          v.good("state-of-same-id-with-new-key", "state", fresh, "controller-spare"), known=held + [ahead, rekeyed],
          refused=[], after=after(T + 400, (b.e, "in force", 0), (b.p, "scheduled", 0), level="block"))
    v.refuse("state-by-the-key-that-left", "Time", "the old key is of nobody now",
             c.message("state", b.state(v, 2, []), [K["controller-main"]]), expect="controller", known=held + [ahead, rekeyed])
    renamed = v.good("trust-2-renamed", "trust", trust_value(2, controllers=controllers(east="main")), "root-1 root-2")
    older = v.good("state-of-same-key-with-new-id", "state", b.state(v, 3, [b.raise_e], controller="east"), "controller-main")
    five = v.good("state-before-the-new-id", "state", b.state(v, 5, []), "controller-main")
    v.row("state-of-same-key-with-new-id", "Time", "a key goes on under its new id: an older number is a rollback", older,
          expect="rollback", known=held + [five, renamed], after=after(T + 400, (b.e, "in force", 0), (b.p, "scheduled", 0), level="block"))
    for name, valid, expect in (("an-hour", T + 1030 + 3600, "ok"), ("more-than-an-hour", T + 1030 + 3601, "shape")):
        data = c.message("state", b.state(v, 30, [], valid_until=valid), [K["controller-main"]])
        if expect == "ok":
            v.row("state-valid-for-" + name, "State", "the longest", v.put(f"good/state-valid-for-{name}.json", data), expect=expect,
                  known=b.device, refused=[])
        else:
            v.refuse("state-valid-for-" + name, "State", "nobody would say stale", data, expect=expect, known=b.device)


def estate_rows(*mine, others=4):
    """In order of device, then digest: d1's, and those of devices that stand beside it."""
    beside = [(f"d{i}", c.digest("assignment", c.compact(assignment_value(device=f"d{i}"))), "loosen") for i in range(2, 2 + others)]
    return sorted([(DEVICE, c.digest("assignment", c.compact(value)), act) for value, act in mine] + beside)


def proof_vectors(v, b):
    """A trust affirms the assignments of an estate by one root; each comes with its proof."""
    say = lambda name, about, file, **more: v.row("assignment-proof" + name, "When people change", about, file, **more)
    it = c.person("leaver-1", ["it"], [K["leaver-1"].public])
    first = v.good("trust-1-it-leaver", "trust", trust_value(people=people(it)), "root-1 root-2")
    by_two, by_one = assignment_value(2), assignment_value(3, groups=["communications", "planning"])
    rows = estate_rows((by_two, "loosen"), (by_one, "approve"))
    at = {row[1]: i for i, row in enumerate(rows)}
    head, proofs = c.assignments_root(rows)
    proof = lambda value: proofs[at[c.digest("assignment", c.compact(value))]]
    trust = lambda name, epoch, head: v.good(name, "trust", {**trust_value(epoch), "assignments": head}, "root-1 root-2")
    second = trust("trust-2-affirms-estate", 2, head)
    known = [first, b.register_1, second]
    exempting = v.order("raise-exempting-for-proof", emergency(T + 102, exempt=["comms-2"]), "comms-1")
    shut = lambda level: after(T + 400, (v.digest(exempting), "in force", 0), level=level)
    two = v.proven("assignment-2-proven", by_two, "leaver-1 comms-1", proof(by_two))
    one = v.proven("assignment-3-proven", by_one, "leaver-1", proof(by_one))
    say("", "a signer has gone, and its proof leads to the root", two, known=known + [exempting], after=shut("open"))
    say("-by-one", "what one person approved is no more by its proof: nobody is exempt there", one, known=known + [exempting], after=shut("block"))
    say("-again", "the very same again", two, known=known + [two])
    say("-in-their-day", "before the leaver left: approved by itself, whatever the proof", two, known=[first])
    third = v.good("trust-3-affirms-no-estate", "trust", trust_value(3), "root-1 root-2")
    head_4, proofs_4 = c.assignments_root(estate_rows((by_two, "loosen"), others=9))
    fourth = trust("trust-4-affirms-estate", 4, head_4)
    late = v.proven("assignment-2-proven-epoch-4", by_two, "leaver-1 comms-1", proofs_4[0])
    say("-after-three-epochs", "a device that was away walks forward, and then hears it", late, known=[first, second, third, fourth])
    say("-of-another-epoch", "attack: true by an older trust alone", two, expect="role", known=[first, second, third, fourth])
    say("-of-no-root", "attack: the newest trust affirms no estate", two, expect="role", known=[first, second, third])
    held = v.good("assignment-4-by-two", "assignment", assignment_value(4), "it-1 comms-1")
    say("-of-a-lesser-version", "attack: true, and older than what two approved", two, expect="rollback", known=known + [held])
    wrong = lambda **more: {**proof(by_two), **more}
    false_proof_vectors(v, known, by_two, wrong, {
        "-of-another-device": ("attack: that of d3", [p for row, p in zip(rows, proofs) if row[0] == "d3"][0]),
        "-of-another-version": ("attack: that of another assignment of this device", proof(by_one)),
        "-beyond-the-size": ("attack: an index that the tree has not", wrong(index=len(rows)))})
    alone = c.envelope("assignment", by_one, [K["leaver-1"]])
    v.refuse("assignment-proof-of-two-for-one", "When people change", "attack: the proof of what two approved, for what one did",
             {**alone, "proof": proof(by_two)}, expect="stranger", known=known)
    proof_shape_vectors(v, b, by_two, wrong)
    bad = Refusals(v, "trust", clause="Trust", who="root-1 root-2", known=[])
    for name, about, value in (
        ("size-0", "leaving it out is the one way to say none", {**head, "size": 0}),
        ("size-65537", "more than a trust affirms", {**head, "size": 65537}),
        ("without-size", "of how many", {"root": head["root"]}),
        ("extra-member", "a member that nobody knows", {**head, "x": 1}),
    ):
        bad("trust-assignments-" + name, about, {**trust_value(), "assignments": value}, "shape")
    bad("trust-assignments-root-not-hex", "no digest", {**trust_value(), "assignments": {**head, "root": "z" * 64}}, "base64")


def false_proof_vectors(v, known, value, wrong, others):
    path, index = wrong()["path"], wrong()["index"]
    for name, (about, data) in {
            "-none": ("nobody approved it who is in the trust", None),
            **others,
            "-truncated": ("attack: the last node is missing", wrong(path=path[:-1])),
            "-empty": ("attack: no node", wrong(path=[])),
            "-drawn-out": ("attack: a node more than it takes", wrong(path=path + path[:1])),
            "-of-another-place": ("attack: another index", wrong(index=index ^ 1)),
            "-turned": ("attack: its nodes in another order", wrong(path=path[::-1]))}.items():
        data = {**c.envelope("assignment", value, [K["leaver-1"], K["comms-1"]]), **({"proof": data} if data else {})}
        v.refuse("assignment-proof" + name, "When people change", about, data, expect="role", known=known)


def proof_shape_vectors(v, b, value, wrong):
    signed = c.envelope("assignment", value, [K["it-1"], K["comms-1"]])
    for name, about, data, expect in (
        ("path-of-17", "longer than that of the largest tree", wrong(path=["ab" * 32] * 17), "size"),
        ("index-65536", "beyond the largest tree", wrong(index=65536), "shape"),
        ("index-negative", "no place", wrong(index=-1), "shape"),
        ("path-not-hex", "no digest", wrong(path=["z" * 64]), "base64"),
        ("without-path", "path is missing", {"index": 0}, "shape"),
        ("extra-member", "a member that nobody knows", wrong(size=6), "shape"),
        ("no-object", "a proof is an object", [0], "shape"),
    ):
        v.refuse("assignment-proof-" + name, "Envelope", about, {**signed, "proof": data}, expect=expect, known=b.one)
    v.refuse("order-with-proof", "Envelope", "of an assignment alone", {**v.envelope(b.raise_e), "proof": wrong()}, expect="shape",
             known=b.device)
    in_vain = v.proven("assignment-2-proven-in-vain", value, "it-1 comms-1", {"index": 65535, "path": []})
    v.row("assignment-proof-not-true-and-not-needed", "When people change", "who approved it is enough: a proof of nothing changes nothing",
          in_vain, known=b.one)


def void_vectors(v, b):
    """A register or an assignment that nothing could follow is set aside by the roots."""
    last = v.good("register-last", "register", register_value(NUMBER_MAX, issued=T + 12), "comms-1 comms-2")
    last_d1 = v.good("assignment-last", "assignment", assignment_value(NUMBER_MAX, issued=T + 22), "it-1 comms-1")

    def trust(name, *voids):
        value = {**trust_value(2), "void": [{"digest": d, "from_version": n} for d, n in voids]}
        return v.good(name, "trust", value, "root-1 root-2")

    aside = trust("trust-2-sets-aside", (v.digest(last), 6), (v.digest(last_d1), 6))
    stuck = [b.trust_1, last, last_d1]
    v.refuse("register-after-the-last", "Register", "nothing follows the highest version",
             c.message("register", register_value(6), [K["comms-1"], K["comms-2"]]), expect="rollback", known=stuck)
    six = v.good("register-6", "register", register_value(6), "comms-1 comms-2")
    six_d1 = v.good("assignment-6", "assignment", assignment_value(6), "it-1")
    five = v.good("register-5", "register", register_value(5), "comms-1 comms-2")
    five_d1 = v.good("assignment-5", "assignment", assignment_value(5), "it-1")
    elsewhere = assignment_value(6, groups=["planning"], issued=T + 26)
    by_one, by_two = v.good("assignment-6-elsewhere", "assignment", elsewhere, "it-1"), v.good(
        "assignment-6-elsewhere-by-two", "assignment", elsewhere, "it-1 comms-2")
    for what, good, low, bad, successor in (("register", six, five, last, six), ("assignment", six_d1, five_d1, last_d1, by_two)):
        v.row(f"{what}-after-one-set-aside", "When people change", "the roots set the last aside: 6 follows", good,
              known=stuck + [aside])
        v.row(f"{what}-below-from-version", "When people change", "5 is lower than what may follow", low, expect="rollback",
              known=stuck + [aside])
        v.row(f"{what}-set-aside-again", "When people change", "it does not come back behind a successor by two", bad, expect="void",
              known=stuck + [aside, successor])
        v.row(f"{what}-set-aside-never-held", "When people change", "nor to whom holds another", bad, expect="void",
              known=b.device + [aside])
        v.row(f"{what}-set-aside-none-held", "When people change", "until a successor comes it is in force: who has none takes it",
              bad, known=[b.trust_1, aside])
        v.row(f"{what}-set-aside-still-held", "When people change", "it stays until a successor is heard", bad,
              known=stuck + [aside])

    raise_g, raise_x = v.order("raise-for-a-group", emergency(groups=["communications"]), "comms-1"), v.order(
        "raise-exempting", emergency(T + 102, exempt=["comms-2"]), "comms-1")
    for name, about, file, raised, level in (
            ("moved-by-one", "attack: it alone moves the device when the roots have set aside", by_one, raise_g, "block"),
            ("moved-by-two", "two have loosened", by_two, raise_g, "open"),
            ("exempt", "it stays in force", last_d1, raise_x, "open"),
            ("exempt-by-one", "what was set aside gives nothing beside a successor, nor does one person", by_one, raise_x, "block"),
            ("exempt-by-two", "two have given it", by_two, raise_x, "open")):
        v.row("assignment-set-aside-" + name, "When people change, Assignment", about, file,
              known=[b.trust_1, b.register_1, last_d1, aside, raised], after=after(T + 400, (v.digest(raised), "in force", 0), level=level))

    def first(name, about, value, expect):
        v.refuse("trust-void-" + name, "Trust", about, c.message("trust", {**trust_value(), "void": value},
                 [K["root-1"], K["root-2"]]), expect=expect, known=[])

    one = {"digest": "ab" * 32, "from_version": 2}
    first("empty", "left out is the one way to say none", [], "shape")
    first("twice", "one document twice", [one, {**one, "from_version": 3}], "shape")
    first("from-0", "versions begin at 1", [{**one, "from_version": 0}], "shape")
    first("extra-member", "a member that nobody knows", [{**one, "note": "x"}], "shape")
    first("not-hex", "no digest", [{**one, "digest": "x" * 64}], "base64")
    first("too-many", "65", [{"digest": f"{i:064x}", "from_version": 2} for i in range(65)], "size")


def recover_value(v, b, **changes):
    value = {"council": COUNCIL, "devices": [{"device": DEVICE, "nonce": "5a" * 32}, {"device": "d2", "nonce": "6b" * 32}],
             "issued": T + 700, "live": sorted([b.e, b.p])}
    value.update(changes)
    return value


def recover_vectors(v, b):
    """Two officers say what holds to devices that have lost what they knew."""
    say = Refusals(v, "recover", clause="Recovering", who="comms-1 monitoring-1", known=b.device)
    v.row("recover", "Recovering", "of comms and of monitoring, for two devices",
          v.good("recover", "recover", recover_value(v, b), "comms-1 monitoring-1"), known=b.device)
    v.row("recover-nothing-live", "Recovering", "nothing is in force",
          v.good("recover-nothing-live", "recover", recover_value(v, b, live=[]), "comms-1 comms-2"), known=b.device)
    say("recover-by-one", "one officer alone", recover_value(v, b), "too-few", who="comms-1", clause="Recovering, D9.2")
    say("recover-by-two-keys-of-one", "two keys, one person", recover_value(v, b), "too-few", who="comms-1 comms-1-second")
    say("recover-by-it", "who has hold of the device has no say", recover_value(v, b), "role", who="comms-1 it-1")
    say("recover-by-controller", "a server's word is not enough", recover_value(v, b), "stranger", who="controller-main")
    say("recover-unsigned", "nobody approved", recover_value(v, b), "unsigned", who="")
    say("recover-of-another-council", "a neighbour's", recover_value(v, b, council="south-staffordshire"), "council")
    own = c.DEFAULT_RULES + (("recover", "approve", ["it", "comms"], 3),)
    trust = v.good("trust-recover-rule", "trust", trust_value(rules=[
        {"kind": k, "act": a, "roles": r, "need": n} for k, a, r, n in own]), "root-1 root-2")
    v.row("trust-recover-rule", "Trust", "a rule of its own in place of the default", trust, known=[])
    v.refuse("recover-by-a-trusts-own-rule", "Recovering", "that trust asks for three",
             c.message("recover", recover_value(v, b), [K["comms-1"], K["it-1"]]), expect="too-few", known=[trust])
    v.refuse("trust-recover-by-one", "Trust, D9.3", "two must loosen", c.message("trust", trust_value(rules=[
        {"kind": k, "act": a, "roles": r, "need": n} for k, a, r, n in c.DEFAULT_RULES + (("recover", "approve", ["comms"], 1),)]),
        [K["root-1"], K["root-2"]]), expect="rule", known=[])
    for name, about, changes, expect in (
        ("no-devices", "it names none", {"devices": []}, "shape"),
        ("device-twice", "one device, two losses", {"devices": [{"device": DEVICE, "nonce": n * 32} for n in ("5a", "6b")]}, "shape"),
        ("live-twice", "one order twice", {"live": [b.e, b.e]}, "shape"),
        ("extra-member", "a member that nobody knows", {"note": "x"}, "shape"),
        ("nonce-not-hex", "no number", {"devices": [{"device": DEVICE, "nonce": "x" * 64}]}, "base64"),
        ("too-many-devices", "129", {"devices": [{"device": f"d{i}", "nonce": "5a" * 32} for i in range(129)]}, "size"),
        ("too-many-live", "257", {"live": [f"{i:064x}" for i in range(257)]}, "size"),
    ):
        say("recover-" + name, about, recover_value(v, b, **changes), expect)
    for member in recover_value(v, b):
        say("recover-without-" + member, f"{member} is missing",
            {k: w for k, w in recover_value(v, b).items() if k != member}, "shape")
    lost = {**c.report(COUNCIL, DEVICE, 1, T + 500, unknown=True), "nonce": "5a" * 32, "open_for": ["comms-2"]}
    v.row("report-lost", "Report, D9.1", "which loss it is, and who is open all the same",
          v.good("report-lost", "report", lost, "device-d1"), known=b.device, topic="report")
    restored = {**c.report(COUNCIL, DEVICE, 1, T + 500), "restored": T + 400}
    v.row("report-restored", "Report", "its third copy stood in", v.good("report-restored", "report", restored, "device-d1"),
          known=b.device, topic="report")
    v.refuse("report-restored-never", "Report", "left out is the one way to say that", c.message(
        "report", {**restored, "restored": 0}, [K["device-d1"]]), expect="shape", known=b.device, topic="report")
    gone = {**c.report(COUNCIL, DEVICE, 1, T + 500), "retired": True}
    v.row("report-retired", "Report, D9.2", "the last word of a device that the agent leaves", v.good("report-retired", "report", gone, "device-d1"),
          known=b.device, topic="report")
    for name, about, changes in (("retired-not", "left out is the one way to say that it stays", {"retired": False}),
                                 ("retired-lost", "who knows nothing is shut, and may not leave", {"unknown": True})):
        v.refuse("report-" + name, "Report, D9.2", about, c.message("report", {**gone, **changes}, [K["device-d1"]]), expect="shape",
                 known=b.device, topic="report")
    early = {**c.report(COUNCIL, DEVICE, 1, T + 500), "unknown_logins": 2}
    v.row("report-unknown-logins", "Report, D9.2", "two of its people are not known to it yet", v.good("report-unknown-logins", "report", early, "device-d1"),
          known=b.device, topic="report")
    for name, n, expect in (("none", 0, "shape"), ("too-many", 33, "shape")):
        v.refuse("report-unknown-logins-" + name, "Report", "left out is the one way to say none, and more than its people are not there",
                 c.message("report", {**early, "unknown_logins": n}, [K["device-d1"]]), expect=expect, known=b.device, topic="report")
    for name, about, changes in (("nonce-of-no-loss", "nothing is lost", {"unknown": False}),
                                 ("open-for-nobody", "left out is the one way to say none", {"open_for": []})):
        v.refuse("report-" + name, "Report", about, c.message("report", {**lost, **changes}, [K["device-d1"]]), expect="shape",
                 known=b.device, topic="report")


def remark_value(b, **changes):
    value = {"council": COUNCIL, "act": "withdraw", "of": [b.e], "at": T + 700}
    value.update(changes)
    return value


def remark_vectors(v, b):
    """What one officer says of a draft; it approves and ends nothing."""
    say = Refusals(v, "remark", clause="Remark", who="comms-1", known=b.device)
    v.row("remark-withdraw", "Remark", "an approval is taken back",
          v.good("remark-withdraw", "remark", remark_value(b), "comms-1"), known=b.device)
    v.row("remark-withdraw-why", "Remark", "and why", v.good("remark-withdraw-why", "remark", remark_value(b, reason="A slip."), "comms-1"),
          known=b.device)
    refused = remark_value(b, act="refuse", of=sorted([b.e, b.p]), reason="It names the wrong ward.")
    v.row("remark-refuse", "Remark", "two parts are refused, with a reason", v.good("remark-refuse", "remark", refused, "monitoring-1"),
          known=b.device)
    gone = remark_value(b, act="confirm", account="x:CannockChaseDC", person="visitor-1")
    v.row("remark-confirm", "Remark", "at the platform the access of somebody is gone", v.good("remark-confirm", "remark", gone, "comms-1"),
          known=b.device)
    for name, about, value in (
        ("confirm-of-two", "of two registers", {**gone, "of": sorted([b.e, b.p])}),
        ("confirm-no-account", "an account without a platform", {**gone, "account": "CannockChaseDC"}),
        ("confirm-nobody", "of nobody's access", {k: w for k, w in gone.items() if k != "person"}),
        ("confirm-nothing", "of access to nothing", {k: w for k, w in gone.items() if k != "account"}),
        ("withdraw-of-access", "a withdrawal of an approval names nobody", {**gone, "act": "withdraw"}),
    ):
        say("remark-" + name, about, value, "shape")
    say("remark-unsigned", "nobody says it", remark_value(b), "unsigned", who="")
    say("remark-by-two", "it is one person's", remark_value(b), "mismatch", who="comms-1 comms-2")
    say("remark-by-controller", "a server says nothing of drafts", remark_value(b), "stranger", who="controller-main")
    other = json.loads(c.message("remark", remark_value(b), [K["comms-1"]]))
    other["payload"] = c.b64(c.compact(remark_value(b, at=T + 701)))
    v.refuse("remark-changed", "Remark", "changed under the signature", c.compact(other), expect="signature", known=b.device)
    say("remark-of-another-council", "a neighbour's", remark_value(b, council="south-staffordshire"), "council")
    for name, about, changes, expect in (
        ("of-nothing", "it names no draft", {"of": []}, "shape"),
        ("of-one-twice", "one draft twice", {"of": [b.e, b.e]}, "shape"),
        ("of-too-many", "nine", {"of": [f"{i:064x}" for i in range(9)]}, "size"),
        ("of-no-digest", "no digest", {"of": ["x" * 64]}, "base64"),
        ("other-act", "an act that nobody knows", {"act": "forget"}, "shape"),
        ("refuse-without-reason", "who refuses says why", {"act": "refuse"}, "shape"),
        ("empty-reason", "left out is the one way to say none", {"reason": ""}, "shape"),
        ("long-reason", "501 bytes", {"reason": "x" * 501}, "size"),
        ("extra-member", "a member that nobody knows", {"note": "x"}, "shape"),
    ):
        say("remark-" + name, about, remark_value(b, **changes), expect)
    for member in remark_value(b):
        say("remark-without-" + member, f"{member} is missing", {k: w for k, w in remark_value(b).items() if k != member}, "shape")


def note_vectors(v, b):
    """What one officer writes down of why something was decided."""
    say = Refusals(v, "remark", clause="Remark", who="comms-1", known=b.device)
    note = remark_value(b, act="note", reason="The fire service asked for it at 14:05.", happened=T + 100)
    v.row("remark-note", "Remark", "why it was decided, and when that was", v.good("remark-note", "remark", note, "comms-1"), known=b.device)
    longest = {k: w for k, w in note.items() if k != "happened"} | {"reason": "x" * 4000}
    v.row("remark-note-long", "Remark", "a page", v.good("remark-note-long", "remark", longest, "comms-1"), known=b.device)
    for name, about, value, expect in (
        ("note-too-long", "more than a page", {**note, "reason": "x" * 4001}, "size"),
        ("note-of-nothing", "it says nothing", {k: w for k, w in note.items() if k != "reason"}, "shape"),
        ("note-of-two", "of two things", {**note, "of": sorted([b.e, b.p])}, "shape"),
        ("note-of-tomorrow", "it happened after it was written", {**note, "happened": T + 701}, "shape"),
        ("note-of-no-time", "left out is the one way to say none", {**note, "happened": 0}, "shape"),
        ("withdraw-happened", "no other act says when something happened", {**note, "act": "withdraw"}, "shape"),
        ("note-of-access", "a note names nobody's access", {**note, "account": "x:CannockChaseDC", "person": "visitor-1"}, "shape"),
    ):
        say("remark-" + name, about, value, expect)
    say("remark-note-by-two", "it is one person's", note, "mismatch", who="comms-1 comms-2")


def erase_value(**changes):
    value = {"council": COUNCIL, "at": T + 700, "why": "It names a person who asked for it to go.", "records": [{"first": 4, "last": 4}, {"first": 9, "last": 12}],
             "of": "5a" * 32}
    value.update(changes)
    return value


def erase_vectors(v, b):
    """Two officers let go what some records say."""
    say = Refusals(v, "erase", clause="Erase", who="comms-1 monitoring-1", known=b.device)
    v.row("erase", "Erase", "of comms and of monitoring", v.good("erase", "erase", erase_value(), "comms-1 monitoring-1"), known=b.device)
    many = erase_value(records=[{"first": 10 * i, "last": 10 * i + 7} for i in range(1, 513)], why="x" * 500)
    v.row("erase-many", "Erase", "4,096 records in 512 places", v.good("erase-many", "erase", many, "comms-1 comms-2"), known=b.device)
    say("erase-by-one", "one officer alone", erase_value(), "too-few", who="comms-1")
    say("erase-by-two-keys-of-one", "two keys, one person", erase_value(), "too-few", who="comms-1 comms-1-second")
    say("erase-by-it", "who runs the server has no say", erase_value(), "role", who="comms-1 it-1")
    say("erase-by-controller", "a server's word is not enough", erase_value(), "stranger", who="controller-main")
    say("erase-unsigned", "nobody approved", erase_value(), "unsigned", who="")
    say("erase-of-another-council", "a neighbour's", erase_value(council="south-staffordshire"), "council")
    rules = [{"kind": k, "act": a, "roles": r, "need": n} for k, a, r, n in (
        *c.DEFAULT_RULES, ("recover", "approve", ["comms", "monitoring"], 2), ("assignment", "loosen", ["it", "accounts"], 2), ("record", "erase", ["accounts"], 2))]
    trust = v.good("trust-record-rule", "trust", trust_value(rules=rules), "root-1 root-2")
    v.row("trust-record-rule", "Trust", "every rule that there is, in its own row", trust, known=[])
    v.refuse("erase-by-a-trusts-own-rule", "Erase", "that trust asks others", c.message("erase", erase_value(), [K["comms-1"], K["monitoring-1"]]),
             expect="role", known=[trust])
    for name, about, last in (("by-one", "two must let go", {"kind": "record", "act": "erase", "roles": ["comms"], "need": 1}),
                              ("other-act", "nobody approves a record", {"kind": "record", "act": "approve", "roles": ["comms"], "need": 2})):
        v.refuse("trust-record-" + name, "Trust", about, c.message("trust", trust_value(rules=[*rules[:-1], last]), [K["root-1"], K["root-2"]]),
                 expect="rule", known=[])
    for name, about, changes, expect in (
        ("nothing", "it names none", {"records": []}, "shape"),
        ("record-0", "records begin at 1", {"records": [{"first": 0, "last": 3}]}, "shape"),
        ("backwards", "its last is before its first", {"records": [{"first": 4, "last": 3}]}, "shape"),
        ("in-disorder", "the first after the last", {"records": [{"first": 9, "last": 9}, {"first": 4, "last": 4}]}, "shape"),
        ("twice", "one record twice", {"records": [{"first": 4, "last": 6}, {"first": 6, "last": 7}]}, "shape"),
        ("touching", "two places that are one", {"records": [{"first": 4, "last": 6}, {"first": 7, "last": 7}]}, "shape"),
        ("too-many-places", "513", {"records": [{"first": 2 * i, "last": 2 * i} for i in range(1, 514)]}, "size"),
        ("too-many", "4,097 records", {"records": [{"first": 1, "last": 4097}]}, "size"),
        ("empty-why", "it says why", {"why": ""}, "shape"),
        ("long-why", "501 bytes", {"why": "x" * 501}, "size"),
        ("of-not-hex", "no digest", {"of": "x" * 64}, "base64"),
        ("extra-member", "a member that nobody knows", {"note": "x"}, "shape"),
    ):
        say("erase-" + name, about, erase_value(**changes), expect)
    for member in erase_value():
        say("erase-without-" + member, f"{member} is missing", {k: w for k, w in erase_value().items() if k != member}, "shape")


CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def broker(name="main", **changes):
    value = {"id": name, "host": f"{name}.broker.example", "port": 8883}
    value.update(changes)
    return value


def brokers_value(version=1, *rows, **changes):
    value = {"council": COUNCIL, "version": version, "issued": T + 600 + version % 100, "brokers": list(rows) or [broker()]}
    value.update(changes)
    return value


class BrokerRows:
    """Rows of lists of brokers, heard by who holds the first trust: the names in effect then, and what is heard before."""

    def __init__(self, v, b):
        self.v, self.first = v, b.trust_1

    def good(self, name, value, who="it-1"):
        return self.v.good("brokers-" + name, "brokers", value, who)

    def __call__(self, name, about, file, *known, **more):
        names, *known = known
        self.v.row("brokers-" + name, "Brokers", about, file, known=[self.first, *known], brokers=names, **more)


BOTH = "it-1 comms-1"
MAIN, SPARE, EVIL = broker(), broker("next", host="192.0.2.7", port=8884, ca=CA), broker("evil")


def broker_vectors(v, b):
    """One of IT adds a broker, one of IT and one of accounts take one away; in whatever order it is heard."""
    row = BrokerRows(v, b)
    one = row.good("1-by-two", brokers_value(1, MAIN), BOTH)
    row("first-by-two", "the first list, by two", one, ["main"])
    row("first-by-one", "the first list, by one", row.good("1-by-one", brokers_value(1, MAIN)), ["main"])
    added = row.good("2-added", brokers_value(2, MAIN, SPARE))
    row("added-by-one", "one of IT adds one", added, ["main", "next"], one)
    row("added-heard-first", "in whatever order they come", one, ["main", "next"], added)
    alone = row.good("2-alone", brokers_value(2, EVIL))
    row("left-out-by-one", "attack: it alone leaves the council's broker out, and it stays", alone, ["main", "evil"], one)
    row("left-out-heard-first", "in whatever order they come", one, ["main", "evil"], alone)
    row("two-added-by-one-each", "none of them pushes the other out", alone, ["main"] + (
        ["next", "evil"] if v.digest(added) < v.digest(alone) else ["evil", "next"]), one, added)
    moved = row.good("3-moved", brokers_value(3, SPARE), BOTH)
    row("removed-by-two", "two take the others away", moved, ["next"], one, added, alone)
    row("removed-heard-first", "what is below it comes back no more", added, ["next"], moved, expect="rollback")
    row("older-than-two", "nor what two approved before", one, ["next"], moved, expect="rollback")
    row("same-version-by-one", "one alone adds nothing behind its version", row.good("3-by-one", brokers_value(3, MAIN)), ["next"], moved,
        expect="rollback")
    rival = row.good("3-rival", brokers_value(3, EVIL), BOTH)
    low, high, name = (moved, rival, "next") if v.digest(moved) < v.digest(rival) else (rival, moved, "evil")
    row("fork", "of two lists of one version, both by two, the one with the lesser digest counts", high, [name], low, expect="fork")
    row("fork-heard-first", "in whatever order they come", low, [name], high, expect="fork")
    row("approved-later", "the second approval of what one added", row.good("2-alone-by-two", brokers_value(2, EVIL), BOTH), ["evil"],
        one, alone)
    other_ca = row.good("2-other-ca", brokers_value(2, broker(ca=CA, port=8885), SPARE))
    row("other-authority", "attack: another authority for a broker that is there stands beside it", other_ca, ["main", "main", "next"], one)
    adds = [row.good(f"{n}-of-eight", brokers_value(n, MAIN, broker(f"b{n}"))) for n in range(2, 10)]
    names = ["main"] + [f"b{n}" for n in range(2, 10)]
    row("eight-by-one", "eight that one alone wrote count", adds[-1], names, one, *adds[:-1])
    nine = row.good("10-of-nine", brokers_value(10, MAIN, broker("b10")))
    after_nine = ["main"] + [f"b{n}" for n in range(3, 11)]
    row("nine-by-one", "the ninth pushes out the lowest version", nine, after_nine, one, *adds)
    row("nine-by-one-and-below", "which comes in no more", adds[0], after_nine, one, *adds, nine, expect="size")
    row("nine-by-one-heard-first", "in whatever order they come", adds[0], after_nine, one, *reversed(adds[1:]), nine, expect="size")
    row("base-behind-nine", "a base leaves what is above it", row.good("8-by-two", brokers_value(8, SPARE), BOTH), ["next", "main", "b9", "b10"],
        one, *adds, nine)
    crowd = [row.good(f"crowd-{n}", brokers_value(n, *[broker(f"c{n}-{i}") for i in range(8)])) for n in (2, 3)]
    row("sixteen", "of more than sixteen the first count", crowd[1], ["main"] + [f"c2-{i}" for i in range(8)] + [f"c3-{i}" for i in range(7)],
        one, crowd[0])


def broker_void_vectors(v, b):
    """What becomes of a list when people change, and when the roots set it aside."""
    row = BrokerRows(v, b)
    one = row.good("1-alike", brokers_value(1, MAIN), BOTH)
    moved = row.good("3-alike", brokers_value(3, SPARE), BOTH)
    last = row.good("last", brokers_value(NUMBER_MAX, EVIL), BOTH)
    last_one = row.good("last-by-one", brokers_value(NUMBER_MAX, broker("thief")))
    aside = v.good("trust-2-sets-brokers-aside", "trust", {**trust_value(2), "void": [
        {"digest": v.digest(last), "from_version": 4}, {"digest": v.digest(last_one), "from_version": 4}]}, "root-1 root-2")
    four = row.good("4", brokers_value(4, MAIN), BOTH)
    row("set-aside-held", "it counts until a successor is heard", last, ["evil"], last, aside)
    row("after-one-set-aside", "the roots set the last aside: 4 follows", four, ["main"], last, aside)
    row("below-from-version", "3 is lower than what may follow", moved, ["evil"], last, aside, expect="rollback")
    row("set-aside-again", "it does not come back", last, ["main"], last, aside, four, expect="void")
    row("set-aside-never-held", "nor to who holds another", last, ["next"], moved, aside, expect="void")
    row("set-aside-none-held", "who holds none takes it", last, ["evil"], aside)
    row("set-aside-added", "what only added counts for nothing from then on", aside, ["main"], one, last_one)
    row("set-aside-added-again", "nor when it is heard again", last_one, ["main"], one, aside, expect="void")
    left = row.good("1-by-a-leaver", brokers_value(1, MAIN), "it-1 leaver-1")
    row("of-one-who-left", "who holds one keeps it although an approver has left", b.trust_2, ["main"], left)
    later = row.good("1-of-a-leaver", brokers_value(1, SPARE), "leaver-1")
    v.row("brokers-affirmed", "When people change", "what the roots affirm counts as by two", later, brokers=["next"], known=[
        b.trust_1, v.good("trust-2-affirms-brokers", "trust", trust_value(2, affirmed=[v.digest(later)]), "root-1 root-2")])


def broker_refusals(v, b):
    """Who may not, and what is no list."""
    say = Refusals(v, "brokers", clause="Brokers", who="it-1", known=[b.trust_1])
    say("brokers-unsigned", "nobody approved", brokers_value(), "unsigned", who="")
    say("brokers-by-accounts", "accounts alone write none", brokers_value(), "role", who="comms-1")
    say("brokers-by-accounts-alone", "two of accounts neither", brokers_value(), "role", who="comms-1 comms-2")
    say("brokers-by-controller", "a server says nothing of brokers", brokers_value(), "stranger", who="controller-main")
    say("brokers-of-another-council", "a neighbour's", brokers_value(council="south-staffordshire"), "council")
    other = json.loads(c.message("brokers", brokers_value(), [K["it-1"]]))
    other["payload"] = c.b64(c.compact(brokers_value(2)))
    v.refuse("brokers-changed", "Brokers", "changed under the signature", c.compact(other), expect="signature", known=[b.trust_1])
    for name, about, changes, expect in (
        ("none", "a list of nothing", {"brokers": []}, "shape"),
        ("nine", "nine of them", {"brokers": [broker(f"b{i}") for i in range(9)]}, "size"),
        ("version-0", "versions begin at 1", {"version": 0}, "shape"),
        ("id-twice", "one name twice", {"brokers": [MAIN, broker(host="other.example")]}, "shape"),
        ("place-twice", "one place under two names", {"brokers": [MAIN, broker("two", host=MAIN["host"])]}, "shape"),
        ("host-upper-case", "names are lower-case", {"brokers": [broker(host="Main.example")]}, "shape"),
        ("host-with-port", "a port has a member of its own", {"brokers": [broker(host="main.example/8883")]}, "shape"),
        ("host-long", "254 bytes", {"brokers": [broker(host="a" * 254)]}, "size"),
        ("port-0", "no port", {"brokers": [broker(port=0)]}, "shape"),
        ("port-65536", "no port", {"brokers": [broker(port=65536)]}, "shape"),
        ("ca-no-certificate", "no certificate in PEM", {"brokers": [broker(ca="main.crt")]}, "shape"),
        ("ca-empty", "left out is the one way to say the council's", {"brokers": [broker(ca="")]}, "shape"),
        ("ca-long", "3,001 bytes", {"brokers": [broker(ca=CA + "x" * (3001 - len(CA)))]}, "size"),
        ("extra-member", "a member that nobody knows", {"note": "x"}, "shape"),
        ("row-extra-member", "a member that nobody knows", {"brokers": [broker(note="x")]}, "shape"),
    ):
        say("brokers-" + name, about, brokers_value(**changes), expect)
    for member in brokers_value():
        say("brokers-without-" + member, f"{member} is missing", {k: w for k, w in brokers_value().items() if k != member}, "shape")
    for member in broker():
        say("brokers-row-without-" + member, f"{member} is missing", brokers_value(
            brokers=[{k: w for k, w in broker().items() if k != member}]), "shape")


def broker_rule_vectors(v, b):
    """Rows of the trust for it, and what a report says of it."""
    row = BrokerRows(v, b)
    own = [{"kind": "brokers", "act": "add", "roles": ["it", "comms"], "need": 1}, {"kind": "brokers", "act": "change", "roles": ["it", "accounts"], "need": 2}]
    trust = v.good("trust-with-broker-rows", "trust", trust_value(rules=c.rules() + own), "root-1 root-2")
    v.row("trust-with-broker-rows", "Trust", "rows of its own in place of the defaults", trust)
    v.row("brokers-by-a-trusts-own-rule", "Brokers", "that trust lets comms add", row.good("1-by-comms", brokers_value(), "comms-1"),
          known=[trust], brokers=["main"])
    for name, about, rows in (("by-one", "two must change", [{**own[1], "need": 1}]), ("twice", "a rule twice", [own[0], own[0]]),
                              ("approve", "there is no such rule", [{**own[0], "act": "approve"}])):
        v.refuse("trust-brokers-" + name, "Trust", about, c.message(
            "trust", trust_value(rules=c.rules() + rows), [K["root-1"], K["root-2"]]), expect="rule", known=[])
    told = {**c.report(COUNCIL, DEVICE, 1, T + 500), "brokers_version": 2}
    v.row("report-brokers", "Report", "which list it holds", v.good("report-brokers", "report", told, "device-d1"), known=b.device, topic="report")
    v.refuse("report-brokers-none", "Report", "left out is the one way to say none", c.message(
        "report", {**told, "brokers_version": 0}, [K["device-d1"]]), expect="shape", known=b.device, topic="report")


def side(name, *roles, keys=None):
    return c.person(name, list(roles), publics(*(keys or [name])))


SIDE_PEOPLE = (side("side-a-1", "glass-a"), side("side-b-1", "glass-b"))


def glass_trust(epoch=1, *more, **changes):
    return trust_value(epoch, people=people(*SIDE_PEOPLE, *more), **changes)


def halves():
    """Halves of two sides, sets and slots, and what each is known by: known answers of this implementation."""
    rows = []
    for letter, number, slot in (("a", 1, 1), ("b", 1, 1), ("a", 2, 1), ("b", 1, 16)):
        document = glass_value(letter, set=number)
        seed = c.seed_of("side-" + letter)
        half = c.glass_half(seed, document, slot)
        rows.append({"seed": seed.hex(), **{m: document[m] for m in ("council", "device", "public", "side", "set")}, "slot": slot, "half": half,
                     "verifier": c.glass_verifier(half, document, slot)})
    return rows


def glass_value(letter="a", n=2, **changes):
    value = c.glass(COUNCIL, DEVICE, letter, T + 700, public=K["device-d1"].public, people=c.glass_people(glass_trust()),
                    verifiers=[f"{i + 1:02x}" * 32 for i in range(n)])
    value.update(changes)
    return value


class GlassBasics:
    """The trust with both sides, and a device that has heard it."""

    def __init__(self, v, b):
        self.trust = v.good("trust-with-sides", "trust", glass_trust(), "root-1 root-2")
        self.known = [self.trust, b.assignment_1]
        self.a_1 = v.good("glass-a-1", "glass", glass_value("a"), "side-a-1")
        self.b_1 = v.good("glass-b-1", "glass", glass_value("b"), "side-b-1")


def glass_vectors(v, b):
    """Halves of one side, and then of the other; newer ones, and what the roots do about those of a thief."""
    g = GlassBasics(v, b)

    def row(name, about, file, *known, **more):
        v.row("glass-" + name, "Break-glass", about, file, known=[*g.known, *known], **more)
    v.row("trust-with-sides", "Trust", "two people of different sides", g.trust)
    row("side-a", "one side's halves", g.a_1)
    row("side-b", "those of the other side", g.b_1, g.a_1)
    row("again", "the very same once more", g.a_1, g.a_1, g.b_1)
    v.row("glass-before-assignment", "Break-glass", "in whatever order they come", b.assignment_1, known=[g.trust, g.a_1])
    a_2 = v.good("glass-a-2", "glass", glass_value("a", set=2), "side-a-1")
    row("next-set", "a later set of a side takes the place of the one before", a_2, g.a_1, g.b_1)
    row("older-set", "attack: a replayed old document", g.a_1, a_2, expect="rollback")
    other = v.good("glass-a-1-rival", "glass", glass_value("a", 3), "side-a-1")
    row("rival", "two of one number: the first stays", other, g.a_1, expect="fork")
    last = v.good("glass-a-last", "glass", glass_value("a", set=NUMBER_MAX), "side-a-1")
    aside = v.good("trust-2-sets-halves-aside", "trust", {**glass_trust(2), "void": [{"digest": v.digest(last), "from_version": 2}]},
                   "root-1 root-2")
    row("after-one-set-aside", "the roots set a thief's last set aside: 2 follows", a_2, last, aside)
    row("below-from-version", "and nothing below it", g.a_1, last, aside, expect="rollback")
    row("set-aside-again", "it does not come back", last, last, aside, a_2, expect="void")
    row("by-two-of-a-side", "more of its side change nothing", v.good("glass-a-by-two", "glass", glass_value("a", 3), "side-a-1 comms-1"))
    most = v.good("glass-most", "glass", glass_value("b", 16, minutes=240), "side-b-1")
    row("most", "sixteen slots, four hours", most)
    least = v.good("glass-least", "glass", glass_value("b", 1, minutes=5, until=T + 701), "side-b-1")
    row("least", "one slot, five minutes", least)


def glass_refusals(v, b):
    """Who may not, and what is no document of halves."""
    g = GlassBasics(v, b)
    say = Refusals(v, "glass", clause="Break-glass", who="side-a-1", known=g.known)
    say("glass-unsigned", "nobody approved", glass_value(), "unsigned", who="")
    say("glass-by-the-other-side", "attack: one side writes both", glass_value("b"), "role", who="side-a-1")
    say("glass-by-comms", "who may release signs no halves", glass_value(), "role", who="comms-1 monitoring-1")
    say("glass-by-controller", "a server says nothing of halves", glass_value(), "stranger", who="controller-main")
    say("glass-by-device", "attack: a stolen key of the device", glass_value(), "stranger", who="device-d1")
    say("glass-without-sides", "a council without break-glass", glass_value(), "stranger", known=[b.trust_1, b.assignment_1])
    say("glass-of-another-council", "a neighbour's", glass_value(council="south-staffordshire"), "council")
    say("glass-of-another-device", "attack: halves of another device", glass_value(device="d2"), "device")
    say("glass-of-another-key", "attack: a device enrolled anew", glass_value(public=K["device-d2"].public), "mismatch")
    say("glass-of-other-people", "attack: of before somebody changed", glass_value(people="ab" * 32), "mismatch")
    more = v.good("trust-2-another-of-side-b", "trust", glass_trust(2, side("leaver-1", "glass-b")), "root-1 root-2")
    v.row("glass-people-came", "Break-glass", "it ends with anybody who comes, of either side", g.a_1, known=[*g.known, more], expect="mismatch")
    fewer = v.good("trust-2-side-b-left", "trust", trust_value(2, people=people(SIDE_PEOPLE[0])), "root-1 root-2")
    v.row("glass-people-left", "Break-glass", "and with anybody who leaves", g.a_1, known=[*g.known, fewer], expect="mismatch")
    rekeyed = v.good("trust-2-side-b-other-key", "trust", trust_value(
        2, people=people(SIDE_PEOPLE[0], side("side-b-1", "glass-b", keys=["stranger-1"]))), "root-1 root-2")
    v.row("glass-people-other-key", "Break-glass", "and with another key of theirs", g.a_1, known=[*g.known, rekeyed], expect="mismatch")
    other = json.loads(c.message("glass", glass_value(), [K["side-a-1"]]))
    other["payload"] = c.b64(c.compact(glass_value(minutes=240)))
    v.refuse("glass-changed", "Break-glass", "changed under the signature", c.compact(other), expect="signature", known=g.known)
    for name, about, changes, expect in (
        ("side-c", "there are two sides", {"side": "c"}, "shape"),
        ("set-0", "sets begin at 1", {"set": 0}, "shape"),
        ("minutes-4", "too short to post anything", {"minutes": 4}, "shape"),
        ("minutes-241", "longer than a posting window", {"minutes": 241}, "shape"),
        ("until-issued", "it must hold for a while", {"until": T + 700}, "shape"),
        ("too-long", "twelve months at most", {"until": T + 701 + 366 * DAY}, "shape"),
        ("no-slot", "none at all", {"verifiers": []}, "shape"),
        ("slots-17", "sixteen at most", {"verifiers": [f"{i:02x}" * 32 for i in range(17)]}, "size"),
        ("slot-twice", "one half would do for two", {"verifiers": ["ab" * 32, "ab" * 32]}, "shape"),
        ("verifier-short", "a verifier is a digest", {"verifiers": ["ab" * 31]}, "base64"),
        ("key-small-order", "a key that anybody can sign for", {"public": c.b64(bytes(32))}, "key"),
        ("extra-member", "a member that nobody knows", {"note": "x"}, "shape"),
    ):
        say("glass-" + name, about, glass_value(**changes), expect)
    for member in glass_value():
        say("glass-without-" + member, f"{member} is missing", {k: w for k, w in glass_value().items() if k != member}, "shape")


def glass_trust_vectors(v, b):
    """Rows of the trust for it: disjoint people, one of each side."""
    own = [{"kind": "glass", "act": "a", "roles": ["comms"], "need": 1}, {"kind": "glass", "act": "b", "roles": ["monitoring", "it"], "need": 1}]
    trust = v.good("trust-with-glass-rows", "trust", trust_value(rules=c.rules() + own), "root-1 root-2")
    v.row("trust-with-glass-rows", "Trust", "rows of its own in place of the defaults", trust)
    theirs = c.glass_people(trust_value(), (["comms"], ["monitoring", "it"]))
    v.row("glass-by-a-trusts-own-rule", "Break-glass", "in that trust comms are side a", v.good(
        "glass-by-comms-of-side-a", "glass", glass_value(people=theirs), "comms-1"), known=[trust, b.assignment_1])
    for name, about, value in (
        ("person-of-both", "attack: one person of both sides", trust_value(people=people(side("side-a-1", "glass-a", "glass-b")))),
        ("rows-of-both", "two rows of which one person has both", trust_value(rules=c.rules() + [own[0], {**own[1], "roles": ["accounts"]}])),
        ("by-two", "one of each side signs", trust_value(rules=c.rules() + [{**own[0], "need": 2}])),
        ("twice", "a rule twice", trust_value(rules=c.rules() + [own[0], own[0]])),
        ("approve", "there is no such rule", trust_value(rules=c.rules() + [{**own[0], "act": "approve"}])),
    ):
        v.refuse("trust-glass-" + name, "Trust", about, c.message("trust", value, [K["root-1"], K["root-2"]]), expect="rule", known=[])


def glass_report_vectors(v, b):
    """What a device says of it."""
    opened = {"set": 1, "slot": 2, "at": T + 400, "state": "open"}
    told = {**c.report(COUNCIL, DEVICE, 1, T + 500), "glass": {"wrong": 3, "tried": T + 400, "opened": opened}}
    v.row("report-glass", "Report", "opened by two halves", v.good("report-glass", "report", told, "device-d1"), known=b.device, topic="report")
    wrong = {**told, "glass": {"wrong": 1, "tried": T + 400}}
    v.row("report-glass-wrong", "Report", "somebody typed wrong ones", v.good("report-glass-wrong", "report", wrong, "device-d1"), known=b.device,
          topic="report")
    for name, about, value, expect in (
        ("nobody", "left out is the one way to say that nobody tried", {"wrong": 0, "tried": T}, "shape"),
        ("never-tried", "nor a time that is none", {"wrong": 1, "tried": 0}, "shape"),
        ("slot-0", "slots begin at 1", {"wrong": 0, "tried": T, "opened": {**opened, "slot": 0}}, "shape"),
        ("slot-17", "sixteen at most", {"wrong": 0, "tried": T, "opened": {**opened, "slot": 17}}, "shape"),
        ("set-0", "sets begin at 1", {"wrong": 0, "tried": T, "opened": {**opened, "set": 0}}, "shape"),
        ("state", "it is open or it has ended", {"wrong": 0, "tried": T, "opened": {**opened, "state": "shut"}}, "shape"),
        ("extra-member", "a member that nobody knows", {"wrong": 1, "tried": T, "half": "x"}, "shape"),
    ):
        v.refuse("report-glass-" + name, "Report", about, c.message("report", {**told, "glass": value}, [K["device-d1"]]), expect=expect,
                 known=b.device, topic="report")


def make():
    v = Vectors()
    b = Basics(v)
    for part in (good_documents, clock_vectors, text_vectors, payload_vectors, signature_vectors, crowd_vectors, release_vectors,
                 share_vectors, amend_vectors,
                 trust_vectors, people_change_vectors, register_vectors, parts_vectors, assignment_vectors, state_vectors,
                 report_vectors, report_log_vectors, report_machine_vectors, timetable_vectors, words_vectors, acknowledged_vectors, dedicated_vectors,
                 posting_vectors, posting_text_vectors, assumed_rule_vectors, loosening_vectors, rank_vectors, key_vectors,
                 void_vectors, proof_vectors, recover_vectors, remark_vectors, note_vectors, erase_vectors, broker_vectors, broker_void_vectors,
                 broker_refusals, broker_rule_vectors, glass_vectors, glass_refusals, glass_trust_vectors, glass_report_vectors):
        part(v, b)
    check_whole(v)
    return v


def check_whole(v):
    """Every row has a name of its own, every file is used, every reason of the contract stands at least once."""
    names = [row["name"] for row in v.rows]
    twice = sorted({n for n in names if names.count(n) > 1})
    seen = {row["expect"] for row in v.rows} | {r for row in v.rows for r in row.get("refused", [])}
    missing = sorted(set(REASONS) - seen)
    strange = sorted(seen - set(REASONS) - {"ok"})
    used = {row["file"] for row in v.rows} | {k for row in v.rows for k in row["known"]}
    idle = sorted(n for n in v.files if n not in used and not n.startswith("parts/"))
    for what, found in (("rows twice", twice), ("reasons without a row", missing), ("reasons unknown", strange),
                        ("files without a row", idle)):
        if found:
            raise ValueError(f"{what}: {', '.join(found)}")


def written():
    found = {}
    for folder, _, names in os.walk(FOLDER):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, FOLDER)] = f.read()
    return found


def write(files):
    for name in set(written()) - set(files):
        os.remove(os.path.join(FOLDER, name))
    for name, data in files.items():
        path = os.path.join(FOLDER, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)


def main():
    files = make().all_files()
    files = {n: d for n, d in files.items() if not n.startswith("parts/")}
    if sys.argv[1:] == ["--check"]:
        there = written()
        odd = sorted(n for n in set(there) | set(files) if there.get(n) != files.get(n))
        for name in odd:
            print(f"proto/vectors/{name} is not what tests/vectors/make.py makes; run it and look at the difference")
        print(f"{len(files) - len(odd)} passed, {len(odd)} failed, 0 skipped")
        return 1 if odd else 0
    if sys.argv[1:]:
        print("usage: make.py [--check]", file=sys.stderr)
        return 2
    write(files)
    rows = json.loads(files["index.json"])["rows"]
    print(f"{len(rows)} rows, {len(files)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
