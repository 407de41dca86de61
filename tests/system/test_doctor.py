#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`holdfast doctor` and `holdfast-agent doctor` on a throw-away copy of this machine: a server and a laptop that are well, and each fault planted in them and found alone.

A real mosquitto, a real controller, real files: what monitoring relies on is that a fault changes the exit status and is named,
that nothing is said of what is sound, and that looking changes nothing (policy D5.6, D9.2: who could listen in, speak for others, or lose the record).
"""
import json
import os
import pty
import pwd
import resource
import select
import shutil
import subprocess
import sys

import sandboxed
from common import ENOUGH, REACHED, check, end_process, read, wait_for, write
from council_help import BUILD, HOLDFAST
from web_help import listens

PASS = "correct horse battery staple"
ETC, STATE, BACKUP = "/etc/holdfast", "/var/lib/holdfast", "/var/backups/holdfast-journal.db"
PEOPLE = ("anna=comms,accounts", "ben=monitoring,accounts,elections", "cara=comms,monitoring,elections", "ira=it")
CONF = "/etc/mosquitto/mosquitto.conf"
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **REACHED}
MEANT = 65536  # files that a broker may have open
MOST = min(MEANT, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
PEER = {}  # what runs here: name -> process


def run(*argv, text="", user=None):
    words = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--init-groups", *argv] if user else argv
    return subprocess.run(words, input=text, capture_output=True, text=True, timeout=ENOUGH, check=False, start_new_session=True, env=ENV)


def doctor(*words, program=HOLDFAST, **how):
    """(exit status, {(weight, what)}, all that was said)."""
    done = run(program, "doctor", "--json", *words, **how)
    answer = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    return done.returncode, {(one["weight"], one["what"]) for one in answer.get("findings", [])}, done.stdout + done.stderr


def broker(files=MOST):
    end_process(PEER.pop("broker", None))
    PEER["broker"] = subprocess.Popen(["prlimit", f"--nofile={files}", "/usr/sbin/mosquitto", "-c", CONF], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
    return wait_for(lambda: listens(8883) or PEER["broker"].poll() is not None)


def status_up():
    done = run(HOLDFAST, "--council", f"{ETC}/council", "status", "--json")
    return done.returncode == 0 and json.loads(done.stdout)["bus"] == "up"


def answers():
    return run(HOLDFAST, "--council", f"{ETC}/council", "status", "--json").returncode == 0


def controller(ready=status_up):
    end_process(PEER.pop("controller", None))
    PEER["controller"] = subprocess.Popen(["/usr/bin/holdfastd"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return wait_for(ready)


def server():
    run("cmake", "--install", BUILD, "--prefix", "/usr")
    run("useradd", "--system", "--no-create-home", "holdfast")
    run("groupadd", "--system", "holdfast-officers")
    for folder in (STATE, f"{STATE}-mark"):
        run("install", "-d", "-o", "holdfast", "-m", "0700", folder)
    run("install", "-d", "/run/holdfast")
    done = run(HOLDFAST, "setup", "--council", "north-moor", "--broker-name", "holdfast.test", "--no-start", "--login", "anna=anna", "--passphrase-fd", "0",
               *(word for one in PEOPLE for word in ("--person", one)), text=PASS + "\n")
    check("a server is set up, and both of its services run", done.returncode == 0 and broker() and controller(), done)


def machine():
    """What this very machine adds, which nobody planted: a clock that nobody keeps, fewer files than a broker is meant to have."""
    told = subprocess.run([sys.executable, "-c", "import ctypes; print(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)))"],
                          capture_output=True, text=True, check=False).stdout.strip()
    return ({("warning", "clock")} if told == "5" else set()) | ({("warning", "broker-files")} if MOST < MEANT else set())


def copy_made():
    run("install", "-d", "/var/backups")
    done = run("/usr/bin/python3", "-c", f"import os, sqlite3; os.umask(0o77); a = sqlite3.connect('file:{STATE}/journal.db?mode=rw', uri=True); "
               f"b = sqlite3.connect('{BACKUP}'); a.backup(b); b.close()")
    return done.returncode == 0


def fresh():
    """What a set-up leaves to be done is said; done, nothing is left."""
    code, found, said = doctor()
    check("after the set-up: keys that must leave, and no backup", code == 1 and found - machine() == {("warning", "left-here"), ("warning", "backup")}, said)
    check("it says which keys, and that nobody can know of a backup", "ceremony/sticks/" in said and "ceremony/people/" in said and "nobody can know" in said, said)
    shutil.copytree(f"{ETC}/ceremony/sticks/ca", "/srv/stick")
    shutil.copy(f"{ETC}/ceremony/people/ira.pem", "/srv/ira.pem")
    shutil.copytree(f"{ETC}/ceremony/sticks", "/srv/sticks")
    shutil.rmtree(f"{ETC}/ceremony/sticks")
    shutil.rmtree(f"{ETC}/ceremony/people")
    check("the journal is copied while the controller writes", copy_made())
    before = snapshot()
    code, found, said = doctor()
    check("on a sound server nothing is found, and its status is 0", code == (1 if machine() else 0) and found == machine(), said)
    check("looking changed nothing", snapshot() == before, set(snapshot().items()) ^ set(before.items()))
    done = run(HOLDFAST, "doctor")
    check("and for people it says so in a sentence", ("All is well: " in done.stdout) == (not machine()) and "GRAVE" not in done.stdout, done)


def snapshot():
    return {path: (os.lstat(path).st_mtime_ns, os.lstat(path).st_mode, os.lstat(path).st_uid) for top in (ETC, "/etc/mosquitto", STATE, "/var/backups")
            for folder, _, files in os.walk(top) for path in [folder, *(f"{folder}/{name}" for name in files)] if not path.endswith(("-shm", "-wal"))}


# Faults: each is planted, found alone, and taken back --------------------------------------------------------------------------------

class Changed:
    """A file has other bytes, owner or permissions for a while."""

    def __init__(self, path, text=None, mode=None, owner=None):
        self.path, self.text, self.mode, self.owner = path, text, mode, owner

    def __enter__(self):
        self.was = os.lstat(self.path)
        with open(self.path, "rb") as f:
            self.bytes = f.read()
        if self.text is not None:
            with open(self.path, "wb") as f:
                f.write(self.text if isinstance(self.text, bytes) else self.text.encode())
        if self.mode is not None:
            os.chmod(self.path, self.mode)
        if self.owner is not None:
            os.chown(self.path, pwd.getpwnam(self.owner).pw_uid, -1)

    def __exit__(self, *_):
        with open(self.path, "wb") as f:
            f.write(self.bytes)
        os.chown(self.path, self.was.st_uid, self.was.st_gid)
        os.chmod(self.path, self.was.st_mode & 0o7777)


def finds(name, wanted, *words, say="", **how):
    code, found, said = doctor(*words, **how)
    check(f"found, and nothing else: {name}", code == 1 and found - machine() == wanted and say in said, said)


def files():
    for path, mode, owner in ((f"{ETC}/controller/key.pem", 0o444, None), (f"{ETC}/controller/tls.key", 0o404, None), (f"{ETC}/broker/server.key", 0o444, None),
                              (f"{ETC}/broker/acl", 0o666, None), (f"{ETC}/controller.conf", 0o666, None), (f"{ETC}/controller/key.pem", None, "anna")):
        with Changed(path, mode=mode, owner=owner):
            finds(f"{path} is {oct(mode) if mode else owner}'s", {("grave", "file")}, say=path)
    os.rename(f"{ETC}/controller/key.pem", "/srv/key.pem")
    finds("a key that is gone", {("grave", "file")}, say="is not there")
    os.rename("/srv/key.pem", f"{ETC}/controller/key.pem")


def ended(folder, days, name="controller:c1"):
    """A certificate of the council's CA that ends so soon, at the place of the controller's."""
    for words in (["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{folder}/k", "-out", f"{folder}/r"],
                  ["x509", "-req", "-in", f"{folder}/r", "-CA", "/srv/ca/ca.crt", "-CAkey", "/srv/ca/ca.key", "-CAcreateserial", "-days", str(days), "-out", f"{folder}/c",
                   *(["-extfile", f"{folder}/e"] if os.path.exists(f"{folder}/e") else [])]):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    with open(f"{folder}/c", "rb") as cert, open(f"{folder}/k", "rb") as key:
        return cert.read(), key.read()


def certificates():
    """Another authority, in whose name both sides show theirs: its key lies at hand here."""
    os.makedirs("/srv/ca", exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test", "-days", "3000", "-keyout",
                    "/srv/ca/ca.key", "-out", "/srv/ca/ca.crt"], check=True, capture_output=True)
    with open("/srv/ca/ca.crt", "rb") as f:
        ca = f.read()
    os.makedirs("/srv/s", exist_ok=True)
    write("/srv/s/e", "subjectAltName=DNS:holdfast.test,DNS:localhost\n")
    server_cert, server_key = ended("/srv/s", 1000, "holdfast.test")
    write("/srv/s/e", "subjectAltName=DNS:localhost\n")
    local_cert, local_key = ended("/srv/s", 1000, "localhost")
    write("/srv/s/e", "subjectAltName=DNS:other.test\n")
    other_cert, other_key = ended("/srv/s", 1000, "other.test")
    os.makedirs("/srv/c", exist_ok=True)
    with Changed(f"{ETC}/broker/ca.crt", ca), Changed(f"{ETC}/broker/server.crt", server_cert), Changed(f"{ETC}/broker/server.key", server_key):
        for days, weight, say in ((80, "warning", "ends in "), (20, "warning", "ends soon, in "), (5, "grave", "ends in less than "),
                                  (-1, "grave", "has ended")):
            cert, key = ended("/srv/c", days) if days > 0 else past("/srv/c")
            with Changed(f"{ETC}/controller/tls.crt", cert), Changed(f"{ETC}/controller/tls.key", key):
                more = {("grave", "broker-refuses"), ("grave", "controller-bus")} if days < 0 else set()
                check("the broker and the controller take the certificate", broker() and controller(status_up if days > 0 else answers))
                finds(f"a certificate of {days} days", {(weight, "certificate"), *more}, say=say)
        cert, key = ended("/srv/c", 1000)
        with Changed(f"{ETC}/controller/tls.crt", cert), Changed(f"{ETC}/controller/tls.key", key):
            with Changed(f"{ETC}/broker/server.crt", local_cert), Changed(f"{ETC}/broker/server.key", local_key):
                check("the broker shows a name that no laptop reaches", broker() and controller())
                finds("a name that is this machine's alone", {("grave", "broker-name")}, say="no name by which a laptop could reach it")
            with Changed(f"{ETC}/broker/server.crt", other_cert), Changed(f"{ETC}/broker/server.key", other_key):
                broker()
                check("the controller has lost the broker", wait_for(lambda: not status_up()))
                finds("the broker shows another name", {("grave", "broker-name"), ("grave", "controller-bus")}, say="shows a certificate of another name")
    check("all is back", broker() and controller())


def past(folder):
    """One that has ended: openssl counts in whole days, from a day that it is told."""
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=controller:c1", "-keyout", f"{folder}/k", "-out",
                    f"{folder}/r"], check=True, capture_output=True)
    write(f"{folder}/conf", f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index\nserial={folder}/serial\nnew_certs_dir={folder}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
    write(f"{folder}/index", "")
    write(f"{folder}/serial", "77\n")
    subprocess.run(["openssl", "ca", "-batch", "-config", f"{folder}/conf", "-cert", "/srv/ca/ca.crt", "-keyfile", "/srv/ca/ca.key", "-in", f"{folder}/r", "-out", f"{folder}/c",
                    "-startdate", "20200101000000Z", "-enddate", "20210101000000Z", "-notext"], check=True, capture_output=True)
    with open(f"{folder}/c", "rb") as cert, open(f"{folder}/k", "rb") as key:
        return cert.read(), key.read()


def brokers():
    conf = read(CONF)
    with Changed(CONF, conf.replace("require_certificate true", "require_certificate false").replace("allow_anonymous false", "allow_anonymous true").replace(
            "use_identity_as_username true", "use_identity_as_username false")):
        broker()
        code, found, said = doctor()
        check("who shows no certificate is let in: found", code == 1 and ("grave", "broker-anonymous") in found and ("grave", "broker-plain") not in found, said)
    with Changed(CONF, conf + "\nlistener 1883 127.0.0.1\nallow_anonymous true\n"):
        check("a second port is open to anybody", broker() and wait_for(lambda: listens(1883)) and controller())
        finds("a second port without certificates", {("grave", "broker-plain")}, say="port 1883")
    acl = read(f"{ETC}/broker/acl")
    for name, more, wanted in (("a device may write another's report", "pattern write holdfast/1/+/device/+/report\n", {("grave", "acl-for-others"), ("grave", "broker-for-others")}),
                               ("a device may read all", "pattern read #\n", {("grave", "acl-hears-all"), ("grave", "broker-hears-all")}),
                               ("a device may say a state", "pattern write holdfast/1/+/state/#\n", {("grave", "acl-for-others")})):
        with Changed(f"{ETC}/broker/acl", acl + more):
            check("the broker takes the rules", broker() and wait_for(status_up))
            finds(name, wanted)
    with Changed(CONF, "\n".join(line for line in conf.split("\n") if not line.startswith("acl_file"))):
        check("the broker runs without rules", broker() and wait_for(status_up))
        finds("no rules at all", {("grave", "acl"), ("grave", "broker-for-others"), ("grave", "broker-hears-all")}, say="no rules who may say what")
    check("a broker of few files", broker(1024) and wait_for(status_up))
    finds("LimitNOFILE", {("warning", "broker-files")} - machine(), say="may have 1024 files open")
    end_process(PEER.pop("broker"))
    check("the controller has lost the broker", wait_for(lambda: not status_up()))
    finds("no broker", {("grave", "broker-unreached"), ("grave", "controller-bus")}, say="is not reached")
    check("all is back", broker() and wait_for(status_up))


def flipped(path, word):
    """One byte of a record is another; where it stands a controller would never have written it."""
    with open(path, "rb") as f:
        text = f.read()
    at = text.index(word)
    return text[:at] + bytes([text[at] ^ 1]) + text[at + 1:]


def journals():
    with Changed(BACKUP, flipped(BACKUP, b"holdfast.trust.v1")):
        finds("a copy with a flipped byte", {("grave", "backup")}, say="does not fit its hash")
    with Changed(BACKUP, "no journal\n"):
        finds("a copy that is no journal", {("grave", "backup")}, say="damaged")
    old = os.stat(BACKUP).st_mtime - 5 * 86400
    os.utime(BACKUP, (old, old))
    finds("an old copy", {("warning", "backup")}, say="5 days old")
    finds("no copy", {("warning", "backup")}, "--backup", "/srv/none.db", say="/srv/none.db")
    tried()
    os.makedirs("/srv/alone")
    shutil.copy(HOLDFAST, "/srv/alone")
    finds("the program that reads the journal is gone", {("unseen", "journal"), ("unseen", "backup")}, say="the program holdfastd is not on this machine",
          program="/srv/alone/holdfast")
    end_process(PEER.pop("controller"))
    run("/usr/bin/python3", "-c", f"import sqlite3; a = sqlite3.connect('{STATE}/journal.db'); a.execute('PRAGMA wal_checkpoint(TRUNCATE)'); a.close()")
    os.unlink(BACKUP)
    with Changed(f"{STATE}/journal.db", flipped(f"{STATE}/journal.db", b"holdfast.trust.v1")):
        finds("a journal with a flipped byte, whose controller does not start", {("grave", "journal"), ("grave", "controller"), ("warning", "backup")}, say="journal is not whole")
    os.rename(f"{STATE}/journal.db", "/srv/journal.db")
    finds("no journal", {("grave", "journal"), ("grave", "controller"), ("warning", "backup")}, say="there is no journal")
    check("and none was made by looking", not os.path.exists(f"{STATE}/journal.db"))
    os.rename("/srv/journal.db", f"{STATE}/journal.db")
    check("all is back", controller() and copy_made())
    other()


def tried():
    """Sealed backups: made here, tried where a root's key is."""
    root = f"{ETC}/ceremony/people/ira.pem" if os.path.exists(f"{ETC}/ceremony/people/ira.pem") else "/srv/ira.pem"
    os.rename(BACKUP, "/srv/aside.db")
    done = run(HOLDFAST, "backup", "/srv/x.backup")
    check("a sealed backup is made on the server", done.returncode == 0, done)
    finds("made, and never tried", {("warning", "backup")}, say="no backup was ever tried")
    done = run(HOLDFAST, "restore", "--check", "/srv/x.backup", "--root-key", root, "--passphrase-fd", "0", text=PASS + "\n")
    check("a person's key does not open it", done.returncode == 1 and "sealed for other keys" in done.stderr, done)
    root = next(f"{folder}/{name}" for folder, _, names in os.walk("/srv/sticks") for name in names if name.endswith(".pem") and "root" in f"{folder}/{name}")
    done = run(HOLDFAST, "restore", "--check", "/srv/x.backup", "--root-key", root, "--passphrase-fd", "0", text=PASS + "\n")
    check("a root tries it, and where the doctor looks it is written down", done.returncode == 0 and os.path.exists(f"{STATE}/backup-tested.json"), done)
    code, found, said = doctor()
    check("a sealed backup that was tried is enough", found == machine() and code == (1 if machine() else 0), said)
    note = json.loads(read(f"{STATE}/backup-tested.json"))
    with Changed(f"{STATE}/backup-tested.json", json.dumps({**note, "made": note["made"] - 40 * 86400})):
        finds("the last that was tried is old", {("warning", "backup")}, say="is 40 days old")
    with Changed(f"{STATE}/backup-tested.json", json.dumps({"made": note["made"]})):
        finds("a note that says too little", {("warning", "backup")}, say="no backup was ever tried")
    os.rename("/srv/aside.db", BACKUP)
    for name in (f"{STATE}/backup-tested.json", f"{STATE}/backup-made.json"):
        os.unlink(name)


def other():
    """A journal that was begun anew behind the copy's back."""
    end_process(PEER.pop("controller"))
    for suffix in ("", "-mark"):
        shutil.rmtree(f"{STATE}{suffix}")
        run("install", "-d", "-o", "holdfast", "-m", "0700", f"{STATE}{suffix}")
    check("a journal is begun anew", controller())
    finds("the copy is of another journal", {("grave", "backup")}, say="not of this journal")
    os.unlink(BACKUP)
    check("and copied", copy_made())


def full_disk():
    """A small disk under the controller's folder, and something that fills it."""
    end_process(PEER.pop("controller"))
    shutil.copytree(STATE, "/srv/state")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=0700,uid=%d" % pwd.getpwnam("holdfast").pw_uid, "none", STATE], check=True)
    shutil.copytree("/srv/state", STATE, dirs_exist_ok=True)
    run("chown", "-R", "holdfast:", STATE)
    check("the controller runs on a small disk", controller())
    finds("a disk that is nearly full", {("grave", "disk")}, say="MiB left")
    end_process(PEER.pop("controller"))
    shutil.copytree(STATE, "/srv/after")
    subprocess.run(["umount", STATE], check=True)
    shutil.copytree("/srv/after", STATE, dirs_exist_ok=True)
    run("chown", "-R", "holdfast:", STATE)
    check("all is back", controller())


def calendar():
    path = "/usr/share/holdfast/bank-holidays.json"
    short = json.loads(read(path))
    for division in short.values():
        division["events"] = [one for one in division["events"] if one["date"] < "2026-01-01"]
    write("/srv/short.json", json.dumps(short))
    done = run("env", "HOLDFAST_CALENDAR=/srv/short.json", HOLDFAST, "doctor", "--json")
    check("found: a calendar that ends before the next poll", done.returncode == 1 and '"calendar"' in done.stdout and "before the poll of" in done.stdout, done)


def people():
    """An officer sees less, and is told so; slips are one sentence."""
    code, found, said = doctor(user="anna")
    check("an officer is told what only root can look at, and never that all is well", code == 1 and {weight for weight, _ in found - machine()} == {"unseen"} and
          {what for _, what in found} >= {"journal", "backup", "file", "left-here", "broker-files"} and '"well": false' in said, said)
    code, found, said = doctor(user="nobody")
    check("somebody else is told what they may not see", code == 1 and ("unseen", "controller") in found, said)
    for words in (("--conf",), ("now",), ("--fix",)):
        done = run(HOLDFAST, "doctor", *words)
        check(f"a slip: doctor {words[0]}", done.returncode == 2 and done.stderr.count("\n") == 1, done)
    finds("no settings", {("grave", "settings"), ("unseen", "controller"), ("unseen", "people")}, "--conf", "/srv/none.conf", say="/srv/none.conf")
    write("/srv/wrong.conf", "controller.id c1\n")
    finds("settings with a slip", {("grave", "settings"), ("unseen", "controller"), ("unseen", "people")}, "--conf", "/srv/wrong.conf")


def shown_by(argv):
    """All that a terminal shows of it."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(ENV)
        os.execv(argv[0], argv)
    shown = ""
    while select.select([fd], [], [], ENOUGH)[0]:
        try:
            shown += os.read(fd, 4096).decode()
        except OSError:
            break
    os.close(fd)
    os.waitpid(pid, 0)
    return shown


def on_a_terminal():
    shown = shown_by([HOLDFAST, "doctor"])
    check("on a terminal it says what it is looking at", all(f"Looking at {what} ..." in shown for what in ("the broker", "the journal and its copy",
          "the council and its controller")), shown)


# A laptop, on the same machine -------------------------------------------------------------------------------------------------------

AGENT, LINK = "/usr/bin/holdfast-agent", "/usr/bin/holdfast-link"


def agent(*before):
    end_process(PEER.pop("link", None))
    end_process(PEER.pop("agent", None))
    PEER["agent"] = subprocess.Popen([*before, AGENT, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    PEER["link"] = subprocess.Popen([LINK], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return wait_for(lambda: heard())


def heard():
    done = run(AGENT, "status", "--json")
    return done.returncode == 0 and json.loads(done.stdout)["stale"] is False


def of_machine():
    """What the agent says of this very machine, nothing planted: a layer that it cannot have, a clock that nobody keeps."""
    code, found, said = doctor(program=AGENT)
    return found & {("warning", "clock"), ("grave", "layer"), ("grave", "layer-machine"), ("grave", "nfqueue"), ("grave", "nflog"), ("grave", "freezer")}


def device_finds(name, wanted, *words, say="", **how):
    code, found, said = doctor(*words, program=AGENT, **how)
    check(f"found on the laptop, and nothing else: {name}", code == 1 and found - PEER_OF_MACHINE == wanted and say in said, said)


PEER_OF_MACHINE = set()


def laptop():
    run("useradd", "--system", "--no-create-home", "holdfast-link")
    run("useradd", "--create-home", "ben")
    write("/etc/hosts", read("/etc/hosts") + "127.0.0.1 holdfast.test\n")
    device_finds("a laptop that was never enrolled", {("grave", "enrolment")}, say="not enrolled")
    done = run(AGENT, "request", "--device", "lap-1", "--out", "/srv/request.json")
    check("keys are made", done.returncode == 0, done)
    done = run(HOLDFAST, "device", "add", "--council", f"{ETC}/ceremony", "--key", "/srv/ira.pem", "--request", "/srv/request.json", "--person", "anna:ben", "--group", "staff",
               "--host", "holdfast.test", "--ca-key", "/srv/stick/ca.key", "-o", "/srv/lap-1.json", "--yes", "--passphrase-fd", "0", text=f"{PASS}\n{PASS}\n")
    check("the laptop is taken in", done.returncode == 0, done)
    done = run(AGENT, "enrol", "/srv/lap-1.json", "--yes")
    check("enrol ends with what the doctor finds, and nothing is undone by it", done.returncode == 0 and "What `holdfast-agent doctor` finds now:" in done.stdout and
          "The agent does not answer" in done.stdout and os.path.exists(f"{ETC}/enrolment.json"), done)
    check("agent and link run, and hear the server", agent(), run(AGENT, "status"))
    PEER_OF_MACHINE.update(of_machine())
    code, found, said = doctor(program=AGENT)
    check("on a sound laptop nothing is found", found == PEER_OF_MACHINE and code == (1 if found else 0), said)
    print(f"# this machine adds: {sorted(PEER_OF_MACHINE)}")
    before = traces()
    doctor(program=AGENT)
    check("looking left nothing behind", traces() == before, set(traces()) ^ set(before))
    laptop_faults()


def traces():
    """Rules of the kernel, control groups, files of the agent."""
    groups = [folder for folder, _, _ in os.walk("/sys/fs/cgroup") if "holdfast" in folder]
    return [*run("nft", "list", "ruleset").stdout.split("\n"), *groups, *(f"{folder}/{name}" for folder, _, names in os.walk("/var/lib/holdfast-agent") for name in names)]


def laptop_faults():
    with Changed(f"{ETC}/device.key", mode=0o644):
        device_finds("the device's key lies open", {("grave", "file")}, say="device.key")
    with Changed(f"{ETC}/link.key", mode=0o644):
        device_finds("the link's key lies open", {("grave", "file")}, say="link.key")
    with Changed(f"{ETC}/link.conf", read(f"{ETC}/link.conf").replace("holdfast.test", "127.0.0.1")):
        device_finds("the broker under another name", {("grave", "broker-name")}, say="shows a certificate of another name")
    with Changed(f"{ETC}/link.conf", "device lap-1\n"):
        device_finds("settings with a slip", {("grave", "settings")}, say="line 1")
    with Changed(f"{ETC}/broker/acl", read(f"{ETC}/broker/acl") + "pattern write holdfast/1/+/device/+/report\npattern read #\n"):
        broker()
        check("the laptop hears it again", wait_for(heard))
        device_finds("it may speak for others, and hear all", {("grave", "broker-for-others"), ("grave", "broker-hears-all")})
    broker()
    os.chown("/run/holdfast-agent/link.sock", pwd.getpwnam("ben").pw_uid, -1)
    device_finds("somebody else's socket for the link", {("grave", "link-socket")}, say="belongs to somebody else")
    os.chown("/run/holdfast-agent/link.sock", 0, -1)
    with Changed(f"{ETC}/agent.conf", read(f"{ETC}/agent.conf").replace("layer.others = yes", "layer.others = no")):
        check("the agent runs without one layer", agent())
        device_finds("a layer that is switched off", {("warning", "layer")}, say="The layer others is switched off")
    check("without a right the agent still runs", agent("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"))
    code, found, said = doctor(program=AGENT)
    check("found on the laptop: a missing right, by its name", ("grave", "rights") in found and "lacks CAP_SYS_PTRACE" in said, said)
    code, found, said = doctor(program=AGENT, user="ben")
    check("a user is told what only root can look at", code == 1 and ("unseen", "freezer") in found and '"well": false' in said, said)
    end_process(PEER.pop("link"))
    end_process(PEER.pop("agent"))
    device_finds("no agent", {("grave", "agent")}, say="The agent does not answer")
    for words in (("now",), ("--fix",)):
        done = run(AGENT, "doctor", *words)
        check(f"a slip: holdfast-agent doctor {words[0]}", done.returncode == 2, done)
    shown = shown_by([AGENT, "doctor"])
    check("on a terminal it says what it is looking at", all(f"Looking at {what} ..." in shown for what in ("the agent", "what the layers need of this machine", "the broker")), shown)


def body():
    try:
        server()
        fresh()
        laptop()
        files()
        brokers()
        certificates()
        journals()
        full_disk()
        calendar()
        people()
        on_a_terminal()
    finally:
        for process in PEER.values():
            end_process(process)


if __name__ == "__main__":
    sys.exit(sandboxed.run("doctor", body))
