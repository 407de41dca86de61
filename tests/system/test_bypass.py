#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Attempts of an ordinary user to post while a lockdown is in force (D9.1, D9.2), against the agent as it ships.

Every row of tests/system/bypass is first tried while everything is open, and must post, or it proves nothing; then while
locked; then after the all-clear (D9.3). The oracle is what the platforms' server received. A row that needs a layer which this
build does not know is skipped and says so. HF_ROWS plays those rows alone whose names have that word, or one of several with | between them.
"""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import time

import sandboxed
from bypass import rows_agent, rows_machine, rows_network, rows_sockets, rows_web
from bypass.laptop import FOLDER, Laptop, Office, Wire, install, people
from bypass.rows import BLOCKED, OPEN
from bypass.web import Chromium
from common import ENOUGH, check, end, end_process, read, results, wait_for
from enforce_help import cgroup_mount, remove_group
from council_help import BUILD, SOURCE, Ca

HERE = os.path.dirname(os.path.abspath(__file__))
OTHER_CLOCK = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
SIDE_BY_SIDE = 2


class Speaker:
    """A helper that was started once, and to which lines are said."""

    def __init__(self, user, command):
        self.process = subprocess.Popen(user.command(command), env=user.environment(), cwd=user.home, text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.pid, self.owed = self.process.pid, 0
        self.process.stdout.readline()
        os.set_blocking(self.process.stdout.fileno(), False)

    def say(self, line, seconds=ENOUGH):
        """Say it, and wait for the answer of every line that was said; a frozen one gives none."""
        self.process.stdin.write(line + "\n")
        self.owed += 1
        wait_for(self._answered, seconds)

    def _answered(self):
        try:
            self.owed -= os.read(self.process.stdout.fileno(), 4096).count(b"\n")
        except BlockingIOError:
            pass
        return self.owed <= 0

    def close(self):
        end(self.process)


class Stage:
    """All that the attempts use."""
    here = f"{HERE}/bypass"
    wait_for = staticmethod(wait_for)
    speaker = Speaker
    other_clock = OTHER_CLOCK

    def __init__(self):
        self.locked, self.kept, self.last_words = False, {}, ""
        self.alice, self.officer = people()
        self.wire = Wire(FOLDER)
        install(self.alice)
        self.office = Office()
        self.laptop = Laptop(FOLDER, self.office, Ca(f"{FOLDER}/ca"))
        self.laptop.enrolled()
        self.laptop.scripted()
        self.layers = self.laptop.layers() | ({"desk"} if os.path.exists(f"{BUILD}/holdfast-desk") else set())
        self.top_group = cgroup_mount()
        self.own_group = f"{self.top_group}/hf-bypass-{os.getpid()}"
        self.proxy = subprocess.Popen(self.alice.command(["/usr/bin/python3", f"{self.here}/far_side.py", "proxy", "127.0.0.1", "3129"]),
                                      stdin=subprocess.DEVNULL)
        check("the agent starts", self.laptop.start(), self.laptop.log()[-2000:])
        self.laptop.hear(self.office.again(), "none", 0)
        self.web = Chromium(self.alice, self.wire.certificate)

    def seconds(self, refused):
        """How long what is tried now may take: so long, if it is to be refused and need not come to an end."""
        return ENOUGH if self.web.patient else refused

    def comes(self, condition, refused=2):
        return wait_for(condition, self.seconds(refused))

    def run(self, user, command, seconds=None, **more):
        """A command of that person; one that is refused or frozen has ended as well."""
        try:
            done = user.run(command, seconds or self.seconds(8), **more)
            self.last_words = done.stdout + done.stderr
        except (OSError, subprocess.TimeoutExpired) as why:
            self.last_words = str(why)

    def soon(self, token):
        return self.comes(lambda: self.wire.arrived(token), 1.5)

    def group_of(self, pid):
        return self.top_group + next(line[3:].strip() for line in read(f"/proc/{pid}/cgroup").splitlines() if line.startswith("0::"))

    def starts(self, **environment):
        check("the agent starts again", self.laptop.start(**environment), self.laptop.log()[-2000:])

    def settles(self):
        """All layers hold again, the agent says."""
        link = self.laptop.join()
        return link.report(lambda r: all(layer["state"] in ("verified", "off", "idle") for layer in r["layers"]))

    def forget_memory(self):
        shutil.rmtree(self.laptop.state)
        shutil.rmtree(f"{self.laptop.state}-copy")

    def close(self):
        self.web.close()
        for kept in self.kept.values():
            kept.close()
        wait_for(lambda: remove_group(self.own_group))
        end_process(self.laptop.agent)
        end(self.proxy)
        self.wire.close()


class Suite:
    def __init__(self, stage, wanted):
        self.s, self.number, self.locked_tokens, self.said = stage, 0, [], set()
        first = (rows_web.PAGES, rows_web.OPEN_TABS, rows_machine.STARTED, rows_machine.CONNECTED, rows_network.LISTED_ADDRESSES, rows_sockets.SOCKETS,
                 rows_machine.RUNNING_ROWS,
                 rows_web.LAUNCHED, rows_agent.BY_THE_USER, rows_agent.LIVES)
        self.rows = [row for group in first for row in group if self.is_there(row, wanted)]
        self.second = [row for row in rows_agent.SECOND_LIVES if self.is_there(row, wanted)]

    def is_there(self, row, wanted):
        if not any(word in row.name for word in wanted.split("|")):
            return False
        if row.lives(self.s.layers):
            return True
        print(f"skip {row.name}: this build has no layer {row.waits_for()} yet")
        results["skipped"] += 1
        return False

    def prepare(self):
        for row in self.rows:
            if row.prepare:
                row.prepare(self.s)

    def token(self, phase):
        self.number += 1
        return f"t-{self.number}-{phase}"

    def posted(self, row, phase):
        """(how many posts of this attempt arrived, how many there would be when nothing is blocked)."""
        token = self.token(phase)
        if phase == "locked":
            self.locked_tokens.append((row, token))
            if row.before:
                row.before(self.s)
        self.s.last_words = ""
        self.s.web.expects(phase != "locked" or row.end != BLOCKED)
        row.attempt(self.s, token)
        return len(self.s.wire.posts().get(token, ())), row.posts(self.s) if row.posts else 1

    def each(self, rows, phase, judge):
        """Try every row of this phase; those that may run side by side do so."""
        wanted = [row for row in rows if phase == "locked" or (row.control and (row.after or phase == "open"))]
        for row in wanted:
            if row.alone:
                judge(row, *self.posted(row, phase))
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            together = [row for row in wanted if not row.alone]
            for row, done in zip(together, pool.map(lambda r: self.posted(r, phase), together)):
                judge(row, *done)

    def while_open(self, rows, phase):
        def judge(row, arrived, of):
            check(f"{phase}: {row.name}: posts", arrived >= of, f"{arrived} of {of}; {self.s.web.where()}; {self.s.last_words[-300:]}")
        start = time.monotonic()
        self.each(rows, phase, judge)
        print(f"       {phase}: {time.monotonic() - start:.0f} s")

    def lock(self):
        wait_for(self.s.web.grown)
        done = self.s.laptop.hear(self.s.office.lockdown(), "enforced-verified")
        check("D9.2: raised, enforced and verified", done, self.s.laptop.link_end.last())
        self.s.locked = True

    def while_locked(self, rows):
        def judge(row, arrived, _):
            if row.end == BLOCKED:
                check(f"locked: {row.name}: blocked", arrived == 0, f"{arrived} posts; {self.s.last_words[-300:]}")
            elif row.end == OPEN:
                check(f"locked: {row.name}: still posts (D9.1)", arrived > 0, f"{self.s.web.where()}; {self.s.last_words[-300:]}")
            else:
                check(f"locked: {row.name}: not stopped, as deploy/LIMITS.md says", arrived > 0 and row.listed in limits(), arrived)
            self.report_says(row.says)
        start = time.monotonic()
        self.each(rows, "locked", judge)
        print(f"       locked: {time.monotonic() - start:.0f} s")

    def report_says(self, words):
        """Asked when it has just been tried: an agent that starts again counts anew. The same words are asked once."""
        if not words or words in self.said:
            return
        self.said.add(words)
        found = self.s.laptop.link_end.report(lambda r: any(words in layer["saw"] for layer in r["layers"]))
        check(f"locked: the report says: {words}", found, self.s.laptop.link_end.last()["layers"])

    def no_packets_of_ones_own(self):
        """Nobody but root writes packets that no rule has an owner for: a namespace of one's own gives no way to this machine's cards."""
        self.s.run(self.s.alice, ["/usr/bin/python3", f"{self.s.here}/socket_tricks.py", "raw"])
        said = dict(line.split(": ", 1) for line in self.s.last_words.splitlines() if ": " in line)
        refused = ("Operation not permitted", "Permission denied", "Address family not supported by protocol", "No such file or directory")
        for what in ("packet", "raw", "raw six", "smc", "tun"):
            check(f"locked: as root of a user namespace of one's own: {what}: the kernel refuses it", said.get(what) in refused, self.s.last_words[-500:])

    def release(self):
        self.s.locked = False
        done = self.s.laptop.hear(self.s.office.all_clear(), "released-verified")
        check("D9.3: released and verified", done, self.s.laptop.link_end.last())

    def killed_while(self, state, standing):
        """The agent hears it, and is killed while it acts; the next one is told again."""
        self.s.laptop.join().say("state/c1", state)
        self.s.laptop.die()
        self.s.starts()
        done = self.s.laptop.hear(self.s.office.again(), standing)
        check(f"killed on the way to {standing}: it gets there", done, self.s.laptop.link_end.last())

    def second_lockdown(self):
        self.killed_while(self.s.office.lockdown(), "enforced-verified")
        self.s.locked = True
        self.while_locked(self.second)
        self.s.locked = False
        self.killed_while(self.s.office.all_clear(), "released-verified")
        self.while_open(self.second, "again")

    def nothing_came_late(self):
        """A post that was held back must not go out after the all-clear; what somebody typed into a frozen program may."""
        late = [row.name for row, token in self.locked_tokens
                if row.end == BLOCKED and not row.keeps and self.s.wire.arrived(token)]
        check("no blocked post has come late", late == [], late)


def limits():
    return read(f"{SOURCE}/deploy/LIMITS.md")


def played():
    os.makedirs(FOLDER, exist_ok=True)
    stage = Stage()
    try:
        suite = Suite(stage, os.environ.get("HF_ROWS", ""))
        suite.prepare()
        suite.while_open(suite.rows, "open")
        suite.lock()
        suite.while_locked(suite.rows)
        suite.no_packets_of_ones_own()
        suite.release()
        suite.while_open(suite.rows, "after")
        suite.second_lockdown()
        suite.nothing_came_late()
    finally:
        stage.close()


if __name__ == "__main__":
    sys.exit(sandboxed.run("bypass", played))
