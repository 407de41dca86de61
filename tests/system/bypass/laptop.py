# SPDX-License-Identifier: MIT
"""The laptop of the bypass suite: one device with the agent as it ships, its people, and a wire to the platforms.

Runs inside deploy/demo/sandbox, so every path is the real one of a throw-away copy of the machine.
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

from enforce_help import cgroup_mount, fences
from common import ENOUGH, end_process, read, wait_for, write
from council_help import COUNCIL, DEVICE, SOURCE, contract, key
from .far_side import RAW_PORT
from test_agent import AGENT, Council, Device, FakeLink

sys.path.insert(0, f"{SOURCE}/deploy/demo")
from stage import User  # noqa: E402  (its folder has just been named)

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = "/tmp/bypass"
# Who stands where. x.com and posts.example serve nothing else; shared.example stands beside the platform of facebook.com.
HOSTS = {"203.0.113.10": ("x.com", "www.x.com", "mobile.x.com"), "2001:db8::10": ("x.com", "six.x.com"),
         "2001:db8::53": ("resolver-six.example",), **{f"2001:db8::{n}": (f"only-six-{n}.example",) for n in (25, 26, 29)},
         "203.0.113.11": ("posts.example",),
         "203.0.113.20": ("facebook.com", "www.facebook.com", "shared.example"),
         "203.0.113.21": ("graph.facebook.com",), "203.0.113.22": ("api.facebook.com",),
         "203.0.113.23": ("edge.facebook.com",), "203.0.113.24": ("rupload.facebook.com",),
         **{f"203.0.113.{n}": (f"only-{n}.example",) for n in range(25, 30)},  # what a resolver says of names, see far_side.py
         "203.0.113.30": ("www.cannockchasedc.gov.uk", "cannockchasedc.gov.uk"), **{f"203.0.113.{n}": (f"only-{n}.example",) for n in (31, 32, 33)},
         **{f"64:ff9b::203.0.113.{n}": () for n in (10, 20, 30)},  # the same sites as a network with IPv6 alone has them (RFC 6052)
         "203.0.113.40": ("social.example",), "203.0.113.53": ("resolver.example",), "203.0.113.98": ("script.example",), "203.0.113.99": ("proxy.example",)}
ACCOUNT = "x:CannockChaseDC"
PAGE_ORDERS = 40  # a page holds 64, and 48,000 bytes of them
RAISES = 60  # of one officer; one share holds 64 (HF_SHARE_RAISES_MAX), and who is beyond it shuts everything
OWNED = "/opt/poster"
POSTER, DRAFTER = f"{OWNED}/poster", f"{OWNED}/drafter"
TOOT, TOOT_PACKAGE = "/usr/bin/toot", "/usr/lib/python3/dist-packages/toot"  # as the catalogue has it
MANAGED = "/etc/chromium/policies/managed"
OTHER_POLICY, SCRIPT, SCRIPTED = "/etc/opt/chrome/policies/managed", "/etc/council.pac", "203.0.113.98"
NEAR, FAR, NEAR_SIX, FAR_SIX = "10.99.0.2", "10.99.0.1", "fd99::2", "fd99::1"


def quietly(*words):
    subprocess.run(words, check=True, capture_output=True, timeout=ENOUGH)


class Wire:
    """A second network namespace with every platform in it, behind a pair of virtual cards; and the record of its posts."""

    def __init__(self, folder):
        self.log, self.certificate, self.key = f"{folder}/posts", f"{folder}/web.crt", f"{folder}/web.key"
        write(self.log, "")
        names = sorted({name for names in HOSTS.values() for name in names})
        with open("/etc/hosts", "a", encoding="ascii") as hosts:
            for address, here in HOSTS.items():
                hosts.write(f"{address} {' '.join(here)}\n" if here else "")
            hosts.write(f"127.0.1.1 {socket.gethostname()}\n")
        write("/etc/resolv.conf", "nameserver 127.0.0.1\n")  # who asks for another name is told so at once
        quietly("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                "-out", self.certificate, "-days", "2", "-subj", "/CN=far", "-addext",
                "subjectAltName=" + ",".join(f"DNS:{n}" for n in names) + "," + ",".join(f"IP:{a}" for a in HOSTS))
        os.chmod(self.certificate, 0o644)
        self.process = subprocess.Popen(["unshare", "--net", "/usr/bin/python3", f"{HERE}/far_side.py", "site", self.log, self.certificate,
                                         self.key], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()
        self._connect(str(self.process.pid))
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def _connect(self, pid):
        quietly("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", pid)
        here, there = (), ("nsenter", "-t", pid, "-n")
        for where, card, four, six in ((here, "near", NEAR, NEAR_SIX), (there, "far", FAR, FAR_SIX)):
            quietly(*where, "ip", "addr", "add", f"{four}/24", "dev", card)
            quietly(*where, "ip", "addr", "add", f"{six}/64", "dev", card, "nodad")
            quietly(*where, "ip", "link", "set", card, "up")
        quietly(*there, "ip", "link", "set", "lo", "up")
        for address in HOSTS:
            quietly(*there, "ip", "addr", "add", address, "dev", "lo", *(("nodad",) if ":" in address else ()))
        quietly("ip", "route", "add", "default", "via", FAR)
        quietly("ip", "-6", "route", "add", "default", "via", FAR_SIX)

    def posts(self):
        """{token: [(host, when)]} of all that was ever posted."""
        found = {}
        for line in read(self.log).splitlines():
            host, token, when = line.split()
            found.setdefault(token, []).append((host, float(when)))
        return found

    def arrived(self, token):
        return token in self.posts()

    def close(self):
        end_process(self.process, signal.SIGKILL)


class Office(Council):
    """The council with these tools and people; comms-1 is exempt from every raise."""

    def __init__(self):
        super().__init__()
        tools = [self.tool("x-web", "X in a browser", ["x"], ["x.com", "posts.example"], dedicated=["x.com", "posts.example"]),
                 self.tool("facebook-web", "Facebook in a browser", ["facebook"], ["facebook.com"]),
                 self.tool("poster", "Poster", ["x"], [], [POSTER, DRAFTER]),
                 self.tool("toot", "toot", ["mastodon"], [], [TOOT, TOOT_PACKAGE])]
        accounts = [contract.account(ACCOUNT, "corporate", {"comms-2": 0, "comms-1": 0})]
        doc = contract.register(COUNCIL, 1, self.at, accounts, tools)
        self.register = contract.envelope("register", doc, [key("comms-1"), key("comms-2")])
        self.orders, self.raised, self.raises, self.before = [], None, 0, 0

    @staticmethod
    def tool(*words, dedicated=()):
        more = {"dedicated": list(dedicated)} if dedicated else {}
        return {**contract.tool(*words), **more}

    def assignment(self, public, version=1):
        people = {"comms-2": "comms2", "comms-1": "comms1"}
        return contract.envelope("assignment", contract.assignment(COUNCIL, DEVICE, version, self.at, public=public, people=people, groups=["staff"]),
                                 [key("it-1"), key("comms-1")])

    def lockdown(self, **changes):
        """The state with one more raise; the same words of the same second would be the same order."""
        wait_for(lambda: time.time() >= self.before)
        self.raises += 1
        self.raised = self.raise_now("comms-1", exempt=["comms-1"], reason=f"Emergency {len(self.orders)}", **changes)
        self.orders.append(self.raised)
        return self.again()

    def all_clear(self):
        """It ends the newest raise; and now and then all of that officer's, so that their share never fills."""
        ends = [contract.digest_of(self.raised)]
        if self.raises % RAISES == 0:
            self.before = int(time.time()) + 1
            ends.append({"person": "comms-1", "before": self.before})
        self.orders.append(self.release_now(ends, "comms-1", "monitoring-1"))
        return self.again()

    def again(self):
        """The state with the newest orders, as many as one page holds; what is older the laptop knows."""
        first = max(0, len(self.orders) - PAGE_ORDERS)
        while first > 0 and contract.document_of(self.orders[first])["act"] != "raise":
            first += 1
        return self.state(*self.orders[first:])


class Link(FakeLink):
    """A link that knows the network's names, as holdfast-link does: what it is asked it answers."""

    def __init__(self, device):
        super().__init__(device)
        self.council = device.council
        self.portal = None  # an address that every name has

    def standing(self, wanted, seconds=ENOUGH):
        """Of the newest lockdown, wherever in the report it stands."""
        of = self.council.raised and contract.digest_of(self.council.raised)
        return self.report(lambda r: any(row["id"] == of and row["standing"] == wanted for row in r["lockdowns"]), seconds)

    def listen(self):
        super().listen()
        asked, self.names = self.names, []
        for host in asked:
            wanted = (host, f"www.{host}")
            found = sorted(address for address, names in HOSTS.items() if any(name in names for name in wanted))
            self.answer(host, [self.portal] if self.portal else found)
        return self

    def answer(self, host, found):
        """An agent that asked may have been killed since: what it said before stays heard. One that is busy reads later."""
        patience = self.socket.gettimeout()
        self.socket.settimeout(ENOUGH)
        try:
            self.socket.send(b"local/addresses\n" + json.dumps({"addresses": {host: found}}).encode())
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            self.socket.settimeout(patience)


class Laptop(Device):
    """The agent as it ships: its settings are the defaults, but for a quicker beat and who the link is."""

    def __init__(self, folder, council, ca):
        super().__init__(folder, council, ca)
        self.etc, self.state, self.run, self.policies = "/etc/holdfast", "/var/lib/holdfast-agent", "/run/holdfast-agent", MANAGED
        os.makedirs(self.etc, exist_ok=True)
        self.link_end = None

    def enrolled(self):
        request = json.loads(self.command("request", "--device", DEVICE, "--user", "nobody")[1])
        self.public = contract.public_from_text(request["public"])
        code, _, said = self.command("enrol", self.bundle(request), "--yes")
        if code != 0:
            raise RuntimeError(f"the laptop cannot be enrolled: {said}")
        self.settings()

    def settings(self, **changes):
        rows = {"beat_s": 2, "link.user": "nobody", "log": "info"}
        rows.update({k.replace("__", "."): v for k, v in changes.items()})
        write(f"{self.etc}/agent.conf", "".join(f"{k} = {v}\n" for k, v in rows.items()))

    @staticmethod
    def scripted():
        """The council's proxy stands in a script that the policy of another browser than the suite's names."""
        write(SCRIPT, f'function FindProxyForURL(url, host) {{ return "PROXY {SCRIPTED}:{RAW_PORT}; DIRECT"; }}')
        write(f"{OTHER_POLICY}/council.json", json.dumps({"ProxySettings": {"ProxyMode": "pac_script", "ProxyPacUrl": f"file://{SCRIPT}"}}))

    def layers(self):
        """The layers that this build knows, as its settings name them."""
        rows = dict(line.split(" = ", 1) for line in self.command("conf")[1].splitlines() if " = " in line)
        return {name.removeprefix("layer.") for name, on in rows.items() if name.startswith("layer.") and on == "yes"}

    def start(self, **environment):
        with open(f"{self.folder}/agent.log", "ab") as log:
            self.agent = subprocess.Popen([AGENT, "run", "--etc", self.etc], stderr=log, stdin=subprocess.DEVNULL,
                                          env={**os.environ, **environment})
        return wait_for(lambda: os.path.exists(f"{self.run}/person.sock") and self.status()[0] == 0)

    def join(self):
        """A link that has joined; the older one is gone."""
        if self.link_end:
            self.link_end.socket.close()
        self.link_end = Link(self)
        self.link_end.report()
        self.link_end.listen()
        return self.link_end

    def hear(self, state, standing, seconds=ENOUGH):
        """Say it over a new link; its report that this standing is reached, or None."""
        link = self.join()
        link.say("state/c1", state)
        self.recover_if_lost(link)
        return link.standing(standing, seconds)

    def recover_if_lost(self, link):
        """Killed between enforcing and writing, or with its memory taken, it believes two officers alone."""
        said = link.last()
        if said and said["unknown"]:
            link.say(f"device/{DEVICE}/recover", self.council.recover(said, "comms-1", "monitoring-1"))

    def die(self):
        self.kill()
        return self.agent.poll() is not None

    def reboot(self):
        """What a loss of power leaves: files on disk; no process, no rule, no mark, nothing in /run or in control groups."""
        self.die()
        wait_for(no_fence_left)
        subprocess.run(["nft", "flush", "ruleset"], capture_output=True, check=False, timeout=ENOUGH)
        shutil.rmtree(self.run, ignore_errors=True)
        thaw_all(f"{cgroup_mount()}/holdfast.slice")


def no_fence_left():
    """The second of a pair may have started another a moment before it was killed itself."""
    for pid in fences():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return not fences()


def thaw_all(top):
    """End what stands still, and remove its groups."""
    for folder, _, _ in os.walk(top, topdown=False):
        for file, text in (("cgroup.kill", "1"), ("cgroup.freeze", "0")):
            try:
                write(f"{folder}/{file}", text)
            except OSError:
                continue
        wait_for(lambda f=folder: remove(f))


def remove(folder):
    try:
        os.rmdir(folder)
    except OSError:
        return not os.path.exists(folder)
    return True


def people():
    """(who is blocked, who is exempt)."""
    return User("comms2", 61002), User("comms1", 61001)


DRAFTER_TEXT = f"""#!/usr/bin/python3
import runpy, sys
sys.argv[0] = "{HERE}/helpers.py"
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def install(user):
    """Two posting programs of our own that are listed: curl under another name, and one that somebody types into."""
    os.makedirs(OWNED, exist_ok=True)
    shutil.copy("/usr/bin/curl", POSTER)
    write(DRAFTER, DRAFTER_TEXT)
    for path in (POSTER, DRAFTER):
        os.chmod(path, 0o755)
    os.chmod(FOLDER, 0o755)
    sign_in_toot(user, "social.example")


def sign_in_toot(user, server):
    account = {"instance": server, "username": "ccdc", "access_token": "demo"}
    app = {"instance": server, "base_url": f"https://{server}", "client_id": "demo", "client_secret": "demo"}
    folder = f"{user.home}/.config/toot"
    write(f"{folder}/config.json", json.dumps({"apps": {server: app}, "users": {f"ccdc@{server}": account},
                                               "active_user": f"ccdc@{server}"}))
    quietly("chown", "-R", str(user.uid), user.home)
