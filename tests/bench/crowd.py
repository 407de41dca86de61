#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""crowd.py ROUNDS OUT - how long an officer waits for an answer of the controller while another user has 1,000 connections.

Each round asks with nobody else there, then beside each kind of crowd (tests/system/crowd.py), so that all meet the same load.
"""
import os
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{SOURCE}/tests/system"]

from common import end, end_process  # noqa: E402
from crowd import KINDS, come  # noqa: E402
from figures import AtMost, Rows  # noqa: E402
from test_controller import Office  # noqa: E402

CROWD, MANY, ASKS = 65533, 1000, 50
ALONE = "an officer's question, nobody else there"


def asked(office):
    """Seconds of each of so many questions, one after the other."""
    times = []
    for _ in range(ASKS):
        start = time.perf_counter()
        if office.get("status")[0] != 200:
            raise RuntimeError("the controller does not answer")
        times.append(time.perf_counter() - start)
    return times


def main():
    times = {}
    with tempfile.TemporaryDirectory() as folder:
        office = Office(folder)
        try:
            office.broker.start()
            if not office.start():
                raise RuntimeError(office.log())
            os.chmod(folder, 0o711)
            os.chmod(office.socket, 0o666)
            for _ in range(int(sys.argv[1])):
                times.setdefault(ALONE, []).extend(asked(office))
                for kind in KINDS:
                    crowd = come(office.socket, kind, MANY, CROWD)
                    times.setdefault(f"the same beside {MANY} connections of another user: {kind}", []).extend(asked(office))
                    end(crowd)
                    crowd.stdout.close()
        finally:
            end_process(office.controller)
            office.broker.kill()
    rows = Rows()
    for what, values in times.items():
        rows.add(what, "ms", values, None if what == ALONE else ALONE, promise=AtMost(all_within=100) if what != ALONE else None)
    rows.save(sys.argv[2])


if __name__ == "__main__":
    main()
