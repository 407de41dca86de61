#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What people ask of a record (policy D5.6-5.7): the story of one lockdown, and the export that a third party can check.

A real controller records a whole lockdown. Every figure is made again from the entries by other code (story_recount.py).
HF_BUILD names the build folder.
"""
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import time

from common import check, closing, end_process, wait_for, write
from council_help import COUNCIL, Terminal, contract, key
from story_recount import Recount, STATES
from test_controller import raise_now, release_now
from test_mail import Post, X, hold

WORDS = "Fire at the depot: ring Anna Berg on 07700 900123."
SECRETS = ("Anna Berg", "Bo Carter", "anna@example.org", "bo@example.org", "07700 900123", "07700900123", "07700 900456")


class Council(Post):
    """Three devices, one of which never speaks; people with names, addresses and numbers."""

    def make_council(self):
        super().make_council()
        a = contract.assignment(COUNCIL, "d3", 1, int(time.time()) - 60, public=key("d3").public, people={"h1": "annaberg"}, groups=["civic-centre"])
        write(f"{self.folder}/council/assignments/d3.json", contract.message("assignment", a, [key("it-1"), key("comms-1")]))
        self.people(["comms-1,Anna Berg,Head of Communications,anna@example.org,07700 900123",
                     "h1,Bo Carter,=Social media officer,bo@example.org,07700 900456", "h2,,,h2@example.org,", "*list,,,all@example.org,"])

    def rows(self):
        with contextlib.closing(sqlite3.connect(f"{self.folder}/state/journal.db")) as db:
            names = ("seq", "at", "kind", "digest", "body", "prev", "hash")
            return [dict(zip(names, row)) for row in db.execute("SELECT seq, at, kind, digest, body, prev, hash FROM journal ORDER BY seq")]

    def says(self, device, counter, lockdown, standing, **more):
        doc = contract.report(COUNCIL, device, counter, int(time.time()), lockdowns=[(lockdown, "emergency", "live", more.pop("rev", 0), standing)])
        before = self.get("status")[1]["journal"]["size"]
        self.broker.publish(device, f"device/{device}/report", contract.message("report", {**doc, **more}, [key(device)]))
        return wait_for(lambda: self.get("status")[1]["journal"]["size"] > before)


def posting(lockdown, state, post="", why=""):
    return {"lockdown": lockdown, "account": X, "person": "h1", "state": state, "at": int(time.time()), "post": post, "why": why,
            "text": contract.instructions_digest(hold()["text"])}


def lockdown_played(office):
    """One lockdown from raise to all-clear: late, silent and tampered devices, a post, messages, a refusal."""
    data, lockdown = raise_now(reason=WORDS, holding=[hold()])
    check("raised", office.post(data)[1].get("outcome") == "recorded")
    _, other = raise_now(reason="Another.")
    office.says("d1", 1, lockdown, "received")
    office.says("d1", 2, lockdown, "enforced-verified")
    office.says("d2", 1, lockdown, "enforced-unverified")
    office.says("d2", 2, lockdown, "tampered")
    office.says("d2", 3, lockdown, "message-seen")
    office.says("d1", 3, lockdown, "enforced-verified", postings=[posting(lockdown, "open")])
    office.says("d1", 4, lockdown, "enforced-verified", postings=[posting(lockdown, "posted", "https://x.com/CannockChaseDC/1", "Anna Berg helped")])
    messages = office.tell(act="take", session="s1")[1]["outbox"]
    for i, row in enumerate(messages):
        office.tell(act="begin", id=row["id"], session="s1")
        office.tell(act="outcome", id=row["id"], session="s1", outcome="refused" if i == 0 else "sent", code=550 if i == 0 else 250, line="")
    check("a release of what nobody knows is refused", office.post(release_now([other], ["comms-1"]))[0] == 400)
    one = release_now([lockdown], ["comms-1"])
    check("a release is a draft", office.post(one)[1].get("outcome") == "draft")
    check("and recorded", office.post(contract.compact(contract.add_signature(one, key("monitoring-1"))))[1].get("outcome") == "recorded")
    office.says("d1", 5, lockdown, "released-verified")
    office.says("d2", 4, lockdown, "released-unverified")
    office.says("d2", 5, lockdown, "released-verified")
    return lockdown


def recounted(rows, lockdown):
    recount = Recount(lockdown)
    for row in rows:
        recount.take(row)
    return recount


def story_is_true(office, terminal, lockdown):
    """By the journal of a controller that runs, and nothing else."""
    state = f"{office.folder}/state"
    done = terminal("audit", "story", lockdown, "--journal", state, "--json")
    story, recount = done.json, recounted(office.rows(), lockdown)
    check("each figure is that of other code", done.code == 0 and story["figures"] == recount.figures(), (story and story["figures"], recount.figures(), done.err))
    told = [(e["record"], e["at"] - story["raised"]["at"], e["what"], e["counts"]) for e in story["timeline"]]
    check("each row of the time line, with the counts of that moment", told == recount.timeline(), [x for x in zip(told, recount.timeline()) if x[0] != x[1]])
    silent = {d["device"]: (d["state"], d["received_s"], d["verified_s"], d["released_s"], d["tampered"], len(d["silent"]),
                            sum(s["back"] - s["since"] for s in d["silent"])) for d in story["devices"]}
    check("each device", silent == recount.device_rows(), (silent, recount.device_rows()))
    counts = [e["counts"] for e in story["timeline"]]
    check("counts add up", all(sum(c[s] for s in STATES) == c["devices"] == 3 for c in counts), counts)
    check("who raised it, and who gave the all-clear", story["raised"]["by"] == ["comms-1"] and story["released"]["by"] == ["comms-1", "monitoring-1"], story)
    check("entries, and nothing that could not be read", story["record"]["size"] == len(office.rows()) and story["unread"] == 0, story["record"])
    text = terminal("audit", "story", lockdown[:12], "--journal", state)
    check("as text, by the beginning of its id", text.code == 0 and text.out.startswith("Emergency lockdown\n") and "never: d3" in text.out and
          WORDS in text.out and "https://x.com/CannockChaseDC/1" in text.out, text)


def story_slips(office, terminal, lockdown):
    state = f"{office.folder}/state"
    release = next(r["digest"] for r in office.rows() if r["kind"] == "order" and r["digest"] != lockdown)
    rows = [("of no lockdown", ["ab" * 32], 1, "has no order whose id begins with"), ("no id", ["x:1"], 2, "The id of a lockdown is wanted"),
            ("too little of it", ["ab"], 2, "The id of a lockdown is wanted"), ("of a release", [release], 1, "has no lockdown with the id")]
    for what, words, code, says in rows:
        done = terminal("audit", "story", *words, "--journal", state)
        check(f"audit story: {what}", done.code == code and says in done.err, done)
    done = terminal("audit", "story", lockdown, "--journal", f"{office.folder}/ca")
    check("audit story: no journal there", done.code == 1 and "there is no journal" in done.err, done)


def play(office):
    terminal = Terminal(f"{office.folder}/council", office.socket)
    office.broker.start()
    check("it starts", office.begin() and wait_for(office.is_up), office.log())
    lockdown = lockdown_played(office)
    story_is_true(office, terminal, lockdown)
    story_slips(office, terminal, lockdown)


def main():
    folder = tempfile.mkdtemp(prefix="hf-export-")
    os.chmod(folder, 0o755)
    office = None
    try:
        office = Council(folder)
        play(office)
    finally:
        for process in (office.controller, office.broker.process) if office else ():
            end_process(process, signal.SIGKILL)
        shutil.rmtree(folder)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
