#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""CONTRIBUTING's map is the table of rooms (layers.py --map prints it), and the table is the folders: no more, no fewer."""
import os
import re
import sys

import house
import rooms

DOCUMENT = "CONTRIBUTING.md"
PRODUCT = ("agent", "controller", "include", "proto")
TABLE = re.compile(r"^\| room \|.*?(?=^(?!\|))", re.M | re.S)


def wrong_map(root):
    """The lines that the map has too many, or too few."""
    found = TABLE.search(house.read(root, DOCUMENT) + "\n")
    lines, wanted = (found.group(0).splitlines() if found else []), rooms.map_lines()
    wrong = [f"{DOCUMENT}: the map lacks: {line}" for line in wanted if line not in lines]
    wrong += [f"{DOCUMENT}: the map has what no room is: {line}" for line in lines if line not in wanted]
    if not wrong and lines != wanted:
        wrong = [f"{DOCUMENT}: the map has another order than tests/checks/rooms.py"]
    return wrong


def wrong_folders(root, paths):
    """Folders without a room, and rooms without a file."""
    folders = {os.path.dirname(path): rooms.room_of(path) for path in paths}
    wrong = [f"{folder}/: no room of tests/checks/rooms.py" for folder, room in sorted(folders.items()) if not room]
    return wrong + [f"{room}/: a room of tests/checks/rooms.py that has no file" for room in rooms.FOLDERS if room not in folders.values()]


def check(root):
    paths = house.files(root, ".c", ".h", folders=PRODUCT)
    return wrong_map(root) + wrong_folders(root, paths), len(rooms.TABLE)


def edit(old, new):
    return lambda root: house.write(root, DOCUMENT, house.read(root, DOCUMENT).replace(old, new, 1))


def empty(room):
    """Take the files of a room away."""
    def spoil(root):
        for path in house.files(root, ".c", ".h", folders=(room,)):
            house.remove(root, path)
    return spoil


PLANTS = (
    ("a room that the map lacks", edit(rooms.map_lines()[-1], ""), "the map lacks: | `agent/window/`"),
    ("a room that is not there", edit(rooms.map_lines()[-1], rooms.map_lines()[-1] + "\n| `agent/none/` | nothing | - |"), "what no room is: | `agent/none/`"),
    ("a room that may include more", edit(rooms.map_lines()[-1], rooms.map_lines()[-1][:-2] + ", agent/keeper |"), "the map lacks: | `agent/window/`"),
    ("another order", edit("\n".join(rooms.map_lines()[3:5]), "\n".join(rooms.map_lines()[4:2:-1])), "another order"),
    ("a folder without a room", lambda r: house.write(r, "agent/planted/planted.c", ""), "agent/planted/: no room"),
    ("a folder below a room with rooms", lambda r: house.write(r, "controller/cli/planted/planted.c", ""), "controller/cli/planted/: no room"),
    ("a room without a file", empty("agent/window"), "agent/window/: a room"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
