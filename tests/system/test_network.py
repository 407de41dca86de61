#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The network layer on a network of its own: real servers, real clients, users who are blocked and one who is exempt.

Policy D9.1 (the designated officer goes on), D9.2 (enforced whatever the person tries), D9.3 (afterwards all is as it was).
"""
import difflib
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from common import ENOUGH, check, drop, end, read, rests, results, wait_for, wakeups
from openings import client_hello
from enforce_help import Layer, as_user, block, fences, run_inside
from held_page import SENDS, HeldPage
from web_help import Server, Site, new_tls

STAFF, OFFICER, LINK, STRANGER = 1001, 1002, 998, 65000
LOG_GROUP = 4846                # what nobody else's log has
DEDICATED, DEDICATED6 = "203.0.113.10", "2001:db8::10"
SHARED, SHARED6, UNLISTED = "203.0.113.20", "2001:db8::20", "203.0.113.30"
TOOL = "posting.example"        # on its own addresses
SITE = "shared.example"         # on addresses that others use too
OTHER = "council.example"       # one of those others
LESSONS = {TOOL: [DEDICATED, DEDICATED6], SITE: [SHARED, SHARED6]}
REFUSED, ENDED = 7, 35          # curl: connection refused; reset while TLS began
PLAN = {"addresses": [TOOL, SITE], "dedicated": [TOOL]}


def sh(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=ENOUGH, stdin=subprocess.DEVNULL).stdout


def ruleset():
    return sh("nft", "list", "ruleset")


def ours():
    return sh("nft", "list", "table", "inet", "holdfast")


def changed(before, now):
    """The lines that differ."""
    return "\n".join(difflib.unified_diff(before.splitlines(), now.splitlines(), lineterm="", n=0))


def foreign():
    """What another vendor has put there; also under names like ours."""
    sh("nft", """table inet vendor {
        set seen { type ipv4_addr; elements = { 198.51.100.7 }; }
        chain in { type filter hook input priority 0; policy accept; tcp dport 9999 counter drop; }
        chain out { type filter hook output priority 10; policy accept; udp dport 9999 drop; }
        }
        table ip holdfast {
        chain out { type filter hook output priority 0; policy accept; }
        }
        table ip6 nat {
        chain post { type nat hook postrouting priority 100; }
        }""")


class Page(Site):
    def do_GET(self):
        self.answer("page\n")


def servers(folder):
    for address in (DEDICATED, SHARED, UNLISTED):
        sh("ip", "addr", "add", f"{address}/32", "dev", "lo")
    for address in (DEDICATED6, SHARED6):
        sh("ip", "addr", "add", f"{address}/128", "dev", "lo", "nodad")
    context = new_tls(folder)
    for address in (DEDICATED, SHARED, UNLISTED, DEDICATED6, SHARED6):
        Server((address, 443), Page, context)
        Server((address, 80), Page)
    for address in (UNLISTED, SHARED):
        Server((address, 9443), Page, context)


def curl(uid, host, address, scheme="https", *more):
    """curl's exit status: 0, or how it was refused."""
    port = 443 if scheme == "https" else 80
    at = f"[{address}]" if ":" in address else address
    return as_user(uid, ["curl", "-sk", "-o", "/dev/null", "--max-time", str(ENOUGH), "--resolve", f"{host}:{port}:{at}", *more,
                         f"{scheme}://{host}/"])[0]


def new_layer(folder, **plan):
    layer = Layer("network", folder)
    layer.ask({"ready": [block(**(plan or PLAN))]})
    layer.ask({"learn": LESSONS})
    wait_for(lambda: DEDICATED in (now := ruleset()) and MANY[-1] not in now)  # an earlier layer may have learned more
    return layer


def hooks():
    return sum("hook" in line for line in sh("nft", "list", "table", "inet", "holdfast").splitlines())


def lock(layer, *blocks):
    check("the plan is taken", layer.apply(*(blocks or [block(open_for=[OFFICER], **PLAN)])) == "ok")
    saw = layer.becomes("verified") and layer.probe()
    return check("seen to hold: as an ordinary user, and root's way is open", saw and saw["state"] == "verified", saw or layer.probe())


def idle(folder):
    foreign()
    before = ruleset()
    layer = Layer("network", folder)
    check("idle cost: nothing is there before a register is known", ruleset() == before and layer.state() == "idle", ruleset())
    layer.ask({"ready": [block(**PLAN)]})
    layer.ask({"learn": LESSONS})
    check("ready: the addresses are loaded", wait_for(lambda: DEDICATED in ruleset() and SHARED6 in ruleset()), ruleset())
    check("idle cost: no hook, so no packet meets a rule", hooks() == 0, ruleset())
    check("idle cost: no process, no queue", not fences("names") and queues() == [], queues())
    check("idle cost: nobody listens to the kernel's log", logs() == [], logs())
    check("idle cost: no conntrack of ours", not re.search(r"\bct ", sh("nft", "list", "table", "inet", "holdfast")))
    threads = os.listdir(f"/proc/{layer.process.pid}/task")
    check("idle cost: one thread", len(threads) == 1, threads)
    check("idle cost: no wake-up", rests(layer.process.pid, 1), wakeups(layer.process.pid))
    check("open: everybody reaches everything", [curl(STAFF, TOOL, DEDICATED), curl(STAFF, SITE, SHARED)] == [0, 0])
    layer.close()


def queues(kind="queue"):
    with open(f"/proc/net/netfilter/nfnetlink_{kind}", encoding="ascii") as file:
        return [int(line.split()[0]) for line in file]


def logs():
    """Groups of the kernel's log of packets that somebody listens to."""
    return queues("log")


def blocked(folder):
    layer = new_layer(folder)
    before = ruleset()
    kept = KeptAlive(STAFF, DEDICATED)
    kept_shared = KeptAlive(STAFF, SHARED)
    kept_officer = KeptAlive(OFFICER, DEDICATED)
    kept_other = KeptAlive(STAFF, UNLISTED)
    lock(layer)
    check("D9.2: an open connection to a tool is ended", kept.is_ended())
    check("D9.2: an open connection to a shared address is ended", kept_shared.is_ended())
    check("D9.1: that of an exempt person goes on", not kept_officer.is_ended())
    check("an open connection to elsewhere goes on", not kept_other.is_ended())
    attempts(layer)
    exempt()
    check("blocked: the layer says who tried what", wait_for(lambda: (STAFF, SITE) in layer.blocked), layer.blocked)
    check("blocked: and an address", (STAFF, TOOL) in layer.blocked and (STRANGER, TOOL) in layer.blocked, layer.blocked)
    check("blocked: of the probe's own tries it says nothing", {uid for uid, _ in layer.blocked} == {STAFF, STRANGER}, layer.blocked)
    check("D9.3: released", layer.apply() == "ok" and layer.state() == "idle", layer.probe())
    check("D9.3: the ruleset is what it was, rule for rule", ruleset() == before, ruleset())
    check("D9.3: no process and no queue are left", wait_for(lambda: not fences("names") and not queues()), queues())
    check("D9.3: and nobody listens to the log", logs() == [], logs())
    check("D9.3: reachable again", [curl(STAFF, TOOL, DEDICATED), curl(STAFF, SITE, SHARED)] == [0, 0])
    layer.close()


def attempts(layer):
    check("D9.2: a tool's own address is refused", curl(STAFF, TOOL, DEDICATED) == REFUSED)
    check("D9.2: at once: the client is told, and does not wait for an answer that never comes", knock(STAFF, DEDICATED))
    check("D9.2: IPv6 too", curl(STAFF, TOOL, DEDICATED6) == REFUSED)
    check("attack: the literal address under another name", curl(STAFF, OTHER, DEDICATED) == REFUSED)
    check("attack: plain HTTP to it", curl(STAFF, OTHER, DEDICATED, "http") == REFUSED)
    check("attack: another user, one of no assignment", curl(STRANGER, TOOL, DEDICATED) == REFUSED)
    check("attack: root in a user namespace of one's own",
          as_user(STAFF, ["unshare", "-Ur", "curl", "-sk", "--max-time", str(ENOUGH), f"https://{DEDICATED}/"])[0] == REFUSED)
    name = curl(STAFF, SITE, SHARED)
    check("D9.2: a shared address is refused by the name", name == ENDED, name)
    check("D9.2: by IPv6 too", curl(STAFF, SITE, SHARED6) == ENDED)
    check("D9.2: a name covers its subdomains", curl(STAFF, f"api.{SITE}", SHARED) == ENDED)
    check("D9.2: at an address that nobody has learned", curl(STAFF, f"cdn.{SITE}", UNLISTED) == ENDED)
    check("D9.2: a tool's name at another address", curl(STAFF, TOOL, UNLISTED) == ENDED)
    check("D9.2: its name in plain HTTP", curl(STAFF, SITE, SHARED, "http") in (52, 56))
    check("attack: capitals and a last dot", [hello(STAFF, SHARED, [client_hello("SHARED.Example.")])] == ["refused"])
    check("another name there is open", curl(STAFF, OTHER, SHARED) == 0)
    check("a name that only ends alike is open", curl(STAFF, f"not{SITE}", SHARED) == 0)
    check("another address is open", [curl(STAFF, OTHER, UNLISTED), curl(STAFF, OTHER, UNLISTED, "http")] == [0, 0])
    split_hellos()
    unsure()
    datagrams()
    check("attack: through a proxy that is asked in the clear", tunnel(STAFF, f"{SITE}:443") == "refused")
    check("attack: through a proxy by address, the name in the tunnel", tunnel(STAFF, f"{UNLISTED}:443", SITE) == "refused")
    check("through a proxy elsewhere", tunnel(STAFF, f"{UNLISTED}:443", OTHER) == "passed")
    check("nothing of this is called tampering", not layer.probe()["tampered"])


def exempt():
    check("D9.1: the exempt person reaches the tool", curl(OFFICER, TOOL, DEDICATED) == 0)
    check("D9.1: and the site on a shared address", curl(OFFICER, SITE, SHARED) == 0)
    check("D9.1: by IPv6 and HTTP too", [curl(OFFICER, SITE, SHARED6), curl(OFFICER, TOOL, DEDICATED6, "http")] == [0, 0])
    check("D9.1: and by datagrams", datagram(OFFICER, SHARED, 443, LONG_HEADER) == "passed")
    check("root's way is open", [curl(0, TOOL, DEDICATED), curl(0, SITE, SHARED)] == [0, 0])
    check("the link's way is open, wherever its broker is", [curl(LINK, TOOL, DEDICATED), curl(LINK, SITE, SHARED)] == [0, 0])


SAYS = """
import socket, sys, time
address, port, parts = sys.argv[1], int(sys.argv[2]), [bytes.fromhex(p) for p in sys.argv[3:]]
s = socket.create_connection((address, port), timeout=30)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
try:
    for part in parts:
        s.sendall(part)
        time.sleep(0.02)  # a segment of its own
    try:
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # it has been reset
    # The server answers a whole hello, and closes at what is none: both are "passed". Silence is neither.
    s.recv(1)
    print("passed")
except ConnectionResetError:
    print("refused")
except TimeoutError:
    print("silent")
"""


def hello(uid, address, parts, port=443):
    return as_user(uid, ["/usr/bin/python3", "-c", SAYS, address, str(port), *(p.hex() for p in parts)])[1].strip()


def split_hellos():
    whole = client_hello(SITE, padding=1700)
    check("Chromium: a hello of two segments", hello(STAFF, SHARED, [whole[:1400], whole[1400:]]) == "refused")
    check("attack: a hello byte by byte", hello(STAFF, SHARED, [client_hello(SITE)[i:i + 1] for i in range(len(client_hello(SITE)))])
          == "refused")
    inner = client_hello(SITE)[5:]
    records = b"".join(b"\x16\x03\x01" + struct.pack("!H", len(p)) + p for p in (inner[:20], inner[20:60], inner[60:]))
    check("attack: a hello over three records", hello(STAFF, SHARED, [records]) == "refused")
    other = client_hello(OTHER, padding=1700)
    check("a hello of two segments to another name passes", hello(STAFF, SHARED, [other[:1400], other[1400:]]) == "passed")


def unsure():
    """Where no listed site lives whatever it is not sure of passes: the server answers, or says that it understands nothing."""
    rng = random.Random(4)
    for what, data in (("no TLS at all", b"SSH-2.0-test\r\n"), ("a broken hello", client_hello(OTHER)[:60] + bytes(500)),
                       ("a record of another kind", b"\x17\x03\x03\x00\x05hello"), ("noise", bytes(rng.randrange(256) for _ in range(900)))):
        said = [hello(uid, UNLISTED, [data]) for uid in (STAFF, OFFICER)]
        check(f"never blocks what it is not sure of: {what} ends for all as the server ends it", said[0] == said[1], said)


DATAGRAM = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
s.settimeout(0.5)
s.connect((sys.argv[1], int(sys.argv[2])))
try:
    s.send(bytes.fromhex(sys.argv[3]))
    s.recv(10)
except TimeoutError:
    print("passed")
except ConnectionRefusedError:
    print("passed")  # nobody listens there: it arrived
except OSError as error:
    print("refused")
"""
LONG_HEADER, SHORT_HEADER = b"\xc3" + bytes(1199), b"\x43" + bytes(99)


def datagram(uid, address, port, data):
    return as_user(uid, ["/usr/bin/python3", "-c", DATAGRAM, address, str(port), data.hex()])[1].strip()


def datagrams():
    for address in (DEDICATED, DEDICATED6, SHARED, SHARED6):
        check(f"QUIC to {address} is refused, so that it is tried over TCP", datagram(STAFF, address, 443, LONG_HEADER) == "refused")
        check(f"DNS over QUIC to {address} is refused", datagram(STAFF, address, 853, LONG_HEADER) == "refused")
    check("a new QUIC connection to an unlisted address is refused, since its name is hidden",
          datagram(STAFF, UNLISTED, 443, LONG_HEADER) == "refused")
    check("other datagrams to it pass", [datagram(STAFF, UNLISTED, 443, SHORT_HEADER), datagram(STAFF, UNLISTED, 53, LONG_HEADER)] ==
          ["passed", "passed"])
    tls_dns = as_user(STAFF, ["curl", "-sk", "--max-time", str(ENOUGH), f"https://{SHARED}:853/"])[0]
    check("DNS over TLS to a shared address is refused", tls_dns == REFUSED, tls_dns)


def tunnel(uid, target, name=None):
    """A proxy that says 200 and then hands on: here the page's own server, after a line is read."""
    proxy, taken = socket.create_server((UNLISTED, 3128)), []

    def serve():
        try:
            one, _ = proxy.accept()
            taken.append(one)
            one.recv(4096)
            one.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            if one.recv(4096):
                one.sendall(b"\x15\x03\x03\x00\x02\x02\x28")
        except OSError:
            pass
    thread = threading.Thread(target=serve)
    thread.start()
    first = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()
    code = ("import socket,sys\n"
            "s = socket.create_connection((sys.argv[1], 3128), timeout=30)\n"
            "try:\n"
            "    s.sendall(bytes.fromhex(sys.argv[2])); s.recv(100); s.sendall(bytes.fromhex(sys.argv[3])); s.recv(100); print('passed')\n"
            "except ConnectionResetError:\n    print('refused')\n"
            "except TimeoutError:\n    print('silent')\n")
    said = as_user(uid, ["/usr/bin/python3", "-c", code, UNLISTED, first.hex(), client_hello(name or OTHER).hex()])[1].strip()
    for one in (proxy, *taken):
        try:
            one.shutdown(socket.SHUT_RDWR)  # whoever waits at it goes on
        except OSError:
            pass
        one.close()
    thread.join(ENOUGH)
    return said


class KeptAlive:
    """A connection of a user that stays open, and is asked now and then."""

    def __init__(self, uid, address):
        code = ("import socket,sys\n"
                "s = socket.create_connection((sys.argv[1], 80), timeout=30)\n"
                "for line in sys.stdin:\n"
                "    try:\n"
                f"        s.sendall(b'GET / HTTP/1.1\\r\\nHost: {OTHER}\\r\\n\\r\\n'); print('open' if s.recv(1000) else 'ended', flush=True)\n"
                "    except OSError:\n        print('ended', flush=True)\n")
        self.process = subprocess.Popen(["/usr/bin/python3", "-c", code, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=drop(uid))
        check("a kept-alive connection is open", self.ask() == "open")

    def ask(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def is_ended(self):
        said = self.ask()
        end(self.process)
        return said == "ended"


def tampering(folder):
    layer = new_layer(folder)
    before = ours()
    lock(layer)
    changes = layer.changes
    sh("nft", "flush", "ruleset")
    check("flushed rules are put back at once, not with the next beat", wait_for(lambda: "holdfast" in ruleset() and hooks() == 4), ruleset())
    check("and the owner is told", wait_for(lambda: layer.changes > changes))
    saw = layer.probe()
    check("and it is called tampering, with what was found", saw["tampered"] and "holdfast" in saw["text"], saw)
    check("and it holds again", layer.becomes("verified") and curl(STAFF, TOOL, DEDICATED) == REFUSED and curl(STAFF, SITE, SHARED) == ENDED)
    foreign()
    without_ours = others()
    for what, command in (
            ("a hook that was taken away", "flush chain inet holdfast out; delete chain inet holdfast out"),
            ("a rule that was taken away", "flush chain inet holdfast look"),
            ("a rule that lets everybody through", "insert rule inet holdfast look accept"),
            ("an address that was taken away", f"delete element inet holdfast shut4 {{ {DEDICATED} }}"),
            ("a user who was let in", f"add element inet holdfast spared {{ {STAFF} }}"),
            ("a queue that was taken away", "flush chain inet holdfast ask"),
            ("a log that was taken away", "flush chain inet holdfast tried"),
            ("a log of another group", "flush chain inet holdfast tried; add rule inet holdfast tried log group 1"),
            ("a chain of one's own that hooks", "add chain inet holdfast x { type filter hook output priority 0; policy accept; }")):
        layer.becomes("verified")
        sh("nft", command)
        check(f"attack: {what} is seen", wait_for(lambda: layer.probe()["tampered"]))
        check(f"attack: {what} is put right", layer.becomes("verified") and curl(STAFF, TOOL, DEDICATED) == REFUSED and
              curl(STAFF, SITE, SHARED) == ENDED and curl(OFFICER, TOOL, DEDICATED) == 0, layer.probe())
    layer.becomes("verified")
    sh("nft", "add", "table", "inet", "newcomer")
    check("another's new table is no tampering", not layer.probe()["tampered"])
    sh("nft", "delete", "table", "inet", "newcomer")
    names(layer)
    check("D9.3: after all that ours is what it was", layer.apply() == "ok" and ours() == before, changed(before, ours()))
    check("D9.3: and others' rules too", others() == without_ours, others())
    sh("nft", "add chain inet holdfast out { type filter hook output priority 10; }; add rule inet holdfast out goto look")
    check("attack: a table of a lock, put back after the all-clear", curl(STAFF, TOOL, DEDICATED) == REFUSED)
    saw = layer.probe()
    check("D9.3: is seen and taken away", saw["tampered"] and saw["state"] == "idle" and curl(STAFF, TOOL, DEDICATED) == 0, saw)
    check("D9.3: and all is as it was", ours() == before and not layer.probe()["tampered"], changed(before, ours()))
    sh("nft", "delete table inet holdfast")
    lock(layer)
    layer.apply()
    sh("nft", "delete table inet holdfast")
    check("open: a table that somebody flushed is no harm", layer.state() == "idle" and not layer.probe()["tampered"])
    lock(layer)
    check("and a raise has one all the same", curl(STAFF, TOOL, DEDICATED) == REFUSED and curl(STAFF, SITE, SHARED) == ENDED)
    layer.apply()
    layer.close()


def names(layer):
    process = wait_for(lambda: fences("names"))
    check("one process looks at names", process and len(process) == 1, process)
    os.kill(process[0], signal.SIGKILL)
    again = wait_for(lambda: [pid for pid in fences("names") if pid != process[0]])
    saw = layer.probe()
    check("attack: killed, it is started again at once", bool(again), fences("names"))
    check("attack: and that is called tampering", saw["tampered"] and "names" in saw["text"], saw)
    check("attack: and names are refused again", layer.becomes("verified") and curl(STAFF, SITE, SHARED) == ENDED)
    os.kill(fences("names")[0], signal.SIGSTOP)
    saw = layer.probe()
    check("attack: one that stands still is seen and replaced", saw["tampered"] and layer.becomes("verified") and
          curl(STAFF, SITE, SHARED) == ENDED, saw)
    check("an ordinary user cannot end it", as_user(STAFF, ["kill", "-9", str(fences("names")[0])])[0] != 0)
    check("it holds one right alone", capabilities(fences("names")[0]) == 1 << 12)


def capabilities(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1], 16) for line in status if line.startswith("CapEff"))


def crash(folder):
    layer = new_layer(folder)
    before = ruleset()
    lock(layer)
    layer.kill()
    check("D9.2: killed, the agent leaves its rules in the kernel", hooks() == 4 and curl(STAFF, TOOL, DEDICATED) == REFUSED)
    check("D9.2: and the names are refused still", curl(STAFF, SITE, SHARED) == ENDED)
    check("D9.1: and the exempt person goes on", curl(OFFICER, TOOL, DEDICATED) == 0 and curl(OFFICER, SITE, SHARED) == 0)
    os.kill(fences("names")[0], signal.SIGKILL)
    wait_for(lambda: not fences("names"))
    check("without agent and filter: what has its own addresses stays shut", curl(STAFF, TOOL, DEDICATED) == REFUSED)
    check("without agent and filter: what shares its addresses is refused, all others pass",
          [curl(STAFF, OTHER, SHARED), curl(STAFF, OTHER, UNLISTED)] == [REFUSED, 0])
    stop = threading.Event()
    opened = []

    def knock():
        while not stop.is_set():
            opened.append(curl(STAFF, TOOL, DEDICATED))
    knocker = threading.Thread(target=knock)
    knocker.start()
    layer = Layer("network", folder)
    check("D9.2: the next life sees that something is blocked before it is told anything", layer.state() == "armed", layer.probe())
    lock(layer)
    stop.set()
    knocker.join()
    check("D9.2: taken over without a gap", opened and set(opened) == {REFUSED}, opened)
    check("D9.2: the addresses were remembered", DEDICATED6 in ruleset())
    layer.ask({"ready": [block(**PLAN)]})
    check("D9.3: released by the next life", layer.apply() == "ok" and ruleset() == before, ruleset())
    layer.close()
    layer = new_layer(folder)
    lock(layer)
    layer.kill()
    layer = Layer("network", folder)
    check("D9.3: a life that is told to release first releases", layer.apply() == "ok" and "holdfast {" not in ruleset().replace("ip holdfast", ""),
          ruleset())
    check("D9.3: and leaves no process", wait_for(lambda: not fences("names")))
    layer.close()


KNOCK = """
import socket, sys
for address in sys.argv[2:] * int(sys.argv[1]):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        s.connect((address, 443))
        print("passed")
    except ConnectionRefusedError:
        pass
    s.close()
"""
FLOODER = 2100
MANY = [f"198.51.100.{i}" for i in range(1, 61)]  # a host has at most 64 addresses


def knock(uid, *addresses, times=1):
    """Whether every one of so many connections is refused."""
    return as_user(uid, ["/usr/bin/python3", "-c", KNOCK, str(times), *addresses]) == (0, "")


def take_log():
    """Somebody else listens to our group: a message NFULNL_MSG_CONFIG with the command BIND."""
    listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
    listener.bind((0, 0))
    attribute = struct.pack("=HHB3x", 5, 1, 1)
    listener.send(struct.pack("=IHHII", 20 + len(attribute), 4 << 8 | 1, 5, 1, 0) + struct.pack("!BBH", 0, 0, LOG_GROUP) + attribute)
    check("somebody else has the kernel's log", struct.unpack_from("=i", listener.recv(1024), 16) == (0,) and logs() == [LOG_GROUP], logs())
    return listener


def told(folder):
    """D9.2: an attempt at an address is refused, and its person is told with the name of the tool; whoever listens or not."""
    users = iter(range(2001, FLOODER))
    layer = new_layer(folder)

    def is_told(uid, layer, seconds=ENOUGH):
        return wait_for(lambda: (uid, TOOL) in layer.blocked, seconds)

    def marked():
        """What was told before an attempt that is told now; one in the tenth of a second after many others may have to be made again."""
        marker = next(users)
        check("an attempt is told", wait_for(lambda: knock(marker, DEDICATED) and is_told(marker, layer, 0.3)), layer.blocked)
        return {uid for uid, _ in layer.blocked}
    sh("ip", "route", "add", "198.51.100.0/24", "dev", "lo")  # so that what was not refused would go nowhere
    layer.ask({"learn": {**LESSONS, TOOL: LESSONS[TOOL] + MANY}})
    wait_for(lambda: MANY[-1] in ruleset())
    open_one = next(users)
    kept = KeptAlive(open_one, DEDICATED)
    lock(layer)
    check("one listener to the kernel's log", logs() == [LOG_GROUP], logs())
    check("D9.2: a connection that the raise ends is no attempt", kept.is_ended() and open_one not in marked(), layer.blocked)
    for address in (DEDICATED, DEDICATED6):
        tcp, udp = next(users), next(users)
        check(f"D9.2: told of TCP to {address}", knock(tcp, address) and is_told(tcp, layer), layer.blocked)
        check(f"D9.2: told of a datagram to {address}", datagram(udp, address, 443, LONG_HEADER) == "refused" and is_told(udp, layer),
              layer.blocked)
    check("D9.1: of an exempt person, of root and of the link nothing is told",
          [curl(uid, TOOL, DEDICATED) for uid in (OFFICER, 0, LINK)] == [0, 0, 0] and not marked() & {OFFICER, 0, LINK}, layer.blocked)
    layer.probe()
    before = {uid for uid, _ in layer.blocked}
    check("of the probe's own tries nothing is told", all(2000 < uid < FLOODER for uid in marked() | before), layer.blocked)
    flood(layer, FLOODER, marked)
    unheard(folder, layer, FLOODER + 2)


def flood(layer, uid, marked):
    started, woken = time.monotonic(), wakeups(layer.process.pid)
    check("attack: each of 1000 connections is refused", knock(uid, DEDICATED, times=1000))
    check("attack: and each at one of many addresses", knock(uid, *MANY, times=5))
    took, woken = time.monotonic() - started, wakeups(layer.process.pid) - woken
    check("attack: they wake the agent rarely", woken < 30 + 10 * took, (woken, took))
    with subprocess.Popen(["/usr/bin/python3", "-c", KNOCK, "1000000", DEDICATED], preexec_fn=drop(uid + 1)) as without_end:
        wait_for(lambda: (uid + 1, TOOL) in layer.blocked)
        check("attack: one that goes on hides nobody else's attempts", all(marked() for _ in range(3)) and without_end.poll() is None)
        without_end.kill()
    took = time.monotonic() - started
    check("attack: and the person is told a few times, not a thousand", 1 <= layer.blocked.count((uid, TOOL)) <= 2 + took, (layer.blocked, took))


def unheard(folder, layer, uid):
    """Without a listener, and with one that is not ours."""
    layer.kill()
    check("attack: the listener is killed: still refused", logs() == [] and knock(uid, DEDICATED) and knock(uid, DEDICATED6), logs())
    other = take_log()
    layer = Layer("network", folder)
    lock(layer)
    check("somebody else has the log: refused, and called whole", knock(uid, DEDICATED) and layer.state() == "verified", layer.probe())
    other.close()
    check("the next look listens", layer.state() == "verified" and logs() == [LOG_GROUP], logs())
    check("and tells", knock(uid + 1, DEDICATED) and wait_for(lambda: (uid + 1, TOOL) in layer.blocked), layer.blocked)
    layer.apply()
    layer.close()


def lessons(folder):
    """What the link says is not to be believed (D9.2: it shuts nothing of the device's own network, and opens nothing)."""
    with open("/etc/resolv.conf", encoding="ascii", errors="replace") as file:
        resolvers = [line.split()[1] for line in file if line.startswith("nameserver")]
    layer = new_layer(folder)
    lock(layer)
    lies = ["127.0.0.1", "::1", "0.0.0.0", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.1.1", "224.0.0.1", "255.255.255.255",
            "fe80::1", "fc00::1", "ff02::1", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "not an address", "", *resolvers]
    layer.ask({"learn": {TOOL: lies + ["198.51.100.9"]}})
    wait_for(lambda: "198.51.100.9" in ruleset())
    held = "".join(sh("nft", "list", kind, "inet", "holdfast", name) for kind, name in
                   (("set", "shared4"), ("set", "shared6"), ("map", "shut4"), ("map", "shut6")))
    check("attack: a link shuts no address of this device's own network", not any(f" {lie} " in held for lie in lies if lie), held)
    check("attack: the loopback address is open", curl(STAFF, OTHER, "127.0.0.1") == REFUSED and layer.state() == "verified")
    layer.ask({"learn": {TOOL: ["198.51.100.10"], SITE: [], "x" * 300: ["198.51.100.11"]}})
    wait_for(lambda: "198.51.100.10" in ruleset())
    check("attack: while something is locked a link makes nothing forgotten", curl(STAFF, TOOL, DEDICATED) == REFUSED and SHARED in ruleset())
    layer.ask({"learn": {TOOL: [f"198.51.{i // 250}.{i % 250}" for i in range(9000)]}})
    wait_for(lambda: " 198.51.0." in ruleset())
    listing = json.loads(sh("nft", "-j", "list", "map", "inet", "holdfast", "shut4"))
    n = len(listing["nftables"][-1]["map"]["elem"])
    check("attack: a host has no more than 64 addresses", n <= 64, n)
    for nonsense in ([], {"a": 1}, {"a": {"b": []}}, {TOOL: [1, None, []]}):
        layer.ask({"learn": nonsense})
    check("attack: nonsense teaches nothing and ends nothing", layer.state() == "verified")
    layer.apply()
    layer.ask({"learn": LESSONS})
    check("open: a new answer takes the place of the old", wait_for(lambda: "198.51.100.10" not in ruleset()) is not False)
    layer.close()
    with open(f"{folder}/state/addresses.json", "w", encoding="ascii") as file:
        file.write('{"posting.example": ["10.0.0.1", "203.0.113.10"], "torn')
    layer = Layer("network", folder)
    check("a damaged note of addresses is no reason to fail", layer.apply(block(open_for=[OFFICER], **PLAN)) == "ok" and
          curl(STAFF, SITE, SHARED) == ENDED)
    layer.ask({"learn": LESSONS})
    check("what is learned while locked is refused at once", wait_for(lambda: curl(STAFF, OTHER, DEDICATED) == REFUSED))
    layer.apply()
    layer.close()


def people(folder):
    """Different tools can be open for different people (D9.1, a poster's pass)."""
    layer = new_layer(folder)
    lock(layer, block(addresses=[TOOL], dedicated=[TOOL], open_for=[OFFICER, STAFF]), block(addresses=[SITE], open_for=[OFFICER]))
    check("open for both: the tool", [curl(STAFF, TOOL, DEDICATED), curl(OFFICER, TOOL, DEDICATED), curl(STRANGER, TOOL, DEDICATED)] ==
          [0, 0, REFUSED])
    check("open for one: the site", [curl(STAFF, SITE, SHARED), curl(OFFICER, SITE, SHARED)] == [ENDED, 0])
    lock(layer, block(addresses=[TOOL], dedicated=[TOOL], open_for=[OFFICER]), block(addresses=[SITE], open_for=[STAFF, OFFICER]))
    check("changed over: the tool", [curl(STAFF, TOOL, DEDICATED), curl(OFFICER, TOOL, DEDICATED)] == [REFUSED, 0])
    check("changed over: the site", [curl(STAFF, SITE, SHARED), curl(OFFICER, SITE, SHARED)] == [0, 0])
    lock(layer, block(addresses=[TOOL], dedicated=[TOOL], open_for=[OFFICER]), block(addresses=[TOOL], dedicated=[TOOL], open_for=[STAFF]))
    check("two blocks of one address: open for those for whom both are", [curl(STAFF, TOOL, DEDICATED), curl(OFFICER, TOOL, DEDICATED)] ==
          [REFUSED, REFUSED])
    check("the site is open again", curl(STAFF, SITE, SHARED) == 0)
    layer.apply()
    layer.close()


def restore(folder):
    """Any sequence of raises, amendments, crashes, lessons and other vendors' rules ends in the ruleset as it was."""
    rng = random.Random(20260211)
    for life in range(6):
        subprocess.run(["nft", "flush", "ruleset"], check=True)
        foreign()
        vendor, layer, steps = 0, Layer("network", folder), []
        layer.ask({"ready": [block(**PLAN)]})
        layer.ask({"learn": LESSONS})
        wait_for(lambda: DEDICATED in ruleset())
        without_ours = others()
        for _ in range(8):
            step = rng.choice(("raise", "amend", "release", "kill", "vendor", "flush", "names", "learn"))
            steps.append(step)
            if step in ("raise", "amend"):
                layer.apply(block(open_for=rng.sample([OFFICER, STAFF, STRANGER], rng.randrange(3)), **PLAN))
            elif step == "release":
                layer.apply()
            elif step == "kill":
                layer.kill()
                layer = Layer("network", folder)
            elif step == "vendor":
                vendor += 1
                sh("nft", f"add table inet v{vendor}; add chain inet v{vendor} c {{ type filter hook output priority {vendor}; }}")
                without_ours = others()
            elif step == "flush":
                subprocess.run(["nft", "delete", "table", "inet", "holdfast"], capture_output=True, check=False)
            elif step == "names":
                for pid in fences("names"):
                    os.kill(pid, signal.SIGKILL)
            else:
                layer.ask({"learn": LESSONS})
        layer.apply()
        layer.ask({"ready": [block(**PLAN)]})
        check(f"D9.3: life {life} ({' '.join(steps)}): others' rules are what they were", others() == without_ours, others())
        check(f"D9.3: life {life}: ours are unhooked, and nothing runs", hooks() == 0 and layer.state() == "idle" and
              wait_for(lambda: not fences("names") and not queues()), layer.probe())
        check(f"D9.3: life {life}: reachable", curl(STAFF, TOOL, DEDICATED) == 0)
        layer.ask({"ready": []})
        check(f"D9.3: life {life}: without a register nothing of ours is left", ruleset() == others(), ruleset())
        layer.close()


def held_up(folder):
    """Who sends out of a file whose pages never come holds their socket, and whoever ends it waits for them: not the agent."""
    if not os.path.exists("/dev/fuse"):
        print("skip a socket that its owner holds up: this machine has no /dev/fuse")
        results["skipped"] += 1
        return
    layer, held, other = new_layer(folder), HeldPage(f"{folder}/held", STAFF), KeptAlive(STRANGER, SHARED)
    sender = subprocess.Popen(["/usr/bin/python3", "-c", SENDS, SHARED, "443", held.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL, preexec_fn=lambda: (os.setgid(STAFF), os.setuid(STAFF)))
    sender.stdout.readline()
    sender.stdin.write("\n")
    sender.stdin.flush()
    check("somebody holds their socket up", held.asked.wait(ENOUGH))
    late = threading.Timer(ENOUGH, held.close)  # an agent that waits comes back all the same, and the check fails
    late.start()
    started = time.monotonic()
    lock(layer)
    check("attack: a socket that its owner holds up: the agent goes on", time.monotonic() - started < ENOUGH / 2, time.monotonic() - started)
    check("attack: and the connection of another is ended meanwhile", wait_for(lambda: connections(STRANGER) == 0) and other.is_ended())
    late.cancel()
    held.close()
    sender.wait()
    check("and nothing of it is left when it moves", wait_for(lambda: not asides(layer)), asides(layer))
    layer.apply()


def connections(uid):
    """How many of that user's stand, as the kernel shows them."""
    rows = [line.split() for line in read("/proc/net/tcp").splitlines()[1:]]
    return sum(row[3] == "01" and int(row[7]) == uid for row in rows)


def asides(layer):
    """Processes of the layer's that wait in its place."""
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and pid != str(layer.process.pid) and
            read(f"/proc/{pid}/cmdline") == read(f"/proc/{layer.process.pid}/cmdline")]


def others():
    """The ruleset without our table."""
    kept, ours = [], False
    for line in ruleset().splitlines(keepends=True):
        ours = ours or line.startswith("table inet holdfast ")
        if not ours and not line.startswith("# Warning: table inet holdfast"):
            kept.append(line)
        if line.startswith("}"):
            ours = False
    return "".join(kept)


def body(folder, _group):
    os.environ["HF_TEST_LINK_UID"] = str(LINK)
    servers(folder)
    for part in (idle, blocked, held_up, told, tampering, crash, lessons, people, restore):
        started = time.monotonic()
        subprocess.run(["nft", "flush", "ruleset"], check=True)
        part(folder)
        print(f"       {part.__name__}: {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    if results["failed"] == 0:
        sys.exit(run_inside(body))
