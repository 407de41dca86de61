#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Scheduled posts are paused where their scheduler has an interface (policy D4.1): holdfastd, holdfast-notify and Postiz.

Postiz is ours, and strict: see machines_help.py. HF_BUILD names the build folder.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

from common import ENOUGH, check, closing, wait_for
from machines_help import Postiz, conf_file
from mail_help import NOTIFY, Notifier
from test_checks import Listed
from test_controller import raise_now, release_now
from test_mail import F, ME, X

HOUR, DAY = 3600, 86400
KEPT = {"accounts": [{"account": X, "scheduler": "Postiz: cmX"}, {"account": F, "scheduler": "postiz:cmF"}], "people": []}
LIMIT = 30


class Paused(Listed):
    def begin(self, **changes):
        return super().begin(notify__user=ME, notify__people=f"{self.folder}/people.csv", notify__schedulers="postiz", **changes)

    def keep(self, kept):
        return self.ask("POST", "/v1/beside", json.dumps(kept).encode())

    def word(self, **said):
        return self.ask("POST", "/v1/schedulers", json.dumps({"scheduler": "postiz", **said}).encode())

    def item(self, what, account=X):
        return next((i for i in self.items(what=what, account=account) if i["mode"] == "live"), None)

    def clear(self, *lockdowns):
        return self.post(release_now(list(lockdowns), ["comms-1", "comms-2"]))


def an_hour_later(postiz, notifier):
    """Postiz has forgotten its requests, and so has holdfast-notify."""
    notifier.stop()
    postiz.calls.clear()
    notifier.start()


def settings_have_slips(folder, office, notifier, postiz):
    path = f"{folder}/schedulers/postiz.conf"
    good = {"url": postiz.url, "key": postiz.key, "ca": f"{office.ca.folder}/ca.crt"}
    for what, mode, changes, says in (
            ("a key that others can read", 0o640, {}, path), ("an address in clear", 0o600, {"url": "http://localhost/public/v1"}, "url must begin with https://"),
            ("a key with a line in it", 0o600, {"key": "a b"}, "key has a character that no key has"), ("another interface", 0o600, {"form": "buffer"}, "form must be postiz"),
            ("too few requests", 0o600, {"requests": 2}, "requests"), ("none", 0o600, {"url": ""}, "url")):
        conf_file(path, mode, **{**good, **changes})
        notifier.start()
        code = notifier.process.wait(ENOUGH)
        check(f"{what} is refused at the start", code == 1 and says in notifier.log().splitlines()[-1], notifier.log()[-300:])
    conf_file(path, **good)
    for i in range(4):
        conf_file(f"{folder}/schedulers/s{i}.conf", **good)
    notifier.start()
    check("five of them, too", notifier.process.wait(ENOUGH) == 1 and "more than 4 schedulers" in notifier.log().splitlines()[-1], notifier.log()[-300:])
    for i in range(4):
        os.unlink(f"{folder}/schedulers/s{i}.conf")
    done = subprocess.run([NOTIFY, "-f", notifier.conf, "-n"], capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("its key is not printed", done.returncode == 0 and "# scheduler postiz" in done.stdout and postiz.key not in done.stdout, done)
    for names, says in (("a a", "a is named twice"), ("A", "is no name of a scheduler"), ("a b c d e", "more than 4")):
        office.launch(notify__schedulers=names)
        check(f"notify.schedulers = {names} is refused", office.controller.wait(ENOUGH) == 1 and says in office.log(), office.log()[-300:])


def before_a_raise(office, notifier, postiz):
    check("the controller starts", office.begin(), office.log())
    check("kept beside the register", office.keep(KEPT)[0] == 200)
    now = time.time()
    for i in range(1, 36):
        postiz.put(f"x{i:02}", "cmX", now + i * HOUR)
    postiz.put("f1", "cmF", now + HOUR / 2)
    postiz.put("again", "cmF", now - 7 * DAY + HOUR / 4, "PUBLISHED", every=7)
    postiz.put("mine", "cmX", now + 2 * HOUR, "DRAFT")
    postiz.put("other", "cmOther", now + HOUR)
    postiz.put("gone", "cmX", now - HOUR, "PUBLISHED")
    notifier.start()
    check("who has the keys asks", wait_for(lambda: office.word(act="take")[0] == 200, 10), office.word(act="take"))
    data, lockdown = raise_now(mode="exercise")
    office.post(data)
    item = office.items(what="pause", account=X)[0]
    check("an exercise pauses nothing", office.word(act="take")[1]["work"] == [] and item["open"])
    office.post(release_now([lockdown], ["comms-1", "comms-2"], mode="exercise"))
    check("in quiet times nothing is asked of a scheduler", not postiz.calls, postiz.calls)


def a_raise(office, notifier, postiz):
    data, lockdown = raise_now()
    office.post(data)
    check("D4.1: the first hour's requests are used up, and no more", wait_for(lambda: len(postiz.calls) == LIMIT) and not postiz.bad, (len(postiz.calls), postiz.bad))
    first = ["again", "f1"] + [f"x{i:02}" for i in range(1, 27)]
    check("what is due first is paused first, of all accounts", [p for p, _ in postiz.changes()] == first and postiz.state(*first) == {"DRAFT"}, postiz.changes())
    check("the last request is the look at what came of it", [c[0] for c in postiz.calls] == ["GET"] + ["PUT"] * 28 + ["GET"])
    check("an account of which all is paused is ticked off, with how many", wait_for(lambda: office.item("pause", F)["last"])
          and office.item("pause", F)["last"]["count"] == 2 and office.item("pause", F)["last"]["uid"] == os.geteuid(), office.item("pause", F))
    check("one of which posts will still go out is not", office.item("pause")["open"], office.item("pause"))
    check("and every screen says how many, and when", wait_for(lambda: f"9 posts of {X} will still go out by postiz, the next on " in office.attention()), office.attention())
    out = office("check", "list").out
    check("so does the list", "By itself: 26 are held as drafts, 9 will still go out, the next " in out and "By itself: 2 are held as drafts." in out, out)
    an_hour_later(postiz, notifier)
    check("an hour later the others follow", wait_for(lambda: office.item("pause")["last"]) and office.item("pause")["last"]["count"] == 35, (office.item("pause"), postiz.calls))
    check("nothing else was touched", postiz.state("mine") == {"DRAFT"} and postiz.state("other") == {"QUEUE"} and not
          {"mine", "other", "gone"} & {p for p, _ in postiz.changes()}, postiz.changes())
    check("no screen says that anything goes out", wait_for(lambda: "will still go out" not in office.attention()) and not postiz.out, (office.attention(), postiz.out))
    records = [r for r in office.records() if r["act"] == "hold"]
    check("each is on the record", sorted(p for r in records for p in r["posts"]) == sorted([f"x{i:02}" for i in range(1, 36)] + ["f1", "again"]), len(records))
    check("and without a word of what it says", not any("\u2713" in json.dumps(r) for r in office.records()))
    return lockdown


def meanwhile(office, notifier, postiz):
    """Somebody schedules more; the line is lost; programs are killed."""
    postiz.put("late", "cmX", time.time() + 5 * HOUR)
    postiz.cut = True
    an_hour_later(postiz, notifier)
    check("what is scheduled meanwhile is paused, too, though the line was lost behind it", wait_for(lambda: office.item("pause")["last"]["count"] == 36)
          and postiz.state("late") == {"DRAFT"}, office.item("pause"))
    postiz.put("later", "cmX", time.time() + 5 * HOUR)
    postiz.broken = {"later"}
    postiz.put("latest", "cmX", time.time() + 6 * HOUR)
    an_hour_later(postiz, notifier)
    check("one that fails keeps no other from its turn", wait_for(lambda: postiz.state("latest") == {"DRAFT"} and f"1 post of {X} will still go out" in office.attention()),
          (office.attention(), postiz.calls))
    postiz.broken = set()
    postiz.hold = threading.Event()
    postiz.arrived.clear()
    an_hour_later(postiz, notifier)
    check("a look is on its way", postiz.arrived.wait(ENOUGH))
    notifier.kill()
    office.kill()
    postiz.hold.set()
    postiz.hold = None
    check("killed, both", office.begin() and office.item("pause")["last"]["count"] == 36, office.item("pause"))
    postiz.calls.clear()
    notifier.start()
    check("they go on", wait_for(lambda: office.item("pause")["last"]["count"] == 38 and postiz.state("later") == {"DRAFT"}), (office.item("pause"), postiz.calls))


def all_clear(office, notifier, postiz, lockdown):
    now = time.time()
    postiz.posts["x01"]["due"] = int(now - 60)   # its time has passed
    postiz.posts["x02"]["due"] = int(now + 30)   # before anybody could look
    del postiz.posts["x03"]                      # somebody deleted it
    an_hour_later(postiz, notifier)
    wait_for(lambda: [c for c in postiz.calls if c[0] == "GET"])
    postiz.calls.clear()
    office.clear(lockdown)
    check("at the all-clear what we paused is scheduled again, what is due first before the others", wait_for(lambda: len(postiz.changes()) >= 20)
          and [p for p, _ in postiz.changes()][:3] == ["f1", "x04", "x05"] and {s for _, s in postiz.changes()} == {"schedule"}, postiz.changes())
    an_hour_later(postiz, notifier)
    check("all of it", wait_for(lambda: office.item("resume") and not office.item("resume")["open"] and not office.item("resume", F)["open"]), (office.item("resume"), postiz.calls))
    check("with how many", office.item("resume")["last"]["count"] == 35 and office.item("resume", F)["last"]["count"] == 1, (office.item("resume"), office.item("resume", F)))
    check("a post whose time has passed, or is about to, stays a draft", postiz.state("x01", "x02", "again") == {"DRAFT"})
    check("nor is one scheduled that somebody else made a draft", postiz.state("mine") == {"DRAFT"})
    check("and nothing went out of our doing", not postiz.out, postiz.out)
    out = office("check", "list").out
    check("the list says so", "By itself: 35 are scheduled again, 3 stay drafts because their time has passed, 0 are to be put back." in out, out)
    freed = [r for r in office.records() if r["act"] == "free"]
    check("and the record", sorted(p for r in freed if r["as"] == "left" for p in r["posts"]) == ["again", "x01", "x02", "x03"], freed)
    check("then nothing more is asked of the scheduler", wait_for(lambda: office.word(act="take")[1]["work"] == []))
    shown = office("audit", "show").out
    for text in (f"1 scheduled post of {X} is made a draft.", f"1 post of {F} is scheduled again.", f"1 post of {F} stays a draft.", "of the checklist of "):
        check(f"audit show: {text}", text in shown, shown[-2000:])


def released_meanwhile(office, notifier, postiz):
    """The all-clear comes between the look and the change: nothing is paused any more."""
    an_hour_later(postiz, notifier)
    postiz.hold = threading.Event()
    postiz.arrived.clear()
    released = int(time.time()) + 1
    data, lockdown = raise_now(reason="Short")
    office.post(data)
    check("a look is on its way", postiz.arrived.wait(ENOUGH))
    wait_for(lambda: int(time.time()) > released)
    office.clear(lockdown)
    n = len(postiz.changes())
    postiz.hold.set()
    postiz.hold = None
    check("the items of the all-clear are for people, for we paused nothing", wait_for(lambda: office.item("resume") and office.item("resume")["open"]), office.items())
    time_of = len(postiz.calls)
    check("and not one post was changed", not wait_for(lambda: len(postiz.changes()) > n, 5), postiz.calls[time_of:])
    office.word(act="hold", account=X, posts=["x05"])
    code, said = office.word(act="hold", account=X, posts=["x05"])
    check("nobody can have a post put back who did not hold it", code == 400 and said["error"] == "mismatch"
          and office.word(act="may-resume", account=X, posts=["mine"])[0] == 400 and office.word(act="free", account=X, posts=["mine"])[0] == 400, said)
    for item in office.items(open=True):
        office("check", "done", item["id"])


def by_hand(office, notifier, postiz):
    """People are quicker: what they say is done is theirs."""
    data, lockdown = raise_now(reason="By hand", accounts=[F])
    office.post(data)
    check("paused", wait_for(lambda: office.item("pause", F) and office.item("pause", F)["last"]), office.item("pause", F))
    notifier.stop()
    office.clear(lockdown)
    item = office.item("resume", F)
    office("check", "done", item["id"])
    postiz.calls.clear()
    notifier.start()
    check("what was resumed by hand is not resumed once more", wait_for(lambda: [r for r in office.records() if r["act"] == "free"][-1]["posts"] == ["f1"])
          and not postiz.changes(), postiz.calls)
    check("f1 is still a draft: it is theirs", postiz.state("f1") == {"DRAFT"})


def trouble(folder, office, notifier, postiz):
    postiz.put("f2", "cmF", time.time() + HOUR)
    postiz.key = "another"
    an_hour_later(postiz, notifier)
    data, lockdown = raise_now(reason="Trouble", accounts=[F])
    office.post(data)
    check("a wrong key: on every screen, with what to do", wait_for(lambda: f"{F} IS NOT PAUSED in postiz: HTTP 401: " in office.attention()
                                                                    and "pause it by hand (`holdfast check list`)" in office.attention()), office.attention())
    check("the item stays open", office.item("pause", F)["open"])
    out = office("check", "list").out
    check("and says why it is not done by itself", "Holdfast cannot do it by itself: HTTP 401" in out, out)
    tries = len(postiz.bad)
    check("it is not tried again and again", not wait_for(lambda: len(postiz.bad) > tries, 5), postiz.bad)
    postiz.key = postiz.KEY
    postiz.limit = 0
    an_hour_later(postiz, notifier)
    check("too many requests: said, too", wait_for(lambda: "HTTP 429" in office.attention()), office.attention())
    postiz.limit = LIMIT
    conf_file(f"{folder}/schedulers/postiz.conf", url=postiz.url.replace("localhost", "127.0.0.1"), key=postiz.key, ca=f"{office.ca.folder}/ca.crt")
    seen = len(postiz.bad)
    an_hour_later(postiz, notifier)
    check("a certificate of another name: not a byte of the key", wait_for(lambda: f"{F} IS NOT PAUSED in postiz: SSL" in office.attention()) and len(postiz.bad) == seen
          and not postiz.calls, office.attention())
    notifier.stop()
    office.keep({"accounts": [{"account": F, "scheduler": "postiz"}], "people": []})
    check("a scheduler without its channel is said", "its channel there is not known: `scheduler` must be postiz: CHANNEL" in office.attention(), office.attention())
    office.keep({"accounts": [{"account": F, "scheduler": "postiz: cmF"}], "people": []})
    office.kill()
    check("again", office.begin())
    check("so is that nobody has its key here", f"{F} IS NOT PAUSED in postiz: holdfast-notify does not ask" in office.attention(), office.attention())
    conf_file(f"{folder}/schedulers/postiz.conf", url=postiz.url + "/", key=postiz.key, ca=f"{office.ca.folder}/ca.crt")
    notifier.start()
    check("mended, it is paused", wait_for(lambda: office.item("pause", F)["last"]) and wait_for(lambda: "IS NOT PAUSED" not in office.attention()), office.attention())
    office.keep({"accounts": [{"account": F, "scheduler": "buffer"}], "people": []})
    check("posts whose scheduler is known no more are said", f"1 post of {F} stay drafts since" in office.attention(), office.attention())
    office.keep(KEPT)
    postiz.calls.clear()
    office.clear(lockdown)
    check("and put back at the all-clear", wait_for(lambda: postiz.state("f2") == {"QUEUE"}), postiz.calls)


def a_quiet_purdah(office):
    """A period that asks for care alone takes nobody's posts away; one that shuts accounts does."""
    now = int(time.time())
    for level, wants in (("guard", []), ("block", ["pause", "pause"])):
        data, lockdown = raise_now(["elections-1"], kind="purdah", at=now - 5, level=level, start=now - 4, until=now + 30 * DAY, instructions="Nothing party political.")
        check(f"D10: a period of the level {level}", office.post(data)[1].get("outcome") == "recorded" and len(office.items(what="pause", lockdown=lockdown)) == 2)
        check("what is paused by itself", [w["want"] for w in office.word(act="take")[1]["work"]] == wants)
        out = office("check", "list").out
        check("the list names the period", f"Pre-election period {lockdown[:12]}: in force" in out, out)
        now += 1
        code, said = office.post(release_now([lockdown], ["elections-1", "monitoring-1"], kind="purdah"))
        check("over", said.get("outcome") == "recorded", said)
        for item in office.items(open=True):
            office("check", "done", item["id"])
    data, lockdown = raise_now(["elections-1"], kind="purdah", mode="exercise", at=now, level="block", start=now, until=now + DAY, instructions="A drill.")
    check("an exercise of a period", office.post(data)[1].get("outcome") == "recorded")
    begun = wait_for(lambda: f"EXERCISE, a pre-election period, {lockdown[:12]}: in force" in office("check", "list").out)
    out = office("check", "list").out
    check("pauses nothing, and says so", begun and "Pause nothing." in out and not office.word(act="take")[1]["work"], out)


def who_may(office):
    os.chmod(office.folder, 0o755)
    os.chmod(office.socket, 0o666)
    done = subprocess.run(["curl", "-s", "--unix-socket", office.socket, "-d", json.dumps({"act": "take", "scheduler": "postiz"}), "http://localhost/v1/schedulers"],
                          capture_output=True, text=True, timeout=ENOUGH, user=65534, group=65534, extra_groups=[], check=False)
    check("nobody else may ask or say", json.loads(done.stdout)["error"] == "role", done)
    for said, error in (({"act": "take", "scheduler": "buffer"}, "absent"), ({"act": "rule"}, "shape"), ({"act": "hold", "account": X}, "shape"),
                        ({"act": "hold", "account": X, "posts": ["../x"]}, "shape"), ({"act": "hold", "posts": ["a"]}, "shape"), ({"act": "hold", "account": X, "posts": [1]}, "shape")):
        code, answer = office.word(**said)
        check(f"{said}: {error}", code in (400, 404) and answer["error"] == error, answer)


def main():
    with tempfile.TemporaryDirectory(prefix="hf-schedulers-") as folder:
        office = Paused(folder)
        open(f"{folder}/standing.csv", "w").close()
        os.makedirs(f"{folder}/schedulers")
        postiz = Postiz(office.ca, LIMIT)
        notifier = Notifier(folder, office.socket, office.ca, 1, mail__host="", mail__user="", mail__password="", schedulers__folder=f"{folder}/schedulers",
                            hooks__folder=f"{folder}/hooks")
        try:
            settings_have_slips(folder, office, notifier, postiz)
            before_a_raise(office, notifier, postiz)
            lockdown = a_raise(office, notifier, postiz)
            meanwhile(office, notifier, postiz)
            all_clear(office, notifier, postiz, lockdown)
            released_meanwhile(office, notifier, postiz)
            by_hand(office, notifier, postiz)
            trouble(folder, office, notifier, postiz)
            a_quiet_purdah(office)
            who_may(office)
            check("it ends when asked to", notifier.stop() == 0, notifier.log()[-500:])
            check("no log has its key, or what a post says", not any(w in notifier.log() + office.log() for w in (Postiz.KEY, "\u2713", "x01")))
            check("the controller ends", office.stop() == 0, office.log()[-500:])
        finally:
            for program in (office.controller, notifier.process):
                if program and program.poll() is None:
                    program.send_signal(signal.SIGKILL)
                    program.wait(ENOUGH)
            postiz.stop()
    return closing()


if __name__ == "__main__":
    sys.exit(main())
