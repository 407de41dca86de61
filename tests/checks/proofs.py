#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is said to prove something is there: each row of tests/tuf-conformance.txt, and each function that the model mirrors."""
import json
import re
import sys

import house

TABLE, MODEL, INDEX = "tests/tuf-conformance.txt", "tests/model/join.pml", "proto/vectors/index.json"
ROWS = 53
ROW = re.compile(r"^(test_\w+): (?:vector (?P<vector>[\w-]+)|test (?P<suite>\w+) (?P<test>\w+)|no (?P<why>[A-Z].*\.))$")
MIRRORS = re.compile(r"mirrors: ((?:\w+(?: \([^)]*\))? ?)+)")
WORD = re.compile(r"\([^)]*\)")


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
    (a, n), (b, m) = check_table(root), check_model(root)
    return a + b, n + m


def spoil(path, old, new):
    return lambda root: house.write(root, path, house.read(root, path).replace(old, new, 1))


PLANTS = (
    ("a vector that is gone", spoil(TABLE, "vector state\n", "vector state-gone\n"), "there is no vector state-gone"),
    ("a test that is gone", spoil(TABLE, "test known freshness", "test known staleness"), "there is no test known::staleness"),
    ("a row without a reason", spoil(TABLE, "no Nothing is asked for", "no"), "no row: "),
    ("a row too few", spoil(TABLE, "test_faketime: no It tries the harness of that suite, not a client.\n", ""), "52 rows"),
    ("a function that the model mirrors is gone", spoil(MODEL, "mirrors: seal_next", "mirrors: seal_gone"), "it mirrors seal_gone"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
