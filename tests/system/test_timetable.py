#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`holdfast timetable`: every published case and every edge case of policy D10 through the real command, calendars that
are merged or refused, and calls that are wrong. Offline, without a council folder. HF_BUILD names the build folder.
"""
import copy
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile

from common import ENOUGH, REACHED, check, closing
from council_help import BUILD, SOURCE

HOLDFAST = f"{BUILD}/holdfast"
CALENDAR = f"{SOURCE}/deploy/calendar/bank-holidays.json"
CASES = f"{SOURCE}/tests/unit/elections"
DAYS_OF = {"principal": 25, "gla": 30, "ukparl-general": 22}
DEADLINE_OF = {19: "delivery of nomination papers", 18: "statement of persons nominated", 12: "registration to vote",
               11: "postal vote application", 6: "notice of poll"}
SCREENS = {
    "--poll 2027-05-06 --kind ukparl-general": ("2027-03-31        dissolution of Parliament", "2027-04-05 16:00  notice of election"),
    "--poll 2027-05-06 --kind np-referendum": ("2027-03-24        information statement",),
    "--poll 2027-05-06 --kind ppera-referendum": ("The referendum period begins on Friday 2027-04-09", "Counted, 28 calendar days:", "No day is left out.",
                                                  "Calendar: none is needed, every day counts."),
    "--poll 2027-01-14 --kind principal --also-disregard 2027-01-05": ("2026-12-24  Christmas Eve", "2026-12-25  Christmas Day (Christmas Day)",
                                                                     "2027-01-05  day of public thanksgiving or mourning"),
    "--poll 2027-04-08 --kind parish-by --vacancy-notice 2027-02-01": ("2027-03-26  Good Friday (Good Friday)",),
    "--poll 2027-05-06 --kind principal --poll 2027-05-13 --kind pcc": ("All polls together, suggested:",),
}


def read(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def timetable(*words, calendar=CALENDAR, as_json=True):
    """One call, with nothing else in its environment; its exit code, its answer, what it said beside."""
    env = {"PATH": os.environ["PATH"], **REACHED, **({"HOLDFAST_CALENDAR": calendar} if calendar else {})}
    done = subprocess.run([HOLDFAST, "timetable", *words, *(["--json"] if as_json else [])], capture_output=True, text=True,
                          timeout=ENOUGH, stdin=subprocess.DEVNULL, env=env, check=False)
    if not as_json:
        return done.returncode, done.stdout, done.stderr
    try:
        return done.returncode, json.loads(done.stdout), done.stderr
    except ValueError:
        return done.returncode, {}, done.stderr + done.stdout


def poll(day, kind, *more, **options):
    return timetable("--poll", day, "--kind", kind, *more, **options)


def published():
    """D10: the dates that returning officers published."""
    for row in read(f"{CASES}/cases-dev.json"):
        code, got, said = poll(row["poll"], row["kind"])
        good = code == 0 and got["notice_by"] == row["expected_notice_date"] and got["days"] == row["days"]
        for days, date in row["other_working_day_dates"].items():
            if int(days) > row["days"]:
                good = good and got["deadlines"]["dissolution of Parliament"] == date
                continue
            good = good and got["counted"][-int(days)] == date
            if int(days) in DEADLINE_OF and row["kind"] != "gla":
                good = good and got["deadlines"][DEADLINE_OF[int(days)]] == date
        check(f"D10 published: {row['id']}", good, (row, got, said))


def without(folder, days):
    """The calendar as it was before these days were proclaimed."""
    if not days:
        return CALENDAR
    calendar = read(CALENDAR)
    for division in calendar.values():
        division["events"] = [e for e in division["events"] if e["date"] not in days]
    return write(folder, calendar)


def write(folder, calendar, name="calendar.json"):
    path = f"{folder}/{name}"
    with open(path, "w", encoding="utf-8") as f:
        f.write(calendar if isinstance(calendar, str) else json.dumps(calendar))
    return path


def edge_date(row, calendar, also):
    """The date of a computed case, wherever the command's answer has it."""
    if "direction" in row:
        kind = {35: "principal-by", 60: "parish-by"}[row["days"]]
        code, got, said = timetable("--kind", kind, "--vacancy-notice", row["start"], *also, calendar=calendar)
        return got["vacancy"]["last_poll"] if code == 0 else said
    kind = "ukparl-general" if row["calendar"] == "UK" else "gla" if row["days"] == 30 else "principal"
    code, got, said = poll(row["poll"], kind, *also, calendar=calendar)
    if code != 0:
        return said
    if row["days"] == DAYS_OF[kind]:
        return got["notice_by"]
    return got["deadlines"]["dissolution of Parliament" if kind == "ukparl-general" else DEADLINE_OF[row["days"]]]


def edges(folder):
    for row in read(f"{CASES}/edge-cases-computed.json"):
        also = [word for day in row.get("extra_disregarded", []) for word in ("--also-disregard", day)]
        got = edge_date(row, without(folder, row.get("removed_holidays", [])), also)
        check(f"D10 computed: {row['id']}", got == row["expected_date"], (row, got))


def spans(got):
    """Every day from the notice to the poll is counted or left out, once."""
    first, last = (datetime.date.fromisoformat(d) for d in (got["notice_by"], got["poll"]))
    days = [(first + datetime.timedelta(n)).isoformat() for n in range((last - first).days + bool(got["calendar_days"]))]
    return sorted(got["counted"] + [d["date"] for d in got["disregarded"]]) == days and len(got["counted"]) == got["days"]


def answers():
    code, got, _ = poll("2027-05-06", "principal")
    wanted = {"poll", "kind", "notice_by", "days", "calendar", "disregarded", "deadlines", "suggested", "polls"}
    check("the answer has all that is promised", code == 0 and wanted <= set(got), set(got))
    check("the calendar says division, version and reach", got["calendar"]["division"] == "england-and-wales" and
          len(got["calendar"]["version"]) == 64 and got["calendar"]["until"] == "2028-12-31", got["calendar"])
    check("UTC with the local time beside", got["suggested"] == {
        "from": "2027-03-30T23:01:00Z", "from_local": "2027-03-31 00:01 BST", "until": "2027-05-06T21:00:00Z",
        "until_local": "2027-05-06 22:00 BST"}, got["suggested"])
    whys = {d["date"]: d["why"] for d in got["disregarded"]}
    check("each day that is left out says why", whys["2027-05-03"] == "bank holiday" and whys["2027-04-03"] == "Saturday", whys)
    for kind in ("principal", "principal-by", "parish", "parish-by", "la-mayor", "ca-mayor", "pcc", "pcc-by", "gla",
                 "ukparl-general", "np-referendum", "ppera-referendum"):
        code, got, said = poll("2027-05-06", kind)
        check(f"{kind}: each day from notice to poll is counted or left out, once", code == 0 and spans(got), (got, said))
    check("a referendum counts every day", got["notice_by"] == "2027-04-09" and got["calendar"]["division"] == "none", got)
    code, got, _ = poll("2027-05-06", "ukparl-general")
    check("a general election counts the holidays of all nations", got["calendar"]["division"] == "united-kingdom" and
          "dissolution of Parliament" in got["deadlines"] and got["deadline_times"]["notice of election"] == "16:00", got)
    code, got, _ = poll("2027-05-06", "np-referendum")
    check("a neighbourhood plan has its information statement", got["deadlines"]["information statement"] < got["notice_by"], got)
    code, got, _ = poll("2026-04-16", "principal")
    check("summer time begins inside the period", got["suggested"]["from_local"].endswith("GMT") and
          got["suggested"]["until_local"] == "2026-04-16 22:00 BST", got["suggested"])


def combined():
    code, got, _ = timetable("--poll", "2027-05-06", "--kind", "principal", "--poll", "2027-05-13", "--kind", "parish-by",
                             "--poll", "2027-05-06", "--kind", "gla")
    parts = got.get("polls", [])
    check("combined polls keep every part", code == 0 and [p["kind"] for p in parts] == ["principal", "parish-by", "gla"], got)
    check("and the union: earliest start, latest end", got["suggested"]["from"] == min(p["suggested"]["from"] for p in parts) and
          got["suggested"]["until"] == max(p["suggested"]["until"] for p in parts) == "2027-05-13T21:00:00Z", got["suggested"])
    check("no single poll stands for all", "notice_by" not in got, got)


def words():
    code, out, _ = poll("2027-05-06", "principal", as_json=False)
    for part in ("Wednesday 2027-03-31", "25 working days", "2027-05-03  bank holiday (Early May bank holiday)",
                 "2027-04-08 16:00  delivery of nomination papers", "reaches to 2028-12-31", "2027-03-31 00:01 BST",
                 "(2027-03-30 23:01:00 UTC)"):
        check(f"in words: {part}", code == 0 and part in out, out)
    code, out, said = poll("2027-05-08", "principal", as_json=False)
    check("a polling day on a Saturday is said", code == 0 and "no working day (Saturday)" in said, said)
    code, out, said = poll("2027-05-07", "principal", as_json=False)
    check("one on no Thursday, too", code == 0 and "is a Friday, and polls are held on Thursdays" in said, said)
    code, out, said = poll("2027-12-16", "principal-by", "--vacancy-notice", "2027-09-01", as_json=False)
    check("a poll too long after the vacancy is said", code == 0 and "later than the last lawful one" in said, said)
    for words_, parts in SCREENS.items():
        code, out, said = timetable(*words_.split(), as_json=False)
        check(f"in words: {words_}", code == 0 and all(part in out for part in parts), (out, said))


def year_of(year, drop=0, division="england-and-wales"):
    """A feed of one year, as many holidays as it has less some."""
    events = [e for e in read(CALENDAR)[division]["events"] if e["date"].startswith(str(year))]
    return {division: {"division": division, "events": events[drop:]}}


def merged(folder):
    """A newer file renews what is held, and never takes its place."""
    base = poll("2027-05-06", "principal")[1]
    funeral = year_of(2027)
    funeral["england-and-wales"]["events"].append({"title": "State funeral", "date": "2027-04-14", "notes": "", "bunting": False})
    newer = write(folder, funeral)
    code, got, said = poll("2027-05-06", "principal", "--calendar", newer)
    check("a holiday in a newer file counts", code == 0 and got["notice_by"] == "2027-03-30" and
          {"date": "2027-04-14", "why": "bank holiday", "title": "State funeral"} in got["disregarded"], (got, said))
    check("and it is another version", got["calendar"]["version"] != base["calendar"]["version"])
    code, got, said = poll("2019-05-02", "principal", "--calendar", newer)
    check("the years that the newer file has not are kept", code == 0 and got["notice_by"] == "2019-03-26", (got, said))
    same = write(folder, year_of(2027), "same.json")
    code, got, said = poll("2027-05-06", "principal", "--calendar", same)
    check("the same content is the same version", got["calendar"]["version"] == base["calendar"]["version"], said)
    later = year_of(2028)
    for event in later["england-and-wales"]["events"]:
        event["date"] = event["date"].replace("2028", "2029")
    later = write(folder, later, "later.json")
    code, got, said = poll("2029-03-01", "principal", "--calendar", newer, "--calendar", later)
    check("several files are merged in their order", code == 0 and got["calendar"]["until"] == "2029-12-31", (got, said))


def refused_calendars(folder):
    """An error, never `no holidays`: exit 1 and one sentence."""
    wrong_date, twice, gap, unknown = (year_of(2027) for _ in range(4))
    wrong_date["england-and-wales"]["events"][0]["date"] = "2027-02-30"
    twice["england-and-wales"]["events"] += twice["england-and-wales"]["events"][:1]
    gap = year_of(2028)
    for event in gap["england-and-wales"]["events"]:
        event["date"] = event["date"].replace("2028", "2035")
    unknown["wales"] = copy.deepcopy(unknown["england-and-wales"])
    rows = [("a malformed date", wrong_date, "no date"), ("a day twice", twice, "twice"), ("years missing between", gap, "missing"),
            ("a year that has lost holidays", year_of(2027, drop=2), "not lost"), ("a division that is none", unknown, "nothing else"),
            ("no JSON", "hello", "no calendar"), ("nothing in it", "", "no calendar"), ("an empty object", {}, "no calendar")]
    for what, calendar, says in rows:
        code, got, said = poll("2027-05-06", "principal", "--calendar", write(folder, calendar))
        check(f"a calendar with {what} is refused", code == 1 and says in said and said.count("\n") == 1 and
              "message" in got, (code, got, said))
    code, _, said = poll("2029-05-03", "principal")
    check("a calendar that ends before the poll is an error", code == 1 and "2028-12-31" in said and "2029-05-03" in said, said)
    code, _, said = poll("2027-05-06", "principal", "--calendar", f"{folder}/none.json")
    check("a file that is not there", code == 1 and "none.json" in said, said)
    code, _, said = poll("2027-05-06", "ukparl-general", calendar=write(folder, year_of(2027), "one.json"))
    check("a calendar without a nation that counts", code == 1 and "division" in said, said)


def wrong_calls():
    rows = [("no poll", []), ("a poll without a kind", ["--poll", "2027-05-06"]), ("a kind too many", [
        "--poll", "2027-05-06", "--kind", "pcc", "--kind", "gla"]), ("a kind that is none", ["--poll", "2027-05-06", "--kind", "x"]),
            ("a day that is none", ["--poll", "2027-02-30", "--kind", "pcc"]), ("a day in words", ["--poll", "6 May", "--kind", "pcc"]),
            ("a day of mourning that is none", ["--poll", "2027-05-06", "--kind", "pcc", "--also-disregard", "x"]),
            ("a vacancy of a kind that has none", ["--poll", "2027-05-06", "--kind", "pcc", "--vacancy-notice", "2027-01-04"]),
            ("nine polls", ["--poll", "2027-05-06", "--kind", "pcc"] * 9), ("a word too many", ["2027"])]
    for what, call in rows:
        code, out, said = timetable(*call, as_json=False)
        check(f"called with {what}: exit 2, one sentence", code == 2 and said.count("\n") == 1 and not out, (code, out, said))
    code, out, said = timetable("--help", as_json=False)
    check("the help names every kind", code == 0 and all(kind in out.split() for kind in (
        "principal", "principal-by", "parish", "parish-by", "gla", "la-mayor", "ca-mayor", "pcc", "pcc-by", "ukparl-general", "ukparl-by",
        "np-referendum", "ppera-referendum")), out)
    code, out, said = poll("2027-05-06", "ukparl-by", as_json=False)
    check("a parliamentary by-election asks for the writ", code == 1 and "writ" in said and not out, said)


def found(folder):
    """Without a variable: the file beside the program, or in the package's folder beside it."""
    code, got, said = poll("2027-05-06", "principal", calendar=None)
    check("a program that is not installed finds its calendar", code == 0 and got["notice_by"] == "2027-03-31", said)
    code, _, said = poll("2027-05-06", "principal", calendar=f"{folder}/none.json")
    check("a variable that names no file is an error", code == 1 and "none.json" in said, said)
    os.makedirs(f"{folder}/usr/bin")
    os.makedirs(f"{folder}/usr/share/holdfast")
    shutil.copy(HOLDFAST, f"{folder}/usr/bin/holdfast")
    write(f"{folder}/usr/share/holdfast", year_of(2027), "bank-holidays.json")
    done = subprocess.run([f"{folder}/usr/bin/holdfast", "timetable", "--poll", "2027-05-06", "--kind", "pcc", "--json"],
                          capture_output=True, text=True, timeout=ENOUGH, env={"PATH": os.environ["PATH"]}, check=False)
    check("an installed one has it in its package", done.returncode == 0 and
          json.loads(done.stdout)["calendar"]["until"] == "2027-12-31", done)


def main():
    folder = tempfile.mkdtemp(prefix="hf-timetable-")
    try:
        published()
        edges(folder)
        answers()
        combined()
        words()
        merged(folder)
        refused_calendars(folder)
        wrong_calls()
        found(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
