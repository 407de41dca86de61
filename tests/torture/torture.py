#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""torture [--all [--part K/N]] [--points N] [--only FAULT] - the agent as it ships is killed, its writes fail, or it gets no memory, at each call of arming and releasing.

policy D9.2, D9.3: never open while it should be locked, never locked for ever after a verified release. Without --all it takes
a sample, spread over all calls, that HF_SEED plays again. Runs in deploy/demo/sandbox with every layer that is on.
"""
import functools
import itertools
import json
import mmap
import os
import re
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "system"))

import faults  # noqa: E402
import sandboxed  # noqa: E402  (its folder has just been named)
import snapshot  # noqa: E402
from bypass.laptop import DRAFTER, FOLDER, POSTER, Laptop, Office, Wire, install, people  # noqa: E402
from common import check, end, end_process, read, results, wait_for, write
from enforce_help import as_user, cgroup_mount
from council_help import BUILD, Ca

STARVE = f"{BUILD}/tests/starve.so"
FAULTS = ("killed", "ENOSPC", "EIO", "memory")
POINTS = 12  # of each kind of fault in a sample, for arming and for releasing
FRAME = re.compile(r"/\S+\(.*\)\[0x")  # as backtrace(3) writes one
LOCKED, OPEN, LOST = "enforced-verified", "released-verified", "lost"
STRANGER = 61009  # a user of whom no assignment says anything
TOUCHED = ("/etc/chromium", "/etc/opt", "/etc/firefox", "/etc/firefox-esr", "/usr/lib/firefox-esr/defaults", "/opt", "/run/holdfast-agent")
FOREVER = 100000
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], 443), 30)"


class Machine:
    """A laptop with somebody who posts, and all that can be seen of whether it is locked."""

    def __init__(self):
        self.alice, _ = people()
        self.memory = Memory(f"{FOLDER}/memory")
        self.wire = Wire(FOLDER)
        install(self.alice)
        self.office = Office()
        self.laptop = Laptop(FOLDER, self.office, Ca(f"{FOLDER}/ca"))
        self.laptop.enrolled()
        self.layers = self.laptop.layers()
        self.started()
        self.laptop.hear(self.office.again(), "none", 0)
        self.draft = self.types()
        self.before = snapshot.of_machine(TOUCHED)

    def started(self):
        if not self.laptop.start(LD_PRELOAD=STARVE, HF_STARVE=self.memory.path):
            raise RuntimeError(f"the agent does not start: {self.laptop.log()[-1200:]}")

    def types(self):
        draft = subprocess.Popen(self.alice.command([DRAFTER, "typed_lines", "social.example"]), env=self.alice.environment(),
                                 cwd=self.alice.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        draft.stdout.readline()
        return draft

    def frozen(self):
        group = next(line[3:].strip() for line in read(f"/proc/{self.draft.pid}/cgroup").splitlines() if line.startswith("0::"))
        try:
            return "frozen 1" in read(f"{cgroup_mount()}{group}/cgroup.events")
        except FileNotFoundError:
            return False

    def open_doors(self, uid=None):
        """The layers that let something through now, for somebody who posts, or for this user, of whom nothing runs."""
        found, who = [], uid or self.alice.uid
        if "x.com" not in self.laptop.blocked():
            found.append("browser")
        if as_user(who, [POSTER, "--version"], cwd="/")[0] == 0:
            found.append("programs")
        if not uid and not self.frozen():
            found.append("running")
        if "network" in self.layers and as_user(who, ["/usr/bin/python3", "-c", CONNECT, "203.0.113.10"], cwd="/")[0] == 0:
            found.append("network")
        return found

    def doors(self):
        return ["browser", "programs", "running"] + (["network"] if "network" in self.layers else [])

    def locked(self, uid=None):
        """Every door is shut; what is still open, else."""
        still = []

        def shut():
            still[:] = self.open_doors(uid)
            return not still
        return wait_for(shut) or still

    def as_before(self):
        """Nothing differs from the machine before; the differences, else."""
        wrong = []

        def same():
            wrong[:] = self.differences()
            return not wrong
        wait_for(same)
        shut = sorted(set(self.doors()) - set(self.open_doors()))
        return True if not wrong and not shut else wrong[:3] + [f"still shut: {shut}", self.laptop.status("--json", user="comms2")[1]]

    def differences(self):
        return snapshot.differences(self.before, snapshot.of_machine(TOUCHED))

    def stands(self):
        """LOCKED, OPEN or LOST, as the agent itself says; on a busy machine it is asked until it answers. None: it has ended."""
        said = {}

        def asked():
            code, out, _ = self.laptop.status("--json", user="comms2")
            if code == 0:
                said.update(json.loads(out))
            return said or self.laptop.agent.poll() is not None
        wait_for(asked)
        if said and said["unknown"]:
            return LOST
        return {"block": LOCKED}.get(said["level"], OPEN) if said else None

    def close(self):
        end(self.draft)
        end_process(self.laptop.agent)
        self.wire.close()


def tell(link, state):
    """Say it to an agent that may be dead by then."""
    try:
        link.say("state/c1", state)
    except OSError:
        pass


class Memory:
    """What the agent may still allocate (starve.c); its children have the C library's own allocator."""

    def __init__(self, path):
        self.path = path
        write(path, bytes(24))
        with open(path, "r+b") as f:
            self.page = mmap.mmap(f.fileno(), 24)

    def ends(self, at=0, many=0):
        """From now on: the at-th allocation and those behind it get none; 0: each gets what it asks for."""
        struct.pack_into("=q", self.page, 8, 0)  # nothing fails while the numbers change
        struct.pack_into("=q", self.page, 0, 0)
        struct.pack_into("=q", self.page, 16, at + many)
        struct.pack_into("=q", self.page, 8, at)

    def count(self):
        return struct.unpack_from("=q", self.page, 0)[0]


class Torture:
    def __init__(self, machine, dice, options):
        self.m, self.dice, self.options, self.ended = machine, dice, options, 0

    def say(self, what, good, saw=""):
        """Only what is wrong has a line of its own; each point is counted."""
        if good is True:
            results["passed"] += 1
        else:
            check(what, False, good if good else saw)

    # One way, with a fault in it ---------------------------------------------------------------------------------------
    def order(self, wanted):
        return self.m.office.lockdown() if wanted == LOCKED else self.m.office.all_clear()

    def arrived(self, wanted):
        """A memory that was lost on the way stays shut, whatever a release says, until two officers speak: they do."""
        if wanted == LOCKED:
            return self.m.locked()
        self.m.laptop.recover_if_lost(self.m.laptop.link_end.listen())
        return self.m.as_before()

    def plainly(self, wanted):
        """(calls, writes, allocations, syncs) of the way when nothing happens to it."""
        link = self.m.laptop.join()
        probe = faults.Injector(self.m.laptop.agent.pid, "count")
        self.m.memory.ends()
        link.say("state/c1", self.order(wanted))
        seen = link.standing(wanted)
        allocations = self.m.memory.count()
        calls, writes, _, syncs = probe.done()
        check(f"{wanted}: it says so in peace", bool(seen), link.last())
        there = self.arrived(wanted)
        check(f"{wanted}: and is", there is True, there)
        return calls, writes, allocations, syncs

    def killed(self, wanted, at, how="kill"):
        """At this call; or after this sync: what was appended before the save, or in one slot of two, is all that there is."""
        laptop, name = self.m.laptop, f"killed at {'call' if how == 'kill' else 'the call after sync'} {at} on the way to {wanted}"
        link = laptop.join()
        probe = faults.Injector(laptop.agent.pid, how, at)
        tell(link, self.order(wanted))
        wait_for(lambda: laptop.agent.poll() is not None or link.standing(wanted, 0.05))
        claimed = bool(link.listen().standing(wanted, 0))
        probe.done()
        laptop.die()
        self.after_death(name, wanted, claimed)

    def after_death(self, name, wanted, claimed):
        """What it said stands while it is gone; started again it knows what it is in, and gets where it was told to."""
        laptop = self.m.laptop
        if claimed and wanted == LOCKED:
            self.say(f"{name}: it had said so, and was killed: locked", self.m.locked())
        self.m.started()
        stands = self.m.stands()
        if stands == LOCKED:
            self.say(f"{name}: started again, it says locked, and is", self.m.locked())
        elif stands == LOST:  # what was enforced is held, and not written down: shut for all but a designated officer
            self.say(f"{name}: started again, it says that it has lost what it knew, and is shut", self.m.locked(STRANGER))
        else:
            self.say(f"{name}: started again, it says open, and is", self.m.as_before())
            self.say(f"{name}: a verified {wanted} is not forgotten", not (claimed and wanted == LOCKED))
        seen = laptop.hear(self.m.office.again(), wanted)
        self.say(f"{name}: told again, it gets there", bool(seen), laptop.link_end.last())
        self.say(f"{name}: and is", self.arrived(wanted))

    def failing(self, error, wanted, at, many=1):
        """Writes fail; then they do no more."""
        laptop, name = self.m.laptop, f"{error} at write {at}{'' if many == 1 else ' and ever after'} on the way to {wanted}"
        link = laptop.join()
        probe = faults.Injector(laptop.agent.pid, error, at, many)
        link.say("state/c1", self.order(wanted))
        seen = link.standing(wanted, 1.0 if many > 1 else 15)
        if seen:
            self.say(f"{name}: it says that it is, and is", self.arrived(wanted))
        elif self.m.stands() == LOCKED and wanted == OPEN:
            self.say(f"{name}: it says locked, and is", self.m.locked())
        probe.done()
        self.say(f"{name}: it lives", laptop.agent.poll() is None, laptop.log()[-500:])
        self.say(f"{name}: when the disk is well it gets there", bool(seen or link.standing(wanted)), link.last())
        self.say(f"{name}: and is", self.arrived(wanted))

    def starved(self, wanted, at, many=1):
        """No memory for some allocations; then there is again. A program may end for it, in good order."""
        laptop, name = self.m.laptop, f"no memory at allocation {at}{'' if many == 1 else ' and ever after'} on the way to {wanted}"
        link = laptop.join()
        self.m.memory.ends(at, many)
        tell(link, self.order(wanted))
        wait_for(lambda: laptop.agent.poll() is not None or link.standing(wanted, 0.05), 1.0 if many > 1 else 5)
        claimed = bool(link.listen().standing(wanted, 0))
        self.m.memory.ends()
        locked = not claimed and self.m.stands() == LOCKED
        if laptop.agent.poll() is not None:
            self.ended += 1
            self.say(f"{name}: it ends in good order", self.in_good_order(), f"{laptop.agent.poll()} {laptop.log()[-1200:]}")
            return self.after_death(name, wanted, claimed)
        if claimed:
            self.say(f"{name}: it says that it is, and is", self.arrived(wanted))
        elif locked and wanted == OPEN:
            self.say(f"{name}: it says locked, and is", self.m.locked())
        seen = claimed or laptop.hear(self.m.office.again(), wanted)
        self.say(f"{name}: told again, it gets there", bool(seen), laptop.link_end.last())
        return self.say(f"{name}: and is", self.arrived(wanted))

    def in_good_order(self):
        """By its own hand; or in libnftables, which asserts that there is memory: what starve.c wrote last tells where."""
        agent, lines = self.m.laptop.agent, self.m.laptop.log()[-6000:].splitlines()
        last = itertools.takewhile(FRAME.match, itertools.dropwhile(lambda line: not FRAME.match(line), reversed(lines)))
        where = [line for line in reversed(list(last)) if "/starve.so" not in line and "/libc.so" not in line]
        return agent.poll() >= 0 or bool(where) and "/libnftables.so" in where[0]

    # All of them -------------------------------------------------------------------------------------------------------
    def both(self, act, there, back):
        """Arming at the places of one list and releasing at those of the other, in turn; act(wanted, at)."""
        for i in range(max(len(there), len(back))):
            act(LOCKED, there[i] if i < len(there) else there[-1])
            act(OPEN, back[i] if i < len(back) else back[-1])

    def timed(self, fault, act, counts):
        """One kind of fault at so many places of both ways; and from one place on for ever, but for a death."""
        start, (there, back) = time.monotonic(), counts
        if self.options.only not in (None, fault):
            return
        self.both(act, *(faults.points(self.options, self.dice, of) for of in (there, back)))
        if fault != "killed":
            for at in (1, max(1, there // 2)):
                self.both(lambda wanted, at: act(wanted, at, FOREVER), [at], [at])
        print(f"       {fault}: {time.monotonic() - start:.0f} s", flush=True)

    def play(self):
        there, back = self.plainly(LOCKED), self.plainly(OPEN)
        for way, counts in (("arming", there), ("releasing", back)):
            print(f"       {way}: {counts[0]} calls, {counts[1]} of them write; {counts[2]} allocations; {counts[3]} syncs")
        calls, writes, allocations, syncs = zip(there, back)
        self.timed("killed", self.killed, calls)
        self.timed("killed", functools.partial(self.killed, how="sync"), syncs)
        for error in ("ENOSPC", "EIO"):
            self.timed(error, functools.partial(self.failing, error), writes)
        self.timed("memory", self.starved, allocations)
        print(f"       without memory the agent ended {self.ended} times", flush=True)


def main():
    said = faults.options(__doc__, FAULTS, POINTS)

    def body():
        os.makedirs(FOLDER, exist_ok=True)
        chance = faults.dice()
        machine = Machine()
        try:
            Torture(machine, chance, said).play()
        finally:
            machine.close()
    return sandboxed.run("torture", body)


if __name__ == "__main__":
    sys.exit(main())
