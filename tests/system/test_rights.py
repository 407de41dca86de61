#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An agent that lacks a right of root's says which, and calls nothing verified that it could not see (policy D9.2).

Each right is taken from a real agent by setpriv, as a unit with a shorter CapabilityBoundingSet would; a listed program runs.
Attack: whoever may edit the unit takes a right away, and the officers go on reading that all is well. On a throw-away copy of
this machine. HF_BUILD names the build folder.
"""
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import sandboxed
from common import ENOUGH, check, drop, end_process, read, wait_for, write
from council_help import COUNCIL, DEVICE, Ca, contract, key
from test_agent import AGENT, STAFF, Council, Device, FakeLink
from tools_help import FROZEN, group_of

# The right, and the layers that cannot be seen to hold without it.
ROWS = (("sys_ptrace", ("browser", "firefox", "others", "running")), ("kill", ("running",)), ("setuid", ("network", "programs")),
        ("dac_override", ("programs", "running")))
UNIT = "-all,+net_admin,+sys_ptrace,+kill,+dac_override"
HANDS = 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=listen exec "$0" hands'  # as holdfast-hands.socket starts them


def listed(folder, council):
    """A tool whose program is a copy of sleep, in the register."""
    tool = f"{folder}/bin/poster"
    os.makedirs(os.path.dirname(tool))
    shutil.copy("/bin/sleep", tool)
    register = contract.register(COUNCIL, 1, council.at, [contract.account("x:CannockChaseDC", "corporate", {"comms-2": 0})],
                                 [contract.tool("x-web", "X", ["x"], ["x.com"], programs=[tool])])
    council.register = contract.envelope("register", register, [key("comms-1"), key("comms-2")])
    return tool


def enrolled(folder, council, ca):
    device = Device(folder, council, ca)
    request = json.loads(device.command("request", "--device", DEVICE, "--user", STAFF)[1])
    device.public = contract.public_from_text(request["public"])
    check("enrolled", device.command("enrol", device.bundle(request), "--yes", "--state", device.state)[0] == 0)
    device.settings(layer__programs="yes", layer__running="yes", layer__others="yes", layer__extension="no")
    return device


def starts(device, rights):
    with open(f"{device.folder}/agent.log", "ab") as log:
        device.agent = subprocess.Popen(["setpriv", f"--bounding-set={rights}", AGENT, "run", "--etc", device.etc], stderr=log, stdin=subprocess.DEVNULL)
    return wait_for(lambda: os.path.exists(f"{device.run}/person.sock") and device.status()[0] == 0)


def lacks(device, council, tool, right, layers):
    """One life without it."""
    name = f"CAP_{right.upper()}"
    person = pwd.getpwnam(STAFF)
    runs = [subprocess.Popen([tool, "1000"], preexec_fn=drop(person.pw_uid, person.pw_gid), stdin=subprocess.DEVNULL) for _ in range(2)]
    link = None
    try:
        check(f"without {name} it starts", starts(device, f"-{right}"), device.log()[-500:])
        check(f"{name} is named at the start, for each layer that wants it",
              all(f"layer={layer} lacks {name}" in device.log() for layer in layers), device.log()[-1500:])
        link = FakeLink(device)
        raised = council.raise_now("comms-1")
        link.say("state/c1", council.state(raised))
        report = link.report(lambda r: r["lockdowns"] and r["lockdowns"][0]["standing"].startswith("enforced") and
                             all(row["state"] == "failed" for row in r["layers"] if row["name"] in layers))
        rows = {row["name"]: row for row in (link.last() or {"layers": []})["layers"]}
        check(f"D9.2: without {name} none of {', '.join(layers)} is reported to hold, and the right is named",
              report and all(name in rows[layer]["saw"] for layer in layers), rows)
        check("D9.2: nor is the device", report and report["lockdowns"][0]["standing"] == "enforced-unverified", report)
        others = [n for n, row in rows.items() if row["state"] == "failed" and n not in layers]
        check("the others say nothing of it", others == [], rows)
        if right == "kill":
            check("D9.2: what can be frozen without it is", wait_for(lambda: all(stands_still(p.pid) for p in runs)), rows["running"])
        link.say("state/c1", council.state(raised, council.release_now(contract.digest_of(raised), "comms-1", "monitoring-1")))
        check("D9.3: the all-clear opens all the same", link.report(lambda r: r["lockdowns"][0]["standing"].startswith("released")), link.last())
        check("and whoever was frozen runs on", wait_for(lambda: not any(stands_still(p.pid) for p in runs)))
    finally:
        for process in runs:
            end_process(process, signal.SIGKILL)
        if link:
            link.socket.close()
        end_process(device.agent)


def own_socket(device):
    """The link comes to a socket that is its user's: without that right it cannot be given away, and that is said."""
    try:
        check("without CAP_CHOWN it starts", starts(device, "-chown"), device.log()[-500:])
        check("and CAP_CHOWN is named at the start", "the agent lacks CAP_CHOWN" in device.log(), device.log()[-800:])
    finally:
        end_process(device.agent)


def hands(device, rights):
    """The process that has the rights which the agent's unit has not."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(f"{device.run}/hands.sock")
    listener.listen(8)
    with open(f"{device.folder}/agent.log", "ab") as log:
        return subprocess.Popen(["setpriv", f"--bounding-set={rights}", "sh", "-c", HANDS, AGENT], preexec_fn=lambda: os.dup2(listener.fileno(), 3), close_fds=True,
                                pass_fds=(3,), stderr=log, stdin=subprocess.DEVNULL)


def helped(device, council, tool):
    """As the units are: the agent has four rights, and whoever has the others does for it what needs them."""
    os.makedirs(device.run, exist_ok=True)
    helper = hands(device, "-all,+sys_admin,+dac_read_search,+setuid,+setgid,+kill,+chown")
    link = None
    try:
        check("it starts", starts(device, UNIT), device.log()[-500:])
        check("with hands it lacks nothing", "lacks" not in device.log(), device.log()[-1500:])
        link = FakeLink(device)
        raised = council.raise_now("comms-1")
        link.say("state/c1", council.state(raised))
        report = link.report(lambda r: r["lockdowns"] and all(row["state"] in ("verified", "off") for row in r["layers"]))
        check("D9.2: all that is on holds, and is seen to", report, link.last())
        check("and a listed program is refused", not started(tool, pwd.getpwnam(STAFF)))
        link.say("state/c1", council.state(raised, council.release_now(contract.digest_of(raised), "comms-1", "monitoring-1")))
        check("D9.3: the all-clear opens", link.report(lambda r: r["lockdowns"][0]["standing"].startswith("released")), link.last())
        end_process(helper)
    finally:
        if link:
            link.socket.close()
        end_process(device.agent)
        end_process(helper)


def started(tool, person):
    try:
        subprocess.run([tool, "0"], preexec_fn=drop(person.pw_uid, person.pw_gid), check=False)
    except PermissionError:
        return False
    return True


def stands_still(pid):
    return FROZEN.search(group_of(pid))


def body():
    folder = tempfile.mkdtemp(prefix="hf-rights-")
    os.chmod(folder, 0o755)
    write(f"{folder}/hosts", "127.0.0.1 localhost\n203.0.113.5 x.com\n")
    subprocess.run(["mount", "--bind", f"{folder}/hosts", "/etc/hosts"], check=True, timeout=ENOUGH)
    council, ca = Council(), Ca(f"{folder}/ca")
    tool = listed(folder, council)
    for right, layers in ROWS:
        lacks(enrolled(f"{folder}/{right}", council, ca), council, tool, right, layers)
    own_socket(enrolled(f"{folder}/chown", council, ca))
    helped(enrolled(f"{folder}/hands", council, ca), council, tool)


if __name__ == "__main__":
    sys.exit(sandboxed.run("rights", body))
