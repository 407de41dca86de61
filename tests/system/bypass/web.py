# SPDX-License-Identifier: MIT
"""The browser of the bypass suite: one that is open all the time with a tab for each row, and others that are launched."""
import base64
import hashlib
import os
import subprocess
import time

from selenium import webdriver
from selenium.common.exceptions import JavascriptException, TimeoutException, WebDriverException

from common import ENOUGH, end, wait_for
from driven import drive


PORT = 9515
REFUSED_SECONDS = 4  # what is refused may hang: it need not come
YOUNG_SECONDS = 6  # in its first seconds a Chromium does not watch its policy yet
NO_BACKGROUND = "--disable-background-networking"
# Chromium counts the addresses that are set aside for examples among a local network's, and would ask before it goes there.
FLAGS = ("--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--disable-component-update --disable-features=LocalNetworkAccessChecks --disable-sync --disable-dev-shm-usage").split()


def trust_in(certificate):
    """The flag that makes a browser take this key for a good one, also for service workers."""
    key = subprocess.run(f"openssl x509 -in {certificate} -pubkey -noout | openssl pkey -pubin -outform der", shell=True, check=True,
                         capture_output=True, timeout=ENOUGH).stdout
    return "--ignore-certificate-errors-spki-list=" + base64.b64encode(hashlib.sha256(key).digest()).decode()


class Chromium:
    """Open all the time, as one person."""

    def __init__(self, user, certificate):
        self.user, self.flags, self.tabs = user, [*FLAGS, trust_in(certificate)], {}
        self.process = subprocess.Popen(user.command(["chromedriver", f"--port={PORT}"]), env=user.environment(), cwd=user.home,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.driver = self._connect(f"--user-data-dir={user.home}/chromium")
        self.expects(True)
        self.opened = time.monotonic()
        wait_for(self._new_tab)  # a driver that has lost its only tab can open no other
        self.scratch = self.driver.current_window_handle

    def expects(self, something):
        """Must what is tried next come? The extension may just be putting another page back in the tab."""
        self.patient = something
        self.driver.set_page_load_timeout(ENOUGH if something else 2 * REFUSED_SECONDS)
        self.driver.set_script_timeout(ENOUGH if something else REFUSED_SECONDS)

    def _connect(self, *more):
        options = webdriver.ChromeOptions()
        # With it nothing is installed by policy; it stays among the flags of the browsers that are launched.
        options.add_experimental_option("excludeSwitches", [NO_BACKGROUND.strip("-")])
        for flag in (*self.flags, *more):
            if flag != NO_BACKGROUND:
                options.add_argument(flag)
        return drive(PORT, options)

    def another(self, url, *more):
        """A second browser that is driven: it goes there, and is closed."""
        driver = self._connect(*more)
        try:
            driver.set_page_load_timeout(ENOUGH if self.patient else 2 * REFUSED_SECONDS)
            driver.get(url)
        except WebDriverException:
            pass
        finally:
            driver.quit()

    def grown(self):
        return time.monotonic() - self.opened > YOUNG_SECONDS

    def tab(self, name, url):
        """Open a tab that stays, under this name."""
        wait_for(self._new_tab)
        self.tabs[name] = self.driver.current_window_handle
        self.driver.get(url)

    def _new_tab(self):
        """A renderer that does not come up on a busy machine is given up, and asked for anew."""
        try:
            self.driver.switch_to.new_window("tab")
            return True
        except TimeoutException:
            return False

    def visit(self, url):
        """Go there in the tab that is for going places; whether a page of the far side came."""
        return wait_for(lambda: self._visit(url)) if self.patient else self._visit(url)

    def _visit(self, url):
        try:
            if self.scratch not in self.driver.window_handles:
                self._lost()
            self.driver.switch_to.window(self.scratch)
            self.driver.get(url)
            return self.driver.execute_script("return typeof post") == "function"
        except WebDriverException:
            return False

    def _lost(self):
        """Where our page stands in a tab the driver may know it no more: another is for going places then."""
        self.driver.switch_to.window(self.driver.window_handles[0])
        wait_for(self._new_tab)
        self.scratch = self.driver.current_window_handle

    def where(self):
        """What the tab for going places shows, for people."""
        try:
            self.driver.switch_to.window(self.scratch)
            return f"{self.driver.current_url} {self.driver.title}"
        except WebDriverException as why:
            return str(why).splitlines()[0]

    def run(self, script, tab=None, *arguments):
        """Run a script that gives a promise; its value, or None when it failed or the tab is not what it was."""
        try:
            self.driver.switch_to.window(self.tabs[tab] if tab else self.scratch)
            return self.driver.execute_async_script(
                "const done = arguments[arguments.length - 1], a = arguments;"
                f"Promise.resolve().then(() => {script}).then(v => done(String(v)), () => done(null));", *arguments)
        except (JavascriptException, TimeoutException, WebDriverException):
            return None

    def close(self):
        try:
            self.driver.quit()
        except WebDriverException:
            pass
        end(self.process)


def launch(user, words, seconds, profile):
    """A browser of one's own that goes to the last of the words, waits until the page has loaded, and ends."""
    home = f"{user.home}/{profile}"
    command = [*words[:-1], f"--user-data-dir={home}", f"--timeout={seconds * 1000}", "--dump-dom", words[-1]]
    try:
        done = user.run(command, 3 * seconds)
        return done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return f"still there after {3 * seconds} s"
    finally:
        subprocess.run(["rm", "-rf", home], check=False)


def profile_name(token):
    return f"launched-{os.path.basename(token)}"
