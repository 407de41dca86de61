# SPDX-License-Identifier: MIT
"""helpers.py WHAT ... - small clients that the attempts start as the person: kept connections, odd ways to speak TLS and TCP."""
import ctypes
import http.client
import os
import select
import socket
import ssl
import struct
import sys
import threading
import time

ANYBODY = ssl._create_unverified_context()
SECONDS = 60  # whoever is refused is told at once
MPTCP = 262
A = 1  # a question for an IPv4 address


def request(host, token):
    return f"POST /post HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(token)}\r\nConnection: close\r\n\r\n{token}".encode()


def kept(host):
    """One connection, made now; a line on standard input is posted on it, and another is made only when it has died."""
    line = http.client.HTTPSConnection(host, timeout=SECONDS, context=ANYBODY)
    line.request("GET", "/")
    line.getresponse().read()
    print("ready", flush=True)
    for token in map(str.strip, sys.stdin):
        try:
            line.request("POST", "/post", token)
            line.getresponse().read()
            print("posted", flush=True)
        except (OSError, http.client.HTTPException):
            line.close()
            print("failed", flush=True)


def kept_socket(host):
    import websocket
    there = None
    print("ready", flush=True)
    for token in map(str.strip, sys.stdin):
        try:
            if not there:
                there = websocket.create_connection(f"wss://{host}/socket", SECONDS, sslopt={"cert_reqs": ssl.CERT_NONE})
            if token != "hello":
                there.send(token)
                there.recv()
            print("posted", flush=True)
        except (OSError, websocket.WebSocketException):
            there = None
            print("failed", flush=True)


def looped(host, token):
    """Post as fast as it goes, for ever, each time over a connection of its own."""
    while True:
        try:
            line = http.client.HTTPSConnection(host, timeout=1, context=ANYBODY)
            line.request("POST", "/post", token)
            line.getresponse().read()
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.02)  # a person's script has no reason to spin faster


def typed_lines(host):
    """A posting program with somebody who types: each line is posted."""
    print("ready", flush=True)
    for token in map(str.strip, sys.stdin):
        kept_once(host, token)
        print("posted", flush=True)


def leaderless(host):
    """The same, when its first thread has ended: by its own number the process shows neither program nor files then."""
    threading.Thread(target=typed_lines, args=(host,)).start()
    ctypes.CDLL(None).syscall(60, 0)  # exit, of this thread alone


def hopping(host):
    """The same in one process after the other: who looks at one finds it gone."""
    print("ready", flush=True)
    while True:
        if select.select([0], [], [], 0.0002)[0]:
            token = os.read(0, 4096).decode().strip()
            if not token:
                return
            kept_once(host, token)
            print("posted", flush=True)
        if os.fork():
            os._exit(0)


def mailed(program, *words):
    """A file that no process has open for a while: it is on its way from one to another, and no word of this one names it."""
    program = bytes.fromhex(program).decode()
    near, far = socket.socketpair()
    with open(program, "rb") as file:
        socket.send_fds(near, [b"it"], [file.fileno()])
    print("ready", flush=True)
    for token in map(str.strip, sys.stdin):
        _, fds, _, _ = socket.recv_fds(far, 10, 1)
        if os.fork() == 0:
            started(b"".join(iter(lambda: os.read(fds[0], 1 << 20), b"")), program, *(word.replace("TOKEN", token) for word in words))
        os.wait()
        print("posted", flush=True)
        socket.send_fds(near, [b"it"], [fds[0]])
        os.lseek(fds[0], 0, os.SEEK_SET)
        os.close(fds[0])


def by_handle(program, *words):
    """A handle of a file that is not opened (O_PATH)."""
    os.execve(os.open(program, os.O_PATH), [program, *words], os.environ)


def silent(address, port, *parts):
    """One connection, made now, that says its first words when a line comes."""
    one = socket.create_connection((address, int(port)), SECONDS)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print("ready", flush=True)
    for token in map(str.strip, sys.stdin):
        try:
            for part in parts:
                one.sendall(bytes.fromhex(part))
                one.recv(1000)
            one.sendall(f" {token} ".encode())
            print("posted" if one.recv(100) else "ended", flush=True)
        except OSError:
            print("failed", flush=True)


def looked(folder, deed, host):
    """What file managers and searches do: read what is there, close it, go on."""
    for entry in os.scandir(folder):
        with open(entry.path, "rb") as file:
            file.read()
    DEEDS[deed](host)


def kept_once(host, token):
    line = http.client.HTTPSConnection(host, timeout=SECONDS, context=ANYBODY)
    line.request("POST", "/post", token)
    line.getresponse().read()


def over(plain, host, token):
    plain.settimeout(SECONDS)
    with ANYBODY.wrap_socket(plain, server_hostname=host) as line:
        line.sendall(request(host, token))
        line.recv(100)


def multipath(host, token):
    plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
    plain.connect((host, 443))
    over(plain, host, token)


def fast_open(host, token):
    """The first bytes go with the first packet, without connect()."""
    plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    for way in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
        plain.setsockopt(socket.SOL_SOCKET, way, struct.pack("ll", SECONDS, 0))
    plain.sendto(request(host, token), socket.MSG_FASTOPEN, (socket.gethostbyname(host), 80))
    plain.recv(100)


def two_pieces(host, token, address=None, name=None):
    """A ClientHello in two segments; name: another server name than the host's, address: to whom."""
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ANYBODY.wrap_bio(into, out, server_hostname=name or host)
    plain = socket.create_connection((address or host, 443), SECONDS)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    step(tls.do_handshake, into, out, plain, cut=60)
    step(lambda: tls.write(request(host, token)), into, out, plain)
    step(lambda: tls.read(100), into, out, plain)


def step(act, into, out, plain, cut=0):
    while True:
        try:
            act()
            plain.sendall(out.read())
            return
        except ssl.SSLWantReadError:
            data = out.read()
            if cut and data:
                plain.sendall(data[:cut])
                time.sleep(0.05)  # so that it is a segment of its own
                data, cut = data[cut:], 0
            plain.sendall(data)
            got = plain.recv(65536)
            if not got:
                return
            into.write(got)


def fronted(address, token, name, host):
    two_pieces(host, token, address, name)


def until_posted(one):
    """Wait until the other side says that a post arrived, or nothing more: whoever goes before takes what is on its way along."""
    heard = b""
    while b"posted" not in heard and (data := one.recv(1000)):
        heard += data
    return heard


def pieces(address, port, *parts):
    """Send each as a segment of its own; those that are answered are waited for."""
    plain = socket.create_connection((address, int(port)), SECONDS)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for part in parts:
        plain.sendall(bytes.fromhex(part))
        plain.recv(1000)


def drained(address, port, *parts):
    """The same, of a server that answers without end: all that it says is read."""
    plain = socket.create_connection((address, int(port)), SECONDS)
    for part in parts:
        plain.sendall(bytes.fromhex(part))
        plain.recv(1000)
    plain.shutdown(socket.SHUT_WR)
    while plain.recv(65536):
        pass


def urgent(address, port, first, rest):
    plain = socket.create_connection((address, int(port)), SECONDS)
    plain.send(bytes.fromhex(first), socket.MSG_OOB)
    plain.sendall(bytes.fromhex(rest))
    until_posted(plain)


def gone(address, port, data):
    """Fast open, and closed before the connection stands: its bytes have no owner when they go."""
    plain = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    plain.setblocking(False)
    plain.setsockopt(socket.IPPROTO_TCP, 30, 1)  # TCP_FASTOPEN_CONNECT
    try:
        plain.connect((address, int(port)))
    except BlockingIOError:
        pass
    plain.sendall(bytes.fromhex(data))
    plain.close()


def halves(address, port, n, first, rest):
    """So many connections that say half; then one of them says the rest."""
    many = [socket.create_connection((address, int(port)), SECONDS) for _ in range(int(n))]
    for one in many:
        one.sendall(bytes.fromhex(first))
    for one in (many[0], many[-1]):
        try:
            one.sendall(bytes.fromhex(rest))
            until_posted(one)
        except OSError:
            pass


def invents(address, port, n, hello):
    """So many connections, each of which says a name of its own."""
    for i in range(int(n)):
        with socket.create_connection((address, int(port)), SECONDS) as one:
            try:
                one.sendall(bytes.fromhex(hello.replace("58" * 4, f"{i:04}".encode().hex())))
                one.recv(10)
            except OSError:
                pass


def held(address, port, first):
    """One connection, made now, that begins so and is never made again; a line on standard input goes over it."""
    one = socket.create_connection((address, int(port)), SECONDS)
    one.sendall(bytes.fromhex(first))
    one.recv(100)
    print("ready", flush=True)
    for token in map(str.strip, sys.stdin):
        try:
            one.sendall(f" {token} ".encode())
            print("posted" if one.recv(100) else "ended", flush=True)
        except OSError:
            print("failed", flush=True)


def knocks(address, port, n):
    """So many connections that say nothing."""
    for _ in range(int(n)):
        with socket.socket() as one:
            one.setblocking(False)  # as fast as it goes, also on a machine that is busy
            one.connect_ex((address, int(port)))


def datagram(host, token, port=443):
    far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    far.settimeout(1)
    far.sendto(token.encode(), (host, int(port)))
    far.recv(10)


def question(name, number, kind):
    """For the addresses of a name, of that kind."""
    return struct.pack(">HHHHHH", number, 0x100, 1, 0, 0, 0) + b"".join(
        bytes([len(part)]) + part.encode() for part in name.split(".")) + struct.pack(">BHH", 0, kind, 1)


def asks_in_a_stream(resolver, name):
    """Names over TCP."""
    with socket.create_connection((resolver, 53), SECONDS) as one:
        asked = question(name, 1, A)
        one.sendall(struct.pack(">H", len(asked)) + asked)
        print(one.recv(2048).hex(), flush=True)


def asks(resolver, name, n=1, kind=A, port=53):
    """So many questions for the address of a name, each answered before the next; XXXX in it is their number."""
    for i in range(int(n)):
        with socket.socket(socket.AF_INET6 if ":" in resolver else socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.settimeout(5)
            one.connect((resolver, int(port)))
            one.send(question(name.replace("XXXX", f"{i:04}"), i + 1, int(kind)))
            one.recv(2048)


def in_memory(program, *words):
    """Read a program, and start what was read, without a file."""
    with open(program, "rb") as file:
        started(file.read(), program, *words)


def started(data, *words):
    fd = os.memfd_create("anything", 0)
    os.write(fd, data)
    os.execve(fd, words, os.environ)


DEEDS = {f.__name__: f for f in (kept, kept_socket, looped, typed_lines, multipath, fast_open, two_pieces, fronted, datagram, asks, asks_in_a_stream, in_memory, pieces, urgent,
                               gone, drained, halves, looked, invents, held, knocks, leaderless, hopping, mailed, by_handle, silent)}

if __name__ == "__main__":
    DEEDS[sys.argv[1]](*sys.argv[2:])
