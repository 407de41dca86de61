# SPDX-License-Identifier: MIT
"""policy D9.2 against who knows sockets well: what was read is not what is sent, or nobody is asked at all."""
import openings

from .far_side import RAW_PORT, RAW_WEB_PORT
from .rows import ANY, NETWORK, NOT_STOPPED, OPEN, Row

SHARED, ELSEWHERE, DEDICATED = "203.0.113.20", "203.0.113.30", "203.0.113.10"
NAT64 = "64:ff9b::203.0.113."
LISTED, OTHER = "facebook.com", "shared.example"
SENT_AGAIN = "sent again with other bytes"


def tricks(deed, address, port, *parts):
    """Those parts are bytes, but for {token}, which stands for it; or words as they are."""
    def attempt(s, token):
        words = [part.replace(b"{token}", token.encode()).hex() if isinstance(part, bytes) else part for part in parts]
        s.run(s.alice, ["/usr/bin/python3", f"{s.here}/socket_tricks.py", deed, address, str(port), *words])
        s.soon(token)
    return attempt


def posts(host, *fields, after=b" {token} "):
    return openings.request(b"POST / HTTP/1.1", b"Host: " + host.encode(), *fields) + after


def swaps(address, port):
    """First a request to the other site, and at its second sending one to the listed site, of the same length."""
    def attempt(s, token):
        after = f" {token} ".encode()
        path = b"POST /" + b"a" * (len(OTHER) - len(LISTED)) + b" HTTP/1.1"
        harmless = openings.request(b"POST / HTTP/1.1", b"Host: " + OTHER.encode()) + b"-" * len(after)
        tricks("swapped", address, port, harmless, openings.request(path, b"Host: " + LISTED.encode()) + after)(s, token)
    return attempt


def first_words(name, address, port):
    """(attempt, prepare) of a connection that is made while all is open, and says a listed name for the first time while locked."""
    def prepare(s):
        s.kept[name] = s.speaker(s.alice, ["/usr/bin/python3", f"{s.here}/helpers.py", "silent", address, str(port), openings.client_hello(LISTED).hex()])

    def attempt(s, token):
        s.kept[name].say(token, s.seconds(2))
        s.soon(token)
    return attempt, prepare


QUIC = b"\x83\0\0\0\1" + b"\x08" + bytes(8) + b" {token} "
RTP = b"\x80\x60\0\x07\0\0\x12\x34" + b" {token} "
BUSY = openings.client_hello(OTHER, 200)[:220]

SOCKETS = [
    Row("where a listed site lives: its name in the SYN itself", tricks("fast", SHARED, RAW_PORT, posts(LISTED)), NETWORK),
    Row("elsewhere: its name in the SYN itself", tricks("fast", ELSEWHERE, RAW_WEB_PORT, posts(LISTED)), NETWORK),
    Row("elsewhere: its hello in the SYN itself", tricks("fast", ELSEWHERE, RAW_WEB_PORT, openings.client_hello(LISTED), b" {token} "), NETWORK),
    Row("on the same address: another name in the SYN itself", tricks("fast", SHARED, RAW_PORT, posts(OTHER)), ANY, OPEN),
    Row("elsewhere: another name in the SYN itself", tricks("fast", ELSEWHERE, RAW_WEB_PORT, posts(OTHER)), ANY, OPEN),
    Row("where a listed site lives: a twin on another card speaks for it", tricks("twin", SHARED, RAW_PORT, posts(OTHER, after=b""), posts(LISTED)), NETWORK),
    Row("where a listed site lives: sent again with another name", swaps(SHARED, RAW_PORT), ANY, NOT_STOPPED, listed=SENT_AGAIN),
    Row("elsewhere: sent again with another name", swaps(ELSEWHERE, RAW_WEB_PORT), ANY, NOT_STOPPED, listed=SENT_AGAIN),
    Row("where a listed site lives: a port that is used again before its words were read", tricks(
        "late", SHARED, RAW_PORT, BUSY, posts(OTHER, after=b""), posts(LISTED)), NETWORK),
    Row("elsewhere: a port that is used again before its words were read", tricks(
        "late", ELSEWHERE, RAW_WEB_PORT, BUSY, posts(OTHER, after=b""), posts(LISTED)), NETWORK),
    Row("on the same address: a port that is used again before its words were read", tricks(
        "late", SHARED, RAW_PORT, BUSY, posts(OTHER, after=b""), posts(OTHER)), ANY, OPEN),
    Row("elsewhere: QUIC with its second bit clear", tricks("datagram", ELSEWHERE, 443, QUIC), NETWORK),
    Row("elsewhere: sound and pictures of a call on port 443", tricks("datagram", ELSEWHERE, 443, RTP), ANY, OPEN),
    Row("a dedicated address behind NAT64", tricks("small", NAT64 + "10", RAW_PORT, "1000", b" {token} "), NETWORK),
    Row("a listed address behind NAT64: nothing but the words", tricks("small", NAT64 + "20", RAW_PORT, "1000", b" {token} "), NETWORK),
    Row("an address of no listed site behind NAT64", tricks("small", NAT64 + "30", RAW_PORT, "1000", b" {token} "), ANY, OPEN),
    Row("elsewhere: several paths at once to a listed name", tricks("paths", ELSEWHERE, RAW_WEB_PORT, openings.client_hello(LISTED), b" {token} "), NETWORK),
    Row("elsewhere: several paths at once to another name", tricks("paths", ELSEWHERE, RAW_WEB_PORT, openings.client_hello(OTHER), b" {token} "), ANY, OPEN),
    Row("a dedicated address by several paths at once", tricks("paths", DEDICATED, RAW_PORT, b" {token} "), NETWORK),
    Row("where a listed site lives: segments of 88 bytes", tricks("small", SHARED, RAW_PORT, "88", posts(LISTED, b"A: " + b"a" * 400)), NETWORK),
    Row("elsewhere: segments of 88 bytes", tricks("small", ELSEWHERE, RAW_WEB_PORT, "88", posts(LISTED, b"A: " + b"a" * 400)), NETWORK),
    Row("on the same address: another name in segments of 88 bytes", tricks("small", SHARED, RAW_PORT, "88", posts(OTHER, b"A: " + b"a" * 400)), ANY, OPEN),
    Row("where a listed site lives: byte by byte", tricks("dripped", SHARED, RAW_PORT, posts(LISTED)), NETWORK),
    Row("elsewhere: byte by byte", tricks("dripped", ELSEWHERE, RAW_WEB_PORT, posts(LISTED)), NETWORK),
    Row("on the same address: another name byte by byte", tricks("dripped", SHARED, RAW_PORT, posts(OTHER)), ANY, OPEN),
    Row("where a listed site lives: with IP options", tricks("routed", SHARED, RAW_PORT, posts(LISTED)), NETWORK),
    Row("elsewhere: with IP options", tricks("routed", ELSEWHERE, RAW_WEB_PORT, posts(LISTED)), NETWORK),
    Row("a dedicated address by io_uring, from the kernel's own threads", tricks("ring", DEDICATED, RAW_PORT, b" {token} "), NETWORK),
    Row("where a listed site lives: its name by io_uring", tricks("ring", SHARED, RAW_PORT, posts(LISTED)), NETWORK),
    Row("elsewhere: its hello by io_uring", tricks("ring", ELSEWHERE, RAW_WEB_PORT, openings.client_hello(LISTED), b" {token} "), NETWORK),
    Row("on the same address: another name by io_uring", tricks("ring", SHARED, RAW_PORT, posts(OTHER)), ANY, OPEN),
    Row("a dedicated address from namespaces of one's own, by a socket of before", tricks("carried", DEDICATED, RAW_PORT, b" {token} "), NETWORK),
    Row("where a listed site lives: from namespaces of one's own, by a socket of before", tricks("carried", SHARED, RAW_PORT, posts(LISTED)), NETWORK),
    Row("elsewhere: from namespaces of one's own, by a socket of before", tricks(
        "carried", ELSEWHERE, RAW_WEB_PORT, openings.client_hello(LISTED), b" {token} "), NETWORK),
    Row("where a listed site lives: its name and its end in one segment", tricks("ended", SHARED, RAW_PORT, posts(LISTED)), NETWORK),
    Row("elsewhere: its name and its end in one segment", tricks("ended", ELSEWHERE, RAW_WEB_PORT, posts(LISTED)), NETWORK),
    Row("on the same address: another name and its end in one segment", tricks("ended", SHARED, RAW_PORT, posts(OTHER)), ANY, OPEN),
    Row("elsewhere: its name in capitals, with a dot and a port", tricks("small", ELSEWHERE, RAW_WEB_PORT, "1000", posts("FaceBook.COM.:8080")), NETWORK),
    Row("elsewhere: its name in a hello in capitals", tricks("small", ELSEWHERE, RAW_WEB_PORT, "1000", openings.client_hello("FACEBOOK.com"), b" {token} "), NETWORK),
    Row("where a listed site lives: what was connected before, and speaks now", *first_words("there", SHARED, RAW_PORT)[:1], NETWORK,
        prepare=first_words("there", SHARED, RAW_PORT)[1], control=False),
    Row("elsewhere: what was connected before, and speaks now", *first_words("away", ELSEWHERE, RAW_WEB_PORT)[:1], ANY, NOT_STOPPED,
        listed="goes on until it is", prepare=first_words("away", ELSEWHERE, RAW_WEB_PORT)[1], control=False),
    Row("where a listed site lives: UDP-Lite", tricks("datagram", SHARED, 3478, b" {token} ", "136"), NETWORK),
]
