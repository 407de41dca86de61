#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Nothing that is lost of the journal goes unnoticed, and no laptop obeys less for it (controller/API.md "The journal").

A real controller, broker, agent and link. Attacks: the journal deleted, emptied, cut, without its write-ahead log, edited with its
chain computed anew; then the same with both of its marks, so that the laptop alone knows. HF_BUILD names the build folder.
"""
import contextlib
import glob
import hashlib
import os
import shutil
import sqlite3
import sys
import time

from common import check, wait_for
from council_help import COUNCIL, DEVICE, contract, key
from test_controller import accept
from whole_help import Council, enrolled, inside, join, leave

SHUT = ("enforced-unverified", "enforced-verified", "message-seen")  # layers that are off here are not verified
FORKED = "the journal of controller c1 was put back from an older copy, cut or made anew (log-fork)"
AS_USUAL = "posting is as usual."


class Journal:
    """What is on the disk of a controller that is off, in the hands of somebody who has the files."""

    def __init__(self, server):
        self.state, self.marks = f"{server.folder}/state", (f"{server.folder}/state/mark", f"{server.folder}/state-mark")
        self.kept = f"{server.folder}/kept"

    def keep(self):
        for folder in (self.state, self.marks[1]):
            shutil.copytree(folder, f"{self.kept}/{os.path.basename(folder)}")

    def put_back(self):
        for folder in (self.state, self.marks[1]):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(f"{self.kept}/{os.path.basename(folder)}", folder)

    def delete(self):
        for path in glob.glob(f"{self.state}/journal.db*"):
            os.unlink(path)

    def unmark(self, *which):
        for i in which:
            shutil.rmtree(self.marks[i])

    @contextlib.contextmanager
    def opened(self):
        """The database without the guards that make it append-only; they are put back in the words that are compared."""
        db = sqlite3.connect(f"{self.state}/journal.db", isolation_level=None)
        guards = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        for _, sql in guards:
            db.execute(sql)
        db.close()

    def cut(self):
        with self.opened() as db:
            db.execute("DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)")

    def edit(self):
        """The raise was made an hour earlier, says the journal, and its chain is whole."""
        with self.opened() as db:
            db.execute("UPDATE journal SET at = at - 3600 WHERE kind = 'order'")
            self.chain(db)

    def append(self, kind, body):
        with self.opened() as db:
            db.execute("INSERT INTO journal SELECT max(seq) + 1, ?, ?, ?, ?, '', '' FROM journal", (int(time.time()), kind, "0" * 64, body))
            self.chain(db)

    @staticmethod
    def chain(db):
        prev = "0" * 64
        for row in db.execute("SELECT seq, at, kind, digest, body FROM journal ORDER BY seq").fetchall():
            now = hashlib.sha256(f"{row[0]} {row[1]} {row[2]} {row[3]} {prev}\n{row[4]}".encode()).hexdigest()
            db.execute("UPDATE journal SET prev = ?, hash = ? WHERE seq = ?", (prev, now, row[0]))
            prev = now

    def size(self):
        with contextlib.closing(sqlite3.connect(f"{self.state}/journal.db")) as db:
            return db.execute("SELECT count(*) FROM journal").fetchone()[0]


def deleted(journal):
    journal.delete()


def deleted_with_the_mark_beside(journal):
    journal.delete()
    journal.unmark(0)


def deleted_with_the_mark_outside(journal):
    journal.delete()
    journal.unmark(1)


def emptied(journal):
    journal.delete()
    with open(f"{journal.state}/journal.db", "xb"):
        pass


def last_record_removed(journal):
    journal.cut()


def write_ahead_log_removed(journal):
    os.unlink(f"{journal.state}/journal.db-wal")


def chain_computed_anew(journal):
    journal.edit()


LOSSES = (deleted, deleted_with_the_mark_beside, deleted_with_the_mark_outside, emptied, last_record_removed, write_ahead_log_removed,
          chain_computed_anew)


def status(council):
    """What it shows, whatever the width of the screen."""
    return " ".join(council.says("status").out.split())


def raises(council, why):
    """By one officer, in the terminal; the lockdown's id."""
    done = council.says("raise", "emergency", "--reason", why, "--wait", "0", "--json", who="comms-1")
    check(f"one officer raises: {why}", done.code == 0, done)
    return done.json.get("lockdown")


def holds(council, lockdown):
    return council.sees(lambda row: any(one["id"] == lockdown and one["standing"] in SHUT for one in row.get("lockdowns", [])))


def settles(council, server):
    """Until the laptop has heard of the journal as it is now."""
    def said():
        logs = contract.document_of(council.heard(f"device/{DEVICE}/report")).get("logs", [])
        return [log["size"] for log in logs] == [server.get("status")[1]["journal"]["size"]]
    check("the laptop has heard how long the journal is", wait_for(said), council.row())


def is_noticed(server, device, journal):
    """With the marks, nothing of it starts; the laptop stays as it is."""
    for loss in LOSSES:
        what = loss.__name__.replace("_", " ")
        journal.put_back()
        loss(journal)
        saw = server.refuses("--accept-journal")
        check(f"attack: {what}: it does not begin, and says how to go on", not saw and "backup" in server.log()[-700:], saw)
        check(f"{what}: the laptop stays shut", device.blocked() == ["x.com"], device.blocked())
    journal.put_back()


def shown(council, device, what):
    """Every screen shows that the laptop saw it."""
    check(f"{what}: the officers' row has the word", council.sees(lambda row: "log-fork" in row.get("attention", [])), council.row())
    devices = council.says("devices")
    check(f"{what}: the laptop hands over the signed state, and status says that it is proved", wait_for(lambda: FORKED in status(council), 60),
          status(council))
    check(f"{what}: devices says it", "ATTENTION: it saw that a controller's journal was cut or made anew" in devices.out, devices)
    check(f"{what}: the laptop says it", "ATTENTION: the record of the council's server 'c1' was cut or made anew" in device.status()[1],
          device.status())


def nothing_is_held_back(council, lockdown, what):
    """Orders by way of the controller whose journal was cut."""
    digest = raises(council, f"{what}, and the river is over its banks")
    check(f"{what}: a raise is enforced", holds(council, digest), council.row())
    done = council.says("release", digest[:12], "--reason", "Out", "--message", "All clear.", "--wait", "0", "--json", who="comms-1")
    done = council.says("approve", done.json.get("digest", "?"), "--wait", "0", who="monitoring-1")
    check(f"{what}: a release by two takes effect", done.code == 0 and council.sees(lambda row: any(
        one["id"] == digest and one["standing"].startswith("released") for one in row.get("lockdowns", []))), (done, council.row()))
    check(f"{what}: and what holds holds", holds(council, lockdown), council.row())


def edited_without_marks(council, device, journal, lockdown):
    """As long as before, with another root: the laptop alone compares."""
    server, what = council.servers["c1"], "edited, and both marks gone"
    journal.put_back()
    journal.edit()
    journal.unmark(0, 1)
    check("attack: the journal edited, its chain computed anew, both marks gone: it starts", server.start(), server.log()[-700:])
    shown(council, device, what)
    nothing_is_held_back(council, lockdown, what)
    server.kill()


def begun_anew(council, device, journal, lockdown):
    """Nothing is left: it begins with the council folder, and knows of no emergency."""
    server, what = council.servers["c1"], "gone with both marks"
    journal.delete()
    journal.unmark(0, 1)
    check("attack: journal and marks deleted: it begins with the council folder", server.start(), server.log()[-700:])
    shown(council, device, what)
    out = status(council)
    check("D9.2: it does not say that posting is as usual", AS_USUAL not in out and "which this controller does not know" in out, out)
    check("and the laptop holds what was raised", device.blocked() == ["x.com"], device.blocked())
    release = contract.message("order", contract.release_order(COUNCIL, "emergency", "live", int(time.time()), of=[lockdown]),
                               [key("comms-1"), key("monitoring-1")])
    code, answer = server.post(release)
    check("D9.3: two release what the controller has forgotten, by its id", code == 200 and answer.get("outcome") == "recorded", answer)
    check("and the laptop opens", wait_for(lambda: device.blocked() == []), council.row())
    server.kill()


def is_accepted(council, device):
    """Somebody on the server says that it was on purpose: it starts, and what laptops saw stays said until the roots have acted."""
    server = council.servers["c1"]
    done = accept(server)
    check("it is accepted on purpose", done.returncode == 0 and "taken as it is now" in done.stdout, done)
    check("and starts", server.start(), server.log()[-700:])
    first = server.get("status")[1]["seq"]
    check("the laptop hears it, and goes on saying what it saw", council.sees(lambda row: row.get("state_seq", 0) >= first and
                                                                            "log-fork" in row.get("attention", [])), council.row())
    check("no word on the server ends it: the laptop shows again what proves it", wait_for(lambda: FORKED in status(council), 60), status(council))
    trust = {**contract.document_of(council.trust), "epoch": 2}
    code, answer = server.post(contract.message("trust", trust, [key("root-1"), key("root-2")]))
    check("two roots publish the next trust", code == 200 and answer.get("outcome") == "recorded", answer)
    check("the next trust ends it on the officers' screens", council.sees(lambda row: row.get("attention") == []) and FORKED not in status(council),
          council.row())
    check("and on the laptop", wait_for(lambda: "was cut or made anew" not in device.status()[1]), device.status())


def cannot_be_applied(council, device):
    """A record that is whole and worth nothing stops nothing, and is named."""
    server = council.servers["c1"]
    server.kill()
    journal = Journal(server)
    journal.append("order", "{}")
    n = journal.size()
    accept(server)
    check("a record that cannot be applied: it starts", server.start(), server.log()[-700:])
    out = status(council)
    check("and status names it", f"1 record of the journal cannot be applied and does not count: it is record {n} (order)" in out, out)
    digest = raises(council, "After it")
    check("D9.1: what comes after it counts", holds(council, digest) and device.blocked() == ["x.com"], council.row())


def play(folder):
    council = Council(folder)
    device, server = enrolled(f"{folder}/device", council), council.servers["c1"]
    try:
        check("broker and controller start", council.broker.start() and server.start())
        join(device, council)
        check("open at first", council.sees(lambda row: row.get("last_report", 0) > 0) and device.blocked() == [], council.row())
        lockdown = raises(council, "Fire")
        check("the laptop enforces it", holds(council, lockdown) and device.blocked() == ["x.com"], council.row())
        settles(council, server)
        server.kill()
        journal = Journal(server)
        journal.keep()
        is_noticed(server, device, journal)
        edited_without_marks(council, device, journal, lockdown)
        begun_anew(council, device, journal, lockdown)
        is_accepted(council, device)
        cannot_be_applied(council, device)
    finally:
        leave(device)
        council.end()


if __name__ == "__main__":
    sys.exit(inside(play))
