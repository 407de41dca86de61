# SPDX-License-Identifier: MIT
"""The house as one table: each room, what lives there, what it may include. CONTRIBUTING's map is printed from it.

A room is a folder with what is below it; one that has rooms inside is its own files alone. `base wire law text host` are
the rooms of proto/ and bring what they themselves may include; every other room is named by its folder and brings nothing.
"""
import os

# The layers of enforcement, by the very word that reports use; none knows another.
LAYERS = {
    "network": "addresses and server names that the kernel refuses",
    "browser": "managed policies of Chromium's family",
    "firefox": "the engine in every Firefox of the device",
    "extension": "the extension: packed, signed and installed for Chromium's family",
    "programs": "files that the kernel does not open or start",
    "running": "running tools, frozen or ended",
    "others": "browsers that nothing reaches, found and named",
}
LAYER_KNOWS = "agent/enforce agent/enforce/common agent/machine agent/rules"
PROCESSES = {"network": "agent/enforce/network/names", "programs": "agent/enforce/programs/fence"}  # that outlive the agent

TABLE = (
    ("include/holdfast", "one header a shared module; each compiles alone", ""),
    ("proto/base", "errors, bounded strings, byte encodings, time values, arrays that grow, places in sorted ones", ""),
    ("proto/wire", "documents and envelopes: strict JSON, DSSE, keys, trust, register, assignment, order, state, report, topics", "base"),
    ("proto/text", "officers' and people's text: instructions, words of a draft that need a second look", "base wire"),
    ("proto/law", "the rules, pure: approvals, the join of orders, loosening, what is known, posture", "base wire"),
    ("proto/host", "the machine behind our own names, without a word of policy: files, slots, log, bus, configuration", "base"),
    ("proto/host/linux", "what is Linux in it: the loop, clocks, sockets; another system has a folder beside it", "base proto/host"),
    ("proto/doctor", "what both doctors look at, certificates, files, the broker, and what is found of it", "base wire host"),
    ("controller", "`holdfastd`'s core: door, judge, enter, recall, publish, tell", "law text host controller/conf controller/estate controller/journal controller/telling"),
    ("controller/telling", "pure: who is told what, in which words, and when it is tried again", "law text"),
    ("controller/notify", "`holdfast-notify`: hands messages to mail servers, GOV.UK Notify and webhooks; has their secrets, and no key", "law text host controller/office controller/telling"),
    ("controller/join", "`holdfast-joind`: where laptops ask to join; no key but its own TLS key", "wire host controller/conf controller/office controller/web"),
    ("controller/conf", "the settings of `holdfastd`", "host"),
    ("controller/journal", "the signed record of all that was accepted, in SQLite", "wire host"),
    ("controller/estate", "the devices and what each last reported", "law host"),
    ("controller/web", "the API on the controller's socket, and figures for monitoring", "law text host doctor controller controller/conf controller/estate controller/journal controller/telling"),
    ("controller/office", "what the officer's terminal and a web console share: compose, weigh, plan, view, sentences", "law text host"),
    ("controller/cli", "`holdfast`, the officers' terminal", "law text host controller/office"),
    ("controller/cli/setup", "what makes a machine a council's server: the steps, a value, and the hand that carries them out", "law text host controller/office controller/cli"),
    ("controller/cli/doctor", "what is wrong with a council's server: what was seen of it, a value, what is found of that, and the hand that looks",
     "law text host doctor controller/conf controller/journal controller/office controller/cli"),
    ("controller/cli/commands", "one file a command, and the table of them",
     "law text host doctor controller/conf controller/journal controller/telling controller/office controller/cli controller/cli/setup controller/cli/doctor"),
    ("agent", "the programs' main files", "law text host"),
    ("agent/conf", "the settings of the agent's side, and where its files lie", "wire host"),
    ("agent/rules", "pure: the plan, where things stand, posting windows, what people and reports are told", "law text"),
    ("agent/disk", "what a device was given and what it remembers, as files", "law host agent/rules"),
    ("agent/machine", "asks the operating system (processes, sockets, who is logged in, which browser) and knows no layer", "host agent/rules"),
    ("agent/enforce", "one way of blocking behind a small struct of functions", "law host agent/rules"),
    ("agent/enforce/common", "what several layers use", "law host agent/enforce agent/machine agent/rules"),
    *((f"agent/enforce/{name}", f"the layer {name}: {what}", f"law host {LAYER_KNOWS} {PROCESSES.get(name, '')}".strip())
      for name, what in LAYERS.items()),
    (PROCESSES["network"], "its process that reads server names", f"law host {LAYER_KNOWS}"),
    (PROCESSES["programs"], "its process that answers the kernel", f"law host {LAYER_KNOWS}"),
    ("agent/talk", "frames, questions and answers between the agent and the people of the device", "law text host agent/machine"),
    ("agent/keeper", "the agent's heart: verify, join, keep, decide, act, report",
     "law text host agent/rules agent/disk agent/enforce agent/machine agent/talk"),
    ("agent/link", "`holdfast-link`: the network, and no privilege", "wire host agent/conf agent/talk"),
    ("agent/enrol", "a device is made known to the council", "law host agent/conf agent/disk agent/rules agent/machine"),
    ("agent/join", "`holdfast-join`: asks the council's door; the network, and no privilege", "wire host"),
    ("agent/doctor", "what is wrong with a device: what was seen of it, a value, what is found of that, and the hand that looks and tries",
     "law text host doctor agent/conf agent/rules agent/enforce agent/enforce/network agent/enforce/network/names agent/machine agent/talk"),
    ("agent/terminal", "`holdfast-agent`'s commands for people, and the table of them", "law text host doctor agent/conf agent/enrol agent/talk"),
    ("agent/browser_host", "`holdfast-browser`, the native host of the extension", "wire host agent/talk"),
    ("agent/desk", "`holdfast-desk`: what its page says, pure", "law text agent/talk"),
    ("agent/waiting", "`holdfast-desk`: waits for something to say, and has the window's program then", "law text host agent/desk agent/talk"),
    ("agent/window", "`holdfast-desk-window`: the only place that knows GTK", "law text host agent/desk agent/talk"),
)
PROTO = {"base": "", "wire": "base", "text": "base wire", "law": "base wire", "host": "base", "doctor": "base wire host"}
# A program's main file knows every room of its program.
MAINS = {
    "controller/main.c": "controller controller/conf controller/journal controller/estate controller/web controller/telling",
    "controller/main_notify.c": "controller/notify",
    "controller/main_joind.c": "controller/join",
    "controller/cli/main.c": "controller/cli controller/cli/commands controller/cli/setup controller/cli/doctor",
    "agent/main.c": "agent agent/conf agent/disk agent/doctor agent/rules agent/keeper agent/enforce agent/machine agent/talk agent/enrol agent/terminal"
                    " agent/enforce/common agent/enforce/network/names agent/enforce/programs/fence " + " ".join(f"agent/enforce/{name}" for name in LAYERS),
    "agent/main_link.c": "agent agent/conf agent/link agent/talk",
    "agent/main_join.c": "agent agent/join",
    "agent/main_desk.c": "agent agent/conf agent/waiting agent/desk agent/talk",
    "agent/main_desk_window.c": "agent agent/window agent/desk agent/talk",
    "agent/main_browser.c": "agent agent/conf agent/browser_host agent/talk",
}
FOLDERS = [folder for folder, _, _ in TABLE]


def room_of(path):
    """The room of a file, or None: the nearest folder in the table, unless that has rooms inside and the file is deeper."""
    folder = os.path.dirname(path)
    for room in sorted(FOLDERS, key=len, reverse=True):
        if folder == room:
            return room
        if folder.startswith(room + "/"):
            return None if any(other.startswith(room + "/") for other in FOLDERS) else room
    return None


def expand(words):
    """The rooms of a list of words, with what the rooms of proto/ bring."""
    rooms = set()
    for word in words.split():
        rooms |= {word} if "/" in word or word not in PROTO else {f"proto/{name}" for name in [word, *PROTO[word].split()]}
    return rooms


def may_know(path):
    """The rooms that a file may include, its own with them."""
    room = room_of(path)
    words = next(words for folder, _, words in TABLE if folder == room)
    return expand(words) | expand(MAINS.get(path, "")) | {room}


def map_lines():
    """The map, a line of Markdown a room."""
    lines = ["| room | what lives there | may include |", "|---|---|---|"]
    for folder, what, words in TABLE:
        lines.append(f"| `{folder}/` | {what} | {', '.join(words.split()) or '-'} |")
    return lines
