#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""scale.py ROUNDS OUT - what an estate of 5,000 and 10,000 devices costs the controller, each beside a baseline of the same run.

The controller, the broker and the officers' interface are real. The devices are connections that verify nothing (herd_probe.c):
the broker lets them in at a second listener without TLS, so that the machine is busy with the controller and not with them.
"""
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{SOURCE}/tests/system"]

from common import end, end_process, read, wait_for, write  # noqa: E402
from council_help import BUILD, COUNCIL, contract, key  # noqa: E402
from figures import AtMost, Rows  # noqa: E402
from test_controller import Office  # noqa: E402
from web_help import free_port  # noqa: E402

SIZES = (5000, 10000)
BEAT_S = 20
REPORTS_AN_HOUR, HEARD_AN_HOUR = 60, 6  # as the settings and controller/saving.c have it

ON_FIRST, ON_LAST = "a raise until it is on the first device", "a raise until it is on the last device"
QUIET, ANEW, BEAT = "nothing else is said", "assignments are said anew", "the broker passes on a beat's state"
ACKED, COUNTED = "reports of all at once, until the broker has acknowledged them", "reports of all at once, until all are counted"
COUNTED_BESIDE, BARE_REPORTS = "the same, beside bare openssl", "openssl alone, as many signatures as reports, one after the other"
OFFICER, OFFICER_QUIET = "an officer's question beside these reports", "an officer's question, nobody else there"
BARE, STARTS, SERVES = "openssl alone, as many signatures", "a start, until every device is known", "a start, until the first answer"
UNCHANGED, ASKED = "bytes on disk of a report that repeats the last, over an hour", "devices that one device's question costs anything"


def name(i):
    return f"d{i:05d}"


class Estate(Office):
    """A council of so many devices, each approved by one of IT as most are."""

    def __init__(self, folder, devices):
        self.n, self.counter = devices, int(time.time())
        super().__init__(folder)
        self.settings.update({"beat_s": BEAT_S, "device.report_s": 3600})
        self.plain = free_port()
        write(f"{self.broker.folder}/conf", read(f"{self.broker.folder}/conf").replace("allow_anonymous false", "allow_anonymous true")
              + f"\nlistener {self.plain} 127.0.0.1\n")

    def make_council(self):
        super().make_council()
        at, it = int(time.time()) - 60, key("it-1")
        self.keys = [key(name(i)) for i in range(self.n)]
        for i, own in enumerate(self.keys):
            a = contract.assignment(COUNCIL, name(i), 1, at, public=own.public, people={"comms-2": "staff"}, groups=["civic-centre"])
            write(f"{self.folder}/council/assignments/{name(i)}.json", contract.message("assignment", a, [it]))

    def reports(self, lockdowns):
        """A file of one report a device, all with the next counter."""
        path, at = f"{self.folder}/reports", int(time.time())
        self.counter += 1
        layers = [(layer, "verified", "") for layer in ("network", "browser", "firefox", "others", "extension", "programs", "running")]
        with open(path, "wb") as file:
            for i, own in enumerate(self.keys):
                doc = contract.report(COUNCIL, name(i), self.counter, at, controller="c1", state_seq=1, state="0" * 64, trust_epoch=1, register_version=1, layers=layers, lockdowns=lockdowns)
                file.write(contract.message("report", doc, [own]) + b"\n")
        return path


class Herd:
    """The estate's connections; what they say is kept with its time."""

    def __init__(self, estate):
        self.process = subprocess.Popen([f"{BUILD}/tests/herd_probe", str(estate.plain), COUNCIL, str(estate.n)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.states, self.alls, self.said = {}, {}, {}
        threading.Thread(target=self.read, daemon=True).start()
        if not wait_for(lambda: "ready" in self.said):
            raise RuntimeError("the herd does not come")

    def read(self):
        for line in self.process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "state":
                number, at, text = rest.split(" ", 2)
                self.states[number] = float(at), text
            elif word == "all":
                number, at = rest.split(" ")
                self.alls[number] = float(at)
            else:
                self.said[word] = rest

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line, word):
        self.said.pop(word, None)
        self.tell(line)
        return wait_for(lambda: self.said.get(word))

    def end(self):
        end(self.process)


class Measured:
    """Every figure of one size: {what: [values]}."""

    def __init__(self, estate, rounds):
        self.estate, self.rounds, self.herd, self.times, self.digest = estate, rounds, None, {}, None

    def put(self, what, value):
        self.times.setdefault(what, []).append(value)

    # The start ------------------------------------------------------------------------------------------------------
    def bare(self, signatures):
        """Seconds of bare OpenSSL for as many signatures; the messages are as long as an assignment or a report."""
        return float(subprocess.run([f"{BUILD}/tests/verify_probe", str(signatures), "700"], check=True, capture_output=True, text=True).stdout)

    def starts(self):
        """All is read, and verified, when the list of devices is there."""
        self.estate.stop()
        before = self.bare(2 * self.estate.n)
        begin = time.perf_counter()
        self.estate.launch()
        status = wait_for(self.status)
        self.put(SERVES, time.perf_counter() - begin)
        if not status or not wait_for(self.reported):
            raise RuntimeError(self.estate.log())
        self.put(STARTS, time.perf_counter() - begin)
        self.put(BARE, (before + self.bare(2 * self.estate.n)) / 2)
        if not wait_for(self.estate.is_up):
            raise RuntimeError(self.estate.log())

    def status(self):
        try:
            return self.estate.get("status")[1]
        except (OSError, ValueError):
            return None

    def reported(self):
        """Does it know again what each device said last?"""
        status = self.status()
        return status and status["devices"] >= self.estate.n and self.counted(status) == self.estate.n

    # An order beside a flood ------------------------------------------------------------------------------------------
    def posted(self, what):
        """A raise, until it is on the first device, and on the last."""
        now = int(time.time())
        text = contract.message("order", contract.raise_order(COUNCIL, "emergency", "live", now, reason=f"{what} {time.monotonic()}"), [key("comms-1")])
        digest, begin = contract.digest_of(text), time.monotonic()
        if self.estate.post(text)[0] != 200:
            raise RuntimeError("the raise is not taken")
        self.digest = digest
        number = wait_for(lambda: self.carrier(digest))
        first, last = self.herd.states[number][0], wait_for(lambda: self.herd.alls.get(number))
        self.put(f"{ON_FIRST}: {what}", first - begin)
        self.put(f"{ON_LAST}: {what}", last - begin)

    def carrier(self, digest):
        """The state that brought this order."""
        for number, (_, text) in reversed(list(self.herd.states.items())):
            if any(contract.digest_of(order) == digest for order in contract.document_of(text)["orders"]):
                return number
        return None

    def orders(self):
        """A new connection to the broker makes the controller say every assignment anew; a beat says the state slice by slice."""
        self.rests()
        self.posted(QUIET)
        self.rests()
        self.estate.controller.send_signal(signal.SIGHUP)
        heard = 0
        while heard < 3 * self.estate.n:  # state, trust and register have come to each; what comes then is assignments
            heard += int(self.herd.ask("count", "count").split()[0])
        self.posted(ANEW)
        self.rests()
        self.next_state()
        self.posted(BEAT)

    def next_state(self):
        """The number of the next state that comes to anybody."""
        seen = len(self.herd.states)
        wait_for(lambda: len(self.herd.states) > seen)
        return str(seen + 1)

    def rests(self):
        """Nothing has come to anybody for a while."""
        self.herd.ask("count", "count")
        wait_for(lambda: time.sleep(1) or self.herd.ask("count", "count").startswith("0 "))

    # Reports ------------------------------------------------------------------------------------------------------
    def counted(self, status, state=None):
        """Devices that have spoken of the last raise, in this state."""
        rows = [row for row in status["lockdowns"] if row["id"] == self.digest]
        counts = rows[0]["counts"] if rows else {}
        return counts.get(state, 0) if state else sum(n for s, n in counts.items() if s not in ("unreached", "stale"))

    def burst(self, standing):
        """Every device reports; until the broker has acknowledged all, and until all are counted; and how long officers wait."""
        path = self.estate.reports([(self.digest, "emergency", "live", 0, standing)])
        self.herd.ask(f"report {path}", "sent")
        begin = float(self.herd.said["sent"])
        while True:
            asked = time.monotonic()
            status = self.status()
            self.put(OFFICER, time.monotonic() - asked)
            if self.counted(status, standing) == self.estate.n:
                break
            time.sleep(0.02)
        self.put(COUNTED, time.monotonic() - begin)
        acked = wait_for(lambda: self.herd.said.pop("acked", None))
        self.put(ACKED, float(acked) - begin)
        self.put(BARE_REPORTS, self.bare(self.estate.n))

    def reports(self):
        for _ in range(20):
            asked = time.monotonic()
            self.status()
            self.put(OFFICER_QUIET, time.monotonic() - asked)
        for standing in ("enforced-unverified", "enforced-verified"):
            self.burst(standing)

    # What one device costs ------------------------------------------------------------------------------------------
    def written(self):
        with open(f"/proc/{self.estate.controller.pid}/io", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("write_bytes"))

    def repeats(self):
        """Reports that say nothing new; when they were heard goes to disk at the latest when the controller ends.

        What was said before is written to its end first, or it would be counted here."""
        self.estate.stop()
        if not self.estate.start():
            raise RuntimeError(self.estate.log())
        self.rests()
        before = self.written()
        self.burst("enforced-verified")
        self.rests()
        reports = self.written() - before
        self.estate.controller.terminate()
        os.waitid(os.P_PID, self.estate.controller.pid, os.WEXITED | os.WNOWAIT)
        heard = self.written() - before - reports
        self.put(UNCHANGED, (REPORTS_AN_HOUR * reports + HEARD_AN_HOUR * heard) / (REPORTS_AN_HOUR * self.estate.n))

    def asks(self):
        """Just after a beat, so that the next one is far."""
        self.next_state()
        self.rests()
        self.herd.tell("ask 7")
        heard = wait_for(lambda: next((said for said in [self.herd.ask("count", "count")] if not said.startswith("0 ")), None))
        self.put(ASKED, int(heard.split()[2]))

    # All ------------------------------------------------------------------------------------------------------------
    def play(self):
        if not self.estate.start():
            raise RuntimeError(self.estate.log())
        self.herd = Herd(self.estate)
        for _ in range(self.rounds):
            self.orders()
            self.reports()
            self.asks()
        self.repeats()
        self.herd.end()
        for _ in range(self.rounds):
            self.starts()

    def rows(self, rows):
        def add(what, unit, beside=None, promise=None):
            rows.add(f"{self.estate.n} devices: {what}", unit, self.times[what], beside and f"{self.estate.n} devices: {beside}", promise=promise)
        for how, most in ((ON_FIRST, AtMost(2)), (ON_LAST, AtMost(1.3))):
            add(f"{how}: {QUIET}", "ms")
            add(f"{how}: {ANEW}", "ms", f"{how}: {QUIET}", most)
            add(f"{how}: {BEAT}", "ms", f"{how}: {QUIET}", most)
        add(ACKED, "ms")
        add(COUNTED, "ms", ACKED, AtMost(2))
        self.times[COUNTED_BESIDE] = self.times[COUNTED]
        add(BARE_REPORTS, "ms")
        add(COUNTED_BESIDE, "ms", BARE_REPORTS)
        add(OFFICER_QUIET, "ms")
        add(OFFICER, "ms", OFFICER_QUIET, AtMost(all_within=100))
        add(UNCHANGED, "", promise=AtMost(all_within=50))
        add(ASKED, "", promise=AtMost(all_within=1))
        add(BARE, "ms")
        add(STARTS, "ms", BARE, AtMost(1.5))
        add(SERVES, "ms", STARTS, AtMost(0.8))


def main():
    rows = Rows()
    for devices in map(int, os.environ.get("HF_SIZES", " ".join(map(str, SIZES))).split()):
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:  # on a disk: what is written there is counted
            estate = Estate(folder, devices)
            measured = Measured(estate, int(sys.argv[1]))
            estate.broker.start()
            try:
                measured.play()
            finally:
                end_process(estate.controller)
                estate.broker.kill()
                if measured.herd:
                    measured.herd.end()
            measured.rows(rows)
    rows.save(sys.argv[2])


if __name__ == "__main__":
    main()
