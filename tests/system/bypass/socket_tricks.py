# SPDX-License-Identifier: MIT
"""socket_tricks.py WHAT ADDRESS PORT ... - what any user may ask of a socket, used to have one thing read and another one sent."""
import ctypes
import fcntl
import mmap
import os
import socket
import struct
import sys
import tempfile
import time

from helpers import started, until_posted

SECONDS, TRIES = 8, 20
FAST_OPEN_CONNECT, NO_COOKIE = 30, 34  # TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_NO_COOKIE
MPTCP = 262


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def tcp(address, protocol=0):
    one = socket.socket(family_of(address), socket.SOCK_STREAM, protocol)
    one.settimeout(SECONDS)
    return one


def device(one, name):
    one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode())
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def answered(one, wait=until_posted):
    try:
        print("answered" if wait(one) else "ended", flush=True)
    except OSError as why:
        print(why, flush=True)


def fast(address, port, data, *rest):
    """The first bytes go with the SYN itself, as servers that know the client take them."""
    one = tcp(address)
    one.setsockopt(socket.IPPROTO_TCP, NO_COOKIE, 1)
    one.sendto(bytes.fromhex(data), socket.MSG_FASTOPEN, (address, int(port)))
    for part in rest:
        time.sleep(0.1)  # so that it is a segment of its own
        one.sendall(bytes.fromhex(part))
    answered(one)


def twin(address, port, harmless, data, card="near"):
    """Two sockets with the same addresses and ports on different cards: what one says, in a SYN to nowhere, is read as the other's."""
    real, other = tcp(address), tcp(address)
    device(real, card)
    real.connect((address, int(port)))
    device(other, "lo")
    other.bind(real.getsockname()[:2])
    other.setblocking(False)
    other.setsockopt(socket.IPPROTO_TCP, NO_COOKIE, 1)
    try:
        other.sendto(bytes.fromhex(harmless), socket.MSG_FASTOPEN, (address, int(port)))
    except BlockingIOError:
        pass
    time.sleep(0.1)  # so that it has been read
    real.sendall(bytes.fromhex(data))
    answered(real)


def hops(one, n):
    if one.family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, n)
    else:
        one.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, n)


def swapped(address, port, harmless, data):
    """Sent out of a file, so far only that the first router throws it away; sent again is what the file has become meanwhile."""
    harmless, data = bytes.fromhex(harmless), bytes.fromhex(data)
    with tempfile.TemporaryFile() as file:
        file.write(harmless)
        file.flush()
        one = tcp(address)
        one.connect((address, int(port)))
        hops(one, 1)
        os.sendfile(one.fileno(), file.fileno(), 0, len(harmless))
        time.sleep(0.1)  # so that it has been read
        os.pwrite(file.fileno(), data, 0)
        hops(one, 64)
        answered(one)


def late(address, port, busy, harmless, data):
    """While those who read are busy: one connection speaks and is gone, the next has its port before that was read."""
    for _ in range(TRIES):
        crowd, first, second = tcp(address), tcp(address), tcp(address)
        for one in (crowd, first):
            one.connect((address, int(port)))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        where = first.getsockname()[:2]
        try:
            for byte in bytes.fromhex(busy):
                crowd.send(bytes([byte]))
            first.send(bytes.fromhex(harmless))
            first.close()
            second.bind(where)
            second.connect((address, int(port)))
            second.sendall(bytes.fromhex(data))
            if until_posted(second):
                print("answered", flush=True)
        except OSError as why:
            print(why, flush=True)
        for one in (crowd, second):
            one.close()
        time.sleep(0.2)  # a user's share of packets fills again


def small(address, port, size, *parts):
    """Segments of the least size that the kernel lets one ask for."""
    one = tcp(address)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, int(size))
    one.connect((address, int(port)))
    for part in parts:
        one.sendall(bytes.fromhex(part))
    answered(one)


def paths(address, port, *parts):
    one = tcp(address, MPTCP)
    one.connect((address, int(port)))
    for part in parts:
        one.sendall(bytes.fromhex(part))
        time.sleep(0.1)  # so that it is a segment of its own
    answered(one)


def routed(address, port, *parts):
    """With IP options, which any user may set (record route); in IPv6 with a routing header."""
    one = tcp(address)
    if one.family == socket.AF_INET:
        one.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([7, 39, 4]) + bytes(37))
    one.connect((address, int(port)))
    for part in parts:
        one.sendall(bytes.fromhex(part))
    answered(one)


def datagram(address, port, data, protocol="0"):
    one = socket.socket(family_of(address), socket.SOCK_DGRAM, int(protocol))
    one.settimeout(1)
    one.sendto(bytes.fromhex(data), (address, int(port)))
    answered(one, lambda far: far.recv(1000))


def dripped(address, port, *parts):
    """Byte by byte."""
    one = tcp(address)
    one.connect((address, int(port)))
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for part in parts:
        for byte in bytes.fromhex(part):
            one.send(bytes([byte]))
    answered(one)


class Ring:
    """io_uring(7): what is asked of it a thread of the kernel does, on which no program runs."""
    SOCKET, CONNECT, SEND, OPEN = 45, 16, 26, 18
    SETUP, ENTER, POLLED, ASIDE, WAKE_AND_WAIT = 425, 426, 2, 16, 3

    def __init__(self):
        self.kernel, params = ctypes.CDLL(None, use_errno=True).syscall, ctypes.create_string_buffer(struct.pack("8xII104x", self.POLLED, 0), 120)
        self.fd = self.kernel(self.SETUP, 4, params)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "no ring")
        entries, done = struct.unpack_from("II", params)
        self.tail, self.mask, self.order = struct.unpack_from("4xII12xI", params, 40)
        self.taken, self.ended, self.answers = struct.unpack_from("I4xI8xI", params, 80)
        self.asked = mmap.mmap(self.fd, self.order + 4 * entries, offset=0)
        self.said = mmap.mmap(self.fd, self.answers + 16 * done, offset=0x8000000)
        self.calls, self.n = mmap.mmap(self.fd, 64 * entries, offset=0x10000000), 0

    def do(self, what, fd, address, length, offset):
        at = self.n & struct.unpack_from("I", self.asked, self.mask)[0]
        struct.pack_into("BBHiQQII32x", self.calls, 64 * at, what, self.ASIDE, 0, fd, offset, address, length, 0)
        struct.pack_into("I", self.asked, self.order + 4 * at, at)
        struct.pack_into("I", self.asked, self.tail, self.n + 1)
        self.kernel(self.ENTER, self.fd, 1, 1, self.WAKE_AND_WAIT, None, 0)
        result = struct.unpack_from("i", self.said, self.answers + 16 * (self.n & struct.unpack_from("I", self.said, self.ended)[0]) + 8)[0]
        self.n += 1
        struct.pack_into("I", self.said, self.taken, self.n)
        if result < 0:
            raise OSError(-result, os.strerror(-result))
        return result


def ring(address, port, *parts):
    """The socket is made, connected and written to by the kernel's own threads."""
    one, family = Ring(), family_of(address)
    where = struct.pack("=H", family) + struct.pack("!H", int(port)) + (bytes(4) if family == socket.AF_INET6 else b"") + socket.inet_pton(family, address)
    where = ctypes.create_string_buffer(where + bytes(8))
    fd = one.do(Ring.SOCKET, family, 0, 0, socket.SOCK_STREAM)
    far = socket.socket(fileno=fd)
    far.settimeout(SECONDS)
    os.set_blocking(fd, True)  # or the kernel's thread would be told to come again
    one.do(Ring.CONNECT, fd, ctypes.addressof(where), 0, 28 if family == socket.AF_INET6 else 16)
    for part in parts:
        data = ctypes.create_string_buffer(bytes.fromhex(part), len(part) // 2)
        one.do(Ring.SEND, fd, ctypes.addressof(data), len(part) // 2, 0)
        time.sleep(0.1)  # so that it is a segment of its own
    answered(far)


def carried(address, port, *parts):
    """Into a user and a network namespace of one's own a socket of before is carried; there its owner is root."""
    one = tcp(address)
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000 | 0x40000000) != 0:  # CLONE_NEWUSER | CLONE_NEWNET
        raise OSError(ctypes.get_errno(), "no namespace")
    one.connect((address, int(port)))
    for part in parts:
        one.sendall(bytes.fromhex(part))
        time.sleep(0.1)  # so that it is a segment of its own
    answered(one)


def opened(program, *words):
    """A listed program is opened by the kernel's own threads."""
    path, whole = ctypes.create_string_buffer(program.encode()), b""
    fd = Ring().do(Ring.OPEN, -100, ctypes.addressof(path), 0, 0)
    while data := os.read(fd, 1 << 20):
        whole += data
    started(whole, program, *words)


def ended(address, port, data):
    """What it says, and that it says no more, in one segment."""
    one = tcp(address)
    one.connect((address, int(port)))
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    one.sendall(bytes.fromhex(data))
    one.shutdown(socket.SHUT_WR)
    answered(one)


def raw(*_):
    """Which sockets that write packets themselves, or speak another family, this user may make as root of a namespace of their own."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000) != 0:
        raise OSError(ctypes.get_errno(), "no namespace")
    for what, words in (("packet", (17, socket.SOCK_RAW, 3)), ("raw", (socket.AF_INET, socket.SOCK_RAW, 255)), ("raw six", (socket.AF_INET6, socket.SOCK_RAW, 255)),
                        ("smc", (43, socket.SOCK_STREAM, 0))):
        try:
            socket.socket(*words).close()
            print(f"{what}: made", flush=True)
        except OSError as why:
            print(f"{what}: {why.strerror}", flush=True)
    try:
        with open("/dev/net/tun", "rb+", buffering=0) as tun:
            fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", b"hf%d", 0x1001))  # TUNSETIFF: IFF_TUN, IFF_NO_PI
            print("tun: made", flush=True)
    except OSError as why:
        print(f"tun: {why.strerror}", flush=True)


DEEDS = {f.__name__: f for f in (fast, twin, swapped, late, small, paths, routed, datagram, dripped, ring, carried, opened, ended, raw)}

if __name__ == "__main__":
    DEEDS[sys.argv[1]](*sys.argv[2:])
