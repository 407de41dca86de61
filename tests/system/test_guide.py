#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""deploy/guide/officer.md, walked by somebody who has read nothing else: what it says to type does what it says, in the words that it quotes.

The officers' terminal, a real controller and broker, one real device. Policy D2.2, D2.9, D9.1-D9.3. HF_BUILD names the build folder.
"""
import os
import re
import sys

from common import check, read, wait_for, write
from council_help import SOURCE
from whole_help import Council, STAFF, enrolled, inside, join, leave

GUIDE = read(f"{SOURCE}/deploy/guide/officer.md")
X = "x:CannockChaseDC"
TEMPLATE = "# Flooding. Read by comms-2 on 1 March.\n*=comms-2: {place} is flooded. Keep away,\n and do not drive through water.\n"


def quoted(words):
    """The guide has these very words."""
    check(f"the guide says: {words}", re.sub(r"\s+", " ", words) in re.sub(r"\s+", " ", GUIDE))
    return words


def drafts(council, kind):
    return [d["digest"] for d in council.says("drafts", "--json").json["drafts"] if d["type"] == kind]


def by_two(council, kind, *words, first="comms-1", second="comms-2"):
    """Written by one, approved by another with the command that the first one was shown."""
    done = council.says(*words, who=first)
    shown = re.search(r"The command for that: holdfast approve ([0-9a-f]{12})", done.out)
    check(f"{' '.join(words[:2])}: waits for a second person, and names the command", done.code == 0 and shown and
          "It WAITS and changes nothing yet: 1 of 2 approvals are there." in done.out and drafts(council, kind), done)
    second_done = council.says("approve", shown.group(1), *(("--wait", "0") if kind == "order" else ()), who=second)
    check(f"{' '.join(words[:2])}: the second person approves it", second_done.code == 0 and "It is recorded and published." in second_done.out, second_done)
    return done


def templates(council):
    """"Templates": words of quiet times, one place to fill in, one sentence."""
    write(f"{council.papers}/templates/flooding.txt", TEMPLATE)
    done = council.says("raise", "emergency", "--reason", "Flooding", "--template", "flood", "--wait", "0", who="comms-1")
    check("a template that is not there: those that are", done.code == 2 and "there is flooding" in done.err, done)
    done = council.says("raise", "emergency", "--reason", "Flooding", "--template", "flooding", "--wait", "0", who="comms-1")
    quoted("nothing is raised while a place is empty")
    check("a place that is empty: nothing is raised", done.code == 2 and "{place}" in done.err and not council.says("status", "--json").json["lockdowns"], done)
    done = council.says("raise", "emergency", "--reason", "Flooding", "--template", "flooding", "--set", "place=High Street", "--wait", "0", "--json", who="comms-1")
    check("filled in it is raised, with each text shown before", done.code == 0 and "High Street is flooded. Keep away,\n    and do not drive" in done.err, done)
    check("one account is not `all 1 accounts`", "for the 1 account." in done.err and "1 accounts" not in done.err, done)
    return done.json["lockdown"]


def amended(council, lockdown):
    """"Something must change while it is in force": what loosens waits; two drafts of one reason are told apart."""
    done = council.says("amend", lockdown[:12], "--contact", "Duty press officer, extension 4322", "--wait", "0", who="comms-1")
    check("another telephone number: one alone", done.code == 0 and quoted("It loosens nothing") in done.out and "It is recorded" in done.out, done)
    done = council.says("amend", lockdown[:12], "--exempt", "comms-1", "--exempt", "countryside-1", "--reason", "Warning walkers", "--wait", "0", who="comms-1")
    check("somebody exempt as well: two of accounts", done.code == 0 and quoted("It LOOSENS the lockdown") in done.out and
          "2 different people of the role accounts" in done.out, done)
    done = council.says("amend", lockdown[:12], "--contact", "Nobody", "--level", "open", "--reason", "Warning walkers", "--wait", "0", who="comms-1")
    listed = council.says("drafts").out
    check("drafts says of which lockdown, and that it loosens it", f"  of the lockdown {lockdown[:12]}, which it LOOSENS\n" in listed, (done, listed))
    for digest in drafts(council, "order"):
        done = council.says("drafts", "withdraw", digest[:12], who="comms-1")
        check("taken back: nobody can complete it", done.code == 0 and "which it LOOSENS" in done.out, done)
    listed = council.says("drafts").out
    check("nothing waits, and it says who took it back", "Nothing waits for approval." in listed and "taken back by comms-1" in listed, listed)


def two_and_a_drill(council, lockdown):
    """`There are 2 live lockdowns`: both are named, and an exercise beside them; each ends by its id."""
    second = council.says("raise", "emergency", "--reason", "Fire", "--wait", "0", "--json", who="comms-1")
    check("a second raise: ATTENTION, and it is raised", second.code == 0 and "one is in force already" in second.err, second)
    drill = council.says("raise", "emergency", "--exercise", "--reason", "Practice", "--wait", "0", "--json", who="comms-1").json["lockdown"]
    done = council.says("release", "--reason", "Out", "--message", "Thank you.", "--wait", "0", who="comms-1")
    check("no id: both are named, and the exercise", done.code == 2 and quoted("There are 2 live lockdowns: say which by its id") in done.err and
          all(f"{one[:12]} (emergency)" in done.err for one in (lockdown, second.json["lockdown"])) and f"{drill[:12]} (EXERCISE)" in done.err, done)
    done = council.says("release", drill[:12], "--reason", "Over", "--message", "Thank you.", "--wait", "0", who="comms-1")
    check("the exercise ends by one alone", done.code == 0 and "It is recorded" in done.out and "EXERCISE" in done.out, done)
    return second.json["lockdown"]


def all_clear(council, device, lockdown, second):
    """"It is over: the all-clear", to its end."""
    done = by_two(council, "order", "release", second[:12], "--reason", "Out", "--message", "You may post again.", "--wait", "0", second="monitoring-1")
    check("another lockdown stays: it says so before anybody signs", "stay" in done.out or "still" in done.out, done)
    check("and staff read that nothing opens", device.blocked() != [] and "You may post again." not in device.status(user=STAFF)[1].split("BLOCKED")[0],
          device.status(user=STAFF)[1])
    council.says("release", "--reason", "Fire is out", "--message", "Thank you. You may post again.", "--wait", "0", who="comms-1")
    listed = council.says("drafts").out
    check("drafts says of which lockdown it is", f"  of the lockdown {lockdown[:12]}\n" in listed, listed)
    done = council.says("release", "--reason", "Fire is out", "--message", "Again", "--wait", "0", who="comms-1")
    check("a release that waits already is named", quoted("A release of that lockdown waits already") in done.out + done.err, done)
    digest = drafts(council, "order")[0]
    done = council.says("drafts", "refuse", digest[:12], "--reason", "Still burning.", who="monitoring-1")
    check("refused, it is shown with whose name", done.code == 0 and f"{digest[:12]} is REFUSED by monitoring-1" in council.says("status").out, done)
    check("and approved all the same", council.says("approve", digest[:12], "--wait", "0", who="comms-2").code == 0)
    check("it opens", wait_for(lambda: device.blocked() == []), device.blocked())
    said = quoted("Seen to be released on every device that had spoken of it.")
    check("status --all says so", wait_for(lambda: said in re.sub(r"\s+", " ", council.says("status", "--all").out)), council.says("status", "--all"))
    check("status without --all leaves it out", "No live lockdown is in force: posting is as usual." in council.says("status").out, council.says("status"))


def holders(council):
    """"Accounts and who holds them": each line of the table with one real account."""
    by_two(council, "register", "holder", "add", "intern-1", X, "--until", "2027-03-31")
    done = council.says("account", "list", "--holders")
    check("a day ends with it, and by the reader's clock", "intern-1                              until 2027-03-31 23:59 BST" in done.out, done)
    by_two(council, "register", "holder", "review", "intern-1", X, "--until", "none", first="comms-2", second="comms-1")
    first = council.says("account", "add", "x:ccdc_parks", "--kind", "departmental", "--holder", "countryside-1", who="comms-1")
    done = council.says("words", "add", "Robin Newcomer", "--kind", "candidate", who="comms-1")
    check("two drafts at once: the second one is refused with the id of the first", first.code == 0 and done.code == 1 and
          f"The draft {drafts(council, 'register')[0][:12]} waits and makes version 4, too" in done.err, done)
    council.says("drafts", "withdraw", drafts(council, "register")[0][:12], who="comms-1")
    by_two(council, "register", "holder", "withdraw", "intern-1", "--all")
    done = council.says("holder", "checklist")
    check("whoever was withdrawn is an open item, with the command", f"holdfast holder confirm intern-1 {X}" in done.out, done)
    check("until one has confirmed it", council.says("holder", "confirm", "intern-1", X, who="comms-2").code == 0 and
          "Nothing is open" in council.says("holder", "checklist").out)
    done = council.says("person", "history", "intern-1")
    check("what became of a person, with who approved it", done.out.count("by comms-1 and comms-2") == 3 and "is gone at the platform" in done.out, done)
    done = council.says("account", "change", X, "--kind", "corporate", who="comms-1")
    check("what was done before is not done again", quoted("Nothing changes: the register in force says that already.") in done.out + done.err and
          drafts(council, "register") == [], done)


def not_enforced(council):
    """The row of a device: a layer that is off and saw nothing has no empty brackets."""
    done = council.says("devices", "--not-enforced")
    check("devices --not-enforced: which parts do not hold", "PARTLY ENFORCED: network off, firefox off" in done.out and "()" not in done.out, done)


def play(folder):
    council = Council(folder)
    device = enrolled(f"{folder}/device", council)
    try:
        check("broker, controller and device are there", council.broker.start() and council.servers["c1"].start())
        join(device, council)
        check("it is heard", council.sees(lambda r: r.get("last_report", 0) > 0), council.row())
        lockdown = templates(council)
        check("it is shut there", wait_for(lambda: device.blocked() != []), device.log()[-300:])
        council.sees(lambda r: r.get("state") == "enforced-unverified")
        not_enforced(council)
        amended(council, lockdown)
        all_clear(council, device, lockdown, two_and_a_drill(council, lockdown))
        holders(council)
    finally:
        leave(device)
        council.end()


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(inside(play))
