#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The council's server goes to another host and name, with an emergency in force, and no laptop is visited (proto/README.md "Brokers").

Real controllers, real brokers each at a name and address of its own, a real device with its link. A thief with IT's key adds a broker that
is deaf, or says again what it has heard: the device stays where it is. One person alone takes no broker away. The old server dies; its
journal is put back at another host, where the spare controller goes on: the device holds the emergency all the while, follows, and opens
by the all-clear that reaches it there. Before: nothing told a device of another broker, so each was enrolled anew.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from common import ENOUGH, check, end_process, read, wait_for, write
from council_help import SOURCE, TOPICS, Broker, Ca, contract, key
from test_controller import HOLDFASTD
from web_help import listens
from whole_help import Council, enrolled, inside, join, leave, link_log

OLD, NEW, EVIL, LATER = "localhost", "new.broker.test", "evil.broker.test", "later.broker.test"
ADDRESSES = {NEW: "127.0.0.2", EVIL: "127.0.0.3"}
SHUT = ("enforced-unverified", "enforced-verified", "message-seen")


class Elsewhere(Broker):
    """A broker of its own name, address and authority."""

    def __init__(self, folder, ca, host, clients):
        super().__init__(folder, ca)
        self.host = host
        write(f"{self.folder}/conf", read(f"{self.folder}/conf").replace("127.0.0.1", ADDRESSES[host]))
        shutil.copy(f"{clients}/ca.crt", f"{self.folder}/ca.crt")  # whose certificates let clients in

    def start(self):
        self.process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", f"{self.folder}/conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return wait_for(lambda: listens(self.port, self.host))


class Watch(threading.Thread):
    """Was it ever open."""

    def __init__(self, device):
        super().__init__(daemon=True)
        self.device, self.going, self.open, self.looked = device, True, 0, 0

    def run(self):
        while self.going:
            self.open += self.device.blocked() != ["x.com"]
            self.looked += 1
            time.sleep(0.01)

    def end(self):
        self.going = False
        self.join()
        return self.looked > 100 and self.open == 0


def names():
    """Names for the addresses, in this namespace alone."""
    write("/run/hf-hosts", read("/etc/hosts") + "".join(f"{address} {name}\n" for name, address in ADDRESSES.items()))
    subprocess.run(["mount", "--bind", "/run/hf-hosts", "/etc/hosts"], check=True)


def authority(folder, host):
    ca = Ca(folder, {})
    write(f"{folder}/ext", f"subjectAltName=DNS:{host}\n")
    return ca


def guide(*begins):
    """The lines of the guide's chapter that are run here, for this council's names, that begin with one of these."""
    text = read(f"{SOURCE}/deploy/guide/it.md").split("## Moving the server to another host and name")[1].split("\n## ")[0]
    lines = [line for block in re.findall(r"```sh move\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    found = [line.replace("next.council.test", NEW).replace("later.council.test", LATER) for line in lines if line.startswith(begins)]
    if not found:
        raise RuntimeError(f"the guide has no line that begins with {begins}")
    return found


def another(council, folder, host, own_authority=None):
    """A broker at this name: by the council's authority and the guide's command, or by an authority of its own."""
    ca = own_authority or council.ca
    os.makedirs(f"{folder}/made")
    if own_authority:
        ca.openssl("req", *ca.new_key("server", host), "-out", "server.csr")
        ca.sign("server.csr", "server.crt")
        return Elsewhere(folder, ca, host, council.ca.folder)
    os.makedirs(f"{council.papers}/broker", exist_ok=True)
    shutil.copy(f"{ca.folder}/ca.crt", f"{council.papers}/broker/ca.crt")
    line = guide("holdfast certificate broker")[0].replace("/media/stick", ca.folder).replace("-o .", f"-o {folder}/made")
    done = council.says(*line.split()[1:])
    check("the guide's command makes the certificate of the new name", done.code == 0 and "server.crt" in done.out, done)
    for name in ("server.crt", "server.key"):
        shutil.copy(f"{folder}/made/{name}", ca.folder)
    return Elsewhere(folder, ca, host, council.ca.folder)


def logged(device, text):
    return wait_for(lambda: text in link_log(device))


def listed(council, to="c1"):
    return council.says("broker", "list", "--json", to=to).json


def slips(council):
    """Before there is a list."""
    done = council.says("broker", "list")
    check("no list: each device knows its own", done.code == 0 and "There is no list of brokers" in done.out, done)
    rows = [(("remove", "old"), 1, "There is no list of brokers"), (("add", "new", "New.Broker"), 2, "is no host"),
            (("add", "new", f"{NEW}:8883/x"), 2, "is no host"), (("add", "Next", NEW), 2, "is no name for a broker"),
            (("add", "new", NEW, "--port", "0"), 2, "is a number from 1 to 65535"), (("add", "new"), 2, "Usage: holdfast broker add NAME HOST"),
            (("add", "new", NEW, "--ca", f"{council.papers}/register.json"), 2, "is no certificate of an authority"),
            (("add", "new", NEW, "--ca", "/none"), 1, "/none")]
    for words, code, says in rows:
        done = council.says("broker", *words, who="it-1")
        check(f"broker {' '.join(words)[:40]}: {says}", done.code == code and says in done.err, done)
    done = council.says("broker", "add", "new", NEW, who="monitoring-1")
    check("whose role may not is told so", done.code == 1 and "may not approve" in done.err, done)


def thief_adds(council, device, evil):
    """One stolen key of IT."""
    line = guide("holdfast broker add")[0].replace("add next", "add evil").replace(NEW, EVIL)
    done = council.says(*line.split()[1:], "--port", str(evil.port), "--ca", f"{evil.ca.folder}/ca.crt", "--json", who="it-1")
    check("one of IT adds a broker", done.code == 0 and done.json["outcome"] == "recorded", done)
    check("in plain words: what is new, and what becomes of devices", "NEW: evil" in done.err and "an authority of its own" in done.err and
          "never before the other has given it a fresh state" in done.err, done)
    check("the device holds the list, and says so", council.sees(lambda r: r.get("brokers_version") == 1), council.row())
    done = council.says("broker", "list")
    check("the list says who approved it, and how many devices hold it", "added by one" in done.out and "Version 1; 1 of 1 devices hold it." in done.out, done)
    for words, says in ((("add", "evil", NEW), "is in the list already"), (("add", "more", EVIL, "--port", str(evil.port)), "is in the list already"),
                        (("remove", "none"), "is called none"), (("remove", "evil"), "It is the only one")):
        done = council.says("broker", *words, who="it-1")
        check(f"broker {' '.join(words)[:30]}: {says}", done.code in (1, 2) and says in done.err, done)
    check("while its own broker is there the device goes nowhere", EVIL not in link_log(device), link_log(device)[-600:])


def deaf(council, device, evil):
    """The old broker is away for a while; the thief's is there, and says again what the council's server once said."""
    old = council.broker
    topic = subprocess.run(old.client("mosquitto_sub", "c1", "-t", f"{TOPICS}/beat/+/c1", "-C", "1", "-W", str(ENOUGH), "-F", "%t"),
                           capture_output=True, text=True, timeout=2 * ENOUGH, check=False).stdout.strip()
    heard = council.heard("/".join(topic.split("/")[3:]))
    check("the thief has a state that the server signed", b"payload" in heard, topic)
    evil.start()
    subprocess.run(["mosquitto_pub", "-h", EVIL, "-p", str(evil.port), "-q", "1", "--cafile", f"{evil.ca.folder}/ca.crt", "--cert", f"{council.ca.folder}/c1.crt",
                    "--key", f"{council.ca.folder}/c1.key", "-t", topic, "-s", "-r"], input=heard, check=True, timeout=ENOUGH)
    end_process(old.process)
    check("with its own broker away the device tries the other beside it", logged(device, f"connected to the broker {EVIL}, on trial"), link_log(device)[-900:])
    check("and is still shut", device.blocked() == ["x.com"])
    before = link_log(device).count(f"connected to the broker {OLD}")
    old.start()
    check("its own broker is back, and so is the device", wait_for(lambda: link_log(device).count(f"connected to the broker {OLD}") > before), link_log(device)[-900:])
    check("it never stayed with the thief's", "is stayed with" not in link_log(device) and "gave a fresh whole state" not in device.log(), link_log(device)[-900:])
    check("it reports again", council.sees(lambda r: time.time() - r.get("last_report", 0) < 20), council.row())


def moved_by_two(council, device, new):
    done = council.says("broker", "replace", "evil", "new", NEW, "--port", str(new.port), "--json", who="it-1")
    check("one of IT alone takes none away: it waits", done.code == 0 and done.json["outcome"] == "draft", done)
    check("what is removed is said", "REMOVED: evil" in done.err and "NEW: new" in done.err, done)
    drafts = council.says("drafts")
    check("drafts name it", "brokers, version 2" in drafts.out, drafts)
    refused = council.says("approve", done.json["digest"], who="monitoring-1")
    check("monitoring has no say", refused.code == 1 and "may not approve" in refused.err, refused)
    check("the list is as it was", [b["id"] for b in listed(council)["brokers"]] == ["evil"], listed(council))
    done = council.says("approve", done.json["digest"], who="comms-2")
    check("one of accounts approves, too: it is recorded", done.code == 0 and "It is recorded" in done.out, done)
    status = council.says("status")
    check("status names the list that counts", "The list of brokers is version 2: `holdfast broker list`." in status.out and
          council.says("status", "--json").json["brokers_version"] == 2, status)
    found = council.says("audit", "show").out
    check("the record says both lists in words", re.search(r": the list of brokers, version 1, approved by .*it-1.*: evil \(", found) and
          re.search(r": the list of brokers, version 2, approved by .* and .*: new \(new.broker.test:\d+\)", found), found[-1500:])
    check("now the list is the other", [(b["id"], b["by_two"]) for b in listed(council)["brokers"]] == [("new", True)], listed(council))
    check("the device holds it", council.sees(lambda r: r.get("brokers_version") == 2), council.row())
    check("a removed broker is left: the new one is tried", logged(device, f"broker {NEW} is tried beside {OLD}"), link_log(device)[-600:])
    new.start()
    check("the new one is there and deaf", logged(device, f"connected to the broker {NEW}, on trial"), link_log(device)[-600:])
    check("the device stays with its old one until the new one gave a fresh whole state", council.sees(
        lambda r: time.time() - r.get("last_report", 0) < 20) and "is stayed with" not in link_log(device), council.row())


def restore(council, new):
    """The newest copy of the journal at another host, as the spare controller: the guide's steps."""
    old, spare = council.servers["c1"], council.servers["c2"]
    os.makedirs(spare.settings["state.folder"], exist_ok=True)
    os.chmod(spare.settings["state.folder"], 0o700)
    for line in guide("sqlite3"):
        words = line.replace("/var/lib/holdfast", old.settings["state.folder"]).replace("journal-copy.db", f"{spare.settings['state.folder']}/journal.db")
        subprocess.run(words, shell=True, check=True, timeout=ENOUGH)
    os.chmod(f"{spare.settings['state.folder']}/journal.db", 0o600)
    old.kill()
    end_process(council.broker.process, signal.SIGKILL)
    spare.settings.update({"bus.host": NEW, "bus.port": new.port})
    write(spare.conf, "".join(f"{k} = {v}\n" for k, v in spare.settings.items()))
    done = subprocess.run([HOLDFASTD, "-f", spare.conf, *guide("holdfastd")[0].split()[1:]], capture_output=True, text=True, timeout=ENOUGH, check=False)
    check("the copy of the journal is accepted at the new host", done.returncode == 0, done.stderr)
    check("the spare controller is up there", spare.start(), read(f"{spare.folder}/log")[-900:])


def follows(council, device):
    check("the device follows", logged(device, f"broker {NEW} is stayed with from now on, in place of {OLD}"), link_log(device)[-900:])
    check("and reports there, shut", council.sees(lambda r: r.get("state") in SHUT, to="c2"), council.row("c2"))
    check("status there says the emergency is in force", "IN FORCE: LIVE EMERGENCY" in council.says("status", to="c2").out)
    said = council.says(*guide("holdfast broker list")[0].split()[1:], to="c2")
    check("the guide's `broker list` says so in words", "approved by two" in said.out and "1 of 1 devices hold it" in said.out, said)
    check("the new list is held there, too", [b["id"] for b in listed(council, "c2")["brokers"]] == ["new"] and listed(council, "c2")["holding"] == 1, listed(council, "c2"))


def looked_at(device):
    """The doctor looks at the broker that the device is with; that of its enrolment is dead, and no trouble."""
    def said():
        return [row["text"] for row in json.loads(device.command("doctor", "--json")[1])["findings"] if row["what"].startswith("broker")]
    check("the device's doctor looks at the broker that it is with, and has nothing to say of it", said() == [], said())
    end_process(device.agent)
    check("without the agent's word it looks at that of the enrolment, which is dead", any(f"The broker at {OLD}:" in one and "not reached" in one for one in said()), said())
    check("the agent starts again", device.start(), device.log()[-500:])


def lives_on(council, device):
    """Agent and link start again with the old broker dead: they go where the server was last."""
    leave(device)
    tries = link_log(device).count(f"connected to the broker {NEW}")
    at = len(link_log(device))
    join(device, council)
    check("after a restart it is with the new one at once", wait_for(lambda: link_log(device).count(f"connected to the broker {NEW}") > tries) and
          "on trial" not in link_log(device)[at:], link_log(device)[at:])
    check("still shut", device.blocked() == ["x.com"], device.blocked())


def all_clear(council, device):
    council.says("release", "--reason", "Out", "--message", "All clear.", "--wait", "0", who="comms-1", to="c2")
    draft = council.says("drafts", "--json", to="c2").json["drafts"][0]["digest"]
    done = council.says("approve", draft, "--wait", "0", who="monitoring-1", to="c2")
    check("the all-clear by two reaches it by the new broker, and opens it", done.code == 0 and wait_for(lambda: device.blocked() == []), device.blocked())


def afterwards(council, device):
    """The last step of the guide; nobody is at the later name, and the device stays."""
    line = next(line for line in guide("holdfast broker replace"))
    done = council.says(*line.replace("replace next", "replace new").split()[1:], "--json", who="it-1", to="c2")
    check("another name in its place waits for one of accounts", done.code == 0 and done.json["outcome"] == "draft", done)
    done = council.says("approve", done.json["digest"], who="comms-1", to="c2")
    check("who approves it", done.code == 0 and [b["host"] for b in listed(council, "c2")["brokers"]] == [LATER], done)
    check("the device holds it, and stays where it is", council.sees(lambda r: r.get("brokers_version") == 3, to="c2"), council.row("c2"))


def replayed_list(council, device):
    """What two have replaced comes back no more, whoever says it again."""
    first = contract.message("brokers", {"council": "cannock-chase", "version": 1, "issued": int(time.time()), "brokers": [
        {"id": "evil", "host": EVIL, "port": 8883}]}, [key("it-1")])
    spare = council.servers["c2"]
    subprocess.run(["mosquitto_pub", "-h", NEW, "-p", str(spare.settings["bus.port"]), "-q", "1", "--cafile", f"{council.ca.folder}/ca.crt", "--cert",
                    f"{council.ca.folder}/c2.crt", "--key", f"{council.ca.folder}/c2.key", "-t", f"{TOPICS}/brokers/1", "-s"], input=first, check=True, timeout=ENOUGH)
    check("attack: the list before, said again, is refused", council.sees(lambda r: {"reason": "rollback", "count": 1} in r.get("refused", []), to="c2"), council.row("c2"))


def play(folder):
    names()
    council = Council(folder)
    device = enrolled(f"{folder}/device", council)
    evil = another(council, f"{folder}/evil", EVIL, authority(f"{folder}/thief", EVIL))
    new = another(council, f"{folder}/new", NEW)
    try:
        check("broker and controller start", council.broker.start() and council.servers["c1"].start())
        slips(council)
        join(device, council)
        check("the device is there", council.sees(lambda r: r.get("last_report", 0) > 0), council.row())
        done = council.says("raise", "emergency", "--reason", "Flood", "--contact", "Ring 01543.", "--wait", "0", who="comms-1")
        check("an emergency is raised, and holds", done.code == 0 and wait_for(lambda: device.blocked() == ["x.com"]), done)
        watch = Watch(device)
        watch.start()
        thief_adds(council, device, evil)
        deaf(council, device, evil)
        moved_by_two(council, device, new)
        restore(council, new)
        follows(council, device)
        replayed_list(council, device)
        check("it was never open, from the raise until here", watch.end(), (watch.open, watch.looked))
        looked_at(device)
        lives_on(council, device)
        afterwards(council, device)
        all_clear(council, device)
    finally:
        leave(device)
        council.end()
        for broker in (evil, new):
            end_process(broker.process, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(inside(play))
