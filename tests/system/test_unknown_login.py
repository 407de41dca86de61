#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A login that the directory does not know yet is shut, and asked for again until it is known (policy D9.1, D9.2): sssd before the network.

The agent is real; its machine's directory is /etc/passwd of a throw-away copy, from which a line is taken, and to which it comes
back. HF_BUILD names the build folder.
"""
import json
import os
import pty
import pwd
import signal
import subprocess
import sys
import tempfile

import sandboxed
from common import ENOUGH, check, end_process, read, wait_for, write
from council_help import COUNCIL, DEVICE, Ca, contract, key
from test_agent import Council, Device, FakeLink

EARLY = "early"  # the login of comms-2, who is exempt
PASSWD = "/etc/passwd"


class Assigned(Council):
    def assignment(self, public, version=1):
        doc = contract.assignment(COUNCIL, DEVICE, version, self.at, public=public, people={"comms-2": EARLY}, groups=["staff"])
        return contract.envelope("assignment", doc, [key("it-1"), key("comms-1")])


def at_a_terminal(uid):
    """Somebody with this number sits there; the process."""
    pid, _ = pty.fork()
    if pid == 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        os.execv("/bin/sleep", ["sleep", "1000"])
    return pid


def forgets(line):
    write(PASSWD, read(PASSWD).replace(line, ""))


def body():
    folder = tempfile.mkdtemp(prefix="hf-unknown-")
    os.chmod(folder, 0o755)
    subprocess.run(["useradd", "--no-create-home", EARLY], check=True, timeout=ENOUGH)
    uid = pwd.getpwnam(EARLY).pw_uid
    line = next(line for line in read(PASSWD).splitlines(keepends=True) if line.startswith(f"{EARLY}:"))
    council = Assigned()
    device = Device(f"{folder}/device", council, Ca(f"{folder}/ca"))
    device.settings(layer__extension="no", layer__firefox="no", beat_s=2)
    request = json.loads(device.command("request", "--device", DEVICE, "--user", EARLY)[1])
    device.public = contract.public_from_text(request["public"])
    check("enrolled", device.command("enrol", device.bundle(request), "--yes", "--state", device.state)[0] == 0)
    forgets(line)
    sits = at_a_terminal(uid)
    link = None
    try:
        check("the agent starts before the directory answers", device.start(), device.log()[-800:])
        link = FakeLink(device)
        link.say("state/c1", council.state())
        check("the report says that a login is not known", link.report(lambda r: r.get("unknown_logins") == 1), link.last())
        check("and the log does, without its name", "event=changed" in device.log() and "logins" in device.log() and EARLY not in device.log(), device.log()[-800:])
        link.say("state/c1", council.state(council.raise_now("comms-1", "comms-2", exempt=["comms-2"])))
        check("D9.2: nothing is open for a login that is not known: the exempt one is shut", link.report(
            lambda r: r["lockdowns"] and r["lockdowns"][0]["standing"] == "exempt" and r.get("unknown_logins") == 1) and device.blocked() == ["x.com"],
              (link.last(), device.blocked()))
        write(PASSWD, read(PASSWD) + line)
        check("D9.1: asked again by itself: known, so the officer is open", wait_for(lambda: device.blocked() == []) and
              link.report(lambda r: "unknown_logins" not in r), link.last())
        forgets(line)
        check("D9.2: it is forgotten, as when the network is lost: shut again", wait_for(lambda: device.blocked() == ["x.com"]) and
              link.report(lambda r: r.get("unknown_logins") == 1), device.blocked())
    finally:
        os.kill(sits, signal.SIGKILL)
        os.waitpid(sits, 0)
        if link:
            link.socket.close()
        end_process(device.agent)


if __name__ == "__main__":
    sys.exit(sandboxed.run("unknown_login", body))
