#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""People and keys change, and no device is visited (proto/README.md "When people change", deploy/guide/it.md "People and keys").

The officers' terminal, a real controller, the broker as it ships, a real agent and its link. An officer joins, leaves, loses a
key; a controller's key is stolen; a root is lost; a device was away for several epochs. Attacks: a server that slips a release
into what is affirmed, shown or not; an assignment of one alone; a proposal that is changed between signers; a file of another
council; another trust of the same epoch; an old file again; keys of people. HF_BUILD names the build folder.
"""
import base64
import contextlib
import json
import os
import pty
import subprocess
import sys
import time

from common import ENOUGH, REACHED, check, read, typed, wait_for, write
from council_help import COUNCIL, DEVICE, TOPICS, contract, key, pem_of
from whole_help import HOLDFAST, Council, enrolled, inside, join, leave


BEAT = f"beat/{contract.slice_of(DEVICE)}/c1"


class Roots:
    """Each root's key in a folder of its own, as on sticks; and the public keys of people, as they send them."""

    def __init__(self, council):
        self.council, self.folder = council, f"{council.folder}/sticks"
        for name in ("root-1", "root-2", "root-3", "root-4"):
            write(f"{self.folder}/{name}/root.pem", pem_of(name))
            os.chmod(f"{self.folder}/{name}/root.pem", 0o600)
        for name in ("comms-3", "comms-2-new", "c1-new", "root-3", "root-4", "it-1-new"):
            write(f"{self.folder}/{name}.pub", key(name).public + "\n")

    def public(self, name):
        return f"{self.folder}/{name}.pub"

    def stick(self, name):
        return f"{self.folder}/{name}/root.pem"

    def propose(self, file, *words):
        return self.council.says("trust", "propose", *words, "-o", f"{self.folder}/{file}", "--json")

    def sign(self, file, who, **more):
        """With what was read out: that of this file, unless another is said."""
        path = f"{self.folder}/{file}"
        proposed = json.loads(contract.open_envelope(json.dumps(proposal(path)["next"]).encode())[1])
        said = {"epoch": str(proposed["epoch"]), "digest": contract.digest_of(json.dumps(proposal(path)["next"]).encode())[:20], **more}
        again = ["--again"] if said.pop("again", False) else []
        return self.council.says("trust", "sign", path, "--root-key", said.pop("stick", self.stick(who)), *again,
                                 *(w for name, value in said.items() for w in (f"--{name}", value)))

    def publish(self, *files, wait="0", words=()):
        return self.council.says("trust", "publish", *(f"{self.folder}/{f}" for f in files), "--wait", wait, "--json", *words)

    def first(self):
        """As it stands on paper."""
        return contract.digest_of(json.dumps(self.council.trust).encode())[:20]

    def ceremony(self, file, signers, *words):
        """Proposed, signed by these, published, and taken by the device."""
        good, saw = self.ceremony_unheard(file, signers, *words, wait=str(ENOUGH // 2))
        return good and saw[2].json["on_it"] == saw[2].json["of"] == 1, saw

    def ceremony_unheard(self, file, signers, *words, wait="0"):
        done = self.propose(file, *words)
        signed = [self.sign(file, who, first=self.first()) for who in signers] if done.code == 0 else []
        last = self.publish(file, wait=wait) if done.code == 0 else done
        return all(s.code == 0 for s in signed) and last.code == 0, (done, signed, last)


def proposal(path):
    return json.loads(read(path))


def seen(saw):
    return [[str(s) for s in one] if isinstance(one, list) else str(one) for one in saw]


def refused(done, *says):
    return done.code == 1 and all(s in done.err for s in says) and "Traceback" not in done.err


def in_force(council):
    return [l["id"] for l in council.says("status", "--json").json["lockdowns"] if l["phase"] == "in force"]


# What the command refuses -------------------------------------------------------------------------------------------------
def slips(council, roots):
    new = ("--new-key", f"comms-3={roots.public('comms-3')}")
    rows = [("nothing at all", [], 2, "Say what is to change"), ("somebody who is there", ["--add", "comms-1:comms", *new], 2, "in the trust already"),
            ("somebody without a key", ["--add", "comms-3:comms"], 2, "Say the public key of comms-3, too"), ("somebody unknown", ["--remove", "comms-9"], 1, "no person comms-9"),
            ("roles of nobody", ["--roles", "comms-9:it"], 1, "no person comms-9"), ("no roles", ["--add", "comms-3"], 2, "is no ID:"),
            ("no file", ["--new-key", "comms-1=/nowhere"], 1, "/nowhere"), ("a private key", ["--new-key", f"comms-1={roots.stick('root-3')}"], 1, "is a private key"),
            ("no key at all", ["--new-key", f"comms-1={council.papers}/trust/1.json"], 1, "holds no public key"),
            ("a key that somebody has", ["--new-key", f"comms-1={roots.public('root-1')}"], 1, "stands in the trust twice"),
            ("a name of two lines", ["--name", "comms-1=Ann\nX"], 1, "name"), ("a name that is no text", ["--name", "comms-1=\udcff"], 2, "no plain text"),
            ("no controller", ["--remove-controller", "c9"], 1, "no controller c9"), ("no root", ["--remove-root", "Nobody"], 1, "names 0 of the roots"),
            ("a root without a name", ["--root", roots.public("root-3")], 2, "A root is NAME=FILE"), ("a threshold of one", ["--threshold", "1"], 1, "one root alone"),
            ("a threshold of nine", ["--threshold", "9"], 2, "from 1 to 8"), ("more than there are", ["--threshold", "3"], 1, "larger than the number"),
            ("no such lockdown", ["--remove", "it-1", "--leave-out", "abcd"], 1, "No live lockdown's id begins with abcd")]
    write(roots.public("root-1"), key("root-1").public + "\n")
    for what, words, code, says in rows:
        done = roots.propose("slip.json", *words)
        check(f"a proposal with {what} is refused", done.code == code and says in done.err and not os.path.exists(f"{roots.folder}/slip.json"), done)
    for what, words, says in (("with a slip in a role", ["--roles", "it-1:coms"], "ATTENTION: it-1 has the role `coms`, which no rule knows"),
                              ("without anybody of a role", ["--remove", "it-1"], "ATTENTION: Nobody could take a device in")):
        done = roots.propose("slip.json", *words)
        check(f"a proposal {what} is one, and says so", done.code == 0 and says in done.err, done)
        done = council.says("trust", "show", f"{roots.folder}/slip.json")
        check("to each root, too", done.code == 0 and says in done.out, done)
        os.unlink(f"{roots.folder}/slip.json")
    done = roots.propose("slip.json", "--add", "sarah-2:comms", "--new-key", f"sarah-2={roots.public('comms-3')}")
    check("one with an id that looks like a name warns of it", done.code == 0 and "the id sarah-2 looks like its person's name" in done.err and "comms-2 looks" not in done.err, done)
    os.unlink(f"{roots.folder}/slip.json")
    check("and one that is written nowhere", council.says("trust", "propose", "--remove", "it-1").code == 2)
    for command in ("show", "sign", "publish"):
        done = council.says("trust", command, f"{council.papers}/trust/1.json", *(["--root-key", roots.stick("root-1")] if command == "sign" else []))
        check(f"trust {command} of what is no proposal is refused", refused(done, "is no proposal of a trust"), done)
    check("a signature without a key is refused", council.says("trust", "sign", "x").code == 2)


# An officer joins, another leaves, in an emergency --------------------------------------------------------------------------
def joins_and_leaves(council, device, roots):
    raised = council.says("raise", "emergency", "--reason", "Fire", "--wait", "0", "--json", who="comms-1").json["lockdown"]
    check("shut by whoever leaves", wait_for(lambda: device.blocked() != []), device.blocked())
    done = roots.propose("2.json", "--add", "comms-3:comms,accounts", "--new-key", f"comms-3={roots.public('comms-3')}", "--name", "comms-3=Zoë O'Neill",
                         "--name", "comms-2=Ben Okafor", "--remove", "comms-1")
    says = ("PROPOSED TRUST of cannock-chase, epoch 2", "JOINS: Zoë O'Neill (comms-3), with the roles comms or accounts", "LEAVES: comms-1",
            "comms-2 is called Ben Okafor (comms-2)", "AFFIRMS 2 documents", "AFFIRMS 1 device's assignments", "AFFIRMED, " + raised[:12], "Fire", "none changes",
            f"The file shows the emergency lockdown {raised[:12]}, in force, raised on ",
            "Of the roots of epoch 1 it needs 2, and has 0: nobody", "Of the roots of epoch 2 it needs 2")
    check("what the leaver raised is affirmed by itself, and said", done.code == 0 and raised in done.json["affirms"] and done.json["effects"] == [] and
          not [s for s in says if s not in done.err], done)
    shown = council.says("trust", "show", f"{roots.folder}/2.json")
    check("trust show says the same", shown.code == 0 and not [s for s in says if s not in shown.out], shown)
    register = contract.digest_of(json.dumps(council.register).encode())
    check("so is the register that the leaver approved", register in done.json["affirms"], done)
    return raised


def wrong_keys(council, roots):
    done = roots.sign("2.json", "root-1", stick=f"{council.papers}/people/comms-2.pem")
    check("a person's key signs no trust, and it says whose it is", refused(done, "Ben Okafor (comms-2), who is no root"), done)
    done = roots.sign("2.json", "root-4")
    check("nor does a key of nobody", refused(done, "of no root"), done)
    done = roots.sign("2.json", "root-1", digest="ab" * 10)
    check("another digest than this file's: refused", refused(done, "not the digest of this file"), done)
    done = roots.sign("2.json", "root-1", digest=contract.digest_of(json.dumps(proposal(f"{roots.folder}/2.json")["next"]).encode())[:19])
    check("19 characters are too few", refused(done, "not the digest of this file"), done)
    done = roots.sign("2.json", "root-1", epoch="3")
    check("another epoch: refused", refused(done, "This is epoch 2"), done)
    check("and nothing was signed by any of it", proposal(f"{roots.folder}/2.json")["next"]["signatures"] == [] and
          not os.path.exists(roots.stick("root-1") + ".signed"))


def spoilt(roots, file, change):
    """The proposal as a hostile server hands it on."""
    path = f"{roots.folder}/{file}"
    doc = proposal(f"{roots.folder}/2.json")
    value = json.loads(base64.b64decode(doc["next"]["payload"]))
    change(doc, value)
    doc["next"] = json.loads(contract.message("trust", value, []))
    write(path, json.dumps(doc))


def slipped_in(council, roots, raised):
    now = int(time.time())
    thief = json.loads(contract.message("order", contract.release_order(COUNCIL, "emergency", "live", now, of=[raised]), [key("comms-2")]))
    stranger = json.loads(contract.message("order", contract.release_order(COUNCIL, "emergency", "live", now, of=[raised]), [key("x"), key("y")]))
    alone = json.loads(contract.message("assignment", contract.assignment(
        COUNCIL, DEVICE, 7, now, public=council.paper(f"assignments/{DEVICE}.json") and key("d").public, people={"comms-2": "mallory"}, groups=[]), [key("it-1")]))
    for what, document in (("a release by one", thief), ("a release by strangers", stranger), ("an assignment by one alone", alone)):
        digest = contract.digest_of(json.dumps(document).encode())

        def enclosed(doc, value, document=document, digest=digest):
            value["affirmed"].append(digest)
            doc["documents"].append(document)
        spoilt(roots, "slipped.json", enclosed)
        for words in (["show"], ["sign"]):
            done = council.says("trust", *words, f"{roots.folder}/slipped.json", *(["--root-key", roots.stick("root-1"), "--epoch", "2"] if words == ["sign"] else []))
            check(f"attack: {what}, slipped into what is affirmed: trust {words[0]} refuses it", refused(done, "DO NOT SIGN THIS", "did not approve"), done)

        def hidden(_, value, digest=digest):
            value["affirmed"].append(digest)
        spoilt(roots, "slipped.json", hidden)
        done = council.says("trust", "show", f"{roots.folder}/slipped.json")
        check(f"attack: {what} that is not shown is refused", refused(done, "DO NOT SIGN THIS", "does not show"), done)
    assignments_slipped_in(council, roots, stranger_is=key("x"))
    draft = json.loads(contract.message("trust", json.loads(base64.b64decode(proposal(f"{roots.folder}/2.json")["next"]["payload"])), [key("root-1")]))
    council.servers["c1"].post(json.dumps(draft).encode())
    done = council.says("approve", contract.digest_of(json.dumps(draft).encode()), "--key", roots.stick("root-2"), "--yes")
    check("attack: nor does a root approve such a draft of the server's unseen", refused(done, "documents that are not shown"), done)


def rooted(documents, act="loosen"):
    """The root over these assignments, as the file's reader makes it."""
    rows = sorted((contract.document_of(d)["device"], contract.digest_of(d), act) for d in documents)
    return contract.assignments_root(rows)[0]


def assignments_slipped_in(council, roots, stranger_is):
    """Into the root, where no digest of it can be seen: each that it is over is enclosed, and was approved."""
    forged = contract.envelope("assignment", contract.assignment(
        COUNCIL, "d9", 1, int(time.time()), public=key("d9").public, people={"mallory": "mallory"}, groups=[]), [stranger_is])
    mine = lambda doc: [d for d in doc["documents"] if contract.open_envelope(d)[0] == "assignment"]

    def enclosed(doc, value):
        doc["documents"].append(forged)
        value["assignments"] = rooted(mine(doc))

    def hidden(doc, value):
        value["assignments"] = rooted(mine(doc) + [forged])

    def taken_out(doc, value):
        doc["documents"] = [d for d in doc["documents"] if d not in mine(doc)]

    def as_by_one(doc, value):
        value["assignments"] = rooted(mine(doc), "approve")
    for what, change, says in (("that nobody approved is enclosed", enclosed, "DO NOT SIGN THIS: it affirms the assignment "),
                               ("is in the root and not shown", hidden, "those that it shows are not these"), ("is shown no more", taken_out, "those that it shows are not these"),
                               ("counts for less than was approved", as_by_one, "those that it shows are not these")):
        spoilt(roots, "slipped.json", change)
        done = council.says("trust", "show", f"{roots.folder}/slipped.json")
        check(f"attack: an assignment {what}: refused", refused(done, says), done)


def other_council(council, roots):
    """A chain of the server's own making, to have a true root sign what follows it."""
    def fake(doc, value):
        people = [contract.person(p, ["comms", "monitoring"], [key(p).public]) for p in ("x", "y")]
        first = contract.trust(COUNCIL, 1, council.at, roots=[key(r).public for r in ("root-1", "x-root")], controllers={"c1": key("c1").public}, people=people)
        doc["trusts"] = [json.loads(contract.message("trust", first, [key("x-root"), key("x-root-2")]))]
        value["roots"] = first["roots"]
    spoilt(roots, "fake.json", fake)
    done = council.says("trust", "show", f"{roots.folder}/fake.json")
    check("attack: a first trust that too few of its roots signed is refused", refused(done, "does not follow"), done)

    def whole(doc, value):
        people = [contract.person(p, ["comms", "monitoring"], [key(p).public]) for p in ("x", "y")]
        first = contract.trust(COUNCIL, 1, council.at, roots=[key(r).public for r in ("x-root", "x-root-2", "root-1")], controllers={"c1": key("c1").public}, people=people)
        doc["trusts"] = [json.loads(contract.message("trust", first, [key("x-root"), key("x-root-2")]))]
        doc["documents"], value["affirmed"] = [], []
        value["roots"] = first["roots"]
        del value["assignments"]
    spoilt(roots, "fake.json", whole)
    done = roots.sign("fake.json", "root-1", first=contract.digest_of(json.dumps(council.trust).encode())[:20])
    check("attack: a chain of the server's own: the key has signed none of it, and the first trust is another", refused(done, "another first trust"), done)


def changed_between(council, roots):
    done = roots.sign("2.json", "root-1")
    check("a root signs, without a network", done.code == 0 and "You sign as root" in done.out and "SIGNED" in done.out and "and has 1" in done.out, done)
    done = roots.sign("2.json", "root-1")
    check("it counts once", refused(done, "signed this already"), done)
    done = roots.publish("2.json")
    check("one of two: nothing is published", refused(done, "Too few roots"), done)
    digest = contract.digest_of(json.dumps(proposal(f"{roots.folder}/2.json")["next"]).encode())

    def more(doc, value):
        value["people"][0]["roles"].append("it")
    spoilt(roots, "changed.json", more)
    doc = proposal(f"{roots.folder}/changed.json")
    doc["next"]["signatures"] = proposal(f"{roots.folder}/2.json")["next"]["signatures"]
    write(f"{roots.folder}/changed.json", json.dumps(doc))
    done = council.says("trust", "show", f"{roots.folder}/changed.json")
    check("attack: changed between two signers, the first one's signature is gone", done.code == 0 and "it needs 2, and has 0: nobody" in done.out, done)
    done = roots.sign("changed.json", "root-2", digest=digest[:20])
    check("and the second one's digest is another", refused(done, "not the digest of this file"), done)
    done = roots.sign("changed.json", "root-1")
    check("attack: a second trust of one epoch: the stick remembers the first", refused(done, "another trust of epoch 2"), done)
    done = roots.publish("2.json", "changed.json")
    check("and the two are not put together", refused(done, "proposes another trust"), done)


def asked_on_a_terminal(council, roots):
    """Without options it asks: what was read out is typed, in groups and capitals as people do."""
    digest = contract.digest_of(json.dumps(proposal(f"{roots.folder}/2.json")["next"]).encode())
    read_out = " ".join(digest[i:i + 5].upper() for i in range(0, 20, 5))
    main, end_of = pty.openpty()
    process = subprocess.Popen([HOLDFAST, "trust", "sign", f"{roots.folder}/2.json", "--root-key", roots.stick("root-2")], stdin=end_of, stdout=end_of, stderr=end_of,
                               start_new_session=True, env={**os.environ, **REACHED}, preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0))
    os.close(end_of)
    shown = typed(main, [(b"Which epoch do you sign: ", b"2\n"), (b"read out to you: ", read_out.encode() + b"\n")])
    check("on a terminal it asks for epoch and digest, and no council folder is needed", process.wait(ENOUGH) == 0 and "SIGNED" in shown and
          "ENOUGH have signed" in shown, shown)


def published(council, device, roots, raised):
    with write_protected(f"{council.papers}/trust"), write_protected(f"{council.papers}/assignments"):
        done = roots.publish("2.json", wait=str(ENOUGH // 2))
    check("published, and the device is counted on it", done.code == 0 and done.json["on_it"] == done.json["of"] == 1 and "1 of 1 devices on epoch 2" in done.err, done)
    check("a council folder that cannot be written to holds nothing up, and what it has no copy of is said", "the council folder here has no copy of it, "
          "which only a new beginning would need: " in done.err and f"the council folder here has no copy of the proof of {DEVICE}." in done.err, done)
    check("what the leaver raised still holds there", device.blocked() != [] and raised in in_force(council), device.blocked())
    check("the device says which trust it holds", council.row().get("trust_epoch") == 2, council.row())
    done = roots.publish("2.json")
    check("published again: it counts, and changes nothing", done.code == 0 and done.json["epoch"] == 2, done)
    done = council.says("raise", "emergency", "--reason", "Revenge", "--wait", "0", who="comms-1")
    check("the leaver raises nothing more", refused(done, "of nobody in the trust"), done)
    write(f"{council.papers}/people/comms-3.pem", pem_of("comms-3"))
    os.chmod(f"{council.papers}/people/comms-3.pem", 0o600)
    done = council.says("release", raised, "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-3")
    check("who joined begins the all-clear, by name", done.code == 0 and "You sign as Zoë O'Neill (comms-3)" in done.out, done)
    done = council.says("drafts")
    check("the drafts say names", "approved by Zoë O'Neill (comms-3)" in done.out and "Ben Okafor (comms-2)" in done.out, done)
    draft = council.says("drafts", "--json").json["drafts"]
    draft = [d["digest"] for d in draft if d["type"] == "order"][0]
    done = council.says("approve", draft, "--wait", "0", who="monitoring-1")
    check("and it opens", done.code == 0 and wait_for(lambda: device.blocked() == []), (done, device.blocked()))


# A ceremony that is played ----------------------------------------------------------------------------------------------
class Practice:
    """`trust --practice` on a terminal of its own, with no council folder; its folder is made below this one."""

    def __init__(self, roots, *words):
        self.room = f"{roots.folder}/practice"
        os.makedirs(self.room, exist_ok=True)
        self.main, end_of = pty.openpty()
        environ = {k: w for k, w in os.environ.items() if not k.startswith("HOLDFAST")}
        self.process = subprocess.Popen([HOLDFAST, "trust", "--practice", *words], stdin=end_of, stdout=end_of, stderr=end_of, start_new_session=True,
                                        env={**environ, **REACHED, "TMPDIR": self.room},
                                        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0))
        os.close(end_of)

    def left(self):
        return os.listdir(self.room)

    def file(self):
        return f"{self.room}/{self.left()[0]}/next.json"

    def digest(self):
        return contract.digest_of(proposal(self.file())["next"])[:20].encode() + b"\n"

    def keep(self, path):
        """A copy that enough spare roots have signed."""
        write(path, read(self.file()))
        return self.digest()


def practised(council, roots):
    played = Practice(roots, "--json")
    before = snapshot_of(council)
    secret = [(b"make one up: ", b"spare\n"), (b"again: ", b"spare\n")]
    one = [(b"root.pem: ", b"spare\n"), (b"Which epoch do you sign: ", b"2\n"), (b"read out to you: ", played.digest)]
    slip = [(b"root.pem: ", b"spare\n"), (b"Which epoch do you sign: ", b"2\n"), (b"read out to you: ", b"ab" * 10 + b"\n")]
    last = [*one[:2], (b"read out to you: ", lambda: played.keep(f"{roots.folder}/practised.json"))]
    shown = typed(played.main, [*secret, *slip, *one, *one, *last])
    says = ("PRACTICE: nothing of this can ever count", "which nobody has", "PRACTICE, 1 of 4", "JOINS: comms-3", "LEAVES: comms-2", "Once more:", "You sign as Practice-1",
            "You sign as Practice-3", "ENOUGH have signed", "This one goes to nobody", "PRACTICE IS OVER", '"outcome": "practised"')
    check("a whole ceremony is played with spare keys, with the same prompts, and a slip is asked again", played.process.wait(ENOUGH) == 0 and
          not [s for s in says if s not in shown], (shown, [s for s in says if s not in shown]))
    check("nothing of it is left, and the council's folder is as it was", played.left() == [] and snapshot_of(council) == before, played.left())
    done = roots.publish("practised.json")
    check("attack: what was signed in practice is published: refused", refused(done, "follows epoch 1 as the roots knew it"), done)
    status, said = council.servers["c1"].post(json.dumps(proposal(f"{roots.folder}/practised.json")["next"]).encode())
    check("attack: it is handed to the controller by itself: refused", status == 400 and said["error"] == "council", (status, said))
    for what, ends in (("Ctrl-C", lambda p: os.write(p.main, b"\x03")), ("a terminal that is closed", lambda p: os.close(p.main)),
                       ("an end by the system", lambda p: p.process.terminate())):
        played = Practice(roots)
        check(f"{what}: it has begun", wait_for(lambda played=played: played.left() != []), played.left())
        ends(played)
        check(f"{what}: nothing is left of it either", played.process.wait(ENOUGH) != 0 and played.left() == [], played.left())
    done = council.says("trust", "--practice")
    check("without a terminal there is nothing to practise, and nothing is left", done.code == 2 and "no terminal" in done.err and
          not [f for f in os.listdir("/tmp") if f.startswith("holdfast-practice-")], done)


def snapshot_of(council):
    return sorted((path, name, os.stat(f"{path}/{name}").st_mtime_ns) for path, _, names in os.walk(council.papers) for name in names)


# What was released stays released, and who is not affirmed loses it ----------------------------------------------------------
def released_by_leaver(council, device, roots):
    raised = council.says("raise", "emergency", "--reason", "Flood", "--wait", "0", "--json", who="comms-2").json["lockdown"]
    council.says("release", raised, "--reason", "Dry", "--message", "All clear.", "--wait", "0", who="comms-3")
    draft = [d["digest"] for d in council.says("drafts", "--json").json["drafts"] if d["type"] == "order"][0]
    council.says("approve", draft, "--wait", "0", who="monitoring-1")
    done = roots.propose("back.json", "--remove", "comms-3", "--leave-out", raised)
    check("an all-clear that is left out would count no more, and it says so", done.code == 0 and
          [(e["lockdown"], e["change"]) for e in done.json["effects"]] == [(raised, "returns")] and "It COMES BACK" in done.err, done)
    good, saw = roots.ceremony("3.json", ("root-1", "root-2"), "--remove", "comms-3", "--root", f"Head of IT={roots.public('root-3')}")
    check("an all-clear stands though its approver leaves; a third root joins", good and draft in saw[0].json["affirms"] and
          "A ROOT JOINS: Head of IT" in saw[0].err and saw[2].json["on_it"] == 1, seen(saw))
    check("and nothing is shut again", device.blocked() == [] and in_force(council) == [], (device.blocked(), in_force(council)))


def leaver_whose_raise_must_go(council, device, roots):
    """A stolen key has raised: its lockdown ends with it, and that is never done unawares."""
    thief = council.says("raise", "emergency", "--reason", "Lies", "--wait", "0", "--json", who="comms-2").json["lockdown"]
    check("a stolen key shuts", wait_for(lambda: device.blocked() != []), device.blocked())
    done = roots.propose("4.json", "--new-key", f"comms-2={roots.public('comms-2-new')}", "--leave-out", thief[:8])
    check("what is left out ends, and it says so", done.code == 0 and thief not in done.json["affirms"] and
          [(e["lockdown"], e["change"]) for e in done.json["effects"]] == [(thief, "void")] and "WOULD CHANGE: the emergency " + thief[:12] in done.err and
          "CHANGES KEYS: Ben Okafor (comms-2)" in done.err, done)
    done = roots.sign("4.json", "root-3")
    check("a root that has signed no trust yet is asked for the first one's digest", done.code == 2 and "no terminal" in done.err, done)
    signed = [roots.sign("4.json", "root-2"), roots.sign("4.json", "root-3", first=roots.first())]
    check("two of three roots are enough", all(s.code == 0 for s in signed) and "Head of IT (root " in signed[1].out, "".join(map(str, signed)))
    done = roots.publish("4.json")
    check("it is not published without --void", refused(done, "It would change what is in force"), done)
    check("and still holds", device.blocked() != [], device.blocked())
    done = roots.publish("4.json", wait=str(ENOUGH // 2), words=["--void"])
    check("with it, it is, and the device opens", done.code == 0 and wait_for(lambda: device.blocked() == []), (str(done), device.blocked()))
    done = council.says("raise", "emergency", "--reason", "More", "--wait", "0", who="comms-2")
    check("the lost key signs nothing more", refused(done, "of nobody in the trust"), done)
    write(f"{council.papers}/people/comms-2.pem", pem_of("comms-2-new"))
    done = council.says("raise", "emergency", "--exercise", "--reason", "New key", "--wait", "0", who="comms-2")
    check("the new one does", done.code == 0, done)


def thief_says(council, seq):
    """By the old key of c1, through a broker that a thief has: nothing is in force."""
    now = int(time.time())
    doc = contract.state(COUNCIL, "c1", seq, now + 60, valid_until=now + 3600, trust=(1, contract.digest_of(json.dumps(council.trust).encode())),
                         register=(1, contract.digest_of(json.dumps(council.register).encode())), orders=[])
    write(f"{council.folder}/thief.json", contract.message("state", doc, [key("c1")]))
    return subprocess.run(council.broker.client("mosquitto_pub", "c1", "-t", f"{TOPICS}/{BEAT}", "-q", "1", "-f", f"{council.folder}/thief.json"),
                          capture_output=True, timeout=ENOUGH, check=False).returncode == 0


def refused_by(council, reason):
    return {r["reason"]: r["count"] for r in council.row().get("refused", [])}.get(reason, 0)


def controller_stolen(council, device, roots):
    server = council.servers["c1"]
    good, saw = roots.ceremony("5.json", ("root-1", "root-3"), "--controller", f"c1={roots.public('c1-new')}")
    check("the key of a controller is replaced", good and "The controller c1 CHANGES its key" in saw[0].err, seen(saw))
    server.stop()
    write(f"{server.folder}/controller.pem", pem_of("c1-new"))
    check("with its new key the controller starts, from the same journal", server.start())
    raised = council.says("raise", "emergency", "--reason", "After", "--wait", "0", "--json", who="comms-2").json["lockdown"]
    check("and the device hears it", wait_for(lambda: device.blocked() != []), device.blocked())
    check("attack: the old key speaks on", wait_for(lambda: thief_says(council, 2 ** 40) and refused_by(council, "controller") > 0), council.row())
    check("and what it says is refused there", device.blocked() != [] and raised in in_force(council), device.blocked())
    return raised


def away(council, device, roots, raised):
    """A laptop in a drawer while three trusts come, a root is replaced, and the emergency ends."""
    leave(device)
    moved = moved_while_away(council)
    good, saw = roots.ceremony_unheard("6.json", ("root-2", "root-3"), "--new-key", f"it-1={roots.public('it-1-new')}", "--remove-root", "Root 1", "--root", f"Chief Executive={roots.public('root-4')}")
    says = ("A ROOT LEAVES: Root 1", "A ROOT JOINS: Chief Executive", "AFFIRMS 1 device's assignments")
    check("a root that is lost is replaced by as many as are left", good and not [s for s in says if s not in saw[0].err], seen(saw))
    done = roots.propose("7.json", "--name", "it-1=Ida Moss")
    done = roots.sign("7.json", "root-1")
    check("the lost one signs nothing more, wherever it is found", refused(done, "of no root"), done)
    good, saw = roots.ceremony_unheard("7.json", ("root-4", "root-3"), "--name", "it-1=Ida Moss")
    check("the new one does", good and "Chief Executive (root " in saw[1][0].out, seen(saw))
    council.says("release", raised, "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-2")
    draft = [d["digest"] for d in council.says("drafts", "--json").json["drafts"] if d["type"] == "order"][0]
    council.says("approve", draft, "--wait", "0", who="monitoring-1")
    good, saw = roots.ceremony_unheard("8.json", ("root-4", "root-2"), "--remove-controller", "c2", "--roles", "monitoring-1:monitoring,comms")
    check("a controller leaves, somebody has other roles", good and "The controller c2 LEAVES" in saw[0].err and "CHANGES ROLES: monitoring-1" in saw[0].err, seen(saw))
    check("nobody has taken it meanwhile", saw[2].json["on_it"] == 0, saw[2])
    check("each trust affirms its newest assignment, whose approver of IT has left", [proofs_of(council)] == [1] and saw[2].json["proofs"] == 1, (saw[2], proofs_of(council)))
    false_proofs(council, moved)
    join(device, council)
    check("away for three trusts: it walks forward, and opens", council.sees(lambda r: r.get("trust_epoch") == 8) and
          wait_for(lambda: device.blocked() == []), (council.row(), device.blocked()))
    moved_by_proof(council, device)


def moved_while_away(council):
    """Two give it another group; it hears nothing of that while the one of IT is known."""
    before = council.paper(f"assignments/{DEVICE}.json")
    value = {**contract.document_of(before), "version": 2, "groups": ["planning"]}
    moved = contract.envelope("assignment", value, [key("it-1"), key("comms-2-new")])
    said = council.servers["c1"].post(json.dumps(moved).encode())
    check("two move it to another group while it lies there", said[0] == 200 and said[1]["outcome"] == "recorded", said)
    return moved


def proofs_of(council):
    shown = council.servers["c1"].get(f"council?device={DEVICE}")[1]["assignments"]
    return len([a for a in shown if "proof" in a])


def false_proofs(council, moved):
    server = council.servers["c1"]
    good = {"device": DEVICE, "digest": contract.digest_of(moved), "index": 0, "path": []}
    for what, proofs, status, says in (
            ("another place", [{**good, "index": 1}], 400, "mismatch"), ("a node too many", [{**good, "path": ["ab" * 32]}], 400, "mismatch"),
            ("one of many that is not true", [good, {**good, "index": 5}], 400, "mismatch"), ("no device", [{"digest": good["digest"]}], 400, "shape"),
            ("a node that is none", [{**good, "path": ["x"]}], 400, "base64"), ("more than fit", [good] * 49, 400, "size"), ("no list", {"x": 1}, 400, "shape")):
        code, said = server.ask("POST", "/v1/proofs", json.dumps({"proofs": proofs}).encode())
        check(f"attack: a proof of {what}: refused", code == status and said["error"] == says, (code, said))
    code, said = server.ask("POST", "/v1/proofs", json.dumps(
        {"proofs": [good, {**good, "device": "d9"}, {**good, "digest": "ab" * 32}]}).encode())
    check("one that is known, and two of what is not in effect here", code == 200 and said == {"recorded": 0, "known": 1, "absent": 2}, (code, said))
    check("the controller starts anew, and has it still", server.stop() is not False and server.start() and proofs_of(council) == 1, proofs_of(council))


def moved_by_proof(council, device):
    """What its own signatures would no longer bear out: the device is of the new group alone, also after a restart."""
    for what in ("a device that was away takes by its proof what a leaver approved", "and has it when it starts again"):
        raised = council.says("raise", "emergency", "--reason", "Leak", "--group", "planning", "--wait", "0", "--json", who="comms-2").json["lockdown"]
        check(what, wait_for(lambda: device.blocked() != []), (council.row(), device.blocked()))
        council.says("release", raised, "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-2")
        draft = [d["digest"] for d in council.says("drafts", "--json").json["drafts"] if d["type"] == "order"][0]
        council.says("approve", draft, "--wait", "0", who="monitoring-1")
        check("it opens", wait_for(lambda: device.blocked() == []), device.blocked())
        leave(device)
        join(device, council)
    raised = council.says("raise", "emergency", "--reason", "Leak", "--group", "staff", "--wait", "0", "--json", who="comms-2").json["lockdown"]
    check("and of the old group no more: two had moved it", council.sees(lambda r: [l for l in r.get("lockdowns", []) if l["id"] == raised]) and
          device.blocked() == [], (council.row(), device.blocked()))
    council.says("release", raised, "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-2")
    draft = [d["digest"] for d in council.says("drafts", "--json").json["drafts"] if d["type"] == "order"][0]
    council.says("approve", draft, "--wait", "0", who="monitoring-1")


def replayed(council, roots):
    done = roots.publish("3.json")
    check("replay: an old file is refused", refused(done, "propose it anew"), done)


def what_would_change(council, roots):
    """What a proposal says without being signed: whoever leaves has amended, has approved alone, or too much."""
    done = roots.propose("more.json", "--threshold", "3")
    check("another threshold is said, and that none may be lost then", done.code == 0 and "3 of 3 roots must sign from then on, in place of 2 of 3" in done.err and
          "ATTENTION: all 3 roots must sign" in done.err, done)
    check("that the file shows no lockdown is said, too: a hostile server may have left one out", "The file shows no live lockdown" in done.err, done)
    raised = council.says("raise", "emergency", "--reason", "Gas", "--wait", "0", "--json", who="comms-2").json["lockdown"]
    done = council.says("amend", raised[:8], "--reason", "More gas", "--wait", "0", who="monitoring-1")
    check("somebody else amends it", done.code == 0, done)
    done = roots.propose("more.json", "--remove", "monitoring-1", "--leave-out", raised)
    check("an amendment that is left out counts no more, and it says so", done.code == 0 and
          [(e["lockdown"], e["change"]) for e in done.json["effects"]] == [(raised, "changes")] and "It CHANGES, as other orders" in done.err, done)
    now = int(time.time())
    for n in range(256):
        who = ["it-1-new"] if n == 0 else ["it-1-new", "comms-2-new"]
        council.servers["c1"].post(contract.message("assignment", contract.assignment(
            COUNCIL, f"many-{n}", 1, now, public=key(f"many-{n}").public, people={"pat": "pat"}, groups=["staff"]), [key(w) for w in who]))
    done = roots.propose("more.json", "--remove", "it-1")
    check("more laptops than a trust has room for digests, one of them taken in by one alone: all are affirmed, each as it was approved", done.code == 0 and
          "AFFIRMS 257 devices' assignments" in done.err and "By two are approved, and stay so: 256; by one: 1." in done.err and
          done.json["assignments"] == {"devices": 257, "by_two": 256, "by_one": 1}, (done.err[-700:], done.json.get("assignments")))
    late_laptop(council, roots)


def late_laptop(council, roots):
    """Between the proposal and its publication somebody who leaves takes one more device in."""
    signed = [roots.sign("more.json", who, first=roots.first()) for who in ("root-2", "root-3")]
    council.servers["c1"].post(contract.message("assignment", contract.assignment(
        COUNCIL, "late", 1, int(time.time()), public=key("late").public, people={"pat": "pat"}, groups=["staff"]), [key("it-1-new"), key("comms-2-new")]))
    done = roots.publish("more.json", wait="0")
    check("a device whose assignment would count no more: it is not published", all(s.code == 0 for s in signed) and
          refused(done, "WOULD CHANGE: 1 device's assignment would count as approved by fewer", "It would change what is in force"), (seen(signed), done))
    check("and is not", council.says("trust", "show", f"{roots.folder}/more.json").code == 0 and len(council.servers["c1"].get("council?device=")[1]["trusts"]) == 8)
    signed_next = json.loads(read(f"{roots.folder}/more.json"))["next"]
    said = council.servers["c1"].post(json.dumps(signed_next).encode())
    check("it is recorded all the same, as by somebody who was cut off before its proofs", said[1]["outcome"] == "recorded", said)
    done = roots.propose("soon.json", "--name", "elections-1=Eve Hart")
    check("none is proposed then: those assignments would be lost in silence", refused(done, "without the proofs by which the trust of epoch 9 affirms them", "--without-proofs"), done)
    done = roots.propose("soon.json", "--name", "elections-1=Eve Hart", "--without-proofs")
    check("unless that is said", done.code == 0 and "It is made from what the controller says" in done.err, done)
    done = roots.publish("more.json", words=["--void"])
    check("published, the proofs of all others go out", done.code == 0 and done.json["proofs"] == 257, str(done)[-900:])
    done = roots.propose("soon.json", "--name", "elections-1=Eve Hart")
    check("and the next one carries them", done.code == 0 and done.json["assignments"]["devices"] == 257, (done.err[-500:], done.json.get("assignments")))
    done = roots.publish("more.json")
    check("said again it finds all of them there", done.code == 0 and done.json["proofs"] == 257 and done.json["effects"] == [], str(done)[-900:])


@contextlib.contextmanager
def write_protected(folder):
    """A folder that nobody writes to for a while, not even root."""
    for words in (["--bind", folder, folder], ["-o", "remount,ro,bind", folder]):
        subprocess.run(["mount", *words], check=True, timeout=ENOUGH)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True, timeout=ENOUGH)


def protected_stick(council, roots):
    """A stick that cannot be written to: it signs, and says that it cannot remember."""
    done = roots.propose("9.json", "--name", "elections-1=Eve Hart")
    with write_protected(os.path.dirname(roots.stick("root-4"))):
        done = roots.sign("9.json", "root-4", first=roots.first())
    check("a stick that cannot be written to: it signs, and says so", done.code == 0 and "cannot be noted beside it" in done.err and "SIGNED" in done.out, done)


def play(folder):
    council = Council(folder)
    device = enrolled(f"{folder}/device", council)
    try:
        check("broker and controller start", council.broker.start() and council.servers["c1"].start())
        join(device, council)
        check("open at first", council.sees(lambda r: r.get("last_report", 0) > 0) and device.blocked() == [], council.row())
        roots = Roots(council)
        slips(council, roots)
        raised = joins_and_leaves(council, device, roots)
        wrong_keys(council, roots)
        slipped_in(council, roots, raised)
        other_council(council, roots)
        changed_between(council, roots)
        asked_on_a_terminal(council, roots)
        practised(council, roots)
        published(council, device, roots, raised)
        released_by_leaver(council, device, roots)
        leaver_whose_raise_must_go(council, device, roots)
        replayed(council, roots)
        raised = controller_stolen(council, device, roots)
        away(council, device, roots, raised)
        protected_stick(council, roots)
        what_would_change(council, roots)
    finally:
        leave(device)
        council.end()


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(inside(play))
