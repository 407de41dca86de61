# SPDX-License-Identifier: MIT
"""Runs a test inside deploy/demo/sandbox: on a throw-away copy of this machine, where real paths may be written."""
import os
import subprocess
import sys
import tempfile

from common import closing
from council_help import BUILD, SOURCE

INSIDE = "HF_TEST_SANDBOXED"


def run(name, body):
    """body() in the copy; prints the closing line; the exit status. The arguments of the program are its as well."""
    if os.geteuid() != 0:
        print(f"skip {name}: it needs root for a throw-away copy of the machine")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    if os.environ.get(INSIDE) == name:
        body()
        return closing()
    folder = tempfile.mkdtemp(prefix=f"hf-{name}-")
    return subprocess.run([f"{SOURCE}/deploy/demo/sandbox", folder, "/usr/bin/python3", os.path.abspath(sys.argv[0]), *sys.argv[1:]],
                          check=False, env={**os.environ, INSIDE: name, "HF_BUILD": BUILD}).returncode
