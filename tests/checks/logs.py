#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A line of the log says what it is about by hf_log_about, and nothing about people.

The id of a lockdown, a device and the reason are words of the call (HF_ABOUT), never pasted into its text; what was refused or failed
has a reason. No text has a member for a person, a login or an address of theirs, and none is handed over.
"""
import re
import sys

import house
from sizes import COMMENT, blank

CALL = re.compile(r"\bhf_log(?:_about)?\(")
TEXTS = re.compile(r'"((?:[^"\\\\]|\\\\.)*)"')
PASTED = re.compile(r"\b(lockdown|device|reason)=")
ABOUT_PEOPLE = re.compile(r"\b(person|by|login|user|name|mail|e-mail|who)=")
PEOPLE = re.compile(r"->(?:person|login|mail|ut_user)\b|\bperson(?:->\w+)?$|\bperson\b(?!->)")
NEED_REASON = ("HF_EV_FAILED", "HF_EV_REFUSED")
OWN = ("proto/host/log.c", "include/holdfast/log.h")


def arguments(text, start):
    """The arguments of the call whose bracket opens at start, each with its blanks made one."""
    found, depth, begin, quoted, i = [], 0, start + 1, False, start
    while i < len(text):
        char = text[i]
        if quoted:
            i += char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if not quoted and (depth == 0 or (depth == 1 and char == ",")):
            found.append(" ".join(text[begin:i].split()))
            begin = i + 1
            if depth == 0:
                return found
        i += 1
    return found


def look(parts, structured):
    """What is wrong with one call."""
    event, about, rest = parts[1], parts[2] if structured else "", parts[3 if structured else 2:]
    said = " ".join(TEXTS.findall(rest[0])) if rest else ""
    bad = []
    if PASTED.search(said):
        bad.append(f"{PASTED.search(said).group(1)}= is pasted into the text: say it by HF_ABOUT")
    if ABOUT_PEOPLE.search(said):
        bad.append(f"{ABOUT_PEOPLE.search(said).group(1)}= names a person")
    if any(PEOPLE.search(part) for part in rest[1:]):
        bad.append("a person is handed to the log")
    if event in NEED_REASON and ".reason" not in about:
        bad.append(f"{event} has no reason: say why in a word by HF_ABOUT(.reason = ...)")
    return bad


def check(root):
    bad, looked = [], 0
    for path in house.files(root, ".c", folders=("agent", "controller", "proto")):
        if path in OWN:
            continue
        text = COMMENT.sub(blank, house.read(root, path))
        for match in CALL.finditer(text):
            looked += 1
            line = text.count("\n", 0, match.start()) + 1
            structured = match.group().startswith("hf_log_about")
            bad += [f"{path}:{line}: {what}" for what in look(arguments(text, match.end() - 1), structured)]
    return bad, looked


def plant(call):
    return lambda root: house.write(root, "agent/planted.c", "static void say(void)\n{\n\t" + call + "\n}\n")


PLANTS = (
    ("a reason that is pasted", plant('hf_log(HF_LOG_INFO, HF_EV_BUS, "reason=%s", hf_rc_name(rc));'), "reason= is pasted"),
    ("a device that is pasted", plant('hf_log(HF_LOG_INFO, HF_EV_BUS, "up "\n\t       "device=%s", id);'), "device= is pasted"),
    ("a lockdown that is pasted", plant('hf_log_about(HF_LOG_INFO, HF_EV_BUS, HF_ABOUT(.reason = w), "lockdown=%.16s", id);'), "lockdown= is pasted"),
    ("a failure without a reason", plant('hf_log(HF_LOG_ERROR, HF_EV_FAILED, "no (more) memory");'), "HF_EV_FAILED has no reason"),
    ("a refusal without a reason", plant('hf_log_about(HF_LOG_ERROR, HF_EV_REFUSED, HF_ABOUT(.device = d), "no");'), "HF_EV_REFUSED has no reason"),
    ("a person's member", plant('hf_log(HF_LOG_INFO, HF_EV_CHANGED, "act=%s by=%s", a, b);'), "by= names a person"),
    ("a person who is handed over", plant('hf_log(HF_LOG_INFO, HF_EV_CHANGED, "posted: %s", w->person);'), "a person is handed"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
