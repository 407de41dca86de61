#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every option and command that a program's --help names, and every setting that it prints, stands in its manual page.

HF_BUILD says where the programs are. What the pages themselves look like is asked of man.
"""
import os
import re
import subprocess
import sys
import tempfile

import house

PAGES = {"holdfast": "holdfast.1", "holdfastd": "holdfastd.8", "holdfast-agent": "holdfast-agent.8", "holdfast-link": "holdfast-link.8", "holdfast-notify": "holdfast-notify.8",
         "holdfast-joind": "holdfast-joind.8", "holdfast-join": "holdfast-join.8",
         "holdfast-desk": "holdfast-desk.1", "holdfast-browser": "holdfast-browser.8"}
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]+|-[a-zA-Z])(?![\w-])")
COMMAND = re.compile(r"^  (?:holdfast-agent ([a-z][a-z-]+)|([a-z][a-z-]+(?: [a-z][a-z-]+)?)  )", re.M)
SETTING = re.compile(r'^\t*\{ ?"([a-z_.]+)",\s*HF_CONF_', re.M)
SETTINGS = {"holdfastd": ("controller/conf/settings.c",), "holdfast-notify": ("controller/notify/notify_conf.c", "controller/notify/hook_conf.c"), "holdfast-agent": ("agent/conf/agent_conf.c",),
            "holdfast-joind": ("controller/join/join_conf.c",)}


def said(program, *words):
    done = subprocess.run([os.path.join(os.environ["HF_BUILD"], program), *words, "--help"], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=20, check=False)
    return done.stdout


def plain(page):
    """The text of a page without its marks."""
    return re.sub(r"^\.[A-Z]+ ?|\\f[BIRP]|\"", "", page.replace("\\-", "-"), flags=re.M)


def names_of(program):
    """Everything in --help that a reader may look up."""
    text = said(program)
    commands = [agents or officers for agents, officers in COMMAND.findall(text)]
    helps = [text] + [said(program, *command.split()) for command in commands if program == "holdfast"]
    return {option for help_ in helps for option in OPTION.findall(help_)} | set(commands)


def settings_of(root, program):
    return {name for path in SETTINGS.get(program, ()) for name in SETTING.findall(house.read(root, path))}


def malformed(root, page):
    with tempfile.NamedTemporaryFile("w", suffix=os.path.splitext(page)[1]) as copy:
        copy.write(house.read(root, f"deploy/man/{page}"))
        copy.flush()
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", copy.name], capture_output=True, text=True,
                              timeout=60, check=False, env={**os.environ, "MANROFFSEQ": "", "LC_ALL": "C.UTF-8"})
    return done.stderr.strip().splitlines()


def check(root):
    wrong, looked = [], 0
    pages = {page: plain(house.read(root, f"deploy/man/{page}")) for page in PAGES.values()}
    for program, page in PAGES.items():
        names, settings = names_of(program), settings_of(root, program)
        looked += len(names) + len(settings)
        missing = {n for n in names if n not in pages[page]} | {n for n in settings if n not in "".join(pages.values())}
        wrong += [f"deploy/man/{page}: does not name {name}" for name in sorted(missing)]
        wrong += [f"deploy/man/{page}: {line}" for line in malformed(root, page)]
    return wrong, looked


def without(page, text):
    def plant(root):
        path = f"deploy/man/{page}"
        house.write(root, path, house.read(root, path).replace(text, "gone"))
    return plant


PLANTS = (
    ("an option is not named", without("holdfast.1", "passphrase\\-fd"), "--passphrase-fd"),
    ("a setting is not named", without("holdfastd.8", "council.folder"), "council.folder"),
    ("a command is not named", without("holdfast-agent.8", "enrol"), "enrol"),
    ("a page that man cannot read", lambda r: house.write(r, "deploy/man/holdfastd.8", ".TH X 8\n.SH NAME\n.nosuchmacro\n"), "nosuchmacro"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
