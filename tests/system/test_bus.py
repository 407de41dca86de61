#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The bus against a real broker over TLS: whom it believes, what it refuses, how it comes back, how it ends.

proto/README.md "Bus"; tests/FACTS.md "The bus". HF_BUILD names the build folder.
"""
import glob
import os
import queue
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from common import ENOUGH, check, closing, read, rests, skip, took, wait_for, wakeups
from web_help import free_port, listens

PROBE = os.path.abspath(os.path.join(os.environ.get("HF_BUILD", "build"), "tests", "bus_probe"))
INSIDE = "--inside"
MESSAGE_MAX = 65536
CONF = """listener {port} 127.0.0.1
cafile {folder}/ca.crt
certfile {folder}/server.crt
keyfile {folder}/server.key
tls_version tlsv1.3
require_certificate true
allow_anonymous true
persistence false
max_queued_messages 0
allow_duplicate_messages true
"""
def openssl(folder, *args):
    subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True, timeout=ENOUGH)


def make_ca(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt")


def make_cert(folder, ca, name, *, san="DNS:none"):
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    with open(os.path.join(folder, f"{name}.ext"), "w", encoding="ascii") as f:
        f.write(f"subjectAltName={san}\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.crt", "-CAkey", f"{ca}.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt")


class Broker:
    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        self.conf = os.path.join(folder, f"broker-{self.port}.conf")
        with open(self.conf, "w", encoding="ascii") as f:
            f.write(CONF.format(port=self.port, folder=folder))
        self.start()

    def start(self):
        self.process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", self.conf], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        if not wait_for(lambda: listens(self.port)):
            raise RuntimeError("the broker did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def publish(self, *options, text=None):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-q", "1", "--cafile", f"{self.folder}/ca.crt",
                        "--cert", f"{self.folder}/d1.crt", "--key", f"{self.folder}/d1.key", *options],
                       input=text, check=True, timeout=ENOUGH)


class Probe:
    """bus_probe, its lines in a queue."""

    usual = {"host": "127.0.0.1", "ca": "ca", "cert": "d1", "protocol": 5, "keepalive": 60}

    def __init__(self, folder, port, **other):
        self.lines, self.seen, way = queue.Queue(), [], {**self.usual, **other}
        args = [way["host"], port, f"{folder}/{way['ca']}.crt", f"{folder}/{way['cert']}.crt",
                f"{folder}/{way.get('key', way['cert'])}.key", "d1", way["protocol"], way["keepalive"], MESSAGE_MAX, "t/#"]
        self.process = subprocess.Popen([PROBE, *map(str, args)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, bufsize=1, start_new_session=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put((time.monotonic(), line.rstrip("\n")))
        self.lines.put((time.monotonic(), "end"))

    def say(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def expect(self, start, seconds=ENOUGH):
        """The next line that begins so, and when it came; ("", 0) if it does not come. Fewer seconds are for what must not."""
        end = time.monotonic() + seconds
        while True:
            try:
                at, line = self.lines.get(timeout=max(0.001, end - time.monotonic()))
            except queue.Empty:
                return "", 0
            self.seen.append(line)
            if line.startswith(start):
                return line, at

    def end(self):
        """Closes its input; how long ending the bus took, in ms; -1 when it did not end."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        line, _ = self.expect("freed")
        self.expect("end")
        try:
            code = self.process.wait(ENOUGH)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -1
        return int(line.split()[1]) if line and code in (0, 1) else -1


class Proxy:
    """Passes bytes on, until told to swallow them: a connection that is dead and does not say so."""

    def __init__(self, target):
        self.target, self.deaf, self.count, self.answered = target, set(), 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            self.count += 1
            far = socket.create_connection(("127.0.0.1", self.target))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(a, b, self.count, a is far), daemon=True).start()

    def carry(self, a, b, number, is_answer):
        try:
            while data := a.recv(65536):
                if is_answer:
                    self.answered = time.monotonic()
                if number not in self.deaf:
                    b.sendall(data)
            if number not in self.deaf:
                b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def ends(what, probe, *never):
    """It ends, and none of these lines has come before it did."""
    ms = probe.end()
    print(f"       {what}: {ms} ms")
    check(what, ms >= 0 and not any(word in line for word in never for line in probe.seen), (ms, probe.seen))


def speaks(folder, broker, protocol):
    probe = Probe(folder, broker.port, protocol=protocol)
    check(f"MQTT {protocol} over TLS 1.3 with client certificate connects", probe.expect("up")[0] == "up", probe.seen)
    probe.say("pub t/a hello there")
    check(f"MQTT {protocol}: what is published arrives", probe.expect("message")[0] == "message t/a 11 hello there", probe.seen)
    broker.publish("-t", "t/big", "-s", text=b"y" * 70000)
    broker.publish("-t", "t/small", "-m", "after")
    line = probe.expect("message")[0]
    check(f"MQTT {protocol}: a message over the limit is dropped, the next one arrives", line == "message t/small 5 after", probe.seen)
    broker.publish("-t", "t/edge", "-s", text=b"z" * 65536)
    check(f"MQTT {protocol}: a message of exactly the limit arrives", probe.expect("message t/edge 65536")[0] != "", probe.seen)
    probe.say("size t/b 65537")
    check(f"MQTT {protocol}: publishing over the limit is refused", probe.expect("published")[0].startswith("published size"), probe.seen)
    ends(f"MQTT {protocol}: a live connection ends", probe)


def refuses(what, word, folder, port, **options):
    probe = Probe(folder, port, **options)
    line = probe.expect("down")[0]
    check(f"{what} is refused", word in line, probe.seen)
    probe.end()
    check(f"{what}: never up", "up" not in probe.seen, probe.seen)


def identity(folder, broker):
    refuses("attack: a broker of another authority", "certificate verify failed", folder, broker.port, ca="other")
    refuses("attack: a genuine broker's certificate under another name", "host name", folder, broker.port, host="localhost")
    refuses("attack: a device certificate of another authority", "cannot reach", folder, broker.port, cert="stranger")
    refuses("a key that does not belong to the certificate", "key", folder, broker.port, key="stranger")
    refuses("a key that asks for a passphrase", "key", folder, broker.port, key="locked")
    for version, word in (("-tls1_2", "protocol version"), ("-tls1_3", "it does not answer")):
        port = free_port()
        # Its input must stay open, or it ends; the second row shows that the version is what the first is refused for.
        old = subprocess.Popen(["openssl", "s_server", "-accept", str(port), version, "-cert", "server.crt", "-key", "server.key",
                                "-quiet"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: listens(port))
            refuses(f"attack: a server that offers {version} and is no broker", word, folder, port)
        finally:
            old.kill()
            old.wait()
    probe = Probe(folder, broker.port, cert="absent")
    check("a certificate file that is not there is said at once", "absent.crt" in probe.expect("failed")[0], probe.seen)
    probe.end()


def outage(folder, broker):
    probe = Probe(folder, broker.port)
    probe.expect("up")
    killed = time.monotonic()
    broker.kill()
    check("a killed broker is noticed", probe.expect("down")[0], probe.seen)
    print(f"       noticed after {took(killed)}")
    probe.say("keep t/state old", "keep t/other kept", "keep t/state new")
    for _ in range(3):
        probe.expect("published")
    broker.start()
    started = time.monotonic()
    check("a broker that comes back is noticed", probe.expect("up")[0], probe.seen)
    print(f"       noticed after {took(started)}")
    got = [probe.expect("message")[0], probe.expect("message")[0]]
    check("what was published in the outage arrives, of one topic only the newest",
          got == ["message t/state 3 new", "message t/other 4 kept"], got)
    check("nothing more arrives", probe.expect("message", 0.5)[0] == "", probe.seen)
    ends("it ends after an outage", probe)


def silence(folder, broker):
    """A suspend cannot be made here; a connection that went dead in silence looks the same to the watchdog."""
    proxy = Proxy(broker.port)
    probe = Probe(folder, proxy.port, keepalive=5)
    probe.expect("up")
    check("an idle connection stays for three keepalives", probe.expect("down", 15)[0] == "", probe.seen)
    # Just after an answered ping the library itself would need two keepalives.
    wait_for(lambda: 0.5 < time.monotonic() - proxy.answered < 1.5)
    since = proxy.answered
    proxy.deaf.add(1)
    line = probe.expect("down")[0]
    check("a connection that is dead in silence is given up by our own watch, which is sooner than the library's", "heard" in line, line)
    print(f"       given up after {took(since)}")
    check("and made anew", probe.expect("up")[0] == "up", probe.seen)
    ends("it ends", probe)
    proxy.listener.close()


def mute_has(server):
    """A connection waits at it to be taken."""
    return select.select([server], [], [], 0)[0]


def connects(pid):
    """It has a connection on its way that nobody has answered (SYN_SENT)."""
    sockets = {os.readlink(path)[8:-1] for path in glob.glob(f"/proc/{pid}/fd/*") if os.readlink(path).startswith("socket:[")}
    return any(row[3] == "02" and row[9] in sockets for row in map(str.split, read("/proc/net/tcp").splitlines()[1:]))


def dead_addresses(folder):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        probe = Probe(folder, mute.getsockname()[1])
        check("a server that accepts and says nothing is given up", "does not answer" in probe.expect("down")[0], probe.seen)
        probe.end()
        probe = Probe(folder, mute.getsockname()[1])
        wait_for(lambda: mute_has(mute))
        ends("ending while a server says nothing is interrupted, and does not wait until it is given up", probe, "does not answer")
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for s in fillers:
            s.setblocking(False)
            s.connect_ex(full.getsockname())
        probe, other = (Probe(folder, full.getsockname()[1]) for _ in range(2))
        wait_for(lambda: connects(probe.process.pid))
        ends("ending while the address does not answer is interrupted, and does not wait until it is given up", probe, "does not answer")
        check("an address that does not answer is given up", "does not answer" in other.expect("down")[0], other.seen)
        other.end()
        for s in fillers:
            s.close()
    probe = Probe(folder, free_port())
    line = probe.expect("down")[0]
    check("a closed port is said in plain words", "cannot reach the broker 127.0.0.1 port" in line and "refused" in line, line)
    check("and said once, not at each attempt", probe.expect("down", 3)[0] == "", probe.seen)
    ends("ending in a pause is interrupted", probe)


def dead_names(folder):
    """A name server that never answers, in a network and mounts of this process's own."""
    can = subprocess.run(["unshare", "-m", "-n", "true"], capture_output=True, check=False).returncode == 0
    if not can:
        skip("ending while a name server does not answer", "needs root, for namespaces")
        return
    with open(os.path.join(folder, "resolv.conf"), "w", encoding="ascii") as f:
        f.write("nameserver 127.0.0.1\noptions timeout:30 attempts:3\n")
    done = subprocess.run(["unshare", "-m", "-n", "--propagation", "private", "/usr/bin/python3", os.path.abspath(__file__), INSIDE,
                           folder], capture_output=True, text=True, timeout=2 * ENOUGH, check=False)
    ms, again, seen = (done.stdout.strip() + "  ").split(" ", 2)
    check("ending while a name server does not answer does not wait for it", ms.isdigit() and 500 < int(ms) and again == "0",
          (ms, again, seen, done.stderr))
    print(f"       after {ms} ms")


def inside(folder):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "--bind", f"{folder}/resolv.conf", "/etc/resolv.conf"], check=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 53))
        mute.settimeout(ENOUGH)
        probe = Probe(folder, 8883, host="broker.holdfast.test")
        asked = [mute.recv(512)]  # now it waits for the answer
        ms = probe.end()
        mute.setblocking(False)
        while select.select([mute], [], [], 0)[0]:
            asked.append(mute.recv(512))
        print(ms, len(asked) - len(set(asked)), probe.seen)  # who is asked again had waited in vain


def burst(folder, broker):
    probe = Probe(folder, broker.port)
    probe.expect("up")
    probe.say("stall 1500")
    text = "".join(f"{i} {'x' * 2000}\n" for i in range(3000)).encode()
    broker.publish("-t", "t/burst", "-l", text=text)
    got = []
    while len(got) < 3000 and (line := probe.expect("message")[0]):
        got.append(int(line.split()[3]))
    check("6 MB sent to a loop that stands still arrive whole and in order", got == list(range(3000)), (len(got), got[:5]))
    publisher = threading.Thread(target=broker.publish, args=("-t", "t/burst", "-l"), kwargs={"text": text})
    publisher.start()
    probe.say("stall 700", "free")
    freed, _ = probe.expect("freed")
    late = probe.expect("late", 1)[0]
    check("no call comes after the bus was freed, with messages on their way", freed and not late, late)
    publisher.join()
    probe.end()


def idle(folder, broker):
    probe = Probe(folder, broker.port)
    probe.expect("up")
    check("an idle connection does not wake in 10 s", rests(probe.process.pid, 10), wakeups(probe.process.pid))
    probe.end()


def main():
    if len(sys.argv) == 3 and sys.argv[1] == INSIDE:
        inside(sys.argv[2])
        return 0
    folder = tempfile.mkdtemp(prefix="hf-bus-")
    broker = None
    try:
        os.chmod(folder, 0o755)
        for name in ("ca", "other"):
            make_ca(folder, name)
        make_cert(folder, "ca", "server", san="IP:127.0.0.1")
        make_cert(folder, "ca", "d1")
        make_cert(folder, "other", "stranger")
        openssl(folder, "ec", "-in", "d1.key", "-aes256", "-passout", "pass:secret", "-out", "locked.key")
        for name in os.listdir(folder):
            os.chmod(os.path.join(folder, name), 0o644)
        broker = Broker(folder)
        speaks(folder, broker, 5)
        speaks(folder, broker, 311)
        identity(folder, broker)
        burst(folder, broker)
        idle(folder, broker)
        outage(folder, broker)
        silence(folder, broker)
        dead_addresses(folder)
        dead_names(folder)
    finally:
        if broker and broker.process.poll() is None:
            broker.kill()
        shutil.rmtree(folder)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
