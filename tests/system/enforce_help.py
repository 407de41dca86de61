# SPDX-License-Identifier: MIT
"""Drives one layer of blocking through enforce_probe, inside namespaces of its own.

Each test that uses it runs in its own mount and process namespace, with its own policy folders, control groups and copies
of programs: the machine's own are never touched.
"""
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading

from common import ENOUGH, closing, drop, processes, read, wait_for

INSIDE = "HF_TEST_INSIDE"
PROBE = os.path.abspath(os.path.join(os.environ.get("HF_BUILD", "build"), "tests", "enforce_probe"))
NOBODY = 65534
MARK = re.compile("^fanotify ino:.* mask:([0-9a-f]+) ", re.M)


def cgroup_mount():
    with open("/proc/self/mounts", encoding="ascii") as mounts:
        for line in mounts:
            if line.split()[2] == "cgroup2":
                return line.split()[1]
    return None


def as_user(uid, command, **more):
    """Runs a command as an ordinary user; answers (exit status, what it printed). 126: it was not permitted to start."""
    try:
        done = subprocess.run(command, preexec_fn=drop(uid), capture_output=True, text=True, timeout=ENOUGH, check=False,
                              stdin=subprocess.DEVNULL, **more)
        return done.returncode, done.stdout + done.stderr
    except PermissionError as error:
        return 126, str(error)
    except subprocess.TimeoutExpired:
        return 124, "it started, and was frozen then"


class Layer:
    """One life of an agent that has this layer alone."""

    def __init__(self, name, folder, cgroup="", policies=None, **more):
        """by: the words before the program's own."""
        by = more.pop("by", ())
        chromium, chrome = policies or (f"{folder}/policies/chromium/managed", f"{folder}/policies/chrome/managed")
        os.makedirs(f"{folder}/state", exist_ok=True)
        self.process = subprocess.Popen([*by, PROBE, name, f"{folder}/state", f"{folder}/fence.sock", cgroup, chromium, chrome,
                                         *(f"{key}={value}" for key, value in more.items())],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answers, self.changes, self.blocked, self.endings, self.looked_up = queue.Queue(), 0, [], [], []
        threading.Thread(target=self._listen, daemon=True).start()
        opened = self.answers.get(timeout=ENOUGH)
        if "open" not in opened:
            raise RuntimeError(f"the layer {name} could not be opened: {opened}")

    def _listen(self):
        for line in self.process.stdout:
            answer = json.loads(line)
            if "changed" in answer:
                self.changes += 1
            elif "blocked" in answer:
                self.blocked.append((answer["blocked"], answer["tool"]))
            elif "look_up" in answer:
                self.looked_up.append(answer["look_up"])
            elif "ending" in answer:
                self.endings.append((answer["ending"], answer["tool"], answer["pid"], answer["left_s"]))
            else:
                self.answers.put(answer)

    def say(self, command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def ask(self, command):
        self.say(command)
        return self.answers.get(timeout=ENOUGH)

    def apply(self, *blocks):
        return self.ask({"apply": list(blocks)})["apply"]

    def probe(self):
        return self.ask({"probe": True})

    def state(self):
        return self.probe()["state"]

    def becomes(self, state):
        return wait_for(lambda: self.state() == state)

    def kill(self):
        self.process.kill()
        self.process.wait(ENOUGH)

    def close(self):
        if self.process.poll() is None:
            self.ask({"close": True})
        return self.process.wait(ENOUGH)


def block(programs=(), addresses=(), open_for=(), machine_wide=True, dedicated=()):
    return {"tool": "tool", "programs": list(programs), "addresses": list(addresses), "open_for": list(open_for),
            "dedicated": list(dedicated), "machine_wide": machine_wide}


def fences(word="fence", first=False):
    """Process numbers of running fences in this namespace (each is a pair; first: of those alone that answer), or of
    other processes that layers start."""
    return [pid for pid, words in processes() if words[1:2] == [word] and (not first or name_of(pid) not in ("", "holdfast-second"))]


def name_of(pid):
    try:
        return read(f"/proc/{pid}/comm").strip()
    except OSError:
        return ""


def marks():
    """How many fanotify marks all processes of this namespace hold together, but for those that only tell who opened a listed file.

    Those stand always (agent/enforce/running/openers.h), make nobody wait, and cost nothing until such a file is opened.
    """
    found = 0
    for entry in os.listdir("/proc"):
        try:
            for fd in os.listdir(f"/proc/{entry}/fdinfo") if entry.isdigit() else ():
                found += sum(mask != "20" for mask in MARK.findall(read(f"/proc/{entry}/fdinfo/{fd}")))
        except OSError:
            continue
    return found


def run_inside(body):
    """body(folder, group) in namespaces of its own, of the network too; prints the closing line; the exit status."""
    if os.geteuid() != 0:
        print("0 passed, 0 failed, 1 skipped")
        return 77
    if INSIDE not in os.environ:
        return outside()
    folder, group = os.environ[INSIDE], os.environ[INSIDE + "_GROUP"]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    body(folder, group)
    return closing()


def outside():
    folder = tempfile.mkdtemp(prefix="hf-enforce-")
    os.chmod(folder, 0o755)
    mount = cgroup_mount()
    group = os.path.join(mount, os.path.basename(folder)) if mount else ""
    if group:
        os.mkdir(group)
    try:
        return subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable,
                               sys.argv[0]], env={**os.environ, INSIDE: folder, INSIDE + "_GROUP": group}, check=False).returncode
    finally:
        if group:
            wait_for(lambda: remove_group(group))
        shutil.rmtree(folder, ignore_errors=True)


def remove_group(group):
    for root, _, _ in os.walk(group, topdown=False):
        try:
            os.rmdir(root)
        except OSError:
            pass
    return not os.path.exists(group)

