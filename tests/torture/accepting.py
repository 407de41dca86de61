#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""accepting [--all [--part K/N]] [--points N] [--only FAULT] - holdfastd as it ships is killed, or its disk fails, at each call by which it writes down what it accepts.

policy D5.6-5.7, D9.3: an order with who brought it and its messages is wholly there and published, or absent, or unknown until the terminal has asked again and says which;
never published but unrecorded. Without --all it takes a sample, spread over all calls, that HF_SEED plays again. HF_BUILD names the build folder.
"""
import collections
import json
import os
import select
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "system"))

import faults  # noqa: E402  (its folder has just been named)
from common import ENOUGH, PEOPLE, check, closing, end_process, results, wait_for, write  # noqa: E402
from council_help import COUNCIL, Terminal, contract, key, pem_of  # noqa: E402
from test_controller import Listener, digests  # noqa: E402
from test_mail import ME, Post  # noqa: E402

FAULTS = ("killed", "ENOSPC", "EIO")
WORDS = {"killed": "write"}  # of inject_probe
POINTS = 5  # of each kind of fault in a sample, for each that is accepted
OWN = ("order", "draft", "remark", "via", "notice", "report")  # kinds of entries that are somebody's word, or are about it
MAIN = ("order", "draft", "remark", "report")
ENDS = (-signal.SIGKILL, 1)  # of the controller: killed, or by itself because nobody could tell


class Council(Post):
    """Its controller is started again whenever it ends, as its unit does."""

    def __init__(self, folder):
        super().__init__(folder)
        self.codes, self.over = [], False
        self.settings.update({"notify.user": ME, "notify.people": f"{folder}/people.csv", "notify.templates": f"{folder}/templates"})
        for person in PEOPLE:
            write(f"{folder}/people/{person}.pem", pem_of(person))
        self.terminal = Terminal(f"{folder}/council", self.socket, f"{folder}/people")

    def keep(self):
        self.launch()
        self.thread = threading.Thread(target=self.keep_going, daemon=True)
        self.thread.start()
        return wait_for(self.is_up)

    def keep_going(self):
        while True:
            code = self.controller.wait()
            if self.over:
                return
            self.codes.append(code)
            self.launch()

    def end(self):
        self.over = True
        code = end_process(self.controller)
        self.thread.join()
        return code

    def read(self, sql, *values):
        with sqlite3.connect(f"file:{self.folder}/state/journal.db?mode=ro", uri=True) as db:
            rows = db.execute(sql, values).fetchall()
        db.close()
        return rows

    def entries(self, behind):
        return [(seq, kind, digest, body) for seq, kind, digest, body in self.read(
            "SELECT seq, kind, digest, body FROM journal WHERE seq > ?", behind) if kind in OWN]

    def size(self):
        return self.read("SELECT max(seq) FROM journal")[0][0]


class Vanishing(threading.Thread):
    """A controller's socket that hands on what is asked, takes what is posted, and is gone before it has answered, for good; what a terminal is told meanwhile."""

    def __init__(self, office):
        super().__init__(daemon=True)
        self.office, self.socket, self.done = office, f"{office.folder}/vanishing.sock", None
        self.gone = threading.Event()
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(self.socket)
        self.listening.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        self.listening.settimeout(0.1)
        while not self.gone.is_set():
            try:
                guest = self.listening.accept()[0]
            except TimeoutError:
                continue
            threading.Thread(target=self.hand_on, args=[guest], daemon=True).start()
        self.listening.close()

    def hand_on(self, guest):
        """One connection, until it ends or something was posted, which is handed on to nobody."""
        with guest, socket.socket(socket.AF_UNIX) as real:
            real.connect(self.office.socket)
            while not self.gone.is_set():
                for one in select.select([guest, real], [], [], 0.1)[0]:
                    data = one.recv(65536)
                    if data.startswith(b"POST"):
                        os.remove(self.socket)
                        self.gone.set()
                    if not data or self.gone.is_set():
                        return
                    (real if one is guest else guest).sendall(data)

    def run(self):
        terminal = Terminal(f"{self.office.folder}/council", self.socket, f"{self.office.folder}/people")
        self.done = terminal("raise", "emergency", "--reason", "Lost", "--contact", "Duty officer", "--wait", "0", "--json", who="comms-1")


class Torture:
    def __init__(self, office, chance, said):
        self.office, self.chance, self.said, self.turn = office, chance, said, 0
        self.listener = Listener(office)
        self.told = collections.Counter()
        self.whole = {}  # the kinds of entries that each act has in peace
        self.counter = 0  # of the last report of d1

    def say(self, what, good, saw=""):
        """Only what is wrong has a line of its own; each point is counted."""
        if good:
            results["passed"] += 1
        else:
            check(what, False, saw)

    # What is accepted ---------------------------------------------------------------------------------------------------
    def words(self, act, about):
        self.turn += 1
        return {"raise": (("raise", "emergency", "--reason", f"Point {self.turn}", "--contact", "Duty officer", "--holding", "x:CannockChaseDC=h1:Roads are open.",
                           "--wait", "0"), "comms-1"),
                "draft": (("release", about, "--reason", f"Out {self.turn}", "--message", "Thank you.", "--wait", "0"), "comms-1"),
                "remark": (("drafts", "refuse", about, "--reason", f"Still burning {self.turn}."), "monitoring-1"),
                "release": (("approve", about, "--wait", "0"), "comms-2")}[act]

    def order(self, act, about):
        words, who = self.words(act, about)
        return self.office.terminal(*words, "--json", who=who)

    def struck(self, act, about, fault, at):
        """(what the terminal says, the entries that are new once the controller is up again, the calls)."""
        before = self.office.size()
        probe = faults.Injector(self.office.controller.pid, *([WORDS.get(fault, fault), at] if at else ["count"]), "under", self.office.folder)
        done = self.order(act, about)
        counted = probe.done()
        self.says_all()
        return done, self.office.entries(before), counted

    def says_all(self):
        """The controller is up, and what it says now was heard."""
        up = wait_for(self.office.is_up)
        seq = self.office.get("status")[1]["seq"]
        self.say("it is up again, and says so", up and self.listener.state(lambda s: s["seq"] >= seq), self.office.log()[-600:])

    # The law ------------------------------------------------------------------------------------------------------------
    def judge(self, name, act, done, new):
        """Whole or not at all, and so it was told. The digest, if it is there."""
        main = [e for e in new if e[1] in MAIN]
        there = len(main) == 1
        self.say(f"{name}: once or not at all", len(main) < 2, new)
        if there:
            self.is_whole(name, act, main[0], new)
        else:
            self.say(f"{name}: nothing of it is there", not new, new)
        self.was_told(name, done, there)
        self.is_published(name, act, main)
        return main[0][2] if there else None

    def is_whole(self, name, act, entry, new):
        kinds = [kind for _, kind, _, _ in new]
        untold = "notice" not in kinds and "notice" in self.whole.get(act, kinds)
        self.say(f"{name}: its entries stand together", kinds == [k for k in self.whole.get(act, kinds) if k != "notice" or not untold], kinds)
        self.say(f"{name}: who brought it", [json.loads(e[3])["seq"] for e in new if e[1] == "via"] == [entry[0]], new)
        self.say(f"{name}: where nobody is told, every screen says so", not untold or self.office.get("outbox")[1]["trouble"], self.office.attention())
        named = sorted((m["what"], m["person"]) for e in new if e[1] == "notice" for m in json.loads(e[3])["messages"])
        if act == "release":
            of = contract.document_of(entry[3])["of"][0]
            left = self.office.read("SELECT what, state FROM outbox WHERE lockdown = ? AND state = 0", of)
            self.say(f"{name}: no message of before goes out any more", not left, left)
        else:
            rows = self.office.read("SELECT what, person FROM outbox WHERE lockdown = ?", entry[2])
            self.say(f"{name}: each message that it names is there", sorted(rows) == named, (rows, named))

    def was_told(self, name, done, there):
        said = done.json or {}
        word = said.get("outcome") if done.code == 0 else said.get("error")
        self.told[f"{word}{', asked again' if 'asked again' in done.err else ''}"] += 1
        if done.code == 0:
            self.say(f"{name}: what is told as recorded is", there, done)
        else:
            self.say(f"{name}: what is told as not recorded is not", done.code == 1 and not there, done)
            self.say(f"{name}: and nothing stays unknown", word in ("absent", "system"), done)

    def is_published(self, name, act, main):
        """All that was ever heard is in the record; what is in force is heard."""
        heard = {d for topic, _, text in list(self.listener.heard) if text and topic.split("/")[0] in ("state", "beat")
                 for d in digests(contract.document_of(text))}
        recorded = {d for d, in self.office.read("SELECT digest FROM journal WHERE kind = 'order'")}
        self.say(f"{name}: never published but unrecorded", heard <= recorded, heard - recorded)
        if main and act in ("raise", "release"):
            self.say(f"{name}: published", wait_for(lambda: main[0][2] in {d for s in [self.listener.last('state/c1')] if s for d in digests(s[0])}), name)

    # What a device says -------------------------------------------------------------------------------------------------
    def has_report(self, counter):
        """On disk: what the table of last reports has, which is written with the record."""
        return self.office.read("SELECT count(*) FROM report WHERE device = 'd1' AND counter >= ?", counter)[0][0] > 0

    def report(self, lockdown, standing, fault=None, at=0):
        """A report is recorded once, or said again and recorded then; (nothing, the calls)."""
        name, self.counter = f"report, {fault} at write {at}" if at else "report", self.counter + 1
        before, ended, counter = self.office.size(), len(self.office.codes), self.counter
        probe = faults.Injector(self.office.controller.pid, *([WORDS.get(fault, fault), at] if at else ["count"]), "under", self.office.folder)
        self.office.report("d1", counter, [(lockdown, "emergency", "live", 0, standing)])
        wait_for(lambda: len(self.office.codes) > ended or probe.process.poll() is not None or self.has_report(counter), 2 if at else ENOUGH)
        counted = probe.done()
        self.says_all()
        new = self.office.entries(before)
        self.say(f"{name}: the record and the table of it go together", bool(new) == self.has_report(counter) and len(new) < 2, new)
        if not new:
            self.counter += 1
            self.office.report("d1", self.counter, [(lockdown, "emergency", "live", 0, standing)])
            self.say(f"{name}: said again, it is recorded", wait_for(lambda: self.has_report(self.counter)), self.office.log()[-600:])
        if not at:
            self.whole["report"] = [kind for _, kind, _, _ in new]
        return None, counted

    # All of them --------------------------------------------------------------------------------------------------------
    def act(self, act, about, fault=None, at=0):
        """It is done at last; its digest."""
        name = f"{act}, {fault} at write {at}" if at else act
        done, new, counted = self.struck(act, about, fault, at)
        found = self.judge(name, act, done, new)
        if not at:
            self.whole[act] = [kind for _, kind, _, _ in new]
        if found:
            return found, counted
        self.say(f"{name}: done again, it is taken", fault, done)
        again, new, _ = self.struck(act, about, None, 0)
        return self.judge(f"{name}, again", act, again, new), counted

    def cycle(self, fault=None, at=None):
        """A raise, its all-clear by two, and a word against it; {act: calls}."""
        at, counts = at or {}, {}
        raised, counts["raise"] = self.act("raise", None, fault, at.get("raise", 0))
        _, counts["report"] = self.report(raised, "enforced-verified", fault, at.get("report", 0))
        draft, counts["draft"] = self.act("draft", raised, fault, at.get("draft", 0))
        _, counts["remark"] = self.act("remark", draft, fault, at.get("remark", 0))
        _, counts["release"] = self.act("release", draft, fault, at.get("release", 0))
        return counts

    def is_never_told(self, vanishing):
        """Where no controller comes back within the minute."""
        vanishing.join()
        done = vanishing.done
        check("who is never told what became of it is told that", done.code == 1 and done.json["error"] == "unknown" and "It is NOT KNOWN whether it is recorded" in
              done.err and "`holdfast status` and `holdfast drafts`" in done.err, done)
        check("after it was asked again for a minute, and said so", "It is asked again: 1 of 120 times at most" in done.err, done)

    def play(self):
        vanishing = Vanishing(self.office)
        vanishing.start()
        check("a controller goes away for good while something is posted", vanishing.gone.wait(ENOUGH))
        counts = {act: counted[1] for act, counted in self.cycle().items()}
        print(f"       writes of each: {counts}; entries: {self.whole}", flush=True)
        check("each comes with who brought it, and whom it tells", self.whole == {
            "raise": ["order", "via", "notice"], "draft": ["draft", "via", "notice"], "remark": ["remark", "via"], "release": ["order", "via"],
            "report": ["report"]}, self.whole)
        for fault in FAULTS:
            if self.said.only not in (None, fault):
                continue
            start = time.monotonic()
            lists = {act: faults.points(self.said, self.chance, most) for act, most in counts.items()}
            for i in range(max(map(len, lists.values()))):
                self.cycle(fault, {act: at[i % len(at)] for act, at in lists.items()})
            print(f"       {fault}: {time.monotonic() - start:.0f} s", flush=True)
        ended = collections.Counter(self.office.codes)
        print(f"       the controller ended {dict(ended)}; terminals were told {dict(self.told)}", flush=True)
        check("it ends by a kill, or by itself with 1", all(code in ENDS for code in ended), ended)
        self.is_never_told(vanishing)
        self.listener.close()


def main():
    said = faults.options(__doc__, FAULTS, POINTS)
    with tempfile.TemporaryDirectory(prefix="hf-accepting-") as folder:
        chance = faults.dice()
        office = Council(folder)
        check("the broker starts", office.broker.start())
        try:
            check("the controller starts", office.keep(), office.log()[-600:])
            Torture(office, chance, said).play()
            check("and ends well", office.end() == 0, office.log()[-600:])
        finally:
            office.over = True
            if office.controller.poll() is None:
                end_process(office.controller, signal.SIGKILL)
            office.broker.kill()
    return closing()


if __name__ == "__main__":
    sys.exit(main())
