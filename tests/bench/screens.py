#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""screens.py ROUNDS OUT - how long an officer waits for a screen of a large estate, beside curl on the same route; see run.

A real controller with 10,000 devices (HF_DEVICES), each with a signed report of a live emergency; some are silent, some are partly
enforced. curl asks for the same pages by one process and one connection; the terminal beside it verifies what it shows.
"""
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{SOURCE}/tests/system"]

from common import end_process, write  # noqa: E402
from council_help import BUILD, COUNCIL, contract, key  # noqa: E402
from figures import AtMost, Rows  # noqa: E402
from test_controller import Office, raise_now, release_now  # noqa: E402

DEVICES = int(os.environ.get("HF_DEVICES", "10000"))
LAYERS = ("network", "browser", "firefox", "others", "extension", "programs", "running")
SILENT, PARTLY = 0.02, 0.01  # of all devices
STATUS, DEVICES_ALL, NOT_ENFORCED, DRAFTS = "status", "devices", "devices?not-enforced=1", "drafts"
SCREENS = {STATUS: ["status"], DRAFTS: ["drafts"], DEVICES_ALL: ["devices"], NOT_ENFORCED: ["devices", "--not-enforced"]}


def name_of(number):
    return f"laptop-{number:05}"


class Estate(Office):
    def make_council(self):
        super().make_council()
        at = int(time.time()) - 60
        for number in range(DEVICES):
            a = contract.assignment(COUNCIL, name_of(number), 1, at, public=key(name_of(number)).public, people={f"person-{number}": "staff"},
                                    groups=[f"office-{number % 20}"])
            write(f"{self.folder}/council/assignments/{name_of(number)}.json", contract.message("assignment", a, [key("it-1")]))

    def report_of(self, number, digest):
        layers = [(layer, "verified", "as it should be") for layer in LAYERS]
        standing = "enforced-verified"
        if number < DEVICES * PARTLY:
            layers[0], standing = ("network", "failed", "the table is gone"), "enforced-unverified"
        doc = contract.report(COUNCIL, name_of(number), 1, int(time.time()), layers=layers,
                              lockdowns=[(digest, "emergency", "live", 0, standing)])
        return contract.message("report", doc, [key(name_of(number))]).decode()

    def all_report(self, digest):
        """As the controller keeps the last report of each device; it is stopped meanwhile."""
        rows = [(name_of(number), 1, int(time.time()), self.report_of(number, digest)) for number in range(int(DEVICES * (1 - SILENT)))]
        with sqlite3.connect(f"{self.folder}/state/journal.db") as journal:
            journal.executemany("INSERT OR REPLACE INTO report VALUES (?, ?, ?, ?)", rows)

    def fill(self):
        data, digest = raise_now()
        if self.post(data)[1].get("outcome") != "recorded":
            raise RuntimeError("the raise is not recorded")
        if self.post(release_now([digest], ["comms-1"]))[1].get("outcome") != "draft":
            raise RuntimeError("the release does not wait")
        self.stop()
        self.all_report(digest)
        if not self.start():
            raise RuntimeError(self.log())


def addresses(office, route):
    """Of every page."""
    first = f"{route}{'&' if '?' in route else '?'}"
    pages, page = [route], office.get(route)[1]
    while page.get("next"):
        pages.append(f"{first}after={page['next']}")
        page = office.get(pages[-1])[1]
    return [f"http://localhost/v1/{page}" for page in pages]


def took(words):
    start = time.perf_counter()
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{words}: {done.stderr[-300:]}")
    return time.perf_counter() - start


def measure(office, rounds):
    times = {}
    terminal = [f"{BUILD}/holdfast", "--council", f"{office.folder}/council", "--socket", office.socket]
    asked = {route: addresses(office, route) for route in SCREENS}
    for _ in range(rounds):
        for route, words in SCREENS.items():
            times.setdefault((route, "curl"), []).append(took(["curl", "-sS", "-f", "--unix-socket", office.socket, *asked[route]]))
            times.setdefault((route, "holdfast"), []).append(took([*terminal, *words]))
    return times


def main():
    rows = Rows()
    with tempfile.TemporaryDirectory() as folder:
        office = Estate(folder)
        try:
            office.broker.start()
            office.settings["device.report_s"] = 86400  # nobody falls silent while this is measured
            if not office.start():
                raise RuntimeError(office.log())
            office.fill()
            times = measure(office, int(sys.argv[1]))
        finally:
            end_process(office.controller)
            office.broker.kill()
    for route in SCREENS:
        base = f"{DEVICES} devices, curl: /v1/{route}"
        rows.add(base, "ms", times[route, "curl"])
        rows.add(f"{DEVICES} devices, holdfast {' '.join(SCREENS[route])}", "ms", times[route, "holdfast"], base, promise=AtMost(2))
    rows.save(sys.argv[2])


if __name__ == "__main__":
    main()
