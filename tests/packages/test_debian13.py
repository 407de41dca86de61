#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Debian 13: what the scripts name is there, all of it builds, and the quick tests pass, on a Debian 13 of its own."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))
import root  # noqa: E402  (its folder has just been named)
from common import check, closing, read, skip  # noqa: E402
from council_help import BUILD, SOURCE  # noqa: E402

SUITE = "trixie"


def prepare(debian):
    for name in ("packages", "install-packages"):
        os.makedirs(f"{debian}/srv/deploy", exist_ok=True)
        shutil.copy(f"{SOURCE}/deploy/{name}", f"{debian}/srv/deploy/{name}")
    root.well(root.inside(debian, "/srv/deploy/install-packages", "test"), "what the tests need cannot be installed")


def main():
    folder = tempfile.mkdtemp(prefix="hf-debian13-", dir="/var/tmp")
    debian = f"{folder}/debian"
    try:
        root.unpack(root.tarball(f"{BUILD}-debian", SUITE, ("ca-certificates",), prepare, read(f"{SOURCE}/deploy/packages")), debian)
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", SOURCE, f"{debian}/srv/holdfast"], check=True, timeout=root.MAKE_S)
        done = root.inside(debian, "/srv/holdfast/tests/run", "--quick", alone=True)
        lines = done.stdout.strip().split("\n")
        check("it is a Debian 13", read(f"{debian}/etc/debian_version").startswith("13."), read(f"{debian}/etc/debian_version"))
        check(f"it builds there, and the quick tests pass: {lines[-1]}", done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:])
    except root.Skip as why:
        skip("Debian 13", why)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
