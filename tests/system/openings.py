# SPDX-License-Identifier: MIT
"""Ways to begin a connection that servers take and a reader of its first bytes may not: what the tests of listed addresses send."""
import os
import struct


def client_hello(host, padding=0):
    """A TLS 1.3 ClientHello in one record; padding stands before the name, as browsers shuffle it."""
    name = host.encode()
    pad = struct.pack("!HH", 21, padding) + bytes(padding) if padding else b""
    sni = struct.pack("!HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    return record(handshake(pad + sni))


def handshake(extensions):
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + (struct.pack("!H", len(extensions)) + extensions if extensions else b"")
    return b"\x01" + len(body).to_bytes(3, "big") + body


def request(*lines, end=b"\r\n"):
    return b"".join(line + end for line in (*lines, b""))


def record(data, kind=0x16):
    return bytes([kind, 3, 1]) + struct.pack("!H", len(data)) + data


def big_hello(host):
    """In several records, as OpenSSL and others take it."""
    whole = client_hello(host, 17000)[5:]
    return b"".join(record(whole[i:i + 8000]) for i in range(0, len(whole), 8000))


def ways(listed, other):
    """[(what it is, the pieces in which it is sent)]: each means the listed host, or could; other is a host that is not listed."""
    shut, plain = listed.encode(), other.encode()
    return [
        ("TLS without a server name", [record(handshake(b""))]),
        ("an empty record before the hello", [b"\x16\x03\x01\0\0", client_hello(listed)]),
        ("an alert before the hello", [record(b"\x01\0", 0x15), client_hello(listed)]),
        ("a hello of more than 16,384 bytes", [big_hello(listed)]),
        ("a hidden name (ECH): its cover", [client_hello("cloudflare-ech.com")]),
        ("bare LF", [request(b"POST / HTTP/1.1", b"Host: " + shut, end=b"\n")]),
        ("a leading CRLF", [b"\r\n" + request(b"POST / HTTP/1.1", b"Host: " + shut)]),
        ("user information", [request(b"POST http://" + plain + b"@" + shut + b"/ HTTP/1.1", b"Host: " + shut)]),
        ("a blank before the colon", [request(b"POST / HTTP/1.1", b"Host : " + shut)]),
        ("two hosts", [request(b"POST / HTTP/1.1", b"Host: " + plain, b"Host: " + shut)]),
        ("a host that is not the target's", [request(b"POST http://" + shut + b"/ HTTP/1.1", b"Host: " + plain)]),
        ("h2c", [request(b"POST / HTTP/1.1", b"Host: " + plain, b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c",
                         b"HTTP2-Settings: AAMA")]),
        ("h2c that both know of", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]),
        ("a tunnel asked for in small letters", [request(b"connect " + shut + b":443 HTTP/1.1")]),
        ("17,000 bytes of headers", [request(b"POST / HTTP/1.1", *[b"A: " + bytes([97]) * 990] * 17, b"Host: " + shut)]),
        ("SOCKS", [b"\x05\x01\0"]),
        ("neither TLS nor HTTP", [b"SSH-2.0-test\r\n"]),
        ("noise", [os.urandom(600)]),
        ("HTTP without a host", [request(b"POST / HTTP/1.0")]),
        ("an allowed name, then another hello with a listed one", [client_hello(other), b"\x14\x03\x03\0\x01\x01" + client_hello(listed)]),
    ]
