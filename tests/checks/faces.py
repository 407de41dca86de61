#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The office knows neither the terminal nor the console: it says what is so and what is needed, and a face adds how that is done there.

Looked at: comments and strings of controller/office for options, commands and what the environment is asked for; all code for
who asks the environment, which is for the edge of a program alone.
"""
import re
import sys

import house
from cites import COMMENT_OF_C

OFFICE = "controller/office"
COMMANDS = "controller/cli/commands/commands.c"
COMMAND = re.compile(r'^\t\{ "([a-z-]+)', re.M)
SAID = (
    ("an option", re.compile(r"(?<![\w-])--(?:[a-z][\w-]*|%s)")),
    ("the environment", re.compile(r"\bHF_ENV_\w+|\bHOLDFAST_(?!OFFICE_)[A-Z]\w*")),
    ("a face", re.compile(r"\b(?:command line|terminal|console)s?\b", re.I)),
)
ENVIRONMENT = re.compile(r"\b(?:secure_)?getenv\(|\benviron\b")
# Where a program begins: main files, the one call of the terminal, and what the service manager hands over.
EDGES = re.compile(r"(^|/)main(_\w+)?\.c$|^proto/host/linux/notify\.c$|"
                   + re.escape(COMMANDS))


def said(text):
    """(offset, text) of each comment and string."""
    return ((match.start(), match.group(0)) for match in COMMENT_OF_C.finditer(text))


def of_office(root, path):
    text = house.read(root, path)
    names = sorted(set(COMMAND.findall(house.read(root, COMMANDS))))
    rules = SAID + (("a command", re.compile(rf"`holdfast\b|\bholdfast (?:{'|'.join(names)})\b")),)
    for offset, words in said(text):
        for what, rule in rules:
            for match in rule.finditer(words):
                yield f"{path}:{text.count(chr(10), 0, offset + match.start()) + 1}: the office names {what}: {match.group(0)}"


def of_environment(root, path):
    text = COMMENT_OF_C.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), house.read(root, path))
    for match in ENVIRONMENT.finditer("" if EDGES.search(path) else text):
        yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: the environment is asked here, and not at the edge: {match.group(0)}"


def check(root):
    paths = house.planted(root, house.files(root, ".c", ".h", folders=("agent", "controller", "include", "proto")))
    office = [path for path in paths if path.startswith(OFFICE + "/")]
    wrong = [line for path in office for line in of_office(root, path)]
    return wrong + [line for path in paths for line in of_environment(root, path)], len(paths)


def planted(text, path=OFFICE + "/planted.c"):
    return lambda root: house.write(root, path, text)


PLANTS = (
    ("an option in a sentence", planted('f("say --socket PATH.");\n'), "names an option: --socket"),
    ("an option by its name", planted('f("--%s wants a date", name);\n'), "names an option: --%s"),
    ("an option in a comment", planted("/* from --poll and --kind */\n"), "names an option: --kind"),
    ("a command in a sentence", planted('f("`holdfast status` lists them.");\n'), "names a command"),
    ("a command in a comment", planted("/* what holdfast raise does */\n"), "names a command: holdfast raise"),
    ("an environment's name", planted('f("The path in HOLDFAST_COUNCIL is too long.");\n'), "names the environment"),
    ("the terminal", planted("/* what the terminal knows */\n"), "names a face: terminal"),
    ("the environment asked in the office", planted("p = getenv(NAME);\n"), "the environment is asked here"),
    ("the environment asked in a room", planted("p = secure_getenv(NAME);\n", "agent/keeper/planted.c"), "the environment is asked here"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
