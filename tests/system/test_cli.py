#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The officers' terminal: council folder, keys, devices, verify, orders, prompts, and controllers that lie.

HF_BUILD names the build folder. HF_BLESS=1 writes the golden texts anew.
"""
import base64
import datetime
import fcntl
import hashlib
import json
import os
import pty
import re
import shutil
import signal
import socket
import socketserver
import sqlite3
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

from common import ENOUGH, REACHED, check, closing, typed, wait_for
from council_help import BUILD, HOLDFAST, SOURCE, Terminal
from web_help import Site

HOLDFASTD = f"{BUILD}/holdfastd"
PLAN = f"{SOURCE}/deploy/council/cannock-chase.json"
TOOLS = ("--catalogue", f"{SOURCE}/deploy/catalogue/posting-tools.json")
VECTORS = f"{SOURCE}/proto/vectors"
GOLDEN = f"{SOURCE}/tests/golden/cli"
PASS = "correct horse battery staple"


def terminal_in(folder, council=None, socket="none.sock"):
    return Terminal(council or f"{folder}/council", f"{folder}/{socket}", passphrase=PASS)


def envelope_type(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)["payloadType"].split(".")[2]


def request(folder, device, spoil=None):
    """What `holdfast-agent request` would print; its certificate request asks for the controller's name."""
    key, csr = f"{folder}/{device}.key", f"{folder}/{device}.csr"
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=controller:c1", "-keyout", key, "-out", csr], check=True, capture_output=True)
    raw = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], check=True, capture_output=True).stdout
    public = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=raw, check=True,
                            capture_output=True).stdout[-32:]
    with open(csr, encoding="ascii") as f:
        doc = {"device": device, "public": base64.b64encode(public).decode(), "csr": f.read()}
    doc.update(spoil or {})
    path = f"{folder}/{device}.request"
    with open(path, "w", encoding="utf-8") as f:
        json.dump(doc, f)
    return path


# The folder ------------------------------------------------------------------------------------------------------------
def council_init(folder):
    terminal = terminal_in(folder)
    done = terminal("council", "init", terminal.council, "--plan", PLAN, *TOOLS)
    check("council init makes a council", done.code == 0, done)
    with open(f"{terminal.council}/trust/1.json", encoding="utf-8") as f:
        check("two of three roots are asked for, and all three have signed", len(json.load(f)["signatures"]) == 3)
    secret = [*(f"sticks/root-{i}/root.pem" for i in (1, 2, 3)), "controller/key.pem", "controller/tls.key", "sticks/spare/key.pem", "sticks/spare/tls.key", "sticks/ca/ca.key",
              "broker/server.key", *(f"people/{p}.pem" for p in ("comms-1", "comms-2", "monitoring-1", "elections-1", "it-1"))]
    modes = {name: stat.S_IMODE(os.stat(f"{terminal.council}/{name}").st_mode) for name in secret}
    check("every private key is its owner's alone", set(modes.values()) == {0o600}, modes)
    check("and so is the folder", stat.S_IMODE(os.stat(terminal.council).st_mode) == 0o700)
    for name in secret[:3] + secret[9:]:
        with open(f"{terminal.council}/{name}", encoding="ascii") as f:
            if "ENCRYPTED" not in f.read():
                check(f"{name} has a passphrase", False)
    for what in ("must go offline", "/sticks/root-3: root ", "/sticks/ca: the key of the certificates, ca.key. It never lies on the server", "its passphrase is asked for", "/sticks/spare: the key of the spare controller c2", "2 of these 3 roots", "enrolled anew", "digest"):
        check(f"it says: {what}", what in done.out.replace("Must", "must"), done.out)
    verify = subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", f"{terminal.council}/broker/ca.crt",
                             f"{terminal.council}/broker/server.crt", f"{terminal.council}/controller/tls.crt", f"{terminal.council}/sticks/spare/tls.crt"],
                            capture_output=True, text=True, check=False)
    check("openssl accepts all certificates", verify.returncode == 0, verify.stdout + verify.stderr)
    for host in ("localhost", "127.0.0.1"):
        word = "-verify_ip" if host[0] == "1" else "-verify_hostname"
        verify = subprocess.run(["openssl", "verify", "-CAfile", f"{terminal.council}/broker/ca.crt", "-purpose", "sslserver",
                                 word, host, f"{terminal.council}/broker/server.crt"], capture_output=True, text=True, check=False)
        check(f"the broker is {host}", verify.returncode == 0, verify.stdout + verify.stderr)
    with open(f"{terminal.council}/sticks/root-2/first-trust.txt", encoding="ascii") as f:
        paper = f.read().strip()
    check("each root's stick has the digest of the first trust", len(paper) == 64 and paper in done.out, paper)
    before = sorted(os.listdir(terminal.council))
    done = terminal("council", "init", terminal.council, "--plan", PLAN, *TOOLS)
    check("a council is never overwritten", done.code == 1 and "never overwritten" in done.err, done)
    check("and nothing in it has changed", sorted(os.listdir(terminal.council)) == before)
    return terminal


def passphrase_of_each(folder):
    """Those who are to hold the roots are in the room; the plan says who they are."""
    with open(PLAN, encoding="utf-8") as f:
        plan = json.load(f)
    plan["root_names"] = ["Chief Executive", "Monitoring Officer", "Head of IT"]
    plan["people"][0]["name"] = "Anna Price"
    with open(f"{folder}/named.json", "w", encoding="utf-8") as f:
        json.dump(plan, f)
    terminal = terminal_in(folder, f"{folder}/each")
    done = terminal("council", "init", terminal.council, "--plan", f"{folder}/named.json", *TOOLS, "--each", passphrase="people\none\ntwo\nthree\ncertificates")
    check("a passphrase for each root, and whose it is", done.code == 0 and "/sticks/root-3: Head of IT (root " in done.out, done)
    for name, right in (("sticks/root-1/root.pem", "one"), ("sticks/root-3/root.pem", "three"), ("people/comms-1.pem", "people")):
        done = terminal("key", "public", f"{terminal.council}/{name}", passphrase=right)
        check(f"{name} opens with its own", done.code == 0, done)
    done = terminal("key", "public", f"{terminal.council}/sticks/root-2/root.pem", passphrase="one")
    check("and with no other", done.code == 1, done)
    ca_key = f"{terminal.council}/sticks/ca/ca.key"
    done = terminal("key", "passphrase", ca_key, passphrase="one\nanother")
    check("attack: the key of the certificates opens with no passphrase but its own", done.code == 1 and "The passphrase does not open the key" in done.err, done)
    done = terminal("key", "passphrase", ca_key, passphrase="certificates\nanother")
    opened = subprocess.run(["openssl", "pkey", "-in", ca_key, "-passin", "pass:another", "-noout"], capture_output=True, text=True, check=False)
    check("who holds it changes its passphrase, and other tools open it with that", done.code == 0 and opened.returncode == 0 and
          os.stat(ca_key).st_mode & 0o777 == 0o600, (done, opened.stderr))
    done = terminal("verify", f"{terminal.council}/trust/1.json")
    check("the trust has the names of the plan", "Anna Price (comms-1) has the roles comms and accounts" in done.out, done)
    plan["root_names"].pop()
    with open(f"{folder}/named.json", "w", encoding="utf-8") as f:
        json.dump(plan, f)
    done = terminal("council", "init", f"{folder}/fewer", "--plan", f"{folder}/named.json", *TOOLS)
    check("names of fewer roots than there are: refused", done.code == 1 and "names 2 roots and has 3" in done.err, done)


def plans(folder):
    """Each row spoils the plan that ships."""
    with open(PLAN, encoding="utf-8") as f:
        good = json.load(f)
    rules = [{"kind": k, "act": a, "roles": r.split(), "need": n} for k, a, r, n in (
        ("emergency", "raise", "comms", 1), ("emergency", "release", "comms monitoring", 1), ("purdah", "raise", "elections", 1),
        ("purdah", "release", "elections monitoring", 2), ("exercise", "approve", "comms elections", 1),
        ("register", "approve", "accounts", 2), ("exempt", "approve", "accounts", 2), ("assignment", "approve", "it", 1))]
    rows = [
        ("a release by one person", {"rules": rules}, "rule"),
        ("a council with no name", {"council": ""}, "council"),
        ("a member that nobody knows", {"colour": "blue"}, "colour"),
        ("a threshold above the roots", {"threshold": 4}, "threshold"),
        ("nobody", {"people": []}, "people"),
        ("a person twice", {"people": good["people"] + good["people"][:1]}, ""),
        ("a tool that has nothing to block", {"tools": [{"id": "t", "name": "T", "platforms": ["x"], "addresses": [],
                                                         "programs": []}]}, ""),
        ("an address with a path", {"tools": [{"id": "t", "name": "T", "platforms": ["x"], "addresses": ["x.com/home"],
                                               "programs": []}]}, ""),
        ("an account that no tool reaches", {"accounts": [{"id": "flickr:a", "kind": "corporate", "holders": []}]}, "flickr:a"),
        ("a word of a kind that nobody knows", {"words": [{"text": "Norton Canes", "kind": "mayor"}]}, "mayor"),
        ("a list of words with nothing in it", {"words": []}, "words"),
        ("a person's key of small order", {"people": [{"id": "a", "roles": ["comms"],
                                                       "public": base64.b64encode(bytes(32)).decode()}]}, ""),
    ]
    terminal = terminal_in(folder, f"{folder}/bad")
    for what, change, says in rows:
        with open(f"{folder}/plan.json", "w", encoding="utf-8") as f:
            json.dump({**good, **change}, f)
        done = terminal("council", "init", terminal.council, "--plan", f"{folder}/plan.json", *TOOLS)
        check(f"a plan with {what} is refused", done.code == 1 and says in done.err, done)
    for name, path in (("plan", PLAN), ("catalogue", TOOLS[1])):
        with open(path, encoding="utf-8") as f, open(f"{folder}/{name}.windows", "wb") as out:
            out.write(b"\xef\xbb\xbf" + f.read().replace("\n", "\r\n").encode())
    windows = terminal_in(folder, f"{folder}/windows")
    done = windows("council", "init", windows.council, "--plan", f"{folder}/plan.windows", "--catalogue", f"{folder}/catalogue.windows", "--json")
    check("plan and catalogue from an editor of Windows are taken", done.code == 0 and done.json["accounts"] == 11, done)
    done = terminal("council", "init", terminal.council, "--plan", PLAN, "--catalogue", PLAN)
    check("a catalogue that is none is refused and named", done.code == 1 and "catalogue" in done.err, done)
    left = [n for n in os.listdir(folder) if n.startswith("bad")]
    check("and leaves no part of a folder", not left, left)
    with open(f"{folder}/own.pem", "w", encoding="ascii"):
        pass
    os.unlink(f"{folder}/own.pem")
    public = terminal("key", "new", f"{folder}/own.pem").out.strip()
    good["people"][0]["public"] = public
    with open(f"{folder}/plan.json", "w", encoding="utf-8") as f:
        json.dump(good, f)
    done = terminal_in(folder, f"{folder}/own")("council", "init", f"{folder}/own", "--plan", f"{folder}/plan.json", *TOOLS, "--json")
    check("a person with a key of their own gets none here", done.code == 0 and
          not os.path.exists(f"{folder}/own/people/comms-1.pem"), done)
    check("and the register waits for their approval", done.json.get("register") == "too-few", done)
    done = terminal_in(folder, f"{folder}/own2")("council", "init", f"{folder}/own2", "--plan", f"{folder}/plan.json", *TOOLS)
    check("that is said in words, with what to do", done.code == 0 and "It is approved by 1 of 2 people: the controller takes it in as a draft, to be "
          "approved with `holdfast approve`." in done.out, done)
    check("no id of the plan looks like a name", "looks like its person's name" not in done.err, done)
    telling_ids(folder, good)


def telling_ids(folder, good):
    """An id that says who somebody is, by itself or beside the name."""
    person = {k: v for k, v in good["people"][0].items() if k != "public"}
    for known, name in (("oliver-2", ""), ("press-okafor", "Ben Okafor")):
        good["people"].append({**person, "id": known, **({"name": name} if name else {})})
    with open(f"{folder}/plan.json", "w", encoding="utf-8") as f:
        json.dump(good, f)
    done = terminal_in(folder, f"{folder}/own3")("council", "init", f"{folder}/own3", "--plan", f"{folder}/plan.json", *TOOLS)
    check("ids that say who somebody is are warned of, and stop nothing", done.code == 0 and done.err.count("looks like its person's name") == 2
          and "the id oliver-2 " in done.err and "the id press-okafor " in done.err, done)


def keys(folder):
    terminal, path = terminal_in(folder), f"{folder}/mine.pem"
    made = terminal("key", "new", path)
    check("key new", made.code == 0 and len(base64.b64decode(made.out)) == 32, made)
    check("a key is never overwritten", terminal("key", "new", path).code == 1)
    check("the passphrase opens it", terminal("key", "public", path).out == made.out)
    wrong = terminal("key", "public", path, passphrase="wrong")
    check("no other does", wrong.code == 1 and "passphrase" in wrong.err and "wrong" not in wrong.err, wrong)
    done = terminal("key", "passphrase", path, passphrase=f"{PASS}\nnew words")
    check("key passphrase takes old and new, a line each", done.code == 0, done)
    check("the old one opens it no more", terminal("key", "public", path).code == 1)
    check("the new one does, and it is the same key", terminal("key", "public", path, passphrase="new words").out == made.out)
    check("an empty passphrase is refused", terminal("key", "new", f"{folder}/empty.pem", passphrase="").code == 1 and
          not os.path.exists(f"{folder}/empty.pem"))
    without = terminal("key", "public", path, passphrase=None)
    check("without terminal or descriptor it says what to do", without.code == 2 and "--passphrase-fd" in without.err, without)


def device_slips(folder, terminal, second):
    for what, slip, says in (("the key of a root in the place of the CA's", ("--ca-key", f"{terminal.council}/sticks/root-1/root.pem", "-o", f"{folder}/d2.bundle"), "take ca.key from its stick"),
                             ("a folder that is not there", ("-o", f"{folder}/none/d2.bundle"), "Nothing was signed")):
        done = terminal("device", "add", "--request", second, "--person", "comms-2:jane", *slip, who="it-1")
        check(f"{what}: no device is taken in", done.code == 1 and says in done.err and os.listdir(f"{terminal.council}/assignments") == ["d1.json"], done)
    stranger = terminal("device", "add", "--request", second, "--person", "jane:comms-2", "-o", f"{folder}/d2.bundle", who="it-1")
    os.remove(f"{terminal.council}/assignments/d2.json")
    check("person and login the wrong way round: it says what nobody knows of", stranger.code == 0 and
          "jane has no role and holds no account" in stranger.out and "Is the name right?" in stranger.out and "It is the first device of jane: there" not in stranger.out, stranger)
    check("and warns of an id that looks like a name", "the id jane looks like its person's name" in stranger.err and "comms-2 looks like" not in stranger.err, stranger)


def found_stick(folder, terminal, words):
    for what, said in (("the stick that somebody found, without its passphrase", f"wrong\n{PASS}"), ("its passphrase alone", PASS + "\nwrong")):
        done = terminal(*words, "--ca-key", f"{folder}/ca-stick/ca.key", who="it-1", passphrase=said)
        check(f"attack: {what}, takes no device in", done.code == 1 and "The passphrase does not open the key" in done.err and
              not os.path.exists(f"{folder}/d1.bundle"), done)


def devices(folder, terminal):
    asked = request(folder, "d1")
    words = ("device", "add", "--request", asked, "--person", "comms-2:jane", "--group", "staff", "-o", f"{folder}/d1.bundle")
    os.rename(f"{terminal.council}/sticks/ca", f"{folder}/ca-stick")
    done = terminal(*words, who="it-1")
    check("without the stick of the certificates no device is taken in", done.code == 1 and "--ca-key FILE" in done.err and
          not os.path.exists(f"{folder}/d1.bundle"), done)
    found_stick(folder, terminal, words)
    done = terminal(*words, "--json", "--ca-key", f"{folder}/ca-stick/ca.key", who="it-1")
    os.rename(f"{folder}/ca-stick", f"{terminal.council}/sticks/ca")
    check("device add", done.code == 0 and done.json["device"] == "d1", done)
    with open(f"{folder}/d1.bundle", encoding="utf-8") as f:
        bundle = json.load(f)
    check("the bundle has what enrolment wants", set(bundle) == {
        "council", "device", "trusts", "register", "assignment", "host", "port", "ca", "certificate"}, list(bundle))
    with open(f"{folder}/d1.crt", "w", encoding="ascii") as f:
        f.write(bundle["certificate"])
    subject = subprocess.run(["openssl", "x509", "-in", f"{folder}/d1.crt", "-noout", "-subject", "-nameopt", "RFC2253", "-ext", "subjectAltName"],
                             capture_output=True, text=True, check=False).stdout
    check("attack: the request asks for the controller's name, and gets the device's", "CN=d1" in subject and
          "controller" not in subject, subject)
    done = terminal("verify", f"{terminal.council}/assignments/d1.json", "--json")
    check("a copy stays in the folder, approved", done.code == 0 and done.json["payload"]["version"] == 1, done)
    locked = f"{terminal.council}/sticks/ca/ca.key"
    subprocess.run(["openssl", "pkey", "-in", locked, "-passin", f"pass:{PASS}", "-out", f"{terminal.council}/broker/ca.key"], check=True, capture_output=True)
    os.rename(locked, f"{folder}/locked")
    done = terminal(*words, who="it-1")
    check("a key of the certificates without a passphrase is told of", "has no passphrase: give it one with `holdfast key passphrase" in done.err, done)
    os.remove(f"{terminal.council}/broker/ca.key")
    os.rename(f"{folder}/locked", locked)
    again = terminal("verify", f"{terminal.council}/assignments/d1.json", "--json")
    check("taken in again, with the key where councils of before have it, it is version 2", done.code == 0 and again.json["payload"]["version"] == 2, again)
    second = request(folder, "d2")
    device_slips(folder, terminal, second)
    done = terminal("device", "add", "--request", second, "--person", "comms-2:jane", "--person", "comms-1:kim", "-o", f"{folder}/d2.bundle",
                    who="it-1")
    with open(f"{folder}/d2.bundle", encoding="utf-8") as f:
        people = json.loads(base64.b64decode(json.load(f)["assignment"]["payload"]))["people"]
    check("D9.3: it says which device of each person it is", done.code == 0 and people == [
        {"person": "comms-2", "user": "jane", "rank": 2}, {"person": "comms-1", "user": "kim"}] and
          "device number 2 of comms-2 (the first is d1)" in done.out and "first device of comms-1" in done.out, (done, people))
    done = terminal(*words, "--json", who="it-1")
    os.remove(f"{terminal.council}/assignments/d2.json")
    check("D9.3: a device that is taken in again keeps its place", done.code == 0 and done.json["ranks"] == {"comms-2": 1}, done)
    done = terminal(*words, who="comms-1")
    check("a communications officer may not", done.code == 1 and "may not approve" in done.err, done)
    done = terminal("device", "add", "--request", second, "--person", "comms-2:jane", "--group", "staff,stafff", "--host", "brocker.example",
                    "-o", f"{folder}/d2.bundle", who="it-1")
    check("a group and a host that nobody knows are said, and taken", done.code == 0 and done.err.count("warning") == 2 and
          "no other device is in the group stafff: is the name right?" in done.err and "does not name the host brocker.example" in done.err, done)
    os.remove(f"{terminal.council}/assignments/d2.json")
    rows = [("a device with a colon in its name", {"device": "controller:c1"}), ("a key of small order",
            {"public": base64.b64encode(bytes(32)).decode()}), ("no certificate request", {"csr": "hello"}),
            ("a member that nobody knows", {"colour": "blue"})]
    for what, spoil in rows:
        done = terminal("device", "add", "--request", request(folder, "d9", spoil), "--person", "a:b", "-o", f"{folder}/d9.bundle",
                        who="it-1")
        check(f"a request with {what} is refused", done.code == 1 and not os.path.exists(f"{folder}/d9.bundle"), done)
    check("and no assignment is left of it", os.listdir(f"{terminal.council}/assignments") == ["d1.json"])


# verify ------------------------------------------------------------------------------------------------------------------
def vector_folder(row, folder):
    """A council folder that knows how the row begins; returns the messages that are heard after it, a new trust in its turn."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(f"{folder}/trust")
    os.makedirs(f"{folder}/assignments")
    beside = []
    for name in row["known"]:
        kind = envelope_type(f"{VECTORS}/{name}")
        if kind == "trust" and not os.listdir(f"{folder}/trust"):
            shutil.copy(f"{VECTORS}/{name}", f"{folder}/trust/1.json")
        elif kind == "register" and not os.path.exists(f"{folder}/register.json"):
            shutil.copy(f"{VECTORS}/{name}", f"{folder}/register.json")
        elif kind == "assignment":
            shutil.copy(f"{VECTORS}/{name}", f"{folder}/assignments/d1.json")
        else:
            beside += ["--with", f"{VECTORS}/{name}"]
    return beside


# What a terminal judges otherwise than a party on the bus, and why.
OTHERWISE = {
    "share-has-no-room": "a terminal says who approved it, not whether a device has room",
    "altered-type": "it is decoded before it is judged",
    "trust-rollback": "an older trust of the pinned chain is still ours",
    "assignment-of-another-device": "a terminal is no device",
    "glass-of-another-device": "a terminal is no device",
    "glass-of-another-key": "a terminal is no device",
    "glass-older-set": "a terminal keeps no halves",
    "glass-rival": "a terminal keeps no halves",
    "glass-below-from-version": "a terminal keeps no halves",
    "glass-set-aside-again": "a terminal keeps no halves",
}


def is_after_another_list(row):
    """A device takes such a list for what it adds; a terminal, like the controller, asks whether it takes anything away."""
    return row["name"].startswith("brokers-") and len(row["known"]) > 1


def verify_vectors(folder):
    """verify says of every signed example what the contract says."""
    with open(f"{VECTORS}/index.json", encoding="utf-8") as f:
        rows = json.load(f)["rows"]
    terminal, wrong, n = terminal_in(folder, f"{folder}/vectors"), [], 0
    for row in rows:
        if not row["known"] or row.get("topic") or row.get("report") or row["name"] in OTHERWISE or \
                row["name"] == "report-heard-as-news" or is_after_another_list(row):
            continue
        done = terminal("verify", f"{VECTORS}/{row['file']}", "--json", *vector_folder(row, terminal.council), passphrase=None)
        reason = done.json.get("reason") or done.json.get("error")
        n += 1
        if reason != row["expect"] or (done.code == 0) != (row["expect"] == "ok"):
            wrong.append(f"{row['name']}: {reason} ({done.code}), not {row['expect']}")
    check(f"verify agrees with the contract on {n} signed examples", n > 300 and not wrong, wrong)
    row = next(r for r in rows if r["name"] == "state-heard")
    done = terminal("verify", f"{VECTORS}/{row['file']}", *vector_folder(row, terminal.council), passphrase=None)
    check("what a device that leaves is told, in words", "It says to one device alone that its last report, " in done.out and "carries no order" not in done.out, done)


def golden(name, text):
    path = f"{GOLDEN}/{name}.txt"
    if os.environ.get("HF_BLESS"):
        os.makedirs(GOLDEN, exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    with open(path, encoding="utf-8") as f:
        want = f.read()
    check(f"golden text {name} (HF_BLESS=1 writes it anew)", text == want, text)


def verify_words(folder):
    """The plain words, held as texts."""
    known = ["good/trust-1.json", "good/register-1.json", "good/assignment-1.json"]
    rows = [("raise-emergency", []), ("raise-purdah", []), ("raise-purdah-with-timetable", []),
            ("amend-purdah-timetable", ["good/raise-purdah-with-timetable.json"]), ("raise-exercise", []), ("release-emergency", ["good/raise-emergency.json"]),
            ("release-exercise", ["good/raise-exercise.json"]), ("trust-1", []), ("register-2", []), ("assignment-1", []),
            ("remark-withdraw-why", []), ("remark-refuse", []), ("raise-by-leaver", ["good/trust-2.json"])]
    terminal = terminal_in(folder, f"{folder}/words")
    for name, more in rows:
        beside = vector_folder({"known": known + more}, terminal.council)
        done = terminal("verify", f"{VECTORS}/good/{name}.json", *beside, passphrase=None)
        golden(name, f"exit {done.code}\n{done.out}")
        if "exercise" in name:
            bare = [line for line in done.out.splitlines() if "EXERCISE" not in line]
            check(f"{name}: EXERCISE stands in every sentence", done.out and not bare, bare)


def verify_faults(folder, terminal):
    with open(f"{terminal.council}/register.json", encoding="utf-8") as f:
        good = json.load(f)
    payload = json.loads(base64.b64decode(good["payload"]))
    payload["tools"] = payload["tools"][1:]
    rows = [("a tool taken out", {**good, "payload": base64.b64encode(json.dumps(payload).encode()).decode()}, "fork"),
            ("one approval taken away", {**good, "signatures": good["signatures"][:1]}, "too-few"),
            ("the same approval twice", {**good, "signatures": good["signatures"][:1] * 2}, "too-few"),
            ("no approval", {**good, "signatures": []}, "unsigned")]
    for what, spoilt, reason in rows:
        path = f"{folder}/spoilt.json"
        with open(path, "w", encoding="utf-8") as f:
            json.dump(spoilt, f)
        done = terminal("verify", path, "--json")
        check(f"verify: {what} is {reason}", done.code == 1 and done.json.get("enough") is False and
              done.json["reason"] == reason, done)
        done = terminal("verify", path)
        check(f"verify: {what}, in words", done.code == 1 and "NOT ENOUGH" in done.out, done)


# Certificates --------------------------------------------------------------------------------------------------------------
def by_openssl(terminal, path, *how):
    return subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", f"{terminal.council}/broker/ca.crt", *how, path], capture_output=True, text=True, check=False)


def certificates(folder, terminal):
    """One that ends, or a new name for the broker: another one, by the council's authority, over none that is there."""
    out = f"{folder}/made"
    os.mkdir(out)
    broker, client = ("certificate", "broker", "next.council.test", "10.0.0.5", "-o", out), ("certificate", "controller", "c1", "-o", out)
    for what, words, code, says in (("no folder", ("certificate", "broker", "next.council.test"), 2, "Say with -o which folder"),
                                    ("no name", ("certificate", "broker", "-o", out), 2, "Usage"), ("a folder that is not there", ("certificate", "controller", "c1", "-o", f"{out}/none"), 1, "cannot be written to"),
                                    ("a name that is none", ("certificate", "broker", "Next:8883", "-o", out), 2, "no name of a host"),
                                    ("no controller", ("certificate", "controller", "device:d1", "-o", out), 2, "say its controller.id"),
                                    ("another key", (*client, "--ca-key", f"{terminal.council}/sticks/root-1/root.pem"), 1, "take ca.key from its stick"),
                                    ("no stick", (*client, "--ca-key", f"{folder}/none/ca.key"), 1, "put in the stick")):
        done = terminal(*words)
        check(f"certificate, {what}: exit {code}, nothing is written", done.code == code and says in done.err and not os.listdir(out), done)
    done = terminal(*client, passphrase="wrong")
    check("attack: the stick that somebody found, without its passphrase", done.code == 1 and "The passphrase does not open the key" in done.err and not os.listdir(out), done)
    done = terminal(*broker)
    check("certificate broker: both files, when it ends, and where they go", done.code == 0 and sorted(os.listdir(out)) == ["server.crt", "server.key"] and
          "the certificate ends on 20" in done.out and "/etc/holdfast/broker" in done.out and stat.S_IMODE(os.stat(f"{out}/server.key").st_mode) == 0o600, done)
    for how in (("-verify_hostname", "next.council.test"), ("-verify_ip", "10.0.0.5")):
        verify = by_openssl(terminal, f"{out}/server.crt", "-purpose", "sslserver", *how)
        check(f"openssl: the broker is {how[1]}", verify.returncode == 0, verify.stdout + verify.stderr)
    verify = by_openssl(terminal, f"{out}/server.crt", "-verify_hostname", "localhost")
    check("and no other", verify.returncode != 0, verify.stdout)
    before = {name: open(f"{out}/{name}", "rb").read() for name in os.listdir(out)}
    done = terminal(*broker)
    check("a key is never overwritten", done.code == 1 and "never overwritten" in done.err and all(open(f"{out}/{n}", "rb").read() == b for n, b in before.items()), done)
    os.mkdir(f"{out}/again")
    done = terminal(*client[:-1], f"{out}/again")
    check("certificate controller, in words", done.code == 0 and "Put both into /etc/holdfast/controller of that machine" in done.out, done)
    done = terminal(*client, "--json")
    verify = by_openssl(terminal, f"{out}/tls.crt", "-purpose", "sslclient")
    shown = subprocess.run(["openssl", "x509", "-in", f"{out}/tls.crt", "-noout", "-subject"], capture_output=True, text=True, check=False).stdout
    check("certificate controller: as the broker's rules know it", done.code == 0 and verify.returncode == 0 and "controller:c1" in shown and
          4 * 365 * 86400 < done.json["until"] - time.time() < 6 * 365 * 86400 and done.json["key"] == f"{out}/tls.key", (done, shown))


# Calls ---------------------------------------------------------------------------------------------------------------------
COMMANDS = ("setup", "doctor", "account list", "account add", "account change", "account retire", "account import",
            "account review", "account history", "person history", "holder add", "holder review", "holder withdraw",
            "holder checklist", "holder confirm", "tool add", "tool change", "tool remove", "catalogue update",
            "words list", "words add", "words remove", "register propose", "drafts withdraw", "drafts refuse",
            "council init", "device add", "device first", "device pending", "device approve", "join-token make", "join-token list", "join-token end", "join-token server", "raise emergency", "raise purdah", "timetable", "recover",
            "trust set-aside", "trust propose", "trust show", "trust sign", "trust publish", "trust --practice",
            "extend", "bring-forward", "cancel", "acknowledgements", "amend", "release", "approve", "drafts",
            "status", "devices", "audit story", "audit export", "audit verify", "audit heads", "audit prove",
            "audit checkpoint", "audit show", "audit note", "audit erase", "audit retention", "verify", "key new",
            "key passphrase", "key public", "notify outbox", "notify test", "notify retry", "notify drop",
            "check list", "check done", "check undo", "backup", "restore", "put-back", "broker list", "broker add", "broker remove",
            "broker replace", "certificate broker", "certificate controller",
            "glass prepare", "glass half", "glass notes")


def calls(folder):
    terminal = terminal_in(folder)
    rows = [("nothing at all", []), ("no such command", ["explode"]), ("half a command", ["council"]), ("an unknown option",
            ["status", "--blue"]), ("a folder too many", ["council", "init", "a", "b"]), ("no reason", ["raise", "emergency"]),
            ("no message", ["release", "--reason", "x"]), ("no request", ["device", "add", "-o", "x"]), ("no file", ["verify"]),
            ("no person", ["device", "first", "--device", "d1"]), ("no device", ["device", "first", "--person", "comms-2"]),
            ("a command with a slip", ["statsu"]), ("two words with a slip", ["raise", "emergancy"]),
            ("a number that is none", ["status", "--watch", "--count", "x"]),
            ("no number of times", ["status", "--watch", "--count", "0"]), ("a number of one", ["status", "--count", "3"]), ("nothing to amend", ["amend", "12345678"]),
            ("a vacancy of no poll", ["amend", "12345678", "--reason", "Notice", "--vacancy-notice", "2027-01-04"]),
            ("a passphrase as an argument", ["key", "new", "x", "--passphrase", "secret"])]
    for what, words in rows:
        done = terminal(*words, passphrase=None)
        check(f"called with {what}: exit 2, one sentence", done.code == 2 and done.err.count("\n") == 1 and not done.out, done)
    done = terminal("status", "--blue", "--json", passphrase=None)
    check("with --json an error is JSON too", done.code == 2 and done.json.get("message"), done)
    for words, says in ((["raise"], "there is `raise emergency`, `raise purdah`"), (["drafts", "withdrw", "1234"], "did you mean `holdfast drafts withdraw`?"),
                        (["raise", "emergncy"], "no command `raise emergncy`: did you mean"), (["drafts", "explode"], "there is `drafts withdraw`, `drafts refuse`"),
                        (["help", "nonsense"], "no command `nonsense`")):
        done = terminal(*words, "--json", passphrase=None)
        check(f"{' '.join(words)}: leads on, as JSON too", done.code == 2 and says in done.err and says in done.json.get("message", ""), done)
    helped = {}
    for command in COMMANDS:
        done = terminal(*command.split(), "--help", passphrase=None)
        helped[command] = done.out
        if done.code != 0 or f"holdfast {command}" not in done.out:
            check(f"{command} --help", False, done)
    helped_drafts = terminal("drafts", "--help", passphrase=None).out
    check("a command that is a group, too, names those in it", "drafts refuse" in helped_drafts and "holdfast drafts [options]" in helped_drafts, helped_drafts)
    overview = terminal("--help", passphrase=None).out
    for words, first in ((["help"], "holdfast - "), (["help", "raise"], "Usage: holdfast raise COMMAND"), (["raise", "--help"], "Usage: holdfast raise"),
                         (["council", "-h"], "Usage: holdfast council"), (["help", "raise", "purdah"], "holdfast raise purdah - "),
                         (["help", "status"], "holdfast status - "), (["help", "--json"], "holdfast - ")):
        done = terminal(*words, passphrase=None)
        check(f"{' '.join(words)}: says it", done.code == 0 and done.out.startswith(first), done)
    check("the overview names every command", all(f"  {c}" in overview for c in COMMANDS), overview)
    with open(f"{SOURCE}/deploy/man/holdfast.1", encoding="utf-8") as f:
        page = f.read().replace("\\-", "-").replace("\\fB", "").replace("\\fR", "").replace("\\fI", "")
    missing = [c for c in COMMANDS if f"holdfast {c}" not in page]
    for command, text in helped.items():
        missing += [f"{command} {option}" for option in set(re.findall(r"--[a-z-]+", text)) if option not in page]
    check("the manual page names every command and every option", not missing, missing)
    done = terminal("status", passphrase=None)
    check("no folder: says so", done.code == 1 and "no council folder" in done.err, done)


# A real controller, with no broker ------------------------------------------------------------------------------------------
class Controller:
    def __init__(self, folder, council):
        os.makedirs(f"{folder}/state", exist_ok=True)
        conf = {"council.folder": council, "state.folder": f"{folder}/state", "socket.path": f"{folder}/c.sock",
                "controller.key": f"{council}/controller/key.pem", "bus.port": "1", "bus.ca": f"{council}/broker/ca.crt",
                "bus.certificate": f"{council}/controller/tls.crt", "bus.key": f"{council}/controller/tls.key"}
        with open(f"{folder}/c.conf", "w", encoding="utf-8") as f:
            f.writelines(f"{name} = {value}\n" for name, value in conf.items())
        with open(f"{folder}/c.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([HOLDFASTD, "-f", f"{folder}/c.conf"], stdout=log, stderr=log)
        wait_for(lambda: os.path.exists(f"{folder}/c.sock") or self.process.poll() is not None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(ENOUGH)


def orders(terminal):
    """From raise to all-clear, by the people of the plan."""
    done = terminal("raise", "emergency", "--reason", "Fire", "--holding", "x:CannockChaseDC=comms-2:Stay inside.", "--wait", "0",
                    "--json", who="comms-1")
    check("D9.1: one comms officer raises", done.code == 0 and done.json["outcome"] == "recorded", done)
    lockdown = done.json["lockdown"]
    check("what it does was said before, beside the answer", "Every posting tool is blocked on" in done.err, done)
    done = terminal("raise", "emergency", "--reason", "Fire", "--wait", "0", who="it-1")
    check("the it role raises nothing", done.code == 1 and "may not approve" in done.err, done)
    done = terminal("raise", "emergency", "--reason", "Fire", "--account", "x:nobody", who="comms-1")
    check("an account that is in no register is refused", done.code == 2 and "x:nobody" in done.err, done)
    done = terminal("status")
    check("status shows it, and that no device enforces it", "IN FORCE: LIVE EMERGENCY LOCKDOWN" in done.out and
          "NOT ENFORCED on 1 device: d1 (unreached)" in done.out, done)
    check("one device is one, and counts of none are left out", "Of 1 device: 1 unreached." in done.out, done)
    status = terminal("status", "--json").json["lockdowns"]
    check("as JSON too, and proven", [k["verified"] for k in status] == [True] and
          status[0]["not_enforced"] == [{"device": "d1", "state": "unreached", "partly": []}], status)
    return lockdown


def approvals(terminal, lockdown):
    done = terminal("amend", lockdown[:8], "--exempt", "comms-1,elections-1", "--wait", "0", "--json", who="comms-1")
    check("an exempt person needs two of accounts", done.code == 0 and done.json["outcome"] == "draft" and
          done.json["can_approve"] == ["comms-2"] and "It LOOSENS" in done.err, done)
    done = terminal("amend", lockdown[:8], "--contact", "Ring 4321", "--wait", "0", "--json", who="comms-2")
    check("words alone need one comms officer", done.json.get("outcome") == "recorded" and "loosens nothing" in done.err, done)
    done = terminal("release", "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-1")
    check("D9.3: a release by one waits, and says who can approve and how", done.code == 0 and "It WAITS" in done.out and
          "comms-2 and monitoring-1" in done.out and "holdfast approve" in done.out, done)
    done = terminal("release", "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-2")
    check("a second release beside it is not begun by mistake", done.code == 1 and "waits already" in done.err, done)
    drafts = terminal("drafts", "--json").json["drafts"]
    release = next(d["digest"] for d in drafts if d["act"] == "release")
    done = terminal("approve", release, "--wait", "0", who="comms-1")
    check("the same person does not count twice", done.code == 1 and "approved this already" in done.err, done)
    done = terminal("approve", release, "--wait", "0", who="elections-1")
    check("nor does another role", done.code == 1 and "may not approve" in done.err, done)
    check("meanwhile it is in force", "IN FORCE: LIVE" in terminal("status").out)
    done = terminal("approve", release[:8], "--wait", "0", "--json", who="monitoring-1")
    check("the second officer's approval ends it", done.code == 0 and done.json["outcome"] == "recorded" and
          "All clear." in done.err, done)
    check("nor is it an alarm", "ATTENTION" not in terminal("status", "--all").out, terminal("status", "--all"))
    check("it is over for ever", "Released: LIVE" in terminal("status", "--all").out and "Released: LIVE" not in terminal("status").out)
    done = terminal("release", "--reason", "x", "--message", "y", who="comms-1")
    check("nothing is left to release", done.code == 1 and "Nothing is in force" in done.err, done)


def taken_back(terminal):
    """A draft is taken back by who wrote it, refused by who could approve it; neither is in the way of others. Policy D9.3."""
    raised = terminal("raise", "emergency", "--reason", "Fire", "--wait", "0", "--json", who="comms-1").json["lockdown"]
    release = ("release", raised, "--reason", "Out", "--message", "All clear.", "--wait", "0", "--json")
    draft = terminal(*release, who="comms-1").json["digest"]
    done = terminal("drafts", "withdraw", draft[:8], who="monitoring-1")
    check("what another wrote is not taken back: said before anything is signed", done.code == 1 and
          "You (monitoring-1) have not approved" in done.err and "WITHDRAWAL" not in done.out, done)
    done = terminal("drafts", "refuse", draft[:8], "--reason", "No.", who="comms-1")
    check("nor is one's own refused: it leads to taking it back", done.code == 1 and f"`holdfast drafts withdraw {draft[:12]}`" in done.err, done)
    done = terminal("drafts", "refuse", draft[:8], "--reason", "Still burning.", who="it-1")
    check("who may not approve may not refuse", done.code == 1 and "nor to refuse" in done.err, done)
    done = terminal("approve", "\udcff", "--json")
    check("a word that is no UTF-8: an answer all the same", done.code == 1 and done.json.get("error") == "absent", done)
    done = terminal("drafts", "refuse", draft[:8], who="monitoring-1")
    check("who refuses says why", done.code == 2 and "--reason" in done.err, done)
    done = terminal("drafts", "refuse", draft[:8], "--reason", "Still burning.", "--json", who="monitoring-1")
    check("a refusal is recorded, and says what it does", done.code == 0 and done.json["outcome"] == "recorded" and
          "REFUSAL OF A DRAFT" in done.err and "release, LIVE EMERGENCY LOCKDOWN" in done.err, done)
    done = terminal("drafts")
    check("and shown with who and why", "REFUSED by monitoring-1 on " in done.out and "    Still burning." in done.out, done)
    check("as JSON, too", [r["person"] for d in terminal("drafts", "--json").json["drafts"] for r in d["refused"]] == ["monitoring-1"])
    done = terminal("drafts", "withdraw", draft[:8], who="comms-1")
    check("its author takes it back", done.code == 0 and "does not count any more" in done.out, done)
    done = terminal("drafts")
    check("it leaves the list, and that is said", f"approve {draft[:12]}" not in done.out and f"{draft[:12]}: taken back by comms-1 on " in done.out, done)
    done = terminal("approve", draft[:8], who="comms-2")
    check("who looks for it hears who took it back", done.code == 1 and "comms-1 took it back" in done.err, done)
    check("meanwhile it is in force", "IN FORCE: LIVE" in terminal("status").out)
    draft = terminal(*release, who="comms-1").json["digest"]
    terminal("drafts", "refuse", draft[:8], "--reason", "No.", who="comms-2")
    check("status names what is refused, and by whom", f"{draft[:12]} is REFUSED by comms-2." in terminal("status").out, terminal("status"))
    done = terminal("approve", draft[:8], "--wait", "0", "--json", who="monitoring-1")
    check("whoever approves it reads that before", "REFUSED by comms-2 on " in done.err and "    No." in done.err, done)
    late = terminal("drafts", "withdraw", draft[:8], who="comms-1")
    check("what is recorded is taken back by nobody, and that is said", late.code == 1 and "waits no more: enough have approved it" in late.err, late)
    check("attack: a refusal holds up no all-clear", done.code == 0 and done.json["outcome"] == "recorded", done)


def completed(terminal, *words, function="_holdfast", program="holdfast"):
    """What bash would offer for the last of the words."""
    script = (f"source {SOURCE}/deploy/completion/holdfast; COMP_WORDS=({program} \"$@\"); COMP_CWORD=$#; {function}; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    env = {"PATH": f"{BUILD}:/usr/bin:/bin", "HOLDFAST_COUNCIL": terminal.council, "HOLDFAST_SOCKET": terminal.socket}
    done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, timeout=ENOUGH, env=env, cwd=terminal.council, check=False)
    return done.stdout.splitlines() if done.stdout.strip() else []


def completes(terminal):
    """Words, options and ids are offered as the program itself knows them."""
    for words, wanted in ((("rai",), ["raise"]), (("raise", ""), ["emergency", "purdah"]), (("drafts", ""), ["refuse", "withdraw"]),
                          (("raise", "emergency", "--mess"), ["--message-file"]), (("drafts", "refuse", "--rea"), ["--reason"]),
                          (("raise", "purdah", "--level", ""), ["block", "guard"]), (("status", "--al"), ["--all"]),
                          (("raise", "emergency", "--template", ""), ["flooding"])):
        got = sorted(completed(terminal, *words))
        check(f"completed: {' '.join(words)}", got == wanted, got)
    for name in ("$(touch PWNED)", "`touch PWNED`", "a b", "*", "~root"):
        open(f"{terminal.council}/templates/{name}.txt", "w", encoding="utf-8").close()
    got = completed(terminal, "raise", "emergency", "--template", "")
    check("attack: the name of a template runs nothing when Tab is pressed, and is not offered", got == ["flooding"] and
          not os.path.exists(f"{terminal.council}/PWNED"), (got, os.listdir(terminal.council)))
    got = completed(terminal, "[", "")
    check("an odd word before breaks nothing", "raise" in got, got)
    for function, program, words, wanted in (("_holdfast_other", "holdfast-agent", ["ackn"], ["acknowledge"]),
                                             ("_holdfast_other", "holdfastd", ["--acc"], ["--accept-journal"])):
        got = completed(terminal, *words, function=function, program=program)
        check(f"completed: {program} {words[0]}", got == wanted, got)
    lockdown = terminal("raise", "emergency", "--exercise", "--reason", "x", "--wait", "0", "--json", who="comms-1").json["lockdown"]
    check("an id of a lockdown, by its beginning", lockdown[:12] in completed(terminal, "amend", lockdown[:2]))
    for words, wanted in ((("account", "retire", "x", ":", "ccdc_"), ["ccdc_sbc"]), (("account", "history", "x", ":", "CCDCY"), ["CCDCYourVoice"]),
                          (("holder", "withdraw", "buil"), ["building-1"]), (("holder", "add", "building-1", "x", ":", "ccdcp"), ["ccdcpartnership"]),
                          (("person", "history", "moni"), ["monitoring-1"]), (("raise", "emergency", "--exempt", "elec"), ["elections-1"]),
                          (("raise", "emergency", "--account", "x", ":", "Cannock"), ["CannockChaseDC"]), (("release", "--person", "it"), ["it-1"]),
                          (("recover", ""), ["d1"]), (("device", "first", "--device", "d"), ["d1"])):
        got = completed(terminal, *words)
        check(f"completed: {' '.join(words)}", got == wanted, got)
    deaf = f"{os.path.dirname(terminal.council)}/deaf.sock"
    with socketserver.UnixStreamServer(deaf, socketserver.BaseRequestHandler):
        for what, nobody in (("where nobody listens", Terminal(terminal.council, f"{deaf}.none")), ("nor where nobody answers", Terminal(terminal.council, deaf))):
            begun = time.monotonic()
            got = completed(nobody, "account", "retire", "x", ":", "")
            check(f"nothing is offered {what}, without a word and soon", got == [] and time.monotonic() - begun < ENOUGH, (got, time.monotonic() - begun))
    terminal("release", lockdown, "--reason", "x", "--message", "y", "--wait", "0", who="comms-1")


def exercises(terminal):
    return [k["id"] for k in terminal("status", "--json").json["lockdowns"] if k["mode"] == "exercise" and k["phase"] != "released"]


def one_text(folder, terminal):
    """D9.3, one message an account: said once for all of them, from a template of the council or a file of Windows."""
    os.makedirs(f"{terminal.council}/templates")
    with open(f"{terminal.council}/templates/flooding.txt", "w", encoding="utf-8") as f:
        f.write("# Who posts, and what.\n*=comms-2: Flooding at {place}. Keep away.\nx:ccdc_sbc={poster}: Keep away from {place}.\n")
    with open(f"{folder}/messages.txt", "wb") as f:
        f.write("\ufeff*=comms-1: Café closed.\r\n  More at six.\r\n".encode())
    raised = ["raise", "emergency", "--exercise", "--reason", "Flood", "--wait", "0", "--template"]
    for words, says in ((["floding"], "no template `floding`"), (["flooding"], "{place}, {poster}: --set NAME=TEXT"),
                        (["flooding", "--set", "place=High Street", "--set", "poster=comms-1", "--set", "when=six"], "no place {when}")):
        done = terminal(*raised, *words, who="comms-1")
        check(f"a template that does not fit is one sentence: {says}", done.code == 2 and says in done.err and
              done.err.count("\n") == 1, done)
    done = terminal(*raised, "flooding", "--set", "place=High Street", "--set", "poster=comms-1", "--json", who="comms-1")
    check("a template is raised with", done.code == 0, done)
    os.mkfifo(f"{terminal.council}/templates/storm.txt")
    for words, name in ((["--template", "storm"], "storm.txt"), (["--message-file", f"{terminal.council}/templates/storm.txt"], "storm.txt")):
        piped = terminal(*raised[:-1], *words, who="comms-1")
        check(f"attack: a pipe in place of the text holds up no emergency: {words[0]}", piped.code in (1, 2) and "no file but a pipe" in piped.err and name in piped.err, piped)
    os.remove(f"{terminal.council}/templates/storm.txt")
    check("ten accounts with one text are said once", done.err.count("The message: Flooding at High Street.") == 1 and
          "each of 10 accounts (x:CannockChaseDC" in done.err and "The message: Keep away from High Street." in done.err, done.err)
    lockdown = done.json["lockdown"]

    def held():
        return {h["account"]: (h["poster"], h["text"]) for k in terminal("status", "--json").json["lockdowns"] if k["id"] == lockdown
                for h in k["holding"]}
    check("every account has its message", len(held()) == 11 and held()["x:ccdc_sbc"] == ("comms-1", "Keep away from High Street.")
          and held()["x:ccdcpartnership"] == ("comms-2", "Flooding at High Street. Keep away."), held())
    done = terminal("amend", lockdown[:8], "--message-file", f"{folder}/messages.txt", "--no-holding", "whatsapp:staffordshire-comms",
                    "--holding", "x:ccdc_sbc=comms-2:Ours.", "--wait", "0", who="comms-1")
    check("an amendment changes the text of all but the named", done.code == 0 and len(held()) == 10 and
          held()["x:ccdc_sbc"] == ("comms-2", "Ours.") and held()["x:CannockChaseDC"] == ("comms-1", "Café closed.\nMore at six."),
          (done, held()))
    done = terminal("amend", lockdown[:8], "--holding", f"*=comms-2:{'long ' * 60}", "--wait", "0", who="comms-1")
    check("what is too long is said once for all accounts of that platform, and refused for none", done.code == 0 and
          "message of x:CannockChaseDC, x:CCDCYourVoice, x:ccdc_sbc and x:ccdcpartnership counts about 300 there, and 280 are taken" in done.out, done)
    done = terminal("amend", lockdown[:8], "--holding", f"*=comms-2:{'x' * 3001}", "--wait", "0", who="comms-1")
    check("our own limit is 3,000 bytes", done.code == 2 and 
          "The message of x:CannockChaseDC has 3001 bytes: at most 3000 are taken." in done.err, done)
    done = terminal("release", lockdown[:8], "--reason", "Done", "--message", "Done.", "--wait", "0", who="comms-1")
    check("the exercise ends", done.code == 0, done)
    written = f"{folder}/instructions.txt"
    with open(written, "w", encoding="utf-8") as f:
        f.write("Post nothing of the candidates.\n")
    done = terminal("raise", "purdah", "--exercise", "--poll", "2027-05-06", "--kind", "principal", "--instructions", written, "--level",
                    "guard", "--reason", "Elections", "--template", "flooding", "--set", "place=Ward", "--set", "poster=comms-2",
                    "--wait", "0", who="elections-1")
    late = terminal("raise", "purdah", "--exercise", "--poll", "2027-12-17", "--kind", "principal-by", "--vacancy-notice", "2027-09-01",
                    "--instructions", written, "--level", "guard", "--reason", "By-election", "--wait", "0", who="elections-1")
    check("a by-election's poll too late after its vacancy, and on no Thursday, is said and taken", late.code == 0 and
          "ATTENTION: the polling day 2027-12-17 is later than the last lawful one, 2027-10-20" in late.out and
          "ATTENTION: the polling day 2027-12-17 is a Friday, and polls are held on Thursdays" in late.out, late)
    late = terminal("extend", exercises(terminal)[0], "--until", "2027-10-31 01:30", "--reason", "x", who="elections-1")
    check("an hour that comes twice: it asks which", late.code == 2 and '"2027-10-31 01:30 BST"' in late.err and not late.out, late)
    check("a pre-election period takes them as well", done.code == 0 and "Flooding at Ward." in done.out, done)
    for lockdown in exercises(terminal):
        ended = terminal("release", lockdown, "--reason", "Done", "--message", "Done.", "--wait", "0", who="elections-1")
        check("and ends", ended.code == 0, ended)


def set_aside(terminal):
    """Two roots set aside a register and an assignment that must not stand."""
    root = {i: ("--key", f"{terminal.council}/sticks/root-{i}/root.pem", "--yes") for i in (1, 2)}
    done = terminal("trust", "set-aside", "register", who="it-1")
    check("a person sets nothing aside", done.code == 1 and "of no root" in done.err, done)
    done = terminal("trust", "set-aside", "device:nosuch", *root[1])
    check("a device that is none: it says what it could be", done.code == 1 and "whole digest" in done.err, done)
    done = terminal("trust", "set-aside", "device:d1", *root[1])
    check("of several in effect it asks which", done.code == 2 and done.err.count("version") == 2, done)
    done = terminal("trust", "set-aside", "ab" * 32, *root[1])
    check("of what is not known here the number must be said", done.code == 2 and "which version may follow" in done.err, done)
    done = terminal("trust", "set-aside", "register", "device:d9", "ab" * 32, "--from-version", "7", "--json", *root[1])
    says = ("It SETS ASIDE the register of version 1", "It SETS ASIDE the assignment of the device d9, version ", "not in effect here",
            "version 7 or higher", "What it shuts stays shut until", "Beside that nothing differs from the trust of epoch 1",
            "You sign as a root", "WAITS and changes nothing yet: 1 of 2", "another root")
    check("it says plainly what is set aside and what follows", done.code == 0 and done.json["outcome"] == "draft" and
          done.json["roles"] == ["root"] and not [s for s in says if s not in done.err], done)
    rows = done.json.get("void", [])
    check("and lists it for programs", [(row.get("type"), row.get("device"), row["from_version"]) for row in rows] ==
          [("register", None, 7), ("assignment", "d9", 7), (None, None, 7)] and rows[0]["version"] == 1 and rows[2]["digest"] == "ab" * 32, rows)
    draft = done.json["digest"]
    done = terminal("drafts")
    check("the drafts say which and who can", "trust, epoch 2\n" in done.out and
          re.search(r"approved by root [0-9a-f]{8} \(1 of 2\); who can: another root", done.out), done)
    rows = terminal("drafts", "--json").json["drafts"]
    check("and which root has signed", [len(r["roots"]) for r in rows if r["type"] == "trust"] == [1] and not [r for r in rows if r["type"] != "trust" and "roots" in r], rows)
    done = terminal("approve", draft, *root[1])
    check("one root does not count twice", done.code == 1 and "signed this already" in done.err, done)
    done = terminal("approve", draft, who="comms-1")
    check("nor does an officer", done.code == 1 and "of no root" in done.err, done)
    done = terminal("approve", draft[:8], *root[2])
    check("the second root is shown the same, and it is recorded", done.code == 0 and "It is recorded" in done.out and
          not [s for s in says[:6] if s not in done.out], done)
    payload = json.loads(base64.b64decode(read(f"{terminal.council}/trust/2.json")["payload"]))
    check("the council folder has it", payload["epoch"] == 2 and len(payload["void"]) == 3 and
          {row["from_version"] for row in payload["void"]} == {7}, payload.get("void"))
    done = terminal("trust", "set-aside", "device:d9", "--from-version", "8", *root[1])
    check("nothing is set aside twice", done.code == 1 and "already" in done.err, done)
    done = terminal("verify", f"{terminal.council}/trust/2.json")
    check("verify says what it sets aside", done.code == 0 and done.out.count("SETS ASIDE") == 3, done)
    done = terminal("raise", "emergency", "--exercise", "--reason", "After", "--wait", "0", "--key", f"{terminal.council}/sticks/root-1/root.pem",
                    "--yes")
    check("a root raises nothing", done.code == 1 and "of nobody in the trust" in done.err, done)
    done = terminal("status")
    check("and all goes on with it", done.code == 0, done)


def behind_the_roots(folder, terminal):
    """Officers whose own folder is older than what the roots set aside go on: nothing may stand between them and an order."""
    os.makedirs(f"{folder}/old/trust")
    for name in ("trust/1.json", "register.json"):
        shutil.copy(f"{terminal.council}/{name}", f"{folder}/old/{name}")
    officer = Terminal(f"{folder}/old", terminal.socket, terminal.people, terminal.passphrase)
    done = terminal("register", "propose", PLAN, *TOOLS, "--json", who="comms-1")
    done = terminal("approve", done.json.get("digest", "none"), "--json", who="comms-2")
    check("a successor of what was set aside is recorded", done.code == 0 and done.json["outcome"] == "recorded", done)
    root = {i: ("--key", f"{terminal.council}/sticks/root-{i}/root.pem", "--yes") for i in (1, 2)}
    done = terminal("trust", "set-aside", "register", "--from-version", "9", "--json", *root[1])
    done = terminal("approve", done.json.get("digest", "none"), *root[2])
    check("and set aside, too", done.code == 0, done)
    done = officer("status")
    check("who holds an older one goes on, with the one in force", done.code == 0 and "11 accounts" in done.out and not done.err, done)
    done = officer("raise", "emergency", "--reason", "Fire", "--wait", "0", "--json", who="comms-1")
    check("and raises", done.code == 0 and done.json["outcome"] == "recorded", done)
    done = officer("release", done.json.get("lockdown", "none"), "--reason", "x", "--message", "y", "--wait", "0", "--json", who="comms-1")
    done = officer("approve", done.json.get("digest", "none"), "--wait", "0", "--json", who="monitoring-1")
    check("and releases", done.code == 0 and done.json["outcome"] == "recorded", done)
    done = officer("register", "propose", PLAN, *TOOLS, who="comms-1")
    check("and writes the successor that the roots ask for", done.code == 0 and "version 9" in done.out, done)


def screen_of(shown, rows, columns):
    """What stands on a terminal of that size in the end, line by line; a line too many would have rolled the first away."""
    screen, row, column, rolled = [""] * rows, 0, 0, 0
    for part in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]", shown):
        if part == "\x1b[H":
            row = column = 0
        elif part == "\x1b[K":
            screen[row] = screen[row][:column]
        elif part == "\x1b[J":
            screen[row:] = [screen[row][:column]] + [""] * (rows - row - 1)
        elif part == "\r":
            column = 0
        elif part == "\n":
            row, rolled = min(row + 1, rows - 1), rolled + (row + 1 == rows)
        elif len(part) == 1:
            screen[row], column = screen[row][:column] + part + screen[row][column + 1:], column + 1
    return screen, rolled, max(len(line) for line in screen) <= columns


def watched(terminal):
    """The first screenful, drawn over the one before."""
    for rows, columns in ((24, 80), (12, 40), (5, 30)):
        pid, fd = pty.fork()
        if pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.environ.update(REACHED)
            os.execv(HOLDFAST, [HOLDFAST, "--council", terminal.council, "--socket", terminal.socket, "status", "--watch", "--count", "2"])
        shown = typed(fd, [])
        os.waitpid(pid, 0)
        screen, rolled, fits = screen_of(shown, rows, columns)
        check(f"watched on {columns} x {rows}: it fits, and what holds is first", not rolled and fits and screen[0].lstrip().startswith("IN FORCE:"), screen)
        check("nothing is cleared before it is drawn, so nothing flickers", "\x1b[2J" not in shown and shown.count("\x1b[H") == 2, shown)
        check("what does not fit is counted", rows > 12 or any("more: `holdfast status`" in line for line in screen), screen)


def two_at_once(terminal):
    ids = [terminal("raise", "emergency", *words, "--wait", "0", "--json", who="comms-1").json["lockdown"]
           for words in (("--reason", "A"), ("--reason", "B"), ("--exercise", "--reason", "C"))]
    done = terminal("release", "--reason", "x", "--message", "y", "--wait", "0", who="comms-1")
    check("two in force: it asks which, and names both", done.code == 2 and "say which" in done.err and
          all(f"{i[:12]} (emergency)" in done.err for i in ids[:2]), done)
    out = terminal("status", "--watch", "--count", "2").out
    check("status --watch shows it again", out.count("IN FORCE: EXERCISE OF AN EMERGENCY") == 2, out)
    lines = terminal("status", "--watch", "--count", "2", "--json").out.splitlines()
    check("with --json one document a line", len(lines) == 2 and all(json.loads(line)["lockdowns"] for line in lines), lines)
    watched(terminal)
    screen = out[out.index("IN FORCE: EXERCISE"):]
    screen = screen[:screen.index("\n\n")] if "\n\n" in screen else screen
    bare = [line for line in screen.splitlines() if "EXERCISE" not in line]
    check("an exercise on the screen says so in every sentence", not bare, bare)
    check("live before exercise", out.index("IN FORCE: LIVE") < out.index("IN FORCE: EXERCISE"))
    for lockdown in ids[:2]:
        terminal("release", lockdown, "--reason", "x", "--message", "y", "--wait", "0", who="comms-1")
        draft = terminal("drafts", "--json").json["drafts"][-1]["digest"]
        done = terminal("approve", draft, "--wait", "1", who="monitoring-1")
        check("what opens no device is not told as open", ("still by another, on 0 of 1" in done.out) == (lockdown == ids[0]) and
              ("released-verified on 0 of 1" in done.out) == (lockdown == ids[1]), done)
    done = terminal("release", "--reason", "x", "--message", "y", "--wait", "0", "--json", who="elections-1")
    check("one exercise left: one officer of either role ends it", done.code == 0 and done.json["lockdown"] == ids[2], done)


def of_a_person(terminal):
    """proto/README.md Shares, 4: two officers end all that one person alone has raised, from two terminals."""
    for reason in "AB":
        terminal("raise", "emergency", "--reason", reason, "--wait", "0", who="comms-1")
    done = terminal("release", "--person", "comms-1", "--reason", "Stolen key", "--message", "y", "--json", who="comms-2")
    check("release --person by one waits", done.code == 0 and done.json["outcome"] == "draft", done)
    early = terminal("release", "--person", "comms-1", "--before", "2026-01-01T00:00:00Z", "--another", "--reason", "Early", "--message", "y", who="comms-2")
    check("what bears a later time stays, and that is said", "ATTENTION: 2 of what comms-1 has raised bear a later time and stay" in early.err, early)
    again = terminal("release", "--person", "comms-1", "--reason", "I, too", "--message", "z", who="monitoring-1")
    check("a second officer who begins one is told of it", again.code == 1 and
          f"A release of what was raised by comms-1 waits already: `holdfast approve {done.json['digest'][:12]}`" in again.err, again)
    kind = terminal("release", "--person", "comms-1", "--kind", "purdah", "--reason", "x", "--message", "z", "--json", who="elections-1")
    check("one of another kind is another", kind.code == 0 and kind.json["outcome"] == "draft", kind)
    more = terminal("release", "--person", "comms-1", "--another", "--reason", "I, too", "--message", "z", "--json", who="monitoring-1")
    check("--another writes a second one", more.code == 0 and more.json["outcome"] == "draft", more)
    waits = terminal("drafts")
    check("and says whose", "of everything that comms-1 alone has raised before" in waits.out, waits)
    done = terminal("approve", done.json["digest"], "--wait", "0", "--json", who="monitoring-1")
    check("two end all of it", done.code == 0 and done.json["outcome"] == "recorded" and
          "No live lockdown is in force" in terminal("status").out, done)


# On a terminal -----------------------------------------------------------------------------------------------------------------
class silent:
    """A socket at which somebody listens and says nothing."""

    def __init__(self, path):
        self.path, self.socket = path, socket.socket(socket.AF_UNIX)

    def __enter__(self):
        self.socket.bind(self.path)
        self.socket.listen()
        return self

    def asked(self):
        self.peer = self.socket.accept()[0]

    def __exit__(self, *_):
        self.socket.close()
        os.unlink(self.path)


def on_terminal(terminal, words, keys_, at_once=None, **how):
    """Run on a pseudo-terminal, type each answer at its prompt; returns (exit code, all that was shown).

    at_once: an interrupt is typed when it returns; how: the environment, the columns of the terminal.
    """
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, how.get("columns", 80), 0, 0))
        os.environ.update({**REACHED, **how.get("environment", {})})
        os.execv(HOLDFAST, [HOLDFAST, "--council", terminal.council, "--socket", terminal.socket, *words])
    if at_once:
        at_once()
        os.write(fd, b"\x03")
    shown = typed(fd, keys_)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown


def sent_at_the_passphrase(terminal, words, number):
    """A signal that somebody sends while keys are not shown; returns (exit code, what was shown, are keys shown again)."""
    pid, fd = pty.fork()
    if pid == 0:
        signal.signal(number, signal.SIG_DFL)  # nohup(1) has it ignored, and what is ignored stays so
        os.environ.update(REACHED)
        os.execv(HOLDFAST, [HOLDFAST, "--council", terminal.council, "--socket", terminal.socket, *words])
    keys_, all_shown = os.dup(fd), termios.ECHO | termios.ICANON | termios.ISIG
    hidden = wait_for(lambda: not termios.tcgetattr(keys_)[3] & termios.ECHO)
    os.kill(pid, number)
    shown = typed(fd, [])
    _, status = os.waitpid(pid, 0)
    again = termios.tcgetattr(keys_)[3] & all_shown
    os.close(keys_)
    return os.waitstatus_to_exitcode(status), shown, hidden and again == all_shown


def prompts(terminal):
    words = ["raise", "emergency", "--reason", "Fire", "--wait", "0", "--key", f"{terminal.council}/people/comms-1.pem"]
    secret = (b"Passphrase of", PASS.encode() + b"\n")
    shown = {}
    code, shown["live"] = on_terminal(terminal, words, [secret, (b"Type LIVE", b"LIVE\n")])
    check("on a terminal a live raise wants the word LIVE", code == 0 and "recorded" in shown["live"], shown["live"])
    check("the passphrase is not shown", PASS not in shown["live"])
    wide = [line for line in re.sub("\033\\[[0-9;]*m", "", shown["live"].split("LIVE EMERGENCY", 1)[1]).splitlines() if len(line) > 80]
    check("what is signed fits 80 columns", not wide, wide)
    code, shown["exercise"] = on_terminal(terminal, [*words, "--exercise"], [secret, (b"Type EXERCISE", b"EXERCISE\n")])
    check("an exercise wants the word EXERCISE", code == 0 and "recorded" in shown["exercise"], shown["exercise"])
    colours = {k: re.findall("\033\\[1;[0-9;]+m", v) for k, v in shown.items()}
    check("the two have different colours", colours["live"] and colours["exercise"] and
          not set(colours["live"]) & set(colours["exercise"]), colours)
    code, text = on_terminal(terminal, words, [secret, (b"Type LIVE", b"EXERCISE\n")])
    check("another word does nothing", code == 1 and "nothing has been done" in text, text)
    code, text = on_terminal(terminal, words, [(b"Passphrase of", b"\x03")])
    check("an interrupt at the passphrase does nothing", code == 1 and "nothing was signed" in text, text)
    for number, ends in ((signal.SIGINT, 1), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)):
        code, text, shown_again = sent_at_the_passphrase(terminal, words, number)
        check(f"{number.name} at the passphrase ends it, and the terminal shows again what is typed", code == ends and shown_again, (code, text))
        check(f"{number.name}: what was signed is said where it can be", ends < 0 or "nothing was signed" in text, text)
    code, text = on_terminal(terminal, words, [secret, (b"Type LIVE", b"\x03")])
    check("an interrupt at the confirmation, too", code == 1 and "nothing was signed" in text, text)
    code, text = on_terminal(terminal, [*words[:-4], "--wait", "60", *words[-2:]], [secret, (b"Type LIVE", b"LIVE\n"), (b"not yet", b"\x03")])
    check("an interrupt while it arrives: it stands", code == 0 and "what you signed was taken, and stands" in text, text)
    with silent(f"{terminal.council}/silent.sock") as nobody:
        code, text = on_terminal(terminal, [*words, "--socket", nobody.path], [], at_once=nobody.asked)
    check("an interrupt while the controller is silent: nothing was signed", code == 1 and "nothing was signed" in text, text)
    wrong = (b"Passphrase of", b"wrong\n")
    code, text = on_terminal(terminal, words, [wrong, wrong, secret, (b"Type LIVE", b"no\n")])
    check("who mistypes it has two more tries", code == 1 and text.count("Try again") == 2 and "did not type LIVE" in text, text)
    code, text = on_terminal(terminal, words, [wrong, wrong, wrong])
    check("and no third", code == 1 and text.count("Try again") == 2 and "does not open the key" in text, text)
    code, text = on_terminal(terminal, [*words, "--exercise"], [secret, (b"Type EXERCISE", b"EXERCISE\n")], environment={"NO_COLOR": "1"})
    check("NO_COLOR is honoured", code == 0 and "\033[1" not in text, text)
    code, text = on_terminal(terminal, ["key", "new", f"{terminal.council}/new.pem"], [(b"Passphrase of the new key", secret[1]), (b"The same again", secret[1])])
    check("a new passphrase is asked for twice", code == 0 and "The same again" in text, text)
    done = terminal("raise", "emergency", "--reason", "Fire", "--key", f"{terminal.council}/people/comms-1.pem")
    check("without a terminal nothing is signed unless --yes is given", done.code == 2 and "--yes" in done.err, done)


def planned(folder, terminal):
    """D10: a period that is planned, what is odd about one, and how it is watched; an exercise, too."""
    poll = datetime.date.today() + datetime.timedelta(150)
    poll -= datetime.timedelta((poll.weekday() - 3) % 7)
    text = f"{folder}/instructions.md"
    with open(text, "w", encoding="utf-8") as f:
        f.write("Nothing party political.\n")
    words = ("raise", "purdah", "--poll", str(poll), "--kind", "principal", "--instructions", text, "--level", "guard", "--reason", "Poll")
    done = terminal(*words, "--wait", "1", who="elections-1")
    check("D10: a period that is planned is watched until it is held", done.code == 0 and "held, to start by itself, on 0 of " in done.out, done)
    done = terminal(*words, "--until", f"{poll} 12:00", "--from", f"{poll - datetime.timedelta(2)} 00:01", "--wait", "0", who="elections-1")
    check("D10: one that begins too late and ends too early says both", done.code == 0 and "LATER THAN THE LAW ALLOWS" in done.err and
          "before the polls close" in done.err, done)
    done = terminal(*words, "--from", "2026-01-01 00:01", "--wait", "0", who="elections-1")
    check("D10: one that has begun says so", done.code == 0 and "is past: it begins as soon as it is approved" in done.err, done)
    done = terminal("raise", "emergency", "--exercise", "--reason", "Drill", "--wait", "1", who="comms-2")
    check("an exercise is watched until it is shown", done.code == 0 and "EXERCISE: seen to be shown on 0 of " in done.out, done)
    done = first_device(terminal, "d3", person="comms-1", who="it-1")
    check("a new first device, in words", done.code == 0 and "d3 becomes the first device of comms-1 when a second person approves it." in done.out, done)
    before = assignments_waiting(terminal)
    done = terminal("device", "add", "--request", request(folder, "d2", {"public": payload_of(terminal, "d2")["public"]}), "--person", "comms-2:jane",
                    "--group", "staff", "-o", f"{folder}/again.bundle", who="it-1")
    check("a device that somebody is taken from: it says that a second person must approve", done.code == 0 and
          "This changes the device d2 when a second person approves it." in done.out, done)
    rivals(folder, terminal, sorted(assignments_waiting(terminal) - before))


def assignments_waiting(terminal):
    return {d["digest"] for d in terminal("drafts", "--json").json["drafts"] if d["type"] == "assignment"}


def rivals(folder, terminal, waits):
    """Two assignments of one device wait; and what is signed on a narrow terminal."""
    done = terminal("device", "add", "--request", request(folder, "d2", {"public": payload_of(terminal, "d2")["public"]}), "--person", "comms-2:jane",
                    "--group", "library", "-o", f"{folder}/rival.bundle", who="it-1")
    check("a rival draft: which waits already, and that one of the two counts", len(waits) == 1 and done.code == 0 and
          f"another assignment of the device d2 waits already, {waits[0][:12]}: of the two only the one that is approved first can count" in done.err, (waits, done))
    code, shown = on_terminal(terminal, ["approve", waits[0], "--key", f"{terminal.council}/people/comms-1.pem"],
                              [(b"Passphrase of", PASS.encode() + b"\n"), (b"Type APPROVE", b"no\n")], columns=40)
    words = [line for line in re.sub(r"\033\[[\d;]*m", "", shown).splitlines() if not re.search(r"Passphrase|Type APPROVE|`|holdfast: ", line)]
    check("on 40 columns what is to be signed fits", code != 0 and len(words) > 8 and max(len(line) for line in words) <= 40, shown)


def asked_wrongly(terminal):
    """An error says what to look at, and where."""
    text = ("--reason", "x", "--message", "y")
    raise_ = ("raise", "emergency", "--reason", "Fire", "--wait", "0")
    for what, words, says in (("an unknown lockdown", ("release", "ffffffffffff", *text), "No lockdown's id begins with ffffffffffff: `holdfast status` lists them."),
                              ("places without a template", (*raise_, "--set", "A=b"), "no template is named: --template NAME."),
                              ("a template where there is none", (*raise_, "--template", "fire"), "there is none.")):
        done = terminal(*words, who="comms-1")
        check(f"{what}: said with what to do", done.code in (1, 2) and says in done.err, done)


# D9.3: which device of a person opens a posting window unheard ------------------------------------------------------------------
def payload_of(terminal, device):
    return json.loads(base64.b64decode(read(f"{terminal.council}/assignments/{device}.json")["payload"]))


def rank_of(terminal, device):
    return next(p.get("rank", 1) for p in payload_of(terminal, device)["people"] if p["person"] == "comms-2")


def recorded(folder):
    """Digests of the controller's assignments, in the order in which it recorded them."""
    with sqlite3.connect(f"file:{folder}/state/journal.db?mode=ro", uri=True) as db:
        return [row[0] for row in db.execute("SELECT digest FROM journal WHERE kind = 'assignment' ORDER BY seq")]


def first_device(terminal, device, *more, person="comms-2", **who):
    return terminal("device", "first", "--device", device, "--person", person, *more, **who)


def ranks_of(done):
    return [(c["device"], c["rank"]) for c in done.json.get("changed", [])]


def take_in(folder, terminal, device, spoil=None):
    done = terminal("device", "add", "--request", request(folder, device, spoil), "--person", "comms-1:kim", "--person", "comms-2:jane",
                    "--group", "staff", "-o", f"{folder}/{device}.bundle", who="it-1")
    check(f"{device} is taken in", done.code == 0, done)


def second_approves(terminal, done):
    """One of accounts approves the new first."""
    change = done.json["changed"][-1]
    approved = terminal("approve", change["digest"][:16], "--json", "--wait", "0", who="comms-1")
    check("and one of accounts approves it", approved.code == 0 and approved.json["outcome"] == "recorded", approved)


def becomes_first(folder, terminal):
    take_in(folder, terminal, "d2")
    take_in(folder, terminal, "d3")
    before = {d: payload_of(terminal, d) for d in ("d1", "d3")}
    done = first_device(terminal, "d3", "--json", who="it-1")
    check("the new first waits for a second approver", done.code == 0 and done.json["waits"] and rank_of(terminal, "d3") == 3, done)
    second_approves(terminal, done)
    changed = [(c["device"], c["rank"], c["version"], c["last_report"]) for c in done.json.get("changed", [])]
    check("D9.3: the two change places, and the answer says so", done.code == 0 and changed == [
        ("d1", 3, before["d1"]["version"] + 1, 0), ("d3", 1, 2, 0)], done)
    check("D9.3: who steps back is recorded before the new first", recorded(folder)[-2:] == [c["digest"] for c in done.json.get("changed", [])],
          recorded(folder))
    check("it is said what the old one believes, and when it was heard", "d1 is the first now and becomes number 3. It was never heard." in
          done.err and "d1 believes that it is the first" in done.err and "first device of comms-2: a posting window opens" in done.err, done)
    after = {d: payload_of(terminal, d) for d in ("d1", "d3")}
    check("D9.3: the copies in the folder have it", [rank_of(terminal, d) for d in ("d1", "d2", "d3")] == [3, 2, 1], after)
    for device in before:
        for doc in (before[device], after[device]):
            doc["version"] = doc["issued"] = 0
            doc["people"] = [{**p, "rank": 0} if p["person"] == "comms-2" else p for p in doc["people"]]
    check("and nothing else has changed", before == after, (before, after))
    for device in ("d1", "d3"):
        check(f"the assignment of {device} is approved", terminal("verify", f"{terminal.council}/assignments/{device}.json").code == 0)


def not_first(folder, terminal):
    """Each row changes nothing."""
    held = recorded(folder)
    done = first_device(terminal, "d3")
    check("already the first: says so, signs nothing, asks for no key", done.code == 0 and "already" in done.out, done)
    check("in JSON too", first_device(terminal, "d3", "--json").json == {"device": "d3", "person": "comms-2", "changed": [],
                                                                                  "waits": False})
    done = first_device(terminal, "d1", person="comms-1", who="it-1")
    check("a person whom the device does not list: it says which do", done.code == 1 and "d2 and d3" in done.err and
          done.err.count("\n") == 1, done)
    done = first_device(terminal, "d1", "--json", person="nobody", who="it-1")
    check("a person of no device", done.code == 1 and done.json.get("error") == "absent" and ": none." in done.err, done)
    done = first_device(terminal, "../register", who="it-1")
    check("a device that is not there", done.code == 1 and "holdfast devices" in done.err, done)
    done = first_device(terminal, "d2", who="comms-1")
    check("a communications officer may not", done.code == 1 and "may not approve" in done.err, done)
    done = first_device(terminal_in(folder, terminal.council), "d2", who="it-1")
    check("without the controller it is refused", done.code == 1 and "No controller answers" in done.err, done)
    code, text = on_terminal(terminal, ["device", "first", "--device", "d2", "--person", "comms-2", "--key",
                                        f"{terminal.council}/people/it-1.pem"],
                             [(b"Passphrase of", PASS.encode() + b"\n"), (b"Type APPROVE", b"APPROVE\n"),
                              (b"ASSIGNMENT of the device d2", b"NO\n")])
    check("each of the two is confirmed, and before the first is posted", code == 1 and "nothing has been done" in text, text)
    liar = Liar(f"{folder}/draft.sock", {**honest(terminal), "post": {"outcome": "draft", "reason": "too-few"}})
    done = first_device(terminal_in(folder, terminal.council, "draft.sock"), "d2", who="it-1")
    check("attack: a controller that holds back who steps back gets no new first", done.code == 1 and len(liar.posted) == 1, done)
    liar.shutdown()
    liar.server_close()
    check("nothing of all that was recorded, nor kept", recorded(folder) == held and rank_of(terminal, "d3") == 1, recorded(folder))


def half_first(folder, terminal):
    """The controller refuses the second assignment, of a device that brings another's key and was taken in behind its back."""
    take_in(folder, terminal_in(folder, terminal.council), "d9", {"public": payload_of(terminal, "d1")["public"]})
    done = first_device(terminal, "d9", "--json", who="it-1")
    check("the second is refused: what stands is said, and what to do", done.code == 1 and done.json.get("error") == "key" and
          "d3 is not the first device of comms-2 any more, and none is until you run this again" in done.json["message"], done)
    check("so nobody is the first", [rank_of(terminal, d) for d in ("d1", "d2", "d3", "d9")] == [3, 2, 4, 4])
    take_in(folder, terminal, "d9")
    done = first_device(terminal, "d9", "--json", who="it-1")
    check("run again it finishes", done.code == 0 and ranks_of(done) == [("d9", 1)], done)
    second_approves(terminal, done)


def many_first(folder, terminal):
    """A council whose assignments are older than ranks has several."""
    other = terminal_in(folder, f"{folder}/elsewhere")
    shutil.copytree(terminal.council, other.council)
    shutil.rmtree(f"{other.council}/assignments")
    os.mkdir(f"{other.council}/assignments")
    take_in(folder, other, "d4")
    shutil.copy(f"{other.council}/assignments/d4.json", f"{terminal.council}/assignments")
    done = first_device(terminal, "d9", who="it-1")
    check("one of two firsts stays, the other comes last", done.code == 0 and "d9 is now the first device of comms-2.\n" in done.out and
          (rank_of(terminal, "d4"), rank_of(terminal, "d9")) == (5, 1), done)
    shutil.copy(f"{other.council}/assignments/d4.json", f"{terminal.council}/assignments")
    check("attack: an old copy in the folder changes nothing", first_device(terminal, "d9", "--json").json.get("changed") == [])
    good = read(f"{terminal.council}/assignments/d9.json")
    forged = base64.b64encode(json.dumps({**payload_of(terminal, "d9"), "device": "d5"}).encode()).decode()
    for what, signatures in (("that nobody approved", []), ("altered after its approval", good["signatures"])):
        with open(f"{terminal.council}/assignments/d5.json", "w", encoding="utf-8") as f:
            json.dump({**good, "payload": forged, "signatures": signatures}, f)
        check(f"attack: an assignment {what} does not count", first_device(terminal, "d9", "--json").json.get("changed") == [])


# A controller that lies ---------------------------------------------------------------------------------------------------------
class Liar(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers what it is told to; keeps what is posted."""
    daemon_threads = True

    def __init__(self, path, answers):
        self.answers, self.asked, self.posted, self.standing, self.more = answers, [], [], None, 0

        class Handler(Site):
            protocol_version = "HTTP/1.0"

            def do_GET(self):
                self.server.asked.append(self.path)
                answer = self.server.answers.get(self.path.split("?")[0])
                answer = answer(self.path) if callable(answer) else answer
                self.answer(answer if isinstance(answer, bytes) else json.dumps(answer or {}), status=200 if answer is not None else 404)

            def do_POST(self):
                posted = json.loads(self.body())
                self.server.posted.append(posted)
                if self.server.standing:
                    wanting = [device("d2", self.server.standing, posted)] if self.server.standing == "received" else []
                    self.server.answers["/v1/devices"] = {**page(wanting, of=2 + self.server.more), "total": len(wanting) + self.server.more}
                self.answer(json.dumps(self.server.answers["post"]))

        super().__init__(path, Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A terminal that hangs up in the middle of too long an answer is right."""


def device(name, standing, raised):
    """The controller's row of a device that stands so for this raise."""
    kind, payload = raised["payloadType"].encode(), base64.b64decode(raised["payload"])
    pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    return {"device": name, "state": standing, "standing": standing, "not_enforced": True, "partly": [], "people": [], "groups": ["staff"], "last_report": 1, "counter": 1, "state_seq": 1,
            "unknown": False, "layers": [], "refused": [], "lockdowns": [
                {"id": hashlib.sha256(pae).hexdigest(), "kind": "emergency", "mode": "live", "rev": 0, "standing": standing}]}


def page(rows, of=None, following=None):
    return {"devices": rows, "total": len(rows), "of": len(rows) if of is None else of, "next": following}


def read(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def status_of(lockdowns):
    return {"council": "cannock-chase", "controller": "c1", "now": int(time.time()), "bus": "up", "seq": 1,
            "journal": {"size": 1, "root": "0" * 64}, "trust_epoch": 1, "register_version": 1, "accounts": 1, "devices": 0,
            "drafts": 0, "lockdowns": lockdowns}


def honest(terminal):
    return {"/v1/council": {"council": "cannock-chase", "trusts": [read(f"{terminal.council}/trust/1.json")],
                            "register": read(f"{terminal.council}/register.json"), "assignments": []},
            "/v1/orders": {"orders": []}, "/v1/status": status_of([]), "/v1/devices": page([]),
            "/v1/drafts": {"drafts": []}, "post": {"outcome": "recorded", "reason": "ok"}}


def forged_raise(folder, terminal):
    """A raise that nobody of the trust has signed."""
    order = {"council": "cannock-chase", "act": "raise", "kind": "emergency", "mode": "live", "at": 1, "level": "block", "from": 1,
             "until": 0, "accounts": ["*"], "groups": ["*"], "exempt": [], "reason": "Forged", "contact": "x", "instructions": "",
             "holding": []}
    good = read(f"{terminal.council}/register.json")
    return {**good, "payloadType": "application/vnd.holdfast.order.v1+json",
            "payload": base64.b64encode(json.dumps(order).encode()).decode()}


def progress(folder, terminal):
    """Watching a raise arrive: done only when every device is seen to hold."""
    fake = Liar(f"{folder}/fake.sock", honest(terminal))
    mine = terminal_in(folder, terminal.council, "fake.sock")
    raise_ = ("raise", "emergency", "--reason", "Fire", "--wait")
    fake.standing = "message-seen"
    done = mine(*raise_, "3600", who="comms-1")
    check("it ends as soon as every device holds", done.code == 0 and "enforced-verified on 2 of 2 devices" in done.out, done)
    fake.standing = "received"
    done = mine(*raise_, "1", "--json", who="comms-1")
    check("received is not enforced: the device is named", done.code == 0 and done.json["done"] == 1 and
          done.json["not_yet"] == [{"device": "d2", "state": "received", "partly": []}], done)
    done = mine(*raise_, "1", who="comms-1")
    check("in words too, with how to go on", "not yet: d2 (received)" in done.out and "status --watch" in done.out, done)
    fake.more = 3
    done = mine(*raise_, "1", who="comms-1")
    check("those whom its page does not name are counted", "enforced-verified on 1 of 5 devices; not yet: d2 (received) and 3 more" in done.out, done)
    fake.more = 0
    code, text = on_terminal(mine, [*raise_, "1", "--key", f"{mine.people}/comms-1.pem"], [(b"Passphrase of", PASS.encode() + b"\n"), (b"Type LIVE", b"LIVE\n")], columns=40)
    lines = [line for line in re.split(r"\r\033\[K|\r?\n", text) if line.startswith("enforced-verified on")]
    check("on a narrow terminal the progress is one line, drawn over itself", code == 0 and lines and all(len(line) < 40 for line in lines) and
          lines[0].endswith(" ..."), text)
    check("--wait 0 does not look", "enforced-verified on" not in mine(*raise_, "0", who="comms-1").out)
    fake.shutdown()
    fake.server_close()


def by_pages(rows, most, pause=0):
    """An answer for /v1/devices that goes on from page to page; each takes so long."""
    def answer(path):
        time.sleep(pause)
        after = re.search(r"after=([a-z0-9-]+)", path)
        left = [row for row in rows if not after or row["device"] > after.group(1)]
        return {**page(left[:most], len(rows), left[most - 1]["device"] if len(left) > most else None), "total": len(rows)}
    return answer


def drilled(rows):
    """One device on which an exercise alone is on, one on which a live lockdown holds beside it, one of a live one alone."""
    live = rows[0]["lockdowns"][0]
    drill = {**live, "id": "ab" * 32, "mode": "exercise"}
    return page([{**rows[i], "not_enforced": False, "lockdowns": held} for i, held in enumerate(([drill], [live, drill], [live]))])


def said_in(envelope):
    return json.loads(base64.b64decode(envelope["payload"]))


def called(names, who):
    """As screens call somebody: by the name of the trust, with the id behind it; or by the id."""
    return f"{names[who]} ({who})" if names[who] else who


def long_lists(folder, terminal):
    """The screens of a large estate: they ask for what they show, whole, and say that they are at it."""
    fake = Liar(f"{folder}/long.sock", honest(terminal))
    mine = terminal_in(folder, terminal.council, "long.sock")
    raised = mine("raise", "emergency", "--reason", "Fire", "--wait", "0", who="comms-1").code == 0 and fake.posted[0]
    rows = [{**device(f"d{n}", "enforced-verified", raised), "not_enforced": n == 5} for n in range(1, 7)]
    fake.answers["/v1/devices"], fake.asked = by_pages(rows, 2), []
    done = mine("devices", "--json")
    check("the list is whole, page after page", [row["device"] for row in done.json["devices"]] == ["d5", "d1", "d2", "d3", "d4", "d6"] and
          fake.asked == ["/v1/devices", "/v1/devices?after=d2", "/v1/devices?after=d4"] and done.json["total"] == 6, (done, fake.asked))
    done = mine("devices")
    check("who is not enforced is first, from whichever page", [line.split()[0] for line in done.out.splitlines()[:6]] ==
          ["d5", "d1", "d2", "d3", "d4", "d6"], done)
    check("and whose word that is", "controller's word" in done.out.splitlines()[-1], done)
    named = {**rows[0], "people": ["comms-1", "stranger-9"], "unknown": True, "open_for": ["comms-1"], "over": [{"person": "comms-2"}]}
    fake.answers["/v1/devices"] = page([named])
    names = {who["id"]: who.get("name") for who in said_in(read(f"{terminal.council}/trust/1.json"))["people"]}
    done = mine("devices")
    check("people are named as on other screens, and by their id whom no trust names", f"{called(names, 'comms-1')} and stranger-9" in done.out and
          f"open all the same for {called(names, 'comms-1')}" in done.out and f"LOCKED: {called(names, 'comms-2')} is over" in done.out, done)
    fake.answers["/v1/council"]["trusts"] *= 2
    done = mine("devices")
    check("nor does it take names of a controller whose trust does not follow", done.code == 1 and "DO NOT TRUST" in done.err, done)
    fake.answers["/v1/council"] = honest(terminal)["/v1/council"]
    done = terminal_in(folder, f"{folder}/none", "long.sock")("devices")
    check("without a council folder by their ids", done.code == 0 and "comms-1 and stranger-9" in done.out, done)
    fake.answers["/v1/devices"] = drilled(rows)
    said = mine("devices").out.splitlines()
    check("a state that is of an exercise alone says so", [line.split()[1] == "EXERCISE" for line in said[:3]] == [True, False, False], said)
    fake.answers["/v1/devices"] = by_pages(rows, 2)
    fake.asked = []
    mine("devices", "--not-enforced")
    check("what is not shown is not asked for", fake.asked[0] == "/v1/devices?not-enforced=1&bears=1", fake.asked)
    fake.asked = []
    check("nor by status", mine("status").code == 0 and fake.asked == ["/v1/council?device=", "/v1/status", "/v1/orders"], fake.asked)
    fake.asked = []
    check("nor by drafts", mine("drafts").code == 0 and
          fake.asked == ["/v1/council?device=", "/v1/status", "/v1/orders", "/v1/drafts"], fake.asked)
    fake.answers["/v1/devices"] = lambda path: page([], following="d1")
    done = mine("devices")
    check("attack: pages without end: one sentence", done.code == 1 and done.err.count("\n") == 1 and "do not go on" in done.err, done)
    fake.answers["/v1/devices"] = by_pages(rows, 2, pause=0.7)
    shown = on_terminal(mine, ["devices"], [])[1]
    check("what takes longer than a second says how far it is", re.search(r"\d of 6 devices \.\.\.", shown) and "d6" in shown, shown)
    no_word_no_claim(fake, mine, raised)
    fake.shutdown()
    fake.server_close()


def no_word_no_claim(fake, mine, raised):
    """Attack: a controller that leaves out the counts of a lockdown, or gives those of another revision."""
    fake.answers["/v1/orders"]["orders"] = [raised]
    lockdown = {"id": device("d1", "", raised)["lockdowns"][0]["id"], "kind": "emergency", "mode": "live", "phase": "in force", "rev": 0,
                "devices": 2, "counts": {"enforced-verified": 2}}
    for what, said, sure in (("as it holds", lockdown, True), ("nothing", None, False), ("no counts", {**lockdown, "counts": None}, False),
                             ("another revision", {**lockdown, "rev": 3}, False), ("a release", {**lockdown, "phase": "released"}, False)):
        fake.answers["/v1/status"] = status_of([said] if said else [])
        done = mine("status")
        check(f"status: the controller counts {what}", ("nforced and verified on" in done.out) == sure and
              ("cannot be said" in done.out) != sure, done)
    fake.answers["/v1/status"] = status_of([])
    done = mine("status", "--json")
    check("in JSON a warning says it", "on which devices it does not stand as it should cannot be said" in done.err, done)


def odd_answers(folder, liar, mine):
    """What is odd about an answer is said, and stands between no officer and an order."""
    forged = forged_raise(folder, mine)
    for what, council, says in (("no trust", {"trusts": []}, "has not heard of the newest trust in your council folder (it has 0 of 1)."),
                                ("a register that is none", {"register": forged}, "the controller's register is refused (type)"),
                                ("a part that is none", {"register_waiting": [forged]}, "the controller shows a part of a register that is refused.")):
        liar.answers = honest(mine)
        liar.answers["/v1/council"] |= council
        done = mine("status")
        check(f"a controller that shows {what}: said, and the status is shown", done.code == 0 and says in done.err, done)
    liar.answers = honest(mine)
    liar.answers["/v1/drafts"]["drafts"] = [{"digest": "ab" * 32, "envelope": {"payload": "?"}}]
    done = mine("drafts")
    check("a draft that cannot be read is said", done.code == 0 and "shows a draft that cannot be read" in done.err, done)
    liar.answers = {}
    done = mine("devices")
    check("a refusal without a reason is called that", done.code == 1 and "(no reason, 404): it did not say why." in done.err, done)


def liars(folder, terminal):
    liar = Liar(f"{folder}/liar.sock", honest(terminal))
    mine = terminal_in(folder, terminal.council, "liar.sock")
    check("an honest controller is believed", mine("status").code == 0, mine("status"))
    terminal_in(folder, f"{folder}/other")("council", "init", f"{folder}/other", "--plan", PLAN, *TOOLS)
    liar.answers["/v1/council"]["trusts"] = [read(f"{folder}/other/trust/1.json")]
    for words in (["status"], ["raise", "emergency", "--reason", "Fire"], ["drafts"]):
        done = mine(*words, who="comms-1")
        check(f"a controller with another trust is refused loudly: {words[0]}", done.code == 1 and
              "DO NOT TRUST THIS CONTROLLER" in done.err and not liar.posted, done)
    liar.answers = honest(terminal)
    liar.answers["/v1/council"]["trusts"] *= 2
    done = mine("status")
    check("a trust that does not follow is refused", done.code == 1 and "DO NOT TRUST" in done.err, done)
    liar.answers = honest(terminal)
    liar.answers["/v1/orders"]["orders"] = [forged_raise(folder, terminal)]
    liar.answers["/v1/status"] = status_of([{"id": "ab" * 32, "kind": "emergency", "mode": "live", "phase": "in force", "rev": 0,
                                             "counts": {}, "devices": 0}])
    done = mine("status")
    check("a forged lockdown is not shown as one", done.code == 0 and "IN FORCE: LIVE" not in done.out and
          "not believed" in done.out and "not borne out" in done.err, done)
    check("nor in JSON", [k["verified"] for k in mine("status", "--json").json["lockdowns"]] == [False])
    liar.answers = honest(terminal)
    liar.answers["/v1/drafts"]["drafts"] = [{"digest": "ab" * 32, "envelope": forged_raise(folder, terminal)}]
    done = mine("approve", "abababab", who="comms-1")
    check("a draft is found by its own digest, not by the one the controller says", done.code == 1 and not liar.posted, done)
    liar.answers = honest(terminal)
    liar.answers["post"] = {"outcome": "draft", "reason": "too-few"}
    done = mine("raise", "emergency", "--reason", "Fire", who="comms-1")
    check("an approved order that is held back is called that", "holds it back" in done.err and len(liar.posted) == 1, done)
    liar.answers["post"], liar.posted[:] = {"outcome": "recorded", "reason": "ok"}, []
    raised = mine("raise", "emergency", "--reason", "Fire", "--wait", "0", who="comms-1").code == 0 and liar.posted.pop()
    liar.answers["/v1/orders"] = {"orders": [raised]}
    done = mine("release", "--reason", "Over", "--message", "All clear", "--wait", "0", who="comms-1")
    check("attack: what lacks an approval is called in force by the controller alone: that is said", len(liar.posted) == 1 and
          "the controller says that it is in force, but by the trust here it is not (too-few)." in done.err, done)
    odd_answers(folder, liar, mine)
    for what, answer in (("garbage", b"<html>"), ("nothing", b""), ("two members of one name", b'{"a":1,"a":2}'),
                         ("an escape sequence", b'{"council":"\\u001b[2J"}'), ("a list", b"[]"), ("very much", b'{"a":"' + b"x" * (33 << 20))):
        liar.answers = {**honest(terminal), "/v1/council": answer}
        done = mine("status")
        check(f"a controller that answers {what}: one sentence", done.code == 1 and done.err.count("\n") == 1, done)
    liar.shutdown()
    liar.server_close()


def main():
    folder = tempfile.mkdtemp(prefix="hf-cli-")
    try:
        terminal = council_init(folder)
        passphrase_of_each(folder)
        plans(folder)
        keys(folder)
        devices(folder, terminal)
        certificates(folder, terminal)
        verify_vectors(folder)
        verify_words(folder)
        verify_faults(folder, terminal)
        calls(f"{folder}/nowhere")
        liars(folder, terminal)
        progress(folder, terminal)
        long_lists(folder, terminal)
        terminal.socket = f"{folder}/c.sock"
        with Controller(folder, terminal.council):
            approvals(terminal, orders(terminal))
            asked_wrongly(terminal)
            one_text(folder, terminal)
            taken_back(terminal)
            completes(terminal)
            two_at_once(terminal)
            of_a_person(terminal)
            prompts(terminal)
            becomes_first(folder, terminal)
            not_first(folder, terminal)
            half_first(folder, terminal)
            many_first(folder, terminal)
            set_aside(terminal)
            behind_the_roots(folder, terminal)
            planned(folder, terminal)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
