#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""council.py ROUNDS OUT - what the council's own programs take: from a signature to the verified block, memory, wake-ups; see run.

Everything is real: the controller, the broker with TLS, one device with the agent and its link, a person with Chromium open, a
toot half written and the window holdfast-desk. The baselines are mosquitto's own clients on the same broker in the same run.
"""
import contextlib
import glob
import os
import socket
import subprocess
import sys
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{SOURCE}/deploy/demo", f"{SOURCE}/tests/vectors"]

import forge  # noqa: E402
from figures import AtMost, Rows  # noqa: E402
from stage import say, wait_for  # noqa: E402
from story import Story  # noqa: E402

IDLE_SECONDS, AWAY_SECONDS = 20, 3
LOOK = "officer's command to look at the devices"
QUIET = ("verified", "off", "idle")
MESSAGE, COMMAND = "one message, mosquitto_pub to mosquitto_sub", "officer's command itself, until it ends"
VERIFIED = "officer's command until every layer is verified"


class Bench:
    def __init__(self, build, rounds):
        self.story, self.rounds, self.rows = Story(build), rounds, Rows()

    def begin(self):
        self.story.found_council()
        self.story.start_all()
        self.story.open_everything()
        self.start_desk()
        self.story.programs.start("subscriber", ["mosquitto_sub", *self.story.listener, "-t", f"{forge.TOPIC}/#"])

    def start_desk(self):
        poster, programs = self.story.poster, self.story.programs
        programs.start("screen", ["Xvfb", ":77", "-nolisten", "tcp", "-screen", "0", "1280x900x24"])
        run = f"{poster.home}/run"
        os.makedirs(run, mode=0o700)
        os.chown(run, poster.uid, poster.uid)
        wait_for("the screen is there", lambda: os.path.exists("/tmp/.X11-unix/X77"), 20)
        programs.start("desk", poster.command(["dbus-run-session", "--", f"{self.story.build}/holdfast-desk"]), cwd=poster.home,
                       env=poster.environment(DISPLAY=":77", XDG_RUNTIME_DIR=run, GSETTINGS_BACKEND="memory"))
        wait_for("holdfast-desk runs", lambda: "holdfast-desk" in ours(), 20)

    # The officer's command ------------------------------------------------------------------------------------------
    def one_message(self):
        """One that came; on a busy machine the subscription may come too late for it."""
        took, _ = wait_for("mosquitto_sub has a message of mosquitto_pub", self.message_taken, 60)
        return took

    def message_taken(self):
        """Seconds from starting mosquitto_pub until mosquitto_sub has the message; None if it did not get it."""
        topic = forge.TOPIC.replace("/c1", "/c2/63")
        reader = subprocess.Popen(["mosquitto_sub", *self.story.listener, "-t", topic, "-C", "1", "-W", "10", "-R"], stdout=subprocess.PIPE)
        time.sleep(0.5)  # the subscription has no sign of its own; it is not part of what is timed
        start = time.monotonic()
        subprocess.run(["mosquitto_pub", *self.story.attacker, "-t", topic, "-q", "1", "-m", "x" * 1500], check=True)
        return time.monotonic() - start if reader.wait(15) == 0 else None

    def layers(self):
        """{layer: state} as the officers see it, once the device says that it is locked and every layer has said its word."""
        device = self.story.device()
        states = {row["name"]: row["state"] for row in device["layers"]}
        if device["state"] not in ("enforced-verified", "message-seen") or not set(states.values()) <= set(QUIET):
            raise ValueError(f"{device['state']}: {states}")
        return states

    def one_raise(self, number):
        """(seconds of the command, seconds in all, the layers' states); it is locked then."""
        start = time.monotonic()
        self.story.holdfast("raise", "emergency", "--reason", f"Benchmark {number}", "--contact", "nobody", "--wait", "0", officer="comms-1")
        command = time.monotonic() - start
        states, _ = wait_for("every layer with work is verified", self.layers, 30)
        return command, time.monotonic() - start, states

    def release(self):
        story = self.story
        story.holdfast("release", "--reason", "Benchmark", "--message", "Benchmark", "--wait", "0", officer="comms-1")
        story.holdfast("approve", story.holdfast("drafts")["drafts"][0]["digest"], "--wait", "0", officer="monitoring-1")
        wait_for("released-verified", lambda: story.standing() == "released-verified", 30)

    def raises(self):
        singles, commands, raised, states, locked = [], [], [], {}, []
        for number in range(self.rounds):
            singles.append(self.one_message())
            command, took, states = self.one_raise(number)
            commands.append(command)
            raised.append(took)
            wait_for("the extension has its line to the agent", lambda: "holdfast-browser" in ours(), 20)
            locked.append(memories(self.watched()))
            self.release()
        self.rows.add(MESSAGE, "ms", singles)
        self.rows.add(COMMAND, "ms", commands, MESSAGE)
        self.rows.add(VERIFIED, "ms", raised, MESSAGE, note=", ".join(f"{name} {state}" for name, state in states.items()))
        return locked

    # Who was away -------------------------------------------------------------------------------------------------
    def reported_after(self, back):
        """Seconds from a return until the officers see a report that was made after it."""
        counter = self.story.device()["counter"]
        back()
        start = time.monotonic()
        wait_for("d1 has reported", lambda: self.story.device()["counter"] > counter, 60)
        return time.monotonic() - start

    def broker_returns(self):
        self.story.programs.kill("broker")
        time.sleep(AWAY_SECONDS)  # the length of the outage
        self.story.start_broker()
        wait_for("the broker listens", listens, 20)

    def controller_returns(self):
        self.story.programs.kill("controller")
        time.sleep(AWAY_SECONDS)
        self.story.start_controller()

    def returns(self):
        self.rows.add(LOOK, "ms", [self.reported_after_nothing() for _ in range(self.rounds)])
        for who, back in (("broker", self.broker_returns), ("controller", self.controller_returns)):
            self.rows.add(f"d1 has reported after the {who} was away for {AWAY_SECONDS} s", "ms",
                          [self.reported_after(back) for _ in range(self.rounds)], LOOK, promise=AtMost(times=1, more=1000))

    def reported_after_nothing(self):
        """What looking itself takes: the officers' command."""
        start = time.monotonic()
        self.story.device()
        return time.monotonic() - start

    # Memory and wake-ups --------------------------------------------------------------------------------------------
    def watched(self):
        """{name: process number} of all that is ours on the device, of the extension, and of the baseline."""
        return {**ours(), **extension(), "mosquitto_sub": self.story.programs.running["subscriber"].pid}

    def idle(self):
        """Nothing is locked, nobody does anything: {name: [wake-ups a minute]}, and memory after each stretch."""
        wait_for("the agent has done what it does after a release", self.agent_rests, 60)
        woken, memory = {}, []
        for _ in range(self.rounds):
            pids = self.watched()
            before = {name: switches(pid) for name, pid in pids.items()}
            time.sleep(IDLE_SECONDS)  # the length of the measurement, not a wait for something
            for name, pid in pids.items():
                after = switches(pid)
                if after:
                    count = sum(times - before[name].get(thread, 0) for thread, times in after.items())
                    woken.setdefault(name, []).append(count * 60 / IDLE_SECONDS)
            memory.append(memories(pids))
        return woken, memory

    def agent_rests(self):
        agent = self.story.programs.running["agent"].pid
        before = switches(agent)
        time.sleep(1)  # a stretch of quiet is what is waited for
        return switches(agent) == before

    def tell_memory(self, when, samples):
        base = "mosquitto_sub"
        for index, kind in enumerate(("resident", "private")):
            for name in (base, *sorted({name for sample in samples for name in sample} - {base})):
                values = [sample[name][index] for sample in samples if name in sample]
                self.rows.add(f"{kind} memory, {when}: {name}", "KiB", values, None if name == base else f"{kind} memory, {when}: {base}")

    def tell_wakeups(self, woken):
        base = "wake-ups a minute, idle: mosquitto_sub"
        self.rows.add(base, "", woken.pop("mosquitto_sub"))
        for name, values in sorted(woken.items()):
            self.rows.add(f"wake-ups a minute, idle: {name}", "", values, base)

    def play(self):
        self.begin()
        say("Raising and releasing")
        locked = self.raises()
        say("Looking on while nothing is locked")
        woken, opened = self.idle()
        self.tell_memory("open", opened)
        self.tell_memory("locked", locked)
        self.tell_wakeups(woken)
        say("Taking broker and controller away")  # mosquitto_sub, the baseline, does not outlive that
        self.returns()


def listens():
    """Does anybody take connections where the broker is to be?"""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", 8883), 5):
        return True
    return False


def processes():
    """(number, program, words) of each."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/cmdline", encoding="utf-8", errors="replace") as file:
                yield int(entry), os.path.basename(os.readlink(f"/proc/{entry}/exe")), file.read().split("\0")
        except OSError:
            continue


def ours():
    """{name: number} of the device's programs; the parts of the agent that it starts are named by their word."""
    found = {}
    for pid, program, words in processes():
        if program not in ("holdfast-agent", "holdfast-link", "holdfast-browser", "holdfast-desk", "holdfast-desk-window"):
            continue
        name = f"{program} {words[1]}" if program == "holdfast-agent" and len(words) > 1 else program
        while name in found:
            name += ", second"
        found[name] = pid
    return found


def extension():
    """The process of Chromium in which the extension runs, if it does."""
    return {"the extension's process in Chromium": pid for pid, _, words in processes() if any("--extension-process" in word for word in words)}


def memories(pids):
    """{name: (resident, private) KiB}."""
    found = {}
    for name, pid in pids.items():
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                rows = {line.split(":")[0]: int(line.split()[1]) for line in file if line.count(":") == 1 and "kB" in line}
        except OSError:
            continue
        found[name] = rows["Rss"], rows["Private_Clean"] + rows["Private_Dirty"]
    return found


def switches(pid):
    """{thread: how often the kernel has put it to work}; none of a process that has ended."""
    found = {}
    for path in glob.glob(f"/proc/{pid}/task/*/status"):
        try:
            with open(path, encoding="ascii") as file:
                found[path] = sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
        except OSError:
            continue
    return found


def main():
    bench = Bench(os.environ["HF_BUILD"], int(sys.argv[1]))
    try:
        bench.play()
        bench.rows.save(sys.argv[2])
    finally:
        bench.story.programs.stop_all()


if __name__ == "__main__":
    main()
