#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""amendments.py ROUNDS OUT - what one more amendment costs, behind few and behind many of the same lockdown; see run.

A real controller without a broker. Each amendment says all of its raise again, long instructions too. Two officers amend in
turn, to the end of their shares.
"""
import os
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{SOURCE}/tests/system"]

from common import end_process, wait_for  # noqa: E402
from council_help import COUNCIL, contract, key  # noqa: E402
from figures import AtMost, Rows  # noqa: E402
from test_controller import Office, raise_now  # noqa: E402

MANY, EACH = 240, 20
FLAT = AtMost(3)  # cost that grows with what is there would be ten times and more
FIRST, LAST = f"POST of an amendment, the first {EACH} of a lockdown", f"POST of an amendment, behind {MANY - EACH} others"


def answers(office):
    try:
        return office.get("status")[0] == 200
    except (OSError, ValueError):
        return False


def amend(office, digest, rev):
    """Seconds that the controller took for this revision."""
    text = f"Revision {rev}. " + "Nobody posts anything. " * 70
    doc = contract.amend_order(COUNCIL, "emergency", "live", int(time.time()), of=digest, rev=rev, instructions=text)
    data = contract.message("order", doc, [key(("comms-1", "comms-2")[rev % 2])])
    start = time.monotonic()
    status, answer = office.post(data)
    took = time.monotonic() - start
    if (status, answer.get("outcome")) != (200, "recorded"):
        raise RuntimeError(f"revision {rev}: {status} {answer}")
    return took


def chain(office, number):
    digest = office.post(raise_now(reason=f"Lockdown {number}.")[0])[1]["digest"]
    return [amend(office, digest, rev) for rev in range(1, MANY + 1)]


def measure():
    with tempfile.TemporaryDirectory() as folder:
        office = Office(folder)
        office.launch()
        try:
            if not wait_for(lambda: answers(office)):
                raise RuntimeError(office.log())
            return chain(office, 1)
        finally:
            end_process(office.controller)


def main():
    rows, first, last = Rows(), [], []
    for _ in range(int(sys.argv[1])):
        times = measure()
        first += times[:EACH]
        last += times[-EACH:]
    rows.add(FIRST, "ms", first)
    rows.add(LAST, "ms", last, FIRST, promise=FLAT)
    rows.save(sys.argv[2])


if __name__ == "__main__":
    main()
