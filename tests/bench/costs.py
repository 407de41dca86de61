#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""costs.py ROUNDS OUT - what is not listed costs this while locked: an exec, an open, a connection, a page.

Each round measures with no agent, locked, and under each peer that is there, so that all meet the same load; a round gives one
value, the median of its own. The servers stand in a second network, behind a pair of virtual cards; see tests/bench/run.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{SOURCE}/tests/system"]

from bypass.laptop import FOLDER, MANAGED, Laptop, Office, Wire, install, people  # noqa: E402
from bypass.web import Chromium  # noqa: E402
from common import end_process, wait_for  # noqa: E402
from figures import Rows  # noqa: E402
from peers import SMALL, Fapolicyd, Opensnitch  # noqa: E402
from council_help import Ca  # noqa: E402

CLIENTS = f"{SOURCE}/tests/bench/clients.py"
LISTED = "facebook.com"
OWN, SHARED = ("www.cannockchasedc.gov.uk", "203.0.113.30"), ("shared.example", "203.0.113.20")
FILES = {"exec, beside a listed program": ("exec", "/usr/bin/true", 100), "open, beside a listed program": ("open", "/usr/bin/true", 100),
         "exec, elsewhere": ("exec", f"{SMALL}/true", 100), "open, elsewhere": ("open", f"{SMALL}/true", 100)}
WIRES = {"TCP connection": ("connect", OWN[1], 100), "TLS connection, an address of its own": ("hello", "@".join(OWN), 40),
         "TLS connection, an address shared with a listed site": ("hello", "@".join(SHARED), 40)}
PAGE, PAGES = "page in Chromium", 10
NONE = "no agent"


class Bench:
    def __init__(self):
        self.alice, _ = people()
        self.wire = Wire(FOLDER)
        install(self.alice)
        os.makedirs(SMALL)
        subprocess.run(["mount", "-t", "ramfs", "-o", "mode=0755", "ramfs", SMALL], check=True)
        shutil.copy("/usr/bin/true", SMALL)
        self.office, self.times, self.ended = Office(), {}, {}
        self.laptop = Laptop(FOLDER, self.office, Ca(f"{FOLDER}/ca"))
        self.laptop.enrolled()
        peers = os.environ.get("HF_PEERS", "")
        self.peers = {"fapolicyd": (Fapolicyd(peers), [what for what in FILES if "elsewhere" in what]),
                      "opensnitch": (Opensnitch(peers), list(WIRES))}

    def put(self, what, under, times):
        """The median of each round stands for it: one that was held up by another program does not."""
        self.times.setdefault((what, under), []).append(statistics.median(times))

    def clients(self, wanted, under):
        for what in wanted:
            words = ["/usr/bin/python3", CLIENTS, *map(str, (FILES | WIRES)[what])]
            done = self.alice.run(words, 120)
            if done.returncode != 0:
                raise RuntimeError(f"{what}, {under}: {done.stderr[-500:]}")
            told = json.loads(done.stdout)
            self.put(what, under, told["times"])
            self.ended[what, under] = self.ended.get((what, under), 0) + told["ended"]

    def pages(self, under, ready):
        """A browser of one's own each time: the policies it starts with are those of the moment."""
        web = Chromium(self.alice, self.wire.certificate)
        try:
            wait_for(ready, 20)
            web.driver.get(f"https://{OWN[0]}/")
            self.put(PAGE, under, [self.page(web, n) for n in range(PAGES)])
        finally:
            web.close()

    @staticmethod
    def page(web, number):
        start = time.perf_counter()
        web.driver.get(f"https://{OWN[0]}/page-{number}")
        took = time.perf_counter() - start
        if web.driver.execute_script("return typeof post") != "function":
            raise RuntimeError("an unlisted page does not load")
        return took

    def listed_is_refused(self):
        return self.alice.run(["/usr/bin/python3", CLIENTS, "hello", f"{LISTED}@{SHARED[1]}", "1"], 30).returncode != 0

    def without(self):
        shutil.rmtree(MANAGED, ignore_errors=True)
        self.clients([*FILES, *WIRES], NONE)
        self.pages(NONE, lambda: True)

    def locked(self):
        self.laptop.start()
        if not self.laptop.hear(self.office.lockdown(), "enforced-verified"):
            raise RuntimeError(f"not locked: {self.laptop.link_end.last()}")
        self.laptop.link_end.listen()
        if not wait_for(self.listed_is_refused, 10):
            raise RuntimeError("a listed site at the shared address is reached while locked")
        self.clients([*FILES, *WIRES], "locked")
        self.pages("locked", hosts)
        if not self.laptop.hear(self.office.all_clear(), "released-verified", 40):
            raise RuntimeError(f"not released: {self.laptop.link_end.last()}")
        end_process(self.laptop.agent)

    def peer(self, name):
        peer, wanted = self.peers[name]
        if peer.starts():
            try:
                self.clients(wanted, name)
            finally:
                peer.stop()

    def round(self, number):
        """Every other time the other way about, so that none is always the first."""
        steps = [self.without, self.locked, *(lambda name=name: self.peer(name) for name in self.peers)]
        for step in steps if number % 2 == 0 else reversed(steps):
            step()

    def rows(self):
        rows = Rows()
        for what in (*FILES, *WIRES, PAGE):
            unit = "ms" if what == PAGE else "us"
            for under in (NONE, "locked", *self.peers):
                if (what, under) in self.times:
                    rows.add(f"{what}: {under}", unit, self.times[what, under], None if under == NONE else f"{what}: {NONE}",
                             note=self.ended.get((what, under)) and f"{self.ended[what, under]} ended on the way, and made again")
                elif under in self.peers and what in self.peers[under][1]:
                    rows.skip(f"{what}: {under}", self.peers[under][0].why_not)
        return rows


def hosts():
    """The extension has its line to the agent."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{entry}/exe").endswith("/holdfast-browser"):
                return True
        except OSError:
            continue
    return False


def main():
    os.makedirs(FOLDER, exist_ok=True)
    bench = Bench()
    try:
        for number in range(int(sys.argv[1])):
            bench.round(number)
        bench.rows().save(sys.argv[2])
    finally:
        if bench.laptop.agent:
            end_process(bench.laptop.agent)
        bench.wire.close()


if __name__ == "__main__":
    main()
