#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""proto/README.md "Vectors": every signed example, heard by holdfast-agent and by holdfastd themselves.

Each row of proto/vectors/index.json goes the way that such a document goes in a council: to the agent over its link's socket
(an order inside a state, a first trust in the bundle of an enrolment), to the controller over its own socket (a first trust in
the council folder, a report over the broker). Both must accept it, or refuse it with the stated reason. `--index FILE` takes
another index, to plant faults in it. HF_BUILD names the build folder.
"""
import argparse
import base64
import collections
import contextlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from common import ENOUGH, end, end_process, read, wait_for, write
from council_help import BUILD, COUNCIL, DEVICE, SOURCE, TOPICS, Broker, Ca, contract, pem_of

AGENT, HOLDFASTD = f"{BUILD}/holdfast-agent", f"{BUILD}/holdfastd"
VECTORS = f"{SOURCE}/proto/vectors"
FIRST = ["good/trust-1.json", "good/register-1.json", "good/assignment-1.json"]  # what a device is enrolled with
REPORT_ROWS = 64
DIRTY = ("AddressSanitizer", "runtime error", "LeakSanitizer")

# What a program never takes, by design. A row is left out only if it is of such a kind.
NEVER = {
    ("agent", "report"): 'proto/README.md "Report": reports are heard by the controller',
    ("controller", "state"): 'controller/API.md "POST /v1/envelopes": states are made by the controller and not taken (it answers `type`)',
    ("controller", "topic"): 'proto/README.md "Bus": documents come to the controller over its own socket, which has no topics',
    ("controller", "device"): 'proto/README.md "Assignment": those of other devices are refused by an agent; the controller serves all',
    ("agent", "first"): 'tests/vectors/test_vectors.c hears them: the device here was enrolled with the first trust and assignment',
    ("agent", "bare"): 'tests/vectors/test_vectors.c hears them: here an order comes in a state, of another controller and number',
    ("agent", "remark"): 'proto/README.md "Remark": no device hears one (it refuses the `type`)',
    ("controller", "remark"): 'controller/API.md "Remarks": the draft that the example is about does not wait here (it answers `absent`)',
    ("agent", "erase"): 'proto/README.md "Erase": no device hears one (it refuses the `type`)',
    ("controller", "erase"): 'proto/README.md "Erase": the records that the example names may not go here, or are not there (it answers `mismatch` or `absent`)',
    ("controller", "door"): 'controller/API.md "POST /v1/envelopes": what loosens waits there, what is beyond a share, leaps or is of another device is refused',
}
UNJUDGED = {NEVER[key] for key in (("agent", "report"), ("agent", "first"), ("agent", "bare"), ("controller", "door"))}
BARE = {"release-of-other-lockdown", "state-of-same-id-with-new-key"}
NONE_HELD = {"register-set-aside-none-held", "assignment-set-aside-none-held"}
# What a controller asks more of than a device, which takes all that is approved: judged by tests/vectors/test_vectors.c.
AT_THE_DOOR = {"assignment-next", "assignment-moved-by-two-then-one", "assignment-login-given-by-one", "assignment-login-shared-by-one",
               "assignment-moved-by-one", "assignment-moved-into-by-one", "assignment-moved-by-one-heard-first", "release-person-by-one",
               "assignment-set-aside-moved-by-one", "assignment-set-aside-exempt-by-one", "share-keeps-the-newest", "share-of-another-key",
               "amends-over-share", "amends-ended", "amend-upon-flood", "amends-pushed-out", "amend-above-pushed-out", "glass-before-assignment"}
LEAP = "good/assignment-last.json"  # no version can follow it, so the door does not take it; devices may have heard it elsewhere


class Tally:
    """Counts of both programs; one line for each disagreement."""

    def __init__(self, quiet=False):
        self.counts = collections.Counter()
        self.left_out = collections.Counter()
        self.quiet = quiet
        self.lock = threading.Lock()

    def say(self, what, wrong=""):
        with self.lock:
            self.counts["failed" if wrong else "passed"] += 1
            if wrong and not self.quiet:
                print(f"not ok {what}: {wrong}", flush=True)

    def leave_out(self, why):
        with self.lock:
            self.left_out[why] += 1


class Unheard(Exception):
    """What a row takes for granted did not come about."""


def vector(file):
    with open(f"{VECTORS}/{file}", "rb") as f:
        return f.read()


def strict(data):
    """A JSON value as both programs read it, or None."""
    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a member twice")
        return dict(pairs)

    def real(text):
        raise ValueError(f"{text} is no whole number")
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=members, parse_float=real, parse_constant=real)
    except (ValueError, RecursionError):
        return None


def opened(data):
    """(document, value) as far as it can be told; ("", None) when nothing can."""
    value = strict(data)
    kind = value.get("payloadType") if isinstance(value, dict) else None
    found = re.fullmatch(r"application/vnd\.holdfast\.([a-z]+)\.v1\+json", kind) if isinstance(kind, str) else None
    if not found or found[1] not in contract.DOCUMENTS:
        return "", None
    try:
        return found[1], json.loads(base64.b64decode(value["payload"]))
    except (ValueError, KeyError, TypeError):
        return found[1], None


class Index:
    """The rows, and what is said of a file elsewhere in the index."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            index = json.load(f)
        self.rows, self.digests = index["rows"], index["digests"]
        self.seeds = {name: entry["seed"] for name, entry in index["keys"].items()}
        self.names = {entry["public"]: name for name, entry in index["keys"].items()}

    def expected(self, file):
        """The reasons counted when it is heard as known: those of its orders, where it is a state and a row tells."""
        if opened(vector(file))[0] != "state":
            return []
        return next((r["refused"] for r in self.rows if r["file"] == file and r["expect"] == "ok"), None)

    def check_names(self):
        wrong = [name for name, seed in self.seeds.items() if contract.seed_of(name).hex() != seed]
        return f"the seeds of {wrong} are not those of their names" if wrong else ""


def lockdowns_of(rows):
    """What is comparable whatever the clock says."""
    return sorted((row["id"], row["rev"]) for row in rows)


def compare_after(row, got):
    want = lockdowns_of(row["after"]["lockdowns"]) if "after" in row else got
    if len(got) == REPORT_ROWS < len(want):
        want = [one for one in want if one in got]  # a report has no more rows, and says none that is not
    return "" if want == got else f"its lockdowns are {got} and not {want}"


class Agent:
    """One enrolled device; each life of it begins from the same memory."""

    program = "agent"
    used = False  # what it knows may have changed: the next row needs a new life

    def __init__(self, folder, index, ca):
        self.index, self.ca, self.folder = index, ca, folder
        self.etc, self.state, self.kept, self.run = f"{folder}/etc", f"{folder}/state", f"{folder}/kept", f"{folder}/run"
        self.public = contract.Key.from_name(f"device-{DEVICE}").raw
        self.process = self.link = self.report = self.view = None
        self.wraps, self.extras, self.counts = 0, [], collections.Counter()
        wrong = self.enrol(FIRST[0], self.etc, self.state)
        if wrong:
            raise Unheard(f"the agent cannot be enrolled: {wrong}")
        rows = {"state.folder": self.state, "link.socket": f"{self.run}/link.sock", "person.socket": f"{self.run}/person.sock",
                "beat_s": 3600, "layer.network": "no", "layer.browser": "no", "layer.firefox": "no", "layer.extension": "no", "layer.programs": "no",
                "layer.running": "no", "log": "info",
                "programs.fence_socket": f"{self.run}/fence.sock"}
        write(f"{self.etc}/agent.conf", "".join(f"{k} = {v}\n" for k, v in rows.items()))
        shutil.copytree(self.state, self.kept)

    def command(self, *args):
        done = subprocess.run([AGENT, *args], capture_output=True, text=True, timeout=ENOUGH, check=False)
        return done.returncode, done.stdout, done.stderr

    def enrol(self, first, etc, state):
        """The real enrolment with this document in place of its like; "" or why it is refused."""
        kind = opened(vector(first))[0]
        documents = [first if opened(vector(file))[0] == kind else file for file in FIRST]
        os.makedirs(etc, exist_ok=True)
        write(f"{etc}/device.key", pem_of(f"device-{DEVICE}"))
        shutil.copy(f"{self.ca.folder}/{DEVICE}.key", f"{etc}/link.key")
        parts = {"council": COUNCIL, "device": DEVICE, "host": "localhost", "port": 8883, "ca": read(f"{self.ca.folder}/ca.crt"),
                 "certificate": read(f"{self.ca.folder}/{DEVICE}.crt")}
        raw = b', "trusts": [%s], "register": %s, "assignment": %s}' % tuple(map(vector, documents))
        write(f"{etc}/bundle.json", json.dumps(parts).encode()[:-1] + raw)
        code, _, said = self.command("enrol", f"{etc}/bundle.json", "--yes", "--etc", etc, "--state", state)
        return "" if code == 0 else said.strip() or f"exit status {code}"

    def begin(self, known):
        """A new life that has heard these files, and those of its enrolment."""
        self.end()
        extras = [file for file in known if file not in FIRST]
        shutil.rmtree(self.state)
        shutil.rmtree(self.run, ignore_errors=True)
        shutil.copytree(self.kept, self.state)
        self.heard, self.report, self.counts = [], None, collections.Counter()
        with open(f"{self.folder}/log", "ab") as log:
            self.process = subprocess.Popen([AGENT, "run", "--etc", self.etc], stderr=log, stdin=subprocess.DEVNULL)
        if not wait_for(self.join) or not wait_for(lambda: self.status()[0] == 0):
            raise Unheard(f"the agent does not start: {self.log_text()[-500:]}")
        for file in extras:
            wrong = self.hear(file, self.index.expected(file))
            if wrong:
                raise Unheard(f"{file}, which is known before, {wrong}")
            self.heard.append(file)
        self.refusals()

    def join(self):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            link.connect(f"{self.run}/link.sock")
        except OSError:
            link.close()
            return False
        link.setblocking(False)
        self.link = link
        return True

    def end(self):
        if self.link:
            self.link.close()
        end(self.process)
        self.link = self.process = None

    def status(self):
        return self.command("status", "--json", "--etc", self.etc)

    def refusals(self):
        code, out, said = self.status()
        if code != 0:
            raise Unheard(f"the agent is gone: {said} {self.log_text()[-500:]}")
        self.view = json.loads(out)
        return collections.Counter({row["reason"]: row["count"] for row in self.view["refused"]})

    def wrapped(self, raw):
        """An order as it reaches a device: inside a state that the last controller of its newest trust signed."""
        epochs = [document for kind, document in map(opened, map(vector, [FIRST[0], *self.heard])) if kind == "trust"]
        last = epochs[-1]["controllers"][-1]
        controller, signer = last["id"], contract.Key.from_name(self.index.names[last["public"]])
        self.wraps += 1
        state = contract.state(COUNCIL, controller, 1000 + self.wraps, 1767225700, valid_until=1767225800, trust=(1, self.index.digests[FIRST[0]]),
                               register=(1, self.index.digests[FIRST[1]]), orders=[])
        for order in (raw, contract.compact(json.loads(raw))):
            payload = contract.compact(state).replace(b'"orders":[]', b'"orders":[' + order + b"]")
            message = contract.message("state", payload, [signer])
            if len(message) <= contract.MESSAGE_MAX:
                break
        return message

    def frame_of(self, raw):
        kind, document = opened(raw)
        if kind == "trust":
            return f"trust/{(document or {}).get('epoch', 1)}", raw
        if kind in ("register", "brokers"):
            return kind, raw
        if kind == "glass":
            return f"device/{DEVICE}/glass/{2 if (document or {}).get('side') == 'b' else 1}", raw
        if kind in ("assignment", "recover"):
            return f"device/{DEVICE}/{kind}", raw
        if kind in ("state", "report") or len(raw) > contract.MESSAGE_MAX or not isinstance(strict(raw), dict):
            return "state/main", raw
        return "state/main", self.wrapped(raw)

    def hear(self, file, want, topic=None):
        """Send it; "" if exactly the wanted reasons were counted. None: no row tells which, so long as it is taken."""
        place, data = (f"{topic}/main", vector(file)) if topic else self.frame_of(vector(file))
        self.link.send(f"{TOPICS}/{place}\n".encode() + data)
        self.link.send(b"holdfast/1/another-council/register\n{}")  # counted as `council`: then what came before has been heard
        after = self.counts

        def counted():
            nonlocal after
            self.listen()  # a link that does not read is let go
            after = self.refusals()
            return (after - self.counts).total() > len(want or [])
        wait_for(counted)
        got = after - self.counts - collections.Counter(["council"])
        self.counts = after
        if got == collections.Counter(want) or (want is None and set(got) <= {"other-lockdown"}):
            return ""
        return f"is heard with {sorted(got.elements()) or 'nothing'} refused, and not {want or 'nothing'}"

    def listen(self):
        """The newest report that carries the counts of now; each report must be signed by the device."""
        while True:
            try:
                topic, _, data = self.link.recv(70000).partition(b"\n")
            except BlockingIOError:
                break
            if topic.endswith(b"/report"):
                if not contract.signers(data, {DEVICE: self.public}):
                    raise Unheard("a report is not signed by the device")
                self.report = contract.document_of(data)
        counts = {row["reason"]: row["count"] for row in self.report["refused"]} if self.report else None
        return self.report if counts == dict(self.counts) else None

    def reported(self):
        report = wait_for(self.listen)
        if not report:
            raise Unheard(f"no signed report carries the counts {dict(self.counts)}; the last is {self.report}")
        return report

    def held(self, row):
        """What a refused message must not change; the state around an order brings its own times."""
        place, data = self.frame_of(vector(row["file"]))
        names = ("unknown", "trust_epoch", "register_version", "level", "lockdowns")
        names += ("issued", "valid_until") if place != "state/main" or data == vector(row["file"]) else ()
        return {name: self.view[name] for name in names}

    def accepted(self, row):
        """Has it what the document brings, and does the report say so."""
        report = self.reported()
        kind, document = opened(vector(row["file"])) if row["expect"] == "ok" else ("", None)
        if kind == "trust" and report["trust_epoch"] != document["epoch"]:
            return f"its trust is of epoch {report['trust_epoch']}"
        if kind == "register" and "part" not in document and report["register_version"] != document["version"]:
            return f"its register is version {report['register_version']}"
        if kind == "brokers" and not report.get("brokers_version", 0) >= document["version"]:
            return f"its list of brokers is version {report.get('brokers_version')}"
        if kind == "state" and self.view["issued"] < document["issued"]:
            return f"its newest state is of {self.view['issued']}"
        return compare_after(row, lockdowns_of(report["lockdowns"]))

    def judge(self, row):
        want = ([] if row["expect"] == "ok" else [row["expect"]]) + row.get("refused", [])
        if self.never(row) in (NEVER["agent", "remark"], NEVER["agent", "erase"]):
            want = ["type"]
        wrong = self.hear(row["file"], want, row.get("topic"))
        self.used = may_change(row)
        return wrong or (self.accepted(row) if self.used else "")

    def judge_first(self, row):
        """A first trust or register, by the enrolment itself."""
        folder = f"{self.folder}/first"
        said = self.enrol(row["file"], f"{folder}/etc", f"{folder}/state")
        kept = os.path.exists(f"{folder}/etc/enrolment.json")
        shutil.rmtree(folder)
        found = re.search(r"is refused \(([a-z0-9-]+)\)", said)
        got = "ok" if not said else found[1] if found else said
        if kept != (got == "ok"):
            return "is refused and the device is enrolled all the same, or the other way round"
        return "" if got == row["expect"] else f"is answered with {got} and not {row['expect']}"

    @staticmethod
    def is_first(row):
        """A device is enrolled with a register: the first one is not heard over the link."""
        first = row["file"] != FIRST[1] and FIRST[1] not in row["known"] and opened(vector(row["file"]))[0] == "register"
        return not row["known"] or (first and row["expect"] == "ok" and opened(vector(row["file"]))[1]["version"] == 1)

    def never(self, row):
        """Why this program never takes such a row, or None."""
        if row.get("topic") == "report":
            return NEVER["agent", "report"]
        if row["clause"] == "Remark":
            return NEVER["agent", "remark"]
        before = [(file, opened(vector(file))) for file in (*row["known"], row["file"])]
        others = [file for file, (kind, document) in before if file not in FIRST and isinstance(document, dict) and (
            (kind == "trust" and document.get("epoch") == 1) or (kind == "assignment" and document.get("version") == 1))]
        if row["name"] in NONE_HELD or (row["known"] and others and (row["expect"] == "ok" or set(others) & set(row["known"]))):
            return NEVER["agent", "first"]
        if row["clause"] == "Erase":
            return NEVER["agent", "erase"]
        return NEVER["agent", "bare"] if row["name"] in BARE else None

    def log_text(self):
        return read(f"{self.folder}/log")

    def close(self):
        """It holds nothing but its process."""


def may_change(row):
    """A state that is refused for its number still brings orders that stand on their own."""
    return row["expect"] in ("ok", "rollback", "fork", "log-fork")


class Reports:
    """The device's reports go to the broker over one connection that stays."""

    def __init__(self, folder, ca):
        self.broker = Broker(folder, ca, "main")
        self.broker.start()
        self.device = subprocess.Popen(self.broker.client("mosquitto_pub", DEVICE, "-t", f"{TOPICS}/device/{DEVICE}/report", "-l"),
                                       stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def publish(self, data):
        if b"\n" in data:
            raise Unheard("a report of several lines cannot be sent by mosquitto_pub -l")
        self.device.stdin.write(data + b"\n")
        self.device.stdin.flush()

    def close(self):
        self.device.stdin.close()
        end(self.device)
        self.broker.kill()


class Controller:
    """One controller; each life of it begins from the journal of a council folder."""

    program = "controller"
    used = False

    def __init__(self, folder, index, ca):
        self.index, self.folder, self.ca = index, folder, ca
        self.state, self.socket = f"{folder}/state", f"{folder}/c.sock"
        self.process = None
        self.log_begins, self.bases = 0, {}
        os.makedirs(folder)
        write(f"{folder}/controller.pem", pem_of("controller-main"))
        os.chmod(f"{folder}/controller.pem", 0o600)
        self.reports = Reports(folder, ca)

    def launch(self, council):
        rows = {"council.folder": council, "state.folder": self.state, "socket.path": self.socket, "controller.id": "main",
                "controller.key": f"{self.folder}/controller.pem", "bus.host": "localhost", "bus.port": self.reports.broker.port,
                "bus.ca": f"{self.ca.folder}/ca.crt", "bus.certificate": f"{self.ca.folder}/controller.crt",
                "bus.key": f"{self.ca.folder}/controller.key", "beat_s": 900, "log.level": 6}
        write(f"{self.folder}/conf", "".join(f"{k} = {v}\n" for k, v in rows.items()))
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        with open(f"{self.folder}/log", "ab") as log:
            self.log_begins = log.tell()
            self.process = subprocess.Popen([HOLDFASTD, "-f", f"{self.folder}/conf"], stderr=log, stdin=subprocess.DEVNULL)
        return wait_for(lambda: self.process.poll() is not None or self.answers()) and self.process.poll() is None

    def log_text(self):
        """What it has said in this life."""
        with open(f"{self.folder}/log", "rb") as f:
            f.seek(self.log_begins)
            return f.read().decode(errors="replace")

    def answers(self):
        try:
            return self.ask("GET", "status")[0] == 200
        except OSError:
            return False

    def ask(self, method, path, body=b""):
        head = f"{method} /v1/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(ENOUGH)
            s.connect(self.socket)
            s.sendall(head.encode() + body)
            data = b"".join(iter(lambda: s.recv(65536), b""))
        head, _, rest = data.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(rest)

    def council(self, trust, register=None, assignment=None):
        folder = f"{self.folder}/council"
        shutil.rmtree(folder, ignore_errors=True)
        for file, name in ((trust, "trust/1.json"), (register, "register.json"), (assignment, f"assignments/{DEVICE}.json")):
            if file:
                write(f"{folder}/{name}", vector(file))
        return folder

    def forget(self):
        """The journal is gone, and what is kept outside of its folder, so that nobody misses it."""
        for folder in (self.state, f"{self.state}-mark"):
            shutil.rmtree(folder, ignore_errors=True)

    def base(self, known):
        """The journal of a council that begins with as many of these files as a council folder can hold."""
        if known not in self.bases:
            self.forget()
            if not self.launch(self.council(*known)):
                raise Unheard(f"the controller does not start: {self.log_text()[-500:]}")
            end_process(self.process)
            self.bases[known] = f"{self.folder}/base{len(self.bases)}"
            shutil.copytree(self.state, self.bases[known])
        return self.bases[known]

    def begin(self, known):
        self.end()
        known = tuple(known)
        n = next((i for i, (a, b) in enumerate(zip(known, FIRST)) if a != b), min(len(known), len(FIRST)))
        n = n or 1
        base = self.base(known[:n])
        self.forget()
        shutil.copytree(base, self.state)
        if not self.launch(f"{self.folder}/nothing"):
            raise Unheard(f"the controller does not start again: {self.log_text()[-500:]}")
        # With its first own state it has heard what the time is: what is over by the calendar is over from then on.
        self.on_the_bus()
        for file in known[n:]:
            wrong = self.hear_known(file)
            if wrong:
                raise Unheard(f"{file}, which is known before, {wrong}")
        self.used = False

    def end(self):
        end(self.process)
        self.process = None

    def hear_known(self, file):
        kind, document = opened(vector(file))
        if kind == "report":
            return self.hear_report(vector(file), "ok")
        if kind == "state":
            return self.hear_orders(document["orders"], self.index.expected(file))
        got, _ = self.post(vector(file))
        return "" if got == "ok" else f"is answered with {got}"

    def post(self, data):
        """(the reason, "ok" when it was recorded or is known; the answer)"""
        status, answer = self.ask("POST", "envelopes", data)
        self.used = self.used or answer.get("outcome") in ("recorded", "draft")
        return (answer["reason"], answer) if status == 200 else (answer["error"], answer)

    def device_counter(self):
        found = [d for d in self.ask("GET", "devices")[1]["devices"] if d["device"] == DEVICE]
        return found[0]["counter"] if found else 0

    def on_the_bus(self):
        if not wait_for(lambda: self.ask("GET", "status")[1]["bus"] == "up"):
            raise Unheard("the controller does not reach the broker")

    def hear_report(self, data, want):
        """Over the broker, as the device's link sends it."""
        self.on_the_bus()
        before = self.device_counter()
        lines = re.compile(rf"event=refused device={DEVICE} reason=([a-z0-9-]+) ")
        n = len(lines.findall(self.log_text()))
        self.reports.publish(data)

        def answered():
            said = lines.findall(self.log_text())[n:]
            return said or (["ok"] if self.device_counter() != before else None)
        got = wait_for(answered)
        if got and got != ["ok"] and self.device_counter() != before:
            return f"is refused ({got}) and counts all the same"
        return "" if got == [want] else f"is answered with {got} and not {want}"

    def hear_orders(self, orders, want):
        """The orders of a state, each posted by itself: the reasons of those that are refused, in the order of the page.

        A raise is posted before its amendments, since an officer's desk does not take what stands on nothing yet."""
        def turn(i):
            document = opened(contract.compact(orders[i]))[1]
            return (document.get("act") != "raise", document.get("rev", 0)) if isinstance(document, dict) else (True, 0)
        said = {i: self.post_order(orders[i]) for i in sorted(range(len(orders)), key=turn)}
        # In a state it may be what is left of a lockdown that is long done; an officer's desk says that it knows of none.
        free = {"ok"} if "other-lockdown" in (want or ()) else {"ok", "other-lockdown"}
        got = [said[i] for i in range(len(orders)) if said[i] not in free]
        good = got == want or (want is None and set(got) <= {"other-lockdown"})
        return "" if good else f"its orders are answered with {got} and not {want}"

    def post_order(self, order):
        """The reason; an approved release of an unknown lockdown is recorded for those who know it (controller/API.md)."""
        reason, answer = self.post(contract.compact(order))
        if reason != "ok" or answer["outcome"] != "recorded":
            return reason
        document = contract.document_of(order)
        ids = {row["id"] for row in self.ask("GET", "status")[1]["lockdowns"]}
        return "other-lockdown" if document["act"] == "release" and not ids & set(document["of"]) else reason

    def judge(self, row):
        raw = vector(row["file"])
        if row.get("topic") == "report":
            self.used = True  # of refused reports only the first of a reason is sure to be logged
            return self.hear_report(raw, row["expect"])
        if row.get("topic"):
            return ""
        got, _ = self.post(raw)
        orders = self.orders_of(row)
        if orders:
            return self.hear_orders(orders, row["refused"]) or self.after(row)
        want = {NEVER["controller", "state"]: "type", NEVER["controller", "device"]: "ok", NEVER["controller", "remark"]: "absent"}.get(self.never(row), row["expect"])
        if self.never(row) == NEVER["controller", "erase"] and got in ("mismatch", "absent"):
            return self.after(row)
        return self.after(row) if got == want else f"is answered with {got} and not {want}"

    @staticmethod
    def is_first(row):
        return not row["known"]

    def held(self, _row):
        """That it refused something is on the record too, and is all that may be."""
        status = self.ask("GET", "status")[1]
        with contextlib.closing(sqlite3.connect(f"file:{self.state}/journal.db?mode=ro", uri=True, timeout=ENOUGH)) as journal:
            kept = journal.execute("SELECT kind, digest FROM journal WHERE kind NOT IN ('refusal', 'via') ORDER BY seq").fetchall()
        return {"record": kept, **{name: status[name] for name in ("trust_epoch", "register_version", "devices", "drafts", "lockdowns")}}

    @staticmethod
    def orders_of(row):
        """The orders of a state that says what comes of each: they are posted instead of it, if all can stand alone."""
        kind, document = opened(vector(row["file"]))
        orders = document["orders"] if kind == "state" and "refused" in row else []
        alone = all(isinstance(order, dict) and opened(contract.compact(order))[0] in ("order", "") for order in orders)
        return orders if alone else []

    def never(self, row):
        kind, _ = opened(vector(row["file"]))
        if row.get("topic") not in (None, "report"):
            return NEVER["controller", "topic"]
        if kind == "assignment" and row["expect"] == "device":
            return NEVER["controller", "device"]
        if kind == "remark" and row["expect"] == "ok":
            return NEVER["controller", "remark"]
        if kind == "erase" and row["expect"] in ("ok", "too-few", "role"):
            return NEVER["controller", "erase"]
        if row["name"] in AT_THE_DOOR or {LEAP, "good/glass-a-last.json"} & {*row["known"], row["file"]} or self.is_recovery_of_others(row) or (
                row["name"].startswith("brokers-") and len(row["known"]) > 1):  # what one alone leaves out waits there: tests/unit/test_door.c
            return NEVER["controller", "door"]
        return NEVER["controller", "state"] if kind == "state" and not self.orders_of(row) else None

    @staticmethod
    def is_recovery_of_others(row):
        """The examples name a second device, which is not assigned here; those that are no such document are judged."""
        kind, document = opened(vector(row["file"]))
        devices = document.get("devices") if kind == "recover" and isinstance(document, dict) else None
        return isinstance(devices, list) and any(isinstance(d, dict) and d.get("device") != DEVICE for d in devices)

    def after(self, row):
        if self.never(row):
            return ""
        return compare_after(row, lockdowns_of(self.ask("GET", "status")[1]["lockdowns"]))

    def close(self):
        self.reports.close()

    def judge_first(self, row):
        """A first trust, in the council folder of a new controller."""
        self.end()
        self.forget()
        runs = self.launch(self.council(row["file"]))
        self.end()
        found = re.search(r"trust/1\.json is refused \(([a-z0-9-]+)\)", self.log_text())
        got = "ok" if runs else found[1] if found else self.log_text()[-300:]
        return "" if got == row["expect"] else f"is answered with {got} and not {row['expect']}"


def judge_row(program, row, fresh):
    """Judge one row on the life that runs, or on a new one; "" or what is wrong."""
    try:
        if program.is_first(row):
            return program.judge_first(row)
        if not fresh:
            program.begin(row["known"])
        before = program.held(row)
        wrong = program.judge(row)
        after = program.held(row) if not wrong and not program.used else before
        return wrong if after == before else f"is refused and changes something: {before} is now {after}"
    except (Unheard, OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError) as e:
        return f"{type(e).__name__}: {e}"


def play(program, rows, tally):
    """All rows, those first that change nothing: they share a life."""
    rows = sorted(rows, key=lambda r: (r["known"], may_change(r)))
    lived = None
    for row in rows:
        why = program.never(row)
        if why in UNJUDGED:
            tally.leave_out(why)
            continue
        fresh = lived == row["known"] and not program.used
        if lived and not fresh:
            end_life(program, lived, tally)
        wrong = judge_row(program, row, fresh)
        lived = None if wrong or program.is_first(row) else row["known"]
        if why and not wrong:
            tally.leave_out(why)
        else:
            tally.say(f"{program.program}: {row['name']} ({row['clause']})", wrong)
    if lived:
        end_life(program, lived, tally)
    program.end()
    dirty = [line for line in read(f"{program.folder}/log").splitlines() if any(word in line for word in DIRTY)]
    tally.say(f"{program.program}: memory is clean, as far as this build can say", "\n".join(dirty[:20]))


def end_life(program, known, tally):
    """The refusals of a life must stand in a report that its device signed."""
    if program.program != "agent":
        return
    try:
        program.reported()
        wrong = ""
    except (Unheard, OSError, ValueError) as e:
        wrong = str(e)
    tally.say(f"agent: the signed report after {known[-1]}", wrong)


def planted(program, rows):
    """Two rows with each other's reasons: both must be seen."""
    alike = [row for row in rows if row["known"] == FIRST[:1] and "topic" not in row]
    pair = [next(row for row in alike if row["expect"] == reason) for reason in ("role", "stranger")]
    quiet = Tally(quiet=True)
    play(program, [{**pair[0], "expect": pair[1]["expect"]}, {**pair[1], "expect": pair[0]["expect"]}], quiet)
    return "" if quiet.counts["failed"] == 2 else f"{quiet.counts['failed']} of 2 swapped reasons were seen"


def run(make, folder, index, ca, tally):
    program = None
    try:
        program = make(folder, index, ca)
        play(program, index.rows, tally)
        tally.say(f"{program.program}: two planted wrong reasons are seen", planted(program, index.rows))
    except Exception as e:  # a thread that dies must not look like one that is done
        tally.say(f"{make.program}: all rows", f"{type(e).__name__}: {e}")
    finally:
        if program:
            program.end()
            program.close()


def main():
    if os.geteuid() == 0 and not os.environ.get("HF_TEST_INSIDE"):
        # Processes of its own: none of them outlives a test that is cut off.
        os.environ["HF_TEST_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "/usr/bin/python3", *sys.argv])
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--index", default=f"{VECTORS}/index.json", help="another index beside the same files")
    options = parser.parse_args()
    index, tally, start = Index(options.index), Tally(), time.monotonic()
    tally.say("the keys of the index are those of their names", index.check_names())
    folder = tempfile.mkdtemp(prefix="hf-vectors-")
    try:
        ca = Ca(f"{folder}/ca", {"server": "localhost", "controller": "controller:main", DEVICE: DEVICE})
        threads = [threading.Thread(target=run, args=(make, f"{folder}/{make.program}", index, ca, tally)) for make in (Agent, Controller)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        shutil.rmtree(folder)
    for why, n in sorted(tally.left_out.items()):
        print(f"skip: {n} rows: {why}")
    print(f"{len(index.rows)} rows, each by two programs, in {time.monotonic() - start:.0f} s")
    print(f"{tally.counts['passed']} passed, {tally.counts['failed']} failed, {sum(tally.left_out.values())} skipped")
    return 1 if tally.counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
