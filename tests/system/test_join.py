#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Laptops join by themselves and wait for IT (proto/README.md "Joining"): nobody is in who was not approved, and who is approved is
shut before the first posting tool starts.

A real controller, a real door (holdfast-joind), a real agent with holdfast-join, and laptops that are simulated by what they ask.
Attacks: ten thousand requests, a stolen token, one serial number for two keys, a door that answers for another council.
HF_BUILD names the build folder.
"""
import base64
import concurrent.futures
import http.client
import json
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from common import ENOUGH, REACHED, check, drop, end_process, read, took, wait_for, write
from council_help import BUILD, COUNCIL, contract, key
from test_agent import STAFF, Device
from web_help import free_port, listens
from whole_help import Council, inside, leave, quiet

LAPTOPS, HOSTILE, PROMISED_S = 500, 10000, 60
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"


class Door:
    """holdfast-joind with the certificate of the broker's authority."""

    def __init__(self, council):
        self.council, self.folder, self.port, self.process = council, f"{council.folder}/door", free_port(), None
        self.socket = f"{self.folder}/join.sock"
        os.makedirs(self.folder)
        self.rows = {"listen.address": "0.0.0.0", "listen.port": self.port, "tls.certificate": f"{self.folder}/tls/joind.crt",
                     "tls.key": f"{self.folder}/tls/joind.key", "state.folder": f"{self.folder}/state", "socket.path": self.socket,
                     "controller.socket": council.servers["c1"].socket, "retry_s": 1, "log.level": 6}
        self.own = threading.local()
        self.context = ssl.create_default_context(cafile=f"{council.ca.folder}/ca.crt")

    def start(self):
        write(f"{self.folder}/conf", "".join(f"{k} = {v}\n" for k, v in self.rows.items()))
        with open(f"{self.folder}/log", "ab") as log:
            self.process = subprocess.Popen([f"{BUILD}/holdfast-joind", "-f", f"{self.folder}/conf"], stderr=log, stdin=subprocess.DEVNULL,
                                            env={**os.environ, **REACHED})
        return wait_for(lambda: listens(self.port) or self.process.poll() is not None) and self.process.poll() is None

    def kill(self):
        end_process(self.process, signal.SIGKILL)

    def ask(self, body, path="/v1/join", source=HERE, method="POST"):
        """(status, JSON, headers) of one request by TLS; a line is kept."""
        connection = self.line(source)
        for again in (True, False):
            try:
                connection.request(method, path, body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode())
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read() or b"{}"), answer.headers
            except OSError:  # it was kept for too long
                connection.close()
                if not again:
                    raise

    def line(self, source):
        """One for each thread and source."""
        kept = self.own.__dict__.setdefault("lines", {})
        if source not in kept:
            kept[source] = http.client.HTTPSConnection("localhost", self.port, context=self.context, timeout=ENOUGH, source_address=(source, 0))
        return kept[source]


def new_csr(name):
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(private, hashes.SHA256()).public_bytes(
        serialization.Encoding.PEM).decode()


def new_public():
    raw = Ed25519PrivateKey.generate().public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def laptop(token, serial, csr=None):
    """What a laptop with this serial number asks."""
    return {"token": token["secret"], "public": new_public(), "csr": csr or new_csr("joins"), "serial": serial, "name": f"pc-{serial}".lower()}


def all_at_once(ask, bodies, threads=4):
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(ask, bodies))


def token_of(council, door, batch, uses, *words):
    path = f"{council.folder}/{batch}.token"
    done = council.says("join-token", "make", "--batch", batch, "--uses", str(uses), "--group", "staff", "--address", f"localhost:{door.port}",
                        "-o", path, *words)
    check(f"a token for the batch {batch} is made", done.code == 0 and "holdfast join-token end" in done.out, done)
    return path, json.loads(read(path))


def slips(council, door):
    """An error for each slip: one clear sentence, and nothing is done."""
    o = f"{council.folder}/slip.token"
    at = ("--address", "localhost", "-o", o)
    for what, words, says in (
            ("no batch", ("--uses", "2", *at), "Give --batch and --uses"), ("no uses", ("--batch", "b", *at), "--uses is between"),
            ("a name", ("--batch", "B!", "--uses", "2", *at), "cannot be its name"), ("no file", ("--batch", "b", "--uses", "2"), "with --address"),
            ("an address", ("--batch", "b", "--uses", "2", "--address", "h:x", "-o", o), "--address is HOST"),
            ("a year and more", ("--batch", "b", "--uses", "2", "--days", "400", *at), "--days between"),
            ("days of one laptop", ("--device", "lt-1", "--serial", "S", "--days", "2", *at), "has one use and a day"),
            ("a serial number", ("--device", "lt-1", "--serial", "S" * 129, *at), "--serial is what stands")):
        done = council.says("join-token", "make", *words)
        check(f"join-token make with a slip ({what})", done.code == 2 and says in done.err and not os.path.exists(o), done)
    done = council.says("join-token", "end", "nothing")
    check("a token that is not there cannot be ended", done.code == 1 and "there is no token of the batch nothing" in done.err, done)
    done = council.says("join-token", "list")
    check("no token is said", done.code == 0 and "There is no token" in done.out, done)
    done = council.says("join-token", "server", "localhost")
    check("a certificate needs a place", done.code == 2 and "joind.crt and joind.key with -o" in done.err, done)
    for what, words, says in (
            ("no list", (), "Give the council's list"), ("a port", ("--csv", "x", "--port", "0"), "--port is between"),
            ("a device without words", ("--csv", "x", "--device", "d"), "give its four words"),
            ("words of nobody", ("babab-babab-babab-babab",), "has the words")):
        done = council.says("device", "approve", *words, who="it-1")
        check(f"device approve with a slip ({what})", done.code in (1, 2) and says in done.err, done)
    for what, text, says in (("empty", "", "it is empty"), ("no heading", "a,b\n", "there is no serial"),
                             ("a bad device", "serial,device,person,login,groups\nS,Lt!,,,\n", "no id of a device"),
                             ("half a person", "serial,device,person,login,groups\nS,lt,pat,,\n", "person is the id"),
                             ("a bad group", "serial,device,person,login,groups\nS,lt,,,Sta!ff\n", "no id of a group")):
        write(f"{council.folder}/bad.csv", text)
        done = council.says("device", "approve", "--csv", f"{council.folder}/bad.csv", who="it-1")
        check(f"a list with a slip ({what})", done.code == 1 and says in done.err, done)
    write(f"{council.folder}/none.csv", "serial,device,person,login,groups\nS,lt,,,\n")
    done = council.says("device", "approve", "--csv", f"{council.folder}/none.csv", who="it-1")
    check("nobody asks: nothing is signed", done.code == 1 and "nothing was signed" in done.err, done)
    done = council.says("device", "pending", "--join-socket", f"{council.folder}/nowhere")
    check("a door that is not there is said", done.code == 1 and "holdfast-joind must run there" in done.err, done)
    done = subprocess.run([f"{BUILD}/holdfast-joind", "-f", f"{door.folder}/conf", "too much"], capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("holdfast-joind refuses what it does not know", done.returncode == 2 and "not expected here" in done.stderr, done)
    done = subprocess.run([f"{BUILD}/holdfast-joind", "-f", f"{door.folder}/conf"], capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("a second door leaves the first one alone", done.returncode == 1 and listens(door.port), done)


def hostile(council, door):
    """10^4 requests in a loop, with a stolen token among them: nobody is in, and others have room."""
    path, token = token_of(council, door, "stolen", 200)
    check("the token is root's alone", os.stat(path).st_mode & 0o777 == 0o600)
    done = council.says("join-token", "make", "--batch", "again", "--uses", "1", "--address", "localhost", "-o", path)
    check("a token that is there is not written over", done.code == 2 and "is there already" in done.err and json.loads(read(path)) == token, done)
    done = council.says("join-token", "make", "--batch", "stolen", "--uses", "1", "--address", "localhost", "-o", f"{path}.2")
    check("nor made twice by one name", done.code == 1 and "already" in done.err and not os.path.exists(f"{path}.2"), done)
    csr, wrong = new_csr("joins"), {"secret": base64.b64encode(bytes(32)).decode()}
    kinds = ([lambda: laptop(token, f"S{os.urandom(4).hex()}", csr)] * 6 + [lambda: laptop(wrong, "S1", csr)] * 2 +
             [lambda: b"{" * 2000, lambda: {**laptop(token, "S1", csr), "csr": "x" * 20000}])
    begin = time.monotonic()
    answers = all_at_once(lambda i: door.ask(kinds[i % len(kinds)]()), range(HOSTILE))
    seen = {status: sum(a[0] == status for a in answers) for status in {a[0] for a in answers}}
    check(f"{HOSTILE} hostile requests: none is answered with a bundle ({took(begin)})", 200 not in seen and
          not any("bundle" in a[1] for a in answers), seen)
    check("each of another kind gets its own no", seen.get(403) == HOSTILE // 5 and seen.get(400, 0) + seen.get(413, 0) == HOSTILE // 5 and 429 in seen, seen)
    shown = council.says("device", "pending", "--json").json
    check("one place has its share, and no more", seen.get(202) == len(shown["requests"]) < 1100, (seen, len(shown["requests"])))
    check("nobody is a device", council.says("devices", "--json").json["devices"] == [])
    status, said, headers = door.ask(laptop(token, "S-elsewhere", csr), source=ELSEWHERE)
    check("somebody from elsewhere has room, and reads when to ask again", status == 202 and said["state"] == "pending" and headers["Retry-After"] == "1", said)
    check("the same request is one request", door.ask(laptop(token, "S-x", csr), method="GET")[0] == 400 and door.ask(None, path="/v1/joins", method="GET")[0] == 404)
    done = council.says("device", "pending")
    check("IT sees that somebody was sent away", done.code == 0 and "Sent away because too many" in done.out and "Refused for their token" in done.out, done.out[-400:])
    done = council.says("join-token", "end", "stolen")
    check("the token is ended", done.code == 0 and "counts no more" in done.out, done)
    check("and with it all that waited", council.says("device", "pending", "--json").json["requests"] == [])
    check("it lets nobody ask", door.ask(laptop(token, "S2", csr))[0] == 403)


def asks_to_join(device, token):
    """Its request is made by root, and asked by somebody without a right."""
    code, out, said = device.command("request", "--join", token, "--user", STAFF, "--out", f"{device.etc}/join.ask",
                                     "--words", f"{device.folder}/words")
    check("the keys are made on the device, and what it asks", code == 0 and os.path.exists(f"{device.etc}/device.key"), said)
    check("which nobody but its user can read", os.stat(f"{device.etc}/join.ask").st_mode & 0o777 == 0o600)
    check("its screen shows four words", out == read(f"{device.folder}/words") and f"council {COUNCIL}" in out, out)
    own = f"{device.folder}/own"
    os.makedirs(own)
    who = pwd.getpwnam(STAFF)
    os.chown(own, who.pw_uid, who.pw_gid)
    with open(f"{device.folder}/join.log", "ab") as log:
        return subprocess.Popen([f"{BUILD}/holdfast-join", f"{device.etc}/join.ask", "-o", f"{own}/bundle.json"],
                                stderr=log, stdin=subprocess.DEVNULL, preexec_fn=drop(who.pw_uid, who.pw_gid))


def enrols(device, token):
    return device.command("enrol", f"{device.folder}/own/bundle.json", "--token", token, "--state", device.state)


def another_council(device, token):
    """A door that answers for somebody else: the token says whose council it is."""
    good = read(token)
    write(token, json.dumps({**json.loads(good), "trust": "0" * 64}))
    os.chmod(token, 0o600)
    code, _, said = enrols(device, token)
    check("attack: a bundle of another council is refused by the token", code == 1 and "it is not this council's" in said and
          not os.path.exists(f"{device.etc}/enrolment.json"), said)
    os.chmod(token, 0o644)
    code, _, said = enrols(device, token)
    check("a token that others can read is refused", code == 1 and not os.path.exists(f"{device.etc}/enrolment.json"), said)
    write(token, "{}")
    os.chmod(token, 0o600)
    code, _, said = enrols(device, token)
    check("nor one that is none", code == 1 and "is not what `holdfast join-token make` wrote" in said, said)
    write(token, good)
    os.chmod(token, 0o600)


def one_laptop(council, door, folder):
    """A real one: it waits, is approved by its words, and is shut before it reaches the broker at all."""
    done = council.says("raise", "emergency", "--reason", "Fire", "--wait", "0", who="comms-1")
    check("an emergency is in force when it joins", done.code == 0, done)
    device = Device(folder, council, council.ca)
    quiet(device)
    for words, says in ((("request", "--join", "x", "--device", "d"), "not both"), (("request", "--join", "x"), "say where it goes"),
                        (("request", "--join", f"{folder}/none", "--out", f"{folder}/x"), "none")):
        code, _, said = device.command(*words)
        check(f"holdfast-agent {' '.join(words[:2])} with a slip", code in (1, 2) and says in said and not os.path.exists(f"{device.etc}/device.key"), said)
    token, _ = token_of(council, door, "one", 1)
    shutil.copy(token, f"{device.etc}/join.token")
    asking = asks_to_join(device, f"{device.etc}/join.token")
    words = read(f"{folder}/words").split()[-1]
    check("IT sees the same words", wait_for(lambda: words in council.says("device", "pending").out), council.says("device", "pending"))
    check("attack: it has nothing before it is approved", asking.poll() is None and not os.path.exists(f"{folder}/own/bundle.json"))
    done = council.says("device", "approve", words, who="it-1")
    check("which device it becomes must be said", done.code == 2 and "--device ID" in done.err, done)
    done = council.says("device", "approve", words, "--device", "lt-1", "--person", f"pat:{STAFF}", who="it-1")
    check("it is approved by its words", done.code == 0 and "1 laptop is taken in" in done.out and words.count("-") == 3, done)
    check("and has its answer", asking.wait(ENOUGH) == 0, read(f"{folder}/join.log"))
    another_council(device, f"{device.etc}/join.token")
    code, _, said = enrols(device, f"{device.etc}/join.token")
    check("it is enrolled, and nobody had to compare a digest", os.path.exists(f"{device.etc}/enrolment.json"), said)
    check("its token and what it asked are gone", not os.path.exists(f"{device.etc}/join.token") and not os.path.exists(f"{device.etc}/join.ask"), os.listdir(device.etc))
    quiet(device)
    try:
        begin = time.monotonic()
        check(f"without a link it is shut as soon as its agent runs ({took(begin)})", device.start() and device.blocked() == ["x.com"],
              (device.blocked(), device.status(), device.log()[-2000:]))
        conf = read(f"{device.etc}/link.conf")
        check("its link finds the broker that IT said", "host = localhost" in conf and "device = lt-1" in conf, conf)
        check("its groups are those of the token", council.says("devices", "--json").json["devices"][0]["groups"] == ["staff"])
    finally:
        leave(device)


def in_bulk(council, door):
    """500 laptops by one command, within what is promised; contested ones, strangers and those that stand twice are left out."""
    _, token = token_of(council, door, "wave", LAPTOPS + 10)
    bodies = [laptop(token, f"SN-{i:04}") for i in range(LAPTOPS)]
    odd = [laptop(token, "SN-two"), laptop(token, "SN-two"), laptop(token, "SN-nobody"), laptop(token, ""), laptop(token, "SN-twice"),
           {**laptop(token, "SN-again"), "machine": {"board": "1" * 64, "disk": "2" * 64}},
           {**laptop(token, "SN-other"), "machine": {"board": "1" * 64, "disk": "2" * 64}}]
    answers = all_at_once(door.ask, bodies + odd)
    check(f"{LAPTOPS} laptops ask", {a[0] for a in answers} == {202}, {a[0] for a in answers})
    rows = [f"SN-{i:04},lt-{i:04},p{i:04},p{i:04},staff;field" for i in range(LAPTOPS)]
    rows += ["SN-two,lt-two,ann,ann,staff", "SN-twice,lt-x,ann,ann,", "SN-twice,lt-y,ann,ann,", "SN-gone,lt-gone,,,", "sn-0001,lt-0001,second,second,staff"]
    rows += ["SN-again,lt-again,ann,ann,", "SN-other,lt-other,ann,ann,"]
    path = f"{council.folder}/assets.csv"
    write(path, "\n".join(["serial,device,person,login,groups", *rows[:4], rows[-3], *rows[4:-3], *rows[-2:]]) + "\n")
    begin = time.monotonic()
    done = council.says("device", "approve", "--csv", path, "--json", who="it-1")
    spent = time.monotonic() - begin
    said = done.json
    check(f"one command approves {LAPTOPS} ({spent:.1f} s; promised: {PROMISED_S})", done.code == 0 and len(said["approved"]) == LAPTOPS - 1 + 1 and
          spent < PROMISED_S and said["refused"] == [], done.err[-1000:] or str(said)[:1000])
    why = {}
    for row in said["left_out"]:
        why.setdefault(row["why"], set()).add(row["serial"])
    check("what speaks against the others is said of each", why == {"contested": {"SN-two", "SN-again", "SN-other"}, "stranger": {"SN-nobody", ""},
                                                                   "duplicate": {"SN-twice"}}, why)
    check("who has not asked is counted", said["missing"] == 1, said["missing"])
    check("the screen before had the contested ones first", "CONTESTED" in done.err and "Strangers" in done.err and "Twice" in done.err and
          len(done.err.splitlines()) < 60, done.err)
    answers = all_at_once(door.ask, bodies)
    good = [a[1]["bundle"] for a in answers if a[0] == 200]
    check("each of them fetches its bundle", len(good) == LAPTOPS, {a[0] for a in answers})
    said = good[7]
    kinds = {contract.document_of(json.dumps(e).encode()).get("orders") is not None for e in said["said"]}
    check("with what is in force now", True in kinds and said["device"] == "lt-0007" and said["port"] == 8883, said["device"])
    check("nobody else is answered", {door.ask(body)[0] for body in odd} == {202})
    check("the council has as many devices", len(council.says("devices", "--json").json["devices"]) == LAPTOPS + 1)
    done = council.says("device", "approve", "--csv", path, who="it-1")
    check("once more: nobody without doubt is left", done.code == 1 and "nothing was signed" in done.err and "CONTESTED" in done.out, done)
    return token, bodies


def replaced(council, door, token):
    """A re-image asks again with another key: never in bulk; by its words the old key is off."""
    body = laptop(token, "SN-0003")
    door.ask(body)
    done = council.says("device", "approve", "--csv", f"{council.folder}/assets.csv", who="it-1")
    check("a re-image is not approved in bulk, and says what it replaces", done.code == 1 and "replaces lt-0003" in done.out, done)
    done = council.says("device", "pending")
    check("device pending says so, too", "replaces lt-0003" in done.out and "CONTESTED" in done.out, done)
    words = next(r["words"] for r in council.says("device", "pending", "--json").json["requests"] if r["serial"] == "SN-0003")
    done = council.says("device", "approve", words, "--csv", f"{council.folder}/assets.csv", "--person", "new:new", who="it-1")
    check("by its words it is; who had it loses it when a second person approves that", done.code == 0 and "wait for the approval of a second person: 1" in done.out, done)
    check("until then it waits", door.ask(body)[0] == 202)
    digest = next(d["digest"] for d in council.says("drafts", "--json").json["drafts"] if d["type"] == "assignment")
    check("a second person approves", council.says("approve", digest, "--wait", "0", who="comms-1").code == 0)
    status, said, _ = door.ask(body)
    check("and the device is the new key's", status == 200 and contract.document_of(json.dumps(said["bundle"]["assignment"]).encode())["version"] == 2, said)


def uses_count_approvals(council, door):
    _, token = token_of(council, door, "few", 2)
    bodies = [laptop(token, f"FEW-{i}") for i in range(3)]
    check("who asks uses nothing up", [door.ask(b)[0] for b in bodies + bodies] == [202] * 6)
    write(f"{council.folder}/few.csv", "serial;device;person;login;groups\n" + "".join(f"FEW-{i};few-{i};;;\n" for i in range(3)))
    done = council.says("device", "approve", "--csv", f"{council.folder}/few.csv", who="it-1")
    check("two uses are two approvals", done.code == 0 and "2 laptops are taken in" in done.out and "has no use left" in done.out and
          "those of the token few count: staff" in done.out, done)
    check("the third is refused from then on", sorted(door.ask(b)[0] for b in bodies) == [200, 200, 403])
    words = next(r["words"] for r in council.says("device", "pending", "--json").json["requests"] if r["batch"] == "few")
    done = council.says("device", "approve", words, "--device", "few-too-many", who="it-1")
    check("nor is it taken in by its words", done.code == 1 and "has no use left" in done.out and "Nobody was taken in" in done.err, done)
    done = council.says("join-token", "list")
    check("join-token list says so", "few: used 2 of 2 times" in done.out, done)
    done = council.says("join-token", "list", "--json")
    check("and keeps what the token is made of", all("secret" not in row for row in done.json["tokens"]), done.json)
    done = council.says("join-token", "make", "--device", "lt-solo", "--serial", "SOLO-1", "--address", f"localhost:{door.port}", "-o",
                        f"{council.folder}/solo.token", "--json")
    check("a token of one laptop is made", done.code == 0 and done.json["uses"] == 1 and abs(done.json["until"] - time.time() - 86400) < 600, done)
    solo = json.loads(read(f"{council.folder}/solo.token"))
    check("attack: another serial number has no use of it", [door.ask(laptop(solo, s))[0] for s in ("SOLO-2", "SOLO-1")] == [403, 202])


def certificate(council):
    """The door's certificate is made by the council's authority."""
    done = council.says("join-token", "server", "localhost", "-o", f"{council.folder}/door/tls")
    check("the door's certificate is made", done.code == 0 and "joind.key" in done.out, done)
    done = council.says("join-token", "server", "localhost", "-o", f"{council.folder}/door/tls2", "--json")
    check("and said for programs", done.json == {"folder": f"{council.folder}/door/tls2"}, done)


def asked_as_joiner(server, method, path):
    """The first line of the controller's answer to the user that the door runs as."""
    who = pwd.getpwnam(STAFF)
    script = ("import socket,sys\ns=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
              "s.sendall((sys.argv[2]+' HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nContent-Length: 0\\r\\n\\r\\n').encode())\n"
              "print(s.makefile('rb').readline().decode())\n")
    return subprocess.run(["/usr/bin/python3", "-c", script, server.socket, f"{method} {path}"], capture_output=True, text=True, timeout=ENOUGH,
                          check=False, preexec_fn=drop(who.pw_uid, who.pw_gid))


def narrowed(council):
    """Attack: the door was taken over. Its user gets from the controller what a bundle needs, and nothing else."""
    server = council.servers["c1"]
    for folder in (council.folder, server.folder):
        os.chmod(folder, 0o755)
    os.chmod(server.socket, 0o666)
    for method, path, status in (("GET", "/v1/council", 200), ("GET", "/v1/states", 200), ("GET", "/v1/devices", 403), ("GET", "/v1/record", 403),
                                 ("POST", "/v1/checks", 403), ("POST", "/v1/envelopes", 403), ("GET", "/metrics", 403)):
        done = asked_as_joiner(server, method, path)
        check(f"the door's user asks for {method} {path}: {status}", f" {status} " in done.stdout, done)


def survives(door, bodies):
    """What IT answered is written down; what strangers said is not."""
    door.kill()
    check("the door is opened again", door.start(), read(f"{door.folder}/log")[-500:])
    check("who was approved is answered as before", door.ask(bodies[9])[0] == 200)
    book = json.loads(read(f"{door.folder}/state/book.json"))
    check("strangers are not on its disk", all(row["device"] for row in book["answered"]) and os.stat(f"{door.folder}/state/book.json").st_mode & 0o777 == 0o600)


def play(folder):
    council = Council(folder)
    for name in ("ca.crt", "ca.key", "server.crt"):
        os.makedirs(f"{council.papers}/broker", exist_ok=True)
        shutil.copy(f"{council.ca.folder}/{name}", f"{council.papers}/broker/{name}")
    door = Door(council)
    os.environ["HOLDFAST_JOIN_SOCKET"] = door.socket
    try:
        check("broker and controller start", council.broker.start() and council.servers["c1"].start(**{"join.user": STAFF}))
        narrowed(council)
        certificate(council)
        check("the door opens", door.start(), read(f"{door.folder}/log"))
        slips(council, door)
        hostile(council, door)
        one_laptop(council, door, f"{folder}/laptop")
        token, bodies = in_bulk(council, door)
        replaced(council, door, token)
        uses_count_approvals(council, door)
        survives(door, bodies)
    finally:
        end_process(door.process)
        council.end()


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(inside(play))
