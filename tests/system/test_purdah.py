#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Policy D10 on a real device: instructions are read and acknowledged by real users, and holds stack.

holdfast-agent as it ships, with all its layers: a copy of a program that is listed, a policy folder, control groups of the
test's own, in namespaces of its own, also of the network. Messages are made by tests/vectors/contract.py. Periods are a few
seconds long; what is waited for is a condition. HF_BUILD names the build folder.
"""
import hashlib
import json
import os
import pty
import pwd
import select
import shutil
import socket
import subprocess
import sys
import threading
import time

from common import ENOUGH, REACHED, check, drop, end_process, typed, wait_for, write
from enforce_help import as_user, fences, marks, run_inside
from council_help import COUNCIL, DEVICE, Ca, contract, key
from test_agent import AGENT, STAFF, Council, Device, FakeLink

OTHER = "daemon"  # the login of comms-1 on the device
UIDS = {name: pwd.getpwnam(name).pw_uid for name in (STAFF, OTHER)}
STRANGER = 12345
RULES = "# Until polling day\n\n* **Nothing** party political.\n* No promotion of individual Members.\n"
WORDS = [("Jane Example", "member"), ("Etching Hill", "ward"), ("#VoteExample", "hashtag")]


class Elections(Council):
    """The council with an election officer, a listed program and words that need a second look."""

    def __init__(self, program):
        super().__init__()
        tools = [{**contract.tool("x-web", "X in a browser", ["x"], ["x.com"]), "dedicated": ["x.com"]},
                 contract.tool("poster", "Poster", ["x"], [], [program]),
                 contract.tool("insta", "Instagram in a browser", ["instagram"], ["instagram.com"])]
        accounts = [contract.account("x:CannockChaseDC", "corporate", {"comms-2": 0, "comms-1": 0}),
                    contract.account("instagram:visitcannockchase", "departmental", {"comms-1": 0})]
        doc = contract.register(COUNCIL, 1, self.at, accounts, tools) | {"words": contract.words(WORDS)}
        self.register = contract.envelope("register", doc, [key("comms-1"), key("comms-2")])
        self.orders, self.alarms = [], 0

    def assignment(self, public, version=1):
        people = {"comms-2": STAFF, "comms-1": OTHER}
        doc = contract.assignment(COUNCIL, DEVICE, version, self.at, public=public, people=people, groups=["staff"])
        return contract.envelope("assignment", doc, [key("it-1"), key("comms-1")])

    def say(self, link, *orders):
        """All that was ever ordered, and these."""
        self.orders += orders
        link.say("state/c1", self.state(*self.orders))

    @staticmethod
    def purdah(seconds, start=0, mode="live", **changes):
        now = int(time.time())
        doc = contract.raise_order(COUNCIL, "purdah", mode, now, **{
            "level": "guard", "start": now + start, "until": now + seconds, "instructions": RULES, "reason": "Local elections",
            "contact": "Elections office, 01543 000001", **changes})
        return contract.envelope("order", doc, [key("elections-1")])

    def alarm(self, mode="live"):
        """An emergency; the same words in the same second would be the same order."""
        self.alarms += 1
        return self.raise_now("comms-1", mode=mode, reason=f"Emergency {self.alarms}")

    @staticmethod
    def amend(raised, rev, *also, **changes):
        """An amendment by the election officer, and by these people too."""
        before = contract.document_of(raised)
        body = {k: before[k] for k in ("level", "from", "until", "accounts", "groups", "exempt", "reason", "contact", "instructions", "holding")}
        body.update(changes)
        doc = contract.amend_order(COUNCIL, "purdah", before["mode"], int(time.time()), of=contract.digest_of(raised), rev=rev, **body)
        return contract.envelope("order", doc, [key(p) for p in ("elections-1", *also)])

    def ends_now(self, link, raised):
        """Its end is set to this second, by two officers; it has gone by when this returns."""
        until = int(time.time()) + 1
        self.say(link, self.amend(raised, 1, "monitoring-1", until=until))
        return stands(link, raised, "enforced-verified", "message-seen") and wait_for(lambda: time.time() > until + 1)

    @staticmethod
    def over(raised):
        """A release by two, of either kind."""
        of = contract.document_of(raised)
        doc = contract.release_order(COUNCIL, of["kind"], of["mode"], int(time.time()), of=[contract.digest_of(raised)])
        first = "elections-1" if of["kind"] == "purdah" else "comms-1"
        return contract.envelope("order", doc, [key(first), key("monitoring-1")])


class Desk(Device):
    """The device with a listed program, and what its people do."""

    def __init__(self, folder, council, ca, group):
        super().__init__(folder, council, ca)
        self.group, self.program = group, f"{folder}/bin/poster"

    def enrolled(self):
        request = json.loads(self.command("request", "--device", DEVICE, "--user", STAFF)[1])
        self.public = contract.public_from_text(request["public"])
        code, _, said = self.command("enrol", self.bundle(request), "--yes", "--state", self.state)
        self.settings(layer__programs="yes", layer__running="yes", programs__cgroup=self.group, beat_s=5)
        return code == 0, said

    def posts(self, user):
        """Can this user start the listed program?"""
        return as_user(UIDS.get(user, user), [self.program, "0"], cwd="/")[0] == 0

    def who_posts(self):
        return [u for u in (STAFF, OTHER, STRANGER) if self.posts(u)]

    def events(self, user):
        """As the window of this user hears the agent: a function that answers all events until now."""
        sock, heard = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET), []
        os.seteuid(UIDS.get(user, user))
        try:
            sock.connect(f"{self.run}/person.sock")
        finally:
            os.seteuid(0)
        sock.send(b'{"ask": "watch"}')

        def so_far():
            while select.select([sock], [], [], 0)[0]:
                heard.append(json.loads(sock.recv(65536)))
            return heard
        wait_for(so_far)
        return so_far

    def opens_for(self, *users):
        return wait_for(lambda: self.who_posts() == list(users))

    def view(self, user):
        return json.loads(self.status("--json", user=user)[1])

    def reads(self, user, *args):
        return self.command("instructions", *args, user=user)

    def says_ack(self, user, *args):
        return self.command("acknowledge", "--yes", *args, user=user)


def row_of(report, raised):
    return next((row for row in report["lockdowns"] if row["id"] == contract.digest_of(raised)), {"standing": "none"})


def stands(link, raised, *wanted):
    return link.report(lambda r: row_of(r, raised)["standing"] in wanted)


def planned(desk, council, link):
    """A period that begins by itself, and was looked at before it did, however long a look takes on this machine."""
    for ahead in (4, 20, 100):
        purdah = council.purdah(3600, start=ahead)
        council.say(link, purdah)
        seen = link.report(lambda r, p=purdah: row_of(r, p)["standing"] == "received") and desk.opens_for(STAFF, OTHER, STRANGER)
        says = desk.status(user=STAFF)[1]
        if time.time() < contract.document_of(purdah)["from"]:
            break
        council.say(link, council.over(purdah))
    return purdah, seen, says


def closed(what, desk, council, link, *raised):
    """Everything that is live is released; the device is as it was."""
    council.say(link, *[council.over(r) for r in raised])
    check(f"{what}: afterwards all is open, nothing is left", desk.opens_for(STAFF, OTHER, STRANGER) and
          wait_for(lambda: desk.blocked() == []), (desk.who_posts(), desk.blocked()))


def on_terminal(desk, user, words, keys):
    """(exit status, all that a terminal showed) of the agent's own terminal, when this is typed."""
    who = pwd.getpwnam(user)
    ours, theirs = pty.openpty()
    process = subprocess.Popen([AGENT, *words, "--etc", desk.etc], stdin=theirs, stdout=theirs, stderr=theirs,
                               env={**os.environ, **REACHED}, preexec_fn=drop(who.pw_uid, who.pw_gid))
    os.close(theirs)
    shown = typed(ours, keys)
    return process.wait(ENOUGH), shown


def types_ack(desk, user, word, *args):
    return on_terminal(desk, user, ["acknowledge", *args], [(b"Type ack", f"{word}\n".encode())])


def acknowledged(link, raised):
    """[(person, digest of the text)] of the newest report, for this lockdown."""
    report = link.last() or {}
    return [(a["person"], a["text"]) for a in report.get("acknowledged", []) if a["lockdown"] == contract.digest_of(raised)]


def text_digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def guard(desk, council, link):
    """D10: posting tools open for who has read and acknowledged the instructions of that very order."""
    code, out, _ = desk.command("acknowledge", "--yes", user=STAFF)
    check("nothing to acknowledge: says so", code == 0 and "nothing to acknowledge" in out, out)
    purdah = council.purdah(3600)
    council.say(link, purdah)
    check("D10 guard: blocked and seen to hold", stands(link, purdah, "enforced-verified"), link.last())
    check("D10 guard: nobody posts", desk.opens_for() and sorted(desk.blocked()) == ["instagram.com", "x.com"],
          (desk.who_posts(), desk.blocked()))
    staff, other = desk.events(STAFF), desk.events(OTHER)
    wait_for(lambda: (desk.posts(STAFF), any("tool" in e for e in staff()))[1])
    check("a blocked attempt is told to that person's window, by the tool's name, and to no other",
          {"event": "blocked", "tool": "Poster"} in staff() and not any("tool" in e for e in other()), (staff(), other()))
    out = desk.status(user=STAFF)[1]
    check("status: what to do", "BLOCKED until you have read and acknowledged" in out and "pre-election period (purdah)" in out, out)
    check("status: UTC and local time", "UTC (" in out and (" GMT)" in out or " BST)" in out), out)
    code, _, said = desk.says_ack(STAFF)
    check("D10: not opened yet: refused with what to do", code == 1 and "have not opened these instructions" in said, said)
    code, out, _ = desk.reads(STAFF, "--json")
    check("instructions --json: plain text beside the text, and does not count as opened", code == 0 and
          "Nothing party political." in json.loads(out)["readings"][0]["plain"] and desk.says_ack(STAFF)[0] == 1, out)
    strangers(desk, purdah)
    code, out, _ = desk.reads(STAFF)
    check("instructions: as plain text", code == 0 and "Nothing party political." in out and "**" not in out, out)
    code, _, said = desk.command("acknowledge", user=STAFF, input="ack\n")
    check("without a terminal: says how", code == 2 and "--yes" in said, said)
    check("D10: still nobody posts", desk.opens_for(), desk.who_posts())
    code, out, said = desk.says_ack(STAFF)
    check("D10: acknowledged", code == 0 and "You have acknowledged" in out and "REMINDER" in out, (out, said))
    check("D10: open for that person, and for no other", desk.opens_for(STAFF), desk.who_posts())
    check("D10: a browser, which cannot tell people apart, stays shut", "x.com" in desk.blocked(), desk.blocked())
    check("D10: reported, signed by the device", link.report(lambda r: acknowledged(link, purdah) == [("comms-2", text_digest(RULES))]),
          link.last())
    code, out, _ = desk.says_ack(STAFF)
    check("twice: says that it is done", code == 0 and "already acknowledged" in out, out)
    view = desk.view(STAFF)
    check("status --json: the standing reminder", view["reminder"] and view["level"] == "open" and
          view["lockdowns"][0]["acknowledged"] > 0 and not view["lockdowns"][0]["to_read"], view)
    return purdah


def strangers(desk, purdah):
    """Nobody acknowledges for somebody else."""
    digest = contract.digest_of(purdah)
    for what, user in (("root", None), ("a user whom the council does not know", "games")):
        desk.reads(user)
        code, _, said = desk.says_ack(user)
        check(f"attack: {what} cannot acknowledge", code == 1 and "nobody can acknowledge for somebody else" in said, said)
    question = {"ask": "acknowledge", "lockdown": digest, "text": text_digest(RULES), "person": "comms-2"}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.connect(f"{desk.run}/person.sock")
        s.settimeout(ENOUGH)
        s.send(json.dumps(question).encode())
        check("attack: in another's name on the socket", s.recv(1000) == b"")
    check("attack: none of it opens", desk.opens_for(), desk.who_posts())


def restarts(desk, purdah):
    """The acknowledgement outlives the agent, without a network."""
    desk.kill()
    check("killed: as it was", desk.posts(STAFF) and not desk.posts(OTHER))
    check("restart offline", desk.start(), desk.log()[-500:])
    check("D10: open for who had acknowledged, and for no other", desk.opens_for(STAFF), desk.who_posts())
    link = FakeLink(desk)
    check("and reported again", link.report(lambda r: acknowledged(link, purdah)), link.last())
    return link


def amendments(desk, council, link, purdah):
    """D10: a changed text asks again, any other change does not; the word is typed on a terminal."""
    council.say(link, council.amend(purdah, 1, contact="Elections office, 01543 000002"))
    check("an amendment of anything but the text: heard", link.report(lambda r: row_of(r, purdah).get("rev") == 1), link.last())
    check("D10: and does not ask again", desk.opens_for(STAFF), desk.who_posts())
    rules = RULES + "* No photographs with candidates.\n"
    council.say(link, council.amend(purdah, 2, instructions=rules))
    check("D10: an amendment of the text shuts again", desk.opens_for(), desk.who_posts())
    code, _, said = desk.says_ack(STAFF)
    check("D10: and the new text is to be opened first", code == 1 and "have not opened" in said, said)
    code, shown = types_ack(desk, STAFF, "no")
    check("another word: not acknowledged", code == 2 and "No photographs with candidates." in shown and
          "nothing was changed" in shown, shown)
    check("D10: still shut", desk.opens_for(), desk.who_posts())

    def on_another():
        code, shown = types_ack(desk, STAFF, "ack", contract.digest_of(purdah)[:8])
        check("the word on a terminal: acknowledged", code == 0 and "You have acknowledged" in shown, shown)
        return b"ack\n"
    code, shown = on_terminal(desk, STAFF, ["acknowledge", contract.digest_of(purdah)[:8]], [(b"Type ack", on_another)])
    check("and on one where it was asked before that: it says that it had been", code == 0 and "You had already acknowledged" in shown, shown)
    check("D10: open again", desk.opens_for(STAFF), desk.who_posts())
    check("both texts are reported, the newest first", link.report(lambda r: acknowledged(link, purdah) == [
        ("comms-2", text_digest(rules)), ("comms-2", text_digest(RULES))]), link.last())
    code, _, said = desk.says_ack(STAFF, "ffffffffffff")
    check("an id that is none: says so", code == 1 and "id that begins with" in said, said)


def emergency_inside(desk, council, link, purdah):
    """Stacking 1 and 2: an emergency raised, and released, inside purdah; exercises beside each."""
    drill = council.purdah(3600, mode="exercise", instructions="A drill.")
    council.say(link, drill)
    check("an exercise of purdah beside a live one: shown", stands(link, drill, "enforced-verified", "message-seen"), link.last())
    check("and shuts nothing more", desk.opens_for(STAFF), desk.who_posts())
    alarm = council.alarm("exercise")
    council.say(link, alarm)
    check("an exercise of an emergency beside a live purdah: shown", stands(link, alarm, "enforced-verified", "message-seen"))
    check("and shuts nothing", desk.opens_for(STAFF), desk.who_posts())
    emergency = council.alarm()
    council.say(link, emergency)
    check("D9.2: an emergency inside purdah shuts for everybody", stands(link, emergency, "enforced-verified", "message-seen") and
          desk.opens_for(), desk.who_posts())
    out = desk.status(user=STAFF)[1]
    check("status: both, and the exercises apart", "In force together: an emergency lockdown and a pre-election period (purdah)" in out and
          "EXERCISE: this is an EXERCISE of a pre-election period (purdah)" in out and
          "EXERCISE: this is an EXERCISE of an emergency lockdown" in out, out)
    check("status --json: counted apart", desk.view(STAFF)["in_force"] == {"emergency": 1, "purdah": 1, "exercise": 2})
    council.say(link, council.over(emergency))
    check("D9.3, D10: released inside purdah: falls back to it", desk.opens_for(STAFF), desk.who_posts())
    check("D10: the browser stays shut all the while", sorted(desk.blocked()) == ["instagram.com", "x.com"], desk.blocked())
    check("D10: it says both", link.report(lambda r: row_of(r, emergency)["standing"] == "released-verified" and
                                           row_of(r, purdah)["standing"] in ("enforced-verified", "message-seen")), link.last())
    closed("purdah is called off", desk, council, link, purdah, drill, alarm)


def block_inside(desk, council, link):
    """D10 block: nobody but exempt persons; an emergency released inside it opens nothing."""
    purdah = council.purdah(3600, level="block")
    council.say(link, purdah)
    check("D10 block: shut", stands(link, purdah, "enforced-verified") and desk.opens_for(), desk.who_posts())
    desk.reads(STAFF)
    code, out, _ = desk.says_ack(STAFF)
    check("D10 block: acknowledged, and shut all the same", code == 0 and "BLOCKED: you cannot post" in out and desk.opens_for(), out)
    emergency = council.alarm()
    council.say(link, emergency)
    check("an emergency inside it", stands(link, emergency, "enforced-verified", "message-seen"), link.last())
    council.say(link, council.over(emergency))
    check("released: opens nothing", stands(link, emergency, "released-verified") and desk.opens_for(), desk.who_posts())
    closed("a full block is called off", desk, council, link, purdah)


def ends_inside_emergency(desk, council, link):
    """Stacking 3: purdah ends inside an emergency; nothing opens before the release. It began by itself, offline."""
    purdah, seen, says = planned(desk, council, link)
    check("planned: announced, and open", seen, (link.last(), desk.who_posts()))
    check("status: coming", "COMING: a pre-election period (purdah) begins at" in says, says)
    link.socket.close()
    check("D10: begins by itself without a network", wait_for(lambda: desk.who_posts() == []), desk.who_posts())
    link = FakeLink(desk)
    emergency = council.alarm()
    council.say(link, emergency)
    check("an emergency is raised inside it", stands(link, emergency, "enforced-verified", "message-seen"), link.last())
    check("its end goes by", council.ends_now(link, purdah), link.last())
    council.say(link)
    check("D9.2: purdah has ended by both clocks: nothing opens", link.report(
        lambda r: row_of(r, purdah)["standing"].startswith("released")) and desk.opens_for(), (desk.who_posts(), link.last()))
    check("the emergency holds alone", desk.view(STAFF)["in_force"] == {"emergency": 1, "purdah": 0, "exercise": 0})
    drill = council.purdah(3600, mode="exercise")
    council.say(link, drill)
    check("an exercise of purdah beside a live emergency changes nothing", stands(link, drill, "enforced-verified", "message-seen") and
          desk.opens_for(), desk.who_posts())
    closed("the release", desk, council, link, emergency, drill)
    return link


def overlapping(desk, council, link):
    """Stacking 4: two purdahs overlap; each has its own text, and one that is over leaves the other. Time alone ends none."""
    first = council.purdah(3600, instructions="The by-election.")
    second = council.purdah(3600, instructions="The district election.")
    council.say(link, first, second)
    check("two purdahs: shut", stands(link, second, "enforced-verified") and desk.opens_for(), desk.who_posts())
    desk.reads(STAFF)
    code, out, _ = desk.says_ack(STAFF, contract.digest_of(first)[:10])
    check("D10: one of two acknowledged: shut", code == 0 and desk.opens_for(), (out, desk.who_posts()))
    check("D10: both acknowledged: open", desk.says_ack(STAFF)[0] == 0 and desk.opens_for(STAFF), desk.who_posts())
    check("status: both", "In force together: 2 pre-election periods (purdah)" in desk.status(user=STAFF)[1])
    check("the end of the first goes by", council.ends_now(link, first), link.last())
    check("D10: time alone ends nothing", not row_of(link.report(), first)["standing"].startswith("released"), link.last())
    council.say(link)
    check("the first is over, the second holds", link.report(lambda r: row_of(r, first)["standing"].startswith("released")) and
          desk.opens_for(STAFF), (desk.who_posts(), link.last()))
    closed("the second is called off", desk, council, link, second)


def scoped(desk, council, link):
    """D10: a purdah of one account leaves the others' holders and tools open."""
    purdah = council.purdah(3600, accounts=["instagram:visitcannockchase"])
    council.say(link, purdah)
    check("account scope: heard", link.report(lambda r: row_of(r, purdah)["standing"] != "none"), link.last())
    check("account scope: other platforms stay open", wait_for(lambda: desk.blocked() == ["instagram.com"]) and
          desk.who_posts() == [STAFF, OTHER, STRANGER], (desk.blocked(), desk.who_posts()))
    check("account scope: who holds none of it is not asked", desk.view(STAFF)["level"] == "open" and
          "accounts that you do not hold" in desk.status(user=STAFF)[1])
    check("account scope: its holder is", desk.view(OTHER)["level"] == "guard")
    closed("it is called off", desk, council, link, purdah)


def many(desk, council, link):
    """D10: any number of periods is planned in advance, each with long instructions; nobody is kept from reading."""
    planned = [council.purdah(7200 + i, start=3600, instructions=f"Election {i}.\n" + "Keep to the rules.\n" * 850) for i in range(30)]
    for order in planned:
        link.say("state/c1", council.state(order))
        link.report(lambda r, o=order: row_of(r, o)["standing"] == "received")
    heard = sum(row_of(link.last(), o)["standing"] == "received" for o in planned)
    check("30 planned periods are heard, beside those of before as many as one person's share takes", heard == 30 and not link.last().get("over"),
          (heard, link.last().get("over")))
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as lazy:
        lazy.connect(f"{desk.run}/person.sock")
        lazy.send(b'{"ask":"instructions"}')
        code, out, said = desk.status("--json", user=STAFF)
        check("a person who asks and does not read keeps nobody waiting", code == 0 and len(json.loads(out)["lockdowns"]) == 32, said)
        text, lazy_reads = b"", True
        while lazy_reads:
            piece = lazy.recv(70000)
            text, lazy_reads = text + piece, bool(piece)
        texts = [row["instructions"] for row in json.loads(text)["readings"]]
        check("and gets the whole of it when it reads", len(texts) <= 32 and all(any(t.startswith(f"Election {i}.") for t in texts) for i in range(30)),
              [t[:12] for t in texts])
    of = [contract.digest_of(o) for o in planned]
    doc = contract.release_order(COUNCIL, "purdah", "live", int(time.time()), of=of)
    link.say("state/c1", council.state(contract.envelope("order", doc, [key("elections-1"), key("monitoring-1")])))
    check("one release calls all of them off", link.report(lambda r: not any(row_of(r, o)["standing"] == "received" for o in planned)))


class Spy:
    """Stands where the agent listens, and keeps all that is sent to it."""

    def __init__(self, folder):
        self.path, self.heard = f"{folder}/spy.sock", b""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.bind(self.path)
        self.socket.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        answer = {"period": "none", "from": 0, "until": 0, "register_version": 1, "words": [{"text": "Jane Example", "kind": "member"}]}
        while True:
            there, _ = self.socket.accept()
            self.heard += there.recv(70000)
            there.send(json.dumps(answer).encode())
            there.close()


def draft(desk, council, link):
    """D10: the draft check marks what the signed register names, and the draft goes nowhere."""
    text = "Come to the fair.\nMeet Cllr Jane Example\u2019s team in Etching-Hill! #voteexample\n"
    path = f"{desk.folder}/draft.txt"
    write(path, text)
    code, out, said = desk.command("check-draft", path, user=STAFF)
    check("check-draft: says that no period is in force", code == 0 and "No pre-election period (purdah) is in force" in out, out + said)
    code, shown = on_terminal(desk, STAFF, ["check-draft"], [(b"Write or paste your draft", b"Meet Cllr Jane Example\n\x04")])
    check("check-draft: on a terminal it asks for the draft", code == 0 and "a Councillor's name" in shown, shown)
    code, text, said = desk.reads(STAFF)
    check("there are no instructions, and that is said", code == 0 and text.startswith("There are no instructions: "), text + said)
    coming = council.purdah(7200, start=3600)
    council.say(link, coming)
    check("check-draft: says that a period is planned", wait_for(lambda: "is planned; it begins at" in desk.command("check-draft", path, user=STAFF)[1]))
    council.say(link, council.over(coming))
    check("check-draft: the line, the words and why", "Line 2: Meet Cllr Jane Example" in out and "a Councillor's name" in out and
          "the name of a ward" in out and "a campaign's hashtag" in out, out)
    check("check-draft: says that nothing is sent or kept", "not sent anywhere" in out, out)
    purdah = council.purdah(3600)
    council.say(link, purdah)
    stands(link, purdah, "enforced-verified")
    code, out, _ = desk.command("check-draft", "--json", user=STAFF, input="Jane Example opened the fair.")
    said = json.loads(out)
    check("check-draft --json from standard input, in a period", code == 0 and said["period"] == "in force" and
          [(m["at"], m["len"], m["kind"]) for m in said["marks"]] == [(0, 12, "member")], out)
    code, out, _ = desk.command("check-draft", user=STAFF, input="The bins are emptied on Monday.")
    check("check-draft: nothing to mark", code == 0 and "Nothing in your draft needs a second look" in out, out)
    code, _, said = desk.command("check-draft", f"{desk.folder}/nowhere", user=STAFF)
    check("check-draft: a file that is not there", code == 1 and "nowhere" in said, said)
    closed("it is called off", desk, council, link, purdah)
    spy = Spy(desk.folder)
    other = f"{desk.folder}/etc-spy"
    os.makedirs(other)
    write(f"{other}/agent.conf", f"person.socket = {spy.path}\n")
    done = subprocess.run([AGENT, "check-draft", path, "--etc", other], capture_output=True, text=True, timeout=ENOUGH, check=False,
                          env={**os.environ, **REACHED})
    check("attack: all that leaves the process is the question", "Councillor" in done.stdout and json.loads(spy.heard)["ask"] == "words" and
          b"fair" not in spy.heard and b"Example" not in spy.heard, (done.stdout, done.stderr, spy.heard))
    kept = subprocess.run(["grep", "-rl", "Come to the fair", desk.etc, desk.state, desk.run, f"{desk.folder}/agent.log"],
                          capture_output=True, text=True, timeout=ENOUGH, check=False).stdout
    check("attack: and it is kept nowhere", kept == "", kept)


def body(folder, group):
    os.makedirs(f"{folder}/bin")
    shutil.copy("/bin/sleep", f"{folder}/bin/poster")
    council = Elections(f"{folder}/bin/poster")
    desk = Desk(folder, council, Ca(f"{folder}/ca"), group)
    try:
        good, said = desk.enrolled()
        check("enrolled", good, said)
        check("the agent starts", desk.start(), desk.log()[-500:])
        check("nothing in force: all open", desk.opens_for(STAFF, OTHER, STRANGER), desk.who_posts())
        link = FakeLink(desk)
        purdah = guard(desk, council, link)
        link.socket.close()
        link = restarts(desk, purdah)
        amendments(desk, council, link, purdah)
        emergency_inside(desk, council, link, purdah)
        block_inside(desk, council, link)
        link = ends_inside_emergency(desk, council, link)
        overlapping(desk, council, link)
        scoped(desk, council, link)
        draft(desk, council, link)
        many(desk, council, link)
        link.socket.close()
        check("SIGTERM: ends well", end_process(desk.agent) == 0)
        check("and left nothing", fences() == [] and marks() == 0 and not os.path.exists(f"{group}/holdfast.slice"), (fences(), marks()))
    finally:
        end_process(desk.agent, 9)


if __name__ == "__main__":
    sys.exit(run_inside(body))
