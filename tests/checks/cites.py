#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A reader can follow every citation: a file that is named is here, with the heading that is named; a Source is one of few kinds.

Looked at: all text that is not code (comments, texts of tests, documents, settings), and what code says in its strings. A
string that is a name and nothing else is a file of the program's, and cites nothing.
"""
import functools
import io
import os
import re
import sys
import tokenize

import house

TOPS = "agent|controller|deploy|include|proto|tests"
# A document. What a command is given to read or write is none: `--instructions x.md`.
DOCUMENT = re.compile(r"(?<![\w/.}<-])((?:[\w.-]+/)*[\w-]+\.(?:md|rst|adoc))\b")
GIVEN = re.compile(r"(?:\\?-\\?-[a-z-]+ )$")
# A heading, or several, behind a document; quotes in strings of C have a backslash.
HEADINGS = re.compile(r"([\w./-]+\.md),? +(\"[^\"]+\"(?:,? (?:and )?\"[^\"]+\")*)")
# The same by the name of the document alone, without its ending.
ENDLESS = re.compile(r"(?<![\w./-])((?:[\w-]+/)*(?:README|CONTRIBUTING|API|LIMITS|FACTS)),? +(?=\"[A-Z])")
ANCHOR = re.compile(r"\]\(([\w./-]*)#([^)\s]*)\)")
PATH = re.compile(rf"(?<![\w/.<}}-])((?:{TOPS})/[\w./-]*\w\.[a-z]\w*)")
FOLDER = re.compile(rf"(?<![\w/.<}}-])((?:{TOPS})/(?:[\w-]+/)*)(?![\w*<{{$.%-])")
BARE = re.compile(rf"(?<![\w/.<}}-])((?:{TOPS})(?:/[\w-]+)+)(?![\w*<{{$%/-]|\.\w)")
OURS = re.compile(r"\bhf_\w+\b(?!\*)")
SOURCE_FILE = re.compile(r"(?<![\w/.<}-])([A-Za-z][\w-]*\.(?:c|h|py))\b")
# Words for documents that no reader has; written in pieces, so that this file does not refuse itself.
GONE = re.compile(r"\b(house[ -]st" r"yle|iss" r"ue (?:story|\")"
                  r"|(?:architecture|mission|protocol|facts|design)(?: (?:document|paper|text|file|notes?)\b|,? \"\w| ?§))", re.I)
SOURCE = re.compile(r"^ \* Source\s+((?:.|\n \*  )*)$", re.M)
# What a Source may be; a file of the tree is looked for as every other.
KINDS = re.compile(
    r"policy D\d+(\.\d+)?\b|\b[\w.-]+\(\d[a-z]*\)|\bRFC \d+|\bISO \d+|\bWCAG \d|\bWHATWG \w+|\bDSSE \d|\bC2SP [a-z-]+|\bFIPS \d+|\bUnicode\b"
    r"|\b(Act|Rules|Order|Regulations) (19|20)\d\d\b|'s documentation of \w+|\b(Chromium|Mozilla|OpenSSL)'s [\w/.]+|\blinux/[\w/]+\.h\b"
    r"|\bGOV\.UK\b|\bPostiz\b|\bCAP 1\.2\b|\bStandard Webhooks \d|\bAdaptive Cards \d|\bITU-T [A-Z]\.\d+|\bas hf_\w+|\bsplitmix64\b|[\w/]+\.(md|h|json|py)\b")
COMMENT_OF_C = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)
JOINT = re.compile(r"\n[ \t]*(?:\*|#|//)?[ \t]+")
# Data, pictures, and the checks, which plant what they refuse.
SKIPPED = re.compile(r"\.(json|png|svg|zip|pem|ok|in)$|^tests/checks/\w+\.py$")
CODE = (".c", ".h", ".js", ".css")
COMMENT_OF_JS = re.compile(COMMENT_OF_C.pattern + r"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`", re.S)
NAME_ALONE = re.compile(r"""[rbfu]*(["'`])[\w./-]+\1""")


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def prose_of_python(text):
    """All of it but strings that are a name alone."""
    lines = text.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING and NAME_ALONE.fullmatch(token.string):
            row, (start, end) = token.start[0] - 1, (token.start[1], token.end[1])
            lines[row] = lines[row][:start] + " " * (end - start) + lines[row][end:]
    return "\n".join(lines)


def prose(path, text):
    """The text of a file that is not code; places stay where they are."""
    if path.endswith(CODE):
        kept = list(blank(text))
        for match in (COMMENT_OF_JS if path.endswith(".js") else COMMENT_OF_C).finditer(text):
            if not NAME_ALONE.fullmatch(match.group(0)):
                kept[match.start():match.end()] = match.group(0)
        return "".join(kept)
    if path.endswith(".py"):
        return prose_of_python(text)
    if path.endswith(".md"):
        return re.sub(r"^```.*?^```", lambda m: blank(m.group(0)), text, flags=re.M | re.S)
    return text


@functools.lru_cache(maxsize=None)
def headings_of(text):
    """What a document can be cited by: headings, bold words that begin a line, the first cell of a table's row."""
    found = re.findall(r"^(?:#+ (.*)$|\*\*(.+?)\*\*|\| (.+?) \|)", text, re.M)
    return {" ".join(re.sub(r"[`*]", "", "".join(parts)).rstrip(".:").split()) for parts in found}


@functools.lru_cache(maxsize=None)
def anchors_of(text):
    """The headings of a document as a browser makes anchors of them."""
    found = (re.sub(r"[^\w\s-]", "", heading.lower()).strip() for heading in re.findall(r"^#+ +(.*)$", text, re.M))
    return {heading.replace(" ", "-") for heading in found}


@functools.lru_cache(maxsize=None)
def names_of(root):
    """All names of ours that code gives or uses."""
    texts = (house.read(root, path) for path in house.files(root, ".c", ".h"))
    return {name for text in texts for name in OURS.findall(COMMENT_OF_C.sub(" ", text))}


def find(root, path, name):
    """The path of a file that is named in another, or None."""
    for place in (name, os.path.normpath(os.path.join(os.path.dirname(path), name))):
        if os.path.exists(os.path.join(root, place)):
            return place
    return None


def documents(root, path, text):
    for match in DOCUMENT.finditer(text):
        if not GIVEN.search(text[:match.start()][-40:]) and not find(root, path, match.group(1)):
            yield match.start(), f"{match.group(1)}, which is not there"


def headings(root, path, text):
    """Over the text with its lines joined, so that a heading may go on in the next."""
    joined = JOINT.sub(lambda m: " " * len(m.group(0)), text.replace('\\"', ' "'))
    for match in ENDLESS.finditer(joined):
        yield match.start(), f"{match.group(1)} without its ending"
    for match in HEADINGS.finditer(joined):
        document = find(root, path, match.group(1))
        for heading in re.findall(r"\"([^\"]+)\"", match.group(2)) if document else ():
            words = " ".join(heading.split())
            if words not in headings_of(house.read(root, document)):
                yield match.start(), f"\"{words}\", which is no heading of {document}"


def anchors(root, path, text):
    for match in ANCHOR.finditer(text) if path.endswith(".md") else ():
        document = find(root, path, match.group(1)) if match.group(1) else path
        if document and match.group(2) not in anchors_of(house.read(root, document)):
            yield match.start(), f"#{match.group(2)}, which is no heading of {document}"


def names(root, path, text):
    for match in OURS.finditer(text) if path.endswith((".c", ".h", ".md")) else ():
        if match.group(0) not in names_of(root):
            yield match.start(), f"{match.group(0)}, which is no name of ours"


def paths(root, path, text):
    for match in PATH.finditer(text):
        if not match.group(1).endswith((".md", ".pem", ".key")) and not os.path.exists(os.path.join(root, match.group(1))):
            yield match.start(), f"{match.group(1)}, which is not there"
    for match in BARE.finditer(text):
        if not os.path.exists(os.path.join(root, match.group(1))):
            yield match.start(), f"{match.group(1)}, which is not there"
    for match in FOLDER.finditer(text):
        if not os.path.isdir(os.path.join(root, match.group(1))):
            yield match.start(), f"{match.group(1)}, which is not there"


def sources(tree, path, text):
    """Files that are named without their folder, in comments."""
    if not path.endswith((".c", ".h", ".md")):
        return
    for match in SOURCE_FILE.finditer(re.sub(r'(?<!")"(?:\\.|[^"\\\n])*"', lambda m: " " * len(m.group(0)), text)):
        if match.group(1) not in tree:
            yield match.start(), f"{match.group(1)}, which is not there"


def fields(path, text):
    for match in SOURCE.finditer(text) if path.endswith((".c", ".h")) else ():
        if not KINDS.search(match.group(1)):
            yield match.start(), f"a source that nobody can find: {match.group(1).split(chr(10))[0]}"


def check(root):
    wrong, looked = [], 0
    every = house.files(root) + house.tops(root)
    tree = {os.path.basename(path) for path in every}
    for path in house.planted(root, every):
        if SKIPPED.search(path) or "\0" in house.read(root, path):
            continue
        looked += 1
        text = prose(path, house.read(root, path))
        gone = [(m.start(), f"{m.group(0)}, which no reader has") for m in GONE.finditer(text.replace('\\"', ' "'))]
        for offset, what in [*documents(root, path, text), *headings(root, path, text), *anchors(root, path, text),
                             *names(root, path, text), *paths(root, path, text), *sources(tree, path, text), *fields(path, text), *gone]:
            wrong.append(f"{path}:{text.count(chr(10), 0, offset) + 1}: cites {what}")
    return wrong, looked


def planted(path, text):
    return lambda root: house.write(root, path, text)


def source(text):
    return planted("agent/planted.h", f"/*\n * planted - plants\n *\n * Source    {text}\n */\nvoid planted(void);\n")


PLANTS = (
    ("a document that is not here", planted("agent/planted.c", "/* design.md says so */\n"), "design.md, which is not there"),
    ("one in a test's string", planted("tests/unit/planted.c", 'f("design.md \\"Rules\\": %s");\n'), "design.md, which is not there"),
    ("one in a docstring", planted("tests/system/planted.py", '"""design.md: so it is."""\n'), "design.md, which is not there"),
    ("one in settings", planted("deploy/planted.conf", "# see design.md\n"), "design.md, which is not there"),
    ("one in a document", planted("deploy/planted.md", "As [design](design.md) says.\n"), "design.md, which is not there"),
    ("a heading that is not there", source('proto/README.md "Nowhere"'), '"Nowhere", which is no heading of proto/README.md'),
    ("the second of two headings", source('proto/README.md "Report", "Nowhere"'), '"Nowhere", which is no heading'),
    ("a heading in a string of C", planted("tests/unit/planted.c", 'f("proto/README.md \\"Nowhere\\": %s");\n'), '"Nowhere", which is no heading'),
    ("a heading over two lines", source('proto/README.md "Working\n *           nights"'), '"Working nights", which is no heading'),
    ("a path that has moved", planted("agent/planted.c", "/* as in agent/moved.c */\n"), "agent/moved.c, which is not there"),
    ("a folder that has moved", planted("deploy/planted.md", "what `agent/moved/` does\n"), "agent/moved/, which is not there"),
    ("a file that has moved", planted("agent/planted.c", "/* moved.c does it */\n"), "moved.c, which is not there"),
    ("a style that no reader has", planted("tests/unit/planted.c", 'f("house st' 'yle 19");\n'), "which no reader has"),
    ("a list that no reader has", source('iss' 'ue "The pass"'), "which no reader has"),
    ("an anchor of another document", planted("deploy/planted.md", "[so](guide/it.md#nowhere)\n"), "#nowhere, which is no heading of deploy/guide/it.md"),
    ("an anchor of this one", planted("deploy/planted.md", "# Here\n[so](#there)\n"), "#there, which is no heading"),
    ("a document without its ending", planted("agent/planted.c", '/* proto/README "Report" */\n'), "proto/README without its ending"),
    ("one by its own name", planted("agent/planted.c", '/* API "Status" */\n'), "API without its ending"),
    ("a document that was never here", planted("agent/planted.c", "/* as the architecture docu" "ment says */\n"), "which no reader has"),
    ("a protocol that is no document here", planted("agent/planted.c", '/* proto' 'col "Report" */\n'), "which no reader has"),
    ("a document in single quotes", planted("tests/system/planted.py", "# see 'design.md'\n"), "design.md, which is not there"),
    ("one in single quotes in a comment of C", planted("agent/planted.c", "/* see 'design.md' */\n"), "design.md, which is not there"),
    ("one in a template", planted("agent/extension/planted.js", "f(`as design.md says: ${x}`);\n"), "design.md, which is not there"),
    ("a file in a template", planted("agent/extension/planted.js", "f(`${x}, see agent/moved.c`);\n"), "agent/moved.c, which is not there"),
    ("a folder without its slash", planted("agent/planted.c", "/* what agent/moved does */\n"), "agent/moved, which is not there"),
    ("a function that has gone", planted("agent/planted.c", "/* as hf_" "moved does */\n"), "hf_moved, which is no name of ours"),
    ("a source of no kind", source("common sense"), "nobody can find: common sense"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
