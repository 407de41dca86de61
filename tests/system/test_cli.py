#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The officers' terminal: council folder, keys, devices, verify, orders, prompts, and controllers that lie.

HF_BUILD names the build folder. HF_BLESS=1 writes the golden texts anew.
"""
import base64
import hashlib
import http.server
import json
import os
import pty
import re
import shutil
import socketserver
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time

from common import ENOUGH, Done, check, closing, typed, wait_for
from council_help import BUILD, SOURCE

HOLDFAST, HOLDFASTD = f"{BUILD}/holdfast", f"{BUILD}/holdfastd"
PLAN = f"{SOURCE}/deploy/council/cannock-chase.json"
VECTORS = f"{SOURCE}/proto/vectors"
GOLDEN = f"{SOURCE}/tests/golden/cli"
PASS = "correct horse battery staple"


class Terminal:
    """`holdfast` with a council folder and a socket; passphrases by file descriptor."""

    def __init__(self, folder, council=None, socket="none.sock"):
        self.folder, self.council, self.socket = folder, council or f"{folder}/council", f"{folder}/{socket}"

    def __call__(self, *words, who=None, passphrase=PASS, **environment):
        argv, fd = [HOLDFAST, "--council", self.council, "--socket", self.socket, *words], None
        if passphrase is not None:
            fd, write = os.pipe()
            os.write(write, passphrase.encode() + b"\n")
            os.close(write)
            argv += ["--passphrase-fd", str(fd)]
        if who:
            argv += ["--key", f"{self.council}/people/{who}.pem", "--yes"]
        env = {"PATH": os.environ["PATH"], **environment}
        done = subprocess.run(argv, capture_output=True, text=True, timeout=ENOUGH, stdin=subprocess.DEVNULL, env=env,
                              pass_fds=[fd] if fd is not None else [], check=False, start_new_session=True)
        if fd is not None:
            os.close(fd)
        return Done(done)


def envelope_type(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)["payloadType"].split(".")[2]


def request(folder, device, spoil=None):
    """What `holdfast-agent request` would print; its certificate request asks for the controller's name."""
    key, csr = f"{folder}/{device}.key", f"{folder}/{device}.csr"
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=controller:c1", "-keyout", key, "-out", csr], check=True, capture_output=True)
    raw = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], check=True, capture_output=True).stdout
    public = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=raw, check=True,
                            capture_output=True).stdout[-32:]
    with open(csr, encoding="ascii") as f:
        doc = {"device": device, "public": base64.b64encode(public).decode(), "csr": f.read()}
    doc.update(spoil or {})
    path = f"{folder}/{device}.request"
    with open(path, "w", encoding="utf-8") as f:
        json.dump(doc, f)
    return path


# The folder ------------------------------------------------------------------------------------------------------------
def council_init(folder):
    terminal = Terminal(folder)
    done = terminal("council", "init", terminal.council, "--plan", PLAN)
    check("council init makes a council", done.code == 0, done)
    with open(f"{terminal.council}/trust/1.json", encoding="utf-8") as f:
        check("two of three roots are asked for, and all three have signed", len(json.load(f)["signatures"]) == 3)
    secret = [*(f"roots/root-{i}.pem" for i in (1, 2, 3)), "controller/key.pem", "controller/tls.key", "broker/ca.key",
              "broker/server.key", *(f"people/{p}.pem" for p in ("comms-1", "comms-2", "monitoring-1", "elections-1", "it-1"))]
    modes = {name: stat.S_IMODE(os.stat(f"{terminal.council}/{name}").st_mode) for name in secret}
    check("every private key is its owner's alone", set(modes.values()) == {0o600}, modes)
    check("and so is the folder", stat.S_IMODE(os.stat(terminal.council).st_mode) == 0o700)
    for name in secret[:3] + secret[7:]:
        with open(f"{terminal.council}/{name}", encoding="ascii") as f:
            if "ENCRYPTED" not in f.read():
                check(f"{name} has a passphrase", False)
    for what in ("must go offline", "root-3.pem", "ca.key", "digest"):
        check(f"it says: {what}", what in done.out.replace("Must", "must"), done.out)
    verify = subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", f"{terminal.council}/broker/ca.crt",
                             f"{terminal.council}/broker/server.crt", f"{terminal.council}/controller/tls.crt"],
                            capture_output=True, text=True, check=False)
    check("openssl accepts both certificates", verify.returncode == 0, verify.stdout + verify.stderr)
    for host in ("localhost", "127.0.0.1"):
        word = "-verify_ip" if host[0] == "1" else "-verify_hostname"
        verify = subprocess.run(["openssl", "verify", "-CAfile", f"{terminal.council}/broker/ca.crt", "-purpose", "sslserver",
                                 word, host, f"{terminal.council}/broker/server.crt"], capture_output=True, text=True, check=False)
        check(f"the broker is {host}", verify.returncode == 0, verify.stdout + verify.stderr)
    before = sorted(os.listdir(terminal.council))
    done = terminal("council", "init", terminal.council, "--plan", PLAN)
    check("a council is never overwritten", done.code == 1 and "never overwritten" in done.err, done)
    check("and nothing in it has changed", sorted(os.listdir(terminal.council)) == before)
    return terminal


def plans(folder):
    """Each row spoils the plan that ships."""
    with open(PLAN, encoding="utf-8") as f:
        good = json.load(f)
    rules = [{"kind": k, "act": a, "roles": r.split(), "need": n} for k, a, r, n in (
        ("emergency", "raise", "comms", 1), ("emergency", "release", "comms monitoring", 1), ("purdah", "raise", "elections", 1),
        ("purdah", "release", "elections monitoring", 2), ("exercise", "approve", "comms elections", 1),
        ("register", "approve", "accounts", 2), ("exempt", "approve", "accounts", 2), ("assignment", "approve", "it", 1))]
    rows = [
        ("a release by one person", {"rules": rules}, "rule"),
        ("a council with no name", {"council": ""}, "council"),
        ("a member that nobody knows", {"colour": "blue"}, "colour"),
        ("a threshold above the roots", {"threshold": 4}, "threshold"),
        ("nobody", {"people": []}, "people"),
        ("a person twice", {"people": good["people"] + good["people"][:1]}, ""),
        ("a tool that has nothing to block", {"tools": [{"id": "t", "name": "T", "platforms": ["x"], "addresses": [],
                                                         "programs": []}]}, ""),
        ("an address with a path", {"tools": [{"id": "t", "name": "T", "platforms": ["x"], "addresses": ["x.com/home"],
                                               "programs": []}]}, ""),
        ("a word of a kind that nobody knows", {"words": [{"text": "Norton Canes", "kind": "mayor"}]}, "mayor"),
        ("a list of words with nothing in it", {"words": []}, "words"),
        ("a person's key of small order", {"people": [{"id": "a", "roles": ["comms"],
                                                       "public": base64.b64encode(bytes(32)).decode()}]}, ""),
    ]
    terminal = Terminal(folder, f"{folder}/bad")
    for what, change, says in rows:
        with open(f"{folder}/plan.json", "w", encoding="utf-8") as f:
            json.dump({**good, **change}, f)
        done = terminal("council", "init", terminal.council, "--plan", f"{folder}/plan.json")
        check(f"a plan with {what} is refused", done.code == 1 and says in done.err, done)
    left = [n for n in os.listdir(folder) if n.startswith("bad")]
    check("and leaves no part of a folder", not left, left)
    with open(f"{folder}/own.pem", "w", encoding="ascii"):
        pass
    os.unlink(f"{folder}/own.pem")
    public = terminal("key", "new", f"{folder}/own.pem").out.strip()
    good["people"][0]["public"] = public
    with open(f"{folder}/plan.json", "w", encoding="utf-8") as f:
        json.dump(good, f)
    done = Terminal(folder, f"{folder}/own")("council", "init", f"{folder}/own", "--plan", f"{folder}/plan.json", "--json")
    check("a person with a key of their own gets none here", done.code == 0 and
          not os.path.exists(f"{folder}/own/people/comms-1.pem"), done)
    check("and the register waits for their approval", done.json.get("register") == "too-few", done)


def keys(folder):
    terminal, path = Terminal(folder), f"{folder}/mine.pem"
    made = terminal("key", "new", path)
    check("key new", made.code == 0 and len(base64.b64decode(made.out)) == 32, made)
    check("a key is never overwritten", terminal("key", "new", path).code == 1)
    check("the passphrase opens it", terminal("key", "public", path).out == made.out)
    wrong = terminal("key", "public", path, passphrase="wrong")
    check("no other does", wrong.code == 1 and "passphrase" in wrong.err and "wrong" not in wrong.err, wrong)
    done = terminal("key", "passphrase", path, passphrase=f"{PASS}\nnew words")
    check("key passphrase takes old and new, a line each", done.code == 0, done)
    check("the old one opens it no more", terminal("key", "public", path).code == 1)
    check("the new one does, and it is the same key", terminal("key", "public", path, passphrase="new words").out == made.out)
    check("an empty passphrase is refused", terminal("key", "new", f"{folder}/empty.pem", passphrase="").code == 1 and
          not os.path.exists(f"{folder}/empty.pem"))
    without = terminal("key", "public", path, passphrase=None)
    check("without terminal or descriptor it says what to do", without.code == 2 and "--passphrase-fd" in without.err, without)


def devices(folder, terminal):
    asked = request(folder, "d1")
    words = ("device", "add", "--request", asked, "--person", "comms-2:jane", "--group", "staff", "-o", f"{folder}/d1.bundle")
    done = terminal(*words, "--json", who="it-1")
    check("device add", done.code == 0 and done.json["device"] == "d1", done)
    with open(f"{folder}/d1.bundle", encoding="utf-8") as f:
        bundle = json.load(f)
    check("the bundle has what enrolment wants", set(bundle) == {
        "council", "device", "trusts", "register", "assignment", "host", "port", "ca", "certificate"}, list(bundle))
    with open(f"{folder}/d1.crt", "w", encoding="ascii") as f:
        f.write(bundle["certificate"])
    subject = subprocess.run(["openssl", "x509", "-in", f"{folder}/d1.crt", "-noout", "-subject", "-ext", "subjectAltName"],
                             capture_output=True, text=True, check=False).stdout
    check("attack: the request asks for the controller's name, and gets the device's", "CN = d1" in subject and
          "controller" not in subject, subject)
    done = terminal("verify", f"{terminal.council}/assignments/d1.json", "--json")
    check("a copy stays in the folder, approved", done.code == 0 and done.json["payload"]["version"] == 1, done)
    done = terminal(*words, who="it-1")
    again = terminal("verify", f"{terminal.council}/assignments/d1.json", "--json")
    check("taken in again it is version 2", done.code == 0 and again.json["payload"]["version"] == 2, again)
    second = request(folder, "d2")
    done = terminal("device", "add", "--request", second, "--person", "comms-2:jane", "--person", "comms-1:kim", "-o", f"{folder}/d2.bundle",
                    who="it-1")
    with open(f"{folder}/d2.bundle", encoding="utf-8") as f:
        people = json.loads(base64.b64decode(json.load(f)["assignment"]["payload"]))["people"]
    check("D9.3: it says which device of each person it is", done.code == 0 and people == [
        {"person": "comms-2", "user": "jane", "rank": 2}, {"person": "comms-1", "user": "kim"}] and
          "device number 2 of comms-2 (the first is d1)" in done.out and "first device of comms-1" in done.out, (done, people))
    done = terminal(*words, "--json", who="it-1")
    os.remove(f"{terminal.council}/assignments/d2.json")
    check("D9.3: a device that is taken in again keeps its place", done.code == 0 and done.json["ranks"] == {"comms-2": 1}, done)
    done = terminal(*words, who="comms-1")
    check("a communications officer may not", done.code == 1 and "may not approve" in done.err, done)
    rows = [("a device with a colon in its name", {"device": "controller:c1"}), ("a key of small order",
            {"public": base64.b64encode(bytes(32)).decode()}), ("no certificate request", {"csr": "hello"}),
            ("a member that nobody knows", {"colour": "blue"})]
    for what, spoil in rows:
        done = terminal("device", "add", "--request", request(folder, "d9", spoil), "--person", "a:b", "-o", f"{folder}/d9.bundle",
                        who="it-1")
        check(f"a request with {what} is refused", done.code == 1 and not os.path.exists(f"{folder}/d9.bundle"), done)
    check("and no assignment is left of it", os.listdir(f"{terminal.council}/assignments") == ["d1.json"])


# verify ------------------------------------------------------------------------------------------------------------------
def vector_folder(row, folder):
    """A council folder that knows how the row begins; returns the messages that are heard after it, a new trust in its turn."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(f"{folder}/trust")
    os.makedirs(f"{folder}/assignments")
    beside = []
    for name in row["known"]:
        kind = envelope_type(f"{VECTORS}/{name}")
        if kind == "trust" and not os.listdir(f"{folder}/trust"):
            shutil.copy(f"{VECTORS}/{name}", f"{folder}/trust/1.json")
        elif kind == "register":
            shutil.copy(f"{VECTORS}/{name}", f"{folder}/register.json")
        elif kind == "assignment":
            shutil.copy(f"{VECTORS}/{name}", f"{folder}/assignments/d1.json")
        else:
            beside += ["--with", f"{VECTORS}/{name}"]
    return beside


# What a terminal judges otherwise than a party on the bus, and why.
OTHERWISE = {
    "share-has-no-room": "a terminal says who approved it, not whether a device has room",
    "altered-type": "it is decoded before it is judged",
    "trust-rollback": "an older trust of the pinned chain is still ours",
    "assignment-of-another-device": "a terminal is no device",
}


def verify_vectors(folder):
    """verify says of every signed example what the contract says."""
    with open(f"{VECTORS}/index.json", encoding="utf-8") as f:
        rows = json.load(f)["rows"]
    terminal, wrong, n = Terminal(folder, f"{folder}/vectors"), [], 0
    for row in rows:
        if not row["known"] or row.get("topic") or row.get("report") or row["name"] in OTHERWISE or \
                row["name"] == "report-heard-as-news":
            continue
        done = terminal("verify", f"{VECTORS}/{row['file']}", "--json", *vector_folder(row, terminal.council), passphrase=None)
        reason = done.json.get("reason") or done.json.get("error")
        n += 1
        if reason != row["expect"] or (done.code == 0) != (row["expect"] == "ok"):
            wrong.append(f"{row['name']}: {reason} ({done.code}), not {row['expect']}")
    check(f"verify agrees with the contract on {n} signed examples", n > 300 and not wrong, wrong)


def golden(name, text):
    path = f"{GOLDEN}/{name}.txt"
    if os.environ.get("HF_BLESS"):
        os.makedirs(GOLDEN, exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    with open(path, encoding="utf-8") as f:
        want = f.read()
    check(f"golden text {name} (HF_BLESS=1 writes it anew)", text == want, text)


def verify_words(folder):
    """The plain words, held as texts."""
    known = ["good/trust-1.json", "good/register-1.json", "good/assignment-1.json"]
    rows = [("raise-emergency", []), ("raise-purdah", []), ("raise-purdah-with-timetable", []),
            ("amend-purdah-timetable", ["good/raise-purdah-with-timetable.json"]), ("raise-exercise", []), ("release-emergency", ["good/raise-emergency.json"]),
            ("release-exercise", ["good/raise-exercise.json"]), ("trust-1", []), ("register-2", []), ("assignment-1", [])]
    terminal = Terminal(folder, f"{folder}/words")
    for name, more in rows:
        beside = vector_folder({"known": known + more}, terminal.council)
        done = terminal("verify", f"{VECTORS}/good/{name}.json", *beside, passphrase=None)
        golden(name, f"exit {done.code}\n{done.out}")
        if "exercise" in name:
            bare = [line for line in done.out.splitlines() if "EXERCISE" not in line]
            check(f"{name}: EXERCISE stands in every sentence", done.out and not bare, bare)


def verify_faults(folder, terminal):
    with open(f"{terminal.council}/register.json", encoding="utf-8") as f:
        good = json.load(f)
    payload = json.loads(base64.b64decode(good["payload"]))
    payload["tools"] = payload["tools"][1:]
    rows = [("a tool taken out", {**good, "payload": base64.b64encode(json.dumps(payload).encode()).decode()}, "fork"),
            ("one approval taken away", {**good, "signatures": good["signatures"][:1]}, "too-few"),
            ("the same approval twice", {**good, "signatures": good["signatures"][:1] * 2}, "too-few"),
            ("no approval", {**good, "signatures": []}, "unsigned")]
    for what, spoilt, reason in rows:
        path = f"{folder}/spoilt.json"
        with open(path, "w", encoding="utf-8") as f:
            json.dump(spoilt, f)
        done = terminal("verify", path, "--json")
        check(f"verify: {what} is {reason}", done.code == 1 and done.json.get("enough") is False and
              done.json["reason"] == reason, done)
        done = terminal("verify", path)
        check(f"verify: {what}, in words", done.code == 1 and "NOT ENOUGH" in done.out, done)


# Calls ---------------------------------------------------------------------------------------------------------------------
COMMANDS = ("council init", "device add", "device first", "raise emergency", "raise purdah", "timetable", "extend", "bring-forward", "cancel",
            "acknowledgements", "amend", "release", "approve", "drafts", "status", "devices", "verify", "key new", "key passphrase", "key public")


def calls(folder):
    terminal = Terminal(folder)
    rows = [("nothing at all", []), ("no such command", ["explode"]), ("half a command", ["council"]), ("an unknown option",
            ["status", "--blue"]), ("a folder too many", ["council", "init", "a", "b"]), ("no reason", ["raise", "emergency"]),
            ("no message", ["release", "--reason", "x"]), ("no request", ["device", "add", "-o", "x"]), ("no file", ["verify"]),
            ("no person", ["device", "first", "--device", "d1"]), ("no device", ["device", "first", "--person", "comms-2"]),
            ("a number that is none", ["status", "--watch", "--count", "x"]), ("nothing to amend", ["amend", "12345678"]),
            ("a passphrase as an argument", ["key", "new", "x", "--passphrase", "secret"])]
    for what, words in rows:
        done = terminal(*words, passphrase=None)
        check(f"called with {what}: exit 2, one sentence", done.code == 2 and done.err.count("\n") == 1 and not done.out, done)
    done = terminal("status", "--blue", "--json", passphrase=None)
    check("with --json an error is JSON too", done.code == 2 and "message" in done.json or done.err, done)
    helped = {}
    for command in COMMANDS:
        done = terminal(*command.split(), "--help", passphrase=None)
        helped[command] = done.out
        if done.code != 0 or f"holdfast {command}" not in done.out:
            check(f"{command} --help", False, done)
    overview = terminal("--help", passphrase=None).out
    check("the overview names every command", all(f"  {c}" in overview for c in COMMANDS), overview)
    with open(f"{SOURCE}/deploy/man/holdfast.1", encoding="utf-8") as f:
        page = f.read().replace("\\-", "-").replace("\\fB", "").replace("\\fR", "").replace("\\fI", "")
    missing = [c for c in COMMANDS if f"holdfast {c}" not in page]
    for command, text in helped.items():
        missing += [f"{command} {option}" for option in set(re.findall(r"--[a-z-]+", text)) if option not in page]
    check("the manual page names every command and every option", not missing, missing)
    done = terminal("status", passphrase=None)
    check("no folder: says so", done.code == 1 and "no council folder" in done.err, done)


# A real controller, with no broker ------------------------------------------------------------------------------------------
class Controller:
    def __init__(self, folder, council):
        os.makedirs(f"{folder}/state", exist_ok=True)
        conf = {"council.folder": council, "state.folder": f"{folder}/state", "socket.path": f"{folder}/c.sock",
                "controller.key": f"{council}/controller/key.pem", "bus.port": "1", "bus.ca": f"{council}/broker/ca.crt",
                "bus.certificate": f"{council}/controller/tls.crt", "bus.key": f"{council}/controller/tls.key"}
        with open(f"{folder}/c.conf", "w", encoding="utf-8") as f:
            f.writelines(f"{name} = {value}\n" for name, value in conf.items())
        with open(f"{folder}/c.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([HOLDFASTD, "-f", f"{folder}/c.conf"], stdout=log, stderr=log)
        wait_for(lambda: os.path.exists(f"{folder}/c.sock") or self.process.poll() is not None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(ENOUGH)


def orders(terminal):
    """From raise to all-clear, by the people of the plan."""
    done = terminal("raise", "emergency", "--reason", "Fire", "--holding", "x:CannockChaseDC=comms-2:Stay inside.", "--wait", "0",
                    "--json", who="comms-1")
    check("D9.1: one comms officer raises", done.code == 0 and done.json["outcome"] == "recorded", done)
    lockdown = done.json["lockdown"]
    check("what it does was said before, beside the answer", "Every posting tool is blocked on" in done.err, done)
    done = terminal("raise", "emergency", "--reason", "Fire", "--wait", "0", who="it-1")
    check("the it role raises nothing", done.code == 1 and "may not approve" in done.err, done)
    done = terminal("raise", "emergency", "--reason", "Fire", "--account", "x:nobody", who="comms-1")
    check("an account that is in no register is refused", done.code == 2 and "x:nobody" in done.err, done)
    done = terminal("status")
    check("status shows it, and that no device enforces it", "IN FORCE: LIVE EMERGENCY LOCKDOWN" in done.out and
          "NOT ENFORCED on 1 device: d1 (unreached)" in done.out, done)
    counts = re.search(r"Of 1 devices: (.*)\.", done.out)
    check("all ten states are counted", counts and len(counts.group(1).split(", ")) == 10, done)
    status = terminal("status", "--json").json["lockdowns"]
    check("as JSON too, and proven", [k["verified"] for k in status] == [True] and
          status[0]["not_enforced"] == [{"device": "d1", "state": "unreached", "partly": []}], status)
    return lockdown


def approvals(terminal, lockdown):
    done = terminal("amend", lockdown[:8], "--exempt", "comms-1,elections-1", "--wait", "0", "--json", who="comms-1")
    check("an exempt person needs two of accounts", done.code == 0 and done.json["outcome"] == "draft" and
          done.json["can_approve"] == ["comms-2"] and "It LOOSENS" in done.err, done)
    done = terminal("amend", lockdown[:8], "--contact", "Ring 4321", "--wait", "0", "--json", who="comms-2")
    check("words alone need one comms officer", done.json.get("outcome") == "recorded" and "loosens nothing" in done.err, done)
    done = terminal("release", "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-1")
    check("D9.3: a release by one waits, and says who can approve and how", done.code == 0 and "It WAITS" in done.out and
          "comms-2 and monitoring-1" in done.out and "holdfast approve" in done.out, done)
    done = terminal("release", "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-2")
    check("a second release beside it is not begun by mistake", done.code == 1 and "waits already" in done.err, done)
    drafts = terminal("drafts", "--json").json["drafts"]
    release = next(d["digest"] for d in drafts if d["act"] == "release")
    done = terminal("approve", release, "--wait", "0", who="comms-1")
    check("the same person does not count twice", done.code == 1 and "approved this already" in done.err, done)
    done = terminal("approve", release, "--wait", "0", who="elections-1")
    check("nor does another role", done.code == 1 and "may not approve" in done.err, done)
    check("meanwhile it is in force", "IN FORCE: LIVE" in terminal("status").out)
    done = terminal("approve", release[:8], "--wait", "0", "--json", who="monitoring-1")
    check("the second officer's approval ends it", done.code == 0 and done.json["outcome"] == "recorded" and
          "All clear." in done.err, done)
    check("it is over for ever", "Released: LIVE" in terminal("status").out)
    done = terminal("release", "--reason", "x", "--message", "y", who="comms-1")
    check("nothing is left to release", done.code == 1 and "Nothing is in force" in done.err, done)


def two_at_once(terminal):
    ids = [terminal("raise", "emergency", *words, "--wait", "0", "--json", who="comms-1").json["lockdown"]
           for words in (("--reason", "A"), ("--reason", "B"), ("--exercise", "--reason", "C"))]
    done = terminal("release", "--reason", "x", "--message", "y", "--wait", "0", who="comms-1")
    check("two in force: it asks which", done.code == 2 and "say which" in done.err, done)
    out = terminal("status", "--watch", "--count", "2").out
    check("status --watch shows it again", out.count("IN FORCE: EXERCISE OF AN EMERGENCY") == 2, out)
    screen = out[out.index("IN FORCE: EXERCISE"):]
    screen = screen[:screen.index("\n\n")] if "\n\n" in screen else screen
    bare = [line for line in screen.splitlines() if "EXERCISE" not in line]
    check("an exercise on the screen says so in every sentence", not bare, bare)
    check("live before exercise", out.index("IN FORCE: LIVE") < out.index("IN FORCE: EXERCISE"))
    for lockdown in ids[:2]:
        terminal("release", lockdown, "--reason", "x", "--message", "y", "--wait", "0", who="comms-1")
        draft = terminal("drafts", "--json").json["drafts"][-1]["digest"]
        terminal("approve", draft, "--wait", "0", who="monitoring-1")
    done = terminal("release", "--reason", "x", "--message", "y", "--wait", "0", "--json", who="elections-1")
    check("one exercise left: one officer of either role ends it", done.code == 0 and done.json["lockdown"] == ids[2], done)


# On a terminal -----------------------------------------------------------------------------------------------------------------
def on_terminal(terminal, words, keys_, environment=None):
    """Run on a pseudo-terminal, type each answer at its prompt; returns (exit code, all that was shown)."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(environment or {})
        os.execv(HOLDFAST, [HOLDFAST, "--council", terminal.council, "--socket", terminal.socket, *words])
    shown = typed(fd, keys_)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown


def prompts(terminal):
    words = ["raise", "emergency", "--reason", "Fire", "--wait", "0", "--key", f"{terminal.council}/people/comms-1.pem"]
    secret = (b"Passphrase of", PASS.encode() + b"\n")
    shown = {}
    code, shown["live"] = on_terminal(terminal, words, [secret, (b"Type LIVE", b"LIVE\n")])
    check("on a terminal a live raise wants the word LIVE", code == 0 and "recorded" in shown["live"], shown["live"])
    check("the passphrase is not shown", PASS not in shown["live"])
    code, shown["exercise"] = on_terminal(terminal, [*words, "--exercise"], [secret, (b"Type EXERCISE", b"EXERCISE\n")])
    check("an exercise wants the word EXERCISE", code == 0 and "recorded" in shown["exercise"], shown["exercise"])
    colours = {k: re.findall("\033\\[1;[0-9;]+m", v) for k, v in shown.items()}
    check("the two have different colours", colours["live"] and colours["exercise"] and
          not set(colours["live"]) & set(colours["exercise"]), colours)
    code, text = on_terminal(terminal, words, [secret, (b"Type LIVE", b"EXERCISE\n")])
    check("another word does nothing", code == 1 and "nothing has been done" in text, text)
    code, text = on_terminal(terminal, words, [(b"Passphrase of", b"\x03")])
    check("an interrupt at the passphrase does nothing", code == 1 and "nothing has been done" in text, text)
    code, text = on_terminal(terminal, [*words, "--exercise"], [secret, (b"Type EXERCISE", b"EXERCISE\n")], {"NO_COLOR": "1"})
    check("NO_COLOR is honoured", code == 0 and "\033[1" not in text, text)
    done = terminal("raise", "emergency", "--reason", "Fire", "--key", f"{terminal.council}/people/comms-1.pem")
    check("without a terminal nothing is signed unless --yes is given", done.code == 2 and "--yes" in done.err, done)


# D9.3: which device of a person opens a posting window unheard ------------------------------------------------------------------
def payload_of(terminal, device):
    return json.loads(base64.b64decode(read(f"{terminal.council}/assignments/{device}.json")["payload"]))


def rank_of(terminal, device):
    return next(p.get("rank", 1) for p in payload_of(terminal, device)["people"] if p["person"] == "comms-2")


def recorded(folder):
    """Digests of the controller's assignments, in the order in which it recorded them."""
    with sqlite3.connect(f"file:{folder}/state/journal.db?mode=ro", uri=True) as db:
        return [row[0] for row in db.execute("SELECT digest FROM journal WHERE kind = 'assignment' ORDER BY seq")]


def first_device(terminal, device, *more, person="comms-2", **who):
    return terminal("device", "first", "--device", device, "--person", person, *more, **who)


def ranks_of(done):
    return [(c["device"], c["rank"]) for c in done.json.get("changed", [])]


def take_in(folder, terminal, device, spoil=None):
    done = terminal("device", "add", "--request", request(folder, device, spoil), "--person", "comms-1:kim", "--person", "comms-2:jane",
                    "--group", "staff", "-o", f"{folder}/{device}.bundle", who="it-1")
    check(f"{device} is taken in", done.code == 0, done)


def second_approves(terminal, done):
    """One of accounts approves the new first."""
    change = done.json["changed"][-1]
    approved = terminal("approve", change["digest"][:16], "--json", "--wait", "0", who="comms-1")
    check("and one of accounts approves it", approved.code == 0 and approved.json["outcome"] == "recorded", approved)


def becomes_first(folder, terminal):
    take_in(folder, terminal, "d2")
    take_in(folder, terminal, "d3")
    before = {d: payload_of(terminal, d) for d in ("d1", "d3")}
    done = first_device(terminal, "d3", "--json", who="it-1")
    check("the new first waits for a second approver", done.code == 0 and done.json["waits"] and rank_of(terminal, "d3") == 3, done)
    second_approves(terminal, done)
    changed = [(c["device"], c["rank"], c["version"], c["last_report"]) for c in done.json.get("changed", [])]
    check("D9.3: the two change places, and the answer says so", done.code == 0 and changed == [
        ("d1", 3, before["d1"]["version"] + 1, 0), ("d3", 1, 2, 0)], done)
    check("D9.3: who steps back is recorded before the new first", recorded(folder)[-2:] == [c["digest"] for c in done.json.get("changed", [])],
          recorded(folder))
    check("it is said what the old one believes, and when it was heard", "d1 is the first now and becomes number 3. It was never heard." in
          done.err and "d1 believes that it is the first" in done.err and "first device of comms-2: a posting window opens" in done.err, done)
    after = {d: payload_of(terminal, d) for d in ("d1", "d3")}
    check("D9.3: the copies in the folder have it", [rank_of(terminal, d) for d in ("d1", "d2", "d3")] == [3, 2, 1], after)
    for device in before:
        for doc in (before[device], after[device]):
            doc["version"] = doc["issued"] = 0
            doc["people"] = [{**p, "rank": 0} if p["person"] == "comms-2" else p for p in doc["people"]]
    check("and nothing else has changed", before == after, (before, after))
    for device in ("d1", "d3"):
        check(f"the assignment of {device} is approved", terminal("verify", f"{terminal.council}/assignments/{device}.json").code == 0)


def not_first(folder, terminal):
    """Each row changes nothing."""
    held = recorded(folder)
    done = first_device(terminal, "d3")
    check("already the first: says so, signs nothing, asks for no key", done.code == 0 and "already" in done.out, done)
    check("in JSON too", first_device(terminal, "d3", "--json").json == {"device": "d3", "person": "comms-2", "changed": [],
                                                                                  "waits": False})
    done = first_device(terminal, "d1", person="comms-1", who="it-1")
    check("a person whom the device does not list: it says which do", done.code == 1 and "d2 and d3" in done.err and
          done.err.count("\n") == 1, done)
    done = first_device(terminal, "d1", "--json", person="nobody", who="it-1")
    check("a person of no device", done.code == 1 and done.json.get("error") == "absent" and ": none." in done.err, done)
    done = first_device(terminal, "../register", who="it-1")
    check("a device that is not there", done.code == 1 and "holdfast devices" in done.err, done)
    done = first_device(terminal, "d2", who="comms-1")
    check("a communications officer may not", done.code == 1 and "may not approve" in done.err, done)
    done = first_device(Terminal(folder, terminal.council), "d2", who="it-1")
    check("without the controller it is refused", done.code == 1 and "No controller answers" in done.err, done)
    code, text = on_terminal(terminal, ["device", "first", "--device", "d2", "--person", "comms-2", "--key",
                                        f"{terminal.council}/people/it-1.pem"],
                             [(b"Passphrase of", PASS.encode() + b"\n"), (b"Type APPROVE", b"APPROVE\n"),
                              (b"ASSIGNMENT of the device d2", b"NO\n")])
    check("each of the two is confirmed, and before the first is posted", code == 1 and "nothing has been done" in text, text)
    liar = Liar(f"{folder}/draft.sock", {**honest(terminal), "post": {"outcome": "draft", "reason": "too-few"}})
    done = first_device(Terminal(folder, terminal.council, "draft.sock"), "d2", who="it-1")
    check("attack: a controller that holds back who steps back gets no new first", done.code == 1 and len(liar.posted) == 1, done)
    liar.shutdown()
    liar.server_close()
    check("nothing of all that was recorded, nor kept", recorded(folder) == held and rank_of(terminal, "d3") == 1, recorded(folder))


def half_first(folder, terminal):
    """The controller refuses the second assignment, of a device that brings another's key and was taken in behind its back."""
    take_in(folder, Terminal(folder, terminal.council), "d9", {"public": payload_of(terminal, "d1")["public"]})
    done = first_device(terminal, "d9", "--json", who="it-1")
    check("the second is refused: what stands is said, and what to do", done.code == 1 and done.json.get("error") == "key" and
          "d3 is not the first device of comms-2 any more, and none is until you run this again" in done.json["message"], done)
    check("so nobody is the first", [rank_of(terminal, d) for d in ("d1", "d2", "d3", "d9")] == [3, 2, 4, 4])
    take_in(folder, terminal, "d9")
    done = first_device(terminal, "d9", "--json", who="it-1")
    check("run again it finishes", done.code == 0 and ranks_of(done) == [("d9", 1)], done)
    second_approves(terminal, done)


def many_first(folder, terminal):
    """A council whose assignments are older than ranks has several."""
    other = Terminal(folder, f"{folder}/elsewhere")
    shutil.copytree(terminal.council, other.council)
    shutil.rmtree(f"{other.council}/assignments")
    os.mkdir(f"{other.council}/assignments")
    take_in(folder, other, "d4")
    shutil.copy(f"{other.council}/assignments/d4.json", f"{terminal.council}/assignments")
    done = first_device(terminal, "d9", "--json", who="it-1")
    check("one of two firsts stays, the other comes last", done.code == 0 and ranks_of(done) == [("d4", 5)], done)
    shutil.copy(f"{other.council}/assignments/d4.json", f"{terminal.council}/assignments")
    check("attack: an old copy in the folder changes nothing", first_device(terminal, "d9", "--json").json.get("changed") == [])
    good = read(f"{terminal.council}/assignments/d9.json")
    forged = base64.b64encode(json.dumps({**payload_of(terminal, "d9"), "device": "d5"}).encode()).decode()
    for what, signatures in (("that nobody approved", []), ("altered after its approval", good["signatures"])):
        with open(f"{terminal.council}/assignments/d5.json", "w", encoding="utf-8") as f:
            json.dump({**good, "payload": forged, "signatures": signatures}, f)
        check(f"attack: an assignment {what} does not count", first_device(terminal, "d9", "--json").json.get("changed") == [])


# A controller that lies ---------------------------------------------------------------------------------------------------------
class Liar(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers what it is told to; keeps what is posted."""
    daemon_threads = True

    def __init__(self, path, answers):
        self.answers, self.posted, self.standing = answers, [], None

        class Handler(http.server.BaseHTTPRequestHandler):
            def address_string(self):
                return "unix"

            def log_message(self, *_):
                pass

            def reply(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                answer = self.server.answers.get(self.path.split("?")[0])
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.reply(200 if answer is not None else 404, body)

            def do_POST(self):
                posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.server.posted.append(posted)
                if self.server.standing:
                    self.server.answers["/v1/devices"] = {"devices": [
                        device("d1", "enforced-verified", posted), device("d2", self.server.standing, posted)]}
                self.reply(200, json.dumps(self.server.answers["post"]).encode())

        super().__init__(path, Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


    def handle_error(self, request, client_address):
        """A terminal that hangs up in the middle of too long an answer is right."""


def device(name, standing, raised):
    """The controller's row of a device that stands so for this raise."""
    kind, payload = raised["payloadType"].encode(), base64.b64decode(raised["payload"])
    pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    return {"device": name, "state": standing, "people": [], "groups": ["staff"], "last_report": 1, "counter": 1, "state_seq": 1,
            "unknown": False, "layers": [], "refused": [], "lockdowns": [
                {"id": hashlib.sha256(pae).hexdigest(), "kind": "emergency", "mode": "live", "rev": 0, "standing": standing}]}


def read(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def status_of(lockdowns):
    return {"council": "cannock-chase", "controller": "c1", "now": int(time.time()), "bus": "up", "seq": 1,
            "journal": {"size": 1, "root": "0" * 64}, "trust_epoch": 1, "register_version": 1, "accounts": 1, "devices": 0,
            "drafts": 0, "lockdowns": lockdowns}


def honest(terminal):
    return {"/v1/council": {"council": "cannock-chase", "trusts": [read(f"{terminal.council}/trust/1.json")],
                            "register": read(f"{terminal.council}/register.json"), "assignments": []},
            "/v1/orders": {"orders": []}, "/v1/status": status_of([]), "/v1/devices": {"devices": []},
            "/v1/drafts": {"drafts": []}, "post": {"outcome": "recorded", "reason": "ok"}}


def forged_raise(folder, terminal):
    """A raise that nobody of the trust has signed."""
    order = {"council": "cannock-chase", "act": "raise", "kind": "emergency", "mode": "live", "at": 1, "level": "block", "from": 1,
             "until": 0, "accounts": ["*"], "groups": ["*"], "exempt": [], "reason": "Forged", "contact": "x", "instructions": "",
             "holding": []}
    good = read(f"{terminal.council}/register.json")
    return {**good, "payloadType": "application/vnd.holdfast.order.v1+json",
            "payload": base64.b64encode(json.dumps(order).encode()).decode()}


def progress(folder, terminal):
    """Watching a raise arrive: done only when every device is seen to hold."""
    fake = Liar(f"{folder}/fake.sock", honest(terminal))
    mine = Terminal(folder, terminal.council, "fake.sock")
    raise_ = ("raise", "emergency", "--reason", "Fire", "--wait")
    fake.standing = "message-seen"
    done = mine(*raise_, "3600", who="comms-1")
    check("it ends as soon as every device holds", done.code == 0 and "enforced-verified on 2 of 2 devices" in done.out, done)
    fake.standing = "received"
    done = mine(*raise_, "1", "--json", who="comms-1")
    check("received is not enforced: the device is named", done.code == 0 and done.json["done"] == 1 and
          done.json["not_yet"] == [{"device": "d2", "state": "received"}], done)
    done = mine(*raise_, "1", who="comms-1")
    check("in words too, with how to go on", "not yet: d2 (received)" in done.out and "status --watch" in done.out, done)
    check("--wait 0 does not look", "enforced-verified on" not in mine(*raise_, "0", who="comms-1").out)
    fake.shutdown()
    fake.server_close()


def liars(folder, terminal):
    liar = Liar(f"{folder}/liar.sock", honest(terminal))
    mine = Terminal(folder, terminal.council, "liar.sock")
    check("an honest controller is believed", mine("status").code == 0, mine("status"))
    Terminal(folder, f"{folder}/other")("council", "init", f"{folder}/other", "--plan", PLAN)
    liar.answers["/v1/council"]["trusts"] = [read(f"{folder}/other/trust/1.json")]
    for words in (["status"], ["raise", "emergency", "--reason", "Fire"], ["drafts"]):
        done = mine(*words, who="comms-1")
        check(f"a controller with another trust is refused loudly: {words[0]}", done.code == 1 and
              "DO NOT TRUST THIS CONTROLLER" in done.err and not liar.posted, done)
    liar.answers = honest(terminal)
    liar.answers["/v1/council"]["trusts"] *= 2
    done = mine("status")
    check("a trust that does not follow is refused", done.code == 1 and "DO NOT TRUST" in done.err, done)
    liar.answers = honest(terminal)
    liar.answers["/v1/orders"]["orders"] = [forged_raise(folder, terminal)]
    liar.answers["/v1/status"] = status_of([{"id": "ab" * 32, "kind": "emergency", "mode": "live", "phase": "in force", "rev": 0,
                                             "counts": {}, "devices": 0}])
    done = mine("status")
    check("a forged lockdown is not shown as one", done.code == 0 and "IN FORCE: LIVE" not in done.out and
          "not believed" in done.out and "not borne out" in done.err, done)
    check("nor in JSON", [k["verified"] for k in mine("status", "--json").json["lockdowns"]] == [False])
    liar.answers = honest(terminal)
    liar.answers["/v1/drafts"]["drafts"] = [{"digest": "ab" * 32, "envelope": forged_raise(folder, terminal)}]
    done = mine("approve", "abababab", who="comms-1")
    check("a draft is found by its own digest, not by the one the controller says", done.code == 1 and not liar.posted, done)
    liar.answers = honest(terminal)
    liar.answers["post"] = {"outcome": "draft", "reason": "too-few"}
    done = mine("raise", "emergency", "--reason", "Fire", who="comms-1")
    check("an approved order that is held back is called that", "holds it back" in done.err and len(liar.posted) == 1, done)
    for what, answer in (("garbage", b"<html>"), ("nothing", b""), ("two members of one name", b'{"a":1,"a":2}'),
                         ("an escape sequence", b'{"council":"\\u001b[2J"}'), ("a list", b"[]"), ("very much", b'{"a":"' + b"x" * (33 << 20))):
        liar.answers = {**honest(terminal), "/v1/council": answer}
        done = mine("status")
        check(f"a controller that answers {what}: one sentence", done.code == 1 and done.err.count("\n") == 1, done)
    liar.shutdown()
    liar.server_close()


def main():
    folder = tempfile.mkdtemp(prefix="hf-cli-")
    try:
        terminal = council_init(folder)
        plans(folder)
        keys(folder)
        devices(folder, terminal)
        verify_vectors(folder)
        verify_words(folder)
        verify_faults(folder, terminal)
        calls(f"{folder}/nowhere")
        liars(folder, terminal)
        progress(folder, terminal)
        terminal.socket = f"{folder}/c.sock"
        with Controller(folder, terminal.council):
            approvals(terminal, orders(terminal))
            two_at_once(terminal)
            prompts(terminal)
            becomes_first(folder, terminal)
            not_first(folder, terminal)
            half_first(folder, terminal)
            many_first(folder, terminal)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
