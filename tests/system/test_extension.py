#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Open tabs are covered and their requests stopped; refused pages give way to ours; what was typed is there afterwards.

policy D9.1, D9.2, D9.3; tests/FACTS.md "The device". The real agent and the real Chromium, for two people of one device, on a
throw-away copy of the machine (deploy/demo/sandbox). HF_BUILD names the build folder.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from selenium import webdriver
from selenium.common.exceptions import WebDriverException

import sandboxed
import test_agent as ta
from common import ENOUGH, check, drop, end_process, processes, results, took, wait_for
from council_help import contract, key
from driven import drive
from web_help import Server, Site, free_port, new_tls

MANAGED = "/etc/chromium/policies/managed"
HOST_MANIFEST = "/etc/chromium/native-messaging-hosts/holdfast.browser.json"
MESSAGE = "We are dealing with it; more follows here."
TRIES = 4  # of a page that tries ten times a second, once a second where its tab is not seen
SAM, OLU = 5001, 5002  # comms-2, who is blocked; comms-1, who can be exempt
PAGE = """<!doctype html><html lang=en><title>at {host}</title><textarea id=t></textarea><script>
const answers = [];
async function post(url) {{ try {{ return (await fetch(url, {{method: 'POST', mode: 'no-cors', body: 'x'}})).type }} catch (e) {{ return 'stopped' }} }}
const ws = new WebSocket('wss://' + location.host + '/ws');
const beat = setInterval(async () => answers.push(await post('/beat')), 100);
</script></html>"""
WORKER = """self.addEventListener('message', async (e) => {
  let how = 'sent'; try { await fetch(e.data, {method: 'POST'}) } catch { how = 'stopped' } e.source.postMessage(how) })"""


class Web:
    """Every name over TLS on this machine; remembers what was asked of it."""

    def __init__(self, folder):
        web = self
        self.asked, self.words = [], []

        class Page(Site):
            def do_GET(self):
                web.asked.append(("GET", self.headers["Host"], self.path))
                if self.headers.get("Upgrade") == "websocket":
                    for _ in self.frames():
                        web.words.append(self.headers["Host"])
                elif self.path.endswith(".js"):
                    self.answer(WORKER, "text/javascript")
                else:
                    self.answer(PAGE.format(host=self.headers["Host"]))

            def do_POST(self):
                self.body()
                web.asked.append(("POST", self.headers["Host"], self.path))
                self.answer("ok", "text/plain")

        self.server = Server(("127.0.0.1", 0), Page, new_tls(folder))
        self.port = self.server.server_port

    def posts(self, path, host=None):
        return sum(1 for method, h, p in self.asked if method == "POST" and p == path and host in (None, h))



class Browser:
    """Chromium of one user, on a screen of its own."""

    def __init__(self, web, uid, *flags):
        self.home = tempfile.mkdtemp(dir="/srv")
        os.chown(self.home, uid, uid)
        port = free_port()
        read_end, write_end = os.pipe()
        self.screen = subprocess.Popen(["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1000x760x24", "-nolisten", "tcp", "-ac"],
                                       pass_fds=[write_end], stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as said:
            self.display = ":" + said.readline().strip()
        self.process = subprocess.Popen(["/usr/bin/chromedriver", f"--port={port}"], preexec_fn=drop(uid), cwd=self.home,
                                        env={"HOME": self.home, "TMPDIR": self.home, "PATH": "/usr/bin:/bin", "DISPLAY": self.display},
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        options = webdriver.ChromeOptions()
        # A person starts no browser so: with it, nothing is installed by policy.
        options.add_experimental_option("excludeSwitches", ["disable-background-networking"])
        for word in ("--no-sandbox", "--disable-gpu", "--no-first-run", "--ignore-certificate-errors", "--window-size=1000,760",
                     "--disable-dev-shm-usage", f"--user-data-dir={self.home}/profile", f"--host-resolver-rules=MAP * 127.0.0.1:{web.port}",
                     *flags):
            options.add_argument(word)
        self.driver = drive(port, options)
        self.driver.set_page_load_timeout(ENOUGH)
        self.driver.set_script_timeout(ENOUGH)

    def titles(self):
        """What the windows on this screen are called: what a person sees, whatever page it is."""
        done = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", ".", "getwindowname", "%@"], env={**os.environ, "DISPLAY": self.display},
                              capture_output=True, text=True, timeout=ENOUGH, check=False)
        return done.stdout

    def shows(self, title):
        return wait_for(lambda: title in self.titles())

    def picture(self, path):
        """For people to look at, if somebody asks for pictures."""
        if "HF_TEST_PICTURES" in os.environ:
            subprocess.run(["import", "-window", "root", path], env={**os.environ, "DISPLAY": self.display}, timeout=ENOUGH, check=False)

    def go(self, url):
        try:
            self.driver.get(url)
            return self.driver.title
        except WebDriverException as error:
            return str(error)

    def run(self, text):
        return self.driver.execute_async_script("const done = arguments[arguments.length - 1]; (async () => done(" + text + "))()")

    def typed(self):
        return self.driver.execute_script("return document.getElementById('t').value")

    def sends(self):
        """How many of the next tries of its page to post went out."""
        def answers():
            return self.driver.execute_script("return answers")
        before = len(answers())
        wait_for(lambda: len(answers()) >= before + TRIES)
        return sum(how != "stopped" for how in answers()[before:])

    def silenced(self, web):
        """Its page goes on trying, and nothing of it reaches the server."""
        before = web.posts("/beat", "x.com")
        return self.sends() == 0 and web.posts("/beat", "x.com") == before

    def covered(self):
        return self.driver.execute_script("return document.querySelectorAll('holdfast-cover').length === 1")

    def words(self):
        """All that a screen reader finds in the page, what is under a cover left out."""
        nodes = self.driver.execute("executeCdpCommand", {"cmd": "Accessibility.getFullAXTree", "params": {}})["value"]["nodes"]
        return [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n["ignored"]]

    def quit(self):
        if self.process.poll() is not None:
            return
        try:
            self.driver.quit()
        except WebDriverException:
            pass
        for process in (self.process, self.screen):
            end_process(process, signal.SIGKILL)


class Council(ta.Council):
    """Two people on one device; a tool with two addresses."""

    def __init__(self):
        super().__init__()
        register = contract.register(ta.COUNCIL, 1, self.at, [contract.account("x:CannockChaseDC", "corporate", {"comms-2": 0})],
                                     [contract.tool("x-web", "X in a browser", ["x"], ["x.com", "mastodon.social"])])
        self.register = contract.envelope("register", register, [key("comms-1"), key("comms-2")])

    def assignment(self, public, version=1):
        doc = contract.assignment(ta.COUNCIL, ta.DEVICE, version, self.at, public=public, people={"comms-1": "olu", "comms-2": "sam"}, groups=["staff"])
        return contract.envelope("assignment", doc, [key("it-1"), key("comms-1")])


class Device(ta.Device):
    """The device with everything where it is on a real one."""

    def __init__(self, folder, council, ca):
        super().__init__(folder, council, ca)
        self.etc, self.state, self.run = "/etc/holdfast", "/var/lib/holdfast-agent", "/run/holdfast-agent"
        self.policies = MANAGED
        for path in (self.etc, self.run):
            os.makedirs(path, exist_ok=True)

    def enrol(self):
        request = json.loads(self.command("request", "--device", ta.DEVICE, "--user", "nobody")[1])
        self.public = contract.public_from_text(request["public"])
        return self.command("enrol", self.bundle(request), "--yes", "--state", self.state)

    def layer(self, link, name, state):
        def found():
            link.listen()
            rows = link.reports[-1]["layers"] if link.reports else []
            return next((row for row in rows if row["name"] == name and row["state"] == state), None)
        return wait_for(found)


def hosts():
    """Process numbers of native hosts."""
    return [pid for pid, words in processes() if os.path.basename(words[0]) == "holdfast-browser"]


def picture_of_policies():
    found = {}
    for folder, _, names in os.walk("/etc/chromium"):
        for name in names:
            st = os.stat(f"{folder}/{name}")
            found[f"{folder}/{name}"] = (ta.read(f"{folder}/{name}"), st.st_mode, st.st_mtime_ns, st.st_ino)
    return found


def begin(folder):
    with open("/etc/passwd", "a", encoding="ascii") as f:
        f.write(f"sam:x:{SAM}:{SAM}::/srv:/bin/sh\nolu:x:{OLU}:{OLU}::/srv:/bin/sh\n")
    council = Council()
    device = Device(folder, council, ta.Ca(f"{folder}/ca"))
    code, _, said = device.enrol()
    check("enrolled", code == 0, said)
    rows = {"link.user": "nobody", "beat_s": 5, "ask_s": 60, "layer.programs": "no", "log": "info"}
    ta.write(f"{device.etc}/agent.conf", "".join(f"{k} = {v}\n" for k, v in rows.items()))
    check("started", device.start(), device.log())
    return council, device, ta.FakeLink(device)


def raised(council, link, **changes):
    order = council.raise_now("comms-1", "comms-2", reason="Chemical fire in Rugeley", contact="Duty press officer, ext. 4321", **changes)
    link.say("state/c1", council.state(order))
    return order


def released(council, link, order):
    link.say("state/c1", council.state(order, council.release_now(contract.digest_of(order), "comms-1", "comms-2")))


def open_tab(council, device, link, web, browser):
    """D9.2: an open tab; D9.3: and what was typed in it."""
    browser.go("https://x.com/compose")
    browser.driver.execute_script("document.getElementById('t').value = 'half a post'")
    check("open: the page sends", wait_for(lambda: web.posts("/beat") > 2))
    check("open: no host of the extension runs", wait_for(lambda: not hosts()), hosts())
    before = picture_of_policies()
    begun = time.monotonic()
    order = raised(council, link, holding=[contract.holding("x:CannockChaseDC", MESSAGE, "comms-2", 15)])
    check("D9.2 the open tab is covered", wait_for(browser.covered))
    print(f"       order heard to covered: {took(begun)}")
    check("D9.2 its requests are stopped", wait_for(lambda: browser.silenced(web)))
    row = device.layer(link, "extension", "verified")
    check("layer extension: verified, by its own word", row, link.last() and link.last()["layers"])
    print(f"       {row and row['saw']}")
    return order, before


def what_it_says(browser):
    words = browser.words()
    texts = " ".join(name for _, name in words)
    check("the cover says what, why, since when and whom to ring", all(w in texts for w in (
        "Emergency: posting is stopped", "Chemical fire in Rugeley", "Duty press officer, ext. 4321", "X in a browser", "Since")), texts)
    check("D9.3 and the message of the account, that this person is to post it, and how", wait_for(lambda: all(
        w in " ".join(name for _, name in browser.words()) for w in ("message for x:CannockChaseDC", MESSAGE, "You are asked to post it, once",
                                                                     'press "Open posting window"', "for 15 minutes"))), texts)
    check("accessible: a heading, an alert; what is under it is out of reach", {"heading", "alert"} <= {role for role, _ in words} and
          "textbox" not in {role for role, _ in words}, words)
    small = browser.driver.execute_script("return innerWidth >= document.documentElement.scrollWidth")
    check("accessible: nothing runs out of the window", small)


def inside_the_page(web, browser):
    """Attacks from the page that is open, with its own scripts."""
    words = len(web.words)
    browser.driver.execute_script("ws.send('a'); ws.send('b')")
    check("attack: the open web socket sends nothing", wait_for(lambda: browser.driver.execute_script("return ws.readyState") >= 2) and
          len(web.words) == words, web.words[words:])
    for what, text in (("fetch", "post('https://x.com/attack')"), ("fetch to elsewhere", "post('https://fine.example/attack')"),
                       ("a beacon", "navigator.sendBeacon('/attack', 'x') && post('/attack')"),
                       ("pushState and fetch", "(history.pushState({}, '', '/other'), post('/attack'))"),
                       ("a new web socket", "new Promise(r => { const w = new WebSocket('wss://x.com/attack'); w.onerror = () => r('stopped'); w.onopen = () => r('open') })")):
        answer = browser.run(text)
        check(f"attack: {what}", answer == "stopped" and web.posts("/attack") == 0, answer)
    browser.driver.execute_script("document.querySelectorAll('holdfast-cover').forEach(e => e.remove())")
    check("attack: the page removes the cover: it comes back", wait_for(browser.covered))
    browser.run("navigator.serviceWorker ? 'there' : ''")
    answer = browser.run("""(async () => { const r = await navigator.serviceWorker.ready; return await new Promise((done) => {
        navigator.serviceWorker.onmessage = (e) => done(e.data); r.active.postMessage('/attack') }) })()""")
    check("attack: its service worker posts", answer == "stopped" and web.posts("/attack") == 0, answer)


def elsewhere(web, browser):
    """Navigation, and pages of other sites."""
    driver, first = browser.driver, browser.driver.current_window_handle
    driver.switch_to.new_window("tab")
    browser.go("https://fine.example/")
    check("other sites are untouched", driver.title == "at fine.example" and browser.run("post('/fine')") == "opaque" or web.posts("/fine") == 1)
    check("attack: a fetch from an allowed page", browser.run("post('https://x.com/attack')") == "stopped" and web.posts("/attack") == 0)
    check("attack: a frame in an allowed page", browser.run("""new Promise(r => { const f = document.createElement('iframe'); f.src = 'https://x.com/framed';
        f.onload = () => r('done'); document.body ? document.body.append(f) : document.documentElement.append(f) })""") == "done" and
          ("GET", "x.com", "/framed") not in web.asked)
    driver.switch_to.new_window("tab")
    browser.go("https://mastodon.social/home")
    check("a refused page gives way to ours", browser.shows("Emergency: posting is stopped"), browser.titles())
    browser.picture("/srv/page.png")
    check("and nothing of it was fetched", ("GET", "mastodon.social", "/home") not in web.asked)
    driver.switch_to.window(first)


def tamper(device, link):
    crx, told = "/var/lib/holdfast-extension/holdfast.crx", f"{MANAGED}/zzzz-holdfast-told.json"
    for what, path in (("the packed extension", crx), ("the policy that installs it", f"{MANAGED}/zzzz-holdfast-extension.json"),
                       ("its host's manifest", HOST_MANIFEST), ("what it is told", told)):
        before = ta.read(path) if path != crx else open(path, "rb").read()
        os.unlink(path)
        def put_right(path=path):
            link.listen()
            return os.path.exists(path) and any(r["name"] == "extension" and "put right" in r["saw"] for n in link.reports[-3:] for r in n["layers"])
        check(f"attack: {what} is removed: put right and said", wait_for(put_right) and
              (ta.read(path) if path != crx else open(path, "rb").read()) == before, link.reports[-1]["layers"])


def killed(device, link, web, browser):
    """The host, then the agent: what is shut stays shut."""
    for pid in hosts():
        os.kill(pid, signal.SIGKILL)
    check("attack: the host is killed: another comes", wait_for(hosts) and browser.covered() and browser.silenced(web),
          (hosts(), browser.covered(), web.asked[-5:]))
    os.rename(HOST_MANIFEST, "/srv/away")
    for pid in hosts():
        os.kill(pid, signal.SIGKILL)
    check("without a host the policy holds it", browser.silenced(web) and browser.covered() or os.path.exists(HOST_MANIFEST))
    device.kill()
    for pid in hosts():
        os.kill(pid, signal.SIGKILL)
    check("attack: the agent is killed: still covered, still stopped", browser.silenced(web) and browser.covered(),
          (hosts(), browser.covered(), web.asked[-5:]))
    check("started again", device.start(), device.log())
    link = ta.FakeLink(device)
    check("the next agent sees it hold", device.layer(link, "extension", "verified"), link.reports and link.reports[-1]["layers"])
    return link


def main_part(council, device, link, web, browser):
    browser.go("https://x.com/compose")
    check("its service worker is there", browser.run("navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready).then(() => 'yes')") == "yes")
    order, before = open_tab(council, device, link, web, browser)
    browser.picture("/srv/cover.png")
    what_it_says(browser)
    inside_the_page(web, browser)
    tamper(device, link)
    check("and all of it holds again", device.layer(link, "extension", "verified") and wait_for(browser.covered))
    elsewhere(web, browser)
    link = killed(device, link, web, browser)
    released(council, link, order)
    begun = time.monotonic()
    check("D9.3 uncovered", wait_for(lambda: not browser.covered()))
    print(f"       all-clear heard to uncovered: {took(begun)}")
    check("D9.3 what was typed is there", browser.typed() == "half a post", browser.typed())
    check("D9.3 the page sends again", wait_for(browser.sends))
    check("D9.3 the refused page is fetched now, by itself", wait_for(lambda: ("GET", "mastodon.social", "/home") in web.asked),
          (browser.titles(), web.asked[-5:]))
    check("D9.3 layers idle, no host runs", device.layer(link, "extension", "idle") and wait_for(lambda: not hosts()), hosts())
    now = picture_of_policies()
    check("D9.3 every policy file is as it was", {k: v[:2] for k, v in now.items()} == {k: v[:2] for k, v in before.items()}, [k for k in now if now[k] != before.get(k)])
    return link


def exercise(council, device, link, web, browser):
    order = council.raise_now("comms-1", mode="exercise", reason="EXERCISE")
    link.say("state/c1", council.state(order))
    check("an exercise is heard", link.report(lambda r: any(row["mode"] == "exercise" for row in r["lockdowns"])), link.last())
    check("and stops and covers nothing", browser.sends() > 0 and not browser.covered(), (browser.covered(), browser.titles(), web.asked[-5:]))


def two_people(council, device, link, web, browser):
    """D9.1, D9.2: one is exempt, one is not."""
    other = Browser(web, OLU)
    try:
        other.go("https://x.com/olu")
        browser.go("https://x.com/sam")
        begun = time.monotonic()
        order = raised(council, link, exempt=["comms-1"])
        wait_for(browser.covered)
        print(f"       order heard to covered: {took(begun)}")
        check("D9.2 both are here: the policy is for everybody", wait_for(browser.covered) and device.layer(link, "browser", "verified"))
        check("and the report says so", link.report(lambda r: any("for everybody" in row["saw"] for row in r["layers"] if row["name"] == "browser")))
        check("the extension tells them apart, but what is shut for everybody is shut", wait_for(other.covered))
        browser.quit()
        check("D9.1 the exempt one alone: open in the tab that was covered", wait_for(lambda: not other.covered()))
        check("D9.1 and the next page opens", wait_for(lambda: other.go("https://x.com/next") == "at x.com"), other.titles())
        check("the report says for whom", link.report(lambda r: any("open for olu" in row["saw"] for row in r["layers"])), link.last()["layers"])
        third = Browser(web, SAM)
        try:
            check("D9.2 the blocked one comes back: shut for everybody again", wait_for(lambda: third.go("https://x.com/again") != "at x.com") and
                  third.shows("Emergency: posting is stopped"), third.titles())
            check("layer extension: verified for the two of them", device.layer(link, "extension", "verified"), link.last()["layers"])
        finally:
            third.quit()
        released(council, link, order)
        begun = time.monotonic()
        check("D9.3 released: uncovered", wait_for(lambda: not other.covered()))
        print(f"       all-clear heard to uncovered: {took(begun)}")
        check("D9.3 and open", device.layer(link, "extension", "idle") and device.layer(link, "browser", "idle") and
              other.go("https://x.com/end") == "at x.com", (link.last()["layers"], other.titles()))
    finally:
        other.quit()


def flags(council, device, link, web):
    """Launch flags can take the extension away: then the policy alone holds, and the report does not say otherwise."""
    private = Browser(web, SAM, "--incognito")
    private.go("https://x.com/private")
    order = raised(council, link)
    try:
        row = device.layer(link, "extension", "failed")
        check("a browser of private windows is reported: what is open there goes on", row and "without our extension" in row["saw"], link.last()["layers"])
        check("attack: --incognito: new pages are refused", device.layer(link, "browser", "verified") and
              private.go("https://x.com/more") != "at x.com" and ("GET", "x.com", "/more") not in web.asked, private.titles())
    finally:
        private.quit()
    browser = Browser(web, SAM, "--disable-extensions")
    try:
        check("attack: --disable-extensions: still refused", wait_for(lambda: "x.com" in browser.go("https://x.com/flag") and
                                                               ("GET", "x.com", "/flag") not in web.asked))
        row = device.layer(link, "extension", "failed")
        check("and the report says that the extension is missing", row and "without our extension" in row["saw"], link.last()["layers"])
    finally:
        browser.quit()
    released(council, link, order)
    check("released at last", device.layer(link, "extension", "idle") and device.layer(link, "browser", "idle"))


def body():
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    web = Web(folder)
    council, device, link = begin(folder)
    browser = Browser(web, SAM)
    try:
        check("the extension is installed by policy", wait_for(lambda: os.path.isdir(f"{browser.home}/profile/Default/Extensions")
                                                         and os.listdir(f"{browser.home}/profile/Default/Extensions")))
        link = main_part(council, device, link, web, browser)
        exercise(council, device, link, web, browser)
        two_people(council, device, link, web, browser)
        flags(council, device, link, web)
    finally:
        browser.quit()
        ta.end_process(device.agent)
        if results["failed"]:
            print(device.log()[-6000:])
        keep = os.environ.get("HF_TEST_PICTURES")
        for name in ("cover.png", "page.png") if keep else ():
            if os.path.exists(f"/srv/{name}"):
                shutil.copy(f"/srv/{name}", keep)


if __name__ == "__main__":
    sys.exit(sandboxed.run("extension", body))
