#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""No ring of uses: among object files, or among folders; no use of a room that the table does not allow; every name given begins with hf_.

Reads the object files in the build folder (HF_BUILD) with nm, so it sees what includes do not tell: who calls whom.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

import house
import rooms

OBJECT = re.compile(r"^CMakeFiles/[^/]+\.dir/((?:agent|controller|proto)/.*)\.o$")
# A name that is given: code, data, read-only data, common, weak.
GIVEN = "TDRBCVW"
OURS = re.compile(r"^(hf_\w+|main)$")
# What stands under another folder's headers is of that folder.
SAME = {"proto/host/linux": "proto/host"}
SHOWN = 6  # uses that are shown of each step of a ring


def objects(root, build):
    """{source: newest object file} of the product; what was left by a source that has moved since is not read."""
    found = {}
    paths = glob.glob(os.path.join(glob.escape(build), "CMakeFiles", "*.dir", "**", "*.o"), recursive=True)
    for path in sorted(paths, key=os.path.getmtime):
        source = OBJECT.match(os.path.relpath(path, build))
        if source and os.path.isfile(os.path.join(root, source.group(1))):
            found[source.group(1)] = path
    return found


def symbols(found):
    """({symbol: source that gives it}, {source: symbols that it asks for})."""
    gives, asks = {}, {source: set() for source in found}
    if not found:
        return gives, asks
    names = {path: source for source, path in found.items()}
    out = subprocess.run(["nm", "-A", "-g", *names], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        path, _, rest = line.partition(".o:")
        kind, symbol = rest.split()[-2:]
        source = names[path + ".o"]
        if kind in GIVEN:
            gives[symbol] = source
        elif kind == "U":
            asks[source].add(symbol)
    return gives, asks


def uses(gives, asks):
    """{source: {source that it uses: symbols}}."""
    graph = {source: {} for source in asks}
    for source, wanted in asks.items():
        for symbol in sorted(wanted):
            other = gives.get(symbol)
            if other and other != source:
                graph[source].setdefault(other, []).append(symbol)
    return graph


def folder_of(source):
    """The folder of a source; a program's main file stands above all folders."""
    folder, name = os.path.split(source)
    return source if name.startswith("main") else SAME.get(folder, folder)


def by_folder(graph):
    """The same graph between folders; each use says also which file it is of."""
    folders = {folder_of(source): {} for source in graph}
    for source, others in graph.items():
        for other, used in others.items():
            one, two = folder_of(source), folder_of(other)
            if one != two:
                folders[one].setdefault(two, []).extend(f"{os.path.basename(source)}:{symbol}" for symbol in used)
    return folders


def components(graph):
    """The rings of a graph: its strongly connected components of more than one node, each sorted."""
    order, seen = [], set()

    def visit(node, onward, into):
        stack = [(node, iter(onward.get(node, ())))]
        seen.add(node)
        while stack:
            here, rest = stack[-1]
            step = next((other for other in rest if other not in seen), None)
            if step is None:
                into.append(here)
                stack.pop()
            else:
                seen.add(step)
                stack.append((step, iter(onward.get(step, ()))))

    for node in sorted(graph):
        if node not in seen:
            visit(node, graph, order)
    back = {}
    for node, others in graph.items():
        for other in others:
            back.setdefault(other, []).append(node)
    seen, found = set(), []
    for node in reversed(order):
        if node not in seen:
            ring = []
            visit(node, back, ring)
            if len(ring) > 1:
                found.append(sorted(ring))
    return found


def shortest(graph, ring):
    """The shortest way round a ring that comes back to where it began."""
    found = []
    for start in ring:
        ways, seen = [[start]], {start}
        while ways:
            way = ways.pop(0)
            others = [other for other in graph[way[-1]] if other in ring]
            if start in others:
                found.append(way)
                break
            ways += [way + [other] for other in others if other not in seen]
            seen.update(others)
    return min(found, key=len)


def trespasses(graph):
    """One line for each use of a room that the table does not allow, as by a declaration without its header."""
    wrong = []
    for source, others in graph.items():
        for other, used in others.items():
            room = SAME.get(rooms.room_of(other), rooms.room_of(other))
            if rooms.room_of(source) and room and room not in rooms.may_know(source) | {folder_of(source)}:
                wrong.append(f"{source}: uses {', '.join(used[:SHOWN])} of {other}, whose room it must not know")
    return wrong


def tell(what, graph):
    """One line for each ring, and the shortest way round it with what is used at each step."""
    wrong = []
    for ring in components(graph):
        way = shortest(graph, ring)
        steps = [f"{one} -> {two} ({', '.join(graph[one][two][:SHOWN])})" for one, two in zip(way, way[1:] + way[:1])]
        wrong.append(f"ring of {len(ring)} {what}: {' '.join(ring)}; the shortest way round: {'; '.join(steps)}")
    return wrong


def check_build(root, build):
    found = objects(root, build)
    if not found:
        return ["there are no object files in the build folder; build first, and say where with HF_BUILD"], 1
    gives, asks = symbols(found)
    graph = uses(gives, asks)
    wrong = [f"{source}: gives {symbol}, whose name does not begin with hf_" for symbol, source in sorted(gives.items())
             if not OURS.match(symbol)]
    wrong += [f"{source}: is newer than its object; build first" for source, path in sorted(found.items())
              if os.path.getmtime(path) < os.path.getmtime(os.path.join(root, source))]
    return wrong + trespasses(graph) + tell("files", graph) + tell("folders", by_folder(graph)), len(found)


CALLS = "int {0}(int x);\nint {1}(int x);\nint {0}(int x) {{ return x ? {1}(x - 1) : 0; }}\n"
FAULTS = (
    ("a ring in a folder", {"agent/link/one.c": CALLS.format("hf_one", "hf_two"), "agent/link/two.c": CALLS.format("hf_two", "hf_one")},
     "ring of 2 files: agent/link/one.c agent/link/two.c"),
    ("a ring of files across folders", {"agent/one.c": CALLS.format("hf_one", "hf_two"), "proto/two.c": CALLS.format("hf_two", "hf_one")},
     "ring of 2 files: agent/one.c proto/two.c"),
    ("a ring of folders without one of files", {
        "agent/link/one.c": CALLS.format("hf_one", "hf_two"), "agent/talk/two.c": CALLS.format("hf_two", "hf_none"),
        "agent/talk/three.c": CALLS.format("hf_three", "hf_four"), "agent/link/four.c": CALLS.format("hf_four", "hf_none")},
     "ring of 2 folders: agent/link agent/talk"),
    ("a ring through data", {
        "proto/a/one.c": "extern const int hf_two; const int *const hf_one = &hf_two;\n",
        "proto/a/two.c": "extern const int *const hf_one; extern const int hf_two; const int hf_two = 2; int hf_f(void);"
                         " int hf_f(void) { return *hf_one; }\n"},
     "ring of 2 files: proto/a/one.c proto/a/two.c"),
    ("a ring of three", {f"agent/link/{a}.c": CALLS.format(f"hf_{a}", f"hf_{b}") for a, b in ("xz", "zy", "yx")},
     "ring of 3 files: agent/link/x.c agent/link/y.c agent/link/z.c"),
    ("a layer that calls another without its header", {
        "agent/enforce/network/one.c": CALLS.format("hf_one", "hf_two"), "agent/enforce/running/two.c": CALLS.format("hf_two", "hf_none")},
     "agent/enforce/network/one.c: uses hf_two of agent/enforce/running/two.c"),
    ("a name without prefix", {"controller/one.c": "int controller_x(void);\nint controller_x(void) { return 0; }\n"},
     "controller/one.c: gives controller_x"),
)
FINE = {"agent/main_link.c": CALLS.format("main", "hf_one"), "agent/link/one.c": CALLS.format("hf_one", "hf_two"),
        "proto/base/two.c": CALLS.format("hf_two", "hf_none")}


def compile_all(root, sources):
    """Write these sources into a folder and compile each of them; gives the folder that looks like its build."""
    build = os.path.join(root, "build")
    running = []
    for path, code in sources.items():
        house.write(root, path, code)
        compiled = os.path.join(build, "CMakeFiles", "hf_x.dir", path + ".o")
        os.makedirs(os.path.dirname(compiled), exist_ok=True)
        running.append(subprocess.Popen(["cc", "-w", "-c", os.path.join(root, path), "-o", compiled]))
    if any([one.wait() for one in running]):
        raise ValueError("a planted fault does not compile")
    return build


def said_of(sources):
    """What the check says of a build of these sources alone, and of an object that a source left which is gone."""
    with tempfile.TemporaryDirectory(prefix="holdfast-check-") as root:
        build = compile_all(root, {**sources, "agent/gone.c": CALLS.format("hf_two", "hf_one")})
        os.unlink(os.path.join(root, "agent/gone.c"))
        return check_build(root, build)[0]


def self_test():
    wrong = [f"refused without a fault: {line}" for line in said_of(FINE)]
    for name, sources, must_say in FAULTS:
        if not any(must_say in line for line in said_of(sources)):
            wrong.append(f"the planted fault \"{name}\" was not refused")
    return wrong, len(FAULTS) + 1


if __name__ == "__main__":
    sys.exit(house.main_of_build(check_build, self_test))
