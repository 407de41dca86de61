# SPDX-License-Identifier: MIT
"""What the tests of browsers share: a web server over TLS on this machine, and ports."""
import http.server
import socket
import ssl
import subprocess
import threading

from common import ENOUGH


def serve_tls(folder, page):
    """A server on a port of its own with a certificate that nobody knows; page answers, daemon threads serve."""
    key, certificate = f"{folder}/web.key", f"{folder}/web.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=x.com", "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=ENOUGH)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0
