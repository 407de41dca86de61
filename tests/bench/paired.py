#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""paired.py ROUNDS OUT - the same machine open and locked in turn: what is not listed costs so much more, and what of it fails; see run.

On the network two clients of one person take turns, a few connections each: one on the laptop, its twin in a network of its own that no table
stands in, by a wire of the same kind. Programs and files have no twin: the laptop is open and locked in turn. A ratio is of one turn, and its
95 % interval that of Student's t over their logarithms; the same turns while open show what the twin's place alone makes of it. What fails is
counted apart: each ordinary action of tests/system/bypass that goes where nothing is listed, or names what is not where something is.
"""
import json
import os
import statistics
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{SOURCE}/tests/system"]

from bypass.laptop import FOLDER, quietly  # noqa: E402
from bypass.rows import OPEN  # noqa: E402
from bypass.rows_machine import CONNECTED  # noqa: E402
from bypass.rows_network import LISTED_ADDRESSES  # noqa: E402
from common import end, end_process, wait_for  # noqa: E402
from costs import CLIENTS, FILES, OWN, SHARED, Bench  # noqa: E402
from figures import AtMost, Rows, add_pairs  # noqa: E402

PAIRS_OF_ROUND, TURNS_OF_ROUND = 4, 40
CONNECT, ELSEWHERE, THERE = "TCP connection, not listed", "upload of 4 MB, an address of its own", "upload of 4 MB, an address shared with a listed site"
WIRES = {CONNECT: ("connect", OWN[1], 20), ELSEWHERE: ("upload", "@".join(OWN), 2), THERE: ("upload", "@".join(SHARED), 2)}
TWIN, TWIN_FAR = "10.98.0.2", "10.98.0.1"
MOST = {**dict.fromkeys(FILES, 1.02), CONNECT: 1.05, ELSEWHERE: 1.05}
HERE = f"{SOURCE}/tests/system/bypass"


class Client:
    """One that stays, and does what it is told."""

    def __init__(self, user, *before):
        self.process = subprocess.Popen([*before, *user.command(["/usr/bin/python3", CLIENTS, "serve"])], env=user.environment(), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def does(self, what):
        self.process.stdin.write(" ".join(map(str, WIRES[what])) + "\n")
        self.process.stdin.flush()
        return statistics.median(json.loads(self.process.stdout.readline()))


class Paired(Bench):
    here, locked_now, twins, apart = HERE, False, (), None

    def twin(self):
        """A network of its own, with a wire to the far side beside the laptop's."""
        self.apart = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo there; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.apart.stdout.readline()
        there, far = str(self.apart.pid), str(self.wire.process.pid)
        quietly("ip", "link", "add", "twin", "netns", there, "type", "veth", "peer", "name", "twin-far", "netns", far)
        for pid, card, address in ((there, "twin", TWIN), (far, "twin-far", TWIN_FAR)):
            quietly("nsenter", "-t", pid, "-n", "ip", "addr", "add", f"{address}/24", "dev", card)
            quietly("nsenter", "-t", pid, "-n", "ip", "link", "set", card, "up")
        quietly("nsenter", "-t", there, "-n", "ip", "route", "add", "default", "via", TWIN_FAR)
        return Client(self.alice, "nsenter", "-t", there, "-n")

    def turns(self, number, locked):
        """{what: [(the twin's seconds, the laptop's)]}"""
        self.becomes(locked)
        both, found = self.twins, {what: [] for what in WIRES}
        for i in range(number):
            for what in WIRES:
                halves = {who: both[who].does(what) for who in ((0, 1) if i % 2 == 0 else (1, 0))}
                found[what].append((halves[0], halves[1]))
        return found

    def batch(self, what):
        words = ["/usr/bin/python3", CLIENTS, *map(str, FILES[what])]
        done = self.alice.run(words, 120)
        if done.returncode != 0:
            raise RuntimeError(f"{what}: {done.stderr[-500:]}")
        return statistics.median(json.loads(done.stdout)["times"])

    def becomes(self, locked):
        if locked == self.locked_now:
            return
        state, standing = (self.office.lockdown(), "enforced-verified") if locked else (self.office.all_clear(), "released-verified")
        if not self.laptop.hear(state, standing):
            raise RuntimeError(f"not {standing}: {self.laptop.link_end.last()}")
        self.locked_now = locked

    def pairs(self, number):
        """Each pair has its halves one after the other; the state that the last one left is the first of the next."""
        found = {what: [] for what in FILES}
        for i in range(number):
            halves = {}
            for locked in ((False, True) if i % 2 == 0 else (True, False)):
                self.becomes(locked)
                for what in FILES:
                    halves.setdefault(what, {})[locked] = self.batch(what)
            for what in FILES:
                found[what].append((halves[what][False], halves[what][True]))
        return found

    # What a row of the bypass suite asks of its stage.
    def run(self, user, command, seconds=10, **more):
        try:
            user.run(command, seconds, **more)
        except OSError:
            pass

    def soon(self, token):
        return wait_for(lambda: self.wire.arrived(token), 3)

    def close(self):
        for one in (*(client.process for client in self.twins), self.apart):
            end(one)
        if self.laptop.agent:
            end_process(self.laptop.agent)
        self.wire.close()

    def fails(self):
        """(the ordinary actions that work while open, those of them that do not while locked)."""
        rows = [row for row in (*LISTED_ADDRESSES, *CONNECTED) if row.end == OPEN and not row.before and "officer" not in row.name]
        names = {}
        for locked in (False, True):
            self.becomes(locked)
            for i, row in enumerate(rows):
                token = f"t-{i}-{locked}"
                row.attempt(self, token)
                if self.soon(token):
                    names.setdefault(locked, []).append(row.name)
        return names.get(False, []), [name for name in names.get(False, []) if name not in names.get(True, [])]


def rows_of(bench, rounds):
    rows = Rows()
    working, lost = bench.fails()
    rows.add("ordinary actions that fail while locked", "", [len(lost)], promise=AtMost(all_within=0),
             note=f"of {len(working)} that work while open" + "".join(f"; {name}" for name in lost))
    locked = bench.turns(TURNS_OF_ROUND * rounds, True)
    opened = bench.turns(TURNS_OF_ROUND * rounds, False)
    for what in WIRES:
        add_pairs(rows, what, opened[what], ("twin, beside open", "open"))
        add_pairs(rows, what, locked[what], ("twin, beside locked", "locked"), MOST.get(what))
    for what, pairs in bench.pairs(PAIRS_OF_ROUND * rounds).items():
        add_pairs(rows, what, pairs, ("open", "locked"), MOST[what])
    return rows


def main():
    os.makedirs(FOLDER, exist_ok=True)
    bench = Paired()
    try:
        bench.laptop.start()
        bench.laptop.hear(bench.office.again(), "none", 0)
        bench.twins = (bench.twin(), Client(bench.alice))
        rows_of(bench, int(sys.argv[1])).save(sys.argv[2])
    finally:
        bench.close()


if __name__ == "__main__":
    main()
