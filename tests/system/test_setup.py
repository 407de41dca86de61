#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`holdfast setup` on a throw-away copy of this machine: a server out of one command, which a second call leaves as it is.

What lies where, whose it is and who may read it is what deploy/guide/it.md promises; the broker and the controller start with these
files as they lie there, and an officer asks them. A user's link is never followed, nor is another council replaced.
"""
import json
import os
import pty
import pwd
import select
import signal
import stat
import subprocess
import sys

import sandboxed
from common import ENOUGH, REACHED, check, end_process, read, wait_for, write
from council_help import BUILD, HOLDFAST
from web_help import listens

PASS = "correct horse battery staple"
ETC, CEREMONY = "/etc/holdfast", "/etc/holdfast/ceremony"
PEOPLE = ("--person", "anna=comms,accounts", "--person", "ben=monitoring,accounts,elections", "--person", "ira=it")
NEW = ("--council", "north-moor", *PEOPLE, "--broker-name", "holdfast.test", "--no-start")
# path: (owner, group, mode), as the guide for IT says it
PLACES = {
    "broker/ca.crt": ("mosquitto", "mosquitto", 0o444), "broker/server.key": ("mosquitto", "mosquitto", 0o400),
    "broker/acl": ("mosquitto", "mosquitto", 0o600), "council": ("holdfast", "holdfast-officers", 0o750),
    "council/trust/1.json": ("holdfast", "holdfast-officers", 0o640), "council/register.json": ("holdfast", "holdfast-officers", 0o640),
    "controller": ("holdfast", "holdfast", 0o700), "controller/key.pem": ("holdfast", "holdfast", 0o400),
    "controller/tls.key": ("holdfast", "holdfast", 0o400), "controller.conf": ("root", "root", 0o644),
    "ceremony": ("root", "root", 0o700),
}


def run(*argv, text="", user=None):
    words = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--init-groups", *argv] if user else argv
    return subprocess.run(words, input=text, capture_output=True, text=True, timeout=ENOUGH, check=False, start_new_session=True,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **REACHED})


def setup(*words, **how):
    return run(HOLDFAST, "setup", *words, "--passphrase-fd", "0", text=PASS + "\n", **how)


def said(done, code, *words):
    return done.returncode == code and all(word in done.stderr + done.stdout for word in words)


def home(login):
    return pwd.getpwnam(login).pw_dir


def place(path):
    st = os.lstat(path)
    return pwd.getpwuid(st.st_uid).pw_name, run("stat", "-c", "%G", path).stdout.strip(), stat.S_IMODE(st.st_mode)



# Slips --------------------------------------------------------------------------------------------------------------------

def slips():
    done = setup(*NEW, user="nobody")
    check("only root sets a server up", said(done, 1, "run it as root"), done)
    done = setup(*NEW)
    check("without the package's user it names the package", said(done, 1, "There is no user holdfast", "holdfast-controller"), done)
    run("useradd", "--system", "--no-create-home", "holdfast")
    run("groupadd", "--system", "holdfast-officers")
    table = (
        ("no name for the broker", NEW[:8], 2, ("--broker-name",)),
        ("a plan and people", (*NEW, "--plan", "/etc/plan"), 2, ("give --plan alone",)),
        ("people of no council", NEW[2:], 2, ("--council",)),
        ("a person without roles", (*NEW, "--person", "carl"), 2, ("--person carl", "PERSON=")),
        ("a person in capitals", (*NEW, "--person", "Carl=it"), 2, ("--person Carl=it", "small letters")),
        ("a council in capitals", ("--council", "North", *NEW[2:]), 2, ("`North`", "small letters")),
        ("a role with a blank in it", (*NEW, "--person", "carl=press office"), 2, ("`press office` is no role",)),
        ("a person twice", (*NEW, "--person", "anna=it"), 2, ("anna is there twice",)),
        ("a login of nobody", (*NEW, "--login", "ana=anna"), 2, ("--login ana=anna", "the plan has no person ana")),
        ("a login of two", (*NEW, "--login", "anna=x", "--login", "ben=x"), 2, ("The login x is given twice",)),
        ("a login that is none", (*NEW, "--login", "anna=-G"), 2, ("`-G` cannot be a login",)),
        ("a role that no rule knows", (*NEW, "--person", "carl=coms"), 1, ("carl has the role `coms`, which no rule knows", "comms, monitoring")),
        ("nobody for the devices", (*NEW[:6], *NEW[8:]), 1, ("Nobody could take a device in", "role it")),
        ("a plan that is not there", (*NEW[8:], "--plan", "/etc/none.json"), 1, ("/etc/none.json",)),
    )
    for name, words, code, wanted in table:
        done = setup(*words)
        check(f"refused, with the reason: {name}", said(done, code, *wanted), done)
    check("and nothing of them is left", os.listdir(ETC) == [] if os.path.exists(ETC) else True, ETC)
    check("no login either", run("id", "anna").returncode != 0)


def few_are_warned(folder):
    done = run(HOLDFAST, "council", "init", f"{folder}/few", "--plan", f"{folder}/few.json", "--passphrase-fd", "0", text=PASS + "\n")
    check("what too few could do is said, and is no reason to refuse", said(done, 0, *(f"too few people to {deed}" for deed in (
        "raise an emergency: 0 of 1 have a role for it (comms)", "give the all-clear of an emergency: 0 of 2 have a role for it (comms, monitoring)",
        "raise a pre-election period: 0 of 1", "end a pre-election period: 0 of 2", "raise an exercise: 0 of 1", "change the register: 0 of 2",
        "make a device somebody's who holds an account: 1 of 2", "exempt a person: 0 of 2", "let a device recover that lost what it knew: 0 of 2"))), done)


# In the middle ------------------------------------------------------------------------------------------------------------

def half_made():
    return [name for name in os.listdir(ETC) if name.startswith("ceremony.new-")] if os.path.exists(ETC) else []


def stopped():
    """^C while keys are being written; and one more at the same time."""
    maker = subprocess.Popen([HOLDFAST, "setup", *NEW, "--passphrase-fd", "0"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **REACHED})
    maker.stdin.write(PASS.encode() + b"\n")
    maker.stdin.close()
    begun = wait_for(half_made)
    os.kill(maker.pid, signal.SIGSTOP)
    done = setup(*NEW)
    check("one that runs already is left alone", begun and said(done, 1, "Another `holdfast setup` runs on this machine"), done)
    os.kill(maker.pid, signal.SIGINT)
    os.kill(maker.pid, signal.SIGCONT)
    check("it was stopped in the middle", maker.wait(ENOUGH) != 0 and half_made() and not os.path.exists(CEREMONY), os.listdir(ETC))
    done = setup(*NEW[:2], *PEOPLE[:4], "--person", "iris=it", *NEW[-3:])
    check("other people take the place of none who were written down", said(done, 2, "plan.json is there already"), done)


# A server -----------------------------------------------------------------------------------------------------------------

def made():
    write("/etc/mosquitto/mosquitto.conf", "# of somebody\n")
    done = setup(*NEW, "--login", "anna=anna")
    check("one command makes a server", said(done, 0, "Setting up the broker", "Setting up the controller", "The next three steps:"), done)
    check("half of a council, which a set-up that was stopped had left, is gone", half_made() == [], os.listdir(ETC))
    check("no passphrase is shown", PASS not in done.stdout + done.stderr)
    wrong = {path: place(f"{ETC}/{path}") for path, wanted in PLACES.items() if place(f"{ETC}/{path}") != wanted}
    check("all lies where the guide says, for whom it says", not wrong, wrong)
    check("no key of a root or of the CA leaves the ceremony",
          sorted(os.listdir(f"{ETC}/broker")) == ["acl", "ca.crt", "server.crt", "server.key"] and
          sorted(os.listdir(f"{ETC}/controller")) == ["key.pem", "tls.crt", "tls.key"])
    check("what the broker's settings take the place of is kept", read("/etc/mosquitto/mosquitto.conf.before") == "# of somebody\n")
    check("the certificate has the name that was said, and the controller's own", "DNS:holdfast.test, DNS:localhost" in
          run("openssl", "x509", "-in", f"{ETC}/broker/server.crt", "-noout", "-ext", "subjectAltName").stdout)
    check("an officer has a login, in the group, with their key", place(home("anna") + "/.holdfast/key.pem") == ("anna", "anna", 0o600) and
          "holdfast-officers" in run("id", "-nG", "anna").stdout and "ENCRYPTED" in read(home("anna") + "/.holdfast/key.pem"))


def paths():
    return {path: (os.lstat(path).st_mtime_ns, os.lstat(path).st_ino) for top in (ETC, "/etc/mosquitto", home("anna") + "/.holdfast")
            for folder, _, files in os.walk(top) for path in [folder, *(f"{folder}/{name}" for name in files)]} | {"/etc/group": os.stat("/etc/group").st_ino}


def again():
    before = paths()
    done = setup("--login", "anna=anna", "--no-start", "--json")
    outcomes = {step["outcome"] for step in json.loads(done.stdout)["steps"]} if done.returncode == 0 else None
    check("a second time it changes nothing", outcomes == {"there"} and paths() == before, done)
    done = setup(*NEW, "--json")
    outcomes = {step["outcome"] for step in json.loads(done.stdout)["steps"]} if done.returncode == 0 else None
    check("nor with the words of the first time, as a machine says them each night", outcomes == {"there"} and paths() == before, done)
    done = setup("--plan", f"{ETC}/plan.json", "--broker-name", "holdfast.test", "--no-start")
    check("nor with its plan, and it says who changes accounts", said(done, 0, "only by `holdfast register propose`") and paths() == before, done)
    for name, words in (("other people", [*NEW[:2], *PEOPLE[:4], "--person", "iris=it", *NEW[-3:]]), ("another council", ["--council", "south-moor", *NEW[2:]])):
        done = setup(*words)
        check(f"the council that is made cannot be changed by it: {name}", said(done, 2, "of another plan", "Give --login alone") and paths() == before, done)
    write("/srv/more.json", json.dumps({**json.loads(read(f"{ETC}/plan.json")), "threshold": 3}))
    done = setup("--plan", "/srv/more.json", "--no-start")
    check("nor by a plan that was changed", said(done, 2, "of another plan") and paths() == before, done)
    done = setup("--broker-name", "other.test", "--no-start")
    check("nor has the broker another name", said(done, 2, "certificate does not name other.test", "leave --broker-name out") and paths() == before, done)
    write(f"{ETC}/broker/acl", "# of the version before\n")
    write(f"{ETC}/controller.conf", read(f"{ETC}/controller.conf") + "# a note of IT\n")
    done = setup("--no-start", "--json")
    changed = [step["path"] for step in json.loads(done.stdout)["steps"] if step["outcome"] != "there"]
    check("after an upgrade the broker's rules are renewed, and nothing that is IT's", changed == [f"{ETC}/broker/acl"] and
          "user controller:c1" in read(f"{ETC}/broker/acl") and "# a note of IT" in read(f"{ETC}/controller.conf"), changed)


def kept():
    """The settings of the broker are the package's; what IT has made of them is kept each time."""
    conf = "/etc/mosquitto/mosquitto.conf"
    for turn in (2, 3):
        write(conf, f"{read(conf)}# IT {turn}\n")
        done = setup("--no-start")
        check(f"what IT has changed is kept as .before-{turn}", done.returncode == 0 and f"# IT {turn}" not in read(conf) and
              f"# IT {turn}" in read(f"{conf}.before-{turn}") and read(f"{conf}.before") == "# of somebody\n", done)


MANAGER = """#!/bin/sh
# Stands where systemd would: a service that runs is not started again by `start`.
echo "$1 $2" >>/srv/asked
case "$1 $2" in
"restart mosquitto") /usr/sbin/mosquitto -c /etc/mosquitto/mosquitto.conf >/srv/broker.log 2>&1 & ;;
"restart holdfast-controller") HOLDFASTD >/srv/controller.log 2>&1 & ;;
*) exit 0 ;;
esac
echo $! >>/srv/pids
"""


def restarted():
    """A set-up that was stopped before it had started them: the broker of the package runs on, with what was there before."""
    os.makedirs("/run/systemd/system", exist_ok=True)
    run("install", "-d", "/run/holdfast")
    run("install", "-d", "-o", "holdfast", "-m", "0700", "/var/lib/holdfast", "/var/lib/holdfast-mark")
    had = os.path.lexists("/usr/sbin/systemctl") and os.rename("/usr/sbin/systemctl", "/srv/systemctl") is None
    write("/usr/sbin/systemctl", MANAGER.replace("HOLDFASTD", f"{BUILD}/holdfastd"))
    os.chmod("/usr/sbin/systemctl", 0o755)
    done = setup()
    for pid in read("/srv/pids").split() if os.path.exists("/srv/pids") else ():
        run("kill", pid)
        wait_for(lambda pid=pid: not os.path.exists(f"/proc/{pid}"))
    asked = read("/srv/asked").split("\n")
    check("services that run with what was there before are started anew", done.returncode == 0 and asked.index("start mosquitto") <
          asked.index("restart mosquitto") < asked.index("restart holdfast-controller"), (done, asked))
    check("it ends with what the doctor finds, which undoes nothing, and the next three steps", done.returncode == 0 and 0 < done.stdout.find("What `holdfast doctor` finds now:") <
          done.stdout.find("The next three steps:") and "ceremony/sticks/" in done.stdout and "nobody can know whether there is one that works" in done.stdout, done)
    os.unlink("/usr/sbin/systemctl")
    if had:
        os.rename("/srv/systemctl", "/usr/sbin/systemctl")
    os.rmdir("/run/systemd/system")


def without_services():
    by_hand = setup("--no-start")
    os.makedirs("/run/systemd/system", exist_ok=True)
    by_systemd = setup("--no-start")
    check("how they are started is said, as this machine does it", said(by_hand, 0, "there is no systemd here") and
          said(by_systemd, 0, "`systemctl daemon-reload; systemctl restart mosquitto holdfast-controller` does"), (by_hand, by_systemd))
    done = setup()
    os.rmdir("/run/systemd/system")
    check("where services cannot be started it says so, and what is made stays", said(done, 1, "Starting the broker and the controller", "`systemctl daemon-reload` failed") and
          os.path.exists(f"{ETC}/controller/key.pem"), done)


def serves():
    """The services' own commands, by hand: there is no systemd here."""
    broker = subprocess.Popen(["/usr/sbin/mosquitto", "-c", "/etc/mosquitto/mosquitto.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    controller = None
    try:
        check("the broker starts with these files", wait_for(lambda: listens(8883)))
        run("install", "-d", "/run/holdfast")
        run("install", "-d", "-o", "holdfast", "-m", "0700", "/var/lib/holdfast", "/var/lib/holdfast-mark")
        controller = subprocess.Popen([f"{BUILD}/holdfastd"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        asks = lambda: run("sh", "-lc", f"{HOLDFAST} status --json", user="anna")  # noqa: E731
        check("and the controller, and an officer who logs in asks it with no option", wait_for(
            lambda: asks().returncode == 0 and json.loads(asks().stdout)["bus"] == "up"), asks())
    finally:
        end_process(controller)
        end_process(broker)


# Attacks ------------------------------------------------------------------------------------------------------------------

def links():
    run("useradd", "--create-home", "mallory")
    os.symlink("/etc/cron.d", home("mallory") + "/.holdfast")
    done = setup("--no-start", "--login", "ben=mallory")
    check("attack: a user's link is not followed", done.returncode == 1 and not os.path.exists("/etc/cron.d/key.pem"), done)
    os.unlink(home("mallory") + "/.holdfast")
    os.mkdir(home("mallory") + "/.holdfast", 0o777)
    os.symlink("/etc/passwd", home("mallory") + "/.holdfast/key.pem")
    before = place("/etc/passwd")
    done = setup("--no-start", "--login", "ben=mallory")
    check("nor one in the place of the key", place("/etc/passwd") == before and "ENCRYPTED" not in read("/etc/passwd"), done)
    os.unlink(home("mallory") + "/.holdfast/key.pem")
    os.mkfifo(home("mallory") + "/.holdfast/.key.pem.new")
    done = setup("--no-start", "--login", "ben=mallory")
    check("nor is what lies in the place of the new file written to", done.returncode == 0 and
          stat.S_ISREG(os.lstat(home("mallory") + "/.holdfast/key.pem").st_mode), done)


def another_council():
    os.rename(CEREMONY, "/srv/brought-away")
    done = setup("--no-start", "--login", "ira=ira")
    check("when the ceremony has been brought away, logins are still made", done.returncode == 0 and
          not os.path.exists(home("ira") + "/.holdfast/key.pem"), done)
    check("and it says that whose key is not there brings one", "there is no /etc/holdfast/ceremony/people/ira.pem: ira brings a key" in done.stderr +
          done.stdout, done)
    done = setup("--no-start", "--login", "ira=ira", "--json")
    outcomes = {step["path"]: step["outcome"] for step in json.loads(done.stdout)["steps"]} if done.returncode == 0 else {}
    check("in JSON, too", "absent" in outcomes.values(), outcomes)
    made_elsewhere = run(HOLDFAST, "council", "init", CEREMONY, "--passphrase-fd", "0", text=PASS + "\n")
    done = setup("--no-start")
    check("another council is not put in its place", made_elsewhere.returncode == 0 and said(done, 1, "serves another council"), done)
    run("rm", "-r", ETC)
    write("/srv/plan.json", json.dumps({**json.loads(read("/usr/share/holdfast/council/cannock-chase.json")), "controller": "c9"}))
    done = setup("--plan", "/srv/plan.json", "--broker-name", "localhost", "--no-start")
    check("a controller that the broker's rules do not know is refused", said(done, 1, "c1 and c2, and not c9"), done)
    run("rm", "-r", ETC)


# Typed --------------------------------------------------------------------------------------------------------------------

def typed(answers):
    """Each answer at its prompt; all that was shown, and the exit status."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(REACHED)
        os.execv(HOLDFAST, [HOLDFAST, "setup", "--no-start"])
    shown = ""
    for prompt, answer in (*answers, ("\0", None)):
        heard = ""
        while prompt not in heard and select.select([fd], [], [], ENOUGH)[0]:
            try:
                heard += os.read(fd, 4096).decode()
            except OSError:
                break
        shown += heard
        if answer is not None:
            os.write(fd, answer.encode() + b"\n")
    os.close(fd)
    return shown, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def asked():
    people = [("name of the council", "South Moor"), ("name of the council", "south-moor"),
              ("name of a person", "anna"), ("their roles", "comms accounts"), ("their roles", "comms, accounts"), ("their name", "Anna Price"), ("their login", "A b"), ("their login", ""),
              ("name of a person", "ben"), ("their roles", "monitoring, accounts, elections"), ("their name", ""), ("their login", "ben"), ("name of a person", "")]
    shown, code = typed([*people, ("reach this server", "holdfast.test")])
    check("typed: what cannot be is asked again, and nobody for the devices is refused", code == 1 and "`South Moor` cannot be a name" in shown and
          "is no role" in shown and "Nobody could take a device in" in shown, shown)
    check("what was typed is kept for the next try", "is kept in /etc/holdfast/plan.json" in shown and '"Anna Price"' in read(f"{ETC}/plan.json"))
    os.unlink(f"{ETC}/plan.json")
    more = [("name of a person", "ira"), ("their roles", "it"), ("their name", ""), ("their login", "")]
    shown, code = typed([*people[:-1], *more, people[-1], ("reach this server", "holdfast.test"), ("One passphrase", PASS), ("The same again", PASS)])
    check("typed: a council of three people is made", code == 0 and "The council south-moor is made" in shown and PASS not in shown, shown)
    check("and the login that was named", place(home("ben") + "/.holdfast/key.pem")[0] == "ben")


# A full disk --------------------------------------------------------------------------------------------------------------

def full():
    """Room for the keys, and not for what is made of them: the same words again, once there is room, make the rest."""
    for kib in range(64, 192, 8):
        os.makedirs(ETC, exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=0755", "tmpfs", ETC)
        done = setup(*NEW)
        if os.path.exists(CEREMONY):
            break
        check(f"full at {kib} KiB: no half of a council stays", said(done, 1, "No space left on device") and os.listdir(ETC) == [], (done, os.listdir(ETC)))
        run("umount", ETC)
    check("a full disk stops it half-way, with the file that had no room", said(done, 1, f"{ETC}/", "No space left on device") and
          not os.path.exists(f"{ETC}/controller.conf"), done)
    run("mount", "-o", "remount,size=8m", ETC)
    done = setup(*NEW)
    wrong = {path: place(f"{ETC}/{path}") for path, wanted in PLACES.items() if place(f"{ETC}/{path}") != wanted}
    check("once there is room, the same words make the rest", done.returncode == 0 and not wrong, (done, wrong))
    check("nothing that was begun is left beside it", not [name for _, folders, files in os.walk(ETC) for name in folders + files if ".new" in name])
    run("umount", ETC)


def body():
    run("cmake", "--install", BUILD, "--prefix", "/usr")
    slips()
    write("/srv/few.json", json.dumps({"council": "few", "people": [{"id": "anna", "roles": ["it"]}], "accounts": []}))
    few_are_warned("/srv")
    stopped()
    made()
    again()
    kept()
    restarted()
    without_services()
    serves()
    links()
    another_council()
    asked()
    full()


if __name__ == "__main__":
    sys.exit(sandboxed.run("setup", body))
