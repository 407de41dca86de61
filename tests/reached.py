#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""reached.py FOLDER - each sentence of a catalogue (deploy/text) is said by a test: FOLDER has what a run wrote down (HF_REACHED).

Test programs write by themselves (tests/help/reached.c), real programs with build/tests/reached.so before them (REACHED in
tests/system/common.py). Errors are a class of their own: most stand where a machine fails in ways that no test can bring
about (no memory, no random numbers), so how many were said is printed, and none is asked for. What is owed stands in reached-owed.txt.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "checks"))
import house  # noqa: E402  (its folder has just been named)
import sentences  # noqa: E402

ERRORS = {"hf_err_set", "hf_refusal_json"}
OWED = os.path.join(HERE, "reached-owed.txt")


def said(folder):
    """What the programs of a run looked up."""
    found = set()
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as f:
            found.update(text.decode("utf-8", "replace") for text in f.read().split(b"\0"))
    return found


def wanted(program):
    """(sentences, errors) of a program: a text that is both is a sentence."""
    keywords = [one for one in sentences.KEYWORDS if one.split(":")[0] not in ERRORS]
    both = sentences.messages(sentences.extract(house.ROOT, program), first=True)
    mine = sentences.messages(sentences.extract(house.ROOT, program, keywords), first=True)
    return mine, both - mine


def owed():
    """Sentences that nothing says yet."""
    if not os.path.exists(OWED):
        return set()
    with open(OWED, encoding="utf-8") as f:
        return {sentences.unescaped(line.rstrip("\n")) for line in f if line.strip() and not line.startswith("#")}


def lines(found):
    """What is wrong, and how many sentences were looked at."""
    every, errors = set(), set()
    for program in sentences.PROGRAMS:
        mine, others = wanted(program)
        every, errors = every | mine, errors | others
    plain = {re.sub(r"<PRI([diu])64>", r"l\1", text): text for text in every | errors}
    reached = {plain[text] for text in found if text in plain}
    print(f"{len(every & reached)} of {len(every)} sentences, {len((errors - every) & reached)} of {len(errors - every)} errors were said")
    wrong = [f"no test says it: {text!r}" for text in sorted(every - reached - owed())]
    wrong += [f"{os.path.basename(OWED)} has what is no sentence: {text!r}" for text in sorted(owed() - every)]
    for text in sorted(owed() & reached):
        print(f"may be struck from {os.path.basename(OWED)}: {text!r}")
    return wrong, len(every)


def main():
    if len(sys.argv) < 2:
        print(__doc__.split("\n", maxsplit=1)[0], file=sys.stderr)
        return 2
    wrong, looked = lines(said(sys.argv[1]))
    for line in wrong:
        print(line)
    print(f"{looked - len(wrong)} passed, {len(wrong)} failed, 0 skipped")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
