#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A beat comes to a device by its slice of the estate (proto/README.md "Bus"), and a link that knows of no slices keeps up by asking.

Real controllers, a real broker over TLS with the acl that ships, a real agent and link.
"""
import sys

from common import check, end_process, read, wait_for, write
from council_help import DEVICE, contract
from whole_help import Council, enrolled, inside, join

BEATS = 3


def reports_state(council, seq):
    return council.sees(lambda row: row.get("state_seq", 0) >= seq)


def beats_later(council):
    """It reports a state that is so many beats younger than the last one."""
    return reports_state(council, council.servers["c1"].get("status")[1]["seq"] + BEATS)


def asked(server):
    return server.log().count(f"event=published device={DEVICE} answer")


def says_rollback(council):
    return "rollback" in {row["reason"] for row in council.row().get("refused", [])}


def by_its_slice(council, server):
    reports_state(council, 1)
    before = asked(server)
    check("Bus: a device hears the beats, and asks for none", beats_later(council) and asked(server) == before, (before, server.log()[-700:]))


def restarts(council, device, server):
    """What the broker keeps for all is older than what it keeps for the slice; the device has heard both."""
    device.kill()
    check("an agent that comes anew hears of its slice", device.start() and beats_later(council), device.log()[-700:])
    check("Bus: and what is older is no rollback", not says_rollback(council), council.row())


def older_link(council, device, server):
    """A link of the version before asks for no slice; here the broker gives it none, which comes to the same."""
    acl = f"{council.broker.folder}/acl"
    shipped = read(acl)
    council.broker.kill()
    write(acl, "".join(line for line in shipped.splitlines(keepends=True) if not line.startswith("pattern read") or "/beat/" not in line))
    seq = server.get("status")[1]["seq"]
    council.broker.start()
    reports_state(council, seq + 1)  # what the controller says when it is back, to all
    before = asked(server)
    check("Bus: a link that hears no slice keeps up by asking", beats_later(council) and asked(server) > before, (before, asked(server)))
    raised = council.says("raise", "emergency", "--reason", "Fire at the depot", "--wait", "0", who="comms-1")
    check("D9.1: what is new comes to it at once", raised.code == 0 and wait_for(lambda: device.blocked() == ["x.com"]), raised.err)
    check("Bus: no state was taken for a replayed one", not says_rollback(council), council.row())


def play(folder):
    council = Council(folder)
    council.broker.start()
    device = enrolled(f"{folder}/device", council)
    server = council.servers["c1"]
    try:
        server.settings["log.level"] = 6
        check("the controller starts", server.start(), server.log()[-700:])
        join(device, council)
        by_its_slice(council, server)
        restarts(council, device, server)
        older_link(council, device, server)
    finally:
        for process in (device.agent, device.link):
            end_process(process)
        council.end()


if __name__ == "__main__":
    sys.exit(inside(play))
