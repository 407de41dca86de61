#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Listed programs cannot be started and running ones stand still, whatever dies; the all-clear leaves nothing behind.

policy D9.1, D9.2, D9.3; architecture.md "Privilege". HF_BUILD names the build folder. Copies of programs in own namespaces.
"""
import os
import shutil
import signal
import subprocess
import sys
import threading

from enforce_help import (NOBODY, PROBE, Layer, as_user, block, check, end, fences, marks, read, run_inside, wait_for)

EXEMPT = 65533
THREAD = ("import sys, threading\ntried = []\ndef work():\n  try:\n    open(sys.argv[1], 'rb').close()\n"
          "  except OSError as error:\n    tried.append(error)\n"
          "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\nsys.exit(str(tried[0]) if tried else 0)\n")
DRAFT = """#!/usr/bin/python3 -I
import sys
text = ""
for line in sys.stdin:
    text += line
    print(len(text), flush=True)
"""


def drop(uid):
    def become():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    return become


class Machine:
    """A folder with posting tools, and what runs of them."""

    def __init__(self, folder, group):
        self.folder, self.group = folder, group
        self.bin = f"{folder}/bin"
        os.mkdir(self.bin)
        self.native, self.script, self.other = f"{self.bin}/poster", f"{self.bin}/tooter", f"{self.bin}/unlisted"
        self.link, self.later = f"{self.bin}/alias", f"{folder}/opt/later/poster"
        self.home = f"{group}/home"
        os.mkdir(self.home)
        for path in (self.native, self.other):
            shutil.copy("/bin/sleep", path)
        self.write(self.script, DRAFT)
        os.symlink(self.script, self.link)

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def start(self, command, uid=NOBODY, cwd="/"):
        def become():
            with open(f"{self.home}/cgroup.procs", "w", encoding="ascii") as file:
                file.write("0")
            drop(uid)()
        return subprocess.Popen(command, preexec_fn=become, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                cwd=cwd)

    def plan(self, *open_for):
        return block([self.native, self.link, self.later], open_for=open_for)

    def layer(self):
        return Layer("programs", self.folder, self.group)


def group_of(pid):
    return next(line[3:].strip() for line in read(f"/proc/{pid}/cgroup").splitlines() if line.startswith("0::"))


def is_frozen(machine, pid):
    mount = machine.group[:machine.group.rindex("/")]
    return "/holdfast/frozen-" in group_of(pid) and "frozen 1" in read(f"{mount}{group_of(pid)}/cgroup.events")


def types(process, line):
    process.stdin.write(line)
    process.stdin.flush()
    return process.stdout.readline().strip()


def refused(command, uid=NOBODY):
    status, text = as_user(uid, command, cwd="/")
    return status != 0 and "not permitted" in text, f"{status} {text}"


class Hammer:
    """Somebody who tries again and again; counts how often it worked."""

    def __init__(self, path):
        self.path, self.worked, self.tried, self.stop = path, 0, 0, False
        code = ("import sys,os\nfor line in sys.stdin:\n"
                "  try:\n    os.close(os.open(sys.argv[1], os.O_RDONLY)); print(1, flush=True)\n"
                "  except PermissionError:\n    print(0, flush=True)\n")
        self.process = subprocess.Popen(["/usr/bin/python3", "-c", code, path], preexec_fn=drop(NOBODY), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while not self.stop:
            self.worked += types(self.process, "\n") == "1"
            self.tried += 1

    def result(self):
        self.stop = True
        self.thread.join(20)
        end(self.process)
        return self.worked, self.tried


def idle(machine):
    layer = machine.layer()
    check("open: idle, and nothing runs or is marked", (layer.state(), fences(), marks()) == ("idle", [], 0))
    check("an empty plan keeps it so", layer.apply() == "ok" and layer.state() == "idle" and fences() == [])
    check("close ends well", layer.close() == 0)


def refusal(machine):
    """D9.2: rights to use accounts on council computers are revoked; D9.1: the designated officer's are not."""
    layer = machine.layer()
    hard = f"{machine.bin}/hard"
    os.link(machine.native, hard)
    check("apply", layer.apply(machine.plan(EXEMPT)) == "ok")
    saw = layer.probe()
    check("the layer saw it hold", saw["state"] == "verified" and not saw["tampered"], saw)
    tries = {
        "a listed program": [machine.native, "0"],
        "a listed script, by a link": [machine.link],
        "a listed script itself": [machine.script],
        "a script given to its interpreter": ["/usr/bin/python3", machine.script],
        "a program given to the loader": ["/lib64/ld-linux-x86-64.so.2", machine.native, "0"],
        "a hard link to it": [hard, "0"],
        "a path through /proc": [f"/proc/self/root{machine.native}", "0"],
        "copying it away": ["cp", machine.native, "/dev/null"],
        "a thread that is not the first": ["/usr/bin/python3", "-c", THREAD, machine.native],
        "a user namespace where one is root": ["unshare", "-Ur", machine.native, "0"],
        "a mount namespace of one's own": ["unshare", "-Urm", "cat", machine.native],
    }
    for what, command in tries.items():
        good, text = refused(command)
        check(f"refused: {what}", good, text)
    check("an unlisted copy starts", as_user(NOBODY, [machine.other, "0"])[0] == 0)
    check("D9.1 the exempt user's starts", as_user(EXEMPT, [machine.native, "0"])[0] == 0)
    check("D9.1 a thread of the exempt user's opens it",
          as_user(EXEMPT, ["/usr/bin/python3", "-c", THREAD, machine.native])[0] == 0)
    check("root's starts (package upgrades)", as_user(0, [machine.native, "0"])[0] == 0)
    os.unlink(hard)
    check("a second apply of the same changes nothing", layer.apply(machine.plan(EXEMPT)) == "ok" and len(fences()) == 1)
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    check("D9.3 all start again", as_user(NOBODY, [machine.native, "0"])[0] == 0)
    check("nothing is left: no fence, no mark, no socket",
          (fences(), marks(), os.path.exists(f"{machine.folder}/fence.sock")) == ([], 0, False))
    layer.close()


def freezing(machine):
    """D9.2 for what runs already; D9.3: after the all-clear nothing is lost."""
    running = {
        "native": machine.start([machine.native, "1000"]),
        "draft": machine.start([machine.link]),
        "relative": machine.start(["/usr/bin/python3", "-I", "./tooter"], cwd=machine.bin),
    }
    left = {
        "unlisted": machine.start([machine.other, "1000"]),
        "exempt": machine.start([machine.native, "1000"], EXEMPT),
        "root's": machine.start([machine.native, "1000"], 0),
        "only named like it": machine.start(["/usr/bin/python3", "-c", "input()", machine.script]),
    }
    check("a draft is being written", types(running["draft"], "The bridge is closed.\n") == "22")
    check("and another", types(running["relative"], "x\n") == "2")
    before = {name: group_of(p.pid) for name, p in {**running, **left}.items()}
    layer = machine.layer()
    check("apply", layer.apply(machine.plan(EXEMPT)) == "ok" and layer.becomes("verified"))
    for name, process in running.items():
        check(f"frozen: {name}", wait_for(lambda p=process: is_frozen(machine, p.pid)), group_of(process.pid))
    for name, process in left.items():
        check(f"left alone: {name}", group_of(process.pid) == before[name])
    pid = running["draft"].pid
    as_user(NOBODY, ["kill", "-CONT", str(pid)])
    status, _ = as_user(NOBODY, ["sh", "-c", f"echo {pid} > {machine.home}/cgroup.procs"])
    check("its user cannot thaw it", status != 0 and is_frozen(machine, pid))
    frozen = f"{machine.group}/holdfast"
    for name in os.listdir(frozen):
        if name.startswith("frozen-"):
            with open(f"{frozen}/{name}/cgroup.freeze", "w", encoding="ascii") as file:
                file.write("0")
    saw = layer.probe()
    check("thawed by somebody: put right and said so", saw["tampered"] and "thawed" in saw["text"], saw)
    check("and frozen again", wait_for(lambda: is_frozen(machine, pid)) and layer.becomes("verified"))
    end(running.pop("native"))
    check("one that was ended while frozen hinders nothing", layer.becomes("verified"))
    check("D9.1 opened for one user, shut for others", layer.apply(block([machine.native], open_for=[NOBODY])) == "ok")
    check("what is not listed any more runs on", wait_for(lambda: group_of(pid) == before["draft"]))
    check("apply again", layer.apply(machine.plan(EXEMPT)) == "ok" and wait_for(lambda: is_frozen(machine, pid)))
    layer.kill()
    layer = machine.layer()
    check("after SIGKILL it is still frozen, and the new agent says so", is_frozen(machine, pid) and
          layer.state() == "armed")
    check("release by the new agent", layer.apply() == "ok" and layer.becomes("idle"))
    for name, process in running.items():
        check(f"D9.3 back where it was: {name}", group_of(process.pid) == before[name], group_of(process.pid))
    check("D9.3 the draft is whole", types(running["draft"], "Use the A5190.\n") == "37")
    check("no control group is left", not os.path.exists(frozen))
    layer.close()
    for process in (*running.values(), *left.values()):
        end(process)


def deaths(machine):
    """D9.2: enforced across restarts; nothing but an all-clear lifts it."""
    layer = machine.layer()
    layer.apply(machine.plan())
    check("verified before anything dies", layer.becomes("verified"))
    hammer = Hammer(machine.native)
    layer.kill()
    check("the agent is killed: the fence lives", len(fences()) == 1 and refused([machine.native, "0"])[0])
    layer = machine.layer()
    check("a new agent finds what is in force", layer.probe()["state"] == "armed" and len(fences()) == 1)
    check("and takes it over", layer.apply(machine.plan()) == "ok" and layer.becomes("verified"))
    for number in range(3):
        os.kill(fences()[0], signal.SIGKILL)
        check(f"the fence is killed ({number}): a new one stands", wait_for(lambda: layer.changes > number) and
              wait_for(lambda: len(fences()) == 1))
        saw = layer.probe()
        check("it is said", saw["tampered"] and "ended" in saw["text"], saw)
    check("verified again", layer.becomes("verified"))
    worked, tried = hammer.result()
    check("none of many tries in all that time got in", worked == 0 and tried > 100, f"{worked} of {tried}")
    layer.kill()
    for pid in fences():
        os.kill(pid, signal.SIGKILL)
    check("agent and fence are killed", wait_for(lambda: fences() == []))
    layer = machine.layer()
    check("a new agent arms again what its plan says", layer.apply(machine.plan()) == "ok" and layer.becomes("verified") and
          refused([machine.native, "0"])[0])
    os.kill(fences()[0], signal.SIGSTOP)
    check("a fence that is stuck lets nobody in, and that is said",
          layer.probe()["state"] == "failed" and marks() > 0)
    stuck = fences()
    check("release even so", layer.apply() == "ok" and as_user(NOBODY, [machine.native, "0"])[0] == 0)
    for pid in stuck:
        os.kill(pid, signal.SIGKILL)
    check("nothing is left", wait_for(lambda: fences() == []) and marks() == 0)
    layer.close()


def upgrades(machine):
    """facts.md: re-mark when a package is upgraded while locked; D9.2 holds for the new file."""
    layer = machine.layer()
    running = machine.start([machine.native, "1000"])
    layer.apply(machine.plan())
    check("verified before the upgrade", layer.becomes("verified"))
    shutil.copy("/bin/sleep", f"{machine.native}.new")
    before = layer.changes
    os.rename(f"{machine.native}.new", machine.native)
    check("a new file under a listed name is refused", wait_for(lambda: refused([machine.native, "0"])[0]))
    check("the change is told", wait_for(lambda: layer.changes > before) and layer.becomes("verified"))
    check("what runs of the old file stays frozen", is_frozen(machine, running.pid))
    os.makedirs(os.path.dirname(machine.later))
    shutil.copy("/bin/sleep", machine.later)
    check("a listed program that is installed while locked is refused",
          wait_for(lambda: refused([machine.later, "0"])[0]) and layer.becomes("verified"))
    os.unlink(machine.link)
    machine.write(f"{machine.bin}/tooter2", DRAFT)
    os.symlink(f"{machine.bin}/tooter2", machine.link)
    check("a link that leads elsewhere now is refused", wait_for(lambda: refused([f"{machine.bin}/tooter2"])[0]))
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    check("the old file's process runs on", group_of(running.pid).endswith("/home"))
    end(running)
    old = machine.start([machine.native, "1000"])
    shutil.copy("/bin/sleep", f"{machine.native}.new")
    os.rename(f"{machine.native}.new", machine.native)
    layer.apply(machine.plan())
    check("upgraded before the lockdown: what runs of the old file is frozen", wait_for(lambda: is_frozen(machine, old.pid)))
    check("release again", layer.apply() == "ok" and layer.becomes("idle") and marks() == 0)
    end(old)
    layer.close()


def itself(machine):
    """A register that lists the agent's own files must not stop it."""
    layer = machine.layer()
    check("apply", layer.apply(block([machine.native, PROBE])) == "ok")
    saw = layer.probe()
    check("the agent's own program is not blocked, and that is said", saw["state"] == "failed" and PROBE[-13:] in saw["text"],
          saw)
    check("the other is", refused([machine.native, "0"])[0])
    check("release", layer.apply() == "ok" and layer.becomes("idle") and marks() == 0)
    layer.close()


def body(folder, group):
    machine = Machine(folder, group)
    for part in (idle, refusal, freezing, deaths, upgrades, itself):
        part(machine)


if __name__ == "__main__":
    sys.exit(run_inside(body))
