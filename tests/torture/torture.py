#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""torture [--all [--part K/N]] [--points N] - the agent as it ships is killed, or its writes fail, at each system call of arming and releasing.

policy D9.2, D9.3: never open while it should be locked, never locked for ever after a verified release. Without --all it takes
a sample, spread over all calls, that HF_SEED plays again. Runs in deploy/demo/sandbox with every layer that is on.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "system"))

import sandboxed  # noqa: E402  (its folder has just been named)
import snapshot  # noqa: E402
from bypass.laptop import DRAFTER, FOLDER, POSTER, Laptop, Office, Wire, install, people  # noqa: E402
from common import check, results, wait_for  # noqa: E402
from enforce_help import as_user, cgroup_mount, end, read  # noqa: E402
from test_agent import BUILD, Ca, end_process  # noqa: E402

PROBE = f"{BUILD}/tests/inject_probe"
POINTS = 12  # of each kind of fault in a sample, for arming and for releasing
LOCKED, OPEN = "enforced-verified", "released-verified"
TOUCHED = ("/etc/chromium", "/etc/opt", "/etc/firefox", "/etc/firefox-esr", "/usr/lib/firefox-esr/defaults", "/opt", "/run/holdfast-agent")
FOREVER = 100000
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], 443), 2)"


class Machine:
    """A laptop with somebody who posts, and all that can be seen of whether it is locked."""

    def __init__(self):
        self.alice, _ = people()
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
        if not self.laptop.start():
            raise RuntimeError(f"the agent does not start: {self.laptop.log()[-2000:]}")

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

    def open_doors(self):
        """The layers that let something through now."""
        found = []
        if "x.com" not in self.laptop.blocked():
            found.append("browser")
        if as_user(self.alice.uid, [POSTER, "--version"], cwd="/")[0] == 0:
            found.append("programs")
        if not self.frozen():
            found.append("running")
        if "network" in self.layers and as_user(self.alice.uid, ["/usr/bin/python3", "-c", CONNECT, "203.0.113.10"], cwd="/")[0] == 0:
            found.append("network")
        return found

    def doors(self):
        return ["browser", "programs", "running"] + (["network"] if "network" in self.layers else [])

    def locked(self):
        """Every door is shut; what is still open, else."""
        return wait_for(lambda: not self.open_doors(), 5) or self.open_doors()

    def as_before(self):
        """Nothing differs from the machine before; the differences, else."""
        end_s = time.monotonic() + 5
        while (wrong := self.differences()) and time.monotonic() < end_s:
            time.sleep(0.05)  # looking is dear
        shut = sorted(set(self.doors()) - set(self.open_doors()))
        return True if not wrong and not shut else wrong[:3] + [f"still shut: {shut}"]

    def differences(self):
        return snapshot.differences(self.before, snapshot.of_machine(TOUCHED))

    def knows_lockdown(self):
        """What the agent itself says of this moment."""
        return json.loads(self.laptop.status("--json", user="comms2")[1])["level"] == "block"

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


class Injector:
    """inject_probe at the agent."""

    def __init__(self, pid, *words):
        self.process = subprocess.Popen([PROBE, str(pid), *map(str, words)], stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def done(self):
        """(calls, writes, failed) since it began."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return tuple(map(int, self.process.stdout.read().split()))


class Torture:
    def __init__(self, machine, dice, options):
        self.m, self.dice, self.options, self.bad = machine, dice, options, 0

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
        return self.m.locked() if wanted == LOCKED else self.m.as_before()

    def plainly(self, wanted):
        """(calls, writes) of the way when nothing happens to it."""
        link = self.m.laptop.join()
        probe = Injector(self.m.laptop.agent.pid, "count")
        link.say("state/c1", self.order(wanted))
        seen = link.standing(wanted, 20)
        calls, writes, _ = probe.done()
        check(f"{wanted}: it says so in peace", bool(seen), link.last())
        there = self.arrived(wanted)
        check(f"{wanted}: and is", there is True, there)
        return calls, writes

    def killed(self, wanted, at):
        laptop, name = self.m.laptop, f"killed at call {at} on the way to {wanted}"
        link = laptop.join()
        probe = Injector(laptop.agent.pid, "kill", at)
        tell(link, self.order(wanted))
        wait_for(lambda: laptop.agent.poll() is not None or link.standing(wanted, 0.05), 20)
        claimed = bool(link.listen().standing(wanted, 0))
        probe.done()
        laptop.die()
        if claimed and wanted == LOCKED:
            self.say(f"{name}: it had said so, and was killed: locked", self.m.locked())
        self.m.started()
        if self.m.knows_lockdown():
            self.say(f"{name}: started again, it says locked, and is", self.m.locked())
        else:
            self.say(f"{name}: started again, it says open, and is", self.m.as_before())
            self.say(f"{name}: a verified {wanted} is not forgotten", not (claimed and wanted == LOCKED))
        seen = laptop.hear(self.m.office.again(), wanted, 20)
        self.say(f"{name}: told again, it gets there", bool(seen), laptop.link_end.last())
        self.say(f"{name}: and is", self.arrived(wanted))

    def failing(self, wanted, error, at, many=1):
        """Writes fail; then they do no more."""
        laptop, name = self.m.laptop, f"{error} at write {at}{'' if many == 1 else ' and ever after'} on the way to {wanted}"
        link = laptop.join()
        probe = Injector(laptop.agent.pid, error, at, many)
        link.say("state/c1", self.order(wanted))
        seen = link.standing(wanted, 1.0 if many > 1 else 15)
        if seen:
            self.say(f"{name}: it says that it is, and is", self.arrived(wanted))
        elif self.m.knows_lockdown() and wanted == OPEN:
            self.say(f"{name}: it says locked, and is", self.m.locked())
        probe.done()
        self.say(f"{name}: it lives", laptop.agent.poll() is None, laptop.log()[-500:])
        self.say(f"{name}: when the disk is well it gets there", bool(seen or link.standing(wanted, 20)), link.last())
        self.say(f"{name}: and is", self.arrived(wanted))

    # All of them -------------------------------------------------------------------------------------------------------
    def points(self, of):
        """Places to strike at: all, or some of each stretch."""
        if self.options.all:
            return list(range(self.options.part[0], of + 1, self.options.part[1]))
        n = min(of, self.options.points)
        return sorted({1 + int((i + self.dice.random()) * of / n) for i in range(n)})

    def both(self, act, there, back):
        """Arming at the places of one list and releasing at those of the other, in turn; act(wanted, at)."""
        for i in range(max(len(there), len(back))):
            act(LOCKED, there[i] if i < len(there) else there[-1])
            act(OPEN, back[i] if i < len(back) else back[-1])

    def play(self):
        there, back = self.plainly(LOCKED), self.plainly(OPEN)
        print(f"       arming: {there[0]} calls, {there[1]} of them write; releasing: {back[0]}, {back[1]}")
        start = time.monotonic()
        self.both(self.killed, self.points(there[0]), self.points(back[0]))
        print(f"       killed: {time.monotonic() - start:.0f} s", flush=True)
        for error in ("ENOSPC", "EIO"):
            start = time.monotonic()
            self.both(lambda wanted, at, e=error: self.failing(wanted, e, at), self.points(there[1]), self.points(back[1]))
            for many in (1, max(1, there[1] // 2)):
                self.both(lambda wanted, at, e=error: self.failing(wanted, e, at, FOREVER), [many], [many])
            print(f"       {error}: {time.monotonic() - start:.0f} s", flush=True)


def part(text):
    """The K-th of N shares, from "K/N"."""
    which, _, of = text.partition("/")
    if not (which.isdigit() and of.isdigit() and 1 <= int(which) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text} is not a part such as 2/3; write which part, a slash, and how many there are")
    return int(which), int(of)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--all", action="store_true", help="at every call: hours")
    parser.add_argument("--part", type=part, default=(1, 1), metavar="K/N", help="of --all, only the K-th of N shares, so that several run side by side")
    parser.add_argument("--points", type=int, default=POINTS, help="how many of each kind of fault in a sample")
    options = parser.parse_args()

    def body():
        os.makedirs(FOLDER, exist_ok=True)
        seed = int(os.environ.get("HF_SEED") or time.time_ns() % 1000000)
        print(f"       HF_SEED={seed} plays this again")
        machine = Machine()
        try:
            Torture(machine, random.Random(seed), options).play()
        finally:
            machine.close()
    return sandboxed.run("torture", body, 100000 if options.all else 800)


if __name__ == "__main__":
    sys.exit(main())
