#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""holdfastd with a real broker over TLS: takes, records, publishes, collects, comes back, and refuses.

The broker runs with the configuration that ships. Messages are made by the second implementation of the contract in
tests/vectors/contract.py. HF_BUILD names the build folder.
"""
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from common import ENOUGH, PEOPLE, check, closing, end, end_process, read, results, took, wait_for, write
from council_help import BUILD, COUNCIL, TOPICS, Broker, Ca, contract, key, pem_of

HOLDFASTD = f"{BUILD}/holdfastd"
OTHER_CLOCK = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
AT_ONCE, NEWS = 40, 60  # reports of one device that are recorded at once, and more than these
SLICES = 64
BEAT = f"beat/{contract.slice_of('d1')}/c1"  # what the broker keeps for d1
LEFT_OUT = 3  # numbers, whenever the controller comes to the broker
BEAT_S = 900  # longer than any wait here: what is published meanwhile was not published on the beat


class Office:
    """A council folder, a broker and a controller in a folder of their own."""
    environment = {}  # beside this program's own

    def __init__(self, folder):
        self.folder, self.controller = folder, None
        self.socket, self.conf = f"{folder}/c.sock", f"{folder}/controller.conf"
        self.ca = Ca(f"{folder}/ca", {"server": "localhost", "controller": "controller:c1", "d1": "d1", "d2": "d2"})
        self.make_council()
        self.broker = Broker(folder, self.ca)
        self.settings = {"council.folder": f"{folder}/council", "state.folder": f"{folder}/state", "socket.path": self.socket,
                         "controller.key": f"{folder}/controller.pem", "bus.host": "localhost", "bus.port": self.broker.port,
                         "bus.ca": f"{folder}/ca/ca.crt", "bus.certificate": f"{folder}/ca/controller.crt",
                         "bus.key": f"{folder}/ca/controller.key", "beat_s": BEAT_S, "device.report_s": 60, "log.level": 6}

    def make_council(self):
        at = int(time.time()) - 60
        people = [contract.person(p, roles, [key(p).public]) for p, roles in PEOPLE.items()]
        self.trust = contract.trust(COUNCIL, 1, at, roots=[key(r).public for r in ("root-1", "root-2")],
                                    controllers={"c1": key("c1").public}, people=people)
        register = contract.register(COUNCIL, 1, at, [contract.account("x:CannockChaseDC", "corporate", {"comms-2": 0})],
                                     [contract.tool("x-web", "X in a browser", ["x"], ["x.com"])])
        sign = contract.message
        write(f"{self.folder}/council/trust/1.json", sign("trust", self.trust, [key("root-1"), key("root-2")]))
        write(f"{self.folder}/council/register.json", sign("register", register, [key("comms-1"), key("comms-2")]))
        for device in ("d1", "d2"):
            a = contract.assignment(COUNCIL, device, 1, at, public=key(device).public, people={"comms-2": "staff"}, groups=["civic-centre"])
            write(f"{self.folder}/council/assignments/{device}.json", sign("assignment", a, [key("it-1"), key("comms-1")]))
        write(f"{self.folder}/controller.pem", pem_of("c1"))
        os.chmod(f"{self.folder}/controller.pem", 0o600)

    def start(self, **changes):
        """Is it up, with the bus."""
        self.launch(**changes)
        return wait_for(self.is_up)

    def is_up(self):
        try:
            return self.get("status")[1]["bus"] == "up"
        except (OSError, ValueError):
            return False

    def refuses(self, says, **changes):
        """Does it end by itself, saying this."""
        self.launch(**changes)
        try:
            self.controller.wait(ENOUGH)
        except subprocess.TimeoutExpired:
            self.kill()
            return "it runs"
        tail = self.log()[-700:]
        return "" if says in tail and self.controller.returncode == 1 else tail

    def launch(self, **changes):
        settings = {**self.settings, **{k.replace("__", "."): v for k, v in changes.items()}}
        write(self.conf, "".join(f"{k} = {v}\n" for k, v in settings.items()).encode())
        with open(f"{self.folder}/log", "ab") as log:
            self.controller = subprocess.Popen([HOLDFASTD, "-f", self.conf], stderr=log, env={**os.environ, **self.environment})

    def stop(self):
        """SIGTERM; its exit status."""
        return end_process(self.controller)

    def kill(self):
        end_process(self.controller, signal.SIGKILL)

    def log(self):
        return read(f"{self.folder}/log")

    def speak(self, request, more=b"", half=False):
        """Raw bytes to the socket, and all that comes back."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(ENOUGH)
            s.connect(self.socket)
            s.sendall(request + more)
            if half:
                s.shutdown(socket.SHUT_WR)
            data = b""
            while True:
                part = s.recv(65536)
                if not part:
                    return data
                data += part

    def ask(self, method, path, body=b""):
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        head, _, rest = self.speak(head.encode(), body).partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(rest)

    def get(self, what):
        return self.ask("GET", f"/v1/{what}")

    def post(self, data):
        return self.ask("POST", "/v1/envelopes", data)

    def device(self, name):
        return next(d for d in self.get("devices")[1]["devices"] if d["device"] == name)

    def report(self, device, counter, lockdowns=(), signer=None, refused=None):
        doc = contract.report(COUNCIL, device, counter, int(time.time()), lockdowns=lockdowns, refused=refused)
        self.broker.publish(device, f"device/{device}/report", contract.message("report", doc, [key(signer or device)]))


class Listener:
    """What device d1 hears: by topic, each message as it came."""

    def __init__(self, office, filter_=f"{TOPICS}/#"):
        self.heard = []
        self.process = subprocess.Popen(office.broker.client("mosquitto_sub", "d1", "-t", filter_, "-F", "%t %r %p"),
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            topic, retained, text = line.rstrip("\n").split(" ", 2)
            self.heard.append((topic[len(TOPICS) + 1:], retained == "1", text))

    def last(self, topic):
        """The last document of a topic and its envelope, or None."""
        found = [text for t, _, text in list(self.heard) if t == topic]
        return (contract.document_of(found[-1]), json.loads(found[-1])) if found and found[-1] else None

    def state(self, condition=lambda s: True, seconds=ENOUGH, topic="state/c1"):
        def found():
            last = self.last(topic)
            return last[0] if last and condition(last[0]) else None
        return wait_for(found, seconds)

    def beats(self, since=0):
        """What each slice was said from that message on: (slice, its document), page 0 alone."""
        return [(int(topic.split("/")[1]), contract.document_of(text)) for topic, _, text in self.heard[since:]
                if topic.startswith("beat/") and topic.count("/") == 2]

    def slices_with(self, seq):
        return {number for number, state in self.beats() if state["seq"] == seq}

    def close(self):
        """By a kill: mosquitto_sub answers a TERM in its handler by calls that wait for locks, and was seen to wait for ever."""
        end(self.process)
        self.thread.join(ENOUGH)
        self.process.stdout.close()


def accept(office):
    """`holdfastd --accept-journal`, with the settings that it was started with."""
    return subprocess.run([HOLDFASTD, "-f", office.conf, "--accept-journal"], capture_output=True, text=True, timeout=ENOUGH, check=False)


def digests(state):
    return [contract.digest_of(o) for o in state["orders"]]


def raise_now(people=("comms-1",), kind="emergency", mode="live", at=None, **changes):
    doc = contract.raise_order(COUNCIL, kind, mode, at or int(time.time()), **changes)
    data = contract.message("order", doc, [key(p) for p in people])
    return data, contract.digest_of(data)


def release_now(ids, people, mode="live", kind="emergency"):
    return contract.message("order", contract.release_order(COUNCIL, kind, mode, int(time.time()), of=ids), [key(p) for p in people])


def publishes(office, listener):
    """State: signed, retained, with a time until which it is fresh; the other documents as they were approved."""
    state = listener.state()
    last = listener.last("state/c1")
    check("State: signed by the controller's key", last and contract.signers(last[1], {"c1": key("c1").raw}) == ["c1"], last)
    check("State: fresh for four beats", state and state["valid_until"] - state["issued"] == 4 * BEAT_S, state)
    names = wait_for(lambda: {"trust/1", "register", "device/d1/assignment"} <= {t for t, _, _ in listener.heard})
    check("Bus: trust, register and its own assignment are there", names, {t for t, _, _ in listener.heard})
    check("Bus: nobody else's assignment", "device/d2/assignment" not in {t for t, _, _ in listener.heard})
    each = wait_for(lambda: len(listener.slices_with(state["seq"])) == SLICES)
    check("Bus: each slice is told the same, one after the other", each and listener.last(BEAT) == last, [n for n, _ in listener.beats()])
    late = Listener(office)
    wait_for(lambda: late.last("state/c1") and late.last("register") and len(late.beats()) == SLICES)
    check("Bus: all of it is retained for who comes late", late.heard and all(r for _, r, _ in late.heard), late.heard)
    late.close()


def emergency(office, listener):
    """D9.1-D9.3: raised by one, seen by each device, released by two."""
    data, digest = raise_now(holding=[contract.holding("x:CannockChaseDC", "We will say more here.", "comms-2", 15)])
    status, answer = office.post(data)
    check("D9.1: one officer raises", status == 200 and answer["outcome"] == "recorded" and answer["reason"] == "ok", answer)
    check("its digest is the lockdown's identity", answer["digest"] == digest, answer)
    state = listener.state(lambda s: digest in digests(s))
    check("published at once, not on the beat", state)
    check("State: the log's size is that of the journal", state["log"]["size"] == office.get("status")[1]["journal"]["size"], state)
    check("D9.2: nobody has spoken of it yet", [d["state"] for d in office.get("devices")[1]["devices"]] == ["unreached"] * 2)
    said = [(digest, "emergency", "live", 0, "enforced-verified")]
    office.report("d1", 1, said)
    seen = wait_for(lambda: office.device("d1")["state"] == "enforced-verified")
    check("D9.2: d1 is enforced and verified", seen, office.device("d1"))
    office.report("d2", 1, said, signer="d1")
    office.report("d2", 1, [(digest, "emergency", "exercise", 0, "enforced-verified")])
    wait_for(lambda: office.device("d2")["counter"] == 1)
    check("attack: an exercise's report, and another device's key: d2 stays unreached", office.device("d2")["state"] == "unreached")
    check("D9.2: which are not enforced", [d["not_enforced"] for d in office.get("devices")[1]["devices"]] == [False, True])
    left = [d["device"] for d in office.get("devices?not-enforced=1")[1]["devices"]]
    check("and are listed alone when asked", left == ["d2"], left)
    lockdown = office.get("status")[1]["lockdowns"][0]
    check("counts add up", sum(lockdown["counts"].values()) == lockdown["devices"] == 2 and lockdown["counts"]["enforced-verified"] == 1,
          lockdown)
    return digest


def all_clear(office, listener, digest):
    one = release_now([digest], ["comms-1"])
    status, answer = office.post(one)
    check("D9.3: one alone makes a draft", (status, answer["outcome"], answer["have"], answer["need"]) == (200, "draft", 1, 2), answer)
    drafts = office.get("drafts")[1]["drafts"]
    check("the draft says who is missing", len(drafts) == 1 and drafts[0]["reason"] == "too-few" and drafts[0]["signed_by"] == ["comms-1"]
          and drafts[0]["of"] == [digest] and "monitoring" in drafts[0]["roles"], drafts)
    status, answer = office.post(contract.compact(contract.add_signature(one, key("it-1"))))
    check("D9.3: a wrong role does not help", answer["outcome"] == "draft" and answer["signed_by"] == ["comms-1"], answer)
    check("D9.2: nothing of it is published", contract.digest_of(one) not in digests(listener.last("state/c1")[0]))
    def told():
        return sum(topic == "device/d1/assignment" for topic, _, _ in list(listener.heard))
    before = told()
    office.kill()
    check("D5.6: killed; the draft waits after the restart", office.start() and len(office.get("drafts")[1]["drafts"]) == 1)
    check("and d1's word is known", office.device("d1")["counter"] == 1)
    check("Bus: all is said anew, the assignments last", wait_for(lambda: told() > before), told())
    two = contract.compact(contract.add_signature(drafts[0]["envelope"], key("monitoring-1")))
    status, answer = office.post(two)
    check("D9.3: the second officer completes it", answer["outcome"] == "recorded", answer)
    check("published at once", listener.state(lambda s: contract.digest_of(one) in digests(s)))
    office.report("d1", 2, [(digest, "emergency", "live", 0, "released-verified")])
    check("D9.2: d1 is released and verified", wait_for(lambda: office.device("d1")["state"] == "released-verified"), office.device("d1"))
    lockdown = office.get("status")[1]["lockdowns"][0]
    check("who released it is told", lockdown["phase"] == "released" and lockdown["released_by"] == ["comms-1", "monitoring-1"], lockdown)
    check("and since when, by the record of its last approval", abs(lockdown["released_at"] - time.time()) < 60, lockdown["released_at"])


def refusals(office):
    _, digest = raise_now()
    rows = [("no approval", release_now([digest], []), "unsigned"), ("a stranger's", release_now([digest], ["nobody"]), "stranger"),
            ("the controller's own", release_now([digest], ["c1"]), "stranger"), ("a wrong role's", release_now([digest], ["it-1"]), "role"),
            ("of what nobody knows", release_now(["ab" * 32], ["comms-1"]), "other-lockdown"), ("rubbish", b"{", "json")]
    before = office.get("status")[1]["journal"]
    for what, data, reason in rows:
        status, answer = office.post(data)
        check(f"attack: release with {what} approval", (status, answer.get("error")) == (400, reason) and answer["message"], answer)
    with contextlib.closing(sqlite3.connect(f"{office.folder}/state/journal.db")) as db:
        found = [row for row in db.execute("SELECT seq, kind, body FROM journal WHERE seq > ? ORDER BY seq", (before["size"],)) if row[1] != "report"]
    said = [(kind, json.loads(body)) for _, kind, body in found]
    check("D5.6: that what an officer signed was refused is on the record, and who brought it; of strangers nothing is",
          [kind for kind, _ in said] == ["refusal", "via"] and said[0][1]["signed_by"] == ["comms-1"] and said[0][1]["reason"] == "other-lockdown" and
          said[1][1]["uid"] == os.getuid() and said[1][1]["seq"] == found[0][0], found)


def gate(office):
    body = "POST /v1/envelopes HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n".encode()
    rows = [("a body that is too long is refused before it is read", body, b" 413 "),
            ("two lengths", b"POST /v1/envelopes HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\n{}", b" 400 "),
            ("length and transfer encoding", b"POST /v1/envelopes HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
             b"0\r\n\r\n", b" 400 "),
            ("a method of no use", b"PUT /v1/envelopes HTTP/1.1\r\nHost: a\r\n\r\n", b" 405 "),
            ("GET where POST is meant", b"GET /v1/envelopes HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b" 405 "),
            ("no such address", b"GET /v1/../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b" 404 ")]
    for what, request, status in rows:
        answer = office.speak(request)
        check(f"gate: {what}", status in answer[:20], answer[:80])
    many = []
    for _ in range(50):
        s = socket.socket(socket.AF_UNIX)
        s.connect(office.socket)
        s.sendall(b"POST /v1/env")
        many.append(s)
    served = office.get("status")[0] == 200
    waiting = len(many) - len(select.select(many, [], [], 0)[0])
    check("gate: 50 half requests, and an officer of the same user is served while some of them wait", served and 0 < waiting < 16, waiting)
    for s in many:
        s.close()
    check("socket: owner and group alone", os.stat(office.socket).st_mode & 0o777 == 0o660)


def pages(office):
    """The devices a page at a time, and questions that are refused before anything is looked at."""
    first, second = office.get("devices?limit=1")[1], office.get("devices?limit=1&after=d1")[1]
    check("devices: a page, and where the next begins", [d["device"] for d in first["devices"]] == ["d1"] and first["next"] == "d1" and
          (first["total"], first["of"]) == (2, 2), first)
    check("devices: the last page says so", [d["device"] for d in second["devices"]] == ["d2"] and second["next"] is None, second)
    some = office.get("devices?group=civic-centre&state=released-verified&id=d1")[1]
    check("devices: filters are applied here", [d["device"] for d in some["devices"]] == ["d1"] and some["total"] == 1, some)
    for query in ("limit=0", "limit=1&limit=2", "nonsense=1", "after=..%2F..%2Fetc", "id=d1%00", "id", "id=%", "state=all", "&&&=", "group=%0d%0a",
                  "not-enforced=maybe", "standing=stale", "group=a&" * 100, "id=" + "d" * 9000):
        status, answer = office.get(f"devices?{query}")
        check(f"devices?{query[:30]}: refused with one sentence", status == 400 and answer["message"] and "\n" not in answer["message"], answer)
    check("status takes no question", office.get("status?limit=1")[0] == 400)


def asked(office, listener):
    """Bus: a device that heard nothing asks, and is answered alone; at most one answer a second."""
    def answers():
        return [(retained, json.loads(text)["payloadType"].split(".")[2]) for topic, retained, text in list(listener.heard)
                if topic == "device/d1/answer"]

    def said():
        try:
            office.broker.publish("d1", "device/d1/ask", b"?")
        except subprocess.CalledProcessError:
            return None  # the connection was lost: it asks again
        return wait_for(lambda: "state" in [kind for _, kind in answers()], 0.5)
    def others():
        return [topic for topic, retained, _ in list(listener.heard)
                if topic != "device/d1/answer" and not topic.startswith(("state/", "beat/")) and not retained]
    before = others()
    check("Bus: all is said again to who asks", wait_for(said) and {kind for _, kind in answers()} == {"trust", "register", "assignment", "state"},
          answers())
    check("Bus: an answer is not retained", not any(retained for retained, _ in answers()), answers())
    given = office.log().count("event=published device=d1 answer")  # whoever asks takes the name of the listener here, which misses some
    office.broker.publish("d1", "device/d1/ask", b"?\n" * 5, "-l")
    office.report("d1", 3)
    heard = wait_for(lambda: office.device("d1")["counter"] == 3)  # then the five before it have been heard
    last = wait_for(lambda: office.log().count("event=published device=d1 answer") > given)
    check("Bus: five times in a hurry is once or twice", heard and last and office.log().count("event=published device=d1 answer") <= given + 2)
    check("attack: whoever asks makes the estate hear nothing again", others() == before, (before, others()))


def paged(office, listener):
    """State: what does not fit into one message goes into pages, and a page that is gone is cleared."""
    words, ids, now = "Instructions. " * 1100, [], int(time.time())
    for i in range(3):
        data, digest = raise_now(["elections-1"], kind="purdah", at=now - 5, level="guard", start=now + 86400, until=now + 2 * 86400 + i,
                                 instructions=words)
        check(f"D10: purdah {i} is planned", office.post(data)[1].get("outcome") == "recorded")
        ids.append(digest)
    state = listener.state(lambda s: s["pages"] > 1)
    other = listener.state(lambda s: s["seq"] == office.get("status")[1]["seq"], topic="state/c1/1")
    check("State: two pages of one seq", state and other and other["page"] == 1 and other["pages"] == state["pages"], (state or {}).get("pages"))
    pages = [listener.last("state/c1")[0]] + [listener.last(f"state/c1/{p}")[0] for p in range(1, state["pages"])]
    check("State: each order stands on one of them", set(ids) <= set(sum(map(digests, pages), [])))
    carried = [contract.digest_of(o) for o in office.get("orders")[1]["orders"]]
    check("API: /v1/orders gives what the state carries", set(sum(map(digests, pages), [])) <= set(carried))
    listed = {row["id"] for row in office.get("status")[1]["lockdowns"]}
    check("API: and the raise of each lockdown of the status", listed <= set(carried), listed - set(carried))
    trust = {**office.trust, "epoch": 2, "void_before": int(time.time())}
    status, answer = office.post(contract.message("trust", trust, [key("root-1"), key("root-2")]))
    check("a new trust voids what is old", answer.get("outcome") == "recorded", answer)
    check("State: then there is one page", listener.state(lambda s: s["pages"] == 1 and not s["orders"]))
    cleared = wait_for(lambda: [text for t, _, text in list(listener.heard) if t == "state/c1/1"][-1] == "")
    check("State: the other is cleared", cleared)
    def kept():
        """The slices for which the broker keeps that page."""
        said = {topic: text for topic, _, text in list(listener.heard) if topic.startswith("beat/") and topic.endswith("/c1/1")}
        return len(said), sum(text != "" for text in said.values())
    check("Bus: and for each slice", wait_for(lambda: kept() == (SLICES, 0)), kept())
    check("Trust: both epochs are there", wait_for(lambda: listener.last("trust/1") and listener.last("trust/2")))


def outage(office):
    """proto/README.md "Bus": the broker holds no truth."""
    office.broker.kill()
    wait_for(lambda: office.get("status")[1]["bus"] == "down")
    seq = office.get("status")[1]["seq"]
    data, digest = raise_now()
    check("D9.1: an officer can raise while the broker is dead", office.post(data)[1].get("outcome") == "recorded")
    office.broker.start()
    listener = Listener(office)
    back = listener.state(lambda s: digest in digests(s))
    check("a new broker that remembers nothing is told what is in force", back)
    check("Bus: it shows that it was away: so many numbers are left out", back["seq"] > seq + LEFT_OUT, (seq, back["seq"]))
    rest = wait_for(lambda: listener.last("trust/2") and listener.last("register"))
    check("and everything else after it", rest, {t for t, _, _ in listener.heard})
    listener.close()
    return digest


def comes_back(office, digest):
    seq = office.get("status")[1]["seq"]
    begin, code = time.monotonic(), office.stop()
    check("SIGTERM: ends well", code == 0, code)
    print(f"       ended after {took(begin)}")
    check("State: it starts again, over MQTT 3.1.1, beat of 1 s", office.start(beat_s=1, bus__protocol=311))
    listener = Listener(office)
    first = listener.state(lambda s: s["seq"] > seq)
    check("State: seq goes on", first and digest in digests(first), seq)
    own = Listener(office, f"{TOPICS}/{BEAT}/#")
    later = listener.state(lambda s: first and s["seq"] >= first["seq"] + 2, topic=BEAT)
    check("State: signed anew on a beat", later and later["issued"] > first["issued"] and later["valid_until"] - later["issued"] == 4)
    check("Bus: a beat with nothing new is said to the slices, not to all", listener.last("state/c1")[0] == first, listener.last("state/c1"))
    heard = own.state(lambda s: s["seq"] > later["seq"], topic=BEAT)
    check("Bus: who hears its own slice hears each beat once", heard and [n for n, _ in own.beats()] == [contract.slice_of("d1")] * len(own.heard) and
          len({s["seq"] for _, s in own.beats()}) == len(own.heard), own.beats())
    own.close()
    overtakes(office, listener)
    office.stop()
    listener.close()


def overtakes(office, listener):
    """proto/README.md "Bus": an order that comes while a beat is said. The broker stands still meanwhile, so that it is said for as long as that takes."""
    seq = listener.last(BEAT)[0]["seq"]
    wait_for(lambda: len(listener.slices_with(seq)) == SLICES)
    office.broker.process.send_signal(signal.SIGSTOP)
    beat = wait_for(lambda: next((n for n in [office.get("status")[1]["seq"]] if n > seq), None))
    for _ in range(20):
        office.get("status")  # so that it is in the midst of it, or past its first turn at least
    data, digest = raise_now(reason="In the moment of a beat.")
    posted = office.post(data)[1].get("outcome") == "recorded"
    office.broker.process.send_signal(signal.SIGCONT)
    state = listener.state(lambda s: digest in digests(s))
    check("Bus: an order overtakes the beat that is being said", posted and state and len(listener.slices_with(beat)) < SLICES,
          (beat, len(listener.slices_with(beat))))
    check("Bus: and says it has missed but that one", state["seq"] == beat + 1, (beat, state["seq"]))
    wait_for(lambda: len(listener.slices_with(state["seq"])) == SLICES)
    topics = [topic for topic, _, _ in listener.heard]
    at = next(i for i, (topic, _, text) in enumerate(listener.heard) if topic == "state/c1" and contract.document_of(text)["seq"] == state["seq"])
    check("Bus: what was not said of it is dropped", all(s["seq"] >= state["seq"] for _, s in listener.beats(at)), topics[at:])


def gives_up_root(office):
    """Started as root, it becomes the user of its settings, and its files are that user's."""
    if os.geteuid() != 0:
        results["skipped"] += 1
        return
    os.chmod(f"{office.ca.folder}/controller.key", 0o644)
    check("started as root, it comes up as another user", office.start(user="daemon"), office.log()[-700:])
    with open(f"/proc/{office.controller.pid}/status", encoding="ascii") as f:
        status = dict(line.split(":", 1) for line in f)
    check("and is root no more, nor of its groups", "0" not in status["Uid"].split() and "0" not in status["Groups"].split(), status["Uid"])
    check("it still records", office.post(raise_now(reason="As another user.")[0])[1].get("outcome") == "recorded")
    owners = {os.stat(f"{office.folder}/state/{name}").st_uid for name in os.listdir(f"{office.folder}/state")}
    check("all of its files are that user's", owners == {os.stat(f"{office.folder}/state").st_uid} and 0 not in owners, owners)
    office.stop()
    saw = office.refuses("belongs to another user")
    check("and as root alone it does not take what is another user's", not saw, saw)
    for folder in (f"{office.folder}/state", f"{office.folder}/state-mark"):
        for top, _, names in os.walk(folder):
            for path in [top, *(f"{top}/{name}" for name in names)]:
                os.chown(path, 0, 0)


def others_hands(office):
    """Where others may write, it does not begin, and says what to do."""
    state, mark = f"{office.folder}/state", f"{office.folder}/state-mark"
    for path, mode, well in ((state, 0o777, 0o700), (f"{state}/journal.db", 0o666, 0o600), (f"{state}/mark", 0o777, 0o700), (mark, 0o777, 0o700)):
        os.chmod(path, mode)
        saw = office.refuses("chmod")
        check(f"D5.6: {os.path.relpath(path, office.folder)} that everybody can write to is refused", not saw, saw)
        os.chmod(path, well)


def clock_is_set_back(office):
    """D9.2: what is news is recorded by the clock since boot: one that is set back a day stops nothing."""
    shift, counter = f"{office.folder}/shift", 1000
    write(shift, "+0\n")
    office.environment = {"LD_PRELOAD": OTHER_CLOCK, "FAKETIME_TIMESTAMP_FILE": shift, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    check("it lives by another clock", office.start(), office.log()[-700:])
    office.environment = {}
    digest = office.post(raise_now(reason="A clock.")[0])[1]["digest"]

    def recorded():
        return office.get("status")[1]["journal"]["size"]

    def says_news(count):
        nonlocal counter
        lines = []
        for counter in range(counter + 1, counter + 1 + count):
            doc = contract.report(COUNCIL, "d1", counter, int(time.time()),
                                  lockdowns=[(digest, "emergency", "live", 0, ("received", "enforced-verified")[counter % 2])])
            lines.append(contract.message("report", doc, [key("d1")]))
        office.broker.publish("d1", "device/d1/report", b"\n".join(lines) + b"\n", "-l")
        return wait_for(lambda: office.device("d1")["counter"] == counter)
    before = recorded()
    check("a device's news is recorded, and not without end", says_news(NEWS) and wait_for(lambda: recorded() >= before + AT_ONCE) and
          recorded() < before + NEWS, (before, recorded()))
    write(shift, "-1d\n")
    check("the clock is set back a day", wait_for(lambda: office.get("status")[1]["now"] < time.time() - 80000), office.get("status")[1]["now"])
    before = recorded()
    check("its news is recorded all the same", wait_for(lambda: says_news(1) and recorded() > before), (before, recorded()))
    office.stop()


def rows_of(office):
    """What the tables beside the journal say that follow from its records."""
    with contextlib.closing(sqlite3.connect(f"{office.folder}/state/journal.db")) as db:
        n = db.execute("SELECT max(seq) FROM journal").fetchone()[0]
        return n, [sorted(db.execute(f"SELECT * FROM {table}")) for table in ("acknowledgement", "message")] + [
            sorted(db.execute("SELECT device FROM report")), sorted(db.execute("SELECT * FROM tree WHERE (place + 1) << level <= ?", (n,)))]


def makes_its_tables_again(office):
    """D5.6: tables are projections of the record, and `--rebuild` makes all of them again."""
    office.stop()
    n, before = rows_of(office)
    with contextlib.closing(sqlite3.connect(f"{office.folder}/state/journal.db")) as db:
        db.execute("UPDATE tree SET node = zeroblob(32)")
        db.execute("DELETE FROM report")
        db.commit()
    done = subprocess.run([HOLDFASTD, "-f", office.conf, "--rebuild"], capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("--rebuild says what it did", done.returncode == 0 and f"again from its {n + 1} records" in done.stdout, done)
    after = rows_of(office)
    with contextlib.closing(sqlite3.connect(f"{office.folder}/state/journal.db")) as db:
        tree = sorted(db.execute("SELECT * FROM tree WHERE (place + 1) << level <= ?", (n,)))
        starts = [json.loads(row[0])["why"] for row in db.execute("SELECT body FROM journal WHERE kind = 'start' ORDER BY seq")]
    check("and each table is as it was", after[1][:3] == before[:3] and tree == before[3] and before[2], (before, after))
    check("each start says how the life before ended", starts[0] == "first" and starts[-1] == "stopped" and "broken-off" in starts, starts)
    check("it serves on", office.start() and office.get("status")[0] == 200, office.log()[-700:])


def loses_its_journal(office):
    """A journal that is gone is no first start; to begin anew is somebody's decision."""
    state, aside = f"{office.folder}/state", f"{office.folder}/aside"
    office.kill()
    with contextlib.closing(sqlite3.connect(f"{state}/journal.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.rename(f"{state}/journal.db", aside)
    for name in ("journal.db-wal", "journal.db-shm"):
        if os.path.exists(f"{state}/{name}"):
            os.unlink(f"{state}/{name}")
    saw = office.refuses("--accept-journal")
    check("D5.6: a journal that is gone is no first start", not saw, saw)
    shutil.copy(aside, f"{state}/journal.db")
    check("D9.2: put back, it starts with what it held", office.start() and office.get("status")[1]["lockdowns"], office.log()[-700:])
    records = office.get("status")[1]["journal"]["size"]
    check("and nobody's attention is asked for", office.get("status")[1]["attention"] == [], office.get("status")[1]["attention"])
    office.kill()
    os.unlink(f"{state}/journal.db")
    done = accept(office)
    check("begun anew on purpose: it says what that means", done.returncode == 0 and "0 records" in done.stdout, done)
    check("and begins with the council folder", office.start() and 0 < office.get("status")[1]["journal"]["size"] < records, office.log()[-700:])
    office.kill()
    others_hands(office)


def will_not_start(office):
    db = f"{office.folder}/state/journal.db"
    os.chmod(f"{office.folder}/controller.pem", 0o644)
    saw = office.refuses("can be read by everybody")
    check("a key that everybody can read is refused", not saw, saw)
    os.chmod(f"{office.folder}/controller.pem", 0o600)
    with open(db, "r+b") as f:
        data = f.read()
        at = data.index(contract.message("trust", office.trust, [])[:100])
        f.seek(at)
        f.write(bytes([data[at] ^ 1]))
    saw = office.refuses("is damaged at record")
    check("D5.6: a flipped byte in the journal is noticed at start", not saw, saw)
    write(db, data)
    check("and put back, it starts", office.start())
    write(f"{office.folder}/other.conf", read(office.conf).replace(f"{office.folder}/state", f"{office.folder}/other"))
    for what, conf, says in (("with the same state", office.conf, "another holdfastd runs"),
                             ("on the same socket", f"{office.folder}/other.conf", "runs here already")):
        saw = subprocess.run([HOLDFASTD, "-f", conf], capture_output=True, text=True, timeout=ENOUGH, check=False)
        check(f"a second one {what} is refused", saw.returncode == 1 and says in saw.stderr, saw.stderr)
    makes_its_tables_again(office)
    loses_its_journal(office)
    shutil.rmtree(f"{office.folder}/state")
    shutil.rmtree(f"{office.folder}/state-mark")
    write(f"{office.folder}/council/assignments/d3.json", b"{}")
    saw = office.refuses("d3.json is refused")
    check("a council folder with one bad document is refused whole", not saw, saw)
    os.unlink(f"{office.folder}/council/assignments/d3.json")
    os.rename(f"{office.folder}/council", f"{office.folder}/elsewhere")
    saw = office.refuses("holdfast council init")
    check("without a council folder it says what to do", not saw, saw)


def arguments(office):
    rows = [(["--help"], 0, "holdfastd - the controller"), (["--version"], 0, "holdfastd "), (["-n", "-f", office.conf], 0, f"beat_s = {BEAT_S}"),
            (["--nonsense"], 2, ""), (["more"], 2, "")]
    for args, code, says in rows:
        done = subprocess.run([HOLDFASTD, *args], capture_output=True, text=True, timeout=ENOUGH, check=False)
        check(f"holdfastd {args[0]}", done.returncode == code and says in done.stdout, (done.returncode, done.stdout[:200], done.stderr[:200]))


def play(office):
    office.broker.start()
    if not office.start():
        check("it starts", False, office.log())
        return
    listener = Listener(office)
    arguments(office)
    publishes(office, listener)
    digest = emergency(office, listener)
    all_clear(office, listener, digest)
    refusals(office)
    gate(office)
    pages(office)
    asked(office, listener)
    paged(office, listener)
    listener.close()
    digest = outage(office)
    comes_back(office, digest)
    gives_up_root(office)
    clock_is_set_back(office)
    will_not_start(office)


def main():
    folder = tempfile.mkdtemp(prefix="hf-controller-")
    os.chmod(folder, 0o755)
    office = None
    try:
        office = Office(folder)
        play(office)
        bad = [line for line in office.log().splitlines() if "AddressSanitizer" in line or "runtime error" in line or "LeakSanitizer" in line]
        check("memory is clean, as far as this build can say", not bad, bad)
        if results["failed"]:
            print(office.log()[-6000:])
    finally:
        for process in (office.controller, office.broker.process) if office else ():
            end_process(process, signal.SIGKILL)
        shutil.rmtree(folder)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
