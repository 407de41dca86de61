#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A browser that is open already is refused the posting tools' addresses, and opened again without a restart.

policy D9.2, D9.3; tests/FACTS.md "The device". Real Chromium in own namespaces; HF_BUILD names the build folder.
"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from selenium import webdriver
from selenium.common.exceptions import WebDriverException

from common import ENOUGH, check, drop, end, read, took, wait_for
from driven import drive
from enforce_help import NOBODY, Layer, block, marks, run_inside
from web_help import Server, Site, free_port, new_tls

ETC = "/etc/chromium"
MANAGED = f"{ETC}/policies/managed"
LOCKDOWN = f"{MANAGED}/zzzz-holdfast-lockdown.json"
CHROME = "/etc/opt/chrome/policies/managed"
PLAN = block(addresses=["x.com", "mastodon.social"])


class Page(Site):
    def do_GET(self):
        self.answer(f"<title>at {self.headers['Host']}</title>")


class Browser:
    """Chromium as an ordinary user."""

    def __init__(self, folder, web):
        home = tempfile.mkdtemp(dir=folder)
        os.chown(home, NOBODY, NOBODY)
        port = free_port()
        self.driver_process = subprocess.Popen(["/usr/bin/chromedriver", f"--port={port}"], preexec_fn=drop(NOBODY), cwd=home,
                                               env={"HOME": home, "TMPDIR": home, "PATH": "/usr/bin:/bin"},
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                               start_new_session=True)
        options = webdriver.ChromeOptions()
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--ignore-certificate-errors",
                     f"--user-data-dir={home}/profile", f"--host-resolver-rules=MAP * 127.0.0.1:{web.server_port}"):
            options.add_argument(word)
        self.driver = drive(port, options)
        self.driver.set_page_load_timeout(ENOUGH)

    def visit(self, url):
        try:
            self.driver.get(url)
            title = self.driver.title
            return title[3:] if title.startswith("at ") else self._refusal(self.driver.find_element("tag name", "body").text)
        except WebDriverException as error:
            return self._refusal(str(error))

    @staticmethod
    def _refusal(text):
        refused = "is blocked" in text or "ERR_BLOCKED_BY_ADMINISTRATOR" in text
        return "blocked" if refused else f"neither: {text[:200]}"

    def blocked(self, url):
        return self.visit(url) == "blocked"

    def quit(self):
        try:
            self.driver.quit()
        finally:
            end(self.driver_process)


def picture(*but):
    """Every policy file with its bytes, mode, owner and time."""
    found = {}
    for folder in (MANAGED, CHROME):
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            path = f"{folder}/{name}"
            st = os.stat(path)
            if path not in but:
                found[path] = (read(path, "rb"), st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns, st.st_ino)
    return found


def write(name, doc):
    with open(f"{MANAGED}/{name}.tmp", "w", encoding="ascii") as file:
        file.write(doc if isinstance(doc, str) else json.dumps(doc))
    os.rename(f"{MANAGED}/{name}.tmp", f"{MANAGED}/{name}")


def layer_in(folder):
    return Layer("browser", folder, "", (MANAGED, CHROME))


def nobody_browses(folder):
    layer = layer_in(folder)
    before = picture()
    check("open: idle; a neutral base file is there for good", layer.state() == "idle" and
          list(before) == [f"{MANAGED}/holdfast.json", f"{CHROME}/holdfast.json"], before)
    check("apply", layer.apply(PLAN) == "ok")
    saw = layer.probe()
    check("no browser runs: the file that was read back is proof", saw["state"] == "verified", saw)
    check("the policy names the addresses", json.loads(read(LOCKDOWN))["URLBlocklist"] == ["mastodon.social", "x.com"])
    check("Chrome's folder has the same", read(f"{CHROME}/zzzz-holdfast-lockdown.json") == read(LOCKDOWN))
    node = os.stat(LOCKDOWN).st_ino
    check("apply again writes nothing", layer.apply(PLAN) == "ok" and layer.state() == "verified" and
          os.stat(LOCKDOWN).st_ino == node)
    check("release", layer.apply() == "ok" and layer.state() == "idle")
    check("D9.3 every policy file is as it was", picture() == before)
    check("a block that is not for everybody gives way", layer.apply(block(addresses=["x.com"], machine_wide=False)) == "ok"
          and layer.state() == "idle" and picture() == before)
    check("nothing is watched while nothing is blocked", marks() == 0)
    layer.close()


def open_browser(folder, browser):
    """D9.2 in a browser that is open already; D9.3 without a restart."""
    layer = layer_in(folder)
    before = picture()
    check("it opens before", browser.visit("https://x.com/home") == "x.com")
    begin = time.monotonic()
    check("apply", layer.apply(PLAN) == "ok")
    check("verified when it has read", layer.becomes("verified"), layer.probe())
    print(f"       apply to verified: {took(begin)}")
    for url in ("https://x.com/home", "https://www.x.com/", "https://mastodon.social/@a/1", "http://x.com:8080/"):
        check(f"blocked: {url}", browser.blocked(url), browser.visit(url))
    check("other sites are untouched", browser.visit("https://www.cannockchasedc.gov.uk/") == "www.cannockchasedc.gov.uk",
          browser.visit("https://www.cannockchasedc.gov.uk/"))
    begin = time.monotonic()
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    print(f"       release to idle: {took(begin)}")
    check("it opens again without a restart", browser.visit("https://x.com/home") == "x.com")
    check("D9.3 every policy file is as it was", picture() == before and marks() == 0)
    layer.close()


LONG = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 57, "com"])
BLOCKS = [LONG, "99.example", "0.example", "4chan.example", "x.0xg", "xn--bcher-kva.example", "xn--a.example",
          "xn--fsqu00a.xn--0zwm56d", "ab--cd.example", "a.b", "t.co", "foo.localhost", "x.onion"]
BLOCKS_NOTHING = {"123.456": "123.0.1.200", "0x7f.1": "127.0.0.1"}


def forms(folder, browser):
    """A filter can be accepted and block nothing (tests/FACTS.md "The device"). What the register takes blocks; what it refuses does not."""
    layer = layer_in(folder)
    check("every form of address is taken", layer.apply(block(addresses=BLOCKS)) == "ok" and layer.becomes("verified"),
          layer.probe())
    for host in BLOCKS:
        seen = [browser.visit(f"https://{name}/") for name in (host, f"www.{host}", f"{host}.") if len(name) <= 253]
        check(f"register: blocked, with its subdomains and with a dot behind: {host[:40]}", set(seen) == {"blocked"}, seen)
    layer.apply(block(addresses=["x.com", *BLOCKS_NOTHING]))
    for host, goes_to in BLOCKS_NOTHING.items():
        check(f"attack: a filter that blocks nothing: {host}", browser.visit(f"https://{host}/") == goes_to, browser.visit(f"https://{host}/"))
    saw = layer.probe()
    check("an older register that has it: failed, with its name", saw["state"] == "failed" and
          any(f'"{host}"' in saw["text"] for host in BLOCKS_NOTHING), saw)
    check("and the others are blocked", browser.blocked("https://x.com/"))
    layer.apply()
    check("released", layer.becomes("idle"))
    layer.close()


def beside_others(folder, browser):
    """Another policy's prohibitions stay in force, and its permissions do not open what is blocked."""
    write("corp.json", '{"URLBlocklist": ["games.example"], /* old */ "URLAllowlist": ["x.com/help", "fine.example",],}')
    layer = layer_in(folder)
    check("theirs is in force", wait_for(lambda: browser.blocked("https://games.example/")))
    before = picture()
    check("apply", layer.apply(PLAN) == "ok" and layer.becomes("verified"))
    check("theirs stays in force", browser.blocked("https://games.example/"))
    check("what theirs would allow is blocked", browser.blocked("https://x.com/help"))
    check("their files are untouched", picture(LOCKDOWN, f"{CHROME}/zzzz-holdfast-lockdown.json") == before)
    write("corp.json", {"URLBlocklist": ["cards.example"], "URLAllowlist": ["x.com"]})
    check("their change while locked is taken up", wait_for(lambda: browser.blocked("https://cards.example/")) and
          browser.blocked("https://x.com/") and layer.becomes("verified"))
    write("zzzzz.json", {"URLBlocklist": ["dice.example"], "URLAllowlist": ["x.com"]})
    check("a file of theirs that ranks above ours does not open", layer.becomes("verified") and
          browser.blocked("https://x.com/") and browser.blocked("https://dice.example/"))
    now = {k: v for k, v in picture().items() if "lockdown" not in k}
    check("release", layer.apply() == "ok" and layer.becomes("idle"))
    check("theirs alone is there again", picture() == now and browser.visit("https://x.com/") == "x.com" and
          browser.blocked("https://dice.example/"))
    for name in ("corp.json", "zzzzz.json"):
        os.unlink(f"{MANAGED}/{name}")
    check("and gone when they remove it", wait_for(lambda: browser.visit("https://dice.example/") == "dice.example"))
    layer.close()


def tampering(folder, browser):
    layer = layer_in(folder)
    layer.apply(PLAN)
    check("verified before", layer.becomes("verified"))
    changes = layer.changes
    os.unlink(LOCKDOWN)
    check("the policy file is removed: it is put back", wait_for(lambda: layer.changes > changes and
                                                               os.path.exists(LOCKDOWN)))
    saw = layer.probe()
    check("that is said", saw["tampered"] and "removed" in saw["text"], saw)
    check("and it holds again", layer.becomes("verified") and browser.blocked("https://x.com/"))
    with open(LOCKDOWN, "w", encoding="ascii") as file:
        file.write("{}")
    check("it is emptied: put right and said", wait_for(lambda: layer.probe()["tampered"]) and
          "x.com" in read(LOCKDOWN) and layer.becomes("verified"))
    os.chmod(LOCKDOWN, 0o600)
    check("it is made unreadable for browsers: put right and said", wait_for(lambda: layer.probe()["tampered"]) and
          os.stat(LOCKDOWN).st_mode & 0o777 == 0o644 and layer.becomes("verified"))
    layer.kill()
    check("the agent is killed: still blocked", browser.blocked("https://x.com/"))
    os.unlink(LOCKDOWN)
    layer = layer_in(folder)
    check("removed while no agent ran: blocked again by the next", layer.apply(PLAN) == "ok" and
          layer.becomes("verified") and browser.blocked("https://x.com/"))
    layer.kill()
    node = os.stat(LOCKDOWN).st_ino
    layer = layer_in(folder)
    saw = layer.probe()
    check("a new agent finds what is in force", saw["state"] == "armed" and os.stat(LOCKDOWN).st_ino == node, saw)
    check("and sees it hold", layer.apply(PLAN) == "ok" and layer.becomes("verified"))
    layer.kill()
    layer = layer_in(folder)
    check("release by a new agent", layer.apply() == "ok" and layer.becomes("idle") and
          browser.visit("https://x.com/") == "x.com")
    layer.close()


def young_browsers(folder, web):
    """A browser misses a change in its first seconds (tests/FACTS.md "The device"); it must not be counted before it has read it."""
    layer = layer_in(folder)
    for number, pause in enumerate((0.0, 0.6, 1.5)):
        browser = Browser(folder, web)
        threading.Event().wait(pause)
        begin = time.monotonic()
        layer.apply(PLAN)
        check(f"young browser {number}: verified in the end", layer.becomes("verified"), layer.probe())
        print(f"       apply to verified: {took(begin)}")
        check(f"young browser {number}: then it is blocked", browser.blocked("https://x.com/"))
        second = Browser(folder, web)
        check(f"a browser started while locked {number}: blocked", second.blocked("https://x.com/") and
              layer.becomes("verified"))
        begin = time.monotonic()
        layer.apply()
        check(f"released {number}: idle in the end", layer.becomes("idle"), layer.probe())
        print(f"       release to idle: {took(begin)}")
        check(f"released {number}: both open", {browser.visit("https://x.com/"), second.visit("https://x.com/")} == {"x.com"})
        browser.quit()
        second.quit()
    layer.close()


def body(folder, _group):
    for place in (ETC, "/etc/opt"):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", place], check=True)
    web = Server(("127.0.0.1", 0), Page, new_tls(folder))
    nobody_browses(folder)
    browser = Browser(folder, web)
    browser.visit("https://fine.example/")
    for part in (open_browser, forms, beside_others, tampering):
        part(folder, browser)
    browser.quit()
    young_browsers(folder, web)


if __name__ == "__main__":
    sys.exit(run_inside(body))
