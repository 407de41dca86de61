# SPDX-License-Identifier: MIT
"""The contract once more, in Python: keys, envelopes, documents.

Owns the second opinion: it shares no line with proto/wire and is written from proto/README.md alone, so that what
both agree on is what the page says. System tests use it to forge messages. It must never judge: the law is in C.
"""
import base64
import hashlib
import hmac
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DOCUMENTS = ("trust", "register", "assignment", "order", "state", "report", "recover", "remark", "erase", "brokers", "glass")
MESSAGE_MAX = 65536
PAYLOAD_MAX = 48000
ORDER_PAYLOAD_MAX = 32768
ZERO_DIGEST = "0" * 64

DEFAULT_RULES = (
    ("emergency", "raise", ["comms"], 1),
    ("emergency", "release", ["comms", "monitoring"], 2),
    ("purdah", "raise", ["elections"], 1),
    ("purdah", "release", ["elections", "monitoring"], 2),
    ("exercise", "approve", ["comms", "elections"], 1),
    ("register", "approve", ["accounts"], 2),
    ("exempt", "approve", ["accounts"], 2),
    ("assignment", "approve", ["it"], 1),
)

REPORT_ROWS = {
    "layers": ("name", "state", "saw"),
    "lockdowns": ("id", "kind", "mode", "rev", "standing"),
    "acknowledged": ("lockdown", "text", "person", "at"),
}


def b64(data):
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


class Key:
    """An Ed25519 private key."""

    def __init__(self, private):
        self._private = private
        self.raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.public = b64(self.raw)
        self.keyid = hashlib.sha256(self.raw).hexdigest()[:16]

    @classmethod
    def from_seed(cls, seed):
        """The key of 32 given bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_name(cls, name):
        """The test key of a name; anybody can make it, so no real council may use it."""
        return cls.from_seed(seed_of(name))

    @classmethod
    def from_pem(cls, path, passphrase=None):
        """The key in a PEM file (PKCS #8), with its passphrase as text or None."""
        with open(path, "rb") as f:
            text = f.read()
        private = serialization.load_pem_private_key(text, passphrase.encode() if passphrase else None)
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError(f"{path} holds a key that is not Ed25519")
        return cls(private)

    def sign(self, data):
        return self._private.sign(data)


def seed_of(name):
    """32 bytes that stand for a name."""
    return hashlib.sha256(b"holdfast example key, never for use: " + name.encode()).digest()


def public_from_text(text):
    """The 32 bytes of a public key as it stands in a document."""
    return base64.b64decode(text, validate=True)


def verifies(public_raw, data, signature):
    """Does this signature fit, by this implementation."""
    try:
        Ed25519PublicKey.from_public_bytes(public_raw).verify(signature, data)
        return True
    except (InvalidSignature, ValueError):
        return False


def type_uri(document):
    """The payloadType of a document."""
    return f"application/vnd.holdfast.{document}.v1+json"


def pae(uri, payload):
    """The bytes that are signed (DSSE 1.0.2)."""
    kind = uri.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def digest(document, payload):
    """The identity of a document: hex of SHA-256 of its PAE."""
    return hashlib.sha256(pae(type_uri(document), payload)).hexdigest()


def compact(value):
    """A value as the bytes of its JSON, members in the order in which they stand."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def signature(key, uri, payload):
    """One entry of `signatures`."""
    return {"keyid": key.keyid, "sig": b64(key.sign(pae(uri, payload)))}


def envelope(document, payload, keys):
    """An envelope as a value: payload is bytes, or a value that is made into bytes; signed by each of keys."""
    if not isinstance(payload, bytes):
        payload = compact(payload)
    uri = type_uri(document)
    return {"payload": b64(payload), "payloadType": uri, "signatures": [signature(k, uri, payload) for k in keys]}


def message(document, payload, keys):
    """An envelope as the bytes that travel."""
    return compact(envelope(document, payload, keys))


def open_envelope(data):
    """(document, payload bytes) of an envelope, as bytes or as a value; nothing is verified."""
    value = data if isinstance(data, dict) else json.loads(data)
    uri = value["payloadType"]
    document = uri[len("application/vnd.holdfast."):-len(".v1+json")]
    return document, base64.b64decode(value["payload"], validate=True)


def digest_of(data):
    """The digest of the document in an envelope, as bytes or as a value."""
    return digest(*open_envelope(data))


def document_of(data):
    """The document in an envelope, as a value."""
    return json.loads(open_envelope(data)[1])


def add_signature(data, key):
    """The same envelope with one more signature, as a value."""
    value = dict(data) if isinstance(data, dict) else json.loads(data)
    payload = base64.b64decode(value["payload"], validate=True)
    value["signatures"] = value["signatures"] + [signature(key, value["payloadType"], payload)]
    return value


def signers(data, publics):
    """Names of those of publics (name -> 32 bytes) with which one of the signatures verifies."""
    value = data if isinstance(data, dict) else json.loads(data)
    signed = pae(value["payloadType"], base64.b64decode(value["payload"], validate=True))
    found = []
    for name, raw in publics.items():
        if any(verifies(raw, signed, base64.b64decode(s["sig"])) for s in value["signatures"]):
            found.append(name)
    return found


# Documents. Each returns a plain value with its members in the order of proto/README.md.


def changed(value, changes):
    """The value with these members changed; it must have them."""
    unknown = set(changes) - set(value)
    if unknown:
        raise ValueError(f"no such member: {sorted(unknown)}")
    return {**value, **changes}


def rules(changes=None):
    """The default rules; changes maps (kind, act) to (roles, need)."""
    changes = changes or {}
    rows = []
    for kind, act, roles, need in DEFAULT_RULES:
        roles, need = changes.get((kind, act), (roles, need))
        rows.append({"kind": kind, "act": act, "roles": list(roles), "need": need})
    return rows


def assignment_leaf(device, digest_hex, act):
    """The leaf of an assignment in the tree of a trust: act is "loosen", by two, or "approve", by one."""
    data = hashlib.sha256(f"holdfast-assignment\n{device}\n{digest_hex}\n{act}\n".encode()).digest()
    return hashlib.sha256(b"\0" + data).digest()


def merkle_root(leaves):
    """MTH of RFC 6962 section 2.1 over hashes of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + merkle_root(leaves[:k]) + merkle_root(leaves[k:])).digest()


def merkle_path(index, leaves):
    """PATH of RFC 6962 section 2.1.1, from the leaf up."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if index < k:
        return merkle_path(index, leaves[:k]) + [merkle_root(leaves[k:])]
    return merkle_path(index - k, leaves[k:]) + [merkle_root(leaves[:k])]


def assignments_root(rows):
    """What a trust carries of these rows (device, digest, act), in their order, and the proof of each."""
    leaves = [assignment_leaf(*row) for row in rows]
    head = {"root": merkle_root(leaves).hex(), "size": len(leaves)}
    return head, [{"index": i, "path": [n.hex() for n in merkle_path(i, leaves)]} for i in range(len(leaves))]


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SIDES = "ab"


def glass_people(trust_document, roles=None):
    """The digest of who gives halves by this trust. roles: those of side a and of side b."""
    text = "holdfast-glass-people\n"
    for side, may in zip(SIDES, roles or (["glass-a"], ["glass-b"])):
        text += side + "\n"
        for one in sorted(trust_document["people"], key=lambda p: p["id"]):
            if set(may) & set(one["roles"]):
                text += "".join(line + "\n" for line in (one["id"], *one["keys"]))
    return hashlib.sha256(text.encode()).hexdigest()


def slot_name(purpose, glass_document, slot):
    return "".join(f"{line}\n" for line in ("holdfast-glass-" + purpose, glass_document["council"], glass_document["device"],
                                            glass_document["public"], glass_document["side"], glass_document["set"], slot)).encode()


def half_check(text, side):
    """The 13th character of 12: Horner's rule over the field of 32 elements."""
    check = 1 + SIDES.index(side)
    for character in text:
        check = (check ^ CROCKFORD.index(character)) << 1
        check ^= 0x25 if check & 32 else 0
    return CROCKFORD[check]


def glass_half(seed, glass_document, slot):
    """RFC 5869 with SHA-256, in its own words; the first 60 bits of 64."""
    extracted = hmac.new(b"holdfast", seed, hashlib.sha256).digest()
    made = hmac.new(extracted, slot_name("half", glass_document, slot) + b"\1", hashlib.sha256).digest()
    bits = int.from_bytes(made[:8], "big")
    text = "".join(CROCKFORD[bits >> 59 - 5 * i & 31] for i in range(12))
    return text + half_check(text, glass_document["side"])


def glass_verifier(half, glass_document, slot):
    salt = hashlib.sha256(slot_name("verifier", glass_document, slot)).digest()
    return hashlib.scrypt(half[:12].encode(), salt=salt, n=1 << 15, r=8, p=1, maxmem=1 << 26, dklen=32).hex()


def glass(council, device, side, issued, **says):
    """What one side's halves of a device are known by; public: text of its key; verifiers: of slot 1 and on."""
    return changed({"council": council, "device": device, "public": "", "side": side, "set": 1, "issued": issued, "until": issued + 366 * 86400,
                    "minutes": 60, "people": ZERO_DIGEST, "verifiers": [ZERO_DIGEST]}, says)


def person(name, roles, publics):
    return {"id": name, "roles": list(roles), "keys": list(publics)}


def trust(council, epoch, issued, **says):
    """roots: texts of keys; controllers: {id: text}; people: rows of person()."""
    value = changed({
        "council": council,
        "epoch": epoch,
        "issued": issued,
        "threshold": 2,
        "roots": [],
        "controllers": {},
        "people": [],
        "rules": rules(),
        "affirmed": [],
        "void_before": 0,
    }, says)
    value["controllers"] = [{"id": i, "public": k} for i, k in value["controllers"].items()]
    return value


def account(name, kind, holders):
    """holders: {person: until}."""
    return {"id": name, "kind": kind, "holders": [{"person": p, "until": u} for p, u in holders.items()]}


def tool(name, label, platforms, addresses=(), programs=()):
    return {
        "id": name,
        "name": label,
        "platforms": list(platforms),
        "addresses": list(addresses),
        "programs": list(programs),
    }


def register(council, version, issued, accounts, tools):
    return {"council": council, "version": version, "issued": issued, "accounts": accounts, "tools": tools}


def words(rows):
    """What the draft check marks, to stand in a register; rows: (text, kind)."""
    return [{"text": t, "kind": k} for t, k in rows]


def assignment(council, device, version, issued, **says):
    """people: {person: login name}."""
    value = changed({
        "council": council,
        "device": device,
        "version": version,
        "issued": issued,
        "public": "",
        "people": {},
        "groups": [],
    }, says)
    value["people"] = [{"person": p, "user": u} for p, u in value["people"].items()]
    return value


def body(**changes):
    """What a raise says; by default an emergency everywhere, from 0 on. timetable: a value of timetable()."""
    value = changed({
        "level": "block",
        "from": 0,
        "until": 0,
        "accounts": ["*"],
        "groups": ["*"],
        "exempt": [],
        "reason": "Emergency procedures invoked",
        "contact": "Communications duty officer, 01543 000000",
        "instructions": "",
        "holding": [],
        "timetable": None,
    }, {"from" if k == "start" else k: w for k, w in changes.items()})
    return {k: w for k, w in value.items() if w is not None}


def timetable(*polls, calendar=ZERO_DIGEST):
    """polls: (kind, "YYYY-MM-DD")."""
    return {"polls": [{"kind": k, "poll": d} for k, d in polls], "calendar": calendar}


def holding(account_id, text, poster, minutes):
    return {"account": account_id, "text": text, "poster": poster, "minutes": minutes}


def raise_order(council, kind, mode, at, **changes):
    return {"council": council, "act": "raise", "kind": kind, "mode": mode, "at": at, **body(**changes)}


def amend_order(council, kind, mode, at, **changes):
    """of: the digest of the raise; rev: from 1; and what body() takes."""
    head = {"of": changes.pop("of"), "rev": changes.pop("rev")}
    return {"council": council, "act": "amend", "kind": kind, "mode": mode, "at": at, **head, **body(**changes)}


def release_order(council, kind, mode, at, **says):
    """of: what it ends."""
    return {"council": council, "act": "release", "kind": kind, "mode": mode, "at": at, **changed(
        {"of": [], "reason": "The incident is over", "message": "You may post again."}, says)}


def state(council, controller, seq, issued, **says):
    """trust, register: (number, digest); orders: envelopes as values; log: (size, root); claims: rows as values; grown: [(size,
    [digest...])...] of the log."""
    grown = says.pop("grown", None)
    value = changed({
        "council": council,
        "controller": controller,
        "seq": seq,
        "issued": issued,
        "valid_until": issued + 120,
        "page": 0,
        "pages": 1,
        "trust": (0, ZERO_DIGEST),
        "register": (0, ZERO_DIGEST),
        "orders": [],
        "log": (0, ZERO_DIGEST),
        "claims": None,
    }, says)
    for member, number, text in (("trust", "epoch", "digest"), ("register", "version", "digest"), ("log", "size", "root")):
        value[member] = dict(zip((number, text), value[member]))
    if grown:
        value["log"]["from"] = [{"size": size, "proof": proof} for size, proof in grown]
    return {k: w for k, w in value.items() if w is not None}


class Tree:
    """RFC 6962 section 2.1 over leaves of 32 bytes, by its definition."""

    def __init__(self, leaves):
        self.leaves = leaves

    @staticmethod
    def node(left, right):
        return hashlib.sha256(b"\x01" + left + right).digest()

    def head(self, begin, end):
        if end - begin < 2:
            return hashlib.sha256(b"\x00" + self.leaves[begin]).digest() if end > begin else hashlib.sha256().digest()
        half = begin + (1 << (end - begin - 1).bit_length() - 1)
        return self.node(self.head(begin, half), self.head(half, end))

    def root(self, size):
        return self.head(0, size).hex()

    def subproof(self, size, span, whole):
        begin, end = span
        if size == end - begin:
            return [] if whole else [self.head(begin, end)]
        half = 1 << (end - begin - 1).bit_length() - 1
        if size <= half:
            return self.subproof(size, (begin, begin + half), whole) + [self.head(begin + half, end)]
        return self.subproof(size - half, (begin + half, end), False) + [self.head(begin, begin + half)]

    def growth(self, size, after):
        """Section 2.1.2, in hex."""
        return [one.hex() for one in self.subproof(size, (0, after), True)]


def report(council, device, counter, at, **says):
    """layers: (name, state, saw); lockdowns: (id, kind, mode, rev, standing); refused: {reason: count}; acknowledged:
    (lockdown, digest of the instructions, person, at)."""
    value = changed({
        "council": council,
        "device": device,
        "counter": counter,
        "at": at,
        "unknown": False,
        "controller": "",
        "state_seq": 0,
        "state": ZERO_DIGEST,
        "trust_epoch": 0,
        "register_version": 0,
        "layers": [],
        "lockdowns": [],
        "refused": {},
        "acknowledged": [],
    }, says)
    for member, names in REPORT_ROWS.items():
        value[member] = [dict(zip(names, row)) for row in value[member]]
    value["refused"] = [{"reason": r, "count": n} for r, n in (value["refused"] or {}).items()]
    if not value["acknowledged"]:
        del value["acknowledged"]
    return value


def slice_of(device):
    """Of 64, the slice of the estate in which this device hears beats."""
    return 1 + hashlib.sha256(device.encode()).digest()[0] % 64


def instructions_digest(text):
    """What an acknowledgement names: hex of SHA-256 of the text's bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


# The curve, only as far as it takes to write down bad keys without trusting anybody's list of them.

_P = 2**255 - 19
_D = (-121665 * pow(121666, -1, _P)) % _P
_ORDER = 2**252 + 27742317777372353535851937790883648493


def _x_of(y):
    """A square root of (y^2 - 1) / (d y^2 + 1), or None: then no point has this y."""
    x2 = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(x2, (_P + 3) // 8, _P)
    if (x * x - x2) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    return None if (x * x - x2) % _P else x


def _add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = _D * x1 * x2 * y1 * y2 % _P
    x3 = (x1 * y2 + x2 * y1) * pow(1 + t, -1, _P)
    y3 = (y1 * y2 + x1 * x2) * pow(1 - t, -1, _P)
    return x3 % _P, y3 % _P


def _times(n, point):
    sum_ = (0, 1)
    while n:
        if n & 1:
            sum_ = _add(sum_, point)
        point = _add(point, point)
        n >>= 1
    return sum_


def small_order_encodings():
    """Every 32 bytes that decode, strictly or loosely, to a point of order 1, 2, 4 or 8, sorted."""
    y = 2
    while True:
        x = _x_of(y)
        point = _times(_ORDER, (x, y)) if x is not None else (0, 1)
        if _times(4, point) != (0, 1):
            break
        y += 1
    found = set()
    for i in range(8):
        y = _times(i, point)[1]
        for value in (y, y + _P):
            for sign in (0, 1):
                if value < 2**255:
                    found.add((value | sign << 255).to_bytes(32, "little"))
    return sorted(found)


def no_point():
    """32 bytes that are no point of the curve."""
    y = 2
    while _x_of(y) is not None:
        y += 1
    return y.to_bytes(32, "little")


def unreduced_point():
    """A point of large order whose y is written as y + p: other bytes for the same key."""
    y = 2
    while _x_of(y) is None:
        y += 1
    return (y + _P).to_bytes(32, "little")


def malleated(signature_bytes):
    """The same signature with its second half raised by the order of the curve's base point."""
    s = int.from_bytes(signature_bytes[32:], "little") + _ORDER
    return signature_bytes[:32] + s.to_bytes(32, "little")
