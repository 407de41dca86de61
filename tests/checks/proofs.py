#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is said to prove something is there: rows of tests/tuf-conformance.txt and tests/ATTACKS.md, functions that the model mirrors."""
import json
import os
import re
import sys

import house

ATTACKS, TABLE, MODEL, INDEX = "tests/ATTACKS.md", "tests/tuf-conformance.txt", "tests/model/join.pml", "proto/vectors/index.json"
ROWS = 53
ROW = re.compile(r"^(test_\w+): (?:vector (?P<vector>[\w-]+)|test (?P<suite>\w+) (?P<test>\w+)|no (?P<why>[A-Z].*\.))$")
MIRRORS = re.compile(r"mirrors: ((?:\w+(?: \([^)]*\))? ?)+)")
WORD = re.compile(r"\([^)]*\)")
ATTACK = re.compile(r"^\| (?P<tried>[^|`]+) \| (?P<held>`[^|]+`) \|$")
ATTACKS_LEAST = 40


def vectors():
    return {row["name"] for row in json.loads(house.read(house.ROOT, INDEX))["rows"]}


def rows_of(root):
    return [line for line in house.read(root, TABLE).splitlines() if line and not line.startswith("#")]


def check_table(root):
    lines, wrong, known = rows_of(root), [], vectors()
    tests = "\n".join(house.read(root, path) for path in house.files(root, ".c", folders=("tests",)))
    for line in lines:
        row = ROW.match(line)
        if not row:
            wrong.append(f"{TABLE}: no row: {line}")
        elif row["vector"] and row["vector"] not in known:
            wrong.append(f"{TABLE}: there is no vector {row['vector']}: {line}")
        elif row["test"] and f"Test({row['suite']}, {row['test']})" not in tests:
            wrong.append(f"{TABLE}: there is no test {row['suite']}::{row['test']}: {line}")
    names = {line.split(":")[0] for line in lines}
    if len(lines) != ROWS or len(names) != ROWS:
        wrong.append(f"{TABLE}: {len(lines)} rows of {len(names)} names; there are {ROWS} tests")
    return wrong, len(lines)


def holds(root, name, tests):
    """Is there what this name of ATTACKS.md names: a vector, a row of a file, a file, a test."""
    path, _, words = name.partition(" ")
    if path == "vector":
        return words in vectors()
    if "::" in name:
        return re.search(rf"Test\({re.escape(name.replace('::', ', '))}[,)]", tests) is not None
    return path.startswith("tests/") and os.path.exists(os.path.join(house.ROOT, path)) and words.strip('"') in house.read(root, path)


def check_attacks(root):
    lines = [line for line in house.read(root, ATTACKS).splitlines() if line.startswith("| ")][1:]
    tests = "\n".join(house.read(root, path) for path in house.files(root, ".c", folders=("tests",)))
    wrong = [] if len(lines) >= ATTACKS_LEAST else [f"{ATTACKS}: {len(lines)} rows, and there were {ATTACKS_LEAST}"]
    for line in lines:
        row = ATTACK.match(line)
        names = re.findall(r"`([^`]+)`", row["held"]) if row else []
        wrong += [f"{ATTACKS}: there is no {name}: {row['tried']}" for name in names if not holds(root, name, tests)]
        wrong += [] if names else [f"{ATTACKS}: no row: {line}"]
    return wrong, len(lines)


def mirrored(root):
    found = []
    for names in MIRRORS.findall(house.read(root, MODEL)):
        found += WORD.sub("", names).split()
    return sorted(set(found))


def check_model(root):
    code = "\n".join(house.read(root, path) for path in house.files(root, ".c", folders=("agent", "controller", "proto")))
    names = mirrored(root)
    wrong = [f"{MODEL}: it mirrors {name}, which is no function of ours any more" for name in names
             if not re.search(rf"^[^\s#/*].*\b{name}\(", code, re.M)]
    return wrong + ([] if len(names) > 10 else [f"{MODEL}: it names too few of the functions that it mirrors"]), len(names)


def check(root):
    found = [part(root) for part in (check_attacks, check_table, check_model)]
    return [line for wrong, _ in found for line in wrong], sum(n for _, n in found)


def spoil(path, old, new):
    return lambda root: house.write(root, path, house.read(root, path).replace(old, new, 1))


PLANTS = (
    ("a vector that is gone", spoil(TABLE, "vector state\n", "vector state-gone\n"), "there is no vector state-gone"),
    ("a test that is gone", spoil(TABLE, "test known freshness", "test known staleness"), "there is no test known::staleness"),
    ("a row without a reason", spoil(TABLE, "no Nothing is asked for", "no"), "no row: "),
    ("a row too few", spoil(TABLE, "test_faketime: no It tries the harness of that suite, not a client.\n", ""), "52 rows"),
    ("an attack whose test is gone", spoil(ATTACKS, "`known::a_key_goes_on", "`known::a_key_went_on"), "there is no known::a_key_went_on"),
    ("an attack whose row is gone", spoil(ATTACKS, "a second agent is refused\"", "a second agent is taken\""), "a second agent is taken"),
    ("an attack that nothing holds", spoil(ATTACKS, "`twins::a_memory_on_another_machine_locks_itself`", "-"), "no row: "),
    ("a function that the model mirrors is gone", spoil(MODEL, "mirrors: seal_next", "mirrors: seal_gone"), "it mirrors seal_gone"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
