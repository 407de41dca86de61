#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Listed programs that run already stand still, and nothing they had queued goes out; what cannot be frozen is ended.

policy D9.1, D9.2, D9.3; tests/FACTS.md "The device". HF_BUILD names the build folder. Copies of programs, a client and a server
in namespaces of their own, a network too.
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading

from common import ENOUGH, check, end, processes, read, rests, wait_for
from enforce_help import NOBODY, as_user, block, fences, marks, remove_group, run_inside
from tools_help import EXEMPT, Machine, group_of, is_frozen, types

NO_GROUP = "/nowhere/at/all"
LONG_S = 600  # a countdown that no look at it outlasts
CLIENT = """#!/usr/bin/python3 -I
import signal, socket, sys
server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
server.sendall(b"hello ")
signal.signal(signal.SIGALRM, lambda *_: None)
print("connected", flush=True)
for line in sys.stdin:
    try:
        server.sendall(line.encode())
        print("sent", flush=True)
    except OSError as error:
        print("kept", line.strip(), flush=True)
"""
SAVER = """#!/usr/bin/python3 -I
import signal, sys, time
def save(*_):
    with open(sys.argv[1], "w") as file:
        file.write("a draft")
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print("ready", flush=True)
while True:
    time.sleep(1000)
"""


class Server:
    """A platform: counts what it is sent."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.got, self.ended = self.listener.getsockname()[1], b"", False
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._take, args=(connection,), daemon=True).start()

    def _take(self, connection):
        try:
            while data := connection.recv(65536):
                self.got += data
        except OSError:
            pass
        self.ended = True


def idle(machine):
    layer = machine.layer("running")
    threads = len(os.listdir(f"/proc/{layer.process.pid}/task"))
    check("open: idle, one thread", (layer.state(), threads) == ("idle", 1))
    check("an empty plan keeps it so", layer.apply() == "ok" and layer.state() == "idle")
    check("and it never wakes up by itself", rests(layer.process.pid, 0.7))
    check("no group, no mark, no process", not ours(machine) and marks() == 0 and fences() == [])
    check("close ends well", layer.close() == 0)


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
    layer = machine.layer("running")
    check("apply", layer.apply(machine.plan(EXEMPT)) == "ok" and layer.becomes("verified"))
    for name, process in running.items():
        check(f"frozen: {name}", wait_for(lambda p=process: is_frozen(machine, p.pid)), group_of(process.pid))
    for name, process in left.items():
        check(f"left alone: {name}", group_of(process.pid) == before[name])
    pid = running["draft"].pid
    as_user(NOBODY, ["kill", "-CONT", str(pid)])
    check("its user cannot thaw it", not takes_out(machine, pid, machine.home) and is_frozen(machine, pid))
    group_says(f"{machine.home}/holdfast-frozen", "cgroup.freeze", "0")
    saw = layer.probe()
    check("thawed by somebody: put right and said so", saw["tampered"] and "thawed" in saw["text"], saw)
    check("and frozen again", wait_for(lambda: is_frozen(machine, pid)) and layer.becomes("verified"))
    end(running.pop("native"))
    check("one that was ended while frozen hinders nothing", layer.becomes("verified"))
    check("D9.1 opened for one user, shut for others", layer.apply(block([machine.native], open_for=[NOBODY])) == "ok")
    check("what is not listed any more runs on", wait_for(lambda: group_of(pid) == before["draft"]))
    check("apply again", layer.apply(machine.plan(EXEMPT)) == "ok" and wait_for(lambda: is_frozen(machine, pid)))
    layer.kill()
    layer = machine.layer("running")
    check("after SIGKILL it is still frozen, and the new agent says so", is_frozen(machine, pid) and
          layer.state() == "armed")
    check("release by the new agent", layer.apply() == "ok" and layer.becomes("idle"))
    for name, process in running.items():
        check(f"D9.3 back where it was: {name}", group_of(process.pid) == before[name], group_of(process.pid))
    check("D9.3 the draft is whole", types(running["draft"], "Use the A5190.\n") == "37")
    check("no control group is left", not ours(machine))
    layer.close()
    for process in (*running.values(), *left.values()):
        end(process)


def group_says(group, file, text):
    with open(f"{group}/{file}", "w", encoding="ascii") as out:
        out.write(text)


def takes_out(machine, pid, group):
    """Its user tries to thaw a frozen process, and to move it into a group of theirs: did one succeed?"""
    frozen = machine.group[:machine.group.rindex("/")] + group_of(pid)
    tries = (f"echo 0 > {frozen}/cgroup.freeze", f"echo 0 > {os.path.dirname(frozen)}/cgroup.freeze", f"echo {pid} > {group}/cgroup.procs")
    return [words for words in tries if as_user(NOBODY, ["sh", "-c", words])[0] == 0]


def ours(machine):
    """What the layer has made in this machine's control groups."""
    return [f"{root}/{name}" for root, names, _ in os.walk(machine.group) for name in names if "holdfast" in name]


def stays_in_its_unit(machine):
    """D9.2: what only root may change stays where systemd knows it, whoever comes beside it, and whatever is thawed around it."""
    draft = machine.start([machine.link])
    check("a draft is being written", types(draft, "12\n") == "3")
    home = group_of(draft.pid)
    layer = machine.layer("running")
    check("apply", layer.apply(machine.plan()) == "ok" and layer.becomes("verified"))
    check("frozen inside the group that it came from", is_frozen(machine, draft.pid) and group_of(draft.pid) == f"{home}/holdfast-frozen", group_of(draft.pid))
    check("which holds a program as before", "populated 1" in read(f"{machine.home}/cgroup.events"))
    other = machine.start([machine.other, "1000"])
    check("who comes beside it runs", layer.becomes("verified") and group_of(other.pid) == home and "frozen 0" in read(f"{machine.home}/cgroup.events"))
    late = machine.start([machine.native, "1000"])
    check("but one that is listed", layer.probe() and wait_for(lambda: is_frozen(machine, late.pid)))
    group_says(machine.home, "cgroup.freeze", "0")
    check("attack: thawed around it, as systemd does before it stops a unit: it stands still", is_frozen(machine, draft.pid))
    layer.kill()
    layer = machine.layer("running")
    check("D9.3 after SIGKILL it is put back", layer.apply() == "ok" and layer.becomes("idle") and group_of(draft.pid) == home and types(draft, "3\n") == "5")
    check("and nothing is left", not ours(machine), ours(machine))
    layer.apply(machine.plan())
    check("frozen again", wait_for(lambda: is_frozen(machine, draft.pid)))
    group_says(machine.home, "cgroup.kill", "1")
    check("who ends the unit ends it", draft.wait(ENOUGH) == -signal.SIGKILL and late.wait(ENOUGH) and other.wait(ENOUGH) and layer.becomes("verified"))
    check("release", layer.apply() == "ok" and layer.becomes("idle") and not ours(machine), ours(machine))
    layer.close()


def places(group):
    """Those who keep the places of others in this group: (process, user)."""
    found = [int(line) for line in read(f"{group}/cgroup.procs").split()]
    return [(pid, os.stat(f"/proc/{pid}").st_uid) for pid in found if read(f"/proc/{pid}/comm").strip() == "holdfast-place"]


def user_manager(machine):
    """What systemd hands to a user's own service manager: a group that is theirs, and a unit in it."""
    manager = f"{machine.group}/user@{NOBODY}.service"
    scope = f"{manager}/app-tooter.scope"
    os.makedirs(scope)
    for path in (manager, f"{manager}/cgroup.procs", scope, f"{scope}/cgroup.procs", f"{scope}/cgroup.freeze"):
        os.chown(path, NOBODY, NOBODY)
    return scope


def handed_to_its_user(machine):
    """attack: whoever owns a control group thaws it, or moves a program out of a frozen one in it; and D9.3: their service manager knows it."""
    scope = user_manager(machine)
    draft = machine.start([machine.link], group=scope)
    own = group_of(draft.pid)
    group_says(scope, "cgroup.freeze", "1")
    check("its user thaws a group of theirs", takes_out(machine, draft.pid, scope))
    check("a draft is being written", types(draft, "12\n") == "3")
    layer = machine.layer("running")
    check("apply", layer.apply(machine.plan()) == "ok" and layer.becomes("verified"))
    check("frozen where its user may not touch it", is_frozen(machine, draft.pid) and "/holdfast-frozen.slice/" in group_of(draft.pid), group_of(draft.pid))
    check("attack: its user cannot thaw it, or take it out", not takes_out(machine, draft.pid, scope) and is_frozen(machine, draft.pid))
    check("their service manager sees somebody of theirs in its place", wait_for(lambda: [uid for _, uid in places(scope)] == [NOBODY]), read(f"{scope}/cgroup.procs"))
    second = machine.start([machine.native, "1000"], group=scope)
    check("one that is born into it later", layer.probe() and wait_for(lambda: is_frozen(machine, second.pid)) and len(places(scope)) == 1)
    layer.kill()
    layer = machine.layer("running")
    check("after SIGKILL its place is kept", len(places(scope)) == 1 and is_frozen(machine, draft.pid))
    check("D9.3 it is put back, and nobody keeps its place", layer.apply() == "ok" and layer.becomes("idle") and group_of(draft.pid) == own and
          types(draft, "3\n") == "5" and wait_for(lambda: not places(scope)) and not ours(machine), (ours(machine), read(f"{scope}/cgroup.procs")))
    layer.apply(machine.plan())
    check("frozen again", wait_for(lambda: is_frozen(machine, draft.pid) and places(scope)))
    keeper = places(scope)[0][0]
    check("attack: it gives its user nothing of the agent's", as_user(NOBODY, ["cat", f"/proc/{keeper}/environ"])[0] != 0 and
          not [fd for fd in os.listdir(f"/proc/{keeper}/fd") if int(fd) > 3] and "CapEff:\t0000000000000000" in read(f"/proc/{keeper}/status"))
    as_user(NOBODY, ["kill", str(keeper)])
    check("who stops the unit ends what is frozen of it, and nobody looks", draft.wait(ENOUGH) == -signal.SIGKILL and second.wait(ENOUGH) == -signal.SIGKILL)
    check("and its group is gone", layer.becomes("verified") and wait_for(lambda: not ours(machine)), ours(machine))
    stopped_between_lives(machine, scope, layer)
    shutil.rmtree(os.path.dirname(scope), ignore_errors=True)
    remove_group(os.path.dirname(scope))


def stopped_between_lives(machine, scope, layer):
    """Its unit is stopped, and removed, while no agent runs; and a unit of several programs of which one was frozen."""
    draft = machine.start([machine.link], group=scope)
    check("another is frozen", layer.probe() and wait_for(lambda: is_frozen(machine, draft.pid) and places(scope)))
    layer.kill()
    os.kill(places(scope)[0][0], signal.SIGKILL)
    check("its unit is gone", wait_for(lambda: remove_group(scope)))
    layer = machine.layer("running")
    layer.apply(machine.plan())
    check("the next agent ends it", draft.wait(ENOUGH) == -signal.SIGKILL and layer.becomes("verified") and wait_for(lambda: not ours(machine)))
    scope = user_manager(machine) if not os.path.exists(os.path.dirname(scope)) else remade(scope)
    draft, other = machine.start([machine.link], group=scope), machine.start([machine.other, "1000"], group=scope)
    check("one of two is frozen", layer.probe() and wait_for(lambda: is_frozen(machine, draft.pid) and places(scope)) and group_of(other.pid).endswith(".scope"))
    as_user(NOBODY, ["kill", str(places(scope)[0][0])])
    check("whoever ends who keeps its place ends nothing else", layer.becomes("verified") and draft.poll() is None and is_frozen(machine, draft.pid))
    check("D9.3 and it is put back", layer.apply() == "ok" and layer.becomes("idle") and types(draft, "1\n") == "2" and group_of(draft.pid).endswith(".scope"))
    layer.close()
    end(draft)
    end(other)


def remade(scope):
    os.mkdir(scope)
    for path in (scope, f"{scope}/cgroup.procs"):
        os.chown(path, NOBODY, NOBODY)
    return scope


def of_the_version_before(machine):
    """An upgrade under a lock: what that one froze, in its own groups, is held and put back."""
    draft = machine.start([machine.link])
    home, old = group_of(draft.pid), f"{machine.group}/holdfast/frozen-1"
    os.makedirs(old)
    os.setxattr(old, "trusted.holdfast.origin", machine.home.encode())
    group_says(old, "cgroup.freeze", "1")
    group_says(old, "cgroup.procs", str(draft.pid))
    layer = machine.layer("running")
    check("the version before left one frozen", layer.state() == "armed", layer.probe())
    check("it is held", layer.apply(machine.plan()) == "ok" and layer.becomes("verified") and group_of(draft.pid).endswith("/holdfast/frozen-1"))
    check("D9.3 and put back", layer.apply() == "ok" and layer.becomes("idle") and group_of(draft.pid) == home and types(draft, "12\n") == "3" and not ours(machine))
    layer.close()
    end(draft)


def upgraded(machine):
    """D9.2: what runs of a file that was replaced stands still too."""
    running = machine.start([machine.native, "1000"])
    layer = machine.layer("running")
    layer.apply(machine.plan())
    check("frozen before the upgrade", layer.becomes("verified") and is_frozen(machine, running.pid))
    shutil.copy("/bin/sleep", f"{machine.native}.new")
    os.rename(f"{machine.native}.new", machine.native)
    check("what runs of the old file stays frozen", layer.becomes("verified") and is_frozen(machine, running.pid))
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    check("the old file's process runs on", group_of(running.pid).endswith("/home"))
    end(running)
    old = machine.start([machine.native, "1000"])
    shutil.copy("/bin/sleep", f"{machine.native}.new")
    os.rename(f"{machine.native}.new", machine.native)
    layer.apply(machine.plan())
    check("upgraded before the lockdown: what runs of the old file is frozen", wait_for(lambda: is_frozen(machine, old.pid)))
    check("release again", layer.apply() == "ok" and layer.becomes("idle"))
    os.unlink(machine.native)
    layer.apply(machine.plan())
    check("removed before the lockdown: what runs of it is frozen", wait_for(lambda: is_frozen(machine, old.pid)),
          group_of(old.pid))
    check("release once more", layer.apply() == "ok" and layer.becomes("idle") and group_of(old.pid).endswith("/home"))
    shutil.copy("/bin/sleep", machine.native)
    end(old)
    layer.close()


def looked_at_once(machine):
    """D9.2: in whom nothing listed was found is not searched again, until it is told what it opened."""
    waits = machine.start(["/bin/sh", "-c", f'read x; exec {machine.native} 1000'])
    layer = machine.layer("running")
    check("nothing listed runs", layer.apply(machine.plan()) == "ok" and layer.becomes("verified") and not is_frozen(machine, waits.pid))
    waits.stdin.write("go\n")
    waits.stdin.flush()
    check("one that starts it later, in the same process, is found", wait_for(lambda: layer.probe() and is_frozen(machine, waits.pid)))
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    end(waits)
    layer.close()


def roundabout(machine):
    """D9.2: started before the raise by the loader, as a module, by a link into a package folder."""
    package = f"{machine.folder}/lib/tooty"
    os.makedirs(package)
    Machine.write(f"{package}/__init__.py", "")
    Machine.write(f"{package}/__main__.py", "import sys\nfor line in sys.stdin:\n  print(len(line), flush=True)\n")
    shutil.copy("/bin/sleep", f"{package}/helper")
    path = ["/usr/bin/env", f"PYTHONPATH={machine.folder}/lib", "/usr/bin/python3"]
    started = {
        "by the loader": machine.start(["/lib64/ld-linux-x86-64.so.2", machine.native, "1000"]),
        "as a module": machine.start([*path, "-m", "tooty"]),
        "as a module, in one word": machine.start([*path, "-umtooty"]),
        "a program of the package": machine.start([f"{package}/helper", "1000"]),
    }
    other = machine.start([*path, "-c", "input()"])
    check("it runs", types(started["as a module"], "12345\n") == "6" and types(started["as a module, in one word"], "1\n") == "2")
    layer = machine.layer("running")
    layer.apply(block([machine.native, package], open_for=[EXEMPT]))
    check("verified", layer.becomes("verified"), layer.probe())
    for name, process in started.items():
        check(f"frozen: {name}", wait_for(lambda p=process: is_frozen(machine, p.pid)), read(f"/proc/{process.pid}/cmdline"))
    check("left alone: another Python", group_of(other.pid).endswith("/home"))
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    check("D9.3 it goes on where it was", types(started["as a module"], "123\n") == "4")
    layer.close()
    for process in (*started.values(), other):
        end(process)


CHAIN = """#!/usr/bin/python3 -I
import os, time
while True:
    if os.fork():
        os._exit(0)
    time.sleep(0.002)
"""


def chain(machine):
    """attack: a program that is never the same process for long."""
    script = f"{machine.bin}/chain"
    Machine.write(script, CHAIN)
    first = machine.start([script])
    first.wait(ENOUGH)

    def links():
        return [pid for pid, words in processes() if script in words]
    layer = machine.layer("running")
    layer.apply(block([script]))
    check("verified", layer.becomes("verified"), layer.probe())
    now = wait_for(links)
    check("it stands still", now and wait_for(lambda: all(is_frozen(machine, pid) for pid in now)) and links() == now, now)
    for pid in links():
        os.kill(pid, signal.SIGKILL)
    said = layer.apply()
    check("release", said == "ok" and layer.becomes("idle"), (said, layer.probe()))
    layer.close()


def connections(machine):
    """A thawed client sends its queued post (tests/FACTS.md "The device"). D9.2: it must not."""
    client = f"{machine.bin}/client"
    Machine.write(client, CLIENT)
    server, other = Server(), Server()
    posting = machine.start([client, str(server.port)])
    exempt = machine.start([client, str(other.port)], EXEMPT)
    check("both are connected", (posting.stdout.readline(), exempt.stdout.readline()) == ("connected\n", "connected\n"))
    check("and heard", wait_for(lambda: (server.got, other.got) == (b"hello ", b"hello ")))
    layer = machine.layer("running")
    check("apply", layer.apply(block([client], open_for=[EXEMPT])) == "ok" and layer.becomes("verified"), layer.probe())
    check("frozen", is_frozen(machine, posting.pid))
    posting.stdin.write("the queued post\n")
    posting.stdin.flush()
    check("D9.2 its connection is ended at the raise", wait_for(lambda: server.ended))
    check("D9.1 the exempt user's is not", types(exempt, "a warning to the public\n") == "sent" and
          wait_for(lambda: b"warning" in other.got) and not other.ended)
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    check("D9.3 the text is still there, and was not sent", posting.stdout.readline() == "kept the queued post\n")
    check("D9.2 the server got nothing of it", server.got == b"hello ", server.got)
    layer.close()
    end(posting)
    end(exempt)
    for one in (server, other):
        one.listener.close()


FAR_SERVER = """
import socket, sys, threading
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
connection, _ = listener.accept()
try:
    while data := connection.recv(65536):
        print("got", data.decode().strip(), flush=True)
except OSError:
    pass
print("ended", flush=True)
"""


def elsewhere(machine):
    """attack: a network namespace of one's own, whose connections the kernel ends for nobody outside it."""
    client = f"{machine.bin}/client"
    server = subprocess.Popen(["unshare", "--net", "sh", "-c", 'ip link set lo up && exec /usr/bin/python3 -c "$0"', FAR_SERVER],
                              stdout=subprocess.PIPE, text=True)
    port = server.stdout.readline().strip()
    inside = ["nsenter", f"--net=/proc/{server.pid}/ns/net", "setpriv", f"--reuid={NOBODY}", "--clear-groups"]
    posting = machine.start([*inside, client, port], 0)
    check("it is connected", posting.stdout.readline() == "connected\n" and server.stdout.readline() == "got hello\n")
    layer = machine.layer("running")
    check("apply", layer.apply(block([client])) == "ok" and layer.becomes("verified"), layer.probe())
    check("frozen, and its connection is ended", is_frozen(machine, posting.pid) and server.stdout.readline() == "ended\n")
    posting.stdin.write("the queued post\n")
    posting.stdin.flush()
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    check("D9.3 the text is still there, and was not sent", posting.stdout.readline() == "kept the queued post\n")
    layer.close()
    end(posting)
    server.wait(ENOUGH)


def powerless(machine):
    """Where connections cannot be ended that is said, and an all-clear thaws all the same (D9.3: never locked for ever)."""
    client, server = f"{machine.bin}/client", Server()
    posting = machine.start([client, str(server.port)])
    check("it is connected", posting.stdout.readline() == "connected\n" and wait_for(lambda: server.got == b"hello "))
    layer = machine.layer("running", by=("setpriv", "--bounding-set=-net_admin"))
    check("apply", layer.apply(block([client])) == "ok" and wait_for(lambda: is_frozen(machine, posting.pid)))
    saw = layer.probe()
    check("frozen, and it says what it could not do", wait_for(lambda: "not all connections" in layer.probe()["text"]) and
          layer.state() == "armed", saw)
    check("release", layer.apply() == "ok" and layer.becomes("idle") and types(posting, "x\n") == "sent")
    layer.close()
    end(posting)
    server.listener.close()


def unseeing(machine):
    """D9.2: who may not look into programs, or send them signals, does not call them held, nor let go of those that are."""
    running = machine.start([machine.native, "1000"])
    layer = machine.layer("running", by=("setpriv", "--bounding-set=-sys_ptrace"))
    layer.apply(machine.plan())
    saw = layer.probe()
    check("without CAP_SYS_PTRACE: failed, and why", saw["state"] == "failed" and "CAP_SYS_PTRACE" in saw["text"] and not is_frozen(machine, running.pid), saw)
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    layer.close()
    layer = machine.layer("running", by=("setpriv", "--bounding-set=-kill"))
    check("without CAP_KILL it is frozen all the same", layer.apply(machine.plan()) == "ok" and layer.becomes("verified") and is_frozen(machine, running.pid),
          layer.probe())
    layer.kill()
    layer = machine.layer("running", by=("setpriv", "--bounding-set=-sys_ptrace"))
    layer.apply(machine.plan())
    check("a next life that may not look leaves it frozen", layer.state() == "failed" and is_frozen(machine, running.pid), layer.probe())
    check("D9.3 released by it", layer.apply() == "ok" and layer.becomes("idle") and not is_frozen(machine, running.pid))
    layer.close()
    end(running)


def next_life(machine, layer, seconds, *programs):
    """The agent is started again, with another countdown; a new life counts anew."""
    layer.kill()
    layer = machine.layer("running", NO_GROUP, HF_TEST_COUNTDOWN_S=seconds)
    layer.apply(block(programs))
    return layer


def countdown(machine):
    """D9.2 where nothing can be frozen; D9.3: what was written can be saved before."""
    saver, client, draft = f"{machine.bin}/saver", f"{machine.bin}/client", f"{machine.folder}/draft"
    Machine.write(saver, SAVER)
    os.mkdir(draft)
    os.chown(draft, NOBODY, NOBODY)
    server = Server()
    saving = machine.start([saver, f"{draft}/text"])
    deaf = machine.start([client, str(server.port)])
    root = machine.start([saver, "/none"], 0)
    check("they run", (saving.stdout.readline(), deaf.stdout.readline(), root.stdout.readline()) ==
          ("ready\n", "connected\n", "ready\n") and wait_for(lambda: server.got == b"hello "))
    layer = machine.layer("running", NO_GROUP, HF_TEST_COUNTDOWN_S=str(LONG_S))
    check("apply", layer.apply(block([saver, client])) == "ok")
    check("their user is told how long is left", wait_for(lambda: len(layer.endings) >= 2) and
          sorted(layer.endings[:2]) == sorted([(NOBODY, saver, saving.pid, LONG_S), (NOBODY, client, deaf.pid, LONG_S)]), layer.endings)
    check("not yet ended: the layer says so", layer.state() == "armed" and saving.poll() is None, layer.probe())
    check("its connections are ended at once", wait_for(lambda: server.ended))
    check("so nothing goes out meanwhile", types(deaf, "a post\n") == "kept a post" and server.got == b"hello ", server.got)
    layer = next_life(machine, layer, "1", saver, client)
    check("it is asked to end, and saves", wait_for(lambda: saving.poll() is not None) and read(f"{draft}/text") == "a draft")
    check("that is said", wait_for(lambda: (NOBODY, saver, saving.pid, 0) in layer.endings), layer.endings)
    check("then the layer says that it holds", layer.becomes("verified") and deaf.wait(ENOUGH) == -signal.SIGTERM)
    check("root's is left alone", root.poll() is None)
    layer = next_life(machine, layer, str(LONG_S), saver, client)
    again = machine.start([saver, f"{draft}/text"])
    again.stdout.readline()
    check("one that comes later is counted down too", layer.state() == "armed" and
          wait_for(lambda: layer.endings and layer.endings[-1][2] == again.pid))
    check("released in time: it runs on", layer.apply() == "ok" and layer.becomes("idle"))
    layer.close()
    check("D9.3 and is not ended later", again.poll() is None)
    server.listener.close()
    for process in (again, root):
        end(process)


def body(folder, group):
    machine = Machine(folder, group)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for part in (idle, freezing, stays_in_its_unit, handed_to_its_user, of_the_version_before, upgraded, looked_at_once, roundabout, chain, connections, elsewhere, powerless, unseeing, countdown):
        part(machine)


if __name__ == "__main__":
    sys.exit(run_inside(body))
