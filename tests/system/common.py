# SPDX-License-Identifier: MIT
"""What system tests share: counting checks, waiting for a condition, files and processes, the people of the demo council.

No check is a clock: what is waited for has ENOUGH time on a machine that is busy with other things, and how long it took is printed.
"""
import glob
import json
import os
import select
import signal
import time

ENOUGH = 180  # seconds: what has not come by then does not come, however busy the machine is
PEOPLE = {"comms-1": ["comms", "accounts"], "comms-2": ["comms", "accounts"], "monitoring-1": ["monitoring"],
          "elections-1": ["elections"], "it-1": ["it"]}
SAW_MAX = 3000
# For the environment of a program whose sentences are to be counted (tests/reached.py), when that is asked for.
REACHED = {"HF_REACHED": os.environ["HF_REACHED"], "LD_PRELOAD": f"{os.path.abspath(os.environ['HF_BUILD'])}/tests/reached.so"} if "HF_REACHED" in os.environ else {}
results = {"passed": 0, "failed": 0, "skipped": 0}


def check(what, good, saw=""):
    """Count one check and print its line; was it good?"""
    results["passed" if good else "failed"] += 1
    print(f"{'ok    ' if good else 'not ok'} {what}{'' if good else f' (saw: {shortened(str(saw))})'}", flush=True)
    return good


def shortened(text):
    """Its beginning and its end, if it is long: what went wrong stands mostly in one of them."""
    return text if len(text) <= SAW_MAX else f"{text[:SAW_MAX // 3]} [...] {text[-2 * SAW_MAX // 3:]}"


def skip(what, why):
    results["skipped"] += 1
    print(f"skip {what}: {why}", flush=True)


def closing():
    """Print the plain line; returns the exit status."""
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**results))
    return 1 if results["failed"] else 0


def wait_for(condition, seconds=ENOUGH):
    """The first true answer, or the last false one. Fewer seconds are for what need not come."""
    start = time.monotonic()
    while True:
        waited = time.monotonic() - start
        answer = condition()
        if answer or waited > seconds:
            return answer
        time.sleep(min(0.1, max(0.01, waited / 20)))  # whoever has waited long looks less often


def took(begin):
    """For people: a figure, and never a condition."""
    return f"{(time.monotonic() - begin) * 1000:.0f} ms"


def read(path, mode="r"):
    with open(path, mode, encoding=None if "b" in mode else "utf-8", errors=None if "b" in mode else "replace") as file:
        return file.read()


def write(path, data):
    """Write text or bytes, and the folders above."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def drop(uid, gid=None):
    """For preexec_fn: what makes a process one of this user's, in one group alone."""
    gid = uid if gid is None else gid

    def become():
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    return become


def end_process(process, how=signal.SIGTERM):
    """Its exit status, once it has ended by this signal or before; None: there is none."""
    if process and process.poll() is None:
        process.send_signal(how)
        process.wait(timeout=ENOUGH)
    return process.returncode if process else None


def end(process):
    end_process(process, signal.SIGKILL)


def processes():
    """(number, words) of every process that is seen here."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            yield int(entry), read(f"/proc/{entry}/cmdline").split("\0")
        except OSError:
            continue


def child_of(pid):
    """The process that this one has started and that has not ended; None: there is none."""
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            state, parent = read(path).rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        if int(parent) == pid and state != "Z":
            return int(path.split("/")[2])
    return None


def wakeups(pid):
    """How often its threads have gone to sleep and were woken; what a busy machine takes from them is not counted."""
    found = 0
    for path in glob.glob(f"/proc/{pid}/task/*/status"):
        found += sum(int(line.split()[1]) for line in read(path).splitlines() if line.startswith("voluntary_ctxt_switches"))
    return found


def rests(pid, seconds):
    """Is there, in the end, a stretch of so many seconds in which it was not woken once?"""
    def slept():
        before = wakeups(pid)
        return not wait_for(lambda: wakeups(pid) != before, seconds)
    return wait_for(slept)


def typed(terminal, answers):
    """All that was shown on a terminal until its other end was closed; each answer is typed when its (prompt, answer) is due,
    by what was shown since the one before. It may be a function, which is asked for it then."""
    shown, pending, answered = b"", list(answers), 0

    def ended():
        nonlocal shown, answered
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                got = os.read(terminal, 65536)
            except OSError:
                return True
            shown += got
            if not got:
                return True
        if pending and pending[0][0] in shown[answered:]:
            answered = len(shown)
            answer = pending.pop(0)[1]
            os.write(terminal, answer() if callable(answer) else answer)
        return False
    wait_for(ended)
    os.close(terminal)
    return shown.decode(errors="replace")


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
