#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The person's window as it ships, in a real session: Xvfb, a session bus, AT-SPI, the keyboard, and the real agent.

What a screen reader can see and do is looked at by desk_person.py, as an ordinary user. HF_BUILD names the build folder;
HF_SCREENS, if it is set, a folder for pictures of the window.
"""
import ctypes
import glob
import json
import os
import pwd
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

from common import ENOUGH, check, child_of, drop, end_process, read, rests, skip, wait_for, wakeups
from enforce_help import as_user, run_inside
from council_help import BUILD, Ca
from test_agent import FakeLink
from test_purdah import OTHER, Desk, Elections, row_of, stands

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = f"{BUILD}/holdfast-desk"
RULES = "# Until polling day\n\n* **Nothing** party political.\n* Ask [us](https://example.org/rules) first.\n\nRing before you post.\n"
ACCOUNT = "x:CannockChaseDC"
MESSAGE = "We are dealing with a chemical fire.\nStay inside."
POINTER_ROOT = 1
ESCAPE, PLUS, CONTROL = 0xff1b, 0x2b, 4  # of X11: two keys, and what is held down with one
LINGER = ("--linger", "4")  # seconds that an all-clear stands; ten times as long while the keyboard is in the window
LONG_S, SHORT_S = 900, 5  # countdowns: one that no look at it outlasts, and the shortest there is
PERSON = OTHER  # comms-1; as nobody the agent itself tries what it has blocked
WAITING_KIB = 3072
USER = pwd.getpwnam(PERSON)
AS_PERSON = drop(USER.pw_uid, USER.pw_gid)


class Screen:
    """An X server of its own, without a network."""

    def __init__(self):
        ours, theirs = os.pipe()
        self.process = subprocess.Popen(["Xvfb", "-displayfd", str(theirs), "-nolisten", "tcp", "-screen", "0",
                                         "1280x900x24", "-noreset"], pass_fds=[theirs], stderr=subprocess.DEVNULL)
        os.close(theirs)
        with open(ours, encoding="ascii") as said:
            self.name = f":{said.readline().strip()}"


class Session:
    """A person's session, with holdfast-desk in it."""

    def __init__(self, folder, etc, screen, **more):
        self.folder, self.etc = f"{folder}/session", etc
        if not os.path.isdir(self.folder):
            os.makedirs(f"{self.folder}/run", mode=0o700)
            for path in (self.folder, f"{self.folder}/run"):
                os.chown(path, USER.pw_uid, USER.pw_gid)
        self.env = {"PATH": os.environ["PATH"], "DISPLAY": screen.name, "HOME": self.folder, "XDG_RUNTIME_DIR": f"{self.folder}/run",
                    "LC_ALL": "C.UTF-8", "GSETTINGS_BACKEND": "memory", "HF_BUILD": BUILD,
                    **{name: os.environ[name] for name in ("HF_REACHED",) if name in os.environ}, **more}
        self.process = subprocess.Popen(["dbus-run-session", "--", "/usr/bin/python3", f"{HERE}/desk_person.py"], env=self.env,
                                        preexec_fn=AS_PERSON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/",
                                        stderr=open(f"{folder}/session.log", "ab"))

    def do(self, what, **more):
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:  # the session's own programs say things there too
            if line.startswith("answer "):
                return json.loads(line[7:])
        raise RuntimeError("the session has ended")

    def start(self, *options):
        self.pid = self.do("start", argv=[PROGRAM, "--etc", self.etc, *options], log=f"{self.folder}/desk.log")
        return self.pid

    def look(self):
        rows = self.do("look")
        return rows if isinstance(rows, list) else []

    def texts(self):
        """What is read in the window; what a screen reader was told stands there for a while too, unseen."""
        return [row["text"] or row["name"] for row in self.look() if row["role"] != "notification" or row["focusable"]]

    def reads(self, *words):
        text = "\n".join(self.texts())
        return all(word in text for word in words)

    def shows(self, *words, seconds=15):
        return wait_for(lambda: self.reads(*words), seconds)

    def is_up(self):
        return any(row["role"] in ("frame", "window") for row in self.look())

    def dismiss(self):
        """Escape, until it is gone: one that is pressed as something new comes is not meant for it, and closes nothing."""
        def gone():
            if self.is_up():
                self.keys("Escape")
            return wait_for(lambda: not self.is_up(), 2)
        return wait_for(gone)

    def keys_of(self, pressed, *keys):
        """Keys that were pressed at that moment, and arrive now: (code, with Ctrl)."""
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XKeysymToKeycode.argtypes = (ctypes.c_void_p, ctypes.c_ulong)
        x.XSendEvent.argtypes = (ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p)
        x.XCloseDisplay.argtypes = (ctypes.c_void_p,)
        display, window = x.XOpenDisplay(self.env["DISPLAY"].encode()), int(self.window())
        root, pressed = x.XDefaultRootWindow(ctypes.c_void_p(display)), int(pressed * 1000) & 0xffffffff
        for code, state in keys:
            event = struct.pack("iLiPLLLLiiiiIIi", 2, 0, 1, display, window, root, 0, pressed, 1, 1, 1, 1, state,
                                x.XKeysymToKeycode(display, code), 1)
            x.XSendEvent(display, window, 1, 1, event.ljust(192, b"\0"))
        x.XCloseDisplay(display)

    def xdotool(self, *args):
        done = subprocess.run(["xdotool", *args], env=self.env, preexec_fn=AS_PERSON, capture_output=True, text=True, timeout=ENOUGH, check=False)
        return done.stdout.strip()

    def window(self):
        return self.xdotool("search", "--onlyvisible", "--pid", str(child_of(self.pid))).split("\n")[-1]

    def keys(self, *keys):
        self.enter()
        self.xdotool("key", "--delay", "20", *keys)

    def enter(self):
        """The keyboard is in the window, so that what it says stays there for long."""
        self.xdotool("windowfocus", "--sync", self.window())

    def leave(self):
        """The keyboard and the pointer are somewhere else."""
        self.xdotool("mousemove", "1270", "890")
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        display = ctypes.c_void_p(x.XOpenDisplay(self.env["DISPLAY"].encode()))
        x.XSetInputFocus(display, POINTER_ROOT, POINTER_ROOT, 0)
        x.XCloseDisplay(display)

    def resize(self, width, height):
        window = self.window()
        self.xdotool("windowsize", window, str(width), str(height))
        return wait_for(lambda: f"WIDTH={width}" in self.xdotool("getwindowgeometry", "--shell", window))

    def picture(self, name):
        folder = os.environ.get("HF_SCREENS")
        if folder:
            subprocess.run(["import", "-window", self.window(), f"{self.folder}/{name}.png"], env=self.env, preexec_fn=AS_PERSON, timeout=ENOUGH, check=False)
            shutil.copy(f"{self.folder}/{name}.png", folder)

    def close(self):
        self.process.stdin.close()
        self.process.wait(ENOUGH)


def entries():
    """The files by which a desktop starts it."""
    for path in glob.glob(f"{os.path.dirname(os.path.dirname(HERE))}/deploy/desktop/*.desktop"):
        done = subprocess.run(["desktop-file-validate", path], capture_output=True, text=True, timeout=ENOUGH, check=False)
        check(f"{os.path.basename(path)} is a desktop entry", done.returncode == 0 and not done.stdout, done.stdout)


def sockets_of(pid):
    """Inodes of a process's sockets."""
    found = set()
    for path in glob.glob(f"/proc/{pid}/fd/*"):
        target = os.readlink(path)
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def local_sockets(pid):
    return {line.split()[6] for line in read(f"/proc/{pid}/net/unix").splitlines()[1:]}


def has_ended(pid):
    """Also when nobody here buries it."""
    try:
        return read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def resident(pid):
    return next(int(line.split()[1]) for line in read(f"/proc/{pid}/status").splitlines() if line.startswith("VmRSS:"))


def idle(session):
    """Nothing in force: no window, no wake-up, no network, one program a session."""
    code, said = as_user(0, [PROGRAM])
    check("attack: never as root", code == 2 and "not as root" in said, said)
    pid = session.start(*LINGER)
    check("it waits for the agent", wait_for(lambda: len(sockets_of(pid)) >= 2 and os.path.exists(f"/proc/{pid}/task")))
    check("second program of a session: ends", session.do("run", argv=[PROGRAM, "--etc", session.etc])[0] == 0)
    check("idle: no wake-up while nothing happens", rests(pid, 3), wakeups(pid))
    check("nothing to say: no window, and no program of it", not session.is_up() and child_of(pid) is None, session.texts())
    check(f"nothing to say: what waits is small ({resident(pid)} KiB)", resident(pid) <= WAITING_KIB, resident(pid))
    check("no network: every socket is local", sockets_of(pid) and sockets_of(pid) <= local_sockets(pid), sockets_of(pid))


def all_named(session):
    return [row for row in session.look() if row["focusable"] and row["role"] != "frame" and not (row["name"] or row["text"]).strip()]


def too_wide(session, width):
    return [row for row in session.look() if row["box"] and row["role"] != "frame" and row["box"][2] > width]


def emergency(session, council, link):
    """D9.1, D9.2: the window comes by itself, with why, since when, by whom and whom to ring; and the person has seen it."""
    alarm = council.raise_now("comms-1", reason="A chemical fire", contact="Duty officer, extension 4321")
    council.say(link, alarm)
    check("D9.2: the window comes by itself", session.shows("Stop posting: you cannot post"), session.texts())
    check("what, why, since when, by whom, until when, whom to ring", session.shows(
        "An emergency lockdown is in force", "Why: A chemical fire", "Since: ", "Ordered by: comms-1", "Until: the council's all-clear",
        "Whom to ring: Duty officer, extension 4321"), session.texts())
    check("the accounts that this person holds", session.reads("Your accounts", "x:CannockChaseDC", "Shut: you cannot post to it now."), session.texts())
    check("and the council knows that it was seen", stands(link, alarm, "message-seen"), link.last())
    check("a screen reader says it by itself", wait_for(lambda: any("Stop posting" in t for t in session.do("heard_so_far"))), session.do("heard_so_far"))
    check("every control has a name", all_named(session) == [], all_named(session))
    session.picture("emergency-600")
    return alarm


def notified(session):
    """A notification points to the window."""
    found = session.do("notified_so_far")
    check("a notification says it and points to the window", found and found[-1][0] == "Holdfast: posting is blocked" and
          "Stop posting" in found[-1][1] and "default" in found[-1][2], found)
    check("the window is closed", session.dismiss())
    session.do("choose_notification")
    check("the notification is pressed: the window is there", session.shows("Stop posting"), session.texts())


def height_of(session, words):
    return max((row["box"][3] for row in session.look() if words in row["name"]), default=0)


def sizes(session):
    """WCAG 2.2: 320 pixels, a wide window, and large print."""
    session.resize(1024, 700)
    session.picture("emergency-1024")
    check("320 pixels wide: nothing is wider", session.resize(320, 640) and wait_for(lambda: too_wide(session, 320) == []), too_wide(session, 320))
    session.picture("emergency-320")

    def height():
        return height_of(session, "Stop posting")
    before = height()
    session.keys(*["ctrl+plus"] * 5)
    check("large print: Ctrl and plus", wait_for(lambda: height() > before * 1.5), (before, height()))
    check("large print at 320 pixels: nothing is wider", too_wide(session, 320) == [], too_wide(session, 320))
    session.picture("emergency-320-large")
    session.keys("ctrl+0")
    check("and back", wait_for(lambda: height() == before), (before, height()))


def keyboard(session):
    """By the keyboard alone: to the last control, out of the window, and in again."""
    seen = []

    def close_has_focus():
        session.keys("Tab")
        seen.extend(row["name"] for row in session.look() if row["focused"])
        return seen and seen[-1] == "Close"
    check("keyboard: Tab reaches the last control", wait_for(close_has_focus), seen)
    session.keys("Return")
    check("keyboard: Return closes the window", wait_for(lambda: not session.is_up()), session.texts())
    code, said = session.do("run", argv=[PROGRAM, "--etc", session.etc, "--show"])
    check("--show: the window is there again", code == 0 and session.shows("Stop posting"), said)
    check("keyboard: Escape closes it", session.dismiss(), session.texts())


def tried(session, desk):
    """D9.2: a blocked attempt brings the window up with the tool's name."""
    as_user(USER.pw_uid, [desk.program, "0"], cwd="/")
    check("a blocked attempt: the window says which tool", session.shows("You tried to use Poster just now: it is blocked."), session.texts())
    session.picture("tried")
    check("closed", session.dismiss())


ADDRESS = "203.0.113.10"
CONNECT = f"import socket; socket.create_connection(('{ADDRESS}', 443), 30)"


def is_refused(link):
    """The person connects to a tool's own address, until that is refused."""
    with socket.create_server((ADDRESS, 443)):
        link.socket.send(b"local/addresses\n" + json.dumps({"addresses": {"x.com": [ADDRESS]}}).encode())
        return wait_for(lambda: as_user(USER.pw_uid, ["/usr/bin/python3", "-c", CONNECT])[0] != 0)


def tried_address(session, link):
    """D9.2: so does a connection to a tool's own network address, of whatever program."""
    subprocess.run(["ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo"], check=True, timeout=ENOUGH)
    check("a tool's own address is refused", is_refused(link), session.texts())
    check("a blocked address: the window comes and says which tool", session.shows("You tried to use X in a browser just now: it is blocked."),
          session.texts())
    session.dismiss()


def killed(session, desk):
    """Whatever is done to the window changes nothing about the block; whatever is done to the agent, the window comes to it again."""
    os.kill(child_of(session.pid), signal.SIGKILL)
    check("attack: the window is killed: what waits is there", wait_for(lambda: child_of(session.pid) is None) and session.do("ended") is None)
    session.do("run", argv=[PROGRAM, "--etc", session.etc, "--show"])
    check("and shows it anew when it is asked for", session.shows("Stop posting"), session.texts())
    window = child_of(session.pid)
    rests(window, 2.5)  # one that ends sooner is not started anew without news
    os.kill(window, signal.SIGSTOP)
    session.do("run", argv=[PROGRAM, "--etc", session.etc, "--show"])
    os.kill(window, signal.SIGKILL)
    check("attack: and is killed before it took what it was told: the next one says it", wait_for(
        lambda: child_of(session.pid) not in (None, window)) and session.shows("Stop posting"), session.texts())
    window = child_of(session.pid)
    session.do("end", how=signal.SIGKILL)
    check("attack: what waits is killed: the window goes with it", wait_for(lambda: has_ended(window)))
    check("attack: both are killed: still blocked", not desk.posts(PERSON) and desk.blocked() == ["instagram.com", "x.com"], desk.blocked())
    session.start(*LINGER)
    check("started anew: it shows what is in force", session.shows("Stop posting"), session.texts())
    desk.kill()
    check("the agent is killed: says that it may be out of date", session.shows("What stands below may be out of date"), session.texts())
    check("the agent starts again", desk.start(), desk.log()[-500:])
    check("and the window has come to it", wait_for(lambda: session.reads("Stop posting") and not session.reads("out of date")), session.texts())
    return FakeLink(desk)


def cleared(session, council, link, order, *words):
    """The all-clear is said, and seen."""
    session.enter()
    council.say(link, council.over(order))
    return session.shows(*(words or ("All clear",)))


def dismissed(session, council, link, order):
    """The all-clear is seen, and the window closed."""
    cleared(session, council, link, order)
    session.dismiss()


def stopped(session, link):
    """A window that does not read, told more than there is room for: what waits goes on, and the window comes as ever."""
    def lost():
        return [line for line in read(f"{session.folder}/desk.log").splitlines() if "is not told what the agent says" in line]
    window, before = child_of(session.pid), len(lost())
    os.kill(window, signal.SIGSTOP)
    asks = f"i=0; while [ $i -lt 400 ]; do '{PROGRAM}' --etc '{session.etc}' --show || exit 1; i=$((i+1)); done"
    code, said = session.do("run", argv=["sh", "-c", asks])
    check("attack: a window that is stopped keeps nobody waiting, and is logged once", code == 0 and len(lost()) == before + 1, (said, lost()))
    os.kill(window, signal.SIGCONT)
    check("and shows what is in force when it goes on", session.shows("Stop posting"), session.texts())
    os.kill(session.pid, signal.SIGSTOP)
    code, said = session.do("run", argv=[PROGRAM, "--etc", session.etc, "--show"])
    os.kill(session.pid, signal.SIGCONT)
    check("attack: what waits is stopped itself: whoever asks for the window reads that it does not answer", code == 1 and
          "does not answer: end it, and start it anew" in said, (code, said))
    check("and asked again it answers", session.do("run", argv=[PROGRAM, "--etc", session.etc, "--show"])[0] == 0)
    check("closed", session.dismiss())
    check("and comes by itself as ever", is_refused(link) and session.shows("You tried to use X in a browser just now: it is blocked."), session.texts())


def all_clear(session, council, link, alarm):
    """D9.3: says so once, with the officer's message, and goes away by itself."""
    check("D9.3: the all-clear with the officer's message", cleared(
        session, council, link, alarm, "All clear: no lockdown is in force here", "You may post again.",
        "Released by: comms-1 and monitoring-1"), session.texts())
    session.leave()
    session.picture("all-clear")
    check("D9.3: it goes away by itself", wait_for(lambda: not session.is_up()), session.texts())
    check("all was seen: the window's program is gone", wait_for(lambda: child_of(session.pid) is None))
    check(f"all was seen: what waits is small ({resident(session.pid)} KiB)", wait_for(lambda: resident(session.pid) <= WAITING_KIB),
          resident(session.pid))
    session.do("end")
    pid = session.start(*LINGER)
    rests(pid, 0.5)
    check("D9.3: and is not said again", not session.is_up() and wait_for(lambda: child_of(pid) is None), (session.texts(), child_of(pid)))


def focused_on(session, name):
    def there():
        if any(row["focused"] and name in row["name"] for row in session.look()):
            return True
        session.keys("Tab")
        return False
    return wait_for(there)


def purdah(session, desk, council, link):
    """D10: instructions as headings and lists, acknowledged by the keyboard; then the posting tools open."""
    order = council.purdah(3600, instructions=RULES)
    council.say(link, order)
    check("D10: the window asks to read and acknowledge", session.shows("Read and acknowledge the instructions", "Until polling day"), session.texts())
    rows = {row["text"]: row["role"] for row in session.look()}
    check("D10: headings and lists are such to a screen reader", rows.get("Until polling day") == "heading" and
          rows.get("\u2022 Nothing party political.") == "list item", rows)
    check("D10: a link is shown with its address, and is none", "\u2022 Ask us (https://example.org/rules) first." in rows and
          "link" not in rows.values(), rows)
    session.picture("purdah")
    check("D10: still shut", not desk.posts(PERSON))
    check("D10: keyboard: the button to acknowledge", focused_on(session, "I have read these instructions"), session.texts())
    session.keys("Return")
    check("D10: acknowledged: says so, and opens", session.shows("You have acknowledged the instructions.", "Open for you") and
          wait_for(lambda: desk.posts(PERSON)), session.texts())
    draft(session)
    session.dismiss()
    council.say(link, council.over(order))


def draft(session):
    """D10: the draft check."""
    session.do("type", name="Your draft", role="text", text="Meet Jane Example in Etching Hill")
    session.do("press", name="Check my draft")
    check("D10: the draft's words are listed with why", session.shows("2 places are marked", "\u201cJane Example\u201d: a Councillor's name",
                                                                       "\u201cEtching Hill\u201d: the name of a ward"), session.texts())
    run = session.do("attributes", name="Your draft", role="text", at=6)
    check("D10: and marked in it", run and "bg-color" in json.dumps(run), run)
    session.resize(320, 700)
    check("320 pixels wide: nothing is wider", wait_for(lambda: too_wide(session, 320) == []), too_wide(session, 320))
    session.do("focus", name="Check my draft")
    session.picture("purdah-320")
    kept = subprocess.run(["grep", "-rl", "Meet Jane", session.folder], capture_output=True, text=True, timeout=ENOUGH, check=False).stdout
    check("attack: the draft is kept nowhere", kept == "", kept)


def unmarked(session):
    """Labels without the word; what the person types is theirs."""
    return [row for row in session.look() if "EXERCISE" not in row["name"] and (row["name"] or row["text"]) and "EXERCISE" not in row["text"]]


def exercise(session, council, link):
    """An exercise: another colour, and the word in every sentence; nothing is blocked."""
    drill = council.alarm("exercise")
    council.say(link, drill)
    check("an exercise: the window comes", session.shows("EXERCISE: This is an exercise: nothing is blocked."), session.texts())
    check("an exercise: the word is in every label, and in the title", unmarked(session) == [], unmarked(session))
    session.picture("exercise")
    check("an exercise: its all-clear", cleared(session, council, link, drill, "EXERCISE: The exercise is over."), session.texts())
    session.leave()
    check("an exercise: every label of that", unmarked(session) == [], unmarked(session))
    check("an exercise: goes away by itself", wait_for(lambda: not session.is_up()), session.texts())


def asked(council, mode="live"):
    """An order by which this person is to post one message."""
    council.alarms += 1
    return council.raise_now("comms-1", mode=mode, reason=f"A fire, {council.alarms}", holding=[
        {"account": ACCOUNT, "text": MESSAGE, "poster": "comms-1", "minutes": 15}])


def left(session):
    """Seconds that the countdown shows; None: there is none."""
    found = re.search(r"Your posting window is open: (?:(\d+) minutes? )?(\d+) seconds? left", "\n".join(session.texts()))
    return int(found.group(1) or 0) * 60 + int(found.group(2)) if found else None


def typed_in(session, name):
    return next((row["text"] for row in session.look() if row["role"] == "text" and name in row["name"]), None)


def posting(session, desk, council, link):
    """D9.3: the named poster has the text, opens the window once, and says that it is posted."""
    order = asked(council)
    council.say(link, order)
    check("D9.3: asked to post: the text and who", session.shows("Stop posting, but for the message below", "For you to post", *MESSAGE.split("\n")),
          session.texts())
    session.picture("asked")
    session.do("press", name="Copy the text")
    check("D9.3: copied: says so", session.shows("The text is copied"), session.texts())
    check("D9.3: keyboard: the button to open", focused_on(session, "Open posting window (15 minutes)"), session.texts())
    session.keys("Return")
    check("D9.3: the posting window opens, with a countdown", wait_for(lambda: 0 < (left(session) or 0) <= 900), session.texts())
    check("D9.3: it opens for this person alone", wait_for(lambda: desk.who_posts() == [PERSON]), desk.who_posts())
    check("D9.3: keyboard: the field for the address", focused_on(session, "Web address of the post"), session.texts())
    session.keys("ctrl+v")
    check("D9.3: what was copied is the text", wait_for(lambda: MESSAGE.split("\n")[0] in (typed_in(session, "Web address") or "")),
          typed_in(session, "Web address"))
    seen = left(session)
    check("D9.3: it counts down, and what was typed stays", wait_for(lambda: left(session) < seen - 1) and typed_in(session, "Web address"),
          (seen, left(session)))
    session.picture("open")
    long = "https://x.com/CannockChaseDC/status/" + "1" * 300
    session.do("type", name="Web address", role="text", text=long)
    check("an address that is too long is not cut where nobody sees it", wait_for(lambda: typed_in(session, "Web address") == long),
          typed_in(session, "Web address"))
    session.do("press", name="I have posted it")
    check("an address that is too long is not sent, and that is said", session.shows("What you have typed is too long: make it shorter."), session.texts())
    session.do("type", name="Web address", role="text", text="https://x.com/CannockChaseDC/status/1")
    session.do("press", name="I have posted it")
    check("D9.3: posted: says so, with the address", session.shows("Done: you said on", "The post: https://x.com/CannockChaseDC/status/1"),
          session.texts())
    check("D9.3: and it is shut again", wait_for(lambda: desk.who_posts() == []), desk.who_posts())
    session.resize(320, 640)
    check("320 pixels wide: nothing is wider", wait_for(lambda: too_wide(session, 320) == []), too_wide(session, 320))
    dismissed(session, council, link, order)


def cannot(session, council, link):
    """D9.3: the named poster cannot; in an exercise every sentence of all that says so."""
    order, drill = asked(council), asked(council, "exercise")
    council.say(link, order)
    session.shows("For you to post")
    session.do("type", name="Why you cannot", role="text", text="No network here")
    session.do("press", name="I can't post it")
    check("D9.3: cannot: says so", session.shows("It is noted that you cannot post it", "that you cannot post it."), session.texts())
    dismissed(session, council, link, order)
    council.say(link, drill)
    check("an exercise: asked to go through the steps", session.shows("go through the steps, but post nothing", "Open posting window"), session.texts())
    check("an exercise: every label of that", unmarked(session) == [], unmarked(session))
    session.do("press", name="Open posting window")
    check("an exercise: the countdown", wait_for(lambda: left(session)), session.texts())
    check("an exercise: every label of that too", unmarked(session) == [], unmarked(session))
    session.picture("exercise-open")
    cleared(session, council, link, drill, "EXERCISE: The exercise is over.")
    session.dismiss()


def ending(session, desk, council):
    """D9.2: where a running tool cannot be frozen, its person is told to save, and sees how long they have."""
    end_process(desk.agent)
    link = unfrozen(desk, LONG_S)
    tool = subprocess.Popen([desk.program, "300"], preexec_fn=AS_PERSON, cwd="/")
    alarm = council.alarm()
    session.do("end")
    council.say(link, alarm)
    link.report(lambda r: row_of(r, alarm)["standing"] != "none")
    session.start(*LINGER)
    check("D9.2: save your work now: which tool, and how long", session.shows("Save your work in Poster now: it will be closed in"), session.texts())
    session.picture("ending")
    check("D9.2: it is said to a screen reader", wait_for(lambda: any("Save your work in Poster" in t for t in session.do("heard_so_far"))),
          session.do("heard_so_far"))
    link.socket.close()
    end_process(desk.agent)
    link = unfrozen(desk, SHORT_S)
    check("D9.2: it is closed, and the countdown goes", wait_for(lambda: tool.poll() is not None) and
          wait_for(lambda: not session.reads("Save your work")), session.texts())
    dismissed(session, council, link, alarm)
    return link


def unfrozen(desk, countdown_s):
    """The agent, on a machine where nothing can be frozen; a countdown begins anew with each life of it."""
    desk.settings(layer__programs="yes", layer__running="yes", programs__cgroup=f"{desk.folder}/no-group", beat_s=5,
                  running__countdown_s=countdown_s)
    check("the agent starts again, on a machine where nothing can be frozen", desk.start(), desk.log()[-500:])
    return FakeLink(desk)


def late_keys(session, before):
    """Who meant to close what stood there before is not kept from reading what has come."""
    size = height_of(session, "Stop posting")
    session.keys_of(before, (ESCAPE, 0), (PLUS, CONTROL))
    check("attack: Escape that was pressed before it came closes nothing, though the next key counts", wait_for(
        lambda: height_of(session, "Stop posting") > size), session.texts())
    session.keys_of(time.monotonic(), (ESCAPE, 0))
    check("and one that is pressed now closes it", wait_for(lambda: not session.is_up()), session.texts())
    session.do("run", argv=[PROGRAM, "--etc", session.etc, "--show"])
    check("the window is there again", session.shows("Stop posting"), session.texts())
    session.keys("ctrl+0")


def dark(folder, desk, council, link, screen):
    """A dark theme and print that is twice as large, in a session that has nothing to show notifications."""
    alarm = council.alarm()
    council.say(link, alarm)
    session = Session(folder, desk.etc, screen, GTK_THEME="Adwaita:dark", GDK_DPI_SCALE="2", GDK_CORE_DEVICE_EVENTS="1")
    before = time.monotonic()
    try:
        session.start()
        check("dark: in force before the session began: the window comes", session.shows("Stop posting"), session.texts())
        late_keys(session, before)
        check("dark, twice as large, 320 pixels: nothing is wider", session.resize(320, 700) and
              wait_for(lambda: too_wide(session, 320) == []), too_wide(session, 320))
        session.picture("dark")
        check("dark: the all-clear", cleared(session, council, link, alarm), session.texts())
    finally:
        session.close()


def slips(session):
    """Who calls it wrongly reads what to say instead."""
    for words, code, says in ((["help"], 0, "holdfast-desk [--show]"), (["--help"], 0, "holdfast-desk [--show]"), (["show"], 2, "did you mean --show?"),
                              (["shwo"], 2, "did you mean --show?"), (["dance"], 2, "see holdfast-desk --help")):
        said = session.do("run", argv=[PROGRAM, *words])
        check(f"holdfast-desk {' '.join(words)}: {says}", said[0] == code and says in said[1], said)


def without_a_screen(session):
    """Nothing can be shown: it says so and ends, rather than wait where nobody sees it."""
    for what, change in (("no screen is named", ["-u", "DISPLAY"]), ("the screen is not there", ["DISPLAY=:7077"])):
        said = session.do("run", argv=["env", *change, PROGRAM, "--etc", session.etc])
        check(f"{what}: it ends at once and names the terminal", said[0] == 1 and "holdfast-agent status" in said[1], said)


def body(folder, group):
    os.makedirs(f"{folder}/bin")
    shutil.copy("/bin/sleep", f"{folder}/bin/poster")
    council = Elections(f"{folder}/bin/poster")
    desk = Desk(folder, council, Ca(f"{folder}/ca"), group)
    screen, session = Screen(), None
    try:
        entries()
        good, said = desk.enrolled()
        check("enrolled, and the agent starts", good and desk.start(), said)
        link = FakeLink(desk)
        session = Session(folder, desk.etc, screen)
        session.do("notifications")
        slips(session)
        without_a_screen(session)
        idle(session)
        alarm = emergency(session, council, link)
        notified(session)
        sizes(session)
        keyboard(session)
        tried(session, desk)
        tried_address(session, link)
        link.socket.close()
        link = killed(session, desk)
        stopped(session, link)
        all_clear(session, council, link, alarm)
        purdah(session, desk, council, link)
        exercise(session, council, link)
        if "posting" in desk.view(PERSON)["accounts"][0]:
            posting(session, desk, council, link)
            cannot(session, council, link)
        else:
            skip("the named poster's buttons", "this agent opens no posting windows")
        link.socket.close()
        link = ending(session, desk, council)
        session.close()
        session = None
        dark(folder, desk, council, link, screen)
        complaints = [line for line in read(f"{folder}/session/desk.log").splitlines() if "CRITICAL" in line or "Gtk-WARNING" in line]
        check("the toolkit has nothing to complain of", complaints == [], complaints)
    finally:
        if session:
            session.close()
        end_process(desk.agent, 9)
        end_process(screen.process)


if __name__ == "__main__":
    sys.exit(run_inside(body))
