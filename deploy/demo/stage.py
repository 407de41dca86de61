# SPDX-License-Identifier: MIT
"""stage - what the demonstration needs: programs that are started and stopped by their own pid, a small web, a browser.

Runs inside deploy/demo/sandbox. It starts, observes and stops; what should happen is said in story.py alone.
"""
import http.server
import json
import os
import pty
import pwd
import signal
import ssl
import subprocess
import threading
import time
import urllib.parse
import urllib.request

DRIVER_PORT = 9515
STARTS = 400  # seconds for a browser: its driver gives it one minute each time
ENOUGH = 120  # seconds: what is not seen by then does not come, however slow or busy the machine is
CHROMIUM_FLAGS = ("--headless=new --no-sandbox --ignore-certificate-errors --disable-gpu --disable-quic --no-first-run "
                  "--disable-component-update --disable-sync --disable-dev-shm-usage").split()


# How Chromium says that a policy blocks a page: as an error of the driver, or on a page of its own.
BLOCKED = "ERR_BLOCKED_BY_ADMINISTRATOR"
BLOCKED_HEADINGS = ("This page is blocked",)


class Failed(Exception):
    """Something was not observed that should have been."""


def say(text):
    print(text, flush=True)


def wait_for(what, condition, seconds=ENOUGH):
    """Wait until condition() is true; returns (its value, seconds it took), which are for people; Failed after `seconds`."""
    start = time.monotonic()
    last = None
    while True:
        value, last = _try(condition, last)
        took = time.monotonic() - start
        if value:
            return value, took
        if took > seconds:
            raise Failed(f"not observed within {seconds} s: {what}" + (f" (last seen: {last})" if last else ""))
        time.sleep(0.02)


def _try(condition, last):
    try:
        value = condition()
        return (value, last) if value else (None, last)
    except (Failed, OSError, ValueError, KeyError, subprocess.SubprocessError) as why:
        return None, why


def observe(what, condition):
    value, took = wait_for(what, condition)
    say(f"    observed: {what} ({took:.2f} s)")
    return value


class User:
    """A local person of the demonstration, made in the throw-away copy alone."""

    def __init__(self, name, uid):
        self.name, self.uid, self.home = name, uid, f"/home/{name}"
        with open("/etc/passwd", "a", encoding="ascii") as out:
            out.write(f"{name}:x:{uid}:{uid}:{name}:{self.home}:/bin/sh\n")
        with open("/etc/group", "a", encoding="ascii") as out:
            out.write(f"{name}:x:{uid}:\n")
        os.makedirs(self.home, mode=0o700)
        os.chown(self.home, uid, uid)

    def command(self, argv):
        return ["setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", "--inh-caps=-all",
                "--no-new-privs", *argv]

    def environment(self, **more):
        return {"HOME": self.home, "USER": self.name, "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
                "TERM": "dumb", **more}

    def run(self, argv, seconds=ENOUGH, **more):
        """Run a command as this person; returns its CompletedProcess."""
        return subprocess.run(self.command(argv), env=self.environment(**more), cwd=self.home, timeout=seconds,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def has_running(self, program):
        """Is this program, by its path, running as this person?"""
        return any(_is_of(pid, self.uid, program) for pid in os.listdir("/proc") if pid.isdigit())


def _is_of(pid, uid, program):
    try:
        return os.stat(f"/proc/{pid}").st_uid == uid and os.readlink(f"/proc/{pid}/exe") == program
    except OSError:
        return False


class Programs:
    """Everything that was started, by name."""

    def __init__(self, log_folder):
        self.log_folder, self.running = log_folder, {}
        os.makedirs(log_folder, exist_ok=True)

    def start(self, name, argv, **options):
        with open(f"{self.log_folder}/{name}.log", "ab") as log:
            self.running[name] = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)

    def alive(self, name):
        return self.running[name].poll() is None

    def kill(self, name, sig=signal.SIGKILL):
        child = self.running.pop(name)
        child.send_signal(sig)
        child.wait(ENOUGH)

    def stop_all(self):
        for name in reversed(list(self.running)):
            self.kill(name, signal.SIGTERM)

    def log(self, name, lines=15):
        try:
            with open(f"{self.log_folder}/{name}.log", encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-lines:])
        except FileNotFoundError:
            return ""

    def all_logs(self):
        for name in sorted(os.listdir(self.log_folder)):
            yield name, self.log(name.removesuffix(".log"))


class Web:
    """The sites of the demonstration, served on loopback under their real names."""
    names = ("x.com", "www.cannockchasedc.gov.uk", "mastodon.council.test")

    def __init__(self, folder):
        self.posts = []
        with open("/etc/hosts", "a", encoding="ascii") as hosts:
            hosts.write("127.0.0.1 " + " ".join(self.names) + "\n")
        self.certificate = f"{folder}/web.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", f"{folder}/web.key", "-out", self.certificate, "-days", "2", "-subj", "/CN=demo",
                        "-addext", "subjectAltName=" + ",".join(f"DNS:{n}" for n in self.names)],
                       check=True, capture_output=True)
        os.chmod(self.certificate, 0o644)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 443), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, f"{folder}/web.key")
        # Who was refused in the middle of a handshake keeps nobody else waiting.
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(web):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                host = self.headers.get("Host", "")
                self._answer(f"<!doctype html><title>{host}</title><h1>{host}</h1>".encode(), "text/html")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                web.posts.append(json.loads(body)["status"])
                self._answer(json.dumps({"url": "https://mastodon.council.test/1", "id": "1"}).encode(), "application/json")

            def _answer(self, body, kind):
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        return Handler


class Browser:
    """A real Chromium of one person, open all the time."""

    def __init__(self, programs, user):
        from selenium import webdriver
        programs.start("chromedriver", user.command(["chromedriver", f"--port={DRIVER_PORT}"]), env=user.environment(),
                       cwd=user.home)
        self.options = webdriver.ChromeOptions()
        # The driver's own: with it no extension is installed by policy.
        self.options.add_experimental_option("excludeSwitches", ["disable-background-networking"])
        for flag in (*CHROMIUM_FLAGS, f"--user-data-dir={user.home}/chromium"):
            self.options.add_argument(flag)
        self._open()

    def _open(self):
        self.driver, _ = wait_for("Chromium starts", self._connect, STARTS)
        self.driver.set_page_load_timeout(ENOUGH)
        self.tools = self.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        self.first = self.driver.current_window_handle

    def _connect(self):
        from selenium import webdriver
        from selenium.common.exceptions import WebDriverException
        from urllib3.exceptions import HTTPError
        try:
            return webdriver.Remote(f"http://127.0.0.1:{DRIVER_PORT}", options=self.options)
        except (HTTPError, WebDriverException) as why:
            raise Failed(str(why).splitlines()[0]) from why

    def visit(self, url):
        """What the person gets in a new tab: "blocked", or the page's heading."""
        from selenium.common.exceptions import WebDriverException
        from urllib3.exceptions import HTTPError
        before = self._holding_pages(url)
        try:
            self.driver.switch_to.window(self.first)
            self.driver.switch_to.new_window("tab")
            self.driver.get(url)
            heading = self.driver.find_element("tag name", "h1").text
            self.driver.close()
            return "blocked" if heading in BLOCKED_HEADINGS else heading
        except WebDriverException as why:
            if self._holding_pages(url) > before or BLOCKED in str(why):
                self._close_holding_pages(url)
                return "blocked"
            raise Failed(str(why).splitlines()[0]) from why
        except HTTPError as why:
            raise Failed(f"the driver does not answer: {why}") from why

    def _held(self, url):
        """The tabs that have our page instead. The driver may not look into one, so the browser is asked."""
        end = "/page.html#" + urllib.parse.quote(url, safe="")
        with urllib.request.urlopen(f"http://{self.tools}/json/list", timeout=ENOUGH) as said:
            return [tab["id"] for tab in json.load(said) if tab["url"].startswith("chrome-extension:") and tab["url"].endswith(end)]

    def _holding_pages(self, url):
        return len(self._held(url))

    def _close_holding_pages(self, url):
        """All but one: at the all-clear each loads its site again, and while twenty do the driver opens no tab."""
        from selenium.common.exceptions import WebDriverException
        try:
            self.driver.switch_to.window(self.first)
        except WebDriverException as why:  # while a tab turns into our page; it passes by itself
            raise Failed(str(why).splitlines()[0]) from why
        for tab in self._held(url)[1:]:
            asked = json.dumps({"cmd": "Target.closeTarget", "params": {"targetId": tab}}).encode()
            session = f"http://127.0.0.1:{DRIVER_PORT}/session/{self.driver.session_id}"
            urllib.request.urlopen(f"{session}/goog/cdp/execute", asked, timeout=ENOUGH).close()

    def close(self):
        self.driver.quit()

    def again(self):
        """Ended and opened anew, as the person would."""
        self.close()
        self._open()


class Typing:
    """A program on a terminal of its own, with somebody who types."""

    def __init__(self, user, argv, **more):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            command = user.command(argv)
            os.chdir(user.home)
            os.execvpe(command[0], command, user.environment(**more))
        os.set_blocking(self.terminal, False)
        self.seen = ""

    def type(self, text):
        os.write(self.terminal, text.encode())

    def shows(self, text):
        try:
            self.seen += os.read(self.terminal, 65536).decode(errors="replace")
        except (BlockingIOError, OSError):
            pass
        return text in self.seen

    def ended(self):
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return pid == self.pid and f"exit {os.waitstatus_to_exitcode(status)}"


def uid_of(name):
    return pwd.getpwnam(name).pw_uid
