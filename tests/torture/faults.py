# SPDX-License-Identifier: MIT
"""What both torturers share: inject_probe at a running program, and where it strikes."""
import argparse
import os
import random
import signal
import subprocess
import time

from council_help import BUILD

PROBE = f"{BUILD}/tests/inject_probe"


class Injector:
    """inject_probe at a program: what it is to do, and `under`, FOLDER where only what lies there counts as written."""

    def __init__(self, pid, *words):
        self.process = subprocess.Popen([PROBE, str(pid), *map(str, words)], stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def done(self):
        """(calls, writes, failed, syncs) since it began."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return tuple(map(int, self.process.stdout.read().split()))


def part(text):
    """The K-th of N shares, from "K/N"."""
    which, _, of = text.partition("/")
    if not (which.isdigit() and of.isdigit() and 1 <= int(which) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text} is not a part such as 2/3; write which part, a slash, and how many there are")
    return int(which), int(of)


def options(about, faults, points):
    """What the command line says."""
    parser = argparse.ArgumentParser(description=about.split("\n")[0])
    parser.add_argument("--all", action="store_true", help="at every call: hours")
    parser.add_argument("--part", type=part, default=(1, 1), metavar="K/N", help="of --all, only the K-th of N shares, so that several run side by side")
    parser.add_argument("--points", type=int, default=points, help="how many of each kind of fault in a sample")
    parser.add_argument("--only", choices=faults, help="one kind of fault")
    return parser.parse_args()


def dice():
    """What a sample is drawn with, and said, so that it can be drawn again."""
    seed = int(os.environ.get("HF_SEED") or time.time_ns() % 1000000)
    print(f"       HF_SEED={seed} plays this again")
    return random.Random(seed)


def points(said, chance, of):
    """Places to strike at: all, or some of each stretch."""
    if said.all:
        return list(range(said.part[0], of + 1, said.part[1]))
    n = min(of, said.points)
    return sorted({1 + int((i + chance.random()) * of / n) for i in range(n)})
