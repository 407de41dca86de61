# SPDX-License-Identifier: MIT
"""What the tests of browsers share: web servers on this machine that know every name, certificates, ports."""
import base64
import hashlib
import http.server
import socket
import socketserver
import ssl
import subprocess
import threading

from common import ENOUGH

WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Site(http.server.BaseHTTPRequestHandler):
    """Answers with whole texts, and keeps no log."""
    protocol_version = "HTTP/1.1"

    def host(self):
        return (self.headers.get("Host") or "none").split(":")[0]

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, text, kind="text/html", status=200, **more):
        """more: headers, with _ for -."""
        body = text if isinstance(text, bytes) else text.encode()
        head = {"Content-Type": kind, "Content-Length": str(len(body)), "Access-Control-Allow-Origin": "*", **more}
        self.start(status, head)
        self.wfile.write(body)

    def start(self, status, head):
        self.send_response(status)
        for name, value in head.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def frames(self):
        """Be a web socket, and hand out what each short frame says, until the other end goes."""
        word = base64.b64encode(hashlib.sha1((self.headers["Sec-WebSocket-Key"] + WEBSOCKET).encode()).digest()).decode()
        self.start(101, {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": word})
        self.close_connection = True
        while len(head := self.rfile.read(2)) == 2 and head[0] & 15 != 8:
            mask, data = self.rfile.read(4), self.rfile.read(head[1] & 127)
            yield bytes(b ^ mask[i % 4] for i, b in enumerate(data))

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Serves from now on, over TLS if there is a context. At an address of IPv6 it takes those of IPv4 too."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, site, context=None):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, site)
        if context:  # who is refused in the middle of a handshake keeps nobody else waiting
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def server_bind(self):
        """Without asking for the name of this machine, which nothing here knows."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "test", self.server_address[1]

    def handle_error(self, *_):
        pass


def tls_of(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def new_tls(folder):
    """With a certificate that nobody knows."""
    key, certificate = f"{folder}/web.key", f"{folder}/web.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=x.com", "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=ENOUGH)
    return tls_of(certificate, key)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port, host="127.0.0.1"):
    with socket.socket() as s:
        return s.connect_ex((host, port)) == 0
