# SPDX-License-Identifier: MIT
"""policy D9.2 where a tool has more names than the register, and where a network answers whatever it likes.

graph.facebook.com and api.facebook.com have addresses of their own, which nobody looked up before somebody's program asked for them.
"""
import copy
import subprocess

import openings
from common import check, end

from .far_side import A, AAAA, CHATTY, RAW_PORT, RAW_WEB_PORT, RESOLVERS
from .rows import ANY, NETWORK, NOT_STOPPED, OPEN, Row

LISTED, OTHER, SHARED, ELSEWHERE = "facebook.com", "shared.example", "203.0.113.20", "203.0.113.30"
GRAPH, API = ("graph.facebook.com", "203.0.113.21"), ("api.facebook.com", "203.0.113.22")
EDGE, UPLOAD = ("edge.facebook.com", "203.0.113.23"), ("rupload.facebook.com", "203.0.113.24")
ANOTHER = 61003  # a third person of the laptop, who is shut out too
PORTAL = "answers every name"
RESOLVER, RESOLVER_SIX = RESOLVERS
STUB = "127.0.0.53"
SIX, SIX_BY_FOUR, BY_SIX = ("six-cdn.facebook.com", "2001:db8::25"), ("six-by-four.facebook.com", "2001:db8::26"), ("by-six.facebook.com", "203.0.113.31")


def helper(s, *words, user=None):
    s.run(user or s.alice, ["/usr/bin/python3", f"{s.here}/helpers.py", *map(str, words)])


def another(s):
    """The same commands, as somebody else."""
    user = copy.copy(s.alice)
    user.uid = ANOTHER
    return user


def is_listed(s, address):
    s.laptop.link_end.listen()
    shared = "shared6" if ":" in address else "shared4"
    table = subprocess.run(["nft", "list", "set", "inet", "holdfast", shared], check=True, capture_output=True, text=True).stdout
    return address in table


def asked_for(name, address, by=lambda s: s.alice):
    """Before the attempt a program of that person asks for the name; it is refused, and the name is looked up."""
    def before(s):
        helper(s, "pieces", SHARED, 443, openings.client_hello(name).hex(), user=by(s))
        check(f"{name} is looked up, and its address is listed", s.wait_for(lambda: is_listed(s, address)))
    return before


def crowd(s):
    """alice's program invents 1,000 names, and then somebody else's asks for one that there is."""
    helper(s, "invents", SHARED, 443, 1000, openings.client_hello(f"aXXXX.{LISTED}").hex())
    asked_for(*API, by=another)(s)


def sends(address, *parts, port=RAW_PORT):
    def attempt(s, token):
        helper(s, "pieces", address, port, *(part.hex() for part in parts), f" {token} ".encode().hex())
        s.soon(token)
    return attempt


def behind_portal(s):
    """The network answers every name with one address, and the agent has noticed."""
    s.laptop.link_end.portal = ELSEWHERE
    said = s.laptop.link_end.report(lambda r: any(PORTAL in layer["saw"] for layer in r["layers"]))
    check("the report says that the network answers every name", said, s.laptop.link_end.last())


def signed_in(attempt):
    def and_then(s, token):
        attempt(s, token)
        s.laptop.link_end.portal = None
    return and_then


def fronted(s, token):
    helper(s, "fronted", ELSEWHERE, token, LISTED, LISTED)
    s.soon(token)


def holds(s, address, first):
    return s.speaker(s.alice, ["/usr/bin/python3", f"{s.here}/helpers.py", "held", address, str(RAW_PORT), first.hex()])


def held_since(name, address, first, to=None):
    """A connection that alice's program holds when the address of that name is learned; to: where it leads, if not there."""
    where = to or address

    def before(s):
        s.kept[where] = holds(s, where, first)
        asked_for(name, address)(s)

    def attempt(s, token):
        if not s.locked:
            s.kept[where] = holds(s, where, first)
        s.kept[where].say(token, s.seconds(2))
        s.soon(token)
        s.kept.pop(where).close()
    return {"before": before, "attempt": attempt}


def flood(s):
    """Somebody else connects again and again and says nothing, so that what is young is full, or their share of it."""
    helper(s, "knocks", ELSEWHERE, 80, 6000, user=another(s))


def from_another(s, token):
    helper(s, "fronted", ELSEWHERE, token, LISTED, LISTED, user=another(s))
    s.soon(token)


def two_halves(s, token):
    hello = openings.client_hello(LISTED)
    helper(s, "drained", ELSEWHERE, RAW_WEB_PORT, hello[:CHATTY].hex(), (hello[CHATTY:] + f" {token} ".encode()).hex())
    s.soon(token)


def halves_elsewhere(s, token):
    hello = openings.client_hello(LISTED)
    helper(s, "halves", ELSEWHERE, RAW_WEB_PORT, 100, hello[:30].hex(), (hello[30:] + f" {token} ".encode()).hex())
    s.soon(token)


def resolved(name, address, server=RESOLVER, by=lambda s: s.alice):
    """That person's own resolver gets an address which the agent's look-up does not."""
    def before(s):
        helper(s, "asks", server, name, 1, AAAA if ":" in address else A, user=by(s))
        check(f"{name} was answered, and its address is listed", s.wait_for(lambda: is_listed(s, address)))
    return before


def answered_unheard(deed, name, *words):
    """That person's program is answered in a way that nobody here reads."""
    def before(s):
        helper(s, deed, RESOLVER, name, *words)
    return before


def by_the_devices_own(s):
    """systemd-resolved and its like: people ask it on the device itself."""
    stub = subprocess.Popen(["/usr/bin/python3", f"{s.here}/far_side.py", "resolver", STUB], stdout=subprocess.PIPE, text=True)
    stub.stdout.readline()
    resolved("stub.facebook.com", "203.0.113.26", STUB)(s)
    end(stub)


def after_a_flood(s):
    helper(s, "asks", RESOLVER, f"aXXXX.{LISTED}", 3000, user=another(s))
    resolved("late.facebook.com", "203.0.113.28")(s)


def forged(s):
    """An answer of a name that nobody asked for; the one after it was asked for, so it has been heard."""
    helper(s, "asks", RESOLVER, "forges.example")
    resolved("cdn.facebook.com", "203.0.113.25")(s)
    check("what nobody asked for is not listed", not is_listed(s, "203.0.113.29"))


def forged_by_six(s):
    helper(s, "asks", RESOLVER_SIX, "forges.example", 1, AAAA)
    resolved(*SIX, RESOLVER_SIX)(s)
    check("what nobody asked for is not listed", not is_listed(s, "2001:db8::29"))


RESOLVED = [
    Row("an address that only a person's resolver got: nothing but the words", sends("203.0.113.25"), NETWORK,
        before=resolved("cdn.facebook.com", "203.0.113.25"), says="could not be read"),
    Row("an address that only a person's resolver got: the name on a port of one's own",
        sends("203.0.113.25", openings.client_hello("cdn.facebook.com")), NETWORK, before=resolved("cdn.facebook.com", "203.0.113.25")),
    Row("an address that only a person's resolver got: the other site there",
        sends("203.0.113.25", openings.client_hello(OTHER) + openings.record(b"a", 0x17)), ANY, OPEN,
        before=resolved("cdn.facebook.com", "203.0.113.25")),
    Row("an address that only the device's own resolver told", sends("203.0.113.26"), NETWORK, before=by_the_devices_own),
    Row("an address that a resolver calls a listed one's falsely: the site there",
        sends("203.0.113.27", openings.client_hello(OTHER) + openings.record(b"a", 0x17)), ANY, OPEN,
        before=resolved("false.facebook.com", "203.0.113.27", by=another)),
    Row("an address that only a person's resolver got, after 3,000 questions of another", sends("203.0.113.28"), NETWORK, before=after_a_flood),
    Row("an answer that nobody asked for: its address", sends("203.0.113.29", b"SSH-2.0-a\r\n"), ANY, OPEN, before=forged),
    Row("an address that only an answer over TCP told: nothing but the words", sends("203.0.113.32"), ANY, NOT_STOPPED,
        before=answered_unheard("asks_in_a_stream", "stream.facebook.com"), listed="What is asked over TCP, TLS or HTTPS"),
    Row("an address that only an answer over TCP told: the name itself", sends("203.0.113.32", openings.client_hello("stream.facebook.com"), port=RAW_WEB_PORT),
        NETWORK, before=answered_unheard("asks_in_a_stream", "stream.facebook.com")),
    *(Row(f"an address that only a machine nearby told by {how}: nothing but the words", sends("203.0.113.33"), ANY, NOT_STOPPED,
          before=answered_unheard("asks", "near.facebook.com", 1, A, port), listed="by mDNS or LLMNR") for how, port in (("mDNS", 5353), ("LLMNR", 5355))),
    Row("an IPv6 address that only a person's resolver got, asked by IPv6: nothing but the words", sends(SIX[1]), NETWORK,
        before=resolved(*SIX, RESOLVER_SIX), says="could not be read"),
    Row("an IPv6 address that only a person's resolver got, asked by IPv6: the name on a port of one's own",
        sends(SIX[1], openings.client_hello(SIX[0])), NETWORK, before=resolved(*SIX, RESOLVER_SIX)),
    Row("an IPv6 address that only a person's resolver got, asked by IPv6: the other site there",
        sends(SIX[1], openings.client_hello(OTHER) + openings.record(b"a", 0x17)), ANY, OPEN, before=resolved(*SIX, RESOLVER_SIX)),
    Row("an IPv6 address that only a person's resolver got, asked by IPv4", sends(SIX_BY_FOUR[1]), NETWORK, before=resolved(*SIX_BY_FOUR)),
    Row("an IPv4 address that only a person's resolver got, asked by IPv6", sends(BY_SIX[1]), NETWORK, before=resolved(*BY_SIX, RESOLVER_SIX)),
    Row("an answer by IPv6 that nobody asked for: its address", sends("2001:db8::29", b"SSH-2.0-a\r\n"), ANY, OPEN, before=forged_by_six),
]
NEW_NAMES = [
    Row("behind a captive portal: its address is not shut", signed_in(sends(ELSEWHERE, b"SSH-2.0-a\r\n")), ANY, OPEN, before=behind_portal),
    Row("behind a captive portal: a listed name at its address", signed_in(fronted), NETWORK, before=behind_portal),
    Row("a name below a listed one: nothing but the words, at its own address", sends(GRAPH[1]), NETWORK, before=asked_for(*GRAPH),
        says="could not be read"),
    Row("a name below a listed one: on a port of one's own", sends(GRAPH[1], openings.client_hello(GRAPH[0])), NETWORK, before=asked_for(*GRAPH)),
    Row("a name below a listed one: the other site there", sends(GRAPH[1], openings.client_hello(OTHER) + openings.record(b"a", 0x17)), ANY, OPEN,
        before=asked_for(*GRAPH)),
    Row("a name below a listed one, after another user has invented 1,000", sends(API[1]), NETWORK, before=crowd),
    Row("a connection that was open when its address was learned", needs=NETWORK, **held_since(*EDGE, b"SSH-2.0-a\r\n")),
    Row("a connection to another site, when an address was learned", needs=ANY, end=OPEN, **held_since(*UPLOAD, b"SSH-2.0-a\r\n", ELSEWHERE)),
    Row("elsewhere: 100 halves of one program", halves_elsewhere, NETWORK, posts=lambda s: 2),
    Row("elsewhere: two halves, and a server that answers without end", two_halves, NETWORK),
    Row("6,000 connections of somebody else: a listed name", fronted, NETWORK, before=flood, says=f"user {ANOTHER} had more open at once"),
    Row("6,000 connections of somebody: their own listed name", from_another, NETWORK, before=flood),
    Row("6,000 connections of somebody else: another site", sends(ELSEWHERE, b"SSH-2.0-a\r\n", port=RAW_WEB_PORT), ANY, OPEN, before=flood),
    *RESOLVED,
]
