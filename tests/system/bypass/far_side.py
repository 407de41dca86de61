#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""far_side.py site LOG CERTIFICATE KEY | proxy ADDRESS PORT - what stands on the other side of the wire.

site: the platforms, the council's own site, a resolver. Every post that arrives, by whatever door, is a line of LOG before
it is answered: `host token`. The oracle of the bypass suite is that file and nothing else. proxy: forwards CONNECT.
"""
import base64
import hashlib
import http.server
import select
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
import urllib.parse

TLS_PORTS, PLAIN_PORTS, DATAGRAM_PORTS = (443, 853, 8443), (80,), (443,)
PROXY_PORT, TLS_PROXY_PORT = 3128, 3443
RESOLVED = "203.0.113.10"  # what the resolver says of every name
WEBSOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
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
    class Site(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path == "/dns-query":
                self.answer(dns_answer(body), "application/dns-message")
                return
            log.post(self.host(), token_of(body))
            self.answer(b'{"url": "https://social.example/1", "id": "1"}', "application/json")

        def do_GET(self):
            path, _, query = self.path.partition("?")
            if self.headers.get("Upgrade", "").lower() == "websocket":
                self.websocket()
            elif path == "/worker.js":
                self.answer(WORKER.encode(), "text/javascript")
            elif path == "/auto":
                self.page(AUTO.format(token=urllib.parse.unquote(query)))
            elif path == "/frame":
                self.page("", f'<iframe src="{urllib.parse.unquote(query)}"></iframe>')
            else:
                self.page("")

        def page(self, script, more=""):
            self.answer((PAGE.format(host=self.host(), script=script) + more).encode(), "text/html")

        def host(self):
            return (self.headers.get("Host") or "none").split(":")[0]

        def answer(self, body, kind):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(body)

        def websocket(self):
            key = self.headers["Sec-WebSocket-Key"].encode()
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key + WEBSOCKET).digest()).decode())
            self.end_headers()
            self.close_connection = True
            while (token := frame(self.rfile)) is not None:
                log.post(self.host(), token)
                self.wfile.write(b"\x81\x02ok")

        def log_message(self, *_):
            pass
    return Site


def frame(stream):
    """The token of one short masked text frame; None: it has ended."""
    head = stream.read(2)
    if len(head) < 2 or head[0] & 15 == 8:
        return None
    mask, data = stream.read(4), stream.read(head[1] & 127)
    return token_of(bytes(b ^ mask[i % 4] for i, b in enumerate(data)))


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


class Server(http.server.ThreadingHTTPServer):
    """On IPv6 and IPv4, with TLS if there is a context."""
    address_family = socket.AF_INET6
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port, handler, context=None):
        super().__init__(("::", port), handler, bind_and_activate=False)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.server_bind()
        self.server_activate()
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "far", self.server_address[1]

    def handle_error(self, *_):
        pass


def datagrams(port, log):
    far = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    far.bind(("::", port))
    while True:
        data, sender = far.recvfrom(2048)
        log.post("datagram", token_of(data))
        far.sendto(b"ok", sender)


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
        pairs = {self.connection: there, there: self.connection}
        while True:
            for one in select.select(list(pairs), [], [])[0]:
                data = one.recv(65536)
                if not data:
                    return
                pairs[one].sendall(data)


class ProxyServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def handle_error(self, *_):
        pass


def serve(path, certificate, key):
    log = Log(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    handler = site_handler(log)
    servers = [Server(port, handler, context) for port in TLS_PORTS] + [Server(port, handler) for port in PLAIN_PORTS]
    servers += [ProxyServer(("0.0.0.0", port), Proxy) for port in (PROXY_PORT, TLS_PROXY_PORT)]
    servers[-1].socket = context.wrap_socket(servers[-1].socket, server_side=True, do_handshake_on_connect=False)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    for port in DATAGRAM_PORTS:
        threading.Thread(target=datagrams, args=(port, log), daemon=True).start()


def main():
    if sys.argv[1] == "proxy":
        ProxyServer((sys.argv[2], int(sys.argv[3])), Proxy).serve_forever()
    print("unshared", flush=True)
    sys.stdin.readline()  # the addresses are there now
    serve(*sys.argv[2:])
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
