#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""While nothing is locked no layer costs anything: no mark, no hook, no rule that is asked, no thread, process or wake-up.

The agent as it ships, once with every layer on and once with all of them off, on a throw-away copy of the machine. Each layer
alone can be off; a device with only some of them says which hold (D9.2).
"""
import json
import os
import subprocess
import sys
import time

import sandboxed
import snapshot
from bypass.laptop import FOLDER, Laptop, Office, Wire, install, people
from common import ENOUGH, check, end_process, rests, wait_for, wakeups
from enforce_help import marks
from council_help import Ca

SECONDS = 10
BEAT_S = 60  # longer than is measured: a beat is the agent's, not a layer's
FEW = 3      # wake-ups that may fall into the measurement by chance


def hooks():
    """Chains that the kernel asks: those with a hook."""
    done = subprocess.run(["nft", "-j", "list", "ruleset"], capture_output=True, text=True, timeout=ENOUGH, check=False)
    rows = json.loads(done.stdout or '{"nftables": []}')["nftables"]
    return [row["chain"]["name"] for row in rows if row.get("chain", {}).get("hook")]


def cost(laptop):
    """What the agent costs in this moment, and in SECONDS."""
    pid = laptop.agent.pid
    link = laptop.join()
    quiet = rests(pid, 0.5)  # it has done what it does at its start
    before = wakeups(pid)
    time.sleep(SECONDS)  # the length of the measurement, not a wait for something
    link.listen()
    return {"marks": marks(), "hooks": hooks(), "threads": len(os.listdir(f"/proc/{pid}/task")), "processes": snapshot.processes(),
            "wake-ups": wakeups(pid) - before, "settled": quiet}


def measured(laptop, names, on):
    laptop.settings(beat_s=BEAT_S, **{f"layer__{name}": "yes" if name in on else "no" for name in names})
    laptop.start()
    laptop.hear(laptop.council.again(), "none", 0)
    found = cost(laptop)
    end_process(laptop.agent)
    return found


def idle(laptop, names):
    off, on = measured(laptop, names, ()), measured(laptop, names, names)
    print(f"       all layers off: {off}")
    print(f"       all layers on:  {on}")
    check("idle: no fanotify mark", on["marks"] == 0, on)
    check("idle: no hook in the network's way", on["hooks"] == [], on)
    check("idle: no thread more than without layers", on["threads"] == off["threads"], (on, off))
    check("idle: no process more than without layers", on["processes"] == off["processes"], (on, off))
    check("idle: no wake-up more than without layers", on["wake-ups"] <= off["wake-ups"] + FEW, (on, off))
    check("idle: it is quiet", on["settled"] and off["settled"], (on, off))


def one_off(laptop, names, name):
    """D9.2: what does not hold is said, layer by layer."""
    laptop.settings(**{f"layer__{name}": "no"})
    laptop.start()
    laptop.hear(laptop.council.lockdown(), "none", 0)
    report = laptop.join().report(lambda r: any(row["state"] == "verified" for row in r["layers"]))
    states = {row["name"]: row["state"] for row in report["layers"]} if report else {}
    check(f"{name} off: it is said to be off, and no other is", [n for n, state in states.items() if state == "off"] == [name], states)
    laptop.hear(laptop.council.all_clear(), "released-verified")
    check(f"{name} off: nothing stays behind", wait_for(lambda: marks() == 0 and hooks() == []), (marks(), hooks()))
    end_process(laptop.agent)


def body():
    os.makedirs(FOLDER, exist_ok=True)
    alice, _ = people()
    wire = Wire(FOLDER)
    install(alice)
    office = Office()
    laptop = Laptop(FOLDER, office, Ca(f"{FOLDER}/ca"))
    try:
        laptop.enrolled()
        names = sorted(laptop.layers())
        idle(laptop, names)
        for name in names:
            one_off(laptop, names, name)
    finally:
        end_process(laptop.agent)
        wire.close()


if __name__ == "__main__":
    sys.exit(sandboxed.run("idle", body))
