#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""holdfast-agent and holdfast-link as they ship: enrolment, lockdown, SIGKILL, lies, all-clear, lost memory, the broker.

The agent's browser layer writes into a folder of the test's own; the programs layer is off (see test_programs.py). Messages
are made by the second implementation of the contract in tests/vectors/contract.py. HF_BUILD names the build folder.
"""
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

from common import ENOUGH, PEOPLE, REACHED, check, closing, drop, end_process, read, wait_for, write
from council_help import BUILD, COUNCIL, DEVICE, TOPICS, Broker, Ca, contract, key

AGENT, LINK = f"{BUILD}/holdfast-agent", f"{BUILD}/holdfast-link"
ADDRESS = "203.0.113.5"  # of x.com, where this test runs
BUSY = "the agent does not answer"  # a person asks again
ASKS = ("status", "instructions", "check-draft")
STAFF = "nobody"  # the login of comms-2 on d1
BEAT = f"beat/{contract.slice_of(DEVICE)}/c1"


class Council:
    """Makes what officers and controller say."""

    def __init__(self):
        at = int(time.time()) - 3600
        people = [contract.person(p, roles, [key(p).public]) for p, roles in PEOPLE.items()]
        self.seq = 0
        trust = contract.trust(COUNCIL, 1, at, roots=[key(r).public for r in ("root-1", "root-2")], controllers={"c1": key("c1").public}, people=people)
        register = contract.register(COUNCIL, 1, at, [contract.account("x:CannockChaseDC", "corporate", {"comms-2": 0})],
                                     [contract.tool("x-web", "X in a browser", ["x"], ["x.com"])])
        self.at = at
        self.trust = contract.envelope("trust", trust, [key("root-1"), key("root-2")])
        self.register = contract.envelope("register", register, [key("comms-1"), key("comms-2")])

    def assignment(self, public, version=1):
        doc = contract.assignment(COUNCIL, DEVICE, version, self.at, public=public, people={"comms-2": STAFF}, groups=["staff"])
        return contract.envelope("assignment", doc, [key("it-1"), key("comms-1")])

    def state(self, *orders, signer="c1", ago=0, seq=None):
        self.seq += 1
        now = int(time.time()) - ago
        doc = contract.state(COUNCIL, "c1", seq or self.seq, now, valid_until=now + 120, trust=(1, contract.digest_of(self.trust)),
                             register=(1, contract.digest_of(self.register)), orders=orders)
        return contract.message("state", doc, [key(signer)])

    @staticmethod
    def recover(report, *signers, live=()):
        """The word of these officers on the loss that this report tells of."""
        doc = {"council": COUNCIL, "devices": [{"device": DEVICE, "nonce": report["nonce"]}], "issued": int(time.time()),
               "live": list(live)}
        return contract.message("recover", doc, [key(s) for s in signers])

    @staticmethod
    def raise_now(*signers, mode="live", kind="emergency", **changes):
        doc = contract.raise_order(COUNCIL, kind, mode, int(time.time()), **changes)
        return contract.envelope("order", doc, [key(s) for s in signers])

    @staticmethod
    def release_now(of, *signers, mode="live"):
        """of: a digest, or all that it ends."""
        doc = contract.release_order(COUNCIL, "emergency", mode, int(time.time()), of=of if isinstance(of, list) else [of])
        return contract.envelope("order", doc, [key(s) for s in signers])


class Device:
    """One device in a folder of its own: settings, memory, policy folders, sockets."""

    def __init__(self, folder, council, ca):
        self.folder, self.council, self.ca = folder, council, ca
        self.etc, self.state, self.run = f"{folder}/etc", f"{folder}/state", f"{folder}/run"
        self.policies = f"{folder}/chromium/managed"
        self.agent = self.link = None
        os.makedirs(self.etc)
        os.chmod(folder, 0o755)

    def command(self, *args, user=None, **more):
        """(exit status, standard output, standard error) of holdfast-agent."""
        who = user and pwd.getpwnam(user)
        asked = []

        def answered():
            asked[:] = [subprocess.run([AGENT, *args, "--etc", self.etc], capture_output=True, text=True, timeout=ENOUGH, check=False,
                                       env={**os.environ, **REACHED}, preexec_fn=drop(who.pw_uid, who.pw_gid) if who else None, **more)]
            return BUSY not in asked[0].stderr or args[0] not in ASKS
        wait_for(answered)
        return asked[0].returncode, asked[0].stdout, asked[0].stderr

    def bundle(self, request, public=None, certificate=None):
        write(f"{self.ca.folder}/{DEVICE}.csr", request["csr"])
        certificate = certificate or self.ca.sign(f"{DEVICE}.csr", f"{DEVICE}.crt")
        value = {"council": COUNCIL, "device": DEVICE, "trusts": [self.council.trust], "register": self.council.register,
                 "assignment": self.council.assignment(public or request["public"]), "host": "localhost", "port": 8883,
                 "ca": read(f"{self.ca.folder}/ca.crt"), "certificate": certificate}
        path = f"{self.folder}/bundle.json"
        write(path, json.dumps(value))
        return path

    def settings(self, **changes):
        rows = {"state.folder": self.state, "link.socket": f"{self.run}/link.sock", "link.user": STAFF, "beat_s": 5, "ask_s": 60,
                "person.socket": f"{self.run}/person.sock", "hands.socket": f"{self.run}/hands.sock", "network.names_socket": f"{self.run}/names.sock", "layer.browser": "yes", "layer.programs": "no", "layer.running": "no",
                "browser.chromium": self.policies, "browser.chrome": f"{self.folder}/chrome/managed", "log": "info",
                "browser.edge": f"{self.folder}/edge/managed", "browser.brave": f"{self.folder}/brave/managed",
                "layer.others": "no", "layer.firefox": "yes", "firefox.folder": f"{self.folder}/firefox", "firefox.socket": f"{self.run}/firefox.sock",
                "firefox.install": f"{self.folder}/nothing",
                "layer.extension": "yes", "extension.folder": f"{self.folder}/extension",
                "programs.fence_socket": f"{self.run}/fence.sock"}
        rows.update({k.replace("__", "."): v for k, v in changes.items()})
        write(f"{self.etc}/agent.conf", "".join(f"{k} = {v}\n" for k, v in rows.items()))

    def start(self):
        with open(f"{self.folder}/agent.log", "ab") as log:
            self.agent = subprocess.Popen([AGENT, "run", "--etc", self.etc], stderr=log, stdin=subprocess.DEVNULL)
        return wait_for(lambda: os.path.exists(f"{self.run}/person.sock") and self.status()[0] == 0)

    def kill(self):
        end_process(self.agent, signal.SIGKILL)

    def log(self):
        return read(f"{self.folder}/agent.log")

    def status(self, *args, user=None):
        return self.command("status", *args, user=user)

    def blocked(self):
        """Addresses that Chromium is told to block."""
        found = []
        for path in glob.glob(f"{self.policies}/*"):
            try:
                found += json.loads(read(path)).get("URLBlocklist", [])
            except FileNotFoundError:  # released in this moment
                continue
        return found


class FakeLink:
    """The other end of the agent's link socket."""

    def __init__(self, device):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(f"{device.run}/link.sock")
        self.socket.settimeout(0.05)
        self.public = device.public
        self.reports, self.asks, self.unsigned, self.names = [], 0, 0, []

    def say(self, topic, data):
        self.socket.send(f"{TOPICS}/{topic}\n".encode() + data)

    def listen(self):
        while True:
            try:
                frame = self.socket.recv(70000)
            except (TimeoutError, ConnectionResetError):
                return self
            if not frame:
                return self
            topic, _, data = frame.partition(b"\n")
            if topic.decode() == f"{TOPICS}/device/{DEVICE}/ask":
                self.asks += 1
            elif topic.startswith(b"local/"):
                self.names += json.loads(data)["names"]
            elif contract.signers(data, {DEVICE: self.public}):
                self.reports.append(contract.document_of(data))
            else:
                self.unsigned += 1

    def report(self, condition=lambda r: True, seconds=ENOUGH):
        """The newest report for which this holds."""
        def found():
            self.listen()
            return self.reports[-1] if self.reports and condition(self.reports[-1]) else None
        return wait_for(found, seconds)

    def standing(self, wanted, seconds=ENOUGH):
        return self.report(lambda r: r["lockdowns"] and r["lockdowns"][0]["standing"] == wanted, seconds)

    def refused(self, *reasons):
        """A report that counts a message which was refused for one of these reasons."""
        return self.report(lambda r: any(row["reason"] in reasons and row["count"] > 0 for row in r["refused"]))

    def last(self):
        return self.reports[-1] if self.reports else None


def enrolment(device):
    """proto/README.md "Enrolment": keys are made here, and nothing is believed that does not fit them."""
    write(f"{device.etc}/agent.conf", f"state.folder = {device.state}\n")
    code, _, said = device.command("run")
    check("not enrolled: does not run, and says what to do", code == 1 and "holdfast-agent request" in said, said)
    os.unlink(f"{device.etc}/agent.conf")
    code, _, said = device.command("request", "--device", "No Such")
    check("a device id that is none is refused", code == 2 and "device id" in said, said)
    code, out, said = device.command("request", "--device", DEVICE, "--user", STAFF)
    request = json.loads(out)
    check("request: device, public key, csr", code == 0 and sorted(request) == ["csr", "device", "public"], said)
    check("request: no private key in it", "PRIVATE" not in out)
    modes = {f: stat.S_IMODE(os.stat(f"{device.etc}/{f}").st_mode) for f in ("device.key", "link.key")}
    check("keys are for their owners alone", set(modes.values()) == {0o600}, modes)
    owners = [pwd.getpwuid(os.stat(f"{device.etc}/{f}").st_uid).pw_name for f in ("device.key", "link.key")]
    check("the link's user owns the link's key, and not the device's", owners == ["root", STAFF], owners)
    out, path = device.command("request", "--device", DEVICE, "--out", f"{device.folder}/request.json")[1], f"{device.folder}/request.json"
    check("request --out says what it did, and what is next", json.loads(read(path))["public"] == request["public"] and f"The keys of {DEVICE} are on this device" in out and
          "`holdfast device add --request`" in out, out)
    check("request again: the same keys", json.loads(device.command("request", "--device", DEVICE)[1])["public"] == request["public"])
    device.public = contract.public_from_text(request["public"])
    refusals(device, request)
    bundle = device.bundle(request)
    code, out, said = device.command("enrol", bundle, "--state", device.state, input="no\n")
    check("enrol: a clock that is right is nothing to speak of", "clock" not in said, said)
    was, device.council.at = device.council.at, int(time.time()) + 7200
    said = device.command("enrol", device.bundle(request), "--state", device.state, input="no\n")[2]
    check("enrol: a clock that is two hours behind the council's is said", "warning: the clock of this device says" in said, said)
    device.council.at = was
    bundle = device.bundle(request)
    check("enrol: the first trust's digest is shown to be compared", contract.digest_of(device.council.trust) in out, out)
    removable(device, "not taken in")
    check("enrol: without a yes nothing is changed", code == 2 and not os.path.exists(f"{device.etc}/enrolment.json"))
    code, out, said = device.command("enrol", bundle, "--state", device.state, input="yes\n")
    check("enrol says what it did, and what is next", "This device is enrolled" in out and "`holdfast devices`" in out, out)
    check("enrol: compared and kept", code == 0 and os.path.exists(f"{device.etc}/enrolment.json"), said)
    check("enrol: writes agent.conf once", f"state.folder = {device.state}" in read(f"{device.etc}/agent.conf"))
    conf = read(f"{device.etc}/link.conf")
    check("enrol: writes link.conf", f"device = {DEVICE}" in conf and "host = localhost" in conf, conf)
    code, _, said = device.command("enrol", bundle, "--yes")
    check("enrol: twice is refused", code == 2 and "--again" in said, said)


def refusals(device, request):
    bad = [("attack: an assignment for another key", {"public": key("thief").public}, f"of the device {DEVICE}, for another key than this one has"),
           ("a certificate for another key", {"certificate": read(f"{device.ca.folder}/server.crt")}, "another key"),
           ("a certificate that is none", {"certificate": "rubbish"}, "cannot be read")]
    for what, changes, says in bad:
        code, _, said = device.command("enrol", device.bundle(request, **changes), "--yes", "--state", device.state)
        check(f"enrol refuses {what}", code == 1 and says in said, said)
    path = device.bundle(request)
    whole = read(path)
    slips = [("a file that was cut on its way", whole[:900]), ("the request in its place", json.dumps(request)), ("nothing", ""),
             ("one without a trust", json.dumps({**json.loads(whole), "trusts": []}))]
    for what, text in slips:
        write(path, text)
        code, _, said = device.command("enrol", path, "--yes", "--state", device.state)
        check(f"enrol refuses {what}, and names the file", code == 1 and f"{path} is not what `holdfast device add` wrote" in said, said)
    value = json.loads(whole)
    value["register"]["signatures"] = value["register"]["signatures"][:1]
    write(path, json.dumps(value))
    code, _, said = device.command("enrol", path, "--yes", "--state", device.state)
    check("attack: enrol refuses a register approved by one alone (D2.1)", code == 1 and "register is refused" in said, said)
    check("and has kept nothing", not os.path.exists(f"{device.etc}/enrolment.json"))


def removable(device, what, why=None):
    """Says the agent that it may be removed (why: this is why not)?"""
    code, out, said = device.command("removable")
    check(f"{what}: {'the agent stays' if why else 'the agent may be removed'}", code == (1 if why else 0) and (why or "may be removed") in out + said, out + said)


def lockdown(device, council):
    """D9.1-D9.3 by one link: raised, shown, killed, lied to, released."""
    check("run: starts", device.start(), device.log())
    link = FakeLink(device)
    check("a link that comes gets a signed report", link.report(), device.log())
    check("and a question", wait_for(lambda: link.listen().asks) > 0)
    check("and a question to the link alone: which addresses the register's hosts have", "x.com" in link.names, link.names)
    check("layers: those of network and browsers idle, the others off", [(l["name"], l["state"]) for l in link.last()["layers"]] ==
          [("network", "idle"), ("browser", "idle"), ("firefox", "idle"), ("others", "off"), ("extension", "idle"),
           ("programs", "off"), ("running", "off")], link.last()["layers"])
    raised = council.raise_now("comms-1", holding=[contract.holding("x:CannockChaseDC", "We will say more here.", "comms-2", 15)])
    start = time.monotonic()
    link.say("state/c1", council.state(raised))
    seen = link.standing("enforced-verified")
    check("D9.2: enforced and verified", seen, link.last())
    print(f"       {time.monotonic() - start:.3f} s from the state to the report")
    check("D9.2: the tool's address is blocked", device.blocked() == ["x.com"], device.blocked())
    removable(device, "D9.2: in force", "until its all-clear the agent stays")
    people(device, link)
    killed(device, link, raised)
    return raised


def people(device, link):
    code, out, _ = device.status(user=STAFF)
    check("status: what, why and whom to ring", code == 0 and "An emergency lockdown is in force" in out and
          "Whom to ring: Communications duty officer" in out and "By: comms-1" in out, out)
    check("D9.3: the named poster reads the message", "We will say more here." in out and "You are its named poster" in out, out)
    check("D9.2: message seen", link.standing("message-seen"), link.last())
    view = json.loads(device.status("--json", user=STAFF)[1])
    check("status --json: the person, the account, the lockdown", view["person"] == "comms-2" and view["level"] == "block" and
          view["accounts"][0]["poster"] and view["lockdowns"][0]["standing"] == "message-seen", view)
    view = json.loads(device.status("--json")[1])
    check("status: another user sees the device's view", view["person"] is None and view["lockdowns"], view["person"])
    waiting = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(40)]
    for s in waiting:
        s.connect(f"{device.run}/person.sock")
    check("attack: forty silent connections of one user keep nobody out", device.status(user=STAFF)[0] == 0)
    for s in waiting:
        s.close()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.connect(f"{device.run}/person.sock")
        s.send(b'{"ask":"release","reads":0}')
        s.settimeout(ENOUGH)
        check("attack: a person who asks for a release gets nothing", s.recv(100) == b"" and device.blocked() == ["x.com"])
    code, _, _ = as_other_user(device)
    check("attack: another user cannot come as a link", code != 0)


def as_other_user(device):
    """Another user than root and the link's tries the link's socket."""
    text = (f"import os,socket\nos.setgroups([])\nos.setresgid(12345,12345,12345)\nos.setresuid(12345,12345,12345)\n"
            f"s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET)\ns.connect('{device.run}/link.sock')\n")
    done = subprocess.run(["/usr/bin/python3", "-c", text], capture_output=True, text=True, timeout=ENOUGH, check=False)
    return done.returncode, done.stdout, done.stderr


def killed(device, link, raised):
    """D9.2: SIGKILL and no network."""
    before = os.stat(glob.glob(f"{device.policies}/*")[0])
    counter = link.report()["counter"]
    device.kill()
    check("D9.2: killed: still blocked", device.blocked() == ["x.com"])
    code, _, said = device.status()
    check("status of a dead agent: says that blocks stay", code == 1 and "stays blocked" in said, said)
    removable(device, "a dead agent", "cannot be known, so the agent stays")
    check("restart without network", device.start())
    check("D9.2: still blocked", device.blocked() == ["x.com"])
    after = os.stat(glob.glob(f"{device.policies}/*")[0])
    check("and not for a moment released: the same file", (before.st_ino, before.st_size) == (after.st_ino, after.st_size))
    again = FakeLink(device)
    report = again.standing("message-seen")
    check("its report says so, with a higher counter", report and report["counter"] > counter, again.last())
    check("the lockdown is known by its identity", report and report["lockdowns"][0]["id"] == contract.digest_of(raised))
    link.socket.close()
    again.socket.close()


def lies(device, council, raised):
    """D9.2, D9.3: the controller's own key signs what no officer approved."""
    link = FakeLink(device)
    link.report()
    of = contract.digest_of(raised)
    altered = council.release_now(of, "comms-1", "monitoring-1")
    other = contract.envelope("order", contract.release_order(COUNCIL, "emergency", "live", int(time.time()), of=[of], reason="altered"), [])
    altered["payload"] = other["payload"]
    rows = [("no approval", council.release_now(of), "unsigned"), ("one approval", council.release_now(of, "comms-1"), "too-few"),
            ("a wrong role", council.release_now(of, "comms-1", "elections-1"), "role"),
            ("the controller's approval", council.release_now(of, "c1"), "stranger"),
            ("an altered text", altered, "signature")]
    for what, release, reason in rows:
        link.say("state/c1", council.state(raised, release))
        check(f"attack: release with {what} is refused and reported as {reason}", link.refused(reason), link.last())
        check(f"attack: release with {what} opens nothing", device.blocked() == ["x.com"])
    # In a state it may be what is left of a lockdown that is long done: it is kept for that one, and not counted.
    link.say("state/c1", council.state(raised, council.release_now("0" * 63 + "1", "comms-1", "monitoring-1")))
    link.say("state/c1", council.state(signer="thief"))
    check("attack: a state by nobody's key", link.refused("controller", "signature"), link.last())
    link.say("state/c1", council.state(ago=3000, seq=1))
    check("attack: an old state is replayed", link.refused("rollback"), link.last())
    link.say("state/c1", b"{" * 65000)
    check("attack: deep JSON", link.refused("json"), link.last())
    check("D9.2: after all of it: blocked", device.blocked() == ["x.com"] and device.agent.poll() is None)
    link.socket.close()


def all_clear(device, council, raised):
    """D9.3: two officers; and what was there before is there again."""
    link = FakeLink(device)
    release = council.release_now(contract.digest_of(raised), "comms-1", "monitoring-1")
    link.say("state/c1", council.state(raised, release))
    check("D9.3: released and verified", link.standing("released-verified"), link.last())
    check("nothing is blocked", device.blocked() == [], device.blocked())
    removable(device, "D9.3: after the all-clear")
    out = device.status(user=STAFF)[1]
    check("status: all clear, and its message", "ALL CLEAR" in out and "You may post again." in out, out)
    drill = council.raise_now("comms-1", mode="exercise")
    link.say("state/c1", council.state(raised, release, drill))
    check("exercise: shown", link.report(lambda r: any(row["mode"] == "exercise" and row["standing"] == "enforced-verified"
                                                       for row in r["lockdowns"])), (link.last() or {}).get("lockdowns"))
    check("exercise: blocks nothing", device.blocked() == [])
    out = device.status(user=STAFF)[1]
    check("exercise: says so", "EXERCISE: this is an EXERCISE" in out, out)
    link.socket.close()
    code = end_process(device.agent)
    check("SIGTERM: ends well", code == 0, code)


def enrol_again(device, council):
    """A device that gives up what it knew opens nothing until two officers have said what holds."""
    bundle = f"{device.folder}/bundle.json"
    check("enrol --again: starts", device.start())
    code, _, said = device.command("enrol", bundle, "--yes", "--again")
    check("enrol --again beside a running agent is refused", code == 2 and "stop it first" in said, said)
    end_process(device.agent)
    request = json.loads(device.command("request", "--device", DEVICE)[1])
    code, _, said = device.command("enrol", device.bundle(request), "--yes", "--again")
    check("enrol --again: kept", code == 0, said)
    device.start()
    check("enrol --again: everything is blocked", device.blocked() == ["x.com"], device.blocked())
    link = FakeLink(device)
    said = link.report(lambda r: r["unknown"] and "nonce" in r)
    link.say(f"device/{DEVICE}/recover", council.recover(said, "comms-1", "monitoring-1"))
    check("enrol --again: the word of two officers opens", wait_for(lambda: device.blocked() == []), device.blocked())
    link.socket.close()
    end_process(device.agent)


def lost(device, council):
    """Locked and anything fails: stays locked."""
    shutil.rmtree(device.state)
    check("slots deleted: starts", device.start())
    link = FakeLink(device)
    check("slots deleted: the third copy is the newest, so nothing is lost", link.report(lambda r: not r["unknown"]), link.last())
    check("slots deleted: nothing is blocked", device.blocked() == [], device.blocked())
    link.socket.close()
    end_process(device.agent)
    shutil.rmtree(device.state)
    shutil.rmtree(f"{device.state}-copy")
    check("memory deleted: starts", device.start())
    check("memory deleted: everything is blocked", device.blocked() == ["x.com"], device.blocked())
    removable(device, "memory deleted", "shut until two officers recover it")
    link = FakeLink(device)
    said = link.report(lambda r: r["unknown"] and "nonce" in r)
    check("reports that it does not know, and which loss it is", said, link.last())
    check("asks", wait_for(lambda: link.listen().asks) > 0)
    link.say("state/c1", council.state())
    link.report()
    check("attack: a fresh and empty state of a stolen controller key opens nothing", device.blocked() == ["x.com"])
    link.say(f"device/{DEVICE}/recover", council.recover(said, "comms-1"))
    check("attack: one officer alone", link.report(lambda r: r["unknown"] and any(x["reason"] == "too-few" for x in r["refused"])),
          link.last())
    out = device.status()[1]
    check("status says so", "this device has lost what it knew" in out, out)
    link.say(f"device/{DEVICE}/recover", council.recover(said, "comms-1", "monitoring-1"))
    check("the word of two officers opens", wait_for(lambda: device.blocked() == []), device.blocked())
    check("and it knows again", link.report(lambda r: not r["unknown"]), link.last())
    link.socket.close()
    end_process(device.agent)


def heard(broker, device):
    """A report of the device over the broker, or None."""
    done = subprocess.run(broker.client("mosquitto_sub", "controller", "-t", f"{TOPICS}/device/{DEVICE}/report", "-C", "1", "-W", str(ENOUGH)),
                          capture_output=True, timeout=2 * ENOUGH, check=False)
    line = done.stdout.strip()
    return contract.document_of(line) if line and contract.signers(line, {DEVICE: device.public}) else None


def start_link(device, broker, protocol):
    text = read(f"{device.etc}/link.conf")
    rows = dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)
    rows.update({"port": str(broker.port), "protocol": str(protocol), "socket": f"{device.run}/link.sock", "user": STAFF, "log": "info"})
    write(f"{device.etc}/link.conf", "".join(f"{k} = {v}\n" for k, v in rows.items()))
    with open(f"{device.folder}/link.log", "ab") as log:
        device.link = subprocess.Popen([LINK, "-f", f"{device.etc}/link.conf"], stderr=log, stdin=subprocess.DEVNULL)


def rights(pid):
    rows = dict(line.split(":", 1) for line in read(f"/proc/{pid}/status").splitlines())
    return rows["Uid"].split()[0], int(rows["CapEff"], 16), int(rows["CapPrm"], 16), rows["NoNewPrivs"].strip(), rows["Groups"].split()


def ruleset():
    return subprocess.run(["nft", "list", "ruleset"], check=True, capture_output=True, text=True, timeout=ENOUGH).stdout


def slices(device, council, broker, name):
    """proto/README.md "Bus": the state of the last news, which the broker keeps for all, is older than the beats since: no rollback."""
    device.kill()
    device.start()
    other = council.raise_now("comms-1", reason="For another slice.")
    broker.publish("controller", f"beat/{contract.slice_of(DEVICE) % 64 + 1}/c1", council.state(other), "-s", "-r")
    broker.publish("controller", BEAT, council.state(), "-s", "-r")
    report = wait_for(lambda: next((r for r in [heard(broker, device)] if r and r["state_seq"] == council.seq), None))
    check(f"{name}: it hears the beat of its slice, and the agent that came anew was told nothing that is old", report and
          "rollback" not in {row["reason"] for row in report["refused"]}, report)
    check(f"{name}: nothing of another slice comes to it", device.blocked() == [] and "device" not in {row["reason"] for row in report["refused"]})


def over_the_broker(device, council, broker, protocol):
    """Link and broker for real: outages of each."""
    name = {5: "MQTT 5", 311: "MQTT 3.1.1"}[protocol]
    check(f"{name}: broker and agent start", broker.start() and device.start())
    start_link(device, broker, protocol)
    check(f"{name}: the link looks up what the agent may have to block, and www. of it", wait_for(
        lambda: ADDRESS in ruleset() and "2001:db8::5" in ruleset()), ruleset())
    check(f"{name}: attack: not an address of a network of one's own; and nothing is hooked yet", "10.0.0.1" not in ruleset() and
          "hook" not in ruleset())
    check(f"{name}: the link is there, and hears news from now on", heard(broker, device), read(f"{device.folder}/link.log"))
    raised = council.raise_now("comms-1")
    broker.publish("controller", "state/c1", council.state(raised), "-s", "-r")
    check(f"{name}: blocked over mutual TLS", wait_for(lambda: device.blocked() == ["x.com"]), read(f"{device.folder}/link.log"))
    report = heard(broker, device)
    check(f"{name}: its report arrives", report and report["lockdowns"][0]["standing"] == "enforced-verified", report)
    uid, effective, permitted, no_new, groups = rights(device.link.pid)
    check(f"{name}: the link has no right at all", (uid, effective, permitted, no_new, groups) ==
          (str(pwd.getpwnam(STAFF).pw_uid), 0, 0, "1", []), (uid, effective, permitted, no_new, groups))
    device.kill()
    release = council.release_now(contract.digest_of(raised), "comms-1", "monitoring-1")
    broker.publish("controller", BEAT, council.state(raised, release), "-s", "-r")
    check(f"{name}: agent dead: nothing opens", device.blocked() == ["x.com"])
    device.start()
    check(f"{name}: an agent that was away hears what is retained for its slice", wait_for(lambda: device.blocked() == []),
          read(f"{device.folder}/link.log"))
    slices(device, council, broker, name)
    end_process(broker.process, signal.SIGKILL)
    check(f"{name}: broker killed: agent and link live on", device.agent.poll() is None and device.link.poll() is None)
    broker.start()
    check(f"{name}: the link finds the broker again", heard(broker, device), read(f"{device.folder}/link.log"))
    check(f"{name}: SIGTERM ends the link well", end_process(device.link) == 0)
    end_process(device.agent)
    end_process(broker.process)


ENGINES = """import os, socket, sys
os.setgroups([]); os.setresgid(12345, 12345, 12345); os.setresuid(12345, 12345, 12345)
print("unshared", flush=True)
kept = []
while True:
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    try:
        s.send(b"{")
    except OSError:
        pass
    kept = [*kept[-20:], s]
"""


def engines(device, council):
    """Attack: a user's programs come to the socket of Firefoxes' engines as fast as it goes, stay a while, and say half a line."""
    check("it starts", device.start())
    looped = [subprocess.Popen(["/usr/bin/python3", "-c", ENGINES, f"{device.run}/firefox.sock"], stdout=subprocess.PIPE) for _ in range(2)]
    try:
        check("a crowd of engines comes", all(one.stdout.readline() for one in looped))
        link = FakeLink(device)
        raised = council.raise_now("comms-1")
        link.say("state/c1", council.state(raised))
        check("D9.2: it enforces what is raised meanwhile", link.standing("enforced-verified") and device.blocked() == ["x.com"], link.last())
        check("and answers another user", device.status(user=STAFF)[0] == 0)
        link.say("state/c1", council.state(raised, council.release_now(contract.digest_of(raised), "comms-1", "monitoring-1")))
        check("and opens after the all-clear", wait_for(lambda: device.blocked() == []), link.last())
        check("and the crowd is there still", all(one.poll() is None for one in looped))
    finally:
        for one in looped:
            end_process(one, signal.SIGKILL)
            one.stdout.close()
    end_process(device.agent)


def stays_released(device, council):
    """D9.3: what was seen to be released is not "not yet seen" when something new begins, of which only a part can be blocked."""
    check("it starts", device.start())
    link = FakeLink(device)
    first = council.raise_now("comms-1")
    release = council.release_now(contract.digest_of(first), "comms-1", "monitoring-1")
    first_id, second = contract.digest_of(first), council.raise_now("comms-2", reason="Another.")

    def standing_of(report, digest):
        return next((row["standing"] for row in report["lockdowns"] if row["id"] == digest), None)
    link.say("state/c1", council.state(first, release))
    check("released and verified", link.report(lambda r: standing_of(r, first_id) == "released-verified"), link.last())
    link.reports.clear()
    shutil.rmtree(f"{device.folder}/firefox", ignore_errors=True)
    write(f"{device.folder}/firefox", "no folder")
    link.say("state/c1", council.state(first, release, second))
    check("a new one holds in part", link.report(lambda r: standing_of(r, contract.digest_of(second)) == "enforced-unverified"), link.last())
    said = [standing_of(report, first_id) for report in link.reports]
    check("the first stays released and verified in every report", set(said) == {"released-verified"}, said)
    os.unlink(f"{device.folder}/firefox")
    again = council.release_now(contract.digest_of(second), "comms-1", "monitoring-1")
    link.say("state/c1", council.state(first, release, second, again))
    check("the second is released and verified, too", link.report(lambda r: standing_of(r, contract.digest_of(second)) == "released-verified"),
          link.last())
    end_process(device.agent)


def mistakes(device):
    """Clear errors."""
    rows = [((), 2, "say what to do"), (("dance",), 2, "say what to do"), (("statsu",), 2, "did you mean holdfast-agent status?"),
            (("status", "now"), 2, "not expected"),
            (("request",), 2, "--device"), (("enrol",), 2, "which bundle"), (("enrol", "/nowhere"), 2, "--again")]
    for args, code, says in rows:
        got = device.command(*args)
        check(f"holdfast-agent {' '.join(args)}: {says}", got[0] == code and says in got[2], got)
    for asked in ("--help", "help"):
        code, out, _ = device.command(asked)
        check(asked, code == 0 and "holdfast-agent status" in out)
    code, out, _ = device.command("conf")
    check("conf prints what is in force", code == 0 and f"state.folder = {device.state}" in out)
    write(f"{device.folder}/bad.conf", "device = d1\ncouncil = c\nhost = h\nport = many\n")
    done = subprocess.run([LINK, "-f", f"{device.folder}/bad.conf"], capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("a wrong setting is refused with its line", done.returncode == 1 and "line 4" in done.stderr, done.stderr)


def main():
    if os.geteuid() != 0:
        print("skip: real layers need root")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    if not os.environ.get("HF_TEST_INSIDE"):
        # Processes of its own: the browser layer would wait for every browser that runs on this machine; a network of its own,
        # which the network layer may shut.
        os.environ["HF_TEST_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "/usr/bin/python3", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    folder = tempfile.mkdtemp(prefix="hf-agent-")
    # What the link's look-ups find: this file system is seen by this test alone.
    write(f"{folder}/hosts", f"127.0.0.1 localhost\n{ADDRESS} x.com\n2001:db8::5 www.x.com\n10.0.0.1 www.x.com\n")
    subprocess.run(["mount", "--bind", f"{folder}/hosts", "/etc/hosts"], check=True)
    council, ca = Council(), Ca(f"{folder}/ca")
    device = Device(folder, council, ca)
    broker = Broker(folder, ca)
    try:
        enrolment(device)
        device.settings()
        mistakes(device)
        raised = lockdown(device, council)
        lies(device, council, raised)
        all_clear(device, council, raised)
        enrol_again(device, council)
        lost(device, council)
        engines(device, council)
        stays_released(device, council)
        over_the_broker(device, council, broker, 5)
        over_the_broker(device, council, broker, 311)
    finally:
        for process in (device.agent, device.link, broker.process):
            end_process(process, signal.SIGKILL)
        shutil.rmtree(folder)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
