# SPDX-License-Identifier: MIT
"""A Debian of its own, made once by debootstrap and kept as a tarball: what a package forgot to depend on is missing there."""
import hashlib
import os
import shutil
import subprocess

MAKE_S = 3600
PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
# Of the machine outside it has devices, control groups and the word where names are looked up.
ENTER = ('mount --make-rprivate / && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --rbind /sys "$0/sys" && '
         'cp /etc/resolv.conf "$0/etc/resolv.conf" && { ip link set lo up || true; } && exec chroot "$0" "$@"')


class Skip(Exception):
    """Why there can be none here."""


def mirror():
    """Where this machine has its own packages from."""
    said = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"], capture_output=True, text=True, check=False).stdout.split()
    return next((site for site in said if "security" not in site), None)


def inside(root, *argv, alone=False):
    """A command there; alone: without the network of this machine."""
    spaces = ["--mount", "--pid", "--cgroup", "--fork", "--kill-child", *(["--net"] if alone else [])]
    return subprocess.run(["unshare", *spaces, "sh", "-c", ENTER, root, *argv], capture_output=True, text=True, timeout=MAKE_S, check=False,
                          stdin=subprocess.DEVNULL, env=PLAIN)


def well(done, what):
    if done.returncode != 0:
        raise Skip(f"{what}: {(done.stdout + done.stderr)[-300:].strip()}")


def kept(path, make):
    """The path of a tarball, made unless it is there; make(folder) returns the root that is to be kept."""
    if os.path.exists(path):
        return path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    folder = f"{path}.new"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    try:
        well(subprocess.run(["tar", "--create", "--file", f"{folder}/tar", "--directory", make(folder), "--xattrs", "--acls", "."], capture_output=True,
                            text=True, timeout=MAKE_S, check=False), "it cannot be kept")
        os.rename(f"{folder}/tar", path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return path


def named(cache, *words):
    return f"{cache}/{words[0]}-{hashlib.sha256(' '.join(words).encode()).hexdigest()[:16]}.tar"


def plain(cache, suite, include):
    """The tarball of a Debian with these packages and nothing prepared: what takes the network longest."""
    def bootstrap(folder):
        site = mirror()
        if os.geteuid() != 0 or not site or not shutil.which("debootstrap"):
            raise Skip("a Debian of its own needs root, debootstrap, and a source of packages")
        # What it mounts is seen by nobody else, and gone with it.
        well(subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "debootstrap", "--variant=minbase", f"--include={','.join(include)}",
                             suite, f"{folder}/root", site], capture_output=True, text=True, timeout=MAKE_S, check=False), f"debootstrap {suite} failed")
        return f"{folder}/root"

    return kept(named(cache, suite, *include), bootstrap)


def tarball(cache, suite, include, prepare, key):
    """The tarball of one on which prepare(root) did what is wanted beside, made unless it is there for just this key."""
    def prepared(folder):
        unpack(plain(cache, suite, include), f"{folder}/root")
        prepare(f"{folder}/root")
        return f"{folder}/root"

    return kept(named(cache, suite, *include, key), prepared)


def unpack(path, root):
    os.makedirs(root)
    subprocess.run(["tar", "--extract", "--file", path, "--directory", root, "--xattrs", "--acls"], check=True, timeout=MAKE_S)
