#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The main job with real programs (D9.1-D9.3), and that no demonstration leaves a block behind, however it ends.

The story itself is deploy/demo/story.py; every line of it that begins with `observed:` was a condition that held.
"""
import glob
import json
import os
import re
import signal
import subprocess
import sys
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUICKSTART = f"{SOURCE}/deploy/quickstart"
STEPS = "abcdefg"


class Count:
    passed = failed = 0

    def check(self, what, fine, why=""):
        if fine:
            self.passed += 1
            print(f"ok: {what}")
        else:
            self.failed += 1
            print(f"FAILED: {what} {why}")


def machine():
    """What a block would change on the real machine."""
    with open("/proc/self/mountinfo", encoding="ascii") as file:
        mounts = sorted(line.split()[4] for line in file)
    policies = sorted(glob.glob("/etc/chromium/policies/**", recursive=True) + glob.glob("/etc/holdfast/**", recursive=True))
    groups = sorted(glob.glob("/sys/fs/cgroup/**/holdfast*", recursive=True))
    processes = sorted(name for name in map(command, glob.glob("/proc/[0-9]*")) if "holdfast" in name)
    return {"mounts": mounts, "policies": policies, "control groups": groups, "processes": processes,
            "folders": os.path.exists("/run/holdfast-quickstart"), "toot starts": toot_starts()}


def command(folder):
    try:
        with open(f"{folder}/cmdline", "rb") as file:
            return os.path.basename(file.read().split(b"\0")[0].decode(errors="replace"))
    except OSError:
        return ""


def toot_starts():
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/nonexistent", "/usr/bin/toot",
                           "--help"], capture_output=True, timeout=20, check=False)
    return done.returncode == 0


def whole_story(count):
    done = subprocess.run([QUICKSTART], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=400, check=False)
    observed = re.findall(r"^    observed: (.*)$", done.stdout, re.M)
    for line in observed:
        count.check(line, True)
    for step in STEPS:
        count.check(f"step ({step}) was played", f"\n({step}) " in done.stdout)
    count.check("the story ended well", done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:])


def interrupted(count, line, sig):
    """Stop the quickstart when it has printed this line: nothing may stay behind."""
    before = machine()
    child = subprocess.Popen([QUICKSTART], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, start_new_session=True)
    reached = any(line in said for said in child.stdout)
    child.send_signal(sig)
    child.stdout.close()
    code = child.wait(30)
    name = f"{signal.Signals(sig).name} at “{line}”"
    count.check(f"{name}: it was reached, and it ended with a failure", reached and code != 0, f"exit {code}")
    count.check(f"{name}: nothing is left on the machine", settles(before), str(difference(before)))


def settles(before):
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if not difference(before):
            return True
        time.sleep(0.1)
    return False


def difference(before):
    now = machine()
    return {what: (before[what], now[what]) for what in now if now[what] != before[what]}


def raised_twice():
    """Two drills of the same words within a second or so are two lockdowns, each with its own identity."""
    raised = [enter_raise() for _ in range(2)]
    identities = {json.loads(one.stdout)["lockdown"] for one in raised if one.returncode == 0}
    return len(identities) == 2


def enter_raise():
    key = "/etc/holdfast/ceremony/people/comms-1.pem"
    command = f"echo correct horse battery staple | holdfast raise emergency --exercise --reason Twice --yes --wait 0 --json --key {key} --passphrase-fd 0"
    return subprocess.run([f"{SOURCE}/deploy/enter", "sh", "-c", command], capture_output=True, text=True, timeout=30, check=False)


def kept(count):
    """--keep leaves it running beside an untouched machine; enter goes in; stop ends it."""
    before = machine()
    done = subprocess.run([QUICKSTART, "--keep"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=400,
                          check=False)
    count.check("--keep ends with how to go on", done.returncode == 0 and "deploy/stop" in done.stdout, done.stdout[-3000:])
    status = subprocess.run([f"{SOURCE}/deploy/enter", "holdfast", "status"], capture_output=True, text=True, timeout=30,
                            check=False)
    count.check("deploy/enter reaches the running controller", status.returncode == 0, status.stderr)
    count.check("two equal drills of one second are two lockdowns", raised_twice())
    again = subprocess.run([QUICKSTART], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    count.check("a second one beside it is refused in one sentence",
                again.returncode == 1 and "deploy/stop" in again.stderr, again.stderr)
    stop = subprocess.run([f"{SOURCE}/deploy/stop"], capture_output=True, text=True, timeout=60, check=False)
    count.check("deploy/stop ends it", stop.returncode == 0, stop.stderr)
    count.check("after deploy/stop nothing is left on the machine", settles(before), str(difference(before)))


def main():
    count = Count()
    if os.geteuid() != 0:
        print("skip: the story needs root for its throw-away copy of the machine")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    before = machine()
    whole_story(count)
    count.check("after the story nothing is left on the machine", settles(before), str(difference(before)))
    interrupted(count, "Starting the broker", signal.SIGINT)
    interrupted(count, "everything is still blocked", signal.SIGTERM)
    interrupted(count, "toot is refused", signal.SIGKILL)
    kept(count)
    print(f"{count.passed} passed, {count.failed} failed, 0 skipped")
    return int(count.failed != 0)


if __name__ == "__main__":
    sys.exit(main())
