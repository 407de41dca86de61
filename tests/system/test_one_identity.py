#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Two laptops from one disk image: both agents and links for real, the copy on another machine (proto/README.md "Report").

The state and the settings of an enrolled device are copied; the copy runs with the same machine id and another mainboard and
disk, in a mount namespace of its own with a /sys of its own. The broker is real; first as it shipped before, where one name
stood for one certificate and the two threw each other off, then as it ships. HF_BUILD names the build folder.
"""
import glob
import os
import shutil
import subprocess
import sys

from common import check, end_process, read, wait_for, write
from council_help import DEVICE, contract
from test_agent import AGENT, Device
from whole_help import Council, connections, enrolled, inside, join, leave, link_log

TWINS = "two machines speak with"
THROWN = "use_username_as_clientid"


def machine(folder, number):
    """Words before a program's that run it on a machine of this number: its own mainboard and disk, a machine id as of an image."""
    root, at = f"{folder}/sys", os.stat("/").st_dev
    write(f"{root}/class/dmi/id/product_uuid", f"4c4c4544-0043-3510-8052-b9c04f4a4d3{number}\n")
    write(f"{root}/dev/block/{os.major(at)}:{os.minor(at)}/serial", f"WD-WX11A000{number}\n")
    write(f"{folder}/machine-id", "b08dfa6083e7567a1921a715000001fb\n")
    script = (f"mount --make-rprivate / && mount --bind {root} /sys && mount --bind {folder}/machine-id /etc/machine-id && "
              'exec "$@"')
    return ["unshare", "--mount", "sh", "-c", script, "sh"]


def runs_on(device, words):
    """From now on its agent is started with these words before."""
    def start():
        with open(f"{device.folder}/agent.log", "ab") as log:
            device.agent = subprocess.Popen([*words, AGENT, "run", "--etc", device.etc], stderr=log, stdin=subprocess.DEVNULL)
        return wait_for(lambda: os.path.exists(f"{device.run}/person.sock") and device.status()[0] == 0)
    device.start = start


def image_of(device, folder):
    """A laptop that was made from the disk of this one, while it was off."""
    subprocess.run(["cp", "-a", "--no-target-directory", device.folder, folder], check=True)
    for path in glob.glob(f"{folder}/etc/*.conf"):
        write(path, read(path).replace(device.folder, folder))
    copy = Device.__new__(Device)
    copy.__dict__.update({k: v.replace(device.folder, folder) if isinstance(v, str) else v for k, v in device.__dict__.items()})
    copy.agent = copy.link = None
    shutil.rmtree(copy.run, ignore_errors=True)
    return copy


def voices(council, enough):
    """{mainboard: number of reports} of what the broker carries, once each of two has been heard so often."""
    found = {}

    def both():
        said = contract.document_of(council.heard(f"device/{DEVICE}/report"))
        board = said.get("machine", {}).get("board")
        found[board] = found.get(board, 0) + 1
        return len(found) == 2 and min(found.values()) >= enough
    return wait_for(both), found


def locks_itself(copy):
    """Issue of the copy itself: it knows that it is another machine."""
    check("the copy is shut", wait_for(lambda: copy.blocked() == ["x.com"]), copy.blocked())
    code, out, said = copy.status()
    check("and says what to do: enrol this device anew", "enrol this device anew" in out, (code, out, said))


def seen(council, what):
    rows = council.sees(lambda r: "two-machines" in r.get("attention", []))
    check(f"{what}: the officers' row has a state of attention of its own", rows, council.row())
    status, devices = council.says("status"), council.says("devices")
    check(f"{what}: status says it, and what to do", TWINS in status.out and "enrol" in status.out, status)
    check(f"{what}: devices says it, too", TWINS in devices.out and "enrol each anew" in devices.out, devices)


def play(folder):
    council = Council(folder)
    own = machine(f"{folder}/machine-1", 1)
    first = enrolled(f"{folder}/first", council, own)
    runs_on(first, own)
    copy = None
    shipped = read(f"{council.broker.folder}/conf")
    try:
        write(f"{council.broker.folder}/conf", shipped.replace(f"{THROWN} false", f"{THROWN} true"))
        check("broker and controller start", council.broker.start() and council.servers["c1"].start())
        join(first, council)
        check("one laptop, nothing to see", council.sees(lambda r: r.get("last_report", 0) > 0 and not r["attention"] and not r["unknown"]), council.row())
        leave(first)
        copy = image_of(first, f"{folder}/copy")
        runs_on(copy, machine(f"{folder}/machine-2", 2))
        join(first, council)
        join(copy, council)
        locks_itself(copy)
        check("where one name stands for one certificate they throw each other off", wait_for(
            lambda: connections(first) > 2 and connections(copy) > 1), link_log(copy)[-600:])
        seen(council, "thrown off")
        end_process(council.broker.process)
        write(f"{council.broker.folder}/conf", shipped)
        council.broker.start()
        check("as it ships: both are back", voices(council, 1)[0])
        before = connections(first), connections(copy)
        good, found = voices(council, 3)
        check("as it ships: both stay, and both report", good and before == (connections(first), connections(copy)), (found, before))
        seen(council, "side by side")
        check("and the first laptop works on as before", "enrol this device anew" not in first.status()[1] and first.blocked() == [],
              first.status())
    finally:
        for device in filter(None, (first, copy)):
            leave(device)
        council.end()


if __name__ == "__main__":
    sys.exit(inside(play))
