# SPDX-License-Identifier: MIT
"""A Debian of its own to install packages into: made once by debootstrap, with what they depend on lying ready, and kept as a tarball.

What a package forgot to depend on is missing there, and nothing but it has left traces there.
"""
import hashlib
import os
import shutil
import subprocess

# Beside what Debian calls its least: what boots it, and what the tests ask it with; toot is a listed tool.
ALSO = ("systemd", "systemd-sysv", "dbus", "toot", "procps", "less", "nftables", "acl")
MAKE_S = 1800


class Skip(Exception):
    """Why there can be none here."""


def mirror():
    """Where this machine has its own packages from."""
    said = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"], capture_output=True, text=True, check=False).stdout.split()
    return next((site for site in said if "security" not in site), None)


def dependencies(packages):
    return "".join(subprocess.run(["dpkg-deb", "--field", path, "Depends"], capture_output=True, text=True, check=True).stdout for path in packages)


def inside(root, *argv):
    """A command there, with the network of this machine."""
    script = ('mount --make-rprivate / && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && '
              'cp /etc/resolv.conf "$0/etc/resolv.conf" && exec chroot "$0" "$@"')
    return subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, root, *argv], capture_output=True, text=True,
                          timeout=MAKE_S, check=False, stdin=subprocess.DEVNULL, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"})


def well(done, what):
    if done.returncode != 0:
        raise Skip(f"{what}: {(done.stdout + done.stderr)[-300:].strip()}")


def make(folder, packages, suite):
    root = f"{folder}/root"
    site = mirror()
    if os.geteuid() != 0 or not site or not shutil.which("debootstrap"):
        raise Skip("a Debian of its own needs root, debootstrap, and a source of packages")
    well(subprocess.run(["debootstrap", "--variant=minbase", f"--include={','.join(ALSO)}", suite, root, site], capture_output=True, text=True,
                        timeout=MAKE_S, check=False), "debootstrap failed")
    os.makedirs(f"{root}/srv/out")
    for path in packages:
        shutil.copy(path, f"{root}/srv/out")
    well(inside(root, "apt-get", "update"), "its packages cannot be listed")
    well(inside(root, "sh", "-c", "exec apt-get install -y --download-only /srv/out/*.deb mosquitto"), "what the packages depend on cannot be had")
    shutil.rmtree(f"{root}/srv/out")
    os.makedirs(f"{root}/srv/out")
    return root


def tarball(cache, packages, suite="bookworm"):
    """The path of the tarball, made unless it is there for just these dependencies."""
    key = hashlib.sha256((suite + "".join(ALSO) + dependencies(packages)).encode()).hexdigest()[:16]
    path = f"{cache}/{suite}-{key}.tar"
    if os.path.exists(path):
        return path
    os.makedirs(cache, exist_ok=True)
    folder = f"{path}.new"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        root = make(folder, packages, suite)
        well(subprocess.run(["tar", "--create", "--file", f"{folder}/tar", "--directory", root, "--xattrs", "--acls", "."], capture_output=True, text=True,
                            timeout=MAKE_S, check=False), "it cannot be kept")
        os.rename(f"{folder}/tar", path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return path


def unpack(path, root):
    os.makedirs(root)
    subprocess.run(["tar", "--extract", "--file", path, "--directory", root, "--xattrs", "--acls"], check=True, timeout=MAKE_S)
