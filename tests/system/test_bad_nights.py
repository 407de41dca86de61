#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""deploy/guide/bad-nights.md: ten nights, each with a test that plays it; every command that it has somebody type at night is one, with those options.

What these tests play is theirs; here nobody is sent to a command, a test or a place of a guide that is not there. HF_BUILD names the build folder.
"""
import os
import re
import shlex
import subprocess
import sys

from common import check, closing, read
from council_help import BUILD, SOURCE

TEXT = read(f"{SOURCE}/deploy/guide/bad-nights.md")
NIGHTS = ("server is dead", "broker is dead", "shut and offline", "officer is lost", "key was stolen", "false alarm", "disk is full", "certificate has ended", "clock is wrong",
          "does not enforce")
PROGRAMS = {"holdfast": f"{BUILD}/holdfast", "holdfast-agent": f"{BUILD}/holdfast-agent"}


def help_of(program, words):
    return subprocess.run([PROGRAMS[program], *words, "--help"], capture_output=True, text=True, check=False)


def wrong_in(line):
    """What of this line is not there: "" if all of it is."""
    program, *words = shlex.split(line)
    if program not in PROGRAMS:
        return f"no program {program}"
    if program == "holdfast-agent":
        return "" if f"holdfast-agent {words[0]} " in help_of(program, []).stdout else f"no command {words[0]}"
    names = next((words[:n] for n in (2, 1) if not any(w.startswith("-") for w in words[:n]) and f"holdfast {' '.join(words[:n])} - " in help_of(program, words[:n]).stdout), None)
    if not names:
        return f"no command {' '.join(words[:2])}"
    said = help_of(program, names).stdout
    missing = [w for w in words if re.fullmatch(r"--?[a-z-]+", w) and not re.search(rf"(^|[ ,]){re.escape(w)}\b", said, re.MULTILINE)]
    return f"no option {missing}" if missing else ""


def main():
    heads = re.findall(r"^## \d+\. (.*)$", TEXT, re.MULTILINE)
    check("ten nights, in the order of likelihood", len(heads) == 10 and all(night in head.lower() for night, head in zip(NIGHTS, heads)), heads)
    for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]:
        head = part.splitlines()[0]
        played = re.findall(r"`((?:tests/)?[a-z_/]+\.(?:py|c))`", part.split("Played by:")[1]) if "Played by:" in part else []
        gone = [name for name in played if not os.path.exists(f"{SOURCE}/{name if '/' in name else f'tests/system/{name}'}")]
        check(f"{head}: says first what holds meanwhile, and which test plays it", "\n**" in part and played and not gone, (played, gone))
    lines = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
    wrong = {line: wrong_in(line) for line in lines}
    check("each command is there, with each of its options", len(lines) >= 10 and not any(wrong.values()), wrong)
    check("a command that is not there would be found", wrong_in("holdfast relaese --reason x") and wrong_in("holdfast release --resaon x") and wrong_in("holdfast-agent docter"))
    return closing()


if __name__ == "__main__":
    sys.exit(main())
