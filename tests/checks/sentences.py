#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every sentence that a person reads is in a catalogue, one file a program (deploy/text). `--write` makes them anew.

The catalogues are what xgettext finds in the rooms of a program. Beside it a reader of our own looks at every string of
those rooms that has two words: it is marked, handed to a function that looks its format up, or refused; so is one that
is marked where xgettext does not see it (the second half of a choice, a sentence with a macro in it).
"""
import json
import os
import re
import subprocess
import sys

import house

CATALOGUES = "deploy/text"
PAGE_WORDS = "agent/extension/_locales/en/messages.json"
EVERYBODY = ("proto/base", "proto/wire", "proto/text", "proto/law", "proto/host")
PROGRAMS = {
    "holdfast": ("controller/office", "controller/cli", "proto/doctor"),
    "holdfast-agent": ("agent/doctor", "agent/terminal", "proto/doctor", "agent/enrol", "agent/talk", "agent/conf", "agent/rules", "agent/keeper", "agent/main.c"),
    "holdfast-desk": ("agent/desk", "agent/waiting", "agent/window", "agent/talk", "agent/conf", "agent/main_desk.c",
                      "agent/main_desk_window.c"),
}
SERVICES = ("proto/host/bus.c", "proto/host/log.c", "proto/host/program.c", "agent/keeper/", "proto/wire/machine.c")
# Functions that look a format up themselves: name -> which argument it is. What marks a sentence: the same, of all.
FORMATS = {"hf_err_set": 3, "hf_words_line": 2, "hf_words_heading": 3, "hf_office_warn": 2, "hf_desk_say": 3, "hf_desk_fact": 3,
           "hf_refusal_json": 2}
MARKS = {"hf_text", "HF_TEXT", "hf_text_n"}
KEYWORDS = ["hf_text", "HF_TEXT", "hf_text_n:1,2"] + [f"{name}:{at}" for name, at in FORMATS.items()]
# What these are handed is for programs, logs and certificates, or is compared.
NOT_SHOWN = re.compile(r"^(hf_log|hf_log_about|hf_log_init|json_\w+|strcmp|strn?cmp|strstr|strlen|sscanf|hf_said_(is|in_force)|put_lockdowns|has_purdah|hf_saw_\w+"
                       r"|drop_link|sizeof|_Static_assert|X509_\w+)$")
# "council init", "DIR --plan FILE": what is typed, in the table of the commands; names in certificates; a stylesheet; elements of a page; commands of VERIFY.txt.
NOT_SENTENCES = re.compile(r"^(?:[a-z-]+ (?:init|propose|pending|approve|make|end|server|add|first|emergency|purdah|withdraw|refuse|set-aside|list|history|checklist|confirm|change|retire|review|update|remove|replace|show|sign|publish|new|passphrase|public|verify|heads|prove|checkpoint|--practice|outbox|test|retry|drop|import|done|undo|story|export|note|erase|retention|prepare|half|notes)|certificate (?:broker|controller)|Holdfast broker(?: CA)?"
                           r"|[A-Z]{2,}(?: [-A-Z\[|]\S*)*.*|\.hf-.*|--.*|\[.*|<[!a-z].*|  (?:sha\(\)|\(echo c2sp|jq -|head -n).*|\*\{.*|register\|device.*|Content-Type: .*|no memory|in force|holdfast [a-z]+ --.*)$", re.S)
HEADER = """# Sentences of {program}, in English; a translation of them is a file of the same form.
# Made from the sources by tests/checks/sentences.py --write. Do not edit.
msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
TOKEN = re.compile(r"(?P<skip>/\*.*?\*/|//[^\n]*|\s+)|(?P<directive>^[ \t]*\#[ \t]*(?!define)(?:[^\n\\]|\\.|\\\n)*|^[ \t]*\#[ \t]*define|\\\n)"
                   r"|(?P<string>\"(?:\\.|[^\"\\\n])*\")|(?P<char>'(?:\\.|[^'\\])+')|(?P<word>[A-Za-z_]\w*)|(?P<mark>.)", re.S | re.M)
CONVERSION = re.compile(r"\\x[0-9A-Fa-f]{2}|%[-+ #0.*\d]*(?:hh?|ll?|z|j|t|<PRI)?[a-zA-Z%]|\\[a-z0-7]+(?:\[[\d;]*[a-zA-Z])?")
WIDTH = re.compile(r"PRI[diouxX]\d+$")  # gettext knows it
MESSAGE = re.compile(r'^msgid(_plural)? ((?:".*"\n?)+)', re.M)


def folders_of(program):
    return PROGRAMS[program] + EVERYBODY


def sources(root, program):
    return [path for path in house.files(root, ".c", ".h", folders=("agent", "controller", "proto"))
            if path.startswith(tuple(f if f.endswith(".c") else f + "/" for f in folders_of(program)))]


def has_letters(text):
    return re.search(r"[A-Za-z]{2}|\b[aAI]\b", CONVERSION.sub(" ", text)) is not None


def is_sentence(text):
    return re.search(r"[A-Za-z'-]{2,}[^A-Za-z]* [^A-Za-z]*[A-Za-z]", CONVERSION.sub("%", text)) is not None


def extract(root, program, keywords=tuple(KEYWORDS)):
    """The catalogue of a program, as it must be: no places of a machine, no dates, no line numbers."""
    done = subprocess.run(["xgettext", "--language=C", "--from-code=UTF-8", "--omit-header", "--no-wrap", "--add-location=file", "--sort-by-file",
                           *(f"--keyword={one}" for one in ("", *keywords)), "--output=-", *sources(root, program)],
                          cwd=root, capture_output=True, text=True, check=True)
    blocks = [block for block in done.stdout.strip().split("\n\n") if has_letters("".join(text for _, text in MESSAGE.findall(block)))]
    return HEADER.format(program=program) + "\n\n".join(blocks) + "\n"


def unescaped(text):
    return text.encode().decode("unicode_escape", "replace")


def messages(catalogue, first=False):
    """Every sentence of a catalogue, as C has it; first: of one that says how many, that for one alone."""
    return {unescaped("".join(re.findall(r'"(.*)"', text))) for plural, text in MESSAGE.findall(catalogue) if not (first and plural)} - {""}


class Reader:
    """Reads one file token by token, and says of each string in which call it stands."""

    def __init__(self, text):
        self.tokens = [m for m in TOKEN.finditer(text) if m.lastgroup not in ("skip", "directive")]
        self.calls, self.before = [], ""

    def strings(self):
        """(offset, joined text, [call, argument from 1], what stands before it, what stands behind it)."""
        at = 0
        while at < len(self.tokens):
            token, end = self.tokens[at], at + 1
            if token.lastgroup == "string":
                while end < len(self.tokens) and (self.tokens[end].lastgroup == "string" or WIDTH.match(self.tokens[end].group(0))):
                    end += 1
                behind = self.tokens[end].group(0) if end < len(self.tokens) else ""
                text = "".join(one.group(0)[1:-1] if one.lastgroup == "string" else f"<{one.group(0)}>" for one in self.tokens[at:end])
                yield token.start(), text, (["", 0] + [c for c in self.calls if c[0] != "("])[-1], self.before, behind
            else:
                self.follow(token.group(0))
            self.before, at = token.group(0), end

    def follow(self, token):
        if token in "([{":
            self.calls.append([self.before if token == "(" and re.match(r"\w+$", self.before) else token, 1])
        elif token in ")]}" and self.calls:
            self.calls.pop()
        elif token == "," and self.calls:
            self.calls[-1][1] += 1


def judge(text, call, before, behind):
    """(is it marked, what is wrong with it or None)."""
    name, argument = call if isinstance(call, list) else ("", 0)
    direct = before in "(," and behind in ",)"
    if name in MARKS or FORMATS.get(name) == argument:
        if re.match(r"[A-Za-z_]", behind) or re.match(r"[A-Z_]{2}", before):
            return True, "a macro in a sentence: hand it in with %s"
        return True, None if direct else "mark each half of a choice: HF_TEXT() inside what looks it up, or hf_text()"
    if NOT_SHOWN.match(name) or not is_sentence(text) or NOT_SENTENCES.match(text):
        return False, None
    return False, "a sentence that is in no catalogue: hf_text(), or HF_TEXT() in a table"


def read_file(root, path, found):
    """What is wrong in one file; found takes the sentences that are marked."""
    source = house.read(root, path)
    for offset, text, call, before, behind in Reader(source).strings():
        marked, what = judge(text, call, before, behind)
        if what:
            yield f"{path}:{source.count(chr(10), 0, offset) + 1}: {what}: \"{text[:70]}\""
        elif marked and has_letters(text):
            found.add(unescaped(text))


def is_shown(path):
    """What a service says goes to its log and into reports, in English; what it answers to people is in the catalogue."""
    return not path.startswith(SERVICES)


def check_program(root, program):
    wrong, found = [], set()
    for path in sources(root, program):
        wrong += [line for line in read_file(root, path, found) if is_shown(path)]
    if wrong:
        return wrong, len(found)
    catalogue, path = extract(root, program), f"{CATALOGUES}/{program}.pot"
    wrong += [f"{path}: xgettext does not see what is marked: \"{text[:70]}\"" for text in sorted(found - messages(catalogue))]
    if not os.path.exists(os.path.join(root, path)) or house.read(root, path) != catalogue:
        wrong.append(f"{path} is not what the sources say: tests/checks/sentences.py --write")
    return wrong, len(found)


def check_page(root):
    """The words of the browsers' part: each is used, what is used is there, and no script has a sentence of its own."""
    words, wrong, used = json.loads(house.read(root, PAGE_WORDS)), [], []
    for path in house.files(root, ".js", folders=("agent/extension",)):
        script = re.sub(r"^\s*//.*", "", house.read(root, path), flags=re.M)
        wrong += [f"{path}: a sentence that is not in {PAGE_WORDS}: {text[:70]}" for text in re.findall(r'"(?:\\.|[^"\\\n])*"|`[^`{]*(?:\$\{[^`]*)?`', script)
                  if is_sentence(text) and text != '"use strict"']
        used += re.findall(r'\bsay\("(\w+)"', script)
    used = {*used, "about"}
    begun = tuple(name for name in used if name.endswith("_"))
    wrong += [f"{PAGE_WORDS}: nobody says {name}" for name in words if name not in used and not name.startswith(begun)]
    wrong += [f"{PAGE_WORDS}: {name} is not there" for name in sorted(used - set(words) - set(begun))]
    return wrong, len(words)


def check(root):
    results = [check_program(root, program) for program in PROGRAMS] + [check_page(root)]
    return sorted({line for wrong, _ in results for line in wrong}), sum(looked for _, looked in results)


def write():
    os.makedirs(os.path.join(house.ROOT, CATALOGUES), exist_ok=True)
    for program in PROGRAMS:
        with open(os.path.join(house.ROOT, CATALOGUES, program + ".pot"), "w", encoding="utf-8") as f:
            f.write(extract(house.ROOT, program))
    return 0


def planted(text, path="controller/cli/planted.c"):
    return lambda root: house.write(root, path, "void planted(void)\n{\n\t" + text + "\n}\n")


PLANTS = (
    ("a sentence that is not marked", planted('fputs("Nothing waits here.\\n", out);'), "in no catalogue"),
    ("one that is built", planted('hf_str_printf(text, 9, "%zu more of them", n);'), "in no catalogue"),
    ("one that is returned", planted('return "Posting is stopped";', "agent/desk/planted.c"), "in no catalogue"),
    ("one in a table", planted('static const char *const rows[] = {"not yet heard"};', "agent/terminal/planted.c"), "in no catalogue"),
    ("the second half of a choice", planted('fputs(hf_text(n ? "one" : "the other one"), out);'), "each half of a choice"),
    ("a choice of formats", planted('hf_words_line(words, n ? "It holds %s." : "It is over %s.", name);'), "each half of a choice"),
    ("a macro in a sentence", planted('fputs(hf_text("See " HF_ETC " for it"), out);'), "a macro in a sentence"),
    ("a sentence that nobody wrote down", planted('fputs(hf_text("Nothing waits here.\\n"), out);'), "is not what the sources say"),
    ("a sentence in a script of the page", lambda root: house.write(root, "agent/extension/planted.js", 'show("Posting is stopped");\n'), "that is not in"),
    ("words that the page does not have", lambda root: house.write(root, "agent/extension/planted.js", 'show(say("nowhere"));\n'), "nowhere is not there"),
    ("words that nobody says", lambda root: house.write(root, PAGE_WORDS, house.read(root, PAGE_WORDS).replace('"nothing"', '"nothing_more"')),
     "nobody says nothing_more"),
    ("a catalogue that was edited", lambda root: house.write(root, f"{CATALOGUES}/holdfast.pot", ""), "is not what the sources say"),
)

if __name__ == "__main__":
    sys.exit(write() if sys.argv[1:] == ["--write"] else house.main(check, PLANTS))
