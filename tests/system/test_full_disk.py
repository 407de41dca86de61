#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A full disk: the slots go on working, a file that cannot be replaced keeps its old content, no temp file stays. And agent
and controller as they ship: what was raised before the last byte was taken can be released after it.

policy D9.2, D9.3: offline too, across restarts. Small file systems in a mount namespace of their own, with processes and a
network of their own for the agent's layers; HF_BUILD names the build folder.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import test_agent
import test_controller
from common import ENOUGH, check, closing, end_process, wait_for, write
from council_help import COUNCIL, DEVICE, Ca, contract, key

PROBE = os.path.abspath(os.path.join(os.environ.get("HF_BUILD", "build"), "tests", "slots_probe"))
INSIDE = "--inside"
ROOM = 100000


def probe(*args):
    done = subprocess.run([PROBE, *map(str, args)], capture_output=True, text=True, timeout=ENOUGH, check=False)
    return done.stdout.strip()


def fill(path):
    """Takes every byte that is left; true when not one more can be had."""
    with open(path, "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 4096)
        except OSError:
            pass
        try:
            while True:
                f.write(b"x")
        except OSError:
            return True
    return False


def slots(disk):
    folder = f"{disk}/state"
    os.mkdir(folder)
    check("a first value is stored", probe(folder, ROOM, "save", "old.", 100) == "ok", "")
    with open(f"{folder}/policy.json", "w", encoding="ascii") as f:
        f.write("before")
    check("the disk is full", fill(f"{disk}/filler"))
    saw = probe(folder, ROOM, "save", "new.", ROOM // 4)
    check("a value of the whole room is stored on a full disk", saw == "ok", saw)
    saw = probe(folder, ROOM, "load")
    check("and it loads", saw.startswith(f"{ROOM} new.new."), saw)
    saw = probe(folder, ROOM, "save", "next", ROOM // 4) + probe(folder, ROOM, "load")
    check("and the next one too, in the other slot", saw.startswith(f"ok{ROOM} nextnext"), saw)
    saw = probe(folder, 4 * ROOM, "save", "huge", ROOM)
    check("a value that needs more than the disk has is refused", saw.startswith("system") and "No space" in saw, saw)
    saw = probe(folder, 4 * ROOM, "load")
    check("and the one before still loads", saw.startswith(f"{ROOM} nextnext"), saw)
    saw = probe(folder, ROOM, "save", "last", 10) + probe(folder, ROOM, "load")
    check("and can be followed by a smaller one", saw.startswith("ok40 lastlast"), saw)


def files(disk):
    folder = f"{disk}/state"
    saw = probe(folder, ROOM, "replace", f"{folder}/policy.json", "after " * 5000)
    check("a file is not replaced on a full disk", saw.startswith("system") and "No space" in saw, saw)
    with open(f"{folder}/policy.json", encoding="ascii") as f:
        check("its old content stands", f.read() == "before")
    left = sorted(os.listdir(folder))
    check("no temp file is left", left == ["policy.json", "slot-0", "slot-1"], left)
    os.mkdir(f"{disk}/fresh")
    saw = probe(f"{disk}/fresh", ROOM, "load")
    check("new slots are refused on a full disk, before anything relies on them", saw.startswith("system") and "No space" in saw, saw)


# The agent ----------------------------------------------------------------------------------------------------------------

LARGE = "Say nothing. " * 1250  # of the most that instructions may have


class Flooded:
    """An enrolled device whose memory lies on a small disk, and a thief with one officer's key."""

    def __init__(self, folder, disk):
        self.council, self.disk = test_agent.Council(), disk
        self.device = test_agent.Device(folder, self.council, Ca(f"{folder}/ca"))
        self.device.state = f"{disk}/state"
        request = json.loads(self.device.command("request", "--device", DEVICE, "--user", test_agent.STAFF)[1])
        self.device.public = contract.public_from_text(request["public"])
        code, _, said = self.device.command("enrol", self.device.bundle(request), "--yes", "--state", self.device.state)
        check("the device is enrolled", code == 0, said)
        self.device.settings(layer__firefox="no", layer__extension="no", layer__network="no")
        self.orders = []

    def start(self):
        if not self.device.start():
            check("the agent starts", False, self.device.log()[-800:])
        self.link = test_agent.FakeLink(self.device)

    def say(self, *orders):
        """Two at a time: as many large ones as fit into one state."""
        self.link.socket.settimeout(ENOUGH)
        for i in range(0, len(orders), 2):
            self.link.say("state/c1", self.council.state(*orders[i:i + 2]))
        self.link.socket.settimeout(0.05)

    def flood(self):
        at = int(time.time()) - 900
        docs = [contract.raise_order(COUNCIL, "emergency", "live", at + i, instructions=LARGE[i:]) for i in range(40)]
        amends = [contract.amend_order(COUNCIL, "emergency", "live", at + i, of="ab" * 32, rev=i + 1, instructions=LARGE[40 + i:]) for i in range(40)]
        self.say(*[contract.envelope("order", doc, [key("comms-1")]) for doc in docs + amends])
        return self.link.report(lambda r: any(row["person"] == "comms-1" for row in r.get("over", [])))

    def ends(self, raised):
        now = int(time.time())
        for of in ([contract.digest_of(raised)], [{"person": "comms-1", "before": now}]):
            doc = contract.release_order(COUNCIL, "emergency", "live", now, of=of)
            self.say(contract.envelope("order", doc, [key("comms-2"), key("monitoring-1")]))

    def is_open(self):
        return wait_for(lambda: not self.device.blocked())


def agent(folder, disk, flooded):
    what = "the largest memory of one key" if flooded else "one raise"
    f = Flooded(folder, disk)
    f.start()
    try:
        if flooded:
            check(f"{what}: the thief is over, and everything is shut", f.flood(), f.link.last())
        raised = f.council.raise_now("comms-2")
        f.say(raised)
        check(f"{what}: enforced", wait_for(lambda: f.device.blocked() == ["x.com"]), f.device.log()[-500:])
        check(f"{what}: the disk is full", fill(f"{disk}/filler"))
        f.ends(raised)
        check(f"{what}: on a full disk two release it, and it opens", f.is_open(), f.device.log()[-800:])
        f.device.kill()
        f.start()
        check(f"{what}: killed and started again on a full disk it is open", f.is_open() and json.loads(f.device.status("--json")[1])["unknown"] is False,
              f.device.log()[-800:])
        again = f.council.raise_now("comms-2", reason="Again.")
        f.say(again)
        id_ = contract.digest_of(again)
        shut = f.link.report(lambda r: any(row["id"] == id_ and row["standing"].startswith("enforced") for row in r["lockdowns"]))
        check(f"{what}: and shuts again", shut, f.link.last())
        f.device.kill()
        f.start()
        check(f"{what}: killed and started again it is shut, and knows why", wait_for(f.device.blocked) and json.loads(f.device.status("--json")[1])["unknown"] is False, f.device.log()[-800:])
    finally:
        end_process(f.device.agent, signal.SIGKILL)


# The controller -----------------------------------------------------------------------------------------------------------

FULL = "is full: make room there"


def says_full(office):
    return any(FULL in line for line in office.get("status")[1]["attention"])


def released(office, listener, digest, what):
    data = test_controller.release_now([digest], ["comms-1"])
    status, answer = office.post(data)
    check(f"{what}: the first officer's word is kept", (status, answer.get("outcome")) == (200, "draft"), answer)
    status, answer = office.post(contract.compact(contract.add_signature(data, key("monitoring-1"))))
    check(f"{what}: the second releases it", (status, answer.get("outcome")) == (200, "recorded"), answer)
    check(f"{what}: and devices hear it", listener.state(lambda s: contract.digest_of(data) in test_controller.digests(s)), office.log()[-600:])


def full_journal(office, disk):
    listener = test_controller.Listener(office)
    _, held = office.post(test_controller.raise_now()[0])
    check("there is room, and nothing is said of it", not says_full(office))
    check("the disk is full", fill(f"{disk}/filler"))
    status, more = office.post(test_controller.raise_now(reason="On a full disk.")[0])
    check("a raise is recorded all the same", (status, more.get("outcome")) == (200, "recorded"), more)
    for n, digest in enumerate((held["digest"], more["digest"])):
        fill(f"{disk}/filler-{n}")
        released(office, listener, digest, f"full disk, {n + 1}")
    check("every screen says that it is full", wait_for(lambda: says_full(office)), office.get("status")[1]["attention"])
    register = contract.register(COUNCIL, 2, int(time.time()), [], [])
    status, answer = office.post(contract.message("register", register, [key("comms-1"), key("comms-2")]))
    check("what can wait is refused, with what to do", status >= 500 and FULL in json.dumps(answer), (status, answer))
    office.kill()
    fill(f"{disk}/filler-again")
    check("killed, it starts on a full disk", office.start(), office.log()[-800:])
    phases = {row["id"]: row["phase"] for row in office.get("status")[1]["lockdowns"]}
    check("and knows what was released", [phases.get(d["digest"]) for d in (held, more)] == ["released"] * 2, phases)
    listener.close()
    listener = test_controller.Listener(office)
    _, third = office.post(test_controller.raise_now(reason="Once more.")[0])
    released(office, listener, third["digest"], "after the restart")
    for name in os.listdir(disk):
        if name.startswith("filler"):
            os.unlink(f"{disk}/{name}")
    check("with room again, room is kept back again", wait_for(lambda: not says_full(office)) and
          os.stat(f"{disk}/state/reserve").st_blocks * 512 >= 16 << 20)
    listener.close()


def controller(folder, disk):
    office = test_controller.Office(folder)
    office.settings["state.folder"], office.settings["mark.folder"] = f"{disk}/state", f"{folder}/mark"
    try:
        office.broker.start()
        if not office.start():
            check("the controller starts", False, office.log())
            return
        full_journal(office, disk)
    finally:
        for process in (office.controller, office.broker.process):
            end_process(process, signal.SIGKILL)


# All of it ----------------------------------------------------------------------------------------------------------------

def on_disk(disk, size, *tests):
    """A file system of its own for these."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "holdfast-test", disk], check=True)
    try:
        for test in tests:
            test(disk)
    finally:
        subprocess.run(["umount", disk], check=True)


def inside(disk):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    write(f"{disk}-hosts", f"127.0.0.1 localhost\n{test_agent.ADDRESS} x.com\n")
    subprocess.run(["mount", "--bind", f"{disk}-hosts", "/etc/hosts"], check=True)
    on_disk(disk, 1, slots, files)
    for flooded in (False, True):
        folder = tempfile.mkdtemp(prefix="hf-full-", dir=os.path.dirname(disk))
        on_disk(disk, 32, lambda d, at=folder, how=flooded: agent(at, d, how))
    folder = tempfile.mkdtemp(prefix="hf-full-", dir=os.path.dirname(disk))
    os.chmod(folder, 0o755)
    on_disk(disk, 24, lambda d: controller(folder, d))
    return closing()


def main():
    if len(sys.argv) == 3 and sys.argv[1] == INSIDE:
        return inside(sys.argv[2])
    can = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    if not can:
        print("skip   a full disk: needs root, for a mount namespace\n0 passed, 0 failed, 1 skipped")
        return 0
    folder = tempfile.mkdtemp(prefix="hf-disk-")
    os.chmod(folder, 0o755)
    os.mkdir(f"{folder}/disk")
    try:
        return subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "--propagation", "private", "/usr/bin/python3",
                               os.path.abspath(__file__), INSIDE, f"{folder}/disk"], check=False, timeout=8 * ENOUGH).returncode
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
