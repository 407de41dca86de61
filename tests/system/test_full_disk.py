#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A full disk: the slots go on working, a file that cannot be replaced keeps its old content, no temp file stays.

policy D9.2: offline too, across restarts. A small tmpfs in an own mount namespace; HF_BUILD names the build folder.
"""
import os
import shutil
import subprocess
import sys
import tempfile

from common import ENOUGH, check, closing

PROBE = os.path.abspath(os.path.join(os.environ.get("HF_BUILD", "build"), "tests", "slots_probe"))
INSIDE = "--inside"
ROOM = 100000


def probe(*args):
    done = subprocess.run([PROBE, *map(str, args)], capture_output=True, text=True, timeout=ENOUGH, check=False)
    return done.stdout.strip()


def fill(path):
    """Takes every byte that is left; true when not one more can be had."""
    with open(path, "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 4096)
        except OSError:
            pass
        try:
            while True:
                f.write(b"x")
        except OSError:
            return True
    return False


def slots(disk):
    folder = f"{disk}/state"
    os.mkdir(folder)
    check("a first value is stored", probe(folder, ROOM, "save", "old.", 100) == "ok", "")
    with open(f"{folder}/policy.json", "w", encoding="ascii") as f:
        f.write("before")
    check("the disk is full", fill(f"{disk}/filler"))
    saw = probe(folder, ROOM, "save", "new.", ROOM // 4)
    check("a value of the whole room is stored on a full disk", saw == "ok", saw)
    saw = probe(folder, ROOM, "load")
    check("and it loads", saw.startswith(f"{ROOM} new.new."), saw)
    saw = probe(folder, ROOM, "save", "next", ROOM // 4) + probe(folder, ROOM, "load")
    check("and the next one too, in the other slot", saw.startswith(f"ok{ROOM} nextnext"), saw)
    saw = probe(folder, 4 * ROOM, "save", "huge", ROOM)
    check("a value that needs more than the disk has is refused", saw.startswith("system") and "No space" in saw, saw)
    saw = probe(folder, 4 * ROOM, "load")
    check("and the one before still loads", saw.startswith(f"{ROOM} nextnext"), saw)
    saw = probe(folder, ROOM, "save", "last", 10) + probe(folder, ROOM, "load")
    check("and can be followed by a smaller one", saw.startswith("ok40 lastlast"), saw)


def files(disk):
    folder = f"{disk}/state"
    saw = probe(folder, ROOM, "replace", f"{folder}/policy.json", "after " * 5000)
    check("a file is not replaced on a full disk", saw.startswith("system") and "No space" in saw, saw)
    with open(f"{folder}/policy.json", encoding="ascii") as f:
        check("its old content stands", f.read() == "before")
    left = sorted(os.listdir(folder))
    check("no temp file is left", left == ["policy.json", "slot-0", "slot-1"], left)
    os.mkdir(f"{disk}/fresh")
    saw = probe(f"{disk}/fresh", ROOM, "load")
    check("new slots are refused on a full disk, before anything relies on them", saw.startswith("system") and "No space" in saw, saw)


def inside(disk):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "holdfast-test", disk], check=True)
    try:
        slots(disk)
        files(disk)
    finally:
        subprocess.run(["umount", disk], check=True)
    return closing()


def main():
    if len(sys.argv) == 3 and sys.argv[1] == INSIDE:
        return inside(sys.argv[2])
    can = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    if not can:
        print("skip   a full disk: needs root, for a mount namespace\n0 passed, 0 failed, 1 skipped")
        return 0
    disk = tempfile.mkdtemp(prefix="hf-disk-")
    try:
        return subprocess.run(["unshare", "-m", "--propagation", "private", "/usr/bin/python3", os.path.abspath(__file__), INSIDE, disk],
                              check=False, timeout=4 * ENOUGH).returncode
    finally:
        shutil.rmtree(disk)


if __name__ == "__main__":
    sys.exit(main())
