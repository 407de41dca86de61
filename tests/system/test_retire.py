#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`holdfast-agent retire`: never while anything is shut (policy D9.2); else the council is told, and every trace goes.

A real controller, a real broker, a real agent and link, all layers that leave files, on a throw-away copy of this machine.
Attacks: an ordinary user retires the device; root takes its enrolment away under a lock. HF_BUILD names the build folder.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading

import sandboxed
from common import ENOUGH, check, end_process, processes, read, wait_for, write
from council_help import DEVICE
from test_agent import STAFF
from whole_help import Council, enrolled, join, leave

FOREIGN = '{"HomepageLocation": "https://intranet.example"}'
LIVE = ("enforced-unverified", "enforced-verified", "message-seen")


def tree(device):
    """Everything below the device's folder but what the test itself writes there."""
    found = set()
    for folder, folders, files in os.walk(device.folder):
        found |= {os.path.relpath(os.path.join(folder, name), device.folder) for name in folders + files}
    return {path for path in found if path != "bundle.json" and not path.endswith(".log")}


def tables():
    return subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, timeout=ENOUGH, check=False).stdout


def what_others_have(device):
    """Two folders of other vendors, one with a policy and one empty."""
    write(f"{device.policies}/vendor.json", FOREIGN)
    write(f"{device.folder}/firefox/policies/policies.json", '{"policies": {"DisableTelemetry": true}}')
    os.makedirs(f"{device.folder}/edge/managed")


def asks(device, uid=12345, **question):
    """What the agent's socket answers to somebody who is not root, unless uid says so."""
    code = (f"import os,socket\nos.setgroups([])\nos.setresgid({uid},{uid},{uid})\nos.setresuid({uid},{uid},{uid})\n"
            f"s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET)\ns.connect('{device.run}/person.sock')\n"
            f"s.send({json.dumps(question).encode()!r})\nprint(s.recv(4096).decode())\n")
    done = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True, timeout=ENOUGH, check=False)
    return done.stdout + done.stderr


def not_lightly(device):
    """Who may, and that they mean it."""
    code, _, said = device.command("retire", "--yes", user=STAFF)
    check("an ordinary user cannot retire a device", code == 2 and "only root can retire this device" in said, said)
    said = asks(device, ask="retire", reads=1)
    check("attack: nor by asking the agent itself", "only root" in said and os.path.exists(f"{device.etc}/enrolment.json"), said)
    code, out, said = device.command("retire", input="no\n")
    check("what follows is shown, and without a yes nothing is changed", code == 2 and "will not be enforced on it" in out and
          "nothing was changed" in said and device.status()[0] == 0, out + said)


def under_a_lock(council, device):
    """D9.2: nothing but an all-clear lets it go; and who was told that it leaves is told that it stays."""
    asks(device, uid=0, ask="retire")
    check("the council hears that it leaves", council.sees(lambda r: r.get("attention") == ["retired"]), council.row())
    asks(device, ask="retire")
    check("attack: an ordinary user who asks, too, makes that no less", council.row().get("attention") == ["retired"], council.row())
    done = council.says("raise", "emergency", "--reason", "Fire", "--wait", "0", who="comms-1")
    check("one officer raises", done.code == 0, done)
    check("the device enforces it", council.sees(lambda r: r.get("state") in LIVE) and device.blocked() == ["x.com"], council.row())
    check("in that moment a lockdown came: nobody reads that Holdfast was removed there", council.sees(lambda r: r.get("attention") == []) and
          "Holdfast was removed" not in council.says("status").out, council.row())
    code, _, said = device.command("retire", "--yes")
    check("D9.2: it is not retired while a live lockdown holds, in one sentence", code == 1 and "a live lockdown holds on this device" in said and
          said.count("\n") == 1, said)
    check("and is as before", device.blocked() == ["x.com"] and device.status()[0] == 0 and "retired" not in council.row().get("attention", []), council.row())
    end_process(device.agent, signal.SIGKILL)
    code, _, said = device.command("retire", "--yes")
    check("D9.2: nor while nobody can say whether one holds", code == 1 and "cannot be known, so the agent stays" in said, said)
    os.rename(f"{device.etc}/enrolment.json", f"{device.etc}/aside.json")
    code, _, said = device.command("retire", "--yes")
    check("attack: nor after its enrolment was taken away", code == 1 and "something is still shut here" in said and device.blocked() == ["x.com"], said)
    os.rename(f"{device.etc}/aside.json", f"{device.etc}/enrolment.json")
    join(device, council)
    check("and it goes on", council.sees(lambda r: r.get("state") in LIVE), council.row())


def all_clear(council, device):
    row = council.says("status", "--json").json["lockdowns"][0]
    council.says("release", row["id"], "--reason", "Over", "--message", "You may post again.", "--wait", "0", who="comms-1")
    digest = next(d["digest"] for d in council.says("drafts", "--json").json["drafts"] if d["type"] == "order")
    done = council.says("approve", digest, "--wait", "0", who="monitoring-1")
    check("two officers give the all-clear", done.code == 0, done)
    check("D9.3: the device is open", wait_for(lambda: device.blocked() == [] and device.command("removable")[0] == 0), device.status())


def retired(council, device, before):
    check("its layers had left what is there for good", "table inet holdfast" in tables() and len(tree(device)) > len(before) + 10, tree(device) - before)
    code, out, said = device.command("retire", "--yes")
    check("it is retired, and the council's server was told", code == 0 and "was told that this device is retired" in out, out + said)
    check("the agent has ended by itself", device.agent.wait(ENOUGH) == 0, device.log()[-500:])
    check("so has the link, which has no key any more", device.link.wait(ENOUGH) == 0, device.log()[-500:])
    check("every trace is gone, and what others have is left", tree(device) == before, (tree(device) - before, before - tree(device)))
    check("the kernel's table too", "holdfast" not in tables(), tables())
    left = [words for _, words in processes() if os.path.basename(words[0]).startswith(("holdfast-agent", "holdfast-link"))]
    check("nobody of it runs", left == [], left)
    officers(council)
    code, out, said = device.command("retire", "--yes", "--json")
    check("retired once more: there is nothing to do", code == 0 and json.loads(out) == {"retired": True, "told": False}, out + said)
    check("and that has left nothing either", tree(device) == before, tree(device) - before)
    code, _, said = device.command("run")
    check("it does not run again", code == 1 and "holdfast-agent request" in said, said)


def officers(council):
    """Attack: who takes Holdfast off a laptop hides it from nobody."""
    row = council.row()
    check("the officers' row says it", row.get("attention") == ["retired"] and row.get("not_enforced") is True, row)
    status, devices = council.says("status"), council.says("devices")
    check("status says it", f"Holdfast was removed from 1 device ({DEVICE})" in status.out, status)
    check("devices, too", "ATTENTION: Holdfast was removed from it" in devices.out, devices)
    done = council.says("raise", "emergency", "--reason", "Fire", "--wait", "0", who="comms-1")
    row = council.row()
    check("D9.2: at the next raise it is one that does not enforce it", done.code == 0 and row.get("not_enforced") is True and row.get("state") not in LIVE, row)


def unheard(folder, council):
    """No link, so no server: it is retired all the same, and says that nobody heard it."""
    device = enrolled(folder, council)
    try:
        check("a device without a network runs", device.start(), device.log())
        code, out, said = device.command("retire", "--yes")
        check("it is retired, and somebody has to be told", code == 0 and "did not answer: tell the officers" in out, out + said)
        check("its agent has ended", device.agent.wait(ENOUGH) == 0, device.log()[-500:])
    finally:
        end_process(device.agent, signal.SIGKILL)


def answered_in_vain(folder, council):
    """Attack: whoever holds the broker answers in the council's name with what the council once said, and hides that it heard nothing."""
    device = enrolled(folder, council)
    over = threading.Event()

    def answers():
        while not over.wait(0.2):
            council.broker.publish("c1", f"device/{DEVICE}/answer", json.dumps(council.trust).encode())
    broker = threading.Thread(target=answers)
    try:
        check("a broker answers, and no controller", council.broker.start())
        join(device, council)
        check("the link is there", wait_for(lambda: "connected to the broker" in read(f"{device.folder}/link.log")), read(f"{device.folder}/link.log"))
        broker.start()
        code, out, said = device.command("retire", "--yes")
        check("attack: an answer that is not about this very report is no word of the council's", code == 0 and "did not answer: tell the officers" in out, out + said)
    finally:
        over.set()
        broker.join()
        leave(device)
        council.broker.kill()


def play(folder):
    council = Council(folder)
    unheard(f"{folder}/other", council)
    answered_in_vain(f"{folder}/vain", council)
    device = enrolled(f"{folder}/laptop", council)
    device.settings(layer__programs="yes", layer__running="yes", layer__others="yes", beat_s=2, ask_s=5)
    what_others_have(device)
    before = {path for path in tree(device) if path.split("/")[0] in ("chromium", "firefox", "edge")}
    try:
        check("broker and controller start", council.broker.start() and council.servers["c1"].start())
        join(device, council)
        check("the council hears it", council.sees(lambda r: r.get("last_report", 0) > 0), council.row())
        not_lightly(device)
        under_a_lock(council, device)
        all_clear(council, device)
        retired(council, device, before)
    finally:
        leave(device)
        council.end()


def body():
    folder = tempfile.mkdtemp(prefix="hf-retire-")
    os.chmod(folder, 0o755)  # the link, which is no root, has its files below
    play(folder)


# Without its settings the agent goes by those of an installed one: here these paths are nobody's.
if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(sandboxed.run("retire", body))
