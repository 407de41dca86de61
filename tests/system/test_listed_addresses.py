#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Where a listed site lives nothing passes that was not read: the ways round it, what must go on there, and who fills what.

Policy D9.1 (the designated officer goes on), D9.2 (enforced whatever the person tries). Each way is tried by the exempt officer too, so that
it is known to work where it is not refused.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from common import ENOUGH, check, read, results, wait_for, write
import openings
from enforce_help import as_user, fences, run_inside
from test_network import (DEDICATED, ENDED, KNOCK, OFFICER, OTHER, REFUSED, SHARED, SHARED6, SITE, STAFF, STRANGER, TOOL, UNLISTED, KeptAlive, Page, curl, datagram,
                          hello, lock, new_layer, ruleset, servers, sh)
from web_help import Server

SHUT, PLAIN = SITE.encode(), OTHER.encode()
ODD_PORT, RAW_PORT, PROXY_PORT, FLOODER = 9443, 7070, 7128, 2500
POLICY_PROXY_PORT = 7129
NEW, BELOW = "203.0.113.31", "203.0.113.32"


class Raw:
    """Takes whatever comes on a port of its own, and answers each piece: what arrived is its log."""

    def __init__(self, address, port=RAW_PORT):
        self.arrived, self.lock = [], threading.Lock()
        self.listener = socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET, backlog=512)
        self.listener.setsockopt(socket.IPPROTO_TCP, 23, 16)  # TCP_FASTOPEN
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            one, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(one,), daemon=True).start()

    def serve(self, one):
        try:
            while data := one.recv(65536):
                with self.lock:
                    self.arrived.append(data)
                one.sendall(b"ok\n")
        except OSError:
            pass
        one.close()

    def has(self, token):
        with self.lock:
            return token in b"".join(self.arrived)


SENDS = """
import socket, sys, time
address, port, how, parts = sys.argv[1], int(sys.argv[2]), sys.argv[3], [bytes.fromhex(p) for p in sys.argv[4:]]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
s = socket.socket(family, socket.SOCK_STREAM, 262 if how == "multipath" else 0)
s.settimeout(20)
try:
    if how == "fast":
        s.setblocking(False)
        s.setsockopt(socket.IPPROTO_TCP, 30, 1)  # TCP_FASTOPEN_CONNECT
        try:
            s.connect((address, port))
        except BlockingIOError:
            pass
        for part in parts:
            s.sendall(part)
        s.close()
        print("sent")
        sys.exit()
    s.connect((address, port))
    if family != socket.AF_UNIX and how != "multipath":
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for part in parts:
        s.send(part, socket.MSG_OOB if how == "urgent" else 0)
        time.sleep(0.02)  # a segment of its own
    got = s.recv(10)
    s.settimeout(0.3)  # an answer to an earlier piece says nothing of the last
    try:
        while got and (more := s.recv(10)):
            got = more
    except TimeoutError:
        pass
    print("passed" if got else "refused")
except (ConnectionResetError, ConnectionRefusedError, BrokenPipeError):
    print("refused")
except TimeoutError:
    print("silent")
"""


def sends(uid, address, *parts, port=RAW_PORT, how=""):
    return as_user(uid, ["/usr/bin/python3", "-c", SENDS, address, str(port), how, *(p.hex() for p in parts)])[1].strip()


WAYS = openings.ways(SITE, OTHER)


def ways(layer):
    raw = {address: Raw(address) for address in (SHARED, SHARED6, UNLISTED)}
    for what, parts in WAYS:
        control = sends(OFFICER, SHARED, *parts)
        check(f"attack: {what}: refused for staff, and passes for the officer", (sends(STAFF, SHARED, *parts), control) == ("refused", "passed"))
    for port in (RAW_PORT, 443, ODD_PORT):
        check(f"attack: any port: {port}", sends(STAFF, SHARED, openings.client_hello(SITE), port=port) == "refused")
    check("attack: by IPv6", sends(STAFF, SHARED6, *WAYS[0][1]) == "refused")
    check("attack: urgent data", sends(STAFF, SHARED, openings.client_hello(OTHER), how="urgent") == "refused")
    check("attack: several paths (MPTCP)", sends(STAFF, SHARED, openings.client_hello(OTHER), how="multipath") in ("refused", ""))
    for uid, arrives in ((STAFF, False), (OFFICER, True)):
        token = f"token-{uid}".encode()
        sends(uid, SHARED, openings.request(b"POST /" + token + b" HTTP/1.1", b"Host: " + SHUT), how="fast")
        if arrives:
            check("D9.1: the last bytes of the exempt officer, whose socket is closed already, arrive", wait_for(lambda: raw[SHARED].has(token)))
        else:
            check("attack: closed before its first bytes go", not raw[SHARED].has(token))
    check("elsewhere nothing changes: what cannot be read passes", all(sends(STAFF, UNLISTED, *parts) == "passed" for _, parts in WAYS))
    check("the report counts what could not be read", wait_for(lambda: "could not be read" in layer.probe()["text"]), layer.probe())
    for port in (443, 853, 3478, 51820):
        check(f"attack: datagrams to {port}", datagram(STAFF, SHARED, port, b"\x43" + bytes(99)) == "refused")
    check("plain DNS passes", datagram(STAFF, SHARED, 53, bytes(40)) == "passed")
    return raw


LONG = """
import socket, ssl, sys
context = ssl._create_unverified_context()
s = context.wrap_socket(socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=30), server_hostname=sys.argv[3])
body = b"a" * 3000000
try:
    for n in range(3):
        s.sendall(b"GET / HTTP/1.1\\r\\nHost: " + sys.argv[3].encode() + b"\\r\\nA: b\\r\\n\\r\\n")
        assert s.recv(10000)
        print("page", flush=True)
        sys.stdin.readline()
except OSError as why:
    print(why, flush=True)
"""


def proxied():
    """The council's proxy is an address like any other, and what is said to it must be clear."""
    shut, plain = SITE.encode() + b":443", OTHER.encode() + b":443"

    def asks(uid, *parts):
        return sends(uid, UNLISTED, *parts, port=PROXY_PORT)
    tunnel = openings.request(b"CONNECT " + plain + b" HTTP/1.1", b"Host: " + plain)
    for what, parts in (
            ("a tunnel to a listed site", [openings.request(b"CONNECT " + shut + b" HTTP/1.1")]),
            ("a listed name inside a tunnel", [tunnel, openings.client_hello(SITE)]),
            ("what nobody can read inside a tunnel", [tunnel, b"SSH-2.0-a\r\n"]),
            ("17,000 bytes of headers", [openings.request(b"CONNECT " + shut + b" HTTP/1.1", *[b"A: " + bytes([97]) * 990] * 17)]),
            ("small letters", [openings.request(b"connect " + shut + b" HTTP/1.1")]),
            ("user information", [openings.request(b"GET http://" + OTHER.encode() + b"@" + SITE.encode() + b"/ HTTP/1.1")]),
            ("another host than the target's", [openings.request(b"GET http://" + SITE.encode() + b"/ HTTP/1.1", b"Host: " + OTHER.encode())]),
            ("SOCKS", [b"\x05\x01\0"])):
        check(f"attack: at the council's proxy: {what}", (asks(STAFF, *parts), asks(OFFICER, *parts)) == ("refused", "passed"))
    check("the proxy goes on for other sites", asks(STAFF, tunnel, openings.client_hello(OTHER), openings.record(b"a", 0x17)) == "passed")
    check("and in clear", asks(STAFF, openings.request(b"GET http://" + OTHER.encode() + b"/ HTTP/1.1", b"Host: " + OTHER.encode())) == "passed")
    check("another port there is no proxy", sends(STAFF, UNLISTED, b"SSH-2.0-a\r\n") == "passed")


def ordinary():
    """What must go on at an address that a listed site shares."""
    check("another site there, by TLS and HTTP, IPv4 and IPv6", [curl(STAFF, OTHER, SHARED), curl(STAFF, OTHER, SHARED, "http"),
                                                                curl(STAFF, OTHER, SHARED6), curl(STAFF, OTHER, SHARED6, "http")] == [0] * 4)
    check("on another port", sends(STAFF, SHARED, openings.client_hello(OTHER), port=ODD_PORT) == "passed")
    check("TLS 1.2", curl(STAFF, OTHER, SHARED, "https", "--tls-max", "1.2") == 0)
    check("a hello of two segments", hello(STAFF, SHARED, [openings.client_hello(OTHER, 1700)[:1400], openings.client_hello(OTHER, 1700)[1400:]]) == "passed")
    with open("/tmp/upload", "wb") as file:
        file.write(os.urandom(4000000))
    check("4 MB are sent there", curl(STAFF, OTHER, SHARED, "http", "-X", "GET", "--data-binary", "@/tmp/upload", "-H", "Expect:") in (0, 55, 56))
    check("twenty at once", all(run == 0 for run in at_once(20)))
    long = subprocess.Popen(["/usr/bin/python3", "-c", LONG, SHARED, "443", OTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                            preexec_fn=lambda: (os.setgid(STAFF), os.setuid(STAFF)))
    seen = [long.stdout.readline().strip()]
    for table in ("clear4", "young4"):
        sh("nft", "flush", "set", "inet", "holdfast", table)
        long.stdin.write("\n")
        long.stdin.flush()
        seen.append(long.stdout.readline().strip())
    check("a connection that rests longer than the kernel remembers goes on", seen == ["page"] * 3, seen)
    long.kill()
    long.wait()


def at_once(n):
    ends = [None] * n

    def one(i):
        ends[i] = curl(STAFF, OTHER, SHARED)
    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


HALVES = """
import resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
kept = []
for i in range(int(sys.argv[3])):
    s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
    s.settimeout(5)
    try:
        s.connect((sys.argv[1], int(sys.argv[2])))
        s.sendall(bytes.fromhex(sys.argv[4]))
    except OSError:
        pass
    kept.append(s)
print("there", flush=True)
sys.stdin.readline()
passed = 0
for s in kept:
    try:
        s.sendall(bytes.fromhex(sys.argv[5]))
        s.settimeout(0.5)
        passed += bool(s.recv(10))
    except OSError:
        pass
print(passed, flush=True)
"""


def halves(uid, address, n):
    """A program that begins so many hellos of a listed site, and ends them when it is told to."""
    whole = openings.client_hello(SITE)
    program = subprocess.Popen(["/usr/bin/python3", "-c", HALVES, address, str(443), str(n), whole[:30].hex(), whole[30:].hex()],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               preexec_fn=lambda: (os.setgid(uid), os.setuid(uid)))
    program.stdout.readline()
    return program


def passed_of(program):
    program.stdin.write("\n")
    program.stdin.flush()
    number = int(program.stdout.readline())
    program.wait()
    return number


def filling(layer):
    """Whoever fills what there is for all loses what is their own."""
    many = halves(FLOODER, SHARED, 100)
    check("attack: 100 halves of one program: another user reads on there", [curl(STAFF, OTHER, SHARED), curl(STAFF, SITE, SHARED)] == [0, ENDED])
    check("attack: and the program's own person opens what may be opened", curl(FLOODER, OTHER, SHARED) == 0)
    check("attack: none of the second halves passes", passed_of(many) == 0)
    check("the report says who had too many", wait_for(lambda: f"user {FLOODER}" in layer.probe()["text"]), layer.probe())
    many = halves(FLOODER, UNLISTED, 100)
    check("attack: 100 halves elsewhere: none of the second halves passes", passed_of(many) == 0)
    as_user(FLOODER, ["/usr/bin/python3", "-c", KNOCK.replace("443", "81"), "3000", SHARED])
    check("attack: thousands of connections there: others go on", [curl(STAFF, OTHER, SHARED), curl(STAFF, SITE, SHARED)] == [0, ENDED])
    as_user(FLOODER, ["/usr/bin/python3", "-c", KNOCK.replace("443", "8080"), "6000", UNLISTED])
    n = ruleset().count(f"{UNLISTED} . 8080")
    check("attack: refused connects elsewhere do not fill what is young", n < 4000, n)
    check("attack: and who does it is refused, not let through", curl(FLOODER, SITE, UNLISTED) in (REFUSED, ENDED))
    check("attack: others' names are read on", [curl(STRANGER, OTHER, UNLISTED), curl(STRANGER, SITE, UNLISTED)] == [0, ENDED])
    check("it heals by itself", wait_for(lambda: curl(FLOODER, OTHER, UNLISTED) == 0))


AT_ONCE = """
import socket, sys
kept = []
for i in range(400):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex((sys.argv[1], 82))
    kept.append(s)
sys.stdin.read()
"""


def full_queue(layer):
    """More waits than the kernel keeps for the process of names: it is refused or lost, and nobody's passes."""
    pid = fences("names")[0]
    os.kill(pid, signal.SIGSTOP)
    many = [subprocess.Popen(["/usr/bin/python3", "-c", AT_ONCE, SHARED], preexec_fn=lambda u=uid: os.setuid(u), stdin=subprocess.PIPE)
            for uid in range(FLOODER + 1, FLOODER + 9)]
    waiting = wait_for(lambda: any(int(line.split()[2]) >= 1000 for line in read("/proc/net/netfilter/nfnetlink_queue").splitlines()))
    check("attack: eight users fill the queue", waiting, read("/proc/net/netfilter/nfnetlink_queue"))
    late = subprocess.Popen(["curl", "-sk", "-o", "/dev/null", "--max-time", "2", "--resolve", f"{SITE}:443:{SHARED}", f"https://{SITE}/"],
                            preexec_fn=lambda: os.setuid(STAFF))
    check("attack: what comes when it is full does not pass", late.wait() != 0)
    check("D9.1: the exempt person goes on", curl(OFFICER, SITE, SHARED) == 0)
    os.kill(pid, signal.SIGCONT)
    for one in many:
        one.stdin.close()
        one.wait()
    check("it heals by itself: others are read on", wait_for(lambda: [curl(STAFF, OTHER, SHARED), curl(STAFF, SITE, SHARED)] == [0, ENDED]))


def newly_learned(layer):
    """Only connections to an address that has become listed end, and only those of people who are shut out."""
    read_there, new, exempt, elsewhere = (KeptAlive(uid, at) for uid, at in ((STAFF, SHARED), (STAFF, NEW), (OFFICER, NEW), (STAFF, UNLISTED)))
    layer.ask({"learn": {SITE: [SHARED, SHARED6, NEW]}})
    check("an address is learned while locked: what is open to it is ended", wait_for(lambda: new.ask() == "ended"))
    check("D9.1: but that of an exempt person", not exempt.is_ended())
    check("and nothing else", not read_there.is_ended() and not elsewhere.is_ended())


def names_below(layer):
    """A name below a listed host that somebody's program asks for is looked up, and where it lives is listed too."""
    Raw(BELOW)
    check("before its name was seen, its address is like any other", sends(STAFF, BELOW, b"SSH-2.0-a\r\n") == "passed")
    check("D9.2: the name is refused", curl(STAFF, f"graph.{SITE}", UNLISTED) == ENDED)
    check("and looked up", wait_for(lambda: f"graph.{SITE}" in layer.looked_up), layer.looked_up)
    layer.ask({"learn": {f"graph.{SITE}": [BELOW]}})
    check("attack: at its own address: no readable name", wait_for(lambda: sends(STAFF, BELOW, b"SSH-2.0-a\r\n") == "refused"))
    check("attack: the name on a port of one's own", sends(STAFF, BELOW, openings.client_hello(f"graph.{SITE}")) == "refused")
    check("D9.1: the exempt person goes on", sends(OFFICER, BELOW, b"SSH-2.0-a\r\n") == "passed")
    check("another site there goes on", sends(STAFF, BELOW, openings.client_hello(OTHER)) == "passed")
    names = layer.ask({"names": True})["names"]
    check("it is asked for again, after a name that nobody has", names[0].endswith(".example.com") and names[1:] == [f"graph.{SITE}"], names)
    sh("ip", "link", "add", "hf-there", "type", "veth", "peer", "name", "hf-far")
    sh("ip", "addr", "add", "10.9.9.1/24", "dev", "hf-there")
    for card in ("hf-far", "hf-there"):
        sh("ip", "link", "set", card, "up")
    for gateway in ("10.9.9.2", "10.9.9.3"):
        sh("ip", "route", "replace", "default", "via", gateway)
        layer.ask({"names": True})
    check("in another network it is forgotten", wait_for(lambda: BELOW not in sh("nft", "list", "set", "inet", "holdfast", "shared4")))
    check("and looked up anew", wait_for(lambda: layer.looked_up.count(f"graph.{SITE}") == 2), layer.looked_up)


def asked(layer):
    """The names that were looked up one by one, without those that nobody has."""
    return [name for name in layer.looked_up if not name.endswith(".example.com")]


def invented(layer):
    """1,000 names of one user, before and after which another's is looked up."""
    layer.ask({"learn": {f"graph.{SITE}": []}})
    program = ("import socket, sys\nfor i in range(1000):\n    s = socket.create_connection((sys.argv[1], 443))\n"
               "    s.sendall(bytes.fromhex(sys.argv[2].replace('58' * 4, f'{i:04}'.encode().hex())))\n"
               "    try: s.recv(1)\n    except OSError: pass\n    s.close()\n")
    as_user(FLOODER + 20, ["/usr/bin/python3", "-c", program, SHARED, openings.client_hello(f"aXXXX.{SITE}").hex()])
    check("attack: of 1,000 invented names one is looked up at a time", wait_for(lambda: len(asked(layer)) == 3), layer.looked_up)
    curl(STAFF, f"api.{SITE}", SHARED)

    def answered():
        layer.ask({"learn": {asked(layer)[-1]: []}})
        return f"api.{SITE}" in layer.looked_up
    check("and another user's is the next but one", wait_for(answered) and len(asked(layer)) <= 5, layer.looked_up)


def portal(layer):
    """One address for every name: it is learned of none, and the name is refused there all the same."""
    before = len(layer.looked_up)
    layer.ask({"learn": {SITE: [SHARED, UNLISTED]}})
    check("the network begins to answer every name: what it taught is shut", wait_for(lambda: sends(STAFF, UNLISTED, b"SSH-2.0-a\r\n") != "passed"))
    check("and doubted: a name that nobody has is asked for", wait_for(lambda: len(layer.looked_up) > before) and
          layer.looked_up[-1].endswith(".example.com"), layer.looked_up)
    layer.ask({"learn": {layer.looked_up[-1]: [UNLISTED]}})
    check("which has the same address: it is forgotten, and no other is", wait_for(
        lambda: sends(STAFF, UNLISTED, b"SSH-2.0-a\r\n") == "passed" and SHARED in sh("nft", "list", "set", "inet", "holdfast", "shared4")))
    name = layer.ask({"names": True})["names"][0]
    layer.ask({"learn": {name: [UNLISTED]}})
    layer.ask({"learn": {SITE: [UNLISTED], TOOL: [UNLISTED]}})
    check("a captive portal's address is not shut", [curl(STAFF, OTHER, UNLISTED), sends(STAFF, UNLISTED, b"SSH-2.0-a\r\n")] == [0, "passed"])
    check("D9.2: a listed name is refused there", [curl(STAFF, SITE, UNLISTED), curl(STAFF, TOOL, UNLISTED)] == [ENDED, ENDED])
    check("what was learned before holds", [curl(STAFF, SITE, SHARED), curl(STAFF, TOOL, DEDICATED)] == [ENDED, REFUSED])
    check("the report says so", "answers every name" in layer.probe()["text"], layer.probe())


def away(layer):
    """Without the process of names."""
    pid = fences("names")[0]
    os.kill(pid, signal.SIGSTOP)
    client = subprocess.Popen(["curl", "-sk", "--max-time", "2", "--resolve", f"{SITE}:443:{SHARED}", f"https://{SITE}/"], stdout=subprocess.PIPE,
                              preexec_fn=lambda: os.setuid(STAFF))
    check("attack: while it stands still nothing passes there", client.wait() != 0)
    layer.kill()
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not fences("names"))
    started = time.monotonic()
    check("without it all is refused there, at once", [curl(STAFF, SITE, SHARED), curl(STAFF, OTHER, SHARED)] == [REFUSED, REFUSED])
    check("and told so", time.monotonic() - started < ENOUGH / 2)
    check("D9.1: the exempt person goes on", curl(OFFICER, SITE, SHARED) == 0)
    check("elsewhere all passes", [curl(STAFF, SITE, UNLISTED), curl(STAFF, OTHER, UNLISTED)] == [0, 0])


def body(folder, _group):
    os.environ["HF_TEST_LINK_UID"] = "998"
    os.environ["HF_TEST_PROXY"] = f"{UNLISTED}:{PROXY_PORT}"
    servers(folder)
    for address in (NEW, BELOW):
        sh("ip", "addr", "add", f"{address}/32", "dev", "lo")
    Server((NEW, 80), Page)
    subprocess.run(["nft", "flush", "ruleset"], check=True)
    managed = f"{folder}/policies/chromium/managed"
    os.makedirs(managed)
    write(f"{managed}/council.json", json.dumps({"ProxySettings": {"ProxyMode": "fixed_servers", "ProxyServer": f"{UNLISTED}:{POLICY_PROXY_PORT}"}}))
    layer = new_layer(folder)
    lock(layer)
    ways(layer)
    Raw(UNLISTED, PROXY_PORT)
    proxied()
    Raw(UNLISTED, POLICY_PROXY_PORT)
    policy = [sends(uid, UNLISTED, b"\x05\x01\0", port=POLICY_PROXY_PORT) for uid in (STAFF, OFFICER)]
    check("attack: at the proxy of the browsers' managed policy: SOCKS", policy == ["refused", "passed"], policy)
    ordinary()
    filling(layer)
    full_queue(layer)
    newly_learned(layer)
    names_below(layer)
    invented(layer)
    portal(layer)
    check("nothing of this is called tampering, and it holds", not layer.probe()["tampered"] and layer.state() == "verified", layer.probe())
    away(layer)


if __name__ == "__main__":
    if results["failed"] == 0:
        sys.exit(run_inside(body))
