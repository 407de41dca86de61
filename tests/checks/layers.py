#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which room may know which: base <- wire <- law, and wire <- text; host knows base alone; controller and agent never each other; no rings."""
import os
import re
import sys

import house

# The room of each header that all may include.
HEADERS = {
    "base": "bytes day err london sorted str time utf8",
    "wire": "assignment digest envelope json key order posting register report state topic trust",
    "law": "approval calendar claims known lockdowns posture timetable",
    "text": "draft instructions",
    "host": "bus clock conf fs host log loop notify paths slots sock",
    "names": "names",
}
ROOM_OF_HEADER = {f"include/holdfast/{name}.h": room for room, names in HEADERS.items() for name in names.split()}
MAY_KNOW = {
    "base": {"base"},
    "wire": {"base", "wire"},
    "law": {"base", "wire", "law"},
    "text": {"base", "wire", "text"},
    "host": {"base", "host", "names"},
    "names": set(),
    "controller": {"base", "wire", "law", "text", "host", "names", "controller"},
    "agent": {"base", "wire", "law", "text", "host", "names", "agent"},
}
# From outside, the pure rooms know memory, text and numbers; no time, no files, no network.
PURE = {"assert.h", "ctype.h", "errno.h", "inttypes.h", "limits.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h",
        "stdlib.h", "string.h"}
OUTSIDE = {"base": r"^$", "wire": r"^(jansson\.h|openssl/.*)$", "law": r"^(jansson\.h|openssl/evp\.h)$", "text": r"^utf8proc\.h$"}
# Inside a room: these folders are of programs of their own, and know the toolkit or do not. None else includes them.
INSIDE = {"agent/desk": {"agent/desk"}, "agent/window": {"agent/desk", "agent/window"}}
MAY_KNOW_INSIDE = {"agent/main_desk.c": {"agent/window"}}
TOOLKIT = re.compile(r"^(gtk|gdk|gio|glib|atk|pango)[/.-]")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def room_of(path):
    if path.startswith("include/"):
        return ROOM_OF_HEADER.get(path)
    parts = path.split("/")
    return parts[1] if parts[0] == "proto" else parts[0]


def resolve(root, path, mark, name):
    """The path of an include inside the tree, or None when it is not ours."""
    places = ["include", ""] if mark == "<" else [os.path.dirname(path), "", "include"]
    for place in places:
        found = os.path.normpath(os.path.join(place, name))
        if os.path.isfile(os.path.join(root, found)):
            return found
    return None


def inner(path, found, name):
    """What is wrong with an include by the rules inside a room, or None."""
    mine = os.path.dirname(path)
    if TOOLKIT.match(name) and mine != "agent/window":
        return f"{path}: includes <{name}>, the toolkit, which agent/window alone may know"
    other = os.path.dirname(found) if found else None
    if other in INSIDE and other not in INSIDE.get(mine, MAY_KNOW_INSIDE.get(path, set())):
        return f"{path}: includes {found}, but it must not know {other}"
    return None


def judge(root, path, mark, name):
    """(our header or None, what is wrong or None) of one include."""
    room = room_of(path)
    found = resolve(root, path, mark, name)
    inside = inner(path, found, name)
    if inside:
        return found, inside
    if found is None:
        if name.startswith("holdfast/"):
            return None, f"{path}: includes {name}, which is not there"
        if room in OUTSIDE and name not in PURE and not re.match(OUTSIDE[room], name):
            return None, f"{path}: includes <{name}>, which the room {room} must not know"
        return None, None
    other = room_of(found)
    if other is None:
        return found, f"{found}: tests/checks/layers.py does not say which room it belongs to"
    if room in MAY_KNOW and other not in MAY_KNOW[room]:
        return found, f"{path}: includes {found}, but the room {room} must not know {other}"
    return found, None


def rings(graph):
    """One line for each ring of includes."""
    wrong, state = [], {}

    def visit(path, trail):
        if state.get(path) == "done":
            return
        if path in trail:
            wrong.append("ring of includes: " + " -> ".join(trail[trail.index(path):] + [path]))
            return
        for other in graph.get(path, ()):
            visit(other, trail + [path])
        state[path] = "done"

    for path in sorted(graph):
        visit(path, [])
    return wrong


def check(root):
    wrong, graph = [], {}
    for path in house.files(root, ".c", ".h", folders=("agent", "controller", "include", "proto")):
        if room_of(path) is None:
            wrong.append(f"{path}: tests/checks/layers.py does not say which room it belongs to")
            continue
        graph[path] = []
        for mark, name in INCLUDE.findall(house.read(root, path)):
            found, complaint = judge(root, path, mark, name)
            if complaint:
                wrong.append(complaint)
            if found and found != path:
                graph[path].append(found)
    return wrong + rings(graph), len(graph)


def plant(path, line):
    return lambda root: house.write(root, path, line + "\n" + (
        house.read(root, path) if os.path.exists(os.path.join(root, path)) else ""))


def plant_ring(root):
    house.write(root, "agent/one.h", '#include "two.h"\n')
    house.write(root, "agent/two.h", '#include "agent/one.h"\n')


def plant_neighbour(root):
    house.write(root, "controller/planted.h", "")
    house.write(root, "agent/planted.c", '#include "../controller/planted.h"\n')


PLANTS = (
    ("base knows wire", plant("proto/base/planted.c", "#include <holdfast/json.h>"), "must not know wire"),
    ("base knows jansson", plant("proto/base/planted.c", "#include <jansson.h>"), "<jansson.h>"),
    ("wire knows law", plant("proto/wire/planted.c", "#include <holdfast/lockdowns.h>"), "must not know law"),
    ("wire knows the clock of the machine", plant("proto/wire/planted.c", "#include <time.h>"), "<time.h>"),
    ("law knows host", plant("proto/law/planted.c", "#include <holdfast/clock.h>"), "must not know host"),
    ("law knows OpenSSL", plant("proto/law/planted.c", "#include <openssl/rand.h>"), "<openssl/rand.h>"),
    ("host knows wire", plant("proto/host/planted.c", "#include <holdfast/envelope.h>"), "must not know wire"),
    ("host knows law", plant("proto/host/planted.c", '#include "include/holdfast/posture.h"'), "must not know law"),
    ("a shared header of base knows law", plant("include/holdfast/str.h", "#include <holdfast/known.h>"), "must not know law"),
    ("controller knows agent", plant("controller/planted.c", '#include "agent/enforce/enforce.h"'), "must not know agent"),
    ("agent knows controller", plant_neighbour, "must not know controller"),
    ("the agent knows the toolkit", plant("agent/planted.c", "#include <gtk/gtk.h>"), "the toolkit"),
    ("the model knows the toolkit", plant("agent/desk/planted.c", "#include <glib.h>"), "the toolkit"),
    ("the model knows the window", plant("agent/desk/planted.c", '#include "agent/window/window.h"'), "must not know agent/window"),
    ("the agent knows the window's model", plant("agent/planted.c", '#include "agent/desk/page.h"'), "must not know agent/desk"),
    ("a header of no room", plant("include/holdfast/planted.h", ""), "which room"),
    ("a ring", plant_ring, "ring of includes"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
