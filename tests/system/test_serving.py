#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The services go on: a log that nobody reads, a crowd on the socket, a second instance, a hang-up.

Nobody is slower than a share of the others allows, and no service waits for its log (D9.2: a raise is enforced within seconds).
HF_BUILD names the build folder.
"""
import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile

from common import ENOUGH, check, closing, end, end_process, read, wait_for, write
from council_help import Ca
from crowd import come
from test_agent import AGENT, LINK, STAFF, Council, Device, FakeLink, enrolment
from test_controller import HOLDFASTD, Office

CROWD = 65533  # a user who is neither an officer nor root
SHARE = 16     # connections of one user
BEFORE = 64    # reports that are read before it serves
USUAL_USER = "holdfast-link"


@contextlib.contextmanager
def full_pipe():
    """The end of a pipe that has no room, as a log has whose reader has stopped, and the other one."""
    out, into = os.pipe()
    os.set_blocking(into, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(into, b"x" * 512)
    os.set_blocking(into, True)
    try:
        yield into, out
    finally:
        os.close(out)


def started(words, log):
    process = subprocess.Popen(words, stderr=log, stdin=subprocess.DEVNULL)
    os.close(log)
    return process


def drained(out):
    """All that was in a pipe, and what comes while something comes."""
    os.set_blocking(out, False)
    got = b""
    with contextlib.suppress(BlockingIOError):
        while True:
            got += os.read(out, 65536)
    return got.decode(errors="replace").lstrip("x")


def answered(office):
    try:
        return office.get("status")[0] == 200
    except (OSError, IndexError, ValueError):
        return False


def served(office):
    """Attack: 1,000 connections of another user, which idle, drip or flood, and 66 that come and go."""
    os.chmod(office.folder, 0o711)
    os.chmod(office.socket, 0o666)
    for kind in ("idle", "drip", "flood"):
        crowd = come(office.socket, kind, 1000, CROWD)
        good = [answered(office) for _ in range(20)]
        check(f"1,000 connections of another user {kind}: an officer is answered, each time", all(good), good)
        check(f"1,000 connections that {kind}: the controller runs", office.controller.poll() is None)
        end(crowd)
        crowd.stdout.close()
    many = []
    for _ in range(66):
        many.append(socket.socket(socket.AF_UNIX))
        many[-1].connect(office.socket)
    for one in many:
        one.close()
    check("66 connections that say nothing and go: the next is answered", wait_for(lambda: answered(office)))
    check("a share of each user: the log says who was sent away", f"the last is of user {CROWD}" in office.log(), office.log()[-500:])
    os.chmod(office.socket, stat.S_IRUSR | stat.S_IWUSR)


def share(office):
    """Of one user so many are in at once; one more takes the place of the oldest that asks nothing."""
    def comes(asks=True):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(ENOUGH)
        s.connect(office.socket)
        if asks:
            s.sendall(b"GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n")
            return s, s.recv(12)
        return s, b""
    silent, _ = comes(asks=False)
    others = [comes() for _ in range(SHARE - 1)]
    check("a user has a share", all(said == b"HTTP/1.1 200" for _, said in others), others)
    more = comes()
    check("one more is served", more[1] == b"HTTP/1.1 200", more)
    check("in the place of the one that asks nothing", silent.recv(1) == b"")
    for one in [silent, more[0], *(s for s, _ in others)]:
        one.close()


def controller_alone(office):
    """A second controller touches nothing; a hang-up reads again and ends nothing."""
    inode, journal = os.stat(office.socket).st_ino, read(f"{office.folder}/state/journal.db", "rb")
    second = subprocess.run([HOLDFASTD, "-f", office.conf], capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("a second controller is refused", second.returncode == 1 and "another holdfastd runs" in second.stderr, second.stderr)
    check("and leaves socket and journal alone", os.stat(office.socket).st_ino == inode and answered(office) and
          read(f"{office.folder}/state/journal.db", "rb") == journal)
    ups = office.log().count("event=bus up")
    office.controller.send_signal(signal.SIGHUP)
    check("HUP: the controller joins the broker anew", wait_for(lambda: "event=reload the level" in office.log()), office.log()[-500:])
    check("HUP: and is up again", wait_for(lambda: office.log().count("event=bus up") == ups + 1) and office.is_up(), office.log()[-500:])
    shutil.move(f"{office.folder}/ca/controller.crt", f"{office.folder}/ca/away")
    shutil.move(office.conf, f"{office.conf}.away")
    office.controller.send_signal(signal.SIGHUP)
    check("HUP without settings and certificate: it says so", wait_for(lambda: "connection to the broker stays" in office.log()))
    check("and stays as it was", office.is_up() and office.controller.poll() is None, office.log()[-500:])
    shutil.move(f"{office.folder}/ca/away", f"{office.folder}/ca/controller.crt")
    shutil.move(f"{office.conf}.away", office.conf)


def controller_log(office):
    """Attack: nobody reads the controller's log."""
    office.stop()
    with full_pipe() as (into, out):
        office.controller = started([HOLDFASTD, "-f", office.conf], into)
        check("log full: the controller comes up", wait_for(office.is_up))
        drained(out)
        office.controller.send_signal(signal.SIGHUP)
        got = []
        check("log read again: it says how many lines were dropped", wait_for(lambda: got.append(drained(out)) or "event=dropped lines=" in
              "".join(got)), got)
        check("and it ends when it is asked to", office.stop() == 0)


def begins(office):
    """It serves before it has read again what every device said last: d1's row stands behind those that are read before."""
    office.report("d1", 5)
    check("a report counts", wait_for(lambda: office.device("d1")["counter"] == 5))
    check("the controller ends", office.stop() == 0)
    with contextlib.closing(sqlite3.connect(f"{office.folder}/state/journal.db")) as db, db:
        db.executemany("INSERT INTO report VALUES (?, 1, 1, 'x')", [(f"a{i:02}",) for i in range(BEFORE)])
    before = len(office.log())
    check("it starts again", office.start(), office.log()[-500:])
    check("what the device said is known again", wait_for(lambda: office.device("d1")["counter"] == 5))
    told = office.log()[before:]
    serves, read_again = told.find("event=start council="), told.find("is read again: reports=")
    check("and was read while officers were answered", -1 < serves < read_again, told[:800])
    check("then nothing is left to be read", office.get("status")[1]["unread"] == 0)


def begins_twice(office):
    """Two starts at once: one serves and reads again what devices said, the other ends and has touched nothing."""
    with contextlib.closing(sqlite3.connect(f"{office.folder}/state/journal.db")) as db:
        records = db.execute("SELECT count(*), max(hash) FROM journal WHERE kind != 'start'").fetchone()
    check("the controller ends", office.stop() == 0)
    logs = [f"{office.folder}/twin-{i}" for i in range(2)]
    twins = []
    for log in logs:
        twins.append(started([HOLDFASTD, "-f", office.conf], os.open(log, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)))
    check("two starts at once: one of them serves", wait_for(lambda: office.is_up() and any(twin.poll() is not None for twin in twins)), [read(x) for x in logs])
    ended = [i for i in range(2) if twins[i].poll() is not None]
    check("and one has ended, and says that another runs", len(ended) == 1 and twins[ended[0]].returncode == 1 and
          "another holdfastd runs" in read(logs[ended[0]]), [read(x) for x in logs])
    check("what the device said is known again", wait_for(lambda: office.device("d1")["counter"] == 5 and office.get("status")[1]["unread"] == 0))
    with contextlib.closing(sqlite3.connect(f"{office.folder}/state/journal.db")) as db:
        check("and nothing was written twice", db.execute("SELECT count(*), max(hash) FROM journal WHERE kind != 'start'").fetchone() == records)
    for twin in twins:
        end_process(twin)
    check("it starts again alone", office.start(), office.log()[-500:])


def controller():
    folder = tempfile.mkdtemp(prefix="hf-serving-")
    office = Office(folder)
    try:
        office.broker.start()
        check("the controller is up", office.start(), office.log()[-500:])
        served(office)
        share(office)
        begins(office)
        begins_twice(office)
        controller_alone(office)
        controller_log(office)
    finally:
        end_process(office.controller)
        office.broker.kill()
        shutil.rmtree(folder)


def agent_log(device, council):
    """Attack: nobody reads the agent's log; a raise is enforced, and people are answered."""
    with full_pipe() as (into, out):
        device.agent = started([AGENT, "run", "--etc", device.etc], into)
        check("log full: the agent answers", wait_for(lambda: os.path.exists(f"{device.run}/person.sock") and device.status()[0] == 0))
        link = FakeLink(device)
        link.say("state/c1", council.state(council.raise_now("comms-1")))
        check("log full: a raise is enforced", link.standing("enforced-verified"), link.last())
        check("log full: on the disk too", device.blocked() == ["x.com"], device.blocked())
        drained(out)
        device.agent.send_signal(signal.SIGHUP)
        got = []
        check("log read again: it says how many lines were dropped", wait_for(lambda: got.append(drained(out)) or "event=dropped lines=" in
              "".join(got)), got)


def agent_alone(device):
    """Attack: a second agent takes the sockets of the first and ends."""
    sockets = [f"{device.run}/{name}.sock" for name in ("person", "link", "firefox")]
    before = [os.stat(path).st_ino for path in sockets]
    code, _, said = device.command("run")
    check("a second agent is refused", code == 2 and "another holdfast-agent runs" in said, (code, said))
    check("and leaves every socket of the first", [os.stat(path).st_ino for path in sockets] == before, before)
    check("which goes on", device.status()[0] == 0 and device.agent.poll() is None)
    shutil.move(f"{device.etc}/agent.conf", f"{device.folder}/away")
    device.agent.send_signal(signal.SIGHUP)
    shutil.move(f"{device.folder}/away", f"{device.etc}/agent.conf")
    check("HUP, whatever it finds: the agent goes on", device.status()[0] == 0 and device.agent.poll() is None)


def link_alone(device):
    """A second link of one device; a hang-up; nobody reads its log."""
    conf = f"{device.folder}/link.conf"
    with open(f"{device.folder}/link.log", "wb") as log:
        first = subprocess.Popen([LINK, "-f", conf], stderr=log, stdin=subprocess.DEVNULL)

    def log_has(words):
        return wait_for(lambda: words in read(f"{device.folder}/link.log"))
    try:
        check("the link runs", log_has("event=start"), read(f"{device.folder}/link.log"))
        second = subprocess.run([LINK, "-f", conf], capture_output=True, text=True, timeout=ENOUGH, check=False)
        check("a second link is refused", second.returncode == 1 and "another holdfast-link joins" in second.stderr, second.stderr)
        first.send_signal(signal.SIGHUP)
        check("HUP: the link reads its settings again", log_has("event=reload"), read(f"{device.folder}/link.log"))
        check("and goes on", first.poll() is None)
    finally:
        check("and ends when it is asked to", end_process(first) == 0)
    with full_pipe() as (into, _):
        process = started([LINK, "-f", conf], into)
        check("log full: the link ends when it is asked to", wait_for(lambda: read(f"/proc/{process.pid}/status").count("SigBlk:\t0000000000004003"))
              and end_process(process) == 0)


def agent():
    folder = tempfile.mkdtemp(prefix="hf-serving-")
    council = Council()
    device = Device(folder, council, Ca(f"{folder}/ca"))
    try:
        enrolment(device)
        device.settings()
        agent_log(device, council)
        agent_alone(device)
        write(f"{folder}/link.conf", read(f"{device.etc}/link.conf").replace(f"user = {USUAL_USER}", f"user = {STAFF}"))
        link_alone(device)
    finally:
        end_process(device.agent)
        shutil.rmtree(folder)


def main():
    if os.geteuid() != 0:
        print("skip: other users and real layers need root\n0 passed, 0 failed, 1 skipped")
        return 0
    if not os.environ.get("HF_TEST_INSIDE"):
        os.environ["HF_TEST_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "/usr/bin/python3", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    controller()
    agent()
    return closing()


if __name__ == "__main__":
    sys.exit(main())
