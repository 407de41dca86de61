#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A backup is made while the controller runs, sealed to the roots; another machine tries it with a root's key; age reads it, too.

Whoever finds a backup learns nothing; whoever changes one is found out; one that was never tried is not called good (D5.6, D9.2). HF_BUILD names the build folder.
"""
import glob
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time

from cryptography.hazmat.primitives import serialization

from common import ENOUGH, REACHED, check, closing, end, read, wait_for, write
from council_help import COUNCIL, HOLDFAST, Terminal, contract, key, pem_of
from test_controller import Office, raise_now
from test_metrics import figures, of

SECRET = "Quiet words that nobody outside may read"
CHUNK = 65536


def root_pem(folder, name):
    path = f"{folder}/{name}.pem"
    write(path, pem_of(name))
    os.chmod(path, 0o600)
    return path


def bech32(human, data):
    """BIP 173, as age writes keys."""
    charset, values, bits, n = "qpzry9x8gf2tvdw0s3jn54khce6mua7l", [], 0, 0
    for byte in data:
        bits, n = bits << 8 | byte, n + 8
        while n >= 5:
            n -= 5
            values.append(bits >> n & 31)
    if n:
        values.append(bits << 5 - n & 31)

    def polymod(words):
        sum_ = 1
        for word in words:
            top, sum_ = sum_ >> 25, (sum_ & 0x1ffffff) << 5 ^ word
            for i, generator in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)):
                sum_ ^= generator if top >> i & 1 else 0
        return sum_
    spread = [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human]
    mod = polymod(spread + values + [0] * 6) ^ 1
    return human + "1" + "".join(charset[v] for v in values + [mod >> 5 * (5 - i) & 31 for i in range(6)])


def age_identity(folder, name):
    """The key of age that follows from a root's: its seed hashed, as Ed25519 does."""
    seed = serialization.load_pem_private_key(pem_of(name), None).private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    path = f"{folder}/{name}.age"
    scalar = bytearray(hashlib.sha512(seed).digest()[:32])
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    write(path, bech32("age-secret-key-", bytes(scalar)).upper() + "\n")
    return path


def makes(t, office, folder):
    """While it is written to, with a log that nobody has written down into the file yet."""
    office.post(raise_now(reason=SECRET)[0])
    write(f"{folder}/state/people.csv", f"comms-1,{SECRET},,a@b.test,,\n")
    file, conf = f"{folder}/out/holdfast.backup", ("--conf", office.conf)
    os.makedirs(f"{folder}/out")
    os.makedirs(f"{folder}/here")
    in_the_way = f"{file}.copy", f"{file}.note"
    for one in in_the_way:
        os.makedirs(f"{one}/x")
    status = office.get("status")[1]
    done = t("backup", file, *conf, "--json", TMPDIR=f"{folder}/here")
    check("attack: FILE is on a stick; nothing is written to it in the clear, and nothing of it stays here", done.code == 0 and
          sorted(os.listdir(f"{folder}/out")) == sorted(os.path.basename(one) for one in (file, *in_the_way)) and os.listdir(f"{folder}/here") == [], done)
    for one in in_the_way:
        shutil.rmtree(one)
    check("where this machine has no room for the copy", t("backup", file, *conf, TMPDIR=f"{folder}/none").err.startswith(f"holdfast: No folder could be made in {folder}/none"))
    check("a backup is made while the controller runs, and says which journal", done.code == 0 and done.json["size"] == status["journal"]["size"] and
          done.json["root"] == status["journal"]["root"] and done.json["council"] == COUNCIL and done.json["file"] == file, done)
    check("it is its owner's alone, and nothing is left beside it", oct(os.stat(file).st_mode)[-3:] == "600" and os.listdir(f"{folder}/out") == ["holdfast.backup"], os.listdir(f"{folder}/out"))
    data = read(file, "rb")
    check("attack: nothing of it can be read without a key", SECRET.encode() not in data and b"SQLite" not in data and COUNCIL.encode() not in data)
    check("each of the two roots can open it", data.count(b"\n-> X25519 ") == 2 and data.startswith(b"age-encryption.org/v1\n"), data[:300])
    said = t("backup", file, *conf).out
    check("for people: how many can open it, and that it is to be tried", "any of 2 roots" in said and "restore --check" in said, said)
    check("the figures say when", abs(of(figures(office), "backup_made_timestamp_seconds") - time.time()) < 600 and of(figures(office), "backup_tested_timestamp_seconds") is None)
    return file


def checks(t, office, folder, file):
    receipt = f"{folder}/state/backup-tested.json"
    before = set(os.listdir(folder)), set(os.listdir(tempfile.gettempdir()))
    for name in ("root-1", "root-2"):
        done = t("restore", "--check", file, "--root-key", root_pem(folder, name), "--receipt", receipt)
        check(f"{name} tries it: a controller of its own served it", done.code == 0 and "is good" in done.out, done)
    check("nothing is left behind", {one for one in set(os.listdir(tempfile.gettempdir())) - before[1] if "holdfast-restore" in one} == set())
    check("the controller of this machine was left alone", office.get("status")[0] == 200 and office.get("status")[1]["bus"] == "up")
    note = json.loads(read(receipt))
    check("the receipt says which backup and when", note["size"] == office.get("status")[1]["journal"]["size"] and abs(note["tested"] - time.time()) < 600, note)
    check("the figures say when the last tested one was made", of(figures(office), "backup_tested_timestamp_seconds") == note["made"], note)
    write(receipt, json.dumps({**note, "tested": 0}))
    check("attack: a note that says nothing of a test is none", of(figures(office), "backup_tested_timestamp_seconds") is None)
    done = t("restore", "--check", file, "--root-key", f"{folder}/root-1.pem", "--json", "--receipt", receipt)
    check("for programs", done.code == 0 and done.json["size"] == note["size"] and done.json["tested"] > 0, done)


def ended(t, folder, file):
    """Somebody ends it while the journal lies in the clear and a controller of its own is started."""
    scratch = tempfile.mkdtemp(dir=folder)
    argv = [HOLDFAST, "--council", t.council, "restore", "--check", file, "--root-key", f"{folder}/root-1.pem", "--receipt", f"{folder}/receipt"]
    with subprocess.Popen(argv, env={**t.environment, "TMPDIR": scratch}, stdout=subprocess.DEVNULL, start_new_session=True) as running:
        begun = wait_for(lambda: glob.glob(f"{scratch}/*/journal.db"))
        running.send_signal(signal.SIGTERM)
        running.wait(ENOUGH)
    check("attack: SIGTERM while it lies in the clear ends it", begun and running.returncode == -signal.SIGTERM, running.returncode)
    check("and nothing stays, and nothing is called tested", os.listdir(scratch) == [] and not os.path.exists(f"{folder}/receipt"), os.listdir(scratch))


def lays_out(t, folder, file):
    out = f"{folder}/laid"
    done = t("restore", file, "--root-key", f"{folder}/root-1.pem", "--out", out)
    check("it is laid out in a folder of its own", done.code == 0 and oct(os.stat(out).st_mode)[-3:] == "700" and
          sorted(os.listdir(out)) == ["controller.conf", "journal.db", "manifest.json", "people.csv"], (done, os.listdir(out) if os.path.exists(out) else None))
    with sqlite3.connect(f"{out}/journal.db") as db:
        check("the journal has the order", SECRET in str(db.execute("SELECT group_concat(body) FROM journal WHERE kind = 'order'").fetchone()) or
              db.execute("SELECT count(*) FROM journal WHERE kind = 'order'").fetchone()[0] == 1)
    check("and the people file", SECRET in read(f"{out}/people.csv"))
    check("attack: no key is in it", not [name for name in os.listdir(out) if b"PRIVATE" in read(f"{out}/{name}", "rb")])
    done = t("restore", file, "--root-key", f"{folder}/root-1.pem", "--out", out)
    check("a folder that is there is left alone", done.code == 1 and "not there yet" in done.err, done)


def by_age(folder, file):
    """Another program of the same format: nobody needs Holdfast to read it."""
    for name in ("root-1", "root-2"):
        tar = f"{folder}/{name}.tar"
        done = subprocess.run(["age", "-d", "-i", age_identity(folder, name), "-o", tar, file], capture_output=True, text=True, check=False)
        check(f"age opens it with {name}'s key", done.returncode == 0, done)
        with tarfile.open(tar) as t:
            check("and tar reads what is in it", t.getnames() == ["manifest.json", "journal.db", "people.csv", "controller.conf"] and
                  SECRET.encode() in t.extractfile("people.csv").read(), t.getnames())


def attacks(t, folder, file):
    data, bad = read(file, "rb"), f"{folder}/bad.backup"
    head = data.index(b"\n--- ")
    places = {"in the head": head - 20, "in a key's share": data.index(b"X25519 ") + 12, "in the first chunk": head + 200, "in the last": len(data) - 40,
              "in the proof of the head": head + 10, "in the nonce": data.index(b"\n", head + 1) + 5}
    for what, at in places.items():
        write(bad, data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        done = t("restore", "--check", bad, "--root-key", f"{folder}/root-1.pem")
        check(f"attack: a flipped bit {what} is found out", done.code == 1 and "cannot be restored" in done.err and done.err.count("\n") == 1, done)
    payload = data.index(b"\n", head + 1) + 1 + 16
    for what, cut in {"inside a chunk": payload + 1000, "behind a whole chunk": payload + CHUNK + 16, "all of the chunks": payload, "inside the head": 60, "everything": 0}.items():
        if cut <= len(data):
            write(bad, data[:cut])
            done = t("restore", "--check", bad, "--root-key", f"{folder}/root-1.pem")
            check(f"attack: cut, {what}", done.code == 1 and "cannot be restored" in done.err, done)
    for name in ("comms-1", "c1"):
        done = t("restore", "--check", file, "--root-key", root_pem(folder, name))
        check(f"attack: the key of {name} opens nothing", done.code == 1 and "sealed for other keys" in done.err, done)


def forged(t, folder, file):
    """Somebody who has the roots' public keys makes one: its journal is read all the same."""
    pub = subprocess.run(["age-keygen", "-y", age_identity(folder, "root-1")], capture_output=True, text=True, check=True).stdout.strip()
    laid = f"{folder}/laid"

    def pack(name, change, member="journal.db"):
        work, tar = f"{folder}/forge-{name}", f"{folder}/forge.tar"
        shutil.copytree(laid, work)
        change(work)
        with tarfile.open(tar, "w", format=tarfile.USTAR_FORMAT) as out:
            for one in ("manifest.json", member):
                out.add(f"{work}/{one}", arcname=one)
        subprocess.run(["age", "-r", pub, "-o", f"{folder}/{name}.backup", tar], check=True, capture_output=True)
        return t("restore", "--check", f"{folder}/{name}.backup", "--root-key", f"{folder}/root-1.pem")

    def dropped(work):
        with sqlite3.connect(f"{work}/journal.db") as db:
            db.execute("DROP TRIGGER IF EXISTS journal_no_delete")
            db.execute("DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)")

    def altered(work):
        with open(f"{work}/journal.db", "rb") as f:
            data = f.read()
        write(f"{work}/journal.db", data.replace(SECRET.encode(), SECRET.upper().encode()) if SECRET.encode() in data else data.replace(b"holdfast.trust.v1", b"holdfast.trust.v2"))

    check("one that is as it was is good", pack("same", lambda work: None).code == 0)
    done = pack("dropped", dropped)
    check("attack: the last record is missing", done.code == 1 and "not the one that its manifest names" in done.err, done)
    done = pack("altered", altered)
    check("attack: a record says something else", done.code == 1 and "is not whole" in done.err, done)
    done = pack("stranger", lambda work: write(f"{work}/passwd", "x"), member="passwd")
    check("attack: a file of another name", done.code == 1 and "no backup of Holdfast" in done.err, done)
    done = pack("manifest", lambda work: write(f"{work}/manifest.json", "{}"))
    check("attack: a manifest that says nothing", done.code == 1 and "says no backup" in done.err, done)


def slips(t, office, folder, file):
    root = f"{folder}/root-1.pem"
    for what, words, says in (("no key", ("restore", "--check", file), "--root-key"), ("neither", ("restore", file, "--root-key", root), "either --check or --out"),
                              ("both", ("restore", file, "--root-key", root, "--check", "--out", "x"), "either --check or --out"),
                              ("a receipt of nothing", ("restore", file, "--root-key", root, "--out", f"{folder}/x", "--receipt", "y"), "is of --check"),
                              ("no file", ("backup",), "FILE")):
        done = t(*words)
        check(f"a slip: {what}", done.code == 2 and says in done.err and done.err.count("\n") == 1, done)
    done = t("restore", "--check", f"{folder}/none", "--root-key", root)
    check("a backup that is not there", done.code == 1 and "none" in done.err, done)
    done = t("backup", f"{folder}/nowhere/x", "--conf", office.conf)
    check("a folder that is not there", done.code == 1 and "nowhere" in done.err, done)
    done = t("backup", f"{folder}/x", "--conf", f"{folder}/none.conf")
    check("settings that are not there", done.code == 1 and "none.conf" in done.err, done)
    elsewhere = t("restore", "--check", file, "--root-key", root)
    check("where there is no server the receipt is asked for", elsewhere.code == 0 and ("--receipt FILE" in elsewhere.out or os.path.isdir("/var/lib/holdfast")), elsewhere)


def in_need(t, office, folder):
    """The controller is gone, the disk is full, the journal is damaged."""
    office.kill()
    done = t("backup", f"{folder}/dead.backup", "--conf", office.conf)
    check("of a dead controller, too, and it says whose roots", done.code == 0 and "was not asked who the roots are" in done.out + done.err, done)
    done = t("restore", "--check", f"{folder}/dead.backup", "--root-key", f"{folder}/root-1.pem")
    check("and that one is good", done.code == 0, done)
    journal = f"{folder}/state/journal.db"
    with sqlite3.connect(journal) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    good = read(journal, "rb")
    write(journal, good.replace(b"holdfast.trust.v1", b"holdfast.trust.v2"))
    done = t("backup", f"{folder}/damaged.backup", "--conf", office.conf)
    check("attack: of a journal that is not whole none is made", done.code == 1 and "no backup was made" in done.err and not os.path.exists(f"{folder}/damaged.backup"), done)
    write(journal, good)
    os.unlink(journal)
    done = t("backup", f"{folder}/gone.backup", "--conf", office.conf)
    check("of one that is gone none is made, and no journal either", done.code == 1 and not os.path.exists(journal) and not os.path.exists(f"{folder}/gone.backup"), done)


def main():
    if not shutil.which("age"):
        sys.exit("age is missing: deploy/install-packages test")
    os.environ.update(REACHED)
    with tempfile.TemporaryDirectory() as folder:
        office = Office(folder)
        try:
            check("broker and controller start", office.broker.start() and office.start(), office.log())
            t = Terminal(f"{folder}/council", office.socket)
            file = makes(t, office, folder)
            checks(t, office, folder, file)
            ended(t, folder, file)
            lays_out(t, folder, file)
            by_age(folder, file)
            attacks(t, folder, file)
            forged(t, folder, file)
            slips(t, office, folder, file)
            in_need(t, office, folder)
        finally:
            end(office.controller)
            office.broker.kill()
    return closing()


if __name__ == "__main__":
    sys.exit(main())
