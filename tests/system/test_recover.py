#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A device that lost its memory in an emergency, from the officers' terminal to its browser policy (proto/README.md "Recovering").

Real controllers, a real broker over TLS with the acl that ships, a real agent and link. Attacks: an empty state by a stolen
controller key; a second controller that was away when the raise came. HF_BUILD names the build folder.
"""
import glob
import os
import sys
import time

from common import check, end_process, wait_for
from council_help import COUNCIL, DEVICE, contract, key
from whole_help import Council, enrolled, forget, inside, join, leave, link_log

BEAT = f"beat/{contract.slice_of(DEVICE)}/c1"
SHUT = ("enforced-unverified", "enforced-verified", "message-seen")  # layers that are off here are not verified
LOST = "tampered with, or replaced?"


def empty_state(council, name, seq):
    """Nothing is in force, says this controller's key."""
    now = int(time.time())
    doc = contract.state(COUNCIL, name, seq, now, valid_until=now + 120, trust=(1, contract.digest_of(council.trust)),
                         register=(1, contract.digest_of(council.register)), orders=[])
    return contract.message("state", doc, [key(name)])


def keeps_a_third_copy(council, device):
    """Attack: the two copies that are read first are taken away; it forgets nothing, and says so on every screen."""
    leave(device)
    for slot in glob.glob(f"{device.state}/slot-*"):
        os.unlink(slot)
    join(device, council)
    check("the officers' row says it", council.sees(lambda r: "memory-damaged" in r.get("attention", [])), council.row())
    status, devices = council.says("status"), council.says("devices")
    check("status: tampered with?", "ATTENTION" in status.out and f"where {DEVICE} keeps what it knows was damaged, or tampered with" in
          status.out, status)
    check("devices, too", "ATTENTION: where it keeps what it knows was damaged, or tampered with" in devices.out, devices)
    check("and the device itself", "was damaged or taken away" in device.status()[1], device.status())
    check("it knows what it knew", council.row().get("unknown") is False and device.blocked() == [], council.row())


def loses_it(council, device):
    """An emergency holds; then its memory and the third copy are deleted, and the thief takes from the broker what it keeps of it."""
    done = council.says("raise", "emergency", "--reason", "Fire", "--wait", "0", who="comms-1")
    check("one officer raises in the terminal", done.code == 0, done)
    check("the device enforces it", council.sees(lambda r: r.get("state") in SHUT) and
          device.blocked() == ["x.com"], council.row())
    leave(device)
    forget(device)
    end_process(council.servers["c1"].controller)
    for topic in ("state/c1", BEAT):
        council.broker.publish("c1", topic, b"", "-n", "-r")
    join(device, council)
    check("memory deleted: it begins shut", device.blocked() == ["x.com"], device.blocked())


def thief(council, device):
    """Section 2: the controller's word is neither needed nor enough."""
    council.broker.publish("c1", BEAT, empty_state(council, "c1", 900), "-s", "-r")  # kept: whenever the link comes, it hears it
    check("attack: a thief's empty state of the right key arrives", wait_for(lambda: says(council)["state_seq"] == 900),
          link_log(device)[-800:])
    check("and opens nothing", device.blocked() == ["x.com"], device.blocked())
    council.broker.publish("c1", BEAT, b"", "-n", "-r")


def says(council):
    """Its next report."""
    return contract.document_of(council.heard(f"device/{DEVICE}/report"))


def shown(council, device):
    check("the controller is back", council.servers["c1"].start())
    check("the officers' row says that it lost what it knew", council.sees(lambda r: r.get("unknown")), council.row())
    status, devices = council.says("status"), council.says("devices")
    check("status asks: tampered with, or replaced?", LOST in status.out, status)
    check("devices, too", LOST in devices.out, devices)
    out = device.status()[1]
    check("and the device itself", "lost what it knew" in out, out)
    check("the controller's state, with the emergency in it, does not end it", council.row().get("unknown") is True and
          device.blocked() == ["x.com"], council.row())


def by_two(council, device):
    done = council.says("recover", DEVICE, who="it-1")
    check("IT has no say", done.code == 1 and "may not approve" in done.err, done)
    done = council.says("recover", DEVICE, "--json", who="comms-1")
    check("one officer alone waits", done.code == 0 and done.json["outcome"] == "draft", done)
    draft = council.servers["c1"].get("drafts")[1]["drafts"][0]["envelope"]
    check("and it stays as it is", council.row().get("unknown") is True and device.blocked() == ["x.com"], council.row())
    done = council.says("approve", done.json["digest"], who="monitoring-1")
    check("the second officer approves", done.code == 0 and "It is recorded" in done.out, done)
    return contract.document_of(draft)


def not_before_all_is_held(council, device, said):
    """A device whose loss the same word is about, and only a controller that never heard of the raise is up."""
    c1, c2 = council.servers["c1"], council.servers["c2"]
    c1.kill()
    leave(device)
    end_process(council.broker.process)
    council.broker.start()
    forget(device)
    check("a second controller that never heard the raise is up alone", c2.start())
    join(device, council)
    check("its fresh and empty states arrive", wait_for(lambda: council.row("c2").get("unknown")), link_log(device)[-800:])
    check("two controllers: it stays shut", device.blocked() == ["x.com"], device.blocked())
    nonce = council.row("c2").get("nonce")
    check("it is another loss", nonce not in (None, said["devices"][0]["nonce"]), nonce)
    now = {**said, "devices": [{"device": DEVICE, "nonce": nonce}], "issued": int(time.time())}
    word = contract.message("recover", now, [key("comms-1"), key("monitoring-1")])
    council.broker.publish("c1", f"device/{DEVICE}/recover", word, "-s", "-r")
    check("the word of two is there, and the raise that it names is not: shut", wait_for(
        lambda: says(council)["unknown"]) and device.blocked() == ["x.com"])
    check("the controller that knows is back", c1.start())
    check("now every order in live is held: it knows again", council.sees(lambda r: r.get("unknown") is False and
                                                                          r.get("state") in SHUT), council.row())
    check("and holds the emergency", device.blocked() == ["x.com"], device.blocked())


def knows_again(council, device):
    check("it knows again, and holds the emergency", council.sees(lambda r: r.get("unknown") is False and
                                                                   r.get("state") in SHUT), council.row())
    check("still blocked", device.blocked() == ["x.com"], device.blocked())
    check("status says nothing of a loss any more", LOST not in council.says("status").out)


def all_clear(council, device):
    council.says("release", "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-1")
    draft = council.says("drafts", "--json").json["drafts"][0]["digest"]
    done = council.says("approve", draft, "--wait", "0", who="monitoring-1")
    check("the all-clear by two opens it", done.code == 0 and wait_for(lambda: device.blocked() == []), device.blocked())


def play(folder):
    council = Council(folder)
    device = enrolled(f"{folder}/device", council)
    try:
        check("broker and controller start", council.broker.start() and council.servers["c1"].start())
        join(device, council)
        check("open at first", council.sees(lambda r: r.get("last_report", 0) > 0) and device.blocked() == [], council.row())
        keeps_a_third_copy(council, device)
        loses_it(council, device)
        thief(council, device)
        shown(council, device)
        said = by_two(council, device)
        knows_again(council, device)
        not_before_all_is_held(council, device, said)
        all_clear(council, device)
    finally:
        leave(device)
        council.end()


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(inside(play))
