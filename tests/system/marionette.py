# SPDX-License-Identifier: MIT
"""Firefox for tests: started as an ordinary user, driven by Marionette (JSON with its length before it, over TCP)."""
import json
import os
import shutil
import socket
import subprocess
import tempfile

from common import ENOUGH, drop, wait_for
from enforce_help import NOBODY
from web_help import free_port

SYSTEM = "--remote-allow-system-access"  # an option: whoever drives it has the rights of the browser itself
PROGRAM = "/usr/lib/firefox-esr/firefox-esr"


class Refused(Exception):
    """Firefox answered with an error."""


class Firefox:
    """One running Firefox with a home and a profile of its own."""

    def __init__(self, folder, *options, uid=NOBODY, program=PROGRAM, **environment):
        """environment: variables of its; and prefs, lines of user.js."""
        prefs = environment.pop("prefs", "")
        self.home = tempfile.mkdtemp(dir=folder)
        self.profile = f"{self.home}/profile"
        os.makedirs(self.profile)
        self.port = free_port()
        with open(f"{self.profile}/user.js", "w", encoding="ascii") as file:
            file.write(f'user_pref("marionette.port", {self.port});\nuser_pref("app.normandy.enabled", false);\n'
                       f'user_pref("datareporting.policy.dataSubmissionEnabled", false);\n'
                       f'user_pref("dom.security.https_first", false);\n{prefs}')
        for place in (self.home, self.profile, f"{self.profile}/user.js"):
            os.chown(place, uid, uid)
        words = [program, "--headless", "--no-remote", "--marionette", "--profile", self.profile, *options]
        self.log = open(f"{self.home}/log", "wb")
        self.process = subprocess.Popen(words, preexec_fn=drop(uid),
                                        cwd=self.home, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env={"HOME": self.home, "TMPDIR": self.home, "PATH": "/usr/bin:/bin", **environment})
        self.connect()

    def connect(self):
        self.buffer, self.number = b"", 0
        self.socket = wait_for(self._reach)
        if not self.socket:
            raise Refused("it does not listen")
        self.socket.settimeout(2 * ENOUGH)
        self._receive()
        self.ask("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}})
        self.ask("WebDriver:SetTimeouts", {"pageLoad": ENOUGH * 1000, "script": ENOUGH * 1000})

    def _reach(self):
        try:
            return socket.create_connection(("127.0.0.1", self.port), ENOUGH)
        except OSError:
            return None

    def _more(self):
        got = self.socket.recv(65536)
        if not got:
            raise Refused("it has closed the connection")
        self.buffer += got

    def _receive(self):
        while b":" not in self.buffer:
            self._more()
        length, _, self.buffer = self.buffer.partition(b":")
        while len(self.buffer) < int(length):
            self._more()
        text, self.buffer = self.buffer[:int(length)], self.buffer[int(length):]
        return json.loads(text)

    def ask(self, command, more=None):
        self.number += 1
        text = json.dumps([0, self.number, command, more or {}]).encode()
        self.socket.sendall(b"%d:%b" % (len(text), text))
        _, _, error, answer = self._receive()
        if error:
            raise Refused(f"{error['error']}: {error['message']}")
        return answer

    def visit(self, url):
        """The title of the page, or the words of the refusal."""
        try:
            self.ask("WebDriver:Navigate", {"url": url})
        except Refused as refusal:
            return "blocked" if "blockedByPolicy" in str(refusal) else str(refusal)[:300]
        return self.ask("WebDriver:GetTitle")["value"]

    def script(self, body, *arguments):
        """What the last argument, a function, is called with by this JavaScript in the page."""
        return self.ask("WebDriver:ExecuteAsyncScript", {"script": body, "args": list(arguments)})["value"]

    def inside(self, body):
        """The same with the rights of the browser itself: only with SYSTEM."""
        self.ask("Marionette:SetContext", {"value": "chrome"})
        try:
            return self.ask("WebDriver:ExecuteAsyncScript", {"script": body, "args": [], "sandbox": "system"})["value"]
        finally:
            self.ask("Marionette:SetContext", {"value": "content"})

    def tab(self, kind="tab", private=False):
        handle = self.ask("WebDriver:NewWindow", {"type": kind, "private": private})["handle"]
        self.switch(handle)
        return handle

    def handle(self):
        return self.ask("WebDriver:GetWindowHandle")["value"]

    def switch(self, handle):
        self.ask("WebDriver:SwitchToWindow", {"handle": handle})

    def quit(self):
        self.socket.close()
        self.process.kill()
        self.process.wait(ENOUGH)
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)
