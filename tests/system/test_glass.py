#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A laptop that is shut and hears nobody is opened by the halves of two officers, and by nothing less (proto/README.md "Break-glass").

A real controller, a real broker over TLS with the acl that ships, a real agent and link, the officers' terminal. Half an hour passes by
another clock for the agent alone. Attacks: one side twice, halves of another slot, of mixed slots, of another device, a slot again, also
after SIGKILL; tries without end; a replayed old document. HF_BUILD names the build folder.
"""
import base64
import json
import os
import pty
import subprocess

import whole_help
from common import PEOPLE, REACHED, check, end_process, read, wait_for, write
from council_help import DEVICE, contract, pem_of
from test_agent import AGENT
from test_controller import OTHER_CLOCK
from whole_help import Council, enrolled, inside, join, leave

SHUT, OPEN = ["x.com"], []
SIDES = {"a": "chief-1", "b": "duty-1"}
whole_help.PEOPLE = {**PEOPLE, "chief-1": ["glass-a"], "duty-1": ["glass-b"], "chief-2": ["glass-a"]}


class Late:
    """An agent whose clocks, that of the wall and that since boot, are ahead by as many minutes as were said last."""

    def __init__(self, device):
        self.device, self.path, self.minutes = device, f"{device.folder}/shift", 0
        write(self.path, "+0\n")
        os.chmod(self.path, 0o644)
        device.start = self.start

    def start(self):
        environment = {**os.environ, **REACHED, "FAKETIME_TIMESTAMP_FILE": self.path, "FAKETIME_NO_CACHE": "1"}
        environment["LD_PRELOAD"] = " ".join([OTHER_CLOCK, *([REACHED["LD_PRELOAD"]] if REACHED else [])])
        with open(f"{self.device.folder}/agent.log", "ab") as log:
            self.device.agent = subprocess.Popen([AGENT, "run", "--etc", self.device.etc], stderr=log, stdin=subprocess.DEVNULL, env=environment)
        return wait_for(lambda: os.path.exists(f"{self.device.run}/person.sock") and self.device.status()[0] == 0)

    def on(self, minutes):
        self.minutes += minutes
        write(self.path, f"+{self.minutes}m\n")


def stands(device):
    return json.loads(device.command("glass", "--json")[1])


def types(device, halves):
    return device.command("glass", halves)


def half(council, side, slot, *more, who=None):
    return council.says("glass", "half", "--device", DEVICE, "--slot", str(slot), "--glass-key", f"{council.folder}/{side}.key", *more,
                        who=who or SIDES[side])


def both(council, slot, other=None):
    """What the two officers read out: of this slot, or side b's of another."""
    said = [half(council, side, number, "--json") for side, number in (("a", slot), ("b", other or slot))]
    return " ".join(done.json["half"] for done in said)


def prepares(council, side, *more, who=None, key=None):
    return council.says("glass", "prepare", "--glass-key", key or f"{council.folder}/{side}.key", *more, who=who or SIDES[side])


def slips(council):
    own = f"{council.papers}/people/chief-1.pem"
    rows = [((), "a", {}, ("--slots", "0"), 2, "--slots is between 1 and 16"), ((), "a", {}, ("--minutes", "4"), 2, "--minutes is between 5 and 240"),
            ((), "a", {"who": "comms-1"}, (), 1, "is of neither side of break-glass"),
            ((), "a", {"key": own}, (), 1, "is a key that somebody signs with"), ((), "a", {}, ("none",), 1, "There is no device none"),
            ((), "a", {"key": "/none"}, (), 1, "/none")]
    for _, side, how, more, code, says in rows:
        done = prepares(council, side, *more, **how)
        check(f"prepare {' '.join(more)}{how or ''}: {says}", done.code == code and says in done.err, done)
    done = council.says("glass", "prepare", who="chief-1")
    check("prepare without a key of the side", done.code == 2 and "--glass-key FILE" in done.err, done)
    done = council.says("glass", "half", "--device", DEVICE, who="chief-1")
    check("half without a slot", done.code == 2 and "--slot N" in done.err, done)
    done = council.says("glass", "notes")
    check("notes without a key", done.code == 2 and "--glass-key FILE" in done.err, done)
    done = half(council, "a", 1)
    check("half before any were made", done.code == 1 and "No halves of the device d1 were made with this key here" in done.err, done)


def of_both(council):
    """What the roots are asked for."""
    proposed = f"{council.folder}/next.json"
    done = council.says("trust", "propose", "--roles", "duty-1:glass-b,glass-a", "-o", proposed)
    check("nobody is of both sides", done.code == 1 and "duty-1 would be of both sides of break-glass" in done.err, done)
    for side, people in (("b", ["duty-1"]), ("a", ["chief-1", "chief-2"])):
        roles = [word for person in people for word in ("--roles", f"{person}:monitoring")]
        done = council.says("trust", "propose", *roles, "-o", proposed)
        check("one side alone is odd", f"too few people to give halves of side {side}" in done.err, done)


def prepared(council, device):
    """Both sides, for every device."""
    done = prepares(council, "a", "--slots", "3", "--minutes", "5")
    check("side a prepares, in plain words", done.code == 0 and "BREAK-GLASS, side a: halves of 1 device" in done.out and
          "Side a has made its halves of 1 device. It can be opened once the other side has, too." in done.out, done)
    check("the device holds them, and one side alone is nothing", council.sees(lambda r: r["glass"]["a"] == 1 and r["glass"]["b"] == 0), council.row())
    done = prepares(council, "b", "--slots", "3", "--minutes", "10", "--json")
    check("side b prepares", done.code == 0 and done.json["devices"] == [{"device": DEVICE, "set": 1}] and done.json["side"] == "b", done)
    check("both are said to it", wait_for(lambda: "Nothing is shut" in stands(device)["why"]), stands(device))
    done = half(council, "a", 4)
    check("half of a slot that there is not", done.code == 2 and "There are 3 halves of this device" in done.err, done)
    done = half(council, "a", 1, who="duty-1")
    check("half of the other side", done.code == 1 and "those of the other side" in done.err, done)
    write(f"{council.folder}/c.key", pem_of("side-c"))
    os.chmod(f"{council.folder}/c.key", 0o600)
    os.makedirs(f"{council.folder}/c.key.d")
    write(f"{council.folder}/c.key.d/{DEVICE}.json", read(f"{council.folder}/a.key.d/{DEVICE}.json"))
    done = half(council, "c", 1, who="chief-1")
    check("half by another key", done.code == 1 and "is not the key that the halves of d1 were made with" in done.err, done)
    seen = read(f"{council.folder}/a.key.d/{DEVICE}.json") + "".join(read(f"{device.state}/{n}", "rb").decode("latin-1") for n in os.listdir(device.state)
                                                                    if os.path.isfile(f"{device.state}/{n}"))
    document = contract.document_of(read(f"{council.folder}/a.key.d/{DEVICE}.json"))
    mine = contract.glass_half(contract.seed_of("side-a"), document, 1)
    check("no half is on the officer's disk or the device's", mine not in seen and mine[:12] not in seen)
    check("another implementation knows it by the same", contract.glass_verifier(mine, document, 1) == document["verifiers"][0])
    check("and makes the same half", half(council, "a", 1, "--json").json["half"].replace("-", "") == mine)


def cut_off(council, device):
    """An emergency; then nobody is heard."""
    check("shut", council.says("raise", "emergency", "--reason", "Fire", "--wait", "0", who="comms-1").code == 0 and
          wait_for(lambda: device.blocked() == SHUT))
    early = both(council, 1)
    code, _, said = types(device, early)
    check("not while the council is heard", code == 1 and "may be back any moment" in said, said)
    end_process(council.servers["c1"].controller)
    end_process(council.broker.process)
    done = half(council, "b", 2)
    check("a half is given without a network, and its note waits", done.code == 0 and "The note that you gave it waits beside the key" in done.out and
          "rang" not in done.err, done)
    check("signed, beside the key", os.path.exists(f"{council.folder}/b.key.d/{DEVICE}-1-2.note.json"), os.listdir(f"{council.folder}/b.key.d"))
    again = half(council, "b", 2)
    check("twice: it is said that it was given", "was given before" in again.err, again)
    done = council.says("glass", "notes", "--glass-key", f"{council.folder}/b.key")
    check("notes that cannot be posted yet", done.code == 1 and "wait yet" in done.err, done)


def wrong(device, halves, what, says="These are not the halves of slot"):
    code, out, said = types(device, halves)
    check(f"attack: {what}", code == 1 and says in said and device.blocked() == SHUT, (code, out, said))


def attacks(council, device, late):
    early = both(council, 1)
    code, _, said = types(device, early)
    check("not before half an hour of silence", code == 1 and "can be typed in 30 min" in said, said)
    late.on(31)
    check("then it can be opened, and says how", wait_for(lambda: stands(device)["state"] == "ready"), stands(device))
    code, out, _ = device.command("glass")
    check("in plain words", code == 0 and "one of each side" in out and "slot 1" in out, out)
    ours, theirs = pty.openpty()
    os.write(ours, b"\n")
    code, out, _ = device.command("glass", stdin=theirs)
    check("at a terminal both are asked for, and Enter is no", code == 0 and "Type both halves" in out, out)
    os.close(ours)
    os.close(theirs)
    check("on the screen, too", "if it must be opened, two officers can" in device.status()[1], device.status())
    a, b = (half(council, side, 1, "--json").json["half"] for side in "ab")
    wrong(device, f"{a} {a}", "one side twice", "is of the same side as the first")
    wrong(device, f"{a}", "one half alone", "26 characters together, and these are 13")
    wrong(device, f"{a} {b} 0", "more than two", "and these are more")
    wrong(device, f"{a[:-3]}U-0 {b}", "a letter that none has", "'U' stands in no half")
    wrong(device, ("0" if a[0] != "0" else "1") + a[1:] + b, "a slip costs no try", "The first half has a slip")
    check("none of these counted", json.loads(device.command("status", "--json")[1]) and stands(device)["state"] == "ready", stands(device))
    wrong(device, both(council, 2), "the halves of another slot")
    wrong(device, both(council, 1, 2), "halves of two slots")
    documents = [contract.document_of(read(f"{council.folder}/{s}.key.d/{DEVICE}.json")) for s in "ab"]
    of_d2 = "".join(contract.glass_half(contract.seed_of(f"side-{s}"), {**d, "device": "d2"}, 1) for s, d in zip("ab", documents))
    wrong(device, of_d2, "the halves of another device")
    device.kill()
    join(device, council)
    check("a new life waits again", stands(device)["state"] == "waits", stands(device))
    late.on(31)
    of_set_2 = "".join(contract.glass_half(contract.seed_of(f"side-{s}"), {**d, "set": 2}, 1) for s, d in zip("ab", documents))
    wrong(device, of_set_2, "the halves of another set")
    wrong(device, of_set_2, "the fifth wrong try, two lives long")
    code, _, said = types(device, a + b)
    check("then the right ones wait, too", code == 1 and "typed too often: try again in 15 min" in said and device.blocked() == SHUT, said)
    check("which is said on the screen", "somebody typed wrong halves" in device.status()[1], device.status())
    device.kill()
    join(device, council)
    late.on(31)
    check("a quarter of an hour later it can be tried", wait_for(lambda: stands(device)["state"] == "ready"), stands(device))
    return a + b


def opened(council, device, late, halves):
    code, out, said = types(device, halves.lower().replace("0", "o"))
    check("typed as people type: it is open", code == 0 and "This device is open" in out and "5 min" in out, (code, out, said))
    check("and posts", wait_for(lambda: device.blocked() == OPEN), device.blocked())
    check("which every screen says, and that the lockdown goes on", "IS OPEN by the halves of two officers" in device.status()[1] and
          "is in force. This device is open for a while all the same" in device.status()[1], device.status())
    code, _, said = device.command("removable")
    check("attack: removed while it is open", code == 1 and "a live lockdown holds" in said, said)
    if os.environ.get("HF_SHOW"):
        print(device.status()[1], device.status("--json")[1])
    device.kill()
    join(device, council)
    check("killed: it is open yet, in the same boot", stands(device)["state"] == "open" and device.blocked() == OPEN, stands(device))
    late.on(6)
    check("when its minutes are up it is shut", wait_for(lambda: device.blocked() == SHUT), stands(device))
    late.on(31)
    check("the next slot", wait_for(lambda: stands(device)["state"] == "ready" and stands(device)["slot"] == 2), stands(device))
    wrong(device, halves, "the same halves once more")


def heard_again(council, device):
    """Opened by the second slot; then the council is back."""
    code, out, said = types(device, both(council, 2))
    check("opened once more", code == 0 and wait_for(lambda: device.blocked() == OPEN), (out, said))
    council.broker.start()
    check("the server is back", council.servers["c1"].start())
    check("the first fresh state shuts it at once", wait_for(lambda: device.blocked() == SHUT), stands(device))
    check("the officers' row says that it was opened", council.sees(lambda r: r.get("attention") == ["glass-opened"] and r["glass"]["slot"] == 2 and
                                                                    r["glass"]["wrong"] == 6 and not r["glass"]["open"]), council.row())
    status, devices = council.says("status"), council.says("devices")
    check("status, too", f"{DEVICE} was opened by break-glass" in status.out, status)
    check("devices, too", "it was opened by break-glass" in devices.out, devices)
    check("it is enforced again", council.sees(lambda r: r["state"] in ("enforced-unverified", "enforced-verified", "message-seen")), council.row())
    for side in "ab":
        done = council.says("glass", "notes", "--glass-key", f"{council.folder}/{side}.key", "--json")
        check(f"the notes of side {side} are posted", done.code == 0 and done.json["waiting"] == 0, done)
    done = council.says("audit", "show", "--json")
    check("and on the record", "the half of side b of slot 2, set 1, of the device d1 was given" in done.out, done.out[-1500:])
    done = council.says("glass", "notes", "--glass-key", f"{council.folder}/a.key")
    check("none waits", done.code == 0 and "none waits" in done.out, done)


def never_twice(council):
    """A server that forgot, or lies, says a number of before: its halves would be those that were read out then."""
    path = f"{council.folder}/a.key.d/{DEVICE}.json"
    held = read(path)
    value = json.loads(held)
    document = {**contract.document_of(held), "set": 7}
    write(path, json.dumps({**value, "payload": base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()}))
    for number in ("3", "7"):
        done = prepares(council, "a", DEVICE, "--set", number)
        check(f"attack: set {number} is made once more", done.code == 1 and f"Halves of set {number} of the device d1 were made with this key before: the next is set 8." in done.err, done)
    done = prepares(council, "a", DEVICE, "--json")
    check("attack: the server says set 2 came last, the key's own papers set 7", done.code == 0 and done.json["devices"] == [{"device": DEVICE, "set": 8}], done)
    done = prepares(council, "b", DEVICE, "--json")
    check("the other side follows", done.code == 0 and done.json["devices"] == [{"device": DEVICE, "set": 8}], done)


def anew(council, device):
    """A new set of both sides; the old one is played again."""
    old = read(f"{council.folder}/a.key.d/{DEVICE}.json", "rb")
    for side in "ab":
        done = prepares(council, side, DEVICE, "--json")
        check(f"side {side} makes new ones: set 2", done.code == 0 and done.json["devices"] == [{"device": DEVICE, "set": 2}], done)
    before = {r["reason"]: r["count"] for r in council.row().get("refused", [])}
    council.broker.publish("c1", f"device/{DEVICE}/glass/1", old, "-s")
    check("attack: the old document once more is refused", council.sees(
        lambda r: {x["reason"]: x["count"] for x in r.get("refused", [])}.get("rollback", 0) > before.get("rollback", 0)), council.row())
    never_twice(council)
    verify = council.says("verify", f"{council.folder}/a.key.d/{DEVICE}.json")
    check("verify says what it is", verify.code == 0 and "BREAK-GLASS of the device d1, side a, set 8" in verify.out and "ENOUGH" in verify.out, verify)
    whole = council.says("audit", "verify", f"{council.servers['c1'].folder}/state/journal.db")
    check("the record is whole, and each document of it approved", whole.code == 0, whole)
    council.servers["c1"].kill()
    check("a new life of the controller knows both", council.servers["c1"].start() and council.sees(
        lambda r: r["glass"]["a"] == 8 and r["glass"]["b"] == 8), council.row())


def play(folder):
    council = Council(folder)
    for side in "ab":
        write(f"{folder}/{side}.key", pem_of(f"side-{side}"))
        os.chmod(f"{folder}/{side}.key", 0o600)
    device = enrolled(f"{folder}/d", council)
    late = Late(device)
    try:
        council.broker.start()
        check("the controller is up", council.servers["c1"].start())
        join(device, council)
        check("the device is known", council.sees(lambda r: r.get("last_report", 0) > 0), council.row())
        slips(council)
        of_both(council)
        prepared(council, device)
        cut_off(council, device)
        halves = attacks(council, device, late)
        opened(council, device, late, halves)
        heard_again(council, device)
        anew(council, device)
    finally:
        leave(device)
        council.end()


if __name__ == "__main__":
    raise SystemExit(inside(play))
