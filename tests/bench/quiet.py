#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""quiet.py ROUNDS OUT - how fast one device is, and that it costs nothing while nothing is on; see run.

One laptop as the bypass suite has it: the agent as it ships, a person with Chromium open. First the other end of the agent's link is
ours, so that what is timed is the device alone; then holdfast-link joins a real broker on which nobody says anything.
"""
import json
import os
import statistics
import subprocess
import sys
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{SOURCE}/tests/system"]

from bypass.laptop import FOLDER, MANAGED, Laptop, Office, Wire, install, people  # noqa: E402
from bypass.web import Chromium  # noqa: E402
from selenium.common.exceptions import WebDriverException  # noqa: E402
from common import end, end_process, read, rests, wait_for, wakeups  # noqa: E402
from council_help import TOPICS, Broker, Ca  # noqa: E402
from council import memories  # noqa: E402
from enforce_help import fences  # noqa: E402
from figures import AtMost, Rows, add_pairs  # noqa: E402
from test_agent import LINK  # noqa: E402

CLIENTS = f"{SOURCE}/tests/bench/clients.py"
LAYERS, OUT_OF_REACH = ("network", "programs"), "others"  # of the driver of the browser that layer says, truly, that nothing reaches it
MORE, IDLE_S, LOCKED_S, TIMES = 250, 60, 60, 400
BEAT_S = 30  # as it ships
RAISES_OF_ROUND = 2
EMPTY = "one empty apply: from the all-clear to the report that network and programs hold nothing"
FIRST, ALL = "from the order to the report that network and programs are verified", "from the order to the report that all layers are"
BROWSER = "a Chromium is open"
BROWSER_NAMES = ("its own, from a policy file until it has refused a page", "from the order to the report that the browser is verified")
ASIDE = ("social.example", f"{MANAGED}/aside.json", "/etc/chromium/policies/aside.json")  # a site that nobody lists; its policy, and where that is written
OLD_S = 1000  # Chromium lets a change settle that is newer than what else is there
FILES = {"exec, not listed": ("exec", "/usr/bin/true"), "open, not listed": ("open", "/usr/bin/true")}
TICK = 1 / os.sysconf("SC_CLK_TCK")


def states(report):
    return {row["name"]: row["state"] for row in report["layers"] if row["name"] != OUT_OF_REACH}


def hold_nothing(report):
    return all(states(report)[name] == "idle" for name in LAYERS)


def first_hold(report):
    return all(states(report)[name] == "verified" for name in LAYERS)


def all_hold(report):
    return first_hold(report) and set(states(report).values()) == {"verified"}


def browser_holds(report):
    return states(report)["browser"] == "verified"


def refuses(web, host):
    try:
        web.driver.get(f"https://{host}/")
    except WebDriverException:
        return True
    return web.driver.execute_script("return typeof post") != "function"


def cpu_ms(pids):
    """What these processes have worked until now."""
    ticks = 0
    for pid in pids:
        ticks += sum(map(int, read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[11:13]))
    return ticks * TICK * 1000


class Bench:
    def __init__(self, rounds):
        self.rounds, self.rows, self.link, self.more, self.others = rounds, Rows(), None, [], []
        self.alice, _ = people()
        self.wire = Wire(FOLDER)
        install(self.alice)
        self.office, self.ca = Office(), Ca(f"{FOLDER}/ca")
        self.laptop = Laptop(FOLDER, self.office, self.ca)
        self.laptop.enrolled()
        self.laptop.settings(beat_s=BEAT_S)

    # The order and the block ------------------------------------------------------------------------------------------
    def until(self, state, *conditions):
        """Seconds from this state until a report fits each; what the agent asks of its link is answered meanwhile."""
        self.link.listen()
        start, times, seen = time.monotonic(), {}, len(self.link.reports)
        self.link.socket.settimeout(0.002)
        self.link.say("state/c1", state)

        def found():
            nonlocal seen
            self.link.listen()
            for report in self.link.reports[seen:]:
                for n, condition in enumerate(conditions):
                    if condition(report):
                        times.setdefault(n, time.monotonic() - start)
            seen = len(self.link.reports)
            return len(times) == len(conditions)
        if not wait_for(found, 30):
            raise RuntimeError(f"not reached: {self.link.last()['layers']}")
        self.link.socket.settimeout(0.05)
        return [times[n] for n in range(len(conditions))]

    def rest(self):
        if not rests(self.laptop.agent.pid, 0.5):
            raise RuntimeError("the agent does not come to rest")

    def raised(self):
        """(seconds of one empty apply, until the first layers are verified, until all are, until the browser is), each from rest."""
        self.rest()
        first, everything, browser = self.until(self.office.lockdown(), first_hold, all_hold, browser_holds)
        self.rest()
        return self.until(self.office.all_clear(), hold_nothing)[0], first, everything, browser

    @staticmethod
    def own_reaction(web):
        """Seconds from another's policy file, moved in whole, until the open Chromium has refused a page."""
        host, path, aside = ASIDE
        with open(aside, "w", encoding="ascii") as file:
            json.dump({"URLBlocklist": [host]}, file)
        os.utime(aside, (time.time() - OLD_S,) * 2)
        start = time.monotonic()
        os.rename(aside, path)
        while not refuses(web, host):
            if time.monotonic() - start > 30:
                raise RuntimeError("Chromium does not take the policy in")
        took = time.monotonic() - start
        os.unlink(path)
        if not wait_for(lambda: not refuses(web, host)):
            raise RuntimeError(f"{host} does not come again, though nobody's policy names it")
        return took

    def orders(self):
        web = Chromium(self.alice, self.wire.certificate)
        try:
            if not wait_for(web.grown) or not wait_for(lambda: not refuses(web, ASIDE[0])):
                raise RuntimeError(f"{ASIDE[0]} does not come before anything is locked")
            self.raised()  # the first browser that the agent meets, and the first names that it asks for
            alone = []
            for _ in range(RAISES_OF_ROUND * self.rounds):
                own = self.own_reaction(web)
                alone.append((*self.raised(), own))
            self.come(MORE)
            crowded = [self.raised() for _ in range(self.rounds)]
        finally:
            web.close()
            self.go()
        empty, first, everything, browser, own = zip(*alone)
        self.rows.add(EMPTY, "ms", empty)
        self.rows.add(FIRST, "ms", first, EMPTY, promise=AtMost(2))
        self.rows.add(ALL, "ms", everything, EMPTY, promise=AtMost(6))
        add_pairs(self.rows, BROWSER, list(zip(own, browser)), BROWSER_NAMES, 3)
        self.rows.add(f"the same as the first, beside {MORE} more idle processes", "ms", [row[1] for row in crowded], FIRST, promise=AtMost(1.2))

    def come(self, many):
        self.more = [subprocess.Popen(self.alice.command(["sleep", "1000000"]), env=self.alice.environment()) for _ in range(many)]
        wait_for(lambda: all(os.readlink(f"/proc/{process.pid}/exe").endswith("sleep") for process in self.more))

    def go(self):
        for process in self.more:
            end(process)
        self.more = []

    # While it is locked ------------------------------------------------------------------------------------------------
    def files(self):
        """{what: seconds of each}, one after the other as the person."""
        found = {}
        for what, words in FILES.items():
            done = self.alice.run(["/usr/bin/python3", CLIENTS, *words, str(TIMES)], 120)
            if done.returncode != 0:
                raise RuntimeError(done.stderr[-500:])
            found[what] = statistics.median(json.loads(done.stdout)["times"])
        return found

    def locked(self):
        """Open and locked by turns, so that both meet the same load; what it works while nobody does anything is looked at once."""
        times = {}
        for number in range(4 * self.rounds):
            turns = ("open", "locked") if number % 2 == 0 else ("locked", "open")
            for under in turns:
                self.turn(under)
                for what, took in self.files().items():
                    times.setdefault((what, under), []).append(took)
        for what in FILES:
            self.rows.add(f"{what}, open", "us", times[what, "open"])
            self.rows.add(f"{what}, locked", "us", times[what, "locked"], f"{what}, open", promise=AtMost(1.02))
        worked = []
        self.turn("locked")
        for _ in range(max(1, self.rounds // 2)):
            pids = [self.laptop.agent.pid, *fences()]
            before = cpu_ms(pids)
            time.sleep(LOCKED_S)  # the length of the measurement, not a wait for something
            worked.append((cpu_ms(pids) - before) / 1000 * 60 / LOCKED_S)
        self.rows.add("locked, nobody does anything: work in a minute, agent and fence", "ms", worked, promise=AtMost(all_within=180))
        self.turn("open")

    def turn(self, under):
        locked = self.office.raised is not None and first_hold(self.link.last())
        if (under == "locked") != locked:
            self.until(self.office.lockdown() if under == "locked" else self.office.all_clear(), first_hold if under == "locked" else hold_nothing)
        self.rest()

    # While nothing is --------------------------------------------------------------------------------------------------
    def join(self):
        """holdfast-link on a broker on which nobody says anything."""
        broker = Broker(FOLDER, self.ca)
        broker.start()
        self.link.socket.close()
        path = f"{self.laptop.etc}/link.conf"
        write_port(path, broker.port)
        link = subprocess.Popen([LINK, "-f", path], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        base = subprocess.Popen(broker.client("mosquitto_sub", "controller", "-t", f"{TOPICS}/#"), stdout=subprocess.DEVNULL)
        self.others = [base, link, broker.process]
        return {"mosquitto_sub": base.pid, "link": link.pid}

    def idle(self):
        pids = self.join()
        time.sleep(BEAT_S + 5)  # it has come, and told itself once more that nothing is on
        self.memory({**pids, "agent": self.laptop.agent.pid})
        # Each beat is a report; between messages is what lies between two of them.
        end_process(self.laptop.agent)
        self.laptop.settings(beat_s=3600)
        self.laptop.start()
        pids["agent"] = self.laptop.agent.pid
        time.sleep(5)  # both have said what they say when they come, and nothing follows
        woken = {"agent and link together": [], "mosquitto_sub": []}
        for _ in range(self.rounds):
            before = {name: wakeups(pid) for name, pid in pids.items()}
            time.sleep(IDLE_S)  # the length of the measurement, not a wait for something
            after = {name: (wakeups(pid) - before[name]) * 60 / IDLE_S for name, pid in pids.items()}
            woken["mosquitto_sub"].append(after.pop("mosquitto_sub"))
            woken["agent and link together"].append(sum(after.values()))
        base = "wake-ups a minute, nothing is said: mosquitto_sub"
        self.rows.add(base, "", woken["mosquitto_sub"])
        self.rows.add("wake-ups a minute, nothing is said: agent and link together", "", woken["agent and link together"], base,
                      promise=AtMost(all_within=6))

    def memory(self, pids):
        found = memories(pids)
        for index, kind in enumerate(("resident", "private")):
            base = f"{kind} memory: mosquitto_sub"
            for name in pids:
                promise = AtMost(1.3) if name != "mosquitto_sub" and kind == "resident" else None
                self.rows.add(f"{kind} memory: {name}", "KiB", [found[name][index]], base if promise or kind == "private" and name != "mosquitto_sub"
                              else None, promise=promise)

    def play(self):
        self.laptop.start()
        self.link = self.laptop.join()
        self.orders()
        self.locked()
        self.idle()

    def close(self):
        self.go()
        for process in (*self.others, self.laptop.agent):
            end_process(process)
        self.wire.close()


def write_port(path, port):
    rows = dict(line.split(" = ", 1) for line in read(path).splitlines() if " = " in line)
    rows.update(port=str(port), user="nobody")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{name} = {value}\n" for name, value in rows.items())


def main():
    os.makedirs(FOLDER, exist_ok=True)
    bench = Bench(int(sys.argv[1]))
    try:
        bench.play()
    finally:
        bench.rows.save(sys.argv[2])
        bench.close()


if __name__ == "__main__":
    main()
