#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""People are told (policy D9.3): holdfastd, holdfast-notify and real mail servers.

aiosmtpd refuses, cuts and keeps what it takes; exim4 is what councils have. HF_BUILD names the build folder.
"""
import base64
import json
import os
import pwd
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from common import ENOUGH, check, closing, read, results, skip, wait_for, write
from council_help import COUNCIL, Terminal, contract, key
from mail_help import Exim, Notifier, Sink
from test_controller import OTHER_CLOCK, Office, raise_now, release_now

ME = pwd.getpwuid(os.geteuid()).pw_name
HOLDERS = [f"h{i}" for i in range(1, 8)]
X, F = "x:CannockChaseDC", "facebook:cannockchasedc"
TEXT = "Bins are collected as usual.\n.leading dot, caf\u00e9 = 100 %"
PROBE_S = 300
SETTLED = ("sent", "failed", "cancelled", "dropped")


class Post(Office):
    """A council whose people have addresses: 7 holders, 4 officers, a list, 2 Members."""

    def make_council(self):
        super().make_council()
        at = int(time.time()) - 60
        register = contract.register(COUNCIL, 1, at, [
            contract.account(X, "corporate", {p: 0 for p in HOLDERS[:4]}), contract.account(F, "corporate", {p: 0 for p in HOLDERS[3:]})],
            [contract.tool("x-web", "X in a browser", ["x"], ["x.com"])])
        write(f"{self.folder}/council/register.json", contract.message("register", register, [key("comms-1"), key("comms-2")]))
        self.people([f"{p},Person {p},Officer {p},{p}@example.org," for p in HOLDERS]
                    + [f"{p},{'Ann Comms' if p == 'comms-2' else ''},Head of {p},{p}@example.org,07700900000" for p in ("comms-1", "comms-2", "it-1", "monitoring-1", "elections-1")]
                    + ["*list,,,all-staff@example.org,", "*member,,,councillor@b\u00fccher.example,", "nobody at all,,,,"])
        os.makedirs(f"{self.folder}/templates")

    def people(self, lines):
        write(f"{self.folder}/people.csv", "person,name,title,email,mobile\n" + "\n".join(lines) + "\n")
        os.chmod(f"{self.folder}/people.csv", 0o600)

    def begin(self, **changes):
        self.launch(notify__user=ME, notify__people=f"{self.folder}/people.csv", notify__templates=f"{self.folder}/templates", **changes)
        return wait_for(self.answers)

    def answers(self):
        try:
            return self.get("status")[0] == 200
        except (OSError, ValueError):
            return False

    def outbox(self, what=None):
        rows, after = [], 0
        while after is not None:
            page = self.get(f"outbox?after={after}")[1]
            rows, after = rows + page["outbox"], page["next"]
        return [r for r in rows if what is None or r["what"] == what]

    def tell(self, **said):
        return self.ask("POST", "/v1/outbox", json.dumps(said).encode())

    def attention(self):
        return " | ".join(self.get("status")[1]["attention"])

    def all_are(self, *states, what=None):
        rows = self.outbox(what)
        return rows and all(r["state"] in states for r in rows)

    def notify(self, *words):
        return Terminal(f"{self.folder}/council", self.socket)("notify", *words)

    def to(self, what, address="address"):
        return sorted(r[address] for r in self.outbox(what))


def hold(account=X, poster="h1", text=TEXT):
    return contract.holding(account, text, poster, 15)


def text_of(message):
    return message.get_payload(decode=True).decode().replace("\r\n", "\n")


def subject_of(message):
    words = str(message["Subject"]).split()
    return "".join(base64.b64decode(w.split("?")[3]).decode() for w in words)


def who_is_told(office):
    """Twelve at a raise: each once, the poster that they post, all others that they do not."""
    data, lockdown = raise_now(holding=[hold()])
    begin = time.monotonic()
    check("a raise is recorded although no mail server is there", office.post(data)[1]["outcome"] == "recorded")
    check("and takes no longer for it", time.monotonic() - begin < 2, time.monotonic() - begin)
    check("D9.3: the poster is told to post", office.to("poster") == ["h1@example.org"], office.outbox())
    check("D9.3: every other holder is told not to", office.to("holder") == [f"h{i}@example.org" for i in range(2, 8)], office.outbox())
    check("D9.3: the council's list", office.to("council") == ["all-staff@example.org"], office.outbox())
    officers = office.to("officer", "person")
    check("D9.3: designated officers", officers and set(officers) <= {"comms-1", "comms-2", "monitoring-1"}, officers)
    addresses = [r["address"] for r in office.outbox()]
    check("nobody twice, and no Member in an emergency", len(set(addresses)) == len(addresses) and "councillor@xn--bcher-kva.example"
          not in addresses, addresses)
    check("a bad line of the people file is named in a sentence", "line 16" in office.attention() and "nobody at all" in office.attention(),
          office.attention())
    return lockdown, len(addresses)


def terminal_before(office):
    """What root of the server is shown before anything has gone out."""
    done = office.notify("outbox")
    check("notify outbox: who sends is not there", done.code == 0 and "holdfast-notify does not run" in done.out, done)
    check("what waits, and for whom", "poster to h1 <h1@example.org>" in done.out and ": waits" in done.out, done)
    check("the people file: a line that counts for nothing", "1 line of the people file counts for nothing: line 16" in done.out, done)
    check("and an id that says a name", "1 id says a person's name, and goes into signed documents and onto devices: comms-2" in done.out, done)
    check("and who cannot be told", "Not as you want it" in done.out, done)
    for words in (("retry", "x"), ("drop", "0")):
        done = office.notify(*words)
        check(f"notify {words[0]} takes numbers", done.code == 2 and "is no number of a message" in done.err, done)
    done = office.notify("drop", "99999")
    check("and of messages that are there", done.code == 1 and "there is no message 99999" in done.err, done)


def terminal_after(office, sink):
    done = office.notify("outbox")
    check("notify outbox: who was refused, in the server's words", done.out.count("FAILED") == 2 and "the first refusal: 550 5.1.1" in done.out
          and "all-staff@example.org" in done.out, done)
    sink.refused = {"all-staff@example.org"}
    failed = {r["address"]: str(r["id"]) for r in office.outbox() if r["state"] == "failed"}
    done = office.notify("retry", failed["h3@example.org"])
    check("notify retry: sent again, when somebody has mended it", done.code == 0 and "1 message is sent again." in done.out
          and wait_for(lambda: state_of(office, int(failed["h3@example.org"])) == "sent"), done)
    done = office.notify("drop", failed["all-staff@example.org"])
    check("notify drop", done.code == 0 and "1 message is dropped." in done.out and "dropped" in office.notify("outbox", "--all").out, done)
    done = office.notify("outbox", "--json")
    check("as JSON", done.code == 0 and len(done.json["outbox"]) == len(office.outbox()) and done.json["channels"][0]["state"] == "up", done)
    done = office.notify("outbox")
    check("all is done", "No message waits, and none has failed" in done.out, done)
    done = office.notify("test", "h1")
    check("notify test: one message, and that it went out", done.code == 0 and "test to h1 <h1@example.org>" in done.out and done.out.rstrip().endswith("sent")
          and subject_of(sink.of("h1@example.org")[-1]) == "Test of messages", done)
    sink.slow = {"h1@example.org"}
    made = office.tell(act="test", to="h1")[1]["id"]
    check("while the mail server takes its time: it is on its way", wait_for(lambda: state_of(office, made) == "sending"), office.outbox()[-1])
    done = office.notify("outbox")
    check("and that is said", f"{made}, test to h1 <h1@example.org>, of " in done.out and ": goes out" in done.out, done)
    sink.slow = set()
    check("and then that it is sent", wait_for(lambda: state_of(office, made) == "sent"), office.outbox()[-1])
    done = office.notify("test", "all-staff@example.org", "--json")
    check("or that it did not", done.code == 1 and done.json["state"] == "failed" and "has not been sent" in done.err, done)
    for who, says in (("nobody-1", "has no address in the people file"), ("a@b c", "is no address of e-mail")):
        done = office.notify("test", who)
        check(f"notify test {who}: says what is wrong", done.code == 1 and says in done.err, done)
    done = office.notify("outbox", "--seen")
    check("notify outbox --seen: no screen says it any more", done.code == 0 and "could not" not in office.attention(), office.attention())


def two_are_refused(office, sink, notifier, lockdown, n):
    sink.refused = {"h3@example.org", "all-staff@example.org"}
    sink.cut = {"h2@example.org"}
    notifier.start()
    check("all are tried", wait_for(lambda: office.all_are(*SETTLED, "unknown")), office.outbox())
    failed = {r["address"]: (r["code"], r["line"]) for r in office.outbox() if r["state"] == "failed"}
    check("2 refused: exactly those are named, with code and line", set(failed) == sink.refused and all(
        code == 550 and line.startswith("550 5.1.1 <") for code, line in failed.values()), failed)
    unknown = [r["address"] for r in office.outbox() if r["state"] == "unknown"]
    check("a line lost after the final dot is unknown", unknown == ["h2@example.org"], unknown)
    done = office.notify("outbox")
    check("in words: nobody claims that it arrived", "<h2@example.org>" in done.out and "MAY OR MAY NOT have arrived" in done.out, done)
    check("failed and unknown are on every screen", "2 messages could not be delivered and 1 may" in office.attention(), office.attention())
    check("one transaction a recipient", len(sink.taken) == n - 2 and all(len(to) == 1 for to, _, _ in sink.taken), len(sink.taken))
    poster = sink.of("h1@example.org")[0]
    check("the poster's has the text, whole", TEXT in text_of(poster) and "within 15 minutes" in text_of(poster), text_of(poster))
    check("the footer is a witness: lockdown, size and root of the record", lockdown in text_of(poster) and "entries" in text_of(poster),
          text_of(poster))
    check("it says that no person wrote it", poster["Auto-Submitted"] == "auto-generated", poster.as_string())
    raw = sink.taken[0][2]
    check("lines end with CR LF, quoted-printable", b"\n" not in raw.replace(b"\r\n", b"") and b"quoted-printable" in raw, raw)
    check("the others' says not to post", "do not post" in text_of(sink.of("h5@example.org")[0]), text_of(sink.of("h5@example.org")[0]))
    check("unknown is sent once more", wait_for(lambda: len(sink.of("h2@example.org")) == 2, 60), office.outbox())
    check("with the same Message-ID", len({m["Message-ID"] for m in sink.of("h2@example.org")}) == 1)
    check("and then it is sent", wait_for(lambda: office.all_are(*SETTLED)), office.outbox())
    terminal_after(office, sink)


def the_all_clear(office, sink, lockdown):
    sink.busy = {"h6@example.org"}
    second, two = raise_now(at=int(time.time()) + 1)
    office.post(second)
    wait_for(lambda: len([r for r in office.outbox() if r["lockdown"] == two and r["state"] == "sent"]) > 5)
    check("4xx is tried later", wait_for(lambda: [r for r in office.outbox() if r["lockdown"] == two and r["state"] == "waiting" and r["tries"]
                                                 and r["code"] == 451]), office.outbox())
    draft = release_now([lockdown, two], ["comms-1"])
    check("a release of one is a draft", office.post(draft)[1]["outcome"] == "draft")
    asked = office.outbox("draft")
    check("the second officer is told that it waits, and not the first", asked and "comms-1" not in {r["person"] for r in asked}, asked)
    check("it arrives", wait_for(lambda: office.all_are("sent", what="draft")), office.outbox("draft"))
    told = {r["address"] for r in office.outbox() if r["state"] == "sent" and r["what"] != "draft"}
    check("two release both", office.post(release_now([lockdown, two], ["comms-1", "comms-2"]))[1]["outcome"] == "recorded")
    cancelled = [r for r in office.outbox() if r["state"] == "cancelled"]
    check("what was not sent is cancelled with it", [r["address"] for r in cancelled] == ["h6@example.org"], cancelled)
    done = office.notify("outbox", "--all")
    check("in words, too", "not sent: it was over before" in done.out, done)
    check("D9.3: the second message goes to everyone who had the first, once", set(office.to("second")) == told
          and len(office.to("second")) == len(told), (office.to("second"), told))
    sink.busy = set()
    check("it arrives, too", wait_for(lambda: office.all_are(*SETTLED, what="second")), office.outbox("second"))
    late = [subject_of(m) for m in sink.of("h6@example.org")]
    check("no late first message after the all-clear", late[-1].startswith("It is over") and len(late) == 2, late)
    code, said = office.tell(act="retry", id=cancelled[0]["id"])
    check("nobody can send it by hand either", code == 400 and said["error"] == "mismatch", said)


def an_exercise(office, sink):
    data, lockdown = raise_now(mode="exercise", holding=[hold()])
    office.post(data)
    wait_for(lambda: office.all_are(*SETTLED))
    mine = [m for m in sink.of("h1@example.org") if lockdown in text_of(m)]
    check("an exercise says so in the first word of the subject", len(mine) == 1 and subject_of(mine[0]).startswith("EXERCISE: "), mine)
    office.post(release_now([lockdown], ["comms-1", "comms-2"], mode="exercise"))


def purdah(office, sink):
    now = int(time.time())
    day = dict(kind="purdah", level="guard", instructions="Nothing party political.", until=now + 90 * 86400)
    data, lockdown = raise_now(("elections-1",), **{"from": now + 3600}, **day)
    said = office.post(data)[1]
    check("a period is recorded ahead", said.get("outcome") == "recorded", said)
    rows = [r for r in office.outbox() if r["lockdown"] == lockdown]
    first = [r for r in rows if r["what"] == "instructions"]
    check("D10: the instructions go out at its start, to Members too", {r["due"] for r in first} == {now + 3600}
          and "councillor@xn--bcher-kva.example" in {r["address"] for r in first}, first)
    later = [r for r in rows if r["what"] == "reminder"]
    check("D10: a reminder to each holder three days later", sorted(r["person"] for r in later) == HOLDERS
          and {r["due"] for r in later} == {now + 3600 + 3 * 86400}, later)
    code, rest = office.post(release_now([lockdown], ["elections-1", "monitoring-1"], kind="purdah"))
    check("a period that never began is cancelled, and nobody hears of it", all(
        r["state"] == "cancelled" for r in office.outbox() if r["lockdown"] == lockdown) and not [
        m for m in sink.of("councillor@xn--bcher-kva.example")], (code, rest))


def templates(office, sink):
    write(f"{office.folder}/templates/holder.txt", "Subject: Stop, {{title}}\n\nAt {{at}}: {{reason}}\n")
    write(f"{office.folder}/templates/poster.txt", "Subject: Post\n\n{{textes}}\n")
    data, lockdown = raise_now(at=int(time.time()) + 2, holding=[hold()], reason="{{contact}} & <b>\tx")
    check("a template with a slip holds no raise up", office.post(data)[1]["outcome"] == "recorded")
    check("and is named with its line", "poster.txt was not used" in office.attention() and "line 3" in office.attention(), office.attention())
    wait_for(lambda: office.all_are(*SETTLED))
    mine = {a: [m for m in sink.of(f"{a}@example.org") if lockdown in text_of(m)][0] for a in ("h1", "h4")}
    check("the built-in text goes out in its place", TEXT in text_of(mine["h1"]), text_of(mine["h1"]))
    check("the council's words elsewhere, values never read as templates", subject_of(mine["h4"]) == "Stop, Officer h4"
          and "{{contact}} & <b>" in text_of(mine["h4"]), text_of(mine["h4"]))
    os.remove(f"{office.folder}/templates/poster.txt")
    office.post(release_now([lockdown], ["comms-1", "comms-2"]))
    wait_for(lambda: office.all_are(*SETTLED))


def killed(office, sink, notifier):
    """kill -9 anywhere: no message lost, none sent twice but `unknown`."""
    sink.refused = set()
    notifier.process.send_signal(signal.SIGHUP)
    check("a hang-up ends nothing: the level of the log is read again", wait_for(lambda: "the level of the log is read again" in notifier.log())
          and notifier.process.poll() is None, notifier.log()[-300:])
    for turn in range(6):
        data, lockdown = raise_now(reason=f"Killed {turn}")
        before = len(sink.taken)
        check("recorded", office.post(data)[1].get("outcome") == "recorded", office.log()[-300:])
        for i in range(4):
            wait_for(lambda: len(sink.taken) > before + 2 * i, 3)
            if (turn + i) % 2:
                notifier.kill()
                notifier.start()
            else:
                office.kill()
                office.begin()
        wait_for(lambda: all(r["state"] == "sent" or (r["state"] == "unknown" and r["again"]) for r in office.outbox() if r["lockdown"] == lockdown), 90)
        rows = [r for r in office.outbox() if r["lockdown"] == lockdown]
        lost = [r for r in rows if not [m for m in sink.of(r["address"]) if f".{r['id']}." in m["Message-ID"]]]
        twice = [r for r in rows if len([m for m in sink.of(r["address"]) if f".{r['id']}." in m["Message-ID"]]) > 1]
        check(f"killed four times ({turn}): none is lost", rows and not lost, lost)
        check("and twice came only what was unknown", all(r["again"] for r in twice), twice)
        office.post(release_now([lockdown], ["comms-1", "comms-2"]))
    wait_for(lambda: office.all_are(*SETTLED, "unknown"), 60)


def on_the_record(office):
    """D5.6-5.7: who was told what, and what became of it, by ids; addresses are no part of it."""
    with sqlite3.connect(f"file:{office.folder}/state/journal.db?mode=ro", uri=True) as db:
        rows = [(kind, json.loads(body)) for kind, body in db.execute("SELECT kind, body FROM journal WHERE kind IN ('notice', 'outcome')")]
    told = {(m["what"], m["person"]) for kind, body in rows if kind == "notice" for m in body["messages"]}
    check("the record names who was told what", {("poster", "h1"), ("holder", "h2"), ("second", "h1"), ("council", "*list")} <= told, told)
    codes = {(body["state"], body["code"]) for kind, body in rows if kind == "outcome"}
    check("and the last code of the mail server for each", {("sent", 250), ("failed", 550)} <= codes, codes)
    check("without an address", "@" not in json.dumps(rows), [r for r in rows if "@" in json.dumps(r)])


def no_people(office):
    os.rename(f"{office.folder}/people.csv", f"{office.folder}/people.away")
    data, lockdown = raise_now(reason="Nobody is told")
    check("without a people file a raise is recorded", office.post(data)[1]["outcome"] == "recorded")
    check("and it is said that nobody is told", "people file" in office.attention(), office.attention())
    os.rename(f"{office.folder}/people.away", f"{office.folder}/people.csv")
    office.post(release_now([lockdown], ["comms-1", "comms-2"]))


def outside(office):
    """Whom no device stops: administrators of a partnership's account are told, of the accounts in scope alone."""
    kept = {"accounts": [{"account": X, "admins": ["office@partner.example.org", "h1@example.org"]}, {"account": F, "admins": ["other@partner.example.org"]}], "people": []}
    check("the register beside is kept", office.ask("POST", "/v1/beside", json.dumps(kept).encode()) == (200, {"rows": 2}))
    data, lockdown = raise_now(accounts=[X], reason="Partners, too")
    check("a raise", office.post(data)[1]["outcome"] == "recorded")
    told = [(r["what"], r["address"]) for r in office.outbox() if r["lockdown"] == lockdown]
    check("administrators outside the council are told of their account, and whoever is a holder, too, once", ("outside", "office@partner.example.org") in told and
          [w for w, a in told if a == "h1@example.org"] == ["holder"] and "other@partner.example.org" not in dict(told).values(), told)
    check("it arrives", wait_for(lambda: office.all_are("sent", what="outside")), office.outbox("outside"))
    office.post(release_now([lockdown], ["comms-1", "comms-2"]))
    check("and that it is over", wait_for(lambda: "office@partner.example.org" in office.to("second")), office.outbox("second"))
    bad = {"accounts": [{"account": X, "admins": ["nobody"]}], "people": []}
    code, said = office.ask("POST", "/v1/beside", json.dumps(bad).encode())
    check("a row that is wrong is refused, and nothing is changed", code == 400 and X in said["message"] and
          office.get("beside")[1] == {**kept, "accounts": kept["accounts"][::-1]}, said)


def beside_is_damaged(office):
    """A file that cannot be read is said, and not written over; nothing waits for it."""
    kept = f"{office.folder}/state/beside.json"
    office.stop()
    write(kept, "{")
    check("the controller starts all the same", office.begin(), office.log())
    check("every screen says it", "the register beside cannot be read" in office.attention(), office.attention())
    code, said = office.ask("POST", "/v1/beside", json.dumps({"accounts": [], "people": []}).encode())
    check("and it is not written over", code == 400 and said["error"] == "mismatch" and "not written over" in said["message"], said)
    office.stop()
    os.remove(kept)
    check("without it nothing is kept, and nothing is wrong", office.begin() and "register beside" not in office.attention(), office.attention())


def only_the_sender(office):
    """What is to be sent is handed to one user alone."""
    user = pwd.getpwnam("nobody")
    script = ("import json,socket,sys,os\nos.setgid(%d); os.setuid(%d)\ns=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
              "b=sys.argv[2].encode()\ns.sendall(b'POST '+sys.argv[3].encode()+b' HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nContent-Length: %%d\\r\\n\\r\\n'"
              "%%len(b)+b)\nprint(s.makefile().read())\n") % (user.pw_gid, user.pw_uid)
    os.chmod(office.folder, 0o755)
    os.chmod(office.socket, 0o666)
    for act, door in (("take", "user that sends"), ("outcome", "user that sends"), ("retry", "only root"), ("test", "only root")):
        done = subprocess.run([sys.executable, "-c", script, office.socket, json.dumps({"act": act}), "/v1/outbox"], capture_output=True, text=True,
                              timeout=ENOUGH, check=False)
        check(f"{act} is refused to another user", " 403 " in done.stdout and door in done.stdout, done)
    done = subprocess.run([sys.executable, "-c", script, office.socket, '{"accounts": [], "people": []}', "/v1/beside"], capture_output=True, text=True,
                          timeout=ENOUGH, check=False)
    check("so is the register beside", " 403 " in done.stdout and "only root" in done.stdout, done)


def with_exim(office, folder):
    if not os.path.exists("/usr/sbin/exim4"):
        skip("exim4", "it is not installed")
        return
    exim = Exim(folder, office.ca)
    exim.start()
    try:
        for name, more in (("STARTTLS", {"mail__port": exim.port}), ("TLS from the first byte", {"mail__port": exim.implicit, "mail__tls": "implicit"})):
            notifier = Notifier(folder, office.socket, office.ca, exim.port)
            notifier.start(**more)
            made = office.tell(act="test", to="h1")[1]["id"]
            check(f"exim, {name}, AUTH: sent", wait_for(lambda made=made: state_of(office, made) == "sent"), (office.outbox()[-1], exim.log()))
            check("and delivered", wait_for(lambda: f".{made}." in exim.box()), exim.box()[-500:])
            notifier.stop()
        wrong_name(office, folder, exim)
        wrong_password(office, folder, exim)
    finally:
        exim.stop()


def state_of(office, number):
    return next(r["state"] for r in office.outbox() if r["id"] == number)


def clock(office, seconds):
    office.kill()
    office.environment = {"LD_PRELOAD": OTHER_CLOCK, "FAKETIME": f"+{seconds}s"} if seconds else {}
    office.begin()


def wrong_name(office, folder, exim):
    notifier = Notifier(folder, office.socket, office.ca, exim.port)
    notifier.start(mail__host="127.0.0.1")
    made = office.tell(act="test", to="h1")[1]["id"]
    check("a certificate of another name stops the channel", wait_for(lambda: "NO E-MAIL GOES OUT" in office.attention()), office.attention())
    check("nothing was sent", state_of(office, made) == "waiting", office.outbox()[-1])
    notifier.stop()
    clock(office, PROBE_S + 1)
    notifier.start()
    check("five minutes later, with the right name, it goes on", wait_for(lambda: state_of(office, made) == "sent"), office.outbox()[-1])
    check("and no screen says so any more", "NO E-MAIL" not in office.attention(), office.attention())
    notifier.stop()


def wrong_password(office, folder, exim):
    notifier = Notifier(folder, office.socket, office.ca, exim.port)
    notifier.start(mail__password="wrong")
    made = [office.tell(act="test", to=f"h{i}")[1]["id"] for i in range(1, 8)]
    check("a wrong password stops the channel, red on every screen", wait_for(lambda: "NO E-MAIL GOES OUT (7 wait)" in office.attention()),
          office.attention())
    said = office.notify("outbox").out
    check("and in red on that of the outbox", "NO E-MAIL GOES OUT: 535" in said, said)
    notifier.kill()
    notifier.start(mail__password="wrong")
    clock(office, PROBE_S + 2)
    time.sleep(6)  # three questions of the sender, which must come to nothing
    check("one login and no more, also after kill -9 of both", exim.bad_logins() == 1, exim.log())
    clock(office, 2 * PROBE_S + 20)
    check("one more when five minutes are over", wait_for(lambda: exim.bad_logins() == 2), exim.log())
    time.sleep(4)
    check("and at most two in five minutes", exim.bad_logins() == 2, exim.log())
    notifier.stop()
    notifier.start()
    clock(office, 3 * PROBE_S + 60)
    check("with the right one all go out", wait_for(lambda: all(state_of(office, i) == "sent" for i in made)), office.outbox()[-7:])
    notifier.stop()


def in_clear(office, folder):
    """STARTTLS is struck out on the way: nothing goes out, no password and no text."""
    sink = Sink(office.ca, clear=True)
    sink.start()
    notifier = Notifier(folder, office.socket, office.ca, sink.port)
    notifier.start()
    made = office.tell(act="test", to="h1")[1]["id"]
    check("without TLS the channel stops", wait_for(lambda: "NO E-MAIL GOES OUT" in office.attention()), office.attention())
    check("and neither login nor message went out in clear", not sink.logins and not sink.taken and state_of(office, made) == "waiting", sink.taken)
    notifier.stop()
    sink.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="hf-mail-") as folder:
        office = Post(folder)
        sink = Sink(office.ca)
        notifier = Notifier(folder, office.socket, office.ca, sink.port)
        try:
            office.launch()
            wait_for(office.answers)
            check("where nobody is told of anything, it says so", "notify.user is not set" in office.notify("outbox").out
                  and "No message was ever written" in office.notify("outbox", "--all").out, office.notify("outbox"))
            done = office.notify("test", "h1")
            check("and nothing can be tried", done.code == 1 and "notify.user is not set" in done.err, done)
            office.kill()
            check("the controller starts", office.begin(), office.log())
            lockdown, n = who_is_told(office)
            terminal_before(office)
            sink.start()
            two_are_refused(office, sink, notifier, lockdown, n)
            the_all_clear(office, sink, lockdown)
            an_exercise(office, sink)
            purdah(office, sink)
            templates(office, sink)
            on_the_record(office)
            no_people(office)
            outside(office)
            beside_is_damaged(office)
            killed(office, sink, notifier)
            only_the_sender(office)
            check("it ends when asked to", notifier.stop() == 0, notifier.log()[-500:])
            with_exim(office, folder)
            in_clear(office, folder)
            check("the controller has no message of memory", office.stop() == 0, office.log()[-500:])
        finally:
            for program in (office.controller, notifier.process):
                if program and program.poll() is None:
                    program.send_signal(signal.SIGKILL)
                    program.wait(ENOUGH)
            sink.stop()
    return closing()


if __name__ == "__main__":
    sys.exit(main())
