#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Open tabs are covered and their requests stopped; refused pages give way to ours; what was typed is there afterwards.

policy D9.1, D9.2, D9.3; facts.md "The device". The real agent and the real Chromium, for two people of one device, on a
throw-away copy of the machine (deploy/demo/sandbox). HF_BUILD names the build folder.
"""
import base64
import hashlib
import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chromium.remote_connection import ChromiumRemoteConnection

import test_agent as ta
from common import check, closing, results, wait_for
from test_agent import contract, key

INSIDE = "HF_TEST_INSIDE"
MANAGED = "/etc/chromium/policies/managed"
HOST_MANIFEST = "/etc/chromium/native-messaging-hosts/holdfast.browser.json"
SAM, OLU = 5001, 5002  # comms-2, who is blocked; comms-1, who can be exempt
PAGE = """<!doctype html><html lang=en><title>at {host}</title><textarea id=t></textarea><script>
const answers = [];
async function post(url) {{ try {{ return (await fetch(url, {{method: 'POST', mode: 'no-cors', body: 'x'}})).type }} catch (e) {{ return 'stopped' }} }}
const ws = new WebSocket('wss://' + location.host + '/ws');
const beat = setInterval(() => post('/beat'), 100);
</script></html>"""
WORKER = """self.addEventListener('message', async (e) => {
  let how = 'sent'; try { await fetch(e.data, {method: 'POST'}) } catch { how = 'stopped' } e.source.postMessage(how) })"""


class Web:
    """Every name over TLS on this machine; remembers what was asked of it."""

    def __init__(self, folder):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=x.com", "-keyout", f"{folder}/web.key", "-out", f"{folder}/web.crt"],
                       check=True, capture_output=True, timeout=60)
        web = self
        self.asked, self.words = [], []

        class Page(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                web.asked.append(("GET", self.headers["Host"], self.path))
                if self.headers.get("Upgrade") == "websocket":
                    return self.talk()
                kind = "text/javascript" if self.path.endswith(".js") else "text/html"
                return self.answer(kind, WORKER if self.path.endswith(".js") else PAGE.format(host=self.headers["Host"]))

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                web.asked.append(("POST", self.headers["Host"], self.path))
                self.answer("text/plain", "ok")

            def answer(self, kind, text):
                self.send_response(200)
                for name, value in (("Content-Type", kind), ("Content-Length", str(len(text))), ("Access-Control-Allow-Origin", "*")):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def talk(self):
                word = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                self.send_response(101)
                for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"),
                                    ("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(word.encode()).digest()).decode())):
                    self.send_header(name, value)
                self.end_headers()
                while True:
                    head = self.rfile.read(2)
                    if len(head) < 2 or head[0] & 15 == 8:
                        self.close_connection = True
                        return
                    self.rfile.read(4 + (head[1] & 127))
                    web.words.append(self.headers["Host"])

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/web.crt", f"{folder}/web.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.server.handle_error = lambda *_: None
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def posts(self, path):
        return sum(1 for method, _, p in self.asked if method == "POST" and p == path)

    def quiet(self, path, seconds=0.6):
        """Nothing comes to this path for so long, though its page sends ten times a second."""
        before, end = self.posts(path), time.monotonic() + seconds
        wait_for(lambda: time.monotonic() > end or self.posts(path) > before, seconds + 1)
        return self.posts(path) == before


class Browser:
    """Chromium of one user, on a screen of its own."""

    def __init__(self, web, uid, *flags):
        self.home = tempfile.mkdtemp(dir="/srv")
        os.chown(self.home, uid, uid)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]

        def drop():
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        read_end, write_end = os.pipe()
        self.screen = subprocess.Popen(["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1000x760x24", "-nolisten", "tcp", "-ac"],
                                       pass_fds=[write_end], stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as said:
            self.display = ":" + said.readline().strip()
        self.process = subprocess.Popen(["/usr/bin/chromedriver", f"--port={port}"], preexec_fn=drop, cwd=self.home,
                                        env={"HOME": self.home, "TMPDIR": self.home, "PATH": "/usr/bin:/bin", "DISPLAY": self.display},
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        options = webdriver.ChromeOptions()
        # A person starts no browser so: with it, nothing is installed by policy.
        options.add_experimental_option("excludeSwitches", ["disable-background-networking"])
        for word in ("--no-sandbox", "--disable-gpu", "--no-first-run", "--ignore-certificate-errors", "--window-size=1000,760",
                     "--disable-dev-shm-usage", f"--user-data-dir={self.home}/profile", f"--host-resolver-rules=MAP * 127.0.0.1:{web.port}",
                     *flags):
            options.add_argument(word)
        wait_for(lambda: self._listens(port))
        self.driver = webdriver.Remote(ChromiumRemoteConnection(f"http://127.0.0.1:{port}", "goog", "chrome"), options=options)
        self.driver.set_page_load_timeout(20)
        self.driver.set_script_timeout(10)

    @staticmethod
    def _listens(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    def pid(self):
        """Of its main process."""
        for entry in os.listdir("/proc"):
            try:
                words = ta.read(f"/proc/{entry}/cmdline").split("\0") if entry.isdigit() else []
            except OSError:
                continue
            if words and words[0].endswith("/chromium") and f"--user-data-dir={self.home}/profile" in words and not any(
                    w.startswith("--type=") for w in words):
                return int(entry)
        return 0

    def titles(self):
        """What the windows on this screen are called: what a person sees, whatever page it is."""
        done = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", ".", "getwindowname", "%@"], env={**os.environ, "DISPLAY": self.display},
                              capture_output=True, text=True, timeout=10, check=False)
        return done.stdout

    def shows(self, title, seconds=10):
        return wait_for(lambda: title in self.titles(), seconds)

    def picture(self, path):
        subprocess.run(["import", "-window", "root", path], env={**os.environ, "DISPLAY": self.display}, timeout=20, check=False)

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

    def covered(self):
        return self.driver.execute_script("return document.querySelectorAll('holdfast-cover').length === 1")

    def words(self):
        """All that a screen reader finds in the page, what is under a cover left out."""
        nodes = self.driver.execute("executeCdpCommand", {"cmd": "Accessibility.getFullAXTree", "params": {}})["value"]["nodes"]
        return [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n["ignored"]]

    def quit(self):
        try:
            self.driver.quit()
        except WebDriverException:
            pass
        for process in (self.process, self.screen):
            process.kill()
            process.wait(20)


class Council(ta.Council):
    """Two people on one device; a tool with two addresses."""

    def __init__(self):
        super().__init__()
        register = contract.register(ta.COUNCIL, 1, self.at, [contract.account("x:CannockChaseDC", "corporate", {"comms-2": 0})],
                                     [contract.tool("x-web", "X in a browser", ["x"], ["x.com", "mastodon.social"])])
        self.register = contract.envelope("register", register, [key("comms-1"), key("comms-2")])

    def assignment(self, public, version=1):
        doc = contract.assignment(ta.COUNCIL, ta.DEVICE, version, self.at, public, {"comms-1": "olu", "comms-2": "sam"}, ["staff"])
        return contract.envelope("assignment", doc, [key("it-1")])


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

    def layer(self, link, name, state, seconds=20):
        def found():
            link.listen()
            rows = link.reports[-1]["layers"] if link.reports else []
            return next((row for row in rows if row["name"] == name and row["state"] == state), None)
        return wait_for(found, seconds)


def hosts():
    """Process numbers of native hosts."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.readlink(f"/proc/{entry}/exe").endswith("/holdfast-browser"):
                found.append(int(entry))
        except OSError:
            continue
    return found


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
    order = raised(council, link)
    check("D9.2 the open tab is covered", wait_for(browser.covered))
    print(f"       order heard to covered: {(time.monotonic() - begun) * 1000:.0f} ms")
    check("D9.2 its requests are stopped", wait_for(lambda: web.quiet("/beat")))
    row = device.layer(link, "extension", "verified")
    check("layer extension: verified, by its own word", row, link.last() and link.last()["layers"])
    print(f"       {row and row['saw']}")
    return order, before


def main_part(council, device, link, web, browser):
    order, before = open_tab(council, device, link, web, browser)
    words = browser.words()
    texts = " ".join(name for _, name in words)
    check("the cover says what, why and whom to ring", all(w in texts for w in (
        "Emergency: posting is stopped", "Chemical fire in Rugeley", "Duty press officer, ext. 4321", "X in a browser")), texts)
    check("accessible: a heading, an alert", {"heading", "alert"} <= {role for role, _ in words}, words)
    browser.picture("/srv/cover.png")
    released(council, link, order)
    begun = time.monotonic()
    check("D9.3 uncovered", wait_for(lambda: not browser.covered()))
    print(f"       all-clear heard to uncovered: {(time.monotonic() - begun) * 1000:.0f} ms")
    check("D9.3 what was typed is there", browser.typed() == "half a post", browser.typed())
    check("D9.3 the page sends again", wait_for(lambda: not web.quiet("/beat", 0.3)))
    check("D9.3 layers idle, no host runs", device.layer(link, "extension", "idle") and wait_for(lambda: not hosts()))
    check("D9.3 every policy file is as it was", picture_of_policies() == before)


def body(folder):
    web = Web(folder)
    council, device, link = begin(folder)
    browser = Browser(web, SAM)
    try:
        check("the extension is installed by policy", wait_for(lambda: os.path.isdir(f"{browser.home}/profile/Default/Extensions")
                                                         and os.listdir(f"{browser.home}/profile/Default/Extensions"), 20))
        main_part(council, device, link, web, browser)
    finally:
        browser.quit()
        ta.end_process(device.agent)
        if results["failed"]:
            print(device.log()[-6000:])


def outside():
    if os.geteuid() != 0:
        print("skip: only root can make a copy of the machine\n0 passed, 0 failed, 1 skipped")
        return 77
    folder = tempfile.mkdtemp(prefix="hf-extension-")
    try:
        return subprocess.run([f"{ta.SOURCE}/deploy/demo/sandbox", folder, sys.executable, os.path.abspath(__file__)], check=False, timeout=800,
                              env={**os.environ, "HF_BUILD": ta.BUILD, INSIDE: "yes"}).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def inside():
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    body(folder)
    return closing()


if __name__ == "__main__":
    sys.exit(inside() if INSIDE in os.environ else outside())
