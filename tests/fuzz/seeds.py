#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the first inputs of the fuzzers, tests/fuzz/corpus/, out of the signed examples in proto/vectors.

Owns those files; each is small, and text but for those of hello and dns. `seeds.py` writes them; run it after the vectors have changed. A fuzzer's own
finds are not kept here: a crash becomes a row of a unit test.
"""
import base64
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.normpath(os.path.join(HERE, "..", "..", "proto", "vectors"))
CORPUS = os.path.join(HERE, "corpus")

PAYLOADS = {
    "trust": ("good/trust-1", "good/trust-2", "bad/trust-rule-missing"),
    "register": ("good/register-1", "good/register-with-words", "bad/register-address-port"),
    "assignment": ("good/assignment-1", "good/assignment-2", "good/assignment-ranked"),
    "order": ("good/raise-emergency", "good/raise-purdah", "good/release-emergency", "good/release-two-at-once",
              "good/raise-purdah-with-timetable", "good/release-person"),
    "state": ("good/state-1", "good/state-5", "good/state-with-no-envelope", "good/state-amend-rivals", "good/state-claims", "good/state-grown-proved"),
    "recover": ("good/recover", "good/recover-nothing-live"),
    "remark": ("good/remark-withdraw", "good/remark-refuse", "good/remark-confirm", "good/remark-note"),
    "erase": ("good/erase", "good/erase-many"),
    "brokers": ("good/brokers-2-added", "good/brokers-3-moved", "bad/brokers-place-twice"),
    "glass": ("good/glass-a-1", "good/glass-most", "bad/glass-slot-twice"),
    "report": ("good/report-1", "good/report-acknowledged", "good/report-unknown", "good/report-postings", "good/report-logs-forked",
               "good/report-machine", "good/report-lost", "good/report-over"),
}
ENVELOPES = ("good/raise-emergency", "good/release-emergency", "good/assignment-1", "bad/envelope-type-unknown",
             "bad/envelope-base64-left-over-bits")
JSON = {
    "words": b'{"a":[true,false,null],"b":{"c":-7}}',
    "escapes": b'{"a":"\\u00e9\\ud83d\\ude00\\n\\t\\"\\\\\\/"}',
    "utf8": '{"a":"é€😀"}'.encode(),
    "twice": b'{"a":1,"a":2}',
    "deep": b'{"a":[[[[[[[[[[[{}]]]]]]]]]]]}',
    "limits": b'{"a":[9223372036854775807,-9223372036854775808,0,-0,1.5,1e3]}',
    "hidden": '{"a":"\u202e","\ufffe":1}'.encode(),
}
BASE64 = {"one": b"Zg==", "two": b"Zm8=", "three": b"Zm9v", "left-over": b"QR==", "hex": b"00ff7a", "long": base64.b64encode(bytes(range(256)))}
TOPICS = ("trust/1", "register", "state/main", "state/main/63", "device/d1/assignment", "device/d1/report", "device/d1/ask", "device/d1/answer", "device/d1/recover", "device/d1/glass/1", "brokers", "brokers/1",
          "device/d1/assignment/7")
NAME = b"x.com"
HELLO = b"\x03\x03" + bytes(32) + b"\x00\x00\x02\x13\x01\x01\x00\x00\x0e\x00\x00\x00\x0a\x00\x08\x00\x00\x05" + NAME
HELLOS = {  # the first byte says where the fuzzer cuts
    "tls": b"\x21\x16\x03\x01\x00" + bytes([len(HELLO) + 4]) + b"\x01\x00\x00" + bytes([len(HELLO)]) + HELLO,
    "records": b"\x08\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00" + bytes([len(HELLO) + 3]) + b"\x00\x00" + bytes([len(HELLO)]) + HELLO,
    "http": b"\x05GET / HTTP/1.1\r\nHost: x.com\r\n\r\n",
    "proxy": b"\x0cPOST http://x.com:80/a HTTP/1.0\r\n\r\n",
    "tunnel": b"\x09CONNECT x.com:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: y.com\r\n\r\n",
    "ssh": b"\x03SSH-2.0-x\r\n",
}
ASKED = b"\x05graph\x08facebook\x03com\0\0\x01\0\x01"
DNS = {  # the first byte says which way it goes
    "question": b"\0\x12\x34\x01\0\0\x01\0\0\0\0\0\0" + ASKED,
    "answer": b"\x01\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0" + ASKED + b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\0\x71\x15",
    "alias": b"\x01\x12\x34\x81\x80\0\x01\0\x02\0\0\0\0" + ASKED + b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x07\x04edge\xc0\x12"
             b"\x04edge\xc0\x12\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\0\x71\x15",
    "six": b"\x01\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0" + ASKED + b"\xc0\x0c\0\x1c\0\x01\0\0\0\x3c\0\x10" + b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01",
}
CONF = {
    "whole": b"# a comment\nbus.host = broker.example\nbus.port = 8884\nbus.tls = false\nbus.ca = /etc/ca.pem\n",
    "least": b"bus.host = b\n",
    "twice": b"bus.host = a\nbus.host = b\n",
    "unknown": b"bus.host = a\nbus.mood = good\n",
    "bounds": b"bus.host = a\nbus.port = 65536\n",
}


SECRET = base64.b64encode(bytes(range(32))).decode()
PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="  # RFC 8032 7.1, test 1
JOIN = {
    "ask": {"token": SECRET, "public": PUBLIC, "csr": "-----BEGIN CERTIFICATE REQUEST-----\n", "serial": "SN-1", "name": "pc"},
    "machine": {"token": SECRET, "public": PUBLIC, "csr": "x", "serial": "", "name": "", "machine": {"board": "0" * 64, "disk": "1" * 64}},
    "token": {"council": "cannock-chase", "secret": SECRET, "host": "join.example", "port": 8884, "trust": "0" * 64, "ca": "pem"},
}


def vector(name):
    with open(os.path.join(VECTORS, name + ".json"), "rb") as f:
        return f.read()


def payload(name):
    return base64.b64decode(json.loads(vector(name))["payload"], validate=True)


def known():
    """What a device may have stored: see hf_known_encode."""
    envelope = lambda name: json.loads(vector(name))
    with open(os.path.join(VECTORS, "index.json"), "rb") as f:
        raised = json.load(f)["digests"]["good/raise-emergency.json"]
    value = {
        "council": "cannock-chase", "device": "d1", "trust": envelope("good/trust-1"),
        "register": envelope("good/register-1"), "assignment": envelope("good/assignment-1"),
        "orders": [envelope("good/raise-emergency"), envelope("good/raise-purdah")], "started": [raised],
        "issued": 1767226605, "valid_until": 1767227605,
        "controllers": [{"id": "main", "seq": 5, "pages": [raised]}],
        "last_controller": "main", "last_seq": 5, "last_state": raised,
    }
    value["claims"] = [{"said": {"lockdown": raised, "account": "x:CannockChaseDC", "person": "comms-2", "state": "posted",
                                 "at": 1767226000, "post": "https://x.com/1", "device": "d1"},
                        "issued": 1767226605, "seq": 5, "controller": "main"}]
    few = {**value, "orders": [], "started": [], "controllers": [], "last_controller": "", "last_seq": 0, "device": ""}
    for name in ("register", "assignment", "claims"):
        del few[name]
    return {"device": value, "controller": few}


def seeds():
    compact = lambda value: json.dumps(value, separators=(",", ":")).encode()
    yield from ((f"{kind}/{os.path.basename(name)}", payload(name)) for kind, names in PAYLOADS.items() for name in names)
    yield from ((f"envelope/{os.path.basename(name)}", vector(name)) for name in ENVELOPES)
    yield from ((f"json/{name}", data) for name, data in JSON.items())
    yield "json/order", payload("good/raise-emergency")
    yield from ((f"base64/{name}", data) for name, data in BASE64.items())
    yield from ((f"topic/{name.replace('/', '-')}", f"holdfast/1/cannock-chase/{name}".encode()) for name in TOPICS)
    yield from ((f"conf/{name}", data) for name, data in CONF.items())
    yield from ((f"hello/{name}", data) for name, data in HELLOS.items())
    yield from ((f"dns/{name}", data) for name, data in DNS.items())
    yield from ((f"join/{name}", compact(value)) for name, value in JOIN.items())
    yield from ((f"known/{name}", compact(value)) for name, value in known().items())


def main():
    for name, data in seeds():
        path = os.path.join(CORPUS, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
