# SPDX-License-Identifier: MIT
"""What system tests share: counting checks, waiting for a condition, how a call ended, the people of the demo council."""
import json
import os
import time

PEOPLE = {"comms-1": ["comms", "accounts"], "comms-2": ["comms", "accounts"], "monitoring-1": ["monitoring"],
          "elections-1": ["elections"], "it-1": ["it"]}
SAW_MAX = 1500
results = {"passed": 0, "failed": 0, "skipped": 0}


def check(what, good, saw=""):
    """Count one check and print its line."""
    results["passed" if good else "failed"] += 1
    print(f"{'ok    ' if good else 'not ok'} {what}{'' if good else f' (saw: {str(saw)[:SAW_MAX]})'}", flush=True)


def closing():
    """Print the plain line; returns the exit status."""
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**results))
    return 1 if results["failed"] else 0


def wait_for(condition, seconds=10):
    """The first true answer, or the last false one."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.01)


def write(path, data):
    """Write text or bytes, and the folders above."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


class Done:
    """How one call ended."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        try:
            self.json = json.loads(self.out)
        except ValueError:
            self.json = {}

    def __str__(self):
        return f"exit {self.code}: {self.out} / {self.err}"
