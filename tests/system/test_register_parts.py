#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A register of 500 accounts with 5 holders each (2,500 people, of whom 5 have a role), made, proposed and approved by the officers' own commands.

Controller, broker, link and agent as they ship, without layers. The register before stays in force until all parts are approved.
HF_BUILD names the build folder.
"""
import base64
import glob
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

from common import ENOUGH, PEOPLE, check, closing, end_process, read, wait_for, write
from council_help import COUNCIL, TOPICS, Broker, contract
from test_agent import STAFF, Device, start_link
from test_cli import HOLDFASTD, PASS, terminal_in

ACCOUNTS, HOLDERS = 500, 5


def plan(shift, accounts=ACCOUNTS):
    """The longest names that are usual: an address book's, and a service in each account."""
    def holder(i, k):
        return {"person": f"firstname-middlename-surname-of-service-{i:03}-{k}", "until": 0 if k else 1893456000 + shift}
    rows = [{"id": f"{('x', 'facebook', 'instagram')[i % 3]}:cannock-chase-service-of-the-council-{i:03}", "kind": "departmental",
             "holders": [holder(i, k) for k in range(HOLDERS - (i == accounts - 1))] +
             ([{"person": "comms-2", "until": 0}] if i == accounts - 1 else [])}
            for i in range(accounts)]
    tools = [contract.tool(f"{p}-web", f"{p} in a browser", [p], [f"{p}.com"]) for p in ("x", "facebook", "instagram")]
    words = [{"text": f"Candidate number {i:03}", "kind": "candidate"} for i in range(100)]
    return {"council": COUNCIL, "people": [{"id": p, "roles": r} for p, r in PEOPLE.items()], "accounts": rows, "tools": tools, "words": words}


def parts_of(folder):
    """register.json first."""
    return [f"{folder}/register.json"] + sorted(glob.glob(f"{folder}/register-*.json"))


class Certificates:
    """What the broker of a council folder has, under the names that the tests' broker asks for."""

    def __init__(self, council):
        self.folder = f"{council}/broker"


class Laptop(Device):
    """A device that is enrolled with the bundle that `holdfast device add` makes."""

    def enrolled(self, terminal, port):
        write(f"{self.folder}/request.json", self.command("request", "--device", "d1", "--user", STAFF)[1])
        done = terminal("device", "add", "--request", f"{self.folder}/request.json", "--person", f"comms-2:{STAFF}", "--group", "staff",
                        "--host", "localhost", "--port", str(port), "-o", f"{self.folder}/bundle.json", "--json", who="it-1")
        if done.code:
            return done
        second = terminal("approve", done.json["digest"] if "digest" in done.json else waiting(terminal, "assignment"), who="comms-1")
        code, _, said = self.command("enrol", f"{self.folder}/bundle.json", "--yes", "--state", self.state)
        off = {f"layer__{name}": "no" for name in ("browser", "programs", "running", "others", "firefox", "extension", "network")}
        self.settings(beat_s=5, **off)
        return "" if code == 0 and second.code == 0 else said + str(second)

    def view(self):
        return json.loads(self.status("--json", user=STAFF)[1])


def waiting(terminal, kind):
    """The one draft of this type that the terminal lists."""
    found = [d for d in terminal("drafts", "--json").json["drafts"] if d["type"] == kind]
    return found[0]["digest"] if len(found) == 1 else f"{len(found)} drafts"


def made(folder):
    terminal = terminal_in(folder, socket="c.sock")
    write(f"{folder}/plan.json", json.dumps(plan(0)))
    done = terminal("council", "init", terminal.council, "--plan", f"{folder}/plan.json", "--json")
    check("council init: 500 accounts with 5 holders each", done.code == 0 and done.json["accounts"] == ACCOUNTS and
          done.json["register"] == "ok", done)
    parts = parts_of(terminal.council)
    check(f"in more than one part and at most 8 ({len(parts)})", 1 < len(parts) <= 8 and done.json["parts"] == len(parts), parts)
    trust = json.loads(base64.b64decode(json.loads(read(f"{terminal.council}/trust/1.json"))["payload"]))
    check("the trust has those who have a role, and nobody else", sorted(p["id"] for p in trust["people"]) == sorted(PEOPLE))
    done = terminal("verify", parts[0])
    check("verify shows all parts as one register", done.code == 0 and f"It has {ACCOUNTS} accounts" in done.out and
          f"in {len(parts)} parts" in done.out, done.out[:500] + done.err)
    done = terminal_in(folder, f"{folder}/words")("council", "init", f"{folder}/words", "--plan", f"{folder}/plan.json")
    check("in words: which files belong together", done.code == 0 and
          f"It takes {len(parts)} files, register.json to register-{len(parts)}.json, which belong together." in done.out, done.out[-600:] + done.err)
    write(f"{folder}/more.json", json.dumps(plan(0, ACCOUNTS + 1)))
    done = terminal_in(folder, f"{folder}/more")("council", "init", f"{folder}/more", "--plan", f"{folder}/more.json")
    check("one account more is refused, and nothing is made", done.code == 1 and "accounts" in done.err and
          not os.path.exists(f"{folder}/more"), done)
    return terminal, len(parts)


def begins(folder, terminal):
    """The controller with this council; its process and the broker."""
    council = terminal.council
    broker = Broker(folder, Certificates(council))
    conf = {"council.folder": council, "state.folder": f"{folder}/state", "socket.path": terminal.socket,
            "controller.key": f"{council}/controller/key.pem", "bus.host": "localhost", "bus.port": broker.port,
            "bus.ca": f"{council}/broker/ca.crt", "bus.certificate": f"{council}/controller/tls.crt",
            "bus.key": f"{council}/controller/tls.key", "beat_s": 5, "device.report_s": 5}
    write(f"{folder}/controller.conf", "".join(f"{k} = {v}\n" for k, v in conf.items()))
    broker.start()
    with open(f"{folder}/controller.log", "ab") as log:
        process = subprocess.Popen([HOLDFASTD, "-f", f"{folder}/controller.conf"], stderr=log)
    check("controller and broker start with it", wait_for(lambda: terminal("status", "--json").code == 0), read(f"{folder}/controller.log"))
    return process, broker


def takes_over(folder, terminal, laptop, n):
    """A new version: proposed by one, approved by another, each with one command."""
    write(f"{folder}/plan.json", json.dumps(plan(7)))
    done = terminal("register", "propose", f"{folder}/plan.json", "--json", who="comms-1")
    check("register propose: all parts wait for a second person", done.code == 0 and done.json["outcome"] == "draft" and
          done.json["parts"] == n, done)
    listed = terminal("drafts", "--json").json["drafts"]
    check("drafts lists them as one", [d["type"] for d in listed] == ["register"], listed)
    waits = terminal("status", "--json").json
    check("status counts them as one", waits.get("drafts") == 1, waits.get("drafts"))
    check("the register before stays in force", laptop.view()["register_version"] == 1)
    done = terminal("approve", listed[0]["digest"], "--json", who="comms-1")
    check("who proposed it cannot approve it, too", done.code == 1 and "approved this already" in done.err, done)
    done = terminal("approve", listed[0]["digest"], who="comms-2")
    check("approve: shown as one register, with what changes", done.code == 0 and "REGISTER" in done.out and
          f"It has {ACCOUNTS} accounts" in done.out and "is changed" in done.out, done.out[:600] + done.err)
    check("one approval signs all parts: nothing waits any more", terminal("drafts", "--json").json["drafts"] == [])
    check("the device has it", wait_for(lambda: laptop.view()["register_version"] == 2), laptop.log()[-600:])
    check("and says so to the council", wait_for(lambda: "d1" in str(terminal("devices", "--json").json)))


def half_approved(terminal, laptop, n):
    """A part that whoever wrote the others has not approved: who approves them is told that it is missing."""
    def officer(who):
        return contract.Key.from_pem(f"{terminal.people}/{who}.pem", PASS)
    values = [{**contract.document_of(read(path, "rb")), "version": 3, "issued": int(time.time())} for path in parts_of(terminal.council)]
    others = [contract.message("register", value, [officer("comms-2" if i == 0 else "comms-1")]) for i, value in enumerate(values[1:])]
    values[0]["rest"] = [contract.digest_of(part) for part in others]
    first = contract.message("register", values[0], [officer("comms-1")])
    for part in (*others, first):
        said = post(terminal.socket, part)
        check("each part of another is taken as a draft", said[0] == 200 and said[1]["outcome"] == "draft", said)
    done = terminal("approve", contract.digest_of(first), who="comms-2")
    check("approved, and one part is not by two: that is said", done.code == 0 and "An approval is still missing for 1 of its other parts: until then the "
          "register before stays in force." in done.err, done)
    check("and so it is", laptop.view()["register_version"] == 2, laptop.view()["register_version"])
    done = terminal("approve", waiting(terminal, "register"), who="comms-1")
    check("what is missing waits by itself; with the other's approval it is whole", done.code == 0 and wait_for(lambda: laptop.view()["register_version"] == 3), done)
    check("and nothing waits", terminal("drafts", "--json").json["drafts"] == [] and n == len(values))


def post(path, data):
    """(status, answer) of the controller to a signed message."""
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(ENOUGH)
        one.connect(path)
        one.sendall(b"POST /v1/envelopes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(data) + data)
        head, _, rest = one.makefile("rb").read().partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(rest)


def holds(terminal, laptop):
    """An account of the last part, by its own name: its holder is shut, and reads that it is theirs."""
    last = plan(0)["accounts"][-1]["id"]
    done = terminal("raise", "emergency", "--reason", "A fire", "--account", last, "--wait", "0", "--json", who="comms-1")
    check("an emergency on an account of the last part", done.code == 0, done)
    check("is in force for its holder", wait_for(lambda: laptop.view()["level"] == "block"), laptop.view())
    check("who reads which account it is", [a["id"] for a in laptop.view()["accounts"]] == [last], laptop.view()["accounts"])


def restarted(laptop):
    laptop.kill()
    check("started again the device reads all parts from its disk", laptop.start() and laptop.view()["register_version"] == 3 and
          laptop.view()["level"] == "block", laptop.log()[-600:])


def retained(laptop, broker):
    """The topics of the parts that whoever comes now is told."""
    write(f"{broker.ca.folder}/d1.crt", json.loads(read(f"{laptop.folder}/bundle.json"))["certificate"])
    write(f"{broker.ca.folder}/d1.key", read(f"{laptop.etc}/link.key"))
    args = broker.client("mosquitto_sub", "d1", "-i", "late", "-t", f"{TOPICS}/register/#", "-W", "3", "-F", "%t")
    return set(subprocess.run(args, capture_output=True, text=True, check=False).stdout.split())


def shorter(folder, terminal, laptop, broker):
    """A register of one part takes the place of one of many; what was retained of it is cleared."""
    write(f"{folder}/plan.json", json.dumps(plan(0, 3)))
    done = terminal("register", "propose", f"{folder}/plan.json", "--smaller", "--json", who="comms-2")
    check("a shorter one", done.code == 0 and done.json["parts"] == 1, done)
    lost = done.err.split("it takes out ")[-1].split(" ")[0]
    done = terminal("approve", done.json["digest"], "--removed", lost, who="comms-1")
    check("is approved", done.code == 0, done)
    check("and taken over", wait_for(lambda: laptop.view()["register_version"] == 4), laptop.log()[-600:])
    check("no part of the one before is retained", wait_for(lambda: retained(laptop, broker) == {f"{TOPICS}/register"}),
          retained(laptop, broker))


def body(folder):
    terminal, n = made(folder)
    laptop, process, broker = None, None, None
    try:
        process, broker = begins(folder, terminal)
        os.makedirs(f"{folder}/d1")
        laptop = Laptop(f"{folder}/d1", None, None)
        wrong = laptop.enrolled(terminal, broker.port)
        check("a device is enrolled with all parts in its bundle", not wrong, wrong)
        check("the agent starts", laptop.start(), laptop.log()[-600:])
        start_link(laptop, broker, 5)
        check("and is heard", wait_for(lambda: terminal("devices", "--json").json["devices"][0].get("state") != "unreached"))
        takes_over(folder, terminal, laptop, n)
        half_approved(terminal, laptop, n)
        holds(terminal, laptop)
        restarted(laptop)
        shorter(folder, terminal, laptop, broker)
    finally:
        for one in (laptop and laptop.link, laptop and laptop.agent, process, broker and broker.process):
            end_process(one, 9)


def main():
    with tempfile.TemporaryDirectory(prefix="hf-register-") as folder:
        os.chmod(folder, 0o755)
        body(folder)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
