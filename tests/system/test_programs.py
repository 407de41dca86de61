#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Listed programs and packages cannot be opened or started, whatever dies; the all-clear leaves nothing behind.

policy D9.1, D9.2, D9.3; HF_BUILD names the build folder. Copies of programs in own namespaces.
"""
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

from common import ENOUGH, check, drop, end, took, wait_for
from enforce_help import NOBODY, PROBE, as_user, block, fences, marks, run_inside
from tools_help import DRAFT, EXEMPT, Machine, types

THREAD = ("import sys, threading\ntried = []\ndef work():\n  try:\n    open(sys.argv[1], 'rb').close()\n"
          "  except OSError as error:\n    tried.append(error)\n"
          "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\nsys.exit(str(tried[0]) if tried else 0)\n")


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
        self.thread.join(ENOUGH)
        end(self.process)
        return self.worked, self.tried


def paired():
    return (len(fences(first=True)), len(fences())) == (1, 2)


def kill_all(pids_of):
    """Until none is left: each that dies may have started another a moment before."""
    def gone():
        for pid in pids_of():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return not pids_of()
    return wait_for(gone)


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
    check("a second apply of the same changes nothing", layer.apply(machine.plan(EXEMPT)) == "ok" and paired())
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    check("D9.3 all start again", as_user(NOBODY, [machine.native, "0"])[0] == 0)
    check("nothing is left: no fence, no mark, no socket",
          (fences(), marks(), os.path.exists(f"{machine.folder}/fence.sock")) == ([], 0, False))
    layer.close()


def deaths(machine):
    """D9.2: enforced across restarts; nothing but an all-clear lifts it."""
    layer = machine.layer()
    layer.apply(machine.plan())
    check("verified before anything dies", layer.becomes("verified"))
    hammer = Hammer(machine.native)
    layer.kill()
    check("the agent is killed: the fence lives", paired() and refused([machine.native, "0"])[0])
    layer = machine.layer()
    check("a new agent finds what is in force", layer.probe()["state"] == "armed" and paired())
    check("and takes it over", layer.apply(machine.plan()) == "ok" and layer.becomes("verified"))
    for number in range(3):
        before = layer.changes
        os.kill(fences(first=True)[0], signal.SIGKILL)
        check(f"the fence is killed ({number}): the other one answers, and has another", wait_for(paired) and
              wait_for(lambda b=before: layer.changes > b))
        saw = layer.probe()
        check("it is said", saw["tampered"] and "ended" in saw["text"], saw)
    before = layer.changes
    os.kill(next(pid for pid in fences() if pid not in fences(first=True)), signal.SIGKILL)
    check("the second one is killed: there is another, and it is said", wait_for(paired) and
          wait_for(lambda: layer.changes > before) and layer.probe()["tampered"])
    check("verified again", layer.becomes("verified"))
    worked, tried = hammer.result()
    check("none of many tries in all that time got in", worked == 0 and tried > 20, f"{worked} of {tried}")
    hammer = Hammer(machine.native)
    layer.kill()
    os.kill(fences(first=True)[0], signal.SIGKILL)
    check("agent and fence are killed at once: the second one keeps it shut", wait_for(paired) and
          refused([machine.native, "0"])[0])
    before = hammer.tried
    goes_on = wait_for(lambda: hammer.tried > before + 2)
    worked, tried = hammer.result()
    check("and nobody got in meanwhile, or waits for ever", worked == 0 and goes_on, f"{worked} of {tried}")
    layer = machine.layer()
    check("a new agent takes it over", layer.probe() == {"state": "armed", "tampered": False, "text":
          "What was blocked before the agent started is still blocked"}, layer.probe())
    layer.kill()
    kill_all(fences)
    check("agent and both are killed: open now", marks() == 0 and as_user(NOBODY, [machine.native, "0"])[0] == 0)
    layer = machine.layer()
    saw = layer.probe()
    check("and a new agent says so", saw["tampered"] and "could be opened" in saw["text"], saw)
    check("a new agent arms again what its plan says", layer.apply(machine.plan()) == "ok" and layer.becomes("verified") and
          refused([machine.native, "0"])[0])
    for pid in fences():
        os.kill(pid, signal.SIGSTOP)
    check("a fence that is stuck lets nobody in, and that is said",
          layer.probe()["state"] == "failed" and marks() > 0)
    stuck = fences()
    check("release even so", layer.apply() == "ok" and as_user(NOBODY, [machine.native, "0"])[0] == 0)
    for pid in stuck:
        os.kill(pid, signal.SIGKILL)
    check("nothing is left", wait_for(lambda: fences() == []) and marks() == 0)
    layer.close()


def forgotten(machine):
    """D9.3: a fence that nobody finds any more goes on refusing: then nobody says that it is released."""
    layer = machine.layer()
    layer.apply(machine.plan())
    layer.kill()
    os.unlink(f"{machine.folder}/fence.sock")
    lost = fences()
    layer = machine.layer()
    check("a fence is forgotten: another one is started", layer.apply(machine.plan()) == "ok" and layer.becomes("verified"))
    layer.apply()
    saw = layer.probe()
    check("released, and an ordinary user is refused all the same: not idle", saw["state"] == "armed" and "cannot open" in saw["text"], saw)
    kill_all(lambda: [pid for pid in fences() if pid >= min(lost)])
    check("idle when they come in", layer.becomes("idle") and as_user(NOBODY, [machine.native, "0"])[0] == 0, layer.probe())
    layer.close()


def attempts(machine):
    """D9.2: a member of staff who tries what is blocked is told; each attempt once, however many files it opens."""
    package, worker, other = f"{machine.folder}/share", 1201, 1202
    for i in range(40):
        os.makedirs(f"{package}/{i % 4}", exist_ok=True)
        Machine.write(f"{package}/{i % 4}/{i}", "x")
    layer = machine.layer()
    tools = [{**block([machine.native], open_for=[EXEMPT]), "tool": "one"}, {**block([package]), "tool": "two"}]
    layer.apply(*tools)
    check("verified", layer.becomes("verified"))
    check("the agent's own probe is nobody's attempt", not wait_for(lambda: layer.blocked, 0.3), layer.blocked)
    refused([machine.native, "0"], worker)
    check("an attempt to start a program is told", wait_for(lambda: layer.blocked == [(worker, machine.native)]), layer.blocked)
    refused(["sh", "-c", f"cat {package}/*/* > /dev/null"], worker)
    check("forty files of one package are one attempt", wait_for(lambda: len(layer.blocked) == 2) and
          layer.blocked[1][0] == worker and layer.blocked[1][1].startswith(package), layer.blocked)
    refused([machine.native, "0"], other)
    check("another user's is another", wait_for(lambda: len(layer.blocked) == 3) and layer.blocked[2] == (other, machine.native))
    as_user(EXEMPT, [machine.native, "0"])
    as_user(0, [machine.native, "0"])
    check("what is allowed is none", not wait_for(lambda: len(layer.blocked) > 3, 0.3), layer.blocked)
    check("the next one is told again", wait_for(lambda: (refused([machine.native, "0"], worker), len(layer.blocked) == 4)[1]), layer.blocked)
    os.kill(fences(first=True)[0], signal.SIGKILL)
    wait_for(paired)
    check("after a fence died", wait_for(lambda: (refused([machine.native, "0"], 1203), len(layer.blocked) == 5)[1]), layer.blocked)
    os.kill(layer.process.pid, signal.SIGSTOP)
    begin = time.monotonic()
    check("an agent that does not listen keeps nobody waiting", all(refused([machine.native, "0"], uid)[0] for uid in range(2000, 2100)))
    print(f"       a hundred tries: {took(begin)}")
    os.kill(layer.process.pid, signal.SIGCONT)
    check("and is told no more than fits", wait_for(lambda: len(layer.blocked) > 40) and len(layer.blocked) < 150)
    check("release", layer.apply() == "ok" and layer.becomes("idle") and marks() == 0)
    layer.close()


LIBC = ctypes.CDLL(None, use_errno=True)
PIDFD_GETFD, FLUSH = 438, 0x80


def group_of_fence():
    """The fence's fanotify group, as root can get at it."""
    pid = fences(first=True)[0]
    number = next(int(name) for name in os.listdir(f"/proc/{pid}/fd") if os.readlink(f"/proc/{pid}/fd/{name}") == "anon_inode:[fanotify]")
    pidfd = os.pidfd_open(pid)
    fd = LIBC.syscall(PIDFD_GETFD, pidfd, number, 0)
    os.close(pidfd)
    return fd


def tampering(machine):
    """What somebody with root's rights may do to it is repaired and said; who waited for an answer gets one."""
    layer = machine.layer()
    layer.apply(machine.plan())
    check("verified", layer.becomes("verified"))
    group = group_of_fence()
    check("all marks are taken away", LIBC.fanotify_mark(group, FLUSH, ctypes.c_uint64(0), -100, None) == 0 and
          as_user(NOBODY, [machine.native, "0"])[0] == 0)
    saw = layer.probe()
    check("they are put back, and that is said", saw["tampered"] and "taken away" in saw["text"] and
          refused([machine.native, "0"])[0], saw)
    first = fences(first=True)[0]
    os.kill(first, signal.SIGSTOP)
    asker = subprocess.Popen(["cat", machine.native], preexec_fn=drop(NOBODY), stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    event = wait_for(lambda: read_event(group))
    check("somebody asks, and the one that heard it dies before it answers", event and asker.poll() is None)
    os.close(group)
    os.kill(first, signal.SIGKILL)
    check("it is refused by the second one", wait_for(lambda: asker.poll() is not None) and asker.wait() == 1)
    asker.kill()
    check("release", layer.apply() == "ok" and layer.becomes("idle") and marks() == 0)
    layer.close()


def read_event(group):
    try:
        event = os.read(group, 24)
    except BlockingIOError:
        return None
    os.close(int.from_bytes(event[16:20], "little"))
    return event


STRANGE_FENCE = """
import array, ctypes, fcntl, os, socket, struct, sys
TAKE, TAKEN, SET, END, DONE, BAD = range(6)
libc = ctypes.CDLL(None, use_errno=True)
group = libc.fanotify_init(0x4 | 0x1 | 0x2, 0)
assert libc.fanotify_mark(group, 0x1, ctypes.c_uint64(0x50000), -100, sys.argv[2].encode()) == 0
rules = os.memfd_create("rules", os.MFD_ALLOW_SEALING)
os.write(rules, b"x" * 100)
fcntl.fcntl(rules, fcntl.F_ADD_SEALS, 15)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
listener.bind(sys.argv[1])
listener.listen(8)
print("ready", flush=True)
while True:
    agent, _ = listener.accept()
    while packet := agent.recv(64):
        magic, word = struct.unpack("=II", packet[:8])
        fds = [group, rules] if word == TAKE else []
        if word == END:
            os.unlink(sys.argv[1])
            os.close(group)
        socket.send_fds(agent, [struct.pack("=II", magic, {TAKE: TAKEN, END: DONE}.get(word, BAD))], fds)
        if word == END:
            sys.exit(0)
"""


def strange(machine):
    """The agent itself is upgraded while locked: a fence of another version is taken over, and replaced without a gap."""
    fence = subprocess.Popen(["/usr/bin/python3", "-c", STRANGE_FENCE, f"{machine.folder}/fence.sock", machine.native],
                             stdout=subprocess.PIPE, text=True)
    check("a fence that speaks differently holds a file", fence.stdout.readline() == "ready\n")
    layer = machine.layer()
    check("it is taken over", layer.probe()["state"] == "armed", layer.probe())
    check("apply replaces it", layer.apply(machine.plan()) == "ok" and layer.becomes("verified") and fence.wait(ENOUGH) == 0 and
          wait_for(paired), layer.probe())
    check("and all is refused", refused([machine.native, "0"])[0] and refused([machine.link])[0])
    check("release", layer.apply() == "ok" and layer.becomes("idle") and marks() == 0)
    layer.close()
    fence = subprocess.Popen(["/usr/bin/python3", "-c", STRANGE_FENCE, f"{machine.folder}/fence.sock", machine.native],
                             stdout=subprocess.PIPE, text=True)
    fence.stdout.readline()
    layer = machine.layer()
    check("D9.3 released at once: it ends too, and nothing is left", layer.apply() == "ok" and fence.wait(ENOUGH) == 0 and
          marks() == 0 and layer.state() == "idle")
    layer.close()


def upgrades(machine):
    """D9.2: a package is upgraded while locked: it holds for the new file."""
    layer = machine.layer()
    layer.apply(machine.plan())
    check("verified before the upgrade", layer.becomes("verified"))
    shutil.copy("/bin/sleep", f"{machine.native}.new")
    before = layer.changes
    os.rename(f"{machine.native}.new", machine.native)
    check("a new file under a listed name is refused", wait_for(lambda: refused([machine.native, "0"])[0]))
    check("the change is told", wait_for(lambda: layer.changes > before) and layer.becomes("verified"))
    check("and is no tampering", not layer.probe()["tampered"])
    os.makedirs(os.path.dirname(machine.later))
    shutil.copy("/bin/sleep", machine.later)
    check("a listed program that is installed while locked is refused",
          wait_for(lambda: refused([machine.later, "0"])[0]) and layer.becomes("verified"))
    os.unlink(machine.link)
    machine.write(f"{machine.bin}/tooter2", DRAFT)
    os.symlink(f"{machine.bin}/tooter2", machine.link)
    check("a link that leads elsewhere now is refused", wait_for(lambda: refused([f"{machine.bin}/tooter2"])[0]))
    check("release", layer.apply() == "ok" and layer.becomes("idle") and marks() == 0)
    layer.close()


MODULE = {"__init__.py": "", "__main__.py": "import tooty.core.send\n", "core/__init__.py": "",
          "core/send.py": "print('sent')\n", "core/send_v1.so": "no library\n"}


def build_deb(folder, version):
    """A real package of a Python posting tool; the path of the .deb."""
    root = f"{folder}/deb{version}"
    for name, text in MODULE.items():
        path = f"{root}/usr/lib/python3/dist-packages/tooty/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Machine.write(path, text.replace("sent", f"sent by {version}"))
    os.makedirs(f"{root}/usr/bin")
    Machine.write(f"{root}/usr/bin/tooty", "#!/usr/bin/python3\nimport tooty.core.send\n")
    os.makedirs(f"{root}/DEBIAN")
    Machine.write(f"{root}/DEBIAN/control", f"Package: tooty\nVersion: {version}\nArchitecture: all\n"
                  "Maintainer: Nobody <nobody@example>\nDescription: posts\n")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", root, f"{folder}/tooty{version}.deb"], check=True,
                   capture_output=True)
    return f"{folder}/tooty{version}.deb"


def dpkg(root, *command):
    done = subprocess.run(["dpkg", f"--root={root}", "--force-not-root", "--no-triggers", *command], capture_output=True,
                          text=True, check=False, timeout=ENOUGH)
    return done.returncode == 0, done.stderr


def packages(machine):
    """D9.2 for a tool that is a package folder: every file of it, also while dpkg upgrades and removes it."""
    root = f"{machine.folder}/root"
    os.makedirs(f"{root}/var/lib/dpkg/updates")
    os.makedirs(f"{root}/var/lib/dpkg/info")
    for name in ("status", "available"):
        Machine.write(f"{root}/var/lib/dpkg/{name}", "")
    good, said = dpkg(root, "-i", build_deb(machine.folder, 1))
    check("a package is installed", good, said)
    package, script = f"{root}/usr/lib/python3/dist-packages/tooty", f"{root}/usr/bin/tooty"
    shown = ["/usr/bin/env", f"PYTHONPATH={root}/usr/lib/python3/dist-packages", "/usr/bin/python3"]
    ways = {"its script": [*shown, script], "the module": [*shown, "-m", "tooty"],
            "an import": [*shown, "-c", "import tooty.core.send"],
            "one file of it": [*shown, f"{package}/core/send.py"],
            "a copy of it": ["cp", "-r", package, "/dev/shm/tooty-copy"]}
    subprocess.run([*shown, "-m", "compileall", "-q", package], check=True)
    check("it runs, also from its compiled files", as_user(NOBODY, ways["an import"], cwd="/") == (0, "sent by 1\n"))
    layer = machine.layer()
    check("apply", layer.apply(block([script, package], open_for=[EXEMPT])) == "ok" and layer.becomes("verified"))

    def shut(what, names=tuple(ways)):
        for name in names:
            status, text = as_user(NOBODY, ways[name], cwd="/")
            check(f"{what}: refused: {name}", status != 0 and "not permitted" in text, f"{status} {text}")
    shut("a package folder")
    cached = [f"{package}/core/__pycache__/{name}" for name in os.listdir(f"{package}/core/__pycache__")]
    check("its compiled files are refused too", all(refused(["cat", path])[0] for path in cached) and cached)
    check("D9.1 the exempt user's runs", as_user(EXEMPT, ways["the module"], cwd="/") == (0, "sent by 1\n"))
    check("another module of the same interpreter runs", as_user(NOBODY, ["/usr/bin/python3", "-c", "import json"])[0] == 0)
    good, said = dpkg(root, "-i", build_deb(machine.folder, 2))
    check("dpkg upgrades it while locked", good, said)
    wait_for(lambda: refused(["cat", f"{package}/core/send.py"])[0])
    shut("after the upgrade")
    check("and that is no tampering", layer.becomes("verified") and not layer.probe()["tampered"])
    os.makedirs(f"{package}/new/deep")
    Machine.write(f"{package}/new/deep/late.py", "print(1)\n")
    check("a file in a folder that was made while locked", wait_for(lambda: refused(["cat", f"{package}/new/deep/late.py"])[0]))
    os.rename(package, f"{package}.old")
    shutil.copytree(f"{package}.old", package)
    wait_for(lambda: refused(["cat", f"{package}/core/send.py"])[0])
    shut("the whole folder replaced", ("the module", "an import"))
    check("nor does the old one open", refused(["cat", f"{package}.old/core/send.py"])[0])
    shutil.rmtree(f"{package}.old")
    good, said = dpkg(root, "-r", "tooty")
    check("dpkg removes it while locked", good, said)
    good, said = dpkg(root, "-i", f"{machine.folder}/tooty1.deb")
    check("and installs it again", good, said)
    wait_for(lambda: refused(["cat", f"{package}/core/send.py"])[0])
    shut("installed again", ("its script", "the module", "one file of it"))
    check("release", layer.apply() == "ok" and layer.becomes("idle") and marks() == 0)
    check("D9.3 it runs again", as_user(NOBODY, ways["the module"], cwd="/")[1] == "sent by 1\n")
    shutil.rmtree("/dev/shm/tooty-copy", ignore_errors=True)
    layer.close()


def too_much(machine):
    """A register that lists a folder of everybody's stops nobody, and that is said."""
    layer = machine.layer()
    for path, why in (("/", "share"), ("/usr/lib", "share"), (os.path.dirname(PROBE), "agent needs")):
        layer.apply(block([machine.native, path]))
        saw = layer.probe()
        check(f"{path} is not blocked, and that is said", saw["state"] == "failed" and why in saw["text"], saw)
        check("the tool beside it is", refused([machine.native, "0"])[0] and as_user(NOBODY, ["/bin/true"])[0] == 0)
    check("release", layer.apply() == "ok" and layer.becomes("idle") and marks() == 0)
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
    for part in (idle, refusal, attempts, deaths, forgotten, tampering, strange, upgrades, packages, too_much, itself):
        part(machine)


if __name__ == "__main__":
    sys.exit(run_inside(body))
