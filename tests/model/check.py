#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The model of the join, every variant, and the model with faults in it: spin must find each of those.

A variant has 2 minutes and 2 GiB. What is too wide for that is searched by bitstate for a while, which leaves states out and is
called so.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.join(HERE, "join.pml")
SECONDS, MIB = 120, 2048
BITSTATE_SECONDS, BITSTATE_DEPTH, DEPTH = 20, 100000, 400000

# (what, how, options)
VARIANTS = (
    ("one device, two deaths", "exhaustive", ("CRASHES=2",)),
    ("a death takes the kernel's block with it", "exhaustive", ("CRASHES=2", "REBOOT=1")),
    ("a thief of the controller's key", "exhaustive", ("THIEF=1", "CRASHES=1")),
    ("two controllers", "exhaustive", ("CTRLS=2", "CRASHES=1")),
    ("memory is lost", "exhaustive", ("LOSSES=1", "CRASHES=0")),
    ("memory is lost twice, and a death", "exhaustive", ("LOSSES=2", "CRASHES=1")),
    ("memory is lost with the kernel's block, and a death", "exhaustive", ("LOSSES=1", "CRASHES=1", "REBOOT=1")),
    ("memory is lost, and a thief", "exhaustive", ("LOSSES=1", "THIEF=1", "CRASHES=0")),
    ("memory is lost, and one of two controllers never heard of the raise", "exhaustive", ("LOSSES=1", "CTRLS=2", "CRASHES=0")),
    ("two devices", "bitstate", ("ND=2", "CRASHES=1")),
    ("two devices, a thief, a loss", "bitstate", ("ND=2", "THIEF=1", "LOSSES=1", "CRASHES=1")),
)
# Faults: each must be found. (what, options, text, its place)
MUTANTS = (
    ("a state alone ends a loss", ("LOSSES=1", "THIEF=1", "CRASHES=0"), "if :: mU[i] && kept[i] && RULE(i) && HELD(i) ->", "if :: mU[i] && k != 8 ->"),
    ("one officer's word ends a loss", ("LOSSES=1", "CRASHES=0"), "#define RULE(i) (word[i] && wordLoss[i] == loss[i])", "#define RULE(i) (word[i] || half[i])"),
    ("a word on an earlier loss ends a later one", ("LOSSES=2", "CRASHES=0"), "#define RULE(i) (word[i] && wordLoss[i] == loss[i])", "#define RULE(i) (word[i])"),
    ("one number for several lives", ("LOSSES=2", "CRASHES=1"), "-> loss[i]++; mU[i] = 1 :: else -> mU[i] = 0 fi;", "-> mU[i] = 1 :: else -> mU[i] = 0 fi;"),
    ("what is named as live need not be held", ("LOSSES=1", "CRASHES=0"), "#define HELD(i) (!live[i] || mR[i])", "#define HELD(i) (1)"),
    ("half a release opens", ("THIEF=1", "CRASHES=0"), "(k & 6) == 6 -> mL[i] = 1; gL[i] = 1", "(k & 2) == 2 -> mL[i] = 1"),
    ("what was held and not written down is forgotten", ("CRASHES=1",), "dU[i] || (blocked[i] && !dH[i])", "dU[i]"),
    ("it opens before it is written down", ("CRASHES=1",), "if :: atomic { third[i] = 0 }", "if :: atomic { third[i] = 0; blocked[i] = 0 }"),
    ("an older third copy is trusted", ("LOSSES=1", "CRASHES=1", "REBOOT=1"), "if :: atomic { third[i] = 0 }", "if :: atomic { skip }"),
)


def search(text, how, options):
    """(errors found, states, what spin or the compiler said when it could not be searched)."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/join.pml", "w", encoding="utf-8") as file:
            file.write(text)
        flags = [f"-D{option}" for option in options]
        wide = ["-DBITSTATE"] if how == "bitstate" else ["-DCOLLAPSE", f"-DMEMLIM={MIB}"]
        for argv in (["spin", "-a", *flags, "join.pml"], ["gcc", "-O2", "-DSAFETY", "-w", *wide, "-o", "pan", "pan.c"]):
            done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                return None, 0, done.stdout + done.stderr
        run = ["./pan", f"-m{BITSTATE_DEPTH if how == 'bitstate' else DEPTH}"] + (["-w27"] if how == "bitstate" else [])
        seconds, late = (BITSTATE_SECONDS, signal.SIGINT) if how == "bitstate" else (SECONDS, signal.SIGKILL)
        with subprocess.Popen(run, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pan:
            try:
                out = pan.communicate(timeout=seconds)[0]
            except subprocess.TimeoutExpired:
                pan.send_signal(late)
                out = pan.communicate()[0]
        found, states = re.search(r"errors: (\d+)", out), re.search(r"(\S+) states, stored", out)
        cut = "out of memory" in out or (how == "exhaustive" and "max search depth too small" in out)
        if not found or (cut and found.group(1) == "0"):
            return None, 0, f"not searched within {seconds} s and {MIB} MiB\n{out[-1500:]}"
        return int(found.group(1)), float(states.group(1)) if states else 0, out[:600]


def main():
    with open(MODEL, encoding="utf-8") as file:
        model = file.read()
    passed = failed = 0

    def say(good, line, more=""):
        nonlocal passed, failed
        passed, failed = passed + good, failed + (not good)
        print(f"{'ok    ' if good else 'not ok'} {line}" + ("" if good else f"\n{more}"), flush=True)

    for what, how, options in VARIANTS:
        errors, states, said = search(model, how, options)
        say(errors == 0, f"{what} ({how}, {' '.join(options)}): {states:.0f} states", said)
    for what, options, text, fault in MUTANTS:
        if model.count(text) != 1:
            say(False, f"refused: {what}: its place is gone from the model")
            continue
        errors, _, said = search(model.replace(text, fault), "exhaustive", options)
        say(bool(errors), f"refused: {what}", said)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
