#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checklists (policy D4.1, D9.3): what people must do by hand at a raise and at the all-clear, and what of it is done.

A real controller, without a broker, and the officers' own commands. HF_BUILD names the build folder.
"""
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from common import ENOUGH, check, closing, wait_for, write
from council_help import HOLDFAST, SOURCE, Terminal
from test_cli import completed
from test_controller import release_now
from test_mail import F, Post, X, raise_now

STANDING = ("item,when,who,text\r\nbanner,raise,web-team,\"Put the banner on the website, in red\"\r\npictures,emergency,comms-2,Change the profile pictures\r\n"
            "moderation,purdah,duty officer,Moderate comments\r\nbanner-off,all-clear,web-team,=Take the banner away\r\nNo Name,raise,x,y\r\n")
KEPT = {"accounts": [{"account": X, "scheduler": "hootsuite"}, {"account": F, "scheduler": "Own Planner", "admins": ["office@partner.example.org"]},
                     {"account": "x:gone", "scheduler": "buffer"}], "people": []}


class Listed(Post):
    def begin(self, **changes):
        self.launch(check__standing=f"{self.folder}/standing.csv", check__schedulers=f"{SOURCE}/deploy/catalogue/schedulers.json", **changes)
        return wait_for(self.answers)

    def items(self, **which):
        return [i for i in self.get("checks")[1]["items"] if all(i[k] == v for k, v in which.items())]

    def counts(self):
        return self.get("status")[1]["checks"]

    def __call__(self, *words):
        return Terminal(f"{self.folder}/council", self.socket)(*words)

    def records(self):
        with sqlite3.connect(f"file:{self.folder}/state/journal.db?mode=ro", uri=True) as db:
            return [json.loads(b) for (b,) in db.execute("SELECT body FROM journal WHERE kind = 'check' ORDER BY seq")]


def before(office):
    done = office("check", "list")
    check("in quiet times nothing is to be done", done.code == 0 and done.out.endswith("\nNothing is to be done by hand.\n") and "[ ]" not in done.out, done)
    check("nor counted", office.counts() == {"open": 0, "exercise": 0, "access": 0})
    check("a line of the council's file that is wrong is named", "No Name" in office.attention(), office.attention())
    check("what is kept beside the register", office.ask("POST", "/v1/beside", json.dumps(KEPT).encode())[0] == 200)


def at_a_raise(office):
    data, lockdown = raise_now(accounts=[X])
    office.post(data)
    rows = {(i["what"], i["account"] or i["text"]) for i in office.items()}
    check("D4.1: the scheduler of each account in scope, and the council's own items of an emergency", rows == {
        ("pause", X), ("standing", "Put the banner on the website, in red"), ("standing", "Change the profile pictures")}, rows)
    item = office.items(what="pause")[0]
    check("for its holders, with where to click", item["scheduler"] == "Hootsuite" and "Planner" in item["where"] and item["holders"] == ["h1", "h2", "h3", "h4"], item)
    check("open items are counted", office.counts() == {"open": 3, "exercise": 0, "access": 0})
    done = office("status")
    check("status says it", "3 items of the checklist are OPEN: `holdfast check list`." in done.out, done)
    check("and in JSON", office("status", "--json").json["checks"]["open"] == 3)
    done = office("check", "list", lockdown[:8])
    for text in (f"[ ] {item['id']}  In Hootsuite, pause what is scheduled on {X}. Posts due within a minute may go out.", "Where: Planner", "For whoever holds it: h1, h2, h3 and h4.",
                 "Put the banner on the website, in red", "By: web-team", f"Then: holdfast check done {item['id']} --count N", "A standing item counts for nothing: "):
        check(f"check list: {text}", text in done.out, done)
    return lockdown, item["id"]


def ticked(office, lockdown, item):
    done = office("check", "done", item, "--count", "7", "--note", "two of them due today")
    check("check done", done.code == 0 and f"{item} is done, and that is on the record." in done.out, done)
    last = office.records()[-1]
    check("it is on the record: what, of which lockdown, how many", {k: last[k] for k in ("act", "item", "lockdown", "what", "of", "count", "note")} == {
        "act": "done", "item": item, "lockdown": lockdown, "what": "pause", "of": X, "count": 7, "note": "two of them due today"}, last)
    check("and counted no more", office.counts()["open"] == 2)
    n = len(office.records())
    done = office("check", "done", item, "--count", "7", "--note", "two of them due today", "--json")
    check("the same again is known, and no entry", done.json == {"item": item, "outcome": "known"} and len(office.records()) == n, done)
    shown = office("check", "list").out
    check("check list: done when, by whom, how many are held", f"[x] {item}" in shown and " by root." in shown and "7 posts are held." in shown and
          "Note: two of them due today" in shown, shown)
    office.kill()
    check("after a kill it is as it was", office.begin() and office.items(id=item)[0]["last"]["count"] == 7 and office.items(id=item)[0]["last"]["uid"] == os.geteuid())
    done = office("check", "undo", item)
    check("check undo", done.code == 0 and f"{item} is open again" in done.out and office.counts()["open"] == 3, done)
    for what, words, code, says in (
            ("undone twice", ("undo", item), 1, "is not done"),
            ("one that is not there", ("done", "00000000"), 1, "no checklist has an item 00000000 now"),
            ("one that is none", ("done", "banner"), 2, "'banner' is no item"),
            ("a count that is none", ("done", item, "--count", "1000001"), 2, "--count must be 0 to 1000000"),
            ("a note of two lines", ("done", item, "--note", "a\nb"), 1, "note"),
            ("a note that is no text", ("done", item, "--note", "zo\udceb"), 2, "it is no text in UTF-8"),
            ("a list of no lockdown", ("list", "xyz"), 2, "'xyz' is no lockdown")):
        done = office("check", *words)
        check(f"{what} is refused, and why", done.code == code and says in done.err, done)
    offered = completed(Terminal(f"{office.folder}/council", office.socket), "check", "done", "")
    check("completion offers the items", set(offered) == {i["id"] for i in office.items()}, offered)


def turned_too_often(office, item):
    """Who ticks and unticks without an end fills the record: so many entries of one item, and no more."""
    n = 0
    while n < 100 and office.ask("POST", "/v1/checks", json.dumps({"act": "done", "item": item, "count": n}).encode())[0] == 200:
        n += 1
    code, said = office.ask("POST", "/v1/checks", json.dumps({"act": "undo", "item": item}).encode())
    check("an item that was changed 64 times is changed no more", code == 400 and said["error"] == "size" and n < 64, (n, said))
    for body, says in (({"act": "forget", "item": item}, "an item is done, or undo"), ({"act": "undo", "item": item, "count": 1}, "neither a count nor a note"),
                       ({"act": "done"}, "item")):
        code, said = office.ask("POST", "/v1/checks", json.dumps(body).encode())
        check(f"{body} is refused", code == 400 and says in said["message"], said)
    check("of a lockdown that is not there nothing is shown", office.get(f"checks?lockdown={'0' * 64}")[0] == 404)


def all_clear(office, lockdown):
    released = int(time.time()) + 1
    office.post(release_now([lockdown], ["comms-1", "comms-2"]))
    rows = {(i["what"], i["account"] or i["text"]) for i in office.items()}
    check("at the all-clear: resume, and the council's own", rows == {("resume", X), ("all-clear", "=Take the banner away")}, rows)
    done = office("check", "list")
    check("delete what is out of date, then resume", f"In Hootsuite, delete what is out of date on {X}, then resume it." in done.out and f"Emergency {lockdown[:12]}: over" in done.out, done)
    for item in office.items():
        office("check", "done", item["id"])
    check("all is done", office.counts() == {"open": 0, "exercise": 0, "access": 0} and "of the checklist" not in office("status").out.replace("of the checklists", ""), office("status").out)
    data, second = raise_now(reason="Again")
    office.post(data)
    check("while another lockdown shuts an account nobody is asked to resume it", not office.items(what="resume"), office.items())
    done = office("check", "list", second[:12])
    check("an account that nobody's register has is no item", not office.items(account="x:gone"))
    check("a scheduler that is not known: in its own words", f"In Own Planner, pause what is scheduled on {F}" in done.out and "Where to click in Own Planner is not known here." in done.out, done)
    check("administrators outside the council are NOT ENFORCEABLE", f"NOT ENFORCEABLE: 1 administrator of {F} is outside the council, and was told by e-mail." in done.out, done)
    pause = office.items(what="pause", account=F)[0]
    office("check", "done", pause["id"], "--count", "1")
    check("1 post is held.", "1 post is held." in office("check", "list").out)
    wait_for(lambda: int(time.time()) > released)  # the later all-clear is the one of a later second
    office.post(release_now([second], ["comms-1", "comms-2"]))
    resumes = {i["account"] for i in office.items(what="resume", open=True)}
    check("each scheduler is resumed once", {F, X} == resumes and len(office.items(what="resume")) == 2, office.items())
    for item in office.items(open=True):
        office("check", "done", item["id"])


def exercise(office):
    data, lockdown = raise_now(mode="exercise")
    office.post(data)
    check("an exercise has its own count", office.counts() == {"open": 0, "exercise": 4, "access": 0}, office.counts())
    done = office("check", "list", lockdown[:6])
    check("each item says EXERCISE, and pauses nothing", done.out.count("EXERCISE: ") == 4 and f"Look where you would pause Hootsuite for {X}. Pause nothing." in done.out and
          "EXERCISE, an emergency" in done.out, done)
    check("so does status", "EXERCISE: 4 items of its checklist are open" in office("status").out, office("status").out)
    office.post(release_now([lockdown], ["comms-1", "comms-2"], mode="exercise"))
    check("at its end nothing is asked for", office.counts() == {"open": 0, "exercise": 0, "access": 0}, office.items(open=True))


def by_anybody(office, item):
    """It gives no authority: whoever may open the socket ticks, and the record says who."""
    os.chmod(office.folder, 0o755)
    os.chmod(office.socket, 0o666)
    done = subprocess.run([HOLDFAST, "--socket", office.socket, "check", "done", item, "--json"], capture_output=True, text=True, timeout=ENOUGH,
                          user=65534, group=65534, extra_groups=[], stdin=subprocess.DEVNULL, check=False)
    check("somebody else ticks", done.returncode == 0 and json.loads(done.stdout)["outcome"] == "recorded", done)
    check("and it says who", office.items(id=item)[0]["last"]["uid"] == 65534 and " by nobody." in office("check", "list").out, office("check", "list"))


def main():
    with tempfile.TemporaryDirectory(prefix="hf-checks-") as folder:
        office = Listed(folder)
        write(f"{folder}/standing.csv", STANDING)
        try:
            check("the controller starts", office.begin(), office.log())
            before(office)
            lockdown, item = at_a_raise(office)
            ticked(office, lockdown, item)
            by_anybody(office, office.items(what="standing")[0]["id"])
            turned_too_often(office, item)
            all_clear(office, lockdown)
            exercise(office)
            check("the controller ends", office.stop() == 0, office.log()[-500:])
        finally:
            if office.controller and office.controller.poll() is None:
                office.controller.send_signal(signal.SIGKILL)
                office.controller.wait(ENOUGH)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
