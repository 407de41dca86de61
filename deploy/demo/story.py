#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""story BUILD - the main job from the raise to the all-clear, played with real programs.

Runs as root inside deploy/demo/sandbox. Says at each step what is happening and what was observed; the first thing
that is not observed ends it with exit 1. With --keep it stays until it is told to stop.
"""
import argparse
import glob
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, f"{SOURCE}/tests/vectors"]

import forge  # noqa: E402
from stage import ENOUGH, Browser, Failed, Programs, Typing, User, Web, observe, say, wait_for  # noqa: E402

ETC, COUNCIL, FOLDER = "/etc/holdfast", "/etc/holdfast/ceremony", "/tmp/holdfast-demo"
PASSPHRASE = "correct horse battery staple"
SITE, COUNCIL_SITE = "https://x.com/", "https://www.cannockchasedc.gov.uk/"
ACCOUNT, POST = "x:CannockChaseDC", "https://x.com/CannockChaseDC/status/1"
POLICIES = ("/etc/chromium/policies/managed", "/etc/opt/chrome/policies/managed")
STARTED_AGAIN, SETTLES = 4, 60  # times, seconds


class Story:
    def __init__(self, build):
        self.build = build
        self.programs = Programs(f"{FOLDER}/log")
        self.officer_words = ["holdfast", "--council", COUNCIL]
        os.environ["PATH"] = f"{build}:{os.environ['PATH']}"

    # The officers' terminal -------------------------------------------------------------------------------------
    def holdfast(self, *words, officer=None, expect=0):
        """Run the officers' terminal as a person would; returns its --json answer."""
        argv = [*self.officer_words]
        fd = None
        if officer:
            fd = self._passphrase()
            argv += ["--key", f"{COUNCIL}/people/{officer}.pem", "--passphrase-fd", str(fd), "--yes"]
        done = subprocess.run([*argv, *words, "--json"], pass_fds=[fd] if fd else [], capture_output=True, text=True,
                              timeout=ENOUGH, stdin=subprocess.DEVNULL, check=False)
        if fd:
            os.close(fd)
        if done.returncode != expect:
            raise Failed(f"holdfast {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def act(self, officer, *words, expect=0):
        shown = " ".join(f"'{w}'" if " " in w else w for w in words)
        say(f"  {officer}$ holdfast {shown}")
        return self.holdfast(*words, officer=officer, expect=expect)

    @staticmethod
    def _passphrase():
        fd_read, fd_write = os.pipe()
        os.write(fd_write, 2 * (PASSPHRASE.encode() + b"\n"))  # taking a device in opens two keys
        os.close(fd_write)
        return fd_read

    # What can be observed -----------------------------------------------------------------------------------------
    def device(self):
        """The controller's row of d1."""
        return next(d for d in self.holdfast("devices")["devices"] if d["device"] == "d1")

    def standing(self):
        return self.device()["state"]

    def enforced(self):
        """d1 says that its blocks hold; a person there may have read the message since."""
        state = self.standing()
        if state not in ("enforced-verified", "message-seen"):
            raise Failed(f"the controller shows d1 as {state}, and its agent says of what does not hold: {self.not_held()}")
        return True

    def not_held(self):
        said = self.poster.run([f"{self.build}/holdfast-agent", "status", "--json"]).stdout
        return [row for row in json.loads(said or "{}").get("layers", []) if row["state"] != "verified"]

    def refused(self):
        """How often d1 says that it refused a message, by reason."""
        return {r["reason"]: r["count"] for r in self.device()["refused"]}

    def person_sees(self):
        done = self.poster.run([f"{self.build}/holdfast-agent", "status"])
        return done.stdout + done.stderr

    def toot(self, *words):
        return self.poster.run(["/usr/bin/toot", *words], REQUESTS_CA_BUNDLE=self.web.certificate)

    def toot_refused(self):
        done = self.toot("--help")
        return done.returncode != 0 and "not permitted" in done.stderr + done.stdout

    def toot_starts(self):
        return self.toot("--help").returncode == 0

    def others_untouched(self):
        fine = self.poster.run(["openssl", "version"]).returncode == 0
        return fine and self.browser.visit(COUNCIL_SITE) == "www.cannockchasedc.gov.uk"

    def machine(self):
        """Everything on the machine that a block changes: policy files, control groups, fanotify marks, processes."""
        files = {}
        for folder in POLICIES:
            for path in sorted(glob.glob(f"{folder}/*")):
                with open(path, "rb") as file:
                    files[path] = (file.read(), stat.S_IMODE(os.stat(path).st_mode), os.stat(path).st_uid)
        groups = sorted(root for root, _, _ in os.walk("/sys/fs/cgroup"))
        with open(f"/proc/{self.draft.pid}/cgroup", encoding="ascii") as file:
            group = file.read()
        return {"policy files": files, "control groups": groups, "marks": marks(), "group of the draft": group}

    def blocked_everywhere(self):
        if self.browser.visit(SITE) != "blocked":
            raise Failed(f"{SITE} opened while it should be blocked")
        if not self.toot_refused():
            raise Failed("toot started while it should be refused")
        if not frozen(self.draft.pid):
            raise Failed("the running toot is not frozen")
        return True

    # The steps ------------------------------------------------------------------------------------------------------
    def found_council(self):
        say("Making a demo council: keys, certificates, people, accounts, posting tools")
        self.server = User("holdfast", 61001)
        for folder, owner in ((ETC, 0), ("/run/holdfast", 0), ("/var/lib/holdfast", self.server.uid)):
            os.makedirs(folder, mode=0o755, exist_ok=True)
            os.chown(folder, owner, owner)
        fd = self._passphrase()
        subprocess.run(["holdfast", "council", "init", COUNCIL, "--plan", f"{SOURCE}/deploy/council/cannock-chase.json",
                        "--catalogue", f"{SOURCE}/deploy/catalogue/posting-tools.json",
                        "--passphrase-fd", str(fd), "--broker-name", "localhost"], pass_fds=[fd], check=True,
                       stdout=subprocess.DEVNULL)
        os.close(fd)
        self.link_user = User("holdfast-link", 61000)
        self.poster = User("comms2", 61002)
        broker = f"{ETC}/broker"
        os.makedirs(broker, mode=0o755)
        for name in ("ca.crt", "server.crt", "server.key"):
            shutil.copy(f"{COUNCIL}/broker/{name}", broker)
            shutil.chown(f"{broker}/{name}", "mosquitto", "mosquitto")
        os.chmod(f"{broker}/server.key", 0o400)
        shutil.copy(f"{SOURCE}/deploy/mosquitto/acl", broker)
        shutil.chown(f"{broker}/acl", "mosquitto", "mosquitto")
        os.chmod(f"{broker}/acl", 0o600)
        os.makedirs(f"{ETC}/council/assignments")
        shutil.copytree(f"{COUNCIL}/trust", f"{ETC}/council/trust")
        shutil.copy(f"{COUNCIL}/register.json", f"{ETC}/council")
        shutil.copytree(f"{COUNCIL}/controller", f"{ETC}/controller")
        subprocess.run(["chown", "-R", str(self.server.uid), f"{ETC}/controller", f"{ETC}/council"], check=True)
        shutil.copy(f"{SOURCE}/deploy/controller.conf", ETC)

    def start_broker(self):
        self.programs.start("broker", ["mosquitto", "-c", f"{SOURCE}/deploy/mosquitto/mosquitto.conf"])

    def start_link(self):
        self.programs.start("link", self.link_user.command([f"{self.build}/holdfast-link"]),
                            env=self.link_user.environment())

    def start_agent(self):
        self.programs.start("agent", [f"{self.build}/holdfast-agent", "run"])

    def start_controller(self):
        self.programs.start("controller", [f"{self.build}/holdfastd", "-f", f"{ETC}/controller.conf"])
        wait_for("the controller answers", lambda: self.holdfast("status"))

    def start_all(self):
        say("Starting the broker, the controller, and the agent on device d1 of comms-2")
        self.start_broker()
        self.start_controller()
        request, bundle = f"{FOLDER}/request.json", f"{FOLDER}/bundle.json"
        subprocess.run(["holdfast-agent", "request", "--device", "d1", "--out", request], check=True,
                       stdout=subprocess.DEVNULL)
        added = self.act("it-1", "device", "add", "--request", request, "--person", "comms-2:comms2", "--group", "staff",
                         "--host", "localhost", "--port", "8883", "-o", bundle)
        say("comms-2 holds accounts, so a second person approves that this device is theirs")
        self.act("comms-1", "approve", added["digest"][:16], "--wait", "0")
        subprocess.run(["holdfast-agent", "enrol", bundle, "--yes"], check=True, stdout=subprocess.DEVNULL)
        self.start_agent()
        self.start_link()
        self.listener, self.attacker = (forge.connection(COUNCIL, FOLDER, name, PASSPHRASE) for name in (forge.LISTENER, forge.WRITER))
        observe("d1 has reported to the controller over TLS", lambda: self.device()["counter"] > 0)

    def open_everything(self):
        say("comms-2 opens Chromium, and begins a post in toot that is not finished")
        self.web = Web(FOLDER)
        self.browser = Browser(self.programs, self.poster)
        observe(f"{SITE} opens in Chromium", lambda: self.browser.visit(SITE) == "x.com")
        self.sign_in_toot()
        observe("toot starts", self.toot_starts)
        self.draft = Typing(self.poster, ["/usr/bin/toot", "post"], REQUESTS_CA_BUNDLE=self.web.certificate)
        wait_for("toot asks for the text", lambda: self.draft.shows("Write or paste your toot"))
        self.draft.type("The flood barrier is closed.\n")
        self.follow_policy()
        self.before = self.machine()

    def follow_policy(self):
        """Before Chromium runs our extension it does not follow its policy either. One that starts on a machine with too much to
        do may never come to that, until it is started again."""
        for _ in range(STARTED_AGAIN):
            try:
                wait_for("Chromium runs our extension", self.extension_runs, SETTLES)
                return
            except Failed:
                say("    Chromium has begun nothing that it does in the background, and is started again")
                self.browser.again()
        wait_for("Chromium runs our extension", self.extension_runs)

    def extension_runs(self):
        """A Chromium starts the program that an extension talks to when that runs."""
        return self.poster.has_running(f"{self.build}/holdfast-browser")

    def sign_in_toot(self):
        server = "mastodon.council.test"
        account = {"instance": server, "username": "ccdc", "access_token": "demo"}
        app = {"instance": server, "base_url": f"https://{server}", "client_id": "demo", "client_secret": "demo"}
        folder = f"{self.poster.home}/.config/toot"
        os.makedirs(folder)
        with open(f"{folder}/config.json", "w", encoding="utf-8") as out:
            json.dump({"apps": {server: app}, "users": {f"ccdc@{server}": account}, "active_user": f"ccdc@{server}"}, out)
        subprocess.run(["chown", "-R", str(self.poster.uid), self.poster.home], check=True)

    def a_raise(self):
        say("\n(a) comms-1 raises a live emergency; comms-2 is to post one holding message")
        self.before_raise = forge.retained(self.listener)
        start = time.monotonic()
        self.act("comms-1", "raise", "emergency", "--reason", "Chemical fire at Hednesford", "--contact",
                 "Duty press officer, extension 4321", "--holding",
                 "x:CannockChaseDC=comms-2:We are dealing with a major incident. Updates will follow here.", "--wait", "0")
        observe("d1 reports enforced-verified", self.enforced)
        say(f"    observed: {time.monotonic() - start:.2f} s from the officer's command to the verified report")
        observe(f"the open Chromium is refused {SITE}, toot is refused, the begun post is frozen", self.blocked_everywhere)
        observe("other programs and the council's own site are untouched", self.others_untouched)
        observe("comms-2 is told why, by whom, whom to ring, the holding message and that they are to post it",
                lambda: all(t in self.person_sees() for t in (
                    "Chemical fire at Hednesford", "comms-1", "extension 4321", "x:CannockChaseDC",
                    "We are dealing with a major incident")))

    def posting(self, *words):
        """What the named poster says in a terminal of their own; returns the agent's answer."""
        say(f"  comms-2$ holdfast-agent {' '.join(words)}")
        done = self.poster.run([f"{self.build}/holdfast-agent", *words, "--json"])
        if done.returncode != 0:
            raise Failed(f"holdfast-agent {words[0]} ended with {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def a_posting_window(self):
        say("\n    comms-2, the named poster, has one posting window for that one account")
        if self.posting("pass", ACCOUNT)["state"] != "open":
            raise Failed("the posting window does not open")
        observe(f"the same Chromium opens {SITE}", lambda: self.browser.visit(SITE) == "x.com")
        observe("nothing else opens: toot is refused, the begun post is frozen",
                lambda: self.toot_refused() and frozen(self.draft.pid))
        self.posting("posted", ACCOUNT, "--at", POST)
        observe(f"once it is posted the same Chromium is refused {SITE} again", self.blocked_everywhere)
        observe("the officers see that it is posted, and where", lambda: POST in json.dumps(self.holdfast("status")))
        observe("d1 reports enforced-verified again", self.enforced)
        again = self.poster.run([f"{self.build}/holdfast-agent", "pass", ACCOUNT])
        if again.returncode != 1:
            raise Failed(f"a second posting window was not refused: {again.stdout}")
        say("    observed: a second window is refused")

    def b_survive(self):
        say("\n(b) Broker killed, link killed, agent killed; the agent starts again with no network")
        self.with_raise = forge.retained(self.listener)
        for name in ("broker", "link", "agent"):
            self.programs.kill(name)
        observe("with all three dead everything is still blocked", self.blocked_everywhere)
        self.start_agent()
        observe("the agent, alone, shows the lockdown again", lambda: "Chemical fire" in self.person_sees())
        observe("still blocked after its restart", self.blocked_everywhere)
        counter = self.device()["counter"]
        self.start_broker()
        self.start_link()
        observe("with the network back d1 reports enforced-verified again",
                lambda: self.device()["counter"] > counter and self.enforced())

    def c_forge(self):
        say("\n(c) The controller's own key signs forged all-clears")
        forger = forge.Forger(COUNCIL, f"{ETC}/controller", PASSPHRASE, self.with_raise)
        for title, reason, message in forger.forgeries():
            before = self.refused().get(reason, 0)
            forge.publish(self.attacker, message)
            if reason is None:  # it is kept for its own lockdown, and what comes next shows that it opened nothing
                say(f"    sent: {title}")
                continue
            observe(f"{title}: refused as '{reason}', and reported",
                    lambda: self.refused().get(reason, 0) > before)
            self.blocked_everywhere()
        observe("after all of them everything is still blocked", self.blocked_everywhere)

    def d_replay(self):
        say("\n(d) Older states and the raise itself are sent again")
        counter = self.device()["counter"]
        for message in (*self.before_raise, *self.with_raise):
            forge.publish(self.attacker, message)
        observe("d1 has answered since, and its blocks are verified",
                lambda: self.device()["counter"] > counter and self.enforced())
        observe("nothing has changed", self.blocked_everywhere)

    def e_one_officer(self):
        say("\n(e) comms-1 alone asks for the all-clear")
        self.act("comms-1", "release", "--reason", "Fire is out", "--message", "Thank you. You may post again.", "--wait", "0")
        drafts = self.holdfast("drafts")["drafts"]
        if len(drafts) != 1 or drafts[0]["have"] != 1 or drafts[0]["need"] != 2:
            raise Failed(f"the draft should wait for a second officer, but there is {drafts}")
        self.draft_id = drafts[0]["digest"]
        say("    observed: the draft waits for a second officer of comms or monitoring")
        observe("everything is still blocked", self.blocked_everywhere)

    def f_all_clear(self):
        say("\n(f) monitoring-1 approves: the proven all-clear")
        self.act("monitoring-1", "approve", self.draft_id, "--wait", "0")
        observe("every device reports released-verified", self._all_released)
        observe(f"the same Chromium opens {SITE} without a restart", lambda: self.browser.visit(SITE) == "x.com")
        observe("toot starts again", self.toot_starts)
        self.draft.type("Please stay at home.\n\x04")
        observe("the frozen toot went on with its unsaved text, and posted all of it",
                lambda: (self.draft.shows("") or True) and
                self.web.posts == ["The flood barrier is closed.\nPlease stay at home."])
        observe("policy files, fanotify marks and control groups are byte for byte as before the raise",
                lambda: self._as_before())
        counter = self.device()["counter"]
        for message in self.with_raise:
            forge.publish(self.attacker, message)
        observe("the raise, sent once more, raises nothing",
                lambda: self.device()["counter"] > counter and self.browser.visit(SITE) == "x.com")

    def _all_released(self):
        devices = self.holdfast("devices")["devices"]
        return bool(devices) and all(d["state"] == "released-verified" for d in devices)

    def _as_before(self):
        after = self.machine_after()
        wrong = [what for what in after if after[what] != self.before[what]]
        if wrong:
            raise Failed(f"{wrong[0]} before: {self.before[wrong[0]]} after: {after[wrong[0]]}")
        return True

    def machine_after(self):
        self.draft = self.draft if os.path.exists(f"/proc/{self.draft.pid}") else self._new_draft()
        return self.machine()

    def _new_draft(self):
        """The posted draft has ended; a new toot stands where it stood."""
        self.draft.ended()
        draft = Typing(self.poster, ["/usr/bin/toot", "post"], REQUESTS_CA_BUNDLE=self.web.certificate)
        wait_for("toot asks for the text", lambda: draft.shows("Write or paste your toot"))
        return draft

    def g_exercise(self):
        say("\n(g) An exercise is raised")
        self.act("comms-1", "raise", "emergency", "--exercise", "--reason", "Quarterly drill", "--contact",
                 "Duty press officer, extension 4321", "--wait", "0")
        observe("the controller, the officers' terminal and the person at d1 call it an EXERCISE", self._exercise_shown)
        observe("it blocks nothing", lambda: self.browser.visit(SITE) == "x.com" and self.toot_starts())
        exercise = next(k for k in self.holdfast("status")["lockdowns"] if k["mode"] == "exercise")
        self.act("comms-1", "release", exercise["id"], "--reason", "Drill done", "--message", "The exercise is over.",
                 "--wait", "0")
        observe("it is over", lambda: self.device()["state"] == "released-verified")

    def _exercise_shown(self):
        words = subprocess.run([*self.officer_words, "status"], capture_output=True, text=True, timeout=ENOUGH, check=True).stdout
        row = self.device()
        at_device = any(k["mode"] == "exercise" and k["standing"] in ("enforced-verified", "message-seen")
                        for k in row["lockdowns"])
        return "EXERCISE" in words and "EXERCISE" in self.person_sees() and at_device

    def play(self):
        self.found_council()
        self.start_all()
        self.open_everything()
        for step in (self.a_raise, self.a_posting_window, self.b_survive, self.c_forge, self.d_replay, self.e_one_officer, self.f_all_clear,
                     self.g_exercise):
            step()

    def finish(self):
        self.browser.close()
        self.programs.stop_all()


def marks():
    """How many inodes bear a fanotify mark, by all processes of this copy of the machine."""
    found = 0
    for path in glob.glob("/proc/[0-9]*/fdinfo/*"):
        try:
            with open(path, encoding="ascii") as file:
                found += sum(line.startswith("fanotify ino") for line in file)
        except OSError:
            continue
    return found


def frozen(pid):
    with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
        group = next(line[3:].strip() for line in file if line.startswith("0::"))
    with open(f"/sys/fs/cgroup{group}/cgroup.events", encoding="ascii") as file:
        return "frozen 1" in file.read()


def main():
    parser = argparse.ArgumentParser(description="Play the main job with real programs, inside deploy/demo/sandbox.")
    parser.add_argument("build", help="the build folder")
    parser.add_argument("--keep", metavar="FILE", help="leave everything running, and write FILE when it stands")
    options = parser.parse_args()
    story = Story(options.build)

    def stop(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, stop)
    start = time.monotonic()
    try:
        story.play()
        if options.keep:
            with open(options.keep, "w", encoding="ascii") as out:
                out.write("ready\n")
            signal.pause()
    except KeyboardInterrupt:
        say("stopped")
        return 130
    except (Failed, subprocess.SubprocessError, OSError) as why:
        for name, lines in story.programs.all_logs():
            say(f"--- the last lines of {name}\n{lines}")
        say(f"FAILED: {why}")
        return 1
    story.finish()
    say(f"\nEverything is released and stopped. The whole story took {time.monotonic() - start:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
