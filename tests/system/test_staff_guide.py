#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""deploy/guide/staff.md, walked by somebody who has read nothing else: what it says to type does what it says, in the words that it quotes.

A member of staff at a real device, with a real controller and broker: an emergency, one's own message, a pre-election period, practice.
Policy D9.2, D9.3, D10. The window's words and buttons are those of the catalogue; test_desk.py presses them. HF_BUILD names the build folder.
"""
import os
import pty
import pwd
import re
import shlex
import sys
import time

from common import REACHED, check, drop, read, wait_for, write
from council_help import COUNCIL, DEVICE, SOURCE, contract, key
from test_agent import AGENT
from test_cli import typed as keys_typed
from whole_help import Council, STAFF, enrolled, inside, join, leave

GUIDE = read(f"{SOURCE}/deploy/guide/staff.md")
CATALOGUES = tuple(read(f"{SOURCE}/deploy/text/holdfast-{name}.pot") for name in ("desk", "agent"))
ACCOUNT, TEXT, CONTACT = "x:CannockChaseDC", "We are dealing with a chemical fire.", "Duty press officer, extension 4321"
COMMANDS = dict(re.findall(r"^\| ([^|]+?) \| `holdfast-agent ([^`]+)` \|$", GUIDE, re.M))


def said_by_programs(words):
    """The window or the agent has these very words in its catalogue; there a key of a button stands before its letter."""
    return any(words in re.sub(r"_(?=\w)", "", text.replace('"\n"', "")) for text in CATALOGUES)


def typed(device, what, *more, change=None):
    """A row of the guide's table, as it stands there: (exit status, what was said)."""
    words = next(words for row, words in COMMANDS.items() if row.startswith(what))
    words = shlex.split(change(words) if change else words)
    code, out, err = device.command(*words, *more, user=STAFF)
    return code, out + err


def at_terminal(argv, user, prompt, answer):
    """At a terminal of this user, with what is typed at the prompt: (exit status, what was shown)."""
    who = pwd.getpwnam(user)
    pid, fd = pty.fork()
    if pid == 0:
        drop(who.pw_uid, who.pw_gid)()
        os.environ.update(REACHED)
        os.execv(argv[0], argv)
    shown = keys_typed(fd, [(prompt.encode(), answer.encode())])
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown


def quotes():
    """Each button and sentence that the guide has in bold or in quotation marks is said by a program."""
    bold = set(re.findall(r"\*\*([A-Z][^*\n]+)\*\*", GUIDE)) - {"Save your work"}
    quoted = {q for q in re.findall(r'"([^"\n]{12,})"', GUIDE.split("## The same in a terminal")[0] + GUIDE.split("## When something looks wrong")[1]) if "..." not in q}
    for words in sorted(bold | quoted):
        plain = re.sub(r" \(\d+ minutes\)", "", words.replace("comms-1", "%s"))
        check(f"a program says: {words}", said_by_programs(plain.rstrip(".,")), words)


def with_holder(council):
    """The one device is that of who is to post, and no officer."""
    public = council.paper(f"assignments/{DEVICE}.json")
    council.sign(f"assignments/{DEVICE}.json", "assignment", {**contract.document_of(public), "version": 2, "people": [
        {"person": "comms-2", "user": STAFF}]}, "it-1", "comms-1")


def stop_posting(council, device):
    """'When the window says "Stop posting"', in a terminal."""
    done = council.says("raise", "emergency", "--reason", "Chemical fire at Hednesford", "--contact", CONTACT, "--exempt", "none",
                        "--holding", f"{ACCOUNT}=comms-2:{TEXT}", "--wait", "0", "--json", who="comms-1")
    check("an emergency is raised", done.code == 0, done)
    check("it is shut", wait_for(lambda: device.blocked() != [] and "Why: Chemical" in device.status(user=STAFF)[1]), device.status(user=STAFF))
    code, said = typed(device, "what is in force, why")
    shown = re.search(r"```\n(BLOCKED: .*?)```", GUIDE, re.S).group(1)
    # One layer alone is on here, so not all has been seen to hold.
    for line in shown.replace("blocked, and seen to hold", "blocking; not all of it has been seen to hold yet").splitlines():
        fixed = re.split(r": (?=\d|comms|Chemical|Duty)", line)[0] if line.startswith("  ") else line
        check(f"status has the guide's line: {line[:50]}", code == 0 and fixed in said, said)
    for words in ("Why: Chemical fire at Hednesford", f"Whom to ring: {CONTACT}", "Until: the council's all-clear"):
        check(f"and: {words}", words in said, said)
    return done.json["lockdown"]


def asked_to_post(council, device, lockdown):
    """'When you are asked to post a message', by the commands of the table."""
    code, said = device.status(user=STAFF)[:2]
    check("the message stands there to be posted, word for word", TEXT in said and ACCOUNT in said, said)
    code, said = typed(device, "open the posting window")
    check("the posting window opens, for the minutes that it shows", code == 0 and "minutes" in said, said)
    check("and status says so, with the minutes that are left", "Your posting window is open." in device.status(user=STAFF)[1] and
          re.search(r"1[45]:\d\d minutes are left", device.status(user=STAFF)[1]), device.status(user=STAFF))
    code, said = typed(device, "say that it is posted")
    check("posted: it shuts", code == 0 and wait_for(lambda: "Your posting window is open." not in device.status(user=STAFF)[1] and device.blocked() != []), said)
    code, said = typed(device, "open the posting window")
    check("and cannot be opened again", code == 1, said)
    check("the officers have its address", wait_for(lambda: "https://x.com/CannockChaseDC/status/1" in council.says("status", "--json").out), council.says("status").out)


def cannot(council, device):
    """Another message for it, and this time the page does not load."""
    lockdown = council.says("status", "--json").json["lockdowns"][0]["id"]
    done = council.says("amend", lockdown[:12], "--holding", f"{ACCOUNT}=comms-2:Stay inside, please.", "--reason", "More is known", "--wait", "0", who="comms-1")
    check("another text is another message", done.code == 0 and wait_for(lambda: "Stay inside, please." in device.status(user=STAFF)[1]), done)
    code, said = typed(device, "say that you cannot")
    check("cannot, and why: the officers read it", code == 0 and wait_for(lambda: "The page does not load" in council.says("status", "--json").out), said)


def all_clear(council, device, lockdown):
    council.says("release", lockdown[:12], "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-1")
    draft = council.says("drafts", "--json").json["drafts"][0]["digest"]
    done = council.says("approve", draft, "--wait", "0", who="monitoring-1")
    check("at the all-clear it is open, and status says so", done.code == 0 and wait_for(lambda: device.blocked() == []) and
          wait_for(lambda: "BLOCKED" not in device.status(user=STAFF)[1]), device.status(user=STAFF))


def pre_election(council, device, folder):
    """'In a pre-election period': read, acknowledge, and check a draft."""
    rules = f"{folder}/rules.md"
    write(rules, "# Until polling day\n\nNothing party political.\n")
    now = int(time.time())
    order = contract.raise_order(COUNCIL, "purdah", "live", now, **{"level": "guard", "from": now, "until": now + 20 * 86400, "instructions": read(rules), "reason": "Poll"})
    code, answer = council.servers["c1"].post(contract.message("order", order, [key("elections-1")]))
    check("a period is begun", code == 200 and answer["outcome"] == "recorded", answer)
    check("tools are shut until the instructions are read", wait_for(lambda: device.blocked() != []), device.status(user=STAFF))
    code, said = typed(device, "the instructions")
    check("instructions: they are read", code == 0 and "Nothing party political." in said, said)
    code, said = typed(device, "acknowledge them")
    check("acknowledge: not without a terminal to read on", code != 0 and "no terminal to show the instructions on" in said, said)
    code, said = at_terminal([AGENT, "acknowledge", "--etc", device.etc], STAFF, "Type ack if you have read these instructions", "ack\n")
    check("acknowledge: it asks for the word `ack`, and the tools open", code == 0 and wait_for(lambda: device.blocked() == []), said)
    write(f"{folder}/draft.txt", "A post without names.\n")
    os.chmod(f"{folder}/draft.txt", 0o644)
    code, said = typed(device, "mark words in a draft", change=lambda words: words.replace("draft.txt", f"{folder}/draft.txt"))
    check("check-draft: it is looked at, and goes nowhere", code == 0, said)


def practice(council, device):
    """'When it says EXERCISE': nothing is blocked."""
    done = council.says("raise", "emergency", "--exercise", "--reason", "Practice", "--wait", "0", who="comms-1")
    check("practice: the word stands on the screen, and nothing is blocked", done.code == 0 and wait_for(lambda: "EXERCISE" in device.status(user=STAFF)[1]) and
          device.blocked() == [], device.status(user=STAFF))


def play(folder):
    council = Council(folder)
    device = enrolled(f"{folder}/device", council)
    try:
        quotes()
        with_holder(council)
        check("broker, controller and device are there", council.broker.start() and council.servers["c1"].start())
        join(device, council)
        check("it is heard", council.sees(lambda r: r.get("last_report", 0) > 0 and r.get("people") == ["comms-2"]), council.row())
        lockdown = stop_posting(council, device)
        asked_to_post(council, device, lockdown)
        cannot(council, device)
        all_clear(council, device, lockdown)
        practice(council, device)
        pre_election(council, device, folder)
    finally:
        leave(device)
        council.end()


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(inside(play))
