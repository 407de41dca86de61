#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""far_side.py site LOG CERTIFICATE KEY | proxy ADDRESS PORT | resolver ADDRESS - what stands on the other side of the wire.

site: the platforms, the council's own site, a resolver. Every post that arrives, by whatever door, is a line of LOG before
it is answered: `host token`. The oracle of the bypass suite is that file and nothing else. proxy: forwards CONNECT.
resolver: one of the device itself, which answers as the far one does.
"""
import os
import selectors
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from web_help import Server, Site, tls_of  # noqa: E402  (its folder has just been named)

TLS_PORTS, PLAIN_PORTS, DATAGRAM_PORTS = (443, 853, 8443), (80,), (443, 3478, 51820)
RAW_PORT, RAW_WEB_PORT = 7070, 8080  # take whatever comes: as it were every server at once
CHATTY = 31  # whoever begins with so many bytes is answered without end
PROXY_PORT, TLS_PROXY_PORT = 3128, 3443
TCP_FASTOPEN, TCP_FASTOPEN_NO_COOKIE, UDP_LITE = 23, 34, 136
RESOLVED = "203.0.113.10"  # what the resolver says of every name
# What the plain resolver knows, and nobody else; any other name has an address of no site.
ONLY_RESOLVED = {"cdn.facebook.com": "203.0.113.25", "stub.facebook.com": "203.0.113.26", "false.facebook.com": "203.0.113.27",
                 "stream.facebook.com": "203.0.113.32", "near.facebook.com": "203.0.113.33", "late.facebook.com": "203.0.113.28", "forged.facebook.com": "203.0.113.29", "by-six.facebook.com": "203.0.113.31"}
ONLY_RESOLVED_SIX = {"six-cdn.facebook.com": "2001:db8::25", "six-by-four.facebook.com": "2001:db8::26", "forged.facebook.com": "2001:db8::29"}
A, AAAA = 1, 28
NEIGHBOURS = (5353, 5355)  # where machines ask each other: mDNS, LLMNR
RESOLVERS = ("203.0.113.53", "2001:db8::53")
NO_SITE = "198.51.100."
FORGES = "forges.example"  # whoever asks for it is answered of forged.facebook.com, which they did not ask for
PAGE = """<!doctype html><title>{host}</title><h1>{host}</h1><script>
async function post(token, where) {{
  const answer = await fetch((where || '') + '/post', {{method: 'POST', body: token, mode: where ? 'no-cors' : 'cors'}});
  return answer.status;
}}
function socket() {{
  return new Promise((done, fail) => {{
    window.kept = new WebSocket('wss://' + location.host + '/socket');
    kept.onopen = () => done('open'); kept.onerror = () => fail('error');
  }});
}}
function say(token) {{
  return new Promise((done, fail) => {{
    if (kept.readyState !== 1) fail('closed');
    kept.onmessage = () => done('said'); kept.onclose = () => fail('closed'); kept.send(token);
  }});
}}
async function worker() {{
  await navigator.serviceWorker.register('/worker.js');
  const ready = await navigator.serviceWorker.ready;
  window.helper = ready.active;
}}
function ask(token) {{
  return new Promise((done, fail) => {{
    navigator.serviceWorker.onmessage = event => event.data === 'posted' ? done('posted') : fail(event.data);
    helper.postMessage(token);
  }});
}}
{script}
</script>"""
AUTO = "const x = new XMLHttpRequest(); x.open('POST', '/post', false); try {{ x.send('{token}'); }} catch (e) {{}}"
WORKER = """self.addEventListener('message', event => event.waitUntil(
  fetch('/post', {method: 'POST', body: event.data})
    .then(() => event.source.postMessage('posted'), why => event.source.postMessage(String(why)))));
self.addEventListener('activate', event => event.waitUntil(clients.claim()));"""


class Log:
    def __init__(self, path):
        self.file, self.lock = open(path, "a", encoding="ascii"), threading.Lock()

    def post(self, host, token):
        with self.lock:
            self.file.write(f"{host} {token} {time.monotonic():.3f}\n")
            self.file.flush()


def site_handler(log):
    class Everything(Site):
        def do_POST(self):
            body = self.body()
            if self.path == "/dns-query":
                self.answer(dns_answer(body), "application/dns-message")
                return
            log.post(self.host(), token_of(body))
            self.answer(b'{"url": "https://social.example/1", "id": "1"}', "application/json")

        def do_GET(self):
            path, _, query = self.path.partition("?")
            if self.headers.get("Upgrade", "").lower() == "websocket":
                for words in self.frames():
                    log.post(self.host(), token_of(words))
                    self.wfile.write(b"\x81\x02ok")
            elif path == "/worker.js":
                self.answer(WORKER, "text/javascript")
            elif path == "/auto":
                self.page(AUTO.format(token=urllib.parse.unquote(query)))
            elif path == "/frame":
                self.page("", f'<iframe src="{urllib.parse.unquote(query)}"></iframe>')
            else:
                self.page("")

        def page(self, script, more=""):
            self.answer(PAGE.format(host=self.host(), script=script) + more)
    return Everything


def token_of(body):
    """The word in a body that begins with t-, since tools and forms wrap it in their own ways."""
    text = urllib.parse.unquote_plus(body.decode(errors="replace")).replace('"', " ").replace("=", " ").replace("&", " ")
    return next((word for word in text.split() if word.startswith("t-")), "none")


def dns_answer(query):
    """Every name has the one address; other kinds of question have no answer."""
    end = query.index(b"\0", 12) + 5
    kind = struct.unpack(">H", query[end - 4:end - 2])[0]
    head = query[:2] + struct.pack(">HHHHH", 0x8180, 1, int(kind == 1), 0, 0)
    found = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(RESOLVED)
    return head + query[12:end] + (found if kind == 1 else b"")


def plain_answer(query):
    """As a resolver of the network's answers: one address of the name that was asked for."""
    name, at = [], 12
    while query[at]:
        name.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    kind, name = query[at + 2], ".".join(name).lower()
    asked = query[12:at + 5]
    if name == FORGES:
        name = "forged.facebook.com"
        asked = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0" + query[at + 1:at + 5]
    address = resolved_address(name, kind)
    found = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(address)) + address if address else b""
    return query[:2] + struct.pack(">HHHHH", 0x8180, 1, int(bool(address)), 0, 0) + asked + found


def resolved_address(name, kind):
    if kind == A:
        return socket.inet_aton(ONLY_RESOLVED.get(name, NO_SITE + str(1 + sum(name.encode()) % 250)))
    return socket.inet_pton(socket.AF_INET6, ONLY_RESOLVED_SIX[name]) if kind == AAAA and name in ONLY_RESOLVED_SIX else b""


def resolver(address, ready=lambda: None, port=53):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as far:
        far.bind((address, port))
        ready()
        while True:
            data, sender = far.recvfrom(2048)
            far.sendto(plain_answer(data), sender)


class Stream(socketserver.BaseRequestHandler):
    """The same answers over TCP, each behind its length."""

    def handle(self):
        size = struct.unpack(">H", self.request.recv(2, socket.MSG_WAITALL))[0]
        answer = plain_answer(self.request.recv(size, socket.MSG_WAITALL))
        self.request.sendall(struct.pack(">H", len(answer)) + answer)


def datagrams(port, log, protocol=0):
    far = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, protocol)
    far.bind(("::", port))
    while True:
        data, sender = far.recvfrom(2048)
        log.post("datagram", token_of(data))
        far.sendto(b"ok", sender)


def chatter(line):
    """Answers without end: a reset that was made a moment ago is then none to the client."""
    end = time.monotonic() + 1
    try:
        while time.monotonic() < end:
            line.send(b"ok")
    except OSError:
        pass


def raw_handler(log):
    class Raw(socketserver.BaseRequestHandler):
        def handle(self):
            heard = b""
            while data := self.request.recv(65536):
                if not heard and len(data) == CHATTY:
                    threading.Thread(target=chatter, args=(self.request,), daemon=True).start()
                heard = heard[-64:] + data
                posted = (token := token_of(heard)) != "none" and heard.endswith(b" ")
                if posted:
                    log.post("raw", token)
                self.request.sendall(b"posted" if posted else b"ok")
    return Raw


class Proxy(socketserver.StreamRequestHandler):
    def handle(self):
        target = self.rfile.readline().split()[1].decode()
        while self.rfile.readline().strip():
            pass
        host, _, port = target.rpartition(":")
        try:
            there = socket.create_connection((host.strip("[]"), int(port)), 5)
        except OSError:
            self.wfile.write(b"HTTP/1.1 502 no\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 ok\r\n\r\n")
        with there:
            self.forward(there)

    def forward(self, there):
        with selectors.DefaultSelector() as both:  # select() itself takes no file number above 1,023
            both.register(self.connection, selectors.EVENT_READ, there)
            both.register(there, selectors.EVENT_READ, self.connection)
            while True:
                for one, _ in both.select():
                    data = one.fileobj.recv(65536)
                    if not data:
                        return
                    one.data.sendall(data)


class ProxyServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 128  # a hundred connections come in one moment; the kernel drops what this does not hold

    def handle_error(self, *_):
        pass


class RawServer(ProxyServer):
    address_family = socket.AF_INET6

    def server_activate(self):
        super().server_activate()
        for option, value in ((TCP_FASTOPEN, 16), (TCP_FASTOPEN_NO_COOKIE, 1)):  # as big sites do of clients that they know
            self.socket.setsockopt(socket.IPPROTO_TCP, option, value)


def as_far_away():
    """As behind a router: what may make no further hop is thrown away; and SYNs may bring bytes."""
    with open("/proc/sys/net/ipv4/tcp_fastopen", "w", encoding="ascii") as setting:
        setting.write("3")
    subprocess.run(["nft", "-f", "-"], check=True, text=True, input="""table inet router {
        chain before {
            type filter hook prerouting priority 0
            iif != lo ip ttl 1 drop
            iif != lo ip6 hoplimit 1 drop
        }
    }
""")


def serve(path, certificate, key):
    as_far_away()
    log = Log(path)
    context, handler = tls_of(certificate, key), site_handler(log)
    for port in TLS_PORTS + PLAIN_PORTS:
        Server(("::", port), handler, context if port in TLS_PORTS else None)
    servers = [ProxyServer(("0.0.0.0", port), Proxy) for port in (PROXY_PORT, TLS_PROXY_PORT)]
    servers[-1].socket = context.wrap_socket(servers[-1].socket, server_side=True, do_handshake_on_connect=False)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    for port in (RAW_PORT, RAW_WEB_PORT):
        threading.Thread(target=RawServer(("::", port), raw_handler(log)).serve_forever, daemon=True).start()
    for protocol in (0, UDP_LITE):
        for port in DATAGRAM_PORTS:
            threading.Thread(target=datagrams, args=(port, log, protocol), daemon=True).start()
    for address in RESOLVERS:
        threading.Thread(target=resolver, args=(address,), daemon=True).start()
    for port in NEIGHBOURS:
        threading.Thread(target=resolver, args=(RESOLVERS[0], lambda: None, port), daemon=True).start()
    threading.Thread(target=socketserver.ThreadingTCPServer((RESOLVERS[0], 53), Stream).serve_forever, daemon=True).start()


def main():
    if sys.argv[1] == "proxy":
        ProxyServer((sys.argv[2], int(sys.argv[3])), Proxy).serve_forever()
    if sys.argv[1] == "resolver":
        resolver(sys.argv[2], lambda: print("ready", flush=True))
    print("unshared", flush=True)
    sys.stdin.readline()  # the addresses are there now
    serve(*sys.argv[2:])
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
