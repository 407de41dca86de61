#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The election officer's whole job (policy D10) with a real holdfastd and broker: scheduling, moving, cancelling, who has
read the instructions, and what the screens say. HF_BUILD names the build folder.
"""
import csv
import datetime
import io
import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
import time

from common import PEOPLE, check, closing, end_process, wait_for, write
from council_help import COUNCIL, Terminal, contract, key, pem_of
from test_controller import Listener, Office, digests, raise_now

TEXT = "# Before you post\n\n- Nothing *party political*\n- Ask [the office](https://example.org/help)\n\n<script>alert(1)</script>\n"


class OfficeTerminal(Terminal):
    """With the office's council folder; nobody's key has a passphrase here."""

    def __init__(self, office):
        super().__init__(f"{office.folder}/council", office.socket, f"{office.folder}/people")
        self.office = office
        for person in PEOPLE:
            write(f"{office.folder}/people/{person}.pem", pem_of(person))
        write(f"{office.folder}/text.md", TEXT.encode())
        write(f"{office.folder}/calendar.json", json.dumps(calendar()).encode())
        self.environment["HOLDFAST_CALENDAR"] = f"{office.folder}/calendar.json"

    def purdah(self, *words, poll=None, level="guard", text="text.md", **how):
        return self("raise", "purdah", "--poll", poll or day(120), "--kind", "principal", "--level", level, "--instructions",
                    f"{self.office.folder}/{text}", "--reason", "District elections", "--wait", "0", "--json", *words, **{"who": "elections-1", "yes": True, **how})

    def status(self, lockdown):
        return next(k for k in self("status", "--json").json["lockdowns"] if k["id"] == lockdown)


def calendar():
    """One holiday a year, so that this test does not grow old."""
    events = [{"title": "New Year’s Day", "date": f"{year}-01-01", "notes": "", "bunting": True} for year in range(2020, 2060)]
    return {d: {"division": d, "events": events} for d in ("england-and-wales", "scotland", "northern-ireland")}


def day(ahead):
    return (datetime.date.today() + datetime.timedelta(ahead)).isoformat()


def seconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def payloads(office):
    """All orders of the controller, by digest."""
    return {contract.digest_of(o): contract.document_of(o) for o in office.get("orders")[1]["orders"]}


def schedules(office, terminal):
    counted = terminal("timetable", "--poll", day(120), "--kind", "principal", "--json").json
    done = terminal.purdah()
    check("D10: one election officer schedules it", done.code == 0 and done.json["outcome"] == "recorded", done)
    lockdown = done.json["lockdown"]
    order = payloads(office)[lockdown]
    check("its period is the suggested one", (order["from"], order["until"]) == tuple(
        seconds(counted["suggested"][n]) for n in ("from", "until")), order)
    check("the order keeps the polls and the calendar's version", order["timetable"] == {
        "polls": [{"kind": "principal", "poll": day(120)}], "calendar": counted["calendar"]["version"]}, order)
    check("the instructions are the file's very bytes", order["instructions"] == TEXT, order)
    for part in ("LIVE PRE-ELECTION PERIOD (PURDAH)", "Before you post", "the office (https://example.org/help)",
                 "<script>alert(1)</script>", "Level guard", counted["suggested"]["from_local"], "latest lawful start"):
        check(f"shown before signing: {part}", part in done.err, done.err)
    check("and not the marks", "*party" not in done.err and "# Before" not in done.err, done.err)
    done = terminal("status")
    check("status: scheduled, in local time", "Scheduled: LIVE PRE-ELECTION PERIOD (PURDAH)" in done.out and
          f"From {counted['suggested']['from_local']} until" in done.out and "posting is as usual" in done.out, done)
    row = terminal.status(lockdown)
    check("as JSON too", row["phase"] == "scheduled" and row["from_local"] == counted["suggested"]["from_local"] and
          row["timetable"] == order["timetable"], row)
    done = terminal.purdah(who="comms-1")
    check("a communications officer may not", done.code == 1 and "may not approve" in done.err, done)
    return lockdown


def held(office, terminal, lockdown):
    """A device that holds a scheduled period has done all that it can."""
    office.report("d1", 1, [(lockdown, "purdah", "live", 0, "received")])
    wait_for(lambda: office.device("d1")["counter"] == 1)
    row = terminal.status(lockdown)
    check("counts of a scheduled one: received is received", row["counts"]["received"] == 1 and row["counts"]["unreached"] == 1, row)
    check("and held, to start by itself", row["not_enforced"] == [{"device": "d2", "state": "unreached", "partly": []}], row)
    check("in words too", "NOT YET HELD on 1 device: d2 (unreached)" in terminal("status").out, terminal("status"))
    out = terminal("devices").out
    check("a device's line names the period", "pre-election period (purdah)" in out, out)


def own_times(office, terminal):
    saturday = datetime.date.today() + datetime.timedelta(40)
    while saturday.weekday() != 5:
        saturday += datetime.timedelta(1)
    start = f"{saturday.isoformat()} 03:07"
    done = terminal.purdah("--from", start, "--until", f"{day(125)} 12:34")
    order = payloads(office)[done.json["lockdown"]]
    check("any time of day, weekends too", done.code == 0 and time.strftime("%M", time.gmtime(order["from"])) == "07" and
          "LATER" not in done.err, done)
    done = terminal.purdah("--from", f"{day(100)} 09:00")
    check("a late start is accepted, and said loudly", done.code == 0 and "warning: it starts on" in done.err and
          "ATTENTION: it starts on" in done.err and "LATER THAN THE LAW ALLOWS" in done.err, done)
    done = terminal.purdah("--from", f"{day(100)} 09:00", yes=False)
    check("it is asked about before anything is signed", done.code == 2 and "starts later than the law allows" in done.err +
          done.out, done)
    done = terminal.purdah("--until", f"{day(119)} 22:00")
    check("an end before the polls close is said", done.code == 0 and "before the polls close" in done.err, done)
    for words, says in ((("--from", "tomorrow"), "The start must be"), (("--until", f"{day(1)} 25:00"), "The end must be"),
                        (("--from", f"{day(130)} 10:00"), "cannot be written")):
        done = terminal.purdah(*words)
        check(f"refused: {words}", done.code in (1, 2) and says in done.err, done)
    done = terminal("raise", "purdah", "--poll", day(120), "--kind", "ukparl-by", "--level", "block", "--instructions",
                    f"{office.folder}/text.md", "--reason", "By-election", "--wait", "0", "--json", who="elections-1")
    check("a parliamentary by-election asks for its writ", done.code == 1 and "writ" in done.err, done)
    done = terminal("raise", "purdah", "--poll", day(120), "--kind", "ukparl-by", "--level", "block", "--instructions",
                    f"{office.folder}/text.md", "--reason", "By-election", "--wait", "0", "--json", "--from", f"{day(90)} 00:01",
                    who="elections-1")
    check("and takes the start that the writ gives", done.code == 0 and "cannot be said here" in done.err and
          "only the exempt can post" in done.err, done)


def instructions(office, terminal):
    rows = [("nothing", b""), ("a control character", b"one\ntwo\x07"), ("bytes that are no UTF-8", b"\xff\xfe"), ("too much", b"x" * 16385),
            ("a character that turns the text around", "a\u202eb".encode()), ("an end mark", b"one\0two")]
    before = len(payloads(office))
    for what, data in rows:
        write(f"{office.folder}/bad.md", data)
        done = terminal.purdah(text="bad.md")
        check(f"instructions with {what} are refused", done.code == 1 and "bad.md" in done.err, done)
    done = terminal.purdah(text="none.md")
    check("a file that is not there", done.code == 1 and "none.md" in done.err, done)
    check("and nothing was recorded", len(payloads(office)) == before)
    write(f"{office.folder}/dos.md", b"\xef\xbb\xbfone\r\ntwo\r\n")
    done = terminal.purdah("--exercise", text="dos.md")
    check("line ends of other systems are only line ends", done.code == 0 and
          payloads(office)[done.json["lockdown"]]["instructions"] == "one\ntwo\n", done)
    bare = [line for line in done.err.splitlines() if "EXERCISE" not in line and not line.startswith("holdfast: warning")]
    check("in an exercise each line says so, the instructions' too", not bare, bare)


def moves(office, terminal, lockdown):
    done = terminal("extend", lockdown[:12], "--until", f"{day(121)} 13:00", "--reason", "Count goes on", "--wait", "0", "--json",
                    who="elections-1")
    check("extending tightens: one", done.code == 0 and done.json["outcome"] == "recorded" and "The end moves from" in done.err, done)
    done = terminal("bring-forward", lockdown[:12], "--from", f"{day(60)} 00:01", "--reason", "Sooner", "--wait", "0", "--json",
                    who="elections-1")
    check("an earlier start tightens: one", done.code == 0 and done.json["outcome"] == "recorded" and
          "The start moves from" in done.err, done)
    check("the timetable is kept through both", terminal.status(lockdown)["timetable"]["polls"][0]["kind"] == "principal")
    done = terminal("extend", lockdown[:12], "--until", f"{day(119)} 22:00", "--reason", "x", who="elections-1")
    check("extend never shortens", done.code == 2 and "amend --until" in done.err, done)
    done = terminal("bring-forward", lockdown[:12], "--from", f"{day(70)} 22:00", "--reason", "x", who="elections-1")
    check("bring-forward never puts off", done.code == 2 and "amend --from" in done.err, done)
    for what, command in (("end", ("extend", "--until", f"{day(121)} 13:00")), ("start", ("bring-forward", "--from", f"{day(60)} 00:01"))):
        done = terminal(command[0], lockdown[:12], *command[1:], "--reason", "x", who="elections-1")
        check(f"the same {what} again loosens nothing, and is said to be it", done.code == 2 and "already: nothing would change" in done.err and
              "loosens" not in done.err, done)
    done = terminal("amend", lockdown[:12], "--until", f"{day(120)} 22:00", "--wait", "0", "--json", who="elections-1")
    check("an earlier end loosens: two", done.code == 0 and done.json["outcome"] == "draft" and
          done.json["can_approve"] == ["monitoring-1"] and "It LOOSENS" in done.err, done)
    check("drafts shows it in plain words", "PRE-ELECTION PERIOD (PURDAH)" in terminal("drafts").out, terminal("drafts"))
    done = terminal("approve", done.json["digest"][:12], "--wait", "0", "--json", who="monitoring-1")
    check("whoever approves sees the period and the latest lawful start", done.json.get("outcome") == "recorded" and
          "latest lawful start" in done.err and "Before you post" in done.err, done)
    start = terminal.status(lockdown)["from"]
    done = terminal("amend", lockdown[:12], "--poll", day(127), "--kind", "principal", "--wait", "0", "--json", who="elections-1")
    row = terminal.status(lockdown)
    check("a poll put off: a later end, and no later start by itself", done.json.get("outcome") == "recorded" and
          row["from"] == start and time.strftime("%Y-%m-%d", time.gmtime(row["until"])) == day(127), (done, row))
    done = terminal("amend", lockdown[:12], "--instructions", f"{office.folder}/dos.md", "--wait", "0", "--json", who="elections-1")
    check("another text asks everybody again, and says so", "asked to read them again" in done.err, done)


def begun(office, terminal):
    """A recomputation never moves a period that has begun."""
    done = terminal.purdah("--from", f"{day(-2)} 08:00", poll=day(10))
    check("a start in the past begins at once, and is said", done.code == 0 and "begins as soon as" in done.err, done)
    lockdown = done.json["lockdown"]
    row = terminal.status(lockdown)
    check("it is in force", row["phase"] == "in force", row)
    for words in (("bring-forward", lockdown, "--from", f"{day(-9)} 08:00", "--reason", "x"),
                  ("amend", lockdown, "--from", f"{day(3)} 08:00"), ("amend", lockdown, "--from", f"{day(-30)} 08:00")):
        done = terminal(*words, who="elections-1")
        check(f"its start is not moved: {words[0]} {words[3]}", done.code == 1 and "cannot be moved" in done.err, done)
    done = terminal("amend", lockdown, "--poll", day(17), "--kind", "gla", "--wait", "0", "--json", who="elections-1")
    after = terminal.status(lockdown)
    check("a poll that moves leaves the start and moves the end", done.json.get("outcome") == "recorded" and
          after["from"] == row["from"] and after["until"] > row["until"] and after["timetable"]["polls"][0]["kind"] == "gla", after)
    return lockdown


def read_by(office, terminal, lockdown):
    """Who has and who has not."""
    text = contract.instructions_digest(TEXT)
    said = [(lockdown, "purdah", "live", 1, "enforced-verified")]
    done = terminal("acknowledgements", lockdown[:12])
    check("D10: who has not is named", done.code == 0 and "0 of 1 people" in done.out and "NOT YET:\n  comms-2" in done.out, done)
    report(office, 2, said, [(lockdown, text, "comms-2", 1790000000)])
    seen = wait_for(lambda: terminal("acknowledgements", lockdown, "--json").json.get("acknowledged") == 1)
    check("D10: the device's signed word reaches the officer", seen, terminal("acknowledgements", lockdown))
    report(office, 3, said, [])
    wait_for(lambda: office.device("d1")["counter"] == 3)
    rows = list(csv.DictReader(io.StringIO(terminal("acknowledgements", lockdown, "--csv").out)))
    mine = [r for r in rows if r["device"] == "d1"]
    check("D10: kept when the device says less, and exported", mine and mine[0]["state"] == "acknowledged" and
          mine[0]["acknowledged_utc"] == "2026-09-21T14:13:20Z" and mine[0]["acknowledged_local"] == "2026-09-21 15:13 BST", rows)
    check("the other device has not", [r["state"] for r in rows if r["device"] == "d2"] == ["not-yet"], rows)
    office.kill()
    check("killed and started again", office.start())
    check("D5.6: it is still there", terminal("acknowledgements", lockdown, "--json").json["acknowledged"] == 1)
    done = terminal("amend", lockdown, "--instructions", f"{office.folder}/dos.md", "--wait", "0", who="elections-1")
    check("another text: nobody has read it yet", terminal("acknowledgements", lockdown, "--json").json["acknowledged"] == 0, done)
    done = terminal("acknowledgements", lockdown, "--csv", "--json")
    check("one form at a time", done.code == 2, done)


def report(office, counter, lockdowns, acknowledged, device="d1"):
    doc = contract.report(COUNCIL, device, counter, int(time.time()), lockdowns=lockdowns, acknowledged=acknowledged)
    office.broker.publish(device, f"device/{device}/report", contract.message("report", doc, [key(device)]))


def stacked(office, terminal, purdah):
    """An emergency inside a period, and an exercise beside both: told apart everywhere."""
    data, emergency = raise_now(reason="Fire")
    office.post(data)
    data, exercise = raise_now(mode="exercise", reason="Practice")
    office.post(data)
    report(office, 4, [(emergency, "emergency", "live", 0, "enforced-verified"), (exercise, "emergency", "exercise", 0, "enforced-verified"),
                       (purdah, "purdah", "live", 2, "enforced-verified")], [])
    wait_for(lambda: office.device("d1")["counter"] == 4)
    out = terminal("status").out
    check("status shows both, and that both hold", "BOTH hold: when the emergency is released, the pre-election period goes on." in out and
          "IN FORCE: LIVE EMERGENCY LOCKDOWN" in out and "IN FORCE: LIVE PRE-ELECTION PERIOD (PURDAH)" in out and
          "IN FORCE: EXERCISE OF AN EMERGENCY LOCKDOWN" in out, out)
    done = terminal("release", "--reason", "x", "--message", "y", who="comms-1")
    both = f"{emergency[:12]} (emergency), {purdah[:12]} (pre-election period)"
    check("an all-clear without an id asks which, the emergency first", done.code == 2 and both in done.err, done)
    line = next(row for row in terminal("devices").out.splitlines() if row.startswith("d1 "))
    check("and a device's line tells the three apart", all(word in line for word in (
        f"; emergency {emergency[:12]}: enforced-verified", f"; EXERCISE of emergency {exercise[:12]}",
        f"; pre-election period (purdah) {purdah[:12]}")), line)
    done = terminal("cancel", emergency, "--reason", "x", "--message", "y", who="elections-1")
    check("an emergency is not cancelled", done.code == 2 and "holdfast release" in done.err, done)
    done = terminal("extend", emergency, "--until", f"{day(9)} 10:00", "--reason", "x", who="comms-1")
    check("nor extended", done.code == 2, done)
    done = terminal("cancel", purdah, "--reason", "Poll countermanded", "--message", "Post as usual.", "--wait", "0", "--json",
                    who="elections-1")
    check("a poll countermanded: two must approve", done.code == 0 and done.json["outcome"] == "draft" and
          "another lockdown stays in force" in done.err, done)
    done = terminal("approve", done.json["digest"], "--wait", "0", "--json", who="monitoring-1")
    check("and it ends for ever", done.json.get("outcome") == "recorded" and terminal.status(purdah)["phase"] == "released", done)
    done = terminal("cancel", purdah, "--reason", "x", "--message", "y", who="elections-1")
    check("once", done.code == 1 and "released already" in done.err, done)


def many(office, terminal):
    """Twenty periods with the longest instructions there can be: scheduled, published, listed in order."""
    listener, ids = Listener(office), []
    write(f"{office.folder}/long.md", ("Nothing party political. " * 700).encode()[:16383] + b"\n")
    for n in range(20):
        ahead = 130 + (n * 7) % 20
        done = terminal.purdah(text="long.md", poll=day(ahead), level="block" if n % 2 else "guard")
        if done.code != 0:
            check(f"period {n} is scheduled", False, done)
            break
        ids.append(done.json["lockdown"])
    check("twenty periods are scheduled", len(set(ids)) == 20, len(set(ids)))

    def heard():
        found = set()
        for topic in {t for t, _, _ in list(listener.heard) if t.startswith("state/")}:
            found |= set(digests(listener.last(topic)[0]))
        return set(ids) <= found
    check("all are published, page by page", wait_for(heard), len({t for t, _, _ in listener.heard}))
    listener.close()
    rows = [k for k in terminal("status", "--json").json["lockdowns"] if k["phase"] == "scheduled" and k["mode"] == "live"]
    check("the controller lists them in order of their start", [k["from"] for k in rows] == sorted(k["from"] for k in rows) and
          set(ids) <= {k["id"] for k in rows} and all(k["verified"] for k in rows), [k["from"] for k in rows])
    out = terminal("status").out
    shown = [k["from"] for k in sorted(rows, key=lambda k: out.index(k["id"][:12]))]
    check("and so does the screen", shown == sorted(shown), shown)
    office.kill()
    check("killed and started again", office.start())
    again = [k["id"] for k in terminal("status", "--json").json["lockdowns"]]
    check("all are still there", set(ids) <= set(again))


def listed_under(terminal, lockdown, heading):
    """The rows below this heading of `holdfast acknowledgements`, as (person, device)."""
    lines = terminal("acknowledgements", lockdown).out.splitlines()
    after = lines[lines.index(heading) + 1:] if heading in lines else []
    rows = [line.split() for line in itertools.takewhile(lambda line: line.startswith("  "), after)]
    return [(row[0], row[2]) for row in rows]


def not_asked(office, terminal):
    """D10: who is exempt is not asked to read; what was read on a device that is somebody else's now stays on the record."""
    done = terminal.purdah("--from", f"{day(-2)} 08:00", "--exempt", "comms-2", poll=day(10))
    lockdown = done.json["lockdown"]
    check("D10: who is exempt stands apart, and is not asked", listed_under(terminal, lockdown, "Exempt, and not asked:") ==
          [("comms-2", "d1"), ("comms-2", "d2")], terminal("acknowledgements", lockdown))
    done = terminal.purdah("--from", f"{day(-1)} 08:00", poll=day(10))
    lockdown = done.json["lockdown"]
    report(office, 9, [(lockdown, "purdah", "live", 0, "enforced-verified")], [(lockdown, contract.instructions_digest(TEXT), "comms-2", 1790000000)])
    read = wait_for(lambda: listed_under(terminal, lockdown, "Acknowledged:") == [("comms-2", "d1")])
    check("D10: read on d1", read, terminal("acknowledgements", lockdown))
    given = contract.assignment(COUNCIL, "d1", 2, int(time.time()), public=key("d1").public, people={"comms-1": "staff"}, groups=["civic-centre"])
    code, said = office.post(contract.message("assignment", given, [key("it-1"), key("comms-1")]))
    check("d1 is given to another person", said.get("outcome") == "recorded", (code, said))
    former = "Acknowledged, and no longer assigned to that device:"
    check("D5.6: who read it there stays listed, and as what", listed_under(terminal, lockdown, former) == [("comms-2", "d1")] and
          listed_under(terminal, lockdown, "NOT YET:") == [("comms-1", "d1"), ("comms-2", "d2")], terminal("acknowledgements", lockdown))


def main():
    folder = tempfile.mkdtemp(prefix="hf-election-")
    os.chmod(folder, 0o755)
    office = None
    try:
        office = Office(folder)
        office.broker.start()
        check("the controller starts", office.start())
        terminal = OfficeTerminal(office)
        lockdown = schedules(office, terminal)
        held(office, terminal, lockdown)
        own_times(office, terminal)
        instructions(office, terminal)
        moves(office, terminal, lockdown)
        purdah = begun(office, terminal)
        read_by(office, terminal, purdah)
        stacked(office, terminal, purdah)
        many(office, terminal)
        not_asked(office, terminal)
        bad = [line for line in office.log().splitlines() if "AddressSanitizer" in line or "runtime error" in line]
        check("memory is clean, as far as this build can say", not bad, bad)
    finally:
        for process in (office.controller, office.broker.process) if office else ():
            end_process(process, signal.SIGKILL)
        shutil.rmtree(folder)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
