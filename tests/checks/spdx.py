#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every file that can carry a comment names its licence, in its first line or the one behind `#!`."""
import re
import sys

import house

LICENCE = "SPDX-License-Identifier: MIT"
KINDS = (".c", ".h", ".go", ".py", ".sh", ".js", ".mjs", ".css", ".scss", ".html", ".conf", ".service", ".cmake", ".acl", ".1", ".5",
         ".7", ".8")
NAMES = re.compile(r"(^|/)(CMakeLists\.txt|README\.md)$")


def carries(root, path):
    if path.endswith(KINDS) or NAMES.search(path) and path.count("/") == 0 or path.endswith("CMakeLists.txt"):
        return True
    return house.read(root, path).startswith("#!")


def check(root):
    wrong, looked = [], 0
    for path in house.planted(root, house.files(root) + house.tops(root)):
        if not carries(root, path):
            continue
        looked += 1
        lines = house.read(root, path).split("\n")
        first = lines[1:2] if lines[0].startswith(("#!", "<!DOCTYPE", "<!doctype")) else lines[:3] if path == "README.md" else lines[:1]
        if not any(LICENCE in line for line in first):
            wrong.append(f"{path}: does not begin with \"{LICENCE}\"")
    return wrong, looked


PLANTS = (
    ("a source without", lambda r: house.write(r, "agent/planted.c", "int x;\n"), "agent/planted.c"),
    ("a script without", lambda r: house.write(r, "deploy/planted", "#!/bin/sh\nset -eu\n"), "deploy/planted"),
    ("another licence", lambda r: house.write(r, "proto/planted.h", "/* SPDX-License-Identifier: GPL-3.0-only */\n"),
     "proto/planted.h"),
    ("a licence too late", lambda r: house.write(r, "tests/planted.py", f"import os\n# {LICENCE}\n"), "tests/planted.py"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
