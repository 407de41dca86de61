#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every limit of the sources (HF_..._MAX) has a row in tests/LIMITS.md: which flood, who is harmed, which test, or why not reachable."""
import os
import re
import sys

import house

TABLE = "tests/LIMITS.md"
DEFINED = re.compile(r"^#\s*define\s+(HF_\w+_MAX)\b", re.M)
FOLDERS = ("agent", "controller", "include", "proto")
CELLS = 4


def limits(root):
    """Each limit, and the file that defines it."""
    found = {}
    for ending in (".h", ".c"):
        for path in house.files(root, ending, folders=FOLDERS):
            for name in DEFINED.findall(house.read(root, path)):
                found.setdefault(name, path)
    return found


def rows(root):
    if not os.path.exists(os.path.join(root, TABLE)):
        return []
    lines = [line for line in house.read(root, TABLE).splitlines() if line.startswith("| `HF_")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def bad_row(root, cells):
    if len(cells) != CELLS or not all(cells):
        return [f"{TABLE}: a row of {cells[0]} has not {CELLS} cells that say something"]
    tests = re.findall(r"`(tests/[^`]+)`", cells[3])
    gone = [f"{TABLE}: {cells[0]}: {test} is not there" for test in tests if not os.path.exists(os.path.join(root, test))]
    if not tests and not cells[3].startswith("not reachable"):
        gone.append(f"{TABLE}: {cells[0]}: neither a test nor why it is not reachable")
    return gone


def check(root):
    found, bad, named = limits(root), [], []
    for cells in rows(root):
        bad += bad_row(root, cells)
        named += re.findall(r"`(HF_\w+)`", cells[0])
    bad += [f"{found[name]}: {name} has no row in {TABLE}" for name in sorted(set(found) - set(named))]
    bad += [f"{TABLE}: {name} is no limit of the sources" for name in sorted(set(named) - set(found))]
    bad += [f"{TABLE}: {name} has two rows" for name in sorted(set(named)) if named.count(name) > 1]
    return bad, len(found)


def plant(path, text):
    return lambda root: house.write(root, path, text)


LIMIT = "#define HF_PLANT_MAX 4\n"


def both(row):
    def spoil(root):
        house.write(root, "proto/base/planted.h", LIMIT)
        house.write(root, TABLE, row + "\n")
    return spoil


PLANTS = (
    ("a limit without a row", plant("agent/planted.h", LIMIT), "agent/planted.h: HF_PLANT_MAX has no row"),
    ("a limit in a .c file", plant("controller/planted.c", LIMIT), "controller/planted.c: HF_PLANT_MAX has no row"),
    ("a row without a limit", plant(TABLE, "| `HF_GONE_MAX` | a | b | not reachable |\n"), "HF_GONE_MAX is no limit"),
    ("a test that is gone", both("| `HF_PLANT_MAX` | a | b | `tests/unit/test_gone.c` |"), "tests/unit/test_gone.c is not there"),
    ("no test and no reason", both("| `HF_PLANT_MAX` | a | b | later |"), "neither a test nor why"),
    ("an empty cell", both("| `HF_PLANT_MAX` | a | | not reachable |"), "cells that say something"),
    ("two rows", both("| `HF_PLANT_MAX` `HF_PLANT_MAX` | a | b | not reachable |"), "HF_PLANT_MAX has two rows"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
