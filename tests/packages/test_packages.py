#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Debian packages: built twice, installed into a machine that a real systemd has started, upgraded and removed there.

Installing enforces nothing; a council is served and a laptop protected by the units as they are shipped; an upgrade under a
lock opens nothing, and nobody removes the agent before the all-clear (policy D9.2). That machine is a Debian of its own, on
a throw-away copy of this one.
"""
import concurrent.futures
import filecmp
import glob
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))
import guide  # noqa: E402  (its folder has just been named)
import root  # noqa: E402
import sandboxed  # noqa: E402
from common import ENOUGH, check, closing, results, skip, wait_for  # noqa: E402
from council_help import BUILD, SOURCE  # noqa: E402

PACKAGES = ("holdfast-agent", "holdfast-controller", "holdfast-desk", "holdfast-officer")
UNITS = {"holdfast-controller": 1.2, "holdfast-notify": 1.2, "holdfast-link": 1.2, "holdfast-agent": 2.4}  # and the exposure that each may have
HELPERS = {"holdfast-fence": 1.5, "holdfast-names": 1.5}  # which the agent has started when it needs them, and which go on without it
HANDS = {"holdfast-hands": 3.0}
DOOR = {"holdfast-joind": 1.2, "holdfast-join": 1.2}  # which run where a council opens it, and until a device is taken in
SOCKETS = [f"{unit}.socket" for unit in HELPERS | HANDS]
WATCHED = {**dict.fromkeys(UNITS, "5min"), **dict.fromkeys(HELPERS, "1min")}
TRIES = 24
PASSPHRASE = guide.PASSPHRASE
GUIDE = f"{SOURCE}/deploy/guide/it.md"
MOST = {"server": 12, "laptop": 3}  # commands of the guide
DESK = "/srv"  # where whoever follows it stands; out/ with the packages is there
COUNCIL, CEREMONY = "/etc/holdfast/council", "/etc/holdfast/ceremony"
TOOL = "/usr/bin/toot"  # of the catalogue
ROOMS = ("/etc", "/var", "/run", "/usr", "/opt")
# What the machine's own programs write as they go, what the test itself puts there, and the records of the server.
OTHERS = " -o ".join(f"-path {path}" for path in (
    "/var/lib/dpkg", "/var/log", "/var/cache", "/var/tmp", "/var/lib/systemd", "/var/lib/ucf", "/var/lib/mosquitto", "/var/boot.log", "/run/systemd", "/run/log", "/run/user",
    "/run/udev", "/run/lock", "/run/utmp", "/run/dbus", "/run/mosquitto", "/run/nscd", "/run/initctl", "/etc/mosquitto", "/etc/systemd/system/mosquitto.service.d",
    "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/subuid*", "/etc/subgid*", "/etc/.pwd.lock",
    "/var/lib/holdfast", "/var/lib/holdfast-mark", "/var/lib/PackageKit", "/var/mail", "/var/spool", "/usr/lib/python3*", "/usr/share/mime", "/etc/systemd/system/*.wants")).split()
BUILD_S = 1800
# Of the Debian beside what it calls its least: what boots it, and what it is asked with; toot is a listed tool.
INCLUDE = ("systemd", "systemd-sysv", "libpam-systemd", "dbus", "dbus-user-session", "toot", "procps", "less", "nftables", "man-db")
SUITE, CACHE = "bookworm", f"{BUILD}-debian"
DEBIAN = "/srv/debian"  # where it lies on the copy
HANDED = "HF_PACKAGES"  # what was made outside, and the counts so far, for the copy


# Outside: the packages ----------------------------------------------------------------------------------------------------

def build(folder, *deeper):
    """The packages, made in a folder of this depth; their paths."""
    inside, out = os.path.join(folder, *deeper), f"{folder}/out-{len(deeper)}"
    os.makedirs(inside)
    done = subprocess.run([f"{SOURCE}/deploy/package", out], env={**os.environ, "TMPDIR": inside}, capture_output=True, text=True,
                          timeout=BUILD_S, check=False, stdin=subprocess.DEVNULL)
    check(f"the packages are built, {len(deeper)} folders deep", done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:])
    return sorted(path for path in glob.glob(f"{out}/*.deb") if "-dbgsym_" not in path)


def built(folder):
    first, second = build(folder, "a"), build(folder, "b", "deeper", "still")
    names = tuple(os.path.basename(path).split("_")[0] for path in first)
    check("they are the four", names == PACKAGES, names)
    same = [os.path.basename(one) for one, other in zip(first, second) if filecmp.cmp(one, other, shallow=False)]
    check("two builds in folders of different depth are equal to the byte", len(same) == len(first) == len(second) == 4, same)
    lint = subprocess.run(["lintian", "--allow-root", *first], capture_output=True, text=True, timeout=BUILD_S, check=False)
    check("lintian has nothing to say", lint.returncode == 0 and lint.stdout == "", lint.stdout + lint.stderr)
    listed = "".join(subprocess.run(["dpkg-deb", "--contents", path], capture_output=True, text=True, check=True).stdout for path in first)
    units = [*(f"{unit}.service" for unit in UNITS | HELPERS | HANDS | DOOR), *SOCKETS, "holdfast-join.path"]
    check("every unit is in a package", all(f"/lib/systemd/system/{unit}\n" in listed for unit in units), listed)
    return first


# Inside: a machine that systemd has started -------------------------------------------------------------------------------

class Machine:
    """The copy, with a systemd of its own."""

    def __init__(self):
        with open("/srv/boot.log", "wb") as log:
            self.boot = subprocess.Popen([f"{SOURCE}/tests/packages/boot", DEBIAN], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = wait_for(self._first) or 0
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "HOLDFAST_COUNCIL": COUNCIL,
                            "DEBIAN_FRONTEND": "noninteractive"}

    def _first(self):
        children = subprocess.run(["pgrep", "-P", str(self.boot.pid), "systemd"], capture_output=True, text=True, check=False).stdout.split()
        return int(children[0]) if children else None

    def words(self, *argv):
        return ["nsenter", "-t", str(self.pid), "-m", "-p", "-C", *argv]

    def run(self, *argv, passphrase=False, **more):
        """(exit status, output and errors) of a command there."""
        fds = []
        if passphrase:
            read_end, write_end = os.pipe()
            os.write(write_end, PASSPHRASE.encode() + b"\n")
            os.close(write_end)
            fds, argv = [read_end], (*argv, "--passphrase-fd", str(read_end))
        done = subprocess.run(self.words(*argv), env={**self.environment, **more}, capture_output=True, text=True, timeout=ENOUGH, check=False,
                              stdin=subprocess.DEVNULL, pass_fds=fds, cwd="/root")
        for fd in fds:
            os.close(fd)
        return done.returncode, done.stdout + done.stderr

    def types(self, command, login=None):
        """As somebody at a terminal, who answers what is asked: (exit status, all that was shown)."""
        words = ["su", "--pty", "-", login, "-c", command] if login else ["sh", "-c", f"cd {DESK} && {command}"]
        pid, fd = pty.fork()
        if pid == 0:
            os.execvpe("nsenter", self.words(*words), self.environment)
        shown = ""
        while select.select([fd], [], [], ENOUGH)[0]:
            try:
                shown += os.read(fd, 65536).decode(errors="replace")
            except OSError:
                break
            typed = guide.answer(shown)
            if typed is not None:
                os.write(fd, typed.encode() + b"\n")
        os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown

    def does(self, what, *argv, **more):
        code, said = self.run(*argv, **more)
        return check(what, code == 0, said)

    def state(self, unit):
        return self.run("systemctl", "is-active", unit)[1].strip()

    def boots(self):
        """Where systemd cannot be the first process of a namespace this is skipped, unless packages were asked for by name."""
        up = wait_for(self.is_up)
        if up or "HF_BOOTS" in os.environ:
            return check("a machine is up", up, self.run("systemctl", "--failed", "--no-legend"))
        skip("installing, upgrading and removing them", "systemd does not come up in namespaces here")
        return False

    def is_up(self):
        return self.run("systemctl", "is-system-running")[1].strip() in ("running", "degraded")


def traces(machine):
    """Whatever lies on that machine, but what its own programs write as they go, and the server's records, which outlive its package."""
    listed = set(machine.run("find", *ROOMS, "-xdev", "(", *OTHERS, ")", "-prune", "-o", "-printf", "%y %p\\n")[1].split("\n"))
    groups = {line for line in machine.run("find", "/sys/fs/cgroup", "-type", "d", "-iname", "*holdfast*")[1].split("\n") if line}
    users = {line for line in machine.run("getent", "passwd")[1].split("\n") if line.startswith("holdfast-link:")}
    return listed | groups | users | set(machine.run("nft", "list", "ruleset")[1].split("\n"))


def follows(machine, steps, first, login=None):
    """The next command of the guide, which begins so."""
    _, command = steps.pop(0)
    code, shown = machine.types(command, login)
    check(f"the guide's `{first} ...`", command.startswith(first) and code == 0, f"{command}: {shown[-1500:]}")
    return shown


def installs(machine):
    """What the packages bring before anybody has set anything up; the steps of the guide that are left."""
    steps = guide.commands(GUIDE)
    for whom, most in MOST.items():
        n = sum(1 for who, _ in steps if who == whom)
        check(f"the guide needs at most {most} commands on a {whom}", 0 < n <= most, steps)
    said = machine.run("sh", "-c", f"exec apt-get install --simulate {DESK}/out/*.deb mosquitto")[1]
    others = {line.split()[1] for line in said.split("\n") if line.startswith("Inst ")} - set(PACKAGES)
    machine.does("what they depend on is there before, and stays", "apt-get", "install", "-y", "--no-install-recommends", *sorted(others))
    machine.bare = traces(machine)
    before = machine.run("nft", "list", "tables")[1]
    follows(machine, steps, "apt-get install")
    laptop = next(step for step in steps if step[1].startswith("apt-get install"))
    steps.remove(laptop)
    follows(machine, [laptop], "apt-get install")
    for unit, most in (UNITS | HELPERS | HANDS | DOOR).items():
        exposed(machine, unit, most)
    for unit in UNITS:
        check(f"{unit}: is to start with the machine", machine.run("systemctl", "is-enabled", unit)[1].strip() == "enabled")
        machine.run("systemctl", "start", unit)
        check(f"{unit}: installed is not set up: it does not run", machine.state(unit) == "inactive", machine.state(unit))
    for unit in SOCKETS:
        machine.run("systemctl", "start", unit)
        check(f"{unit}: nor can it be reached", machine.state(unit) == "inactive")
    check("D9.2: installing enforces nothing", machine.run("nft", "list", "tables")[1] == before and
          machine.run("find", "/etc", "-newer", "/var/boot.log", "-path", "*polic*")[1] == "")
    code, said = machine.run("holdfast-agent", "removable")
    check("and nothing keeps the agent there", code == 0 and "may be removed" in said, said)
    return steps


def exposed(machine, unit, most):
    """What systemd has to say of a unit."""
    path = f"/lib/systemd/system/{unit}.service"
    code, said = machine.run("systemd-analyze", "verify", path, *([path.replace(".service", ".socket")] if f"{unit}.socket" in SOCKETS else []))
    check(f"{unit}: systemd has nothing to say of it", code == 0 and said == "", said)
    said = machine.run("systemd-analyze", "security", "--offline=true", "--no-pager", path)[1].strip().split("\n")[-1]
    check(f"{unit}: its exposure is at most {most}", float(said.split(":")[1].split()[0]) <= most, said)


def doctor_finds(machine, program):
    """What it finds, but for what this machine has not: a clock that somebody keeps, and as many files as a broker is meant to have."""
    said = machine.run(program, "doctor", "--json")[1]
    return {one["what"] for one in json.loads(said)["findings"]} - {"clock", "broker-files"} if said.startswith("{") else said


def serves(machine, steps):
    """The server, by the guide alone."""
    machine.does("the server has a name", "sh", "-c", "echo '127.0.0.1 holdfast.council.test' >>/etc/hosts")
    follows(machine, steps, "install -D")
    shown = follows(machine, steps, "holdfast setup")
    check("it says the next three steps", "The next three steps:" in shown and PASSPHRASE not in shown, shown)
    check("the broker and the controller run", [machine.state(unit) for unit in ("mosquitto", "holdfast-controller")] == ["active"] * 2)
    follows(machine, steps, "holdfast key passphrase", login="anna")
    tells(machine)
    shown = follows(machine, steps, "holdfast status", login="anna")
    check("the officer sees that nothing is on", "posting is as usual" in shown, shown)
    code, said = machine.types("holdfast setup")
    check("a second time it leaves a running server alone", code == 0 and "next three steps" in said and "/etc" not in said.split("What `holdfast doctor`")[0], said)
    found = doctor_finds(machine, "holdfast")
    check("its doctor finds what the guide says is left to do, and nothing else", found == {"left-here", "backup"}, (found, machine.run("holdfast", "doctor")))


def tells(machine):
    """holdfast-notify has a user of its own, and the controller knows it by that; no mail server is here."""
    machine.does("e-mail is set up", "sh", "-c", "install -m 640 -g holdfast-notify /usr/share/holdfast/notify.conf /etc/holdfast/notify.conf && "
                 "sed -i 's/^# notify.user/notify.user/' /etc/holdfast/controller.conf && printf '*list,,,all@example.org,\\n' >/var/lib/holdfast/people.csv && "
                 "chown holdfast /var/lib/holdfast/people.csv && chmod 600 /var/lib/holdfast/people.csv && "
                 "sed -i 's/mail.example.org/localhost/' /etc/holdfast/notify.conf && systemctl restart holdfast-controller holdfast-notify")
    check("the controller hands messages to it, and to nobody else", wait_for(lambda: channels(machine).get("mail") == "up"),
          (channels(machine), machine.run("journalctl", "-u", "holdfast-notify", "--no-pager")[1][-800:]))
    code, said = machine.run("setpriv", "--reuid=holdfast-notify", "--regid=holdfast-notify", "--clear-groups", "sh", "-c",
                             "cat /etc/holdfast/controller/key.pem /var/lib/holdfast/journal.db /var/lib/holdfast/people.csv")
    check("it can read neither key, journal nor people file", code != 0 and said.count("Permission denied") == 3, said)


def channels(machine):
    """The state of each, by its name."""
    said = machine.run("holdfast", "notify", "outbox", "--json")[1]
    return {row["channel"]: row["state"] for row in json.loads(said)["channels"]} if said.startswith("{") else {}


def takes_in(machine, steps):
    """The laptop, on the same machine, by the guide alone."""
    machine.does("a person logs in there", "useradd", "-m", "ben")
    follows(machine, steps, "holdfast-agent request")
    shown = follows(machine, steps, "holdfast device add")
    check("the digest of the trust is shown on both sides", "Compare there the digest" in shown, shown)
    shown = follows(machine, steps, "holdfast-agent enrol")
    check("enrol ends with the doctor", "What `holdfast-agent doctor` finds now:" in shown, shown)
    check("it starts by itself", wait_for(lambda: machine.state("holdfast-agent") == machine.state("holdfast-link") == "active"),
          machine.run("journalctl", "-u", "holdfast-agent.path", "--no-pager")[1][-800:])
    check("the council hears it", wait_for(lambda: "received" in machine.run("holdfast", "devices")[1]), machine.run("journalctl", "-u", "holdfast-agent")[1][-800:])
    found = doctor_finds(machine, "holdfast-agent")
    check("its doctor finds nothing", found == set(), (found, machine.run("holdfast-agent", "doctor")))
    shown = follows(machine, steps, "holdfast devices")
    check("and the guide is at its end", not steps and "lap-0042" in shown, steps)
    log = machine.run("journalctl", "-u", "holdfast-agent", "-u", "holdfast-link", "-u", "holdfast-controller", "-p", "err", "--no-pager", "-q")[1]
    check("no service has an error to report", log == "", log)
    unknown(machine)


def unknown(machine):
    """Enrolled, and nobody answers."""
    machine.run("systemctl", "stop", "holdfast-agent")
    code, said = machine.run("holdfast-agent", "removable")
    check("whether something is shut cannot be known then", code == 1 and "cannot be known" in said, said)
    machine.does("the agent starts", "systemctl", "start", "holdfast-agent", "holdfast-link")


def starts(machine):
    """Does the listed program start for the person?"""
    return machine.run("setpriv", "--reuid=ben", "--regid=ben", "--clear-groups", TOOL, "--help")[0] == 0


def refused(machine):
    return not starts(machine)


def officer(machine, *words, who):
    return machine.run("holdfast", *words, "--key", f"{CEREMONY}/people/{who}.pem", "--yes", passphrase=True)


class Tool:
    """A listed program that runs as a unit of systemd, of the machine's or of a person's own service manager, and waits for somebody to type."""

    def __init__(self, machine, unit, *words, manager=()):
        self.machine, self.unit, self.manager = machine, unit, manager
        script = f"echo $$ >{self.file('pid')}\nexec python3 -iu {TOOL} <>{self.file('typed')} >{self.file('shown')} 2>&1\n"
        with open(f"{DEBIAN}{self.file('run')}", "w", encoding="ascii") as file:
            file.write(script)
        machine.does(f"{unit}: a way to type into it", "sh", "-c", f"mkfifo {self.file('typed')} && touch {self.file('shown')} {self.file('pid')} && chown ben /srv/{unit}.*")
        self.started = subprocess.Popen(machine.words(*manager, "systemd-run", *words, f"--unit={unit}", "sh", self.file("run")),
                                        env=machine.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        check(f"{unit}: it runs", wait_for(lambda: self.answers("6 * 7", "42")), machine.run("cat", self.file("shown")))
        self.pid = machine.run("cat", self.file("pid"))[1].strip()
        self.was = self.group()

    def file(self, what):
        return f"/srv/{self.unit}.{what}"

    def answers(self, typed, shown):
        self.machine.run("sh", "-c", f"echo 'print({typed})' >{self.file('typed')}")
        return wait_for(lambda: shown in self.machine.run("cat", self.file("shown"))[1], 3)

    def group(self):
        return self.machine.run("cat", f"/proc/{self.pid}/cgroup")[1].strip().split("::")[-1]

    def is_frozen(self):
        return "frozen 1" in self.machine.run("cat", f"/sys/fs/cgroup{self.group()}/cgroup.events")[1]

    def is_there(self):
        return self.machine.run("kill", "-0", self.pid)[0] == 0

    def systemd(self, *words):
        return self.machine.run(*self.manager, "systemctl", *(["--user"] if self.manager else []), *words, self.unit)[1].strip()

    def is_held(self):
        return self.is_frozen() and self.systemd("is-active") == "active"


def tools(machine):
    """Two as units of the machine's systemd, two as scopes of the person's own."""
    uid = machine.run("id", "-u", "ben")[1].strip()
    machine.does("the person's own service manager runs", "systemctl", "start", f"user@{uid}.service")
    own = ("setpriv", "--reuid=ben", "--regid=ben", "--init-groups", "env", f"XDG_RUNTIME_DIR=/run/user/{uid}")
    system = ("--uid=ben", "--property=TimeoutStopSec=2s")
    return [Tool(machine, "tool-unit.service", *system), Tool(machine, "tool-stopped.service", *system),
            Tool(machine, "app-tool.scope", "--user", "--scope", manager=own), Tool(machine, "app-stopped.scope", "--user", "--scope", manager=own)]


def frozen_are_systemds(machine):
    """Each is frozen and still its unit's, which can be stopped."""
    for tool in machine.tools:
        check(f"D9.2: {tool.unit} stands still, and is active for systemd", wait_for(tool.is_held), (tool.group(), tool.systemd("status")))
    for tool in (machine.tools.pop(3), machine.tools.pop(1)):
        tool.systemd("stop")
        check(f"{tool.unit}: stopped while frozen it ends, and so does its unit", wait_for(lambda t=tool: not t.is_there() and t.systemd("is-active") == "inactive"),
              (tool.group(), tool.systemd("status")))


def run_on(machine):
    for tool in machine.tools:
        check(f"D9.3: {tool.unit} runs on where it was, and is active", wait_for(lambda t=tool: t.group() == t.was) and tool.answers("7 * 6 * 10", "420") and
              tool.systemd("is-active") == "active", (tool.group(), tool.was))
        tool.systemd("stop")
        check(f"{tool.unit}: and can be stopped", wait_for(lambda t=tool: not t.is_there()), tool.group())
    machine.run("sh", "-c", "rm /srv/*.typed /srv/*.shown /srv/*.pid /srv/*.run; systemctl stop 'user@*.service'")


def raises(machine):
    check("before, a listed program starts", starts(machine))
    machine.tools = tools(machine)
    code, said = officer(machine, "raise", "emergency", "--reason", "Trying it", who="comms-1")
    check("an emergency is raised", code == 0, said)
    check("D9.2: the device enforces it, by the units as they are shipped", wait_for(lambda: "enforced-verified" in machine.run("holdfast", "devices")[1]),
          machine.run("holdfast", "devices")[1] + machine.run("journalctl", "-u", "holdfast-agent", "--no-pager")[1][-800:])
    frozen_are_systemds(machine)
    code, said = machine.run("holdfast-agent", "removable")
    check("D9.2: the agent may not be removed now", code == 1 and "until its all-clear the agent stays" in said, said)


def stays(machine, packages):
    """Killed, upgraded, and nearly removed."""
    pid = machine.run("systemctl", "show", "-P", "MainPID", "holdfast-agent")[1].strip()
    machine.run("kill", "-KILL", pid)
    check("killed: the block holds", "holdfast" in machine.run("nft", "list", "tables")[1])
    check("and it comes back by itself", wait_for(lambda: machine.state("holdfast-agent") == "active" and
                                                  machine.run("systemctl", "show", "-P", "MainPID", "holdfast-agent")[1].strip() not in (pid, "0")))
    for how in ("--remove", "--purge"):
        code, said = machine.run("dpkg", how, "holdfast-agent")
        check(f"D9.2: dpkg {how} is refused, with the reason", code != 0 and "a live lockdown holds on this device" in said, said)
    killed(machine)
    hangs(machine)
    check("and it still runs", machine.state("holdfast-agent") == "active" and machine.run("dpkg-query", "-W", "-f", "${db:Status-Status}", "holdfast-agent")[1] == "installed")
    upgraded_under_a_lock(machine, packages)


def held(machine):
    """All of it is there, looked at anew, and the officers know."""
    if machine.run("systemctl", "is-active", "holdfast-agent", *HELPERS)[1].split() != ["active"] * 3:
        return False
    code, said = machine.run("holdfast-agent", "status", "--json")
    return (code == 0 and {row["state"] for row in json.loads(said)["layers"]} == {"verified"} and
            "enforced-verified" in machine.run("holdfast", "devices")[1])


def killed(machine):
    """D9.2: whoever kills a whole unit, or all of them at once, opens nothing, and each comes back by itself."""
    before = tried(machine, 1)
    check("D9.2: a listed program and a listed host are refused, another host is not", before == {"opened": 0, "reached": 0, "others": True}, before)
    for units in (["holdfast-agent"], ["holdfast-fence"], ["holdfast-names"], ["holdfast-agent", *HELPERS]):
        what = " and ".join(units)
        after = tried(machine, TRIES, *units)
        check(f"D9.2: {what} killed {TRIES} times, all {TRIES} tries of a listed program and of a listed host were refused",
              (after["opened"], after["reached"]) == (0, 0), after)
        check(f"{what}: all come back, and all is held and known as before", wait_for(lambda: held(machine)),
              machine.run("holdfast", "devices")[1] + machine.run("journalctl", "-u", "holdfast-*", "-n", "30", "--no-pager")[1])
        after = tried(machine, 1)
        check(f"{what}: and other hosts can be reached", after == before, after)


def tried(machine, n, *units):
    code, said = machine.run(f"{DESK}/tries.py", str(n), *(f"{unit}.service" for unit in units))
    return json.loads(said) if code == 0 else {"said": said, "opened": n, "reached": n}


def hangs(machine):
    """A program that hangs is ended and started anew; under a lock nothing opens meanwhile. The minutes are two seconds here."""
    for unit, want in WATCHED.items():
        granted = machine.run("systemctl", "show", "-P", "WatchdogUSec", unit)[1].strip()
        check(f"{unit}: whether it hangs is watched", granted == want, granted)
        machine.does(f"{unit}: watched more closely", "sh", "-c", f"mkdir -p /run/systemd/system/{unit}.service.d && printf '[Service]\\nWatchdogSec=2\\n' "
                     f">/run/systemd/system/{unit}.service.d/test.conf && systemctl daemon-reload && systemctl restart {unit}")
    for unit in WATCHED:
        pid = machine.run("systemctl", "show", "-P", "MainPID", unit)[1].strip()
        machine.run("kill", "-STOP", pid)
        tries = []

        def is_anew(unit=unit, pid=pid, tries=tries):
            tries.append(refused(machine))
            return machine.state(unit) == "active" and machine.run("systemctl", "show", "-P", "MainPID", unit)[1].strip() not in (pid, "0")
        check(f"{unit}: hung, ended, and started anew", wait_for(is_anew), machine.run("systemctl", "status", unit, "--no-pager")[1][-800:])
        check(f"D9.2: all of {len(tries)} tries of a listed program meanwhile were refused", all(tries), tries)
    machine.run("sh", "-c", "rm -r /run/systemd/system/holdfast-*.d; systemctl daemon-reload; systemctl restart holdfast-controller holdfast-notify holdfast-agent holdfast-link")
    check("and all is held and known as before", wait_for(lambda: held(machine)), machine.run("holdfast", "devices")[1])


def upgraded_under_a_lock(machine, packages):
    before = machine.run("systemctl", "show", "-P", "MainPID", "holdfast-agent")[1]
    with open("/srv/upgrade.log", "wb") as log:
        upgrade = subprocess.Popen(machine.words("dpkg", "--install", *packages), env=machine.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    tries = []
    while upgrade.poll() is None or len(tries) < 63:
        tries.append(refused(machine))
    with open("/srv/upgrade.log", encoding="utf-8") as log:
        check("upgraded under a lock", upgrade.returncode == 0, log.read()[-800:])
    check(f"D9.2: all of {len(tries)} tries of a listed program meanwhile were refused", all(tries), tries)
    check("the new program runs", wait_for(lambda: machine.state("holdfast-agent") == "active" and
                                           machine.run("systemctl", "show", "-P", "MainPID", "holdfast-agent")[1] not in (before, "0\n")))
    check("and holds what the old one held", wait_for(lambda: "enforced-verified" in machine.run("holdfast", "devices")[1]), machine.run("holdfast", "devices")[1])


def ends(machine):
    """The all-clear of two, and then the agent may go."""
    rows = json.loads(machine.run("holdfast", "status", "--json")[1])["lockdowns"]
    code, said = officer(machine, "release", rows[0]["id"], "--reason", "It is over", "--message", "You may post again.", who="comms-1")
    check("the first officer releases it", code == 0, said)
    check("one is not enough: still refused", refused(machine) and machine.run("holdfast-agent", "removable")[0] == 1)
    drafts = json.loads(machine.run("holdfast", "drafts", "--json")[1])["drafts"]
    digest = next(draft["digest"] for draft in drafts if draft["type"] == "order")
    code, said = officer(machine, "approve", digest, who="monitoring-1")
    check("the second approves", code == 0, said)
    check("D9.3: the program starts again", wait_for(lambda: starts(machine)))
    run_on(machine)
    check("and the agent may be removed", wait_for(lambda: machine.run("holdfast-agent", "removable")[0] == 0), machine.run("holdfast-agent", "removable"))
    check("the council's server runs, to be told", machine.state("holdfast-controller") == "active")
    made = traces(machine) - machine.bare
    check("the agent has left what is there for good", len([one for one in made if "holdfast" in one and " /etc/" in one]) > 10, sorted(made))
    code, said = machine.run("dpkg", "--purge", "holdfast-agent", "holdfast-desk")
    check("the agent is purged, and the council told", code == 0 and "was told that this device is retired" in said, said)
    check("the officers read that it was", "Holdfast was removed from 1 device" in machine.run("holdfast", "status")[1], machine.run("holdfast", "status"))
    check("its link has ended too", not machine.run("pgrep", "-x", "holdfast-link")[1])
    machine.does("the other packages are purged", "dpkg", "--purge", *PACKAGES)
    check("nothing of them runs", wait_for(lambda: {machine.state(unit) for unit in (*UNITS, *HELPERS, *HANDS, *SOCKETS)} == {"inactive"}) and not machine.run("pgrep", "holdfast")[1],
          machine.run("ps", "ax")[1])
    machine.does("of the settings only the server's are left", "sh", "-c", "cd /etc/holdfast && rm -r broker ceremony controller controller.conf council notify.conf plan.json && rmdir /etc/holdfast && rm -f /etc/profile.d/holdfast.sh")
    left = traces(machine)
    check("the machine is as it was before they came", left == machine.bare, f"left: {sorted(left - machine.bare)} lost: {sorted(machine.bare - left)}")


def body():
    handed = json.loads(os.environ[HANDED])
    results.update(handed["results"])
    root.unpack(handed["debian"], DEBIAN)
    packages = [shutil.copy(path, f"{DEBIAN}{DESK}/out") for path in handed["packages"]]
    shutil.copy(f"{SOURCE}/tests/packages/tries.py", f"{DEBIAN}{DESK}")
    with open(f"{DEBIAN}/var/boot.log", "wb"), open(f"{DEBIAN}/etc/hosts", "a", encoding="ascii") as hosts:
        hosts.write("127.0.0.1 localhost\n")
    machine = Machine()
    try:
        if not machine.boots():
            return
        steps = installs(machine)
        serves(machine, steps)
        takes_in(machine, steps)
        raises(machine)
        stays(machine, [path.removeprefix(DEBIAN) for path in packages])
        ends(machine)
    finally:
        machine.boot.send_signal(signal.SIGKILL)
        machine.boot.wait(ENOUGH)


def debian_for(packages):
    """One in which all that the packages depend on lies ready to be installed: there is no network where it is booted."""
    def prepare(debian):
        os.makedirs(f"{debian}{DESK}/out")
        for path in packages:
            shutil.copy(path, f"{debian}{DESK}/out")
        root.well(root.inside(debian, "apt-get", "update"), "its packages cannot be listed")
        root.well(root.inside(debian, "sh", "-c", f"exec apt-get install -y --download-only {DESK}/out/*.deb mosquitto"), "what the packages depend on cannot be had")
        for path in packages:
            os.unlink(f"{debian}{DESK}/out/{os.path.basename(path)}")

    depends = [subprocess.run(["dpkg-deb", "--field", path, "Depends"], capture_output=True, text=True, check=True).stdout for path in packages]
    return root.tarball(CACHE, SUITE, INCLUDE, prepare, " ".join(depends))


def main():
    """What needs this machine's network is made before the copy is."""
    if sandboxed.INSIDE in os.environ:
        return sandboxed.run("packages", body)
    folder = tempfile.mkdtemp(prefix="hf-packages-", dir="/var/tmp")
    try:
        # One waits for the network, the other for the processors.
        with concurrent.futures.ThreadPoolExecutor(1) as beside:
            plain = beside.submit(root.plain, CACHE, SUITE, INCLUDE)
            packages = built(folder)
        if len(packages) != len(PACKAGES):
            return closing()
        plain.result()
        debian = debian_for(packages)
        os.environ[HANDED] = json.dumps({"packages": packages, "debian": debian, "results": results})
        return sandboxed.run("packages", body)
    except root.Skip as why:
        skip("installing, upgrading and removing them", why)
        return closing()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
