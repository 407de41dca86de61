# SPDX-License-Identifier: MIT
"""policy D9.1, D9.2 outside the browser: listed programs, running ones, and every other way to a platform's address."""
import os

from .laptop import DRAFTER, OWNED, POSTER, TOOT
from .rows import ANY, NETWORK, NOT_STOPPED, OPEN, PROGRAMS, Row

OUTSIDE = "https://social.example/post"  # no tool lists its address: here the programs layer stands alone
INSIDE = "https://x.com/post"
SHORT = ("-sk", "--max-time", "60")  # whoever is refused is told at once


def runs(*command, who="alice", url=OUTSIDE):
    """Run a posting program with curl's words."""
    def attempt(s, token):
        user = getattr(s, who)
        s.run(user, [part.format(home=user.home, pid=os.getpid()) for part in command] + [*SHORT, "-d", token, url])
    return attempt


def curl(*more, url=INSIDE, who="alice"):
    return runs("/usr/bin/curl", *more, who=who, url=url)


def helper(*words):
    def attempt(s, token):
        s.run(s.alice, ["/usr/bin/python3", f"{s.here}/helpers.py", *[w.format(token=token) for w in words]])
    return attempt


def copies_before(s):
    s.run(s.alice, ["cp", POSTER, f"{s.alice.home}/mine"])


def links(s):
    s.run(s.alice, ["ln", "-s", POSTER, f"{s.alice.home}/alias"])


def links_hard(_):
    os.link(POSTER, f"{OWNED}/hard")


def makes_folders(s):
    s.run(s.alice, ["mkdir", "-p", f"{s.alice.home}/there", f"{s.alice.home}/work"])


def copies_now(s, token):
    s.run(s.alice, ["cp", POSTER, f"{s.alice.home}/new-{token}"])
    runs("{home}/new-" + token)(s, token)


def toot(*command):
    def attempt(s, token):
        s.run(s.alice, [*command, "post", token], REQUESTS_CA_BUNDLE=s.wire.certificate)
    return attempt


def speaks(name):
    """Say the token to a helper that was started while everything was open."""
    def attempt(s, token):
        s.kept[name].say(token, s.seconds(1))
    return attempt


def keeps(name, *words, first=None):
    def prepare(s):
        s.kept[name] = s.speaker(s.alice, ["/usr/bin/python3", f"{s.here}/helpers.py", *words])
        if first:
            s.kept[name].say(first)
    return prepare


def drafts(name):
    """A listed program that is running, with somebody who types into it."""
    def prepare(s):
        s.kept[name] = s.speaker(s.alice, [DRAFTER, "typed_lines", "social.example"])
    return prepare


def drafts_by(name, *words, deed="typed_lines"):
    """The same by other ways into it; what is copied is one's own interpreter, under a name that no list knows."""
    def prepare(s):
        s.run(s.alice, ["cp", "/usr/bin/python3", f"{s.alice.home}/anything"])
        command = [word.format(home=s.alice.home, here=s.here) for word in words]
        s.kept[name] = s.speaker(s.alice, [*command, deed, "social.example"])
    return prepare


def wakes(s):
    s.run(s.alice, ["kill", "-CONT", str(s.kept["SIGCONT"].pid)])


def thaws(s):
    group = s.group_of(s.kept["thaw"].pid)
    s.run(s.alice, ["sh", "-c", f"echo 0 > {group}/cgroup.freeze"])


def drafts_in_own_unit(s):
    """As a service manager of the person's own starts it: in a control group that is theirs."""
    drafts("own unit")(s)
    scope = own_scope(s)
    os.makedirs(scope)
    for path in (os.path.dirname(scope), scope):
        for one in (path, f"{path}/cgroup.procs", f"{path}/cgroup.freeze"):
            os.chown(one, s.alice.uid, s.alice.uid)
    with open(f"{scope}/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(s.kept["own unit"].pid))


def own_scope(s):
    return f"{s.own_group}/app-drafter.scope"


def thaws_and_moves_in_own_unit(s):
    pid = s.kept["own unit"].pid
    s.run(s.alice, ["sh", "-c", f"echo 0 > {own_scope(s)}/cgroup.freeze; mkdir {s.own_group}/mine; echo {pid} > {s.own_group}/mine/cgroup.procs"])


def moves(s):
    pid = s.kept["move"].pid
    s.run(s.alice, ["sh", "-c", f"echo {pid} > {s.top_group}/cgroup.procs"])


def asks_openssl(s, token):
    body = f"POST /post HTTP/1.1\r\nHost: x.com\r\nContent-Length: {len(token)}\r\nConnection: close\r\n\r\n{token}"
    s.run(s.alice, ["sh", "-c", f"printf '{body}' | openssl s_client -quiet -connect x.com:443 -servername x.com"])


def one_that_runs(s):
    """A listed program that runs and waits for ever."""
    s.kept["runs"] = s.speaker(s.alice, ["/bin/sh", "-c", f"echo ready; exec {POSTER} -s telnet://127.0.0.1:3129"])


def by_one_that_runs(s, token):
    runs(f"/proc/{s.kept['runs'].pid}/exe")(s, token)


def trick(*words):
    """A program of socket_tricks with curl's words."""
    def attempt(s, token):
        s.run(s.alice, ["/usr/bin/python3", f"{s.here}/socket_tricks.py", *words, *SHORT, "-d", token, OUTSIDE])
    return attempt


READS_IT = f"import runpy, sys; sys.argv[0] = 'toot'; runpy.run_path('{TOOT}', run_name='__main__')"
IMPORTS_IT = "import toot.console; toot.console.main()"

STARTED = [
    Row("a listed program", runs(POSTER), PROGRAMS),
    Row("a link to it", runs("{home}/alias"), PROGRAMS, prepare=links),
    Row("a hard link to it", runs(f"{OWNED}/hard"), PROGRAMS, prepare=links_hard),
    Row("its path through /proc", runs(f"/proc/self/root{POSTER}"), PROGRAMS),
    Row("the loader is given it", runs("/lib64/ld-linux-x86-64.so.2", POSTER), PROGRAMS),
    Row("it is read and started from memory", lambda s, token: s.run(s.alice, [
        "/usr/bin/python3", f"{s.here}/helpers.py", "in_memory", POSTER, *SHORT, "-d", token, OUTSIDE]), PROGRAMS),
    Row("a user namespace where one is root", runs("unshare", "-Ur", POSTER), PROGRAMS),
    Row("a bind mount in a namespace of one's own", runs(
        "unshare", "-Urm", "sh", "-c", f'mount --bind {OWNED} "$HOME/there" && exec "$HOME/there/poster" "$@"', "sh"), PROGRAMS,
        prepare=makes_folders),
    Row("a copy that is made now", copies_now, PROGRAMS),
    Row("a script that is listed", toot(TOOT), PROGRAMS),
    Row("a script given to its interpreter", toot("/usr/bin/python3", TOOT), PROGRAMS),
    Row("an overlay in a namespace of one's own", runs(
        "unshare", "-Urm", "sh", "-c", 'mount -t tmpfs none "$HOME/work" && mkdir "$HOME/work/u" "$HOME/work/w" && mount -t overlay '
        f'-o lowerdir={OWNED},upperdir="$HOME/work/u",workdir="$HOME/work/w" none "$HOME/there" && exec "$HOME/there/poster" "$@"',
        "sh"), PROGRAMS, prepare=makes_folders),
    Row("a copy that was made before", runs("{home}/mine"), ANY, NOT_STOPPED, listed="opies of a listed program",
        prepare=copies_before),
    Row("a copy that was made before, to a listed address", runs("{home}/mine", url=INSIDE), NETWORK, prepare=copies_before),
    Row("a process namespace of one's own", runs("unshare", "-Urpf", "--mount-proc", POSTER), PROGRAMS),
    Row("a handle of it that opens nothing", lambda s, token: s.run(s.alice, [
        "/usr/bin/python3", f"{s.here}/helpers.py", "by_handle", POSTER, *SHORT, "-d", token, OUTSIDE]), PROGRAMS),
    Row("the kernel's own threads open it (io_uring)", trick("opened", POSTER), PROGRAMS),
    Row("the file of one that runs, through /proc", by_one_that_runs, PROGRAMS, prepare=one_that_runs),
    Row("a script by standard input", toot("/bin/sh", "-c", f'exec /usr/bin/python3 - "$@" < {TOOT}', "sh"), PROGRAMS),
    Row("a script that another one reads", toot("/usr/bin/python3", "-c", READS_IT), PROGRAMS),
    Row("a script's package, without the script", toot("/usr/bin/python3", "-c", IMPORTS_IT), PROGRAMS),
    Row("the exempt officer's program", runs(POSTER, who="officer"), ANY, OPEN),
]
RUNNING_ROWS = [
    Row("a running tool is typed into", speaks("typed"), PROGRAMS, prepare=drafts("typed"), keeps=True),
    Row("a running tool is sent SIGCONT", speaks("SIGCONT"), PROGRAMS, prepare=drafts("SIGCONT"), before=wakes, keeps=True),
    Row("a running tool's group is thawed by its user", speaks("thaw"), PROGRAMS, prepare=drafts("thaw"), before=thaws, keeps=True),
    Row("a running tool in a unit of its user's own is thawed and moved by them", speaks("own unit"), PROGRAMS, prepare=drafts_in_own_unit,
        before=thaws_and_moves_in_own_unit, keeps=True),
    Row("a running tool is moved out by its user", speaks("move"), PROGRAMS, prepare=drafts("move"), before=moves, keeps=True),
    Row("a running script that the loader was given", speaks("loader"), PROGRAMS, keeps=True,
        prepare=drafts_by("loader", "/lib64/ld-linux-x86-64.so.2", "/usr/bin/python3", DRAFTER)),
    Row("a running script of an interpreter under another name", speaks("renamed"), PROGRAMS, keeps=True,
        prepare=drafts_by("renamed", "{home}/anything", DRAFTER)),
    Row("a running script that came by an open file", speaks("by fd"), PROGRAMS, keeps=True,
        prepare=drafts_by("by fd", "/bin/sh", "-c", 'exec "$0" /dev/fd/3 "$@" 3< ' + DRAFTER, "{home}/anything")),
    Row("a running tool whose first thread has ended", speaks("leaderless"), PROGRAMS, keeps=True, prepare=drafts_by("leaderless", DRAFTER, deed="leaderless")),
    Row("a running tool in a process namespace of its user's own", speaks("own processes"), PROGRAMS, keeps=True,
        prepare=drafts_by("own processes", "unshare", "-Urpf", "--mount-proc", DRAFTER)),
    Row("a running tool that goes on in one process after the other", speaks("hopping"), PROGRAMS, keeps=True, prepare=drafts_by("hopping", DRAFTER, deed="hopping")),
    Row("a listed file that was on its way between two programs", speaks("mailed"), ANY, NOT_STOPPED, listed="handed a listed file",
        prepare=keeps("mailed", "mailed", POSTER.encode().hex(), *SHORT, "-d", "TOKEN", OUTSIDE)),
    Row("what once looked into a listed program", speaks("looked"), ANY, OPEN,
        prepare=drafts_by("looked", "/usr/bin/python3", "{here}/helpers.py", "looked", OWNED)),
]
CONNECTED = [
    Row("curl", curl(), NETWORK),
    Row("curl by IPv6", curl("-6"), NETWORK),
    Row("curl by a literal address", curl("-H", "Host: x.com", url="https://203.0.113.10/post"), NETWORK),
    Row("curl by a literal IPv6 address", curl("-H", "Host: x.com", url="https://[2001:db8::10]/post"), NETWORK),
    Row("curl by an address mapped into IPv6", curl("-H", "Host: x.com", url="https://[::ffff:203.0.113.10]/post"), NETWORK),
    Row("curl by plain HTTP", curl(url="http://x.com/post"), NETWORK),
    Row("curl by another port", curl(url="https://x.com:8443/post"), NETWORK),
    Row("the port of DNS over TLS", curl(url="https://x.com:853/post"), NETWORK),
    Row("DNS over HTTPS", curl("--doh-url", "https://resolver.example/dns-query", "--doh-insecure"), NETWORK),
    Row("one's own proxy", curl("-x", "http://127.0.0.1:3129"), NETWORK),
    Row("somebody else's proxy", curl("-x", "http://proxy.example:3128"), NETWORK),
    Row("somebody else's encrypted proxy", curl("-x", "https://proxy.example:3443", "--proxy-insecure"), ANY, NOT_STOPPED,
        listed="encrypted proxy"),
    Row("openssl", asks_openssl, NETWORK),
    Row("a Python client", lambda s, token: s.run(s.alice, [
        "/usr/bin/python3", "-c", "import sys, ssl, urllib.request as u; u.urlopen(sys.argv[1], sys.argv[2].encode(), 4, "
        "context=ssl._create_unverified_context())", INSIDE, token]), NETWORK),
    Row("a kept connection", speaks("kept"), NETWORK, prepare=keeps("kept", "kept", "x.com")),
    Row("a kept web socket", speaks("socket"), NETWORK, prepare=keeps("socket", "kept_socket", "x.com", first="hello")),
    Row("datagrams of QUIC's port", helper("datagram", "x.com", "{token}"), NETWORK),
    Row("TCP over several paths", helper("multipath", "x.com", "{token}"), NETWORK),
    Row("TCP fast open", helper("fast_open", "x.com", "{token}"), NETWORK),
    Row("a name on a shared address", curl(url="https://facebook.com/post"), NETWORK),
    Row("a name on a shared address, its hello in two pieces", helper("two_pieces", "facebook.com", "{token}"), NETWORK),
    Row("another name on a shared address in the hello", helper("fronted", "203.0.113.20", "{token}", "shared.example", "facebook.com"),
        ANY, NOT_STOPPED, listed="server name"),
    Row("the other site of a shared address", curl(url="https://shared.example/post"), ANY, OPEN),
    Row("a site that no tool lists", curl(url="https://www.cannockchasedc.gov.uk/post"), ANY, OPEN),
    Row("the exempt officer's client", curl(who="officer"), ANY, OPEN),
]
