#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every function in a header has its comment, without empty fields; every .c file says what it must never do.

Functions that follow each other without a blank line share the comment above them, which names each of them.
"""
import re
import sys

import house

EMPTY = re.compile(r"^ \* (?:Owner|Returns|Source)\s+(?:-|nothing|nothing is kept)?\s*$", re.M)
# What `__attribute__((cleanup))` calls, and handing over: the macro beside it says all.
CLEANUP = re.compile(r"cleanup\((\w+)\)")
STEAL = re.compile(r"^hf_steal_\w+$")
PROTOTYPE = re.compile(r"^(?!typedef|#|\s|static|struct \w+ \{|enum \w+ \{)[A-Za-z_][^;{}]*?\b(\w+)\([^;{}]*\)[^;{}]*;$", re.M)


def prototypes(text):
    """(name, offset) of each function that a header declares; comments must be blanked out in text."""
    for match in PROTOTYPE.finditer(text):
        head = match.group(0)
        name = re.search(r"\b(\w+)\s*\(", re.sub(r"\b(HF_PRINTF|__attribute__)\s*\(", "_ ", head))
        if name:
            yield name.group(1), match.start()


def comment_above(text, bare, offset):
    """The comment above this place, with nothing but prototypes and lines of macros between."""
    end = text.rfind("*/", 0, offset)
    if end < 0:
        return ""
    between = bare[end + 2:offset]
    if re.search(r"\n\s*\n", between) or "}" in between:
        return ""
    return text[text.rfind("/*", 0, end):end]


def check_header(root, path):
    wrong, looked = [], 0
    text = house.read(root, path)
    bare = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)
    cleanups = set(CLEANUP.findall(bare))
    for name, offset in prototypes(bare):
        comment = comment_above(text, bare, offset)
        if name in cleanups or STEAL.match(name):
            continue
        looked += 1
        line = text.count("\n", 0, offset) + 1
        if not re.search(rf"\b{name}\b|\w \.\.\. - ", comment.split("\n *\n")[0]):
            wrong.append(f"{path}:{line}: {name} has no comment above it that begins with its name")
            continue
        if EMPTY.search(comment):
            wrong.append(f"{path}:{line}: the comment of {name} has an empty field")
    return wrong, looked


def check_source(root, path):
    """A .c file opens with the licence and then what it owns and what it must never do."""
    text = house.read(root, path)
    opening = re.match(r"\s*(?:/\*.*?\*/\s*)*", text, re.S).group(0).split("*/", 1)[-1].lower()
    return [] if "never" in opening else [f"{path}: its first comment does not say what it must never do"]


def check(root):
    wrong, looked = [], 0
    for path in house.files(root, ".h", folders=("agent", "controller", "include", "proto")):
        said, n = check_header(root, path)
        wrong, looked = wrong + said, looked + n
    for path in house.files(root, ".c", folders=("agent", "controller", "proto")):
        wrong += check_source(root, path)
        looked += 1
    return wrong, looked


COMMENT = "/* SPDX-License-Identifier: MIT */\n/*\n * planted - does things\n *\n * Source    -\n */\n"
PLANTS = (
    ("a function without a comment", lambda r: house.write(r, "include/holdfast/planted.h", "int planted(void);\n"),
     "planted has no comment"),
    ("an empty field", lambda r: house.write(r, "agent/planted.h", COMMENT + "int planted(int x);\n"),
     "has an empty field"),
    ("a comment that belongs to another", lambda r: house.write(r, "agent/planted.h", COMMENT + "\nint planted(int x);\n"),
     "planted has no comment"),
    ("a source that says nothing of itself", lambda r: house.write(
        r, "proto/law/planted.c", "/* SPDX-License-Identifier: MIT */\n#include <x.h>\n"), "its first comment"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
