# SPDX-License-Identifier: MIT
"""Everything on a machine that a block may change, as a value that can be compared (D9.3: release restores what was there)."""
import hashlib
import os
import stat
import subprocess

from common import ENOUGH
from enforce_help import cgroup_mount, marks

FOLDERS = ("/etc", "/opt", "/run", "/usr/lib/firefox-esr", "/usr/lib/chromium", "/usr/share/chromium", "/usr/lib/mozilla")
OURS = ("/etc/holdfast/", "/etc/resolv.conf")  # the agent's settings and keys are not what it blocks with
CONTENT_MAX = 1 << 20  # a program of a browser is told by its size and time


def one(path):
    """(kind and mode, owner, time, content) of a file; a folder has no time: whoever puts a file there changes it."""
    st = os.lstat(path)
    if stat.S_ISDIR(st.st_mode) or stat.S_ISSOCK(st.st_mode):
        return st.st_mode, st.st_uid, st.st_gid
    content = None
    if stat.S_ISLNK(st.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(st.st_mode) and st.st_size < CONTENT_MAX:
        with open(path, "rb") as file:
            content = hashlib.sha256(file.read()).hexdigest()
    return st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns, st.st_size, content


def files(folders=FOLDERS):
    found = {}
    for top in folders:
        for folder, names, leaves in os.walk(top):
            for name in (*names, *leaves):
                path = os.path.join(folder, name)
                if not path.startswith(OURS):
                    found[path] = one(path)
    return found


def rules():
    """The rules of the network; counters are no rules."""
    done = subprocess.run(["nft", "-s", "list", "ruleset"], capture_output=True, text=True, timeout=ENOUGH, check=True)
    return done.stdout.splitlines()


def groups(top):
    """Every control group, and whether it is frozen."""
    found = {}
    for folder, _, _ in os.walk(top):
        try:
            with open(f"{folder}/cgroup.freeze", encoding="ascii") as file:
                found[folder] = file.read().strip()
        except OSError:
            found[folder] = ""
    return found


def processes():
    """Programs of ours that run, by their words, and the control group of everything else that does."""
    ours = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", encoding="utf-8", errors="replace") as file:
                words = file.read().split("\0")
        except OSError:
            continue
        if os.path.basename(words[0]).startswith("holdfast"):
            ours.append(" ".join(words[1:]).strip())
    return sorted(ours)


def sockets():
    """Listening ones: {protocol: names}."""
    found = {}
    for name, column in (("unix", 7), ("tcp", 1), ("tcp6", 1), ("udp", 1)):
        with open(f"/proc/net/{name}", encoding="ascii", errors="replace") as file:
            rows = [line.split() for line in file][1:]
        rows = [row for row in rows if len(row) > column and row[3] == ("00010000" if name == "unix" else "0A")]
        found[name] = sorted(row[column] for row in rows)
    return found


def of_machine(folders=FOLDERS):
    return {"files": files(folders), "rules": rules(), "marks": marks(), "groups": groups(cgroup_mount()), "processes": processes(),
            "sockets": sockets()}


def differences(before, after):
    """Sentences: what is not as it was."""
    wrong = []
    for what, old in before.items():
        new = after[what]
        if old == new:
            continue
        if isinstance(old, dict):
            wrong += [f"{what}: {key}: {old.get(key)} is now {new.get(key)}" for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        else:
            wrong.append(f"{what}: {old} is now {new}")
    return wrong
