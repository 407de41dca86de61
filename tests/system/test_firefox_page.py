#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The holding page in Firefox: over an open tab, with what was typed kept, and in place of a page that is refused.

policy D9.1, D9.2, D9.3; tests/FACTS.md "The device". The real agent, native host and Firefox ESR, on a throw-away copy of the
machine (deploy/demo/sandbox). HF_BUILD names the build folder.
"""
import os
import sys
import tempfile
import time

import sandboxed
import test_agent as ta
from common import check, results, skip, took, wait_for
from marionette import PROGRAM, Firefox, Refused
from test_extension import SAM, begin, hosts, raised, released
from test_firefox import Web

HOSTS = "/usr/lib/mozilla/native-messaging-hosts"
COVERS = "arguments[0](document.querySelectorAll('holdfast-cover').length)"


def install():
    """What the package would: the native host's manifest; names of the web on this machine."""
    os.makedirs(HOSTS, exist_ok=True)
    manifest = ta.read(f"{ta.BUILD}/holdfast.browser.json")
    path = next(line for line in manifest.splitlines() if '"path"' in line)
    ta.write(f"{HOSTS}/holdfast.browser.json", manifest.replace(path, f'  "path": "{ta.BUILD}/holdfast-browser",'))
    with open("/etc/hosts", "a", encoding="ascii") as file:
        file.write("127.0.0.1 x.com mastodon.social fine.example\n")


def asked(browser, script):
    try:
        return browser.script(script)
    except Refused as refusal:
        return str(refusal)


def url(browser):
    return browser.ask("WebDriver:GetCurrentURL")["value"]


def main_part(council, device, link, browser):
    browser.visit("http://x.com/compose")
    browser.script('const t = document.createElement("textarea"); t.value = "half a post"; document.body.append(t); arguments[0](0)')
    first = browser.handle()
    check("open: nothing of the extension runs", not hosts(), hosts())
    begun = time.monotonic()
    order = raised(council, link)
    check("D9.2 the open tab is covered", wait_for(lambda: asked(browser, COVERS) == 1), asked(browser, COVERS))
    print(f"       order heard to covered: {took(begun)}")
    row = device.layer(link, "firefox", "verified")
    check("layer firefox: verified", row, link.last() and link.last()["layers"])
    print(f"       {row and row['saw']}")
    browser.tab()
    browser.visit("http://mastodon.social/new")
    check("D9.2 a refused page gives way to ours", wait_for(lambda: "page.html" in url(browser)), url(browser))
    released(council, link, order)
    begun = time.monotonic()
    check("D9.3 it leads back by itself", wait_for(lambda: url(browser) == "http://mastodon.social/new"), url(browser))
    browser.switch(first)
    check("D9.3 uncovered", wait_for(lambda: asked(browser, COVERS) == 0), asked(browser, COVERS))
    print(f"       all-clear heard to both: {took(begun)}")
    check("D9.3 what was typed is there", asked(browser, 'arguments[0](document.querySelector("textarea").value)') == "half a post")
    check("D9.3 layer idle", device.layer(link, "firefox", "idle"))
    check("D9.3 then nothing of the extension runs", wait_for(lambda: not hosts()), hosts())
    check("D9.3 and the tab is still there", url(browser) == "http://x.com/compose")


def body():
    if not os.path.exists(PROGRAM):
        skip("the whole file", "no Firefox ESR is installed")
        return
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    install()
    Web()
    council, device, link = begin(folder)
    rows = {"firefox.extension": f"{ta.BUILD}/extension-firefox.zip", "layer.others": "no"}
    with open(f"{device.etc}/agent.conf", "a", encoding="ascii") as file:
        file.write("".join(f"{k} = {v}\n" for k, v in rows.items()))
    ta.end_process(device.agent)
    check("started with the extension", device.start(), device.log())
    link = ta.FakeLink(device)
    browser = Firefox("/srv", uid=SAM)
    try:
        main_part(council, device, link, browser)
    finally:
        if results["failed"]:
            print(device.log()[-3000:], ta.read(f"{browser.home}/log")[-3000:])
        browser.quit()
        ta.end_process(device.agent)


if __name__ == "__main__":
    sys.exit(sandboxed.run("firefox-page", body))
