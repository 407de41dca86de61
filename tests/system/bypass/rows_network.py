# SPDX-License-Identifier: MIT
"""policy D9.2 where a listed site lives: every way to begin a connection there that cannot be read, and what must go on.

Each way is sent to a server that takes whatever comes; the token follows it, and arrives only where the way was let through.
"""
import openings

from .far_side import RAW_PORT, RAW_WEB_PORT
from .laptop import SCRIPTED
from .rows import ANY, NETWORK, NOT_STOPPED, OPEN, Row
from .rows_learned import NEW_NAMES

SHARED, ELSEWHERE = "203.0.113.20", "203.0.113.30"
LISTED, OTHER = "facebook.com", "shared.example"
UNREAD = "could not be read"


def sends(deed, *words, parts=(), address=SHARED, port=RAW_PORT):
    """Start a client that sends these parts and then the token."""
    def attempt(s, token):
        after = f" {token} ".encode()
        pieces = [*(part.hex() for part in parts), after.hex()]
        s.run(s.alice, ["/usr/bin/python3", f"{s.here}/helpers.py", deed, address, str(port), *words, *pieces])
        s.soon(token)
    return attempt


def datagrams(address, port):
    def attempt(s, token):
        s.run(s.alice, ["/usr/bin/python3", f"{s.here}/helpers.py", "datagram", address, token, str(port)])
    return attempt


def half(n):
    hello = openings.client_hello(LISTED)

    def attempt(s, token):
        s.run(s.alice, ["/usr/bin/python3", f"{s.here}/helpers.py", "halves", SHARED, str(RAW_PORT), str(n), hello[:30].hex(),
                        (hello[30:] + f" {token} ".encode()).hex()])
        s.soon(token)
    return attempt


def gone(address, port, host):
    def attempt(s, token):
        post = openings.request(b"POST / HTTP/1.1", b"Host: " + host.encode()) + f" {token} ".encode()
        s.run(s.alice, ["/usr/bin/python3", f"{s.here}/helpers.py", "gone", address, str(port), post.hex()])
        s.soon(token)
    return attempt


GREETINGS = {"mail": b"EHLO council.example\r\n", "git over SSH": b"SSH-2.0-OpenSSH_9.2\r\n", "git's own port": b"0032git-upload-pack /a\0\r\n",
             "a printer": b"\x1b%-12345X@PJL\r\n", "a data base": b"\0\0\0\x08\x04\xd2\x16/", "a desk that is far away": b"\x03\0\0\x13\x0e\xe0",
             "TLS without a server name": openings.record(openings.handshake(b"")),
             "reading mail": b"a1 CAPABILITY\r\n", "a directory": bytes.fromhex("300c020101600702010304008000"),
             "a file share": bytes.fromhex("00000024fe534d4240000000"), "names over TCP": bytes.fromhex("001c12340100000100000000000007636f756e63696c0000010001"),
             "a message broker": bytes.fromhex("100c00044d5154540402003c0000"), "file transfer": b"USER anonymous\r\n",
             "telephony": openings.request(b"REGISTER sip:council.example SIP/2.0", b"To: <sip:a@council.example>"), "a time stamp": b"\x0b\0\0\0"}


def web(what, host):
    """A request to a site that lives where a listed one does."""
    return openings.request(what.encode() + b" HTTP/1.1", b"Host: " + host.encode(), b"User-Agent: a/1 (b; c)", b"Accept: */*")


# What people's other programs do at an address that a listed site shares: each names a host, in TLS or in plain HTTP.
SAME_CDN = {"apt": web("GET /debian/dists/bookworm/InRelease", "packages.example"), "pip": openings.client_hello("index.example"),
            "git over HTTPS": openings.client_hello("git.example"), "a browser's hello of two segments": openings.client_hello("www.gov.uk", 1700),
            "whether a certificate holds": web("POST /", "ocsp.example"), "a web socket": openings.request(
                b"GET /chat HTTP/1.1", b"Host: chat.example", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13",
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="),
            "a call's signalling": openings.client_hello("teams.example"), "whether there is a portal": web("GET /generate_204", "connectivity.example"),
            "mail that begins with TLS": openings.client_hello("imap.council.example"), "a form of 3,000 bytes of headers": openings.request(
                b"POST /form HTTP/1.1", b"Host: forms.example", *[b"Cookie: " + b"a" * 990] * 3)}

CONNECTS = openings.request(b"CONNECT " + OTHER.encode() + b":443 HTTP/1.1", b"Host: " + OTHER.encode() + b":443")
SCRIPTED_PROXY = [
    Row("at the proxy that a PAC file names: SOCKS", sends("pieces", parts=[b"\x05\x01\0"], address=SCRIPTED), NETWORK, says=UNREAD),
    Row("at the proxy that a PAC file names: a listed name inside a tunnel", sends(
        "pieces", parts=[CONNECTS, openings.client_hello(LISTED)], address=SCRIPTED), NETWORK),
    Row("at the proxy that a PAC file names: another site inside a tunnel", sends(
        "pieces", parts=[CONNECTS, openings.client_hello(OTHER) + openings.record(b"a", 0x17)], address=SCRIPTED), ANY, OPEN),
]

STILL_PASSES = [
    Row("where a listed site lives: another request on the same connection", sends("pieces", parts=[
        openings.request(b"GET / HTTP/1.1", b"Host: " + OTHER.encode()), openings.request(b"POST / HTTP/1.1", b"Host: " + LISTED.encode())]),
        ANY, NOT_STOPPED, listed="another request on"),
    Row("where a listed site lives: a hidden name (ECH) behind a cover that is not known", sends(
        "pieces", parts=[openings.client_hello("cover.example") + openings.record(b"a", 0x17)]), ANY, NOT_STOPPED, listed="public name that this version"),
    Row("an address that only an encrypted resolver told: nothing but the words", sends("pieces", address="203.0.113.29"), ANY, NOT_STOPPED,
        listed="teaches nothing"),
    Row("a tunnel (SSH, VPN) to where no listed site lives", sends("pieces", parts=[b"SSH-2.0-a\r\n"], address=ELSEWHERE), ANY, NOT_STOPPED,
        listed="What goes through a tunnel"),
    Row("another port than a web server's, where no listed site lives: its name", sends(
        "pieces", parts=[openings.client_hello(LISTED)], address=ELSEWHERE), ANY, NOT_STOPPED, listed="names are read where they can be"),
]

LISTED_ADDRESSES = [
    *(Row(f"where a listed site lives: {what}", sends("pieces", parts=parts), NETWORK, says=UNREAD)
      for what, parts in openings.ways(LISTED, OTHER)),
    Row("where a listed site lives: its name on a port of one's own", sends("pieces", parts=[openings.client_hello(LISTED)]), NETWORK),
    Row("where a listed site lives: nothing but the words", sends("pieces"), NETWORK, says=UNREAD),
    Row("where a listed site lives: urgent data", sends("urgent", parts=[openings.client_hello(OTHER)]), NETWORK, says=UNREAD),
    Row("where a listed site lives: closed before its bytes go", gone(SHARED, RAW_PORT, LISTED), NETWORK),
    Row("elsewhere: a listed name, closed before its bytes go", gone(ELSEWHERE, RAW_WEB_PORT, LISTED), NETWORK),
    Row("elsewhere: another name, closed before its bytes go", gone(ELSEWHERE, RAW_WEB_PORT, OTHER), ANY, OPEN),
    Row("where a listed site lives: a half that is ended later", half(2), NETWORK, posts=lambda s: 2),
    Row("where a listed site lives: 100 halves of one program", half(100), NETWORK, posts=lambda s: 2, says="had more open at once"),
    *(Row(f"where a listed site lives: datagrams to port {port}", datagrams(SHARED, port), NETWORK) for port in (443, 3478, 51820)),
    Row("the other site there, on a port of one's own", sends("pieces", parts=[openings.client_hello(OTHER) + openings.record(b"a", 0x17)]), ANY, OPEN),
    Row("the other site there, in plain HTTP", sends("pieces", parts=[openings.request(b"POST / HTTP/1.1", b"Host: " + OTHER.encode())]), ANY, OPEN),
    *(Row(f"elsewhere: {what}", sends("pieces", parts=[data], address=ELSEWHERE), ANY, OPEN) for what, data in GREETINGS.items()),
    *(Row(f"on the same address: {what}", sends("pieces", parts=[data + (openings.record(b"a", 0x17) if data[:1] == b"\x16" else b"")]), ANY, OPEN)
      for what, data in SAME_CDN.items()),
    Row("elsewhere: a call", datagrams(ELSEWHERE, 3478), ANY, OPEN),
    Row("elsewhere: a VPN", datagrams(ELSEWHERE, 51820), ANY, OPEN),
    *SCRIPTED_PROXY,
    *STILL_PASSES,
    *NEW_NAMES,
]
