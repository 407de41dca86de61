#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Release restores exactly what was there, wherever the agent was killed: seeded random lives of the layers.

policy D9.3. HF_BUILD names the build folder; HF_SEED plays one run again.
"""
import os
import random
import shutil
import signal
import subprocess
import sys

from common import check, drop, end, read, wait_for
from enforce_help import NOBODY, Layer, as_user, block, fences, marks, run_inside
from tools_help import FROZEN

LAYERS = ("browser", "programs", "running")
RUNS = 16
STEPS = 10
FOREIGN = ('{"URLBlocklist": ["games.example"]}', '{"URLAllowlist": ["x.com"],}', "{", '{"n": 1.5}')


class World:
    def __init__(self, folder, group, seed):
        self.dice, self.group, self.folder = random.Random(seed), group, f"{folder}/run{seed}"
        self.policies = (f"{self.folder}/chromium/managed", f"{self.folder}/chrome/managed")
        os.makedirs(f"{self.folder}/bin")
        self.tools = [f"{self.folder}/bin/tool{i}" for i in range(3)]
        for tool in self.tools:
            shutil.copy("/bin/sleep", tool)
        self.package = f"{self.folder}/lib/package"
        self.unpack(self.package)
        self.homes = [f"{group}/home{seed}-{i}" for i in range(2)]
        for home in self.homes:
            os.mkdir(home)
        self.running = [self.start() for _ in range(4)]
        self.layers, self.no_group = {}, self.dice.random() < 0.2

    @staticmethod
    def unpack(where):
        for i in range(12):
            os.makedirs(f"{where}/{i % 3}", exist_ok=True)
            shutil.copy("/bin/true", f"{where}/{i % 3}/{i}")

    def upgrade(self):
        """As a package manager does it: a file at a time, or the whole folder; or one of the programs."""
        if self.dice.random() < 0.4:
            self.unpack(f"{self.package}.new")
            os.rename(self.package, f"{self.package}.old")
            os.rename(f"{self.package}.new", self.package)
            shutil.rmtree(f"{self.package}.old")
            return
        path = self.dice.choice((self.dice.choice(self.tools), f"{self.package}/0/{self.dice.choice((0, 3, 99))}"))
        shutil.copy("/bin/sleep", f"{path}.new")
        os.rename(f"{path}.new", path)

    def thaw(self):
        """An administrator's hand."""
        for root, _, files in os.walk(self.group):
            if "cgroup.freeze" in files and FROZEN.search(root):
                with open(f"{root}/cgroup.freeze", "w", encoding="ascii") as file:
                    file.write("0")

    def start(self):
        home, uid = self.dice.choice(self.homes), self.dice.choice((NOBODY, NOBODY, 65533, 0))

        def become():
            with open(f"{home}/cgroup.procs", "w", encoding="ascii") as file:
                file.write("0")
            drop(uid)()
        return subprocess.Popen([self.dice.choice(self.tools), "1000"], preexec_fn=become)

    def layer(self, name):
        if name not in self.layers:
            group = "/nowhere/at/all" if name == "running" and self.no_group else self.group
            self.layers[name] = Layer(name, self.folder, group, self.policies)
        return self.layers[name]

    def plan(self):
        return [block(self.dice.sample([*self.tools, self.package], self.dice.randint(0, 4)),
                      self.dice.sample(["x.com", "mastodon.social", "a.example"], self.dice.randint(0, 3)),
                      self.dice.choice(((), (NOBODY,), (65533,)))) for _ in range(self.dice.randint(0, 2))]

    def foreign(self):
        path = f"{self.dice.choice(self.policies)}/{self.dice.choice(('a.json', 'corp.json', 'zzzzz.json'))}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(f"{self.folder}/new", "w", encoding="ascii") as file:
            file.write(self.dice.choice(FOREIGN))
        os.chmod(f"{self.folder}/new", self.dice.choice((0o644, 0o600)))
        os.chown(f"{self.folder}/new", self.dice.randint(0, 2), 0)
        os.utime(f"{self.folder}/new", ns=(0, self.dice.randint(10**18, 17 * 10**17)))
        os.rename(f"{self.folder}/new", path)

    def step(self):
        name = self.dice.choice(LAYERS)
        what = self.dice.randint(0, 12)
        if what <= 3:
            self.layer(name).apply(*self.plan())
        elif what <= 6:
            self.layer(name).say({"apply": self.plan()})
            pause = self.dice.random() * 0.02
            wait_for(lambda: False, pause)
            self.layers.pop(name).kill()
        elif what == 7:
            self.foreign()
        elif what == 8:
            self.kill_fences()
        elif what in (9, 10):
            self.upgrade()
        elif what == 11:
            self.thaw()
        else:
            self.layer(name).say({"probe": True})
            self.layers.pop(name).kill()

    def kill_fences(self):
        """One of the pair, or both."""
        found = fences()
        for pid in self.dice.sample(found, self.dice.randint(0, len(found))):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def picture(self):
        found = {}
        for root, folders, files in os.walk(self.folder):
            for file in files:
                path = f"{root}/{file}"
                st = os.stat(path)
                if "holdfast-lockdown" not in file and not file.endswith("fence.sock"):
                    found[path] = (read(path, "rb"), st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns, st.st_ino)
        found["groups"] = sorted(root for root, _, _ in os.walk(self.group) if "/holdfast" not in root)
        return found

    def places(self):
        return [read(f"/proc/{process.pid}/cgroup") for process in self.running]

    def leftovers(self):
        names = [file for _, _, files in os.walk(self.folder) for file in files]
        return {"marks": marks(), "fences": fences(), "groups": any("holdfast" in name for _, names, _ in os.walk(self.group) for name in names),
                "files": [name for name in names if "lockdown" in name or "sock" in name]}

    def over(self):
        for name in list(self.layers):
            self.layers.pop(name).close()
        for process in self.running:
            end(process)
        for home in self.homes:
            wait_for(lambda h=home: not read(f"{h}/cgroup.procs"))
            os.rmdir(home)
        shutil.rmtree(self.folder)


def play(folder, group, seed):
    world = World(folder, group, seed)
    where = world.places()
    for name in LAYERS:
        world.layer(name)
    for _ in range(STEPS):
        world.step()
    before = world.picture()
    for name in LAYERS:
        layer = world.layer(name)
        good = layer.apply() == "ok" and layer.becomes("idle")
        check(f"seed {seed}: {name} released", good, "" if good else layer.probe())
    wait_for(lambda: not fences())
    after, left = world.picture(), world.leftovers()
    changed = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    check(f"seed {seed}: D9.3 files and control groups are what they were", not changed, changed)
    check(f"seed {seed}: D9.3 nothing of ours is left", left == {"marks": 0, "fences": [], "groups": False, "files": []},
          left)
    check(f"seed {seed}: D9.3 every program is where it was, and runs", world.places() == where and
          all(process.poll() is None for process in world.running))
    check(f"seed {seed}: D9.3 every tool starts", all(as_user(NOBODY, [tool, "0"])[0] == 0 for tool in (*world.tools, f"{world.package}/0/0")))
    world.over()


def body(folder, group):
    seeds = [int(os.environ["HF_SEED"])] if "HF_SEED" in os.environ else range(RUNS)
    for seed in seeds:
        play(folder, group, seed)


if __name__ == "__main__":
    sys.exit(run_inside(body))
