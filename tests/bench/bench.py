#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bench BUILD ROUNDS - figures, each beside a baseline that is measured in the same run; see tests/bench/run.

1. Time from the officer's command to the device's verified report, beside one message there and back by mosquitto_pub and
   mosquitto_sub over the same broker and the same TLS.
2. Resident and private memory and wake-ups a minute, idle, of the link and the agent, beside mosquitto_sub on the same broker.
"""
import os
import statistics
import subprocess
import sys
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{SOURCE}/deploy/demo", f"{SOURCE}/tests/vectors"]

import forge  # noqa: E402
from stage import Web, wait_for  # noqa: E402
from story import FOLDER, Story  # noqa: E402

IDLE_SECONDS = 60


def memory(pid):
    """(resident, private) KiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        rows = {line.split(":")[0]: int(line.split()[1]) for line in file if line.count(":") == 1 and "kB" in line}
    return rows["Rss"], rows["Private_Clean"] + rows["Private_Dirty"]


def switches(pid):
    """How often the kernel has put any thread of this process to work."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as file:
            total += sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    return total


def one_message(broker_writer, broker_reader, topic):
    """Seconds from starting mosquitto_pub until mosquitto_sub has the message."""
    reader = subprocess.Popen(["mosquitto_sub", *broker_reader, "-t", topic, "-C", "1", "-W", "10", "-R"], stdout=subprocess.PIPE)
    time.sleep(0.5)  # the subscription has no sign of its own; it is not part of what is timed
    start = time.monotonic()
    subprocess.run(["mosquitto_pub", *broker_writer, "-t", topic, "-q", "1", "-m", "x" * 1500], check=True)
    reader.wait(15)
    return time.monotonic() - start


def one_raise(story, number):
    start = time.monotonic()
    story.holdfast("raise", "emergency", "--reason", f"Benchmark {number}", "--contact", "nobody", "--wait", "0", officer="comms-1")
    wait_for("enforced-verified", lambda: story.standing() in ("enforced-verified", "message-seen"), 15)
    took = time.monotonic() - start
    story.holdfast("release", "--reason", "Benchmark", "--message", "Benchmark", "--wait", "0", officer="comms-1")
    draft = story.holdfast("drafts")["drafts"][0]["digest"]
    story.holdfast("approve", draft, "--wait", "0", officer="monitoring-1")
    wait_for("released-verified", lambda: story.standing() == "released-verified", 15)
    return took


def idle(pids):
    before = {name: switches(pid) for name, pid in pids.items()}
    time.sleep(IDLE_SECONDS)  # the length of the measurement, not a wait for something
    return {name: (*memory(pid), (switches(pid) - before[name]) * 60 / IDLE_SECONDS) for name, pid in pids.items()}


def main():
    story, rounds = Story(sys.argv[1]), int(sys.argv[2])
    story.found_council()
    story.web = Web(FOLDER)
    story.start_all()
    try:
        raised = [one_raise(story, n) for n in range(rounds)]
        topic = forge.TOPIC.replace("/c1", "/c2/63")
        single = [one_message(story.attacker, story.listener, topic) for _ in range(rounds)]
        raised, single = statistics.median(raised), statistics.median(single)
        print(f"officer's command to verified report: {raised * 1000:.0f} ms (median of {rounds}); one message by mosquitto_pub "
              f"and mosquitto_sub: {single * 1000:.0f} ms; ratio {raised / single:.1f}")
        story.programs.start("subscriber", ["mosquitto_sub", *story.listener, "-t", f"{forge.TOPIC}/#"])
        pids = {name: story.programs.running[name].pid for name in ("agent", "link", "subscriber")}
        rows = idle(pids)
        base = rows["subscriber"]
        for name, row in rows.items():
            print(f"{name}: {row[0]} KiB resident ({row[0] / base[0]:.2f} of mosquitto_sub), {row[1]} KiB private "
                  f"({row[1] / base[1]:.2f}), {row[2]:.0f} wake-ups a minute ({row[2] / max(base[2], 1):.2f})")
    finally:
        story.programs.stop_all()


if __name__ == "__main__":
    main()
