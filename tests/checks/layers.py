#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which room may include which (the table is rooms.py), in one form only, and no rings. `--map` prints CONTRIBUTING's map."""
import functools
import os
import re
import sys

import house
import rooms

# The room of each header that all may include; "names" is no room: whoever knows the machine knows them.
HEADERS = {
    "base": "bytes day err london rows sorted str text time user utf8",
    "wire": "assignment brokers checkpoint digest envelope erase glass join json key log_seen machine merkle order posting recover register remark report state topic trust",
    "text": "csv draft instructions",
    "law": "approval broker_set calendar claims known lockdowns posture register_parts timetable versions windows",
    "host": "bus clock conf fs host log loop news notify paths program slots sock tongue watchdog",
    "doctor": "doctor findings",
    "names": "names",
}
ROOM_OF_HEADER = {f"include/holdfast/{name}.h": f"proto/{room}" for room, names in HEADERS.items() for name in names.split()}
# From outside, the pure rooms know memory, text and numbers; no time, no files, no network.
PURE = {"assert.h", "ctype.h", "errno.h", "inttypes.h", "limits.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h",
        "stdlib.h", "string.h"}
OUTSIDE = {
    "proto/base": r"^$",
    "proto/wire": r"^(jansson\.h|openssl/.*)$",
    "proto/text": r"^utf8proc\.h$",
    "proto/law": r"^(jansson\.h|openssl/evp\.h)$",
    "agent/rules": r"^(jansson\.h|openssl/evp\.h)$",
    "controller/telling": r"^idn2\.h$",
}
TOOLKIT = re.compile(r"^(gtk|gdk|gio|glib|atk|pango)[/.-]")
# What Linux alone has: in proto/ it stands in one folder, so that another system can have one beside it.
LINUX = re.compile(r"^(linux/.*|asm/.*|sys/(epoll|eventfd|fanotify|inotify|mount|prctl|random|sendfile|signalfd|syscall|sysinfo|sysmacros"
                   r"|timerfd|vfs|xattr|auxv|capability|personality|ptrace|fsuid)\.h|net(link|packet)/.*|mntent\.h)$")
LINUX_ROOM = "proto/host/linux"
SYSTEMS = "include/holdfast/paths.h"  # the one header that asks which operating system it is, and takes its folder
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
# A way in that this check could not follow: through a macro, the next folder, another word.
HIDDEN = re.compile(r'^\s*#\s*(?:include_next|import|embed)\b.*|^\s*#\s*include\b(?!\s+[<"]).*', re.M)


def room_of(path):
    return ROOM_OF_HEADER.get(path) if path.startswith("include/") else rooms.room_of(path)


@functools.cache
def may_know(path):
    if path.startswith("include/"):
        return rooms.expand(room_of(path).removeprefix("proto/")) | {room_of(path)}
    known = rooms.may_know(path)
    return known | ({"proto/names"} if "proto/host" in known else set())


def resolve(tree, path, name):
    """(the path of an include inside the tree or None, the only form it may be written in)."""
    for place in ("include/", "", os.path.dirname(path) + "/", "tests/help/"):
        found = place + name if ".." not in name else os.path.normpath(place + name)
        if found in tree:
            shared = found.startswith("include/")
            return found, f"<{found.removeprefix('include/')}>" if shared else f'"{found}"'
    return None, f"<{name}>"


def outside(path, mark, name):
    """What is wrong with including a header that is not ours, or None."""
    room = room_of(path)
    if mark == '"' or name.startswith("holdfast/"):
        return f"{path}: includes {name}, which is not there"
    if room in OUTSIDE and name not in PURE and not re.match(OUTSIDE[room], name):
        return f"{path}: includes <{name}>, which the room {room} must not know"
    if TOOLKIT.match(name) and room != "agent/window":
        return f"{path}: includes <{name}>, the toolkit, which agent/window alone may know"
    if LINUX.match(name) and path.startswith(("proto/", "include/")) and room != LINUX_ROOM:
        return f"{path}: includes <{name}>, which is Linux's, outside {LINUX_ROOM}"
    return None


def judge(tree, path, mark, name):
    """(our header or None, what is wrong or None) of one include."""
    found, form = resolve(tree, path, name)
    written = f'"{name}"' if mark == '"' else f"<{name}>"
    if found is None:
        return None, outside(path, mark, name)
    if written != form:
        return found, f"{path}: includes {written}, which is written {form}"
    if path.startswith("tests/"):
        return found, None
    other = room_of(found)
    if other is None:
        return found, f"{found}: tests/checks/layers.py does not say which room it belongs to"
    if other not in may_know(path) and (path, other) != (SYSTEMS, LINUX_ROOM):
        return found, f"{path}: includes {found}, but {room_of(path)} must not know {other.removeprefix('proto/')}"
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


def table_rings():
    """The table itself has no ring, so no two rooms can include each other."""
    return rings({room: sorted(rooms.expand(words) - {room}) for room, _, words in rooms.TABLE})


def check(root):
    wrong, graph = table_rings(), {}
    tree = house.files(root, ".c", ".h")
    known = set(tree)
    for path in tree:
        if not path.startswith("tests/") and room_of(path) is None:
            wrong.append(f"{path}: no table of tests/checks says which room it belongs to")
            continue
        graph[path] = []
        wrong += [f"{path}: {line.strip()} hides what it includes" for line in HIDDEN.findall(house.read(root, path))]
        for mark, name in INCLUDE.findall(house.read(root, path)):
            found, complaint = judge(known, path, mark, name)
            if complaint:
                wrong.append(complaint)
            if found and found != path:
                graph[path].append(found)
    return wrong + rings(graph), len(graph)


def plant(path, line):
    return lambda root: house.write(root, path, line + "\n" + (
        house.read(root, path) if os.path.exists(os.path.join(root, path)) else ""))


def plant_ring(root):
    house.write(root, "agent/one.h", '#include "agent/two.h"\n')
    house.write(root, "agent/two.h", '#include "agent/one.h"\n')


def plant_use(path, other):
    """A file that includes a new header of another room."""
    def spoil(root):
        house.write(root, other, "")
        house.write(root, path, f'#include "{other}"\n')
    return spoil


def refuses(path, other):
    """The row of the table of plants for: this file must not know that header's room."""
    room = rooms.room_of(other)
    return f"{path} knows {room}", plant_use(path, other), f"must not know {room}"


PLANTS = (
    ("base knows wire", plant("proto/base/planted.c", "#include <holdfast/json.h>"), "must not know wire"),
    ("base knows jansson", plant("proto/base/planted.c", "#include <jansson.h>"), "<jansson.h>"),
    ("wire knows law", plant("proto/wire/planted.c", "#include <holdfast/lockdowns.h>"), "must not know law"),
    ("wire knows text", plant("proto/wire/planted.c", "#include <holdfast/draft.h>"), "must not know text"),
    ("wire knows the clock of the machine", plant("proto/wire/planted.c", "#include <time.h>"), "<time.h>"),
    ("text knows law", plant("proto/text/planted.c", "#include <holdfast/posture.h>"), "must not know law"),
    ("text knows files", plant("proto/text/planted.c", "#include <fcntl.h>"), "<fcntl.h>"),
    ("law knows host", plant("proto/law/planted.c", "#include <holdfast/clock.h>"), "must not know host"),
    ("law knows OpenSSL", plant("proto/law/planted.c", "#include <openssl/rand.h>"), "<openssl/rand.h>"),
    ("host knows wire", plant("proto/host/planted.c", "#include <holdfast/envelope.h>"), "must not know wire"),
    ("host knows law", plant("proto/host/linux/planted.c", "#include <holdfast/posture.h>"), "must not know law"),
    ("host knows Linux", plant("proto/host/planted.c", "#include <sys/epoll.h>"), "which is Linux's"),
    ("a shared header knows Linux", plant("include/holdfast/fs.h", "#include <linux/fs.h>"), "which is Linux's"),
    ("a shared header of base knows law", plant("include/holdfast/str.h", "#include <holdfast/known.h>"), "must not know law"),
    ("a header of no room", plant("include/holdfast/planted.h", ""), "which room"),
    ("a folder of no room", plant("agent/planted/planted.c", ""), "which room"),
    ("a short way to a header", lambda r: (plant_use("agent/keeper/planted.c", "agent/keeper/planted.h")(r), plant(
        "agent/keeper/planted.c", '#include "planted.h"')(r)), 'which is written "agent/keeper/planted.h"'),
    ("a shared header in quotes", plant("agent/planted.c", '#include "holdfast/err.h"'), "which is written <holdfast/err.h>"),
    ("a test's short way", plant("tests/unit/planted.c", '#include "folder.h"'), 'which is written "tests/help/folder.h"'),
    ("an own header that is not there", plant("agent/planted.c", '#include "agent/gone.h"'), "which is not there"),
    ("controller knows agent", plant_use("controller/planted.c", "agent/enforce/planted.h"), "must not know agent/enforce"),
    ("the agent knows the toolkit", plant("agent/keeper/planted.c", "#include <gtk/gtk.h>"), "the toolkit"),
    ("the model knows the toolkit", plant("agent/desk/planted.c", "#include <glib.h>"), "the toolkit"),
    ("rules know files", plant("agent/rules/planted.c", "#include <unistd.h>"), "<unistd.h>"),
    refuses("agent/keeper/planted.c", "controller/planted.h"),
    refuses("agent/desk/planted.c", "agent/window/planted.h"),
    refuses("agent/keeper/planted.c", "agent/desk/planted.h"),
    refuses("agent/rules/planted.c", "agent/keeper/planted.h"),
    refuses("agent/rules/planted.c", "agent/machine/planted.h"),
    refuses("agent/machine/planted.c", "agent/enforce/planted.h"),
    refuses("agent/machine/planted.c", "agent/enforce/network/planted.h"),
    refuses("agent/enforce/common/planted.c", "agent/enforce/running/planted.h"),
    refuses("agent/talk/planted.c", "agent/keeper/planted.h"),
    refuses("agent/link/planted.c", "agent/keeper/planted.h"),
    refuses("agent/terminal/planted.c", "agent/keeper/planted.h"),
    refuses("agent/browser_host/planted.c", "agent/keeper/planted.h"),
    *(refuses(f"agent/enforce/{one}/planted.c", f"agent/enforce/{other}/planted.h")
      for one, other in zip(rooms.LAYERS, [*rooms.LAYERS][1:] + [*rooms.LAYERS][:1])),
    refuses("agent/enforce/network/names/planted.c", "agent/enforce/network/planted.h"),
    refuses("controller/office/planted.c", "controller/cli/planted.h"),
    refuses("controller/office/planted.c", "controller/planted.h"),
    refuses("controller/cli/planted.c", "controller/cli/commands/planted.h"),
    refuses("controller/cli/commands/planted.c", "controller/planted.h"),
    refuses("controller/estate/planted.c", "controller/web/planted.h"),
    refuses("controller/journal/planted.c", "controller/estate/planted.h"),
    refuses("controller/planted.c", "controller/web/planted.h"),
    ("a ring", plant_ring, "ring of includes"),
    *((f"a way round: {line}", plant("agent/planted.c", line), "hides what it includes")
      for line in ("#include PLANTED", "#include_next <err.h>", '#import "agent/talk/people.h"')),
)

if __name__ == "__main__":
    if sys.argv[1:] == ["--map"]:
        print("\n".join(rooms.map_lines()))
        sys.exit(0)
    sys.exit(house.main(check, PLANTS))
