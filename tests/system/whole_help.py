# SPDX-License-Identifier: MIT
"""A whole council for a test: the officers' terminal, real controllers, the broker as it ships, real devices with their links.

Inside: namespaces of its own for processes, mounts and the network.
"""
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from common import ENOUGH, PEOPLE, REACHED, Done, closing, end_process, read, wait_for, write
from council_help import BUILD, COUNCIL, DEVICE, TOPICS, Broker, Ca, contract, key, pem_of
from test_agent import AGENT, STAFF, Device, start_link
from test_controller import Office

HOLDFAST = f"{BUILD}/holdfast"
CONTROLLERS = ("c1", "c2")


class Server(Office):
    """One controller of the council, at its broker."""

    def __init__(self, council, name):
        folder = f"{council.folder}/{name}"
        os.makedirs(folder)
        self.folder, self.controller, self.broker = folder, None, council.broker
        self.socket, self.conf = f"{folder}/c.sock", f"{folder}/controller.conf"
        write(f"{folder}/controller.pem", pem_of(name))
        os.chmod(f"{folder}/controller.pem", 0o600)
        ca = council.ca.folder
        self.settings = {"council.folder": council.papers, "state.folder": f"{folder}/state", "socket.path": self.socket,
                         "controller.id": name, "controller.key": f"{folder}/controller.pem", "bus.host": "localhost",
                         "bus.port": council.broker.port, "bus.ca": f"{ca}/ca.crt", "bus.certificate": f"{ca}/{name}.crt",
                         "bus.key": f"{ca}/{name}.key", "beat_s": 2, "device.report_s": 60}


class Council:
    """Papers, keys, broker and controllers of a council whose one device is used by a person with no role."""

    def __init__(self, folder):
        self.folder, self.papers = folder, f"{folder}/council"
        self.at = int(time.time()) - 3600
        self.ca = Ca(f"{folder}/ca", {"server": "localhost", **{c: f"controller:{c}" for c in CONTROLLERS}})
        people = [contract.person(p, roles, [key(p).public]) for p, roles in PEOPLE.items()]
        self.sign("trust/1.json", "trust", contract.trust(COUNCIL, 1, self.at, roots=[key(r).public for r in ("root-1", "root-2")],
                                                          controllers={c: key(c).public for c in CONTROLLERS}, people=people), "root-1", "root-2")
        self.sign("register.json", "register", contract.register(
            COUNCIL, 1, self.at, [contract.account("x:CannockChaseDC", "corporate", {"comms-2": 0})],
            [contract.tool("x-web", "X in a browser", ["x"], ["x.com"])]), "comms-1", "comms-2")
        self.trust, self.register = self.paper("trust/1.json"), self.paper("register.json")
        for person in PEOPLE:
            write(f"{self.papers}/people/{person}.pem", pem_of(person))
            os.chmod(f"{self.papers}/people/{person}.pem", 0o600)
        self.broker = Broker(folder, self.ca)
        self.servers = {c: Server(self, c) for c in CONTROLLERS}

    def sign(self, path, document, value, *who):
        write(f"{self.papers}/{path}", contract.message(document, value, [key(w) for w in who]))

    def paper(self, path):
        return json.loads(read(f"{self.papers}/{path}"))

    def assignment(self, public, version=1):
        """Of the one device; the controllers find it at their first start."""
        self.sign(f"assignments/{DEVICE}.json", "assignment", contract.assignment(
            COUNCIL, DEVICE, version, self.at, public=public, people={"pat": STAFF}, groups=["staff"]), "it-1", "comms-1")
        return self.paper(f"assignments/{DEVICE}.json")

    def says(self, *words, who=None, to="c1"):
        """`holdfast` at this controller; who: an officer, whose key has no passphrase here."""
        own = ["--key", f"{self.papers}/people/{who}.pem", "--yes"] if who else []
        return Done(subprocess.run([HOLDFAST, "--council", self.papers, "--socket", self.servers[to].socket, *words, *own],
                                   capture_output=True, text=True, timeout=ENOUGH, stdin=subprocess.DEVNULL, check=False, env={**os.environ, **REACHED}))

    def row(self, to="c1"):
        """What the officers see of the device."""
        rows = self.says("devices", "--json", to=to).json.get("devices", [])
        return rows[0] if rows else {}

    def sees(self, condition, to="c1"):
        return wait_for(lambda: condition(self.row(to)))

    def heard(self, topic):
        """The next message on it."""
        done = subprocess.run(self.broker.client("mosquitto_sub", "c1", "-t", f"{TOPICS}/{topic}", "-C", "1", "-W", str(ENOUGH)),
                              capture_output=True, timeout=2 * ENOUGH, check=False)
        return done.stdout.strip()

    def end(self):
        for server in self.servers.values():
            end_process(server.controller, signal.SIGKILL)
        end_process(self.broker.process, signal.SIGKILL)


def enrolled(folder, council, machine=()):
    """A device that the council has taken in, with one real layer, for the browser; not started. machine: words before the agent's."""
    device = Device(folder, council, council.ca)
    request = json.loads(device.command("request", "--device", DEVICE, "--user", STAFF)[1])
    device.public = contract.public_from_text(request["public"])
    device.request = request
    done = subprocess.run([*machine, AGENT, "enrol", device.bundle(request), "--yes", "--state", device.state, "--etc", device.etc],
                          capture_output=True, text=True, timeout=ENOUGH, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    quiet(device)
    return device


def quiet(device):
    device.settings(layer__network="no", layer__firefox="no", layer__extension="no", beat_s=2, ask_s=5)


def join(device, council):
    """Its agent and its link run."""
    if not device.start():
        raise RuntimeError(device.log())
    if not device.link or device.link.poll() is not None:
        start_link(device, council.broker, 5)


def leave(device):
    for process in (device.link, device.agent):
        end_process(process)


def forget(device):
    """Its memory and the third copy of it are deleted."""
    for path in glob.glob(f"{device.state}*"):
        keys = [p for p in glob.glob(f"{path}/*.key")]
        kept = {os.path.basename(p): read(p, "rb") for p in keys}
        modes = {os.path.basename(p): os.stat(p) for p in keys}
        shutil.rmtree(path)
        for name, data in kept.items():
            write(f"{path}/{name}", data)
            os.chown(f"{path}/{name}", modes[name].st_uid, modes[name].st_gid)
            os.chmod(f"{path}/{name}", modes[name].st_mode & 0o777)


def link_log(device):
    return read(f"{device.folder}/link.log")


def connections(device):
    return len(re.findall("connected to the broker", link_log(device)))


def inside(play):
    """Play it as root, in a folder and in namespaces of its own; the exit status."""
    if os.geteuid() != 0:
        print("skip: real layers need root")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    if not os.environ.get("HF_TEST_INSIDE"):
        os.environ["HF_TEST_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "/usr/bin/python3", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    folder = tempfile.mkdtemp(prefix="hf-whole-")
    os.chmod(folder, 0o755)  # the link, which is no root, has its files below
    try:
        play(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return closing()
