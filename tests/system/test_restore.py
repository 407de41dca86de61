#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whatever happened before, an all-clear leaves the machine as it was, byte for byte and rule for rule (D9.3).

Seeded random lives of the agent as it ships, with every layer that is on, on a throw-away copy of the machine: raises,
amendments, posting windows, releases, kills, package upgrades, and settings of other vendors beside ours. HF_SEED plays one
again.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import time

import sandboxed
import snapshot
from bypass.laptop import ACCOUNT, DRAFTER, FOLDER, MANAGED, OWNED, POSTER, Laptop, Office, Wire, install, people
from common import ENOUGH, check, end, end_process, wait_for, write
from council_help import COUNCIL, Ca, contract, key

LIVES = 16
STEPS = 7
OUR_TABLE = "holdfast"
FOREIGN_FOLDERS = (MANAGED, "/etc/opt/chrome/policies/managed", "/etc/firefox/policies")
FIREFOX = "/etc/firefox/policies/policies.json"  # the one file for everybody: ours and theirs are one while locked
FOREIGN = ('{"URLBlocklist": ["games.example"]}', '{"URLAllowlist": ["x.com"],}', "{", '{"n": 1.5}')
RULES = ("add table inet corp; add chain inet corp out { type filter hook output priority 5; }; add rule inet corp out tcp dport 25 drop",
         "add table ip other; add set ip other names { type ipv4_addr; }; add element ip other names { 198.51.100.9 }")
HOLDING = contract.holding(ACCOUNT, "We know of an incident and will say more here.", "comms-2", 15)


def others_rules():
    """Every table, chain, set, element and rule of the network that is not of our table, as the kernel lists them."""
    done = subprocess.run(["nft", "-j", "-s", "list", "ruleset"], capture_output=True, text=True, check=False, timeout=ENOUGH)
    rows = [next(iter(row.items())) for row in json.loads(done.stdout or '{"nftables": []}')["nftables"]]
    return [(kind, row) for kind, row in rows if kind != "metainfo" and row["name" if kind == "table" else "table"] != OUR_TABLE]


class Life:
    def __init__(self, laptop, alice, seed):
        self.laptop, self.alice, self.dice, self.steps = laptop, alice, random.Random(seed), []
        self.office, self.rev, self.drafts = laptop.council, 0, []
        self.locked, self.rules, self.lost_rules, self.windows = False, others_rules(), [], 0

    # What may happen -----------------------------------------------------------------------------------------------------
    def tell(self, state):
        """Said to the agent, which may or may not have the time to do it."""
        if self.laptop.agent.poll() is None:
            try:
                self.laptop.join().say("state/c1", state)
            except OSError:
                pass

    def raises(self):
        if not self.locked:
            self.tell(self.office.lockdown(holding=[HOLDING]))
            self.locked, self.rev = True, 0

    def amends(self):
        if not self.locked:
            return
        self.rev += 1
        doc = contract.amend_order(COUNCIL, "emergency", "live", int(time.time()), of=contract.digest_of(self.office.raised), rev=self.rev,
                                   exempt=["comms-1"], holding=[HOLDING], reason=f"Amended {self.rev}")
        self.office.orders.append(contract.envelope("order", doc, [key("comms-1"), key("monitoring-1")]))
        self.tell(self.office.again())

    def releases(self):
        if self.locked:
            self.tell(self.office.all_clear())
            self.locked = False

    def passes(self):
        """The poster opens a window, or is told why there is none."""
        self.windows += self.laptop.command("pass", ACCOUNT, user="comms2")[0] == 0

    def posts(self):
        self.laptop.command("posted", ACCOUNT, user="comms2")

    def dies(self):
        wait_for(lambda: False, self.dice.random() * 0.2)  # at whatever it is doing then
        self.laptop.die()

    def starts(self):
        if self.laptop.agent.poll() is not None:
            self.laptop.start()

    def waits(self):
        wait_for(lambda: False, self.dice.random())

    def types(self):
        draft = subprocess.Popen(self.alice.command([DRAFTER, "typed_lines", "social.example"]), env=self.alice.environment(),
                                 cwd=self.alice.home, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.drafts.append(draft)

    def upgrades(self):
        """As a package manager does: a new file in the place of the old."""
        shutil.copy2(POSTER, f"{OWNED}/poster.new")
        os.utime(f"{OWNED}/poster.new", ns=(0, self.dice.randint(10**18, 17 * 10**17)))
        os.rename(f"{OWNED}/poster.new", POSTER)

    def others_write(self):
        folder = self.dice.choice([f for f in FOREIGN_FOLDERS if os.path.isdir(f)])
        fresh = "/etc/fresh"
        write(fresh, self.dice.choice(FOREIGN))
        os.chmod(fresh, self.dice.choice((0o644, 0o600)))
        os.chown(fresh, self.dice.randint(0, 2), 0)
        os.utime(fresh, ns=(0, self.dice.randint(10**18, 17 * 10**17)))
        os.rename(fresh, f"{folder}/{self.dice.choice(('a.json', 'corp.json', 'zzzzz.json'))}")

    def others_rule(self):
        self.look_at_rules()
        subprocess.run(["nft", self.dice.choice(RULES)], capture_output=True, check=False, timeout=ENOUGH)
        self.rules = others_rules()

    def look_at_rules(self):
        """Nobody but they has changed them."""
        now = others_rules()
        if now != self.rules:
            self.lost_rules += [row for row in self.rules if row not in now] or ["others' rules in another order"]

    def step(self):
        what = self.dice.choice((self.raises, self.raises, self.amends, self.releases, self.dies, self.starts, self.starts, self.waits,
                                 self.passes, self.passes, self.posts, self.types, self.upgrades, self.others_write, self.others_rule))
        self.steps.append(what.__name__)
        what()

    # How it ends ---------------------------------------------------------------------------------------------------------
    def foreign(self, machine):
        """What is not ours of a machine: other people's files and rules, which nobody but they may change."""
        return {path: value for path, value in machine["files"].items() if "holdfast" not in path and path != FIREFOX}

    def ends(self):
        """The all-clear, whatever stands in its way; its report."""
        self.starts()
        if not self.locked:
            self.office.lockdown()
        self.locked = False
        return self.laptop.hear(self.office.all_clear(), "released-verified")

    def close(self):
        for draft in self.drafts:
            end(draft)


def settled(laptop):
    """The agent open and quiet; the machine then."""
    laptop.hear(laptop.council.again(), "none", 0)
    wait_for(lambda: snapshot.marks() == 0)
    return snapshot.of_machine()


def lives(laptop, alice, seed):
    """One life: from an open machine to an open machine."""
    life = Life(laptop, alice, seed)
    if life.dice.randint(0, 1):
        write(FIREFOX, '{"policies": {"DisableTelemetry": true, "WebsiteFilter": {"Block": ["*://games.example/*"]}}}')
    before = settled(laptop)
    for _ in range(STEPS):
        life.step()
    theirs = life.foreign(snapshot.of_machine())
    done = life.ends()
    life.close()
    wanted = {**before, "files": {**{p: v for p, v in before["files"].items() if "holdfast" in p or p == FIREFOX}, **theirs}}
    name = f"HF_SEED={seed} {' '.join(life.steps)}"
    wrong = []

    def restored():
        now = snapshot.of_machine()
        now["files"], wanted["files"] = ranked(now["files"]), ranked(wanted["files"])
        now["rules"] = without_others(now["rules"])
        wrong[:] = snapshot.differences({**wanted, "rules": without_others(before["rules"])}, now)
        return not wrong
    wait_for(restored)
    life.look_at_rules()
    wrong += [f"of others' rules: {row}" for row in life.lost_rules]
    check(f"{name}: released, verified and as before", bool(done) and not wrong, (bool(done), wrong[:4], laptop.link_end.last()))
    return life.windows


def ranked(files):
    """Our own settings stand under a name that ranks above what others put there; which name that is now does not matter."""
    return {path.replace("/~", "/") if "holdfast" in path else path: value for path, value in files.items()}


def without_others(rules):
    """The lines of our own table alone: whatever others add while the life lasts is theirs."""
    kept, ours = [], False
    for line in rules:
        if line.startswith("table "):
            ours = "holdfast" in line
        if ours:
            kept.append(line)
    return kept


def body():
    os.makedirs(FOLDER, exist_ok=True)
    alice, _ = people()
    wire = Wire(FOLDER)
    install(alice)
    laptop = Laptop(FOLDER, Office(), Ca(f"{FOLDER}/ca"))
    try:
        laptop.enrolled()
        laptop.start()
        first, begun = os.environ.get("HF_SEED"), time.monotonic()
        seed = int(first or time.time_ns() % 1000000)
        print(f"       from HF_SEED={seed} on")
        windows = sum(lives(laptop, alice, seed + n) for n in range(1 if first else LIVES))
        print(f"       {windows} posting windows opened; {time.monotonic() - begun:.0f} s")
        with open(f"{FOLDER}/agent.log", encoding="utf-8", errors="replace") as log:
            check("no line of the log says that memory was damaged", "slot is damaged" not in log.read())
    finally:
        end_process(laptop.agent)
        wire.close()


if __name__ == "__main__":
    sys.exit(sandboxed.run("restore", body))
