#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The poster's single-use pass (policy D9.3, D2.9) for real: broker, controller, two devices of one person, their links and terminals.

Device d1 blocks a listed program for each user, d2 says what it would. Windows are opened by one device, refused to the other,
closed by the poster; their end by the clock is in tests/unit/test_posting_windows.c. HF_BUILD names the build folder.
"""
import json
import os
import pwd
import shutil
import subprocess
import sys
import time

from common import ENOUGH, check, end_process, read, wait_for, write
from enforce_help import as_user, run_inside
from council_help import COUNCIL, contract, key
from test_agent import STAFF, Device, start_link
from test_controller import Office
from test_election_office import OfficeTerminal

OTHER = "daemon"  # the login of comms-1
UIDS = {name: pwd.getpwnam(name).pw_uid for name in (STAFF, OTHER)}
ACCOUNTS = [f"x:CCDC-{i}" for i in range(7)]
TEXT = "We know of an incident and will say more here."


class House(Office):
    """The council's server, whose devices bring keys of their own."""

    def __init__(self, folder, program):
        self.program, self.tables = program, {}
        super().__init__(folder)
        self.settings.update({"beat_s": 5, "device.report_s": 5})

    def make_council(self):
        super().make_council()
        holders = {"comms-2": 0, "comms-1": 0}
        accounts = [contract.account(a, "corporate", holders) for a in ACCOUNTS]
        tools = [contract.tool("poster", "Poster", ["x"], [], [self.program]), contract.tool("other", "Other", ["facebook"], ["facebook.com"])]
        doc = contract.register(COUNCIL, 1, int(time.time()) - 60, accounts, tools)
        self.register = contract.envelope("register", doc, [key("comms-1"), key("comms-2")])
        write(f"{self.folder}/council/register.json", json.dumps(self.register))
        self.first_trust = json.loads(read(f"{self.folder}/council/trust/1.json"))

    def assign(self, device, public, rank):
        doc = contract.assignment(COUNCIL, device, 1, int(time.time()) - 60, public=public, people={"comms-2": STAFF, "comms-1": OTHER}, groups=["staff"])
        if rank > 1:
            doc["people"][0]["rank"] = rank
        made = contract.envelope("assignment", doc, [key("it-1"), key("comms-1")])
        write(f"{self.folder}/council/assignments/{device}.json", json.dumps(made))
        return made

    def certify(self, csr, device):
        write(f"{self.ca.folder}/{device}-own.csr", csr)
        return self.ca.sign(f"{device}-own.csr", f"{device}-own.crt")

    def order(self, doc, *people):
        data = contract.message("order", doc, [key(p) for p in people])
        code, said = self.post(data)
        if code != 200 or said["outcome"] != "recorded":
            raise RuntimeError(said)
        return contract.digest_of(data)

    def raise_now(self, mode="live", reason="A fire", messages=ACCOUNTS, **changes):
        holding = [contract.holding(a, TEXT, "comms-2", 15) for a in messages]
        return self.order(contract.raise_order(COUNCIL, "emergency", mode, int(time.time()), holding=holding, reason=reason,
                                               contact="Duty officer 4000", **changes), "comms-1")

    def release(self, lockdown, mode="live"):
        return self.order(contract.release_order(COUNCIL, "emergency", mode, int(time.time()), of=[lockdown]), "comms-1", "monitoring-1")

    def posting(self, lockdown, account):
        found = next(l for l in self.get("status")[1]["lockdowns"] if l["id"] == lockdown)
        return next(h["posting"] for h in found["holding"] if h["account"] == account)

    def stands(self, lockdown, account, state, device=None):
        return wait_for(lambda: self.posting(lockdown, account)["state"] == state and
                        (not device or self.posting(lockdown, account)["device"] == device))


class Laptop(Device):
    """One device with its link, and what its people type."""

    def __init__(self, house, name, rank, group):
        self.name, self.house, self.rank = name, house, rank
        folder = f"{house.folder}/{name}"
        os.makedirs(folder)
        super().__init__(folder, house, None)
        self.group = group

    def enrol(self):
        request = json.loads(self.command("request", "--device", self.name, "--user", STAFF)[1])
        value = {"council": COUNCIL, "device": self.name, "trusts": [self.house.first_trust], "register": self.house.register,
                 "assignment": self.house.assign(self.name, request["public"], self.rank), "host": "localhost", "port": self.house.broker.port,
                 "ca": read(f"{self.house.ca.folder}/ca.crt"), "certificate": self.house.certify(request["csr"], self.name)}
        write(f"{self.folder}/bundle.json", json.dumps(value))
        code, _, said = self.command("enrol", f"{self.folder}/bundle.json", "--yes", "--state", self.state)
        self.settings(layer__programs="yes" if self.group else "no", programs__cgroup=self.group or "", layer__browser="no", beat_s=5)
        return code == 0, said

    def plug(self):
        start_link(self, self.house.broker, 5)

    def unplug(self):
        end_process(self.link)

    def says(self, what, account, *more, user=STAFF):
        """(exit status, standard output, standard error)"""
        return self.command(what, account, *more, user=user)

    def posting(self, account, user=STAFF):
        view = json.loads(self.status("--json", user=user)[1])
        return next(row["posting"] for row in view["accounts"] if row["id"] == account)

    def sees(self, account, state, user=STAFF):
        return wait_for(lambda: (self.posting(account, user) or {}).get("state") == state)

    def heard(self):
        """Seconds since it heard the council's server."""
        return json.loads(self.status("--json", user=STAFF)[1])["heard_s"]

    def hears(self, level):
        return wait_for(lambda: json.loads(self.status("--json", user=STAFF)[1])["level"] == level)


def posts(house, user):
    """Can this user start the listed program?"""
    return as_user(UIDS[user], [house.program, "0"], cwd="/")[0] == 0


def who_posts(house):
    return [u for u in (STAFF, OTHER) if posts(house, u)]


def opens_for(house, *users):
    return wait_for(lambda: who_posts(house) == list(users))


def claimed(house, one, two, lockdown):
    """First claim wins by the controller's record; each change is a signed report; everybody sees it."""
    account = ACCOUNTS[0]
    check("asked: the officers see it", house.posting(lockdown, account)["state"] == "asked")
    code, out, said = one.says("pass", account)
    check("D9.3: the poster opens the window on one device", code == 0 and TEXT in out and "minutes are left" in out, (out, said))
    check("D9.3: it opens for that person, and for no other", opens_for(house, STAFF), who_posts(house))
    check("status: what is open, and that the rest is not", "BLOCKED, but for your posting window" in one.status(user=STAFF)[1] and
          "BLOCKED: you cannot post" in one.status(user=OTHER)[1], one.status(user=STAFF)[1])
    check("the controller has it, from that device", house.stands(lockdown, account, "open", "d1"), house.posting(lockdown, account))
    check("the second device sees it", two.sees(account, "elsewhere"), two.posting(account))
    code, _, said = two.says("pass", account)
    check("D9.3: the second device cannot have it again", code == 1 and "d1" in said and "only one" in said, said)
    for what, user in (("another person", OTHER), ("root", None)):
        code, _, said = one.says("pass", account, user=user)
        check(f"attack: {what} cannot have it", code == 1, said)
    check("the other holder sees that the window is open", one.sees(account, "open", OTHER) and
          "comms-2 has the posting window open" in one.status(user=OTHER)[1], one.status(user=OTHER)[1])
    return account


def restarted(house, one, account):
    before = one.posting(account)["left_s"]
    end_process(one.agent, 9)
    check("killed: as it was", who_posts(house) == [STAFF], who_posts(house))
    check("the agent starts again", one.start(), one.log()[-500:])
    check("a restart starts nothing anew", opens_for(house, STAFF) and 0 < one.posting(account)["left_s"] <= before,
          (before, one.posting(account)))


def closed(house, one, two, lockdown, account):
    code, _, said = one.says("posted", account, "--at", "javascript:alert(1)")
    check("attack: an address that acts", code == 2 and "https://" in said and posts(house, STAFF), said)
    code, out, said = one.says("posted", account, "--at", "https://x.com/CannockChaseDC/status/1")
    check("posted: closes at once", code == 0 and opens_for(house), (out, said, who_posts(house)))
    check("posted: recorded with its address", house.stands(lockdown, account, "posted") and
          house.posting(lockdown, account)["post"] == "https://x.com/CannockChaseDC/status/1", house.posting(lockdown, account))
    check("posted: the other holder sees it, on the other device", two.sees(account, "posted", OTHER) and
          "https://x.com/CannockChaseDC/status/1" in two.status(user=OTHER)[1], two.status(user=OTHER)[1])
    code, _, said = one.says("pass", account)
    check("single use", code == 1 and "only one" in said, said)


def cannot(house, one, lockdown):
    account = ACCOUNTS[1]
    code, out, said = one.says("pass", account, "--json")
    check("pass --json", code == 0 and json.loads(out)["state"] == "open" and 0 < json.loads(out)["left_s"] <= 900, (out, said))
    code, out, _ = one.says("cannot", account, "--why", "The site is down")
    check("cannot: closes at once", code == 0 and opens_for(house), (out, who_posts(house)))
    check("cannot: the officers read why", house.stands(lockdown, account, "cannot") and
          house.posting(lockdown, account)["why"] == "The site is down", house.posting(lockdown, account))


def offline(house, one, two, lockdown):
    """By the assignment's order when nobody is heard: the first device opens, the second does not."""
    one.unplug()
    two.unplug()
    for laptop in (one, two):
        end_process(laptop.agent)
        check(f"{laptop.name} starts without a network", laptop.start(), laptop.log()[-500:])
    account = ACCOUNTS[2]
    code, _, said = two.says("pass", account)
    check("offline: the second device stays shut, says why and whom to ring", code == 1 and "first device" in said and "4000" in said, said)
    code, out, said = one.says("pass", account)
    check("offline: the first opens", code == 0 and opens_for(house, STAFF), (out, said))
    check("offline: posted", one.says("posted", account)[0] == 0 and opens_for(house))
    one.plug()
    two.plug()
    check("heard again: recorded", house.stands(lockdown, account, "posted", "d1"), house.posting(lockdown, account))
    check("heard again: the second device knows", two.sees(account, "posted"), two.posting(account))


def second_first(house, one, two, lockdown):
    """The second device has it when it was first, and the network is there."""
    account = ACCOUNTS[3]
    code, out, said = two.says("pass", account)
    check("the second device opens when the record names it", code == 0 and "minutes are left" in out, (out, said))
    check("the first sees that", one.sees(account, "elsewhere"), one.posting(account))
    code, _, said = one.says("pass", account)
    check("D9.3: then the first cannot have it", code == 1 and "d2" in said and who_posts(house) == [], said)
    one.unplug()
    code, _, said = one.says("pass", account)
    check("D9.3: nor offline", code == 1 and "d2" in said and who_posts(house) == [], said)
    one.plug()


def swapped(house, one, two, lockdown):
    """D9.3: the officers make the second device the first, while both agents run; then nobody is heard."""
    account = ACCOUNTS[6]
    done = OfficeTerminal(house)("device", "first", "--device", "d2", "--person", "comms-2", "--json", who="it-1")
    waits = done.json.get("changed", [{}])[-1].get("digest", "")
    check("it alone makes nothing the first: that waits for a second", done.code == 0 and done.json["waits"], done)
    second = OfficeTerminal(house)("approve", waits[:16], "--json", who="comms-1")
    check("accounts approve it", second.code == 0 and second.json["outcome"] == "recorded", second)
    check("the officers make d2 the first", done.code == 0 and [(c["device"], c["rank"], c["last_report"] > 0) for c in done.json["changed"]] ==
          [("d1", 2, True), ("d2", 1, True)], done)
    check("and are told when the old one was last heard", "It was last heard 20" in done.err, done)
    for laptop in (one, two):
        check(f"{laptop.name} hears it", wait_for(lambda: f"device/{laptop.name}/assignment" in laptop.log()), laptop.log()[-500:])
        laptop.unplug()
    lately = 2 * 5  # two beats
    check("silence", wait_for(lambda: one.heard() > lately and two.heard() > lately), (one.heard(), two.heard()))
    code, _, said = one.says("pass", account)
    check("unheard: who was the first stays shut", code == 1 and "first device" in said and who_posts(house) == [], said)
    code, out, said = two.says("pass", account)
    check("unheard: the new first opens", code == 0 and "minutes are left" in out, (out, said))
    one.plug()
    two.plug()
    check("heard again: recorded", house.stands(lockdown, account, "open", "d2"), house.posting(lockdown, account))


def recalled(house, one, lockdown):
    """The record outlives the controller, also without its table."""
    house.stop()
    subprocess.run(["sqlite3", f"{house.folder}/state/journal.db", "DELETE FROM message WHERE account = 'x:CCDC-0'"], check=True, timeout=ENOUGH)
    check("the controller starts again", house.start(), house.log()[-700:])
    states = [house.posting(lockdown, a)["state"] for a in ACCOUNTS[:4]]
    check("D5.6-5.7: it knows all postings again, from the journal", states == ["posted", "cannot", "posted", "open"], states)
    check("and the device hears it", one.sees(ACCOUNTS[0], "posted"))


def released(house, one, lockdown):
    account = ACCOUNTS[4]
    code, out, said = one.says("pass", account)
    check("one more window", code == 0 and opens_for(house, STAFF), (out, said))
    house.release(lockdown)
    check("D9.3: the all-clear ends it, and all is open", one.hears("open") and opens_for(house, STAFF, OTHER), who_posts(house))
    code, _, said = one.says("pass", account)
    check("nothing is to be posted any more", code == 1 and "nothing to post" in said, said)


def exercise(house, one):
    drill, account = house.raise_now("exercise", "A drill"), ACCOUNTS[5]
    check("an exercise is heard", one.sees(account, "asked"))
    code, out, said = one.says("pass", account)
    check("EXERCISE in each line", code == 0 and all("EXERCISE" in line for line in out.splitlines()), (out, said))
    live = house.raise_now(reason="Now for real", messages=ACCOUNTS[:1])
    check("attack: what was opened in an exercise opens nothing live", one.hears("block") and opens_for(house), who_posts(house))
    code, out, _ = one.says("posted", account)
    check("practised to the end", code == 0 and all("EXERCISE" in line for line in out.splitlines()) and
          house.stands(drill, account, "posted"), out)
    house.release(live)
    house.release(drill, "exercise")
    check("afterwards all is open", opens_for(house, STAFF, OTHER), who_posts(house))


def shown(laptop, account, user=STAFF):
    """What this person's view has of an account: as theirs, and as a text of a lockdown."""
    view = json.loads(laptop.status("--json", user=user)[1])
    texts = [h for l in view["lockdowns"] for h in l.get("holding", []) if h["account"] == account]
    return [a["id"] for a in view["accounts"] if a["id"] == account] + texts


def withdrawn(house, one, two):
    """D2.9: a holder who is withdrawn while their window is open loses window, text and "you hold this", on every device at once."""
    account, terminal = ACCOUNTS[5], OfficeTerminal(house)
    lockdown = house.raise_now(reason="Again")
    check("another emergency", one.hears("block") and two.hears("block") and opens_for(house), who_posts(house))
    code, out, said = one.says("pass", account)
    check("the window of a holder is open", code == 0 and opens_for(house, STAFF) and house.stands(lockdown, account, "open", "d1"), (out, said))
    check("text and account are theirs, on both devices", len(shown(one, account)) > 1 and len(shown(two, account)) > 1, shown(two, account))
    done = terminal("holder", "withdraw", "comms-2", account, "--json", who="comms-1")
    check("one officer withdraws: a draft, and the window stays open", done.code == 0 and done.json["outcome"] == "draft" and
          who_posts(house) == [STAFF], done)
    check("what that shuts is said before it is signed", "comms-2 holds it NO MORE: no device shows them its text" in done.err, done)
    done = terminal("approve", done.json["digest"][:12], "--json", who="comms-2")
    check("the second approves", done.code == 0 and done.json["outcome"] == "recorded", done)
    check("D2.9: the open window shuts", opens_for(house), who_posts(house))
    for laptop in (one, two):
        check(f"D2.9: {laptop.name} shows them neither text nor account", wait_for(lambda: not shown(laptop, account)), shown(laptop, account))
        code, _, said = laptop.says("pass", account)
        check(f"D2.9: {laptop.name} opens no window, and says why and whom to ring", code == 1 and "you do not hold" in said and "4000" in said, said)
    check("the officers see that it ended", house.stands(lockdown, account, "ended", "d1"), house.posting(lockdown, account))
    check("another holder has it as before", len(shown(one, account, OTHER)) > 1 and len(shown(two, account, OTHER)) > 1, shown(two, account, OTHER))
    check("and their other accounts are theirs", len(shown(one, ACCOUNTS[4])) > 1, shown(one, ACCOUNTS[4]))
    one.unplug()
    end_process(one.agent, 9)
    check("killed, and started without a network", one.start(), one.log()[-500:])
    check("D2.9: it stays so", who_posts(house) == [] and not shown(one, account), shown(one, account))
    code, _, said = one.says("pass", account)
    check("D2.9: no window there either", code == 1 and "you do not hold" in said and who_posts(house) == [], said)
    one.plug()
    house.release(lockdown)
    check("afterwards all is open, and it is not theirs", opens_for(house, STAFF, OTHER) and not shown(one, account), shown(one, account))


def play(house, one, two):
    for laptop in (one, two):
        good, said = laptop.enrol()
        check(f"{laptop.name} is enrolled", good, said)
    house.broker.start()
    check("the controller starts", house.start(), house.log()[-700:])
    for laptop in (one, two):
        check(f"{laptop.name} starts", laptop.start(), laptop.log()[-500:])
        laptop.plug()
    lockdown = house.raise_now()
    check("D9.2: blocked on both", one.hears("block") and two.hears("block") and opens_for(house), who_posts(house))
    account = claimed(house, one, two, lockdown)
    restarted(house, one, account)
    closed(house, one, two, lockdown, account)
    cannot(house, one, lockdown)
    offline(house, one, two, lockdown)
    second_first(house, one, two, lockdown)
    swapped(house, one, two, lockdown)
    recalled(house, one, lockdown)
    released(house, one, lockdown)
    exercise(house, one)
    withdrawn(house, one, two)


def body(folder, group):
    os.makedirs(f"{folder}/bin")
    shutil.copy("/bin/sleep", f"{folder}/bin/poster")
    house = House(folder, f"{folder}/bin/poster")
    one, two = Laptop(house, "d1", 1, group), Laptop(house, "d2", 2, None)
    try:
        play(house, one, two)
    finally:
        for process in (one.link, two.link, one.agent, two.agent, house.controller, house.broker.process):
            end_process(process, 9)


if __name__ == "__main__":
    sys.exit(run_inside(body))
