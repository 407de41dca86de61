# SPDX-License-Identifier: MIT
"""A machine with posting tools of its own, and what runs of them: for the tests of the layers programs and running."""
import os
import re
import shutil
import subprocess

from common import drop, read
from enforce_help import NOBODY, Layer, block

EXEMPT = 65533
SLICE = "holdfast.slice/holdfast-frozen.slice"
FROZEN = re.compile(f"/{SLICE}/frozen-|/holdfast-frozen$")  # where a frozen program is: in our slice, or inside its own group
DRAFT = """#!/usr/bin/python3 -I
import sys
text = ""
for line in sys.stdin:
    text += line
    print(len(text), flush=True)
"""


class Machine:
    """A folder with posting tools, and what runs of them."""

    def __init__(self, folder, group):
        self.folder, self.group = folder, group
        self.bin = f"{folder}/bin"
        os.mkdir(self.bin)
        self.native, self.script, self.other = f"{self.bin}/poster", f"{self.bin}/tooter", f"{self.bin}/unlisted"
        self.link, self.later = f"{self.bin}/alias", f"{folder}/opt/later/poster"
        self.home = f"{group}/home"
        os.mkdir(self.home)
        for path in (self.native, self.other):
            shutil.copy("/bin/sleep", path)
        self.write(self.script, DRAFT)
        os.symlink(self.script, self.link)

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def start(self, command, uid=NOBODY, cwd="/", group=None):
        def become():
            with open(f"{group or self.home}/cgroup.procs", "w", encoding="ascii") as file:
                file.write("0")
            drop(uid)()
        return subprocess.Popen(command, preexec_fn=become, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                cwd=cwd)

    def plan(self, *open_for):
        return block([self.native, self.link, self.later], open_for=open_for)

    def layer(self, name="programs", group=None, by=(), **env):
        return Layer(name, self.folder, self.group if group is None else group,
                     by=(*by, "env", *(f"{name}={value}" for name, value in env.items())))


def group_of(pid):
    return next(line[3:].strip() for line in read(f"/proc/{pid}/cgroup").splitlines() if line.startswith("0::"))


def is_frozen(machine, pid):
    mount = machine.group[:machine.group.rindex("/")]
    return FROZEN.search(group_of(pid)) and "frozen 1" in read(f"{mount}{group_of(pid)}/cgroup.events")


def types(process, line):
    process.stdin.write(line)
    process.stdin.flush()
    return process.stdout.readline().strip()
