# SPDX-License-Identifier: MIT
"""policy D9.1, D9.2 in browsers: pages, open tabs, and browsers that are started in other ways. tests/FACTS.md "The device"."""
import json
import os

from .rows import BROWSER, NETWORK, OPEN, OTHER_BROWSER, TABS, ANY, Row
from .web import launch, profile_name

ALLOWED = "https://www.cannockchasedc.gov.uk/"
OWN_PROXY = 3129
OWN_SCRIPT = "data:application/x-ns-proxy-autoconfig,function FindProxyForURL(url,host){return'PROXY proxy.example:3128';}"
HIDE = ("unshare", "-Urm", "sh", "-c", 'mount -t tmpfs none /etc/chromium/policies && exec "$@"', "sh")


def typed(url):
    """Go to an address, and post from its page."""
    def attempt(s, token):
        if s.web.visit(url):
            s.web.run("post(a[0])", None, token)
    return attempt


def from_allowed(script, ends=True):
    """A script on a page that is not blocked."""
    def attempt(s, token):
        s.web.visit(ALLOWED)
        s.web.run(script, None, token)
        if not ends:
            s.soon(token)
    return attempt


def open_tab(name, script, ends=True):
    """A script in a tab that was open before the lockdown; it may be our own page by now, and come back after it."""
    def attempt(s, token):
        if not s.locked:
            s.wait_for(lambda: s.web.run("typeof post", name) == "function")
        s.web.run(script, name, token)
        if not ends:
            s.soon(token)
        if script == POPUP:
            s.web.run(CLOSE, name)
    return attempt


def opens(name, url="https://x.com/", script=None):
    def prepare(s):
        s.web.tab(name, url)
        if script and s.web.run(script, name) is None:
            raise RuntimeError(f"the tab of '{name}' cannot be made ready")
    return prepare


def framed(s, token):
    s.web.visit(f"https://www.cannockchasedc.gov.uk/frame?https://x.com/auto%3F{token}")
    s.soon(token)


def went_on(s):
    """A tab that has left the page; its way back leads there."""
    opens("back")(s)
    s.web.driver.get(ALLOWED)


def back(s, token):
    if not s.locked:
        went_on(s)  # what the lockdown did to the history of the tab of before is not what is asked here
    s.web.run("history.back()", "back")
    if s.comes(lambda: s.web.run("location.host", "back") == "x.com"):
        s.web.run("post(a[0])", "back", token)
    s.web.run("history.forward()", "back")


def launched(*more, before=(), url="https://x.com/auto?{}", local_state=None):
    def attempt(s, token):
        profile = profile_name(token)
        if local_state:
            home = f"{s.alice.home}/{profile}"
            os.makedirs(home)
            with open(f"{home}/Local State", "w", encoding="ascii") as out:
                json.dump(local_state, out)
            for path in (home, f"{home}/Local State"):
                os.chown(path, s.alice.uid, s.alice.uid)
        words = [*before, "chromium", *s.web.flags, *more, url.format(token)]
        s.last_words = launch(s.alice, words, s.seconds(8), profile)
    return attempt


def guest(s, token):
    """Driven, since a guest's window does not print its page."""
    profile = f"{s.alice.home}/{profile_name(token)}"
    s.web.another(f"https://x.com/auto?{token}", "--guest", f"--user-data-dir={profile}")


def firefox(s, token):
    """Plain HTTP, and a name that no browser knows to be for HTTPS alone, so that no certificate has to be trusted."""
    profile = f"{s.alice.home}/firefox-{token}"
    os.makedirs(profile)
    with open(f"{profile}/user.js", "w", encoding="ascii") as out:
        out.write('user_pref("dom.security.https_first", false);\nuser_pref("browser.aboutwelcome.enabled", false);\n')
    for path in (profile, f"{profile}/user.js"):
        os.chown(path, s.alice.uid, s.alice.uid)
    s.run(s.alice, ["firefox-esr", "--headless", "--no-remote", "--profile", profile, "--screenshot",
                    f"{profile}/shot.png", f"http://posts.example/auto?{token}"], s.seconds(25))


def twice(attempt):
    """A browser may just be putting our page where it was refused another: what must come through is tried once more."""
    def again(s, token):
        attempt(s, token)
        if not s.soon(token):
            attempt(s, token)
    return again


FORM = """(() => { const form = document.createElement('form'); form.method = 'POST'; form.action = 'https://x.com/post';
  const field = document.createElement('input'); field.name = 'text'; field.value = a[0]; form.append(field);
  document.body.append(form); form.submit(); })()"""
SOCKET = """new Promise((done, fail) => { const s = new WebSocket('wss://x.com/socket');
  s.onopen = () => s.send(a[0]); s.onmessage = () => done('said'); s.onerror = fail; })"""
WORKER = """new Promise((done, fail) => { const w = new Worker(URL.createObjectURL(new Blob([
  "onmessage = e => fetch('https://x.com/post', {method: 'POST', body: e.data}).then(() => postMessage(1), () => postMessage(0))"])));
  w.onmessage = e => e.data ? done('posted') : fail(); w.onerror = fail; w.postMessage(a[0]); })"""
PUSHED = "(history.pushState({}, '', '/compose/' + a[0]), post(a[0]))"
POPUP = """new Promise(done => { const w = window.open('https://x.com/auto?' + a[0]); setTimeout(done, 500); window.popup = w; })"""
CLOSE = "(window.popup && popup.close(), 1)"
BEACON = "navigator.sendBeacon('https://x.com/post', a[0])"
OWN_FORM = "data:text/html,<form method=post enctype=text/plain action=https://x.com/post><input name=a value={}></form><script>document.forms[0].submit()</script>"
OWN_FETCH = "data:text/html,<script>fetch('https://x.com/post', {{method: 'POST', mode: 'no-cors', body: '{}'}})</script>"
SECURE_DNS = {"dns_over_https": {"mode": "secure", "templates": "https://resolver.example/dns-query"}}

PAGES = [
    Row("the address is typed", typed("https://x.com/"), BROWSER),
    Row("a subdomain is typed", typed("https://mobile.x.com/"), BROWSER),
    Row("plain HTTP is typed", typed("http://x.com/"), BROWSER),
    Row("another port is typed", typed("https://x.com:8443/"), BROWSER),
    Row("a path with the name of an allowed site is typed", typed("https://x.com/www.cannockchasedc.gov.uk/"), BROWSER),
    Row("the network address is typed", typed("https://203.0.113.10/"), NETWORK),
    Row("a form on an allowed page", from_allowed(FORM, ends=False), BROWSER),
    Row("a frame in an allowed page", framed, BROWSER),
    Row("a fetch from an allowed page", from_allowed("post(a[0], 'https://x.com')"), TABS),
    Row("a beacon from an allowed page", from_allowed(BEACON, ends=False), TABS),
    Row("a web socket from an allowed page", from_allowed(SOCKET), TABS),
    Row("the council's own site in the browser", twice(from_allowed("post(a[0])")), ANY, OPEN),
]
OPEN_TABS = [
    Row("an open tab posts", open_tab("posts", "post(a[0])"), TABS, prepare=opens("posts")),
    Row("an open tab that pushes a state posts", open_tab("state", PUSHED), TABS, prepare=opens("state")),
    Row("an open tab's beacon", open_tab("beacon", BEACON, ends=False), TABS, prepare=opens("beacon")),
    Row("an open tab's kept web socket", open_tab("socket", "(window.kept && kept.readyState === 1 ? say(a[0]) : "
                                                  "socket().then(() => say(a[0])))"), TABS,
        prepare=opens("socket", script="socket()")),
    Row("an open tab's service worker", open_tab("service", "(window.helper ? ask(a[0]) : worker().then(() => ask(a[0])))"),
        TABS, prepare=opens("service", script="worker()")),
    Row("an open tab's worker", open_tab("worker", WORKER), TABS, prepare=opens("worker")),
    Row("an open tab opens another", open_tab("opener", POPUP, ends=False), BROWSER, prepare=opens("opener")),
    Row("back to a page that was left", back, TABS, prepare=went_on),
]
LAUNCHED = [
    Row("a second profile", launched(), BROWSER, alone=False),
    Row("a guest", guest, BROWSER),
    Row("incognito", launched("--incognito"), BROWSER, alone=False, after=False),
    Row("--disable-extensions", launched("--disable-extensions"), BROWSER, alone=False, after=False),
    Row("one's own proxy in the browser", launched(f"--proxy-server=http://127.0.0.1:{OWN_PROXY}"), BROWSER, alone=False, after=False),
    Row("somebody else's proxy in the browser", launched("--proxy-server=http://proxy.example:3128"), BROWSER, alone=False, after=False),
    Row("a proxy script of one's own in the browser", launched(f"--proxy-pac-url={OWN_SCRIPT}"), BROWSER, alone=False, after=False),
    Row("what the network offers as a proxy (WPAD) in the browser", launched("--proxy-auto-detect"), BROWSER, alone=False, after=False),
    Row("encrypted DNS in the browser", launched(local_state=SECURE_DNS), BROWSER, alone=False, after=False),
    Row("another name for the address", launched("--host-resolver-rules=MAP other.example 203.0.113.10",
                                                 url="https://other.example/auto?{}"), NETWORK, alone=False, after=False),
    Row("a mount namespace without policies", launched(before=HIDE), NETWORK, alone=False, after=False),
    Row("a form on a page of one's own", launched(url=OWN_FORM), BROWSER, alone=False, after=False),
    Row("a page of one's own that fetches", launched(url=OWN_FETCH), NETWORK, alone=False, after=False),
    Row("another browser", firefox, OTHER_BROWSER, alone=False, after=False),
]
