#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A function that is handed an error and fails says why: every way to a code other than HF_OK sets its text.

C is read statement by statement, as clang-format leaves it. A code comes without a text from a literal HF_E_..., or from a
function that takes no error; between it and the return there must be a call that sets the text. An error that is read must
have been empty before: `struct hf_err err = {""};`.
"""
import re
import sys

import house
from sizes import COMMENT, STRING, blank

ERR = re.compile(r"struct hf_err \*(\w+)\s*[,)]")
PROTOTYPE = re.compile(r"enum hf_rc\s+(\w+)\(([^;{]*?)\)\s*(?:[;{]|HF_PRINTF)", re.S)
FUNCTION = re.compile(r"^(?:[\w*\s]+?)\b(\w+)\(([^;{}]*)\)\n\{\n(.*?)^\}", re.S | re.M)
UNSET = re.compile(r"\bstruct hf_err \w+(?:\s*,\s*\w+)*;")
CALL = re.compile(r"\b(\w+)\(")
LITERAL = re.compile(r"\bHF_E_\w+")
NOT_A_CODE = re.compile(r"(?:==|!=)\s*HF_E_\w+|case HF_E_\w+")
# Functions whose failing is a finding of the caller's, which says in its comment what it leaves in the error: name -> why.
SILENT = {"hf_json_read": "its reader carries the error", "hf_args_parse": "help was asked for, and nothing is wrong"}


def statements(body):
    """(offset, text) of each statement; what stands in brackets of for() is one."""
    start, depth = 0, 0
    for i, char in enumerate(body):
        depth += (char == "(") - (char == ")")
        if depth == 0 and char in ";{}":
            yield start, body[start:i + 1]
            start = i + 1


def without_arguments(text, name):
    """The text without each call of name, arguments and all."""
    while True:
        match = re.search(rf"\b{name}\(", text)
        if not match:
            return text
        depth, end = 1, match.end()
        while depth and end < len(text):
            depth += (text[end] == "(") - (text[end] == ")")
            end += 1
        text = text[:match.start()] + "SET" + text[end:]


def textless_names(root):
    """Functions that return a code and take no error."""
    silent, loud = set(), set()
    for path in house.files(root, ".c", ".h", folders=("agent", "controller", "include", "proto")):
        for name, arguments in PROTOTYPE.findall(STRING.sub(blank, COMMENT.sub(blank, house.read(root, path)))):
            (loud if "struct hf_err *" in arguments else silent).add(name)
    return silent - loud


def sets(text, err):
    """Does this statement hand the error to somebody who sets it?"""
    return re.search(rf"[(,]\s*&?{err}(?:->text)?\s*[,)]", text) is not None


def arguments(text, name):
    """What stands in the brackets of the first call of name."""
    start = re.search(rf"\b{name}\(", text).end()
    depth, end = 1, start
    while depth and end < len(text):
        depth += (text[end] == "(") - (text[end] == ")")
        end += 1
    return text[start:end - 1]


def origin(plain, condition, silent, loud):
    """Where a code without a text comes from in this piece of a statement; None: there is none.

    A code that came with its text may be handed through a function, or be called by another name: condition says which.
    """
    for name in CALL.findall(plain):
        inside = arguments(plain, name)
        compared = re.search(rf"\b{name}\({re.escape(inside)}\)\s*[!=]=\s*HF_OK", plain)
        if name in silent and not compared and not any(re.search(rf"\b{one}\b", inside) for one in loud):
            return name
    found = LITERAL.findall(plain)
    return found[0] if found and not any(re.search(rf"\b{name}\b", condition) for name in loud) else None


def judge(body, err, silent):
    """(offset, what) of each return of a code that may have come without a text."""
    unsaid, codes = {}, set(re.findall(r"enum hf_rc (\w+)", body)) | {"rc"}
    for at, text in statements(body):
        plain = without_arguments(NOT_A_CODE.sub("", text), "hf_err_set")
        target = re.search(r"\b(\w+)\s*=(?!=)\s*(.*)", plain, re.S)
        returned = re.search(r"\breturn\b(.*)", plain, re.S)
        loud = codes - set(unsaid) - ({target.group(1)} if target and not returned else set())
        source = origin((returned or target).group(returned and 1 or 2), text, silent, loud) if returned or target else None
        if returned and sets(text[:text.index("return")], err) and source in LITERAL.findall(text):
            source = None  # who was asked has said it; only the code is another
        if returned and not ("SET" in returned.group(1) or sets(returned.group(1), err) and not source):
            if source:
                yield at, f"{source} is returned without a text"
            value = re.sub(r"\b\w+\s*[!=]=\s*\w+", "", returned.group(1))
            for name in [n for n in unsaid if re.search(rf"\b{n}\b", value)]:
                yield at, f"{name}, of {unsaid[name]}, is returned without a text"
        elif not returned and target and source and "SET" not in plain:
            unsaid[target.group(1)] = source
        elif not returned and target and target.group(1) in unsaid and not re.search(r"\bif\b", text):
            unsaid.pop(target.group(1))
        if "hf_err_set" in text and sets(text, err):
            unsaid = {name: how for name, how in unsaid.items() if not re.search(rf"\b{name}\b", text)}


def check(root):
    """Every function of the programs that is handed an error."""
    wrong, seen = [], 0
    silent = textless_names(root)
    paths = house.files(root, ".c", folders=("agent", "controller", "proto"))
    for path in house.planted(root, paths):
        text = STRING.sub(blank, COMMENT.sub(blank, house.read(root, path)))
        for match in FUNCTION.finditer(text):
            name, arguments, body = match.groups()

            def line(offset, start=match.start(3)):
                return text.count("\n", 0, start + offset) + 1
            for found in UNSET.finditer(body):
                wrong.append(f"{path}:{line(found.start())}: {found.group(0)} is read before it is set: = {{\"\"}}")
            handed = ERR.search(arguments + ")")
            if not handed:
                continue
            seen += 1
            for at, what in judge(body, handed.group(1), silent) if name not in SILENT else ():
                offset = at + len(body[at:]) - len(body[at:].lstrip())
                wrong.append(f"{path}:{line(offset)}: {name}: {what}")
    return wrong, seen


def function(body, before=""):
    return lambda root: house.write(root, "agent/planted.c", before + "static enum hf_rc planted(struct hf_err *err)\n{\n" + body + "}\n")


SILENT_ONE = "static enum hf_rc silent(void)\n{\n\treturn HF_E_SIZE;\n}\n\n"
PLANTS = (
    ("a code alone", function("\treturn HF_E_MEMORY;\n"), "HF_E_MEMORY is returned without a text"),
    ("a code of one that takes no error", function("\treturn silent();\n", SILENT_ONE), "silent is returned without a text"),
    ("the same by way of a variable", function("\tenum hf_rc rc = silent();\n\tif (rc != HF_OK)\n\t\treturn rc;\n\treturn HF_OK;\n", SILENT_ONE),
     "rc, of silent, is returned without a text"),
    ("a text on another way only", function(
        "\tenum hf_rc rc = calloc(1, 1) ? HF_OK : HF_E_MEMORY;\n\tif (!dir)\n\t\treturn hf_err_set(err, HF_E_SYSTEM, \"no\");\n"
        "\treturn rc;\n"), "rc, of HF_E_MEMORY, is returned without a text"),
    ("after one that said nothing went wrong", function(
        "\tenum hf_rc rc = loud(err);\n\treturn rc == HF_OK ? silent() : rc;\n", SILENT_ONE), "silent is returned without a text"),
    ("an error that nobody emptied", lambda root: house.write(root, "agent/planted.c", "void planted(void)\n{\n\tstruct hf_err err;\n}\n"),
     "is read before it is set"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
