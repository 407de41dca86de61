#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""People and machines are told by more than e-mail (policy D9.3): holdfastd, holdfast-notify, GOV.UK Notify and webhooks.

The servers are ours, and strict: see machines_help.py. HF_CAP_XSD names the schema of CAP 1.2, by which xmllint checks the alerts.
"""
import glob
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

from common import ENOUGH, check, closing, read, skip, wait_for, write
from machines_help import API_KEY, MAIL_TEMPLATE, SMS_TEMPLATE, Notify, Sink, hook_file
from mail_help import NOTIFY, Notifier
from test_controller import raise_now, release_now
from test_mail import ME, PROBE_S, SETTLED, Post, clock, hold, state_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SEED = "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
PRIVATE = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
SENDER = "holdfast@example.org"
HEAD = ["identifier", "sender", "sent", "status", "msgType", "scope", "restriction", "note", "references", "info"]
INFO = ["language", "category", "event", "responseType", "urgency", "severity", "certainty", "onset", "expires", "senderName", "headline",
        "description", "instruction", "contact", "area"]


class Council(Post):
    """All channels: Notify for people, four hooks for machines."""

    def begin(self, **changes):
        more = {"notify__sms": "draft poster", "notify__hooks": "log teams slack", "notify__alerts": "cap capfile", **changes}
        return super().begin(**more)

    def rows(self, channel, lockdown=None):
        return [r for r in self.outbox() if r["channel"] == channel and lockdown in (None, r["lockdown"])]

    def waits(self, channel):
        return next(c for c in self.get("outbox")[1]["channels"] if c["channel"] == channel)


def settings(folder, ca, notify):
    """Of holdfast-notify: no mail server; the key of GOV.UK Notify in a file of its own."""
    write(f"{folder}/govuk.key", API_KEY + "\n")
    os.chmod(f"{folder}/govuk.key", 0o600)
    return {"mail.host": "", "mail.user": "", "mail.password": "", "govuk.key": f"{folder}/govuk.key", "govuk.url": notify.url, "govuk.ca": f"{ca.folder}/ca.crt",
            "govuk.mail": MAIL_TEMPLATE, "govuk.sms": SMS_TEMPLATE, "hooks.folder": f"{folder}/hooks"}


def hooks(folder, ca, sinks):
    more = {"ca": f"{ca.folder}/ca.crt"}
    hook_file(folder, "log", form="event", url=sinks["log"].url, secret=SECRET, **more)
    hook_file(folder, "teams", form="teams", url=sinks["teams"].url, **more)
    hook_file(folder, "slack", form="slack", url=sinks["slack"].url, **more)
    hook_file(folder, "cap", form="cap", url=sinks["cap"].url, secret=PRIVATE, sender=SENDER, **more)
    os.makedirs(f"{folder}/alerts")
    hook_file(folder, "capfile", form="cap", folder=f"{folder}/alerts", sender=SENDER)


def secrets_are_guarded(folder, notifier):
    """Each file of a secret is its user's alone, or nothing starts; none is printed."""
    notifier.start()
    notifier.stop()
    for path in (f"{folder}/govuk.key", f"{folder}/hooks/log.conf"):
        os.chmod(path, 0o640)
        done = subprocess.run([NOTIFY, "-f", notifier.conf], capture_output=True, text=True, timeout=ENOUGH, check=False)
        check(f"{os.path.basename(path)} that others can read is refused", done.returncode == 1 and path in done.stderr, done)
        os.chmod(path, 0o600)
    done = subprocess.run([NOTIFY, "-f", notifier.conf, "-n"], capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("and none is printed", done.returncode == 0 and "# hook log" in done.stdout and not re.search(
        f"s3cret|{SECRET}|{PRIVATE}|{API_KEY[-36:]}", done.stdout), done.stdout)


def a_raise(council, notify, sinks):
    data, lockdown = raise_now(holding=[hold()])
    check("recorded", council.post(data)[1].get("outcome") == "recorded")
    check("all is sent", wait_for(lambda: all(r["state"] == "sent" for r in council.outbox())), [r for r in council.outbox() if r["state"] != "sent"])
    poster = notify.to("h1@example.org")
    check("GOV.UK Notify: one e-mail a person, by the council's template", len(poster) == 1 and poster[0]["template_id"] == MAIL_TEMPLATE
          and "Please post one message" in poster[0]["personalisation"]["subject"], poster)
    check("its reference names the message", re.fullmatch(r"holdfast-\d+-\d+-[0-9a-f]{12}", poster[0]["reference"]), poster)
    check("an emergency's text message goes to who has a number and must act", [to for kind, to, _ in notify.sent if kind == "sms"] == ["07700900777"], notify.sent)
    check("no token was refused", not notify.refused, notify.refused)
    events = sinks["log"].events("lockdown.raised")
    check("a hook is told once, signed as Standard Webhooks says (openssl)", len(events) == 1 and not sinks["log"].bad, (events, sinks["log"].bad))
    said = events[0]["data"]
    check("with all that machines need", said["lockdowns"] == [lockdown] and said["kind"] == "emergency" and said["mode"] == "live", said)
    card = json.loads(sinks["teams"].taken[0][2])["attachments"][0]
    check("Teams: an Adaptive Card", card["contentType"] == "application/vnd.microsoft.card.adaptive" and card["content"]["type"] == "AdaptiveCard"
          and "Emergency lockdown" in card["content"]["body"][0]["text"], card)
    check("Slack: a text", json.loads(sinks["slack"].taken[0][2])["text"].startswith("Emergency lockdown"), sinks["slack"].taken)
    check("an alert by Ed25519 (openssl)", len(sinks["cap"].taken) == 1 and not sinks["cap"].bad, sinks["cap"].bad)
    return lockdown


def changed_and_over(council, sinks, lockdown):
    at = int(json.loads(sinks["log"].taken[0][2])["data"]["at"])
    draft = release_now([lockdown], ["comms-1"])
    council.post(draft)
    check("a draft is told to hooks, and to the second officer by text message", wait_for(
        lambda: sinks["log"].events("draft.waiting") and [r for r in council.rows("sms") if r["what"] == "draft"]), council.outbox())
    check("and is no alert", not [r for r in council.rows("cap") if r["what"] == "draft"])
    council.post(release_now([lockdown], ["comms-1", "comms-2"]))
    check("the second message goes out by every channel", wait_for(lambda: sinks["log"].events("lockdown.released")
                                                                   and council.all_are("sent", what="second")), council.outbox("second"))
    check("also as an alert", wait_for(lambda: len(sinks["cap"].taken) == 2), sinks["cap"].taken)
    check_alerts([body for _, _, body in sinks["cap"].taken], at)


def check_alert(text):
    """Rows from the standard, section 3.2: names, their order, their values."""
    root = xml.etree.ElementTree.fromstring(text)
    names = [e.tag.removeprefix(CAP) for e in root]
    info = root.find(f"{CAP}info")
    inner = [e.tag.removeprefix(CAP) for e in info]
    get = {**{n: e.text for n, e in zip(names, root)}, **{n: e.text for n, e in zip(inner, info)}}
    check("CAP 3.2.1: the elements of an alert in their order", root.tag == f"{CAP}alert" and names == sorted(names, key=HEAD.index), names)
    check("CAP 3.2.2: those of its info", inner == sorted(inner, key=INFO.index) and {"category", "event", "urgency", "severity", "certainty"} <= set(inner), inner)
    check("CAP 3.2.1: identifier and sender without blank, comma, < and &", not re.search(r"[\s,<&]", get["identifier"] + get["sender"]), get)
    check("CAP 3.2.1: Restricted, with whom it is for", get["scope"] == "Restricted" and get["restriction"], get)
    check("CAP 3.3.2: UTC is -00:00", all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-00:00", get[n]) for n in ("sent", "onset", "expires") if n in get), get)
    return get


def check_alerts(texts, at):
    first, last = (check_alert(t) for t in texts)
    check("Alert, then Cancel", (first["msgType"], last["msgType"]) == ("Alert", "Cancel"), (first, last))
    check("Actual", first["status"] == last["status"] == "Actual")
    check("the Cancel refers to the Alert: sender,identifier,sent", last["references"] == f"{first['sender']},{first['identifier']},{first['sent']}", last)
    check("sent is when the order was written", first["sent"].startswith(time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))), first)


def by_the_schema(folder):
    files = sorted(glob.glob(f"{folder}/alerts/*.xml"))
    schema = os.environ.get("HF_CAP_XSD")
    check("alerts lie in the folder, too", len(files) >= 2, files)
    if not schema:
        skip("xmllint by the schema of CAP 1.2", "HF_CAP_XSD names no file")
        return
    done = subprocess.run(["xmllint", "--noout", "--schema", schema, *files], capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("xmllint: all alerts are of the OASIS schema", done.returncode == 0, done.stderr)


def an_exercise(council, sinks, folder):
    before = len(sinks["cap"].taken)
    data, lockdown = raise_now(mode="exercise")
    council.post(data)
    check("an exercise is an alert, too", wait_for(lambda: len(sinks["cap"].taken) > before))
    get = check_alert(sinks["cap"].taken[-1][2])
    check("as Exercise, with a note", get["status"] == "Exercise" and "exercise" in get["note"] and "Actual" not in sinks["cap"].taken[-1][2].decode(), get)
    check("and in the first word for people", wait_for(lambda: json.loads(sinks["slack"].taken[-1][2])["text"].startswith("EXERCISE: ")))
    council.post(release_now([lockdown], ["comms-1", "comms-2"], mode="exercise"))
    wait_for(lambda: council.all_are(*SETTLED))
    by_the_schema(folder)


def trials(council, notify, sinks):
    """`holdfast notify test CHANNEL`."""
    for to, channel in (("log", "log"), ("cap", "cap"), ("07700 900123", "sms"), ("h2@example.org", "mail")):
        done = council.notify("test", to)
        check(f"notify test {to}: by {channel}", done.code == 0 and done.out.rstrip().endswith("sent") and council.outbox()[-1]["channel"] == channel, done)
    done = council.notify("test", "comms-1", "--sms")
    check("notify test PERSON --sms", done.code == 0 and notify.to("07700900000"), done)
    check("a test alert says that it is one", b"<status>Test</status>" in sinks["cap"].taken[-1][2], sinks["cap"].taken[-1])
    done = council.notify("test", "h2", "--sms")
    check("who has no number", done.code == 1 and "h2 has no mobile in the people file" in done.err, done)


def stopped(council, sinks, notifier):
    """Each channel that fails is on every screen, and the others go on."""
    for status, why in ((404, "HTTP 404: ok"), (302, "HTTP 302: it says another address")):
        sinks["log"].status = status
        made = council.tell(act="test", to="log")[1]["id"]
        check(f"{status} stops the hook, and it is on every screen", wait_for(lambda: "NOTHING GOES OUT BY THE HOOK log (1 wait)" in council.attention()
                                                                             and why in council.attention()), council.attention())
        check("in red on that of the outbox", f"NOTHING GOES OUT BY THE HOOK log: {why}" in council.notify("outbox").out)
        done = council.notify("test", "slack")
        check("the others go on", done.code == 0, done)
        check("no redirect was followed", all(p == "/hook?sig=s3cret" for p in sinks["log"].seen), sinks["log"].seen)
        sinks["log"].status = 200
        clock(council, PROBE_S * (1 if status == 404 else 2) + 1)
        check("five minutes later it is tried again", wait_for(lambda made=made: state_of(council, made) == "sent"), council.rows("log")[-1])
        check("and no screen says so any more", "GOES OUT BY" not in council.attention(), council.attention())
    clock(council, 0)
    sinks["log"].status = 400
    done = council.notify("test", "log")
    check("400 is final, in the other side's words", done.code == 1 and "FAILED" in done.out and "HTTP 400: ok" in done.out, done)
    sinks["log"].status = 503
    made = council.tell(act="test", to="log")[1]["id"]
    check("503 is tried later", wait_for(lambda: council.rows("log")[-1]["tries"] > 0 and state_of(council, made) == "waiting"), council.rows("log")[-1])
    sinks["log"].status = 200
    check("until it is taken", wait_for(lambda: state_of(council, made) == "sent"), council.rows("log")[-1])
    check("the program was not started anew for it", notifier.process.poll() is None)


def notify_says_no(council, notify, notifier):
    notify.busy = {"h2@example.org"}
    made = council.tell(act="test", to="h2@example.org")[1]["id"]
    check("429 is tried later", wait_for(lambda: "RateLimitError" in council.outbox()[-1]["line"] and state_of(council, made) == "waiting"), council.outbox()[-1])
    notify.busy = set()
    check("and sent, after it was asked whether it is there", wait_for(lambda: state_of(council, made) == "sent") and notify.asked, notify.asked)
    notify.broken = {"h2@example.org"}
    made = council.tell(act="test", to="h2@example.org")[1]["id"]
    check("5xx, too", wait_for(lambda: council.outbox()[-1]["code"] == 500), council.outbox()[-1])
    notify.broken = set()
    check("until it is taken", wait_for(lambda: state_of(council, made) == "sent"), council.outbox()[-1])
    notifier.stop()
    notifier.start(govuk__body="text")
    done = council.notify("test", "h2@example.org")
    check("a template with another blank is final, in Notify's words", done.code == 1 and "Missing personalisation: body" in done.out, done)
    check("and red on every screen", "1 message could not be delivered" in council.attention(), council.attention())
    council.notify("outbox", "--seen")
    notifier.stop()
    notifier.start()
    notify.clock = 100
    made = council.tell(act="test", to="h2@example.org")[1]["id"]
    check("403 (clock) stops the channel, red on every screen", wait_for(lambda: "NO E-MAIL GOES OUT (1 wait): HTTP 403: AuthError: Error: Your system clock" in
                                                                       council.attention()), council.attention())
    made_sms = council.tell(act="test", to="07700900123")[1]["id"]
    check("and that of text messages", wait_for(lambda: "NO TEXT MESSAGE GOES OUT" in council.attention()
                                               and "NO TEXT MESSAGE GOES OUT" in council.notify("outbox").out), council.attention())
    notify.clock = 0
    clock(council, PROBE_S + 1)
    check("five minutes later both go on", wait_for(lambda: state_of(council, made) == state_of(council, made_sms) == "sent"), council.outbox()[-2:])
    clock(council, 0)


def unknown(council, notify, sinks):
    notify.cut = {"h3@example.org"}
    made = council.tell(act="test", to="h3@example.org")[1]["id"]
    check("GOV.UK Notify: a line lost after the request is unknown", wait_for(lambda: state_of(council, made) == "unknown"), council.outbox()[-1])
    before = len(notify.to("h3@example.org"))
    check("it is asked by its reference, and is sent", wait_for(lambda: state_of(council, made) == "sent"), council.outbox()[-1])
    check("and not twice", len(notify.to("h3@example.org")) == before, notify.to("h3@example.org"))
    sinks["log"].cut = True
    made = council.tell(act="test", to="log")[1]["id"]
    check("a hook: unknown", wait_for(lambda: state_of(council, made) == "unknown"), council.outbox()[-1])
    check("sent once more", wait_for(lambda: state_of(council, made) == "sent"), council.outbox()[-1])
    ids = [given for given, _, _ in sinks["log"].taken if f"-{made}-" in given]
    check("with the same webhook-id, by which it is told apart", len(ids) == 2 and len(set(ids)) == 1, ids)


def killed(council, notify, sinks, notifier):
    """kill -9 anywhere: no message lost, none sent twice but `unknown`."""
    for turn in range(4):
        data, lockdown = raise_now(reason=f"Killed {turn}")
        check("recorded", council.post(data)[1].get("outcome") == "recorded", council.log()[-300:])
        for i in range(3):
            before = len(notify.sent)
            wait_for(lambda before=before: len(notify.sent) > before, 2)
            if (turn + i) % 2:
                notifier.kill()
                notifier.start()
            else:
                council.kill()
                council.begin()
        mine = lambda: [r for r in council.outbox() if r["lockdown"] == lockdown]
        check("all are sent", wait_for(lambda mine=mine: all(r["state"] == "sent" for r in mine())), [r for r in mine() if r["state"] != "sent"])
        got = {r["id"]: times(r, notify, sinks) for r in mine()}
        check(f"killed three times ({turn}): none is lost", got and all(got.values()), got)
        check("GOV.UK Notify has none twice", all(got[r["id"]] == 1 for r in mine() if r["channel"] == "mail"), got)
        check("and a hook twice only what was unknown", all(got[r["id"]] == 1 or r["again"] for r in mine()), got)
        council.post(release_now([lockdown], ["comms-1", "comms-2"]))
    wait_for(lambda: council.all_are(*SETTLED))


def times(row, notify, sinks):
    """How often a message arrived."""
    if row["channel"] in ("mail", "sms"):
        return len([s for _, _, s in notify.sent if f"-{row['id']}-" in s["reference"]])
    if row["channel"] == "log":
        return len([g for g, _, _ in sinks["log"].taken if f"-{row['id']}-" in g])
    return 1  # these say no number that could be counted


def wrong_name(council, folder, sinks, notifier):
    """A certificate of another name: nothing goes out, and not a byte of the address's secret."""
    seen = len(sinks["teams"].seen)
    notifier.stop()
    hook_file(folder, "teams", form="teams", url=sinks["teams"].url.replace("localhost", "127.0.0.1"), ca=f"{council.ca.folder}/ca.crt")
    notifier.start()
    council.tell(act="test", to="teams")
    check("a certificate of another name stops the hook", wait_for(lambda: "NOTHING GOES OUT BY THE HOOK teams" in council.attention()), council.attention())
    check("and nothing reached it", len(sinks["teams"].seen) == seen)


def a_hook_that_is_gone(council):
    council.kill()
    council.begin(notify__hooks="log slack")
    check("what waits for a hook that is named no more is said", "1 message waits for a hook that the settings do not name" in council.attention(), council.attention())
    council.kill()
    council.launch(notify__user=ME, notify__hooks="log log")
    check("a slip in the settings is a refusal at the start", council.controller.wait(ENOUGH) == 1 and "the hook log is named twice" in council.log(),
          council.log()[-300:])


def main():
    with tempfile.TemporaryDirectory(prefix="hf-channels-") as folder:
        council = Council(folder)
        council.people([f"{p},,,{p}@example.org,{'07700 900777' if p == 'h1' else ''}" for p in (f"h{i}" for i in range(1, 8))]
                       + [f"{p},,,{p}@example.org,07700900000" for p in ("comms-1", "comms-2", "it-1", "monitoring-1", "elections-1")])
        write(f"{folder}/seed.pem", f"-----BEGIN PRIVATE KEY-----\n{SEED}\n-----END PRIVATE KEY-----\n")
        subprocess.run(["openssl", "pkey", "-in", f"{folder}/seed.pem", "-pubout", "-out", f"{folder}/public.pem"], timeout=ENOUGH, check=True)
        notify = Notify(council.ca)
        sinks = {"log": Sink(council.ca, SECRET, folder), "teams": Sink(council.ca, "", folder), "slack": Sink(council.ca, "", folder),
                 "cap": Sink(council.ca, PRIVATE, folder, f"{folder}/public.pem")}
        hooks(folder, council.ca, sinks)
        notifier = Notifier(folder, council.socket, council.ca, 1)
        notifier.settings.update(settings(folder, council.ca, notify))
        try:
            secrets_are_guarded(folder, notifier)
            check("the controller starts", council.begin(), council.log())
            check("who sends is not there", "has no channel teams: nothing goes out by it" in council.notify("outbox").out)
            notifier.start()
            lockdown = a_raise(council, notify, sinks)
            changed_and_over(council, sinks, lockdown)
            an_exercise(council, sinks, folder)
            trials(council, notify, sinks)
            unknown(council, notify, sinks)
            killed(council, notify, sinks, notifier)
            notify_says_no(council, notify, notifier)
            stopped(council, sinks, notifier)
            wrong_name(council, folder, sinks, notifier)
            check("it ends when asked to", notifier.stop() == 0, notifier.log()[-500:])
            log = notifier.log() + council.log()
            check("no log has a secret, an address or a number", not re.search(f"s3cret|{SECRET}|{API_KEY[-36:]}|@example|07700", log))
            a_hook_that_is_gone(council)
        finally:
            for program in (council.controller, notifier.process):
                if program and program.poll() is None:
                    program.send_signal(signal.SIGKILL)
                    program.wait(ENOUGH)
            for server in (notify, *sinks.values()):
                server.stop()
    return closing()


if __name__ == "__main__":
    sys.exit(main())
