#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A Firefox that is open already is refused the posting tools' addresses, by page and by request, and opened again.

policy D9.1, D9.2, D9.3; tests/FACTS.md "The device". Real Firefox ESR in namespaces of its own, as ordinary users, against a
web server that writes down every request: that is the judge. HF_BUILD names the build folder.
"""
import concurrent.futures
import ctypes
import json
import os
import shutil
import subprocess
import sys
import time

from common import check, read, skip, took, wait_for
from enforce_help import PROBE, Layer, block, run_inside
from marionette import PROGRAM, SYSTEM, Firefox, Refused
from web_help import Server, Site

ETC = "/etc/firefox"
INSTALL = os.path.dirname(PROGRAM)
POLICIES = f"{ETC}/policies/policies.json"
LOCK = f"{ETC}/holdfast.json"
BASE = [f"{ETC}/defaults/pref/!holdfast.js", f"{ETC}/holdfast.cfg"]
NAMES = ("x.com", "www.x.com", "mastodon.social", "fine.example", "games.example")
BLOCKED = ("x.com", "mastodon.social")
PLAN = block(addresses=BLOCKED)
OTHER = 1000
CLONE_NEWNET = 0x40000000

# Settings that a lock holds, as they are when nothing is locked: value, whether it is locked, whether a person's own stands.
SETTINGS = """const d = Services.prefs.getDefaultBranch(""), all = {};
for (const n of ["network.trr.mode", "network.proxy.type", "network.proxy.http", "network.proxy.http_port",
                 "network.proxy.autoconfig_url", "devtools.policy.disabled", "devtools.chrome.enabled"]) {
  const get = {[d.PREF_STRING]: "getStringPref", [d.PREF_INT]: "getIntPref", [d.PREF_BOOL]: "getBoolPref"}[d.getPrefType(n)];
  let value = null;
  try { value = get && d[get](n); } catch (e) {}
  all[n] = [value, Services.prefs.prefIsLocked(n), Services.prefs.prefHasUserValue(n)];
}
arguments[0](all);"""
EXTENSION = """const { AddonManager } = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
AddonManager.getAddonByID("holdfast@holdfast.invalid").then(a => arguments[0](Boolean(a && a.isActive)));"""

# What a page that is open can try: each calls the last argument when it is over.
TRIES = {
    "POST of an open tab": 'fetch("/post", {method: "POST", body: "x"}).then(done, done)',
    "pushState, then a request": 'history.pushState({}, "", "/home"); fetch("/after").then(done, done)',
    "XMLHttpRequest": 'const r = new XMLHttpRequest(); r.onloadend = done; r.open("POST", "/xhr"); r.send("x")',
    "beacon": 'navigator.sendBeacon("/beacon", "x"); fetch("/behind").then(done, done)',
    "form into a frame": '''const f = document.createElement("iframe"); f.name = "f"; document.body.append(f);
        f.onload = done; const q = document.createElement("form"); q.method = "post"; q.action = "/form"; q.target = "f";
        document.body.append(q); q.submit(); setTimeout(done, 700)''',
    "web socket": 'const s = new WebSocket("ws://" + location.host + "/socket"); s.onclose = s.onerror = s.onopen = done',
    "worker": '''const w = new Worker(URL.createObjectURL(new Blob(["fetch('http://x.com/worker',{mode:'no-cors'})" +
        ".then(()=>postMessage(1),()=>postMessage(1))"]))); w.onmessage = w.onerror = done''',
    "image": 'const i = new Image(); i.onload = i.onerror = done; i.src = "/image?" + Math.random()',
}
FROM_OUTSIDE = {
    "fetch from an allowed page": 'fetch("http://x.com/cross", {mode: "no-cors", method: "POST"}).then(done, done)',
    "a subdomain": 'fetch("http://www.x.com/cross", {mode: "no-cors"}).then(done, done)',
    "a dot at the end": 'fetch("http://x.com./dot", {mode: "no-cors"}).then(done, done)',
    "a frame": '''const f = document.createElement("iframe"); f.onload = done; f.src = "http://x.com/frame";
        document.body.append(f); setTimeout(done, 700)''',
    "a redirection": 'fetch("/to?http://x.com/redirected", {mode: "no-cors"}).then(done, done)',
}


class Web:
    """Serves every name on this machine's loopback and writes down who asked for what."""

    def __init__(self):
        seen = self.seen = []

        class Page(Site):
            def do_GET(self):
                host = self.headers["Host"]
                self.body()
                if self.path != "/favicon.ico":
                    seen.append((host, self.path))
                to = self.path.partition("?")[2] if self.path.startswith("/to?") else ""
                if to:
                    self.answer("", status=302, Location=to)
                else:
                    self.answer(f"<title>at {host}</title><body>")

            do_POST = do_GET

        self.server = Server(("127.0.0.1", 80), Page)

    def came(self):
        """Requests to blocked names so far."""
        return sum(host.rstrip(".").endswith(BLOCKED) for host, _ in self.seen)


def extended(browser):
    try:
        return browser.inside(EXTENSION)
    except Refused as refusal:
        return str(refusal)


def own_network(folder):
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise RuntimeError("no network namespace can be made")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with open(f"{folder}/hosts", "w", encoding="ascii") as file:
        file.write(f"127.0.0.1 localhost {' '.join(NAMES)}\n")
    subprocess.run(["mount", "--bind", f"{folder}/hosts", "/etc/hosts"], check=True)


def own_etc(folder):
    """A copy of /etc of our own, with a mount point in it: two of these tests may run at once, and the machine may have none."""
    for name in ("upper", "work"):
        os.makedirs(f"{folder}/etc/{name}")
    subprocess.run(["mount", "-t", "overlay", "-o", f"lowerdir=/etc,upperdir={folder}/etc/upper,workdir={folder}/etc/work",
                    "overlay", "/etc"], check=True)
    os.makedirs(ETC, exist_ok=True)


def own_settings():
    """An /etc/firefox of our own."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/etc/firefox"], check=True)


def layer_in(folder, install=INSTALL):
    return Layer("firefox", folder, firefox_folder=ETC, firefox_install=install, firefox_socket=f"{folder}/firefox.sock",
                 firefox_extension=f"{folder}/extension.zip")


def picture(*but):
    """Every file in the folder with its bytes and all that belongs to it; anew, if one goes while it is being taken."""
    for _ in range(20):
        try:
            return picture_once(but)
        except FileNotFoundError:
            pass
    return picture_once(but)


def picture_once(but):
    found = {}
    for root, _, names in os.walk(ETC):
        for name in names:
            path = f"{root}/{name}"
            st = os.lstat(path)
            if path not in but:
                found[path] = (read(path, "rb"), st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns, st.st_ino)
    return found


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(f"{path}.tmp", "w", encoding="ascii") as file:
        file.write(text if isinstance(text, str) else json.dumps(text))
    os.chmod(f"{path}.tmp", mode)
    os.rename(f"{path}.tmp", path)


def filters():
    return json.loads(read(POLICIES))["policies"]["WebsiteFilter"]


def attempt(browser, body):
    browser.script(f"const done = () => arguments[0](0); {body.replace('arguments[0]', 'done')}")


def files_of_others(folder):
    """D9.3 whatever another vendor has written goes on holding and is back, byte for byte."""
    layer = layer_in(folder)
    base = picture()
    check("open: idle; two neutral files are there for good", layer.state() == "idle" and sorted(base) == BASE, base)
    check("no Firefox runs: what was read back is proof", layer.apply(PLAN) == "ok" and layer.state() == "verified",
          layer.probe())
    node = os.stat(POLICIES).st_ino
    check("apply again writes nothing", layer.apply(PLAN) == "ok" and os.stat(POLICIES).st_ino == node)
    check("the policies block for a Firefox that knows no agent", filters() == {"Block": ["*://*.mastodon.social/*",
                                                                                          "*://*.x.com/*"]}, read(POLICIES))
    check("D9.3 release leaves nothing", layer.apply() == "ok" and layer.state() == "idle" and picture() == base, picture())
    write(POLICIES, '{ "policies": {"WebsiteFilter": {"Block": ["*://games.example/*"], "Exceptions": ["*://x.com/*"]}}}', 0o600)
    os.utime(POLICIES, ns=(1, 1500000000123456789))
    os.chown(POLICIES, 7, 8)
    before = picture()
    layer.apply(PLAN)
    check("theirs goes on holding beside ours", "*://games.example/*" in filters()["Block"] and "Exceptions" not in filters(),
          filters())
    layer.kill()
    layer = layer_in(folder)
    check("after a crash: what is there is found", layer.state() == "armed", layer.probe())
    check("D9.3 and is back byte for byte", layer.apply() == "ok" and layer.state() == "idle" and picture() == before, picture())
    layer.apply(PLAN)
    theirs = f"{POLICIES}.theirs"  # seen before the layer may have taken it over
    write(theirs, {"policies": {"WebsiteFilter": {"Block": ["*://cards.example/*"]}}})
    now = picture()[theirs]
    os.rename(theirs, POLICIES)
    check("they write another one while it is locked: taken over at once", wait_for(lambda: "*://cards.example/*" in
          read(POLICIES) and "*://*.x.com/*" in read(POLICIES)), read(POLICIES))
    check("that it had stopped holding is said", wait_for(lambda: layer.probe()["tampered"]))
    check("and theirs alone is there after the release", layer.apply() == "ok" and picture()[POLICIES] == now)
    os.unlink(POLICIES)
    write(f"{folder}/install/distribution/policies.json", {"policies": {"DisableTelemetry": True}})
    layer.close()
    layer = layer_in(folder, f"{folder}/install")
    layer.apply(PLAN)
    check("what stands in Firefox's own folder holds too", json.loads(read(POLICIES))["policies"]["DisableTelemetry"] is True)
    check("a plan that is not for everybody leaves the policies alone", layer.apply(block(addresses=BLOCKED, open_for=[OTHER],
          machine_wide=False)) == "ok" and layer.state() == "verified" and not os.path.exists(POLICIES))
    layer.apply()
    layer.close()
    check("D9.3 all as before", sorted(picture()) == BASE)


def open_browser(folder, web):
    """D9.2 in a browser that is open already, page and requests; D9.3 without a restart."""
    layer = layer_in(folder)
    with concurrent.futures.ThreadPoolExecutor(2) as two:
        with_rights = two.submit(Firefox, folder, SYSTEM, prefs='user_pref("network.proxy.type", 0);')
        plain = Firefox(folder)
        browser = with_rights.result()
    settings = browser.inside(SETTINGS)
    check("it opens before", browser.visit("http://x.com/a") == "at x.com" and plain.visit("http://x.com/a") == "at x.com")
    begin = time.monotonic()
    check("apply", layer.apply(PLAN) == "ok")
    check("verified when each has seen a request refused", layer.becomes("verified") and "2 running" in
          layer.probe()["text"], layer.probe())
    print(f"       apply to verified: {took(begin)}")
    came = web.came()
    for name, body in TRIES.items():
        attempt(plain, body)
        check(f"D9.2 the open page is stopped: {name}", web.came() == came, web.seen[-3:])
    plain.tab()
    check("other sites are untouched", plain.visit("http://fine.example/") == "at fine.example")
    for name, body in FROM_OUTSIDE.items():
        attempt(plain, body)
        check(f"D9.2 nor from another page: {name}", web.came() == came, web.seen[-3:])
    for url in ("http://x.com/b", "http://WWW.X.com/", "http://mastodon.social/@a/1", "http://fine.example/to?http://x.com/c"):
        check(f"blocked: {url}", plain.visit(url) == "blocked", plain.visit(url))
    plain.tab("window", private=True)
    check("attack: a private window", plain.visit("http://x.com/private") == "blocked")
    try:
        browser.inside(SETTINGS)
        check("attack: a program with the browser's own rights is refused", False, "it was let in")
    except Refused as refusal:
        check("attack: a program with the browser's own rights is refused", "System access" in str(refusal), refusal)
    check("nothing has reached the server", web.came() == came, web.seen)
    begin = time.monotonic()
    check("release", layer.apply() == "ok" and layer.becomes("idle"), layer.probe())
    print(f"       release to idle: {took(begin)}")
    check("D9.3 it opens again without a restart", browser.visit("http://x.com/d") == plain.visit("http://x.com/d") == "at x.com")
    check("D9.3 proxy, encrypted DNS and tools are as they were", browser.inside(SETTINGS) == settings, browser.inside(SETTINGS))
    check("the extension was there for it", extended(browser) is True)
    others = Layer("others", folder)
    others.apply(PLAN)
    saw = others.probe()
    check("a Firefox and its helpers are not taken for a browser that is out of reach", "firefox" not in saw["text"] and
          "crash" not in saw["text"], saw)
    check("nobody looks while nothing is blocked", others.apply() == "ok" and others.state() == "idle")
    others.close()
    layer.close()
    return browser, plain


def locked_from_the_start(folder, web):
    """Every way in which a person can start a Firefox while it is locked; each counts as holding only when it says so."""
    layer = layer_in(folder)
    layer.apply(PLAN)
    came = web.came()
    copy = f"{folder}/home-copy"
    os.makedirs(copy, exist_ok=True)
    subprocess.run(["mount", "--bind", INSTALL, copy], check=True)
    ways = {
        "safe mode, with a folder of system settings of one's own": {"options": ["-safe-mode"],
                                                                    "MOZ_SYSTEM_CONFIG_DIR": "/nowhere"},
        "a new profile with settings of one's own": {"prefs": 'user_pref("general.config.filename", "");user_pref("network.trr.mode", 3);'
                                           'user_pref("general.config.sandbox_enabled", true);'},
        "a copy of the program": {"program": f"{copy}/firefox-esr"},
    }

    def start(name, options=(), **more):
        browser = Firefox(folder, *options, **more)
        try:
            saw = [browser.visit("http://x.com/"), browser.visit("http://fine.example/")]
            attempt(browser, FROM_OUTSIDE["fetch from an allowed page"])
            check(f"attack while locked: {name}", saw == ["blocked", "at fine.example"], saw)
        finally:
            browser.quit()

    with concurrent.futures.ThreadPoolExecutor(2) as two:
        for done in [two.submit(start, name, **way) for name, way in ways.items()]:
            done.result()
    check("nothing has reached the server", web.came() == came, web.seen[-3:])
    subprocess.run(["umount", "-l", copy], check=True)
    return layer


def each_person_apart(folder, web, layer, plain):
    """D9.1 an exempt person goes on posting on a device that others share."""
    exempt = Firefox(folder, uid=OTHER)
    check("locked for everybody at first", exempt.visit("http://x.com/") == "blocked" and layer.becomes("verified"))
    layer.apply(block(addresses=BLOCKED, open_for=[OTHER], machine_wide=False))
    check("it holds for each person", layer.becomes("verified"), layer.probe())
    check("D9.1 open for the exempt person, at once", exempt.visit("http://x.com/") == "at x.com", exempt.visit("http://x.com/"))
    layer.apply(block(addresses=BLOCKED, open_for=[OTHER]))
    second = Firefox(folder, uid=OTHER)
    check("D9.1 also in one that is started where the policies block it for the others", wait_for(lambda: second.visit(
          "http://x.com/") == "at x.com") and layer.becomes("verified"), layer.probe())
    second.quit()
    came = web.came()
    check("D9.2 and shut for the other", plain.visit("http://x.com/") == "blocked" and web.came() == came)
    layer.apply(PLAN)
    check("shut for both again", layer.becomes("verified") and exempt.visit("http://x.com/") == "blocked")
    exempt.quit()


def agent_lost(folder, layer, plain):
    layer.kill()
    check("the agent is killed: still blocked", plain.visit("http://x.com/") == "blocked")
    layer = layer_in(folder)
    check("the next one finds it", layer.state() == "armed", layer.probe())
    check("and hears that it holds", layer.apply(PLAN) == "ok" and layer.becomes("verified"), layer.probe())
    for path, what in ((POLICIES, "policies"), (LOCK, "lock"), (BASE[1], "engine"), (BASE[0], "preference")):
        kept = read(path)
        os.unlink(path)
        check(f"tampering: the {what} is removed: put back at once", wait_for(lambda: os.path.exists(path) and
                                                                             read(path) == kept))
        saw = layer.probe()
        check(f"tampering: the {what}: said", saw["tampered"] and os.path.basename(path) in saw["text"], saw)
    with open(POLICIES, "a", encoding="ascii") as file:
        file.write(" ")
    check("tampering: the policies are edited: put right and said", wait_for(lambda: layer.probe()["tampered"]) and
          "mastodon" in read(POLICIES) and layer.becomes("verified"))
    os.chmod(LOCK, 0o600)
    check("tampering: the lock is made unreadable: put right and said", wait_for(lambda: layer.probe()["tampered"]) and
          os.stat(LOCK).st_mode & 0o777 == 0o644)
    layer.kill()
    layer = layer_in(folder)
    check("D9.3 release by a new agent", layer.apply() == "ok" and layer.becomes("idle") and
          plain.visit("http://x.com/") == "at x.com", layer.probe())
    check("D9.3 the folder is as it was", sorted(picture()) == BASE)
    layer.close()


def without_engine(folder):
    """One that was started before Holdfast came is not counted as holding, with the reason."""
    subprocess.run(["umount", ETC], check=True)
    own_settings()
    early = Firefox(folder)
    layer = layer_in(folder)
    layer.apply(PLAN)
    saw = layer.probe()
    check("a Firefox from before: not verified", saw["state"] == "armed" and "1 of 1" in saw["text"], saw)
    check("failed, with the reason", layer.becomes("failed") and "start it again" in layer.probe()["text"], layer.probe())
    early.quit()
    check("and verified when it has gone", layer.becomes("verified"), layer.probe())
    layer.apply()
    write(f"{ETC}/defaults/pref/corp.js", '//\npref("general.config.filename", "corp.cfg");\npref("general.config.obscure_value", 0);\n')
    write(f"{ETC}/corp.cfg", '// corp\nlockPref("browser.startup.homepage", "http://corp.example/");\n')
    layer.close()
    layer = layer_in(folder)
    later = Firefox(folder, SYSTEM)
    held = later.inside('arguments[0]([Services.prefs.getStringPref("browser.startup.homepage"), '
                        'Services.prefs.prefIsLocked("browser.startup.homepage")])')
    check("the autoconfig of another vendor goes on holding", held == ["http://corp.example/", True], held)
    layer.apply(PLAN)
    check("and so does ours", layer.becomes("verified") and later.visit("http://x.com/") == "blocked", layer.probe())
    layer.apply()
    later.quit()
    layer.close()


def timed(part, *arguments):
    begin = time.monotonic()
    result = part(*arguments)
    print(f"       {part.__name__}: {took(begin)}")
    return result


def body(folder, _group):
    if not os.path.exists(PROGRAM):
        skip("the whole file", "no Firefox ESR is installed")
        return
    own_etc(folder)
    own_network(folder)
    own_settings()
    shutil.copy(f"{os.path.dirname(PROBE)}/../extension-firefox.zip", f"{folder}/extension.zip")
    web = Web()
    timed(files_of_others, folder)
    browser, plain = timed(open_browser, folder, web)
    layer = timed(locked_from_the_start, folder, web)
    timed(each_person_apart, folder, web, layer, plain)
    timed(agent_lost, folder, layer, plain)
    check("nothing of the extension runs while nothing is blocked", wait_for(lambda: extended(browser) is False),
          extended(browser))
    browser.quit()
    plain.quit()
    timed(without_engine, folder)


if __name__ == "__main__":
    sys.exit(run_inside(body))
