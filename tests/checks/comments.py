#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The comments of files and of public functions say what they must, and nothing that is empty.

A function in a header has: its name and meaning; `@arg` for arguments that it has; who owns what is handed out;
`Returns` with its errors where it can fail; `Source` where there is one that a reader can find. Functions that follow each other
without a blank line share the comment above them, which names each of them. A .c file says what it owns and what it must never do.
"""
import os
import re
import sys

import house

FIELDS = "Owner|Returns|Source"
EMPTY = re.compile(rf"^ \* ({FIELDS})[ \t]*:?[ \t]*(?:[-–—?]|n/?a|none|nothing|nothing is kept|no one|nobody)?[ \t.]*$", re.M | re.I)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
# What `__attribute__((cleanup))` calls, and handing over: the macro beside it says all.
CLEANUP = re.compile(r"cleanup\((\w+)\)")
ROOM = re.compile(r"\bRoom:? (agent|controller|include|proto|tests)\b")
# Who must end what is handed out, said beside the argument.
OWNED = re.compile(r"\bto hf_\w+_(free|close|done|remove|end)\b|\bthe caller's\b")
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


def is_void(head):
    """Does this prototype return nothing?"""
    return re.match(r"(?:extern |HF_\w+(?:\([^)]*\))? )*void (?!\*)", head) is not None


def can_fail(head):
    """Does this prototype return an error? What a yes or no, a number or a name means is said by the meaning."""
    return re.match(r"(?:HF_\w+ )*(?:enum )?hf_rc ", head) is not None


def hands_out(head, name):
    """Does this prototype give its caller something to free: a pointer that it fills in, or a new object?"""
    filled = [kind for kind in re.findall(r"([^(),]*)\*\s*\*\s*ret_\w+", head) if "const" not in kind]
    made = re.search(r"_(new|copy|dup|open)$", name) and re.match(r"(?:HF_\w+ )*(?!const\b)(?:struct )?\w+ \*", head)
    return bool(filled or made)


def wrong_fields(comment, functions, arguments):
    """What the fields of one comment say wrongly of the functions below it: (name, whole prototype) of each."""
    has = {field: re.search(rf"^ \* {field}\b", comment, re.M) for field in FIELDS.split("|")}
    wrong = []
    if all(is_void(head) for _, head in functions) and has["Returns"]:
        wrong.append("says what it returns, which is nothing")
    if any(can_fail(head) for _, head in functions) and not has["Returns"]:
        wrong.append("does not say what it returns")
    if any(hands_out(head, name) for name, head in functions) and not has["Owner"] and not OWNED.search(comment):
        wrong.append("does not say who owns what it hands out")
    named = [name for row in re.findall(r"^ \* ((?:@\w+,? *)+)", comment, re.M) for name in re.findall(r"@(\w+)", row)]
    return wrong + [f"names @{name}, which is no argument" for name in named if name not in arguments]


def check_header(root, path):
    wrong, looked, shared = [], 0, {}
    text = house.read(root, path)
    bare = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)
    cleanups = set(CLEANUP.findall(bare))
    for name, offset in prototypes(bare):
        if name in cleanups or STEAL.match(name):
            continue
        looked += 1
        comment, head = comment_above(text, bare, offset), bare[offset:bare.index(";", offset)]
        line = text.count("\n", 0, offset) + 1
        if not re.search(rf"\b{name}\b|\w \.\.\. - ", comment.split("\n *\n")[0]):
            wrong.append(f"{path}:{line}: {name} has no comment above it that begins with its name")
            continue
        shared.setdefault(comment, (line, []))[1].append((name, head))
    for comment, (line, functions) in shared.items():
        arguments = set(re.findall(r"\w+", " ".join(head for _, head in functions)))
        wrong += [f"{path}:{line}: the comment of {functions[0][0]} {fault}" for fault in wrong_fields(comment, functions, arguments)]
    return wrong, looked


def check_opening(path, text):
    """What a file says of itself behind its licence: a header by its own name, a .c file what it owns and must never do."""
    opening = re.match(r"(?:/\* SPDX[^\n]*\n)?\s*/\*(.*?)\*/", text, re.S)
    said = opening.group(1) if opening else ""
    if ROOM.search(said):
        return [f"{path}: its first comment names its room, which is its folder"]
    if path.endswith(".h"):
        name = os.path.basename(path)
        return [] if said.lstrip("\n *").startswith(f"{name} - ") else [f"{path}: its first comment does not begin with \"{name} - \""]
    if path.startswith("tests/"):
        return [] if re.search(r"\w \w", said) else [f"{path}: its first comment does not say what it proves"]
    missing = [what for what, rule in (("Owns", r"\A\n \* Owns \S"), ("Must never", r"\n \* Must never \w")) if not re.search(rule, said)]
    return [f"{path}: its first comment has no sentence that begins with \"{what}\"" for what in missing]


def check_empty(path, text):
    """No field of any comment is empty, of a type or a static function neither."""
    return [f"{path}:{text.count(chr(10), 0, comment.start()) + 1}: its field {field} is empty"
            for comment in COMMENT.finditer(text) for field in EMPTY.findall(comment.group(0))]


def check(root):
    wrong, looked = [], 0
    for path in house.planted(root, house.files(root, ".c", ".h")):
        if path.endswith(".h") and not path.startswith("tests/"):
            said, n = check_header(root, path)
            wrong, looked = wrong + said, looked + n
        wrong += check_opening(path, house.read(root, path)) + check_empty(path, house.read(root, path))
        looked += 1
    return wrong, looked


OPENING = "/* SPDX-License-Identifier: MIT */\n/*\n * planted.h - plants\n */\n"


def function(fields, prototype):
    """A header with one function and these lines in its comment."""
    lines = "".join(f" * {line}\n" for line in ("planted - does things", "", *fields))
    return lambda root: house.write(root, "agent/planted.h", f"{OPENING}/*\n{lines} */\n{prototype}\n")


def source(text):
    return lambda root: house.write(root, "proto/law/planted.c", "/* SPDX-License-Identifier: MIT */\n" + text)


PLANTS = (
    ("a function without a comment", lambda r: house.write(r, "include/holdfast/planted.h", OPENING + "\nint planted(void);\n"),
     "planted has no comment"),
    ("a comment that belongs to another", function(["Returns   x"], "\nint planted(int x);"), "planted has no comment"),
    ("an empty source", function(["Returns   x", "Source    -"], "int planted(int x);"), "its field Source is empty"),
    ("an owner of nothing", function(["Owner     nothing is kept", "Returns   x"], "int planted(int x);"), "its field Owner is empty"),
    ("an owner that is not applicable", function(["Owner     n/a", "Returns   x"], "int planted(int x);"), "its field Owner is empty"),
    ("an owner that is a dash", function(["Owner: —", "Returns   x"], "int planted(int x);"), "its field Owner is empty"),
    ("an empty source of a type", function(["Source    none"], "struct planted {\n\tint x;\n};"), "its field Source is empty"),
    ("an empty source in a test", lambda r: house.write(r, "tests/unit/planted.c", "/*\n * It grows.\n *\n * Source  -\n */\n"), "is empty"),
    ("an empty return", function(["Returns"], "int planted(int x);"), "its field Returns is empty"),
    ("no word of what is returned", function([], "enum hf_rc planted(int x);"), "does not say what it returns"),
    ("no word of it behind a macro", function([], "HF_NODISCARD hf_rc planted(void *x);"), "does not say what it returns"),
    ("a return of nothing", function(["Returns   nothing; it cannot fail"], "void planted(int x);"), "which is nothing"),
    ("something handed out to nobody", function(["Returns   x"], "hf_rc planted(int x, struct hf_key **ret_key);"), "does not say who owns"),
    ("an object of nobody", lambda r: function(["Returns   x"], "int planted(void);\nstruct hf_x *planted_new(int x);")(r) or house.write(
        r, "agent/planted.h", house.read(r, "agent/planted.h").replace("planted - ", "planted, planted_new - ")), "does not say who owns"),
    ("an argument that is not there", function(["@y  seconds", "Returns   x"], "int planted(int x);"), "@y, which is no argument"),
    ("a header by another's name", lambda r: house.write(r, "agent/other.h", OPENING), "agent/other.h: its first comment"),
    ("a source that says nothing of itself", source("#include <x.h>\n"), "\"Owns\""),
    ("a source that may do all", source("/*\n * Owns planting.\n */\n"), "\"Must never\""),
    ("a source that begins with its name", source("/*\n * planted.c - owns planting.\n * Must never grow.\n */\n"), "\"Owns\""),
    ("a room in words", source("/*\n * Owns planting.  Room: proto/law.\n * Must never grow.\n */\n"), "names its room"),
    ("a test of nothing", lambda r: house.write(r, "tests/unit/planted.c", "int x;\n"), "what it proves"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
