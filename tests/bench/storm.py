#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""storm.py ROUNDS OUT - how soon 200 links have a verified state when the broker, which was away, is back.

The links are holdfast-link as it ships, each with a certificate of its own and over TLS; the agents behind them are sockets that
verify the controller's signature and do nothing else. The baseline is what 200 handshakes take that broker, up to its
answer to MQTT's CONNECT, all begun at once by one program that knows when the broker is there.
"""
import datetime
import os
import selectors
import socket
import ssl
import subprocess
import sys
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{SOURCE}/tests/system"]

from common import end, end_process, read, wait_for, write  # noqa: E402
from council_help import BUILD, COUNCIL, contract, key  # noqa: E402
from figures import AtMost, Rows  # noqa: E402
from test_controller import Office  # noqa: E402

LINKS, AWAY_S = 200, (1, 3, 12)
FLOOR = f"{LINKS} handshakes at once"
NOBODY = 65534


class Papers:
    """Certificates by the broker's authority, made here: the openssl command takes a minute for as many."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = x509.load_pem_x509_certificate(read(f"{folder}/ca.crt", "rb"))
        self.key = serialization.load_pem_private_key(read(f"{folder}/ca.key", "rb"), None)

    def make(self, name):
        own, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.utcnow()
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.ca.subject).public_key(own.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                .not_valid_after(now + datetime.timedelta(days=1)).sign(self.key, hashes.SHA256()))
        write(f"{self.folder}/{name}.crt", made.public_bytes(serialization.Encoding.PEM))
        write(f"{self.folder}/{name}.key", own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                             serialization.NoEncryption()))
        os.chmod(f"{self.folder}/{name}.key", 0o644)


class Links:
    """So many links, and their agents' ends."""

    def __init__(self, office, papers):
        self.selector, self.processes, self.seq = selectors.DefaultSelector(), [], {}
        self.controller = key("c1").raw
        for i in range(LINKS):
            name = f"link-{i}"
            papers.make(name)
            self.start(office, name)
        self.wait(lambda: len(self.seq) == LINKS)

    def start(self, office, name):
        etc = f"{office.folder}/{name}"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        write(f"{etc}/link.conf", f"user = nobody\ndevice = {name}\ncouncil = {COUNCIL}\nhost = localhost\nport = {office.broker.port}\n"
              f"ca = {office.folder}/ca/ca.crt\ncertificate = {office.folder}/ca/{name}.crt\nkey = {office.folder}/ca/{name}.key\n"
              f"socket = {etc}/s\nlog = error\n")
        listener.bind(f"{etc}/s")
        os.chmod(f"{etc}/s", 0o666)
        listener.listen(1)
        self.processes.append(subprocess.Popen([f"{BUILD}/holdfast-link", "-f", f"{etc}/link.conf"], stdin=subprocess.DEVNULL))
        agent, _ = listener.accept()
        listener.close()
        self.selector.register(agent, selectors.EVENT_READ, name)

    def hear(self, seconds):
        for ready, _ in self.selector.select(seconds):
            topic, _, payload = ready.fileobj.recv(131072).partition(b"\n")
            if (b"/state/" in topic or b"/beat/" in topic) and contract.signers(payload, {"c1": self.controller}):
                self.seq[ready.data] = max(self.seq.get(ready.data, 0), contract.document_of(payload)["seq"])

    def wait(self, condition):
        """Seconds until it is so."""
        begin = time.monotonic()
        while not condition():
            if time.monotonic() - begin > 120:
                raise RuntimeError(f"{len(self.seq)} links have heard a state")
            self.hear(0.2)
        return time.monotonic() - begin

    def all_after(self, seq):
        return lambda: all(heard > seq for heard in self.seq.values())

    def end(self):
        for process in self.processes:
            end(process)


class Handshakes:
    """As many clients as there are links, of other names."""

    def __init__(self, office, papers):
        self.port, self.contexts = office.broker.port, []
        for i in range(LINKS):
            name = f"hand-{i}"
            papers.make(name)
            context = ssl.create_default_context(cafile=f"{office.folder}/ca/ca.crt")
            context.load_cert_chain(f"{office.folder}/ca/{name}.crt", f"{office.folder}/ca/{name}.key")
            self.contexts.append((name.encode(), context))

    @staticmethod
    def connect_packet(name):
        body = b"\0\4MQTT\4\2\0\0" + len(name).to_bytes(2, "big") + name
        return bytes([0x10, len(body)]) + body

    def begin(self, name, context):
        plain = socket.create_connection(("127.0.0.1", self.port))
        secure = context.wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False)
        secure.setblocking(False)
        return secure, self.go_on(secure, name)

    def go_on(self, secure, name):
        """A generator of what it waits for: the handshake, then the broker's yes."""
        while True:
            try:
                secure.do_handshake()
                break
            except ssl.SSLWantReadError:
                yield
        secure.send(self.connect_packet(name))
        while True:
            try:
                if secure.recv(4)[3:4] != b"\0":
                    raise RuntimeError("the broker refuses")
                return
            except ssl.SSLWantReadError:
                yield

    def all(self):
        begin, selector, left = time.monotonic(), selectors.DefaultSelector(), 0
        sockets = []
        for name, context in self.contexts:
            secure, steps = self.begin(name, context)
            sockets.append(secure)
            next(steps)
            selector.register(secure, selectors.EVENT_READ, steps)
            left += 1
        while left:
            for ready, _ in selector.select(60):
                if next(ready.data, "done") == "done":
                    selector.unregister(ready.fileobj)
                    left -= 1
        took = time.monotonic() - begin
        for secure in sockets:
            secure.close()
        return took


def storm(office, links, away):
    """Seconds from the broker's return until each link has had a state that was said after it."""
    seq = max(links.seq.values())
    office.broker.kill()
    time.sleep(away)  # the length of the outage, and not a wait for something
    office.broker.start()
    return links.wait(links.all_after(seq))


def play(office, rounds):
    papers = Papers(f"{office.folder}/ca")
    hands, links, times = Handshakes(office, papers), Links(office, papers), {}
    try:
        for _ in range(rounds):
            for away in AWAY_S:
                times.setdefault(f"{LINKS} links have a verified state, broker away for {away} s", []).append(storm(office, links, away))
                times.setdefault(FLOOR, []).append(hands.all())
    finally:
        links.end()
    return times


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        office = Office(folder)
        try:
            office.broker.start()
            if not office.start():
                raise RuntimeError(office.log())
            times = play(office, int(sys.argv[1]))
        finally:
            end_process(office.controller)
            office.broker.kill()
    rows = Rows()
    rows.add(FLOOR, "ms", times.pop(FLOOR))
    for what, values in times.items():
        rows.add(what, "ms", values, FLOOR, promise=AtMost(times=1.3, more=500))
    rows.save(sys.argv[2])


if __name__ == "__main__":
    main()
