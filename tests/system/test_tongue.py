#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Welsh can follow: every sentence of a catalogue (deploy/text) is set in brackets by a translation that is made up here, put
where the system keeps them, and seen so on the screens of the real programs; without a language the same screens are English
to the byte, and the service speaks English to its log whatever its environment asks for. HF_BUILD names the build folder.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from common import ENOUGH, REACHED, check, closing, read, skip, write
from council_help import BUILD, SOURCE

CATALOGUES = ("holdfast", "holdfast-agent", "holdfast-desk")
PREFIX = re.search(r"^CMAKE_INSTALL_PREFIX:PATH=(.*)$", read(f"{BUILD}/CMakeCache.txt"), re.M).group(1)
SHARE = f"{PREFIX}/share"
LANGUAGE = {"LC_ALL": "C.UTF-8", "LANGUAGE": "cy"}
ENGLISH = {"LC_ALL": "C"}
PLACED = 'mount -t tmpfs none "$0" && mkdir "$0/locale" && mount --bind "$1" "$0/locale" && shift && exec "$@"'
FORMS = '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"'
# What is in no language: names of programs, commands and options, and what an option takes.
TYPED = re.compile(r"^(?:  (?:[a-z-]+(?: [a-z-]+)?|(?:-\w, )?--[a-z-]+(?: [A-Z]\S*)?) +\[.*\]|\s*)$")


def bracketed(match):
    """A translation is the English in brackets; the ends of lines stay where they were, as msgfmt demands."""
    text = "".join(re.findall(r'"(.*)"', match.group(2)))
    first, middle, last = re.match(r"^((?:\\n)*)(.*?)((?:\\n)*)$", text, re.S).groups()
    return f'{match.group(1)} "{first}[{middle}]{last}"\n'


def translate(folder, name):
    """Make the catalogue of a language that does not exist; True: msgfmt takes it, with every format as it was."""
    made = subprocess.run(["msgen", "--no-wrap", f"{SOURCE}/deploy/text/{name}.pot"], capture_output=True, text=True, check=True).stdout
    head, rest = made.split("\n\n", 1)
    po = head.replace('"Content-Transfer-Encoding: 8bit\\n"', FORMS) + "\n\n" + re.sub(r'^(msgstr(?:\[\d\])?) ((?:".*"\n?)+)', bracketed, rest, flags=re.M)
    os.makedirs(f"{folder}/cy/LC_MESSAGES", exist_ok=True)
    write(f"{folder}/{name}.po", po)
    done = subprocess.run(["msgfmt", "--check", f"--output-file={folder}/cy/LC_MESSAGES/{name}.mo", f"{folder}/{name}.po"], capture_output=True, text=True,
                          check=False)
    check(f"{name}: every sentence can be translated, and keeps its format", done.returncode == 0, done.stderr)


def said(folder, program, *words, language=None):
    """Both outputs of a program that is started where the made-up language is installed."""
    env = {"PATH": os.environ["PATH"], **REACHED, **(language or LANGUAGE)}
    done = subprocess.run(["unshare", "--mount", "sh", "-c", PLACED, SHARE, folder, f"{BUILD}/{program}", *words], capture_output=True, text=True,
                          timeout=ENOUGH, stdin=subprocess.DEVNULL, env=env, check=False)
    return done.stdout + done.stderr


def helped(folder):
    """The overview and the help of a command: tables, whose rows are looked up one by one."""
    for words in (("--help",), ("raise", "emergency", "--help"), ("drafts", "--help")):
        got = said(folder, "holdfast", *words)
        bare = [line for line in got.splitlines() if line.startswith("  ") and not TYPED.match(line)]
        check(f"holdfast {' '.join(words)}: every row is translated", "[" in got and not bare, bare or got)
    for program in ("holdfast-agent", "holdfast-desk", "holdfast-desk-window"):
        got = said(folder, program, "--help")
        check(f"{program} --help is translated", got.startswith(f"[{program} - ") and got.endswith("]\n"), got)


def failed(folder):
    """Errors of the shared rooms, and of a program's own; words that stand in them."""
    got = said(folder, "holdfast", "status", "--council", f"{folder}/none")
    check("an error is translated, with what stands in it", re.match(r"^holdfast: \[.*none.*\]\n$", got, re.S) is not None, got)
    got = said(folder, "holdfast", "timetable", "--poll", "2027-05-06", "--kind", "principal", "--calendar", f"{SOURCE}/deploy/calendar/bank-holidays.json")
    check("a screen is translated: its lines, the names of days and deadlines", all(one in got for one in ("[Poll (%s) on " % "principal", "[bank holiday]",
          "[notice of poll]", "[Other deadlines:]")), got)
    got = said(folder, "holdfast-agent", "status", "--etc", folder)
    check("the agent's terminal is translated", re.match(r"^holdfast-agent: \[.*\]\n$", got, re.S) is not None, got)


def called_wrongly(folder):
    """What is said of a call that is wrong, with the hint of the terminal in an error of the office."""
    for program, words, says in (("holdfast-desk", ("--linger", "0"), "[holdfast-desk: --linger takes 1 to 3600 seconds]"),
                                 ("holdfast-desk", ("now",), "[holdfast-desk: 'now' is not expected here: did you mean --show?]"),
                                 ("holdfast-desk", ("tomorrow",), "[holdfast-desk: 'tomorrow' is not expected here: see holdfast-desk --help]"),
                                 ("holdfast-desk-window", (), "[holdfast-desk-window: holdfast-desk starts this; as root nobody does]"),
                                 ("holdfast", ("status",), "[: --council DIR or HOLDFAST_COUNCIL]")):
        got = said(folder, program, *words)
        check(f"{program} {' '.join(words)}: called wrongly, and told so in the language", says in got, got)
    full = subprocess.run(["sh", "-c", 'exec "$0" --help > /dev/full', f"{BUILD}/holdfast"], stderr=subprocess.PIPE, text=True, timeout=ENOUGH,
                          env={"PATH": os.environ["PATH"], **REACHED}, check=False)
    check("an answer that cannot be written is said", full.returncode == 1 and full.stderr == "holdfast: The answer could not be written.\n", full)


def english(folder):
    """Nothing changes where nobody asks for a language, and for the service, which serves everybody."""
    for language, why in ((ENGLISH, "no language"), ({"LC_ALL": "C.UTF-8"}, "a language without a catalogue")):
        got = said(folder, "holdfast", "--help", language=language)
        check(f"{why}: English to the byte", "[make" not in got and "  release           give the all-clear\n" in got, got)
    got = said(folder, "holdfast-agent", "run", "--etc", f"{folder}/none")
    check("the service speaks English", got and "[" not in re.sub(r"\[\d+\]", "", got), got)


def main():
    if os.geteuid() != 0 or not os.path.isdir(SHARE):
        skip("translations", f"{SHARE} can only be covered by root, where it is")
        return closing()
    folder = tempfile.mkdtemp(prefix="hf-tongue-")
    try:
        for name in CATALOGUES:
            translate(folder, name)
        helped(folder)
        failed(folder)
        called_wrongly(folder)
        english(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
