#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The record stands up (policy D5.6-5.7; Freedom of Information Act 2000 s.77): verified offline, and by tools that are not ours.

A real controller records, `holdfast audit` says whether its journal is whole and as others saw it, and its checkpoint and proofs are
opened by golang.org/x/mod/sumdb and by openssl. HF_BUILD names the build folder.
"""
import base64
import contextlib
import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from common import ENOUGH, check, closing, end_process, read, wait_for, write
from council_help import COUNCIL, SOURCE, Terminal, contract, key
from test_cli import Liar, honest
from test_controller import Office, raise_now

GO_LIBRARIES = "/usr/share/gocode"
RECORDS, SECONDS = 100_000, 3  # that many are verified in less than this


def rows_of(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT seq, at, kind, digest, body, prev, hash FROM journal ORDER BY seq").fetchall()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def head(hashes):
    """RFC 6962 section 2.1, by its own definition."""
    if len(hashes) == 1:
        return hashlib.sha256(b"\0" + hashes[0]).digest()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node(head(hashes[:k]), head(hashes[k:]))


def hashes_of(rows):
    return [bytes.fromhex(row[6]) for row in rows]


def with_go(folder, verifier, proof, record):
    """What others' libraries say of it."""
    write(f"{folder}/record.tlog-proof", proof)
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": GO_LIBRARIES, "GOCACHE": f"{folder}/go-cache", "GOFLAGS": "", "CGO_ENABLED": "0"}
    program = f"{folder}/reader"
    if not os.path.exists(program):
        subprocess.run(["go", "build", "-o", program, f"{SOURCE}/tests/system/audit_reader.go"], check=True, env=environment, timeout=300)
    return subprocess.run([program, verifier, f"{folder}/record.tlog-proof", record], capture_output=True, text=True, timeout=ENOUGH, check=False)


def with_openssl(folder, public, checkpoint):
    """The signature of a note by the bare tool."""
    body, _, lines = checkpoint.partition("\n\n")
    signature = base64.b64decode(lines.split(" ")[2])
    write(f"{folder}/note", body + "\n")
    write(f"{folder}/note.sig", signature[4:])
    write(f"{folder}/public.der", bytes.fromhex("302a300506032b6570032100") + public)
    return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", f"{folder}/public.der", "-rawin", "-in", f"{folder}/note",
                           "-sigfile", f"{folder}/note.sig"], capture_output=True, text=True, timeout=ENOUGH, check=False)


def others_verify(office, terminal):
    """A third party needs none of our code."""
    checkpoint, verifier = terminal("audit", "checkpoint").out, terminal("audit", "checkpoint", "--verifier").out.strip()
    rows = rows_of(f"{office.folder}/state/journal.db")
    size, root = checkpoint.split("\n")[1:3]
    check("the head is that of RFC 6962 over the hashes of the records", int(size) == len(rows) and base64.b64decode(root) == head(hashes_of(rows)), checkpoint)
    raw = key("c1").raw
    check("the verifier key has the controller's", base64.b64decode(verifier.split("+", 2)[2]) == b"\1" + raw, verifier)
    check("openssl alone verifies the checkpoint", with_openssl(office.folder, raw, checkpoint).returncode == 0, checkpoint)
    check("and refuses another size", with_openssl(office.folder, raw, checkpoint.replace(f"\n{size}\n", f"\n{int(size) + 1}\n", 1)).returncode != 0)
    for row in rows:
        proof = terminal("audit", "prove", str(row[0])).out
        done = with_go(office.folder, verifier, proof, row[6])
        check(f"golang.org/x/mod/sumdb accepts the proof of record {row[0]} ({row[2]})", done.returncode == 0 and f"record {row[0]} of {size} is proved" in done.stdout, done)
    done = with_go(office.folder, verifier, proof, rows[0][6])
    check("and refuses it of another record", done.returncode == 1 and "refused: proof" in done.stdout, done)
    done = with_go(office.folder, verifier, proof.replace(f"\n{size}\n", f"\n{int(size) + 1}\n"), rows[-1][6])
    check("and a checkpoint that was changed", done.returncode == 1 and "refused: note" in done.stdout, done)
    done = terminal("audit", "prove", str(len(rows) + 1))
    check("there is no proof of a record that is not there", done.code == 1 and "has no record" in done.err, done)
    check("nor of what is no number", terminal("audit", "prove", "x1").code == 2)
    check("nor is one asked for without a number", office.get("proof")[0] == 400 and office.get("heads?after=A%2F")[0] == 400)
    check("as JSON too", terminal("audit", "prove", "1", "--json").json["proof"].startswith("c2sp.org/tlog-proof@v1\nindex 0\n") and
          terminal("audit", "checkpoint", "--json").json["checkpoint"] == checkpoint)


def report_log(office, device, counter, log):
    doc = contract.report(COUNCIL, device, counter, int(time.time()))
    doc["logs"] = [{"controller": "c1", "key": key("c1").keyid, "seq": counter, **log}]
    office.broker.publish(device, f"device/{device}/report", contract.message("report", doc, [key(device)]))


def devices_have_seen(office, terminal):
    """Every device that signed a head of the record is a witness of it."""
    rows = rows_of(f"{office.folder}/state/journal.db")
    true = {"size": 3, "root": head(hashes_of(rows)[:3]).hex()}
    report_log(office, "d1", 1, true)
    said = "1 of 2 devices signed heads that fit.\n1 has signed none yet.\n"
    check("a head that a device saw long ago fits", wait_for(lambda: terminal("audit", "heads").out == said), terminal("audit", "heads"))
    check("as lines, for others", terminal("audit", "heads", "--lines").out == f"3 {true['root']} d1\n", terminal("audit", "heads", "--lines"))
    report_log(office, "d2", 1, {"size": 4, "root": "ab" * 32})
    check("another head over as many records is said first, and fails", wait_for(lambda: terminal("audit", "heads").code == 1) and
          terminal("audit", "heads").out.startswith(f"DOES NOT FIT: d2 saw the head {'ab' * 32} over 4 records.\n1 of 2 devices signed heads that fit.\n"),
          terminal("audit", "heads"))
    check("and stands on the screens", any("d2" in line for line in office.get("status")[1]["attention"]), office.get("status")[1]["attention"])
    check("as JSON too", [row["fits"] for row in terminal("audit", "heads", "--json").json["devices"]] == [True, False])


def silent_devices(folder, terminal):
    """Who is not heard lately is not counted among those whose head fits."""
    fake = Liar(f"{folder}/fake.sock", honest(terminal))
    mine = Terminal(terminal.council, f"{folder}/fake.sock")
    row = {"size": 1, "root": "00" * 32, "fits": True}
    for n, says in ((1, "1 is not heard since 2026-"), (2, "2 are not heard lately, the first since 2026-")):
        fake.answers["/v1/heads"] = {"devices": [{"device": f"d{i}", "heard": 1796000000 + 1000 * (i > n), **row} for i in range(1, 4)],
                                     "total": 3, "stale_s": 180, "now": 1796001000, "next": None}
        done = mine("audit", "heads")
        check(f"{n} silent", done.code == 0 and f"{3 - n} of 3 devices signed heads that fit.\n{says}" in done.out, done)
    fake.shutdown()
    fake.server_close()


def verified(terminal, *words):
    return terminal("audit", "verify", *words)


def is_verified(office, terminal):
    """Offline: the journal of a controller that runs, and of one that does not."""
    state, heads = f"{office.folder}/state", f"{office.folder}/heads"
    rows = rows_of(f"{state}/journal.db")
    roots = [head(hashes_of(rows)[:n]) for n in range(1, len(rows) + 1)]
    done = verified(terminal, state)
    check("while it runs: whole, and what that is worth", done.code == 0 and f"is whole: {len(rows)} records, tree head {roots[-1].hex()}" in done.out and
          "No head was given" in done.out, done)
    done = verified(terminal, state, "--head", f"3 {roots[2].hex()}")
    check("it fits a head", done.code == 0 and "It fits the 1 head that was given." in done.out, done)
    write(heads, "# what the laptops saw\n" + "".join(f"{n + 1} {base64.b64encode(root).decode()} d{n}\n" for n, root in enumerate(roots)))
    done = verified(terminal, state, "--heads", heads)
    check("and many of them", done.code == 0 and f"It fits all {len(rows)} heads that were given." in done.out, done)
    for words in (["--head", "3"], ["--head", "x y"], ["--head", "3 abc"], ["--head", "-1 " + "ab" * 32]):
        done = verified(terminal, state, *words)
        check(f"no head: {words}", done.code == 2 and "A head is the number of records" in done.err, done)
    done = verified(terminal, f"{office.folder}/ca")
    check("a folder without a journal", done.code == 1 and "neither journal.db nor records.jsonl" in done.err, done)


def attacked(office, terminal):
    """What somebody with the file makes of it, is named."""
    office.stop()
    state, copy, heads = f"{office.folder}/state", f"{office.folder}/copy", f"{office.folder}/heads"
    rows = rows_of(f"{state}/journal.db")
    roots = [head(hashes_of(rows)[:n]).hex() for n in range(1, len(rows) + 1)]
    write(heads, "".join(f"{n} {roots[n - 1]}\n" for n in (2, 5, len(rows))))

    def made(change, anew=False):
        shutil.rmtree(copy, ignore_errors=True)
        os.mkdir(copy)
        shutil.copy(f"{state}/journal.db", copy)
        with contextlib.closing(sqlite3.connect(f"{copy}/journal.db")) as db:
            for trigger in ("journal_no_update", "journal_no_delete", "journal_in_order"):
                db.execute(f"DROP TRIGGER {trigger}")
            db.execute(change)
            prev = "0" * 64
            for seq, at, kind, digest, body in db.execute("SELECT seq, at, kind, digest, body FROM journal ORDER BY seq").fetchall() if anew else ():
                now = hashlib.sha256(f"{seq} {at} {kind} {digest} {prev}\n{body}".encode()).hexdigest()
                db.execute("UPDATE journal SET prev = ?, hash = ? WHERE seq = ?", (prev, now, seq))
                prev = now
            db.commit()
        return verified(terminal, copy, "--heads", heads), verified(terminal, copy, "--heads", heads, "--json").json
    done, said = made("UPDATE journal SET at = at - 3600 WHERE seq = 4")
    check("edited: the record is named", done.code == 1 and done.out.startswith("DAMAGED: record 4 of ") and said["bad"] == 4, done)
    done, said = made("DELETE FROM journal WHERE seq = 3")
    check("removed: it is named", done.code == 1 and "record 3" in done.out and "it is missing" in done.out and said["bad"] == 3, done)
    done, said = made("UPDATE journal SET at = at - 3600 WHERE seq = 4", anew=True)
    check("made anew: between two heads", done.code == 1 and "MADE ANEW: the first record that is another one is one of 3 to 5." in done.out and
          said["bad"] is None and said["anew"] == [3, 5], done)
    done, said = made(f"DELETE FROM journal WHERE seq > {len(rows) - 2}")
    check("an old backup: how many are missing", done.code == 1 and f"SHORTENED: it ends with record {len(rows) - 2}, there were {len(rows)} at least, "
          "and it fits what others saw up to record 5." in done.out and said["anew"] == [6, len(rows)], done)
    done, said = made("DELETE FROM journal WHERE seq > 5")
    check("cut right behind a head: it is short", done.code == 1 and f"SHORTENED: it ends with record 5, there were {len(rows)} at least" in done.out, done)
    done, said = made("DELETE FROM journal")
    check("emptied", done.code == 1 and "SHORTENED: it ends with record 0, there were 2 at least" in done.out and said["anew"] == [1, 2], done)


def is_quick(office, terminal):
    """100,000 records, chain and tree."""
    big = f"{office.folder}/big"
    os.mkdir(big)
    prev, body = "0" * 64, "{" + " " * 900 + "}"
    with contextlib.closing(sqlite3.connect(f"{big}/journal.db")) as db:
        db.execute("CREATE TABLE journal (seq INTEGER PRIMARY KEY, at INTEGER, kind TEXT, digest TEXT, body TEXT, prev TEXT, hash TEXT)")

        def made():
            nonlocal prev
            for seq in range(1, RECORDS + 1):
                now = hashlib.sha256(f"{seq} 7 report {'a' * 64} {prev}\n{body}".encode()).hexdigest()
                yield seq, 7, "report", "a" * 64, body, prev, now
                prev = now
        db.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)", made())
        db.commit()
    took = []
    for _ in range(3):
        begin = time.monotonic()
        done = verified(terminal, big)
        took.append(time.monotonic() - begin)
    check(f"{RECORDS} records are verified in under {SECONDS} s", done.code == 0 and f"{RECORDS} records" in done.out and min(took) < SECONDS, (took, done))
    print(f"       {RECORDS} records in {min(took):.2f} s")


def play(office):
    terminal = Terminal(f"{office.folder}/council", office.socket)
    office.broker.start()
    check("it starts", office.start(), office.log())
    check("an order is recorded", office.post(raise_now(reason="Fire.")[0])[1].get("outcome") == "recorded")
    others_verify(office, terminal)
    devices_have_seen(office, terminal)
    silent_devices(office.folder, terminal)
    is_verified(office, terminal)
    attacked(office, terminal)
    is_quick(office, terminal)


def main():
    folder = tempfile.mkdtemp(prefix="hf-audit-")
    os.chmod(folder, 0o755)
    office = None
    try:
        office = Office(folder)
        play(office)
    finally:
        for process in (office.controller, office.broker.process) if office else ():
            end_process(process, signal.SIGKILL)
        shutil.rmtree(folder)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
