#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""No notes to oneself, no code in comments, no pointer compared with NULL, no paths of one machine, no places to download from."""
import re
import sys

import house

# Written in pieces, so that this file does not refuse itself.
RULES = (
    ("a note to oneself", re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")),
    ("a path of one machine", re.compile(r"(?<![\w./-])/(work" r"/|root" r"/|home" r"/(?!person\b)\w|Users" r"/\w|tmp/b" r"-)")),
    ("a place to download from", re.compile(r"\b(pypi\.o" r"rg|npmjs\.o" r"rg|crates\.i" r"o|deb\.debian\.o" r"rg)\b")),
    ("a number of a list that is not here", re.compile(r"\b[Ii]ss" r"ue #?\d")),
)
COMMENT = re.compile(r"/\*(.*?)\*/|//([^\n]*)", re.S)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
CODE = re.compile(
    r"^[\s*]*(?:return\b[^.]*;|(if|while|for) \(.*\)\s*\{?|#\s*(include|define|ifdef)\b.*|[\w.>\[\]-]+ [-+|&]?= [^;]*;"
    r"|\w+\(.*\);|\}|break;|continue;)\s*$"
)
NULL = re.compile(r"[\w)\]] ?== ?NULL\b|\bNULL ?[!=]= ?|\b(?:if|while) \([^()]*!= ?NULL\b|!= ?NULL\)? (?:\?|&&|\|\|)|&& [^=;(]*!= ?NULL\b")
TEXTS = (".c", ".h", ".py", ".md", ".sh", ".txt", ".js", ".html", ".css", ".conf", ".service", ".cmake", ".yml")


def check_text(path, text):
    wrong = []
    for number, line in enumerate(text.split("\n"), 1):
        for what, rule in RULES:
            found = rule.search(line)
            if found:
                wrong.append(f"{path}:{number}: {what}: {found.group(0)}")
    return wrong + (commented_out(path, text) + null_tests(path, text) if path.endswith((".c", ".h")) else [])


def null_tests(path, text):
    """A pointer is tested as `p` and `!p`; `x = p != NULL` makes a value."""
    bare = COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), STRING.sub('""', text))
    return [f"{path}:{bare.count(chr(10), 0, m.start()) + 1}: a pointer compared: {m.group(0)}" for m in NULL.finditer(bare)]


def commented_out(path, text):
    """Lines inside comments that read as C."""
    wrong = []
    text = STRING.sub(lambda m: '"' + " " * (len(m.group(0)) - 2) + '"', text)
    for match in COMMENT.finditer(text):
        first = text.count("\n", 0, match.start()) + 1
        for i, line in enumerate((match.group(1) or match.group(2) or "").split("\n")):
            if CODE.match(line):
                wrong.append(f"{path}:{first + i}: code in a comment: {line.strip()}")
    return wrong


def is_text(root, path):
    return path.endswith(TEXTS) or house.read(root, path).startswith("#!")


def check(root):
    wrong, looked = [], 0
    for path in house.planted(root, house.files(root) + house.tops(root)):
        if is_text(root, path):
            looked += 1
            wrong += check_text(path, house.read(root, path))
    return wrong, looked


def planted(text, path="agent/planted.c"):
    return lambda root: house.write(root, path, text)


PLANTS = (
    ("a note to oneself", planted("/* TO" "DO: later */\n"), "a note to oneself"),
    ("one in a script", planted("#!/bin/sh\n# FIX" "ME\n", "deploy/planted"), "a note to oneself"),
    ("a path of one machine", planted('"/wo' 'rk/main"\n'), "a path of one machine"),
    ("somebody's home", planted("see /ho" "me/alice/x\n", "tests/planted.md"), "a path of one machine"),
    ("code in a comment", planted("/* x = 1; */\n"), "code in a comment"),
    ("code behind two slashes", planted("\t// return HF_OK;\n"), "code in a comment"),
    ("a call in a comment", planted("\t/* hf_log_init(name, 3); */\n"), "code in a comment"),
    ("a pointer compared", planted("if (x == NULL)\n"), "a pointer compared: x == NULL"),
    ("a pointer compared in a condition", planted("\twhile (x->next != NULL)\n"), "a pointer compared"),
    ("a pointer compared before a question mark", planted("return p != NULL ? p->x : 0;\n"), "a pointer compared"),
    ("a pointer compared without blanks", planted("return p==NULL;\n"), "a pointer compared"),
    ("a place to download from", planted("from py" "pi.org\n", "README.md"), "a place to download from"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
