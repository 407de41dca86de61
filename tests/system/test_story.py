#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The main job with real programs (D9.1-D9.3), and that no demonstration leaves a block behind, however it ends.

The story itself is deploy/demo/story.py; every line of it that begins with `observed:` was a condition that held.
"""
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from common import ENOUGH, check, closing, processes, read, skip, wait_for
from enforce_help import cgroup_mount
from council_help import SOURCE

QUICKSTART = f"{SOURCE}/deploy/quickstart"
STEPS = "abcdefg"
INSIDE, MARK = "HF_TEST_INSIDE", "HF_TEST_STORY"
LAST = 2500  # characters of a story that failed: it says why in the end


class Story:
    """A demonstration, and what it could leave on the machine: told by its mark, its folder and its control group, since others
    may play theirs at the same time. The mounts are those of this test's own namespace."""

    def __init__(self, *words):
        self.mark, self.groups = f"{MARK}={os.getpid()}.{time.monotonic_ns()}", set()
        self.folder = tempfile.mkdtemp(prefix="hf-story-")
        self.before = self.machine()
        self.child = subprocess.Popen([QUICKSTART, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      text=True, env=self.environment(), start_new_session=True)

    def environment(self):
        name, _, value = self.mark.partition("=")
        return {**os.environ, name: value, "TMPDIR": self.folder}

    def plays(self, line=None):
        """What it says until this line, or until its end."""
        said = []
        for one in self.child.stdout:
            said.append(one)
            self.note_groups()
            if line and line in one:
                break
        return "".join(said)

    def ends(self):
        self.child.stdout.close()
        return self.child.wait(ENOUGH)

    def marked(self):
        found = []
        for pid, words in processes():
            try:
                if self.mark in read(f"/proc/{pid}/environ").split("\0"):
                    found.append((pid, words[0]))
            except OSError:
                continue
        return found

    def note_groups(self):
        for pid, _ in self.marked():
            try:
                group = next(line[3:].split("/")[1] for line in read(f"/proc/{pid}/cgroup").splitlines() if line.startswith("0::"))
            except OSError:
                continue
            if group.startswith("holdfast-demo-"):
                self.groups.add(f"{cgroup_mount()}/{group}")

    def machine(self):
        """What a block would change on the real machine."""
        policies = glob.glob("/etc/chromium/policies/**", recursive=True) + glob.glob("/etc/holdfast/**", recursive=True)
        return {"mounts": sorted(line.split()[4] for line in read("/proc/self/mountinfo").splitlines()), "policies": sorted(policies),
                "control groups": [group for group in self.groups if os.path.exists(group)], "processes": self.marked(),
                "folders": [os.listdir(self.folder), os.path.exists("/run/holdfast-quickstart")], "toot starts": toot_starts()}

    def difference(self):
        now = self.machine()
        return {what: (self.before[what], now[what]) for what in now if now[what] != self.before[what]}

    def leaves_nothing(self, when):
        check(f"{when}: it had a control group of its own", self.groups)
        check(f"{when} nothing is left on the machine", wait_for(lambda: not self.difference()), self.difference())
        shutil.rmtree(self.folder)


def toot_starts():
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/nonexistent", "/usr/bin/toot",
                           "--help"], capture_output=True, timeout=ENOUGH, check=False)
    return done.returncode == 0


def whole_story():
    story = Story()
    said = story.plays()
    for line in re.findall(r"^    observed: (.*)$", said, re.M):
        check(line, True)
    for step in STEPS:
        check(f"step ({step}) was played", f"\n({step}) " in said)
    check("the story ended well", story.ends() == 0, said[-LAST:])
    story.leaves_nothing("after the story")


def interrupted(line, sig):
    """Stop the quickstart when it has printed this line: nothing may stay behind."""
    story = Story()
    said = story.plays(line)
    story.child.send_signal(sig)
    code = story.ends()
    name = f"{signal.Signals(sig).name} at “{line}”"
    check(f"{name}: it was reached, and it ended with a failure", line in said and code != 0, f"exit {code}\n{said}")
    story.leaves_nothing(name)


def raised_twice():
    """Two drills of the same words within a second or so are two lockdowns, each with its own identity."""
    raised = [entered("sh", "-c", RAISE) for _ in range(2)]
    identities = {json.loads(one.stdout)["lockdown"] for one in raised if one.returncode == 0}
    return len(identities) == 2


RAISE = """echo correct horse battery staple | holdfast raise emergency --exercise --reason Twice --yes --wait 0 --json \\
  --key /etc/holdfast/ceremony/people/comms-1.pem --passphrase-fd 0"""


def entered(*command):
    return subprocess.run([f"{SOURCE}/deploy/enter", *command], capture_output=True, text=True, timeout=ENOUGH, check=False)


def kept():
    """--keep leaves it running beside an untouched machine; enter goes in; stop ends it."""
    story = Story("--keep")
    said = story.plays()
    check("--keep ends with how to go on", story.ends() == 0 and "deploy/stop" in said, said)
    status = entered("holdfast", "status")
    check("deploy/enter reaches the running controller", status.returncode == 0, status.stderr)
    check("two equal drills of one second are two lockdowns", raised_twice())
    again = subprocess.run([QUICKSTART], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("a second one beside it is refused in one sentence",
          again.returncode == 1 and "deploy/stop" in again.stderr, again.stderr)
    stop = subprocess.run([f"{SOURCE}/deploy/stop"], capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("deploy/stop ends it", stop.returncode == 0, stop.stderr)
    story.leaves_nothing("after deploy/stop")


def main():
    if os.geteuid() != 0:
        skip("the story", "it needs root for its throw-away copy of the machine")
        return closing()
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"], check=True)  # where --keep notes what it left
    whole_story()
    interrupted("Starting the broker", signal.SIGINT)
    interrupted("everything is still blocked", signal.SIGTERM)
    interrupted("toot is refused", signal.SIGKILL)
    kept()
    return closing()


if __name__ == "__main__":
    sys.exit(main())
