# SPDX-License-Identifier: MIT
"""peers - other programs that ask before an open or a connection, as they are packaged, started beside the bench.

Only inside deploy/demo/sandbox: fapolicyd marks nothing but the one small file system it is told of, opensnitch writes its rules
into the network of the copy. Both allow everything: the cost of being asked is what is measured. A program's libraries lie outside that small
file system, so an exec under fapolicyd is cheaper here than where it watches the whole machine.
"""
import glob
import os
import shutil
import signal
import subprocess

from common import wait_for, write

SMALL = "/tmp/bench-files"  # of a kind that nothing else here is, so that fapolicyd watches this alone
START_SECONDS = 30


class Peer:
    """`why_not` is None when it can be started."""

    def __init__(self, folder, program):
        self.folder, self.program, self.pid = folder, f"{folder}{program}", None
        self.why_not = None if folder and os.path.exists(self.program) else f"{os.path.basename(program)} is not there; see tests/bench/run"
        libraries = ":".join(sorted({os.path.dirname(path) for path in glob.glob(f"{folder}/usr/lib/*/*.so*")}))
        self.environment = {**os.environ, "LD_LIBRARY_PATH": libraries}

    def starts(self):
        """Whether it holds; else why_not says why, and it is off."""
        if self.why_not:
            return False
        try:
            self.start()
        except (OSError, subprocess.SubprocessError) as why:
            self.why_not = f"it does not start here: {why}"
            return False
        if not wait_for(self.holds, START_SECONDS):
            self.why_not = f"it does not hold {START_SECONDS} s after its start: {self.said()}"
            self.stop()
            return False
        return True

    def started(self, *words):
        with open(f"{SMALL}.log", "wb") as log:
            self.process = subprocess.Popen([self.program, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)
        self.pid = self.process.pid

    @staticmethod
    def said():
        with open(f"{SMALL}.log", encoding="utf-8", errors="replace") as log:
            return " ".join(log.read()[-300:].split())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)


class Fapolicyd(Peer):
    def __init__(self, folder):
        super().__init__(folder, "/usr/sbin/fapolicyd")

    def start(self):
        for place in ("/etc/fapolicyd", "/var/lib/fapolicyd", "/run/fapolicyd"):
            os.makedirs(place, exist_ok=True)
        os.makedirs("/usr/share/fapolicyd", exist_ok=True)
        shutil.copy(f"{self.folder}/usr/share/fapolicyd/fapolicyd-magic.mgc", "/usr/share/fapolicyd")
        with open(f"{self.folder}/etc/fapolicyd/fapolicyd.conf", encoding="ascii") as file:
            rows = dict(line.strip().split(" = ", 1) for line in file if " = " in line)
        rows.update(permissive="1", uid="root", gid="root", watch_fs="ramfs", trust="file", do_stat_report="0", detailed_report="0")
        write("/etc/fapolicyd/fapolicyd.conf", "".join(f"{name} = {value}\n" for name, value in rows.items()))
        write("/etc/fapolicyd/compiled.rules", "allow perm=any all : all\n")
        write("/etc/fapolicyd/fapolicyd.trust", "")
        self.started("--debug-deny")

    def holds(self):
        """It has marked the small file system."""
        marks = []
        for path in glob.glob(f"/proc/{self.pid}/fdinfo/*"):
            with open(path, encoding="ascii") as file:
                marks += [line for line in file if line.startswith("fanotify mnt_id")]
        return marks


class Opensnitch(Peer):
    def __init__(self, folder):
        super().__init__(folder, "/usr/bin/opensnitchd")

    def start(self):
        os.makedirs("/tmp/opensnitch-rules", exist_ok=True)
        os.makedirs("/etc/opensnitchd", exist_ok=True)
        shutil.copy(f"{self.folder}/etc/opensnitchd/default-config.json", "/etc/opensnitchd")
        write("/etc/opensnitchd/system-fw.json", '{"SystemRules": []}')
        self.started("-rules-path", "/tmp/opensnitch-rules", "-ui-socket", "unix:///tmp/nobody.sock", "-process-monitor-method", "proc")

    def holds(self):
        """The kernel has its queue, and hands it connections."""
        saved = subprocess.run(["iptables-save"], capture_output=True, text=True, check=False, timeout=20).stdout
        with open("/proc/net/netfilter/nfnetlink_queue", encoding="ascii") as queues:
            return "NFQUEUE" in saved and queues.read().strip()

    def stop(self):
        super().stop()
        for words in (("iptables", "-F"), ("iptables", "-t", "mangle", "-F"), ("ip6tables", "-F"), ("ip6tables", "-t", "mangle", "-F")):
            subprocess.run(words, capture_output=True, check=False, timeout=20)
